#include <dynasio/http/detail/response_reader.hpp>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace dynasio::http::detail {

response_reader::response_reader(answer_ptr storage, std::size_t max_head_bytes, std::size_t max_body_bytes)
    : storage_(std::move(storage)), chunks_(max_body_bytes), max_head_(max_head_bytes), max_body_(max_body_bytes) {}

std::size_t response_reader::room_wanted() const noexcept {
    // The room is one byte larger than the rest of the body, so that bytes past its end are noticed.
    if (phase_ == phase::sized_body) return body_begin_ + body_size_ - size_ + 1;
    return 4 * 1024; // less would cause many small reads
}

std::span<char> response_reader::prepare() {
    // All received bytes of a chunked body are decoded at this point. The space of the chunk headers is reused, which
    // keeps the storage at the size of the body.
    if (phase_ == phase::chunked_body) parsed_ = size_ = body_begin_ + body_size_;
    auto const wanted = room_wanted();
    if (storage_->bytes.size() - size_ < wanted) grow(wanted);
    return {storage_->bytes.data() + size_, storage_->bytes.size() - size_};
}

void response_reader::grow(std::size_t wanted) {
    if (storage_->bytes.size() < storage_pool::large_size) {
        if (storage_->owner) {
            auto larger = storage_->owner->take_large();
            std::memcpy(larger->bytes.data(), storage_->bytes.data(), size_);
            storage_ = std::move(larger);
            if (storage_->bytes.size() - size_ >= wanted) return;
        }
    }
    // The storage grows by steps, because a peer that only announces a length must not make the client allocate that
    // much memory.
    auto& bytes = storage_->bytes;
    auto const step = std::max({bytes.size() * 4, std::size_t{1024 * 1024}, storage_pool::large_size});
    bytes.resize(phase_ == phase::sized_body ? std::min(size_ + wanted, std::max(step, size_ + 1))
                 : bytes.empty()             ? storage_pool::large_size
                                             : bytes.size() * 2);
}

response_reader::progress response_reader::commit(std::size_t n) {
    if (n == 0) return phase_ == phase::failed ? progress::failed : progress::need_more;
    started_ = true;
    size_ += n;
    switch (phase_) {
    case phase::head:
        return parse_head();
    case phase::sized_body:
    case phase::chunked_body:
    case phase::body_to_end:
        return advance_body();
    case phase::done:
        return progress::done;
    case phase::failed:
        break;
    }
    return progress::failed;
}

response_reader::progress response_reader::commit_eof() {
    if (phase_ == phase::body_to_end) return done(false);
    return fail(transport_errc::connection_lost, !started_ ? "the peer closed the connection without an answer"
                                                 : phase_ == phase::head
                                                     ? "the peer closed the connection within the head of the answer"
                                                     : "the peer closed the connection within the body of the answer");
}

response_reader::progress response_reader::parse_head() {
    for (;;) {
        // Bytes of another protocol (a TLS alert, a banner) are recognised by the first ones.
        constexpr std::string_view prefix = "HTTP/1.";
        auto const begin = std::min(size_ - head_begin_, prefix.size());
        if (std::memcmp(storage_->bytes.data() + head_begin_, prefix.data(), begin) != 0)
            return fail(
                transport_errc::malformed_http,
                "the answer does not begin with HTTP/1.x: look whether the port speaks https or another protocol");
        auto const result = head_.parse({storage_->bytes.data(), size_});
        if (result != head_parser::outcome::done && result != head_parser::outcome::need_more) return fail(result);
        bool const whole = result == head_parser::outcome::done;
        parsed_ = whole ? head_.position() : size_;
        if (head_bytes_ + (parsed_ - head_begin_) > max_head_)
            return fail(transport_errc::response_too_large, "the head of the answer exceeds max_head_bytes");
        if (!whole) return progress::need_more;
        auto const interim = head_.status / 100 == 1;
        if (!interim) return head_done();
        if (head_.status == 101)
            return fail(transport_errc::malformed_http, "the answer switches to a protocol that was not asked for");
        head_bytes_ += parsed_ - head_begin_;
        head_begin_ = parsed_;
        head_ = head_parser(parsed_);
        if (parsed_ == size_) return progress::need_more;
    }
}

