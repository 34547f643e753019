#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dynamodb/structure_json.hpp"
#include "support/test_data.hpp"

// The published test cases of the protocol awsJson1_0. They are about a service of their own, whose structures are
// described here to the codec that DynamoDB's are read and written by.
namespace dynasio::dynamodb {
namespace {

enum class foo_enum : std::uint8_t { foo, baz, bar };
std::span<std::string_view const> texts_of(foo_enum) noexcept {
    static constexpr std::string_view texts[] = {"Foo", "Baz", "Bar"};
    return texts;
}

struct greeting {
    std::optional<std::string> hi{};
};
struct my_union {
    std::optional<std::string> string_value{};
    std::optional<bool> boolean_value{};
    std::optional<std::int32_t> number_value{};
    std::optional<system_time> timestamp_value{};
    std::optional<enumeration<foo_enum>> enum_value{};
    std::optional<std::int32_t> int_enum_value{};
    std::optional<std::vector<std::string>> list_value{};
    std::optional<std::map<std::string, std::string>> map_value{};
    std::optional<greeting> structure_value{};
};
struct json_unions {
    std::optional<my_union> contents{};
};
struct simple_scalars {
    std::optional<double> float_value{};
    std::optional<double> double_value{};
};
struct nothing {};

} // namespace

namespace detail {

template <> struct members_of<greeting> {
    template <class Struct, class Visitor> static void each(Struct& s, Visitor&& visit) { visit("hi", s.hi); }
};
template <> struct members_of<my_union> {
    template <class Struct, class Visitor> static void each(Struct& s, Visitor&& visit) {
        visit("stringValue", s.string_value);
        visit("booleanValue", s.boolean_value);
        visit("numberValue", s.number_value);
        visit("timestampValue", s.timestamp_value);
        visit("enumValue", s.enum_value);
        visit("intEnumValue", s.int_enum_value);
        visit("listValue", s.list_value);
        visit("mapValue", s.map_value);
        visit("structureValue", s.structure_value);
    }
};
template <> struct members_of<json_unions> {
    template <class Struct, class Visitor> static void each(Struct& s, Visitor&& visit) {
        visit("contents", s.contents);
    }
};
template <> struct members_of<simple_scalars> {
    template <class Struct, class Visitor> static void each(Struct& s, Visitor&& visit) {
        visit("floatValue", s.float_value);
        visit("doubleValue", s.double_value);
    }
};
template <> struct members_of<nothing> {
    template <class Struct, class Visitor> static void each(Struct&, Visitor&&) {}
};

} // namespace detail

namespace {

namespace json = boost::json;

/// What the codec reads from `text`, written by it again. An empty body counts as {}, as for every operation.
template <class Structure> std::string again(std::string_view text) {
    Structure value;
    if (!text.empty()) {
        json_reader in(text);
        detail::read(in, value);
        in.finish();
    }
    std::string out;
    detail::write(out, value);
    return out;
}

std::string again(std::string const& operation, std::string_view text) {
    if (operation == "JsonUnions") return again<json_unions>(text);
    if (operation == "SimpleScalarProperties") return again<simple_scalars>(text);
    return again<nothing>(text);
}

std::map<std::string, std::string> const& skipped() {
    static std::string const blob = "in DynamoDB only attribute values are binary, which have a codec of their own";
    static std::string const host = "no operation of this library adds to the host's name";
    static std::string const compressed = "DynamoDB takes no compressed requests";
    static std::map<std::string, std::string> const all{
        {"AwsJson10EndpointTrait", host},
        {"AwsJson10EndpointTraitWithHostLabel", host},
        {"AwsJson10HostWithPath", "paths of endpoints are no part of the body: a_path_of_the_endpoint_is_used tests "
                                  "it, vectors of SigV4 that it is signed"},
        {"AwsJson10SerializeBlobUnionValue", blob},
        {"AwsJson10DeserializeBlobUnionValue", blob},
        {"SDKAppliedContentEncoding_awsJson1_0", compressed},
        {"SDKAppendsGzipAndIgnoresHttpProvidedEncoding_awsJson1_0", compressed},
    };
    return all;
}

std::vector<json::value> cases(std::string const& side) {
    json::value const file = tests::read_json("dynamodb/botocore/protocol-tests/" + side + ".json");
    std::vector<json::value> out;
    for (json::value const& suite : file.as_array()) {
        for (json::value const& one : suite.at("cases").as_array()) out.push_back(one);
    }
    return out;
}
std::vector<json::value> const& inputs() {
    static auto const all = cases("input");
    return all;
}
std::vector<json::value> const& outputs() {
    static auto const all = cases("output");
    return all;
}

std::string id_of(json::value const& one) { return tests::to_string(one.at("id")); }
std::string name_of(json::value const& one) { return tests::to_string(one.at("given").at("name")); }
std::string text_at(json::value const& one, char const* name) {
    auto const* const found = one.as_object().if_contains(name);
    return found == nullptr ? std::string() : tests::to_string(*found);
}

struct protocol_input : testing::TestWithParam<std::size_t> {};

TEST_P(protocol_input, is_written_as_published) {
    json::value const& one = inputs()[GetParam()];
    if (auto const why = skipped().find(id_of(one)); why != skipped().end()) GTEST_SKIP() << why->second;
    std::string const given = json::serialize(one.at("params"));
    EXPECT_EQ(json::parse(again(name_of(one), given)), json::parse(text_at(one.at("serialized"), "body")));
}

struct protocol_output : testing::TestWithParam<std::size_t> {};

TEST_P(protocol_output, is_read_as_published) {
    json::value const& one = outputs()[GetParam()];
    if (auto const why = skipped().find(id_of(one)); why != skipped().end()) GTEST_SKIP() << why->second;
    json::value const& response = one.at("response");
    std::string const body = text_at(response, "body");
    if (one.as_object().contains("error")) {
        std::string const type = text_at(response.at("headers"), "X-Amzn-Errortype");
        auto const read = detail::read_service_error(response.at("status_code").to_number<unsigned>(), type, body);
        EXPECT_EQ(read.name, text_at(one, "errorCode"));
        EXPECT_EQ(read.message, text_at(one, "errorMessage"));
        return;
    }
    EXPECT_EQ(json::parse(again(name_of(one), body)), one.at("result"));
}

std::string input_name(testing::TestParamInfo<std::size_t> const& i) {
    return tests::test_name(id_of(inputs()[i.param]));
}
std::string output_name(testing::TestParamInfo<std::size_t> const& i) {
    return tests::test_name(id_of(outputs()[i.param]));
}
INSTANTIATE_TEST_SUITE_P(all, protocol_input, testing::Range(std::size_t{0}, inputs().size()), input_name);
INSTANTIATE_TEST_SUITE_P(all, protocol_output, testing::Range(std::size_t{0}, outputs().size()), output_name);

TEST(protocol, cases_are_all_run_or_skipped_by_name) {
    EXPECT_EQ(inputs().size(), 21U);
    EXPECT_EQ(outputs().size(), 32U);
    std::size_t skips = 0;
    for (auto const* side : {&inputs(), &outputs()}) {
        for (json::value const& one : *side) skips += skipped().contains(id_of(one)) ? 1 : 0;
    }
    EXPECT_EQ(skips, skipped().size());
    std::cout << "awsJson1_0: " << inputs().size() + outputs().size() - skips << " run, " << skips << " skipped\n";
}

} // namespace
} // namespace dynasio::dynamodb
