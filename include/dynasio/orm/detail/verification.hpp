#ifndef DYNASIO_ORM_DETAIL_VERIFICATION_HPP
#define DYNASIO_ORM_DETAIL_VERIFICATION_HPP

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/detail/stored_names.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// The checks that verify<> makes besides those that every use of an entity makes: of all members and of all names.
namespace dynasio::detail {

// Converts to a base class of T and to nothing else; never defined.
template <class T> struct any_base {
    template <class Base>
        requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>)
    operator Base() const noexcept;
};
template <class T>
concept has_base = requires { T{any_base<T>{}}; };

// member_count counts each element of an array as one initialiser. With braces for the whole array in place of its
// first element, the initialisers of the other elements are too many, and the initialisation does not compile.
template <class T, std::size_t... Before, std::size_t... Behind>
consteval bool is_array_behind(std::index_sequence<Before...>, std::index_sequence<Behind...>) {
    constexpr bool braces = requires { T{((void)Before, any_member{})..., {}}; };
    constexpr bool whole = requires { T{((void)Before, any_member{})..., {}, ((void)Behind, any_member{})...}; };
    return braces && !whole;
}
template <class T> consteval bool has_array() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        constexpr std::size_t count = sizeof...(I);
        return (is_array_behind<T>(std::make_index_sequence<I>{}, std::make_index_sequence<count - I - 1>{}) || ...);
    }(std::make_index_sequence<member_count<T>>{});
}

template <class T> consteval bool embeds_array() {
    return []<auto... Outer>(members<Outer...>) { return (has_array<type_of<Outer>>() || ...); }(embedded_of<T>{});
}

/// Whether all members that are stored are of types that Trait accepts.
template <class T, template <class> class Trait> consteval bool all_stored() {
    return visit_types<T>([]<class... M>(M const&...) {
        std::size_t i = 0;
        return ((attribute_indexes<T>[i++] == no_attribute || Trait<M>::value) && ...);
    });
}
template <class M>
struct is_no_pointer
    : std::bool_constant<!std::is_pointer_v<M> && !std::is_member_pointer_v<M> && !std::is_same_v<M, std::nullptr_t>> {
};

/// Whether something is stored for what stands at this position: a member, or behind all members a computed attribute.
template <class T> constexpr bool is_stored_at(std::size_t i) {
    return i >= place_count<T> || attribute_indexes<T>[i] != no_attribute;
}

template <class T> consteval bool stored_names_are_not_empty() {
    for (std::size_t i = 0; i < stored_names<T>.size(); ++i)
        if (is_stored_at<T>(i) && stored_names<T>[i].size == 0) return false;
    return true;
}
template <class T> consteval bool stored_names_differ() {
    auto const& names = stored_names<T>;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!is_stored_at<T>(i)) continue;
        for (std::size_t j = 0; j < i; ++j)
            if (is_stored_at<T>(j) && names[i].view() == names[j].view()) return false;
    }
    return true;
}

// The names of tables and indexes that CreateTable accepts, according to the API reference. The client's prefix can
// make a table's name longer, so a short one may be right.
constexpr bool is_name_of_table(std::string_view name) {
    if (name.empty() || name.size() > 255) return false;
    for (char const c : name) {
        bool const good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                          c == '.' || c == '-';
        if (!good) return false;
    }
    return true;
}
constexpr bool is_name_of_index(std::string_view name) { return name.size() >= 3 && is_name_of_table(name); }

enum class index_names { good, refused_by_the_service, given_twice };
template <class T> consteval index_names check_index_names() {
    index_names found = index_names::good;
    std::array<std::string_view, 128> names{};
    std::size_t count = 0;
    auto const look_at = [&](std::string_view name) {
        if (found != index_names::good) return;
        if (!is_name_of_index(name)) found = index_names::refused_by_the_service;
        for (std::size_t i = 0; i < count; ++i)
            if (names[i] == name) found = index_names::given_twice;
        if (count < names.size()) names[count++] = name;
    };
    std::apply([&](auto const&... option) { (option.name_indexes(look_at), ...); }, dynasio_schema(tag<T>{}).options);
    return found;
}

