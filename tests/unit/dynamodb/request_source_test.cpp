#include <dynasio/dynamodb/detail/request_source.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine_fixture.hpp"

namespace {

using namespace dynasio::test;
using namespace std::chrono_literals;
using dynasio::as_result;
using dynasio::call_options;
using dynasio::diagnostics;
using dynasio::errc;
using dynasio::error;
using dynasio::service_errc;
using dynasio::dynamodb::operation;
using dynasio::dynamodb::detail::drive;
using dynasio::dynamodb::detail::drive_options;
using dynasio::dynamodb::detail::request_source;

/// Asks for as many items as it is told; what an answer means is up to the test.
struct scripted_source : request_source {
    std::optional<request> next(time_point now) override {
        if (!ready(now)) return std::nullopt;
        pause_until.reset();
        --to_send;
        std::size_t const id = ++last_id;
        under_way.insert(id);
        most = std::max(most, under_way.size());
        return request{id, operation::get_item, R"({"TableName":"users","Key":{"id":{"S":"1"}}})"};
    }
    bool ready(time_point now) const override { return to_send > 0 && (!pause_until || *pause_until <= now); }
    std::optional<time_point> wake_at() const override { return to_send > 0 ? pause_until : std::nullopt; }
    bool sequential() const override { return under_way.empty() && to_send == 1; }
    bool done() const noexcept override { return under_way.empty() && to_send == 0; }
    void on_answer(std::size_t id, answer const& got) override {
        under_way.erase(id);
        doubts.push_back(got.repeated_in_doubt);
        if (refuses == id) dynasio::throw_error(errc::malformed_response, "this one");
        if (more > 0) {
            --more;
            ++to_send;
            if (pause) pause_until = got.now + *pause;
        }
    }
    void describe(std::size_t id, diagnostics& d) const override { d.relation_path = "request " + std::to_string(id); }
    void on_failure(std::size_t id, error const& e) override {
        failed.push_back(id);
        EXPECT_EQ(e.info().relation_path, "request " + std::to_string(id));
    }
    void describe_whole(diagnostics& d) const override {
        d.entity = "the whole, " + std::to_string(failed.size()) + " failed";
    }

    std::size_t to_send = 1;
    std::size_t more = 0; ///< Requests that answers lead to.
    std::size_t refuses = 0;
    std::optional<time_point::duration> pause{};
    std::optional<time_point> pause_until{};

