// Counts: how many entities a relation has, without loading them.

#include <dynasio/orm/bad_item.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "load_fixture.hpp"

namespace counted_model {

// A has_many through entities that can be trashed to entities that can be, and links to such entities.
struct Book;
struct Shelf;
struct Label;

struct Library {
    std::string id{};
    dynasio::has_many<Shelf> shelves{};
    dynasio::has_many_through<Book> books{};
};
struct Shelf {
    std::string id{};
    std::string library_id{};
    std::string place{};
    dynasio::timestamp deleted_at{};
    dynasio::has_many<Book> books{};
    dynasio::belongs_to_many<Label> labels{};
};
struct Book {
    std::string id{};
    std::string shelf_id{};
    std::string title{};
    dynasio::timestamp deleted_at{};
};
struct Label {
    std::string id{};
    std::string text{};
    dynasio::timestamp deleted_at{};
};

constexpr auto dynasio_schema(dynasio::tag<Library>) {
    using namespace dynasio;
    return entity<Library>(partition_key<&Library::id>, relate<&Library::shelves>(by<&Shelf::library_id>),
                           relate<&Library::books>(through<&Library::shelves, &Shelf::books>));
}
constexpr auto dynasio_schema(dynasio::tag<Shelf>) {
    using namespace dynasio;
    return entity<Shelf>(partition_key<&Shelf::id>, gsi<&Shelf::library_id>{"by_library"},
                         soft_delete<&Shelf::deleted_at>, relate<&Shelf::books>(by<&Book::shelf_id>),
                         relate<&Shelf::labels>());
}
constexpr auto dynasio_schema(dynasio::tag<Book>) {
    using namespace dynasio;
    return entity<Book>(partition_key<&Book::id>, gsi<&Book::shelf_id, &Book::title>{"by_shelf"},
                        soft_delete<&Book::deleted_at>);
}
constexpr auto dynasio_schema(dynasio::tag<Label>) {
    using namespace dynasio;
    return entity<Label>(partition_key<&Label::id>, soft_delete<&Label::deleted_at>);
}

} // namespace counted_model

