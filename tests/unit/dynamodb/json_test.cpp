#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace dynasio::dynamodb {
namespace {

/// The code that `f` throws; no error code when it throws nothing.
template <class Function> error_code thrown(Function f) {
    try {
        f();
    } catch (error const& e) {
        return e.code();
    }
    return {};
}

/// Whether the reader takes `text` as one whole JSON text.
error_code whole(std::string_view text, unsigned max_depth = json_reader::default_max_depth) {
    return thrown([&] {
        json_reader in(text, max_depth);
        in.skip_value();
        in.finish();
    });
}

std::string read_one_string(std::string_view text) {
    json_reader in(text);
    std::string result(in.read_string());
    in.finish();
    return result;
}

std::string repeat(std::string_view text, std::size_t times) {
    std::string result;
    for (std::size_t i = 0; i != times; ++i) result += text;
    return result;
}

TEST(json_reader, names_the_kind_that_comes_next_and_reads_nothing) {
    using kind = json_reader::kind;
    std::pair<char const*, kind> const cases[] = {
        {" {}", kind::object},   {"\n[]", kind::array},    {"\t\"\"", kind::string},
        {"-1", kind::number},    {"0", kind::number},      {"9", kind::number},
        {"true", kind::boolean}, {"false", kind::boolean}, {"null", kind::null}};
    for (auto const& [text, expected] : cases) {
        json_reader in(text);
        EXPECT_EQ(in.peek(), expected) << text;
        EXPECT_EQ(in.peek(), expected) << text;
        in.skip_value();
        in.finish();
    }
    EXPECT_EQ(thrown([] { static_cast<void>(json_reader("+1").peek()); }), errc::malformed_response);
    EXPECT_EQ(thrown([] { static_cast<void>(json_reader(" ").peek()); }), errc::malformed_response);
}

TEST(json_reader, reads_members_and_elements_in_order) {
    for (std::string_view text :
         {R"({"a":[1,2.5,-3e2],"b":{"c":true,"d":null},"e":[],"f":{}})",
          " { \"a\" : [ 1 , 2.5 , -3e2 ] ,\r\n\"b\":{ \"c\" :true , \"d\":\tnull } , \"e\" :[ ] , \"f\" : { } } "}) {
        json_reader in(text);
        std::vector<std::string> seen;
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            seen.emplace_back(name);
            if (in.peek() == json_reader::kind::array) {
                in.enter_array();
                while (in.next_element()) seen.emplace_back(in.read_number());
            } else {
                in.enter_object();
                while (in.next_member(name)) {
                    seen.emplace_back(name);
                    if (in.read_if_null())
                        seen.emplace_back("null");
                    else
                        seen.emplace_back(in.read_bool() ? "true" : "false");
                }
            }
        }
        in.finish();
        EXPECT_EQ(seen, (std::vector<std::string>{"a", "1", "2.5", "-3e2", "b", "c", "true", "d", "null", "e", "f"}));
    }
}

TEST(json_reader, a_member_follows_the_value_of_a_nested_object) {
    json_reader in(R"({"first":{"x":1},"second":[[]],"third":"a value of some length","fourth":0})");
    std::string names;
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        names += name;
        names += ' ';
        in.skip_value();
    }
    in.finish();
    EXPECT_EQ(names, "first second third fourth ");
}

TEST(json_reader, gives_every_one_of_duplicate_names) {
    json_reader in(R"({"a":1,"a":2})");
    std::string values;
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) values += in.read_number();
    EXPECT_EQ(values, "12");
}

TEST(json_reader, strings_without_escapes_are_views_of_the_input) {
    for (std::size_t size : {0U, 1U, 14U, 15U, 16U, 17U, 31U, 32U, 33U, 100U}) {
        for (std::string const& character : {std::string("x"), std::string("\xc3\xa9")}) {
            auto const content = repeat(character, size);
            // With and without bytes behind it: near the end another path reads it.
            for (std::string const& padding : {std::string(), std::string(64, ' ')}) {
                auto const text = '"' + content + '"' + padding;
                json_reader in(text);
                auto const read = in.read_string();
                EXPECT_EQ(read, content);
                EXPECT_EQ(static_cast<void const*>(read.data()), static_cast<void const*>(text.data() + 1));
                EXPECT_EQ(in.position(), content.size() + 2);
                in.finish();
            }
        }
    }
}

