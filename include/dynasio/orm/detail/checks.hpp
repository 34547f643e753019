#ifndef DYNASIO_ORM_DETAIL_CHECKS_HPP
#define DYNASIO_ORM_DETAIL_CHECKS_HPP

#include <dynasio/orm/detail/layout.hpp>
#include <dynasio/orm/schema.hpp>

#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// What is known about entities at compile time, and the messages for what is wrong. Only the bodies of functions that
// are instantiated with the entity read a schema: at that point every entity of the model is complete.
namespace dynasio::detail {

/// members<partition> or members<partition, sort>.
template <class T>
using key_of_entity = join_t<typename schema_of<T>::partition_part, typename schema_of<T>::sort_part>;

template <class T, class Projected> struct source_of_schema {
    using type = T;
};
template <class T, class Entity, class... More>
struct source_of_schema<T, std::tuple<std::type_identity<Entity>, More...>> {
    using type = Entity;
};
/// The entity that T is a projection of; T itself when it is none.
template <class T> using source_of = typename source_of_schema<T, typename schema_of<T>::projected>::type;
/// Whether T is a projection. False also for a type without a schema.
template <class T> consteval bool is_projection() {
    if constexpr (has_schema<T>)
        return !std::is_same_v<source_of<T>, T>;
    else
        return false;
}

/// The relations that T's schema declares.
template <class T> using relations_of = typename schema_of<T>::relations;

/// Whether entities of type T can be written. When it returns false, a static_assert has said why.
template <class T> consteval bool check_writable() {
    constexpr bool whole = !is_projection<T>();
    static_assert(whole,
                  "dynasio: a projection is read only, because writing it would lose what was not read; read and "
                  "write its entity");
    return whole;
}

// ---- access paths

template <class... Lists> struct join_paths;
template <class... A> struct join_paths<path_list<A...>> {
    using type = path_list<A...>;
};
template <class... A, class... B, class... Rest>
struct join_paths<path_list<A...>, path_list<B...>, Rest...> : join_paths<path_list<A..., B...>, Rest...> {};

template <class Key> struct table_path;
template <auto... K> struct table_path<members<K...>> {
    using type = path_list<table_path_t<K...>>;
};
template <class Schema, class Key> struct all_paths;
template <class T, class... O, class Key> struct all_paths<entity_schema<T, O...>, Key> {
    using type = typename join_paths<typename table_path<Key>::type, typename O::template paths<Key>...>::type;
};
/// The table's key and all indexes.
template <class T> using paths_of = typename all_paths<schema_of<source_of<T>>, key_of_entity<T>>::type;

// ---- relations

template <auto Member, class Option> inline constexpr bool declares = false;
template <auto Member, class... O> inline constexpr bool declares<Member, relation_t<Member, O...>> = true;

template <auto Member, class... O> struct find_declaration {
    using type = void;
};
template <auto Member, class First, class... Rest>
struct find_declaration<Member, First, Rest...>
    : std::conditional_t<declares<Member, First>, std::type_identity<First>, find_declaration<Member, Rest...>> {};
template <auto Member, class Schema> struct declaration_of_schema;
template <auto Member, class T, class... O>
struct declaration_of_schema<Member, entity_schema<T, O...>> : find_declaration<Member, O...> {};
/// The relate<Member>(...) of an entity's schema, or void.
template <auto Member> using declaration_of = typename declaration_of_schema<Member, schema_of<owner_of<Member>>>::type;

template <class A, class B> struct same_key_types : std::false_type {};
template <auto... A, auto... B>
    requires(sizeof...(A) == sizeof...(B))
struct same_key_types<members<A...>, members<B...>>
    : std::bool_constant<(std::is_same_v<typename optional_traits<type_of<A>>::value_type,
                                         typename optional_traits<type_of<B>>::value_type> &&
                          ...)> {};

template <auto Member>
inline constexpr bool is_relation = [] {
    if constexpr (member_pointer_traits<std::remove_cv_t<decltype(Member)>>::valid)
        return handle_traits<type_of<Member>>::is_handle;
    else
        return false;
}();

template <auto Member> using target_of = typename handle_traits<type_of<Member>>::target;

/// The members whose values the foreign key of a has_one, has_many or belongs_to holds: those that references<> names,
/// else the key.
template <auto Member> consteval auto referenced_members() {
    using declared = typename declaration_of<Member>::referenced;
    if constexpr (declared::size != 0)
        return declared{};
    else if constexpr (handle_traits<type_of<Member>>::kind == relation_kind::belongs_to)
        return key_of_entity<target_of<Member>>{};
    else
        return key_of_entity<owner_of<Member>>{};
}
template <auto Member> using referenced_by = decltype(referenced_members<Member>());
/// The entities that a relation can lead to; of a morph_to there are several.
template <auto Member> using targets_of = typename handle_traits<type_of<Member>>::targets;
template <auto Member>
inline constexpr bool is_morph_to = handle_traits<type_of<Member>>::kind == relation_kind::morph_to;

template <class M> inline constexpr bool is_handle_list = false;
template <auto... M>
inline constexpr bool is_handle_list<members<M...>> = (handle_traits<type_of<M>>::is_handle || ...);

/// Whether an option names no member twice. The path of an lsi has a member that the option does not name: the table's
/// partition key.
template <class Schema, class Key> struct names_differ;
template <class T, class... O, class Key>
struct names_differ<entity_schema<T, O...>, Key>
    : std::bool_constant<((are_distinct<typename O::about> && (!O::local || O::template paths<Key>::parts_differ())) &&
                          ...)> {};

/// Whether no option names a function that it cannot be about.
template <class Schema> inline constexpr bool functions_fit = true;
template <class T, class... O>
inline constexpr bool functions_fit<entity_schema<T, O...>> =
    ((O::fits_computed || !names_function<typename O::about>) && ...);
/// Whether every function that an option names is declared by computed<>.
template <class Schema> inline constexpr bool functions_are_declared = true;
template <class T, class... O>
inline constexpr bool functions_are_declared<entity_schema<T, O...>> =
    (functions_are_among<typename O::about, typename entity_schema<T, O...>::computed> && ...);

/// Whether something that T's schema stores is made from Member.
template <auto Member, class Schema> inline constexpr bool is_made_from = false;
template <auto Member, class T, class... O>
inline constexpr bool is_made_from<Member, entity_schema<T, O...>> = (O::template makes_from<Member> || ...);

/// Whether the options name members that members<> lists, if it lists any.
template <class T> consteval bool names_listed_members() {
    if constexpr (!lists_members<T>)
        return true;
    else
        return []<class... O>(std::type_identity<std::tuple<O...>>) {
            auto const listed = []<auto... M>(members<M...>) {
                return ((is_path<M> || is_function<M> || has_member<M, listed_of<T>>) && ...);
            };
            return (listed(typename O::about{}) && ...);
        }(std::type_identity<decltype(schema_of<T>::options)>{});
}
/// Whether no option but embed<> names a member whose struct is embedded, and all paths lead through such members.
template <class T> consteval bool names_embedded_members() {
    return []<class... O>(std::type_identity<std::tuple<O...>>) {
        auto const fits = []<auto M>() {
            if constexpr (is_path<M>)
                return has_member<std::remove_cv_t<decltype(M)>::outer, embedded_of<T>>;
            else
                return !has_member<M, embedded_of<T>>;
        };
        auto const all_fit = [&]<auto... M>(members<M...>) { return (fits.template operator()<M>() && ...); };
        return ((O::embedded::size != 0 || O::listed::size != 0 || all_fit(typename O::about{})) && ...);
    }(std::type_identity<decltype(schema_of<T>::options)>{});
}
template <class T> consteval bool has_handles() {
    return visit_types<T>([]<class... M>(M const&...) { return (handle_traits<M>::is_handle || ...); });
}

/// Whether an embedded struct has a relation.
template <class T> consteval bool embeds_handles() {
    return []<auto... Outer>(members<Outer...>) { return (has_handles<type_of<Outer>>() || ...); }(embedded_of<T>{});
}

/// Checks the options of T's schema against one another. Precondition: each of them is right by itself.
template <class T> consteval bool check_agreement() {
    using schema = schema_of<T>;
    using key = key_of_entity<T>;
    constexpr bool stored =
        are_disjoint<typename schema::needed, typename schema::not_stored> && !is_handle_list<typename schema::needed>;
    if constexpr (!names_listed_members<T>()) {
        static_assert(names_listed_members<T>(),
                      "dynasio: an option names a member that members<> does not list, so it "
                      "is not stored; add it there");
        return false;
    } else if constexpr (!are_distinct<typename schema::listed>) {
        static_assert(are_distinct<typename schema::listed>, "dynasio: members<> lists a member twice; remove one");
        return false;
    } else if constexpr (!are_distinct<typename schema::embedded>) {
        static_assert(are_distinct<typename schema::embedded>, "dynasio: a member is named by two embed<>; remove one");
        return false;
    } else if constexpr (embeds_handles<T>()) {
        static_assert(!embeds_handles<T>(),
                      "dynasio: a struct that is embedded has a member that is a relation; put the "
                      "relation into the entity");
        return false;
    } else if constexpr (!names_embedded_members<T>()) {
        static_assert(names_embedded_members<T>(),
                      "dynasio: an option names a member whose struct is embedded, or a member of a struct that is "
                      "not; name a member of an embedded struct as embedded<&T::outer, &Outer::member>");
        return false;
    } else if constexpr (!stored) {
        static_assert(stored,
                      "dynasio: a key, an index, a time, a version, unique<> or attribute<> names a member that is not "
                      "stored; take the member out of transient<>, or name another one than a relation");
        return false;
    } else if constexpr (!functions_fit<schema>) {
        static_assert(functions_fit<schema>,
                      "dynasio: a function of the entity can be named by computed<>, attribute<>, gsi<> and lsi<>; a "
                      "key of the table, a time, a version, a rule or what a computed<> is made from is a member");
        return false;
    } else if constexpr (!functions_are_declared<schema>) {
        static_assert(functions_are_declared<schema>,
                      "dynasio: an option names a function of the entity whose result is not stored; add "
                      "computed<&T::function> to the schema");
        return false;
    } else if constexpr (!are_distinct<typename schema::computed>) {
        static_assert(are_distinct<typename schema::computed>,
                      "dynasio: a function of the entity is declared by two computed<>; remove one");
        return false;
    } else if constexpr (!are_distinct<key>) {
        static_assert(are_distinct<key>, "dynasio: partition_key and sort_key name one member; leave sort_key out, or "
                                         "name another member");
        return false;
    } else if constexpr (schema::local_indexes != 0 && key::size != 2) {
        static_assert(key::size == 2,
                      "dynasio: an lsi needs a table with a sort key; add sort_key<&T::member>, or make "
                      "the index a gsi");
        return false;
    } else if constexpr (schema::local_indexes > 5) {
        static_assert(schema::local_indexes <= 5, "dynasio: a table has at most five lsi; make the others gsi");
        return false;
    } else if constexpr (!schema::decides_once(decision::table)) {
        static_assert(schema::decides_once(decision::table),
                      "dynasio: an entity has one table{\"name\"}; remove the other");
        return false;
    } else if constexpr (!schema::decides_once(decision::version)) {
        static_assert(schema::decides_once(decision::version),
                      "dynasio: an entity has one version<&T::member>; remove the other");
        return false;
    } else if constexpr (!schema::decides_once(decision::times)) {
        static_assert(schema::decides_once(decision::times),
                      "dynasio: an entity has one timestamps<> or one created_at<>; timestamps<> names the time of "
                      "creation already, so remove the other");
        return false;
    } else if constexpr (!schema::decides_once(decision::soft_delete)) {
        static_assert(schema::decides_once(decision::soft_delete),
                      "dynasio: an entity has one soft_delete<&T::member>; remove the other");
        return false;
    } else if constexpr (!schema::decides_once(decision::ttl)) {
        static_assert(schema::decides_once(decision::ttl),
                      "dynasio: an entity has one ttl<&T::member>, because a table has one; remove the other");
        return false;
    } else if constexpr (!schema::decides_once(decision::stream)) {
        static_assert(schema::decides_once(decision::stream),
                      "dynasio: an entity has one streamed<>, because a table has one stream; remove the other");
        return false;
    } else if constexpr (!schema::decides_once(decision::scope)) {
        static_assert(schema::decides_once(decision::scope),
                      "dynasio: an entity has one where_always(...); join the conditions with &&");
        return false;
    } else if constexpr (!are_distinct<typename schema::kept>) {
        static_assert(are_distinct<typename schema::kept>,
                      "dynasio: timestamps<>, created_at<> and soft_delete<> name one member twice; each time is a "
                      "member of its own (created_at<> keeps one alone)");
        return false;
    } else if constexpr (!are_disjoint<typename schema::kept, key>) {
        static_assert(are_disjoint<typename schema::kept, key>,
                      "dynasio: version<>, timestamps<>, created_at<> or soft_delete<> names a part of the key, which "
                      "cannot change; "
                      "name another member");
        return false;
    } else if constexpr (!are_disjoint<typename schema::transformed, key>) {
        static_assert(are_disjoint<typename schema::transformed, key>,
                      "dynasio: normalize<> names a part of the key; a read by the key as it was would find nothing");
        return false;
    } else if constexpr (!are_disjoint<typename schema::defaulted, join_t<key, typename schema::kept>>) {
        static_assert(are_disjoint<typename schema::defaulted, join_t<key, typename schema::kept>>,
                      "dynasio: default_value<> names a part of the key, a time or the version; no item lacks the key, "
                      "and the others mean something when they are absent");
        return false;
    } else if constexpr (!are_distinct<typename schema::defaulted>) {
        static_assert(are_distinct<typename schema::defaulted>,
                      "dynasio: a member has two default_value<>; remove one");
        return false;
    } else if constexpr (!are_disjoint<typename schema::guarded, typename schema::kept>) {
        static_assert(are_disjoint<typename schema::guarded, typename schema::kept>,
                      "dynasio: unique<> names a version or a time that dynasio sets itself; name another member");
        return false;
    } else if constexpr (schema::guarded::size != 0 && schema::times_out) {
        static_assert(schema::guarded::size == 0 || !schema::times_out,
                      "dynasio: an entity has unique<> or ttl<>, and not both: the service removes an expired item "
                      "without the guards of its values, which nobody would remove; leave ttl<> out, and remove() "
                      "what has expired");
        return false;
    } else if constexpr (!names_differ<schema, key>::value) {
        static_assert(
            names_differ<schema, key>::value,
            "dynasio: an index has one member as its partition key and as its sort key; name another sort key");
        return false;
    } else if constexpr (!are_distinct<typename schema::renamed>) {
        static_assert(are_distinct<typename schema::renamed>,
                      "dynasio: a member has two attribute<>; one name is stored, so remove the other");
        return false;
    } else if constexpr (!are_distinct<typename schema::not_stored>) {
        static_assert(are_distinct<typename schema::not_stored>,
                      "dynasio: a member is named by two transient<>; remove one");
        return false;
    } else if constexpr (!are_distinct<typename schema::relations>) {
        static_assert(are_distinct<typename schema::relations>,
                      "dynasio: a relation is declared by two relate<>; put all its options into one");
        return false;
    } else if constexpr (!are_distinct<typename schema::autoloaded>) {
        static_assert(are_distinct<typename schema::autoloaded>,
                      "dynasio: a relation has two autoload<>; put all constraints into one");
        return false;
    } else if constexpr (!are_distinct<typename schema::autosaved>) {
        static_assert(are_distinct<typename schema::autosaved>, "dynasio: a relation has two autosave<>; remove one");
        return false;
    } else if constexpr (!are_distinct<typename schema::protected_by>) {
        static_assert(are_distinct<typename schema::protected_by>,
                      "dynasio: a relation has two on_remove<>; one policy decides");
        return false;
    } else {
        constexpr bool plain = are_disjoint<typename schema::relations, typename schema::not_stored>;
        static_assert(plain,
                      "dynasio: a member is declared by relate<> and by transient<>; a relation is never stored, "
                      "so leave transient<> out");
        return plain;
    }
}

/// Whether the member at I, of type M, has the name of a member of Source and, if asked, its type.
template <class T, std::size_t I, class M, class Source, bool TypesToo> consteval bool member_matches() {
    if constexpr (handle_traits<M>::is_handle || is_at(typename schema_of<T>::not_stored{}, I)) {
        return true;
    } else {
        return visit_types<Source>([]<class... All>(All const&...) {
            std::size_t i = 0;
            bool found = false;
            ((found = found || (place_names<Source>[i] == place_names<T>[I] && !handle_traits<All>::is_handle &&
                                (std::is_same_v<All, M> || !TypesToo)),
              ++i),
             ...);
            return found;
        });
    }
}
/// Whether each stored member of T does.
template <class T, class Source, bool TypesToo> consteval bool members_match() {
    return visit_types<T>([]<class... M>(M const&...) {
        return []<std::size_t... I>(std::index_sequence<I...>) {
            return (member_matches<T, I, M, Source, TypesToo>() && ...);
        }(std::index_sequence_for<M...>{});
    });
}

/// Checks a projection against its entity. Precondition: the schema has projection_of<>.
template <class T> consteval bool check_projection() {
    using schema = schema_of<T>;
    using source = source_of<T>;
    if constexpr (!schema::fits_projection || std::tuple_size_v<typename schema::projected> != 1) {
        static_assert(
            schema::fits_projection && std::tuple_size_v<typename schema::projected> == 1,
            "dynasio: the schema of a projection has one projection_of<>, relate<>, autoload<> and transient<>; table, "
            "key, indexes, names and times are those of the entity");
        return false;
    } else if constexpr (is_projection<source>()) {
        static_assert(!is_projection<source>(), "dynasio: projection_of<> names a projection; name its entity");
        return false;
    } else if constexpr (!members_match<T, source, false>()) {
        static_assert(members_match<T, source, false>(),
                      "dynasio: a member of a projection has no member of its name in the entity that it is a "
                      "projection of; rename it, or mark it transient<&T::member>");
        return false;
    } else {
        constexpr bool same_types = members_match<T, source, true>();
        static_assert(same_types, "dynasio: a member of a projection has another type than the member of its name in "
                                  "the entity that it is a projection of");
        return same_types;
    }
}

/// Checks the schema of a value alone.
template <class T> consteval bool check_value() {
    if constexpr (!std::is_aggregate_v<T> && !lists_members<T>) {
        return false; // value<T>(…) has said why
    } else if constexpr (place_count<T> > max_members) {
        static_assert(place_count<T> <= max_members,
                      "dynasio: a value has more than 128 members; group some of them in values of their own");
        return false;
    } else if constexpr (has_handles<T>()) {
        static_assert(!has_handles<T>(),
                      "dynasio: a value has a member that is a relation; put the relation and its foreign key into the "
                      "entity that holds the value");
        return false;
    } else {
        return check_agreement<T>();
    }
}

/// Checks T's schema alone: keys, and what its options check.
template <class T> consteval bool check_entity() {
    if constexpr (!has_schema<T>) {
        static_assert(has_schema<T>, "dynasio: this type has no schema; declare `constexpr auto "
                                     "dynasio_schema(dynasio::tag<T>)` in its namespace before its first use");
        return false;
    } else if constexpr (schema_of<T>::is_value) {
        static_assert(!schema_of<T>::is_value,
                      "dynasio: this type is a value, which is stored inside of entities and is not read or written by "
                      "itself; name the entity, or describe the type with entity<T>(...) and a partition_key");
        return false;
    } else if constexpr (schema_of<T>::is_embeddable) {
        static_assert(!schema_of<T>::is_embeddable,
                      "dynasio: this type is embedded in entities and is not read or written by itself; name the "
                      "entity, or describe the type with entity<T>(...)");
        return false;
    } else if constexpr (schema_of<T>::partition_part::size != 1) {
        return false; // entity<T>(...) has said why
    } else if constexpr (place_count<T> > max_members) {
        static_assert(place_count<T> <= max_members,
                      "dynasio: an entity has more than 128 members; group some of them in a map or a list");
        return false;
    } else if constexpr (place_count<T> + schema_of<T>::computed::size > max_members) {
        static_assert(place_count<T> + schema_of<T>::computed::size <= max_members,
                      "dynasio: an entity has more than 128 members and computed<> attributes; group some of the "
                      "members in a map or a list");
        return false;
    } else if constexpr (key_of_entity<T>::size > 2) {
        static_assert(key_of_entity<T>::size <= 2, "dynasio: an entity has at most one sort_key");
        return false;
    } else if constexpr (!schema_of<T>::check_options()) {
        return false;
    } else if constexpr (is_projection<T>()) {
        return check_entity<source_of<T>>() && check_projection<T>();
    } else {
        return check_agreement<T>();
    }
}

/// The entity that the links of a belongs_to_many are; void for rows that no entity describes, and for other kinds.
template <auto Member> using pivot_entity_of = typename handle_traits<type_of<Member>>::pivot_entity;
template <auto Member> inline constexpr bool has_pivot_entity = !std::is_void_v<pivot_entity_of<Member>>;

/// The first members of a list, and those behind them.
template <std::size_t Count, class Taken, class Rest> struct cut_members;
template <auto... Taken, auto... Rest> struct cut_members<0, members<Taken...>, members<Rest...>> {
    using taken = members<Taken...>;
    using rest = members<Rest...>;
};
template <std::size_t Count, auto... Taken, auto First, auto... Rest>
    requires(Count > 0)
struct cut_members<Count, members<Taken...>, members<First, Rest...>>
    : cut_members<Count - 1, members<Taken..., First>, members<Rest...>> {};
/// The members of a link that hold the key of the owner of `Member`, and those that hold the key of its target.
/// Precondition: via<> names as many members as the two keys have parts.
template <auto Member>
using cut_of_link = cut_members<key_of_entity<owner_of<Member>>::size, members<>, typename declaration_of<Member>::via>;
template <auto Member> using near_members_of = typename cut_of_link<Member>::taken;
template <auto Member> using far_members_of = typename cut_of_link<Member>::rest;

/// Whether T can be trashed. False also for a type without a schema.
template <class T> consteval bool can_be_trashed() {
    if constexpr (has_schema<T>)
        return schema_of<T>::trashed_at::size == 1;
    else
        return false;
}

/// Whether T has a time to live. False also for a type without a schema.
template <class T> consteval bool has_ttl() {
    if constexpr (has_schema<T>)
        return schema_of<T>::times_out;
    else
        return false;
}

/// Whether reads of T have a default scope. False also for a type without a schema.
template <class T> consteval bool has_default_scope() {
    if constexpr (has_schema<T>)
        return schema_of<T>::scopes;
    else
        return false;
}

/// Whether a hook of after_read of T is awaited. False also for a type without a schema.
template <class T> consteval bool awaits_reads() {
    if constexpr (has_schema<T>)
        return schema_of<T>::awaits_reads();
    else
        return false;
}

/// Whether reads of T load relations that nobody named. False also for a type without a schema.
template <class T> consteval bool has_autoloads() {
    if constexpr (has_schema<T>)
        return schema_of<T>::autoloaded::size != 0;
    else
        return false;
}

/// Whether members can be without a value.
template <class Foreign> inline constexpr bool can_be_absent = false;
template <auto... M>
inline constexpr bool can_be_absent<members<M...>> =
    ((optional_traits<type_of<M>>::is_optional || (!std::is_arithmetic_v<type_of<M>> && !std::is_enum_v<type_of<M>>)) &&
     ...);

/// Whether the removal of a T looks at what is related to it.
template <class T> consteval bool has_removal_policies() {
    if constexpr (has_schema<T>)
        return schema_of<T>::protected_by::size != 0;
    else
        return false;
}

/// Whether saves of T save relations along that nobody named.
template <class T> consteval bool has_autosaves() {
    if constexpr (has_schema<T>)
        return schema_of<T>::autosaved::size != 0;
    else
        return false;
}

template <auto Member> consteval bool check_relation();

/// What a kind of relation requires of its declaration: `check<Member, Declaration>()`. Precondition: both entities
/// have a schema and the relation is declared.
template <relation_kind Kind> struct relation_rules;

/// Whether the members of a foreign key are members of T, or of the entity that T is a projection of.
template <class T, class ForeignKey>
inline constexpr bool names_members_of = all_members_of<T, ForeignKey> || all_members_of<source_of<T>, ForeignKey>;

/// Whether the members of a foreign key are stored. Precondition: they are members of T.
template <class T, class ForeignKey>
inline constexpr bool is_stored_key =
    are_disjoint<ForeignKey, join_t<typename schema_of<T>::not_stored, typename schema_of<source_of<T>>::not_stored>>;

// ---- by type and key

/// members<…> without the first one.
template <class List> struct behind_first {
    using type = members<>;
};
template <auto First, auto... Rest> struct behind_first<members<First, Rest...>> {
    using type = members<Rest...>;
};
/// The members of a key in the by<> of a morph_to and of the relations that lead back.
template <class ForeignKey> using key_behind_type = typename behind_first<ForeignKey>::type;

/// Whether List begins with the members of Short.
template <class List, class Short> inline constexpr bool begins_with_members = false;
template <auto... M> inline constexpr bool begins_with_members<members<M...>, members<>> = true;
template <auto A, auto... M, auto B, auto... N>
inline constexpr bool begins_with_members<members<A, M...>, members<B, N...>> =
    same_member<A, B> && begins_with_members<members<M...>, members<N...>>;

/// Whether the members of a key have the types of another one, which may have fewer parts.
template <class Ours, class Key> inline constexpr bool begins_with_key = false;
template <auto... M> inline constexpr bool begins_with_key<members<M...>, members<>> = true;
template <auto A, auto... M, auto B, auto... N>
inline constexpr bool begins_with_key<members<A, M...>, members<B, N...>> =
    same_key_types<members<A>, members<B>>::value && begins_with_key<members<M...>, members<N...>>;

/// The first of some relations that is a morph_to by members that begin with these; members<> when there is none.
template <class ForeignKey, class Relations> struct find_morph {
    using type = members<>;
};
template <auto Relation, class ForeignKey> consteval bool is_morph_by() {
    if constexpr (is_morph_to<Relation>)
        return begins_with_members<typename declaration_of<Relation>::foreign_key, ForeignKey>;
    else
        return false;
}
template <class ForeignKey, auto First, auto... Rest>
struct find_morph<ForeignKey, members<First, Rest...>>
    : std::conditional_t<is_morph_by<First, ForeignKey>(), std::type_identity<members<First>>,
                         find_morph<ForeignKey, members<Rest...>>> {};
/// The morph_to that leads back from the target of a has_one or has_many by type and key.
template <auto Member, class ForeignKey>
using morph_back_to = typename find_morph<ForeignKey, relations_of<source_of<target_of<Member>>>>::type;

/// Whether the foreign key of a has_one or has_many has the form of a type and a key of its owner.
template <auto Member>
inline constexpr bool names_type_and_key =
    declaration_of<Member>::referenced::size == 0 &&
    declaration_of<Member>::foreign_key::size == key_of_entity<owner_of<Member>>::size + 1;

/// Where Owner, or the entity that it is a projection of, stands among the types of a morph_to; their number when it
/// does not.
template <class Owner, class Types> consteval std::size_t place_of_owner() {
    if constexpr (times_listed<Owner, Types> == 1)
        return place_listed<Owner, Types>;
    else
        return place_listed<source_of<Owner>, Types>;
}

/// The members by which a Query finds the entities of a has_one or has_many: its foreign key. Of one by type and key,
/// the key alone when there is a path for it, which then leaves the other types out, and else both.
template <auto Member> consteval auto lookup_members() {
    using foreign_key = typename declaration_of<Member>::foreign_key;
    using key = key_behind_type<foreign_key>;
    if constexpr (!names_type_and_key<Member>)
        return foreign_key{};
    else if constexpr (paths_of<target_of<Member>>::serve(key{}))
        return key{};
    else
        return foreign_key{};
}

// ---- what a foreign key refers to, and the relation that leads back

/// The name by which a member is found in projections: without the marks of private members when members<> lists it.
template <auto Member> consteval std::string_view own_name_of() {
    return lists_members<owner_of<Member>> ? unmarked(name_of<Member>) : name_of<Member>;
}

/// Whether two lists have the same members in the same order.
template <class A, class B> inline constexpr bool are_same_members = A::size == B::size && begins_with_members<A, B>;

/// Whether the foreign key of a has_one, has_many or belongs_to refers to the key of its entity.
template <auto Member> consteval bool refers_to_key() {
    using referenced = referenced_by<Member>;
    if constexpr (handle_traits<type_of<Member>>::kind == relation_kind::belongs_to)
        return are_same_members<referenced, key_of_entity<target_of<Member>>>;
    else
        return are_same_members<referenced, key_of_entity<owner_of<Member>>>;
}

/// Checks the members of T that references<> names. Precondition: the foreign key is right by itself.
template <class T, class Referenced> consteval bool check_references() {
    if constexpr (Referenced::size == 0) {
        return true;
    } else if constexpr (!names_members_of<T, Referenced>) {
        static_assert(names_members_of<T, Referenced>,
                      "dynasio: references<> names a member of another entity than the one that the foreign key refers "
                      "to: the owner of a has_one or has_many, the target of a belongs_to");
        return false;
    } else if constexpr (names_function<Referenced>) {
        static_assert(!names_function<Referenced>,
                      "dynasio: references<> names a function; name a member that is stored");
        return false;
    } else if constexpr (!is_stored_key<T, Referenced> || is_handle_list<Referenced>) {
        static_assert(is_stored_key<T, Referenced> && !is_handle_list<Referenced>,
                      "dynasio: references<> names a member that is not stored; take it out of transient<>, or name "
                      "another one than a relation");
        return false;
    } else {
        static_assert(are_distinct<Referenced>,
                      "dynasio: references<> names one member twice; name one member for each one of by<>");
        return are_distinct<Referenced>;
    }
}

/// Checks that the foreign key of a has_one, has_many or belongs_to has the types of what it refers to.
template <auto Member> consteval bool check_types_of_key() {
    using declaration = declaration_of<Member>;
    constexpr bool fits = same_key_types<typename declaration::foreign_key, referenced_by<Member>>::value;
    if constexpr (declaration::referenced::size != 0)
        static_assert(fits, "dynasio: the members of by<> have other types than those of references<> (or another "
                            "number of them)");
    else
        static_assert(fits, "dynasio: the foreign key has another type than the key it refers to (or another number "
                            "of parts)");
    return fits;
}

template <class A, class B> inline constexpr bool is_same_entity = std::is_same_v<source_of<A>, source_of<B>>;

/// Whether two members are one attribute of one table: a projection has members of its own for those of its entity.
template <auto A, auto B> consteval bool is_same_attribute() {
    if constexpr (same_member<A, B>)
        return true;
    else if constexpr (is_path<A> || is_path<B>)
        return false;
    else if constexpr (!is_same_entity<owner_of<A>, owner_of<B>> || std::is_same_v<owner_of<A>, owner_of<B>>)
        return false;
    else
        return own_name_of<A>() == own_name_of<B>();
}
/// begins_with_members<> and are_same_members<> for members of an entity or of its projections.
template <class List, class Short> inline constexpr bool begins_with_attributes = false;
template <auto... M> inline constexpr bool begins_with_attributes<members<M...>, members<>> = true;
template <auto A, auto... M, auto B, auto... N>
inline constexpr bool begins_with_attributes<members<A, M...>, members<B, N...>> =
    is_same_attribute<A, B>() && begins_with_attributes<members<M...>, members<N...>>;
template <class A, class B>
inline constexpr bool are_same_attributes = A::size == B::size && begins_with_attributes<A, B>;

/// Whether the kind of `Other` is one that leads back from a has_one, has_many or belongs_to.
template <auto Member, auto Other> consteval bool can_lead_back() {
    constexpr auto owns = [](relation_kind kind) {
        return kind == relation_kind::has_one || kind == relation_kind::has_many;
    };
    constexpr auto other = handle_traits<type_of<Other>>::kind;
    if constexpr (!owns(handle_traits<type_of<Member>>::kind))
        return owns(other);
    else if constexpr (names_type_and_key<Member>)
        return other == relation_kind::morph_to;
    else
        return other == relation_kind::belongs_to;
}
template <class... T> consteval bool have_schemas(entity_types<T...>) { return (has_schema<T> && ...); }
/// Whether `Other` is a relation of the target of `Member` that leads to the owner of `Member`. Precondition: all of
/// its entities have a schema.
template <auto Member, auto Other> consteval bool leads_back() {
    if constexpr (is_morph_to<Other>)
        return is_same_entity<owner_of<Other>, target_of<Member>> &&
               place_of_owner<owner_of<Member>, targets_of<Other>>() < targets_of<Other>::size;
    else
        return is_same_entity<owner_of<Other>, target_of<Member>> && is_same_entity<target_of<Other>, owner_of<Member>>;
}
/// Whether both relations go by the same members. Precondition: each leads back from the other.
template <auto Member, auto Other> consteval bool go_by_the_same() {
    using ours = typename declaration_of<Member>::foreign_key;
    using theirs = typename declaration_of<Other>::foreign_key;
    if constexpr (is_morph_to<Other>)
        return begins_with_attributes<theirs, ours>;
    else
        return are_same_attributes<ours, theirs> && are_same_attributes<referenced_by<Member>, referenced_by<Other>>;
}

/// Checks the relation that inverse_of<> of a has_one, has_many or belongs_to names, if it does.
template <auto Member> consteval bool check_inverse() {
    using inverse = typename declaration_of<Member>::inverse;
    if constexpr (inverse::size == 0) {
        return true;
    } else {
        constexpr auto other = first_member<inverse>::value;
        if constexpr (!is_relation<other>) {
            static_assert(is_relation<other>, "dynasio: inverse_of<> names a member that is no relation; name the "
                                              "relation of the other entity that leads back");
            return false;
        } else if constexpr (!can_lead_back<Member, other>()) {
            static_assert(can_lead_back<Member, other>(),
                          "dynasio: inverse_of<> names a relation of a kind that does not lead back: that of a has_one "
                          "or has_many is a belongs_to (by a type and a key: a morph_to), and that of a belongs_to is "
                          "a has_one or has_many");
            return false;
        } else if constexpr (!has_schema<owner_of<other>> || !have_schemas(targets_of<other>{})) {
            static_assert(has_schema<owner_of<other>> && have_schemas(targets_of<other>{}),
                          "dynasio: inverse_of<> names a relation of an entity that has no schema, or one that leads "
                          "to such an entity; declare `constexpr auto dynasio_schema(dynasio::tag<T>)` for it, or name "
                          "the relation that leads back to this entity");
            return false;
        } else if constexpr (!leads_back<Member, other>()) {
            static_assert(leads_back<Member, other>(),
                          "dynasio: inverse_of<> names a relation that does not lead back to this entity");
            return false;
        } else if constexpr (std::is_void_v<declaration_of<other>>) {
            static_assert(!std::is_void_v<declaration_of<other>>,
                          "dynasio: inverse_of<> names a relation that is not declared; add relate<&Other::member>(…) "
                          "to the other entity's schema");
            return false;
        } else {
            constexpr bool agree = go_by_the_same<Member, other>();
            static_assert(agree, "dynasio: inverse_of<> names a relation that goes by other members; give both sides "
                                 "the same by<>, and the same references<> if there is one");
            return agree;
        }
    }
}

/// has_one and has_many.
struct rules_of_has {
    template <class Declaration>
    static constexpr bool takes = Declaration::steps::size == 0 && Declaration::inverse::size <= 1 &&
                                  Declaration::places == 0 && Declaration::names == 0;

