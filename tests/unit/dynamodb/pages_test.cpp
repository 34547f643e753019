#include <dynasio/dynamodb/pages.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <optional>
#include <string>
#include <vector>

#include "engine_fixture.hpp"
#include "support/test_data.hpp"

namespace {

using namespace dynasio::test;
using namespace dynasio::dynamodb;
using namespace std::chrono_literals;
using dynasio::call_options;
using dynasio::client;
using dynasio::errc;
using dynasio::poll_options;
using dynasio::service_errc;

using pages_test = engine_fixture;

query_request by_id() {
    query_request q("users");
    q.key_condition_expression = "id = :i";
    return q;
}

constexpr char const* first_page = R"({"Items":[{"n":{"N":"1"}},{"n":{"N":"2"}}],"LastEvaluatedKey":{"n":{"N":"2"}}})";
constexpr char const* empty_page = R"({"Items":[],"LastEvaluatedKey":{"n":{"N":"5"}}})";
constexpr char const* last_page = R"({"Items":[{"n":{"N":"6"}}]})";

TEST_F(pages_test, come_one_after_the_other_until_the_last) {
    client db(ctx, options());
    for (char const* page : {first_page, empty_page, last_page}) service.next.emplace_back(page);
    auto stream = pages(db, by_id());
    std::vector<std::size_t> sizes;
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(stream.done());
        auto const page = outcome(stream.next());
        ASSERT_TRUE(page.has_value() && *page);
        sizes.push_back((*page)->items->size());
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 0, 1}));
    EXPECT_TRUE(stream.done());
    EXPECT_FALSE(*outcome(stream.next()));
    EXPECT_EQ(service.requests.size(), 3U);
    EXPECT_EQ(service.body(0).find("ExclusiveStartKey"), std::string::npos);
    EXPECT_NE(service.body(1).find(R"("ExclusiveStartKey":{"n":{"N":"2"}})"), std::string::npos);
    EXPECT_NE(service.body(2).find(R"("ExclusiveStartKey":{"n":{"N":"5"}})"), std::string::npos);
}

TEST_F(pages_test, an_error_loses_none) {
    client db(ctx, options());
    service.next.emplace_back(first_page);
    service.next.push_back(service_error_answer("AccessDeniedException"));
    service.next.emplace_back(last_page);
    auto stream = pages(db, by_id());
    ASSERT_TRUE(outcome(stream.next()).has_value());
    EXPECT_EQ(failure_of(outcome(stream.next())).code, service_errc::access_denied);
    EXPECT_FALSE(stream.done());
    auto const again = outcome(stream.next());
    ASSERT_TRUE(again.has_value() && *again);
    EXPECT_EQ((*again)->items->front().at("n").as_number().to_int64(), 6);
    EXPECT_EQ(service.body(1), service.body(2));
    EXPECT_TRUE(stream.done());
}

TEST_F(pages_test, elements_come_one_by_one_and_survive_errors) {
    client db(ctx, options());
    service.next.emplace_back(first_page);
    service.next.emplace_back(empty_page);
    service.next.push_back(service_error_answer("AccessDeniedException"));
    service.next.emplace_back(last_page);
    auto stream = elements(db, by_id());
    auto const next = [&]() -> std::int64_t {
        auto const one = outcome(stream.next());
        if (!one.has_value()) return -1;
        return *one ? (*one)->at("n").as_number().to_int64() : 0;
    };
    EXPECT_EQ(next(), 1);
    EXPECT_EQ(next(), 2);
    EXPECT_EQ(next(), -1);
    EXPECT_EQ(next(), 6);
    EXPECT_EQ(next(), 0);
    EXPECT_EQ(next(), 0);
    EXPECT_EQ(service.requests.size(), 4U);
}

TEST_F(pages_test, are_asked_for_one_at_a_time) {
    client db(ctx, options());
    service.otherwise = canned(first_page);
    auto stream = pages(db, by_id());
    auto first = start(ctx, dynasio::as_result(stream.next()));
    run_until(ctx, [&] { return service.requests.size() == 1; });
    auto copy = stream;
    auto const second = failure_of(outcome(stream.next()));
    EXPECT_EQ(second.code, errc::invalid_argument);
    EXPECT_EQ(second.info->operation, "Query");
    EXPECT_TRUE(finish(ctx, first).has_value());
    EXPECT_TRUE(outcome(copy.next()).has_value());

    auto items = elements(db, by_id());
    auto one = start(ctx, dynasio::as_result(items.next()));
    run_until(ctx, [&] { return service.requests.size() == 3; });
    EXPECT_EQ(failure_of(outcome(items.next())).code, errc::invalid_argument);
    EXPECT_TRUE(finish(ctx, one).has_value());
    EXPECT_TRUE(outcome(items.next()).has_value());
}

