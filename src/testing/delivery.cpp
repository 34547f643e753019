#include <dynasio/testing/detail/delivery.hpp>

#include <boost/beast/http/status.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace dynasio::testing::detail {

namespace {

void edit(http_answer& answer, delivery const& how, std::chrono::system_clock::time_point now) {
    if (how.gzip) {
        answer.body = gzip(answer.body);
        answer.set_header("Content-Encoding", "gzip");
        // Like the service, x-amz-crc32 is computed over the bytes as sent.
        if (answer.find_header("x-amz-crc32")) answer.set_crc32();
    }
    if (how.wrong_crc32) answer.set_header("x-amz-crc32", std::to_string(crc32(answer.body) ^ 1U));
    if (how.date_skew) answer.set_header("Date", http_date(now + *how.date_skew));
    for (auto const& [name, value] : how.headers) answer.set_header(name, value);
}

std::string chunk(std::string_view part) {
    std::array<char, 20> size{};
    int const n = std::snprintf(size.data(), size.size(), "%zx\r\n", part.size());
    return std::string(size.data(), static_cast<std::size_t>(n)).append(part).append("\r\n");
}

/// Writes the body in two chunks, so that the client's joining of chunks is tested.
std::string chunked(std::string_view body, bool malformed) {
    auto const half = (body.size() + 1) / 2;
    std::string out;
    if (half > 0) out += chunk(body.substr(0, half));
    if (malformed) return out += "size-of-a-chunk\r\n" + std::string(body.substr(half)) + "\r\n0\r\n\r\n";
    if (half < body.size()) out += chunk(body.substr(half));
    return out += "0\r\n\r\n";
}

std::string head_of(http_answer const& answer, delivery const& how, bool announce_close) {
    auto const reason = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(answer.status));
    std::string out = "HTTP/1.1 " + std::to_string(answer.status) + ' ';
    out += std::string_view(reason.data(), reason.size());
    out += "\r\n";
    for (auto const& [name, value] : answer.headers) out.append(name).append(": ").append(value).append("\r\n");
    if (announce_close) out += "Connection: close\r\n";
    if (answer.status != 204 && answer.status != 304) {
        if (how.content_length)
            out += "Content-Length: " + *how.content_length + "\r\n";
        else if (how.framing == body_framing::sized)
            out += "Content-Length: " + std::to_string(std::max(answer.body.size(), how.missing_bytes)) + "\r\n";
        if (how.framing != body_framing::sized) out += "Transfer-Encoding: chunked\r\n";
    }
    return out += "\r\n";
}

std::string body_of(http_answer const& answer, delivery const& how, bool head_request) {
    if (head_request || answer.status == 204 || answer.status == 304) return {};
    std::string out = how.framing == body_framing::sized
                          ? answer.body
                          : chunked(answer.body, how.framing == body_framing::malformed_chunks);
    out.resize(out.size() - std::min(out.size(), how.missing_bytes));
    return out.append(how.surplus_bytes, ' ');
}

void append_little_endian(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
}

} // namespace

std::string gzip(std::string_view text) {
    std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    constexpr std::size_t largest_stored_block = 0xffff;
    std::string_view left = text;
    do {
        auto const part = left.substr(0, largest_stored_block);
        left.remove_prefix(part.size());
        out += left.empty() ? '\1' : '\0';
        auto const size = static_cast<std::uint32_t>(part.size());
        append_little_endian(out, size, 2);
        append_little_endian(out, ~size, 2);
        out += part;
    } while (!left.empty());
    append_little_endian(out, crc32(text), 4);
    append_little_endian(out, static_cast<std::uint32_t>(text.size()), 4);
    return out;
}

