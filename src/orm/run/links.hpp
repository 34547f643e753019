#ifndef DYNASIO_SRC_ORM_RUN_LINKS_HPP
#define DYNASIO_SRC_ORM_RUN_LINKS_HPP

#include <dynasio/orm/detail/operations.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "../wire/link_changes.hpp"

namespace dynasio::detail {

/// The keys of the entities in a handle; none when it is not loaded.
[[nodiscard]] std::set<std::string> loaded_keys(relation_info const& relation, void const* owner);
/// Sends changes of links.
[[nodiscard]] boost::asio::awaitable<link_outcome>
change_links(engine_ptr engine, std::unique_ptr<link_transactions> changes, operation_options options);
[[nodiscard]] link_outcome outcome_of(changed_rows const& changed);

// The operations on links that are entities.
[[nodiscard]] boost::asio::awaitable<void> attach_entity(engine_ptr engine, relation_info const& relation,
                                                         void const* owner, wanted_link link,
                                                         operation_options options);
[[nodiscard]] boost::asio::awaitable<bool> detach_entity(engine_ptr engine, relation_info const& relation,
                                                         void const* owner, lowered_key far, operation_options options);
[[nodiscard]] boost::asio::awaitable<link_outcome> replace_entities(engine_ptr engine, relation_info const& relation,
                                                                    void const* owner, std::vector<wanted_link> links,
                                                                    operation_options options);
[[nodiscard]] boost::asio::awaitable<link_outcome> toggle_entities(engine_ptr engine, relation_info const& relation,
                                                                   void const* owner, std::vector<wanted_link> links,
                                                                   operation_options options);
[[nodiscard]] boost::asio::awaitable<std::uint64_t> count_entities(engine_ptr engine, relation_info const& relation,
                                                                   void const* owner, operation_options options);

} // namespace dynasio::detail

#endif
