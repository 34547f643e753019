#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <map>
#include <set>

#include "integration/database_test.hpp"

// The client without the ORM: every operation against a real server.
namespace dynasio::client_tests {
namespace {

using namespace dynamodb;
using namespace std::chrono_literals;

create_table_request table_request(std::string name, bool with_sort_key) {
    create_table_request r(std::move(name));
    r.attribute_definitions.emplace();
    r.attribute_definitions->emplace_back("pk", scalar_attribute_type::s);
    r.key_schema.emplace();
    r.key_schema->emplace_back("pk", key_type::hash);
    if (with_sort_key) {
        r.attribute_definitions->emplace_back("sk", scalar_attribute_type::n);
        r.key_schema->emplace_back("sk", key_type::range);
    }
    r.billing_mode = billing_mode::pay_per_request;
    return r;
}

item primary(std::string pk) {
    item k;
    k.emplace("pk", std::move(pk));
    return k;
}
item primary(std::string pk, int sk) {
    item k = primary(std::move(pk));
    k.emplace("sk", sk);
    return k;
}

class client_against_server : public test::database_test {
protected:
    void TearDown() override {
        for (auto const& t : made_) {
            run(direct.delete_table(delete_table_request(t)));
            run(direct.wait_until_gone(t));
        }
        database_test::TearDown();
    }
    std::string make_table(bool with_sort_key = true) {
        std::string const name = prefix + "t" + std::to_string(made_.size());
        run(direct.create_table(table_request(name, with_sort_key)));
        run(direct.wait_until_active(name));
        made_.push_back(name);
        return name;
    }
    void put(std::string const& table, item i) { run(direct.put_item(put_item_request(table, std::move(i)))); }

private:
    std::vector<std::string> made_;
};

TEST_F(client_against_server, creates_describes_and_deletes_tables) {
    std::string const name = prefix + "made";
    auto const created = run(db.create_table(table_request(name, true)));
    ASSERT_TRUE(created.table_description);
    EXPECT_EQ(created.table_description->table_name, name);
    run(db.wait_until_active(name));
    auto const described = run(db.describe_table(describe_table_request(name)));
    ASSERT_TRUE(described.table);
    EXPECT_EQ(described.table->table_status, table_status::active);
    ASSERT_TRUE(described.table->key_schema);
    ASSERT_EQ(described.table->key_schema->size(), 2u);
    EXPECT_EQ(described.table->key_schema->at(1).attribute_name, "sk");

    auto const again = failure_of(db.create_table(table_request(name, true)));
    EXPECT_EQ(again.code, service_errc::resource_in_use);
    EXPECT_EQ(again.info->table, name);

    run(db.delete_table(delete_table_request(name)));
    run(db.wait_until_gone(name));
    auto const gone = failure_of(db.describe_table(describe_table_request(name)));
    EXPECT_EQ(gone.code, service_errc::resource_not_found);
    EXPECT_EQ(gone.info->operation, "DescribeTable");
}

TEST_F(client_against_server, puts_gets_updates_and_deletes_items_of_every_type) {
    auto const table = make_table();
    item stored = primary("a", 1);
    stored.emplace("s", "text with \"quotes\", \n and \xe2\x82\xac");
    stored.emplace("n", number::parse("-12345678901234567890.123456789"));
    stored.emplace("b", binary{std::string("\0\x01\xff", 3)});
    stored.emplace("bool", true);
    stored.emplace("null", null_value());
    list elements;
    elements.emplace_back("x");
    elements.emplace_back(2);
    stored.emplace("l", elements);
    item inner;
    inner.emplace("deep", elements);
    stored.emplace("m", inner);
    string_set words;
    words.members = {"b", "a"};
    stored.emplace("ss", words);
    number_set numbers;
    numbers.members.emplace_back(3);
    numbers.members.push_back(number::parse("1.5"));
    stored.emplace("ns", numbers);
    binary_set blobs;
    blobs.members.push_back(binary{"one"});
    blobs.members.push_back(binary{"two"});
    stored.emplace("bs", blobs);
    stored.emplace("empty", "");
    run(db.put_item(put_item_request(table, stored)));

    get_item_request get(table, primary("a", 1));
    get.consistent_read = true;
    auto const got = run(db.get_item(get));
    ASSERT_TRUE(got.item);
    EXPECT_EQ(*got.item, stored);

    update_item_request update(table, primary("a", 1));
    update.update_expression = "SET #s = :s ADD n :one REMOVE l";
    update.expression_attribute_names.emplace();
    update.expression_attribute_names->emplace("#s", "s");
    update.expression_attribute_values.emplace();
    update.expression_attribute_values->emplace(":s", "new");
    update.expression_attribute_values->emplace(":one", 1);
    update.return_values = return_value::all_new;
    auto const updated = run(db.update_item(update));
    ASSERT_TRUE(updated.attributes);
    EXPECT_EQ(updated.attributes->at("s").as_string(), "new");
    EXPECT_EQ(updated.attributes->at("n").as_number(), number::parse("-12345678901234567889.123456789"));
    EXPECT_EQ(updated.attributes->count("l"), 0u);

    delete_item_request erase(table, primary("a", 1));
    erase.return_values = return_value::all_old;
    auto const erased = run(db.delete_item(erase));
    ASSERT_TRUE(erased.attributes);
    EXPECT_EQ(erased.attributes->at("s").as_string(), "new");
    auto const missing = run(db.get_item(get));
    EXPECT_FALSE(missing.item);
    auto const nothing = run(db.delete_item(erase));
    EXPECT_FALSE(nothing.attributes);
}

TEST_F(client_against_server, a_condition_that_fails_says_so_and_brings_the_item_when_asked) {
    auto const table = make_table(false);
    item stored = primary("a");
    stored.emplace("v", 1);
    put(table, stored);
    put_item_request request(table, stored);
    request.condition_expression = "attribute_not_exists(pk)";
    request.return_values_on_condition_check_failure = return_values_on_condition_check_failure::all_old;
    auto const failed = failure_of(db.put_item(request));
    EXPECT_EQ(failed.code, service_errc::conditional_check_failed);
    EXPECT_EQ(failed.info->operation, "PutItem");
    EXPECT_EQ(failed.info->table, table);
    EXPECT_NE(failed.info->item.find(R"("v")"), std::string::npos) << failed.info->item;
    EXPECT_EQ(failed.to_string().find(failed.info->item), std::string::npos) << "an item does not belong into a log";
    EXPECT_EQ(failed.info->attempts, 1u);
}

TEST_F(client_against_server, queries_and_scans_page_by_page) {
    auto const table = make_table();
    for (int i = 0; i < 10; ++i) put(table, primary("a", i));
    put(table, primary("b", 0));

    query_request query(table);
    query.key_condition_expression = "pk = :p";
    query.expression_attribute_values.emplace();
    query.expression_attribute_values->emplace(":p", "a");
    query.limit = 4;
    query.scan_index_forward = false;
    std::vector<std::string> seen;
    std::size_t pages = 0;
    do {
        auto page = run(db.query(query));
        ASSERT_TRUE(page.items);
        for (auto const& i : *page.items) seen.push_back(i.at("sk").as_number().text());
        query.exclusive_start_key = std::move(page.last_evaluated_key);
        ++pages;
    } while (query.exclusive_start_key);
    EXPECT_EQ(pages, 3u);
    std::vector<std::string> const wanted{"9", "8", "7", "6", "5", "4", "3", "2", "1", "0"};
    EXPECT_EQ(seen, wanted);

    query_request count(table);
    count.key_condition_expression = query.key_condition_expression;
    count.expression_attribute_values = query.expression_attribute_values;
    count.select = select::count;
    auto const counted = run(db.query(count));
    EXPECT_EQ(counted.count, 10);
    EXPECT_FALSE(counted.items);

    scan_request scan(table);
    scan.filter_expression = "sk > :n";
    scan.expression_attribute_values.emplace();
    scan.expression_attribute_values->emplace(":n", 7);
    auto const scanned = run(db.scan(scan));
    ASSERT_TRUE(scanned.items);
    EXPECT_EQ(scanned.items->size(), 2u);
    EXPECT_EQ(scanned.scanned_count, 11);
}

TEST_F(client_against_server, batches_of_the_service_read_and_write) {
    auto const table = make_table();
    std::vector<write_request> writes;
    for (int i = 0; i < 25; ++i) writes.emplace_back(put_request(primary("a", i)));
    std::map<std::string, std::vector<write_request>> by_table;
    by_table.emplace(table, std::move(writes));
    auto const written = run(db.batch_write_item(batch_write_item_request(std::move(by_table))));
    EXPECT_TRUE(!written.unprocessed_items || written.unprocessed_items->empty());

    std::vector<item> keys;
    for (int i = 0; i < 26; ++i) keys.push_back(primary("a", i));
    std::map<std::string, keys_and_attributes> wanted;
    wanted.emplace(table, keys_and_attributes(std::move(keys)));
    auto const read = run(db.batch_get_item(batch_get_item_request(std::move(wanted))));
    ASSERT_TRUE(read.responses);
    EXPECT_EQ(read.responses->at(table).size(), 25u);
}

TEST_F(client_against_server, large_batches_are_divided_and_answer_in_the_order_asked) {
    auto const table = make_table();
    write_batch_request writes(table, "pk", "sk");
    for (int i = 0; i < 230; ++i) writes.put(primary("a", i));
    writes.remove(primary("a", 7));
    run(db.write_batch(writes));
    EXPECT_EQ(endpoint.count("BatchWriteItem"), 10u);

    std::vector<item> keys;
    for (int i = 229; i >= 0; --i) keys.push_back(primary("a", i));
    keys.push_back(primary("a", 3));
    auto const read = run(db.read_batch(read_batch_request(table, keys)));
    EXPECT_EQ(endpoint.count("BatchGetItem"), 3u);
    ASSERT_EQ(read.items.size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        bool const removed = keys[i].at("sk").as_number().text() == "7";
        ASSERT_EQ(read.items[i].has_value(), !removed) << i;
        if (!removed) {
            EXPECT_EQ(*read.items[i], keys[i]);
        }
    }
}

TEST_F(client_against_server, what_the_service_leaves_unprocessed_is_sent_again) {
    auto const table = make_table();
    endpoint.on(testing::match("BatchWriteItem")).times(2).leave_unprocessed(testing::all_keys_but(5));
    write_batch_request writes(table, "pk", "sk");
    for (int i = 0; i < 40; ++i) writes.put(primary("a", i));
    run(db.write_batch(writes));
    endpoint.on(testing::match("BatchGetItem")).times(3).leave_unprocessed(testing::all_keys_but(9));
    std::vector<item> keys;
    for (int i = 0; i < 40; ++i) keys.push_back(primary("a", i));
    auto const read = run(db.read_batch(read_batch_request(table, keys)));
    for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_TRUE(read.items[i]) << i;
}

TEST_F(client_against_server, errors_of_the_service_name_operation_table_and_request) {
    auto const table = make_table();
    auto const unknown = failure_of(db.get_item(get_item_request(prefix + "nowhere", primary("a", 1))));
    EXPECT_EQ(unknown.code, service_errc::resource_not_found);
    EXPECT_EQ(unknown.info->operation, "GetItem");
    EXPECT_EQ(unknown.info->table, prefix + "nowhere");
    EXPECT_EQ(unknown.info->http_status, 400u);
    EXPECT_FALSE(unknown.info->service_message.empty());
    EXPECT_NE(unknown.to_string().find(prefix + "nowhere"), std::string::npos) << unknown.to_string();

    auto const incomplete = failure_of(db.get_item(get_item_request(table, primary("a"))));
    EXPECT_EQ(incomplete.code, service_errc::validation);
    EXPECT_EQ(incomplete.info->attempts, 1u) << "asking again would not mend it";

    query_request wrong(table);
    wrong.key_condition_expression = "nonsense";
    auto const refused = failure_of(db.query(wrong));
    EXPECT_EQ(refused.code, service_errc::validation);
    EXPECT_EQ(refused.info->operation, "Query");
}

TEST_F(client_against_server, options_of_a_call_bound_and_measure_it) {
    auto const table = make_table();
    put(table, primary("a", 1));
    call_cost cost;
    run(db.get_item(get_item_request(table, primary("a", 1)), call_options().report(cost)));
    EXPECT_EQ(cost.requests, 1u);
    EXPECT_EQ(cost.retries, 0u);
    EXPECT_GT(cost.latency.count(), 0);
    EXPECT_GT(cost.read_units, 0);

    endpoint.on(testing::match("GetItem")).always().answer_error(500, "InternalServerError", "broken");
    call_cost failing;
    auto const failed =
        failure_of(db.get_item(get_item_request(table, primary("a", 1)), call_options().attempts(2).report(failing)));
    EXPECT_EQ(failed.code, service_errc::internal_server_error);
    EXPECT_EQ(failed.info->attempts, 2u);
    EXPECT_EQ(failing.requests, 2u);
    EXPECT_EQ(failing.retries, 1u);
}

TEST_F(client_against_server, a_table_that_does_not_come_is_an_error_that_names_it) {
    auto const failed = failure_of(db.wait_until_active(prefix + "nowhere", call_options().timeout(30ms),
                                                        poll_options{.first_delay = 1ms, .max_delay = 5ms}));
    EXPECT_EQ(failed.code, errc::table_not_ready);
    EXPECT_NE(failed.to_string().find(prefix + "nowhere"), std::string::npos) << failed.to_string();
}

} // namespace
} // namespace dynasio::client_tests
