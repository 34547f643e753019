#ifndef DYNASIO_SRC_ORM_DRIVE_HPP
#define DYNASIO_SRC_ORM_DRIVE_HPP

#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/dynamodb/detail/engine.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/this_coro.hpp>

#include <exception>

#include "graph.hpp"

namespace dynasio::detail {

/// Sends what a graph asks for and gives it the answers until it is done: at most `options.concurrency` requests at a
/// time, one deadline for all. The first failure cancels the rest and is thrown, naming the relation's path;
/// cancellation of the caller cancels every request. When it completes, nothing of it is under way any more.
/// Precondition: runs on the engine's executor; `g` outlives it. With `continues`, it is the rest of an operation that
/// has begun already: a client that is being closed lets it end.
[[nodiscard]] boost::asio::awaitable<void> drive(engine_ptr engine, graph& g, operation_options options,
                                                 bool continues = false);

/// Says which answer an error is about; nothing when none had come.
void name_answer(diagnostics& d, dynamodb::detail::raw_reply const& reply);

template <class T> [[nodiscard]] boost::asio::awaitable<T> failed_operation(std::exception_ptr why) {
    co_await boost::asio::this_coro::executor;
    std::rethrow_exception(why);
}

/// An error found before anything is sent names the table as the schema does: the same with its physical name.
[[nodiscard]] std::exception_ptr with_prefix(error const& e, engine_ptr const& engine);

/// The operation that `lower` makes, or one that throws when it is awaited what `lower` has thrown.
template <class T, class Lower>
[[nodiscard]] boost::asio::awaitable<T> lowering(engine_ptr const& engine, Lower lower) {
    try {
        return lower();
    } catch (error const& e) {
        return failed_operation<T>(with_prefix(e, engine));
    }
}

} // namespace dynasio::detail

#endif
