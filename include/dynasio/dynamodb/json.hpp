#ifndef DYNASIO_DYNAMODB_JSON_HPP
#define DYNASIO_DYNAMODB_JSON_HPP

#include <dynasio/dynamodb/attribute_type.hpp>
#include <dynasio/dynamodb/detail/json_scan.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace dynasio::dynamodb {

/// A pull reader of JSON text (RFC 8259) that builds no tree: the caller says what it expects next.
///
/// It refuses what Boost.JSON's parser refuses: invalid UTF-8, control characters, bad escapes and numbers, trailing
/// text. It also refuses exponents of more than nine digits, where Boost.JSON refuses only those that overflow an int.
/// A repeated name in an object is not an error of the reader: the caller gets each of them and calls fail_repeated().
/// Nesting is counted, without recursion. Every failure throws dynasio::error with errc::malformed_response (or
/// nesting_too_deep) and the byte position. `text` must outlive the reader and every view that it returns. After a
/// failure the reader must not be used again.
///
/// A reader allocates only for the text of strings with escapes and for skipped values that nest more than 64 deep.
class json_reader {
public:
    static constexpr unsigned default_max_depth = 128;

    enum class kind : std::uint8_t { object, array, string, number, boolean, null };

    explicit json_reader(std::string_view text, unsigned max_depth = default_max_depth) noexcept
        : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), max_depth_(max_depth) {}

    /// Deleted, because a temporary string would not outlive the reader.
    template <std::same_as<std::string> String> explicit json_reader(String&&, unsigned = 0) = delete;

    /// The kind of the next value. Reads only white space.
    [[nodiscard]] kind peek();

    void enter_object();
    /// Reads the next member's name (valid until the next read of a string). Returns false after the last member and
    /// leaves the object. The member's value must be read or skipped before the next call.
    [[nodiscard]] bool next_member(std::string_view& name);
    void enter_array();
    /// An estimate of the number of elements of the array just entered, for reserving memory: exact for a short array
    /// of attribute values without braces in them. Reads nothing.
    [[nodiscard]] std::size_t guess_elements() const noexcept;
    /// Whether another element follows. Returns false after the last one and leaves the array. The element must be read
    /// or skipped before the next call.
    [[nodiscard]] bool next_element();

    /// Reads a string and returns its text with escapes resolved. Without escapes the text is a view of the input
    /// (valid as long as the input), else of a buffer of the reader (valid until the next read of a string).
    [[nodiscard]] std::string_view read_string();
    /// Reads a number and returns its text, checked for JSON's form.
    [[nodiscard]] std::string_view read_number();
    [[nodiscard]] bool read_bool();
    void read_null();
    /// If the next value is null, reads it and returns true.
    [[nodiscard]] bool read_if_null();
    /// Reads one value of any kind with everything in it, checks its form and returns its text.
    std::string_view skip_value();
    /// Throws unless only white space follows and every object and array has been left.
    void finish();

    /// Reads `{"S":` and returns the tag. The next value is of that type (list and sets: an array; map: an object).
    [[nodiscard]] attribute_type open_attribute();
    /// Reads the closing brace of an attribute value.
    void close_attribute();
    /// If `{"S":"text"}` comes next, reads it and returns true; otherwise reads nothing and returns false. `type` is
    /// string, number or binary. It is faster than open_attribute, read_string and close_attribute, for the form that
    /// nearly every attribute of an answer has. It may return false where those would succeed (white space, the text's
    /// last bytes), so the caller must then use them.
    [[nodiscard]] bool read_if_attribute(attribute_type type, std::string_view& text);
    /// read_if_attribute() for `{"BOOL":…}`.
    [[nodiscard]] bool read_if_boolean(bool& value);
    /// True if the next value is certainly an attribute value other than `{"NULL":…}`; false if it may be anything.
    [[nodiscard]] bool sees_value() const noexcept;

    /// The unread text, for callers that read usual values themselves, through a pointer that stays in a register.
    [[nodiscard]] std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }
    /// How many more levels of objects and arrays are allowed here.
    [[nodiscard]] unsigned levels_left() const noexcept { return max_depth_ - depth_; }
    /// Continues reading at `at`, a position in rest() before or after a member's value.
    void go_on_at(char const* at) noexcept {
        at_ = at;
        first_ = false;
    }

    /// Reads white space and returns the position of the value.
    char const* skip_to_value() noexcept {
        skip_space();
        return at_;
    }
    /// Bytes read so far.
    [[nodiscard]] std::size_t position() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

    /// Throws errc::malformed_response with this position, for errors that only the caller can find.
    [[noreturn, gnu::cold]] void fail(char const* what) const;
    /// fail() for an object that has `name` twice, which is refused because parsers differ in which of the two they
    /// use.
    [[noreturn, gnu::cold]] void fail_repeated(std::string_view name) const;