response_reader::progress response_reader::head_done() {
    body_begin_ = parsed_;
    // Answers with these statuses never have a body, whatever the headers say (RFC 9112, 6.3).
    if (head_.status == 204 || head_.status == 304) return done(head_.keep_alive());
    if (head_.chunked) {
        phase_ = phase::chunked_body;
    } else if (head_.content_length) {
        if (*head_.content_length > max_body_)
            return fail(transport_errc::response_too_large, "the body of the answer exceeds max_body_bytes");
        body_size_ = static_cast<std::size_t>(*head_.content_length);
        phase_ = phase::sized_body;
    } else {
        phase_ = phase::body_to_end;
    }
    return advance_body();
}

response_reader::progress response_reader::advance_body() {
    switch (phase_) {
    case phase::sized_body:
        if (size_ - body_begin_ < body_size_) return progress::need_more;
        parsed_ = body_begin_ + body_size_;
        return done(head_.keep_alive());
    case phase::body_to_end:
        body_size_ = size_ - body_begin_;
        if (body_size_ > max_body_)
            return fail(transport_errc::response_too_large, "the body of the answer exceeds max_body_bytes");
        return progress::need_more;
    default:
        return parse_chunks();
    }
}

response_reader::progress response_reader::parse_chunks() {
    char* const begin = storage_->bytes.data();
    auto const step = chunks_.decode(begin + parsed_, size_ - parsed_, begin + body_begin_ + body_size_);
    parsed_ += step.read;
    body_size_ += step.written;
    switch (step.result) {
    case chunk_decoder::outcome::need_more:
        return progress::need_more;
    case chunk_decoder::outcome::done:
        return done(head_.keep_alive());
    case chunk_decoder::outcome::too_large:
        return fail(transport_errc::response_too_large, "the body of the answer exceeds max_body_bytes");
    case chunk_decoder::outcome::malformed:
        break;
    }
    return fail(transport_errc::malformed_http, "the answer has an invalid chunk");
}

response_reader::progress response_reader::fail(transport_errc code, char const* reason) noexcept {
    phase_ = phase::failed;
    error_ = code;
    reason_ = reason;
    return progress::failed;
}

response_reader::progress response_reader::fail(head_parser::outcome reason) noexcept {
    using outcome = head_parser::outcome;
    char const* text = "the answer has an invalid header field";
    if (reason == outcome::bad_version) text = "the answer has no HTTP/1.x version";
    if (reason == outcome::bad_status) text = "the answer has no valid status";
    if (reason == outcome::bad_reason) text = "the answer has an invalid reason phrase";
    if (reason == outcome::bad_length) text = "the answer has an invalid or contradictory Content-Length";
    if (reason == outcome::bad_coding) text = "the answer has an unknown or contradictory Transfer-Encoding";
    return fail(transport_errc::malformed_http, text);
}

response_reader::progress response_reader::done(bool reusable) noexcept {
    phase_ = phase::done;
    // Bytes past the end belong to no request. The connection is not reused then, because they would be read as the
    // next answer.
    keep_alive_ = reusable && parsed_ == size_;
    return progress::done;
}

response response_reader::take() noexcept {
    char const* const begin = storage_->bytes.data();
    auto const view = [begin](head_parser::slice s) { return std::string_view(begin + s.offset, s.size); };
    response_head& head = storage_->head;
    head.status = head_.status;
    head.crc32 = head_.crc32;
    head.request_id = view(head_.request_id);
    head.error_type = view(head_.error_type);
    head.retry_after = view(head_.retry_after);
    head.date = view(head_.date);
    head.content_type = view(head_.content_type);
    head.content_encoding = view(head_.content_encoding);
    storage_->body = std::string_view(begin + body_begin_, body_size_);
    return response(std::move(storage_));
}

} // namespace dynasio::http::detail
