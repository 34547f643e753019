#ifndef DYNASIO_DYNAMODB_DETAIL_ENGINE_HPP
#define DYNASIO_DYNAMODB_DETAIL_ENGINE_HPP

#include <dynasio/dynamodb/call_options.hpp>
#include <dynasio/dynamodb/client_options.hpp>
#include <dynasio/dynamodb/detail/request_subject.hpp>
#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/request_counts.hpp>

#include <dynasio/http/response.hpp>
#include <dynasio/http/traffic.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dynasio::dynamodb::detail {

/// A request that owns everything it needs. Public operations convert their arguments to it before they suspend.
struct raw_request {
    operation op;
    std::string body;        ///< JSON text, from engine::borrow_body().
    bool repeatable = false; ///< Whether the request is safe to send twice.
    call_options options{};
    http::traffic kind = http::traffic::single; ///< The class in the queue for connections, unless `options` set one.
    /// If not null, set to true when the request is answered and an earlier sending of it may have taken effect.
    bool* repeated_in_doubt = nullptr;
    request_subject about{};
    /// Asks the service for the capacity that the request takes. (call_options::report() and account(), and
    /// client_options::capacity, do so too.)
    bool report_capacity = false;
    /// Set by a sender that reads the whole answer with a json_reader, up to json_reader::finish(). The engine then
    /// leaves the check of the body to it, so that no answer is read twice.
    bool reads_whole_answer = false;
    /// A transaction that was cancelled for reasons that pass by themselves (conflicts, throttling) is sent again.
    bool repeats_cancelled = false;
    /// If not null, gets the time at which each attempt had failed that is followed by another one. It must outlive the
    /// call.
    std::vector<std::chrono::steady_clock::time_point>* retries = nullptr;
};

struct raw_reply {
    http::response response{};
    unsigned attempts = 1;
    /// The parts of the answer that are copied for a caller on another executor, because the response's storage must
    /// stay on the client's executor. It is held by pointer, because replies are in the frames of coroutines, which
    /// have to stay small.
    struct detached_answer {
        std::string body{};
        std::string request_id{};
    };
    std::unique_ptr<detached_answer> detached{};

    [[nodiscard]] std::string_view body() const noexcept {
        return detached ? std::string_view(detached->body) : response.body();
    }
    [[nodiscard]] std::string_view request_id() const noexcept {
        return detached ? std::string_view(detached->request_id) : response.head().request_id;
    }
};

struct engine_state;

/// The state of one call; see src/dynamodb/call.hpp.
class call;
/// Returns the memory to the engine, and then releases the engine: a call keeps its engine alive.
struct call_deleter {
    void operator()(call* c) const noexcept;
};
/// A request that becomes a call, in pooled memory, so that only one pointer passes through the frames of coroutines.
/// It owns its engine. A coroutine with an engine and a call as two parameters would otherwise destroy them in an order
/// that depends on the compiler (g++ 12: the first one first), and the call would give its memory to a dead engine when
/// the coroutine is destroyed before it has begun.
using prepared_call = std::unique_ptr<call, call_deleter>;
[[nodiscard]] raw_request const& request_of(prepared_call const& prepared) noexcept;

/// Signs, sends, checks and retries requests. It is the only place that does I/O; the code above it only makes request
/// bodies and reads answers.
///
/// Everything but prepare(), perform(), borrow_body(), deadline_of(), hop(), stop(), executor() and
/// options() runs on executor().
class engine : public std::enable_shared_from_this<engine> {
public:
    /// Resolves empty `options` from the process's environment.
    [[nodiscard]] static std::shared_ptr<engine> create(boost::asio::any_io_executor executor, client_options options);
    /// Resolves empty `options` from `env`.
    [[nodiscard]] static std::shared_ptr<engine> create(boost::asio::any_io_executor executor, client_options options,
                                                        aws::environment const& env);
    ~engine();

