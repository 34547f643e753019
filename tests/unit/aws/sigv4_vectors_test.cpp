#include <dynasio/aws/sigv4.hpp>

#include <dynasio/core/timestamp.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <ostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/test_data.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::aws;
using namespace dynasio::tests;

/// The owned form of a signable_request, as read from a file.
struct request_text {
    std::string method{};
    std::string path{};
    std::string query{};
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
};

request_text parse_request(std::string const& text) {
    request_text request;
    std::size_t line_end = text.find('\n');
    std::string line = text.substr(0, line_end);
    // The target may hold a raw space: it is what lies between the first space and the last.
    std::size_t const first = line.find(' ');
    std::size_t const last = line.rfind(" HTTP/1.1");
    request.method = line.substr(0, first);
    std::string const target = line.substr(first + 1, last == std::string::npos ? last : last - first - 1);
    request.path = target.substr(0, target.find('?'));
    if (target.find('?') != std::string::npos) request.query = target.substr(target.find('?') + 1);
    std::size_t at = line_end == std::string::npos ? text.size() : line_end + 1;
    while (at < text.size()) {
        line_end = text.find('\n', at);
        line = text.substr(at, line_end == std::string::npos ? line_end : line_end - at);
        at = line_end == std::string::npos ? text.size() : line_end + 1;
        if (line.empty()) break;
        std::size_t const colon = line.find(':');
        std::string name = line.substr(0, colon);
        // The signer adds this one itself.
        if (name != "X-Amz-Date") request.headers.emplace_back(std::move(name), line.substr(colon + 1));
    }
    request.body = text.substr(at);
    return request;
}

system_time parse_time(std::string const& text) { return timestamp::parse(text).value().time(); }

std::string sign_with(signer& s, request_text const& text, credentials const& keys, system_time now,
                      signing_options options) {
    std::vector<header_view> views;
    for (auto const& [name, value] : text.headers) {
        header_view v;
        v.name = name;
        v.value = value;
        views.push_back(v);
    }
    signable_request request;
    request.method = text.method;
    request.path = text.path;
    request.query = text.query;
    request.headers = views;
    request.body = text.body;
    std::string out;
    s.sign(request, keys, now, out, options);
    return out;
}

credentials read_credentials(boost::json::value const& json) {
    auto const* const token = json.as_object().if_contains("token");
    return credentials(to_string(json.at("access_key_id")), to_string(json.at("secret_access_key")),
                       token == nullptr ? std::string() : to_string(*token));
}

bool flag(boost::json::value const& json, char const* name) {
    auto const* const value = json.as_object().if_contains(name);
    return value != nullptr && value->as_bool();
}

class sigv4_official : public testing::TestWithParam<char const*> {};

TEST_P(sigv4_official, gives_the_published_texts_and_signature) {
    std::string const folder = std::string("sigv4/aws-c-auth/") + GetParam() + "/";
    auto const context = read_json(folder + "context.json");
    signing_options options;
    options.normalize_path = context.at("normalize").as_bool();
    options.sign_body_header = flag(context, "sign_body");
    options.sign_session_token = !flag(context, "omit_session_token");
    signer s(to_string(context.at("region")), to_string(context.at("service")));
    std::string const out =
        sign_with(s, parse_request(read_data(folder + "request.txt")), read_credentials(context.at("credentials")),
                  parse_time(to_string(context.at("timestamp"))), options);
    EXPECT_EQ(s.canonical_request(), read_data(folder + "header-canonical-request.txt"));
    EXPECT_EQ(s.string_to_sign(), read_data(folder + "header-string-to-sign.txt"));
    EXPECT_EQ(s.signature(), read_data(folder + "header-signature.txt"));
    EXPECT_NE(out.find("Signature=" + std::string(s.signature()) + "\r\n"), std::string::npos) << out;
    // Sent either way, signed or not.
    EXPECT_EQ(out.find("x-amz-security-token: ") != std::string::npos,
              context.at("credentials").as_object().contains("token"));
}

std::string name_of(testing::TestParamInfo<char const*> const& info) { return test_name(info.param); }

