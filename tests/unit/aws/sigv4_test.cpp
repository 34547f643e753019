#include <dynasio/aws/sigv4.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <utility>

#include "aws/sha256.hpp"
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

class sigv4_prepared : public sigv4 {
protected:
    void SetUp() override { prepared_.prepare(common(), "x-amz-target"); }
    signable_request common() const {
        signable_request r = request();
        r.headers = r.headers.first(2);
        r.body = {};
        return r;
    }
    std::string sign_prepared(credentials const& keys, system_time now = noon) {
        std::string out;
        prepared_.sign_prepared(headers_[2].value, request().body, keys, now, out);
        return out;
    }
    void expect_same(credentials const& keys, system_time now = noon) {
        EXPECT_EQ(sign_prepared(keys, now), sign(keys, now));
        EXPECT_EQ(prepared_.canonical_request(), signer_.canonical_request());
        EXPECT_EQ(prepared_.string_to_sign(), signer_.string_to_sign());
        EXPECT_EQ(prepared_.signature(), signer_.signature());
    }

    signer prepared_{"us-east-1", "dynamodb"};
};

TEST_F(sigv4_prepared, is_the_same_as_signing_whole_while_time_credentials_and_operation_change) {
    credentials const plain = example_keys();
    credentials const session = example_keys(std::string(700, 't'));
    credentials const other("AKIDOTHER", "another secret", " token with  blanks ");
    int round = 0;
    for (auto const after : {0ms, 1ms, 999ms, 1000ms, 1000ms, 86'400'000ms, 0ms}) {
        for (credentials const* keys : {&plain, &session, &other, &plain}) {
            headers_[2].value = ++round % 3 == 0 ? "DynamoDB_20120810.PutItem" : "DynamoDB_20120810.GetItem";
            expect_same(*keys, noon + after);
            if (round % 5 == 0) {
                std::string out;
                prepared_.sign(request(), *keys, noon + after, out); // in between
            }
        }
    }
}

TEST_F(sigv4_prepared, works_with_any_path_query_and_headers) {
    signable_request r = common();
    std::array<header_view, 2> headers = {{{"Host", " x  y "}, {"Content-Type", "z"}}};
    r.path = "/a//../b c/";
    r.query = "b=2&a=1";
    r.headers = headers;
    prepared_.prepare(r, "x-amz-target");
    std::array<header_view, 3> all = {{headers[0], headers[1], {"x-amz-target", "t"}}};
    signable_request whole = r;
    whole.headers = all;
    whole.body = "body";
    std::string expected, out;
    signer_.sign(whole, example_keys("T"), noon, expected);
    prepared_.sign_prepared("t", "body", example_keys("T"), noon, out);
    EXPECT_EQ(out, expected);
    r.headers = {};
    prepared_.prepare(r, "x-amz-target");
    whole.headers = std::span<header_view const>(all).last(1);
    expected.clear();
    out.clear();
    signer_.sign(whole, example_keys("T"), noon, expected);
    prepared_.sign_prepared("t", "body", example_keys("T"), noon, out);
    EXPECT_EQ(out, expected);
}

TEST_F(sigv4_prepared, refuses_headers_out_of_order_and_the_lack_of_preparation) {
    EXPECT_THROW(prepared_.prepare(request(), "x-amz-target"), error);
    EXPECT_THROW(prepared_.prepare(common(), "x-amz-a"), error);
    EXPECT_THROW(prepared_.prepare(common(), "x-amz-Target"), error);
    expect_same(example_keys()); // what was prepared before stays
    std::string out;
    EXPECT_THROW(signer_.sign_prepared("t", "body", example_keys(), noon, out), error);
    EXPECT_EQ(out, "");
}

TEST_F(sigv4_prepared, leaves_the_output_alone_and_goes_on_after_refused_keys) {
    std::string out = "before";
    EXPECT_THROW(prepared_.sign_prepared("t", "body", credentials(), noon, out), error);
    EXPECT_THROW(prepared_.sign_prepared("t", "body", example_keys(),
                                         std::chrono::sys_days(std::chrono::year(10000) / 1 / 1), out),
                 error);
    EXPECT_EQ(out, "before");
    EXPECT_EQ(prepared_.signature(), "");
    expect_same(example_keys());
}

class sigv4_allocations : public sigv4 {
protected:
    void SetUp() override {
        if (!tests::allocation_counter::enabled) GTEST_SKIP() << tests::allocation_counter::why_disabled;
    }

