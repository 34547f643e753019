#ifndef DYNASIO_BENCH_FLOOR_HPP
#define DYNASIO_BENCH_FLOOR_HPP

#include <cstddef>
#include <string>

namespace bench {

/// The least that a request costs on Asio: one send and one receive of given bytes in a coroutine, nothing else.
/// Returns CPU microseconds for each exchange of this thread.
[[nodiscard]] double floor_cpu_us(unsigned port, std::string const& request, std::size_t answer_size, int connections,
                                  int exchanges);

} // namespace bench

#endif
