#include <dynasio/core/clock.hpp>

namespace dynasio {

system_time system_now() noexcept {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

} // namespace dynasio
