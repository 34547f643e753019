#include <dynasio/testing/detail/script.hpp>

namespace dynasio::testing::detail {

void script::add(std::shared_ptr<rule> r) {
    std::lock_guard const lock(mutex_);
    rules_.push_back(std::move(r));
}

std::vector<std::shared_ptr<rule>> script::rules() const {
    std::lock_guard const lock(mutex_);
    return rules_;
}

std::shared_ptr<rule> script::pick(recorded_request const& request) {
    // Predicates run without the lock: they may look at the endpoint, or add rules.
    for (auto& r : rules()) {
        if (r->removed || !r->requests(request)) continue;
        auto const earlier = r->matched.fetch_add(1);
        if (earlier < r->skip || earlier - r->skip >= r->limit) continue;
        r->used.fetch_add(1);
        return r;
    }
    return nullptr;
}

std::vector<std::string> script::unmet() const {
    std::vector<std::string> sentences;
    for (auto const& r : rules()) {
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
    for (auto const& r : rules_) r->removed = true;
    rules_.clear();
}

} // namespace dynasio::testing::detail