    void expect_none(signable_request const& r, credentials const& keys, signing_options options = {}) {
        std::string out;
        signer_.sign(r, keys, noon, out, options);
        out.clear();
        tests::allocation_counter const counter;
        signer_.sign(r, keys, noon + 1s, out, options);
        EXPECT_EQ(counter.calls(), 0u);
    }
};

TEST_F(sigv4_allocations, are_none_for_the_usual_request) { expect_none(request(), example_keys()); }

TEST_F(sigv4_allocations, are_none_with_a_token_and_the_body_header) {
    signing_options options;
    options.sign_body_header = true;
    expect_none(request(), example_keys(std::string(700, 't')), options);
}

TEST_F(sigv4_allocations, are_none_for_headers_paths_and_queries_in_any_form) {
    headers_[0].name = "X-Amz-Target-Of-Some-Length-Beyond-A-Short-String";
    headers_[1].value = "  a   b  ";
    signable_request r = request();
    r.path = "/a b/../c%20d//e";
    r.query = "b=2&a=1&%e1=x";
    expect_none(r, example_keys());
}

TEST_F(sigv4_allocations, are_none_for_large_bodies) {
    std::string const body(100'000, 'x');
    signable_request r = request();
    r.body = body;
    expect_none(r, example_keys());
}

TEST_F(sigv4_allocations, are_none_for_prepared_requests_also_when_the_second_changes) {
    signable_request common = request();
    common.headers = common.headers.first(2);
    signer_.prepare(common, "x-amz-target");
    credentials const keys = example_keys(std::string(700, 't'));
    std::string out;
    signer_.sign_prepared("DynamoDB_20120810.GetItem", "body", keys, noon, out);
    out.clear();
    tests::allocation_counter const counter;
    signer_.sign_prepared("DynamoDB_20120810.GetItem", "body", keys, noon, out);
    out.clear();
    signer_.sign_prepared("DynamoDB_20120810.GetItem", "body", keys, noon + 1s, out);
    EXPECT_EQ(counter.calls(), 0u);
}

// Both ways to OpenSSL's SHA-256, against each other and against FIPS 180-4's and RFC 4231's examples.
std::string hex(digest const& value) {
    std::string out;
    for (unsigned char const byte : value) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

class sha256_backends : public testing::TestWithParam<sha256::backend> {};
INSTANTIATE_TEST_SUITE_P(all, sha256_backends, testing::Values(sha256::backend::plain, sha256::backend::evp),
                         [](auto const& one) { return one.param == sha256::backend::evp ? "evp" : "plain"; });

TEST_P(sha256_backends, gives_the_published_digests) {
    sha256 hash(GetParam());
    EXPECT_EQ(hash.which(), GetParam());
    digest out;
    hash.add("abc");
    hash.end(out);
    EXPECT_EQ(hex(out), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash.begin();
    hash.end(out);
    EXPECT_EQ(hex(out), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash.begin();
    for (int i = 0; i < 1000; ++i) hash.add(std::string(1000, 'a'));
    hash.end(out);
    EXPECT_EQ(hex(out), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_P(sha256_backends, resumes_a_kept_state_any_number_of_times) {
    for (std::size_t const begun : {0u, 1u, 63u, 64u, 65u, 200u}) {
        std::string const first(begun, 'p');
        sha256 kept(GetParam()), hash(GetParam()), whole(GetParam());
        kept.add(first);
        digest a, b;
        for (std::string const& rest : {std::string(), std::string(10, 'x'), std::string(100, 'y')}) {
            hash.resume(kept);
            hash.add(rest);
            hash.end(a);
            whole.begin();
            whole.add(first + rest);
            whole.end(b);
            EXPECT_EQ(hex(a), hex(b)) << begun << ' ' << rest;
        }
    }
}

TEST_P(sha256_backends, gives_the_published_authentication_codes) {
    sha256 hash(GetParam());
    hmac_key key(GetParam());
    digest out;
    std::string const first(20, '\x0b');
    key.assign(hash, first.data(), first.size());
    for (int i = 0; i < 2; ++i) {
        key.compute(hash, "Hi There", out);
        EXPECT_EQ(hex(out), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    }
    key.assign(hash, "Jefe", 4);
    key.compute(hash, "what do ya want for nothing?", out);
    EXPECT_EQ(hex(out), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    std::string const longer_than_a_block(131, '\xaa');
    key.assign(hash, longer_than_a_block.data(), longer_than_a_block.size());
    key.compute(hash, "Test Using Larger Than Block-Size Key - Hash Key First", out);
    EXPECT_EQ(hex(out), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
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
