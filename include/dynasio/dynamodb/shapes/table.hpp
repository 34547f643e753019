#ifndef DYNASIO_DYNAMODB_SHAPES_TABLE_HPP
#define DYNASIO_DYNAMODB_SHAPES_TABLE_HPP

#include <dynasio/dynamodb/enumeration.hpp>

#include <dynasio/core/clock.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Shapes of the operations on tables. Members have the service's names in snake_case; an absent one is std::nullopt.
namespace dynasio::dynamodb {

enum class scalar_attribute_type : std::uint8_t { s, n, b };
[[nodiscard]] std::span<std::string_view const> texts_of(scalar_attribute_type) noexcept;

/// Type of a key attribute.
struct attribute_definition {
    attribute_definition() = default;
    attribute_definition(std::string name, enumeration<dynamodb::scalar_attribute_type> type)
        : attribute_name(std::move(name)), attribute_type(std::move(type)) {}

    std::string attribute_name{};
    enumeration<dynamodb::scalar_attribute_type> attribute_type{};
};

enum class key_type : std::uint8_t { hash, range };
[[nodiscard]] std::span<std::string_view const> texts_of(key_type) noexcept;

/// One attribute of a key.
struct key_schema_element {
    key_schema_element() = default;
    key_schema_element(std::string name, enumeration<dynamodb::key_type> type)
        : attribute_name(std::move(name)), key_type(std::move(type)) {}

    std::string attribute_name{};
    enumeration<dynamodb::key_type> key_type{};
};

enum class projection_type : std::uint8_t { all, keys_only, include };
[[nodiscard]] std::span<std::string_view const> texts_of(projection_type) noexcept;

/// Which attributes an index holds.
struct projection {
    std::optional<enumeration<dynamodb::projection_type>> projection_type{};
    std::optional<std::vector<std::string>> non_key_attributes{};
};

struct local_secondary_index {
    local_secondary_index() = default;
    local_secondary_index(std::string name, std::vector<dynamodb::key_schema_element> keys,
                          dynamodb::projection projected)
        : index_name(std::move(name)), key_schema(std::move(keys)), projection(std::move(projected)) {}

    std::string index_name{};
    std::vector<dynamodb::key_schema_element> key_schema{};
    dynamodb::projection projection{};
};

struct provisioned_throughput {
    provisioned_throughput() = default;
    provisioned_throughput(std::int64_t read, std::int64_t write)
        : read_capacity_units(read), write_capacity_units(write) {}

    std::int64_t read_capacity_units{};
    std::int64_t write_capacity_units{};
};

struct on_demand_throughput {
    std::optional<std::int64_t> max_read_request_units{};
    std::optional<std::int64_t> max_write_request_units{};
};

struct warm_throughput {
    std::optional<std::int64_t> read_units_per_second{};
    std::optional<std::int64_t> write_units_per_second{};
};

struct global_secondary_index {
    global_secondary_index() = default;
    global_secondary_index(std::string name, std::vector<dynamodb::key_schema_element> keys,
                           dynamodb::projection projected)
        : index_name(std::move(name)), key_schema(std::move(keys)), projection(std::move(projected)) {}

    std::string index_name{};
    std::vector<dynamodb::key_schema_element> key_schema{};
    dynamodb::projection projection{};
    std::optional<dynamodb::provisioned_throughput> provisioned_throughput{};
    std::optional<dynamodb::on_demand_throughput> on_demand_throughput{};
    std::optional<dynamodb::warm_throughput> warm_throughput{};
};

enum class billing_mode : std::uint8_t { provisioned, pay_per_request };
[[nodiscard]] std::span<std::string_view const> texts_of(billing_mode) noexcept;

enum class stream_view_type : std::uint8_t { new_image, old_image, new_and_old_images, keys_only };
[[nodiscard]] std::span<std::string_view const> texts_of(stream_view_type) noexcept;

struct stream_specification {
    stream_specification() = default;
    explicit stream_specification(bool enabled) : stream_enabled(enabled) {}

    bool stream_enabled{};
    std::optional<enumeration<dynamodb::stream_view_type>> stream_view_type{};
};

enum class sse_type : std::uint8_t { aes256, kms };
[[nodiscard]] std::span<std::string_view const> texts_of(sse_type) noexcept;

struct sse_specification {
    std::optional<bool> enabled{};
    std::optional<enumeration<dynamodb::sse_type>> sse_type{};
    std::optional<std::string> kms_master_key_id{};
};

struct tag {
    tag() = default;
    tag(std::string name, std::string text) : key(std::move(name)), value(std::move(text)) {}

    std::string key{};
    std::string value{};
};

enum class table_class : std::uint8_t { standard, standard_infrequent_access };
[[nodiscard]] std::span<std::string_view const> texts_of(table_class) noexcept;

enum class global_table_settings_replication_mode : std::uint8_t { enabled, disabled, enabled_with_overrides };
[[nodiscard]] std::span<std::string_view const> texts_of(global_table_settings_replication_mode) noexcept;

struct vector_attribute_definition {
    vector_attribute_definition() = default;
    explicit vector_attribute_definition(std::string name) : attribute_name(std::move(name)) {}

