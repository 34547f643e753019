#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/expression.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

namespace dynasio::dynamodb {
namespace {

// Precedence of the parts of an expression. A part is put in parentheses where a higher precedence is needed.
constexpr int binds_or = 0;
constexpr int binds_and = 1;
constexpr int binds_not = 2;
constexpr int binds_term = 3;

int binding(condition const& c) noexcept {
    switch (c.type()) {
    case condition::kind::any_of:
    case condition::kind::absent_or_null:
        return binds_or;
    case condition::kind::all_of:
        return binds_and;
    case condition::kind::not_of:
        return binds_not;
    case condition::kind::in:
        if (c.operands().empty()) return binds_and;
        return c.operands().size() > expression_writer::max_in_operands ? binds_or : binds_term;
    default:
        return binds_term;
    }
}

std::string_view comparison_sign(condition::kind kind) noexcept {
    switch (kind) {
    case condition::kind::equal:
        return "=";
    case condition::kind::not_equal:
        return "<>";
    case condition::kind::less:
        return "<";
    case condition::kind::less_equal:
        return "<=";
    case condition::kind::greater:
        return ">";
    case condition::kind::greater_equal:
        return ">=";
    default:
        return {};
    }
}

bool takes(condition::kind kind, std::size_t operands) noexcept {
    switch (kind) {
    case condition::kind::equal:
    case condition::kind::not_equal:
    case condition::kind::less:
    case condition::kind::less_equal:
    case condition::kind::greater:
    case condition::kind::greater_equal:
    case condition::kind::begins_with:
    case condition::kind::contains:
    case condition::kind::has_type:
        return operands == 1;
    case condition::kind::between:
        return operands == 2;
    case condition::kind::in:
        return true;
    case condition::kind::exists:
    case condition::kind::not_exists:
    case condition::kind::absent_or_null:
        return operands == 0;
    case condition::kind::always:
    case condition::kind::all_of:
    case condition::kind::any_of:
    case condition::kind::not_of:
        break;
    }
    return false;
}

bool takes_size(condition::kind kind) noexcept {
    return !comparison_sign(kind).empty() || kind == condition::kind::between || kind == condition::kind::in;
}

attribute_value decode(std::string_view wire) {
    json_reader in(wire);
    auto value = read_attribute_value(in);
    in.finish();
    return value;
}

attribute_value decode_operand(std::string_view wire) {
    try {
        return decode(wire);
    } catch (error const& e) {
        throw_error(errc::invalid_argument, "an operand of a condition is no attribute value: " + e.info().message);
    }
}

/// Compares two values; nothing unless both have the same ordered type.
std::optional<int> order(attribute_value const& a, attribute_value const& b) {
    if (a.type() != b.type()) return std::nullopt;
    switch (a.type()) {
    case attribute_type::string:
        return a.as_string().compare(b.as_string());
    case attribute_type::number:
        return compare_numbers(a.as_number().text(), b.as_number().text());
    case attribute_type::binary:
        return a.as_binary().bytes.compare(b.as_binary().bytes);
    default:
        return std::nullopt;
    }
}

bool begins_with(attribute_value const& value, attribute_value const& prefix) {
    if (value.type() != prefix.type()) return false;
    if (value.type() == attribute_type::string) return value.as_string().starts_with(prefix.as_string());
    return value.type() == attribute_type::binary && value.as_binary().bytes.starts_with(prefix.as_binary().bytes);
}

template <class Member> bool has(std::vector<Member> const& members, Member const& wanted) {
    return std::find(members.begin(), members.end(), wanted) != members.end();
}

bool contains(attribute_value const& value, attribute_value const& wanted) {
    auto const of = wanted.type();
    switch (value.type()) {
    case attribute_type::string:
        return of == attribute_type::string && value.as_string().find(wanted.as_string()) != std::string::npos;
    case attribute_type::binary:
        return of == attribute_type::binary &&
               value.as_binary().bytes.find(wanted.as_binary().bytes) != std::string::npos;
    case attribute_type::list:
        return has(value.as_list(), wanted);
    case attribute_type::string_set:
        return of == attribute_type::string && has(value.as_string_set().members, wanted.as_string());
    case attribute_type::number_set:
        return of == attribute_type::number && has(value.as_number_set().members, wanted.as_number());
    case attribute_type::binary_set:
        return of == attribute_type::binary && has(value.as_binary_set().members, wanted.as_binary());
    default:
        return false;
    }
}

/// The value that a path leads to from that of its attribute; null when there is none.
attribute_value const* find_inside(attribute_value const& whole, std::vector<document_path::step> const& steps) {
    attribute_value const* value = &whole;
    for (auto const& step : steps) {
        if (auto const* position = std::get_if<std::size_t>(&step)) {
            if (value->type() != attribute_type::list || *position >= value->as_list().size()) return nullptr;
            value = &value->as_list()[*position];
        } else {
            if (value->type() != attribute_type::map) return nullptr;
            auto const& members = value->as_map();
            auto const found = members.find(std::get<std::string>(step));
            if (found == members.end()) return nullptr;
            value = &found->second;
        }
    }
    return value;
}

/// The length of UTF-8 text in UTF-16: one unit for each character, and two for those beyond the first 65,536, whose
/// UTF-8 begins with a byte from 0xF0 on.
std::size_t utf16_units(std::string_view text) noexcept {
    std::size_t units = 0;
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        bool const begins = (byte & 0xC0) != 0x80;
        units += !begins ? 0U : byte >= 0xF0 ? 2U : 1U;
    }
    return units;
}

std::optional<std::size_t> size_of_value(attribute_value const& value) {
    switch (value.type()) {
    case attribute_type::string:
        return utf16_units(value.as_string());
    case attribute_type::binary:
        return value.as_binary().bytes.size();
    case attribute_type::list:
        return value.as_list().size();
    case attribute_type::map:
        return value.as_map().size();
    case attribute_type::string_set:
        return value.as_string_set().members.size();
    case attribute_type::number_set:
        return value.as_number_set().members.size();
    case attribute_type::binary_set:
        return value.as_binary_set().members.size();
    default:
        return std::nullopt;
    }
}

/// An operand as text for people. An operand that is not an attribute value is shown unchanged, because explaining must
/// not throw.
std::string operand_text(std::string_view wire) {
    try {
        auto const value = decode(wire);
        std::string out;
        switch (value.type()) {
        case attribute_type::string:
            append_json_string(out, value.as_string());
            return out;
        case attribute_type::number:
            return value.as_number().text();
        case attribute_type::binary:
            return "binary of " + std::to_string(value.as_binary().bytes.size()) + " bytes";
        case attribute_type::boolean:
            return value.as_bool() ? "true" : "false";
        case attribute_type::null:
            return "null";
        default:
            break;
        }
    } catch (error const&) {
        // The error is ignored: an operand that cannot be read is shown unchanged.
    }
    return std::string(wire);
}

void describe(condition const& c, std::string& out, int enclosing) {
    auto const& operands = c.operands();
    std::string const subject = c.is_on_size() ? "size(" + to_string(c.path()) + ")" : to_string(c.path());
    auto const own = c.type() == condition::kind::any_of   ? binds_or
                     : c.type() == condition::kind::all_of ? binds_and
                     : c.type() == condition::kind::not_of ? binds_not
                                                           : binds_term;
    if (own < enclosing) out.push_back('(');
    switch (c.type()) {
    case condition::kind::always:
        out += "always";
        break;
    case condition::kind::all_of:
    case condition::kind::any_of: {
        auto const conjunction = c.type() == condition::kind::all_of;
        bool first = true;
        for (auto const& term : c.terms()) {
            if (!first) out += conjunction ? " and " : " or ";
            first = false;
            describe(term, out, own);
        }
        break;
    }
    case condition::kind::not_of:
        out += "not ";
        // The term is always in parentheses, because "not a = 1" is ambiguous for readers.
        out.push_back('(');
        describe(c.terms().front(), out, binds_or);
        out.push_back(')');
        break;
    case condition::kind::between:
        out += subject + " between " + operand_text(operands[0]) + " and " + operand_text(operands[1]);
        break;
    case condition::kind::in: {
        out += subject + " in (";
        bool first = true;
        for (auto const& operand : operands) {
            if (!first) out += ", ";
            first = false;
            out += operand_text(operand);
        }
        out.push_back(')');
        break;
    }
    case condition::kind::begins_with:
        out += subject + " begins with " + operand_text(operands[0]);
        break;
    case condition::kind::contains:
        out += subject + " contains " + operand_text(operands[0]);
        break;
    case condition::kind::exists:
        out += subject + " exists";
        break;
    case condition::kind::not_exists:
        out += subject + " does not exist";
        break;
    case condition::kind::absent_or_null:
        out += subject + " is absent or null";
        break;
    case condition::kind::has_type:
        out += subject + " has type " + operand_text(operands[0]);
        break;
    default:
        out += subject;
        out.push_back(' ');
        out += comparison_sign(c.type());
        out.push_back(' ');
        out += operand_text(operands[0]);
    }
    if (own < enclosing) out.push_back(')');
}

} // namespace

