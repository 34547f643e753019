#include <dynasio/aws/providers.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/coroutine.hpp"

// Real processes: each is ended by what the test does, none by waiting for a time.
namespace {

using namespace dynasio;
using namespace dynasio::aws;
using namespace std::chrono_literals;

std::string const answer = R"({"Version":1,"AccessKeyId":"PROC","SecretAccessKey":"hidden","SessionToken":"t",)"
                           R"("Expiration":"2030-01-01T00:00:00Z","AccountId":"12"})";

/// A folder for the files and pipes of one test.
class process_provider : public testing::Test {
protected:
    process_provider() {
        folder_ = (std::filesystem::temp_directory_path() / "dynasio-XXXXXX").string();
        if (::mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no folder");
    }
    ~process_provider() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(char const* name) const { return folder_ + "/" + name; }
    [[nodiscard]] std::string fifo(char const* name) const {
        std::string result = path(name);
        EXPECT_EQ(::mkfifo(result.c_str(), 0600), 0);
        return result;
    }
    [[nodiscard]] std::string content(char const* name) const {
        std::ifstream file(path(name));
        std::string text;
        std::getline(file, text);
        return text;
    }

    static process_options command(std::string text) {
        process_options options;
        options.command = std::move(text);
        return options;
    }
    credentials run(process_options options) { return test::run(io, process_credentials(std::move(options))()); }
    std::string error_of(process_options options) {
        try {
            (void)run(std::move(options));
        } catch (error const& e) {
            EXPECT_EQ(e.code(), errc::no_credentials);
            EXPECT_EQ(std::string_view(e.what()).find("hidden"), std::string_view::npos) << e.what();
            return e.info().message;
        }
        ADD_FAILURE() << "no error";
        return {};
    }
    /// Whether this process has a child left, dead or alive.
    static bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD; }
    /// Until the process that wrote its id into the file is gone.
    void wait_until_gone(char const* name) {
        ::pid_t const pid = std::stoi(content(name));
        auto const end = std::chrono::steady_clock::now() + test::patience;
        // An orphan that was killed is reaped by init in its own time.
        while (::kill(pid, 0) == 0 && std::chrono::steady_clock::now() < end) {
            std::ifstream state("/proc/" + std::to_string(pid) + "/stat");
            std::string text;
            std::getline(state, text);
            if (text.find(") Z ") != std::string::npos) return;
        }
        EXPECT_NE(::kill(pid, 0), 0) << "still running";
    }

