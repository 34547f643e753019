#include <dynasio/testing/detail/batch.hpp>
#include <dynasio/testing/detail/request_facts.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <algorithm>
#include <utility>

namespace dynasio::testing::detail {

namespace {

using dynamodb::append_json_string;
using dynamodb::json_reader;

bool reads(std::string_view operation) noexcept { return operation == "BatchGetItem"; }

std::vector<std::string> read_entries(json_reader& in) {
    std::vector<std::string> entries;
    in.enter_array();
    while (in.next_element()) entries.emplace_back(in.skip_value());
    return entries;
}

/// Reads the value of RequestItems, UnprocessedKeys or UnprocessedItems.
std::vector<table_batch> read_tables(std::string_view operation, json_reader& in) {
    std::vector<table_batch> tables;
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        table_batch one;
        one.table = name;
        if (!reads(operation)) {
            one.entries = read_entries(in);
        } else {
            in.enter_object();
            while (in.next_member(name)) {
                if (name == "Keys") {
                    one.entries = read_entries(in);
                } else {
                    one.options += ',';
                    append_json_string(one.options, name);
                    one.options += ':';
                    one.options += in.skip_value();
                }
            }
        }
        tables.push_back(std::move(one));
    }
    return tables;
}

void append_tables(std::string_view operation, std::string& out, std::vector<table_batch> const& tables) {
    out += '{';
    char const* comma = "";
    for (auto const& one : tables) {
        out += std::exchange(comma, ",");
        append_json_string(out, one.table);
        out += reads(operation) ? R"(:{"Keys":[)" : ":[";
        char const* inner_comma = "";
        for (auto const& entry : one.entries) {
            out += std::exchange(inner_comma, ",");
            out += entry;
        }
        out += ']';
        if (reads(operation)) {
            out += one.options;
            out += '}';
        }
    }
    out += '}';
}

/// The text that a selector gets: the key itself, or the content of PutRequest or DeleteRequest.
std::string key_of_entry(std::string_view operation, std::string_view entry) {
    if (reads(operation)) return canonical_key(entry);
    std::string_view name;
    std::string key;
    json_reader in(entry);
    in.enter_object();
    while (in.next_member(name)) {
        in.enter_object();
        while (in.next_member(name)) key = canonical_key(in.skip_value());
    }
    return key;
}

/// An object from which the member `wanted` has been split off; the others are unchanged.
struct opened_object {
    std::vector<table_batch> tables{};
    std::string others{}; ///< Each followed by a comma.
};

opened_object open_object(std::string_view operation, std::string_view text, std::string_view wanted) {
    opened_object opened;
    std::string_view name;
    json_reader in(text);
    in.enter_object();
    while (in.next_member(name)) {
        if (name == wanted) {
            if (!in.read_if_null()) opened.tables = read_tables(operation, in);
        } else {
            append_json_string(opened.others, name);
            opened.others += ':';
            opened.others += in.skip_value();
            opened.others += ',';
        }
    }
    in.finish();
    return opened;
}

} // namespace

bool is_batch(std::string_view operation) noexcept {
    return operation == "BatchGetItem" || operation == "BatchWriteItem";
}

divided_batch divide_batch(std::string_view operation, std::string_view body, key_selector const& held) {
    auto request = open_object(operation, body, "RequestItems");
    divided_batch divided;
    std::vector<table_batch> left;
    std::size_t position = 0;
    for (auto& table : request.tables) {
        table_batch keep;
        table_batch hold;
        for (auto& entry : table.entries) {
            bool const chosen = held.looks_at(table.table) && held(key_of_entry(operation, entry), position++);
            (chosen ? hold : keep).entries.push_back(std::move(entry));
        }
        divided.held_back += hold.entries.size();
        for (auto [part, to] : {std::pair(&keep, &left), std::pair(&hold, &divided.unprocessed)}) {
            if (part->entries.empty()) continue;
            part->table = table.table;
            part->options = table.options;
            to->push_back(std::move(*part));
        }
    }
    if (divided.held_back == 0) {
        // A batch without any key is forwarded too, so that the upstream refuses it.
        divided.forward = body;
    } else if (!left.empty()) {
        divided.forward = '{' + request.others + R"("RequestItems":)";
        append_tables(operation, divided.forward, left);
        divided.forward += '}';
    }
    return divided;
}

std::string add_unprocessed(std::string_view operation, std::string_view answer, std::vector<table_batch> held) {
    std::string_view const member = reads(operation) ? "UnprocessedKeys" : "UnprocessedItems";
    if (answer.empty()) answer = reads(operation) ? R"({"Responses":{}})" : "{}";
    auto opened = open_object(operation, answer, member);
    for (auto& table : held) {
        auto const present = std::ranges::find(opened.tables, table.table, &table_batch::table);
        if (present == opened.tables.end())
            opened.tables.push_back(std::move(table));
        else
            std::ranges::move(table.entries, std::back_inserter(present->entries));
    }
    std::string text = '{' + opened.others;
    append_json_string(text, member);
    text += ':';
    append_tables(operation, text, opened.tables);
    text += '}';
    return text;
}

} // namespace dynasio::testing::detail
