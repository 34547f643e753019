// The code about customers, sessions, parcels and tickets in docs/entities.md and docs/writing.md, run against a
// server. Parts between `//[name` and `//]` appear there word for word.

//[model
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/rules.hpp>

struct Customer {
    std::string id{};
    std::string email{}, status{};
    std::optional<int> age{};
    std::int64_t points{};
    std::vector<std::string> notes{};
    dynasio::timestamp created_at{}, updated_at{}, deleted_at{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<Customer>) {
    using namespace dynasio::dsl;
    return entity<Customer>(partition_key<&Customer::id>, gsi<&Customer::status>{"by_status"},
                            version<&Customer::version>, timestamps<&Customer::created_at, &Customer::updated_at>,
                            soft_delete<&Customer::deleted_at>, required<&Customer::email>,
                            check<&Customer::age>([](int age) { return age >= 18; }, "must be at least 18"),
                            normalize<&Customer::email>([](std::string& text) {
                                for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
                            }),
                            before_save([](Customer& c) { c.status = c.points > 100 ? "gold" : "plain"; }));
}

struct Session {
    std::string id{};
    dynasio::epoch_seconds expires_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Session>) {
    using namespace dynasio::dsl;
    return entity<Session>(partition_key<&Session::id>, ttl<&Session::expires_at>);
}
//]

//[value_model
struct Address {
    std::string city{};
    std::string postalCode{};
    std::optional<int> floor{};
};
constexpr auto dynasio_schema(dynasio::tag<Address>) {
    using namespace dynasio::dsl;
    return value<Address>(attribute<&Address::postalCode>{"zip"});
}

struct Parcel {
    std::string id{};
    Address to{};                 // {"M":{"city":{"S":"Bonn"},"zip":{"S":"53111"}}}
    std::vector<Address> stops{}; // a list of such maps
};
constexpr auto dynasio_schema(dynasio::tag<Parcel>) {
    using namespace dynasio::dsl;
    return entity<Parcel>(partition_key<&Parcel::id>);
}
//]

//[enum_model
enum class Priority { low, high, other };
constexpr auto dynasio_names(dynasio::tag<Priority>) {
    using namespace dynasio::dsl;
    return enum_names<Priority>({{Priority::low, "low"}, {Priority::high, "high"}}).otherwise(Priority::other);
}

struct Ticket {
    std::string id{};
    Priority priority{};             // {"S":"low"}
    std::chrono::sys_days due{};     // {"S":"2026-11-28"}
    std::chrono::minutes estimate{}; // {"N":"90"}
};
constexpr auto dynasio_schema(dynasio::tag<Ticket>) {
    using namespace dynasio::dsl;
    return entity<Ticket>(partition_key<&Ticket::id>, gsi<&Ticket::priority, &Ticket::due>{"by_priority"});
}
//]

//[variant_model
struct Card {
    std::string number{};
    int limit{};
};
struct Transfer {
    std::string iban{};
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return dynasio::value<Card>(); }
constexpr auto dynasio_schema(dynasio::tag<Transfer>) { return dynasio::value<Transfer>(); }

using Payment = std::variant<std::monostate, Card, Transfer>;
constexpr auto dynasio_names(dynasio::tag<Payment>) {
    using namespace dynasio::dsl;
    return variant_names<Payment>("type", alternative<Card>{"card"}, alternative<Transfer>{"transfer"});
}

struct Bill {
    std::string id{};
    Payment payment{};                          // {"M":{"type":{"S":"card"},"number":{"S":"4242"},…}}
    std::variant<int, std::string> reference{}; // {"N":"7"} or {"S":"A-7"}
};
constexpr auto dynasio_schema(dynasio::tag<Bill>) {
    using namespace dynasio::dsl;
    return entity<Bill>(partition_key<&Bill::id>);
}
//]

//[uuid_model
#include <dynasio/orm/uuid.hpp>

struct Device {
    boost::uuids::uuid id{};    // made by the first save: version 7
    dynasio::ulid batch{};      // {"S":"01JDRZ7S3C9Q0V5P4S9T8X2B1N"}
    boost::uuids::uuid owner{}; // {"S":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f"}
    dynasio::timestamp created_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Device>) {
    using namespace dynasio::dsl;
    return entity<Device>(partition_key<&Device::id>, gsi<&Device::owner>{"by_owner"}, created_at<&Device::created_at>);
}
//]

#include <dynasio/orm/json.hpp>
#include <dynasio/orm/model.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include "docs/database.hpp"

namespace guide {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using namespace dynasio::dsl;

//[variant
asio::awaitable<void> pay(dynasio::client db) {
    repository<Bill> bills{db};
    Bill bill;
    bill.payment = Card{"4242", 500};
    bill.reference = "A-7";
    co_await bills.create(bill);

    auto const by_card = bills.scan().where(field<&Bill::payment>.holds<Card>());
    auto const large = bills.scan().where(field<&Bill::payment>.at<&Card::limit>() > 100);
    std::cout << co_await by_card.count() << ' ' << co_await large.count() << '\n'; // 1 1
}
//]

//[uuid
asio::awaitable<void> install(dynasio::client db, boost::uuids::uuid owner) {
    repository<Device> devices{db};
    Device device;
    device.owner = owner;
    co_await devices.save(device); // device.id is a UUID now, and created_at the time in it

    auto const same = co_await devices.get(device.id);
    auto const of_owner = co_await devices.where(field<&Device::owner> == owner).all();
    std::cout << (same.id == device.id) << ' ' << of_owner.size() << '\n'; // 1 1
}
//]

//[trash
asio::awaitable<void> throw_away(dynasio::client db, std::string id) {
    repository<Customer> customers{db};
    Customer customer = co_await customers.get(id);
    co_await customers.trash(customer); // deleted_at is set, version 2

    auto const plain = customers.where(field<&Customer::status> == "plain");
    std::cout << co_await plain.count() << ' ' << co_await plain.only_trashed().count() << '\n'; // 0 1
    auto const found = co_await customers.find(id);                                              // found
    auto const hidden = co_await customers.find(id, without_trashed);                            // not found
    std::cout << is_trashed(*found) << ' ' << hidden.has_value() << '\n';

    restore(customer); // in memory; the save removes the attribute
    co_await customers.save(customer);
}
//]

//[tracked
asio::awaitable<void> change_email(dynasio::client db, std::string id) {
    repository<tracked<Customer>> customers{db};
    auto customer = co_await customers.get(id);
    customer->email = "new@example.com";
    for (auto const& change : customer.changes())
        std::cout << change << '\n'; // email: {"S":"ann@example.com"} -> {"S":"new@example.com"}
    std::cout << customer.is_dirty<&Customer::points>() << '\n'; // 0
    co_await customers.save(customer);                           // SET email, updated_at and version alone
    co_await customers.save(customer);                           // nothing has changed: sends nothing
}
//]

//[rules
asio::awaitable<void> refuse(dynasio::client db) {
    repository<Customer> customers{db};
    Customer child;
    child.age = 7;
    auto const done = co_await dynasio::as_result(customers.create(child));
    for (auto const& broken : done.error().info->violations)
        std::cout << broken.member << ' ' << broken.sentence << '\n'; // email is required, age must be at least 18
}
//]

//[update
asio::awaitable<std::int64_t> reward(dynasio::client db, std::string id) {
    repository<Customer> customers{db};
    Customer const after =
        co_await customers.update(id, add<&Customer::points>(10), push_back<&Customer::notes>("thanks"),
                                  only_if(field<&Customer::status> != "blocked"));
    co_return after.points;
}
//]

//[ttl
asio::awaitable<void> sign_in(dynasio::client db) {
    repository<Session> sessions{db};
    Session session;
    session.expires_at = dynasio::timestamp(dynasio::system_now() - 1h);
    co_await sessions.create(session);
    std::cout << co_await sessions.scan().count() << ' ' << co_await sessions.scan(without_expired).count()
              << '\n'; // 1 0
}
//]

//[value
asio::awaitable<void> send(dynasio::client db) {
    repository<Parcel> parcels{db};
    Parcel parcel;
    parcel.to = {.city = "Bonn", .postalCode = "53111"};
    parcel.stops.push_back({.city = "Ulm"});
    co_await parcels.create(parcel);

    auto const to_bonn = parcels.scan().where(field<&Parcel::to>.at<&Address::postalCode>() == "53111");
    auto const over_ulm = parcels.scan().where(field<&Parcel::stops>.at(0).at<&Address::city>() == "Ulm");
    std::cout << co_await to_bonn.count() << ' ' << co_await over_ulm.count() << '\n'; // 1 1
}
//]

//[enum
asio::awaitable<void> plan(dynasio::client db) {
    repository<Ticket> tickets{db};
    Ticket ticket;
    ticket.priority = Priority::high;
    ticket.due = std::chrono::sys_days(2026y / 11 / 28);
    ticket.estimate = 1h + 30min;
    co_await tickets.create(ticket);

    auto const urgent =
        tickets.where(field<&Ticket::priority> == Priority::high && field<&Ticket::due>.begins_with("2026-11"));
    auto const short_ones = tickets.scan().where(field<&Ticket::estimate> < 2h);
    std::cout << co_await urgent.count() << ' ' << co_await short_ones.count() << '\n'; // 1 1
}
//]

//[json
std::string shown(Customer const& customer) {
    return dynasio::to_json(customer, dynasio::json_relations::loaded); // {"id":"01H…","email":"ann@example.com",…}
}
//]

class docs_entities : public docs_database<Customer, Session, Parcel, Ticket, Bill, Device> {
protected:
    void SetUp() override {
        docs_database::SetUp();
        ann.email = "Ann@Example.com";
        run(repository<Customer>(db_).create(ann));
    }

