#include <dynasio/dynamodb/log_observer.hpp>
#include <dynasio/dynamodb/observer.hpp>
#include <dynasio/dynamodb/requests.hpp>
#include <dynasio/dynamodb/telemetry_observer.hpp>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "dynamodb/recursion_trace.hpp"
#include "engine_fixture.hpp"
#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::test;
using namespace std::chrono_literals;
using dynasio::dynamodb::operation;
using dynasio::dynamodb::detail::in_lambda;
using dynasio::dynamodb::detail::raw_request;
using dynasio::dynamodb::detail::trace_header;
namespace json = boost::json;

/// Writes down everything that it is told, with every text in it.
class recorder final : public observer {
public:
    void on_call_started(observed_call const& c) noexcept override { note("call", c); }
    void on_attempt_started(observed_call const& c, attempt_started const& e) noexcept override {
        note("attempt", c) << e.attempt << ' ' << e.request_bytes;
        started.push_back(e.request_bytes);
    }
    void on_attempt_finished(observed_call const& c, attempt_finished const& e) noexcept override {
        note("answer", c) << e.attempt << ' ' << e.code.message() << ' ' << e.service_code << ' ' << e.request_id << ' '
                          << e.http_status << ' ' << e.response_bytes;
        codes.push_back(e.code);
        answers.push_back(e);
    }
    void on_retry(observed_call const& c, retry_scheduled const& e) noexcept override {
        note("retry", c) << e.attempt << ' ' << e.code.message() << ' ' << e.service_code;
    }
    void on_throttle_wait(observed_call const& c, throttle_waited const& e) noexcept override {
        note(e.passed ? "waited" : "gave_up", c) << e.table << ' ' << e.index;
    }
    void on_hedge(observed_call const& c, hedge_finished const& e) noexcept override {
        note(e.won ? "hedge_won" : "hedge", c);
    }
    void on_call_finished(observed_call const& c, call_finished const& e) noexcept override {
        note("end", c) << e.code.message() << ' ' << e.service_code << ' ' << e.attempts;
        codes.push_back(e.code);
        for (auto const& u : e.capacity) capacity.push_back(u);
    }
    void on_credentials(credentials_fetched const& e) noexcept override {
        kinds.emplace_back("credentials");
        text << "credentials " << e.code.message() << '\n';
        codes.push_back(e.code);
    }
    void on_opened(http::connection_opened const& e) noexcept override {
        kinds.emplace_back("opened");
        text << e.address << '\n';
    }
    void on_closed(http::connection_closed const& e) noexcept override {
        kinds.emplace_back("closed");
        text << to_string(e.reason) << '\n';
    }

    std::vector<std::string> kinds{};
    std::ostringstream text{};
    std::vector<std::size_t> started{};
    std::vector<attempt_finished> answers{}; ///< Its views are void.
    std::vector<error_code> codes{};
    std::vector<capacity_usage> capacity{};
    std::map<std::uint64_t, std::string> calls{};

private:
    std::ostringstream& note(std::string const& kind, observed_call const& c) {
        kinds.push_back(kind);
        text << '\n'
             << kind << ' ' << c.number << ' ' << c.operation << ' ' << c.table << ' ' << c.index << ' ' << c.label
             << ' ' << c.trace_id << ' ' << c.region << ' ' << c.endpoint << ' ' << c.host << ' ' << c.port << ' ';
        for (auto const& t : c.tables) text << t << ' ';
        calls[c.number] = std::string(c.operation) + ' ' + std::string(c.table) + ' ' + std::string(c.index) + ' ' +
                          std::string(c.label);
        return text;
    }
};

using strings = std::vector<std::string>;

struct observer_test : engine_fixture {
    client_options watched() {
        auto o = options();
        o.observer = seen;
        return o;
    }
    std::shared_ptr<recorder> seen = std::make_shared<recorder>();
};

