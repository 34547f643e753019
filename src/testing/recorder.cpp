#include <dynasio/testing/detail/recorder.hpp>

#include <algorithm>

namespace dynasio::testing::detail {

void recorder::begin(recorded_request& request, time_point now) {
    {
        std::lock_guard const lock(mutex_);
        request.number = first_ + requests_.size();
        request.started = now;
        request.in_flight = ++in_flight_;
        max_in_flight_ = std::max(max_in_flight_, in_flight_);
        ++seen_;
        requests_.push_back(request);
        if (requests_.size() > limit_) {
            requests_.pop_front();
            ++first_;
        }
    }
    arrived_.notify_all();
}

void recorder::finish(recorded_request& request, unsigned status, time_point now) {
    request.status = status;
    request.finished = now;
    std::lock_guard const lock(mutex_);
    --in_flight_;
    if (request.number < first_) return;
    auto& kept = requests_[request.number - first_];
    kept.status = status;
    kept.finished = now;
    kept.fault = request.fault;
    kept.forwarded = request.forwarded;
}

std::vector<recorded_request> recorder::requests() const {
    std::lock_guard const lock(mutex_);
    return std::vector<recorded_request>(requests_.begin(), requests_.end());
}

void recorder::clear() {
    std::lock_guard const lock(mutex_);
    first_ += requests_.size();
    requests_.clear();
    seen_ = 0;
    max_in_flight_ = 0;
}

std::size_t recorder::seen() const {
    std::lock_guard const lock(mutex_);
    return seen_;
}

std::size_t recorder::count_if(request_predicate const& which) const {
    return static_cast<std::size_t>(std::ranges::count_if(requests(), which));
}

std::size_t recorder::max_in_flight() const {
    std::lock_guard const lock(mutex_);
    return max_in_flight_;
}

bool recorder::overlapped(request_predicate const& a, request_predicate const& b) const {
    auto const all = requests();
    std::vector<recorded_request const*> bs;
    for (auto const& r : all)
        if (b(r)) bs.push_back(&r);
    auto const ends = [](recorded_request const& r) { return r.finished.value_or(time_point::max()); };
    return std::ranges::any_of(all, [&](recorded_request const& x) {
        return a(x) && std::ranges::any_of(bs, [&](recorded_request const* y) {
                   return y != &x && x.started < ends(*y) && y->started < ends(x);
               });
    });
}

bool recorder::wait_for(std::size_t n, std::chrono::nanoseconds at_most) const {
    std::unique_lock lock(mutex_);
    return arrived_.wait_for(lock, at_most, [&] { return seen_ >= n; });
}

} // namespace dynasio::testing::detail
