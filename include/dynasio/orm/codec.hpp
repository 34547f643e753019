#ifndef DYNASIO_ORM_CODEC_HPP
#define DYNASIO_ORM_CODEC_HPP

#include <dynasio/orm/detail/value_shape.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/epoch_time.hpp>
#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>
#include <dynasio/core/ulid.hpp>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace dynasio {

struct entity_type;

/// How members of type T are stored. Specialise it for types of your own:
///
///     template <> struct dynasio::codec<Colour> {
///         static constexpr auto type = dynasio::dynamodb::attribute_type::string;
///         static void encode(std::string& out, Colour const& value);        // appends {"S":"red"}
///         static void decode(dynasio::dynamodb::json_reader& in, Colour& value); // reads it
///     };
///
/// decode() reads the whole value and throws dynasio::error when the value does not fit T; the library adds the names
/// of the entity and the attribute to that error. Exceptions of other types pass through unchanged. An attribute that
/// is stored as NULL and whose codec throws dynasio::error for it is read as absent: the member keeps its value.
/// `expect(in, type)` below reads the opening of a value and throws errc::attribute_type_mismatch when the stored type
/// is another. Optional: `static bool absent(T const&)`, true for values that are stored as no attribute at all; and
/// `static std::string new_key(dynasio::ulid_generator&)`, which makes the text (S) of a key that is empty when its
/// entity is saved first, with `static std::optional<dynasio::system_time> key_time(std::string_view text)`, the time
/// in it.
template <class T> struct codec;

// `built_in` in the codecs below is the type that the codec is for. The decoder and the encoder of items recognise such
// a codec by it: they handle the usual values of its type without calling it (see usual_type_of()), and they know that
// only the codec of std::optional reads NULL (see refuses_null).

/// For codecs: reads `{"T":` and throws errc::attribute_type_mismatch, whose message names both types, when T is not
/// `wanted`. The codec then reads the value itself (that of a map is a JSON object: enter_object(), next_member(), …)
/// and calls json_reader::close_attribute().
void expect(dynamodb::json_reader& in, dynamodb::attribute_type wanted);

