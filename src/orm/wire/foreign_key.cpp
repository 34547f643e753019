#include "foreign_key.hpp"

#include <algorithm>
#include <variant>

#include "../type/empty_key.hpp"

namespace dynasio::detail {

std::vector<std::string> values_of(entity_type const& type, void const* entity,
                                   std::span<attribute_index const> members) {
    std::vector<std::string> values;
    for (auto const i : members) values.push_back(type.wire(entity, i));
    return values;
}

bool is_free(std::vector<std::string> const& key) {
    return std::any_of(key.begin(), key.end(), [](auto const& wire) { return is_empty_key(wire); });
}

void set_member(entity_type const& type, void* entity, attribute_index i, std::string_view wire) {
    if (!wire.empty()) return type.assign(entity, i, wire);
    if (type[i].clear != nullptr) return type[i].clear(type[i].member_of(entity));
    if (type[i].reset != nullptr) return type[i].reset(type[i].member_of(entity));
    auto const scratch = type.storage.make();
    std::string const initial = type.wire(type.storage.append(scratch.get()), i);
    if (!initial.empty())
        type.assign(entity, i, initial);
    else
        type.assign(entity, entity_type::override_value{i, std::monostate{}});
}

} // namespace dynasio::detail
