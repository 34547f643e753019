#ifndef DYNASIO_DYNAMODB_SHAPES_ITEM_HPP
#define DYNASIO_DYNAMODB_SHAPES_ITEM_HPP

#include <dynasio/dynamodb/attribute_value.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Shapes that the operations on items share. Members have the service's names in snake_case; an absent one is
// std::nullopt.
namespace dynasio::dynamodb {

enum class return_consumed_capacity : std::uint8_t { indexes, total, none };
[[nodiscard]] std::span<std::string_view const> texts_of(return_consumed_capacity) noexcept;

/// Capacity units of a table or an index.
struct capacity {
    std::optional<double> read_capacity_units{};
    std::optional<double> write_capacity_units{};
    std::optional<double> capacity_units{};
};

/// Capacity of a vector index, in bytes.
struct vector_capacity {
    std::optional<double> vector_search_request_bytes{};
    std::optional<double> vector_write_request_bytes{};
};

/// Capacity that one call consumed on one table.
struct consumed_capacity {
    std::optional<std::string> table_name{};
    std::optional<double> capacity_units{};
    std::optional<double> read_capacity_units{};
    std::optional<double> write_capacity_units{};
    std::optional<dynamodb::capacity> table{};
    std::optional<std::map<std::string, dynamodb::capacity>> local_secondary_indexes{};
    std::optional<std::map<std::string, dynamodb::capacity>> global_secondary_indexes{};
    std::optional<std::map<std::string, dynamodb::vector_capacity>> vector_indexes{};
};

enum class return_value : std::uint8_t { none, all_old, updated_old, all_new, updated_new };
[[nodiscard]] std::span<std::string_view const> texts_of(return_value) noexcept;

enum class return_item_collection_metrics : std::uint8_t { size, none };
[[nodiscard]] std::span<std::string_view const> texts_of(return_item_collection_metrics) noexcept;

enum class return_values_on_condition_check_failure : std::uint8_t { all_old, none };
[[nodiscard]] std::span<std::string_view const> texts_of(return_values_on_condition_check_failure) noexcept;

/// Size of an item collection (tables with local secondary indexes only).
struct item_collection_metrics {
    std::optional<dynamodb::item> item_collection_key{};
    std::optional<std::vector<double>> size_estimate_range_gb{}; ///< Lower and upper bound.
};

enum class select : std::uint8_t { all_attributes, all_projected_attributes, specific_attributes, count };
[[nodiscard]] std::span<std::string_view const> texts_of(select) noexcept;

} // namespace dynasio::dynamodb

#endif
