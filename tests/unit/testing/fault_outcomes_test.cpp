// What a caller sees of every fault: result, typed error, attempts, whether a write may have happened, and what the
// pool is left with.
#include <dynasio/testing/fault_script.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/get_item.hpp>
#include <dynasio/dynamodb/operations/put_item.hpp>
#include <dynasio/dynamodb/operations/update_item.hpp>

#include <dynasio/core/result.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <string>

#include "support/coroutine.hpp"

namespace dynasio {
namespace {

using namespace std::chrono_literals;
using testing::apply_fault;
using testing::fault_endpoint;
using testing::fault_endpoint_options;

constexpr unsigned all_attempts = 4;

client_options options_for(fault_endpoint const& endpoint) {
    client_options o;
    o.region = "us-east-1";
    o.endpoint = endpoint.url();
    o.credentials = aws::static_credentials(aws::credentials("AKIDEXAMPLE", "secret"));
    o.retry.base_delay = o.retry.throttling_delay = aws::retry_delay(0);
    o.retry.max_delay = aws::retry_delay(0);
    o.pool.tls.use_system_authorities = false;
    o.pool.tls.authorities_pem = endpoint.authority_pem();
    return o;
}

dynamodb::get_item_request get_user() { return dynamodb::get_item_request("users", dynamodb::item{{"id", "1"}}); }

/// Counts up: what must not happen twice unnoticed.
dynamodb::update_item_request count_up() {
    dynamodb::update_item_request r("users", dynamodb::item{{"id", "1"}});
    r.update_expression = "ADD n :one";
    r.expression_attribute_values = dynamodb::item{{":one", 1}};
    return r;
}

enum class recovery {
    next_attempt, ///< One more attempt mends it.
    none,         ///< The same call can only fail.
    harmless,     ///< The answer is good all the same.
};

struct fault {
    char const* name;
    char const* script;
    recovery mended;
    error_code code;       ///< When it is there at every attempt.
    bool unknown;          ///< Whether a write may have happened then.
    std::size_t left_open; ///< Connections after the failure, all idle.
    /// Time for the calls that only their time-out ends; 0: none does.
    std::chrono::milliseconds timeout{0};
};

void PrintTo(fault const& f, std::ostream* out) { *out << f.name; }

fault const faults[] = {
    {"throttled", "throttle", recovery::next_attempt, service_errc::provisioned_throughput_exceeded, false, 1},
    {"throttled_with_reasons", "throttle:type=ThrottlingException,reason=TableReadKeyRangeThroughputExceeded",
     recovery::next_attempt, service_errc::throttling, false, 1},
    {"throttled_with_a_time", "throttle:type=RequestLimitExceeded,retry-after=1ms", recovery::next_attempt,
     service_errc::request_limit_exceeded, false, 1},
    {"conflict", "conflict", recovery::none, service_errc::transaction_conflict, false, 1},
    {"transaction_in_progress", "error:type=TransactionInProgressException", recovery::next_attempt,
     service_errc::transaction_in_progress, false, 1},
    {"internal_error", "error", recovery::next_attempt, service_errc::internal_server_error, true, 1},
    {"unavailable", "error:type=ServiceUnavailable,status=503", recovery::next_attempt,
     service_errc::service_unavailable, true, 1},
    {"access_denied", "error:type=AccessDeniedException", recovery::none, service_errc::access_denied, false, 1},
    {"unknown_error", "error:type=NeverHeardOfException,status=418", recovery::none, service_errc::unknown, false, 1},
    {"slow", "slow:by=5ms", recovery::harmless, {}, false, 1},
    {"too_slow", "slow:by=10min", recovery::none, errc::deadline_exceeded, true, 0, 60ms},
    {"trickled", "trickle:bytes=1,pause=1ms", recovery::harmless, {}, false, 1},
    {"trickled_too_slowly", "trickle:bytes=1,pause=10min", recovery::none, errc::deadline_exceeded, true, 0, 60ms},
    {"held", "hold:after=1", recovery::none, errc::deadline_exceeded, true, 0, 60ms},
    {"never_answered", "never", recovery::none, errc::deadline_exceeded, true, 0, 60ms},
    {"closed_before_forwarding", "drop", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"closed_after_forwarding", "drop:when=after", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"reset_before_forwarding", "drop:how=reset", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"reset_after_forwarding", "drop:when=after,how=reset", recovery::next_attempt, transport_errc::connection_lost,
     true, 0},
    {"cut_in_head", "cut:at=head", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"cut_after_head", "cut:at=after-head", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"cut_in_body", "cut:at=body", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"reset_in_body", "cut:at=body,how=reset", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"truncated", "truncate:bytes=2", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"overlong", "overlong:bytes=3", recovery::harmless, {}, false, 0},
    {"length_that_is_no_number", "content-length:value=many", recovery::none, transport_errc::malformed_http, true, 0},
    {"negative_length", "content-length:value=-1", recovery::none, transport_errc::malformed_http, true, 0},
    {"length_beyond_all_numbers", "content-length:value=18446744073709551616", recovery::none,
     transport_errc::malformed_http, true, 0},
    {"length_beyond_the_limit", "content-length:value=99999999999", recovery::none, transport_errc::response_too_large,
     true, 0},
    {"wrong_checksum", "crc", recovery::next_attempt, errc::checksum_mismatch, true, 1},
    {"compressed", "gzip", recovery::none, errc::malformed_response, true, 1},
    {"chunked", "chunked", recovery::harmless, {}, false, 1},
    {"malformed_chunks", "malformed-chunks", recovery::none, transport_errc::malformed_http, true, 0},
    {"skewed_date_alone", "skew:by=-60min", recovery::harmless, {}, false, 1},
    {"close_announced", "close", recovery::harmless, {}, false, 0},
    {"html_500", "html:status=500", recovery::next_attempt, service_errc::internal_server_error, true, 1},
    {"html_502", "html:status=502", recovery::next_attempt, service_errc::service_unavailable, true, 1},
    {"html_503", "html:status=503", recovery::next_attempt, service_errc::service_unavailable, true, 1},
    {"html_504", "html:status=504", recovery::next_attempt, service_errc::service_unavailable, true, 1},
    {"html_200", "html:status=200", recovery::none, errc::malformed_response, true, 1},
    {"empty_200", "empty", recovery::none, errc::malformed_response, true, 1},
    {"empty_500", "empty:status=500", recovery::next_attempt, service_errc::internal_server_error, true, 1},
    {"empty_400", "empty:status=400", recovery::none, service_errc::validation, false, 1},
    {"invalid_json", "invalid-json", recovery::none, errc::malformed_response, true, 1},
    {"nested", "nested", recovery::none, errc::nesting_too_deep, true, 1},
    {"garbage", "garbage", recovery::none, transport_errc::malformed_http, true, 0},
    {"endless_headers", "endless", recovery::none, transport_errc::response_too_large, true, 0},
    {"endless_interim_answers", "endless:what=interim", recovery::none, transport_errc::response_too_large, true, 0},
    {"endless_chunks", "endless:what=chunks", recovery::none, transport_errc::response_too_large, true, 0},
    {"endless_body", "endless:what=body", recovery::none, transport_errc::response_too_large, true, 0},
    {"refused", "refuse", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"connection_reset", "reset-connection", recovery::next_attempt, transport_errc::connection_lost, true, 0},
    {"connection_held", "hold-connection", recovery::none, errc::deadline_exceeded, true, 0, 60ms},
    {"closed_at_first_bytes", "cut-handshake", recovery::next_attempt, transport_errc::connection_lost, true, 0},
};

class each_fault : public ::testing::TestWithParam<fault> {
protected:
    static void SetUpTestSuite() {
        database = new fault_endpoint();
        database->on(testing::match()).answer_json(R"({"Item":{"id":{"S":"1"}},"Attributes":{"id":{"S":"1"}}})");
    }
    static void TearDownTestSuite() {
        delete database;
        database = nullptr;
    }

