#ifndef DYNASIO_ORM_SCHEMA_HPP
#define DYNASIO_ORM_SCHEMA_HPP

#include <dynasio/orm/detail/schema_option.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/stream_view.hpp>

#include <dynasio/core/epoch_time.hpp>
#include <dynasio/core/timestamp.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>

// How an entity is declared. A schema is a constexpr function `dynasio_schema(dynasio::tag<T>)` in T's own namespace
// (or a hidden friend), found by argument-dependent lookup; it returns `entity<T>(options...)`, or
// `value<T>(options...)` for a struct that is stored inside of entities. It must be declared before the first use of T
// with dynasio, best in T's own header or in one that includes all entities of a model.
//
// Each option declares the members that it names, what it checks and what it does: see detail/schema_option.hpp. This
// header and the headers that it includes need neither Asio nor JSON, so that headers with entities compile fast.
namespace dynasio {

/// Selects the schema function of T.
template <class T> struct tag {
    using type = T;
};

// ---- options of entity<T>(...)

/// The table's name, without the client's prefix. Default: plural snake_case of the type (BlogPost: "blog_posts").
struct table : detail::entity_option {
    static constexpr auto decides = detail::decision::table;

    char const* name;
    constexpr explicit table(char const* n) noexcept : name(n) {}

    template <class Take> constexpr void name_tables(Take const& take) const { take(std::string_view(name)); }
    template <class T> void describe(detail::description<T>& to) const { to.type.table = name; }
};

template <auto Member> struct partition_key_t : detail::entity_option {
    static constexpr bool fits_embedded = true;
    using about = detail::members<Member>;
    using partition_part = detail::members<Member>;

    static consteval bool check() { return detail::check_key_parts<Member>(); }
    template <class T> static void describe(detail::description<T>& to) {
        to.type.key.partition = detail::attribute_of<Member>();
    }
};
/// The partition key, which every entity needs: a member of type std::string, an integer, timestamp, epoch_seconds,
/// number, bytes, or of any type whose codec stores S, N or B, such as an enumeration or an id of the program's own.
template <auto Member> inline constexpr partition_key_t<Member> partition_key{};

template <auto Member> struct sort_key_t : detail::entity_option {
    static constexpr bool fits_embedded = true;
    using about = detail::members<Member>;
    using sort_part = detail::members<Member>;

    static consteval bool check() { return detail::check_key_parts<Member>(); }
    template <class T> static void describe(detail::description<T>& to) {
        to.type.key.sort = detail::attribute_of<Member>();
    }
};
/// The sort key of the table.
template <auto Member> inline constexpr sort_key_t<Member> sort_key{};

/// Stores a member, or the result of a function of computed<>, under another name than its own.
template <auto Member> struct attribute : detail::entity_option {
    static constexpr bool fits_embedded = true;
    static constexpr bool fits_value = true;
    static constexpr bool fits_computed = true;
    using about = detail::members<Member>;
    using renamed = detail::members<Member>;

    char const* name;
    constexpr explicit attribute(char const* n) noexcept : name(n) {}

    template <class Rename> constexpr void rename_attributes(Rename const& rename) const {
        rename(detail::position_of<Member>(), std::string_view(name));
    }
    template <class T> void describe(detail::description<T>& to) const {
        to.type.attributes[detail::attribute_of<Member>()].name = name;
    }
};

template <auto Member> struct transient_t : detail::entity_option {
    static constexpr bool fits_embedded = true;
    static constexpr bool fits_projection = true;
    static constexpr bool fits_value = true;
    using about = detail::members<Member>;
    using not_stored = detail::members<Member>;
};
/// A member that is not stored.
template <auto Member> inline constexpr transient_t<Member> transient{};

template <auto Function, auto... From> struct computed_t : detail::entity_option {
    using about = detail::members<Function, From...>;
    using computed = detail::members<Function>;
    static constexpr bool fits_computed = !detail::names_function<detail::members<From...>>;
    template <auto Member>
    static constexpr bool makes_from = sizeof...(From) == 0 || (detail::same_member<Member, From> || ...);

    static consteval bool check() { return detail::check_computed<Function>(); }
    template <class T> static void describe_computed(detail::description<T>& to) {
        to.template compute<Function>(detail::members<From...>{});
    }
};
/// Stores the result of a function of the entity as an attribute, with every write of the whole entity. The function is
/// a const member function, or a function that takes the entity by reference to const, and returns what can be stored,
/// or a std::optional of it. The attribute has the function's name, or the one that attribute<> gives it. It is absent
/// where the result is empty, so an index with it as a key has those items alone that have a value:
///
///     struct Order {
///         …
///         std::optional<std::string> open_in() const { return open ? std::optional(city) : std::nullopt; }
///     };
///     entity<Order>(…, computed<&Order::open_in, &Order::open, &Order::city>,
///                   gsi<&Order::open_in, &Order::placed_at>{"by_open"})
///     orders.where(field<&Order::open_in> == "Bonn")
///
/// The function sees the entity as it will be stored: after normalize<>, with the key, the times and the version that
/// the write gives it. It depends on the entity alone, because it is called again when a write is repeated or compared.
/// Reading ignores the attribute, so a hand-written value is replaced by the next write.
///
/// update() knows no whole entity, so it cannot compute. The members that stand behind the function are those it is
/// made from: update() may change all others. Without any, update() changes nothing of the entity.
template <auto Function, auto... From> inline constexpr computed_t<Function, From...> computed{};

template <auto... Member> struct members_t : detail::entity_option {
    static constexpr bool fits_value = true;
    static constexpr bool fits_embedded = true;
    using about = detail::members<Member...>;
    using listed = detail::members<Member...>;
    static constexpr bool needs_stored = false;
};
/// The members of a class that is no plain struct, because it has constructors, private members or base classes:
/// `members<&Account::id_, &Account::owner_>`. What is not listed is not stored. Trailing underscores and a leading
/// `m_` are no part of the names under which these members are stored. The schema function of a class with private
/// members is a friend that is defined inside of the class, which can name them. The class can be made without
/// arguments and copied.
///
///     class Account {
///         …
///         friend constexpr auto dynasio_schema(dynasio::tag<Account>) {
///             return dynasio::entity<Account>(dynasio::members<&Account::id_, &Account::owner_>,
///                                             dynasio::partition_key<&Account::id_>);
///         }
///     };
template <auto... Member> inline constexpr members_t<Member...> members{};

/// A member of a base class as a member of T, for members<> and for all options and conditions about it:
/// `inherited<Account, &Account::id>`. C++ gives `&Account::id` the type of a member of the base class.
template <class T, auto Member> inline constexpr detail::inherited_member<T, Member> inherited{};

/// A member of a struct that embed<> names, for all options, conditions and orders:
/// `embedded<&User::meta, &Meta::created_at>`.
template <auto Outer, auto Inner> inline constexpr detail::member_path<Outer, Inner> embedded{};

/// In place of a gsi's sort key: the index has a partition key alone. Its items with equal keys come in an undefined
/// order.
inline constexpr auto no_sort_key = detail::no_sort_key_t::value;

/// A global secondary index with a member as its partition key, and a second member as its sort key:
/// `gsi<&User::city, &User::age>{"by_city"}`. When no second member is given, the table's partition key becomes the
/// index's sort key, so that items with ULID keys come in the order of their creation. An index that has a partition
/// key and nothing else, as most tables of other programs have, is declared with `no_sort_key`:
/// `gsi<&User::email, no_sort_key>{"by_email"}`.
///
/// The index projects all attributes, unless it is declared with keys_only() or include<…>().
template <auto PartitionKey, auto... SortKey> struct gsi : detail::entity_option {
    static_assert(sizeof...(SortKey) <= 1, "dynasio: a gsi takes a partition key and at most one sort key");
    static_assert(
        !detail::is_no_sort_key<PartitionKey>,
        "dynasio: a gsi names a member as its partition key; no_sort_key stands behind it, in place of a sort key");
    using about = detail::join_t<detail::members<PartitionKey>, typename detail::named_sort_key<SortKey...>::type>;
    static constexpr bool fits_computed = true;
    static constexpr bool fits_embedded = true;
    template <class Key>
    using paths = detail::path_list<typename detail::index_path<Key, PartitionKey, SortKey...>::type>;

    char const* name;
    constexpr explicit gsi(char const* n) noexcept : name(n) {}

    /// Declares that the index projects nothing but the keys of the table and of the index. Reading entities by it
    /// takes a Query, and one BatchGetItem for each 100 entities that the Query found, because an entity that was read
    /// in part would lose the rest when it is saved.
    [[nodiscard]] constexpr auto keys_only() const noexcept { return detail::projecting_t<gsi>(*this); }
    /// Declares that the index projects these members besides the keys. Conditions on them are evaluated by the
    /// service, and entities are read as with keys_only(), unless these are all members that the entity has.
    template <auto... Members> [[nodiscard]] constexpr auto include() const noexcept {
        static_assert(sizeof...(Members) > 0, "dynasio: include<> names the members that the index projects besides "
                                              "the keys; an index without any is keys_only()");
        return detail::projecting_t<gsi, Members...>(*this);
    }

    static consteval bool check() { return detail::check_index_keys(about{}); }
    template <class Take> constexpr void name_indexes(Take const& take) const { take(std::string_view(name)); }
    template <class T> void describe(detail::description<T>& to) const {
        using path = typename detail::index_path<typename detail::description<T>::key, PartitionKey, SortKey...>::type;
        to.type.indexes.push_back(
            {name, detail::attribute_of<PartitionKey>(), detail::sort_attribute(typename path::sort{}), false});
    }
};

/// A local secondary index: the table's partition key with another sort key. DynamoDB creates it with the table only;
/// it cannot be added later.
template <auto SortKey> struct lsi : detail::entity_option {
    static_assert(!detail::is_no_sort_key<SortKey>, "dynasio: an lsi names a member as its sort key");
    using about = detail::members<SortKey>;
    static constexpr bool fits_computed = true;
    static constexpr bool fits_embedded = true;
    static constexpr bool local = true;
    template <class Key> using paths = detail::path_list<detail::path_t<detail::first_member<Key>::value, SortKey>>;

    char const* name;
    constexpr explicit lsi(char const* n) noexcept : name(n) {}

    /// Declares that the index projects nothing but the keys of the table and of the index. The service reads the rest
    /// of each item from the table and charges for that as for another read.
    [[nodiscard]] constexpr auto keys_only() const noexcept { return detail::projecting_t<lsi>(*this); }
    /// Declares that the index projects these members besides the keys.
    template <auto... Members> [[nodiscard]] constexpr auto include() const noexcept {
        static_assert(sizeof...(Members) > 0, "dynasio: include<> names the members that the index projects besides "
                                              "the keys; an index without any is keys_only()");
        return detail::projecting_t<lsi, Members...>(*this);
    }

    static consteval bool check() { return detail::check_index_keys(about{}); }
    template <class Take> constexpr void name_indexes(Take const& take) const { take(std::string_view(name)); }
    template <class T> void describe(detail::description<T>& to) const {
        constexpr auto partition = detail::first_member<typename detail::description<T>::key>::value;
        to.type.indexes.push_back({name, detail::attribute_of<partition>(), detail::attribute_of<SortKey>(), true});
    }
};

template <auto CreatedAt, auto UpdatedAt> struct timestamps_t : detail::entity_option {
    static constexpr bool fits_embedded = true;
    using about = detail::members<CreatedAt, UpdatedAt>;
    using kept = about;
    static constexpr auto decides = detail::decision::times;

    static consteval bool check() { return detail::check_times<CreatedAt, UpdatedAt>(); }
    template <class T> static void describe(detail::description<T>& to) {
        to.type.created_at = detail::attribute_of<CreatedAt>();
        to.type.updated_at = detail::attribute_of<UpdatedAt>();
    }
};
/// The first save sets created_at, to the time in the key when the key is a ULID, and later saves keep it. Every save
/// sets updated_at, never to an earlier time than before. Both members are of type dynasio::timestamp.
template <auto CreatedAt, auto UpdatedAt> inline constexpr timestamps_t<CreatedAt, UpdatedAt> timestamps{};

template <auto Member> struct created_at_t : detail::entity_option {
    static constexpr bool fits_embedded = true;
    using about = detail::members<Member>;
    using kept = about;
    static constexpr auto decides = detail::decision::times;

    static consteval bool check() { return detail::check_times<Member>(); }
    template <class T> static void describe(detail::description<T>& to) {
        to.type.created_at = detail::attribute_of<Member>();
    }
};
/// The time of the first save, as in timestamps<>, for an entity without updated_at.
template <auto Member> inline constexpr created_at_t<Member> created_at{};

template <auto Member> struct version_t : detail::entity_option {
    static constexpr bool fits_embedded = true;
    using about = detail::members<Member>;
    using kept = about;
    static constexpr auto decides = detail::decision::version;

    static consteval bool check() {
        constexpr bool counts =
            std::is_integral_v<detail::type_of<Member>> && !std::is_same_v<detail::type_of<Member>, bool>;
        static_assert(counts, "dynasio: version<> names an integer member");
        return counts;
    }
    template <class T> static void describe(detail::description<T>& to) {
        to.type.version = detail::attribute_of<Member>();
    }
};
/// Optimistic locking with an integer member: the version is 1 after the first save and one more after each later save.
/// A save of a copy whose version is no longer the stored one throws errc::stale_version.
template <auto Member> inline constexpr version_t<Member> version{};

template <auto Member> struct soft_delete_t : detail::entity_option {
    static constexpr bool fits_embedded = true;
    using about = detail::members<Member>;
    using kept = about;
    using trashed_at = about;
    static constexpr auto decides = detail::decision::soft_delete;

    static consteval bool check() { return detail::check_times<Member>(); }
    template <class T> static void describe(detail::description<T>& to) {
        to.type.deleted_at = detail::attribute_of<Member>();
    }
};
/// Makes entities that can be trashed: `soft_delete<&Post::deleted_at>` with a member of type dynasio::timestamp. A
/// trashed entity stays in the table; its member is the time at which it was trashed, and is stored as no attribute
/// otherwise. Queries, scans, counts, find_many() and relations leave trashed entities out unless with_trashed or
/// only_trashed is given; find() and get() give them. See <dynasio/orm/trash.hpp>.
template <auto Member> inline constexpr soft_delete_t<Member> soft_delete{};

template <auto Member> struct ttl_t : detail::entity_option {
    static constexpr bool fits_embedded = true;
    using about = detail::members<Member>;
    static constexpr auto decides = detail::decision::ttl;

    static consteval bool check() {
        using stored = typename detail::optional_traits<detail::type_of<Member>>::value_type;
        constexpr bool fits = std::is_same_v<stored, epoch_seconds>;
        static_assert(fits,
                      "dynasio: ttl<> names a member of type dynasio::epoch_seconds, which the service demands, or "
                      "an optional one");
        return fits;
    }
    template <class T> static void describe(detail::description<T>& to) {
        to.type.expires_at = detail::attribute_of<Member>();
    }
};
/// The time after which the service removes an item by itself, within days: `ttl<&Session::expires_at>` with a member
/// of type dynasio::epoch_seconds. An entity without the time stays. create_tables() enables the removal. Until an item
/// is gone, reads give it, unless without_expired is given (<dynasio/orm/with.hpp>).
template <auto Member> inline constexpr ttl_t<Member> ttl{};

template <stream_view View> struct streamed_t : detail::entity_option {
    static constexpr auto decides = detail::decision::stream;

    template <class T> static void describe(detail::description<T>& to) { to.type.stream = View; }
};
/// The table has a stream of its changes, which holds what View says: `streamed<>` for the item before and after each
/// change. create_tables() and update_tables() enable it; repository::changes() reads it. The service charges for
/// reading it, and keeps changes for 24 hours.
template <stream_view View = stream_view::both_images> inline constexpr streamed_t<View> streamed{};
namespace detail {

template <auto... Members> struct unique_t : entity_option {
    using about = members<Members...>;
    using guarded = about;

    char const* name = nullptr;
    char const* table_name = nullptr;

    /// Keeps the guards in this table, without the client's prefix. Default: "uniques", one table for all entities.
    [[nodiscard]] constexpr unique_t in(char const* table) const noexcept {
        unique_t changed = *this;
        changed.table_name = table;
        return changed;
    }
    /// Names the constraint: the keys of its guards begin with this instead of the names of the table and the
    /// attributes, so that these can be renamed. Entities whose constraints have one name share the values.
    [[nodiscard]] constexpr unique_t named(char const* text) const noexcept {
        unique_t changed = *this;
        changed.name = text;
        return changed;
    }

    static consteval bool check() {
        constexpr bool fits = (is_key_type<typename optional_traits<type_of<Members>>::value_type>() && ...);
        constexpr bool distinct = are_distinct<about>;
        if constexpr (!fits)
            static_assert(fits, "dynasio: unique<> names members that could be keys: a std::string, an integer, a "
                                "dynasio::timestamp, a number, bytes, or of a type whose dynasio::codec stores S, N or "
                                "B, or an optional one");
        else
            static_assert(distinct, "dynasio: unique<> names one member twice; name each once");
        return fits && distinct;
    }
    template <class Take> constexpr void name_guard_tables(Take const& take) const {
        if (table_name != nullptr) take(std::string_view(table_name));
    }
    template <class T> void describe(description<T>& to) const {
        to.type.uniques.push_back({name != nullptr ? name : "",
                                   table_name != nullptr ? table_name : "",
                                   {detail::attribute_of<Members>()...}});
    }
};

} // namespace detail

/// No two entities have the same value of this member, or the same combination of these: `unique<&User::email>`,
/// `unique<&User::tenant, &User::name>`. An entity that lacks one of the values (an empty std::optional, an empty text)
/// is not compared. A write that would break this throws errc::not_unique and changes nothing.
///
/// DynamoDB knows no such constraint, so each value is kept by a guard: an item of the table "uniques", which names the
/// entity that has the value, and which create_tables() makes. A guard changes in one transaction with its entity: on
/// create, on a save that changes the value, and on remove; other writes cost what they cost without unique<>.
/// Trashed entities keep their values. See repository for the cost of each operation, and
/// <dynasio/orm/unique.hpp> for entities that were stored before the constraint.
///
/// It is not in dynasio::dsl, because std has the name, too.
template <auto... Members> inline constexpr detail::unique_t<Members...> unique{};

template <class Entity> struct projection_of_t : detail::entity_option {
    using source = decltype(dynasio_schema(tag<Entity>{}));
    using partition_part = typename source::partition_part;
    using sort_part = typename source::sort_part;
    using trashed_at = typename source::trashed_at;
    static constexpr bool scopes = source::scopes;
    using projected = std::tuple<std::type_identity<Entity>>;
    static constexpr bool fits_projection = true;

    template <class Take> static constexpr void name_tables(Take const& take) {
        std::apply([&](auto const&... option) { (option.name_tables(take), ...); },
                   dynasio_schema(tag<Entity>{}).options);
    }
};
/// Makes a struct a part of an entity: `entity<UserCard>(projection_of<User>)`. Each stored member of UserCard has the
/// name and type of a member of User, whose schema stands before this one. Reads ask the service for these attributes,
/// for the key and for what relations, conditions and orders need, and for nothing else; they are charged as if all had
/// been asked for. Table, key, indexes and soft_delete<> are those of User; relations are declared with relate<> anew.
///
/// A repository<UserCard> reads as one of User does; conditions and orders name members of User or of UserCard. It
/// does not write, because what was not read would be lost.
template <class Entity> inline constexpr projection_of_t<Entity> projection_of{};

/// Embeds a struct: `embed<&User::meta>`. Its members are stored as if they were the entity's own, and the options of
/// its own schema are options of the entity: keys, names, indexes, times, version, soft_delete<>, ttl<> and rules. That
/// schema is declared with embeddable<T>(…), before this one.
template <auto Member> struct embed_t : detail::entity_option {
    using about = detail::members<Member>;
    using embedded = detail::members<Member>;
    static constexpr bool needs_stored = false;

    static consteval bool check() { return detail::check_embedded<Member>(); }
};
template <auto Member> inline constexpr embed_t<Member> embed{};

// ---- options of relate<&T::member>(...)

template <auto... ForeignKey> struct by_t : detail::relation_option {
    using foreign_key = detail::members<ForeignKey...>;
};
/// The foreign key of a relation: one member for each part of the key that it refers to, in the same order. The members
/// belong to the other entity for has_one and has_many, and to this entity for belongs_to and morph_to.
///
/// For a morph_to, the first member is a text that names the type of the entity, and the others are its key. has_one
/// and has_many that lead back from such an entity name the same members: `by<&Comment::subject_type,
/// &Comment::subject_id>`.
template <auto... ForeignKey> inline constexpr by_t<ForeignKey...> by{};

template <auto... Members> struct references_t : detail::relation_option {
    using referenced = detail::members<Members...>;
};
/// What a foreign key refers to, when that is not the key: `by<&Post::author_email>, references<&User::email>`. The
/// members belong to the entity whose key they stand in for: this one for has_one and has_many, the other one for
/// belongs_to, which then needs an index that begins with them. There is one for each member of by<…>.
///
/// An entity in which one of them is empty, or longer than a key of that index can be, has no such relation: nothing
/// belongs to it, and no request is sent. Loading a belongs_to takes one Query for each distinct value, in place of a
/// BatchGetItem for each 100. Where several entities have one value, the first one in the order of that index is found;
/// by an index without a sort key (no_sort_key) the one with the first key, for which all are read; and when this names
/// both keys of the index, the one that the service chooses. What refers to the value belongs to all of them, so
/// on_remove<> of one of them removes or clears it. Declare unique<> of these members, which makes sure that there is
/// one.
///
/// A save that changes the value changes none of the entities that refer to it; those that were loaded before are
/// refused in a save along<> with errc::invalid_argument until their handle was loaded again, or emptied by unload(). A
/// belongs_to to a projection that lacks these members is read again by every load, because nothing tells whether it
/// is the entity that the foreign key names now.
template <auto... Members> inline constexpr references_t<Members...> references{};

template <auto First, auto Second> struct through_t : detail::relation_option {
    using steps = detail::members<First, Second>;
};
/// The two steps of a has_many_through: a relation of this entity, and one of the first one's target. Each can be of
/// any kind but morph_to; one that is a has_many_through itself makes the chain longer. When the first one is a
/// belongs_to whose foreign key has changed, what is loaded stays until it is loaded with `reload`.
template <auto First, auto Second> inline constexpr through_t<First, Second> through{};

template <auto Other> struct inverse_of_t : detail::relation_option {
    using inverse = detail::members<Other>;
};
/// Names the relation of the other entity that leads back. A belongs_to_many reads the links that the belongs_to_many
/// `Other` declares, from their other side. has_one and has_many name a belongs_to (or the morph_to that leads back),
/// and a belongs_to names a has_one or has_many: there it changes nothing, and the first use of the relation and
/// verify<> check that both go by the same members.
template <auto Other> inline constexpr inverse_of_t<Other> inverse_of{};

template <auto... Members> struct via_t : detail::relation_option {
    using via = detail::members<Members...>;
};
/// The members of links that are entities, as seen from the side that declares them: first those that hold the key of
/// this entity, then those that hold the key of the other one.
///
///     struct Membership { std::string user_id{}, role_id{}; int level{}; };   // an entity
///     struct User { std::string id{}; dynasio::belongs_to_many<Role, Membership> roles{}; };
///     relate<&User::roles>(via<&Membership::user_id, &Membership::role_id>)
///     relate<&Role::users>(via<&Membership::role_id, &Membership::user_id>)
///
/// The first ones are the partition key of the links' table, or keys of an index of it. Loading sends, for each entity,
/// one Query for its links, as a has_many<Membership> does, and a BatchGetItem for each 100 entities behind them.
/// Links in the trash, or outside of where_always(), and those that lead to nothing are left out.
template <auto... Members> inline constexpr via_t<Members...> via{};

/// What pivot_table{…}.key(…) returns: a table of links with a key and attributes of its own.
struct keyed_pivot_table : detail::relation_option {
    static constexpr bool places_links = true;
    static constexpr bool names_link_key = true;

