#include <dynasio/orm/detail/together.hpp>

#include <dynasio/dynamodb/detail/idempotency_token.hpp>

#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../wire/answer_members.hpp"
#include "../wire/transaction_read.hpp"
#include "../wire/transaction_write.hpp"
#include "hooks.hpp"
#include "operation.hpp"
#include "send_transaction.hpp"
#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using dynamodb::operation;
using dynamodb::detail::raw_reply;
using dynamodb::detail::raw_request;

namespace {

raw_request request_of(operation op, std::string body, operation_options const& options) {
    raw_request request{.op = op, .body = std::move(body), .repeatable = true, .options = options.call};
    request.report_capacity = wants_capacity(options);
    request.reads_whole_answer = true;
    request.repeats_cancelled = true;
    return request;
}

/// The token of a commit; a new one when the caller gave none.
std::string token_of(std::optional<std::string> given) {
    constexpr std::size_t max_length = 36; // API reference: ClientRequestToken
    if (!given) {
        std::string made;
        dynamodb::detail::append_idempotency_token(made);
        return made;
    }
    if (given->empty() || given->size() > max_length)
        throw_error(errc::invalid_argument, "the token of a transaction has 1 to 36 characters, and this one has " +
                                                std::to_string(given->size()));
    return *std::move(given);
}

/// An error of an answer that arrived, with what is known of it.
[[noreturn]] void rethrow_about_answer(error const& e, operation op, bool writes, raw_reply const& reply) {
    diagnostics d = e.info();
    // Status 200 with an unreadable body may be a success of the service or the answer of a proxy.
    add_context(d, {.operation = to_string(op), .outcome_unknown = writes});
    dynamodb::detail::add_answer_facts(d, reply);
    throw_error(e.code(), std::move(d));
}

asio::awaitable<void> send_once(engine_ptr engine, std::unique_ptr<transaction_write> writes, std::string token,
                                operation_options options) {
    if (writes->empty()) co_return;
    std::string body = engine->borrow_body();
    writes->append_body(body, token);
    auto request = request_of(operation::transact_write_items, std::move(body), options);
    request.about = writes->subject();
    try {
        auto const reply = co_await engine->perform(std::move(request));
        try {
            auto const answer = read_write_answer(reply.body());
            if (call_cost* const cost = options.call.cost()) cost->write_units += answer.write_units;
        } catch (error const& e) {
            rethrow_about_answer(e, operation::transact_write_items, true, reply);
        }
    } catch (error const& e) {
        throw writes->meaning_of(e);
    }
    writes->apply();
}

asio::awaitable<void> send_reads(engine_ptr engine, std::unique_ptr<transaction_read> reads,
                                 operation_options options) {
    if (reads->empty()) co_return;
    std::string body = engine->borrow_body();
    reads->append_body(body);
    auto request = request_of(operation::transact_get_items, std::move(body), options);
    request.about = reads->subject();
    try {
        auto const reply = co_await engine->perform(std::move(request));
        try {
            double const units = reads->read_answer(reply.body());
            if (call_cost* const cost = options.call.cost()) cost->read_units += units;
        } catch (error const& e) {
            rethrow_about_answer(e, operation::transact_get_items, false, reply);
        }
    } catch (error const& e) {
        throw reads->meaning_of(e);
    }
    auto awaiting = reads->awaiting_hooks();
    if (awaiting.empty()) co_return;
    auto calling = call_read_hooks(std::move(awaiting));
    co_await std::move(calling);
}

} // namespace

asio::awaitable<void> send_transaction(engine_ptr engine, std::vector<decided_write> decided, std::string token,
                                       operation_options options) {
    auto made = std::make_unique<transaction_write>(std::move(decided), engine->options().table_prefix);
    if (made->touches_unique()) {
        auto guarded = std::make_unique<guarded_writes>(std::move(*made), std::move(token));
        return only_if_asked<void>(send_guarded(std::move(engine), std::move(guarded), options));
    }
    return send_once(std::move(engine), std::move(made), std::move(token), options);
}

namespace {

/// Decides the writes after the hooks before them, which may change the entities. The hooks of a save that had nothing
/// to write are not called after it.
asio::awaitable<void> commit_with_hooks(engine_ptr engine, std::vector<planned_write> writes, std::string token,
                                        operation_options options) {
    auto const hooks = hooked_writes(writes);
    for (auto const& each : hooks) {
        if (!each) continue;
        auto before = each->before();
        co_await std::move(before);
    }
    std::vector<void const*> written;
    std::optional<asio::awaitable<void>> sending;
    try {
        auto made = decide_together(environment_of(*engine), writes);
        for (auto const& one : made) written.push_back(one.form.form);
        sending.emplace(send_transaction(engine, std::move(made), std::move(token), options));
    } catch (error const& e) {
        throw with_context(e, {.operation = to_string(operation::transact_write_items)});
    }
    auto sent = *std::move(sending);
    co_await std::move(sent);
    for (std::size_t i = 0; i < hooks.size(); ++i) {
        if (!hooks[i] || !hooks[i]->has_after() ||
            std::find(written.begin(), written.end(), writes[i].form.form) == written.end())
            continue;
        auto after = hooks[i]->after();
        co_await std::move(after);
    }
}

/// begin_operation() of an operation on several types, whose errors name entity and table themselves.
template <class Lower> asio::awaitable<void> begin_together(engine_ptr const& engine, operation op, Lower lower) {
    try {
        asio::awaitable<void> begun = lower();
        return dynamodb::detail::enter(engine, std::move(begun));
    } catch (error const& e) {
        return failed_operation<void>(std::make_exception_ptr(with_context(e, {.operation = to_string(op)})));
    }
}

} // namespace

asio::awaitable<void> commit_transaction(engine_ptr engine, std::vector<planned_write> writes,
                                         std::optional<std::string> token, operation_options options) {
    return begin_together(engine, operation::transact_write_items, [&] {
        auto own = token_of(std::move(token));
        bool const hooked = std::any_of(writes.begin(), writes.end(),
                                        [](planned_write const& w) { return w.form && !w.type->hooks.empty(); });
        if (hooked) return commit_with_hooks(engine, std::move(writes), std::move(own), options);
        return send_transaction(engine, decide_together(environment_of(*engine), writes), std::move(own), options);
    });
}

asio::awaitable<void> read_together(engine_ptr engine, std::vector<planned_read> reads, operation_options options) {
    return begin_together(engine, operation::transact_get_items, [&] {
        auto made = std::make_unique<transaction_read>(std::move(reads), engine->options().table_prefix);
        return send_reads(engine, std::move(made), options);
    });
}

} // namespace dynasio::detail
