#ifndef DYNASIO_TESTS_SUPPORT_ITEM_SERVER_HPP
#define DYNASIO_TESTS_SUPPORT_ITEM_SERVER_HPP

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/property.hpp"

// A service that answers Query and BatchGetItem from items in memory, as the API reference allows it to: pages end
// after any item, keys stay unprocessed, items come in any order, and numbers and texts are spelt in any way. It throws
// for requests that the service would refuse.
namespace dynasio::test {

/// A condition of the service, evaluated.
class expression_of_service {
public:
    using names = std::map<std::string, std::string>;
    expression_of_service(std::string text, boost::json::object const& request) : text_(std::move(text)) {
        if (auto const* all = request.if_contains("ExpressionAttributeNames"))
            for (auto const& [name, stands_for] : all->as_object()) names_[name] = std::string(stands_for.as_string());
        if (auto const* all = request.if_contains("ExpressionAttributeValues"))
            for (auto const& [name, stands_for] : all->as_object()) values_[name] = stands_for.as_object();
        next();
    }

    [[nodiscard]] bool holds(boost::json::object const& item) {
        item_ = &item;
        at_ = 0;
        next();
        bool const result = any();
        if (!token_.empty()) refuse("a condition goes on with " + token_);
        return result;
    }
    /// The attributes that it mentions.
    [[nodiscard]] std::set<std::string> mentioned() const {
        std::set<std::string> found;
        for (auto const& [placeholder, name] : names_) {
            auto const at = text_.find(placeholder);
            if (at == std::string::npos) continue;
            auto const behind = at + placeholder.size();
            bool const whole = behind == text_.size() || text_[behind] < '0' || text_[behind] > '9';
            if (whole || text_.find(placeholder, behind) != std::string::npos) found.insert(name);
        }
        return found;
    }
    /// The value that this attribute has to be equal to. Refuses a condition that does not say.
    [[nodiscard]] boost::json::value compared_with(std::string const& attribute) const {
        for (auto const& [placeholder, name] : names_) {
            auto const at = text_.find(placeholder + " = :");
            if (name != attribute || at == std::string::npos) continue;
            auto const begin = at + placeholder.size() + 3;
            auto const end = std::min(text_.find_first_not_of("0123456789", begin + 1), text_.size());
            if (auto const found = values_.find(text_.substr(begin, end - begin)); found != values_.end())
                return found->second;
        }
        refuse("no value for the partition key: " + text_);
    }
    [[noreturn]] static void refuse(std::string const& why) { throw std::logic_error("the service refuses: " + why); }

private:
    /// A value with its type: "S", "N", "NULL", …; no type when it is missing.
    struct value {
        std::string type{}, text{};
    };
    static value value_of(boost::json::object const& wire) {
        auto const& [type, content] = *wire.begin();
        return {std::string(type), content.is_string() ? std::string(content.as_string()) : std::string()};
    }
    static int compare(value const& a, value const& b) {
        if (a.type != "N") return a.text.compare(b.text);
        double const x = std::strtod(a.text.c_str(), nullptr), y = std::strtod(b.text.c_str(), nullptr);
        return x < y ? -1 : x > y ? 1 : 0;
    }

