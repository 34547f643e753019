#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <orm/plan/access_plan.hpp>
#include <orm/plan/order.hpp>
#include <string>
#include <vector>

#include "../model.hpp"
#include "support/error_of.hpp"

namespace bounded {

struct Line {
    std::string file{}, name{}, author{};
    std::vector<std::byte> hash{};
};
constexpr auto dynasio_schema(dynasio::tag<Line>) {
    using namespace dynasio::dsl;
    return entity<Line>(partition_key<&Line::file>, sort_key<&Line::name>,
                        gsi<&Line::author, &Line::hash>{"by_author"});
}

} // namespace bounded

namespace {

using namespace dynasio;
using detail::access_plan;
using dynamodb::to_string;
using shop::Device;
using shop::Post;
using shop::Reading;
using shop::User;

// A selection from the arguments of with<>, which are those of a query.
template <auto Relation, class... Arguments> selection selected(Arguments... arguments) {
    return dynasio::detail::access::node(with<Relation>(client_side, std::move(arguments)...)).select;
}

selection where(auto const& clause) {
    selection s;
    s.where = clause.condition();
    return s;
}

template <auto Member> ordering ordered_by(bool descending = false) {
    return ordering{detail::attribute_of<Member>(), descending};
}

using dynasio::test::error_of;

access_plan plan_of_posts(selection const& s) { return detail::plan_query(entity_type_of<Post>(), s); }
access_plan plan_of_devices(selection const& s) { return detail::plan_query(entity_type_of<Device>(), s); }

TEST(query_plan, reads_the_table_by_its_key) {
    auto const plan = plan_of_posts(where(field<&Post::id> == "1"));
    ASSERT_NE(plan.path, nullptr);
    EXPECT_EQ(plan.path->name, "");
    EXPECT_EQ(to_string(plan.partition), to_string((field<&Post::id> == "1").condition()));
    EXPECT_TRUE(plan.sort.is_always());
    EXPECT_TRUE(plan.scope.filter.is_always());
    EXPECT_TRUE(plan.scope.residue.is_always());
    EXPECT_TRUE(plan.limits_there());
}

/// The error of a query whose condition compares a key of a table or an index with too much.
diagnostics too_long(entity_type const& type, auto const& clause) {
    auto const refused = error_of([&] { (void)detail::plan_query(type, where(clause)); });
    EXPECT_EQ(refused.code(), errc::invalid_argument);
    return refused.info();
}

TEST(query_plan, refuses_to_compare_a_key_with_more_than_a_key_can_be) {
    auto const text = [](std::size_t size) { return std::string(size, 'x'); };
    auto const& posts = entity_type_of<Post>();
    EXPECT_NO_THROW((void)plan_of_posts(where(field<&Post::id> == text(2048))));
    auto const of_table = too_long(posts, field<&Post::id> == text(2049));
    EXPECT_EQ(of_table.entity, "Post");
    EXPECT_EQ(of_table.attribute, "id");
    EXPECT_EQ(of_table.index, "");
    EXPECT_EQ(of_table.message, "the condition compares Post::id with 2049 bytes, and DynamoDB takes 2048 of a "
                                "partition key, so no item has such a key; compare it with a shorter value");
    EXPECT_NE(too_long(posts, field<&Post::author_id> == text(2049)).index, "");
    // Escapes are no bytes of the key.
    EXPECT_NO_THROW((void)plan_of_posts(where(field<&Post::id> == std::string(2048, '"'))));
    auto const& readings = entity_type_of<bounded::Line>();
    auto const of_file = field<&bounded::Line::file> == "f";
    auto const name = field<&bounded::Line::name>;
    EXPECT_NO_THROW((void)detail::plan_query(readings, where(of_file && name > text(1024))));
    EXPECT_EQ(too_long(readings, of_file && name == text(1025)).attribute, "name");
    EXPECT_EQ(too_long(readings, of_file && name.begins_with(text(1025))).attribute, "name");
    EXPECT_EQ(too_long(readings, of_file && name.between("a", text(1025))).attribute, "name");
    auto const of_index = too_long(readings, field<&bounded::Line::author> == "a" &&
                                                 field<&bounded::Line::hash> < std::vector<std::byte>(1025));
    EXPECT_EQ(of_index.index, "by_author");
    EXPECT_EQ(of_index.attribute, "hash");
    EXPECT_NE(of_index.message.find("with 1025 bytes, and DynamoDB takes 1024 of a sort key"), std::string::npos);
    // A filter may compare with more, and so may a scan.
    EXPECT_NO_THROW((void)detail::plan_query(readings, where(of_file && field<&bounded::Line::author> == text(3000))));
    EXPECT_NO_THROW((void)detail::plan_scan(readings, where(field<&bounded::Line::file> == text(3000))));
    // A relation compares the sort key as well.
    attribute_index const by_file[] = {readings.key.partition};
    auto const refused = error_of([&] { (void)detail::plan_relation(readings, by_file, where(name < text(1025))); });
    EXPECT_EQ(refused.info().attribute, "name");
}

TEST(query_plan, prefers_the_table_to_an_index) {
    EXPECT_EQ(plan_of_posts(where(field<&Post::author_id> == "u" && field<&Post::id> == "1")).path->name, "");
}

TEST(query_plan, takes_an_index_whose_partition_key_is_compared_for_equality) {
    auto const plan = plan_of_posts(where(field<&Post::author_id> == "u"));
    EXPECT_EQ(plan.path->name, "by_author");
    EXPECT_EQ(plan_of_posts(where(field<&Post::editor_id> == "u")).path->name, "by_editor");
}

TEST(query_plan, takes_the_index_whose_sort_key_has_a_condition) {
    auto const plan = plan_of_posts(where(field<&Post::author_id> == "u" && field<&Post::score> > 3));
    EXPECT_EQ(plan.path->name, "by_author_score");
    EXPECT_EQ(to_string(plan.sort), to_string((field<&Post::score> > 3).condition()));
    EXPECT_TRUE(plan.scope.filter.is_always());
    EXPECT_TRUE(plan.limits_there());
}

TEST(query_plan, takes_the_size_of_a_key_for_no_key_condition) {
    auto const refused = error_of([] { plan_of_posts(where(field<&Post::id>.size() == 1)); });
    EXPECT_EQ(refused.code(), errc::no_usable_index);
    auto const plan = plan_of_posts(where(field<&Post::author_id> == "u" && field<&Post::id>.size() == 1));
    EXPECT_TRUE(plan.sort.is_always()) << plan.path->name;
}

TEST(query_plan, takes_the_index_that_serves_the_order_before_all) {
    auto s = where(field<&Post::author_id> == "u" && field<&Post::id> > "a");
    s.order = ordered_by<&Post::score>(true);
    s.limit = 5;
    auto const plan = plan_of_posts(s);
    EXPECT_EQ(plan.path->name, "by_author_score");
    EXPECT_TRUE(plan.descending);
    EXPECT_FALSE(plan.sort_here.has_value());
    EXPECT_EQ(to_string(plan.scope.filter), to_string((field<&Post::id> > "a").condition()))
        << "no key of this index: the service filters";
}

TEST(query_plan, takes_a_local_index_for_its_sort_key_only) {
    EXPECT_EQ(plan_of_devices(where(field<&Device::site> == "s")).path->name, "");
    auto const plan = plan_of_devices(where(field<&Device::site> == "s" && field<&Device::model>.begins_with("m")));
    EXPECT_EQ(plan.path->name, "by_model");
    EXPECT_EQ(plan.sort.type(), dynamodb::condition::kind::begins_with);
    auto s = where(field<&Device::site> == "s");
    s.order = ordered_by<&Device::model>();
    EXPECT_EQ(plan_of_devices(s).path->name, "by_model");
}

TEST(query_plan, lets_the_service_filter_what_is_no_key) {
    auto const plan = plan_of_posts(where(field<&Post::author_id> == "u" && field<&Post::status> == "live"));
    EXPECT_EQ(to_string(plan.scope.filter), to_string((field<&Post::status> == "live").condition()));
    EXPECT_TRUE(plan.scope.residue.is_always());
    EXPECT_FALSE(plan.limits_there()) << "Limit counts what is read, not what matches";
}

TEST(query_plan, evaluates_here_what_a_filter_must_not_mention) {
    auto const twice =
        plan_of_posts(where(field<&Post::author_id> == "u" && field<&Post::score> > 3 && field<&Post::score> < 9));
    EXPECT_EQ(to_string(twice.sort), to_string((field<&Post::score> > 3).condition()));
    EXPECT_EQ(to_string(twice.scope.residue), to_string((field<&Post::score> < 9).condition()));
    EXPECT_FALSE(twice.limits_there());

    auto const not_comparable = plan_of_devices(where(field<&Device::site> == "s" && field<&Device::number> != 3));
    EXPECT_TRUE(not_comparable.sort.is_always());
    EXPECT_FALSE(not_comparable.scope.residue.is_always());

    auto const inside = plan_of_devices(
        where(field<&Device::site> == "s" && (field<&Device::number> == 3 || field<&Device::state> == "on")));
    EXPECT_EQ(inside.scope.residue.type(), dynamodb::condition::kind::any_of);
    EXPECT_TRUE(inside.scope.filter.is_always());

    auto const both = plan_of_posts(where(field<&Post::id> == "1" && field<&Post::id> == "2"));
    EXPECT_EQ(to_string(both.scope.residue), to_string((field<&Post::id> == "2").condition()));
}

TEST(query_plan, without_a_path_is_an_error_that_lists_what_exists) {
    auto const e = error_of([] { (void)plan_of_posts(where(field<&Post::title> == "t")); });
    EXPECT_EQ(e.code(), errc::no_usable_index);
    EXPECT_EQ(e.info().entity, "Post");
    std::string const text = e.what();
    for (std::string const part :
         {"title = ", "the table by id", "by_author by author_id", "by_editor by editor_id", "scan()"})
        EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
}

TEST(query_plan, needs_equality_at_the_top) {
    for (auto const& clause :
         {field<&Post::author_id> > "u", field<&Post::author_id>.in("a", "b"),
          field<&Post::author_id> == "u" || field<&Post::status> == "live", !(field<&Post::author_id> == "u")})
        EXPECT_EQ(error_of([&] { (void)plan_of_posts(where(clause)); }).code(), errc::no_usable_index);
    EXPECT_EQ(error_of([] { (void)plan_of_posts({}); }).code(), errc::no_usable_index);
}

TEST(query_plan, sorts_here_what_no_path_sorts) {
    auto s = where(field<&Post::author_id> == "u");
    s.order = ordered_by<&Post::title>(true);
    auto const plan = plan_of_posts(s);
    ASSERT_TRUE(plan.sort_here.has_value());
    EXPECT_EQ(plan.sort_here->by, s.order->by);
    EXPECT_TRUE(plan.sort_here->descending);
    EXPECT_FALSE(plan.descending);
    EXPECT_FALSE(plan.limits_there());
}

TEST(query_plan, sorts_and_cuts_here_with_permission_only) {
    auto s = where(field<&Post::author_id> == "u");
    s.order = ordered_by<&Post::title>();
    s.limit = 3;
    auto const e = error_of([&] { (void)plan_of_posts(s); });
    EXPECT_EQ(e.code(), errc::no_usable_index);
    EXPECT_NE(std::string(e.what()).find("client_side"), std::string::npos);
    s.client_side = true;
    EXPECT_TRUE(plan_of_posts(s).sort_here.has_value());
}

TEST(query_plan, follows_the_order_of_the_path) {
    auto s = where(field<&Post::author_id> == "u");
    s.order = ordering{std::nullopt, true};
    EXPECT_TRUE(plan_of_posts(s).descending);
    s.order->descending = false;
    EXPECT_FALSE(plan_of_posts(s).descending);
    EXPECT_TRUE(plan_of_posts(s).limits_there());
}

TEST(scan_plan, filters_there_and_may_mention_keys) {
    auto const plan = detail::plan_scan(entity_type_of<Post>(), where(field<&Post::id> > "a"));
    EXPECT_EQ(plan.path, nullptr);
    EXPECT_EQ(to_string(plan.scope.filter), to_string((field<&Post::id> > "a").condition()));
    EXPECT_FALSE(plan.limits_there());
    EXPECT_TRUE(detail::plan_scan(entity_type_of<Post>(), {}).limits_there());
}

TEST(scan_plan, has_no_order_but_the_one_made_here) {
    selection s;
    s.order = ordering{std::nullopt, true};
    auto const plan = detail::plan_scan(entity_type_of<Post>(), s);
    ASSERT_TRUE(plan.sort_here.has_value());
    EXPECT_EQ(plan.sort_here->by, entity_type_of<Post>().key.partition);
    EXPECT_TRUE(plan.sort_here->descending);
    s.limit = 2;
    EXPECT_EQ(error_of([&] { (void)detail::plan_scan(entity_type_of<Post>(), s); }).code(), errc::no_usable_index);
    s.client_side = true;
    EXPECT_TRUE(detail::plan_scan(entity_type_of<Post>(), s).sort_here.has_value());
}

access_plan plan_of_posts_of_user(selection const& s) {
    return detail::plan_relation(entity_type_of<Post>(), entity_type_of<User>().find_relation("posts")->target_key, s);
}

TEST(relation_plan, takes_an_index_by_the_foreign_key) {
    auto const plan = plan_of_posts_of_user({});
    EXPECT_EQ(plan.path->name, "by_author");
    EXPECT_TRUE(plan.partition.is_always()) << "the operand comes with each parent";
    EXPECT_TRUE(plan.limits_there());
}

TEST(relation_plan, takes_the_index_that_serves_order_or_condition) {
    auto const ordered = plan_of_posts_of_user(selected<&User::posts>(descending<&Post::score>));
    EXPECT_EQ(ordered.path->name, "by_author_score");
    EXPECT_TRUE(ordered.descending);
    EXPECT_FALSE(ordered.sort_here.has_value());
    auto const conditioned = plan_of_posts_of_user(selected<&User::posts>(field<&Post::score> >= 2));
    EXPECT_EQ(conditioned.path->name, "by_author_score");
    EXPECT_EQ(to_string(conditioned.sort), to_string((field<&Post::score> >= 2).condition()));
}

TEST(relation_plan, filters_and_sorts_as_a_query) {
    auto const plan = plan_of_posts_of_user(selected<&User::posts>(
        field<&Post::status> == "live", field<&Post::author_id>.begins_with("u"), ascending<&Post::title>));
    EXPECT_EQ(to_string(plan.scope.filter), to_string((field<&Post::status> == "live").condition()));
    EXPECT_EQ(to_string(plan.scope.residue), to_string(field<&Post::author_id>.begins_with("u").condition()));
    EXPECT_TRUE(plan.sort_here.has_value());
    EXPECT_FALSE(plan.limits_there());
}

TEST(relation_plan, by_two_parts_leaves_no_key_in_the_filter) {
    auto const& relation = *entity_type_of<Device>().find_relation("readings");
    auto const plan = detail::plan_relation(
        entity_type_of<Reading>(), relation.target_key,
        selected<&Device::readings>(field<&Reading::value> > 1.5, field<&Reading::device_number> > 3));
    EXPECT_EQ(plan.path->name, "by_device");
    EXPECT_TRUE(plan.sort.is_always()) << "the foreign key takes it";
    EXPECT_EQ(to_string(plan.scope.filter), to_string((field<&Reading::value> > 1.5).condition()));
    EXPECT_EQ(to_string(plan.scope.residue), to_string((field<&Reading::device_number> > 3).condition()));
}

TEST(condition_here, sees_the_entity_as_the_service_would) {
    auto const& type = entity_type_of<Post>();
    Post p;
    p.id = "1";
    p.score = 10;
    p.title = "";
    // What is stored of it.
    auto const stored = type.encode_values(&p, {});
    auto const value_of = [&](attribute_index i) { return std::string_view(stored[i]); };
    auto const holds = [&](auto const& clause) { return detail::matches(type, clause.condition(), value_of); };
    EXPECT_TRUE(holds(field<&Post::score> == 10));
    EXPECT_TRUE(holds(field<&Post::score> > 9)) << "by value, not by text";
    EXPECT_FALSE(holds(field<&Post::score> < 9));
    EXPECT_TRUE(holds(field<&Post::editor_id> == nullptr));
    EXPECT_FALSE(holds(field<&Post::editor_id>.exists()));
    EXPECT_TRUE(holds(field<&Post::title>.exists())) << "an empty string is stored";
    EXPECT_FALSE(holds(field<&Post::author_id>.exists())) << "an empty key of an index is not";
    EXPECT_TRUE(detail::matches(type, {}, value_of));
}

/// The order of entities whose items are what is stored of them.
template <class T> std::vector<std::size_t> positions(std::vector<T> const& entities, ordering const& o) {
    auto const& type = entity_type_of<T>();
    std::vector<std::vector<std::string>> stored;
    std::vector<detail::sort_values> values;
    for (auto const& e : entities) stored.push_back(type.encode_values(&e, {}));
    for (auto const& of : stored)
        values.push_back({of[*o.by], of[type.key.partition], type.key.sort ? of[*type.key.sort] : std::string_view()});
    return detail::sorted_positions(values, o.descending);
}

std::string order_of(std::vector<Post> const& posts, ordering const& o) {
    std::string ids;
    for (auto const i : positions(posts, o)) ids += posts[i].id;
    return ids;
}

std::vector<Post> some_posts() {
    std::vector<Post> posts(4);
    std::string const ids = "dbca";
    int const scores[] = {10, 9, -1, 9};
    for (std::size_t i = 0; i < 4; ++i) {
        posts[i].id = ids.substr(i, 1);
        posts[i].score = scores[i];
    }
    posts[0].editor_id = "m";
    posts[2].editor_id = "k";
    posts[0].title = "B";
    posts[1].title = "a";
    posts[2].title = "C";
    return posts;
}

TEST(order_here, is_by_value_with_ties_by_key) {
    auto posts = some_posts();
    EXPECT_EQ(order_of(posts, ordered_by<&Post::score>()), "cabd");
    EXPECT_EQ(order_of(posts, ordered_by<&Post::score>(true)), "dabc") << "ties stay by key";
    EXPECT_EQ(order_of(posts, ordered_by<&Post::title>()), "adcb") << "by bytes";
}

TEST(order_here, has_absent_values_first) {
    auto posts = some_posts();
    EXPECT_EQ(order_of(posts, ordered_by<&Post::editor_id>()), "abcd");
    EXPECT_EQ(order_of(posts, ordered_by<&Post::editor_id>(true)), "dcab");
}

} // namespace

namespace bytes {
struct Blob {
    std::string id{};
    dynasio::dynamodb::binary data{};
    bool flag{};
};
constexpr auto dynasio_schema(dynasio::tag<Blob>) { return dynasio::entity<Blob>(dynasio::partition_key<&Blob::id>); }
} // namespace bytes

namespace {

TEST(order_here, of_binaries_is_by_their_bytes) {
    std::vector<bytes::Blob> blobs(4);
    // base64: "AAAA", "aGk=", "////", "+/8="
    std::string const data[] = {std::string(3, '\0'), "hi", std::string(3, '\xff'), std::string("\xfb\xff")};
    for (std::size_t i = 0; i < 4; ++i) {
        blobs[i].id = std::to_string(i);
        blobs[i].data.bytes = data[i];
        blobs[i].flag = i == 1;
    }
    EXPECT_EQ(positions(blobs, ordered_by<&bytes::Blob::data>()), (std::vector<std::size_t>{0, 1, 3, 2}));
    EXPECT_EQ(positions(blobs, ordered_by<&bytes::Blob::flag>()), (std::vector<std::size_t>{0, 2, 3, 1}));
}

} // namespace
