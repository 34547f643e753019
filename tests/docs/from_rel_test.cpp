// The constructs of REL's page about associations and their equivalents, as docs/from-other-libraries.md shows them,
// run against a server, or against an endpoint that answers as the test says. Parts between `//[name` and `//]` appear
// there word for word.

#include <dynasio/testing/fault_endpoint.hpp>
#include <dynasio/testing/run.hpp>

#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/autosave.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/on_remove.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/transaction.hpp>
#include <dynasio/orm/verify.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "docs/database.hpp"
#include "docs/request_meter.hpp"

namespace from_rel {

//[model
struct Transaction;
struct Address;

struct User {
    std::string id{}, name{};
    std::optional<int> age{};
    dynasio::timestamp created_at{}, updated_at{};
    dynasio::has_many<Transaction> transactions{}; // fk:"buyer_id"
    dynasio::has_one<Address> address{};           // autosave, autoload
};
struct Transaction {
    std::string id{}, item{}, status{}, buyer_id{};
    dynasio::belongs_to<User> buyer{};
};
struct Address {
    std::string id{}, city{};
    std::optional<std::string> user_id{};
    dynasio::belongs_to<User> user{};
};

constexpr auto dynasio_schema(dynasio::tag<User>) {
    using namespace dynasio::dsl;
    return entity<User>(partition_key<&User::id>, timestamps<&User::created_at, &User::updated_at>,
                        relate<&User::transactions>(by<&Transaction::buyer_id>),
                        relate<&User::address>(by<&Address::user_id>),
                        autosave<&User::address>(),         // with every create() and save()
                        on_remove<&User::address>(cascade), // and with every remove()
                        autoload<&User::address>());        // with every read
}
constexpr auto dynasio_schema(dynasio::tag<Transaction>) {
    using namespace dynasio::dsl;
    return entity<Transaction>(partition_key<&Transaction::id>, gsi<&Transaction::buyer_id>{"by_buyer"},
                               relate<&Transaction::buyer>(by<&Transaction::buyer_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Address>) {
    using namespace dynasio::dsl;
    return entity<Address>(partition_key<&Address::id>, gsi<&Address::user_id>{"by_user"},
                           relate<&Address::user>(by<&Address::user_id>));
}
//]
static_assert(dynasio::verify<User, Transaction, Address>());

namespace {

namespace asio = boost::asio;
using namespace dynasio::dsl;

//[preload
asio::awaitable<void> preload(dynasio::client db, Transaction& transaction, User& user) {
    repository<Transaction> transactions{db};
    repository<User> users{db};
    co_await transactions.load<&Transaction::buyer>(transaction); // Preload(&transaction, "buyer")
    co_await users.load<&User::address>(user);                    // Preload(&user, "address")
    co_await users.load<&User::transactions>(user);               // Preload(&user, "transactions")
    std::cout << transaction.buyer->name << ", " << user.address->city << ", " << user.transactions.size() << '\n';

    // Preload(&user, "transactions", where.Eq("status", "paid")); reload, because all of them are there already
    co_await users.load<&User::transactions>(user, field<&Transaction::status> == "paid", reload);
    std::cout << user.transactions.size() << " paid\n";
}
//]

//[preload_nested
asio::awaitable<void> preload_addresses(dynasio::client db, std::vector<Transaction>& several) {
    repository<Transaction> transactions{db};
    // Preload(&several, "buyer.address")
    co_await transactions.load<&Transaction::buyer>(several, with<&User::address>());
    for (Transaction const& one : several) std::cout << one.item << " to " << one.buyer->address->city << '\n';
}
//]

//[join
asio::awaitable<void> list_with_buyers(dynasio::client db) {
    repository<Transaction> transactions{db};
    // FindAll(&transactions, Select("*", "buyer.*").JoinAssoc("buyer"))
    auto const all = co_await transactions.scan(with<&Transaction::buyer>(without_autoload)).all();
    for (Transaction const& one : all)
        std::cout << one.item << " for " << (one.buyer ? one.buyer->name : "nobody") << '\n';
}
//]

//[insert
asio::awaitable<User> insert(dynasio::client db) {
    User user{.name = "Bob"};
    user.address.set(Address{.city = "Bergen"});
    co_await repository<User>{db}.create(user); // Insert(&user): both, or neither
    std::cout << (user.address->user_id == user.id) << ' ' << user.address->id.size() << '\n';
    co_return user;
}
//]

//[update
asio::awaitable<void> update(dynasio::client db, std::string id) {
    repository<User> users{db};
    User user = co_await users.get(id); // with the address, which is what makes it known
    user.name = "Robert";
    user.address.edit().city = "Narvik";
    co_await users.save(user); // Update(&user): the user, and the city of the address

    repository<tracked<User>> changes{db};
    auto same = co_await changes.get(id);
    same->address.edit().city = "Molde";
    co_await changes.save(same); // Update(&user, rel.Map{"address": …}): the city alone
}
//]

//[set_to
asio::awaitable<void> set_city(dynasio::client db, std::string address_id) {
    Address const after = co_await repository<Address>{db}.update(address_id, set_to<&Address::city>("Tromso"));
    std::cout << after.city << '\n'; // nothing was read before
}
//]

//[remove
asio::awaitable<void> remove(dynasio::client db, User const& user) {
    bool const existed = co_await repository<User>{db}.remove(user); // and the address
    std::cout << existed << '\n';
}
//]

/// What the expectations below are about: a program's own functions.
asio::awaitable<std::string> city_of(dynasio::client db, User user) {
    repository<User> users{db};
    co_await users.load<&User::address>(user);
    co_return user.address ? user.address->city : "unknown";
}
std::string label_of(User const& user) { return user.name + ", " + (user.address ? user.address->city : "unknown"); }

//[expect
TEST(docs_from_rel_expectations, preload) { // ExpectPreload("address").Result(address)
    using namespace dynasio::testing;
    fault_endpoint endpoint; // no server behind it
    endpoint.expect(match("Query").table("addresses").index("by_user"))
        .answer_json(R"({"Count":1,"Items":[{"id":{"S":"1"},"city":{"S":"Oslo"},"user_id":{"S":"u1"}}]})");

    asio::io_context io;
    dynasio::client db(io, options_for(endpoint.url()));
    EXPECT_EQ(run(io, city_of(db, User{.id = "u1"})), "Oslo");
    EXPECT_TRUE(endpoint.unmet().empty());
}

TEST(docs_from_rel_expectations, insert) { // ExpectInsert().ForType("User")
    using namespace dynasio::testing;
    fault_endpoint endpoint;
    endpoint.expect(match("TransactWriteItems").table("users")).answer_json("{}");

    asio::io_context io;
    dynasio::client db(io, options_for(endpoint.url()));
    User const user = run(io, insert(db));
    EXPECT_TRUE(endpoint.unmet().empty());
    EXPECT_EQ(user.address->user_id, user.id);
}

TEST(docs_from_rel_expectations, update) { // ExpectUpdate(mutation).ForType("Address")
    using namespace dynasio::testing;
    fault_endpoint endpoint;
    endpoint.expect(match("UpdateItem").table("addresses").key_containing("a1").body_containing("Tromso"))
        .answer_json(R"({"Attributes":{"id":{"S":"a1"},"city":{"S":"Tromso"}}})");

    asio::io_context io;
    dynasio::client db(io, options_for(endpoint.url()));
    run(io, set_city(db, "a1"));
    EXPECT_TRUE(endpoint.unmet().empty());
}
//]

//[expect_find
TEST(docs_from_rel_expectations, find_all) { // ExpectFindAll(…JoinAssoc("buyer")).Result(transactions)
    using namespace dynasio::testing;
    fault_endpoint endpoint;
    endpoint.expect(match("Scan").table("transactions"))
        .answer_json(R"({"Count":1,"Items":[{"id":{"S":"1"},"item":{"S":"Book"},"buyer_id":{"S":"2"}}]})");
    endpoint.expect(match("BatchGetItem").table("users"))
        .answer_json(R"({"Responses":{"users":[{"id":{"S":"2"},"name":{"S":"Ann"}}]}})");

    asio::io_context io;
    dynasio::client db(io, options_for(endpoint.url()));
    ::testing::internal::CaptureStdout();
    run(io, list_with_buyers(db));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "Book for Ann\n");
}
//]

//[no_request
TEST(docs_from_rel_expectations, without_any_request) {
    User user{.name = "Ann"};
    user.address.set(Address{.city = "Oslo"}); // as if a load had filled it
    EXPECT_EQ(label_of(user), "Ann, Oslo");
    user.address.set(nullptr); // loaded, and there is none
    EXPECT_EQ(label_of(user), "Ann, unknown");
}
//]

class docs_from_rel : public guide::docs_database<User, Transaction, Address> {
protected:
    void SetUp() override {
        docs_database::SetUp();
        user_ = saved(User{.id = "u1", .name = "Ann"});
        saved(Address{.id = "a1", .city = "Oslo", .user_id = "u1"});
        first_ = saved(Transaction{.id = "t1", .item = "Book", .status = "paid", .buyer_id = "u1"});
        second_ = saved(Transaction{.id = "t2", .item = "Sword", .status = "open", .buyer_id = "u1"});
    }
    User user_;
    Transaction first_, second_;
};

TEST_F(docs_from_rel, preload) {
    guide::request_meter requests(db_);
    EXPECT_EQ(printed_by(preload(db_, first_, user_)), "Ann, Oslo, 2\n1 paid\n");
    // The buyer comes with the address that the schema autoloads.
    EXPECT_EQ(requests.sent(), "BatchGetItem 1, Query 4");
    std::vector<Transaction> several{first_, second_};
    several[0].buyer.unload();
    EXPECT_EQ(printed_by(preload_addresses(db_, several)), "Book to Oslo\nSword to Oslo\n");
    EXPECT_EQ(requests.sent(), "BatchGetItem 1, Query 1"); // one buyer, one address
}

TEST_F(docs_from_rel, join) {
    guide::request_meter requests(db_);
    auto const listed = printed_by(list_with_buyers(db_));
    EXPECT_NE(listed.find("Sword for Ann\n"), std::string::npos) << listed;
    EXPECT_EQ(requests.sent(), "BatchGetItem 1, Scan 1");
}

TEST_F(docs_from_rel, autosave) {
    guide::request_meter requests(db_);
    ::testing::internal::CaptureStdout();
    auto const user = run(insert(db_));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "1 26\n");
    EXPECT_EQ(requests.sent(), "TransactWriteItems 1");

    run(update(db_, user.id));
    EXPECT_EQ(requests.sent(), "GetItem 2, Query 2, TransactWriteItems 1, UpdateItem 1");
    auto const stored = run(repository<User>(db_).get(user.id));
    EXPECT_EQ(stored.name, "Robert");
    EXPECT_EQ(stored.address->city, "Molde");
    EXPECT_EQ(stored.address->id, user.address->id);

    requests.sent();
    EXPECT_EQ(printed_by(set_city(db_, user.address->id)), "Tromso\n");
    EXPECT_EQ(requests.sent(), "UpdateItem 1");

    EXPECT_EQ(printed_by(remove(db_, stored)), "1\n");
    EXPECT_EQ(requests.sent(), "DeleteItem 2, Query 1");
    EXPECT_FALSE(run(repository<Address>(db_).find(user.address->id)));
}

} // namespace
} // namespace from_rel
