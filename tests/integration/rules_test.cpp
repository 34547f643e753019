#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/transaction.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <cctype>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Rules, transforms and hooks of entities against a real server.
namespace ruled {

using namespace dynasio::dsl;

/// What the hooks have seen, in order.
inline std::vector<std::string> seen;
/// The hook that is to throw.
inline std::string failing;

inline void see(std::string what) {
    seen.push_back(what);
    if (what == failing) throw std::runtime_error("refused by " + what);
}

struct Person;
struct Letter {
    std::string id{};
    std::string sender_id{};
    std::string text{};
    dynasio::belongs_to<Person> sender{};
};
struct Person {
    std::string id{};
    std::string email{};
    std::optional<std::string> nick{};
    int age{};
    std::vector<std::string> tags{};
    dynasio::timestamp deleted_at{};
    std::uint64_t version{};
    std::string derived{};
};

constexpr auto dynasio_schema(dynasio::tag<Letter>) {
    return entity<Letter>(table{"letters"}, partition_key<&Letter::id>, gsi<&Letter::sender_id>{"by_sender"},
                          relate<&Letter::sender>(by<&Letter::sender_id>), required<&Letter::sender>);
}
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    return entity<Person>(
        table{"persons"}, partition_key<&Person::id>, version<&Person::version>, soft_delete<&Person::deleted_at>,
        transient<&Person::derived>, required<&Person::email>, required<&Person::tags>,
        check<&Person::age>([](int age) { return age >= 0; }, "must not be negative"),
        check<&Person::nick>([](std::string const& nick) { return nick.size() < 5; }, "has at most 4 characters"),
        check([](Person const& p) { return p.nick != p.email; }, "nick and email differ"),
        normalize<&Person::email>([](std::string& text) {
            for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }),
        normalize<&Person::nick>([](std::optional<std::string> const& nick) {
            return nick == "none" ? std::optional<std::string>() : nick;
        }),
        before_create([](Person&) { see("before_create"); }),
        before_save([](Person& p) -> boost::asio::awaitable<void> {
            co_await boost::asio::post(co_await boost::asio::this_coro::executor, boost::asio::use_awaitable);
            if (p.tags.empty()) p.tags.push_back("by hook");
            see("before_save");
        }),
        after_create([](Person& p) { see("after_create " + std::to_string(p.version)); }),
        after_save([](Person& p) { see("after_save " + std::to_string(p.version)); }),
        before_remove([](Person const&) { see("before_remove"); }),
        after_remove([](Person const&) { see("after_remove"); }), before_trash([](Person&) { see("before_trash"); }),
        after_trash([](Person&) { see("after_trash"); }), before_restore([](Person&) { see("before_restore"); }),
        after_restore([](Person&) { see("after_restore"); }), after_read([](Person& p) { p.derived = p.email + "!"; }));
}

} // namespace ruled

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using ruled::Letter;
using ruled::Person;
using words = std::vector<std::string>;

class rules_test : public test::database_test {
protected:
    void SetUp() override {
        ruled::failing.clear();
        create_tables<Person, Letter>();
        ruled::seen.clear();
    }
    static Person valid_person() {
        Person p;
        p.email = "Ann@B.C";
        return p;
    }
    static words take_seen() { return std::exchange(ruled::seen, {}); }
    std::size_t sent() const { return endpoint.requests().size(); }
    /// The text of an exception that is none of the library's.
    template <class T> std::string text_of_failure(boost::asio::awaitable<T> op) {
        try {
            run(std::move(op));
        } catch (std::runtime_error const& e) {
            return e.what();
        }
        return "nothing was thrown";
    }
    repository<Person> persons{db};
    repository<Letter> letters{db};
};

TEST_F(rules_test, all_violations_are_reported_before_anything_is_sent) {
    Person p;
    p.id = "p";
    p.age = -1;
    p.nick = "much too long";
    auto const before = sent();
    auto const refused = failure_of(persons.save(p));
    EXPECT_EQ(sent(), before);
    EXPECT_EQ(refused.code, errc::invalid_entity);
    EXPECT_EQ(refused.info->entity, "Person");
    EXPECT_EQ(refused.info->key, R"({"id":{"S":"p"}})");
    std::vector<violation> const expected{
        {"email", "is required"}, {"age", "must not be negative"}, {"nick", "has at most 4 characters"}};
    EXPECT_EQ(refused.info->violations, expected);
    EXPECT_EQ(refused.info->message, "an entity Person is not valid: email is required; age must not be negative; nick "
                                     "has at most 4 characters");
    EXPECT_EQ(p.version, 0U);
    EXPECT_EQ(failure_of(persons.create(p)).code, errc::invalid_entity);
}

