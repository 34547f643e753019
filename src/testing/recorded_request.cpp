#include <dynasio/testing/recorded_request.hpp>

#include <algorithm>

#include "../core/ascii.hpp"

namespace dynasio::testing {

std::string_view recorded_request::header(std::string_view name) const noexcept {
    for (auto const& [key, value] : headers)
        if (dynasio::detail::is_equal_but_case(key, name)) return value;
    return {};
}

bool recorded_request::names_table(std::string_view table) const noexcept {
    return std::ranges::find(tables, table) != tables.end();
}

} // namespace dynasio::testing
