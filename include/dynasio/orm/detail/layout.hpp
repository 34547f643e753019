#ifndef DYNASIO_ORM_DETAIL_LAYOUT_HPP
#define DYNASIO_ORM_DETAIL_LAYOUT_HPP

#include <dynasio/orm/schema.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

// The members of a type as its schema has them: those that reflection finds in an aggregate, or those that members<>
// lists; in place of a member that embed<> names, the members of its struct. A place is the position of a member among
// these.
namespace dynasio::detail {

template <class T>
concept has_schema = requires { dynasio_schema(tag<T>{}); };

template <class T> using schema_of = decltype(dynasio_schema(tag<T>{}));

template <class T> consteval auto find_listed() {
    if constexpr (has_schema<T>)
        return typename schema_of<T>::listed{};
    else
        return members<>{};
}
template <class T> consteval auto find_embedded() {
    if constexpr (has_schema<T>)
        return typename schema_of<T>::embedded{};
    else
        return members<>{};
}
/// The members that members<> lists; none for a type that is reflected.
template <class T> using listed_of = decltype(find_listed<T>());
template <class T> inline constexpr bool lists_members = listed_of<T>::size != 0;
/// The members that embed<> names.
template <class T> using embedded_of = decltype(find_embedded<T>());
template <class T> inline constexpr bool embeds = embedded_of<T>::size != 0;
/// Whether the schema of an embedded type lists its members.
template <class T>
inline constexpr bool embeds_listed =
    []<auto... Outer>(members<Outer...>) { return (lists_members<type_of<Outer>> || ...); }(embedded_of<T>{});

// ---- members of the type itself

template <class T> consteval std::size_t count_own() {
    if constexpr (lists_members<T>)
        return listed_of<T>::size;
    else
        return member_count<T>;
}
template <class T> inline constexpr std::size_t own_count = count_own<T>();

template <class T, class Visitor> constexpr decltype(auto) visit_own(T& object, Visitor const& visitor) {
    if constexpr (lists_members<std::remove_const_t<T>>)
        return [&]<auto... M>(members<M...>) -> decltype(auto) {
            return visitor(member_in<M>(object)...);
        }(listed_of<std::remove_const_t<T>>{});
    else
        return visit_members(object, visitor);
}

/// The name without the marks by which private members are told from others: `id_` and `m_id` are "id".
constexpr std::string_view unmarked(std::string_view name) {
    if (name.size() > 2 && name.starts_with("m_")) name.remove_prefix(2);
    while (name.size() > 1 && name.ends_with('_')) name.remove_suffix(1);
    return name;
}
template <auto... M> consteval auto names_of_listed(members<M...>) {
    return std::array<std::string_view, sizeof...(M)>{unmarked(name_of<M>)...};
}
template <class T> consteval auto find_own_names() {
    if constexpr (lists_members<T>)
        return names_of_listed(listed_of<T>{});
    else
        return member_names<T>;
}
template <class T> inline constexpr auto own_names = find_own_names<T>();

/// Position of a member among those of its type; their number when members<> does not list it.
template <auto Member> consteval std::size_t own_position() {
    using owner = owner_of<Member>;
    if constexpr (!lists_members<owner>)
        return index_of<Member>;
    else if constexpr (has_member<Member, listed_of<owner>>)
        return position_in<Member>(listed_of<owner>{});
    else
        return own_count<owner>;
}

template <class T> constexpr bool is_embedded_at(std::size_t own) {
    return [own]<auto... M>(members<M...>) { return ((own_position<M>() == own) || ...); }(embedded_of<T>{});
}

// ---- members with those of embedded structs

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wundefined-var-template"
#pragma clang diagnostic ignored "-Wundefined-internal"
#endif

template <class T, class Visitor> constexpr decltype(auto) visit_places(T& object, Visitor const& visitor);

/// References to what stands for one member: itself, or the members of an embedded struct.
template <class T, std::size_t I, class M> constexpr auto spread(M& member) {
    if constexpr (is_embedded_at<std::remove_const_t<T>>(I))
        return visit_places(member, [](auto&... inner) { return std::tie(inner...); });
    else
        return std::tie(member);
}

/// Calls visitor(members...) with references to the members at all places.
template <class T, class Visitor> constexpr decltype(auto) visit_places(T& object, Visitor const& visitor) {
    if constexpr (!embeds<std::remove_const_t<T>>)
        return visit_own(object, visitor);
    else
        return visit_own(object, [&]<class... M>(M&... member) -> decltype(auto) {
            return [&]<std::size_t... I>(std::index_sequence<I...>) -> decltype(auto) {
                return std::apply(visitor, std::tuple_cat(spread<T, I>(member)...));
            }(std::index_sequence_for<M...>{});
        });
}

/// Calls visitor with references to members of which only the types and the addresses can be used.
template <class T, class Visitor> consteval auto visit_types(Visitor visitor) {
    return visit_places(specimen<T>.value, visitor);
}

template <class T> consteval auto place_addresses() {
    return visit_types<T>([](auto const&... member) {
        return leaves<std::index_sequence_for<decltype(member)...>, decltype(&member)...>{{&member}...};
    });
}

template <class T> consteval std::size_t count_places() {
    if constexpr (!embeds<T>)
        return own_count<T>;
    else
        return visit_types<T>([]<class... M>(M const&...) { return sizeof...(M); });
}
template <class T> inline constexpr std::size_t place_count = count_places<T>();

/// The place at which each member of the type itself begins.
template <class T> consteval auto find_places() {
    std::array<std::size_t, own_count<T>> places{};
    visit_own(specimen<T>.value, [&]<class... M>(M const&...) {
        std::size_t own = 0;
        std::size_t next = 0;
        auto const add = [&](std::size_t width) {
            places[own] = next;
            next += is_embedded_at<T>(own++) ? width : 1;
        };
        auto const width = []<class Type>(std::type_identity<Type>) {
            if constexpr (has_schema<Type>)
                return place_count<Type>;
            else
                return std::size_t{1};
        };
        (add(width(std::type_identity<M>{})), ...);
    });
    return places;
}
#if defined(__clang__)
#pragma clang diagnostic pop
#endif
template <class T> inline constexpr auto own_places = find_places<T>();

template <class T> consteval auto find_place_names() {
    if constexpr (!embeds<T>) {
        return own_names<T>;
    } else {
        std::array<std::string_view, place_count<T>> names{};
        for (std::size_t own = 0; own < own_count<T>; ++own) names[own_places<T>[own]] = own_names<T>[own];
        [&]<auto... Outer>(members<Outer...>) {
            auto const put = [&]<class Embedded>(std::type_identity<Embedded>, std::size_t at) {
                for (auto const name : find_place_names<Embedded>()) names[at++] = name;
            };
            (put(std::type_identity<type_of<Outer>>{}, own_places<T>[own_position<Outer>()]), ...);
        }(embedded_of<T>{});
        return names;
    }
}
/// The names of the members at all places.
template <class T> inline constexpr auto place_names = find_place_names<T>();

/// The member that embed<> names in which a place lies; empty when it lies in none.
template <class T> constexpr std::string_view embedding_member([[maybe_unused]] std::size_t place) {
    if constexpr (!embeds<T>) { // nearly every type, which then pays nothing for it
        return {};
    } else {
        std::string_view found;
        [&]<auto... Outer>(members<Outer...>) {
            auto const look_at = [&](std::size_t own, std::size_t width) {
                std::size_t const begin = own_places<T>[own];
                if (place >= begin && place < begin + width) found = own_names<T>[own];
            };
            (look_at(own_position<Outer>(), place_count<type_of<Outer>>), ...);
        }(embedded_of<T>{});
        return found;
    }
}

/// The place of a member. Precondition: embed<> does not name it.
template <auto Member> consteval std::size_t find_place() {
    if constexpr (is_path<Member>) {
        using path = std::remove_cv_t<decltype(Member)>;
        return own_places<owner_of<Member>>[own_position<path::outer>()] + find_place<path::inner>();
    } else if constexpr (!embeds<owner_of<Member>>) {
        return own_position<Member>();
    } else {
        return own_places<owner_of<Member>>[own_position<Member>()];
    }
}
template <auto Member> inline constexpr std::size_t place_of_member = find_place<Member>();

/// Whether a list of members of one type has the one at this place.
template <auto... M> constexpr bool is_at(members<M...>, [[maybe_unused]] std::size_t place) {
    return ((place_of_member<M> == place) || ...);
}

} // namespace dynasio::detail

#endif