    /// Checks what a relation by type and key has besides those of a relation by a foreign key.
    template <auto Member, class ForeignKey> static consteval bool check_morph() {
        using owner = owner_of<Member>;
        using target = target_of<Member>;
        using back = morph_back_to<Member, ForeignKey>;
        if constexpr (back::size == 0) {
            static_assert(back::size != 0,
                          "dynasio: by<> names one member more than the owner's key has parts; the first one would be "
                          "the type of a morph_to, and the target has none with these members in its by<>");
            return false;
        } else {
            constexpr auto morph = first_member<back>::value;
            using types = targets_of<morph>;
            constexpr bool leads_back = place_of_owner<owner, types>() < types::size;
            if constexpr (!leads_back) {
                static_assert(leads_back, "dynasio: the morph_to of the target does not name this entity; add it to "
                                          "the types of that member");
                return false;
            } else if constexpr (!check_relation<morph>()) {
                return false;
            } else {
                using paths = paths_of<target>;
                constexpr bool served = paths::serve(key_behind_type<ForeignKey>{}) || paths::serve(ForeignKey{});
                static_assert(served, "dynasio: no index serves this relation; add gsi<&Target::owner_id, "
                                      "&Target::owner_type>{\"name\"} to the target's schema (a relation never scans)");
                return served;
            }
        }
    }

