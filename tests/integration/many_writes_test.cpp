#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Writes of many entities against a real server: what each of them comes to.
namespace pile {

using namespace dynasio::dsl;

struct Card {
    std::string id{};
    std::string text{};
    dynasio::timestamp created_at{}, updated_at{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) {
    return entity<Card>(table{"cards"}, partition_key<&Card::id>, timestamps<&Card::created_at, &Card::updated_at>,
                        version<&Card::version>);
}
/// Without version and times: removing it has no condition.
struct Leaf {
    std::string id{};
    int number{};
    std::string text{};
};
constexpr auto dynasio_schema(dynasio::tag<Leaf>) {
    return entity<Leaf>(table{"leaves"}, partition_key<&Leaf::id>, sort_key<&Leaf::number>);
}

} // namespace pile

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using pile::Card;
using pile::Leaf;
using testing::match;

class many_writes : public test::database_test {
protected:
    void SetUp() override { create_tables<Card, Leaf>(); }

    static std::vector<Leaf> leaves_of(int count) {
        std::vector<Leaf> made(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i) {
            made[static_cast<std::size_t>(i)].id = "tree";
            made[static_cast<std::size_t>(i)].number = i;
        }
        return made;
    }
    std::size_t requests_for(std::string const& operation) {
        std::size_t found = 0;
        for (auto const& r : endpoint.requests())
            if (r.operation == operation) ++found;
        return found;
    }