    /// Completes with an answer of status 200 whose checksum was right and whose body is one complete JSON object, or
    /// throws dynasio::error. (The body of a request with reads_whole_answer is checked by its reader.) A body that is
    /// no such object is errc::malformed_response: something between client and service has answered. One deadline
    /// bounds the whole call. A deadline given in `until` (of a larger unit of work) replaces the call's own; it must
    /// outlive the call, and the call must be made on executor(). A deadline object can bound one call at a time, so
    /// parallel calls need one object each, with the same time.
    ///
    /// Adds requests, retries and the time taken to call_options::cost(). A caller that makes several calls at once
    /// must set the latency itself.
    [[nodiscard]] boost::asio::awaitable<raw_reply> perform(prepared_call request, http::deadline* until = nullptr);
    [[nodiscard]] boost::asio::awaitable<raw_reply> perform(raw_request request, http::deadline* until = nullptr) {
        return perform(prepare(std::move(request)), until);
    }
    /// Prepares a request for a coroutine that keeps it before performing it. May be called on any thread. The result
    /// keeps the engine alive.
    [[nodiscard]] prepared_call prepare(raw_request request);

    /// connection_pool::warm_up() with failures thrown. Runs on executor().
    [[nodiscard]] boost::asio::awaitable<void> warm_up(call_options options);

    /// Waits for `delay`. Throws errc::deadline_exceeded, errc::client_closed or operation_aborted when the deadline,
    /// the client's end or a cancellation comes first.
    [[nodiscard]] boost::asio::awaitable<void> sleep(std::chrono::steady_clock::duration delay, http::deadline& until);

    /// The deadline of a call that starts now.
    [[nodiscard]] std::chrono::steady_clock::time_point deadline_of(call_options const& options) const noexcept;

    /// An empty string with capacity from earlier requests; perform() takes it back. May be called on any thread.
    [[nodiscard]] std::string borrow_body();

    /// Throws errc::wrong_executor unless `caller` is the client's own executor or the client is thread-safe.
    void check_executor(boost::asio::any_io_executor const& caller) const;

    /// Runs `op` on executor() and completes on the caller's executor; cancellation is passed on. May be called on any
    /// executor and thread.
    [[nodiscard]] boost::asio::awaitable<void> hop(boost::asio::awaitable<void> op);

    void stop() noexcept;
    /// See client::close(). It must be awaited on executor(), unless the client is thread-safe.
    [[nodiscard]] boost::asio::awaitable<void> close(std::chrono::nanoseconds grace);
    /// Every operation of several requests calls this first. Throws errc::wrong_executor as check_executor() does, and
    /// errc::client_closed when the client is being closed.
    void admit(boost::asio::any_io_executor const& caller) const;

    /// The client's executor; if the client is thread-safe, a strand of its own.
    [[nodiscard]] boost::asio::any_io_executor const& executor() const noexcept;
    [[nodiscard]] client_options const& options() const noexcept; ///< With all empty values resolved.
    [[nodiscard]] aws::retry_policy const& retry() const noexcept;
    [[nodiscard]] http::deadline_queue& deadlines() noexcept;
    [[nodiscard]] request_counts const& counts() const noexcept;
    [[nodiscard]] std::vector<throttled_resource> throttled() const;
    [[nodiscard]] http::pool_statistics pool() const noexcept;
    /// The present time by the service's clock, as far as it is known to differ from the client's.
    [[nodiscard]] system_time service_time() const;
    /// A random number in [0, 1) for jitter.
    [[nodiscard]] double jitter() noexcept;

private:
    explicit engine(std::unique_ptr<engine_state> s);
    std::unique_ptr<engine_state> state_;
};

template <class T>
boost::asio::awaitable<void> store_result(boost::asio::awaitable<T> op, std::shared_ptr<std::optional<T>> out) {
    out->emplace(co_await std::move(op));
}
template <class T>
boost::asio::awaitable<T> hop_with_result(std::shared_ptr<engine> self, boost::asio::awaitable<T> op) {
    if constexpr (std::is_void_v<T>) {
        co_await self->hop(std::move(op));
    } else {
        auto out = std::make_shared<std::optional<T>>();
        auto stored = store_result(std::move(op), out);
        co_await self->hop(std::move(stored));
        co_return std::move(**out);
    }
}
/// Wraps an operation so that it runs as a whole on the client's executor if the client is thread-safe; otherwise
/// returns `op` itself, at no cost. Every public operation of more than one step is passed through this function, so
/// that its objects (answers, deadlines) are made and destroyed on the client's executor.
template <class T> boost::asio::awaitable<T> enter(std::shared_ptr<engine> const& self, boost::asio::awaitable<T> op) {
    if (!self->options().thread_safe) return op;
    return hop_with_result(self, std::move(op));
}

} // namespace dynasio::dynamodb::detail

#endif
