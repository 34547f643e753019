#include <dynasio/dynamodb/detail/endpoint.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::dynamodb::detail;
namespace json = boost::json;

using variables = std::map<std::string, std::string>;

aws::environment environment_of(variables values) {
    aws::environment env;
    env.variable = [values](std::string const& name) -> std::optional<std::string> {
        auto const found = values.find(name);
        if (found == values.end() || found->second.empty()) return std::nullopt;
        return found->second;
    };
    env.read_file = [](std::string const&) { return std::optional<std::string>(); };
    return env;
}

client_options in(std::string region) {
    client_options o;
    o.region = std::move(region);
    return o;
}

std::string shown(http::url const& url) { return (url.tls ? "https://" : "http://") + url.authority() + url.path; }

/// The message of the refusal; empty, with a failed test, when there is none.
std::string refusal(client_options o, errc expected = errc::invalid_configuration, variables values = {}) {
    try {
        static_cast<void>(resolve(std::move(o), environment_of(std::move(values))));
    } catch (error const& e) {
        EXPECT_EQ(e.code(), expected);
        return e.info().message;
    }
    ADD_FAILURE() << "not refused";
    return {};
}

TEST(endpoint, published_cases_give_the_published_url) {
    json::value const all = tests::read_json("dynamodb/botocore/endpoint-tests.json");
    int compared = 0;
    int other_rule = 0;
    for (json::value const& one : all.at("testCases").as_array()) {
        json::object const params = one.as_object().contains("params") ? one.at("params").as_object() : json::object();
        client_options o;
        if (params.contains("Region")) o.region = tests::to_string(params.at("Region"));
        if (params.contains("Endpoint")) o.endpoint = tests::to_string(params.at("Endpoint"));
        if (o.region.empty()) {
            // Published rules accept an endpoint without a region; signing needs one.
            refusal(o, errc::no_region);
            ++other_rule;
            continue;
        }
        auto const r = resolve(o, environment_of({}));
        if (one.at("expect").as_object().contains("error")) {
            // An endpoint given by name is used, dual-stack or not.
            EXPECT_TRUE(std::string_view(one.at("expect").at("error").as_string()).starts_with("Endpoint override"));
            ++other_rule;
            continue;
        }
        std::string expected = tests::to_string(one.at("expect").at("endpoint").at("url"));
        if (!expected.ends_with('/')) expected += '/';
        EXPECT_EQ(shown(r.endpoint), expected) << one.at("params");
        ++compared;
    }
    EXPECT_EQ(compared, 33);
    EXPECT_EQ(other_rule, 8);
}

TEST(endpoint, the_region_local_is_a_server_on_this_machine_signed_as_another) {
    auto const r = resolve(in("local"), environment_of({}));
    EXPECT_EQ(shown(r.endpoint), "http://localhost:8000/");
    EXPECT_EQ(r.signing_region, "us-east-1");
}

TEST(endpoint, partitions_have_suffixes_of_their_own) {
    EXPECT_EQ(regional_endpoint("eu-west-1"), "https://dynamodb.eu-west-1.amazonaws.com");
    EXPECT_EQ(regional_endpoint("cn-north-1"), "https://dynamodb.cn-north-1.amazonaws.com.cn");
    EXPECT_EQ(regional_endpoint("us-gov-west-1"), "https://dynamodb.us-gov-west-1.amazonaws.com");
    EXPECT_EQ(regional_endpoint("us-iso-east-1"), "https://dynamodb.us-iso-east-1.c2s.ic.gov");
    EXPECT_EQ(regional_endpoint("us-isof-south-1"), "https://dynamodb.us-isof-south-1.csp.hci.ic.gov");
    EXPECT_EQ(regional_endpoint("eu-isoe-west-1"), "https://dynamodb.eu-isoe-west-1.cloud.adc-e.uk");
    EXPECT_EQ(regional_endpoint("eusc-de-east-1"), "https://dynamodb.eusc-de-east-1.amazonaws.eu");
}

