#ifndef DYNASIO_SRC_ORM_PLAN_RELATION_TREE_HPP
#define DYNASIO_SRC_ORM_PLAN_RELATION_TREE_HPP

#include <dynasio/orm/load_node.hpp>

#include <vector>

// The relations that a read loads, as a tree: what the program asked for, and what schemas add.
namespace dynasio::detail {

/// The most relations that may be nested.
inline constexpr unsigned max_nested_relations = 16;

/// Joins relations that are named several times at one place: what is nested below each is loaded below the one. Throws
/// errc::invalid_argument when their constraints differ, and when relations are nested too deep.
void merge_relations(std::vector<load_node>& relations, unsigned depth = 1);

/// Gives each morph_to among these relations, at every level, a node below it for each of its types, so that every type
/// is loaded in its own way.
void add_branches_below(std::vector<load_node>& relations);

/// Adds the relations that the schemas of entities ask for with autoload<>: those of `type`, and at every level those
/// of the entities that a relation leads to. A relation that is named already stays as it is.
void add_autoloads(entity_type const& type, std::vector<load_node>& relations);
/// Does the same without those of the entities that the relations belong to, which are loaded already.
void add_autoloads_below(std::vector<load_node>& relations);

} // namespace dynasio::detail

#endif
