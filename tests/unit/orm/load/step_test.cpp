// What a kind of relation can do without a change to queue, store or assembly: a node with targets of two types, and
// one that wants a count instead of entities. The steps here are made up.

#include <dynasio/orm/field.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <orm/load/assemble.hpp>
#include <orm/load/explain.hpp>
#include <orm/load/load_plan.hpp>
#include <orm/load/queue.hpp>
#include <orm/load/steps/step.hpp>
#include <orm/load/store.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "../model.hpp"

namespace {

using namespace dynasio::detail;
using dynasio::entity_type_of;
using dynasio::load_node;
using shop::Post;
using shop::Role;
using shop::User;

/// Leads from a post to a user or to a role, as its title says; what it found is noted by the name of the type.
class either_step final : public relation_step {
public:
    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        auto const& post = *static_cast<Post const*>(owner.get());
        load_target& target = node.targets[post.title == "role" ? 1 : 0];
        return {.from = store.ask(target, R"({"id":{"S":")" + post.author_id + R"("}})")};
    }
    void attach(load_assembly& assembly, plan_node const&, void* owner, load_result* found) const override {
        assembly.assemble(*found);
        entity_type const& type = *found->of.type;
        std::string& text = attached[static_cast<Post const*>(owner)->id];
        text = type.name;
        if (type.storage.size(found->items.get()) == 0) text += " (none)";
    }
    void explain(plan_printer& to, plan_node const& node, int depth) const override {
        for (auto const& target : node.targets) to.line(node, describe_source(target), depth);
    }

    mutable std::map<std::string, std::string> attached{};
    using entity_type = dynasio::entity_type;
};

/// Counts the posts of a user.
class counting_step final : public relation_step {
public:
    filling ask(load_store& store, plan_node& node, owner_row& owner) const override {
        std::string key(owner.value(entity_type_of<User>().key.partition));
        return {.from = store.ask(node.target(), std::move(key))};
    }
    void attach(load_assembly&, plan_node const&, void* owner, load_result* found) const override {
        counts[static_cast<User const*>(owner)->id] = found->from->count();
    }
    void explain(plan_printer& to, plan_node const& node, int depth) const override {
        to.line(node, describe_source(node.target()), depth);
    }

    mutable std::map<std::string, std::uint64_t> counts{};
};

class made_up_steps : public testing::Test {
protected:
    load_queue::dispatch next() {
        auto const* const d = queue.next(now);
        EXPECT_NE(d, nullptr);
        return d == nullptr ? load_queue::dispatch{} : queue.take_answered(d->id);
    }

    load_queue::time_point now{std::chrono::seconds(1000)};
    dynasio::aws::retry_policy policy{};
    load_plan plan{"", false, {}};
    load_queue queue{std::chrono::milliseconds(1), policy};
    load_store store{plan, queue};
    load_assembly assembly{};
};

TEST_F(made_up_steps, lead_to_one_of_several_types) {
    either_step const step;
    load_target& root = plan.plan_root(entity_type_of<Post>(), nullptr, {});
    plan_node& node = plan.add_node(root, step, *entity_type_of<Post>().find_relation("author"));
    node.path += ".subject";
    plan.add_target(node, entity_type_of<User>(), plan.source_by_key(entity_type_of<User>()));
    plan.add_target(node, entity_type_of<Role>(), plan.source_by_key(entity_type_of<Role>()));

    std::vector<Post> posts(3);
    load_result result(root, nullptr);
    for (std::size_t i = 0; i < posts.size(); ++i) {
        posts[i].id = std::to_string(i);
        posts[i].author_id = i == 2 ? "gone" : "x";
        posts[i].title = i == 1 ? "role" : "user";
        owner_row owner(entity_type_of<Post>(), &posts[i]);
        store.discover(result, i, owner);
    }
    auto const batch = next();
    EXPECT_EQ(batch.keys.size(), 3U) << "keys of both types travel together";
    EXPECT_TRUE(
        store.on_batch(batch.keys, R"({"Responses":{"users":[{"id":{"S":"x"}}],"roles":[{"id":{"S":"x"}}]}})").empty());
    EXPECT_TRUE(queue.done());
    for (std::size_t i = 0; i < posts.size(); ++i) assembly.attach_children(result, i, &posts[i]);
    EXPECT_EQ(step.attached, (std::map<std::string, std::string>{{"0", "User"}, {"1", "Role"}, {"2", "User (none)"}}));

    plan_printer printer(false);
    printer.root(root);
    std::string const text = std::move(printer).take();
    EXPECT_NE(text.find("subject: BatchGetItem users"), std::string::npos) << text;
    EXPECT_NE(text.find("subject: BatchGetItem roles"), std::string::npos) << text;
}

TEST_F(made_up_steps, take_counts_for_entities) {
    counting_step const step;
    auto const& posts = *entity_type_of<User>().find_relation("posts");
    load_target& root = plan.plan_root(entity_type_of<User>(), nullptr, {});
    plan_node& node = plan.add_node(root, step, posts);
    node.path += ".posts";
    auto const access = plan_relation(entity_type_of<Post>(), posts.target_key, {});
    plan.add_target(node, entity_type_of<Post>(),
                    plan.source_by_query(entity_type_of<Post>(), access, {}, posts.target_key, projection::count));

    User user;
    user.id = "u1";
    load_result result(root, nullptr);
    owner_row owner(entity_type_of<User>(), &user);
    store.discover(result, 0, owner);
    auto const first = next();
    ASSERT_NE(first.query, nullptr);
    std::string body;
    first.query->from.text->append_body(body, first.query->key_parts().all(), std::nullopt, {});
    EXPECT_NE(body.find(R"("Select":"COUNT")"), std::string::npos) << body;
    store.on_page(*first.query, R"({"Count":2,"LastEvaluatedKey":{"id":{"S":"p2"}}})");
    auto const second = next();
    ASSERT_NE(second.query, nullptr);
    store.on_page(*second.query, R"({"Count":3})");
    EXPECT_TRUE(queue.done());
    assembly.attach_children(result, 0, &user);
    EXPECT_EQ(step.counts["u1"], 5U);
}

} // namespace