TEST_F(observer_test, hears_of_a_call_from_its_start_to_its_end) {
    auto const e = make_engine(watched());
    service.next.emplace_back(R"({"Item":{}})", 200, "x-amzn-RequestId: R1\r\n");
    ASSERT_TRUE(outcome(e->perform(get(call_options().label("checkout")))).has_value());
    EXPECT_EQ(seen->kinds, (strings{"call", "credentials", "attempt", "opened", "answer", "end"}));
    EXPECT_EQ(seen->calls.at(1), "GetItem users  checkout");
    EXPECT_EQ(seen->started.at(0), service.requests.at(0).size());
    ASSERT_EQ(seen->answers.size(), 1U);
    EXPECT_EQ(seen->answers[0].response_bytes, 11U);
    EXPECT_EQ(seen->answers[0].http_status, 200U);
    EXPECT_FALSE(seen->answers[0].reused_connection);
    EXPECT_GT(seen->answers[0].took.count(), 0);
    EXPECT_NE(seen->text.str().find(" R1 200 11"), std::string::npos);
    EXPECT_NE(seen->text.str().find("us-east-1 http://127.0.0.1:"), std::string::npos);
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_TRUE(seen->answers[1].reused_connection);
    EXPECT_EQ(seen->calls.size(), 2U);
}

TEST_F(observer_test, hears_of_retries_with_their_reason) {
    auto const e = make_engine(watched());
    service.next.push_back(service_error_answer("InternalServerError", 500));
    service.next.emplace_back("{}");
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(seen->kinds,
              (strings{"call", "credentials", "attempt", "opened", "answer", "retry", "attempt", "answer", "end"}));
    EXPECT_EQ(seen->codes, (std::vector<error_code>{{}, service_errc::internal_server_error, {}, {}}));
}

TEST_F(observer_test, hears_how_a_call_fails) {
    auto const e = make_engine(watched());
    service.next.push_back(service_error_answer("ValidationException"));
    ASSERT_TRUE(outcome(e->perform(get())).has_error());
    EXPECT_EQ(seen->codes.back(), service_errc::validation);
    EXPECT_EQ(seen->kinds.back(), "end");
    service.next.emplace_back(canned::how::silent);
    ASSERT_TRUE(outcome(e->perform(get(call_options().timeout(20ms)))).has_error());
    EXPECT_EQ(seen->codes.back(), errc::deadline_exceeded);
    ASSERT_TRUE(outcome(e->perform(get(call_options().timeout(0s)))).has_error());
    EXPECT_EQ(seen->kinds.back(), "end");
}

TEST_F(observer_test, hears_of_hedges_connections_and_capacity) {
    auto o = watched();
    o.hedging.enabled = true;
    o.hedging.budget = 1;
    o.hedging.min_samples = 1;
    o.capacity = capacity_detail::indexes;
    auto const e = make_engine(o);
    service.next.emplace_back(
        R"({"ConsumedCapacity":{"TableName":"users","CapacityUnits":2,"Table":{"CapacityUnits":2}}})");
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    ASSERT_EQ(seen->capacity.size(), 1U);
    EXPECT_EQ(seen->capacity[0].table, "users");
    EXPECT_EQ(seen->capacity[0].read_units, 2);
    service.next.emplace_back(canned::how::silent);
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(std::count(seen->kinds.begin(), seen->kinds.end(), "hedge_won"), 1);
    EXPECT_EQ(std::count(seen->kinds.begin(), seen->kinds.end(), "closed"), 1);
}

