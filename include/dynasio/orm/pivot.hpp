#ifndef DYNASIO_ORM_PIVOT_HPP
#define DYNASIO_ORM_PIVOT_HPP

#include <dynasio/orm/handles.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>

#include <dynasio/core/timestamp.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace dynasio {

/// What the pivot table stores about a link besides the two keys: the time of the first attach, and the application's
/// own data.
///
/// As an argument of attach() a pivot carries that data. The constructor takes alternating names and values:
/// `attach(role, pivot("granted_by", "system", "level", 3))`.
class pivot {
public:
    pivot() = default;
    template <class... More>
        requires(sizeof...(More) % 2 == 1)
    explicit pivot(std::string name, More&&... more) {
        add(std::move(name), std::forward<More>(more)...);
    }

    pivot(timestamp created_at, dynamodb::item extra) : created_at_(created_at), extra_(std::move(extra)) {}

    /// The time of the first attach(); attaching again keeps it. Unset in a pivot that the program made.
    [[nodiscard]] timestamp created_at() const noexcept { return created_at_; }
    [[nodiscard]] dynamodb::item const& extra() const noexcept { return extra_; }
    /// The value stored under `name`, or nullptr.
    [[nodiscard]] dynamodb::attribute_value const* find(std::string_view name) const {
        auto const at = extra_.find(name);
        return at == extra_.end() ? nullptr : &at->second;
    }

private:
    void add() {}
    template <class Value, class... More> void add(std::string name, Value&& value, More&&... more) {
        if constexpr (std::is_same_v<std::remove_cvref_t<Value>, timestamp>)
            extra_.insert_or_assign(std::move(name), dynamodb::attribute_value(value.to_string()));
        else
            extra_.insert_or_assign(std::move(name), dynamodb::attribute_value(std::forward<Value>(value)));
        add(std::forward<More>(more)...);
    }

    timestamp created_at_{};
    dynamodb::item extra_{};
};

namespace detail {

/// A related entity and the row that links it, before a handle takes them.
template <class T> struct link {
    std::shared_ptr<T const> entity;
    dynasio::pivot pivot;
};

template <class T, class Pivot> void links<T, Pivot>::reserve(std::size_t size) {
    entities_.reserve(size);
    rows_.reserve(size);
}
template <class T, class Pivot> void links<T, Pivot>::add(std::shared_ptr<T const> entity, Pivot row) {
    entities_.push_back(std::move(entity));
    rows_.push_back(std::move(row));
}
template <class T, class Pivot> Pivot const& links<T, Pivot>::row(std::size_t i) const noexcept { return rows_[i]; }

} // namespace detail

template <class T, class Pivot> void belongs_to_many<T, Pivot>::set(std::vector<std::pair<T, Pivot>> items) {
    auto made = std::make_shared<links>();
    made->reserve(items.size());
    for (auto& [entity, row] : items) made->add(std::make_shared<T const>(std::move(entity)), std::move(row));
    set(std::shared_ptr<links const>(std::move(made)));
}
template <class T, class Pivot> void belongs_to_many<T, Pivot>::set(std::vector<T> items) {
    auto made = std::make_shared<links>();
    made->reserve(items.size());
    for (auto& entity : items) made->add(std::make_shared<T const>(std::move(entity)), Pivot());
    set(std::shared_ptr<links const>(std::move(made)));
}

namespace dsl {

using dynasio::pivot;

} // namespace dsl

} // namespace dynasio

#endif
