#ifndef DYNASIO_ORM_ENTITY_TYPE_HPP
#define DYNASIO_ORM_ENTITY_TYPE_HPP

#include <dynasio/orm/detail/inlined_codec.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/pivot.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/timestamp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// What the compiled part of the ORM knows about an entity: names, keys, indexes, relations, and functions that get at
// the members of an object whose type it does not know. Made once for each entity from its schema, then constant.
namespace dynasio {

using attribute_index = std::uint16_t;

/// One stored member.
struct attribute_info {
    std::string name;   ///< Attribute name in the table.
    std::string member; ///< Member name in C++.
    dynamodb::attribute_type type;
    bool optional;      ///< The member can be empty: std::optional.
    std::size_t offset; ///< Of the member in the entity, in bytes.
    /// Key of an index: an empty string is stored as no attribute, because the service refuses it there.
    bool index_key = false;

    // The functions take the member, so that all members of one type share them.
    bool (*absent)(void const* member);                      ///< Stored as no attribute.
    void (*encode)(std::string& out, void const* member);    ///< Appends the value in wire form.
    void (*decode)(dynamodb::json_reader& in, void* member); ///< Reads the value in wire form.
    detail::inlined_codec inlined;                           ///< What decoding may read without that call.
    std::string json_name{};                                 ///< `"name":`

    [[nodiscard]] void const* member_of(void const* entity) const noexcept {
        return static_cast<char const*>(entity) + offset;
    }
    [[nodiscard]] void* member_of(void* entity) const noexcept { return static_cast<char*>(entity) + offset; }
};

/// The table's key (name empty) or one of its indexes.
struct index_info {
    std::string name;
    attribute_index partition;
    std::optional<attribute_index> sort;
    bool local = false;
};

struct entity_type;

/// One relation, as the loader and people see it.
struct relation_info {
    detail::relation_kind kind;
    detail::relation_name name; ///< Entity and member.
    entity_type const& (*owner)();
    entity_type const& (*target)();

    /// Attributes of the owner whose values the other side is looked up by.
    std::vector<attribute_index> owner_key{};
    /// Attributes of the target that hold these values.
    std::vector<attribute_index> target_key{};

    // belongs_to_many
    std::string pivot_table{}; ///< Without prefix.
    std::string pivot_key{};
    relation_info const& (*inverse_relation)() = nullptr; ///< Set: this side reads the links of that relation.

    // has_many_through
    relation_info const& (*first)() = nullptr;
    relation_info const& (*second)() = nullptr;

    std::size_t offset = 0; ///< Of the handle in the entity, in bytes.
    bool (*loaded)(void const* handle) = nullptr;
    /// Fills the handle. has_one, belongs_to: `items` is a vector of at most one T. has_many, through: a vector of T.
    void (*attach)(void* handle, std::shared_ptr<void> items) = nullptr;
    /// Fills a belongs_to_many from pointers to T.
    void (*attach_links)(void* handle, std::vector<detail::link<void>> links) = nullptr;

    [[nodiscard]] void const* handle_of(void const* entity) const noexcept {
        return static_cast<char const*>(entity) + offset;
    }
    [[nodiscard]] void* handle_of(void* entity) const noexcept { return static_cast<char*>(entity) + offset; }
    /// "User.posts"
    [[nodiscard]] std::string path() const;
};

/// What can be done with a `std::vector<T>` behind a `std::shared_ptr<void>`.
struct storage_functions {
    std::shared_ptr<void> (*make)();
    std::size_t (*size)(void const* vector);
    void* (*at)(void* vector, std::size_t i);
    void* (*append)(void* vector); ///< A new entity at the end; its handles know their names.
    void (*append_copy)(void* vector, void const* entity);
    void (*append_move)(void* vector, void* entity);
    void (*truncate)(void* vector, std::size_t size);
    void (*reserve)(void* vector, std::size_t size);
    void (*name_handles)(void* entity); ///< For an entity outside of a vector.
};

/// An entity without its C++ type.
struct entity_type {
    std::string name;  ///< C++ type.
    std::string table; ///< Without prefix.
    std::vector<attribute_info> attributes;
    /// Attributes by name: a hash table with open addressing, of a power of two slots.
    struct name_slot {
        dynamodb::detail::name_words words{};
        std::uint32_t name_size = 0;
        std::uint32_t offset = 0; ///< Of the member in the entity, in bytes.
        attribute_index attribute = no_attribute;
        /// Of a name that stands in JSON as it is and is shorter than scan_width, else not_usual.
        std::uint8_t usual_size = not_usual;
        std::uint8_t key_part = neither; ///< 0 partition key, 1 sort key
        detail::inlined_codec inlined{};
        static constexpr attribute_index no_attribute = static_cast<attribute_index>(-1);
        static constexpr std::uint8_t not_usual = 0xff;
        static constexpr std::uint8_t neither = 2;
    };
    std::vector<name_slot> names_table;
    std::uint64_t names_multiplier = 0;
    index_info key;
    std::vector<index_info> indexes;
    std::vector<relation_info> relations;
    std::optional<attribute_index> created_at;
    std::optional<attribute_index> updated_at;
    std::optional<attribute_index> version;

