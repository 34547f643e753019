#ifndef DYNASIO_ORM_AUTOLOAD_HPP
#define DYNASIO_ORM_AUTOLOAD_HPP

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/with.hpp>

#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

// Relations that are loaded with every read of their entity.
namespace dynasio {

namespace detail {

// A schema is read before its targets are complete, so nothing here looks at what the functions return; that is done
// with check_together().

/// A constraint that can be a part of a schema, which is constexpr.
template <class Argument>
inline constexpr bool is_plain_constraint = is_selection_option<Argument> && std::is_trivially_copyable_v<Argument>;
/// A condition of an autoload<>: a lambda without captures or a function, as where_always() takes it.
template <class Argument>
inline constexpr bool is_constraint_function =
    !is_load_option<Argument> &&
    (std::is_pointer_v<Argument> || (std::is_empty_v<Argument> && std::is_default_constructible_v<Argument>));

template <class Argument> consteval auto constraint_of() {
    if constexpr (!is_constraint_function<Argument>)
        return std::type_identity<Argument>();
    else if constexpr (std::is_invocable_v<Argument>)
        return std::type_identity<std::remove_cvref_t<std::invoke_result_t<Argument>>>();
    else
        return std::type_identity<void>();
}
/// What an argument of an autoload<> counts as in with<>.
template <class Argument> using constraint_of_t = typename decltype(constraint_of<Argument>())::type;

template <class Argument> consteval bool gives_constraint() {
    if constexpr (is_constraint_function<Argument>)
        return is_selection_option<constraint_of_t<Argument>>;
    else
        return true;
}

template <class... Arguments> class constraints_of_autoload final : public autoload_constraints {
public:
    explicit constraints_of_autoload(std::tuple<Arguments...> const& arguments) : arguments_(arguments) {}

    /// At the first use, because conditions name members of the target, whose description need not be complete while
    /// that of the entity is made.
    [[nodiscard]] selection const& get() const override {
        std::call_once(made_,
                       [&] { std::apply([&](Arguments const&... argument) { (add(argument), ...); }, arguments_); });
        return selection_;
    }

private:
    template <class Argument> void add(Argument const& argument) const {
        if constexpr (is_constraint_function<Argument>)
            argument().apply(selection_);
        else
            argument.apply(selection_);
    }

    std::tuple<Arguments...> arguments_;
    mutable std::once_flag made_;
    mutable selection selection_;
};

/// Follows the autoload<> of entities from relation to relation. Trail: the relations that led here, in order.
template <auto Next, auto... Trail> consteval bool check_autoload_trail();
template <class T, auto... Trail, auto... Next> consteval bool check_autoloads_of(members<Next...>) {
    return (check_autoload_trail<Next, Trail...>() && ...);
}
template <auto... Circle> consteval bool check_autoload_circle() {
    constexpr bool ends = sizeof...(Circle) == 0;
    static_assert(ends, "dynasio: autoload<> goes in a circle, so that a read would have no end; take autoload<> off "
                        "one of these relations, and load that one with with<> (`Circle` names them in order)");
    return ends;
}
template <auto... Trail, class... T> consteval bool check_autoloads_of_all(entity_types<T...>) {
    return (check_autoloads_of<T, Trail...>(typename schema_of<T>::autoloaded{}) && ...);
}
template <auto Next, auto... Trail> consteval bool check_autoload_trail() {
    if constexpr (!check_relation<Next>()) {
        return false;
    } else if constexpr (sizeof...(Trail) == 0) {
        return check_autoloads_of_all<Next>(targets_of<Next>{});
    } else if constexpr (same_member<Next, first_member<members<Trail...>>::value>) {
        return check_autoload_circle<Trail...>();
    } else if constexpr (has_member<Next, members<Trail...>>) {
        return true; // a circle that does not lead through the first relation; it is told of one of its own
    } else {
        return check_autoloads_of_all<Trail..., Next>(targets_of<Next>{});
    }
}

template <auto Member, class... Arguments> struct autoload_t : entity_option {
    static constexpr bool fits_projection = true;
    static constexpr bool needs_stored = false;
    using about = members<Member>;
    using autoloaded = members<Member>;

    std::tuple<Arguments...> arguments;
    constexpr explicit autoload_t(Arguments... a) : arguments(a...) {}

    static consteval bool check_together() {
        constexpr bool gives = (gives_constraint<Arguments>() && ...);
        if constexpr (!gives) {
            static_assert(gives,
                          "dynasio: a function in autoload<>(…) takes no argument and returns a condition on the "
                          "relation's target: [] { return field<&Post::status> == \"live\"; }");
            return false;
        } else if constexpr (!check_autoload_trail<Member>()) {
            return false;
        } else {
            return check_with<Member, constraint_of_t<Arguments>...>();
        }
    }
    template <class T> void describe(description<T>& to) const {
        if constexpr (check_together())
            to.type.autoloads.push_back({std::string(name_of<Member>),
                                         std::make_shared<constraints_of_autoload<Arguments...> const>(arguments)});
    }
};

/// What autoload<> gives after it has refused its arguments.
struct refused_autoload_t : entity_option {
    static constexpr bool fits_projection = true;
};

} // namespace detail

/// Loads a relation with every read of whole entities that does not name it: find(), get(), find_many() and every
/// query. `autoload<&Post::author>()`, or with constraints, `autoload<&User::posts>(newest_first, limit(5))`.
/// Conditions are lambdas without captures or functions, called once, at the first read:
/// `autoload<&User::posts>([] { return field<&Post::status> == "live"; }, limit(5))`. The relation is declared with
/// relate<> as well.
///
/// A relation that is named in with<> is loaded as it says there and not as the schema says. without_autoload switches
/// autoload<> off, for a read or below one relation. Entities that a relation leads to bring the autoload<> of their
/// own schema, at every level, also in load(); a circle of such relations does not compile, and verify<> says so as
/// well. count(), exists(), transactions, statements, streams of changes and what a write gives back load nothing.
///
/// Each read costs what it would with with<>: the requests of the relation, as explain() shows them.
template <auto Member, class... Arguments> constexpr auto autoload(Arguments... arguments) {
    constexpr bool relation = detail::is_relation<Member>;
    constexpr bool fits =
        ((detail::is_plain_constraint<Arguments> || detail::is_constraint_function<Arguments>) && ...);
    if constexpr (!relation) {
        static_assert(relation, "dynasio: autoload<> names a member that is no relation; name a member such as "
                                "belongs_to<User>");
        return detail::refused_autoload_t();
    } else if constexpr (!fits) {
        static_assert(fits, "dynasio: autoload<>(…) takes limit, an order, client_side, words about the trash, "
                            "without_expired, without_default_scope, and conditions as lambdas without captures: "
                            "autoload<&User::posts>([] { return field<&Post::status> == \"live\"; })");
        return detail::refused_autoload_t();
    } else {
        return detail::autoload_t<Member, Arguments...>(arguments...);
    }
}

namespace dsl {

using dynasio::autoload;

} // namespace dsl

} // namespace dynasio

#endif
