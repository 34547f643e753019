#include <dynasio/testing/detail/script.hpp>

namespace dynasio::testing::detail {

double chance(std::uint64_t seed, std::uint64_t place, std::uint64_t number) noexcept {
    // One step of SplitMix64 for each argument, so that adjacent seeds, places and numbers give unrelated values.
    std::uint64_t x = 0;
    for (auto const part : {seed, place, number}) {
        x += part + 0x9e3779b97f4a7c15;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        x ^= x >> 31;
    }
    return static_cast<double>(x >> 11) * 0x1.0p-53;
}

void script::add(std::shared_ptr<rule> r) {
    std::lock_guard const lock(mutex_);
    r->place = places_++;
    rules_.push_back(std::move(r));
}

void script::add_connection(std::shared_ptr<rule> r) {
    std::lock_guard const lock(mutex_);
    r->place = places_++;
    connection_rules_.push_back(std::move(r));
}

script::rule_list script::copy_of(rule_list const& list) const {
    std::lock_guard const lock(mutex_);
    return list;
}

bool script::takes(rule& r) const noexcept {
    auto const earlier = r.matched.fetch_add(1);
    if (earlier < r.skip) return false;
    if (r.rate < 1 && chance(seed_, r.place, earlier) >= r.rate) return false;
    // Only one thread picks rules, so that the counter does not change between this check and the increment.
    if (r.used >= r.limit) return false;
    r.used.fetch_add(1);
    return true;
}

std::shared_ptr<rule> script::pick(recorded_request const& request) {
    // Predicates are called without the lock, because they may call the endpoint or add rules.
    for (auto& r : copy_of(rules_))
        if (!r->removed && r->requests(request) && takes(*r)) return r;
    return nullptr;
}

std::shared_ptr<rule> script::pick_connection() {
    for (auto& r : copy_of(connection_rules_))
        if (!r->removed && takes(*r)) return r;
    return nullptr;
}

std::vector<std::string> script::unmet() const {
    std::vector<std::string> sentences;
    for (auto const& r : copy_of(rules_)) {
        if (!r->expected || r->removed) continue;
        auto const wanted = r->limit == rule::unlimited ? 1 : r->limit;
        auto const used = r->used.load();
        if (used < wanted)
            sentences.push_back("expected " + r->requests.describe() + ": came " + std::to_string(used) + " of " +
                                std::to_string(wanted) + " times");
    }
    return sentences;
}

void script::clear() {
    std::lock_guard const lock(mutex_);
    for (auto* list : {&rules_, &connection_rules_}) {
        for (auto const& r : *list) r->removed = true;
        list->clear();
    }
    places_ = 0;
}

} // namespace dynasio::testing::detail
