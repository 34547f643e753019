#include <dynasio/dynamodb/operations/batch_execute_statement.hpp>
#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/operations/delete_table.hpp>
#include <dynasio/dynamodb/operations/describe_limits.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>
#include <dynasio/dynamodb/operations/describe_time_to_live.hpp>
#include <dynasio/dynamodb/operations/execute_statement.hpp>
#include <dynasio/dynamodb/operations/execute_transaction.hpp>
#include <dynasio/dynamodb/operations/get_item.hpp>
#include <dynasio/dynamodb/operations/list_tables.hpp>
#include <dynasio/dynamodb/operations/list_tags_of_resource.hpp>
#include <dynasio/dynamodb/operations/put_item.hpp>
#include <dynasio/dynamodb/operations/query.hpp>
#include <dynasio/dynamodb/operations/scan.hpp>
#include <dynasio/dynamodb/operations/tag_resource.hpp>
#include <dynasio/dynamodb/operations/transact_get_items.hpp>
#include <dynasio/dynamodb/operations/transact_write_items.hpp>
#include <dynasio/dynamodb/operations/untag_resource.hpp>
#include <dynasio/dynamodb/operations/update_table.hpp>
#include <dynasio/dynamodb/operations/update_time_to_live.hpp>
#include <dynasio/dynamodb/pages.hpp>

#include <map>
#include <set>

#include "integration/database_test.hpp"

// Operations beyond single items and batches, as far as the local server has them.
namespace dynasio::operations_tests {
namespace {

using namespace dynamodb;

item primary(std::string pk, int sk) {
    item k;
    k.emplace("pk", std::move(pk));
    k.emplace("sk", sk);
    return k;
}

class operations_against_server : public test::database_test {
protected:
    operations_against_server() : table(prefix + "t") {
        create_table_request r(table);
        r.attribute_definitions.emplace();
        r.attribute_definitions->emplace_back("pk", scalar_attribute_type::s);
        r.attribute_definitions->emplace_back("sk", scalar_attribute_type::n);
        r.key_schema.emplace();
        r.key_schema->emplace_back("pk", key_type::hash);
        r.key_schema->emplace_back("sk", key_type::range);
        auto const made = run(direct.create_table(r));
        arn = made.table_description->table_arn.value();
        run(direct.wait_until_active(table));
    }
    void TearDown() override {
        run(direct.delete_table(delete_table_request(table)));
        run(direct.wait_until_table_not_exists(table));
        database_test::TearDown();
    }
    std::optional<item> stored(std::string pk, int sk) {
        get_item_request r(table, primary(std::move(pk), sk));
        r.consistent_read = true;
        return run(direct.get_item(r)).item;
    }
    void put(item i) { run(direct.put_item(put_item_request(table, std::move(i)))); }

