#include <dynasio/orm/field.hpp>
#include <dynasio/orm/trash.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <orm/plan/relation_tree.hpp>
#include <string>
#include <utility>
#include <vector>

#include "../model.hpp"
#include "support/error_of.hpp"

// Relations that are named several times at one place.
namespace dynasio {
namespace {

using namespace dynasio::dsl;
using dynasio::test::error_of;
using shop::Category;
using shop::Comment;
using shop::Post;
using shop::User;

std::string described(std::vector<load_node> const& nodes) {
    std::string out;
    for (auto const& n : nodes) {
        out += (out.empty() ? "" : ",") + std::string(n.relation->name.member);
        if (!n.children.empty()) out += '(' + described(n.children) + ')';
    }
    return out;
}
std::vector<load_node> merged(std::vector<relation_to_load<User>> const& relations) {
    std::vector<load_node> nodes;
    for (auto const& r : relations) r.append_to(nodes);
    detail::merge_relations(nodes);
    return nodes;
}

TEST(relations_named_twice, are_one_with_what_is_nested_below_any_of_them) {
    EXPECT_EQ(
        described(merged({with<&User::posts>(with<&Post::comments>()), with<&User::roles>(),
                          with<&User::posts>(with<&Post::author>(), with<&Post::comments>(with<&Comment::post>())),
                          with<&User::posts>()})),
        "posts(comments(post),author),roles");
}

TEST(relations_named_twice, keep_the_constraints_that_they_agree_on) {
    auto const posts = [](auto... below) {
        return with<&User::posts>(field<&Post::status> == "live", field<&Post::score> > 1, descending<&Post::score>,
                                  limit(2), client_side, reload, below...);
    };
    auto const nodes = merged({posts(), posts(with<&Post::author>())});
    ASSERT_EQ(nodes.size(), 1U);
    EXPECT_EQ(nodes[0].select.limit, 2U);
    EXPECT_TRUE(nodes[0].reload);
    EXPECT_EQ(described(nodes), "posts(author)");
}

TEST(relations_named_twice, with_different_constraints_are_refused) {
    auto const plain = with<&User::posts>();
    std::vector<std::pair<relation_to_load<User>, relation_to_load<User>>> const pairs{
        {plain, with<&User::posts>(limit(1))},
        {plain, with<&User::posts>(newest_first)},
        {plain, with<&User::posts>(reload)},
        {plain, with<&User::posts>(without_autoload)},
        {plain, with<&User::posts>(client_side)},
        {plain, with<&User::posts>(field<&Post::status> == "live")},
        {with<&User::posts>(field<&Post::status> == "live"), with<&User::posts>(field<&Post::status> == "dead")},
        {with<&User::posts>(newest_first), with<&User::posts>(oldest_first)},
        {with<&User::posts>(limit(1)), with<&User::posts>(limit(2))},
    };
    for (auto const& [a, b] : pairs) {
        auto const e = error_of([&] { (void)merged({a, with<&User::roles>(), b}); });
        EXPECT_EQ(e.code(), errc::invalid_argument);
        EXPECT_EQ(e.info().relation_path, "User.posts");
        EXPECT_EQ(e.info().message, "the relation User.posts is named twice at one place with different constraints; a "
                                    "handle holds one result: give both the same constraints, or load one of them into "
                                    "a copy");
    }
}

TEST(relations_named_twice, are_refused_also_below_what_is_joined) {
    auto const e = error_of([] {
        (void)merged(
            {with<&User::posts>(with<&Post::comments>(limit(1))), with<&User::posts>(with<&Post::comments>(limit(2)))});
    });
    EXPECT_EQ(e.info().relation_path, "Post.comments");
}

TEST(relations_named_twice, may_be_named_very_often) {
    std::vector<relation_to_load<User>> many;
    for (int i = 0; i < 20'000; ++i)
        many.push_back(i % 2 == 0 ? with<&User::posts>(with<&Post::comments>()) : with<&User::roles>());
    EXPECT_EQ(described(merged(many)), "posts(comments),roles");
}

} // namespace
} // namespace dynasio
