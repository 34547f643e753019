#include <dynasio/aws/sigv4.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include "support/allocation_counter.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::aws;
using namespace std::chrono_literals;

constexpr std::string_view secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
// 2015-08-30T12:36:00Z
system_time const noon{std::chrono::milliseconds(1'440'938'160'000)};

credentials example_keys(std::string token = {}) {
    return credentials("AKIDEXAMPLE", std::string(secret), std::move(token));
}

std::array<header_view, 3> dynamodb_headers() {
    std::array<header_view, 3> headers;
    headers[0].name = "content-type";
    headers[0].value = "application/x-amz-json-1.0";
    headers[1].name = "host";
    headers[1].value = "dynamodb.us-east-1.amazonaws.com";
    headers[2].name = "x-amz-target";
    headers[2].value = "DynamoDB_20120810.GetItem";
    return headers;
}

class sigv4 : public testing::Test {
protected:
    std::string sign(credentials const& keys, system_time now = noon) {
        std::string out;
        signer_.sign(request(), keys, now, out);
        return out;
    }

    signable_request request() const {
        signable_request r;
        r.headers = headers_;
        r.body = R"({"TableName":"Pets"})";
        return r;
    }

    std::string signature_of(credentials const& keys, system_time now = noon) {
        sign(keys, now);
        return std::string(signer_.signature());
    }

    std::string fresh_signature(credentials const& keys, system_time now = noon) const {
        signer fresh("us-east-1", "dynamodb");
        std::string out;
        fresh.sign(request(), keys, now, out);
        return std::string(fresh.signature());
    }

    std::array<header_view, 3> headers_ = dynamodb_headers();
    signer signer_{"us-east-1", "dynamodb"};
};

TEST_F(sigv4, appends_whole_header_lines_to_what_is_there) {
    std::string out = "host: x\r\n";
    signer_.sign(request(), example_keys("TOKEN"), noon, out);
    EXPECT_EQ(out.find("host: x\r\nx-amz-date: 20150830T123600Z\r\nx-amz-security-token: TOKEN\r\nauthorization: "
                       "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/dynamodb/aws4_request, "
                       "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature="),
              0u)
        << out;
    EXPECT_EQ(out.substr(out.size() - 2), "\r\n");
}

TEST_F(sigv4, formats_dates_of_every_kind_of_day) {
    auto const stamp = [this](system_time t) { return sign(example_keys(), t).substr(12, 16); };
    EXPECT_EQ(stamp(system_time()), "19700101T000000Z");
    EXPECT_EQ(stamp(noon + 999ms), "20150830T123600Z");
    EXPECT_EQ(stamp(std::chrono::sys_days(std::chrono::year(2024) / 2 / 29) + 24h - 1ms), "20240229T235959Z");
    EXPECT_EQ(stamp(std::chrono::sys_days(std::chrono::year(9999) / 12 / 31)), "99991231T000000Z");
}

TEST_F(sigv4, refuses_a_clock_that_has_no_date) {
    EXPECT_THROW(sign(example_keys(), std::chrono::sys_days(std::chrono::year(10000) / 1 / 1)), error);
    // And works again afterwards.
    EXPECT_EQ(signature_of(example_keys()), fresh_signature(example_keys()));
}

TEST_F(sigv4, derives_a_new_key_on_a_new_day_and_back) {
    std::string const today = signature_of(example_keys());
    std::string const tomorrow = signature_of(example_keys(), noon + 24h);
    EXPECT_NE(today, tomorrow);
    EXPECT_EQ(tomorrow, fresh_signature(example_keys(), noon + 24h));
    EXPECT_EQ(signature_of(example_keys()), today);
}

TEST_F(sigv4, keeps_the_key_within_a_day_but_not_the_time) {
    std::string const first = signature_of(example_keys());
    std::string const later = signature_of(example_keys(), noon + 1s);
    EXPECT_NE(first, later);
    EXPECT_EQ(later, fresh_signature(example_keys(), noon + 1s));
}

