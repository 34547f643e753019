#include <dynasio/orm/uuid.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/ulid.hpp>

#include <boost/uuid/uuid.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Identifiers that are no texts: UUIDs and ULIDs as keys, foreign keys and operands, against both servers.
namespace identified {

using namespace dynasio::dsl;
using boost::uuids::uuid;
using dynasio::ulid;

struct Owner {
    uuid id{};
    std::string name{};
    dynasio::timestamp created_at{};
    dynasio::has_many<struct Device> devices{};
};
struct Device {
    uuid owner{};
    ulid id{};
    std::optional<uuid> model{};
    uuid rack{};
    std::set<uuid> seen{};
    dynasio::timestamp created_at{};
    dynasio::belongs_to<Owner> of{};
};
struct Token {
    uuid id{};
    dynasio::timestamp created_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Owner>) {
    return entity<Owner>(partition_key<&Owner::id>, created_at<&Owner::created_at>,
                         relate<&Owner::devices>(by<&Device::owner>));
}
constexpr auto dynasio_schema(dynasio::tag<Device>) {
    return entity<Device>(partition_key<&Device::owner>, sort_key<&Device::id>, gsi<&Device::rack>{"by_rack"},
                          created_at<&Device::created_at>, relate<&Device::of>(by<&Device::owner>));
}
constexpr auto dynasio_schema(dynasio::tag<Token>) {
    return entity<Token>(partition_key<&Token::id>, random_uuid<&Token::id>, created_at<&Token::created_at>);
}

} // namespace identified

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using identified::Device;
using identified::Owner;
using identified::Token;
using identified::uuid;

uuid uuid_of(std::string const& text) {
    uuid id{};
    auto const bytes = parse_uuid(text).value();
    std::copy(bytes.begin(), bytes.end(), id.begin());
    return id;
}
std::string text_of_uuid(uuid const& id) {
    uuid_bytes bytes{};
    std::copy(id.begin(), id.end(), bytes.begin());
    return uuid_text(bytes);
}

class identifiers : public test::database_test, public ::testing::WithParamInterface<char const*> {
protected:
    identifiers() : database_test(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(server, identifiers, ::testing::Values("DYNAMODB_ENDPOINT", "DYNASIO_DYNALITE_ENDPOINT"),
                         [](auto const& one) { return one.index == 0 ? "first" : "second"; });

TEST_P(identifiers, that_are_nil_keys_are_made_by_the_first_save) {
    create_tables<Owner, Device, Token>();
    repository<Owner> owners{db};
    repository<Device> devices{db};
    repository<Token> tokens{db};
    Owner first, second;
    run(owners.save(first));
    run(owners.save(second));
    EXPECT_EQ(text_of_uuid(first.id)[14], '7');
    EXPECT_LT(first.id, second.id) << "UUIDs of version 7 have the order of creation";
    uuid_bytes bytes{};
    std::copy(first.id.begin(), first.id.end(), bytes.begin());
    EXPECT_EQ(first.created_at.time(), uuid_time(bytes));
    EXPECT_EQ(stored("owners", text_of_uuid(first.id)).at("id").as_string(), text_of_uuid(first.id));

    Token token;
    run(tokens.save(token));
    EXPECT_EQ(text_of_uuid(token.id)[14], '4');
    EXPECT_TRUE(token.created_at.is_set());
    EXPECT_EQ(run(tokens.get(token.id)).created_at, token.created_at);

    Device device;
    device.owner = first.id;
    run(devices.save(device));
    EXPECT_FALSE(device.id.is_nil());
    EXPECT_EQ(device.created_at.time(), device.id.time());
    Device other;
    EXPECT_EQ(failure_of(devices.save(other)).code, errc::empty_key) << "only the last part of a key is made";
    auto again = first;
    again.name = "kept";
    run(owners.save(again));
    EXPECT_EQ(again.id, first.id);
    EXPECT_EQ(run(owners.get(first.id)).name, "kept");
}

TEST_P(identifiers, are_keys_of_tables_indexes_and_relations_and_operands) {
    create_tables<Owner, Device>();
    repository<Owner> owners{db};
    repository<Device> devices{db};
    auto const rack = uuid_of("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    Owner owner;
    run(owners.save(owner));
    std::vector<Device> made(3);
    for (std::size_t i = 0; i != made.size(); ++i) {
        made[i].owner = owner.id;
        if (i > 0) made[i].rack = rack;
        if (i > 1) made[i].model = rack;
        if (i > 1) made[i].seen = {rack, owner.id};
        run(devices.save(made[i]));
    }
    auto const read = run(owners.get(owner.id, with<&Owner::devices>()));
    ASSERT_EQ(read.devices.size(), 3U);
    EXPECT_EQ(read.devices[2].id, made[2].id) << "ULIDs have the order of creation";
    EXPECT_EQ(read.devices[2].seen, made[2].seen);
    EXPECT_EQ(read.devices[1].model, std::nullopt);
    EXPECT_EQ(run(devices.get(key(owner.id, made[1].id), with<&Device::of>())).of->id, owner.id);
    EXPECT_EQ(run(devices.where(field<&Device::rack> == rack).all()).size(), 2U) << "a nil one is not in the index";
    EXPECT_EQ(run(devices.where(field<&Device::owner> == owner.id && field<&Device::id> > made[0].id).all()).size(),
              2U);
    EXPECT_EQ(run(devices.scan().where(field<&Device::model>.in(rack, owner.id)).count()), 1U);
    EXPECT_EQ(run(devices.scan().where(field<&Device::model>.begins_with("017f22e2-")).count()), 1U);
    EXPECT_EQ(run(devices.scan().where(field<&Device::rack> == nullptr).count()), 1U);
    auto const refused = failure_of_call([&] { (void)(field<&Device::rack> == uuid{}); });
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_EQ(refused.info->attribute, "rack");
}

TEST_P(identifiers, in_another_spelling_are_values_but_no_keys) {
    create_tables<Token, Device, Owner>();
    std::string const upper = "{017F22E2-79B0-7CC3-98C4-DC0C0C07398F}";
    auto const rack = uuid_of(upper);
    repository<Token> tokens{db};
    repository<Device> devices{db};
    for (auto const& id : {upper, std::string("00000000-0000-0000-0000-000000000000"), std::string("x")})
        run(direct.put_item(dynamodb::put_item_request(prefix + "tokens", {{"id", id}})));
    std::string codes;
    std::vector<bad_item> bad;
    EXPECT_TRUE(run(tokens.scan(on_bad_item(collect(bad))).all()).empty());
    for (auto const& one : bad) {
        EXPECT_EQ(one.why.info->attribute, "id");
        codes += one.why.code == errc::key_not_kept ? "k" : one.why.code == errc::attribute_type_mismatch ? "t" : "?";
    }
    std::sort(codes.begin(), codes.end());
    EXPECT_EQ(codes, "kkt");

    run(direct.put_item(dynamodb::put_item_request(
        prefix + "devices", {{"owner", text_of_uuid(rack)}, {"id", "01ARZ3NDEKTSV4RRFFQ69G5FAV"}, {"model", upper}})));
    auto const device = run(devices.get(key(rack, ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV").value())));
    EXPECT_EQ(device.model, rack);
    run(direct.put_item(dynamodb::put_item_request(
        prefix + "devices", {{"owner", text_of_uuid(rack)}, {"id", "01arz3ndektsv4rrffq69g5fav"}})));
    EXPECT_EQ(failure_of(devices.scan().all()).code, errc::key_not_kept);
}

} // namespace
} // namespace dynasio
