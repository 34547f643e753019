#ifndef DYNASIO_SRC_ORM_TYPE_RULES_HPP
#define DYNASIO_SRC_ORM_TYPE_RULES_HPP

#include <dynasio/orm/entity_type.hpp>

#include <memory>
#include <string>
#include <vector>

namespace dynasio::detail {

/// The key of an entity for an error; empty when it cannot be written, whatever the reason is.
[[nodiscard]] std::string key_for_error(entity_type const& type, void const* entity);

/// What is stored of an entity: its members after the transforms. Throws errc::invalid_entity with all rules that these
/// break.
class valid_entity {
public:
    valid_entity(entity_type const& type, void const* entity);

    /// The values of members that the transforms have changed, in place of the members' own.
    [[nodiscard]] std::vector<entity_type::override_value> const& changed() const noexcept { return changed_; }
    /// The entity after the transforms. Valid as long as this object and the entity.
    [[nodiscard]] void const* get() const noexcept { return after_; }

private:
    std::shared_ptr<void> copy_{}; // only with transforms
    void const* after_;
    std::vector<entity_type::override_value> changed_{};
};

/// Applies the transforms to the entity in memory.
void apply_transforms(entity_type const& type, void* entity);

} // namespace dynasio::detail

#endif