TEST(json_reader, resolves_escapes_wherever_they_stand) {
    EXPECT_EQ(read_one_string(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
    EXPECT_EQ(read_one_string(R"("\u0041\u00e9\u20AC\ud83d\uDE00")"), "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
    EXPECT_EQ(read_one_string(R"("\u0000")"), std::string(1, '\0'));
    EXPECT_EQ(read_one_string(R"("\uffff\ue000\ud7ff")"), "\xef\xbf\xbf\xee\x80\x80\xed\x9f\xbf");
    for (std::size_t before = 0; before != 70; ++before) {
        auto const text = '"' + std::string(before, 'x') + R"(\nend\t)" + "\xc3\xa9" + std::string(40, 'y') + '"';
        EXPECT_EQ(read_one_string(text), std::string(before, 'x') + "\nend\t\xc3\xa9" + std::string(40, 'y'));
    }
}

TEST(json_reader, escaped_text_is_valid_until_the_next_string) {
    json_reader in(R"(["a\n","b\n"])");
    in.enter_array();
    ASSERT_TRUE(in.next_element());
    auto const first = in.read_string();
    EXPECT_EQ(first, "a\n");
    ASSERT_TRUE(in.next_element());
    EXPECT_EQ(in.read_string(), "b\n");
}

TEST(json_reader, refuses_text_that_is_not_utf8) {
    char const* const bad[] = {
        "\x80",
        "\xbf",
        "\xc0\x80",
        "\xc1\xbf",
        "\xc2",
        "\xc2\x41",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xed\xa0\x80",
        "\xed\xbf\xbf",
        "\xe2\x82",
        "\xe2\x82\x41",
        "\xe2\x41\x80",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf",
        "\xf4\x90\x80\x80",
        "\xf0\x9f\x98",
        "\xf0\x9f\x98\x41",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe",
    };
    for (std::string const part : bad) {
        for (std::size_t before : {0U, 15U, 16U, 40U}) {
            auto const text = '"' + std::string(before, 'x') + part + std::string(40, 'y') + '"';
            EXPECT_EQ(whole(text), errc::malformed_response) << testing::PrintToString(part) << " after " << before;
            EXPECT_EQ(thrown([&] { read_one_string(text); }), errc::malformed_response) << testing::PrintToString(part);
        }
        EXPECT_EQ(whole('"' + part), errc::malformed_response);
        EXPECT_EQ(whole('"' + part + '"'), errc::malformed_response);
        EXPECT_EQ(whole("{\"" + part + "\":1}"), errc::malformed_response);
    }
    char const* const good[] = {"\xc2\x80",     "\xdf\xbf",         "\xe0\xa0\x80",     "\xed\x9f\xbf",
                                "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xef\xbf\xbf\x7f"};
    for (std::string const part : good) EXPECT_EQ(read_one_string('"' + part + '"'), part);
}

TEST(json_reader, refuses_control_characters_in_strings) {
    for (int c = 0; c != 0x20; ++c) {
        for (std::size_t before : {0U, 20U}) {
            auto const text = '"' + std::string(before, 'x') + static_cast<char>(c) + std::string(20, 'y') + '"';
            EXPECT_EQ(whole(text), errc::malformed_response) << c;
        }
    }
    EXPECT_EQ(read_one_string("\"\x7f\""), "\x7f");
}

TEST(json_reader, refuses_bad_escapes) {
    for (std::string_view text : {R"("\")",
                                  R"("\x41")",
                                  R"("\u")",
                                  R"("\u12")",
                                  R"("\u12g4")",
                                  R"("\ud800")",
                                  R"("\udc00")",
                                  R"("\ud800x")",
                                  R"("\ud800\n")",
                                  R"("\ud800\u0041")",
                                  R"("\ud800\ud800")",
                                  R"("\udfff\ud800")",
                                  R"("\ud800\u)",
                                  R"("\ud800\)",
                                  R"("\ud800\udc0)",
                                  R"("\U0041")",
                                  R"("\0")",
                                  R"("\')",
                                  "\"\\",
                                  "\"\\u004",
                                  "\"\\\n\""}) {
        EXPECT_EQ(whole(text), errc::malformed_response) << text;
        EXPECT_EQ(thrown([&] { read_one_string(text); }), errc::malformed_response) << text;
    }
}

