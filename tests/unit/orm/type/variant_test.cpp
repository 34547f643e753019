#include <dynasio/orm/field.hpp>
#include <dynasio/orm/json.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/variant.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "support/error_of.hpp"

// Members that hold one of several types.
namespace chosen {

using dynasio::dynamodb::attribute_value;

struct Card {
    std::string last4{};
    std::optional<int> limit{};

    friend bool operator==(Card const&, Card const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Card>) { return dynasio::value<Card>(); }

struct Transfer {
    std::string iban{"none"};

    friend bool operator==(Transfer const&, Transfer const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Transfer>) { return dynasio::value<Transfer>(); }

/// A value without members.
struct Cash {
    friend bool operator==(Cash const&, Cash const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Cash>) { return dynasio::value<Cash>(); }

using Payment = std::variant<std::monostate, Card, Transfer, Cash>;
constexpr auto dynasio_names(dynasio::tag<Payment>) {
    using namespace dynasio::dsl;
    return variant_names<Payment>("type", alternative<Card>{"card"}, alternative<Cash>{"cash"},
                                  alternative<Transfer>{"transfer"});
}

/// Takes what it does not know as it is.
using Open = std::variant<Card, attribute_value, bool>;
constexpr auto dynasio_names(dynasio::tag<Open>) {
    return dynasio::variant_names<Open>("type", dynasio::alternative<Card>{"card"});
}

using Setting = std::variant<std::monostate, std::string, int, bool, std::vector<std::byte>, std::vector<int>, Card>;
using Kinds = std::variant<std::vector<std::byte>, std::set<int>>;

struct Invoice {
    std::string id{};
    Payment payment{};
    std::vector<Payment> parts{};
    std::map<std::string, Payment> by_name{};
    std::optional<Payment> refund{};
    Setting setting{};
    Open open{};
    Kinds kinds{};
};
constexpr auto dynasio_schema(dynasio::tag<Invoice>) {
    using namespace dynasio::dsl;
    return entity<Invoice>(partition_key<&Invoice::id>);
}

// What JSON does not tell from texts and lists, at several depths.
using Bytes = std::vector<std::byte>;
struct Photo {
    Bytes data{};
    std::set<int> sizes{};
    std::vector<Photo> copies{};

    friend bool operator==(Photo const&, Photo const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Photo>) {
    return dynasio::value<Photo>(dynasio::attribute<&Photo::data>{"raw"});
}
using Picture = std::variant<std::string, Photo, std::vector<Photo>>;
using Media = std::variant<std::monostate, Photo, Transfer, std::string>;
constexpr auto dynasio_names(dynasio::tag<Media>) {
    using namespace dynasio::dsl;
    return variant_names<Media>("kind", alternative<Photo>{"photo"}, alternative<Transfer>{"transfer"});
}
struct Album {
    std::string id{};
    Photo cover{};
    std::optional<Picture> picture{};
    Media media{};
    std::vector<Bytes> pages{};
    std::map<std::string, std::set<std::string>> marks{};
    std::vector<Media> all{};
    attribute_value any{};

