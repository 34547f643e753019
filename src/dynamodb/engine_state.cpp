#include "engine_state.hpp"

#include <atomic>
#include <utility>

#include "rate_turn.hpp"
#include "recursion_trace.hpp"

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

namespace {

std::uint64_t next_observed_client() noexcept {
    static std::atomic<std::uint64_t> last{0};
    return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

} // namespace

engine_state::engine_state(asio::any_io_executor ex, resolved_options resolved, aws::environment const& env)
    : executor(std::move(ex)), options(resolved.options),
      provider(std::make_shared<aws::credentials_provider const>(options.credentials)), targets(executor, resolved),
      deadlines(executor), retry(resolved.retry), quota(retry.quota),
      turns(retry.mode == aws::retry_mode::adaptive ? std::make_unique<rate_turns>() : nullptr),
      throttles(options.throttling), watcher(options.observer.get()), environment(env), lambda(in_lambda(env)) {
    if (options.hedging.enabled) hedging = std::make_unique<hedge_policy>(options.hedging);
    if (watcher != nullptr) observed_as = next_observed_client();
}

engine_state::~engine_state() = default;

void engine_state::forked() {
    process = dynasio::detail::process_generation();
    targets.notice_fork();
    // A fetch that is under way goes on in both processes, each on a connection of its own.
    credentials.drop(credentials.generation());
    random = random_numbers(); // two processes must not send the same invocation ids
}

steady::time_point engine_state::deadline_of(call_options const& call, steady::time_point start) const noexcept {
    auto timeout = call.timeout().value_or(options.timeout);
    // A negative attempt time-out leaves no time for any attempt, so the call's time-out becomes 0.
    if (call.attempt_timeout().value_or(timeout.zero()) < timeout.zero()) timeout = timeout.zero();
    // A time-out beyond the clock's range becomes the largest time.
    auto const longest = steady::time_point::max() - start;
    return timeout < longest ? start + timeout : steady::time_point::max();
}

} // namespace dynasio::dynamodb::detail
