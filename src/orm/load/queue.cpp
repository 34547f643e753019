#include "queue.hpp"

#include <dynasio/dynamodb/detail/request_checks.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

#include "load_plan.hpp"

namespace dynasio::detail {

load_queue::load_queue(std::chrono::nanoseconds linger, aws::retry_policy const& policy)
    : linger_(linger), keys_(dynamodb::detail::max_batch_keys, policy) {}

void load_queue::add(fetch& f) {
    if (watcher_ != nullptr) watcher_->on_wanted(f, false);
    if (f.from.by_key()) {
        keys_.add(&f);
        key_added_ = true;
    } else {
        queries_[f.height].push_back(&f);
    }
}

void load_queue::add_page(fetch& f) {
    if (watcher_ != nullptr) watcher_->on_wanted(f, false);
    queries_[f.height].push_front(&f);
}

// A batch that is not full may leave when no more keys can come, so the queue counts the fetches under way that can
// bring keys. A fetch is counted from the moment when it gets a user that asks for keys, which may be after it was
// started.
void load_queue::note_feeding(fetch& f) noexcept {
    bool const first = !std::exchange(f.feeds, true);
    if (first && !f.complete && !f.from.by_key()) ++feeding_queries_;
}

bool load_queue::note_parked(fetch& f) noexcept {
    bool const feeds = std::exchange(f.feeds, false);
    if (feeds) --feeding_queries_;
    return feeds;
}

void load_queue::note_complete(fetch& f) noexcept {
    f.complete = true;
    if (watcher_ != nullptr) watcher_->on_complete(f);
    if (!guards_.empty()) guards_.erase(&f);
    if (f.feeds && !f.from.by_key()) --feeding_queries_;
}

std::vector<fetch*> load_queue::put_back(std::size_t sent, std::span<fetch* const> unprocessed, time_point now,
                                         double jitter, time_point until) {
    auto const guard_of = [&](fetch* f) -> auto& { return guards_[f]; };
    for (fetch const* const f : unprocessed)
        if (watcher_ != nullptr) watcher_->on_wanted(*f, true);
    return keys_.put_back(sent, unprocessed, now, jitter, guard_of, until);
}

unsigned load_queue::fruitless(fetch const& f) const {
    auto const at = guards_.find(&f);
    return at == guards_.end() || !at->second ? 0 : at->second->fruitless();
}

void load_queue::put_back_failed(dispatch const& failed, time_point until) {
    auto const note = [&](fetch& f) {
        ++f.failures;
        if (watcher_ != nullptr) watcher_->on_wanted(f, true);
    };
    if (failed.query != nullptr) {
        note(*failed.query);
        pausing_queries_.emplace(until, failed.query);
    }
    for (fetch* const f : failed.keys) {
        note(*f);
        keys_.pause(f, until);
    }
}

void load_queue::end_pauses(time_point now) {
    keys_.end_pauses(now);
    while (!pausing_queries_.empty() && pausing_queries_.begin()->first <= now) {
        fetch* const f = pausing_queries_.begin()->second;
        pausing_queries_.erase(pausing_queries_.begin());
        queries_[f->height].push_front(f);
    }
}

fetch const* load_queue::first_pausing() const {
    if (pausing_queries_.empty()) return keys_.pauses() ? keys_.first_pausing() : nullptr;
    bool const is_query = !keys_.pauses() || pausing_queries_.begin()->first <= *keys_.wake_at();
    return is_query ? pausing_queries_.begin()->second : keys_.first_pausing();
}

void load_queue::note_time(time_point now) noexcept {
    if (std::exchange(key_added_, false)) last_key_at_ = now;
}

bool load_queue::may_send_part(time_point now) const noexcept {
    return keys_.waiting() > 0 && (!keys_may_come() || now >= last_key_at_ + linger_);
}

bool load_queue::ready(time_point now) const {
    if (keys_.full() || !queries_.empty()) return true;
    if (keys_.pauses() && *keys_.wake_at() <= now) return true;
    if (!pausing_queries_.empty() && pausing_queries_.begin()->first <= now) return true;
    return may_send_part(now);
}

bool load_queue::sequential() const {
    if (!in_flight_.empty() || keys_.pauses() || !pausing_queries_.empty()) return false;
    if (queries_.empty()) return keys_.waiting() > 0 && keys_.waiting() <= keys_.limit();
    return keys_.waiting() == 0 && queries_.size() == 1 && queries_.begin()->second.size() == 1;
}

std::optional<load_queue::time_point> load_queue::wake_at() const {
    std::optional<time_point> at;
    if (keys_.waiting() > 0) at = last_key_at_ + linger_;
    if (auto const pause = keys_.wake_at(); pause && (!at || *pause < *at)) at = pause;
    if (!pausing_queries_.empty() && (!at || pausing_queries_.begin()->first < *at))
        at = pausing_queries_.begin()->first;
    return at;
}

bool load_queue::done() const noexcept {
    return in_flight_.empty() && queries_.empty() && pausing_queries_.empty() && keys_.empty();
}

std::size_t load_queue::least_requests() const noexcept {
    std::size_t least = pausing_queries_.size() + (keys_.size() + keys_.limit() - 1) / keys_.limit();
    for (auto const& [height, waiting] : queries_) least += waiting.size();
    return least;
}

fetch const* load_queue::first_wanted() const noexcept {
    if (!queries_.empty()) return queries_.begin()->second.front();
    if (!keys_.empty()) return keys_.first();
    return pausing_queries_.empty() ? nullptr : pausing_queries_.begin()->second;
}

load_queue::dispatch& load_queue::start() {
    std::size_t const id = next_id_++;
    dispatch& d = in_flight_[id];
    d.id = id;
    return d;
}

load_queue::dispatch const* load_queue::next(time_point now) {
    note_time(now);
    end_pauses(now);
    if (!keys_.full()) {
        if (!queries_.empty()) {
            auto const longest = queries_.begin();
            dispatch& d = start();
            d.query = longest->second.front();
            longest->second.pop_front();
            if (longest->second.empty()) queries_.erase(longest);
            return &d;
        }
        if (!may_send_part(now)) return nullptr;
    }
    dispatch& d = start();
    d.keys = keys_.take();
    for (fetch const* const f : d.keys) d.feeds = d.feeds || f->feeds;
    if (d.feeds) ++feeding_batches_;
    return &d;
}

load_queue::dispatch const* load_queue::find(std::size_t id) const {
    auto const at = in_flight_.find(id);
    return at == in_flight_.end() ? nullptr : &at->second;
}

load_queue::dispatch load_queue::take_answered(std::size_t id) {
    auto const at = in_flight_.find(id);
    dispatch answered = std::move(at->second);
    in_flight_.erase(at);
    if (answered.feeds) --feeding_batches_;
    return answered;
}

} // namespace dynasio::detail
