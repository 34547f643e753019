#include <dynasio/dynamodb/detail/crc32.hpp>
#include <dynasio/dynamodb/observer.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

#include "engine_fixture.hpp"

namespace {

using namespace dynasio::test;
using namespace std::chrono_literals;
using dynasio::as_result;
using dynasio::call_cost;
using dynasio::call_options;
using dynasio::errc;
using dynasio::service_errc;
using dynasio::system_time;
using dynasio::transport_errc;
using dynasio::aws::credentials;
using dynasio::dynamodb::operation;
using dynasio::dynamodb::detail::crc32;
using dynasio::dynamodb::detail::engine;
using dynasio::dynamodb::detail::raw_reply;

using engine_test = engine_fixture;

bool mentions(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

TEST_F(engine_test, durations_that_mean_never_end_nothing_at_once) {
    constexpr auto never = std::chrono::milliseconds::max();
    auto o = options();
    o.timeout = o.attempt_timeout = never;
    o.retry.max_delay = never;
    o.throttling.lifetime = never;
    o.throttling.first_pause = 1ms;
    o.hedging.enabled = true;
    o.hedging.min_samples = 1;
    o.hedging.burst = 100;
    o.hedging.min_delay = std::chrono::microseconds::max();
    o.pool.connect_timeout = o.pool.resolve_interval = o.pool.idle_lifetime = o.pool.max_age = never;
    auto const e = make_engine(o);
    EXPECT_EQ(e->options().timeout, dynasio::longest_duration);
    EXPECT_EQ(e->retry().max_delay, dynasio::longest_duration);
    auto const patient = call_options().timeout(never).attempt_timeout(never);
    EXPECT_EQ(patient.timeout(), dynasio::longest_duration);
    service.next.push_back(service_error_answer("ThrottlingException"));
    service.next.push_back(service_error_answer("InternalServerError", 500));
    for (auto const& each : {call_options(), patient, call_options()}) {
        auto const reply = outcome(e->perform(get(each)));
        ASSERT_TRUE(reply.has_value()) << failure_of(reply).to_string();
    }
    EXPECT_EQ(service.requests.size(), 5U) << "nothing was hedged";
    EXPECT_EQ(e->pool().connects, 1U) << "the connection is neither idle for too long nor too old";
    EXPECT_EQ(e->throttled().size(), 1U);
}

TEST_F(engine_test, a_retry_that_would_never_come_is_told_at_once) {
    auto o = options();
    o.retry.base_delay = o.retry.max_delay = std::chrono::milliseconds::max();
    service.otherwise = service_error_answer("InternalServerError", 500);
    auto const reply = outcome(make_engine(o)->perform(get(call_options().timeout(10s))));
    EXPECT_EQ(failure_of(reply).code, errc::deadline_exceeded);
    EXPECT_EQ(service.requests.size(), 1U);
}

TEST_F(engine_test, sends_a_signed_request_as_the_protocol_asks) {
    auto const e = make_engine();
    service.next.emplace_back(R"({"Item":{}})");
    auto const reply = outcome(e->perform(get()));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->body(), R"({"Item":{}})");
    EXPECT_EQ(reply->attempts, 1U);
    ASSERT_EQ(service.requests.size(), 1U);
    EXPECT_TRUE(service.head(0).starts_with("POST / HTTP/1.1\r\n"));
    EXPECT_EQ(service.header(0, "Host"), "127.0.0.1:" + std::to_string(service.server.port()));
    EXPECT_EQ(service.header(0, "Content-Type"), "application/x-amz-json-1.0");
    EXPECT_EQ(service.header(0, "X-Amz-Target"), "DynamoDB_20120810.GetItem");
    EXPECT_EQ(service.header(0, "Content-Length"), std::to_string(get().body.size()));
    EXPECT_EQ(service.header(0, "Accept-Encoding"), "identity");
    EXPECT_EQ(service.header(0, "Amz-Sdk-Request"), "attempt=1; max=4");
    EXPECT_EQ(service.header(0, "Amz-Sdk-Invocation-Id").size(), 36U);
    EXPECT_EQ(service.header(0, "Amz-Sdk-Invocation-Id")[14], '4');
    EXPECT_EQ(service.body(0), get().body);
    std::string const head = service.head(0);
    EXPECT_TRUE(mentions(head, "Credential=AKIDEXAMPLE/"));
    EXPECT_TRUE(mentions(head, "/us-east-1/dynamodb/aws4_request"));
    EXPECT_TRUE(mentions(head, "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target"));
    EXPECT_EQ(e->counts()[operation::get_item], 1U);
    EXPECT_EQ(e->counts().total(), 1U);
    EXPECT_EQ(e->counts().retries, 0U);
}

TEST_F(engine_test, an_idle_client_lets_the_context_run_out) {
    auto const e = make_engine();
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    service.server.stop();
    e->stop(); // the server's ends of the connections then see the end as well
    run_out(ctx);
}

TEST_F(engine_test, repeats_after_a_transient_error_with_the_same_invocation_id) {
    auto const e = make_engine();
    service.next.push_back(service_error_answer("InternalServerError", 500));
    service.next.emplace_back(R"({"Item":{}})");
    auto const reply = outcome(e->perform(get()));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->attempts, 2U);
    ASSERT_EQ(service.requests.size(), 2U);
    EXPECT_EQ(service.header(1, "Amz-Sdk-Request"), "attempt=2; max=4");
    EXPECT_EQ(service.header(0, "Amz-Sdk-Invocation-Id"), service.header(1, "Amz-Sdk-Invocation-Id"));
    EXPECT_EQ(e->counts().retries, 1U);
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_NE(service.header(0, "Amz-Sdk-Invocation-Id"), service.header(2, "Amz-Sdk-Invocation-Id"));
}

