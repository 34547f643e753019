#include <dynasio/dynamodb/attribute_value.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace dynasio::dynamodb {
namespace {

template <class Function> error_code thrown(Function f) {
    try {
        static_cast<void>(f());
    } catch (error const& e) {
        return e.code();
    }
    return {};
}

template <class Value> std::string json(Value const& value) {
    std::string out;
    append_json(out, value);
    return out;
}

attribute_value read(std::string_view text) {
    json_reader in(text);
    auto value = read_attribute_value(in);
    in.finish();
    return value;
}

/// One of each type, everything nested.
item everything() {
    item inner;
    inner["x"] = attribute_value("y");
    item result;
    result["s"] = attribute_value("text \"\xc3\xa9\"\n");
    result["n"] = attribute_value(number::parse("-12.50"));
    result["b"] = attribute_value(binary{std::string("\0\xff", 2)});
    result["yes"] = attribute_value(true);
    result["no"] = attribute_value(false);
    result["null"] = attribute_value();
    result["l"] = attribute_value(list{attribute_value(1), attribute_value("two"), attribute_value(list{})});
    result["m"] = attribute_value(inner);
    result["ss"] = attribute_value(string_set{{"b", "a"}});
    result["ns"] = attribute_value(number_set{{number(2), number::parse("1.5")}});
    result["bs"] = attribute_value(binary_set{{binary{"f"}, binary{""}}});
    return result;
}

TEST(attribute_value, is_written_as_the_service_reads_it) {
    EXPECT_EQ(
        json(everything()),
        R"({"b":{"B":"AP8="},"bs":{"BS":["Zg==",""]},"l":{"L":[{"N":"1"},{"S":"two"},{"L":[]}]},"m":{"M":{"x":{"S":"y"}}},)"
        R"("n":{"N":"-12.5"},"no":{"BOOL":false},"ns":{"NS":["2","1.5"]},"null":{"NULL":true},"s":{"S":"text \")"
        "\xc3\xa9"
        R"(\"\n"},"ss":{"SS":["b","a"]},"yes":{"BOOL":true}})");
    EXPECT_EQ(json(item()), "{}");
    EXPECT_EQ(json(attribute_value(item())), R"({"M":{}})");
}

TEST(attribute_value, what_is_written_is_read_back) {
    auto const text = json(everything());
    json_reader in(text);
    EXPECT_EQ(read_item(in), everything());
    in.finish();
}

TEST(attribute_value, escaped_names_are_kept_apart_from_escaped_values) {
    json_reader in(R"({"a\n":{"S":"b\n"},"c\t":{"M":{"d\"":{"S":"e\\"}}}})");
    auto const value = read_item(in);
    EXPECT_EQ(value.at("a\n").as_string(), "b\n");
    EXPECT_EQ(value.at("c\t").as_map().at("d\"").as_string(), "e\\");
}

TEST(attribute_value, an_item_or_map_with_a_name_twice_is_refused_and_the_name_told) {
    for (std::string const text :
         {R"({"a":{"N":"1"},"b":{"N":"1"},"a":{"N":"2"}})", R"({"a":{"N":"1"},"\u0061":{"N":"1"}})",
          R"({"m":{"M":{"a":{"L":[]},"a":{"S":""}}}})"}) {
        try {
            json_reader in{std::string_view(text)};
            static_cast<void>(read_item(in));
            ADD_FAILURE() << text;
        } catch (dynasio::error const& e) {
            EXPECT_EQ(e.code(), errc::malformed_response) << text;
            EXPECT_TRUE(e.info().message.ends_with(": a")) << e.info().message;
        }
    }
}

TEST(attribute_value, knows_its_type_and_gives_no_other) {
    auto const all = everything();
    EXPECT_EQ(all.at("s").type(), attribute_type::string);
    EXPECT_EQ(all.at("n").type(), attribute_type::number);
    EXPECT_EQ(all.at("b").type(), attribute_type::binary);
    EXPECT_EQ(all.at("yes").type(), attribute_type::boolean);
    EXPECT_EQ(all.at("null").type(), attribute_type::null);
    EXPECT_EQ(all.at("l").type(), attribute_type::list);
    EXPECT_EQ(all.at("m").type(), attribute_type::map);
    EXPECT_EQ(all.at("ss").type(), attribute_type::string_set);
    EXPECT_EQ(all.at("ns").type(), attribute_type::number_set);
    EXPECT_EQ(all.at("bs").type(), attribute_type::binary_set);
    EXPECT_TRUE(all.at("null").is_null());
    EXPECT_FALSE(all.at("no").is_null());
    EXPECT_EQ(all.at("n").as_number().to_double(), -12.5);
    EXPECT_EQ(all.at("b").as_binary().bytes.size(), 2U);
    EXPECT_FALSE(all.at("no").as_bool());
    EXPECT_EQ(all.at("l").as_list().size(), 3U);
    EXPECT_EQ(all.at("ss").as_string_set().members.size(), 2U);
    EXPECT_EQ(all.at("ns").as_number_set().members.size(), 2U);
    EXPECT_EQ(all.at("bs").as_binary_set().members.size(), 2U);

    attribute_value const number_value(1);
    auto const mismatch = error_code(errc::attribute_type_mismatch);
    EXPECT_EQ(thrown([&] { return number_value.as_string(); }), mismatch);
    EXPECT_EQ(thrown([&] { return number_value.as_bool(); }), mismatch);
    EXPECT_EQ(thrown([&] { return number_value.as_binary(); }), mismatch);
    EXPECT_EQ(thrown([&] { return number_value.as_list(); }), mismatch);
    EXPECT_EQ(thrown([&] { return number_value.as_map(); }), mismatch);
    EXPECT_EQ(thrown([&] { return number_value.as_string_set(); }), mismatch);
    EXPECT_EQ(thrown([&] { return number_value.as_number_set(); }), mismatch);
    EXPECT_EQ(thrown([&] { return number_value.as_binary_set(); }), mismatch);
    EXPECT_EQ(thrown([&] { return attribute_value().as_number(); }), mismatch);
    try {
        static_cast<void>(number_value.as_string());
    } catch (error const& e) {
        EXPECT_EQ(e.info().message, "the attribute is of type N, not S");
    }
}

