#include "request_targets.hpp"

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <utility>

namespace dynasio::dynamodb::detail {
namespace {

/// FNV-1a. Collisions are harmless: when two keys have the same value, throttling of one also slows requests for the
/// other.
std::uint64_t fingerprint(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325) noexcept {
    for (char const c : text) {
        seed ^= static_cast<unsigned char>(c);
        seed *= 0x100000001b3;
    }
    return seed | 1; // 0 means that there is none
}

std::string text_of(json_reader& in) {
    if (in.peek() == json_reader::kind::string) return std::string(in.read_string());
    in.skip_value();
    return {};
}

/// Reads a table's name, which may be given as its ARN.
std::string table_text(json_reader& in) {
    std::string text = text_of(in);
    if (text.find(":table/") == text.npos) return text;
    return std::string(split_resource(text).table);
}

/// The text of an object's member; empty when there is none.
std::string_view value_of(std::string_view object, std::string_view wanted) {
    json_reader in(object);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        bool const found = name == wanted;
        auto const value = in.skip_value();
        if (found) return value;
    }
    return {};
}

/// The name of an object's only member; empty if there is not exactly one.
std::string only_name(std::string_view object) {
    json_reader in(object);
    std::string_view name;
    in.enter_object();
    if (!in.next_member(name)) return {};
    std::string first(name);
    in.skip_value();
    return in.next_member(name) ? std::string() : first;
}

struct equality {
    std::string_view name;
    std::string_view value;
};
/// The terms "name = :value" of a key condition: that of the partition key, and that of the sort key if it has this
/// form.
std::vector<equality> equalities_of(std::string_view condition) {
    auto const take_word = [&condition] {
        auto const is_part = [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '#' ||
                   c == ':' || c == '.' || c == '-';
        };
        auto const end = std::find_if_not(condition.begin(), condition.end(), is_part);
        auto const word = condition.substr(0, static_cast<std::size_t>(end - condition.begin()));
        condition.remove_prefix(word.size());
        return word;
    };
    auto const skip_blanks = [&condition] {
        condition.remove_prefix(std::min(condition.find_first_not_of(" \t\r\n"), condition.size()));
    };
    std::vector<equality> found;
    std::string_view before;
    for (skip_blanks(); !condition.empty(); skip_blanks()) {
        if (auto const word = take_word(); !word.empty()) {
            before = word;
            continue;
        }
        bool const equals = condition.front() == '=';
        condition.remove_prefix(condition.starts_with("<=") || condition.starts_with(">=") ? 2 : 1);
        if (!equals) continue;
        skip_blanks();
        auto const value = take_word();
        if (!before.empty() && value.starts_with(':')) found.push_back({before, value});
    }
    return found;
}

/// Collects the members that define the target of one request, or of one action of a transaction.
class target_reader {
public:
    void read(json_reader& in, std::string_view name) {
        if (name == "TableName") {
            target_.table = table_text(in);
        } else if (name == "IndexName") {
            target_.index = text_of(in);
        } else if (name == "Key") {
            key_ = in.skip_value();
        } else if (name == "Item") {
            item_ = in.skip_value();
        } else if (name == "KeyConditionExpression") {
            condition_ = in.skip_value();
        } else if (name == "ExpressionAttributeNames") {
            names_ = in.skip_value();
        } else if (name == "ExpressionAttributeValues") {
            values_ = in.skip_value();
        } else {
            in.skip_value();
        }
    }
    [[nodiscard]] bool names_a_table() const noexcept { return !target_.table.empty(); }
    request_target finish(capacity_kind kind, partition_names& known) {
        try {
            if (!key_.empty() || !item_.empty()) {
                by_attributes(kind, known);
            } else if (!condition_.empty()) {
                by_condition(known);
            }
        } catch (error const&) {
            // The error is ignored: a malformed object gives no facts, and the service reports it.
        }
        return std::move(target_);
    }

private:
    void by_attributes(capacity_kind kind, partition_names& known) {
        std::string_view const attributes = key_.empty() ? item_ : key_;
        if (!key_.empty()) {
            target_.key = fingerprint(key_);
            known.learn(target_.table, {}, only_name(key_));
        }
        if (auto const name = known.find(target_.table, {}); !name.empty()) {
            auto const of_partition = partition_fingerprint(name, value_of(attributes, name));
            if (of_partition != 0) target_.key = of_partition;
        }
        if (kind != capacity_kind::write) return;
        known.each_index(target_.table, [&](std::string const& index, std::string const& name) {
            auto const of_partition = partition_fingerprint(name, value_of(attributes, name));
            if (of_partition != 0) target_.index_keys.push_back({index, of_partition});
        });
    }
    void by_condition(partition_names& known) {
        target_.key = (fingerprint(condition_) ^ (fingerprint(values_) << 1)) | 1;
        json_reader in(condition_);
        std::string const condition(in.read_string());
        auto const terms = equalities_of(condition);
        if (terms.size() == 1) known.learn(target_.table, target_.index, attribute_named(terms.front().name));
        auto const name = known.find(target_.table, target_.index);
        for (equality const& term : terms) {
            if (name.empty() || attribute_named(term.name) != name || values_.empty()) continue;
            auto const of_partition = partition_fingerprint(name, value_of(values_, term.value));
            if (of_partition != 0) target_.key = of_partition;
        }
    }
    std::string attribute_named(std::string_view name) const {
        if (!name.starts_with('#')) return std::string(name);
        auto const text = names_.empty() ? std::string_view() : value_of(names_, name);
        if (text.empty()) return {};
        json_reader in(text);
        return text_of(in);
    }

