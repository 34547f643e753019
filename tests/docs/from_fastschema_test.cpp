// The relations of Fastschema's page and their equivalents, as docs/from-other-libraries.md shows them, run against a
// server. Parts between `//[name` and `//]` appear there word for word.

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/relation_summary.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/schema_export.hpp>
#include <dynasio/orm/verify.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "docs/database.hpp"
#include "docs/request_meter.hpp"

namespace from_fastschema {

//[o2o
struct Profile;
struct Student {
    std::string id{}, name{};
    dynasio::has_one<Profile> profile{}; // o2o, owner
};
struct Profile {
    std::string id{}, address{}, student_id{}; // the foreign key
    dynasio::belongs_to<Student> student{};    // o2o, the back reference
};

constexpr auto dynasio_schema(dynasio::tag<Student>) {
    using namespace dynasio::dsl;
    return entity<Student>(partition_key<&Student::id>, relate<&Student::profile>(by<&Profile::student_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Profile>) {
    using namespace dynasio::dsl;
    return entity<Profile>(partition_key<&Profile::id>, gsi<&Profile::student_id>{"by_student"},
                           relate<&Profile::student>(by<&Profile::student_id>),
                           required<&Profile::student>); // not optional
}
//]

//[o2m
struct Category;
struct Comment;
struct Post {
    std::string id{}, title{};
    dynasio::has_many<Comment> comments{};           // o2m, owner
    dynasio::belongs_to_many<Category> categories{}; // m2m
};
struct Comment {
    std::string id{}, content{}, post_id{}; // the foreign key
    dynasio::belongs_to<Post> post{};       // o2m, the back reference
};
struct Category {
    std::string id{}, name{};
    dynasio::belongs_to_many<Post> posts{}; // m2m, the back reference
};

constexpr auto dynasio_schema(dynasio::tag<Post>) {
    using namespace dynasio::dsl;
    return entity<Post>(partition_key<&Post::id>, relate<&Post::comments>(by<&Comment::post_id>),
                        relate<&Post::categories>(pivot_table{"posts_categories"})); // junction_table
}
constexpr auto dynasio_schema(dynasio::tag<Comment>) {
    using namespace dynasio::dsl;
    return entity<Comment>(partition_key<&Comment::id>, gsi<&Comment::post_id>{"by_post"},
                           relate<&Comment::post>(by<&Comment::post_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Category>) {
    using namespace dynasio::dsl;
    return entity<Category>(partition_key<&Category::id>, relate<&Category::posts>(inverse_of<&Post::categories>));
}
//]

//[verify
static_assert(dynasio::verify<Student, Profile, Post, Comment, Category>());
//]

namespace {

namespace asio = boost::asio;
using namespace dynasio::dsl;

//[use
asio::awaitable<void> show(dynasio::client db) {
    auto const student = co_await repository<Student>{db}.get("ann", with<&Student::profile>());
    std::cout << student.name << ": " << (student.profile ? student.profile->address : "no address") << '\n';

    auto const post = co_await repository<Post>{db}.get("p", with<&Post::comments>(), with<&Post::categories>());
    std::cout << post.title << ": " << post.comments.size() << " comments, " << post.categories.size()
              << " categories\n";

    auto const category = co_await repository<Category>{db}.get("tea", with<&Category::posts>(with<&Post::comments>()));
    std::cout << category.name << ": " << category.posts.size() << " posts\n";
}
//]

//[describe
void print_relations(std::ostream& out) {
    for (dynasio::relation_summary const& relation : dynasio::describe_relations<Post>()) {
        out << relation.member << " of " << relation.owner << ": " << to_string(relation.kind) << ' '
            << relation.targets.front() << ", " << (relation.optional ? "optional" : "required");
        for (std::string const& name : relation.foreign_key)
            out << ", by " << name << " of " << relation.foreign_key_of;
        if (!relation.pivot_table.empty()) out << ", links in " << relation.pivot_table;
        for (std::string const& inverse : relation.inverses) out << ", back by " << inverse;
        out << '\n';
    }
}
//]

class docs_from_fastschema : public guide::docs_database<Student, Profile, Post, Comment, Category> {};

TEST_F(docs_from_fastschema, relations) {
    saved(Student{.id = "ann", .name = "Ann"});
    saved(Profile{.id = "f", .address = "Oslo", .student_id = "ann"});
    auto const post = saved(Post{.id = "p", .title = "On tea"});
    saved(Comment{.id = "c", .content = "Yes", .post_id = "p"});
    auto const tea = saved(Category{.id = "tea", .name = "Tea"});
    run(repository<Category>(db_).related<&Category::posts>(tea).attach(post));
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(show(db_)), "Ann: Oslo\nOn tea: 1 comments, 1 categories\nTea: 1 posts\n");
    EXPECT_EQ(requests.sent(), "BatchGetItem 2, GetItem 3, Query 5");
    auto const links = run(db_.scan(dynasio::dynamodb::scan_request(options_.table_prefix + "posts_categories")));
    EXPECT_EQ(links.items->size(), 1U);
}

TEST_F(docs_from_fastschema, required_relations_are_there_before_anything_is_sent) {
    Profile lost{.address = "Oslo"};
    guide::request_meter requests(db_);
    auto const done = run(dynasio::as_result(repository<Profile>(db_).create(lost)));
    ASSERT_TRUE(done.has_error());
    EXPECT_EQ(done.error().code, dynasio::errc::invalid_entity);
    EXPECT_EQ(done.error().info->violations.at(0).member, "student");
    EXPECT_EQ(requests.sent(), "");
}

TEST(docs_from_fastschema_descriptions, say_what_a_program_can_ask) {
    std::ostringstream out;
    print_relations(out);
    EXPECT_EQ(out.str(), "comments of Post: has_many Comment, optional, by post_id of Comment, back by Comment.post\n"
                         "categories of Post: belongs_to_many Category, optional, links in posts_categories, back by "
                         "Category.posts\n");
    EXPECT_FALSE(dynasio::describe_relations<Profile>().at(0).optional);
}

} // namespace
} // namespace from_fastschema
