// A status 200 that DynamoDB did not send: a page of HTML, nothing, half an object. No operation may take it for a
// success, whether or not anybody reads the answer.
#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <functional>
#include <string>
#include <vector>

#include "engine_fixture.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::test;
using namespace dynasio::dynamodb;

item id(std::string const& value) {
    item key;
    key.emplace("id", value);
    return key;
}

std::string const page = "<!DOCTYPE html><html><body>Please log in</body></html>";

/// Bodies that are no complete JSON object.
std::vector<std::string> const& strange_bodies() {
    static std::vector<std::string> const all = {
        page,
        "",
        " ",
        R"({"Attributes":)",
        "{",
        R"({"a":1}})",
        R"({"a":1} trailing)",
        "{}{}",
        "[]",
        "[{}]",
        "null",
        "true",
        "1",
        R"("{}")",
        R"({"a":1,})",
        R"({"a" 1})",
        R"({'a':1})",
        "{\"a\":\"\xff\"}",
        R"({"Item":{"a":{"S":"x)",
        std::string("{}\0", 3),
        "\xef\xbb\xbf{}",
        "OK",
    };
    return all;
}

struct foreign_answers : engine_fixture {
    struct operation_of_client {
        char const* name;
        std::function<failure(client&)> run;
        bool write;
    };
    template <class Op> std::function<failure(client&)> failing(Op op) {
        return [this, op](client& db) { return failure_of(outcome(op(db))); };
    }
    std::vector<operation_of_client> operations_of_client() {
        std::vector<operation_of_client> all;
        auto const add = [&](char const* name, bool write, auto op) { all.push_back({name, failing(op), write}); };
        add("get_item", false, [](client& db) { return db.get_item(get_item_request("users", id("1"))); });
        add("put_item", true, [](client& db) { return db.put_item(put_item_request("users", id("1"))); });
        add("update_item", true, [](client& db) { return db.update_item(update_item_request("users", id("1"))); });
        add("delete_item", true, [](client& db) { return db.delete_item(delete_item_request("users", id("1"))); });
        add("query", false, [](client& db) {
            query_request request("users");
            request.key_condition_expression = "id = :a";
            return db.query(request);
        });
        add("scan", false, [](client& db) { return db.scan(scan_request("users")); });
        add("describe_table", false, [](client& db) { return db.describe_table(describe_table_request("users")); });
        add("delete_table", true, [](client& db) { return db.delete_table(delete_table_request("users")); });
        add("list_tables", false, [](client& db) { return db.list_tables(list_tables_request()); });
        add("describe_limits", false, [](client& db) { return db.describe_limits(describe_limits_request()); });
        add("wait_until_active", false, [](client& db) { return db.wait_until_active("users"); });
        add("write_batch", true, [](client& db) {
            write_batch_request request("users", "id");
            request.put(id("1"));
            return db.write_batch(request);
        });
        add("read_batch", false, [](client& db) {
            read_batch_request const request("users", std::vector<item>(1, id("1")));
            return db.read_batch(request);
        });
        add("transact_write_items", true, [](client& db) {
            std::vector<transact_write_item> items;
            items.emplace_back(transact_put("users", id("1")));
            transact_write_items_request const request(std::move(items));
            return db.transact_write_items(request);
        });
        add("execute_statement", true, [](client& db) {
            return db.execute_statement(execute_statement_request("DELETE FROM users WHERE id = '1'"));
        });
        return all;
    }
};

TEST_F(foreign_answers, are_malformed_for_every_operation_of_the_client) {
    client db(ctx, options());
    for (auto const& op : operations_of_client()) {
        for (std::string const& body : strange_bodies()) {
            service.requests.clear();
            service.next.emplace_back(body, 200, "x-amzn-RequestId: REQ1\r\n");
            auto const f = op.run(db);
            EXPECT_EQ(f.code, errc::malformed_response) << op.name << ' ' << body;
            EXPECT_EQ(f.info->outcome_unknown, op.write) << op.name << ' ' << body;
            EXPECT_EQ(f.info->http_status, 200U) << op.name << ' ' << body;
            EXPECT_EQ(service.requests.size(), 1U) << "repeating does not help: " << op.name;
        }
    }
}

