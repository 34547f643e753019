#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

// What Boost.JSON's parser refuses is refused, what it takes is taken, and what is read is the same.

namespace dynasio::dynamodb {
namespace {

namespace json = boost::json;

constexpr unsigned depth_limit = 40;

/// What Boost.JSON reads; false when it refuses the text.
bool read_with_boost(std::string_view text, json::value& out) {
    json::parse_options options;
    options.max_depth = depth_limit;
    json::parser parser(json::storage_ptr(), options);
    json::error_code ec;
    parser.write(json::string_view(text.data(), text.size()), ec);
    if (ec) return false;
    out = parser.release();
    return true;
}

json::value read_value(json_reader& in) {
    switch (in.peek()) {
    case json_reader::kind::object: {
        json::object result;
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            std::string const key(name);
            result[key] = read_value(in);
        }
        return result;
    }
    case json_reader::kind::array: {
        json::array result;
        in.enter_array();
        while (in.next_element()) result.push_back(read_value(in));
        return result;
    }
    case json_reader::kind::string: {
        auto const text = in.read_string();
        return json::value(json::string_view(text.data(), text.size()));
    }
    case json_reader::kind::number: {
        // The text alone goes through Boost.JSON: what it makes of the digits is not what is compared here.
        json::value number;
        auto const text = in.read_number();
        EXPECT_TRUE(read_with_boost(text, number)) << text;
        return number;
    }
    case json_reader::kind::boolean:
        return in.read_bool();
    case json_reader::kind::null:
        in.read_null();
        return nullptr;
    }
    return nullptr;
}

/// Reads `text` member by member, and once more by skipping it; both must agree.
bool read_with_ours(std::string_view text, json::value& out) {
    bool skipped = true;
    try {
        json_reader in(text, depth_limit);
        in.skip_value();
        in.finish();
    } catch (error const&) {
        skipped = false;
    }
    try {
        json_reader in(text, depth_limit);
        auto value = read_value(in);
        in.finish();
        out = std::move(value);
        EXPECT_TRUE(skipped) << "refused when skipped: " << testing::PrintToString(std::string(text));
        return true;
    } catch (error const&) {
        EXPECT_FALSE(skipped) << "taken when skipped: " << testing::PrintToString(std::string(text));
        return false;
    }
}

/// The one thing that is refused here and taken there.
bool has_long_exponent(std::string_view text) {
    std::size_t digits = 0;
    for (char const c : text) {
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (digits > 9) return true;
    }
    return false;
}

/// Counts the texts that both take, so that a test can see it does not only compare refusals.
struct comparison {
    std::size_t taken = 0;
    std::size_t refused = 0;

    void operator()(std::string const& text) {
        // A copy of the exact size, so that the address sanitizer sees a byte read behind it.
        std::vector<char> const exact(text.begin(), text.end());
        std::string_view const view(exact.data(), exact.size());
        json::value theirs;
        json::value ours;
        auto const boost_takes = read_with_boost(view, theirs);
        auto const we_take = read_with_ours(view, ours);
        if (boost_takes && !we_take && has_long_exponent(view)) return;
        ASSERT_EQ(we_take, boost_takes) << testing::PrintToString(text);
        if (we_take) {
            ASSERT_EQ(json::serialize(ours), json::serialize(theirs)) << testing::PrintToString(text);
        }
        ++(we_take ? taken : refused);
    }
};

std::vector<std::string> const& corpus() {
    static std::vector<std::string> const texts = {
        R"({"Responses":{"users":[{"id":{"S":"01HQ0000000000000000000001"},"age":{"N":"42"},"tags":{"SS":["a","b"]},"on":{"BOOL":true}},)"
        R"({"id":{"S":"01HQ0000000000000000000002"},"name":{"S":"Zo\u00eb \"Z\" M\u00fcller\n"},"none":{"NULL":true}}]},"UnprocessedKeys":{}})",
        "{\"Item\":{\"bio\":{\"S\":\"\xc3\x9c"
        "bersetzer f\xc3\xbcr K\xc3\xb6ln \xe2\x82\xac \xf0\x9f\x98\x80 and a plain tail of "
        "text\"},\"m\":{\"M\":{\"l\":{\"L\":[{\"N\":\"1\"},{\"L\":[]}]}}}}}",
        R"([0,-0,1.5,-2.25e3,1E+2,1e-2,12345678901234567890,-9223372036854775808,0.1,123456789012345678.25])",
        R"([ true , false , null , "" , [ ] , { } , [ [ [ ] ] ] , {"a":{"b":{"c":[1,2,{"d":"e"}]}}} ])",
        R"(["\ud83d\ude00\u20ac\u0041\n\t\r\b\f\/\\\"", "\u0000", "plain text that is longer than thirty-two bytes in all"])",
        R"({"a":1,"a":2,"":3," ":{"":""}})",
        "\t\r\n {\r\n\t\"Count\" : 3 ,\r\n\t\"LastEvaluatedKey\" : { \"id\" : { \"S\" : \"x\" } }\r\n}\r\n",
        R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"Requested resource not found"})",
    };
    return texts;
}