    void next() {
        while (at_ < text_.size() && text_[at_] == ' ') ++at_;
        std::size_t const begin = at_;
        auto const is_word = [](char c) {
            return c == '#' || c == ':' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                   (c >= 'A' && c <= 'Z');
        };
        while (at_ < text_.size() && is_word(text_[at_])) ++at_;
        if (at_ == begin && at_ < text_.size()) {
            ++at_;
            if ((text_[begin] == '<' || text_[begin] == '>') && at_ < text_.size() &&
                (text_[at_] == '=' || text_[at_] == '>'))
                ++at_;
        }
        token_ = text_.substr(begin, at_ - begin);
    }
    bool take(std::string_view token) {
        if (token_ != token) return false;
        next();
        return true;
    }
    void expect(std::string_view token) {
        if (!take(token)) refuse("a condition has " + token_ + " in place of " + std::string(token) + ": " + text_);
    }
    bool any() {
        bool result = all();
        while (take("OR")) result = all() || result;
        return result;
    }
    bool all() {
        bool result = negated();
        while (take("AND")) result = negated() && result;
        return result;
    }
    bool negated() { return take("NOT") ? !negated() : one(); }
    bool one() {
        if (take("(")) {
            bool const result = any();
            expect(")");
            return result;
        }
        auto const function = token_;
        if (function == "attribute_exists" || function == "attribute_not_exists" || function == "attribute_type" ||
            function == "begins_with" || function == "contains") {
            next();
            expect("(");
            value const subject = operand();
            value argument;
            if (take(",")) argument = operand();
            expect(")");
            if (function == "attribute_exists") return !subject.type.empty();
            if (function == "attribute_not_exists") return subject.type.empty();
            if (function == "attribute_type") return subject.type == argument.text;
            if (subject.type != argument.type) return false;
            return function == "begins_with" ? subject.text.starts_with(argument.text)
                                             : subject.text.find(argument.text) != std::string::npos;
        }
        value const left = operand();
        if (take("BETWEEN")) {
            value const low = operand();
            expect("AND");
            value const high = operand();
            return left.type == low.type && compare(left, low) >= 0 && compare(left, high) <= 0;
        }
        if (take("IN")) {
            expect("(");
            bool found = false;
            do {
                value const each = operand();
                found = found || (left.type == each.type && compare(left, each) == 0);
            } while (take(","));
            expect(")");
            return found;
        }
        auto const how = token_;
        next();
        value const right = operand();
        bool const alike = left.type == right.type;
        if (how == "=") return alike && compare(left, right) == 0;
        if (how == "<>") return !alike || compare(left, right) != 0;
        if (!alike) return false;
        int const order = compare(left, right);
        if (how == "<") return order < 0;
        if (how == "<=") return order <= 0;
        if (how == ">") return order > 0;
        if (how == ">=") return order >= 0;
        refuse("no operator: " + how);
    }
    value operand() {
        auto const name = token_;
        next();
        if (name == "size") {
            expect("(");
            value const of = operand();
            expect(")");
            if (of.type.empty()) return {};
            return {"N", std::to_string(of.text.size())};
        }
        if (name.starts_with(':')) {
            if (!values_.contains(name)) refuse("no value " + name);
            return value_of(values_.at(name));
        }
        if (!names_.contains(name)) refuse("no name " + name);
        auto const* const found = item_->if_contains(names_.at(name));
        return found != nullptr ? value_of(found->as_object()) : value();
    }

    std::string text_;
    names names_{};
    std::map<std::string, boost::json::object> values_{};
    boost::json::object const* item_ = nullptr;
    std::size_t at_ = 0;
    std::string token_{};
};

class item_server {
public:
    struct index {
        std::string partition{}, sort{};
        bool keys_only = false;
    };
    struct table {
        std::string partition{}, sort{};
        std::map<std::string, index> indexes{};
        std::vector<boost::json::object> items{};
    };

    std::map<std::string, table> tables{};
    bool cuts_pages = false;    ///< Pages end after any item.
    bool leaves_keys = false;   ///< Some keys of a batch stay unprocessed, but never all.
    bool spells_freely = false; ///< Numbers and texts have another spelling than the library's.