    char const* name;
    char const* left;
    char const* right;
    char const* right_index = "";
    char const* created = "created_at";
    constexpr keyed_pivot_table(char const* n, char const* l, char const* r) noexcept : name(n), left(l), right(r) {}

    /// The index whose partition key is the attribute of the right side. The relation that is declared with
    /// inverse_of<> reads it. An index that does not project all attributes gives that side links without the data that
    /// it lacks.
    [[nodiscard]] constexpr keyed_pivot_table index(char const* n) const noexcept {
        auto made = *this;
        made.right_index = n;
        return made;
    }
    /// The attribute with the time of the first attach. Default: "created_at". Rows that lack it, or hold something
    /// else there, are links all the same.
    [[nodiscard]] constexpr keyed_pivot_table created_at(char const* n) const noexcept {
        auto made = *this;
        made.created = n;
        return made;
    }

    template <class RelationInfo> constexpr void describe_links(RelationInfo& to) const {
        to.pivot_table = name;
        to.link_attributes.left = left;
        to.link_attributes.right = right;
        to.link_attributes.right_index = right_index;
        to.link_attributes.created_at = created;
    }
};

/// The table of the links of one belongs_to_many, without the client's prefix. Default: "pivots", one table for all
/// relations of a model.
struct pivot_table : detail::relation_option {
    static constexpr bool places_links = true;

