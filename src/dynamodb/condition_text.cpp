#include <dynasio/dynamodb/detail/condition_text.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../core/ascii.hpp"

namespace dynasio::dynamodb::detail {

namespace {

using kind = condition::kind;

enum class token_type : std::uint8_t { end, name, quoted, value, named_value, number, symbol };

struct token {
    token_type type = token_type::end;
    std::size_t at = 0;
    std::string text{}; // a name, the name of a value, digits, or a symbol
};

using dynasio::detail::is_digit;

bool begins_name(char c) noexcept { return dynasio::detail::is_letter(c) || c == '_'; }
bool is_space(char c) noexcept { return dynasio::detail::is_blank(c) || c == '\n' || c == '\r'; }

/// Keywords are written in any case.
bool is_word(token const& t, std::string_view word) noexcept {
    return t.type == token_type::name && dynasio::detail::is_equal_but_case(t.text, word);
}
bool is_keyword(token const& t) noexcept {
    return is_word(t, "and") || is_word(t, "or") || is_word(t, "not") || is_word(t, "between") || is_word(t, "in");
}
bool is_symbol(token const& t, std::string_view symbol) noexcept {
    return t.type == token_type::symbol && t.text == symbol;
}

[[noreturn]] void fail(std::string_view text, std::size_t at, std::string const& why) {
    // Characters of UTF-8, of which only the first bytes count.
    auto const before = text.substr(0, at);
    auto const characters = std::count_if(before.begin(), before.end(),
                                          [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; });
    diagnostics d;
    d.message = "the condition \"" + std::string(text) + "\" is wrong at character " + std::to_string(characters + 1) +
                ": " + why;
    throw_error(errc::invalid_argument, std::move(d));
}

/// Divides a text into tokens.
class scanner {
public:
    explicit scanner(std::string_view text) noexcept : text_(text) {}

    [[nodiscard]] std::string_view text() const noexcept { return text_; }

