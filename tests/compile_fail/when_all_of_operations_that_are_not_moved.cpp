// expect: dynasio: operations cannot be copied
#include <dynasio/core/when_all.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(std::vector<boost::asio::awaitable<int>> operations) {
    return dynasio::when_all(std::move(operations), dynasio::concurrency(8));
}
#else
auto use(std::vector<boost::asio::awaitable<int>> operations) {
    return dynasio::when_all(operations, dynasio::concurrency(8));
}
#endif
