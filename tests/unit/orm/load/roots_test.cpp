// Where a load begins: with keys, with a query or a scan, and with two types in one table.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "load_fixture.hpp"

namespace shared_table {

struct Owner;
struct Invoice {
    std::string id{};
    int total{};
    std::string owner_id{}, twin_id{};
    dynasio::belongs_to<Owner> owner{};
    dynasio::belongs_to<Invoice> twin{};
};
struct Owner {
    std::string id{};
    std::string total{};
};
constexpr auto dynasio_schema(dynasio::tag<Invoice>) {
    using namespace dynasio;
    return entity<Invoice>(table{"all"}, partition_key<&Invoice::id>, relate<&Invoice::owner>(by<&Invoice::owner_id>),
                           relate<&Invoice::twin>(by<&Invoice::twin_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    using namespace dynasio;
    return entity<Owner>(table{"all"}, partition_key<&Owner::id>);
}

} // namespace shared_table

namespace {

using namespace load_test;
using dynasio::field;
using dynasio::limit;
using dynasio::with;
using shop::Category;
using shop::Comment;
using shop::Post;
using shop::User;

// ---- starting with keys and queries

using graph_by_keys = load_conversation;

TEST_F(graph_by_keys, asks_once_for_equal_keys_and_answers_in_order) {
    std::vector<std::string> keys;
    for (std::string const id : {"u2", "u1", "gone", "u2"}) keys.push_back(R"({"id":{"S":")" + id + R"("}})");
    g().start_with_keys(entity_type_of<User>(), keys, children(with<&User::profile>()));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"users gone", "users u1", "users u2"}));
    EXPECT_EQ(path_of(r), "User");
    answer(r, batch_of({{"users", {user("u1"), user("u2")}}}));
    for (auto const& q : all()) answer(q, page_of({}));
    finish();
    auto const found = g().found_by_key();
    ASSERT_EQ(found.size(), 4U);
    EXPECT_EQ(static_cast<User*>(found[0].first)->id, "u2");
    EXPECT_FALSE(found[0].second) << "needed again";
    EXPECT_EQ(static_cast<User*>(found[1].first)->id, "u1");
    EXPECT_TRUE(found[1].second);
    EXPECT_EQ(found[2].first, nullptr);
    EXPECT_EQ(found[3].first, found[0].first);
    EXPECT_TRUE(found[3].second);
    EXPECT_TRUE(static_cast<User*>(found[1].first)->profile.loaded());
}

TEST_F(graph_by_keys, gives_no_entity_away_that_a_relation_shares) {
    std::vector<std::string> keys(1, R"({"id":{"S":"a"}})");
    g().start_with_keys(entity_type_of<Category>(), keys, children(with<&Category::parent>()));
    answer(next(), batch_of({{"categories", {{{"id", s("a")}, {"parent_id", s("a")}}}}}));
    finish();
    auto const found = g().found_by_key();
    EXPECT_FALSE(found[0].second);
    auto const& root = *static_cast<Category*>(found[0].first);
    EXPECT_EQ(root.parent->id, "a");
    EXPECT_FALSE(root.parent->parent.loaded());
}

TEST_F(graph_by_keys, gives_entities_early_that_nothing_else_needs) {
    std::vector<std::string> const keys{R"({"id":{"S":"u2"}})", R"({"id":{"S":"gone"}})", R"({"id":{"S":"u1"}})"};
    std::string given;
    g().start_with_keys(entity_type_of<User>(), keys, {});
    g().give_early(
        [&](std::size_t i, void* entity) { given += std::to_string(i) + ' ' + static_cast<User*>(entity)->id + ", "; });
    auto const r = next();
    answer(r, batch_of({{"users", {user("u2")}}}, {{"users", {{{"id", s("gone")}}, {{"id", s("u1")}}}}}));
    EXPECT_EQ(given, "0 u2, ") << "before the load ends";
    answer(next(), batch_of({{"users", {user("u1")}}}));
    EXPECT_EQ(given, "0 u2, 2 u1, ");
    finish();
    for (auto const& [entity, last] : g().found_by_key()) EXPECT_EQ(entity, nullptr);
    EXPECT_EQ(g().report().items, 2U);
    EXPECT_NE(g().explain(true).find("2 items"), std::string::npos) << g().explain(true);
}

