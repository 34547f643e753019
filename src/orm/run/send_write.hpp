#ifndef DYNASIO_SRC_ORM_RUN_SEND_WRITE_HPP
#define DYNASIO_SRC_ORM_RUN_SEND_WRITE_HPP

#include <string>
#include <type_traits>
#include <utility>

#include "../wire/item_write.hpp"
#include "operation.hpp"

namespace dynasio::detail {

[[nodiscard]] dynamodb::detail::raw_request request_of(item_write& write, operation_options const& options);
/// Reads the answer to a write that succeeded: adds its cost, and returns whether the answer tells of an item before.
[[nodiscard]] bool end_write(item_write const& write, dynamodb::detail::raw_reply const& reply,
                             operation_options const& options);
/// Throws the error that a failure means. Returns when the write has succeeded all the same, in an earlier attempt.
void judge_failed_write(item_write const& write, error const& e, engine_ptr const& engine,
                        std::string_view relation_path);

/// Sends one write. T is bool for whether there was an item before, or void. `relation_path` is added to errors. `twin`
/// is a copy of the entity that receives the same assignments; null for none.
///
/// A repetition that meets what an earlier attempt of this call has done, whose answer was lost, is a success. When an
/// attempt in doubt came before an answer that there was no item, that attempt is taken to have removed it.
template <class T>
boost::asio::awaitable<T> send_write(engine_ptr engine, item_write write, operation_options options,
                                     std::string relation_path = {}, void* twin = nullptr) {
    auto request = request_of(write, options);
    bool existed = false, in_doubt = false;
    request.repeated_in_doubt = &in_doubt;
    try {
        auto const reply = co_await engine->perform(std::move(request));
        existed = end_write(write, reply, options) || in_doubt;
    } catch (error const& e) {
        judge_failed_write(write, e, engine, relation_path);
    }
    write.apply(twin);
    if constexpr (!std::is_void_v<T>) co_return existed;
}

} // namespace dynasio::detail

#endif