TEST(attribute_value, sets_are_equal_in_any_order_and_numbers_by_value) {
    EXPECT_EQ(attribute_value(string_set{{"a", "b"}}), attribute_value(string_set{{"b", "a"}}));
    EXPECT_FALSE(attribute_value(string_set{{"a", "b"}}) == attribute_value(string_set{{"a"}}));
    EXPECT_FALSE(attribute_value(string_set{{"a", "b"}}) == attribute_value(string_set{{"a", "c"}}));
    EXPECT_EQ(read(R"({"NS":["1.0","2"]})"), read(R"({"NS":["2e0","1"]})"));
    EXPECT_EQ(read(R"({"BS":["AA==","AQ=="]})"), read(R"({"BS":["AQ==","AA=="]})"));
    EXPECT_FALSE(read(R"({"SS":["1"]})") == read(R"({"NS":["1"]})"));
    EXPECT_EQ(read(R"({"N":"1.0"})"), attribute_value(1));
    EXPECT_FALSE(attribute_value(1) == attribute_value("1"));
    EXPECT_FALSE(attribute_value(false) == attribute_value());
    EXPECT_EQ(read(R"({"L":[{"N":"1.0"},{"SS":["a","b"]}]})"), read(R"({"L":[{"N":"1"},{"SS":["b","a"]}]})"));
    EXPECT_FALSE(read(R"({"L":[{"N":"1"},{"N":"2"}]})") == read(R"({"L":[{"N":"2"},{"N":"1"}]})"));
    EXPECT_FALSE(read(R"({"M":{"a":{"N":"1"}}})") == read(R"({"M":{"b":{"N":"1"}}})"));
}

TEST(attribute_value, refuses_sets_that_the_service_refuses_and_leaves_the_output_alone) {
    attribute_value const bad[] = {
        attribute_value(string_set{}),
        attribute_value(number_set{}),
        attribute_value(binary_set{}),
        attribute_value(string_set{{"a", "b", "a"}}),
        attribute_value(number_set{{number(1), number::parse("1.0")}}),
        attribute_value(binary_set{{binary{"a"}, binary{"a"}}}),
        attribute_value(list{attribute_value("good"), attribute_value(string_set{})}),
        attribute_value("\xff"),
        attribute_value(string_set{{"\xff"}}),
    };
    for (auto const& value : bad) {
        std::string out = "before";
        EXPECT_EQ(thrown([&] {
                      append_json(out, value);
                      return 0;
                  }),
                  errc::invalid_argument);
        EXPECT_EQ(out, "before");
        item whole;
        whole["a"] = value;
        EXPECT_EQ(thrown([&] {
                      append_json(out, whole);
                      return 0;
                  }),
                  errc::invalid_argument);
        EXPECT_EQ(out, "before");
    }
}

TEST(attribute_value, refuses_what_is_no_attribute_value) {
    for (std::string_view text : {R"({})",
                                  R"({"X":"a"})",
                                  R"({"S":1})",
                                  R"({"S":null})",
                                  R"({"N":1})",
                                  R"({"N":"x"})",
                                  R"({"N":""})",
                                  R"({"N":"1e126"})",
                                  R"({"B":"Zg"})",
                                  R"({"B":"Zg==\n"})",
                                  R"({"BOOL":"true"})",
                                  R"({"BOOL":1})",
                                  R"({"NULL":false})",
                                  R"({"NULL":null})",
                                  R"({"L":{}})",
                                  R"({"M":[]})",
                                  R"({"L":["a"]})",
                                  R"({"M":{"a":"b"}})",
                                  R"({"SS":"a"})",
                                  R"({"SS":[1]})",
                                  R"({"NS":[1]})",
                                  R"({"NS":["a"]})",
                                  R"({"BS":["a"]})",
                                  R"({"S":"a","S":"b"})",
                                  R"("a")",
                                  R"(null)",
                                  R"([])",
                                  R"({"S":"a"}})"})
        EXPECT_EQ(thrown([&] { return read(text); }), errc::malformed_response) << text;
}

std::string nested_lists(unsigned levels) {
    std::string text;
    for (unsigned i = 0; i != levels; ++i) text += R"({"L":[)";
    text += R"({"S":"x"})";
    for (unsigned i = 0; i != levels; ++i) text += "]}";
    return text;
}

TEST(attribute_value, nests_as_deep_as_the_reader_allows) {
    auto const text = nested_lists(63); // 127 levels of JSON.
    auto const value = read(text);
    EXPECT_EQ(json(value), text);
    EXPECT_EQ(thrown([] { return read(nested_lists(64)); }), errc::nesting_too_deep);
    EXPECT_EQ(thrown([] { return read(nested_lists(10'000)); }), errc::nesting_too_deep);
}

TEST(attribute_value, writes_nothing_that_could_not_be_read_back) {
    auto value = attribute_value("x");
    for (unsigned i = 0; i != 64; ++i) {
        list wrap;
        wrap.push_back(std::move(value));
        value = attribute_value(std::move(wrap));
    }
    std::string out;
    EXPECT_EQ(thrown([&] {
                  append_json(out, value);
                  return 0;
              }),
              errc::nesting_too_deep);
    EXPECT_EQ(out, "");
}

} // namespace
} // namespace dynasio::dynamodb