TEST(json_reader, checks_the_form_of_numbers) {
    for (std::string_view text : {"0", "-0", "1", "-1", "10", "1.5", "0.0", "-0.25", "1e5", "1E+5", "1e-5", "0e0",
                                  "123456789012345678901234567890", "0.000000000000000000000000000001",
                                  "1e000000000000001", "1e999999999", "1e-999999999"}) {
        json_reader in(text);
        EXPECT_EQ(in.read_number(), text);
        in.finish();
    }
    for (std::string_view text :
         {"",         "-",         "+1",    "01",           "-01",           "1.",           ".5",    "1.e5",
          "1e",       "1e+",       "1e-",   "--1",          "0x10",          "1a",           "1 2",   "NaN",
          "Infinity", "-Infinity", "1e1.5", "1e1000000000", "1e-1000000000", "1e2147483648", "1_000", "1,5"})
        EXPECT_EQ(whole(text), errc::malformed_response) << text;
}

TEST(json_reader, refuses_what_is_no_json) {
    for (std::string_view text : {"",           " ",         "{",
                                  "}",          "[",         "]",
                                  "[1",         "[1,",       "[1,]",
                                  "[,1]",       "[1 2]",     "[1}",
                                  "{]",         "{\"a\"",    "{\"a\":",
                                  "{\"a\":1",   "{\"a\":1,", "{\"a\":1,}",
                                  "{,\"a\":1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}",
                                  "{a:1}",      "{1:1}",     "{\"a\":1]",
                                  "tru",        "True",      "nul",
                                  "nulll",      "falsee",    "'a'",
                                  "\"a",        "\"",        "[1]]",
                                  "{} {}",      "1 1",       "\xef\xbb\xbf{}",
                                  "/**/1",      "[1]//",     "\v1",
                                  "\f1",        "1\v",       "[\"a\",,\"b\"]"}) {
        EXPECT_EQ(whole(text), errc::malformed_response) << text;
        EXPECT_EQ(whole(std::string(text) + std::string(40, ' ')), errc::malformed_response) << text;
    }
    EXPECT_EQ(whole(std::string_view("[1]\0", 4)), errc::malformed_response);
    EXPECT_EQ(whole(std::string_view("\0", 1)), errc::malformed_response);
    EXPECT_EQ(whole(std::string_view()), errc::malformed_response);
}

