// Projections: what reads of a part of an entity ask for.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../model.hpp"
#include "service_fixture.hpp"

namespace part {

struct Card {
    std::string title{};
    dynasio::belongs_to<shop::User> author{};
    dynasio::has_many<shop::Comment> comments{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) {
    using namespace dynasio;
    return entity<Card>(projection_of<shop::Post>, relate<&Card::author>(by<&shop::Post::author_id>),
                        relate<&Card::comments>(by<&shop::Comment::post_id>));
}
struct Line {
    int score{};
};
constexpr auto dynasio_schema(dynasio::tag<Line>) { return dynasio::entity<Line>(dynasio::projection_of<shop::Post>); }

} // namespace part

namespace {

using namespace run_test;
using dynasio::ascending;
using dynasio::client_side;
using dynasio::field;
using dynasio::repository;
using dynasio::with;
using part::Card;
using part::Line;
using shop::Post;

class reads_of_projections : public service_conversation {
protected:
    /// The attributes that a request, or the part of one for a table, asks for, sorted.
    static std::string asked_for(json::value const& request) {
        auto const& body = request.as_object();
        if (!body.contains("ProjectionExpression")) return "everything";
        std::string list(body.at("ProjectionExpression").as_string());
        std::vector<std::string> names;
        for (std::size_t at = 0; at < list.size();) {
            auto const end = std::min(list.find(',', at), list.size());
            names.emplace_back(body.at("ExpressionAttributeNames").at(list.substr(at, end - at)).as_string());
            at = end + 1;
        }
        std::sort(names.begin(), names.end());
        std::string out;
        for (auto const& name : names) out += (out.empty() ? "" : " ") + name;
        return out;
    }
    [[nodiscard]] std::string asked_for(std::size_t i) const { return asked_for(body(i)); }

    repository<Card> cards{db};
    repository<Line> lines{db};
};

TEST_F(reads_of_projections, ask_for_their_members_and_what_is_needed) {
    answer_with(R"({"Item":{"id":{"S":"p1"},"score":{"N":"5"}}})");
    EXPECT_EQ(run(lines.get("p1")).score, 5);
    expect_request(0, "GetItem", R"({"TableName": "test_posts", "Key": {"id": {"S": "p1"}},
        "ProjectionExpression": "#0,#1", "ExpressionAttributeNames": {"#0": "id", "#1": "score"}})");
    answer_with(R"({"Item":{"id":{"S":"p1"},"author_id":{"S":"u1"},"title":{"S":"t"}}})");
    EXPECT_EQ(run(cards.get("p1")).title, "t");
    EXPECT_EQ(asked_for(1), "author_id id title") << "a relation of the projection needs its foreign key";
}

TEST_F(reads_of_projections, refuse_an_item_with_another_key) {
    answer_with(R"({"Item":{"id":{"S":"p2"},"score":{"N":"5"}}})");
    EXPECT_EQ(failure_of(lines.get("p1")).code, errc::malformed_response);
    answer_with("{\"Item\":{\"id\":{\"S\" : \"\\u00701\"},\"score\":{\"N\":\"5\"}}}");
    EXPECT_EQ(run(lines.get("p1")).score, 5) << "the same key in another spelling";
}

TEST_F(reads_of_projections, by_a_query_ask_for_conditions_and_orders_of_the_client) {
    answer_with(R"({"Items":[{"id":{"S":"p1"},"author_id":{"S":"u1"},"score":{"N":"5"}}]})");
    auto const found = run(lines.where(field<&Post::author_id> == "u1", field<&Line::score> > 1).all());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].score, 5) << "no item is read a second time, although it has nothing but keys of the index";
    EXPECT_EQ(asked_for(0), "author_id id score");
    EXPECT_FALSE(body(0).as_object().contains("Select"));
    answer_with(R"({"Items":[]})");
    run(lines.scan(ascending<&Post::title>, client_side).all());
    EXPECT_EQ(asked_for(1), "id score title");
    answer_with(R"({"Items":[]})");
    run(lines.scan(field<&Post::status> == "live").all());
    EXPECT_EQ(asked_for(2), "id score") << "the service itself looks at what a filter names";
    answer_with(R"({"Count":3})");
    EXPECT_EQ(run(lines.scan().count()), 3U);
    EXPECT_EQ(asked_for(3), "everything");
}

TEST_F(reads_of_projections, in_batches_ask_for_each_table) {
    answer_with(R"({"Responses":{"test_posts":[{"id":{"S":"p1"},"author_id":{"S":"u1"},"title":{"S":"t"}}]}})");
    answer_with(R"({"Responses":{"test_users":[{"id":{"S":"u1"},"name":{"S":"ann"}}]}})");
    std::vector<std::string> const keys{"p1"};
    auto const found = run(cards.find_many(keys, with<&Card::author>()));
    ASSERT_TRUE(found[0]);
    ASSERT_TRUE(found[0]->author);
    EXPECT_EQ(found[0]->author->name, "ann");
    EXPECT_EQ(asked_for(body(0).at("RequestItems").at("test_posts")), "author_id id title");
    EXPECT_EQ(asked_for(body(1).at("RequestItems").at("test_users")), "everything") << "a relation to an entity";
}

TEST_F(reads_of_projections, have_the_attributes_of_their_entity) {
    auto const& type = dynasio::entity_type_of<Line>();
    EXPECT_EQ(type.name, "Line");
    EXPECT_EQ(type.table, "posts");
    EXPECT_EQ(type.attributes.size(), dynasio::entity_type_of<Post>().attributes.size());
    EXPECT_EQ(type.indexes.size(), dynasio::entity_type_of<Post>().indexes.size());
    EXPECT_EQ((field<&Line::score> == 1).condition().attribute(), "score");
}

} // namespace
