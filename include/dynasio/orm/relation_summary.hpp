#ifndef DYNASIO_ORM_RELATION_SUMMARY_HPP
#define DYNASIO_ORM_RELATION_SUMMARY_HPP

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <string>
#include <string_view>
#include <vector>

// What a program can ask about the relations of its entities while it runs.
namespace dynasio {

using relation_kind = detail::relation_kind;

namespace detail {

/// "has_many". It is declared beside the enumeration, so that `to_string(relation.kind)` finds it without a namespace.
[[nodiscard]] std::string_view to_string(relation_kind kind) noexcept;

} // namespace detail

using detail::to_string;

/// One relation of an entity, by names. Tables are without the client's prefix.
struct relation_summary {
    /// Rows that a load of the relation reads: by an index of a table, or by its key when the index is empty.
    struct access {
        std::string table{};
        std::string index{};

        friend bool operator==(access const&, access const&) = default;
    };

    relation_kind kind{};
    std::string owner{};  ///< The entity that has the relation.
    std::string member{}; ///< The member that is its handle.
    /// The entity that it leads to; of a morph_to, all of them in order.
    std::vector<std::string> targets{};
    /// The entity whose items name the other one; that of the links where they are entities, and else empty for
    /// has_many_through and belongs_to_many.
    std::string foreign_key_of{};
    /// The attributes by which they do. Of a morph_to and the relations that lead back, the first one names the type.
    std::vector<std::string> foreign_key{};
    /// The attributes of the other entity that the foreign key refers to; empty when that is its key.
    std::vector<std::string> references{};
    /// What a load without conditions reads, in order: for has_many_through the entities in between first, for
    /// belongs_to_many the links, and for a morph_to the entities of each type.
    std::vector<access> reads{};
    std::string pivot_table{};          ///< Of a belongs_to_many.
    bool symmetric = false;             ///< Of a belongs_to_many: its links lead both ways.
    std::string pivot_entity{};         ///< Of a belongs_to_many whose links are entities.
    std::vector<std::string> through{}; ///< Of a has_many_through, its two relations: "User.posts", "Post.comments".
    /// The relations of the targets that lead back by the same foreign key or the same links: "Post.author".
    std::vector<std::string> inverses{};
    bool optional = true; ///< False when required<> says that there is always one.
};

namespace detail {

[[nodiscard]] std::vector<relation_summary> summaries_of(entity_type const& type);

} // namespace detail

/// The relations of T in the order of its schema.
template <class T> [[nodiscard]] std::vector<relation_summary> describe_relations() {
    return detail::summaries_of(entity_type_of<T>());
}

/// One line: "User.posts: has_many Post by author_id of Post, reads posts index by_author, inverse Post.author".
[[nodiscard]] std::string to_string(relation_summary const& relation);

namespace dsl {

using dynasio::describe_relations;
using dynasio::relation_kind;
using dynasio::relation_summary;

} // namespace dsl

} // namespace dynasio

#endif
