// What create_tables refuses before it sends anything: entities that contradict one another. verify<> refuses the same
// at compile time; these entities are never verified.

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "service_fixture.hpp"

namespace tables_model {

using namespace dynasio::dsl;

struct Label {
    std::string id{};
};
constexpr auto dynasio_schema(tag<Label>) { return entity<Label>(partition_key<&Label::id>); }

// Entities of one table.
struct Plain {
    std::string id{};
    std::string name{};
    std::string city{};
};
constexpr auto dynasio_schema(tag<Plain>) {
    return entity<Plain>(table{"things"}, partition_key<&Plain::id>, gsi<&Plain::name>{"by_name"});
}
struct OtherKey {
    std::string key{};
};
constexpr auto dynasio_schema(tag<OtherKey>) {
    return entity<OtherKey>(table{"things"}, partition_key<&OtherKey::key>);
}
struct NumberKey {
    long id{};
};
constexpr auto dynasio_schema(tag<NumberKey>) {
    return entity<NumberKey>(table{"things"}, partition_key<&NumberKey::id>);
}
struct OtherIndex {
    std::string id{};
    std::string city{};
};
constexpr auto dynasio_schema(tag<OtherIndex>) {
    return entity<OtherIndex>(table{"things"}, partition_key<&OtherIndex::id>, gsi<&OtherIndex::city>{"by_name"});
}
struct NarrowIndex {
    std::string id{};
    std::string name{};
};
constexpr auto dynasio_schema(tag<NarrowIndex>) {
    return entity<NarrowIndex>(table{"things"}, partition_key<&NarrowIndex::id>,
                               gsi<&NarrowIndex::name>{"by_name"}.keys_only());
}
struct OtherType {
    std::string id{};
    long name{};
};
constexpr auto dynasio_schema(tag<OtherType>) {
    return entity<OtherType>(table{"things"}, partition_key<&OtherType::id>);
}
struct MoreIndexes {
    std::string id{};
    std::string name{};
    std::string city{};
};
constexpr auto dynasio_schema(tag<MoreIndexes>) {
    return entity<MoreIndexes>(table{"things"}, partition_key<&MoreIndexes::id>, gsi<&MoreIndexes::name>{"by_name"},
                               gsi<&MoreIndexes::city>{"by_city"});
}
struct TwoIndexes {
    std::string id{};
    std::string name{};
    std::string city{};
};
constexpr auto dynasio_schema(tag<TwoIndexes>) {
    return entity<TwoIndexes>(partition_key<&TwoIndexes::id>, gsi<&TwoIndexes::name>{"by_name"},
                              gsi<&TwoIndexes::city>{"by_name"});
}

// Relations that store their links as users_posts_tags.
struct User {
    std::string id{};
    dynasio::belongs_to_many<Label> posts_tags{};
};
constexpr auto dynasio_schema(tag<User>) { return entity<User>(partition_key<&User::id>, relate<&User::posts_tags>()); }
struct UsersPost {
    std::string id{};
    dynasio::belongs_to_many<Label> tags{};
};
constexpr auto dynasio_schema(tag<UsersPost>) {
    return entity<UsersPost>(partition_key<&UsersPost::id>, relate<&UsersPost::tags>());
}
struct PlacedPost {
    std::string id{};
    dynasio::belongs_to_many<Label> tags{};
};
constexpr auto dynasio_schema(tag<PlacedPost>) {
    return entity<PlacedPost>(table{"users_posts"}, partition_key<&PlacedPost::id>,
                              relate<&PlacedPost::tags>(pivot_table{"tag_links"}));
}
/// Another view of the items of User, with the same relation.
struct UserView {
    std::string id{};
    dynasio::belongs_to_many<Label> posts_tags{};
};
constexpr auto dynasio_schema(tag<UserView>) {
    return entity<UserView>(table{"users"}, partition_key<&UserView::id>, relate<&UserView::posts_tags>());
}

// Links with a key of their own.
struct Badged {
    std::string id{};
    belongs_to_many<Label> labels{};
};
constexpr auto dynasio_schema(tag<Badged>) {
    return entity<Badged>(table{"badged"}, partition_key<&Badged::id>,
                          relate<&Badged::labels>(pivot_table{"badges"}.key("badged", "label").index("by_label")));
}
/// Another relation in the same table.
struct Stamped {
    std::string id{};
    belongs_to_many<Label> labels{};
};
constexpr auto dynasio_schema(tag<Stamped>) {
    return entity<Stamped>(table{"stamped"}, partition_key<&Stamped::id>,
                           relate<&Stamped::labels>(pivot_table{"badges"}.key("stamped", "label")));
}
/// A view of the same items that names other attributes.
struct BadgedView {
    std::string id{};
    belongs_to_many<Label> labels{};
};
constexpr auto dynasio_schema(tag<BadgedView>) {
    return entity<BadgedView>(table{"badged"}, partition_key<&BadgedView::id>,
                              relate<&BadgedView::labels>(pivot_table{"badges"}.key("b", "l")));
}
/// Its links are to be where those without a key lie.
struct InPivots {
    std::string id{};
    belongs_to_many<Label> labels{};
};
constexpr auto dynasio_schema(tag<InPivots>) {
    return entity<InPivots>(partition_key<&InPivots::id>,
                            relate<&InPivots::labels>(pivot_table{"pivots"}.key("from", "to")));
}
/// Its items are the links of Badged.
struct Badging {
    std::string badged{};
    std::string label{};
    std::string colour{};
};
constexpr auto dynasio_schema(tag<Badging>) {
    return entity<Badging>(table{"badges"}, partition_key<&Badging::badged>, sort_key<&Badging::label>);
}
/// The same with a number for the label.
struct NumberBadging {
    std::string badged{};
    int label{};
};
constexpr auto dynasio_schema(tag<NumberBadging>) {
    return entity<NumberBadging>(table{"badges"}, partition_key<&NumberBadging::badged>,
                                 sort_key<&NumberBadging::label>);
}
/// The same with another index under the name of that of the links.
struct ColourBadging {
    std::string badged{};
    std::string label{};
    std::string colour{};
};
constexpr auto dynasio_schema(tag<ColourBadging>) {
    return entity<ColourBadging>(table{"badges"}, partition_key<&ColourBadging::badged>,
                                 sort_key<&ColourBadging::label>, gsi<&ColourBadging::colour>{"by_label"});
}
/// Its guards would lie where the syncs of Badged are counted.
struct UniqueInPivots {
    std::string id{};
    std::string name{};
};
constexpr auto dynasio_schema(tag<UniqueInPivots>) {
    return entity<UniqueInPivots>(partition_key<&UniqueInPivots::id>,
                                  dynasio::unique<&UniqueInPivots::name>.in("pivots"));
}

// Links in an entity's table.
struct Pivot {
    std::string id{};
};
constexpr auto dynasio_schema(tag<Pivot>) { return entity<Pivot>(partition_key<&Pivot::id>); }
struct Row {
    std::string pk{};
    std::string sk{};
    std::string name{};
};
constexpr auto dynasio_schema(tag<Row>) {
    return entity<Row>(table{"pivots"}, partition_key<&Row::pk>, sort_key<&Row::sk>, gsi<&Row::name>{"by_name"});
}

// Sides.
struct Group;
struct Member {
    std::string id{};
    dynasio::belongs_to_many<Group> groups{};
};
struct Group {
    std::string id{};
    dynasio::belongs_to_many<Member> members{};
};
constexpr auto dynasio_schema(tag<Member>) {
    return entity<Member>(partition_key<&Member::id>, relate<&Member::groups>(pivot_table{"groups_of_members"}));
}
constexpr auto dynasio_schema(tag<Group>) {
    return entity<Group>(partition_key<&Group::id>, relate<&Group::members>());
}

struct Film;
struct Viewer {
    std::string id{};
    dynasio::belongs_to_many<Film> liked{};
    dynasio::belongs_to_many<Viewer> follows{};
    dynasio::belongs_to_many<Viewer> blocks{};
};
struct Film {
    std::string id{};
    dynasio::belongs_to_many<Viewer> reviewers{};
};
constexpr auto dynasio_schema(tag<Viewer>) {
    return entity<Viewer>(partition_key<&Viewer::id>, relate<&Viewer::liked>(pivot_table{"likes"}),
                          relate<&Viewer::follows>(), relate<&Viewer::blocks>());
}
constexpr auto dynasio_schema(tag<Film>) {
    return entity<Film>(partition_key<&Film::id>, relate<&Film::reviewers>(pivot_table{"reviews"}));
}
static_assert(dynasio::verify<Viewer, Film, Plain, MoreIndexes, User, UserView, Label, Row>());
static_assert(dynasio::verify<PlacedPost, User>());

struct Tag;
struct Page {
    std::string id{};
    dynasio::belongs_to_many<Tag> tags{};
};
struct Tag {
    std::string id{};
    dynasio::belongs_to_many<Page> pages{};
    dynasio::belongs_to_many<Page> articles{};
};
constexpr auto dynasio_schema(tag<Page>) { return entity<Page>(partition_key<&Page::id>, relate<&Page::tags>()); }
constexpr auto dynasio_schema(tag<Tag>) {
    return entity<Tag>(partition_key<&Tag::id>, relate<&Tag::pages>(inverse_of<&Page::tags>),
                       relate<&Tag::articles>(inverse_of<&Page::tags>));
}

struct Login {
    std::string id{};
    std::string name{};
};
constexpr auto dynasio_schema(tag<Login>) {
    return entity<Login>(partition_key<&Login::id>, dynasio::unique<&Login::name>.in("things"));
}
struct Badge {
    std::string id{};
    std::string name{};
};
constexpr auto dynasio_schema(tag<Badge>) {
    return entity<Badge>(partition_key<&Badge::id>, dynasio::unique<&Badge::name>.in("likes"));
}

} // namespace tables_model

