#include "fetch.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "load_plan.hpp"

namespace dynasio::detail {

void kept_values::reorder(kept_attributes const& kept, std::span<std::size_t const> positions) {
    kept_values made;
    for (std::size_t const row : positions) made.add(kept, [&](attribute_index i) { return get(kept, row, i); });
    *this = std::move(made);
}

compact_text::compact_text(std::string_view text)
    : data_(text.empty() ? nullptr : new char[text.size()]), size_(static_cast<std::uint32_t>(text.size())) {
    std::copy(text.begin(), text.end(), data_.get());
}

seldom_text& seldom_text::operator=(std::string text) {
    text_ = text.empty() ? nullptr : std::make_unique<std::string>(std::move(text));
    return *this;
}

void fetch_users::add(load_result& r) noexcept {
    load_result** end = &first_;
    while (*end != nullptr) end = &(*end)->next_user;
    *end = &r;
}

bool fetch_users::are_several() const noexcept { return first_ != nullptr && first_->next_user != nullptr; }

load_result::visited_rows const& load_result::look() const noexcept {
    static visited_rows const none;
    return visited_ ? *visited_ : none;
}

// ---- the table: linear probing in slots of which at most three quarters are used

namespace {

std::uint32_t hash_of(std::string_view key) noexcept {
    return static_cast<std::uint32_t>(std::hash<std::string_view>()(key));
}

} // namespace

std::size_t fetch_table::slot_of(std::string_view key, std::uint32_t hash) const noexcept {
    std::size_t const mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    for (; slots_[at] != nothing; at = (at + 1) & mask) {
        fetch const& f = *all_[slots_[at] - 1];
        if (f.hash == hash && std::string_view(f.key) == key) break;
    }
    return at;
}

void fetch_table::grow() {
    std::vector<std::uint32_t> const before = std::exchange(slots_, {});
    slots_.resize(before.empty() ? 8 : before.size() * 2);
    std::size_t const mask = slots_.size() - 1;
    for (auto const one : before) {
        if (one == nothing) continue;
        std::size_t at = all_[one - 1]->hash & mask;
        while (slots_[at] != nothing) at = (at + 1) & mask;
        slots_[at] = one;
    }
}

std::pair<fetch*, bool> fetch_table::find_or_add(std::string_view key, load_source& source) {
    if ((used_ + 1) * 4 > slots_.size() * 3) grow();
    std::uint32_t const hash = hash_of(key);
    std::size_t const at = slot_of(key, hash);
    if (slots_[at] != nothing) return {all_[slots_[at] - 1].get(), false};
    auto const place = static_cast<std::uint32_t>(all_.size());
    fetch& made = *all_.emplace_back(std::make_unique<fetch>(source, key));
    made.place = place;
    made.hash = hash;
    slots_[at] = place + 1;
    ++used_;
    return {&made, true};
}

fetch* fetch_table::find(std::string_view key) const noexcept {
    if (slots_.empty()) return nullptr;
    auto const found = slots_[slot_of(key, hash_of(key))];
    return found == nothing ? nullptr : all_[found - 1].get();
}

void fetch_table::forget_key(fetch& f) noexcept {
    if (slots_.empty() || find(f.key) != &f) return; // forgotten before
    std::size_t const mask = slots_.size() - 1;
    std::size_t hole = slot_of(f.key, f.hash);
    // What lies behind the hole moves forward, so that no search ends there too early.
    for (std::size_t at = (hole + 1) & mask; slots_[at] != nothing; at = (at + 1) & mask) {
        std::size_t const wanted = all_[slots_[at] - 1]->hash & mask;
        if (((at - wanted) & mask) < ((at - hole) & mask)) continue;
        slots_[hole] = slots_[at];
        hole = at;
    }
    slots_[hole] = nothing;
    f.key.clear();
    if (--used_ == 0) slots_ = std::vector<std::uint32_t>(); // `= {}` would keep the memory
}

void fetch_table::erase(fetch& f) noexcept {
    forget_key(f);
    all_[f.place].reset();
}

// ---- a fetch

std::size_t fetch::count() const {
    if (from.wanted == projection::count) return static_cast<std::size_t>(counted);
    return items ? from.rows->storage().size(items.get()) : 0;
}

std::size_t fetch::to_skip() const noexcept {
    // Rows that are sorted in the client are skipped when they are in order, and rows that the service counts are none.
    if (from.plan.sort_here || from.wanted == projection::count) return 0;
    return from.offset - skipped;
}

load_result* fetch::user(load_target const& target) const noexcept {
    load_result* mine = nullptr;
    users.visit([&](load_result& r) {
        if (&r.of == &target) mine = &r;
    });
    return mine;
}

fetch::parts fetch::key_parts() const noexcept {
    parts made;
    std::string_view const text = key;
    if (text.empty()) return made;
    auto const line = text.find(part_end);
    made.values[0] = text.substr(0, line);
    made.count = 1;
    if (line == std::string_view::npos) return made;
    made.values[1] = text.substr(line + 1);
    made.count = 2;
    return made;
}

std::string_view fetch::value(std::size_t row, attribute_index i) const noexcept { return kept.get(from.kept, row, i); }

} // namespace dynasio::detail
