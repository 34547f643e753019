#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/detail/engine.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <iostream>
#include <malloc.h>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client.hpp"
#include "measure.hpp"
#include "records.hpp"

namespace bench {

namespace asio = boost::asio;

namespace {

constexpr double latency_ms = 5.0;
constexpr int countries = 50;

std::vector<User> make_users(int count) {
    std::vector<User> users(static_cast<std::size_t>(count));
    for (int k = 0; k < count; ++k) {
        auto& u = users[static_cast<std::size_t>(k)];
        u.id = "user-" + std::to_string(k);
        u.country_id = "country-" + std::to_string(k % countries);
    }
    return users;
}

void check(std::vector<User> const& users) {
    User const& u = users.back();
    if (u.posts.size() != 2 || u.posts[1].comments.size() != 2 || u.received.size() != 4 || !u.country ||
        u.roles.size() != 2 || !u.profile)
        throw std::runtime_error("the graph was not loaded right");
}

asio::awaitable<void> load_all(dynasio::client db, std::vector<User>& users, dynasio::load_report& report) {
    using namespace dynasio::dsl;
    repository<User> const repository(db);
    auto op =
        repository.load(users, report_to(report), with<&User::profile>(), with<&User::posts>(with<&Post::comments>()),
                        with<&User::country>(), with<&User::roles>(), with<&User::received>());
    co_await std::move(op);
}

/// The least number of requests: profile, posts and links are one Query for each user, comments one for each of two
/// posts; the countries and 20 roles are 70 keys, which fit one BatchGetItem.
double least_requests(int parents) { return parents * 5 + 1; }

// ---- the requests and decodes that a load consists of, and nothing else

/// A row of links, as far as a loader needs it.
struct LinkRow {
    std::string pk{}, sk{}, id_right{}, pivot_key{};
    dynasio::timestamp created_at{};
};
constexpr auto dynasio_schema(dynasio::tag<LinkRow>) {
    using namespace dynasio::dsl;
    return entity<LinkRow>(table{"pivots"}, partition_key<&LinkRow::pk>, sort_key<&LinkRow::sk>);
}

struct query {
    std::string body;
    dynasio::entity_type const* type;
};

template <class T>
query query_for(std::string const& table, std::string const& index, std::string const& attribute,
                std::string const& key) {
    std::string body = R"({"TableName":")" + table + '"';
    if (!index.empty()) body += R"(,"IndexName":")" + index + '"';
    body += R"(,"KeyConditionExpression":"#0 = :0","ExpressionAttributeNames":{"#0":")" + attribute +
            R"("},"ExpressionAttributeValues":{":0":{"S":")" + key + R"("}}})";
    return {std::move(body), &dynasio::entity_type_of<T>()};
}

std::vector<query> queries_of(std::vector<User> const& users) {
    std::vector<query> all;
    for (auto const& u : users) {
        all.push_back(query_for<Profile>("profiles", "by_user", "user_id", u.id));
        all.push_back(query_for<Post>("posts", "by_author", "author_id", u.id));
        all.push_back(query_for<LinkRow>("pivots", "", "pk", "users_roles#" + u.id));
        for (auto const* post : {"-0", "-1"})
            all.push_back(query_for<Comment>("comments", "by_post", "post_id", u.id + post));
    }
    return all;
}

/// Sends queries until there are none left, and decodes what comes.
asio::awaitable<void> ask(dynasio::client db, std::vector<query>& all, std::size_t& next,
                          std::vector<std::shared_ptr<void>>& kept) {
    auto const engine = dynasio::client_access::engine(db);
    while (next < all.size()) {
        query& one = all[next++];
        dynasio::dynamodb::detail::raw_request request{
            .op = dynasio::dynamodb::operation::query, .body = std::move(one.body), .repeatable = true, .options = {}};
        request.reads_whole_answer = true;
        auto asking = engine->perform(std::move(request));
        auto const reply = co_await std::move(asking);
        auto items = one.type->storage.make();
        for_each_item(reply.body(), [&](dynasio::dynamodb::json_reader& in) {
            one.type->decode(in, one.type->storage.append(items.get()));
        });
        kept.push_back(std::move(items));
    }
}

