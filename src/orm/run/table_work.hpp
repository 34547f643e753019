#ifndef DYNASIO_SRC_ORM_RUN_TABLE_WORK_HPP
#define DYNASIO_SRC_ORM_RUN_TABLE_WORK_HPP

#include <dynasio/orm/table_progress.hpp>

#include <dynasio/dynamodb/call_options.hpp>
#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "operation.hpp"

// What the operations on tables of a model have in common. Each is safe when several processes do the same at once.
namespace dynasio::detail {

/// How long creating or dropping tables may take when the caller gives no time-out. A table with several indexes takes
/// the service minutes, so the client's time-out, which is made for a call, does not serve.
inline constexpr std::chrono::minutes usual_wait{10};

/// One creation or removal of tables: the time that is left for it, and whom it tells what happens.
class table_work {
public:
    table_work(std::size_t tables, call_options call, table_progress_handler progress)
        : tables_(tables), call_(std::move(call)), progress_(std::move(progress)),
          end_(std::chrono::steady_clock::now() + call_.timeout().value_or(usual_wait)) {}

    /// Options for a wait, which may take all the time that is left.
    [[nodiscard]] call_options waiting() const {
        call_options options = call_;
        options.timeout(time_left());
        return options;
    }
    [[nodiscard]] call_options const& call() const noexcept { return call_; }
    [[nodiscard]] std::chrono::steady_clock::time_point end() const noexcept { return end_; }
    void tell(std::string const& table, table_step step, std::string const& index = std::string()) {
        if (step == table_step::ready) ++ready_;
        if (progress_) progress_(table_progress{table, step, ready_, tables_, index});
    }

private:
    [[nodiscard]] std::chrono::steady_clock::duration time_left() const {
        // A wait without time would end with an error of its argument and not with errc::table_not_ready.
        return std::max<std::chrono::steady_clock::duration>(end_ - std::chrono::steady_clock::now(),
                                                             std::chrono::milliseconds(1));
    }

    std::size_t tables_;
    std::size_t ready_ = 0;
    call_options call_;
    table_progress_handler progress_;
    std::chrono::steady_clock::time_point end_;
};

/// Begins an operation, which runs as a whole on the client's executor, as it must when the client is thread-safe.
/// `lower` reads the arguments and returns the awaitable of a coroutine that owns what it needs. An error that `lower`
/// throws is thrown when the operation is awaited.
template <class T, class Lower> [[nodiscard]] boost::asio::awaitable<T> begin_on(client const& db, Lower lower) {
    try {
        boost::asio::awaitable<T> op = lower();
        return dynamodb::detail::enter(client_access::engine(db), std::move(op));
    } catch (error const&) {
        return failed_operation<T>(std::current_exception());
    }
}

/// The description of a table; nothing when there is no such table.
[[nodiscard]] boost::asio::awaitable<std::optional<dynamodb::describe_table_response>>
look_at(client* db, std::string const* name, call_options call);
/// The table and all its indexes are ACTIVE.
[[nodiscard]] bool is_usable(dynamodb::describe_table_response const& answer);
[[nodiscard]] bool is_going(dynamodb::describe_table_response const& answer);

/// Whether the service refuses a change because it carries out another one.
[[nodiscard]] bool is_busy(error const& e);

/// Creates a table. Returns false when there is one, or one that is going.
[[nodiscard]] boost::asio::awaitable<bool> request_table(client* db, dynamodb::create_table_request const* request,
                                                         table_work const* work);
/// Waits until a table is usable that could not be created because there is one, which may be going.
[[nodiscard]] boost::asio::awaitable<void> settle(client* db, std::string const* name,
                                                  dynamodb::create_table_request const* request, table_work* work);

/// Sleeps. Throws errc::table_not_ready, with what `table` was waited for, when the time of the work passes first.
[[nodiscard]] boost::asio::awaitable<void> sleep_during(client* db, table_work const* work, std::string const* table,
                                                        std::chrono::milliseconds pause, std::string goal);

[[noreturn]] void throw_not_ready(std::string const& table, std::string const& goal);

struct ttl_setting {
    std::string attribute{}; ///< Empty when there is none.
};
/// The time to live of a table; nothing when the server knows none, as some local ones do not.
[[nodiscard]] boost::asio::awaitable<std::optional<ttl_setting>> ttl_of(client* db, std::string const* table,
                                                                        call_options call);
/// Enables the time to live, unless the table has one: the service changes it once an hour at most, and another
/// attribute is another program's decision, which compare_tables() shows. Waits while the table is being changed.
[[nodiscard]] boost::asio::awaitable<void> enable_ttl(client* db, std::string const* table,
                                                      std::string const* attribute, table_work* work);
/// Enables the stream of changes that the request asks for, if it asks for one and the table has none. Waits while the
/// table is being changed, and until it is ACTIVE again.
[[nodiscard]] boost::asio::awaitable<void> enable_stream(client* db, dynamodb::create_table_request const* wanted,
                                                         table_work* work);

} // namespace dynasio::detail

#endif
