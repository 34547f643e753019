#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/transaction.hpp>
#include <dynasio/orm/unique.hpp>
#include <dynasio/orm/where_always.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/status_class.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Members whose values no two entities have in common, against a real server: what each operation sends, what it
// refuses, and that the guards are those of what is stored, whatever happens.
namespace sole {

using namespace dynasio::dsl;

/// Neither version nor times: a save does not know whether there is an item.
struct Person {
    std::string id{};
    std::string email{};
    std::optional<std::int64_t> phone{};
    std::string town{};
    std::optional<std::string> name{};
    std::string note{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    return entity<Person>(table{"persons"}, partition_key<&Person::id>, dynasio::unique<&Person::email>,
                          dynasio::unique<&Person::phone>, dynasio::unique<&Person::town, &Person::name>,
                          normalize<&Person::email>([](std::string& text) {
                              for (char& c : text)
                                  if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
                          }));
}
struct Account {
    std::string id{};
    std::string login{};
    std::string note{};
    dynasio::timestamp created_at{}, updated_at{}, deleted_at{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<Account>) {
    return entity<Account>(table{"accounts"}, partition_key<&Account::id>,
                           dynasio::unique<&Account::login>.named("login"),
                           timestamps<&Account::created_at, &Account::updated_at>, version<&Account::version>,
                           soft_delete<&Account::deleted_at>);
}
/// Shares its logins with accounts.
struct Robot {
    std::string id{};
    std::string handle{};
};
constexpr auto dynasio_schema(dynasio::tag<Robot>) {
    return entity<Robot>(table{"robots"}, partition_key<&Robot::id>, dynasio::unique<&Robot::handle>.named("login"),
                         where_always([] { return field<&Robot::handle> != "hidden"; }));
}
/// A key of two parts, one of them a number; the value is a part of the key.
struct Page {
    std::int64_t author{};
    std::string slug{};
    std::string text{};
};
constexpr auto dynasio_schema(dynasio::tag<Page>) {
    return entity<Page>(table{"pages"}, partition_key<&Page::author>, sort_key<&Page::slug>,
                        dynasio::unique<&Page::slug>.in("slugs"));
}

} // namespace sole

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using sole::Account;
using sole::Page;
using sole::Person;
using sole::Robot;
using testing::match;

class unique_members : public test::database_test {
protected:
    void SetUp() override { create_tables<Person, Account, Robot, Page>(); }

    std::vector<dynamodb::item> all_items(std::string const& table) {
        dynamodb::scan_request scan(prefix + table);
        scan.consistent_read = true;
        auto const answer = run(direct.scan(scan));
        return answer.items ? *answer.items : std::vector<dynamodb::item>();
    }
    /// What the guards in a table say: "users.email#a" to "{"id":{"S":"u1"}}".
    std::map<std::string, std::string> guards(std::string const& table = "uniques") {
        std::map<std::string, std::string> found;
        for (auto const& item : all_items(table)) {
            dynamodb::item const& key = item.at("owner").as_map().at("key").as_map();
            std::string text;
            for (auto const& [name, value] : key) {
                text += (text.empty() ? "" : " ") + (value.type() == dynamodb::attribute_type::string
                                                         ? value.as_string()
                                                         : std::string(value.as_number().text()));
            }
            found.emplace(item.at("pk").as_string(), text);
        }
        return found;
    }
    using guard_map = std::map<std::string, std::string>;

    /// The operations that were sent since the last call.
    std::string sent() {
        std::string all;
        for (auto const& r : endpoint.requests()) all += (all.empty() ? "" : " ") + r.operation;
        endpoint.clear();
        return all;
    }
    Person person(std::string id, std::string email) {
        Person p;
        p.id = std::move(id);
        p.email = std::move(email);
        return p;
    }
    void remove_without_guard(std::string const& table, std::string const& id) {
        dynamodb::item key;
        key.emplace("id", id);
        run(direct.delete_item(dynamodb::delete_item_request(prefix + table, key)));
    }
    void put_without_guard(Person const& p) {
        dynamodb::item item;
        item.emplace("id", p.id);
        item.emplace("email", p.email);
        run(direct.put_item(dynamodb::put_item_request(prefix + "persons", item)));
    }

