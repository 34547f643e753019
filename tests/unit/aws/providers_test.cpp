#include <dynasio/aws/providers.hpp>
#include <dynasio/aws/sigv4.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sstream>

#include "provider_fixture.hpp"
#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::aws;
using namespace dynasio::tests;
using namespace std::chrono_literals;

constexpr char const* config_path = "/home/.aws/config";

credentials base_keys() { return credentials("BASE", "hidden-base-secret", "hidden-base-token"); }

// --- STS
// ---------------------------------------------------------------------------------------------------------------

class sts_providers : public provider_fixture {
protected:
    sts_providers() {
        fake.variables["AWS_REGION"] = "eu-west-1";
        role.role_arn = "arn:aws:iam::123456789012:role/a b";
        role.role_session_name = "session";
    }
    assume_role_options role{};
};

TEST_F(sts_providers, send_a_signed_form) {
    role.external_id = "ex/id";
    role.duration = 900s;
    expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T13:00:00Z"));
    credentials const got = ask(assume_role_credentials(role, static_credentials(base_keys()), context()));
    EXPECT_EQ(got.access_key_id(), "ROLE");
    EXPECT_EQ(got.secret_access_key(), "hidden-secret");
    EXPECT_EQ(got.session_token(), "hidden-token");
    EXPECT_EQ(got.expires_at, now + 1h);
    EXPECT_EQ(got.account_id, "123456789012");
    ASSERT_EQ(requests.size(), 1U);
    transport_request const& request = requests[0];
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://sts.eu-west-1.amazonaws.com/");
    EXPECT_EQ(request.body,
              "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fa%20b"
              "&RoleSessionName=session&DurationSeconds=900&ExternalId=ex%2Fid");
    EXPECT_EQ(header(request, "x-amz-date"), "20261121T120000Z");
    EXPECT_EQ(header(request, "x-amz-security-token"), "hidden-base-token");
    header_view const headers[] = {{"content-type", "application/x-www-form-urlencoded"},
                                   {"host", "sts.eu-west-1.amazonaws.com"}};
    signable_request signable;
    signable.headers = headers;
    signable.body = request.body;
    std::string lines;
    signer("eu-west-1", "sts").sign(signable, base_keys(), now, lines);
    EXPECT_TRUE(contains(lines, header(request, "authorization"))) << header(request, "authorization");
    EXPECT_TRUE(contains(header(request, "authorization"), "Credential=BASE/20261121/eu-west-1/sts/aws4_request"));
}

TEST_F(sts_providers, name_the_session_after_themselves_when_nobody_does) {
    role.role_session_name.clear();
    expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T13:00:00Z"));
    (void)ask(assume_role_credentials(role, static_credentials(base_keys()), context()));
    EXPECT_TRUE(contains(requests[0].body, "&RoleSessionName=dynasio-1795262400000")) << requests[0].body;
}

TEST_F(sts_providers, try_again_with_a_fresh_signature_when_the_service_fails) {
    expect(500, "");
    answers.push_back([this](transport_request const&) {
        now += 10s;
        transport_response response;
        response.status = 400;
        response.body = "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>";
        return response;
    });
    expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T13:00:00Z"));
    (void)ask(assume_role_credentials(role, static_credentials(base_keys()), context()));
    EXPECT_EQ(sleeps, (std::vector<std::chrono::milliseconds>{25ms, 1000ms}));
    EXPECT_EQ(header(requests[1], "x-amz-date"), "20261121T120000Z");
    EXPECT_EQ(header(requests[2], "x-amz-date"), "20261121T120010Z");
}

TEST_F(sts_providers, give_up_after_three_attempts) {
    for (int i = 0; i < 3; ++i) expect_failure(errc::deadline_exceeded);
    error const e = error_of(assume_role_credentials(role, static_credentials(base_keys()), context()));
    EXPECT_EQ(e.code(), errc::no_credentials);
    EXPECT_TRUE(contains(e.what(), "sts.eu-west-1.amazonaws.com")) << e.what();
    EXPECT_TRUE(contains(e.what(), "3 attempts")) << e.what();
}

TEST_F(sts_providers, do_not_ask_again_a_server_that_nobody_vouches_for) {
    expect_failure(transport_errc::certificate_untrusted);
    EXPECT_TRUE(contains(error_of(assume_role_credentials(role, static_credentials(base_keys()), context())).what(),
                         "1 attempts"));
}

TEST_F(sts_providers, say_what_the_service_said_and_do_not_ask_twice) {
    expect(403,
           "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not allowed</Message></Error></ErrorResponse>");
    error const e = error_of(assume_role_credentials(role, static_credentials(base_keys()), context()));
    EXPECT_EQ(e.code(), errc::no_credentials);
    EXPECT_EQ(e.info().service_code, "AccessDenied");
    EXPECT_EQ(e.info().service_message, "not allowed");
    EXPECT_EQ(e.info().http_status, 403U);
    EXPECT_TRUE(sleeps.empty());
}

