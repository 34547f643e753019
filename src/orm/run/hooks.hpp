#ifndef DYNASIO_SRC_ORM_RUN_HOOKS_HPP
#define DYNASIO_SRC_ORM_RUN_HOOKS_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <boost/asio/awaitable.hpp>

#include <array>
#include <optional>

namespace dynasio::detail {

/// The hooks around one write of one entity.
struct write_hooks {
    std::optional<hook_event> first{};  ///< Called before `second`.
    std::optional<hook_event> second{}; ///< Nothing when the write has only one event.

    [[nodiscard]] std::array<std::optional<hook_event>, 2> in_order() const noexcept { return {first, second}; }
};
/// `is_new`: the entity is known to be stored for the first time.
[[nodiscard]] write_hooks hooks_before(write_mode mode, bool is_new) noexcept;
[[nodiscard]] write_hooks hooks_after(write_mode mode, bool is_new) noexcept;

[[nodiscard]] bool has_hook(entity_type const& type, hook_event event) noexcept;

/// Calls the hooks of these events one after the other, and awaits those that are awaitable. What a hook throws ends
/// it.
[[nodiscard]] boost::asio::awaitable<void> call_hooks(entity_type const& type, void* entity, write_hooks events);

} // namespace dynasio::detail

#endif
