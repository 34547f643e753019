#ifndef DYNASIO_ORM_DETAIL_VERIFICATION_HPP
#define DYNASIO_ORM_DETAIL_VERIFICATION_HPP

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/names.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// The checks that verify<> makes besides those that every use of an entity makes: of all members and of all names.
namespace dynasio::detail {

// Converts to a base class of T and to nothing else; never defined.
template <class T> struct any_base {
    template <class Base>
        requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>)
    operator Base() const noexcept;
};
template <class T>
concept has_base = requires { T{any_base<T>{}}; };

// member_count counts each element of an array as one initialiser. With braces for the whole array in place of its
// first element, the initialisers of the other elements are too many, and the initialisation does not compile.
template <class T, std::size_t... Before, std::size_t... Behind>
consteval bool is_array_behind(std::index_sequence<Before...>, std::index_sequence<Behind...>) {
    constexpr bool braces = requires { T{((void)Before, any_member{})..., {}}; };
    constexpr bool whole = requires { T{((void)Before, any_member{})..., {}, ((void)Behind, any_member{})...}; };
    return braces && !whole;
}
template <class T> consteval bool has_array() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
        constexpr std::size_t count = sizeof...(I);
        return (is_array_behind<T>(std::make_index_sequence<I>{}, std::make_index_sequence<count - I - 1>{}) || ...);
    }(std::make_index_sequence<member_count<T>>{});
}

/// Whether all members that are stored are of types that Trait accepts.
template <class T, template <class> class Trait> consteval bool all_stored() {
    return visit_specimen<T>([]<class... M>(M const&...) {
        std::size_t i = 0;
        return ((attribute_indexes<T>[i++] == no_attribute || Trait<M>::value) && ...);
    });
}
template <class M>
struct is_no_pointer
    : std::bool_constant<!std::is_pointer_v<M> && !std::is_member_pointer_v<M> && !std::is_same_v<M, std::nullptr_t>> {
};

// The first 256 bytes of a stored name; DynamoDB's limit for the name of a key attribute is 255. Two longer names are
// told apart only by this beginning.
struct stored_text {
    std::array<char, 256> bytes{};
    std::size_t size = 0;

    constexpr void push(char c) {
        if (size < bytes.size()) bytes[size++] = c;
    }
    [[nodiscard]] constexpr std::string_view view() const { return {bytes.data(), size}; }
};

template <class T> consteval bool stored_names_differ() {
    std::array<stored_text, member_count<T>> names{};
    for (std::size_t i = 0; i < names.size(); ++i)
        write_snake_case(member_names<T>[i], [&](char c) { names[i].push(c); });
    auto const rename = [&](std::size_t member, std::string_view name) {
        names[member] = {};
        for (char const c : name) names[member].push(c);
    };
    std::apply([&](auto const&... option) { (option.rename_attributes(rename), ...); },
               dynasio_schema(tag<T>{}).options);
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (attribute_indexes<T>[i] == no_attribute) continue;
        for (std::size_t j = 0; j < i; ++j)
            if (attribute_indexes<T>[j] != no_attribute && names[i].view() == names[j].view()) return false;
    }
    return true;
}

// The names of indexes that CreateTable accepts, according to the API reference.
constexpr bool is_name_of_index(std::string_view name) {
    if (name.size() < 3 || name.size() > 255) return false;
    for (char const c : name) {
        bool const good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                          c == '.' || c == '-';
        if (!good) return false;
    }
    return true;
}

enum class index_names { good, refused_by_the_service, given_twice };
template <class T> consteval index_names check_index_names() {
    index_names found = index_names::good;
    std::array<std::string_view, 128> names{};
    std::size_t count = 0;
    auto const look_at = [&](std::string_view name) {
        if (found != index_names::good) return;
        if (!is_name_of_index(name)) found = index_names::refused_by_the_service;
        for (std::size_t i = 0; i < count; ++i)
            if (names[i] == name) found = index_names::given_twice;
        if (count < names.size()) names[count++] = name;
    };
    std::apply([&](auto const&... option) { (option.name_indexes(look_at), ...); }, dynasio_schema(tag<T>{}).options);
    return found;
}

/// Checks the whole entity: members, names and relations. The order of the checks matters: the first message that the
/// compiler shows must be one of ours, and the members of a type with base classes or arrays cannot be reflected.
template <class T> consteval bool verify_entity() {
    if constexpr (!check_entity<T>()) {
        return false;
    } else if constexpr (has_base<T>) {
        static_assert(!has_base<T>, "dynasio: an entity has no base classes; make their members its own");
        return false;
    } else if constexpr (has_array<T>()) {
        static_assert(!has_array<T>(), "dynasio: a member of an entity is an array; use a std::vector, which is stored "
                                       "as a list, or a std::string");
        return false;
    } else if constexpr (!all_stored<T, is_no_pointer>()) {
        static_assert(all_stored<T, is_no_pointer>(),
                      "dynasio: a member is a pointer, which cannot be stored; hold the value or a std::optional of "
                      "it, or mark the member transient<&T::member>");
        return false;
    } else if constexpr (!check_types<T>()) {
        return false;
    } else {
        static_assert(stored_names_differ<T>(), "dynasio: two members are stored under one name; give one of them "
                                                "another with attribute<&T::member>{\"name\"}");
        static_assert(check_index_names<T>() != index_names::refused_by_the_service,
                      "dynasio: the name of a gsi or lsi has 3 to 255 characters of [a-zA-Z0-9_.-]");
        static_assert(check_index_names<T>() != index_names::given_twice,
                      "dynasio: two indexes of an entity have one name; give each its own");
        return []<auto... M>(members<M...>) { return (check_relation<M>() && ...); }(relations_of<T>{});
    }
}

} // namespace dynasio::detail

#endif