namespace detail {

/// Reads `{"N":"…"}` to its closing brace and returns the text of the number.
[[nodiscard]] std::string_view decode_number(dynamodb::json_reader& in);
/// Reads `{"S":"…"}` to its closing brace and returns the text, which is valid until the next read of a string.
[[nodiscard]] std::string_view decode_text(dynamodb::json_reader& in);
[[noreturn]] void throw_number_out_of_range(std::string_view text, std::string_view wanted);
[[noreturn]] void throw_operand_out_of_range(std::string_view text);
/// Rethrows the dynasio::error that is being handled, with the names of the entity and the attribute in it. When the
/// error tells a path inside of the attribute, the path follows the name. Call it only inside a catch block.
[[noreturn]] void rethrow_about_member(std::string_view entity, std::string_view attribute);
/// Rethrows the dynasio::error that is being handled as one about the element at this position of a list, or with this
/// name of a map. Call them only inside a catch block.
[[noreturn]] void rethrow_about_element(std::size_t position);
[[noreturn]] void rethrow_about_element(std::string_view name);
void encode_double(std::string& out, double value);
void encode_float(std::string& out, float value);
[[nodiscard]] double decode_double(dynamodb::json_reader& in);
[[nodiscard]] float decode_float(dynamodb::json_reader& in);
/// `wanted` is the name of the member's type, which the error message shows.
[[nodiscard]] std::int64_t decode_int64(dynamodb::json_reader& in, std::string_view wanted);
[[nodiscard]] std::uint64_t decode_uint64(dynamodb::json_reader& in, std::string_view wanted);
[[noreturn]] void throw_unset_time();
/// For identifiers: `what` is "ULID" or "UUID".
[[noreturn]] void throw_nil(std::string_view what);
[[noreturn]] void throw_no_id(std::string_view what, std::string_view text);
/// Reads a number, rounded down to an integer. Throws errc::number_out_of_range when the integer times `scale`, its
/// milliseconds, does not fit a system_time.
[[nodiscard]] std::int64_t decode_epoch(dynamodb::json_reader& in, std::int64_t scale);

/// Where decode_bytes() writes: `resize(container, size)` makes room for the bytes and returns where they begin.
struct bytes_target {
    void* container;
    char* (*resize)(void* container, std::size_t size);
};
/// Reads the bytes of a value of type B, or of a list of numbers from -128 to 255.
void decode_bytes(dynamodb::json_reader& in, bytes_target const& to);
[[noreturn]] void throw_other_size(std::size_t stored, std::size_t wanted);
/// The value inside of an attribute in wire form: `"x"` of `{"S":"x"}`.
[[nodiscard]] std::string_view inner_value(std::string_view wire);
/// Returns false when the value is `{"NULL":true}`, which has then been read to its end; else returns true and has read
/// nothing of the value.
[[nodiscard]] bool begin_unless_null(dynamodb::json_reader& in);
/// Whether the next value can be NULL, judged by its first bytes: false for all usual spellings of other types.
[[nodiscard]] inline bool may_be_null(dynamodb::json_reader const& in) noexcept {
    std::string_view const text = in.rest();
    return text.size() < 4 || text[0] != '{' || text[1] != '"' || text[2] == '\\' ||
           (text[2] == 'N' && text[3] != '"' && text[3] != 'S');
}

template <class T>
concept has_codec = requires(std::string& out, dynamodb::json_reader& in, T& value) {
    { codec<T>::type } -> std::convertible_to<dynamodb::attribute_type>;
    codec<T>::encode(out, value);
    codec<T>::decode(in, value);
};

template <class T> [[nodiscard]] bool is_absent(T const& value) {
    if constexpr (requires { codec<T>::absent(value); })
        return codec<T>::absent(value);
    else
        return false;
}

/// Whether errors that codec<T> throws tell a path inside of the value: those of values that are described by value<T>,
/// and of lists and maps of them.
template <class T> inline constexpr bool tells_path = requires { requires codec<T>::tells_path; };

/// Whether a T can stand for, or hold at any depth, a stored value that the program does not know and that codec<T>
/// refuses to write. Such a codec has a function show() beside encode(), which writes `unknown_value` in its place.
template <class T> inline constexpr bool may_be_unknown = requires { requires codec<T>::may_be_unknown; };

template <class T> consteval value_shape find_shape() {
    if constexpr (requires { codec<T>::shape; })
        return codec<T>::shape;
    else if constexpr (requires { codec<T>::type; })
        return {.type = codec<T>::type};
    else // std::monostate
        return {.type = dynamodb::attribute_type::null};
}
template <class T> inline constexpr value_shape shape_of = find_shape<T>();

/// What stands in place of a value that was read and that the program does not know. No value in wire form begins so.
inline constexpr std::string_view unknown_value = "unknown";

/// Why a value is written: to be stored, or to be compared with another one and shown to people.
enum class purpose : bool { storing, showing };

template <purpose For, class T> void write_value(std::string& out, T const& value) {
    if constexpr (For == purpose::showing && may_be_unknown<T>)
        codec<T>::show(out, value);
    else
        codec<T>::encode(out, value);
}

/// Writes an element of a list or map. An absent value is written as NULL, because leaving it out would move the
/// elements behind it.
template <class T, purpose For = purpose::storing> void encode_element(std::string& out, T const& value) {
    if (is_absent(value))
        out += R"({"NULL":true})";
    else
        write_value<For>(out, value);
}
template <class T> void decode_element(dynamodb::json_reader& in, T& value) {
    if constexpr (requires { codec<T>::absent(value); }) {
        if (begin_unless_null(in))
            codec<T>::decode(in, value);
        else
            value = T{};
    } else {
        codec<T>::decode(in, value);
    }
}
// The same for the element at `place`: a position in a list, or a name in a map.
template <class T, purpose For = purpose::storing, class Place>
void encode_element(std::string& out, T const& value, Place place) {
    if constexpr (tells_path<T>) {
        try {
            encode_element<T, For>(out, value);
        } catch (error const&) {
            rethrow_about_element(place);
        }
    } else {
        encode_element<T, For>(out, value);
    }
}
template <class T, class Place> void decode_element(dynamodb::json_reader& in, T& value, Place place) {
    if constexpr (tells_path<T>) {
        try {
            decode_element<T>(in, value);
        } catch (error const&) {
            rethrow_about_element(place);
        }
    } else {
        decode_element<T>(in, value);
    }
}

/// Converts an operand or a key to the type of its member. A value that the member cannot hold is
/// errc::number_out_of_range instead of another number; a floating-point member takes the nearest value, as it does
/// when it is stored.
template <class To, class From>
    requires(std::is_arithmetic_v<To> && std::is_arithmetic_v<From>)
[[nodiscard]] To exact_number(From value) {
    bool fits = true;
    if constexpr (std::is_floating_point_v<To>) {
        if constexpr (std::is_floating_point_v<From> && sizeof(From) > sizeof(To))
            fits = !(std::abs(value) > static_cast<From>(std::numeric_limits<To>::max()));
    } else if constexpr (std::is_same_v<To, bool> || std::is_same_v<From, bool>) {
        fits = value == From(0) || value == From(1);
    } else if constexpr (std::is_floating_point_v<From>) {
        // The first value above the range is a power of two, which every floating-point type has.
        From const above = std::ldexp(From(1), std::numeric_limits<To>::digits);
        fits = value < above && value >= (std::is_signed_v<To> ? -above : From(0)) && std::trunc(value) == value;
    } else {
        // Promoted, because the comparisons of <utility> take no character types.
        fits = std::cmp_less_equal(+value, +std::numeric_limits<To>::max()) &&
               std::cmp_greater_equal(+value, +std::numeric_limits<To>::min());
    }
    if (!fits) throw_operand_out_of_range(std::to_string(value));
    return static_cast<To>(value);
}

} // namespace detail

