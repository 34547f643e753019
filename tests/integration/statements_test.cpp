#include <dynasio/orm/load_report.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// PartiQL statements that give entities, against a real server.
namespace atlas {

using namespace dynasio::dsl;

enum class Kind { village, city };
constexpr auto dynasio_names(dynasio::tag<Kind>) {
    return enum_names<Kind>({{Kind::village, "village"}, {Kind::city, "city"}});
}
struct Town {
    std::string id{};
    std::string land{};
    int people{};
    Kind kind{};
    std::optional<std::string> mayor{};
    dynasio::timestamp deleted_at{};
};
struct TownCard {
    std::string id{};
    int people{};
};
constexpr auto dynasio_schema(dynasio::tag<Town>) {
    return entity<Town>(table{"towns"}, partition_key<&Town::id>, gsi<&Town::land, no_sort_key>{"by_land"},
                        soft_delete<&Town::deleted_at>);
}
constexpr auto dynasio_schema(dynasio::tag<TownCard>) { return entity<TownCard>(projection_of<Town>); }

} // namespace atlas

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using atlas::Kind;
using atlas::Town;
using atlas::TownCard;

template <class Entity> std::string sorted_ids(std::vector<Entity> all) {
    std::sort(all.begin(), all.end(), [](auto const& a, auto const& b) { return a.id < b.id; });
    std::string out;
    for (auto const& one : all) out += (out.empty() ? "" : " ") + one.id;
    return out;
}

class statements_test : public test::database_test {
protected:
    repository<Town> towns{db};
    repository<TownCard> cards{db};

    /// The towns t0 to t5: even ones are villages of "north", odd ones cities of "south"; t5 is trashed.
    void SetUp() override {
        create_tables<Town>();
        for (int i = 0; i < 6; ++i) {
            Town t;
            t.id = "t" + std::to_string(i);
            t.land = i % 2 == 0 ? "north" : "south";
            t.kind = i % 2 == 0 ? Kind::village : Kind::city;
            t.people = i * 10;
            if (i == 3) t.mayor = "Ann \"?\" O'Hara";
            if (i == 5) trash(t);
            save(t);
        }
    }
    /// The error of a statement that is refused before anything is sent.
    template <class... Values> std::string refusal_of(char const* text, Values const&... values) {
        auto const before = endpoint.requests().size();
        auto const failed = failure_of(towns.statement(text, values...).all());
        EXPECT_EQ(failed.code, errc::invalid_argument);
        EXPECT_EQ(failed.info->entity, "Town");
        EXPECT_EQ(endpoint.requests().size(), before);
        return failed.info->message;
    }
};

TEST_F(statements_test, select_entities_by_key_and_by_values_of_their_types) {
    auto const one = run(towns.statement("SELECT * FROM towns WHERE id = ?", "t3").all());
    ASSERT_EQ(one.size(), 1U);
    EXPECT_EQ(one[0].mayor, "Ann \"?\" O'Hara");
    EXPECT_EQ(one[0].kind, Kind::city);
    EXPECT_EQ(
        sorted_ids(run(towns.statement("select * from \"towns\" where kind = ? and people > ?", Kind::city, 10).all())),
        "t3 t5")
        << "the statement says all, also about the trash";
    EXPECT_EQ(sorted_ids(run(towns.statement("SELECT * FROM towns").all())), "t0 t1 t2 t3 t4 t5");
    EXPECT_EQ(sorted_ids(run(towns.statement("SELECT * FROM towns WHERE mayor = 'Ann \"?\" O''Hara'").all())), "t3")
        << "a question mark in a text is none";
}

TEST_F(statements_test, an_entity_that_was_selected_can_be_saved) {
    auto one = run(towns.statement("SELECT * FROM towns WHERE id = ?", "t1").all()).front();
    one.people = 11;
    run(towns.save(one));
    EXPECT_EQ(run(towns.get("t1")).people, 11);
    repository<tracked<Town>> const tracked_towns(db);
    auto found = run(tracked_towns.statement("SELECT * FROM towns WHERE id = ?", "t1").all());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_FALSE(found[0].has_changes());
}

TEST_F(statements_test, pages_lead_to_all_entities) {
    auto const all = towns.statement("SELECT * FROM towns WHERE people >= ?", 0);
    std::vector<Town> found;
    cursor from;
    int pages = 0;
    do {
        auto page = run(all.page(2, from));
        EXPECT_LE(page.items.size(), 2U);
        std::move(page.items.begin(), page.items.end(), std::back_inserter(found));
        from = page.next;
    } while (from && ++pages < 10);
    EXPECT_EQ(sorted_ids(found), "t0 t1 t2 t3 t4 t5");
    EXPECT_EQ(failure_of(all.page(0)).code, errc::invalid_argument);
}