TEST(endpoint, the_more_particular_source_wins) {
    variables v{{"AWS_REGION", "eu-west-1"},
                {"AWS_ENDPOINT_URL", "http://a:1"},
                {"AWS_ENDPOINT_URL_DYNAMODB", "http://b:2"},
                {"DYNAMODB_ENDPOINT", "http://c:3"}};
    client_options o;
    o.endpoint = "http://d:4";
    EXPECT_EQ(shown(resolve(o, environment_of(v)).endpoint), "http://d:4/");
    o.endpoint.clear();
    EXPECT_EQ(shown(resolve(o, environment_of(v)).endpoint), "http://c:3/");
    v.erase("DYNAMODB_ENDPOINT");
    EXPECT_EQ(shown(resolve(o, environment_of(v)).endpoint), "http://b:2/");
    v.erase("AWS_ENDPOINT_URL_DYNAMODB");
    EXPECT_EQ(shown(resolve(o, environment_of(v)).endpoint), "http://a:1/");
    v["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
    auto const r = resolve(o, environment_of(v));
    EXPECT_EQ(shown(r.endpoint), "https://dynamodb.eu-west-1.amazonaws.com/");
    EXPECT_EQ(r.signing_region, "eu-west-1");
}

TEST(endpoint, a_missing_region_is_an_error_of_its_own) { refusal({}, errc::no_region); }

TEST(endpoint, what_is_no_region_goes_into_no_header) {
    for (char const* bad : {"eu west", "eu/west", "EU-WEST-1", "-eu", "eu-", "eu\r\nx", "eu.west", "eu@evil"})
        EXPECT_TRUE(refusal(in(bad)).starts_with("region:")) << bad;
    EXPECT_TRUE(refusal(in(std::string(64, 'a'))).starts_with("region:"));
}

TEST(endpoint, a_malformed_endpoint_is_named_with_its_source) {
    auto o = in("eu-west-1");
    o.endpoint = "ftp://x";
    EXPECT_TRUE(refusal(o).starts_with("endpoint:"));
    EXPECT_TRUE(refusal(in("eu-west-1"), errc::invalid_configuration, {{"DYNAMODB_ENDPOINT", "nonsense"}})
                    .starts_with("endpoint (from DYNAMODB_ENDPOINT):"));
}

TEST(endpoint, other_options_are_checked_and_named) {
    auto const named = [](auto change, char const* name) {
        auto o = in("eu-west-1");
        change(o);
        EXPECT_TRUE(refusal(o).starts_with(name)) << name;
    };
    named([](client_options& o) { o.timeout = std::chrono::milliseconds(0); }, "timeout:");
    named([](client_options& o) { o.retry.max_attempts = 0; }, "retry.max_attempts:");
    named([](client_options& o) { o.retry.base_delay = aws::retry_delay(-1); }, "retry.base_delay:");
    named([](client_options& o) { o.pool.max_connections = 0; }, "pool.max_connections:");
    named([](client_options& o) { o.pool.connect_timeout = {}; }, "pool.connect_timeout:");
    named([](client_options& o) { o.table_prefix = "a b"; }, "table_prefix:");
    named([](client_options& o) { o.clock = nullptr; }, "clock:");
}

TEST(endpoint, what_is_left_empty_is_filled_in) {
    auto const r = resolve({}, environment_of({{"AWS_REGION", "eu-west-1"}, {"DYNASIO_TABLE_PREFIX", "test_"}}));
    EXPECT_EQ(r.options.region, "eu-west-1");
    EXPECT_EQ(r.options.endpoint, "https://dynamodb.eu-west-1.amazonaws.com");
    EXPECT_EQ(r.options.table_prefix, "test_");
    EXPECT_TRUE(r.options.credentials);
    EXPECT_TRUE(r.options.ulids);
}

} // namespace
