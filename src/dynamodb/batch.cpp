#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/detail/request_source.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "batch_plan.hpp"
#include "checks.hpp"

namespace dynasio {

namespace asio = boost::asio;
using dynamodb::operation;
using dynamodb::detail::batch_plan;
using dynamodb::detail::drive_options;
using dynamodb::detail::engine;
using dynamodb::detail::read_plan;
using dynamodb::detail::write_plan;

namespace {

using steady = std::chrono::steady_clock;

/// A plan, or the exception that prevented it. The exception is thrown when the operation is awaited, so that
/// as_result() and the caller's handlers see it.
template <class Plan> struct lowered {
    std::shared_ptr<Plan> plan{};
    std::exception_ptr refused{};
    drive_options options{};
};

template <class Plan, class Request>
lowered<Plan> lower(std::shared_ptr<engine> const& self, operation op, Request const& request, std::string const& table,
                    call_options const& call) {
    if (call.cost() != nullptr) *call.cost() = call_cost();
    lowered<Plan> out;
    out.options.call = call;
    out.options.concurrency = request.max_in_flight;
    dynamodb::detail::batch_settings settings;
    settings.retry = self->retry();
    settings.cost = call.cost();
    // A plain pointer suffices: the plan makes bodies only while the operation runs, and the operation owns the engine.
    settings.make_body = [from = self.get()] { return from->borrow_body(); };
    try {
        out.plan = std::make_shared<Plan>(request, std::move(settings));
    } catch (...) {
        out.refused = dynamodb::detail::located(std::current_exception(), op, table);
    }
    return out;
}

/// Sets the latency of a batch in its destructor. The calls of the batch run at the same time and have added up their
/// latencies, so the sum is replaced with the time that has passed.
class stopwatch {
public:
    explicit stopwatch(call_cost* cost) noexcept : cost_(cost), started_(steady::now()) {}
    ~stopwatch() {
        if (cost_ != nullptr) cost_->latency = steady::now() - started_;
    }
    stopwatch(stopwatch const&) = delete;
    stopwatch& operator=(stopwatch const&) = delete;

private:
    call_cost* cost_;
    steady::time_point started_;
};

asio::awaitable<void> carry_out(std::shared_ptr<engine> self, std::shared_ptr<batch_plan> plan, drive_options options,
                                std::exception_ptr refused) {
    if (refused) std::rethrow_exception(refused);
    auto const executor = co_await asio::this_coro::executor;
    self->admit(executor);
    if (plan->empty()) co_return;
    stopwatch const watch(options.call.cost());
    auto driving = drive(self, *plan, std::move(options));
    co_await std::move(driving);
    plan->check_complete();
}

asio::awaitable<dynamodb::read_batch_response> read_all(std::shared_ptr<engine> self, std::shared_ptr<read_plan> plan,
                                                        drive_options options, std::exception_ptr refused) {
    auto carrying = carry_out(std::move(self), plan, std::move(options), refused);
    co_await std::move(carrying);
    co_return plan->result();
}

} // namespace

namespace dynamodb {

write_batch_request::write_batch_request(std::string table, std::string partition_key, std::string sort_key)
    : table_name_(std::move(table)), partition_key_(std::move(partition_key)), sort_key_(std::move(sort_key)) {}

write_batch_request& write_batch_request::put(item attributes) {
    writes_.push_back({true, std::move(attributes)});
    return *this;
}
write_batch_request& write_batch_request::remove(item key) {
    writes_.push_back({false, std::move(key)});
    return *this;
}

} // namespace dynamodb

asio::awaitable<dynamodb::read_batch_response> client::read_batch(dynamodb::read_batch_request const& request,
                                                                  call_options options) {
    auto made = lower<read_plan>(engine_, operation::batch_get_item, request, request.table_name, options);
    auto reading = read_all(engine_, std::move(made.plan), std::move(made.options), made.refused);
    return enter(engine_, std::move(reading));
}

asio::awaitable<void> client::write_batch(dynamodb::write_batch_request const& request, call_options options) {
    auto made = lower<write_plan>(engine_, operation::batch_write_item, request, request.table_name(), options);
    auto writing = carry_out(engine_, std::move(made.plan), std::move(made.options), made.refused);
    return enter(engine_, std::move(writing));
}

} // namespace dynasio
