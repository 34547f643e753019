#ifndef DYNASIO_DYNAMODB_OPERATIONS_DESCRIBE_TABLE_HPP
#define DYNASIO_DYNAMODB_OPERATIONS_DESCRIBE_TABLE_HPP

#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/shapes/table.hpp>

#include <optional>
#include <string>
#include <utility>

namespace dynasio::dynamodb {

class json_reader;

/// Answer to DescribeTable.
struct describe_table_response {
    std::optional<dynamodb::table_description> table{};
};

/// Asks for the state and the settings of a table.
struct describe_table_request {
    static constexpr operation op = operation::describe_table;
    using response_type = describe_table_response;

    explicit describe_table_request(std::string table) : table_name(std::move(table)) {}

    std::string table_name{}; ///< Name or ARN of the table.
};

/// Throws a typed error for what the service would refuse anyway and can be seen from here.
void check(describe_table_request const& request);
/// Whether sending it twice does no harm.
[[nodiscard]] bool is_repeatable(describe_table_request const& request) noexcept;
/// Appends the request body.
void append_json(std::string& out, describe_table_request const& request);
/// Reads the answer's body; unknown members are skipped, null counts as absent.
void read_json(json_reader& in, describe_table_response& response);

} // namespace dynasio::dynamodb

#endif
