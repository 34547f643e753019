#ifndef DYNASIO_CORE_ERROR_CONTEXT_HPP
#define DYNASIO_CORE_ERROR_CONTEXT_HPP

#include <dynasio/core/error.hpp>

#include <string_view>

namespace dynasio {

/// What one level of the library knows about an error that passes through it. Members that are empty, 0 or false add
/// nothing.
struct error_context {
    std::string_view operation{};
    std::string_view table{}; ///< Physical name, with the client's prefix.
    std::string_view index{};
    std::string_view entity{};
    std::string_view attribute{};
    std::string_view relation_path{};
    std::string_view request_id{};
    unsigned http_status = 0;
    unsigned attempts = 0;
    bool outcome_unknown = false; ///< A write may have been carried out although the operation failed.
};

/// Fills the members of `d` that are still empty. A member that is set stays as it is, because the level that set it
/// was closer to the cause.
void add_context(diagnostics& d, error_context const& c);

/// A copy of `e` to which add_context() was applied; rethrow_with() throws it.
[[nodiscard]] error with_context(error const& e, error_context const& c);
[[noreturn]] void rethrow_with(error const& e, error_context const& c);

} // namespace dynasio

#endif
