#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/pivot.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <memory>
#include <ranges>
#include <string>
#include <utility>
#include <vector>

#include "model.hpp"
#include "support/error_of.hpp"

namespace {

using dynasio::errc;
using dynasio::error;
using shop::Post;
using shop::Profile;
using shop::Role;
using shop::User;

using dynasio::test::error_of;

void expect_says(error const& e, std::string const& part) {
    EXPECT_NE(std::string(e.what()).find(part), std::string::npos) << e.what();
}

User named_user() {
    User u;
    dynasio::entity_type_of<User>().storage.name_handles(&u);
    return u;
}

using role_links = dynasio::detail::links<Role>;

std::shared_ptr<role_links> two_roles() {
    auto links = std::make_shared<role_links>();
    auto const make = [](char const* id) {
        auto role = std::make_shared<Role>();
        role->id = id;
        return role;
    };
    links->add(make("admin"), dynasio::pivot("level", 1));
    links->add(make("guest"), dynasio::pivot("level", 2));
    return links;
}

TEST(handle, that_is_not_loaded_names_its_type_when_it_has_no_entity) {
    User const u;
    auto const many = error_of([&] { (void)u.posts.size(); });
    EXPECT_EQ(many.code(), errc::relation_not_loaded);
    expect_says(many, "has_many<shop::Post>");
    expect_says(error_of([&] { (void)u.profile.get(); }), "has_one<shop::Profile>");
    expect_says(error_of([&] { (void)u.roles.begin(); }), "belongs_to_many<shop::Role>");
    expect_says(error_of([&] { (void)u.received.empty(); }), "has_many_through<shop::Comment>");
    expect_says(error_of([] { (void)bool(Post().author); }), "belongs_to<shop::User>");
}

TEST(handle, that_is_not_loaded_names_entity_and_member_of_an_entity_from_a_repository) {
    User const u = named_user();
    auto const e = error_of([&] { (void)u.posts[0]; });
    EXPECT_EQ(e.code(), errc::relation_not_loaded);
    EXPECT_EQ(e.info().entity, "User");
    EXPECT_EQ(e.info().relation_path, "User.posts");
    expect_says(e, "with<&User::posts>()");
    EXPECT_EQ(error_of([&] { (void)u.profile.has_value(); }).info().relation_path, "User.profile");
    EXPECT_EQ(error_of([&] { (void)u.roles.with_pivot(); }).info().relation_path, "User.roles");
    EXPECT_EQ(error_of([&] { (void)u.received.front(); }).info().relation_path, "User.received");
}

TEST(handle, keeps_its_name_in_copies) {
    User const copy = named_user();
    User const second = copy;
    EXPECT_EQ(error_of([&] { (void)second.posts.begin(); }).info().relation_path, "User.posts");
}

TEST(handle, can_be_asked_whether_it_is_loaded) {
    User u;
    EXPECT_FALSE(u.posts.loaded());
    EXPECT_FALSE(u.profile.loaded());
    EXPECT_FALSE(u.roles.loaded());
    u.posts.set(std::vector<Post>{});
    u.profile.set(nullptr);
    u.roles.set(std::make_shared<role_links>());
    EXPECT_TRUE(u.posts.loaded());
    EXPECT_TRUE(u.profile.loaded());
    EXPECT_TRUE(u.roles.loaded());
}

TEST(handle, tells_not_loaded_from_loaded_without_anything) {
    User u;
    u.posts.set(std::vector<Post>{});
    u.profile.set(nullptr);
    u.roles.set(std::make_shared<role_links>());
    EXPECT_TRUE(u.posts.empty());
    EXPECT_EQ(u.posts.begin(), u.posts.end());
    EXPECT_FALSE(u.profile);
    EXPECT_EQ(u.profile.get(), nullptr);
    EXPECT_TRUE(u.roles.empty());
    EXPECT_EQ(u.roles.with_pivot().begin(), u.roles.with_pivot().end());
}

TEST(handle, is_not_loaded_again_after_unload) {
    User u;
    u.posts.set(std::vector<Post>(2));
    u.profile.set(std::make_shared<Profile>());
    u.roles.set(two_roles());
    u.posts.unload();
    u.profile.unload();
    u.roles.unload();
    EXPECT_FALSE(u.posts.loaded());
    EXPECT_FALSE(u.profile.loaded());
    EXPECT_FALSE(u.roles.loaded());
    EXPECT_EQ(error_of([&] { (void)u.posts.size(); }).code(), errc::relation_not_loaded);
}

TEST(handle, that_was_moved_from_is_not_loaded) {
    User from;
    Profile profile;
    profile.id = "p";
    from.profile.set(profile);
    from.posts.set(std::vector<Post>(2));
    from.roles.set(two_roles());
    dynasio::morph_to<Post, Profile> subject;
    subject.set(profile);

    User const to = std::move(from);
    EXPECT_EQ(to.profile->id, "p");
    // NOLINTBEGIN(bugprone-use-after-move): what is left there is what the test is about
    EXPECT_FALSE(from.profile.loaded()) << "that there is no profile would be a wrong answer";
    EXPECT_FALSE(from.posts.loaded());
    EXPECT_FALSE(from.roles.loaded());
    auto const taken = std::move(subject);
    EXPECT_TRUE(taken.holds<Profile>());
    EXPECT_FALSE(subject.loaded());

    dynasio::has_one<Profile> assigned;
    assigned = std::move(from.profile);
    EXPECT_FALSE(assigned.loaded());
    // NOLINTEND(bugprone-use-after-move)
}

TEST(handle, that_is_not_counted_says_how_to_count_it) {
    User const u = named_user();
    auto const e = error_of([&] { (void)u.posts.count(); });
    EXPECT_EQ(e.code(), errc::relation_not_loaded);
    EXPECT_EQ(e.info().entity, "User");
    EXPECT_EQ(e.info().relation_path, "User.posts");
    expect_says(e, "the count of User.posts was read but is not loaded");
    expect_says(e, "with_count<&User::posts>()");
    EXPECT_EQ(error_of([&] { (void)u.roles.count(); }).info().relation_path, "User.roles");
    EXPECT_EQ(error_of([&] { (void)u.received.count(); }).info().relation_path, "User.received");
    expect_says(error_of([] { (void)User().posts.count(); }), "the count of a has_many<shop::Post>");
}

TEST(handle, has_a_count_apart_from_its_entities) {
    User u = named_user();
    auto const& posts = *dynasio::entity_type_of<User>().find_relation("posts");
    posts.set_count(posts.handle_of(&u), 7);
    EXPECT_TRUE(u.posts.counted());
    EXPECT_EQ(u.posts.count(), 7U);
    EXPECT_FALSE(u.posts.loaded());
    u.posts.set(std::vector<Post>(2));
    EXPECT_EQ(u.posts.count(), 7U);
    User const copy = u;
    EXPECT_EQ(copy.posts.count(), 7U);
    EXPECT_EQ(copy.posts.size(), 2U);
    u.posts.unload();
    EXPECT_FALSE(u.posts.counted());
}

TEST(handle, is_no_larger_for_its_count) {
    EXPECT_EQ(sizeof(dynasio::has_many<Post>), sizeof(void*) * 4) << "a name, a scope and a shared_ptr";
    EXPECT_EQ(sizeof(dynasio::belongs_to_many<Role>), sizeof(void*) * 4);
}

TEST(handle, counts_to_more_than_32_bits_hold) {
    User u;
    auto const& roles = *dynasio::entity_type_of<User>().find_relation("roles");
    std::uint64_t const many = 1'000'000'000'000;
    roles.set_count(roles.handle_of(&u), many);
    EXPECT_EQ(u.roles.count(), many);
    EXPECT_FALSE(u.roles.loaded());
}

TEST(handle, gives_what_was_set) {
    User u;
    std::vector<Post> posts(3);
    posts[0].title = "first";
    posts[2].title = "last";
    u.posts.set(posts);
    auto profile = std::make_shared<Profile>();
    profile->bio = "bio";
    u.profile.set(profile);
    EXPECT_EQ(u.posts.size(), 3U);
    EXPECT_EQ(u.posts.front().title, "first");
    EXPECT_EQ(u.posts.back().title, "last");
    EXPECT_EQ(u.posts[2].title, "last");
    EXPECT_EQ(u.profile->bio, "bio");
    EXPECT_EQ((*u.profile).bio, "bio");
    EXPECT_TRUE(u.profile.has_value());
}

TEST(handle, of_a_copy_is_changed_alone) {
    User u;
    u.posts.set(std::vector<Post>(1));
    u.profile.set(std::make_shared<Profile>());
    u.roles.set(two_roles());
    User copy = u;
    copy.posts.set(std::vector<Post>(5));
    copy.profile.set(nullptr);
    copy.roles.unload();
    EXPECT_EQ(u.posts.size(), 1U);
    EXPECT_TRUE(u.profile.has_value());
    EXPECT_EQ(u.roles.size(), 2U);
}

TEST(handle, hands_out_constants_only) {
    static_assert(std::is_same_v<decltype(std::declval<User&>().posts[0]), Post const&>);
    static_assert(std::is_same_v<decltype(*std::declval<User&>().posts.begin()), Post const&>);
    static_assert(std::is_same_v<decltype(*std::declval<User&>().profile), Profile const&>);
    static_assert(std::is_same_v<decltype(std::declval<User&>().roles[0]), Role const&>);
}

TEST(handle, is_a_range) {
    static_assert(std::ranges::contiguous_range<dynasio::has_many<Post> const>);
    static_assert(std::ranges::input_range<dynasio::belongs_to_many<Role> const>);
    static_assert(std::input_iterator<dynasio::belongs_to_many<Role>::const_iterator>);
    static_assert(std::input_iterator<dynasio::belongs_to_many<Role>::pivot_range::iterator>);
    User u;
    std::vector<Post> posts(2);
    posts[0].title = "a";
    posts[1].title = "b";
    u.posts.set(posts);
    std::string all;
    for (Post const& p : u.posts) all += p.title;
    EXPECT_EQ(all, "ab");
}

TEST(belongs_to_many, gives_each_entity_with_its_own_pivot) {
    User u;
    u.roles.set(two_roles());
    std::string all;
    for (auto const& [role, pivot] : u.roles.with_pivot())
        all += role.id + pivot.find("level")->as_number().text() + ' ';
    EXPECT_EQ(all, "admin1 guest2 ");
    ASSERT_EQ(u.roles.size(), 2U);
    EXPECT_EQ(u.roles[1].id, "guest");
    EXPECT_EQ(u.roles.begin()->id, "admin");
    auto at = u.roles.begin();
    EXPECT_EQ((*at++).id, "admin");
    EXPECT_EQ((*at).id, "guest");
    EXPECT_EQ(++at, u.roles.end());
}

TEST(belongs_to_many, is_set_with_public_types) {
    User u;
    std::vector<Role> roles(2);
    roles[0].id = "admin";
    roles[1].id = "guest";
    u.roles.set(roles);
    ASSERT_EQ(u.roles.size(), 2U);
    EXPECT_EQ(u.roles[1].id, "guest");
    for (auto const& [role, row] : u.roles.with_pivot()) EXPECT_TRUE(row.extra().empty()) << role.id;

    std::vector<std::pair<Role, dynasio::pivot>> linked;
    linked.emplace_back(roles[1], dynasio::pivot("level", 7));
    u.roles.set(std::move(linked));
    ASSERT_EQ(u.roles.size(), 1U);
    for (auto const& [role, row] : u.roles.with_pivot())
        EXPECT_EQ(role.id + row.find("level")->as_number().text(), "guest7");

    u.roles.set(std::vector<Role>());
    EXPECT_TRUE(u.roles.loaded());
    EXPECT_TRUE(u.roles.empty());
}

TEST(handle, keeps_what_it_holds_alive) {
    User u;
    {
        auto posts = std::make_shared<std::vector<Post>>(1);
        posts->front().title = "kept";
        u.posts.set(std::shared_ptr<std::vector<Post> const>(posts));
    }
    EXPECT_EQ(u.posts.front().title, "kept");
}

TEST(handle, is_no_larger_for_what_it_remembers) {
    EXPECT_LE(sizeof(dynasio::has_many<Post>), 4 * sizeof(void*));
    EXPECT_LE(sizeof(dynasio::has_one<Profile>), 4 * sizeof(void*));
    EXPECT_LE(sizeof(dynasio::belongs_to_many<Role>), 4 * sizeof(void*));
}

TEST(edit, copies_what_is_shared_once_and_changes_no_copy) {
    User u;
    std::vector<Post> posts(2);
    posts[0].title = "a";
    u.posts.set(posts);
    Post const* const own = &u.posts[0];
    EXPECT_EQ(&u.posts.edit()[0], own) << "nobody shares what was set by value";
    User const copy = u;
    u.posts.edit()[0].title = "b";
    EXPECT_EQ(copy.posts[0].title, "a");
    EXPECT_EQ(&copy.posts[0], own);
    Post const* const mine = &u.posts[0];
    u.posts.edit().emplace_back();
    u.posts.edit().pop_back();
    EXPECT_EQ(u.posts[0].title, "b");
    EXPECT_EQ(copy.posts.size(), 2u);
    User second = copy;
    second.posts.edit().clear();
    EXPECT_EQ(copy.posts.size(), 2u);
    EXPECT_NE(mine, own);
}

TEST(edit, of_one_entity_leaves_the_object_that_was_given_as_it_is) {
    User u;
    auto const given = std::make_shared<Profile const>();
    u.profile.set(given);
    u.profile.edit().bio = "changed";
    EXPECT_EQ(u.profile->bio, "changed");
    EXPECT_EQ(given->bio, "");
    Profile const* const own = u.profile.get();
    u.profile.edit().bio = "again";
    EXPECT_EQ(u.profile.get(), own);
    User moved = std::move(u);
    EXPECT_EQ(&moved.profile.edit(), own);
}

TEST(handle, to_one_entity_takes_it_as_a_value_as_well) {
    User u;
    Profile given;
    given.bio = "first";
    u.profile.set(given);
    EXPECT_EQ(u.profile->bio, "first");
    Profile const* const own = u.profile.get();
    u.profile.edit().bio = "second";
    EXPECT_EQ(u.profile.get(), own) << "nobody else refers to it, so it is not copied";
    EXPECT_EQ(given.bio, "first");
    User const copy = u;
    u.profile.edit().bio = "third";
    EXPECT_EQ(copy.profile->bio, "second");
    u.profile.set({});
    EXPECT_TRUE(u.profile.loaded());
    EXPECT_FALSE(u.profile);
}

TEST(edit, needs_something_that_is_loaded) {
    User u = named_user();
    auto const many = error_of([&] { (void)u.posts.edit(); });
    EXPECT_EQ(many.code(), errc::relation_not_loaded);
    EXPECT_EQ(many.info().message, "the relation User.posts is to be edited but is not loaded; load it with "
                                   "with<&User::posts>() or repository::load, or give the handle of a new entity its "
                                   "first value with set()");
    auto const one = error_of([&] { (void)u.profile.edit(); });
    EXPECT_EQ(one.code(), errc::relation_not_loaded);
    expect_says(one, "with set()");
    u.profile.set(nullptr);
    auto const nothing = error_of([&] { (void)u.profile.edit(); });
    EXPECT_EQ(nothing.code(), errc::not_found);
    expect_says(nothing, "User.profile");
}

TEST(handle, remembers_what_a_load_gave_until_it_is_unloaded) {
    auto const& relation = *dynasio::entity_type_of<User>().find_relation("posts");
    auto const loaded_by = [&](User const& u) {
        std::size_t n = 0;
        relation.visit_held(relation.handle_of(static_cast<void const*>(&u)), true, &n,
                            [](void* to, void const*, dynasio::pivot const*) { ++*static_cast<std::size_t*>(to); });
        return n;
    };
    User u;
    void* const handle = relation.handle_of(static_cast<void*>(&u));
    u.posts.set(std::vector<Post>(5));
    EXPECT_EQ(loaded_by(u), 0u) << "the program has put them there";
    relation.attach(handle, std::make_shared<std::vector<Post>>(3));
    relation.scope_of(handle).target = dynasio::trashed::without;
    EXPECT_TRUE(relation.as_loaded(handle));
    EXPECT_EQ(loaded_by(u), 3u);
    u.posts.edit().clear();
    EXPECT_FALSE(relation.as_loaded(handle));
    EXPECT_EQ(loaded_by(u), 3u);
    u.posts.set(std::vector<Post>(1));
    EXPECT_EQ(loaded_by(u), 3u);
    EXPECT_EQ(loaded_by(User(u)), 3u);
    u.posts.unload();
    u.posts.set(std::vector<Post>(1));
    EXPECT_EQ(loaded_by(u), 0u);
}

} // namespace
