#ifndef DYNASIO_ORM_TRACKED_HPP
#define DYNASIO_ORM_TRACKED_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <iosfwd>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Entities that know what was read of them.
namespace dynasio {

/// One member whose stored value has changed since the entity was read or saved.
struct change {
    std::string member{};    ///< "email"
    std::string attribute{}; ///< The name in the table.
    /// The value in wire form, such as {"S":"a@b.c"}; empty when there was no attribute. In place of the enumerator of
    /// otherwise(), which stands for a text that the program does not know, it has the word unknown, also inside of a
    /// struct or a container: {"L":[{"S":"red"},unknown]}.
    std::string before{};
    std::string after{};

    friend bool operator==(change const&, change const&) = default;
};
/// `email: {"S":"a@b.c"} -> {"S":"x@y.z"}`, with "nothing" for an absent value.
std::ostream& operator<<(std::ostream& out, change const& c);

namespace detail {

[[nodiscard]] std::vector<change> changes_between(entity_type const& type, void const* before, void const* after);
[[nodiscard]] bool differs(entity_type const& type, attribute_index i, void const* before, void const* after);

} // namespace detail

/// An entity together with what the table was known to hold when it was read or last saved. A repository of
/// tracked<User> reads and writes it: a save stores the attributes that have changed and no others, and sends nothing
/// when none has. Operators -> and * reach the entity.
///
/// It holds one more copy of the entity; handles of both share what is loaded. Two values are the same when they are
/// stored alike, so a member that is set back to what it was is not dirty. A copy of a tracked entity is tracked by
/// itself.
///
/// A tracked entity is new until it has been stored: one that the program makes has changes, dirty members and
/// originals only after that.
template <class T> class tracked {
public:
    using value_type = T;

    /// A new entity.
    tracked() = default;
    explicit tracked(T entity) : entity_(std::move(entity)) {}

    [[nodiscard]] T& operator*() noexcept { return entity_; }
    [[nodiscard]] T const& operator*() const noexcept { return entity_; }
    [[nodiscard]] T* operator->() noexcept { return &entity_; }
    [[nodiscard]] T const* operator->() const noexcept { return &entity_; }

    /// Neither read nor stored yet, or removed since.
    [[nodiscard]] bool is_new() const noexcept { return !original_; }
    /// Read from the table, or stored in it.
    [[nodiscard]] bool is_loaded() const noexcept { return original_.has_value(); }
    /// Removed from the table by the last operation. Saving it makes a new item.
    [[nodiscard]] bool is_removed() const noexcept { return removed_; }

    /// Whether the stored value of a member has changed.
    template <auto Member> [[nodiscard]] bool is_dirty() const {
        return original_ && detail::differs(entity_type_of<T>(), attribute<Member>(), &*original_, &entity_);
    }
    [[nodiscard]] bool has_changes() const { return !changes().empty(); }
    /// What has changed, in the order of the members.
    [[nodiscard]] std::vector<change> changes() const {
        if (!original_) return {};
        return detail::changes_between(entity_type_of<T>(), &*original_, &entity_);
    }
    /// The names of the members that have changed.
    [[nodiscard]] std::vector<std::string> dirty_members() const {
        std::vector<std::string> names;
        for (auto& c : changes()) names.push_back(std::move(c.member));
        return names;
    }
    /// The value of a member when the entity was read or last saved; nothing for a new entity.
    template <auto Member> [[nodiscard]] std::optional<detail::type_of<Member>> original() const {
        static_cast<void>(attribute<Member>());
        if (!original_) return std::nullopt;
        if constexpr (detail::is_function<Member>)
            return detail::call_computed<Member>(*original_);
        else
            return detail::member_in<Member>(*original_);
    }
    /// The whole entity as it was then; null for a new one.
    [[nodiscard]] T const* original() const noexcept { return original_ ? &*original_ : nullptr; }
    /// Sets all members back to what they were then. Does nothing to a new entity.
    void revert() {
        if (original_) entity_ = *original_;
    }

private:
    friend struct detail::access;

    template <auto Member> static constexpr attribute_index attribute() {
        static_assert(std::is_same_v<detail::owner_of<Member>, T>, "dynasio: this is a member of another entity");
        if constexpr (detail::is_function<Member>)
            static_assert(detail::has_member<Member, typename detail::schema_of<T>::computed>,
                          "dynasio: the result of this function of the entity is not stored, so it is not tracked");
        constexpr auto index = detail::attribute_of<Member>();
        static_assert(index != detail::no_attribute,
                      "dynasio: this member is not stored (it is a relation or transient), so it is not tracked");
        return index;
    }
    void note_stored() {
        original_ = entity_;
        removed_ = false;
    }
    void note_removed() noexcept {
        original_.reset();
        removed_ = true;
    }

    T entity_{};
    std::optional<T> original_;
    bool removed_ = false;
};

namespace detail {

/// How a repository holds entities: as they are, or tracked.
template <class Form> struct form_traits {
    using entity = Form;
    static constexpr bool is_tracked = false;
};
template <class T> struct form_traits<tracked<T>> {
    using entity = T;
    static constexpr bool is_tracked = true;
};
template <class Form> using entity_in = typename form_traits<Form>::entity;

template <class Form> [[nodiscard]] auto& entity_of(Form& form) noexcept {
    if constexpr (form_traits<std::remove_const_t<Form>>::is_tracked)
        return *form;
    else
        return form;
}

} // namespace detail

/// Tracks an entity that the program has read itself: it is taken for what the table holds.
template <class T> [[nodiscard]] tracked<T> track(T read) {
    tracked<T> made(std::move(read));
    detail::access::note_stored(made);
    return made;
}

namespace dsl {

using dynasio::track;
using dynasio::tracked;

} // namespace dsl

} // namespace dynasio

#endif