TEST(json_reader, refuses_trailing_and_missing_separators_when_members_are_read_one_by_one) {
    auto const read_object = [](std::string_view text) {
        return thrown([&] {
            json_reader in(text);
            std::string_view name;
            in.enter_object();
            while (in.next_member(name)) in.skip_value();
            in.finish();
        });
    };
    auto const read_array = [](std::string_view text) {
        return thrown([&] {
            json_reader in(text);
            in.enter_array();
            while (in.next_element()) in.skip_value();
            in.finish();
        });
    };
    std::string const padding(64, ' ');
    for (std::string text :
         {R"({"a":1,})", R"({,"a":1})", R"({"a":1"b":2})", R"({"a":1,,"b":2})", R"({"a":1 "b":2})", R"({"a","b":2})",
          R"({"a":1,"b"2})", R"({"a":1,"b":})", R"({"a":1,"b"})", R"({"a":1,"b)", R"({"a":1)", R"({"a":1])", R"({)"}) {
        EXPECT_EQ(read_object(text), errc::malformed_response) << text;
        EXPECT_EQ(read_object(text + padding), errc::malformed_response) << text;
    }
    for (std::string text : {"[1,]", "[,1]", "[1 2]", "[1,,2]", "[", "[1", "[1,", "[1}", "[1]]"}) {
        EXPECT_EQ(read_array(text), errc::malformed_response) << text;
        EXPECT_EQ(read_array(text + padding), errc::malformed_response) << text;
    }
    EXPECT_EQ(read_object(R"({"a":1,"b":2})" + padding), error_code());
    EXPECT_EQ(read_array("[1,2]" + padding), error_code());
}

TEST(json_reader, skips_a_value_and_answers_its_text) {
    json_reader in(R"( {"skipped" : {"a":[1,{"b":"]}"}],"c":"\"" } , "kept":7})");
    std::string_view name;
    in.enter_object();
    ASSERT_TRUE(in.next_member(name));
    EXPECT_EQ(in.skip_value(), R"({"a":[1,{"b":"]}"}],"c":"\"" })");
    ASSERT_TRUE(in.next_member(name));
    EXPECT_EQ(name, "kept");
    EXPECT_EQ(in.read_number(), "7");
    EXPECT_FALSE(in.next_member(name));
    in.finish();
}

