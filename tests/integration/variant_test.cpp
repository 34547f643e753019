#include <dynasio/orm/tracked.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "integration/database_test.hpp"

// Members that hold one of several types, against both servers.
namespace paid {

using namespace dynasio::dsl;

struct Card {
    std::string last4{};
    int limit{};

    friend bool operator==(Card const&, Card const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return value<Card>(); }
struct Transfer {
    std::string iban{};

    friend bool operator==(Transfer const&, Transfer const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Transfer>) { return value<Transfer>(); }

using Payment = std::variant<std::monostate, Card, Transfer>;
constexpr auto dynasio_names(dynasio::tag<Payment>) {
    return variant_names<Payment>("type", alternative<Card>{"card"}, alternative<Transfer>{"transfer"});
}
using Open = std::variant<std::monostate, Card, dynasio::dynamodb::attribute_value>;
constexpr auto dynasio_names(dynasio::tag<Open>) { return variant_names<Open>("type", alternative<Card>{"card"}); }
using Setting = std::variant<std::monostate, std::string, int, bool>;

struct Bill {
    std::string id{};
    Payment payment{};
    std::vector<Payment> parts{};
    std::map<std::string, Setting> settings{};
    std::optional<Payment> refund{};
    Open open{};
};
constexpr auto dynasio_schema(dynasio::tag<Bill>) { return entity<Bill>(partition_key<&Bill::id>); }

} // namespace paid

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using paid::Bill;
using paid::Card;
using paid::Open;
using paid::Payment;
using paid::Setting;
using paid::Transfer;

class variant_types : public test::database_test, public ::testing::WithParamInterface<char const*> {
protected:
    variant_types() : database_test(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(server, variant_types, ::testing::Values("DYNAMODB_ENDPOINT", "DYNASIO_DYNALITE_ENDPOINT"),
                         [](auto const& one) { return one.index == 0 ? "first" : "second"; });

TEST_P(variant_types, come_back_as_they_were) {
    create_tables<Bill>();
    repository<Bill> bills{db};
    Bill bill;
    bill.id = "b";
    bill.payment = Card{"4242", 5};
    bill.parts = {Payment(), Transfer{"DE1"}, Card{}};
    bill.settings = {{"a", "text"}, {"b", 7}, {"c", true}, {"d", Setting()}};
    run(bills.create(bill));
    auto read = run(bills.get("b"));
    EXPECT_EQ(read.payment, bill.payment);
    EXPECT_EQ(read.parts, bill.parts);
    EXPECT_EQ(read.settings, bill.settings);
    EXPECT_EQ(read.refund, std::nullopt);
    read.payment = {};
    read.refund = Transfer{"DE2"};
    run(bills.save(read));
    EXPECT_EQ(stored("bills", "b").count("payment"), 0U) << "std::monostate is stored as no attribute";
    EXPECT_EQ(run(bills.get("b")).refund, read.refund);
    auto const changed = run(bills.update("b", set_to<&Bill::payment>(Payment(Card{"1", 1})),
                                          push_back<&Bill::parts>(Payment(Transfer{"DE3"}))));
    EXPECT_EQ(changed.payment, Payment(Card{"1", 1}));
    EXPECT_EQ(changed.parts.back(), Payment(Transfer{"DE3"}));
}

TEST_P(variant_types, are_found_by_what_they_hold) {
    create_tables<Bill>();
    repository<Bill> bills{db};
    Payment const payments[] = {Payment(), Card{"1", 3}, Card{"2", 9}, Transfer{"DE"}};
    for (int i = 0; i != 4; ++i) {
        Bill one;
        one.id = std::to_string(i);
        one.payment = payments[i];
        one.parts = {payments[3 - i]};
        one.settings["s"] = i % 2 == 0 ? Setting(i) : Setting("x");
        run(bills.create(one));
    }
    auto const found = [&](where_clause<Bill> const& where) {
        std::string const all = ids(run(bills.scan().where(where).order(ascending<&Bill::id>).all()));
        return all;
    };
    EXPECT_EQ(found(field<&Bill::payment>.holds<Card>()), "1 2");
    EXPECT_EQ(found(field<&Bill::payment>.holds<std::monostate>()), "0");
    EXPECT_EQ(found(!field<&Bill::payment>.holds<Card>()), "0 3");
    EXPECT_EQ(found(field<&Bill::payment>.at<&Card::limit>() > 5), "2");
    EXPECT_EQ(found(field<&Bill::parts>.at(0).holds<Transfer>()), "0");
    EXPECT_EQ(found(field<&Bill::settings>.at("s").holds<int>()), "0 2");
    EXPECT_EQ(found(field<&Bill::settings>.at("s") == "x"), "1 3");
    EXPECT_EQ(found(field<&Bill::payment>.has_type(dynamodb::attribute_type::map)), "1 2 3");
}

TEST_P(variant_types, that_are_not_known_are_refused_or_kept) {
    create_tables<Bill>();
    dynamodb::item const crypto{{"type", "crypto"}, {"coin", dynamodb::number::parse("1.5")}};
    run(direct.put_item(dynamodb::put_item_request(prefix + "bills", {{"id", "a"}, {"payment", crypto}})));
    run(direct.put_item(dynamodb::put_item_request(prefix + "bills", {{"id", "b"}, {"open", crypto}})));
    repository<Bill> bills{db};
    auto const refused = failure_of(bills.get("a"));
    EXPECT_EQ(refused.code, errc::attribute_type_mismatch);
    EXPECT_EQ(refused.info->entity, "Bill");
    EXPECT_EQ(refused.info->attribute, "payment.type");
    EXPECT_EQ(refused.info->key, R"({"id":{"S":"a"}})");
    EXPECT_NE(refused.info->message.find(R"("crypto" names no alternative)"), std::string::npos);

    auto read = run(bills.get("b"));
    EXPECT_EQ(std::get<dynamodb::attribute_value>(read.open), dynamodb::attribute_value(crypto));
    read.payment = Card{"1", 1};
    run(bills.save(read));
    EXPECT_EQ(stored("bills", "b").at("open"), dynamodb::attribute_value(crypto)) << "a save writes it back as it was";
}

} // namespace
} // namespace dynasio
