#ifndef DYNASIO_ORM_WITH_HPP
#define DYNASIO_ORM_WITH_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/load_option.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/load_node.hpp>
#include <dynasio/orm/trash.hpp>

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace dynasio {

/// At most this many entities; inside with<>, at most this many for each parent. limit(0) gives none and sends no
/// request for them.
class limit : public detail::selection_option {
public:
    static constexpr bool limits = true;
    static constexpr bool arranges = true;

    explicit constexpr limit(std::size_t n) noexcept : n_(n) {}
    [[nodiscard]] constexpr std::size_t value() const noexcept { return n_; }

    void apply(selection& to) const { to.limit = n_; }

private:
    std::size_t n_;
};

/// Leaves out the first entities in the order; inside with<>, those of each parent. What is left out is read and
/// charged for, so pages are better read behind a cursor (query::page). With a limit and no filter, the service is
/// asked for no more than offset and limit together.
class offset : public detail::selection_option {
public:
    static constexpr bool skips = true;
    static constexpr bool arranges = true;

    explicit constexpr offset(std::size_t n) noexcept : n_(n) {}
    [[nodiscard]] constexpr std::size_t value() const noexcept { return n_; }

    void apply(selection& to) const { to.offset = n_; }

private:
    std::size_t n_;
};

namespace detail {

/// Whether one Query of the target reads the relation, so that the service can apply order and limit.
template <auto Relation> consteval bool is_one_query() {
    constexpr auto kind = handle_traits<type_of<Relation>>::kind;
    return kind == relation_kind::has_one || kind == relation_kind::has_many;
}

} // namespace detail

/// The order of the access path's sort key. Where the sort key is a ULID, this is the order of creation. On an index
/// without a sort key it is the order of the table's key, which is made in the client.
struct path_order : detail::selection_option {
    static constexpr bool arranges = true;
    bool descending;
    explicit constexpr path_order(bool d) noexcept : descending(d) {}

    template <auto Relation> static consteval bool order_is_served() {
        if constexpr (detail::is_one_query<Relation>()) {
            using foreign_key = typename detail::declaration_of<Relation>::foreign_key;
            using paths = detail::paths_of<detail::target_of<Relation>>;
            constexpr auto lookup = detail::lookup_members<Relation>();
            if constexpr (!detail::names_type_and_key<Relation>)
                return paths::serve_in_order(lookup);
            else // a sort key that is compared for equality gives no order
                return lookup.size == 1 &&
                       paths::template serve_in_order_beside<detail::first_member<foreign_key>::value>(lookup);
        } else {
            return detail::has_links_in_order<Relation>();
        }
    }
    void apply(selection& to) const { to.order = ordering{std::nullopt, descending}; }
};
inline constexpr path_order oldest_first{false};
inline constexpr path_order newest_first{true};

/// The order of the values of a member.
template <auto Member> struct member_order : detail::selection_option {
    using about = detail::owner_of<Member>;
    static constexpr bool arranges = true;

    bool descending;
    explicit constexpr member_order(bool d) noexcept : descending(d) {}

    template <auto Relation> static consteval bool order_is_served() {
        if constexpr (detail::is_one_query<Relation>()) {
            return detail::paths_of<about>::template serve_sorted<Member>(detail::lookup_members<Relation>());
        } else {
            return false;
        }
    }
    void apply(selection& to) const { to.order = ordering{detail::attribute_of<Member>(), descending}; }
};
template <auto Member> inline constexpr member_order<Member> ascending{false};
template <auto Member> inline constexpr member_order<Member> descending{true};

struct client_side_t : detail::selection_option {
    static constexpr bool arranges = true;
    static constexpr bool permits_client_side = true;
    void apply(selection& to) const { to.client_side = true; }
};
/// Permits to read everything and then to sort and cut in the client, where the service cannot give the order.
inline constexpr client_side_t client_side{};

struct without_expired_t : detail::selection_option {
    static constexpr bool is_about_ttl = true;
    void apply(selection& to) const { to.without_expired = true; }
};
/// Leaves out entities whose ttl<> has passed by the client's clock. The service removes them only after a while, up to
/// some days (DynamoDB Developer Guide, "Time to Live"). What is left out is read and charged for.
inline constexpr without_expired_t without_expired{};

namespace detail {

struct without_default_scope_t : selection_option {
    static constexpr bool is_about_default_scope = true;
    void apply(selection& to) const { to.scope.everything = true; }
};

} // namespace detail

/// Gives entities also when they do not satisfy the condition of where_always() (<dynasio/orm/where_always.hpp>): in
/// queries, in find_many(), and in relations, where a has_many_through then gives also what is found through such
/// entities. Whether trashed entities are given is not its business. A relation that was loaded without this word is
/// loaded again.
inline constexpr detail::without_default_scope_t without_default_scope{};

struct reload_t : detail::load_option {
    static constexpr bool fits_morph = true;
    void apply(load_node& to) const { to.reload = true; }
};
/// Loads a relation again when it is already loaded, instead of keeping it.
inline constexpr reload_t reload{};

struct without_autoload_t : detail::load_option {
    static constexpr bool fits_morph = true;
    void apply(load_node& to) const { to.autoloads = false; }
};
/// Loads no relation because of an autoload<> (<dynasio/orm/autoload.hpp>): as an option of a read at no place, inside
/// of with<> at none below that relation.
inline constexpr without_autoload_t without_autoload{};

/// A relation of Owner to load or to count, with its constraints. Made by with<&Owner::member>(…) and
/// with_count<&Owner::member>(…).
///
/// It is a value: a std::vector<relation_to_load<Owner>>, which a program makes as it runs, stands wherever with<>
/// does. A relation that is named several times at one place with the same constraints is loaded once, with all that is
/// nested below any of them; other constraints are errc::invalid_argument.
template <class Owner> class relation_to_load : public detail::load_option {
public:
    using about = Owner;
    static constexpr bool is_relation = true;

    void apply(load_node& to) const& { append_to(to.children); }
    void apply(load_node& to) && { std::move(*this).append_to(to.children); }
    /// For the library: adds the relation to those of one place.
    void append_to(std::vector<load_node>& relations) const& { relations.push_back(node_); }
    void append_to(std::vector<load_node>& relations) && { relations.push_back(std::move(node_)); }

private:
    friend struct detail::access;
    explicit relation_to_load(load_node node) : node_(std::move(node)) {}

    load_node node_;
};

namespace detail {

/// Relations to load that a program has put into a vector, as one argument.
template <class Owner> class relation_list : public load_option {
public:
    using about = Owner;
    static constexpr bool is_relation = true;

    explicit relation_list(std::vector<relation_to_load<Owner>> relations) noexcept
        : relations_(std::move(relations)) {}
    void apply(load_node& to) && { std::move(*this).append_to(to.children); }
    void append_to(std::vector<load_node>& to) && {
        for (auto& each : relations_) std::move(each).append_to(to);
    }

private:
    std::vector<relation_to_load<Owner>> relations_;
};

template <class Argument> struct load_argument {
    using type = Argument;
};
template <class Owner> struct load_argument<std::vector<relation_to_load<Owner>>> {
    using type = relation_list<Owner>;
};
/// What an argument of with<>(…), load<>(…) or a read counts as.
template <class Argument> using load_argument_t = typename load_argument<Argument>::type;

/// Whether a relation goes through entities that can be trashed: those between the steps of a has_many_through, or
/// links.
template <auto Relation> consteval bool goes_through_trash() {
    if constexpr (handle_traits<type_of<Relation>>::kind == relation_kind::has_many_through) {
        using steps = typename declaration_of<Relation>::steps;
        constexpr auto first = first_member<steps>::value;
        return can_be_trashed<target_of<first>>() || goes_through_trash<first>() ||
               goes_through_trash<second_member<steps>::value>();
    } else if constexpr (has_pivot_entity<Relation>) {
        return can_be_trashed<pivot_entity_of<Relation>>();
    } else {
        return false;
    }
}

/// Whether the default scope of an entity decides what a relation gives.
template <auto Relation> consteval bool has_scope() {
    if constexpr (has_default_scope<target_of<Relation>>())
        return true;
    else if constexpr (handle_traits<type_of<Relation>>::kind == relation_kind::has_many_through)
        return has_scope<first_member<typename declaration_of<Relation>::steps>::value>() ||
               has_scope<second_member<typename declaration_of<Relation>::steps>::value>();
    else if constexpr (has_pivot_entity<Relation>)
        return has_default_scope<pivot_entity_of<Relation>>();
    else
        return false;
}
/// Whether a time to live decides what a relation gives.
template <auto Relation> consteval bool expires() {
    if constexpr (has_pivot_entity<Relation>)
        return has_ttl<target_of<Relation>>() || has_ttl<pivot_entity_of<Relation>>();
    else
        return has_ttl<target_of<Relation>>();
}

/// What when<T>(…) returns.
template <class T> class branch_to_load : public load_option {
public:
    static constexpr bool is_branch = true;
    static constexpr bool fits_morph = true;
    using branch_type = T;

    explicit branch_to_load(load_node node) noexcept : node_(std::move(node)) {}
    /// Precondition: `to` is about a morph_to that leads to T.
    void apply(load_node& to) && {
        for (auto const& one : to.relation->alternatives)
            if (one.target == &entity_type_of<T>) node_.relation = &one;
        to.children.push_back(std::move(node_));
    }

private:
    load_node node_;
};

template <class Argument, class T> consteval bool is_about_entity();

// Concepts, since the members of an argument that is no option must not be asked for: that error would hide ours.
/// Arguments of a with<>(…) that leads to one type of entity.
template <class Argument>
concept fits_with = is_load_option<Argument> && !Argument::is_branch;
/// Arguments of a with<>(…) that loads a morph_to.
template <class Argument>
concept fits_morph = is_load_option<Argument> && Argument::fits_morph;
/// Arguments of a when<T>(…).
template <class Argument>
concept fits_when =
    fits_with<Argument> && !Argument::arranges && !Argument::is_about_between && !std::is_same_v<Argument, reload_t>;
/// Arguments of a count.
template <class Argument>
concept fits_count = is_selection_option<Argument> && !Argument::arranges;

/// Checks the arguments of when<T>(…).
template <class T, class... Arguments> consteval bool check_when() {
    if constexpr (!check_entity<T>()) {
        return false;
    } else if constexpr (!(fits_when<Arguments> && ...)) {
        static_assert((fits_when<Arguments> && ...),
                      "dynasio: when<T>(…) takes conditions on T, with_trashed, only_trashed, without_trashed, "
                      "without_expired, without_default_scope, without_autoload, with<>, with_count<> and a "
                      "std::vector of relations to load; reload stands beside it");
        return false;
    } else if constexpr (!(is_about_entity<Arguments, T>() && ...)) {
        static_assert((is_about_entity<Arguments, T>() && ...),
                      "dynasio: an argument of when<T>(…) is about another entity than T");
        return false;
    } else {
        constexpr bool trash_fits = !(Arguments::is_about_trash || ...) || can_be_trashed<T>();
        constexpr bool ttl_fits = !(Arguments::is_about_ttl || ...) || has_ttl<T>();
        constexpr bool scope_fits = !(Arguments::is_about_default_scope || ...) || has_default_scope<T>();
        static_assert(trash_fits && ttl_fits && scope_fits,
                      "dynasio: a word of when<T>(…) needs soft_delete<>, ttl<> or where_always() in the schema of T");
        return trash_fits && ttl_fits && scope_fits;
    }
}

/// Checks the arguments of a with<> that loads a morph_to.
template <auto Member, class... Arguments> consteval bool check_with_morph() {
    if constexpr (!(fits_morph<Arguments> && ...)) {
        static_assert((fits_morph<Arguments> && ...),
                      "dynasio: with<>(…) of a morph_to takes when<T>(…), reload and without_autoload; what is about "
                      "one type of entity stands in when<T>(…)");
        return false;
    } else {
        constexpr bool known =
            ((!Arguments::is_branch || times_listed<typename Arguments::branch_type, targets_of<Member>> == 1) && ...);
        static_assert(known, "dynasio: when<T>(…) is about an entity that the morph_to does not lead to");
        return known;
    }
}

/// Checks arguments about which entities are given.
template <auto Member, class... Arguments> consteval bool check_scope_words() {
    constexpr bool target_fits = !(Arguments::is_about_trash || ...) || can_be_trashed<target_of<Member>>();
    constexpr bool ttl_fits = !(Arguments::is_about_ttl || ...) || expires<Member>();
    constexpr bool scope_fits = !(Arguments::is_about_default_scope || ...) || has_scope<Member>();
    constexpr bool between_fits = !(Arguments::is_about_between || ...) || goes_through_trash<Member>();
    if constexpr (!target_fits)
        static_assert(target_fits, "dynasio: with_trashed, only_trashed and without_trashed are for relations whose "
                                   "target has soft_delete<>");
    else if constexpr (!ttl_fits)
        static_assert(ttl_fits, "dynasio: without_expired is for relations whose target has ttl<>, or whose links are "
                                "entities with it");
    else if constexpr (!scope_fits)
        static_assert(scope_fits, "dynasio: without_default_scope is for relations whose target has where_always()");
    else
        static_assert(between_fits, "dynasio: through_trashed is for a has_many_through whose entities in between have "
                                    "soft_delete<>, and for links that are entities with it");
    return target_fits && ttl_fits && scope_fits && between_fits;
}

/// Whether an argument can stand with an entity. A condition and an order may name members of the entity that a
/// projection is a part of; relations to load are the projection's own.
template <class Argument, class T> consteval bool is_about_entity() {
    if constexpr (is_about<Argument, T> || !is_projection<T>())
        return is_about<Argument, T>;
    else
        return is_selection_option<Argument> && is_about<Argument, source_of<T>>;
}

template <auto Member, class... Arguments> consteval bool check_with() {
    if constexpr (!check_relation<Member>()) {
        return false;
    } else if constexpr (is_morph_to<Member>) {
        return check_with_morph<Member, Arguments...>();
    } else if constexpr (!(fits_with<Arguments> && ...)) {
        static_assert(
            (fits_with<Arguments> && ...),
            "dynasio: with<>(…) takes conditions, oldest_first, newest_first, ascending<>, descending<>, "
            "limit, offset, client_side, with_trashed, only_trashed, without_trashed, through_trashed, "
            "without_expired, without_default_scope, without_autoload, reload, with<>, with_count<> and a std::vector "
            "of relations to load; with a morph_to also when<>");
        return false;
    } else if constexpr (!(is_about_entity<Arguments, target_of<Member>>() && ...)) {
        static_assert((is_about_entity<Arguments, target_of<Member>>() && ...),
                      "dynasio: an argument of with<>(…) is about another entity than the relation's target; nest "
                      "with<> below the relation that leads to its entity");
        return false;
    } else if constexpr (!check_scope_words<Member, Arguments...>()) {
        return false;
    } else if constexpr ((Arguments::skips || ...) && !is_to_many(handle_traits<type_of<Member>>::kind)) {
        static_assert(!(Arguments::skips || ...),
                      "dynasio: offset is for relations to many, and this one leads to one entity at most");
        return false;
    } else {
        constexpr bool limited = (Arguments::limits || ...);
        constexpr bool permitted = (Arguments::permits_client_side || ...);
        constexpr bool served = (Arguments::template order_is_served<Member>() && ...);
        static_assert(served || permitted || !limited,
                      "dynasio: order with limit on a relation whose access path does not have this order reads "
                      "everything first; add a gsi with this sort key, or permit it with client_side");
        return served || permitted || !limited;
    }
}

template <auto Member, class... Arguments> consteval bool check_count() {
    if constexpr (!check_relation<Member>()) {
        return false;
    } else if constexpr (!is_to_many(handle_traits<type_of<Member>>::kind)) {
        static_assert(is_to_many(handle_traits<type_of<Member>>::kind),
                      "dynasio: entities are counted in relations to many: has_many, has_many_through and "
                      "belongs_to_many; load a has_one or belongs_to with with<> and ask has_value()");
        return false;
    } else if constexpr (!(fits_count<Arguments> && ...)) {
        static_assert((fits_count<Arguments> && ...),
                      "dynasio: a count takes conditions, with_trashed, only_trashed, without_trashed, "
                      "through_trashed, without_expired and without_default_scope; it has no order, limit or offset, "
                      "and nothing is loaded below it");
        return false;
    } else if constexpr (!(is_about_entity<Arguments, target_of<Member>>() && ...)) {
        static_assert((is_about_entity<Arguments, target_of<Member>>() && ...),
                      "dynasio: a condition of a count is about another entity than the relation's target");
        return false;
    } else {
        return check_scope_words<Member, Arguments...>();
    }
}

/// Arguments of where_has<>(…): those of a count.
template <auto Member, class... Arguments> consteval bool check_where_has() {
    if constexpr (!check_relation<Member>()) {
        return false;
    } else if constexpr (is_morph_to<Member>) {
        static_assert(!is_morph_to<Member>,
                      "dynasio: where_has<> is for relations to entities of one type; compare the "
                      "members by which a morph_to refers to its entity");
        return false;
    } else if constexpr (!(fits_count<Arguments> && ...)) {
        static_assert((fits_count<Arguments> && ...),
                      "dynasio: where_has<>(…) takes conditions, with_trashed, only_trashed, without_trashed, "
                      "through_trashed, without_expired and without_default_scope");
        return false;
    } else if constexpr (!(is_about_entity<Arguments, target_of<Member>>() && ...)) {
        static_assert((is_about_entity<Arguments, target_of<Member>>() && ...),
                      "dynasio: a condition of where_has<>(…) is about another entity than the relation's target");
        return false;
    } else {
        return check_scope_words<Member, Arguments...>();
    }
}

/// What where_has<>() returns.
template <class Owner> class related_condition {
public:
    explicit related_condition(related_filter filter) noexcept : filter_(std::move(filter)) {}
    [[nodiscard]] related_filter take() && { return std::move(filter_); }

private:
    related_filter filter_;
};
template <class Argument> inline constexpr bool is_related_condition = false;
template <class Owner> inline constexpr bool is_related_condition<related_condition<Owner>> = true;

template <auto Member, class... Arguments>
related_condition<owner_of<Member>> related_condition_on(bool keeps_without, Arguments const&... arguments) {
    related_filter filter;
    filter.keeps_without = keeps_without;
    if constexpr (check_where_has<Member, Arguments...>()) {
        filter.related.relation = &relation_info_of<Member>();
        filter.related.counts = is_to_many(handle_traits<type_of<Member>>::kind);
        (arguments.apply(filter.related.select), ...);
    }
    return related_condition<owner_of<Member>>(std::move(filter));
}

} // namespace detail

/// A relation to load with the entities: with<&User::posts>(field<&Post::status> == "live", newest_first, limit(5),
/// with<&Post::comments>()).
///
/// The service evaluates conditions on has_one, has_many and has_many_through, except those on key attributes that the
/// key condition of the Query does not take; those, and all conditions on belongs_to, on belongs_to_many, and on a
/// has_many_through whose second step is a belongs_to, are evaluated in the client. A belongs_to by references<> is
/// found by a Query, as a has_one is, so the service evaluates its conditions. A relation that is already loaded is
/// kept without a request, unless reload is given, with<> is nested below it, or it is a belongs_to whose foreign key
/// names another entity by now.
///
/// A std::vector<relation_to_load<Target>> may stand among the arguments. with<> of a morph_to takes when<>, reload and
/// without_autoload; its entities are read by key together with all others.
template <auto Member, class... Arguments> [[nodiscard]] auto with(Arguments... arguments) {
    if constexpr (detail::check_with<Member, detail::load_argument_t<Arguments>...>()) {
        load_node node;
        node.relation = &detail::relation_info_of<Member>();
        (detail::apply_load_option(node, detail::load_argument_t<Arguments>(std::move(arguments))), ...);
        return detail::access::make<relation_to_load<detail::owner_of<Member>>>(std::move(node));
    } else {
        // A static_assert has said what is wrong; a value of the usual type avoids further errors.
        return detail::access::make<relation_to_load<detail::owner_of<Member>>>(load_node{});
    }
}
/// Refused, as in the other functions that name a relation: a text names none.
template <detail::name_as_text, class... Arguments> auto with(Arguments const&...) {
    detail::refuse_name_as_text<Arguments...>();
}

/// What is to be done with the entities of one type that a morph_to leads to:
///
///     with<&Comment::subject>(when<Post>(field<&Post::status> == "live", with<&Post::author>()),
///                             when<Video>(with_count<&Video::views>()))
///
/// It takes conditions, which are evaluated in the client and leave the handle empty where they do not hold, words
/// about trash, time to live and default scope, without_autoload, with<>, with_count<> and vectors of them. Types
/// without when<> are loaded too.
template <class T, class... Arguments> [[nodiscard]] auto when(Arguments... arguments) {
    load_node node;
    if constexpr (detail::check_when<T, detail::load_argument_t<Arguments>...>())
        (detail::apply_load_option(node, detail::load_argument_t<Arguments>(std::move(arguments))), ...);
    return detail::branch_to_load<T>(std::move(node));
}

/// The number of related entities, counted with the entities and without loading them:
/// with_count<&User::posts>(field<&Post::status> == "live"). handle.count() gives it. For relations to many.
///
/// It is the number of entities that with<> would load under the same conditions, of all pages. with<> of the same
/// relation may stand beside it, with a limit of its own. A number that is there already is counted again, because the
/// handle does not know under which conditions it was counted.
///
/// Costs, for each parent: has_many: the requests of with<>, whose answers have a number and no items; when a condition
/// has to be evaluated in the client, or on_bad_item is given, the items come too. has_many_through: the entities in
/// between, and that for each of them; when the second step is a belongs_to, a BatchGetItem for each 100 distinct keys
/// in place of that, or by references<> a Query for each distinct value, whose items come. belongs_to_many: the links,
/// and a BatchGetItem for each 100 of the entities behind them, of which only the attributes of the key and of the
/// conditions come.
template <auto Member, class... Arguments> [[nodiscard]] auto with_count(Arguments... arguments) {
    load_node node;
    if constexpr (detail::check_count<Member, Arguments...>()) {
        node.relation = &detail::relation_info_of<Member>();
        node.counts = true;
        (arguments.apply(node.select), ...);
    }
    // When a static_assert has said what is wrong, a value of the usual type avoids further errors.
    return detail::access::make<relation_to_load<detail::owner_of<Member>>>(std::move(node));
}
template <detail::name_as_text, class... Arguments> auto with_count(Arguments const&...) {
    detail::refuse_name_as_text<Arguments...>();
}

/// An option of queries: gives those entities alone that are related to one that satisfies the conditions,
/// `users.where(field<&User::city> == "Oslo", where_has<&User::posts>(field<&Post::status> == "live"))`. Several must
/// all hold. where_has_no gives those that are related to none.
///
/// DynamoDB has no such condition. The query's entities are read, then what they are related to is counted, or read for
/// has_one and belongs_to, at the cost of with_count<> or with<> for every entity that was read; entities are left out
/// here, and the relations of with<> are loaded for the rest. A limit and an offset are about the rest: pages of the
/// query are read until there are enough. Where this is asked often, store what it asks for in the entity.
template <auto Member, class... Arguments> [[nodiscard]] auto where_has(Arguments... arguments) {
    return detail::related_condition_on<Member>(false, arguments...);
}
template <auto Member, class... Arguments> [[nodiscard]] auto where_has_no(Arguments... arguments) {
    return detail::related_condition_on<Member>(true, arguments...);
}
template <detail::name_as_text, class... Arguments> auto where_has(Arguments const&...) {
    detail::refuse_name_as_text<Arguments...>();
}
template <detail::name_as_text, class... Arguments> auto where_has_no(Arguments const&...) {
    detail::refuse_name_as_text<Arguments...>();
}

namespace dsl {

using dynasio::ascending;
using dynasio::client_side;
using dynasio::descending;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::offset;
using dynasio::oldest_first;
using dynasio::reload;
using dynasio::when;
using dynasio::where_has;
using dynasio::where_has_no;
using dynasio::with;
using dynasio::with_count;
using dynasio::without_autoload;
using dynasio::without_default_scope;
using dynasio::without_expired;

} // namespace dsl

} // namespace dynasio

#endif
