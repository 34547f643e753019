#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/json.hpp>
#include <dynasio/orm/uuid.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/uuid/uuid.hpp>

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/error_of.hpp"

// UUIDs and ULIDs as members.
namespace labelled {

struct Item {
    dynasio::ulid id{};
    boost::uuids::uuid group{};
    std::vector<boost::uuids::uuid> path{};
};
constexpr auto dynasio_schema(dynasio::tag<Item>) {
    using namespace dynasio::dsl;
    return entity<Item>(partition_key<&Item::id>);
}

} // namespace labelled

namespace {

using boost::uuids::uuid;
using dynasio::codec;
using dynasio::errc;
using dynasio::ulid;
using dynasio::dynamodb::json_reader;
using dynasio::test::error_of;

template <class Id> Id id_in(std::string const& text) {
    std::string const wire = R"({"S":")" + text + R"("})";
    json_reader in{std::string_view(wire)};
    Id id{};
    codec<Id>::decode(in, id);
    in.finish();
    return id;
}
template <class Id> std::string wire_of(Id const& id) {
    std::string out;
    codec<Id>::encode(out, id);
    return out;
}

TEST(uuid_codec, stores_the_canonical_text_and_reads_every_spelling) {
    auto const id = id_in<uuid>("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    EXPECT_EQ(wire_of(id), R"({"S":"017f22e2-79b0-7cc3-98c4-dc0c0c07398f"})");
    EXPECT_EQ(id_in<uuid>("{017F22E2-79B0-7CC3-98C4-DC0C0C07398F}"), id);
    EXPECT_EQ(id_in<uuid>("urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), id);
    EXPECT_TRUE(codec<uuid>::absent(id_in<uuid>("00000000-0000-0000-0000-000000000000")));
    auto const refused = error_of([] { (void)id_in<uuid>("no"); });
    EXPECT_EQ(refused.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(refused.info().message, R"(the stored text "no" is no UUID; migrate the item, or make the member a )"
                                      "std::string");
}

TEST(ulid_codec, stores_the_text_in_upper_case) {
    auto const id = id_in<ulid>("01arz3ndektsv4rrffq69g5fav");
    EXPECT_EQ(wire_of(id), R"({"S":"01ARZ3NDEKTSV4RRFFQ69G5FAV"})");
    EXPECT_EQ(error_of([] { (void)id_in<ulid>("x"); }).code(), errc::attribute_type_mismatch);
}

TEST(identifier_codecs, refuse_nil_as_an_operand_and_leave_it_out_of_items) {
    for (auto const& code :
         {error_of([] { (void)wire_of(uuid{}); }).code(), error_of([] { (void)wire_of(ulid()); }).code()})
        EXPECT_EQ(code, errc::invalid_argument);
    labelled::Item item;
    item.id = id_in<ulid>("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    item.path = {uuid{}, id_in<uuid>("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")};
    auto const json = dynasio::to_json(item);
    EXPECT_EQ(json, R"({"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","path":[null,"017f22e2-79b0-7cc3-98c4-dc0c0c07398f"]})");
    EXPECT_EQ(dynasio::from_json<labelled::Item>(json).path, item.path);
}

} // namespace
