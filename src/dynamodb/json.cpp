#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <array>
#include <vector>

#include "../core/ascii.hpp"
#include "../core/json_escape.hpp"
#include "../core/utf8.hpp"

namespace dynasio::dynamodb {
namespace {

using dynasio::detail::is_digit;

// Boost.JSON refuses exponents that overflow an int. A limit of digits needs no arithmetic, and no number that DynamoDB
// stores has so many.
constexpr std::size_t max_exponent_digits = 9;

bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

char const* skip_digits(char const* at, char const* end) noexcept {
    while (at != end && is_digit(*at)) ++at;
    return at;
}

/// Which of the containers around a position are objects, innermost last: one bit each.
class container_stack {
public:
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] bool in_object() const noexcept { return (bits_ & 1) != 0; }
    void push(bool object) {
        if (size_ != 0 && size_ % 64 == 0) outer_.push_back(bits_);
        bits_ = (bits_ << 1) | (object ? 1 : 0);
        ++size_;
    }
    void pop() {
        --size_;
        bits_ >>= 1;
        if (size_ == 0 || size_ % 64 != 0) return;
        bits_ = outer_.back();
        outer_.pop_back();
    }

private:
    std::uint64_t bits_ = 0; // Up to 64 innermost containers; the others are in outer_.
    std::size_t size_ = 0;
    std::vector<std::uint64_t> outer_;
};

} // namespace

std::string_view to_string(attribute_type type) noexcept {
    switch (type) {
    case attribute_type::string:
        return "S";
    case attribute_type::number:
        return "N";
    case attribute_type::binary:
        return "B";
    case attribute_type::boolean:
        return "BOOL";
    case attribute_type::null:
        return "NULL";
    case attribute_type::list:
        return "L";
    case attribute_type::map:
        return "M";
    case attribute_type::string_set:
        return "SS";
    case attribute_type::number_set:
        return "NS";
    case attribute_type::binary_set:
        return "BS";
    }
    return {};
}

void json_reader::fail(char const* what) const {
    throw_error(errc::malformed_response,
                std::string(what) + " at byte " + std::to_string(position()) + " of the JSON");
}

void json_reader::fail_repeated(std::string_view name) const {
    // The name is the sender's text of any length, so it comes last, where a long message is cut.
    throw_error(errc::malformed_response, "an object has a name twice at byte " + std::to_string(position()) +
                                              " of the JSON: " + std::string(name));
}

void json_reader::fail_at(char const* at, char const* what) {
    at_ = at;
    fail(what);
}

void json_reader::fail_expected(char c) const {
    if (at_ == end_) fail("unexpected end of text");
    char const what[] = {'e', 'x', 'p', 'e', 'c', 't', 'e', 'd', ' ', '\'', c, '\'', '\0'};
    fail(what);
}

void json_reader::fail_depth() const {
    throw_error(errc::nesting_too_deep, "more than " + std::to_string(max_depth_) + " levels at byte " +
                                            std::to_string(position()) + " of the JSON");
}

void json_reader::skip_more_space() noexcept {
    while (at_ != end_ && is_space(*at_)) ++at_;
}

void json_reader::expect_after_space(char c) {
    skip_more_space();
    if (at_ == end_ || *at_ != c) fail_expected(c);
    ++at_;
}

json_reader::kind json_reader::peek() {
    switch (next_byte()) {
    case '{':
        return kind::object;
    case '[':
        return kind::array;
    case '"':
        return kind::string;
    case 't':
    case 'f':
        return kind::boolean;
    case 'n':
        return kind::null;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return kind::number;
    default:
        fail("expected a value");
    }
}

bool json_reader::next_any_member(std::string_view& name) {
    auto const next = next_byte();
    if (next == '}') {
        leave();
        return false;
    }
    if (!first_) {
        if (next != ',') fail("expected ',' or '}'");
        ++at_;
    }
    first_ = false;
    name = read_string();
    expect(':');
    return true;
}

std::size_t json_reader::guess_elements() const noexcept {
    constexpr std::ptrdiff_t near = 512;
    std::size_t count = 0;
    auto const* at = at_;
    auto const* const stop = end_ - at_ < near ? end_ : at_ + near;
#if defined(__SSE2__)
    while (stop - at >= 16) {
        auto const bytes = _mm_loadu_si128(static_cast<__m128i const*>(static_cast<void const*>(at)));
        auto const found = [&bytes](char c) {
            return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))));
        };
        unsigned const ends = found(']');
        // Counts only the braces before the first closing bracket.
        for (unsigned begins = found('{') & (ends - 1) & ~ends; begins != 0; begins &= begins - 1) ++count;
        if (ends != 0) return count;
        at += 16;
    }
