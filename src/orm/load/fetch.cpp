#include "fetch.hpp"

#include <utility>

#include "load_plan.hpp"

namespace dynasio::detail {

void kept_values::reorder(kept_attributes const& kept, std::span<std::size_t const> positions) {
    kept_values made;
    for (std::size_t const row : positions) {
        for (auto const i : kept.all()) {
            made.text_ += get(kept, row, i);
            made.ends_.push_back(made.text_.size());
        }
    }
    *this = std::move(made);
}

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
    for (load_result* const r : users)
        if (&r->of == &target) return r;
    return nullptr;
}

fetch::parts fetch::key_parts() const noexcept {
    parts made;
    if (key.empty()) return made;
    auto const line = key.find(part_end);
    made.values[0] = key.substr(0, line);
    made.count = 1;
    if (line == std::string_view::npos) return made;
    made.values[1] = key.substr(line + 1);
    made.count = 2;
    return made;
}

std::string_view fetch::value(std::size_t row, attribute_index i) const noexcept { return kept.get(from.kept, row, i); }

} // namespace dynasio::detail