    repository<Card> cards{db};
    repository<Leaf> leaves{db};
};

TEST_F(many_writes, store_new_entities_each_by_itself) {
    std::vector<Card> made(30);
    auto const done = run(cards.create_many(made));
    EXPECT_TRUE(done.all_stored());
    EXPECT_EQ(done.size(), 30u);
    EXPECT_FALSE(done.first_error());
    for (auto const& card : made) EXPECT_EQ(card.version, 1u);
    EXPECT_EQ(run(repository<Card>(direct).scan().count()), 30u);
    EXPECT_EQ(requests_for("PutItem"), 30u);
    std::vector<Card> none;
    EXPECT_TRUE(run(cards.create_many(none)).all_stored());
}

TEST_F(many_writes, tell_of_each_entity_what_became_of_it) {
    std::vector<Card> made(5);
    ASSERT_TRUE(run(cards.create_many(made)).all_stored());
    auto other = made[1];
    save(other);
    auto gone = made[3];
    run(repository<Card>(direct).remove(gone));
    for (auto& card : made) card.text = "new";
    made[4].text.assign(500'000, 'x');
    auto const done = run(cards.save_many(made, concurrency(2), call_options()));
    EXPECT_FALSE(done.all_stored());
    EXPECT_EQ(done.stored(), 2u);
    EXPECT_TRUE(done[0]);
    EXPECT_EQ(made[0].version, 2u);
    ASSERT_FALSE(done[1]);
    EXPECT_EQ(done[1].error().code, errc::stale_version);
    EXPECT_EQ(done[1].error().info->entity, "Card");
    EXPECT_NE(done[1].error().info->message.find(made[1].id), std::string::npos) << done[1].error().to_string();
    EXPECT_EQ(done[1].error().info->table, prefix + "cards");
    EXPECT_EQ(made[1].version, 1u);
    EXPECT_TRUE(done[2]);
    EXPECT_EQ(done[3].error().code, errc::stale_version);
    EXPECT_EQ(done[4].error().code, errc::item_too_large);
    EXPECT_EQ(done.first_error()->code, errc::stale_version);
    EXPECT_EQ(run(repository<Card>(direct).get(made[2].id)).text, "new");
    EXPECT_TRUE(is_quiet(db));
}

TEST_F(many_writes, of_one_key_twice_are_refused_before_anything_is_sent) {
    auto twice = leaves_of(3);
    twice[2].number = 0;
    auto const failed = failure_of(leaves.save_many(twice));
    EXPECT_EQ(failed.code, errc::invalid_argument);
    EXPECT_EQ(failed.info->key, R"({"id":{"S":"tree"},"number":{"N":"0"}})");
    EXPECT_TRUE(endpoint.requests().empty());
}

TEST_F(many_writes, of_tracked_entities_send_what_has_changed) {
    std::vector<Card> made(3);
    ASSERT_TRUE(run(cards.create_many(made)).all_stored());
    std::vector<tracked<Card>> list;
    for (auto& card : made) list.push_back(track(card));
    list[1]->text = "new";
    repository<tracked<Card>> const all(db);
    EXPECT_TRUE(run(all.save_many(list)).all_stored());
    EXPECT_EQ(requests_for("UpdateItem"), 1u);
    EXPECT_FALSE(list[1].has_changes());
    EXPECT_EQ(list[1]->version, 2u);
    EXPECT_TRUE(run(all.remove_many(list)).all_stored());
    EXPECT_TRUE(list[2].is_removed());
    EXPECT_EQ(requests_for("DeleteItem"), 3u) << "the version guards each";
    EXPECT_EQ(run(repository<Card>(direct).scan().count()), 0u);
}

TEST_F(many_writes, without_a_condition_share_requests) {
    auto many = leaves_of(60);
    ASSERT_TRUE(run(leaves.save_many(many)).all_stored());
    EXPECT_EQ(requests_for("UpdateItem"), 60u);
    endpoint.on(match("BatchWriteItem")).times(2).leave_unprocessed(testing::all_keys());
    EXPECT_TRUE(run(leaves.remove_many(many)).all_stored());
    EXPECT_EQ(run(repository<Leaf>(direct).scan().count()), 0u);
    EXPECT_EQ(requests_for("BatchWriteItem"), 5u) << "three, and two that came back";
}

TEST_F(many_writes, that_never_come_through_are_named) {
    auto two = leaves_of(2);
    ASSERT_TRUE(run(leaves.save_many(two)).all_stored());
    endpoint.on(match("BatchWriteItem")).leave_unprocessed(testing::all_keys());
    auto const done = run(leaves.remove_many(two));
    EXPECT_EQ(done.stored(), 0u);
    EXPECT_EQ(done[1].error().code, errc::batch_incomplete);
    EXPECT_EQ(done[1].error().info->key, R"({"id":{"S":"tree"},"number":{"N":"1"}})");
}

TEST_F(many_writes, whose_answers_are_lost_recognise_themselves) {
    std::vector<Card> made(4);
    endpoint.on(match("PutItem")).times(3).drop_connection(testing::drop_time::after_forwarding);
    EXPECT_TRUE(run(cards.create_many(made)).all_stored());
    EXPECT_EQ(run(repository<Card>(direct).scan().count()), 4u);

    endpoint.on(match("UpdateItem")).drop_connection(testing::drop_time::before_forwarding);
    made[0].text = "new";
    auto const done = run(cards.save_many(made, call_options().attempts(1)));
    EXPECT_EQ(done.stored(), 0u);
    EXPECT_TRUE(done[3].error().info->outcome_unknown);
    EXPECT_EQ(made[0].version, 1u);
}

TEST_F(many_writes, have_the_deadline_as_the_outcome_of_what_was_not_written) {
    std::vector<Card> made(3);
    endpoint.on(match("PutItem")).after(1).never_answer();
    auto const done = run(cards.create_many(made, concurrency(1), call_options().timeout(std::chrono::seconds(1))));
    EXPECT_TRUE(done[0]);
    EXPECT_EQ(made[0].version, 1u);
    EXPECT_EQ(done[1].error().code, errc::deadline_exceeded);
    EXPECT_EQ(done[2].error().code, errc::deadline_exceeded);
    EXPECT_TRUE(is_quiet(db));
}

} // namespace
} // namespace dynasio
