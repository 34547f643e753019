#ifndef DYNASIO_SRC_ORM_WIRE_CHANGE_PLACE_HPP
#define DYNASIO_SRC_ORM_WIRE_CHANGE_PLACE_HPP

#include <dynasio/core/clock.hpp>

#include <map>
#include <set>
#include <string>
#include <string_view>

namespace dynasio {
struct entity_type;
}

namespace dynasio::detail {

/// The place in one shard up to which changes were delivered.
struct shard_place {
    enum class kind : unsigned char {
        oldest, ///< Before the oldest change that the shard holds.
        after,  ///< Behind the change with a sequence number.
        from,   ///< Before the change with a sequence number, the first of its shard that was not delivered.
        since,  ///< At the changes from about a time on, of which none has been seen yet.
    };
    kind at = kind::oldest;
    std::string sequence{}; ///< Of kind::after and kind::from.
    system_time time{};     ///< Of kind::since.

    /// Whether the service can tell that changes behind the place were dropped.
    [[nodiscard]] bool names_change() const noexcept { return at == kind::after || at == kind::from; }

    friend bool operator==(shard_place const&, shard_place const&) = default;
};

/// The place in a stream of changes up to which they were delivered. Shards that it does not name are either behind it
/// (ancestors of those that it names) or before it (all others).
struct change_place {
    std::string stream{}; ///< ARN.
    std::map<std::string, shard_place> shards{};
    /// Shards that were read to their end, and whose children are not known yet.
    std::set<std::string> ended{};
    system_time as_of{}; ///< When this was the place; whole seconds.

    friend bool operator==(change_place const&, change_place const&) = default;
};

/// Text of a place for use outside of the process.
[[nodiscard]] std::string encode_place(entity_type const& type, change_place const& place);
/// Throws errc::invalid_cursor for damaged text and for the position of another entity's changes.
[[nodiscard]] change_place decode_place(entity_type const& type, std::string_view text);

} // namespace dynasio::detail

#endif
