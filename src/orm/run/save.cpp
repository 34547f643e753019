#include <dynasio/orm/detail/operations.hpp>

#include <exception>
#include <optional>
#include <utility>

#include "../plan/scope.hpp"
#include "hooks.hpp"
#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> send_nothing() { co_return; }

item_write make(engine_ptr const& engine, entity_type const& type, void* entity, write_mode mode, write_terms& terms) {
    return make_write(environment_of(*engine), type, entity, mode, engine->borrow_body(),
                      simplified(type, std::move(terms.only_if)));
}

std::optional<item_write> make_changes(engine_ptr const& engine, entity_type const& type, void* entity, bool touches,
                                       write_terms& terms) {
    return make_save_of_changes(environment_of(*engine), type, entity, terms.twin, touches, engine->borrow_body(),
                                simplified(type, std::move(terms.only_if)));
}

/// Decides the write after the hooks before it, which may change the entity.
asio::awaitable<void> write_with_hooks(engine_ptr engine, entity_type const& type, void* entity, write_mode mode,
                                       operation_options options, write_terms terms) {
    bool const is_new = mode == write_mode::create || (mode == write_mode::save && has_empty_key(type, entity));
    auto before = call_hooks(type, entity, hooks_before(mode, is_new));
    co_await std::move(before);
    std::optional<item_write> write;
    try {
        write.emplace(make(engine, type, entity, mode, terms));
    } catch (error const& e) {
        throw about(e, engine, type);
    }
    auto sending = send_write<void>(engine, *std::move(write), options, {}, terms.twin);
    co_await std::move(sending);
    auto after = call_hooks(type, entity, hooks_after(mode, is_new));
    co_await std::move(after);
}

asio::awaitable<void> write_changes_with_hooks(engine_ptr engine, entity_type const& type, void* entity, bool touches,
                                               operation_options options, write_terms terms) {
    auto before = call_hooks(type, entity, hooks_before(write_mode::save, false));
    co_await std::move(before);
    std::optional<item_write> write;
    try {
        write = make_changes(engine, type, entity, touches, terms);
    } catch (error const& e) {
        throw about(e, engine, type);
    }
    if (!write) co_return;
    auto sending = send_write<void>(engine, *std::move(write), options);
    co_await std::move(sending);
    auto after = call_hooks(type, entity, hooks_after(write_mode::save, false));
    co_await std::move(after);
}

} // namespace

asio::awaitable<void> write_entity(engine_ptr engine, entity_type const& type, void* entity, write_mode mode,
                                   operation_options options, write_terms terms) {
    return begin_operation<void>(engine, type, [&] {
        if (!type.hooks.empty()) return write_with_hooks(engine, type, entity, mode, options, std::move(terms));
        auto write = make(engine, type, entity, mode, terms);
        return send_write<void>(engine, std::move(write), options, {}, terms.twin);
    });
}

asio::awaitable<void> write_changes(engine_ptr engine, entity_type const& type, void* entity, bool touches,
                                    operation_options options, write_terms terms) {
    return begin_operation<void>(engine, type, [&] {
        if (!type.hooks.empty())
            return write_changes_with_hooks(engine, type, entity, touches, options, std::move(terms));
        auto write = make_changes(engine, type, entity, touches, terms);
        return write ? send_write<void>(engine, *std::move(write), options) : send_nothing();
    });
}

} // namespace dynasio::detail
