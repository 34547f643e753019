#ifndef DYNASIO_DYNAMODB_OPERATIONS_GET_ITEM_HPP
#define DYNASIO_DYNAMODB_OPERATIONS_GET_ITEM_HPP

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/enumeration.hpp>
#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/shapes/item.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>

// Left out, because expressions replaced them: AttributesToGet.
namespace dynasio::dynamodb {

class json_reader;

/// Answer to GetItem.
struct get_item_response {
    /// Absent when no item has the key; present and empty when the projection matches nothing of it.
    std::optional<dynamodb::item> item{};
    std::optional<dynamodb::consumed_capacity> consumed_capacity{};
};

/// Reads one item by its key.
struct get_item_request {
    static constexpr operation op = operation::get_item;
    using response_type = get_item_response;

    get_item_request(std::string table, dynamodb::item key_attributes)
        : table_name(std::move(table)), key(std::move(key_attributes)) {}

    std::string table_name{}; ///< Name or ARN of the table.
    dynamodb::item key{};
    /// Absent: eventually consistent, at half the cost. Not available on global secondary indexes.
    std::optional<bool> consistent_read{};
    /// What to report about consumed capacity; call_options::report() asks for TOTAL when this is absent.
    std::optional<enumeration<dynamodb::return_consumed_capacity>> return_consumed_capacity{};
    std::optional<std::string> projection_expression{}; ///< Attributes to answer with; absent: all.
    /// Substitutes ("#n") used in the expressions; each must be used.
    std::optional<std::map<std::string, std::string>> expression_attribute_names{};
};

/// Throws a typed error for what the service would refuse anyway and can be seen from here.
void check(get_item_request const& request);
/// Whether sending it twice does no harm.
[[nodiscard]] bool is_repeatable(get_item_request const& request) noexcept;
/// Appends the request body.
void append_json(std::string& out, get_item_request const& request);
/// Reads the answer's body; unknown members are skipped, null counts as absent.
void read_json(json_reader& in, get_item_response& response);

} // namespace dynasio::dynamodb

#endif
