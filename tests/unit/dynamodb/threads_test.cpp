#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/log_observer.hpp>
#include <dynasio/dynamodb/requests.hpp>
#include <dynasio/dynamodb/telemetry_observer.hpp>

#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "engine_fixture.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::test;
using namespace dynasio::dynamodb;
using namespace std::chrono_literals;

item id(std::string const& value) {
    item key;
    key.emplace("id", value);
    return key;
}

/// One thread-safe client on a context that two threads run, the service on a third, callers on threads and contexts of
/// their own. What it is good for shows under ThreadSanitizer.
struct threads_test : engine_fixture {
    threads_test() {
        auto o = options();
        o.thread_safe = true;
        o.throttling.first_pause = 1ms;
        o.hedging.enabled = true;
        o.hedging.min_samples = 5;
        o.hedging.budget = 0.2;
        o.capacity = capacity_detail::total;
        o.observer = make_log_observer(log_level::debug, [this](log_level, std::string_view) {
            ++lines; // on the client's strand alone
        });
        db.emplace(home, o);
        service.answer = [this](std::string const& body) { return answer(body); };
        for (int i = 0; i < 2; ++i) threads.emplace_back([this] { home.run(); });
        threads.emplace_back([this] { ctx.run(); });
    }
    ~threads_test() override { join(); }
    void join() {
        home_work.reset();
        service_work.reset();
        if (db) db->stop();
        home.stop();
        ctx.stop();
        for (auto& t : threads) t.join();
        threads.clear();
    }
    /// On the service's thread.
    canned answer(std::string const& body) {
        if (silent) return canned(canned::how::silent);
        if (++answered % 17 == 0) return service_error_answer("ThrottlingException");
        if (answered % 23 == 0) return service_error_answer("InternalServerError", 500);
        if (answered % 31 == 0) return canned(canned::how::reset);
        if (body.find("KeyConditionExpression") != std::string::npos) {
            bool const last = body.find("ExclusiveStartKey") != std::string::npos;
            return canned(last ? R"({"Items":[{"id":{"S":"2"}}],"Count":1})"
                               : R"({"Items":[{"id":{"S":"1"}}],"Count":1,"LastEvaluatedKey":{"id":{"S":"1"}}})");
        }
        if (body.find("RequestItems") != std::string::npos) {
            return body.find("PutRequest") != std::string::npos
                       ? canned(R"({"UnprocessedItems":{}})")
                       : canned(R"({"Responses":{"users":[{"id":{"S":"1"}}]},"UnprocessedKeys":{}})");
        }
        return canned(R"({"Item":{"id":{"S":"1"}},)"
                      R"("ConsumedCapacity":{"TableName":"users","CapacityUnits":1}})");
    }
    /// A call of each kind.
    asio::awaitable<void> use(client mine) {
        auto const here = co_await asio::this_coro::executor;
        call_cost cost;
        capacity_report spent;
        get_item_request const get_one("users", id("1"));
        auto getting = mine.get_item(get_one, call_options().report(cost).account(spent).label("threads"));
        auto const got = co_await std::move(getting);
        EXPECT_TRUE(got.item.has_value());
        EXPECT_EQ(spent.read_units(), 1);
        query_request pages("users");
        pages.key_condition_expression = "id = :i";
        unsigned count = 0;
        for (;;) {
            auto querying = mine.query(pages);
            auto const page = co_await std::move(querying);
            ++count;
            if (!page.last_evaluated_key) break;
            pages.exclusive_start_key = page.last_evaluated_key;
        }
        EXPECT_EQ(count, 2U);
        read_batch_request batch("users", std::vector<item>(1, id("1")));
        auto reading = mine.read_batch(batch);
        auto const read = co_await std::move(reading);
        EXPECT_EQ(read.items.size(), 1U);
        write_batch_request writes("users", "id");
        for (int i = 0; i < 60; ++i) writes.put(id(std::to_string(i)));
        auto writing = mine.write_batch(writes);
        co_await std::move(writing);
        auto const still = co_await asio::this_coro::executor;
        EXPECT_EQ(here, still);
    }
    /// Runs `body` on a thread and context of its own, several at a time.
    void on_other_threads(unsigned count, std::function<asio::awaitable<void>()> body) {
        std::list<asio::io_context> contexts;
        std::vector<std::thread> callers;
        std::atomic<unsigned> failures = 0;
        for (unsigned i = 0; i < count; ++i) {
            asio::io_context& own = contexts.emplace_back();
            for (int k = 0; k < 2; ++k) {
                asio::co_spawn(own, body(), [&failures](std::exception_ptr e) {
                    if (!e) return;
                    ++failures;
                    try {
                        std::rethrow_exception(e);
                    } catch (std::exception const& what) {
                        ADD_FAILURE() << what.what();
                    }
                });
            }
        }
        for (auto& own : contexts) callers.emplace_back([&own] { own.run(); });
        for (auto& t : callers) t.join();
        EXPECT_EQ(failures, 0U);
    }

    asio::io_context home{};
    asio::executor_work_guard<asio::io_context::executor_type> home_work = asio::make_work_guard(home);
    asio::executor_work_guard<asio::io_context::executor_type> service_work = asio::make_work_guard(ctx);
    std::optional<client> db{};
    std::atomic<bool> silent = false;
    unsigned answered = 0;
    std::uint64_t lines = 0;
    std::vector<std::thread> threads{};
};

