#include <dynasio/orm/field.hpp>
#include <dynasio/orm/sketch.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Tables of earlier versions of a program against a real server: they are brought to the present schemas.
namespace versions {

using namespace dynasio::dsl;

struct First {
    std::string id{};
    std::string city{};
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<First>) {
    return entity<First>(table{"people"}, partition_key<&First::id>, gsi<&First::name>{"by_name"});
}
struct Second {
    std::string id{};
    std::string city{};
    std::string name{};
    int age{};
    dynasio::epoch_seconds gone_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Second>) {
    return entity<Second>(table{"people"}, partition_key<&Second::id>, gsi<&Second::city>{"by_city"}.keys_only(),
                          gsi<&Second::city, &Second::age>{"by_city_and_age"}, ttl<&Second::gone_at>);
}
struct Later {
    std::string id{};
    std::string name{};
    int city{};
};
constexpr auto dynasio_schema(dynasio::tag<Later>) {
    return entity<Later>(table{"people"}, partition_key<&Later::id>, gsi<&Later::name>{"by_name"}.keys_only(),
                         gsi<&Later::city>{"by_city_number"});
}
struct Beside {
    std::string id{};
    std::string text{};
};
constexpr auto dynasio_schema(dynasio::tag<Beside>) {
    return entity<Beside>(partition_key<&Beside::id>, gsi<&Beside::text>{"by_text"});
}

} // namespace versions

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using versions::Beside;
using versions::First;
using versions::Later;
using versions::Second;

class tables_of_versions : public test::database_test {
protected:
    static std::vector<std::string> texts(std::vector<table_change> const& changes) {
        std::vector<std::string> out;
        for (auto const& change : changes) out.push_back(change.message);
        return out;
    }
    std::vector<std::string> indexes() {
        auto const answer = run(direct.describe_table(dynamodb::describe_table_request(prefix + "people")));
        std::vector<std::string> names;
        if (answer.table->global_secondary_indexes)
            for (auto const& one : *answer.table->global_secondary_indexes) names.push_back(*one.index_name);
        std::sort(names.begin(), names.end());
        return names;
    }
};

TEST_F(tables_of_versions, get_what_is_missing_and_items_can_be_found_by_it) {
    create_tables<First>();
    First ann;
    ann.id = "ann";
    ann.city = "Oslo";
    ann.name = "Ann";
    save(ann);
    auto const changes = run(plan_tables<Second>(direct));
    EXPECT_EQ(texts(changes), (std::vector<std::string>{
                                  "enable the time to live by gone_at",
                                  "add the index by city (S), id (S), projecting KEYS_ONLY",
                                  "add the index by city (S), age (N), projecting ALL",
                              }));
    run(update_tables<Second>(db));
    EXPECT_EQ(indexes(), (std::vector<std::string>{"by_city", "by_city_and_age", "by_name"}));
    EXPECT_TRUE(run(plan_tables<Second>(direct)).empty());
    EXPECT_TRUE(run(compare_tables<Second>(direct)).empty());
    EXPECT_EQ(ids(run(repository<Second>(direct).where(field<&Second::city> == "Oslo").all())), "ann");
    EXPECT_EQ(endpoint.count_if(testing::match("UpdateTable").body_containing("by_city")), 2U);
    run(update_tables<Second>(db));
    EXPECT_EQ(endpoint.count_if(testing::match("UpdateTable")), 2U) << "nothing is left to do";
}

TEST_F(tables_of_versions, lose_unknown_indexes_on_request_alone) {
    create_tables<First>();
    run(update_tables<Second>(direct, drop_unknown_indexes));
    EXPECT_EQ(indexes(), (std::vector<std::string>{"by_city", "by_city_and_age"}));
}

TEST_F(tables_of_versions, are_left_alone_when_something_cannot_be_changed) {
    create_tables<First>();
    run(update_tables<Second>(direct));
    auto const refused = failure_of(update_tables<Later, Beside>(db));
    EXPECT_EQ(refused.code, errc::schema_conflict);
    for (char const* const part : {"index by_name: the index projects ALL, and the schema's projects KEYS_ONLY",
                                   "index by_city_number: city is S in the key of the index by_city"})
        EXPECT_NE(refused.info->message.find(part), std::string::npos) << refused.to_string();
    EXPECT_EQ(run(compare_tables<Beside>(direct)).size(), 1U) << "nothing was created";
}

TEST_F(tables_of_versions, are_created_where_there_are_none) {
    auto const dropping = [&] { run(drop_tables<Second, Beside>(direct)); };
    EXPECT_EQ(texts(run(plan_tables<Second, Beside>(direct))),
              (std::vector<std::string>{"create the table by id (S), with the index by_text",
                                        "create the table by id (S), with the indexes by_city and by_city_and_age",
                                        "enable the time to live by gone_at"}));
    run(update_tables<Second, Beside>(direct));
    EXPECT_TRUE(run(compare_tables<Second, Beside>(direct)).empty());
    dropping();
}

TEST_F(tables_of_versions, may_be_updated_by_several_programs_at_once) {
    create_tables<First>();
    std::vector<test::task<void>> several;
    for (int i = 0; i < 4; ++i) several.push_back(start(update_tables<Second>(direct)));
    for (auto& t : several) finish(t);
    EXPECT_TRUE(run(compare_tables<Second>(direct)).empty());
}

