#ifndef DYNASIO_SRC_ORM_WIRE_QUERY_READ_HPP
#define DYNASIO_SRC_ORM_WIRE_QUERY_READ_HPP

#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/operation.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "../plan/access_plan.hpp"
#include "../plan/projection.hpp"

namespace dynasio::dynamodb {
class expression_writer;
class json_reader;
namespace detail {
struct request_targets;
}
} // namespace dynasio::dynamodb

// Writes the requests of Query and Scan and reads their answers.
namespace dynasio::detail {

/// The values of a query's open key, which each request brings: one value in wire form for each attribute.
using key_values = std::span<std::string_view const>;

/// The text of a Query or Scan. It is written once, as pieces; the body of a request consists of these pieces with the
/// values of a key between them.
class query_text {
public:
    /// The text of a plan. `table` is the physical name. `open_key` lists the attributes whose values come with each
    /// request; it is empty for a plan with a key of its own, and for a Scan. Each request of a Scan in segments brings
    /// the number of one.
    query_text(entity_type const& type, std::string table, access_plan const& plan,
               std::span<attribute_index const> open_key, projection wanted, bool consistent);

    /// A Query without an access_plan, with one open value. `condition` is the text of its key condition.
    query_text(std::string table, std::string index, std::string partition_name, std::string const& condition,
               dynamodb::expression_writer const& expressions, bool consistent, bool descending = false);

    /// Appends the body of a request. `limit` is the largest number of items that the service reads. `cursor` is the
    /// LastEvaluatedKey of the page before, empty for the first page.
    void append_body(std::string& out, key_values key, std::optional<std::size_t> limit, std::string_view cursor) const;

    [[nodiscard]] dynamodb::operation operation() const noexcept { return operation_; }
    [[nodiscard]] std::string const& table() const noexcept { return table_; }
    [[nodiscard]] std::string const& index() const noexcept { return index_; }
    /// Whether each request brings the values of a key.
    [[nodiscard]] bool has_open_key() const noexcept { return pieces_.size() > 1; }
    /// A text that identifies the requests: two objects with equal identities send equal bodies for equal keys.
    [[nodiscard]] std::string identity() const;
    /// Adds the table, index and partition that a request with this key reads.
    void tell_target(key_values key, dynamodb::detail::request_targets& out) const;

private:
    void begin();
    void close(dynamodb::expression_writer const& expressions, std::size_t open_values);

    dynamodb::operation operation_;
    std::string table_;
    std::string index_;
    std::string partition_name_; // empty for a Scan
    std::string partition_;      // the partition key's value in wire form, unless it is open
    std::vector<std::string> pieces_;
};

/// Receives the items of a page.
class page_sink {
public:
    /// Is told how many items come, by a service that says so before them. It is a hint, which no item need follow.
    virtual void expect_items(std::size_t /*count*/) {}
    /// Reads the array of items.
    virtual void read_items(dynamodb::json_reader& in) = 0;

protected:
    ~page_sink() = default;
};

/// What a page says besides its items.
struct page_end {
    std::string next{};      ///< LastEvaluatedKey, where the next page begins; empty after the last one.
    std::uint64_t count = 0; ///< Count: items that match.
    double read_units = 0;   ///< Capacity units, if they were asked for.
};

/// Reads an answer. `began_at` is the cursor with which the page was requested. Throws errc::malformed_response for
/// text that is not such an answer, and for an answer that names its own page as the next one.
[[nodiscard]] page_end read_page(std::string_view body, std::string_view began_at, page_sink& sink);

} // namespace dynasio::detail

#endif
