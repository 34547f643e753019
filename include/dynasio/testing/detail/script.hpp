#ifndef DYNASIO_TESTING_DETAIL_SCRIPT_HPP
#define DYNASIO_TESTING_DETAIL_SCRIPT_HPP

#include <dynasio/testing/canned_answer.hpp>
#include <dynasio/testing/detail/delivery.hpp>
#include <dynasio/testing/fault_kinds.hpp>
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

enum class action_kind : std::uint8_t {
    forward,
    leave_unprocessed,
    answer,
    compute,
    bytes,
    endless,
    drop_early,
    drop_late,
    never,
};

/// A rule. Once it is in force, only its counters change.
struct rule {
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    match requests{};
    std::size_t skip = 0;          ///< Matching requests that the rule skips.
    std::size_t limit = unlimited; ///< Requests that the rule applies to at most.
    bool expected = false;

    double rate = 1;         ///< Probability for each matching request not skipped.
    std::uint64_t place = 0; ///< Place among all rules; chance() uses it.

    std::chrono::nanoseconds delay{};
    delivery how{};

    action_kind action = action_kind::forward;
    key_selector held = all_keys();
    canned_answer answer{};
    std::function<canned_answer(recorded_request const&)> compute{};
    std::string bytes{};
    endless_part endless = endless_part::headers;
    connection_fault connection = connection_fault::close; ///< For a rule for connections.
    std::string fault{};                                   ///< For recorded_request::fault.

    std::atomic<std::size_t> matched{0};
    std::atomic<std::size_t> used{0};
    std::atomic<bool> removed{false};
};

/// A pseudo-random number from 0 to less than 1, always the same for the same arguments. It decides whether a rule with
/// a rate applies.
[[nodiscard]] double chance(std::uint64_t seed, std::uint64_t place, std::uint64_t number) noexcept;

/// The rules of an endpoint in their order. Thread-safe; `pick` and `pick_connection` are called by one thread.
class script {
public:
    explicit script(std::uint64_t seed = 0) noexcept : seed_(seed) {}

    void add(std::shared_ptr<rule> r);
    void add_connection(std::shared_ptr<rule> r);
    /// The rule for a request, counted as used; null when none matches. Exceptions of the caller's predicates pass
    /// through.
    [[nodiscard]] std::shared_ptr<rule> pick(recorded_request const& request);
    /// The rule for a new connection.
    [[nodiscard]] std::shared_ptr<rule> pick_connection();
    [[nodiscard]] std::vector<std::string> unmet() const;
    void clear();

private:
    using rule_list = std::vector<std::shared_ptr<rule>>;
    [[nodiscard]] rule_list copy_of(rule_list const& list) const;
    [[nodiscard]] bool takes(rule& r) const noexcept;

    std::uint64_t const seed_;
    mutable std::mutex mutex_;
    rule_list rules_;
    rule_list connection_rules_;
    std::uint64_t places_ = 0;
};

} // namespace dynasio::testing::detail

#endif