/// CPU microseconds of the parts of a load.
double parts_of_load(asio::io_context& io, dynasio::client const& db, std::vector<User> const& users) {
    auto all = queries_of(users);
    std::vector<std::shared_ptr<void>> kept;
    kept.reserve(all.size());
    std::size_t next = 0;
    std::exception_ptr failure;
    for (int i = 0; i < connections; ++i)
        asio::co_spawn(io, ask(db, all, next, kept), [&](std::exception_ptr e) {
            if (e) failure = e;
        });
    io.restart();
    double const before = thread_cpu_us();
    io.run();
    double const used = thread_cpu_us() - before;
    if (failure) std::rethrow_exception(failure);
    if (kept.size() != all.size()) throw std::runtime_error("not every query was answered");
    return used;
}

// ---- what is measured

struct loaded {
    double wall_ms = 0;
    double cpu_us = 0;
    dynasio::load_report report{};
};

loaded load(asio::io_context& io, dynasio::client const& db, std::vector<User>& users) {
    loaded result;
    auto const start = std::chrono::steady_clock::now();
    result.cpu_us = run_to_end(io, load_all(db, users, result.report));
    result.wall_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    check(users);
    return result;
}

std::string with_commas(int number) {
    std::string text = std::to_string(number);
    for (auto at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), ",");
    return text;
}

/// Time and requests on a network with latency.
std::vector<row> with_latency(int rounds, int parents) {
    server_process server(std::chrono::microseconds(static_cast<int>(latency_ms * 1000)), cpu_count() > 1 ? 1 : 0);
    asio::io_context io(1);
    dynasio::client db(io, options_for(server.url()));
    double const least = least_requests(parents);
    // The longest chain of dependent requests has two. With 64 requests at a time, the number of requests takes longer.
    double const bound_ms = std::max(2 * latency_ms, least / connections * latency_ms);
    std::vector<double> wall, cpu, requests;
    for (int i = 0; i < rounds + 1; ++i) {
        std::cerr << "graph of " << parents << " users: round " << i << " of " << rounds << "\r" << std::flush;
        auto users = make_users(parents);
        auto const made = load(io, db, users);
        if (i == 0) continue; // makes the connections
        wall.push_back(made.wall_ms);
        cpu.push_back(made.cpu_us / static_cast<double>(made.report.requests()));
        requests.push_back(static_cast<double>(made.report.requests()));
    }
    std::cerr << '\n';
    db.stop();
    auto const used = server.stop();
    double const busy = used.seconds > 0 ? 100 * used.cpu_seconds / used.seconds : 0;
    auto const time = spread_of(wall);
    auto const count = spread_of(requests);
    char note[160];
    std::snprintf(note, sizeof note, "%.1f..%.1f ms; client CPU %.1f us a request; server used %.0f %% of its core%s",
                  time.low, time.high, spread_of(cpu).median, busy, busy > 80 ? " (invalid: over 80 %)" : "");
    std::string const name = "graph of " + with_commas(parents) + " users, ";
    return {{name + "5 relations, wall / bound", time.median, bound_ms, time.median / bound_ms, 1.05, "ms", note},
            {name + "requests / least", count.median, least, count.median / least, 1.05, "", ""}};
}

/// CPU for each entity on a network without latency.
std::vector<row> without_latency(int rounds) {
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0, server_process::idling::stays_awake);
    asio::io_context io(1);
    dynasio::client db(io, options_for(server.url()));
    constexpr std::array<int, 3> sizes{100, 1'000, 10'000};
    std::array<std::vector<double>, sizes.size()> each, parts, ratios;
    for (int i = 0; i < rounds + 1; ++i)
        for (std::size_t k = 0; k < sizes.size(); ++k) {
            std::cerr << "graph without latency: round " << i << " of " << rounds << "\r" << std::flush;
            // Small graphs are loaded as often as takes the time of a large one.
            int const times = sizes.back() / sizes[k];
            double mine = 0, bare = 0, entities = 0;
            for (int n = 0; n < times; ++n) {
                auto users = make_users(sizes[k]);
                bare += parts_of_load(io, db, users);
                auto const made = load(io, db, users);
                mine += made.cpu_us;
                entities += static_cast<double>(made.report.items);
            }
            if (i == 0) continue;
            each[k].push_back(mine / entities);
            parts[k].push_back(bare / entities);
            ratios[k].push_back(mine / bare);
        }
    std::cerr << '\n';
    db.stop();
    server.stop();
    std::vector<row> rows;
    for (std::size_t k = 0; k < sizes.size(); ++k) {
        auto const ratio = spread_of(ratios[k]);
        char note[80];
        std::snprintf(note, sizeof note, "ratio %.2f..%.2f", ratio.low, ratio.high);
        rows.push_back({"graph of " + with_commas(sizes[k]) + " users, CPU for each item / its requests and decodes",
                        spread_of(each[k]).median, spread_of(parts[k]).median, ratio.median, 1.3, "us", note});
    }
    double const few = spread_of(each.front()).median, many = spread_of(each.back()).median;
    rows.push_back({"graph, CPU for each item of 10,000 users / of 100", many, few, many / few, 1.1, "us", ""});
    return rows;
}

