#include <dynasio/aws/environment.hpp>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

#include "wipe.hpp"

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
    // The file may contain secrets, and the C library frees its buffer without wiping, so none is used.
    std::setvbuf(file.get(), nullptr, _IONBF, 0);
    std::string content;
    for (;;) {
        constexpr std::size_t piece = 16 * 1024;
        auto const before = content.size();
        make_room(content, piece);
        content.resize(before + piece);
        auto const count = std::fread(content.data() + before, 1, piece, file.get());
        content.resize(before + count);
        if (count != piece) break;
    }
    // A folder can be opened, but reading it fails.
    if (std::ferror(file.get()) != 0) return std::nullopt;
    return content;
}

bool write_whole(int file, std::string_view content) noexcept {
    while (!content.empty()) {
        ::ssize_t const written = ::write(file, content.data(), content.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return false;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(file) == 0;
}

bool replace_process_file(std::string const& path, std::string_view content) {
    std::string temporary = path + ".XXXXXX";
    // The temporary file is in the same folder, so that rename() replaces the file atomically. mkostemp() gives it mode
    // 0600.
    int const file = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (file < 0) return false;
    bool const written = write_whole(file, content);
    bool const closed = ::close(file) == 0;
    if (written && closed && std::rename(temporary.c_str(), path.c_str()) == 0) return true;
    ::unlink(temporary.c_str());
    return false;
}

} // namespace

environment environment::process() {
    environment env;
    env.variable = process_variable;
    env.read_file = process_file;
    env.write_file = replace_process_file;
    return env;
}

} // namespace dynasio::aws
