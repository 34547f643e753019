#ifndef DYNASIO_TESTS_EXAMPLES_CHILD_PROCESS_HPP
#define DYNASIO_TESTS_EXAMPLES_CHILD_PROCESS_HPP

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <map>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <vector>

extern "C" char** environ; // NOLINT: POSIX declares it nowhere

namespace dynasio::test {

/// A program under test with what it printed. It never outlives this object, nor the process that made it.
class child_process {
public:
    /// `environment` is added to this process's own.
    child_process(std::string const& program, std::vector<std::string> arguments,
                  std::map<std::string, std::string> const& environment = {}) {
        arguments.insert(arguments.begin(), program);
        std::vector<std::string> variables;
        for (char** v = environ; *v != nullptr; ++v) {
            std::string const text(*v);
            if (!environment.contains(text.substr(0, text.find('=')))) variables.push_back(text);
        }
        for (auto const& [name, value] : environment) variables.push_back(name + "=" + value);
        auto argv = pointers(arguments), envp = pointers(variables);

        int pipes[2];
        if (::pipe2(pipes, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
        pid_ = ::fork();
        if (pid_ == 0) {
            // Nothing but calls that are safe after a fork of a process with threads.
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::dup2(pipes[1], STDOUT_FILENO);
            ::dup2(pipes[1], STDERR_FILENO);
            ::close_range(STDERR_FILENO + 1, ~0U, 0);
            ::execve(argv[0], argv.data(), envp.data());
            ::_exit(127);
        }
        ::close(pipes[1]);
        output_ = pipes[0];
        if (pid_ < 0) {
            ::close(output_);
            throw std::system_error(errno, std::generic_category(), "fork");
        }
    }
    child_process(child_process const&) = delete;
    child_process& operator=(child_process const&) = delete;
    ~child_process() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        ::close(output_);
    }

    /// Everything that it has printed so far, on both streams.
    [[nodiscard]] std::string const& text() const noexcept { return text_; }

    /// Waits until it has printed `what`; throws when it ends before.
    void wait_for(std::string_view what) {
        while (text_.find(what) == std::string::npos)
            if (!read_some())
                throw std::runtime_error("it ended without printing '" + std::string(what) + "':\n" + text_);
    }
    /// The rest of the line behind `label`, once that is printed.
    [[nodiscard]] std::string line_after(std::string_view label) {
        wait_for(label);
        auto const start = text_.find(label) + label.size();
        while (text_.find('\n', start) == std::string::npos)
            if (!read_some()) break;
        return text_.substr(start, text_.find('\n', start) - start);
    }
    void send(int signal) const { ::kill(pid_, signal); }
    /// Waits for its end: the exit code, or 128 and the signal that ended it.
    [[nodiscard]] int exit_code() {
        while (read_some()) {
        }
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

private:
    static std::vector<char*> pointers(std::vector<std::string>& strings) {
        std::vector<char*> made;
        for (auto& s : strings) made.push_back(s.data());
        made.push_back(nullptr);
        return made;
    }
    /// False at the end of the output.
    bool read_some() {
        auto const left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - std::chrono::steady_clock::now());
        pollfd waiting{output_, POLLIN, 0};
        if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) <= 0)
            throw std::runtime_error("it did not come to an end; it printed:\n" + text_);
        char buffer[4096];
        auto const n = ::read(output_, buffer, sizeof(buffer));
        if (n <= 0) return false;
        text_.append(buffer, static_cast<std::size_t>(n));
        return true;
    }

    // Only turns a test that hangs into one that fails.
    std::chrono::steady_clock::time_point deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    int pid_ = -1, output_ = -1;
    std::string text_;
};

} // namespace dynasio::test

#endif