template <class T> consteval bool guard_tables_have_names() {
    bool good = true;
    std::apply(
        [&](auto const&... option) {
            (option.name_guard_tables([&](std::string_view name) { good = good && is_name_of_table(name); }), ...);
        },
        dynasio_schema(tag<T>{}).options);
    return good;
}

/// Whether every handle is declared by relate<> or marked transient<>.
template <class T> consteval bool relations_are_declared() {
    return visit_types<T>([]<class... M>(M const&...) {
        using known = join_t<relations_of<T>, typename schema_of<T>::not_stored>;
        std::size_t i = 0;
        bool declared = true;
        ((declared = declared && (!handle_traits<M>::is_handle || is_at(known{}, i)), ++i), ...);
        return declared;
    });
}

// ---- tables

/// The name of T's table without the client's prefix.
template <class T> consteval stored_text make_table_of() {
    stored_text word;
    write_snake_case(type_name<T>, [&](char c) { word.push(c); });
    auto const [keep, ending] = plural_of(word.view());
    stored_text table;
    table.append(word.view().substr(0, keep));
    table.append(ending);
    auto const rename = [&](std::string_view name) {
        table = {};
        table.append(name);
    };
    std::apply([&](auto const&... option) { (option.name_tables(rename), ...); }, dynasio_schema(tag<T>{}).options);
    return table;
}
template <class T> inline constexpr auto table_of = make_table_of<T>();

/// An attribute that is a key of a table or an index.
struct key_attribute {
    std::string_view name{}; ///< Empty when there is none.
    dynamodb::attribute_type type{};
    friend constexpr bool operator==(key_attribute const&, key_attribute const&) = default;
};
/// The keys of a table (without a name) or an index.
struct key_layout {
    std::string_view name{};
    key_attribute partition{};
    key_attribute sort{};
    bool local = false;
};

template <auto Member> consteval key_attribute key_attribute_of() {
    return {stored_names<owner_of<Member>>[position_of<Member>()].view(), codec<type_of<Member>>::type};
}
template <auto Partition, auto... Sort>
constexpr key_layout layout_of(members<Partition, Sort...>, std::string_view name, bool local) {
    key_layout made{.name = name, .partition = key_attribute_of<Partition>(), .local = local};
    ((made.sort = key_attribute_of<Sort>()), ...);
    return made;
}

/// Calls `take(key_layout)` for the table and each index of T.
template <class T, class Take> constexpr void each_layout(Take const& take) {
    take(layout_of(key_of_entity<T>{}, {}, false));
    auto const look_at = [&]<class Option>(Option const& option) {
        option.name_indexes([&](std::string_view name) {
            [&]<class... P>(path_list<P...>) {
                (take(layout_of(typename P::parts{}, name, Option::local)), ...);
            }(typename Option::template paths<key_of_entity<T>>{});
        });
    };
    std::apply([&](auto const&... option) { (look_at(option), ...); }, dynasio_schema(tag<T>{}).options);
}

/// The types under which the members and the computed attributes are stored, in order of declaration; those of members
/// that are not stored have no meaning.
template <class T>
inline constexpr auto stored_types = visit_types<T>([]<class... M>(M const&...) {
    constexpr auto type = []<class Member>(std::type_identity<Member>) {
        if constexpr (stores_type<T, Member>())
            return codec<Member>::type;
        else
            return dynamodb::attribute_type{};
    };
    return [&]<auto... Functions>(members<Functions...>) {
        return std::array<dynamodb::attribute_type, sizeof...(M) + sizeof...(Functions)>{
            type(std::type_identity<M>{})..., codec<type_of<Functions>>::type...};
    }(computed_of<T>{});
});

