#ifndef DYNASIO_BENCH_CLIENT_HPP
#define DYNASIO_BENCH_CLIENT_HPP

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

// What the measurements of dynasio's requests have in common.
namespace bench {

constexpr int connections = 64;

/// Options of a client of the canned server.
[[nodiscard]] dynasio::client_options options_for(std::string const& url);

/// Does operations, one after the other, while the number is above 0, and counts it down.
using operation_loop = std::function<boost::asio::awaitable<void>(dynasio::client, int&)>;

/// The bytes of one of dynasio's requests, as a listening socket receives them.
[[nodiscard]] std::string captured_request(operation_loop const& operation);

/// About the length of the canned server's answer with this body; no more than it is.
[[nodiscard]] std::size_t answer_size(std::string const& body);

/// Calls `read(json_reader&)` for each item of an answer.
template <class Read> void for_each_item(std::string_view body, Read read) {
    dynasio::dynamodb::json_reader in(body);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name != "Items") {
            in.skip_value();
            continue;
        }
        in.enter_array();
        while (in.next_element()) read(in);
    }
    in.finish();
}

/// Runs one operation to its end, and rethrows its error. Returns the thread's CPU microseconds.
double run_to_end(boost::asio::io_context& io, boost::asio::awaitable<void> operation);

} // namespace bench

#endif