    std::size_t last_id = 0;
    std::size_t most = 0;
    std::set<std::size_t> under_way{};
    std::vector<bool> doubts{};
    std::vector<std::size_t> failed{};
};

drive_options at_most(std::size_t concurrency, call_options call = {}) {
    drive_options out;
    out.concurrency = concurrency;
    out.call = call;
    return out;
}

struct drive_test : engine_fixture {
    scripted_source source{};
};

TEST_F(drive_test, sends_one_request_after_the_other) {
    auto const e = make_engine();
    source.more = 2;
    ASSERT_TRUE(outcome(drive(e, source, at_most(4))).has_value());
    EXPECT_EQ(service.requests.size(), 3U);
    EXPECT_EQ(source.most, 1U);
    EXPECT_TRUE(source.done());
    EXPECT_EQ(e->pool().open, 1U);
}

TEST_F(drive_test, keeps_as_many_under_way_as_allowed) {
    auto const e = make_engine();
    source.to_send = 10;
    source.more = 5;
    ASSERT_TRUE(outcome(drive(e, source, at_most(3))).has_value());
    EXPECT_EQ(service.requests.size(), 15U);
    EXPECT_EQ(source.most, 3U);
}

TEST_F(drive_test, a_source_without_requests_needs_none) {
    auto const e = make_engine();
    source.to_send = 0;
    EXPECT_TRUE(outcome(drive(e, source, at_most(3))).has_value());
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(drive_test, an_answer_that_a_source_refuses_is_named) {
    for (std::size_t const requests : {1U, 2U}) {
        auto const e = make_engine();
        scripted_source refusing;
        refusing.to_send = requests;
        refusing.refuses = requests;
        service.otherwise = canned("{}", 200, "x-amzn-RequestId: R7\r\n");
        auto const f = failure_of(outcome(drive(e, refusing, at_most(1))));
        EXPECT_EQ(f.code, errc::malformed_response);
        EXPECT_EQ(f.info->message, "this one");
        EXPECT_EQ(f.info->relation_path, "request " + std::to_string(requests));
        EXPECT_EQ(f.info->request_id, "R7");
        EXPECT_EQ(f.info->http_status, 200U);
        EXPECT_EQ(f.info->attempts, 1U);
        EXPECT_EQ(f.info->entity, "the whole, 1 failed");
    }
}

TEST_F(drive_test, the_first_failure_ends_the_others_which_are_told_too) {
    auto const e = make_engine();
    source.to_send = 4;
    service.answer = [this](std::string const&) {
        return service.requests.size() == 3 ? service_error_answer("AccessDeniedException")
                                            : canned(canned::how::silent);
    };
    auto const f = failure_of(outcome(drive(e, source, at_most(3))));
    EXPECT_EQ(f.code, service_errc::access_denied);
    EXPECT_EQ(f.info->entity, "the whole, 3 failed");
    EXPECT_EQ(f.info->relation_path, "request " + std::to_string(source.failed.front()));
    EXPECT_EQ(source.failed.size(), 3U);
    EXPECT_EQ(service.requests.size(), 3U) << "nothing was started after it";
    EXPECT_EQ(e->pool().open, e->pool().idle);
}

TEST_F(drive_test, cancellation_waits_for_every_request) {
    auto const e = make_engine();
    source.to_send = 3;
    service.otherwise = canned(canned::how::silent);
    auto driving = start(ctx, as_result(drive(e, source, at_most(3))));
    run_until(ctx, [&] { return service.requests.size() == 3; });
    driving.cancel();
    auto const f = failure_of(finish(ctx, driving));
    EXPECT_EQ(f.code, asio::error::operation_aborted);
    EXPECT_EQ(f.info->entity, "the whole, 3 failed");
    EXPECT_EQ(e->pool().open, 0U);
}

TEST_F(drive_test, a_single_request_is_cancelled_too) {
    auto const e = make_engine();
    service.otherwise = canned(canned::how::silent);
    auto driving = start(ctx, as_result(drive(e, source, at_most(3))));
    run_until(ctx, [&] { return service.requests.size() == 1; });
    driving.cancel();
    EXPECT_EQ(failure_of(finish(ctx, driving)).code, asio::error::operation_aborted);
    EXPECT_EQ(source.failed, std::vector<std::size_t>{1});
}

TEST_F(drive_test, one_deadline_bounds_it_all) {
    auto const e = make_engine();
    service.otherwise = canned(canned::how::silent);
    for (std::size_t const requests : {1U, 3U}) {
        scripted_source slow;
        slow.to_send = requests;
        auto const f = failure_of(outcome(drive(e, slow, at_most(2, call_options().timeout(20ms)))));
        EXPECT_EQ(f.code, errc::deadline_exceeded);
    }
    scripted_source late;
    drive_options rest = at_most(1);
    rest.until = std::chrono::steady_clock::now();
    EXPECT_EQ(failure_of(outcome(drive(e, late, rest))).code, errc::deadline_exceeded);
}

TEST_F(drive_test, pauses_when_the_source_says_so) {
    auto const e = make_engine();
    for (std::size_t const requests : {1U, 2U}) {
        scripted_source pausing;
        pausing.to_send = requests;
        pausing.more = 2;
        pausing.pause = 1ms;
        ASSERT_TRUE(outcome(drive(e, pausing, at_most(2))).has_value());
        EXPECT_TRUE(pausing.done());
    }
}

TEST_F(drive_test, a_pause_ends_with_the_deadline_the_caller_or_the_client) {
    for (std::size_t const requests : {1U, 2U}) {
        auto const begin = [&](dynasio::dynamodb::detail::engine& e, scripted_source& of, call_options call = {}) {
            of.to_send = requests;
            of.more = 1;
            of.pause = 1h;
            auto driving = start(ctx, as_result(drive(e.shared_from_this(), of, at_most(1, call))));
            run_until(ctx, [&] { return of.pause_until || driving.done(); });
            return driving;
        };
        auto const e = make_engine();
        scripted_source late;
        auto first = begin(*e, late, call_options().timeout(200ms));
        EXPECT_EQ(failure_of(finish(ctx, first)).code, errc::deadline_exceeded);
        scripted_source cancelled;
        auto second = begin(*e, cancelled, call_options().timeout(1h));
        second.cancel();
        auto const f = failure_of(finish(ctx, second));
        EXPECT_EQ(f.code, asio::error::operation_aborted);
        EXPECT_EQ(f.info->entity, "the whole, 0 failed");
        scripted_source closed;
        auto third = begin(*e, closed, call_options().timeout(1h));
        e->stop();
        EXPECT_EQ(failure_of(finish(ctx, third)).code, errc::client_closed);
    }
}

TEST_F(drive_test, says_what_an_earlier_sending_may_have_done) {
    auto const e = make_engine();
    service.next.push_back(canned(canned::how::reset));
    source.more = 1;
    ASSERT_TRUE(outcome(drive(e, source, at_most(1))).has_value());
    EXPECT_EQ(source.doubts, (std::vector<bool>{true, false}));
}

TEST_F(drive_test, the_rest_of_an_operation_goes_on_while_the_client_closes) {
    auto const e = make_engine();
    auto begun = start(ctx, as_result(e->perform(get(call_options().timeout(1h)))));
    service.otherwise = canned("{}");
    service.hold = std::make_shared<asio::steady_timer>(ctx, asio::steady_timer::time_point::max());
    run_until(ctx, [&] { return service.requests.size() == 1; });
    auto closing = start(ctx, as_result(e->close(1h)));
    scripted_source anew;
    EXPECT_EQ(failure_of(outcome(drive(e, anew, at_most(1)))).code, errc::client_closed);
    drive_options rest = at_most(1);
    rest.until = std::chrono::steady_clock::time_point::max();
    scripted_source going_on;
    auto driving = start(ctx, as_result(drive(e, going_on, rest)));
    run_until(ctx, [&] { return service.requests.size() == 2; });
    service.hold->cancel();
    EXPECT_TRUE(finish(ctx, driving).has_value());
    EXPECT_TRUE(finish(ctx, begun).has_value());
    EXPECT_TRUE(finish(ctx, closing).has_value());
}

TEST_F(drive_test, capacity_is_asked_for_when_wanted) {
    auto const e = make_engine();
    drive_options asking = at_most(1);
    asking.report_capacity = true;
    ASSERT_TRUE(outcome(drive(e, source, asking)).has_value());
    EXPECT_NE(service.body(0).find(R"("ReturnConsumedCapacity":"TOTAL")"), std::string::npos);
    scripted_source silent;
    ASSERT_TRUE(outcome(drive(e, silent, at_most(1))).has_value());
    EXPECT_EQ(service.body(1).find("ReturnConsumedCapacity"), std::string::npos);
}

} // namespace
