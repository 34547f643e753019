#include <dynasio/orm/repository.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <barrier>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "answers.hpp"
#include "floor.hpp"
#include "measure.hpp"
#include "records.hpp"

namespace bench {

namespace asio = boost::asio;

namespace {

constexpr int connections = 64;

dynasio::client_options options_for(std::string const& url) {
    dynasio::client_options options;
    options.region = "us-east-1";
    options.endpoint = url;
    options.credentials = dynasio::aws::static_credentials(
        dynasio::aws::credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"));
    options.pool.max_connections = connections;
    return options;
}

asio::awaitable<void> find_loop(dynasio::repository<Account> accounts, int& left) {
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

asio::awaitable<void> put_loop(dynasio::repository<Account> accounts, int& left) {
    Account account = new_account();
    while (left > 0) {
        --left;
        co_await accounts.create(account);
        if (account.version != 1) throw std::runtime_error("the entity was not stored right");
    }
}

asio::awaitable<void> batch_loop(dynasio::repository<Account> accounts,
                                 std::vector<dynasio::key_of<Account>> const& keys, int& left) {
    while (left > 0) {
        --left;
        auto const found = co_await accounts.find_many(keys);
        if (found.size() != 100 || !found[99]) throw std::runtime_error("the answer was not read right");
    }
}

/// One client with warm connections; run(n) does n operations with 64 in flight and gives CPU microseconds for each.
class subject {
public:
    using loop = std::function<asio::awaitable<void>(dynasio::repository<Account>, int&)>;
    subject(std::string const& url, loop l) : client_(io_, options_for(url)), loop_(std::move(l)) {
        (void)run(connections * 20);
    }
    ~subject() { client_.stop(); }

    double run(int count) {
        int left = count;
        std::exception_ptr failure;
        for (int i = 0; i < connections; ++i)
            asio::co_spawn(io_, loop_(dynasio::repository<Account>(client_), left), [&](std::exception_ptr e) {
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
    loop loop_;
};

/// The bytes that a request of ours is, as a listening socket sees them.
std::string captured_request(subject::loop const& operation) {
    asio::io_context server(1);
    asio::ip::tcp::acceptor acceptor(server, {asio::ip::address_v4::loopback(), 0});
    auto const port = acceptor.local_endpoint().port();
    std::string text;
    std::thread peer([&] {
        auto socket = acceptor.accept();
        char buffer[64 * 1024];
        while (true) {
            text.append(buffer, socket.read_some(asio::buffer(buffer)));
            auto const end = text.find("\r\n\r\n");
            if (end == std::string::npos) continue;
            auto const at = text.find("Content-Length: ");
            if (text.size() >= end + 4 + static_cast<std::size_t>(std::atoi(text.c_str() + at + 16))) break;
        }
        asio::write(socket, asio::buffer(std::string(
                                "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")));
    });
    asio::io_context io(1);
    dynasio::client client(io, options_for("http://127.0.0.1:" + std::to_string(port)));
    int left = 1;
    asio::co_spawn(io, operation(dynasio::repository<Account>(client), left), [](std::exception_ptr) {});
    io.run();
    peer.join();
    return text;
}

std::size_t answer_size(std::string const& body) {
    // Status line and headers of the canned server, see canned_server.cpp.
    return std::string(
               "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: "
               "01A1FD4DDCB07F6097FECF0D0B9D87CD01A1FD4DDCB07F6097FE\r\nx-amz-crc32: \r\nContent-Length: \r\n\r\n")
               .size() +
           std::to_string(body.size()).size() + 10 + body.size();
}

row compare(char const* name, subject::loop const& operation, std::string const& body, double goal, int rounds,
            int count) {
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0);
    std::string const request = captured_request(operation);
    subject ours(server.url(), operation);
    std::vector<double> our_figures, floor_figures, ratios;
    for (int i = 0; i < rounds; ++i) {
        std::cerr << name << ": round " << i + 1 << " of " << rounds << "\r" << std::flush;
        floor_figures.push_back(floor_cpu_us(server.port(), request, answer_size(body) - 4, connections, count));
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

std::vector<row> point_reads(int rounds) {
    return {compare(
        "find of one entity, CPU / bare loop", [](auto r, int& left) { return find_loop(r, left); }, get_item_body(),
        1.5, rounds, 20'000)};
}

std::vector<row> point_writes(int rounds) {
    return {compare(
        "create of one entity, CPU / bare loop", [](auto r, int& left) { return put_loop(r, left); }, put_item_body(),
        1.5, rounds, 20'000)};
}

/// The same client code on one thread, and on two at the same time: nothing that clients share may cost.
std::vector<row> two_threads(int rounds) {
    constexpr int count = 20'000;
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0);
    std::vector<double> alone, both, ratios;
    std::barrier start(2);
    auto const operation = [](auto r, int& left) { return find_loop(r, left); };
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

std::vector<row> batch_reads(int rounds) {
    std::vector<dynasio::key_of<Account>> keys;
    for (int i = 0; i < 100; ++i) keys.emplace_back(account_id(i));
    return {compare(
        "find_many of 100 entities, CPU / bare loop", [&keys](auto r, int& left) { return batch_loop(r, keys, left); },
        batch_body(), 7.0, rounds, 3'000)};
}

void run_alone(std::string_view what, int count) {
    std::vector<dynasio::key_of<Account>> keys;
    for (int i = 0; i < 100; ++i) keys.emplace_back(account_id(i));
    subject::loop operation = [](auto r, int& left) { return find_loop(r, left); };
    if (what == "floor") {
        server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0);
        double const each = floor_cpu_us(server.port(), captured_request(operation), answer_size(get_item_body()) - 4,
                                         connections, count);
        std::printf("%.2f us for each of %d\n", each, count);
        return;
    }
    if (what == "find")
        ;
    else if (what == "create")
        operation = [](auto r, int& left) { return put_loop(r, left); };
    else if (what == "find_many")
        operation = [&keys](auto r, int& left) { return batch_loop(r, keys, left); };
    else
        throw std::runtime_error("--run takes find, create or find_many");
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0);
    subject ours(server.url(), operation);
    std::printf("%.2f us for each of %d\n", ours.run(count), count);
}

} // namespace bench
