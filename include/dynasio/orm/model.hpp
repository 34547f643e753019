#ifndef DYNASIO_ORM_MODEL_HPP
#define DYNASIO_ORM_MODEL_HPP

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/detail/options.hpp>
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

/// Creates the tables of these entities, with their indexes, and the pivot tables of their relations, and completes
/// when all are ACTIVE: `co_await create_tables<User, Post, Role>(db)`. Tables that exist are left as they are, so
/// several programs may run this at the same time; one that is being deleted is waited for and created then. New tables
/// have on-demand billing. `progress` is told each step. Throws errc::table_not_ready when the call's time-out passes
/// first, which is 10 minutes by default, because tables with indexes take the service minutes, and
/// errc::invalid_argument, before anything is sent, when entities contradict one another: they share a table but not
/// its keys, store their links under one name, or lack an inverse_of<>. verify<> finds the same at compile time.
template <class... Entities>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
create_tables(client const& db, call_options options = {}, table_progress_handler progress = {}) {
    static_assert(detail::have_tables<Entities...>(), "dynasio: a projection has no table of its own; name its entity");
    return detail::create_tables(db, std::vector<entity_type const*>{&entity_type_of<Entities>()...},
                                 detail::operation_options{.call = options}, std::move(progress));
}

/// Deletes the tables of these entities with everything in them, and the pivot tables of their relations, and completes
/// when all are gone. `progress` is told each step. The time-out is 10 minutes by default.
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

namespace dsl {

using dynasio::compare_tables;
using dynasio::create_tables;
using dynasio::drop_tables;

} // namespace dsl

} // namespace dynasio

#endif
