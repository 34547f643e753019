#include <dynasio/orm/detail/operations.hpp>

#include <utility>

#include "../plan/scope.hpp"
#include "hooks.hpp"
#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

asio::awaitable<bool> remove_with_hooks(engine_ptr engine, entity_type const& type, void* entity, item_write write,
                                        operation_options options) {
    auto const hooks = hooked_write::of_removal(type, entity);
    auto before = hooks.before();
    co_await std::move(before);
    auto sending = send_write<bool>(engine, std::move(write), options);
    bool const existed = co_await std::move(sending);
    if (!hooks.has_after()) co_return existed;
    auto after = hooks.after();
    co_await std::move(after);
    co_return existed;
}

} // namespace

asio::awaitable<bool> remove_item(engine_ptr engine, entity_type const& type, lowered_key key, std::string version,
                                  operation_options options, dynamodb::condition only_if, void const* entity,
                                  void const* read) {
    return begin_operation<bool>(engine, type, [&] {
        auto write = make_remove(environment_of(*engine), type, std::move(key).json(), version, engine->borrow_body(),
                                 simplified(type, std::move(only_if)), read);
        bool const hooked = has_hook(type, hook_event::before_remove) || has_hook(type, hook_event::after_remove);
        // The hooks of a removal take the entity as a constant, which hook_t has made sure of.
        if (entity != nullptr && hooked)
            return remove_with_hooks(engine, type, const_cast<void*>(entity), std::move(write), options);
        return send_write<bool>(engine, std::move(write), options);
    });
}

} // namespace dynasio::detail
