#ifndef DYNASIO_SRC_DYNAMODB_STRING_STORE_HPP
#define DYNASIO_SRC_DYNAMODB_STRING_STORE_HPP

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace dynasio::dynamodb::detail {

/// Held for a few instructions: borrowing a string may happen on any thread, also by mistake.
class spin_lock {
public:
    void lock() noexcept {
        while (flag_.test_and_set(std::memory_order_acquire)) {
        }
    }
    void unlock() noexcept { flag_.clear(std::memory_order_release); }

private:
    std::atomic_flag flag_;
};

/// Strings with the capacity of earlier requests. Any thread.
class string_store {
public:
    string_store() { free_.reserve(max_strings); }
    std::string take() {
        std::lock_guard const guard(lock_);
        if (free_.empty()) return {};
        std::string out = std::move(free_.back());
        free_.pop_back();
        return out;
    }
    void put(std::string text) noexcept {
        // Inside the object itself: nothing to keep.
        if (text.capacity() <= std::string().capacity() || text.capacity() > max_capacity) return;
        text.clear();
        std::lock_guard const guard(lock_);
        if (free_.size() < max_strings) free_.push_back(std::move(text)); // reserved: does not allocate
    }

private:
    // A string grown by one huge batch would stay that large for ever.
    static constexpr std::size_t max_capacity = 256 * 1024;
    static constexpr std::size_t max_strings = 512;

    spin_lock lock_;
    std::vector<std::string> free_;
};

} // namespace dynasio::dynamodb::detail

#endif
