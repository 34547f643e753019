#ifndef DYNASIO_DYNAMODB_OPERATIONS_CREATE_TABLE_HPP
#define DYNASIO_DYNAMODB_OPERATIONS_CREATE_TABLE_HPP

#include <dynasio/dynamodb/enumeration.hpp>
#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/shapes/table.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dynasio::dynamodb {

class json_reader;

/// Answer to CreateTable.
struct create_table_response {
    std::optional<dynamodb::table_description> table_description{};
};

/// Creates a table; it can be used once it is ACTIVE (client::wait_until_active()).
struct create_table_request {
    static constexpr operation op = operation::create_table;
    using response_type = create_table_response;

    explicit create_table_request(std::string table) : table_name(std::move(table)) {}

    std::string table_name{}; ///< Name or ARN of the table.
    /// Exactly the attributes that are keys of the table or of an index.
    std::optional<std::vector<dynamodb::attribute_definition>> attribute_definitions{};
    /// One HASH element, then at most one RANGE element.
    std::optional<std::vector<dynamodb::key_schema_element>> key_schema{};
    std::optional<std::vector<dynamodb::local_secondary_index>> local_secondary_indexes{};
    std::optional<std::vector<dynamodb::global_secondary_index>> global_secondary_indexes{};
    /// Absent: PAY_PER_REQUEST, or PROVISIONED when `provisioned_throughput` is given.
    std::optional<enumeration<dynamodb::billing_mode>> billing_mode{};
    std::optional<dynamodb::provisioned_throughput> provisioned_throughput{};
    std::optional<dynamodb::stream_specification> stream_specification{};
    std::optional<dynamodb::sse_specification> sse_specification{};
    std::optional<std::vector<dynamodb::tag>> tags{};
    std::optional<enumeration<dynamodb::table_class>> table_class{};
    std::optional<bool> deletion_protection_enabled{};
    std::optional<dynamodb::warm_throughput> warm_throughput{};
    std::optional<std::string> resource_policy{};
    std::optional<dynamodb::on_demand_throughput> on_demand_throughput{};
    std::optional<std::string> global_table_source_arn{};
    std::optional<enumeration<dynamodb::global_table_settings_replication_mode>>
        global_table_settings_replication_mode{};
    std::optional<std::vector<dynamodb::vector_index>> vector_indexes{};
};

/// Throws a typed error for what the service would refuse anyway and can be seen from here.
void check(create_table_request const& request);
/// Whether sending it twice does no harm.
[[nodiscard]] bool is_repeatable(create_table_request const& request) noexcept;
/// Appends the request body.
void append_json(std::string& out, create_table_request const& request);
/// Reads the answer's body; unknown members are skipped, null counts as absent.
void read_json(json_reader& in, create_table_response& response);

} // namespace dynasio::dynamodb

#endif
