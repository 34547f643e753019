// An open-loop load generator: requests start when they are due, at a fixed rate, however slow the answers are.
//
//     example_load [--rate PER_SECOND] [--seconds N] [--threads N] [--at-once N]
//
// Latency counts from the time at which a request was due, not from when it was sent: otherwise a server that stands
// still would look good, because nobody asks it meanwhile (coordinated omission). At most --at-once requests of a
// thread are under way; those that are due beyond that wait, and their wait counts. What has not been sent when the
// time is over is reported, not hidden.
//
// Each thread has its own io_context and client: they share nothing, which is the fastest set-up.
//
// Left out: writes, ramps, several machines.

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/result.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <exception>
#include <future>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "histogram.hpp"

namespace load {

struct Reading {
    std::string id{}, sensor{};
    double celsius{};
};
constexpr auto dynasio_schema(dynasio::tag<Reading>) {
    using namespace dynasio::dsl;
    return entity<Reading>(partition_key<&Reading::id>);
}

} // namespace load

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using dynasio::repository;
using load::Reading;
using clock_type = std::chrono::steady_clock;

struct settings {
    unsigned rate = 1'000, seconds = 10, threads = 2, at_once = 64;
    [[nodiscard]] std::uint64_t requests() const noexcept { return std::uint64_t{rate} * seconds; }
};

/// Which request is due when: number n at start + n / rate. Thread k of t takes k, k + t, k + 2 t, …
struct schedule {
    clock_type::time_point start;
    settings wanted;
    std::vector<std::string> const& ids;

    [[nodiscard]] clock_type::time_point due(std::uint64_t n) const {
        return start + std::chrono::duration_cast<clock_type::duration>(
                           std::chrono::duration<double>(static_cast<double>(n) / wanted.rate));
    }
    [[nodiscard]] clock_type::time_point end() const { return due(wanted.requests()); }
};

/// What one thread has to itself. The main thread reads the atomic counters meanwhile, the rest after the end.
struct generator {
    generator(dynasio::client_options const& options, std::uint64_t first) : client(io, options), next(first) {}

    asio::io_context io{1};
    dynasio::client client;
    std::uint64_t next;
    histogram latencies{};
    std::string first_error{};
    std::exception_ptr failed{};
    std::atomic<std::uint64_t> sent{0}, answered{0}, errors{0};
};

/// Takes the thread's next request, waits until it is due, sends it, measures. As many of these as may be under way.
asio::awaitable<void> work(generator& g, schedule const& plan) {
    repository<Reading> const readings(g.client);
    asio::steady_timer timer(g.io);
    while (g.next < plan.wanted.requests()) {
        auto const mine = g.next;
        g.next += plan.wanted.threads;
        auto const due = plan.due(mine);
        if (due > clock_type::now()) {
            timer.expires_at(due);
            co_await timer.async_wait(asio::use_awaitable);
        }
        if (clock_type::now() > plan.end()) co_return; // too late: it is reported as not sent
        ++g.sent;
        auto const found = co_await dynasio::as_result(
            readings.find(plan.ids[mine % plan.ids.size()], dynasio::call_options().timeout(1s).attempts(1)));
        auto const latency = std::chrono::duration_cast<std::chrono::microseconds>(clock_type::now() - due);
        if (found.has_value() && found->has_value()) {
            g.latencies.add(static_cast<std::uint64_t>(latency.count()));
            ++g.answered;
        } else {
            if (g.errors++ == 0) g.first_error = found.has_error() ? found.error().to_string() : "a reading is gone";
        }
    }
}

using generators = std::vector<std::unique_ptr<generator>>;

std::uint64_t sum(generators const& all, std::atomic<std::uint64_t> generator::* counter) {
    std::uint64_t total = 0;
    for (auto const& g : all) total += (*g.*counter).load();
    return total;
}

void print_results(generators const& all, settings const& wanted) {
    histogram latencies;
    for (auto const& g : all) latencies.add(g->latencies);
    auto const sent = sum(all, &generator::sent);
    std::cout << "\n   sent " << sent << ", answered " << latencies.total() << ", errors "
              << sum(all, &generator::errors) << ", not sent " << wanted.requests() - sent << '\n';
    for (auto const& g : all)
        if (!g->first_error.empty()) std::cout << "   first error: " << g->first_error << '\n';
    if (latencies.total() == 0) throw std::runtime_error("nothing was answered");

    auto const milliseconds = [](std::uint64_t us) { return static_cast<double>(us) / 1000; };
    std::cout << "\n   latency from the due time\n" << std::fixed << std::setprecision(2);
    for (double const percent : {50.0, 90.0, 99.0, 99.9})
        std::cout << "   " << std::setw(6) << percent << " %" << std::setw(10)
                  << milliseconds(latencies.percentile(percent / 100)) << " ms\n";
    std::cout << "      max  " << std::setw(9) << milliseconds(latencies.max()) << " ms\n\n";
    for (std::uint64_t from = 0, to = 64; from <= latencies.max(); from = to, to *= 2) {
        auto const n = latencies.between(from, to);
        if (n == 0 && latencies.between(0, from) == 0) continue;
        auto const bar = static_cast<std::size_t>((n * 40 + latencies.total() - 1) / latencies.total());
        std::cout << "   below" << std::setw(9) << milliseconds(to) << " ms " << std::setw(9) << n << "  "
                  << std::string(bar, '#') << '\n';
    }
}

