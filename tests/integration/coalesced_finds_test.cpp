#include <dynasio/orm/coalesced_finds.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/trash.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"

// Finds that are gathered into few requests, against a real server.
namespace lobby {

using namespace dynasio::dsl;

struct Session {
    std::string id{};
    std::string user{};
    std::int64_t hits{};
    dynasio::timestamp deleted_at{};
};
constexpr auto dynasio_schema(tag<Session>) {
    return entity<Session>(table{"sessions"}, partition_key<&Session::id>, soft_delete<&Session::deleted_at>);
}

} // namespace lobby

namespace dynasio::coalesced_finds_tests {
namespace {

using namespace std::chrono_literals;
using lobby::Session;
using testing::match;

std::string id_of(std::size_t i) { return test::numbered("s", i); }

class coalesced : public test::database_test {
protected:
    using found = std::optional<Session>;

    void SetUp() override {
        create_tables<Session>();
        std::vector<Session> all(40);
        for (std::size_t i = 0; i < all.size(); ++i) {
            all[i].id = id_of(i);
            all[i].user = "user " + all[i].id;
        }
        run(repository<Session>(direct).save_many(all));
    }
    test::task<found> begin(std::string const& id, std::optional<std::chrono::nanoseconds> patience = {}) {
        return start(sessions.find(id, patience));
    }
    /// Lets everything happen that does not wait for time or network.
    void settle() {
        if (ctx.stopped()) ctx.restart();
        ctx.poll();
    }
    void put_bad(std::string const& id) {
        dynamodb::item bad;
        bad.emplace("id", id);
        bad.emplace("hits", "many");
        run(direct.put_item(dynamodb::put_item_request(prefix + "sessions", std::move(bad))));
    }

