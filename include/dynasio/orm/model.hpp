#ifndef DYNASIO_ORM_MODEL_HPP
#define DYNASIO_ORM_MODEL_HPP

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/detail/options.hpp>
#include <dynasio/orm/table_change.hpp>
#include <dynasio/orm/table_difference.hpp>
#include <dynasio/orm/table_progress.hpp>
#include <dynasio/orm/verify.hpp>

#include <dynasio/dynamodb/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <utility>
#include <vector>

namespace dynasio {

namespace detail {

template <class... Entities> consteval bool have_tables() { return !(is_projection<Entities>() || ...); }

} // namespace detail

/// Creates the tables of these entities, with their indexes, the pivot tables of their relations and the tables of the
/// guards of their unique<> members, and completes when all are ACTIVE: `co_await create_tables<User, Post, Role>(db)`.
/// Tables that exist are left as they are, so several programs may run this at the same time; one that is being deleted
/// is waited for and created then. New tables have on-demand billing. `progress` is told each step. Throws
/// errc::table_not_ready when the call's time-out passes first, which is 10 minutes by default, because tables with
/// indexes take the service minutes, and errc::invalid_argument, before anything is sent, when entities contradict one
/// another: they share a table but not its keys, store their links under one name, or lack an inverse_of<>. verify<>
/// finds the same at compile time.
template <class... Entities>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
create_tables(client const& db, call_options options = {}, table_progress_handler progress = {}) {
    static_assert(detail::have_tables<Entities...>(), "dynasio: a projection has no table of its own; name its entity");
    return detail::create_tables(db, std::vector<entity_type const*>{&entity_type_of<Entities>()...},
                                 detail::operation_options{.call = options}, std::move(progress));
}

/// Deletes the tables of these entities with everything in them, the pivot tables of their relations and the tables of
/// the guards of their unique<> members, and completes when all are gone. Entities that are not named lose what they
/// have in these tables, too: their links and the guards of their values. `progress` is told each step. The time-out is
/// 10 minutes by default.
template <class... Entities>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
drop_tables(client const& db, call_options options = {}, table_progress_handler progress = {}) {
    static_assert(detail::have_tables<Entities...>(), "dynasio: a projection has no table of its own; name its entity");
    return detail::drop_tables(db, std::vector<entity_type const*>{&entity_type_of<Entities>()...},
                               detail::operation_options{.call = options}, std::move(progress));
}

/// Compares the tables of these entities, and the pivot tables of their relations, with the schemas: keys and their
/// types, indexes, and what these project. Gives what differs, and nothing when all is as the schemas say; a table that
/// does not exist is a difference. Indexes that no schema names are none. Costs one DescribeTable for each table and
/// changes nothing.
template <class... Entities>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<table_difference>>
compare_tables(client const& db, call_options options = {}) {
    static_assert(detail::have_tables<Entities...>(), "dynasio: a projection has no table of its own; name its entity");
    return detail::compare_tables(db, std::vector<entity_type const*>{&entity_type_of<Entities>()...},
                                  detail::operation_options{.call = options});
}

/// What update_tables() would do with the tables of these entities, and nothing when all are as the schemas say. Costs
/// one DescribeTable for each table, and one DescribeTimeToLive for each that has ttl<>. Changes nothing. Throws what
/// update_tables() throws before it changes anything.
template <class... Entities>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<table_change>>
plan_tables(client const& db, call_options options = {}) {
    static_assert(detail::have_tables<Entities...>(), "dynasio: a projection has no table of its own; name its entity");
    return detail::plan_tables(db, std::vector<entity_type const*>{&entity_type_of<Entities>()...}, false,
                               detail::operation_options{.call = options});
}
/// The same with global indexes dropped that no schema names.
template <class... Entities>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<table_change>>
plan_tables(client const& db, drop_unknown_indexes_t /*drop*/, call_options options = {}) {
    static_assert(detail::have_tables<Entities...>(), "dynasio: a projection has no table of its own; name its entity");
    return detail::plan_tables(db, std::vector<entity_type const*>{&entity_type_of<Entities>()...}, true,
                               detail::operation_options{.call = options});
}

/// Brings the tables of these entities, and the pivot tables of their relations, to the schemas, and completes when all
/// tables and indexes are ACTIVE. It carries out what plan_tables() gives: tables that do not exist are created, the
/// time to live is enabled where a table has none, and missing global indexes are added. The service adds one index at
/// a time to each table and fills it from the items that there are, so this may take long; indexes of different tables
/// are added at the same time. An index gets the capacity of its table when that is provisioned. Indexes that no schema
/// names stay.
///
/// Several programs may do this at the same time: a change that another one carries out is waited for. `progress` is
/// told each step. The call may be made again after every failure, and goes on where it stopped.
///
/// Throws, before it changes anything, errc::schema_conflict for everything that the service cannot change: the key of
/// a table, a local index, the key and the projection of an index, the type of a key attribute, and another time to
/// live; the message names all of these and what to do about each. Throws errc::table_not_ready when the call's
/// time-out passes first, which is 10 minutes by default; errc::invalid_argument as create_tables() does; and what the
/// service refuses. Costs what plan_tables() costs, one request for each change, and a DescribeTable every 2 seconds
/// while it waits; the service charges the writes that fill an index.
template <class... Entities>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
update_tables(client const& db, call_options options = {}, table_progress_handler progress = {}) {
    static_assert(detail::have_tables<Entities...>(), "dynasio: a projection has no table of its own; name its entity");
    return detail::update_tables(db, std::vector<entity_type const*>{&entity_type_of<Entities>()...}, false,
                                 detail::operation_options{.call = options}, std::move(progress));
}
/// The same, and drops the global indexes that no schema names: after the others have been added, or before when one of
/// them keeps an attribute at another type. Name all entities that share these tables: the indexes of those that are
/// left out are dropped.
template <class... Entities>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
update_tables(client const& db, drop_unknown_indexes_t /*drop*/, call_options options = {},
              table_progress_handler progress = {}) {
    static_assert(detail::have_tables<Entities...>(), "dynasio: a projection has no table of its own; name its entity");
    return detail::update_tables(db, std::vector<entity_type const*>{&entity_type_of<Entities>()...}, true,
                                 detail::operation_options{.call = options}, std::move(progress));
}

namespace dsl {

using dynasio::compare_tables;
using dynasio::create_tables;
using dynasio::drop_tables;
using dynasio::plan_tables;
using dynasio::update_tables;

} // namespace dsl

} // namespace dynasio

#endif