TEST_F(graph_by_keys, gives_no_entity_early_that_is_needed_again) {
    auto const never = [](std::size_t, void*) { ADD_FAILURE(); };
    std::vector<std::string> const repeated{R"({"id":{"S":"u1"}})", R"({"id":{"S":"u1"}})"};
    g().start_with_keys(entity_type_of<User>(), repeated, {});
    g().give_early(never);
    answer(next(), batch_of({{"users", {user("u1")}}}));
    finish();
    EXPECT_EQ(g().found_by_key()[0].first, g().found_by_key()[1].first);
}

TEST_F(graph_by_keys, gives_no_entity_early_whose_relations_are_loaded) {
    g().start_with_keys(entity_type_of<User>(), {R"({"id":{"S":"u1"}})"}, children(with<&User::profile>()));
    g().give_early([](std::size_t, void*) { ADD_FAILURE(); });
    answer(next(), batch_of({{"users", {user("u1")}}}));
    for (auto const& q : all()) answer(q, page_of({}));
    finish();
    EXPECT_TRUE(static_cast<User*>(g().found_by_key()[0].first)->profile.loaded());
}

TEST_F(graph_by_keys, of_none_is_nothing) {
    g().start_with_keys(entity_type_of<User>(), {}, children(with<&User::posts>()));
    finish();
    EXPECT_TRUE(g().found_by_key().empty());
}

class graph_by_query : public load_conversation {
protected:
    template <class... Arguments> void query(std::string const& cursor, Arguments... arguments) {
        selected = dynasio::detail::access::node(with<&User::posts>(std::move(arguments)...)).select;
        selected.where = std::move(selected.where) && (field<&Post::author_id> == "u1").condition();
        g().start_with_query(entity_type_of<Post>(), dynasio::detail::plan_query(entity_type_of<Post>(), selected),
                             selected, cursor, std::move(below));
    }
    std::vector<Post>& items() {
        taken = g().take_items();
        return *static_cast<std::vector<Post>*>(taken.get());
    }
    dynasio::selection selected{};
    std::vector<load_node> below{};
    std::shared_ptr<void> taken{};
};

TEST_F(graph_by_query, reads_pages_and_relations_as_they_come) {
    below = children(with<&Post::comments>());
    query("");
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author: author_id = {"S":"u1"})");
    EXPECT_EQ(path_of(r), "Post");
    answer(r, page_of({post("p1", "u1")}, json::object{{"id", s("p1")}}));
    auto const two = all();
    ASSERT_EQ(two.size(), 2U);
    for (auto const& q : two) answer(q, text_of(q).starts_with("posts") ? page_of({}) : page_of({comment("c1", "p1")}));
    finish();
    EXPECT_EQ(ids(items()), "p1");
    EXPECT_EQ(ids(items()[0].comments), "c1");
    EXPECT_EQ(g().next_cursor(), "");
}

TEST_F(graph_by_query, goes_on_where_a_cursor_says) {
    query(R"({"id":{"S":"p7"}})", limit(2));
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author: author_id = {"S":"u1"} limit 2 after {"id":{"S":"p7"}})");
    answer(r, page_of({post("p8", "u1"), post("p9", "u1")}, json::object{{"id", s("p9")}}));
    finish();
    EXPECT_EQ(json::parse(g().next_cursor()), json::parse(R"({"id":{"S":"p9"}})"));
}

TEST_F(graph_by_query, makes_the_cursor_of_a_page_that_it_cut) {
    query("", field<&Post::status> == "live", limit(2));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1"), post("p3", "u1")}));
    finish();
    EXPECT_EQ(ids(items()), "p1 p2");
    EXPECT_EQ(json::parse(g().next_cursor()), json::parse(R"({"id":{"S":"p2"},"author_id":{"S":"u1"}})"))
        << "the keys of table and index of the last one taken";
}