asio::awaitable<std::vector<std::string>> prepare(dynasio::client db) {
    constexpr std::size_t how_many = 200;
    co_await dynasio::create_tables<Reading>(db);
    repository<Reading> const readings(db);
    std::vector<std::string> ids;
    while (ids.size() < how_many) {
        Reading reading{.sensor = "roof", .celsius = 0.25 * static_cast<double>(ids.size())};
        co_await readings.create(reading);
        ids.push_back(reading.id);
    }
    co_return ids;
}

/// Runs the generators' threads and prints a line each second.
asio::awaitable<void> measure(dynasio::client_options const& options, settings wanted,
                              std::vector<std::string> const& ids) {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer tick(executor);
    asio::signal_set signals(executor, SIGINT, SIGTERM);
    schedule const plan{clock_type::now() + 50ms, wanted, ids};
    generators all;
    for (unsigned k = 0; k < wanted.threads; ++k) all.push_back(std::make_unique<generator>(options, k));
    bool stopped = false;
    signals.async_wait([&](boost::system::error_code cancelled, int) {
        if (cancelled) return;
        stopped = true;
        tick.cancel();
        for (auto const& g : all) g->io.stop();
    });

    std::vector<std::jthread> threads;
    for (auto const& g : all) {
        for (unsigned i = 0; i < wanted.at_once; ++i)
            asio::co_spawn(g->io, work(*g, plan), [&one = *g](std::exception_ptr e) {
                if (e && !one.failed) one.failed = e;
            });
        threads.emplace_back([&one = *g] { one.io.run(); });
    }

    std::uint64_t before = 0;
    for (unsigned second = 1; second <= wanted.seconds && !stopped; ++second) {
        boost::system::error_code ended;
        tick.expires_at(plan.start + std::chrono::seconds(second));
        co_await tick.async_wait(asio::redirect_error(asio::use_awaitable, ended));
        auto const answered = sum(all, &generator::answered), errors = sum(all, &generator::errors);
        std::cout << "   " << std::setw(4) << second << " s" << std::setw(9) << answered - before << " answered"
                  << std::setw(8) << errors << " errors" << std::setw(8)
                  << sum(all, &generator::sent) - answered - errors << " under way" << std::endl;
        before = answered;
    }
    // What is under way has its time-out: this does not take long.
    for (auto& thread : threads) thread.join();
    for (auto const& g : all)
        if (g->failed) std::rethrow_exception(g->failed);
    print_results(all, wanted);
}

std::optional<settings> parse(int argc, char** argv) {
    settings parsed;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) return std::nullopt;
        std::string_view const name(argv[i]), text(argv[i + 1]);
        unsigned value = 0;
        auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (code != std::errc() || end != text.data() + text.size() || value == 0) return std::nullopt;
        if (name == "--rate" && value <= 1'000'000)
            parsed.rate = value;
        else if (name == "--seconds" && value <= 86'400)
            parsed.seconds = value;
        else if (name == "--threads" && value <= 64)
            parsed.threads = value;
        else if (name == "--at-once" && value <= 10'000)
            parsed.at_once = value;
        else
            return std::nullopt;
    }
    return parsed;
}

/// Runs `io` until `work` is finished and passes on what it threw.
template <class T> T run_to_end(asio::io_context& io, asio::awaitable<T> op) {
    std::future<T> result = asio::co_spawn(io, std::move(op), asio::use_future);
    io.restart();
    io.run();
    return result.get();
}

} // namespace

int main(int argc, char** argv) try {
    auto const wanted = parse(argc, argv);
    if (!wanted) {
        std::cerr << "usage: example_load [--rate PER_SECOND] [--seconds N] [--threads N] [--at-once N]\n";
        return 2;
    }
    dynasio::client_options options;
    options.table_prefix = "load_" + dynasio::ulid_generator().next().substr(20) + "_";
    options.pool.max_connections = wanted->at_once;

    asio::io_context io(1);
    dynasio::client const db(io, options);
    int status = 0;
    try {
        auto const ids = run_to_end(io, prepare(db));
        std::cout << wanted->rate << " requests a second for " << wanted->seconds << " s, " << wanted->threads
                  << " threads, at most " << wanted->at_once << " under way on each\n\n";
        run_to_end(io, measure(options, *wanted, ids));
    } catch (std::exception const& e) {
        std::cerr << "error: " << e.what() << '\n';
        status = 1;
    }
    run_to_end(io, dynasio::drop_tables<Reading>(db));
    return status;
} catch (std::exception const& e) {
    std::cerr << "error: " << e.what() << '\n';
    return 1;
}
