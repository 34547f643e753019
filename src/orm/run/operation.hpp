#ifndef DYNASIO_SRC_ORM_RUN_OPERATION_HPP
#define DYNASIO_SRC_ORM_RUN_OPERATION_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/load_report.hpp>

#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/detail/request_source.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "../wire/item_write.hpp"
#include "../wire/table_name.hpp"

// What the operations of repositories have in common: the context of their errors, and the account of their cost.
namespace dynasio::detail {

/// The error of an operation on entities of a type, with the names of the entity and the table added.
[[nodiscard]] error about(error const& e, engine_ptr const& engine, entity_type const& type);
/// Throws the error with the operation, entity and table added, and with the request id, attempts and status of the
/// answer, if one had come.
[[noreturn]] void rethrow_about(error const& e, engine_ptr const& engine, entity_type const& type,
                                dynamodb::operation op, dynamodb::detail::raw_reply const& reply);

template <class T> [[nodiscard]] boost::asio::awaitable<T> failed_operation(std::exception_ptr why) {
    co_await boost::asio::this_coro::executor;
    std::rethrow_exception(why);
}

/// Begins an operation on entities of a type: `lower` reads the arguments and returns the awaitable of a coroutine that
/// owns what it needs. An error that `lower` throws is thrown when the operation is awaited, and names entity and
/// table.
template <class T, class Lower>
[[nodiscard]] boost::asio::awaitable<T> begin_operation(engine_ptr const& engine, entity_type const& type,
                                                        Lower lower) {
    try {
        boost::asio::awaitable<T> op = lower();
        return dynamodb::detail::enter(engine, std::move(op));
    } catch (error const& e) {
        return failed_operation<T>(std::make_exception_ptr(about(e, engine, type)));
    }
}

/// The table prefix, present time and ULID generator of the client, for a write that is made now.
[[nodiscard]] write_environment environment_of(dynamodb::detail::engine const& engine);

/// Whether the caller wants to know what an operation costs.
[[nodiscard]] inline bool wants_capacity(operation_options const& options) noexcept {
    return options.report != nullptr || options.call.cost() != nullptr || options.budget.units.has_value() ||
           (options.whole && (options.whole->budget.read_units() || options.whole->timeline != nullptr));
}
[[nodiscard]] dynamodb::detail::drive_options drive_options_of(dynamodb::detail::engine const& engine,
                                                               operation_options const& options);

/// Completes the relations that a read of entities of a type loads: joins those that are named several times, and adds
/// those of autoload<>. `given`: the entities are there already, so only what lies below their relations is added.
/// Throws errc::invalid_argument as merge_relations() does.
void complete_relations(entity_type const& type, std::vector<load_node>& relations, operation_options const& options,
                        bool given = false);

/// Throws errc::invalid_argument for options that no read can have: concurrency(0), and bounds of 0.
void check_read_options(operation_options const& options);

/// Adds the figures of an operation to those of earlier ones.
void add_to(load_report& all, load_report const& made);

/// Adds the cost of an operation to the load_report and the call_cost that the caller gave, if any.
class accounting {
public:
    explicit accounting(operation_options const& options)
        : report_(options.report), cost_(options.call.cost()),
          latency_before_(cost_ != nullptr ? cost_->latency : std::chrono::nanoseconds()),
          start_(wanted() ? clock::now() : clock::time_point()), last_(start_) {}
    [[nodiscard]] bool wanted() const noexcept { return report_ != nullptr || cost_ != nullptr; }
    void add(load_report const& made);

private:
    using clock = std::chrono::steady_clock;

    load_report* report_;
    call_cost* cost_;
    std::chrono::nanoseconds latency_before_;
    clock::time_point start_;
    clock::time_point last_;
};

} // namespace dynasio::detail

#endif
