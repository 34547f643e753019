#ifndef DYNASIO_ORM_UPDATE_HPP
#define DYNASIO_ORM_UPDATE_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/only_if.hpp>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// What repository::update() does to one stored item, without reading it first.
namespace dynasio {

namespace detail {

/// One change of an entity of type T; made by the functions below.
template <class T> class update_change {
public:
    using about = T;

    explicit update_change(update_step step) : step_(std::move(step)) {}
    [[nodiscard]] update_step const& step() const& noexcept { return step_; }

private:
    update_step step_;
};

template <class Argument> inline constexpr bool is_update_change = false;
template <class T> inline constexpr bool is_update_change<update_change<T>> = true;

struct or_create_t {};

template <auto Member> consteval bool check_update() {
    if constexpr (!check_field<Member>()) {
        return false;
    } else if constexpr (is_function<Member>) {
        static_assert(!is_function<Member>, "dynasio: a computed<> attribute is set by writes of the whole entity; "
                                            "update() sets members");
        return false;
    } else if constexpr (is_made_from<Member, schema_of<owner_of<Member>>>) {
        static_assert(!is_made_from<Member, schema_of<owner_of<Member>>>,
                      "dynasio: update() changes a member that a computed<> attribute is made from, and knows no whole "
                      "entity to compute it again; read the entity, change it and save it, or, when the attribute is "
                      "not made from this member, name those that it is made from: computed<&T::function, &T::a, "
                      "&T::b>");
        return false;
    } else {
        using schema = schema_of<owner_of<Member>>;
        constexpr bool free = are_disjoint<members<Member>, key_of_entity<owner_of<Member>>>;
        constexpr bool own = are_disjoint<members<Member>, typename schema::kept> ||
                             !are_disjoint<members<Member>, typename schema::trashed_at>;
        constexpr bool unguarded = are_disjoint<members<Member>, typename schema::guarded>;
        if constexpr (free && !unguarded)
            static_assert(unguarded, "dynasio: update() cannot change a member of unique<>, because it does not know "
                                     "the value whose guard is to be removed; find() the entity and save() it");
        else if constexpr (!free)
            static_assert(free, "dynasio: update() cannot change a part of the key; create another entity and remove "
                                "this one");
        else
            static_assert(own, "dynasio: update() sets the times and the version itself");
        return free && own && unguarded;
    }
}

/// The value in wire form; empty for one that is stored as no attribute. Errors name the member.
template <auto Member, class As, class Value> std::string update_operand(Value const& value) {
    std::string out;
    try {
        if constexpr (std::is_arithmetic_v<Value> && std::is_arithmetic_v<As>) {
            codec<As>::encode(out, exact_number<As>(value));
        } else {
            As const stored(value);
            if (!is_absent(stored)) codec<As>::encode(out, stored);
        }
    } catch (error const&) {
        rethrow_about_member(type_name<owner_of<Member>>, stored_name<Member>());
    }
    return out;
}

template <auto Member, class As, class Value> auto make_change(update_step::action what, Value const& value) {
    using change = update_change<owner_of<Member>>;
    if constexpr (check_update<Member>()) {
        static_assert(std::is_convertible_v<Value const&, As>,
                      "dynasio: update() is given a value of another type than the member's");
        if constexpr (std::is_convertible_v<Value const&, As>)
            return change(update_step{attribute_of<Member>(), what, update_operand<Member, As>(value)});
        else
            return change(update_step{});
    } else {
        return change(update_step{});
    }
}

template <auto Member> using value_in = typename optional_traits<type_of<Member>>::value_type;

template <auto Member, dynamodb::attribute_type... Types> consteval bool stores_one_of() {
    return ((codec<value_in<Member>>::type == Types) || ...);
}

} // namespace detail

// ---- arguments of repository::update()

/// Stores a value: `set_to<&User::status>("on")`. One that is stored as no attribute, such as a time that is not set,
/// removes it.
template <auto Member, class Value> [[nodiscard]] auto set_to(Value const& value) {
    return detail::make_change<Member, detail::value_in<Member>>(detail::update_step::action::set, value);
}
/// Stores a value where the item has none.
template <auto Member, class Value> [[nodiscard]] auto set_if_absent(Value const& value) {
    return detail::make_change<Member, detail::value_in<Member>>(detail::update_step::action::set_if_absent, value);
}
/// Adds to a number in one step, so that concurrent updates all count; an absent one counts as 0. A negative value
/// subtracts. To a set it adds the elements of a set.
template <auto Member, class Value> [[nodiscard]] auto add(Value const& value) {
    using type = dynamodb::attribute_type;
    constexpr bool fits =
        detail::stores_one_of<Member, type::number, type::string_set, type::number_set, type::binary_set>();
    static_assert(fits, "dynasio: add<> is for numbers and sets");
    using stored = detail::value_in<Member>;
    // Less than nothing can be added to an unsigned member as well.
    using operand = std::conditional_t<std::is_integral_v<stored>, std::int64_t, stored>;
    return detail::make_change<Member, operand>(detail::update_step::action::add, value);
}
/// Takes the elements of a set out of a stored set.
template <auto Member> [[nodiscard]] auto take(detail::value_in<Member> const& elements) {
    using type = dynamodb::attribute_type;
    constexpr bool fits = detail::stores_one_of<Member, type::string_set, type::number_set, type::binary_set>();
    static_assert(fits, "dynasio: take<> is for sets");
    return detail::make_change<Member, detail::value_in<Member>>(detail::update_step::action::take, elements);
}
/// Removes the attribute.
template <auto Member> [[nodiscard]] auto unset() {
    using made = detail::update_change<detail::owner_of<Member>>;
    if constexpr (detail::check_update<Member>())
        return made(detail::update_step{detail::attribute_of<Member>(), detail::update_step::action::remove, {}});
    else
        return made(detail::update_step{});
}
/// Puts an element behind those of a list, or in front of them; an absent list counts as an empty one.
template <auto Member> [[nodiscard]] auto push_back(typename detail::value_in<Member>::value_type const& element) {
    static_assert(detail::stores_one_of<Member, dynamodb::attribute_type::list>(), "dynasio: push_back<> is for lists");
    return detail::make_change<Member, detail::value_in<Member>>(detail::update_step::action::append,
                                                                 detail::value_in<Member>(1, element));
}
template <auto Member> [[nodiscard]] auto push_front(typename detail::value_in<Member>::value_type const& element) {
    static_assert(detail::stores_one_of<Member, dynamodb::attribute_type::list>(),
                  "dynasio: push_front<> is for lists");
    return detail::make_change<Member, detail::value_in<Member>>(detail::update_step::action::prepend,
                                                                 detail::value_in<Member>(1, element));
}

/// Lets update() make an item where there is none. It then has the key and what the changes set.
inline constexpr detail::or_create_t or_create{};

namespace detail {

template <class T, class Argument> void apply_update_argument(update_spec& to, Argument const& argument) {
    if constexpr (is_update_change<Argument>) {
        static_assert(std::is_same_v<typename Argument::about, T>,
                      "dynasio: update() is given a change of another entity");
        to.steps.push_back(argument.step());
    } else if constexpr (std::is_same_v<Argument, only_if<T>>) {
        to.only_if = std::move(to.only_if) && only_if<T>(argument).take();
    } else if constexpr (std::is_same_v<Argument, or_create_t>) {
        to.creates = true;
    } else {
        constexpr bool known = std::is_same_v<Argument, call_options>;
        static_assert(known, "dynasio: update() takes set_to<>, set_if_absent<>, add<>, take<>, unset<>, push_back<>, "
                             "push_front<>, only_if, or_create and call_options");
        if constexpr (known) to.call = argument;
    }
}

template <class T> boost::asio::awaitable<T> update_and_read(engine_ptr engine, lowered_key key, update_spec what) {
    T after{};
    auto updating = update_item(std::move(engine), entity_type_of<T>(), std::move(key), std::move(what), &after);
    co_await std::move(updating);
    co_return after;
}

} // namespace detail

namespace dsl {

using dynasio::add;
using dynasio::or_create;
using dynasio::push_back;
using dynasio::push_front;
using dynasio::set_if_absent;
using dynasio::set_to;
using dynasio::take;
using dynasio::unset;

} // namespace dsl

} // namespace dynasio

#endif