TEST_F(engine_test, gives_up_after_the_last_attempt_with_everything_known) {
    auto const e = make_engine();
    service.otherwise = service_error_answer("ProvisionedThroughputExceededException");
    auto const reply = outcome(e->perform(get()));
    auto const& f = failure_of(reply);
    EXPECT_EQ(f.code, service_errc::provisioned_throughput_exceeded);
    ASSERT_TRUE(f.info);
    EXPECT_EQ(f.info->attempts, 4U);
    EXPECT_EQ(f.info->operation, "GetItem");
    EXPECT_EQ(f.info->table, "users");
    EXPECT_EQ(f.info->request_id, "REQ1");
    EXPECT_EQ(f.info->http_status, 400U);
    EXPECT_EQ(f.info->service_code, "ProvisionedThroughputExceededException");
    EXPECT_EQ(f.info->service_message, "said so");
    EXPECT_FALSE(f.info->outcome_unknown);
    EXPECT_EQ(service.requests.size(), 4U);
    EXPECT_FALSE(mentions(f.to_string(), "a-secret-nobody-may-see"));
    EXPECT_FALSE(mentions(f.to_string(), "a-token"));
}

TEST_F(engine_test, one_attempt_switches_retries_off) {
    auto const e = make_engine();
    service.otherwise = service_error_answer("ThrottlingException");
    EXPECT_EQ(failure_of(outcome(e->perform(get(call_options().attempts(1))))).code, service_errc::throttling);
    EXPECT_EQ(service.requests.size(), 1U);
    EXPECT_EQ(service.header(0, "Amz-Sdk-Request"), "attempt=1; max=1");
}

TEST_F(engine_test, permanent_errors_are_not_repeated) {
    auto const e = make_engine();
    service.otherwise = service_error_answer("ValidationException");
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, service_errc::validation);
    EXPECT_EQ(service.requests.size(), 1U);
}

TEST_F(engine_test, the_retry_quota_is_shared_by_all_calls) {
    auto o = options();
    o.retry.quota = 20; // one retry at 14
    auto const e = make_engine(o);
    service.otherwise = service_error_answer("InternalServerError", 500);
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, service_errc::internal_server_error);
    EXPECT_EQ(service.requests.size(), 2U);
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, service_errc::internal_server_error);
    EXPECT_EQ(service.requests.size(), 3U);
}

TEST_F(engine_test, pages_of_proxies_are_judged_by_their_status) {
    auto const e = make_engine();
    service.next.emplace_back("<html>oops</html>", 500, "");
    service.next.emplace_back("<html>too large</html>", 413, "");
    auto const reply = outcome(e->perform(get()));
    auto const& f = failure_of(reply);
    EXPECT_EQ(f.code, service_errc::validation);
    EXPECT_EQ(f.info->http_status, 413U);
    EXPECT_EQ(service.requests.size(), 2U);
}

TEST_F(engine_test, a_cut_answer_is_asked_for_again) {
    auto const e = make_engine();
    service.next.emplace_back(canned::how::truncated);
    service.next.emplace_back(R"({"Item":{}})");
    auto const reply = outcome(e->perform(get()));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->attempts, 2U);
}

TEST_F(engine_test, a_wrong_checksum_is_asked_for_again_and_told_at_last) {
    auto const e = make_engine();
    service.next.emplace_back(R"({"Item":{}})", 200, "x-amz-crc32: 1\r\n");
    std::string const good = R"({"Item":{"a":{"S":"b"}}})";
    service.next.emplace_back(good, 200, "x-amz-crc32: " + std::to_string(crc32(good)) + "\r\n");
    auto const reply = outcome(e->perform(get()));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->body(), good);
    service.otherwise = canned("{}", 200, "x-amz-crc32: 1\r\n");
    auto const bad = outcome(e->perform(put()));
    EXPECT_EQ(failure_of(bad).code, errc::checksum_mismatch);
    EXPECT_TRUE(failure_of(bad).info->outcome_unknown);
    EXPECT_EQ(failure_of(bad).info->attempts, 4U);
}

