#ifndef DYNASIO_SRC_ORM_RUN_RELATED_QUERY_HPP
#define DYNASIO_SRC_ORM_RUN_RELATED_QUERY_HPP

#include <dynasio/orm/detail/operations.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

// Queries whose entities are chosen by what they are related to (where_has<>). DynamoDB has no such condition, so the
// entities are read, their relations are asked for, and the rest is left out; relations to load come last.
namespace dynasio::detail {

/// Throws errc::invalid_argument for options that such a query cannot have.
void check_related_query(query_spec const& query);
/// `sorts_here`: the query's order is made in the client, so that it has no pages. `check` is told how many entities
/// remain before their relations are loaded, and may throw.
[[nodiscard]] boost::asio::awaitable<query_outcome> run_related_query(engine_ptr engine, query_spec query,
                                                                      bool sorts_here,
                                                                      std::function<void(std::size_t)> check = nullptr);
[[nodiscard]] boost::asio::awaitable<query_outcome> run_related_page(engine_ptr engine, query_spec query,
                                                                     std::size_t size, std::string cursor);
[[nodiscard]] boost::asio::awaitable<std::uint64_t> count_related_query(engine_ptr engine, query_spec query);
/// What such a query reads before it asks for the first time what is related: everything, or a page.
[[nodiscard]] selection first_read_of(query_spec const& query, bool sorts_here);

} // namespace dynasio::detail

#endif
