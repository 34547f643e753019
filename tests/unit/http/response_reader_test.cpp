#include <dynasio/http/detail/response_reader.hpp>
#include <dynasio/http/detail/storage_pool.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

using dynasio::transport_errc;
using dynasio::http::response;
using dynasio::http::detail::answer_ptr;
using dynasio::http::detail::answer_storage;
using dynasio::http::detail::response_reader;
using dynasio::http::detail::storage_pool;
using progress = response_reader::progress;

constexpr std::size_t head_limit = 1024;
constexpr std::size_t body_limit = 4096;

struct reader : response_reader {
    explicit reader(std::size_t storage = 64, std::size_t max_head = head_limit, std::size_t max_body = body_limit)
        : response_reader(storage_of(storage), max_head, max_body) {}

    /// Hands over `text`, at most `step` bytes at a time; stops where the reader is finished.
    progress feed(std::string_view text, std::size_t step = std::string_view::npos) {
        auto state = progress::need_more;
        while (!text.empty() && state == progress::need_more) {
            auto const room = prepare();
            EXPECT_FALSE(room.empty());
            auto const n = std::min({room.size(), step, text.size()});
            std::memcpy(room.data(), text.data(), n);
            text.remove_prefix(n);
            state = commit(n);
        }
        unread = text.size();
        return state;
    }
    response answer() { return take(); }

    static answer_ptr storage_of(std::size_t size) {
        answer_ptr made(new answer_storage);
        made->bytes.resize(size);
        return made;
    }

    std::size_t unread = 0;
};

std::string const dynamodb_answer = "HTTP/1.1 200 OK\r\n"
                                    "Server: Server\r\n"
                                    "Date: Sat, 21 Nov 2026 08:00:00 GMT\r\n"
                                    "Content-Type: application/x-amz-json-1.0\r\n"
                                    "Content-Length: 15\r\n"
                                    "Connection: keep-alive\r\n"
                                    "x-amzn-RequestId: ABCDEF0123456789\r\n"
                                    "x-amz-crc32: 2745614147\r\n"
                                    "\r\n"
                                    "{\"Item\":{\"a\":1}";

void expect_dynamodb_answer(response const& r) {
    EXPECT_EQ(r.status(), 200U);
    EXPECT_EQ(r.body(), "{\"Item\":{\"a\":1}");
    EXPECT_EQ(r.head().request_id, "ABCDEF0123456789");
    EXPECT_EQ(r.head().crc32, 2745614147U);
    EXPECT_EQ(r.head().date, "Sat, 21 Nov 2026 08:00:00 GMT");
    EXPECT_EQ(r.head().content_type, "application/x-amz-json-1.0");
    EXPECT_EQ(r.head().error_type, "");
    EXPECT_EQ(r.head().retry_after, "");
    EXPECT_EQ(r.head().content_encoding, "");
}

void expect_failure(std::string const& text, transport_errc code) {
    for (std::size_t step : {std::string_view::npos, std::size_t{1}}) {
        reader r;
        EXPECT_EQ(r.feed(text, step), progress::failed) << text << "\nstep " << step;
        EXPECT_EQ(r.error(), code) << text << "\n" << r.reason();
        EXPECT_STRNE(r.reason(), "");
    }
}
void expect_malformed(std::string const& text) { expect_failure(text, transport_errc::malformed_http); }
void expect_too_large(std::string const& text) { expect_failure(text, transport_errc::response_too_large); }

std::string head(std::string const& fields) { return "HTTP/1.1 200 OK\r\n" + fields + "\r\n"; }

TEST(response_reader, reads_an_answer_that_comes_in_one_piece) {
    reader r(64 * 1024);
    EXPECT_FALSE(r.started());
    ASSERT_EQ(r.feed(dynamodb_answer), progress::done);
    EXPECT_TRUE(r.started());
    EXPECT_TRUE(r.keep_alive());
    expect_dynamodb_answer(r.answer());
}

TEST(response_reader, reads_an_answer_split_at_any_byte) {
    for (std::size_t at = 1; at < dynamodb_answer.size(); ++at) {
        reader r;
        ASSERT_EQ(r.feed(dynamodb_answer.substr(0, at)), progress::need_more) << at;
        ASSERT_EQ(r.feed(dynamodb_answer.substr(at)), progress::done) << at;
        EXPECT_TRUE(r.keep_alive());
        expect_dynamodb_answer(r.answer());
    }
}

