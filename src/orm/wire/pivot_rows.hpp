#ifndef DYNASIO_SRC_ORM_WIRE_PIVOT_ROWS_HPP
#define DYNASIO_SRC_ORM_WIRE_PIVOT_ROWS_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/pivot.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "item_write.hpp"
#include "query_read.hpp"

// The format of pivot rows, which only this file knows: pk is "{pivot_key}#{left id}" and sk "{right id}". Further
// attributes hold both ids, the pivot key, the time of the first attach and a map of the application's own data. The
// left side reads its rows by the table's key, the right side by the index by_right (id_right, pivot_key).
//
// In a table whose attributes the relation names, the two attributes of the key hold the keys of both entities as these
// store them, and every other attribute but the time is data of the application. The right side reads them by an index
// with that side's attribute as partition key.
namespace dynasio::detail {

/// One row, as a load needs it: the key of the entity on the other side, and the pivot data of the link.
struct link_row {
    std::string far_key{};  ///< The key of the other side's entity in wire form.
    std::string far_text{}; ///< The same key as text; see key_text().
    dynasio::pivot data{};
};

/// The rows of one belongs_to_many, seen from one of its sides.
class pivot_rows {
public:
    explicit pivot_rows(relation_info const& relation);

    /// The key of the row that begins at `row`, as JSON; empty when it cannot be read. Text may follow the row.
    [[nodiscard]] std::string key_of_row(std::string_view row) const;

    // ---- the table
    /// An attribute of the key of the table or its index.
    struct key_attribute {
        std::string_view name{};
        dynamodb::attribute_type type = dynamodb::attribute_type::string;
    };
    /// What a table needs to hold rows.
    struct table_layout {
        key_attribute partition{};
        key_attribute sort{};
        std::string_view index{}; ///< Empty when there is none.
        key_attribute index_partition{};
        key_attribute index_sort{};
    };
    [[nodiscard]] table_layout layout() const;
    /// Where guards are, which are rows of this library's format in any case; see below.
    [[nodiscard]] std::string_view guard_table() const noexcept;
    [[nodiscard]] static table_layout guard_layout() noexcept;

    /// Whether this relation reads the rows from the right side, by the index.
    [[nodiscard]] bool reverse() const noexcept { return reverse_; }
    /// The pivot table's name without the client's prefix.
    [[nodiscard]] std::string const& table() const noexcept { return declared_->pivot_table; }

    // ---- reading
    /// The Query for the rows of one entity. `table` is the physical name. `consistent` has no effect on reads from the
    /// right side, because a global secondary index has no consistent reads. `descending` has an effect where
    /// is_sorted().
    [[nodiscard]] query_text text(std::string table, bool consistent, bool descending = false) const;
    /// Whether that Query gives the rows in the order of the keys of the entities behind them. From the left side it
    /// gives them in the order of the sort key, which is that of the keys where it holds the key itself, and not a text
    /// of it that sorts otherwise.
    [[nodiscard]] bool is_sorted() const noexcept;
    /// The body of that Query, counting rows in place of reading them.
    [[nodiscard]] static std::string counting_body(query_text const& text, std::string_view key,
                                                   std::string_view cursor);
    /// Whether `given`, as data of a link that is stored with `stored`, would change it.
    [[nodiscard]] bool changes(dynasio::pivot const& stored, dynasio::pivot const& given) const;
    /// What is stored of that link afterwards.
    [[nodiscard]] dynasio::pivot after(dynasio::pivot const& stored, dynasio::pivot const& given) const;
    /// The value of that Query's key for an entity of the near side, in wire form. Throws errc::empty_key, and
    /// errc::invalid_argument for a key that is too long for a link.
    [[nodiscard]] std::string key_for(void const* entity) const;
    /// Reads one row. Throws errc::malformed_response for an item that is not a row of a pivot table.
    void read(dynamodb::json_reader& in, link_row& row) const;

    // ---- writing
    /// The key of an entity of the near side as text. Throws errc::entity_not_saved when it has none.
    [[nodiscard]] std::string near_text(write_environment const& env, void const* near) const;
    /// That of an entity of the far side, by its key; throws the same for a key that could not be made.
    [[nodiscard]] std::string far_text(write_environment const& env, lowered_key const& far) const;

