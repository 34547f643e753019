#include <dynasio/aws/environment.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>

namespace dynasio::aws {
namespace {

std::optional<std::string> process_variable(std::string const& name) {
    char const* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    std::string text(value);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos) return std::nullopt;
    return text;
}

struct file_closer {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

std::optional<std::string> process_file(std::string const& path) {
    std::unique_ptr<std::FILE, file_closer> const file(std::fopen(path.c_str(), "rb"));
    if (!file) return std::nullopt;
    std::string content;
    char buffer[4096];
    while (std::size_t const count = std::fread(buffer, 1, sizeof buffer, file.get())) content.append(buffer, count);
    // A folder opens, but does not read.
    if (std::ferror(file.get()) != 0) return std::nullopt;
    return content;
}

} // namespace

environment environment::process() {
    environment env;
    env.variable = process_variable;
    env.read_file = process_file;
    return env;
}

} // namespace dynasio::aws