#endif
    for (; at != stop && *at != ']'; ++at) count += *at == '{';
    return count;
}

std::string_view json_reader::read_any_string() {
    expect('"');
    return scan_string<true>(at_, at_);
}

std::string_view json_reader::read_long_string(char const* start, char const* stop) {
    return scan_string<true>(start, stop);
}

void json_reader::skip_string() {
    expect('"');
    if (static_cast<std::size_t>(end_ - at_) > 2 * detail::scan_width) {
        auto const size = detail::plain_prefix_wide(at_);
        if (at_[size] == '"') {
            at_ += size + 1;
            return;
        }
    }
    scan_string<false>(at_, at_);
}

/// Reads a string whose text begins at `start` and is plain up to `stop`. If Keep is false, only the form is checked.
template <bool Keep> std::string_view json_reader::scan_string(char const* start, char const* stop) {
    auto const* at = stop;
    auto const* run = start; // Text from here on has not been copied to unescaped_.
    bool escaped = false;
    for (;;) {
        at = detail::skip_plain(at, end_);
        if (at == end_) fail_at(at, "unexpected end of text");
        auto const c = *at;
        if (c == '"') break;
        if (c == '\\') {
            auto const escape = dynasio::detail::read_json_escape(at + 1, end_);
            if (escape.next == nullptr) fail_at(escape.fault_at, escape.fault);
            if constexpr (Keep) {
                if (!escaped) unescaped_.clear();
                escaped = true;
                if (escape.code_point < 0x80) {
                    // With the backslash, whose place the character takes: one append for each escape.
                    unescaped_.append(run, at + 1);
                    unescaped_.back() = static_cast<char>(escape.code_point);
                } else {
                    unescaped_.append(run, at);
                    dynasio::detail::append_utf8(unescaped_, escape.code_point);
                }
            }
            at = escape.next;
            run = at;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            fail_at(at, "control character in a string");
        } else {
            auto const* const after = dynasio::detail::skip_non_ascii(at, end_);
            if (after == nullptr) fail_at(at, "invalid UTF-8");
            at = after;
        }
    }
    at_ = at + 1;
    if (!escaped) return {start, static_cast<std::size_t>(at - start)};
    unescaped_.append(run, at);
    return unescaped_;
}

std::string_view json_reader::read_number() {
    skip_space();
    auto const* const start = at_;
    auto const* at = at_;
    if (at != end_ && *at == '-') ++at;
    if (at == end_ || !is_digit(*at)) fail_at(at, "expected a value");
    at = *at == '0' ? at + 1 : skip_digits(at, end_);
    if (at != end_ && *at == '.') {
        auto const* const fraction = at + 1;
        at = skip_digits(fraction, end_);
        if (at == fraction) fail_at(at, "expected a digit");
    }
    if (at != end_ && (*at == 'e' || *at == 'E')) {
        ++at;
        if (at != end_ && (*at == '+' || *at == '-')) ++at;
        auto const* exponent = at;
        at = skip_digits(at, end_);
        if (at == exponent) fail_at(at, "expected a digit");
        while (exponent != at && *exponent == '0') ++exponent;
        if (static_cast<std::size_t>(at - exponent) > max_exponent_digits) fail_at(exponent, "exponent out of range");
    }
    at_ = at;
    return {start, static_cast<std::size_t>(at - start)};
}

void json_reader::read_literal(std::string_view text) {
    skip_space();
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(text)) fail("expected a value");
    at_ += text.size();
}

bool json_reader::read_bool() {
    auto const next = next_byte();
    if (next != 't' && next != 'f') fail("expected true or false");
    auto const value = next == 't';
    read_literal(value ? "true" : "false");
    return value;
}

void json_reader::read_null() {
    if (next_byte() != 'n') fail("expected null");
    read_literal("null");
}

bool json_reader::read_if_null() {
    if (next_byte() != 'n') return false;
    read_literal("null");
    return true;
}

