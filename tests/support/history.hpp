#ifndef DYNASIO_TESTS_SUPPORT_HISTORY_HPP
#define DYNASIO_TESTS_SUPPORT_HISTORY_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

// Recorded histories of concurrent operations, and the search for an order that explains one: every operation takes
// effect at one moment between its call and its return, and its result is that of the state at this moment (Herlihy and
// Wing, "Linearizability: a correctness condition for concurrent objects", 1990; the search is Wing and Gong's, 1993,
// with visited configurations remembered).
namespace dynasio::test {

/// One operation. `effect` gives the state after it, or nothing when its result contradicts the state before it.
template <class State> struct recorded_operation {
    std::size_t called = 0;
    std::size_t returned = 0; ///< never_returned for an operation whose end nobody has seen.
    std::function<std::optional<State>(State)> effect{};
    bool may_not_happen = false; ///< Takes effect between the two, or never.
    std::string what{};          ///< For whoever reads the history.
};
inline constexpr std::size_t never_returned = SIZE_MAX;

/// The history as text, one line for each operation.
template <class State> std::string to_text(std::vector<recorded_operation<State>> const& operations) {
    std::string text;
    for (auto const& one : operations) {
        text += std::to_string(one.called) + " to ";
        text += one.returned == never_returned ? "?" : std::to_string(one.returned);
        text += (one.may_not_happen ? " perhaps " : " ") + one.what + '\n';
    }
    return text;
}

/// Whether some order explains the operations. At most 64 of them.
template <class State> bool is_explained(std::vector<recorded_operation<State>> const& operations, State start) {
    if (operations.size() > 64) throw std::invalid_argument("histories of more than 64 operations are not searched");
    std::set<std::pair<std::uint64_t, State>> visited;
    std::function<bool(std::uint64_t, std::size_t, State)> const search = [&](std::uint64_t done, std::size_t last_call,
                                                                              State state) {
        if (!visited.emplace(done, state).second) return false;
        bool all_known = true;
        std::size_t first_return = never_returned;
        for (std::size_t i = 0; i < operations.size(); ++i) {
            if ((done >> i & 1U) != 0 || operations[i].may_not_happen) continue;
            all_known = false;
            first_return = std::min(first_return, operations[i].returned);
        }
        if (all_known) return true;
        for (std::size_t i = 0; i < operations.size(); ++i) {
            auto const& one = operations[i];
            // Nothing takes effect before its call or after its return.
            if ((done >> i & 1U) != 0 || one.called > first_return || one.returned < last_call) continue;
            auto const next = one.effect(state);
            if (next && search(done | std::uint64_t{1} << i, std::max(last_call, one.called), *next)) return true;
        }
        return false;
    };
    return search(0, 0, start);
}

} // namespace dynasio::test

#endif
