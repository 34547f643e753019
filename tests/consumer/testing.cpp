// A test of a user's: their code, a client in it, and the fault endpoint in place of a database.
#include <dynasio/testing/fault_script.hpp>
#include <dynasio/testing/local_server.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/get_item.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <cstdlib>
#include <exception>
#include <iostream>

namespace {

boost::asio::awaitable<void> ask(dynasio::client db, int& found) {
    dynasio::dynamodb::get_item_request const request("users", dynasio::dynamodb::item{{"id", "u-1"}});
    auto getting = db.get_item(request);
    auto const answer = co_await std::move(getting);
    found += answer.item ? 1 : 0;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) return EXIT_FAILURE;
    using namespace dynasio::testing;
    fault_endpoint database;
    database.expect(match("GetItem").table("users")).answer_json(R"({"Item":{"id":{"S":"u-1"}}})");

    // The proxy of the package between them, which spoils the first request.
    local_server_options options;
    options.program = argv[1];
    options.arguments = {"--listen", "127.0.0.1:{port}", "--target", database.url(), "--fault", "error:times=1"};
    local_server const proxy(options);

    boost::asio::io_context io;
    dynasio::client_options settings;
    settings.endpoint = proxy.url();
    settings.region = "us-east-1";
    settings.credentials = dynasio::aws::static_credentials(dynasio::aws::credentials("key", "secret"));
    dynasio::client const db(io, settings);
    int found = 0;
    boost::asio::co_spawn(io, ask(db, found), [](std::exception_ptr e) {
        if (e) std::rethrow_exception(e);
    });
    io.run();
    for (auto const& sentence : database.unmet()) std::cerr << sentence << '\n';
    return found == 1 && database.count() == 1 && database.unmet().empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}
