#include "type_names.hpp"

#include <dynasio/orm/rules.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <utility>

#include "empty_key.hpp"
#include "rules.hpp"

namespace dynasio {

std::string const& relation_info::type_name() const { return stored_name.empty() ? target().table : stored_name; }

std::string relation_info::owner_type_wire() const {
    std::string out = R"({"S":)";
    dynamodb::append_json_string(out, morph().alternatives[morph_alternative].type_name());
    return out + '}';
}

namespace detail {

void check_type_names(relation_info const& morph) {
    auto const& all = morph.alternatives;
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = i + 1; j < all.size(); ++j) {
            if (all[i].type_name() != all[j].type_name()) continue;
            diagnostics d;
            d.entity = morph.name.entity;
            d.relation_path = morph.path();
            d.message = "the entities " + all[i].target().name + " and " + all[j].target().name +
                        " of the morph_to are both stored as \"" + all[i].type_name() +
                        "\"; give one of them another name with morph_name<>";
            throw_error(errc::invalid_argument, std::move(d));
        }
}

std::string type_name_in(std::string_view wire) {
    if (wire.empty()) return {};
    dynamodb::json_reader in(wire);
    if (in.open_attribute() != dynamodb::attribute_type::string) return {};
    return std::string(in.read_string());
}

std::optional<std::size_t> alternative_named(relation_info const& morph, std::string_view name) {
    for (std::size_t i = 0; i < morph.alternatives.size(); ++i)
        if (morph.alternatives[i].type_name() == name) return i;
    return std::nullopt;
}

bool names_an_entity(relation_info const& morph, void const* entity) {
    entity_type const& owner = morph.owner();
    auto const is_given = [&](attribute_index i) { return !is_empty_key(owner.wire(entity, i)); };
    attribute_index const type = morph.owner_key.front();
    if (!is_given(type)) return false;
    auto const named = alternative_named(morph, type_name_in(owner.wire(entity, type)));
    // A type that the program does not know may have a key of as few parts as the shortest of those that it knows.
    auto const& key = named ? morph.alternatives[*named].owner_key
                            : std::min_element(morph.alternatives.begin(), morph.alternatives.end(),
                                               [](relation_info const& x, relation_info const& y) {
                                                   return x.owner_key.size() < y.owner_key.size();
                                               })
                                  ->owner_key;
    return std::all_of(key.begin(), key.end(), is_given);
}

void throw_unknown_type(relation_info const& morph, void const* entity, std::string_view name) {
    entity_type const& owner = morph.owner();
    diagnostics d;
    d.entity = owner.name;
    d.attribute = owner[morph.owner_key.front()].name;
    d.key = key_for_error(owner, entity);
    d.relation_path = morph.path();
    std::string known;
    for (auto const& one : morph.alternatives)
        known += (known.empty() ? "\"" : ", \"") + one.type_name() + "\" (" + one.target().name + ')';
    d.message = "the type \"" + std::string(name) + "\" is none that " + morph.path() + " leads to, which are " +
                known +
                "; add the entity to the morph_to, name it with morph_name<>, or leave such entities without with "
                "on_bad_item";
    throw_error(errc::attribute_type_mismatch, std::move(d));
}

} // namespace detail

} // namespace dynasio