    [[nodiscard]] std::string query(std::string_view body, property_run& random) const {
        auto const request = boost::json::parse(body).as_object();
        auto const& of = tables.at(std::string(request.at("TableName").as_string()));
        index path{of.partition, of.sort};
        if (auto const* name = request.if_contains("IndexName")) path = of.indexes.at(std::string(name->as_string()));
        bool const backward = request.contains("ScanIndexForward") && !request.at("ScanIndexForward").as_bool();

        expression_of_service key_condition(std::string(request.at("KeyConditionExpression").as_string()), request);
        std::vector<boost::json::object const*> found;
        auto const partition = of_partition(of, path, key_condition.compared_with(path.partition));
        for (auto const* item : partition)
            if (key_condition.holds(*item)) found.push_back(item);
        auto const before = [&](auto const* a, auto const* b) {
            for (auto const& name : {path.sort, of.partition, of.sort}) {
                if (name.empty()) continue;
                if (int const order = compare(a->at(name), b->at(name)); order != 0) return order < 0;
            }
            return false;
        };
        std::sort(found.begin(), found.end(), before);
        if (backward) std::reverse(found.begin(), found.end());
        std::size_t at = 0;
        if (auto const* start = request.if_contains("ExclusiveStartKey")) {
            auto const same = std::find_if(found.begin(), found.end(), [&](auto const* item) {
                for (auto const& name : {of.partition, of.sort, path.partition, path.sort})
                    if (!name.empty() && compare(item->at(name), start->as_object().at(name)) != 0) return false;
                return true;
            });
            if (same == found.end()) expression_of_service::refuse("the start key is that of no item");
            at = static_cast<std::size_t>(same - found.begin()) + 1;
        }
        std::optional<expression_of_service> filter;
        if (auto const* text = request.if_contains("FilterExpression")) {
            filter.emplace(std::string(text->as_string()), request);
            for (auto const& name : filter->mentioned())
                if (name == path.partition || name == path.sort)
                    expression_of_service::refuse("a filter has the key attribute " + name);
        }
        std::size_t most = request.contains("Limit") ? request.at("Limit").to_number<std::size_t>() : found.size() + 1;
        if (most == 0) expression_of_service::refuse("a limit of 0");
        if (cuts_pages && random.one_in(2)) most = std::min(most, 1 + random.below(4));
        std::size_t const end = std::min(found.size(), at + most);
        bool const counts = request.contains("Select") && request.at("Select").as_string() == "COUNT";
        std::string items;
        std::size_t count = 0;
        for (std::size_t i = at; i < end; ++i) {
            if (filter && !filter->holds(*found[i])) continue;
            ++count;
            std::set<std::string> projected;
            if (path.keys_only) projected = {of.partition, of.sort, path.partition, path.sort};
            items += (count > 1 ? "," : "") + text_of(*found[i], projected, random);
        }
        std::string out = R"({"Count":)" + std::to_string(count) + R"(,"ScannedCount":)" + std::to_string(end - at);
        if (!counts) out += R"(,"Items":[)" + items + ']';
        // A page that is cut behind the last item has a LastEvaluatedKey too.
        if (end > at && (end < found.size() || end == at + most))
            out += R"(,"LastEvaluatedKey":)" +
                   text_of(*found[end - 1], {of.partition, of.sort, path.partition, path.sort}, random);
        return out + '}';
    }

    [[nodiscard]] std::string batch(std::string_view body, property_run& random) const {
        auto const request = boost::json::parse(body).as_object();
        std::string responses, rest;
        std::size_t keys = 0;
        bool answered = false;
        for (auto const& [name, what] : request.at("RequestItems").as_object()) {
            auto const& of = tables.at(std::string(name));
            std::set<std::string> projected;
            if (auto const* text = what.as_object().if_contains("ProjectionExpression")) {
                expression_of_service const names(std::string(text->as_string()), what.as_object());
                projected = names.mentioned();
                projected.insert(std::string()); // so that it is not empty, which means everything
            }
            std::set<std::string> seen;
            std::vector<std::string> items;
            std::string left;
            for (auto const& key : what.at("Keys").as_array()) {
                if (!seen.insert(canonical(key.as_object())).second) expression_of_service::refuse("a key twice");
                if (++keys > 100) expression_of_service::refuse("more than 100 keys");
                if (leaves_keys && answered && random.one_in(3)) {
                    left += (left.empty() ? "" : ",") + text_of(key.as_object(), {}, random);
                    continue;
                }
                answered = true;
                for (auto const* item : of_partition(of, {of.partition, of.sort}, key.at(of.partition))) {
                    if (canonical_key(of, *item) != canonical(key.as_object())) continue;
                    items.insert(items.begin() + static_cast<std::ptrdiff_t>(random.below(items.size() + 1)),
                                 text_of(*item, projected, random));
                }
            }
            auto const quoted = boost::json::serialize(boost::json::value(name));
            responses += (responses.empty() ? "" : ",") + quoted + ":[";
            for (std::size_t i = 0; i < items.size(); ++i) responses += (i > 0 ? "," : "") + items[i];
            responses += ']';
            if (!left.empty()) rest += (rest.empty() ? "" : ",") + quoted + R"(:{"Keys":[)" + left + "]}";
        }
        return R"({"Responses":{)" + responses + R"(},"UnprocessedKeys":{)" + rest + "}}";
    }