TEST_F(sts_providers, ask_the_source_again_only_when_its_credentials_end) {
    int asked = 0;
    auto const source = [&]() -> boost::asio::awaitable<credentials> {
        ++asked;
        credentials keys = base_keys();
        keys.expires_at = now + 30min;
        co_return keys;
    };
    auto const provider = assume_role_credentials(role, source, context());
    for (int i = 0; i < 3; ++i) expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T13:00:00Z"));
    (void)ask(provider);
    now += 24min;
    (void)ask(provider);
    EXPECT_EQ(asked, 1);
    now += 2min;
    (void)ask(provider);
    EXPECT_EQ(asked, 2);
}

TEST_F(sts_providers, ask_the_source_again_when_its_credentials_are_refused) {
    int asked = 0;
    auto const source = [&]() -> boost::asio::awaitable<credentials> {
        credentials keys("BASE" + std::to_string(++asked), "hidden-base-secret", "hidden-base-token");
        keys.expires_at = now + 12h;
        co_return keys;
    };
    auto const refusal = [](std::string const& code) {
        return "<ErrorResponse><Error><Code>" + code + "</Code></Error></ErrorResponse>";
    };
    auto const provider = assume_role_credentials(role, source, context());
    expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T13:00:00Z"));
    (void)ask(provider);
    for (char const* code : {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId",
                             "UnrecognizedClientException", "InvalidAccessKeyId"}) {
        int const before = asked;
        expect(403, refusal(code));
        expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T13:00:00Z"));
        EXPECT_EQ(ask(provider).access_key_id(), "ROLE") << code;
        EXPECT_EQ(asked, before + 1) << code;
        EXPECT_TRUE(contains(header(requests.back(), "authorization"), "Credential=BASE" + std::to_string(asked)));
    }
    // Other refusals are not about the keys.
    int const before = asked;
    for (char const* code : {"SignatureDoesNotMatch", "AccessDenied"}) {
        expect(403, refusal(code));
        EXPECT_EQ(error_of(provider).info().service_code, code);
    }
    EXPECT_EQ(asked, before);
    // Refused as soon as they come: once more would change nothing, and the next call asks the source.
    expect(403, refusal("ExpiredToken"));
    expect(403, refusal("InvalidClientTokenId"));
    EXPECT_EQ(error_of(provider).info().service_code, "InvalidClientTokenId");
    EXPECT_EQ(asked, before + 1);
    expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T13:00:00Z"));
    (void)ask(provider);
    EXPECT_EQ(asked, before + 2);
}

TEST_F(sts_providers, need_a_region_that_fits_a_host_name) {
    fake.variables.clear();
    EXPECT_EQ(error_of(assume_role_credentials(role, static_credentials(base_keys()), context())).code(),
              errc::no_region);
    fake.variables["AWS_REGION"] = "evil.example/";
    EXPECT_EQ(error_of(assume_role_credentials(role, static_credentials(base_keys()), context())).code(),
              errc::invalid_configuration);
    EXPECT_TRUE(requests.empty());
}

TEST_F(sts_providers, read_the_web_identity_token_anew_each_time_and_send_it_unsigned) {
    web_identity_options options;
    options.role_arn = "arn";
    options.token_file = "/token";
    options.role_session_name = "s";
    auto const provider = web_identity_credentials(options, context());
    EXPECT_TRUE(contains(error_of(provider).what(), "/token"));
    for (char const* token : {"first\n", "second"}) {
        fake.files["/token"] = token;
        expect(200, sts_answer("AssumeRoleWithWebIdentity", "WEB", "2026-11-21T13:00:00Z"));
        EXPECT_EQ(ask(provider).access_key_id(), "WEB");
    }
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn&RoleSessionName=s&"
                                "WebIdentityToken=first");
    EXPECT_TRUE(contains(requests[1].body, "WebIdentityToken=second"));
    EXPECT_EQ(header(requests[0], "authorization"), "");
}

TEST_F(sts_providers, try_again_when_the_identity_provider_did_not_answer_sts) {
    fake.files["/token"] = "t";
    web_identity_options options;
    options.role_arn = "arn";
    options.token_file = "/token";
    expect(400, "<ErrorResponse><Error><Code>IDPCommunicationError</Code></Error></ErrorResponse>");
    expect(200, sts_answer("AssumeRoleWithWebIdentity", "WEB", "2026-11-21T13:00:00Z"));
    EXPECT_EQ(ask(web_identity_credentials(options, context())).access_key_id(), "WEB");
}

TEST_F(sts_providers, end_when_they_are_cancelled) {
    bool waiting = false;
    provider_context c = context();
    c.transport = [&](transport_request) -> boost::asio::awaitable<transport_response> {
        boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, 1h);
        waiting = true;
        co_await timer.async_wait(boost::asio::use_awaitable);
        co_return transport_response();
    };
    auto const provider = assume_role_credentials(role, static_credentials(base_keys()), c);
    auto task = test::start(io, provider());
    test::run_until(io, [&] { return waiting; });
    task.cancel();
    try {
        (void)test::finish(io, task);
        FAIL() << "not cancelled";
    } catch (boost::system::system_error const& e) {
        EXPECT_EQ(e.code(), boost::asio::error::operation_aborted);
    }
}

// --- profiles
// ----------------------------------------------------------------------------------------------------------

class profile_providers : public provider_fixture {};

