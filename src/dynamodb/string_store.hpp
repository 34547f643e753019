#ifndef DYNASIO_SRC_DYNAMODB_STRING_STORE_HPP
#define DYNASIO_SRC_DYNAMODB_STRING_STORE_HPP

#include <openssl/crypto.h>

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
    /// `secret` ones are wiped when they are not kept any more: temporary credentials put their session token into the
    /// head of each request.
    enum class content { plain, secret };

    explicit string_store(content kind) : secret_(kind == content::secret) { free_.reserve(max_strings); }
    ~string_store() {
        if (secret_)
            for (auto& text : free_) wipe(text);
    }
    string_store(string_store const&) = delete;
    string_store& operator=(string_store const&) = delete;

    /// Room for `size` characters in place of what a secret `text` holds: growing later would leave a copy behind.
    static void make_room(std::string& text, std::size_t size) {
        if (text.capacity() >= size) return;
        wipe(text);
        text.reserve(size);
    }
    std::string take() {
        std::lock_guard const guard(lock_);
        if (free_.empty()) return {};
        std::string out = std::move(free_.back());
        free_.pop_back();
        return out;
    }
    void put(std::string text) noexcept {
        // Inside the object itself: nothing to keep.
        if (text.capacity() <= std::string().capacity()) return;
        if (text.capacity() <= max_capacity) {
            text.clear();
            std::lock_guard const guard(lock_);
            if (free_.size() < max_strings) {
                free_.push_back(std::move(text)); // reserved: does not allocate
                return;
            }
        }
        if (secret_) wipe(text);
    }

private:
    static void wipe(std::string& text) noexcept {
        // To the end of the buffer: earlier contents were longer. Growing to the capacity allocates nothing.
        text.resize(text.capacity());
        ::OPENSSL_cleanse(text.data(), text.size());
        text.clear();
    }

    // A string grown by one huge batch would stay that large for ever.
    static constexpr std::size_t max_capacity = 256 * 1024;
    static constexpr std::size_t max_strings = 512;

    bool secret_;
    spin_lock lock_;
    std::vector<std::string> free_;
};

} // namespace dynasio::dynamodb::detail

#endif
