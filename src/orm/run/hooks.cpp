#include "hooks.hpp"

#include <algorithm>
#include <utility>

namespace dynasio::detail {

namespace asio = boost::asio;

write_hooks hooks_before(write_mode mode, bool is_new) noexcept {
    switch (mode) {
    case write_mode::create:
    case write_mode::save:
        if (is_new) return {hook_event::before_create, hook_event::before_save};
        return {hook_event::before_save, std::nullopt};
    case write_mode::trash:
        return {hook_event::before_trash, std::nullopt};
    case write_mode::restore:
        return {hook_event::before_restore, std::nullopt};
    }
    return {};
}

write_hooks hooks_after(write_mode mode, bool is_new) noexcept {
    switch (mode) {
    case write_mode::create:
    case write_mode::save:
        if (is_new) return {hook_event::after_create, hook_event::after_save};
        return {hook_event::after_save, std::nullopt};
    case write_mode::trash:
        return {hook_event::after_trash, std::nullopt};
    case write_mode::restore:
        return {hook_event::after_restore, std::nullopt};
    }
    return {};
}

bool has_hook(entity_type const& type, hook_event event) noexcept {
    return std::any_of(type.hooks.begin(), type.hooks.end(), [&](entity_hook const& h) { return h.event == event; });
}

asio::awaitable<void> call_hooks(entity_type const& type, void* entity, write_hooks events) {
    std::array<std::optional<hook_event>, 2> const in_order(events.in_order());
    for (auto const& event : in_order) {
        for (auto const& hook : type.hooks) {
            if (event != hook.event) continue;
            std::optional<asio::awaitable<void>> awaitable;
            hook.call(entity, &awaitable);
            if (!awaitable) continue;
            auto running = std::move(*awaitable);
            co_await std::move(running);
        }
    }
}

} // namespace dynasio::detail
