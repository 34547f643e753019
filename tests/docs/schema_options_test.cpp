// The code about rides, invoices, accounts and guests in docs/entities.md, run against a server. Parts between
// `//[name` and `//]` appear there word for word.

//[computed
#include <dynasio/orm/repository.hpp>

struct Ride {
    std::string id{};
    std::string city{}, note{};
    bool open{};
    dynasio::timestamp asked_at{};

    std::optional<std::string> open_in() const { return open ? std::optional(city) : std::nullopt; }
};
constexpr auto dynasio_schema(dynasio::tag<Ride>) {
    using namespace dynasio::dsl;
    return entity<Ride>(partition_key<&Ride::id>, computed<&Ride::open_in, &Ride::open, &Ride::city>,
                        gsi<&Ride::open_in, &Ride::asked_at>{"by_open"});
}
//]

//[embedded
struct Meta {
    std::string id{};
    dynasio::timestamp created_at{}, updated_at{}, deleted_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Meta>) {
    using namespace dynasio::dsl;
    return embeddable<Meta>(partition_key<&Meta::id>, timestamps<&Meta::created_at, &Meta::updated_at>,
                            soft_delete<&Meta::deleted_at>);
}

struct Invoice {
    Meta meta{};
    std::string customer_id{};
    int cents{};
};
constexpr auto dynasio_schema(dynasio::tag<Invoice>) {
    using namespace dynasio::dsl;
    return entity<Invoice>(embed<&Invoice::meta>,
                           gsi<&Invoice::customer_id, embedded<&Invoice::meta, &Meta::created_at>>{"by_customer"});
}
//]

//[members
class Account {
public:
    Account() = default;
    explicit Account(std::string owner) : owner_(std::move(owner)) {}
    int balance() const { return balance_; }
    void pay_in(int amount) { balance_ += amount, ++changes_; }

private:
    std::string id_{}, owner_{};
    int balance_{};
    int changes_{}; // not listed, so not stored

    friend constexpr auto dynasio_schema(dynasio::tag<Account>) {
        using namespace dynasio::dsl;
        return entity<Account>(members<&Account::id_, &Account::owner_, &Account::balance_>,
                               partition_key<&Account::id_>, attribute<&Account::balance_>{"cents"});
    }
};
//]

//[defaults
#include <dynasio/orm/rules.hpp>

struct Guest {
    std::string id{}, name{}, alias{}, plan{};
};
constexpr auto dynasio_schema(dynasio::tag<Guest>) {
    using namespace dynasio::dsl;
    return entity<Guest>(partition_key<&Guest::id>, default_value<&Guest::plan>([] { return "basic"; }),
                         default_value<&Guest::alias>([](Guest const& guest) { return guest.name; }));
}
//]

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/update.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "docs/database.hpp"

namespace guide {
namespace {

namespace asio = boost::asio;
using namespace dynasio::dsl;

//[computed_use
asio::awaitable<void> serve(dynasio::client db) {
    repository<Ride> rides{db};
    Ride ride{.id = "r1", .city = "Bonn", .open = true, .asked_at = timestamp::now()};
    co_await rides.create(ride);                                                        // open_in is "Bonn"
    std::cout << co_await rides.where(field<&Ride::open_in> == "Bonn").count() << '\n'; // 1
    co_await rides.update("r1", set_to<&Ride::note>("two bags")); // open_in is not made from the note
    ride.open = false;
    co_await rides.save(ride);                                                          // open_in is removed
    std::cout << co_await rides.where(field<&Ride::open_in> == "Bonn").count() << '\n'; // 0
}
//]

//[embedded_use
asio::awaitable<void> bill(dynasio::client db, dynasio::timestamp since) {
    repository<Invoice> invoices{db};
    Invoice invoice{.customer_id = "c1", .cents = 1250};
    co_await invoices.create(invoice); // {"id":…,"created_at":…,"updated_at":…,"customer_id":…,"cents":…}
    auto const recent = field<&Invoice::meta, &Meta::created_at> >= since;
    std::cout << co_await invoices.where(field<&Invoice::customer_id> == "c1", recent).count() << '\n'; // 1
    std::cout << (co_await invoices.get(invoice.meta.id)).cents << '\n';                                // 1250
}
//]

class docs_schema_options : public docs_database<Ride, Invoice, Account, Guest> {};

TEST_F(docs_schema_options, computed_attributes_are_the_keys_of_sparse_indexes) {
    EXPECT_EQ(printed_by(serve(db_)), "1\n0\n");
}
TEST_F(docs_schema_options, embedded_structs_are_flat) {
    EXPECT_EQ(printed_by(bill(db_, timestamp::parse("2020-01-01T00:00:00.000Z").value())), "1\n1250\n");
}
TEST_F(docs_schema_options, classes_list_their_members) {
    Account account("ada");
    account.pay_in(5);
    account = saved(account);
    repository<Account> const accounts(db_);
    auto const all = run(accounts.scan().all());
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].balance(), 5);
}
TEST_F(docs_schema_options, defaults_are_made_where_an_item_lacks_the_attribute) {
    dynasio::dynamodb::item const old{{"id", "g"}, {"name", "Ada"}};
    run(db_.put_item(dynasio::dynamodb::put_item_request(options_.table_prefix + "guests", old)));
    auto const guest = run(repository<Guest>(db_).get("g"));
    EXPECT_EQ(guest.alias, "Ada");
    EXPECT_EQ(guest.plan, "basic");
}

} // namespace
} // namespace guide
