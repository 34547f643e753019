#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace dynasio::dynamodb {
namespace {

constexpr std::size_t max_arn_length = 1024;

[[noreturn]] void refuse(errc code, operation op, std::string_view table, std::string_view attribute,
                         std::string message) {
    diagnostics d;
    d.message = std::move(message);
    d.operation = to_string(op);
    d.table = table;
    d.attribute = attribute;
    throw_error(code, std::move(d));
}

bool is_name_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
}

void check_index_name(operation op, std::string_view table, std::optional<std::string> const& index) {
    if (!index) return;
    if (index->empty() || !std::all_of(index->begin(), index->end(), is_name_character))
        refuse(errc::invalid_argument, op, table, {}, "index_name is empty or has characters outside [a-zA-Z0-9_.-]");
}

void check_limit(operation op, std::string_view table, std::optional<std::int32_t> const& limit) {
    if (limit && *limit < 1)
        refuse(errc::invalid_argument, op, table, {}, "limit is below 1: leave it out to read without one");
}

void check_update_key(operation op, std::string const& table, item const& key) {
    detail::check_table_name(op, table);
    detail::check_key(op, table, key);
}

} // namespace

namespace detail {

void check_table_name(operation op, std::string_view table) {
    if (table.empty()) refuse(errc::invalid_argument, op, {}, {}, "the table name is empty: set table_name");
    bool const arn = table.starts_with("arn:");
    bool const good = table.size() <= max_arn_length && std::all_of(table.begin(), table.end(), [arn](char c) {
                          return is_name_character(c) || (arn && (c == ':' || c == '/'));
                      });
    if (!good)
        refuse(errc::invalid_argument, op, table, {},
               "the table name has characters outside [a-zA-Z0-9_.-] or is too long: change it");
}

void check_key(operation op, std::string_view table, item const& key) {
    if (key.empty()) refuse(errc::invalid_argument, op, table, {}, "the key has no attributes: give the table's key");
    for (auto const& [name, value] : key) {
        bool empty = false;
        switch (value.type()) {
        case attribute_type::string:
            empty = value.as_string().empty();
            break;
        case attribute_type::binary:
            empty = value.as_binary().bytes.empty();
            break;
        case attribute_type::number:
            break;
        default:
            refuse(errc::invalid_argument, op, table, name,
                   "a key attribute is neither string, number nor binary: give a value of the key's type");
        }
        if (empty) refuse(errc::empty_key, op, table, name, "give the attribute a value");
    }
}

std::string key_identity(item const& key) {
    std::string out;
    for (auto const& [name, value] : key) {
        append_json_string(out, name);
        out += ':';
        if (value.type() == attribute_type::number) {
            append_number_attribute(out, canonical_number(value.as_number().text()));
        } else {
            append_json(out, value);
        }
        out += ',';
    }
    return out;
}

} // namespace detail

void check(get_item_request const& r) { check_update_key(r.op, r.table_name, r.key); }
void check(update_item_request const& r) { check_update_key(r.op, r.table_name, r.key); }
void check(delete_item_request const& r) { check_update_key(r.op, r.table_name, r.key); }
void check(put_item_request const& r) {
    detail::check_table_name(r.op, r.table_name);
    if (r.item.empty())
        refuse(errc::invalid_argument, r.op, r.table_name, {}, "the item has no attributes: it needs at least its key");
}
void check(query_request const& r) {
    detail::check_table_name(r.op, r.table_name);
    check_index_name(r.op, r.table_name, r.index_name);
    check_limit(r.op, r.table_name, r.limit);
    if (!r.key_condition_expression || r.key_condition_expression->empty())
        refuse(errc::invalid_argument, r.op, r.table_name, {},
               "key_condition_expression is missing: a query needs the partition key; use scan to read everything");
    if (r.exclusive_start_key) detail::check_key(r.op, r.table_name, *r.exclusive_start_key);
}
void check(scan_request const& r) {
    detail::check_table_name(r.op, r.table_name);
    check_index_name(r.op, r.table_name, r.index_name);
    check_limit(r.op, r.table_name, r.limit);
    if (r.segment.has_value() != r.total_segments.has_value() ||
        (r.segment && (*r.segment < 0 || *r.segment >= *r.total_segments)))
        refuse(errc::invalid_argument, r.op, r.table_name, {},
               "segment and total_segments go together, and segment counts from 0 to total_segments - 1");
    if (r.exclusive_start_key) detail::check_key(r.op, r.table_name, *r.exclusive_start_key);
}

