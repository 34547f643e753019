#ifndef DYNASIO_ORM_HANDLES_HPP
#define DYNASIO_ORM_HANDLES_HPP

#include <dynasio/orm/pivot.hpp>

#include <cstddef>
#include <iterator>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

// Relation members of entities. A handle never does I/O and is never stored: a load fills it. Reading one that no load
// has filled throws errc::relation_not_loaded naming entity and member. Handles share what was loaded as constants, so
// copies of an entity share nothing that can change.
namespace dynasio {

namespace detail {

/// Which member a handle is; set on entities that come from a repository.
struct relation_name {
    std::string_view entity;
    std::string_view member;
};

/// `handle` is the compiler's spelling of a function with the handle's type as template argument.
[[noreturn]] void throw_not_loaded(relation_name const* name, std::string_view handle);

template <class Handle> [[noreturn]] void throw_not_loaded(relation_name const* name) {
    throw_not_loaded(name, std::string_view(__PRETTY_FUNCTION__));
}

struct handle_access;

/// Common to all handles: what they are called.
class handle_base {
protected:
    relation_name const* name_ = nullptr;
    friend struct handle_access;
};

/// The state of handles to one entity.
template <class T, class Handle> class single_handle : public handle_base {
public:
    /// Whether a load has filled it (also with nothing).
    [[nodiscard]] bool loaded() const noexcept { return loaded_; }
    /// The related entity, or nullptr when there is none.
    [[nodiscard]] T const* get() const {
        if (!loaded_) throw_not_loaded<Handle>(name_);
        return value_.get();
    }
    [[nodiscard]] bool has_value() const { return get() != nullptr; }
    [[nodiscard]] explicit operator bool() const { return has_value(); }
    /// Precondition: has_value().
    [[nodiscard]] T const& operator*() const { return *get(); }
    /// Precondition: has_value().
    [[nodiscard]] T const* operator->() const { return get(); }
    /// Replaces what is loaded, in this object only; nullptr for nothing. No request.
    void set(std::shared_ptr<T const> value) noexcept {
        value_ = std::move(value);
        loaded_ = true;
    }
    /// Back to not loaded.
    void unload() noexcept {
        value_.reset();
        loaded_ = false;
    }

private:
    std::shared_ptr<T const> value_;
    bool loaded_ = false;
};

/// The state of handles to many entities.
template <class T, class Handle> class many_handle : public handle_base {
public:
    using value_type = T;
    using const_iterator = T const*;

    /// Whether a load has filled it (also with nothing).
    [[nodiscard]] bool loaded() const noexcept { return items_ != nullptr; }
    /// The related entities in the order that the load asked for.
    [[nodiscard]] std::vector<T> const& get() const {
        if (!items_) throw_not_loaded<Handle>(name_);
        return *items_;
    }
    [[nodiscard]] std::size_t size() const { return get().size(); }
    [[nodiscard]] bool empty() const { return get().empty(); }
    [[nodiscard]] T const& operator[](std::size_t i) const { return get()[i]; }
    [[nodiscard]] T const& front() const { return get().front(); }
    [[nodiscard]] T const& back() const { return get().back(); }
    [[nodiscard]] const_iterator begin() const { return get().data(); }
    [[nodiscard]] const_iterator end() const { return get().data() + get().size(); }
    /// Replaces what is loaded, in this object only. No request.
    void set(std::vector<T> items) { items_ = std::make_shared<std::vector<T> const>(std::move(items)); }
    void set(std::shared_ptr<std::vector<T> const> items) noexcept { items_ = std::move(items); }
    /// Back to not loaded.
    void unload() noexcept { items_.reset(); }

private:
    std::shared_ptr<std::vector<T> const> items_;
};

} // namespace detail

/// One T whose foreign key names this entity.
template <class T> class has_one : public detail::single_handle<T, has_one<T>> {};

/// The T that this entity's foreign key names.
template <class T> class belongs_to : public detail::single_handle<T, belongs_to<T>> {};

/// All T whose foreign key names this entity.
template <class T> class has_many : public detail::many_handle<T, has_many<T>> {};

/// All T that belong to entities which belong to this one.
template <class T> class has_many_through : public detail::many_handle<T, has_many_through<T>> {};

/// A related entity together with the row that links it.
template <class T> struct linked {
    T const& entity;
    dynasio::pivot const& pivot;
};

/// Many T on the other side of a pivot table.
///
/// Iterating gives the entities; with_pivot() gives each with its pivot data, so that the two cannot get out of step.
template <class T> class belongs_to_many : public detail::handle_base {
    using links = std::vector<detail::link<T>>;

public:
    using value_type = T;

    template <class Reference> class basic_iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = std::remove_cvref_t<Reference>;
        using difference_type = std::ptrdiff_t;
        using pointer = std::conditional_t<std::is_reference_v<Reference>, T const*, void>;
        using reference = Reference;

        basic_iterator() = default;
        explicit basic_iterator(detail::link<T> const* at) noexcept : at_(at) {}
        [[nodiscard]] Reference operator*() const {
            if constexpr (std::is_reference_v<Reference>)
                return *at_->entity;
            else
                return Reference{*at_->entity, at_->pivot};
        }
        [[nodiscard]] pointer operator->() const
            requires std::is_reference_v<Reference>
        {
            return at_->entity.get();
        }
        basic_iterator& operator++() noexcept {
            ++at_;
            return *this;
        }
        basic_iterator operator++(int) noexcept {
            auto const before = *this;
            ++at_;
            return before;
        }
        friend bool operator==(basic_iterator, basic_iterator) = default;

    private:
        detail::link<T> const* at_ = nullptr;
    };
    using const_iterator = basic_iterator<T const&>;

