#ifndef DYNASIO_ORM_RELATED_HPP
#define DYNASIO_ORM_RELATED_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/pivot.hpp>
#include <dynasio/orm/with.hpp>

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <utility>

namespace dynasio {

namespace detail {

/// Whether the member is a relation whose links can be changed.
template <auto Member> consteval bool check_links() {
    if constexpr (!is_relation<Member>) {
        return check_relation<Member>(); // says that it is none
    } else if constexpr (handle_traits<type_of<Member>>::kind != relation_kind::belongs_to_many) {
        static_assert(handle_traits<type_of<Member>>::kind == relation_kind::belongs_to_many,
                      "dynasio: attach and detach are for belongs_to_many; for the other kinds set the foreign key and "
                      "save");
        return false;
    } else {
        return check_relation<Member>();
    }
}

} // namespace detail

/// Changes the links of a belongs_to_many of one saved entity. It refers to the entity, which must outlive it. It
/// shares the client's connections, so it must be destroyed before their io_context.
template <auto Member> class related_entities {
public:
    using owner = detail::owner_of<Member>;
    using target = detail::target_of<Member>;

    /// Links the entity and `other`. Attaching again keeps the time of the first attach and replaces the pivot's data
    /// only when `data` is given. Sends one UpdateItem, which is safe to repeat. Throws errc::entity_not_saved when one
    /// of the two has no key yet. Handles that are loaded are not changed; load the relation again to see the link.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    attach(target const& other, call_options options = {}) const {
        return attach_with(other, std::nullopt, options);
    }
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    attach(target const& other, pivot data, call_options options = {}) const {
        return attach_with(other, std::optional<pivot>(std::move(data)), options);
    }

    /// Unlinks the entity and `other`; true when they were linked. Sends one DeleteItem, which is safe to repeat.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    detach(target const& other, call_options options = {}) const {
        return detail::detach_link(engine_, detail::relation_info_of<Member>(), entity_, &other,
                                   detail::operation_options{.call = options});
    }

private:
    friend struct detail::access;
    related_entities(detail::engine_ptr engine, owner const& entity) : engine_(std::move(engine)), entity_(&entity) {
        static_cast<void>(detail::check_links<Member>());
    }

    boost::asio::awaitable<void> attach_with(target const& other, std::optional<pivot> data,
                                             call_options options) const {
        return detail::attach_link(engine_, detail::relation_info_of<Member>(), entity_, &other, std::move(data),
                                   detail::operation_options{.call = options});
    }

    detail::engine_ptr engine_;
    owner const* entity_;
};

} // namespace dynasio

#endif