namespace {

using namespace load_test;
using counted_model::Book;
using counted_model::Label;
using counted_model::Library;
using counted_model::Shelf;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::with;
using dynasio::with_count;
using shop::Comment;
using shop::Device;
using shop::Post;
using shop::Role;
using shop::User;

std::string count_of(std::uint64_t count, json::value last_key = nullptr) {
    json::object body{{"Count", count}, {"ScannedCount", count}};
    if (!last_key.is_null()) body["LastEvaluatedKey"] = std::move(last_key);
    return json::serialize(body);
}
bool asks_for_count(load_request const& r) {
    auto const body = json::parse(r.body).as_object();
    return body.contains("Select") && body.at("Select") == "COUNT";
}
/// The attributes that a BatchGetItem asks for of the items of a table; empty for all.
std::set<std::string> attributes_in(load_request const& r, std::string_view table) {
    std::set<std::string> names;
    auto const of_table = json::parse(r.body).at("RequestItems").at(table).as_object();
    if (!of_table.contains("ProjectionExpression")) return names;
    for (auto const& [placeholder, name] : of_table.at("ExpressionAttributeNames").as_object())
        names.insert(std::string(name.as_string()));
    return names;
}
json::object link_to(std::string_view relation, std::string_view left, std::string_view right) {
    return {{"pk", s(std::string(relation) + "#" + std::string(left))},
            {"sk", s(right)},
            {"pivot_key", s(relation)},
            {"id_left", s(left)},
            {"id_right", s(right)}};
}
json::object role_link(std::string_view left, std::string_view right) { return link_to("users_roles", left, right); }
json::object label(std::string_view id) { return {{"id", s(id)}}; }
json::object trashed_label(std::string_view id) {
    return {{"id", s(id)}, {"deleted_at", s("2026-01-02T03:04:05.678Z")}};
}
json::object shelf(std::string_view id) { return {{"id", s(id)}, {"library_id", s("l1")}, {"place", s("left")}}; }

using graph_count = load_conversation;

TEST_F(graph_count, of_a_has_many_is_one_query_for_each_parent_that_sends_no_items) {
    std::vector<User> users{a_user("u1"), a_user("u2"), a_user("u1")};
    start(users, with_count<&User::posts>());
    auto const requests = all();
    EXPECT_EQ(texts(requests), (std::vector<std::string>{R"(posts index by_author: author_id = {"S":"u1"})",
                                                         R"(posts index by_author: author_id = {"S":"u2"})"}))
        << "equal parents share a request";
    for (auto const& r : requests) {
        EXPECT_TRUE(asks_for_count(r));
        EXPECT_EQ(path_of(r), "User.posts");
    }
    answer(requests[0], count_of(3));
    answer(requests[1], count_of(0));
    EXPECT_FALSE(users[0].posts.counted()) << "handles are filled at the end";
    finish();
    EXPECT_EQ(users[0].posts.count(), 3U);
    EXPECT_EQ(users[1].posts.count(), 0U);
    EXPECT_EQ(users[2].posts.count(), 3U);
    EXPECT_FALSE(users[0].posts.loaded());
    auto const report = g().report();
    EXPECT_EQ(report.queries, 2U);
    EXPECT_EQ(report.items, 0U);
}

TEST_F(graph_count, adds_up_all_pages) {
    User u = a_user("u1");
    start(u, with_count<&User::posts>());
    answer(next(), count_of(7, json::object{{"id", s("p7")}}));
    auto const second = next();
    EXPECT_EQ(text_of(second), R"(posts index by_author: author_id = {"S":"u1"} after {"id":{"S":"p7"}})");
    EXPECT_TRUE(asks_for_count(second));
    answer(second, count_of(5));
    finish();
    EXPECT_EQ(u.posts.count(), 12U);
}

TEST_F(graph_count, has_the_path_and_conditions_of_the_load) {
    User u = a_user("u1");
    start(u, with_count<&User::posts>(field<&Post::status> == "live", field<&Post::score> > 3));
    auto const r = next();
    EXPECT_EQ(
        text_of(r),
        R"(posts index by_author_score: author_id = {"S":"u1"} AND score > {"N":"3"} filter status = {"S":"live"})");
    EXPECT_TRUE(asks_for_count(r));
    answer(r, count_of(2));
    finish();
    EXPECT_EQ(u.posts.count(), 2U);
}

TEST_F(graph_count, reads_items_where_the_client_evaluates_a_condition) {
    User u = a_user("u1");
    start(u, with_count<&User::posts>(field<&Post::score> > 1, field<&Post::score> != 5));
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author_score: author_id = {"S":"u1"} AND score > {"N":"1"})");
    EXPECT_FALSE(asks_for_count(r));
    answer(r, page_of({post("p1", "u1", 2), post("p2", "u1", 5), post("p3", "u1", 6)}));
    finish();
    EXPECT_EQ(u.posts.count(), 2U);
    EXPECT_FALSE(u.posts.loaded());
}

TEST_F(graph_count, stands_beside_items_with_a_limit_of_their_own) {
    User u = a_user("u1");
    start(u, with<&User::posts>(newest_first, limit(1)), with_count<&User::posts>());
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(text_of(requests[0]), R"(posts index by_author: author_id = {"S":"u1"} backward limit 1)");
    EXPECT_EQ(text_of(requests[1]), R"(posts index by_author: author_id = {"S":"u1"})");
    answer(requests[0], page_of({post("p9", "u1")}, json::object{{"id", s("p9")}}));
    answer(requests[1], count_of(9));
    finish();
    EXPECT_EQ(ids(u.posts), "p9");
    EXPECT_EQ(u.posts.count(), 9U);
}

TEST_F(graph_count, stands_beside_items_that_the_client_counts_too) {
    Device d;
    d.site = "s1";
    d.number = 1;
    // The index has no sort key of its own besides the parts of the foreign key, so this is evaluated here.
    using shop::Reading;
    start(d, with<&Device::readings>(field<&Reading::device_number> != 2),
          with_count<&Device::readings>(field<&Reading::device_number> != 2));
    for (auto const& r : all())
        answer(r, page_of({json::object{
                      {"id", s("x")}, {"device_site", s("s1")}, {"device_number", n(1)}, {"value", n(2)}}}));
    finish();
    EXPECT_EQ(ids(d.readings), "x");
    EXPECT_EQ(d.readings.count(), 1U);
}