TEST_F(engine_test, checksums_can_be_left_unchecked) {
    auto o = options();
    o.verify_checksums = false;
    auto const e = make_engine(o);
    service.next.emplace_back("{}", 200, "x-amz-crc32: 1\r\n");
    EXPECT_TRUE(outcome(e->perform(get())).has_value());
}

TEST_F(engine_test, compressed_answers_are_refused) {
    auto const e = make_engine();
    service.next.emplace_back("xx", 200, "Content-Encoding: gzip\r\n");
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, errc::malformed_response);
}

TEST_F(engine_test, nothing_listens) {
    auto o = options();
    service.server.stop();
    auto const e = make_engine(o);
    auto const reply = outcome(e->perform(put()));
    EXPECT_EQ(failure_of(reply).code, transport_errc::connect_failed);
    EXPECT_EQ(failure_of(reply).info->attempts, 0U);
    EXPECT_FALSE(failure_of(reply).info->outcome_unknown);
}

TEST_F(engine_test, another_executor_is_refused) {
    auto const e = make_engine();
    auto const strand = asio::make_strand(ctx);
    std::exception_ptr thrown;
    asio::co_spawn(strand, e->perform(get()), [&](std::exception_ptr p, raw_reply) { thrown = p; });
    run_until(ctx, [&] { return thrown != nullptr; });
    try {
        std::rethrow_exception(thrown);
    } catch (dynasio::error const& refused) {
        EXPECT_EQ(refused.code(), errc::wrong_executor);
        EXPECT_EQ(refused.info().operation, "GetItem");
    }
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(engine_test, a_write_is_not_repeated_when_that_is_forbidden) {
    auto const e = make_engine();
    service.otherwise = canned(canned::how::reset);
    auto const reply = outcome(e->perform(update(call_options().repeat_unsafe_writes(false))));
    EXPECT_EQ(failure_of(reply).code, transport_errc::connection_lost);
    EXPECT_TRUE(failure_of(reply).info->outcome_unknown);
    EXPECT_EQ(service.requests.size(), 1U);
    service.otherwise = service_error_answer("InternalServerError", 500);
    auto const other = outcome(e->perform(update(call_options().repeat_unsafe_writes(false))));
    EXPECT_EQ(failure_of(other).code, service_errc::internal_server_error);
    EXPECT_TRUE(failure_of(other).info->outcome_unknown);
    EXPECT_EQ(service.requests.size(), 2U);
}

TEST_F(engine_test, throttled_writes_are_repeated_even_then) {
    auto const e = make_engine();
    service.next.push_back(service_error_answer("ThrottlingException"));
    auto const reply = outcome(e->perform(update(call_options().repeat_unsafe_writes(false))));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->attempts, 2U);
}

TEST_F(engine_test, safe_writes_are_repeated_even_then) {
    auto const e = make_engine();
    service.next.emplace_back(canned::how::reset);
    auto const reply = outcome(e->perform(put(call_options().repeat_unsafe_writes(false))));
    ASSERT_TRUE(reply.has_value());
}

TEST_F(engine_test, a_condition_that_fails_after_an_unclear_attempt_is_marked) {
    auto const e = make_engine();
    service.next.push_back(service_error_answer("InternalServerError", 500));
    service.next.push_back(service_error_answer("ConditionalCheckFailedException"));
    auto const reply = outcome(e->perform(update()));
    EXPECT_EQ(failure_of(reply).code, service_errc::conditional_check_failed);
    EXPECT_TRUE(failure_of(reply).info->outcome_unknown);
    EXPECT_TRUE(mentions(failure_of(reply).to_string(), "an earlier attempt"));
    service.next.push_back(service_error_answer("ConditionalCheckFailedException"));
    EXPECT_FALSE(failure_of(outcome(e->perform(update()))).info->outcome_unknown);
}

TEST_F(engine_test, a_connection_closed_while_idle_is_replaced) {
    auto const e = make_engine();
    service.next.emplace_back(canned::how::then_close);
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    auto const reply = outcome(e->perform(get()));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->attempts, 1U);
}

TEST_F(engine_test, the_deadline_ends_a_call_that_gets_no_answer) {
    auto const e = make_engine();
    service.otherwise = canned(canned::how::silent);
    auto const read = outcome(e->perform(get(call_options().timeout(20ms))));
    EXPECT_EQ(failure_of(read).code, errc::deadline_exceeded);
    EXPECT_FALSE(failure_of(read).info->outcome_unknown);
    EXPECT_EQ(failure_of(read).info->attempts, 1U);
    auto const write = outcome(e->perform(put(call_options().timeout(20ms))));
    EXPECT_EQ(failure_of(write).code, errc::deadline_exceeded);
    EXPECT_TRUE(failure_of(write).info->outcome_unknown);
    EXPECT_EQ(failure_of(write).info->table, "users");
}

