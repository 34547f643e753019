#include <dynasio/testing/detail/delivery.hpp>
#include <dynasio/testing/detail/http_answer.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

namespace {

using dynasio::testing::canned_answer;
using namespace dynasio::testing::detail;

std::string header(http_answer const& answer, std::string_view name) {
    auto const* found = answer.find_header(name);
    return found ? *found : std::string("(absent)");
}

TEST(http_answer, checksum_is_the_crc32_of_zlib) {
    EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
    EXPECT_EQ(crc32(""), 0U);
}

TEST(http_answer, json_answers_have_the_headers_of_dynamodb) {
    auto const answer = to_http(canned_answer("123456789"), 7);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(header(answer, "content-type"), "application/x-amz-json-1.0");
    EXPECT_EQ(header(answer, "x-amz-crc32"), "3421780262");
    EXPECT_EQ(header(answer, "X-Amzn-RequestID"), "fault-endpoint-7");
}

TEST(http_answer, other_answers_have_only_what_was_given) {
    auto const answer = to_http(canned_answer(503, "text/html", "<html>"), 7);
    EXPECT_EQ(plan(answer, {}, {}, {}).bytes, "HTTP/1.1 503 Service Unavailable\r\n"
                                              "Content-Type: text/html\r\n"
                                              "Content-Length: 6\r\n"
                                              "\r\n"
                                              "<html>");
}

TEST(http_answer, given_headers_win) {
    canned_answer canned("{}");
    canned.headers = {{"X-Amz-Crc32", "1"}, {"Date", "now"}};
    auto const answer = to_http(canned, 0);
    EXPECT_EQ(header(answer, "x-amz-crc32"), "1");
    EXPECT_EQ(header(answer, "date"), "now");
}

TEST(http_answer, errors_are_written_as_dynamodb_does) {
    EXPECT_EQ(canned_answer::error(400, "ResourceNotFoundException", "no \"t\"").body,
              R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no \"t\""})");
    EXPECT_EQ(canned_answer::error(400, "com.amazon.coral.service#X", "").body,
              R"({"__type":"com.amazon.coral.service#X","message":""})");
}

TEST(http_answer, refuses_headers_that_would_break_the_message) {
    EXPECT_THROW(check_header("", "x"), dynasio::error);
    EXPECT_THROW(check_header("a b", "x"), dynasio::error);
    EXPECT_THROW(check_header("a", "x\r\nb: c"), dynasio::error);
    EXPECT_NO_THROW(check_header("x-amz-retry-after", "20"));
    EXPECT_THROW(check_answer(canned_answer(100, "{}")), dynasio::error);
    EXPECT_THROW(check_answer(canned_answer(200, "a\nb", "")), dynasio::error);
    EXPECT_NO_THROW(check_answer(canned_answer(200, "", "")));
}

} // namespace