TEST_F(graph_count, twice_at_one_place_is_refused) {
    User u = a_user("u1");
    auto const e =
        error_of([&] { start(u, with_count<&User::posts>(), with_count<&User::posts>(field<&Post::score> > 1)); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_EQ(e.info().relation_path, "User.posts");
    EXPECT_NE(std::string(e.what()).find("counted twice"), std::string::npos) << e.what();
}

TEST_F(graph_count, below_a_relation_counts_for_each_of_its_entities) {
    User u = a_user("u1");
    start(u, with<&User::posts>(with_count<&Post::comments>()));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(path_of(requests[0]), "User.posts.comments");
    answer(requests[0], count_of(4));
    answer(requests[1], count_of(0));
    finish();
    ASSERT_EQ(ids(u.posts), "p1 p2");
    EXPECT_EQ(u.posts[0].comments.count(), 4U);
    EXPECT_EQ(u.posts[1].comments.count(), 0U);
}

TEST_F(graph_count, counts_again_what_is_counted_already) {
    User u = a_user("u1");
    start(u, with_count<&User::posts>());
    answer(next(), count_of(4));
    finish();
    restart();
    start(u, with_count<&User::posts>(field<&Post::status> == "live"));
    answer(next(), count_of(1));
    finish();
    EXPECT_EQ(u.posts.count(), 1U);
}

TEST_F(graph_count, leaves_items_and_their_scope_alone) {
    User u = a_user("u1");
    start(u, with<&User::posts>());
    answer(next(), page_of({post("p1", "u1")}));
    finish();
    restart();
    start(u, with_count<&User::posts>());
    answer(next(), count_of(2));
    finish();
    EXPECT_EQ(ids(u.posts), "p1");
    restart();
    start(u, with<&User::posts>());
    EXPECT_FALSE(has_next()) << "still loaded";
    finish();
    EXPECT_EQ(u.posts.count(), 2U) << "a load does not forget the count";
}

TEST_F(graph_count, under_a_condition_that_nothing_satisfies_sends_nothing) {
    User u = a_user("u1");
    start(u, with_count<&User::posts>(field<&Post::status>.in()), with_count<&User::roles>(field<&Role::name>.in()),
          with_count<&User::received>(field<&Comment::text>.in()));
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_EQ(u.posts.count(), 0U);
    EXPECT_EQ(u.roles.count(), 0U);
    EXPECT_EQ(u.received.count(), 0U);
}

TEST_F(graph_count, of_an_entity_without_key_is_an_error_with_the_relation) {
    User u;
    auto const e = error_of([&] { start(u, with_count<&User::posts>()); });
    EXPECT_EQ(e.code(), errc::empty_key);
    EXPECT_EQ(e.info().relation_path, "User.posts");
}

TEST_F(graph_count, leaves_trashed_entities_out_unless_told_otherwise) {
    Shelf one;
    one.id = "s1";
    start(one, with_count<&Shelf::books>());
    auto const r = next();
    EXPECT_NE(text_of(r).find("filter"), std::string::npos) << text_of(r);
    EXPECT_TRUE(asks_for_count(r));
    answer(r, count_of(3));
    finish();
    restart();
    start(one, with_count<&Shelf::books>(dynasio::with_trashed));
    auto const whole = next();
    EXPECT_EQ(text_of(whole).find("filter"), std::string::npos);
    answer(whole, count_of(5));
    finish();
    EXPECT_EQ(one.books.count(), 5U);
}

TEST_F(graph_count, reads_items_when_bad_ones_are_left_out) {
    std::vector<dynasio::bad_item> bad;
    options.bad_items = {true, &bad};
    User u = a_user("u1");
    start(u, with_count<&User::posts>());
    auto const r = next();
    EXPECT_FALSE(asks_for_count(r));
    auto broken = post("p2", "u1");
    broken["score"] = s("many");
    answer(r, page_of({post("p1", "u1"), broken}));
    finish();
    EXPECT_EQ(u.posts.count(), 1U) << "as many as a load gives";
    EXPECT_EQ(bad.size(), 1U);
}

// ---- has_many_through

TEST_F(graph_count, through_entities_in_between_adds_up_what_each_of_them_has) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with_count<&User::received>());
    auto const posts = all();
    ASSERT_EQ(posts.size(), 2U);
    EXPECT_EQ(text_of(posts[0]), R"(posts index by_author: author_id = {"S":"u1"})");
    answer(posts[0], page_of({post("p1", "u1")}, json::object{{"id", s("p1")}}));
    auto const more = all();
    ASSERT_EQ(more.size(), 2U) << "the next page, and the comments of the first, at the same time";
    for (auto const& r : more) {
        bool const of_posts = text_of(r).starts_with("posts");
        EXPECT_EQ(asks_for_count(r), !of_posts);
        EXPECT_EQ(path_of(r), "User.received");
        answer(r, of_posts ? page_of({post("p2", "u1")}) : count_of(2, json::object{{"id", s("c2")}}));
    }
    auto const last = all();
    ASSERT_EQ(last.size(), 2U) << "the second page of the first part, and the second part";
    for (auto const& r : last) answer(r, count_of(3));
    answer(posts[1], page_of({}));
    finish();
    EXPECT_EQ(users[0].received.count(), 8U);
    EXPECT_EQ(users[1].received.count(), 0U);
    EXPECT_FALSE(users[0].received.loaded());
    EXPECT_FALSE(users[0].posts.loaded()) << "a step, not asked for";
}