std::string to_string(document_path const& path) {
    std::string out = path.attribute();
    for (auto const& step : path.steps()) {
        if (auto const* position = std::get_if<std::size_t>(&step))
            out += '[' + std::to_string(*position) + ']';
        else
            out += '.' + std::get<std::string>(step);
    }
    return out;
}

condition::condition(kind k, document_path path, std::vector<std::string> operands)
    : kind_(k), path_(std::move(path)), operands_(std::move(operands)) {
    if (k == kind::in) {
        std::set<std::string_view> seen;
        std::vector<std::string> distinct;
        for (auto const& operand : operands_) {
            if (seen.insert(operand).second) distinct.push_back(operand);
        }
        operands_ = std::move(distinct);
    }
    if (!takes(k, operands_.size()))
        throw_error(errc::invalid_argument, "a condition on attribute " + to_string(path_) + " does not take " +
                                                std::to_string(operands_.size()) + " operands");
}

condition condition::size_of(kind k, document_path path, std::vector<std::string> operands) {
    if (!takes_size(k))
        throw_error(errc::invalid_argument, "the size of " + to_string(path) + " can only be compared with numbers");
    condition made(k, std::move(path), std::move(operands));
    made.on_size_ = true;
    return made;
}

/// Puts the terms of each term of kind `k` in that term's place.
std::vector<condition> condition::flatten(std::vector<condition> terms, kind k) {
    std::vector<condition> flat;
    for (auto& term : terms) {
        if (term.kind_ != k)
            flat.push_back(std::move(term));
        else if (flat.empty())
            flat = std::move(term.terms_); // In a long chain of && each term is moved only once.
        else
            flat.insert(flat.end(), std::make_move_iterator(term.terms_.begin()),
                        std::make_move_iterator(term.terms_.end()));
    }
    return flat;
}

