#ifndef DYNASIO_SRC_ORM_WIRE_ITEM_WRITE_HPP
#define DYNASIO_SRC_ORM_WIRE_ITEM_WRITE_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/detail/request_subject.hpp>
#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/operation.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "../type/changes.hpp"

namespace dynasio {
class ulid_generator;
}

namespace dynasio::detail {

/// What must hold for the stored item, and the error when it does not hold.
enum class write_guard : unsigned char {
    none,
    absent,          ///< There is no item with this key. Else errc::already_exists.
    unmarked,        ///< There is no item, or one without version and time of creation. Else errc::already_exists.
    present,         ///< There is an item with this key. Else errc::not_found.
    same_version,    ///< There is an item with the version that was read. Else errc::stale_version.
    same_or_removed, ///< There is no item, or it has the version that was read. Else errc::stale_version.
};

/// The values besides the entity that decide a write. They are passed in, so that tests need no clock and no generator.
struct write_environment {
    std::string_view table_prefix{}; ///< The client's prefix of table names.
    system_time now{};
    ulid_generator* ids = nullptr; ///< For keys that are generated.
};

/// What is stored of an entity with unique<> members, as far as these are concerned.
struct stored_values {
    bool exists = false;             ///< Whether there is an item.
    std::vector<std::string> wire{}; ///< By attribute, in wire form; empty for one that is absent, or is not unique.
};

/// Whether a condition holds for an item as JSON; empty for none. False for text that is no item.
[[nodiscard]] bool is_satisfied(dynamodb::condition const& what, std::string_view json);

/// What a write that touches unique<> members has besides.
struct unique_expectation {
    stored_values expected{};
    attribute_set about{}; ///< The attributes that it is about.
    bool adopts = false;
    std::size_t text_at = 0;                   ///< Where the condition begins in the write's text, which ends with it.
    dynamodb::expression_writer expressions{}; ///< Of what stands before that.
};

/// One guarded write as a value: the operation with its table, key, item or update and guard; what is put into the
/// entity when it succeeds; and what its failure means. It is decided without I/O when it is made. It can be sent alone
/// or as an action of a transaction, and, where it has no condition, in a batch.
///
/// It refers to the entity, which must stay where it is, unchanged, until the write has ended.
class item_write {
public:
    using override_value = entity_type::override_value;

    // ---- what it is
    /// That of a condition check, which has none of its own, is transact_write_items.
    [[nodiscard]] dynamodb::operation operation() const noexcept { return operation_; }
    /// Whether it writes nothing and only requires something of an item; a transaction alone can send it.
    [[nodiscard]] bool only_checks() const noexcept { return operation_ == dynamodb::operation::transact_write_items; }
    /// Of the entity; empty for rows of links, which no entity describes.
    [[nodiscard]] std::string_view entity_name() const noexcept;
    /// The entity's key is made by this write.
    [[nodiscard]] bool makes_key() const noexcept { return made_key() != nullptr; }
    [[nodiscard]] write_guard guard() const noexcept { return guard_; }
    /// Without the client's prefix.
    [[nodiscard]] std::string_view table() const noexcept { return table_; }
    /// The key in wire form.
    [[nodiscard]] std::string key() const;
    /// Carrying the write out twice has the same effect as carrying it out once.
    [[nodiscard]] bool repeatable() const noexcept { return repeatable_; }
    /// The answer tells whether there was an item before.
    [[nodiscard]] bool answers_with_old_item() const noexcept { return answers_with_old_item_; }
    /// The service is asked for the stored item when a condition fails. It decides whether the guard or the caller's
    /// condition failed, and whether a repetition met its own earlier attempt. (A key that was made decides that
    /// already, and for other guards the item would not.)
    [[nodiscard]] bool asks_for_stored_item() const noexcept;
    /// What is put into the entity on success.
    [[nodiscard]] std::vector<override_value> const& assignments() const noexcept { return assignments_; }

    // ---- unique members
    // A write that can change which value of a unique<> member is whose is carried out only when what is stored is what
    // is expected, because the guards that change with it follow from that. What is expected is a guess that costs
    // nothing when it is right: that a save does not change these values, and that a removal removes what was read.

    /// Whether the write is such a write. Guards of other writes stay as they are.
    [[nodiscard]] bool touches_unique() const noexcept { return conditions_ && conditions_->unique; }
    [[nodiscard]] entity_type const& type() const noexcept { return *type_; } ///< Precondition: touches_unique().
    /// What must be stored, besides the guard and the caller's condition. Precondition: touches_unique().
    [[nodiscard]] stored_values const& expected() const noexcept { return conditions_->unique->expected; }
    /// What is stored of the unique<> members after the write. Precondition: touches_unique().
    [[nodiscard]] stored_values stored_afterwards() const;
    /// Whether the guards are to be made for what is stored already.
    [[nodiscard]] bool adopts() const noexcept { return touches_unique() && conditions_->unique->adopts; }
    /// Call it when a condition failed: whether it was the expectation alone. `json` is the stored item, empty for
    /// none. An item that is created expects nothing.
    [[nodiscard]] bool failed_the_expectation(std::string_view json) const;
    /// Makes the write expect what `json` holds. Precondition: failed_the_expectation(json).
    void expect(std::string_view json);

