#ifndef DYNASIO_BENCH_FLOOR_HPP
#define DYNASIO_BENCH_FLOOR_HPP

#include <cstddef>
#include <string>

namespace bench {

/// Measures the least cost of a request on Asio: a coroutine only sends and receives given bytes, once each. Returns
/// this thread's CPU microseconds for each exchange.
[[nodiscard]] double floor_cpu_us(unsigned port, std::string const& request, std::size_t answer_size, int connections,
                                  int exchanges);

} // namespace bench

#endif
