#include <dynasio/orm/names.hpp>

namespace dynasio {

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

} // namespace

std::string snake_case(std::string_view identifier) {
    std::string out;
    for (std::size_t i = 0; i < identifier.size(); ++i) {
        char const c = identifier[i];
        if (is_upper(c) && i > 0 && identifier[i - 1] != '_') {
            bool const after_word = is_lower(identifier[i - 1]) || is_digit(identifier[i - 1]);
            bool const starts_word =
                is_upper(identifier[i - 1]) && i + 1 < identifier.size() && is_lower(identifier[i + 1]);
            if (after_word || starts_word) out += '_';
        }
        out += lower(c);
    }
    return out;
}

std::string table_name_of(std::string_view type) {
    std::string name = snake_case(type);
    if (name.empty()) return name;
    auto const ends = [&](std::string_view with) { return name.ends_with(with); };
    if (ends("y") && name.size() > 1 && !is_vowel(name[name.size() - 2])) {
        name.replace(name.size() - 1, 1, "ies");
    } else if (ends("s") || ends("x") || ends("z") || ends("ch") || ends("sh")) {
        name += "es";
    } else {
        name += 's';
    }
    return name;
}

} // namespace dynasio
