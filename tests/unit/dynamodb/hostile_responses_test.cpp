// What a server may answer that means harm or knows no better: refused with a typed error, within fixed limits of bytes
// and memory, and the client goes on.
#include <dynasio/dynamodb/requests.hpp>

#include <functional>
#include <ostream>

#include "engine_fixture.hpp"
#include "support/allocation_counter.hpp"

namespace {

using namespace dynasio::test;
using namespace dynasio::dynamodb;
using dynasio::client;
using dynasio::client_options;
using dynasio::errc;
using dynasio::error_code;
using dynasio::transport_errc;
using dynasio::tests::allocation_counter;

constexpr std::size_t head_limit = 16 * 1024;
constexpr std::size_t body_limit = 256 * 1024;

/// Writes the bits of a DEFLATE stream.
class bit_writer {
public:
    /// `bits` from its lowest on.
    void put(unsigned bits, int count) {
        for (int i = 0; i < count; ++i) put_bit(bits >> i & 1);
    }
    /// A Huffman code, from its highest bit on.
    void put_code(unsigned code, int count) {
        for (int i = count - 1; i >= 0; --i) put_bit(code >> i & 1);
    }
    std::string take() {
        if (used_ > 0) bytes_ += static_cast<char>(byte_);
        return std::move(bytes_);
    }

private:
    void put_bit(unsigned bit) {
        byte_ = static_cast<unsigned char>(byte_ | bit << used_);
        if (++used_ < 8) return;
        bytes_ += static_cast<char>(byte_);
        byte_ = 0;
        used_ = 0;
    }
    std::string bytes_{};
    unsigned char byte_ = 0;
    int used_ = 0;
};

/// A gzip file of about 100 KB that stands for 16 MB of blanks: one literal, then the longest match of itself over and
/// over, in fixed Huffman codes. Checksum and length are left out, as whoever inflates it first would find out late.
std::string gzip_bomb() {
    bit_writer out;
    out.put(1, 1);               // the last block
    out.put(1, 2);               // of fixed codes
    out.put_code(0x30 + ' ', 8); // a blank
    for (int i = 0; i < 65'000; ++i) {
        out.put_code(0xc0 + 285 - 280, 8); // a match of 258 bytes
        out.put_code(0, 5);                // at distance 1
    }
    out.put_code(0, 7); // the end
    return std::string("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10) + out.take() + std::string(8, '\0');
}

struct hostile {
    char const* name;
    std::string head; ///< Sent first.
    std::string unit; ///< Then this, without end unless it is empty.
    error_code code;
    /// Most that the client may read of it.
    std::size_t bytes = head_limit + body_limit;
};

void PrintTo(hostile const& h, std::ostream* out) { *out << h.name; }

std::string sized(std::string const& body, std::string const& headers = {}) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string chunked(std::string const& after) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + after;
}
std::string repeated(std::string const& text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}
std::string with_attribute(std::string const& value) { return sized(R"({"Item":{"a":)" + value + "}}"); }
std::string with_headers(std::string const& headers) {
    return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: 2\r\n\r\n{}";
}

std::vector<hostile> const& all_hostile() {
    std::string const kilobyte(1024, 'x');
    // What a connection's buffer may hold beyond the limit of the head.
    constexpr std::size_t head_bytes = head_limit + 64 * 1024;
    constexpr auto malformed = transport_errc::malformed_http;
    constexpr auto too_large = transport_errc::response_too_large;
    static std::vector<hostile> const all = {
        // Heads
        {"header_without_end", "HTTP/1.1 200 OK\r\nX: ", kilobyte, too_large, head_bytes},
        {"header_name_without_end", "HTTP/1.1 200 OK\r\n", kilobyte, too_large, head_bytes},
        {"headers_without_end", "HTTP/1.1 200 OK\r\n", "X: " + kilobyte + "\r\n", too_large, head_bytes},
        {"short_headers_without_end", "HTTP/1.1 200 OK\r\n", repeated("a:b\r\n", 100), too_large, head_bytes},
        {"reason_without_end", "HTTP/1.1 200 ", kilobyte, too_large, head_bytes},
        {"interim_answers_without_end", "", repeated("HTTP/1.1 100 Continue\r\n\r\n", 40), too_large, head_bytes},
        {"line_ends_without_end", "", repeated("\r\n", 500), malformed, head_bytes},
        {"no_http", "", repeated("EHLO\r\n", 100), malformed, head_bytes},
        {"zeros", "", std::string(1000, '\0'), malformed, head_bytes},
        {"version_of_another_world", "HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}", "", malformed},
        {"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "", malformed},
        {"status_with_four_digits", "HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n{}", "", malformed},
        {"negative_status", "HTTP/1.1 -20 OK\r\nContent-Length: 2\r\n\r\n{}", "", malformed},
        {"header_without_colon", with_headers("nonsense\r\n"), "", malformed},
        {"header_with_a_zero", with_headers(std::string("X: a\0b\r\n", 8)), "", malformed},
        {"header_name_with_a_blank", with_headers("Content-Length : 5\r\n"), "", malformed},
        {"bare_carriage_return", with_headers("X: a\rContent-Length: 3\r\n"), "", malformed},
        // Lengths
        {"two_lengths", with_headers("Content-Length: 3\r\n"), "", malformed},
        {"length_and_chunks", with_headers("Transfer-Encoding: chunked\r\n"), "", malformed},
        {"negative_length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", "", malformed},
        {"length_with_a_sign", "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}", "", malformed},
        {"hexadecimal_length", "HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\n{}", "", malformed},
        {"length_of_65_bits", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\n{}", "", malformed},
        {"length_of_64_bits", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n", kilobyte, too_large},
        {"length_just_beyond_the_limit",
         "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body_limit + 1) + "\r\n\r\n", kilobyte, too_large},
        {"body_without_end", "HTTP/1.1 200 OK\r\n\r\n", kilobyte, too_large, head_limit + 2 * body_limit},
        {"unknown_transfer_encoding", with_headers("Transfer-Encoding: gzip, chunked\r\n"), "", malformed},
        // Chunks
        {"chunks_without_end", chunked(""), "400\r\n" + kilobyte + "\r\n", too_large, head_limit + 2 * body_limit},
        {"tiny_chunks_without_end", chunked(""), repeated("1\r\nx\r\n", 200), too_large, 8 * body_limit},
        {"chunk_of_64_bits", chunked("ffffffffffffffff\r\n"), kilobyte, too_large},
        {"chunk_of_68_bits", chunked("fffffffffffffffff\r\n"), kilobyte, malformed},
        {"chunk_size_without_end", chunked(""), std::string(1000, '0'), malformed},
        {"chunk_extension_without_end", chunked("1;"), kilobyte, malformed},
        {"trailers_without_end", chunked("2\r\n{}\r\n0\r\n"), "X: " + kilobyte + "\r\n", malformed},
        {"negative_chunk", chunked("-1\r\nx\r\n0\r\n\r\n"), "", malformed},
        {"chunk_that_lies", chunked("2\r\n{}x\r\n0\r\n\r\n"), "", malformed},
        // Compression
        {"gzip_bomb", sized(gzip_bomb(), "Content-Encoding: gzip\r\n"), "", errc::malformed_response},
        {"deflate", sized("x", "Content-Encoding: deflate\r\n"), "", errc::malformed_response},
        // JSON
        {"arrays_in_arrays", sized(R"({"x":)" + std::string(100'000, '[')), "", errc::nesting_too_deep},
        {"objects_in_objects", sized(R"({"x":)" + repeated(R"({"x":)", 40'000)), "", errc::nesting_too_deep},
        {"lists_in_lists", with_attribute(repeated(R"({"L":[)", 40'000)), "", errc::nesting_too_deep},
        {"maps_in_maps", with_attribute(repeated(R"({"M":{"m":)", 20'000)), "", errc::nesting_too_deep},
        {"value_of_two_types", with_attribute(R"({"S":"a","N":"1"})"), "", errc::malformed_response},
        {"value_of_the_same_type_twice", with_attribute(R"({"S":"a","S":"b"})"), "", errc::malformed_response},
        {"attribute_twice", sized(R"({"Item":{"a":{"S":"x"},"b":{"S":"y"},"a":{"S":"z"}}})"), "",
         errc::malformed_response},
        {"attribute_twice_by_escapes", sized(R"({"Item":{"a":{"S":"x"},"\u0061":{"S":"z"}}})"), "",
         errc::malformed_response},
        {"map_member_twice", with_attribute(R"({"M":{"m":{"N":"1"},"m":{"N":"1"}}})"), "", errc::malformed_response},
        {"a_long_name_twice",
         sized(R"({"Item":{")" + std::string(20'000, 'x') + R"(":{"S":"x"},")" + std::string(20'000, 'x') +
               R"(":{"S":"z"}}})"),
         "", errc::malformed_response},
        {"member_twice", sized(R"({"Item":{"a":{"S":"x"}},"Item":{"a":{"S":"z"}}})"), "", errc::malformed_response},
        {"member_null_and_again", sized(R"({"Item":null,"Item":{"a":{"S":"z"}}})"), "", errc::malformed_response},
        {"member_of_a_structure_twice", sized(R"({"ConsumedCapacity":{"CapacityUnits":1,"CapacityUnits":2}})"), "",
         errc::malformed_response},
        {"name_in_a_map_of_structures_twice",
         sized(R"({"ConsumedCapacity":{"GlobalSecondaryIndexes":{"i":{"CapacityUnits":1},"i":{"CapacityUnits":1}}}})"),
         "", errc::malformed_response},
        {"value_of_no_type", with_attribute("{}"), "", errc::malformed_response},
        {"value_of_an_unknown_type", with_attribute(R"({"SSS":["a"]})"), "", errc::malformed_response},
        {"null_that_is_none", with_attribute(R"({"NULL":false})"), "", errc::malformed_response},
        {"two_documents", sized("{}{}"), "", errc::malformed_response},
        {"array_for_object", sized("[]"), "", errc::malformed_response},
        {"unfinished_text", sized(R"({"Item":{"a":{"S":")" + std::string(100'000, 'x')), "", errc::malformed_response},
        {"byte_order_mark", sized("\xef\xbb\xbf{}"), "", errc::malformed_response},
        {"control_character", with_attribute("{\"S\":\"a\nb\"}"), "", errc::malformed_response},
        {"comment", sized("{}/**/"), "", errc::malformed_response},
        {"trailing_comma", sized(R"({"Item":{},})"), "", errc::malformed_response},
        {"not_a_number", sized(R"({"Count":NaN})"), "", errc::malformed_response},
        // Text
        {"utf8_of_one_byte", with_attribute("{\"S\":\"\xff\"}"), "", errc::malformed_response},
        {"utf8_cut_off", with_attribute("{\"S\":\"\xe2\x82\"}"), "", errc::malformed_response},
        {"utf8_overlong", with_attribute("{\"S\":\"\xc0\xaf\"}"), "", errc::malformed_response},
        {"utf8_surrogate", with_attribute("{\"S\":\"\xed\xa0\x80\"}"), "", errc::malformed_response},
        {"utf8_beyond_unicode", with_attribute("{\"S\":\"\xf5\x80\x80\x80\"}"), "", errc::malformed_response},
        {"lone_surrogate_escape", with_attribute(R"({"S":"\ud800"})"), "", errc::malformed_response},
        {"unknown_escape", with_attribute(R"({"S":"\x41"})"), "", errc::malformed_response},
        {"name_that_is_no_utf8", sized("{\"Item\":{\"\xff\":{\"S\":\"a\"}}}"), "", errc::malformed_response},
        // Numbers and bytes
        {"number_of_40_digits", with_attribute(R"({"N":"1234567890123456789012345678901234567891"})"), "",
         errc::malformed_response},
        {"number_of_a_million_digits", with_attribute(R"({"N":")" + std::string(200'000, '7') + R"("})"), "",
         errc::malformed_response},
        {"number_beyond_the_range", with_attribute(R"({"N":"1e126"})"), "", errc::malformed_response},
        {"number_with_an_exponent_of_20_digits", with_attribute(R"({"N":"1e99999999999999999999"})"), "",
         errc::malformed_response},
        {"number_that_is_none", with_attribute(R"({"N":"0x10"})"), "", errc::malformed_response},
        {"number_that_is_no_text", with_attribute(R"({"N":1})"), "", errc::malformed_response},
        {"bad_base64", with_attribute(R"({"B":"a*=="})"), "", errc::malformed_response},
        {"set_that_is_no_array", with_attribute(R"({"SS":"a"})"), "", errc::malformed_response},
    };
    return all;
}

class each_hostile_answer : public testing::TestWithParam<hostile> {
protected:
    /// Sends the hostile answer to the first request, good ones to those that follow.
    asio::awaitable<void> serve(server_connection& c) {
        for (;;) {
            std::string const request = co_await c.request();
            if (answered_) {
                co_await c.answer(R"({"Item":{"id":{"S":"1"}}})");
                continue;
            }
            answered_ = true;
            std::string const* part = &GetParam().head;
            do {
                co_await asio::async_write(c.socket(), asio::buffer(*part), asio::use_awaitable);
                part = &GetParam().unit;
            } while (!part->empty());
        }
    }
    client_options options() const {
        client_options o;
        o.region = "us-east-1";
        o.endpoint = server.url();
        o.credentials = dynasio::aws::static_credentials(dynasio::aws::credentials("AKIDEXAMPLE", "secret"));
        o.pool.max_head_bytes = head_limit;
        o.pool.max_body_bytes = body_limit;
        o.timeout = std::chrono::seconds(20);
        return o;
    }

    bool answered_ = false;
    asio::io_context ctx;
    scripted_server server{ctx, [this](server_connection& c) { return serve(c); }};
};

TEST_P(each_hostile_answer, is_refused_within_limits_and_the_client_goes_on) {
    client db(ctx, options());
    get_item_request const request("users", item{{"id", "1"}});
    allocation_counter const counter;
    auto const r = dynasio::test::run(ctx, dynasio::as_result(db.get_item(request)));
    auto const allocated = counter.bytes();
    ASSERT_TRUE(r.has_error());
    auto const& f = r.error();
    EXPECT_EQ(f.code, GetParam().code) << f.to_string();
    EXPECT_EQ(f.info->attempts, 1U) << f.to_string();
    EXPECT_LT(f.to_string().size(), 2000U) << "an error does not repeat what it was sent";
    EXPECT_EQ(f.to_string().find_first_of(std::string_view("\0\r\n\xff", 4)), std::string::npos);
    EXPECT_LE(db.connections().bytes_received, GetParam().bytes);
    if (allocation_counter::enabled) {
        // The buffer grows by doubling, so that all it ever had is less than four times what it has to hold.
        EXPECT_LE(allocated, 4 * (head_limit + body_limit) + 256 * 1024);
    }
    EXPECT_EQ(db.connections().open, db.connections().idle);

    auto const after = dynasio::test::run(ctx, dynasio::as_result(db.get_item(request)));
    ASSERT_TRUE(after) << after.error().to_string();
    EXPECT_TRUE(after->item);
}

INSTANTIATE_TEST_SUITE_P(all, each_hostile_answer, testing::ValuesIn(all_hostile()),
                         [](auto const& of) { return std::string(of.param.name); });

} // namespace
