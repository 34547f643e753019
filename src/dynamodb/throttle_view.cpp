#include "throttle_view.hpp"

#include <algorithm>
#include <utility>

namespace dynasio::dynamodb::detail {
namespace {

using seconds = std::chrono::duration<double>;

// Limit of the resources that are tracked at a time, so that memory is bounded.
constexpr std::size_t max_entries = 1'000;

// Requests per second; a rate that has grown to this value no longer limits.
constexpr double no_limit = 1e6;

bool contains(std::string_view text, std::string_view part) noexcept { return text.find(part) != text.npos; }

} // namespace

namespace {

/// Measures recent events per second. A decrease of the rate does not restart it, because too few events are counted
/// between two decreases.
class meter {
public:
    void start(throttle_view::time_point now) noexcept { from_ = now; }
    void add(throttle_view::time_point now) noexcept {
        if (now - from_ >= window) {
            before_ = static_cast<double>(count_) / seconds(now - from_).count();
            from_ = now;
            count_ = 0;
        }
        ++count_;
    }
    [[nodiscard]] double per_second(throttle_view::time_point now) const noexcept {
        auto const span = now - from_;
        if (span < trusted_window && before_ > 0) return before_;
        auto const counted = std::max<std::chrono::steady_clock::duration>(span, shortest_window);
        return std::max(static_cast<double>(count_) / seconds(counted).count(), before_);
    }

private:
    static constexpr std::chrono::seconds window{1};
    // Counts over a shorter time are not extrapolated to a second.
    static constexpr std::chrono::milliseconds trusted_window{100};
    static constexpr std::chrono::milliseconds shortest_window{20};