/// Whether T stores an attribute of this name with another type.
template <class T> constexpr bool stores_otherwise(key_attribute const& key) {
    for (std::size_t i = 0; i < stored_types<T>.size(); ++i)
        if (is_stored_at<T>(i) && stored_names<T>[i].view() == key.name && stored_types<T>[i] != key.type) return true;
    return false;
}

enum class shared_table { good, other_keys, other_index, other_type };
template <class A, class B> consteval shared_table compare_tables() {
    if (table_of<A> != table_of<B>) return shared_table::good;
    shared_table found = shared_table::good;
    each_layout<A>([&](key_layout const& a) {
        each_layout<B>([&](key_layout const& b) {
            if (a.name != b.name || found != shared_table::good) return;
            if (a.partition != b.partition || a.sort != b.sort || a.local != b.local)
                found = a.name.empty() ? shared_table::other_keys : shared_table::other_index;
        });
        for (auto const& part : {a.partition, a.sort})
            if (found == shared_table::good && stores_otherwise<B>(part)) found = shared_table::other_type;
    });
    return found;
}
/// Checks two entities against each other: those that share a table agree about its keys and indexes.
template <class A, class B> consteval bool check_shared_table() {
    if constexpr (std::is_same_v<A, B>) {
        return true;
    } else {
        constexpr shared_table found = compare_tables<A, B>();
        constexpr shared_table back = found == shared_table::good ? compare_tables<B, A>() : found;
        static_assert(back != shared_table::other_keys,
                      "dynasio: two entities share a table but not the names and types of its key; give one of them "
                      "another table{\"name\"}, or its key the same names with attribute<>");
        static_assert(back != shared_table::other_index,
                      "dynasio: two entities share a table in which an index of one name has other keys; give one of "
                      "the indexes another name");
        static_assert(back != shared_table::other_type,
                      "dynasio: two entities share a table in which the key of an index is stored with two types; "
                      "give one of the members another name with attribute<>");
        return back == shared_table::good;
    }
}

// ---- links

/// The table of the rows of a belongs_to_many that has no inverse_of.
template <auto Member> consteval std::string_view links_table() {
    constexpr auto named = place_of<Member>().pivot_table;
    return named.empty() ? default_pivot_table : named;
}

/// Whether the relation is a belongs_to_many that declares links. Precondition: it is declared.
template <auto Member>
inline constexpr bool declares_links = handle_traits<type_of<Member>>::kind == relation_kind::belongs_to_many &&
                                       declaration_of<Member>::inverse::size == 0 && !has_pivot_entity<Member>;

/// The prefix of a relation's rows in its pivot table: see finish_description().
template <auto Member> consteval stored_text links_name() {
    stored_text name = table_of<owner_of<Member>>;
    name.push('_');
    write_snake_case(name_of<Member>, [&](char c) { name.push(c); });
    return name;
}

/// Checks that two relations do not read each other's links. In a table with a key of its own all rows are links of one
/// relation. Entities that share a table can have the same relation: they are two views of the same items.
template <auto First, auto Second> consteval bool check_links_differ() {
    if constexpr (same_member<First, Second> || !declares_links<First> || !declares_links<Second>) {
        return true;
    } else if constexpr (links_table<First>() != links_table<Second>()) {
        return true;
    } else {
        constexpr bool one_relation = table_of<owner_of<First>> == table_of<owner_of<Second>> &&
                                      table_of<target_of<First>> == table_of<target_of<Second>> &&
                                      !std::is_same_v<owner_of<First>, owner_of<Second>> &&
                                      place_of<First>().link_attributes == place_of<Second>().link_attributes;
        constexpr bool keyed = declaration_of<First>::names_link_key || declaration_of<Second>::names_link_key;
        constexpr bool room = one_relation || !keyed;
        constexpr bool names = one_relation || keyed || !(links_name<First>() == links_name<Second>());
        static_assert(room, "dynasio: the links of a belongs_to_many with pivot_table{…}.key(…) lie in the table of "
                            "those of another one, so each would read the links of the other; give one of them a "
                            "pivot_table{\"name\"} of its own, or declare it with inverse_of<&Other::member>");
        static_assert(names, "dynasio: two belongs_to_many store their links under one name, which is made of the "
                             "entity's table and the member; give one of them a pivot_table{\"name\"} of its own");
        return room && names;
    }
}