TEST_F(sigv4, derives_a_new_key_when_only_the_secret_changes) {
    std::string const before = signature_of(example_keys());
    credentials const rotated("AKIDEXAMPLE", "another secret");
    std::string const after = signature_of(rotated);
    EXPECT_NE(before, after);
    EXPECT_EQ(after, fresh_signature(rotated));
}

TEST_F(sigv4, signs_the_new_token_when_only_the_token_changes) {
    std::string const before = signature_of(example_keys("one"));
    EXPECT_NE(signature_of(example_keys("two")), before);
    EXPECT_EQ(signature_of(example_keys("two")), fresh_signature(example_keys("two")));
}

TEST_F(sigv4, gives_the_same_whatever_the_case_and_order_of_header_names) {
    std::string const expected = signature_of(example_keys());
    headers_[0].name = "X-Amz-Target";
    headers_[0].value = "DynamoDB_20120810.GetItem";
    headers_[1].name = "Content-Type";
    headers_[1].value = " application/x-amz-json-1.0\t";
    headers_[2].name = "HOST";
    headers_[2].value = "dynamodb.us-east-1.amazonaws.com";
    EXPECT_EQ(signature_of(example_keys()), expected);
}

TEST_F(sigv4, works_for_secrets_longer_than_a_block) {
    credentials const keys("AKIDEXAMPLE", std::string(100, 'k'));
    // Computed with the hmac module of Python.
    EXPECT_EQ(signature_of(keys), "6f3b52faa0125c848331c210d3b04508097358ec2cc64fd2b989497c7fd6398f");
}

TEST_F(sigv4, refuses_regions_and_services_that_would_change_the_header) {
    for (char const* text : {"", "us-east-1\r\nx-evil: 1", "us east", "us/east", "us,east", "\x7f"}) {
        for (bool const is_region : {true, false}) {
            try {
                signer const s(is_region ? text : "us-east-1", is_region ? "dynamodb" : text);
                ADD_FAILURE() << text;
            } catch (error const& e) {
                EXPECT_EQ(e.code(), errc::invalid_configuration);
                EXPECT_EQ(std::string_view(e.what()).find('\n'), std::string_view::npos);
            }
        }
    }
}

TEST_F(sigv4, can_be_moved) {
    std::string const expected = signature_of(example_keys());
    signer moved = std::move(signer_);
    std::string out;
    moved.sign(request(), example_keys(), noon, out);
    EXPECT_EQ(moved.signature(), expected);
}

TEST_F(sigv4, shows_no_texts_before_the_first_signature_or_after_a_failure) {
    EXPECT_EQ(signer_.canonical_request(), "");
    EXPECT_EQ(signer_.string_to_sign(), "");
    EXPECT_EQ(signer_.signature(), "");
    sign(example_keys());
    EXPECT_NE(signer_.canonical_request(), "");
    EXPECT_THROW(sign(credentials()), error);
    EXPECT_EQ(signer_.canonical_request(), "");
    EXPECT_EQ(signer_.signature(), "");
}

TEST_F(sigv4, refuses_missing_keys_and_leaves_the_output_alone) {
    for (credentials const& keys : {credentials(), credentials("id", ""), credentials("", "secret")}) {
        std::string out = "before";
        try {
            signer_.sign(request(), keys, noon, out);
            ADD_FAILURE();
        } catch (error const& e) {
            EXPECT_EQ(e.code(), errc::no_credentials);
        }
        EXPECT_EQ(out, "before");
    }
}

TEST_F(sigv4, refuses_control_characters_in_keys_without_showing_them) {
    for (credentials const& keys : {credentials("AKID\r\nx-evil: 1", std::string(secret)),
                                    credentials("AKIDEXAMPLE", std::string(secret), "zzz\nyyy")}) {
        try {
            sign(keys);
            ADD_FAILURE();
        } catch (error const& e) {
            EXPECT_EQ(e.code(), errc::no_credentials);
            std::string const what = e.what();
            EXPECT_EQ(what.find("AKID"), std::string::npos);
            EXPECT_EQ(what.find("zzz"), std::string::npos);
            EXPECT_EQ(what.find(secret), std::string::npos);
        }
    }
}

