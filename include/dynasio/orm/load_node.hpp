#ifndef DYNASIO_ORM_LOAD_NODE_HPP
#define DYNASIO_ORM_LOAD_NODE_HPP

#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace dynasio {

/// In which order entities come.
struct ordering {
    /// Nothing: the order of the access path (its sort key). Else an attribute of the entity.
    std::optional<attribute_index> by{};
    bool descending = false;
};

/// What to read of one set of entities: the constraints of a query or of a relation, without types.
struct selection {
    dynamodb::condition where{};
    std::optional<ordering> order{};
    std::optional<std::size_t> limit{};
    /// Sorting and cutting here, after everything was read, is allowed.
    bool client_side = false;
};

/// One relation to load, with its constraints and the relations to load below it.
struct load_node {
    relation_info const* relation = nullptr;
    selection select{};
    /// Loads again what is already loaded.
    bool reload = false;
    std::vector<load_node> children{};
};

} // namespace dynasio

#endif
