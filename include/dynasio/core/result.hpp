#ifndef DYNASIO_CORE_RESULT_HPP
#define DYNASIO_CORE_RESULT_HPP

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/system/result.hpp>

#include <system_error>
#include <type_traits>
#include <utility>

namespace dynasio {

/// A value, or a code with its diagnostics. `.value()` throws `dynasio::error`.
template <class T> using result = boost::system::result<T, failure>;

/// Converts the exception that is being handled to a failure. Precondition: it is called inside a catch block.
/// dynasio::error keeps its diagnostics; boost::system::system_error and std::system_error keep their code; every other
/// exception is rethrown.
[[nodiscard]] failure current_failure();

/// Turns an operation that throws into one that returns a result.
///
/// Completes when `op` completes, on the same executor; cancellation reaches `op`. Exceptions other than errors of
/// dynasio, Asio or the system (std::bad_alloc, exceptions of the caller's callbacks) pass through.
template <class T>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<result<T>>
as_result(boost::asio::awaitable<T> op) {
    failure failed;
    try {
        if constexpr (std::is_void_v<T>) {
            co_await std::move(op);
            co_return result<T>();
        } else {
            co_return result<T>(co_await std::move(op));
        }
    } catch (boost::system::system_error const&) {
        failed = current_failure();
    } catch (std::system_error const&) {
        failed = current_failure();
    }
    co_return result<T>(std::move(failed));
}

} // namespace dynasio

#endif
