#ifndef DYNASIO_DYNAMODB_DETAIL_REQUEST_SOURCE_HPP
#define DYNASIO_DYNAMODB_DETAIL_REQUEST_SOURCE_HPP

#include <dynasio/dynamodb/call_options.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/detail/request_subject.hpp>
#include <dynasio/dynamodb/operation.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dynasio::dynamodb::detail {

/// Decides which requests an operation of several requests sends, when, and what their answers mean; drive() sends
/// them. A source does no I/O and looks at no clock, so its tests need neither.
class request_source {
public:
    using time_point = std::chrono::steady_clock::time_point;

    struct request {
        std::size_t id; ///< Identifies the request among those of the source.
        operation op;
        std::string body;
        request_subject about{};
        bool repeatable = true;         ///< Whether the request is safe to send twice.
        bool repeats_cancelled = false; ///< See raw_request::repeats_cancelled.
        /// See raw_request::retries. It must outlive the source's last request.
        std::vector<std::chrono::steady_clock::time_point>* retries = nullptr;
    };
    /// An answer of status 200, and the circumstances in which it arrived.
    struct answer {
        raw_reply const& reply;
        /// The request was sent several times, and an earlier sending may have been carried out.
        bool repeated_in_doubt;
        time_point now;
        double jitter; ///< A random number in [0, 1) for pauses.
    };

    virtual ~request_source() = default;

    /// The next request to send now, if there is one. drive() calls it until it returns nothing or `concurrency`
    /// requests are under way.
    [[nodiscard]] virtual std::optional<request> next(time_point now) = 0;
    /// Whether next() would return a request now.
    [[nodiscard]] virtual bool ready(time_point now) const = 0;
    /// The time at which next() may return a request although no further answer came, for example after a pause.
    /// Nothing when only an answer can lead to the next request.
    [[nodiscard]] virtual std::optional<time_point> wake_at() const = 0;
    /// Whether no request is under way and at most one can be sent, so that drive() needs no workers.
    [[nodiscard]] virtual bool sequential() const = 0;
    /// Whether all requests were sent and answered.
    [[nodiscard]] virtual bool done() const noexcept = 0;

    /// Reads the whole answer to request `id`, up to json_reader::finish(): nothing else checks that its body is one
    /// complete JSON object. Throws dynasio::error for an answer that does not fit the request; the source
    /// cannot be used further then.
    virtual void on_answer(std::size_t id, answer const& got) = 0;
    /// Adds what the source knows to the error of a request: to that of a request without an answer, and to an error
    /// that on_answer() threw.
    virtual void describe(std::size_t id, diagnostics& d) const = 0;
    /// Called for every request that failed, before on_failure(). Returns whether the source takes the failure for the
    /// outcome of the request, as it takes an answer; the operation then goes on, and on_failure() is not called.
    [[nodiscard]] virtual bool takes_failure(std::size_t id, error const& e);
    /// Called for every request that failed. The first failure ends the operation and cancels the other requests, whose
    /// failures are reported here as well, because they may leave open whether a write was carried out.
    virtual void on_failure(std::size_t id, error const& e);
    /// Adds what the source knows to the error with which the whole operation ends. `d` is empty when the operation was
    /// cancelled.
    virtual void describe_whole(diagnostics& d) const;

protected:
    request_source() = default;
    request_source(request_source const&) = default;
    request_source& operator=(request_source const&) = default;
};

struct drive_options {
    call_options call{};
    std::size_t concurrency = 1; ///< Requests under way at the same time; at least 1.
    bool report_capacity = false;
    /// The deadline of the whole operation, set when drive() continues an operation that has begun. A client that is
    /// being closed then lets it go on; without this value it would refuse it as a new operation.
    std::optional<std::chrono::steady_clock::time_point> until{};
};

/// Sends the requests of a source and passes the answers to it until the source is done. At most `concurrency` requests
/// are under way at a time, and one deadline bounds them all. The first failure cancels the other requests and is
/// thrown. Cancelling the caller cancels every request, and boost::asio::error::operation_aborted is thrown. When
/// drive() completes, none of its requests is under way any more. Precondition: it runs on the engine's executor, and
/// `source` outlives it.
[[nodiscard]] boost::asio::awaitable<void> drive(std::shared_ptr<engine> self, request_source& source,
                                                 drive_options options);

/// Adds the request id, attempts and status of an answer to an error. Does nothing when `reply` holds no answer.
void add_answer_facts(diagnostics& d, raw_reply const& reply);

} // namespace dynasio::dynamodb::detail

#endif
