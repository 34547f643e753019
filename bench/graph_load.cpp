#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <vector>

#include "client.hpp"
#include "measure.hpp"
#include "records.hpp"

namespace bench {

namespace asio = boost::asio;

namespace {

constexpr int parents = 1'000;
constexpr double latency_ms = 5.0;

asio::awaitable<void> load_all(dynasio::client db, std::vector<User>& users, dynasio::load_report& report) {
    using namespace dynasio::dsl;
    repository<User> const repository(db);
    auto op =
        repository.load(users, report_to(report), with<&User::profile>(), with<&User::posts>(with<&Post::comments>()),
                        with<&User::country>(), with<&User::roles>(), with<&User::received>());
    co_await std::move(op);
}

} // namespace

std::vector<row> graph_loads(int rounds) {
    server_process server(std::chrono::microseconds(static_cast<int>(latency_ms * 1000)), cpu_count() > 1 ? 1 : 0);
    asio::io_context io(1);
    dynasio::client db(io, options_for(server.url()));

    // profile, posts and links: one Query for each user; comments: one for each of two posts; 50 countries and 20 roles
    // are 70 keys, which fit one BatchGetItem.
    constexpr double least = parents * 3 + parents * 2 + 1;
    // The longest chain of dependent requests has two. With 64 requests at a time, the number of requests takes longer.
    constexpr double bound_ms = std::max(2 * latency_ms, least / connections * latency_ms);

    std::vector<double> wall, cpu, requests;
    for (int i = 0; i < rounds + 1; ++i) {
        std::cerr << "graph load: round " << i << " of " << rounds << "\r" << std::flush;
        std::vector<User> users(parents);
        for (int k = 0; k < parents; ++k) {
            auto& u = users[static_cast<std::size_t>(k)];
            u.id = "user-" + std::to_string(k);
            u.country_id = "country-" + std::to_string(k % 50);
        }
        dynasio::load_report report;
        std::exception_ptr failure;
        asio::co_spawn(io, load_all(db, users, report), [&](std::exception_ptr e) { failure = e; });
        io.restart();
        double const before = thread_cpu_us();
        auto const start = std::chrono::steady_clock::now();
        io.run();
        double const took = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
        double const used = thread_cpu_us() - before;
        if (failure) std::rethrow_exception(failure);
        if (users.back().posts.size() != 2 || users.back().received.size() != 4 || !users.back().country ||
            users.back().roles.size() != 2 || !users.back().profile)
            throw std::runtime_error("the graph was not loaded right");
        if (i == 0) continue; // makes the connections
        wall.push_back(took);
        cpu.push_back(used / static_cast<double>(report.requests()));
        requests.push_back(static_cast<double>(report.requests()));
    }
    std::cerr << '\n';
    db.stop();
    auto const used = server.stop();
    double const load = used.seconds > 0 ? 100 * used.cpu_seconds / used.seconds : 0;
    auto const time = spread_of(wall);
    auto const count = spread_of(requests);
    char note[160];
    std::snprintf(note, sizeof note, "%.1f..%.1f ms; client CPU %.1f us a request; server used %.0f %% of its core%s",
                  time.low, time.high, spread_of(cpu).median, load, load > 80 ? " (invalid: over 80 %)" : "");
    return {{"graph of 1,000 users, 5 relations, wall / bound", time.median, bound_ms, time.median / bound_ms, 1.1,
             "ms", note},
            {"graph of 1,000 users, requests / least", count.median, least, count.median / least, 1.05, "", ""}};
}

} // namespace bench