TEST(json_reader, takes_nesting_up_to_the_limit_and_no_deeper) {
    for (unsigned limit : {1U, 2U, 63U, 64U, 65U, 128U, 129U, 200U}) {
        EXPECT_EQ(whole(repeat("[", limit) + repeat("]", limit), limit), error_code()) << limit;
        EXPECT_EQ(whole(repeat("[", limit + 1) + repeat("]", limit + 1), limit), errc::nesting_too_deep) << limit;
        EXPECT_EQ(whole(repeat("{\"a\":", limit) + "1" + repeat("}", limit), limit), error_code()) << limit;
        // Objects and arrays in turn, so that a container taken for the other kind shows.
        auto const opening = repeat("[{\"a\":", limit / 2);
        auto const closing = repeat("}]", limit / 2);
        EXPECT_EQ(whole(opening + "1" + closing, limit), error_code()) << limit;
        EXPECT_EQ(whole(opening + "1" + repeat("]}", limit / 2), limit),
                  limit / 2 == 0 ? error_code() : error_code(errc::malformed_response))
            << limit;
    }
    EXPECT_EQ(whole(repeat("[", 10'000) + repeat("]", 10'000)), errc::nesting_too_deep);
    EXPECT_EQ(whole(repeat("{\"a\":", 10'000)), errc::nesting_too_deep);
    EXPECT_EQ(whole("[]", 0), errc::nesting_too_deep);
    EXPECT_EQ(whole("1", 0), error_code());
}

TEST(json_reader, skips_very_deep_text_without_recursion_when_asked_to) {
    EXPECT_EQ(whole(repeat("[", 1'000'000) + repeat("]", 1'000'000), 1'000'000), error_code());
}

TEST(json_reader, counts_siblings_once) { EXPECT_EQ(whole("[" + repeat("[{}],", 1000) + "1]", 3), error_code()); }

TEST(json_reader, counts_attributes_as_a_level) {
    for (std::string_view text :
         {R"({"S":"x"}                                                )", R"( {"S":"x"})", R"({"BOOL":true})"}) {
        EXPECT_EQ(thrown([&] { static_cast<void>(json_reader(text, 0).open_attribute()); }), errc::nesting_too_deep)
            << text;
        EXPECT_EQ(thrown([&] { static_cast<void>(json_reader(text, 1).open_attribute()); }), error_code()) << text;
    }
    json_reader in(R"({"S":"x"}                                                )", 0);
    std::string_view value;
    EXPECT_FALSE(in.read_if_attribute(attribute_type::string, value));
}

TEST(json_reader, finish_refuses_an_object_that_was_not_left) {
    json_reader in("{");
    in.enter_object();
    EXPECT_EQ(thrown([&] { in.finish(); }), errc::malformed_response);
}

TEST(json_reader, reads_the_tag_of_an_attribute_with_and_without_white_space) {
    std::pair<std::string, attribute_type> const cases[] = {
        {R"("S":"x")", attribute_type::string},
        {R"("N":"1")", attribute_type::number},
        {R"("B":"AA==")", attribute_type::binary},
        {R"("BOOL":true)", attribute_type::boolean},
        {R"("NULL":true)", attribute_type::null},
        {R"("L":[])", attribute_type::list},
        {R"("M":{})", attribute_type::map},
        {R"("SS":["a"])", attribute_type::string_set},
        {R"("NS":["1"])", attribute_type::number_set},
        {R"("BS":["AA=="])", attribute_type::binary_set},
        {R"( "S" : "x" )", attribute_type::string},
        {R"( "BOOL"  : false )", attribute_type::boolean},
        {R"("\u0053":"x")", attribute_type::string},
        {R"("NUL\u004c":true)", attribute_type::null},
    };
    for (auto const& [inside, type] : cases) {
        for (std::string const& text :
             {"{" + inside + "}", " {" + inside + "} ", "{" + inside + " }" + std::string(64, ' ')}) {
            json_reader in(text);
            EXPECT_EQ(in.open_attribute(), type) << text;
            in.skip_value();
            in.close_attribute();
            in.finish();
        }
    }
}

TEST(json_reader, refuses_attributes_of_unknown_no_or_two_types) {
    auto const read = [](std::string_view text) {
        return thrown([&] {
            json_reader in(text);
            static_cast<void>(in.open_attribute());
            in.skip_value();
            in.close_attribute();
        });
    };
    for (std::string text : {R"({})",
                             R"({"X":"x"})",
                             R"({"s":"x"})",
                             R"({"":"x"})",
                             R"({"SSS":"x"})",
                             R"({"BOOL2":true})",
                             R"({"S":"a","N":"1"})",
                             R"({"S""x"})",
                             R"({"S":})",
                             R"("S")",
                             R"([])",
                             R"({S:"x"})",
                             R"({"S":"x")",
                             R"({"S)",
                             R"({)",
                             R"(null)",
                             R"({"@":"x"})",
                             R"({"Z":"x"})",
                             R"({"A":"x"})",
                             R"({"C":"x"})",
                             "{\"\x80\":1}"}) {
        EXPECT_EQ(read(text), errc::malformed_response) << text;
        EXPECT_EQ(read(text + std::string(64, ' ')), errc::malformed_response) << text;
    }
}

TEST(json_reader, reads_a_whole_attribute_in_one_step_or_not_at_all) {
    std::string const behind = R"(,"next":{"N":"1"},"another":{"S":"something"})";
    for (std::size_t size : {0U, 1U, 15U, 16U, 31U, 32U, 33U, 100U}) {
        for (std::string const& extra :
             {std::string(), std::string("\xc3\xa9"), std::string(R"(\n)"), std::string(R"(\"})")}) {
            auto const text = R"({"S":")" + std::string(size, 'x') + extra + R"("})" + behind;
            json_reader in(text);
            std::string_view value;
            ASSERT_TRUE(in.read_if_attribute(attribute_type::string, value)) << text;
            auto const resolved = extra == R"(\n)" ? "\n" : extra == R"(\"})" ? "\"}" : extra;
            EXPECT_EQ(value, std::string(size, 'x') + resolved);
            EXPECT_EQ(in.position(), text.size() - behind.size());
        }
    }
    for (std::string const& text :
         {R"({"N":"1"})" + behind, R"({ "S":"x"})" + behind, R"({"S": "x"})" + behind, R"({"S":1})" + behind,
          std::string(R"({"S":"x"})"), std::string(), R"(null)" + behind, R"({"SS":["x"]})" + behind}) {
        json_reader in(text);
        std::string_view value;
        EXPECT_FALSE(in.read_if_attribute(attribute_type::string, value)) << text;
        EXPECT_EQ(in.position(), 0U);
    }
    auto const number_text = R"({"N":"12.5"})" + behind;
    json_reader number(number_text);
    std::string_view value;
    EXPECT_FALSE(number.read_if_attribute(attribute_type::binary, value));
    EXPECT_TRUE(json_reader(R"({"B":"AAAA"}                                        )")
                    .read_if_attribute(attribute_type::binary, value));
    for (std::string text : {R"({"S":"x",)", R"({"S":"x"])", R"({"S":"x)", "{\"S\":\"\x01\"}", R"({"S":"\q"})"})
        EXPECT_EQ(thrown([&] {
                      std::string const padded = text + std::string(64, ' ');
                      json_reader in(padded);
                      std::string_view read;
                      static_cast<void>(in.read_if_attribute(attribute_type::string, read));
                  }),
                  errc::malformed_response)
            << text;
}

TEST(json_reader, says_where_it_failed_and_not_what_the_text_was) {
    try {
        json_reader in(R"({"a":"secret","b":#})");
        in.skip_value();
        FAIL() << "read it";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::malformed_response);
        EXPECT_NE(e.info().message.find("byte 18"), std::string::npos) << e.info().message;
        EXPECT_EQ(e.info().message.find("secret"), std::string::npos);
    }
    json_reader in("[1]");
    in.enter_array();
    try {
        in.fail("no such thing");
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::malformed_response);
        EXPECT_EQ(e.info().message, "no such thing at byte 1 of the JSON");
    }
}