    std::string attribute_name{};
};

enum class search_schema_element_type : std::uint8_t { hash, inline_filter };
[[nodiscard]] std::span<std::string_view const> texts_of(search_schema_element_type) noexcept;

struct search_schema_element {
    search_schema_element() = default;
    search_schema_element(std::string name, enumeration<dynamodb::search_schema_element_type> type)
        : attribute_name(std::move(name)), search_schema_element_type(std::move(type)) {}

    std::string attribute_name{};
    enumeration<dynamodb::search_schema_element_type> search_schema_element_type{};
};

enum class vector_distance_function : std::uint8_t { cosine, dot_product, euclidean };
[[nodiscard]] std::span<std::string_view const> texts_of(vector_distance_function) noexcept;

struct vector_index {
    vector_index() = default;
    vector_index(std::string name, dynamodb::vector_attribute_definition vector, dynamodb::projection projected,
                 std::int64_t dimension_count, enumeration<dynamodb::vector_distance_function> function)
        : index_name(std::move(name)), vector_attribute(std::move(vector)), projection(std::move(projected)),
          dimensions(dimension_count), distance_function(std::move(function)) {}

    std::string index_name{};
    dynamodb::vector_attribute_definition vector_attribute{};
    dynamodb::projection projection{};
    std::int64_t dimensions{};
    enumeration<dynamodb::vector_distance_function> distance_function{};
    std::optional<std::vector<dynamodb::search_schema_element>> search_schema{};
};

enum class table_status : std::uint8_t {
    creating,
    updating,
    deleting,
    active,
    inaccessible_encryption_credentials,
    archiving,
    archived,
    replication_not_authorized
};
[[nodiscard]] std::span<std::string_view const> texts_of(table_status) noexcept;

struct provisioned_throughput_description {
    std::optional<system_time> last_increase_date_time{};
    std::optional<system_time> last_decrease_date_time{};
    std::optional<std::int64_t> number_of_decreases_today{};
    std::optional<std::int64_t> read_capacity_units{};
    std::optional<std::int64_t> write_capacity_units{};
};

struct billing_mode_summary {
    std::optional<enumeration<dynamodb::billing_mode>> billing_mode{};
    std::optional<system_time> last_update_to_pay_per_request_date_time{};
};

struct local_secondary_index_description {
    std::optional<std::string> index_name{};
    std::optional<std::vector<dynamodb::key_schema_element>> key_schema{};
    std::optional<dynamodb::projection> projection{};
    std::optional<std::int64_t> index_size_bytes{};
    std::optional<std::int64_t> item_count{};
    std::optional<std::string> index_arn{};
};

enum class index_status : std::uint8_t { creating, updating, deleting, active };
[[nodiscard]] std::span<std::string_view const> texts_of(index_status) noexcept;

struct global_secondary_index_warm_throughput_description {
    std::optional<std::int64_t> read_units_per_second{};
    std::optional<std::int64_t> write_units_per_second{};
    std::optional<enumeration<dynamodb::index_status>> status{};
};

struct global_secondary_index_description {
    std::optional<std::string> index_name{};
    std::optional<std::vector<dynamodb::key_schema_element>> key_schema{};
    std::optional<dynamodb::projection> projection{};
    std::optional<enumeration<dynamodb::index_status>> index_status{};
    std::optional<bool> backfilling{}; ///< Whether items are still being added to the new index.
    std::optional<dynamodb::provisioned_throughput_description> provisioned_throughput{};
    std::optional<std::int64_t> index_size_bytes{};
    std::optional<std::int64_t> item_count{};
    std::optional<std::string> index_arn{};
    std::optional<dynamodb::on_demand_throughput> on_demand_throughput{};
    std::optional<dynamodb::global_secondary_index_warm_throughput_description> warm_throughput{};
};

enum class replica_status : std::uint8_t {
    creating,
    creation_failed,
    updating,
    deleting,
    active,
    region_disabled,
    inaccessible_encryption_credentials,
    archiving,
    archived,
    replication_not_authorized
};
[[nodiscard]] std::span<std::string_view const> texts_of(replica_status) noexcept;

struct provisioned_throughput_override {
    std::optional<std::int64_t> read_capacity_units{};
};

struct on_demand_throughput_override {
    std::optional<std::int64_t> max_read_request_units{};
};

struct table_warm_throughput_description {
    std::optional<std::int64_t> read_units_per_second{};
    std::optional<std::int64_t> write_units_per_second{};
    std::optional<enumeration<dynamodb::table_status>> status{};
};

struct replica_global_secondary_index_description {
    std::optional<std::string> index_name{};
    std::optional<dynamodb::provisioned_throughput_override> provisioned_throughput_override{};
    std::optional<dynamodb::on_demand_throughput_override> on_demand_throughput_override{};
    std::optional<dynamodb::global_secondary_index_warm_throughput_description> warm_throughput{};
};

struct table_class_summary {
    std::optional<enumeration<dynamodb::table_class>> table_class{};
    std::optional<system_time> last_update_date_time{};
};

struct replica_description {
    std::optional<std::string> region_name{};
    std::optional<enumeration<dynamodb::replica_status>> replica_status{};
    std::optional<std::string> replica_arn{};
    std::optional<std::string> replica_status_description{};
    std::optional<std::string> replica_status_percent_progress{};
    std::optional<std::string> kms_master_key_id{};
    std::optional<dynamodb::provisioned_throughput_override> provisioned_throughput_override{};
    std::optional<dynamodb::on_demand_throughput_override> on_demand_throughput_override{};
    std::optional<dynamodb::table_warm_throughput_description> warm_throughput{};
    std::optional<std::vector<dynamodb::replica_global_secondary_index_description>> global_secondary_indexes{};
    std::optional<system_time> replica_inaccessible_date_time{};
    std::optional<dynamodb::table_class_summary> replica_table_class_summary{};
    std::optional<enumeration<dynamodb::global_table_settings_replication_mode>>
        global_table_settings_replication_mode{};
};

enum class witness_status : std::uint8_t { creating, deleting, active };
[[nodiscard]] std::span<std::string_view const> texts_of(witness_status) noexcept;

struct global_table_witness_description {
    std::optional<std::string> region_name{};
    std::optional<enumeration<dynamodb::witness_status>> witness_status{};
};

struct restore_summary {
    system_time restore_date_time{};
    bool restore_in_progress{};
    std::optional<std::string> source_backup_arn{};
    std::optional<std::string> source_table_arn{};
};

enum class sse_status : std::uint8_t { enabling, enabled, disabling, disabled, updating };
[[nodiscard]] std::span<std::string_view const> texts_of(sse_status) noexcept;

struct sse_description {
    std::optional<enumeration<dynamodb::sse_status>> status{};
    std::optional<enumeration<dynamodb::sse_type>> sse_type{};
    std::optional<std::string> kms_master_key_arn{};
    std::optional<system_time> inaccessible_encryption_date_time{};
};

struct archival_summary {
    std::optional<system_time> archival_date_time{};
    std::optional<std::string> archival_reason{};
    std::optional<std::string> archival_backup_arn{};
};

enum class multi_region_consistency : std::uint8_t { eventual, strong };
[[nodiscard]] std::span<std::string_view const> texts_of(multi_region_consistency) noexcept;

struct vector_index_description {
    std::optional<std::string> index_name{};
    std::optional<std::vector<dynamodb::search_schema_element>> search_schema{};
    std::optional<dynamodb::projection> projection{};
    std::optional<dynamodb::vector_attribute_definition> vector_attribute{};
    std::optional<std::int64_t> dimensions{};
    std::optional<enumeration<dynamodb::vector_distance_function>> distance_function{};
    std::optional<enumeration<dynamodb::index_status>> index_status{};
    std::optional<bool> backfilling{}; ///< Whether items are still being added to the new index.
    std::optional<std::int64_t> index_size_bytes{};
    std::optional<std::int64_t> item_count{};
    std::optional<std::string> index_arn{};
};

/// State and settings of a table.
struct table_description {
    std::optional<std::vector<dynamodb::attribute_definition>> attribute_definitions{};
    std::optional<std::string> table_name{};
    std::optional<std::vector<dynamodb::key_schema_element>> key_schema{};
    std::optional<enumeration<dynamodb::table_status>> table_status{};
    std::optional<system_time> creation_date_time{};
    std::optional<dynamodb::provisioned_throughput_description> provisioned_throughput{};
    std::optional<std::int64_t> table_size_bytes{}; ///< Updated by the service about every six hours.
    std::optional<std::int64_t> item_count{};       ///< Updated by the service about every six hours.
    std::optional<std::string> table_arn{};
    std::optional<std::string> table_id{};
    std::optional<dynamodb::billing_mode_summary> billing_mode_summary{};
    std::optional<std::vector<dynamodb::local_secondary_index_description>> local_secondary_indexes{};
    std::optional<std::vector<dynamodb::global_secondary_index_description>> global_secondary_indexes{};
    std::optional<dynamodb::stream_specification> stream_specification{};
    std::optional<std::string> latest_stream_label{};
    std::optional<std::string> latest_stream_arn{};
    std::optional<std::string> global_table_version{};
    std::optional<std::vector<dynamodb::replica_description>> replicas{};
    std::optional<std::vector<dynamodb::global_table_witness_description>> global_table_witnesses{};
    std::optional<enumeration<dynamodb::global_table_settings_replication_mode>>
        global_table_settings_replication_mode{};
    std::optional<dynamodb::restore_summary> restore_summary{};
    std::optional<dynamodb::sse_description> sse_description{};
    std::optional<dynamodb::archival_summary> archival_summary{};
    std::optional<dynamodb::table_class_summary> table_class_summary{};
    std::optional<bool> deletion_protection_enabled{};
    std::optional<dynamodb::on_demand_throughput> on_demand_throughput{};
    std::optional<dynamodb::table_warm_throughput_description> warm_throughput{};
    std::optional<enumeration<dynamodb::multi_region_consistency>> multi_region_consistency{};
    std::optional<std::vector<dynamodb::vector_index_description>> vector_indexes{};
};

} // namespace dynasio::dynamodb

#endif
