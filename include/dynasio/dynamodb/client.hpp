#ifndef DYNASIO_DYNAMODB_CLIENT_HPP
#define DYNASIO_DYNAMODB_CLIENT_HPP

#include <dynasio/dynamodb/call_options.hpp>
#include <dynasio/dynamodb/client_options.hpp>
#include <dynasio/dynamodb/requests_fwd.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dynasio {

namespace dynamodb {
struct read_batch_request;
struct read_batch_response;
class write_batch_request;
struct request_counts;
} // namespace dynamodb
namespace dynamodb::detail {
class engine;
} // namespace dynamodb::detail

/// Pauses between two looks at a table's state: the first one, doubled each time up to the longest one.
struct poll_options {
    std::chrono::milliseconds first_delay{200};
    std::chrono::milliseconds max_delay{2'000};
};

/// The DynamoDB client: a cheap handle; copies share one set of connections, credentials and retry quota, which live
/// until the last copy and the last operation are gone.
///
/// The executor that it is made with must run one handler at a time: an io_context that one thread runs, or a strand.
/// With an io_context that several threads run, make `client db(asio::make_strand(io))` and spawn the coroutines on
/// `db.get_executor()`, or set client_options::thread_safe; errc::wrong_executor cannot detect this mistake. Destroy
/// every client, and every repository and query made from one, before that execution context.
///
/// Requests and responses are in <dynasio/dynamodb/requests.hpp>, or one by one in <dynasio/dynamodb/operations/…>;
/// those of read_batch() and write_batch() in <dynasio/dynamodb/batch.hpp>.
///
/// **Every operation**
/// - reads its arguments at the call, so that they need not outlive it, and starts when it is awaited; it may be stored
///   and awaited later, once. `call_options::report()` points to a variable that has to outlive the operation.
/// - runs on the client's executor, and must be awaited there (else errc::wrong_executor); with
///   client_options::thread_safe it may be awaited on any executor and thread, and resumes there. An execution context
///   that was awaited on is to be run until it has no work left, or to be kept until the client's own has ended.
/// - is bounded by call_options::timeout() or client_options::timeout: waiting for a connection and for credentials,
///   every attempt and the pauses between them. errc::deadline_exceeded is thrown when it passes.
/// - can be cancelled (terminal, partial and total alike): it then ends with boost::asio::error::operation_aborted and
///   its connection is closed.
/// - throws dynasio::error, also for arguments that the service would refuse (errc::invalid_argument, errc::empty_key,
///   errc::batch_too_large); as_result() turns that into a value. A write that failed and may have happened all the
///   same has diagnostics::outcome_unknown set.
/// - is retried as client_options::retry says. Whether that may repeat a write: call_options::repeat_unsafe_writes().
class client {
public:
    /// Resolves region, endpoint and credentials source; makes no connection. Throws errc::invalid_configuration or
    /// errc::no_region.
    explicit client(boost::asio::any_io_executor executor, client_options options = {});
    template <class ExecutionContext>
        requires requires(ExecutionContext& c) { c.get_executor(); }
    explicit client(ExecutionContext& context, client_options options = {})
        : client(boost::asio::any_io_executor(context.get_executor()), std::move(options)) {}

    /// Reads one item by its key. A missing item is no error: get_item_response::item is absent then.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::get_item_response>
    get_item(dynamodb::get_item_request const& request, call_options options = {});

    /// Stores an item, replacing the one with the same key. With a condition that does not hold:
    /// service_errc::conditional_check_failed. Safe to repeat, unless there is a condition or the old item is asked
    /// for.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::put_item_response>
    put_item(dynamodb::put_item_request const& request, call_options options = {});

    /// Changes attributes of one item, or makes it. Not safe to repeat: ADD and list_append would count twice.
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::update_item_response>
    update_item(dynamodb::update_item_request const& request, call_options options = {});

    /// Deletes one item; a missing one is no error. Safe to repeat, unless there is a condition or the old item is
    /// asked for.
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::delete_item_response>
    delete_item(dynamodb::delete_item_request const& request, call_options options = {});

    /// One page of the items of a partition, at most 1 MB. query_response::last_evaluated_key, if it is there, starts
    /// the next page.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::query_response>
    query(dynamodb::query_request const& request, call_options options = {});

