#include <dynasio/orm/relation_summary.hpp>
#include <dynasio/orm/schema_export.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../type/stream_views.hpp"
#include "model_check.hpp"
#include "wanted_tables.hpp"

namespace dynasio::detail {

namespace {

/// Writes JSON one member after the other.
class json_text {
public:
    [[nodiscard]] std::string take() && { return std::move(text_); }

    void open(char bracket) {
        separate();
        text_ += bracket;
    }
    void close(char bracket) { text_ += bracket; }
    json_text& name(std::string_view name) {
        separate();
        dynamodb::append_json_string(text_, name);
        text_ += ':';
        return *this;
    }
    void value(std::string_view text) {
        separate();
        dynamodb::append_json_string(text_, text);
    }
    void literal(std::string_view text) {
        separate();
        text_ += text;
    }
    template <class Range, class Text> void list(Range const& range, Text const& text) {
        open('[');
        for (auto const& each : range) value(text(each));
        close(']');
    }

private:
    /// A comma, but not behind what begins a value or a list.
    void separate() {
        if (!text_.empty() && text_.back() != '[' && text_.back() != '{' && text_.back() != ':') text_ += ',';
    }

    std::string text_{};
};

void write_attributes(json_text& out, entity_type const& type) {
    out.name("attributes").open('[');
    for (auto const& a : type.attributes) {
        if (a.hidden) continue;
        out.open('{');
        out.name("name").value(a.name);
        out.name("member").value(a.member);
        out.name("type").value(to_string(a.type));
        if (a.optional) out.name("optional").literal("true");
        if (a.computed) out.name("computed").literal("true");
        out.close('}');
    }
    out.close(']');
}

void write_indexes(json_text& out, entity_type const& type) {
    auto const name_of = [&](attribute_index i) { return std::string_view(type[i].name); };
    out.name("key").list(type.key_attributes(), name_of);
    if (type.indexes.empty()) return;
    out.name("indexes").open('[');
    for (auto const& index : type.indexes) {
        out.open('{');
        out.name("name").value(index.name);
        std::vector<attribute_index> key(1, index.partition);
        if (index.sort) key.push_back(*index.sort);
        out.name("key").list(key, name_of);
        if (index.local) out.name("local").literal("true");
        out.name("projection");
        if (index.projects == index_projection::include)
            out.list(index.included, name_of);
        else
            out.value(index.projects == index_projection::all ? "ALL" : "KEYS_ONLY");
        out.close('}');
    }
    out.close(']');
}

void write_relation(json_text& out, relation_info const& relation, relation_summary const& summary) {
    auto const as_is = [](std::string const& text) { return std::string_view(text); };
    auto const list = [&](char const* name, std::vector<std::string> const& texts) {
        if (!texts.empty()) out.name(name).list(texts, as_is);
    };
    out.open('{');
    out.name("member").value(summary.member);
    out.name("kind").value(to_string(summary.kind));
    list("targets", summary.targets);
    if (!summary.foreign_key_of.empty()) out.name("foreign_key_of").value(summary.foreign_key_of);
    list("foreign_key", summary.foreign_key);
    list("references", summary.references);
    list("through", summary.through);
    if (!summary.pivot_table.empty()) {
        out.name("pivot_table").value(summary.pivot_table);
        if (!summary.pivot_entity.empty()) out.name("pivot_entity").value(summary.pivot_entity);
        relation_info const& declared = relation.inverse_relation != nullptr ? relation.inverse_relation() : relation;
        if (summary.symmetric) out.name("symmetric").literal("true");
        auto const& names = declared.link_attributes;
        if (names.are_named()) {
            list("link_key", {names.left, names.right});
            out.name("created_at").value(names.created_at);
        } else if (!relation.has_pivot_entity()) {
            out.name("pivot_key").value(declared.pivot_key);
        }
    }
    out.name("reads").open('[');
    for (auto const& read : summary.reads) {
        out.open('{');
        out.name("table").value(read.table);
        if (!read.index.empty()) out.name("index").value(read.index);
        out.close('}');
    }
    out.close(']');
    list("inverses", summary.inverses);
    if (!summary.optional) out.name("optional").literal("false");
    out.close('}');
}

void write_entity(json_text& out, entity_type const& type) {
    out.open('{');
    out.name("name").value(type.name);
    out.name("table").value(type.table);
    write_indexes(out, type);
    write_attributes(out, type);
    auto const role = [&](char const* name, std::optional<attribute_index> i) {
        if (i) out.name(name).value(type[*i].name);
    };
    role("created_at", type.created_at);
    role("updated_at", type.updated_at);
    role("version", type.version);
    role("deleted_at", type.deleted_at);
    role("expires_at", type.expires_at);
    if (!type.uniques.empty()) {
        out.name("unique").open('[');
        for (auto const& unique : type.uniques)
            out.list(unique.attributes, [&](attribute_index i) { return std::string_view(type[i].name); });
        out.close(']');
    }
    if (type.stream) out.name("stream").value(text_of_view(*type.stream));
    if (!type.relations.empty()) {
        out.name("relations").open('[');
        auto const summaries = summaries_of(type);
        for (std::size_t i = 0; i < summaries.size(); ++i) write_relation(out, type.relations[i], summaries[i]);
        out.close(']');
    }
    out.close('}');
}

} // namespace

std::string schema_as_json(std::vector<entity_type const*> const& types, std::string_view table_prefix) {
    check_model(types);
    json_text out;
    out.open('{');
    out.name("entities").open('[');
    for (entity_type const* const type : types) write_entity(out, *type);
    out.close(']');
    out.name("tables").open('[');
    for (auto const& [name, table] : tables_for(std::string(table_prefix), types)) {
        out.open('{');
        std::string create;
        append_json(create, table.create);
        out.name("create").literal(create);
        if (!table.ttl_attribute.empty()) out.name("time_to_live").value(table.ttl_attribute);
        out.close('}');
    }
    out.close(']');
    out.close('}');
    return std::move(out).take();
}

} // namespace dynasio::detail
