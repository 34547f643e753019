#ifndef DYNASIO_SRC_ORM_RUN_SEND_WRITE_HPP
#define DYNASIO_SRC_ORM_RUN_SEND_WRITE_HPP

#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "../wire/guarded_writes.hpp"
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

/// Sends writes that touch unique<> members, as often as it takes, and applies them. Returns whether there was an item,
/// for one removal.
[[nodiscard]] boost::asio::awaitable<bool> send_guarded(engine_ptr engine, std::unique_ptr<guarded_writes> writes,
                                                        operation_options options);
/// The same for one write. It is ready to be sent; no write that has a twin touches unique<> members.
[[nodiscard]] boost::asio::awaitable<bool> send_guarded(engine_ptr engine, item_write write, operation_options options);

/// Whether there was an item, for a caller who does not want to know.
template <class T> boost::asio::awaitable<T> only_if_asked(boost::asio::awaitable<bool> sending) {
    bool const existed = co_await std::move(sending);
    if constexpr (!std::is_void_v<T>) co_return existed;
}

/// Sends one write. T is bool for whether there was an item before, or void. `relation_path` is added to errors. `twin`
/// is a copy of the entity that receives the same assignments; null for none.
///
/// A repetition that meets what an earlier attempt of this call has done, whose answer was lost, is a success. When an
/// attempt in doubt came before an answer that there was no item, that attempt is taken to have removed it.
template <class T>
boost::asio::awaitable<T> send_alone(engine_ptr engine, item_write write, operation_options options,
                                     std::string relation_path, void* twin) {
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

/// The same, with the guards of unique<> members that the write touches.
template <class T>
boost::asio::awaitable<T> send_write(engine_ptr engine, item_write write, operation_options options,
                                     std::string relation_path = {}, void* twin = nullptr) {
    if (write.touches_unique()) return only_if_asked<T>(send_guarded(std::move(engine), std::move(write), options));
    return send_alone<T>(std::move(engine), std::move(write), options, std::move(relation_path), twin);
}

} // namespace dynasio::detail

#endif
