#include <dynasio/aws/client_settings.hpp>
#include <dynasio/aws/retry.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "fake_environment.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::aws;
using tests::fake_environment;

bool mentions(std::string const& text, std::string const& part) { return text.find(part) != std::string::npos; }

fake_environment with_profile(std::string const& config, std::string const& credentials = {}) {
    fake_environment fake;
    fake.variables["HOME"] = "/home/u";
    fake.files["/home/u/.aws/config"] = config;
    fake.files["/home/u/.aws/credentials"] = credentials;
    return fake;
}

/// The message of an errc::invalid_configuration; empty, with a failed test, when nothing is thrown.
template <class Function> std::string refusal(Function f) {
    try {
        f();
    } catch (error const& e) {
        EXPECT_EQ(e.code(), errc::invalid_configuration);
        return e.info().message;
    }
    ADD_FAILURE() << "not refused";
    return {};
}

retry_policy resolved(fake_environment& fake, retry_options options = {}) {
    auto const env = fake.get();
    return resolve_retry(options, client_settings(env));
}

TEST(settings, a_variable_comes_before_the_profile) {
    auto fake = with_profile("[default]\nretry_mode = standard\n[profile other]\nretry_mode = adaptive\n");
    auto const env = fake.get();
    EXPECT_EQ(client_settings(env).find("AWS_RETRY_MODE", "retry_mode")->source, "retry_mode of profile \"default\"");
    EXPECT_EQ(client_settings(env, "other").find("AWS_RETRY_MODE", "retry_mode")->value, "adaptive");
    fake.variables["AWS_PROFILE"] = "other";
    EXPECT_EQ(client_settings(env).find("AWS_RETRY_MODE", "retry_mode")->value, "adaptive");
    EXPECT_EQ(client_settings(env, "default").find("AWS_RETRY_MODE", "retry_mode")->value, "standard");
    fake.variables["AWS_RETRY_MODE"] = "  Standard ";
    EXPECT_EQ(client_settings(env).find("AWS_RETRY_MODE", "retry_mode")->source, "AWS_RETRY_MODE");
    EXPECT_EQ(client_settings(env).find("AWS_RETRY_MODE", "retry_mode")->value, "Standard");
}

TEST(settings, blank_values_count_as_absent) {
    auto fake = with_profile("[default]\nretry_mode =\nmax_attempts = 7\n");
    fake.variables["AWS_RETRY_MODE"] = "  ";
    fake.variables["AWS_MAX_ATTEMPTS"] = "";
    auto const env = fake.get();
    EXPECT_FALSE(client_settings(env).find("AWS_RETRY_MODE", "retry_mode"));
    EXPECT_EQ(client_settings(env).find("AWS_MAX_ATTEMPTS", "max_attempts")->value, "7");
}

TEST(settings, a_profile_that_is_named_has_to_exist) {
    auto fake = with_profile("[profile there]\n", "[too]\naws_access_key_id = x\n");
    auto const env = fake.get();
    EXPECT_NO_THROW(client_settings{env});
    EXPECT_NO_THROW((client_settings{env, "there"}));
    EXPECT_NO_THROW((client_settings{env, "too"}));
    std::string message = refusal([&] { client_settings{env, "elsewhere"}; });
    EXPECT_TRUE(mentions(message, "\"elsewhere\"") && mentions(message, "profile is")) << message;
    fake.variables["AWS_PROFILE"] = "nowhere\r\nX: y";
    message = refusal([&] { client_settings(env).require_profile(); });
    EXPECT_TRUE(mentions(message, "AWS_PROFILE is \"nowhere??X: y\"")) << message;
    EXPECT_NO_THROW((client_settings(env, "there").require_profile())) << "code comes before the environment";
}

TEST(settings, a_profile_of_the_environment_has_to_exist_only_when_something_is_wanted_of_it) {
    auto fake = with_profile("[default]\nretry_mode = adaptive\n");
    fake.variables["AWS_PROFILE"] = "gone";
    fake.variables["AWS_MAX_ATTEMPTS"] = "7";
    auto const env = fake.get();
    client_settings const s(env);
    EXPECT_EQ(s.find("AWS_MAX_ATTEMPTS", "max_attempts")->value, "7");
    EXPECT_FALSE(s.find("AWS_RETRY_MODE", "retry_mode")) << "the default profile does not stand in for it";
    EXPECT_FALSE(s.configured_endpoint("dynamodb"));
    EXPECT_THROW(s.require_profile(), dynasio::error);
    fake.variables["AWS_PROFILE"] = " ";
    auto const blank = fake.get();
    EXPECT_NO_THROW(client_settings(blank).require_profile());
}

TEST(settings, a_broken_file_is_told_with_its_line) {
    auto fake = with_profile("[default]\nwhat is this\n");
    auto const env = fake.get();
    EXPECT_TRUE(mentions(refusal([&] { client_settings{env}; }), "2"));
}

TEST(settings, no_secret_is_kept) {
    auto fake = with_profile("[default]\nretry_mode = standard\ncredential_process = /bin/x --password pw\n",
                             "[default]\naws_secret_access_key = s\naws_session_token = t\naws_access_key_id = i\n");
    auto const env = fake.get();
    client_settings const s(env);
    for (char const* name : {"aws_secret_access_key", "aws_session_token", "aws_access_key_id", "credential_process"})
        EXPECT_FALSE(s.find({}, name)) << name;
    EXPECT_TRUE(s.find({}, "retry_mode"));
}

