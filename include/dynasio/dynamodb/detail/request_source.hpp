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

namespace dynasio::dynamodb::detail {

/// Decides which requests an operation of several requests sends, when, and what their answers mean; drive() sends
/// them. A source does no I/O and looks at no clock, so its tests need neither.
class request_source {
public:
    using time_point = std::chrono::steady_clock::time_point;

    struct request {
        std::size_t id; ///< Of this request among those of the source.
        operation op;
        std::string body;
        request_subject about{};
    };
    /// An answer of status 200, and what came with it.
    struct answer {
        raw_reply const& reply;
        /// An earlier sending of this request may have been carried out.
        bool repeated_in_doubt;
        time_point now;
        double jitter; ///< A random number in [0, 1) for pauses.
    };

    virtual ~request_source() = default;

    /// The next request to send now, if there is one. To be called again until there is none, while connections are
    /// free.
    [[nodiscard]] virtual std::optional<request> next(time_point now) = 0;
    /// Whether next() has something now.
    [[nodiscard]] virtual bool ready(time_point now) const = 0;
    /// When next() may have something although no answer came.
    [[nodiscard]] virtual std::optional<time_point> wake_at() const = 0;
    /// Nothing is under way and exactly one request can be sent.
    [[nodiscard]] virtual bool sequential() const = 0;
    /// Everything was asked and answered.
    [[nodiscard]] virtual bool done() const noexcept = 0;

    /// Throws dynasio::error for an answer that does not fit; the source is then of no further use.
    virtual void on_answer(std::size_t id, answer const& got) = 0;
    /// Completes the error of a request: of one that got no answer, or of what on_answer() threw.
    virtual void describe(std::size_t id, diagnostics& d) const = 0;
    /// A request failed with this. The first failure ends the operation; those that follow from it are told here too,
    /// because they may leave open whether a write was carried out.
    virtual void on_failure(std::size_t id, error const& e);
    /// Completes the error with which the whole operation ends; one without anything in it when it was cancelled.
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
    /// Set for the rest of an operation that has begun: a client that is being closed lets it end, and it has the
    /// deadline of the whole.
    std::optional<std::chrono::steady_clock::time_point> until{};
};

/// Sends what a source asks for and gives it the answers until it is done: at most `concurrency` requests at a time,
/// one deadline for all. The first failure cancels the rest and is thrown; cancellation of the caller cancels every
/// request and is thrown as boost::asio::error::operation_aborted. When it completes, nothing of it is under way any
/// more. Precondition: runs on the engine's executor; `source` outlives it.
[[nodiscard]] boost::asio::awaitable<void> drive(std::shared_ptr<engine> self, request_source& source,
                                                 drive_options options);

/// Says which answer an error is about; nothing when none had come.
void add_answer_facts(diagnostics& d, raw_reply const& reply);

} // namespace dynasio::dynamodb::detail

#endif
