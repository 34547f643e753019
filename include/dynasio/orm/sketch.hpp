#ifndef DYNASIO_ORM_SKETCH_HPP
#define DYNASIO_ORM_SKETCH_HPP

#include <dynasio/dynamodb/call_options.hpp>
#include <dynasio/dynamodb/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>

namespace dynasio {

/// The C++ of an entity for a table that exists: a struct and its dynasio_schema(), complete with #include lines, to be
/// printed once and then edited: `std::cout << text`. The key, the indexes with what they project, and the time to live
/// are those of the table, which has the client's prefix before its name. Other attributes are those of up to `items`
/// items: one that some of these lack becomes a std::optional, one that has several types a
/// dynamodb::attribute_value, each with a comment. Numbers that are not whole become dynamodb::number, which loses
/// nothing. Relations, versions and times of creation are not guessed.
///
/// Costs a DescribeTable, a DescribeTimeToLive, and one page of a Scan, which reads up to `items` items and no more
/// than 1 MB; without items, nothing is scanned. Throws service_errc::resource_not_found when there is no such table.
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::string>
sketch_schema(client const& db, std::string table, std::size_t items = 100, call_options options = {});

namespace dsl {

using dynasio::sketch_schema;

} // namespace dsl

} // namespace dynasio

#endif