    request_target target_{};
    std::string_view key_{};
    std::string_view item_{};
    std::string_view condition_{};
    std::string_view names_{};
    std::string_view values_{};
};

void add_actions(json_reader& in, request_targets& out, partition_names& known) {
    in.enter_array();
    while (in.next_element()) {
        target_reader target;
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (in.peek() != json_reader::kind::object) {
                in.skip_value();
                continue;
            }
            in.enter_object();
            while (in.next_member(name)) target.read(in, name);
        }
        out.targets.push_back(target.finish(out.kind, known));
    }
}

} // namespace

bool takes_capacity(operation op) noexcept {
    switch (op) {
    case operation::batch_execute_statement:
    case operation::batch_get_item:
    case operation::batch_write_item:
    case operation::delete_item:
    case operation::execute_statement:
    case operation::execute_transaction:
    case operation::get_item:
    case operation::put_item:
    case operation::query:
    case operation::scan:
    case operation::transact_get_items:
    case operation::transact_write_items:
    case operation::update_item:
        return true;
    default:
        return false;
    }
}

bool is_select(std::string_view statement) noexcept {
    constexpr std::string_view word = "select";
    auto const is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    statement.remove_prefix(std::min(statement.find_first_not_of(" \t\r\n"), statement.size()));
    if (statement.size() <= word.size() || is_letter(statement[word.size()])) return false;
    return std::equal(word.begin(), word.end(), statement.begin(),
                      [](char expected, char c) { return c == expected || c == expected - 'a' + 'A'; });
}

capacity_kind kind_of(operation op, std::string_view body) noexcept {
    if (is_read(op)) return capacity_kind::read;
    if (op != operation::execute_statement && op != operation::batch_execute_statement &&
        op != operation::execute_transaction)
        return capacity_kind::write;
    // The statements of one call either all read or all write, so the first one decides. The service refuses others
    // after a first SELECT.
    constexpr std::string_view member = "\"Statement\":\"";
    auto const at = body.find(member);
    if (at == body.npos) return capacity_kind::write;
    body.remove_prefix(at + member.size());
    // In JSON strings all white space except blanks is escaped.
    for (;;) {
        if (body.starts_with(' ')) {
            body.remove_prefix(1);
        } else if (body.starts_with("\\n") || body.starts_with("\\t") || body.starts_with("\\r")) {
            body.remove_prefix(2);
        } else {
            break;
        }
    }
    return is_select(body) ? capacity_kind::read : capacity_kind::write;
}

named_resource split_resource(std::string_view arn) noexcept {
    constexpr std::string_view table_mark = ":table/";
    constexpr std::string_view short_mark = "table/";
    if (auto const at = arn.find(table_mark); at != arn.npos) {
        arn.remove_prefix(at + table_mark.size());
    } else if (arn.starts_with(short_mark)) {
        arn.remove_prefix(short_mark.size());
    }
    named_resource out;
    out.table = arn.substr(0, arn.find('/'));
    arn.remove_prefix(out.table.size());
    constexpr std::string_view index_mark = "/index/";
    if (arn.starts_with(index_mark)) {
        arn.remove_prefix(index_mark.size());
        out.index = arn.substr(0, arn.find('/'));
    }
    return out;
}

std::uint64_t partition_fingerprint(std::string_view name, std::string_view value) noexcept {
    return value.empty() ? 0 : fingerprint(value, fingerprint(name));
}

std::uint64_t request_target::key_in(std::string_view table_or_index) const noexcept {
    if (table_or_index == index) return key;
    for (index_key const& one : index_keys)
        if (one.index == table_or_index) return one.key;
    // An index that shares its table's capacity is throttled under the table's name.
    return table_or_index.empty() ? key : 0;
}

request_targets read_request_targets(operation op, std::string_view body, partition_names& names) {
    request_targets out;
    out.kind = kind_of(op, body);
    target_reader target;
    try {
        json_reader in(body);
        in.enter_object();
        std::string_view name;
        while (in.next_member(name)) {
            if (name == "RequestItems" && in.peek() == json_reader::kind::object) {
                in.enter_object();
                while (in.next_member(name)) {
                    auto const table = name.find(":table/") == name.npos ? name : split_resource(name).table;
                    out.targets.emplace_back().table = table;
                    in.skip_value();
                }
            } else if (name == "TransactItems" && in.peek() == json_reader::kind::array) {
                add_actions(in, out, names);
            } else {
                target.read(in, name);
            }
        }
    } catch (error const&) {
        // The error is ignored: bodies made by this library are JSON, and for any other body the service reports it.
    }
    if (target.names_a_table()) out.targets.push_back(target.finish(out.kind, names));
    return out;
}

} // namespace dynasio::dynamodb::detail