TEST_F(graph_by_query, takes_the_items_that_come_whatever_number_stands_before_them) {
    for (std::string const count : {"0", "1", "4000000000"}) {
        restart();
        query("");
        std::string const posts = json::serialize(json::array{post("p1", "u1"), post("p2", "u1"), post("p3", "u1")});
        answer(next(), R"({"Count":)" + count + R"(,"Items":)" + posts + '}');
        finish();
        EXPECT_EQ(ids(items()), "p1 p2 p3");
        EXPECT_LT(items().capacity(), 100U) << "memory for items that their bytes cannot be";
    }
}

TEST_F(graph_by_query, refuses_pages_that_go_backwards) {
    // The order is by score, so a page cannot end before the score that it began behind.
    auto const key = [](std::string_view id, int score) {
        return json::object{{"id", s(id)}, {"author_id", s("u1")}, {"score", n(score)}};
    };
    for (bool const descending : {false, true}) {
        restart();
        if (descending)
            query("", field<&Post::score> > 0, dynasio::descending<&Post::score>);
        else
            query("", field<&Post::score> > 0);
        answer(next(), page_of({post("p1", "u1", 10)}, key("p1", 10)));
        answer(next(), page_of({post("p0", "u1", 10)}, key("p0", 10))); // equal values are in no order
        auto const r = next();
        auto const body = page_of({post("p3", "u1", 9)}, key("p3", descending ? 11 : 9));
        EXPECT_EQ(error_of([&] { answer(r, body); }).code(), errc::malformed_response);
    }
}

TEST_F(graph_by_query, has_no_cursor_at_the_end) {
    query("", limit(2));
    answer(next(), page_of({post("p1", "u1"), post("p2", "u1")}));
    finish();
    EXPECT_EQ(g().next_cursor(), "");
}

TEST_F(graph_by_query, with_limit_zero_sends_nothing) {
    query("", limit(0));
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_TRUE(items().empty());
    EXPECT_EQ(g().next_cursor(), "");
}

TEST_F(graph_by_query, scans_with_permission) {
    selected.where = (field<&Post::status> == "live").condition();
    options.consistent_read = true;
    g().start_with_query(entity_type_of<Post>(), dynasio::detail::plan_scan(entity_type_of<Post>(), selected), selected,
                         "", {});
    auto const r = next();
    EXPECT_EQ(r.op, operation::scan);
    EXPECT_EQ(text_of(r), R"(posts filter status = {"S":"live"} consistent)");
    answer(r, page_of({post("p1", "u1")}));
    finish();
    EXPECT_EQ(ids(items()), "p1");
}

using graph_of_relations = load_conversation;

TEST_F(graph_of_relations, reads_two_types_from_one_table_each_by_its_own_keys) {
    using shared_table::Invoice;
    Invoice i;
    i.id = "i1";
    i.owner_id = "o1";
    i.twin_id = "i2";
    start(i, with<&Invoice::owner>(), with<&Invoice::twin>());
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"all i2", "all o1"}));
    json::object const owner{{"id", s("o1")}, {"total", s("much")}};
    json::object const twin{{"id", s("i2")}, {"total", n(5)}};
    answer(r, batch_of({{"all", {owner}}}, {{"all", {{{"id", s("i2")}}}}}));
    auto const second = next();
    EXPECT_EQ(keys_in(second), key_set{"all i2"});
    answer(second, batch_of({{"all", {twin}}}));
    finish();
    EXPECT_EQ(i.owner->total, "much");
    EXPECT_EQ(i.twin->total, 5);
}

TEST_F(graph_of_relations, asks_once_for_a_key_that_two_types_of_one_table_share) {
    using shared_table::Invoice;
    Invoice i;
    i.id = "i1";
    i.owner_id = i.twin_id = "x";
    start(i, with<&Invoice::owner>(), with<&Invoice::twin>());
    auto const r = next();
    EXPECT_EQ(keys_in(r), key_set{"all x"});
    answer(r, batch_of({}, {{"all", {{{"id", s("x")}}}}}));
    now += std::chrono::minutes(1);
    auto const second = next();
    EXPECT_EQ(keys_in(second), key_set{"all x"}) << "both wait for it again";
    EXPECT_THROW(answer(second, batch_of({{"all", {{{"id", s("x")}, {"total", s("much")}}}}})), error)
        << "what is no number is no total of an invoice";
}

