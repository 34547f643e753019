#include <dynasio/orm/codec.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "../../core/ascii.hpp"
#include "../../dynamodb/base64.hpp"
#include "error_path.hpp"
#include "floating.hpp"
#include "short_number.hpp"

namespace dynasio {

using dynamodb::attribute_type;
using dynamodb::json_reader;

namespace {

[[noreturn]] void throw_type_mismatch(attribute_type stored, attribute_type wanted) {
    throw_error(errc::attribute_type_mismatch,
                "the stored attribute has type " + std::string(dynamodb::to_string(stored)) + ", the member needs " +
                    std::string(dynamodb::to_string(wanted)) + "; migrate the item or change the member's type");
}

} // namespace

void expect(json_reader& in, attribute_type wanted) {
    auto const stored = in.open_attribute();
    if (stored != wanted) throw_type_mismatch(stored, wanted);
}

namespace detail {

namespace {

template <class Float> void encode_floating(std::string& out, Float value) {
    if (!is_storable(value))
        throw_error(errc::invalid_argument, "the floating-point value cannot be stored: DynamoDB keeps finite numbers "
                                            "of magnitude 1E-130 to 9.99E+125 and zero");
    std::array<char, 64> text;
    auto* const end = write_floating(text.data(), text.data() + text.size(), value);
    dynamodb::append_number_attribute(out, std::string_view(text.data(), static_cast<std::size_t>(end - text.data())));
}

[[noreturn]] void throw_malformed_number(std::string_view text) {
    throw_error(errc::malformed_response,
                "the stored number " + std::string(text.substr(0, 64)) + " is none that DynamoDB keeps");
}

template <class Number> Number parse_number(std::string_view text, std::string_view wanted) {
    Number value{};
    if constexpr (!std::is_same_v<Number, float>)
        if (parse_short_number(text, value)) return value;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec == std::errc{} && end == text.data() + text.size()) {
        if constexpr (!std::is_floating_point_v<Number>) return value;
        if (std::isfinite(static_cast<double>(value))) return value; // std::from_chars also accepts "inf" and "nan"
    }
    // std::from_chars does not read every spelling of a number ("1E+2", "7.0", "+1" for an integer). The canonical form
    // has no exponent and no redundant zeros, so it reads every integer.
    std::string const canonical = dynamodb::canonical_number(text);
    if (canonical.empty()) throw_malformed_number(text);
    auto const [end2, ec2] = std::from_chars(canonical.data(), canonical.data() + canonical.size(), value);
    if (ec2 == std::errc{} && end2 == canonical.data() + canonical.size()) return value;
    throw_number_out_of_range(text, wanted);
}

/// Reads `{"S":"…"}` or `{"N":"…"}`.
inline std::string_view decode_text_of(json_reader& in, attribute_type type) {
    std::string_view text;
    if (in.read_if_attribute(type, text)) return text;
    expect(in, type);
    text = in.read_string();
    in.close_attribute();
    return text;
}

} // namespace

std::string_view decode_number(json_reader& in) { return decode_text_of(in, attribute_type::number); }
std::string_view decode_text(json_reader& in) { return decode_text_of(in, attribute_type::string); }

void throw_number_out_of_range(std::string_view text, std::string_view wanted) {
    throw_error(errc::number_out_of_range,
                "the stored number " + std::string(text.substr(0, 64)) + " does not fit the member's type " +
                    std::string(wanted) +
                    "; use a wider type, double for fractions, or dynasio::dynamodb::number for any number");
}

void throw_operand_out_of_range(std::string_view text) {
    throw_error(errc::number_out_of_range, "the value " + std::string(text) +
                                               " is none that the member of this key or condition can hold; give one "
                                               "of the member's type");
}

void throw_unset_element() {
    throw_error(errc::invalid_argument, "a set holds a value that is not set, and DynamoDB stores no such elements; "
                                        "remove it from the set");
}

void rethrow_about_member(std::string_view entity, std::string_view attribute) {
    try {
        throw;
    } catch (error const& e) {
        diagnostics d = e.info();
        d.entity = entity;
        set_attribute(d, attribute);
        throw_error(e.code(), std::move(d));
    }
}

namespace {

[[noreturn]] void rethrow_inside(std::string step) {
    try {
        throw;
    } catch (error const& e) {
        diagnostics d = e.info();
        set_attribute(d, step);
        throw_error(e.code(), std::move(d));
    }
}

} // namespace

void rethrow_about_element(std::size_t position) { rethrow_inside('[' + std::to_string(position) + ']'); }
void rethrow_about_element(std::string_view name) { rethrow_inside('.' + std::string(name)); }

void encode_double(std::string& out, double value) { encode_floating(out, value); }
void encode_float(std::string& out, float value) { encode_floating(out, value); }
double decode_double(json_reader& in) { return parse_number<double>(decode_number(in), "double"); }
float decode_float(json_reader& in) { return parse_number<float>(decode_number(in), "float"); }
std::int64_t decode_int64(json_reader& in, std::string_view wanted) {
    return parse_number<std::int64_t>(decode_number(in), wanted);
}
std::uint64_t decode_uint64(json_reader& in, std::string_view wanted) {
    return parse_number<std::uint64_t>(decode_number(in), wanted);
}

void throw_unset_time() {
    throw_error(errc::invalid_argument, "a time that is not set has no number: compare the member with nullptr, or set "
                                        "the time");
}

std::int64_t decode_epoch(json_reader& in, std::int64_t scale) {
    constexpr std::string_view wanted = "time since 1970";
    auto const text = decode_number(in);
    std::int64_t count = 0;
    if (!parse_short_number(text, count)) {
        std::string const canonical = dynamodb::canonical_number(text);
        if (canonical.empty()) throw_malformed_number(text);
        auto const point = canonical.find('.');
        std::string_view const integer = std::string_view(canonical).substr(0, point);
        auto const [end, ec] = std::from_chars(integer.data(), integer.data() + integer.size(), count);
        bool const cut_up = point != canonical.npos && canonical.front() == '-'; // cutting has rounded up
        if (ec != std::errc{} || end != integer.data() + integer.size() ||
            (cut_up && count == std::numeric_limits<std::int64_t>::min()))
            throw_number_out_of_range(text, wanted);
        if (cut_up) --count;
    }
    if (count > std::numeric_limits<std::int64_t>::max() / scale ||
        count < std::numeric_limits<std::int64_t>::min() / scale)
        throw_number_out_of_range(text, wanted);
    return count;
}

void throw_without_name(std::string_view type, std::string_view value) {
    throw_error(errc::invalid_argument, "the enumerator " + std::string(value) + " of " + std::string(type) +
                                            " has no name to be stored as; add it to dynasio_names()");
}

void throw_other_enumerator(std::string_view type) {
    throw_error(errc::invalid_argument,
                "the member holds the enumerator of " + std::string(type) +
                    " that stands for unknown texts, and writing it would replace the stored one; give the member a "
                    "value that has a name, or leave the attribute as it was read and save changes alone with "
                    "repository<tracked<T>>");
}

void append_known_name(std::string& list, std::string_view name) {
    if (!list.empty()) list += ", ";
    list += '"';
    list += name;
    list += '"';
}

void throw_unknown_name(std::string_view type, std::string_view stored, std::string_view known) {
    throw_error(errc::attribute_type_mismatch,
                "the stored text \"" + std::string(stored.substr(0, 64)) + "\" is no " + std::string(type) +
                    ", which knows " + std::string(known) +
                    "; add it to dynasio_names(), or name an enumerator for such texts with otherwise()");
}

void encode_date(std::string& out, std::chrono::year_month_day date) {
    int const year = int(date.year());
    if (!date.ok() || year < 0 || year > 9999)
        throw_error(errc::invalid_argument, "the member holds no date of the years 0 to 9999; set it, or make it a "
                                            "std::optional");
    std::array<char, 10> text;
    auto const put = [&text](std::size_t at, unsigned value, std::size_t digits) {
        for (std::size_t i = digits; i-- > 0; value /= 10) text[at + i] = static_cast<char>('0' + value % 10);
    };
    put(0, static_cast<unsigned>(year), 4);
    text[4] = text[7] = '-';
    put(5, unsigned(date.month()), 2);
    put(8, unsigned(date.day()), 2);
    dynamodb::append_string_attribute(out, std::string_view(text.data(), text.size()));
}

std::chrono::year_month_day decode_date(json_reader& in) {
    std::string_view const text = decode_text(in);
    bool right = text.size() == 10;
    for (std::size_t i = 0; right && i < text.size(); ++i)
        right = i == 4 || i == 7 ? text[i] == '-' : is_digit(text[i]);
    auto const number = [text](std::size_t at, std::size_t digits) {
        unsigned value = 0;
        for (char const c : text.substr(at, digits)) value = value * 10 + static_cast<unsigned>(c - '0');
        return value;
    };
    if (right) {
        std::chrono::year_month_day const date(std::chrono::year(static_cast<int>(number(0, 4))),
                                               std::chrono::month(number(5, 2)), std::chrono::day(number(8, 2)));
        if (date.ok()) return date;
    }
    throw_error(errc::attribute_type_mismatch, "the stored text \"" + std::string(text.substr(0, 64)) +
                                                   "\" is no date such as 2026-11-28; migrate the item, or make the "
                                                   "member a dynasio::timestamp or a std::string");
}

void throw_nil(std::string_view what) {
    throw_error(errc::invalid_argument, "a nil " + std::string(what) +
                                            " is stored as no attribute: compare the member with nullptr, or set it");
}

void throw_no_id(std::string_view what, std::string_view text) {
    throw_error(errc::attribute_type_mismatch, "the stored text \"" + std::string(text.substr(0, 64)) + "\" is no " +
                                                   std::string(what) +
                                                   "; migrate the item, or make the member a std::string");
}

void decode_bytes(json_reader& in, bytes_target const& to) {
    auto const stored = in.open_attribute();
    if (stored == attribute_type::binary) {
        auto const text = in.read_string();
        auto const size = dynamodb::detail::base64_size(text);
        if (!size || !dynamodb::detail::read_base64(text, to.resize(to.container, *size)))
            in.fail("a binary value is no base64");
    } else if (stored == attribute_type::list) {
        std::string bytes;
        in.enter_array();
        bytes.reserve(in.guess_elements());
        while (in.next_element()) {
            auto const value = decode_int64(in, "byte");
            if (value < -128 || value > 255) throw_number_out_of_range(std::to_string(value), "byte");
            bytes += static_cast<char>(value);
        }
        std::copy(bytes.begin(), bytes.end(), to.resize(to.container, bytes.size()));
    } else {
        throw_type_mismatch(stored, attribute_type::binary);
    }
    in.close_attribute();
}

void throw_other_size(std::size_t stored, std::size_t wanted) {
    throw_error(errc::attribute_type_mismatch, "the stored value has " + std::to_string(stored) +
                                                   " bytes, the member holds exactly " + std::to_string(wanted) +
                                                   "; migrate the item or make the member a std::vector");
}

std::string_view inner_value(std::string_view wire) {
    json_reader in(wire);
    (void)in.open_attribute();
    return in.skip_value();
}

bool begin_unless_null(json_reader& in) {
    if (!may_be_null(in)) return true;
    json_reader ahead = in;
    if (ahead.open_attribute() != attribute_type::null) return true;
    if (!ahead.read_bool()) ahead.fail("NULL must be true");
    ahead.close_attribute();
    in = std::move(ahead);
    return false;
}

} // namespace detail

