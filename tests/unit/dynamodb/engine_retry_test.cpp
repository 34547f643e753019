#include <dynasio/dynamodb/detail/endpoint.hpp>

#include <boost/asio/error.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dynamodb/call.hpp"
#include "dynamodb/rate_turn.hpp"
#include "engine_fixture.hpp"

namespace {

using namespace dynasio::test;
using namespace std::chrono_literals;
using dynasio::as_result;
using dynasio::call_options;
using dynasio::errc;
using dynasio::service_errc;
using dynasio::transport_errc;
using dynasio::aws::environment;
using dynasio::aws::rate_limiter;
using dynasio::aws::rate_time;
using dynasio::aws::retry_delay;
using dynasio::aws::retry_mode;
using dynasio::dynamodb::detail::call;
using dynasio::dynamodb::detail::engine;
using dynasio::dynamodb::detail::engine_state;
using dynasio::dynamodb::detail::rate_turns;
using dynasio::dynamodb::detail::raw_request;
using dynasio::dynamodb::detail::resolve;
using dynasio::dynamodb::detail::wait_for_rate;

bool mentions(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

environment environment_of(std::map<std::string, std::string> values) {
    environment env;
    env.variable = [values](std::string const& name) -> std::optional<std::string> {
        auto const found = values.find(name);
        if (found == values.end()) return std::nullopt;
        return found->second;
    };
    env.read_file = [](std::string const&) { return std::optional<std::string>(); };
    return env;
}

struct engine_retry_test : engine_fixture {
    std::shared_ptr<engine> make(std::map<std::string, std::string> variables) {
        return engine::create(ctx.get_executor(), options(), environment_of(std::move(variables)));
    }
};

TEST_F(engine_retry_test, every_attempt_says_its_number_and_how_many_there_may_be) {
    auto const e = make({});
    service.otherwise = service_error_answer("InternalServerError", 500);
    EXPECT_EQ(failure_of(outcome(e->perform(get()))).info->attempts, 4U);
    ASSERT_EQ(service.requests.size(), 4U);
    for (std::size_t i = 0; i != 4; ++i) {
        EXPECT_EQ(service.header(i, "Amz-Sdk-Request"), "attempt=" + std::to_string(i + 1) + "; max=4");
        EXPECT_EQ(service.header(i, "Amz-Sdk-Invocation-Id"), service.header(0, "Amz-Sdk-Invocation-Id"));
    }
    service.requests.clear();
    static_cast<void>(outcome(e->perform(get(call_options().attempts(2)))));
    ASSERT_EQ(service.requests.size(), 2U);
    EXPECT_EQ(service.header(1, "Amz-Sdk-Request"), "attempt=2; max=2");
}

TEST_F(engine_retry_test, attempts_come_from_the_environment_unless_code_says_otherwise) {
    service.otherwise = service_error_answer("InternalServerError", 500);
    auto const e = make({{"AWS_MAX_ATTEMPTS", "2"}});
    static_cast<void>(outcome(e->perform(get())));
    EXPECT_EQ(service.requests.size(), 2U);
    EXPECT_EQ(service.header(0, "Amz-Sdk-Request"), "attempt=1; max=2");
    EXPECT_EQ(e->options().retry.max_attempts, 2U);
    auto o = options();
    o.retry.mode = retry_mode::off;
    service.requests.clear();
    static_cast<void>(outcome(make_engine(o)->perform(get())));
    EXPECT_EQ(service.requests.size(), 1U);
}

TEST_F(engine_retry_test, no_attempts_at_all_are_refused) {
    auto const e = make({});
    auto const failed = failure_of(outcome(e->perform(get(call_options().attempts(0)))));
    EXPECT_EQ(failed.code, errc::invalid_argument);
    EXPECT_TRUE(mentions(failed.info->message, "attempts(0)"));
    EXPECT_EQ(failed.info->operation, "GetItem");
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(engine_retry_test, a_repetition_with_other_credentials_is_one_of_the_attempts) {
    auto const e = make({});
    service.otherwise = service_error_answer("UnrecognizedClientException");
    EXPECT_EQ(failure_of(outcome(e->perform(get(call_options().attempts(2))))).info->attempts, 2U);
    EXPECT_EQ(service.requests.size(), 2U);
    service.requests.clear();
    service.next.push_back(service_error_answer("UnrecognizedClientException"));
    service.otherwise = service_error_answer("InternalServerError", 500);
    static_cast<void>(outcome(e->perform(get(call_options().attempts(3)))));
    EXPECT_EQ(service.requests.size(), 3U);
}

TEST_F(engine_retry_test, modes_refused_by_name_make_no_client) {
    for (char const* mode : {"legacy", "turbo"}) {
        try {
            static_cast<void>(make({{"AWS_RETRY_MODE", mode}}));
            ADD_FAILURE() << mode;
        } catch (dynasio::error const& e) {
            EXPECT_EQ(e.code(), errc::invalid_configuration);
            EXPECT_TRUE(mentions(e.info().message, "AWS_RETRY_MODE is \"" + std::string(mode)));
        }
    }
}

TEST_F(engine_retry_test, accounts_required_but_unknown_fail_the_call_before_anything_is_sent) {
    auto o = options();
    o.endpoint.clear();
    o.account_id_endpoint_mode = dynasio::account_endpoint_mode::required;
    auto const e = engine::create(ctx.get_executor(), o, environment_of({}));
    auto const failed = failure_of(outcome(e->perform(put())));
    EXPECT_EQ(failed.code, errc::invalid_configuration);
    EXPECT_EQ(failed.info->operation, "PutItem");
    EXPECT_EQ(failed.info->attempts, 0U);
    EXPECT_FALSE(failed.info->outcome_unknown);
    EXPECT_EQ(e->pool().connects, 0U);
}

// What may have happened, for every way in which a call can fail.

struct ending {
    char const* name;
    std::function<void(fake_service&)> arrange;
    bool may_have_happened;
    dynasio::error_code code;
    call_options options = call_options().attempts(1);
};

std::vector<ending> const& endings() {
    static auto const error = [](char const* name, unsigned status) {
        return [name, status](fake_service& s) { s.otherwise = service_error_answer(name, status); };
    };
    static auto const kind = [](canned::how how) { return [how](fake_service& s) { s.otherwise = canned(how); }; };
    static std::vector<ending> const all = {
        {"connection_refused", [](fake_service& s) { s.server.stop(); }, false, transport_errc::connect_failed},
        {"reset_after_the_request", kind(canned::how::reset), true, transport_errc::connection_lost},
        {"answer_cut_short", kind(canned::how::truncated), true, transport_errc::connection_lost},
        {"answer_no_http", kind(canned::how::garbage), true, transport_errc::malformed_http},
        {"no_answer_in_time", kind(canned::how::silent), true, errc::deadline_exceeded,
         call_options().attempts(1).timeout(30ms)},
        {"no_time_to_send", [](fake_service&) {}, false, errc::deadline_exceeded, call_options().timeout(0ms)},
        {"status_500", error("InternalServerError", 500), true, service_errc::internal_server_error},
        {"status_502", [](fake_service& s) { s.otherwise = canned("<html>", 502); }, true,
         service_errc::service_unavailable},
        {"status_504", [](fake_service& s) { s.otherwise = canned("<html>", 504); }, true,
         service_errc::service_unavailable},
        // Proxies also answer so when the connection behind them broke while the service was at work.
        {"status_503", error("ServiceUnavailable", 503), true, service_errc::service_unavailable},
        {"status_503_throttling", error("ThrottlingException", 503), false, service_errc::throttling},
        {"throttled", error("ProvisionedThroughputExceededException", 400), false,
         service_errc::provisioned_throughput_exceeded},
        {"request_limit", error("RequestLimitExceeded", 400), false, service_errc::request_limit_exceeded},
        {"condition_failed", error("ConditionalCheckFailedException", 400), false,
         service_errc::conditional_check_failed},
        {"validation", error("ValidationException", 400), false, service_errc::validation},
        {"access_denied", error("AccessDeniedException", 403), false, service_errc::access_denied},
        {"checksum_mismatch", [](fake_service& s) { s.otherwise = canned("{}", 200, "x-amz-crc32: 1\r\n"); }, true,
         errc::checksum_mismatch},
        {"checksum_mismatch_of_an_error",
         [](fake_service& s) { s.otherwise = service_error_answer("ValidationException", 400, "x-amz-crc32: 1\r\n"); },
         true, errc::checksum_mismatch},
        {"status_201", error("ConditionalCheckFailedException", 201), true, errc::malformed_response},
        {"status_202", [](fake_service& s) { s.otherwise = canned("{}", 202); }, true, errc::malformed_response},
        {"status_204", [](fake_service& s) { s.otherwise = canned("", 204); }, true, errc::malformed_response},
        {"compressed_answer", [](fake_service& s) { s.otherwise = canned("{}", 200, "Content-Encoding: gzip\r\n"); },
         true, errc::malformed_response},
    };
    return all;
}

class endings_of_a_write : public engine_retry_test, public testing::WithParamInterface<std::size_t> {};

TEST_P(endings_of_a_write, tell_whether_it_may_have_happened) {
    ending const& how = endings().at(GetParam());
    how.arrange(service);
    auto const e = make({});
    auto const failed = failure_of(outcome(e->perform(update(how.options))));
    EXPECT_EQ(failed.code, how.code) << failed.to_string();
    EXPECT_EQ(failed.info->outcome_unknown, how.may_have_happened) << failed.to_string();
    EXPECT_EQ(mentions(failed.to_string(), "may have been carried out"), how.may_have_happened);
}
TEST_P(endings_of_a_write, are_no_doubt_for_a_read) {
    ending const& how = endings().at(GetParam());
    how.arrange(service);
    auto const e = make({});
    EXPECT_FALSE(failure_of(outcome(e->perform(get(how.options)))).info->outcome_unknown);
}

class unclear_endings_of_a_write : public engine_retry_test, public testing::WithParamInterface<std::size_t> {};
TEST_P(unclear_endings_of_a_write, end_the_call_where_repeating_is_forbidden) {
    ending const& how = endings().at(GetParam());
    how.arrange(service);
    auto const e = make({});
    auto const failed = failure_of(outcome(e->perform(update(call_options().repeat_unsafe_writes(false)))));
    EXPECT_TRUE(failed.info->outcome_unknown);
    EXPECT_EQ(failed.info->attempts, 1U);
    EXPECT_EQ(service.requests.size(), 1U);
}
/// Those that would otherwise be repeated, or could be.
std::vector<std::size_t> unclear_endings() {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i != endings().size(); ++i)
        if (endings()[i].may_have_happened && !endings()[i].options.timeout()) out.push_back(i);
    return out;
}
INSTANTIATE_TEST_SUITE_P(each, unclear_endings_of_a_write, testing::ValuesIn(unclear_endings()),
                         [](auto const& one) { return std::string(endings().at(one.param).name); });
INSTANTIATE_TEST_SUITE_P(each, endings_of_a_write, testing::Range<std::size_t>(0, endings().size()),
                         [](auto const& one) { return std::string(endings().at(one.param).name); });

TEST_F(engine_retry_test, a_write_whose_credentials_never_come_has_not_happened) {
    auto o = options();
    o.credentials = []() -> asio::awaitable<dynasio::aws::credentials> {
        dynasio::throw_error(errc::no_credentials, "none today");
        co_return dynasio::aws::credentials();
    };
    EXPECT_FALSE(failure_of(outcome(make_engine(o)->perform(update()))).info->outcome_unknown);
}

TEST_F(engine_retry_test, what_the_source_of_credentials_said_reaches_the_caller) {
    auto o = options();
    bool said_by_a_service = true;
    o.credentials = [&]() -> asio::awaitable<dynasio::aws::credentials> {
        if (!said_by_a_service) dynasio::throw_error(errc::no_credentials, "no file");
        dynasio::diagnostics d;
        d.message = "STS gave no credentials";
        d.service_code = "AccessDenied";
        d.service_message = "not for you";
        d.http_status = 403;
        dynasio::throw_error(errc::no_credentials, std::move(d));
        co_return dynasio::aws::credentials();
    };
    auto const e = make_engine(o);
    auto const refused = failure_of(outcome(e->perform(update())));
    EXPECT_EQ(refused.code, errc::no_credentials);
    EXPECT_EQ(refused.info->service_code, "AccessDenied");
    EXPECT_EQ(refused.info->service_message, "not for you");
    EXPECT_EQ(refused.info->http_status, 403U);
    EXPECT_EQ(refused.info->operation, "UpdateItem");
    EXPECT_TRUE(mentions(refused.to_string(), "STS gave no credentials"));
    said_by_a_service = false;
    auto const silent = failure_of(outcome(e->perform(update())));
    EXPECT_EQ(silent.info->message, "no file");
    EXPECT_EQ(silent.info->service_code, "");
    EXPECT_EQ(silent.info->http_status, 0U);
}

TEST_F(engine_retry_test, a_write_cancelled_before_it_was_sent_has_not_happened) {
    auto const e = make({});
    auto running = start(ctx, as_result(e->perform(update())));
    running.cancel();
    auto const reply = finish(ctx, running);
    EXPECT_EQ(failure_of(reply).code, asio::error::operation_aborted);
    EXPECT_EQ(failure_of(reply).info->outcome_unknown, !service.requests.empty());
}

TEST_F(engine_retry_test, a_write_under_way_when_the_client_stops_may_have_happened) {
    auto const e = make({});
    service.otherwise = canned(canned::how::silent);
    service.on_request = [&] { e->stop(); };
    auto const failed = failure_of(outcome(e->perform(update())));
    EXPECT_EQ(failed.code, errc::client_closed);
    EXPECT_TRUE(failed.info->outcome_unknown);
}

// Adaptive mode.

struct engine_adaptive_test : engine_fixture {
    std::shared_ptr<engine> make() {
        auto o = options();
        o.retry.mode = retry_mode::adaptive;
        o.timeout = std::chrono::hours(1);
        o.throttling.enabled = false; // which slows single tables, whatever the mode
        return make_engine(o);
    }
    /// After this, turns come every two seconds, and the next one is nearly that far away.
    void throttle(engine& e) {
        service.next.push_back(service_error_answer("ThrottlingException"));
        EXPECT_EQ(failure_of(outcome(e.perform(get(call_options().attempts(1))))).code, service_errc::throttling);
        service.requests.clear();
    }
};

TEST_F(engine_adaptive_test, does_not_limit_before_the_service_throttles) {
    auto const e = make();
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(service.requests.size(), 50U);
}

TEST_F(engine_adaptive_test, a_turn_after_the_deadline_is_not_waited_for) {
    auto const e = make();
    throttle(*e);
    auto const failed = failure_of(outcome(e->perform(update(call_options().timeout(500ms)))));
    EXPECT_EQ(failed.code, errc::deadline_exceeded);
    EXPECT_TRUE(mentions(failed.info->message, "adaptive"));
    EXPECT_EQ(failed.info->attempts, 0U);
    EXPECT_FALSE(failed.info->outcome_unknown);
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(engine_adaptive_test, waiting_for_a_turn_ends_with_cancellation_deadline_and_the_client) {
    auto const e = make();
    throttle(*e);
    auto first = start(ctx, as_result(e->perform(get())));
    auto second = start(ctx, as_result(e->perform(get(call_options().timeout(20ms)))));
    auto third = start(ctx, as_result(e->perform(get())));
    EXPECT_EQ(failure_of(finish(ctx, second)).code, errc::deadline_exceeded) << "behind another, whose turn is unknown";
    EXPECT_FALSE(first.done());
    first.cancel();
    EXPECT_EQ(failure_of(finish(ctx, first)).code, asio::error::operation_aborted);
    EXPECT_FALSE(third.done());
    e->stop();
    EXPECT_EQ(failure_of(finish(ctx, third)).code, errc::client_closed);
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(engine_adaptive_test, other_modes_do_not_limit) {
    auto const e = make_engine();
    throttle(*e);
    EXPECT_TRUE(outcome(e->perform(get(call_options().timeout(20s)))).has_value());
}

/// A limiter that has seen a thousand requests a second, and then was throttled.
rate_limiter busy_limiter() {
    rate_limiter limiter;
    for (int i = 0; i < 1000; ++i) limiter.on_attempt_end(false, rate_time(i / 1000.0));
    limiter.on_attempt_end(true, rate_time(1.0));
    return limiter;
}

asio::awaitable<void> take_turn(engine_state& state, int number, std::vector<int>& order) {
    call c(state, engine_fixture::get());
    c.begin(nullptr);
    if (!state.turns->take()) {
        auto waiting = wait_for_rate(nullptr, c);
        co_await std::move(waiting);
    }
    order.push_back(number);
}

TEST_F(engine_adaptive_test, turns_come_in_the_order_of_asking_and_no_faster_than_the_rate) {
    auto o = options();
    o.retry.mode = retry_mode::adaptive;
    engine_state state(ctx.get_executor(), resolve(o, environment_of({})), environment_of({}));
    rate_limiter const limiter = busy_limiter();
    double const rate = limiter.rate();
    ASSERT_GT(rate, 200.0);
    ASSERT_LT(rate, 2000.0);
    auto const began = std::chrono::steady_clock::now();
    state.turns = std::make_unique<rate_turns>(limiter, began - 1s);
    std::vector<int> order;
    std::vector<task<void>> calls;
    int const held = static_cast<int>(limiter.tokens());
    int const count = held + 40;
    for (int i = 0; i < count; ++i) calls.push_back(start(ctx, take_turn(state, i, order)));
    for (auto& one : calls) finish(ctx, one);
    std::vector<int> expected;
    for (int i = 0; i < count; ++i) expected.push_back(i);
    EXPECT_EQ(order, expected);
    std::chrono::duration<double> const took = std::chrono::steady_clock::now() - began;
    EXPECT_GE(took.count(), 39 / rate);
}

TEST_F(engine_adaptive_test, who_leaves_the_queue_lets_the_next_one_go_ahead) {
    auto o = options();
    o.retry.mode = retry_mode::adaptive;
    engine_state state(ctx.get_executor(), resolve(o, environment_of({})), environment_of({}));
    state.turns = std::make_unique<rate_turns>(busy_limiter(), std::chrono::steady_clock::now() - 1s);
    while (state.turns->take()) {
    }
    std::vector<int> order;
    auto first = start(ctx, as_result(take_turn(state, 1, order)));
    auto second = start(ctx, as_result(take_turn(state, 2, order)));
    first.cancel();
    static_cast<void>(finish(ctx, first));
    EXPECT_TRUE(finish(ctx, second).has_value());
    ASSERT_FALSE(order.empty());
    EXPECT_EQ(order.back(), 2);
}

} // namespace
