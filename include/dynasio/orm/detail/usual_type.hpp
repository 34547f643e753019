#ifndef DYNASIO_ORM_DETAIL_USUAL_TYPE_HPP
#define DYNASIO_ORM_DETAIL_USUAL_TYPE_HPP

#include <dynasio/core/timestamp.hpp>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace dynasio {

template <class T> struct codec;

namespace detail {

/// Types of members that the decoder and the encoder of items handle without a call of the codec, as long as the value
/// is usual: spelt in the JSON as DynamoDB nearly always spells it. The codec handles all other values.
enum class usual_type : std::uint8_t {
    none,
    string,
    optional_string,
    string_list,
    timestamp,
    boolean,
    signed_32,
    signed_64,
    unsigned_32,
    unsigned_64,
    floating_64
};

/// The usual_type of members of type M. It is `none` when the program specialises codec<M>, even by deriving from one
/// of the library's codecs, because that codec must then be called.
template <class M> [[nodiscard]] consteval usual_type usual_type_of() {
    if constexpr (requires { requires std::same_as<typename codec<M>::built_in, M>; }) {
        if constexpr (std::same_as<M, std::string>)
            return usual_type::string;
        else if constexpr (std::same_as<M, std::optional<std::string>>)
            return usual_type::optional_string;
        else if constexpr (std::same_as<M, std::vector<std::string>>)
            return usual_type::string_list;
        else if constexpr (std::same_as<M, dynasio::timestamp>)
            return usual_type::timestamp;
        else if constexpr (std::same_as<M, bool>)
            return usual_type::boolean;
        else if constexpr (std::same_as<M, double>)
            return usual_type::floating_64;
        else if constexpr (std::integral<M> && sizeof(M) == 4)
            return std::is_signed_v<M> ? usual_type::signed_32 : usual_type::unsigned_32;
        else if constexpr (std::integral<M> && sizeof(M) == 8)
            return std::is_signed_v<M> ? usual_type::signed_64 : usual_type::unsigned_64;
    }
    return usual_type::none;
}

} // namespace detail
} // namespace dynasio

#endif
