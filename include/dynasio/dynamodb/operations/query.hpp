#ifndef DYNASIO_DYNAMODB_OPERATIONS_QUERY_HPP
#define DYNASIO_DYNAMODB_OPERATIONS_QUERY_HPP

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

// Left out, because expressions replaced them: AttributesToGet, KeyConditions, QueryFilter, ConditionalOperator.
namespace dynasio::dynamodb {

class json_reader;

/// One page of a Query.
struct query_response {
    std::optional<std::vector<dynamodb::item>> items{}; ///< Absent when only the count was asked for.
    std::optional<std::int32_t> count{};                ///< Items in this page, after the filter.
    std::optional<std::int32_t> scanned_count{};        ///< Items examined for this page, before the filter.
    /// Absent after the last page; a page may be empty although more follow.
    std::optional<dynamodb::item> last_evaluated_key{};
    std::optional<dynamodb::consumed_capacity> consumed_capacity{};
};

/// Reads items of one partition of a table or index, in the order of the sort key, one page at a time.
struct query_request {
    static constexpr operation op = operation::query;
    using response_type = query_response;

    explicit query_request(std::string table) : table_name(std::move(table)) {}

    std::string table_name{}; ///< Name or ARN of the table.
    std::optional<std::string> index_name{};
    std::optional<enumeration<dynamodb::select>> select{};
    std::optional<std::int32_t> limit{};      ///< Items examined, not items returned.
    std::optional<bool> consistent_read{};    ///< Absent: eventually consistent. Refused on global secondary indexes.
    std::optional<bool> scan_index_forward{}; ///< Absent: ascending by sort key.
    std::optional<dynamodb::item> exclusive_start_key{}; ///< `last_evaluated_key` of the page before.
    /// What to report about consumed capacity; call_options::report() asks for TOTAL when this is absent.
    std::optional<enumeration<dynamodb::return_consumed_capacity>> return_consumed_capacity{};
    std::optional<std::string> projection_expression{}; ///< Attributes to answer with; absent: all.
    /// Applied after reading: what it drops is paid for, and counts against `limit`.
    std::optional<std::string> filter_expression{};
    /// Equality on every partition key attribute, at most one range on the sort key.
    std::optional<std::string> key_condition_expression{};
    /// Substitutes ("#n") used in the expressions; each must be used.
    std::optional<std::map<std::string, std::string>> expression_attribute_names{};
    /// Values (":v") used in the expressions; each must be used.
    std::optional<dynamodb::item> expression_attribute_values{};
};

/// Throws a typed error for what the service would refuse anyway and can be seen from here.
void check(query_request const& request);
/// Whether sending it twice does no harm.
[[nodiscard]] bool is_repeatable(query_request const& request) noexcept;
/// Appends the request body.
void append_json(std::string& out, query_request const& request);
/// Reads the answer's body; unknown members are skipped, null counts as absent.
void read_json(json_reader& in, query_response& response);

} // namespace dynasio::dynamodb

#endif