/// Whether an entity whose index has the name of the index of links by their right side has another index there.
template <class T> consteval bool has_other_index(std::string_view name, key_attribute const& partition) {
    bool other = false;
    each_layout<T>([&](key_layout const& layout) {
        other = other || (!layout.name.empty() && layout.name == name && !(layout.partition == partition));
    });
    return other;
}

/// Whether a relation's rows, and the guards that lie in the table "pivots", have keys that the table of T also has.
template <auto Member, class T> consteval bool check_pivot_table() {
    if constexpr (has_pivot_entity<Member>) {
        return true; // the links are in the table of their entity; create_tables<> looks at that of the guards
    } else if constexpr (!declares_links<Member>) {
        return true;
    } else {
        constexpr key_layout key = layout_of(key_of_entity<T>{}, {}, false);
        constexpr auto text = dynamodb::attribute_type::string;
        constexpr bool fits_ours = key.partition == key_attribute{"pk", text} && key.sort == key_attribute{"sk", text};
        constexpr bool keyed = declaration_of<Member>::names_link_key;
        constexpr bool apart = (keyed ? default_pivot_table : links_table<Member>()) != table_of<T>.view();
        constexpr bool good = apart || fits_ours;
        static_assert(good,
                      "dynasio: a pivot table is also the table of an entity, which has another key than pk and sk; "
                      "give the relation a pivot_table{\"name\"} of its own, or the entity another table{\"name\"}");
        if constexpr (keyed && links_table<Member>() == table_of<T>.view()) {
            constexpr link_key_names names = place_of<Member>().link_attributes;
            constexpr auto type_of_key = []<class E>(tag<E>) {
                return layout_of(key_of_entity<E>{}, {}, false).partition.type;
            };
            constexpr key_attribute left{names.left, type_of_key(tag<owner_of<Member>>{})};
            constexpr key_attribute right{names.right, type_of_key(tag<target_of<Member>>{})};
            constexpr bool fits =
                key.partition == left && key.sort == right && !has_other_index<T>(names.right_index, right);
            static_assert(fits, "dynasio: the table of pivot_table{…}.key(…) is also the table of an entity, which has "
                                "another key than the two attributes, keys of other types than the two sides have, or "
                                "an index of that name by another attribute");
            return good && fits;
        } else {
            return good;
        }
    }
}

/// The relation whose links this one reads from the other side.
template <auto Member>
using links_read_by = std::conditional_t<handle_traits<type_of<Member>>::kind == relation_kind::belongs_to_many,
                                         typename declaration_of<Member>::inverse, members<>>;

/// Whether no other side of this relation is declared.
template <auto Member> consteval bool has_no_inverse() {
    return []<auto... Other>(members<Other...>) {
        return (!has_member<Member, links_read_by<Other>> && ...);
    }(relations_of<target_of<Member>>{});
}

/// Checks the two sides of links that are entities: the members with the key of one side are not those with the key of
/// the other. Other relations may share members, as a link to things of several types does.
template <auto Member, auto Back> consteval bool check_links_agree() {
    if constexpr (!has_pivot_entity<Member> || !has_pivot_entity<Back>) {
        return true;
    } else if constexpr (!std::is_same_v<pivot_entity_of<Member>, pivot_entity_of<Back>> ||
                         !std::is_same_v<target_of<Back>, owner_of<Member>> ||
                         !std::is_same_v<owner_of<Back>, target_of<Member>> ||
                         std::is_same_v<owner_of<Member>, owner_of<Back>>) {
        return true;
    } else {
        constexpr bool good = !are_same_members<near_members_of<Member>, near_members_of<Back>> &&
                              !are_same_members<far_members_of<Member>, far_members_of<Back>>;
        static_assert(good,
                      "dynasio: two relations with the same links name one member in via<> as the key of two "
                      "entities; each side names first the members with its own key: via<&Membership::user_id, "
                      "&Membership::role_id> of User, and via<&Membership::role_id, &Membership::user_id> of Role");
        return good;
    }
}