TEST(settings, flags_and_numbers_have_one_form) {
    auto const made = [](char const* text) { return setting{text, "AWS_X"}; };
    EXPECT_TRUE(made("true").flag());
    EXPECT_TRUE(made("TRUE").flag());
    EXPECT_FALSE(made("False").flag());
    for (char const* bad : {"1", "yes", "tru", "true false"})
        EXPECT_TRUE(mentions(refusal([&] { static_cast<void>(made(bad).flag()); }),
                             "AWS_X is \"" + std::string(bad) + "\": use true or false"));
    EXPECT_EQ(made("1").count(), 1u);
    EXPECT_EQ(made("1000000").count(), 1'000'000u);
    for (char const* bad : {"0", "-1", "+1", "1.5", "1e3", "1000001", "99999999999999999999", "x", "3 4", "0x3"})
        EXPECT_TRUE(mentions(refusal([&] { static_cast<void>(made(bad).count()); }), "AWS_X is")) << bad;
}

TEST(settings, values_in_messages_are_made_printable_and_cut) {
    std::string const message =
        refusal([] { setting{"a\r\nb\x01\"" + std::string(500, 'x'), "AWS_X"}.refuse("use another"); });
    EXPECT_TRUE(message.starts_with("AWS_X is \"a??b??xxx")) << message;
    EXPECT_LT(message.size(), 120u);
}

TEST(retry_settings, code_comes_before_environment_before_profile_before_default) {
    auto fake = with_profile("[default]\n");
    EXPECT_EQ(resolved(fake).mode, retry_mode::standard);
    EXPECT_EQ(resolved(fake).max_attempts, 4u);
    fake.files["/home/u/.aws/config"] = "[default]\nretry_mode = adaptive\nmax_attempts = 6\n";
    EXPECT_EQ(resolved(fake).mode, retry_mode::adaptive);
    EXPECT_EQ(resolved(fake).max_attempts, 6u);
    fake.variables["AWS_RETRY_MODE"] = "Standard";
    fake.variables["AWS_MAX_ATTEMPTS"] = "7";
    EXPECT_EQ(resolved(fake).mode, retry_mode::standard);
    EXPECT_EQ(resolved(fake).max_attempts, 7u);
    retry_options options;
    options.mode = retry_mode::standard_2_0;
    EXPECT_EQ(resolved(fake, options).mode, retry_mode::standard_2_0);
    EXPECT_EQ(resolved(fake, options).max_attempts, 7u);
    EXPECT_EQ(resolved(fake, options).retry_cost, 5u);
    options.max_attempts = 8;
    EXPECT_EQ(resolved(fake, options).max_attempts, 8u);
}

TEST(retry_settings, off_in_code_is_off_whatever_the_environment_says) {
    auto fake = with_profile("[default]\nmax_attempts = 6\n");
    fake.variables["AWS_MAX_ATTEMPTS"] = "7";
    retry_options options;
    options.mode = retry_mode::off;
    EXPECT_EQ(resolved(fake, options).max_attempts, 1u);
}

TEST(retry_settings, what_is_no_mode_or_number_is_named_with_its_value) {
    auto fake = with_profile("[default]\n");
    fake.variables["AWS_RETRY_MODE"] = "turbo";
    EXPECT_TRUE(mentions(refusal([&] { resolved(fake); }), "AWS_RETRY_MODE is \"turbo\""));
    fake.variables["AWS_RETRY_MODE"] = "legacy";
    std::string const message = refusal([&] { resolved(fake); });
    EXPECT_TRUE(mentions(message, "AWS_RETRY_MODE is \"legacy\"") && mentions(message, "use standard")) << message;
    fake.variables.erase("AWS_RETRY_MODE");
    fake.files["/home/u/.aws/config"] = "[default]\nretry_mode = off\n";
    EXPECT_TRUE(mentions(refusal([&] { resolved(fake); }), "retry_mode of profile \"default\" is \"off\""));
    fake.files["/home/u/.aws/config"] = "[default]\n";
    fake.variables["AWS_MAX_ATTEMPTS"] = "0";
    EXPECT_TRUE(mentions(refusal([&] { resolved(fake); }), "AWS_MAX_ATTEMPTS is \"0\""));
}

TEST(retry_settings, values_in_code_that_make_no_sense_are_named) {
    auto fake = with_profile("[default]\n");
    auto const named = [&](auto change, char const* name) {
        retry_options options;
        change(options);
        EXPECT_TRUE(refusal([&] { resolved(fake, options); }).starts_with(name)) << name;
    };
    named([](retry_options& o) { o.max_attempts = 0; }, "retry.max_attempts:");
    named([](retry_options& o) { o.base_delay = retry_delay(-1); }, "retry.base_delay:");
    named([](retry_options& o) { o.throttling_delay = retry_delay(std::nan("")); }, "retry.throttling_delay:");
    named([](retry_options& o) { o.max_delay = retry_delay(HUGE_VAL); }, "retry.max_delay:");
}

} // namespace
