#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "integration/database_test.hpp"
#include "support/property.hpp"

// Conditions that the client evaluates itself against the same conditions evaluated by a server: every kind of
// condition, on attributes that are present, absent, NULL, of another type and in another spelling.
namespace conditions {

struct Thing {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(table{"things"}, partition_key<&Thing::id>);
}

} // namespace conditions

namespace dynasio {
namespace {

using dynamodb::condition;
using kind = condition::kind;

/// What the items have as `v`, in wire form; empty for an item without it.
std::map<std::string, std::string> const stored_items{
    {"absent", ""},
    {"null", R"({"NULL":true})"},
    {"empty text", R"({"S":""})"},
    {"text", R"({"S":"b"})"},
    {"longer text", R"({"S":"ba"})"},
    {"text in capitals", R"({"S":"B"})"},
    {"text beyond ASCII", R"({"S":"bä"})"},
    {"text beyond 65,536 characters", R"({"S":"é𝄞"})"},
    {"text like a number", R"({"S":"2"})"},
    {"number", R"({"N":"2"})"},
    {"number of two digits", R"({"N":"10"})"},
    {"number below zero", R"({"N":"-10"})"},
    {"fraction", R"({"N":"2.5"})"},
    {"fraction spelt otherwise", R"({"N":"25e-1"})"},
    {"number beyond a double", R"({"N":"2.0000000000000000000000000000000000001"})"},
    {"empty bytes", R"({"B":""})"},
    {"bytes", R"({"B":"Yg=="})"},
    {"more bytes", R"({"B":"YmE="})"},
    {"bytes above 127", R"({"B":"/w=="})"},
    {"true", R"({"BOOL":true})"},
    {"false", R"({"BOOL":false})"},
    {"list", R"({"L":[{"S":"b"},{"N":"2"}]})"},
    {"empty list", R"({"L":[]})"},
    {"list in a list", R"({"L":[{"L":[{"S":"b"}]},{"NULL":true}]})"},
    {"map", R"({"M":{"b":{"S":"b"}}})"},
    {"map of a list", R"({"M":{"b":{"L":[{"N":"2"},{"S":"b"}]}}})"},
    {"map of a null", R"({"M":{"b":{"NULL":true},"0":{"S":"b"}}})"},
    {"empty map", R"({"M":{}})"},
    {"set of texts", R"({"SS":["a","b"]})"},
    {"set of numbers", R"({"NS":["2","10"]})"},
    {"set of bytes", R"({"BS":["Yg==","YmE="]})"},
};

std::vector<std::string> const scalars{R"({"S":"b"})",    R"({"S":""})",   R"({"S":"2"})",   R"({"N":"2"})",
                                       R"({"N":"2.50"})", R"({"N":"10"})", R"({"B":"Yg=="})"};
std::vector<std::string> const others{R"({"BOOL":true})", R"({"NULL":true})", R"({"L":[{"S":"b"},{"N":"2"}]})",
                                      R"({"M":{"b":{"S":"b"}}})", R"({"SS":["b","a"]})"};

using dynamodb::document_path;

/// Places inside of `v`, some of which each item lacks.
std::vector<document_path> inner_places() {
    document_path const v("v");
    return {v.at(std::size_t{0}),
            v.at(std::size_t{1}),
            v.at("b"),
            v.at("0"),
            v.at("b").at(std::size_t{0}),
            v.at(std::size_t{0}).at(std::size_t{0})};
}

/// Conditions on sizes, types and elements.
void add_conditions_on_parts(std::vector<condition>& all) {
    auto places = inner_places();
    places.emplace_back("v");
    for (auto const& place : places) {
        for (char const* const count : {"0", "1", "2", "3"}) {
            std::vector<std::string> const operand(1, R"({"N":")" + std::string(count) + R"("})");
            for (auto const k :
                 {kind::equal, kind::not_equal, kind::less, kind::less_equal, kind::greater, kind::greater_equal})
                all.push_back(condition::size_of(k, place, operand));
        }
        all.push_back(condition::size_of(kind::between, place, {R"({"N":"1"})", R"({"N":"2"})"}));
        for (char const* const tag : {"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"})
            all.emplace_back(kind::has_type, place,
                             std::vector<std::string>(1, R"({"S":")" + std::string(tag) + R"("})"));
    }
    for (auto const& place : inner_places()) {
        for (auto const k : {kind::exists, kind::not_exists, kind::absent_or_null}) all.emplace_back(k, place);
        for (char const* const o : {R"({"S":"b"})", R"({"N":"2"})", R"({"N":"2.0"})", R"({"NULL":true})"}) {
            std::vector<std::string> const operand(1, o);
            all.emplace_back(kind::equal, place, operand);
            all.emplace_back(kind::not_equal, place, operand);
            all.emplace_back(kind::in, place, std::vector<std::string>{o, R"({"S":"no such value"})"});
        }
        for (auto const k : {kind::less, kind::less_equal, kind::greater, kind::greater_equal}) {
            all.emplace_back(k, place, std::vector<std::string>(1, R"({"S":"b"})"));
            all.emplace_back(k, place, std::vector<std::string>(1, R"({"N":"3"})"));
        }
        all.emplace_back(kind::between, place, std::vector<std::string>{R"({"N":"1"})", R"({"N":"2"})"});
        all.emplace_back(kind::begins_with, place, std::vector<std::string>(1, R"({"S":"b"})"));
        all.emplace_back(kind::contains, place, std::vector<std::string>(1, R"({"S":"b"})"));
    }
}

std::vector<condition> all_conditions() {
    std::vector<condition> all{{kind::exists, "v"}, {kind::not_exists, "v"}, {kind::absent_or_null, "v"}};
    auto operands = scalars;
    operands.insert(operands.end(), others.begin(), others.end());
    for (auto const& o : operands) {
        all.emplace_back(kind::equal, "v", std::vector{o});
        all.emplace_back(kind::not_equal, "v", std::vector{o});
        all.emplace_back(kind::in, "v", std::vector{o, std::string(R"({"S":"no such value"})")});
    }
    for (auto const& o : scalars) {
        for (auto const k : {kind::less, kind::less_equal, kind::greater, kind::greater_equal})
            all.emplace_back(k, "v", std::vector{o});
        all.emplace_back(kind::between, "v", std::vector{o, o});
        // The service refuses an empty operand of contains, and a number as a prefix.
        if (o == R"({"S":""})") continue;
        all.emplace_back(kind::contains, "v", std::vector{o});
        if (!o.starts_with(R"({"N)")) all.emplace_back(kind::begins_with, "v", std::vector{o});
    }
    all.emplace_back(kind::between, "v", std::vector<std::string>{R"({"S":"B"})", R"({"S":"b"})"});
    all.emplace_back(kind::between, "v", std::vector<std::string>{R"({"N":"-11"})", R"({"N":"2"})"});
    add_conditions_on_parts(all);
    // The negation of a comparison is true of an item without the attribute, as the comparison is false.
    auto const count = all.size();
    for (std::size_t i = 0; i < count; ++i) all.push_back(!condition(all[i]));
    all.push_back(condition(kind::exists, "v") && condition(kind::less, "v", {R"({"N":"9"})"}));
    all.push_back(condition(kind::absent_or_null, "v") || condition(kind::greater, "v", {R"({"S":"b"})"}));
    return all;
}

// ---- conditions of several terms, drawn at random

using test::property_run;

std::string const drawn_attributes[] = {"v", "size", "a.b"}; // a reserved word and a name with a dot among them

/// A value that is drawn: one of the table above, or lists and maps of such values.
std::string drawn_value(property_run& random, int depth) {
    auto const among = [&](auto const& map) {
        return std::next(map.begin(), static_cast<std::ptrdiff_t>(random.below(map.size())))->second;
    };
    if (depth == 0 || !random.one_in(3)) {
        auto value = among(stored_items);
        return value.empty() && depth < 2 ? std::string(R"({"NULL":true})") : value;
    }
    bool const is_list = random.one_in(2);
    std::string out = is_list ? R"({"L":[)" : R"({"M":{)";
    char const* const names[] = {"b", "0", "c"};
    for (std::size_t i = 0, n = random.below(4); i != n; ++i) {
        if (i != 0) out += ',';
        if (!is_list) out += '"' + std::string(names[i]) + "\":";
        out += drawn_value(random, depth - 1);
    }
    return out + (is_list ? "]}" : "}}");
}

/// The same condition on another attribute.
condition about(condition const& c, std::string const& attribute) {
    if (c.type() == kind::not_of) return !about(c.terms().front(), attribute);
    document_path path(attribute);
    for (auto const& step : c.path().steps()) path = path.at(step);
    return c.is_on_size() ? condition::size_of(c.type(), path, c.operands()) : condition(c.type(), path, c.operands());
}

/// A tree of up to `terms` terms that are drawn from `leaves`.
condition drawn_tree(property_run& random, std::vector<condition> const& leaves, std::size_t terms) {
    if (terms <= 1) {
        auto leaf = about(random.of(leaves), drawn_attributes[random.below(std::size(drawn_attributes))]);
        return random.one_in(4) ? !std::move(leaf) : leaf;
    }
    std::vector<condition> parts;
    for (std::size_t left = terms; left > 0;) {
        std::size_t const of_this = terms == 2 ? 1 : 1 + random.below(std::min(left, terms - 1));
        parts.push_back(drawn_tree(random, leaves, of_this));
        left -= of_this;
    }
    auto made = random.one_in(2) ? condition::all_of(std::move(parts)) : condition::any_of(std::move(parts));
    return random.one_in(4) ? !std::move(made) : made;
}

/// `{"id":…,"v":…}`
std::string wire_item(std::string const& id, std::string const& v) {
    std::string out = R"({"id":{"S":")" + id + R"("})";
    if (!v.empty()) out += R"(,"v":)" + v;
    return out + '}';
}

class conditions_against : public test::database_test {
protected:
    using database_test::database_test;

    /// `judges`: whether the server's answer to a condition on an item with this `v` counts.
    void compare_all(bool (*judges)(condition const&, std::string const& v)) {
        create_tables<conditions::Thing>();
        for (auto const& [id, v] : stored_items) {
            std::string const text = wire_item(id, v);
            dynamodb::json_reader in(text);
            dynamodb::put_item_request const put(prefix + "things", dynamodb::read_item(in));
            run(direct.put_item(put));
        }
        // What the server gives back: it may have another spelling than what was sent.
        std::map<std::string, dynamodb::item> items;
        for (auto& item : scan({})) items.emplace(item.at("id").as_string(), item);
        ASSERT_EQ(items.size(), stored_items.size());
        std::size_t compared = 0;
        for (auto const& c : all_conditions()) {
            if (std::none_of(stored_items.begin(), stored_items.end(),
                             [&](auto const& one) { return judges(c, one.second); }))
                continue;
            std::set<std::string> there, here;
            for (auto const& item : scan(c)) {
                auto const id = item.at("id").as_string();
                if (judges(c, stored_items.at(id))) there.insert(id);
            }
            for (auto const& [id, item] : items) {
                if (!judges(c, stored_items.at(id))) continue;
                std::string v;
                if (auto const at = item.find("v"); at != item.end()) dynamodb::append_json(v, at->second);
                if (c.matches([&](std::string_view) { return std::string_view(v); })) here.insert(id);
            }
            EXPECT_EQ(here, there) << dynamodb::to_string(c);
            ++compared;
        }
        EXPECT_GT(compared, 500u);
    }

    /// Any tree of conditions holds for the items that the server finds, whatever the items hold.
    void compare_trees(bool (*judges)(condition const&, std::string const& v)) {
        property_run random;
        SCOPED_TRACE(random.how_to_repeat());
        create_tables<conditions::Thing>();
        for (int i = 0; i != 60; ++i) {
            std::string text = R"({"id":{"S":"i)" + std::to_string(i) + R"("})";
            for (auto const& attribute : drawn_attributes)
                if (auto const value = drawn_value(random, 2); !value.empty())
                    text += ",\"" + attribute + "\":" + value;
            text += '}';
            dynamodb::json_reader in{std::string_view(text)};
            run(direct.put_item(dynamodb::put_item_request(prefix + "things", dynamodb::read_item(in))));
        }
        auto const items = scan({});
        ASSERT_EQ(items.size(), 60U);
        auto leaves = all_conditions();
        std::erase_if(leaves, [&](condition const& c) {
            return (!c.terms().empty() && c.type() != kind::not_of) || !judges(c, "");
        });
        std::size_t both = 0;
        for (std::size_t round = property_run::rounds(200); round-- > 0;) {
            auto const tree = drawn_tree(random, leaves, 1 + random.below(8));
            std::set<std::string> there, here;
            for (auto const& item : scan(tree)) there.insert(item.at("id").as_string());
            for (auto const& item : items) {
                std::map<std::string, std::string, std::less<>> values;
                for (auto const& [name, value] : item) dynamodb::append_json(values[name], value);
                auto const id = item.at("id").as_string();
                if (!judges_tree(judges, tree, values)) {
                    there.erase(id);
                    continue;
                }
                if (tree.matches([&](std::string_view name) {
                        auto const at = values.find(name);
                        return at == values.end() ? std::string_view() : std::string_view(at->second);
                    }))
                    here.insert(id);
            }
            EXPECT_EQ(here, there) << dynamodb::to_string(tree);
            both += !here.empty() && here.size() < items.size() ? 1U : 0U;
        }
        EXPECT_GT(both, property_run::rounds(200) / 4) << "too few conditions hold for some items and not for others";
    }

private:
    static bool judges_tree(bool (*judges)(condition const&, std::string const& v), condition const& c,
                            std::map<std::string, std::string, std::less<>> const& values) {
        if (c.terms().empty()) {
            auto const at = values.find(c.attribute());
            return judges(c, at == values.end() ? std::string() : at->second);
        }
        return std::all_of(c.terms().begin(), c.terms().end(),
                           [&](condition const& term) { return judges_tree(judges, term, values); });
    }
    std::vector<dynamodb::item> scan(condition const& c) {
        dynamodb::scan_request request(prefix + "things");
        dynamodb::expression_writer expressions;
        if (!c.is_always()) {
            request.filter_expression = expressions.write(c);
            std::string members = "{";
            expressions.append_members(members);
            take_members(request, "{" + members.substr(2) + "}");
        }
        auto const page = run(direct.scan(request));
        EXPECT_FALSE(page.last_evaluated_key);
        return page.items.value_or(std::vector<dynamodb::item>());
    }
    static void take_members(dynamodb::scan_request& request, std::string const& members) {
        dynamodb::json_reader in(members);
        std::string_view name;
        in.enter_object();
        while (in.next_member(name)) {
            if (name == "ExpressionAttributeValues") {
                request.expression_attribute_values = dynamodb::read_item(in);
            } else {
                auto& names = request.expression_attribute_names.emplace();
                in.enter_object();
                std::string_view placeholder;
                while (in.next_member(placeholder)) {
                    std::string const key(placeholder);
                    names[key] = in.read_string();
                }
            }
        }
    }
};

class conditions_here : public conditions_against {
protected:
    conditions_here() : conditions_against("DYNAMODB_ENDPOINT") {}
};
class second_server_conditions : public conditions_against {
protected:
    second_server_conditions() : conditions_against("DYNASIO_DYNALITE_ENDPOINT") {}
};

/// What dynalite does not evaluate as the service does. It compares lists and maps by identity, takes an empty text in
/// IN and BETWEEN for no operand, and values that JavaScript takes for false for values without type and size; and a
/// position finds the member of a map that has that number for its name.
bool dynalite_knows(condition const& c, std::string const& v) {
    for (auto const& term : c.terms())
        if (!dynalite_knows(term, v)) return false;
    auto const& steps = c.path().steps();
    for (std::string_view const value : {R"({"S":""})", R"({"B":""})", R"({"BOOL":false})"}) {
        bool const is_false = steps.empty() ? v == value : v.find(value) != v.npos;
        if (is_false && (c.is_on_size() || c.type() == kind::has_type)) return false;
    }
    bool const by_position = std::any_of(steps.begin(), steps.end(), [](document_path::step const& step) {
        return std::holds_alternative<std::size_t>(step);
    });
    if (by_position && v.find(R"("0":)") != std::string::npos) return false;
    bool const several = c.type() == kind::in || c.type() == kind::between;
    return std::none_of(c.operands().begin(), c.operands().end(), [&](std::string const& o) {
        return o.starts_with(R"({"L")") || o.starts_with(R"({"M")") || (several && o == R"({"S":""})");
    });
}

TEST_F(conditions_here, hold_for_the_items_that_the_server_finds) {
    compare_all([](condition const&, std::string const&) { return true; });
}
TEST_F(second_server_conditions, hold_for_the_items_that_the_server_finds) { compare_all(dynalite_knows); }
TEST_F(conditions_here, of_many_terms_hold_for_the_items_that_the_server_finds) {
    compare_trees([](condition const&, std::string const&) { return true; });
}
TEST_F(second_server_conditions, of_many_terms_hold_for_the_items_that_the_server_finds) {
    compare_trees(dynalite_knows);
}

} // namespace
} // namespace dynasio
