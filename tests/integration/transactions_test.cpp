#include <dynasio/orm/transaction.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <string>
#include <tuple>
#include <vector>

#include "integration/database_test.hpp"
#include "integration/model.hpp"

// Transactions against a real server: what is stored, what is not, and what the entities know afterwards.
namespace bank {

using namespace dynasio::dsl;

struct Account {
    std::string id{};
    int balance{};
    std::string status{};
    dynasio::timestamp created_at{}, updated_at{}, deleted_at{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<Account>) {
    return entity<Account>(table{"accounts"}, partition_key<&Account::id>,
                           timestamps<&Account::created_at, &Account::updated_at>, version<&Account::version>,
                           soft_delete<&Account::deleted_at>);
}

/// Without version and times: its saves have no guard.
struct Entry {
    std::string account_id{};
    int number{};
    std::string text{};
};
constexpr auto dynasio_schema(dynasio::tag<Entry>) {
    return entity<Entry>(table{"entries"}, partition_key<&Entry::account_id>, sort_key<&Entry::number>);
}

/// Nothing but a key.
struct Mark {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Mark>) { return entity<Mark>(table{"marks"}, partition_key<&Mark::id>); }

} // namespace bank

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using bank::Account;
using bank::Entry;
using bank::Mark;
using testing::match;

class transactions : public test::database_test {
protected:
    void SetUp() override { create_tables<Account, Entry, Mark, blog::User, blog::Role>(); }

