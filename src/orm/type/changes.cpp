#include "changes.hpp"

#include <dynasio/orm/tracked.hpp>

#include <dynasio/core/error.hpp>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace dynasio {

std::ostream& operator<<(std::ostream& out, change const& c) {
    auto const shown = [](std::string const& value) { return value.empty() ? std::string("nothing") : value; };
    return out << c.member << ": " << shown(c.before) << " -> " << shown(c.after);
}

namespace detail {

namespace {

/// What stands in place of a value that was read and that the program does not know. No value in wire form begins so.
constexpr std::string_view unknown = "unknown";

/// The value in wire form, for comparing and showing.
void append_shown(std::string& out, entity_type const& type, void const* entity, attribute_index i) {
    if (!type[i].may_be_unknown) return type.append_wire(out, entity, i);
    auto const begin = out.size();
    try {
        type.append_wire(out, entity, i);
    } catch (error const&) {
        out.resize(begin);
        out += unknown;
    }
}
std::string shown(entity_type const& type, void const* entity, attribute_index i) {
    std::string out;
    append_shown(out, type, entity, i);
    return out;
}

} // namespace

bool differs(entity_type const& type, attribute_index i, void const* before, void const* after) {
    return shown(type, before, i) != shown(type, after, i);
}

attribute_set changed_attributes(entity_type const& type, void const* before, void const* after) {
    attribute_set changed;
    std::string x, y;
    for (attribute_index i = 0; i < type.attributes.size(); ++i) {
        x.clear();
        y.clear();
        append_shown(x, type, before, i);
        append_shown(y, type, after, i);
        changed[i] = x != y;
    }
    return changed;
}

std::vector<change> changes_between(entity_type const& type, void const* before, void const* after) {
    std::vector<change> changes;
    auto const changed = changed_attributes(type, before, after);
    for (attribute_index i = 0; i < type.attributes.size(); ++i)
        if (changed[i])
            changes.push_back({type[i].member, type[i].name, shown(type, before, i), shown(type, after, i)});
    return changes;
}

} // namespace detail

} // namespace dynasio
