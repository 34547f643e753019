#ifndef DYNASIO_TESTS_UNIT_AWS_FAKE_ENVIRONMENT_HPP
#define DYNASIO_TESTS_UNIT_AWS_FAKE_ENVIRONMENT_HPP

#include <dynasio/aws/environment.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dynasio::tests {

/// Variables and files of a test's own. Unlike the process's, it also reports blank variables.
struct fake_environment {
    std::map<std::string, std::string> variables{};
    std::map<std::string, std::string> files{};
    std::vector<std::string> files_read{};

    /// Refers to this object.
    [[nodiscard]] aws::environment get() {
        aws::environment env;
        env.variable = [this](std::string const& name) { return look_up(variables, name); };
        env.read_file = [this](std::string const& path) {
            files_read.push_back(path);
            return look_up(files, path);
        };
        return env;
    }

private:
    static std::optional<std::string> look_up(std::map<std::string, std::string> const& in, std::string const& key) {
        auto const found = in.find(key);
        if (found == in.end()) return std::nullopt;
        return found->second;
    }
};

} // namespace dynasio::tests

#endif
