#ifndef DYNASIO_ORM_DETAIL_MEMBER_TYPES_HPP
#define DYNASIO_ORM_DETAIL_MEMBER_TYPES_HPP

#include <dynasio/orm/detail/reflect.hpp>

#include <dynasio/core/timestamp.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>

namespace dynasio::dynamodb {
struct binary;
class number;
} // namespace dynasio::dynamodb

// Lists of member pointers as types, and traits of the members' types. Headers that declare entities include this one.
// It declares types of lower layers instead of including their headers, so that entities stay cheap to include.
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

template <class T, class List> inline constexpr bool all_members_of = false;
template <class T, auto... M>
inline constexpr bool all_members_of<T, members<M...>> = (std::is_same_v<owner_of<M>, T> && ...);

template <class T> struct optional_traits {
    static constexpr bool is_optional = false;
    using value_type = T;
};
template <class T> struct optional_traits<std::optional<T>> {
    static constexpr bool is_optional = true;
    using value_type = T;
};

/// Types that keys can have.
template <class T>
inline constexpr bool is_key_type =
    std::is_same_v<T, std::string> || std::is_same_v<T, timestamp> || std::is_same_v<T, dynamodb::binary> ||
    std::is_same_v<T, dynamodb::number> || (std::is_integral_v<T> && !std::is_same_v<T, bool>);

} // namespace dynasio::detail

#endif