    /// A range of linked<T>.
    class pivot_range {
    public:
        using iterator = basic_iterator<linked<T>>;
        explicit pivot_range(links const& l) noexcept : begin_(l.data()), end_(l.data() + l.size()) {}
        [[nodiscard]] iterator begin() const noexcept { return begin_; }
        [[nodiscard]] iterator end() const noexcept { return end_; }

    private:
        iterator begin_, end_;
    };

    /// Whether a load has filled it (also with nothing).
    [[nodiscard]] bool loaded() const noexcept { return links_ != nullptr; }
    [[nodiscard]] std::size_t size() const { return get().size(); }
    [[nodiscard]] bool empty() const { return get().empty(); }
    [[nodiscard]] T const& operator[](std::size_t i) const { return *get()[i].entity; }
    [[nodiscard]] const_iterator begin() const { return const_iterator(get().data()); }
    [[nodiscard]] const_iterator end() const { return const_iterator(get().data() + get().size()); }
    /// Valid as long as what is loaded.
    [[nodiscard]] pivot_range with_pivot() const { return pivot_range(get()); }
    void set(std::shared_ptr<links const> l) noexcept { links_ = std::move(l); }
    /// Back to not loaded.
    void unload() noexcept { links_.reset(); }

private:
    [[nodiscard]] links const& get() const {
        if (!links_) detail::throw_not_loaded<belongs_to_many>(name_);
        return *links_;
    }

    std::shared_ptr<links const> links_;
};

namespace detail {

enum class relation_kind : unsigned char { has_one, has_many, belongs_to, belongs_to_many, has_many_through };

/// Recognised by specialisation: nothing is asked of a handle whose target may be incomplete.
template <class Member> struct handle_traits {
    static constexpr bool is_handle = false;
};
template <class T, relation_kind Kind> struct handle_of {
    static constexpr bool is_handle = true;
    static constexpr relation_kind kind = Kind;
    using target = T;
};
template <class T> struct handle_traits<has_one<T>> : handle_of<T, relation_kind::has_one> {};
template <class T> struct handle_traits<belongs_to<T>> : handle_of<T, relation_kind::belongs_to> {};
template <class T> struct handle_traits<has_many<T>> : handle_of<T, relation_kind::has_many> {};
template <class T> struct handle_traits<has_many_through<T>> : handle_of<T, relation_kind::has_many_through> {};
template <class T> struct handle_traits<belongs_to_many<T>> : handle_of<T, relation_kind::belongs_to_many> {};

struct handle_access {
    static void set_name(handle_base& h, relation_name const* name) noexcept { h.name_ = name; }
};

} // namespace detail

} // namespace dynasio

#endif
