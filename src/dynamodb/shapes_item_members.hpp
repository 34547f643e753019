#ifndef DYNASIO_SRC_DYNAMODB_SHAPES_ITEM_MEMBERS_HPP
#define DYNASIO_SRC_DYNAMODB_SHAPES_ITEM_MEMBERS_HPP

#include <dynasio/dynamodb/shapes/item.hpp>

#include "codec.hpp"

namespace dynasio::dynamodb::detail {

template <> struct members_of<capacity> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("ReadCapacityUnits", s.read_capacity_units);
        visit("WriteCapacityUnits", s.write_capacity_units);
        visit("CapacityUnits", s.capacity_units);
    }
};

template <> struct members_of<vector_capacity> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("VectorSearchRequestBytes", s.vector_search_request_bytes);
        visit("VectorWriteRequestBytes", s.vector_write_request_bytes);
    }
};

template <> struct members_of<consumed_capacity> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("TableName", s.table_name);
        visit("CapacityUnits", s.capacity_units);
        visit("ReadCapacityUnits", s.read_capacity_units);
        visit("WriteCapacityUnits", s.write_capacity_units);
        visit("Table", s.table);
        visit("LocalSecondaryIndexes", s.local_secondary_indexes);
        visit("GlobalSecondaryIndexes", s.global_secondary_indexes);
        visit("VectorIndexes", s.vector_indexes);
    }
};

template <> struct members_of<item_collection_metrics> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("ItemCollectionKey", s.item_collection_key);
        visit("SizeEstimateRangeGB", s.size_estimate_range_gb);
    }
};

} // namespace dynasio::dynamodb::detail

#endif
