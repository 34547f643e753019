#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/operations/delete_table.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <string_view>
#include <utility>

#include "../plan/table_comparison.hpp"
#include "../wire/pivot_rows.hpp"
#include "../wire/table_name.hpp"
#include "model_check.hpp"
#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using dynamodb::create_table_request;

namespace {

dynamodb::scalar_attribute_type scalar_type(entity_type const& type, attribute_index i) {
    switch (type[i].type) {
    case dynamodb::attribute_type::number:
        return dynamodb::scalar_attribute_type::n;
    case dynamodb::attribute_type::binary:
        return dynamodb::scalar_attribute_type::b;
    default:
        return dynamodb::scalar_attribute_type::s;
    }
}

void define(create_table_request& request, std::string const& name, dynamodb::scalar_attribute_type type) {
    auto& all = *request.attribute_definitions;
    auto const known = std::any_of(all.begin(), all.end(), [&](auto const& a) { return a.attribute_name == name; });
    if (!known) all.emplace_back(name, type);
}

std::vector<dynamodb::key_schema_element> keys_of(std::string const& hash, std::optional<std::string> const& range) {
    std::vector<dynamodb::key_schema_element> keys;
    keys.emplace_back(hash, dynamodb::key_type::hash);
    if (range) keys.emplace_back(*range, dynamodb::key_type::range);
    return keys;
}

dynamodb::projection everything() {
    dynamodb::projection p;
    p.projection_type = dynamodb::projection_type::all;
    return p;
}

dynamodb::projection projection_of(entity_type const& type, index_info const& index) {
    auto p = everything();
    if (index.projects == index_projection::all) return p;
    p.projection_type = dynamodb::projection_type::keys_only;
    std::vector<std::string> names;
    // The service refuses keys among the attributes that are included, because it projects them in any case.
    for (auto const i : index.included)
        if (!type.key.is_key(i) && !index.is_key(i)) names.push_back(type[i].name);
    if (names.empty()) return p;
    p.projection_type = dynamodb::projection_type::include;
    p.non_key_attributes = std::move(names);
    return p;
}

create_table_request empty_request(std::string name) {
    create_table_request request(std::move(name));
    request.attribute_definitions.emplace();
    request.billing_mode = dynamodb::billing_mode::pay_per_request;
    return request;
}

/// Adds an entity's keys and indexes; several entities may share a table.
void add_entity(create_table_request& request, entity_type const& type) {
    auto const name = [&](std::optional<attribute_index> i) -> std::optional<std::string> {
        if (!i) return std::nullopt;
        define(request, type[*i].name, scalar_type(type, *i));
        return type[*i].name;
    };
    auto const key = keys_of(*name(type.key.partition), name(type.key.sort));
    if (!request.key_schema) request.key_schema = key;
    for (auto const& index : type.indexes) {
        auto const add = [&](auto& list, auto const& made) {
            if (!list) list.emplace();
            auto const known =
                std::any_of(list->begin(), list->end(), [&](auto const& i) { return i.index_name == index.name; });
            if (!known) list->push_back(made);
        };
        auto keys = keys_of(*name(index.partition), name(index.sort));
        if (index.local)
            add(request.local_secondary_indexes,
                dynamodb::local_secondary_index(index.name, std::move(keys), projection_of(type, index)));
        else
            add(request.global_secondary_indexes,
                dynamodb::global_secondary_index(index.name, std::move(keys), projection_of(type, index)));
    }
}

/// Adds what links need; links may lie in an entity's table that has their key.
void add_pivots(create_table_request& request) {
    auto const text = [](std::string_view word) { return std::string(word); };
    for (auto const attribute :
         {pivot_rows::partition_name, pivot_rows::sort_name, pivot_rows::right_id, pivot_rows::pivot_key_name})
        define(request, text(attribute), dynamodb::scalar_attribute_type::s);
    if (!request.key_schema)
        request.key_schema = keys_of(text(pivot_rows::partition_name), text(pivot_rows::sort_name));
    auto& indexes = request.global_secondary_indexes;
    if (!indexes) indexes.emplace();
    auto const known = std::any_of(indexes->begin(), indexes->end(),
                                   [](auto const& i) { return i.index_name == pivot_rows::right_index; });
    if (known) return;
    indexes->emplace_back(text(pivot_rows::right_index),
                          keys_of(text(pivot_rows::right_id), text(pivot_rows::pivot_key_name)), everything());
}

std::map<std::string, create_table_request> requests_for(client const& db,
                                                         std::vector<entity_type const*> const& types) {
    std::string const& prefix = db.options().table_prefix;
    std::map<std::string, create_table_request> requests;
    for (auto const* const type : types) {
        auto const name = physical_table(prefix, type->table);
        add_entity(requests.try_emplace(name, empty_request(name)).first->second, *type);
        for (auto const& relation : type->relations) {
            if (relation.kind != relation_kind::belongs_to_many) continue;
            auto const pivots = physical_table(prefix, pivot_rows(relation).table());
            add_pivots(requests.try_emplace(pivots, empty_request(pivots)).first->second);
        }
    }
    return requests;
}

} // namespace

namespace {

asio::awaitable<void> do_create_tables(client db, std::map<std::string, create_table_request> requests,
                                       call_options call) {
    for (auto const& [name, request] : requests) {
        try {
            co_await db.create_table(request, call);
        } catch (error const& e) {
            // The table exists already, or another program is creating it; both end in wait_until_active() below.
            if (e.code() != service_errc::resource_in_use) throw;
        }
    }
    for (auto const& [name, request] : requests) co_await db.wait_until_active(name, call);
}

asio::awaitable<std::vector<table_difference>>
do_compare_tables(client db, std::map<std::string, create_table_request> requests, call_options call) {
    std::vector<table_difference> found;
    for (auto const& [name, request] : requests) {
        dynamodb::describe_table_request const describe(name);
        dynamodb::describe_table_response described;
        bool exists = true;
        try {
            described = co_await db.describe_table(describe, call);
        } catch (error const& e) {
            if (e.code() != service_errc::resource_not_found) throw;
            exists = false;
        }
        if (!exists || !described.table) {
            found.push_back(table_difference{name, std::string(), "there is no such table"});
            continue;
        }
        for (auto& difference : compare_table(request, *described.table)) found.push_back(std::move(difference));
    }
    co_return found;
}

asio::awaitable<void> do_drop_tables(client db, std::map<std::string, create_table_request> requests,
                                     call_options call) {
    for (auto const& [name, request] : requests) {
        dynamodb::delete_table_request const drop(name);
        try {
            co_await db.delete_table(drop, call);
        } catch (error const& e) {
            if (e.code() != service_errc::resource_not_found && e.code() != service_errc::resource_in_use) throw;
        }
    }
    for (auto const& [name, request] : requests) co_await db.wait_until_gone(name, call);
}

} // namespace

asio::awaitable<void> create_tables(client db, std::vector<entity_type const*> types, operation_options options) {
    try {
        check_model(types);
    } catch (...) {
        return failed_operation<void>(std::current_exception());
    }
    auto requests = requests_for(db, types);
    return do_create_tables(std::move(db), std::move(requests), options.call);
}

asio::awaitable<std::vector<table_difference>> compare_tables(client db, std::vector<entity_type const*> types,
                                                              operation_options options) {
    auto requests = requests_for(db, types);
    return do_compare_tables(std::move(db), std::move(requests), options.call);
}

asio::awaitable<void> drop_tables(client db, std::vector<entity_type const*> types, operation_options options) {
    auto requests = requests_for(db, types);
    return do_drop_tables(std::move(db), std::move(requests), options.call);
}

} // namespace dynasio::detail
