#include <dynasio/aws/providers.hpp>

#include <dynasio/core/timestamp.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aws/metadata_settings.hpp"
#include "aws/profile_plan.hpp"
#include "aws/provider_support.hpp"
#include "fake_environment.hpp"
#include "recorded_http.hpp"
#include "support/coroutine.hpp"
#include "support/test_data.hpp"

// The suites that AWS's SDK for Rust tests its credentials providers with.
namespace {

using namespace dynasio;
using namespace dynasio::aws;
using namespace dynasio::tests;

std::string const suites = "aws-shared/smithy-rs/aws-config/";

/// Before every expiry of the suites, but after the beginning of every token.
system_time suite_clock() { return system_time(std::chrono::seconds(1'234'566'000)); }

boost::asio::awaitable<void> no_sleep(std::chrono::milliseconds) { co_return; }

provider_context quick_context(environment env, http_transport transport) {
    provider_context context;
    context.env = std::move(env);
    context.clock = suite_clock;
    context.transport = std::move(transport);
    context.sleep = no_sleep;
    context.random = [] { return 0.5; };
    return context;
}

/// Variables of env.json, and the folder fs in the place of '/'.
environment environment_of(std::string const& folder) {
    auto const variables = std::make_shared<boost::json::value>(read_json(folder + "/env.json"));
    environment env;
    env.variable = [variables](std::string const& name) -> std::optional<std::string> {
        auto const* const value = variables->as_object().if_contains(name);
        if (value == nullptr) return std::nullopt;
        return tests::to_string(*value);
    };
    env.read_file = [folder](std::string const& path) -> std::optional<std::string> {
        std::ifstream file(DYNASIO_TEST_DATA "/" + folder + "/fs" + path, std::ios::binary);
        if (!file) return std::nullopt;
        return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    };
    return env;
}

credentials ask(credentials_provider const& provider) {
    boost::asio::io_context context{1};
    return test::run(context, provider());
}

/// Folders of a suite, sorted.
std::vector<std::string> cases_of(std::string const& suite) {
    std::vector<std::string> names;
    for (auto const& entry : std::filesystem::directory_iterator(DYNASIO_TEST_DATA "/" + suites + suite))
        names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

void run_case(std::string const& folder, credentials_provider (*make)(provider_context)) {
    recorded_http http(read_json(folder + "/http-traffic.json"));
    auto const expected = read_json(folder + "/test-case.json");
    auto const& result = expected.at("result").as_object();
    auto const provider = make(quick_context(environment_of(folder), http.transport()));
    auto const* const ok = result.if_contains("Ok");
    if (ok == nullptr) {
        try {
            (void)ask(provider);
            FAIL() << "no error, expected one like: " << result.at("ErrorContains").as_string();
        } catch (error const& e) {
            EXPECT_TRUE(e.code() == errc::no_credentials || e.code() == errc::invalid_configuration) << e.what();
            EXPECT_FALSE(e.info().message.empty());
            EXPECT_EQ(std::string_view(e.what()).find("a-token"), std::string_view::npos) << e.what();
        }
        EXPECT_GE(http.asked(), http.recorded_count());
        return;
    }
    credentials const got = ask(provider);
    EXPECT_EQ(got.access_key_id(), tests::to_string(ok->at("access_key_id")));
    EXPECT_EQ(got.secret_access_key(), tests::to_string(ok->at("secret_access_key")));
    auto const text = [&](char const* name) {
        auto const* const value = ok->as_object().if_contains(name);
        return value == nullptr ? std::string() : tests::to_string(*value);
    };
    EXPECT_EQ(got.session_token(), text("session_token"));
    EXPECT_EQ(got.account_id, text("account_id"));
    auto const* const expiry = ok->as_object().if_contains("expiry");
    ASSERT_EQ(got.expires_at.has_value(), expiry != nullptr);
    if (expiry != nullptr) {
        EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(*got.expires_at).time_since_epoch().count(),
                  expiry->to_number<std::int64_t>());
    }
    EXPECT_EQ(http.asked(), http.recorded_count());
}

class provider_chain_suite : public testing::TestWithParam<std::string> {};
TEST_P(provider_chain_suite, gives_what_the_suite_says) {
    run_case(suites + "default-credential-provider-chain/" + GetParam(), chain_credentials);
}
INSTANTIATE_TEST_SUITE_P(vectors, provider_chain_suite,
                         testing::ValuesIn(cases_of("default-credential-provider-chain")),
                         [](auto const& c) { return test_name(c.param); });

class profile_provider_suite : public testing::TestWithParam<std::string> {};
TEST_P(profile_provider_suite, gives_what_the_suite_says) {
    run_case(suites + "profile-provider/" + GetParam(), profile_credentials);
}
INSTANTIATE_TEST_SUITE_P(vectors, profile_provider_suite, testing::ValuesIn(cases_of("profile-provider")),
                         [](auto const& c) { return test_name(c.param); });

// --- profile plans
// -----------------------------------------------------------------------------------------------------

boost::json::array const& plan_cases() {
    static auto const all = read_json(suites + "assume-role-tests.json");
    return all.as_array();
}

std::map<std::string, shared_properties, std::less<>> sections_of(boost::json::value const& json) {
    std::map<std::string, shared_properties, std::less<>> result;
    for (auto const& [name, properties] : json.as_object()) {
        auto& section = result[std::string(std::string_view(name))];
        for (auto const& [key, value] : properties.as_object())
            section[std::string(std::string_view(key))] = tests::to_string(value);
    }
    return result;
}

/// A plan in the suite's words.
boost::json::array describe(detail::profile_plan const& plan) {
    boost::json::array chain;
    auto const put = [](boost::json::object& in, char const* name, std::string const& text) {
        if (!text.empty()) in[name] = text;
    };
    boost::json::object first;
    if (auto const* const keys = std::get_if<credentials>(&plan.base)) {
        boost::json::object o;
        put(o, "access_key_id", keys->access_key_id());
        put(o, "secret_access_key", keys->secret_access_key());
        put(o, "account_id", keys->account_id);
        first["AccessKey"] = std::move(o);
    } else if (auto const* const source = std::get_if<detail::named_source>(&plan.base)) {
        first["NamedSource"] = *source == detail::named_source::instance_metadata ? "Ec2InstanceMetadata"
                               : *source == detail::named_source::environment     ? "Environment"
                                                                                  : "EcsContainer";
    } else if (auto const* const web = std::get_if<web_identity_options>(&plan.base)) {
        boost::json::object o;
        put(o, "role_arn", web->role_arn);
        put(o, "web_identity_token_file", web->token_file);
        put(o, "role_session_name", web->role_session_name);
        first["WebIdentityToken"] = std::move(o);
    } else if (auto const* const sso = std::get_if<sso_options>(&plan.base)) {
        boost::json::object o;
        put(o, "sso_session", sso->session);
        put(o, "sso_account_id", sso->account_id);
        put(o, "sso_region", sso->region);
        put(o, "sso_role_name", sso->role_name);
        put(o, "sso_start_url", sso->start_url);
        first["Sso"] = std::move(o);
    }
    chain.push_back(std::move(first));
    for (assume_role_options const& role : plan.roles) {
        boost::json::object o;
        put(o, "role_arn", role.role_arn);
        put(o, "external_id", role.external_id);
        put(o, "role_session_name", role.role_session_name);
        boost::json::object step;
        step["AssumeRole"] = std::move(o);
        chain.push_back(std::move(step));
    }
    return chain;
}

class profile_plan_suite : public testing::TestWithParam<std::size_t> {};
TEST_P(profile_plan_suite, says_what_the_suite_says) {
    auto const& c = plan_cases().at(GetParam());
    auto const& input = c.at("input").as_object();
    shared_config config;
    config.profiles = sections_of(input.at("profiles"));
    if (auto const* const sessions = input.if_contains("sso_sessions")) config.sso_sessions = sections_of(*sessions);
    std::optional<detail::profile_plan> plan;
    std::optional<error> failed;
    try {
        plan = detail::plan_profile(config, tests::to_string(input.at("selected_profile")), "the files");
    } catch (error const& e) {
        failed = e;
        EXPECT_EQ(e.code(), errc::no_credentials);
    }
    auto const& output = c.at("output").as_object();
    if (auto const* const chain = output.if_contains("ProfileChain")) {
        ASSERT_FALSE(failed) << failed->what();
        ASSERT_TRUE(plan);
        EXPECT_EQ(boost::json::value(describe(*plan)), *chain);
    } else {
        EXPECT_FALSE(plan) << output.at("Error").as_string();
    }
}
INSTANTIATE_TEST_SUITE_P(vectors, profile_plan_suite, testing::Range(std::size_t{0}, std::size_t{28}),
                         [](auto const& c) {
                             std::string const docs = tests::to_string(plan_cases().at(c.param).at("docs"));
                             return std::to_string(c.param) + "_" + test_name(docs);
                         });

// --- containers and instances
// ------------------------------------------------------------------------------------------

void set_variables(fake_environment& fake, boost::json::value const& json) {
    for (auto const& [name, value] : json.as_object())
        fake.variables[std::string(std::string_view(name))] = tests::to_string(value);
}

boost::json::array const& container_cases() {
    static auto const all = read_json(suites + "ecs-tests.json");
    return all.at("tests").as_array();
}

class container_suite : public testing::TestWithParam<std::size_t> {};
TEST_P(container_suite, asks_where_the_suite_says) {
    auto const& c = container_cases().at(GetParam());
    fake_environment fake;
    set_variables(fake, c.at("env"));
    std::optional<transport_request> request;
    try {
        request = detail::container_request(fake.get());
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_configuration);
    }
    if (auto const* const url = c.at("result").as_object().if_contains("Ok")) {
        ASSERT_TRUE(request);
        EXPECT_EQ(request->url, tests::to_string(*url));
    } else {
        EXPECT_FALSE(request);
    }
}
INSTANTIATE_TEST_SUITE_P(vectors, container_suite, testing::Range(std::size_t{0}, std::size_t{11}), [](auto const& c) {
    return test_name(tests::to_string(container_cases().at(c.param).at("docs")));
});

boost::json::array const& instance_cases() {
    static auto const all = read_json(suites + "imds-config/imds-endpoint-tests.json");
    return all.at("tests").as_array();
}

class instance_metadata_suite : public testing::TestWithParam<std::size_t> {};
TEST_P(instance_metadata_suite, asks_where_the_suite_says) {
    auto const& c = instance_cases().at(GetParam());
    fake_environment fake;
    set_variables(fake, c.at("env"));
    for (auto const& [name, value] : c.at("fs").as_object())
        fake.files[std::string(std::string_view(name))] = tests::to_string(value);
    instance_metadata_options options;
    if (auto const* const endpoint = c.as_object().if_contains("endpoint_override"))
        options.endpoint = tests::to_string(*endpoint);
    if (auto const* const mode = c.as_object().if_contains("mode_override"))
        options.endpoint_mode = tests::to_string(*mode);
    std::string asked;
    auto const transport = [&](transport_request request) -> boost::asio::awaitable<transport_response> {
        asked = request.url;
        transport_response response;
        response.status = 403;
        co_return response;
    };
    auto const provider = instance_metadata_credentials(options, quick_context(fake.get(), transport));
    auto const* const url = c.at("result").as_object().if_contains("Ok");
    try {
        (void)ask(provider);
        FAIL() << "a refused token gives no credentials";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), url != nullptr ? errc::no_credentials : errc::invalid_configuration) << e.what();
    }
    EXPECT_EQ(asked, url != nullptr ? tests::to_string(*url) : std::string());
}
INSTANTIATE_TEST_SUITE_P(vectors, instance_metadata_suite, testing::Range(std::size_t{0}, std::size_t{14}),
                         [](auto const& c) {
                             return test_name(tests::to_string(instance_cases().at(c.param).at("docs")));
                         });

// --- login
// -------------------------------------------------------------------------------------------------------------

boost::json::array const& login_cases() {
    static auto const all = read_json(suites + "login-provider-test-cases.json");
    return all.as_array();
}

class login_suite : public testing::TestWithParam<std::size_t> {};
TEST_P(login_suite, does_what_the_suite_says) {
    auto const& c = login_cases().at(GetParam());
    fake_environment fake;
    fake.variables["HOME"] = "/home";
    fake.variables["AWS_PROFILE"] = "signin";
    fake.files["/home/.aws/config"] = tests::to_string(c.at("configContents"));
    std::string const cache = "/home/.aws/login/cache/";
    for (auto const& [name, content] : c.at("cacheContents").as_object())
        fake.files[cache + std::string(std::string_view(name))] = serialize(content);
    auto const* const calls = c.as_object().if_contains("mockApiCalls");
    std::size_t asked = 0;
    auto const transport = [&](transport_request request) -> boost::asio::awaitable<transport_response> {
        transport_response response;
        if (calls == nullptr || asked >= calls->as_array().size()) {
            ADD_FAILURE() << "an unexpected request to " << request.url;
            co_return response;
        }
        auto const& call = calls->as_array().at(asked++).as_object();
        EXPECT_EQ(request.url, "https://us-east-1.signin.aws.amazon.com/v1/token");
        EXPECT_EQ(boost::json::parse(request.body), call.at("request").at("tokenInput"));
        auto const* const code = call.if_contains("responseCode");
        response.status = code == nullptr ? 200 : code->to_number<unsigned>();
        if (auto const* const answer = call.if_contains("response"))
            response.body = serialize(answer->at("tokenOutput"));
        co_return response;
    };
    provider_context context = quick_context(fake.get(), transport);
    context.region = "us-east-1";
    context.clock = [] { return timestamp::parse("2025-11-19T00:00:00Z")->time(); };
    context.env.write_file = [&](std::string const& path, std::string_view content) {
        fake.files[path] = content;
        return true;
    };
    auto const provider = profile_credentials(context);
    for (auto const& outcome : c.at("outcomes").as_array()) {
        std::string const kind = tests::to_string(outcome.at("result"));
        if (kind == "credentials") {
            credentials const got = ask(provider);
            EXPECT_EQ(got.access_key_id(), tests::to_string(outcome.at("accessKeyId")));
            EXPECT_EQ(got.secret_access_key(), tests::to_string(outcome.at("secretAccessKey")));
            EXPECT_EQ(got.session_token(), tests::to_string(outcome.at("sessionToken")));
            EXPECT_EQ(got.account_id, tests::to_string(outcome.at("accountId")));
            EXPECT_EQ(got.expires_at, timestamp::parse(tests::to_string(outcome.at("expiresAt")))->time());
        } else if (kind == "error") {
            EXPECT_THROW((void)ask(provider), error);
        } else {
            ASSERT_EQ(kind, "cacheContents");
            for (auto const& [name, content] : outcome.as_object()) {
                if (name == "result") continue;
                EXPECT_EQ(boost::json::parse(fake.files[cache + std::string(std::string_view(name))]), content);
            }
        }
    }
    EXPECT_EQ(asked, calls == nullptr ? 0U : calls->as_array().size());
}
INSTANTIATE_TEST_SUITE_P(vectors, login_suite, testing::Range(std::size_t{0}, std::size_t{8}), [](auto const& c) {
    return test_name(tests::to_string(login_cases().at(c.param).at("documentation")));
});

// --- what is left out
// --------------------------------------------------------------------------------------------------

class provider_suite_skipped : public testing::TestWithParam<std::string> {};
TEST_P(provider_suite_skipped, for_a_reason) {
    GTEST_SKIP() << "default-token-provider-chain: gives a bearer token, which no request of DynamoDB carries";
}
INSTANTIATE_TEST_SUITE_P(vectors, provider_suite_skipped, testing::ValuesIn(cases_of("default-token-provider-chain")),
                         [](auto const& c) { return test_name(c.param); });

TEST(provider_suites, are_complete) {
    EXPECT_EQ(cases_of("default-credential-provider-chain").size(), 29U);
    EXPECT_EQ(cases_of("profile-provider").size(), 18U);
    EXPECT_EQ(plan_cases().size(), 28U);
    EXPECT_EQ(container_cases().size(), 11U);
    EXPECT_EQ(instance_cases().size(), 14U);
    EXPECT_EQ(login_cases().size(), 8U);
    EXPECT_EQ(cases_of("default-token-provider-chain").size(), 3U);
    std::cout << "credentials providers: 108 cases run, 3 skipped\n";
}

} // namespace
