#ifndef DYNASIO_ORM_ER_DIAGRAM_HPP
#define DYNASIO_ORM_ER_DIAGRAM_HPP

#include <dynasio/orm/detail/describe.hpp>

#include <string>
#include <vector>

namespace dynasio {

namespace detail {

[[nodiscard]] std::string er_diagram_of(std::vector<entity_type const*> const& types);

} // namespace detail

/// The model as the text of a Mermaid `erDiagram`: `std::cout << to_mermaid<User, Post, Comment>();`. Sends nothing.
///
/// - A box for each entity, with its attributes: the type as which they are stored, PK for the parts of the table's
///   key, FK for foreign keys, UK for unique<> members, and the indexes that they are keys of. Names that Mermaid does
///   not take for attributes have their odd characters replaced by `_`, or begin with `a_`, and stand in full beside
///   the attribute.
/// - A line for each foreign key, labelled with the relations that go along it, both of them where the two sides are
///   declared. A morph_to has a line to each of its types. A belongs_to_many has one line with the name of its pivot
///   table, or, where links are entities, lines to these. A has_many_through is a dotted line. required<> makes a side
///   that is always there.
///
/// An entity that a relation leads to and that is not among `Entities` is a box without attributes. Two entities of one
/// name are told apart by a number.
template <class... Entities> [[nodiscard]] std::string to_mermaid() {
    return detail::er_diagram_of(std::vector<entity_type const*>{&entity_type_of<Entities>()...});
}

} // namespace dynasio

#endif
