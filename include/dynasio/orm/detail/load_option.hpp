#ifndef DYNASIO_ORM_DETAIL_LOAD_OPTION_HPP
#define DYNASIO_ORM_DETAIL_LOAD_OPTION_HPP

#include <dynasio/orm/load_node.hpp>

#include <dynasio/core/detail/never.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

// What arguments of with<>(…), load<>(…) and of queries have in common. An argument is a type derived from one of the
// classes below. It hides the members whose default is not true of it, and has an apply(). Functions that take such
// arguments use these members alone, so an argument is declared in one place.
namespace dynasio::detail {

/// A text where a relation is to be named, as in with<"posts">(). It is for saying that a text names none.
struct name_as_text {
    template <std::size_t N>
    consteval name_as_text(char const (&)[N]) noexcept {} // NOLINT: converts, and is about arrays
};
template <class... Arguments> consteval void refuse_name_as_text() {
    static_assert(never<Arguments...>, "dynasio: a relation is named by its member, with<&User::posts>(), and not by a "
                                       "text; include_list reads texts that name relations");
}

/// An argument about a relation to load: `apply(load_node&)`.
struct load_option {
    /// The entity whose members the argument names; void when it may stand with any entity.
    using about = void;
    /// Whether the argument is a relation to load.
    static constexpr bool is_relation = false;
    /// Whether the argument is when<>(…), which is about one type of a morph_to.
    static constexpr bool is_branch = false;
    /// Whether the argument may stand with a morph_to itself.
    static constexpr bool fits_morph = false;
    /// The entity that a when<>(…) is about.
    using branch_type = void;
    /// Whether the argument limits how many entities are loaded.
    static constexpr bool limits = false;
    /// Whether the argument leaves out entities at the beginning.
    static constexpr bool skips = false;
    /// Whether the argument is about the order of the entities or about a part of that order, which does not change how
    /// many there are.
    static constexpr bool arranges = false;
    /// Whether the argument permits that everything is read, and is sorted and cut in the client.
    static constexpr bool permits_client_side = false;
    /// Whether the argument is about trashed entities, so that the target needs soft_delete<>.
    static constexpr bool is_about_trash = false;
    /// Whether the argument is about the time to live, so that the target needs ttl<>.
    static constexpr bool is_about_ttl = false;
    /// Whether the argument is about the default scope, so that the target needs where_always().
    static constexpr bool is_about_default_scope = false;
    /// Whether the argument is about the entities in between of a has_many_through.
    static constexpr bool is_about_between = false;
    /// Whether the relation's access path gives the order that the argument asks for.
    template <auto Relation> static consteval bool order_is_served() { return true; }
};

/// An argument about the entities themselves, for relations and queries alike: `apply(selection&)`.
struct selection_option : load_option {};

template <class Argument> inline constexpr bool is_load_option = std::is_base_of_v<load_option, Argument>;
template <class Argument> inline constexpr bool is_selection_option = std::is_base_of_v<selection_option, Argument>;

template <class Argument> inline constexpr bool is_relation_to_load = false;
template <class Argument>
    requires is_load_option<Argument>
inline constexpr bool is_relation_to_load<Argument> = Argument::is_relation;

template <class Argument, class Entity>
inline constexpr bool is_about =
    std::is_void_v<typename Argument::about> || std::is_same_v<typename Argument::about, Entity>;

template <class Argument> void apply_load_option(load_node& node, Argument&& argument) {
    if constexpr (is_selection_option<std::remove_cvref_t<Argument>>)
        argument.apply(node.select);
    else
        std::forward<Argument>(argument).apply(node);
}

} // namespace dynasio::detail

#endif
