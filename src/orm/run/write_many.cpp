#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/load_report.hpp>

#include <memory>
#include <optional>
#include <utility>

#include "../wire/many_writes.hpp"
#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

asio::awaitable<batch_outcome> send_many(engine_ptr engine, std::unique_ptr<many_writes> writes,
                                         operation_options options) {
    accounting account(options);
    auto how = drive_options_of(*engine, options);
    std::exception_ptr failed;
    std::optional<error> late;
    try {
        auto driving = dynamodb::detail::drive(engine, *writes, std::move(how));
        co_await std::move(driving);
    } catch (error const& e) {
        // The deadline passed in a pause between requests. What was not written by then has that as its outcome.
        if (e.code() == errc::deadline_exceeded)
            late.emplace(e);
        else
            failed = std::current_exception();
    } catch (...) {
        failed = std::current_exception();
    }
    account.add({});
    if (call_cost* const cost = options.call.cost()) cost->write_units += writes->write_units();
    if (failed) std::rethrow_exception(failed);
    if (late) writes->give_up(*late);
    co_return std::move(*writes).outcome();
}

} // namespace

asio::awaitable<batch_outcome> write_many(engine_ptr engine, entity_type const& type, std::vector<planned_write> writes,
                                          operation_options options) {
    return begin_operation<batch_outcome>(engine, type, [&] {
        check_read_options(options);
        auto made = std::make_unique<many_writes>(environment_of(*engine), type, writes, engine->retry());
        return send_many(engine, std::move(made), options);
    });
}

} // namespace dynasio::detail
