// Several relations at once: what they share, what they keep apart, how deep they go, and what their errors say.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "load_fixture.hpp"

namespace {

using namespace load_test;
using dynasio::ascending;
using dynasio::descending;
using dynasio::limit;
using dynasio::reload;
using dynasio::with;
using shop::Category;
using shop::Comment;
using shop::Post;
using shop::User;

using graph_of_relations = load_conversation;

TEST_F(graph_of_relations, has_no_barrier_between_levels) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    start(users, with<&User::posts>(with<&Post::comments>()));
    auto const posts = all();
    answer(posts[0], page_of({post("p1", "u1")}));
    auto const comments = next();
    EXPECT_EQ(text_of(comments), R"(comments index by_post: post_id = {"S":"p1"})") << "u2's posts are still under way";
    answer(comments, page_of({comment("c1", "p1")}));
    answer(posts[1], page_of({}));
    finish();
    EXPECT_EQ(ids(users[0].posts[0].comments), "c1");
    EXPECT_EQ(g().report().max_in_flight, 2U);
}

TEST_F(graph_of_relations, starts_all_branches_at_once) {
    User u = a_user("u1");
    start(u, with<&User::profile>(), with<&User::posts>(), with<&User::roles>(), with<&User::received>());
    auto const requests = all();
    EXPECT_EQ(requests.size(), 3U) << "profile, links, and posts once for both that need them";
    EXPECT_EQ(g().report().max_in_flight, 3U);
}

TEST_F(graph_of_relations, asks_once_for_a_key_that_two_branches_need) {
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::author>(), with<&Post::comments>(with<&Comment::author>())));
    answer(next(), page_of({post("p1", "u1")}));
    auto const comments = next();
    answer(comments, page_of({comment("c1", "p1", "u1"), comment("c2", "p1", "u2")}));
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"users u1", "users u2"}));
    answer(r, batch_of({{"users", {user("u1", "Ann"), user("u2", "Bo")}}}));
    finish();
    EXPECT_EQ(u.posts[0].author->name, "Ann");
    EXPECT_EQ(u.posts[0].comments[0].author->name, "Ann");
    EXPECT_EQ(u.posts[0].comments[1].author->name, "Bo");
    EXPECT_EQ(g().report().keys, 2U);
}

TEST_F(graph_of_relations, uses_a_key_again_that_has_arrived) {
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::author>(), with<&Comment::post>(with<&Post::author>(with<&User::profile>())));
    answer(next(), batch_of({{"posts", {post("p1", "u1")}}, {"users", {user("u1", "Ann")}}}));
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(profiles index by_user: user_id = {"S":"u1"} limit 1)");
    answer(r, page_of({profile("f1", "u1")}));
    finish();
    EXPECT_EQ(c.post->author->profile->id, "f1");
    EXPECT_EQ(c.author->name, "Ann");
    EXPECT_FALSE(c.author->profile.loaded());
}

TEST_F(graph_of_relations, keeps_constraints_of_branches_apart) {
    // Both branches read posts of an author by the same index: one limited, one not.
    Post p = a_post("p0", "u1");
    p.editor_id = "u1";
    start(p, with<&Post::author>(with<&User::posts>(limit(1))), with<&Post::editor>(with<&User::posts>()));
    answer(next(), batch_of({{"users", {user("u1")}}}));
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U);
    for (auto const& r : requests)
        answer(r, text_of(r).ends_with("limit 1") ? page_of({post("p1", "u1")}, json::object{{"id", s("p1")}})
                                                  : page_of({post("p1", "u1"), post("p2", "u1")}));
    finish();
    EXPECT_EQ(ids(p.author->posts), "p1");
    EXPECT_EQ(ids(p.editor->posts), "p1 p2");
}

TEST_F(graph_of_relations, keeps_orders_made_here_apart) {
    Post p = a_post("p0", "u1");
    p.editor_id = "u1";
    start(p, with<&Post::author>(with<&User::posts>(ascending<&Post::title>)),
          with<&Post::editor>(with<&User::posts>(descending<&Post::title>)));
    answer(next(), batch_of({{"users", {user("u1")}}}));
    for (auto const& r : all()) answer(r, page_of({post("p2", "u1"), post("p1", "u1"), post("p3", "u1")}));
    finish();
    EXPECT_EQ(ids(p.author->posts), "p1 p2 p3");
    EXPECT_EQ(ids(p.editor->posts), "p3 p2 p1");
}

