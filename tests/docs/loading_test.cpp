// The code of docs/loading.md.

#include <dynasio/orm/er_diagram.hpp>
#include <dynasio/orm/explain_load.hpp>
#include <dynasio/orm/load_assumptions.hpp>
#include <dynasio/orm/load_budget.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/load_timeline.hpp>
#include <dynasio/orm/repeated_reads.hpp>
#include <dynasio/orm/repository.hpp>

#include <boost/asio/awaitable.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "database.hpp"
#include "model.hpp"

namespace guide {
namespace loading {

namespace asio = boost::asio;

//[estimate
asio::awaitable<void> compare(dynasio::client db) {
    using namespace dynasio::dsl;
    repository<User> users(db);
    auto const assumed = load_assumptions().roots(2).children(3).item_size(300);
    load_report report;
    auto const query = users.where(field<&User::city> == "Oslo", assumed, report_to(report))
                           .with<&User::posts>(limit(5), with<&Post::comments>());
    std::cout << query.explain(); // with estimates; sends nothing
    auto const found = co_await query.all();
    std::cout << found.size() << " users\n" << report.plan << to_table(report.reads);
    for (auto const& usage : report.capacity.usage())
        std::cout << usage.table << ' ' << usage.index << ": " << usage.read_units << '\n';
}
//]

//[explain_load
std::string plan_for_40(dynasio::client db) {
    using namespace dynasio::dsl;
    return explain_load<User>(db, 40, with<&User::posts>(limit(5)), with<&User::roles>(), load_assumptions());
}
//]

//[budget
asio::awaitable<std::vector<User>> bounded(dynasio::client db) {
    using namespace dynasio::dsl;
    auto const query = repository<User>(db)
                           .where(field<&User::city> == "Oslo", load_budget().requests(4).read_units(100))
                           .with<&User::posts>(with<&Post::comments>());
    auto const outcome = co_await as_result(query.all());
    if (outcome.has_value()) co_return outcome.value();
    if (outcome.error().code != dynasio::errc::load_budget_exceeded) throw dynasio::error(outcome.error());
    std::cout << outcome.error().info->relation_path << " would cost too much\n";
    co_return std::vector<User>();
}
//]

//[timeline
asio::awaitable<void> draw(dynasio::client db, std::ostream& file) {
    using namespace dynasio::dsl;
    load_timeline timeline;
    auto const query = repository<User>(db)
                           .where(field<&User::city> == "Oslo", timeline_to(timeline))
                           .with<&User::posts>(with<&Post::comments>(with<&Comment::author>()))
                           .with<&User::profile>();
    auto const found = co_await query.all();
    std::cout << found.size() << " users\n" << to_text(timeline);
    file << to_svg(timeline);
}
//]

//[guard
asio::awaitable<void> handle(dynasio::client db, std::vector<User>& list) {
    using namespace dynasio::dsl;
    auto const scoped = watch_repeated_reads(db, repeated_reads(3).fail()); // for this one request
    repository<User> users(scoped);
    co_await users.load<&User::posts>(list);                           // one load for all
    for (User& user : list) co_await users.load<&User::profile>(user); // the third throws errc::repeated_reads
}
//]

//[diagram
void print_model() { std::cout << dynasio::to_mermaid<User, Profile, Post, Comment, Role>(); }
//]

class docs_loading : public docs_database<User, Post, Comment, Profile, Role> {
protected:
    void SetUp() override {
        docs_database::SetUp();
        for (char const* const name : {"ann", "bob", "eve"}) {
            users_.push_back(saved(User{.id = name, .city = "Oslo", .age = 20}));
            for (int i = 0; i < 2; ++i) {
                auto const post = saved(Post{.author_id = name, .title = "post"});
                saved(Comment{.post_id = post.id, .author_id = "bob"});
            }
        }
    }
    std::vector<User> users_{};
};

TEST_F(docs_loading, prints_estimates_beside_what_was_taken) {
    auto const text = printed_by(compare(db_));
    EXPECT_NE(text.find("[estimated 1 request, 2 items, 0.5 read units]"), std::string::npos) << text;
    EXPECT_NE(text.find("; took 1 request, 3 items"), std::string::npos) << text;
    EXPECT_NE(text.find("3 users\n"), std::string::npos) << text;
    EXPECT_NE(text.find("posts by_author: "), std::string::npos) << text;
    EXPECT_NE(plan_for_40(db_).find("assuming 40 User, 10 entities for each parent"), std::string::npos);
}

TEST_F(docs_loading, stops_at_a_budget) {
    std::string const text = printed_by(bounded(db_));
    EXPECT_EQ(text, "User.posts.comments would cost too much\n");
}

TEST_F(docs_loading, draws_a_timeline) {
    std::ostringstream file;
    auto const text = printed_by(draw(db_, file));
    EXPECT_NE(text.find("3 users\n14 requests in "), std::string::npos) << text;
    EXPECT_NE(text.find("User.posts.comments.author (1 key)"), std::string::npos) << text;
    EXPECT_TRUE(file.str().ends_with("</svg>\n"));
}

TEST_F(docs_loading, finds_repeated_reads) {
    auto const outcome = run(dynasio::as_result(handle(db_, users_)));
    ASSERT_TRUE(outcome.has_error());
    EXPECT_EQ(outcome.error().code, dynasio::errc::repeated_reads);
    EXPECT_EQ(users_[2].posts.size(), 2u);
    EXPECT_TRUE(users_[1].profile.loaded());
}

TEST(docs_diagram, is_the_one_on_the_page) {
    ::testing::internal::CaptureStdout();
    print_model();
    auto const diagram = ::testing::internal::GetCapturedStdout();
    std::ifstream in(DYNASIO_DOCS "/relations.md");
    std::string const page(std::istreambuf_iterator<char>(in), {});
    EXPECT_NE(page.find("```mermaid\n" + diagram + "```"), std::string::npos) << diagram;
}

} // namespace loading
} // namespace guide