    repository<Person> persons{db};
    repository<Account> accounts{db};
    repository<tracked<Account>> tracked_accounts{db};
    repository<tracked<Person>> tracked_persons{db};
};

TEST_F(unique_members, are_guarded_from_their_creation) {
    auto ann = person("u1", "Ann@example.com");
    ann.phone = 5;
    run(persons.create(ann));
    EXPECT_EQ(sent(), "TransactWriteItems");
    EXPECT_EQ(ann.email, "ann@example.com");
    EXPECT_EQ(guards(), (guard_map{{"persons.email#ann@example.com", "u1"}, {"persons.phone#5", "u1"}}));

    auto bob = person("", "ANN@example.com");
    auto const failed = failure_of(persons.create(bob));
    EXPECT_EQ(failed.code, errc::not_unique);
    EXPECT_EQ(failed.info->entity, "Person");
    EXPECT_EQ(failed.info->attribute, "email");
    EXPECT_EQ(failed.info->holder, R"({"id":{"S":"u1"}})");
    EXPECT_EQ(failed.info->table, prefix + "persons");
    EXPECT_NE(failed.info->message.find(R"(Person::email = "ann@example.com")"), std::string::npos)
        << failed.to_string();
    EXPECT_EQ(status_class(failed.code), error_class::conflict);
    EXPECT_EQ(bob.id, "");
    EXPECT_EQ(bob.email, "ANN@example.com");
    EXPECT_EQ(all_items("persons").size(), 1u);
    EXPECT_EQ(guards().size(), 2u);
    EXPECT_EQ(sent(), "TransactWriteItems GetItem");
}

TEST_F(unique_members, that_are_empty_are_not_compared_and_cost_nothing) {
    auto one = person("u1", "");
    auto two = person("u2", "");
    two.town = "Ulm";
    run(persons.create(one));
    run(persons.create(two));
    EXPECT_EQ(sent(), "PutItem PutItem");
    one.note = "x";
    run(persons.save(one));
    EXPECT_TRUE(run(persons.remove(two)));
    EXPECT_FALSE(run(persons.remove_key("nobody")));
    EXPECT_EQ(sent(), "UpdateItem DeleteItem DeleteItem");
    EXPECT_TRUE(guards().empty());
}

TEST_F(unique_members, that_do_not_change_let_a_save_be_one_request) {
    auto ann = person("u1", "ann");
    run(persons.create(ann));
    (void)sent();
    ann.note = "new";
    run(persons.save(ann));
    EXPECT_EQ(sent(), "UpdateItem");
    EXPECT_EQ(run(persons.get("u1")).note, "new");
    // A save of an entity that is not there makes it, and its guards.
    auto bob = person("u2", "bob");
    run(persons.save(bob));
    EXPECT_EQ(guards(), (guard_map{{"persons.email#ann", "u1"}, {"persons.email#bob", "u2"}}));
}

TEST_F(unique_members, that_change_take_their_guards_along) {
    auto ann = person("u1", "ann");
    ann.town = "Ulm";
    ann.name = "A#n%";
    run(persons.create(ann));
    EXPECT_EQ(guards(), (guard_map{{"persons.email#ann", "u1"}, {"persons.town+name#Ulm#A%23n%25", "u1"}}));
    (void)sent();
    ann.email = "anna";
    ann.name.reset();
    run(persons.save(ann));
    EXPECT_EQ(sent(), "UpdateItem TransactWriteItems");
    EXPECT_EQ(guards(), (guard_map{{"persons.email#anna", "u1"}}));
    auto bob = person("u2", "ann");
    run(persons.create(bob));
    bob.email = "anna";
    auto const failed = failure_of(persons.save(bob));
    EXPECT_EQ(failed.code, errc::not_unique);
    EXPECT_EQ(failed.info->key, R"({"id":{"S":"u2"}})");
    EXPECT_EQ(run(persons.get("u2")).email, "ann");
    EXPECT_EQ(guards(), (guard_map{{"persons.email#ann", "u2"}, {"persons.email#anna", "u1"}}));
}

TEST_F(unique_members, of_a_tracked_entity_are_known) {
    tracked<Person> ann(person("u1", "ann"));
    run(tracked_persons.save(ann));
    (void)sent();
    ann->note = "x";
    run(tracked_persons.save(ann));
    EXPECT_EQ(sent(), "UpdateItem");
    ann->email = "anna";
    run(tracked_persons.save(ann));
    EXPECT_EQ(sent(), "TransactWriteItems");
    EXPECT_FALSE(ann.has_changes());
    EXPECT_EQ(guards(), (guard_map{{"persons.email#anna", "u1"}}));
    // Somebody else has changed it since: what is stored counts, and not what was read.
    auto other = run(persons.get("u1"));
    other.email = "annika";
    run(persons.save(other));
    (void)sent();
    ann->email = "ann";
    run(tracked_persons.save(ann));
    EXPECT_EQ(sent(), "TransactWriteItems TransactWriteItems");
    EXPECT_EQ(guards(), (guard_map{{"persons.email#ann", "u1"}}));
    ann->email = "changed in memory alone";
    EXPECT_TRUE(run(tracked_persons.remove(ann)));
    EXPECT_EQ(sent(), "TransactWriteItems");
    EXPECT_TRUE(ann.is_removed());
    EXPECT_TRUE(guards().empty());
}

TEST_F(unique_members, and_versions_are_both_kept) {
    Account one;
    one.login = "ann";
    run(accounts.create(one));
    EXPECT_EQ(one.version, 1u);
    auto stale = one;
    one.login = "anna";
    run(accounts.save(one));
    EXPECT_EQ(one.version, 2u);
    EXPECT_EQ(guards(), (guard_map{{"login#anna", one.id}}));
    stale.login = "annika";
    EXPECT_EQ(failure_of(accounts.save(stale)).code, errc::stale_version);
    EXPECT_EQ(failure_of(accounts.remove(stale)).code, errc::stale_version);
    EXPECT_EQ(stale.version, 1u);
    EXPECT_EQ(failure_of(accounts.save(one, only_if(field<&Account::note> == "x"))).code, errc::condition_failed);
    one.login = "anja";
    EXPECT_EQ(failure_of(accounts.save(one, only_if(field<&Account::note> == "x"))).code, errc::condition_failed);
    EXPECT_EQ(guards(), (guard_map{{"login#anna", one.id}}));
    run(accounts.save(one, only_if(field<&Account::note> == "")));
    EXPECT_EQ(guards(), (guard_map{{"login#anja", one.id}}));
    // The trash keeps values taken.
    run(accounts.trash(one));
    Account two;
    two.login = "anja";
    EXPECT_EQ(failure_of(accounts.create(two)).code, errc::not_unique);
    run(accounts.restore(one));
    EXPECT_TRUE(run(accounts.remove(one)));
    run(accounts.create(two));
    EXPECT_EQ(guards(), (guard_map{{"login#anja", two.id}}));
}

TEST_F(unique_members, are_free_again_after_a_removal) {
    auto ann = person("u1", "ann");
    run(persons.create(ann));
    (void)sent();
    EXPECT_TRUE(run(persons.remove(ann)));
    EXPECT_EQ(sent(), "TransactWriteItems");
    EXPECT_FALSE(run(persons.remove(ann)));
    EXPECT_EQ(sent(), "TransactWriteItems");
    EXPECT_TRUE(guards().empty());
    run(persons.create(ann));
    (void)sent();
    EXPECT_TRUE(run(persons.remove_key("u1")));
    EXPECT_EQ(sent(), "DeleteItem TransactWriteItems");
    EXPECT_TRUE(guards().empty());
    // The entity in memory need not be what is stored.
    run(persons.create(ann));
    ann.email = "somebody else";
    EXPECT_TRUE(run(persons.remove(ann)));
    EXPECT_TRUE(guards().empty());
}

TEST_F(unique_members, can_be_shared_between_entities_and_be_parts_of_keys) {
    Account one;
    one.login = "ann";
    run(accounts.create(one));
    Robot robot{"r1", "ann"};
    auto const failed = failure_of(repository<Robot>(db).create(robot));
    EXPECT_EQ(failed.code, errc::not_unique);
    EXPECT_NE(failed.info->message.find("of the table " + prefix + "accounts"), std::string::npos)
        << failed.to_string();
    repository<Page> const pages(db);
    Page first{1, "intro", "a"}, second{2, "intro", "b"};
    run(pages.save(first));
    first.text = "c";
    run(pages.save(first));
    EXPECT_EQ(failure_of(pages.save(second)).code, errc::not_unique);
    EXPECT_EQ(failure_of(pages.create(second)).info->holder, R"({"author":{"N":"1"},"slug":{"S":"intro"}})");
    EXPECT_EQ(guards("slugs"), (guard_map{{"pages.slug#intro", "1 intro"}}));
    EXPECT_EQ(failure_of(pages.update(key(2, "intro"), set_to<&Page::text>("x"), or_create)).code,
              errc::invalid_argument);
    EXPECT_TRUE(run(pages.remove_key(key(1, "intro"))));
    run(pages.save(second));
    EXPECT_EQ(guards("slugs"), (guard_map{{"pages.slug#intro", "2 intro"}}));
}

TEST_F(unique_members, of_more_than_a_key_holds_are_refused) {
    auto ann = person("u1", std::string(3000, 'x'));
    auto const failed = failure_of(persons.create(ann));
    EXPECT_EQ(failed.code, errc::invalid_argument);
    EXPECT_EQ(failed.info->attribute, "email");
    EXPECT_EQ(sent(), "");
}

// ---- transactions and many writes

TEST_F(unique_members, can_change_hands_in_a_transaction) {
    auto ann = person("u1", "ann"), bob = person("u2", "bob");
    run(persons.create(ann));
    run(persons.create(bob));
    std::swap(ann.email, bob.email);
    (void)sent();
    transaction tx{db};
    run(tx.save(ann).save(bob).commit());
    EXPECT_EQ(sent(), "TransactWriteItems TransactWriteItems");
    EXPECT_EQ(guards(), (guard_map{{"persons.email#ann", "u2"}, {"persons.email#bob", "u1"}}));
    auto heir = person("u3", "ann");
    tx.clear();
    run(tx.remove(bob).create(heir).commit());
    EXPECT_EQ(sent(), "TransactWriteItems");
    EXPECT_EQ(guards(), (guard_map{{"persons.email#ann", "u3"}, {"persons.email#bob", "u1"}}));
}

TEST_F(unique_members, refuse_a_transaction_as_a_whole) {
    auto ann = person("u1", "ann");
    run(persons.create(ann));
    (void)sent();
    auto one = person("u2", "x"), two = person("u3", "x"), three = person("u4", "ann"), four = person("u5", "four");
    transaction twice{db};
    auto const before = failure_of(twice.create(one).create(two).commit());
    EXPECT_EQ(before.code, errc::not_unique);
    EXPECT_EQ(before.info->holder, R"({"id":{"S":"u2"}})");
    EXPECT_EQ(before.info->key, R"({"id":{"S":"u3"}})");
    EXPECT_EQ(sent(), "");
    transaction taken{db};
    auto const refused = failure_of(taken.create(four).create(three).commit(token("own")));
    EXPECT_EQ(refused.code, errc::not_unique);
    EXPECT_EQ(refused.info->key, R"({"id":{"S":"u4"}})");
    EXPECT_EQ(all_items("persons").size(), 1u);
    EXPECT_EQ(guards().size(), 1u);
    // Guards count as writes.
    std::vector<Person> many(60);
    transaction large{db};
    for (std::size_t i = 0; i < many.size(); ++i) {
        many[i] = person("m" + std::to_string(i), "m" + std::to_string(i));
        large.create(many[i]);
    }
    auto const too_many = failure_of(large.commit());
    EXPECT_EQ(too_many.code, errc::batch_too_large);
    EXPECT_NE(too_many.info->message.find("60 of guards"), std::string::npos) << too_many.to_string();
}

TEST_F(unique_members, of_many_entities_are_each_decided_by_itself) {
    std::vector<Person> made;
    for (char const* const email : {"a", "b", "a", "", "c"}) made.push_back(person({}, email));
    auto const done = run(persons.create_many(made));
    EXPECT_EQ(done.stored(), 4u);
    ASSERT_NE(done[0].has_value(), done[2].has_value());
    auto const& lost = done[0].has_error() ? done[0] : done[2];
    EXPECT_EQ(lost.error().code, errc::not_unique);
    EXPECT_EQ(guards().size(), 3u);
    std::vector<Person> stored = run(persons.scan().all());
    for (auto& p : stored) p.email += "!";
    EXPECT_TRUE(run(persons.save_many(stored)).all_stored());
    EXPECT_EQ(guards().size(), 4u);
    EXPECT_EQ(guards().count("persons.email#a"), 0u);
    EXPECT_TRUE(run(persons.remove_many(stored)).all_stored());
    EXPECT_TRUE(guards().empty());
    std::vector<Person> long_one(1, person("u1", std::string(3000, 'x')));
    EXPECT_EQ(run(persons.create_many(long_one))[0].error().code, errc::invalid_argument);
}

// ---- lost answers

TEST_F(unique_members, survive_lost_answers) {
    auto const lose = [this](char const* operation) {
        endpoint.on(match(operation)).times(1).drop_connection(testing::drop_time::after_forwarding);
    };
    lose("TransactWriteItems");
    Account one;
    one.login = "ann";
    run(accounts.create(one));
    EXPECT_EQ(one.version, 1u);
    one.login = "anna";
    lose("TransactWriteItems");
    run(accounts.save(one));
    EXPECT_EQ(one.version, 2u);
    EXPECT_EQ(guards(), (guard_map{{"login#anna", one.id}}));
    auto ann = person("u1", "ann");
    run(persons.create(ann));
    ann.note = "x";
    lose("UpdateItem");
    run(persons.save(ann));
    lose("TransactWriteItems");
    EXPECT_TRUE(run(persons.remove(ann)));
    EXPECT_EQ(guards().size(), 1u);

    endpoint.on(match("TransactWriteItems")).drop_connection(testing::drop_time::after_forwarding);
    Account two;
    two.login = "two";
    auto const failed = failure_of(accounts.create(two));
    EXPECT_EQ(failed.code, transport_errc::connection_lost);
    EXPECT_TRUE(failed.info->outcome_unknown);
    EXPECT_FALSE(two.id.empty()) << "to create it again cannot store a second one";
    EXPECT_EQ(failed.info->entity, "Account");
    endpoint.clear_rules();
    EXPECT_EQ(failure_of(accounts.create(two)).code, errc::already_exists);
    EXPECT_EQ(guards().size(), 2u);
}

TEST_F(unique_members, whose_transaction_meets_another_one_try_again) {
    endpoint.on(match("TransactWriteItems")).times(2).conflict_with_transaction();
    auto ann = person("u1", "ann");
    run(persons.create(ann));
    endpoint.on(match("TransactWriteItems")).conflict_with_transaction();
    ann.email = "anna";
    EXPECT_EQ(failure_of(persons.save(ann)).code, service_errc::transaction_conflict);
    std::vector<Person> one(1, person("u1", "ann"));
    EXPECT_EQ(run(persons.remove_many(one))[0].error().code, service_errc::transaction_conflict);
    endpoint.clear_rules();
    EXPECT_EQ(guards(), (guard_map{{"persons.email#ann", "u1"}}));
}

// ---- programs that know nothing of guards

TEST_F(unique_members, left_by_other_programs_are_taken_over) {
    auto ann = person("u1", "ann"), bob = person("u2", "bob");
    run(persons.create(ann));
    run(persons.create(bob));
    remove_without_guard("persons", "u1");
    (void)sent();
    auto heir = person("u3", "ann");
    run(persons.create(heir));
    EXPECT_EQ(sent(), "TransactWriteItems GetItem TransactWriteItems");
    bob.email = "bert";
    put_without_guard(bob);
    auto second = person("u4", "bob");
    run(persons.create(second));
    EXPECT_EQ(guards(), (guard_map{{"persons.email#ann", "u3"}, {"persons.email#bob", "u4"}}));
    // Two values of one owner that is gone.
    auto both = person("u6", "both");
    both.phone = 7;
    run(persons.create(both));
    remove_without_guard("persons", "u6");
    both.id = "u7";
    (void)sent();
    run(persons.create(both));
    EXPECT_EQ(sent(), "TransactWriteItems GetItem TransactWriteItems GetItem TransactWriteItems");
    EXPECT_EQ(guards().size(), 4u);
    EXPECT_TRUE(run(persons.remove(both)));
    // Its own guard is no obstacle to an entity that is made anew.
    remove_without_guard("persons", "u4");
    run(persons.create(second));
    // The guard of another one stays when an entity gives up the value that it never had to itself.
    put_without_guard(person("u5", "ann"));
    auto fifth = run(persons.get("u5"));
    fifth.email = "fay";
    run(persons.save(fifth));
    EXPECT_EQ(guards(),
              (guard_map{{"persons.email#ann", "u3"}, {"persons.email#bob", "u4"}, {"persons.email#fay", "u5"}}));
}

TEST_F(unique_members, that_were_stored_before_the_constraint_can_be_guarded) {
    for (int i = 0; i < 120; ++i)
        put_without_guard(person(test::numbered("u", static_cast<std::size_t>(i)),
                                 test::numbered("e", static_cast<std::size_t>(i / 2 * 2))));
    put_without_guard(person("v1", "alone"));
    auto none = person("v2", "");
    run(persons.create(none));
    auto const report = run(guard_existing<Person>(db));
    EXPECT_EQ(report.entities, 122u);
    EXPECT_EQ(report.guarded, 62u);
    ASSERT_EQ(report.conflicts.size(), 60u);
    for (auto const& one : report.conflicts) {
        EXPECT_EQ(one.code, errc::not_unique);
        EXPECT_FALSE(one.info->holder.empty());
        EXPECT_NE(one.info->holder, one.info->key);
    }
    EXPECT_EQ(guards().size(), 61u);
    auto const again = run(guard_existing<Person>(db));
    EXPECT_EQ(again.guarded, 62u);
    EXPECT_EQ(guards().size(), 61u);
}

TEST_F(unique_members, are_guarded_for_what_reads_leave_out_as_well) {
    dynamodb::item item;
    item.emplace("id", "r1");
    item.emplace("handle", "hidden");
    run(direct.put_item(dynamodb::put_item_request(prefix + "robots", item)));
    EXPECT_EQ(run(guard_existing<Robot>(db)).guarded, 1u);
    EXPECT_EQ(guards(), (guard_map{{"login#hidden", "r1"}}));

    item["id"] = "a1";
    item.erase("handle");
    item.emplace("login", "in the trash");
    item.emplace("deleted_at", "2026-11-28T07:00:00.000Z");
    run(direct.put_item(dynamodb::put_item_request(prefix + "accounts", item)));
    EXPECT_EQ(run(guard_existing<Account>(db)).guarded, 1u);
    EXPECT_EQ(guards(), (guard_map{{"login#hidden", "r1"}, {"login#in the trash", "a1"}}));
}

TEST_F(unique_members, of_an_entity_that_may_be_new_are_saved_in_one_transaction) {
    Account one;
    one.id = "x";
    one.login = "ann";
    (void)sent();
    run(accounts.save(one));
    EXPECT_EQ(sent(), "TransactWriteItems");
    EXPECT_EQ(guards(), (guard_map{{"login#ann", "x"}}));

    // An item that is older than the version and the time of creation.
    dynamodb::item old;
    old.emplace("id", "y");
    old.emplace("login", "bob");
    run(direct.put_item(dynamodb::put_item_request(prefix + "accounts", old)));
    Account two;
    two.id = "y";
    two.login = "cid";
    run(accounts.save(two));
    EXPECT_EQ(guards(), (guard_map{{"login#ann", "x"}, {"login#cid", "y"}}));
    EXPECT_EQ(run(accounts.get("y")).login, "cid");
}

TEST_F(unique_members, have_a_table_that_is_compared_with_the_others) {
    EXPECT_TRUE(run(compare_tables<Person, Account, Robot, Page>(db)).empty());
    run(drop_tables<Page>(direct));
    auto const missing = run(compare_tables<Page>(db));
    EXPECT_EQ(missing.size(), 2u);
    run(update_tables<Page>(direct));
    EXPECT_TRUE(run(compare_tables<Page>(db)).empty());
}

// ---- any order of anything

/// What was stored, and the guards that follow from it.
class unique_members_history : public unique_members {
protected:
    guard_map guards_of_what_is_stored(bool& unique) {
        guard_map expected;
        unique = true;
        for (auto const& p : run(repository<Person>(direct).scan(consistent).all())) {
            if (!p.email.empty()) unique = expected.emplace("persons.email#" + p.email, p.id).second && unique;
            if (p.phone) unique = expected.emplace("persons.phone#" + std::to_string(*p.phone), p.id).second && unique;
            if (!p.town.empty() && p.name)
                unique = expected.emplace("persons.town+name#" + p.town + '#' + *p.name, p.id).second && unique;
        }
        return expected;
    }
    void expect_agreement() {
        bool unique = false;
        auto const expected = guards_of_what_is_stored(unique);
        EXPECT_TRUE(unique) << "two entities have one value";
        EXPECT_EQ(guards(), expected);
    }
    static bool may_happen(failure const& f) {
        return f.code == errc::not_unique || f.code == errc::already_exists || f.code == errc::not_found ||
               f.code == service_errc::transaction_conflict || f.code == service_errc::internal_server_error ||
               f.code == transport_errc::connection_lost || f.code == service_errc::throttling ||
               f.code == service_errc::provisioned_throughput_exceeded;
    }
};

TEST_F(unique_members_history, agrees_with_a_model_after_every_step) {
    std::mt19937_64 random(7);
    auto const pick = [&](std::uint64_t n) { return random() % n; };
    std::map<std::string, Person> model;
    auto const takes = [&](Person const& p) { // whether it can be stored beside the others
        for (auto const& [id, other] : model) {
            if (id == p.id) continue;
            if (!p.email.empty() && p.email == other.email) return false;
            if (p.phone && p.phone == other.phone) return false;
            if (!p.town.empty() && p.name && p.town == other.town && p.name == other.name) return false;
        }
        return true;
    };
    auto const changed = [&](Person p) {
        if (pick(2) != 0) p.email = pick(5) == 0 ? std::string() : std::string(1, static_cast<char>('a' + pick(4)));
        if (pick(3) == 0) p.phone = pick(3) == 0 ? std::nullopt : std::optional<std::int64_t>(pick(3));
        if (pick(3) == 0) p.town = pick(2) == 0 ? "Ulm" : "";
        if (pick(3) == 0) p.name = pick(3) == 0 ? std::nullopt : std::optional<std::string>(pick(2) == 0 ? "A" : "B");
        p.note = std::to_string(pick(1000));
        return p;
    };
    for (int step = 0; step < 400; ++step) {
        std::string const id = "u" + std::to_string(pick(5));
        bool const stored = model.count(id) != 0;
        Person p;
        p.id = id;
        switch (pick(6)) {
        case 0: {
            p = changed(p);
            auto const outcome = run(as_result(persons.create(p)));
            EXPECT_EQ(outcome.has_value(), !stored && takes(p)) << step;
            if (outcome) model[id] = p;
            break;
        }
        case 1: { // plain, also where there is none
            p = changed(stored ? model[id] : p);
            auto const outcome = run(as_result(persons.save(p)));
            EXPECT_EQ(outcome.has_value(), takes(p)) << step << (outcome ? "" : outcome.error().to_string());
            if (outcome) model[id] = p;
            break;
        }
        case 2: {
            if (!stored) break;
            auto read = run(tracked_persons.get(id));
            *read = changed(*read);
            auto const outcome = run(as_result(tracked_persons.save(read)));
            EXPECT_EQ(outcome.has_value(), takes(*read)) << step;
            if (outcome) model[id] = *read;
            break;
        }
        case 3: {
            EXPECT_EQ(run(persons.remove_key(id)), stored) << step;
            model.erase(id);
            break;
        }
        case 4: {
            p = changed(stored ? model[id] : p); // memory need not be what is stored
            EXPECT_EQ(run(persons.remove(p)), stored) << step;
            model.erase(id);
            break;
        }
        default: { // two at once, which may hand a value on
            std::string const other_id = id == "u0" ? "u1" : "u0";
            if (!stored || model.count(other_id) == 0) break;
            auto one = changed(model[id]), two = changed(model[other_id]);
            if (pick(2) == 0) {
                one.email = model[other_id].email;
                two.email = model[id].email;
            }
            auto const before = model;
            model[id] = one;
            bool const both = takes(two);
            model[other_id] = two;
            bool const fits = both && takes(one);
            transaction tx{db};
            auto const outcome = run(as_result(tx.save(one).save(two).commit()));
            EXPECT_EQ(outcome.has_value(), fits) << step << (outcome ? "" : outcome.error().to_string());
            if (!outcome) model = before;
            break;
        }
        }
        if (step % 20 == 0 || HasFailure()) expect_agreement();
        if (HasFailure()) return;
    }
    expect_agreement();
    EXPECT_EQ(run(persons.scan(consistent).all()).size(), model.size());
}

TEST_F(unique_members_history, has_no_two_owners_of_a_value_after_concurrent_writes_with_faults) {
    endpoint.on(match("TransactWriteItems")).rate(0.1).drop_connection(testing::drop_time::after_forwarding);
    endpoint.on(match("TransactWriteItems")).rate(0.1).drop_connection(testing::drop_time::before_forwarding);
    endpoint.on(match("TransactWriteItems")).rate(0.1).conflict_with_transaction();
    endpoint.on(match("UpdateItem")).rate(0.1).drop_connection(testing::drop_time::after_forwarding);
    endpoint.on(match("DeleteItem")).rate(0.1).drop_connection(testing::drop_time::after_forwarding);
    endpoint.on(match("GetItem")).rate(0.1).drop_connection(testing::drop_time::before_forwarding);
    std::mt19937_64 random(11);
    std::size_t done = 0, refused = 0;
    constexpr int workers = 24, steps = 12;
    struct worker {
        repository<Person> persons;
        repository<tracked<Person>> tracked_persons;
        std::uint64_t seed;
        std::size_t* done;
        std::size_t* refused;

        void note(std::optional<failure> const& failed) const {
            if (!failed) {
                ++*done;
                return;
            }
            if (failed->code == errc::not_unique) ++*refused;
            EXPECT_TRUE(may_happen(*failed)) << failed->to_string();
        }
        boost::asio::awaitable<void> work() const {
            std::mt19937_64 own(seed);
            for (int step = 0; step < steps; ++step) {
                Person p;
                p.id = "u" + std::to_string(own() % 8);
                p.email = std::string(1, static_cast<char>('a' + own() % 5));
                if (own() % 2 == 0) p.phone = static_cast<std::int64_t>(own() % 3);
                std::optional<failure> failed;
                try {
                    auto const what = own() % 5;
                    if (what == 0) {
                        auto op = persons.create(p);
                        co_await std::move(op);
                    } else if (what == 1) {
                        auto op = persons.save(p);
                        co_await std::move(op);
                    } else if (what == 2) {
                        auto op = persons.remove_key(p.id);
                        (void)co_await std::move(op);
                    } else if (what == 3) {
                        auto op = persons.remove(p);
                        (void)co_await std::move(op);
                    } else {
                        auto reading = tracked_persons.find(p.id);
                        auto read = co_await std::move(reading);
                        if (!read) continue;
                        (*read)->email = p.email;
                        auto op = tracked_persons.save(*read);
                        co_await std::move(op);
                    }
                } catch (error const& e) {
                    failed = e.as_failure();
                }
                note(failed);
            }
        }
    };
    std::vector<worker> all;
    for (int i = 0; i < workers; ++i) all.push_back({persons, tracked_persons, random(), &done, &refused});
    std::vector<test::task<void>> tasks;
    for (auto const& one : all) tasks.push_back(start(one.work()));
    for (auto& t : tasks) finish(t);
    endpoint.clear_rules();
    EXPECT_GT(done, 50u);
    EXPECT_GT(refused, 10u);
    expect_agreement();
    EXPECT_TRUE(is_quiet(db));
}

} // namespace
} // namespace dynasio