    boost::asio::io_context io{1};

private:
    std::string folder_{};
};

TEST_F(process_provider, reads_what_the_command_writes) {
    credentials const got = run(command("printf '%s' '" + answer + "'"));
    EXPECT_EQ(got.access_key_id(), "PROC");
    EXPECT_EQ(got.secret_access_key(), "hidden");
    EXPECT_EQ(got.session_token(), "t");
    EXPECT_EQ(got.account_id, "12");
    EXPECT_TRUE(got.expires_at.has_value());
    EXPECT_FALSE(has_children());
}

TEST_F(process_provider, gives_the_command_no_input_and_the_environment) {
    ::setenv("DYNASIO_TEST_ANSWER", answer.c_str(), 1);
    EXPECT_EQ(run(command("cat; printf '%s' \"$DYNASIO_TEST_ANSWER\"")).access_key_id(), "PROC");
    ::unsetenv("DYNASIO_TEST_ANSWER");
}

TEST_F(process_provider, gives_the_command_no_descriptors_but_the_standard_ones) {
    if (!std::filesystem::exists("/proc/self/fd")) GTEST_SKIP() << "there is no list of them here";
    // Like the sockets of a client, it does not close itself when a program is started.
    int const inherited = ::fcntl(STDERR_FILENO, F_DUPFD, 200);
    ASSERT_GE(inherited, 200);
    EXPECT_EQ(
        run(command("n=3; open=; while [ $n -lt 256 ]; do [ -e /proc/self/fd/$n ] && open=\"$open $n\"; n=$((n+1)); "
                    "done; echo \"open:$open\" > " +
                    path("open") + "; printf '%s' '" + answer + "'"))
            .access_key_id(),
        "PROC");
    ::close(inherited);
    EXPECT_EQ(content("open"), "open:");
}

TEST_F(process_provider, lets_others_work_while_the_command_runs) {
    std::string const pipe = fifo("go");
    auto task = test::start(io, process_credentials(command("read x < " + pipe + "; printf '%s' '" + answer + "'"))());
    bool wrote = false;
    // Opening blocks until the command reads, and the context runs this: so the command must be running beside it.
    boost::asio::post(io, [&] {
        boost::asio::post(io, [&] {
            std::ofstream(pipe) << "go\n";
            wrote = true;
        });
    });
    EXPECT_EQ(test::finish(io, task).access_key_id(), "PROC");
    EXPECT_TRUE(wrote);
}

TEST_F(process_provider, runs_several_commands_at_a_time) {
    std::string const first = fifo("first");
    std::string const second = fifo("second");
    // Each waits for the other.
    auto a = test::start(io, process_credentials(command("echo > " + first + "; read x < " + second +
                                                         "; printf '%s' '" + answer + "'"))());
    auto b = test::start(io, process_credentials(command("read x < " + first + "; echo > " + second +
                                                         "; printf '%s' '" + answer + "'"))());
    EXPECT_EQ(test::finish(io, a).access_key_id(), "PROC");
    EXPECT_EQ(test::finish(io, b).access_key_id(), "PROC");
    EXPECT_FALSE(has_children());
}

TEST_F(process_provider, tells_how_a_failed_command_ended) {
    EXPECT_NE(error_of(command("printf hidden; exit 3")).find("exit status 3"), std::string::npos);
    EXPECT_NE(error_of(command("kill -9 $$")).find("signal 9"), std::string::npos);
    EXPECT_NE(error_of(command("/nonexistent/command 2>/dev/null")).find("exit status 127"), std::string::npos);
    EXPECT_NE(error_of(command("printf '%s' '" + answer + "'; exit 1")).find("exit status 1"), std::string::npos);
    EXPECT_NE(error_of(command("echo hidden")).find("JSON"), std::string::npos);
    EXPECT_FALSE(has_children());
}

TEST_F(process_provider, refuses_more_output_than_allowed_and_ends_the_command) {
    process_options options = command("echo $$ > " + path("pid") + "; while :; do echo hidden; done");
    options.max_output = 1000;
    EXPECT_NE(error_of(options).find("more than 1000 bytes"), std::string::npos);
    EXPECT_FALSE(has_children());
    options.command = "printf '%s' '" + answer + "'";
    options.max_output = answer.size();
    EXPECT_EQ(run(options).access_key_id(), "PROC");
    options.max_output = answer.size() - 1;
    EXPECT_NE(error_of(options).find("more than"), std::string::npos);
}

TEST_F(process_provider, kills_a_late_command_with_all_that_it_started) {
    process_options options = command("sleep 1000 & echo $! > " + path("pid") + "; wait");
    options.timeout = 1s;
    EXPECT_NE(error_of(options).find("1000 ms"), std::string::npos);
    // On a machine so slow that not even that was done there is nothing to look for.
    if (!content("pid").empty()) wait_until_gone("pid");
    EXPECT_FALSE(has_children());
}

TEST_F(process_provider, kills_the_command_when_it_is_cancelled) {
    auto task = test::start(io, process_credentials(command("sleep 1000 & echo $! > " + path("new") + "; mv " +
                                                            path("new") + " " + path("pid") + "; wait"))());
    boost::asio::steady_timer tick(io);
    while (content("pid").empty()) {
        tick.expires_after(1ms);
        bool ticked = false;
        tick.async_wait([&](error_code) { ticked = true; });
        test::run_until(io, [&] { return ticked; });
    }
    task.cancel();
    try {
        (void)test::finish(io, task);
        FAIL() << "not cancelled";
    } catch (boost::system::system_error const& e) {
        EXPECT_EQ(e.code(), boost::asio::error::operation_aborted);
    }
    wait_until_gone("pid");
    EXPECT_FALSE(has_children());
}

TEST_F(process_provider, leaves_no_command_behind_when_its_context_goes) {
    {
        boost::asio::io_context other{1};
        auto task = test::start(other, process_credentials(command("sleep 1000"))());
        while (!has_children()) other.run_one();
    }
    EXPECT_FALSE(has_children());
}

TEST_F(process_provider, works_where_children_are_ignored) {
    auto const before = std::signal(SIGCHLD, SIG_IGN);
    EXPECT_EQ(run(command("printf '%s' '" + answer + "'")).access_key_id(), "PROC");
    std::signal(SIGCHLD, before);
}

TEST_F(process_provider, waits_for_the_end_of_a_command_that_has_closed_its_output) {
    std::string const pipe = fifo("go");
    auto task = test::start(
        io, process_credentials(command("printf '%s' '" + answer + "'; exec 1>&-; read x < " + pipe + "; exit 7"))());
    boost::asio::post(io, [&] { boost::asio::post(io, [&] { std::ofstream(pipe) << "go\n"; }); });
    try {
        (void)test::finish(io, task);
        FAIL() << "no error";
    } catch (error const& e) {
        EXPECT_NE(e.info().message.find("exit status 7"), std::string::npos) << e.what();
    }
}

} // namespace