TEST_F(pages_test, a_page_that_names_itself_as_the_next_is_an_error) {
    client db(ctx, options());
    service.otherwise = canned(first_page);
    auto stream = pages(db, by_id());
    ASSERT_TRUE(outcome(stream.next()).has_value());
    EXPECT_EQ(failure_of(outcome(stream.next())).code, errc::malformed_response);
    EXPECT_FALSE(stream.done());
}

TEST_F(pages_test, go_on_from_a_request_that_was_kept) {
    client db(ctx, options());
    service.next.emplace_back(first_page);
    std::optional<query_request> kept;
    {
        auto stream = pages(db, by_id());
        ASSERT_TRUE(outcome(stream.next()).has_value());
        kept.emplace(stream.request());
    }
    service.next.emplace_back(last_page);
    auto later = pages(db, *kept);
    ASSERT_TRUE(outcome(later.next()).has_value());
    EXPECT_NE(service.body(1).find("ExclusiveStartKey"), std::string::npos);
    EXPECT_TRUE(later.done());
}

TEST_F(pages_test, options_are_those_of_every_page) {
    client db(ctx, options());
    service.next.emplace_back(first_page);
    service.next.emplace_back(canned::how::silent);
    auto stream = pages(db, by_id(), call_options().timeout(50ms));
    ASSERT_TRUE(outcome(stream.next()).has_value());
    EXPECT_EQ(failure_of(outcome(stream.next())).code, errc::deadline_exceeded);
}

template <class Request> std::size_t count_elements(dynasio::test::asio::io_context& ctx, client& db, Request request) {
    auto stream = elements(db, request);
    std::size_t count = 0;
    for (;; ++count) {
        auto const one = run(ctx, dynasio::as_result(stream.next()));
        if (!one.has_value() || !*one) break;
    }
    return count;
}

TEST_F(pages_test, of_all_operations_are_chained_by_their_own_tokens) {
    client db(ctx, options());
    auto const two = [this](std::string const& list, std::string const& token) {
        service.next.emplace_back(R"({")" + list + R"(":[{}],")" + token + R"(":"go on"})");
        service.next.emplace_back(R"({")" + list + R"(":[{},{}],")" + token + R"(":""})");
    };
    auto const resumed_by = [this](std::string const& name) {
        return service.body(service.requests.size() - 1).find("\"" + name + "\":\"go on\"") != std::string::npos;
    };
    two("BackupSummaries", "LastEvaluatedBackupArn");
    EXPECT_EQ(count_elements(ctx, db, list_backups_request()), 3U);
    EXPECT_TRUE(resumed_by("ExclusiveStartBackupArn"));
    two("Tags", "NextToken");
    EXPECT_EQ(count_elements(ctx, db, list_tags_of_resource_request("arn")), 3U);
    EXPECT_TRUE(resumed_by("NextToken"));
    two("ContributorInsightsSummaries", "NextToken");
    EXPECT_EQ(count_elements(ctx, db, list_contributor_insights_request()), 3U);
    EXPECT_TRUE(resumed_by("NextToken"));
    two("ExportSummaries", "NextToken");
    EXPECT_EQ(count_elements(ctx, db, list_exports_request()), 3U);
    EXPECT_TRUE(resumed_by("NextToken"));
    two("ImportSummaryList", "NextToken");
    EXPECT_EQ(count_elements(ctx, db, list_imports_request()), 3U);
    EXPECT_TRUE(resumed_by("NextToken"));
    two("GlobalTables", "LastEvaluatedGlobalTableName");
    service.next.at(service.next.size() - 2).body = R"({"GlobalTables":[{}],"LastEvaluatedGlobalTableName":"go.on"})";
    EXPECT_EQ(count_elements(ctx, db, list_global_tables_request()), 3U);
    EXPECT_NE(service.body(service.requests.size() - 1).find(R"("ExclusiveStartGlobalTableName":"go.on")"),
              std::string::npos);
    two("Items", "NextToken");
    EXPECT_EQ(count_elements(ctx, db, execute_statement_request("SELECT * FROM t")), 3U);
    EXPECT_TRUE(resumed_by("NextToken"));
    service.next.emplace_back(R"({"TableNames":["a","b"],"LastEvaluatedTableName":"b"})");
    service.next.emplace_back(R"({"TableNames":["c"]})");
    EXPECT_EQ(count_elements(ctx, db, list_tables_request()), 3U);
    EXPECT_NE(service.body(service.requests.size() - 1).find(R"("ExclusiveStartTableName":"b")"), std::string::npos);
    service.next.emplace_back(R"({"Count":2,"ScannedCount":2})"); // only counted: no items
    EXPECT_EQ(count_elements(ctx, db, scan_request("users")), 0U);
}

