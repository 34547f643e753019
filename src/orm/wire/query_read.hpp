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

// The one writer of Query's and Scan's requests and the one reader of their answers.
namespace dynasio::detail {

/// The keys of a query whose partition key, or whole key, comes later: one value in wire form for each attribute.
using key_values = std::span<std::string_view const>;

/// The text of a Query or Scan, written once and completed for each page: a body is made of these pieces with the
/// values of a key between them.
class query_text {
public:
    /// A plan's text. `table`: physical name. `open_key`: the attributes whose values come with each request; none for a
    /// plan that has its key, and for a Scan.
    query_text(entity_type const& type, std::string table, access_plan const& plan,
               std::span<attribute_index const> open_key, projection wanted, bool consistent);

    /// A Query of another program's making: `condition` is the text of its key condition, with the open values.
    query_text(std::string table, std::string index, std::string partition_name, std::string const& condition,
               dynamodb::expression_writer const& expressions, bool consistent);

    /// Appends a request. `limit`: items to be read at most. `cursor`: LastEvaluatedKey of the page before.
    void append_body(std::string& out, key_values key, std::optional<std::size_t> limit, std::string_view cursor) const;

    [[nodiscard]] dynamodb::operation operation() const noexcept { return operation_; }
    [[nodiscard]] std::string const& table() const noexcept { return table_; }
    [[nodiscard]] std::string const& index() const noexcept { return index_; }
    /// Whether each request brings a key.
    [[nodiscard]] bool has_open_key() const noexcept { return pieces_.size() > 1; }
    /// All that tells this text from another: two with equal identities send the same for equal keys.
    [[nodiscard]] std::string identity() const;
    /// What a request with this key is about.
    void tell_target(key_values key, dynamodb::detail::request_targets& out) const;

private:
    void begin();
    void close(dynamodb::expression_writer const& expressions, std::size_t open_values);

    dynamodb::operation operation_;
    std::string table_;
    std::string index_;
    std::string partition_name_; // empty for a Scan
    std::string partition_;      // its value, where it is no open one
    std::vector<std::string> pieces_;
};

/// What the items of a page are read into.
class page_sink {
public:
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

/// Reads an answer. `began_at`: where this page began. Throws errc::malformed_response for an answer that is none, and
/// for one that names its own page as the next.
[[nodiscard]] page_end read_page(std::string_view body, std::string_view began_at, page_sink& sink);

} // namespace dynasio::detail

#endif
