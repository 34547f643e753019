// What a save of a graph sends: which writes, in which order, in how many requests.

#include <dynasio/orm/along.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../model.hpp"
#include "service_fixture.hpp"

namespace {

using namespace run_test;
using dynasio::along;
using dynasio::in_parts;
using dynasio::replace_missing;
using dynasio::repository;
using shop::Category;
using shop::Post;
using shop::Profile;
using shop::Role;
using shop::User;

class saved_graph : public service_conversation {
protected:
    /// The action of each write of a transaction and its table, such as "Put users".
    std::vector<std::string> actions(std::size_t request) const {
        std::vector<std::string> all;
        auto const sent_body = body(request);
        for (auto const& item : sent_body.at("TransactItems").as_array())
            for (auto const& [action, what] : item.as_object())
                all.push_back(std::string(action) + ' ' +
                              std::string(what.at("TableName").as_string()).substr(std::string("test_").size()));
        return all;
    }
    json::value write(std::size_t request, std::size_t i) const {
        return body(request).at("TransactItems").as_array().at(i).as_object().begin()->value();
    }
    /// Fills the handle as a load does.
    static void load_posts(User& user, std::vector<Post> posts) {
        auto const& relation = *dynasio::entity_type_of<User>().find_relation("posts");
        void* const handle = relation.handle_of(static_cast<void*>(&user));
        relation.attach(handle, std::make_shared<std::vector<Post>>(std::move(posts)));
        relation.scope_of(handle).target = dynasio::trashed::without;
    }
    static Post post(std::string id) {
        Post made;
        made.id = std::move(id);
        made.author_id = "u1";
        return made;
    }

    repository<User> users{db};
    repository<Category> categories{db};
};

TEST_F(saved_graph, has_owners_before_what_refers_to_them_and_links_behind_both) {
    User user;
    user.profile.set(std::make_shared<Profile>());
    user.posts.set({Post(), Post()});
    user.roles.set(std::vector<Role>(1));
    run(users.create(user, along<&User::roles>(), along<&User::posts>(), along<&User::profile>()));
    ASSERT_EQ(sent(), 1u);
    EXPECT_EQ(operation(0), "TransactWriteItems");
    EXPECT_EQ(actions(0), (std::vector<std::string>{"Put users", "Put posts", "Put posts", "Put profiles", "Put roles",
                                                    "Update pivots"}));
    EXPECT_EQ(user.id, first_ulid);
    EXPECT_EQ(write(0, 1).at("Item").at("author_id").at("S").as_string(), first_ulid);
    EXPECT_EQ(write(0, 5).at("Key").at("pk").at("S").as_string(), "users_roles#" + std::string(first_ulid));
    EXPECT_EQ(write(0, 5).at("Key").at("sk").at("S").as_string(), user.roles[0].id);
}

TEST_F(saved_graph, has_the_entity_of_a_belongs_to_first) {
    Category leaf, root;
    root.id = "root";
    leaf.id = "leaf";
    leaf.parent.set(std::make_shared<Category>(root));
    run(categories.create(leaf, along<&Category::parent>()));
    ASSERT_EQ(sent(), 1u);
    EXPECT_EQ(write(0, 1).at("Item").at("parent_id").at("S").as_string(), "root");
}

TEST_F(saved_graph, without_differences_is_the_write_of_the_entity_alone) {
    User user;
    user.id = "u1";
    user.version = 4;
    load_posts(user, {post("p1"), post("p2")});
    run(users.save(user, along<&User::posts>(replace_missing)));
    ASSERT_EQ(sent(), 1u);
    EXPECT_EQ(operation(0), "UpdateItem");
    (void)user.posts.edit();
    run(users.save(user, along<&User::posts>(replace_missing)));
    EXPECT_EQ(operation(1), "UpdateItem");
    user.posts.edit()[1].title = "new";
    run(users.save(user, along<&User::posts>()));
    EXPECT_EQ(actions(2), (std::vector<std::string>{"Update users", "Update posts"}));
    EXPECT_EQ(write(2, 1).at("Key").at("id").at("S").as_string(), "p2");
}

TEST_F(saved_graph, in_parts_removes_at_the_end) {
    User user;
    user.id = "u1";
    user.version = 1;
    load_posts(user, {post("old")});
    user.posts.set(std::vector<Post>(150));
    auto const refused = failure_of(users.save(user, along<&User::posts>(replace_missing)));
    EXPECT_EQ(refused.code, errc::batch_too_large);
    EXPECT_EQ(sent(), 0u);
    run(users.save(user, along<&User::posts>(replace_missing), in_parts));
    ASSERT_EQ(sent(), 2u);
    EXPECT_EQ(actions(0).size(), 100u);
    EXPECT_EQ(actions(0).front(), "Update users");
    EXPECT_EQ(actions(1).size(), 52u);
    EXPECT_EQ(actions(1).back(), "Delete posts");
}

TEST_F(saved_graph, names_a_relation_once) {
    User user;
    auto const refused = failure_of(users.save(user, along<&User::posts>(), along<&User::posts>(replace_missing)));
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_EQ(refused.info->relation_path, "User.posts");
    EXPECT_EQ(sent(), 0u);
}

TEST_F(saved_graph, that_fails_before_it_is_sent_leaves_keys_and_foreign_keys_alone) {
    User user;
    Post stranger = post("p1");
    stranger.author_id = "u2";
    user.posts.set({Post(), stranger});
    auto const refused = failure_of(users.create(user, along<&User::posts>()));
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_EQ(refused.info->entity, "Post");
    EXPECT_EQ(refused.info->table, "test_posts");
    EXPECT_TRUE(user.id.empty());
    EXPECT_TRUE(user.posts[0].id.empty());
    EXPECT_TRUE(user.posts[0].author_id.empty());
    EXPECT_EQ(sent(), 0u);
}

} // namespace