TEST_F(graph_count, through_entities_in_between_shares_them_with_their_relation) {
    User u = a_user("u1");
    start(u, with_count<&User::received>(), with<&User::posts>(with_count<&Post::comments>()));
    answer(next(), page_of({post("p1", "u1")}));
    auto const comments = next();
    EXPECT_FALSE(has_next()) << "comments of p1 once";
    answer(comments, count_of(6));
    finish();
    EXPECT_EQ(u.received.count(), 6U);
    EXPECT_EQ(u.posts[0].comments.count(), 6U);
}

TEST_F(graph_count, through_an_entity_that_an_index_shows_twice_counts_its_part_once) {
    User u = a_user("u1");
    start(u, with_count<&User::received>());
    answer(next(), page_of({post("p1", "u1")}, json::object{{"id", s("p1")}}));
    for (auto const& r : all()) answer(r, text_of(r).starts_with("posts") ? page_of({post("p1", "u1")}) : count_of(2));
    finish();
    EXPECT_EQ(u.received.count(), 2U);
}

TEST_F(graph_count, through_trashed_entities_in_between_counts_theirs_too) {
    Library l;
    l.id = "l1";
    start(l, with_count<&Library::books>(dynasio::through_trashed));
    auto const shelves = next();
    EXPECT_EQ(text_of(shelves).find("filter"), std::string::npos) << text_of(shelves);
    answer(shelves, page_of({shelf("s1"), shelf("s2")}));
    auto const parts = all();
    ASSERT_EQ(parts.size(), 2U);
    for (auto const& r : parts) {
        EXPECT_NE(text_of(r).find("filter"), std::string::npos) << "trashed books are left out";
        answer(r, count_of(2));
    }
    finish();
    EXPECT_EQ(l.books.count(), 4U);
}

// ---- belongs_to_many

TEST_F(graph_count, of_links_reads_no_more_than_the_keys_behind_them) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with_count<&User::roles>());
    auto const links = all();
    ASSERT_EQ(links.size(), 2U);
    EXPECT_EQ(text_of(links[0]), R"(pivots: pk = {"S":"users_roles#u1"})");
    answer(links[0], page_of({role_link("u1", "r1"), role_link("u1", "gone"), role_link("u1", "r2")}));
    answer(links[1], page_of({role_link("u2", "r2")}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"roles r1", "roles r2", "roles gone"})) << "each key once";
    EXPECT_EQ(attributes_in(r, "roles"), std::set<std::string>{"id"});
    EXPECT_EQ(path_of(r), "User.roles");
    answer(r, batch_of({{"roles", {{{"id", s("r1")}}, {{"id", s("r2")}}}}}));
    finish();
    EXPECT_EQ(users[0].roles.count(), 2U) << "without the link that leads nowhere";
    EXPECT_EQ(users[1].roles.count(), 1U);
    EXPECT_FALSE(users[0].roles.loaded());
    EXPECT_EQ(g().report().keys, 3U);
}

TEST_F(graph_count, of_links_evaluates_conditions_here_with_the_attributes_that_they_mention) {
    Shelf one;
    one.id = "s1";
    start(one, with_count<&Shelf::labels>(field<&Label::text> != "x"));
    answer(next(), page_of({link_to("shelfs_labels", "s1", "a"), link_to("shelfs_labels", "s1", "b"),
                            link_to("shelfs_labels", "s1", "c")}));
    auto const r = next();
    EXPECT_EQ(attributes_in(r, "labels"), (std::set<std::string>{"id", "text", "deleted_at"}));
    auto x = label("b");
    x["text"] = s("x");
    answer(r, batch_of({{"labels", {label("a"), x, trashed_label("c")}}}));
    finish();
    EXPECT_EQ(one.labels.count(), 1U);
}

TEST_F(graph_count, of_links_takes_a_key_in_another_spelling) {
    User u = a_user("u1");
    start(u, with_count<&User::roles>());
    answer(next(), page_of({role_link("u1", "r/1")}));
    answer(next(), R"({"Responses":{"roles":[{"id":{"S":"r\/1"}}]},"UnprocessedKeys":{}})");
    finish();
    EXPECT_EQ(u.roles.count(), 1U);
}

