// The same program with dynasio as those for the other SDKs: `dynasio_bench_peer URL` reads lines `get N`, `put N`,
// `batch N`, `get_small N`, `put_small N` and so on, does N operations with 64 in flight and answers `done`.

#include <dynasio/orm/repository.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "answers.hpp"
#include "records.hpp"
#include "shapes.hpp"

namespace {

namespace asio = boost::asio;
using bench::Account;

constexpr int in_flight = 64;

dynasio::client_options options_for(std::string url) {
    dynasio::client_options options;
    options.region = "us-east-1";
    options.endpoint = std::move(url);
    options.credentials = dynasio::aws::static_credentials(
        dynasio::aws::credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    options.pool.max_connections = in_flight;
    return options;
}

asio::awaitable<void> get_loop(dynasio::repository<Account> accounts, int& left) {
    std::string const id = bench::account_id(0);
    while (left > 0) {
        --left;
        auto const found = co_await accounts.find(id);
        if (!found || found->version != 7) throw std::runtime_error("the answer was not read right");
    }
}

asio::awaitable<void> put_loop(dynasio::repository<Account> accounts, Account const& sample, int& left) {
    while (left > 0) {
        --left;
        Account account = sample;
        account.version = 0;
        co_await accounts.create(account);
    }
}

asio::awaitable<void> batch_loop(dynasio::repository<Account> accounts, int& left) {
    while (left > 0) {
        --left;
        std::vector<dynasio::key_of<Account>> keys;
        for (int i = 0; i < 100; ++i) keys.emplace_back(bench::account_id(i));
        auto const found = co_await accounts.find_many(keys);
        if (found.size() != 100 || !found[99]) throw std::runtime_error("the answer was not read right");
    }
}

std::string const shape_id = "01HQ3K4N5M6P7Q8R9S0T1U0000";

template <class T> asio::awaitable<void> get_shapes(dynasio::repository<T> shapes, int& left) {
    while (left > 0) {
        --left;
        auto const found = co_await shapes.find(shape_id);
        if (!found) throw std::runtime_error("the answer was not read right");
    }
}
template <class T> asio::awaitable<void> put_shapes(dynasio::repository<T> shapes, int& left) {
    T shape = co_await shapes.get(shape_id);
    while (left > 0) {
        --left;
        co_await shapes.create(shape);
    }
}
template <class T>
asio::awaitable<void> loop_of_shape(std::string const& operation, dynasio::client const& client, int& left) {
    dynasio::repository<T> shapes(client);
    return operation.starts_with("get") ? get_shapes(std::move(shapes), left) : put_shapes(std::move(shapes), left);
}

asio::awaitable<void> loop_of(std::string const& operation, dynasio::client const& client, Account const& sample,
                              int& left) {
    dynasio::repository<Account> accounts(client);
    if (operation == "get") return get_loop(std::move(accounts), left);
    if (operation == "put") return put_loop(std::move(accounts), sample, left);
    if (operation == "batch") return batch_loop(std::move(accounts), left);
    if (operation.ends_with("_small")) return loop_of_shape<bench::Small>(operation, client, left);
    if (operation.ends_with("_wide")) return loop_of_shape<bench::Wide>(operation, client, left);
    if (operation.ends_with("_deep")) return loop_of_shape<bench::Deep>(operation, client, left);
    if (operation.ends_with("_large")) return loop_of_shape<bench::Large>(operation, client, left);
    throw std::runtime_error("unknown operation " + operation);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: dynasio_bench_peer URL\n";
        return 2;
    }
    try {
        asio::io_context io(1);
        dynasio::client client(io, options_for(argv[1]));
        dynasio::repository<Account> const accounts(client);
        auto first = asio::co_spawn(io, accounts.get(bench::account_id(0)), asio::use_future);
        io.run();
        Account const sample = first.get();
        std::string operation;
        int count = 0;
        while (std::cin >> operation >> count) {
            std::exception_ptr failure;
            for (int i = 0; i < in_flight; ++i)
                asio::co_spawn(io, loop_of(operation, client, sample, count), [&failure](std::exception_ptr e) {
                    if (e) failure = e;
                });
            io.restart();
            io.run();
            if (failure) std::rethrow_exception(failure);
            std::cout << "done" << std::endl;
        }
        client.stop();
    } catch (std::exception const& e) {
        std::cerr << "dynasio_bench_peer: " << e.what() << '\n';
        return 1;
    }
}
