// The program that docs/client.md shows first.

//[program
#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <iostream>

namespace asio = boost::asio;
namespace ddb = dynasio::dynamodb;
using namespace std::chrono_literals; // 5s, 200ms

asio::awaitable<void> greet(dynasio::client db) {
    ddb::create_table_request create("greetings");
    create.key_schema.emplace().emplace_back("id", ddb::key_type::hash);
    create.attribute_definitions.emplace().emplace_back("id", ddb::scalar_attribute_type::s);
    co_await db.create_table(create);
    co_await db.wait_until_active("greetings");

    ddb::item hello;
    hello.emplace("id", "hello");
    hello.emplace("text", "Hello, world");
    co_await db.put_item(ddb::put_item_request("greetings", hello));

    ddb::item key;
    key.emplace("id", "hello");
    auto const answer =
        co_await db.get_item(ddb::get_item_request("greetings", key), dynasio::call_options().timeout(5s));
    if (answer.item) std::cout << answer.item->at("text").as_string() << '\n';

    co_await db.delete_table(ddb::delete_table_request("greetings"));
}

int main() {
    try {
        asio::io_context io;
        dynasio::client db(io); // region, endpoint and credentials from the environment and the shared files
        asio::co_spawn(io, greet(db), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed); // out of io.run()
        });
        io.run();
    } catch (std::exception const& e) {
        std::cerr << e.what() << '\n';
        return 1;
    }
}
//]
