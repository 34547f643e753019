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

/// Types of members whose usual values, those that are spelt as the service nearly always spells them, the decoder and
/// the encoder of items handle without a call of the codec.
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

/// That of members of type M. None for a codec of the program's own, one derived from a built-in one included.
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