    throttle_view::time_point from_{};
    std::uint64_t count_ = 0;
    double before_ = 0;
};

} // namespace

struct throttle_view::key {
    std::string_view table;
    std::string_view index;
    capacity_kind kind;
    std::uint64_t fingerprint; ///< Hash of one partition or key; 0: the whole table or index.
};

struct throttle_view::entry {
    [[nodiscard]] bool is(key const& k) const noexcept {
        return about.table == k.table && about.index == k.index && about.kind == k.kind && fingerprint == k.fingerprint;
    }
    [[nodiscard]] bool concerns(request_targets const& request) const noexcept {
        if (request.kind != about.kind) return false;
        return std::any_of(request.targets.begin(), request.targets.end(), [this](request_target const& target) {
            if (target.table != about.table) return false;
            if (fingerprint != 0) return target.key == fingerprint || target.key_in(about.index) == fingerprint;
            return about.kind == capacity_kind::write || target.index == about.index;
        });
    }
    throttled_resource about{};
    std::uint64_t fingerprint = 0;
    std::uint64_t id = 0;
    time_point next{};      ///< Time of the next permitted request.
    time_point decreased{}; ///< Answers to requests sent before this time do not decrease the rate again.
    meter sent;
    meter succeeded;
    boost::intrusive::list<turn, boost::intrusive::constant_time_size<false>> queue{};
};

throttle_view::throttle_view(throttle_options options) : options_(options) {}
throttle_view::~throttle_view() = default;

void throttle_view::on_throttled(request_targets const& request, std::span<throttling_reason const> reasons,
                                 time_point sent, time_point now) {
    expire(now);
    bool own = reasons.empty();
    bool of_one_key = false;
    for (throttling_reason const& why : reasons) {
        auto const [table, index] = split_resource(why.resource);
        key which{table, index, request.kind, 0};
        if (contains(why.reason, "Read")) which.kind = capacity_kind::read;
        if (contains(why.reason, "Write")) which.kind = capacity_kind::write;
        if (contains(why.reason, "KeyRange")) {
            of_one_key = true;
            if (request.targets.size() == 1) which.fingerprint = request.targets.front().key_in(index);
            if (which.fingerprint == 0) continue;
        }
        if (!which.table.empty()) note(which, why.reason, sent, now);
    }
    // The reasons may name only the table although the request was to an index that shares the table's capacity. The
    // request's own resource counts as throttled then, too.
    own = own || (!of_one_key && !concerns(request));
    if (!own) return;
    std::string const none;
    std::string const& reason = reasons.empty() ? none : reasons.front().reason;
    for (request_target const& target : request.targets) {
        if (!target.table.empty()) note({target.table, target.index, request.kind, 0}, reason, sent, now);
    }
}

void throttle_view::note(key const& which, std::string const& reason, time_point sent, time_point now) {
    auto const at = std::find_if(entries_.begin(), entries_.end(), [&](auto const& e) { return e->is(which); });
    if (at != entries_.end()) {
        entry& e = **at;
        e.about.reason = reason;
        e.about.last = now;
        ++e.about.throttled;
        if (sent <= e.decreased) return;
        double const measured = e.sent.per_second(now);
        double const before = e.about.rate > 0 ? std::min(e.about.rate, measured) : measured;
        // The rate is not lowered below what recently succeeded. If the service refuses a part of the requests at any
        // rate (those for one hot partition), the others would otherwise be slowed down more and more.
        double const given = e.succeeded.per_second(now) * options_.headroom;
        e.about.rate = std::max({before * options_.decrease, std::min(before, given), options_.min_rate});
        auto const pause = std::chrono::ceil<std::chrono::steady_clock::duration>(seconds(1 / e.about.rate));
        e.next = std::max(e.next, now + pause);
        e.decreased = now;
        return;
    }
    if (entries_.size() >= max_entries) return;
    auto made = std::make_unique<entry>();
    made->about.table = which.table;
    made->about.index = which.index;
    made->about.kind = which.kind;
    made->about.single_key = which.fingerprint != 0;
    made->about.reason = reason;
    made->about.throttled = 1;
    made->about.since = made->about.last = made->decreased = now;
    made->fingerprint = which.fingerprint;
    made->id = ++last_id_;
    made->next = now + options_.first_pause;
    made->sent.start(made->next);
    made->succeeded.start(made->next);
    entries_.push_back(std::move(made));
    next_expiry_ = std::min(next_expiry_, now + options_.lifetime);
}

void throttle_view::on_success(request_targets const& request, time_point now) {
    for (auto const& e : entries_) {
        if (!e->concerns(request)) continue;
        e->succeeded.add(now);
        if (e->about.rate > 0) e->about.rate = std::min(e->about.rate * (1 + options_.increase), no_limit);
    }
    expire(now);
}

throttle_view::entry* throttle_view::hold(request_targets const& request, std::vector<std::uint64_t>& passed,
                                          time_point now) {
    expire(now);
    for (auto const& e : entries_) {
        if (!e->concerns(request) || std::find(passed.begin(), passed.end(), e->id) != passed.end()) continue;
        if (!e->queue.empty() || now < e->next) return e.get();
        take(*e, now);
        passed.push_back(e->id);
    }
    return nullptr;
}

void throttle_view::pass(request_targets const& request, time_point now) {
    for (auto const& e : entries_) {
        if (e->concerns(request)) take(*e, now);
    }
}

bool throttle_view::concerns(request_targets const& request) const noexcept {
    return std::any_of(entries_.begin(), entries_.end(), [&](auto const& e) { return e->concerns(request); });
}

void throttle_view::take(entry& e, time_point now) {
    e.sent.add(now);
    if (e.about.rate <= 0) return;
    auto const interval = std::chrono::ceil<std::chrono::steady_clock::duration>(seconds(1 / e.about.rate));
    e.next = std::max(e.next, now) + interval;
}

void throttle_view::enqueue(entry& e, turn& t) {
    e.queue.push_back(t);
    ++e.about.waiting;
}

std::optional<throttle_view::time_point> throttle_view::time_of(entry const& e, turn const& t) const noexcept {
    if (e.queue.empty() || &e.queue.front() != &t) return std::nullopt;
    return e.next;
}

void throttle_view::leave(entry& e, turn& t, bool taken, std::vector<std::uint64_t>& passed, time_point now) {
    bool const was_front = !e.queue.empty() && &e.queue.front() == &t;
    t.unlink();
    --e.about.waiting;
    if (taken) {
        take(e, now);
        passed.push_back(e.id);
    }
    if (was_front && !e.queue.empty()) e.queue.front().on_front();
}

void throttle_view::expire(time_point now) {
    if (entries_.empty() || now < next_expiry_) return;
    std::erase_if(entries_,
                  [&](auto const& e) { return e->queue.empty() && now - e->about.last >= options_.lifetime; });
    next_expiry_ = time_point::max();
    for (auto const& e : entries_) next_expiry_ = std::min(next_expiry_, e->about.last + options_.lifetime);
}

std::vector<throttled_resource> throttle_view::snapshot() const {
    std::vector<throttled_resource> out;
    out.reserve(entries_.size());
    for (auto const& e : entries_) out.push_back(e->about);
    return out;
}

std::string throttle_view::name_of(entry const& e) {
    std::string out = e.about.index.empty() ? std::string() : "index " + e.about.index + " of ";
    out += "table " + e.about.table;
    return out;
}
std::string const& throttle_view::table_of(entry const& e) noexcept { return e.about.table; }
std::string const& throttle_view::index_of(entry const& e) noexcept { return e.about.index; }

} // namespace dynasio::dynamodb::detail
