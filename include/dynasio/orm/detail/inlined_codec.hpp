#ifndef DYNASIO_ORM_DETAIL_INLINED_CODEC_HPP
#define DYNASIO_ORM_DETAIL_INLINED_CODEC_HPP

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

/// Which codec the decoder of items has inlined, for values that are spelt as the service nearly always spells them.
enum class inlined_codec : std::uint8_t {
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
template <class M> [[nodiscard]] consteval inlined_codec inlined_codec_of() {
    if constexpr (requires { requires std::same_as<typename codec<M>::built_in, M>; }) {
        if constexpr (std::same_as<M, std::string>)
            return inlined_codec::string;
        else if constexpr (std::same_as<M, std::optional<std::string>>)
            return inlined_codec::optional_string;
        else if constexpr (std::same_as<M, std::vector<std::string>>)
            return inlined_codec::string_list;
        else if constexpr (std::same_as<M, dynasio::timestamp>)
            return inlined_codec::timestamp;
        else if constexpr (std::same_as<M, bool>)
            return inlined_codec::boolean;
        else if constexpr (std::same_as<M, double>)
            return inlined_codec::floating_64;
        else if constexpr (std::integral<M> && sizeof(M) == 4)
            return std::is_signed_v<M> ? inlined_codec::signed_32 : inlined_codec::unsigned_32;
        else if constexpr (std::integral<M> && sizeof(M) == 8)
            return std::is_signed_v<M> ? inlined_codec::signed_64 : inlined_codec::unsigned_64;
    }
    return inlined_codec::none;
}

} // namespace detail
} // namespace dynasio

#endif