    /// The two entities of a link by their keys as text.
    struct ids {
        std::string near;
        std::string far;
    };
    /// Of an entity of the near side, and one of the far side or its key. Throws errc::entity_not_saved naming the side
    /// that has no key.
    [[nodiscard]] ids ids_of(write_environment const& env, void const* near, void const* far) const;
    [[nodiscard]] ids ids_of(write_environment const& env, void const* near, lowered_key const& far) const;
    /// What must be stored of the row for a write to succeed.
    enum class required : unsigned char { nothing, absent, present };
    /// Links two entities with one write that may be repeated. The first attach sets the time, later ones keep it; the
    /// data changes only when `data` is given. Throws errc::invalid_argument naming the side whose key is too long for
    /// DynamoDB, and errc::item_too_large.
    [[nodiscard]] item_write attach(write_environment const& env, ids const& both,
                                    std::optional<dynasio::pivot> const& data, required row, std::string body) const;
    [[nodiscard]] item_write detach(write_environment const& env, ids const& both, required row,
                                    std::string body) const;

    /// Whether the link of these two is stored as two rows, one for each of them. An entity that is linked with itself
    /// has one row.
    [[nodiscard]] bool is_pair(ids const& both) const noexcept {
        return declared_->is_symmetric && both.near != both.far;
    }
    /// Append the writes of all rows of a link. What is required is required of the row of the near side; that of the
    /// far side follows it, whatever is stored.
    void append_attach(std::vector<item_write>& to, write_environment const& env, ids const& both,
                       std::optional<dynasio::pivot> const& data, required row) const;
    void append_detach(std::vector<item_write>& to, write_environment const& env, ids const& both, required row) const;

    // ---- the guard of all links of an entity
    // An item beside the rows that counts how often the links of one entity were replaced as a whole. It makes two
    // replacements exclude each other, whichever rows they write. It is in a partition of its own and not in the index,
    // so that no reader of links sees it. A table whose attributes the relation names has no place for it: other
    // programs read that table, and its keys can be numbers.

    /// The request that reads it, always consistently.
    [[nodiscard]] std::string guard_question(write_environment const& env, std::string_view near_text) const;
    /// The count in the answer; 0 when there is no guard yet.
    [[nodiscard]] static std::uint64_t read_guard(std::string_view answer);
    /// Counts it on, provided that it is still `count`.
    [[nodiscard]] item_write count_on(write_environment const& env, std::string_view near_text,
                                      std::uint64_t count) const;

private:
    [[nodiscard]] row_key guard_key(std::string_view near_text) const;
    [[nodiscard]] row_key key_of(ids const& both) const;
    void read_named(dynamodb::json_reader& in, link_row& row) const;
    [[nodiscard]] bool are_named() const noexcept { return declared_->link_attributes.are_named(); }
    [[nodiscard]] std::string_view partition_name() const noexcept;
    [[nodiscard]] std::string_view sort_name() const noexcept;
    /// What attach() sets of the data. Throws errc::invalid_argument for a name that is taken.
    void append_data(dynasio::pivot const& data, std::string& update, dynamodb::expression_writer& expressions) const;
    [[nodiscard]] std::string condition_members(required row, dynamodb::expression_writer& expressions) const;
    /// The value of the partition key of the rows of an entity of the left side, and of the sort key for one of the
    /// right side, in wire form.
    [[nodiscard]] std::string left_value(std::string const& left) const;
    [[nodiscard]] std::string right_value(std::string const& right) const;
    /// The same where the relation names the attributes; `most` is the limit of the key in bytes.
    [[nodiscard]] std::string named_value(bool left, std::string const& text, std::size_t most) const;
    /// These values as text in the format of this library.
    [[nodiscard]] std::string left_text(std::string const& left) const;
    [[nodiscard]] std::string const& right_text(std::string const& right) const;
    [[noreturn]] void throw_too_long(bool left, std::size_t size, std::size_t most) const;

    relation_info const* relation_;
    relation_info const* declared_;
    bool reverse_;
};

} // namespace dynasio::detail

#endif
