#include "partition_names.hpp"

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

namespace dynasio::dynamodb::detail {
namespace {

/// Calls on_member(in, name) for each member of the next object. on_member must read or skip the value.
template <class OnMember> void read_members(json_reader& in, OnMember on_member) {
    if (in.peek() != json_reader::kind::object) {
        in.skip_value();
        return;
    }
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) on_member(in, name);
}

template <class OnElement> void read_elements(json_reader& in, OnElement on_element) {
    if (in.peek() != json_reader::kind::array) {
        in.skip_value();
        return;
    }
    in.enter_array();
    while (in.next_element()) on_element(in);
}

void read_text(json_reader& in, std::string& out) {
    if (in.peek() == json_reader::kind::string) {
        out = in.read_string();
    } else {
        in.skip_value();
    }
}

std::string read_partition_key(json_reader& schema) {
    std::string found;
    read_elements(schema, [&](json_reader& element) {
        std::string attribute;
        std::string type;
        read_members(element, [&](json_reader& in, std::string_view name) {
            if (name == "AttributeName") {
                read_text(in, attribute);
            } else if (name == "KeyType") {
                read_text(in, type);
            } else {
                in.skip_value();
            }
        });
        if (type == "HASH") found = std::move(attribute);
    });
    return found;
}

} // namespace

std::string_view partition_names::find(std::string_view table, std::string_view index) const noexcept {
    auto const of_table = tables_.find(table);
    if (of_table == tables_.end()) return {};
    auto const at = of_table->second.find(index);
    return at == of_table->second.end() ? std::string_view() : std::string_view(at->second);
}

void partition_names::learn(std::string_view table, std::string_view index, std::string_view name) {
    if (table.empty() || name.empty() || find(table, index) == name) return;
    auto at = tables_.find(table);
    if (at == tables_.end()) {
        if (tables_.size() >= max_tables) return;
        at = tables_.emplace(table, names_by_index()).first;
    }
    at->second.insert_or_assign(std::string(index), std::string(name));
}

void partition_names::learn_from_description(std::string_view answer) {
    std::string table;
    names_by_index found;
    auto const read_index = [&](json_reader& element) {
        std::string index;
        std::string key;
        read_members(element, [&](json_reader& in, std::string_view name) {
            if (name == "IndexName") {
                read_text(in, index);
            } else if (name == "KeySchema") {
                key = read_partition_key(in);
            } else {
                in.skip_value();
            }
        });
        if (!index.empty()) found[index] = key;
    };
    auto const read_description = [&](json_reader& in, std::string_view name) {
        if (name == "TableName") {
            read_text(in, table);
        } else if (name == "KeySchema") {
            found[std::string()] = read_partition_key(in);
        } else if (name == "GlobalSecondaryIndexes" || name == "LocalSecondaryIndexes") {
            read_elements(in, read_index);
        } else {
            in.skip_value();
        }
    };
    try {
        json_reader in(answer);
        read_members(in, [&](json_reader& description, std::string_view name) {
            if (name == "Table" || name == "TableDescription") {
                read_members(description, read_description);
            } else {
                description.skip_value();
            }
        });
    } catch (error const&) {
        // The error is ignored here: the operation that asked for the description reports it.
        return;
    }
    for (auto const& [index, name] : found) learn(table, index, name);
}

} // namespace dynasio::dynamodb::detail