    /// Checks item_collection. Precondition: the foreign key fits what it refers to.
    template <auto Member> static consteval bool check_item_collection() {
        using owner = owner_of<Member>;
        using target = target_of<Member>;
        using foreign_key = typename declaration_of<Member>::foreign_key;
        using referenced = referenced_by<Member>;
        constexpr bool by_partition =
            foreign_key::size == 1 && referenced::size == 1 && key_of_entity<target>::size == 2 &&
            same_member<first_member<foreign_key>::value, first_member<key_of_entity<target>>::value> &&
            same_member<first_member<referenced>::value, first_member<key_of_entity<owner>>::value>;
        static_assert(by_partition,
                      "dynasio: in an item_collection the partition key of the target, which has a sort key as well, "
                      "is that of the owner: by<&Target::partition_key>, references<&Owner::partition_key>");
        return by_partition;
    }

    template <auto Member, class Declaration> static consteval bool check() {
        using owner = owner_of<Member>;
        using target = target_of<Member>;
        using foreign_key = typename Declaration::foreign_key;
        if constexpr (foreign_key::size == 0) {
            static_assert(foreign_key::size != 0, "dynasio: has_one and has_many need their foreign key: "
                                                  "relate<&Owner::member>(by<&Target::owner_id>)");
            return false;
        } else if constexpr (!names_members_of<target, foreign_key>) {
            static_assert(names_members_of<target, foreign_key>,
                          "dynasio: the foreign key of has_one and has_many is a member of the target entity");
            return false;
        } else if constexpr (names_function<foreign_key>) {
            static_assert(!names_function<foreign_key>,
                          "dynasio: a foreign key is a member; a computed<> attribute cannot be set");
            return false;
        } else if constexpr (!is_stored_key<target, foreign_key>) {
            static_assert(is_stored_key<target, foreign_key>,
                          "dynasio: the foreign key of has_one and has_many is not stored; take it out of transient<>");
            return false;
        } else if constexpr (!check_references<owner, typename Declaration::referenced>()) {
            return false;
        } else if constexpr (names_type_and_key<Member>) {
            return check_morph<Member, foreign_key>() && check_inverse<Member>();
        } else if constexpr (!check_types_of_key<Member>()) {
            return false;
        } else {
            constexpr bool served = paths_of<target>::serve(foreign_key{});
            static_assert(served, "dynasio: no index serves this relation; add gsi<&Target::owner_id>{\"name\"} to the "
                                  "target's schema (a relation never scans)");
            if constexpr (!served)
                return false;
            else if constexpr (Declaration::in_item_collection)
                return check_item_collection<Member>() && check_inverse<Member>();
            else
                return check_inverse<Member>();
        }
    }
};
template <> struct relation_rules<relation_kind::has_one> : rules_of_has {};
template <> struct relation_rules<relation_kind::has_many> : rules_of_has {};

template <> struct relation_rules<relation_kind::belongs_to> {
    template <class Declaration> static constexpr bool takes = rules_of_has::takes<Declaration>;

    template <auto Member, class Declaration> static consteval bool check() {
        using owner = owner_of<Member>;
        using foreign_key = typename Declaration::foreign_key;
        if constexpr (foreign_key::size == 0) {
            static_assert(foreign_key::size != 0, "dynasio: belongs_to needs its foreign key: "
                                                  "relate<&Owner::member>(by<&Owner::target_id>)");
            return false;
        } else if constexpr (!names_members_of<owner, foreign_key>) {
            static_assert(names_members_of<owner, foreign_key>,
                          "dynasio: the foreign key of belongs_to is a member of the entity that has it");
            return false;
        } else if constexpr (names_function<foreign_key>) {
            static_assert(!names_function<foreign_key>,
                          "dynasio: a foreign key is a member; a computed<> attribute cannot be set");
            return false;
        } else if constexpr (!is_stored_key<owner, foreign_key>) {
            static_assert(is_stored_key<owner, foreign_key>,
                          "dynasio: the foreign key of belongs_to is not stored; take it out of transient<>");
            return false;
        } else if constexpr (!check_references<target_of<Member>, typename Declaration::referenced>()) {
            return false;
        } else if constexpr (!check_types_of_key<Member>()) {
            return false;
        } else {
            constexpr bool served =
                refers_to_key<Member>() || paths_of<target_of<Member>>::serve(referenced_by<Member>{});
            static_assert(served, "dynasio: no index serves references<> of this belongs_to; add gsi<&Target::member>"
                                  "{\"name\"} to the target's schema (a relation never scans)");
            if constexpr (served)
                return check_inverse<Member>();
            else
                return false;
        }
    }
};

template <> struct relation_rules<relation_kind::has_many_through> {
    template <class Declaration>
    static constexpr bool takes =
        Declaration::foreign_key::size == 0 && Declaration::referenced::size == 0 && Declaration::inverse::size == 0 &&
        Declaration::places == 0 && Declaration::names == 0;

    template <auto Member, class Declaration> static consteval bool check() {
        using steps = typename Declaration::steps;
        if constexpr (steps::size != 2) {
            static_assert(steps::size == 2, "dynasio: has_many_through needs its two steps: "
                                            "relate<&Owner::member>(through<&Owner::first, &Middle::second>)");
            return false;
        } else {
            constexpr auto first = first_member<steps>::value;
            constexpr auto second = second_member<steps>::value;
            constexpr bool relations = is_relation<first> && is_relation<second>;
            if constexpr (!relations) {
                static_assert(relations, "dynasio: both steps of through<> are relation members");
                return false;
            } else {
                constexpr bool kinds = handle_traits<type_of<first>>::kind != relation_kind::morph_to &&
                                       handle_traits<type_of<second>>::kind != relation_kind::morph_to;
                constexpr bool chained = std::is_same_v<owner_of<first>, owner_of<Member>> &&
                                         std::is_same_v<target_of<first>, owner_of<second>> &&
                                         std::is_same_v<target_of<second>, target_of<Member>>;
                static_assert(kinds, "dynasio: a step of through<> is a morph_to, which leads to entities of several "
                                     "types; name a relation to one of them");
                static_assert(chained, "dynasio: the steps of through<> do not lead from this entity to the "
                                       "target: through<&Owner::first, &Middle::second>");
                if constexpr (kinds && chained) {
                    constexpr bool ends = has_end<Member>();
                    static_assert(ends,
                                  "dynasio: a has_many_through goes through itself: one of the steps of through<> "
                                  "leads back to it");
                    if constexpr (ends)
                        return check_relation<first>() && check_relation<second>();
                    else
                        return false;
                } else {
                    return false;
                }
            }
        }
    }

private:
    /// Whether the steps of a relation, and theirs, come to an end. `Above` are the relations whose steps are followed.
    template <auto Member, auto... Above> static consteval bool has_end() {
        if constexpr (has_member<Member, members<Above...>>) {
            return false;
        } else if constexpr (!is_relation<Member>) {
            return true; // a mistake that another check names
        } else if constexpr (handle_traits<type_of<Member>>::kind != relation_kind::has_many_through ||
                             std::is_void_v<declaration_of<Member>>) {
            return true;
        } else {
            return []<auto... Step>(members<Step...>) {
                return (has_end<Step, Above..., Member>() && ...);
            }(typename declaration_of<Member>::steps{});
        }
    }
};

/// What link_attributes has at run time, as text that the compiler can compare.
struct link_key_names {
    std::string_view left{}, right{}, right_index{}, created_at{};

