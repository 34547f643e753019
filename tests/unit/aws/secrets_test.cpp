#include <dynasio/aws/credentials.hpp>
#include <dynasio/aws/shared_config.hpp>
#include <dynasio/aws/sigv4.hpp>

#include <dynasio/core/error.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "support/memory_search.hpp"

// Secrets are gone from memory when what held them is, and nothing prints them.

namespace {

using namespace dynasio;
using test::hidden_text;

hidden_text const secret(1);
hidden_text const token(2, 700);

aws::credentials make_credentials() { return aws::credentials("AKIDEXAMPLE", secret.reveal(), token.reveal()); }

aws::header_view const headers[] = {{"content-type", "application/x-amz-json-1.0"}, {"host", "localhost"}};

aws::signable_request request() {
    aws::signable_request r;
    r.headers = headers;
    r.body = "{}";
    return r;
}

system_time const now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::hours(9);

using key_bytes = std::array<unsigned char, 32>;

key_bytes hmac(void const* key, std::size_t size, std::string_view message) {
    key_bytes out{};
    unsigned length = 0;
    ::HMAC(EVP_sha256(), key, static_cast<int>(size), reinterpret_cast<unsigned char const*>(message.data()),
           message.size(), out.data(), &length);
    return out;
}

/// The keys that a signature of that day is derived by, the last one signs. From the specification, not by the signer.
std::vector<hidden_text> derived_keys() {
    std::vector<hidden_text> all;
    std::string first = "AWS4" + secret.reveal();
    key_bytes key = hmac(first.data(), first.size(), "20261121");
    ::OPENSSL_cleanse(first.data(), first.size());
    for (char const* part : {"eu-west-1", "dynamodb", "aws4_request"}) {
        key_bytes next = hmac(key.data(), key.size(), part);
        all.push_back(hidden_text::take(key.data(), key.size()));
        key = next;
        ::OPENSSL_cleanse(next.data(), next.size());
    }
    all.push_back(hidden_text::take(key.data(), key.size()));
    return all;
}

#define SKIP_UNLESS_SEARCHABLE()                                                                                       \
    if (!hidden_text::can_search) GTEST_SKIP() << "the sanitizer keeps freed memory"

TEST(memory_search, finds_what_is_there_also_in_freed_memory) {
    SKIP_UNLESS_SEARCHABLE();
    hidden_text const text(77, 60);
    EXPECT_EQ(text.copies_in_memory(), 0U);
    {
        std::string const plain = text.reveal();
        EXPECT_TRUE(text.is_in("x" + plain + "y"));
        EXPECT_GE(text.copies_in_memory(), 1U);
    }
    EXPECT_GE(text.copies_in_memory(), 1U);
}

TEST(secrets, are_gone_with_the_credentials) {
    SKIP_UNLESS_SEARCHABLE();
    {
        aws::credentials one = make_credentials();
        aws::credentials two = one;
        aws::credentials three = std::move(one);
        two = three;
        three = std::move(two);
        std::optional<aws::credentials> four(three);
        three = aws::credentials("OTHER", "x", "y");
        EXPECT_GE(secret.copies_in_memory(), 1U);
    }
    EXPECT_EQ(secret.copies_in_memory(), 0U);
    EXPECT_EQ(token.copies_in_memory(), 0U);
}

TEST(secrets, and_what_is_derived_from_them_are_gone_with_the_signer) {
    SKIP_UNLESS_SEARCHABLE();
    auto const keys = derived_keys();
    for (auto const& key : keys) ASSERT_EQ(key.copies_in_memory(), 0U) << "this test itself leaves none";
    {
        aws::signer signer("eu-west-1", "dynamodb");
        for (int round = 0; round < 3; ++round) {
            std::string out;
            signer.sign(request(), make_credentials(), now + std::chrono::seconds(round), out);
            EXPECT_NE(out.find("Signature="), std::string::npos);
            ::OPENSSL_cleanse(out.data(), out.size()); // the token is in the request, which is the caller's
        }
        aws::signer moved = std::move(signer);
        moved.prepare(request(), "x-amz-target");
        for (int round = 0; round < 3; ++round) {
            std::string out;
            moved.sign_prepared("DynamoDB_20120810.GetItem", "{}", make_credentials(),
                                now + std::chrono::seconds(round / 2), out);
            ::OPENSSL_cleanse(out.data(), out.size());
        }
        EXPECT_GE(secret.copies_in_memory(), 1U) << "the signer keeps a copy to compare with";
    }
    EXPECT_EQ(secret.copies_in_memory(), 0U);
    EXPECT_EQ(token.copies_in_memory(), 0U);
    for (std::size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(keys[i].copies_in_memory(), 0U) << "derived key " << i;
}

TEST(secrets, of_a_signer_are_gone_when_it_gets_other_credentials) {
    SKIP_UNLESS_SEARCHABLE();
    auto const keys = derived_keys();
    aws::signer signer("eu-west-1", "dynamodb");
    std::string out;
    out.reserve(4096);
    signer.sign(request(), make_credentials(), now, out);
    ::OPENSSL_cleanse(out.data(), out.size());
    out.clear();
    signer.sign(request(), aws::credentials("OTHER", "of no interest"), now, out);
    EXPECT_EQ(secret.copies_in_memory(), 0U);
    EXPECT_EQ(token.copies_in_memory(), 0U);
    for (auto const& key : keys) EXPECT_EQ(key.copies_in_memory(), 0U);
}

class temporary_file {
public:
    explicit temporary_file(std::string const& content) : path_(testing::TempDir() + "dynasio_secrets_test") {
        // Unbuffered: this test must leave no copy either.
        std::FILE* const file = std::fopen(path_.c_str(), "wb");
        std::setvbuf(file, nullptr, _IONBF, 0);
        std::fwrite(content.data(), 1, content.size(), file);
        std::fclose(file);
    }
    ~temporary_file() { std::remove(path_.c_str()); }
    temporary_file(temporary_file const&) = delete;
    temporary_file& operator=(temporary_file const&) = delete;
    [[nodiscard]] std::string const& path() const noexcept { return path_; }

private:
    std::string path_;
};

TEST(secrets, are_gone_after_reading_them_from_a_file) {
    SKIP_UNLESS_SEARCHABLE();
    std::string content;
    content.reserve(16 * 1024);
    content += "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = " + secret.reveal() +
               "\naws_session_token = " + token.reveal() + "\n";
    // Long enough to be read in several pieces.
    for (int i = 0; i < 100; ++i)
        content += "[filler-" + std::to_string(i) + "]\naws_access_key_id = A\naws_secret_access_key = B\nregion = r\n";
    content += "[twice]\naws_secret_access_key = " + secret.reveal() + "\n not a name = " + secret.reveal() +
               "\nnot a name = " + secret.reveal() + "\n";
    temporary_file const file(content);
    ::OPENSSL_cleanse(content.data(), content.size());
    // The temporaries of this test.
    for (int i = 0; i < 8; ++i) std::string(static_cast<std::size_t>(1) << (5 + i), 'x').shrink_to_fit();
    auto env = aws::environment::process();
    env.variable = [&](std::string const& name) -> std::optional<std::string> {
        if (name == "AWS_SHARED_CREDENTIALS_FILE") return file.path();
        return std::nullopt;
    };
    auto const before = std::pair(secret.copies_in_memory(), token.copies_in_memory());
    {
        auto const found = aws::credentials_from_profile(env);
        ASSERT_TRUE(found.has_value());
        EXPECT_TRUE(secret.is_in(found->secret_access_key()));
    }
    EXPECT_LE(secret.copies_in_memory(), before.first);
    EXPECT_LE(token.copies_in_memory(), before.second);
}

TEST(secrets, are_not_printed) {
    auto const value = make_credentials();
    std::ostringstream out;
    out << value;
    EXPECT_FALSE(secret.is_in(out.str()));
    EXPECT_FALSE(token.is_in(out.str()));
    EXPECT_NE(out.str().find("AKIDEXAMPLE"), std::string::npos) << out.str();
    // What googletest and the like would print: a short secret lies inside of the object.
    aws::credentials const brief("AKID", "shortsecret", "shorttoken");
    auto const printed = testing::PrintToString(brief) + testing::PrintToString(std::optional(brief)) +
                         testing::PrintToString(std::vector<aws::credentials>{brief});
    EXPECT_EQ(printed.find("secret"), std::string::npos) << printed;
    EXPECT_EQ(printed.find("73-68"), std::string::npos) << "as bytes: " << printed;
    EXPECT_EQ(printed.find("73 68"), std::string::npos) << "as bytes: " << printed;
}

TEST(secrets, are_not_in_errors) {
    for (std::string const bad : {"line\nbreak", "control\x01"}) {
        aws::signer signer("eu-west-1", "dynamodb");
        std::string out;
        try {
            signer.sign(request(), aws::credentials("AKID", secret.reveal(), token.reveal() + bad), now, out);
            FAIL() << "not refused";
        } catch (error const& e) {
            EXPECT_FALSE(secret.is_in(e.what()));
            EXPECT_FALSE(token.is_in(e.what()));
        }
    }
    for (std::string const& text : {"[default]\n" + secret.reveal(), secret.reveal() + "\n[default]\n",
                                    "[default\naws_secret_access_key = " + secret.reveal(),
                                    "[default]\naws_secret_access_key = \n " + secret.reveal()}) {
        try {
            (void)aws::parse_shared_config({}, {text, "credentials"});
            FAIL() << "not refused";
        } catch (error const& e) {
            EXPECT_FALSE(secret.is_in(e.what())) << e.what();
        }
    }
}

} // namespace
