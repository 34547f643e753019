// What a request costs besides time: memory, system calls, wake-ups.

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <malloc.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/allocation_counter.hpp"
#include "support/syscall_counter.hpp"

namespace dynasio::test {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using tests::allocation_counter;
using tests::syscall_counter;
using namespace std::chrono_literals;

#if defined(__clang__) && !defined(__OPTIMIZE__)
constexpr bool frames_are_small = false;
#else
constexpr bool frames_are_small = true;
#endif
constexpr auto why_frames_are_large =
    "without optimisation clang keeps all temporaries in the frames of coroutines, which Asio then does not recycle";

std::string const item =
    R"({"id":{"S":"a-key-that-is-no-short-string"},"name":{"S":"somebody"},"age":{"N":"42"},"tags":{"L":[{"S":"a"}]}})";

/// Answers every request on every connection with the same body, in threads of its own: what they do is not counted.
class answering_server {
public:
    explicit answering_server(std::string const& body)
        : answer_("HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nx-amzn-RequestId: R\r\n"
                  "Content-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body),
          acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), thread_([this] { serve(); }) {}
    ~answering_server() {
        boost::system::error_code ignored;
        tcp::socket last(io_); // wakes the acceptor
        stopping_ = true;
        last.connect(acceptor_.local_endpoint(), ignored);
        thread_.join();
    }
    answering_server(answering_server const&) = delete;
    answering_server& operator=(answering_server const&) = delete;

    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

private:
    void serve() {
        std::vector<std::thread> connections;
        for (;;) {
            auto socket = acceptor_.accept();
            if (stopping_) break;
            connections.emplace_back([this, s = std::move(socket)]() mutable { answer(s); });
        }
        for (auto& c : connections) c.join();
    }
    void answer(tcp::socket& socket) const {
        boost::system::error_code ec;
        std::string received;
        for (;;) {
            // The requests of these tests have a body of one line.
            auto const head = asio::read_until(socket, asio::dynamic_buffer(received), "\r\n\r\n", ec);
            if (ec) return;
            auto const size = asio::read_until(socket, asio::dynamic_buffer(received), "}}}", ec);
            if (ec || size < head) return;
            received.clear();
            asio::write(socket, asio::buffer(answer_), ec);
            if (ec) return;
        }
    }

    asio::io_context io_;
    std::string answer_;
    tcp::acceptor acceptor_;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

client_options options_for(std::string const& url) {
    client_options o;
    o.region = "us-east-1";
    o.endpoint = url;
    o.credentials = aws::static_credentials(aws::credentials("AKIDEXAMPLE", "secret", std::string(700, 't')));
    return o;
}

dynamodb::get_item_request request_for(std::string const& id) {
    dynamodb::item key;
    key.emplace("id", dynamodb::attribute_value(id));
    return dynamodb::get_item_request("users", std::move(key));
}

constexpr int warm_up = 30;
constexpr int measured = 100;

struct cost : testing::Test {
    /// Runs `op` in a coroutine of the client's context.
    void run(std::function<asio::awaitable<void>()> op) {
        std::exception_ptr failure;
        asio::co_spawn(ctx, op(), [&failure](std::exception_ptr e) { failure = std::move(e); });
        ctx.restart();
        ctx.run();
        if (failure) std::rethrow_exception(failure);
    }

    /// Of `measured` requests, which are answered so, after some to warm up.
    tests::syscall_counts syscalls_of_get_item(std::string const& answer) {
        answering_server server(answer);
        client db(ctx, options_for(server.url()));
        dynamodb::get_item_request const request = request_for("1");
        tests::syscall_counts counts;
        auto const loop = [&]() -> asio::awaitable<void> {
            for (int i = 0; i != warm_up; ++i) {
                auto getting = db.get_item(request);
                co_await std::move(getting);
            }
            syscall_counter const counter;
            for (int i = 0; i != measured; ++i) {
                auto getting = db.get_item(request);
                co_await std::move(getting);
            }
            counts = counter.so_far();
        };
        run(loop);
        return counts;
    }

