#include "wanted_tables.hpp"

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "../type/stream_views.hpp"
#include "../wire/pivot_entities.hpp"
#include "../wire/pivot_rows.hpp"
#include "../wire/table_name.hpp"
#include "../wire/unique_guards.hpp"

namespace dynasio::detail {

using dynamodb::create_table_request;

namespace {

dynamodb::scalar_attribute_type scalar_type(dynamodb::attribute_type type) {
    switch (type) {
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

/// Notes the time to live of an entity; several entities may share a table.
void add_ttl(wanted_table& table, entity_type const& type) {
    if (!type.expires_at) return;
    std::string const& name = type[*type.expires_at].name;
    if (table.ttl_attribute.empty()) table.ttl_attribute = name;
    if (table.ttl_attribute == name) return;
    diagnostics d;
    d.entity = type.name;
    d.table = table.create.table_name;
    d.attribute = name;
    d.message = "a table has one attribute with the time to live, and another entity of the table names " +
                table.ttl_attribute + "; store both under one name with attribute<…>{\"name\"}";
    throw_error(errc::invalid_argument, std::move(d));
}

/// Adds what the stream of the table has to hold for an entity; several entities may share a table.
void add_stream(create_table_request& request, entity_type const& type) {
    if (!type.stream) return;
    auto& stream = request.stream_specification;
    auto const held = stream ? view_of_text(stream->stream_view_type->text()) : std::nullopt;
    auto const view = held ? joined(*held, *type.stream) : *type.stream;
    if (!stream) stream.emplace(true);
    stream->stream_view_type = dynamodb::enumeration<dynamodb::stream_view_type>::from_text(text_of_view(view));
}

/// Adds an entity's keys and indexes; several entities may share a table.
void add_entity(create_table_request& request, entity_type const& type) {
    auto const name = [&](std::optional<attribute_index> i) -> std::optional<std::string> {
        if (!i) return std::nullopt;
        define(request, type[*i].name, scalar_type(type[*i].type));
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

/// Adds what guards of unique<> members need.
void add_guards(create_table_request& request) {
    std::string const name(guard_plan::partition_name);
    define(request, name, dynamodb::scalar_attribute_type::s);
    if (!request.key_schema) request.key_schema = keys_of(name, std::nullopt);
}

/// Adds what links need; links may lie in an entity's table that has their key.
void add_pivots(create_table_request& request, pivot_rows::table_layout const& layout) {
    auto const name = [&](pivot_rows::key_attribute const& attribute) {
        std::string text(attribute.name);
        define(request, text, scalar_type(attribute.type));
        return text;
    };
    auto key = keys_of(name(layout.partition), name(layout.sort));
    if (!request.key_schema) request.key_schema = std::move(key);
    if (layout.index.empty()) return;
    auto& indexes = request.global_secondary_indexes;
    if (!indexes) indexes.emplace();
    auto const known =
        std::any_of(indexes->begin(), indexes->end(), [&](auto const& i) { return i.index_name == layout.index; });
    if (known) return;
    indexes->emplace_back(std::string(layout.index), keys_of(name(layout.index_partition), name(layout.index_sort)),
                          everything());
}

create_table_request empty_request(std::string name) {
    create_table_request request(std::move(name));
    request.attribute_definitions.emplace();
    request.billing_mode = dynamodb::billing_mode::pay_per_request;
    return request;
}

} // namespace

wanted_table::wanted_table(std::string name) : create(empty_request(std::move(name))) {}

wanted_tables tables_for(std::string const& prefix, std::vector<entity_type const*> const& types) {
    wanted_tables tables;
    for (auto const* const type : types) {
        auto const name = physical_table(prefix, type->table);
        auto& table = tables.try_emplace(name, name).first->second;
        add_entity(table.create, *type);
        add_ttl(table, *type);
        add_stream(table.create, *type);
        for (auto const& unique : type->uniques) {
            auto const guards = physical_table(prefix, unique.table);
            add_guards(tables.try_emplace(guards, guards).first->second.create);
        }
        for (auto const& relation : type->relations) {
            if (relation.kind != relation_kind::belongs_to_many) continue;
            pivot_rows const rows(relation);
            auto const add = [&](std::string_view logical, pivot_rows::table_layout const& layout) {
                auto const pivots = physical_table(prefix, logical);
                add_pivots(tables.try_emplace(pivots, pivots).first->second.create, layout);
            };
            if (!relation.has_pivot_entity()) add(rows.table(), rows.layout());
            if (relation.has_pivot_entity() && !has_key_of_both_sides(relation)) continue;
            add(rows.guard_table(), pivot_rows::guard_layout());
        }
    }
    return tables;
}

} // namespace dynasio::detail
