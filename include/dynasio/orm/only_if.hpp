#ifndef DYNASIO_ORM_ONLY_IF_HPP
#define DYNASIO_ORM_ONLY_IF_HPP

#include <dynasio/orm/field.hpp>

#include <dynasio/dynamodb/expression.hpp>

#include <utility>

namespace dynasio {

/// A condition on what is stored, for writes: `only_if(field<&User::status> == "off")`. It is evaluated by the service
/// in the request that writes, together with the guard of the write.
template <class T> class only_if {
public:
    /// Always true.
    only_if() = default;
    explicit only_if(where_clause<T> const& clause) : condition_(clause.condition()) {}

    [[nodiscard]] dynamodb::condition take() && { return std::move(condition_); }

private:
    dynamodb::condition condition_{};
};
template <class T> only_if(where_clause<T>) -> only_if<T>;

struct touch_t {};
/// Lets a save of a tracked entity without changes store updated_at and the version anew.
inline constexpr touch_t touch{};

namespace dsl {

using dynasio::only_if;
using dynasio::touch;

} // namespace dsl

} // namespace dynasio

#endif
