#ifndef DYNASIO_ORM_DSL_HPP
#define DYNASIO_ORM_DSL_HPP

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/timestamp.hpp>

namespace dynasio {

/// The words of entities, schemas and queries. This namespace is made for `using namespace`, at file scope too: none of
/// its names is also one of std, std::chrono, boost::asio, boost::beast or GoogleTest, or a global function of the
/// system's. `dynasio` itself is not made for it: its namespaces http, aws and testing and its types error, errc and
/// query have names that programs give to their own things (`namespace http = boost::beast::http;`), and such a name is
/// then ambiguous. Left out are also client, client_options, page and result, which programs often have themselves and
/// seldom write more than once: they are written with `dynasio::`.
namespace dsl {

using dynasio::attribute;
using dynasio::belongs_to;
using dynasio::belongs_to_many;
using dynasio::by;
using dynasio::created_at;
using dynasio::entity;
using dynasio::gsi;
using dynasio::has_many;
using dynasio::has_many_through;
using dynasio::has_one;
using dynasio::inverse_of;
using dynasio::lsi;
using dynasio::partition_key;
using dynasio::pivot;
using dynasio::pivot_table;
using dynasio::relate;
using dynasio::sort_key;
using dynasio::table;
using dynasio::tag;
using dynasio::through;
using dynasio::timestamp;
using dynasio::timestamps;
using dynasio::transient;
using dynasio::version;

} // namespace dsl

} // namespace dynasio

#endif
