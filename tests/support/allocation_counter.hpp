#ifndef DYNASIO_TESTS_SUPPORT_ALLOCATION_COUNTER_HPP
#define DYNASIO_TESTS_SUPPORT_ALLOCATION_COUNTER_HPP

#include <cstddef>

namespace dynasio::tests {

/// Counts what the calling thread allocates between construction and reading, whoever asks: operator new, OpenSSL, the
/// C library. Counters nest.
///
/// Every test program replaces malloc and its relatives, and operator new, for it (Asio's
/// coroutine frames come from aligned_alloc). Sanitizers replace the same functions: under them nothing is counted, and
/// tests begin with
///
///     if (!allocation_counter::enabled) GTEST_SKIP() << allocation_counter::why_disabled;
class allocation_counter {
public:
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    static constexpr bool enabled = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
    static constexpr bool enabled = false;
#else
    static constexpr bool enabled = true;
#endif
#else
    static constexpr bool enabled = true;
#endif
    static constexpr char const* why_disabled = "the sanitizer replaces malloc itself: allocations cannot be counted";

    allocation_counter() noexcept;

    /// Calls so far, and the bytes they asked for.
    [[nodiscard]] std::size_t calls() const noexcept;
    [[nodiscard]] std::size_t bytes() const noexcept;
    /// Those of the calls that operator new made: what C++ code allocates, but for coroutine frames of Asio.
    [[nodiscard]] std::size_t new_calls() const noexcept;

private:
    std::size_t calls_;
    std::size_t bytes_;
    std::size_t new_calls_;
};

} // namespace dynasio::tests

#endif