TEST_F(threads_test, many_threads_use_one_client) {
    on_other_threads(3, [this]() -> asio::awaitable<void> {
        client mine = *db;
        for (int i = 0; i < 12; ++i) {
            auto using_it = use(mine);
            co_await std::move(using_it);
        }
    });
    join();
    EXPECT_GT(lines, 0U);
    // 3 contexts, 2 coroutines, 12 rounds of 1 read, 2 pages, 1 batch read and 3 batch writes.
    EXPECT_GE(db->requests().total(), 3U * 2U * 12U * 7U);
}

TEST_F(threads_test, clients_on_threads_of_their_own_share_an_observer) {
    constexpr unsigned rounds = 50;
    std::mutex mutex;
    std::map<std::pair<std::uint64_t, std::uint64_t>, unsigned> calls;
    unsigned spans = 0;
    auto o = options();
    o.observer = make_telemetry_observer([&](telemetry_span const& span) {
        std::lock_guard const lock(mutex);
        ++spans;
        if (!span.request) ++calls[{span.client, span.call}];
    });
    std::vector<std::thread> owners;
    std::atomic<unsigned> ended = 0;
    for (int i = 0; i < 2; ++i) {
        owners.emplace_back([&] {
            asio::io_context own;
            client mine(own, o);
            auto asking = [&]() -> asio::awaitable<void> {
                for (unsigned n = 0; n < rounds; ++n) {
                    get_item_request const request("users", id("1"));
                    auto getting = as_result(mine.get_item(request));
                    static_cast<void>(co_await std::move(getting));
                    ++ended;
                }
            };
            asio::co_spawn(own, asking(), asio::detached);
            own.run();
        });
    }
    for (auto& t : owners) t.join();
    EXPECT_EQ(ended, 2 * rounds);
    EXPECT_EQ(calls.size(), 2 * rounds);
    for (auto const& [call, times] : calls) EXPECT_EQ(times, 1U) << call.first << ' ' << call.second;
    EXPECT_GE(spans, 4 * rounds);
}

TEST_F(threads_test, the_last_handle_goes_on_any_thread_while_connections_are_opened) {
    auto o = options();
    o.thread_safe = true;
    o.pool.min_connections = 16; // opened in the background
    for (int i = 0; i < 20; ++i) {
        asio::io_context caller;
        std::optional<client> mine;
        mine.emplace(home, o);
        auto asking = [&]() -> asio::awaitable<void> {
            get_item_request const request("users", id("1"));
            auto getting = as_result(mine->get_item(request));
            static_cast<void>(co_await std::move(getting));
        };
        asio::co_spawn(caller, asking(), asio::detached);
        caller.run();
        mine.reset(); // here, and not where it lives
    }
}

TEST_F(threads_test, calls_are_cancelled_from_other_threads) {
    silent = true;
    std::atomic<unsigned> ended = 0;
    constexpr unsigned rounds = 20;
    asio::io_context caller;
    auto const work = asio::make_work_guard(caller);
    std::thread runs([&] { caller.run(); });
    for (unsigned i = 0; i < rounds; ++i) {
        auto body = [&]() -> asio::awaitable<void> {
            get_item_request const request("users", id("1"));
            auto getting = as_result(db->get_item(request));
            auto const r = co_await std::move(getting);
            EXPECT_EQ(failure_of(r).code, asio::error::operation_aborted);
            ++ended;
        };
        auto signal = std::make_shared<asio::cancellation_signal>();
        asio::co_spawn(caller, body, asio::bind_cancellation_slot(signal->slot(), [signal](std::exception_ptr) {}));
        // From the client's threads, at any point of the call.
        asio::post(home, [&caller, signal] {
            asio::post(caller, [signal] { signal->emit(asio::cancellation_type::terminal); });
        });
    }
    auto const end = std::chrono::steady_clock::now() + patience;
    while (ended < rounds && std::chrono::steady_clock::now() < end) std::this_thread::yield();
    EXPECT_EQ(ended, rounds);
    asio::post(caller, [&] { caller.stop(); });
    runs.join();
}

TEST_F(threads_test, the_client_is_closed_while_others_use_it) {
    std::atomic<unsigned> refused = 0;
    std::atomic<unsigned> rounds = 0;
    on_other_threads(3, [&]() -> asio::awaitable<void> {
        client mine = *db;
        for (;;) {
            ++rounds;
            get_item_request const request("users", id("1"));
            auto getting = as_result(mine.get_item(request));
            auto const r = co_await std::move(getting);
            if (r.has_error()) {
                EXPECT_EQ(failure_of(r).code, errc::client_closed);
                ++refused;
                break;
            }
            if (rounds == 40) {
                auto closing = mine.close();
                co_await std::move(closing);
            }
        }
    });
    EXPECT_EQ(refused, 6U);
    join();
    EXPECT_EQ(db->connections().open, 0U);
}

TEST_F(threads_test, stopping_ends_what_other_threads_wait_for) {
    silent = true;
    std::atomic<unsigned> waiting = 0;
    std::thread stopper([&] {
        while (waiting < 6) std::this_thread::yield();
        db->stop();
    });
    on_other_threads(3, [&]() -> asio::awaitable<void> {
        client mine = *db;
        ++waiting;
        get_item_request const request("users", id("1"));
        auto getting = as_result(mine.get_item(request));
        auto const r = co_await std::move(getting);
        EXPECT_EQ(failure_of(r).code, errc::client_closed);
    });
    stopper.join();
}

} // namespace