    /// To be called after items were added or removed.
    void forget_order() const { sorted_.clear(); }

private:
    /// The items that a table or index has under a partition key.
    [[nodiscard]] std::vector<boost::json::object const*> const&
    of_partition(table const& of, index const& path, boost::json::value const& partition) const {
        static std::vector<boost::json::object const*> const none;
        auto const [at, fresh] = sorted_.try_emplace({&of, path.partition + ' ' + path.sort});
        if (fresh)
            for (auto const& item : of.items)
                if (item.contains(path.partition) && (path.sort.empty() || item.contains(path.sort)))
                    at->second[canonical({{path.partition, item.at(path.partition)}})].push_back(&item);
        auto const found = at->second.find(canonical({{path.partition, partition}}));
        return found != at->second.end() ? found->second : none;
    }
    static int compare(boost::json::value const& a, boost::json::value const& b) {
        auto const& [type, x] = *a.as_object().begin();
        auto const& y = b.as_object().begin()->value();
        if (type == "N") {
            double const m = std::strtod(x.as_string().c_str(), nullptr);
            double const n = std::strtod(y.as_string().c_str(), nullptr);
            return m < n ? -1 : m > n ? 1 : 0;
        }
        return std::string_view(x.as_string()).compare(std::string_view(y.as_string()));
    }
    static std::string canonical(boost::json::object const& key) {
        std::map<std::string, std::string> parts;
        for (auto const& [name, wire] : key) {
            auto const& [type, value] = *wire.as_object().begin();
            std::string text(value.as_string());
            if (type == "N") text = std::to_string(std::strtod(text.c_str(), nullptr));
            parts[name] = std::string(type) + text;
        }
        std::string out;
        for (auto const& [name, text] : parts) out += name + '=' + text + '\n';
        return out;
    }
    static std::string canonical_key(table const& of, boost::json::object const& item) {
        boost::json::object key;
        key[of.partition] = item.at(of.partition);
        if (!of.sort.empty()) key[of.sort] = item.at(of.sort);
        return canonical(key);
    }
    /// An item as JSON; `only` names the attributes to give, all of them when it is empty.
    [[nodiscard]] std::string text_of(boost::json::object const& item, std::set<std::string> const& only,
                                      property_run& random) const {
        std::vector<std::string> members;
        for (auto const& [name, wire] : item) {
            if (!only.empty() && !only.contains(std::string(name))) continue;
            std::string text = boost::json::serialize(boost::json::value(name)) + ':' + spelt(wire.as_object(), random);
            std::size_t const at = spells_freely ? random.below(members.size() + 1) : members.size();
            members.insert(members.begin() + static_cast<std::ptrdiff_t>(at), std::move(text));
        }
        std::string out = "{";
        for (std::size_t i = 0; i < members.size(); ++i) out += (i > 0 ? "," : "") + members[i];
        return out + '}';
    }
    [[nodiscard]] std::string spelt(boost::json::object const& wire, property_run& random) const {
        auto const& [type, value] = *wire.begin();
        if (!spells_freely || !random.one_in(3)) return boost::json::serialize(wire);
        if (type == "N") {
            std::string const text(value.as_string());
            switch (random.below(4)) {
            case 0:
                return R"({"N":")" + text + R"(.0"})";
            case 1:
                return R"({"N":")" + text + R"(e0"})";
            case 2:
                return R"({"N": ")" + text + R"(0E-1"})";
            default:
                return R"({ "N":")" + text + R"(" })";
            }
        }
        if (type == "S" && !value.as_string().empty()) {
            char const first = value.as_string()[0];
            if (first >= ' ' && first < 127) { // the first letter as an escape
                char hex[7];
                constexpr char const* digits = "0123456789abcdef";
                std::string out = R"({"S":"\u00)";
                hex[0] = digits[(first >> 4) & 15];
                hex[1] = digits[first & 15];
                out.append(hex, 2);
                auto const quoted = boost::json::serialize(boost::json::value(value.as_string().subview(1)));
                return out + quoted.substr(1) + " }";
            }
        }
        return boost::json::serialize(wire);
    }

    mutable std::map<std::pair<table const*, std::string>,
                     std::map<std::string, std::vector<boost::json::object const*>>>
        sorted_{};
};

} // namespace dynasio::test

#endif
