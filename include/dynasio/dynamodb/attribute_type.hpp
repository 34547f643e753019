#ifndef DYNASIO_DYNAMODB_ATTRIBUTE_TYPE_HPP
#define DYNASIO_DYNAMODB_ATTRIBUTE_TYPE_HPP

#include <cstdint>
#include <string_view>

namespace dynasio::dynamodb {

/// The type tags of the wire format ({"S": "text"}).
enum class attribute_type : std::uint8_t {
    string,
    number,
    binary,
    boolean,
    null,
    list,
    map,
    string_set,
    number_set,
    binary_set
};

/// "S", "N", "B", …
[[nodiscard]] std::string_view to_string(attribute_type type) noexcept;

} // namespace dynasio::dynamodb

#endif
