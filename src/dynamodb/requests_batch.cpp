#include <dynasio/dynamodb/operations/batch_get_item.hpp>
#include <dynasio/dynamodb/operations/batch_write_item.hpp>

#include "shapes_batch_members.hpp"
#include "shapes_item_members.hpp"

namespace dynasio::dynamodb {
namespace detail {

template <> struct members_of<batch_get_item_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("RequestItems", s.request_items);
        visit("ReturnConsumedCapacity", s.return_consumed_capacity);
    }
};

template <> struct members_of<batch_get_item_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Responses", s.responses);
        visit("UnprocessedKeys", s.unprocessed_keys);
        visit("ConsumedCapacity", s.consumed_capacity);
    }
};

template <> struct members_of<batch_write_item_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("RequestItems", s.request_items);
        visit("ReturnConsumedCapacity", s.return_consumed_capacity);
        visit("ReturnItemCollectionMetrics", s.return_item_collection_metrics);
    }
};

template <> struct members_of<batch_write_item_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("UnprocessedItems", s.unprocessed_items);
        visit("ItemCollectionMetrics", s.item_collection_metrics);
        visit("ConsumedCapacity", s.consumed_capacity);
    }
};

} // namespace detail

void append_json(std::string& out, batch_get_item_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, batch_get_item_response& response) { detail::read(in, response); }

void append_json(std::string& out, batch_write_item_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, batch_write_item_response& response) { detail::read(in, response); }

} // namespace dynasio::dynamodb