TEST_F(profile_providers, say_that_nobody_can_be_asked_for_an_mfa_code) {
    fake.files[config_path] = "[default]\nrole_arn = arn\nsource_profile = b\nmfa_serial = m\n[profile b]\n"
                              "aws_access_key_id = a\naws_secret_access_key = hidden\n";
    error const e = error_of(profile_credentials(context()));
    EXPECT_EQ(e.code(), errc::no_credentials);
    EXPECT_TRUE(contains(e.what(), "mfa_serial")) << e.what();
}

TEST_F(profile_providers, refuse_durations_and_sources_that_do_not_exist) {
    for (char const* line : {"duration_seconds = 899", "duration_seconds = 1h", "credential_source = Moon"}) {
        fake.files[config_path] = "[default]\nrole_arn = arn\naws_access_key_id = a\naws_secret_access_key = hidden\n" +
                                  std::string(line).append("\n");
        if (contains(line, "duration")) fake.files[config_path] += "source_profile = default\n";
        EXPECT_TRUE(contains(error_of(profile_credentials(context())).what(), std::string(line).substr(0, 8)));
    }
}

TEST_F(profile_providers, pass_duration_and_external_id_on_through_each_role) {
    fake.files[config_path] = "[default]\nregion = eu-west-1\nrole_arn = outer\nsource_profile = b\nexternal_id = x\n"
                              "[profile b]\nrole_arn = inner\ncredential_source = Environment\n"
                              "duration_seconds = 3600\n";
    fake.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    fake.variables["AWS_SECRET_ACCESS_KEY"] = "hidden";
    expect(200, sts_answer("AssumeRole", "INNER", "2026-11-21T13:00:00Z"));
    expect(200, sts_answer("AssumeRole", "OUTER", "2026-11-21T13:00:00Z"));
    auto const provider = profile_credentials(context());
    EXPECT_EQ(ask(provider).access_key_id(), "OUTER");
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_TRUE(contains(requests[0].body, "RoleArn=inner"));
    EXPECT_TRUE(contains(requests[0].body, "DurationSeconds=3600"));
    EXPECT_TRUE(contains(header(requests[0], "authorization"), "Credential=ENV/"));
    EXPECT_TRUE(contains(requests[1].body, "ExternalId=x"));
    EXPECT_TRUE(contains(header(requests[1], "authorization"), "Credential=INNER/"));
    // The inner role's credentials are good for an hour: only the outer one is assumed again.
    expect(200, sts_answer("AssumeRole", "OUTER2", "2026-11-21T13:00:00Z"));
    EXPECT_EQ(ask(provider).access_key_id(), "OUTER2");
    EXPECT_EQ(requests.size(), 3U);
    // A changed file is a new plan, and nothing of the old one is used.
    fake.files[config_path] = "[default]\nregion = eu-west-1\naws_access_key_id = PLAIN\naws_secret_access_key = s\n";
    EXPECT_EQ(ask(provider).access_key_id(), "PLAIN");
    fake.files[config_path] = "[default]\naws_access_key_id = PLAIN2\naws_secret_access_key = s\n";
    EXPECT_EQ(ask(provider).access_key_id(), "PLAIN2");
}

TEST_F(profile_providers, sign_with_the_secret_that_has_changed_in_the_file) {
    auto const write = [this](std::string const& secret) {
        fake.files[config_path] = "[default]\nregion = eu-west-1\nrole_arn = arn\nrole_session_name = s\n"
                                  "source_profile = b\n[profile b]\naws_access_key_id = BASE\n"
                                  "aws_secret_access_key = " +
                                  secret + "\n";
    };
    auto const provider = profile_credentials(context());
    for (char const* secret : {"hidden-1", "hidden-2"}) {
        write(secret);
        expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T13:00:00Z"));
        (void)ask(provider);
    }
    EXPECT_EQ(requests[0].body, requests[1].body);
    EXPECT_NE(header(requests[0], "authorization"), header(requests[1], "authorization"));
}

TEST_F(profile_providers, need_a_role_of_sso_and_not_only_a_session) {
    fake.files[config_path] = "[default]\nsso_session = s\n[sso-session s]\nsso_region = us-east-1\n"
                              "sso_start_url = https://x\n";
    EXPECT_TRUE(contains(error_of(profile_credentials(context())).what(), "sso_account_id"));
}

TEST_F(profile_providers, do_not_send_tokens_to_what_stands_where_a_region_should) {
    for (std::string const region : {"us-east-1.example.com/x#", "evil.com/?", "-", "a b"}) {
        fake.files[config_path] = "[default]\nsso_start_url = https://x\nsso_region = " + region +
                                  "\nsso_account_id = 1\nsso_role_name = r\n";
        auto const e = error_of(profile_credentials(context()));
        EXPECT_TRUE(contains(e.what(), "sso_region")) << region << ": " << e.what();
        EXPECT_TRUE(requests.empty());
    }
}

// --- SSO
// ---------------------------------------------------------------------------------------------------------------

class sso_provider : public provider_fixture {
protected:
    sso_provider() {
        options.session = "dev";
        options.start_url = "https://start";
        options.region = "us-east-1";
        options.account_id = "1234";
        options.role_name = "role/x";
    }
    void token_expires(std::string const& at, std::string const& more = R"(,"refreshToken":"hidden-refresh",
        "clientId":"client","clientSecret":"hidden-client","registrationExpiresAt":"2027-01-01T00:00:00Z")") {
        fake.files[path] =
            R"({"startUrl":"https://start","accessToken":"hidden-access","expiresAt":")" + at + "\"" + more + "}";
    }
    static std::string role_answer() {
        return R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"hidden","sessionToken":"hidden",)"
               R"("expiration":1795266000000}})";
    }

    std::string const path = "/home/.aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json";
    sso_options options{};
};