TEST_F(graph_of_relations, shares_a_source_and_nothing_else) {
    // The same Query for both, other relations below.
    Post p = a_post("p0", "u1");
    p.editor_id = "u1";
    start(p, with<&Post::author>(with<&User::posts>(with<&Post::comments>())),
          with<&Post::editor>(with<&User::posts>(with<&Post::editor>())));
    answer(next(), batch_of({{"users", {user("u1")}}}));
    auto const posts = next();
    EXPECT_FALSE(has_next()) << "one Query serves both";
    answer(posts, page_of({post("p1", "u1", 0, "u1")}));
    answer(next(), page_of({comment("c1", "p1")}));
    finish();
    EXPECT_EQ(ids(p.author->posts[0].comments), "c1");
    EXPECT_FALSE(p.author->posts[0].editor.loaded());
    EXPECT_FALSE(p.editor->posts[0].comments.loaded());
    EXPECT_EQ(p.editor->posts[0].editor->id, "u1");
}

TEST_F(graph_of_relations, keeps_what_is_loaded_and_sends_nothing_for_it) {
    User u = a_user("u1");
    u.posts.set(std::vector<Post>{a_post("old", "u1")});
    u.profile.set(nullptr);
    start(u, with<&User::posts>(), with<&User::profile>());
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_EQ(ids(u.posts), "old");
    EXPECT_FALSE(u.profile.has_value());
}

TEST_F(graph_of_relations, loads_again_with_reload_or_with_something_below) {
    User u = a_user("u1");
    u.posts.set(std::vector<Post>{a_post("old", "u1")});
    start(u, with<&User::posts>(reload));
    answer(next(), page_of({post("new", "u1")}));
    finish();
    EXPECT_EQ(ids(u.posts), "new");

    restart();
    start(u, with<&User::posts>(with<&Post::comments>()));
    answer(next(), page_of({post("newer", "u1")}));
    answer(next(), page_of({}));
    finish();
    EXPECT_EQ(ids(u.posts), "newer");
    EXPECT_TRUE(u.posts[0].comments.loaded());
}

TEST_F(graph_of_relations, loads_for_those_parents_only_that_lack_it) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    users[0].posts.set(std::vector<Post>{});
    start(users, with<&User::posts>());
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(posts index by_author: author_id = {"S":"u2"})");
    EXPECT_FALSE(has_next());
    answer(r, page_of({}));
    finish();
    EXPECT_TRUE(users[1].posts.loaded());
}

TEST_F(graph_of_relations, leaves_entities_untouched_when_an_answer_does_not_fit) {
    std::vector<User> users{a_user("u1"), a_user("u2")};
    users[0].profile.set(nullptr);
    start(users, with<&User::posts>(), with<&User::profile>(reload));
    auto const requests = all();
    answer(requests[0], page_of({}));
    auto const e = error_of([&] { answer(requests[1], R"({"Items":[)"); });
    EXPECT_EQ(e.code(), errc::malformed_response);
    for (auto const& u : users) EXPECT_FALSE(u.posts.loaded());
    EXPECT_TRUE(users[0].profile.loaded());
    EXPECT_FALSE(users[1].profile.loaded());
}

