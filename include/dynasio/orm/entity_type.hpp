#ifndef DYNASIO_ORM_ENTITY_TYPE_HPP
#define DYNASIO_ORM_ENTITY_TYPE_HPP

#include <dynasio/orm/detail/key_maker.hpp>
#include <dynasio/orm/detail/usual_type.hpp>
#include <dynasio/orm/detail/value_shape.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/hook_event.hpp>
#include <dynasio/orm/pivot.hpp>
#include <dynasio/orm/stream_view.hpp>

#include <dynasio/dynamodb/attribute_type.hpp>

#include <dynasio/core/timestamp.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// What the compiled part of the ORM knows about an entity: names, keys, indexes, relations, and functions that reach
// the members of an object whose C++ type it does not know. A description is made once for each entity, from its
// schema, and is constant from then on.
namespace dynasio {

namespace dynamodb {
class condition;
class json_reader;
} // namespace dynamodb
namespace detail {
class item_values;
class name_table;
} // namespace detail

using attribute_index = std::uint16_t;

/// One stored member.
struct attribute_info {
    std::string name;   ///< Attribute name in the table.
    std::string member; ///< Member name in C++.
    dynamodb::attribute_type type;
    bool optional;      ///< The member can be empty: std::optional.
    std::size_t offset; ///< Where the member begins in the entity, in bytes.

    // These functions take the member and not the entity, so that all members of one type share them.
    bool (*absent)(void const* member);                      ///< Whether the member is stored as no attribute.
    void (*encode)(std::string& out, void const* member);    ///< Appends the value in wire form.
    void (*decode)(dynamodb::json_reader& in, void* member); ///< Reads the value in wire form.
    /// The type of the member, if it is one whose usual values are read and written without these functions.
    detail::usual_type usual;
    /// The member has values that are stored as no attribute: an empty std::optional, a time that is not set.
    bool may_be_absent;
    /// decode() is one of the library's and never reads NULL. The decoder then reads NULL as absent without calling it.
    bool refuses_null;
    /// Makes the member empty; null when it is no std::optional.
    void (*clear)(void* member);
    /// Set when the member can stand for a stored value that the program does not know, or hold one at any depth.
    /// encode() throws for it; this function appends the value with the word "unknown" in its place.
    void (*show)(std::string& out, void const* member) = nullptr;
    /// As which types the value is stored, at every depth; null for the result of a function.
    detail::value_shape const* shape = nullptr;
    /// How the library makes a key of the member's type; null when it does not, or when the member is a text.
    detail::key_maker const* makes_key = nullptr;

    /// Gives the member the value that a new one has; null when its type makes none, and for the
    /// result of a function.
    void (*reset)(void* member) = nullptr;

    /// The attribute belongs to the entity of a projection that has no member for it. It is noted when an item is read,
    /// and nothing else can be done with it.
    bool hidden = false;
    /// The attribute is the result of a function of the entity. The functions above take the entity; reading skips it.
    bool computed = false;

    // Filled by finish_description().

    /// The attribute is a key of an index. The service refuses an empty string there, so an empty member is stored as
    /// no attribute, and the index does not have the item.
    bool index_key = false;
    /// Of a key of the table or of an index, how many bytes the service takes for it; 0 for other attributes.
    std::uint16_t max_key_size = 0;
    std::string json_name{}; ///< The name as it stands in JSON: `"name":`

    [[nodiscard]] void const* member_of(void const* entity) const noexcept {
        return static_cast<char const*>(entity) + offset;
    }
    [[nodiscard]] void* member_of(void* entity) const noexcept { return static_cast<char*>(entity) + offset; }
};

/// What the items of an index have besides the keys of table and index.
enum class index_projection : unsigned char { all, keys_only, include };

/// The table's key (name empty) or one of its indexes.
struct index_info {
    std::string name;
    attribute_index partition;
    std::optional<attribute_index> sort; ///< An index without one gives items with equal keys in an undefined order.
    bool local = false;

    index_projection projects = index_projection::all; ///< As the schema declares it.
    std::vector<attribute_index> included{};           ///< For index_projection::include.

    // Filled by finish_description().

    /// Whether the index projects all attributes that the entity has.
    bool whole = true;
    /// The attributes that are no keys of the table or the index, one bit for each. An item with one of them shows that
    /// the index projects more than keys.
    std::array<std::uint64_t, 2> beside_keys{};

