#ifndef DYNASIO_SRC_ORM_RUN_DRIVE_HPP
#define DYNASIO_SRC_ORM_RUN_DRIVE_HPP

#include <dynasio/dynamodb/detail/request_source.hpp>

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <utility>

#include "operation.hpp"

// Sending what a request_source asks for, and adding what it cost to the figures that the caller gave, whether it
// succeeds or fails. The caller keeps the source until then.
namespace dynasio::detail {

/// `account` is called when the last request has ended.
template <class Account>
boost::asio::awaitable<void> drive_and_account(engine_ptr engine, dynamodb::detail::request_source& source,
                                               dynamodb::detail::drive_options how, Account account) {
    std::exception_ptr failed;
    try {
        auto driving = dynamodb::detail::drive(std::move(engine), source, std::move(how));
        co_await std::move(driving);
    } catch (...) {
        failed = std::current_exception();
    }
    account();
    if (failed) std::rethrow_exception(failed);
}

/// For a read that has a report().
template <class Read>
[[nodiscard]] boost::asio::awaitable<void> drive_read(engine_ptr const& engine, Read& read,
                                                      operation_options const& options) {
    auto how = drive_options_of(*engine, options);
    return drive_and_account(engine, read, std::move(how),
                             [account = accounting(options), &read]() mutable { account.add(read.report()); });
}

/// For writes that count capacity units.
template <class Writes>
[[nodiscard]] boost::asio::awaitable<void> drive_writes(engine_ptr const& engine, Writes& writes,
                                                        operation_options const& options) {
    auto how = drive_options_of(*engine, options);
    return drive_and_account(engine, writes, std::move(how),
                             [account = accounting(options), &writes, cost = options.call.cost()]() mutable {
                                 account.add({});
                                 if (cost == nullptr) return;
                                 cost->write_units += writes.write_units();
                                 cost->read_units += writes.read_units();
                             });
}

} // namespace dynasio::detail

#endif
