// What a program can ask about the relations of its entities.

#include <dynasio/orm/relation_summary.hpp>
#include <dynasio/orm/rules.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "../model.hpp"

namespace album {

using namespace dynasio::dsl;

struct Caption;

struct Picture {
    std::string id{};
    dynasio::has_many<Caption> captions{};
};
struct Sound {
    std::string id{};
};
struct Caption {
    std::string id{};
    std::string type{};
    std::string of_id{};
    std::string writer_id{};
    dynasio::morph_to<Picture, Sound> of{};
    dynasio::belongs_to<shop::User> writer{};
};

struct Sitter;
struct Sitting {
    std::string id{};
    std::string sitter_name{};
    std::string picture_id{};
    dynasio::belongs_to<Sitter> sitter{};
    dynasio::belongs_to<Sitter> by_id{};
    dynasio::belongs_to<Picture> picture{};
};
struct Sitter {
    std::string id{};
    std::string name{};
    dynasio::has_many<Sitting> sittings{};
    dynasio::has_many_through<Picture> pictures{};
};

constexpr auto dynasio_schema(dynasio::tag<Sitting>) {
    return entity<Sitting>(partition_key<&Sitting::id>, gsi<&Sitting::sitter_name>{"by_sitter"},
                           relate<&Sitting::sitter>(by<&Sitting::sitter_name>, references<&Sitter::name>),
                           relate<&Sitting::by_id>(by<&Sitting::sitter_name>),
                           relate<&Sitting::picture>(by<&Sitting::picture_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Sitter>) {
    return entity<Sitter>(partition_key<&Sitter::id>, gsi<&Sitter::name>{"by_name"},
                          relate<&Sitter::sittings>(by<&Sitting::sitter_name>, references<&Sitter::name>),
                          relate<&Sitter::pictures>(through<&Sitter::sittings, &Sitting::picture>));
}
constexpr auto dynasio_schema(dynasio::tag<Picture>) {
    return entity<Picture>(partition_key<&Picture::id>,
                           relate<&Picture::captions>(by<&Caption::type, &Caption::of_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Sound>) { return entity<Sound>(partition_key<&Sound::id>); }
constexpr auto dynasio_schema(dynasio::tag<Caption>) {
    return entity<Caption>(partition_key<&Caption::id>, gsi<&Caption::of_id, &Caption::type>{"by_subject"},
                           relate<&Caption::of>(by<&Caption::type, &Caption::of_id>),
                           relate<&Caption::writer>(by<&Caption::writer_id>), required<&Caption::writer>);
}

} // namespace album

namespace {

using dynasio::describe_relations;
using dynasio::relation_kind;
using dynasio::relation_summary;
using access = relation_summary::access;
using names = std::vector<std::string>;

template <class T> relation_summary of(std::string_view member) {
    for (auto const& each : describe_relations<T>())
        if (each.member == member) return each;
    throw std::runtime_error("no such relation");
}

TEST(relation_summary, has_all_relations_in_the_order_of_the_schema) {
    names members;
    for (auto const& each : describe_relations<shop::User>()) members.push_back(each.member);
    EXPECT_EQ(members, (names{"profile", "posts", "roles", "received"}));
}

TEST(relation_summary, names_foreign_key_index_and_inverse_of_has_many) {
    auto const posts = of<shop::User>("posts");
    EXPECT_EQ(posts.kind, relation_kind::has_many);
    EXPECT_EQ(posts.owner, "User");
    EXPECT_EQ(posts.targets, names{"Post"});
    EXPECT_EQ(posts.foreign_key_of, "Post");
    EXPECT_EQ(posts.foreign_key, names{"author_id"});
    EXPECT_EQ(posts.reads, (std::vector<access>{{"posts", "by_author"}}));
    EXPECT_EQ(posts.inverses, names{"Post.author"});
    EXPECT_TRUE(posts.optional);
    EXPECT_EQ(to_string(posts),
              "User.posts: has_many Post by author_id of Post, reads posts index by_author, inverse Post.author");
    EXPECT_EQ(of<shop::Device>("readings").foreign_key, (names{"device_site", "device_number"}));
}

TEST(relation_summary, names_the_key_of_belongs_to) {
    auto const author = of<shop::Post>("author");
    EXPECT_EQ(author.kind, relation_kind::belongs_to);
    EXPECT_EQ(author.foreign_key_of, "Post");
    EXPECT_EQ(author.foreign_key, names{"author_id"});
    EXPECT_EQ(author.reads, (std::vector<access>{{"users", ""}}));
    EXPECT_EQ(author.inverses, names{"User.posts"});
    EXPECT_TRUE(of<shop::Post>("editor").inverses.empty());
    EXPECT_FALSE(of<album::Caption>("writer").optional);
}

TEST(relation_summary, names_the_pivot_table_of_belongs_to_many_from_both_sides) {
    auto const roles = of<shop::User>("roles");
    EXPECT_EQ(roles.kind, relation_kind::belongs_to_many);
    EXPECT_EQ(roles.pivot_table, "pivots");
    EXPECT_EQ(roles.reads.front(), (access{"pivots", ""}));
    EXPECT_EQ(roles.reads.back(), (access{"roles", ""}));
    EXPECT_EQ(roles.inverses, names{"Role.users"});
    auto const users = of<shop::Role>("users");
    EXPECT_EQ(users.pivot_table, "pivots");
    EXPECT_FALSE(users.reads.front().index.empty());
    EXPECT_EQ(users.inverses, names{"User.roles"});
    EXPECT_EQ(of<shop::Device>("alarms").pivot_table, "alarm_links");
}

TEST(relation_summary, names_both_steps_of_has_many_through) {
    auto const received = of<shop::User>("received");
    EXPECT_EQ(received.kind, relation_kind::has_many_through);
    EXPECT_EQ(received.targets, names{"Comment"});
    EXPECT_EQ(received.through, (names{"User.posts", "Post.comments"}));
    EXPECT_EQ(received.reads, (std::vector<access>{{"posts", "by_author"}, {"comments", "by_post"}}));
    EXPECT_EQ(to_string(received), "User.received: has_many_through Comment through User.posts, Post.comments, reads "
                                   "posts index by_author, comments index by_post");
}

TEST(relation_summary, names_what_a_foreign_key_refers_to_when_that_is_not_the_key) {
    auto const sittings = of<album::Sitter>("sittings");
    EXPECT_EQ(sittings.foreign_key, names{"sitter_name"});
    EXPECT_EQ(sittings.references, names{"name"});
    EXPECT_EQ(sittings.reads, (std::vector<access>{{"sittings", "by_sitter"}}));
    EXPECT_EQ(sittings.inverses, names{"Sitting.sitter"}) << "and not the one that refers to the key";
    auto const sitter = of<album::Sitting>("sitter");
    EXPECT_EQ(sitter.references, names{"name"});
    EXPECT_EQ(sitter.reads, (std::vector<access>{{"sitters", "by_name"}}));
    EXPECT_EQ(sitter.inverses, names{"Sitter.sittings"});
    EXPECT_EQ(to_string(sitter), "Sitting.sitter: belongs_to Sitter by sitter_name of Sitting, which refers to name, "
                                 "reads sitters index by_name, inverse Sitter.sittings");
    auto const by_id = of<album::Sitting>("by_id");
    EXPECT_TRUE(by_id.references.empty());
    EXPECT_TRUE(by_id.inverses.empty());
}

TEST(relation_summary, names_the_table_of_a_second_step_by_key) {
    EXPECT_EQ(of<album::Sitter>("pictures").reads, (std::vector<access>{{"sittings", "by_sitter"}, {"pictures", ""}}));
}

TEST(relation_summary, names_all_types_of_a_morph_to_and_what_leads_back) {
    auto const subject = of<album::Caption>("of");
    EXPECT_EQ(subject.kind, relation_kind::morph_to);
    EXPECT_EQ(subject.targets, (names{"Picture", "Sound"}));
    EXPECT_EQ(subject.foreign_key, (names{"type", "of_id"}));
    EXPECT_EQ(subject.reads, (std::vector<access>{{"pictures", ""}, {"sounds", ""}}));
    EXPECT_EQ(subject.inverses, names{"Picture.captions"});
    auto const captions = of<album::Picture>("captions");
    EXPECT_EQ(captions.foreign_key_of, "Caption");
    EXPECT_EQ(captions.foreign_key, (names{"type", "of_id"}));
    EXPECT_EQ(captions.reads, (std::vector<access>{{"captions", "by_subject"}}));
    EXPECT_EQ(captions.inverses, names{"Caption.of"});
}

} // namespace