TEST_F(observer_test, hears_of_waits_for_throttled_tables) {
    auto o = watched();
    o.throttling.first_pause = 20ms;
    auto const e = make_engine(o);
    auto const put_into = [](std::string const& table) {
        return raw_request{operation::put_item, R"({"Item":{"id":{"S":"1"}},"TableName":")" + table + R"("})", true,
                           call_options().attempts(1)};
    };
    auto const waits = [&] { return std::count(seen->kinds.begin(), seen->kinds.end(), "waited"); };
    // On a machine that stands still the pause may be over before the second request: then once more, elsewhere.
    for (int i = 0; i < 20 && waits() == 0; ++i) {
        std::string const table = "t" + std::to_string(i);
        service.next.push_back(service_error_answer("ThrottlingException"));
        ASSERT_TRUE(outcome(e->perform(put_into(table))).has_error());
        ASSERT_TRUE(outcome(e->perform(put_into(table))).has_value());
    }
    EXPECT_EQ(waits(), 1);
    EXPECT_EQ(std::count(seen->kinds.begin(), seen->kinds.end(), "gave_up"), 0);
}

TEST_F(observer_test, hears_of_no_call_when_connections_are_only_prepared) {
    auto const e = make_engine(watched());
    run(ctx, e->warm_up({}));
    e->stop();
    EXPECT_THROW(run(ctx, e->warm_up({})), dynasio::error);
    EXPECT_TRUE(seen->calls.empty());
    EXPECT_EQ(std::count(seen->kinds.begin(), seen->kinds.end(), "end"), 0);
}

TEST_F(observer_test, the_pool_may_have_a_listener_of_its_own) {
    auto o = watched();
    auto const own = std::make_shared<recorder>();
    o.pool.listener = own;
    auto const e = make_engine(o);
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(own->kinds, strings{"opened"});
    EXPECT_EQ(std::count(seen->kinds.begin(), seen->kinds.end(), "opened"), 0);
}

TEST_F(observer_test, failed_credentials_are_told_without_their_message) {
    auto o = watched();
    o.credentials = []() -> asio::awaitable<aws::credentials> {
        throw_error(errc::no_credentials, "a-secret-nobody-may-see");
        co_return aws::credentials("a", "b");
    };
    auto const e = make_engine(o);
    ASSERT_TRUE(outcome(e->perform(get())).has_error());
    EXPECT_EQ(seen->codes.front(), errc::no_credentials);
    EXPECT_EQ(seen->text.str().find("a-secret-nobody-may-see"), std::string::npos);
}

/// Everything that observers are told in a run with successes, retries, refusals, lost connections and waits.
struct secrecy_test : engine_fixture {
    template <class Observer> void run_everything(Observer watching) {
        auto o = options();
        o.observer = watching;
        o.throttling.first_pause = 1ms;
        o.capacity = capacity_detail::total;
        auto const e = make_engine(o);
        auto const message = canned(R"({"__type":"ConditionalCheckFailedException","message":"PLANTED-IN-MESSAGE",)"
                                    R"("Item":{"id":{"S":"PLANTED-IN-ITEM"}}})",
                                    400);
        auto const request = [](operation op) {
            return raw_request{op,
                               R"({"TableName":"users","Key":{"id":{"S":"PLANTED-IN-KEY"}},)"
                               R"("ExpressionAttributeValues":{":v":{"S":"PLANTED-IN-VALUE"}}})",
                               true, call_options()};
        };
        for (operation const op : {operation::get_item, operation::update_item, operation::query}) {
            service.next.emplace_back(R"({"Item":{"id":{"S":"PLANTED-IN-ANSWER"}}})", 200);
            EXPECT_TRUE(outcome(e->perform(request(op))).has_value());
            service.next.push_back(message);
            EXPECT_TRUE(outcome(e->perform(request(op))).has_error());
            service.next.push_back(service_error_answer("ThrottlingException"));
            EXPECT_TRUE(outcome(e->perform(request(op))).has_value());
            service.next.emplace_back(canned::how::reset);
            EXPECT_TRUE(outcome(e->perform(request(op))).has_value());
            service.next.emplace_back(canned::how::truncated);
            EXPECT_TRUE(outcome(e->perform(request(op))).has_value());
        }
        e->stop();
    }
    static void expect_nothing_planted(std::string const& text) {
        EXPECT_NE(text.find("users"), std::string::npos);
        for (std::string const planted : {"PLANTED", "a-secret-nobody-may-see", "a-token", "AKIDEXAMPLE", "Signature"})
            EXPECT_EQ(text.find(planted), std::string::npos) << planted;
    }
};

