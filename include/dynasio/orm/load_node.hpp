#ifndef DYNASIO_ORM_LOAD_NODE_HPP
#define DYNASIO_ORM_LOAD_NODE_HPP

#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace dynasio {

/// The order in which entities come.
struct ordering {
    /// The attribute of the entity that they are sorted by. Without one: the access path's order, by its sort key.
    std::optional<attribute_index> by{};
    bool descending = false;

    friend bool operator==(ordering const&, ordering const&) = default;
};

/// What to read of one set of entities: the constraints of a query or of a relation, without the C++ types.
struct selection {
    dynamodb::condition where{};
    std::optional<ordering> order{};
    std::optional<std::size_t> limit{};
    /// How many entities at the beginning of the order are left out.
    std::size_t offset = 0;
    /// Permits to read everything and to sort and cut in the client.
    bool client_side = false;
    read_scope scope{};
    /// Leaves out entities whose time to live is over (ttl<>).
    bool without_expired = false;

    /// How many entities have to be found until the limit is reached.
    [[nodiscard]] constexpr std::optional<std::size_t> reach() const noexcept {
        if (!limit) return std::nullopt;
        return *limit > std::numeric_limits<std::size_t>::max() - offset ? std::numeric_limits<std::size_t>::max()
                                                                         : *limit + offset;
    }
};

/// One relation to load, with its constraints and the relations to load below it.
struct load_node {
    relation_info const* relation = nullptr;
    selection select{};
    /// Loads the relation again when its handle is already loaded.
    bool reload = false;
    /// Counts the entities instead of loading them. There is then no order, limit or offset, and nothing below.
    bool counts = false;
    /// Loads below it what the schemas of its entities ask for with autoload<>.
    bool autoloads = true;
    /// The node is there because of an autoload<>, and not because the program named the relation.
    bool is_automatic = false;
    std::vector<load_node> children{};
};

namespace detail {

/// A condition on what the entities of a query are related to.
struct related_filter {
    load_node related{};        ///< The relation, and which of its entities count.
    bool keeps_without = false; ///< Keeps those that have none instead of those that have one.
};

/// The most that the query of an operation may read, without the relations of its entities.
struct read_budget {
    std::optional<std::uint64_t> requests{};
    std::optional<double> units{}; ///< Capacity units.
};

} // namespace detail

} // namespace dynasio

#endif