    char const* name;
    constexpr explicit pivot_table(char const* n) noexcept : name(n) {}

    /// A table that other programs have made, or that is also the table of an entity. Its partition key `left` holds
    /// the key of the entity that declares the relation, its sort key `right` that of the other one, both as these
    /// entities store them; so both have keys of one part. All other attributes of a row are the pivot's data, by their
    /// names; those that are NULL count as absent: `relate<&User::roles>(pivot_table{"memberships"}.key("user_id",
    /// "role_id").index("by_role"))`.
    ///
    /// attach() with data sets these attributes and keeps the others; data that name created_at replace the time. It
    /// throws errc::invalid_argument for data that name an attribute of the key. sync() counts its turns in an item of
    /// the table "pivots", which create_tables<> makes as well, and fails with service_errc::resource_not_found without
    /// it.
    [[nodiscard]] constexpr keyed_pivot_table key(char const* left, char const* right) const noexcept {
        return {name, left, right};
    }

    template <class RelationInfo> constexpr void describe_links(RelationInfo& to) const { to.pivot_table = name; }
};

struct item_collection_t : detail::relation_option {
    static constexpr bool in_item_collection = true;
};
/// The entities of a has_one or has_many lie in the partition of their owner, in one table, and are told from others by
/// their sort keys; DynamoDB calls the items of a partition an item collection:
/// `relate<&Shop::orders>(by<&Order::shop_id>, references<&Shop::id>, item_collection)`, with
/// `where_always([] { return field<&Order::sk>.begins_with("ORDER#"); })` in the schema of Order.
///
/// find(), get() and find_many() then read the owner and all such relations that are named together with one Query of
/// the partition, in place of a GetItem (or a BatchGetItem) and a Query for each relation. That Query reads the whole
/// partition, and is charged for what nobody asked for as well, so declare it where a partition is mostly read as a
/// whole. A relation that is counted, or loaded with a limit, an offset or newest first, is read by a Query of its own.
/// Conditions and scopes are evaluated here.
///
/// The foreign key is the partition key of its table, and refers to that of the owner. Both entities have one table,
/// and the target has a sort key.
inline constexpr item_collection_t item_collection{};

struct symmetric_t : detail::relation_option {
    static constexpr bool links_both_ways = true;