/// Fragments that a mutation puts in: what JSON is made of, and what it must not be made of.
std::vector<std::string> const& fragments() {
    static std::vector<std::string> const texts = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\\u",
        "\\ud83d",
        "\\ude00",
        "\\n",
        "0",
        "-",
        ".",
        "e",
        "E+",
        "1",
        "true",
        "fals",
        "null",
        " ",
        "\n",
        std::string(1, '\0'),
        "\x01",
        "\x1f",
        "\x7f",
        "\x80",
        "\xc3",
        "\xc3\xa9",
        "\xe2\x82",
        "\xed\xa0\x80",
        "\xf0\x9f\x98\x80",
        "\xf4\x90\x80\x80",
        "\xff",
        "/",
        "'",
        "{\"S\":\"",
        "\"}",
        "\",\"",
        "\":",
        "[[[[[[[[[[",
        "]]]]]]]]]]",
    };
    return texts;
}

TEST(json_differential, the_corpus_is_read_alike) {
    comparison compare;
    for (auto const& text : corpus()) compare(text);
    EXPECT_EQ(compare.taken, corpus().size());
}

TEST(json_differential, every_prefix_is_judged_alike) {
    comparison compare;
    for (auto const& text : corpus()) {
        for (std::size_t size = 0; size != text.size(); ++size) compare(text.substr(0, size));
    }
    EXPECT_GT(compare.refused, 800U);
}

TEST(json_differential, every_byte_in_the_place_of_every_other_is_judged_alike) {
    comparison compare;
    for (std::string const& text :
         {std::string(R"({"a":"b\u00e9c","d":[-1.5e+2,true]})"), std::string("[\"\xe2\x82\xac\",0]")}) {
        for (std::size_t at = 0; at != text.size(); ++at) {
            for (int value = 0; value != 256; ++value) {
                auto changed = text;
                changed[at] = static_cast<char>(value);
                compare(changed);
            }
        }
    }
    EXPECT_GT(compare.taken, 500U);
    EXPECT_GT(compare.refused, 1000U);
}

TEST(json_differential, every_utf8_sequence_of_up_to_three_bytes_is_judged_alike) {
    comparison compare;
    constexpr int edges[] = {0x00, 0x22, 0x41, 0x5c, 0x7f, 0x80, 0x8f, 0x90, 0x9f,
                             0xa0, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xf4, 0xff};
    for (int first = 0x80; first != 0x100; ++first) {
        for (int const second : edges) {
            for (int const third : {0x22, 0x7f, 0x80, 0xbf, 0xc0}) {
                compare({'"', static_cast<char>(first), static_cast<char>(second), static_cast<char>(third), '"'});
                compare(
                    {'"', static_cast<char>(first), static_cast<char>(second), static_cast<char>(third), '\x80', '"'});
            }
        }
    }
    EXPECT_GT(compare.taken, 300U);
    EXPECT_GT(compare.refused, 1000U);
}

TEST(json_differential, nesting_around_the_limit_is_judged_alike) {
    comparison compare;
    for (unsigned depth = depth_limit - 2; depth != depth_limit + 3; ++depth) {
        compare(std::string(depth, '[') + std::string(depth, ']'));
        std::string opening;
        for (unsigned i = 0; i != depth; ++i) opening += "{\"a\":";
        compare(opening + "1" + std::string(depth, '}'));
    }
    EXPECT_EQ(compare.taken, 6U);
    EXPECT_EQ(compare.refused, 4U);
}

TEST(json_differential, mutated_texts_are_judged_alike) {
    std::mt19937 random(20'261'121); // The same texts in every run.
    auto const below = [&random](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
    comparison compare;
    for (int round = 0; round != 20'000; ++round) {
        auto text = corpus()[below(corpus().size())];
        for (auto changes = below(3) + 1; changes != 0; --changes) {
            auto const at = below(text.size() + 1);
            switch (below(5)) {
            case 0:
                text.insert(at, fragments()[below(fragments().size())]);
                break;
            case 1:
                text.erase(at, below(8) + 1);
                break;
            case 2:
                if (at != text.size()) text[at] = static_cast<char>(below(256));
                break;
            case 3:
                text.insert(at, text.substr(below(text.size() + 1), below(24)));
                break;
            default:
                if (at != text.size()) text[at] = fragments()[below(fragments().size())][0];
            }
        }
        compare(text);
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(compare.taken, 1000U);
    EXPECT_GT(compare.refused, 5000U);
}

} // namespace
} // namespace dynasio::dynamodb
