#ifndef DYNASIO_SRC_ORM_RUN_HOOKS_HPP
#define DYNASIO_SRC_ORM_RUN_HOOKS_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace dynasio::detail {

/// One write of an entity that has hooks, from before its request until after it.
class hooked_write {
public:
    enum class kind : unsigned char { store, trash, restore, remove };

    hooked_write(entity_type const& type, void* entity, write_mode mode);
    [[nodiscard]] static hooked_write of_removal(entity_type const& type, void* entity) noexcept {
        return hooked_write(type, entity, kind::remove, false);
    }
    /// The write of an entity in a transaction or among many; nothing for one without hooks, for a check and for a
    /// link.
    [[nodiscard]] static std::optional<hooked_write> of(planned_write const& plan);

    // Each calls the hooks of its events one after the other, and awaits those that are awaitable. What a hook throws
    // ends it. The object must stay where it is until the operation completes.
    [[nodiscard]] boost::asio::awaitable<void> before() const;
    [[nodiscard]] boost::asio::awaitable<void> after() const;
    /// Whether after() has anything to call. Otherwise it should not be awaited: a cancellation that comes with the
    /// answer would make a failure of what is stored.
    [[nodiscard]] bool has_after() const noexcept;

private:
    hooked_write(entity_type const& type, void* entity, kind what, bool is_new) noexcept
        : type_(&type), entity_(entity), what_(what), is_new_(is_new) {}

    entity_type const* type_;
    void* entity_;
    kind what_;
    bool is_new_; // known to be stored for the first time
};

/// The hooks of several writes, in the order of the writes.
[[nodiscard]] std::vector<std::optional<hooked_write>> hooked_writes(std::vector<planned_write> const& plans);

/// Calls the hooks of after_read that are not called while an answer is read. Precondition: the type has such.
[[nodiscard]] boost::asio::awaitable<void> call_read_hooks(entity_type const& type, void* entity);
/// The same for several entities, one after the other.
[[nodiscard]] boost::asio::awaitable<void> call_read_hooks(std::vector<std::pair<entity_type const*, void*>> entities);

[[nodiscard]] bool has_hook(entity_type const& type, hook_event event) noexcept;

} // namespace dynasio::detail

#endif