TEST_F(tables_of_versions, are_waited_for_while_the_service_is_busy_with_them) {
    create_tables<First>();
    endpoint.on(testing::match("UpdateTable")).times(1).answer_error(400, "ResourceInUseException", "being changed");
    bool waited = false;
    run(update_tables<Second>(db, {}, [&](table_progress const& p) {
        if (p.step == table_step::being_changed) waited = true;
    }));
    EXPECT_TRUE(waited);
    EXPECT_TRUE(run(compare_tables<Second>(direct)).empty());
}

/// Brings tables up to date with a client that other threads use, and counts how often it comes back elsewhere.
boost::asio::awaitable<int> update_elsewhere(client db) {
    auto const here = co_await boost::asio::this_coro::executor;
    int strayed = 0;
    auto updating = update_tables<Second>(db);
    co_await std::move(updating);
    strayed += co_await boost::asio::this_coro::executor == here ? 0 : 1;
    auto sketching = sketch_schema(db, "people");
    auto const text = co_await std::move(sketching);
    strayed += co_await boost::asio::this_coro::executor == here && !text.empty() ? 0 : 1;
    co_return strayed;
}

TEST_F(tables_of_versions, may_be_updated_from_any_thread_with_a_thread_safe_client) {
    create_tables<First>();
    endpoint.on(testing::match("UpdateTable")).times(1).answer_error(400, "ResourceInUseException", "being changed");
    auto options = test::options_for(endpoint.url(), prefix);
    options.thread_safe = true;
    boost::asio::thread_pool own(2);
    client shared(own.get_executor(), options);
    EXPECT_EQ(run(update_elsewhere(shared)), 0);
    shared.stop();
    own.join();
    EXPECT_TRUE(run(compare_tables<Second>(direct)).empty());
}

class sketches_of_tables : public test::database_test {
protected:
    using database_test::database_test;
    void expect_parts(std::string const& text) {
        for (char const* const part : {"struct Beside {\n    std::string id{};\n    std::string text{};\n",
                                       "// N or S\n", "std::optional<bool> seldom{}; // in 1 of 2 items\n",
                                       "return entity<Beside>(\n        partition_key<&Beside::id>,\n        "
                                       "gsi<&Beside::text>{\"by_text\"});\n"})
            EXPECT_NE(text.find(part), std::string::npos) << text;
    }
    /// Two items; the second has more attributes, and another type.
    void put_items() {
        for (bool const more : {false, true}) {
            dynamodb::item one;
            one["id"] = more ? "2" : "1";
            one["text"] = "t";
            one["value"] = more ? dynamodb::attribute_value("x") : dynamodb::attribute_value(1);
            if (more) one["seldom"] = true;
            run(direct.put_item(dynamodb::put_item_request(prefix + "besides", one)));
        }
    }
};

TEST_F(sketches_of_tables, show_what_a_sample_of_items_has) {
    create_tables<Beside>();
    put_items();
    expect_parts(run(sketch_schema(direct, "besides")));
    auto const of_one = run(sketch_schema(db, "besides", 1));
    EXPECT_NE(of_one.find("and 1 item of it"), std::string::npos) << of_one;
    EXPECT_EQ(of_one.find(" or "), std::string::npos) << of_one;
    auto const of_none = run(sketch_schema(db, "besides", 0));
    EXPECT_NE(of_none.find("std::optional<std::string> text{};"), std::string::npos) << of_none;
    EXPECT_EQ(endpoint.count_if(testing::match("Scan")), 1U);
}

TEST_F(sketches_of_tables, know_the_time_to_live) {
    create_tables<Second>();
    auto const text = run(sketch_schema(direct, "people"));
    for (char const* const part : {"std::optional<dynasio::epoch_seconds> gone_at{};", "ttl<&People::gone_at>",
                                   "gsi<&People::city>{\"by_city\"}.keys_only()", "table{\"people\"}"})
        EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(sketches_of_tables, that_do_not_exist_are_an_error) {
    EXPECT_EQ(failure_of(sketch_schema(direct, "nothing")).code, service_errc::resource_not_found);
}

class second_server_sketches : public sketches_of_tables {
protected:
    second_server_sketches() : sketches_of_tables("DYNASIO_DYNALITE_ENDPOINT") {}
};

TEST_F(second_server_sketches, are_the_same) {
    create_tables<Beside>();
    put_items();
    expect_parts(run(sketch_schema(direct, "besides")));
}

class second_server_tables : public test::database_test {
protected:
    second_server_tables() : database_test("DYNASIO_DYNALITE_ENDPOINT") {}
};

/// This server adds no indexes to tables that exist.
TEST_F(second_server_tables, are_created_and_what_the_server_cannot_change_is_its_error) {
    run(update_tables<First>(direct));
    EXPECT_TRUE(run(compare_tables<First>(direct)).empty());
    EXPECT_EQ(failure_of(update_tables<Second>(direct)).code, service_errc::validation);
    run(drop_tables<First>(direct));
}

} // namespace
} // namespace dynasio
