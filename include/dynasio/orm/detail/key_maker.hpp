#ifndef DYNASIO_ORM_DETAIL_KEY_MAKER_HPP
#define DYNASIO_ORM_DETAIL_KEY_MAKER_HPP

#include <dynasio/core/clock.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace dynasio {

class ulid_generator;

namespace detail {

/// How a key that is empty gets its text when its entity is saved first.
struct key_maker {
    std::string (*make)(ulid_generator& ids);
    /// The time at which the key with this text was made, if the text tells it.
    std::optional<system_time> (*time)(std::string_view text);
};

} // namespace detail
} // namespace dynasio

#endif