TEST_F(engine_test, an_attempt_that_times_out_is_transient_and_tried_again) {
    service.next.push_back(canned(canned::how::silent));
    auto o = options();
    o.attempt_timeout = 20ms;
    auto const engine = make_engine(o);
    auto const answered = outcome(engine->perform(get()));
    ASSERT_FALSE(answered.has_error()) << answered.error().to_string();
    EXPECT_EQ(answered->attempts, 2U);
    EXPECT_EQ(service.requests.size(), 2U);
}

TEST_F(engine_test, a_write_whose_attempts_all_time_out_has_an_unknown_outcome) {
    service.otherwise = canned(canned::how::silent);
    auto const engine = make_engine();
    auto const failed = failure_of(outcome(engine->perform(update(call_options().attempt_timeout(5ms).attempts(2)))));
    EXPECT_EQ(failed.code, transport_errc::attempt_timeout);
    EXPECT_EQ(failed.info->attempts, 2U);
    EXPECT_TRUE(failed.info->outcome_unknown);
}

TEST_F(engine_test, a_call_marked_as_part_of_a_fan_out_lets_single_calls_overtake_it) {
    auto o = options();
    o.pool.max_connections = 1;
    auto const engine = make_engine(o);
    std::vector<task<raw_reply>> calls;
    for (int i = 0; i < 5; ++i)
        calls.push_back(start(ctx, engine->perform(get(call_options().traffic(dynasio::http::traffic::fan_out)))));
    calls.push_back(start(ctx, engine->perform(put())));
    for (auto& c : calls) finish(ctx, c);
    ASSERT_EQ(service.requests.size(), 6U);
    // The first of the others had the connection already.
    EXPECT_NE(service.header(1, "X-Amz-Target").find("PutItem"), std::string::npos);
}

TEST_F(engine_test, warming_up_opens_connections_before_the_first_call) {
    auto o = options();
    o.pool.min_connections = 3;
    auto const engine = make_engine(o);
    run(ctx, engine->warm_up({}));
    EXPECT_EQ(engine->pool().idle, 3U);
    EXPECT_FALSE(outcome(engine->perform(get())).has_error());
    EXPECT_EQ(engine->pool().connects, 3U);
    engine->stop();
    try {
        run(ctx, engine->warm_up({}));
        ADD_FAILURE() << "a stopped client was warmed up";
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), errc::client_closed);
    }
}

TEST_F(engine_test, a_pause_that_outlasts_the_deadline_is_not_begun) {
    auto o = options();
    o.retry.base_delay = o.retry.max_delay = std::chrono::hours(1);
    auto const e = make_engine(o);
    service.otherwise = service_error_answer("InternalServerError", 500);
    auto const reply = outcome(e->perform(get(call_options().timeout(25s))));
    EXPECT_EQ(failure_of(reply).code, errc::deadline_exceeded);
    EXPECT_EQ(failure_of(reply).info->service_code, "InternalServerError");
    EXPECT_EQ(service.requests.size(), 1U);
}

TEST_F(engine_test, a_time_out_of_zero_sends_nothing) {
    auto const e = make_engine();
    EXPECT_EQ(failure_of(outcome(e->perform(get(call_options().timeout(0s))))).code, errc::deadline_exceeded);
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(engine_test, a_negative_time_out_of_attempts_sends_nothing) {
    auto const e = make_engine();
    EXPECT_EQ(failure_of(outcome(e->perform(get(call_options().attempt_timeout(-1s))))).code, errc::deadline_exceeded);
    EXPECT_TRUE(service.requests.empty());
    EXPECT_TRUE(outcome(e->perform(get(call_options().attempt_timeout(0s)))).has_value());
}

TEST_F(engine_test, a_deadline_of_a_larger_unit_of_work_bounds_the_call) {
    auto const e = make_engine();
    service.otherwise = canned(canned::how::silent);
    dynasio::http::deadline until(e->deadlines(), std::chrono::steady_clock::now() + 20ms);
    EXPECT_EQ(failure_of(outcome(e->perform(get(), &until))).code, errc::deadline_exceeded);
}

TEST_F(engine_test, cancellation_is_told_as_such_and_never_repeated) {
    auto const e = make_engine();
    service.otherwise = canned(canned::how::silent);
    auto call = start(ctx, as_result(e->perform(put())));
    service.on_request = [&] { call.cancel(); };
    auto const reply = finish(ctx, call);
    EXPECT_EQ(failure_of(reply).code, asio::error::operation_aborted);
    EXPECT_TRUE(failure_of(reply).info->outcome_unknown);
    EXPECT_EQ(service.requests.size(), 1U);
}

/// Answers in part before it is asked, so that a client's first read is over at once.
class hasty_server {
public:
    hasty_server()
        : acceptor_(io_, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)), thread_([this] {
              auto socket = acceptor_.accept();
              asio::write(socket, asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Le")));
              sent_.count_down();
              boost::system::error_code ignored;
              char byte;
              while (!ignored) socket.read_some(asio::buffer(&byte, 1), ignored);
          }) {}
    ~hasty_server() { thread_.join(); }
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }
    void wait_until_sent() { sent_.wait(); }

private:
    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_;
    std::latch sent_{1};
    std::thread thread_;
};