TEST_F(statements_test, a_projection_is_read_by_its_attributes_alone) {
    auto const card = run(cards.statement("SELECT * FROM towns WHERE id = ?", "t2").all());
    ASSERT_EQ(card.size(), 1U);
    EXPECT_EQ(card[0].people, 20);
    auto const body = endpoint.requests().back().body;
    EXPECT_NE(body.find("people"), std::string::npos) << body;
    EXPECT_EQ(body.find("mayor"), std::string::npos) << body;
    EXPECT_EQ(sorted_ids(run(cards.statement("SELECT people, id FROM towns WHERE people < ?", 20).all())), "t0 t1");
    auto const lacking = failure_of(cards.statement("SELECT id FROM towns").all());
    EXPECT_EQ(lacking.code, errc::invalid_argument);
    EXPECT_NE(lacking.info->message.find("lacks people"), std::string::npos) << lacking.info->message;
}

TEST_F(statements_test, what_they_cannot_be_is_refused_before_anything_is_sent) {
    EXPECT_NE(refusal_of("DELETE FROM towns WHERE id = ?", "t1").find("SELECT"), std::string::npos);
    EXPECT_NE(refusal_of("SELECT id FROM towns").find("in part"), std::string::npos);
    EXPECT_NE(refusal_of("SELECT * FROM users").find("the table users, and Town is stored in towns"),
              std::string::npos);
    EXPECT_NE(refusal_of("SELECT * FROM towns WHERE id = ?").find("1 question marks, and 0 values"), std::string::npos);
    EXPECT_NE(refusal_of("SELECT * FROM towns WHERE id = ?", "t1", 2).find("1 question marks, and 2 values"),
              std::string::npos);
    EXPECT_NE(refusal_of("SELECT * FROM towns WHERE mayor = ?", std::optional<std::string>()).find("absent"),
              std::string::npos);
    EXPECT_NE(refusal_of("SELECT size(id) FROM towns").find("names of attributes"), std::string::npos);
    EXPECT_NE(refusal_of("SELECT *").find("FROM is expected"), std::string::npos);
    EXPECT_NE(refusal_of("").find("SELECT"), std::string::npos);
}

TEST_F(statements_test, cost_and_errors_of_the_service_are_told) {
    load_report report;
    call_cost cost;
    run(towns.statement("SELECT * FROM towns")
            .with_options(report_to(report), call_options().report(cost), consistent)
            .all());
    EXPECT_EQ(report.queries, 1U);
    EXPECT_EQ(report.items, 6U);
    auto const wrong = failure_of(towns.statement("SELECT * FROM towns WHERE WHERE").all());
    EXPECT_EQ(wrong.code, service_errc::validation);
    EXPECT_EQ(wrong.info->operation, "ExecuteStatement");
    EXPECT_EQ(wrong.info->table, prefix + "towns");
}

TEST_F(statements_test, an_answer_that_has_more_and_no_token_for_it_is_no_end) {
    endpoint.on(testing::match("ExecuteStatement"))
        .answer_json(R"({"Items":[{"id":{"S":"t1"}}],"LastEvaluatedKey":{"id":{"S":"t1"}}})");
    auto const failed = failure_of(towns.statement("SELECT * FROM towns").all());
    EXPECT_EQ(failed.code, errc::malformed_response);
    EXPECT_NE(failed.to_string().find("NextToken"), std::string::npos);
}

TEST_F(statements_test, an_item_that_is_no_entity_is_an_error_or_is_left_out) {
    dynamodb::item bad;
    bad.emplace("id", "bad");
    bad.emplace("people", "many");
    run(direct.put_item(dynamodb::put_item_request(prefix + "towns", bad)));
    auto const all = towns.statement("SELECT * FROM towns");
    auto const failed = failure_of(all.all());
    EXPECT_EQ(failed.code, errc::attribute_type_mismatch);
    EXPECT_EQ(failed.info->attribute, "people");
    std::vector<bad_item> left_out;
    EXPECT_EQ(run(all.with_options(on_bad_item(collect(left_out))).all()).size(), 6U);
    EXPECT_EQ(left_out.size(), 1U);
}

} // namespace
} // namespace dynasio
