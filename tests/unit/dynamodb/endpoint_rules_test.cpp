#include <dynasio/dynamodb/detail/endpoint_rules.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::dynamodb::detail;
namespace json = boost::json;

json::array const& published_cases() {
    static json::value const all = tests::read_json("dynamodb/botocore/endpoint-tests-1.json");
    return all.at("testCases").as_array();
}

json::object params_of(json::value const& one) {
    auto const* found = one.as_object().if_contains("params");
    return found != nullptr ? found->as_object() : json::object();
}

/// The cases are named by the parameters that they set.
std::string group_of(json::value const& one) {
    std::set<std::string> names;
    for (auto const& [name, value] : params_of(one)) names.insert(name);
    std::string out;
    for (std::string const& name : names) out += (out.empty() ? "" : "_") + name;
    return out.empty() ? "nothing" : out;
}

std::vector<std::string> groups() {
    std::set<std::string> out;
    for (json::value const& one : published_cases()) out.insert(group_of(one));
    return {out.begin(), out.end()};
}

std::map<std::string, std::vector<endpoint_refusal>> const refusals = {
    {"Invalid Configuration: Missing Region", {endpoint_refusal::no_region}},
    {"Invalid Configuration: FIPS and custom endpoint are not supported",
     {endpoint_refusal::fips_with_custom_endpoint}},
    {"Invalid Configuration: Dualstack and custom endpoint are not supported",
     {endpoint_refusal::dual_stack_with_custom_endpoint}},
    {"Invalid Configuration: FIPS and local endpoint are not supported", {endpoint_refusal::fips_with_local}},
    {"Invalid Configuration: Dualstack and local endpoint are not supported",
     {endpoint_refusal::dual_stack_with_local}},
    {"Credentials-sourced account ID parameter is invalid", {endpoint_refusal::account_id_malformed}},
    {"Invalid Configuration: AccountIdEndpointMode is required and FIPS is enabled, but FIPS account endpoints are not "
     "supported",
     {endpoint_refusal::account_with_fips}},
    {"AccountIdEndpointMode is required but no AccountID was provided or able to be loaded",
     {endpoint_refusal::no_account_id}},
    {"Invalid Configuration: AccountIdEndpointMode is required but account endpoints are not supported in this "
     "partition",
     {endpoint_refusal::account_not_in_partition}},
    {"Endpoint override is not supported for dual-stack endpoints. Please enable dual-stack functionality by enabling "
     "the configuration. For more details, see: "
     "https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html",
     {endpoint_refusal::custom_endpoint_is_dual_stack}},
};

class endpoint_case {
public:
    explicit endpoint_case(json::value const& one) : params_(params_of(one)) {
        parameters.region = text("Region");
        parameters.use_fips = flag("UseFIPS");
        parameters.use_dual_stack = flag("UseDualStack");
        parameters.endpoint = text("Endpoint");
        if (params_.contains("AccountId")) parameters.account_id = text("AccountId");
        parameters.resource_arn = text("ResourceArn");
        parameters.search = flag("IsSearchOperation");
        if (auto const* list = params_.if_contains("ResourceArnList"); list != nullptr && !list->as_array().empty())
            parameters.first_listed_arn = list->as_array()[0].as_string();
        std::string_view const mode = text("AccountIdEndpointMode");
        if (mode == "disabled") parameters.account_mode = account_endpoint_mode::disabled;
        if (mode == "preferred") parameters.account_mode = account_endpoint_mode::preferred;
        if (mode == "required") parameters.account_mode = account_endpoint_mode::required;
        EXPECT_EQ(mode.empty(), !parameters.account_mode) << mode;
    }
    endpoint_parameters parameters{};

private:
    std::string_view text(char const* name) const {
        auto const* found = params_.if_contains(name);
        return found != nullptr ? std::string_view(found->as_string()) : std::string_view();
    }
    bool flag(char const* name) const {
        auto const* found = params_.if_contains(name);
        return found != nullptr && found->as_bool();
    }
    json::object params_;
};

