#ifndef DYNASIO_ORM_DETAIL_SCHEMA_OPTION_HPP
#define DYNASIO_ORM_DETAIL_SCHEMA_OPTION_HPP

#include <dynasio/orm/detail/member_types.hpp>

#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>

// What options of a schema have in common. An option is a type derived from one of the classes below; it hides the
// members whose default is not true of it. The checks, the description of an entity and verify<> use these members
// alone, so an option is declared in one place.
namespace dynasio {
template <class T> struct tag;
}
namespace dynasio::detail {

// Defined in describe.hpp. Options name them in templates, which are instantiated only there.
template <class T> struct description;
template <auto Member> consteval std::uint16_t attribute_of();
template <auto Member> consteval std::size_t position_of();

/// An index (or the table) as types: partition key and sort key members.
template <auto Partition, auto... Sort> struct path_t {
    using sort = members<Sort...>;
    /// Whether a Query on this path gives its items in a defined order.
    static constexpr bool has_order = sizeof...(Sort) > 0;
    using parts = members<Partition, Sort...>;

    // Whether a Query on this path can look up these foreign key members.
    template <auto... ForeignKey> static constexpr bool serves(members<ForeignKey...>) { return false; }
    template <auto A> static constexpr bool serves(members<A>) { return same_member<A, Partition>; }
    template <auto A, auto B> static constexpr bool serves(members<A, B>) {
        return same_member<A, Partition> && (same_member<B, Sort> || ...);
    }
    template <auto Order> static constexpr bool sorted_by = (same_member<Order, Sort> || ...);
};

template <class... P> struct path_list {
    static constexpr bool parts_differ() { return (are_distinct<typename P::parts> && ...); }
    template <class ForeignKey> static constexpr bool serve(ForeignKey fk) { return (P::serves(fk) || ...); }
    template <auto Order, class ForeignKey> static constexpr bool serve_sorted(ForeignKey fk) {
        return ((P::serves(fk) && P::template sorted_by<Order>) || ...);
    }
    template <class ForeignKey> static constexpr bool serve_in_order(ForeignKey fk) {
        return ((P::serves(fk) && P::has_order) || ...);
    }
    /// The same for an order by another sort key than `Fixed`.
    template <auto Fixed, class ForeignKey> static constexpr bool serve_in_order_beside(ForeignKey fk) {
        return ((P::serves(fk) && P::has_order && !P::template sorted_by<Fixed>) || ...);
    }
};

/// The table's key. A partition key alone finds at most one item, which needs no order.
template <auto... Key> struct table_path_t : path_t<Key...> {
    static constexpr bool has_order = true;
};

/// What an entity has once. Two options that decide the same contradict each other, and the later one would win.
enum class decision : unsigned char { nothing, table, version, times, soft_delete, ttl, stream, scope };

/// An option of entity<T>(…).
struct entity_option {
    static constexpr decision decides = decision::nothing;
    /// The members of T that the option names.
    using about = members<>;
    /// What the option contributes to the table's key.
    using partition_part = members<>;
    using sort_part = members<>;
    /// Members that are not stored.
    using not_stored = members<>;
    /// Members whose values dynasio makes: the version and the times.
    using kept = members<>;
    /// The time at which an entity was trashed.
    using trashed_at = members<>;
    /// Members that get a value when an item lacks their attribute.
    using defaulted = members<>;
    /// Whether the option puts a condition on all reads.
    static constexpr bool scopes = false;
    /// Whether the option is a hook around writes.
    static constexpr bool hooks_writes = false;
    /// Members that are changed before they are stored.
    using transformed = members<>;
    /// The members that members<> lists.
    using listed = members<>;
    /// The member whose struct is embedded.
    using embedded = members<>;
    /// Whether the options of that struct stand beside this one.
    static constexpr bool is_lifted = false;
    /// Whether the schema is that of a struct that is embedded.
    static constexpr bool makes_embeddable = false;
    /// Whether the option can stand in the schema of a struct that is embedded.
    static constexpr bool fits_embedded = false;
    /// The function whose result the option stores.
    using computed = members<>;
    /// Whether the option can be about such a function, as it is about a member.
    static constexpr bool fits_computed = false;
    /// Whether the option stores something that is made from Member.
    template <auto Member> static constexpr bool makes_from = false;
    /// Members that no two entities have in common.
    using guarded = members<>;
    /// Whether the members that the option names must be stored.
    static constexpr bool needs_stored = true;
    /// Members that the option gives a name in the table.
    using renamed = members<>;
    /// The relation that the option declares.
    using relation = members<>;
    /// The relation that reads load without being asked.
    using autoloaded = members<>;
    /// The relation that saves save along without being asked.
    using autosaved = members<>;
    /// The relation that a removal of the entity looks at.
    using protected_by = members<>;
    /// The entity whose items are read in part: std::tuple<std::type_identity<Entity>>.
    using projected = std::tuple<>;
    /// Whether the option can stand in the schema of a projection.
    static constexpr bool fits_projection = false;
    /// Whether the option can stand in the schema of a value, which has no key and no relations.
    static constexpr bool fits_value = false;
    /// Whether the schema is that of a value.
    static constexpr bool makes_value = false;
    /// The access paths that the option adds to a table with this key.
    template <class Key> using paths = path_list<>;
    /// Whether these paths are local indexes.
    static constexpr bool local = false;