    /// Sets what the schema declares. An index of nothing but keys includes no attributes.
    void project_only(std::vector<attribute_index> attributes) {
        projects = attributes.empty() ? index_projection::keys_only : index_projection::include;
        included = std::move(attributes);
    }
    [[nodiscard]] bool is_key(attribute_index i) const noexcept { return i == partition || i == sort; }
};

struct entity_type;

/// A function of the program around an operation. It fills `out`, a std::optional<boost::asio::awaitable<void>>, when
/// it is awaitable.
struct entity_hook {
    hook_event event;
    bool is_awaitable;
    void (*call)(void* entity, void* out);
};
/// What must be true of an entity before it is stored.
struct entity_rule {
    std::string member;   ///< As errors name it; empty for a rule about the whole entity.
    std::string sentence; ///< "is required"; stands behind the name of the member.
    bool (*holds)(void const* entity);
};
/// An attribute that each write of the whole entity computes.
struct computed_attribute {
    attribute_index attribute;
    std::vector<attribute_index> from; ///< What it is made from; empty when that is not known.

    [[nodiscard]] bool is_made_from(attribute_index i) const noexcept {
        return from.empty() || std::find(from.begin(), from.end(), i) != from.end();
    }
};
/// What is done to a member before it is stored.
struct entity_transform {
    attribute_index attribute;
    void (*apply)(void* entity);
};

/// What a member is when an item without its attribute is read.
struct entity_default {
    attribute_index attribute;
    void (*apply)(void* entity);
};

struct selection; // load_node.hpp

namespace detail {
/// The constraints of an autoload<>.
class autoload_constraints {
public:
    autoload_constraints() = default;
    autoload_constraints(autoload_constraints const&) = delete;
    autoload_constraints& operator=(autoload_constraints const&) = delete;
    virtual ~autoload_constraints() = default;
    /// Makes the constraints at the first call. Several threads may call this at the same time.
    [[nodiscard]] virtual selection const& get() const = 0;
};
/// The condition of where_always().
class default_scope {
public:
    default_scope() = default;
    default_scope(default_scope const&) = delete;
    default_scope& operator=(default_scope const&) = delete;
    virtual ~default_scope() = default;
    /// Makes the condition at the first call. Several threads may call this at the same time.
    [[nodiscard]] virtual dynamodb::condition const& condition() const = 0;
};
/// The table of links of which no pivot_table{…} names another.
inline constexpr std::string_view default_pivot_table = "pivots";

/// The attributes of the rows of a link table that has a key of its own; see src/orm/wire/pivot_rows.hpp.
struct link_attributes {
    std::string left{};        ///< The partition key, with the key of the left side's entity.
    std::string right{};       ///< The sort key, with that of the right side's.
    std::string right_index{}; ///< The index with the partition key `right`; empty when there is none.
    std::string created_at{};
    /// False for rows in the format of this library, whose names are not here.
    [[nodiscard]] bool are_named() const noexcept { return !left.empty(); }

    friend bool operator==(link_attributes const&, link_attributes const&) = default;
};
/// The table of guards of which no unique<>.in(…) names another.
inline constexpr std::string_view default_guard_table = "uniques";
} // namespace detail

/// A relation that reads of the entity load without being asked.
struct entity_autoload {
    std::string member;
    std::shared_ptr<detail::autoload_constraints const> constraints;
};

/// A relation that saves of the entity save along without being asked.
struct entity_autosave {
    std::string member;
    bool replace_missing;
};

/// What a removal does about the entities of a has_one or has_many.
enum class removal_policy : unsigned char { cascade, restrict, clear };
struct entity_removal {
    std::string member;
    removal_policy policy;
};

/// Members whose values no two entities have in common. Who has a value is written into a guard, an item of a table for
/// guards; see src/orm/wire/unique_guards.hpp.
struct unique_info {
    std::string name{};  ///< The first part of the guards' keys. By default the entity's table and the attributes.
    std::string table{}; ///< The table of the guards, without the client's prefix.
    std::vector<attribute_index> attributes{};
};

/// One relation: what the loader needs, and the names for messages.
struct relation_info {
    detail::relation_kind kind;
    detail::relation_name name; ///< Names of the entity and of the member.
    entity_type const& (*owner)();
    entity_type const& (*target)(); ///< Null for a morph_to, whose alternatives have one each.

