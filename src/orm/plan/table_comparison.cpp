#include "table_comparison.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "../type/stream_views.hpp"

namespace dynasio::detail {

namespace {

using dynamodb::attribute_definition;
using dynamodb::key_schema_element;

std::string_view attribute_type_of(std::optional<std::vector<attribute_definition>> const& all,
                                   std::string const& name) {
    if (all)
        for (auto const& a : *all)
            if (a.attribute_name == name) return a.attribute_type.text();
    return "?";
}

} // namespace

std::string text_of_key(std::optional<std::vector<key_schema_element>> const& key,
                        std::optional<std::vector<attribute_definition>> const& types) {
    std::string out;
    for (auto const part : {dynamodb::key_type::hash, dynamodb::key_type::range}) {
        if (!key) break;
        for (auto const& e : *key) {
            if (e.key_type != part) continue;
            out += (out.empty() ? "" : ", ") + e.attribute_name + " (" +
                   std::string(attribute_type_of(types, e.attribute_name)) + ")";
        }
    }
    return out;
}

std::string_view view_of_stream(dynamodb::table_description const& table) {
    auto const& stream = table.stream_specification;
    if (!stream || !stream->stream_enabled || !stream->stream_view_type) return {};
    return stream->stream_view_type->text();
}

std::string text_of_projection(std::optional<dynamodb::projection> const& p) {
    if (!p || !p->projection_type) return "ALL";
    std::string out(p->projection_type->text());
    auto names = p->non_key_attributes.value_or(std::vector<std::string>());
    std::sort(names.begin(), names.end());
    for (std::size_t i = 0; i < names.size(); ++i) out += (i == 0 ? " " : ", ") + names[i];
    return out;
}

namespace {

class comparison {
public:
    comparison(dynamodb::create_table_request const& wanted, dynamodb::table_description const& table)
        : wanted_(wanted), table_(table) {}

    void key() {
        auto const expected = text_of_key(wanted_.key_schema, wanted_.attribute_definitions);
        auto const found = text_of_key(table_.key_schema, table_.attribute_definitions);
        if (expected != found)
            differ(difference_kind::key, "", "the key is " + found + ", and the schema's is " + expected);
    }

    template <class Index, class Described>
    void indexes(std::optional<std::vector<Index>> const& expected, std::optional<std::vector<Described>> const& found,
                 difference_kind missing) {
        if (!expected) return;
        for (auto const& index : *expected) {
            Described const* same = nullptr;
            if (found)
                for (auto const& one : *found)
                    if (one.index_name == index.index_name) same = &one;
            if (same == nullptr)
                differ(missing, index.index_name,
                       missing == difference_kind::no_local_index ? "there is no such local index"
                                                                  : "there is no such global index");
            else
                this->index(index, *same);
        }
    }

    void stream() {
        if (!wanted_.stream_specification) return;
        std::string_view const expected = wanted_.stream_specification->stream_view_type->text();
        std::string_view const found = view_of_stream(table_);
        if (found.empty())
            differ(difference_kind::stream, "",
                   "there is no stream of changes, and the schema's holds " + std::string(expected));
        else if (auto const has = view_of_text(found); !has || !holds(*has, *view_of_text(expected)))
            differ(difference_kind::stream, "",
                   "the stream of changes holds " + std::string(found) + ", and the schema's holds " +
                       std::string(expected));
    }

    [[nodiscard]] std::vector<table_difference> take() && { return std::move(found_); }

private:
    void differ(difference_kind kind, std::string_view index, std::string message) {
        found_.push_back({wanted_.table_name, std::string(index), std::move(message), kind});
    }

    template <class Index, class Described> void index(Index const& expected, Described const& found) {
        auto const key = text_of_key(expected.key_schema, wanted_.attribute_definitions);
        auto const found_key = text_of_key(found.key_schema, table_.attribute_definitions);
        if (key != found_key)
            differ(difference_kind::index_key, expected.index_name,
                   "the index is by " + found_key + ", and the schema's is by " + key);
        auto const projected = text_of_projection(expected.projection);
        auto const found_projected = text_of_projection(found.projection);
        if (projected != found_projected)
            differ(difference_kind::index_projection, expected.index_name,
                   "the index projects " + found_projected + ", and the schema's projects " + projected);
    }

    dynamodb::create_table_request const& wanted_;
    dynamodb::table_description const& table_;
    std::vector<table_difference> found_{};
};

} // namespace

std::vector<table_difference> compare_table(dynamodb::create_table_request const& wanted,
                                            dynamodb::table_description const& table) {
    comparison c(wanted, table);
    c.key();
    c.indexes(wanted.global_secondary_indexes, table.global_secondary_indexes, difference_kind::no_global_index);
    c.indexes(wanted.local_secondary_indexes, table.local_secondary_indexes, difference_kind::no_local_index);
    c.stream();
    return std::move(c).take();
}

std::optional<table_difference> compare_ttl(std::string const& table, std::string const& wanted,
                                            std::string const& found) {
    if (wanted.empty() || wanted == found) return std::nullopt;
    std::string const now = found.empty() ? "no attribute has the time to live" : "the time to live is " + found;
    return table_difference{table, "", now + ", and the schema's is " + wanted, difference_kind::time_to_live};
}

} // namespace dynasio::detail
