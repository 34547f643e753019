#ifndef DYNASIO_ORM_DETAIL_MEMBER_TYPES_HPP
#define DYNASIO_ORM_DETAIL_MEMBER_TYPES_HPP

#include <dynasio/orm/detail/reflect.hpp>

#include <dynasio/core/timestamp.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>

namespace dynasio {
template <class T> struct codec;
}

// Lists of member pointers as types, and traits of the members' types. Headers that declare entities include this one.
// It declares codecs instead of including their header, so that entities stay cheap to include.
namespace dynasio::detail {

/// A list of member pointers as a type.
template <auto... M> struct members {
    static constexpr std::size_t size = sizeof...(M);
};

template <auto A, auto B> inline constexpr bool same_member = false;
template <auto A> inline constexpr bool same_member<A, A> = true;

/// All members of several lists, in order.
template <class... Lists> struct join;
template <> struct join<> {
    using type = members<>;
};
template <auto... A> struct join<members<A...>> {
    using type = members<A...>;
};
template <auto... A, auto... B, class... Rest>
struct join<members<A...>, members<B...>, Rest...> : join<members<A..., B...>, Rest...> {};
template <class... Lists> using join_t = typename join<Lists...>::type;

template <class List> struct first_member;
template <auto A, auto... Rest> struct first_member<members<A, Rest...>> {
    static constexpr auto value = A;
};
template <class List> struct second_member;
template <auto A, auto B> struct second_member<members<A, B>> {
    static constexpr auto value = B;
};

/// Whether a list has the member A.
template <auto A, class List> inline constexpr bool has_member = false;
template <auto A, auto... M> inline constexpr bool has_member<A, members<M...>> = (same_member<A, M> || ...);

/// Whether two lists have no member in common.
template <class A, class B> inline constexpr bool are_disjoint = true;
template <auto... A, class B> inline constexpr bool are_disjoint<members<A...>, B> = !(has_member<A, B> || ...);

/// Whether a list names no member twice.
template <class List> inline constexpr bool are_distinct = true;
template <auto A, auto... Rest>
inline constexpr bool are_distinct<members<A, Rest...>> =
    !has_member<A, members<Rest...>> && are_distinct<members<Rest...>>;

template <class T, class List> inline constexpr bool all_members_of = false;
template <class T, auto... M>
inline constexpr bool all_members_of<T, members<M...>> = (std::is_same_v<owner_of<M>, T> && ...);

/// Whether a list names a function of an entity.
template <class List> inline constexpr bool names_function = false;
template <auto... M> inline constexpr bool names_function<members<M...>> = (is_function<M> || ...);

/// Whether every function that a list names is one of Known.
template <class List, class Known> inline constexpr bool functions_are_among = true;
template <auto... M, class Known>
inline constexpr bool functions_are_among<members<M...>, Known> = ((!is_function<M> || has_member<M, Known>) && ...);

/// The position of A in a list that has it.
template <auto A, auto... M> consteval std::size_t position_in(members<M...>) {
    std::size_t position = 0;
    static_cast<void>(((++position, same_member<A, M>) || ...));
    return position - 1;
}

/// The member at a position of a list.
template <std::size_t I, auto First, auto... Rest> consteval auto member_at(members<First, Rest...>) {
    if constexpr (I == 0)
        return First;
    else
        return member_at<I - 1>(members<Rest...>{});
}

template <class T> struct optional_traits {
    static constexpr bool is_optional = false;
    using value_type = T;
};
template <class T> struct optional_traits<std::optional<T>> {
    static constexpr bool is_optional = true;
    using value_type = T;
};

/// Whether codec<T> stores S, N or B. The values of attribute_type are named through the codec, so that this header
/// need not include them.
template <class T> consteval bool stores_scalar() {
    if constexpr (requires { codec<T>::type; }) {
        constexpr auto type = codec<T>::type;
        using types = std::remove_cv_t<decltype(type)>;
        return type == types::string || type == types::number || type == types::binary;
    } else {
        return false;
    }
}
/// Whether keys can be of type T: their codec stores S, N or B. Floating-point numbers are refused, because they have
/// several spellings and two that look equal may be different keys.
template <class T> consteval bool is_key_type() {
    return !optional_traits<T>::is_optional && !std::is_floating_point_v<T> && stores_scalar<T>();
}

} // namespace dynasio::detail

#endif