class published_endpoints : public testing::TestWithParam<std::string> {};
TEST_P(published_endpoints, are_chosen_and_refused_as_the_rules_say) {
    int compared = 0;
    for (json::value const& one : published_cases()) {
        if (group_of(one) != GetParam()) continue;
        SCOPED_TRACE(json::serialize(one.at("documentation")));
        endpoint_case const c(one);
        endpoint_choice const choice = choose_endpoint(c.parameters);
        json::object const& expect = one.at("expect").as_object();
        if (auto const* message = expect.if_contains("error")) {
            ASSERT_TRUE(choice.refusal);
            auto const& expected = refusals.at(tests::to_string(*message));
            EXPECT_EQ(*choice.refusal, expected.front());
            EXPECT_TRUE(choice.url.empty());
            EXPECT_FALSE(explain(*choice.refusal).empty());
        } else {
            EXPECT_FALSE(choice.refusal);
            json::object const& endpoint = expect.at("endpoint").as_object();
            EXPECT_EQ(choice.url, tests::to_string(endpoint.at("url")));
            auto const* properties = endpoint.if_contains("properties");
            bool const of_account = properties != nullptr && properties->as_object().contains("metricValues");
            EXPECT_EQ(choice.of_account, of_account);
            // Signed for another region than asked for: only "local", which resolve() knows.
            bool const resigned = properties != nullptr && properties->as_object().contains("authSchemes");
            EXPECT_EQ(resigned, c.parameters.region == "local" && c.parameters.endpoint.empty());
        }
        ++compared;
    }
    EXPECT_GT(compared, 0);
}
INSTANTIATE_TEST_SUITE_P(cases, published_endpoints, testing::ValuesIn(groups()),
                         [](auto const& one) { return tests::test_name(one.param); });

TEST(published_endpoints, are_all_run) {
    EXPECT_EQ(published_cases().size(), 548U);
    std::cout << "endpoint cases: 548 compared in " << groups().size() << " groups, 0 skipped\n";
}

TEST(endpoint_partitions, are_those_of_the_published_list) {
    json::value const list = tests::read_json("dynamodb/botocore/partitions.json");
    std::set<std::string> probes = {
        "us-east-99",   "eu-new-1",       "us-isob-x-1",  "eu-isoe-y-22", "us-gov-z-3", "cn-a-1",
        "eusc-de-b-1",  "eusc-fr-b-1",    "us-isox-a-1",  "nowhere",      "us-east",    "us-east-",
        "us--1",        "us-east-1a",     "mx-central-1", "us-east-1-",   "",           "xx-central-1",
        "us-iso-a-b-1", "aws-eusc-global"};
    for (json::value const& one : list.at("partitions").as_array())
        for (auto const& [region, about] : one.at("regions").as_object()) probes.insert(std::string(region));
    EXPECT_GT(probes.size(), 60U);
    for (std::string const& region : probes) {
        json::object const* expected = nullptr;
        for (json::value const& one : list.at("partitions").as_array())
            if (expected == nullptr && one.at("regions").as_object().contains(region)) expected = &one.as_object();
        for (json::value const& one : list.at("partitions").as_array())
            if (expected == nullptr &&
                std::regex_match(region, std::regex(tests::to_string(one.at("regionRegex")), std::regex::ECMAScript)))
                expected = &one.as_object();
        if (expected == nullptr) expected = &list.at("partitions").at(0).as_object();
        partition const& found = partition_of(region);
        auto const& outputs = expected->at("outputs");
        EXPECT_EQ(found.id, tests::to_string(expected->at("id"))) << region;
        EXPECT_EQ(found.id, tests::to_string(outputs.at("name"))) << region;
        EXPECT_EQ(found.dns_suffix, tests::to_string(outputs.at("dnsSuffix"))) << region;
        EXPECT_EQ(found.dual_stack_suffix, tests::to_string(outputs.at("dualStackDnsSuffix"))) << region;
        EXPECT_EQ(found.has_fips, outputs.at("supportsFIPS").as_bool()) << region;
        EXPECT_EQ(found.has_dual_stack, outputs.at("supportsDualStack").as_bool()) << region;
    }
}

/// A request with `value` where the model's path leads, and ARNs of others everywhere else that ARNs occur.
std::string body_of(std::string const& path, std::string const& value) {
    std::string const text = '"' + value + '"';
    if (path == "keys(RequestItems)") return R"({"RequestItems":{)" + text + R"(:[],"arn:other":[]}})";
    if (path.starts_with("TransactItems"))
        return R"({"TransactItems":[{"Put":{"Item":{"a":{"S":"arn:x"}},"TableName":)" + text +
               R"(}},{"Put":{"TableName":"arn:other"}}]})";
    if (path == "TableCreationParameters.TableName")
        return R"({"S3BucketSource":{"S3Bucket":"b"},"TableCreationParameters":{"BillingMode":"x","TableName":)" +
               text + "}}";
    return R"({"StreamArn":"arn:stream","SourceTableArn":"arn:source",")" + path + "\":" + text +
           R"(,"Key":{"id":{"S":"arn:key"}},"Nested":{"TableName":"arn:nested"}})";
}

/// Parameter of the endpoint rules -> path in the request, for one operation of the service model.
std::map<std::string, std::string> context_parameters(json::value const& model, json::object const& operation) {
    std::map<std::string, std::string> out;
    if (auto const* paths = operation.if_contains("operationContextParams"))
        for (auto const& [name, one] : paths->as_object()) out[name] = tests::to_string(one.at("path"));
    auto const& input = model.at("shapes").at(operation.at("input").at("shape").as_string());
    for (auto const& [member, about] : input.at("members").as_object())
        if (auto const* parameter = about.as_object().if_contains("contextParam"))
            out[tests::to_string(parameter->at("name"))] = std::string(member);
    return out;
}