private:
    void skip_space() noexcept {
        if (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ') skip_more_space();
    }
    void expect(char c) {
        if (at_ != end_ && *at_ == c) [[likely]]
            ++at_;
        else
            expect_after_space(c);
    }
    void descend() {
        if (depth_ == max_depth_) [[unlikely]]
            fail_depth();
        ++depth_;
    }
    void leave() noexcept {
        ++at_;
        --depth_;
        first_ = false;
    }
    void skip_more_space() noexcept;
    void expect_after_space(char c);
    [[nodiscard]] char next_byte();
    [[nodiscard]] bool next_any_member(std::string_view& name);
    [[nodiscard]] bool next_usual_member(std::string_view& name) noexcept;
    [[nodiscard]] std::string_view read_any_string();
    [[nodiscard]] std::string_view read_long_string(char const* start, char const* stop);
    template <bool Keep> std::string_view scan_string(char const* start, char const* stop);
    void skip_string();
    void read_literal(std::string_view text);
    [[nodiscard]] attribute_type open_other_attribute();
    [[noreturn, gnu::cold]] void fail_expected(char c) const;
    [[noreturn, gnu::cold]] void fail_depth() const;
    [[noreturn, gnu::cold]] void fail_at(char const* at, char const* what);

    char const* begin_;
    char const* at_;
    char const* end_;
    std::string unescaped_;
    unsigned depth_ = 0;
    unsigned max_depth_;
    bool first_ = false;
};

// Decoding an item spends its time in the functions below, so they are inline; rare or long parts are out of line.

inline void json_reader::enter_object() {
    expect('{');
    descend();
    first_ = true;
}

inline void json_reader::enter_array() {
    expect('[');
    descend();
    first_ = true;
}

/// Reads ,"name": or, for the first member, "name": without white space and with a plain name.
inline bool json_reader::next_usual_member(std::string_view& name) noexcept {
    if (static_cast<std::size_t>(end_ - at_) < detail::scan_width + 4) [[unlikely]]
        return false;
    // Selected without a branch, because the branch on the first member would be predicted badly.
    char const before = first_ ? ',' : at_[0];
    auto const* const quote = at_ + (first_ ? 0 : 1);
    if (before != ',' || *quote != '"') [[unlikely]]
        return false;
    auto const* const start = quote + 1;
    auto const size = detail::plain_prefix(start);
    if (size == detail::scan_width || detail::load<std::uint16_t>(start + size) != detail::word('"', ':')) [[unlikely]]
        return false;
    at_ = start + size + 2;
    first_ = false;
    name = {start, size};
    return true;
}

inline bool json_reader::next_member(std::string_view& name) {
    if (next_usual_member(name)) [[likely]]
        return true;
    return next_any_member(name);
}

inline bool json_reader::next_element() {
    auto const next = next_byte();
    if (next == ']') {
        leave();
        return false;
    }
    if (!first_) {
        if (next != ',') [[unlikely]]
            fail("expected ',' or ']'");
        ++at_;
        // Without this check "[1,]" would be read as an array of one element.
        if (next_byte() == ']') [[unlikely]]
            fail("expected a value");
    }
    first_ = false;
    return true;
}

inline char json_reader::next_byte() {
    skip_space();
    if (at_ == end_) [[unlikely]]
        fail("unexpected end of text");
    return *at_;
}

inline std::string_view json_reader::read_string() {
    if (static_cast<std::size_t>(end_ - at_) <= detail::scan_width || *at_ != '"') [[unlikely]]
        return read_any_string();
    auto const* const start = at_ + 1;
    auto const size = detail::plain_prefix(start);
    if (size == detail::scan_width || start[size] != '"') return read_long_string(start, start + size);
    at_ = start + size + 1;
    return {start, size};
}

