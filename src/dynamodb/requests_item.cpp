#include <dynasio/dynamodb/operations/delete_item.hpp>
#include <dynasio/dynamodb/operations/get_item.hpp>
#include <dynasio/dynamodb/operations/put_item.hpp>
#include <dynasio/dynamodb/operations/query.hpp>
#include <dynasio/dynamodb/operations/scan.hpp>
#include <dynasio/dynamodb/operations/update_item.hpp>

#include "shapes_item_members.hpp"

namespace dynasio::dynamodb {
namespace detail {

template <> struct members_of<get_item_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableName", s.table_name);
        visit("Key", s.key);
        visit("ConsistentRead", s.consistent_read);
        visit("ReturnConsumedCapacity", s.return_consumed_capacity);
        visit("ProjectionExpression", s.projection_expression);
        visit("ExpressionAttributeNames", s.expression_attribute_names);
    }
};

template <> struct members_of<get_item_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Item", s.item);
        visit("ConsumedCapacity", s.consumed_capacity);
    }
};

template <> struct members_of<put_item_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableName", s.table_name);
        visit("Item", s.item);
        visit("ReturnValues", s.return_values);
        visit("ReturnConsumedCapacity", s.return_consumed_capacity);
        visit("ReturnItemCollectionMetrics", s.return_item_collection_metrics);
        visit("ConditionExpression", s.condition_expression);
        visit("ExpressionAttributeNames", s.expression_attribute_names);
        visit("ExpressionAttributeValues", s.expression_attribute_values);
        visit("ReturnValuesOnConditionCheckFailure", s.return_values_on_condition_check_failure);
    }
};

template <> struct members_of<put_item_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Attributes", s.attributes);
        visit("ConsumedCapacity", s.consumed_capacity);
        visit("ItemCollectionMetrics", s.item_collection_metrics);
    }
};

template <> struct members_of<update_item_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableName", s.table_name);
        visit("Key", s.key);
        visit("ReturnValues", s.return_values);
        visit("ReturnConsumedCapacity", s.return_consumed_capacity);
        visit("ReturnItemCollectionMetrics", s.return_item_collection_metrics);
        visit("UpdateExpression", s.update_expression);
        visit("ConditionExpression", s.condition_expression);
        visit("ExpressionAttributeNames", s.expression_attribute_names);
        visit("ExpressionAttributeValues", s.expression_attribute_values);
        visit("ReturnValuesOnConditionCheckFailure", s.return_values_on_condition_check_failure);
    }
};

template <> struct members_of<update_item_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Attributes", s.attributes);
        visit("ConsumedCapacity", s.consumed_capacity);
        visit("ItemCollectionMetrics", s.item_collection_metrics);
    }
};

template <> struct members_of<delete_item_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableName", s.table_name);
        visit("Key", s.key);
        visit("ReturnValues", s.return_values);
        visit("ReturnConsumedCapacity", s.return_consumed_capacity);
        visit("ReturnItemCollectionMetrics", s.return_item_collection_metrics);
        visit("ConditionExpression", s.condition_expression);
        visit("ExpressionAttributeNames", s.expression_attribute_names);
        visit("ExpressionAttributeValues", s.expression_attribute_values);
        visit("ReturnValuesOnConditionCheckFailure", s.return_values_on_condition_check_failure);
    }
};

template <> struct members_of<delete_item_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Attributes", s.attributes);
        visit("ConsumedCapacity", s.consumed_capacity);
        visit("ItemCollectionMetrics", s.item_collection_metrics);
    }
};

template <> struct members_of<query_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableName", s.table_name);
        visit("IndexName", s.index_name);
        visit("Select", s.select);
        visit("Limit", s.limit);
        visit("ConsistentRead", s.consistent_read);
        visit("ScanIndexForward", s.scan_index_forward);
        visit("ExclusiveStartKey", s.exclusive_start_key);
        visit("ReturnConsumedCapacity", s.return_consumed_capacity);
        visit("ProjectionExpression", s.projection_expression);
        visit("FilterExpression", s.filter_expression);
        visit("KeyConditionExpression", s.key_condition_expression);
        visit("ExpressionAttributeNames", s.expression_attribute_names);
        visit("ExpressionAttributeValues", s.expression_attribute_values);
    }
};

template <> struct members_of<query_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Items", s.items);
        visit("Count", s.count);
        visit("ScannedCount", s.scanned_count);
        visit("LastEvaluatedKey", s.last_evaluated_key);
        visit("ConsumedCapacity", s.consumed_capacity);
    }
};

template <> struct members_of<scan_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableName", s.table_name);
        visit("IndexName", s.index_name);
        visit("Limit", s.limit);
        visit("Select", s.select);
        visit("ExclusiveStartKey", s.exclusive_start_key);
        visit("ReturnConsumedCapacity", s.return_consumed_capacity);
        visit("TotalSegments", s.total_segments);
        visit("Segment", s.segment);
        visit("ProjectionExpression", s.projection_expression);
        visit("FilterExpression", s.filter_expression);
        visit("ExpressionAttributeNames", s.expression_attribute_names);
        visit("ExpressionAttributeValues", s.expression_attribute_values);
        visit("ConsistentRead", s.consistent_read);
    }
};

template <> struct members_of<scan_response> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Items", s.items);
        visit("Count", s.count);
        visit("ScannedCount", s.scanned_count);
        visit("LastEvaluatedKey", s.last_evaluated_key);
        visit("ConsumedCapacity", s.consumed_capacity);
    }
};

} // namespace detail

std::span<std::string_view const> texts_of(return_consumed_capacity) noexcept {
    static constexpr std::string_view texts[] = {"INDEXES", "TOTAL", "NONE"};
    return texts;
}

std::span<std::string_view const> texts_of(return_value) noexcept {
    static constexpr std::string_view texts[] = {"NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"};
    return texts;
}

std::span<std::string_view const> texts_of(return_item_collection_metrics) noexcept {
    static constexpr std::string_view texts[] = {"SIZE", "NONE"};
    return texts;
}

std::span<std::string_view const> texts_of(return_values_on_condition_check_failure) noexcept {
    static constexpr std::string_view texts[] = {"ALL_OLD", "NONE"};
    return texts;
}

std::span<std::string_view const> texts_of(select) noexcept {
    static constexpr std::string_view texts[] = {"ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES",
                                                 "COUNT"};
    return texts;
}

void append_json(std::string& out, get_item_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, get_item_response& response) { detail::read(in, response); }

void append_json(std::string& out, put_item_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, put_item_response& response) { detail::read(in, response); }

void append_json(std::string& out, update_item_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, update_item_response& response) { detail::read(in, response); }

void append_json(std::string& out, delete_item_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, delete_item_response& response) { detail::read(in, response); }

void append_json(std::string& out, query_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, query_response& response) { detail::read(in, response); }

void append_json(std::string& out, scan_request const& request) { detail::write(out, request); }
void read_json(json_reader& in, scan_response& response) { detail::read(in, response); }

} // namespace dynasio::dynamodb
