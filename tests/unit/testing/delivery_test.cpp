#include <dynasio/testing/detail/delivery.hpp>

#include <gtest/gtest.h>

#include <functional>

namespace {

using namespace dynasio::testing;
using namespace dynasio::testing::detail;
using ending = transmission::ending;
using namespace std::chrono_literals;

http_answer text_answer(std::string body) { return to_http(canned_answer(200, "", std::move(body)), 0); }

transmission planned(std::string body, std::function<void(delivery&)> const& set, request_traits request = {}) {
    delivery how;
    set(how);
    return plan(text_answer(std::move(body)), how, request, {});
}

std::string header(std::string const& bytes, std::string const& name) {
    auto const start = bytes.find("\r\n" + name + ": ");
    if (start == std::string::npos) return "(absent)";
    auto const value = start + name.size() + 4;
    return bytes.substr(value, bytes.find("\r\n", value) - value);
}

TEST(delivery, sends_an_answer_as_it_should_be_by_default) {
    auto const sent = planned("abc", [](delivery&) {});
    EXPECT_EQ(sent.bytes, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    EXPECT_EQ(sent.then, ending::keep);
    EXPECT_EQ(sent.at_once, transmission::everything);
    EXPECT_TRUE(sent.repeated.empty());
    EXPECT_EQ(delivery().describe(), "");
}

TEST(delivery, follows_the_request) {
    request_traits head;
    head.head = true;
    head.keep_alive = false;
    auto const sent = planned("abc", [](delivery&) {}, head);
    EXPECT_EQ(sent.bytes, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n");
    EXPECT_EQ(sent.then, ending::close);
    EXPECT_EQ(plan(to_http(canned_answer(204, "", "abc"), 0), {}, {}, {}).bytes, "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(delivery, truncation_promises_more_than_it_sends) {
    auto const sent = planned("abcdef", [](delivery& d) { d.missing_bytes = 2; });
    EXPECT_EQ(sent.bytes, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcd");
    EXPECT_EQ(sent.then, ending::close);
    EXPECT_EQ(planned("abcdef", [](delivery& d) { d.missing_bytes = 9; }).bytes,
              "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
}

TEST(delivery, lengths_can_be_too_short_or_no_numbers) {
    auto const sent = planned("abc", [](delivery& d) { d.surplus_bytes = 2; });
    EXPECT_EQ(sent.bytes, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc  ");
    EXPECT_EQ(sent.then, ending::keep);
    EXPECT_EQ(planned("abc", [](delivery& d) { d.content_length = "many"; }).bytes,
              "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc");
}

TEST(delivery, chunks_a_body) {
    auto const in_chunks = [](delivery& d) { d.framing = body_framing::chunked; };
    EXPECT_EQ(planned("abcde", in_chunks).bytes,
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    EXPECT_EQ(planned("a", in_chunks).bytes,
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
    EXPECT_EQ(planned("", in_chunks).bytes, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    auto const bad = planned("abcde", [](delivery& d) { d.framing = body_framing::malformed_chunks; });
    EXPECT_NE(bad.bytes.find("3\r\nabc\r\nsize-of-a-chunk\r\n"), std::string::npos) << bad.bytes;
    EXPECT_EQ(bad.then, ending::close);
}

TEST(delivery, a_checksum_can_be_made_wrong) {
    delivery how;
    how.wrong_crc32 = true;
    how.headers = {{"X-AMZN-REQUESTID", "mine"}};
    auto const sent = plan(to_http(canned_answer("123456789"), 0), how, {}, {}).bytes;
    EXPECT_EQ(header(sent, "x-amz-crc32"), "3421780263");
    EXPECT_EQ(header(sent, "X-AMZN-REQUESTID"), "mine");
    EXPECT_EQ(sent.find("fault-endpoint-0"), std::string::npos) << "the header is replaced";
}

TEST(delivery, a_compressed_body_has_the_checksum_of_its_bytes) {
    delivery how;
    how.gzip = true;
    auto const sent = plan(to_http(canned_answer("{}"), 0), how, {}, {}).bytes;
    auto const body = sent.substr(sent.find("\r\n\r\n") + 4);
    EXPECT_EQ(header(sent, "Content-Encoding"), "gzip");
    EXPECT_EQ(header(sent, "x-amz-crc32"), std::to_string(crc32(body)));
    EXPECT_EQ(body, gzip("{}"));
}

TEST(delivery, gzip_is_what_the_format_says) {
    // What gzip(1) reads back: header, one stored block, CRC-32 and size.
    EXPECT_EQ(gzip("123456789"), std::string("\x1f\x8b\x08\0\0\0\0\0\0\xff"
                                             "\x01\x09\0\xf6\xff"
                                             "123456789"
                                             "\x26\x39\xf4\xcb\x09\0\0\0",
                                             32));
    auto const two_blocks = gzip(std::string(0x10000, 'x'));
    EXPECT_EQ(two_blocks.size(), 10 + 5 + 0xffff + 5 + 1 + 8U);
    EXPECT_EQ(two_blocks[10], '\0');
    EXPECT_EQ(two_blocks[10 + 5 + 0xffff], '\1');
    EXPECT_EQ(gzip("").size(), 10 + 5 + 8U);
}

TEST(delivery, a_date_can_be_off) {
    auto const noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 12h;
    EXPECT_EQ(http_date(noon), "Sat, 21 Nov 2026 12:00:00 GMT");
    EXPECT_EQ(http_date(std::chrono::sys_days(std::chrono::year(1994) / 11 / 6) + 8h + 49min + 37s),
              "Sun, 06 Nov 1994 08:49:37 GMT");
    delivery how;
    how.date_skew = -13h;
    EXPECT_EQ(header(plan(text_answer("x"), how, {}, noon).bytes, "Date"), "Fri, 20 Nov 2026 23:00:00 GMT");
}

TEST(delivery, an_answer_can_end_anywhere) {
    std::string const whole = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd";
    auto const head_size = whole.size() - 4;
    auto const cut_at = [](cut_point where) { return [where](delivery& d) { d.cut = where; }; };
    EXPECT_EQ(planned("abcd", cut_at(cut_point::in_head)).bytes, whole.substr(0, head_size / 2));
    EXPECT_EQ(planned("abcd", cut_at(cut_point::after_head)).bytes, whole.substr(0, head_size));
    auto const in_body = planned("abcd", cut_at(cut_point::in_body));
    EXPECT_EQ(in_body.bytes, whole.substr(0, head_size + 2));
    EXPECT_EQ(in_body.then, ending::close);
}

TEST(delivery, a_held_answer_is_never_complete) {
    std::string const whole = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd";
    auto const after = [](std::size_t n) { return [n](delivery& d) { d.hold_after = n; }; };
    EXPECT_EQ(planned("abcd", after(1)).bytes, whole.substr(0, whole.size() - 3));
    EXPECT_EQ(planned("abcd", after(1)).then, ending::hold);
    EXPECT_EQ(planned("abcd", after(100)).bytes, whole.substr(0, whole.size() - 1));
    EXPECT_EQ(planned("", after(0)).bytes, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r");
}

TEST(delivery, a_body_can_leave_in_pieces) {
    auto const sent = planned("abcd", [](delivery& d) {
        d.piece = 3;
        d.pause = 5ms;
    });
    EXPECT_EQ(sent.bytes.substr(sent.at_once), "abcd");
    EXPECT_EQ(sent.piece, 3U);
    EXPECT_EQ(sent.pause, 5ms);
}

TEST(delivery, endless_answers_start_like_real_ones) {
    for (auto const part :
         {endless_part::interim_answers, endless_part::headers, endless_part::chunks, endless_part::body}) {
        auto const sent = plan_endless(part);
        EXPECT_TRUE((sent.bytes + sent.repeated).starts_with("HTTP/1.1 "));
        EXPECT_GE(sent.repeated.size(), 16U * 1024);
        EXPECT_EQ(sent.bytes.find("\r\n\r\n") != std::string::npos,
                  part == endless_part::chunks || part == endless_part::body);
    }
    EXPECT_TRUE(plan_endless(endless_part::chunks).repeated.starts_with("3e8\r\nxxx"));
}

TEST(delivery, says_what_it_does) {
    delivery how;
    how.wrong_crc32 = true;
    how.cut = cut_point::after_head;
    how.headers = {{"Date", "now"}};
    EXPECT_EQ(how.describe(), "wrong x-amz-crc32, cut after the head, Date: now");
}

} // namespace