    // ---- sending it
    /// The body of the request for this write alone.
    [[nodiscard]] std::string body() const;
    /// The same. It takes the memory of the text, so the functions below must not
    /// be called afterwards.
    [[nodiscard]] std::string take_body() &&;
    /// BatchWriteItem knows neither conditions nor updates (API reference).
    [[nodiscard]] bool fits_batch() const noexcept;
    /// An element of BatchWriteItem's list for the table. Precondition: fits_batch().
    void append_batch_entry(std::string& out) const;
    /// An element of TransactWriteItems' list. Precondition: fits_transaction().
    void append_transaction_entry(std::string& out) const;
    /// False for an update that sets nothing, which a transaction does not know: it is that of an entity that consists
    /// of its key.
    [[nodiscard]] bool fits_transaction() const noexcept;
    /// The item has at least this many bytes afterwards. Only large writes need to be measured: the text of a write is
    /// longer than this.
    [[nodiscard]] std::size_t least_size() const;
    /// The tables and keys of the request, for throttling and observers. Valid as long as this object stays where it
    /// is.
    [[nodiscard]] dynamodb::detail::request_subject subject() const noexcept;

    // ---- when it has ended
    /// Call it when the write succeeded. Assigns key, times and version to the entity, and to `twin` as well, a copy of
    /// the entity, if there is one.
    void apply(void* twin = nullptr) const;
    /// Assigns them to a copy of the entity alone.
    void assign_to(void* copy) const;
    /// Call it when the write failed. Whether the guard failed because an earlier attempt of the same call, whose
    /// answer was lost, had carried the write out; it has succeeded then. It is known when the key was made for this
    /// write, or when the item that is stored is the one that was sent. An item that consists of its key and a version
    /// does not tell who wrote it. False when there was no attempt in doubt.
    [[nodiscard]] bool met_itself(error const& e) const;
    /// Call it when the write failed and is not known to have had no effect. Assigns a key that was made to the entity,
    /// so that whoever repeats the call cannot store a second item.
    void keep_key() const;
    /// Call it when the write failed. Returns the error for the caller: a failed guard becomes the code of the guard
    /// and a message with the key, and any other error keeps its code. The entity's name is added.
    [[nodiscard]] error meaning_of(error const& e) const;

private:
    /// Whether it writes a row that no entity describes.
    [[nodiscard]] bool is_row() const noexcept { return type_ == nullptr; }
    /// The key that was made for this write; null when the entity had one.
    [[nodiscard]] override_value const* made_key() const noexcept;
    /// Whether `json`, an item, has the values that this write stores.
    [[nodiscard]] bool is_stored_as(std::string_view json) const;
    /// The value that is stored, in wire form; empty when the attribute is absent.
    [[nodiscard]] std::string value_of(attribute_index i) const;
    /// Whether the guard failed, given that it or the caller's condition did. `json` is the stored item; empty when
    /// there is none, or when it is not known.
    [[nodiscard]] bool failed_the_guard(std::string_view json) const;
    /// Whether a computed attribute would have been made from other values than those of `json`, the stored item.
    [[nodiscard]] bool failed_the_computation(std::string_view json) const;
    friend class write_maker;
    item_write() = default;
    static void tell(dynamodb::detail::request_subject const& self, std::string_view body, std::string_view prefix,
                     dynamodb::detail::request_targets& out);

