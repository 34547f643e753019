// Which path is taken where an index leaves items out, or has no order.

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <orm/plan/access_plan.hpp>
#include <string>

#include "support/error_of.hpp"

namespace sparse {

using namespace dynasio::dsl;

struct Post {
    std::string id{}, author_id{}, status{};
    std::optional<int> score{};
    timestamp published_at{}, made_at{};
};
struct User {
    std::string id{};
    dynasio::has_many<Post> posts{};
};
constexpr auto dynasio_schema(tag<Post>) {
    return entity<Post>(
        partition_key<&Post::id>, created_at<&Post::made_at>, gsi<&Post::author_id, &Post::score>{"by_score"},
        gsi<&Post::author_id, &Post::published_at>{"by_published"}, gsi<&Post::author_id, &Post::status>{"by_status"},
        gsi<&Post::author_id, no_sort_key>{"by_author"}, gsi<&Post::author_id, &Post::made_at>{"by_made"},
        gsi<&Post::author_id>{"by_author_and_key"});
}
constexpr auto dynasio_schema(tag<User>) {
    return entity<User>(partition_key<&User::id>, relate<&User::posts>(by<&Post::author_id>));
}

/// The indexes of this one leave items out, and there are no others.
struct Draft {
    std::string id{}, author_id{};
    std::optional<std::string> sent_to{};
};
constexpr auto dynasio_schema(tag<Draft>) {
    return entity<Draft>(partition_key<&Draft::id>, gsi<&Draft::author_id, &Draft::sent_to>{"by_sent"});
}

/// The only index has no order.
struct Login {
    std::string user_id{}, place{};
    int number{};
};
constexpr auto dynasio_schema(tag<Login>) {
    return entity<Login>(partition_key<&Login::user_id>, sort_key<&Login::number>,
                         gsi<&Login::place, no_sort_key>{"by_place"});
}

/// A member that always has a value. Items of other programs can lack it.
struct Rated {
    std::string id{}, author_id{};
    int score{};
};
constexpr auto dynasio_schema(tag<Rated>) {
    return entity<Rated>(partition_key<&Rated::id>, gsi<&Rated::author_id, &Rated::score>{"by_score"},
                         gsi<&Rated::author_id>{"by_author"});
}
struct Scored {
    std::string id{}, author_id{};
    int score{};
};
constexpr auto dynasio_schema(tag<Scored>) {
    return entity<Scored>(partition_key<&Scored::id>, gsi<&Scored::author_id, &Scored::score>{"by_score"});
}

} // namespace sparse