    each_fault() : endpoint(database->url()), db(ctx, options()) {}

    client_options options() const {
        auto o = options_for(endpoint);
        o.pool.max_body_bytes = 1024 * 1024; // endless bodies end sooner
        if (GetParam().timeout > 0ms) o.timeout = GetParam().timeout;
        return o;
    }
    /// Attempts of a call that meets the fault each time.
    unsigned attempts_until_failure() const { return GetParam().mended == recovery::next_attempt ? all_attempts : 1; }

    template <class T> result<T> outcome(boost::asio::awaitable<T> op) {
        return test::run(ctx, as_result(std::move(op)));
    }
    void expect_pool(std::size_t open) const {
        auto const s = db.connections();
        EXPECT_EQ(s.open, open);
        EXPECT_EQ(s.idle, open);
        EXPECT_EQ(s.waiting, 0u);
    }
    template <class T> void expect_failure(result<T> const& r, bool unknown) const {
        ASSERT_TRUE(r.has_error());
        auto const& f = r.error();
        EXPECT_EQ(f.code, GetParam().code) << f.to_string();
        EXPECT_EQ(f.info->attempts, attempts_until_failure()) << f.to_string();
        EXPECT_EQ(f.info->outcome_unknown, unknown) << f.to_string();
        EXPECT_EQ(f.info->table, "users");
        EXPECT_EQ(f.to_string().find("secret"), std::string::npos);
    }

