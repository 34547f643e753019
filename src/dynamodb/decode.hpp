#ifndef DYNASIO_SRC_DYNAMODB_DECODE_HPP
#define DYNASIO_SRC_DYNAMODB_DECODE_HPP

#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/shapes/item.hpp>
#include <dynasio/dynamodb/throttling.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace dynasio::dynamodb::detail {

/// Throws `e` again, with the names that only the caller of the decoder knows.
[[noreturn]] inline void rethrow_decoding_error(error const& e, operation op, capacity_kind kind,
                                                std::string_view table, raw_reply const& reply) {
    error_context known;
    known.operation = to_string(op);
    known.table = table;
    known.request_id = reply.request_id();
    known.attempts = reply.attempts;
    known.http_status = 200;
    // Status 200 with an unreadable body may be a success of the service or the answer of a proxy, so the outcome of a
    // write is unknown.
    known.outcome_unknown = kind == capacity_kind::write;
    rethrow_with(e, known);
}

/// Reads a whole body. An empty body counts as {} only if the response has no members; for other operations it would
/// turn a missing answer into a missing item.
template <class Response>
void decode(raw_reply const& reply, operation op, capacity_kind kind, std::string const& table, Response& response) {
    if (std::is_empty_v<Response> && reply.body().empty()) return;
    try {
        json_reader in(reply.body());
        read_json(in, response);
        in.finish();
    } catch (error const& e) {
        rethrow_decoding_error(e, op, kind, table, reply);
    }
}

inline void add_capacity(call_cost& cost, capacity_kind kind, consumed_capacity const& capacity) {
    (kind == capacity_kind::read ? cost.read_units : cost.write_units) += capacity.capacity_units.value_or(0);
}
template <class Response> void add_capacity(call_cost& cost, capacity_kind kind, Response const& response) {
    if constexpr (requires { *response.consumed_capacity; }) {
        if (!response.consumed_capacity) return;
        if constexpr (requires { response.consumed_capacity->capacity_units; }) {
            add_capacity(cost, kind, *response.consumed_capacity);
        } else {
            for (consumed_capacity const& one : *response.consumed_capacity) add_capacity(cost, kind, one);
        }
    }
}

} // namespace dynasio::dynamodb::detail

#endif
