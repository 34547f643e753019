#include "foreign_key.hpp"

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "../type/empty_key.hpp"
#include "../type/rules.hpp"

namespace dynasio::detail {

std::vector<std::string> values_of(entity_type const& type, void const* entity,
                                   std::span<attribute_index const> members) {
    std::vector<std::string> values;
    for (auto const i : members) values.push_back(type.wire(entity, i));
    return values;
}

std::vector<std::string> stored_values_of(entity_type const& type, void const* entity,
                                          std::span<attribute_index const> members) {
    bool const are_changed =
        std::any_of(type.transforms.begin(), type.transforms.end(), [&](entity_transform const& t) {
            return std::find(members.begin(), members.end(), t.attribute) != members.end();
        });
    if (!are_changed) return values_of(type, entity, members);
    auto const copies = type.storage.make();
    type.storage.append_copy(copies.get(), entity);
    void* const copy = type.storage.at(copies.get(), 0);
    apply_transforms(type, copy);
    return values_of(type, copy, members);
}

bool is_free(std::vector<std::string> const& key) {
    return std::any_of(key.begin(), key.end(), [](auto const& wire) { return is_empty_key(wire); });
}

dynamodb::condition names_owner(relation_info const& relation, std::vector<std::string> const& key) {
    entity_type const& type = relation.target();
    std::vector<dynamodb::condition> parts;
    parts.reserve(key.size());
    for (std::size_t i = 0; i < key.size(); ++i)
        parts.emplace_back(dynamodb::condition::kind::equal, type[relation.target_key[i]].name,
                           std::vector<std::string>(1, key[i]));
    return dynamodb::condition::all_of(std::move(parts));
}

void set_member(entity_type const& type, void* entity, attribute_index i, std::string_view wire) {
    attribute_info const& member = type[i];
    if (!wire.empty()) return type.assign(entity, i, wire);
    if (member.reset != nullptr) return member.reset(member.member_of(entity));
    diagnostics d;
    d.entity = type.name;
    d.attribute = member.name;
    d.message = type.name + "::" + member.member + " cannot be without a value; make it a std::optional";
    throw_error(errc::invalid_argument, std::move(d));
}

} // namespace dynasio::detail
