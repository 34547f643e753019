#ifndef DYNASIO_ORM_RULES_HPP
#define DYNASIO_ORM_RULES_HPP

#include <dynasio/orm/detail/checks.hpp>
#include <dynasio/orm/hook_event.hpp>
#include <dynasio/orm/schema.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

// Options of entity<T>(…) that say what an entity must be before it is stored, and what is called around operations.
//
// A write of a whole entity (create and save, alone, in batches and in transactions) goes through these steps in this
// order: before-hooks; transforms; all rules, whose violations are reported together as errc::invalid_entity before
// anything is sent; the request; after-hooks, when the write has succeeded (in a transaction, after its commit). Trash
// and restore store the time, updated_at and the version alone, so they have hooks, but neither transforms nor rules.
//
// Functions are lambdas without captures: they are a part of the type's description.
namespace dynasio {

struct relation_info;

namespace detail {

template <auto Member> relation_info const& relation_info_of();
/// Whether an entity names a type and a key of it by a morph_to, or a type that the program does not know and a key.
[[nodiscard]] bool names_an_entity(relation_info const& morph, void const* entity);

/// A hook returns void, or an awaitable<void> that is awaited. `out` is a std::optional of that awaitable, so that this
/// header needs no Asio.
template <class Hook, class Entity> struct hook_functions {
    using result = std::invoke_result_t<Hook, Entity&>;
    static constexpr bool is_awaitable = !std::is_void_v<result>;

    static void call(void* entity, [[maybe_unused]] void* out) {
        if constexpr (is_awaitable)
            static_cast<std::optional<result>*>(out)->emplace(Hook{}(*static_cast<Entity*>(entity)));
        else
            Hook{}(*static_cast<Entity*>(entity));
    }
};

/// A value that an entity with the rule required<> may have.
template <class Value> [[nodiscard]] bool is_given(Value const& value) {
    if constexpr (optional_traits<Value>::is_optional)
        return value.has_value() && is_given(*value);
    else if constexpr (requires { value.is_set(); })
        return value.is_set();
    else if constexpr (requires { value.empty(); })
        return !value.empty();
    else
        return true;
}
template <class Value> consteval bool can_be_missing() {
    return optional_traits<Value>::is_optional || requires(Value const& v) { v.is_set(); } ||
           requires(Value const& v) { v.empty(); };
}

template <class Function>
inline constexpr bool is_plain_function = std::is_empty_v<Function> && std::is_default_constructible_v<Function>;

/// Whether a relation's foreign key is given.
template <auto... ForeignKey, class T> bool has_foreign_key(members<ForeignKey...>, T const& entity) {
    return (is_given(member_in<ForeignKey>(entity)) && ...);
}

/// A stored member as errors name it: "street", or "home.street" of an embedded struct.
template <auto Member, class T> std::string spelt_member(description<T> const& to) {
    return to.type[attribute_of<Member>()].member;
}

template <auto Member> struct required_t : entity_option {
    static constexpr bool is_relation = handle_traits<type_of<Member>>::is_handle;
    using about = members<Member>;
    static constexpr bool fits_embedded = !is_relation;
    static constexpr bool needs_stored = !is_relation;

    static consteval bool check() {
        if constexpr (is_relation) {
            constexpr auto kind = handle_traits<type_of<Member>>::kind;
            constexpr bool belongs = kind == relation_kind::belongs_to || kind == relation_kind::morph_to;
            static_assert(belongs, "dynasio: required<> of a relation is for belongs_to and morph_to, whose foreign "
                                   "key it requires");
            return belongs;
        } else {
            constexpr bool fits = can_be_missing<type_of<Member>>();
            static_assert(fits, "dynasio: required<> names a member that always has a value, such as a number; make it "
                                "a std::optional, or write a check<>");
            return fits;
        }
    }
    template <class T> static void describe(description<T>& to) {
        to.type.rules.push_back({member_name(to), "is required",
                                 [](void const* entity) { return is_kept<T>(*static_cast<T const*>(entity)); }});
    }

private:
    template <class T> static std::string member_name(description<T> const& to) {
        if constexpr (is_relation)
            return std::string(name_of<Member>);
        else
            return spelt_member<Member>(to);
    }
    template <class T> static bool is_kept(T const& entity) {
        if constexpr (!is_relation)
            return is_given(member_in<Member>(entity));
        else if constexpr (handle_traits<type_of<Member>>::kind == relation_kind::morph_to)
            return names_an_entity(relation_info_of<Member>(), &entity);
        else
            return has_foreign_key(typename declaration_of<Member>::foreign_key{}, entity);
    }
};

/// A rule with a predicate on one member, or on the whole entity when there is none.
template <class Predicate, auto... Member> struct check_t : entity_option {
    using about = members<Member...>;
    static constexpr bool fits_embedded = sizeof...(Member) == 1;

    char const* sentence;
    constexpr explicit check_t(char const* text) noexcept : sentence(text) {}

    template <class T> void describe(description<T>& to) const {
        to.type.rules.push_back(
            {member_name(to), sentence, [](void const* entity) { return holds(*static_cast<T const*>(entity)); }});
    }

private:
    template <class T> static std::string member_name([[maybe_unused]] description<T> const& to) {
        if constexpr (sizeof...(Member) == 1)
            return spelt_member<Member...>(to);
        else
            return {};
    }
    template <class T> static bool holds(T const& entity) {
        if constexpr (sizeof...(Member) == 0)
            return Predicate{}(entity);
        else
            return (holds_for(member_in<Member>(entity)) && ...);
    }
    template <class Value> static bool holds_for(Value const& value) {
        if constexpr (std::is_invocable_r_v<bool, Predicate, Value const&>)
            return Predicate{}(value);
        else
            return !value || Predicate{}(*value);
    }
};

template <auto Member, class Function> struct transform_t : entity_option {
    using about = members<Member>;
    using transformed = members<Member>;
    static constexpr bool fits_embedded = true;

    template <class T> static void describe(description<T>& to) {
        to.type.transforms.push_back({attribute_of<Member>(), [](void* entity) {
                                          auto& value = member_in<Member>(*static_cast<T*>(entity));
                                          if constexpr (std::is_void_v<std::invoke_result_t<Function, decltype(value)>>)
                                              Function{}(value);
                                          else
                                              value = Function{}(std::as_const(value));
                                      }});
    }
};

/// A member that gets a value when an item without the attribute is read.
template <auto Member, class Function> struct default_t : entity_option {
    using about = members<Member>;
    using defaulted = members<Member>;

    template <class T> static void describe(description<T>& to) {
        if constexpr (check_function<T>())
            to.type.defaults.push_back({attribute_of<Member>(), [](void* entity) {
                                            auto& whole = *static_cast<T*>(entity);
                                            member_in<Member>(whole) = value_for(std::as_const(whole));
                                        }});
    }

private:
    template <class T> static auto value_for([[maybe_unused]] T const& entity) {
        if constexpr (std::is_invocable_v<Function>)
            return Function{}();
        else
            return Function{}(entity);
    }
    template <class T> static consteval bool check_function() {
        constexpr bool callable = std::is_invocable_v<Function> || std::is_invocable_v<Function, T const&>;
        if constexpr (!callable) {
            static_assert(callable, "dynasio: default_value<> takes a lambda without arguments, or one that takes the "
                                    "entity by reference to const");
            return false;
        } else {
            using result = decltype(value_for(std::declval<T const&>()));
            constexpr bool fits = std::is_convertible_v<result, type_of<Member>>;
            static_assert(fits, "dynasio: default_value<> gives a value of another type than the member's");
            return fits;
        }
    }
};

template <hook_event Event, class Hook> struct hook_t : entity_option {
    static constexpr bool hooks_writes = Event != hook_event::after_read;

    template <class T> static consteval bool awaits_read() {
        if constexpr (Event == hook_event::after_read && std::is_invocable_v<Hook, T&>)
            return hook_functions<Hook, T>::is_awaitable;
        else
            return false;
    }
    template <class T> static void describe(description<T>& to) {
        // A hook must not change what is about to be removed.
        using entity =
            std::conditional_t<Event == hook_event::before_remove || Event == hook_event::after_remove, T const, T>;
        static_assert(std::is_invocable_v<Hook, entity&>,
                      "dynasio: a hook takes the entity by reference (before_remove and after_remove: by reference to "
                      "const) and returns void or boost::asio::awaitable<void>");
        if constexpr (std::is_invocable_v<Hook, entity&>) {
            using functions = hook_functions<Hook, entity>;
            to.type.hooks.push_back({Event, functions::is_awaitable, &functions::call});
        }
    }
};

template <hook_event Event, class Hook> constexpr hook_t<Event, Hook> hook(Hook) {
    static_assert(is_plain_function<Hook>, "dynasio: a hook is a lambda without captures");
    return {};
}

} // namespace detail

/// The member must be given: a text or a container that is not empty, a time that is set, an optional with such a
/// value. `required<&Post::author>` of a belongs_to requires its foreign key, and of a morph_to the type and the key.
template <auto Member> inline constexpr detail::required_t<Member> required{};

/// The member must satisfy a predicate: `check<&User::age>([](int age) { return age >= 0; }, "must not be negative")`.
/// The sentence stands behind the member's name in errors. An empty optional satisfies every predicate on its value.
template <auto Member, class Predicate>
constexpr detail::check_t<Predicate, Member> check(Predicate, char const* sentence) {
    static_assert(detail::is_plain_function<Predicate>, "dynasio: check<> takes a lambda without captures");
    return detail::check_t<Predicate, Member>(sentence);
}
/// The whole entity must satisfy a predicate: `check([](Stay const& s) { return s.from < s.to; }, "from is before
/// to")`.
template <class Predicate> constexpr detail::check_t<Predicate> check(Predicate, char const* sentence) {
    static_assert(detail::is_plain_function<Predicate>, "dynasio: check() takes a lambda without captures");
    return detail::check_t<Predicate>(sentence);
}

/// Changes a member before the rules are checked and the entity is stored: a function of the member that returns the
/// new value, or one that changes it. The entity in memory gets the value when the write has succeeded. Several
/// transforms of one member are applied in their order. Not for parts of the key, because a read by the untransformed
/// key would find nothing.
template <auto Member, class Function> constexpr detail::transform_t<Member, Function> normalize(Function) {
    static_assert(detail::is_plain_function<Function>, "dynasio: normalize<> takes a lambda without captures");
    return {};
}

/// What the member is when an item is read that lacks the attribute, or has NULL in its place:
///
///     default_value<&User::plan>([] { return Plan::basic; })
///     default_value<&User::display_name>([](User const& user) { return user.first_name; })
///
/// Without it, such a member keeps its initial value. The function sees the entity with all that the item has, and with
/// the defaults that stand before this one; after_read hooks are called afterwards. Nothing is written because of it:
/// a save of the whole entity stores the value like any other, and a tracked entity takes it for what was read. New
/// entities have the initial values of their members; what depends on others there is set by normalize<> or
/// before_create. Conditions and indexes know what is stored alone.
template <auto Member, class Function> constexpr detail::default_t<Member, Function> default_value(Function) {
    static_assert(detail::is_plain_function<Function>, "dynasio: default_value<> takes a lambda without captures");
    return {};
}

// Hooks. A before-hook that throws lets the operation fail with its exception, and nothing is sent; what it has changed
// in the entity stays. An after-hook is called after success alone; when it throws, the operation fails although the
// write has happened. Save-hooks are called for create() and save(); create-hooks in addition when the entity is known
// to be new, which create() and a save() with an empty key mean. Hooks of one event are called in their order.
// remove_key() has no entity, so it calls none.

template <class Hook> constexpr auto before_create(Hook h) { return detail::hook<hook_event::before_create>(h); }
template <class Hook> constexpr auto after_create(Hook h) { return detail::hook<hook_event::after_create>(h); }
template <class Hook> constexpr auto before_save(Hook h) { return detail::hook<hook_event::before_save>(h); }
template <class Hook> constexpr auto after_save(Hook h) { return detail::hook<hook_event::after_save>(h); }
template <class Hook> constexpr auto before_remove(Hook h) { return detail::hook<hook_event::before_remove>(h); }
template <class Hook> constexpr auto after_remove(Hook h) { return detail::hook<hook_event::after_remove>(h); }
template <class Hook> constexpr auto before_trash(Hook h) { return detail::hook<hook_event::before_trash>(h); }
template <class Hook> constexpr auto after_trash(Hook h) { return detail::hook<hook_event::after_trash>(h); }
template <class Hook> constexpr auto before_restore(Hook h) { return detail::hook<hook_event::before_restore>(h); }
template <class Hook> constexpr auto after_restore(Hook h) { return detail::hook<hook_event::after_restore>(h); }
/// Called with each entity that was read, before the caller gets it: one that returns void while the answer is read,
/// and before the relations of the entity are loaded; one that is awaitable after that, when everything that the
/// operation reads has arrived, with one entity after the other. When one of an entity's hooks of after_read is
/// awaitable, all of them are called then, in their order. What a hook throws lets the operation fail. Counts call no
/// awaitable hooks, because nobody gets the entities.
template <class Hook> constexpr auto after_read(Hook h) { return detail::hook<hook_event::after_read>(h); }

namespace dsl {

using dynasio::after_create;
using dynasio::after_read;
using dynasio::after_remove;
using dynasio::after_restore;
using dynasio::after_save;
using dynasio::after_trash;
using dynasio::before_create;
using dynasio::before_remove;
using dynasio::before_restore;
using dynasio::before_save;
using dynasio::before_trash;
using dynasio::check;
using dynasio::default_value;
using dynasio::normalize;
using dynasio::required;

} // namespace dsl

} // namespace dynasio

#endif
