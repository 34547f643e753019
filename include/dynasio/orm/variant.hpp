#ifndef DYNASIO_ORM_VARIANT_HPP
#define DYNASIO_ORM_VARIANT_HPP

#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/detail/checks.hpp>
#include <dynasio/orm/detail/stored_names.hpp>

#include <dynasio/dynamodb/attribute_type.hpp>
#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

// Members that hold one of several types. The alternatives of a std::variant are told apart
//
// - by a tag, the structs that variant_names<V>(…) names: each is a map that says which one it is;
// - by the type as which they are stored, all others: a text, a number, a bool, bytes, a list, a map, a set.
//
// std::monostate, the first alternative, is stored as no attribute. An alternative of type dynamodb::attribute_value
// takes every value that no other alternative takes, such as a map with an unknown tag, and is written back as it was
// read. Without one, such a value is errc::attribute_type_mismatch.
namespace dynasio {

namespace detail {

template <class T> inline constexpr bool is_variant = false;
template <class... A> inline constexpr bool is_variant<std::variant<A...>> = true;

template <class T, class Variant> inline constexpr bool has_alternative = false;
template <class T, class... A>
inline constexpr bool has_alternative<T, std::variant<A...>> = (std::is_same_v<T, A> || ...);

/// Where T stands among the alternatives; their number when it is none.
template <class T, class Variant> inline constexpr std::size_t alternative_index = 0;
template <class T, class... A>
inline constexpr std::size_t alternative_index<T, std::variant<A...>> = [] {
    constexpr std::array<bool, sizeof...(A)> same{std::is_same_v<T, A>...};
    std::size_t i = 0;
    while (i < same.size() && !same[i]) ++i;
    return i;
}();

/// Whether variant_names<V>(…) is declared for V.
template <class V>
concept named_variant = is_variant<V> && requires { dynasio_names(tag<V>{}); };

/// The text of the tag of an alternative; empty when it has no name.
template <class V, class Table, class... T>
constexpr std::string_view tag_in(Table const& table, std::size_t index,
                                  std::type_identity<std::tuple<std::type_identity<T>...>>) {
    std::size_t const indexes[] = {alternative_index<T, V>...};
    for (std::size_t i = 0; i < sizeof...(T); ++i)
        if (indexes[i] == index) return table.names[i];
    return {};
}
template <class V> constexpr std::string_view tag_of([[maybe_unused]] std::size_t index) {
    if constexpr (named_variant<V>) {
        constexpr auto table = dynasio_names(tag<V>{});
        return tag_in<V>(table, index, std::type_identity<typename decltype(dynasio_names(tag<V>{}))::types>{});
    } else {
        return {};
    }
}
template <class V> constexpr bool is_tagged(std::size_t index) { return !tag_of<V>(index).empty(); }
/// The name of the attribute that holds the tag; empty when there is none.
template <class V> constexpr std::string_view tag_name() {
    if constexpr (named_variant<V>)
        return dynasio_names(tag<V>{}).tag;
    else
        return {};
}

/// Whether codec<T> reads NULL although it is one of the library's.
template <class T> inline constexpr bool reads_null = requires { requires codec<T>::reads_null; };

/// What compiled code knows of an alternative.
struct alternative_info {
    dynamodb::attribute_type type;           ///< As which it is stored.
    std::string_view tag{};                  ///< Empty when the type tells it.
    entity_type const& (*value)() = nullptr; ///< The description of one with a tag.
};
/// What compiled code knows of a std::variant.
struct variant_info {
    static constexpr std::size_t none = std::size_t(-1);

    std::string_view tag; ///< The name of the attribute that holds the tag.
    std::span<alternative_info const> alternatives;
    std::size_t empty; ///< std::monostate, or none.
    std::size_t other; ///< The alternative that takes every other value, or none.
};
/// The alternative that takes the next value; reads nothing. Throws errc::attribute_type_mismatch when none does.
[[nodiscard]] std::size_t find_alternative(dynamodb::json_reader const& in, variant_info const& of);
/// Appends a struct as a map with its tag.
void encode_tagged(variant_info const& of, std::size_t alternative, std::string& out, void const* value, purpose why);
[[noreturn]] void throw_valueless();

/// A problem of the alternatives by themselves, and those of their names.
template <class V> struct check_alternatives;
template <class... A> struct check_alternatives<std::variant<A...>> {
    using V = std::variant<A...>;
    static constexpr std::size_t count = sizeof...(A);

    static consteval bool empty_stands_first() {
        constexpr std::size_t at = alternative_index<std::monostate, V>;
        return at == 0 || at == count;
    }
    static consteval bool none_is_optional() { return !(optional_traits<A>::is_optional || ...); }
    template <class T>
    static constexpr bool has_one_type = [] {
        if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, dynamodb::attribute_value>)
            return true;
        else
            return codec<T>::type != dynamodb::attribute_type::null;
    }();
    static consteval bool each_has_one_type() { return (has_one_type<A> && ...); }