TEST_F(graph_of_relations, refuses_members_that_come_twice) {
    User u = a_user("u1");
    start(u, with<&User::posts>());
    auto const r = next();
    EXPECT_EQ(error_of([&] { answer(r, R"({"Items":[],"Items":[]})"); }).code(), errc::malformed_response);
    restart();
    Post p = a_post("p1", "u1");
    start(p, with<&Post::author>());
    auto const batch = next();
    EXPECT_EQ(error_of([&] { answer(batch, R"({"Responses":{},"Responses":{}})"); }).code(), errc::malformed_response);
}

TEST_F(graph_of_relations, matches_keys_that_are_spelt_otherwise) {
    shop::Reading reading;
    reading.id = "x";
    reading.device_site = "s";
    reading.device_number = 7;
    start(reading, with<&shop::Reading::device>());
    auto const r = next();
    json::object const number{{"N", "7.0"}};
    answer(r, batch_of({{"devices", {{{"site", s("s")}, {"number", number}, {"model", s("m")}}}}}));
    finish();
    ASSERT_TRUE(reading.device.has_value());
    EXPECT_EQ(reading.device->model, "m");
}

TEST_F(graph_of_relations, asks_once_for_a_key_in_several_spellings) {
    Post p = a_post("p1", "u1");
    start(p, with<&Post::author>(), with<&Post::comments>(with<&Comment::author>()));
    auto requests = all();
    ASSERT_EQ(requests.size(), 1U) << "the author waits for those of the comments";
    answer(requests[0], R"({"Items":[{"id":{"S":"c1"},"post_id":{"S":"p1"},"author_id":{"S":"\u00751"}},
                           {"id":{"S":"c2"},"post_id":{"S":"p1"},"author_id":{
                             "S" : "u1" }}]})");
    auto const r = next();
    EXPECT_EQ(keys_in(r), key_set{"users u1"});
    answer(r, batch_of({{"users", {user("u1", "Ann")}}}));
    finish();
    EXPECT_EQ(p.author->name, "Ann");
    EXPECT_EQ(p.comments[0].author->name, "Ann");
    EXPECT_EQ(p.comments[1].author->name, "Ann");
}

TEST_F(graph_of_relations, takes_empty_foreign_keys_in_any_spelling_for_none) {
    Post p = a_post("p1", "u1");
    start(p, with<&Post::comments>(with<&Comment::author>()));
    answer(next(), R"({"Items":[{"id":{"S":"c1"},"post_id":{"S":"p1"},"author_id":{"S" : ""}}]})");
    finish();
    EXPECT_EQ(p.comments[0].author.get(), nullptr);
}

TEST_F(graph_of_relations, sends_keys_that_came_with_white_space) {
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::comments>()));
    answer(next(), "{\"Items\":[{\"id\":{\n\"S\":\"p1\"\n},\"author_id\":{\"S\":\"u1\"},\"score\":{\"N\":\"1\"}}]}");
    EXPECT_EQ(text_of(next()), R"(comments index by_post: post_id = {"S":"p1"})");
}

TEST_F(graph_by_query, counts_without_items) {
    selected.where = (field<&Post::author_id> == "u1").condition();
    selected.limit = 5;
    g().start_with_query(entity_type_of<Post>(), dynasio::detail::plan_query(entity_type_of<Post>(), selected),
                         selected, {}, {}, dynasio::detail::projection::count);
    auto const r = next();
    EXPECT_EQ(json::parse(r.body).at("Select").as_string(), "COUNT");
    EXPECT_EQ(json::parse(r.body).at("Limit").to_number<int>(), 5);
    answer(r, R"({"Count":3,"LastEvaluatedKey":{"id":{"S":"p3"}}})");
    auto const rest = next();
    EXPECT_EQ(json::parse(rest.body).at("Limit").to_number<int>(), 2);
    answer(rest, R"({"Count":4})");
    finish();
    EXPECT_EQ(g().counted(), 5U) << "at most the limit, whatever the service counts";
    EXPECT_EQ(g().report().items, 0U);
}

} // namespace