TEST(json_members, come_with_words_that_tell_short_names_apart) {
    std::vector<std::string> names{"",
                                   "a",
                                   "b",
                                   "ab",
                                   "abcdefg",
                                   "abcdefgh",
                                   "abcdefgi",
                                   "abcdefghi",
                                   "0123456789abcdef",
                                   "0123456789abcdeg",
                                   "0123456789abcdef0",
                                   "0123456789abcdef1"};
    // Of a name with other bytes behind it, as it stands in an answer.
    auto const words = [](std::string const& readable, std::size_t size) {
        return detail::short_words_of(readable.data(), std::min(size, detail::max_short_name));
    };
    std::string text = "{";
    for (auto const& name : names)
        text += '"' + name + R"(":1, "\u0061)" + name + R"(":2,)"; // plain, and with an escape
    text.back() = '}';
    for (std::string const& tail : {std::string(), std::string(40, ' ')}) {
        std::string const whole_text = text + tail;
        json_reader in(std::string_view{whole_text});
        in.enter_object();
        for (auto const& name : names) {
            for (std::string const& expected : {name, 'a' + name}) {
                std::string_view got;
                ASSERT_TRUE(in.next_member(got));
                EXPECT_EQ(got, expected);
                std::string padded = expected;
                padded.resize(40);
                EXPECT_TRUE(detail::words_of(got) == words(padded, expected.size())) << expected;
                in.skip_value();
            }
        }
        std::string_view none;
        EXPECT_FALSE(in.next_member(none));
        in.finish();
    }
    EXPECT_FALSE(detail::words_of("abcdefgh") == detail::words_of("abcdefgi"));
    EXPECT_FALSE(detail::words_of("a") == detail::words_of("ab"));
    EXPECT_FALSE(detail::words_of("0123456789abcdef") == detail::words_of("0123456789abcdeg"));
    EXPECT_TRUE(detail::words_of("abcdefgh") == detail::words_of("abcdefgh"));
}

TEST(json_members, first_and_later_ones_are_told_apart_by_the_comma) {
    for (char const* text : {R"({,"a":1}                             )", R"({"a":1"b":2}                        )",
                             R"({"a":1,,"b":2}                       )", R"({"a":1,}                            )",
                             R"({"a" 1}                              )", R"({a:1}                               )"}) {
        EXPECT_EQ(thrown([&] {
                      json_reader in{std::string_view(text)};
                      std::string_view name;
                      in.enter_object();
                      while (in.next_member(name)) in.skip_value();
                      in.finish();
                  }),
                  errc::malformed_response)
            << text;
    }
}

} // namespace
} // namespace dynasio::dynamodb
