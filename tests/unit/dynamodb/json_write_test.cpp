#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace dynasio::dynamodb {
namespace {

std::string written(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}

std::string base64(std::string_view bytes) {
    std::string out;
    append_base64(out, bytes);
    return out;
}

TEST(append_json_string, escapes_what_json_needs_and_nothing_else) {
    EXPECT_EQ(written(""), R"("")");
    EXPECT_EQ(written(std::string_view()), R"("")");
    EXPECT_EQ(written("plain text, a/b <&> 'x'"), R"("plain text, a/b <&> 'x'")");
    EXPECT_EQ(written("\"\\\b\f\n\r\t"), R"("\"\\\b\f\n\r\t")");
    EXPECT_EQ(written(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
    EXPECT_EQ(written("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80"),
              "\"Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x98\x80\"");
}

TEST(append_json_string, appends) {
    std::string out = "[";
    append_json_string(out, "a");
    EXPECT_EQ(out, R"(["a")");
}

TEST(append_json_string, refuses_text_that_is_not_utf8_and_leaves_the_output_alone) {
    for (std::string const part :
         {"\x80", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\xff"}) {
        for (std::string const& text :
             {part, std::string(20, 'x') + part, part + "x", "\xc3\xa9" + part, "\n" + part}) {
            std::string out = "before";
            try {
                append_json_string(out, text);
                ADD_FAILURE() << testing::PrintToString(text);
            } catch (error const& e) {
                EXPECT_EQ(e.code(), errc::invalid_argument);
            }
            EXPECT_EQ(out, "before");
            EXPECT_THROW(append_string_attribute(out, text), error);
            EXPECT_EQ(out, "before");
        }
    }
}

TEST(append_json_string, what_is_written_is_read_back) {
    std::mt19937 random(7);
    std::string_view const parts[] = {"a",
                                      "long enough for the wide path of the scan",
                                      "\"",
                                      "\\",
                                      "\n",
                                      "\x1b",
                                      "\xc3\xa9",
                                      "\xe2\x82\xac",
                                      "\xf0\x9f\x98\x80",
                                      "\x7f",
                                      std::string_view("\0", 1)};
    for (int round = 0; round != 2000; ++round) {
        std::string text;
        for (auto pieces = random() % 12; pieces != 0; --pieces) text += parts[random() % std::size(parts)];
        auto const json = written(text);
        json_reader in(json);
        ASSERT_EQ(in.read_string(), text);
        in.finish();
    }
}

TEST(append_attribute, writes_the_wire_form) {
    std::string out;
    append_string_attribute(out, "a\"b");
    append_number_attribute(out, "-12.5");
    append_binary_attribute(out, std::string_view("\0\xff", 2));
    EXPECT_EQ(out, R"({"S":"a\"b"}{"N":"-12.5"}{"B":"AP8="})");
}

TEST(base64, encodes_the_vectors_of_rfc_4648) {
    std::pair<char const*, char const*> const vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (auto const& [bytes, text] : vectors) {
        EXPECT_EQ(base64(bytes), text);
        std::string decoded = "before";
        EXPECT_TRUE(decode_base64(text, decoded));
        EXPECT_EQ(decoded, bytes);
    }
    EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
}

TEST(base64, every_byte_at_every_place_survives) {
    for (std::size_t size = 1; size != 8; ++size) {
        for (std::size_t at = 0; at != size; ++at) {
            for (int value = 0; value != 256; ++value) {
                std::string bytes(size, '\x5a');
                bytes[at] = static_cast<char>(value);
                std::string decoded;
                ASSERT_TRUE(decode_base64(base64(bytes), decoded));
                ASSERT_EQ(decoded, bytes);
            }
        }
    }
}

TEST(base64, refuses_what_is_not_standard_base64_with_padding) {
    for (std::string_view text :
         {"Z",    "Zg",     "Zg=",  "Zm8",  "Zm9vYg", "====", "=",    "Z===",     "Zg==Zg==",   "Z=g=", "Zm=v",
          "=m9v", "Zm9v\n", "Zm 9", "Zm9-", "Zm9_",   "Zh==", "Zm9=", "Zm9v====", "Zm\xc3\xa9", "ZQ=A"}) {
        std::string out = "before";
        EXPECT_FALSE(decode_base64(text, out)) << text;
        EXPECT_EQ(out, "") << text;
    }
    for (int value = 0; value != 256; ++value) {
        auto const c = static_cast<char>(value);
        auto const digit =
            (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
        std::string out;
        EXPECT_EQ(decode_base64(std::string("AA") + c + "A", out), digit) << value;
    }
}

TEST(attribute_type, has_the_tags_of_the_wire) {
    EXPECT_EQ(to_string(attribute_type::string), "S");
    EXPECT_EQ(to_string(attribute_type::number), "N");
    EXPECT_EQ(to_string(attribute_type::binary), "B");
    EXPECT_EQ(to_string(attribute_type::boolean), "BOOL");
    EXPECT_EQ(to_string(attribute_type::null), "NULL");
    EXPECT_EQ(to_string(attribute_type::list), "L");
    EXPECT_EQ(to_string(attribute_type::map), "M");
    EXPECT_EQ(to_string(attribute_type::string_set), "SS");
    EXPECT_EQ(to_string(attribute_type::number_set), "NS");
    EXPECT_EQ(to_string(attribute_type::binary_set), "BS");
}

} // namespace
} // namespace dynasio::dynamodb
