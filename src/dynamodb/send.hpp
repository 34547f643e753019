#ifndef DYNASIO_SRC_DYNAMODB_SEND_HPP
#define DYNASIO_SRC_DYNAMODB_SEND_HPP

#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/detail/idempotency_token.hpp>
#include <dynasio/dynamodb/detail/item_size.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "checks.hpp"
#include "decode.hpp"
#include "request_targets.hpp"

// Templates that make an operation from a typed request.
namespace dynasio::dynamodb::detail {

template <class Response>
Response response_of(raw_reply const& reply, operation op, capacity_kind kind, std::string const& table,
                     call_cost* cost) {
    Response response;
    decode(reply, op, kind, table, response);
    if (cost != nullptr) add_capacity(*cost, kind, response);
    return response;
}

/// The only coroutine of each operation. `refused` is the exception of lowering the request. It is thrown when the
/// operation is awaited, so that as_result() and the caller's handlers see it.
template <class Response>
boost::asio::awaitable<Response> receive(std::shared_ptr<engine> self, prepared_call request, std::string table,
                                         capacity_kind kind, std::exception_ptr refused) {
    if (refused) std::rethrow_exception(refused);
    auto const op = request_of(request).op;
    call_cost* const cost = request_of(request).options.cost();
    auto performing = self->perform(std::move(request));
    raw_reply const reply = co_await std::move(performing);
    co_return response_of<Response>(reply, op, kind, table, cost);
}

inline std::string first_of(std::string const& name) { return name; }
inline std::string first_of(std::optional<std::string> const& name) { return name ? *name : std::string(); }

template <class Action> std::string table_of_action(Action const& action) {
    if constexpr (requires { action.get; }) {
        return action.get.table_name;
    } else {
        if (action.put) return action.put->table_name;
        if (action.update) return action.update->table_name;
        if (action.delete_) return action.delete_->table_name;
        return action.condition_check ? action.condition_check->table_name : std::string();
    }
}

/// The table that diagnostics name: the first one of several; empty if the request names none.
template <class Request> std::string first_table(Request const& request) {
    if constexpr (requires { request.table_name; }) {
        return first_of(request.table_name);
    } else if constexpr (requires { request.request_items; }) {
        return request.request_items.empty() ? std::string() : request.request_items.begin()->first;
    } else if constexpr (requires { request.transact_items; }) {
        return request.transact_items.empty() ? std::string() : table_of_action(request.transact_items.front());
    } else if constexpr (requires { request.global_table_name; }) {
        return first_of(request.global_table_name);
    } else if constexpr (requires { request.target_table_name; }) {
        return first_of(request.target_table_name);
    } else if constexpr (requires { request.table_creation_parameters; }) {
        return first_of(request.table_creation_parameters.table_name);
    } else if constexpr (requires { request.table_arn; }) {
        return first_of(request.table_arn);
    } else {
        return {};
    }
}

/// Adds the members that the caller left unset and that the library can fill. Every request with such a member has
/// other members before it, so a comma comes first.
template <class Request> void complete(std::string& body, Request const& request) {
    std::optional<std::string> const* token = nullptr;
    if constexpr (requires { request.client_request_token; }) token = &request.client_request_token;
    if constexpr (requires { request.client_token; }) token = &request.client_token;
    if (token == nullptr || *token) return;
    body.pop_back();
    constexpr bool of_transaction = requires { request.client_request_token; };
    body += of_transaction ? R"(,"ClientRequestToken":")" : R"(,"ClientToken":")";
    append_idempotency_token(body);
    body += "\"}";
}

template <class Request>
boost::asio::awaitable<typename Request::response_type> send(std::shared_ptr<engine> const& self,
                                                             Request const& request, call_options options) {
    raw_request raw{Request::op, self->borrow_body(), is_repeatable(request), options};
    raw.reads_whole_answer = true; // decode()
    std::exception_ptr refused;
    try {
        if (options.cost() != nullptr) *options.cost() = call_cost();
        check(request);
        append_json(raw.body, request);
        complete(raw.body, request);
        if (raw.body.size() > max_item_size) [[unlikely]]
            check_item_sizes(Request::op, raw.body);
    } catch (...) {
        refused = located(std::current_exception(), Request::op, first_table(request));
    }
    auto const kind = kind_of(Request::op, raw.body);
    auto received = receive<typename Request::response_type>(self, self->prepare(std::move(raw)), first_table(request),
                                                             kind, refused);
    return enter(self, std::move(received));
}

} // namespace dynasio::dynamodb::detail

#endif
