#include "key_gathering.hpp"

#include <utility>

namespace dynasio::detail {

std::size_t key_gathering::add(std::string key) {
    auto const [at, is_new] = by_text_.try_emplace(std::move(key), keys_.size());
    if (is_new) keys_.push_back({.text = &at->first});
    gathered& one = keys_[at->second];
    if (one.callers++ == 0) ++wanted_;
    ++waiting_;
    return at->second;
}

void key_gathering::leave(std::size_t key) noexcept {
    --waiting_;
    if (--keys_[key].callers == 0) --wanted_;
}

key_list key_gathering::take() {
    key_list taken(wanted_);
    for (auto& one : keys_) {
        if (one.callers == 0) continue;
        one.place = taken.size();
        one.is_shared = one.callers > 1;
        taken.add(lowered_key(*one.text));
    }
    return taken;
}

} // namespace dynasio::detail
