#include <dynasio/core/detail/process_generation.hpp>
#include <dynasio/core/error.hpp>

#include <pthread.h>

namespace dynasio::detail {

std::atomic<unsigned> forks_of_process{0};

void watch_forks() {
    static bool const watching = ::pthread_atfork(nullptr, nullptr, [] { ++forks_of_process; }) == 0;
    if (!watching)
        throw_error(boost::system::errc::make_error_code(boost::system::errc::not_enough_memory),
                    "the handler that tells a process from its fork() cannot be registered");
}

} // namespace dynasio::detail