    static fault_endpoint* database;
    boost::asio::io_context ctx;
    fault_endpoint endpoint;
    client db;
};

fault_endpoint* each_fault::database = nullptr;

TEST_P(each_fault, at_every_attempt_of_a_read) {
    auto const rule = apply_fault(endpoint, GetParam().script);
    auto const r = outcome(db.get_item(get_user()));
    if (GetParam().mended == recovery::harmless) {
        ASSERT_TRUE(r) << r.error().to_string();
        EXPECT_TRUE(r->item);
    } else {
        expect_failure(r, false);
    }
    EXPECT_EQ(rule.rule.used(), attempts_until_failure());
    expect_pool(GetParam().left_open);
}

TEST_P(each_fault, at_every_attempt_of_a_write) {
    auto const rule = apply_fault(endpoint, GetParam().script);
    auto const r = outcome(db.update_item(count_up()));
    if (GetParam().mended == recovery::harmless) {
        ASSERT_TRUE(r) << r.error().to_string();
    } else {
        expect_failure(r, GetParam().unknown);
    }
    EXPECT_EQ(rule.rule.used(), attempts_until_failure());
    expect_pool(GetParam().left_open);
}

TEST_P(each_fault, once_and_the_client_is_as_good_as_new) {
    auto const rule = apply_fault(
        endpoint,
        GetParam().script +
            std::string(std::string(GetParam().script).find(':') == std::string::npos ? ":times=1" : ",times=1"));
    auto const first = outcome(db.update_item(count_up()));
    EXPECT_EQ(rule.rule.used(), 1u);
    EXPECT_EQ(first.has_value(), GetParam().mended != recovery::none);
    for (int i = 0; i < 3; ++i) {
        auto const later = outcome(db.update_item(count_up()));
        ASSERT_TRUE(later) << later.error().to_string();
    }
    expect_pool(1);
}

TEST_P(each_fault, a_write_that_may_not_be_repeated_is_sent_once) {
    auto const rule = apply_fault(endpoint, GetParam().script);
    auto const r = outcome(db.update_item(count_up(), call_options().repeat_unsafe_writes(false)));
    if (GetParam().mended == recovery::harmless) {
        EXPECT_TRUE(r);
        EXPECT_EQ(rule.rule.used(), 1u);
        return;
    }
    ASSERT_TRUE(r.has_error());
    EXPECT_EQ(r.error().code, GetParam().code) << r.error().to_string();
    EXPECT_EQ(r.error().info->outcome_unknown, GetParam().unknown);
    EXPECT_EQ(r.error().info->attempts, GetParam().unknown ? 1 : attempts_until_failure()) << r.error().to_string();
    EXPECT_EQ(rule.rule.used(), r.error().info->attempts);
}

INSTANTIATE_TEST_SUITE_P(all, each_fault, ::testing::ValuesIn(faults),
                         [](auto const& of) { return std::string(of.param.name); });

TEST(fault_outcomes, a_write_that_the_pool_sent_once_more_may_have_happened_whatever_its_second_answer_says) {
    fault_endpoint database;
    database.on(::dynasio::testing::match()).answer_json("{}");
    fault_endpoint endpoint(database.url());
    apply_fault_script(endpoint, "drop:nth=2,when=after\nerror:nth=2,type=AccessDeniedException");
    boost::asio::io_context ctx;
    client db(ctx, options_for(endpoint));
    dynamodb::put_item_request const put("users", dynamodb::item{{"id", "1"}});
    ASSERT_TRUE(test::run(ctx, as_result(db.put_item(put))));
    auto const r = test::run(ctx, as_result(db.put_item(put)));
    ASSERT_TRUE(r.has_error());
    EXPECT_EQ(r.error().code, service_errc::access_denied) << r.error().to_string();
    EXPECT_EQ(db.connections().resends, 1u);
    EXPECT_EQ(database.count(), 2u) << "the first sending was carried out";
    EXPECT_TRUE(r.error().info->outcome_unknown) << r.error().to_string();
}

struct tls_fault {
    char const* name;
    char const* script;
    error_code code;
    unsigned tries; ///< Connections until the call fails.
};

void PrintTo(tls_fault const& f, std::ostream* out) { *out << f.name; }

tls_fault const tls_faults[] = {
    {"self_signed", "self-signed", transport_errc::certificate_untrusted, 1},
    {"expired", "expired", transport_errc::certificate_untrusted, 1},
    {"wrong_host", "wrong-host", transport_errc::certificate_host_name, 1},
    {"handshake_cut", "cut-handshake", transport_errc::connection_lost, all_attempts},
    {"closed_at_once", "refuse", transport_errc::connection_lost, all_attempts},
    {"reset_at_once", "reset-connection", transport_errc::connection_lost, all_attempts},
    {"handshake_held", "hold-connection", transport_errc::connect_timeout, all_attempts},
};

class each_tls_fault : public ::testing::TestWithParam<tls_fault> {
protected:
    static fault_endpoint_options with_tls() {
        fault_endpoint_options o;
        o.tls = true;
        return o;
    }
    client_options options() const {
        auto o = options_for(endpoint);
        o.pool.connect_timeout = 200ms;
        return o;
    }
    fault_endpoint endpoint{with_tls()};
    boost::asio::io_context ctx;
    client db{ctx, options()};
};

TEST_P(each_tls_fault, at_every_connection_sends_nothing_and_leaves_none) {
    endpoint.on(testing::match()).answer_json("{}");
    auto const rule = apply_fault(endpoint, GetParam().script);
    auto const r = test::run(ctx, as_result(db.update_item(count_up())));
    ASSERT_TRUE(r.has_error());
    EXPECT_EQ(r.error().code, GetParam().code) << r.error().to_string();
    EXPECT_EQ(r.error().info->attempts, 0u) << "no request left";
    EXPECT_FALSE(r.error().info->outcome_unknown);
    EXPECT_EQ(rule.rule.used(), GetParam().tries);
    EXPECT_EQ(endpoint.connections(), GetParam().tries);
    EXPECT_EQ(endpoint.count(), 0u);
    EXPECT_EQ(db.connections().open, 0u);
}

TEST_P(each_tls_fault, once_is_mended_by_the_next_connection) {
    endpoint.on(testing::match()).answer_json("{}");
    apply_fault(endpoint, std::string(GetParam().script) + ":times=1");
    auto const first = test::run(ctx, as_result(db.update_item(count_up())));
    EXPECT_EQ(first.has_value(), GetParam().tries > 1);
    auto const second = test::run(ctx, as_result(db.update_item(count_up())));
    EXPECT_TRUE(second) << second.error().to_string();
    EXPECT_EQ(db.connections().open, 1u);
    EXPECT_EQ(db.connections().idle, 1u);
}

INSTANTIATE_TEST_SUITE_P(all, each_tls_fault, ::testing::ValuesIn(tls_faults),
                         [](auto const& of) { return std::string(of.param.name); });

class tls_endpoint : public each_tls_fault {};

TEST_F(tls_endpoint, carries_requests_and_their_faults) {
    fault_endpoint database;
    database.on(::dynasio::testing::match()).answer_json("{}");
    auto through = with_tls();
    through.upstream = database.url();
    fault_endpoint between(through);
    client of_it(ctx, options_for(between));
    auto const rules = apply_fault_script(between, "throttle:nth=1\ncut:nth=1\nclose-silently:nth=1\nchunked:nth=2\n"
                                                   "trickle:bytes=1,pause=1us,nth=3\ndrop:how=reset,nth=3");
    for (int i = 0; i < 8; ++i) {
        auto const r = test::run(ctx, as_result(of_it.update_item(count_up())));
        EXPECT_TRUE(r) << r.error().to_string();
    }
    for (auto const& rule : rules) EXPECT_EQ(rule.rule.used(), 1u) << rule.text;
    EXPECT_EQ(of_it.connections().open, 1u);
    EXPECT_EQ(of_it.connections().idle, 1u);
}

} // namespace
} // namespace dynasio