TEST_F(sigv4, keeps_the_secret_out_of_all_texts) {
    std::string const out = sign(example_keys());
    EXPECT_EQ(out.find(secret), std::string::npos);
    EXPECT_EQ(signer_.canonical_request().find(secret), std::string_view::npos);
    EXPECT_EQ(signer_.string_to_sign().find(secret), std::string_view::npos);
}

TEST_F(sigv4, makes_relative_and_climbing_paths_absolute) {
    auto const path_of = [this](std::string_view path) {
        signable_request r = request();
        r.path = path;
        std::string out;
        signer_.sign(r, example_keys(), noon, out);
        std::string_view text = signer_.canonical_request();
        text.remove_prefix(text.find('\n') + 1);
        return std::string(text.substr(0, text.find('\n')));
    };
    EXPECT_EQ(path_of(""), "/");
    EXPECT_EQ(path_of("a"), "/a");
    EXPECT_EQ(path_of("/../.."), "/");
    EXPECT_EQ(path_of("/../a/"), "/a/");
    EXPECT_EQ(path_of("/a/b/.."), "/a");
    EXPECT_EQ(path_of("/a/b/../"), "/a/");
    EXPECT_EQ(path_of("/..a/.b/c."), "/..a/.b/c.");
}

class sigv4_allocations : public sigv4 {
protected:
    void SetUp() override {
        if (!tests::allocation_counter::enabled) GTEST_SKIP() << tests::allocation_counter::why_disabled;
    }

    void expect_only_openssls(signable_request const& r, credentials const& keys, signing_options options = {}) {
        std::string out;
        signer_.sign(r, keys, noon, out, options);
        out.clear();
        tests::allocation_counter const counter;
        signer_.sign(r, keys, noon + 1s, out, options);
        std::size_t const all = counter.calls();
        std::size_t const ours = counter.new_calls();
        EXPECT_EQ(ours, 0u);
        // OpenSSL 3.0 has one for each of the four digests: body, canonical request and the two of the HMAC.
        EXPECT_LE(all, 4u);
    }
};

TEST_F(sigv4_allocations, are_only_openssls_for_the_usual_request) { expect_only_openssls(request(), example_keys()); }

TEST_F(sigv4_allocations, are_only_openssls_with_a_token_and_the_body_header) {
    signing_options options;
    options.sign_body_header = true;
    expect_only_openssls(request(), example_keys(std::string(700, 't')), options);
}

TEST_F(sigv4_allocations, are_only_openssls_for_headers_paths_and_queries_in_any_form) {
    headers_[0].name = "X-Amz-Target-Of-Some-Length-Beyond-A-Short-String";
    headers_[1].value = "  a   b  ";
    signable_request r = request();
    r.path = "/a b/../c%20d//e";
    r.query = "b=2&a=1&%e1=x";
    expect_only_openssls(r, example_keys());
}

TEST_F(sigv4_allocations, are_only_openssls_for_large_bodies) {
    std::string const body(100'000, 'x');
    signable_request r = request();
    r.body = body;
    expect_only_openssls(r, example_keys());
}

TEST(allocation_counter, sees_operator_new_malloc_and_aligned_memory) {
    if (!tests::allocation_counter::enabled) GTEST_SKIP() << tests::allocation_counter::why_disabled;
    tests::allocation_counter const counter;
    std::string const text(1000, 'x');
    EXPECT_EQ(counter.calls(), 1u);
    EXPECT_GE(counter.bytes(), 1001u);
    void* volatile aligned = std::aligned_alloc(64, 128);
    EXPECT_EQ(counter.calls(), 2u);
    std::free(aligned);
    void* volatile plain = std::malloc(10);
    EXPECT_EQ(counter.calls(), 3u);
    std::free(plain);
    EXPECT_EQ(counter.calls(), 3u);
    EXPECT_EQ(counter.new_calls(), 1u);
}

} // namespace
