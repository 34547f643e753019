#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <barrier>
#include <exception>
#include <iostream>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

#include "answers.hpp"
#include "client.hpp"
#include "floor.hpp"
#include "measure.hpp"
#include "records.hpp"

namespace bench {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> find_loop(dynasio::client db, int& left) {
    dynasio::repository<Account> const accounts(db);
    std::string const id = account_id(0);
    while (left > 0) {
        --left;
        auto const found = co_await accounts.find(id);
        if (!found || found->version != 7) throw std::runtime_error("the answer was not read right");
    }
}

Account new_account() {
    Account made;
    made.id = account_id(0);
    made.email = "user0@mail.some-company-namelong12.example.org";
    made.name = "Ann Miller";
    made.status = "active";
    made.age = 20;
    made.balance = 1234.56;
    made.active = true;
    made.tags = {"alpha", "beta"};
    made.country = "NZ";
    return made;
}

asio::awaitable<void> put_loop(dynasio::client db, int& left) {
    dynasio::repository<Account> const accounts(db);
    Account account = new_account();
    while (left > 0) {
        --left;
        co_await accounts.create(account);
        if (account.version != 1) throw std::runtime_error("the entity was not stored right");
    }
}

std::vector<dynasio::key_of<Account>> account_keys() {
    std::vector<dynasio::key_of<Account>> keys;
    for (int i = 0; i < 100; ++i) keys.emplace_back(account_id(i));
    return keys;
}

asio::awaitable<void> batch_loop(dynasio::client db, int& left) {
    dynasio::repository<Account> const accounts(db);
    auto const keys = account_keys();
    while (left > 0) {
        --left;
        auto const found = co_await accounts.find_many(keys);
        if (found.size() != 100 || !found[99]) throw std::runtime_error("the answer was not read right");
    }
}

// The client without the ORM: attribute values instead of structs.

asio::awaitable<void> get_item_loop(dynasio::client db, int& left) {
    dynasio::dynamodb::item key;
    key.emplace("id", account_id(0));
    dynasio::dynamodb::get_item_request const request("accounts", std::move(key));
    while (left > 0) {
        --left;
        auto getting = db.get_item(request);
        auto const answer = co_await std::move(getting);
        if (!answer.item || answer.item->size() != 12) throw std::runtime_error("the answer was not read right");
    }
}

asio::awaitable<void> batch_get_loop(dynasio::client db, int& left) {
    dynasio::dynamodb::keys_and_attributes wanted;
    for (int i = 0; i < 100; ++i) {
        dynasio::dynamodb::item key;
        key.emplace("id", account_id(i));
        wanted.keys.push_back(std::move(key));
    }
    std::map<std::string, dynasio::dynamodb::keys_and_attributes> tables;
    tables.emplace("accounts", std::move(wanted));
    dynasio::dynamodb::batch_get_item_request const request(std::move(tables));
    while (left > 0) {
        --left;
        auto getting = db.batch_get_item(request);
        auto const answer = co_await std::move(getting);
        if (!answer.responses || answer.responses->at("accounts").size() != 100)
            throw std::runtime_error("the answer was not read right");
    }
}

/// One client with warm connections. run(n) does n operations with 64 in flight and returns CPU microseconds for each.
class subject {
public:
    subject(std::string const& url, operation_loop l) : client_(io_, options_for(url)), loop_(std::move(l)) {
        (void)run(connections * 20);
    }
    ~subject() { client_.stop(); }

    double run(int count) {
        int left = count;
        std::exception_ptr failure;
        for (int i = 0; i < connections; ++i)
            asio::co_spawn(io_, loop_(client_, left), [&](std::exception_ptr e) {
                if (e) failure = e;
            });
        io_.restart();
        double const before = thread_cpu_us();
        io_.run();
        double const used = thread_cpu_us() - before;
        if (failure) std::rethrow_exception(failure);
        return used / count;
    }

private:
    asio::io_context io_{1};
    dynasio::client client_;
    operation_loop loop_;
};

row compare(char const* name, operation_loop const& operation, std::string const& body, double goal, int rounds,
            int count, server_process::idling when_idle) {
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0, when_idle);
    std::string const request = captured_request(operation);
    subject ours(server.url(), operation);
    std::vector<double> our_figures, floor_figures, ratios;
    for (int i = 0; i < rounds; ++i) {
        std::cerr << name << ": round " << i + 1 << " of " << rounds << "\r" << std::flush;
        floor_figures.push_back(floor_cpu_us(server.port(), request, answer_size(body), connections, count));
        our_figures.push_back(ours.run(count));
        ratios.push_back(our_figures.back() / floor_figures.back());
    }
    std::cerr << '\n';
    auto const mine = spread_of(our_figures);
    auto const least = spread_of(floor_figures);
    auto const ratio = spread_of(ratios);
    char note[160];
    std::snprintf(note, sizeof note, "ours %.2f..%.2f, floor %.2f..%.2f, ratio %.2f..%.2f; answer %zu bytes", mine.low,
                  mine.high, least.low, least.high, ratio.low, ratio.high, body.size());
    return {name, mine.median, least.median, ratio.median, goal, "us", note};
}

} // namespace