    template <class RelationInfo> constexpr void describe_links(RelationInfo& to) const { to.is_symmetric = true; }
};
/// The links of a belongs_to_many of an entity to itself lead both ways: who is attached to a user's friends has that
/// user among the own friends: `relate<&User::friends>(symmetric)`.
///
/// A link is two rows, one for each of its entities, so that reading the friends of a user takes one Query. Every
/// change of a link writes both rows in one TransactWriteItems, which costs twice the capacity of two single writes.
/// The data of a link are those of both directions. In a pivot_table{…} that exists already, both rows of each link
/// must be there: a row without its counterpart is a link that one of the two entities does not see.
inline constexpr symmetric_t symmetric{};

/// The name by which a morph_to knows an entity in the table, such as that which a program in another language wrote:
/// `morph_name<Post>{"App\\Post"}`. Default: the name of the entity's table, without the client's prefix.
template <class Entity> struct morph_name : detail::relation_option {
    using named_type = Entity;

    char const* name;
    constexpr explicit morph_name(char const* n) noexcept : name(n) {}

    template <class Types, class Alternatives> constexpr void describe_type(Alternatives& to) const {
        if constexpr (detail::times_listed<Entity, Types> == 1)
            to[detail::place_listed<Entity, Types>].stored_name = name;
    }
};

namespace detail {

/// What relate<Member>(...) returns.
template <auto Member, class... Options> struct relation_t : entity_option {
    static constexpr bool fits_projection = true;
    using about = members<Member>;
    using relation = members<Member>;
    using foreign_key = join_t<typename Options::foreign_key...>;
    using referenced = join_t<typename Options::referenced...>;
    using steps = join_t<typename Options::steps...>;
    using inverse = join_t<typename Options::inverse...>;
    using via = join_t<typename Options::via...>;
    /// How many options say where the rows of links are stored.
    static constexpr std::size_t places = (std::size_t{Options::places_links} + ... + 0);
    static constexpr bool names_link_key = (Options::names_link_key || ...);
    static constexpr bool links_both_ways = (Options::links_both_ways || ...);
    static constexpr bool in_item_collection = (Options::in_item_collection || ...);
    /// The entities whose names in a morph_to options say, and void for each other option.
    using named_types = entity_types<typename Options::named_type...>;
    static constexpr std::size_t names = (std::size_t{!std::is_void_v<typename Options::named_type>} + ... + 0);

    std::tuple<Options...> options;
    constexpr explicit relation_t(Options... o) : options(o...) {}

    template <class T> void describe(description<T>& to) const { to.add(*this); }
};

/// What value<T>(...) puts among its options.
struct value_mark : entity_option {
    static constexpr bool makes_value = true;
};

/// What embeddable<T>(...) puts among its options.
struct embeddable_mark : entity_option {
    static constexpr bool makes_embeddable = true;
};
/// Whether members<> lists all members that an option names.
template <class Listed, class Named> inline constexpr bool are_listed = false;
template <class Listed, auto... Named>
inline constexpr bool are_listed<Listed, members<Named...>> = (has_member<Named, Listed> && ...);
/// What stands for embed<Member> beside the options of its struct.
template <auto Member> struct embed_lifted_t : embed_t<Member> {
    static constexpr bool is_lifted = true;
};

/// Something that is no option has none of its members; entity<T>(...) refuses it after this was looked at.
template <class Option> using option_or_none = std::conditional_t<is_entity_option<Option>, Option, entity_option>;

/// What entity<T>(...) and value<T>(...) return.
template <class T, class... Options> struct entity_schema {
    using type = T;
    using partition_part = join_t<typename Options::partition_part...>;
    using sort_part = join_t<typename Options::sort_part...>;
    using not_stored = join_t<typename Options::not_stored...>;
    using relations = join_t<typename Options::relation...>;
    using kept = join_t<typename Options::kept...>;
    using trashed_at = join_t<typename Options::trashed_at...>;
    using renamed = join_t<typename Options::renamed...>;
    using computed = join_t<typename Options::computed...>;
    using listed = join_t<typename Options::listed...>;
    using embedded = join_t<typename Options::embedded...>;
    /// How many of the embedded structs have their options among these.
    static constexpr std::size_t lifted = (std::size_t{Options::is_lifted} + ... + 0);
    static constexpr bool is_embeddable = (Options::makes_embeddable || ...);
    using projected = decltype(std::tuple_cat(typename Options::projected{}...));
    static constexpr bool fits_projection = (Options::fits_projection && ...);
    /// Whether value<T>(...) made this schema.
    static constexpr bool is_value = (Options::makes_value || ...);
    /// The members that options take to be stored.
    using needed =
        join_t<std::conditional_t<Options::needs_stored && Options::relation::size + Options::not_stored::size == 0,
                                  typename Options::about, members<>>...>;
    using transformed = join_t<typename Options::transformed...>;
    using defaulted = join_t<typename Options::defaulted...>;
    using guarded = join_t<typename Options::guarded...>;
    using autoloaded = join_t<typename Options::autoloaded...>;
    using autosaved = join_t<typename Options::autosaved...>;
    using protected_by = join_t<typename Options::protected_by...>;

    static constexpr bool decides_once(decision about) { return ((Options::decides == about) + ... + 0) <= 1; }
    static constexpr bool times_out = ((Options::decides == decision::ttl) || ...);
    static constexpr bool scopes = (Options::scopes || ...);
    static constexpr bool hooks_writes = (Options::hooks_writes || ...);
    static constexpr std::size_t local_indexes = (std::size_t{Options::local} + ... + 0);

    /// Whether a hook of after_read is awaited.
    static consteval bool awaits_reads() { return (Options::template awaits_read<T>() || ...); }

    std::tuple<Options...> options;

    static consteval bool check_options() { return (Options::check() && ...); }
    static consteval bool check_together() { return (Options::check_together() && ...); }
};

// Makes the options of an embedded struct options of the entity, by putting the member that holds the struct before
// each member that they name.
template <auto Outer, auto Named> consteval auto lift_named() {
    if constexpr (is_no_sort_key<Named>)
        return Named;
    else
        return member_path<Outer, Named>{};
}
template <auto Outer, template <auto...> class Option, auto... Named> constexpr auto lift(Option<Named...> const& o) {
    using lifted = Option<lift_named<Outer, Named>()...>;
    if constexpr (Option<Named...>::listed::size != 0) // members<>, which is about the struct alone
        return entity_option{};
    else if constexpr (requires { o.name; })
        return lifted(o.name);
    else
        return lifted();
}
template <auto Outer, template <class, auto...> class Option, class Part, auto... Named>
constexpr auto lift(Option<Part, Named...> const& o) {
    if constexpr (requires { o.sentence; }) { // check<>
        return Option<Part, lift_named<Outer, Named>()...>(o.sentence);
    } else { // an index that does not project everything
        auto const index = lift<Outer>(static_cast<Part const&>(o));
        return Option<std::remove_cv_t<decltype(index)>, lift_named<Outer, Named>()...>(index);
    }
}
template <auto Outer, template <auto, class> class Option, auto Named, class Function>
constexpr auto lift(Option<Named, Function> const&) { // normalize<>
    return Option<lift_named<Outer, Named>(), Function>();
}
template <auto Outer> constexpr auto lift(embeddable_mark const&) { return entity_option{}; }

/// The options that stand for one: those of the struct besides embed<>.
template <class Option> constexpr auto spread_option(Option const& option) { return std::tuple(option); }
template <auto Member> constexpr auto spread_option(embed_t<Member> const&) {
    if constexpr (check_embedded<Member>())
        return std::apply(
            [](auto const&... option) { return std::tuple(embed_lifted_t<Member>(), lift<Member>(option)...); },
            dynasio_schema(tag<type_of<Member>>{}).options);
    else
        return std::tuple();
}

} // namespace detail

/// Declares the relation of a handle member. `options`: by<…>, references<…>, through<…>, inverse_of<…>,
/// pivot_table{…}, via<…>, morph_name<…>{…}. It only records types, so the other entity's schema need not be declared
/// yet; the checks that need that schema come with the first use of the relation or with verify<>.
template <auto Member, class... Options> constexpr auto relate(Options... options) {
    static_assert(detail::member_pointer_traits<decltype(Member)>::valid,
                  "dynasio: relate<> takes a pointer to a data member");
    static_assert(detail::handle_traits<detail::type_of<Member>>::is_handle,
                  "dynasio: relate<> names a member that is no relation; give it a handle type such as has_many<Post>");
    static_assert((detail::is_relation_option<Options> && ...),
                  "dynasio: relate<>(...) takes by, references, through, inverse_of, pivot_table, via and morph_name");
    return detail::relation_t<Member, Options...>(options...);
}

/// A flat list of options describes the entity T.
template <class T, class... Options> constexpr auto entity(Options... options) {
    // A schema that is refused here has no options, not even a key. check_entity() refuses it without a further
    // message, so that the sentence of the first mistake stands alone.
    constexpr bool listed = detail::join_t<typename detail::option_or_none<Options>::listed...>::size != 0;
    if constexpr (!std::is_aggregate_v<T> && !listed) {
        static_assert(std::is_aggregate_v<T> || listed,
                      "dynasio: an entity is a plain struct: no constructors, no private members, no base classes; "
                      "the members of another class are listed with members<&T::a, &T::b>");
        return detail::entity_schema<T>{};
    } else if constexpr (listed && !std::is_default_constructible_v<T>) {
        static_assert(!listed || std::is_default_constructible_v<T>,
                      "dynasio: an entity is made without arguments when it is read; give the class a constructor "
                      "without arguments");
        return detail::entity_schema<T>{};
    } else if constexpr (!(detail::is_entity_option<Options> && ...)) {
        static_assert(
            (detail::is_entity_option<Options> && ...),
            "dynasio: entity<T>(...) takes table, partition_key, sort_key, attribute, transient, computed, gsi, lsi, "
            "timestamps, created_at, version, soft_delete, ttl, unique, streamed, where_always, autoload, autosave, "
            "on_remove, relate, and the "
            "options of "
            "<dynasio/orm/rules.hpp>; or projection_of and relate");
        return detail::entity_schema<T>{};
    } else if constexpr (!(detail::all_members_of<T, typename Options::about> && ...)) {
        static_assert((detail::all_members_of<T, typename Options::about> && ...),
                      "dynasio: an option of entity<T>(...) names a member of another entity (or of a base class, "
                      "which entities cannot have)");
        return detail::entity_schema<T>{};
    } else if constexpr (detail::entity_schema<T, Options...>::embedded::size !=
                         detail::entity_schema<T, Options...>::lifted) {
        // The options of the embedded structs become the entity's.
        return std::apply([](auto... all) { return entity<T>(all...); },
                          std::tuple_cat(detail::spread_option(options)...));
    } else if constexpr (detail::entity_schema<T, Options...>::partition_part::size != 1) {
        static_assert(detail::entity_schema<T, Options...>::partition_part::size == 1,
                      "dynasio: entity<T>(...) needs exactly one partition_key<&T::member>");
        return detail::entity_schema<T>{};
    } else {
        return detail::entity_schema<T, Options...>{{options...}};
    }
}

/// Describes a struct whose members are embedded in entities with embed<>, as if they were the entity's own: a base of
/// id, times and version that a model repeats. `options`: partition_key, sort_key, attribute, transient, gsi, lsi,
/// timestamps, created_at, version, soft_delete, ttl, members<…> for a class that is no plain struct, and of
/// <dynasio/orm/rules.hpp> required, check<> of a member and normalize. Others stand in the schema of the entity. It
/// embeds no other struct.
///
///     struct Meta {
///         std::string id{};
///         dynasio::timestamp created_at{}, updated_at{};
///     };
///     constexpr auto dynasio_schema(dynasio::tag<Meta>) {
///         return dynasio::embeddable<Meta>(dynasio::partition_key<&Meta::id>,
///                                          dynasio::timestamps<&Meta::created_at, &Meta::updated_at>);
///     }
template <class T, class... Options> constexpr auto embeddable(Options... options) {
    using listed = detail::join_t<typename detail::option_or_none<Options>::listed...>;
    constexpr bool lists = listed::size != 0;
    if constexpr (!std::is_aggregate_v<T> && !lists) {
        static_assert(std::is_aggregate_v<T> || lists,
                      "dynasio: a struct that is embedded is a plain struct: no constructors, no private members, no "
                      "base classes; the members of another class are listed with members<&T::a, &T::b>");
        return detail::entity_schema<T, detail::embeddable_mark>{};
    } else if constexpr (lists && !std::is_default_constructible_v<T>) {
        static_assert(!lists || std::is_default_constructible_v<T>,
                      "dynasio: a class that is embedded is made without arguments when its entity is read; give it a "
                      "constructor without arguments");
        return detail::entity_schema<T, detail::embeddable_mark>{};
    } else if constexpr (!(detail::option_or_none<Options>::fits_embedded && ...)) {
        static_assert((detail::option_or_none<Options>::fits_embedded && ...),
                      "dynasio: embeddable<T>(...) takes partition_key, sort_key, attribute, transient, gsi, lsi, "
                      "timestamps, created_at, version, soft_delete, ttl, members, required, check<> and normalize; "
                      "other options belong into the schema of the entity");
        return detail::entity_schema<T, detail::embeddable_mark>{};
    } else if constexpr (!(detail::all_members_of<T, typename Options::about> && ...)) {
        static_assert((detail::all_members_of<T, typename Options::about> && ...),
                      "dynasio: an option of embeddable<T>(...) names a member of another struct");
        return detail::entity_schema<T, detail::embeddable_mark>{};
    } else if constexpr (!detail::are_distinct<listed>) {
        static_assert(detail::are_distinct<listed>, "dynasio: members<> lists a member twice; remove one");
        return detail::entity_schema<T, detail::embeddable_mark>{};
    } else if constexpr (lists && !(detail::are_listed<listed, typename Options::about> && ...)) {
        static_assert((detail::are_listed<listed, typename Options::about> && ...),
                      "dynasio: an option of embeddable<T>(...) names a member that members<> does not list, so it is "
                      "not stored; add it there");
        return detail::entity_schema<T, detail::embeddable_mark>{};
    } else {
        return detail::entity_schema<T, detail::embeddable_mark, Options...>{{detail::embeddable_mark{}, options...}};
    }
}

/// Describes the struct T as a value: members of type T are stored inside of their entities, as a map (M) with one
/// attribute for each member of T. `options`: attribute<&T::member>{"name"}, transient<&T::member> and members<…>.
/// Members may be of every type that entities store, values among them, but no relations. A value has no key and is not
/// read by itself. The schema function is written as that of an entity is, and stands before the first use of an entity
/// that holds a T.
///
///     constexpr auto dynasio_schema(dynasio::tag<Address>) {
///         return dynasio::value<Address>(dynasio::attribute<&Address::postal_code>{"zip"});
///     }
template <class T, class... Options> constexpr auto value(Options... options) {
    constexpr bool listed = detail::join_t<typename detail::option_or_none<Options>::listed...>::size != 0;
    if constexpr (!std::is_aggregate_v<T> && !listed) {
        static_assert(std::is_aggregate_v<T> || listed,
                      "dynasio: a value is a plain struct: no constructors, no private "
                      "members, no base classes; specialise dynasio::codec for another class, or list its members "
                      "with members<>");
        return detail::entity_schema<T, detail::value_mark>{};
    } else if constexpr (listed && !std::is_default_constructible_v<T>) {
        static_assert(!listed || std::is_default_constructible_v<T>,
                      "dynasio: a value is made without arguments when it is read; give the class a constructor "
                      "without arguments");
        return detail::entity_schema<T, detail::value_mark>{};
    } else if constexpr (!(detail::is_entity_option<Options> && ...)) {
        static_assert((detail::is_entity_option<Options> && ...),
                      "dynasio: value<T>(...) takes attribute, transient and members");
        return detail::entity_schema<T, detail::value_mark>{};
    } else if constexpr (!(Options::fits_value && ...)) {
        static_assert(
            (Options::fits_value && ...),
            "dynasio: value<T>(...) takes attribute, transient and members; a key, an index, a time, a version, a rule "
            "or a relation belongs into the schema of the entity that holds the value");
        return detail::entity_schema<T, detail::value_mark>{};
    } else if constexpr (!(detail::all_members_of<T, typename Options::about> && ...)) {
        static_assert((detail::all_members_of<T, typename Options::about> && ...),
                      "dynasio: an option of value<T>(...) names a member of another struct (or of a base class, which "
                      "values cannot have)");
        return detail::entity_schema<T, detail::value_mark>{};
    } else {
        return detail::entity_schema<T, detail::value_mark, Options...>{{detail::value_mark{}, options...}};
    }
}

namespace detail {

template <class E> struct named_enumerator {
    E value;
    std::string_view name;
};

/// What enum_names<E>({…}) returns.
template <class E, std::size_t N> struct enum_table {
    std::array<named_enumerator<E>, N> names{};
    /// What a text that no enumerator has is read as.
    E other{};
    bool has_other = false;

    /// Texts that have no enumerator are read as `value` instead of being refused. The enumerator then stands for many
    /// texts, so it has no name and cannot be written: errc::invalid_argument. A tracked entity, of which only what has
    /// changed is written, can be saved as long as the member keeps that value, and the stored text stays. The same
    /// holds inside of a struct, a list, a map, a set or a std::variant: such a member is written as a whole, so it can
    /// be saved as long as nothing in it has changed.
    [[nodiscard]] constexpr enum_table otherwise(E value) const {
        enum_table table = *this;
        table.other = value;
        table.has_other = true;
        return table;
    }
};

template <class E>
concept named_enum = std::is_enum_v<E> && requires { dynasio_names(tag<E>{}); };

} // namespace detail

/// The texts as which the enumerators of E are stored (S). A constexpr function in E's namespace returns them, found as
/// a schema function is:
///
///     constexpr auto dynasio_names(dynasio::tag<Status>) {
///         return dynasio::enum_names<Status>({{Status::draft, "draft"}, {Status::live, "live"}});
///     }
///
/// A stored text that no enumerator has is errc::attribute_type_mismatch, unless `.otherwise(E)` follows; an enumerator
/// without a name cannot be stored (errc::invalid_argument).
template <class E, std::size_t N> constexpr auto enum_names(detail::named_enumerator<E> const (&names)[N]) {
    static_assert(std::is_enum_v<E>, "dynasio: enum_names<E>({...}) is for enumerations");
    detail::enum_table<E, N> table;
    for (std::size_t i = 0; i < N; ++i) table.names[i] = names[i];
    return table;
}

/// An alternative of a std::variant and the text that tells it from the others: `alternative<Card>{"card"}`.
template <class T> struct alternative {
    using type = T;

    std::string_view name;
    constexpr explicit alternative(char const* n) noexcept : name(n) {}
};

namespace detail {

/// What variant_names<V>(…) returns.
template <class Variant, class... T> struct variant_table {
    using types = std::tuple<std::type_identity<T>...>;

    std::string_view tag;
    std::array<std::string_view, sizeof...(T)> names{};
};

} // namespace detail

/// How the structs among the alternatives of a std::variant are told apart: each is stored as a map (M) that holds a
/// text under the name `tag`, beside the members of the struct. A constexpr function in the namespace of one of the
/// structs returns them, found as a schema function is:
///
///     using Payment = std::variant<std::monostate, Card, Transfer>;
///     constexpr auto dynasio_names(dynasio::tag<Payment>) {
///         return dynasio::variant_names<Payment>("type", dynasio::alternative<Card>{"card"},
///                                                dynasio::alternative<Transfer>{"transfer"});
///     }
///
/// Alternatives that are stored as different types need no names; see <dynasio/orm/variant.hpp>.
template <class Variant, class... T>
constexpr detail::variant_table<Variant, T...> variant_names(char const* tag, alternative<T>... named) {
    static_assert(sizeof...(T) > 0,
                  "dynasio: variant_names<V>(\"tag\", alternative<A>{\"a\"}, ...) names at least one alternative");
    return {tag, {named.name...}};
}

/// The names with which programs write entities, schemas and queries. This namespace is made for `using namespace`,
/// also at file scope: none of its names is a name of std, std::chrono, boost::asio, boost::beast or GoogleTest, or a
/// global function of the system.
///
/// `dynasio` itself is not made for `using namespace`: its namespaces http, aws and testing and its types error, errc
/// and query have names that programs use themselves (`namespace http = boost::beast::http;`), and such a name would be
/// ambiguous. client, client_options, page and result are left out for the same reason; programs seldom write them more
/// than once, as `dynasio::client`. Each header adds its own names.
namespace dsl {

using dynasio::alternative;
using dynasio::attribute;
using dynasio::by;
using dynasio::computed;
using dynasio::created_at;
using dynasio::embed;
using dynasio::embeddable;
using dynasio::embedded;
using dynasio::entity;
using dynasio::enum_names;
using dynasio::gsi;
using dynasio::inherited;
using dynasio::inverse_of;
using dynasio::item_collection;
using dynasio::lsi;
using dynasio::members;
using dynasio::morph_name;
using dynasio::no_sort_key;
using dynasio::partition_key;
using dynasio::pivot_table;
using dynasio::projection_of;
using dynasio::references;
using dynasio::relate;
using dynasio::soft_delete;
using dynasio::sort_key;
using dynasio::stream_view;
using dynasio::streamed;
using dynasio::symmetric;
using dynasio::table;
using dynasio::tag;
using dynasio::through;
using dynasio::timestamp;
using dynasio::timestamps;
using dynasio::transient;
using dynasio::ttl;
using dynasio::value;
using dynasio::variant_names;
using dynasio::version;
using dynasio::via;

} // namespace dsl

} // namespace dynasio

#endif
