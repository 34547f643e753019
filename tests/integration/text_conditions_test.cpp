#include <dynasio/orm/expression.hpp>

#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Conditions as text against a real server: queries, relations and writes.
namespace ledger {

using namespace dynasio::dsl;

struct Entry;

struct Account {
    std::string id{};
    std::string owner{};
    int size{}; // a word that the service reserves
    std::map<std::string, std::string> notes{};
    std::vector<std::string> tags{};

    dynasio::has_many<Entry> entries{};
};
struct Entry {
    std::string id{};
    std::string account_id{};
    int amount{};
    std::string text{};

    dynasio::belongs_to<Account> account{};
};

constexpr auto dynasio_schema(dynasio::tag<Account>) {
    return entity<Account>(partition_key<&Account::id>, gsi<&Account::owner>{"by_owner"},
                           attribute<&Account::owner>{"the.owner"}, relate<&Account::entries>(by<&Entry::account_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Entry>) {
    return entity<Entry>(table{"entries"}, partition_key<&Entry::id>,
                         gsi<&Entry::account_id, &Entry::amount>{"by_account"},
                         relate<&Entry::account>(by<&Entry::account_id>));
}

} // namespace ledger

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using ledger::Account;
using ledger::Entry;

class text_conditions_test : public test::database_test {
protected:
    repository<Account> accounts{direct};
    repository<Entry> entries{direct};

    void SetUp() override {
        create_tables<Account, Entry>();
        for (int i = 0; i < 4; ++i) {
            Account a;
            a.id = "a" + std::to_string(i);
            a.owner = i < 3 ? "ann" : "bob";
            a.size = i;
            a.notes["city"] = i == 1 ? "Oslo" : "Bonn";
            a.tags = {"t" + std::to_string(i), "all"};
            save(a);
            Entry e;
            e.id = "e" + std::to_string(i);
            e.account_id = "a0";
            e.amount = i;
            e.text = i % 2 == 0 ? "even" : "odd";
            save(e);
        }
    }
};

TEST_F(text_conditions_test, select_by_index_and_filter) {
    auto const of_ann = accounts.where(expression<Account>(R"("the.owner" = ?)", "ann"));
    EXPECT_NE(of_ann.explain().find("by_owner"), std::string::npos);
    EXPECT_EQ(ids(run(of_ann.all())), "a0 a1 a2");
    EXPECT_EQ(ids(run(of_ann.where(expression<Account>("size > ? AND contains(tags, ?)", 0, "all")).all())), "a1 a2");
    EXPECT_EQ(ids(run(of_ann
                          .where(expression<Account>("notes.city <> :city AND tags[0] IN (:a, :b)",
                                                     named("city", "Oslo"), named("a", "t1"), named("b", "t2")))
                          .all())),
              "a2");
    EXPECT_EQ(
        ids(run(
            of_ann.where(expression<Account>("NOT (size BETWEEN ? AND ? OR begins_with(id, ?))", 1, 9, "b")).all())),
        "a0");
    EXPECT_EQ(run(accounts.scan(expression<Account>("size(tags) = ? and attribute_type(notes, ?)", 2, "M")).count()),
              4U);
    EXPECT_EQ(run(of_ann.where(expression<Account>("attribute_not_exists(\"undeclared\")")).count()), 3U);
}

TEST_F(text_conditions_test, constrain_relations_of_both_directions) {
    auto const account =
        run(accounts.get("a0", with<&Account::entries>(expression<Entry>("amount >= ? and text = ?", 1, "odd"))));
    EXPECT_EQ(ids(account.entries), "e1 e3");
    auto const with_condition = [&](char const* text, int value) {
        return run(entries.get("e1", with<&Entry::account>(expression<Account>(text, value))));
    };
    EXPECT_EQ(with_condition("size = ?", 0).account->id, "a0") << "evaluated in the client";
    EXPECT_EQ(with_condition("size > ?", 0).account.get(), nullptr);
    auto const refused = failure_of(entries.get("e1", with<&Entry::account>(expression<Account>("\"other\" = ?", 1))));
    EXPECT_EQ(refused.code, errc::invalid_argument) << "what the client does not read";
    EXPECT_EQ(refused.info->attribute, "other");
}

TEST_F(text_conditions_test, guard_writes) {
    auto account = run(accounts.get("a1"));
    account.size = 7;
    EXPECT_EQ(failure_of(accounts.save(account, only_if(expression<Account>("size = ?", 5)))).code,
              errc::condition_failed);
    run(accounts.save(account, only_if(expression<Account>("size = ? AND notes.city = ?", 1, "Oslo"))));
    auto const counted =
        run(accounts.update("a1", add<&Account::size>(1), only_if(expression<Account>("size < ?", 8))));
    EXPECT_EQ(counted.size, 8);
    EXPECT_EQ(
        failure_of(accounts.update("a1", add<&Account::size>(1), only_if(expression<Account>("size < ?", 8)))).code,
        errc::condition_failed);
}

TEST_F(text_conditions_test, a_mistake_is_told_before_anything_is_sent) {
    auto const wrong = failure_of_call([&] { (void)accounts.where(expression<Account>("size => ?", 5)); });
    EXPECT_EQ(wrong.code, errc::invalid_argument);
    EXPECT_EQ(wrong.info->entity, "Account");
    EXPECT_NE(wrong.info->message.find("at character 7"), std::string::npos) << wrong.info->message;
}

} // namespace
} // namespace dynasio
