#ifndef DYNASIO_CORE_ERROR_CONTEXT_HPP
#define DYNASIO_CORE_ERROR_CONTEXT_HPP

#include <dynasio/core/error.hpp>

#include <string_view>

namespace dynasio {

/// What one level knows about an error that passes through it on its way up. Empty members say nothing.
struct error_context {
    std::string_view operation{};
    std::string_view table{}; ///< Physical name, with prefix.
    std::string_view index{};
    std::string_view entity{};
    std::string_view attribute{};
    std::string_view relation_path{};
    std::string_view request_id{};
    unsigned http_status = 0;
    unsigned attempts = 0;
    bool outcome_unknown = false; ///< A write may have happened, whatever the error says.
};

/// Adds what `d` does not say yet: a level further down knows better what it has already named.
void add_context(diagnostics& d, error_context const& c);

/// `e` with what it does not say yet.
[[nodiscard]] error with_context(error const& e, error_context const& c);
[[noreturn]] void rethrow_with(error const& e, error_context const& c);

} // namespace dynasio

#endif
