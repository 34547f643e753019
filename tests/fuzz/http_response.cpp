// Answers of a peer, in one piece and in pieces of any size: both are understood alike, within the limits.

#include <dynasio/http/detail/response_reader.hpp>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "fuzz.hpp"

namespace {

using namespace dynasio;
using http::detail::response_reader;
using progress = response_reader::progress;

constexpr std::size_t max_head = 1024;
constexpr std::size_t max_body = 4096;

struct outcome {
    progress state = progress::need_more;
    error_code error{};
    bool keep_alive = false;
    std::size_t unread = 0;
    http::response answer{};
};

template <class Step> outcome feed(std::string_view text, std::size_t storage, Step next_step) {
    http::detail::answer_ptr bytes(new http::detail::answer_storage);
    bytes->bytes.resize(storage);
    response_reader reader(std::move(bytes), max_head, max_body);
    outcome result;
    while (!text.empty() && result.state == progress::need_more) {
        auto const room = reader.prepare();
        fuzz::require(!room.empty(), "there is room for what comes next");
        fuzz::require(room.size() <= std::size_t{2} * 1024 * 1024, "no more memory than the limits need");
        auto const n = std::min({room.size(), next_step(), text.size()});
        std::memcpy(room.data(), text.data(), n);
        text.remove_prefix(n);
        result.state = reader.commit(n);
    }
    if (result.state == progress::need_more) result.state = reader.commit_eof();
    result.unread = text.size();
    fuzz::require(result.state != progress::need_more, "the end of the connection ends the answer");
    if (result.state == progress::failed) {
        result.error = reader.error();
        fuzz::require(result.error == transport_errc::malformed_http ||
                          result.error == transport_errc::response_too_large ||
                          result.error == transport_errc::connection_lost,
                      "a failure is one of the documented ones");
        fuzz::require(*reader.reason() != '\0', "a failure has a reason");
    } else {
        result.keep_alive = reader.keep_alive();
        result.answer = reader.take();
        fuzz::require(result.answer.body().size() <= max_body, "the body keeps its limit");
    }
    return result;
}

void compare(outcome const& whole, outcome const& pieces) {
    fuzz::require(whole.state == pieces.state, "pieces are taken or refused as the whole is");
    // Not the error: of an answer that has several faults, pieces may show another one first.
    if (whole.state != progress::done) return;
    auto const& a = whole.answer.head();
    auto const& b = pieces.answer.head();
    fuzz::require(a.status == b.status && a.crc32 == b.crc32 && a.request_id == b.request_id &&
                      a.error_type == b.error_type && a.retry_after == b.retry_after && a.date == b.date &&
                      a.content_type == b.content_type && a.content_encoding == b.content_encoding,
                  "the head is the same");
    fuzz::require(whole.answer.body() == pieces.answer.body(), "the body is the same");
    // What comes behind the answer may not have been received yet.
    if (pieces.unread == 0) fuzz::require(whole.keep_alive == pieces.keep_alive, "the connection's fate is the same");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    // The bytes at the end, backwards, are the sizes of the pieces: so seeds are plain answers.
    auto const text = fuzz::text_of(data, size);
    auto const whole = feed(text, 64 * 1024, [] { return std::string_view::npos; });
    std::size_t at = 0;
    compare(whole, feed(text, 1, [&] { return std::size_t{data[size - 1 - at++ % size]} % 32 + 1; }));
    compare(whole, feed(text, 64, [] { return std::size_t{1}; }));
    return 0;
}
