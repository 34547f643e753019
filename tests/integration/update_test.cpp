#include <dynasio/orm/update.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Changes of one stored item in one step, against a real server.
namespace counted {

using namespace dynasio::dsl;

struct Account {
    std::string id{};
    std::string status{};
    std::optional<std::string> nick{};
    std::int64_t balance{};
    double rate{};
    unsigned logins{};
    std::vector<std::string> notes{};
    std::set<std::string> marks{};
    dynasio::timestamp created_at{}, updated_at{}, seen_at{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<Account>) {
    return entity<Account>(table{"accounts"}, partition_key<&Account::id>,
                           timestamps<&Account::created_at, &Account::updated_at>, version<&Account::version>,
                           gsi<&Account::nick>{"by_nick"});
}
struct Counter {
    std::string id{};
    std::int64_t value{};
};
constexpr auto dynasio_schema(dynasio::tag<Counter>) {
    return entity<Counter>(table{"counters"}, partition_key<&Counter::id>);
}

} // namespace counted

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using counted::Account;
using counted::Counter;
using words = std::vector<std::string>;
using testing::match;

class update_test : public test::database_test {
protected:
    void SetUp() override {
        create_tables<Account, Counter>();
        Account a;
        a.id = "a";
        a.status = "off";
        a.nick = "ann";
        a.balance = 10;
        run(accounts.create(a));
        made = a;
    }

