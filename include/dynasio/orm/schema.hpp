#ifndef DYNASIO_ORM_SCHEMA_HPP
#define DYNASIO_ORM_SCHEMA_HPP

#include <dynasio/orm/detail/reflect.hpp>
#include <dynasio/orm/handles.hpp>

#include <cstddef>
#include <tuple>
#include <type_traits>

// How an entity is declared. A schema is a constexpr function `dynasio_schema(dynasio::tag<T>)` in T's own namespace
// (or a hidden friend), found by argument-dependent lookup; it returns `entity<T>(options...)`. It must be declared
// before the first use of T with dynasio, best in T's own header or in one that includes all entities of a model.
namespace dynasio {

/// Selects the schema function of T.
template <class T> struct tag {
    using type = T;
};

// ---- options of entity<T>(...)
// ---------------------------------------------------------------------------------------

/// The table's name, without the client's prefix. Default: plural snake_case of the type (BlogPost: "blog_posts").
struct table {
    char const* name;
    constexpr explicit table(char const* n) noexcept : name(n) {}
};

template <auto Member> struct partition_key_t {};
/// The partition key. Required. std::string, an integer, timestamp or binary.
template <auto Member> inline constexpr partition_key_t<Member> partition_key{};

template <auto Member> struct sort_key_t {};
/// The sort key of the table.
template <auto Member> inline constexpr sort_key_t<Member> sort_key{};

/// Stores a member under another name than its own.
template <auto Member> struct attribute {
    char const* name;
    constexpr explicit attribute(char const* n) noexcept : name(n) {}
};

template <auto Member> struct transient_t {};
/// A member that is not stored.
template <auto Member> inline constexpr transient_t<Member> transient{};

/// A global secondary index on a member, and on a second one as its sort key. Without one the table's partition key
/// becomes the index's sort key, so that items with ULID keys come in the order of their creation.
template <auto PartitionKey, auto... SortKey> struct gsi {
    static_assert(sizeof...(SortKey) <= 1, "dynasio: a gsi takes a partition key and at most one sort key");
    char const* name;
    constexpr explicit gsi(char const* n) noexcept : name(n) {}
};

/// A local secondary index: the table's partition key with another sort key. Made with the table, never later.
template <auto SortKey> struct lsi {
    char const* name;
    constexpr explicit lsi(char const* n) noexcept : name(n) {}
};

template <auto CreatedAt, auto UpdatedAt> struct timestamps_t {};
/// created_at is set by the first save (from the ULID when the key is one) and kept; updated_at by every save, never
/// backwards. Both are dynasio::timestamp.
template <auto CreatedAt, auto UpdatedAt> inline constexpr timestamps_t<CreatedAt, UpdatedAt> timestamps{};

template <auto Member> struct created_at_t {};
/// Only the time of the first save.
template <auto Member> inline constexpr created_at_t<Member> created_at{};

template <auto Member> struct version_t {};
/// Optimistic locking: 1 after the first save, one more with each; a save of a stale copy fails with
/// errc::stale_version.
template <auto Member> inline constexpr version_t<Member> version{};

template <auto... ForeignKey> struct by_t {};
/// The foreign key of a relation: one member for each part of the key that it refers to, in the same order.
/// For has_one and has_many members of the other entity, for belongs_to of this one.
template <auto... ForeignKey> inline constexpr by_t<ForeignKey...> by{};

template <auto First, auto Second> struct through_t {};
/// The two steps of a has_many_through: a relation of this entity, and one of that relation's target.
template <auto First, auto Second> inline constexpr through_t<First, Second> through{};

template <auto Other> struct inverse_of_t {};
/// A belongs_to_many that reads the links of the other side's belongs_to_many.
template <auto Other> inline constexpr inverse_of_t<Other> inverse_of{};

/// The table of the links of one belongs_to_many. Default: "pivots", one table for all relations of a model.
struct pivot_table {
    char const* name;
    constexpr explicit pivot_table(char const* n) noexcept : name(n) {}
};

namespace detail {

template <auto Member, class... Options> struct relation_t {
    std::tuple<Options...> options;
};

/// What entity<T>(...) returns.
template <class T, class... Options> struct entity_schema {
    using type = T;
    std::tuple<Options...> options;
};

// The entity whose member an option names, for the check that all options of entity<T> are about T.
template <class T, class Option> struct option_is_about : std::true_type {};
template <class T, auto M> struct option_is_about<T, partition_key_t<M>> : std::is_same<owner_of<M>, T> {};
template <class T, auto M> struct option_is_about<T, sort_key_t<M>> : std::is_same<owner_of<M>, T> {};
template <class T, auto M> struct option_is_about<T, attribute<M>> : std::is_same<owner_of<M>, T> {};
template <class T, auto M> struct option_is_about<T, transient_t<M>> : std::is_same<owner_of<M>, T> {};
template <class T, auto M, auto... N>
struct option_is_about<T, gsi<M, N...>>
    : std::bool_constant<std::is_same_v<owner_of<M>, T> && (std::is_same_v<owner_of<N>, T> && ...)> {};
template <class T, auto M> struct option_is_about<T, lsi<M>> : std::is_same<owner_of<M>, T> {};
template <class T, auto M, auto N>
struct option_is_about<T, timestamps_t<M, N>>
    : std::bool_constant<std::is_same_v<owner_of<M>, T> && std::is_same_v<owner_of<N>, T>> {};
template <class T, auto M> struct option_is_about<T, created_at_t<M>> : std::is_same<owner_of<M>, T> {};
template <class T, auto M> struct option_is_about<T, version_t<M>> : std::is_same<owner_of<M>, T> {};
template <class T, auto M, class... O> struct option_is_about<T, relation_t<M, O...>> : std::is_same<owner_of<M>, T> {};

template <class Option> inline constexpr bool is_entity_option = false;
template <> inline constexpr bool is_entity_option<table> = true;
template <auto M> inline constexpr bool is_entity_option<partition_key_t<M>> = true;
template <auto M> inline constexpr bool is_entity_option<sort_key_t<M>> = true;
template <auto M> inline constexpr bool is_entity_option<attribute<M>> = true;
template <auto M> inline constexpr bool is_entity_option<transient_t<M>> = true;
template <auto M, auto... N> inline constexpr bool is_entity_option<gsi<M, N...>> = true;
template <auto M> inline constexpr bool is_entity_option<lsi<M>> = true;
template <auto M, auto N> inline constexpr bool is_entity_option<timestamps_t<M, N>> = true;
template <auto M> inline constexpr bool is_entity_option<created_at_t<M>> = true;
template <auto M> inline constexpr bool is_entity_option<version_t<M>> = true;
template <auto M, class... O> inline constexpr bool is_entity_option<relation_t<M, O...>> = true;

template <class Option> inline constexpr bool is_partition_key = false;
template <auto M> inline constexpr bool is_partition_key<partition_key_t<M>> = true;

} // namespace detail

/// Declares the relation that a handle member is. `options`: by<…>, through<…>, inverse_of<…>, pivot_table{…}.
/// Only records types: the other entity's schema need not be declared yet. What can be checked without it, is.
template <auto Member, class... Options> constexpr auto relate(Options... options) {
    static_assert(detail::member_pointer_traits<decltype(Member)>::valid,
                  "dynasio: relate<> takes a pointer to a data member");
    static_assert(detail::handle_traits<detail::type_of<Member>>::is_handle,
                  "dynasio: relate<> names a member that is no relation; give it a handle type such as has_many<Post>");
    return detail::relation_t<Member, Options...>{{options...}};
}

/// A flat list of options describes the entity T.
template <class T, class... Options> constexpr auto entity(Options... options) {
    static_assert(std::is_aggregate_v<T>,
                  "dynasio: an entity is a plain struct: no constructors, no private members, no "
                  "base classes");
    static_assert((detail::is_entity_option<Options> && ...),
                  "dynasio: entity<T>(...) takes table, partition_key, sort_key, attribute, transient, gsi, lsi, "
                  "timestamps, created_at, version and relate");
    static_assert((detail::option_is_about<T, Options>::value && ...),
                  "dynasio: an option of entity<T>(...) names a member of another entity (or of a base class, "
                  "which entities cannot have)");
    static_assert((std::size_t(detail::is_partition_key<Options>) + ... + 0) == 1,
                  "dynasio: entity<T>(...) needs exactly one partition_key<&T::member>");
    return detail::entity_schema<T, Options...>{{options...}};
}

} // namespace dynasio

#endif