    Customer ann{};
};

TEST_F(docs_entities, are_trashed_and_restored) {
    EXPECT_EQ(printed_by(throw_away(db_, ann.id)), "0 1\n1 0\n");
    EXPECT_FALSE(is_trashed(run(repository<Customer>(db_).get(ann.id))));
}

TEST_F(docs_entities, are_tracked) {
    EXPECT_EQ(printed_by(change_email(db_, ann.id)),
              "email: {\"S\":\"ann@example.com\"} -> {\"S\":\"new@example.com\"}\n0\n");
    EXPECT_EQ(run(repository<Customer>(db_).get(ann.id)).version, 2U);
}

TEST_F(docs_entities, have_rules) {
    EXPECT_EQ(printed_by(refuse(db_)), "email is required\nage must be at least 18\n");
}

TEST_F(docs_entities, are_changed_in_one_step) { EXPECT_EQ(run(reward(db_, ann.id)), 10); }

TEST_F(docs_entities, expire) { EXPECT_EQ(printed_by(sign_in(db_)), "1 0\n"); }

TEST_F(docs_entities, hold_values) { EXPECT_EQ(printed_by(send(db_)), "1 1\n"); }

TEST_F(docs_entities, have_enumerations_dates_and_durations) { EXPECT_EQ(printed_by(plan(db_)), "1 1\n"); }

TEST_F(docs_entities, have_variants) { EXPECT_EQ(printed_by(pay(db_)), "1 1\n"); }

TEST_F(docs_entities, have_uuids) {
    boost::uuids::uuid owner{};
    *owner.begin() = 1;
    EXPECT_EQ(printed_by(install(db_, owner)), "1 1\n");
}

TEST_F(docs_entities, are_shown_as_json) {
    EXPECT_EQ(shown(ann).find("{\"id\":\"" + ann.id + "\",\"email\":\"ann@example.com\""), 0U) << shown(ann);
}

} // namespace
} // namespace guide
