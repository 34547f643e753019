#include "patience.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace dynasio::detail {

namespace {

/// How many requests may be asked for again by a load that has had hardly any answers: all that are under way when a
/// server goes, 64 by default, some times over.
constexpr std::size_t free_of_answers = 256;
/// A throttled request is asked for again this many times for each attempt that a single request has, and a key that
/// stays unprocessed is sent as often. With the default delays that is longer than the default deadline.
constexpr unsigned rounds_of_load = 4;

unsigned rounds(unsigned attempts) noexcept {
    constexpr unsigned most = std::numeric_limits<unsigned>::max();
    return attempts > most / rounds_of_load ? most : attempts * rounds_of_load;
}

aws::attempt_outcome outcome_of(error const& failed) noexcept {
    auto const code = failed.code();
    bool const is_lost = code == transport_errc::connection_lost || code == transport_errc::connect_failed ||
                         code == transport_errc::connect_timeout || code == transport_errc::attempt_timeout ||
                         code == transport_errc::proxy_failed || code == transport_errc::resolve_failed ||
                         code == errc::checksum_mismatch;
    if (is_lost) return aws::attempt_outcome::transient_error;
    if (code.category() != service_category()) return aws::attempt_outcome::permanent_error;
    return aws::classify(failed.info().http_status, failed.info().service_code);
}

} // namespace

load_patience::load_patience(aws::retry_policy const& policy, bool is_limited) noexcept
    : policy_(policy), for_unprocessed_(policy), is_patient_(!is_limited && policy.max_attempts > 1) {
    if (is_patient_) for_unprocessed_.max_attempts = rounds(policy.max_attempts);
}

std::optional<aws::retry_delay> load_patience::after(error const& failed, unsigned times, double jitter) noexcept {
    if (!is_patient_ || answers_ == 0 || asked_again_ >= free_of_answers + answers_) return std::nullopt;
    aws::retry_delay first{};
    switch (outcome_of(failed)) {
    case aws::attempt_outcome::throttling_error:
        if (times >= for_unprocessed_.max_attempts) return std::nullopt;
        first = policy_.throttling_delay;
        break;
    case aws::attempt_outcome::transient_error:
    case aws::attempt_outcome::timeout_error:
        if (times >= policy_.max_attempts) return std::nullopt;
        first = policy_.base_delay * std::ldexp(1.0, static_cast<int>(std::min(policy_.max_attempts, 1000U)) - 1);
        break;
    case aws::attempt_outcome::success:
    case aws::attempt_outcome::permanent_error:
        return std::nullopt;
    }
    ++asked_again_;
    auto const longest = std::min(first * std::ldexp(1.0, static_cast<int>(std::min(times, 1000U))), policy_.max_delay);
    // At least half of it: many requests fail at the same time, and none of them knows yet that it has passed.
    return longest * (0.5 + std::clamp(jitter, 0.0, 1.0) / 2);
}

} // namespace dynasio::detail
