#include <dynasio/orm/along.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/relation_summary.hpp>
#include <dynasio/orm/schema_export.hpp>
#include <dynasio/orm/transaction.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <cstddef>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"

// Links of an entity with others of its type that lead both ways.
namespace friendships {

using namespace dynasio::dsl;

struct Person {
    std::string id{};
    std::string name{};
    belongs_to_many<Person> friends{};
    belongs_to_many<Person> neighbours{};
    has_many_through<Person> friends_of_friends{};
};

constexpr auto dynasio_schema(tag<Person>) {
    return entity<Person>(
        table{"persons"}, partition_key<&Person::id>, relate<&Person::friends>(symmetric),
        relate<&Person::neighbours>(symmetric, pivot_table{"neighbourhood"}.key("one", "other").created_at("since")),
        relate<&Person::friends_of_friends>(through<&Person::friends, &Person::friends>));
}

static_assert(verify<Person>());

} // namespace friendships

namespace dynasio::symmetric_tests {
namespace {

using friendships::Person;

class symmetric_links_against : public test::database_test {
protected:
    explicit symmetric_links_against(char const* variable) : test::database_test(variable) {}

    void SetUp() override {
        create_tables<Person>();
        for (auto const* const id : {"ann", "bob", "cid", "dan"}) {
            all.emplace_back();
            all.back().id = id;
            all.back().name = std::string("name of ") + id;
        }
        save_all(all);
    }

    std::string friends_of(std::string const& id) {
        return ids(run(repository<Person>(direct).get(id, with<&Person::friends>(), consistent)).friends);
    }
    auto friends(std::size_t i) { return people.related<&Person::friends>(std::as_const(all[i])); }

