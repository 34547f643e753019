#include "statement_text.hpp"

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../../core/ascii.hpp"

namespace dynasio::detail {

namespace {

/// A token of PartiQL, as far as it matters here.
struct statement_token {
    enum class type : std::uint8_t { end, word, name, text, mark, other } what = type::end;
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string value{}; ///< A word as it is written, or a name without its double quotes.

    [[nodiscard]] bool is(char c) const noexcept { return what == type::other && value.front() == c; }
    [[nodiscard]] bool is_name() const noexcept { return what == type::word || what == type::name; }
    [[nodiscard]] bool is_keyword(std::string_view word) const noexcept {
        return what == type::word && is_equal_but_case(value, word);
    }
};

bool is_part_of_word(char c) noexcept { return is_letter(c) || is_digit(c) || c == '_'; }

/// The token at `at` or behind it. A quote that does not end ends with the text: the service will say so.
statement_token token_at(std::string_view text, std::size_t at) {
    using type = statement_token::type;
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r')) ++at;
    if (at == text.size()) return {type::end, at, at, {}};
    char const c = text[at];
    if (c == '\'' || c == '"') {
        statement_token made{c == '"' ? type::name : type::text, at, at + 1, {}};
        while (made.end < text.size()) {
            char const next = text[made.end++];
            if (next == c) {
                if (made.end == text.size() || text[made.end] != c) break;
                ++made.end; // a quote that is written twice
            }
            made.value += next;
        }
        return made;
    }
    if (is_part_of_word(c)) {
        auto end = at;
        while (end < text.size() && is_part_of_word(text[end])) ++end;
        return {type::word, at, end, std::string(text.substr(at, end - at))};
    }
    return {c == '?' ? type::mark : type::other, at, at + 1, std::string(1, c)};
}

[[noreturn]] void refuse(std::string why) { throw_error(errc::invalid_argument, std::move(why)); }

std::string quoted(std::string_view name) {
    std::string out = "\"";
    for (char const c : name) {
        if (c == '"') out += c;
        out += c;
    }
    return out + '"';
}

/// The names in the list of a SELECT, up to FROM; empty for `*`.
std::vector<std::string> read_list(std::string_view text, statement_token& next) {
    std::vector<std::string> names;
    auto const step = [&] { next = token_at(text, next.end); };
    step();
    if (next.is('*')) {
        step();
        return names;
    }
    constexpr auto wrong = "the list of the SELECT must be * or names of attributes, each of which stands for itself";
    for (;;) {
        if (!next.is_name() || next.is_keyword("from")) refuse(wrong);
        names.push_back(next.value);
        step();
        if (next.is_keyword("from") || next.what == statement_token::type::end) return names;
        if (!next.is(',')) refuse(wrong);
        step();
    }
}

void check_list(entity_type const& type, std::vector<std::string> const& names) {
    if (names.empty()) return;
    if (!type.is_projection)
        refuse("the statement reads " + type.name +
               " in part, which would lose the rest when it is saved; write SELECT *, "
               "or read a projection of it");
    std::string missing;
    for (attribute_index i = 0; i < type.attributes.size(); ++i) {
        bool const needed = !type[i].hidden || type.is_key(i);
        if (needed && std::find(names.begin(), names.end(), type[i].name) == names.end())
            missing += (missing.empty() ? "" : ", ") + type[i].name;
    }
    if (!missing.empty())
        refuse("the list of the SELECT lacks " + missing + ", which " + type.name +
               " has members for or is found by; "
               "SELECT * reads what it needs");
}

std::string list_of_projection(entity_type const& type) {
    std::string out;
    for (auto const i : type.projected) out += (out.empty() ? "" : ", ") + quoted(type[i].name);
    return out;
}

} // namespace

std::string statement_to_send(entity_type const& type, std::string_view text, std::size_t values,
                              std::string_view table) {
    statement_token token = token_at(text, 0);
    if (!token.is_keyword("select"))
        refuse("statements of a repository are SELECTs; writes are its other operations, or the client's "
               "execute_statement()");
    auto const list_begin = token.end;
    auto const names = read_list(text, token);
    auto const list_end = token.begin;
    check_list(type, names);
    if (!token.is_keyword("from")) refuse("FROM is expected behind the list of the SELECT");
    statement_token const named = token_at(text, token.end);
    if (!named.is_name()) refuse("the name of the table is expected behind FROM");
    if (named.value != type.table)
        refuse("the statement reads the table " + named.value + ", and " + type.name + " is stored in " + type.table +
               ", which is its name without the client's prefix");
    std::size_t marks = 0;
    for (token = token_at(text, named.end); token.what != statement_token::type::end; token = token_at(text, token.end))
        if (token.what == statement_token::type::mark) ++marks;
    if (marks != values)
        refuse("the statement has " + std::to_string(marks) + " question marks, and " + std::to_string(values) +
               " values are given");
    std::string out(text.substr(0, list_begin));
    if (type.is_projection && names.empty())
        out += ' ' + list_of_projection(type) + ' ';
    else
        out += text.substr(list_begin, list_end - list_begin);
    out += text.substr(list_end, named.begin - list_end);
    out += quoted(table);
    out += text.substr(named.end);
    return out;
}

} // namespace dynasio::detail