inline attribute_type json_reader::open_attribute() {
    // The fast path reads {"S": and the other tags of one letter, without white space. It uses a table instead of a
    // switch, because which tag comes next is not predictable, but whether it is the one that the caller wants is.
    constexpr std::uint8_t none = 0xff;
    constexpr auto tag = [](attribute_type type) { return static_cast<std::uint8_t>(type); };
    static constexpr std::uint8_t tags[] = {tag(attribute_type::binary),
                                            none,
                                            none,
                                            none,
                                            none,
                                            none,
                                            none,
                                            none,
                                            none,
                                            none,
                                            tag(attribute_type::list),
                                            tag(attribute_type::map),
                                            tag(attribute_type::number),
                                            none,
                                            none,
                                            none,
                                            none,
                                            tag(attribute_type::string)};
    if (end_ - at_ >= 5 && depth_ != max_depth_) [[likely]] {
        auto const letter = static_cast<unsigned>(at_[2]) - unsigned{'B'};
        if (at_[0] == '{' && at_[1] == '"' && at_[3] == '"' && at_[4] == ':' && letter < sizeof tags &&
            tags[letter] != none) [[likely]] {
            at_ += 5;
            ++depth_;
            return static_cast<attribute_type>(tags[letter]);
        }
    }
    return open_other_attribute();
}

inline bool json_reader::read_if_attribute(attribute_type type, std::string_view& text) {
    auto const letter = type == attribute_type::string ? 'S' : type == attribute_type::number ? 'N' : 'B';
    if (static_cast<std::size_t>(end_ - at_) < 2 * detail::scan_width + 8 || depth_ == max_depth_) return false;
    if (detail::load<std::uint32_t>(at_) != detail::word('{', '"', letter, '"') ||
        detail::load<std::uint16_t>(at_ + 4) != detail::word(':', '"'))
        return false;
    auto const* const start = at_ + 6;
    auto const size = detail::plain_prefix_wide(start);
    if (size == 2 * detail::scan_width || detail::load<std::uint16_t>(start + size) != detail::word('"', '}')) {
        text = read_long_string(start, start + size);
        expect('}');
        return true;
    }
    at_ = start + size + 2;
    text = {start, size};
    return true;
}

inline bool json_reader::read_if_boolean(bool& value) {
    if (end_ - at_ < 16 || depth_ == max_depth_ ||
        detail::load<std::uint64_t>(at_) != detail::word('{', '"', 'B', 'O', 'O', 'L', '"', ':'))
        return false;
    auto const text = detail::load<std::uint32_t>(at_ + 8);
    if (text == detail::word('t', 'r', 'u', 'e') && at_[12] == '}') {
        value = true;
        at_ += 13;
        return true;
    }
    if (text == detail::word('f', 'a', 'l', 's') && detail::load<std::uint16_t>(at_ + 12) == detail::word('e', '}')) {
        value = false;
        at_ += 14;
        return true;
    }
    return false;
}

inline bool json_reader::sees_value() const noexcept {
    // True for tags of one letter, such as {"S".
    return end_ - at_ >= 4 && at_[0] == '{' && at_[1] == '"' && at_[2] != '\\' && at_[3] == '"';
}

inline void json_reader::close_attribute() {
    expect('}');
    --depth_;
    first_ = false;
}

/// Appends `text` as a JSON string with quotes. Throws errc::invalid_argument for text that is not UTF-8; `out` is then
/// unchanged.
void append_json_string(std::string& out, std::string_view text);
/// Appends `{"S":"text"}`.
void append_string_attribute(std::string& out, std::string_view text);
/// Appends `{"N":"text"}`; `text` is a number that has been checked or made by std::to_chars.
void append_number_attribute(std::string& out, std::string_view text);
/// Appends `{"B":"base64"}`.
void append_binary_attribute(std::string& out, std::string_view bytes);

/// Standard base64 with padding (RFC 4648, section 4).
void append_base64(std::string& out, std::string_view bytes);
/// Decodes `text` and replaces the content of `out`. Returns false, and leaves `out` empty, when `text` is not
/// base64 with padding (non-zero unused bits, line breaks and other alphabets are refused).
[[nodiscard]] bool decode_base64(std::string_view text, std::string& out);

/// The canonical form of a DynamoDB number, as in the service's answers: plain decimal without exponent and without
/// redundant zeros; "-0" is "0". Numbers of equal value have the same form. Empty when `text` is not a number that
/// DynamoDB stores (38 significant digits, magnitude 1E-130 to 9.99…E+125; for zero these limits apply to the written
/// exponent). Accepts what the service accepts: "+3", ".5", "007", "1E5".
[[nodiscard]] std::string canonical_number(std::string_view text);
/// Compares two numbers given as text by value; returns a negative number, zero or a positive one. Precondition: both
/// are numbers, of any size; the result for other text is meaningless.
[[nodiscard]] int compare_numbers(std::string_view a, std::string_view b) noexcept;

} // namespace dynasio::dynamodb

#endif