struct when_opened final : dynasio::observer {
    explicit when_opened(std::function<void()> f) : act(std::move(f)) {}
    void on_opened(dynasio::http::connection_opened const&) noexcept override { act(); }
    void on_attempt_finished(dynasio::observed_call const&, dynasio::attempt_finished const& e) noexcept override {
        ++finished;
        sent = e.sent;
    }

    std::function<void()> act;
    int finished = 0;
    bool sent = false;
};

TEST_F(engine_test, a_write_cancelled_between_two_parts_of_its_answer_may_have_been_carried_out) {
    hasty_server server;
    task<dynasio::result<raw_reply>> writing;
    auto const watching = std::make_shared<when_opened>([&] {
        server.wait_until_sent();
        asio::post(ctx, [&] { writing.cancel(); }); // between the read and what follows it
    });
    auto o = options();
    o.endpoint = server.url();
    o.observer = watching;
    auto const e = make_engine(o);
    writing = start(ctx, as_result(e->perform(put())));
    auto const failed = failure_of(finish(ctx, writing));
    EXPECT_EQ(failed.code, asio::error::operation_aborted);
    EXPECT_TRUE(failed.info->outcome_unknown);
    EXPECT_EQ(failed.info->attempts, 1U);
    EXPECT_EQ(watching->finished, 1);
    EXPECT_TRUE(watching->sent);
    EXPECT_EQ(e->pool().open, 0U);
}

TEST_F(engine_test, cancellation_ends_a_pause_between_attempts) {
    auto o = options();
    o.retry.base_delay = o.retry.max_delay = std::chrono::hours(1);
    o.timeout = std::chrono::hours(10);
    auto const e = make_engine(o);
    service.otherwise = service_error_answer("InternalServerError", 500);
    auto call = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return e->counts().retries == 1; });
    call.cancel();
    auto const reply = finish(ctx, call);
    EXPECT_EQ(failure_of(reply).code, asio::error::operation_aborted);
    EXPECT_EQ(service.requests.size(), 1U);
}

TEST_F(engine_test, closing_ends_calls_under_way_pauses_and_later_calls) {
    auto o = options();
    o.retry.base_delay = o.retry.max_delay = std::chrono::hours(1);
    o.timeout = std::chrono::hours(10);
    auto const e = make_engine(o);
    service.next.push_back(service_error_answer("InternalServerError", 500));
    auto pausing = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return e->counts().retries == 1; });
    service.otherwise = canned(canned::how::silent);
    auto waiting = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return service.requests.size() == 2; });
    e->stop();
    EXPECT_EQ(failure_of(finish(ctx, pausing)).code, errc::client_closed);
    EXPECT_EQ(failure_of(finish(ctx, waiting)).code, errc::client_closed);
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, errc::client_closed);
    service.server.stop();
    run_out(ctx);
}

TEST_F(engine_test, the_cost_of_a_call_is_reported_also_when_it_fails) {
    auto const e = make_engine();
    call_cost cost;
    service.next.push_back(service_error_answer("InternalServerError", 500));
    ASSERT_TRUE(outcome(e->perform(get(call_options().report(cost)))).has_value());
    EXPECT_EQ(cost.requests, 2U);
    EXPECT_EQ(cost.retries, 1U);
    EXPECT_GT(cost.latency.count(), 0);
    service.next.push_back(service_error_answer("ValidationException"));
    ASSERT_TRUE(outcome(e->perform(get(call_options().report(cost)))).has_error());
    EXPECT_EQ(cost.requests, 3U);
}

TEST_F(engine_test, a_stored_call_owns_what_it_needs) {
    std::optional<asio::awaitable<raw_reply>> stored;
    {
        auto const e = make_engine();
        auto request = get();
        stored.emplace(e->perform(std::move(request)));
    }
    ASSERT_TRUE(outcome(std::move(*stored)).has_value());
    EXPECT_EQ(service.body(0), get().body);
}

