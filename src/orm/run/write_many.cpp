#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/load_report.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "../wire/many_writes.hpp"
#include "drive.hpp"
#include "hooks.hpp"
#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

asio::awaitable<batch_outcome> send_many(engine_ptr engine, std::unique_ptr<many_writes> writes,
                                         operation_options options) {
    try {
        auto driving = drive_writes(engine, *writes, options);
        co_await std::move(driving);
    } catch (error const& e) {
        if (e.code() != errc::deadline_exceeded) throw;
        // It passed in a pause between requests. What was not written by then has that as its outcome.
        writes->give_up(e);
    }
    co_return std::move(*writes).outcome();
}

std::unique_ptr<many_writes> decide(engine_ptr const& engine, entity_type const& type,
                                    std::vector<planned_write> const& writes) {
    return std::make_unique<many_writes>(environment_of(*engine), type, writes, engine->retry());
}

/// Calls the hooks before all writes first, so that one that throws lets nothing be sent, and those after the writes
/// that were carried out at the end. A save that had nothing to write is none of these.
asio::awaitable<batch_outcome> write_many_with_hooks(engine_ptr engine, entity_type const& type,
                                                     std::vector<planned_write> writes, operation_options options) {
    auto const hooks = hooked_writes(writes);
    for (auto const& each : hooks) {
        if (!each) continue;
        auto before = each->before();
        co_await std::move(before);
    }
    std::vector<bool> written(writes.size());
    std::unique_ptr<many_writes> decided;
    try {
        decided = decide(engine, type, writes);
        for (std::size_t i = 0; i < writes.size(); ++i) written[i] = decided->has_write(i);
    } catch (error const& e) {
        throw about(e, engine, type);
    }
    auto sending = send_many(engine, std::move(decided), options);
    batch_outcome outcome = co_await std::move(sending);
    for (std::size_t i = 0; i < hooks.size(); ++i) {
        if (!hooks[i] || !hooks[i]->has_after() || !written[i] || !outcome[i].has_value()) continue;
        auto after = hooks[i]->after();
        co_await std::move(after);
    }
    co_return outcome;
}

} // namespace

asio::awaitable<batch_outcome> write_many(engine_ptr engine, entity_type const& type, std::vector<planned_write> writes,
                                          operation_options options) {
    return begin_operation<batch_outcome>(engine, type, [&] {
        check_read_options(options);
        return type.hooks.empty() ? send_many(engine, decide(engine, type, writes), options)
                                  : write_many_with_hooks(engine, type, std::move(writes), options);
    });
}

} // namespace dynasio::detail