TEST(response_reader, reads_an_answer_in_steps_of_any_size) {
    for (std::size_t step = 1; step < dynamodb_answer.size(); ++step) {
        reader r(1);
        ASSERT_EQ(r.feed(dynamodb_answer, step), progress::done) << step;
        expect_dynamodb_answer(r.answer());
    }
}

TEST(response_reader, keeps_the_views_valid_when_the_answer_moves) {
    reader r;
    ASSERT_EQ(r.feed(dynamodb_answer), progress::done);
    response first = r.answer();
    response second = std::move(first);
    expect_dynamodb_answer(second);
    EXPECT_EQ(first.body(), "");
    EXPECT_EQ(first.head().request_id, "");
    response third;
    third = std::move(second);
    expect_dynamodb_answer(third);
}

TEST(response_reader, keeps_the_headers_of_errors_whatever_their_case) {
    reader r;
    ASSERT_EQ(r.feed("HTTP/1.1 400 Bad Request\r\nX-AMZN-REQUESTID:  id \r\nx-amzn-errortype: a#B:http\r\n"
                     "X-Amz-Retry-After: 1500\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"),
              progress::done);
    auto const a = r.answer();
    EXPECT_EQ(a.status(), 400U);
    EXPECT_EQ(a.head().request_id, "id");
    EXPECT_EQ(a.head().error_type, "a#B:http");
    EXPECT_EQ(a.head().retry_after, "1500");
    EXPECT_EQ(a.head().content_encoding, "gzip");
    EXPECT_EQ(a.body(), "");
    EXPECT_FALSE(a.head().crc32.has_value());
}

TEST(response_reader, puts_a_chunked_body_together_wherever_it_is_split) {
    std::string const text =
        head("Transfer-Encoding: chunked\r\nx-amz-crc32: 7\r\n") +
        "5\r\nhello\r\n1;name=value\r\n,\r\n0006\r\n world\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n";
    for (std::size_t at = 1; at <= text.size(); ++at) {
        reader r;
        auto state = r.feed(text.substr(0, at));
        if (at < text.size()) {
            ASSERT_EQ(state, progress::need_more) << at;
            state = r.feed(text.substr(at));
        }
        ASSERT_EQ(state, progress::done) << at << ' ' << r.reason();
        EXPECT_TRUE(r.keep_alive());
        auto const a = r.answer();
        EXPECT_EQ(a.body(), "hello, world0123456789") << at;
        EXPECT_EQ(a.head().crc32, 7U);
    }
    for (std::size_t step = 1; step <= text.size(); ++step) {
        reader r(1);
        ASSERT_EQ(r.feed(text, step), progress::done) << step << ' ' << r.reason();
        EXPECT_EQ(r.answer().body(), "hello, world0123456789") << step;
    }
}

TEST(response_reader, needs_no_more_storage_for_many_small_chunks_than_for_the_body) {
    std::string text = head("Transfer-Encoding: chunked\r\n");
    std::string body;
    for (int i = 0; i < 2000; ++i) {
        text += "1;some-extension=that-makes-it-long\r\nx\r\n";
        body += 'x';
    }
    text += "0\r\n\r\n";
    reader r(8192);
    auto largest = std::size_t{0};
    auto state = progress::need_more;
    for (std::string_view rest = text; state == progress::need_more;) {
        auto const room = r.prepare();
        largest = std::max(largest, room.size());
        auto const n = std::min({room.size(), std::size_t{100}, rest.size()});
        std::memcpy(room.data(), rest.data(), n);
        rest.remove_prefix(n);
        state = r.commit(n);
    }
    ASSERT_EQ(state, progress::done) << r.reason();
    EXPECT_LE(largest, 8192U);
    EXPECT_EQ(r.answer().body(), body);
}

