#include <dynasio/orm/detail/operations.hpp>

#include <utility>

#include "../plan/scope.hpp"
#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

asio::awaitable<bool> remove_item(engine_ptr engine, entity_type const& type, lowered_key key, std::string version,
                                  operation_options options, dynamodb::condition only_if) {
    return begin_operation<bool>(engine, type, [&] {
        auto write = make_remove(environment_of(*engine), type, std::move(key).json(), version, engine->borrow_body(),
                                 simplified(type, std::move(only_if)));
        return send_write<bool>(engine, std::move(write), options);
    });
}

} // namespace dynasio::detail