    /// Whether all types of variant_names<V>(…) are alternatives.
    static consteval bool names_are_alternatives() {
        if constexpr (!named_variant<V>)
            return true;
        else
            return []<class... T>(std::type_identity<std::tuple<std::type_identity<T>...>>) {
                return ((has_alternative<T, V> && described_value<T>) && ...);
            }(std::type_identity<typename decltype(dynasio_names(tag<V>{}))::types>{});
    }
    static consteval bool names_are_distinct() {
        if constexpr (named_variant<V>) {
            constexpr auto table = dynasio_names(tag<V>{});
            if (table.tag.empty()) return false;
            for (std::size_t i = 0; i < table.names.size(); ++i) {
                if (table.names[i].empty()) return false;
                for (std::size_t j = 0; j < i; ++j)
                    if (table.names[i] == table.names[j]) return false;
            }
            std::size_t used = 0;
            for (std::size_t i = 0; i < count; ++i) used += is_tagged<V>(i) ? 1U : 0U;
            return used == table.names.size();
        }
        return true;
    }
    template <class T> static consteval bool has_attribute([[maybe_unused]] std::string_view name) {
        if constexpr (described_value<T>) {
            for (std::size_t i = 0; i < stored_names<T>.size(); ++i)
                if (stored_names<T>[i].view() == name && !is_at(typename schema_of<T>::not_stored{}, i)) return true;
        }
        return false;
    }
    static consteval bool tag_is_no_member() {
        if constexpr (named_variant<V>) {
            return [&]<std::size_t... I>(std::index_sequence<I...>) {
                return (!(is_tagged<V>(I) && has_attribute<A>(tag_name<V>())) && ...);
            }(std::index_sequence_for<A...>{});
        }
        return true;
    }
    static consteval bool all_can_be_told() {
        using dynamodb::attribute_type;
        constexpr auto bit = []<class T>(std::type_identity<T>) {
            if constexpr (std::is_same_v<T, std::monostate>)
                return std::uint32_t{1} << 31;
            else
                return std::uint32_t{1} << static_cast<unsigned>(codec<T>::type);
        };
        std::array<std::uint32_t, count> const bits{bit(std::type_identity<A>{})...};
        // Maps with a tag share the type M, which no other alternative may have then.
        std::uint32_t taken = named_variant<V> ? std::uint32_t{1} << static_cast<unsigned>(attribute_type::map) : 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (is_tagged<V>(i)) continue;
            if ((taken & bits[i]) != 0) return false;
            taken |= bits[i];
        }
        return true;
    }
};

template <class V> consteval bool check_variant() {
    using check = check_alternatives<V>;
    if constexpr (!check::empty_stands_first()) {
        static_assert(check::empty_stands_first(),
                      "dynasio: std::monostate is the first alternative of a std::variant, so that an absent attribute "
                      "reads as it");
        return false;
    } else if constexpr (!check::none_is_optional()) {
        static_assert(check::none_is_optional(),
                      "dynasio: a std::variant holds a std::optional, whose empty value could not be told from others; "
                      "make std::monostate the first alternative, or make the variant optional");
        return false;
    } else if constexpr (!check::each_has_one_type()) {
        static_assert(check::each_has_one_type(),
                      "dynasio: a std::variant holds another one that is stored as several types; put all alternatives "
                      "into one variant");
        return false;
    } else if constexpr (!check::names_are_alternatives()) {
        static_assert(check::names_are_alternatives(),
                      "dynasio: variant_names<V>(...) names a type that is no alternative of V described by "
                      "value<T>(...); what is no struct is told by the type as which it is stored");
        return false;
    } else if constexpr (!check::names_are_distinct()) {
        static_assert(check::names_are_distinct(),
                      "dynasio: variant_names<V>(...) has an empty name, a name that is given twice, or an alternative "
                      "with two names");
        return false;
    } else if constexpr (!check::tag_is_no_member()) {
        static_assert(
            check::tag_is_no_member(),
            "dynasio: the tag of variant_names<V>(...) is the name of a member of an alternative; give the tag "
            "another name, or rename the member with attribute<&T::member>{\"name\"}");
        return false;
    } else {
        constexpr bool told = check::all_can_be_told();
        static_assert(
            told, "dynasio: two alternatives of a std::variant are stored as one type, so that they could not be told "
                  "apart when they are read; describe them with value<T>(...) and give each of them a tag with "
                  "`constexpr auto dynasio_names(dynasio::tag<V>) { return dynasio::variant_names<V>(\"type\", "
                  "dynasio::alternative<A>{\"a\"}, ...); }`, or leave one out");
        return told;
    }
}

