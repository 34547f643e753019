#ifndef DYNASIO_ORM_WITH_HPP
#define DYNASIO_ORM_WITH_HPP

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/load_node.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace dynasio {

/// At most this many entities (of each parent, inside with<>). 0 gives none and sends nothing.
class limit {
public:
    explicit constexpr limit(std::size_t n) noexcept : n_(n) {}
    [[nodiscard]] constexpr std::size_t value() const noexcept { return n_; }

private:
    std::size_t n_;
};

/// The order of the access path's sort key; with ULID keys the order of creation.
struct path_order {
    bool descending;
};
inline constexpr path_order oldest_first{false};
inline constexpr path_order newest_first{true};

/// The order of a member.
template <auto Member> struct member_order {
    bool descending;
};
template <auto Member> inline constexpr member_order<Member> ascending{false};
template <auto Member> inline constexpr member_order<Member> descending{true};

/// Permits to read everything and then sort, filter or cut on this side, where the service cannot.
struct client_side_t {};
inline constexpr client_side_t client_side{};

/// Loads a relation again that is already loaded.
struct reload_t {};
inline constexpr reload_t reload{};

/// A relation of Owner to load. Made by with<&Owner::member>(…).
template <class Owner> class include {
public:
    explicit include(load_node node) : node_(std::move(node)) {}
    [[nodiscard]] load_node const& node() const& noexcept { return node_; }
    [[nodiscard]] load_node node() && noexcept { return std::move(node_); }

private:
    load_node node_;
};

namespace detail {

template <class Argument> struct include_traits {
    static constexpr bool is_include = false;
    using owner = void;
};
template <class Owner> struct include_traits<include<Owner>> {
    static constexpr bool is_include = true;
    using owner = Owner;
};
template <class Argument> struct clause_traits {
    static constexpr bool is_clause = false;
    using owner = void;
};
template <class T> struct clause_traits<where_clause<T>> {
    static constexpr bool is_clause = true;
    using owner = T;
};
template <class Argument> struct order_traits {
    static constexpr bool is_member_order = false;
    using owner = void;
};
template <auto Member> struct order_traits<member_order<Member>> {
    static constexpr bool is_member_order = true;
    using owner = owner_of<Member>;
    static constexpr auto member = Member;
};

template <class Argument>
inline constexpr bool is_load_argument = include_traits<Argument>::is_include || clause_traits<Argument>::is_clause ||
                                         order_traits<Argument>::is_member_order || std::is_same_v<Argument, limit> ||
                                         std::is_same_v<Argument, path_order> ||
                                         std::is_same_v<Argument, client_side_t> || std::is_same_v<Argument, reload_t>;

template <class Argument, class Target>
inline constexpr bool is_about = !(include_traits<Argument>::is_include || clause_traits<Argument>::is_clause ||
                                   order_traits<Argument>::is_member_order) ||
                                 std::is_same_v<typename include_traits<Argument>::owner, Target> ||
                                 std::is_same_v<typename clause_traits<Argument>::owner, Target> ||
                                 std::is_same_v<typename order_traits<Argument>::owner, Target>;

/// Whether the relation's access path can give the order that an argument asks for.
template <auto Member, class Argument> consteval bool path_sorts() {
    constexpr auto kind = handle_traits<type_of<Member>>::kind;
    constexpr bool one_query = kind == relation_kind::has_one || kind == relation_kind::has_many;
    if constexpr (std::is_same_v<Argument, path_order>) {
        return one_query;
    } else if constexpr (order_traits<Argument>::is_member_order) {
        if constexpr (one_query) {
            using fk = typename foreign_key_of<declaration_of<Member>>::type;
            return paths_of<target_of<Member>>::template serve_sorted<order_traits<Argument>::member>(fk{});
        } else {
            return false;
        }
    } else {
        return true;
    }
}

inline void apply(load_node& node, limit const& l) { node.select.limit = l.value(); }
inline void apply(load_node& node, path_order o) { node.select.order = ordering{std::nullopt, o.descending}; }
inline void apply(load_node& node, client_side_t) { node.select.client_side = true; }
inline void apply(load_node& node, reload_t) { node.reload = true; }
template <auto Member> void apply(load_node& node, member_order<Member> o) {
    node.select.order = ordering{attribute_of<Member>(), o.descending};
}
template <class T> void apply(load_node& node, where_clause<T> const& clause) {
    node.select.where = std::move(node.select.where) && clause.condition();
}
template <class Owner> void apply(load_node& node, include<Owner>&& child) {
    node.children.push_back(std::move(child).node());
}
template <class Owner> void apply(load_node& node, include<Owner> const& child) {
    node.children.push_back(child.node());
}

template <auto Member, class... Arguments> consteval bool check_with() {
    if constexpr (!check_relation<Member>()) {
        return false;
    } else if constexpr (!(is_load_argument<Arguments> && ...)) {
        static_assert((is_load_argument<Arguments> && ...),
                      "dynasio: with<>(…) takes conditions, oldest_first, newest_first, ascending<>, descending<>, "
                      "limit, client_side, reload and with<>");
        return false;
    } else if constexpr (!(is_about<Arguments, target_of<Member>> && ...)) {
        static_assert((is_about<Arguments, target_of<Member>> && ...),
                      "dynasio: an argument of with<>(…) is about another entity than the relation's target; nest "
                      "with<> below the relation that leads to its entity");
        return false;
    } else {
        constexpr bool limited = (std::is_same_v<Arguments, limit> || ...);
        constexpr bool allowed = (std::is_same_v<Arguments, client_side_t> || ...);
        constexpr bool sorts = (path_sorts<Member, Arguments>() && ...);
        static_assert(sorts || allowed || !limited,
                      "dynasio: order with limit on a relation whose access path does not have this order reads "
                      "everything first; add a gsi with this sort key, or permit it with client_side");
        return sorts || allowed || !limited;
    }
}

} // namespace detail

/// A relation to load along: with<&User::posts>(field<&Post::status> == "live", newest_first, limit(5),
/// with<&Post::comments>()).
///
/// Conditions on has_one and has_many are evaluated by the service, on the other kinds here. A relation that is already
/// loaded is kept unless reload is given or something is nested below it.
template <auto Member, class... Arguments> [[nodiscard]] auto with(Arguments... arguments) {
    if constexpr (detail::check_with<Member, Arguments...>()) {
        load_node node;
        node.relation = &detail::relation_info_of<Member>();
        (detail::apply(node, std::move(arguments)), ...);
        return include<detail::owner_of<Member>>(std::move(node));
    } else {
        // The sentence has been said; keep further errors away.
        return include<typename detail::member_pointer_traits<std::remove_cv_t<decltype(Member)>>::owner>(load_node{});
    }
}

} // namespace dynasio

#endif