TEST(response_reader, ignores_what_trailers_claim) {
    reader r;
    ASSERT_EQ(r.feed(head("Transfer-Encoding: chunked\r\nx-amzn-RequestId: real\r\n") +
                     "1\r\nx\r\n0\r\nx-amz-crc32: 5\r\nDate: never\r\n\r\n"),
              progress::done);
    auto const a = r.answer();
    EXPECT_EQ(a.head().request_id, "real");
    EXPECT_FALSE(a.head().crc32.has_value());
    EXPECT_EQ(a.head().date, "");
}

TEST(response_reader, reads_until_the_end_of_the_connection_when_no_length_is_given) {
    std::string const text = head("Content-Type: x\r\n") + "some body";
    for (std::size_t step = 1; step <= text.size(); ++step) {
        reader r;
        ASSERT_EQ(r.feed(text, step), progress::need_more);
        ASSERT_EQ(r.commit_eof(), progress::done);
        EXPECT_FALSE(r.keep_alive());
        auto const a = r.answer();
        EXPECT_EQ(a.body(), "some body");
        EXPECT_EQ(a.head().content_type, "x");
    }
}

TEST(response_reader, reports_an_answer_cut_short_at_any_byte) {
    std::string const chunked = head("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n";
    for (auto const& text : {dynamodb_answer, chunked}) {
        for (std::size_t at = 0; at < text.size(); ++at) {
            reader r;
            ASSERT_EQ(r.feed(text.substr(0, at)), progress::need_more) << at;
            EXPECT_EQ(r.started(), at != 0);
            ASSERT_EQ(r.commit_eof(), progress::failed) << at;
            EXPECT_EQ(r.error(), transport_errc::connection_lost);
        }
    }
}

TEST(response_reader, skips_interim_answers) {
    std::string const text =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nDate: early\r\n\r\n" + dynamodb_answer;
    for (std::size_t step = 1; step <= text.size(); ++step) {
        reader r;
        ASSERT_EQ(r.feed(text, step), progress::done) << step;
        EXPECT_TRUE(r.keep_alive());
        expect_dynamodb_answer(r.answer());
    }
}

TEST(response_reader, limits_the_interim_answers_like_a_head) {
    std::string endless;
    for (int i = 0; i < 100; ++i) endless += "HTTP/1.1 100 Continue\r\n\r\n";
    expect_too_large(endless);
}

TEST(response_reader, refuses_an_upgrade) {
    expect_malformed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n");
}

TEST(response_reader, expects_no_body_after_204_and_304) {
    for (auto const* status : {"204 No Content", "304 Not Modified"}) {
        reader r;
        ASSERT_EQ(r.feed("HTTP/1.1 " + std::string(status) + "\r\n\r\n"), progress::done);
        EXPECT_TRUE(r.keep_alive());
        EXPECT_EQ(r.answer().body(), "");
    }
}

TEST(response_reader, tells_whether_the_connection_can_be_used_again) {
    auto const reusable = [](std::string const& text) {
        reader r;
        EXPECT_EQ(r.feed(text), progress::done) << text;
        return r.keep_alive();
    };
    EXPECT_TRUE(reusable("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"));
    EXPECT_FALSE(reusable("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx"));
    EXPECT_FALSE(reusable("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: x, CLOSE\r\n\r\nx"));
    EXPECT_FALSE(reusable("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx"));
    EXPECT_TRUE(reusable("HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\nx"));
}

TEST(response_reader, gives_up_a_connection_with_bytes_past_the_end_of_the_answer) {
    reader sized;
    ASSERT_EQ(sized.feed(dynamodb_answer + "H"), progress::done);
    EXPECT_FALSE(sized.keep_alive());
    expect_dynamodb_answer(sized.answer());

    reader chunked;
    ASSERT_EQ(chunked.feed(head("Transfer-Encoding: chunked\r\n") + "1\r\nx\r\n0\r\n\r\nHTTP/1.1 200 OK"),
              progress::done);
    EXPECT_FALSE(chunked.keep_alive());
    EXPECT_EQ(chunked.answer().body(), "x");

    reader empty;
    ASSERT_EQ(empty.feed("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello"), progress::done);
    EXPECT_FALSE(empty.keep_alive());
}

TEST(response_reader, notices_bytes_past_a_body_that_made_the_storage_grow) {
    std::string const body(3000, 'b');
    std::string const text = head("Content-Length: 3000\r\n") + body;
    reader r(text.size() - 1); // the storage ends within the body
    ASSERT_EQ(r.feed(text + "!"), progress::done);
    EXPECT_TRUE(!r.keep_alive() || r.unread == 1);
    reader exact(text.size());
    ASSERT_EQ(exact.feed(text.substr(0, text.size() - 1)), progress::need_more);
    EXPECT_GE(exact.prepare().size(), 2U);
}

TEST(response_reader, refuses_at_once_what_does_not_begin_like_http) {
    for (std::string const& text :
         {std::string("\x15\x03\x03\x00\x02\x02\x50", 7), std::string("SSH-2.0-OpenSSH_9.2\r\n"),
          std::string("{\"a\":1}"), std::string("\r\nHTTP/1.1 200 OK\r\n\r\n"), std::string(" HTTP/1.1 200 OK\r\n"),
          std::string("http/1.1 200 OK\r\n"), std::string("HTTP/2"), std::string("X"), std::string("\0", 1),
          std::string("ICY 200 OK\r\n")})
        expect_malformed(text);
}

TEST(response_reader, refuses_malformed_status_lines) {
    for (auto const* text :
         {"HTTP/1.2 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
          "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 -20 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n\r\n\r\n",
          "HTTP/1.1 200 O\x01K\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.12 200 OK\r\n\r\n"})
        expect_malformed(text);
}

TEST(response_reader, refuses_malformed_header_fields) {
    for (auto const* field : {"no colon", ": no name", "bad name: x", "bad\x01name: x", "name : x",
                              "x: a\x01"
                              "b",
                              "x: a\rb", "x: a\nSet: b", "Date: folded\r\n value", "x-amzn-RequestId: a\r\n\tb"})
        expect_malformed(head(std::string(field) + "\r\nContent-Length: 0\r\n"));
    expect_malformed(head(std::string("x: a\0b\r\n", 8)));
}

TEST(response_reader, refuses_lengths_that_are_wrong_or_contradict_each_other) {
    for (auto const* fields :
         {"Content-Length: -1\r\n", "Content-Length: abc\r\n", "Content-Length: 1x\r\n", "Content-Length: 0x10\r\n",
          "Content-Length: \r\n", "Content-Length: 99999999999999999999999\r\n", "Content-Length: 1, 2\r\n",
          "Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", "Content-Length: 1,\r\n", "Content-Length: +1\r\n",
          "Content-Length: 1 2\r\n"})
        expect_malformed(head(fields));
}

TEST(response_reader, refuses_transfer_encodings_other_than_chunked) {
    for (auto const* fields :
         {"Transfer-Encoding: gzip\r\n", "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, gzip\r\n",
          "Transfer-Encoding: chunked, chunked\r\n", "Transfer-Encoding: identity\r\n",
          "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding:\r\n"})
        expect_malformed(head(fields));
}

TEST(response_reader, refuses_malformed_chunks) {
    for (auto const* chunks :
         {"x\r\n", "-1\r\n", "\r\n\r\n", "1\nx\r\n0\r\n\r\n", "1\r\nxy\r\n", "1\r\nx0\r\n\r\n", "FFFFFFFFFFFFFFFFF\r\n",
          "1 2\r\nx\r\n", "1;=\r\nx\r\n", "1\r\nx\n\n0\r\n\r\n", "1\r\nx\r\n0\r\nbad trailer\r\n\r\n"})
        expect_malformed(head("Transfer-Encoding: chunked\r\n") + chunks + "\r\n\r\n");
}

TEST(response_reader, refuses_endless_chunk_headers_and_trailers) {
    expect_malformed(head("Transfer-Encoding: chunked\r\n") + "1;" + std::string(10'000, 'a'));
    expect_malformed(head("Transfer-Encoding: chunked\r\n") + std::string(10'000, '0'));
    expect_malformed(head("Transfer-Encoding: chunked\r\n") + "0\r\n" + "x: " + std::string(10'000, 'a'));
}

TEST(response_reader, refuses_a_checksum_that_cannot_be_read) {
    for (auto const* field : {"x-amz-crc32: abc\r\n", "x-amz-crc32:\r\n", "x-amz-crc32: 4294967296\r\n",
                              "x-amz-crc32: -1\r\n", "x-amz-crc32: 1\r\nx-amz-crc32: 2\r\n", "x-amz-crc32: 1 2\r\n"})
        expect_malformed(head(std::string(field) + "Content-Length: 0\r\n"));
}

TEST(response_reader, refuses_a_head_past_the_limit) {
    expect_too_large(head("x: " + std::string(head_limit, 'a') + "\r\n"));
    expect_too_large("HTTP/1.1 200 " + std::string(2 * head_limit, 'a'));
    std::string many;
    for (std::size_t i = 0; i < head_limit / 4; ++i) many += "a: b\r\n";
    expect_too_large(head(many));
}

TEST(response_reader, accepts_a_head_of_exactly_the_limit) {
    std::string const around = head("Content-Length: 0\r\nx: \r\n");
    std::string const text = head("Content-Length: 0\r\nx: " + std::string(head_limit - around.size(), 'a') + "\r\n");
    ASSERT_EQ(text.size(), head_limit);
    reader r;
    EXPECT_EQ(r.feed(text, 1), progress::done) << r.reason();
    reader tight(64, head_limit - 1);
    EXPECT_EQ(tight.feed(text), progress::failed);
    EXPECT_EQ(tight.error(), transport_errc::response_too_large);
}

TEST(response_reader, refuses_a_body_past_the_limit_as_soon_as_it_shows) {
    expect_too_large(head("Content-Length: " + std::to_string(body_limit + 1) + "\r\n"));
    expect_too_large(head("Content-Length: 18446744073709551615\r\n"));
    expect_too_large(head("Transfer-Encoding: chunked\r\n") + "1001\r\n");
    expect_too_large(head("Transfer-Encoding: chunked\r\n") + "1000\r\n" + std::string(4096, 'a') + "\r\n1\r\n");
    expect_too_large(head("") + std::string(body_limit + 1, 'a'));
}

TEST(response_reader, accepts_a_body_of_exactly_the_limit) {
    std::string const body(body_limit, 'a');
    reader sized;
    ASSERT_EQ(sized.feed(head("Content-Length: 4096\r\n") + body), progress::done);
    EXPECT_EQ(sized.answer().body(), body);
    reader chunked;
    ASSERT_EQ(chunked.feed(head("Transfer-Encoding: chunked\r\n") + "1000\r\n" + body + "\r\n0\r\n\r\n"),
              progress::done);
    EXPECT_EQ(chunked.answer().body(), body);
    reader to_end;
    ASSERT_EQ(to_end.feed(head("") + body), progress::need_more);
    ASSERT_EQ(to_end.commit_eof(), progress::done);
    EXPECT_EQ(to_end.answer().body(), body);
}

TEST(response_reader, takes_no_more_memory_than_a_step_for_a_length_that_is_only_announced) {
    reader r(1024, head_limit, std::size_t{1} << 40U);
    ASSERT_EQ(r.feed(head("Content-Length: 1000000000000\r\n")), progress::need_more);
    std::size_t const first = r.prepare().size();
    EXPECT_LT(first, std::size_t{2} << 20U);
    ASSERT_EQ(r.commit(first), progress::need_more);
    EXPECT_LT(r.prepare().size(), std::size_t{8} << 20U);
}

TEST(response_reader, survives_every_single_byte_being_replaced) {
    std::string const chunked = head("Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n";
    for (auto const& text : {dynamodb_answer, chunked}) {
        for (std::size_t at = 0; at < text.size(); ++at) {
            for (char c : {'\0', '\r', '\n', ' ', ':', '9', 'f', '\xff'}) {
                std::string changed = text;
                changed[at] = c;
                reader r;
                auto state = r.feed(changed, 7);
                if (state == progress::need_more) state = r.commit_eof();
                if (state == progress::done) {
                    EXPECT_LE(r.answer().body().size(), text.size());
                } else {
                    EXPECT_TRUE(r.error());
                }
            }
        }
    }
}

std::unique_ptr<answer_storage> bytes_of(std::size_t size) {
    auto made = std::make_unique<answer_storage>();
    made->bytes.resize(size);
    return made;
}

progress feed(response_reader& r, std::string_view text) {
    auto state = progress::need_more;
    while (!text.empty() && state == progress::need_more) {
        auto const room = r.prepare();
        auto const n = std::min(room.size(), text.size());
        std::memcpy(room.data(), text.data(), n);
        text.remove_prefix(n);
        state = r.commit(n);
    }
    return state;
}

TEST(response, hands_its_storage_back_when_it_is_destroyed) {
    boost::intrusive_ptr<storage_pool> const pool(new storage_pool(2));
    {
        response_reader r(pool->take_small(), head_limit, body_limit);
        EXPECT_EQ(r.prepare().size(), storage_pool::small_size);
        ASSERT_EQ(feed(r, dynamodb_answer), progress::done);
        auto a = r.take();
        auto const b = std::move(a);
        expect_dynamodb_answer(b);
        EXPECT_EQ(pool->count(), 0U);
    }
    EXPECT_EQ(pool->count(), 1U);
    EXPECT_EQ(pool->total_size(), storage_pool::small_size);
}

TEST(response, moves_to_a_large_storage_of_the_pool_when_it_does_not_fit_a_small_one) {
    boost::intrusive_ptr<storage_pool> const pool(new storage_pool(2));
    std::string const body(storage_pool::small_size * 3, 'x');
    for (int i = 0; i < 3; ++i) {
        response_reader r(pool->take_small(), head_limit, body.size());
        ASSERT_EQ(
            feed(r, head("Content-Length: " + std::to_string(body.size()) + "\r\nx-amzn-RequestId: R\r\n") + body),
            progress::done);
        auto const a = r.take();
        EXPECT_EQ(a.body(), body);
        EXPECT_EQ(a.head().request_id, "R");
        EXPECT_EQ(pool->total_size(), storage_pool::small_size); // back already
    }
    EXPECT_EQ(pool->count(), 2U); // one of each
    EXPECT_EQ(pool->total_size(), storage_pool::small_size + storage_pool::large_size);
}

TEST(response, grows_past_a_large_storage) {
    boost::intrusive_ptr<storage_pool> const pool(new storage_pool(2));
    std::string const body(storage_pool::large_size * 3, 'x');
    std::string const chunk = "10000\r\n" + std::string(0x10000, 'y') + "\r\n";
    response_reader sized(pool->take_small(), head_limit, body.size());
    ASSERT_EQ(feed(sized, head("Content-Length: " + std::to_string(body.size()) + "\r\n") + body), progress::done);
    EXPECT_EQ(sized.take().body(), body);
    response_reader chunked(pool->take_small(), head_limit, body.size());
    ASSERT_EQ(feed(chunked, head("Transfer-Encoding: chunked\r\n") + chunk + chunk + "0\r\n\r\n"), progress::done);
    EXPECT_EQ(chunked.take().body(), std::string(0x20000, 'y'));
}

TEST(response, outlives_the_pool) {
    boost::intrusive_ptr<storage_pool> pool(new storage_pool(2));
    response_reader r(pool->take_small(), head_limit, body_limit);
    ASSERT_EQ(feed(r, dynamodb_answer), progress::done);
    auto const a = r.take();
    pool.reset();
    expect_dynamodb_answer(a);
}

TEST(response, that_is_none_is_empty) {
    response const none;
    EXPECT_EQ(none.status(), 0U);
    EXPECT_EQ(none.body(), "");
    EXPECT_EQ(none.head().request_id, "");
}

TEST(storage_pool, is_bounded_in_count_size_and_sum) {
    boost::intrusive_ptr<storage_pool> const many(new storage_pool(20));
    auto& pool = *many;
    pool.give_back(bytes_of(storage_pool::max_storage_size + 1));
    pool.give_back(bytes_of(0));
    EXPECT_EQ(pool.count(), 0U);
    for (int i = 0; i < 20; ++i) pool.give_back(bytes_of(storage_pool::max_storage_size));
    EXPECT_EQ(pool.total_size(), storage_pool::max_total_size);
    boost::intrusive_ptr<storage_pool> const two(new storage_pool(2));
    auto& few = *two;
    for (int i = 0; i < 3; ++i) few.give_back(bytes_of(10));
    EXPECT_EQ(few.count(), 2U);
    auto const taken = few.take_small();
    EXPECT_EQ(taken->bytes.size(), 10U);
    EXPECT_EQ(few.total_size(), 10U);
}

} // namespace
