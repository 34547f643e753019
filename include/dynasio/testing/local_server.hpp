#ifndef DYNASIO_TESTING_LOCAL_SERVER_HPP
#define DYNASIO_TESTING_LOCAL_SERVER_HPP

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace dynasio::testing {

/// How to start a server that speaks DynamoDB's protocol.
struct local_server_options {
    std::string program{}; ///< Path of the program, or a name that is searched in PATH.
    /// Its arguments; "{port}" anywhere in them becomes the port: {"--port", "{port}"} or
    /// {"--listen=127.0.0.1:{port}"}.
    std::vector<std::string> arguments{};
    /// File that the program's output is appended to. Empty: the output is dropped.
    std::string log_file{};
    /// How long the program may take until it accepts connections.
    std::chrono::milliseconds start_timeout = std::chrono::seconds(30);
    /// How long the program may take to end after SIGTERM before it is killed.
    std::chrono::milliseconds stop_timeout = std::chrono::seconds(5);
};

/// A database server for tests: a program that is started on a free port of 127.0.0.1, or a server that is already
/// running.
///
/// The program gets the environment of this process and none of its descriptors beyond the standard ones.
/// POSIX systems only.
class local_server {
public:
    /// Starts the program and waits until it accepts connections.
    ///
    /// Throws errc::invalid_configuration when the program cannot be started or ends by itself, errc::deadline_exceeded
    /// when it accepts no connection in time; the program is stopped then. A program that ends by itself is started on
    /// up to three ports, because another process may have taken the first port in the meantime.
    explicit local_server(local_server_options options);

    /// The server that the environment variable DYNAMODB_ENDPOINT names, if it is set and not empty. That server is
    /// neither started nor stopped.
    [[nodiscard]] static std::optional<local_server> from_environment();
    /// The server of DYNAMODB_ENDPOINT, or without that variable the one that `otherwise` starts.
    [[nodiscard]] static local_server from_environment(local_server_options otherwise);

    local_server(local_server&& other) noexcept;
    local_server& operator=(local_server&& other) noexcept;
    /// Stops the program, if one was started, by its process id: with SIGTERM, and after stop_timeout with SIGKILL. The
    /// process is reaped, so that no zombie stays.
    ~local_server();

    /// "http://127.0.0.1:45123", or the value of DYNAMODB_ENDPOINT.
    [[nodiscard]] std::string const& url() const noexcept { return url_; }
    /// Process id of the started program; -1 if none was started.
    [[nodiscard]] int pid() const noexcept { return pid_; }

private:
    local_server() = default;
    void stop() noexcept;

    std::string url_;
    std::chrono::milliseconds stop_timeout_{};
    int pid_ = -1;
};

} // namespace dynasio::testing

#endif