    std::string const table;
    std::string arn;
};

TEST_F(operations_against_server, a_transaction_writes_all_of_it) {
    put(primary("kept", 1));
    put(primary("dropped", 1));
    transact_update change(table, primary("counted", 1), "ADD n :one");
    change.expression_attribute_values.emplace();
    change.expression_attribute_values->emplace(":one", 1);
    std::vector<transact_write_item> actions;
    actions.emplace_back(transact_condition_check(table, primary("kept", 1), "attribute_exists(pk)"));
    actions.emplace_back(transact_put(table, primary("made", 1)));
    actions.emplace_back(transact_delete(table, primary("dropped", 1)));
    actions.emplace_back(change);
    transact_write_items_request request(actions);
    run(db.transact_write_items(request));
    EXPECT_TRUE(stored("made", 1));
    EXPECT_FALSE(stored("dropped", 1));
    ASSERT_TRUE(stored("counted", 1));
    EXPECT_EQ(stored("counted", 1)->at("n").as_number().to_int64(), 1);
}

TEST_F(operations_against_server, a_cancelled_transaction_writes_nothing_and_says_why) {
    item present = primary("present", 1);
    present.emplace("colour", "red");
    put(present);
    transact_put once(table, primary("present", 1));
    once.condition_expression = "attribute_not_exists(pk)";
    once.return_values_on_condition_check_failure = return_values_on_condition_check_failure::all_old;
    std::vector<transact_write_item> actions;
    actions.emplace_back(transact_put(table, primary("made", 1)));
    actions.emplace_back(once);
    transact_write_items_request const request(actions);
    auto const failed = failure_of(db.transact_write_items(request));
    EXPECT_EQ(failed.code, service_errc::transaction_canceled);
    ASSERT_EQ(failed.info->cancellation_reasons.size(), 2u);
    EXPECT_EQ(failed.info->cancellation_reasons[0].code, "None");
    EXPECT_EQ(failed.info->cancellation_reasons[1].code, "ConditionalCheckFailed");
    EXPECT_NE(failed.info->cancellation_reasons[1].item.find("red"), std::string::npos);
    EXPECT_FALSE(failed.info->outcome_unknown);
    EXPECT_FALSE(stored("made", 1));
    EXPECT_EQ(stored("present", 1)->at("colour").as_string(), "red");
}

TEST_F(operations_against_server, a_repeated_token_counts_once) {
    transact_update change(table, primary("counted", 1), "ADD n :one");
    change.expression_attribute_values.emplace();
    change.expression_attribute_values->emplace(":one", 1);
    std::vector<transact_write_item> actions;
    actions.emplace_back(change);
    transact_write_items_request request(actions);
    request.client_request_token = "token-" + prefix.substr(0, 20);
    run(db.transact_write_items(request));
    run(db.transact_write_items(request));
    EXPECT_EQ(stored("counted", 1)->at("n").as_number().to_int64(), 1);
    request.transact_items.front().update->expression_attribute_values->at(":one") = 2;
    EXPECT_EQ(failure_of(db.transact_write_items(request)).code, service_errc::idempotent_parameter_mismatch);
}

TEST_F(operations_against_server, a_transaction_reads_in_the_order_asked) {
    for (int i = 0; i < 3; ++i) put(primary("p", i));
    std::vector<transact_get_item> reads;
    for (int const sk : {2, 7, 0}) reads.emplace_back(transact_get(table, primary("p", sk)));
    transact_get_items_request const request(reads);
    auto const read = run(db.transact_get_items(request));
    ASSERT_TRUE(read.responses);
    ASSERT_EQ(read.responses->size(), 3u);
    EXPECT_EQ(read.responses->at(0).item->at("sk").as_number().to_int64(), 2);
    EXPECT_TRUE(!read.responses->at(1).item || read.responses->at(1).item->empty());
    EXPECT_EQ(read.responses->at(2).item->at("sk").as_number().to_int64(), 0);
}

TEST_F(operations_against_server, statements_write_read_and_fail_each_on_their_own) {
    execute_statement_request insert("INSERT INTO \"" + table + "\" VALUE {'pk': ?, 'sk': ?, 'name': ?}");
    insert.parameters.emplace();
    insert.parameters->emplace_back("a");
    insert.parameters->emplace_back(1);
    insert.parameters->emplace_back("Ada");
    run(db.execute_statement(insert));
    EXPECT_EQ(stored("a", 1)->at("name").as_string(), "Ada");

    execute_statement_request select("SELECT * FROM \"" + table + "\" WHERE pk = ?");
    select.parameters.emplace();
    select.parameters->emplace_back("a");
    auto const selected = run(db.execute_statement(select));
    ASSERT_TRUE(selected.items);
    ASSERT_EQ(selected.items->size(), 1u);
    EXPECT_EQ(selected.items->front().at("name").as_string(), "Ada");

    std::vector<batch_statement_request> statements;
    statements.emplace_back("INSERT INTO \"" + table + "\" VALUE {'pk': 'b', 'sk': 1}");
    statements.emplace_back("INSERT INTO \"" + table + "\" VALUE {'pk': 'a', 'sk': 1}");
    batch_execute_statement_request const batch(statements);
    auto const each = run(db.batch_execute_statement(batch));
    ASSERT_TRUE(each.responses);
    ASSERT_EQ(each.responses->size(), 2u);
    EXPECT_FALSE(each.responses->at(0).error);
    ASSERT_TRUE(each.responses->at(1).error);
    EXPECT_EQ(each.responses->at(1).error->code, batch_statement_error_code::duplicate_item);
    EXPECT_TRUE(stored("b", 1));

    std::vector<parameterized_statement> all;
    all.emplace_back("INSERT INTO \"" + table + "\" VALUE {'pk': 'c', 'sk': 1}");
    all.emplace_back("INSERT INTO \"" + table + "\" VALUE {'pk': 'a', 'sk': 1}");
    execute_transaction_request const transaction(all);
    EXPECT_EQ(failure_of(db.execute_transaction(transaction)).code, service_errc::transaction_canceled);
    EXPECT_FALSE(stored("c", 1));
}

TEST_F(operations_against_server, pages_and_elements_see_everything_once) {
    for (int i = 0; i < 7; ++i) put(primary("p", i));
    query_request q(table);
    q.key_condition_expression = "pk = :p";
    q.expression_attribute_values.emplace();
    q.expression_attribute_values->emplace(":p", "p");
    q.limit = 3;
    auto stream = pages(db, q);
    std::vector<std::size_t> sizes;
    while (!stream.done()) {
        auto const page = run(stream.next());
        if (page) sizes.push_back(page->items->size());
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 1}));

