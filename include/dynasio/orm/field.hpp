#ifndef DYNASIO_ORM_FIELD_HPP
#define DYNASIO_ORM_FIELD_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/detail/load_option.hpp>

#include <dynasio/dynamodb/attribute_type.hpp>
#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/expression.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace dynasio {

/// A condition on an entity of type T. It is made from field<&T::member>; conditions are joined with &&, || and !.
template <class T> class where_clause : public detail::selection_option {
public:
    using about = T;
    void apply(selection& to) const { to.where = std::move(to.where) && condition_; }

    [[nodiscard]] dynamodb::condition const& condition() const noexcept { return condition_; }

    friend where_clause operator&&(where_clause a, where_clause b) {
        return where_clause(std::move(a.condition_) && std::move(b.condition_));
    }
    friend where_clause operator||(where_clause a, where_clause b) {
        return where_clause(std::move(a.condition_) || std::move(b.condition_));
    }
    friend where_clause operator!(where_clause a) { return where_clause(!std::move(a.condition_)); }

private:
    friend struct detail::access;
    explicit where_clause(dynamodb::condition c) : condition_(std::move(c)) {}

    dynamodb::condition condition_;
};

namespace detail {

template <auto Member, auto... Inner> consteval auto operand() {
    static_assert(sizeof...(Inner) <= 1, "dynasio: field<> names a member, or a member of an embedded struct");
    if constexpr (sizeof...(Inner) == 1)
        return member_path<Member, Inner...>{};
    else
        return Member;
}

/// The attribute name that a member is stored under.
template <auto Member> [[nodiscard]] std::string const& stored_name() {
    return entity_type_of<owner_of<Member>>()[attribute_of<Member>()].name;
}

template <auto Member> consteval bool check_field() {
    if constexpr (!check_entity<owner_of<Member>>()) {
        return false;
    } else if constexpr (is_function<Member>) {
        constexpr bool declared = has_member<Member, typename schema_of<owner_of<Member>>::computed>;
        static_assert(declared, "dynasio: the result of this function of the entity is not stored, so no condition can "
                                "be put on it; add computed<&T::function> to the schema");
        return declared;
    } else if constexpr (has_member<Member, embedded_of<owner_of<Member>>>) {
        static_assert(!has_member<Member, embedded_of<owner_of<Member>>>,
                      "dynasio: this member is embedded, so it is no attribute; name a member of it: "
                      "field<&T::outer, &Outer::member>");
        return false;
    } else {
        constexpr bool stored = !handle_traits<type_of<Member>>::is_handle && attribute_of<Member>() != no_attribute;
        static_assert(stored,
                      "dynasio: this member is not stored (it is a relation or transient), so no condition can be "
                      "put on it");
        return stored;
    }
}

template <class T> inline constexpr bool is_an_integer = std::is_integral_v<T> && !std::is_same_v<T, bool>;

/// The size of a value in a condition.
template <class Owner> class size_in_condition {
public:
    using clause = where_clause<Owner>;
    using kind = dynamodb::condition::kind;

    /// Without a path, every condition is always true: a static_assert has failed before.
    explicit size_in_condition(std::optional<dynamodb::document_path> path) : path_(std::move(path)) {}

    template <class Value> friend clause operator==(size_in_condition const& size, Value value) {
        return size.made(kind::equal, value);
    }
    template <class Value> friend clause operator!=(size_in_condition const& size, Value value) {
        return size.made(kind::not_equal, value);
    }
    template <class Value> friend clause operator<(size_in_condition const& size, Value value) {
        return size.made(kind::less, value);
    }
    template <class Value> friend clause operator<=(size_in_condition const& size, Value value) {
        return size.made(kind::less_equal, value);
    }
    template <class Value> friend clause operator>(size_in_condition const& size, Value value) {
        return size.made(kind::greater, value);
    }
    template <class Value> friend clause operator>=(size_in_condition const& size, Value value) {
        return size.made(kind::greater_equal, value);
    }
    /// The size is at least `low` and at most `high`.
    template <class Low, class High> [[nodiscard]] clause between(Low low, High high) const {
        return made(kind::between, low, high);
    }

private:
    template <class... Values> clause made(kind k, Values... values) const {
        constexpr bool numbers = (is_an_integer<Values> && ...);
        static_assert(numbers, "dynasio: a size is compared with an integer");
        if constexpr (numbers) {
            if (!path_) return access::make<clause>(dynamodb::condition());
            std::vector<std::string> operands(sizeof...(Values));
            auto operand = operands.begin();
            (codec<std::conditional_t<std::is_signed_v<Values>, std::int64_t, std::uint64_t>>::encode(*operand++,
                                                                                                      values),
             ...);
            return access::make<clause>(dynamodb::condition::size_of(k, *path_, std::move(operands)));
        } else {
            return access::make<clause>(dynamodb::condition());
        }
    }

    std::optional<dynamodb::document_path> path_;
};

/// Types of elements inside of a stored value.
template <class T> struct elements_of {
    using type = dynamodb::attribute_value; ///< Of a codec of the program's own, whose elements have no known type.
};
template <class T>
    requires(codec<T>::type == dynamodb::attribute_type::map && requires { typename T::mapped_type; })
struct elements_of<T> {
    using type = typename T::mapped_type;
};
template <class T>
    requires(codec<T>::type == dynamodb::attribute_type::list && requires { typename T::value_type; })
struct elements_of<T> {
    using type = typename T::value_type;
};

template <class Owner, class Type> class element_in_condition;

/// What can be said about a value that is stored as `Type` does. `Place` is the class derived from this one: it says
/// whether the place can be in a condition (check(), which fails with a static_assert when it cannot) and where it is.
template <class Place, class Owner, class Type> struct value_in_condition {
    using value_type = typename optional_traits<Type>::value_type;
    using clause = where_clause<Owner>;
    using kind = dynamodb::condition::kind;

    template <class Value> friend clause operator==(Place const& place, Value const& value) {
        if constexpr (std::is_same_v<Value, std::nullopt_t> || std::is_same_v<Value, std::nullptr_t>)
            return place.make(kind::absent_or_null);
        else
            return place.make(kind::equal, value);
    }
    template <class Value> friend clause operator!=(Place const& place, Value const& value) {
        if constexpr (std::is_same_v<Value, std::nullopt_t> || std::is_same_v<Value, std::nullptr_t>)
            return !place.make(kind::absent_or_null);
        else
            return place.make(kind::not_equal, value);
    }
    template <class Value> friend clause operator<(Place const& place, Value const& value) {
        return place.make(kind::less, value);
    }
    template <class Value> friend clause operator<=(Place const& place, Value const& value) {
        return place.make(kind::less_equal, value);
    }
    template <class Value> friend clause operator>(Place const& place, Value const& value) {
        return place.make(kind::greater, value);
    }
    template <class Value> friend clause operator>=(Place const& place, Value const& value) {
        return place.make(kind::greater_equal, value);
    }
    /// The value is at least `low` and at most `high`.
    template <class Low, class High> [[nodiscard]] clause between(Low const& low, High const& high) const {
        return make(kind::between, low, high);
    }
    /// The value equals one of `values`.
    template <class... Values> [[nodiscard]] clause in(Values const&... values) const {
        return make(kind::in, values...);
    }
    [[nodiscard]] clause in(std::vector<value_type> const& values) const {
        if constexpr (Place::check()) {
            std::vector<std::string> operands;
            operands.reserve(values.size());
            for (auto const& v : values) operands.push_back(wire(v));
            return made(kind::in, std::move(operands));
        } else {
            return none();
        }
    }
    /// The stored text or the stored bytes begin with those of `prefix`.
    [[nodiscard]] clause begins_with(value_type const& prefix) const {
        if constexpr (check_prefix())
            return make(kind::begins_with, prefix);
        else
            return none();
    }
    /// The stored text begins with `prefix`: for members of other types than std::string that are stored as text, such
    /// as a timestamp ("2026-11") or an id of the program's own.
    template <class Text>
        requires(!std::is_convertible_v<Text const&, value_type> &&
                 std::is_convertible_v<Text const&, std::string_view>)
    [[nodiscard]] clause begins_with(Text const& prefix) const {
        if constexpr (check_prefix()) {
            static_assert(stores<dynamodb::attribute_type::string>,
                          "dynasio: begins_with of bytes takes a value of the member's type");
            return part(kind::begins_with, prefix);
        } else {
            return none();
        }
    }
    /// The stored text or the stored bytes contain `value` as a part, or a list or set contains it as an element.
    template <class Value> [[nodiscard]] clause contains(Value const& value) const {
        using type = dynamodb::attribute_type;
        if constexpr (stores<type::list> || stores<type::string_set> || stores<type::number_set> ||
                      stores<type::binary_set>) {
            if constexpr (requires { typename value_type::value_type; })
                return make_element<typename value_type::value_type>(value);
            else
                return make(kind::contains, value);
        } else if constexpr (stores<type::string> && !std::is_convertible_v<Value const&, value_type> &&
                             std::is_convertible_v<Value const&, std::string_view>) {
            return part(kind::contains, value);
        } else {
            return make(kind::contains, value);
        }
    }
    [[nodiscard]] clause exists() const { return make(kind::exists); }
    [[nodiscard]] clause not_exists() const { return make(kind::not_exists); }
    /// The value is absent or stored as NULL.
    [[nodiscard]] clause is_null() const { return make(kind::absent_or_null); }
    /// The value is stored as this type. False when it is absent.
    [[nodiscard]] clause has_type(dynamodb::attribute_type stored) const {
        if constexpr (Place::check()) {
            std::vector<std::string> operand(1);
            codec<std::string>::encode(operand[0], std::string(dynamodb::to_string(stored)));
            return made(kind::has_type, std::move(operand));
        } else {
            return none();
        }
    }
    /// The std::variant holds a T. A struct with a name is told by its tag, so that a value that is no map holds none;
    /// std::monostate is an absent value or NULL; every other alternative is told by its stored type.
    template <class T> [[nodiscard]] clause holds() const {
        constexpr bool is_alternative = has_alternative<T, value_type>;
        static_assert(is_alternative,
                      "dynasio: holds<T>() names a type that is no alternative of a std::variant in this "
                      "place");
        if constexpr (!is_alternative || !Place::check()) {
            return none();
        } else if constexpr (std::is_same_v<T, dynamodb::attribute_value>) {
            static_assert(
                !std::is_same_v<T, dynamodb::attribute_value>,
                "dynasio: holds<T>() cannot tell the alternative that takes every other value; join !holds<>() "
                "of the others");
            return none();
        } else if constexpr (std::is_same_v<T, std::monostate>) {
            return is_null();
        } else if constexpr (constexpr auto index = alternative_index<T, value_type>; is_tagged<value_type>(index)) {
            std::vector<std::string> operand(1);
            codec<std::string>::encode(operand[0], std::string(tag_of<value_type>(index)));
            return access::make<clause>(dynamodb::condition(
                kind::equal, self().path().at(std::string(tag_name<value_type>())), std::move(operand)));
        } else {
            return has_type(codec<T>::type);
        }
    }
    /// The size of the value, to be compared with integers: the elements of a list, map or set, the bytes of a binary,
    /// and the length of a text in UTF-16 code units, which is what the service counts. An absent value has no size (an
    /// empty set is stored as no attribute), nor has NULL: all comparisons but != are false then.
    [[nodiscard]] size_in_condition<Owner> size() const {
        using type = dynamodb::attribute_type;
        constexpr bool sized = !stores<type::number> && !stores<type::boolean>;
        static_assert(sized, "dynasio: size() is for strings, binaries, lists, maps and sets");
        if constexpr (sized && Place::check())
            return size_in_condition<Owner>(self().path());
        else
            return size_in_condition<Owner>(std::nullopt);
    }
    /// An element inside the value: `at("city")` of a map, `at(0)` of a list. It has the type of the elements where the
    /// member's type tells it, else it is a dynamodb::attribute_value. An element that is not there is absent. Throws
    /// errc::invalid_argument for a position below 0.
    template <class Step> [[nodiscard]] auto at(Step const& step) const {
        using type = dynamodb::attribute_type;
        constexpr bool into_list = stores<type::list> || stores_anything;
        constexpr bool into_map = stores<type::map> || stores_anything;
        constexpr bool fits =
            is_an_integer<Step> ? into_list : std::is_convertible_v<Step const&, std::string_view> && into_map;
        static_assert(into_list || into_map, "dynasio: at() is for lists and maps");
        if constexpr (into_list || into_map)
            static_assert(fits, "dynasio: an element of a list is named by its position, one of a map by its name");
        using element = element_in_condition<Owner, typename elements_of<value_type>::type>;
        if constexpr (!fits || !Place::check())
            return access::make<element>(dynamodb::document_path(std::string()));
        else if constexpr (is_an_integer<Step>)
            return access::make<element>(self().path().at(position(step)));
        else
            return access::make<element>(self().path().at(std::string(std::string_view(step))));
    }
    /// A member of a struct that is described by value<T>(…): `field<&User::address>.at<&Address::city>()`. It stands
    /// under its stored name. The struct may be an alternative of a std::variant.
    template <auto Member> [[nodiscard]] auto at() const {
        constexpr bool fits = check_member<Member>();
        if constexpr (!fits || !Place::check()) {
            return access::make<element_in_condition<Owner, dynamodb::attribute_value>>(
                dynamodb::document_path(std::string()));
        } else {
            std::string const& name = value_type_of<owner_of<Member>>()[attribute_of<Member>()].name;
            return access::make<element_in_condition<Owner, type_of<Member>>>(self().path().at(name));
        }
    }

private:
    friend Place;
    [[nodiscard]] Place const& self() const noexcept { return static_cast<Place const&>(*this); }

    template <dynamodb::attribute_type Type_> static constexpr bool stores = codec<value_type>::type == Type_;
    /// A dynamodb::attribute_value, or a std::variant whose alternatives are stored as several types.
    static constexpr bool stores_anything = stores<dynamodb::attribute_type::null>;

    template <auto Member> static consteval bool check_member() {
        constexpr bool names_member = member_pointer_traits<std::remove_cv_t<decltype(Member)>>::valid;
        static_assert(names_member, "dynasio: at<>() takes a pointer to a data member; an element is at(\"name\")");
        if constexpr (!names_member) {
            return false;
        } else if constexpr (constexpr bool is_looked_into = described_value<value_type> || is_variant<value_type>;
                             !is_looked_into) {
            static_assert(is_looked_into,
                          "dynasio: at<&T::member>() is for members whose type is described by value<T>(...); an "
                          "element of another map is at(\"name\")");
            return false;
        } else if constexpr (constexpr bool is_here = std::is_same_v<owner_of<Member>, value_type> ||
                                                      has_alternative<owner_of<Member>, value_type>;
                             !is_here) {
            static_assert(is_here,
                          "dynasio: at<&T::member>() names a member of another struct than the one that stands here");
            return false;
        } else {
            constexpr bool stored = attribute_of<Member>() != no_attribute;
            static_assert(stored, "dynasio: this member is not stored (it is transient), so no condition can be put on "
                                  "it");
            return stored;
        }
    }
    static consteval bool check_prefix() {
        constexpr bool fits =
            stores<dynamodb::attribute_type::string> || stores<dynamodb::attribute_type::binary> || stores_anything;
        static_assert(fits, "dynasio: begins_with is for strings and binaries, and for types that are stored as such");
        return fits;
    }
    template <class Step> [[nodiscard]] std::size_t position(Step step) const {
        if constexpr (std::is_signed_v<Step>) {
            if (step < 0)
                throw_error(errc::invalid_argument, "positions in the list " + to_string(self().path()) + " of " +
                                                        std::string(type_name<Owner>) +
                                                        " begin at 0; there is no position " + std::to_string(step));
        }
        return static_cast<std::size_t>(step);
    }

    /// Appends a value of another type as this one. Errors name the place.
    template <class As, class Value> std::string encoded(Value const& value) const {
        std::string out;
        try {
            if constexpr (std::is_arithmetic_v<Value> && std::is_arithmetic_v<As>)
                codec<As>::encode(out, exact_number<As>(value));
            else
                codec<As>::encode(out, As(value));
        } catch (error const&) {
            rethrow_about_member(type_name<Owner>, to_string(self().path()));
        }
        return out;
    }
    template <class Value> std::string wire(Value const& value) const {
        static_assert(std::is_convertible_v<Value const&, value_type>,
                      "dynasio: a condition compares this member with a value of another type");
        if constexpr (std::is_convertible_v<Value const&, value_type>)
            return encoded<value_type>(value);
        else
            return {};
    }

    clause made(kind k, std::vector<std::string> operands) const {
        return access::make<clause>(dynamodb::condition(k, self().path(), std::move(operands)));
    }
    /// A condition that is always true; it lets the program go on compiling after a static_assert has failed.
    static clause none() { return access::make<clause>(dynamodb::condition()); }

    template <class... Values> clause make(kind k, Values const&... values) const {
        if constexpr (Place::check())
            return made(k, std::vector<std::string>{wire(values)...});
        else
            return none();
    }
    /// A condition on a part of the stored text.
    clause part(kind k, std::string_view text) const {
        if constexpr (Place::check())
            return made(k, std::vector<std::string>(1, encoded<std::string>(text)));
        else
            return none();
    }
    template <class Element, class Value> clause make_element(Value const& value) const {
        if constexpr (Place::check())
            return made(kind::contains, std::vector<std::string>(1, encoded<Element>(value)));
        else
            return none();
    }
};

template <auto Member> struct field_t : value_in_condition<field_t<Member>, owner_of<Member>, type_of<Member>> {
    static consteval bool check() { return check_field<Member>(); }
    [[nodiscard]] static dynamodb::document_path path() { return dynamodb::document_path(stored_name<Member>()); }
};

/// An element inside of a member.
template <class Owner, class Type>
class element_in_condition : public value_in_condition<element_in_condition<Owner, Type>, Owner, Type> {
public:
    static consteval bool check() { return true; }
    [[nodiscard]] dynamodb::document_path const& path() const noexcept { return path_; }

private:
    friend struct access;
    explicit element_in_condition(dynamodb::document_path path) : path_(std::move(path)) {}

    dynamodb::document_path path_;
};

} // namespace detail

/// A member in a condition: field<&Post::status> == "live", field<&Post::score>.between(1, 5),
/// field<&Category::parent_id> == nullptr (absent or NULL), field<&Post::tags>.size() > 3,
/// field<&User::address>.at("city") == "Bonn", field<&Post::extra>.has_type(attribute_type::map).
/// A member of an embedded struct: field<&User::meta, &Meta::created_at>.
template <auto Member, auto... Inner> inline constexpr detail::field_t<detail::operand<Member, Inner...>()> field{};

namespace dsl {

using dynasio::field;

} // namespace dsl

} // namespace dynasio

#endif
