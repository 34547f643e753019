#include <dynasio/testing/local_server.hpp>

#include <dynasio/core/error.hpp>

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <spawn.h>
#include <string_view>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>

extern char** environ; // no header of POSIX declares it

namespace dynasio::testing {

namespace {

using clock = std::chrono::steady_clock;

constexpr auto poll_interval = std::chrono::milliseconds(2);

class descriptor {
public:
    explicit descriptor(int fd) noexcept : fd_(fd) {}
    descriptor(descriptor const&) = delete;
    descriptor& operator=(descriptor const&) = delete;
    ~descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    [[nodiscard]] int get() const noexcept { return fd_; }

private:
    int fd_;
};

sockaddr_in loopback(std::uint16_t port) noexcept {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// The socket functions take a sockaddr for every address family, so the cast is needed.
sockaddr* generic(sockaddr_in& address) noexcept { return reinterpret_cast<sockaddr*>(&address); }

std::uint16_t free_port() {
    descriptor const socket(::socket(AF_INET, SOCK_STREAM, 0));
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (socket.get() < 0 || ::bind(socket.get(), generic(address), size) != 0 ||
        ::getsockname(socket.get(), generic(address), &size) != 0)
        throw_error(error_code(errno, boost::system::system_category()), "no free port on 127.0.0.1");
    return ntohs(address.sin_port);
}

bool accepts_connections(std::uint16_t port) noexcept {
    descriptor const socket(::socket(AF_INET, SOCK_STREAM, 0));
    if (socket.get() < 0 || ::fcntl(socket.get(), F_SETFL, O_NONBLOCK) != 0) return false;
    auto address = loopback(port);
    if (::connect(socket.get(), generic(address), sizeof address) == 0) return true;
    if (errno != EINPROGRESS) return false;
    pollfd waiting{socket.get(), POLLOUT, 0};
    if (::poll(&waiting, 1, 100) != 1) return false;
    int failed = 0;
    socklen_t size = sizeof failed;
    return ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &failed, &size) == 0 && failed == 0;
}

/// The two parameter structures of posix_spawn.
class spawn_settings {
public:
    explicit spawn_settings(std::string const& log_file) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (log_file.empty())
            posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        else
            posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                             0644);
        posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
        short flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF;
        // The server must not inherit sockets of this process, which would stay open after this process has closed
        // them.
#if defined(POSIX_SPAWN_CLOEXEC_DEFAULT)
        flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#elif defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 34)
        posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
#endif
#endif
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        for (int signal : {SIGTERM, SIGINT, SIGPIPE}) sigaddset(&signals, signal);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
        posix_spawnattr_setflags(&attributes_, flags);
    }
    spawn_settings(spawn_settings const&) = delete;
    spawn_settings& operator=(spawn_settings const&) = delete;
    ~spawn_settings() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    [[nodiscard]] posix_spawn_file_actions_t const* actions() const noexcept { return &actions_; }
    [[nodiscard]] posix_spawnattr_t const* attributes() const noexcept { return &attributes_; }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

std::string with_port(std::string text, std::uint16_t port) {
    constexpr std::string_view placeholder = "{port}";
    for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at))
        text.replace(at, placeholder.size(), std::to_string(port));
    return text;
}

pid_t spawn(local_server_options const& options, std::uint16_t port) {
    std::vector<std::string> words{options.program};
    for (auto const& argument : options.arguments) words.push_back(with_port(argument, port));
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (auto& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    spawn_settings const settings(options.log_file);
    pid_t pid = -1;
    int const failed = ::posix_spawnp(&pid, options.program.c_str(), settings.actions(), settings.attributes(),
                                      pointers.data(), environ);
    if (failed != 0)
        throw_error(errc::invalid_configuration, "the server \"" + options.program + "\" cannot be started: " +
                                                     error_code(failed, boost::system::system_category()).message());
    return pid;
}

/// Whether the process has ended; if so, it has been reaped.
bool ended(pid_t pid, int& status) noexcept {
    auto const answer = ::waitpid(pid, &status, WNOHANG);
    return answer == pid || (answer < 0 && errno == ECHILD);
}

std::string describe(int status) {
    if (WIFEXITED(status)) return "ended with status " + std::to_string(WEXITSTATUS(status));
    return "was ended by signal " + std::to_string(WTERMSIG(status));
}

} // namespace

local_server::local_server(local_server_options options) : stop_timeout_(options.stop_timeout) {
    if (options.program.empty()) throw_error(errc::invalid_configuration, "local_server_options::program is empty");
    auto const deadline = clock::now() + options.start_timeout;
    constexpr int tries = 3;
    for (int attempt = 1;; ++attempt) {
        auto const port = free_port();
        url_ = "http://127.0.0.1:" + std::to_string(port);
        pid_ = spawn(options, port);
        int status = 0;
        for (;;) {
            bool const accepts = accepts_connections(port);
            // This is checked after connecting: if the program has ended, another process accepted the connection.
            if (ended(pid_, status)) break;
            if (accepts) return;
            if (clock::now() >= deadline) {
                stop();
                throw_error(errc::deadline_exceeded, "the server \"" + options.program +
                                                         "\" accepted no connection within " +
                                                         std::to_string(options.start_timeout.count()) + " ms");
            }
            std::this_thread::sleep_for(poll_interval);
        }
        pid_ = -1;
        if (attempt == tries || clock::now() >= deadline)
            throw_error(errc::invalid_configuration, "the server \"" + options.program + "\" " + describe(status) +
                                                         " before it accepted a connection");
    }
}

std::optional<local_server> local_server::from_environment() {
    char const* const endpoint = std::getenv("DYNAMODB_ENDPOINT");
    if (endpoint == nullptr || *endpoint == '\0') return std::nullopt;
    local_server there;
    there.url_ = endpoint;
    return there;
}

local_server local_server::from_environment(local_server_options otherwise) {
    if (auto there = from_environment()) return std::move(*there);
    return local_server(std::move(otherwise));
}

local_server::local_server(local_server&& other) noexcept
    : url_(std::move(other.url_)), stop_timeout_(other.stop_timeout_), pid_(std::exchange(other.pid_, -1)) {}

local_server& local_server::operator=(local_server&& other) noexcept {
    if (this != &other) {
        stop();
        url_ = std::move(other.url_);
        stop_timeout_ = other.stop_timeout_;
        pid_ = std::exchange(other.pid_, -1);
    }
    return *this;
}

local_server::~local_server() { stop(); }

void local_server::stop() noexcept {
    if (pid_ < 0) return;
    auto const pid = std::exchange(pid_, -1);
    int status = 0;
    ::kill(pid, SIGTERM);
    auto const deadline = clock::now() + stop_timeout_;
    while (!ended(pid, status)) {
        if (clock::now() >= deadline) {
            ::kill(pid, SIGKILL);
            // SIGKILL cannot be ignored, so this waits only until the system has ended the process.
            while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
            }
            return;
        }
        std::this_thread::sleep_for(poll_interval);
    }
}

} // namespace dynasio::testing
