#ifndef DYNASIO_SRC_ORM_WIRE_ITEM_WRITE_HPP
#define DYNASIO_SRC_ORM_WIRE_ITEM_WRITE_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/detail/request_subject.hpp>
#include <dynasio/dynamodb/operation.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio {
class ulid_generator;
}

namespace dynasio::detail {

/// What must hold for the stored item, and so what it means when it does not.
enum class write_guard : unsigned char {
    none,
    absent,          ///< There is no item with this key. Else errc::already_exists.
    present,         ///< There is one. Else errc::not_found.
    same_version,    ///< There is one, with the version that was read. Else errc::stale_version.
    same_or_removed, ///< There is none, or it has the version that was read. Else errc::stale_version.
};

/// What a write takes from outside.
struct write_environment {
    std::string_view table_prefix{}; ///< Of the client.
    system_time now{};
    ulid_generator* ids = nullptr; ///< For keys that are generated.
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
    [[nodiscard]] dynamodb::operation operation() const noexcept { return operation_; }
    [[nodiscard]] write_guard guard() const noexcept { return guard_; }
    /// Without the client's prefix.
    [[nodiscard]] std::string_view table() const noexcept { return table_; }
    /// The key in wire form.
    [[nodiscard]] std::string key() const;
    /// Doing it twice is the same as doing it once.
    [[nodiscard]] bool repeatable() const noexcept { return repeatable_; }
    /// The answer tells whether there was an item before.
    [[nodiscard]] bool answers_with_old_item() const noexcept { return answers_with_old_item_; }
    /// What is put into the entity on success.
    [[nodiscard]] std::vector<override_value> const& assignments() const noexcept { return assignments_; }

    // ---- sending it
    /// The body of the request; the texts below are gone then.
    [[nodiscard]] std::string take_body() &&;
    /// BatchWriteItem knows neither conditions nor updates (API reference).
    [[nodiscard]] bool fits_batch() const noexcept;
    /// An element of BatchWriteItem's list for the table. Precondition: fits_batch().
    void append_batch_entry(std::string& out) const;
    /// An element of TransactWriteItems' list.
    void append_transaction_entry(std::string& out) const;
    /// What the request is about. Valid as long as this object stays where it is.
    [[nodiscard]] dynamodb::detail::request_subject subject() const noexcept;

    // ---- when it has ended
    /// It succeeded: puts key, times and version into the entity.
    void apply() const;
    /// It failed: what that means. An error that is not about the guard stays what it is.
    [[nodiscard]] error meaning_of(error const& e) const;

private:
    friend class write_maker;
    item_write() = default;
    static void tell(dynamodb::detail::request_subject const& self, std::string_view body, std::string_view prefix,
                     dynamodb::detail::request_targets& out);

    dynamodb::operation operation_ = dynamodb::operation::put_item;
    write_guard guard_ = write_guard::none;
    bool repeatable_ = false;
    bool answers_with_old_item_ = false;
    entity_type const* type_ = nullptr; // null for rows of links
    void* entity_ = nullptr;            // null for rows of links, and for removing by key
    std::string_view table_{};
    std::string text_{};       // `{"TableName":…` with all members that every form has, without the closing brace
    std::size_t item_at_ = 0;  // in text_: the item, or the key of an update or delete
    std::size_t item_end_ = 0; // where it ends
    std::string key_{};        // where there is no entity to make it of
    std::vector<override_value> assignments_{};
};

/// Stores an entity. A key whose last part is an empty string is generated. `body`: an empty string whose memory is used.
/// Throws errc::empty_key, errc::number_out_of_range and what the codecs throw.
///
/// Whether the entity is new: create() says so; else an empty generated key; else version 0; without a version an unset
/// created_at. A new entity is a PutItem that meets no other item; one that was stored is an UpdateItem, which keeps the
/// attributes that the schema does not know, guarded by version or, where only created_at tells, by presence. Where
/// nothing tells, it is an UpdateItem without a guard.
[[nodiscard]] item_write make_write(write_environment const& env, entity_type const& type, void* entity,
                                    write_mode mode, std::string body);

/// Deletes by key; guarded when `version`, in wire form, is not empty.
[[nodiscard]] item_write make_remove(write_environment const& env, entity_type const& type, std::string key,
                                     std::string_view version, std::string body);

/// Writes of rows that no entity describes (pivot_rows): `table` without prefix must outlive the write.
/// `update_members`: UpdateExpression and what it needs, as `,"name":value…`.
[[nodiscard]] item_write make_row_update(write_environment const& env, std::string_view table, std::string key,
                                         std::string_view update_members, std::string body);
[[nodiscard]] item_write make_row_delete(write_environment const& env, std::string_view table, std::string key,
                                         std::string body);

} // namespace dynasio::detail

#endif
