#ifndef DYNASIO_DYNAMODB_ATTRIBUTE_VALUE_HPP
#define DYNASIO_DYNAMODB_ATTRIBUTE_VALUE_HPP

#include <dynasio/dynamodb/json.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace dynasio::dynamodb {

/// A DynamoDB number as the decimal text that is stored. All 38 digits are kept, because no value is converted to
/// double.
class number {
public:
    number() = default;
    number(number const&) = default;
    number& operator=(number const&) = default;
    // A moved-from number is zero, because an empty text would not be a number.
    number(number&& other) noexcept : text_(std::exchange(other.text_, "0")) {}
    number& operator=(number&& other) noexcept {
        if (this != &other) text_ = std::exchange(other.text_, "0");
        return *this;
    }
    template <std::integral Integer> explicit number(Integer value) : text_(std::to_string(value)) {}
    /// Shortest text that reads back as the same double. Throws errc::invalid_argument for NaN, infinity and magnitudes
    /// that DynamoDB does not store.
    [[nodiscard]] static number from_double(double value);
    /// Throws errc::invalid_argument when `text` is not a number that DynamoDB can store.
    [[nodiscard]] static number parse(std::string_view text);
    /// As parse(), but returns nothing instead of throwing.
    [[nodiscard]] static std::optional<number> try_parse(std::string_view text);

    [[nodiscard]] std::string const& text() const noexcept { return text_; }
    /// Throws errc::number_out_of_range when the number is not an integer of 64 bits.
    [[nodiscard]] std::int64_t to_int64() const;
    [[nodiscard]] std::uint64_t to_uint64() const;
    [[nodiscard]] double to_double() const;

    /// Compares values: 1, 1.0 and 1e0 are equal.
    friend bool operator==(number const& a, number const& b) noexcept { return compare_numbers(a.text_, b.text_) == 0; }

private:
    std::string text_ = "0";
};

struct binary {
    std::string bytes{};
    friend bool operator==(binary const&, binary const&) = default;
};
struct null_value {
    friend bool operator==(null_value, null_value) = default;
};
/// Sets keep the order received; comparison ignores it.
struct string_set {
    std::vector<std::string> members{};
};
struct number_set {
    std::vector<number> members{};
};
struct binary_set {
    std::vector<binary> members{};
};

class attribute_value;
using list = std::vector<attribute_value>;
/// Attributes by name.
using item = std::map<std::string, attribute_value, std::less<>>;

namespace detail {
/// Types that would convert implicitly to a null text or to bool by mistake.
template <class T>
concept address_by_mistake = std::same_as<T, std::nullptr_t> || std::is_member_pointer_v<T> ||
                             (std::is_pointer_v<T> && !std::convertible_to<T, char const*>);
template <class T> inline constexpr bool never_a_value = false;
} // namespace detail

/// One attribute's value. Access as another type throws errc::attribute_type_mismatch instead of returning an empty
/// value.
class attribute_value {
public:
    attribute_value() = default; ///< NULL
    attribute_value(std::string value) : value_(std::move(value)) {}
    attribute_value(std::string_view value) : value_(std::string(value)) {}
    attribute_value(char const* value) : value_(std::string(value)) {}
    attribute_value(bool value) : value_(value) {}
    template <std::integral Integer>
        requires(!std::same_as<Integer, bool> && !std::same_as<Integer, char>)
    attribute_value(Integer value) : value_(number(value)) {}
    attribute_value(double value) : value_(number::from_double(value)) {}
    attribute_value(number value) : value_(std::move(value)) {}
    attribute_value(binary value) : value_(std::move(value)) {}
    attribute_value(null_value) {}
    attribute_value(list value) : value_(std::move(value)) {}
    attribute_value(item value) : value_(std::move(value)) {}
    attribute_value(string_set value) : value_(std::move(value)) {}
    attribute_value(number_set value) : value_(std::move(value)) {}
    attribute_value(binary_set value) : value_(std::move(value)) {}
    template <detail::address_by_mistake Address> attribute_value(Address) {
        static_assert(
            detail::never_a_value<Address>,
            "dynasio: an address is no attribute value; write attribute_value() or null_value() for NULL, and "
            "*pointer for what a pointer leads to");
    }

    [[nodiscard]] attribute_type type() const noexcept;
    [[nodiscard]] bool is_null() const noexcept { return type() == attribute_type::null; }
    [[nodiscard]] std::string const& as_string() const;
    [[nodiscard]] number const& as_number() const;
    [[nodiscard]] bool as_bool() const;
    [[nodiscard]] binary const& as_binary() const;
    [[nodiscard]] list const& as_list() const;
    [[nodiscard]] item const& as_map() const;
    [[nodiscard]] string_set const& as_string_set() const;
    [[nodiscard]] number_set const& as_number_set() const;
    [[nodiscard]] binary_set const& as_binary_set() const;

    friend bool operator==(attribute_value const& a, attribute_value const& b);

private:
    std::variant<null_value, std::string, number, binary, bool, list, item, string_set, number_set, binary_set> value_;
};

/// Appends `{"S":"text"}` and so on. Throws errc::invalid_argument for an empty set, a set with a member twice (numbers
/// are compared by value) and text that is not UTF-8, errc::nesting_too_deep for more than 64 levels of lists and maps
/// (the service accepts 32). After an exception `out` is unchanged.
void append_json(std::string& out, attribute_value const& value);
/// Appends `{"name":{"S":"text"},…}`.
void append_json(std::string& out, item const& value);
/// Reads one attribute value. Throws errc::malformed_response for an unknown type, a NULL that is not true, a number
/// that DynamoDB does not store, and bad base64. Recursion is bounded by the reader's depth limit.
[[nodiscard]] attribute_value read_attribute_value(json_reader& in);
/// Reads an object of attribute values. A repeated name is errc::malformed_response.
[[nodiscard]] item read_item(json_reader& in);

} // namespace dynasio::dynamodb

#endif