TEST_F(sso_provider, buys_credentials_with_the_cached_token) {
    token_expires("2026-11-21T13:00:00Z");
    expect(200, role_answer());
    credentials const got = ask(sso_credentials(options, context()));
    EXPECT_EQ(got.access_key_id(), "SSO");
    EXPECT_EQ(got.account_id, "1234");
    EXPECT_EQ(got.expires_at, now + 1h);
    EXPECT_EQ(requests[0].url, "https://portal.sso.us-east-1.amazonaws.com/federation/credentials?account_id=1234&"
                               "role_name=role%2Fx");
    EXPECT_EQ(header(requests[0], "x-amz-sso_bearer_token"), "hidden-access");
}

TEST_F(sso_provider, renews_a_token_that_ends_soon_and_writes_the_cache) {
    token_expires("2026-11-21T12:05:00Z");
    expect(200, R"({"accessToken":"hidden-new","expiresIn":28800,"refreshToken":"hidden-refresh-2"})");
    expect(200, role_answer());
    EXPECT_EQ(ask(sso_credentials(options, context())).access_key_id(), "SSO");
    ASSERT_EQ(requests.size(), 2U);
    EXPECT_EQ(requests[0].url, "https://oidc.us-east-1.amazonaws.com/token");
    EXPECT_EQ(boost::json::parse(requests[0].body),
              boost::json::parse(R"({"clientId":"client","clientSecret":"hidden-client","grantType":"refresh_token",)"
                                 R"("refreshToken":"hidden-refresh"})"));
    EXPECT_EQ(header(requests[1], "x-amz-sso_bearer_token"), "hidden-new");
    auto const cache = boost::json::parse(fake.files[path]);
    EXPECT_EQ(cache.at("accessToken"), "hidden-new");
    EXPECT_EQ(cache.at("refreshToken"), "hidden-refresh-2");
    EXPECT_EQ(cache.at("expiresAt"), "2026-11-21T20:00:00Z");
    EXPECT_EQ(cache.at("startUrl"), "https://start") << "what is not renewed stays";
}

TEST_F(sso_provider, uses_a_valid_token_when_renewing_fails_and_pauses_before_the_next_try) {
    token_expires("2026-11-21T12:04:00Z");
    auto const provider = sso_credentials(options, context());
    expect(400, R"({"error":"invalid_grant"})");
    expect(200, role_answer());
    EXPECT_EQ(ask(provider).access_key_id(), "SSO");
    now += 29s;
    expect(200, role_answer());
    EXPECT_EQ(ask(provider).access_key_id(), "SSO");
    EXPECT_EQ(requests.size(), 3U) << "no second try within 30 s";
    now += 2s;
    expect(200, R"({"accessToken":"hidden-new","expiresIn":28800})");
    expect(200, role_answer());
    EXPECT_EQ(ask(provider).access_key_id(), "SSO");
    EXPECT_EQ(requests.size(), 5U);
}

TEST_F(sso_provider, says_how_to_log_in_when_the_token_has_ended) {
    fake.variables["AWS_PROFILE"] = "work";
    EXPECT_TRUE(contains(error_of(sso_credentials(options, context())).what(), "aws sso login --profile work"));
    token_expires("2026-11-21T12:00:00Z", "");
    EXPECT_TRUE(contains(error_of(sso_credentials(options, context())).what(), "aws sso login --profile work"));
    token_expires("2026-11-21T12:00:00Z");
    expect(400, "");
    EXPECT_TRUE(contains(error_of(sso_credentials(options, context())).what(), "aws sso login --profile work"));
    token_expires("2026-11-21T13:00:00Z");
    expect(401, R"({"__type":"UnauthorizedException","message":"Session token not found or invalid"})");
    error const refused = error_of(sso_credentials(options, context()));
    EXPECT_TRUE(contains(refused.what(), "aws sso login --profile work")) << refused.what();
    EXPECT_EQ(refused.info().service_code, "UnauthorizedException");
    for (char const* cache : {"", "[]", "{}", R"({"accessToken":"hidden"})"}) {
        fake.files[path] = cache;
        EXPECT_TRUE(contains(error_of(sso_credentials(options, context())).what(), "aws sso login"));
    }
}

TEST_F(sso_provider, lets_late_comers_wait_for_the_renewal_under_way) {
    token_expires("2026-11-21T11:59:00Z");
    auto const provider = sso_credentials(options, held_context());
    expect(200, R"({"accessToken":"hidden-new","expiresIn":28800})");
    for (int i = 0; i < 3; ++i) expect(200, role_answer());
    auto first = test::start(io, provider());
    test::run_until(io, [&] { return held == 1; });
    auto second = test::start(io, provider());
    auto third = test::start(io, provider());
    run_what_is_ready();
    EXPECT_EQ(held, 1U) << "one renewal, whoever asks";
    let_go();
    EXPECT_EQ(test::finish(io, first).access_key_id(), "SSO");
    EXPECT_EQ(test::finish(io, second).access_key_id(), "SSO");
    EXPECT_EQ(test::finish(io, third).access_key_id(), "SSO");
    ASSERT_EQ(requests.size(), 4U);
    for (std::size_t i = 1; i < 4; ++i) EXPECT_EQ(header(requests[i], "x-amz-sso_bearer_token"), "hidden-new");
}

