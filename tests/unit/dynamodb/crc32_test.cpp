#include <dynasio/dynamodb/detail/crc32.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using dynasio::dynamodb::detail::crc32;

/// Bit by bit, as the polynomial is defined.
std::uint32_t plain_crc32(std::string_view bytes) {
    std::uint32_t crc = 0xffffffff;
    for (char const c : bytes) {
        crc ^= static_cast<unsigned char>(c);
        for (int i = 0; i < 8; ++i) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }
    return ~crc;
}

TEST(crc32, has_the_check_value_of_its_catalogue_entry) {
    EXPECT_EQ(crc32("123456789"), 0xcbf43926U);
    EXPECT_EQ(crc32(""), 0U);
    EXPECT_EQ(crc32("{}"), 2745614147U); // what DynamoDB sends with an empty answer
}

TEST(crc32, agrees_with_the_definition_at_every_length_and_alignment) {
    std::string text;
    for (unsigned i = 0; i < 600; ++i) text += static_cast<char>((i * 151U) & 0xffU);
    for (std::size_t begin = 0; begin < 9; ++begin) {
        for (std::size_t size = 0; begin + size <= text.size(); ++size) {
            std::string_view const part = std::string_view(text).substr(begin, size);
            ASSERT_EQ(crc32(part), plain_crc32(part)) << begin << ' ' << size;
        }
    }
}

} // namespace
