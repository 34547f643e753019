#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/core/error_context.hpp>

#include <utility>

#include "../plan/scope.hpp"
#include "../wire/key_read.hpp"
#include "hooks.hpp"
#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> do_update(engine_ptr engine, entity_type const& type, item_write write, operation_options options,
                                void* into) {
    auto request = request_of(write, options);
    request.reads_whole_answer = true; // read_updated_item()
    dynamodb::detail::raw_reply reply;
    try {
        reply = co_await engine->perform(std::move(request));
    } catch (error const& e) {
        judge_failed_write(write, e, engine, {});
    }
    try {
        double const units = read_updated_item(reply.body(), type, into);
        if (call_cost* const cost = options.call.cost()) cost->write_units += units;
    } catch (error const& e) {
        // The update has happened, or a proxy has answered; nobody can tell. Or the item is none that the entity takes.
        diagnostics d = e.info();
        add_context(d, {.outcome_unknown = true});
        rethrow_about(error(e.code(), std::move(d)), engine, type, write.operation(), reply);
    }
    if (type.awaited_read_hooks.empty()) co_return;
    auto calling = call_read_hooks(type, into);
    co_await std::move(calling);
}

} // namespace

asio::awaitable<void> update_item(engine_ptr engine, entity_type const& type, lowered_key key, update_spec what,
                                  void* into) {
    return begin_operation<void>(engine, type, [&] {
        what.only_if = simplified(type, std::move(what.only_if));
        auto write = make_update(environment_of(*engine), type, std::move(key).json(), what, engine->borrow_body());
        operation_options options;
        options.call = what.call;
        // Other writes that are unsafe to repeat are guarded, or cannot make a value wrong; a number that was added to
        // twice is.
        if (counts_twice(type, what)) options.call.repeat_unsafe_writes(false);
        return do_update(engine, type, std::move(write), options, into);
    });
}

} // namespace dynasio::detail