    dynamodb::operation operation_ = dynamodb::operation::put_item;
    write_guard guard_ = write_guard::none;
    bool repeatable_ = false;
    bool answers_with_old_item_ = false;
    bool answers_with_new_item_ = false;
    bool transforms_ = false;           // the members in memory get what the transforms have made of them
    entity_type const* type_ = nullptr; // null for rows of links
    void* entity_ = nullptr;            // null for rows of links, and for removing by key
    std::string_view table_{};
    std::string text_{};       // `{"TableName":…` with all members that every form has, without the closing brace
    std::size_t item_at_ = 0;  // where the item, or the key of an update or delete, begins in text_
    std::size_t item_end_ = 0; // where it ends
    std::string key_{};        // the key of a write without an entity
    std::vector<override_value> assignments_{};
    attribute_set written_{}; // besides the key
    /// Only for a write with a condition of the caller's own, or of an entity with unique<> members, so that other
    /// writes do not carry it along.
    struct conditions {
        dynamodb::condition guard{};
        dynamodb::condition computed_from{};
        dynamodb::condition only_if{};
        std::optional<unique_expectation> unique{};
    };
    void append_end(std::string& body) const;
    /// Writes the condition, and the names and values of all expressions, behind the rest of the text.
    void write_conditions();
    std::unique_ptr<conditions> conditions_{};
    std::string_view row_partition_name_{};
    std::uint64_t row_partition_ = 0; // its fingerprint
};

/// Stores an entity. When the last part of the key is an empty string, a ULID is generated for it. `body` is an empty
/// string whose memory the write uses. Throws errc::empty_key, errc::number_out_of_range, errc::item_too_large and the
/// errors of the codecs.
///
/// An entity is new when `mode` is create, or when its key is empty and generated. It becomes a PutItem with the guard
/// `absent`. Every other becomes an UpdateItem, which keeps the attributes that the schema does not have. An entity
/// with version 0 or, without a version, with an unset created_at is new, or was read from an item that is older than
/// these members; its guard is `unmarked`, which holds for both. Otherwise the guard is the version, or `present` when
/// the entity has only created_at. An entity that has neither member has no guard.
///
/// `mode` trash and restore write the attribute of soft_delete<>, updated_at and the version alone. They always require
/// that there is an item, because an update of a few attributes would otherwise make one of them. An entity that is
/// trashed already keeps its time. Computed attributes that change with it are made from `read`, the entity as it was
/// read, or else from `entity`, and the members behind them must be stored as they are there. Throws
/// errc::entity_not_saved for an empty key.
[[nodiscard]] item_write make_write(write_environment const& env, entity_type const& type, void* entity,
                                    write_mode mode, std::string body, dynamodb::condition only_if = {},
                                    void const* read = nullptr);

/// Whether the last part of the key is an empty string, for which make_write() generates a ULID.
[[nodiscard]] bool has_empty_key(entity_type const& type, void const* entity);

/// Stores what has changed in an entity since it was read; `original` is how it was then. Nothing when there is no
/// change, unless `touches` asks for updated_at (and the version) to be stored even so. The write requires that there
/// is an item, with the version that was read if the type has one; version 0 is that of an item without version.
/// Throws errc::invalid_argument for a changed key.
[[nodiscard]] std::optional<item_write> make_save_of_changes(write_environment const& env, entity_type const& type,
                                                             void* entity, void const* original, bool touches,
                                                             std::string body, dynamodb::condition only_if = {});

/// Whether carrying the changes out twice has another effect than once: numbers are added to, lists are made longer.
/// (The elements of a set are in it once.)
[[nodiscard]] bool counts_twice(entity_type const& type, update_spec const& what) noexcept;

/// Changes an item by key, whatever is stored, and counts its version on and sets updated_at. Without `creates` there
/// must be an item; with it, created_at is set where it is absent. The answer has the item after the change. Throws
/// errc::invalid_argument when nothing is to be changed, or one attribute twice, and when a computed attribute is made
/// from something that it changes.
[[nodiscard]] item_write make_update(write_environment const& env, entity_type const& type, std::string key,
                                     update_spec const& what, std::string body);

/// Deletes by key. A `version` (wire form) that is not empty adds the guard same_or_removed. Version 0 is also that of
/// an item without version. `read` is the entity as it was read, which has the values of unique<> members, or null.
[[nodiscard]] item_write make_remove(write_environment const& env, entity_type const& type, std::string key,
                                     std::string_view version, std::string body, dynamodb::condition only_if = {},
                                     void const* read = nullptr);

/// Requires, as an action of a transaction, that the unique<> members of an entity are stored as they are in `entity`,
/// so that the transaction can make the guards for them. Nothing for an entity that has none of the values.
[[nodiscard]] std::optional<item_write> make_adoption(write_environment const& env, entity_type const& type,
                                                      void const* entity);

/// Requires, as an action of a transaction, that there is an item with this key which satisfies `only_if`. With an
/// `entity` of that key, its version must be stored too. Without an entity and with a condition, the condition alone
/// decides whether there has to be an item.
[[nodiscard]] item_write make_check(write_environment const& env, entity_type const& type, std::string key,
                                    void const* entity, dynamodb::condition only_if);

/// The key of a row that no entity describes, such as a link. The names must outlive the write.
struct row_key {
    std::string_view table{};          ///< Without the client's prefix.
    std::string_view partition_name{}; ///< Of the partition key's attribute.
    std::string partition_value{};     ///< In wire form.
    std::string json{};                ///< The whole key in wire form.
};
/// Updates a row. `update_members`: UpdateExpression, a condition, if there is one, and what they need, as
/// `,"name":value…`.
[[nodiscard]] item_write make_row_update(write_environment const& env, row_key key, std::string_view update_members,
                                         std::string body);
/// Deletes a row. `condition_members`: the same of a condition, or nothing.
[[nodiscard]] item_write make_row_delete(write_environment const& env, row_key key, std::string_view condition_members,
                                         std::string body);

} // namespace dynasio::detail

#endif