std::vector<row> point_reads(int rounds, server_process::idling server) {
    return {compare("find of one entity, CPU / bare loop", find_loop, get_item_body(), 1.5, rounds, 60'000, server)};
}

std::vector<row> point_writes(int rounds, server_process::idling server) {
    return {compare("create of one entity, CPU / bare loop", put_loop, put_item_body(), 1.5, rounds, 60'000, server)};
}

std::vector<row> client_reads(int rounds, server_process::idling server) {
    return {
        compare("get_item of the client, CPU / bare loop", get_item_loop, get_item_body(), 0, rounds, 60'000, server),
        compare("batch_get_item of 100 of the client, CPU / bare loop", batch_get_loop, batch_body(), 0, rounds, 3'000,
                server)};
}

/// Runs the same client code on one thread, and on two at the same time, to show that clients share nothing that costs
/// time.
std::vector<row> two_threads(int rounds) {
    constexpr int count = 20'000;
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0);
    std::vector<double> alone, both, ratios;
    std::barrier start(2);
    operation_loop const operation = find_loop;
    std::exception_ptr failure;
    double other = 0;
    std::thread second([&] {
        pin_to(1);
        subject theirs(server.url(), operation);
        for (int i = 0; i < rounds; ++i) {
            start.arrive_and_wait();
            try {
                other = theirs.run(count);
            } catch (...) {
                failure = std::current_exception();
            }
            start.arrive_and_wait();
        }
    });
    subject ours(server.url(), operation);
    for (int i = 0; i < rounds; ++i) {
        std::cerr << "two threads: round " << i + 1 << " of " << rounds << "\r" << std::flush;
        alone.push_back(ours.run(count));
        start.arrive_and_wait();
        double const mine = ours.run(count);
        start.arrive_and_wait();
        both.push_back((mine + other) / 2);
        ratios.push_back(both.back() / alone.back());
    }
    second.join();
    std::cerr << '\n';
    if (failure) std::rethrow_exception(failure);
    auto const ratio = spread_of(ratios);
    char note[120];
    std::snprintf(note, sizeof note, "ratio %.2f..%.2f; the second thread shares its core with the server", ratio.low,
                  ratio.high);
    return {{"find, two clients on two threads / one", spread_of(both).median, spread_of(alone).median, ratio.median,
             1.1, "us", note}};
}

std::vector<row> batch_reads(int rounds, server_process::idling server) {
    return {
        compare("find_many of 100 entities, CPU / bare loop", batch_loop, batch_body(), 7.0, rounds, 12'000, server)};
}

void run_alone(std::string_view what, int count, server_process::idling when_idle) {
    operation_loop operation = find_loop;
    if (what == "create")
        operation = put_loop;
    else if (what == "find_many")
        operation = batch_loop;
    else if (what == "get_item")
        operation = get_item_loop;
    else if (what == "batch_get_item")
        operation = batch_get_loop;
    else if (what != "find" && what != "floor")
        throw std::runtime_error(
            "--run takes find, create, find_many, get_item, batch_get_item, floor, decode or scan");
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0, when_idle);
    if (what == "floor") {
        auto const size = answer_size(get_item_body());
        double const each = floor_cpu_us(server.port(), captured_request(operation), size, connections, count);
        std::printf("%.2f us for each of %d\n", each, count);
        return;
    }
    subject ours(server.url(), operation);
    std::printf("%.2f us for each of %d\n", ours.run(count), count);
}

} // namespace bench
