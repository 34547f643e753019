#ifndef DYNASIO_DYNAMODB_DETAIL_CONDITION_TEXT_HPP
#define DYNASIO_DYNAMODB_DETAIL_CONDITION_TEXT_HPP

#include <dynasio/dynamodb/expression.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::dynamodb::detail {

/// The values that stand for the placeholders of a text, in wire form.
struct condition_values {
    std::vector<std::string> positional{};                    ///< For each `?`, in order.
    std::vector<std::pair<std::string, std::string>> named{}; ///< For `:name`; the name is without the colon.
};

/// Says what is wrong with one comparison or function, for who knows the attributes; empty when nothing is. `quoted`:
/// the attribute's name stands in double quotes.
using condition_judge = std::function<std::string(condition const& one, bool quoted)>;

/// Reads a condition in the language of the service's condition expressions (DynamoDB Developer Guide, "Comparison
/// operator and function reference"): comparisons with = <> < <= > >=, BETWEEN, IN, the functions attribute_exists,
/// attribute_not_exists, attribute_type, begins_with, contains and size, paths with dots and positions, AND, OR, NOT
/// and parentheses. Keywords may be written in small letters. Names of attributes are written as they are, or in double
/// quotes (a double quote in a name is written twice) when they are keywords or have other characters than letters,
/// digits and `_`. Values stand as `?` or as `:name`.
///
/// Throws errc::invalid_argument, whose message names the place, for a text that is no such condition, for one that
/// compares two attributes or two values, for values that are missing or not used, and for what `judge` says.
[[nodiscard]] condition parse_condition(std::string_view text, condition_values const& values,
                                        condition_judge const& judge);

} // namespace dynasio::dynamodb::detail

#endif
