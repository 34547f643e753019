#include <dynasio/orm/detail/operations.hpp>

#include <utility>

#include "../plan/scope.hpp"
#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> send_nothing() { co_return; }

} // namespace

asio::awaitable<void> write_entity(engine_ptr engine, entity_type const& type, void* entity, write_mode mode,
                                   operation_options options, write_terms terms) {
    return begin_operation<void>(engine, type, [&] {
        auto write = make_write(environment_of(*engine), type, entity, mode, engine->borrow_body(),
                                simplified(type, std::move(terms.only_if)));
        return send_write<void>(engine, std::move(write), options, {}, terms.twin);
    });
}

asio::awaitable<void> write_changes(engine_ptr engine, entity_type const& type, void* entity, bool touches,
                                    operation_options options, write_terms terms) {
    return begin_operation<void>(engine, type, [&] {
        auto write = make_save_of_changes(environment_of(*engine), type, entity, terms.twin, touches,
                                          engine->borrow_body(), simplified(type, std::move(terms.only_if)));
        return write ? send_write<void>(engine, *std::move(write), options) : send_nothing();
    });
}

} // namespace dynasio::detail