condition condition::all_of(std::vector<condition> terms) {
    std::erase_if(terms, [](condition const& term) { return term.is_always(); });
    auto flat = flatten(std::move(terms), kind::all_of);
    if (flat.empty()) return {};
    if (flat.size() == 1) return std::move(flat.front());
    condition result;
    result.kind_ = kind::all_of;
    result.terms_ = std::move(flat);
    return result;
}

condition condition::any_of(std::vector<condition> terms) {
    if (terms.empty())
        throw_error(errc::invalid_argument, "any_of without terms would match nothing: give it one, or ask nothing");
    if (std::any_of(terms.begin(), terms.end(), [](condition const& term) { return term.is_always(); })) return {};
    auto flat = flatten(std::move(terms), kind::any_of);
    if (flat.size() == 1) return std::move(flat.front());
    condition result;
    result.kind_ = kind::any_of;
    result.terms_ = std::move(flat);
    return result;
}

condition condition::not_of(condition term) {
    if (term.is_always())
        throw_error(errc::invalid_argument, "the negation of no condition would match nothing: ask nothing");
    if (term.kind_ == kind::not_of) {
        condition inner = std::move(term.terms_.front());
        return inner;
    }
    condition result;
    result.kind_ = kind::not_of;
    result.terms_.push_back(std::move(term));
    return result;
}

condition operator&&(condition a, condition b) {
    std::vector<condition> terms;
    terms.push_back(std::move(a));
    terms.push_back(std::move(b));
    return condition::all_of(std::move(terms));
}

condition operator||(condition a, condition b) {
    std::vector<condition> terms;
    terms.push_back(std::move(a));
    terms.push_back(std::move(b));
    return condition::any_of(std::move(terms));
}

condition operator!(condition a) { return condition::not_of(std::move(a)); }

bool condition::is_never() const noexcept {
    auto const never = [](condition const& term) { return term.is_never(); };
    switch (kind_) {
    case kind::in:
        return operands_.empty();
    case kind::all_of:
        return std::any_of(terms_.begin(), terms_.end(), never);
    case kind::any_of:
        return std::all_of(terms_.begin(), terms_.end(), never);
    default:
        return false;
    }
}

