// A relation that is loaded for one entity after the other is found out.

#include <dynasio/orm/repeated_reads.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/log_observer.hpp>
#include <dynasio/dynamodb/observer.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <orm/run/repeated_reads.hpp>
#include <source_location>
#include <string>
#include <vector>

#include "../model.hpp"
#include "service_fixture.hpp"
#include "support/error_of.hpp"

namespace dynasio::repeated_reads_tests {

using namespace run_test;
using shop::Post;
using shop::User;

constexpr char const* no_items = R"({"Items":[],"Count":0,"ScannedCount":0})";

class repeated_read_scopes : public service_conversation {
protected:
    static User a_user(std::string const& id) {
        User u;
        u.id = id;
        return u;
    }
    static std::vector<User> users(int count) {
        std::vector<User> made;
        for (int i = 0; i < count; ++i) made.push_back(a_user("u" + std::to_string(i)));
        return made;
    }
    void answer_empty(int times) {
        for (int i = 0; i < times; ++i) answer_with(no_items);
    }
    static std::string here(int line) { return "repeated_reads_test.cpp:" + std::to_string(line) + ' '; }
};

TEST_F(repeated_read_scopes, refuse_the_load_that_is_one_too_many_and_name_its_place) {
    repository<User> const repo(watch_repeated_reads(db, repeated_reads(3).fail()));
    auto three = users(3);
    answer_empty(2);
    run(repo.load<&User::posts>(three[0]));
    run(repo.load<&User::posts>(three[1]));
    int const line = __LINE__ + 1;
    auto const e = failure_of(repo.load<&User::posts>(three[2]));
    EXPECT_EQ(e.code, errc::repeated_reads);
    EXPECT_EQ(e.info->relation_path, "User.posts");
    EXPECT_NE(e.info->message.find("User.posts for the 3rd time, at "), std::string::npos) << e.to_string();
    EXPECT_NE(e.info->message.find(here(line)), std::string::npos) << e.to_string();
    EXPECT_EQ(sent(), 2U) << "nothing is sent for the one that is refused";
    EXPECT_FALSE(three[2].posts.loaded());
}

TEST_F(repeated_read_scopes, say_the_relation_once_and_how_often_it_was_read) {
    repository<User> const repo(watch_repeated_reads(db, repeated_reads(11).fail()));
    auto many = users(24);
    answer_empty(10);
    for (std::size_t i = 0; i < 10; ++i) run(repo.load<&User::posts>(many[i]));
    for (std::string const time : {"11th", "12th", "13th", "14th", "15th", "16th", "17th", "18th", "19th", "20th",
                                   "21st", "22nd", "23rd", "24th"}) {
        auto const text = failure_of(repo.load<&User::posts>(many.back())).to_string();
        EXPECT_NE(text.find("User.posts for the " + time + " time"), std::string::npos) << text;
        EXPECT_EQ(text.find("User.posts"), text.rfind("User.posts")) << text;
    }
}

TEST_F(repeated_read_scopes, allow_a_single_lazy_load) {
    repository<User> const repo(watch_repeated_reads(db, repeated_reads(2).fail()));
    auto u = a_user("u1");
    answer_empty(1);
    run(repo.load<&User::posts>(u));
    EXPECT_TRUE(u.posts.loaded());
}

TEST_F(repeated_read_scopes, count_each_relation_by_itself) {
    repository<User> const repo(watch_repeated_reads(db, repeated_reads(2).fail()));
    auto u = a_user("u1");
    answer_empty(2);
    run(repo.load<&User::posts>(u));
    run(repo.load<&User::profile>(u));
    EXPECT_EQ(sent(), 2U);
}

TEST_F(repeated_read_scopes, do_not_count_loads_of_many_nor_loads_that_send_nothing) {
    repository<User> const repo(watch_repeated_reads(db, repeated_reads(2).fail()));
    auto two = users(2);
    answer_empty(4);
    run(repo.load<&User::posts>(two));
    run(repo.load<&User::posts>(two, reload));
    run(repo.load<&User::posts>(two[0]));
    run(repo.load<&User::posts>(two[1]));
    EXPECT_EQ(sent(), 4U);
}

TEST_F(repeated_read_scopes, do_not_count_vectors_that_happen_to_have_one_entity) {
    repository<User> const repo(watch_repeated_reads(db, repeated_reads(2).fail()));
    auto one = users(1);
    answer_empty(5);
    for (int i = 0; i < 2; ++i) run(repo.load<&User::posts>(one, reload));
    for (int i = 0; i < 2; ++i) static_cast<void>(run(repo.count<&User::posts>(one)));
    run(repo.load<&User::posts>(std::ref(one[0]), reload)); // the first one of a single entity
    EXPECT_EQ(sent(), 5U);
    EXPECT_EQ(failure_of(repo.load<&User::posts>(std::ref(one[0]), reload)).code, errc::repeated_reads);
}

TEST_F(repeated_read_scopes, count_the_ways_to_read_a_relation_of_one_entity_together) {
    auto const scoped = watch_repeated_reads(db, repeated_reads(5).fail());
    repository<User> const repo(scoped);
    auto u = a_user("u1");
    answer_empty(4);
    auto const related = repo.related<&User::posts>(u);
    static_cast<void>(run(related.get(reload)));
    static_cast<void>(run(related.count()));
    static_cast<void>(run(related.exists()));
    static_cast<void>(run(repo.count<&User::posts>(u)));
    EXPECT_EQ(sent(), 4U);
    int const line = __LINE__ + 1;
    auto const last = repository<User>(scoped).related<&User::posts>(u);
    auto const e = failure_of(last.count());
    EXPECT_EQ(e.code, errc::repeated_reads);
    EXPECT_NE(e.info->message.find(here(line)), std::string::npos) << e.to_string();
    EXPECT_EQ(failure_of(last.exists()).code, errc::repeated_reads);
    EXPECT_EQ(failure_of(last.get(reload)).code, errc::repeated_reads);
    EXPECT_EQ(failure_of(repo.count<&User::posts>(u)).code, errc::repeated_reads);
    EXPECT_EQ(sent(), 4U);
}

TEST_F(repeated_read_scopes, are_independent_of_one_another_and_of_the_client) {
    auto const first = watch_repeated_reads(db, repeated_reads(2).fail());
    auto const second = watch_repeated_reads(first, repeated_reads(2).fail());
    auto u = a_user("u1");
    answer_empty(4);
    run(repository<User>(first).load<&User::posts>(u, reload));
    run(repository<User>(second).load<&User::posts>(u, reload));
    run(repository<User>(db).load<&User::posts>(u, reload));
    run(repository<User>(db).load<&User::posts>(u, reload));
    EXPECT_EQ(failure_of(repository<User>(first).load<&User::posts>(u, reload)).code, errc::repeated_reads);
}

TEST_F(repeated_read_scopes, outlive_the_handle_that_they_were_made_from) {
    std::unique_ptr<repository<User>> repo;
    {
        client const own(ctx, options());
        repo = std::make_unique<repository<User>>(watch_repeated_reads(own, repeated_reads(2).fail()));
    }
    auto u = a_user("u1");
    answer_empty(1);
    run(repo->load<&User::posts>(u));
    EXPECT_EQ(failure_of(repo->load<&User::posts>(u, reload)).code, errc::repeated_reads);
}

class hearing_observer final : public observer {
public:
    struct heard {
        std::string relation, file, function;
        std::size_t times;
        std::uint_least32_t line;
    };
    void on_repeated_reads(relation_read_repeatedly const& e) noexcept override {
        all.push_back({std::string(e.relation), std::string(e.file), std::string(e.function), e.times, e.line});
    }
    std::vector<heard> all{};
};

TEST_F(repeated_read_scopes, tell_the_observer_once_and_go_on) {
    auto const hearing = std::make_shared<hearing_observer>();
    auto with_observer = options();
    with_observer.observer = hearing;
    client const own(ctx, with_observer);
    repository<User> const repo(watch_repeated_reads(own, repeated_reads(2)));
    auto u = a_user("u1");
    answer_empty(3);
    unsigned line = 0;
    for (int i = 0; i < 3; ++i) {
        line = __LINE__ + 1;
        run(repo.load<&User::posts>(u, reload));
    }
    EXPECT_EQ(sent(), 3U);
    ASSERT_EQ(hearing->all.size(), 1U);
    EXPECT_EQ(hearing->all[0].relation, "User.posts");
    EXPECT_EQ(hearing->all[0].times, 2U);
    EXPECT_EQ(hearing->all[0].line, line);
    EXPECT_TRUE(hearing->all[0].file.ends_with("repeated_reads_test.cpp")) << hearing->all[0].file;
}

TEST_F(repeated_read_scopes, are_warnings_in_the_log) {
    std::vector<std::string> lines;
    auto with_log = options();
    with_log.observer =
        make_log_observer(log_level::warning, [&](log_level, std::string_view line) { lines.emplace_back(line); });
    client const own(ctx, with_log);
    repository<User> const repo(watch_repeated_reads(own, repeated_reads(2)));
    auto u = a_user("u1");
    answer_empty(2);
    run(repo.load<&User::posts>(u, reload));
    run(repo.load<&User::posts>(u, reload));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].starts_with("repeated_reads relation=User.posts times=2 file=")) << lines[0];
}