/// Peak memory of a process that does nothing but a load, and what of it stays.
row memory_of_load() {
    std::vector<double> peaks, stays, ratios;
    for (int i = 0; i < 3; ++i) {
        double peak = 0, stay = 0;
        std::string const said = said_by_itself("--run graph --count 10000");
        if (std::sscanf(said.c_str(), "%*d items, peak %lf MB, %lf MB stay", &peak, &stay) != 2)
            throw std::runtime_error("the process that loads did not tell its memory");
        peaks.push_back(peak);
        stays.push_back(stay);
        ratios.push_back(peak / stay);
    }
    return {"graph of 10,000 users, peak memory / what stays",
            spread_of(peaks).median,
            spread_of(stays).median,
            spread_of(ratios).median,
            1.2,
            "MB",
            ""};
}

/// The most bytes that are in use while 100,000 entities are loaded, and the bytes of what the load gives; and the most
/// that reading as many children page by page takes.
std::vector<row> counted_memory() {
    std::vector<row> rows;
    double streamed = 0;
    std::istringstream lines(said_by(DYNASIO_BENCH_MEMORY));
    for (std::string line; std::getline(lines, line);) {
        std::string const name = line.substr(0, line.find('|'));
        double count = 0, peak = 0, result = 0;
        if (std::sscanf(line.c_str() + name.size(), "|%lf|%lf|%lf", &count, &peak, &result) != 3)
            throw std::runtime_error("the program that counts memory did not tell it");
        constexpr double megabyte = 1e6;
        if (name != "streamed") {
            rows.push_back(
                {"memory of " + with_commas(static_cast<int>(count)) + " entities, " + name + ": peak / result",
                 peak / megabyte, result / megabyte, peak / result, 1.2, "MB", ""});
        } else if (streamed == 0) {
            streamed = peak / megabyte; // of all
        } else {
            rows.push_back({"memory of 100,000 children streamed / of " + with_commas(static_cast<int>(count)),
                            streamed, peak / megabyte, streamed / (peak / megabyte), 1.1, "MB", ""});
        }
    }
    if (rows.empty()) throw std::runtime_error("the program that counts memory said nothing");
    return rows;
}

} // namespace

std::vector<row> graph_loads(int rounds) {
    std::vector<row> rows;
    auto const add = [&](std::vector<row> more) { rows.insert(rows.end(), more.begin(), more.end()); };
    add(with_latency(rounds, 1'000));
    add(with_latency(std::max(rounds / 3, 1), 10'000));
    add(without_latency(std::max(rounds / 3, 1)));
    rows.push_back(memory_of_load());
    add(counted_memory());
    return rows;
}

void graph_alone(int count) {
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0);
    asio::io_context io(1);
    dynasio::client db(io, options_for(server.url()));
    {
        auto few = make_users(connections);
        load(io, db, few); // makes the connections and what the client keeps
    }
    malloc_trim(0);
    double const before = status_megabytes("VmRSS");
    auto users = make_users(count);
    auto const made = load(io, db, users);
    double const peak = status_megabytes("VmHWM") - before;
    malloc_trim(0);
    std::printf("%llu items, peak %.2f MB, %.2f MB stay\n", static_cast<unsigned long long>(made.report.items), peak,
                status_megabytes("VmRSS") - before);
    db.stop();
}

} // namespace bench