    /// Checks the types of the members that the option names. When it returns false, a static_assert has said what is
    /// wrong.
    static consteval bool check() { return true; }
    /// Checks the option against the entities that it is about, which are complete now; the result is that of check().
    /// verify<> calls it, and the description.
    static consteval bool check_together() { return true; }
    /// Whether the option is a hook of after_read of the entity T that is awaited.
    template <class T> static consteval bool awaits_read() { return false; }
    /// Calls `rename(index of a member, its name in the table)`.
    template <class Rename> static constexpr void rename_attributes(Rename const&) {}
    /// Calls `take(the table's name)`.
    template <class Take> static constexpr void name_tables(Take const&) {}
    /// Calls `take(name of a table for guards of unique members)`.
    template <class Take> static constexpr void name_guard_tables(Take const&) {}
    /// Calls `take(name of an index)`.
    template <class Take> static constexpr void name_indexes(Take const&) {}
    /// Adds the attribute that the option computes to the description.
    template <class T> static void describe_computed(description<T> const&) {}
    /// Writes what the option declares into the description.
    template <class T> static void describe(description<T> const&) {}
};

/// An option of relate<&T::member>(…).
struct relation_option {
    using foreign_key = members<>;
    /// The members that the foreign key refers to, when they are others than the key.
    using referenced = members<>;
    /// The two relations that a has_many_through follows, in order.
    using steps = members<>;
    /// The relation of the other entity that leads back. That of a belongs_to_many declares the rows in the pivot table
    /// which this relation reads.
    using inverse = members<>;

    /// The members of links that are entities which hold the keys of both sides, the owner's first.
    using via = members<>;

    /// The entity whose name in a morph_to the option says.
    using named_type = void;

    /// Whether the option says where the rows of links are stored.
    static constexpr bool places_links = false;
    /// Whether it names the attributes of their key.
    static constexpr bool names_link_key = false;
    /// Whether it says that the entities lie in the partition of their owner.
    static constexpr bool in_item_collection = false;
    /// Whether it says that each link leads both ways.
    static constexpr bool links_both_ways = false;

    /// Writes what the option declares about rows in the pivot table into the description of a belongs_to_many that
    /// has no inverse_of.
    template <class RelationInfo> static constexpr void describe_links(RelationInfo const&) {}