TEST_F(engine_test, a_pause_asked_for_by_the_service_is_kept) {
    auto o = options();
    o.timeout = std::chrono::seconds(3);
    auto const e = make_engine(o);
    // 4 s is within the 5 s by which the service may lengthen a pause, and longer than the call may take.
    service.next.push_back(service_error_answer("ThrottlingException", 400, "x-amz-retry-after: 4000\r\n"));
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, errc::deadline_exceeded);
}

TEST_F(engine_test, strings_are_used_again) {
    auto const e = make_engine();
    std::string first = e->borrow_body();
    first.assign(1000, 'x');
    char const* const where = first.data();
    dynasio::dynamodb::detail::raw_request request = get();
    request.body = std::move(first);
    static_cast<void>(e->prepare(std::move(request))); // ends at once
    std::string const second = e->borrow_body();
    EXPECT_EQ(second.data(), where);
    EXPECT_TRUE(second.empty());
    EXPECT_NE(e->borrow_body().data(), where);
}

// Credentials

struct engine_credentials_test : engine_fixture {
    /// A provider whose calls the test ends.
    struct control {
        unsigned calls = 0;
        std::vector<std::shared_ptr<asio::steady_timer>> waiting{};
        std::function<credentials()> result = [] { return credentials("AKIDEXAMPLE", "secret", "token"); };
        bool at_once = false;
    };
    dynasio::client_options with(std::shared_ptr<control> c) {
        auto o = options();
        o.credentials = [this, c]() -> asio::awaitable<credentials> { return give(ctx, c); };
        o.clock = [this] { return now; };
        return o;
    }
    static asio::awaitable<credentials> give(asio::io_context& ctx, std::shared_ptr<control> c) {
        ++c->calls;
        if (!c->at_once) {
            auto timer = std::make_shared<asio::steady_timer>(ctx, std::chrono::steady_clock::time_point::max());
            c->waiting.push_back(timer);
            boost::system::error_code ignored;
            auto waiting = timer->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
            co_await std::move(waiting);
        }
        co_return c->result();
    }

    /// Two requests, one after the other on one connection; `passes` while the second waits for it.
    void one_waits_for_the_connection_of_another(std::chrono::minutes passes) {
        auto o = with(provider);
        o.pool.max_connections = 1;
        auto const e = make_engine(o);
        service.hold = std::make_shared<asio::steady_timer>(ctx, std::chrono::steady_clock::time_point::max());
        auto first = start(ctx, e->perform(get()));
        auto second = start(ctx, e->perform(get()));
        run_until(ctx, [&] { return service.requests.size() == 1 && e->pool().waiting == 1; });
        now += passes;
        std::exchange(service.hold, nullptr)->cancel();
        finish(ctx, first);
        finish(ctx, second);
        ASSERT_EQ(service.requests.size(), 2U);
        EXPECT_EQ(e->pool().open, 1U);
    }

    system_time now{std::chrono::hours(24 * 365 * 50)};
    std::shared_ptr<control> provider = std::make_shared<control>();
};

TEST_F(engine_credentials_test, are_fetched_once_for_all_that_wait) {
    auto const e = make_engine(with(provider));
    auto a = start(ctx, as_result(e->perform(get())));
    auto b = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return provider->waiting.size() == 1; });
    auto c = start(ctx, as_result(e->perform(get())));
    ctx.poll();
    EXPECT_TRUE(service.requests.empty());
    provider->waiting[0]->cancel();
    EXPECT_TRUE(finish(ctx, a).has_value());
    EXPECT_TRUE(finish(ctx, b).has_value());
    EXPECT_TRUE(finish(ctx, c).has_value());
    EXPECT_EQ(provider->calls, 1U);
}

TEST_F(engine_credentials_test, survive_the_cancellation_of_who_asked_first) {
    auto const e = make_engine(with(provider));
    auto a = start(ctx, as_result(e->perform(get())));
    auto b = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return provider->waiting.size() == 1; });
    a.cancel();
    EXPECT_EQ(failure_of(finish(ctx, a)).code, asio::error::operation_aborted);
    provider->waiting[0]->cancel();
    EXPECT_TRUE(finish(ctx, b).has_value());
    EXPECT_EQ(provider->calls, 1U);
}

TEST_F(engine_credentials_test, that_do_not_come_are_bounded_by_the_deadline) {
    auto const e = make_engine(with(provider));
    auto const reply = outcome(e->perform(get(call_options().timeout(20ms))));
    EXPECT_EQ(failure_of(reply).code, errc::deadline_exceeded);
    EXPECT_TRUE(mentions(failure_of(reply).to_string(), "credentials"));
}