    /// One page of a table or index, at most 1 MB: reads, and costs, all of it page by page.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::scan_response>
    scan(dynamodb::scan_request const& request, call_options options = {});

    /// Up to 100 items by key, in no particular order, as one call of the service: what it left is in unprocessed_keys.
    /// Refuses more keys (errc::batch_too_large) and duplicates (errc::invalid_argument). See read_batch().
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::batch_get_item_response>
    batch_get_item(dynamodb::batch_get_item_request const& request, call_options options = {});

    /// Up to 25 puts and deletes as one call of the service: what it left is in unprocessed_items. Each write succeeds
    /// or fails by itself. See write_batch().
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::batch_write_item_response>
    batch_write_item(dynamodb::batch_write_item_request const& request, call_options options = {});

    /// Starts to create a table. It is usable once it is ACTIVE: wait_until_active(). Billed by request unless
    /// throughput is given. Not safe to repeat.
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::create_table_response>
    create_table(dynamodb::create_table_request const& request, call_options options = {});

    /// State and settings of a table; service_errc::resource_not_found if there is none.
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::describe_table_response>
    describe_table(dynamodb::describe_table_request const& request, call_options options = {});

    /// Starts to delete a table with everything in it; it is gone after wait_until_gone(). Not safe to repeat.
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::delete_table_response>
    delete_table(dynamodb::delete_table_request const& request, call_options options = {});

    /// Reads any number of items by key: duplicates once, in chunks of 100, several at a time; keys that the service
    /// leaves unprocessed are sent again, together with what other chunks left. Answers in the order of the keys, found
    /// or not.
    ///
    /// All of it is bounded by one time-out. Fails with errc::batch_incomplete when client_options::retry.max_attempts
    /// answers in a row to one chunk made no progress; diagnostics::missing_keys then names every key without an
    /// answer. The failure of one chunk cancels the others.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<dynamodb::read_batch_response>
    read_batch(dynamodb::read_batch_request const& request, call_options options = {});

    /// Puts and deletes any number of items, in chunks of 25, several at a time, in no particular order; as for
    /// read_batch(), what stays unprocessed is sent again. No atomicity: when it fails, for whatever reason,
    /// diagnostics::missing_keys names every key that is not confirmed, and the others are written.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    write_batch(dynamodb::write_batch_request const& request, call_options options = {});

    /// Waits until the table and its global secondary indexes are ACTIVE; a table that does not exist yet is waited
    /// for. Throws errc::table_not_ready when the time-out (of the whole wait) passes first.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    wait_until_active(std::string table, call_options options = {}, poll_options poll = poll_options());

    /// Waits until there is no such table. Throws errc::table_not_ready when the time-out passes first.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    wait_until_gone(std::string table, call_options options = {}, poll_options poll = poll_options());

    /// Closes idle connections and ends operations under way and later ones with errc::client_closed; io_context::run()
    /// has nothing of this client left to do then. Acts on all copies. To be called on the client's executor, or
    /// anywhere when it is thread-safe. The destructor does not do this: operations under way end by themselves.
    void stop() noexcept;
    /// The client's executor; a strand of its own when it is thread-safe.
    [[nodiscard]] boost::asio::any_io_executor get_executor() const noexcept;
    /// As resolved: region, endpoint and credentials source are filled in.
    [[nodiscard]] client_options const& options() const noexcept;
    /// Requests answered since the start, by operation (<dynasio/dynamodb/request_counts.hpp>). To be read on the
    /// client's executor.
    [[nodiscard]] dynamodb::request_counts const& requests() const noexcept;
    /// Tables and indexes that throttled this client lately, in no order; empty when none did. A copy, to be made on
    /// the client's executor.
    [[nodiscard]] std::vector<throttled_resource> throttled() const;
    /// State and counters of the connections. To be read on the client's executor.
    [[nodiscard]] http::pool_statistics connections() const noexcept;

private:
    friend struct client_access;
    std::shared_ptr<dynamodb::detail::engine> engine_;
};

/// How the layers above reach the engine of a client.
struct client_access {
    [[nodiscard]] static std::shared_ptr<dynamodb::detail::engine> const& engine(client const& c) noexcept {
        return c.engine_;
    }
};

} // namespace dynasio

#endif
