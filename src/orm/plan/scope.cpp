#include "scope.hpp"

#include <algorithm>
#include <utility>

namespace dynasio::detail {

using dynamodb::condition;

namespace {

bool mentions(condition const& c, std::string_view attribute) {
    if (!c.attribute().empty() && c.attribute() == attribute) return true;
    return std::any_of(c.terms().begin(), c.terms().end(), [&](condition const& t) { return mentions(t, attribute); });
}

void collect(entity_type const& type, condition const& c, std::vector<attribute_index>& out) {
    if (auto const i = type.find_attribute(c.attribute()); !c.attribute().empty() && i) out.push_back(*i);
    for (auto const& term : c.terms()) collect(type, term, out);
}

} // namespace

scope divide_scope(entity_type const& type, index_info const* path, std::vector<condition> terms) {
    std::vector<condition> there, here;
    for (auto& term : terms) {
        bool const on_key = path && (mentions(term, type[path->partition].name) ||
                                     (path->sort && mentions(term, type[*path->sort].name)));
        (on_key ? here : there).push_back(std::move(term));
    }
    scope made;
    made.filter = condition::all_of(std::move(there));
    made.residue = condition::all_of(std::move(here));
    return made;
}

bool is_empty(selection const& s) noexcept { return s.limit == std::size_t{0} || s.where.is_never(); }

std::vector<attribute_index> attributes_in(entity_type const& type, condition const& c) {
    std::vector<attribute_index> found;
    collect(type, c, found);
    return found;
}

} // namespace dynasio::detail