TEST_F(engine_credentials_test, whose_fetch_fails_fail_everybody_with_one_fetch) {
    auto const e = make_engine(with(provider));
    provider->result = []() -> credentials { dynasio::throw_error(errc::no_credentials, "no source has any"); };
    auto a = start(ctx, as_result(e->perform(get())));
    auto b = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return provider->waiting.size() == 1; });
    provider->waiting[0]->cancel();
    EXPECT_EQ(failure_of(finish(ctx, a)).code, errc::no_credentials);
    auto const other = finish(ctx, b);
    EXPECT_EQ(failure_of(other).code, errc::no_credentials);
    EXPECT_EQ(failure_of(other).info->message, "no source has any");
    EXPECT_EQ(provider->calls, 1U);
    provider->at_once = true;
    provider->result = [] { return credentials("AKIDEXAMPLE", "secret"); };
    EXPECT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(provider->calls, 2U);
}

TEST_F(engine_credentials_test, that_still_work_are_used_when_their_refresh_fails) {
    provider->at_once = true;
    provider->result = [&] {
        credentials c("AKIDEXAMPLE", "secret", "token");
        c.expires_at = now + std::chrono::minutes(10);
        return c;
    };
    auto const e = make_engine(with(provider));
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(provider->calls, 1U);
    now += std::chrono::minutes(6); // 4 minutes left
    provider->result = []() -> credentials { dynasio::throw_error(errc::no_credentials, "down"); };
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    run_until(ctx, [&] { return provider->calls == 2; });
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    now += std::chrono::minutes(5); // expired
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, errc::no_credentials);
}

TEST_F(engine_credentials_test, refused_by_the_service_are_fetched_again_once) {
    provider->at_once = true;
    auto const e = make_engine(with(provider));
    service.next.push_back(service_error_answer("ExpiredTokenException"));
    auto const reply = outcome(e->perform(get()));
    ASSERT_TRUE(reply.has_value());
    EXPECT_EQ(reply->attempts, 2U);
    EXPECT_EQ(provider->calls, 2U);
    service.otherwise = service_error_answer("UnrecognizedClientException");
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, service_errc::unrecognized_client);
    EXPECT_EQ(provider->calls, 3U);
    EXPECT_EQ(service.requests.size(), 4U);
}

TEST_F(engine_credentials_test, that_would_break_the_head_are_refused_unprinted) {
    provider->at_once = true;
    provider->result = [] { return credentials("AKIDEXAMPLE", "secret", "tok\r\nX-Evil: 1"); };
    auto const e = make_engine(with(provider));
    auto const reply = outcome(e->perform(get()));
    EXPECT_EQ(failure_of(reply).code, errc::no_credentials);
    EXPECT_FALSE(mentions(failure_of(reply).to_string(), "Evil"));
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(engine_credentials_test, that_end_while_a_request_waits_for_a_connection_are_fetched_before_it_is_signed) {
    provider->at_once = true;
    provider->result = [&] {
        credentials c("AKID" + std::to_string(provider->calls), "secret", "token");
        c.expires_at = now + std::chrono::minutes(30);
        return c;
    };
    one_waits_for_the_connection_of_another(std::chrono::minutes(31));
    EXPECT_EQ(provider->calls, 2U);
    EXPECT_TRUE(mentions(service.head(0), "Credential=AKID1/"));
    EXPECT_TRUE(mentions(service.head(1), "Credential=AKID2/"));
}

TEST_F(engine_credentials_test, and_the_time_of_a_signature_are_those_of_the_turn_of_a_request) {
    provider->at_once = true;
    one_waits_for_the_connection_of_another(std::chrono::minutes(10));
    auto const minute = [&](std::size_t i) { return std::stoi(service.header(i, "x-amz-date").substr(11, 2)); };
    EXPECT_EQ((minute(1) - minute(0) + 60) % 60, 10);
}

TEST_F(engine_credentials_test, waited_for_end_with_the_client) {
    auto const e = make_engine(with(provider));
    auto a = start(ctx, as_result(e->perform(get())));
    run_until(ctx, [&] { return provider->waiting.size() == 1; });
    e->stop();
    EXPECT_EQ(failure_of(finish(ctx, a)).code, errc::client_closed);
}

TEST_F(engine_credentials_test, may_be_given_by_what_ends_the_client) {
    provider->at_once = true;
    for (bool const fails : {false, true}) {
        std::shared_ptr<dynasio::dynamodb::detail::engine> e;
        provider->result = [&] {
            e->stop();
            if (fails) throw std::runtime_error("no more");
            return credentials("AKIDEXAMPLE", "secret");
        };
        e = make_engine(with(provider));
        EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, errc::client_closed);
        EXPECT_NO_THROW(ctx.poll());
    }
}

TEST_F(engine_credentials_test, of_an_empty_awaitable_are_none) {
    auto o = options();
    o.credentials = [] { return asio::awaitable<credentials>(); };
    auto const reply = outcome(make_engine(o)->perform(get()));
    EXPECT_EQ(failure_of(reply).code, errc::no_credentials);
    EXPECT_TRUE(mentions(failure_of(reply).to_string(), "empty awaitable"));
}

