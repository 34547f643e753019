#include <dynasio/orm/sketch.hpp>

#include <dynasio/dynamodb/operations/describe_table.hpp>
#include <dynasio/dynamodb/operations/scan.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "../plan/schema_sketch.hpp"
#include "../wire/table_name.hpp"
#include "table_work.hpp"

namespace dynasio {

namespace asio = boost::asio;

namespace detail {

namespace {

asio::awaitable<std::string> do_sketch_schema(client db, std::string table, std::size_t items, call_options options) {
    std::string const name = physical_table(db.options().table_prefix, table);
    dynamodb::describe_table_request const describe(name);
    auto describing = db.describe_table(describe, options);
    auto const described = co_await std::move(describing);
    auto asking = ttl_of(&db, &name, options);
    auto const ttl = co_await std::move(asking);
    std::vector<dynamodb::item> sample;
    if (items != 0) {
        dynamodb::scan_request scan(name);
        constexpr std::size_t most = std::numeric_limits<std::int32_t>::max();
        scan.limit = static_cast<std::int32_t>(std::min(items, most));
        auto scanning = db.scan(scan, options);
        auto page = co_await std::move(scanning);
        if (page.items) sample = std::move(*page.items);
    }
    co_return schema_sketch(table, described.table.value_or(dynamodb::table_description()),
                            ttl ? ttl->attribute : std::string(), sample);
}

} // namespace

} // namespace detail

asio::awaitable<std::string> sketch_schema(client const& db, std::string table, std::size_t items,
                                           call_options options) {
    return detail::begin_on<std::string>(
        db, [&] { return detail::do_sketch_schema(db, std::move(table), items, std::move(options)); });
}

} // namespace dynasio
