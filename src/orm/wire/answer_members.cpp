#include "answer_members.hpp"

#include <dynasio/core/error.hpp>

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>

namespace dynasio::detail {

using dynamodb::json_reader;

namespace {

/// Calls `one()` for each object in a ConsumedCapacity member, to read it.
template <class One> void for_each_capacity(json_reader& in, One const& one) {
    switch (in.peek()) {
    case json_reader::kind::object:
        one();
        break;
    case json_reader::kind::array:
        in.enter_array();
        while (in.next_element()) one();
        break;
    default:
        in.skip_value();
    }
}

double read_units(json_reader& in) {
    std::string_view const text = in.read_number();
    double units = 0;                                               // also for what no double holds
    std::from_chars(text.data(), text.data() + text.size(), units); // std::strtod depends on the program's locale
    return units;
}

} // namespace

double read_capacity_units(json_reader& in) {
    double units = 0;
    for_each_capacity(in, [&] {
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (name == "CapacityUnits")
                units += read_units(in);
            else
                in.skip_value();
        }
    });
    return units;
}

std::vector<std::pair<std::string, double>> read_capacity_of_tables(json_reader& in) {
    std::vector<std::pair<std::string, double>> tables;
    for_each_capacity(in, [&] {
        auto& [table, units] = tables.emplace_back();
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (name == "CapacityUnits")
                units += read_units(in);
            else if (name == "TableName" && in.peek() == json_reader::kind::string)
                table = in.read_string();
            else
                in.skip_value();
        }
    });
    return tables;
}

std::string_view member_value(std::string_view object, std::string_view member) {
    json_reader in(object);
    std::string_view name, value;
    in.enter_object();
    while (in.next_member(name)) {
        bool const wanted = name == member;
        auto const text = in.skip_value();
        if (wanted) value = text;
    }
    return value;
}

double spent_units(std::string_view body) noexcept {
    double units = 0;
    try {
        json_reader in(body);
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (name == "ConsumedCapacity")
                units += read_capacity_units(in);
            else
                in.skip_value();
        }
    } catch (error const&) {
        // The error is ignored: the reader of the answer has reported it already.
    }
    return units;
}

void note_member(json_reader const& in, bool& seen, std::string_view name) {
    if (seen) in.fail_repeated(name);
    seen = true;
}

std::uint64_t read_count(json_reader& in) {
    std::string_view const text = in.read_number();
    std::uint64_t count = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (ec != std::errc{} || end != text.data() + text.size()) in.fail("Count is no number of items");
    return count;
}

std::string read_next_page(json_reader& in, std::string_view page) {
    if (in.read_if_null()) return {};
    std::string_view const next = in.skip_value();
    if (next.find('"') == std::string_view::npos) return {}; // a key without attributes
    if (next == page) in.fail("the answer to a page names that same page as the next one");
    return std::string(next);
}

write_answer read_write_answer(std::string_view body) {
    write_answer answer;
    json_reader in(body);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (in.read_if_null()) continue;
        if (name == "Attributes") answer.existed = true;
        if (name == "ConsumedCapacity")
            answer.write_units += read_capacity_units(in);
        else
            in.skip_value();
    }
    in.finish();
    return answer;
}

} // namespace dynasio::detail
