#ifndef DYNASIO_TESTS_SUPPORT_REFERENCE_HEAD_HPP
#define DYNASIO_TESTS_SUPPORT_REFERENCE_HEAD_HPP

#include <dynasio/http/detail/head_parser.hpp>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

// Heads of answers as Beast's parser understands them, for comparison with ours.
namespace dynasio::test {

using http::detail::head_parser;

/// What both parsers are asked for.
struct understood {
    bool complete = false;
    bool refused = false;
    std::size_t size = 0;
    unsigned status = 0;
    bool chunked = false;
    bool keep_alive = false;
    std::optional<std::uint64_t> length{};
    std::optional<std::uint32_t> crc32{};
    std::map<std::string, std::string> kept{};

    bool operator==(understood const&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, understood const& u) {
    out << (u.refused    ? "refused"
            : u.complete ? "complete"
                         : "incomplete")
        << " size " << u.size << " status " << u.status << " chunked " << u.chunked << " keep_alive " << u.keep_alive
        << " length " << (u.length ? std::to_string(*u.length) : "-") << " crc "
        << (u.crc32 ? std::to_string(*u.crc32) : "-");
    for (auto const& [name, value] : u.kept) out << ' ' << name << '=' << value;
    return out;
}

/// Beast's parser, and our rules for the headers that are read.
class reference_head final : public boost::beast::http::basic_parser<false> {
public:
    explicit reference_head(std::string_view text) {
        header_limit(0xffff'ffffU);
        body_limit(boost::none);
        boost::beast::error_code ec;
        begin_ = text.data();
        end_ = begin_ + text.size();
        std::size_t used = 0;
        while (!is_header_done()) {
            used += put(boost::asio::const_buffer(text.data() + used, text.size() - used), ec);
            if (ec) break;
        }
        result.refused = ec && ec != boost::beast::http::error::need_more;
        result.complete = !ec;
        if (!result.complete) {
            bool const refused = result.refused;
            result = understood();
            result.refused = refused;
            return;
        }
        result.size = used;
        result.chunked = chunked();
        if (has_length_) result.length = length_;
        result.keep_alive = keep_alive();
    }

    understood result;

private:
    using string_view = boost::beast::string_view;
    void keep(char const* name, string_view value, boost::beast::error_code& ec) {
        if (value.empty()) return;
        if (value.data() < begin_ || value.data() + value.size() > end_) {
            ec = boost::beast::http::error::bad_value;
            return;
        }
        auto& slot = result.kept[name];
        if (slot.empty()) slot.assign(value.data(), value.size());
    }
    void on_field_impl(boost::beast::http::field name, string_view name_string, string_view value,
                       boost::beast::error_code& ec) override {
        using boost::beast::http::field;
        if (name == field::date) return keep("date", value, ec);
        if (name == field::content_type) return keep("content_type", value, ec);
        if (name == field::content_encoding) return keep("content_encoding", value, ec);
        if (boost::beast::iequals(name_string, "x-amzn-requestid")) return keep("request_id", value, ec);
        if (boost::beast::iequals(name_string, "x-amzn-errortype")) return keep("error_type", value, ec);
        if (boost::beast::iequals(name_string, "x-amz-retry-after")) return keep("retry_after", value, ec);
        if (name == field::transfer_encoding && !boost::beast::iequals(value, "chunked"))
            ec = boost::beast::http::error::bad_transfer_encoding;
        if (name == field::content_length) {
            // Beast does not show the number of an answer that has no body.
            auto const first = value.substr(0, value.find_first_of(", \t"));
            has_length_ = std::from_chars(first.data(), first.data() + first.size(), length_).ec == std::errc();
        }
        if (!boost::beast::iequals(name_string, "x-amz-crc32")) return;
        std::uint32_t parsed = 0;
        auto const* const last = value.data() + value.size();
        auto const [end, bad] = std::from_chars(value.data(), last, parsed);
        if (bad != std::errc() || end != last || (result.crc32 && *result.crc32 != parsed))
            ec = boost::beast::http::error::bad_value;
        result.crc32 = parsed;
    }
    void on_response_impl(int code, string_view, int, boost::beast::error_code&) override {
        result.status = static_cast<unsigned>(code);
    }
    void on_request_impl(boost::beast::http::verb, string_view, string_view, int, boost::beast::error_code&) override {}
    void on_header_impl(boost::beast::error_code&) override {}
    void on_body_init_impl(boost::optional<std::uint64_t> const&, boost::beast::error_code&) override {}
    std::size_t on_body_impl(string_view body, boost::beast::error_code&) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t, string_view, boost::beast::error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, boost::beast::error_code&) override {
        return body.size();
    }
    void on_finish_impl(boost::beast::error_code&) override {}

    char const* begin_ = nullptr;
    char const* end_ = nullptr;
    bool has_length_ = false;
    std::uint64_t length_ = 0;
};

/// The same by ours; `step` bytes more are shown each time.
inline understood parse_head(std::string_view text, std::size_t step) {
    understood result;
    head_parser parser;
    using outcome = head_parser::outcome;
    outcome o = outcome::need_more;
    for (std::size_t n = std::min(step, text.size());; n = std::min(n + step, text.size())) {
        // Of its own size: the address sanitizer sees a byte read behind it.
        std::string const part(text.substr(0, n));
        o = parser.parse(part);
        if (o != outcome::need_more || n == text.size()) break;
    }
    result.refused = o != outcome::done && o != outcome::need_more;
    result.complete = o == outcome::done;
    if (!result.complete) return result;
    result.size = parser.position();
    result.status = parser.status;
    result.chunked = parser.chunked;
    // Beast answers for the body too, whose end is the end of the connection when the head says nothing.
    bool const to_end = !parser.chunked && !parser.content_length && parser.status / 100 != 1 && parser.status != 204 &&
                        parser.status != 304;
    result.keep_alive = parser.keep_alive() && !to_end;
    result.length = parser.content_length;
    result.crc32 = parser.crc32;
    auto const keep = [&](char const* name, head_parser::slice s) {
        if (s.size != 0) result.kept[name] = std::string(text.substr(s.offset, s.size));
    };
    keep("date", parser.date);
    keep("content_type", parser.content_type);
    keep("content_encoding", parser.content_encoding);
    keep("request_id", parser.request_id);
    keep("error_type", parser.error_type);
    keep("retry_after", parser.retry_after);
    return result;
}

/// A line that begins with a blank goes on with the one before.
inline bool has_fold(std::string_view text) {
    return text.find("\r\n ") != std::string_view::npos || text.find("\r\n\t") != std::string_view::npos;
}

} // namespace dynasio::test

#endif
