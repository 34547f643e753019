#include <dynasio/orm/names.hpp>

namespace dynasio {

namespace {

bool is_vowel(char c) { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u'; }

} // namespace

std::string snake_case(std::string_view identifier) {
    std::string out;
    detail::write_snake_case(identifier, [&out](char c) { out += c; });
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
