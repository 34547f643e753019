#include <dynasio/http/detail/head_parser.hpp>

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <system_error>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "../core/ascii.hpp"
#include "field_grammar.hpp"

namespace dynasio::http::detail {

enum class head_parser::field : unsigned char {
    other,
    connection,
    content_encoding,
    content_length,
    content_type,
    crc32,
    date,
    error_type,
    request_id,
    retry_after,
    transfer_encoding,
};

namespace {

using dynasio::detail::is_blank;
using dynasio::detail::is_digit;
using dynasio::detail::is_equal_but_case;

/// The first byte in [at, end) that is not text in the sense of is_text(), else `end`.
char const* skip_text(char const* at, char const* end) noexcept {
#if defined(__SSE2__)
    while (end - at >= 16) {
        auto const bytes = _mm_loadu_si128(static_cast<__m128i const*>(static_cast<void const*>(at)));
        auto const control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
        auto const tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
        auto const del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
        auto const found = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, control), del)));
        if (found != 0) return at + std::countr_zero(found);
        at += 16;
    }
#endif
    while (at != end && is_text(*at)) ++at;
    return at;
}

/// Length of the name at `name`, if the ':' that ends it is among the next 17 bytes and no blank or control character
/// is before it; else 0. Blanks and control characters are excluded because setting the lower-case bit could turn them
/// into characters of a known name.
std::size_t short_name(char const* name, char const* end) noexcept {
#if defined(__SSE2__)
    constexpr std::size_t width = 16;
    if (static_cast<std::size_t>(end - name) <= width) return 0;
    auto const bytes = _mm_loadu_si128(static_cast<__m128i const*>(static_cast<void const*>(name)));
    auto const colons = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(':'))));
    auto const low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x20)), bytes);
    auto const controls = static_cast<unsigned>(_mm_movemask_epi8(low));
    auto const size = static_cast<std::size_t>(std::countr_zero(colons | (1U << width)));
    bool const ends = size != width || name[width] == ':';
    return ends && (controls & ((1U << size) - 1)) == 0 ? size : 0;
#else
    static_cast<void>(name);
    static_cast<void>(end);
    return 0;
#endif
}

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

constexpr std::uint64_t lower_bits = 0x2020202020202020;

template <class Integer> Integer load(char const* at) noexcept {
    Integer value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

/// Whether `name`, which has the length of `lower`, equals it when case is ignored. `lower` is in lower case and has 8
/// to 16 characters. Precondition: `name` has no control characters. Setting the lower-case bit then turns only letters
/// into letters, and nothing else into a letter, digit or '-'.
bool is_long_name(char const* name, std::string_view lower) noexcept {
    auto const last = lower.size() - 8;
    auto const* const to = lower.data();
    auto const first_differs = (load<std::uint64_t>(name) | lower_bits) ^ load<std::uint64_t>(to);
    auto const last_differs = (load<std::uint64_t>(name + last) | lower_bits) ^ load<std::uint64_t>(to + last);
    return (first_differs | last_differs) == 0;
}

} // namespace

head_parser::field head_parser::field_of(char const* name, std::size_t size) noexcept {
    switch (size) {
    case 4:
        return (load<std::uint32_t>(name) | static_cast<std::uint32_t>(lower_bits)) == load<std::uint32_t>("date")
                   ? field::date
                   : field::other;
    case 10:
        return is_long_name(name, "connection") ? field::connection : field::other;
    case 11:
        return is_long_name(name, "x-amz-crc32") ? field::crc32 : field::other;
    case 12:
        return is_long_name(name, "content-type") ? field::content_type : field::other;
    case 14:
        return is_long_name(name, "content-length") ? field::content_length : field::other;
    case 16:
        if (is_long_name(name, "x-amzn-requestid")) return field::request_id;
        if (is_long_name(name, "x-amzn-errortype")) return field::error_type;
        if (is_long_name(name, "content-encoding")) return field::content_encoding;
        // Some proxies send Proxy-Connection in place of Connection.
        if (is_long_name(name, "proxy-connection")) return field::connection;
        return field::other;
    case 17:
        if ((name[0] | 0x20) == 't' && is_long_name(name + 1, "ransfer-encoding")) return field::transfer_encoding;
        if ((name[0] | 0x20) == 'x' && is_long_name(name + 1, "-amz-retry-after")) return field::retry_after;
        return field::other;
    default:
        return field::other;
    }
}

head_parser::outcome head_parser::parse(std::string_view text) noexcept {
    if (!in_fields_) {
        auto const result = parse_status_line(text);
        if (result != outcome::done) return result;
        in_fields_ = true;
    }
    char const* const begin = text.data();
    char const* const end = begin + text.size();
    for (;;) {
        char const* const name = begin + position_;
        if (end - name < 2) return outcome::need_more;
        if (*name == '\r') {
            if (name[1] != '\n') return outcome::bad_field;
            position_ += 2;
            return outcome::done;
        }
        // A known name is recognised by its length first, without checking each character for being a token.
        char const* at = name + short_name(name, end);
        auto which = at != name ? field_of(name, static_cast<std::size_t>(at - name)) : field::other;
        if (which == field::other) {
            at = name;
            while (at != end && is_token(*at)) ++at;
            if (at == end) return outcome::need_more;
            if (*at != ':' || at == name) return outcome::bad_field;
            which = field_of(name, static_cast<std::size_t>(at - name));
        }
        char const* const value = at + 1;
        at = value;
        for (;;) {
            at = skip_text(at, end);
            if (at == end) return outcome::need_more;
            if (*at != '\r') return outcome::bad_field;
            if (end - at < 2) return outcome::need_more;
            if (at[1] != '\n') return outcome::bad_field;
            // The first byte of the next line tells whether that line continues this one (a folded line).
            if (end - at < 3) return outcome::need_more;
            if (!is_blank(at[2])) [[likely]]
                break;
            if (which != field::other) return outcome::bad_field;
            at += 2;
        }
        if (which != field::other) {
            auto const size = static_cast<std::size_t>(at - value);
            auto const result = take(which, text, trimmed({value, size}));
            if (result != outcome::done) return result;
        }
        position_ = static_cast<std::size_t>(at + 2 - begin);
    }
}

