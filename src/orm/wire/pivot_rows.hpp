#ifndef DYNASIO_SRC_ORM_WIRE_PIVOT_ROWS_HPP
#define DYNASIO_SRC_ORM_WIRE_PIVOT_ROWS_HPP

#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/pivot.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "item_write.hpp"
#include "query_read.hpp"

// The format of pivot rows, which only this file knows: pk is "{pivot_key}#{left id}" and sk "{right id}". Further
// attributes hold both ids, the pivot key, the time of the first attach and a map of the application's own data. The
// left side reads its rows by the table's key, the right side by the index by_right (id_right, pivot_key).
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
    /// The key of the row that begins at `row`, as JSON; empty when it cannot be read. Text may follow the row.
    [[nodiscard]] static std::string key_of_row(std::string_view row);

    static constexpr std::string_view partition_name = "pk";
    static constexpr std::string_view sort_name = "sk";
    static constexpr std::string_view right_index = "by_right";
    static constexpr std::string_view right_id = "id_right";
    static constexpr std::string_view pivot_key_name = "pivot_key";

    explicit pivot_rows(relation_info const& relation);

    /// Whether this relation reads the rows from the right side, by the index.
    [[nodiscard]] bool reverse() const noexcept { return reverse_; }
    /// The pivot table's name without the client's prefix.
    [[nodiscard]] std::string const& table() const noexcept { return declared_->pivot_table; }

    // ---- reading
    /// The Query for the rows of one entity. `table` is the physical name. `consistent` has no effect on reads from the
    /// right side, because a global secondary index has no consistent reads.
    [[nodiscard]] query_text text(std::string table, bool consistent) const;
    /// The value of that Query's key for an entity of the near side, in wire form. Throws errc::empty_key, and
    /// errc::invalid_argument for a key that is too long for a link.
    [[nodiscard]] std::string key_for(void const* entity) const;
    /// Reads one row. Throws errc::malformed_response for an item that is not a row of a pivot table.
    void read(dynamodb::json_reader& in, link_row& row) const;

    // ---- writing
    /// Links two entities with one write that may be repeated. The first attach sets the time, later ones keep it; the
    /// data changes only when `data` is given. Throws errc::entity_not_saved naming the side that has no key,
    /// errc::invalid_argument naming the side whose key is too long for DynamoDB, and errc::item_too_large.
    [[nodiscard]] item_write attach(write_environment const& env, void const* near, void const* far,
                                    std::optional<dynasio::pivot> const& data, std::string body) const;
    [[nodiscard]] item_write detach(write_environment const& env, void const* near, void const* far,
                                    std::string body) const;

private:
    struct ids {
        std::string left;
        std::string right;
    };
    [[nodiscard]] ids ids_of(write_environment const& env, void const* near, void const* far) const;
    [[nodiscard]] row_key key_of(ids const& both) const;
    /// The partition key of the rows of an entity of the left side, and the sort key for one of the right side.
    [[nodiscard]] std::string left_text(std::string const& left) const;
    [[nodiscard]] std::string const& right_text(std::string const& right) const;
    [[noreturn]] void throw_too_long(bool left, std::size_t size, std::size_t most) const;

    relation_info const* relation_;
    relation_info const* declared_;
    bool reverse_;
};

} // namespace dynasio::detail

#endif
