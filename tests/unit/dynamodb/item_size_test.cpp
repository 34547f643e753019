// The size of an item as the service counts it, and which writes are refused for it before anything is sent.

#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/detail/item_size.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine_fixture.hpp"

namespace {

using namespace dynasio::dynamodb;
using dynasio::client;
using dynasio::errc;
using dynasio::error;
using dynasio::dynamodb::detail::check_item_size;
using dynasio::dynamodb::detail::item_measure;
using dynasio::dynamodb::detail::max_item_size;

std::size_t size_of(std::string const& json) {
    item_measure measure;
    measure.add_item(json);
    return measure.size();
}

TEST(item_size, counts_names_and_values_as_the_developer_guide_says) {
    EXPECT_EQ(size_of("{}"), 0U);
    EXPECT_EQ(size_of(R"({"ab":{"S":"xyz"}})"), 5U);
    EXPECT_EQ(size_of(R"({"ab":{"S":""}})"), 2U);
    EXPECT_EQ(size_of(R"({"a":{"S":"\u00e9\n"}})"), 4U) << "bytes of UTF-8, not of JSON";
    EXPECT_EQ(size_of(R"({"a":{"N":"1234"}})"), 4U) << "a byte for two digits and one more";
    EXPECT_EQ(size_of(R"({"a":{"N":"-0012.3400e+5"}})"), 4U) << "zeros at the ends, sign and exponent do not count";
    EXPECT_EQ(size_of(R"({"a":{"N":"1002"}})"), 4U);
    EXPECT_EQ(size_of(R"({"a":{"N":"0"}})"), 2U);
    EXPECT_EQ(size_of(R"({"a":{"B":"AQIDBA=="}})"), 5U);
    EXPECT_EQ(size_of(R"({"a":{"BOOL":true},"b":{"NULL":true}})"), 4U);
    EXPECT_EQ(size_of(R"({"a":{"SS":["x","yz"]},"b":{"NS":["1","22"]},"c":{"BS":["AQ=="]}})"), 1U + 3 + 1 + 3 + 1 + 1);
    EXPECT_EQ(size_of(R"({"a":{"L":[]},"b":{"M":{}}})"), 8U);
    EXPECT_EQ(size_of(R"({"a":{"L":[{"S":"x"},{"M":{"k":{"BOOL":false}}}]}})"),
              1U + 3 + (1 + 1) + (1 + 3 + (1 + 1 + 1)));
}

TEST(item_size, ends_at_400_kilobytes) {
    auto const item_of = [](std::size_t bytes) { return R"({"id":{"S":")" + std::string(bytes - 2, 'x') + R"("}})"; };
    ASSERT_EQ(size_of(item_of(max_item_size)), max_item_size);
    EXPECT_NO_THROW(check_item_size(item_of(max_item_size)));
    try {
        check_item_size(item_of(max_item_size + 1));
        ADD_FAILURE() << "not refused";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::item_too_large);
        EXPECT_EQ(e.info().attribute, "id");
        EXPECT_NE(e.info().message.find("409601 bytes"), std::string::npos) << e.info().message;
    }
}

TEST(item_size, of_an_item_whose_text_is_longer_than_the_item_is_not_taken_for_its_length) {
    std::string escaped, numbers;
    for (std::size_t i = 0; i < 100'000; ++i) escaped += "\\u00e9";
    for (std::size_t i = 0; i < 30'000; ++i) numbers += R"({"N":"12345678"},)";
    numbers.pop_back();
    EXPECT_NO_THROW(check_item_size(R"({"a":{"S":")" + escaped + R"("}})"));
    EXPECT_NO_THROW(check_item_size(R"({"a":{"L":[)" + numbers + "]}}"));
    EXPECT_NO_THROW(check_item_size(R"({"a":{"B":")" + std::string(4 * 136'000, 'A') + R"("}})"));
    EXPECT_THROW(check_item_size(R"({"a":{"B":")" + std::string(4 * 137'000, 'A') + R"("}})"), error);
}

TEST(item_size, of_what_is_no_item_is_left_to_the_service) {
    std::string const text(max_item_size + 1, 'x');
    EXPECT_NO_THROW(check_item_size(text));
    EXPECT_NO_THROW(check_item_size(R"({"a":{"S":")" + text));
    EXPECT_NO_THROW(check_item_size(R"({"a":{"X":")" + text + R"("}})"));
}

struct large_items : dynasio::test::engine_fixture {
    static item of(std::size_t bytes) { return item{{"id", "1"}, {"text", std::string(bytes, 'x')}}; }
};

TEST_F(large_items, are_refused_before_they_are_sent) {
    client db(ctx, options());
    auto const refused = [&](auto op) {
        auto const f = failure_of(outcome(std::move(op)));
        EXPECT_EQ(f.code, errc::item_too_large) << f.to_string();
        EXPECT_EQ(f.info->table, "users");
        EXPECT_EQ(f.info->attribute, "text");
        EXPECT_FALSE(f.info->outcome_unknown);
    };
    refused(db.put_item(put_item_request("users", of(max_item_size))));
    write_batch_request batch("users", "id");
    batch.put(of(max_item_size));
    refused(db.write_batch(batch));
    std::map<std::string, std::vector<write_request>> writes;
    writes["users"].emplace_back(put_request(of(max_item_size)));
    refused(db.batch_write_item(batch_write_item_request(writes)));
    std::vector<transact_write_item> actions;
    actions.emplace_back(transact_put("users", of(max_item_size)));
    refused(db.transact_write_items(transact_write_items_request(actions)));
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(large_items, that_the_service_takes_are_sent) {
    client db(ctx, options());
    EXPECT_FALSE(outcome(db.put_item(put_item_request("users", of(max_item_size - 7)))).has_error());
    std::map<std::string, std::vector<write_request>> writes;
    for (int i = 0; i < 3; ++i) {
        item attributes = of(200'000);
        attributes["id"] = std::to_string(i);
        writes["users"].emplace_back(put_request(std::move(attributes)));
    }
    EXPECT_FALSE(outcome(db.batch_write_item(batch_write_item_request(writes))).has_error())
        << "the limit is that of an item";
    EXPECT_EQ(service.requests.size(), 2U);
}

} // namespace
