#ifndef DYNASIO_SRC_ORM_LOAD_FIGURE_TEXT_HPP
#define DYNASIO_SRC_ORM_LOAD_FIGURE_TEXT_HPP

#include <array>
#include <charconv>
#include <string>
#include <system_error>

// Numbers as text for reports and drawings. std::snprintf would write the decimal point of the program's locale, which
// no SVG file has.
namespace dynasio::detail {

/// With at most so many significant digits, up to 15, and without zeros at the end: "250", "0.05", "1.5e+12".
inline std::string rounded_text(double n, int digits) {
    std::array<char, 32> text{};
    auto const [end, code] =
        std::to_chars(text.data(), text.data() + text.size(), n, std::chars_format::general, digits);
    return {text.data(), end};
}

/// With this number of decimals: "12.0".
inline std::string fixed_text(double n, int decimals) {
    std::array<char, 64> text{};
    auto const [end, code] =
        std::to_chars(text.data(), text.data() + text.size(), n, std::chars_format::fixed, decimals);
    return code == std::errc() ? std::string(text.data(), end) : rounded_text(n, 6); // which is shorter
}

} // namespace dynasio::detail

#endif