TEST_F(rules_test, a_rule_of_the_whole_entity_sees_what_is_stored) {
    Person p = valid_person();
    p.email = "X";
    p.nick = "x";
    auto const refused = failure_of(persons.save(p));
    EXPECT_EQ(refused.info->violations, std::vector<violation>(1, violation{"", "nick and email differ"}));
    EXPECT_EQ(p.email, "X") << "a failed save leaves the entity alone";
}

TEST_F(rules_test, a_required_relation_needs_its_foreign_key) {
    Letter letter;
    auto const refused = failure_of(letters.save(letter));
    EXPECT_EQ(refused.info->violations, std::vector<violation>(1, violation{"sender", "is required"}));
    letter.sender_id = "p";
    run(letters.save(letter));
}

TEST_F(rules_test, transforms_change_what_is_stored_and_then_the_entity) {
    Person p = valid_person();
    p.nick = "none";
    run(persons.create(p));
    EXPECT_EQ(p.email, "ann@b.c");
    EXPECT_EQ(p.nick, std::nullopt);
    auto const stored = run(persons.get(p.id));
    EXPECT_EQ(stored.email, "ann@b.c");
    EXPECT_EQ(stored.nick, std::nullopt);
    p.email = "ANN@B.C";
    auto stale = stored;
    run(persons.save(p));
    EXPECT_EQ(p.email, "ann@b.c");
    stale.email = "BOB";
    EXPECT_EQ(failure_of(persons.save(stale)).code, errc::stale_version);
    EXPECT_EQ(stale.email, "BOB");
}

TEST_F(rules_test, a_tracked_save_compares_what_the_transforms_make) {
    Person p = valid_person();
    run(persons.create(p));
    repository<tracked<Person>> const tracked_persons(db);
    auto person = run(tracked_persons.get(p.id));
    person->email = "ANN@b.c";
    auto const before = sent();
    run(tracked_persons.save(person));
    EXPECT_EQ(sent(), before) << "what would be stored has not changed";
    person->email = "BOB";
    run(tracked_persons.save(person));
    EXPECT_EQ(person->email, "bob");
    EXPECT_FALSE(person.has_changes());
    person->email.clear();
    EXPECT_EQ(failure_of(tracked_persons.save(person)).code, errc::invalid_entity);
}

TEST_F(rules_test, hooks_are_called_around_each_operation) {
    Person p = valid_person();
    run(persons.save(p));
    EXPECT_EQ(take_seen(), (words{"before_create", "before_save", "after_create 1", "after_save 1"}));
    EXPECT_EQ(p.tags, words{"by hook"}) << "a hook before the rules can satisfy them";
    p.age = 3;
    run(persons.save(p));
    EXPECT_EQ(take_seen(), (words{"before_save", "after_save 2"}));
    run(persons.trash(p));
    run(persons.restore(p));
    EXPECT_EQ(take_seen(), (words{"before_trash", "after_trash", "before_restore", "after_restore"}));
    EXPECT_TRUE(run(persons.remove(p)));
    EXPECT_EQ(take_seen(), (words{"before_remove", "after_remove"}));
    EXPECT_FALSE(run(persons.remove_key(p.id)));
    EXPECT_TRUE(take_seen().empty());
}

TEST_F(rules_test, every_read_calls_the_hook_of_reads) {
    Person p = valid_person();
    run(persons.create(p));
    Letter letter;
    letter.sender_id = p.id;
    run(letters.save(letter));
    EXPECT_EQ(run(persons.get(p.id)).derived, "ann@b.c!");
    EXPECT_EQ(run(persons.scan().first())->derived, "ann@b.c!");
    std::vector<std::string> const keys(1, p.id);
    EXPECT_EQ(run(persons.find_many(keys))[0]->derived, "ann@b.c!");
    EXPECT_EQ(run(letters.get(letter.id, with<&Letter::sender>())).sender->derived, "ann@b.c!");
}

