#include <dynasio/testing/local_server.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/testing/plain_client.hpp"

namespace {

using dynasio::testing::local_server;
using dynasio::testing::local_server_options;
using namespace std::chrono_literals;

// This program is its own test server: `--serve <how> <port>` never reaches main().
[[noreturn]] void serve(std::string_view how, char const* port) {
    if (how == "ends") ::_exit(3);
    if (how == "stubborn") std::signal(SIGTERM, SIG_IGN);
    if (how == "speaks") {
        std::puts("hello from the server");
        std::fflush(stdout);
    }
    if (how == "deaf") {
        for (;;) ::pause();
    }
    int const listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port)));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(listener, 8) != 0)
        ::_exit(4);
    // The one descriptor besides the standard ones, unless some were inherited.
    if (how == "clean" && listener != 3) ::_exit(5);
    for (;;) {
        int const accepted = ::accept(listener, nullptr, nullptr);
        if (accepted >= 0) ::close(accepted);
    }
}

bool const serving = [] {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    std::vector<std::string> words;
    for (std::string word; std::getline(file, word, '\0');) words.push_back(word);
    file.close();
    if (words.size() == 4 && words[1] == "--serve") serve(words[2], words[3].c_str());
    return false;
}();

local_server_options server_that(std::string how) {
    local_server_options options;
    options.program = "/proc/self/exe";
    options.arguments = {"--serve", std::move(how), "{port}"};
    return options;
}

std::uint16_t port_of(local_server const& server) {
    return static_cast<std::uint16_t>(std::stoi(server.url().substr(server.url().rfind(':') + 1)));
}

bool exists(int pid) { return ::kill(pid, 0) == 0 || errno != ESRCH; }

/// Sets a variable of the environment for one test.
class environment_variable {
public:
    environment_variable(char const* name, char const* value) : name_(name) {
        if (char const* before = std::getenv(name)) before_ = before;
        if (value != nullptr)
            ::setenv(name, value, 1);
        else
            ::unsetenv(name);
    }
    environment_variable(environment_variable const&) = delete;
    environment_variable& operator=(environment_variable const&) = delete;
    ~environment_variable() {
        if (before_)
            ::setenv(name_, before_->c_str(), 1);
        else
            ::unsetenv(name_);
    }

private:
    char const* name_;
    std::optional<std::string> before_;
};

TEST(local_server, accepts_connections_once_constructed_and_is_gone_afterwards) {
    int pid = -1;
    {
        local_server const server(server_that("listens"));
        pid = server.pid();
        EXPECT_EQ(server.url(), "http://127.0.0.1:" + std::to_string(port_of(server)));
        EXPECT_NO_THROW(dynasio_tests::plain_client(port_of(server)));
        EXPECT_TRUE(exists(pid));
    }
    // Not even a zombie.
    EXPECT_FALSE(exists(pid));
}

TEST(local_server, kills_a_program_that_ignores_sigterm) {
    auto options = server_that("stubborn");
    options.stop_timeout = 20ms;
    int pid = -1;
    {
        local_server const server(options);
        pid = server.pid();
    }
    EXPECT_FALSE(exists(pid));
}

TEST(local_server, reports_a_program_that_ends_by_itself) {
    try {
        local_server const server(server_that("ends"));
        ADD_FAILURE();
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), dynasio::errc::invalid_configuration);
        EXPECT_NE(std::string(e.what()).find("ended with status 3"), std::string::npos) << e.what();
    }
}

TEST(local_server, reports_a_program_that_does_not_exist) {
    local_server_options options;
    options.program = "/nowhere/at/all";
    try {
        local_server const server(options);
        ADD_FAILURE();
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), dynasio::errc::invalid_configuration);
        EXPECT_NE(std::string(e.what()).find("/nowhere/at/all"), std::string::npos) << e.what();
    }
    EXPECT_THROW(local_server{local_server_options()}, dynasio::error);
}

TEST(local_server, gives_up_on_a_program_that_does_not_listen) {
    auto options = server_that("deaf");
    options.start_timeout = 20ms;
    try {
        local_server const server(options);
        ADD_FAILURE();
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), dynasio::errc::deadline_exceeded);
    }
}

TEST(local_server, program_inherits_no_sockets) {
    int const kept_open = ::socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_GE(kept_open, 3);
    EXPECT_NO_THROW(local_server(server_that("clean")));
    ::close(kept_open);
}

TEST(local_server, keeps_the_output_when_told_where) {
    auto options = server_that("speaks");
    options.log_file = ::testing::TempDir() + "local_server_test." + std::to_string(::getpid()) + ".log";
    {
        local_server const server(options);
    }
    std::ifstream file(options.log_file);
    std::string const text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_EQ(text, "hello from the server\n");
    std::remove(options.log_file.c_str());
}

TEST(local_server, moving_hands_the_program_over) {
    local_server first(server_that("listens"));
    int const pid = first.pid();
    local_server second(std::move(first));
    EXPECT_EQ(second.pid(), pid);
    EXPECT_EQ(first.pid(), -1);
    local_server third(server_that("listens"));
    int const replaced = third.pid();
    third = std::move(second);
    EXPECT_EQ(third.pid(), pid);
    EXPECT_TRUE(exists(pid));
    EXPECT_FALSE(exists(replaced));
}

TEST(local_server, uses_the_endpoint_of_the_environment) {
    environment_variable const set("DYNAMODB_ENDPOINT", "http://db.example:8000");
    auto const there = local_server::from_environment();
    ASSERT_TRUE(there);
    EXPECT_EQ(there->url(), "http://db.example:8000");
    EXPECT_EQ(there->pid(), -1);
    EXPECT_EQ(local_server::from_environment(server_that("ends")).url(), "http://db.example:8000");
}

TEST(local_server, starts_one_when_the_environment_names_none) {
    for (char const* absent : {static_cast<char const*>(nullptr), ""}) {
        environment_variable const set("DYNAMODB_ENDPOINT", absent);
        EXPECT_FALSE(local_server::from_environment());
        auto const started = local_server::from_environment(server_that("listens"));
        EXPECT_GT(started.pid(), 0);
    }
}

} // namespace
