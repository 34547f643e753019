// What members are when an item without their attribute is read.

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/verify.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "support/error_of.hpp"

namespace defaulting {

using namespace dynasio::dsl;

struct Guest {
    std::string id{};
    std::string first_name{}, shown_name{"initial"}, greeting{};
    std::optional<std::string> plan{};
    int visits{3};
};
constexpr auto dynasio_schema(tag<Guest>) {
    return entity<Guest>(
        partition_key<&Guest::id>, default_value<&Guest::shown_name>([](Guest const& g) { return g.first_name; }),
        default_value<&Guest::greeting>([](Guest const& g) { return "Hello " + g.shown_name; }),
        default_value<&Guest::plan>([] { return "basic"; }), after_read([](Guest& g) { g.greeting += '!'; }));
}
static_assert(dynasio::verify<Guest>());

} // namespace defaulting

namespace {

using defaulting::Guest;
using dynasio::errc;

Guest guest_in(std::string const& item) {
    dynasio::dynamodb::json_reader in(item);
    Guest guest;
    dynasio::entity_type_of<Guest>().decode(in, &guest);
    return guest;
}

TEST(default_values, are_made_for_absent_attributes_after_all_others_were_read) {
    auto const guest = guest_in(R"({"id":{"S":"a"},"first_name":{"S":"Ada"}})");
    EXPECT_EQ(guest.shown_name, "Ada");
    EXPECT_EQ(guest.greeting, "Hello Ada!") << "of the default before it, and before the hook";
    EXPECT_EQ(guest.plan, "basic");
    EXPECT_EQ(guest.visits, 3) << "a member without a default keeps its initial value";
}

TEST(default_values, are_made_for_null) {
    auto const guest = guest_in(R"({"id":{"S":"a"},"shown_name":{"NULL":true},"plan": { "NULL" : true }})");
    EXPECT_EQ(guest.shown_name, "");
    EXPECT_EQ(guest.plan, "basic");
}

TEST(default_values, leave_values_alone_that_are_stored) {
    auto const guest = guest_in(
        R"({"id":{"S":"a"},"first_name":{"S":"Ada"},"shown_name":{"S":""},"greeting":{"S":"Hi"},"plan":{"S":"gold"}})");
    EXPECT_EQ(guest.shown_name, "") << "an empty text is a value";
    EXPECT_EQ(guest.greeting, "Hi!");
    EXPECT_EQ(guest.plan, "gold");
}

TEST(default_values, do_not_replace_a_value_of_another_type) {
    auto const refused = dynasio::test::error_of([] { (void)guest_in(R"({"id":{"S":"a"},"shown_name":{"N":"7"}})"); });
    EXPECT_EQ(refused.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(refused.info().attribute, "shown_name");
}

TEST(default_values, are_not_those_of_new_entities) { EXPECT_EQ(Guest().shown_name, "initial"); }

} // namespace
