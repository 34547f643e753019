#include "table_comparison.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

/// "author_id (S), id (S)": the partition key, then the sort key.
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

/// "ALL", "KEYS_ONLY" or "INCLUDE city, name". An index without a projection has all attributes.
std::string text_of_projection(std::optional<dynamodb::projection> const& p) {
    if (!p || !p->projection_type) return "ALL";
    std::string out(p->projection_type->text());
    auto names = p->non_key_attributes.value_or(std::vector<std::string>());
    std::sort(names.begin(), names.end());
    for (std::size_t i = 0; i < names.size(); ++i) out += (i == 0 ? " " : ", ") + names[i];
    return out;
}

class comparison {
public:
    comparison(dynamodb::create_table_request const& wanted, dynamodb::table_description const& table)
        : wanted_(wanted), table_(table) {}

    void key() {
        auto const expected = text_of_key(wanted_.key_schema, wanted_.attribute_definitions);
        auto const found = text_of_key(table_.key_schema, table_.attribute_definitions);
        if (expected != found) differ("", "the key is " + found + ", and the schema's is " + expected);
    }

    template <class Index, class Described>
    void indexes(std::optional<std::vector<Index>> const& expected, std::optional<std::vector<Described>> const& found,
                 char const* kind) {
        if (!expected) return;
        for (auto const& index : *expected) {
            Described const* same = nullptr;
            if (found)
                for (auto const& one : *found)
                    if (one.index_name == index.index_name) same = &one;
            if (same == nullptr)
                differ(index.index_name, std::string("there is no such ") + kind + " index");
            else
                this->index(index, *same);
        }
    }

    [[nodiscard]] std::vector<table_difference> take() && { return std::move(found_); }

private:
    void differ(std::string_view index, std::string message) {
        found_.push_back({wanted_.table_name, std::string(index), std::move(message)});
    }

    template <class Index, class Described> void index(Index const& expected, Described const& found) {
        auto const key = text_of_key(expected.key_schema, wanted_.attribute_definitions);
        auto const found_key = text_of_key(found.key_schema, table_.attribute_definitions);
        if (key != found_key)
            differ(expected.index_name, "the index is by " + found_key + ", and the schema's is by " + key);
        auto const projected = text_of_projection(expected.projection);
        auto const found_projected = text_of_projection(found.projection);
        if (projected != found_projected)
            differ(expected.index_name,
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
    c.indexes(wanted.global_secondary_indexes, table.global_secondary_indexes, "global");
    c.indexes(wanted.local_secondary_indexes, table.local_secondary_indexes, "local");
    return std::move(c).take();
}

} // namespace dynasio::detail