/// Checks two relations that lead to each other's entity. Different relations can do so, when each has a pivot table
/// of its own; else somebody has forgotten inverse_of, and the two would never show each other's links.
template <auto Member, auto Back> consteval bool check_sides() {
    if constexpr (!declares_links<Member> || !declares_links<Back>) {
        return true;
    } else if constexpr (!std::is_same_v<target_of<Back>, owner_of<Member>> ||
                         std::is_same_v<owner_of<Back>, owner_of<Member>>) {
        return true;
    } else if constexpr (table_of<owner_of<Back>>.view() < table_of<owner_of<Member>>.view()) {
        return check_sides<Back, Member>(); // so that both sides give one message
    } else {
        constexpr auto here = place_of<Member>().pivot_table;
        constexpr auto there = place_of<Back>().pivot_table;
        constexpr bool two_relations = !here.empty() && !there.empty() && here != there;
        constexpr bool good = two_relations || !has_no_inverse<Member>() || !has_no_inverse<Back>();
        static_assert(good, "dynasio: both sides of a belongs_to_many declare links of their own; add "
                            "inverse_of<&Other::member> to one of them (or, when they are two relations, a "
                            "pivot_table{\"name\"} to each)");
        return good;
    }
}

/// Checks a relation of T, and what the relations of its target say about it.
template <auto Member> consteval bool verify_relation() {
    if constexpr (!check_relation<Member>())
        return false;
    else if constexpr (is_morph_to<Member>)
        return true; // only links have two sides that can contradict each other
    else
        return []<auto... Back>(members<Back...>) {
            return (check_sides<Member, Back>() && ...);
        }(relations_of<target_of<Member>>{});
}

/// The relations whose links the relations of T read from the other side.
template <class List> struct inverses_of;
template <auto... M> struct inverses_of<members<M...>> {
    using type = join_t<links_read_by<M>...>;
};

/// Checks what is stored, and the relations. The members of T can be reflected.
template <class T> consteval bool verify_members() {
    if constexpr (!all_stored<T, is_no_pointer>()) {
        static_assert(all_stored<T, is_no_pointer>(),
                      "dynasio: a member is a pointer, which cannot be stored; hold the value or a std::optional of "
                      "it, or mark the member transient<&T::member>");
        return false;
    } else if constexpr (!check_types<T>()) {
        return false;
    } else {
        static_assert(stored_names_differ<T>(), "dynasio: two members are stored under one name; give one of them "
                                                "another with attribute<&T::member>{\"name\"}");
        static_assert(stored_names_are_not_empty<T>(), "dynasio: attribute<&T::member>{\"name\"} has an empty name");
        static_assert(is_name_of_table(table_of<T>.view()),
                      "dynasio: the name of a table has 3 to 255 characters of [a-zA-Z0-9_.-], the prefix included");
        static_assert(guard_tables_have_names<T>(),
                      "dynasio: the name of a table for the guards of unique<> has 3 to 255 characters of "
                      "[a-zA-Z0-9_.-], the prefix included");
        static_assert(check_index_names<T>() != index_names::refused_by_the_service,
                      "dynasio: the name of a gsi or lsi has 3 to 255 characters of [a-zA-Z0-9_.-]");
        static_assert(check_index_names<T>() != index_names::given_twice,
                      "dynasio: two indexes of an entity have one name; give each its own");
        constexpr bool relations = []<auto... M>(members<M...>) {
            return (verify_relation<M>() && ...);
        }(relations_of<T>{});
        constexpr bool declared = relations_are_declared<T>();
        static_assert(declared, "dynasio: a relation member is not declared; add relate<&T::member>(…) to the "
                                "schema, or mark it transient<&T::member>");
        constexpr bool once = are_distinct<typename inverses_of<relations_of<T>>::type>;
        static_assert(once, "dynasio: two relations are inverse_of<> the same one; both would read the same links, "
                            "so remove one of them");
        if constexpr (relations && declared && once)
            return schema_of<T>::check_together();
        else
            return false;
    }
}