TEST_F(rules_test, a_hook_that_throws_before_the_request_lets_nothing_be_sent) {
    Person p = valid_person();
    run(persons.create(p));
    auto const before = sent();
    for (auto const& [hook, op] : {std::pair<std::string, int>("before_save", 0),
                                   {"before_trash", 1},
                                   {"before_restore", 2},
                                   {"before_remove", 3}}) {
        ruled::failing = hook;
        auto const text = op == 0   ? text_of_failure(persons.save(p))
                          : op == 1 ? text_of_failure(persons.trash(p))
                          : op == 2 ? text_of_failure(persons.restore(p))
                                    : text_of_failure(persons.remove(p));
        EXPECT_EQ(text, "refused by " + hook);
        EXPECT_EQ(sent(), before);
        EXPECT_EQ(p.version, 1U);
    }
}

TEST_F(rules_test, hooks_after_a_write_are_called_after_success_alone) {
    Person p = valid_person();
    run(persons.create(p));
    Person stale = p;
    run(persons.save(p));
    ruled::seen.clear();
    EXPECT_EQ(failure_of(persons.save(stale)).code, errc::stale_version);
    EXPECT_EQ(take_seen(), words{"before_save"});
    ruled::failing = "after_trash";
    EXPECT_EQ(text_of_failure(persons.trash(p)), "refused by after_trash");
    EXPECT_TRUE(is_trashed(p)) << "the write has happened";
    ruled::failing.clear();
    EXPECT_TRUE(is_trashed(run(persons.get(p.id))));
}

TEST_F(rules_test, a_transaction_calls_hooks_around_its_commit) {
    Person first = valid_person(), second = valid_person();
    run(persons.create(second));
    ruled::seen.clear();
    transaction tx(db);
    tx.create(first).trash(second);
    auto const before = sent();
    ruled::failing = "before_trash";
    EXPECT_EQ(text_of_failure(tx.commit()), "refused by before_trash");
    EXPECT_EQ(sent(), before);
    EXPECT_EQ(take_seen(), (words{"before_create", "before_save", "before_trash"}));
    ruled::failing.clear();
    run(tx.commit());
    EXPECT_EQ(take_seen(),
              (words{"before_create", "before_save", "before_trash", "after_create 1", "after_save 1", "after_trash"}));
    EXPECT_EQ(first.email, "ann@b.c");
    EXPECT_TRUE(is_trashed(second));

    Person third = valid_person();
    third.age = -1;
    transaction wrong(db);
    wrong.create(third);
    EXPECT_EQ(failure_of(wrong.commit()).code, errc::invalid_entity);
    EXPECT_EQ(take_seen(), (words{"before_create", "before_save"}));
}

TEST_F(rules_test, a_save_with_nothing_to_write_calls_no_hooks_after_it) {
    Person p = valid_person();
    run(persons.create(p));
    repository<tracked<Person>> const all(db);
    std::vector<tracked<Person>> unchanged(1, run(all.get(p.id)));
    ruled::seen.clear();
    run(all.save(unchanged[0]));
    EXPECT_EQ(take_seen(), words{"before_save"});
    EXPECT_TRUE(run(all.save_many(unchanged)).all_stored());
    EXPECT_EQ(take_seen(), words{"before_save"});
    Person other = valid_person();
    transaction tx(db);
    tx.save(unchanged[0]).create(other);
    run(tx.commit());
    EXPECT_EQ(take_seen(), (words{"before_save", "before_create", "before_save", "after_create 1", "after_save 1"}));
}

TEST_F(rules_test, writes_of_many_call_hooks_and_keep_what_is_not_valid) {
    std::vector<Person> many(3, valid_person());
    many[1].age = -1;
    auto const done = run(persons.create_many(many));
    EXPECT_TRUE(done[0].has_value());
    ASSERT_TRUE(done[1].has_error());
    EXPECT_EQ(done[1].error().code, errc::invalid_entity);
    EXPECT_TRUE(done[2].has_value());
    EXPECT_EQ(take_seen(), (words{"before_create", "before_save", "before_create", "before_save", "before_create",
                                  "before_save", "after_create 1", "after_save 1", "after_create 1", "after_save 1"}));
    EXPECT_EQ(many[1].version, 0U);
    ruled::failing = "before_save";
    auto const before = sent();
    EXPECT_EQ(text_of_failure(persons.save_many(many)), "refused by before_save");
    EXPECT_EQ(sent(), before);
}

} // namespace
} // namespace dynasio