    /// The members of a PutItem that store an item only where there is none with its key.
    std::string only_if_absent;

    storage_functions storage{};

    /// Reads an item into an entity. Attributes without a member are skipped, members without an attribute keep their
    /// default. Throws dynasio::error naming entity and attribute; errc::attribute_missing for a missing key attribute.
    void decode(dynamodb::json_reader& in, void* entity) const;
    /// The same, and where the key's values lie in the text, in wire form as it came.
    struct key_text_view {
        std::string_view partition{};
        std::string_view sort{};
    };
    void decode(dynamodb::json_reader& in, void* entity, key_text_view& found) const;
    /// Whether `{"id":…}` is that key, spelt alike.
    [[nodiscard]] bool spells_key(std::string_view json, key_text_view const& found) const noexcept;

    /// Appends `"name":value` for every attribute that is not absent; `overrides` replace members' own values.
    /// `needs_key`: throws errc::empty_key when a part of the table's key is empty.
    struct override_value {
        attribute_index attribute;
        std::variant<timestamp, std::uint64_t, std::string> value;
        /// In wire form.
        void append_wire(std::string& out) const;
    };
    void encode_members(std::string& out, void const* entity, std::span<override_value const> overrides,
                        bool needs_key = false) const;
    /// The same as a list: for each attribute its value in wire form, empty when absent.
    [[nodiscard]] std::vector<std::string> encode_values(void const* entity,
                                                         std::span<override_value const> overrides) const;

    /// Appends the table key as `{"id":{"S":"…"}}`. Throws errc::empty_key naming the member.
    void encode_key(std::string& out, void const* entity) const;
    /// Appends the key made of these values in wire form.
    void encode_key(std::string& out, std::string_view partition, std::string_view sort) const;

    /// Appends the name of an attribute of the key, and tells where its value is to begin; end_key_part() checks it.
    [[nodiscard]] std::size_t begin_key_part(std::string& out, attribute_index attribute) const;
    void end_key_part(std::string& out, attribute_index attribute, std::size_t begin) const;

    /// Value of one attribute in wire form; empty when absent. Errors name entity and attribute.
    [[nodiscard]] std::string wire(void const* entity, attribute_index attribute) const;
    void append_wire(std::string& out, void const* entity, attribute_index attribute) const;
    /// Puts a value in wire form into its member.
    void assign(void* entity, attribute_index attribute, std::string_view wire) const;
    /// Puts a value that replaced the member's own into the member. A time: into a timestamp.
    void assign(void* entity, override_value const& made) const;

    [[nodiscard]] attribute_info const& operator[](attribute_index i) const { return attributes[i]; }
    [[nodiscard]] std::optional<attribute_index> find_attribute(std::string_view name) const noexcept;
    [[nodiscard]] relation_info const* find_relation(std::string_view member) const noexcept;
    /// Key attributes in order: partition, then sort.
    [[nodiscard]] std::vector<attribute_index> key_attributes() const;
    /// The index called `name`, or the table's key for an empty name.
    [[nodiscard]] index_info const* find_index(std::string_view name) const noexcept;
    /// Table key and indexes that have exactly these attributes as partition key (and, with two, as sort key).
    [[nodiscard]] std::vector<index_info const*> paths_by(std::span<attribute_index const> attributes) const;
    /// Key of the entity as text for pivot rows: injective; the plain text for a single string key.
    [[nodiscard]] std::string key_text(void const* entity) const;
    /// The inverse: `{"id":{"S":"…"}}`. Throws errc::malformed_response when `text` was not made by key_text.
    [[nodiscard]] std::string key_from_text(std::string_view text) const;
};

/// The description of T. Thread-safe; made when first asked for.
template <class T> [[nodiscard]] entity_type const& entity_type_of();

} // namespace dynasio

#endif
