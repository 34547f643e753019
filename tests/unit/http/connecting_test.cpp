#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/name_resolver.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/socket.h>
#include <vector>

#include "http/address_book.hpp"
#include "http/connection_race.hpp"
#include "pool_fixture.hpp"

namespace {

using namespace dynasio::test;
using dynasio::errc;
using dynasio::transport_errc;
using dynasio::http::detail::address_book;
using dynasio::http::detail::connection_race;
using clock_type = std::chrono::steady_clock;
using endpoint = asio::ip::tcp::endpoint;

constexpr clock_type::time_point start_of_time{std::chrono::hours(1)};

endpoint at(char const* address, std::uint16_t port = 443) { return {asio::ip::make_address(address), port}; }
std::string to_text(std::vector<endpoint> const& list) {
    std::string text;
    for (auto const& e : list) text += (text.empty() ? "" : " ") + e.address().to_string();
    return text;
}

// --- The order of addresses, and how long they count

TEST(address_book, alternates_the_families_beginning_with_the_preferred_one) {
    address_book book(30s);
    book.learn({at("fd00::1"), at("fd00::2"), at("fd00::3"), at("10.0.0.1"), at("10.0.0.2")}, start_of_time);
    EXPECT_EQ(to_text(book.next(start_of_time)), "fd00::1 10.0.0.1 fd00::2 10.0.0.2 fd00::3");
}

TEST(address_book, each_connection_begins_with_another_address) {
    address_book book(30s);
    book.learn({at("10.0.0.1"), at("10.0.0.2"), at("10.0.0.3"), at("10.0.0.1")}, start_of_time);
    EXPECT_EQ(to_text(book.next(start_of_time)), "10.0.0.1 10.0.0.2 10.0.0.3");
    EXPECT_EQ(to_text(book.next(start_of_time)), "10.0.0.2 10.0.0.3 10.0.0.1");
    EXPECT_EQ(to_text(book.next(start_of_time)), "10.0.0.3 10.0.0.1 10.0.0.2");
    EXPECT_EQ(to_text(book.next(start_of_time)), "10.0.0.1 10.0.0.2 10.0.0.3");
}

TEST(address_book, an_address_that_failed_comes_last_for_a_while_or_until_it_works) {
    address_book book(30s);
    std::vector<endpoint> const two{at("10.0.0.1"), at("10.0.0.2")};
    book.learn(two, start_of_time);
    book.failed(at("10.0.0.1"), start_of_time);
    book.learn(two, start_of_time); // known again, and still broken
    EXPECT_EQ(to_text(book.next(start_of_time)), "10.0.0.2 10.0.0.1");
    EXPECT_EQ(to_text(book.next(start_of_time)), "10.0.0.2 10.0.0.1");
    auto const later = start_of_time + address_book::broken_for;
    EXPECT_EQ(to_text(book.next(later)), "10.0.0.1 10.0.0.2");
    book.failed(at("10.0.0.2"), later);
    book.worked(at("10.0.0.2"));
    EXPECT_EQ(to_text(book.next(later)), "10.0.0.2 10.0.0.1");
}

TEST(address_book, counts_for_its_interval_and_survives_a_failed_look_up) {
    address_book book(30s);
    EXPECT_FALSE(book.fresh(start_of_time));
    EXPECT_TRUE(book.empty());
    book.lookup_failed(start_of_time);
    EXPECT_FALSE(book.fresh(start_of_time)); // there is nothing that could be used
    book.learn({at("10.0.0.1")}, start_of_time);
    EXPECT_TRUE(book.fresh(start_of_time + 29s));
    auto const later = start_of_time + 30s;
    EXPECT_FALSE(book.fresh(later));
    book.lookup_failed(later);
    EXPECT_TRUE(book.fresh(later));
    EXPECT_FALSE(book.fresh(later + address_book::after_failed_lookup));
    EXPECT_EQ(to_text(book.next(later)), "10.0.0.1");
    book.learn({}, later);
    EXPECT_FALSE(book.empty());
    book.doubt();
    EXPECT_FALSE(book.fresh(later));
}

// --- Who is tried when

TEST(connection_race, begins_with_the_next_after_the_stagger) {
    connection_race race(3, 250ms);
    auto now = start_of_time;
    EXPECT_EQ(race.start(now), 0U);
    EXPECT_FALSE(race.start(now));
    EXPECT_EQ(race.wake_at(), now + 250ms);
    EXPECT_FALSE(race.start(now + 249ms));
    now += 250ms;
    EXPECT_EQ(race.start(now), 1U);
    EXPECT_FALSE(race.start(now));
    now += 250ms;
    EXPECT_EQ(race.start(now), 2U);
    EXPECT_FALSE(race.wake_at());
    EXPECT_FALSE(race.start(now + 1h));
    EXPECT_FALSE(race.lost());
}

TEST(connection_race, does_not_wait_after_a_failure) {
    connection_race race(3, 250ms);
    EXPECT_EQ(race.start(start_of_time), 0U);
    race.failed(start_of_time + 1ms);
    EXPECT_EQ(race.start(start_of_time + 1ms), 1U);
    EXPECT_FALSE(race.start(start_of_time + 1ms));
    race.failed(start_of_time + 2ms);
    EXPECT_EQ(race.start(start_of_time + 2ms), 2U);
    EXPECT_FALSE(race.lost());
    race.failed(start_of_time + 3ms);
    EXPECT_TRUE(race.lost());
}

TEST(connection_race, is_lost_only_when_all_have_failed) {
    connection_race race(2, 250ms);
    EXPECT_EQ(race.start(start_of_time), 0U);
    EXPECT_EQ(race.start(start_of_time + 250ms), 1U);
    race.failed(start_of_time + 1s);
    EXPECT_FALSE(race.lost());
    race.failed(start_of_time + 2s);
    EXPECT_TRUE(race.lost());
}

// --- The real thing

struct fake_resolver final : dynasio::http::name_resolver {
    asio::awaitable<std::vector<endpoint>> resolve(std::string host, std::uint16_t) override {
        ++calls;
        hosts.push_back(std::move(host));
        if (fails) throw std::runtime_error("no such name");
        co_return answer;
    }
    std::vector<endpoint> answer{};
    std::vector<std::string> hosts{};
    int calls = 0;
    bool fails = false;
};

/// Never accepts, and its queue is full: connecting to it never ends.
class black_hole {
public:
    explicit black_hole(asio::io_context& ctx, char const* address = "127.0.0.1") : acceptor_(ctx) {
        using asio::ip::tcp;
        tcp::endpoint const here(asio::ip::make_address(address), 0);
        acceptor_.open(here.protocol());
        acceptor_.bind(here);
        acceptor_.listen(0);
        auto const bound = acceptor_.local_endpoint();
        for (int i = 0; i < 4; ++i) {
            auto& filler = fillers_.emplace_back(ctx, here.protocol());
            filler.native_non_blocking(true);
            ::connect(filler.native_handle(), bound.data(), static_cast<socklen_t>(bound.size()));
        }
    }
    [[nodiscard]] endpoint where() const { return acceptor_.local_endpoint(); }

private:
    asio::ip::tcp::acceptor acceptor_;
    std::vector<asio::ip::tcp::socket> fillers_{};
};

struct connecting_test : pool_fixture {
    std::shared_ptr<fake_resolver> names = std::make_shared<fake_resolver>();

