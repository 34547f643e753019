#ifndef DYNASIO_AWS_ENVIRONMENT_HPP
#define DYNASIO_AWS_ENVIRONMENT_HPP

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dynasio::aws {

/// What configuration is read from. Replace the functions in tests.
struct environment {
    /// Value of a variable; nothing when it is unset or blank.
    std::function<std::optional<std::string>(std::string const& name)> variable;
    /// Content of a file; nothing when it cannot be opened.
    std::function<std::optional<std::string>(std::string const& path)> read_file;
    /// Replaces a file in one step, readable by its owner only; false when that fails. May be empty: token caches are
    /// not written then.
    std::function<bool(std::string const& path, std::string_view content)> write_file;

    /// The process's environment variables and files. Variables are looked up when asked for: nobody may change them
    /// (setenv) at that time.
    [[nodiscard]] static environment process();
};

} // namespace dynasio::aws

#endif