namespace {

using namespace dynasio;
using sparse::Draft;
using sparse::Login;
using sparse::Post;
using sparse::User;

template <class T> selection where(where_clause<T> const& clause) {
    selection s;
    s.where = clause.condition();
    return s;
}
template <auto Member> ordering by(bool descending = false) {
    return ordering{detail::attribute_of<Member>(), descending};
}

auto const of_author = field<&Post::author_id> == "u";

template <class T> std::string index_of(selection const& s) {
    return detail::plan_query(entity_type_of<T>(), s).path->name;
}
std::string index_of_relation(selection const& s) {
    auto const& key = entity_type_of<User>().find_relation("posts")->target_key;
    return detail::plan_relation(entity_type_of<Post>(), key, s).path->name;
}
using dynasio::test::error_of;

TEST(sparse_index, is_not_taken_although_it_is_declared_first) {
    EXPECT_EQ(index_of<Post>(where<Post>(of_author)), "by_author");
    EXPECT_EQ(index_of_relation({}), "by_author");
    EXPECT_FALSE(detail::plan_query(entity_type_of<Post>(), where<Post>(of_author)).leaves_out.has_value());
}

TEST(sparse_index, is_not_taken_for_its_order) {
    auto s = where<Post>(of_author);
    s.order = by<&Post::score>(true);
    auto plan = detail::plan_query(entity_type_of<Post>(), s);
    EXPECT_EQ(plan.path->name, "by_author");
    EXPECT_TRUE(plan.sort_here.has_value());
    s.order = by<&Post::published_at>();
    EXPECT_EQ(index_of<Post>(s), "by_author") << "a time that is not set is stored as absent";
    s.where = {};
    EXPECT_EQ(index_of_relation(s), "by_author");
}

TEST(sparse_index, is_not_taken_for_conditions_that_absent_values_satisfy) {
    for (auto const& clause :
         {field<&Post::score> == nullptr, field<&Post::score> != 3, field<&Post::score>.not_exists(),
          field<&Post::score> == 3 || field<&Post::id> == "p", !(field<&Post::score> > 3),
          field<&Post::score> == nullptr || field<&Post::score> == 3}) {
        EXPECT_EQ(index_of<Post>(where<Post>(of_author && clause)), "by_author");
        EXPECT_EQ(index_of_relation(where<Post>(clause)), "by_author");
    }
}

TEST(sparse_index, is_taken_where_the_condition_excludes_what_it_leaves_out) {
    auto ordered = [](where_clause<Post> const& clause) {
        auto s = where<Post>(of_author && clause);
        s.order = by<&Post::score>(true);
        s.limit = 5;
        return s;
    };
    for (auto const& clause : {field<&Post::score> > 3, field<&Post::score>.between(1, 2), field<&Post::score>.exists(),
                               field<&Post::score> != nullptr, field<&Post::score>.in(1, 2),
                               field<&Post::score> == 3 || (field<&Post::score> > 5 && field<&Post::id> == "p")}) {
        auto const plan = detail::plan_query(entity_type_of<Post>(), ordered(clause));
        EXPECT_EQ(plan.path->name, "by_score") << dynamodb::to_string(clause.condition());
        EXPECT_TRUE(plan.descending);
        EXPECT_FALSE(plan.leaves_out.has_value());
    }
    EXPECT_EQ(index_of_relation(where<Post>(field<&Post::score> > 3)), "by_score");
}

TEST(sparse_index, is_named_where_its_order_with_a_limit_is_refused) {
    auto s = where<Post>(of_author);
    s.order = by<&Post::score>(true);
    s.limit = 5;
    auto const e = error_of([&] { (void)index_of<Post>(s); });
    EXPECT_EQ(e.code(), errc::no_usable_index);
    std::string const text = e.what();
    for (std::string const part : {"by_score", "leaves out items without score", "client_side"})
        EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
}

TEST(sparse_index, is_complete_when_every_save_sets_its_key) {
    auto s = where<Post>(of_author);
    s.order = by<&Post::made_at>(true);
    s.limit = 5;
    EXPECT_EQ(index_of<Post>(s), "by_made");
}

TEST(sparse_index, of_texts_gives_way_to_one_without_gaps_but_serves_its_order) {
    auto s = where<Post>(of_author);
    s.order = by<&Post::status>();
    auto const plan = detail::plan_query(entity_type_of<Post>(), s);
    EXPECT_EQ(plan.path->name, "by_status");
    EXPECT_EQ(plan.leaves_out, detail::attribute_of<&Post::status>());
}

TEST(sparse_index, is_taken_when_there_is_no_other_and_says_what_is_missing) {
    auto const plan = detail::plan_query(entity_type_of<Draft>(), where<Draft>(field<&Draft::author_id> == "u"));
    EXPECT_EQ(plan.path->name, "by_sent");
    EXPECT_EQ(plan.leaves_out, detail::attribute_of<&Draft::sent_to>());
}

TEST(sparse_index, is_refused_for_what_it_leaves_out) {
    for (auto const& clause :
         {field<&Draft::sent_to> == nullptr, field<&Draft::sent_to>.not_exists(), field<&Draft::sent_to> != "a"}) {
        auto const e =
            error_of([&] { (void)index_of<Draft>(where<Draft>(field<&Draft::author_id> == "u" && clause)); });
        EXPECT_EQ(e.code(), errc::no_usable_index);
        EXPECT_NE(std::string(e.what()).find("leaves out items without sent_to"), std::string::npos) << e.what();
    }
}

TEST(sparse_index, counts_take_the_path_that_reads_take) {
    for (bool const descending : {false, true}) {
        for (auto const& order : {by<&Post::score>(descending), by<&Post::status>(descending),
                                  by<&Post::made_at>(descending), ordering{std::nullopt, descending}}) {
            detail::query_spec query;
            query.type = &entity_type_of<Post>();
            query.select = where<Post>(of_author);
            query.select.order = order;
            auto const counted = detail::plan_count(query);
            EXPECT_EQ(counted.path, detail::plan_of(query).path);
            EXPECT_FALSE(counted.sort_here.has_value());
        }
    }
}

TEST(index_without_a_sort_key, is_described_apart_from_one_that_is_sorted_by_the_tables_key) {
    auto const& t = entity_type_of<Post>();
    EXPECT_EQ(t.indexes[3].sort, std::nullopt);
    EXPECT_EQ(t.indexes[5].sort, t.key.partition);
}

TEST(index_without_a_sort_key, gives_way_where_an_order_is_asked_for) {
    auto s = where<Post>(of_author);
    s.order = ordering{std::nullopt, true};
    auto const plan = detail::plan_query(entity_type_of<Post>(), s);
    EXPECT_EQ(plan.path->name, "by_author_and_key") << "newest first by key, and not by made_at";
    EXPECT_TRUE(plan.descending);
    EXPECT_EQ(index_of_relation(s), "by_author_and_key");
}

TEST(index_without_a_sort_key, has_no_order_so_the_order_of_keys_is_made_here) {
    auto s = where<Login>(field<&Login::place> == "Oslo");
    EXPECT_TRUE(detail::plan_query(entity_type_of<Login>(), s).limits_there()) << "no order was asked for";
    s.order = ordering{std::nullopt, true};
    auto const plan = detail::plan_query(entity_type_of<Login>(), s);
    ASSERT_TRUE(plan.sort_here.has_value());
    EXPECT_EQ(plan.sort_here->by, detail::attribute_of<&Login::number>());
    EXPECT_TRUE(plan.sort_here->descending);
    s.limit = 3;
    EXPECT_EQ(error_of([&] { (void)index_of<Login>(s); }).code(), errc::no_usable_index);
    s.client_side = true;
    EXPECT_EQ(index_of<Login>(s), "by_place");
}

TEST(sparse_index, of_a_member_that_always_has_a_value_is_taken_only_for_what_it_has) {
    using sparse::Rated;
    auto const of = field<&Rated::author_id> == "u";
    EXPECT_EQ(index_of<Rated>(where<Rated>(of)), "by_author") << "other programs write items without a score";
    EXPECT_EQ(index_of<Rated>(where<Rated>(of && field<&Rated::score> == nullptr)), "by_author");
    EXPECT_EQ(index_of<Rated>(where<Rated>(of && field<&Rated::score> != 5)), "by_author");
    EXPECT_EQ(index_of<Rated>(where<Rated>(of && field<&Rated::score> > 5)), "by_score");
    auto s = where<Rated>(of);
    s.order = by<&Rated::score>();
    EXPECT_EQ(index_of<Rated>(s), "by_score")
        << "the program asks for this order, and explain() says what it leaves out";
    EXPECT_TRUE(detail::plan_query(entity_type_of<Rated>(), s).leaves_out.has_value());
}

TEST(sparse_index, that_is_the_only_one_is_refused_for_items_that_it_cannot_have) {
    using sparse::Scored;
    auto const of = field<&Scored::author_id> == "u";
    EXPECT_EQ(index_of<Scored>(where<Scored>(of && field<&Scored::score> != 5)), "by_score");
    for (auto const& clause : {of && field<&Scored::score> == nullptr, of && field<&Scored::score>.not_exists()})
        EXPECT_EQ(error_of([&] { static_cast<void>(index_of<Scored>(where<Scored>(clause))); }).code(),
                  errc::no_usable_index);
}

} // namespace
