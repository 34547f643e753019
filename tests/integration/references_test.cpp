#include <dynasio/orm/along.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/on_remove.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <cctype>
#include <optional>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Relations that refer to another member than the key, those through a belongs_to, and required ones, against a real
// server.
namespace sorting_office {

using namespace dynasio::dsl;

struct Parcel;
struct Receipt;
struct Round;
struct Street;

struct Customer {
    std::string id{};
    std::string email{};
    std::uint64_t version{};
    has_many<Parcel> parcels{};
    has_one<Receipt> receipt{};
};
struct Parcel {
    std::string id{};
    std::string customer_email{};
    std::string text{};
    belongs_to<Customer> customer{};
};
/// Belongs to a customer, and cannot be without one.
struct Receipt {
    std::string id{};
    std::optional<std::string> customer_email{};
    belongs_to<Customer> customer{};
};
struct Carrier {
    std::string id{};
    has_many<Round> rounds{};
    has_many_through<Street> streets{};
};
struct Round {
    std::string id{};
    std::string carrier_id{};
    std::string street_id{};
    belongs_to<Carrier> carrier{};
    belongs_to<Street> street{};
};
struct Street {
    std::string id{};
    std::string name{};
    dynasio::timestamp deleted_at{};
    has_many<Round> rounds{};
    has_many_through<Carrier> carriers{};
};

constexpr auto dynasio_schema(tag<Customer>) {
    return entity<Customer>(table{"customers"}, partition_key<&Customer::id>, version<&Customer::version>,
                            gsi<&Customer::email>{"by_email"},
                            relate<&Customer::parcels>(by<&Parcel::customer_email>, references<&Customer::email>,
                                                       inverse_of<&Parcel::customer>),
                            relate<&Customer::receipt>(by<&Receipt::customer_email>, references<&Customer::email>),
                            on_remove<&Customer::parcels>(cascade), on_remove<&Customer::receipt>(restrict),
                            normalize<&Customer::email>([](std::string& text) {
                                for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
                            }));
}
constexpr auto dynasio_schema(tag<Parcel>) {
    return entity<Parcel>(table{"parcels"}, partition_key<&Parcel::id>, gsi<&Parcel::customer_email>{"by_customer"},
                          relate<&Parcel::customer>(by<&Parcel::customer_email>, references<&Customer::email>,
                                                    inverse_of<&Customer::parcels>));
}
constexpr auto dynasio_schema(tag<Receipt>) {
    return entity<Receipt>(table{"receipts"}, partition_key<&Receipt::id>, gsi<&Receipt::customer_email>{"by_customer"},
                           relate<&Receipt::customer>(by<&Receipt::customer_email>, references<&Customer::email>),
                           required<&Receipt::customer>);
}
constexpr auto dynasio_schema(tag<Carrier>) {
    return entity<Carrier>(table{"carriers"}, partition_key<&Carrier::id>,
                           relate<&Carrier::rounds>(by<&Round::carrier_id>, inverse_of<&Round::carrier>),
                           relate<&Carrier::streets>(through<&Carrier::rounds, &Round::street>));
}
constexpr auto dynasio_schema(tag<Round>) {
    return entity<Round>(table{"rounds"}, partition_key<&Round::id>, gsi<&Round::carrier_id>{"by_carrier"},
                         gsi<&Round::street_id>{"by_street"},
                         relate<&Round::carrier>(by<&Round::carrier_id>, inverse_of<&Carrier::rounds>),
                         relate<&Round::street>(by<&Round::street_id>, inverse_of<&Street::rounds>));
}
constexpr auto dynasio_schema(tag<Street>) {
    return entity<Street>(table{"streets"}, partition_key<&Street::id>, soft_delete<&Street::deleted_at>,
                          relate<&Street::rounds>(by<&Round::street_id>),
                          relate<&Street::carriers>(through<&Street::rounds, &Round::carrier>));
}
/// Lacks the member by which the parcels are found.
struct CustomerCard {
    std::string id{};
    has_many<Parcel> parcels{};
};
constexpr auto dynasio_schema(tag<CustomerCard>) {
    return entity<CustomerCard>(projection_of<Customer>, relate<&CustomerCard::parcels>(by<&Parcel::customer_email>,
                                                                                        references<&Customer::email>));
}
static_assert(dynasio::verify<Customer, Parcel, Receipt, Carrier, Round, Street, CustomerCard>());

} // namespace sorting_office