TEST_F(secrecy_test, no_event_holds_a_secret_or_an_items_value) {
    auto const seen = std::make_shared<recorder>();
    run_everything(seen);
    expect_nothing_planted(seen->text.str());
}

TEST_F(secrecy_test, no_line_of_the_log_does) {
    std::string text;
    run_everything(make_log_observer(log_level::debug, [&](log_level level, std::string_view line) {
        text += to_string(level);
        text += ' ';
        text += line;
        text += '\n';
        EXPECT_EQ(line.find('\n'), line.npos);
    }));
    expect_nothing_planted(text);
    for (std::string const part :
         {"info call 1 GetItem table=users ok attempts=1 took=",
          "warning call 2 GetItem table=users attempt n=1 error=",
          "error call 2 GetItem table=users error=ConditionalCheckFailedException attempts=1",
          "warning call 3 GetItem table=users retry after_attempt=1 error=ThrottlingException delay=0.000ms",
          "debug credentials ok", "debug connection n=1 opened address=127.0.0.1:", "closed reason="})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

std::string describe(telemetry_span const& span) {
    std::ostringstream out;
    out << (span.request ? "request " : "call ") << span.call << ' ' << span.name << (span.error ? " error" : "");
    for (auto const& a : span.attributes) {
        out << ' ' << a.key << '=';
        struct print {
            std::ostringstream& out;
            void operator()(std::span<std::string_view const> all) const {
                for (auto const text : all) out << text << ';';
            }
            void operator()(std::string_view text) const { out << text; }
            void operator()(std::int64_t value) const { out << value; }
            void operator()(double value) const { out << value; }
            void operator()(bool value) const { out << value; }
        };
        std::visit(print{out}, a.value);
    }
    return out.str();
}

TEST_F(secrecy_test, no_span_does) {
    std::string text;
    run_everything(make_telemetry_observer([&](telemetry_span const& span) { text += describe(span) + '\n'; }));
    expect_nothing_planted(text);
}

TEST_F(observer_test, the_log_keeps_to_its_level_and_survives_its_sink) {
    unsigned lines = 0;
    auto o = options();
    o.observer = make_log_observer(log_level::error, [&](log_level level, std::string_view) {
        EXPECT_EQ(level, log_level::error);
        ++lines;
        throw std::runtime_error("no room");
    });
    auto const e = make_engine(o);
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(lines, 0U);
    service.next.push_back(service_error_answer("Odd\\nName Exception"));
    ASSERT_TRUE(outcome(e->perform(get())).has_error());
    EXPECT_EQ(lines, 1U);
    EXPECT_THROW((void)make_log_observer(log_level::info, {}), error);
    EXPECT_THROW((void)make_telemetry_observer({}), error);
}

TEST_F(observer_test, untrusted_text_does_not_break_a_line) {
    strings lines;
    auto o = options();
    o.observer =
        make_log_observer(log_level::error, [&](log_level, std::string_view line) { lines.emplace_back(line); });
    auto const e = make_engine(o);
    service.next.emplace_back(R"({"__type":"Odd\nName with\u0000 blanks\u00e9"})", 400);
    ASSERT_TRUE(outcome(e->perform(get())).has_error());
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("error=Odd\\x0aName_with\\x00_blanks\\xc3\\xa9 "), std::string::npos) << lines[0];
}