    /// Attributes of the owner whose values the other side is looked up by. Of a morph_to, the first one names the
    /// type.
    std::vector<attribute_index> owner_key{};
    /// Attributes of the target that hold these values. With `morph`, the first one names the owner's type, and the
    /// others hold the values.
    std::vector<attribute_index> target_key{};
    /// Of a has_one, has_many or belongs_to, whether the foreign key refers to the key of its entity. Otherwise it
    /// refers to members that can be empty and that several entities can have in common.
    bool refers_to_key = true;
    /// Of a has_one or has_many: its entities lie in the partition of their owner, which is read as a whole.
    bool in_item_collection = false;

    // belongs_to_many
    std::string pivot_table{}; ///< Without the client's prefix.
    detail::link_attributes link_attributes{};
    bool is_symmetric = false; ///< Each link is two rows, one for each of its entities.
    /// The prefix of the keys of this relation's rows, which tells them from those of other relations in the same pivot
    /// table.
    std::string pivot_key{};
    /// When set, this side declares no rows of its own: it reads the rows of that relation from their other side.
    relation_info const& (*inverse_relation)() = nullptr;

    // has_many_through, and a belongs_to_many whose links are entities: a has_many of the links, and the belongs_to of
    // a link that leads to the target.
    relation_info const& (*first)() = nullptr;
    relation_info const& (*second)() = nullptr;

    // morph_to

    /// One relation for each type, in order: a belongs_to with the same handle, which it fills with an entity of its
    /// type. Its member's name is the type's.
    std::vector<relation_info> alternatives{};
    /// Of such a relation, what morph_name<> says.
    std::string stored_name{};
    /// The place of the entity in a handle among the alternatives; nothing when there is no entity.
    std::optional<std::size_t> (*alternative_in)(void const* handle) = nullptr;
    /// Of a has_one or has_many by type and key: the morph_to that leads back, and which of its alternatives the owner
    /// is.
    relation_info const& (*morph)() = nullptr;
    std::size_t morph_alternative = 0;

    std::size_t offset = 0; ///< Where the handle begins in the entity, in bytes.
    bool (*loaded)(void const* handle) = nullptr;
    /// The scope of the load that filled the handle.
    read_scope& (*scope_of)(void* handle) = nullptr;
    /// The entity in the handle of a has_one or belongs_to that is loaded; null when it is empty, and for other kinds.
    void const* (*entity_in)(void const* handle) = nullptr;
    /// Calls `visitor(context, entity)` for each entity in a handle that is loaded, in order.
    void (*visit)(void const* handle, void* context, void (*visitor)(void*, void const*)) = nullptr;
    /// Fills the handle of every kind but belongs_to_many. `items` is a std::vector<T>; that of a has_one or belongs_to
    /// has at most one element.
    void (*attach)(void* handle, std::shared_ptr<void> items) = nullptr;
    /// Fills the handle of a belongs_to_many. The links point to objects of type T.
    void (*attach_links)(void* handle, std::vector<detail::link<void>> links) = nullptr;
    /// The same of one whose links are entities: entities[i] is what the element i of `pivots`, a std::vector of these,
    /// leads to.
    void (*attach_pairs)(void* handle, std::vector<std::shared_ptr<void const>> entities,
                         std::shared_ptr<void> pivots) = nullptr;
    /// Whether the handle holds the very thing that a load has given, so that nothing in it has changed.
    bool (*as_loaded)(void const* handle) = nullptr;
    /// Calls `visitor(context, entity, row)` for each entity that the handle holds, or that the last load had given
    /// when `loaded`; in order. `row` is that of a link, and null for other kinds.
    void (*visit_held)(void const* handle, bool loaded, void* context,
                       void (*visitor)(void*, void const*, dynasio::pivot const*)) = nullptr;
    /// Puts entities into the handle, and what the table is known to have of it. Both are as for attach(), or links;
    /// without `loaded`, the table has all of the links as they are.
    void (*give)(void* handle, std::shared_ptr<void> items, std::shared_ptr<void> loaded) = nullptr;
    void (*give_links)(void* handle, std::vector<detail::link<void>> links,
                       std::optional<std::vector<detail::link<void>>> loaded) = nullptr;
    /// Notes in the handle of a relation to many how many entities there are.
    void (*set_count)(void* handle, std::uint64_t count) = nullptr;