TEST_F(graph_count, of_links_asks_again_for_what_comes_back_unprocessed) {
    User u = a_user("u1");
    start(u, with_count<&User::roles>());
    answer(next(), page_of({role_link("u1", "r1"), role_link("u1", "r2")}));
    answer(next(), batch_of({{"roles", {{{"id", s("r1")}}}}}, {{"roles", {{{"id", s("r2")}}}}}));
    auto const again = next();
    EXPECT_EQ(keys_in(again), key_set{"roles r2"});
    EXPECT_EQ(attributes_in(again, "roles"), std::set<std::string>{"id"});
    answer(again, batch_of({{"roles", {{{"id", s("r2")}}}}}));
    finish();
    EXPECT_EQ(u.roles.count(), 2U);
}

TEST_F(graph_count, of_links_shares_requests_with_a_load_of_the_entities) {
    User u = a_user("u1");
    start(u, with<&User::roles>(field<&Role::name> == "role r1"), with_count<&User::roles>());
    auto const links = next();
    EXPECT_FALSE(has_next()) << "the links once";
    answer(links, page_of({role_link("u1", "r1"), role_link("u1", "r2")}));
    auto const r = next();
    EXPECT_FALSE(has_next()) << "the entities once";
    EXPECT_EQ(attributes_in(r, "roles"), std::set<std::string>{}) << "whole, for the load";
    answer(r, batch_of({{"roles", {role("r1"), role("r2")}}}));
    finish();
    EXPECT_EQ(ids(u.roles), "r1");
    EXPECT_EQ(u.roles.count(), 2U);
}

TEST_F(graph_count, of_links_reads_entities_whole_when_bad_ones_are_left_out) {
    std::vector<dynasio::bad_item> bad;
    options.bad_items = {true, &bad};
    User u = a_user("u1");
    start(u, with_count<&User::roles>());
    answer(next(), page_of({role_link("u1", "r1"), role_link("u1", "r2")}));
    auto const r = next();
    EXPECT_EQ(attributes_in(r, "roles"), std::set<std::string>{});
    json::object broken{{"id", s("r2")}, {"name", n(1)}};
    answer(r, batch_of({{"roles", {role("r1"), broken}}}));
    finish();
    EXPECT_EQ(u.roles.count(), 1U);
    EXPECT_EQ(bad.size(), 1U);
}

// ---- counts alone, and what a load tells

TEST_F(graph_count, alone_leaves_the_entities_as_they_are) {
    std::vector<User> const users{a_user("u1"), a_user("u2"), a_user("u1")};
    std::vector<void const*> owners;
    for (auto const& u : users) owners.push_back(&u);
    load_node what;
    what.relation = &dynasio::detail::relation_info_of<&User::posts>();
    what.counts = true;
    g().start_to_count(entity_type_of<User>(), owners, what);
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U);
    answer(requests[0], count_of(3));
    answer(requests[1], count_of(1));
    finish();
    EXPECT_EQ(g().counts_of_owners(), (std::vector<std::uint64_t>{3, 1, 3}));
    EXPECT_FALSE(users[0].posts.counted());
}

TEST_F(graph_count, alone_of_no_entities_sends_nothing) {
    load_node what;
    what.relation = &dynasio::detail::relation_info_of<&User::posts>();
    what.counts = true;
    g().start_to_count(entity_type_of<User>(), {}, what);
    finish();
    EXPECT_TRUE(g().counts_of_owners().empty());
}

TEST_F(graph_count, is_explained) {
    std::vector<User> none;
    start(none, with_count<&User::posts>(field<&Post::status> == "live"),
          with<&User::posts>(limit(5), with_count<&Post::comments>(field<&Comment::post_id> != "x")),
          with_count<&User::roles>(field<&Role::name> == "x"), with_count<&User::received>());
    EXPECT_EQ(
        g().explain(false),
        "User: given\n"
        "  count of posts: Query posts index by_author, filter status = \"live\", one for each parent; counted "
        "there, no items are sent\n"
        "  posts: Query posts index by_author, limit 5, one for each parent\n"
        "    count of comments: Query comments index by_post, here post_id <> \"x\", one for each parent; counted "
        "here\n"
        "  count of roles: Query pivots, links, one for each parent\n"
        "    then: BatchGetItem roles, up to 100 keys a request, shared with all other keys; only what it takes "
        "to count them is asked for, here name = \"x\"\n"
        "  count of received: Query posts index by_author, one for each parent\n"
        "    then: Query comments index by_post, one for each parent; counted there, no items are sent\n");
}

} // namespace