INSTANTIATE_TEST_SUITE_P(header_forms, sigv4_official,
                         testing::Values("get-vanilla", "post-vanilla", "post-header-key-case", "post-header-key-sort",
                                         "post-header-value-case", "get-header-value-trim", "get-header-value-order",
                                         "get-header-key-duplicate"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(bodies, sigv4_official,
                         testing::Values("post-x-www-form-urlencoded", "post-x-www-form-urlencoded-parameters"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(session_tokens, sigv4_official,
                         testing::Values("post-sts-header-before", "post-sts-header-after",
                                         "get-vanilla-with-session-token"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(normalised_paths, sigv4_official,
                         testing::Values("get-utf8", "get-unreserved", "get-space-normalized",
                                         "get-relative-normalized", "get-relative-relative-normalized",
                                         "get-slash-normalized", "get-slash-dot-slash-normalized",
                                         "get-slash-pointless-dot-normalized", "get-slashes-normalized"),
                         name_of);
// DynamoDB needs neither, but the interface offers both.
INSTANTIATE_TEST_SUITE_P(paths_as_they_are, sigv4_official,
                         testing::Values("get-space-unnormalized", "get-relative-unnormalized",
                                         "get-relative-relative-unnormalized", "get-slash-unnormalized",
                                         "get-slash-dot-slash-unnormalized", "get-slash-pointless-dot-unnormalized",
                                         "get-slashes-unnormalized"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(queries, sigv4_official,
                         testing::Values("get-vanilla-query", "get-vanilla-empty-query-key",
                                         "get-vanilla-query-order-encoded", "get-vanilla-query-order-key-case",
                                         "get-vanilla-query-unreserved", "get-vanilla-utf8-query", "post-vanilla-query",
                                         "post-vanilla-empty-query-value"),
                         name_of);

struct skipped_vector {
    char const* name;
    char const* reason;
};

void PrintTo(skipped_vector const& v, std::ostream* out) { *out << v.name; }

class sigv4_skipped : public testing::TestWithParam<skipped_vector> {};

TEST_P(sigv4_skipped, for_a_reason) { GTEST_SKIP() << GetParam().name << ": " << GetParam().reason; }

std::string skipped_name(testing::TestParamInfo<skipped_vector> const& info) { return test_name(info.param.name); }

INSTANTIATE_TEST_SUITE_P(
    vectors, sigv4_skipped,
    testing::Values(skipped_vector{"get-header-value-multiline", "a header folded over lines is illegal to send"},
                    skipped_vector{"presigned-forms",
                                   "the 38 query-* forms are presigned URLs; requests are signed in headers"}),
    skipped_name);

TEST(sigv4_double_encoding, encodes_a_path_that_is_encoded_already) {
    std::string const folder = "sigv4/smithy-rs/double-url-encode/";
    signer s("us-east-2", "lambda");
    sign_with(s, parse_request(read_data(folder + "request.txt")),
              credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
              parse_time("2021-05-11T15:40:45Z"), signing_options());
    EXPECT_EQ(s.canonical_request(), read_data(folder + "header-canonical-request.txt"));
    // This file ends with a line break, unlike all the others.
    EXPECT_EQ(std::string(s.string_to_sign()) + "\n", read_data(folder + "header-string-to-sign.txt"));
    EXPECT_EQ(s.signature(), "4b93abbcc68be32bd64c18e2c71150660ab4c29bbd6c32a383a7517a88fc1804");
}

TEST(sigv4_double_encoding, gives_the_published_path) {
    std::string const folder = "sigv4/smithy-rs/double-encode-path/";
    signer s("us-east-1", "execute-api");
    sign_with(s, parse_request(read_data(folder + "request.txt")),
              credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
              parse_time("2021-05-11T15:40:45Z"), signing_options());
    auto const second_line = [](std::string_view text) {
        text.remove_prefix(text.find('\n') + 1);
        return std::string(text.substr(0, text.find('\n')));
    };
    std::string const expected = read_data(folder + "header-canonical-request.txt");
    EXPECT_EQ(second_line(s.canonical_request()), second_line(expected));
    EXPECT_EQ(second_line(expected), "/test/%40connections/JBDvjfGEIAMCERw%253D");
}

class sigv4_dynamodb : public testing::TestWithParam<char const*> {};

boost::json::value const& find_dynamodb_case(std::string_view name) {
    static auto const all = read_json("sigv4/aws-sdk-js/dynamodb-signing.json");
    for (auto const& c : all.at("cases").as_array())
        if (std::string_view(c.at("name").as_string()) == name) return c;
    throw std::runtime_error("no such case: " + std::string(name));
}

TEST_P(sigv4_dynamodb, gives_what_the_javascript_sdk_computes) {
    auto const& c = find_dynamodb_case(GetParam());
    auto const& json = c.at("request");
    request_text request;
    request.method = to_string(json.at("method"));
    request.path = to_string(json.at("path"));
    if (auto const* body = json.as_object().if_contains("body")) {
        request.body = to_string(*body);
    } else {
        // Described in a note instead of written out.
        request.body = R"({"TableName":"t","Item":{"pk":{"S":")" + std::string(65536, 'x') + R"("}}})";
    }
    signing_options options;
    for (auto const& [name, value] : json.at("headers").as_object()) {
        // That signer leaves these out by itself; here the caller does.
        if (name == "user-agent" || name == "connection") continue;
        request.headers.emplace_back(std::string(name), to_string(value));
    }
    auto const& added = c.at("added_headers").as_object();
    options.sign_body_header = added.contains("x-amz-content-sha256");
    signer s(to_string(c.at("region")), to_string(c.at("service")));
    std::string const out =
        sign_with(s, request, read_credentials(c.at("credentials")), parse_time(to_string(c.at("timestamp"))), options);
    EXPECT_EQ(s.canonical_request(), to_string(c.at("canonical_request")));
    EXPECT_EQ(s.string_to_sign(), to_string(c.at("string_to_sign")));
    EXPECT_EQ(s.signature(), to_string(c.at("signature")));
    EXPECT_NE(out.find("authorization: " + to_string(c.at("authorization")) + "\r\n"), std::string::npos) << out;
    for (auto const& [name, value] : added)
        EXPECT_NE(out.find(std::string(name) + ": " + to_string(value) + "\r\n"), std::string::npos) << name;
}

INSTANTIATE_TEST_SUITE_P(oracle, sigv4_dynamodb,
                         testing::Values("list-tables-empty-object", "get-item-ascii", "get-item-session-token",
                                         "put-item-unicode-body", "local-endpoint-with-port", "ipv6-endpoint",
                                         "endpoint-with-path-prefix", "endpoint-path-needs-double-encoding",
                                         "endpoint-path-dot-segments", "empty-body", "sdk-retry-headers",
                                         "header-whitespace-folding", "china-region", "account-id-endpoint",
                                         "x-amz-content-sha256", "body-64KiB"),
                         name_of);

TEST(sigv4_vectors, are_all_run_or_skipped_by_name) {
    EXPECT_EQ(read_json("sigv4/aws-sdk-js/dynamodb-signing.json").at("cases").as_array().size(), 16u);
    std::size_t official = 0;
    std::size_t skipped = 0;
    auto const& unit = *testing::UnitTest::GetInstance();
    for (int i = 0; i < unit.total_test_suite_count(); ++i) {
        auto const& suite = *unit.GetTestSuite(i);
        std::string_view const name = suite.name();
        if (name.ends_with("/sigv4_official")) official += static_cast<std::size_t>(suite.total_test_count());
        if (name.ends_with("/sigv4_skipped")) skipped += static_cast<std::size_t>(suite.total_test_count());
    }
    EXPECT_EQ(official, 37u) << "of the 38 header forms, all but the multiline one";
    EXPECT_EQ(skipped, 2u);
    std::cout << "SigV4 vectors: " << official << " official header forms, 16 of DynamoDB's shape and 2 of double "
              << "encoding run; 1 header form and 38 presigned forms skipped\n";
}

} // namespace
