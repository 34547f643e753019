#include <gtest/gtest.h>

#include <orm/wire/key_gathering.hpp>
#include <string>

namespace dynasio::detail {
namespace {

std::string key(int n) { return R"({"id":{"N":")" + std::to_string(n) + R"("}})"; }

TEST(gathered_keys, are_asked_for_once_however_many_wait_for_them) {
    key_gathering keys;
    auto const one = keys.add(key(1)), two = keys.add(key(2)), again = keys.add(key(1));
    EXPECT_EQ(one, again);
    EXPECT_EQ(keys.size(), 2u);
    EXPECT_EQ(keys.waiting(), 3u);
    auto const taken = keys.take();
    ASSERT_EQ(taken.size(), 2u);
    EXPECT_EQ(taken[keys.place(one)], key(1));
    EXPECT_EQ(taken[keys.place(two)], key(2));
    EXPECT_TRUE(keys.is_shared(one));
    EXPECT_FALSE(keys.is_shared(two));
}

TEST(gathered_keys, that_nobody_waits_for_are_not_asked_for) {
    key_gathering keys;
    auto const one = keys.add(key(1)), two = keys.add(key(2)), three = keys.add(key(3));
    keys.add(key(3));
    keys.leave(one);
    keys.leave(three);
    EXPECT_EQ(keys.size(), 2u);
    auto const taken = keys.take();
    ASSERT_EQ(taken.size(), 2u);
    EXPECT_EQ(taken[keys.place(two)], key(2));
    EXPECT_EQ(taken[keys.place(three)], key(3));
    EXPECT_FALSE(keys.is_shared(three)) << "one of the two has left";
}

TEST(gathered_keys, can_be_wanted_again) {
    key_gathering keys;
    auto const one = keys.add(key(1));
    keys.leave(one);
    EXPECT_EQ(keys.size(), 0u);
    EXPECT_EQ(keys.waiting(), 0u);
    EXPECT_EQ(keys.add(key(1)), one);
    EXPECT_EQ(keys.take().size(), 1u);
    keys.leave(one); // after they were taken
    EXPECT_EQ(keys.waiting(), 0u);
    EXPECT_EQ(keys.text(one), key(1));
}

} // namespace
} // namespace dynasio::detail