TEST_F(sso_provider, lets_late_comers_share_a_failure_but_no_cancellation) {
    token_expires("2026-11-21T11:59:00Z");
    auto const provider = sso_credentials(options, held_context());
    auto first = test::start(io, provider());
    test::run_until(io, [&] { return held == 1; });
    auto second = test::start(io, provider());
    auto third = test::start(io, provider());
    run_what_is_ready();
    // Who goes, while renewing or while waiting, leaves the work to the next.
    second.cancel();
    first.cancel();
    EXPECT_THROW((void)test::finish(io, first), boost::system::system_error);
    EXPECT_THROW((void)test::finish(io, second), boost::system::system_error);
    test::run_until(io, [&] { return held == 2; });
    auto fourth = test::start(io, provider());
    run_what_is_ready();
    expect(500, "");
    expect(500, "");
    expect(500, "");
    let_go();
    EXPECT_THROW((void)test::finish(io, third), error);
    EXPECT_THROW((void)test::finish(io, fourth), error);
    EXPECT_EQ(requests.size(), 3U) << "the attempts of one renewal";
}

TEST_F(sso_provider, uses_what_another_program_has_renewed) {
    // It has used up the refresh token, and has written the file before or shortly after the refusal.
    for (bool const late : {false, true}) {
        token_expires("2026-11-21T11:59:00Z");
        auto const write = [this] {
            token_expires("2026-11-21T20:00:00Z");
            fake.files[path].replace(fake.files[path].find("hidden-access"), 13, "hidden-other!");
        };
        provider_context c = context();
        c.sleep = [this, write](std::chrono::milliseconds delay) -> boost::asio::awaitable<void> {
            sleeps.push_back(delay);
            write();
            co_return;
        };
        answers.push_back([late, write](transport_request const&) {
            if (!late) write();
            transport_response response;
            response.status = 400;
            response.body = R"({"error":"invalid_grant"})";
            return response;
        });
        expect(200, role_answer());
        EXPECT_EQ(ask(sso_credentials(options, c)).access_key_id(), "SSO");
        EXPECT_EQ(header(requests.back(), "x-amz-sso_bearer_token"), "hidden-other!");
        EXPECT_EQ(sleeps.size(), late ? 1U : 0U);
    }
}

TEST_F(sso_provider, keeps_a_renewed_token_that_cannot_be_written) {
    token_expires("2026-11-21T11:59:00Z");
    provider_context c = context();
    c.env.write_file = [](std::string const&, std::string_view) { return false; };
    auto const provider = sso_credentials(options, c);
    expect(200, R"({"accessToken":"hidden-new","expiresIn":28800,"refreshToken":"hidden-refresh-2"})");
    expect(200, role_answer());
    EXPECT_EQ(ask(provider).access_key_id(), "SSO");
    now += 1min;
    expect(200, role_answer());
    EXPECT_EQ(ask(provider).access_key_id(), "SSO");
    EXPECT_EQ(header(requests[2], "x-amz-sso_bearer_token"), "hidden-new");
    now += 8h;
    expect(200, R"({"accessToken":"hidden-newer","expiresIn":28800})");
    expect(200, role_answer());
    EXPECT_EQ(ask(provider).access_key_id(), "SSO");
    EXPECT_TRUE(contains(requests[3].body, "hidden-refresh-2")) << "the first refresh token is used up";
    // A log-in takes its place.
    token_expires("2026-11-22T12:00:00Z");
    expect(200, role_answer());
    EXPECT_EQ(ask(provider).access_key_id(), "SSO");
    EXPECT_EQ(header(requests.back(), "x-amz-sso_bearer_token"), "hidden-access");
}

TEST_F(sso_provider, never_renews_a_token_without_a_session_or_a_valid_registration) {
    token_expires("2026-11-21T12:04:00Z", R"(,"refreshToken":"hidden","clientId":"c","clientSecret":"hidden",
        "registrationExpiresAt":"2026-11-21T12:00:00Z")");
    expect(200, role_answer());
    EXPECT_EQ(ask(sso_credentials(options, context())).access_key_id(), "SSO");
    token_expires("2026-11-21T12:04:00Z");
    options.session.clear();
    options.start_url = "dev"; // the older kind of cache is named after it
    expect(200, role_answer());
    EXPECT_EQ(ask(sso_credentials(options, context())).access_key_id(), "SSO");
    EXPECT_EQ(requests.size(), 2U);
}

TEST_F(sso_provider, refuses_a_token_that_would_end_the_header) {
    fake.files[path] = R"({"accessToken":"hidden\r\nX-Evil: 1","expiresAt":"2026-11-21T13:00:00Z"})";
    EXPECT_EQ(error_of(sso_credentials(options, context())).code(), errc::no_credentials);
    EXPECT_TRUE(requests.empty());
}

// --- login
// -------------------------------------------------------------------------------------------------------------