void check(batch_get_item_request const& r) {
    std::size_t count = 0;
    for (auto const& [table, wanted] : r.request_items) {
        detail::check_table_name(r.op, table);
        count += wanted.keys.size();
        if (count > detail::max_batch_keys)
            refuse(errc::batch_too_large, r.op, table, {},
                   "more than 100 keys: split them, or use read_batch(), which takes any number");
        std::unordered_set<std::string> seen;
        for (item const& key : wanted.keys) {
            detail::check_key(r.op, table, key);
            std::string identity = detail::key_identity(key);
            if (seen.contains(identity))
                refuse(errc::invalid_argument, r.op, table, {},
                       "the key " + identity.substr(0, identity.size() - 1) +
                           " is in the batch twice: give it once, or use read_batch()");
            seen.insert(std::move(identity));
        }
    }
    if (count == 0) refuse(errc::invalid_argument, r.op, {}, {}, "there are no keys: give at least one");
}

void check(batch_write_item_request const& r) {
    std::size_t count = 0;
    for (auto const& [table, writes] : r.request_items) {
        detail::check_table_name(r.op, table);
        count += writes.size();
        if (count > detail::max_batch_writes)
            refuse(errc::batch_too_large, r.op, table, {},
                   "more than 25 writes: split them, or use write_batch(), which takes any number");
        // A delete shows which attributes are the key; without one the puts cannot be told apart here.
        item const* sample = nullptr;
        for (write_request const& write : writes) {
            if (write.put_request.has_value() == write.delete_request.has_value())
                refuse(errc::invalid_argument, r.op, table, {},
                       "a write is neither or both of put_request and delete_request: set one of them");
            if (write.put_request && write.put_request->item.empty())
                refuse(errc::invalid_argument, r.op, table, {}, "an item has no attributes: it needs at least its key");
            if (!write.delete_request) continue;
            detail::check_key(r.op, table, write.delete_request->key);
            sample = &write.delete_request->key;
        }
        if (sample == nullptr) continue;
        std::unordered_set<std::string> seen;
        for (write_request const& write : writes) {
            item key;
            for (auto const& [name, unused] : *sample) {
                item const& all = write.put_request ? write.put_request->item : write.delete_request->key;
                if (auto const found = all.find(name); found != all.end()) key.emplace(name, found->second);
            }
            // The service names what is wrong with a write that lacks a part of the key.
            if (key.size() != sample->size()) continue;
            std::string identity = detail::key_identity(key);
            if (seen.contains(identity))
                refuse(errc::invalid_argument, r.op, table, {},
                       "two writes of the batch have the key " + identity.substr(0, identity.size() - 1) +
                           ": keep the last one, or use write_batch()");
            seen.insert(std::move(identity));
        }
    }
    if (count == 0) refuse(errc::invalid_argument, r.op, {}, {}, "there are no writes: give at least one");
}

void check(create_table_request const& r) {
    detail::check_table_name(r.op, r.table_name);
    bool const copied = r.global_table_source_arn.has_value();
    if (!copied && (!r.key_schema || r.key_schema->empty()))
        refuse(errc::invalid_argument, r.op, r.table_name, {}, "key_schema is missing: name the partition key");
    if (!r.key_schema) return;
    for (key_schema_element const& element : *r.key_schema) {
        bool const defined =
            r.attribute_definitions &&
            std::any_of(r.attribute_definitions->begin(), r.attribute_definitions->end(),
                        [&](attribute_definition const& d) { return d.attribute_name == element.attribute_name; });
        if (!defined && !copied)
            refuse(errc::invalid_argument, r.op, r.table_name, element.attribute_name,
                   "the key attribute has no type: add it to attribute_definitions");
    }
}
void check(describe_table_request const& r) { detail::check_table_name(r.op, r.table_name); }
void check(delete_table_request const& r) { detail::check_table_name(r.op, r.table_name); }

bool is_repeatable(get_item_request const&) noexcept { return true; }
bool is_repeatable(query_request const&) noexcept { return true; }
bool is_repeatable(scan_request const&) noexcept { return true; }
bool is_repeatable(batch_get_item_request const&) noexcept { return true; }
bool is_repeatable(describe_table_request const&) noexcept { return true; }
// A second put or delete would answer with what the first one left, and a condition could fail for its own success.
bool is_repeatable(put_item_request const& r) noexcept {
    return !r.condition_expression && (!r.return_values || *r.return_values == return_value::none);
}
bool is_repeatable(delete_item_request const& r) noexcept {
    return !r.condition_expression && (!r.return_values || *r.return_values == return_value::none);
}
// Whether an update expression can be applied twice is not decided here: ADD and list_append cannot.
bool is_repeatable(update_item_request const&) noexcept { return false; }
bool is_repeatable(batch_write_item_request const&) noexcept { return true; }
// The second of two would fail with "in use" or "not found".
bool is_repeatable(create_table_request const&) noexcept { return false; }
bool is_repeatable(delete_table_request const&) noexcept { return false; }

} // namespace dynasio::dynamodb
