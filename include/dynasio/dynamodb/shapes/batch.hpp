#ifndef DYNASIO_DYNAMODB_SHAPES_BATCH_HPP
#define DYNASIO_DYNAMODB_SHAPES_BATCH_HPP

#include <dynasio/dynamodb/attribute_value.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Shapes of the batch operations. Members have the service's names in snake_case; an absent one is std::nullopt.
namespace dynasio::dynamodb {

/// Keys to read from one table, and what to read.
struct keys_and_attributes {
    keys_and_attributes() = default;
    explicit keys_and_attributes(std::vector<dynamodb::item> wanted) : keys(std::move(wanted)) {}

    std::vector<dynamodb::item> keys{}; ///< At most 100 in one call, over all tables; no two alike.
    /// Absent: eventually consistent, at half the cost. Not available on global secondary indexes.
    std::optional<bool> consistent_read{};
    std::optional<std::string> projection_expression{}; ///< Attributes to answer with; absent: all.
    /// Substitutes ("#n") used in the expressions; each must be used.
    std::optional<std::map<std::string, std::string>> expression_attribute_names{};
};

/// A put of BatchWriteItem.
struct put_request {
    put_request() = default;
    explicit put_request(dynamodb::item attributes) : item(std::move(attributes)) {}

    dynamodb::item item{};
};

/// A delete of BatchWriteItem.
struct delete_request {
    delete_request() = default;
    explicit delete_request(dynamodb::item key_attributes) : key(std::move(key_attributes)) {}

    dynamodb::item key{};
};

/// A put or a delete: exactly one of the members.
struct write_request {
    write_request() = default;
    explicit write_request(dynamodb::put_request put) : put_request(std::move(put)) {}
    explicit write_request(dynamodb::delete_request remove) : delete_request(std::move(remove)) {}

    std::optional<dynamodb::put_request> put_request{};
    std::optional<dynamodb::delete_request> delete_request{};
};

} // namespace dynasio::dynamodb

#endif
