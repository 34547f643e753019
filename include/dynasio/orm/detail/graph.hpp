#ifndef DYNASIO_ORM_DETAIL_GRAPH_HPP
#define DYNASIO_ORM_DETAIL_GRAPH_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <boost/asio/awaitable.hpp>

#include <vector>

// The compiled part of saves of entities with what they are related to.
namespace dynasio::detail {

/// A relation that is saved along with its owner.
struct along_node {
    relation_info const* relation = nullptr;
    bool replace_missing = false;
    std::vector<along_node> children{};
};

/// An entity that is saved with its relations, without the C++ types.
struct graph_spec {
    entity_type const* type = nullptr;
    held_form root{};
    bool creates = false;
    bool touches = false;          ///< Saves a tracked root also when nothing has changed.
    dynamodb::condition only_if{}; ///< About the root.
    std::vector<along_node> along{};
    bool autosaves = true; ///< Saves along what schemas ask for with autosave<>.
    bool in_parts = false; ///< Permits several transactions.
    operation_options options{};
};

/// Saves the graph. The root must stay where it is, unchanged, until the operation completes.
[[nodiscard]] boost::asio::awaitable<void> save_graph(engine_ptr engine, graph_spec what);

/// Removes an entity after what its schema's on_remove<> says about those that belong to it. The entity must stay where
/// it is, unchanged, until the operation completes. `read` is how it was read. Returns whether there was an item.
[[nodiscard]] boost::asio::awaitable<bool> remove_owner(engine_ptr engine, entity_type const& type, void const* entity,
                                                        void const* read, dynamodb::condition only_if,
                                                        operation_options options);

} // namespace dynasio::detail

#endif
