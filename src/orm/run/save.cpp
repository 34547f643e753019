#include <dynasio/orm/detail/operations.hpp>

#include <utility>

#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

asio::awaitable<void> write_entity(engine_ptr engine, entity_type const& type, void* entity, write_mode mode,
                                   operation_options options) {
    return begin_operation<void>(engine, type, [&] {
        auto write = make_write(environment_of(*engine), type, entity, mode, engine->borrow_body());
        return send_write<void>(engine, std::move(write), options);
    });
}

} // namespace dynasio::detail