TEST(endpoint_resources, are_found_where_the_model_says_for_every_operation) {
    json::value const model = tests::read_json("dynamodb/botocore/service-2.json");
    std::string const arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t";
    int with_resource = 0;
    for (auto const& [operation, about] : model.at("operations").as_object()) {
        SCOPED_TRACE(std::string(operation));
        auto const parameters = context_parameters(model, about.as_object());
        if (parameters.empty()) {
            auto const found = resources_of(operation, R"({"TransactStatements":[{"Statement":"arn:x"}]})");
            EXPECT_TRUE(found.one.empty() && found.first_listed.empty());
            continue;
        }
        ASSERT_EQ(parameters.size(), 1U);
        auto const& [name, path] = *parameters.begin();
        auto const found = resources_of(operation, body_of(path, arn));
        EXPECT_EQ(name == "ResourceArnList" ? found.first_listed : found.one, arn);
        EXPECT_TRUE(name == "ResourceArnList" ? found.one.empty() : found.first_listed.empty());
        ++with_resource;
    }
    EXPECT_EQ(model.at("operations").as_object().size(), 58U);
    EXPECT_EQ(with_resource, 51);
    EXPECT_EQ(resources_of("RestoreTableFromBackup", R"({"BackupArn":"arn:x","TargetTableName":"t"})").one, "t");
}

TEST(endpoint_resources, of_what_is_no_request_are_none) {
    for (char const* body :
         {"", "[", "{", "null", R"({"TableName":{"S":"arn:x"}})", R"({"TableName":null})", R"({"RequestItems":[]})",
          R"({"TransactItems":{}})", R"({"TransactItems":[1]})", R"({"TableName":"arn:x")"}) {
        auto const found = resources_of("GetItem", body);
        EXPECT_TRUE(found.one.empty() && found.first_listed.empty()) << body;
    }
}

TEST(endpoint_resources, of_streams_are_found_where_their_model_says) {
    json::value const model = tests::read_json("dynamodb/botocore/dynamodbstreams/service-2.json");
    std::string const arn = "arn:aws:dynamodb:us-east-1:111122223333:table/t/stream/2026-01-01T00:00:00.000|1|AAAA";
    int with_resource = 0;
    for (auto const& [operation, about] : model.at("operations").as_object()) {
        SCOPED_TRACE(std::string(operation));
        auto const parameters = context_parameters(model, about.as_object());
        if (parameters.empty()) continue;
        ASSERT_EQ(parameters.size(), 1U);
        EXPECT_EQ(resources_of(operation, "{\"" + parameters.begin()->second + "\":\"" + arn + "\"}").one, arn);
        ++with_resource;
    }
    EXPECT_EQ(with_resource, 3);
    // Of Kinesis, not of DynamoDB:
    EXPECT_EQ(resources_of("EnableKinesisStreamingDestination", R"({"TableName":"t","StreamArn":"arn:k"})").one, "t");
}

/// The endpoint of streams in a region, or the sentence that refuses it.
std::string streams_endpoint(std::string_view region, bool fips, bool dual_stack,
                             std::optional<account_endpoint_mode> mode = {}, std::string_view account = {},
                             std::string_view arn = {}) {
    endpoint_parameters p;
    p.streams = true;
    p.region = region;
    p.use_fips = fips;
    p.use_dual_stack = dual_stack;
    p.account_mode = mode;
    if (!account.empty()) p.account_id = account;
    p.resource_arn = arn;
    endpoint_choice const choice = choose_endpoint(p);
    return choice.refusal ? std::string(explain(*choice.refusal)) : choice.url;
}

