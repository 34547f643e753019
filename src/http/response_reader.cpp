#include <dynasio/http/detail/response_access.hpp>
#include <dynasio/http/detail/response_reader.hpp>
#include <dynasio/http/detail/storage_pool.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>

namespace dynasio::http::detail {

namespace beast = boost::beast;

void head_parser::keep(slice& into, string_view value, error_code& ec) const noexcept {
    // A folded header is put together in a temporary of Beast's. Folding is obsolete; nothing that we read needs it.
    std::less_equal<char const*> const le;
    if (!le(begin_, value.data()) || !le(value.data() + value.size(), end_)) {
        if (!value.empty()) ec = beast::http::error::bad_value;
        return;
    }
    if (into.size == 0) into = {static_cast<std::size_t>(value.data() - begin_), value.size()};
}

void head_parser::on_field_impl(field name, string_view name_string, string_view value, error_code& ec) {
    switch (name) {
    case field::date:
        return keep(date, value, ec);
    case field::content_type:
        return keep(content_type, value, ec);
    case field::content_encoding:
        return keep(content_encoding, value, ec);
    case field::transfer_encoding:
        // Other codings would have to be undone, and a list is how requests are smuggled.
        if (!beast::iequals(value, "chunked")) ec = beast::http::error::bad_transfer_encoding;
        return;
    case field::unknown:
        break;
    default:
        return;
    }
    if (name_string.size() < 10 || (name_string[0] | 0x20) != 'x' || name_string[1] != '-') return;
    switch (name_string.size()) {
    case 11:
        if (beast::iequals(name_string, "x-amz-crc32")) {
            std::uint32_t parsed = 0;
            auto const* const last = value.data() + value.size();
            auto const [end, bad] = std::from_chars(value.data(), last, parsed);
            // Two different sums, or none that can be read: to ignore them would be to skip the check unnoticed.
            if (bad != std::errc() || end != last || value.empty() || (crc32 && *crc32 != parsed))
                ec = beast::http::error::bad_value;
            crc32 = parsed;
        }
        return;
    case 16:
        if (beast::iequals(name_string, "x-amzn-RequestId")) return keep(request_id, value, ec);
        if (beast::iequals(name_string, "X-Amzn-Errortype")) return keep(error_type, value, ec);
        return;
    case 17:
        if (beast::iequals(name_string, "x-amz-retry-after")) return keep(retry_after, value, ec);
        return;
    default:
        return;
    }
}

response_reader::response_reader(std::vector<char> storage, std::size_t max_head_bytes, std::size_t max_body_bytes)
    : storage_(std::move(storage)), parser_(std::in_place), chunks_(max_body_bytes), max_head_(max_head_bytes),
      max_body_(max_body_bytes) {
    // The limits are enforced here, over interim heads too; Beast's are set so that they never come first.
    parser_->header_limit(0xffff'ffffU);
    parser_->body_limit(max_body_);
}

std::size_t response_reader::room_wanted() const noexcept {
    // One more than is due, so that bytes past the end are noticed.
    if (phase_ == phase::sized_body) return body_begin_ + body_size_ - size_ + 1;
    return 4 * 1024; // less would mean many small reads
}

std::span<char> response_reader::prepare() {
    // What has been received of a chunked body is decoded: the gaps that chunk headers leave are used again, which
    // keeps the storage at the size of the body.
    if (phase_ == phase::chunked_body) parsed_ = size_ = body_begin_ + body_size_;
    auto const wanted = room_wanted();
    if (storage_.size() - size_ < wanted) {
        // By steps: an announced length is no reason to take that much memory before anything of it has come.
        auto const step = std::max({storage_.size() * 4, std::size_t{1024 * 1024}, storage_pool::initial_size});
        storage_.resize(phase_ == phase::sized_body ? std::min(size_ + wanted, std::max(step, size_ + 1))
                        : storage_.empty()          ? storage_pool::initial_size
                                                    : storage_.size() * 2);
    }
    return {storage_.data() + size_, storage_.size() - size_};
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
        // Beast waits for the end of a line; what is no HTTP (a TLS alert, another protocol's banner) shows at once.
        constexpr std::string_view prefix = "HTTP/1.";
        auto const begin = std::min(size_ - head_begin_, prefix.size());
        if (std::memcmp(storage_.data() + head_begin_, prefix.data(), begin) != 0)
            return fail(transport_errc::malformed_http,
                        "the answer does not begin with HTTP/1.x: does http meet an https port, or another protocol?");
        parser_->storage(storage_.data(), storage_.data() + size_);
        error_code ec;
        while (!parser_->is_header_done()) {
            parsed_ += parser_->put(boost::asio::const_buffer(storage_.data() + parsed_, size_ - parsed_), ec);
            if (ec) break;
        }
        if (ec && ec != beast::http::error::need_more) return fail(ec);
        auto const head_end = ec ? size_ : parsed_;
        if (head_bytes_ + (head_end - head_begin_) > max_head_)
            return fail(transport_errc::response_too_large, "the head of the answer exceeds max_head_bytes");
        if (ec) return progress::need_more;
        auto const interim = parser_->status / 100 == 1;
        if (!interim) return head_done();
        if (parser_->status == 101)
            return fail(transport_errc::malformed_http, "the answer switches to a protocol that was not asked for");
        head_bytes_ += parsed_ - head_begin_;
        head_begin_ = parsed_;
        parser_.emplace();
        parser_->header_limit(0xffff'ffffU);
        parser_->body_limit(max_body_);
        if (parsed_ == size_) return progress::need_more;
    }
}

response_reader::progress response_reader::head_done() {
    body_begin_ = parsed_;
    if (parser_->is_done()) return done(parser_->keep_alive());
    if (parser_->chunked()) {
        phase_ = phase::chunked_body;
    } else if (auto const length = parser_->content_length()) {
        body_size_ = static_cast<std::size_t>(*length); // Beast has compared it with the limit
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
        return done(parser_->keep_alive());
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
    char* const begin = storage_.data();
    auto const step = chunks_.decode(begin + parsed_, size_ - parsed_, begin + body_begin_ + body_size_);
    parsed_ += step.read;
    body_size_ += step.written;
    switch (step.result) {
    case chunk_decoder::outcome::need_more:
        return progress::need_more;
    case chunk_decoder::outcome::done:
        return done(parser_->keep_alive());
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

response_reader::progress response_reader::fail(boost::system::error_code const& beast) noexcept {
    using e = boost::beast::http::error;
    if (beast == e::body_limit)
        return fail(transport_errc::response_too_large, "the body of the answer exceeds max_body_bytes");
    if (beast == e::bad_version) return fail(transport_errc::malformed_http, "the answer has no HTTP/1.x version");
    if (beast == e::bad_status) return fail(transport_errc::malformed_http, "the answer has no valid status");
    if (beast == e::bad_reason) return fail(transport_errc::malformed_http, "the answer has an invalid reason phrase");
    if (beast == e::bad_content_length || beast == e::multiple_content_length)
        return fail(transport_errc::malformed_http, "the answer has an invalid or contradictory Content-Length");
    if (beast == e::bad_transfer_encoding)
        return fail(transport_errc::malformed_http, "the answer has an unknown or contradictory Transfer-Encoding");
    return fail(transport_errc::malformed_http, "the answer has an invalid header field");
}

response_reader::progress response_reader::done(bool reusable) noexcept {
    phase_ = phase::done;
    // Bytes past the end answer nothing that was asked: whatever they are, the next answer would be misread.
    keep_alive_ = reusable && parsed_ == size_;
    return progress::done;
}

response response_reader::take(std::weak_ptr<storage_pool> owner) noexcept {
    auto const view = [this](head_parser::slice s) { return std::string_view(storage_.data() + s.offset, s.size); };
    response_head head;
    head.status = parser_->status;
    head.crc32 = parser_->crc32;
    head.request_id = view(parser_->request_id);
    head.error_type = view(parser_->error_type);
    head.retry_after = view(parser_->retry_after);
    head.date = view(parser_->date);
    head.content_type = view(parser_->content_type);
    head.content_encoding = view(parser_->content_encoding);
    std::string_view const body(storage_.data() + body_begin_, body_size_);
    return response_access::make(head, body, std::move(storage_), std::move(owner));
}

} // namespace dynasio::http::detail
