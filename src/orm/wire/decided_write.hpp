#ifndef DYNASIO_SRC_ORM_WIRE_DECIDED_WRITE_HPP
#define DYNASIO_SRC_ORM_WIRE_DECIDED_WRITE_HPP

#include <dynasio/orm/detail/planned_write.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "item_write.hpp"

namespace dynasio::detail {

/// A planned_write after it was decided.
struct decided_write {
    item_write write;
    planned_write::kind what;
    held_form form{};            ///< Empty for a write by key, and for links.
    std::string relation_path{}; ///< Of links.

    /// Call it when the write succeeded: assigns key, times and version to the entity. A tracked entity notes what the
    /// table holds now.
    void apply() const;
};

/// Decides a write of an entity or a key; nothing when there is nothing to write, because a tracked entity has not
/// changed. Precondition: it is no write of a link. Throws what make_write() and its kin throw.
[[nodiscard]] std::optional<decided_write> decide(write_environment const& env, planned_write const& plan,
                                                  std::string body = {});
/// Decides writes that succeed together, in their order. Those that have nothing to write are left out. A link may be
/// one of an entity whose key is made by another of these writes.
[[nodiscard]] std::vector<decided_write> decide_together(write_environment const& env,
                                                         std::span<planned_write const> plans);

/// The key of an item as text that is the same for every spelling of it.
[[nodiscard]] std::string key_identity(std::string_view key);
[[nodiscard]] std::string key_identity(item_write const& write);

/// Notices an item that two writes are about.
class distinct_items {
public:
    /// Throws errc::invalid_argument when an earlier write is about the same item. `why` says what follows from that.
    void add(item_write const& write, char const* why);

private:
    std::unordered_set<std::string> seen_{};
};

} // namespace dynasio::detail

#endif
