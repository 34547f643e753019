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
                      simplified(type, std::move(terms.only_if)), terms.twin);
}

std::optional<item_write> make_changes(engine_ptr const& engine, entity_type const& type, void* entity, bool touches,
                                       write_terms& terms) {
    return make_save_of_changes(environment_of(*engine), type, entity, terms.twin, touches, engine->borrow_body(),
                                simplified(type, std::move(terms.only_if)));
}

/// Decides the write after the hooks before it, which may change the entity. Sends nothing when `decide` decides that
/// nothing is to be written.
template <class Decide>
asio::awaitable<void> write_with_hooks(engine_ptr engine, entity_type const& type, hooked_write hooks, Decide decide,
                                       operation_options options, void* twin) {
    auto before = hooks.before();
    co_await std::move(before);
    std::optional<item_write> write;
    try {
        write = decide();
    } catch (error const& e) {
        throw about(e, engine, type);
    }
    if (!write) co_return;
    auto sending = send_write<void>(engine, *std::move(write), options, {}, twin);
    co_await std::move(sending);
    if (!hooks.has_after()) co_return;
    auto after = hooks.after();
    co_await std::move(after);
}

} // namespace

asio::awaitable<void> write_entity(engine_ptr engine, entity_type const& type, void* entity, write_mode mode,
                                   operation_options options, write_terms terms) {
    return begin_operation<void>(engine, type, [&] {
        if (!type.hooks.empty()) {
            void* const twin = terms.twin;
            auto decide = [engine, &type, entity, mode, terms = std::move(terms)]() mutable {
                return std::optional<item_write>(make(engine, type, entity, mode, terms));
            };
            return write_with_hooks(engine, type, hooked_write(type, entity, mode), std::move(decide), options, twin);
        }
        auto write = make(engine, type, entity, mode, terms);
        return send_write<void>(engine, std::move(write), options, {}, terms.twin);
    });
}

asio::awaitable<void> write_changes(engine_ptr engine, entity_type const& type, void* entity, bool touches,
                                    operation_options options, write_terms terms) {
    return begin_operation<void>(engine, type, [&] {
        if (!type.hooks.empty()) {
            auto decide = [engine, &type, entity, touches, terms = std::move(terms)]() mutable {
                return make_changes(engine, type, entity, touches, terms);
            };
            return write_with_hooks(engine, type, hooked_write(type, entity, write_mode::save), std::move(decide),
                                    options, nullptr);
        }
        auto write = make_changes(engine, type, entity, touches, terms);
        return write ? send_write<void>(engine, *std::move(write), options) : send_nothing();
    });
}

} // namespace dynasio::detail
