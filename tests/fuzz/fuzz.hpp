#ifndef DYNASIO_TESTS_FUZZ_FUZZ_HPP
#define DYNASIO_TESTS_FUZZ_FUZZ_HPP

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <string_view>

// What the fuzz targets share. A target fails when a sanitizer stops it, when require() does, and when anything but the
// expected dynasio::error is thrown.
namespace dynasio::fuzz {

inline void require(bool holds, char const* what) {
    if (holds) return;
    std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
    std::abort();
}

inline std::string_view text_of(std::uint8_t const* data, std::size_t size) {
    return {reinterpret_cast<char const*>(data), size};
}

/// Runs it; false when it threw dynasio::error with one of `expected`. Anything else that it throws ends the program.
template <class Action> bool succeeds(std::initializer_list<error_code> expected, Action action) {
    try {
        action();
        return true;
    } catch (error const& e) {
        for (auto const& code : expected)
            if (e.code() == code) return false;
        std::fprintf(stderr, "fuzz: unexpected error: %s\n", e.what());
        std::abort();
    }
}

} // namespace dynasio::fuzz

#endif