    asio::io_context ctx{1};
};

TEST_F(cost, of_a_request_in_memory_is_nothing_once_everything_has_been_used) {
    if (!allocation_counter::enabled) GTEST_SKIP() << allocation_counter::why_disabled;
    if (!frames_are_small) GTEST_SKIP() << why_frames_are_large;
    answering_server server(R"({"Item":)" + item + '}');
    auto const engine = dynamodb::detail::engine::create(ctx.get_executor(), options_for(server.url()));
    std::size_t allocations = 0;
    auto const loop = [&]() -> asio::awaitable<void> {
        std::size_t before = 0;
        allocation_counter const counter;
        for (int i = 0; i != warm_up + measured; ++i) {
            if (i == warm_up) before = counter.calls();
            dynamodb::detail::raw_request request{dynamodb::operation::get_item, engine->borrow_body(), true, {}};
            request.body += R"({"TableName":"users","Key":{"id":{"S":"a-key-that-is-no-short-string"}}})";
            auto performing = engine->perform(std::move(request));
            auto const reply = co_await std::move(performing);
            if (reply.body().size() < item.size()) throw std::runtime_error("another answer");
        }
        allocations = counter.calls() - before;
    };
    run(loop);
    EXPECT_EQ(allocations, 0U);
}

TEST_F(cost, of_get_item_in_memory_is_its_result) {
    if (!allocation_counter::enabled) GTEST_SKIP() << allocation_counter::why_disabled;
    if (!frames_are_small) GTEST_SKIP() << why_frames_are_large;
    std::string const body = R"({"Item":)" + item + '}';
    answering_server server(body);
    client db(ctx, options_for(server.url()));
    dynamodb::get_item_request const request = request_for("a-key-that-is-no-short-string");
    std::size_t of_result = 0;
    {
        allocation_counter const counter;
        dynamodb::json_reader in{std::string_view(item)};
        auto const alone = dynamodb::read_item(in);
        of_result = counter.calls();
        ASSERT_EQ(alone.size(), 4U);
    }
    std::size_t allocations = 0;
    auto const loop = [&]() -> asio::awaitable<void> {
        std::size_t before = 0;
        allocation_counter const counter;
        for (int i = 0; i != warm_up + measured; ++i) {
            if (i == warm_up) before = counter.calls();
            auto getting = db.get_item(request);
            auto const response = co_await std::move(getting);
            if (!response.item || response.item->size() != 4) throw std::runtime_error("another answer");
        }
        allocations = counter.calls() - before;
    };
    run(loop);
    EXPECT_GT(of_result, 0U);
    EXPECT_LE(allocations, of_result * measured);
}

TEST_F(cost, of_a_request_in_system_calls_is_one_send_and_one_receive_that_succeeds) {
    if (!syscall_counter::enabled) GTEST_SKIP() << syscall_counter::why_disabled;
    auto const counts = syscalls_of_get_item(R"({"Item":)" + item + '}');
    EXPECT_EQ(counts.sends, std::size_t{measured});
    EXPECT_EQ(counts.fruitless_sends, 0U);
    EXPECT_EQ(counts.receives - counts.fruitless_receives, std::size_t{measured});
    // Asio tries once before it waits.
    EXPECT_LE(counts.fruitless_receives, std::size_t{measured});
    EXPECT_EQ(counts.reactor_changes, 0U);
    EXPECT_LE(counts.timer_changes, 2U); // the earliest deadline may be a new one
    EXPECT_LE(counts.waits, 2U * measured);
}

TEST_F(cost, of_a_large_answer_in_system_calls_is_one_receive_too_when_the_one_before_was_large) {
    if (!syscall_counter::enabled) GTEST_SKIP() << syscall_counter::why_disabled;
    auto const counts = syscalls_of_get_item(R"({"Item":{"text":{"S":")" + std::string(20'000, 'x') + R"("}}})");
    EXPECT_EQ(counts.receives - counts.fruitless_receives, std::size_t{measured});
}

TEST_F(cost, of_a_write_includes_no_look_at_a_connection_that_goes_from_hand_to_hand) {
    if (!syscall_counter::enabled) GTEST_SKIP() << syscall_counter::why_disabled;
    answering_server server("{}");
    auto const engine = dynamodb::detail::engine::create(ctx.get_executor(), options_for(server.url()));
    int looked_early = 0;
    int looked_late = 0;
    auto const loop = [&]() -> asio::awaitable<void> {
        for (int i = 0; i != 2 * measured; ++i) {
            dynamodb::detail::raw_request put{
                dynamodb::operation::put_item, R"({"TableName":"users","Item":{"id":{"S":"1"}}})", false, {}};
            syscall_counter const counter;
            auto putting = engine->perform(std::move(put));
            co_await std::move(putting);
            // The look finds nothing; so does what Asio tries before it waits, nearly always.
            bool const looked = counter.so_far().fruitless_receives > 1;
            (i < measured ? looked_early : looked_late) += looked ? 1 : 0;
        }
    };
    run(loop);
    // Only on a machine that stands still is a connection idle for long in between, and not every time.
    EXPECT_GT(looked_early, measured / 4);
    EXPECT_LT(looked_late, measured / 4);
}

TEST_F(cost, of_a_waiting_operation_in_memory_is_at_most_four_kibibytes) {
    if (!allocation_counter::enabled) GTEST_SKIP() << allocation_counter::why_disabled;
    if (!frames_are_small) GTEST_SKIP() << why_frames_are_large;
    constexpr std::size_t operations = 10'000;
    // Nobody accepts: the system's queue of connections does.
    tcp::acceptor listener(ctx, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    listener.listen(128);
    client_options options = options_for("http://127.0.0.1:" + std::to_string(listener.local_endpoint().port()));
    options.pool.max_connections = 64;
    client db(ctx, options);
    dynamodb::get_item_request const request = request_for("a-key-that-is-no-short-string");
    std::size_t ended = 0;
    auto const one = [&]() -> asio::awaitable<void> {
        auto getting = db.get_item(request);
        co_await std::move(getting);
    };
    auto const spawn = [&] { asio::co_spawn(ctx, one(), [&ended](std::exception_ptr e) { ended += e ? 1U : 0U; }); };
    auto const wait_until = [&](auto reached) {
        auto const last = std::chrono::steady_clock::now() + 30s;
        while (!reached() && std::chrono::steady_clock::now() < last) ctx.run_for(10ms);
        ASSERT_TRUE(reached());
    };
    // Those that have the connections, with their receive buffers.
    for (std::size_t i = 0; i != options.pool.max_connections; ++i) spawn();
    wait_until([&] { return db.connections().exchanges == options.pool.max_connections; });

    auto const before = mallinfo2();
    for (std::size_t i = 0; i != operations; ++i) spawn();
    wait_until([&] { return db.connections().waiting == operations; });
    auto const after = mallinfo2();
    std::size_t const each = (after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / operations;
    RecordProperty("bytes_for_each_waiting_operation", static_cast<int>(each));
    EXPECT_LE(each, 4096U); // frames of coroutines included

    db.stop();
    ctx.restart();
    ctx.run();
    EXPECT_EQ(ended, operations + options.pool.max_connections);
}

TEST_F(cost, of_an_idle_client_is_nothing) {
    answering_server server("{}");
    client db(ctx, options_for(server.url()));
    dynamodb::get_item_request const request = request_for("1");
    auto const some = [&]() -> asio::awaitable<void> {
        for (int i = 0; i != 3; ++i) {
            auto getting = db.get_item(request);
            co_await std::move(getting);
        }
    };
    run(some); // which returned: idle connections and deadlines are no work
    EXPECT_EQ(db.connections().idle, 1U);
    auto const work = asio::make_work_guard(ctx);
    ctx.restart();
    syscall_counter const counter;
    EXPECT_EQ(ctx.run_for(100ms), 0U); // nothing was due
    if (syscall_counter::enabled) {
        EXPECT_LE(counter.so_far().waits, 3U); // one sleep, to the end
        EXPECT_EQ(counter.so_far().receives, 0U);
    }
    db.stop();
}

} // namespace
} // namespace dynasio::test