template <> struct codec<std::string> {
    static constexpr auto type = dynamodb::attribute_type::string;
    using built_in = std::string;
    static void encode(std::string& out, std::string const& value) { dynamodb::append_string_attribute(out, value); }
    static void decode(dynamodb::json_reader& in, std::string& value);
};

template <> struct codec<bool> {
    static constexpr auto type = dynamodb::attribute_type::boolean;
    using built_in = bool;
    static void encode(std::string& out, bool value) { out += value ? R"({"BOOL":true})" : R"({"BOOL":false})"; }
    static void decode(dynamodb::json_reader& in, bool& value);
};

/// Integers keep all 64 bits; a stored number that does not fit the member is errc::number_out_of_range.
template <class T>
    requires(std::integral<T> && !std::same_as<T, bool>)
struct codec<T> {
    static constexpr auto type = dynamodb::attribute_type::number;
    using built_in = T;
    static void encode(std::string& out, T value) {
        char text[24];
        auto const end = std::to_chars(text, text + sizeof text, value).ptr;
        dynamodb::append_number_attribute(out, std::string_view(text, static_cast<std::size_t>(end - text)));
    }
    static void decode(dynamodb::json_reader& in, T& value) {
        if constexpr (std::is_signed_v<T>) {
            auto const wide = detail::decode_int64(in, detail_name());
            value = static_cast<T>(wide);
            if (static_cast<std::int64_t>(value) != wide)
                detail::throw_number_out_of_range(std::to_string(wide), detail_name());
        } else {
            auto const wide = detail::decode_uint64(in, detail_name());
            value = static_cast<T>(wide);
            if (static_cast<std::uint64_t>(value) != wide)
                detail::throw_number_out_of_range(std::to_string(wide), detail_name());
        }
    }

private:
    static constexpr std::string_view detail_name() {
        if constexpr (sizeof(T) == 1)
            return std::is_signed_v<T> ? "int8" : "uint8";
        else if constexpr (sizeof(T) == 2)
            return std::is_signed_v<T> ? "int16" : "uint16";
        else if constexpr (sizeof(T) == 4)
            return std::is_signed_v<T> ? "int32" : "uint32";
        else
            return std::is_signed_v<T> ? "int64" : "uint64";
    }
};

