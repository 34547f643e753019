#include "rules.hpp"

#include <dynasio/orm/tracked.hpp>

#include <dynasio/core/error.hpp>

#include <exception>
#include <string>
#include <utility>

namespace dynasio::detail {

std::string key_for_error(entity_type const& type, void const* entity) {
    std::string key;
    try {
        type.encode_key(key, entity);
    } catch (std::exception const&) {
        key.clear();
    }
    return key;
}

namespace {

void check_rules(entity_type const& type, void const* entity) {
    diagnostics d;
    for (auto const& rule : type.rules)
        if (!rule.holds(entity)) d.violations.push_back({rule.member, rule.sentence});
    if (d.violations.empty()) return;
    d.entity = type.name;
    d.key = key_for_error(type, entity);
    d.message = "an entity " + type.name + " is not valid";
    char const* before = ": ";
    for (auto const& v : d.violations) {
        d.message += std::exchange(before, "; ") + (v.member.empty() ? v.sentence : v.member + ' ' + v.sentence);
    }
    throw_error(errc::invalid_entity, std::move(d));
}

} // namespace

valid_entity::valid_entity(entity_type const& type, void const* entity) : after_(entity) {
    if (!type.transforms.empty()) {
        copy_ = type.storage.make();
        type.storage.append_copy(copy_.get(), entity);
        void* const copy = type.storage.at(copy_.get(), 0);
        apply_transforms(type, copy);
        after_ = copy;
        for (std::size_t i = 0; i < type.transforms.size(); ++i) {
            attribute_index const attribute = type.transforms[i].attribute;
            bool repeated = false;
            for (auto const& made : changed_) repeated = repeated || made.attribute == attribute;
            if (repeated) continue;
            // What a transform leaves as it is need not be a value that can be written.
            if (differs(type, attribute, entity, copy))
                changed_.push_back({attribute, entity_type::override_value::wire_text{type.wire(copy, attribute)}});
        }
    }
    check_rules(type, after_);
}

void apply_transforms(entity_type const& type, void* entity) {
    for (auto const& transform : type.transforms) transform.apply(entity);
}

} // namespace dynasio::detail