    /// Writes what the option declares about one type of a morph_to, whose types are `Types`, into the description of
    /// that type's relation, which is one of `alternatives`.
    template <class Types, class Alternatives> static constexpr void describe_type(Alternatives const&) {}
};

template <class Option> inline constexpr bool is_entity_option = std::is_base_of_v<entity_option, Option>;
template <class Option> inline constexpr bool is_relation_option = std::is_base_of_v<relation_option, Option>;

/// Stands in place of an index's sort key.
enum class no_sort_key_t : std::uint8_t { value };
template <auto Named> inline constexpr bool is_no_sort_key = std::is_same_v<decltype(Named), no_sort_key_t>;

/// The path of an index: sorted by the member that it names, by nothing with no_sort_key, and by the table's partition
/// key when it names neither.
template <class Key, auto Partition, auto... Named> struct index_path {
    using type = path_t<Partition, first_member<Key>::value>;
};
template <class Key, auto Partition, auto Named> struct index_path<Key, Partition, Named> {
    using type = path_t<Partition, Named>;
};
template <class Key, auto Partition> struct index_path<Key, Partition, no_sort_key_t::value> {
    using type = path_t<Partition>;
};
template <auto... Named> struct named_sort_key {
    using type = members<Named...>;
};
template <> struct named_sort_key<no_sort_key_t::value> {
    using type = members<>;
};

template <auto... Sort> std::optional<std::uint16_t> sort_attribute(members<Sort...>) {
    std::optional<std::uint16_t> found;
    ((found = attribute_of<Sort>()), ...);
    return found;
}

/// An index that projects the keys and, besides them, the members Included.
template <class Index, auto... Included> struct projecting_t : Index {
    using about = join_t<typename Index::about, members<Included...>>;

    constexpr explicit projecting_t(Index index) noexcept : Index(index) {}

    template <bool Twice = true> [[nodiscard]] constexpr auto keys_only() const noexcept {
        static_assert(!Twice, "dynasio: an index is declared with keys_only() or with include<…>(), and once");
        return *this;
    }
    template <auto... Members> [[nodiscard]] constexpr auto include() const noexcept {
        static_assert(sizeof...(Members) > 1000, "dynasio: an index is declared with keys_only() or with include<…>(), "
                                                 "and once");
        return *this;
    }

    template <class T> void describe(description<T>& to) const {
        Index::describe(to);
        to.type.indexes.back().project_only({attribute_of<Included>()...});
    }
};

// Checks that several options share.
template <auto... Parts> consteval bool check_key_parts() {
    constexpr bool good = (is_key_type<type_of<Parts>>() && ...);
    static_assert(good, "dynasio: a key is a std::string, an integer, a dynasio::timestamp, a number, bytes, or of a "
                        "type whose dynasio::codec stores S, N or B; it is no bool, double or std::optional");
    return good;
}
template <auto... Parts> consteval bool check_index_keys(members<Parts...>) {
    constexpr bool good = (is_key_type<typename optional_traits<type_of<Parts>>::value_type>() && ...);
    static_assert(
        good, "dynasio: a key of a gsi or lsi is a stored std::string, integer, dynasio::timestamp, number, bytes, or "
              "of a type whose dynasio::codec stores S, N or B, or an optional one");
    return good;
}
template <auto Function> consteval bool check_computed() {
    if constexpr (!is_function<Function>) {
        static_assert(is_function<Function>,
                      "dynasio: computed<> names a function of the entity, a const member function or one that takes "
                      "the entity by reference to const; a member is stored without it");
        return false;
    } else if constexpr (!std::is_invocable_v<decltype(Function), owner_of<Function> const&>) {
        static_assert(std::is_invocable_v<decltype(Function), owner_of<Function> const&>,
                      "dynasio: computed<> names a function that may change the entity; make it a const member "
                      "function, or let it take the entity by reference to const");
        return false;
    } else {
        constexpr bool stored = requires { codec<type_of<Function>>::type; };
        static_assert(stored, "dynasio: computed<> names a function whose result dynasio cannot store; return a "
                              "std::string, a number, a time or another type that members can have, or a "
                              "std::optional of it");
        return stored;
    }
}
template <auto Member> consteval bool check_embedded() {
    using embedded = type_of<Member>;
    if constexpr (!requires { dynasio_schema(tag<embedded>{}); }) {
        static_assert(
            requires { dynasio_schema(tag<embedded>{}); },
            "dynasio: embed<> names a member whose type has no schema; declare `constexpr auto "
            "dynasio_schema(dynasio::tag<Meta>) { return dynasio::embeddable<Meta>(...); }` before that of "
            "the entity");
        return false;
    } else {
        constexpr bool fits = decltype(dynasio_schema(tag<embedded>{}))::is_embeddable;
        static_assert(fits, "dynasio: embed<> names a member whose type is an entity or a value; describe it with "
                            "embeddable<T>(...)");
        return fits;
    }
}
template <auto... Times> consteval bool check_times() {
    constexpr bool good = (std::is_same_v<type_of<Times>, timestamp> && ...);
    static_assert(good,
                  "dynasio: timestamps<>, created_at<> and soft_delete<> name members of type dynasio::timestamp");
    return good;
}

} // namespace dynasio::detail

#endif