/// The shortest text that reads back as the same double. NaN, infinities and magnitudes that DynamoDB does not store
/// (1E-130 to 9.99E+125) are refused before sending.
template <> struct codec<double> {
    static constexpr auto type = dynamodb::attribute_type::number;
    using built_in = double;
    static void encode(std::string& out, double value) { detail::encode_double(out, value); }
    static void decode(dynamodb::json_reader& in, double& value) { value = detail::decode_double(in); }
};
template <> struct codec<float> {
    static constexpr auto type = dynamodb::attribute_type::number;
    using built_in = float;
    static void encode(std::string& out, float value) { detail::encode_float(out, value); }
    static void decode(dynamodb::json_reader& in, float& value) { value = detail::decode_float(in); }
};

/// RFC 3339 text in UTC with milliseconds; unset is stored as absent.
template <> struct codec<timestamp> {
    static constexpr auto type = dynamodb::attribute_type::string;
    using built_in = timestamp;
    static bool absent(timestamp value) { return !value.is_set(); }
    static void encode(std::string& out, timestamp value);
    static void decode(dynamodb::json_reader& in, timestamp& value);
};

/// The number of seconds or milliseconds since 1970; unset is stored as absent. A fraction is rounded down.
template <class Unit> struct codec<epoch_time<Unit>> {
    static constexpr auto type = dynamodb::attribute_type::number;
    using built_in = epoch_time<Unit>;
    static bool absent(epoch_time<Unit> value) { return !value.is_set(); }
    static void encode(std::string& out, epoch_time<Unit> value) {
        if (!value.is_set()) detail::throw_unset_time();
        codec<std::int64_t>::encode(out, value.count());
    }
    static void decode(dynamodb::json_reader& in, epoch_time<Unit>& value) {
        value = epoch_time<Unit>::from_count(
            detail::decode_epoch(in, static_cast<std::int64_t>(system_time::period::den / Unit::period::den)));
    }
};

/// The number (N) of the duration's own units; std::chrono::seconds(90) is 90. Only durations that count in integers.
template <class Rep, class Period>
    requires(std::integral<Rep> && !std::same_as<Rep, bool>)
struct codec<std::chrono::duration<Rep, Period>> {
    static constexpr auto type = dynamodb::attribute_type::number;
    using built_in = std::chrono::duration<Rep, Period>;
    static void encode(std::string& out, built_in value) { codec<Rep>::encode(out, value.count()); }
    static void decode(dynamodb::json_reader& in, built_in& value) {
        Rep count{};
        codec<Rep>::decode(in, count);
        value = built_in(count);
    }
};

/// A ULID, as text (S) of 26 characters in upper case; nil is stored as absent. As the last part of a key it is made
/// when the entity is saved first.
template <> struct codec<ulid> {
    static constexpr auto type = dynamodb::attribute_type::string;
    using built_in = ulid;
    static bool absent(ulid const& value) { return value.is_nil(); }
    static void encode(std::string& out, ulid const& value);
    static void decode(dynamodb::json_reader& in, ulid& value);
    static std::string new_key(ulid_generator& ids);
    static std::optional<system_time> key_time(std::string_view text);
};

namespace detail {

/// Throws errc::invalid_argument for what is no date of the years 0 to 9999.
void encode_date(std::string& out, std::chrono::year_month_day date);
[[nodiscard]] std::chrono::year_month_day decode_date(dynamodb::json_reader& in);

} // namespace detail

