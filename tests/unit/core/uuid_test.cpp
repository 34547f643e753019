#include <dynasio/core/ulid.hpp>
#include <dynasio/core/uuid.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <unordered_set>
#include <vector>

namespace {

using namespace dynasio;
using namespace std::chrono_literals;

/// The time of the example of version 7 in RFC 9562, appendix A.6: 2022-02-22T19:22:22Z.
system_time const rfc_time{std::chrono::milliseconds(0x017F22E279B0)};

TEST(uuid, of_version_7_has_the_layout_of_rfc_9562) {
    // The example's random bits: 0xCC3 and 0x18C4DC0C0C07398F. The generator has them in its lower 74 bits.
    ulid_generator generator([] { return rfc_time; },
                             [](std::span<unsigned char> out) {
                                 std::array<unsigned char, 10> const bits{0xff, 0x30, 0xd8, 0xc4, 0xdc,
                                                                          0x0c, 0x0c, 0x07, 0x39, 0x8f};
                                 for (std::size_t i = 0; i < out.size(); ++i) out[i] = bits[i % bits.size()];
                             });
    auto const id = generator.next_uuid();
    auto const text = uuid_text(id);
    EXPECT_EQ(text.substr(0, 15), "017f22e2-79b0-7");
    EXPECT_EQ(text, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    EXPECT_EQ(uuid_time(id), rfc_time);
}

TEST(uuid, of_version_7_goes_up_also_when_ulids_are_made_in_between) {
    ulid_generator generator([] { return rfc_time; });
    std::string before;
    for (int i = 0; i != 200; ++i) {
        auto const text = uuid_text(generator.next_uuid());
        EXPECT_LT(before, text);
        before = text;
        if (i % 3 == 0) {
            EXPECT_LE(ulid_time(generator.next()), rfc_time + 1ms);
        }
    }
}

TEST(uuid, of_version_7_borrows_the_next_millisecond_when_its_random_bits_overflow) {
    ulid_generator generator([] { return rfc_time; },
                             [](std::span<unsigned char> out) {
                                 std::fill(out.begin(), out.end(), static_cast<unsigned char>(0xff));
                                 out[0] = 0x03; // the upper six bits, which a UUID does not have, are not full
                             });
    auto const first = generator.next_uuid();
    auto const second = generator.next_uuid();
    EXPECT_EQ(uuid_text(first), "017f22e2-79b0-7fff-bfff-ffffffffffff");
    EXPECT_EQ(uuid_text(second).substr(0, 13), "017f22e2-79b1");
    EXPECT_LT(first, second);
}

TEST(uuid, of_version_4_is_random_but_for_version_and_variant) {
    ulid_generator generator([] { return rfc_time; });
    std::set<uuid_bytes> seen;
    for (int i = 0; i != 100; ++i) {
        auto const id = generator.random_uuid();
        EXPECT_EQ(id[6] >> 4, 4);
        EXPECT_EQ(id[8] >> 6, 2);
        EXPECT_EQ(uuid_time(id), std::nullopt);
        EXPECT_TRUE(seen.insert(id).second);
    }
}

TEST(uuid, is_read_in_every_spelling) {
    std::string const text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    auto const id = parse_uuid(text);
    ASSERT_TRUE(id);
    EXPECT_EQ(uuid_text(*id), text);
    for (auto const* const same :
         {"017F22E2-79B0-7CC3-98C4-DC0C0C07398F", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
          "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "URN:UUID:017F22E2-79B0-7CC3-98C4-DC0C0C07398F"})
        EXPECT_EQ(parse_uuid(same), id) << same;
    for (auto const* const other :
         {"", "017f22e2", "017f22e279b07cc398c4dc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
          "017f22e2-79b0-7cc3-98c4_dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "urn:uuid:{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0", "urn:uuid:"})
        EXPECT_EQ(parse_uuid(other), std::nullopt) << other;
}

TEST(ulid_value, has_the_text_the_time_and_the_order_of_its_generator) {
    ulid_generator generator([] { return rfc_time; });
    ulid before;
    EXPECT_TRUE(before.is_nil());
    std::unordered_set<ulid> all;
    for (int i = 0; i != 50; ++i) {
        auto const text = generator.next();
        auto const id = ulid::parse(text);
        ASSERT_TRUE(id);
        EXPECT_EQ(id->to_string(), text);
        EXPECT_EQ(id->time(), rfc_time);
        EXPECT_FALSE(id->is_nil());
        EXPECT_LT(before, *id);
        EXPECT_EQ(ulid::from_bytes(id->bytes()), *id);
        all.insert(*id);
        before = *id;
    }
    EXPECT_EQ(all.size(), 50U);
    std::ostringstream shown;
    shown << before;
    EXPECT_EQ(shown.str(), before.to_string());
}

TEST(ulid_value, is_read_from_both_cases_and_from_nothing_else) {
    auto const highest = ulid::parse("7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
    ASSERT_TRUE(highest);
    EXPECT_EQ(highest->bytes().front(), 0xff);
    EXPECT_EQ(highest->bytes().back(), 0xff);
    EXPECT_EQ(ulid::parse("01arz3ndektsv4rrffq69g5fav"), ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV"));
    EXPECT_EQ(ulid::parse("01ARZ3NDEKTSV4RRFFQ69G5FAV")->to_string(), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    for (auto const* const other :
         {"", "8ZZZZZZZZZZZZZZZZZZZZZZZZZ", "01ARZ3NDEKTSV4RRFFQ69G5FA", "01ARZ3NDEKTSV4RRFFQ69G5FAU"})
        EXPECT_EQ(ulid::parse(other), std::nullopt) << other;
}

} // namespace
