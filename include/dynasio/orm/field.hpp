#ifndef DYNASIO_ORM_FIELD_HPP
#define DYNASIO_ORM_FIELD_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/detail/load_option.hpp>

#include <dynasio/dynamodb/attribute_type.hpp>
#include <dynasio/dynamodb/expression.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
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

/// The attribute name that a member is stored under.
template <auto Member> [[nodiscard]] std::string const& stored_name() {
    return entity_type_of<owner_of<Member>>()[attribute_of<Member>()].name;
}

template <auto Member> consteval bool check_field() {
    if constexpr (!check_entity<owner_of<Member>>()) {
        return false;
    } else {
        constexpr bool stored = !handle_traits<type_of<Member>>::is_handle && attribute_of<Member>() != no_attribute;
        static_assert(stored,
                      "dynasio: this member is not stored (it is a relation or transient), so no condition can be "
                      "put on it");
        return stored;
    }
}

template <auto Member> struct field_t {
    using owner = owner_of<Member>;
    using value_type = typename optional_traits<type_of<Member>>::value_type;
    using clause = where_clause<owner>;
    using kind = dynamodb::condition::kind;

    template <class Value> static std::string wire(Value const& value) {
        static_assert(std::is_convertible_v<Value const&, value_type>,
                      "dynasio: a condition compares this member with a value of another type");
        if constexpr (std::is_convertible_v<Value const&, value_type>) {
            std::string out;
            try {
                if constexpr (std::is_arithmetic_v<Value> && std::is_arithmetic_v<value_type>)
                    codec<value_type>::encode(out, exact_number<value_type>(value));
                else
                    codec<value_type>::encode(out, value_type(value));
            } catch (error const&) {
                rethrow_about_member(type_name<owner>, stored_name<Member>());
            }
            return out;
        } else {
            return {};
        }
    }

    static clause made(kind k, std::vector<std::string> operands) {
        return access::make<clause>(dynamodb::condition(k, stored_name<Member>(), std::move(operands)));
    }
    /// A condition that is always true; it lets the program go on compiling after a static_assert has failed.
    static clause none() { return access::make<clause>(dynamodb::condition()); }

    template <class... Values> static clause make(kind k, Values const&... values) {
        if constexpr (check_field<Member>())
            return made(k, std::vector<std::string>{wire(values)...});
        else
            return none();
    }

    template <dynamodb::attribute_type Type> static constexpr bool stores = codec<value_type>::type == Type;
    static consteval bool check_prefix() {
        constexpr bool fits = stores<dynamodb::attribute_type::string> || stores<dynamodb::attribute_type::binary>;
        static_assert(fits, "dynasio: begins_with is for strings and binaries, and for types that are stored as such");
        return fits;
    }
    /// A condition on a part of the stored text.
    static clause part(kind k, std::string_view text) {
        if constexpr (check_field<Member>()) {
            std::string out;
            try {
                codec<std::string>::encode(out, std::string(text));
            } catch (error const&) {
                rethrow_about_member(type_name<owner>, stored_name<Member>());
            }
            return made(k, std::vector<std::string>(1, std::move(out)));
        } else {
            return none();
        }
    }
    template <class Element, class Value> static clause make_element(Value const& value) {
        if constexpr (check_field<Member>()) {
            std::vector<std::string> operand(1);
            try {
                if constexpr (std::is_arithmetic_v<Value> && std::is_arithmetic_v<Element>)
                    codec<Element>::encode(operand[0], exact_number<Element>(value));
                else
                    codec<Element>::encode(operand[0], Element(value));
            } catch (error const&) {
                rethrow_about_member(type_name<owner>, stored_name<Member>());
            }
            return made(kind::contains, std::move(operand));
        } else {
            return none();
        }
    }

    template <class Value> friend clause operator==(field_t, Value const& value) {
        if constexpr (std::is_same_v<Value, std::nullopt_t> || std::is_same_v<Value, std::nullptr_t>)
            return make(kind::absent_or_null);
        else
            return make(kind::equal, value);
    }
    template <class Value> friend clause operator!=(field_t, Value const& value) {
        if constexpr (std::is_same_v<Value, std::nullopt_t> || std::is_same_v<Value, std::nullptr_t>)
            return !make(kind::absent_or_null);
        else
            return make(kind::not_equal, value);
    }
    template <class Value> friend clause operator<(field_t, Value const& value) { return make(kind::less, value); }
    template <class Value> friend clause operator<=(field_t, Value const& value) {
        return make(kind::less_equal, value);
    }
    template <class Value> friend clause operator>(field_t, Value const& value) { return make(kind::greater, value); }
    template <class Value> friend clause operator>=(field_t, Value const& value) {
        return make(kind::greater_equal, value);
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
        if constexpr (check_field<Member>()) {
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
    /// The attribute is absent or stored as NULL.
    [[nodiscard]] clause is_null() const { return make(kind::absent_or_null); }
};

} // namespace detail

/// A member in a condition: field<&Post::status> == "live", field<&Post::score>.between(1, 5),
/// field<&Category::parent_id> == nullptr (absent or NULL).
template <auto Member> inline constexpr detail::field_t<Member> field{};

namespace dsl {

using dynasio::field;

} // namespace dsl

} // namespace dynasio

#endif
