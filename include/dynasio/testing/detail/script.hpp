#ifndef DYNASIO_TESTING_DETAIL_SCRIPT_HPP
#define DYNASIO_TESTING_DETAIL_SCRIPT_HPP

#include <dynasio/testing/canned_answer.hpp>
#include <dynasio/testing/key_selector.hpp>
#include <dynasio/testing/match.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace dynasio::testing::detail {

enum class action_kind : std::uint8_t { forward, leave_unprocessed, answer, compute, drop_early, drop_late, never };

/// A rule. Only its counters change once it is in force.
struct rule {
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    match requests{};
    std::size_t skip = 0;          ///< Matching requests that pass before the rule applies.
    std::size_t limit = unlimited; ///< Requests that it applies to.
    bool expected = false;

    std::chrono::nanoseconds delay{};
    std::vector<std::pair<std::string, std::string>> headers{};
    bool wrong_crc32 = false;
    std::size_t missing_bytes = 0;
    bool closing = false;
    bool reset = false;

    action_kind action = action_kind::forward;
    key_selector held = all_keys();
    canned_answer answer{};
    std::function<canned_answer(recorded_request const&)> compute{};
    std::string fault{}; ///< For recorded_request::fault.

    std::atomic<std::size_t> matched{0};
    std::atomic<std::size_t> used{0};
    std::atomic<bool> removed{false};
};

/// The rules of an endpoint in their order. Thread-safe; `pick` is called by one thread.
class script {
public:
    void add(std::shared_ptr<rule> r);
    /// The rule for a request, counted as used; null when none matches. Throws what the caller's predicates throw.
    [[nodiscard]] std::shared_ptr<rule> pick(recorded_request const& request);
    [[nodiscard]] std::vector<std::string> unmet() const;
    void clear();

private:
    [[nodiscard]] std::vector<std::shared_ptr<rule>> rules() const;

    mutable std::mutex mutex_;
    std::vector<std::shared_ptr<rule>> rules_;
};

} // namespace dynasio::testing::detail

#endif