/// A date, as text (S) whose order is that of time: "2026-11-28". The years are 0 to 9999.
template <> struct codec<std::chrono::sys_days> {
    static constexpr auto type = dynamodb::attribute_type::string;
    using built_in = std::chrono::sys_days;
    static void encode(std::string& out, std::chrono::sys_days value) { detail::encode_date(out, value); }
    static void decode(dynamodb::json_reader& in, std::chrono::sys_days& value) { value = detail::decode_date(in); }
};
/// The same. `year_month_day{}`, whose month and day are 0, is not set and is stored as absent; any other value that is
/// no date is errc::invalid_argument.
template <> struct codec<std::chrono::year_month_day> {
    static constexpr auto type = dynamodb::attribute_type::string;
    using built_in = std::chrono::year_month_day;
    static bool absent(std::chrono::year_month_day value) { return value == std::chrono::year_month_day{}; }
    static void encode(std::string& out, std::chrono::year_month_day value) { detail::encode_date(out, value); }
    static void decode(dynamodb::json_reader& in, std::chrono::year_month_day& value) {
        value = detail::decode_date(in);
    }
};

/// Any number that DynamoDB stores, with all its digits.
template <> struct codec<dynamodb::number> {
    static constexpr auto type = dynamodb::attribute_type::number;
    using built_in = dynamodb::number;
    static void encode(std::string& out, dynamodb::number const& value) {
        dynamodb::append_number_attribute(out, value.text());
    }
    static void decode(dynamodb::json_reader& in, dynamodb::number& value);
};

template <> struct codec<dynamodb::binary> {
    static constexpr auto type = dynamodb::attribute_type::binary;
    using built_in = dynamodb::binary;
    static void encode(std::string& out, dynamodb::binary const& value) {
        dynamodb::append_binary_attribute(out, value.bytes);
    }
    static void decode(dynamodb::json_reader& in, dynamodb::binary& value);
};

namespace detail {

/// A container of bytes: B. Reads a list of numbers as well, which is how programs that know no bytes store them.
template <class Container> struct bytes_codec {
    static constexpr auto type = dynamodb::attribute_type::binary;
    using built_in = Container;
    static void encode(std::string& out, Container const& value) {
        dynamodb::append_binary_attribute(out, {reinterpret_cast<char const*>(value.data()), value.size()});
    }
    static void decode(dynamodb::json_reader& in, Container& value) { decode_bytes(in, {&value, &resize}); }

private:
    static char* resize(void* container, std::size_t size) {
        auto& to = *static_cast<Container*>(container);
        if constexpr (requires { to.resize(size); })
            to.resize(size);
        else if (size != to.size())
            throw_other_size(size, to.size());
        return reinterpret_cast<char*>(to.data());
    }
};

template <class T>
concept byte_type = std::same_as<T, std::byte> || std::same_as<T, unsigned char> || std::same_as<T, char>;

} // namespace detail

template <> struct codec<std::vector<std::byte>> : detail::bytes_codec<std::vector<std::byte>> {};
template <> struct codec<std::vector<unsigned char>> : detail::bytes_codec<std::vector<unsigned char>> {};
template <> struct codec<std::vector<char>> : detail::bytes_codec<std::vector<char>> {};
/// Exactly N bytes; a stored value of another size is errc::attribute_type_mismatch.
template <detail::byte_type T, std::size_t N> struct codec<std::array<T, N>> : detail::bytes_codec<std::array<T, N>> {};

namespace detail {

/// Whether T is described by value<T>(…).
template <class T>
concept described_value = std::is_class_v<T> && requires { requires decltype(dynasio_schema(tag<T>{}))::is_value; };

/// The description of a value; its definition is in describe.hpp.
template <class T> [[nodiscard]] entity_type const& value_type_of();
void encode_value(entity_type const& type, std::string& out, void const* value, purpose why = purpose::storing,
                  std::string_view first = {});
/// Reads a map into a value that holds the defaults of its members.
void decode_value(entity_type const& type, dynamodb::json_reader& in, void* value);

} // namespace detail

