#ifndef DYNASIO_AWS_RETRY_HPP
#define DYNASIO_AWS_RETRY_HPP

#include <chrono>
#include <optional>
#include <string_view>

namespace dynasio::aws {

using retry_delay = std::chrono::duration<double, std::milli>;

/// Standard retry mode as AWS's SDKs have it since November 2026 ("2.1"), with DynamoDB's values as defaults.
struct retry_options {
    unsigned max_attempts = 4;                              ///< The first one included. 1 switches retries off.
    retry_delay base_delay = std::chrono::milliseconds(25); ///< Doubles with each retry.
    retry_delay throttling_delay = std::chrono::seconds(1); ///< Base when the error is a throttling one.
    retry_delay max_delay = std::chrono::seconds(20);
    unsigned quota = 500;         ///< Tokens that all calls of a client share.
    unsigned retry_cost = 14;     ///< Tokens that one retry takes.
    unsigned throttling_cost = 5; ///< The same when the error is a throttling one.
    unsigned success_refund = 1;  ///< Tokens that a success without a retry gives back.
};

/// How an attempt ended.
enum class attempt_outcome {
    success,
    transient_error,  ///< Lost connection, time-out, HTTP 500/502/503/504, checksum mismatch.
    throttling_error, ///< The service asked for fewer requests.
    permanent_error,
};

/// Classifies an answer by status and error code, never by message. Throttling codes count with any status; status 0
/// (there was no answer) is transient; a 2xx without a code is a success.
[[nodiscard]] attempt_outcome classify(unsigned http_status, std::string_view error_code) noexcept;

/// Tokens shared by all calls of a client: when they run out, calls fail at once with their original error.
/// Not thread-safe: it belongs to the client's executor.
class retry_quota {
public:
    explicit retry_quota(unsigned capacity = 500) noexcept : capacity_(capacity), available_(capacity) {}
    /// Takes all of `cost`, or nothing and returns false.
    [[nodiscard]] bool take(unsigned cost) noexcept;
    /// Never rises above the capacity.
    void give_back(unsigned amount) noexcept;
    [[nodiscard]] unsigned available() const noexcept { return available_; }

private:
    unsigned capacity_;
    unsigned available_;
};

/// Why a call goes on or ends.
enum class retry_reason {
    success,
    retryable_error, ///< The only one with another attempt.
    permanent_error,
    max_attempts_reached,
    quota_exhausted,
};

/// Decides after each attempt of one call. No clock, no timer: random numbers and answers in, decision out.
class retry_machine {
public:
    /// `options` and `quota` must outlive the machine.
    retry_machine(retry_options const& options, retry_quota& quota) noexcept : options_(&options), quota_(&quota) {}

    struct decision {
        bool retry = false;
        retry_delay delay{}; ///< Before the next attempt.
        retry_reason reason = retry_reason::permanent_error;
    };

    /// Call once for each attempt. `jitter` is a random number in [0, 1]; `retry_after` the value of x-amz-retry-after
    /// in milliseconds as received (ignored when it is no non-negative number); it lengthens the delay by up to 5 s and
    /// never shortens it.
    [[nodiscard]] decision on_attempt_end(attempt_outcome outcome, double jitter,
                                          std::optional<std::string_view> retry_after = {}) noexcept;

    /// Attempts that have ended so far.
    [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }

private:
    retry_options const* options_;
    retry_quota* quota_;
    unsigned attempts_ = 0;
    unsigned last_cost_ = 0;
};

} // namespace dynasio::aws

#endif