TEST(endpoint_rules, of_streams_follow_region_partition_and_options) {
    EXPECT_EQ(streams_endpoint("eu-west-1", false, false), "https://streams.dynamodb.eu-west-1.amazonaws.com");
    EXPECT_EQ(streams_endpoint("us-east-1", true, false), "https://streams.dynamodb-fips.us-east-1.amazonaws.com");
    EXPECT_EQ(streams_endpoint("us-east-1", false, true), "https://streams-dynamodb.us-east-1.api.aws");
    EXPECT_EQ(streams_endpoint("us-east-1", true, true), "https://streams-dynamodb-fips.us-east-1.api.aws");
    EXPECT_EQ(streams_endpoint("cn-north-1", false, false), "https://streams.dynamodb.cn-north-1.amazonaws.com.cn");
    EXPECT_EQ(streams_endpoint("cn-north-1", true, true),
              "https://streams-dynamodb-fips.cn-north-1.api.amazonwebservices.com.cn");
    EXPECT_EQ(streams_endpoint("us-gov-west-1", false, false), "https://streams.dynamodb.us-gov-west-1.amazonaws.com");
    EXPECT_EQ(streams_endpoint("us-gov-west-1", true, false), "https://streams.dynamodb.us-gov-west-1.amazonaws.com")
        << "these hosts conform to FIPS without saying so";
    EXPECT_EQ(streams_endpoint("us-gov-west-1", true, true), "https://streams-dynamodb-fips.us-gov-west-1.api.aws");
    EXPECT_EQ(streams_endpoint("us-iso-east-1", false, false), "https://streams.dynamodb.us-iso-east-1.c2s.ic.gov");
    EXPECT_EQ(streams_endpoint("local", false, false), "http://localhost:8000");
}

TEST(endpoint_rules, of_streams_know_accounts) {
    using mode = account_endpoint_mode;
    std::string_view const arn = "arn:aws:dynamodb:us-east-1:444455556666:table/t/stream/x|1|AAAA";
    EXPECT_EQ(streams_endpoint("us-east-1", false, false, mode::preferred, "111122223333"),
              "https://111122223333.streams-ddb.us-east-1.amazonaws.com");
    EXPECT_EQ(streams_endpoint("us-east-1", false, false, mode::preferred, "111122223333", arn),
              "https://444455556666.streams-ddb.us-east-1.amazonaws.com");
    EXPECT_EQ(streams_endpoint("us-east-1", true, true, mode::required, "111122223333"),
              "https://111122223333.streams-ddb-fips.us-east-1.api.aws");
    EXPECT_EQ(streams_endpoint("cn-north-1", false, false, mode::preferred, "111122223333"),
              "https://111122223333.streams-ddb.cn-north-1.amazonaws.com.cn");
    EXPECT_EQ(streams_endpoint("us-east-1", false, false, mode::disabled, "111122223333", arn),
              "https://streams.dynamodb.us-east-1.amazonaws.com");
    EXPECT_EQ(streams_endpoint("us-east-1", false, false, mode::required), explain(endpoint_refusal::no_account_id));
    // Regions whose accounts have no endpoints of their own.
    for (std::string_view const region : {"me-south-1", "me-central-1", "us-iso-east-1"}) {
        EXPECT_EQ(streams_endpoint(region, false, false, mode::required, "111122223333"),
                  explain(endpoint_refusal::account_not_in_region));
        EXPECT_EQ(streams_endpoint(region, false, false, mode::preferred, "111122223333").find("111122223333"),
                  std::string::npos);
    }
}

TEST(endpoint_rules, never_give_a_host_with_other_characters_than_a_host_has) {
    std::mt19937_64 random(548);
    std::string const pieces[] = {"arn",      "aws",       ":",
                                  "dynamodb", "us-east-1", "111122223333",
                                  "table/t",  "\r\n",      "@",
                                  "#",        "?",         "/",
                                  "evil.com", " ",         "%0d",
                                  "\xc3",     "\xa9",      ".",
                                  "-",        "_",         std::string(1, '\0')};
    auto const text = [&] {
        std::string out;
        for (auto n = random() % 14; n != 0; --n) out += pieces[random() % std::size(pieces)];
        return out;
    };
    auto const account = [&] {
        return random() % 2 == 0 ? "arn:aws:dynamodb:us-east-1:" + text() + ":table/t" : text();
    };
    int of_account = 0;
    for (int i = 0; i < 50'000; ++i) {
        std::string const one = account();
        std::string const listed = account();
        std::string const id = text();
        endpoint_parameters p;
        p.region = "us-east-1";
        p.use_dual_stack = random() % 2 == 0;
        p.use_fips = random() % 4 == 0;
        p.account_mode = random() % 2 == 0 ? account_endpoint_mode::preferred : account_endpoint_mode::required;
        p.resource_arn = one;
        p.first_listed_arn = listed;
        if (random() % 3 != 0) p.account_id = id;
        p.search = random() % 2 == 0;
        endpoint_choice const choice = choose_endpoint(p);
        ASSERT_EQ(choice.url.empty(), choice.refusal.has_value());
        if (choice.refusal) continue;
        ASSERT_TRUE(choice.url.starts_with("https://"));
        std::string_view const host = std::string_view(choice.url).substr(8);
        ASSERT_TRUE(std::all_of(host.begin(), host.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
        })) << host;
        ASSERT_TRUE(host.ends_with(".us-east-1.amazonaws.com") || host.ends_with(".us-east-1.api.aws"));
        of_account += choice.of_account ? 1 : 0;
    }
    EXPECT_GT(of_account, 100);
}

} // namespace