    coalesced_finds<Session> sessions{db};
};

TEST_F(coalesced, finds_at_the_same_time_are_one_request_and_each_key_is_asked_for_once) {
    std::vector<test::task<found>> tasks;
    for (std::size_t i = 0; i < 300; ++i) tasks.push_back(begin(id_of(i % 42)));
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        auto const session = finish(tasks[i]);
        ASSERT_EQ(session.has_value(), i % 42 < 40) << i;
        EXPECT_EQ(session ? session->user : "", i % 42 < 40 ? "user " + id_of(i % 42) : "");
    }
    EXPECT_EQ(endpoint.count("BatchGetItem"), 1u);
    EXPECT_EQ(endpoint.count(), 1u);
    auto const figures = sessions.figures();
    EXPECT_EQ(figures.finds, 300u);
    EXPECT_EQ(figures.keys, 42u);
    EXPECT_EQ(figures.reads, 1u);
}

TEST_F(coalesced, finds_in_different_windows_are_different_requests) {
    EXPECT_TRUE(run(sessions.find(id_of(1))));
    EXPECT_TRUE(run(sessions.find(id_of(1))));
    EXPECT_EQ(endpoint.count("BatchGetItem"), 2u);
}

TEST_F(coalesced, a_window_of_no_time_gathers_what_is_asked_in_one_turn) {
    coalesced_finds<Session> const at_once(db, {.window = 0ns});
    std::vector<test::task<found>> tasks;
    for (std::size_t i = 0; i < 50; ++i) tasks.push_back(start(at_once.find(id_of(i % 10))));
    for (auto& each : tasks) EXPECT_TRUE(finish(each));
    EXPECT_EQ(endpoint.count(), 1u);
}

TEST_F(coalesced, as_many_keys_as_wanted_do_not_wait_for_the_end_of_the_window) {
    coalesced_finds<Session> const patient(db, {.window = 1h, .most_keys = 10});
    std::vector<test::task<found>> tasks;
    for (std::size_t i = 0; i < 20; ++i) tasks.push_back(start(patient.find(id_of(i))));
    for (auto& each : tasks) EXPECT_TRUE(finish(each));
    EXPECT_EQ(endpoint.count("BatchGetItem"), 2u);
}

TEST_F(coalesced, more_keys_than_a_request_takes_are_several_requests) {
    coalesced_finds<Session> const many(db, {.most_keys = 250});
    std::vector<test::task<found>> tasks;
    for (std::size_t i = 0; i < 250; ++i) tasks.push_back(start(many.find(id_of(i))));
    for (std::size_t i = 0; i < tasks.size(); ++i) EXPECT_EQ(finish(tasks[i]).has_value(), i < 40);
    EXPECT_EQ(endpoint.count("BatchGetItem"), 3u);
}

TEST_F(coalesced, get_names_the_key_that_is_not_there) {
    auto there = start(sessions.get(id_of(3)));
    auto missing = start(as_result(sessions.get("nobody")));
    EXPECT_EQ(finish(there).user, "user " + id_of(3));
    auto const failed = finish(missing);
    ASSERT_FALSE(failed.has_value());
    EXPECT_EQ(failed.error().code, errc::not_found);
    EXPECT_EQ(failed.error().info->key, R"({"id":{"S":"nobody"}})");
    EXPECT_EQ(failed.error().info->table, prefix + "sessions");
}

TEST_F(coalesced, a_caller_who_leaves_takes_nothing_from_the_others) {
    coalesced_finds<Session> const patient(db, {.window = 1h, .most_keys = 3});
    auto first = start(patient.find(id_of(1))), same = start(patient.find(id_of(1)));
    auto other = start(patient.find(id_of(2)));
    settle();
    first.cancel();
    other.cancel();
    EXPECT_THROW(finish(first), error);
    EXPECT_THROW(finish(other), error);
    auto third = start(patient.find(id_of(3))), last = start(patient.find(id_of(4)));
    EXPECT_EQ(finish(same)->id, id_of(1));
    EXPECT_TRUE(finish(third));
    EXPECT_TRUE(finish(last));
    EXPECT_EQ(endpoint.count(), 1u);
    EXPECT_EQ(endpoint.requests().front().body.find(id_of(2)), std::string::npos)
        << "a key that nobody waits for is not sent";
}

TEST_F(coalesced, what_everybody_has_left_is_not_sent_or_cancelled) {
    coalesced_finds<Session> const patient(db, {.window = 1h, .most_keys = 3});
    auto first = start(patient.find(id_of(1))), second = start(patient.find(id_of(2)));
    settle();
    first.cancel();
    second.cancel();
    EXPECT_THROW(finish(first), error);
    EXPECT_THROW(finish(second), error);
    EXPECT_EQ(endpoint.count(), 0u);
    EXPECT_TRUE(run(sessions.find(id_of(3))));
    EXPECT_EQ(endpoint.count(), 1u);

    endpoint.on(match("BatchGetItem")).always().never_answer();
    auto hanging = begin(id_of(4));
    run_until([&] { return endpoint.count() == 2; });
    hanging.cancel();
    EXPECT_THROW(finish(hanging), error);
    endpoint.clear_rules();
    run_until([&] { return static_cast<bool>(is_quiet(db)); });
}

TEST_F(coalesced, each_call_has_a_deadline_of_its_own) {
    auto hasty = start(as_result(sessions.find(id_of(1), 0ns)));
    auto patient = begin(id_of(1), 10min);
    EXPECT_TRUE(finish(patient));
    auto const late = finish(hasty);
    ASSERT_FALSE(late.has_value());
    EXPECT_EQ(late.error().code, errc::deadline_exceeded);
    EXPECT_EQ(late.error().info->entity, "Session");
}

TEST_F(coalesced, an_item_that_does_not_fit_is_the_error_of_those_who_asked_for_it) {
    put_bad("bad");
    auto good = begin(id_of(1));
    auto bad = start(as_result(sessions.find("bad"))), worse = start(as_result(sessions.find("bad")));
    EXPECT_TRUE(finish(good));
    for (auto* each : {&bad, &worse}) {
        auto const failed = finish(*each);
        ASSERT_FALSE(failed.has_value());
        EXPECT_EQ(failed.error().code, errc::attribute_type_mismatch);
        EXPECT_EQ(failed.error().info->key, R"({"id":{"S":"bad"}})");
    }
    EXPECT_EQ(endpoint.count(), 1u);
}

TEST_F(coalesced, a_request_that_fails_fails_for_all_who_wait_for_it) {
    endpoint.on(match("BatchGetItem")).times(1).answer_error(400, "AccessDeniedException", "no");
    auto one = start(as_result(sessions.find(id_of(1)))), two = start(as_result(sessions.find(id_of(2))));
    EXPECT_EQ(finish(one).error().code, service_errc::access_denied);
    EXPECT_EQ(finish(two).error().code, service_errc::access_denied);
    EXPECT_TRUE(run(sessions.find(id_of(1))));
}

TEST_F(coalesced, unprocessed_keys_are_asked_for_again) {
    endpoint.on(match("BatchGetItem")).times(2).leave_unprocessed(testing::keys_containing(id_of(3)));
    std::vector<test::task<found>> tasks;
    for (std::size_t i = 0; i < 10; ++i) tasks.push_back(begin(id_of(i)));
    for (auto& each : tasks) EXPECT_TRUE(finish(each));
}

TEST_F(coalesced, finds_give_trashed_and_tracked_entities_as_those_of_a_repository) {
    auto trashed = run(repository<Session>(direct).get(id_of(5)));
    run(repository<Session>(direct).trash(trashed));
    EXPECT_TRUE(is_trashed(*run(sessions.find(id_of(5)))));

    coalesced_finds<tracked<Session>> const watched(db);
    auto one = start(watched.find(id_of(6))), same = start(watched.find(id_of(6)));
    auto session = finish(one);
    auto other = finish(same);
    (*session)->hits = 7;
    run(repository<tracked<Session>>(db).save(*session));
    EXPECT_EQ(endpoint.count("UpdateItem"), 1u);
    EXPECT_EQ((*other)->hits, 0) << "callers share nothing that changes";
    EXPECT_FALSE(other->has_changes());
}

TEST_F(coalesced, options_that_make_no_sense_are_refused) {
    EXPECT_EQ(failure_of_call([&] { coalesced_finds<Session>(db, {.window = -1ns}); }).code, errc::invalid_argument);
    EXPECT_EQ(failure_of_call([&] { coalesced_finds<Session>(db, {.most_keys = 0}); }).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(sessions.find("")).code, errc::empty_key);
}

TEST_F(coalesced, threads_share_requests_of_a_thread_safe_client) {
    auto options = test::options_for(server, prefix);
    options.thread_safe = true;
    boost::asio::thread_pool threads(4);
    {
        client const shared(threads, options);
        coalesced_finds<Session> const all(shared);
        std::vector<std::future<void>> done;
        for (std::size_t t = 0; t < 8; ++t)
            done.push_back(boost::asio::co_spawn(
                threads,
                [](coalesced_finds<Session> from, std::size_t first) -> boost::asio::awaitable<void> {
                    for (std::size_t i = 0; i < 40; ++i) {
                        auto const id = id_of((first + i) % 40);
                        auto finding = from.find(id);
                        auto const session = co_await std::move(finding);
                        if (!session || session->id != id) throw std::runtime_error("not found: " + id);
                    }
                }(all, t * 5),
                boost::asio::use_future));
        for (auto& each : done) EXPECT_NO_THROW(each.get());
    }
    threads.join();
}

TEST_F(coalesced, finds_can_be_dropped_with_their_context_at_any_moment) {
    for (int turns = 0; turns < 12; ++turns) {
        boost::asio::io_context own;
        client const mine(own, test::options_for(server, prefix));
        coalesced_finds<Session> const all(mine, {.window = 0ns});
        for (std::size_t i = 0; i < 5; ++i) boost::asio::co_spawn(own, all.find(id_of(i % 3)), boost::asio::detached);
        for (int i = 0; i < turns; ++i) own.run_one_for(100ms);
    }
}

} // namespace
} // namespace dynasio::coalesced_finds_tests