TEST_F(engine_credentials_test, a_wrong_clock_is_corrected_by_the_services_date) {
    provider->at_once = true;
    auto o = with(provider);
    now = system_time(std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(12));
    auto const e = make_engine(o);
    service.next.push_back(
        service_error_answer("InvalidSignatureException", 400, "Date: Sat, 21 Nov 2026 13:00:00 GMT\r\n"));
    auto const reply = outcome(e->perform(get()));
    ASSERT_TRUE(reply.has_value());
    EXPECT_TRUE(mentions(service.head(0), "20261121T120000Z"));
    EXPECT_TRUE(mentions(service.head(1), "20261121T130000Z"));
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_TRUE(mentions(service.head(2), "20261121T130000Z"));
    service.next.push_back(
        service_error_answer("InvalidSignatureException", 400, "Date: Sat, 21 Nov 2026 13:00:00 GMT\r\n"));
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).code, service_errc::invalid_signature);
}

// A thread-safe client, used from another context and thread than its own.

struct engine_thread_test : engine_fixture {
    ~engine_thread_test() override { stop_thread(); }
    void start_thread() {
        thread = std::thread([this] { ctx.run(); });
    }
    void stop_thread() {
        work.reset();
        ctx.stop();
        if (thread.joinable()) thread.join();
    }
    asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(ctx);
    asio::io_context caller{};
    std::thread thread{};
};

TEST_F(engine_thread_test, completes_on_the_callers_executor_and_thread) {
    auto o = options();
    o.thread_safe = true;
    auto const e = make_engine(o);
    service.next.emplace_back(R"({"Item":{"id":{"S":"1"}}})");
    start_thread();
    auto use = [&]() -> asio::awaitable<std::string> {
        auto performing = e->perform(get());
        raw_reply const reply = co_await std::move(performing);
        auto const executor = co_await asio::this_coro::executor;
        EXPECT_EQ(executor, asio::any_io_executor(caller.get_executor()));
        EXPECT_TRUE(caller.get_executor().running_in_this_thread());
        co_return std::string(reply.body());
    };
    EXPECT_EQ(run(caller, use()), R"({"Item":{"id":{"S":"1"}}})");
}

TEST_F(engine_thread_test, errors_and_cancellation_pass_between_the_threads) {
    auto o = options();
    o.thread_safe = true;
    auto const e = make_engine(o);
    service.otherwise = canned(canned::how::silent);
    std::atomic<bool> arrived = false;
    service.on_request = [&] { arrived = true; };
    start_thread();
    auto call = start(caller, as_result(e->perform(get())));
    auto const cancel_when_there = [&]() -> asio::awaitable<void> {
        asio::steady_timer timer(caller);
        while (!arrived) {
            timer.expires_after(1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        call.cancel();
    };
    run(caller, cancel_when_there());
    auto const reply = finish(caller, call);
    EXPECT_EQ(failure_of(reply).code, asio::error::operation_aborted);
}

TEST_F(engine_thread_test, many_callers_on_many_threads) {
    auto o = options();
    o.thread_safe = true;
    auto const e = make_engine(o);
    start_thread();
    std::atomic<unsigned> answered = 0;
    auto const use = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < 25; ++i) {
            auto request = get();
            request.body = e->borrow_body();
            request.body = get().body;
            auto performing = e->perform(std::move(request));
            raw_reply const reply = co_await std::move(performing);
            if (reply.body() == "{}") ++answered;
        }
    };
    // The client's thread may still be leaving the callers' contexts when these have their answers.
    std::array<asio::io_context, 3> contexts;
    std::vector<std::thread> threads;
    for (asio::io_context& own : contexts) {
        threads.emplace_back([&] {
            auto a = start(own, use());
            auto b = start(own, use());
            finish(own, a);
            finish(own, b);
        });
    }
    for (auto& t : threads) t.join();
    EXPECT_EQ(answered, 150U);
    stop_thread();
    EXPECT_EQ(e->counts()[operation::get_item], 150U);
}

TEST_F(engine_thread_test, a_thread_safe_client_may_be_closed_from_anywhere) {
    auto o = options();
    o.thread_safe = true;
    auto const e = make_engine(o);
    service.otherwise = canned(canned::how::silent);
    std::atomic<bool> arrived = false;
    service.on_request = [&] { arrived = true; };
    start_thread();
    auto call = start(caller, as_result(e->perform(get())));
    while (!arrived) caller.run_one_for(1ms);
    e->stop();
    EXPECT_EQ(failure_of(finish(caller, call)).code, errc::client_closed);
}

} // namespace