    std::multiset<std::int64_t> seen;
    scan_request s(table);
    s.limit = 2;
    for (auto& part : scan_segments(db, s, 3)) {
        while (!part.done()) {
            auto const page = run(part.next());
            if (!page) continue;
            for (item const& one : *page->items) seen.insert(one.at("sk").as_number().to_int64());
        }
    }
    EXPECT_EQ(seen, (std::multiset<std::int64_t>{0, 1, 2, 3, 4, 5, 6}));

    list_tables_request l;
    l.limit = 1;
    auto names = elements(db, l);
    bool found = false;
    for (;;) {
        auto const name = run(names.next());
        if (!name) break;
        found = found || *name == table;
    }
    EXPECT_TRUE(found);
}

TEST_F(operations_against_server, items_are_made_to_expire) {
    run(db.update_time_to_live(update_time_to_live_request(table, time_to_live_specification(true, "expires"))));
    auto const described = run(db.describe_time_to_live(describe_time_to_live_request(table)));
    ASSERT_TRUE(described.time_to_live_description);
    EXPECT_EQ(described.time_to_live_description->attribute_name, "expires");
    auto const status = described.time_to_live_description->time_to_live_status;
    EXPECT_TRUE(*status == time_to_live_status::enabled || *status == time_to_live_status::enabling);
}

TEST_F(operations_against_server, tags_are_set_listed_and_removed) {
    std::vector<dynamodb::resource_tag> tags;
    tags.emplace_back("team", "blue");
    tags.emplace_back("empty", "");
    run(db.tag_resource(tag_resource_request(arn, tags)));
    auto const listed = run(db.list_tags_of_resource(list_tags_of_resource_request(arn)));
    ASSERT_TRUE(listed.tags);
    std::map<std::string, std::string> seen;
    for (dynamodb::resource_tag const& one : *listed.tags) seen.emplace(one.key, one.value);
    EXPECT_EQ(seen, (std::map<std::string, std::string>{{"team", "blue"}, {"empty", ""}}));
    std::vector<std::string> const drop{"team"};
    run(db.untag_resource(untag_resource_request(arn, drop)));
    auto const left = run(db.list_tags_of_resource(list_tags_of_resource_request(arn)));
    ASSERT_EQ(left.tags->size(), 1u);
    EXPECT_EQ(left.tags->front().key, "empty");
}

TEST_F(operations_against_server, an_index_is_added_to_a_table) {
    item coloured = primary("a", 1);
    coloured.emplace("colour", "red");
    put(coloured);
    projection all;
    all.projection_type = projection_type::all;
    std::vector<key_schema_element> keys;
    keys.emplace_back("colour", key_type::hash);
    global_secondary_index_update change;
    change.create = create_global_secondary_index_action("by_colour", keys, all);
    update_table_request request(table);
    request.attribute_definitions.emplace();
    request.attribute_definitions->emplace_back("colour", scalar_attribute_type::s);
    request.global_secondary_index_updates.emplace();
    request.global_secondary_index_updates->push_back(change);
    run(db.update_table(request));
    run(db.wait_until_active(table));
    query_request q(table);
    q.index_name = "by_colour";
    q.key_condition_expression = "colour = :c";
    q.expression_attribute_values.emplace();
    q.expression_attribute_values->emplace(":c", "red");
    auto const found = run(db.query(q));
    ASSERT_TRUE(found.items);
    EXPECT_EQ(found.items->size(), 1u);
}

TEST_F(operations_against_server, an_operation_that_the_server_lacks_is_a_typed_error) {
    auto const failed = failure_of(db.describe_limits(describe_limits_request()));
    EXPECT_EQ(failed.code, service_errc::unknown_operation);
    EXPECT_EQ(failed.info->operation, "DescribeLimits");
}

} // namespace
} // namespace dynasio::operations_tests