std::string_view json_reader::skip_value() {
    skip_space();
    auto const* const start = at_;
    container_stack open;
    for (;;) {
        switch (next_byte()) {
        case '{':
            enter_object();
            if (next_byte() == '}') {
                leave();
                break;
            }
            open.push(true);
            skip_string();
            expect(':');
            continue;
        case '[':
            enter_array();
            if (next_byte() == ']') {
                leave();
                break;
            }
            open.push(false);
            continue;
        case '"':
            skip_string();
            break;
        case 't':
            read_literal("true");
            break;
        case 'f':
            read_literal("false");
            break;
        case 'n':
            read_literal("null");
            break;
        default:
            static_cast<void>(read_number());
            break;
        }
        while (!open.empty() && next_byte() == (open.in_object() ? '}' : ']')) {
            leave();
            open.pop();
        }
        if (open.empty()) {
            first_ = false;
            return {start, static_cast<std::size_t>(at_ - start)};
        }
        if (*at_ != ',') fail(open.in_object() ? "expected ',' or '}'" : "expected ',' or ']'");
        ++at_;
        if (open.in_object()) {
            skip_string();
            expect(':');
        }
    }
}

void json_reader::finish() {
    skip_space();
    if (at_ != end_) fail("text after the end");
    if (depth_ != 0) fail("unexpected end of text");
}

attribute_type json_reader::open_other_attribute() {
    if (end_ - at_ >= 8 && depth_ != max_depth_) {
        auto const text = detail::load<std::uint64_t>(at_);
        auto const boolean = text == detail::word('{', '"', 'B', 'O', 'O', 'L', '"', ':');
        if (boolean || text == detail::word('{', '"', 'N', 'U', 'L', 'L', '"', ':')) {
            at_ += 8;
            ++depth_;
            return boolean ? attribute_type::boolean : attribute_type::null;
        }
    }
    expect('{');
    descend();
    if (next_byte() == '}') fail("an attribute value without a type");
    auto const* const begin = at_;
    auto const tag = read_string();
    expect(':');
    for (auto type : {attribute_type::boolean, attribute_type::null, attribute_type::string, attribute_type::number,
                      attribute_type::map, attribute_type::list, attribute_type::binary, attribute_type::string_set,
                      attribute_type::number_set, attribute_type::binary_set}) {
        if (tag == to_string(type)) return type;
    }
    fail_at(begin, "unknown type of an attribute value");
}

void append_json_string(std::string& out, std::string_view text) {
    auto const size_before = out.size();
    if (detail::is_all_plain(text)) [[likely]] {
        out.append(text.size() + 2, '"');
        text.copy(out.data() + size_before + 1, text.size()); // memcpy must not get a null pointer, whatever the size
        return;
    }
    auto const* at = text.data();
    auto const* const end = at + text.size();
    out.push_back('"');
    for (;;) {
        auto const* const run = at;
        at = detail::skip_plain(at, end);
        if (at != end && static_cast<unsigned char>(*at) >= 0x80) {
            at = dynasio::detail::skip_non_ascii(at, end);
            if (at == nullptr) {
                out.resize(size_before);
                throw_error(errc::invalid_argument,
                            "text that is not UTF-8 cannot be stored: encode it, or store it as binary");
            }
        }
        out.append(run, at);
        if (at == end) break;
        auto const c = *at;
        if (detail::is_plain(c) || static_cast<unsigned char>(c) >= 0x80) continue;
        ++at;
        dynasio::detail::append_json_escape(out, c);
    }
    out.push_back('"');
}

void append_string_attribute(std::string& out, std::string_view text) {
    auto const size_before = out.size();
    constexpr std::string_view open = R"({"S":")";
    if (detail::is_all_plain(text)) [[likely]] {
        out.append(open.size() + text.size() + 2, '"');
        char* const at = out.data() + size_before;
        std::memcpy(at, open.data(), open.size());
        text.copy(at + open.size(), text.size());
        at[open.size() + text.size() + 1] = '}';
        return;
    }
    out += R"({"S":)";
    try {
        append_json_string(out, text);
    } catch (...) {
        out.resize(size_before);
        throw;
    }
    out.push_back('}');
}

void append_number_attribute(std::string& out, std::string_view text) {
    out += R"({"N":")";
    out += text;
    out += R"("})";
}

void append_binary_attribute(std::string& out, std::string_view bytes) {
    out += R"({"B":")";
    append_base64(out, bytes);
    out += R"("})";
}

} // namespace dynasio::dynamodb
