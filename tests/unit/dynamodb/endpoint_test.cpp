#include <dynasio/dynamodb/detail/endpoint.hpp>

#include <dynasio/http/url.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/version.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <limits>
#include <map>
#include <string>

#include "dynamodb/endpoint_targets.hpp"
#include "support/coroutine.hpp"
#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::dynamodb::detail;
using dynasio::dynamodb::operation;
namespace json = boost::json;

bool mentions(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

using variables = std::map<std::string, std::string>;

using files = std::map<std::string, std::string>;

aws::environment environment_of(variables values, files content = {}) {
    aws::environment env;
    env.variable = [values](std::string const& name) -> std::optional<std::string> {
        auto const found = values.find(name);
        if (found == values.end() || found->second.empty()) return std::nullopt;
        return found->second;
    };
    env.read_file = [content](std::string const& path) -> std::optional<std::string> {
        auto const found = content.find(path);
        return found == content.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
    return env;
}

client_options in(std::string region) {
    client_options o;
    o.region = std::move(region);
    return o;
}

/// What the endpoint is understood as.
std::string shown(resolved_options const& r) {
    auto const url = http::url::parse(r.options.endpoint);
    return (url.tls ? "https://" : "http://") + url.authority() + url.path;
}

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

TEST(endpoint, the_region_local_is_a_server_on_this_machine_signed_as_another) {
    auto const r = resolve(in("local"), environment_of({}));
    EXPECT_EQ(shown(r), "http://localhost:8000/");
    EXPECT_EQ(r.signing_region, "us-east-1");
}

TEST(endpoint, the_more_particular_source_wins) {
    variables v{{"AWS_REGION", "eu-west-1"},
                {"AWS_ENDPOINT_URL", "http://a:1"},
                {"AWS_ENDPOINT_URL_DYNAMODB", "http://b:2"},
                {"DYNAMODB_ENDPOINT", "http://c:3"}};
    client_options o;
    o.endpoint = "http://d:4";
    EXPECT_EQ(shown(resolve(o, environment_of(v))), "http://d:4/");
    o.endpoint.clear();
    EXPECT_EQ(shown(resolve(o, environment_of(v))), "http://c:3/");
    v.erase("DYNAMODB_ENDPOINT");
    EXPECT_EQ(shown(resolve(o, environment_of(v))), "http://b:2/");
    v.erase("AWS_ENDPOINT_URL_DYNAMODB");
    EXPECT_EQ(shown(resolve(o, environment_of(v))), "http://a:1/");
    v["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
    auto const r = resolve(o, environment_of(v));
    EXPECT_EQ(shown(r), "https://dynamodb.eu-west-1.amazonaws.com/");
    EXPECT_EQ(r.signing_region, "eu-west-1");
}

TEST(endpoint, code_comes_before_environment_before_profile_for_each_setting) {
    files const profile{{"/c", "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n"
                               "account_id_endpoint_mode = Disabled\nregion = eu-west-1\n"}};
    variables v{{"AWS_CONFIG_FILE", "/c"}};
    auto const env = [&] { return environment_of(v, profile); };
    auto r = resolve({}, env());
    EXPECT_EQ(shown(r), "https://dynamodb-fips.eu-west-1.api.aws/");
    EXPECT_EQ(r.options.account_id_endpoint_mode, account_endpoint_mode::disabled);
    EXPECT_EQ(r.options.use_fips, true);
    v["AWS_USE_FIPS_ENDPOINT"] = "false";
    v["AWS_ACCOUNT_ID_ENDPOINT_MODE"] = "REQUIRED";
    r = resolve({}, env());
    EXPECT_EQ(shown(r), "https://dynamodb.eu-west-1.api.aws/");
    EXPECT_EQ(r.options.account_id_endpoint_mode, account_endpoint_mode::required);
    EXPECT_TRUE(r.by_account);
    v["AWS_USE_DUALSTACK_ENDPOINT"] = "False";
    client_options o;
    o.account_id_endpoint_mode = account_endpoint_mode::preferred;
    o.use_fips = true;
    r = resolve(o, env());
    EXPECT_EQ(shown(r), "https://dynamodb-fips.eu-west-1.amazonaws.com/");
    EXPECT_EQ(r.options.account_id_endpoint_mode, account_endpoint_mode::preferred);
    EXPECT_FALSE(r.by_account) << "accounts have no FIPS endpoints";
    EXPECT_EQ(resolve(in("eu-west-1"), environment_of({})).options.account_id_endpoint_mode,
              account_endpoint_mode::preferred);
}

TEST(endpoint, settings_that_make_no_sense_are_named_with_their_value) {
    auto const named = [](char const* variable, char const* value) {
        std::string const message = refusal(in("eu-west-1"), errc::invalid_configuration, {{variable, value}});
        EXPECT_TRUE(message.starts_with(std::string(variable) + " is \"" + value + '"')) << message;
    };
    named("AWS_USE_FIPS_ENDPOINT", "1");
    named("AWS_USE_DUALSTACK_ENDPOINT", "yes");
    named("AWS_ACCOUNT_ID_ENDPOINT_MODE", "always");
    named("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "on");
    named("AWS_RETRY_MODE", "legacy");
    named("AWS_MAX_ATTEMPTS", "many");
}

TEST(endpoint, a_profile_of_the_environment_that_does_not_exist_is_an_error_only_when_something_is_wanted_of_it) {
    std::map<std::string, std::string> left_over{{"AWS_PROFILE", "nobody"}};
    EXPECT_EQ(resolve(in("eu-west-1"), environment_of(left_over)).options.region, "eu-west-1");
    client_options o = in("eu-west-1");
    o.endpoint = "http://localhost:8000";
    EXPECT_EQ(shown(resolve(o, environment_of(left_over))), "http://localhost:8000/");
    for (char const* const variable : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
        auto with_region = left_over;
        with_region[variable] = "eu-west-2";
        EXPECT_EQ(resolve({}, environment_of(with_region)).options.region, "eu-west-2");
    }
    std::string const message = refusal({}, errc::invalid_configuration, left_over);
    EXPECT_TRUE(message.starts_with("AWS_PROFILE is \"nobody\"")) << message;
}

TEST(endpoint, options_that_contradict_each_other_are_refused) {
    auto o = in("eu-west-1");
    o.use_fips = true;
    o.endpoint = "http://localhost:1";
    EXPECT_TRUE(refusal(o).starts_with("use_fips:"));
    o.use_fips = false;
    o.use_dual_stack = true;
    EXPECT_TRUE(refusal(o).starts_with("use_dual_stack:"));
    o = in("local");
    o.use_fips = true;
    EXPECT_TRUE(refusal(o).starts_with("use_fips:"));
    o = in("eu-west-1");
    o.endpoint = "https://dynamodb.eu-west-1.api.aws/";
    EXPECT_TRUE(refusal(o).starts_with("endpoint:"));
    o = in("cn-north-1");
    o.account_id_endpoint_mode = account_endpoint_mode::required;
    EXPECT_TRUE(refusal(o).starts_with("account_id_endpoint_mode:"));
    o.region = "eu-west-1";
    o.use_fips = true;
    EXPECT_TRUE(refusal(o).starts_with("account_id_endpoint_mode:"));
    o = {};
    o.profile = "nobody";
    EXPECT_TRUE(refusal(o).starts_with("client_options::profile is \"nobody\""));
}

TEST(endpoint, an_endpoint_of_ones_own_serves_all_accounts) {
    auto o = in("us-east-1");
    o.account_id_endpoint_mode = account_endpoint_mode::required;
    o.endpoint = "http://localhost:8000";
    EXPECT_FALSE(resolve(o, environment_of({})).by_account);
    EXPECT_FALSE(resolve(in("local"), environment_of({})).by_account);
    EXPECT_FALSE(resolve(in("us-gov-west-1"), environment_of({})).by_account);
    EXPECT_TRUE(resolve(in("us-east-1"), environment_of({})).by_account);
}

/// The profiles and services sections of the cases as the text of a config file.
std::string config_file(json::value const& suite, std::string const& service) {
    std::string out;
    for (auto const& [name, properties] : suite.at("profiles").as_object()) {
        out += (name == "default" ? "[default" : "[profile " + std::string(name)) + "]\n";
        for (auto const& [key, value] : properties.as_object())
            out += std::string(key) + " = " + tests::to_string(value) + "\n";
    }
    for (auto const& [name, services] : suite.at("services").as_object()) {
        out += "[services " + std::string(name) + "]\n";
        for (auto const& [which, properties] : services.as_object()) {
            // One service, under the name of ours; the other stays as a distraction.
            out += (which == service ? std::string("dynamodb") : "not_" + std::string(which)) + " =\n";
            for (auto const& [key, value] : properties.as_object())
                out += "  " + std::string(key) + " = " + tests::to_string(value) + "\n";
        }
    }
    return out;
}

TEST(endpoint, the_39_cases_of_configured_endpoints_are_resolved_as_published) {
    auto const all = tests::read_json("aws-shared/botocore/configured-endpoint-url-profile-tests.json");
    int compared = 0;
    for (json::value const& suite : all.at("testSuites").as_array()) {
        for (json::value const& one : suite.at("endpointUrlTests").as_array()) {
            SCOPED_TRACE(tests::to_string(one.at("name")));
            std::string const service = tests::to_string(one.at("service"));
            std::string const own = service == "s3" ? "AWS_ENDPOINT_URL_S3" : "AWS_ENDPOINT_URL_DYNAMODB";
            variables v{{"AWS_CONFIG_FILE", "/c"}};
            for (auto const& [name, value] :
                 suite.at("environments").at(one.at("environment").as_string()).as_object()) {
                bool const specific = name.starts_with("AWS_ENDPOINT_URL_");
                if (specific && name != own) continue;
                v[specific ? "AWS_ENDPOINT_URL_DYNAMODB" : std::string(name)] = tests::to_string(value);
            }
            client_options o;
            o.profile = tests::to_string(one.at("profile"));
            auto const& given = suite.at("client_configs").at(one.at("client_config").as_string()).as_object();
            if (auto const* url = given.if_contains("endpoint_url")) o.endpoint = tests::to_string(*url);
            if (auto const* ignore = given.if_contains("ignore_configured_endpoint_urls"))
                o.ignore_configured_endpoint_urls = ignore->as_bool();
            auto const r = resolve(o, environment_of(v, {{"/c", config_file(suite, service)}}));
            std::string const expected = tests::to_string(one.at("output").at("endpointUrl"));
            EXPECT_EQ(r.options.endpoint, expected == "https://s3.fake-region-10.amazonaws.com"
                                              ? "https://dynamodb.fake-region-10.amazonaws.com"
                                              : expected);
            ++compared;
        }
    }
    EXPECT_EQ(compared, 39);
    std::cout << "configured endpoint cases: 39 compared, 0 skipped\n";
}

class hostile_text : public testing::TestWithParam<char const*> {};
TEST_P(hostile_text, reaches_no_host_and_no_header) {
    std::string const bad = GetParam();
    auto const refused = [](auto make) {
        try {
            auto const r = make();
            ADD_FAILURE() << "accepted: " << r.options.region << ' ' << r.options.endpoint;
        } catch (error const& e) {
            EXPECT_EQ(e.code(), errc::invalid_configuration);
            for (char const c : e.info().message)
                EXPECT_TRUE(c >= ' ' || c < 0) << "a control character in the message";
        }
    };
    files const profile{{"/c", "[default]\nregion = eu-west-1" + bad + "\n"}};
    refused([&] { return resolve(in("eu-west-1" + bad), environment_of({})); });
    refused([&] { return resolve(in(bad + "eu-west-1"), environment_of({})); });
    refused([&] { return resolve({}, environment_of({{"AWS_REGION", "eu" + bad + "west"}})); });
    if (bad.find('\n') == std::string::npos && bad.find('#') == std::string::npos && bad != " " && bad != "\t" &&
        bad != "\r")
        refused([&] { return resolve({}, environment_of({{"AWS_CONFIG_FILE", "/c"}}, profile)); });
    if (bad == "/" || bad == ":" || bad == ".") return; // which an endpoint may have
    refused([&] {
        auto o = in("eu-west-1");
        o.endpoint = "https://a.b" + bad + "evil";
        return resolve(o, environment_of({}));
    });
    refused([&] { return resolve(in("eu-west-1"), environment_of({{"AWS_ENDPOINT_URL", "http://" + bad + "evil"}})); });
    refused([&] {
        auto o = in("eu-west-1");
        o.table_prefix = "t" + bad;
        return resolve(o, environment_of({}));
    });
    if (bad == "'" || bad == "#" || bad == "%0d%0a") return; // which an application's name may have as it is
    refused([&] {
        auto o = in("eu-west-1");
        o.app_id = "app" + bad + "x";
        return resolve(o, environment_of({}));
    });
    refused([&] { return resolve(in("eu-west-1"), environment_of({{"AWS_SDK_UA_APP_ID", "app" + bad + "x"}})); });
}
INSTANTIATE_TEST_SUITE_P(each, hostile_text,
                         testing::Values("\r\n", "\n", "\r", "\r\nHost: evil", " ", "\t", "@", "user:pw@", "#", "?",
                                         "/", "\\", ":", "%0d%0a", "\x01", "\x7f", "\xc3\xa9", "\xe2\x80\xae", "<", "'",
                                         "\"", "."),
                         [](auto const& one) { return std::to_string(one.index); });

TEST(hostile_text, with_a_nul_in_it_is_refused_too) {
    std::string const nul(1, '\0');
    EXPECT_TRUE(refusal(in("eu-west-1" + nul)).starts_with("region:"));
    auto o = in("eu-west-1");
    o.endpoint = "https://a.b" + nul + ".evil";
    EXPECT_TRUE(refusal(o).starts_with("endpoint:"));
}

TEST(endpoint, of_streams_is_never_another_server_than_the_one_that_is_configured) {
    auto const of = [](variables values, std::string endpoint = {}, std::string streams = {}) {
        client_options o = in("eu-west-1");
        o.endpoint = std::move(endpoint);
        o.streams_endpoint = std::move(streams);
        return resolve(std::move(o), environment_of(std::move(values))).options.streams_endpoint;
    };
    EXPECT_EQ(of({}), "https://streams.dynamodb.eu-west-1.amazonaws.com");
    EXPECT_EQ(of({}, "http://local:1"), "http://local:1");
    EXPECT_EQ(of({}, "http://local:1", "http://local:2"), "http://local:2");
    EXPECT_EQ(of({{"AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "http://s:1"}}), "http://s:1");
    EXPECT_EQ(of({{"AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "http://s:1"}}, "http://local:1"), "http://local:1")
        << "code comes before the environment";
    EXPECT_EQ(of({{"AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "http://s:1"}, {"DYNAMODB_ENDPOINT", "http://d:1"}}),
              "http://s:1");
    EXPECT_EQ(of({{"AWS_ENDPOINT_URL", "http://a:1"}, {"DYNAMODB_ENDPOINT", "http://d:1"}}), "http://d:1");
    EXPECT_EQ(of({{"AWS_ENDPOINT_URL", "http://a:1"}, {"AWS_ENDPOINT_URL_DYNAMODB", "http://d:1"}}), "http://a:1");
    EXPECT_EQ(of({{"AWS_ENDPOINT_URL_DYNAMODB", "http://d:1"}}), "http://d:1");
    EXPECT_EQ(
        of({{"AWS_ENDPOINT_URL_DYNAMODB_STREAMS", "http://s:1"}, {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"}}),
        "https://streams.dynamodb.eu-west-1.amazonaws.com");
    client_options o = in("eu-west-1");
    o.streams_endpoint = "ftp://local";
    EXPECT_TRUE(mentions(refusal(std::move(o)), "streams_endpoint"));
}

TEST(endpoint, of_streams_of_accounts_that_have_none_is_looked_at_where_it_is_required) {
    client_options o = in("me-central-1");
    o.account_id_endpoint_mode = account_endpoint_mode::preferred;
    EXPECT_FALSE(resolve(o, environment_of({})).streams_by_account);
    o.account_id_endpoint_mode = account_endpoint_mode::required;
    auto const resolved = resolve(o, environment_of({}));
    EXPECT_TRUE(resolved.by_account);
    EXPECT_TRUE(resolved.streams_by_account) << "so that the first request of a stream is refused";
    o.streams_endpoint = "http://127.0.0.1:1";
    EXPECT_FALSE(resolve(o, environment_of({})).streams_by_account);
}

TEST(endpoint, a_missing_region_is_an_error_of_its_own) { refusal({}, errc::no_region); }

TEST(endpoint, what_is_no_region_goes_into_no_header) {
    for (char const* bad : {"eu west", "eu/west", "EU-WEST-1", "-eu", "eu-", "eu\r\nx", "eu.west", "eu@evil",
                            "fips-us-east-1", "us-east-1-fips"})
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
    named([](client_options& o) { o.retry.mode = static_cast<aws::retry_mode>(42); }, "retry.mode:");
    named([](client_options& o) { o.retry.base_delay = aws::retry_delay(-1); }, "retry.base_delay:");
    named([](client_options& o) { o.pool.max_connections = 0; }, "pool.max_connections:");
    named([](client_options& o) { o.pool.connect_timeout = {}; }, "pool.connect_timeout:");
    named([](client_options& o) { o.table_prefix = "a b"; }, "table_prefix:");
    named([](client_options& o) { o.app_id = std::string(51, 'a'); }, "app_id is");
    named([](client_options& o) { o.clock = nullptr; }, "clock:");
}

TEST(endpoint, what_is_left_empty_is_filled_in) {
    auto const r = resolve({}, environment_of({{"AWS_REGION", "eu-west-1"}, {"DYNASIO_TABLE_PREFIX", "test_"}}));
    EXPECT_EQ(r.options.region, "eu-west-1");
    EXPECT_EQ(r.options.endpoint, "https://dynamodb.eu-west-1.amazonaws.com");
    EXPECT_EQ(r.options.table_prefix, "test_");
    EXPECT_TRUE(r.options.credentials);
    EXPECT_TRUE(r.options.ulids);
    EXPECT_EQ(r.options.retry.mode, aws::retry_mode::standard);
    EXPECT_EQ(r.options.retry.max_attempts, 4U);
    EXPECT_EQ(r.options.use_fips, false);
    EXPECT_EQ(r.options.use_dual_stack, false);
}

TEST(endpoint, the_application_s_name_comes_from_code_then_the_environment_then_the_profile) {
    files const profile{{"/config", "[default]\nsdk_ua_app_id = of-the-profile\n"}};
    auto const name = [&](std::string given, variables values) {
        values.emplace("AWS_CONFIG_FILE", "/config");
        auto o = in("us-east-1");
        o.app_id = std::move(given);
        return resolve(std::move(o), environment_of(values, profile)).options.app_id;
    };
    EXPECT_EQ(name("of-code", {{"AWS_SDK_UA_APP_ID", "of-the-environment"}}), "of-code");
    EXPECT_EQ(name("", {{"AWS_SDK_UA_APP_ID", "of-the-environment"}}), "of-the-environment");
    EXPECT_EQ(name("", {}), "of-the-profile");
}

class endpoint_targets_test : public testing::Test {
protected:
    endpoint_targets make(account_endpoint_mode mode = account_endpoint_mode::preferred) {
        auto o = in("us-east-1");
        o.account_id_endpoint_mode = mode;
        return endpoint_targets(ctx.get_executor(), resolve(std::move(o), environment_of({})));
    }
    void fetched(std::string account) {
        aws::credentials value("id", "secret");
        value.account_id = std::move(account);
        credentials.fetched(std::move(value), dynasio::system_time(), 0.5);
    }
    std::string host(endpoint_targets& targets, std::string const& body = "{}") {
        return targets.choose(credentials, operation::get_item, body).authority;
    }
    static std::string about(std::string const& table) { return R"({"TableName":")" + table + R"("})"; }

    boost::asio::io_context ctx{};
    credential_cache credentials{};
};

TEST_F(endpoint_targets_test, name_the_application_to_the_service) {
    auto o = in("us-east-1");
    o.app_id = "orders-2";
    endpoint_targets named(ctx.get_executor(), resolve(o, environment_of({})));
    EXPECT_TRUE(mentions(named.regional().fixed_head,
                         "\r\nUser-Agent: dynasio/" + std::string(version_text) + " app/orders-2\r\n"));
    auto unnamed = make();
    EXPECT_TRUE(
        mentions(unnamed.regional().fixed_head, "\r\nUser-Agent: dynasio/" + std::string(version_text) + "\r\n"));
}

TEST_F(endpoint_targets_test, follow_the_account_of_the_credentials) {
    auto targets = make();
    EXPECT_TRUE(targets.by_account(operation::get_item));
    fetched("111122223333");
    EXPECT_EQ(host(targets), "111122223333.ddb.us-east-1.amazonaws.com");
    EXPECT_EQ(&targets.choose(credentials, operation::get_item, "{}"),
              &targets.choose(credentials, operation::put_item, about("t")));
    EXPECT_TRUE(mentions(targets.choose(credentials, operation::get_item, "{}").fixed_head,
                         "\r\nHost: 111122223333.ddb.us-east-1.amazonaws.com\r\n"));
    fetched("");
    EXPECT_EQ(host(targets), "dynamodb.us-east-1.amazonaws.com");
    EXPECT_EQ(&targets.choose(credentials, operation::get_item, "{}"), &targets.regional());
    fetched("444455556666");
    EXPECT_EQ(host(targets), "444455556666.ddb.us-east-1.amazonaws.com");
    auto* const before = &targets.choose(credentials, operation::get_item, "{}");
    fetched("444455556666");
    EXPECT_EQ(&targets.choose(credentials, operation::get_item, "{}"), before)
        << "new credentials, the same connections";
}

TEST_F(endpoint_targets_test, follow_the_arn_that_a_table_is_named_by) {
    auto targets = make();
    fetched("111122223333");
    EXPECT_EQ(host(targets, about("arn:aws:dynamodb:us-east-1:444455556666:table/t")),
              "444455556666.ddb.us-east-1.amazonaws.com");
    EXPECT_EQ(host(targets, about("arn:aws:dynamodb:eu-west-1:444455556666:table/t")),
              "111122223333.ddb.us-east-1.amazonaws.com")
        << "of another region";
    EXPECT_EQ(host(targets, about("t")), "111122223333.ddb.us-east-1.amazonaws.com");
    EXPECT_EQ(
        host(targets, R"({"Key":{"id":{"S":"arn:aws:dynamodb:us-east-1:444455556666:table/t"}},"TableName":"t"})"),
        "111122223333.ddb.us-east-1.amazonaws.com")
        << "a value of an item names no table";
    fetched("");
    EXPECT_EQ(host(targets, about("arn:aws:dynamodb:us-east-1:444455556666:table/t")),
              "444455556666.ddb.us-east-1.amazonaws.com");
}

TEST_F(endpoint_targets_test, find_an_arn_wherever_it_is_in_the_request) {
    auto targets = make();
    fetched("111122223333");
    for (std::size_t padding = 0; padding != 200; ++padding) {
        std::string const item = R"({"Item":{"a":{"S":")" + std::string(padding, 'x') + R"("}},)";
        std::string const rest = R"("b":{"S":")" + std::string(199 - padding, 'y') + R"("}})";
        EXPECT_EQ(host(targets, item + R"("TableName":"arn:aws:dynamodb:us-east-1:444455556666:table/t",)" + rest),
                  "444455556666.ddb.us-east-1.amazonaws.com")
            << padding;
        EXPECT_EQ(host(targets, item + R"("TableName":"barn:aws:dynamodb:us-east-1:444455556666:table/t",)" + rest),
                  "111122223333.ddb.us-east-1.amazonaws.com")
            << padding;
    }
}

TEST_F(endpoint_targets_test, hostile_arns_and_accounts_lead_nowhere_else) {
    auto targets = make();
    fetched("");
    for (char const* account : {"evil.com/", "1@evil.com", "a\\r\\nHost: evil", "-1", "", "1 2", "x_y", "\xc3\xa9"})
        EXPECT_EQ(host(targets, about("arn:aws:dynamodb:us-east-1:" + std::string(account) + ":table/t")),
                  "dynamodb.us-east-1.amazonaws.com")
            << account;
    fetched("evil.com/");
    try {
        host(targets);
        ADD_FAILURE() << "not refused";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_configuration);
    }
}

TEST_F(endpoint_targets_test, of_streams_have_their_own_host) {
    auto targets = make();
    fetched("111122223333");
    EXPECT_TRUE(targets.by_account(operation::get_records));
    EXPECT_EQ(targets.choose(credentials, operation::list_streams, about("t")).authority,
              "111122223333.streams-ddb.us-east-1.amazonaws.com");
    EXPECT_EQ(host(targets), "111122223333.ddb.us-east-1.amazonaws.com");
    fetched("");
    EXPECT_EQ(&targets.choose(credentials, operation::list_streams, about("t")), &targets.streams());
    EXPECT_EQ(targets.streams().authority, "streams.dynamodb.us-east-1.amazonaws.com");
    EXPECT_EQ(targets
                  .choose(credentials, operation::get_records,
                          R"({"ShardIterator":"arn:aws:dynamodb:us-east-1:444455556666:table/t/stream/x|1|AAAA"})")
                  .authority,
              "444455556666.streams-ddb.us-east-1.amazonaws.com");
    client_options o = in("us-east-1");
    o.endpoint = "http://127.0.0.1:1";
    endpoint_targets local(ctx.get_executor(), resolve(std::move(o), environment_of({})));
    EXPECT_EQ(&local.streams(), &local.regional()) << "one server, one pool";
}

TEST_F(endpoint_targets_test, refuse_when_accounts_are_required_and_none_is_known) {
    auto targets = make(account_endpoint_mode::required);
    fetched("");
    try {
        host(targets);
        ADD_FAILURE() << "not refused";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_configuration);
        EXPECT_TRUE(mentions(e.info().message, "AWS_ACCOUNT_ID"));
    }
    EXPECT_EQ(host(targets, about("arn:aws:dynamodb:us-east-1:444455556666:table/t")),
              "444455556666.ddb.us-east-1.amazonaws.com");
}

TEST_F(endpoint_targets_test, have_pools_for_so_many_accounts_only) {
    auto targets = make();
    auto strict = make(account_endpoint_mode::required);
    fetched("111122223333");
    auto const arn = [](std::size_t i) {
        return about("arn:aws:dynamodb:us-east-1:" + std::to_string(100000000000 + i) + ":table/t");
    };
    for (std::size_t i = 0; i != endpoint_targets::max_accounts; ++i) {
        EXPECT_TRUE(host(targets, arn(i)).starts_with("100000"));
        EXPECT_TRUE(host(strict, arn(i)).starts_with("100000"));
    }
    EXPECT_EQ(host(targets, arn(1000)), "dynamodb.us-east-1.amazonaws.com");
    EXPECT_TRUE(host(targets, arn(5)).starts_with("100000000005.")) << "those that are there stay";
    EXPECT_THROW(host(strict, arn(1000)), error);
}

TEST_F(endpoint_targets_test, are_closed_and_counted_together) {
    auto targets = make();
    fetched("111122223333");
    static_cast<void>(host(targets));
    EXPECT_EQ(targets.statistics().open, 0U);
    targets.close();
    dynasio::http::deadline_queue deadlines(ctx.get_executor());
    dynasio::http::deadline until(deadlines, std::chrono::steady_clock::now() + std::chrono::seconds(5));
    for (char const* body : {"{}", R"({"TableName":"arn:aws:dynamodb:us-east-1:444455556666:table/t"})"}) {
        auto exchanging = targets.choose(credentials, operation::get_item, body)
                              .pool->exchange(dynasio::http::request_view{"", "", false}, until);
        auto const result = test::run(ctx, std::move(exchanging));
        EXPECT_EQ(result.code, errc::client_closed) << "also for an account that comes up later";
    }
}

// --- Numbers and durations

TEST(option_limits, what_is_out_of_range_is_refused_by_name_with_the_range) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinite = std::numeric_limits<double>::infinity();
    struct number {
        char const* name;
        double& (*of)(client_options&);
        double below, above;
        char const* range;
    };
    number const numbers[] = {
        {"throttling.decrease", [](client_options& o) -> double& { return o.throttling.decrease; }, -0.1, 1.1,
         "0 to 1"},
        {"throttling.headroom", [](client_options& o) -> double& { return o.throttling.headroom; }, -1, 1e4,
         "0 to 1000"},
        {"throttling.increase", [](client_options& o) -> double& { return o.throttling.increase; }, -1, 1e4,
         "0 to 1000"},
        {"throttling.min_rate", [](client_options& o) -> double& { return o.throttling.min_rate; }, 0, 1e7,
         "0.001 to 1000000"},
        {"hedging.percentile", [](client_options& o) -> double& { return o.hedging.percentile; }, -0.1, 95, "0 to 1"},
        {"hedging.budget", [](client_options& o) -> double& { return o.hedging.budget; }, -0.1, 1.1, "0 to 1"},
        {"hedging.burst", [](client_options& o) -> double& { return o.hedging.burst; }, -1, 1e7, "0 to 1000000"},
    };
    for (auto const& one : numbers) {
        for (double const bad : {one.below, one.above, nan, infinite, -infinite}) {
            auto o = in("eu-west-1");
            one.of(o) = bad;
            EXPECT_EQ(refusal(o), std::string(one.name) + ": must be from " + one.range) << bad;
        }
    }
    for (double const bad : {-1.0, nan, infinite, 1e300}) {
        auto o = in("eu-west-1");
        o.retry.base_delay = dynasio::aws::retry_delay(bad);
        EXPECT_TRUE(refusal(o).starts_with("retry.base_delay: must be from 0 to")) << bad;
        o = in("eu-west-1");
        o.retry.throttling_delay = dynasio::aws::retry_delay(bad);
        EXPECT_TRUE(refusal(o).starts_with("retry.throttling_delay: must be from 0 to")) << bad;
        o = in("eu-west-1");
        o.retry.max_delay = dynasio::aws::retry_delay(bad);
        EXPECT_TRUE(refusal(o).starts_with("retry.max_delay: must be from 0 to")) << bad;
    }
    auto o = in("eu-west-1");
    o.throttling.first_pause = std::chrono::milliseconds(-1);
    EXPECT_EQ(refusal(o), "throttling.first_pause: must not be negative");
    o = in("eu-west-1");
    o.throttling.lifetime = std::chrono::milliseconds::min();
    EXPECT_EQ(refusal(o), "throttling.lifetime: must not be negative");
    o = in("eu-west-1");
    o.hedging.min_delay = std::chrono::microseconds(-1);
    EXPECT_EQ(refusal(o), "hedging.min_delay: must not be negative");
}

TEST(option_limits, the_ends_of_the_ranges_are_allowed) {
    auto o = in("eu-west-1");
    o.throttling = {true, std::chrono::milliseconds(0), 0, 0, 0, 0.001, std::chrono::milliseconds(0)};
    o.hedging.percentile = o.hedging.budget = o.hedging.burst = 0;
    o.hedging.min_delay = std::chrono::microseconds(0);
    EXPECT_NO_THROW(static_cast<void>(resolve(o, environment_of({}))));
    o.throttling = {true, std::chrono::milliseconds(0), 1, 1000, 1000, 1e6, std::chrono::milliseconds(0)};
    o.hedging.percentile = o.hedging.budget = 1;
    o.hedging.burst = 1e6;
    EXPECT_NO_THROW(static_cast<void>(resolve(o, environment_of({}))));
}

// --- Proxies and authorities

TEST(connection_options, the_proxy_comes_from_the_environment_unless_one_is_given_or_none_is_wanted) {
    auto const env = environment_of({{"HTTPS_PROXY", "http://u:p@proxy.example:3128"}});
    auto const found = resolve(in("eu-west-1"), env).options.pool.proxy;
    EXPECT_EQ(found.address().host, "proxy.example");
    EXPECT_EQ(found.authorization(), "Basic dTpw");

    auto own = in("eu-west-1");
    own.pool.proxy = http::proxy::parse("http://other.example");
    EXPECT_EQ(resolve(own, env).options.pool.proxy.address().host, "other.example");

    auto none = in("eu-west-1");
    none.proxy_from_environment = false;
    EXPECT_FALSE(resolve(none, env).options.pool.proxy);

    EXPECT_FALSE(resolve(in("eu-west-1"),
                         environment_of({{"HTTPS_PROXY", "http://proxy.example"}, {"NO_PROXY", "amazonaws.com"}}))
                     .options.pool.proxy);
    auto local = in("eu-west-1");
    local.endpoint = "https://localhost:8000";
    EXPECT_FALSE(resolve(local, env).options.pool.proxy);
    EXPECT_NE(
        refusal(in("eu-west-1"), errc::invalid_configuration, {{"HTTPS_PROXY", "socks5://x"}}).find("HTTPS_PROXY"),
        std::string::npos);
}

TEST(connection_options, a_bundle_of_authorities_takes_the_place_of_the_systems) {
    auto env = environment_of({{"AWS_CA_BUNDLE", "/etc/own.pem"}});
    auto tls = resolve(in("eu-west-1"), env).options.pool.tls;
    EXPECT_EQ(tls.authorities_file, "/etc/own.pem");
    EXPECT_FALSE(tls.use_system_authorities);

    auto chosen = in("eu-west-1");
    chosen.pool.tls.authorities_pem = "x";
    tls = resolve(chosen, env).options.pool.tls;
    EXPECT_EQ(tls.authorities_file, "");
    EXPECT_TRUE(tls.use_system_authorities);

    auto plain = in("eu-west-1");
    plain.endpoint = "http://db.example";
    EXPECT_EQ(resolve(plain, env).options.pool.tls.authorities_file, "");

    auto with_file = environment_of({{"AWS_CONFIG_FILE", "config"}});
    with_file.read_file = [](std::string const& path) -> std::optional<std::string> {
        if (path != "config") return std::nullopt;
        return "[default]\nca_bundle = /default.pem\n[profile work]\nca_bundle = /work.pem\n[profile none]\n";
    };
    EXPECT_EQ(resolve(in("eu-west-1"), with_file).options.pool.tls.authorities_file, "/default.pem");
    auto work = in("eu-west-1");
    work.profile = "work";
    EXPECT_EQ(resolve(work, with_file).options.pool.tls.authorities_file, "/work.pem");
    work.profile = "none";
    tls = resolve(work, with_file).options.pool.tls;
    EXPECT_EQ(tls.authorities_file, "");
    EXPECT_TRUE(tls.use_system_authorities);
}

} // namespace
