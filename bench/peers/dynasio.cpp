// The same program with dynasio as those for the other SDKs: `dynasio_bench_peer URL` reads lines `get N`, `put N` or
// `batch N`, does N operations with 64 in flight and answers `done`.

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

asio::awaitable<void> loop_of(std::string const& operation, dynasio::repository<Account> accounts,
                              Account const& sample, int& left) {
    if (operation == "get") return get_loop(std::move(accounts), left);
    if (operation == "put") return put_loop(std::move(accounts), sample, left);
    if (operation == "batch") return batch_loop(std::move(accounts), left);
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
                asio::co_spawn(io, loop_of(operation, accounts, sample, count), [&failure](std::exception_ptr e) {
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
