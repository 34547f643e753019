#ifndef DYNASIO_SRC_HTTP_COMPLETION_HPP
#define DYNASIO_SRC_HTTP_COMPLETION_HPP

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

namespace dynasio::http::detail {

/// Errors as values, and no coroutine frame for each operation (as use_awaitable would make). The operation has to be a
/// named local that is moved into the co_await expression.
inline constexpr auto completion = boost::asio::as_tuple(boost::asio::deferred);

} // namespace dynasio::http::detail

#endif