    repository<Account> accounts{db};
    repository<Counter> counters{db};
    Account made{};
};

TEST_F(update_test, each_change_does_what_it_says_and_the_entity_after_it_comes_back) {
    auto const before = endpoint.requests().size();
    std::set<std::string> const marks(std::initializer_list<std::string>{"x", "y"});
    auto after =
        run(accounts.update("a", set_to<&Account::status>("on"), add<&Account::balance>(-3), add<&Account::rate>(0.5),
                            add<&Account::logins>(1), push_back<&Account::notes>("first"), add<&Account::marks>(marks),
                            unset<&Account::nick>(), set_if_absent<&Account::seen_at>(made.created_at)));
    EXPECT_EQ(endpoint.requests().size(), before + 1);
    EXPECT_EQ(after.status, "on");
    EXPECT_EQ(after.balance, 7);
    EXPECT_EQ(after.rate, 0.5);
    EXPECT_EQ(after.logins, 1U);
    EXPECT_EQ(after.notes, words{"first"});
    EXPECT_EQ(after.marks, marks);
    EXPECT_EQ(after.nick, std::nullopt);
    EXPECT_EQ(after.seen_at, made.created_at);
    EXPECT_EQ(after.version, 2U);
    EXPECT_EQ(after.created_at, made.created_at);
    EXPECT_GE(after.updated_at, made.updated_at);
    EXPECT_EQ(run(accounts.get("a")).balance, 7);
    after = run(accounts.update("a", push_front<&Account::notes>("zeroth"),
                                take<&Account::marks>(std::set<std::string>(marks.begin(), std::next(marks.begin()))),
                                set_to<&Account::seen_at>(timestamp())));
    EXPECT_EQ(after.notes, (words{"zeroth", "first"}));
    EXPECT_EQ(after.marks.size(), 1U);
    EXPECT_FALSE(after.seen_at.is_set());
    EXPECT_EQ(stored("accounts", "a").count("seen_at"), 0U);
    run(accounts.save(after));
    EXPECT_EQ(after.version, 4U) << "the version that came back is the stored one";
}

TEST_F(update_test, an_empty_key_of_an_index_is_removed) {
    EXPECT_EQ(run(accounts.update("a", set_to<&Account::nick>(""))).nick, std::nullopt);
}

TEST_F(update_test, what_is_not_there_is_refused_unless_it_may_be_made) {
    auto const refused = failure_of(counters.update("c", add<&Counter::value>(1)));
    EXPECT_EQ(refused.code, errc::not_found);
    EXPECT_EQ(refused.info->key, R"({"id":{"S":"c"}})");
    EXPECT_TRUE(stored("counters", "c").empty());
    EXPECT_EQ(run(counters.update("c", add<&Counter::value>(1), or_create)).value, 1);
    EXPECT_EQ(run(counters.update("c", add<&Counter::value>(1), or_create)).value, 2);
    auto const account = run(accounts.update("new", set_to<&Account::status>("on"), or_create));
    EXPECT_TRUE(account.created_at.is_set());
    EXPECT_EQ(account.version, 1U);
    EXPECT_EQ(run(accounts.update("new", set_to<&Account::status>("off"), or_create)).created_at, account.created_at);
}

TEST_F(update_test, a_condition_decides_in_the_same_step) {
    auto const withdraw = [&] {
        return accounts.update("a", add<&Account::balance>(-6), only_if(field<&Account::balance> >= 6));
    };
    EXPECT_EQ(run(withdraw()).balance, 4);
    auto const refused = failure_of(withdraw());
    EXPECT_EQ(refused.code, errc::condition_failed);
    EXPECT_NE(refused.info->item.find("balance"), std::string::npos);
    EXPECT_EQ(run(accounts.get("a")).balance, 4);
    EXPECT_EQ(
        failure_of(accounts.update("none", add<&Account::balance>(1), only_if(field<&Account::balance> >= 6))).code,
        errc::not_found);
}

TEST_F(update_test, concurrent_updates_all_count) {
    run(counters.update("c", set_to<&Counter::value>(0), or_create));
    std::vector<test::task<Counter>> tasks;
    for (int i = 0; i < 30; ++i) tasks.push_back(start(counters.update("c", add<&Counter::value>(1))));
    std::set<std::int64_t> seen;
    for (auto& t : tasks) seen.insert(finish(t).value);
    EXPECT_EQ(seen.size(), 30U) << "each call gets the value that it made";
    EXPECT_EQ(run(counters.get("c")).value, 30);
}

TEST_F(update_test, only_what_cannot_count_twice_is_repeated_after_a_lost_answer) {
    run(counters.update("c", set_to<&Counter::value>(5), or_create));
    endpoint.on(match("UpdateItem")).times(1).drop_connection(testing::drop_time::after_forwarding);
    EXPECT_EQ(run(counters.update("c", set_to<&Counter::value>(6))).value, 6);
    endpoint.on(match("UpdateItem")).times(1).drop_connection(testing::drop_time::after_forwarding);
    auto const refused = failure_of(counters.update("c", add<&Counter::value>(1)));
    EXPECT_TRUE(refused.info->outcome_unknown);
    EXPECT_EQ(refused.info->key, R"({"id":{"S":"c"}})");
    EXPECT_EQ(run(counters.get("c")).value, 7);
}

TEST_F(update_test, mistakes_are_refused_before_anything_is_sent) {
    auto const before = endpoint.requests().size();
    EXPECT_EQ(failure_of(accounts.update("a")).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(accounts.update("a", set_to<&Account::status>("x"), unset<&Account::status>())).code,
              errc::invalid_argument);
    EXPECT_EQ(failure_of(accounts.update("a", add<&Account::marks>(std::set<std::string>()))).code,
              errc::invalid_argument);
    EXPECT_EQ(failure_of(accounts.update("", set_to<&Account::status>("x"))).code, errc::empty_key);
    EXPECT_EQ(endpoint.requests().size(), before);
}

TEST_F(update_test, items_of_other_programs_are_changed_as_they_are) {
    dynamodb::item item;
    item.emplace("id", "old");
    item.emplace("colour", "blue");
    run(direct.put_item(dynamodb::put_item_request(prefix + "accounts", item)));
    auto const after = run(accounts.update("old", add<&Account::balance>(2), push_back<&Account::notes>("n")));
    EXPECT_EQ(after.balance, 2);
    EXPECT_EQ(after.version, 1U) << "an item older than its version begins to count";
    EXPECT_EQ(stored("accounts", "old").at("colour").as_string(), "blue");
}

} // namespace
} // namespace dynasio
