// expect: dynasio: when_all() and when_all_results() take behind the operations how many
#include <dynasio/core/when_all.hpp>

#include "model.hpp"

#ifdef DYNASIO_CONTROL
auto use(std::vector<boost::asio::awaitable<int>> operations) {
    return dynasio::when_all(std::move(operations), dynasio::concurrency(8));
}
#else
auto use(std::vector<boost::asio::awaitable<int>> operations) { return dynasio::when_all(std::move(operations)); }
#endif
