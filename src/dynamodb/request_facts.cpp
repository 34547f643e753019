#include "request_facts.hpp"

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

namespace dynasio::dynamodb::detail {
namespace {

/// FNV-1a. An attacker who finds two keys with one value slows his own requests.
std::uint64_t fingerprint(std::string_view text, std::uint64_t seed = 0xcbf29ce484222325) noexcept {
    for (char const c : text) {
        seed ^= static_cast<unsigned char>(c);
        seed *= 0x100000001b3;
    }
    return seed | 1; // 0 says that there is none
}

std::string text_of(json_reader& in) {
    if (in.peek() == json_reader::kind::string) return std::string(in.read_string());
    in.skip_value();
    return {};
}

/// A table may be named by its ARN.
std::string table_text(json_reader& in) {
    std::string text = text_of(in);
    if (text.find(":table/") == text.npos) return text;
    return std::string(split_resource(text).table);
}

void add_actions(json_reader& in, request_facts& facts) {
    in.enter_array();
    while (in.next_element()) {
        request_target& target = facts.targets.emplace_back();
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (in.peek() != json_reader::kind::object) {
                in.skip_value();
                continue;
            }
            in.enter_object();
            while (in.next_member(name)) {
                if (name == "TableName") {
                    target.table = table_text(in);
                } else {
                    in.skip_value();
                }
            }
        }
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
    // One call's statements either all read or all write: those that go on after a first SELECT are refused.
    constexpr std::string_view member = "\"Statement\":\"";
    auto const at = body.find(member);
    if (at == body.npos) return capacity_kind::write;
    body.remove_prefix(at + member.size());
    // White space is escaped in JSON, all but blanks.
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

request_facts read_request_facts(operation op, std::string_view body) {
    request_facts facts;
    facts.kind = kind_of(op, body);
    request_target target;
    std::uint64_t key = 0;
    std::uint64_t condition = 0;
    std::uint64_t values = 0;
    try {
        json_reader in(body);
        in.enter_object();
        std::string_view name;
        while (in.next_member(name)) {
            if (name == "TableName") {
                target.table = table_text(in);
            } else if (name == "IndexName") {
                target.index = text_of(in);
            } else if (name == "Key") {
                key = fingerprint(in.skip_value());
            } else if (name == "KeyConditionExpression") {
                condition = fingerprint(in.skip_value());
            } else if (name == "ExpressionAttributeValues") {
                values = fingerprint(in.skip_value());
            } else if (name == "RequestItems" && in.peek() == json_reader::kind::object) {
                in.enter_object();
                while (in.next_member(name)) {
                    auto const table = name.find(":table/") == name.npos ? name : split_resource(name).table;
                    facts.targets.emplace_back().table = table;
                    in.skip_value();
                }
            } else if (name == "TransactItems" && in.peek() == json_reader::kind::array) {
                add_actions(in, facts);
            } else {
                in.skip_value();
            }
        }
    } catch (error const&) {
        // A body of ours is JSON; should it not be, the service says so.
    }
    if (!target.table.empty()) {
        target.key = key;
        if (key == 0 && condition != 0) target.key = (condition ^ (values << 1)) | 1;
        facts.targets.push_back(std::move(target));
    }
    return facts;
}

} // namespace dynasio::dynamodb::detail
