#ifndef DYNASIO_CORE_CLOCK_HPP
#define DYNASIO_CORE_CLOCK_HPP

#include <chrono>
#include <functional>

namespace dynasio {

/// Wall-clock time with the resolution that timestamps and ULIDs are stored in.
using system_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Source of wall-clock time: signatures, timestamps and ULIDs read it. Replace it in tests.
using wall_clock = std::function<system_time()>;

/// The system's clock.
[[nodiscard]] system_time system_now() noexcept;

} // namespace dynasio

#endif
