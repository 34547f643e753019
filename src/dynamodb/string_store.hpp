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

/// A lock that is held for a few instructions. It is needed because a string may be borrowed on any thread, also by a
/// call on a wrong executor.
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

/// Keeps strings with the capacity of earlier requests for reuse. May be used on any thread.
class string_store {
public:
    /// Strings with `secret` content are wiped before they are freed, because the head of each request contains the
    /// session token of temporary credentials.
    enum class content { plain, secret };

    explicit string_store(content kind) : secret_(kind == content::secret) { free_.reserve(max_strings); }
    ~string_store() {
        if (secret_)
            for (auto& text : free_) wipe(text);
    }
    string_store(string_store const&) = delete;
    string_store& operator=(string_store const&) = delete;

    /// Makes room for `size` characters in a secret `text` and drops its content. Growing later would leave a copy in
    /// freed memory.
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
        // A string without a buffer on the heap is not worth keeping.
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
        // The whole buffer is wiped, because earlier contents may have been longer. Resizing to the capacity does not
        // allocate.
        text.resize(text.capacity());
        ::OPENSSL_cleanse(text.data(), text.size());
        text.clear();
    }

    // Larger strings are freed; a string grown by one huge batch would otherwise stay that large for ever.
    static constexpr std::size_t max_capacity = 256 * 1024;
    static constexpr std::size_t max_strings = 512;

    bool secret_;
    spin_lock lock_;
    std::vector<std::string> free_;
};

} // namespace dynasio::dynamodb::detail

#endif
