// Conditions made of any bytes: what is written for the service is well formed, and what they match is consistent.

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <cctype>
#include <fuzzer/FuzzedDataProvider.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fuzz.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::dynamodb;
using kind = condition::kind;

std::string operand(FuzzedDataProvider& from) {
    auto const text = from.ConsumeRandomLengthString(40);
    switch (from.ConsumeIntegralInRange(0, 5)) {
    case 0:
        return R"({"N":")" + std::to_string(from.ConsumeIntegral<std::int16_t>()) + R"("})";
    case 1:
        return R"({"S":")" + text + R"("})";
    case 2:
        return R"({"B":")" + text + R"("})";
    case 3:
        return R"({"SS":[")" + text + R"(","a"]})";
    case 4:
        return R"({"N":")" + text + R"("})";
    default:
        return text;
    }
}

condition make(FuzzedDataProvider& from, int depth) {
    auto const shape = from.ConsumeIntegralInRange(0, depth > 0 ? 20 : 14);
    auto const terms = [&] {
        std::vector<condition> all;
        for (auto n = from.ConsumeIntegralInRange(0, 4); n > 0; --n) all.push_back(make(from, depth - 1));
        return all;
    };
    switch (shape) {
    case 15:
    case 16:
        return condition::all_of(terms());
    case 17:
    case 18:
        return condition::any_of(terms());
    case 19:
    case 20:
        return condition::not_of(make(from, depth - 1));
    default:
        break;
    }
    auto const k = static_cast<kind>(from.ConsumeIntegralInRange(0, static_cast<int>(kind::has_type)));
    std::string const attribute =
        from.ConsumeBool() ? std::string(1, static_cast<char>('a' + shape)) : from.ConsumeRandomLengthString(12);
    document_path path(attribute);
    for (auto n = from.ConsumeIntegralInRange(0, 3); n > 1; --n) {
        if (from.ConsumeBool())
            path = std::move(path).at(from.ConsumeIntegralInRange<std::size_t>(0, 3));
        else
            path = std::move(path).at(from.ConsumeRandomLengthString(4));
    }
    bool const on_size = from.ConsumeIntegralInRange(0, 7) == 0;
    std::vector<std::string> operands;
    std::size_t count = 1;
    if (k == kind::between) count = 2;
    if (k == kind::in) count = from.ConsumeIntegralInRange<std::size_t>(0, 130);
    if (k == kind::exists || k == kind::not_exists || k == kind::absent_or_null || k == kind::always) count = 0;
    for (std::size_t i = 0; i < count; ++i)
        operands.push_back(k == kind::in && i > 3 ? R"({"N":")" + std::to_string(i) + R"("})" : operand(from));
    if (k == kind::always) return {};
    return on_size ? condition::size_of(k, std::move(path), std::move(operands))
                   : condition(k, std::move(path), std::move(operands));
}

/// The placeholders of `text`, and its parentheses in pairs.
std::set<std::string> placeholders(std::string const& text) {
    std::set<std::string> found;
    int open = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        open += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
        fuzz::require(open >= 0, "parentheses come in pairs");
        if (text[i] != '#' && text[i] != ':') {
            // Nothing of the caller's text gets into the expression.
            fuzz::require(std::isalnum(static_cast<unsigned char>(text[i])) ||
                              std::string_view(" ()<>=,_.[]").find(text[i]) != std::string_view::npos,
                          "an expression has placeholders and operators only");
            continue;
        }
        auto end = i + 1;
        while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
        fuzz::require(end > i + 1, "a placeholder has a number");
        found.insert(text.substr(i, end - i));
        i = end - 1;
    }
    fuzz::require(open == 0, "parentheses come in pairs");
    return found;
}

bool is_json(std::string const& text) {
    try {
        json_reader in(text);
        (void)in.skip_value();
        in.finish();
        return true;
    } catch (error const&) {
        return false;
    }
}

bool is_attribute_value(std::string const& text) {
    try {
        json_reader in(text);
        (void)read_attribute_value(in);
        in.finish();
        return true;
    } catch (error const&) {
        return false;
    }
}

/// Whether every name and operand in it is what the ORM would pass.
bool is_sound(condition const& c) {
    if (!is_json('"' + c.attribute() + '"') && !c.attribute().empty()) {
        for (char const ch : c.attribute())
            if (static_cast<unsigned char>(ch) >= 0x80) return false;
    }
    for (auto const& step : c.path().steps()) {
        auto const* name = std::get_if<std::string>(&step);
        if (name == nullptr) continue;
        for (char const ch : *name)
            if (static_cast<unsigned char>(ch) >= 0x80) return false;
    }
    for (auto const& one : c.operands())
        if (!is_attribute_value(one)) return false;
    for (auto const& term : c.terms())
        if (!is_sound(term)) return false;
    return true;
}

void written(condition const& c) {
    expression_writer writer;
    std::string text;
    std::string body = "{\"a\":0";
    bool const done = fuzz::succeeds({errc::invalid_argument}, [&] {
        text = writer.write(c);
        writer.append_members(body);
    });
    if (!done) return;
    fuzz::require(text.size() <= expression_writer::max_expression_size, "no longer than the service reads");
    fuzz::require(text.empty() == c.is_always(), "only always needs no text");
    auto const used = placeholders(text);
    if (!is_sound(c)) return;
    body += '}';
    std::set<std::string> declared;
    json_reader in(body);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == "a") {
            (void)in.read_number();
            continue;
        }
        in.enter_object();
        while (in.next_member(name)) {
            declared.insert(std::string(name));
            (void)in.skip_value();
        }
    }
    in.finish();
    fuzz::require(declared == used, "what is used is declared, and nothing else");
}

void matched(condition const& c, std::map<std::string, std::string, std::less<>> const& item) {
    auto const look = [&](std::string_view name) -> std::string_view {
        auto const found = item.find(name);
        return found == item.end() ? std::string_view() : std::string_view(found->second);
    };
    bool yes = false;
    if (!fuzz::succeeds({errc::malformed_response, errc::invalid_argument, errc::nesting_too_deep},
                        [&] { yes = c.matches(look); }))
        return;
    if (c.is_never()) fuzz::require(!yes, "never matches nothing");
    if (c.is_always()) {
        fuzz::require(yes, "always matches everything");
        return;
    }
    fuzz::require((!c).matches(look) != yes, "its negation matches what it does not");
    fuzz::require((c && condition()).matches(look) == yes, "always changes nothing");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    FuzzedDataProvider from(data, size);
    std::map<std::string, std::string, std::less<>> item;
    for (auto n = from.ConsumeIntegralInRange(0, 3); n > 0; --n)
        item.insert_or_assign(std::string(1, static_cast<char>('a' + from.ConsumeIntegralInRange(0, 14))),
                              operand(from));
    condition c;
    if (!fuzz::succeeds({errc::invalid_argument}, [&] { c = make(from, 4); })) return 0;
    (void)to_string(c);
    (void)c.conjuncts();
    written(c);
    matched(c, item);
    return 0;
}