    pool_options resolving() const {
        pool_options options;
        options.resolver = names;
        return options;
    }
    static asio::awaitable<void> answer_all(server_connection& c) {
        for (;;) {
            std::string const request = co_await c.request();
            co_await c.answer("x");
        }
    }
    static asio::awaitable<void> answer_one(server_connection& c) {
        std::string const request = co_await c.request();
        co_await c.answer("x", "Connection: close\r\n");
    }
    endpoint refusing() {
        scripted_server gone(ctx, answer_all);
        return at("127.0.0.1", gone.port());
    }
};

TEST_F(connecting_test, an_address_that_never_answers_does_not_keep_the_next_waiting_for_long) {
    black_hole hole(ctx);
    scripted_server server(ctx, answer_all);
    names->answer = {hole.where(), at("127.0.0.1", server.port())};
    auto options = resolving();
    options.connect_timeout = 60s; // the share of each would be 30 s
    use("http://db.example", options);
    auto const began = clock_type::now();
    EXPECT_FALSE(send("x").code);
    EXPECT_LT(clock_type::now() - began, 20s);
    EXPECT_EQ(names->hosts, std::vector<std::string>{"db.example"});
    expect_consistent();
}

TEST_F(connecting_test, an_address_that_refuses_costs_no_stagger) {
    scripted_server server(ctx, answer_one);
    names->answer = {refusing(), refusing(), at("127.0.0.1", server.port())};
    auto options = resolving();
    options.connect_timeout = 10h;
    use("http://db.example", options);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(send("x").code);
    EXPECT_EQ(server.accepted(), 3U);
    EXPECT_EQ(names->calls, 1);
}

TEST_F(connecting_test, the_race_ends_with_its_winner_and_leaves_nothing_behind) {
    black_hole hole(ctx);
    scripted_server server(ctx, answer_all);
    names->answer = {hole.where(), at("127.0.0.1", server.port()), at("127.0.0.2", server.port())};
    use("http://db.example", resolving());
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(pool->statistics().open, 1U);
    EXPECT_EQ(pool->statistics().connects, 1U);
    // On a machine that stalls, the third address may have had its turn, too.
    EXPECT_GE(server.accepted(), 1U);
}

TEST_F(connecting_test, all_addresses_failing_is_told_with_the_last_reason_and_looked_up_anew) {
    names->answer = {refusing(), refusing()};
    use("http://db.example", resolving());
    auto const failed = send("x");
    EXPECT_EQ(failed.code, transport_errc::connect_failed);
    EXPECT_NE(failed.message.find("refused"), std::string::npos) << failed.message;
    scripted_server server(ctx, answer_all);
    names->answer = {at("127.0.0.1", server.port())};
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(names->calls, 2);
}

TEST_F(connecting_test, addresses_that_never_answer_meet_the_connect_timeout_the_deadline_and_cancellation) {
    black_hole hole(ctx);
    black_hole other(ctx);
    names->answer = {hole.where(), other.where()};
    auto options = resolving();
    options.connect_timeout = 20ms;
    use("http://db.example", options);
    EXPECT_EQ(send("x").code, transport_errc::connect_timeout);
    use("http://db.example", resolving());
    EXPECT_EQ(send("x", 20ms).code, errc::deadline_exceeded);
    auto t = start(ctx, exchange("x"));
    run_until(ctx, [&] { return pool->statistics().open == 1; });
    ctx.poll();
    t.cancel();
    EXPECT_EQ(finish(ctx, t).code, asio::error::operation_aborted);
    t = start(ctx, exchange("x"));
    run_until(ctx, [&] { return pool->statistics().open == 1; });
    ctx.poll();
    pool->close();
    EXPECT_EQ(finish(ctx, t).code, errc::client_closed);
    run_out(ctx);
    EXPECT_EQ(pool->statistics().open, 0U);
}

TEST_F(connecting_test, new_connections_spread_over_the_addresses) {
    scripted_server server(ctx, answer_one);
    struct addresses final : dynasio::http::pool_listener {
        void on_opened(dynasio::http::connection_opened const& e) noexcept override { seen.emplace_back(e.address); }
        std::vector<std::string> seen{};
    };
    auto const listener = std::make_shared<addresses>();
    scripted_server second(ctx, answer_one);
    names->answer = {at("127.0.0.1", server.port()), at("127.0.0.1", second.port())};
    auto options = resolving();
    options.listener = listener;
    use("http://db.example", options);
    for (int i = 0; i < 6; ++i) EXPECT_FALSE(send("x").code);
    EXPECT_EQ(server.accepted(), 3U);
    EXPECT_EQ(second.accepted(), 3U);
    ASSERT_EQ(listener->seen.size(), 6U);
    EXPECT_NE(listener->seen[0], listener->seen[1]);
    EXPECT_EQ(listener->seen[0], listener->seen[2]);
}

TEST_F(connecting_test, a_failed_look_up_goes_on_with_the_older_answer) {
    scripted_server server(ctx, answer_one);
    names->answer = {at("127.0.0.1", server.port())};
    auto options = resolving();
    options.resolve_interval = 0ms;
    use("http://db.example", options);
    EXPECT_FALSE(send("x").code);
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(names->calls, 2);
    names->fails = true;
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(names->calls, 3);
    names->fails = false;
    names->answer.clear();
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(names->calls, 4);
}

TEST_F(connecting_test, a_name_that_was_never_found_is_told_with_the_reason) {
    names->fails = true;
    use("http://db.example", resolving());
    auto const result = send("x");
    EXPECT_EQ(result.code, transport_errc::resolve_failed);
    EXPECT_NE(result.message.find("no such name"), std::string::npos) << result.message;
    expect_consistent();
}

// --- Connections opened ahead

TEST_F(connecting_test, warming_up_opens_the_least_number_of_connections) {
    scripted_server server(ctx, answer_all);
    pool_options options;
    options.min_connections = 3;
    use(server.url(), options);
    EXPECT_EQ(pool->statistics().open, 0U); // nothing by itself
    deadline until(deadlines, deadline::clock::now() + 1h);
    auto const warm = run(ctx, pool->warm_up(until));
    EXPECT_FALSE(warm.code) << warm.message;
    EXPECT_EQ(pool->statistics().idle, 3U);
    EXPECT_FALSE(send("x").code);
    EXPECT_EQ(pool->statistics().connects, 3U);
    auto const again = run(ctx, pool->warm_up(until));
    EXPECT_FALSE(again.code);
    EXPECT_EQ(pool->statistics().connects, 3U);
    expect_consistent();
}

TEST_F(connecting_test, warming_up_without_a_least_number_opens_one) {
    scripted_server server(ctx, answer_all);
    use(server.url());
    deadline until(deadlines, deadline::clock::now() + 1h);
    EXPECT_FALSE(run(ctx, pool->warm_up(until)).code);
    EXPECT_EQ(pool->statistics().idle, 1U);
}

TEST_F(connecting_test, warming_up_tells_what_fails) {
    use("http://127.0.0.1:" + std::to_string(refusing().port()));
    deadline until(deadlines, deadline::clock::now() + 1h);
    auto const failed = run(ctx, pool->warm_up(until));
    EXPECT_EQ(failed.code, transport_errc::connect_failed);
    EXPECT_NE(failed.message.find("refused"), std::string::npos) << failed.message;
    expect_consistent();
    pool->close();
    EXPECT_EQ(run(ctx, pool->warm_up(until)).code, errc::client_closed);
}

TEST_F(connecting_test, warming_up_ends_with_deadline_cancellation_and_the_pool) {
    black_hole hole(ctx);
    std::string const endpoint_text = "http://127.0.0.1:" + std::to_string(hole.where().port());
    pool_options options;
    options.min_connections = 2;
    options.connect_timeout = 100ms;
    use(endpoint_text, options);
    {
        deadline until(deadlines, deadline::clock::now() + 10ms);
        EXPECT_EQ(run(ctx, pool->warm_up(until)).code, errc::deadline_exceeded);
    }
    deadline until(deadlines, deadline::clock::now() + 1h);
    run_until(ctx, [&] { return pool->statistics().open == 0; }); // what was begun ends by itself
    auto cancelled = start(ctx, pool->warm_up(until));
    run_until(ctx, [&] { return pool->statistics().open == 2; });
    ctx.poll();
    cancelled.cancel();
    EXPECT_EQ(finish(ctx, cancelled).code, asio::error::operation_aborted);
    run_until(ctx, [&] { return pool->statistics().open == 0; });
    auto closed = start(ctx, pool->warm_up(until));
    run_until(ctx, [&] { return pool->statistics().open == 2; });
    ctx.poll();
    pool->close();
    EXPECT_EQ(finish(ctx, closed).code, errc::client_closed);
}

TEST_F(connecting_test, exchanges_fill_the_pool_up_and_an_idle_pool_does_nothing) {
    asio::io_context elsewhere; // so that nothing of the server's keeps the pool's context running
    scripted_server server(elsewhere, answer_all);
    pool_options options;
    options.min_connections = 4;
    use(server.url(), options);
    auto t = start(ctx, exchange("x"));
    auto const end = clock_type::now() + patience;
    while ((!t.done() || pool->statistics().idle != 4) && clock_type::now() < end) {
        ctx.restart();
        ctx.poll();
        elsewhere.poll();
    }
    ASSERT_TRUE(t.done());
    EXPECT_FALSE(t.value().code);
    run_out(ctx); // no timer, nothing that waits
    ctx.restart();
    EXPECT_EQ(ctx.poll(), 0U);
    EXPECT_EQ(pool->statistics().idle, 4U);
    EXPECT_EQ(pool->statistics().connects, 4U);
}

TEST_F(connecting_test, a_least_number_that_cannot_be_reached_is_not_tried_with_each_exchange) {
    struct counting final : dynasio::http::pool_listener {
        void on_failed(dynasio::http::connection_failed const&) noexcept override { ++failures; }
        int failures = 0;
    };
    auto const listener = std::make_shared<counting>();
    pool_options options;
    options.min_connections = 2;
    options.listener = listener;
    use("http://127.0.0.1:" + std::to_string(refusing().port()), options);
    auto const began = clock_type::now();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(send("x").code, transport_errc::connect_failed);
    run_until(ctx, [&] { return pool->statistics().open == 0; });
    auto const seconds = std::chrono::duration_cast<std::chrono::seconds>(clock_type::now() - began).count();
    // Those of the exchanges themselves, and at most one more for each second begun.
    EXPECT_GT(listener->failures, 20);
    EXPECT_LE(listener->failures, 20 + 1 + seconds);
}

TEST(connection_pool_options, refuse_a_least_number_beyond_the_greatest) {
    asio::io_context ctx;
    pool_options options;
    options.min_connections = options.max_connections + 1;
    EXPECT_THROW((void)connection_pool::create(ctx.get_executor(), url{}, options), dynasio::error);
}

} // namespace