    Account account(std::string id, int balance) {
        Account a;
        a.id = std::move(id);
        a.balance = balance;
        save(a);
        return a;
    }
    static Entry entry(std::string account, int number, std::string text = {}) {
        Entry e;
        e.account_id = std::move(account);
        e.number = number;
        e.text = std::move(text);
        return e;
    }
    int balance_of(std::string const& id) { return run(repository<Account>(direct).get(id)).balance; }
    bool has_entry(std::string const& account, int number) {
        return run(repository<Entry>(direct).find(key(account, number))).has_value();
    }
    std::size_t requests() { return endpoint.requests().size(); }
};

TEST_F(transactions, write_entities_of_several_types_at_once) {
    auto from = account("from", 10), to = account("to", 0), gone = account("gone", 0);
    auto old = entry("from", 1);
    save(old);
    from.balance = 3;
    to.balance = 7;
    auto made = entry("from", 2, "moved");
    Account fresh;
    fresh.balance = 1;
    transaction tx{db};
    tx.save(from).save(to, only_if(field<&Account::balance> == 0)).create(made).create(fresh).remove(old);
    tx.remove_key<Account>("gone").require<Account>("nobody", only_if(!field<&Account::status>.exists()));
    EXPECT_EQ(tx.size(), 7u);
    auto const before = requests();
    run(tx.commit());
    EXPECT_EQ(requests() - before, 1u);
    EXPECT_EQ(balance_of("from"), 3);
    EXPECT_EQ(balance_of("to"), 7);
    EXPECT_TRUE(has_entry("from", 2));
    EXPECT_FALSE(has_entry("from", 1));
    EXPECT_FALSE(run(repository<Account>(direct).find("gone")));
    EXPECT_EQ(fresh.id.size(), 26u) << "an empty key became a ULID";
    EXPECT_EQ(fresh.version, 1u);
    EXPECT_EQ(from.version, 2u);
    EXPECT_EQ(from.updated_at, to.updated_at) << "all times are those of one instant";
    run(repository<Account>(db).save(from)); // what is in memory is what is stored
}

TEST_F(transactions, with_a_stale_version_change_nothing) {
    auto first = account("a", 1), second = account("b", 2);
    auto other = second;
    other.balance = 20;
    save(other);
    auto const first_before = first;
    first.balance = 100;
    second.balance = 200;
    auto line = entry("a", 1);
    Account fresh;
    transaction tx{db};
    tx.save(first).create(line).create(fresh).save(second);
    auto const failed = failure_of(tx.commit());
    EXPECT_EQ(failed.code, errc::stale_version);
    EXPECT_EQ(failed.info->entity, "Account");
    EXPECT_EQ(failed.info->key, R"({"id":{"S":"b"}})");
    EXPECT_EQ(failed.info->table, prefix + "accounts");
    EXPECT_NE(failed.info->message.find(R"({"id":{"S":"b"}})"), std::string::npos) << failed.to_string();
    EXPECT_NE(failed.info->item.find("20"), std::string::npos) << "what is stored";
    EXPECT_EQ(balance_of("a"), 1);
    EXPECT_EQ(balance_of("b"), 20);
    EXPECT_FALSE(has_entry("a", 1));
    EXPECT_EQ(first.version, first_before.version);
    EXPECT_EQ(first.updated_at, first_before.updated_at);
    EXPECT_TRUE(fresh.id.empty());

    // Once the cause is removed, the same transaction goes on.
    second = run(repository<Account>(db).get("b"));
    second.balance = 200;
    run(tx.commit());
    EXPECT_EQ(balance_of("a"), 100);
    EXPECT_EQ(balance_of("b"), 200);
    EXPECT_FALSE(fresh.id.empty());
}

TEST_F(transactions, say_which_write_was_refused_and_why) {
    auto stored = account("stored", 1);
    auto line = entry("x", 1);
    Account again;
    again.id = "stored";
    EXPECT_EQ(failure_of(transaction(db).save(line).create(again).commit()).code, errc::already_exists);
    EXPECT_EQ(again.version, 0u);

    auto const unmet = failure_of(
        transaction(db).save(line).require<Account>("stored", only_if(field<&Account::balance> >= 5)).commit());
    EXPECT_EQ(unmet.code, errc::condition_failed);
    EXPECT_NE(unmet.info->message.find("balance >= 5"), std::string::npos) << unmet.to_string();
    EXPECT_EQ(failure_of(transaction(db).save(line).require<Account>("nobody").commit()).code, errc::not_found);
    EXPECT_EQ(
        failure_of(transaction(db).save(line).save(stored, only_if(field<&Account::status> == "on")).commit()).code,
        errc::condition_failed);

    auto const stale = stored;
    stored.balance = 2;
    save(stored);
    EXPECT_EQ(failure_of(transaction(db).save(line).require(stale).commit()).code, errc::stale_version);
    EXPECT_EQ(failure_of(transaction(db).save(line).remove(stale).commit()).code, errc::stale_version);
    EXPECT_FALSE(has_entry("x", 1));

    auto const several = failure_of(transaction(db).remove(stale).create(line).create(again = stale).commit());
    EXPECT_EQ(several.code, errc::invalid_argument) << "two writes of one item";
    auto other = account("other", 1);
    auto const old = other;
    save(other);
    auto const both = failure_of(transaction(db).save(line).remove(stale).require(old).commit());
    EXPECT_EQ(both.code, errc::stale_version);
    EXPECT_EQ(both.info->key, R"({"id":{"S":"stored"}})") << "the first of them";
    EXPECT_NE(both.info->message.find(R"(also refused: the entity Account with the key {"id":{"S":"other"}})"),
              std::string::npos)
        << both.to_string();
    ASSERT_EQ(both.info->cancellation_reasons.size(), 3u);
    EXPECT_FALSE(both.info->cancellation_reasons[0].failed());

    run(transaction(db).save(line).require(stored, only_if(field<&Account::balance> == 2)).commit());
    EXPECT_TRUE(has_entry("x", 1));
}

TEST_F(transactions, trash_and_restore) {
    auto a = account("a", 1), b = account("b", 2);
    run(repository<Account>(db).trash(b));
    a.balance = 50;
    run(transaction(db).trash(a).restore(b).commit());
    EXPECT_TRUE(is_trashed(a));
    EXPECT_FALSE(is_trashed(b));
    EXPECT_EQ(balance_of("a"), 1) << "other changes are not written";
    EXPECT_FALSE(is_trashed(run(repository<Account>(db).get("b"))));
}

TEST_F(transactions, of_tracked_entities_write_what_has_changed) {
    account("a", 1);
    account("b", 2);
    repository<tracked<Account>> const accounts(db);
    auto a = run(accounts.get("a")), b = run(accounts.get("b"));
    tracked<Account> fresh;
    auto other = run(accounts.get("b"));
    a->balance = 5;
    run(transaction(db).save(a).save(b).create(fresh).commit());
    EXPECT_EQ(a->version, 2u);
    EXPECT_FALSE(a.has_changes());
    EXPECT_EQ(b->version, 1u) << "nothing has changed, so nothing was written";
    EXPECT_TRUE(fresh.is_loaded());
    auto const before = requests();
    run(transaction(db).save(a).save(b).commit());
    EXPECT_EQ(requests(), before);
    run(transaction(db).save(b, touch).commit());
    EXPECT_EQ(b->version, 2u);

    a->balance = 6;
    other->balance = 3;
    EXPECT_EQ(failure_of(transaction(db).save(a).save(other).commit()).code, errc::stale_version);
    EXPECT_EQ(a.dirty_members(), std::vector<std::string>{"balance"}) << "a failure changes nothing";
    a->status = "odd";
    run(transaction(db).trash(a).commit());
    EXPECT_EQ(a.dirty_members(), (std::vector<std::string>{"balance", "status"}));
    run(transaction(db).save(a).remove(b).commit());
    EXPECT_TRUE(b.is_removed());
    EXPECT_EQ(balance_of("a"), 6);
}

TEST_F(transactions, link_entities_also_those_whose_keys_they_make) {
    blog::User user;
    blog::Role admin, guest;
    guest.id = "guest";
    save(guest);
    transaction tx{db};
    tx.attach<&blog::User::roles>(user, admin, pivot("by", "test")).create(user).create(admin);
    tx.attach<&blog::Role::users>(guest, user);
    run(tx.commit());
    repository<blog::User> const users(db);
    auto found = run(users.get(user.id, with<&blog::User::roles>()));
    ASSERT_EQ(found.roles.size(), 2u);
    run(transaction(db).detach<&blog::User::roles>(user, guest).commit());
    run(users.load<&blog::User::roles>(found, reload));
    ASSERT_EQ(found.roles.size(), 1u);

    blog::Role without_key;
    auto const failed = failure_of(transaction(db).attach<&blog::User::roles>(user, without_key).commit());
    EXPECT_EQ(failed.code, errc::entity_not_saved);
    EXPECT_EQ(failed.info->relation_path, "User.roles");
}

TEST_F(transactions, that_meet_another_are_tried_again) {
    auto a = account("a", 1);
    a.balance = 2;
    endpoint.on(match("TransactWriteItems")).times(2).conflict_with_transaction();
    auto const before = requests();
    run(transaction(db).save(a).commit());
    EXPECT_EQ(requests() - before, 3u);
    EXPECT_EQ(balance_of("a"), 2);

    endpoint.on(match("TransactWriteItems")).conflict_with_transaction();
    a.balance = 3;
    auto const failed = failure_of(transaction(db).save(a).commit(call_options().attempts(2)));
    EXPECT_EQ(failed.code, service_errc::transaction_conflict);
    EXPECT_EQ(failed.info->key, R"({"id":{"S":"a"}})");
    EXPECT_EQ(failed.info->attempts, 2u);
    EXPECT_FALSE(failed.info->outcome_unknown);
    EXPECT_EQ(a.version, 2u);

    endpoint.clear_rules();
    endpoint.on(match("TransactWriteItems")).cancel_transaction("ValidationError");
    auto const sent = requests();
    EXPECT_EQ(failure_of(transaction(db).save(a).commit()).code, service_errc::validation);
    EXPECT_EQ(requests() - sent, 1u) << "what does not pass by itself is not tried again";
}

TEST_F(transactions, whose_answer_is_lost_happen_once) {
    auto a = account("a", 1);
    Account fresh;
    a.balance = 2;
    endpoint.on(match("TransactWriteItems")).times(1).drop_connection(testing::drop_time::after_forwarding);
    run(transaction(db).save(a).create(fresh).commit());
    EXPECT_EQ(a.version, 2u);
    EXPECT_EQ(run(repository<Account>(direct).get("a")).version, 2u);
    EXPECT_EQ(run(repository<Account>(direct).get(fresh.id)).version, 1u);

    endpoint.on(match("TransactWriteItems")).drop_connection(testing::drop_time::after_forwarding);
    a.balance = 3;
    Account kept;
    auto const failed = failure_of(transaction(db).save(a).create(kept).commit(call_options().attempts(2)));
    EXPECT_TRUE(failed.info->outcome_unknown);
    EXPECT_EQ(a.version, 2u) << "nobody knows";
    EXPECT_EQ(run(repository<Account>(direct).get(kept.id)).version, 1u) << "the key stays in the entity";
}

TEST_F(transactions, with_a_token_of_the_caller_happen_once) {
    auto e = entry("a", 1, "first");
    auto const own = token("own-" + prefix.substr(0, 20));
    run(transaction(db).save(e).commit(own));
    run(repository<Entry>(direct).remove(e));
    run(transaction(db).save(e).commit(own));
    EXPECT_FALSE(has_entry("a", 1)) << "it had been carried out before";
    e.text = "second";
    EXPECT_EQ(failure_of(transaction(db).save(e).commit(own)).code, service_errc::idempotent_parameter_mismatch);
    EXPECT_EQ(failure_of(transaction(db).save(e).commit(token(std::string(37, 'x')))).code, errc::invalid_argument);
}

TEST_F(transactions, that_cannot_be_sent_are_refused_before) {
    auto const before = requests();
    run(transaction(db).commit());
    std::vector<Entry> many;
    for (int i = 0; i < 101; ++i) many.push_back(entry("a", i));
    transaction tx{db};
    for (auto& e : many) tx.save(e);
    auto failed = failure_of(tx.commit());
    EXPECT_EQ(failed.code, errc::batch_too_large);
    EXPECT_NE(failed.info->message.find(R"({"account_id":{"S":"a"},"number":{"N":"100"}})"), std::string::npos)
        << failed.to_string();

    failed = failure_of(transaction(db).save(many[1]).remove(many[1]).commit());
    EXPECT_EQ(failed.code, errc::invalid_argument);
    EXPECT_EQ(failed.info->key, R"({"account_id":{"S":"a"},"number":{"N":"1"}})");

    tx.clear();
    for (int i = 0; i < 15; ++i) {
        many[static_cast<std::size_t>(i)].text.assign(300'000, 'x');
        tx.save(many[static_cast<std::size_t>(i)]);
    }
    failed = failure_of(tx.commit());
    EXPECT_EQ(failed.code, errc::batch_too_large);
    EXPECT_NE(failed.info->message.find("4 MB"), std::string::npos) << failed.to_string();

    Mark mark;
    mark.id = "m";
    EXPECT_EQ(failure_of(transaction(db).save(mark).commit()).code, errc::invalid_argument);
    EXPECT_EQ(requests(), before);
    run(transaction(db).create(mark).commit());
    tx.clear();
    for (std::size_t i = 15; i < 100; ++i) tx.save(many[i]);
    run(tx.commit());
    EXPECT_TRUE(has_entry("a", 99));
}

TEST_F(transactions, may_be_gone_before_their_commit_is_awaited) {
    auto a = account("a", 1);
    a.balance = 2;
    auto committing = [&] {
        transaction tx{db};
        tx.save(a);
        return tx.commit();
    }();
    run(std::move(committing));
    EXPECT_EQ(balance_of("a"), 2);
}

TEST_F(transactions, read_entities_of_several_types_together) {
    account("a", 1);
    auto e = entry("a", 1, "text");
    save(e);
    auto const before = requests();
    auto const [a, found, nobody, again] = run(find_together(db, key_of<Account>("a"), key_of<Entry>(key("a", 1)),
                                                             key_of<Account>("nobody"), key_of<Account>("a")));
    EXPECT_EQ(requests() - before, 1u);
    ASSERT_TRUE(a);
    EXPECT_EQ(a->balance, 1);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->text, "text");
    EXPECT_FALSE(nobody);
    ASSERT_TRUE(again) << "a key may occur twice";

    endpoint.on(match("TransactGetItems")).times(1).conflict_with_transaction();
    auto const one = run(find_together(db, key_of<Account>("a"), call_options()));
    EXPECT_TRUE(std::get<0>(one));
    endpoint.on(match("TransactGetItems")).conflict_with_transaction();
    auto const failed = failure_of(find_together(db, key_of<Account>("a"), call_options().attempts(1)));
    EXPECT_EQ(failed.code, service_errc::transaction_conflict);
    EXPECT_EQ(failed.info->entity, "Account");
    EXPECT_EQ(failure_of(find_together(db, key_of<Account>(""))).code, errc::empty_key);
}

} // namespace
} // namespace dynasio