    friend constexpr bool operator==(link_key_names const&, link_key_names const&) = default;
};
/// Where the rows of a belongs_to_many lie that has no inverse_of.
struct link_place {
    std::string_view pivot_table{}; ///< What pivot_table{…} names, or empty.
    link_key_names link_attributes{};
    bool is_symmetric = false;
};
template <auto Member> consteval link_place place_of() {
    link_place place;
    auto const look_at = [&]<class Option>(Option const& option) {
        if constexpr (declares<Member, Option>)
            std::apply([&](auto const&... o) { (o.describe_links(place), ...); }, option.options);
    };
    std::apply([&](auto const&... option) { (look_at(option), ...); }, dynasio_schema(tag<owner_of<Member>>{}).options);
    return place;
}

/// Checks a belongs_to_many whose links are entities.
template <auto Member> consteval bool check_pivot_entity() {
    using pivot = pivot_entity_of<Member>;
    using via = typename declaration_of<Member>::via;
    if constexpr (via::size == 0) {
        static_assert(via::size != 0,
                      "dynasio: a belongs_to_many whose links are entities needs their members that hold the keys of "
                      "both sides: relate<&User::roles>(via<&Membership::user_id, &Membership::role_id>)");
        return false;
    } else if constexpr (!check_entity<pivot>()) {
        return false;
    } else if constexpr (is_projection<pivot>()) {
        static_assert(!is_projection<pivot>(), "dynasio: the links of a belongs_to_many are a projection; name the "
                                               "entity that it is a projection of");
        return false;
    } else if constexpr (!all_members_of<pivot, via>) {
        static_assert(all_members_of<pivot, via>,
                      "dynasio: via<> names members of the entity that the links are, the second one in "
                      "belongs_to_many<Role, Membership>");
        return false;
    } else if constexpr (names_function<via>) {
        static_assert(!names_function<via>,
                      "dynasio: via<> names a function; the keys of a link are members, which can be set");
        return false;
    } else if constexpr (!is_stored_key<pivot, via> || is_handle_list<via>) {
        static_assert(is_stored_key<pivot, via> && !is_handle_list<via>,
                      "dynasio: via<> names a member that is not stored; take it out of transient<>, or name another "
                      "one than a relation");
        return false;
    } else if constexpr (!are_distinct<via>) {
        static_assert(are_distinct<via>, "dynasio: via<> names one member twice; name first the members that hold the "
                                         "key of this entity, then those that hold the key of the other one");
        return false;
    } else if constexpr (via::size != key_of_entity<owner_of<Member>>::size + key_of_entity<target_of<Member>>::size) {
        static_assert(via::size == key_of_entity<owner_of<Member>>::size + key_of_entity<target_of<Member>>::size,
                      "dynasio: via<> names one member for each part of the key of this entity, and then one for each "
                      "part of the key of the other one");
        return false;
    } else {
        constexpr bool fits = same_key_types<near_members_of<Member>, key_of_entity<owner_of<Member>>>::value &&
                              same_key_types<far_members_of<Member>, key_of_entity<target_of<Member>>>::value;
        static_assert(fits, "dynasio: a member of via<> has another type than the part of the key that it holds; first "
                            "come the members with the key of this entity, then those with the key of the other one");
        if constexpr (fits) {
            constexpr bool served = paths_of<pivot>::serve(near_members_of<Member>{});
            static_assert(served, "dynasio: no index serves this side of the links; add gsi<&Membership::role_id>"
                                  "{\"name\"}, by the member that holds the key of this entity, to the schema of the "
                                  "links (a relation never scans)");
            return served;
        } else {
            return false;
        }
    }
}

template <> struct relation_rules<relation_kind::belongs_to_many> {
    // The side that reads the rows of the other side does not place them.
    template <class Declaration>
    static constexpr bool takes =
        Declaration::foreign_key::size == 0 && Declaration::referenced::size == 0 && Declaration::steps::size == 0 &&
        Declaration::inverse::size + Declaration::places <= 1 && Declaration::names == 0;

    template <auto Member, class Declaration> static consteval bool check() {
        using inverse = typename Declaration::inverse;
        if constexpr (has_pivot_entity<Member>) {
            constexpr bool alone = inverse::size == 0 && Declaration::places == 0 && !Declaration::links_both_ways;
            static_assert(alone, "dynasio: a belongs_to_many whose links are entities takes via<> alone: the table is "
                                 "that of the entity, and each side names its members");
            if constexpr (alone)
                return check_pivot_entity<Member>();
            else
                return false;
        } else if constexpr (Declaration::links_both_ways && inverse::size > 0) {
            static_assert(!Declaration::links_both_ways,
                          "dynasio: a symmetric belongs_to_many is its own other side, so it has no inverse_of<>");
            return false;
        } else if constexpr (Declaration::links_both_ways && !std::is_same_v<owner_of<Member>, target_of<Member>>) {
            static_assert(std::is_same_v<owner_of<Member>, target_of<Member>>,
                          "dynasio: a symmetric belongs_to_many leads from an entity to others of the same type; leave "
                          "symmetric out, and declare the other side with inverse_of<&Other::member>");
            return false;
        } else if constexpr (inverse::size == 0) {
            if constexpr (Declaration::names_link_key)
                return check_link_key<Member>();
            else
                return true;
        } else {
            constexpr auto other = first_member<inverse>::value;
            if constexpr (!is_relation<other>) {
                static_assert(is_relation<other>, "dynasio: inverse_of<> names a belongs_to_many of the other entity");
                return false;
            } else if constexpr (handle_traits<type_of<other>>::kind != relation_kind::belongs_to_many) {
                static_assert(handle_traits<type_of<other>>::kind == relation_kind::belongs_to_many,
                              "dynasio: inverse_of<> of a belongs_to_many names a belongs_to_many of the other entity");
                return false;
            } else {
                constexpr bool agrees = std::is_same_v<target_of<other>, owner_of<Member>> &&
                                        std::is_same_v<owner_of<other>, target_of<Member>> && !has_pivot_entity<other>;
                static_assert(agrees, "dynasio: inverse_of<> names a relation that does not lead back to this entity");
                if constexpr (agrees)
                    return check_declaring_side<declaration_of<other>, other>();
                else
                    return false;
            }
        }
    }

    /// Checks pivot_table{…}.key(…).
    template <auto Member> static consteval bool check_link_key() {
        constexpr link_key_names names = place_of<Member>().link_attributes;
        constexpr bool one_part =
            key_of_entity<owner_of<Member>>::size == 1 && key_of_entity<target_of<Member>>::size == 1;
        constexpr bool differ = !names.left.empty() && !names.right.empty() && !names.created_at.empty() &&
                                names.left != names.right && names.left != names.created_at &&
                                names.right != names.created_at;
        static_assert(one_part, "dynasio: pivot_table{…}.key(…) names one attribute for the key of each side, so both "
                                "entities have keys of one part; leave key(…) out for links of others");
        static_assert(differ, "dynasio: pivot_table{…}.key(…) names two attributes, that of the left side and that of "
                              "the right side, and created_at(…) a third one");
        return one_part && differ;
    }

    /// Checks the relation that inverse_of<> names.
    template <class Declaration, auto Other> static consteval bool check_declaring_side() {
        if constexpr (std::is_void_v<Declaration>) {
            static_assert(
                !std::is_void_v<Declaration>,
                "dynasio: inverse_of<> names a relation that is not declared; add relate<&Other::member>() to "
                "the other entity's schema");
            return false;
        } else {
            constexpr bool declares_links = Declaration::inverse::size == 0;
            static_assert(declares_links,
                          "dynasio: both sides of a belongs_to_many have inverse_of<>; one side declares "
                          "the links, so remove inverse_of<> there");
            if constexpr (Declaration::links_both_ways) {
                static_assert(!Declaration::links_both_ways,
                              "dynasio: inverse_of<> names a symmetric relation, which is its own other side");
                return false;
            } else if constexpr (declares_links && Declaration::names_link_key) {
                constexpr bool indexed = !place_of<Other>().link_attributes.right_index.empty();
                static_assert(indexed, "dynasio: links are read from their right side by an index whose partition key "
                                       "is the attribute of that side; name it where the links are declared: "
                                       "pivot_table{…}.key(…).index(\"name\")");
                return indexed;
            } else {
                return declares_links;
            }
        }
    }
};

/// Whether the links of a belongs_to_many are read in the order of the keys behind them: from the side whose links have
/// these keys themselves for a sort key; see pivot_rows::is_sorted(). Precondition: the relation is declared.
template <auto Member> consteval bool has_links_in_order() {
    if constexpr (handle_traits<type_of<Member>>::kind != relation_kind::belongs_to_many) {
        return false;
    } else {
        using declaration = declaration_of<Member>;
        using key = key_of_entity<target_of<Member>>;
        if constexpr (has_pivot_entity<Member> || declaration::inverse::size != 0 || key::size != 1) {
            return false;
        } else {
            constexpr auto type = codec<type_of<first_member<key>::value>>::type;
            return declaration::names_link_key || type == decltype(type)::string;
        }
    }
}

/// Whether a member can name the type of a morph_to.
template <auto Member> consteval bool is_text_member() {
    using value = typename optional_traits<type_of<Member>>::value_type;
    return std::is_same_v<value, std::string>;
}

template <> struct relation_rules<relation_kind::morph_to> {
    template <class Declaration>
    static constexpr bool takes = Declaration::referenced::size == 0 && Declaration::steps::size == 0 &&
                                  Declaration::inverse::size == 0 && Declaration::places == 0;

    template <auto Member, class Declaration> static consteval bool check() {
        using owner = owner_of<Member>;
        using foreign_key = typename Declaration::foreign_key;
        if constexpr (foreign_key::size < 2) {
            static_assert(foreign_key::size >= 2, "dynasio: morph_to needs the members that name the type and the key: "
                                                  "relate<&Owner::member>(by<&Owner::target_type, &Owner::target_id>)");
            return false;
        } else if constexpr (!names_members_of<owner, foreign_key>) {
            static_assert(names_members_of<owner, foreign_key>,
                          "dynasio: the type and the key of a morph_to are members of the entity that has it");
            return false;
        } else if constexpr (names_function<foreign_key>) {
            static_assert(!names_function<foreign_key>,
                          "dynasio: a foreign key is a member; a computed<> attribute cannot be set");
            return false;
        } else if constexpr (!is_stored_key<owner, foreign_key>) {
            static_assert(is_stored_key<owner, foreign_key>,
                          "dynasio: the type or the key of a morph_to is not stored; take it out of transient<>");
            return false;
        } else if constexpr (!is_text_member<first_member<foreign_key>::value>()) {
            static_assert(is_text_member<first_member<foreign_key>::value>(),
                          "dynasio: the member that names the type of a morph_to is a std::string, or a std::optional "
                          "of one");
            return false;
        } else if constexpr (!names_known_types<targets_of<Member>>(typename Declaration::named_types{})) {
            static_assert(names_known_types<targets_of<Member>>(typename Declaration::named_types{}),
                          "dynasio: morph_name<> names an entity that the morph_to does not lead to, or one that "
                          "another morph_name<> names");
            return false;
        } else {
            constexpr bool fits = fits_keys<key_behind_type<foreign_key>>(targets_of<Member>{});
            static_assert(fits, "dynasio: the members behind the type of a morph_to have another type than the key of "
                                "one of its entities (or are fewer or more than the longest key has parts)");
            return fits;
        }
    }

private:
    template <class Types, class... Named> static consteval bool names_known_types(entity_types<Named...> all) {
        return (
            (std::is_void_v<Named> || (times_listed<Named, Types> == 1 && times_listed<Named, decltype(all)> == 1)) &&
            ...);
    }
    template <class Key, class... T> static consteval bool fits_keys(entity_types<T...>) {
        return (begins_with_key<Key, key_of_entity<T>> && ...) && ((key_of_entity<T>::size == Key::size) || ...);
    }
};

template <class... T> consteval bool check_entities(entity_types<T...>) { return (check_entity<T>() && ...); }

/// Checks one relation against both entities. Every message says what is wrong and what to do.
template <auto Member> consteval bool check_relation() {
    if constexpr (!is_relation<Member>) {
        static_assert(is_relation<Member>, "dynasio: this member is no relation; name a member such as has_many<Post>");
        return false;
    } else if constexpr (!check_entity<owner_of<Member>>() || !check_entities(targets_of<Member>{})) {
        return false;
    } else if constexpr (std::is_void_v<declaration_of<Member>>) {
        static_assert(!std::is_void_v<declaration_of<Member>>,
                      "dynasio: this relation is not declared; add relate<&T::member>(…) to its entity's schema");
        return false;
    } else {
        using declaration = declaration_of<Member>;
        using rules = relation_rules<handle_traits<type_of<Member>>::kind>;
        if constexpr (declaration::via::size != 0 && !has_pivot_entity<Member>) {
            static_assert(declaration::via::size == 0 || has_pivot_entity<Member>,
                          "dynasio: via<> is for a belongs_to_many whose links are entities, which its type names: "
                          "belongs_to_many<Role, Membership>");
            return false;
        } else if constexpr (!rules::template takes<declaration>) {
            static_assert(rules::template takes<declaration>,
                          "dynasio: relate<> has an option that this kind of relation does not take: has_one, has_many "
                          "and belongs_to take by<>, references<> and inverse_of<>, has_many_through takes through<>, "
                          "belongs_to_many takes inverse_of<> or pivot_table{\"name\"}, one of them and once; morph_to "
                          "takes by<> and morph_name<Entity>{\"name\"}");
            return false;
        } else if constexpr (declaration::in_item_collection &&
                             handle_traits<type_of<Member>>::kind != relation_kind::has_one &&
                             handle_traits<type_of<Member>>::kind != relation_kind::has_many) {
            static_assert(!declaration::in_item_collection, "dynasio: item_collection is for has_one and has_many");
            return false;
        } else if constexpr (declaration::links_both_ways &&
                             handle_traits<type_of<Member>>::kind != relation_kind::belongs_to_many) {
            static_assert(handle_traits<type_of<Member>>::kind == relation_kind::belongs_to_many,
                          "dynasio: symmetric is for a belongs_to_many of an entity to itself");
            return false;
        } else if constexpr (!are_distinct<typename declaration::foreign_key>) {
            static_assert(are_distinct<typename declaration::foreign_key>,
                          "dynasio: by<> names one member twice; name one member for each part of the key");
            return false;
        } else {
            return rules::template check<Member, declaration>();
        }
    }
}

/// Whether the links of a belongs_to_many can be written by the relation. Precondition: check_relation<Member>().
template <auto Member> consteval bool links_are_writable() {
    if constexpr (!has_pivot_entity<Member>) {
        return true;
    } else {
        using pivot = pivot_entity_of<Member>;
        using via = typename declaration_of<Member>::via;
        return via::size == key_of_entity<pivot>::size && !are_disjoint<via, key_of_entity<pivot>> &&
               []<auto... Part>(members<Part...>) { return (has_member<Part, via> && ...); }(key_of_entity<pivot>{});
    }
}
/// Checks that one link can be attached or detached by the relation. Precondition: check_relation<Member>().
template <auto Member> consteval bool check_writes_of_links() {
    if constexpr (!has_pivot_entity<Member>) {
        return true;
    } else if constexpr (!links_are_writable<Member>()) {
        static_assert(links_are_writable<Member>(),
                      "dynasio: the key of these links is not made of the keys of the two sides alone, so the relation "
                      "cannot say which link is meant; write them through repository<Membership>");
        return false;
    } else {
        using schema = schema_of<pivot_entity_of<Member>>;
        constexpr bool plain = schema::guarded::size == 0 && schema::computed::size == 0 &&
                               !has_removal_policies<pivot_entity_of<Member>>();
        static_assert(plain, "dynasio: links whose entity has unique<>, computed<> or on_remove<> are not attached and "
                             "detached by the relation; write them through repository<Membership>");
        return plain;
    }
}
/// The same for changes of several links, and for those beside other writes.
template <auto Member> consteval bool check_changes_of_links() {
    if constexpr (!has_pivot_entity<Member>) {
        return true;
    } else if constexpr (!check_writes_of_links<Member>()) {
        return false;
    } else {
        constexpr bool unhooked = !schema_of<pivot_entity_of<Member>>::hooks_writes;
        static_assert(unhooked,
                      "dynasio: links whose entity has hooks around writes are attached and detached one by one, by "
                      "attach() and detach() of related<>; sync, toggle and transactions call no hooks of links");
        return unhooked;
    }
}

/// Whether the entities of a relation are found by a type and a key: a morph_to, and the sides that lead back to one.
template <auto Member> consteval bool is_by_type() {
    constexpr auto kind = handle_traits<type_of<Member>>::kind;
    if constexpr (kind == relation_kind::morph_to)
        return true;
    else if constexpr (kind == relation_kind::has_one || kind == relation_kind::has_many)
        return names_type_and_key<Member>;
    else
        return false;
}

} // namespace dynasio::detail

#endif