TEST_F(repeated_read_scopes, of_less_than_two_times_are_refused) {
    EXPECT_EQ(dynasio::test::error_of([&] { static_cast<void>(watch_repeated_reads(db, repeated_reads(1))); }).code(),
              errc::invalid_argument);
}

TEST(read_counters, say_what_is_to_be_done) {
    relation_info const& posts = *entity_type_of<User>().find_relation("posts");
    relation_info const& roles = *entity_type_of<User>().find_relation("roles");
    using verdict = detail::read_counter::verdict;
    detail::read_counter telling{repeated_reads(3)};
    EXPECT_EQ(telling.on_read(posts).what, verdict::fine);
    EXPECT_EQ(telling.on_read(posts).what, verdict::fine);
    EXPECT_EQ(telling.on_read(roles).what, verdict::fine);
    EXPECT_EQ(telling.on_read(posts).what, verdict::tell);
    auto const again = telling.on_read(posts);
    EXPECT_EQ(again.what, verdict::fine) << "told once";
    EXPECT_EQ(again.times, 4U);
    detail::read_counter failing{repeated_reads(2).fail()};
    EXPECT_EQ(failing.on_read(posts).what, verdict::fine);
    EXPECT_EQ(failing.on_read(posts).what, verdict::fail);
    EXPECT_EQ(failing.on_read(posts).what, verdict::fail);
}

} // namespace dynasio::repeated_reads_tests
