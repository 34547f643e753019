#include <dynasio/dynamodb/detail/json_scan.hpp>

#include <gtest/gtest.h>

#include <string>

namespace dynasio::dynamodb::detail {
namespace {

TEST(json_scan, finds_every_special_byte_at_every_place) {
    for (int value = 0; value != 256; ++value) {
        auto const c = static_cast<char>(value);
        auto const plain = value >= 0x20 && value < 0x80 && value != '"' && value != '\\';
        ASSERT_EQ(is_plain(c), plain) << value;
        for (std::size_t at = 0; at != 2 * scan_width; ++at) {
            // The byte behind is special too, so that the answer must be the first; those around it are the neighbours
            // of special values, so that a borrow from one byte to the next shows.
            for (char const around : {'a', ' ', '!', '#', '[', ']', '\x7f'}) {
                std::string text(2 * scan_width, around);
                text[at] = c;
                if (at + 1 != text.size()) text[at + 1] = '"';
                auto const first = !plain ? at : at + 1;
                ASSERT_EQ(plain_prefix(text.data()), std::min(first, scan_width)) << value << " at " << at;
                ASSERT_EQ(plain_prefix_portable(text.data()), std::min(first, scan_width)) << value << " at " << at;
                ASSERT_EQ(plain_prefix_wide(text.data()), first) << value << " at " << at;
                ASSERT_EQ(skip_plain(text.data(), text.data() + text.size()), text.data() + first)
                    << value << " at " << at;
            }
        }
    }
}

TEST(json_scan, finds_the_quote_that_ends_a_text) {
    for (int value = 0; value != 256; ++value) {
        auto const c = static_cast<char>(value);
        for (std::size_t at = 0; at != 2 * scan_width; ++at) {
            std::string text(2 * scan_width, 'a');
            text[at] = c;
            auto const alone = c == '"' ? at : no_quote;
            ASSERT_EQ(size_before_quote(text.data()), alone < scan_width ? alone : no_quote) << value << " at " << at;
            ASSERT_EQ(plain_size_before_quote(text.data()), alone) << value << " at " << at;
            for (std::size_t quote = 0; quote != text.size(); ++quote) {
                if (quote == at) continue;
                std::string ended = text;
                ended[quote] = '"';
                auto const first = c == '"' ? std::min(at, quote) : quote;
                ASSERT_EQ(size_before_quote(ended.data()), first < scan_width ? first : no_quote);
                ASSERT_EQ(plain_size_before_quote(ended.data()), is_plain(c) || at > first ? first
                                                                 : c == '"'                ? first
                                                                                           : no_quote)
                    << value << " at " << at << ", quote at " << quote;
            }
        }
    }
}

TEST(json_scan, knows_texts_of_every_size_that_are_all_plain) {
    for (std::size_t size = 0; size != 70; ++size) {
        std::string const plain(size, 'x'); // Its own allocation, see below.
        EXPECT_TRUE(is_all_plain(plain)) << size;
        for (std::size_t at = 0; at != size; ++at) {
            for (char const c : {'"', '\\', '\x1f', '\0', '\x80', '\xff'}) {
                std::string text = plain;
                text[at] = c;
                EXPECT_FALSE(is_all_plain(text)) << size << " at " << at;
            }
        }
    }
}

TEST(json_scan, stays_within_the_text) {
    for (std::size_t size = 0; size != 70; ++size) {
        std::string const text(size, 'x'); // Its own allocation: the address sanitizer sees a byte read behind it.
        EXPECT_EQ(skip_plain(text.data(), text.data() + size), text.data() + size);
    }
}

} // namespace
} // namespace dynasio::dynamodb::detail
