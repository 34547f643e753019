#include "address_book.hpp"

#include <algorithm>

namespace dynasio::http::detail {

void address_book::learn(std::vector<endpoint> const& found, clock::time_point now) {
    std::vector<known> fresh;
    for (auto const& address : found) {
        auto const same = [&](known const& k) { return k.address == address; };
        if (std::any_of(fresh.begin(), fresh.end(), same)) continue;
        auto const before = std::find_if(addresses_.begin(), addresses_.end(), same);
        fresh.push_back(known{address, before != addresses_.end() ? before->broken_until : clock::time_point()});
    }
    if (fresh.empty()) return lookup_failed(now);
    addresses_ = std::move(fresh);
    fresh_until_ = now + refresh_;
}

void address_book::lookup_failed(clock::time_point now) noexcept {
    fresh_until_ = now + std::min<clock::duration>(refresh_, after_failed_lookup);
}

void address_book::failed(endpoint const& address, clock::time_point now) noexcept {
    for (auto& k : addresses_) {
        if (k.address == address) k.broken_until = now + broken_for;
    }
}

void address_book::worked(endpoint const& address) noexcept {
    for (auto& k : addresses_) {
        if (k.address == address) k.broken_until = {};
    }
}

std::vector<address_book::endpoint> address_book::next(clock::time_point now) {
    std::vector<known const*> lanes[2];
    for (auto const& k : addresses_) {
        bool const preferred = k.address.protocol() == addresses_.front().address.protocol();
        lanes[preferred ? 0 : 1].push_back(&k);
    }
    for (auto& lane : lanes) {
        if (lane.empty()) continue;
        std::rotate(lane.begin(), lane.begin() + static_cast<std::ptrdiff_t>(turn_ % lane.size()), lane.end());
    }
    ++turn_;
    std::vector<known const*> order;
    for (std::size_t i = 0; i < std::max(lanes[0].size(), lanes[1].size()); ++i) {
        for (auto const& lane : lanes) {
            if (i < lane.size()) order.push_back(lane[i]);
        }
    }
    std::vector<endpoint> result;
    result.reserve(order.size());
    for (bool const broken : {false, true}) {
        for (auto const* k : order) {
            if ((now < k->broken_until) == broken) result.push_back(k->address);
        }
    }
    return result;
}

} // namespace dynasio::http::detail
