#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/delete_table.hpp>

#include <dynasio/core/error.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "../plan/table_comparison.hpp"
#include "model_check.hpp"
#include "table_work.hpp"
#include "wanted_tables.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> do_create_tables(client db, wanted_tables tables, call_options call,
                                       table_progress_handler progress) {
    table_work work(tables.size(), std::move(call), std::move(progress));
    std::map<std::string, bool> created;
    for (auto const& [name, table] : tables) {
        auto creating = request_table(&db, &table.create, &work);
        bool const is_new = co_await std::move(creating);
        created[name] = is_new;
        work.tell(name, is_new ? table_step::requested : table_step::exists);
    }
    for (auto const& [name, table] : tables) {
        auto waiting =
            created[name] ? db.wait_until_active(name, work.waiting()) : settle(&db, &name, &table.create, &work);
        co_await std::move(waiting);
        if (!created[name]) {
            auto enabling = enable_stream(&db, &table.create, &work);
            co_await std::move(enabling);
        }
        if (!table.ttl_attribute.empty()) {
            auto enabling = enable_ttl(&db, &name, &table.ttl_attribute, &work);
            co_await std::move(enabling);
        }
        work.tell(name, table_step::ready);
    }
}

asio::awaitable<std::vector<table_difference>> do_compare_tables(client db, wanted_tables tables, call_options call) {
    std::vector<table_difference> found;
    for (auto const& [name, table] : tables) {
        auto looking = look_at(&db, &name, call);
        auto const described = co_await std::move(looking);
        if (!described || !described->table) {
            found.push_back(table_difference{name, std::string(), "there is no such table", difference_kind::no_table});
            continue;
        }
        for (auto& difference : compare_table(table.create, *described->table)) found.push_back(std::move(difference));
        if (table.ttl_attribute.empty()) continue;
        auto asking = ttl_of(&db, &name, call);
        auto const ttl = co_await std::move(asking);
        if (!ttl) continue;
        if (auto difference = compare_ttl(name, table.ttl_attribute, ttl->attribute))
            found.push_back(std::move(*difference));
    }
    co_return found;
}

asio::awaitable<void> do_drop_tables(client db, wanted_tables tables, call_options call,
                                     table_progress_handler progress) {
    table_work work(tables.size(), std::move(call), std::move(progress));
    for (auto const& [name, table] : tables) {
        dynamodb::delete_table_request const drop(name);
        try {
            auto dropping = db.delete_table(drop, work.call());
            co_await std::move(dropping);
        } catch (error const& e) {
            if (e.code() != service_errc::resource_not_found && e.code() != service_errc::resource_in_use) throw;
        }
        work.tell(name, table_step::requested);
    }
    for (auto const& [name, table] : tables) {
        auto waiting = db.wait_until_gone(name, work.waiting());
        co_await std::move(waiting);
        work.tell(name, table_step::ready);
    }
}

} // namespace

asio::awaitable<void> create_tables(client db, std::vector<entity_type const*> types, operation_options options,
                                    table_progress_handler progress) {
    return begin_on<void>(db, [&] {
        check_model(types);
        auto tables = tables_for(db.options().table_prefix, types);
        return do_create_tables(db, std::move(tables), options.call, std::move(progress));
    });
}

asio::awaitable<std::vector<table_difference>> compare_tables(client db, std::vector<entity_type const*> types,
                                                              operation_options options) {
    return begin_on<std::vector<table_difference>>(
        db, [&] { return do_compare_tables(db, tables_for(db.options().table_prefix, types), options.call); });
}

asio::awaitable<void> drop_tables(client db, std::vector<entity_type const*> types, operation_options options,
                                  table_progress_handler progress) {
    return begin_on<void>(db, [&] {
        auto tables = tables_for(db.options().table_prefix, types);
        return do_drop_tables(db, std::move(tables), options.call, std::move(progress));
    });
}

} // namespace dynasio::detail