/// What can be an alternative.
template <class T>
concept storable_alternative = std::is_same_v<T, std::monostate> || has_codec<T>;

} // namespace detail

/// One of several types, see above. Like a struct's, errors name the path inside of the value.
template <detail::storable_alternative... A> struct codec<std::variant<A...>> {
    static_assert(detail::check_variant<std::variant<A...>>());

private:
    using V = std::variant<A...>;
    using wire_type = dynamodb::attribute_type;
    static constexpr bool has_empty = detail::has_alternative<std::monostate, V>;
    static constexpr std::size_t other = detail::alternative_index<dynamodb::attribute_value, V>;

    template <class T> static consteval wire_type type_of() {
        if constexpr (std::is_same_v<T, std::monostate>)
            return wire_type::null;
        else
            return codec<T>::type;
    }
    static constexpr std::array<detail::alternative_shape, sizeof...(A)> shapes{
        detail::alternative_shape{&detail::shape_of<A>, detail::tag_of<V>(detail::alternative_index<A, V>)}...};
    template <class T> static consteval bool may_be_absent() {
        if constexpr (std::is_same_v<T, std::monostate>)
            return true;
        else
            return requires(T const& value) { codec<T>::absent(value); };
    }

public:
    /// M when all alternatives are maps; else NULL, which stands for several types.
    static constexpr auto type = ((type_of<A>() == wire_type::map || std::is_same_v<A, std::monostate>) && ...) &&
                                         !(std::is_same_v<A, std::monostate> && ...)
                                     ? wire_type::map
                                     : wire_type::null;
    static constexpr detail::value_shape shape{
        .type = type, .alternatives = shapes, .tag = detail::tag_name<V>(), .takes_others = other != sizeof...(A)};
    static constexpr bool tells_path = true;
    static constexpr bool reads_null = has_empty || other != sizeof...(A);
    static constexpr bool may_be_unknown = (detail::may_be_unknown<A> || ...);
    using built_in = V;

    static bool absent(V const& value)
        requires(may_be_absent<A>() || ...)
    {
        return with_alternative(value, []<class T>(T const& held) {
            if constexpr (std::is_same_v<T, std::monostate>)
                return true;
            else
                return detail::is_absent(held);
        });
    }
    static void encode(std::string& out, V const& value) { write<detail::purpose::storing>(out, value); }
    static void show(std::string& out, V const& value) { write<detail::purpose::showing>(out, value); }
    static void decode(dynamodb::json_reader& in, V& value) {
        auto const found = detail::find_alternative(in, info());
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (void)((found == I && (decode_alternative<I>(in, value), true)) || ...);
        }(std::index_sequence_for<A...>{});
    }

private:
    template <detail::purpose For> static void write(std::string& out, V const& value) {
        with_alternative(value, [&]<class T>(T const& held) {
            if constexpr (std::is_same_v<T, std::monostate>)
                out += R"({"NULL":true})";
            else if constexpr (constexpr auto index = detail::alternative_index<T, V>; detail::is_tagged<V>(index))
                detail::encode_tagged(info(), index, out, &held, For);
            else
                detail::write_value<For>(out, held);
        });
    }
    template <class Visitor> static auto with_alternative(V const& value, Visitor visitor) {
        if (value.valueless_by_exception()) detail::throw_valueless();
        return std::visit(visitor, value);
    }
    template <std::size_t I> static void decode_alternative(dynamodb::json_reader& in, V& value) {
        auto& held = value.template emplace<I>();
        using T = std::remove_reference_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::monostate>)
            (void)detail::begin_unless_null(in);
        else
            codec<T>::decode(in, held);
    }
    template <std::size_t I> static consteval detail::alternative_info alternative_at() {
        using T = std::variant_alternative_t<I, V>;
        if constexpr (detail::is_tagged<V>(I))
            return {type_of<T>(), detail::tag_of<V>(I), &detail::value_type_of<T>};
        else
            return {type_of<T>()};
    }
    static detail::variant_info const& info() {
        static constexpr auto alternatives = []<std::size_t... I>(std::index_sequence<I...>) {
            return std::array<detail::alternative_info, sizeof...(A)>{alternative_at<I>()...};
        }(std::index_sequence_for<A...>{});
        static constexpr detail::variant_info whole{detail::tag_name<V>(), alternatives,
                                                    has_empty ? 0 : detail::variant_info::none,
                                                    other == sizeof...(A) ? detail::variant_info::none : other};
        return whole;
    }
};

} // namespace dynasio

#endif
