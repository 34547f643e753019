#ifndef DYNASIO_SRC_DYNAMODB_SHAPES_BATCH_MEMBERS_HPP
#define DYNASIO_SRC_DYNAMODB_SHAPES_BATCH_MEMBERS_HPP

#include <dynasio/dynamodb/shapes/batch.hpp>

#include "codec.hpp"

namespace dynasio::dynamodb::detail {

template <> struct members_of<keys_and_attributes> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Keys", s.keys);
        visit("ConsistentRead", s.consistent_read);
        visit("ProjectionExpression", s.projection_expression);
        visit("ExpressionAttributeNames", s.expression_attribute_names);
    }
};

template <> struct members_of<put_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Item", s.item);
    }
};

template <> struct members_of<delete_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("Key", s.key);
    }
};

template <> struct members_of<write_request> {
    template <class Struct, class Visitor>
    static void each([[maybe_unused]] Struct& s, [[maybe_unused]] Visitor&& visit) {
        visit("PutRequest", s.put_request);
        visit("DeleteRequest", s.delete_request);
    }
};

} // namespace dynasio::dynamodb::detail

#endif