    token next() {
        while (at_ < text_.size() && is_space(text_[at_])) ++at_;
        if (at_ == text_.size()) return {token_type::end, at_, {}};
        char const c = text_[at_];
        if (begins_name(c)) return taken(token_type::name, name_length(at_));
        if (is_digit(c)) return taken(token_type::number, digits_length());
        switch (c) {
        case '"':
            return quoted();
        case '?':
            return taken(token_type::value, 1);
        case ':':
            return named_value();
        case '<':
            return taken(token_type::symbol, follows('>') || follows('=') ? 2 : 1);
        case '>':
            return taken(token_type::symbol, follows('=') ? 2 : 1);
        case '=':
        case '(':
        case ')':
        case ',':
        case '.':
        case '[':
        case ']':
            return taken(token_type::symbol, 1);
        case '#':
            fail(text_, at_, "names of attributes are written as they are, without #");
        case '\'':
            fail(text_, at_, "values do not stand in the text; write ? or :name and give the value behind it");
        case '!':
            fail(text_, at_, "\"not equal\" is written <>");
        default:
            break;
        }
        fail(text_, at_,
             "this character has no meaning here; a name with other characters than letters, digits and _ stands in "
             "double quotes");
    }

private:
    [[nodiscard]] bool follows(char c) const noexcept { return at_ + 1 < text_.size() && text_[at_ + 1] == c; }
    [[nodiscard]] std::size_t name_length(std::size_t from) const noexcept {
        auto end = from;
        while (end < text_.size() && (begins_name(text_[end]) || is_digit(text_[end]))) ++end;
        return end - from;
    }
    [[nodiscard]] std::size_t digits_length() const noexcept {
        auto end = at_;
        while (end < text_.size() && is_digit(text_[end])) ++end;
        return end - at_;
    }
    token taken(token_type type, std::size_t length) {
        token made{type, at_, std::string(text_.substr(at_, length))};
        at_ += length;
        return made;
    }
    token quoted() {
        token made{token_type::quoted, at_, {}};
        for (auto i = at_ + 1; i < text_.size(); ++i) {
            if (text_[i] != '"') {
                made.text += text_[i];
            } else if (i + 1 < text_.size() && text_[i + 1] == '"') {
                made.text += text_[i++];
            } else {
                if (made.text.empty()) fail(text_, at_, "a name is not empty");
                at_ = i + 1;
                return made;
            }
        }
        fail(text_, at_, "the double quote that ends the name is missing");
    }
    token named_value() {
        auto const length = name_length(at_ + 1);
        if (length == 0) fail(text_, at_, "the name of a value stands behind the colon");
        token made{token_type::named_value, at_, std::string(text_.substr(at_ + 1, length))};
        at_ += 1 + length;
        return made;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

attribute_type type_of(std::string_view wire) { return json_reader(wire).open_attribute(); }

class parser {
public:
    parser(std::string_view text, condition_values const& values, condition_judge const& judge)
        : scan_(text), values_(values), judge_(judge), named_used_(values.named.size()) {
        step();
    }

    condition parse() {
        if (now_.type == token_type::end) wrong("there is no condition");
        condition made = disjunction();
        if (now_.type != token_type::end) wrong("AND, OR or the end is expected here");
        if (positional_used_ < values_.positional.size())
            wrong("the text has " + std::to_string(positional_used_) + " placeholders ?, and " +
                  std::to_string(values_.positional.size()) + " values are given");
        for (std::size_t i = 0; i < named_used_.size(); ++i)
            if (!named_used_[i]) wrong("the value :" + values_.named[i].first + " is given and not used");
        return made;
    }

private:
    static constexpr int max_depth = 64; // parentheses and NOT inside of one another

    /// What a comparison compares: an attribute or its size, or a value.
    struct operand {
        std::size_t at = 0;
        std::optional<document_path> path{};
        bool quoted = false;
        bool size = false;
        std::string value{}; // without a path
    };

    [[noreturn]] void wrong(std::string const& why) const { fail(scan_.text(), now_.at, why); }
    [[noreturn]] void wrong(std::size_t at, std::string const& why) const { fail(scan_.text(), at, why); }

    token step() {
        token before = std::move(now_);
        now_ = ahead_ ? *std::exchange(ahead_, std::nullopt) : scan_.next();
        return before;
    }
    token const& peek() {
        if (!ahead_) ahead_ = scan_.next();
        return *ahead_;
    }
    bool take(std::string_view symbol) {
        if (!is_symbol(now_, symbol)) return false;
        step();
        return true;
    }
    bool take_word(std::string_view word) {
        if (!is_word(now_, word)) return false;
        step();
        return true;
    }
    void expect(std::string_view symbol, char const* why) {
        if (!take(symbol)) wrong(why);
    }

    condition disjunction() {
        std::vector<condition> terms;
        do terms.push_back(conjunction());
        while (take_word("or"));
        return condition::any_of(std::move(terms));
    }
    condition conjunction() {
        std::vector<condition> terms;
        do terms.push_back(term());
        while (take_word("and"));
        return condition::all_of(std::move(terms));
    }
    condition term() {
        if (!is_word(now_, "not") && !is_symbol(now_, "(")) return predicate();
        if (++depth_ > max_depth)
            wrong("parentheses and NOT are nested more than " + std::to_string(max_depth) + " deep");
        condition made;
        if (take_word("not")) {
            made = condition::not_of(term());
        } else {
            step();
            made = disjunction();
            expect(")", "a closing parenthesis is expected here");
        }
        --depth_;
        return made;
    }

    /// Names of functions have one spelling.
    bool begins_size() { return now_.type == token_type::name && now_.text == "size" && is_symbol(peek(), "("); }

    condition predicate() {
        if (now_.type == token_type::name && is_symbol(peek(), "(") && !begins_size()) return function();
        operand const left = read_operand();
        if (take_word("between")) return between(left);
        if (take_word("in")) return in_list(left);
        return comparison(left);
    }

    condition function() {
        token const name = step();
        step(); // the parenthesis
        std::optional<kind> made;
        bool takes_value = true;
        if (name.text == "begins_with") {
            made = kind::begins_with;
        } else if (name.text == "contains") {
            made = kind::contains;
        } else if (name.text == "attribute_type") {
            made = kind::has_type;
        } else if (name.text == "attribute_exists") {
            made = kind::exists;
            takes_value = false;
        } else if (name.text == "attribute_not_exists") {
            made = kind::not_exists;
            takes_value = false;
        }
        if (!made)
            wrong(name.at, "there is no function " + name.text +
                               "; there are attribute_exists, attribute_not_exists, attribute_type, begins_with, "
                               "contains and size");
        operand of;
        read_path(of);
        std::vector<std::string> operands;
        if (takes_value) {
            expect(",", "a comma and a value are expected here");
            operands.push_back(read_value(*made));
        }
        expect(")", "a closing parenthesis is expected here");
        return finished(of, *made, std::move(operands));
    }

    operand read_operand() {
        operand made;
        made.at = now_.at;
        if (begins_size()) {
            step();
            step();
            read_path(made);
            made.size = true;
            expect(")", "a closing parenthesis is expected here");
        } else if (now_.type == token_type::value || now_.type == token_type::named_value) {
            made.value = take_value();
        } else {
            read_path(made);
        }
        return made;
    }

    void read_path(operand& into) {
        into.at = now_.at;
        if (is_keyword(now_)) wrong("the keyword " + now_.text + " stands in double quotes where it is a name");
        into.quoted = now_.type == token_type::quoted;
        if (now_.type != token_type::name && !into.quoted) {
            wrong(now_.type == token_type::value || now_.type == token_type::named_value
                      ? "the name of an attribute is expected here, and no value"
                  : now_.type == token_type::number
                      ? "values do not stand in the text; write ? or :name and give the value behind it"
                      : "the name of an attribute is expected here");
        }
        document_path path(step().text);
        for (;;) {
            if (take(".")) {
                if (now_.type != token_type::name && now_.type != token_type::quoted)
                    wrong("the name of an element is expected behind the dot");
                path = std::move(path).at(step().text);
            } else if (take("[")) {
                std::size_t position = 0;
                auto const& digits = now_.text;
                if (now_.type != token_type::number ||
                    std::from_chars(digits.data(), digits.data() + digits.size(), position).ec != std::errc())
                    wrong("a position in a list, counted from 0, is expected here");
                step();
                expect("]", "a closing bracket is expected here");
                // A copy of the path: when it is moved, g++ 12 warns of an alternative that the step does not have.
                path = path.at(position);
            } else {
                break;
            }
        }
        into.path = std::move(path);
    }

    std::string take_value() {
        if (now_.type == token_type::value) {
            if (positional_used_ == values_.positional.size())
                wrong("there is no value for this placeholder; " + std::to_string(values_.positional.size()) +
                      " are given");
            step();
            return values_.positional[positional_used_++];
        }
        auto const found = std::find_if(values_.named.begin(), values_.named.end(),
                                        [&](auto const& one) { return one.first == now_.text; });
        if (found == values_.named.end()) wrong("there is no value with the name :" + now_.text);
        named_used_[static_cast<std::size_t>(found - values_.named.begin())] = true;
        step();
        return found->second;
    }
    std::string read_value(kind k) {
        auto const at = now_.at;
        if (now_.type != token_type::value && now_.type != token_type::named_value)
            wrong(now_.type == token_type::number || now_.type == token_type::end
                      ? "a value is expected here: write ? or :name and give the value behind the text"
                      : "a value is expected here, as ? or :name; attributes are not compared with each other");
        std::string wire = take_value();
        check_value(at, k, wire);
        return wire;
    }

    /// Refuses a value that the service does not take.
    void check_value(std::size_t at, kind k, std::string_view wire) const {
        auto const type = type_of(wire);
        bool const is_text_or_bytes = type == attribute_type::string || type == attribute_type::binary;
        switch (k) {
        case kind::less:
        case kind::less_equal:
        case kind::greater:
        case kind::greater_equal:
        case kind::between:
            if (!is_text_or_bytes && type != attribute_type::number)
                wrong(at, "only texts, numbers and bytes have an order, and this value is of type " +
                              std::string(to_string(type)));
            break;
        case kind::begins_with:
            if (!is_text_or_bytes)
                wrong(at,
                      "begins_with takes a text or bytes, and this value is of type " + std::string(to_string(type)));
            break;
        case kind::has_type: {
            constexpr std::string_view tags[] = {"S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"};
            bool const known = type == attribute_type::string &&
                               std::any_of(std::begin(tags), std::end(tags), [&](std::string_view t) {
                                   return wire == R"({"S":")" + std::string(t) + R"("})";
                               });
            if (!known) wrong(at, "attribute_type takes the text of a type: S, N, B, BOOL, NULL, L, M, SS, NS or BS");
            break;
        }
        default:
            break;
        }
    }

    condition between(operand const& left) {
        require_attribute(left, "BETWEEN");
        std::vector<std::string> bounds;
        bounds.push_back(read_value(kind::between));
        if (!take_word("and")) wrong("AND and the upper bound are expected here");
        bounds.push_back(read_value(kind::between));
        return finished(left, kind::between, std::move(bounds));
    }
    condition in_list(operand const& left) {
        require_attribute(left, "IN");
        expect("(", "IN is followed by values in parentheses");
        std::vector<std::string> operands;
        do operands.push_back(read_value(kind::in));
        while (take(","));
        expect(")", "a comma or a closing parenthesis is expected here");
        return finished(left, kind::in, std::move(operands));
    }
    void require_attribute(operand const& left, char const* word) const {
        if (!left.path) wrong(left.at, std::string("an attribute is expected before ") + word + ", and no value");
    }

    condition comparison(operand const& left) {
        auto const k = comparator();
        if (!k)
            wrong(left.path ? "a comparison is expected here: = <> < <= > >= BETWEEN or IN"
                            : "a comparison is "
                              "expected here");
        step();
        if (left.path) return finished(left, *k, std::vector<std::string>(1, read_value(*k)));
        auto const at = now_.at;
        operand const right = read_operand();
        if (!right.path) wrong(at, "an attribute is expected here: two values are not compared with each other");
        auto const turned = mirrored(*k);
        check_value(left.at, turned, left.value);
        return finished(right, turned, std::vector<std::string>(1, left.value));
    }
    [[nodiscard]] std::optional<kind> comparator() const noexcept {
        if (is_symbol(now_, "=")) return kind::equal;
        if (is_symbol(now_, "<>")) return kind::not_equal;
        if (is_symbol(now_, "<")) return kind::less;
        if (is_symbol(now_, "<=")) return kind::less_equal;
        if (is_symbol(now_, ">")) return kind::greater;
        if (is_symbol(now_, ">=")) return kind::greater_equal;
        return std::nullopt;
    }
    static kind mirrored(kind k) noexcept {
        switch (k) {
        case kind::less:
            return kind::greater;
        case kind::less_equal:
            return kind::greater_equal;
        case kind::greater:
            return kind::less;
        case kind::greater_equal:
            return kind::less_equal;
        default:
            return k;
        }
    }

    condition finished(operand const& of, kind k, std::vector<std::string> operands) const {
        if (of.size)
            for (auto const& one : operands)
                if (type_of(one) != attribute_type::number) wrong(of.at, "a size is compared with numbers");
        condition made = of.size ? condition::size_of(k, *of.path, std::move(operands))
                                 : condition(k, *of.path, std::move(operands));
        if (judge_)
            if (auto const why = judge_(made, of.quoted); !why.empty()) wrong(of.at, why);
        return made;
    }

    scanner scan_;
    condition_values const& values_;
    condition_judge const& judge_;
    std::vector<bool> named_used_;
    std::size_t positional_used_ = 0;
    token now_{};
    std::optional<token> ahead_{};
    int depth_ = 0;
};

} // namespace

condition parse_condition(std::string_view text, condition_values const& values, condition_judge const& judge) {
    return parser(text, values, judge).parse();
}

} // namespace dynasio::dynamodb::detail
