#ifndef DYNASIO_TESTING_DETAIL_RECORDER_HPP
#define DYNASIO_TESTING_DETAIL_RECORDER_HPP

#include <dynasio/testing/recorded_request.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <limits>
#include <mutex>
#include <string>
#include <vector>

namespace dynasio::testing::detail {

/// Records the requests of an endpoint. Thread-safe. Callers pass the times, so that tests need no clock.
class recorder {
public:
    using time_point = recorded_request::clock::time_point;
    static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

    /// Keeps the newest `limit` requests.
    explicit recorder(std::size_t limit = unlimited) noexcept : limit_(limit) {}

    /// Sets number, started and in_flight, and keeps a copy.
    void begin(recorded_request& request, time_point now);
    /// Sets the other members. A request that was forgotten in the meantime is not recorded again.
    void finish(recorded_request& request, unsigned status, time_point now);

    [[nodiscard]] std::vector<recorded_request> requests() const;
    void clear();
    /// Requests since the start or the last `clear()`, those beyond the limit included.
    [[nodiscard]] std::size_t seen() const;
    [[nodiscard]] std::size_t count_if(request_predicate const& which) const;
    [[nodiscard]] std::size_t max_in_flight() const;
    [[nodiscard]] bool overlapped(request_predicate const& a, request_predicate const& b) const;
    [[nodiscard]] bool wait_for(std::size_t n, std::chrono::nanoseconds at_most) const;

private:
    mutable std::mutex mutex_;
    mutable std::condition_variable arrived_;
    std::size_t const limit_;
    std::deque<recorded_request> requests_;
    std::size_t first_ = 0; ///< Number of requests_.front().
    std::size_t seen_ = 0;
    std::size_t in_flight_ = 0;
    std::size_t max_in_flight_ = 0;
};

} // namespace dynasio::testing::detail

#endif