TEST_F(graph_of_relations, names_path_table_and_attribute_of_what_does_not_fit) {
    User u = a_user("u1");
    start(u, with<&User::posts>(with<&Post::comments>()));
    answer(next(), page_of({post("p1", "u1")}));
    auto const r = next();
    auto wrong = comment("c1", "p1");
    wrong["text"] = n(5);
    auto const e = error_of([&] { answer(r, page_of({wrong})); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().relation_path, "User.posts.comments");
    EXPECT_EQ(e.info().entity, "Comment");
    EXPECT_EQ(e.info().attribute, "text");
    EXPECT_EQ(e.info().operation, "Query");
    EXPECT_EQ(e.info().table, "comments");
    EXPECT_EQ(e.info().index, "by_post");
}

TEST_F(graph_of_relations, names_the_path_of_what_does_not_fit_in_a_batch_of_several_relations) {
    Comment c;
    c.id = "c1";
    c.post_id = "p1";
    c.author_id = "u1";
    start(c, with<&Comment::post>(), with<&Comment::author>());
    auto const r = next();
    auto wrong = user("u1");
    wrong["version"] = s("one");
    auto const e = error_of([&] { answer(r, batch_of({{"posts", {post("p1", "u1")}}, {"users", {wrong}}})); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().relation_path, "Comment.author");
    EXPECT_EQ(e.info().table, "users");
    EXPECT_EQ(e.info().attribute, "version");
    EXPECT_EQ(e.info().operation, "BatchGetItem");
}

TEST_F(graph_of_relations, refuses_answers_to_other_questions) {
    Post p = a_post("p1", "u1");
    auto const refused = [&](std::string const& body) {
        restart();
        start(p, with<&Post::author>());
        auto const r = next();
        auto const e = error_of([&] { answer(r, body); });
        EXPECT_EQ(e.code(), errc::malformed_response) << body;
        EXPECT_EQ(e.info().relation_path, "Post.author");
        EXPECT_FALSE(p.author.loaded());
    };
    refused(batch_of({{"users", {user("other")}}}));
    refused(batch_of({{"roles", {role("u1")}}}));
    refused(batch_of({}, {{"users", {{{"id", s("other")}}}}}));
    refused(batch_of({}, {{"users", {{{"name", s("u1")}}}}}));
    refused(batch_of({}, {{"roles", {{{"id", s("u1")}}}}}));
    refused("[]");
    refused("");
    refused(R"({"Responses":{}} trailing)");
}

TEST_F(graph_of_relations, takes_null_for_absent_parts_of_an_answer) {
    Post p = a_post("p1", "u1");
    start(p, with<&Post::author>());
    answer(next(), R"({"UnprocessedKeys":null,"Responses":null,"New":{"a":[1]}})");
    finish();
    EXPECT_FALSE(p.author.has_value());
}

TEST_F(graph_of_relations, is_at_most_16_deep) {
    auto const chain = [](int depth) {
        load_node node;
        for (int i = 0; i < depth; ++i) {
            load_node outer = dynasio::detail::access::node(with<&Category::children>());
            if (i > 0) outer.children.push_back(std::move(node));
            node = std::move(outer);
        }
        return std::vector<load_node>(1, node);
    };
    Category c;
    c.id = "c0";
    std::vector<void*> entities(1, &c);
    auto const e = error_of([&] { g().start_with_entities(entity_type_of<Category>(), entities, chain(17)); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    restart();
    g().start_with_entities(entity_type_of<Category>(), entities, chain(16));
    for (int i = 1; i <= 16; ++i) {
        auto const id = "c" + std::to_string(i);
        answer(next(), page_of({{{"id", s(id)}, {"parent_id", s("c" + std::to_string(i - 1))}}}));
    }
    finish();
    Category const* at = &c;
    for (int i = 1; i <= 16; ++i) {
        ASSERT_EQ(at->children.size(), 1U);
        at = &at->children[0];
        EXPECT_EQ(at->id, "c" + std::to_string(i));
    }
    EXPECT_FALSE(at->children.loaded());
}

TEST_F(graph_of_relations, goes_up_and_down_one_entity) {
    Category c;
    c.id = "b";
    c.parent_id = "a";
    start(c, with<&Category::parent>(with<&Category::children>(with<&Category::parent>())),
          with<&Category::children>());
    auto const category = [](std::string_view id, std::string_view parent) {
        json::object made{{"id", s(id)}};
        if (!parent.empty()) made["parent_id"] = s(parent);
        return made;
    };
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U) << "own children, and the parent";
    for (auto const& r : requests)
        answer(r, r.op == operation::query ? page_of({}) : batch_of({{"categories", {category("a", "")}}}));
    auto const below_parent = next();
    answer(below_parent, page_of({category("b", "a"), category("c", "a")}));
    finish();
    EXPECT_EQ(g().report().keys, 1U) << "the parent's children's parent is here already";
    EXPECT_EQ(ids(c.parent->children), "b c");
    EXPECT_EQ(c.parent->children[1].parent->id, "a");
    EXPECT_TRUE(c.children.empty());
}

TEST_F(graph_of_relations, follows_an_entity_that_is_its_own_parent) {
    Category c;
    c.id = "a";
    c.parent_id = "a";
    start(c, with<&Category::parent>(with<&Category::parent>(with<&Category::parent>())));
    answer(next(), batch_of({{"categories", {{{"id", s("a")}, {"parent_id", s("a")}}}}}));
    finish();
    EXPECT_EQ(c.parent->parent->parent->id, "a");
    EXPECT_FALSE(c.parent->parent->parent->parent.loaded());
}

} // namespace
