#include "consumed_capacity.hpp"

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <charconv>
#include <cmath>
#include <optional>

namespace dynasio::dynamodb::detail {
namespace {

// In JSON text an unescaped quote starts or ends a string, so these texts can only be the request's member. Members of
// items and of maps of names have another form.
constexpr std::string_view member = R"("ReturnConsumedCapacity":")";
constexpr std::string_view asks_total = R"("ReturnConsumedCapacity":"TOTAL")";
constexpr std::string_view asks_none = R"("ReturnConsumedCapacity":"NONE")";

struct units {
    std::optional<double> all{};
    std::optional<double> read{};
    std::optional<double> write{};

    void add_to(capacity_report& out, std::string_view table, std::string_view index, capacity_kind kind) const {
        if (read || write) {
            out.add(table, index, read.value_or(0), write.value_or(0));
        } else if (all) {
            out.add(table, index, kind == capacity_kind::read ? *all : 0, kind == capacity_kind::write ? *all : 0);
        }
    }
};

double read_units(json_reader& in) {
    std::string_view const text = in.read_number();
    double value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && std::isfinite(value) ? value : 0;
}

/// Reads the member and returns true if it is one of the three figures.
bool read_figure(json_reader& in, std::string_view name, units& into) {
    auto* const figure = name == "CapacityUnits"        ? &into.all
                         : name == "ReadCapacityUnits"  ? &into.read
                         : name == "WriteCapacityUnits" ? &into.write
                                                        : nullptr;
    if (figure == nullptr || in.peek() != json_reader::kind::number) return false;
    *figure = read_units(in);
    return true;
}

units read_figures(json_reader& in) {
    units out;
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (!read_figure(in, name, out)) in.skip_value();
    }
    return out;
}

void read_one(json_reader& in, capacity_kind kind, capacity_report& out) {
    if (in.peek() != json_reader::kind::object) {
        in.skip_value();
        return;
    }
    std::string table;
    units total;
    std::optional<units> own;
    std::vector<std::pair<std::string, units>> indexes;
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == "TableName" && in.peek() == json_reader::kind::string) {
            table = in.read_string();
        } else if (name == "Table" && in.peek() == json_reader::kind::object) {
            own = read_figures(in);
        } else if ((name == "LocalSecondaryIndexes" || name == "GlobalSecondaryIndexes") &&
                   in.peek() == json_reader::kind::object) {
            in.enter_object();
            while (in.next_member(name)) {
                std::string index(name);
                if (in.peek() != json_reader::kind::object) {
                    in.skip_value();
                    continue;
                }
                indexes.emplace_back(std::move(index), read_figures(in));
            }
        } else if (!read_figure(in, name, total)) {
            in.skip_value();
        }
    }
    if (!own && indexes.empty()) own = total; // only totals were requested
    if (own) own->add_to(out, table, {}, kind);
    for (auto const& [index, figures] : indexes) figures.add_to(out, table, index, kind);
}

} // namespace

bool asks_for_capacity(std::string_view body) noexcept {
    return body.find(member) != body.npos && body.find(asks_none) == body.npos;
}

bool mentions_capacity(std::string_view body) noexcept { return body.find(member) != body.npos; }

void append_capacity_wish(std::string& body, capacity_detail detail) {
    if (body.empty() || body.back() != '}') return;
    body.pop_back();
    if (body.size() > 1) body += ',';
    body += member;
    body += detail == capacity_detail::total ? "TOTAL" : "INDEXES";
    body += "\"}";
}

void ask_for_capacity(std::string& body, capacity_detail detail) {
    if (detail == capacity_detail::none) return;
    std::string_view const wanted = detail == capacity_detail::total ? "TOTAL" : "INDEXES";
    if (auto const at = body.find(asks_none); at != body.npos) {
        body.replace(at + member.size(), 4, wanted);
        return;
    }
    if (body.find(member) != body.npos) {
        auto const at = detail == capacity_detail::indexes ? body.find(asks_total) : body.npos;
        if (at != body.npos) body.replace(at + member.size(), 5, wanted);
        return;
    }
    append_capacity_wish(body, detail);
}

void add_consumed_capacity(std::string_view answer, capacity_kind kind, capacity_report& out) {
    try {
        capacity_report read;
        bool found = false;
        json_reader in(answer);
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (name != "ConsumedCapacity") {
                in.skip_value();
                continue;
            }
            found = true;
            if (in.peek() != json_reader::kind::array) {
                read_one(in, kind, read);
                continue;
            }
            in.enter_array();
            while (in.next_element()) read_one(in, kind, read);
        }
        if (!found) return;
        out.add(read);
        out.count_answer();
    } catch (error const&) {
        // The error is ignored here: the reader of the answer reports it.
    }
}

} // namespace dynasio::dynamodb::detail
