#ifndef DYNASIO_ORM_WHERE_ALWAYS_HPP
#define DYNASIO_ORM_WHERE_ALWAYS_HPP

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

// The default scope of an entity: a condition that its reads put without being asked.
namespace dynasio {

namespace detail {

/// A default scope whose condition is made at its first use: it names members of the entity, whose description is not
/// complete while the schema is being read.
template <class Function> class condition_of_function final : public default_scope {
public:
    explicit condition_of_function(Function function) : function_(function) {}

    [[nodiscard]] dynamodb::condition const& condition() const override {
        std::call_once(made_, [&] { condition_ = function_().condition(); });
        return condition_;
    }

private:
    Function function_;
    mutable std::once_flag made_;
    mutable dynamodb::condition condition_;
};

template <class Function>
inline constexpr bool is_scope_function =
    std::is_pointer_v<Function> || (std::is_empty_v<Function> && std::is_default_constructible_v<Function>);

template <class Function> struct where_always_t : entity_option {
    static constexpr auto decides = decision::scope;
    static constexpr bool scopes = true;

    Function function;
    constexpr explicit where_always_t(Function f) noexcept : function(f) {}

    template <class T> void describe(description<T>& to) const {
        using clause = std::remove_cvref_t<std::invoke_result_t<Function>>;
        constexpr bool fits = std::is_same_v<clause, where_clause<T>>;
        static_assert(fits, "dynasio: where_always() takes a function without arguments that returns a condition on "
                            "this entity: where_always([] { return field<&T::member> == value; })");
        if constexpr (fits) to.type.always = std::make_shared<condition_of_function<Function> const>(function);
    }
};

} // namespace detail

/// The default scope of an entity: `where_always([] { return field<&Post::published> == true; })`. Queries, scans,
/// counts, pages, find_many() and relations give the entities that satisfy the condition, as if each of them asked for
/// it with where(); without_default_scope switches it off. find() and get() give what is stored under a key, and writes
/// do not know it. A condition that compares a key takes part in the choice of the key or index.
///
/// The function is called once, at the first read. It is a lambda without captures; a condition that needs at() is
/// written as a function that is declared before the schema and defined after it, because at() needs the schema:
/// `where_always(of_the_shop)` with `dynasio::where_clause<Post> of_the_shop();`.
template <class Function> constexpr auto where_always(Function function) {
    static_assert(detail::is_scope_function<Function>,
                  "dynasio: where_always() takes a lambda without captures or a function");
    return detail::where_always_t<Function>(function);
}

namespace dsl {

using dynasio::where_always;

} // namespace dsl

} // namespace dynasio

#endif
