#include <dynasio/dynamodb/progress.hpp>

#include <algorithm>
#include <cmath>

namespace dynasio::dynamodb {

progress_guard::decision progress_guard::on_answer(std::size_t sent, std::size_t unprocessed, double jitter) noexcept {
    if (unprocessed == 0) return {action::done};
    if (unprocessed < sent) {
        fruitless_ = 0;
        return {action::resend};
    }
    ++fruitless_;
    if (fruitless_ >= policy_->max_attempts) return {action::give_up};
    auto const doublings = static_cast<int>(std::min(fruitless_ - 1, 1000U)); // 2^1000 is still a double.
    auto const longest = std::min(policy_->base_delay * std::ldexp(1.0, doublings), policy_->max_delay);
    return {action::resend, longest * std::clamp(jitter, 0.0, 1.0)};
}

} // namespace dynasio::dynamodb