std::vector<condition> condition::conjuncts() const {
    if (kind_ == kind::always) return {};
    if (kind_ == kind::all_of) return terms_;
    return {*this};
}

bool condition::matches(std::function<std::string_view(std::string_view)> const& attribute) const {
    auto const holds = [&attribute](condition const& term) { return term.matches(attribute); };
    switch (kind_) {
    case kind::always:
        return true;
    case kind::all_of:
        return std::all_of(terms_.begin(), terms_.end(), holds);
    case kind::any_of:
        return std::any_of(terms_.begin(), terms_.end(), holds);
    case kind::not_of:
        return !holds(terms_.front());
    default:
        break;
    }

    auto const wire = attribute(path_.attribute());
    bool const inside = !path_.steps().empty();
    if (kind_ == kind::exists && !inside) return !wire.empty();
    if (kind_ == kind::not_exists && !inside) return wire.empty();
    attribute_value whole;
    if (!wire.empty()) whole = decode(wire);
    attribute_value const* found = wire.empty() ? nullptr : find_inside(whole, path_.steps());
    attribute_value size;
    if (on_size_ && found != nullptr) {
        auto const counted = size_of_value(*found);
        if (counted) size = number(*counted);
        found = counted ? &size : nullptr;
    }
    if (kind_ == kind::exists) return found != nullptr;
    if (kind_ == kind::not_exists) return found == nullptr;
    if (found == nullptr) return kind_ == kind::absent_or_null || kind_ == kind::not_equal;
    attribute_value const& value = *found;
    auto const operand = [this](std::size_t i) { return decode_operand(operands_[i]); };
    auto const ordered = [&](auto accepted) {
        auto const result = order(value, operand(0));
        return result && accepted(*result);
    };
    switch (kind_) {
    case kind::equal:
        return value == operand(0);
    case kind::not_equal:
        return !(value == operand(0));
    case kind::less:
        return ordered([](int o) { return o < 0; });
    case kind::less_equal:
        return ordered([](int o) { return o <= 0; });
    case kind::greater:
        return ordered([](int o) { return o > 0; });
    case kind::greater_equal:
        return ordered([](int o) { return o >= 0; });
    case kind::between: {
        auto const low = order(value, operand(0));
        auto const high = order(value, operand(1));
        return low && high && *low >= 0 && *high <= 0;
    }
    case kind::in:
        return std::any_of(operands_.begin(), operands_.end(),
                           [&value](std::string const& o) { return value == decode_operand(o); });
    case kind::begins_with:
        return begins_with(value, operand(0));
    case kind::contains:
        return contains(value, operand(0));
    case kind::absent_or_null:
        return value.is_null();
    case kind::has_type: {
        auto const wanted = operand(0);
        return wanted.type() == attribute_type::string && wanted.as_string() == to_string(value.type());
    }
    default:
        return false;
    }
}

std::string to_string(condition const& c) {
    std::string out;
    describe(c, out, binds_or);
    return out;
}

std::string expression_writer::placeholder(placeholders& known, std::size_t first, char prefix, std::string_view text) {
    auto found = known.find(text);
    if (found == known.end()) found = known.emplace(std::string(text), first + known.size()).first;
    return prefix + std::to_string(found->second);
}

std::string expression_writer::name(std::string_view attribute) { return placeholder(names_, 0, '#', attribute); }

std::string expression_writer::value(std::string_view wire) { return placeholder(values_, open_values_, ':', wire); }

std::string expression_writer::open_value() { return ':' + std::to_string(open_values_++); }

std::string expression_writer::write(condition const& c) {
    std::string out;
    if (c.is_always()) return out;
    write(c, out, binds_or);
    if (out.size() > max_expression_size)
        throw_error(errc::invalid_argument, "the condition takes " + std::to_string(out.size()) +
                                                " bytes of expression and DynamoDB reads " +
                                                std::to_string(max_expression_size) + ": use fewer terms or operands");
    return out;
}

