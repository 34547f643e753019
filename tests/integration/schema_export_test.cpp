#include <dynasio/orm/schema_export.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <string>

#include "integration/database_test.hpp"
#include "integration/model.hpp"

// The schemas of entities as JSON: what it says of tables is what the library itself sends.
namespace dynasio {
namespace {

namespace json = boost::json;

class schema_export : public test::database_test {};

TEST_F(schema_export, has_the_tables_that_create_tables_makes) {
    auto const text = schema_as_json<blog::User, blog::Profile, blog::Post, blog::Comment, blog::Role>(prefix);
    std::map<std::string, json::value> exported;
    auto const whole = json::parse(text);
    for (auto const& table : whole.at("tables").as_array()) {
        auto const& create = table.at("create");
        exported.emplace(std::string(create.at("TableName").as_string()), create);
    }
    ASSERT_EQ(exported.size(), 6U) << "the pivot table as well";
    run(dynasio::create_tables<blog::User, blog::Profile, blog::Post, blog::Comment, blog::Role>(db));
    std::size_t compared = 0;
    for (auto const& request : endpoint.requests()) {
        if (request.operation != "CreateTable") continue;
        auto const sent = json::parse(request.body);
        EXPECT_EQ(exported.at(std::string(sent.at("TableName").as_string())), sent);
        ++compared;
    }
    EXPECT_EQ(compared, exported.size());
    run(dynasio::drop_tables<blog::User, blog::Profile, blog::Post, blog::Comment, blog::Role>(direct));
}

TEST_F(schema_export, names_attributes_keys_and_relations) {
    auto const whole = json::parse(schema_as_json<blog::User, blog::Post, blog::Role>());
    json::object entities;
    for (auto const& each : whole.at("entities").as_array()) entities[each.at("name").as_string()] = each;
    auto const& user = entities.at("User");
    EXPECT_EQ(user.at("key").as_array().front(), "id");
    auto const& attributes = user.at("attributes").as_array();
    EXPECT_EQ(attributes.front().at("type"), "S");
    auto const relation = [](json::value const& of, std::string_view member) {
        for (auto const& r : of.at("relations").as_array())
            if (r.at("member").as_string() == member) return r;
        return json::value();
    };
    auto const posts = relation(user, "posts");
    EXPECT_EQ(posts.at("kind"), "has_many");
    EXPECT_EQ(posts.at("targets").as_array().front(), "Post");
    EXPECT_EQ(posts.at("reads").as_array().front().at("index"), "by_author");
    EXPECT_EQ(posts.at("foreign_key").as_array().size(), 1U);
    EXPECT_EQ(relation(user, "received").at("through").as_array().front(), "User.posts");
    EXPECT_EQ(relation(user, "roles").at("pivot_key"), "users_roles");
    EXPECT_EQ(relation(entities.at("Role"), "users").at("pivot_key"), "users_roles");
    EXPECT_EQ(relation(entities.at("Role"), "users").at("inverses").as_array().front(), "User.roles");
    EXPECT_EQ(relation(entities.at("Post"), "author").at("kind"), "belongs_to");
}

} // namespace
} // namespace dynasio