    /// Whether it is a belongs_to_many whose links are entities.
    [[nodiscard]] bool has_pivot_entity() const noexcept {
        return kind == detail::relation_kind::belongs_to_many && first != nullptr;
    }
    [[nodiscard]] void const* handle_of(void const* entity) const noexcept {
        return static_cast<char const*>(entity) + offset;
    }
    [[nodiscard]] void* handle_of(void* entity) const noexcept { return static_cast<char*>(entity) + offset; }
    /// "User.posts"
    [[nodiscard]] std::string path() const;
    /// Of an alternative of a morph_to, the name of its type in the table.
    [[nodiscard]] std::string const& type_name() const;
    /// Of a has_one or has_many by type and key, the name of the owner's type in wire form.
    [[nodiscard]] std::string owner_type_wire() const;
};

/// What can be done with a `std::vector<T>` behind a `std::shared_ptr<void>`.
struct storage_functions {
    std::shared_ptr<void> (*make)();
    std::size_t (*size)(void const* vector);
    void* (*at)(void* vector, std::size_t i);
    void* (*append)(void* vector); ///< Makes a new entity at the end, whose handles know their names.
    void (*append_copy)(void* vector, void const* entity);
    void (*append_move)(void* vector, void* entity);
    void (*truncate)(void* vector, std::size_t size);
    void (*reserve)(void* vector, std::size_t size);
    void (*move_to)(void* to, void* entity); ///< Assigns to an entity that append() need not have made.
    void (*name_handles)(void* entity);      ///< Gives the handles of an entity that append() did not make their names.
};

/// An entity without its C++ type, or a value that is stored inside of entities: of that, only the name and the
/// attributes are set, and only encode_value() and decode_value() take it.
struct entity_type {
    std::string name;  ///< Name of the C++ type.
    std::string table; ///< Without the client's prefix.
    std::vector<attribute_info> attributes;
    index_info key;
    std::vector<index_info> indexes;
    std::vector<relation_info> relations;
    std::vector<unique_info> uniques{};
    std::optional<attribute_index> created_at;
    std::optional<attribute_index> updated_at;
    std::optional<attribute_index> version;
    std::optional<attribute_index> deleted_at; ///< Of soft_delete<>: a timestamp.
    std::optional<attribute_index> expires_at; ///< Of ttl<>: seconds since 1970.
    std::vector<computed_attribute> computed{};
    std::optional<stream_view> stream; ///< Of streamed<>.
    /// What reads ask of the entities by themselves; null without where_always(). Copies of a description share it.
    std::shared_ptr<detail::default_scope const> always{};
    std::vector<entity_rule> rules{};
    std::vector<entity_transform> transforms{};
    std::vector<entity_hook> hooks{};
    std::vector<entity_default> defaults{};
    std::vector<entity_autoload> autoloads{};
    std::vector<entity_autosave> autosaves{};
    std::vector<entity_removal> removals{};

    /// A projection: the attributes, keys and indexes are those of its entity, some of the attributes are hidden.
    bool is_projection = false;

    storage_functions storage{};

    // Filled by finish_description().

    /// The attributes whose value addresses an item (the table's key and the foreign keys of belongs_to) and whose
    /// members need not keep the spelling that was stored, such as times and floating-point numbers. decode() refuses
    /// an item whose value such a member would write differently.
    std::vector<attribute_index> addresses;
    /// decode() looks at the members again when all are read: there are addresses or defaults.
    bool looks_again = false;
    /// The attributes by name, for the decoder. Copies of a description share it.
    std::shared_ptr<detail::name_table const> names;
    /// The members of a PutItem that store an item only where there is none with its key. The text depends on the
    /// table's key alone, so it is written once for the entity and not for each item.
    std::string only_if_absent;
    // The hooks of after_read: either these, which are called while an answer is read, or those, of which one is
    // awaitable at least.
    std::vector<entity_hook> read_hooks{};
    std::vector<entity_hook> awaited_read_hooks{};

    /// Of a projection, the attributes that every read asks for: those with members, the key, and what relations and
    /// the trash need. Empty for an entity, whose reads ask for everything.
    std::vector<attribute_index> projected{};
    /// The members of a GetItem that ask for these attributes.
    std::string projection_members{};

    /// Reads an item into an entity. Attributes without a member are skipped; members without an attribute keep their
    /// value, and so do members whose attribute is NULL, unless their codec reads NULL; default_value<> replaces both.
    /// Throws dynasio::error naming entity and attribute, errc::attribute_missing when the item lacks a key attribute,
    /// and errc::key_not_kept when a member would write a key attribute differently.
    void decode(dynamodb::json_reader& in, void* entity) const;
    /// Does the same and notes in `found` where the value of each attribute lies in the text that `in` reads. The key
    /// as the service spelt it is found[key.partition] and found[*key.sort], so callers need not encode it.
    void decode(dynamodb::json_reader& in, void* entity, detail::item_values& found) const;
    /// Notes where the value of each attribute of an item lies, without reading any. Throws errc::malformed_response
    /// when an attribute is repeated, and errc::attribute_missing when the item lacks a key attribute.
    void note_values(dynamodb::json_reader& in, detail::item_values& found) const;
    /// Whether `json` (`{"id":…}`) is the key of the item whose values are `found`, in the same spelling. False also
    /// for the same key in another spelling.
    [[nodiscard]] bool spells_key(std::string_view json, detail::item_values const& found) const noexcept;

