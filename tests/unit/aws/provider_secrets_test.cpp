#include <dynasio/aws/providers.hpp>

#include <openssl/crypto.h>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "provider_fixture.hpp"
#include "support/memory_search.hpp"

// What a provider has read and sent on its way to credentials is gone from memory with it and with the credentials.

namespace {

using namespace dynasio;
using namespace dynasio::aws;
using test::hidden_text;

hidden_text const secret(11);
hidden_text const session_token(12, 700);
hidden_text const own_token(13, 200); ///< Of the provider: what it identifies itself by.
hidden_text const source_secret(14);

class secrets_of_a_provider : public tests::provider_fixture {
protected:
    void SetUp() override {
        if (!hidden_text::can_search) GTEST_SKIP() << "the sanitizer keeps freed memory";
    }

    /// `form` with the secrets in the places of $S, $T, $O and $C, and no other copy of them.
    static std::string with_secrets(std::string_view form) {
        std::string out;
        out.reserve(8 * 1024);
        for (std::size_t i = 0; i != form.size(); ++i) {
            if (form[i] != '$') {
                out += form[i];
                continue;
            }
            char const which = form[++i];
            hidden_text const& hidden = which == 'S'   ? secret
                                        : which == 'T' ? session_token
                                        : which == 'O' ? own_token
                                                       : source_secret;
            std::string text = hidden.reveal();
            out += text;
            erase(text);
        }
        return out;
    }
    static void erase(std::string& text) {
        ::OPENSSL_cleanse(text.data(), text.size());
        text.clear();
    }

    /// Asks the provider once; then nothing must be left of it.
    void ask_and_look(std::function<credentials_provider()> const& make) {
        {
            credentials_provider const provider = make();
            credentials const got = ask(provider);
            EXPECT_TRUE(secret.is_in(got.secret_access_key()));
            EXPECT_TRUE(session_token.is_in(got.session_token()));
            EXPECT_GE(secret.copies_in_memory(), 1U);
        }
        EXPECT_TRUE(answers.empty());
        requests.clear();
        for (auto& [name, value] : fake.variables) erase(value);
        for (auto& [path, content] : fake.files) erase(content);
        EXPECT_EQ(secret.copies_in_memory(), 0U);
        EXPECT_EQ(session_token.copies_in_memory(), 0U);
        EXPECT_EQ(own_token.copies_in_memory(), 0U);
        EXPECT_EQ(source_secret.copies_in_memory(), 0U);
    }

    static constexpr std::string_view json_answer =
        R"({"Version":1,"Code":"Success","AccessKeyId":"AKID","SecretAccessKey":"$S","Token":"$T","SessionToken":"$T",)"
        R"("Expiration":"2026-11-21T13:00:00Z"})";
    static std::string sts_form(std::string const& action) {
        return "<" + action + "Response><" + action +
               "Result><AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>"
               "<Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>$S</SecretAccessKey>"
               "<SessionToken>$T</SessionToken><Expiration>2026-11-21T13:00:00Z</Expiration></Credentials></" +
               action + "Result></" + action + "Response>";
    }
};

TEST_F(secrets_of_a_provider, that_assumes_a_role_are_gone_with_it) {
    fake.variables["AWS_REGION"] = "eu-west-1";
    expect(200, with_secrets(sts_form("AssumeRole")));
    ask_and_look([&] {
        std::string source = with_secrets("$C");
        credentials from("SOURCE", source, "");
        erase(source);
        assume_role_options options;
        options.role_arn = "arn:aws:iam::123456789012:role/r";
        return assume_role_credentials(std::move(options), static_credentials(std::move(from)), context());
    });
}

TEST_F(secrets_of_a_provider, with_a_web_identity_are_gone_with_it) {
    fake.variables["AWS_REGION"] = "eu-west-1";
    fake.files["/token"] = with_secrets("$O");
    expect(200, with_secrets(sts_form("AssumeRoleWithWebIdentity")));
    ask_and_look([&] {
        web_identity_options options;
        options.role_arn = "arn:aws:iam::123456789012:role/r";
        options.token_file = "/token";
        return web_identity_credentials(std::move(options), context());
    });
}

TEST_F(secrets_of_a_provider, of_single_sign_on_are_gone_with_it) {
    fake.files["/home/.aws/sso/cache/34c6fceca75e456f25e7e99531e2425c6c1de443.json"] =
        with_secrets(R"({"startUrl":"https://start","accessToken":"old","expiresAt":"2026-11-21T12:01:00Z",)"
                     R"("refreshToken":"$O","clientId":"client","clientSecret":"$C",)"
                     R"("registrationExpiresAt":"2027-01-01T00:00:00Z"})");
    expect(200, with_secrets(R"({"accessToken":"$O","expiresIn":28800,"refreshToken":"$O"})"));
    expect(200, with_secrets(R"({"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"$S","sessionToken":"$T",)"
                             R"("expiration":1795266000000}})"));
    ask_and_look([&] {
        sso_options options;
        options.session = "dev";
        options.start_url = "https://start";
        options.region = "us-east-1";
        options.account_id = "1234";
        options.role_name = "role";
        return sso_credentials(std::move(options), context());
    });
}

TEST_F(secrets_of_a_provider, of_a_container_are_gone_with_it) {
    fake.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1/credentials";
    fake.files["/token"] = with_secrets("$O");
    fake.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/token";
    expect(200, with_secrets(json_answer));
    ask_and_look([&] { return container_credentials(context()); });
}

TEST_F(secrets_of_a_provider, of_an_instance_are_gone_with_it) {
    expect(200, with_secrets("$O"));
    expect(200, "role");
    expect(200, with_secrets(json_answer));
    ask_and_look([&] { return instance_metadata_credentials({}, context()); });
}

TEST_F(secrets_of_a_provider, that_runs_a_process_are_gone_with_it) {
    // What the command writes is not in its text.
    std::string const path = testing::TempDir() + "dynasio_provider_secrets_test";
    {
        std::string content = with_secrets(json_answer);
        std::FILE* const file = std::fopen(path.c_str(), "wb");
        ASSERT_NE(file, nullptr);
        std::setvbuf(file, nullptr, _IONBF, 0); // no copy of this test's own
        std::fwrite(content.data(), 1, content.size(), file);
        std::fclose(file);
        erase(content);
    }
    ask_and_look([&] {
        process_options options;
        options.command = "cat '" + path + "'";
        return process_credentials(std::move(options), context());
    });
    std::remove(path.c_str());
}

TEST_F(secrets_of_a_provider, are_gone_when_it_fails) {
    fake.variables["AWS_REGION"] = "eu-west-1";
    fake.files["/token"] = with_secrets("$O");
    std::string form = sts_form("AssumeRoleWithWebIdentity");
    form.replace(form.find("2026-11-21"), 10, "not a date");
    expect(200, with_secrets(form));
    {
        web_identity_options options;
        options.role_arn = "arn:aws:iam::123456789012:role/r";
        options.token_file = "/token";
        auto const provider = web_identity_credentials(std::move(options), context());
        error const failed = error_of(provider);
        EXPECT_FALSE(secret.is_in(failed.what()));
        EXPECT_FALSE(own_token.is_in(failed.what()));
    }
    requests.clear();
    erase(fake.files["/token"]);
    EXPECT_EQ(secret.copies_in_memory(), 0U);
    EXPECT_EQ(session_token.copies_in_memory(), 0U);
    EXPECT_EQ(own_token.copies_in_memory(), 0U);
}

} // namespace
