#ifndef DYNASIO_TESTING_DETAIL_RECORDER_HPP
#define DYNASIO_TESTING_DETAIL_RECORDER_HPP

#include <dynasio/testing/recorded_request.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace dynasio::testing::detail {

/// The requests of an endpoint. Thread-safe. Times are given, so that tests need no clock.
class recorder {
public:
    using time_point = recorded_request::clock::time_point;

    /// Fills in number, started and in_flight, and keeps a copy.
    void begin(recorded_request& request, time_point now);
    /// Fills in the rest. A request that `clear` has forgotten stays forgotten.
    void finish(recorded_request& request, unsigned status, time_point now);

    [[nodiscard]] std::vector<recorded_request> requests() const;
    void clear();
    [[nodiscard]] std::size_t count_if(request_predicate const& which) const;
    [[nodiscard]] std::size_t max_in_flight() const;
    [[nodiscard]] bool overlapped(request_predicate const& a, request_predicate const& b) const;
    [[nodiscard]] bool wait_for(std::size_t n, std::chrono::nanoseconds at_most) const;

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable arrived_;
    std::vector<recorded_request> requests_;
    std::size_t first_ = 0; ///< Number of requests_.front().
    std::size_t in_flight_ = 0;
    std::size_t max_in_flight_ = 0;
};

} // namespace dynasio::testing::detail

#endif