namespace {

using namespace run_test;
using namespace tables_model;

class tables : public service_conversation {
protected:
    /// create_tables refuses these entities, whatever their order, in words that have all these parts.
    template <class A, class B, class... Parts> void expect_refused(Parts const&... parts) {
        expect_words(failure_of(dynasio::create_tables<A, B>(db)), parts...);
        expect_words(failure_of(dynasio::create_tables<B, A>(db)), parts...);
    }
    template <class... Parts> void expect_words(failure const& f, Parts const&... parts) {
        EXPECT_EQ(f.code, errc::invalid_argument);
        if (!f.info) return;
        for (std::string_view const part : {std::string_view(parts)...})
            EXPECT_NE(f.info->message.find(part), std::string::npos) << part << " is not in: " << f.info->message;
        EXPECT_EQ(sent(), 0u);
    }
    /// Creates the tables of these entities; every table exists.
    template <class... Entities> void create(std::size_t count) {
        std::size_t const before = sent();
        for (std::size_t i = 0; i < count; ++i) answer_with(service_error_answer("ResourceInUseException"));
        for (std::size_t i = 0; i < count; ++i) answer_with(R"({"Table":{"TableStatus":"ACTIVE"}})");
        run(dynasio::create_tables<Entities...>(db));
        ASSERT_EQ(sent() - before, 2 * count);
    }
};

TEST_F(tables, of_entities_that_share_one_with_other_keys_are_refused) {
    expect_refused<Plain, OtherKey>("Plain", "OtherKey", "share the table things", "table{\"name\"}", "attribute<>");
    expect_refused<Plain, NumberKey>("Plain", "NumberKey", "share the table things", "types of their keys");
}

TEST_F(tables, of_entities_with_one_index_name_on_other_attributes_are_refused) {
    expect_refused<Plain, OtherIndex>("Plain", "OtherIndex", "the table things", "index by_name", "another name");
    expect_words(failure_of(dynasio::create_tables<TwoIndexes>(db)), "TwoIndexes has two indexes by_name");
}

TEST_F(tables, of_entities_whose_index_projects_different_attributes_are_refused) {
    expect_refused<Plain, NarrowIndex>("Plain", "NarrowIndex", "the table things", "index by_name", "projects");
}

TEST_F(tables, with_a_key_of_two_types_are_refused) {
    expect_refused<Plain, OtherType>("Plain", "OtherType::name", "the table things", "different types", "attribute<>");
}

TEST_F(tables, of_entities_that_agree_are_created_with_the_indexes_of_all) {
    create<Plain, MoreIndexes>(1);
    EXPECT_EQ(body(0).at("TableName"), "test_things");
    EXPECT_EQ(body(0).at("GlobalSecondaryIndexes").as_array().size(), 2u);
}

TEST_F(tables, whose_links_have_one_name_are_refused) {
    expect_refused<User, UsersPost>("User.posts_tags", "UsersPost.tags", "users_posts_tags", "pivot_table{\"name\"}");
    create<User, PlacedPost>(4);
}

TEST_F(tables, of_two_views_with_the_same_links_are_created) { create<User, UserView>(2); }

TEST_F(tables, that_hold_links_and_entities_with_another_key_are_refused) {
    expect_refused<User, Pivot>("User.posts_tags", "table of Pivot", "pk and sk", "pivot_table{\"name\"}");
}

TEST_F(tables, that_hold_links_and_entities_with_their_key_have_the_indexes_of_both) {
    create<Row, User>(2);
    create<User, Row>(2);
    for (std::size_t const i : {std::size_t(0), std::size_t(4)}) {
        EXPECT_EQ(body(i).at("TableName"), "test_pivots");
        EXPECT_EQ(body(i).at("GlobalSecondaryIndexes").as_array().size(), 2u) << json::serialize(body(i));
        EXPECT_EQ(body(i).at("KeySchema").as_array().size(), 2u);
    }
}

TEST_F(tables, of_relations_without_inverse_of_on_any_side_are_refused) {
    expect_refused<Member, Group>("Member.groups", "Group.members", "inverse_of<>", "pivot_table{\"name\"} to each");
    expect_words(failure_of(dynasio::create_tables<Group>(db)), "Member.groups", "Group.members");
}

TEST_F(tables, of_different_relations_between_two_entities_are_created) { create<Viewer, Film>(5); }

TEST_F(tables, of_relations_with_one_inverse_are_refused) {
    expect_refused<Page, Tag>("Tag.pages", "Tag.articles", "Page.tags", "remove one");
}

TEST_F(tables, that_hold_guards_and_anything_else_are_refused) {
    expect_refused<Plain, Login>("Login", "stored in things", "the table of Plain", ".in(\"name\")");
    expect_refused<Viewer, Badge>("Badge", "stored in likes", "the links of Viewer.liked", ".in(\"name\")");
}

TEST_F(tables, of_links_with_a_key_of_their_own_have_it_and_a_table_to_count_syncs_in) {
    create<Badged>(3);
    auto const of = [&](std::string_view name) {
        for (std::size_t i = 0; i < sent(); ++i) {
            json::object const request = body(i).as_object();
            if (request.at("TableName").as_string() == name && request.contains("KeySchema")) return request;
        }
        ADD_FAILURE() << name;
        return json::object();
    };
    auto const links = of("test_badges");
    EXPECT_EQ(json::serialize(links.at("KeySchema")),
              R"([{"AttributeName":"badged","KeyType":"HASH"},{"AttributeName":"label","KeyType":"RANGE"}])");
    EXPECT_EQ(links.at("GlobalSecondaryIndexes").as_array().size(), 1u);
    EXPECT_FALSE(of("test_pivots").contains("GlobalSecondaryIndexes")) << "nobody reads links there";
    create<Badged, Badging>(3);
}

TEST_F(tables, of_links_with_a_key_of_their_own_hold_nothing_else) {
    expect_refused<Badged, Stamped>("Badged.labels", "Stamped.labels", "badges", "room for one relation");
    expect_refused<Badged, BadgedView>("Badged.labels", "BadgedView.labels", "badges", "room for one relation");
    expect_refused<Badged, NumberBadging>("Badged.labels", "the table of NumberBadging", "badged and label");
    expect_refused<Badged, ColourBadging>("Badged.labels", "ColourBadging", "an index by_label by another attribute");
    expect_refused<Badged, Pivot>("the guards of the links of Badged.labels", "table of Pivot", "pk and sk");
    expect_refused<Badged, UniqueInPivots>("UniqueInPivots", "stored in pivots", "the links of Badged.labels");
    expect_words(failure_of(dynasio::create_tables<InPivots>(db)), "InPivots.labels", "pivots", "another name");
}

TEST_F(tables, that_are_being_deleted_are_waited_for_and_created) {
    answer_with(service_error_answer("ResourceInUseException"));
    answer_with(R"({"Table":{"TableStatus":"DELETING"}})");
    answer_with(service_error_answer("ResourceNotFoundException"));
    answer_with(R"({"TableDescription":{"TableStatus":"CREATING"}})");
    answer_with(R"({"Table":{"TableStatus":"ACTIVE"}})");
    std::vector<dynasio::table_step> steps;
    std::size_t ready = 0;
    run(dynasio::create_tables<Plain>(db, {}, [&](dynasio::table_progress const& p) {
        EXPECT_EQ(p.table, "test_things");
        EXPECT_EQ(p.tables, 1u);
        steps.push_back(p.step);
        ready = p.ready;
    }));
    using step = dynasio::table_step;
    EXPECT_EQ(steps, (std::vector{step::exists, step::being_deleted, step::requested, step::ready}));
    EXPECT_EQ(ready, 1u);
    ASSERT_EQ(sent(), 5u);
    EXPECT_EQ(operation(3), "CreateTable");
}

TEST_F(tables, that_have_just_gone_are_created_when_their_name_is_free) {
    answer_with(service_error_answer("ResourceInUseException"));
    answer_with(service_error_answer("ResourceNotFoundException"));
    answer_with(R"({"TableDescription":{"TableStatus":"CREATING"}})");
    answer_with(R"({"Table":{"TableStatus":"ACTIVE"}})");
    run(dynasio::create_tables<Plain>(db));
    ASSERT_EQ(sent(), 4u);
    EXPECT_EQ(operation(2), "CreateTable");
}

TEST_F(tables, that_do_not_come_in_time_are_an_error_of_their_own) {
    answer_with(service_error_answer("ResourceInUseException"));
    for (int i = 0; i < 100; ++i) answer_with(R"({"Table":{"TableStatus":"CREATING"}})");
    auto const options = dynasio::call_options().timeout(std::chrono::milliseconds(20));
    EXPECT_EQ(failure_of(dynasio::create_tables<Plain>(db, options)).code, errc::table_not_ready);
}

TEST_F(tables, tell_that_they_are_dropped) {
    answer_with(R"({"TableDescription":{"TableStatus":"DELETING"}})");
    answer_with(service_error_answer("ResourceNotFoundException"));
    std::vector<dynasio::table_step> steps;
    run(dynasio::drop_tables<Plain>(db, {}, [&](dynasio::table_progress const& p) { steps.push_back(p.step); }));
    EXPECT_EQ(steps, (std::vector{dynasio::table_step::requested, dynasio::table_step::ready}));
}

TEST_F(tables, that_exist_and_are_usable_are_looked_at_once) {
    create<Plain>(1);
    EXPECT_EQ(operation(1), "DescribeTable");
}

} // namespace
