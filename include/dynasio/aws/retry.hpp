#ifndef DYNASIO_AWS_RETRY_HPP
#define DYNASIO_AWS_RETRY_HPP

#include <chrono>
#include <optional>
#include <string_view>

namespace dynasio::aws {

using retry_delay = std::chrono::duration<double, std::milli>;

/// How a client retries. "standard" and "adaptive" are named as in AWS's SDKs. Their "legacy" is refused, because it
/// has no quota and differs between the SDKs.
enum class retry_mode {
    standard, ///< The standard mode of AWS's SDKs since November 2026 ("2.1").
    /// The standard mode before that: 3 attempts, pauses of up to 1 s, 2 s, 4 s, …; time-outs cost twice as much.
    standard_2_0,
    /// standard, with a limit on the rate of requests that depends on the answers: once the service has throttled, all
    /// attempts (first ones too) wait for the limiter. For clients that use one table, because a throttled table slows
    /// down requests to the others.
    adaptive,
    off, ///< One attempt, unless max_attempts or a call's own options ask for more.
};

[[nodiscard]] std::string_view to_string(retry_mode mode) noexcept;

/// The settings of retries. Empty members have the mode's value for DynamoDB. Delays must be from 0 to
/// std::chrono::milliseconds::max(); delays over ten years (longest_duration) are shortened to ten years.
struct retry_options {
    /// Empty: AWS_RETRY_MODE, the profile's retry_mode, else standard.
    std::optional<retry_mode> mode{};
    /// Includes the first attempt; at least 1, which switches retries off. Empty: AWS_MAX_ATTEMPTS, the profile's
    /// max_attempts, else 4 (3 in standard_2_0, 1 if off). If code sets `mode` to off, the two settings are ignored.
    std::optional<unsigned> max_attempts{};
    std::optional<retry_delay> base_delay{};       ///< Doubles with each retry. 25 ms (standard_2_0: 1 s).
    std::optional<retry_delay> throttling_delay{}; ///< base_delay after a throttling error. 1 s.
    std::optional<retry_delay> max_delay{};        ///< 20 s.
    std::optional<unsigned> quota{};               ///< Tokens that all calls of a client share. 500.
    std::optional<unsigned> retry_cost{};          ///< Tokens that one retry takes. 14 (standard_2_0: 5).
    std::optional<unsigned> throttling_cost{};     ///< retry_cost after a throttling error. 5.
    std::optional<unsigned> timeout_cost{};        ///< retry_cost after a time-out. 14 (standard_2_0: 10).
    std::optional<unsigned> success_refund{};      ///< Tokens that a success without a retry gives back. 1.
};

/// retry_options with every value set, as retry_machine needs them. Default-constructed: the standard mode for
/// DynamoDB.
struct retry_policy {
    retry_policy() = default;
    /// Values that `options` leave empty are those of the mode; the environment is not read (resolve_retry() reads it).
    /// Throws errc::invalid_configuration naming the option.
    explicit retry_policy(retry_options const& options);
    /// The options with all values set.
    [[nodiscard]] retry_options as_options() const;

    retry_mode mode = retry_mode::standard;
    unsigned max_attempts = 4;
    retry_delay base_delay = std::chrono::milliseconds(25);
    retry_delay throttling_delay = std::chrono::seconds(1);
    retry_delay max_delay = std::chrono::seconds(20);
    unsigned quota = 500;
    unsigned retry_cost = 14;
    unsigned throttling_cost = 5;
    unsigned timeout_cost = 14;
    unsigned success_refund = 1;
    bool heeds_retry_after = true; ///< Whether x-amz-retry-after counts; not in standard_2_0.
};

class client_settings;

/// The policy of a client: its options, else the environment's and the profile's settings, else the defaults. Throws
/// errc::invalid_configuration naming the option, or the variable or property with its value.
[[nodiscard]] retry_policy resolve_retry(retry_options options, client_settings const& from);

/// How an attempt ended.
enum class attempt_outcome {
    success,
    transient_error,  ///< Lost connection, HTTP 500/502/503/504, checksum mismatch.
    timeout_error,    ///< Treated as transient; standard_2_0 takes more tokens for it.
    throttling_error, ///< The service asks for fewer requests.
    permanent_error,
};

/// Classifies an answer by status and error code, never by message. A throttling code is a throttling error with any
/// status, and so is HTTP 429 with any code; status 0 (no answer) is transient; a 2xx without a code is a success.
[[nodiscard]] attempt_outcome classify(unsigned http_status, std::string_view error_code) noexcept;

/// Tokens shared by all calls of a client. When they run out, failed calls are not retried and report their original
/// error. Not thread-safe: used on the client's executor only.
class retry_quota {
public:
    explicit retry_quota(unsigned capacity = 500) noexcept : capacity_(capacity), available_(capacity) {}
    /// Takes `cost` tokens, or returns false and takes none.
    [[nodiscard]] bool take(unsigned cost) noexcept;
    /// Adds tokens, up to the capacity.
    void give_back(unsigned amount) noexcept;
    [[nodiscard]] unsigned available() const noexcept { return available_; }

private:
    unsigned capacity_;
    unsigned available_;
};

/// Why a call is retried or ends.
enum class retry_reason {
    success,
    retryable_error, ///< The only reason that is followed by a retry.
    permanent_error,
    max_attempts_reached,
    quota_exhausted,
};

/// Decides after each attempt of one call whether and when to retry. It uses no clock and no timer; the caller passes
/// outcomes and random numbers.
class retry_machine {
public:
    /// `policy` and `quota` must outlive the machine. `max_attempts` is the call's own limit and replaces the policy's.
    retry_machine(retry_policy const& policy, retry_quota& quota, std::optional<unsigned> max_attempts = {}) noexcept
        : policy_(&policy), quota_(&quota), max_attempts_(max_attempts.value_or(policy.max_attempts)) {}

    struct decision {
        bool retry = false;
        retry_delay delay{}; ///< Before the next attempt.
        retry_reason reason = retry_reason::permanent_error;
    };

    /// Call it once for each attempt. `jitter` is a random number in [0, 1]. `retry_after` is the value of
    /// x-amz-retry-after in milliseconds as received (ignored when it is not a non-negative number); it lengthens the
    /// delay by up to 5 s and never shortens it.
    [[nodiscard]] decision on_attempt_end(attempt_outcome outcome, double jitter,
                                          std::optional<std::string_view> retry_after = {}) noexcept;

    /// Counts an attempt that is repeated at once because the next one differs from it (other credentials, a corrected
    /// clock): later pauses do not grow and no token is taken. Precondition: another attempt is allowed.
    void repeat_at_once() noexcept { --max_attempts_; }

    /// Attempts that have ended so far, other than those repeated at once.
    [[nodiscard]] unsigned attempts() const noexcept { return attempts_; }
    /// The limit, less the attempts repeated at once.
    [[nodiscard]] unsigned max_attempts() const noexcept { return max_attempts_; }

private:
    retry_policy const* policy_;
    retry_quota* quota_;
    unsigned max_attempts_;
    unsigned attempts_ = 0;
    unsigned last_cost_ = 0;
};

} // namespace dynasio::aws

#endif
