#ifndef DYNASIO_DYNAMODB_OPERATIONS_DELETE_ITEM_HPP
#define DYNASIO_DYNAMODB_OPERATIONS_DELETE_ITEM_HPP

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/enumeration.hpp>
#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/shapes/item.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>

// Left out, because expressions replaced them: Expected, ConditionalOperator.
namespace dynasio::dynamodb {

class json_reader;

/// Answer to DeleteItem.
struct delete_item_response {
    std::optional<dynamodb::item> attributes{}; ///< The deleted item, when ALL_OLD was asked for and there was one.
    std::optional<dynamodb::consumed_capacity> consumed_capacity{};
    std::optional<dynamodb::item_collection_metrics> item_collection_metrics{};
};

/// Deletes one item; succeeds also when there is none.
struct delete_item_request {
    static constexpr operation op = operation::delete_item;
    using response_type = delete_item_response;

    delete_item_request(std::string table, dynamodb::item key_attributes)
        : table_name(std::move(table)), key(std::move(key_attributes)) {}

    std::string table_name{}; ///< Name or ARN of the table.
    dynamodb::item key{};
    std::optional<enumeration<dynamodb::return_value>> return_values{}; ///< NONE or ALL_OLD.
    /// What to report about consumed capacity; call_options::report() asks for TOTAL when this is absent.
    std::optional<enumeration<dynamodb::return_consumed_capacity>> return_consumed_capacity{};
    std::optional<enumeration<dynamodb::return_item_collection_metrics>> return_item_collection_metrics{};
    /// The write happens only if this holds, else service_errc::conditional_check_failed.
    std::optional<std::string> condition_expression{};
    /// Substitutes ("#n") used in the expressions; each must be used.
    std::optional<std::map<std::string, std::string>> expression_attribute_names{};
    /// Values (":v") used in the expressions; each must be used.
    std::optional<dynamodb::item> expression_attribute_values{};
    /// ALL_OLD: the stored item comes back in diagnostics::item when the condition fails.
    std::optional<enumeration<dynamodb::return_values_on_condition_check_failure>>
        return_values_on_condition_check_failure{};
};

/// Throws a typed error for what the service would refuse anyway and can be seen from here.
void check(delete_item_request const& request);
/// Whether sending it twice does no harm.
[[nodiscard]] bool is_repeatable(delete_item_request const& request) noexcept;
/// Appends the request body.
void append_json(std::string& out, delete_item_request const& request);
/// Reads the answer's body; unknown members are skipped, null counts as absent.
void read_json(json_reader& in, delete_item_response& response);

} // namespace dynasio::dynamodb

#endif
