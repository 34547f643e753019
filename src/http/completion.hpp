#ifndef DYNASIO_SRC_HTTP_COMPLETION_HPP
#define DYNASIO_SRC_HTTP_COMPLETION_HPP

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>

namespace dynasio::http::detail {

/// Completion token that returns errors as values and, unlike use_awaitable, makes no coroutine frame for each
/// operation. The operation has to be a named local that is moved into the co_await expression (a defect of g++ 12).
inline constexpr auto completion = boost::asio::as_tuple(boost::asio::deferred);

} // namespace dynasio::http::detail

#endif