TEST_F(observer_test, spans_have_opentelemetrys_names) {
    strings spans;
    auto o = options();
    o.observer = make_telemetry_observer([&](telemetry_span const& span) { spans.push_back(describe(span)); });
    auto const e = make_engine(o);
    std::string const port = std::to_string(service.server.port());
    std::string const server = " server.address=127.0.0.1 server.port=" + port;
    service.next.push_back(service_error_answer("InternalServerError", 500));
    service.next.emplace_back(
        R"({"ConsumedCapacity":{"TableName":"users","CapacityUnits":1,"GlobalSecondaryIndexes":{"g":{"CapacityUnits":1}}}})",
        200, "x-amzn-RequestId: R2\r\n");
    raw_request query{operation::query, R"({"TableName":"users","IndexName":"g","ReturnConsumedCapacity":"INDEXES"})",
                      true, call_options()};
    ASSERT_TRUE(outcome(e->perform(std::move(query))).has_value());
    ASSERT_EQ(spans.size(), 3U);
    EXPECT_TRUE(spans[0].starts_with("request 1 POST error http.request.method=POST url.full=http://127.0.0.1:" + port))
        << spans[0];
    EXPECT_NE(spans[0].find("http.response.status_code=500"), std::string::npos);
    EXPECT_NE(spans[0].find("error.type=500"), std::string::npos);
    EXPECT_NE(spans[1].find("http.request.resend_count=1"), std::string::npos);
    EXPECT_EQ(spans[2],
              "call 1 DynamoDB.Query db.system.name=aws.dynamodb db.operation.name=Query db.collection.name=users "
              "rpc.system=aws-api rpc.service=DynamoDB rpc.method=Query aws.dynamodb.table_names=users; "
              "aws.dynamodb.index_name=g aws.request_id=R2 cloud.region=us-east-1" +
                  server +
                  R"( aws.dynamodb.consumed_capacity={"TableName":"users","IndexName":"g","ReadCapacityUnits":1,)"
                  R"("WriteCapacityUnits":0}; dynasio.attempts=2)");
    service.next.push_back(service_error_answer("ValidationException"));
    ASSERT_TRUE(outcome(e->perform(get())).has_error());
    EXPECT_NE(spans.back().find(" error "), std::string::npos);
    EXPECT_NE(spans.back().find("db.response.status_code=ValidationException error.type=ValidationException"),
              std::string::npos);
}

TEST_F(observer_test, clients_that_share_an_observer_are_told_apart) {
    std::vector<std::pair<std::uint64_t, std::string>> spans;
    auto o = options();
    o.observer =
        make_telemetry_observer([&](telemetry_span const& span) { spans.emplace_back(span.client, describe(span)); });
    auto const one = make_engine(o);
    auto const other = make_engine(o);
    ASSERT_TRUE(outcome(one->perform(get())).has_value());
    ASSERT_TRUE(outcome(other->perform(get())).has_value());
    ASSERT_EQ(spans.size(), 4U);
    for (auto const& [client, text] : spans) EXPECT_NE(text.find(" 1 "), text.npos) << text;
    EXPECT_EQ(spans[0].first, spans[1].first);
    EXPECT_EQ(spans[2].first, spans[3].first);
    EXPECT_NE(spans[0].first, spans[2].first);

    // What is known of a call under way is that call's.
    observed_call call;
    call.number = 1;
    call.client = 1'000'001;
    o.observer->on_hedge(call, hedge_finished());
    call.client = 1'000'002;
    o.observer->on_call_finished(call, call_finished());
    EXPECT_EQ(spans.back().second.find("dynasio.hedges"), std::string::npos) << spans.back().second;
    call.client = 1'000'001;
    o.observer->on_call_finished(call, call_finished());
    EXPECT_NE(spans.back().second.find("dynasio.hedges=1"), std::string::npos) << spans.back().second;
}

