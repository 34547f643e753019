#include <dynasio/orm/detail/operations.hpp>

#include <utility>

#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

asio::awaitable<bool> remove_item(engine_ptr engine, entity_type const& type, lowered_key key, std::string version,
                                  operation_options options) {
    return begin_operation<bool>(engine, type, [&] {
        auto write = make_remove(environment_of(*engine), type, std::move(key).json(), version, engine->borrow_body());
        return send_write<bool>(engine, std::move(write), options);
    });
}

} // namespace dynasio::detail