std::string http_date(std::chrono::system_clock::time_point at) {
    using namespace std::chrono;
    // strftime is not used, because it would write names in the program's language.
    constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const whole_seconds = floor<seconds>(at);
    auto const day = floor<std::chrono::days>(whole_seconds);
    year_month_day const date(day);
    hh_mm_ss const time(whole_seconds - day);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT", days[weekday(day).c_encoding()],
                  static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                  static_cast<int>(date.year()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
    return text.data();
}

std::string delivery::describe() const {
    std::string text;
    auto const note = [&](std::string const& what) {
        if (!text.empty()) text += ", ";
        text += what;
    };
    if (gzip) note("gzip");
    if (wrong_crc32) note("wrong x-amz-crc32");
    if (date_skew) note("Date skewed by " + std::to_string(date_skew->count()) + " s");
    if (framing == body_framing::chunked) note("chunked");
    if (framing == body_framing::malformed_chunks) note("malformed chunks");
    if (missing_bytes > 0) note("truncated by " + std::to_string(missing_bytes) + " bytes");
    if (surplus_bytes > 0) note("overlong by " + std::to_string(surplus_bytes) + " bytes");
    if (content_length) note("Content-Length: " + *content_length);
    if (announce_close) note("Connection: close");
    if (closing) note("connection closed after the answer");
    if (cut) {
        note(*cut == cut_point::in_head      ? "cut within the head"
             : *cut == cut_point::after_head ? "cut after the head"
                                             : "cut within the body");
    }
    if (hold_after) note("held after " + std::to_string(*hold_after) + " bytes of the body");
    if (piece > 0) note("in pieces of " + std::to_string(piece) + " bytes");
    for (auto const& [name, value] : headers) note(std::string(name).append(": ").append(value));
    return text;
}

transmission plan(http_answer answer, delivery const& how, request_traits request,
                  std::chrono::system_clock::time_point now) {
    edit(answer, how, now);
    transmission out;
    out.bytes = head_of(answer, how, how.announce_close || !request.keep_alive);
    auto const head_size = out.bytes.size();
    out.bytes += body_of(answer, how, request.head);
    auto const body_size = out.bytes.size() - head_size;
    if (how.piece > 0) {
        out.at_once = head_size;
        out.piece = how.piece;
        out.pause = how.pause;
    }
    out.reset = how.reset;
    if (!request.keep_alive || how.announce_close || how.closing || how.missing_bytes > 0 ||
        how.framing == body_framing::malformed_chunks)
        out.then = transmission::ending::close;
    if (how.cut) {
        out.bytes.resize(*how.cut == cut_point::in_head      ? head_size / 2
                         : *how.cut == cut_point::after_head ? head_size
                                                             : head_size + body_size / 2);
        out.then = transmission::ending::close;
    } else if (how.hold_after) {
        // At least one byte is missing, because a complete answer would not be held.
        out.bytes.resize(std::min(head_size + *how.hold_after, out.bytes.size() - 1));
        out.then = transmission::ending::hold;
    }
    return out;
}

transmission plan_bytes(std::string bytes, delivery const& how) {
    transmission out;
    out.bytes = std::move(bytes);
    out.reset = how.reset;
    out.then = transmission::ending::close;
    return out;
}

transmission plan_endless(endless_part part) {
    constexpr std::size_t piece = 16 * 1024;
    std::string const filler(1000, 'x');
    std::string unit;
    transmission out;
    switch (part) {
    case endless_part::interim_answers:
        unit = "HTTP/1.1 100 Continue\r\n\r\n";
        break;
    case endless_part::headers:
        out.bytes = "HTTP/1.1 200 OK\r\n";
        unit = "X-Filler: " + filler + "\r\n";
        break;
    case endless_part::chunks:
        out.bytes = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nTransfer-Encoding: chunked\r\n\r\n";
        unit = chunk(filler);
        break;
    case endless_part::body:
        out.bytes = "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n\r\n";
        unit = filler;
        break;
    }
    while (out.repeated.size() < piece) out.repeated += unit;
    return out;
}

} // namespace dynasio::testing::detail