/// Checks the whole entity: members, names and relations. The order of the checks matters: the first message that the
/// compiler shows must be one of ours, and the members of a type with base classes or arrays cannot be reflected.
template <class T> consteval bool verify_entity() {
    if constexpr (!check_entity<T>()) {
        return false;
    } else if constexpr (lists_members<T>) {
        return verify_members<T>();
    } else if constexpr (has_base<T>) {
        static_assert(!has_base<T>, "dynasio: an entity has no base classes; make their members its own");
        return false;
    } else if constexpr (has_array<T>() || embeds_array<T>()) {
        static_assert(!has_array<T>() && !embeds_array<T>(),
                      "dynasio: a member of an entity is an array; use a std::vector, which is stored "
                      "as a list, or a std::string");
        return false;
    } else {
        return verify_members<T>();
    }
}

template <auto First, auto... Others> consteval bool check_links_of(members<Others...>) {
    if constexpr (declares_links<First>) {
        static_assert(
            is_name_of_table(links_table<First>()),
            "dynasio: the name of a pivot table has 3 to 255 characters of [a-zA-Z0-9_.-], the prefix included");
        static_assert(
            !declaration_of<First>::names_link_key || links_table<First>() != default_pivot_table,
            "dynasio: \"pivots\" is the table of links without key(…) and of what counts the syncs of others; "
            "give pivot_table{…}.key(…) another name");
        constexpr auto index = place_of<First>().link_attributes.right_index;
        static_assert(index.empty() || is_name_of_index(index),
                      "dynasio: the name of the index of a pivot table has 3 to 255 characters of [a-zA-Z0-9_.-]");
    }
    return ((check_links_differ<First, Others>() && check_links_agree<First, Others>()) && ...);
}
template <auto First, auto... Rest> consteval bool check_all_links(members<First, Rest...>) {
    return check_links_of<First>(members<Rest...>{}) && check_all_links(members<Rest...>{});
}
consteval bool check_all_links(members<>) { return true; }

template <class T, auto... M> consteval bool check_pivot_tables(members<M...>) {
    return (check_pivot_table<M, T>() && ...);
}

/// Checks that what lies in the partition of its owner has the owner's table. Precondition: the relation is declared.
template <auto Member> consteval bool check_item_collection() {
    if constexpr (!declaration_of<Member>::in_item_collection) {
        return true;
    } else {
        constexpr bool one_table = table_of<owner_of<Member>> == table_of<target_of<Member>>;
        static_assert(one_table, "dynasio: an item_collection is a partition of one table; give both entities the same "
                                 "table{\"name\"}");
        return one_table;
    }
}
template <auto... M> consteval bool check_item_collections(members<M...>) {
    return (check_item_collection<M>() && ...);
}

template <class First, class... Rest> consteval bool check_all_tables() {
    if constexpr (sizeof...(Rest) == 0)
        return true;
    else
        return (check_shared_table<First, Rest>() && ...) && check_all_tables<Rest...>();
}

/// Checks entities against one another. Precondition: verify_entity() of each.
template <class... T> consteval bool verify_together() {
    if constexpr (sizeof...(T) == 0) {
        return true;
    } else {
        // The relations of a projection store no links of their own.
        using relations = join_t<std::conditional_t<is_projection<T>(), members<>, relations_of<T>>...>;
        return check_all_tables<T...>() && check_all_links(relations{}) &&
               (check_pivot_tables<T>(relations{}) && ...) && check_item_collections(join_t<relations_of<T>...>{});
    }
}

} // namespace dynasio::detail

#endif