TEST_F(foreign_answers, are_malformed_when_nobody_reads_them) {
    auto const e = make_engine();
    for (std::string const& body : strange_bodies()) {
        service.next.emplace_back(body);
        service.next.emplace_back(body);
        auto const read = failure_of(outcome(e->perform(get())));
        EXPECT_EQ(read.code, errc::malformed_response) << body;
        EXPECT_FALSE(read.info->outcome_unknown) << body;
        auto const written = failure_of(outcome(e->perform(put())));
        EXPECT_EQ(written.code, errc::malformed_response) << body;
        EXPECT_TRUE(written.info->outcome_unknown) << body;
        EXPECT_NE(written.to_string().find("look for what answers in DynamoDB's place"), std::string::npos)
            << written.to_string();
    }
}

TEST_F(foreign_answers, are_told_from_dynamodbs_own_ones) {
    auto const e = make_engine();
    for (char const* const body : {"{}", "{ }", " {}\r\n", R"({"Attributes":{"a":{"S":"x"}},"New":[1,{"b":null}]})"}) {
        service.next.emplace_back(body);
        EXPECT_TRUE(outcome(e->perform(put())).has_value()) << body;
    }
}

TEST_F(foreign_answers, that_declare_a_page_are_malformed_whatever_is_in_them) {
    client db(ctx, options());
    auto const e = make_engine();
    for (char const* const type : {"text/html", "Text/HTML; charset=utf-8"}) {
        canned said("", 200);
        said.content_type = type;
        for (char const* const body : {"{}", R"({"Item":{"id":{"S":"1"}}})"}) {
            said.body = body;
            service.next = {said, said};
            EXPECT_EQ(failure_of(outcome(db.get_item(get_item_request("users", id("1"))))).code,
                      errc::malformed_response);
            EXPECT_TRUE(failure_of(outcome(e->perform(put()))).info->outcome_unknown);
        }
    }
    // Servers that are compatible with DynamoDB name other types, or none.
    for (char const* const type : {"application/json", "text/plain", ""}) {
        canned said("{}", 200);
        said.content_type = type;
        service.next = {said, said};
        EXPECT_TRUE(outcome(db.get_item(get_item_request("users", id("1")))).has_value()) << type;
        EXPECT_TRUE(outcome(e->perform(put())).has_value()) << type;
    }
}

TEST_F(foreign_answers, may_be_empty_only_where_the_service_answers_with_nothing) {
    client db(ctx, options());
    tag_resource_request const tag("arn:aws:dynamodb:x", {resource_tag("k", "v")});
    service.next.emplace_back("");
    EXPECT_TRUE(outcome(db.tag_resource(tag)).has_value());
    service.next.emplace_back("{}");
    EXPECT_TRUE(outcome(db.tag_resource(tag)).has_value());
    service.next.emplace_back(page);
    auto const f = failure_of(outcome(db.tag_resource(tag)));
    EXPECT_EQ(f.code, errc::malformed_response);
    EXPECT_TRUE(f.info->outcome_unknown);
    auto const e = make_engine();
    auto raw = put();
    raw.op = operation::untag_resource;
    service.next.emplace_back("");
    EXPECT_TRUE(outcome(e->perform(std::move(raw))).has_value());
}

TEST_F(foreign_answers, refund_nothing_and_count_as_attempts) {
    auto const e = make_engine();
    service.next.emplace_back(page);
    call_cost cost;
    auto const f = failure_of(outcome(e->perform(put(call_options().report(cost)))));
    EXPECT_EQ(f.info->attempts, 1U);
    EXPECT_EQ(cost.requests, 1U);
}

} // namespace