    std::vector<Person> all;
    repository<Person> people{db};
};

class symmetric_links : public symmetric_links_against {
protected:
    symmetric_links() : symmetric_links_against("DYNAMODB_ENDPOINT") {}
};
class second_server_symmetric_links : public symmetric_links_against {
protected:
    second_server_symmetric_links() : symmetric_links_against("DYNASIO_DYNALITE_ENDPOINT") {}
};

TEST_F(symmetric_links, are_seen_from_both_ends_whoever_makes_and_ends_them) {
    run(friends(0).attach(all[1], pivot("met", "school")));
    EXPECT_EQ(friends_of("ann"), "bob");
    EXPECT_EQ(friends_of("bob"), "ann");
    auto const bob = run(people.get("bob", with<&Person::friends>()));
    EXPECT_EQ(bob.friends.pivots().front().find("met")->as_string(), "school");

    run(friends(1).attach(all[0])); // again, from the other end
    auto const ann = run(people.get("ann", with<&Person::friends>()));
    EXPECT_EQ(ann.friends.pivots().front().find("met")->as_string(), "school") << "its data stay";
    EXPECT_EQ(ann.friends.pivots().front().created_at(), bob.friends.pivots().front().created_at());

    EXPECT_TRUE(run(friends(1).detach("ann")));
    EXPECT_EQ(friends_of("ann"), "");
    EXPECT_EQ(friends_of("bob"), "");
    EXPECT_FALSE(run(friends(1).detach("ann")));
}

TEST_F(symmetric_links, of_a_sync_change_the_lists_of_the_others) {
    run(friends(1).attach(all[2]));
    std::vector<std::string> wanted{"bob", "cid"};
    static_cast<void>(run(friends(0).sync(wanted)));
    EXPECT_EQ(friends_of("bob"), "ann cid");
    EXPECT_EQ(friends_of("cid"), "ann bob");
    wanted = {"dan"};
    auto const changed = run(friends(0).sync(wanted));
    EXPECT_EQ(changed.attached.size(), 1U);
    EXPECT_EQ(changed.detached.size(), 2U);
    EXPECT_EQ(friends_of("ann"), "dan");
    EXPECT_EQ(friends_of("bob"), "cid");
    EXPECT_EQ(friends_of("dan"), "ann");
    EXPECT_FALSE(run(friends(3).toggle("ann")));
    EXPECT_EQ(friends_of("ann"), "");
}

TEST_F(symmetric_links, are_written_by_transactions_and_graphs) {
    transaction tx(db);
    tx.attach<&Person::friends>(all[0], all[1]).attach<&Person::friends>(all[2], all[1]);
    run(tx.commit());
    EXPECT_EQ(friends_of("bob"), "ann cid");
    transaction undo(db);
    undo.detach<&Person::friends>(all[1], all[2]);
    run(undo.commit());
    EXPECT_EQ(friends_of("cid"), "");

    auto eve = Person();
    eve.id = "eve";
    std::vector<Person> two{all[2], all[3]};
    eve.friends.set(two);
    run(people.save(eve, along<&Person::friends>()));
    EXPECT_EQ(friends_of("eve"), "cid dan");
    EXPECT_EQ(friends_of("dan"), "eve");
    two.pop_back();
    eve.friends.set(two);
    run(people.save(eve, along<&Person::friends>(replace_missing)));
    EXPECT_EQ(friends_of("eve"), "cid");
    EXPECT_EQ(friends_of("dan"), "");
}

TEST_F(symmetric_links, lead_on_and_are_counted_like_others) {
    run(friends(0).attach(all[1]));
    run(friends(1).attach(all[2]));
    run(friends(0).attach(all[0])); // with itself
    auto const ann = run(people.get("ann", with<&Person::friends_of_friends>(), with_count<&Person::friends>()));
    EXPECT_EQ(ids(ann.friends_of_friends), "ann bob cid");
    EXPECT_EQ(ann.friends.count(), 2U);
    EXPECT_EQ(run(friends(0).count_links()), 2U);
    EXPECT_EQ(run(friends(0).exists()), true);
    auto const summary = describe_relations<Person>().front();
    EXPECT_TRUE(summary.symmetric);
    EXPECT_EQ(to_string(summary), "Person.friends: symmetric belongs_to_many Person, reads pivots, persons");
    EXPECT_NE(schema_as_json<Person>().find(R"("symmetric":true)"), std::string::npos);
}

TEST_F(symmetric_links, in_a_table_of_others_are_two_rows_of_that_table) {
    auto const neighbours = people.related<&Person::neighbours>(std::as_const(all[0]));
    run(neighbours.attach(all[1], pivot("fence", true)));
    auto const stored = run(direct.scan(dynamodb::scan_request(prefix + "neighbourhood")));
    std::set<std::string> rows;
    for (auto const& row : *stored.items) rows.insert(row.at("one").as_string() + '-' + row.at("other").as_string());
    EXPECT_EQ(rows, (std::set<std::string>{"ann-bob", "bob-ann"}));
    // One that another program has written by halves.
    dynamodb::item half;
    half.emplace("one", "cid");
    half.emplace("other", "ann");
    run(direct.put_item(dynamodb::put_item_request(prefix + "neighbourhood", half)));
    EXPECT_FALSE(run(neighbours.detach("cid"))) << "ann does not see it";
    EXPECT_EQ(run(people.related<&Person::neighbours>(std::as_const(all[2])).count_links()), 0U);
    EXPECT_EQ(run(people.related<&Person::friends>(std::as_const(all[0])).count_links()), 0U);
}

TEST_F(symmetric_links, of_an_entity_that_is_not_saved_are_refused_before_anything_is_sent) {
    Person const nobody;
    auto const before = endpoint.requests().size();
    EXPECT_EQ(failure_of(friends(0).attach(nobody)).code, errc::entity_not_saved);
    EXPECT_EQ(failure_of(people.related<&Person::friends>(nobody).detach("ann")).code, errc::entity_not_saved);
    EXPECT_EQ(endpoint.requests().size(), before);
}

TEST_F(symmetric_links, that_many_change_at_once_through_a_bad_network_are_seen_alike_by_both) {
    using testing::drop_time;
    for (unsigned seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        endpoint.on(testing::match()).rate(0.05).drop_connection(drop_time::before_forwarding);
        endpoint.on(testing::match()).rate(0.08).drop_connection(drop_time::after_forwarding);
        auto const work = [this](unsigned long from) -> boost::asio::awaitable<void> {
            std::mt19937_64 random(from);
            for (int i = 0; i < 6; ++i) {
                auto const who = friends(random() % all.size());
                std::string const other = all[random() % all.size()].id;
                switch (random() % 4) {
                case 0: {
                    auto op = as_result(who.attach(other));
                    static_cast<void>(co_await std::move(op));
                    break;
                }
                case 1: {
                    auto op = as_result(who.detach(other));
                    static_cast<void>(co_await std::move(op));
                    break;
                }
                case 2: {
                    auto op = as_result(who.toggle(other));
                    static_cast<void>(co_await std::move(op));
                    break;
                }
                default: {
                    std::vector<std::string> some;
                    for (auto const& each : all)
                        if (random() % 2 == 0) some.push_back(each.id);
                    auto op = as_result(who.sync(some));
                    static_cast<void>(co_await std::move(op));
                }
                }
            }
        };
        std::vector<test::task<void>> running;
        for (unsigned worker = 0; worker < 5; ++worker) running.push_back(start(work(seed * 10 + worker)));
        for (auto& one : running) finish(one);
        endpoint.clear_rules();
        std::map<std::string, std::string> seen;
        for (auto const& each : all) seen[each.id] = friends_of(each.id);
        for (auto const& [a, of_a] : seen)
            for (auto const& [b, of_b] : seen)
                EXPECT_EQ(of_a.find(b) != std::string::npos, of_b.find(a) != std::string::npos)
                    << a << " sees " << of_a << ", " << b << " sees " << of_b;
    }
}

TEST_F(second_server_symmetric_links, are_seen_from_both_ends) {
    // This server has no transactions, which these links are written by.
    auto const e = failure_of(friends(0).attach(all[1]));
    EXPECT_EQ(e.code, service_errc::unknown_operation) << e.to_string();
    for (auto const& [left, right] : {std::pair("ann", "bob"), std::pair("bob", "ann")}) {
        dynamodb::item row;
        row.emplace("pk", "persons_friends#" + std::string(left));
        row.emplace("sk", right);
        row.emplace("pivot_key", "persons_friends");
        row.emplace("id_left", left);
        row.emplace("id_right", right);
        run(direct.put_item(dynamodb::put_item_request(prefix + "pivots", std::move(row))));
    }
    EXPECT_EQ(friends_of("ann"), "bob");
    EXPECT_EQ(friends_of("bob"), "ann");
}

} // namespace
} // namespace dynasio::symmetric_tests
