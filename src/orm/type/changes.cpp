#include "changes.hpp"

#include <dynasio/orm/tracked.hpp>

#include <ostream>
#include <string>
#include <utility>

namespace dynasio {

std::ostream& operator<<(std::ostream& out, change const& c) {
    auto const shown = [](std::string const& value) { return value.empty() ? std::string("nothing") : value; };
    return out << c.member << ": " << shown(c.before) << " -> " << shown(c.after);
}

namespace detail {

namespace {

std::string shown(entity_type const& type, void const* entity, attribute_index i) {
    std::string out;
    type.append_shown(out, entity, i);
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
        type.append_shown(x, before, i);
        type.append_shown(y, after, i);
        changed[i] = x != y;
    }
    return changed;
}

attribute_set changes_to_store(entity_type const& type, void const* before, void const* after) {
    auto changed = changed_attributes(type, before, after);
    if (type.version) changed.reset(*type.version);
    if (type.updated_at) changed.reset(*type.updated_at);
    if (type.created_at && type[*type.created_at].absent(type[*type.created_at].member_of(after)))
        changed.reset(*type.created_at);
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
