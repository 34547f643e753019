#ifndef DYNASIO_ORM_BATCH_OUTCOME_HPP
#define DYNASIO_ORM_BATCH_OUTCOME_HPP

#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace dynasio {

/// What became of each of many writes, in the order of the entities: `outcome[i]` is true when the i-th one was carried
/// out, and its `error()` is the failure otherwise.
class batch_outcome {
public:
    batch_outcome() = default;
    explicit batch_outcome(std::vector<result<void>> each) : each_(std::move(each)) {}

    [[nodiscard]] std::size_t size() const noexcept { return each_.size(); }
    [[nodiscard]] result<void> const& operator[](std::size_t i) const noexcept { return each_[i]; }
    [[nodiscard]] auto begin() const noexcept { return each_.begin(); }
    [[nodiscard]] auto end() const noexcept { return each_.end(); }

    /// Whether every write was carried out.
    [[nodiscard]] bool all_stored() const noexcept { return stored() == size(); }
    /// The number of writes that were carried out.
    [[nodiscard]] std::size_t stored() const noexcept {
        auto const done = [](result<void> const& one) { return one.has_value(); };
        return static_cast<std::size_t>(std::count_if(begin(), end(), done));
    }
    /// The failure of the first entity whose write failed; nothing when all were carried out.
    [[nodiscard]] std::optional<failure> first_error() const {
        for (auto const& one : each_)
            if (one.has_error()) return one.error();
        return std::nullopt;
    }

private:
    std::vector<result<void>> each_{};
};

} // namespace dynasio

#endif
