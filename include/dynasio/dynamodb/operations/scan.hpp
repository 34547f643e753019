#ifndef DYNASIO_DYNAMODB_OPERATIONS_SCAN_HPP
#define DYNASIO_DYNAMODB_OPERATIONS_SCAN_HPP

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/enumeration.hpp>
#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/shapes/item.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Left out, because expressions replaced them: AttributesToGet, ScanFilter, ConditionalOperator.
namespace dynasio::dynamodb {

class json_reader;

/// One page of a Scan.
struct scan_response {
    std::optional<std::vector<dynamodb::item>> items{}; ///< Absent when only the count was asked for.
    std::optional<std::int32_t> count{};                ///< Items in this page, after the filter.
    std::optional<std::int32_t> scanned_count{};        ///< Items examined for this page, before the filter.
    /// Absent after the last page; a page may be empty although more follow.
    std::optional<dynamodb::item> last_evaluated_key{};
    std::optional<dynamodb::consumed_capacity> consumed_capacity{};
};

/// Reads a whole table or index, one page at a time.
struct scan_request {
    static constexpr operation op = operation::scan;
    using response_type = scan_response;

    explicit scan_request(std::string table) : table_name(std::move(table)) {}

    std::string table_name{}; ///< Name or ARN of the table.
    std::optional<std::string> index_name{};
    std::optional<std::int32_t> limit{}; ///< Items examined, not items returned.
    std::optional<enumeration<dynamodb::select>> select{};
    std::optional<dynamodb::item> exclusive_start_key{}; ///< `last_evaluated_key` of the page before.
    /// What to report about consumed capacity; call_options::report() asks for TOTAL when this is absent.
    std::optional<enumeration<dynamodb::return_consumed_capacity>> return_consumed_capacity{};
    std::optional<std::int32_t> total_segments{};
    std::optional<std::int32_t> segment{};              ///< Counted from 0; goes with `total_segments`.
    std::optional<std::string> projection_expression{}; ///< Attributes to answer with; absent: all.
    /// Applied after reading: what it drops is paid for, and counts against `limit`.
    std::optional<std::string> filter_expression{};
    /// Substitutes ("#n") used in the expressions; each must be used.
    std::optional<std::map<std::string, std::string>> expression_attribute_names{};
    /// Values (":v") used in the expressions; each must be used.
    std::optional<dynamodb::item> expression_attribute_values{};
    /// Absent: eventually consistent, at half the cost. Not available on global secondary indexes.
    std::optional<bool> consistent_read{};
};

/// Throws a typed error for what the service would refuse anyway and can be seen from here.
void check(scan_request const& request);
/// Whether sending it twice does no harm.
[[nodiscard]] bool is_repeatable(scan_request const& request) noexcept;
/// Appends the request body.
void append_json(std::string& out, scan_request const& request);
/// Reads the answer's body; unknown members are skipped, null counts as absent.
void read_json(json_reader& in, scan_response& response);

} // namespace dynasio::dynamodb

#endif