namespace dynasio::references_tests {
namespace {

using namespace dynasio::dsl;
using sorting_office::Carrier;
using sorting_office::Customer;
using sorting_office::CustomerCard;
using sorting_office::Parcel;
using sorting_office::Receipt;
using sorting_office::Round;
using sorting_office::Street;

class relations_by_other_members : public test::database_test {
protected:
    relations_by_other_members() {
        create_tables<Customer, Parcel, Receipt>();
        store_customer(ann, "u1", "ann@b.c");
        store_customer(bob, "u2", "bob@b.c");
        for (auto const& [id, email] : {std::pair<char const*, char const*>{"p1", "ann@b.c"},
                                        {"p2", "bob@b.c"},
                                        {"p3", "ann@b.c"},
                                        {"p4", "nobody@b.c"}}) {
            Parcel parcel;
            parcel.id = id;
            parcel.customer_email = email;
            save(parcel);
        }
    }
    void store_customer(Customer& customer, std::string id, std::string email) {
        customer.id = std::move(id);
        customer.email = std::move(email);
        save(customer);
    }
    std::string email_of(std::string const& id) {
        auto const item = stored("parcels", id);
        auto const found = item.find("customer_email");
        return found == item.end() ? std::string("none") : found->second.as_string();
    }

    Customer ann, bob;
    repository<Customer> customers{db};
    repository<Parcel> parcels{db};
    repository<Receipt> receipts{db};
};

TEST_F(relations_by_other_members, are_loaded_with_one_query_for_each_value) {
    load_report report;
    auto const found =
        run(customers.find("u1", with<&Customer::parcels>(with<&Parcel::customer>()), with<&Customer::receipt>(),
                           with_count<&Customer::parcels>(), report_to(report)));
    ASSERT_TRUE(found);
    EXPECT_EQ(ids(found->parcels), "p1 p3");
    EXPECT_EQ(found->parcels.count(), 2u);
    EXPECT_TRUE(found->receipt.loaded());
    EXPECT_FALSE(found->receipt);
    for (auto const& parcel : found->parcels) EXPECT_EQ(parcel.customer->id, "u1");
    EXPECT_EQ(report.gets, 1u);
    EXPECT_EQ(report.queries, 4u) << "parcels, their number, receipt, and the customer of both parcels";
    EXPECT_EQ(report.batch_gets, 0u);

    load_report back;
    auto const all = run(parcels.scan().order(ascending<&Parcel::id>).with<&Parcel::customer>().report(back).all());
    ASSERT_EQ(ids(all), "p1 p2 p3 p4");
    EXPECT_EQ(all[0].customer->id, "u1");
    EXPECT_EQ(all[1].customer->id, "u2");
    EXPECT_EQ(all[2].customer->id, "u1");
    EXPECT_TRUE(all[3].customer.loaded());
    EXPECT_FALSE(all[3].customer);
    EXPECT_EQ(back.queries, 4u) << "the scan, and one for each distinct value";
}

TEST_F(relations_by_other_members, of_several_entities_with_one_value_the_first_is_found) {
    Customer other;
    store_customer(other, "u0", "ann@b.c");
    auto const parcel = run(parcels.get("p1", with<&Parcel::customer>()));
    EXPECT_EQ(parcel.customer->id, "u0");
}

TEST_F(relations_by_other_members, are_edited_by_the_value) {
    auto const of_ann = customers.related<&Customer::parcels>(ann);
    EXPECT_TRUE(run(of_ann.exists()));
    EXPECT_EQ(run(of_ann.count()), 2u);
    auto parcel = run(parcels.get("p2"));
    run(of_ann.add(parcel));
    EXPECT_EQ(parcel.customer_email, "ann@b.c");
    EXPECT_EQ(email_of("p2"), "ann@b.c");
    run(of_ann.remove(parcel));
    EXPECT_EQ(email_of("p2"), "none");
    EXPECT_FALSE(run(customers.related<&Customer::parcels>(bob).exists()));
}

TEST_F(relations_by_other_members, an_owner_without_the_value_has_none_and_can_get_none) {
    Customer nameless;
    nameless.id = "u9";
    save(nameless);
    auto const before = endpoint.count();
    auto const of_nameless = customers.related<&Customer::parcels>(nameless);
    EXPECT_FALSE(run(of_nameless.exists()));
    EXPECT_EQ(run(of_nameless.count()), 0u);
    EXPECT_TRUE(run(of_nameless.get()).empty());
    Parcel parcel;
    auto const refused = failure_of(of_nameless.add(parcel));
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_NE(refused.info->message.find("the Customer has no email yet, so nothing can belong to it; give it one"),
              std::string::npos)
        << refused.info->message;
    nameless.parcels.set(std::vector<Parcel>(1, parcel));
    auto const unsaved = failure_of(customers.save(nameless, along<&Customer::parcels>()));
    EXPECT_EQ(unsaved.code, errc::invalid_argument);
    EXPECT_NE(unsaved.info->message.find("which has no email that its foreign key could refer to"), std::string::npos)
        << unsaved.info->message;
    EXPECT_EQ(endpoint.count(), before) << "nothing was sent";
    nameless.parcels.unload();
    EXPECT_TRUE(run(customers.remove(nameless)));
}

TEST_F(relations_by_other_members, are_saved_along_with_the_value_as_it_is_stored) {
    Customer made;
    made.email = "EVE@b.c"; // stored in small letters
    Parcel parcel;
    parcel.id = "p8";
    made.parcels.set(std::vector<Parcel>(1, parcel));
    run(customers.save(made, along<&Customer::parcels>()));
    EXPECT_EQ(made.email, "eve@b.c");
    EXPECT_EQ(email_of("p8"), "eve@b.c");
    EXPECT_EQ(run(parcels.get("p8", with<&Parcel::customer>())).customer->id, made.id);

    Receipt receipt;
    Customer payer;
    payer.id = "u5";
    payer.email = "PAY@b.c";
    receipt.customer.set(std::make_shared<Customer const>(payer));
    run(receipts.save(receipt, along<&Receipt::customer>()));
    EXPECT_EQ(receipt.customer_email, "pay@b.c") << "the saved customer satisfies required<>";
    EXPECT_EQ(run(receipts.get(receipt.id, with<&Receipt::customer>())).customer->id, "u5");
}

TEST_F(relations_by_other_members, removals_look_at_what_refers_to_the_value) {
    Receipt receipt;
    receipt.customer_email = "ann@b.c";
    save(receipt);
    EXPECT_EQ(failure_of(customers.remove(ann)).code, errc::still_referenced);
    EXPECT_TRUE(run(receipts.remove(receipt)));
    EXPECT_TRUE(run(customers.remove(ann)));
    auto const left = run(parcels.scan().order(ascending<&Parcel::id>).all());
    EXPECT_EQ(ids(left), "p2 p4");
}

TEST_F(relations_by_other_members, removals_by_a_value_that_is_not_stored_remove_nothing) {
    Customer changed = ann;
    changed.email = "bob@b.c"; // and not saved
    auto const refused = failure_of(customers.remove(changed));
    EXPECT_EQ(refused.code, errc::condition_failed) << refused.to_string();
    EXPECT_EQ(ids(run(parcels.scan().order(ascending<&Parcel::id>).all())), "p1 p2 p3 p4");
    EXPECT_TRUE(run(customers.remove(ann)));
    EXPECT_EQ(ids(run(parcels.scan().order(ascending<&Parcel::id>).all())), "p2 p4");
    EXPECT_FALSE(run(customers.remove(ann))) << "it is gone";
}

TEST_F(relations_by_other_members, keep_the_spelling_of_an_entity_that_is_not_written) {
    dynamodb::item item; // by another program, which does not write small letters
    item.emplace("id", "u9");
    item.emplace("email", "Zoe@B.C");
    item.emplace("version", dynamodb::number(1));
    run(direct.put_item(dynamodb::put_item_request(prefix + "customers", item)));
    Parcel parcel;
    parcel.id = "p9";
    parcel.customer_email = "Zoe@B.C";
    save(parcel);

    auto loaded = run(parcels.get("p9", with<&Parcel::customer>()));
    static_cast<void>(loaded.customer.edit());
    loaded.text = "fragile";
    run(parcels.save(loaded, along<&Parcel::customer>()));
    EXPECT_EQ(email_of("p9"), "Zoe@B.C");
    EXPECT_EQ(run(parcels.get("p9", with<&Parcel::customer>())).customer->id, "u9");
}

TEST_F(relations_by_other_members, of_a_projection_that_lacks_the_value_are_an_error_and_not_none) {
    repository<CustomerCard> const cards{db};
    endpoint.clear();
    EXPECT_EQ(failure_of(cards.scan(where_has<&CustomerCard::parcels>()).all()).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(cards.scan(where_has_no<&CustomerCard::parcels>()).page(10)).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(cards.scan(where_has<&CustomerCard::parcels>()).count()).code, errc::invalid_argument);
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(relations_by_other_members, a_required_one_needs_its_foreign_key) {
    Receipt receipt;
    auto const before = endpoint.count();
    auto const refused = failure_of(receipts.save(receipt));
    EXPECT_EQ(refused.code, errc::invalid_entity);
    EXPECT_EQ(refused.info->violations, std::vector<violation>(1, violation{"customer", "is required"}));
    receipt.customer_email = "";
    EXPECT_EQ(failure_of(receipts.create(receipt)).code, errc::invalid_entity);
    EXPECT_EQ(endpoint.count(), before);
    receipt.customer_email = "nobody@b.c";
    run(receipts.save(receipt)); // whether the customer exists is not looked at
    Parcel free;
    run(parcels.save(free)); // an optional relation needs none
}

class relations_through_a_belongs_to : public test::database_test {
protected:
    relations_through_a_belongs_to() {
        create_tables<Carrier, Round, Street>();
        for (auto const* const id : {"k1", "k2", "k3"}) {
            Carrier carrier;
            carrier.id = id;
            save(carrier);
            carriers_of_all.push_back(carrier);
        }
        for (auto const* const id : {"s1", "s2", "s3"}) {
            Street street;
            street.id = id;
            street.name = std::string("name of ") + id;
            save(street);
        }
        std::size_t number = 0;
        for (auto const& [carrier, street] : {std::pair<char const*, char const*>{"k1", "s3"},
                                              {"k1", "s1"},
                                              {"k1", "s3"},
                                              {"k2", "s3"},
                                              {"k2", "gone"}}) {
            Round round;
            round.id = test::numbered("r", number++);
            round.carrier_id = carrier;
            round.street_id = street;
            save(round);
        }
    }

    std::vector<Carrier> carriers_of_all;
    repository<Carrier> carriers{db};
    repository<Street> streets{db};
};

TEST_F(relations_through_a_belongs_to, take_one_query_for_each_owner_and_each_key_once) {
    load_report report;
    run(carriers.load(carriers_of_all, with<&Carrier::streets>(), with_count<&Carrier::streets>(), report_to(report)));
    EXPECT_EQ(ids(carriers_of_all[0].streets), "s3 s1");
    EXPECT_EQ(carriers_of_all[0].streets[0].name, "name of s3");
    EXPECT_EQ(carriers_of_all[0].streets.count(), 2u);
    EXPECT_EQ(ids(carriers_of_all[1].streets), "s3");
    EXPECT_EQ(carriers_of_all[1].streets.count(), 1u);
    EXPECT_TRUE(carriers_of_all[2].streets.loaded());
    EXPECT_TRUE(carriers_of_all[2].streets.empty());
    EXPECT_EQ(report.queries, 3u);
    EXPECT_GE(report.batch_gets, 1u);
    EXPECT_LE(report.batch_gets, 2u) << "keys wait a moment for those of the other owner, and not longer";
    EXPECT_EQ(report.keys, 3u) << "for entities and counts of all owners";

    auto const street = run(streets.find("s3", with<&Street::carriers>()));
    EXPECT_EQ(ids(street->carriers), "k1 k2");
}

TEST_F(relations_through_a_belongs_to, have_conditions_scopes_orders_and_limits) {
    auto const first = carriers.related<&Carrier::streets>(carriers_of_all[0]);
    EXPECT_EQ(ids(run(first.get(field<&Street::name> == "name of s1"))), "s1");
    EXPECT_EQ(ids(run(first.get(reload, oldest_first))), "s1 s3");
    EXPECT_EQ(ids(run(first.get(reload, limit(1)))), "s3");
    EXPECT_EQ(run(first.count()), 2u);
    EXPECT_TRUE(run(first.exists(field<&Street::name> == "name of s3")));
    EXPECT_FALSE(run(first.exists(field<&Street::name> == "name of s2")));
    auto trashed = run(streets.get("s3"));
    run(repository<Street>(direct).trash(trashed));
    EXPECT_EQ(ids(run(first.get(reload))), "s1");
    EXPECT_EQ(run(first.count()), 1u);
    EXPECT_EQ(ids(run(first.get(reload, with_trashed))), "s3 s1");
}

} // namespace
} // namespace dynasio::references_tests