    friend bool operator==(Album const&, Album const&) = default;
};
constexpr auto dynasio_schema(dynasio::tag<Album>) {
    return dynasio::entity<Album>(dynasio::partition_key<&Album::id>);
}

} // namespace chosen

namespace {

using chosen::Card;
using chosen::Cash;
using chosen::Invoice;
using chosen::Kinds;
using chosen::Open;
using chosen::Payment;
using chosen::Setting;
using chosen::Transfer;
using dynasio::codec;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::field;
using dynasio::dynamodb::attribute_value;
using dynasio::dynamodb::json_reader;
using dynasio::test::error_of;

template <class T> std::string variant_wire(T const& value) {
    std::string out;
    codec<T>::encode(out, value);
    return out;
}
template <class T> T variant_in(std::string const& text) {
    json_reader in{std::string_view(text)};
    T value{};
    codec<T>::decode(in, value);
    in.finish();
    return value;
}
Invoice invoice_of(std::string const& members) {
    std::string const item = R"({"id":{"S":"i"},)" + members + '}';
    json_reader in{std::string_view(item)};
    Invoice read;
    entity_type_of<Invoice>().decode(in, &read);
    return read;
}
std::string item_of(Invoice const& invoice) {
    std::string out = "{";
    entity_type_of<Invoice>().encode_members(out, &invoice, {});
    return out + '}';
}

TEST(variant_of_structs, is_a_map_that_says_which_one_it_is) {
    EXPECT_EQ(variant_wire(Payment(Card{"4242", 9})),
              R"({"M":{"type":{"S":"card"},"last4":{"S":"4242"},"limit":{"N":"9"}}})");
    EXPECT_EQ(variant_wire(Payment(Cash{})), R"({"M":{"type":{"S":"cash"}}})");
    for (Payment const& one : {Payment(Card{"4242", 9}), Payment(Transfer{"DE"}), Payment(Cash{})})
        EXPECT_EQ(variant_in<Payment>(variant_wire(one)), one);
}

TEST(variant_of_structs, finds_the_tag_wherever_it_stands) {
    EXPECT_EQ(variant_in<Payment>(R"({"M":{"iban":{"S":"DE"},"other":{"L":[{"N":"1"}]},"type":{"S":"transfer"}}})"),
              Payment(Transfer{"DE"}));
    EXPECT_EQ(variant_in<Payment>(R"({ "M" : { "ty\u0070e" : { "S" : "car\u0064" } } })"), Payment(Card{}));
}

TEST(variant_without_a_value, is_no_attribute) {
    Invoice invoice;
    invoice.id = "i";
    invoice.open = false;
    EXPECT_EQ(item_of(invoice), R"({"id":{"S":"i"},"parts":{"L":[]},"by_name":{"M":{}},"open":{"BOOL":false},)"
                                R"("kinds":{"B":""}})");
    invoice.parts = {Payment(), Payment(Cash{})};
    EXPECT_EQ(variant_wire(invoice.parts), R"({"L":[{"NULL":true},{"M":{"type":{"S":"cash"}}}]})");
    auto const read =
        invoice_of(R"("payment":{"NULL":true},"parts":{"L":[{"NULL":true},{"M":{"type":{"S":"cash"}}}]})");
    EXPECT_EQ(read.payment, Payment());
    EXPECT_EQ(read.parts, invoice.parts);
}

TEST(variant_of_scalars, is_told_by_the_stored_type) {
    Setting const all[] = {Setting(),
                           Setting("text"),
                           Setting(7),
                           Setting(true),
                           Setting(std::vector<std::byte>{std::byte{0}, std::byte{255}}),
                           Setting(std::vector<int>{1, 2}),
                           Setting(Card{"1", {}})};
    for (auto const& one : all) EXPECT_EQ(variant_in<Setting>(variant_wire(one)), one) << variant_wire(one);
    EXPECT_EQ(variant_wire(Setting(Card{"1", {}})), R"({"M":{"last4":{"S":"1"}}})") << "one map needs no tag";
}

TEST(variant_of_scalars, refuses_what_no_alternative_takes) {
    auto const refused = error_of([] { (void)invoice_of(R"("setting":{"SS":["a"]})"); });
    EXPECT_EQ(refused.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(refused.info().entity, "Invoice");
    EXPECT_EQ(refused.info().attribute, "setting");
    EXPECT_EQ(refused.info().key, R"({"id":{"S":"i"}})");
    EXPECT_EQ(refused.info().message,
              "the stored attribute has type SS, the alternatives of the member are stored as S, N, BOOL, B, L, M; add "
              "an alternative for it, or one of type dynasio::dynamodb::attribute_value, which keeps what no other "
              "alternative takes");
}

TEST(variant_with_an_unknown_tag, is_refused_with_the_place_the_tag_and_what_is_known) {
    auto const refused_at = [](std::string const& members) {
        auto const refused = error_of([&] { (void)invoice_of(members); });
        EXPECT_EQ(refused.code(), errc::attribute_type_mismatch) << members;
        EXPECT_EQ(refused.info().entity, "Invoice") << members;
        return refused.info();
    };
    auto const unknown = refused_at(R"("payment":{"M":{"type":{"S":"crypto"}}})");
    EXPECT_EQ(unknown.attribute, "payment.type");
    EXPECT_NE(unknown.message.find(R"(the stored tag "crypto" names no alternative of the member, which knows "card", )"
                                   R"("transfer", "cash"; add an alternative for it)"),
              std::string::npos)
        << unknown.message;
    EXPECT_EQ(refused_at(R"("parts":{"L":[{"M":{"type":{"S":"cash"}}},{"M":{}}]})").attribute, "parts[1].type");
    EXPECT_EQ(refused_at(R"("by_name":{"M":{"a":{"M":{"type":{"N":"1"}}}}})").attribute, "by_name.a.type");
    EXPECT_EQ(refused_at(R"("refund":{"M":{"type":{"S":""}}})").attribute, "refund.type");
    EXPECT_EQ(refused_at(R"("payment":{"M":{"last4":{"N":"1"},"type":{"S":"card"}}})").attribute, "payment.last4")
        << "what is wrong inside of the struct has its own place";
    EXPECT_EQ(refused_at(R"("payment":{"S":"card"})").attribute, "payment");
}

TEST(variant_with_an_open_alternative, keeps_what_it_does_not_know_as_it_was_stored) {
    for (std::string const text :
         {R"({"M":{"coin":{"N":"1.50"},"type":{"S":"crypto"},"deep":{"L":[{"BS":["AA=="]}]}}})", R"({"M":{}})",
          R"({"SS":["b","a"]})", R"({"N":"12345678901234567890123456789012345678"})", R"({"NULL":true})",
          R"({"M":{"type":{"N":"1"}}})", R"({"S":"card"})"}) {
        auto const read = variant_in<Open>(text);
        EXPECT_TRUE(std::holds_alternative<attribute_value>(read)) << text;
        EXPECT_EQ(variant_in<attribute_value>(variant_wire(read)), variant_in<attribute_value>(text));
    }
    EXPECT_EQ(variant_in<Open>(R"({"M":{"type":{"S":"card"}}})"), Open(Card{}));
    EXPECT_EQ(invoice_of(R"("open":{"NULL":true})").open, Open(attribute_value()));
}

TEST(variant, that_an_exception_has_left_empty_is_refused) {
    struct thrower {
        operator Card() const { throw std::runtime_error("no card"); }
    };
    Invoice invoice;
    invoice.id = "i";
    invoice.payment = Transfer{};
    EXPECT_THROW(invoice.payment.emplace<Card>(thrower{}), std::runtime_error);
    ASSERT_TRUE(invoice.payment.valueless_by_exception());
    auto const refused = error_of([&] { (void)entity_type_of<Invoice>().wire(&invoice, 1); });
    EXPECT_EQ(refused.code(), errc::invalid_argument);
}

TEST(variant, has_changed_when_it_is_stored_differently) {
    Invoice invoice;
    invoice.id = "i";
    invoice.payment = Card{"1", {}};
    auto followed = dynasio::track(invoice);
    followed->payment = Card{"1", {}};
    EXPECT_FALSE(followed.has_changes());
    followed->payment = Cash{};
    EXPECT_EQ(followed.dirty_members(), std::vector<std::string>{"payment"});
    followed->payment = {};
    EXPECT_EQ(followed.changes().front().after, "");
}

TEST(variant_in_json, is_what_it_holds) {
    Invoice invoice;
    invoice.id = "i";
    invoice.payment = Card{"4242", {}};
    invoice.parts = {Payment(), Payment(Cash{})};
    invoice.setting = std::vector<std::byte>{std::byte{1}};
    invoice.open = attribute_value("free");
    invoice.kinds = std::set<int>{3};
    auto const text = dynasio::to_json(invoice);
    EXPECT_EQ(text, R"({"id":"i","payment":{"type":"card","last4":"4242"},"parts":[null,{"type":"cash"}],"by_name":{},)"
                    R"("setting":"AQ==","open":"free","kinds":[3]})");
    auto const read = dynasio::from_json<Invoice>(text);
    EXPECT_EQ(read.payment, invoice.payment);
    EXPECT_EQ(read.parts, invoice.parts);
    EXPECT_EQ(read.open, invoice.open);
    EXPECT_EQ(read.kinds, invoice.kinds);
    EXPECT_EQ(read.setting, Setting("AQ==")) << "a text is a text where the member can hold one";
    EXPECT_EQ(dynasio::from_json<Invoice>(R"({"kinds":"AQ=="})").kinds, Kinds(std::vector<std::byte>{std::byte{1}}));
    for (Setting const& one : {Setting(7), Setting(false), Setting(std::vector<int>{1}), Setting(Card{"1", 2})}) {
        invoice.setting = one;
        EXPECT_EQ(dynasio::from_json<Invoice>(dynasio::to_json(invoice)).setting, one);
    }
    auto const refused = error_of([] { (void)dynasio::from_json<Invoice>(R"({"parts":[{"type":"x"}]})"); });
    EXPECT_EQ(refused.info().attribute, "parts[0].type");
}

TEST(bytes_and_sets_in_json, are_read_back_at_every_depth) {
    using chosen::Bytes;
    using chosen::Photo;
    Bytes const bytes{std::byte{1}, std::byte{2}};
    Photo const photo{bytes, {1, 2}, {Photo{bytes, {}, {}}}};
    chosen::Album album;
    album.id = "a";
    album.cover = photo;
    album.pages = {bytes, Bytes()};
    album.marks["x"] = {"p", "q"};
    album.all = {photo, "AQ==", std::monostate(), photo};
    album.any = attribute_value("AQ==");
    for (chosen::Media const& media : {chosen::Media(photo), chosen::Media("AQ=="), chosen::Media(Transfer{"AQ=="})})
        for (chosen::Picture const& picture :
             {chosen::Picture(photo), chosen::Picture("AQ=="), chosen::Picture(std::vector<Photo>(2, photo))}) {
            album.media = media;
            album.picture = picture;
            auto const text = dynasio::to_json(album);
            EXPECT_TRUE(dynasio::from_json<chosen::Album>(text) == album) << text;
        }
    auto const spelt = dynasio::from_json<chosen::Album>(R"({"media":{"raw":"AQI=","k\u0069nd":"ph\u006fto"}})");
    EXPECT_EQ(spelt.media, chosen::Media(Photo{bytes, {}, {}}));
    auto const refused = error_of([] { (void)dynasio::from_json<chosen::Album>(R"({"cover":{"raw":"no base64!"}})"); });
    EXPECT_EQ(refused.info().attribute, "cover.raw");
}

template <class Clause> std::string written_condition(Clause const& clause) {
    dynasio::dynamodb::expression_writer expressions;
    std::string out = expressions.write(clause.condition());
    expressions.append_members(out);
    return out;
}

TEST(variant_in_a_condition, is_told_by_its_tag_or_its_type) {
    EXPECT_EQ(written_condition(field<&Invoice::payment>.holds<Card>()),
              written_condition(field<&Invoice::payment>.at("type") == "card"));
    EXPECT_EQ(written_condition(field<&Invoice::payment>.holds<std::monostate>()),
              written_condition(field<&Invoice::payment>.is_null()));
    EXPECT_EQ(written_condition(field<&Invoice::setting>.holds<int>()),
              written_condition(field<&Invoice::setting>.has_type(dynasio::dynamodb::attribute_type::number)));
    EXPECT_EQ(written_condition(field<&Invoice::payment>.at<&Card::limit>() > 3),
              written_condition(field<&Invoice::payment>.at("limit") > 3));
    EXPECT_EQ(written_condition(field<&Invoice::parts>.at(0).holds<Cash>()),
              written_condition(field<&Invoice::parts>.at(0).at("type") == "cash"));
}

} // namespace
