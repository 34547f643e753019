#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/operations/describe_contributor_insights.hpp>
#include <dynasio/dynamodb/operations/describe_export.hpp>
#include <dynasio/dynamodb/operations/describe_import.hpp>
#include <dynasio/dynamodb/operations/describe_kinesis_streaming_destination.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "dynamodb/waiter.hpp"
#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::dynamodb;
using namespace dynasio::dynamodb::detail;
using namespace std::chrono_literals;
namespace json = boost::json;

/// What a judge says about an answer of this text; an empty text stands for "there is no such thing".
using judging = std::function<sighting(std::string const&)>;

template <class Response> judging judge(sighting (*judged_by)(Response const*)) {
    return [judged_by](std::string const& text) {
        if (text.empty()) return judged_by(nullptr);
        Response answer;
        json_reader in(text);
        read_json(in, answer);
        return judged_by(&answer);
    };
}

std::map<std::string, judging> const& judges() {
    static std::map<std::string, judging> const all{
        {"TableExists", judge(judge_table_exists)},
        {"TableNotExists", judge(judge_table_gone)},
        {"ExportCompleted", judge(judge_export)},
        {"ImportCompleted", judge(judge_import)},
        {"ContributorInsightsEnabled", judge(judge_contributor_insights)},
        {"KinesisStreamingDestinationActive", judge(judge_kinesis_streaming)},
    };
    return all;
}

/// A document that has `value` at a path such as "Table.TableStatus" or "List[].Status".
json::value document(std::string const& path, json::value const& value) {
    if (path.empty()) return value;
    auto const dot = path.find('.');
    std::string const first = path.substr(0, dot);
    json::value const rest = document(dot == path.npos ? "" : path.substr(dot + 1), value);
    if (first.ends_with("[]")) return json::object{{first.substr(0, first.size() - 2), json::array{rest}}};
    return json::object{{first, rest}};
}

wait_verdict verdict_named(std::string const& state) {
    return state == "success" ? wait_verdict::reached : state == "failure" ? wait_verdict::failed : wait_verdict::again;
}

constexpr char const* all_streams_ended =
    "length(KinesisDataStreamDestinations) > `0`  && length(KinesisDataStreamDestinations[?DestinationStatus == "
    "'DISABLED' || DestinationStatus == 'ENABLE_FAILED']) ==  length(KinesisDataStreamDestinations)";

TEST(waiters, accept_what_the_service_model_says) {
    json::value const model = tests::read_json("dynamodb/botocore/waiters-2.json");
    std::size_t acceptors = 0;
    EXPECT_EQ(model.at("waiters").as_object().size(), judges().size());
    for (auto const& [name, waiter] : model.at("waiters").as_object()) {
        SCOPED_TRACE(std::string(name));
        auto const found = judges().find(std::string(name));
        ASSERT_NE(found, judges().end());
        judging const& judged = found->second;
        for (json::value const& acceptor : waiter.at("acceptors").as_array()) {
            ++acceptors;
            auto const expected = verdict_named(tests::to_string(acceptor.at("state")));
            std::string const matcher = tests::to_string(acceptor.at("matcher"));
            if (matcher == "error") {
                EXPECT_EQ(acceptor.at("expected"), json::value("ResourceNotFoundException"));
                EXPECT_EQ(judged("").verdict, expected);
                continue;
            }
            std::string const path = tests::to_string(acceptor.at("argument"));
            if (path == all_streams_ended) continue; // the next test
            EXPECT_TRUE(matcher == "path" || matcher == "pathAny") << matcher;
            EXPECT_EQ(judged(json::serialize(document(path, acceptor.at("expected")))).verdict, expected);
            EXPECT_EQ(judged(json::serialize(document(path, "SOMETHING_NEW"))).verdict, wait_verdict::again);
        }
        EXPECT_EQ(judged("{}").verdict, wait_verdict::again);
    }
    EXPECT_EQ(acceptors, 12U);
}