/// A struct that is described by value<T>(…): a map (M) with one attribute for each member. Absent members are left
/// out. A member whose attribute is missing or NULL gets its default, and attributes without a member are skipped.
template <detail::described_value T> struct codec<T> {
    static constexpr auto type = dynamodb::attribute_type::map;
    static constexpr bool tells_path = true;
    static constexpr detail::value_shape shape{.type = type, .value = &detail::value_type_of<T>};
    // Its members say whether they may be. They are not asked here, because a struct may hold a list of its own type.
    static constexpr bool may_be_unknown = true;
    using built_in = T;
    static void encode(std::string& out, T const& value) {
        detail::encode_value(detail::value_type_of<T>(), out, &value);
    }
    static void show(std::string& out, T const& value) {
        detail::encode_value(detail::value_type_of<T>(), out, &value, detail::purpose::showing);
    }
    static void decode(dynamodb::json_reader& in, T& value) {
        value = T{};
        detail::decode_value(detail::value_type_of<T>(), in, &value);
    }
};

namespace detail {

template <named_enum E> inline constexpr auto names_of_enum = dynasio_names(tag<E>{});

template <class E> consteval bool check_names() {
    constexpr auto const& table = names_of_enum<E>;
    constexpr bool have_texts = [] {
        for (auto const& one : table.names)
            if (one.name.empty()) return false;
        return true;
    }();
    constexpr auto all_differ_in = [](auto member) {
        for (std::size_t i = 0; i < table.names.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (table.names[i].*member == table.names[j].*member) return false;
        return true;
    };
    constexpr bool texts_differ = all_differ_in(&named_enumerator<E>::name);
    constexpr bool values_differ = all_differ_in(&named_enumerator<E>::value);
    constexpr bool other_has_no_name = [] {
        for (auto const& one : table.names)
            if (table.has_other && one.value == table.other) return false;
        return true;
    }();
    if constexpr (!have_texts)
        static_assert(have_texts,
                      "dynasio: enum_names<E>({...}) gives an enumerator an empty name; a key that is empty "
                      "could not be stored");
    else if constexpr (!texts_differ)
        static_assert(texts_differ, "dynasio: enum_names<E>({...}) gives two enumerators one name, which could not be "
                                    "read back");
    else if constexpr (!values_differ)
        static_assert(values_differ,
                      "dynasio: enum_names<E>({...}) names one enumerator twice; remove one of its names");
    else
        static_assert(other_has_no_name,
                      "dynasio: the enumerator of otherwise() has a name; it stands for texts that are not known, so "
                      "writing it would replace them; add an enumerator of its own for them");
    return have_texts && texts_differ && values_differ && other_has_no_name;
}

[[noreturn]] void throw_without_name(std::string_view type, std::string_view value);
[[noreturn]] void throw_other_enumerator(std::string_view type);
/// `known` is a list of the names that are known.
[[noreturn]] void throw_unknown_name(std::string_view type, std::string_view stored, std::string_view known);
void append_known_name(std::string& list, std::string_view name);

} // namespace detail

/// An enumeration with dynasio_names(): the text that its table has for the enumerator (S).
template <detail::named_enum E> struct codec<E> {
    static_assert(detail::check_names<E>());
    static constexpr auto type = dynamodb::attribute_type::string;
    static constexpr bool may_be_unknown = detail::names_of_enum<E>.has_other;
    using built_in = E;
    static void encode(std::string& out, E value) {
        constexpr auto const& table = detail::names_of_enum<E>;
        for (auto const& one : table.names)
            if (one.value == value) return dynamodb::append_string_attribute(out, one.name);
        if (table.has_other && value == table.other) detail::throw_other_enumerator(detail::type_name<E>);
        detail::throw_without_name(detail::type_name<E>,
                                   std::to_string(+static_cast<std::underlying_type_t<E>>(value)));
    }
    static void show(std::string& out, E value) {
        constexpr auto const& table = detail::names_of_enum<E>;
        if (table.has_other && value == table.other)
            out += detail::unknown_value;
        else
            encode(out, value);
    }
    static void decode(dynamodb::json_reader& in, E& value) {
        constexpr auto const& table = detail::names_of_enum<E>;
        std::string_view const text = detail::decode_text(in);
        for (auto const& one : table.names)
            if (one.name == text) {
                value = one.value;
                return;
            }
        if (table.has_other) {
            value = table.other;
            return;
        }
        std::string known;
        for (auto const& one : table.names) detail::append_known_name(known, one.name);
        detail::throw_unknown_name(detail::type_name<E>, text, known);
    }
};

/// A value of any type, for attributes whose shape is not known.
template <> struct codec<dynamodb::attribute_value> {
    static constexpr auto type = dynamodb::attribute_type::null;
    static void encode(std::string& out, dynamodb::attribute_value const& value) { dynamodb::append_json(out, value); }
    static void decode(dynamodb::json_reader& in, dynamodb::attribute_value& value) {
        value = dynamodb::read_attribute_value(in);
    }
};

/// Empty is stored as absent; absent and NULL read as empty.
template <detail::has_codec T> struct codec<std::optional<T>> {
    static constexpr auto type = codec<T>::type;
    static constexpr detail::value_shape shape = detail::find_shape<T>();
    static constexpr bool tells_path = detail::tells_path<T>;
    static constexpr bool may_be_unknown = detail::may_be_unknown<T>;
    using built_in = std::optional<T>;
    static bool absent(std::optional<T> const& value) { return !value || detail::is_absent(*value); }
    static void encode(std::string& out, std::optional<T> const& value) { write<detail::purpose::storing>(out, value); }
    static void show(std::string& out, std::optional<T> const& value) { write<detail::purpose::showing>(out, value); }
    static void decode(dynamodb::json_reader& in, std::optional<T>& value) {
        if (detail::begin_unless_null(in))
            codec<T>::decode(in, value.emplace());
        else
            value.reset();
    }

private:
    template <detail::purpose For> static void write(std::string& out, std::optional<T> const& value) {
        if (value)
            detail::write_value<For>(out, *value);
        else
            out += R"({"NULL":true})";
    }
};

/// A list (L), never a set: order and duplicates are kept, and an empty list is stored as one.
template <detail::has_codec T> struct codec<std::vector<T>> {
    static constexpr auto type = dynamodb::attribute_type::list;
    static constexpr detail::value_shape shape{.type = type, .element = &detail::shape_of<T>};
    static constexpr bool tells_path = detail::tells_path<T>;
    static constexpr bool may_be_unknown = detail::may_be_unknown<T>;
    using built_in = std::vector<T>;
    static void encode(std::string& out, std::vector<T> const& value) { write<detail::purpose::storing>(out, value); }
    static void show(std::string& out, std::vector<T> const& value) { write<detail::purpose::showing>(out, value); }
    static void decode(dynamodb::json_reader& in, std::vector<T>& value) {
        expect(in, type);
        value.clear();
        in.enter_array();
        value.reserve(in.guess_elements());
        while (in.next_element()) {
            if constexpr (std::is_same_v<T, bool>) {
                bool element = false;
                detail::decode_element<T>(in, element);
                value.push_back(element);
            } else {
                T& element = value.emplace_back();
                detail::decode_element<T>(in, element, value.size() - 1);
            }
        }
        in.close_attribute();
    }

private:
    template <detail::purpose For> static void write(std::string& out, std::vector<T> const& value) {
        out += R"({"L":[)";
        std::size_t position = 0;
        for (auto const& element : value) {
            if (position != 0) out += ',';
            detail::encode_element<T, For>(out, element, position++);
        }
        out += "]}";
    }
};

namespace detail {

/// A map (M) of values of one type.
template <class Map> struct map_codec {
    using mapped_type = typename Map::mapped_type;
    static constexpr auto type = dynamodb::attribute_type::map;
    static constexpr value_shape shape{.type = type, .element = &shape_of<mapped_type>};
    static constexpr bool tells_path = detail::tells_path<mapped_type>;
    static constexpr bool may_be_unknown = detail::may_be_unknown<mapped_type>;
    using built_in = Map;
    static void encode(std::string& out, Map const& value) { write<purpose::storing>(out, value); }
    static void show(std::string& out, Map const& value) { write<purpose::showing>(out, value); }
    static void decode(dynamodb::json_reader& in, Map& value) {
        expect(in, type);
        value.clear();
        in.enter_object();
        std::string_view name;
        while (in.next_member(name)) {
            auto const [at, added] = value.try_emplace(typename Map::key_type(name));
            if (!added) in.fail_repeated(at->first);
            decode_element<mapped_type>(in, at->second, std::string_view(at->first));
        }
        in.close_attribute();
    }

private:
    template <purpose For> static void write(std::string& out, Map const& value) {
        out += R"({"M":{)";
        bool first = true;
        for (auto const& [key, element] : value) {
            if (!first) out += ',';
            first = false;
            dynamodb::append_json_string(out, key);
            out += ':';
            encode_element<mapped_type, For>(out, element, std::string_view(key));
        }
        out += "}}";
    }
};

template <class T>
concept set_element = has_codec<T> && (codec<T>::type == dynamodb::attribute_type::string ||
                                       codec<T>::type == dynamodb::attribute_type::number ||
                                       codec<T>::type == dynamodb::attribute_type::binary);

/// Throws errc::invalid_argument for an element of a set that would be stored as no attribute.
[[noreturn]] void throw_unset_element();

/// A set (SS, NS or BS, by the type of the elements). DynamoDB stores no empty sets, so an empty one is absent.
template <class Set> struct set_codec {
    using element = typename Set::value_type;
    static constexpr auto type =
        codec<element>::type == dynamodb::attribute_type::string   ? dynamodb::attribute_type::string_set
        : codec<element>::type == dynamodb::attribute_type::number ? dynamodb::attribute_type::number_set
                                                                   : dynamodb::attribute_type::binary_set;
    static constexpr bool may_be_unknown = detail::may_be_unknown<element>;
    using built_in = Set;
    static bool absent(Set const& value) { return value.empty(); }
    static void encode(std::string& out, Set const& value) { write<purpose::storing>(out, value); }
    static void show(std::string& out, Set const& value) { write<purpose::showing>(out, value); }
    static void decode(dynamodb::json_reader& in, Set& value) {
        expect(in, type);
        value.clear();
        in.enter_array();
        std::string wire;
        while (in.next_element()) {
            wire = type == dynamodb::attribute_type::string_set   ? R"({"S":)"
                   : type == dynamodb::attribute_type::number_set ? R"({"N":)"
                                                                  : R"({"B":)";
            wire += in.skip_value();
            wire += '}';
            dynamodb::json_reader element_in{std::string_view(wire)};
            element one{};
            codec<element>::decode(element_in, one);
            element_in.finish();
            value.insert(std::move(one));
        }
        in.close_attribute();
    }

private:
    template <purpose For> static void write(std::string& out, Set const& value) {
        out += type == dynamodb::attribute_type::string_set   ? R"({"SS":[)"
               : type == dynamodb::attribute_type::number_set ? R"({"NS":[)"
                                                              : R"({"BS":[)";
        bool first = true;
        std::string wire;
        for (auto const& one : value) {
            if (!first) out += ',';
            first = false;
            if (is_absent(one)) throw_unset_element();
            wire.clear();
            write_value<For>(wire, one);
            out += wire == unknown_value ? unknown_value : inner_value(wire);
        }
        out += "]}";
    }
};

} // namespace detail

template <detail::set_element T, class Less, class Allocator>
struct codec<std::set<T, Less, Allocator>> : detail::set_codec<std::set<T, Less, Allocator>> {};
template <detail::set_element T, class Hash, class Equal, class Allocator>
struct codec<std::unordered_set<T, Hash, Equal, Allocator>>
    : detail::set_codec<std::unordered_set<T, Hash, Equal, Allocator>> {};

template <detail::has_codec T, class Less, class Allocator>
struct codec<std::map<std::string, T, Less, Allocator>> : detail::map_codec<std::map<std::string, T, Less, Allocator>> {
};
template <detail::has_codec T, class Hash, class Equal, class Allocator>
struct codec<std::unordered_map<std::string, T, Hash, Equal, Allocator>>
    : detail::map_codec<std::unordered_map<std::string, T, Hash, Equal, Allocator>> {};

} // namespace dynasio

#endif