TEST_F(pages_test, a_scan_is_divided) {
    client db(ctx, options());
    auto parts = scan_segments(db, scan_request("users"), 3);
    ASSERT_EQ(parts.size(), 3U);
    for (auto& part : parts) ASSERT_TRUE(outcome(part.next()).has_value());
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_NE(service.body(i).find(R"("TotalSegments":3)"), std::string::npos);
        EXPECT_NE(service.body(i).find(R"("Segment":)" + std::to_string(i)), std::string::npos);
    }
    EXPECT_THROW(static_cast<void>(scan_segments(db, scan_request("users"), 0)), dynasio::error);
    scan_request begun("users");
    begun.segment = 0;
    EXPECT_THROW(static_cast<void>(scan_segments(db, begun, 2)), dynasio::error);
}

using waits_test = engine_fixture;

constexpr poll_options at_once{1ms, 1ms};

TEST_F(waits_test, end_with_the_answer_that_showed_the_goal) {
    client db(ctx, options());
    service.next.emplace_back(R"({"ExportDescription":{"ExportStatus":"IN_PROGRESS"}})");
    service.next.emplace_back(R"({"ExportDescription":{"ExportStatus":"COMPLETED","ItemCount":7}})");
    auto const exported = outcome(db.wait_until_export_completed("arn", {}, at_once));
    ASSERT_TRUE(exported.has_value());
    EXPECT_EQ(exported->export_description->item_count, 7);
    EXPECT_EQ(service.body(1), R"({"ExportArn":"arn"})");

    service.next.push_back(service_error_answer("ResourceNotFoundException"));
    service.next.emplace_back(R"({"Table":{"TableStatus":"CREATING"}})");
    service.next.emplace_back(
        R"({"Table":{"TableStatus":"ACTIVE","GlobalSecondaryIndexes":[{"IndexStatus":"CREATING"}]}})");
    auto const table = outcome(db.wait_until_table_exists("users", {}, at_once));
    ASSERT_TRUE(table.has_value());
    EXPECT_EQ(*table->table->table_status, table_status::active);

    service.next.emplace_back(R"({"Table":{"TableStatus":"DELETING"}})");
    service.next.push_back(service_error_answer("ResourceNotFoundException"));
    EXPECT_TRUE(outcome(db.wait_until_table_not_exists("users", {}, at_once)).has_value());

    service.next.emplace_back(R"({"KinesisDataStreamDestinations":[{"DestinationStatus":"ACTIVE"}]})");
    EXPECT_TRUE(outcome(db.wait_until_kinesis_streaming_active("users", {}, at_once)).has_value());

    describe_contributor_insights_request insights("users");
    insights.index_name = "by_name";
    service.next.emplace_back(R"({"ContributorInsightsStatus":"ENABLED"})");
    EXPECT_TRUE(outcome(db.wait_until_contributor_insights_enabled(insights, {}, at_once)).has_value());
    EXPECT_NE(service.body(service.requests.size() - 1).find("by_name"), std::string::npos);
}

TEST_F(waits_test, fail_at_a_dead_end_at_errors_and_when_time_is_up) {
    client db(ctx, options());
    service.next.emplace_back(R"({"ImportTableDescription":{"ImportStatus":"CANCELLED"}})");
    auto const failed = failure_of(outcome(db.wait_until_import_completed("arn", {}, at_once)));
    EXPECT_EQ(failed.code, errc::wait_failed);
    EXPECT_NE(failed.info->message.find("CANCELLED"), std::string::npos);

    service.next.push_back(service_error_answer("ImportNotFoundException"));
    EXPECT_EQ(failure_of(outcome(db.wait_until_import_completed("arn", {}, at_once))).info->service_code,
              "ImportNotFoundException");
    service.next.push_back(service_error_answer("ResourceNotFoundException"));
    EXPECT_EQ(failure_of(outcome(db.wait_until_kinesis_streaming_active("users", {}, at_once))).code,
              service_errc::resource_not_found);

    service.otherwise = canned(R"({"ExportDescription":{"ExportStatus":"IN_PROGRESS"}})");
    auto const late =
        failure_of(outcome(db.wait_until_export_completed("arn", call_options().timeout(50ms), poll_options{1h, 1h})));
    EXPECT_EQ(late.code, errc::deadline_exceeded);
    EXPECT_NE(late.info->message.find("IN_PROGRESS"), std::string::npos);
}

} // namespace