    /// A value that is stored in place of the member's own.
    struct override_value {
        /// A value in wire form; empty for no attribute.
        struct wire_text {
            std::string json;
        };
        attribute_index attribute;
        /// std::monostate: no attribute.
        std::variant<timestamp, std::uint64_t, std::string, std::monostate, wire_text> value;
        void append_wire(std::string& out) const;
    };
    /// Appends `"name":value` for every attribute that is not absent. With `needs_key`, throws errc::empty_key when a
    /// part of the table's key is empty.
    void encode_members(std::string& out, void const* entity, std::span<override_value const> overrides,
                        bool needs_key = false) const;
    /// The value of each attribute in wire form; empty when absent.
    [[nodiscard]] std::vector<std::string> encode_values(void const* entity,
                                                         std::span<override_value const> overrides) const;

    /// Appends the table key as `{"id":{"S":"…"}}`. Throws errc::empty_key naming the member, and
    /// errc::invalid_argument when a part is longer than the service takes.
    void encode_key(std::string& out, void const* entity) const;
    /// Appends the key made of these values in wire form. Throws errc::empty_key as the overload above does. `sort` is
    /// ignored when the table has no sort key.
    void encode_key(std::string& out, std::string_view partition, std::string_view sort) const;
    /// Appends the key of the item whose values are `found`, in the spelling of the answer. Throws errc::empty_key as
    /// the overloads above do.
    void encode_key(std::string& out, detail::item_values const& found) const;

    // For a key whose values the caller encodes. For each part, in order: begin_key_part() appends the attribute's name
    // and returns where the value begins, the caller appends the value, and end_key_part() checks it.
    [[nodiscard]] std::size_t begin_key_part(std::string& out, attribute_index attribute) const;
    void end_key_part(std::string& out, attribute_index attribute, std::size_t begin) const;

    /// Value of one attribute in wire form; empty when absent. Errors name entity and attribute.
    [[nodiscard]] std::string wire(void const* entity, attribute_index attribute) const;
    void append_wire(std::string& out, void const* entity, attribute_index attribute) const;
    /// Does the same for comparing and showing: "unknown" stands for what the program does not know, at every depth.
    void append_shown(std::string& out, void const* entity, attribute_index attribute) const;
    /// Puts a value in wire form into its member.
    void assign(void* entity, attribute_index attribute, std::string_view wire) const;
    /// Assigns a value that was stored in place of the member's own to the member. A member that receives a timestamp
    /// must be of type timestamp, and one that becomes absent a timestamp or a std::optional.
    void assign(void* entity, override_value const& made) const;

    /// Whether something happens between the entity and its request: transforms or rules.
    [[nodiscard]] bool has_rules() const noexcept { return !rules.empty() || !transforms.empty(); }
    /// Whether the entity is trashed. False without soft_delete<>.
    [[nodiscard]] bool is_trashed(void const* entity) const noexcept;

    [[nodiscard]] attribute_info const& operator[](attribute_index i) const { return attributes[i]; }
    [[nodiscard]] std::optional<attribute_index> find_attribute(std::string_view name) const noexcept;
    [[nodiscard]] relation_info const* find_relation(std::string_view member) const noexcept;
    /// Whether the attribute is a part of the table's key.
    [[nodiscard]] bool is_key(attribute_index i) const noexcept { return i == key.partition || key.sort == i; }
    /// Key attributes in order: partition, then sort.
    [[nodiscard]] std::vector<attribute_index> key_attributes() const;
    /// The table's key and those indexes whose partition key is by[0] and, if there are two, whose sort key is by[1].
    [[nodiscard]] std::vector<index_info const*> paths_by(std::span<attribute_index const> by) const;
    /// Whether the items of this path have the attribute, if it is stored at all.
    [[nodiscard]] bool projects(index_info const& path, attribute_index i) const noexcept;
};

/// The description of T. The first call makes it. Several threads may call this at the same time.
template <class T> [[nodiscard]] entity_type const& entity_type_of();

} // namespace dynasio

#endif
