#include <dynasio/testing/recorded_request.hpp>

#include <algorithm>

namespace dynasio::testing {

namespace {

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

} // namespace

std::string_view recorded_request::header(std::string_view name) const noexcept {
    for (auto const& [key, value] : headers)
        if (std::ranges::equal(key, name, {}, lower, lower)) return value;
    return {};
}

bool recorded_request::names_table(std::string_view table) const noexcept {
    return std::ranges::find(tables, table) != tables.end();
}

} // namespace dynasio::testing
