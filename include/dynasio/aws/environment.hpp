#ifndef DYNASIO_AWS_ENVIRONMENT_HPP
#define DYNASIO_AWS_ENVIRONMENT_HPP

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dynasio::aws {

/// Where configuration is read from. Tests replace the functions.
struct environment {
    /// Value of a variable; nothing when it is unset or blank.
    std::function<std::optional<std::string>(std::string const& name)> variable;
    /// Content of a file; nothing when it cannot be opened.
    std::function<std::optional<std::string>(std::string const& path)> read_file;
    /// Replaces a file atomically, readable by its owner only; false when that fails. If it is empty, token caches are
    /// not written.
    std::function<bool(std::string const& path, std::string_view content)> write_file;

    /// The process's environment variables and files. Variables are read at each call of `variable`, so no other thread
    /// may change the environment (setenv) during a call.
    [[nodiscard]] static environment process();
};

} // namespace dynasio::aws

#endif
