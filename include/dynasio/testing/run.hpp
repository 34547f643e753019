#ifndef DYNASIO_TESTING_RUN_HPP
#define DYNASIO_TESTING_RUN_HPP

#include <dynasio/dynamodb/client_options.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace dynasio::testing {

/// Options for the client of a test that talks to `endpoint`, the URL of a fault_endpoint or a local_server: a region,
/// credentials that no service accepts, three attempts, and pauses of a millisecond between them. Of the environment
/// and of profiles only DYNASIO_TABLE_PREFIX and the application's name count, unless the options are set afterwards.
[[nodiscard]] client_options options_for(std::string endpoint);

/// Runs `io` on this thread until `op` has completed, and returns its result or throws its exception:
/// `auto const user = run(io, users.find("u1"));`. Other work of `io` goes on meanwhile, and stays where it is
/// afterwards, so run() may be called again. Throws std::runtime_error when that takes longer than `patience`: a test
/// that waits for what never happens then fails and does not hang. The operation stays where it is in that case, so
/// what it refers to must outlive `io`.
template <class T>
T run(boost::asio::io_context& io, boost::asio::awaitable<T> op,
      std::chrono::nanoseconds patience = std::chrono::seconds(30)) {
    struct outcome {
        bool done = false;
        std::exception_ptr failed{};
        std::conditional_t<std::is_void_v<T>, std::monostate, std::optional<T>> value{};
    };
    // Shared, because the operation may go on after run() has given up.
    auto const state = std::make_shared<outcome>();
    if constexpr (std::is_void_v<T>) {
        boost::asio::co_spawn(io, std::move(op), [state](std::exception_ptr e) {
            state->failed = e;
            state->done = true;
        });
    } else {
        // The value is a default-constructed one when the operation has failed.
        boost::asio::co_spawn(io, std::move(op), [state](std::exception_ptr e, T value) {
            state->failed = e;
            if (!e) state->value.emplace(std::move(value));
            state->done = true;
        });
    }
    auto const end = std::chrono::steady_clock::now() + patience;
    while (!state->done) {
        if (io.stopped()) io.restart();
        if (io.run_one_until(end) == 0 && std::chrono::steady_clock::now() >= end)
            throw std::runtime_error("the operation has not completed in the time that the test gives it");
    }
    if (state->failed) std::rethrow_exception(state->failed);
    if constexpr (!std::is_void_v<T>) return std::move(*state->value);
}

} // namespace dynasio::testing

#endif
