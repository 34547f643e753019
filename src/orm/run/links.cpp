#include <dynasio/orm/detail/operations.hpp>

#include <utility>

#include "../wire/pivot_rows.hpp"
#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

asio::awaitable<void> attach_link(engine_ptr engine, relation_info const& relation, void const* owner,
                                  void const* target, std::optional<dynasio::pivot> data, operation_options options) {
    return begin_operation<void>(engine, relation.owner(), [&] {
        pivot_rows const rows(relation);
        auto write = rows.attach(environment_of(*engine), owner, target, data, engine->borrow_body());
        return send_write<void>(engine, std::move(write), options, relation.path());
    });
}

asio::awaitable<bool> detach_link(engine_ptr engine, relation_info const& relation, void const* owner,
                                  void const* target, operation_options options) {
    return begin_operation<bool>(engine, relation.owner(), [&] {
        pivot_rows const rows(relation);
        auto write = rows.detach(environment_of(*engine), owner, target, engine->borrow_body());
        return send_write<bool>(engine, std::move(write), options, relation.path());
    });
}

} // namespace dynasio::detail
