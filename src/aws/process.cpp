#include <dynasio/aws/providers.hpp>

#include <dynasio/core/duration.hpp>
#include <dynasio/core/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <optional>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "answers.hpp"
#include "wipe.hpp"

extern "C" char** environ;

namespace dynasio::aws {
namespace {

namespace asio = boost::asio;
using descriptor = asio::posix::stream_descriptor;

[[noreturn]] void fail_with_errno(char const* what, int number) {
    throw_error(errc::no_credentials,
                std::string("credential_process: ") + what + ": " + std::generic_category().message(number));
}

void must(int number, char const* what) {
    if (number != 0) fail_with_errno(what, number);
}

class unique_fd {
public:
    explicit unique_fd(int fd = -1) noexcept : fd_(fd) {}
    ~unique_fd() {
        if (fd_ >= 0) ::close(fd_);
    }
    unique_fd(unique_fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    unique_fd(unique_fd const&) = delete;
    unique_fd& operator=(unique_fd const&) = delete;
    unique_fd& operator=(unique_fd&&) = delete;
    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_;
};

class spawn_settings {
public:
    spawn_settings() {
        must(::posix_spawn_file_actions_init(&actions), "cannot prepare the command");
        if (int const number = ::posix_spawnattr_init(&attributes)) {
            ::posix_spawn_file_actions_destroy(&actions);
            fail_with_errno("cannot prepare the command", number);
        }
    }
    ~spawn_settings() {
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&actions);
    }
    spawn_settings(spawn_settings const&) = delete;
    spawn_settings& operator=(spawn_settings const&) = delete;

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

/// Starts the shell in a process group of its own, with default signal handling and only the standard descriptors; its
/// standard output is `output`.
::pid_t spawn_shell(std::string const& command, int output) {
    spawn_settings settings;
    must(::posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0),
         "cannot prepare the command");
    must(::posix_spawn_file_actions_adddup2(&settings.actions, output, STDOUT_FILENO), "cannot prepare the command");
    int flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP;
    // The command must not inherit the client's sockets, which would stay open as long as the command runs.
#if defined(POSIX_SPAWN_CLOEXEC_DEFAULT)
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
    must(::posix_spawn_file_actions_addinherit_np(&settings.actions, STDERR_FILENO), "cannot prepare the command");
#elif defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 34)
    must(::posix_spawn_file_actions_addclosefrom_np(&settings.actions, STDERR_FILENO + 1),
         "cannot prepare the command");
#endif
#endif
    ::sigset_t all;
    ::sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    must(::posix_spawnattr_setsigdefault(&settings.attributes, &all), "cannot prepare the command");
    must(::posix_spawnattr_setsigmask(&settings.attributes, &none), "cannot prepare the command");
    must(::posix_spawnattr_setpgroup(&settings.attributes, 0), "cannot prepare the command");
    must(::posix_spawnattr_setflags(&settings.attributes, static_cast<short>(flags)), "cannot prepare the command");
    std::string shell = "/bin/sh";
    std::string option = "-c";
    std::string text = command;
    char* arguments[] = {shell.data(), option.data(), text.data(), nullptr};
    ::pid_t pid = -1;
    must(::posix_spawn(&pid, shell.c_str(), &settings.actions, &settings.attributes, arguments, environ),
         "cannot start /bin/sh");
    return pid;
}

/// A child process. The destructor kills its group and reaps it, unless the process is known to have ended.
class child {
public:
    explicit child(::pid_t pid) noexcept : pid_(pid) {}
    ~child() {
        if (ended_) return;
        kill();
        // The process has been killed, so this waits for microseconds only.
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    child(child const&) = delete;
    child& operator=(child const&) = delete;

    void kill() noexcept { ::kill(-pid_, SIGKILL); }
    /// Whether the process has ended. Does not wait.
    [[nodiscard]] bool ended() noexcept {
        if (ended_) return true;
        ::pid_t const reaped = ::waitpid(pid_, &status_, WNOHANG);
        if (reaped == pid_) ended_ = true;
        if (reaped < 0 && errno == ECHILD) {
            // Another part of the program has reaped the child.
            ended_ = true;
            known_ = false;
        }
        return ended_;
    }
    /// The exit status; nothing when it is not known. Precondition: ended() was true.
    [[nodiscard]] std::optional<int> status() const noexcept {
        if (!known_) return std::nullopt;
        return status_;
    }
    /// A descriptor that becomes readable when the process ends; invalid where the system has no such descriptors.
    [[nodiscard]] unique_fd watch() const noexcept {
#ifdef SYS_pidfd_open
        return unique_fd(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
#else
        return unique_fd();
#endif
    }

private:
    ::pid_t pid_;
    int status_ = 0;
    bool ended_ = false;
    bool known_ = true;
};

/// Output and time limit of the command. The timer's handler keeps it alive, too.
struct run {
    run(asio::any_io_executor const& executor, unique_fd output)
        : pipe(executor, output.release()), watch(executor), timer(executor) {}
    ~run() { wipe(text); }

    void stop() noexcept {
        error_code ignored;
        pipe.cancel(ignored);
        watch.cancel(ignored);
    }

    descriptor pipe;
    descriptor watch;
    asio::steady_timer timer;
    std::string text{};
    bool late = false;
};

void check(run const& r, error_code ec, process_options const& options) {
    if (r.late)
        throw_error(errc::no_credentials, "credential_process: the command took longer than " +
                                              std::to_string(options.timeout.count()) + " ms and was killed");
    if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
}

asio::awaitable<void> read_output(std::shared_ptr<run> r, process_options const& options) {
    // The text has its largest size from the start, because growing would leave parts of secrets in freed memory.
    r->text.resize(options.max_output + 1);
    std::size_t size = 0;
    for (;;) {
        auto reading = r->pipe.async_read_some(asio::buffer(r->text.data() + size, r->text.size() - size),
                                               asio::as_tuple(asio::use_awaitable));
        auto const [ec, count] = co_await std::move(reading);
        check(*r, ec, options);
        size += count;
        if (ec == asio::error::eof) break;
        if (ec) throw_error(errc::no_credentials, "credential_process: cannot read its output: " + ec.message());
        if (size > options.max_output)
            throw_error(errc::no_credentials, "credential_process: the command wrote more than " +
                                                  std::to_string(options.max_output) + " bytes");
    }
    r->text.resize(size);
}

asio::awaitable<void> wait_for_end(std::shared_ptr<run> r, child& process, process_options const& options) {
    unique_fd watched = process.watch();
    if (watched.get() >= 0) r->watch.assign(watched.release());
    while (!process.ended()) {
        if (r->watch.is_open()) {
            auto waiting = r->watch.async_wait(descriptor::wait_read, asio::as_tuple(asio::use_awaitable));
            auto const [ec] = co_await std::move(waiting);
            check(*r, ec, options);
        } else {
            // Without such descriptors the process is polled. Its output is closed, so it is about to end.
            asio::steady_timer pause(r->pipe.get_executor(), std::chrono::milliseconds(5));
            auto waiting = pause.async_wait(asio::as_tuple(asio::use_awaitable));
            auto const [ec] = co_await std::move(waiting);
            check(*r, ec, options);
        }
    }
}

asio::awaitable<credentials> run_process(std::shared_ptr<process_options const> options) {
    auto const executor = co_await asio::this_coro::executor;
    int ends[2] = {-1, -1};
    if (::pipe2(ends, O_CLOEXEC) != 0) fail_with_errno("cannot make a pipe", errno);
    unique_fd reading_end(ends[0]);
    std::optional<unique_fd> writing_end(std::in_place, ends[1]);
    auto const r = std::make_shared<run>(executor, std::move(reading_end));
    child process(spawn_shell(options->command, writing_end->get()));
    writing_end.reset();
    r->timer.expires_after(options->timeout);
    r->timer.async_wait([weak = std::weak_ptr<run>(r)](error_code ec) {
        auto const alive = weak.lock();
        if (ec || !alive) return;
        alive->late = true;
        alive->stop();
    });
    auto reading = read_output(r, *options);
    co_await std::move(reading);
    auto waiting = wait_for_end(r, process, *options);
    co_await std::move(waiting);
    auto const status = process.status();
    if (status && (!WIFEXITED(*status) || WEXITSTATUS(*status) != 0))
        throw_error(errc::no_credentials,
                    std::string("credential_process: the command ended with ") +
                        (WIFEXITED(*status) ? "exit status " + std::to_string(WEXITSTATUS(*status))
                                            : "signal " + std::to_string(WTERMSIG(*status))) +
                        ": run it by hand to see why");
    co_return detail::read_process_output(r->text, options->account_id);
}

} // namespace

credentials_provider process_credentials(process_options options, provider_context) {
    dynasio::detail::limit_duration(options.timeout);
    auto shared = std::make_shared<process_options const>(std::move(options));
    return [shared = std::move(shared)] { return run_process(shared); };
}

} // namespace dynasio::aws