void expression_writer::write(condition const& c, std::string& out, int enclosing) {
    auto const parentheses = binding(c) < enclosing;
    if (parentheses) out.push_back('(');
    // Each placeholder is made in a statement of its own, so that their numbers are in the order of the text.
    switch (c.type()) {
    case condition::kind::always:
        break;
    case condition::kind::all_of:
    case condition::kind::any_of: {
        auto const conjunction = c.type() == condition::kind::all_of;
        bool first = true;
        for (auto const& term : c.terms()) {
            if (!first) out += conjunction ? " AND " : " OR ";
            first = false;
            write(term, out, conjunction ? binds_and : binds_or);
        }
        break;
    }
    case condition::kind::not_of:
        out += "NOT ";
        write(c.terms().front(), out, binds_not);
        break;
    case condition::kind::between:
        out += subject(c);
        out += " BETWEEN ";
        out += value(c.operands()[0]);
        out += " AND ";
        out += value(c.operands()[1]);
        break;
    case condition::kind::in:
        write_in(c, out);
        break;
    case condition::kind::begins_with:
    case condition::kind::contains:
    case condition::kind::has_type:
        out += c.type() == condition::kind::begins_with ? "begins_with("
               : c.type() == condition::kind::contains  ? "contains("
                                                        : "attribute_type(";
        out += subject(c);
        out += ", ";
        out += value(c.operands()[0]);
        out.push_back(')');
        break;
    case condition::kind::exists:
        out += "attribute_exists(" + subject(c) + ")";
        break;
    case condition::kind::not_exists:
        out += "attribute_not_exists(" + subject(c) + ")";
        break;
    case condition::kind::absent_or_null: {
        auto const attribute = subject(c);
        out += "attribute_not_exists(" + attribute + ") OR attribute_type(" + attribute + ", " +
               value(R"({"S":"NULL"})") + ")";
        break;
    }
    default:
        out += subject(c);
        out.push_back(' ');
        out += comparison_sign(c.type());
        out.push_back(' ');
        out += value(c.operands()[0]);
    }
    if (parentheses) out.push_back(')');
}

/// What stands on the left side of a comparison.
std::string expression_writer::subject(condition const& c) {
    std::string out = name(c.attribute());
    for (auto const& step : c.path().steps()) {
        if (auto const* position = std::get_if<std::size_t>(&step))
            out += '[' + std::to_string(*position) + ']';
        else
            out += '.' + name(std::get<std::string>(step));
    }
    return c.is_on_size() ? "size(" + out + ")" : out;
}

void expression_writer::write_in(condition const& c, std::string& out) {
    if (c.operands().empty()) {
        // The service refuses an empty list and has no constant for "false".
        auto const whole = name(c.attribute());
        out += "attribute_exists(" + whole + ") AND attribute_not_exists(" + whole + ")";
        return;
    }
    auto const attribute = subject(c);
    std::size_t written = 0;
    for (auto const& operand : c.operands()) {
        if (written % max_in_operands == 0) {
            if (written != 0) out += ") OR ";
            out += attribute + " IN (";
        } else {
            out += ", ";
        }
        out += value(operand);
        ++written;
    }
    out.push_back(')');
}

namespace {

/// The texts that placeholders stand for, in the order of their numbers, which begin with `first`.
template <class Placeholders> std::vector<std::string_view> in_order(Placeholders const& known, std::size_t first) {
    std::vector<std::string_view> texts(known.size());
    for (auto const& [text, number] : known) texts[number - first] = text;
    return texts;
}

} // namespace

void expression_writer::append_names(std::string& body) const {
    if (names_.empty()) return;
    body += R"(,"ExpressionAttributeNames":{)";
    std::size_t number = 0;
    for (auto const text : in_order(names_, 0)) {
        if (number != 0) body.push_back(',');
        body += "\"#" + std::to_string(number++) + "\":";
        append_json_string(body, text);
    }
    body.push_back('}');
}

/// Every operand but the open ones, each with a comma behind it.
void expression_writer::append_values(std::string& body) const {
    body += R"(,"ExpressionAttributeValues":{)";
    std::size_t number = open_values_;
    for (auto const text : in_order(values_, open_values_)) {
        body += "\":" + std::to_string(number++) + "\":";
        body += text;
        body.push_back(',');
    }
}

void expression_writer::append_members(std::string& body) const {
    append_names(body);
    if (values_.empty()) return;
    append_values(body);
    body.back() = '}';
}

void expression_writer::append_open_members(std::string& body) const {
    append_names(body);
    append_values(body);
}

} // namespace dynasio::dynamodb
