#include <dynasio/orm/key.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "model.hpp"
#include "support/error_of.hpp"

namespace {

using dynasio::errc;
using dynasio::error;
using dynasio::key;
using dynasio::key_of;
using shop::Alarm;
using shop::Device;
using shop::User;

using dynasio::test::error_of;

TEST(key_of, takes_whatever_converts_to_the_key_member) {
    EXPECT_EQ(key_of<User>("a").json(), R"({"id":{"S":"a"}})");
    EXPECT_EQ(key_of<User>(std::string("a")).json(), R"({"id":{"S":"a"}})");
    EXPECT_EQ(key_of<Alarm>(7).json(), R"({"code":{"N":"7"}})");
    EXPECT_EQ(key_of<Alarm>(std::uint8_t(7)).json(), R"({"code":{"N":"7"}})");
}

TEST(key_of, takes_both_parts_of_a_composite_key) {
    EXPECT_EQ(key_of<Device>(key("north", 12)).json(), R"({"site":{"S":"north"},"number":{"N":"12"}})");
    EXPECT_EQ(key_of<Device>(key(std::string("n\"n"), -1LL)).json(), R"({"site":{"S":"n\"n"},"number":{"N":"-1"}})");
}

TEST(key_of, refuses_numbers_that_the_member_cannot_hold) {
    EXPECT_EQ(error_of([] {
                  key_of<Alarm> const k(std::numeric_limits<std::uint64_t>::max());
                  (void)k.json();
              }).code(),
              errc::number_out_of_range);
}

TEST(key_of, refuses_empty_parts) {
    EXPECT_EQ(error_of([] {
                  key_of<User> const k("");
                  (void)k.json();
              }).code(),
              errc::empty_key);
    EXPECT_EQ(error_of([] {
                  key_of<Device> const k(key("", 1));
                  (void)k.json();
              }).code(),
              errc::empty_key);
}

TEST(key_of, keeps_nothing_of_what_it_was_made_from) {
    std::string text = "a";
    key_of<User> const k(text);
    text = "changed";
    EXPECT_EQ(k.json(), R"({"id":{"S":"a"}})");
}

TEST(key_of, is_taken_from_an_entity) {
    Device d;
    d.site = "s";
    d.number = 4;
    EXPECT_EQ(key_of<Device>::of(d).json(), key_of<Device>(key("s", 4)).json());
    EXPECT_EQ(error_of([] {
                  auto const k = key_of<User>::of(User());
                  (void)k.json();
              }).code(),
              errc::empty_key);
}

} // namespace