class login_provider : public provider_fixture {
protected:
    login_provider() {
        fake.variables["AWS_REGION"] = "us-east-1";
        options.session = "arn:aws:sts::012345678910:assumed-role/Admin/admin";
    }
    /// `id` is the access key's.
    void token_expires(std::string const& at, std::string const& id = "OLD") {
        auto cache = boost::json::parse(
            R"({"accessToken":{"accessKeyId":"","secretAccessKey":"hidden","sessionToken":"hidden-token",)"
            R"("accountId":"012345678910","expiresAt":""},"clientId":"client","refreshToken":"hidden-refresh"})");
        cache.at("accessToken").at("accessKeyId") = id;
        cache.at("accessToken").at("expiresAt") = at;
        auto const cases = read_json("aws-shared/smithy-rs/aws-config/login-provider-test-cases.json");
        cache.as_object()["dpopKey"] =
            cases.as_array().at(0).at("cacheContents").as_object().begin()->value().at("dpopKey");
        fake.files[path] = serialize(cache);
    }
    static std::string answer_of(std::string const& id) {
        return R"({"accessToken":{"accessKeyId":")" + id +
               R"(","secretAccessKey":"hidden","sessionToken":"hidden-token"},"expiresIn":900})";
    }

    std::string const path =
        "/home/.aws/login/cache/4b0ba8f99f075c0633e122fd73346ce203a3faf18ea0310eb2d29df1bab2e255.json";
    login_options options{};
};

TEST_F(login_provider, lets_late_comers_wait_for_the_renewal_under_way) {
    token_expires("2026-11-21T11:59:00Z");
    auto const provider = login_credentials(options, held_context());
    expect(200, answer_of("NEW"));
    auto first = test::start(io, provider());
    test::run_until(io, [&] { return held == 1; });
    auto second = test::start(io, provider());
    run_what_is_ready();
    let_go();
    EXPECT_EQ(test::finish(io, first).access_key_id(), "NEW");
    EXPECT_EQ(test::finish(io, second).access_key_id(), "NEW");
    EXPECT_EQ(requests.size(), 1U);
}

TEST_F(login_provider, tells_late_comers_why_the_renewal_failed) {
    token_expires("2026-11-21T11:59:00Z");
    auto const provider = login_credentials(options, held_context());
    expect(400, R"({"error":"TOKEN_EXPIRED","message":"log in again"})");
    auto first = test::start(io, provider());
    test::run_until(io, [&] { return held == 1; });
    auto second = test::start(io, provider());
    run_what_is_ready();
    let_go();
    for (auto* const one : {&first, &second}) {
        try {
            (void)test::finish(io, *one);
            ADD_FAILURE() << "no error";
        } catch (error const& e) {
            EXPECT_EQ(e.info().http_status, 400U) << e.what();
            EXPECT_EQ(e.info().service_code, "TOKEN_EXPIRED");
        }
    }
    EXPECT_EQ(requests.size(), 1U);
}

TEST_F(login_provider, uses_what_another_program_has_renewed) {
    token_expires("2026-11-21T11:59:00Z");
    answers.push_back([this](transport_request const&) {
        token_expires("2026-11-21T12:15:00Z", "OTHER");
        transport_response response;
        response.status = 400;
        return response;
    });
    EXPECT_EQ(ask(login_credentials(options, context())).access_key_id(), "OTHER");
}

// --- containers
// --------------------------------------------------------------------------------------------------------

class container_provider : public provider_fixture {};

TEST_F(container_provider, sends_the_token_of_the_file_before_that_of_the_variable) {
    fake.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:99/v1?x=1";
    fake.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "Basic of-variable";
    expect(200, metadata_answer("ECS", "2026-11-21T13:00:00Z"));
    credentials const got = ask(container_credentials(context()));
    EXPECT_EQ(got.access_key_id(), "ECS");
    EXPECT_EQ(got.expires_at, now + 1h);
    EXPECT_EQ(requests[0].url, "http://127.0.0.1:99/v1?x=1");
    EXPECT_EQ(header(requests[0], "authorization"), "Basic of-variable");
    EXPECT_TRUE(requests[0].direct);
    fake.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/token";
    fake.files["/token"] = "of-file\n";
    expect(200, metadata_answer("ECS", "2026-11-21T13:00:00Z"));
    (void)ask(container_credentials(context()));
    EXPECT_EQ(header(requests[1], "authorization"), "of-file");
}

TEST_F(container_provider, refuses_tokens_that_would_end_the_header) {
    fake.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
    fake.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "hidden\r\nX-Evil: 1";
    EXPECT_EQ(error_of(container_credentials(context())).code(), errc::no_credentials);
    EXPECT_TRUE(requests.empty());
}

TEST_F(container_provider, sends_nothing_without_tls_past_this_machine_and_its_link) {
    for (char const* url :
         {"http://example.com/x", "http://169.254.170.3/x", "http://10.0.0.1/", "http://127.0.0.1.nip.io/",
          "ftp://127.0.0.1/", "http://[fd00:ec2::24]/", "http://user@127.0.0.1/", "//127.0.0.1/"}) {
        fake.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
        EXPECT_EQ(error_of(container_credentials(context())).code(), errc::invalid_configuration) << url;
    }
    fake.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "example.com/";
    EXPECT_EQ(error_of(container_credentials(context())).code(), errc::invalid_configuration);
    EXPECT_TRUE(requests.empty());
    fake.variables.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    fake.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://[::1]:1/";
    expect(404, "");
    EXPECT_EQ(error_of(container_credentials(context())).info().http_status, 404U);
    fake.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "https://example.com/";
    expect(200, metadata_answer("ECS", "2026-11-21T13:00:00Z"));
    (void)ask(container_credentials(context()));
    EXPECT_FALSE(requests[1].direct) << "through a proxy, like anything far away";
}