TEST(waiters, a_stream_is_waited_for_until_all_have_ended) {
    auto const judged = judge(judge_kinesis_streaming);
    auto const of = [&judged](std::vector<std::string> const& states) {
        json::array list;
        for (std::string const& state : states) list.push_back(json::object{{"DestinationStatus", state}});
        return judged(json::serialize(json::object{{"KinesisDataStreamDestinations", list}})).verdict;
    };
    EXPECT_EQ(of({}), wait_verdict::again);
    EXPECT_EQ(of({"DISABLED"}), wait_verdict::failed);
    EXPECT_EQ(of({"DISABLED", "ENABLE_FAILED"}), wait_verdict::failed);
    EXPECT_EQ(of({"DISABLED", "ENABLING"}), wait_verdict::again);
    EXPECT_EQ(of({"DISABLED", "ACTIVE"}), wait_verdict::reached);
}

TEST(waiters, a_usable_table_has_active_indexes) {
    auto const judged = judge(judge_table_usable);
    EXPECT_EQ(judged(R"({"Table":{"TableStatus":"ACTIVE"}})").verdict, wait_verdict::reached);
    auto const building = judged(R"({"Table":{"TableStatus":"ACTIVE","GlobalSecondaryIndexes":[{"IndexName":"a",
        "IndexStatus":"ACTIVE"},{"IndexName":"b","IndexStatus":"CREATING"}]}})");
    EXPECT_EQ(building.verdict, wait_verdict::again);
    EXPECT_EQ(building.state, "ACTIVE, but an index is not");
    EXPECT_EQ(judged("").state, "it does not exist");
}

TEST(waiters, pauses_are_doubled_up_to_the_longest) {
    waiter w(poll_options{100ms, 350ms});
    EXPECT_EQ(w.pause(), 100ms);
    EXPECT_EQ(w.pause(), 200ms);
    EXPECT_EQ(w.pause(), 350ms);
    EXPECT_EQ(w.pause(), 350ms);
    waiter steady(poll_options{500ms, 100ms});
    EXPECT_EQ(steady.pause(), 500ms);
    EXPECT_EQ(steady.pause(), 500ms);
    waiter endless(poll_options{1ms, std::chrono::milliseconds::max()});
    for (int i = 0; i < 100; ++i) EXPECT_GT(endless.pause(), 0ms);
    EXPECT_EQ(endless.pause(), 24h);
    EXPECT_EQ(waiter(poll_options{std::chrono::milliseconds::max(), 1ms}).pause(), 24h);
}

TEST(waiters, go_on_until_the_goal_or_a_dead_end) {
    waiter w(poll_options{});
    EXPECT_FALSE(w.saw({wait_verdict::again, "IN_PROGRESS"}, "the export", "DescribeExport", "arn"));
    EXPECT_TRUE(w.saw({wait_verdict::reached, "COMPLETED"}, "the export", "DescribeExport", "arn"));
    try {
        static_cast<void>(w.saw({wait_verdict::failed, "FAILED"}, "the export", "DescribeExport", "arn"));
        FAIL();
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::wait_failed);
        EXPECT_EQ(e.info().operation, "DescribeExport");
        EXPECT_NE(e.info().message.find("FAILED"), std::string::npos);
    }
}

TEST(waiters, say_what_they_saw_last_when_time_is_up) {
    waiter w(poll_options{});
    auto const message = [&w] {
        try {
            w.out_of_time(errc::deadline_exceeded, "the export", "DescribeExport", "arn");
        } catch (error const& e) {
            EXPECT_EQ(e.code(), errc::deadline_exceeded);
            return e.info().message;
        }
    };
    EXPECT_EQ(message(), "waited for the export, and got no answer");
    static_cast<void>(w.saw({wait_verdict::again, "IN_PROGRESS"}, "the export", "DescribeExport", "arn"));
    EXPECT_EQ(message(), "waited for the export, last state: IN_PROGRESS");
}

} // namespace