TEST_F(observer_test, a_log_of_several_clients_names_all_but_the_first) {
    strings lines;
    auto o = options();
    o.observer =
        make_log_observer(log_level::info, [&](log_level, std::string_view line) { lines.emplace_back(line); });
    auto const one = make_engine(o);
    auto const other = make_engine(o);
    ASSERT_TRUE(outcome(one->perform(get())).has_value());
    ASSERT_TRUE(outcome(other->perform(get())).has_value());
    ASSERT_TRUE(outcome(one->perform(get())).has_value());
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_TRUE(lines[0].starts_with("call 1 GetItem table=users ok")) << lines[0];
    EXPECT_TRUE(lines[1].starts_with("call 1 GetItem client=")) << lines[1];
    EXPECT_TRUE(lines[2].starts_with("call 2 GetItem table=users ok")) << lines[2];
}

// The trace id of a Lambda function

aws::environment environment_of(std::map<std::string, std::string> variables) {
    aws::environment env;
    env.variable = [variables = std::move(variables)](std::string const& name) -> std::optional<std::string> {
        auto const at = variables.find(name);
        if (at == variables.end()) return std::nullopt;
        return at->second;
    };
    env.read_file = [](std::string const&) -> std::optional<std::string> { return std::nullopt; };
    return env;
}

struct recursion_detection : testing::TestWithParam<std::size_t> {};

json::value const& published_traces() {
    static json::value const all = tests::read_json("aws-shared/smithy-rs/recursion-detection.json");
    return all;
}

TEST_P(recursion_detection, sends_what_awss_sdks_send) {
    json::value const& one = published_traces().at(GetParam());
    std::map<std::string, std::string> variables;
    for (auto const& [name, value] : one.at("env").as_object()) variables[std::string(name)] = tests::to_string(value);
    std::string const start = "X-Amzn-Trace-Id: ";
    auto const value_of = [&](json::value const& headers) {
        if (headers.as_array().empty()) return std::string();
        return tests::to_string(headers.at(0)).substr(start.size());
    };
    auto const env = environment_of(variables);
    EXPECT_EQ(trace_header(env, in_lambda(env), value_of(one.at("requestHeadersBefore"))),
              value_of(one.at("requestHeadersAfter")));
}

INSTANTIATE_TEST_SUITE_P(all, recursion_detection, testing::Range<std::size_t>(0, 5));

TEST(recursion_detection_suite, all_published_cases_are_run) { EXPECT_EQ(published_traces().as_array().size(), 5U); }

struct trace_test : observer_test {};

TEST_F(trace_test, the_id_is_sent_unsigned_and_told) {
    auto const env = environment_of({{"AWS_LAMBDA_FUNCTION_NAME", "f"}, {"_X_AMZN_TRACE_ID", "Root=1-2;Sampled=1"}});
    auto const e = dynamodb::detail::engine::create(ctx.get_executor(), watched(), env);
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(service.header(0, "X-Amzn-Trace-Id"), "Root=1-2;Sampled=1");
    EXPECT_EQ(service.head(0).find("x-amzn-trace-id"), std::string::npos); // not among the signed ones
    EXPECT_NE(seen->text.str().find("Root=1-2;Sampled=1"), std::string::npos);
    ASSERT_TRUE(outcome(e->perform(get(call_options().trace_id("Root=own")))).has_value());
    EXPECT_EQ(service.header(1, "X-Amzn-Trace-Id"), "Root=own");
}

TEST_F(trace_test, outside_lambda_only_what_the_call_says_is_sent) {
    auto const env = environment_of({{"_X_AMZN_TRACE_ID", "Root=1-2;Sampled=1"}});
    auto const e = dynamodb::detail::engine::create(ctx.get_executor(), watched(), env);
    ASSERT_TRUE(outcome(e->perform(get())).has_value());
    EXPECT_EQ(service.head(0).find("Trace-Id"), std::string::npos);
    ASSERT_TRUE(outcome(e->perform(get(call_options().trace_id("a\r\nX-Evil: 1")))).has_value());
    EXPECT_EQ(service.header(1, "X-Amzn-Trace-Id"), "a%0D%0AX-Evil: 1");
}

} // namespace