// --- instances
// ---------------------------------------------------------------------------------------------------------

class instance_provider : public provider_fixture {
protected:
    void expect_role(std::string const& id, std::string const& expiration) {
        expect(200, "the-role\n");
        expect(200, metadata_answer(id, expiration));
    }
};

TEST_F(instance_provider, uses_its_session_token_again_until_shortly_before_its_end) {
    auto const provider = instance_metadata_credentials({}, context());
    expect(200, "token-1");
    expect_role("ONE", "2026-11-21T18:00:00Z");
    EXPECT_EQ(ask(provider).access_key_id(), "ONE");
    EXPECT_EQ(requests[0].method, "PUT");
    EXPECT_EQ(requests[0].connect_timeout, 1s);
    EXPECT_EQ(requests[0].timeout, 2s);
    EXPECT_TRUE(requests[0].direct);
    EXPECT_EQ(requests[2].url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/the-role");
    EXPECT_EQ(header(requests[2], "x-aws-ec2-metadata-token"), "token-1");
    now += 5h + 57min;
    expect_role("TWO", "2026-11-22T00:00:00Z");
    EXPECT_EQ(ask(provider).access_key_id(), "TWO");
    now += 2min;
    expect(200, "token-2");
    expect_role("THREE", "2026-11-22T00:00:00Z");
    EXPECT_EQ(ask(provider).access_key_id(), "THREE");
    EXPECT_EQ(header(requests.back(), "x-aws-ec2-metadata-token"), "token-2");
}

TEST_F(instance_provider, gets_a_new_session_token_when_the_old_one_is_not_known_any_more) {
    auto const provider = instance_metadata_credentials({}, context());
    expect(200, "token-1");
    expect_role("ONE", "2026-11-21T18:00:00Z");
    (void)ask(provider);
    expect(401, "");
    expect(200, "token-2");
    expect_role("TWO", "2026-11-21T18:00:00Z");
    EXPECT_EQ(ask(provider).access_key_id(), "TWO");
    // Once, not for ever.
    expect(401, "");
    expect(200, "token-3");
    expect(401, "");
    EXPECT_EQ(ask(provider).access_key_id(), "TWO");
}

TEST_F(instance_provider, gives_known_credentials_on_when_the_service_fails) {
    auto const provider = instance_metadata_credentials({}, context());
    expect(200, "token");
    expect_role("ONE", "2026-11-21T12:30:00Z");
    (void)ask(provider);
    now += 20min;
    for (int i = 0; i < 4; ++i) expect(503, "");
    EXPECT_EQ(ask(provider).expires_at, now + 10min) << "good as they are";
    now += 20min;
    for (int i = 0; i < 4; ++i) expect_failure(errc::deadline_exceeded);
    credentials const stale = ask(provider);
    EXPECT_EQ(stale.access_key_id(), "ONE");
    EXPECT_EQ(stale.expires_at, now + 12min + 30s);
    expect_role("PAST", "2026-11-21T12:00:00Z");
    credentials const past = ask(provider);
    EXPECT_EQ(past.access_key_id(), "PAST");
    EXPECT_EQ(past.expires_at, now + 12min + 30s) << "DynamoDB decides whether they are too old";
}

TEST_F(instance_provider, tries_a_failing_service_four_times_and_a_missing_one_once) {
    for (int i = 0; i < 4; ++i) expect_failure(transport_errc::connection_lost);
    EXPECT_TRUE(contains(error_of(instance_metadata_credentials({}, context())).what(), "4 attempts"));
    EXPECT_EQ(sleeps.size(), 3U);
    expect_failure(transport_errc::connect_timeout);
    EXPECT_TRUE(contains(error_of(instance_metadata_credentials({}, context())).what(), "1 attempts"));
    EXPECT_EQ(requests.size(), 5U);
}

TEST_F(instance_provider, never_falls_back_to_version_one) {
    for (unsigned status : {400U, 403U, 404U, 405U}) {
        expect(status, "");
        EXPECT_EQ(error_of(instance_metadata_credentials({}, context())).info().http_status, status);
    }
    EXPECT_EQ(requests.size(), 4U);
}

TEST_F(instance_provider, refuses_tokens_and_role_names_that_are_none) {
    expect(200, "hidden\r\ntoken");
    EXPECT_EQ(error_of(instance_metadata_credentials({}, context())).code(), errc::no_credentials);
    for (char const* name : {"", "\n", "../../user-data", "a?b", "a b"}) {
        expect(200, "token");
        expect(200, name);
        EXPECT_EQ(error_of(instance_metadata_credentials({}, context())).code(), errc::no_credentials) << name;
    }
}

TEST_F(instance_provider, can_be_switched_off) {
    fake.variables["AWS_EC2_METADATA_DISABLED"] = "True";
    EXPECT_TRUE(contains(error_of(instance_metadata_credentials({}, context())).what(), "AWS_EC2_METADATA_DISABLED"));
}

// --- the chain
// ---------------------------------------------------------------------------------------------------------

class chain_provider : public provider_fixture {};

TEST_F(chain_provider, asks_the_source_that_answered_first_the_next_time) {
    auto const provider = chain_credentials(context());
    expect(200, "token");
    expect(200, "role");
    expect(200, metadata_answer("EC2", "2026-11-21T18:00:00Z"));
    EXPECT_EQ(ask(provider).access_key_id(), "EC2");
    fake.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    fake.variables["AWS_SECRET_ACCESS_KEY"] = "s";
    expect(200, "role");
    expect(200, metadata_answer("EC2", "2026-11-21T18:00:00Z"));
    EXPECT_EQ(ask(provider).access_key_id(), "EC2");
    EXPECT_EQ(ask(chain_credentials(context())).access_key_id(), "ENV");
}

TEST_F(chain_provider, looks_on_when_the_source_that_answered_is_gone) {
    auto const provider = chain_credentials(context());
    fake.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    fake.variables["AWS_SECRET_ACCESS_KEY"] = "s";
    EXPECT_EQ(ask(provider).access_key_id(), "ENV");
    fake.variables.erase("AWS_ACCESS_KEY_ID");
    fake.variables.erase("AWS_SECRET_ACCESS_KEY");
    fake.files[config_path] = "[default]\naws_access_key_id = FILE\naws_secret_access_key = s\n";
    EXPECT_EQ(ask(provider).access_key_id(), "FILE");
}

TEST_F(chain_provider, ends_at_a_source_that_is_configured_and_fails) {
    fake.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
    expect(404, "");
    EXPECT_TRUE(contains(error_of(chain_credentials(context())).what(), "169.254.170.2"));
    EXPECT_EQ(requests.size(), 1U) << "instance metadata is not asked";
}

TEST_F(chain_provider, ends_at_one_key_of_the_environment_and_names_the_other) {
    fake.files[config_path] = "[default]\naws_access_key_id = FILE\naws_secret_access_key = hidden\n";
    fake.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    error const no_secret = error_of(chain_credentials(context()));
    EXPECT_EQ(no_secret.code(), errc::no_credentials);
    EXPECT_TRUE(contains(no_secret.what(), "AWS_SECRET_ACCESS_KEY is not")) << no_secret.what();
    fake.variables.erase("AWS_ACCESS_KEY_ID");
    fake.variables["AWS_SECRET_ACCESS_KEY"] = "hidden";
    error const no_id = error_of(chain_credentials(context()));
    EXPECT_EQ(no_id.code(), errc::no_credentials);
    EXPECT_TRUE(contains(no_id.what(), "AWS_ACCESS_KEY_ID is not")) << no_id.what();
}

TEST_F(chain_provider, with_a_profile_from_code_leaves_the_environment_alone) {
    fake.variables["AWS_ACCESS_KEY_ID"] = "ENV";
    fake.variables["AWS_SECRET_ACCESS_KEY"] = "hidden";
    fake.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
    fake.variables["AWS_ROLE_ARN"] = "arn";
    fake.files["/token"] = "hidden";
    fake.files[config_path] = "[profile p]\nregion = eu-west-1\n";
    provider_context c = context();
    c.profile = "p";
    expect_failure(transport_errc::connect_failed);
    error const e = error_of(chain_credentials(c));
    EXPECT_TRUE(contains(e.what(), "\"p\"")) << e.what();
    EXPECT_TRUE(contains(e.what(), "169.254.169.254")) << e.what();
    EXPECT_FALSE(contains(e.what(), "AWS_ACCESS_KEY_ID")) << e.what();
}

TEST_F(chain_provider, needs_the_role_of_a_web_identity) {
    fake.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
    EXPECT_TRUE(contains(error_of(chain_credentials(context())).what(), "AWS_ROLE_ARN"));
}

TEST_F(chain_provider, keeps_the_tokens_of_a_role_on_an_instance) {
    fake.files[config_path] =
        "[default]\nregion = eu-west-1\nrole_arn = arn\ncredential_source = Ec2InstanceMetadata\n";
    auto const provider = chain_credentials(context());
    expect(200, "token");
    expect(200, "role");
    expect(200, metadata_answer("EC2", "2026-11-21T18:00:00Z"));
    expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T13:00:00Z"));
    EXPECT_EQ(ask(provider).access_key_id(), "ROLE");
    expect(200, sts_answer("AssumeRole", "ROLE", "2026-11-21T14:00:00Z"));
    EXPECT_EQ(ask(provider).access_key_id(), "ROLE");
    EXPECT_EQ(requests.size(), 5U);
}

TEST(credentials_printing, shows_no_secret) {
    credentials value("AKID", "hide-s", "hide-t");
    value.account_id = "123456789012";
    std::ostringstream out;
    out << value;
    EXPECT_TRUE(contains(out.str(), "AKID"));
    EXPECT_FALSE(contains(out.str(), "hide"));
    EXPECT_FALSE(contains(testing::PrintToString(value), "hide"));
    EXPECT_EQ(testing::PrintToString(value), out.str()) << "not the bytes of the object";
}

} // namespace
