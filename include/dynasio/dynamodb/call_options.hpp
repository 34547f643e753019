#ifndef DYNASIO_DYNAMODB_CALL_OPTIONS_HPP
#define DYNASIO_DYNAMODB_CALL_OPTIONS_HPP

#include <dynasio/http/traffic.hpp>

#include <dynasio/core/duration.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace dynasio {

class capacity_report;

/// The cost of a call, filled when the call ends, also when it fails. Calls that make several requests report the sum.
struct call_cost {
    unsigned requests = 0;              ///< Requests that were answered or given up, retries included.
    unsigned retries = 0;               ///< Also those at once, after an idle connection had turned out to be dead.
    unsigned hedges = 0;                ///< Second requests of hedged reads; included in `requests`.
    std::chrono::nanoseconds latency{}; ///< From the start of the call to its end.
    double read_units = 0;              ///< Capacity units that the service reported; 0 if they were not requested.
    double write_units = 0;
};

/// Options of one call. Has setters so that it can be written inside a co_await expression:
/// `co_await users.find(id, call_options().timeout(200ms).attempts(1))`.
class call_options {
public:
    call_options() = default;

    /// Bounds the whole call: waiting for a connection, every attempt and the pauses between them. Takes a duration of
    /// any unit; longer ones are shortened to longest_duration.
    template <class Rep, class Period> call_options& timeout(std::chrono::duration<Rep, Period> value) {
        timeout_ = detail::limited_duration<std::chrono::nanoseconds>(value);
        return *this;
    }
    /// Replaces client_options::attempt_timeout for this call; zero for no limit. A negative value, like a negative
    /// timeout(), makes the call fail with errc::deadline_exceeded.
    template <class Rep, class Period> call_options& attempt_timeout(std::chrono::duration<Rep, Period> value) {
        attempt_timeout_ = detail::limited_duration<std::chrono::nanoseconds>(value);
        return *this;
    }
    /// Number of attempts including the first one; replaces retry_options::max_attempts. 1 switches retries off, 0 is
    /// errc::invalid_argument.
    call_options& attempts(unsigned value) {
        attempts_ = value;
        return *this;
    }
    /// Whether a write that is not safe to repeat may be sent again when its outcome is unknown (default: yes, as in
    /// AWS's SDKs). If not, the call fails with diagnostics::outcome_unknown set.
    call_options& repeat_unsafe_writes(bool value) {
        repeat_unsafe_writes_ = value;
        return *this;
    }
    /// The class of the call's requests in the queue for connections. By default, graph loads and batches of several
    /// chunks are http::traffic::fan_out and everything else is http::traffic::single. Set it for your own fan-outs,
    /// such as the segments of a parallel scan.
    call_options& traffic(http::traffic value) {
        traffic_ = value;
        return *this;
    }
    /// Fills `cost`, which must outlive the call, when the call ends. The request then asks the service to report
    /// capacity.
    call_options& report(call_cost& cost) {
        cost_ = &cost;
        return *this;
    }

    /// Adds the capacity that the call consumes, by table and index, to `sum`, which must outlive the call; several
    /// calls may share one. The request then asks for capacity by index, which makes answers slightly longer. Failed
    /// requests report no capacity.
    call_options& account(capacity_report& sum) {
        account_ = &sum;
        return *this;
    }
    /// Whether a read may be sent a second time (see hedging_options). The default is set by the client's options.
    call_options& hedged(bool value) {
        hedged_ = value;
        return *this;
    }
    /// A name for the call in the events of an observer. The text must outlive the call.
    call_options& label(std::string_view text) {
        label_ = text;
        return *this;
    }
    template <class String>
        requires std::same_as<std::remove_const_t<String>, std::string>
    call_options& label(String&&) {
        static_assert(std::is_void_v<String>, "dynasio: the text of label() must outlive the call; give it a name");
        return *this;
    }
    /// Value of X-Amzn-Trace-Id, in place of the one that a Lambda function passes on by default. The text must outlive
    /// the call.
    call_options& trace_id(std::string_view text) {
        trace_id_ = text;
        return *this;
    }
    template <class String>
        requires std::same_as<std::remove_const_t<String>, std::string>
    call_options& trace_id(String&&) {
        static_assert(std::is_void_v<String>, "dynasio: the text of trace_id() must outlive the call; give it a name");
        return *this;
    }

    [[nodiscard]] std::optional<std::chrono::nanoseconds> timeout() const noexcept { return timeout_; }
    [[nodiscard]] std::optional<std::chrono::nanoseconds> attempt_timeout() const noexcept { return attempt_timeout_; }
    [[nodiscard]] std::optional<unsigned> attempts() const noexcept { return attempts_; }
    [[nodiscard]] bool repeat_unsafe_writes() const noexcept { return repeat_unsafe_writes_; }
    [[nodiscard]] std::optional<http::traffic> traffic() const noexcept { return traffic_; }
    [[nodiscard]] call_cost* cost() const noexcept { return cost_; }
    [[nodiscard]] capacity_report* account() const noexcept { return account_; }
    [[nodiscard]] bool hedged() const noexcept { return hedged_; }
    [[nodiscard]] std::string_view label() const noexcept { return label_; }
    [[nodiscard]] std::string_view trace_id() const noexcept { return trace_id_; }

private:
    std::optional<std::chrono::nanoseconds> timeout_{};
    std::optional<std::chrono::nanoseconds> attempt_timeout_{};
    std::optional<unsigned> attempts_{};
    std::optional<http::traffic> traffic_{};
    bool repeat_unsafe_writes_ = true;
    bool hedged_ = true;
    call_cost* cost_ = nullptr;
    capacity_report* account_ = nullptr;
    std::string_view label_{};
    std::string_view trace_id_{};
};

} // namespace dynasio

#endif