head_parser::outcome head_parser::parse_status_line(std::string_view text) noexcept {
    auto const line = text.substr(position_);
    // The status line is "HTTP/1.1 200 OK". The bytes received so far are checked at once, so that other protocols fail
    // early.
    constexpr std::string_view prefix = "HTTP/1.";
    constexpr std::size_t status_begin = prefix.size() + 2;
    constexpr std::size_t reason_begin = status_begin + 4;
    auto const has = [&line](std::size_t i) { return i < line.size(); };
    if (line.substr(0, prefix.size()) != prefix.substr(0, line.size())) return outcome::bad_version;
    if (has(prefix.size()) && line[prefix.size()] != '0' && line[prefix.size()] != '1') return outcome::bad_version;
    if (has(prefix.size() + 1) && line[prefix.size() + 1] != ' ') return outcome::bad_version;
    for (std::size_t i = status_begin; i != reason_begin && has(i); ++i) {
        if (i + 1 == reason_begin ? line[i] != ' ' : !is_digit(line[i])) return outcome::bad_status;
    }
    if (line.size() < reason_begin) return outcome::need_more;
    char const* const end = line.data() + line.size();
    char const* const at = skip_text(line.data() + reason_begin, end);
    if (at == end) return outcome::need_more;
    if (*at != '\r') return outcome::bad_reason;
    if (end - at < 2) return outcome::need_more;
    if (at[1] != '\n') return outcome::bad_reason;
    http_1_1_ = line[prefix.size()] == '1';
    auto const digit = [&line](std::size_t i) { return static_cast<unsigned>(line[status_begin + i] - '0'); };
    status = digit(0) * 100 + digit(1) * 10 + digit(2);
    position_ = static_cast<std::size_t>(at + 2 - text.data());
    return outcome::done;
}

head_parser::outcome head_parser::take(field which, std::string_view text, std::string_view value) noexcept {
    auto const keep = [&](slice& into) {
        if (into.size == 0) into = {static_cast<std::size_t>(value.data() - text.data()), value.size()};
        return outcome::done;
    };
    switch (which) {
    case field::date:
        return keep(date);
    case field::content_type:
        return keep(content_type);
    case field::content_encoding:
        return keep(content_encoding);
    case field::request_id:
        return keep(request_id);
    case field::error_type:
        return keep(error_type);
    case field::retry_after:
        return keep(retry_after);
    case field::content_length:
        return take_length(value);
    case field::crc32:
        return take_checksum(value);
    case field::connection:
        return take_connection(value);
    case field::transfer_encoding:
        // Other codings are refused because they would have to be decoded, and lists because they are a means of
        // request smuggling.
        if (chunked || content_length || !is_equal_but_case(value, "chunked")) return outcome::bad_coding;
        chunked = true;
        return outcome::done;
    case field::other:
        break;
    }
    return outcome::done;
}

/// Reads Content-Length: one number, or a list that repeats the same number.
head_parser::outcome head_parser::take_length(std::string_view value) noexcept {
    if (chunked) return outcome::bad_length;
    for (;;) {
        auto const comma = value.find(',');
        auto const one = trimmed(value.substr(0, comma));
        std::uint64_t parsed = 0;
        for (char const c : one) {
            auto const digit = static_cast<std::uint64_t>(static_cast<unsigned char>(c)) - '0';
            constexpr auto max = std::numeric_limits<std::uint64_t>::max();
            if (digit > 9 || parsed > max / 10 || parsed * 10 > max - digit) return outcome::bad_length;
            parsed = parsed * 10 + digit;
        }
        if (one.empty() || (content_length && *content_length != parsed)) return outcome::bad_length;
        content_length = parsed;
        if (comma == std::string_view::npos) return outcome::done;
        value.remove_prefix(comma + 1);
    }
}

head_parser::outcome head_parser::take_connection(std::string_view value) noexcept {
    for (;;) {
        auto const comma = value.find(',');
        auto const option = trimmed(value.substr(0, comma));
        for (char const c : option)
            if (!is_token(c)) return outcome::bad_field;
        if (is_equal_but_case(option, "close")) close_ = true;
        if (is_equal_but_case(option, "keep-alive")) keep_alive_ = true;
        if (comma == std::string_view::npos) return outcome::done;
        value.remove_prefix(comma + 1);
    }
}

head_parser::outcome head_parser::take_checksum(std::string_view value) noexcept {
    std::uint32_t parsed = 0;
    auto const* const last = value.data() + value.size();
    auto const [end, bad] = std::from_chars(value.data(), last, parsed);
    // Two different checksums, or one that cannot be read, are an error: ignoring them would silently skip the check.
    if (bad != std::errc() || end != last || value.empty() || (crc32 && *crc32 != parsed)) return outcome::bad_field;
    crc32 = parsed;
    return outcome::done;
}

} // namespace dynasio::http::detail
