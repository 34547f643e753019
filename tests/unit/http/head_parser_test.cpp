#include <dynasio/http/detail/head_parser.hpp>

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>

#include "support/reference_head.hpp"

namespace {

using dynasio::http::detail::head_parser;
using dynasio::test::has_fold;
using dynasio::test::parse_head;
using dynasio::test::reference_head;
using outcome = head_parser::outcome;

/// Counts what was compared, so that the test is known to have tried both.
struct tally {
    int compared = 0;
    int accepted = 0;
    int refused = 0;
    int incomplete = 0;
    int stricter = 0;
};

void compare(std::string const& text, tally& count) {
    auto const theirs = reference_head(text).result;
    auto const mine = parse_head(text, text.size());
    if (mine.refused && !theirs.refused && has_fold(text)) {
        ++count.stricter;
        return;
    }
    // Beast looks at a line when it is whole; a wrong one is refused by us as soon as it shows.
    if (mine.refused && !theirs.complete && !theirs.refused) {
        ++count.stricter;
        return;
    }
    ++(mine.refused ? count.refused : mine.complete ? count.accepted : count.incomplete);
    auto expected = theirs;
    // HTTP/1.0 with both "close" and "keep-alive": Beast would keep the connection.
    if (theirs.complete && !mine.keep_alive) expected.keep_alive = false;
    if (theirs.complete && mine.keep_alive) {
        EXPECT_TRUE(theirs.keep_alive) << text;
    }
    EXPECT_EQ(mine, expected) << text;
    EXPECT_EQ(parse_head(text, 67), mine) << text;
    if (++count.compared % 8 == 0) {
        EXPECT_EQ(parse_head(text, 1), mine) << text;
    }
}

std::array<std::string, 6> const seeds{
    "HTTP/1.1 200 OK\r\nServer: Server\r\nDate: Sat, 21 Nov 2026 08:00:00 GMT\r\n"
    "Content-Type: application/x-amz-json-1.0\r\nContent-Length: 15\r\nConnection: keep-alive\r\n"
    "x-amzn-RequestId: ABCDEF0123456789\r\nx-amz-crc32: 2745614147\r\n\r\n",
    "HTTP/1.0 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive, Upgrade\r\n\r\n",
    "HTTP/1.1 400 \r\nX-AMZN-ERRORTYPE:  a#B:http \r\nX-Amz-Retry-After: 1500\r\nContent-Encoding: gzip\r\n"
    "Content-Length: 0\r\nContent-Length: 0, 0\r\nProxy-Connection: close\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nx:\r\ny: \t\r\nz: \xc3\xa9\r\nUpgrade: a\r\nConnection: ,close,,x\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nTe: x\r\n!#$%&'*+-.^_`|~aZ09: y\r\nDat\x65: x\r\nExpect: a b\r\n\r\n",
    "HTTP/1.1 200 OK\r\nvia: a\r\n folded\r\n\tmore\r\nContent-Length: 18446744073709551615\r\n\r\n"};

std::array<std::string, 26> const fragments{"\r\n",
                                            "\n",
                                            "\r",
                                            " ",
                                            "\t",
                                            ":",
                                            ",",
                                            ";",
                                            "0",
                                            "9",
                                            "x",
                                            "\x7f",
                                            "\x80",
                                            "\x01",
                                            std::string(1, '\0'),
                                            "Content-Length: 5\r\n",
                                            "Transfer-Encoding: chunked\r\n",
                                            "Transfer-Encoding: gzip\r\n",
                                            "Connection: close\r\n",
                                            "Connection: keep-alive\r\n",
                                            "close",
                                            "{",
                                            "\"",
                                            "x-amz-crc32: 7\r\n",
                                            "Date: now\r\n",
                                            "HTTP/1.1 200 OK\r\n"};

TEST(head_parser, understands_what_beast_understands) {
    tally count;
    for (auto const& seed : seeds) compare(seed, count);
    EXPECT_EQ(count.accepted, 6);
    for (auto const& seed : seeds)
        for (std::size_t n = 0; n != seed.size(); ++n) compare(seed.substr(0, n), count);
    EXPECT_GT(count.incomplete, 500);
}

TEST(head_parser, refuses_what_beast_refuses_whichever_byte_is_changed) {
    tally count;
    for (auto const& seed : seeds) {
        for (std::size_t at = 0; at != seed.size(); ++at) {
            for (unsigned byte = 0; byte != 256; byte += byte < 0x30 || byte > 0x78 ? 1 : 5) {
                auto changed = seed;
                changed[at] = static_cast<char>(byte);
                compare(changed, count);
            }
        }
    }
    EXPECT_GT(count.refused, 10'000);
    EXPECT_GT(count.accepted, 10'000);
}

TEST(head_parser, agrees_with_beast_on_heads_changed_at_random) {
    std::mt19937 random(20261121);
    auto const below = [&random](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
    tally count;
    for (int i = 0; i < 20'000; ++i) {
        auto text = seeds[below(seeds.size())];
        for (std::size_t changes = below(4) + 1; changes != 0; --changes) {
            auto const at = below(text.size() + 1);
            switch (below(4)) {
            case 0:
                text.insert(at, fragments[below(fragments.size())]);
                break;
            case 1:
                text.erase(at, below(6));
                break;
            case 2: {
                auto const& other = seeds[below(seeds.size())];
                auto const from = below(other.size());
                text.insert(at, other.substr(from, below(40)));
                break;
            }
            default: { // a whole line behind another
                auto const& line = fragments[15 + below(fragments.size() - 15)];
                auto const end = text.find("\r\n", at);
                if (end != std::string::npos) text.insert(end + 2, line);
            }
            }
            if (text.empty()) text = "H";
        }
        compare(text, count);
        if (HasFailure()) break;
    }
    EXPECT_GT(count.refused, 5'000);
    EXPECT_GT(count.accepted, 2'000);
}

TEST(head_parser, knows_headers_in_any_case_and_no_others_of_the_same_length) {
    auto const with = [](std::string const& name) {
        return parse_head("HTTP/1.1 200 OK\r\n" + name + ": 7\r\n\r\n", 1000);
    };
    EXPECT_EQ(with("cONTENT-lENGTH").length, 7U);
    EXPECT_EQ(with("X-AMZ-CRC32").crc32, 7U);
    EXPECT_EQ(with("DATE").kept["date"], "7");
    EXPECT_EQ(with("x-Amzn-rEQUESTID").kept["request_id"], "7");
    EXPECT_EQ(with("x-aMzn-errortyPE").kept["error_type"], "7");
    EXPECT_EQ(with("X-amz-retry-aftER").kept["retry_after"], "7");
    EXPECT_EQ(with("contenT-encodinG").kept["content_encoding"], "7");
    EXPECT_EQ(with("Content-TypE").kept["content_type"], "7");
    // Each with one letter replaced is no header of ours.
    for (std::string const& name :
         {std::string("content-length"), std::string("x-amz-crc32"), std::string("date"),
          std::string("x-amzn-requestid"), std::string("content-type"), std::string("x-amzn-errortype"),
          std::string("x-amz-retry-after"), std::string("content-encoding"), std::string("connection"),
          std::string("transfer-encoding"), std::string("proxy-connection")}) {
        for (std::size_t i = 0; i != name.size(); ++i) {
            auto changed = name;
            changed[i] = name[i] == '-' ? '_' : '~';
            auto const got = with(changed);
            EXPECT_TRUE(got.complete) << changed;
            EXPECT_TRUE(got.kept.empty() && !got.length && !got.crc32 && !got.chunked) << changed;
        }
    }
}

TEST(head_parser, refuses_a_folded_line_only_in_headers_that_are_read) {
    EXPECT_TRUE(parse_head("HTTP/1.1 200 OK\r\nx: a\r\n b\r\n\r\n", 1).complete);
    for (auto const* name : {"Date", "Content-Length", "Connection", "x-amz-crc32", "Transfer-Encoding"})
        EXPECT_TRUE(parse_head("HTTP/1.1 200 OK\r\n" + std::string(name) + ": 1\r\n 2\r\n\r\n", 1).refused) << name;
}

} // namespace
