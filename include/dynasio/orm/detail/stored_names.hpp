#ifndef DYNASIO_ORM_DETAIL_STORED_NAMES_HPP
#define DYNASIO_ORM_DETAIL_STORED_NAMES_HPP

#include <dynasio/orm/detail/checks.hpp>
#include <dynasio/orm/names.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>

// The names of attributes while the program is compiled.
namespace dynasio::detail {

// The first 256 bytes of a stored name; DynamoDB's limit for the name of a key attribute is 255. Two longer names are
// told apart only by this beginning.
struct stored_text {
    std::array<char, 256> bytes{};
    std::size_t size = 0;

    constexpr void push(char c) {
        if (size < bytes.size()) bytes[size++] = c;
    }
    constexpr void append(std::string_view text) {
        for (char const c : text) push(c);
    }
    [[nodiscard]] constexpr std::string_view view() const { return {bytes.data(), size}; }
    friend constexpr bool operator==(stored_text const& a, stored_text const& b) { return a.view() == b.view(); }
};

/// The functions whose results T stores.
template <class T> using computed_of = typename schema_of<T>::computed;

template <auto... Functions> consteval auto names_of(members<Functions...>) {
    return std::array<std::string_view, sizeof...(Functions)>{name_of<Functions>...};
}
/// The names under which the members and the computed attributes are stored, in order of declaration.
template <class T> consteval auto make_stored_names() {
    std::array<stored_text, place_count<T> + computed_of<T>::size> names{};
    constexpr auto functions = names_of(computed_of<T>{});
    for (std::size_t i = 0; i < names.size(); ++i)
        write_snake_case(i < place_count<T> ? place_names<T>[i] : functions[i - place_count<T>],
                         [&](char c) { names[i].push(c); });
    auto const rename = [&](std::size_t member, std::string_view name) {
        names[member] = {};
        names[member].append(name);
    };
    std::apply([&](auto const&... option) { (option.rename_attributes(rename), ...); },
               dynasio_schema(tag<T>{}).options);
    return names;
}
template <class T> inline constexpr auto stored_names = make_stored_names<T>();

} // namespace dynasio::detail

#endif
