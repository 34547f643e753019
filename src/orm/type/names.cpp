#include <dynasio/orm/names.hpp>

namespace dynasio {

std::string snake_case(std::string_view identifier) {
    std::string out;
    detail::write_snake_case(identifier, [&out](char c) { out += c; });
    return out;
}

std::string table_name_of(std::string_view type) {
    std::string name = snake_case(type);
    auto const [keep, ending] = detail::plural_of(name);
    name.resize(keep);
    return name += ending;
}

} // namespace dynasio
