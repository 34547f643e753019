#ifndef DYNASIO_ORM_EXPRESSION_HPP
#define DYNASIO_ORM_EXPRESSION_HPP

#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/entity_type.hpp>
#include <dynasio/orm/field.hpp>

#include <dynasio/dynamodb/detail/condition_text.hpp>
#include <dynasio/dynamodb/expression.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

// Conditions as text, for programs that get them from elsewhere.
namespace dynasio {

namespace detail {

/// A value for the placeholder `:name` of a text.
struct named_value {
    std::string name;
    std::string wire;
};

template <class Value> inline constexpr bool is_named_value = std::is_same_v<Value, named_value>;

[[noreturn]] void throw_value_without_a_value(std::string const& place);

/// A value of a text in wire form. `place` names it in errors.
template <class Value> std::string operand_of_text(Value const& value, std::string const& place) {
    std::string out;
    if constexpr (std::is_convertible_v<Value const&, std::string_view> && !has_codec<Value> &&
                  !std::is_null_pointer_v<Value>) {
        codec<std::string>::encode(out, std::string(std::string_view(value)));
    } else {
        constexpr bool stored = has_codec<Value>;
        static_assert(stored, "dynasio: a value of expression<T>(...) has a type that dynasio does not store; an "
                              "attribute without a value is attribute_not_exists(name)");
        if constexpr (stored) {
            if (is_absent(value)) throw_value_without_a_value(place);
            codec<Value>::encode(out, value);
        }
    }
    return out;
}

inline void add_value(dynamodb::detail::condition_values& to, named_value const& value) {
    to.named.emplace_back(value.name, value.wire);
}
template <class Value> void add_value(dynamodb::detail::condition_values& to, Value const& value) {
    to.positional.push_back(operand_of_text(value, "value " + std::to_string(to.positional.size() + 1)));
}

/// Reads the condition and checks it against the attributes of the entity.
[[nodiscard]] dynamodb::condition condition_of_text(entity_type const& type, std::string_view text,
                                                    dynamodb::detail::condition_values const& values);

} // namespace detail

/// The value of the placeholder `:name` in expression<T>(…): `named("min", 5)`. Several places may use it.
template <class Value> [[nodiscard]] detail::named_value named(std::string_view name, Value const& value) {
    return {std::string(name), detail::operand_of_text(value, "the value :" + std::string(name))};
}

/// A condition on entities of type T that is written as text, in the language of the service's condition expressions:
///
///     users.where(expression<User>("score > ? AND contains(title, ?)", 5, "x"))
///     users.where(expression<User>("score BETWEEN :low AND :high", named("low", 1), named("high", 9)))
///
/// It is the same value that field<> makes: it can be joined with other conditions by &&, || and !, it takes part in
/// the choice of the index, and it stands wherever a condition can, in with<> and only_if as well.
///
/// There are = <> < <= > >=, BETWEEN … AND …, IN (…), attribute_exists, attribute_not_exists, attribute_type,
/// begins_with, contains, size, AND, OR, NOT and parentheses; keywords may be written in small letters. Each comparison
/// is one of an attribute, or of its size, with values; values stand as `?` or as `:name` and are never a part of the
/// text, so texts of strangers cannot end in it. Attributes have the names under which they are stored, and no `#`:
/// words that the service reserves need nothing. Elements inside of them are `address.city` and `tags[0]`. A name that
/// is a keyword or has other characters than letters, digits and `_` stands in double quotes, and so does the name of
/// an attribute that T does not declare, which only the service can look at.
///
/// Throws errc::invalid_argument, at this call, when the text is no condition, when T has no such attribute, when a
/// value is missing, not used or absent, or when it is of another type than the attribute; the message names the place
/// in the text. Throws what the values' codecs throw.
template <class T, class... Values>
[[nodiscard]] where_clause<T> expression(std::string_view text, Values const&... values) {
    if constexpr (detail::check_entity<T>()) {
        dynamodb::detail::condition_values wire;
        (detail::add_value(wire, values), ...);
        return detail::access::make<where_clause<T>>(detail::condition_of_text(entity_type_of<T>(), text, wire));
    } else {
        return detail::access::make<where_clause<T>>(dynamodb::condition());
    }
}

namespace dsl {

using dynasio::expression;
using dynasio::named;

} // namespace dsl

} // namespace dynasio

#endif
