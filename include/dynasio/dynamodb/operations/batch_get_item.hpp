#ifndef DYNASIO_DYNAMODB_OPERATIONS_BATCH_GET_ITEM_HPP
#define DYNASIO_DYNAMODB_OPERATIONS_BATCH_GET_ITEM_HPP

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/enumeration.hpp>
#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/shapes/batch.hpp>
#include <dynasio/dynamodb/shapes/item.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dynasio::dynamodb {

class json_reader;

/// Answer to BatchGetItem.
struct batch_get_item_response {
    /// Items by table name, in no particular order; keys without an item do not appear.
    std::optional<std::map<std::string, std::vector<dynamodb::item>>> responses{};
    /// What the service did not get to: send it again. client::read_batch() does so.
    std::optional<std::map<std::string, dynamodb::keys_and_attributes>> unprocessed_keys{};
    std::optional<std::vector<dynamodb::consumed_capacity>> consumed_capacity{};
};

/// Reads up to 100 items by key.
struct batch_get_item_request {
    static constexpr operation op = operation::batch_get_item;
    using response_type = batch_get_item_response;

    explicit batch_get_item_request(std::map<std::string, dynamodb::keys_and_attributes> items)
        : request_items(std::move(items)) {}

    std::map<std::string, dynamodb::keys_and_attributes> request_items{}; ///< By table name.
    /// What to report about consumed capacity; call_options::report() asks for TOTAL when this is absent.
    std::optional<enumeration<dynamodb::return_consumed_capacity>> return_consumed_capacity{};
};

/// Throws a typed error for what the service would refuse anyway and can be seen from here.
void check(batch_get_item_request const& request);
/// Whether sending it twice does no harm.
[[nodiscard]] bool is_repeatable(batch_get_item_request const& request) noexcept;
/// Appends the request body.
void append_json(std::string& out, batch_get_item_request const& request);
/// Reads the answer's body; unknown members are skipped, null counts as absent.
void read_json(json_reader& in, batch_get_item_response& response);

} // namespace dynasio::dynamodb

#endif