void codec<std::string>::decode(json_reader& in, std::string& value) { value = detail::decode_text(in); }

void codec<bool>::decode(json_reader& in, bool& value) {
    if (in.read_if_boolean(value)) return;
    expect(in, type);
    value = in.read_bool();
    in.close_attribute();
}

void codec<timestamp>::encode(std::string& out, timestamp value) {
    std::array<char, timestamp::text_size> text;
    std::size_t const size = value.to_chars(text.data());
    dynamodb::append_string_attribute(out, std::string_view(text.data(), size));
}

void codec<timestamp>::decode(json_reader& in, timestamp& value) {
    std::string_view text;
    bool const whole = in.read_if_attribute(type, text);
    if (!whole) {
        expect(in, type);
        text = in.read_string();
    }
    auto const parsed = timestamp::parse(text);
    if (!parsed)
        throw_error(errc::attribute_type_mismatch, "the stored text is no RFC 3339 time, which a dynasio::timestamp "
                                                   "needs; migrate the item or make the member a std::string");
    value = *parsed;
    if (!whole) in.close_attribute();
}

void codec<ulid>::encode(std::string& out, ulid const& value) {
    if (value.is_nil()) detail::throw_nil("ULID");
    std::array<char, ulid::text_size> text{};
    value.to_chars(text.data());
    dynamodb::append_string_attribute(out, {text.data(), text.size()});
}

void codec<ulid>::decode(json_reader& in, ulid& value) {
    auto const text = detail::decode_text(in);
    auto const parsed = ulid::parse(text);
    if (!parsed) detail::throw_no_id("ULID", text);
    value = *parsed;
}

std::string codec<ulid>::new_key(ulid_generator& ids) { return ids.next(); }
std::optional<system_time> codec<ulid>::key_time(std::string_view text) { return ulid_time(text); }

void codec<dynamodb::number>::decode(json_reader& in, dynamodb::number& value) {
    auto parsed = dynamodb::number::try_parse(detail::decode_number(in));
    if (!parsed) in.fail("not a number that DynamoDB stores");
    value = *std::move(parsed);
}

void codec<dynamodb::binary>::decode(json_reader& in, dynamodb::binary& value) {
    expect(in, type);
    if (!dynamodb::decode_base64(in.read_string(), value.bytes)) in.fail("a binary value is no base64");
    in.close_attribute();
}

} // namespace dynasio
