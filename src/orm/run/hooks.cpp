#include "hooks.hpp"

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "../type/rules.hpp"
#include "../wire/item_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

/// One event or two; the second one may be nothing.
using events = std::array<std::optional<hook_event>, 2>;

events one(hook_event event) noexcept { return {event, std::nullopt}; }

/// Calls the hook, and returns what is to be awaited of it. No coroutine: most hooks are plain functions.
std::optional<asio::awaitable<void>> begin_hook(entity_hook const& hook, void* entity) {
    std::optional<asio::awaitable<void>> awaitable;
    hook.call(entity, &awaitable);
    return awaitable;
}

asio::awaitable<void> call_hooks(entity_type const& type, void* entity, events in_order) {
    for (auto const& event : in_order) {
        for (auto const& hook : type.hooks) {
            if (event != hook.event) continue;
            auto begun = begin_hook(hook, entity);
            if (!begun) continue;
            auto running = *std::move(begun);
            co_await std::move(running);
        }
    }
}

events events_after(hooked_write::kind what, bool is_new) noexcept {
    switch (what) {
    case hooked_write::kind::store:
        if (is_new) return {hook_event::after_create, hook_event::after_save};
        return one(hook_event::after_save);
    case hooked_write::kind::trash:
        return one(hook_event::after_trash);
    case hooked_write::kind::restore:
        return one(hook_event::after_restore);
    case hooked_write::kind::remove:
        break;
    }
    return one(hook_event::after_remove);
}

hooked_write::kind kind_of(write_mode mode) noexcept {
    switch (mode) {
    case write_mode::create:
    case write_mode::save:
        return hooked_write::kind::store;
    case write_mode::trash:
        return hooked_write::kind::trash;
    case write_mode::restore:
        return hooked_write::kind::restore;
    }
    return hooked_write::kind::store;
}

} // namespace

hooked_write::hooked_write(entity_type const& type, void* entity, write_mode mode)
    : hooked_write(type, entity, kind_of(mode),
                   mode == write_mode::create || (mode == write_mode::save && has_empty_key(type, entity))) {}

std::optional<hooked_write> hooked_write::of(planned_write const& plan) {
    if (!plan.form || plan.type->hooks.empty()) return std::nullopt;
    entity_type const& type = *plan.type;
    void* const entity = plan.form.entity();
    switch (plan.what) {
    case planned_write::kind::create:
        return hooked_write(type, entity, write_mode::create);
    case planned_write::kind::save:
    case planned_write::kind::touch: {
        bool const is_new = plan.form.functions->tracked && plan.form.original() == nullptr;
        return hooked_write(type, entity, is_new ? write_mode::create : write_mode::save);
    }
    case planned_write::kind::trash:
        return hooked_write(type, entity, write_mode::trash);
    case planned_write::kind::restore:
        return hooked_write(type, entity, write_mode::restore);
    case planned_write::kind::remove:
        return of_removal(type, entity);
    case planned_write::kind::require:
    case planned_write::kind::adopt:
    case planned_write::kind::attach:
    case planned_write::kind::detach:
        break;
    }
    return std::nullopt;
}

asio::awaitable<void> hooked_write::before() const {
    switch (what_) {
    case kind::store:
        if (is_new_) return call_hooks(*type_, entity_, {hook_event::before_create, hook_event::before_save});
        return call_hooks(*type_, entity_, one(hook_event::before_save));
    case kind::trash:
        return call_hooks(*type_, entity_, one(hook_event::before_trash));
    case kind::restore:
        return call_hooks(*type_, entity_, one(hook_event::before_restore));
    case kind::remove:
        break;
    }
    return call_hooks(*type_, entity_, one(hook_event::before_remove));
}

asio::awaitable<void> hooked_write::after() const { return call_hooks(*type_, entity_, events_after(what_, is_new_)); }

bool hooked_write::has_after() const noexcept {
    auto const all = events_after(what_, is_new_);
    return std::any_of(all.begin(), all.end(),
                       [&](std::optional<hook_event> event) { return event && has_hook(*type_, *event); });
}

std::vector<std::optional<hooked_write>> hooked_writes(std::vector<planned_write> const& plans) {
    std::vector<std::optional<hooked_write>> all;
    all.reserve(plans.size());
    for (auto const& plan : plans) all.push_back(hooked_write::of(plan));
    return all;
}

asio::awaitable<void> call_read_hooks(entity_type const& type, void* entity) {
    try {
        for (auto const& hook : type.awaited_read_hooks) {
            auto begun = begin_hook(hook, entity);
            if (!begun) continue;
            auto running = *std::move(begun);
            co_await std::move(running);
        }
    } catch (error const& e) {
        diagnostics d = e.info();
        add_context(d, {.entity = type.name});
        if (d.key.empty()) d.key = key_for_error(type, entity);
        throw_error(e.code(), std::move(d));
    }
}

asio::awaitable<void> call_read_hooks(std::vector<std::pair<entity_type const*, void*>> entities) {
    for (auto const& [type, entity] : entities) {
        auto calling = call_read_hooks(*type, entity);
        co_await std::move(calling);
    }
}

bool has_hook(entity_type const& type, hook_event event) noexcept {
    return std::any_of(type.hooks.begin(), type.hooks.end(), [&](entity_hook const& h) { return h.event == event; });
}

} // namespace dynasio::detail
