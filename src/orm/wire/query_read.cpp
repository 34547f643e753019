#include "query_read.hpp"

#include <dynasio/dynamodb/detail/request_subject.hpp>
#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "../type/projection_text.hpp"
#include "answer_members.hpp"

namespace dynasio::detail {

using dynamodb::expression_writer;
using dynamodb::json_reader;

namespace {

constexpr std::size_t max_page = 2'147'483'647; // Limit is a 32-bit integer according to the API reference

/// Appends the attributes that a query for a projection asks for.
void append_attributes(std::string& head, expression_writer& expressions, entity_type const& type,
                       access_plan const& plan) {
    kept_attributes asked;
    asked.add(type.projected);
    asked.add(attributes_in(type, plan.scope.residue));
    if (plan.sort_here) asked.add(*plan.sort_here->by);
    if (plan.path) {
        asked.add(plan.path->partition);
        if (plan.path->sort) asked.add(*plan.path->sort);
    }
    std::vector<std::string> names;
    for (auto const i : asked.all()) names.push_back(type[i].name);
    append_projection_of(head, expressions, names);
}

} // namespace

void query_text::begin() {
    std::string& head = pieces_.emplace_back(R"({"TableName":)");
    dynamodb::append_json_string(head, table_);
    if (index_.empty()) return;
    head += R"(,"IndexName":)";
    dynamodb::append_json_string(head, index_);
}

void query_text::close(expression_writer const& expressions, std::size_t open_values) {
    if (open_values == 0) {
        expressions.append_members(pieces_.back());
        return;
    }
    expressions.append_open_members(pieces_.back());
    for (std::size_t i = 0; i < open_values; ++i) {
        pieces_.back() += (i == 0 ? "\":" : ",\":") + std::to_string(i) + "\":";
        pieces_.emplace_back();
    }
    pieces_.back() = "}";
}

query_text::query_text(entity_type const& type, std::string table, access_plan const& plan,
                       std::span<attribute_index const> open_key, projection wanted, bool consistent)
    : operation_(plan.path ? dynamodb::operation::query : dynamodb::operation::scan), table_(std::move(table)) {
    if (plan.path) {
        index_ = plan.path->name;
        partition_name_ = type[plan.path->partition].name;
    }
    begin();
    std::string& head = pieces_.front();
    expression_writer expressions;
    auto const write = [&](dynamodb::condition const& c) {
        try {
            return expressions.write(c);
        } catch (error const& e) {
            diagnostics d = e.info();
            add_context(d, {.table = table_, .entity = type.name});
            throw_error(e.code(), std::move(d));
        }
    };
    if (plan.path) {
        std::string text;
        for (auto const i : open_key) {
            text += text.empty() ? "" : " AND ";
            auto const name = expressions.name(type[i].name);
            text += name + " = " + expressions.open_value();
        }
        if (open_key.empty()) {
            text = write(plan.partition);
            partition_ = plan.partition.operands().front();
        }
        if (!plan.sort.is_always()) text += " AND " + write(plan.sort);
        head += R"(,"KeyConditionExpression":)";
        dynamodb::append_json_string(head, text);
    }
    if (!plan.scope.filter.is_always()) {
        head += R"(,"FilterExpression":)";
        dynamodb::append_json_string(head, write(plan.scope.filter));
    }
    if (plan.descending) head += R"(,"ScanIndexForward":false)";
    // Global secondary indexes have no consistent reads; the service refuses a request for one.
    if (consistent && (!plan.path || plan.path->name.empty() || plan.path->local)) head += R"(,"ConsistentRead":true)";
    if (type.is_projection && wanted != projection::count && !plan.reads_by_key())
        append_attributes(head, expressions, type, plan);
    else
        append_projection(head, wanted, plan.path);
    close(expressions, open_key.size());
    if (plan.segments == 0) return;
    pieces_.back() += R"(,"TotalSegments":)" + std::to_string(plan.segments) + R"(,"Segment":)";
    pieces_.emplace_back();
}

query_text::query_text(std::string table, std::string index, std::string partition_name, std::string const& condition,
                       expression_writer const& expressions, bool consistent, bool descending)
    : operation_(dynamodb::operation::query), table_(std::move(table)), index_(std::move(index)),
      partition_name_(std::move(partition_name)) {
    begin();
    std::string& head = pieces_.front();
    head += R"(,"KeyConditionExpression":)";
    dynamodb::append_json_string(head, condition);
    if (descending) head += R"(,"ScanIndexForward":false)";
    if (consistent) head += R"(,"ConsistentRead":true)";
    close(expressions, 1);
}

void query_text::append_body(std::string& out, key_values key, std::optional<std::size_t> limit,
                             std::string_view cursor) const {
    out += pieces_.front();
    for (std::size_t i = 1; i < pieces_.size(); ++i) {
        out += key[i - 1];
        out += pieces_[i];
    }
    if (limit) {
        out += R"(,"Limit":)";
        out += std::to_string(std::min(*limit, max_page));
    }
    if (!cursor.empty()) {
        out += R"(,"ExclusiveStartKey":)";
        out += cursor;
    }
    out += '}';
}

std::string query_text::identity() const {
    std::string all(to_string(operation_));
    for (auto const& piece : pieces_) {
        all += '\n'; // a separator that no piece contains, because JSON escapes it
        all += piece;
    }
    return all;
}

void query_text::tell_target(key_values key, dynamodb::detail::request_targets& out) const {
    auto& target = out.targets.emplace_back();
    target.table = table_;
    target.index = index_;
    if (partition_name_.empty()) return;
    target.key = dynamodb::detail::partition_fingerprint(partition_name_,
                                                         key.empty() ? std::string_view(partition_) : key.front());
}

page_end read_page(std::string_view body, std::string_view began_at, page_sink& sink) {
    page_end end;
    json_reader in(body);
    std::string_view name;
    bool items = false;
    bool next = false;
    bool counted = false;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == "Items") {
            note_member(in, items, name);
            sink.read_items(in);
        } else if (name == "Count") {
            note_member(in, counted, name);
            end.count = read_count(in);
            // No item takes fewer bytes, so a wrong number cannot make anybody reserve more than a few answers take.
            constexpr std::string_view least_item = R"({"a":{"N":"1"}},)";
            if (!items) sink.expect_items(std::min<std::uint64_t>(end.count, body.size() / least_item.size()));
        } else if (name == "LastEvaluatedKey") {
            note_member(in, next, name);
            end.next = read_next_page(in, began_at);
        } else if (name == "ConsumedCapacity") {
            end.read_units += read_capacity_units(in);
        } else {
            in.skip_value();
        }
    }
    in.finish();
    return end;
}

} // namespace dynasio::detail
