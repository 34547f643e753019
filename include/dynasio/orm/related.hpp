#ifndef DYNASIO_ORM_RELATED_HPP
#define DYNASIO_ORM_RELATED_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/detail/options.hpp>
#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/key.hpp>
#include <dynasio/orm/pivot.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/with.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>
#include <vector>

namespace dynasio {

/// What sync() or toggle() has done to the links of an entity, by the keys of the entities on the other side.
template <class T> struct changed_links {
    std::vector<key_of<T>> attached{};
    std::vector<key_of<T>> detached{};
    std::vector<key_of<T>> kept{}; ///< Linked before and after; empty for toggle().
};

/// An entity to link, with what its link stores: `link_to<Role>("admin", pivot("granted_by", "system"))`. An entity or
/// a key converts to it. Where links are entities it is a `link_to<Role, Membership>("admin", membership)`.
template <class T, class Pivot = pivot> class link_to {
public:
    template <class Key>
        requires(std::is_constructible_v<key_of<T>, Key const&>)
    link_to(Key const& key) // NOLINT(google-explicit-constructor): see above
        : far_(key_of<T>(key).lowered()) {}
    link_to(T const& entity) // NOLINT(google-explicit-constructor)
        : far_(key_of<T>::of(entity).lowered()) {}
    link_to(tracked<T> const& entity) // NOLINT(google-explicit-constructor)
        : link_to(*entity) {}
    /// Attaching stores `data` in place of what the link had before.
    template <class Far> link_to(Far const& far, Pivot data) : link_to(far) { data_.emplace(std::move(data)); }

private:
    friend struct detail::access;
    [[nodiscard]] detail::wanted_link take() && {
        detail::wanted_link made;
        made.far = std::move(far_);
        if constexpr (std::is_same_v<Pivot, pivot>)
            made.data = std::move(data_);
        else if (data_)
            made.entity = std::make_shared<std::vector<Pivot>>(1, *std::move(data_));
        return made;
    }

    detail::lowered_key far_;
    std::optional<Pivot> data_{};
};

namespace detail {

/// Whether the member is a relation with links.
template <auto Member> consteval bool check_links() {
    if constexpr (!is_relation<Member>) {
        return check_relation<Member>(); // says that it is none
    } else if constexpr (handle_traits<type_of<Member>>::kind != relation_kind::belongs_to_many) {
        static_assert(handle_traits<type_of<Member>>::kind == relation_kind::belongs_to_many,
                      "dynasio: attach, detach, sync and toggle are for belongs_to_many; has_one and has_many have add "
                      "and remove, and for the other kinds set the foreign key and save");
        return false;
    } else {
        return check_relation<Member>();
    }
}

/// Whether one of its links can be changed.
template <auto Member> consteval bool check_link() {
    if constexpr (check_links<Member>())
        return check_writes_of_links<Member>();
    else
        return false;
}
/// Whether several of its links can be changed together, or one beside other writes.
template <auto Member> consteval bool check_link_changes() {
    if constexpr (check_links<Member>())
        return check_changes_of_links<Member>();
    else
        return false;
}
/// Whether what its links store is a pivot, and no entity.
template <auto Member> consteval bool check_links_are_rows() {
    constexpr bool rows = !has_pivot_entity<Member>;
    static_assert(rows, "dynasio: what these links store is an entity, the second one in belongs_to_many<Role, "
                        "Membership>; attach a Membership in place of a pivot");
    return rows;
}
/// What a link of the relation stores: a pivot, or an entity.
template <auto Member>
using pivot_of = std::conditional_t<has_pivot_entity<Member>, pivot_entity_of<Member>, dynasio::pivot>;
/// Whether this is the entity that the links of a relation are.
template <class Data, auto Member>
concept link_entity_of = has_pivot_entity<Member> && std::is_same_v<std::remove_cvref_t<Data>, pivot_of<Member>>;
/// Whether it lives until the operation is awaited.
template <class Data> consteval bool check_named_link() {
    static_assert(std::is_lvalue_reference_v<Data>,
                  "dynasio: pass a named object to attach(): some compilers destroy a braced one twice in a co_await "
                  "expression");
    return std::is_lvalue_reference_v<Data>;
}

/// Whether the member is a relation whose entities can be given another owner.
template <auto Member> consteval bool check_owned() {
    if constexpr (!is_relation<Member>) {
        return check_relation<Member>();
    } else {
        constexpr auto kind = handle_traits<type_of<Member>>::kind;
        constexpr bool owns = kind == relation_kind::has_one || kind == relation_kind::has_many;
        static_assert(owns, "dynasio: add and remove are for has_one and has_many; belongs_to_many has attach and "
                            "detach, and for the other kinds set the foreign key and save");
        if constexpr (owns)
            return check_relation<Member>() && check_writable<target_of<Member>>();
        else
            return false;
    }
}

/// Whether something about the one target of a relation can be asked.
template <auto Member> consteval bool check_one_target() {
    if constexpr (!is_relation<Member>) {
        return check_relation<Member>();
    } else {
        constexpr bool one = !is_morph_to<Member>;
        static_assert(one, "dynasio: exists is for relations to one type of entity; get() a morph_to and ask "
                           "has_value()");
        return one;
    }
}

template <class Child, class Target> consteval bool check_child() {
    constexpr bool fits = std::is_same_v<entity_in<Child>, Target>;
    static_assert(fits, "dynasio: add and remove take an entity of the relation's target, which is not constant, or a "
                        "tracked one");
    return fits;
}

/// Whether the entities of the relation can be without an owner.
template <auto Member> consteval bool check_can_be_removed() {
    if constexpr (!check_owned<Member>()) {
        return false;
    } else {
        using foreign_key = typename declaration_of<Member>::foreign_key;
        constexpr bool is_free = are_disjoint<foreign_key, key_of_entity<target_of<Member>>>;
        constexpr bool is_empty = can_be_absent<foreign_key>;
        if constexpr (!is_free)
            static_assert(is_free, "dynasio: remove would take away a part of the entity's own key, because the "
                                   "foreign key belongs to it; remove the entity, or add it to another owner");
        else
            static_assert(is_empty, "dynasio: remove needs a foreign key that can be without a value; make the member "
                                    "a std::optional");
        return is_free && is_empty;
    }
}

template <class T> std::vector<key_of<T>> keys_as_told(std::vector<std::string> texts) {
    std::vector<key_of<T>> keys;
    keys.reserve(texts.size());
    for (auto& text : texts) keys.push_back(access::key_as_told<key_of<T>>(std::move(text)));
    return keys;
}
template <class T>
boost::asio::awaitable<changed_links<T>> links_as_told(boost::asio::awaitable<link_outcome> changing) {
    link_outcome outcome = co_await std::move(changing);
    changed_links<T> changed;
    changed.attached = keys_as_told<T>(std::move(outcome.attached));
    changed.detached = keys_as_told<T>(std::move(outcome.detached));
    changed.kept = keys_as_told<T>(std::move(outcome.kept));
    co_return changed;
}
/// What a load has put into a handle. `keeps` is the entity of the handle where the caller does not hold it.
template <class Handle>
boost::asio::awaitable<Handle> loaded_handle(boost::asio::awaitable<void> loading, Handle const* handle,
                                             std::shared_ptr<void const> keeps) {
    co_await std::move(loading);
    Handle made = *handle;
    keeps.reset();
    co_return made;
}

} // namespace detail

/// One relation of one saved entity: `users.related<&User::roles>(user)`. It refers to the entity, which must outlive
/// it and stay where it is until an operation completes. It shares the client's connections, so it must be destroyed
/// before their io_context. Its operations are like those of a repository; see there for executors, cancellation and
/// deadlines. An entity without a key is errc::entity_not_saved, of get() and count() errc::empty_key.
template <auto Member> class related_entities {
public:
    using owner = detail::owner_of<Member>;
    using target = detail::target_of<Member>;
    using handle = detail::type_of<Member>;

    // ---- reading, for every kind of relation

    /// The related entities as a handle: `auto const newest = co_await posts.get(newest_first, limit(5));`. Takes what
    /// load<>() takes, keeps what is loaded in the entity, and sends nothing when that answers already (`reload` loads
    /// again). An entity that is constant is not filled, and is asked for each time.
    template <class... Arguments>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<handle>
    get(Arguments&&... arguments) const {
        detail::operation_options settings;
        settings.where = where_;
        std::vector<load_node> children;
        if constexpr (detail::check_relation<Member>())
            children.push_back(detail::split_load_arguments<Member>(settings, std::forward<Arguments>(arguments)...));
        owner* into = filled_;
        std::shared_ptr<owner> copy;
        if (into == nullptr) {
            copy = std::make_shared<owner>(*entity_);
            into = copy.get();
        }
        auto loading = detail::load_relations(engine_, entity_type_of<owner>(), std::vector<void*>(1, into),
                                              std::move(children), settings);
        return detail::loaded_handle<handle>(std::move(loading), &(into->*Member), std::move(copy));
    }

    /// Whether there is a related entity: `exists(field<&Post::status> == "live")`. Takes conditions, the words about
    /// trash, time to live and default scope, and options of a call. has_one and has_many send one Query that counts
    /// and stops at the first match; the other kinds send what loading one entity sends. What is loaded in the entity
    /// is not looked at.
    template <class... Arguments>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    exists(Arguments&&... arguments) const {
        detail::operation_options settings;
        settings.where = where_;
        load_node node;
        if constexpr (detail::check_one_target<Member>() && detail::check_relation<Member>())
            node = detail::split_load_arguments<Member>(settings, std::forward<Arguments>(arguments)...);
        return detail::has_related(engine_, detail::relation_info_of<Member>(), entity_, std::move(node.select),
                                   settings);
    }

    /// How many related entities get() would give under these conditions, for relations to many; takes what
    /// with_count<> takes, and options of a call. has_many sends Queries that count, has_many_through one for the
    /// entities in between and one for each of them (when its second step is a belongs_to, a BatchGetItem for each 100
    /// distinct keys, or by references<> one for each distinct value), belongs_to_many one for the links, and a
    /// BatchGetItem for each 100 of them, for the keys. What is loaded in the entity is not looked at.
    template <class... Arguments>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::uint64_t>
    count(Arguments const&... arguments) const {
        detail::operation_options settings;
        settings.where = where_;
        load_node node = detail::split_count_arguments<Member>(settings, arguments...);
        return detail::count_related_to(engine_, entity_type_of<owner>(), entity_, std::move(node), settings);
    }

    // ---- has_one, has_many

    /// Makes the entity the owner of `child`, a target or a tracked target, new or stored: its foreign key is set, and
    /// it is saved as repository::save() saves it, for the same cost. One that belonged to another owner moves. Where
    /// the foreign key is a part of the child's own key, moving is one transaction that removes the item under the old
    /// key and creates it under the new one. On failure the child has the foreign key that it had. What is loaded in
    /// the entity is not changed. The entity of a has_one that was there before stays where it is.
    template <class Child>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    add(Child& child, call_options options = {}) const {
        static_cast<void>(detail::check_owned<Member>() && detail::check_child<Child, target>());
        return detail::add_related(engine_, detail::relation_info_of<Member>(), entity_, detail::hold(child),
                                   detail::operation_options{.call = options});
    }

    /// Takes `child` from the entity: the attribute of its foreign key is removed, and the child stays, with updated_at
    /// and the version counted on. Nothing else that the program may have changed in it is stored. A child whose
    /// foreign key names another owner is errc::invalid_argument and sends nothing; one that has got another owner in
    /// the table meanwhile is errc::stale_version or errc::condition_failed, and one that is gone errc::not_found.
    /// Rules of the child's schema hold: a required foreign key is errc::invalid_entity. Sends one UpdateItem.
    template <class Child>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    remove(Child& child, call_options options = {}) const {
        static_cast<void>(detail::check_can_be_removed<Member>() && detail::check_child<Child, target>());
        return detail::remove_related(engine_, detail::relation_info_of<Member>(), entity_, detail::hold(child),
                                      detail::operation_options{.call = options});
    }

    // ---- belongs_to_many
    // Handles that are loaded are not changed; load the relation again to see the links.

    /// Links the entity and another one, or the one with a key. Attaching again keeps the time of the first attach and
    /// replaces the pivot's data only when `data` is given. Sends one UpdateItem, or where links are symmetric one
    /// TransactWriteItems; both are safe to repeat. Throws errc::entity_not_saved when one of the two has no key yet.
    ///
    /// Where links are entities, a link that is missing or in the trash is created as repository::create() creates an
    /// entity: the members of via<> get the keys of both sides, and normalize<>, rules and hooks are carried out. A
    /// link that is there stays as it is, and the hooks after the write are not called. With `data`, the members of a
    /// link that is there are replaced: created_at stays, updated_at is set and the version is counted on, whatever it
    /// is. Then the hooks are those of a save. Attributes that the entity does not have stay.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    attach(target const& other, call_options options = {}) const {
        return attach_one(link_to<target>(other), options);
    }
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    attach(target const& other, pivot data, call_options options = {}) const {
        static_cast<void>(detail::check_links_are_rows<Member>());
        return attach_one(link_to<target>(other, std::move(data)), options);
    }
    template <class Data>
        requires detail::link_entity_of<Data, Member>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    attach(target const& other, Data&& data, call_options options = {}) const {
        static_cast<void>(detail::check_named_link<Data>());
        return attach_one(link(other, data), options);
    }
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    attach(key_of<target> other, call_options options = {}) const {
        return attach_one(link_to<target>(std::move(other)), options);
    }
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    attach(key_of<target> other, pivot data, call_options options = {}) const {
        static_cast<void>(detail::check_links_are_rows<Member>());
        return attach_one(link_to<target>(std::move(other), std::move(data)), options);
    }
    template <class Data>
        requires detail::link_entity_of<Data, Member>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    attach(key_of<target> other, Data&& data, call_options options = {}) const {
        static_cast<void>(detail::check_named_link<Data>());
        return attach_one(link(std::move(other), data), options);
    }

    /// Unlinks the entity and another one, or the one with a key; true when they were linked. Sends one DeleteItem,
    /// which is safe to repeat. Where links are symmetric, that is one TransactWriteItems, and a second one when the
    /// two are not linked. Where links are entities, the hooks of a removal get one that has its key alone, because
    /// nothing is read; a link in the trash stays there and counts as none.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    detach(target const& other, call_options options = {}) const {
        return detach(key_of<target>::of(other), options);
    }
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    detach(key_of<target> other, call_options options = {}) const {
        static_cast<void>(detail::check_link<Member>());
        return detail::detach_link(engine_, detail::relation_info_of<Member>(), entity_, std::move(other).lowered(),
                                   detail::operation_options{.call = options});
    }

    /// The number of links, cheaper than count(): the entities on the other side are not looked at, and may be trashed
    /// or gone. Links that are entities count when they are not in the trash and satisfy where_always(). Takes
    /// call_options, consistent and report_to. Sends one Query that counts for each MB of links.
    template <class... Options>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::uint64_t>
    count_links(Options const&... options) const {
        static_cast<void>(detail::check_links<Member>());
        constexpr bool fits = (detail::call_option<Options> && ...);
        static_assert(fits, "dynasio: count_links() takes call_options, consistent and report_to; count() takes "
                            "conditions");
        detail::operation_options settings;
        if constexpr (fits) (detail::apply_call_option(settings, options), ...);
        return detail::count_links(engine_, detail::relation_info_of<Member>(), entity_, settings);
    }

    /// Makes the links exactly those of `links`, a range of entities, of keys or of link_to<>: attaches what is missing
    /// and detaches the rest, all of it for an empty range. Of equal keys the last one counts. Links that stay keep
    /// their time, and their data unless link_to<> brings other data.
    ///
    /// Sends a GetItem, the Query of all links, and one TransactWriteItems for each 99 changes; a GetItem again when
    /// nothing is to be changed. Up to 99 changes happen together or not at all; of more, those of the transactions
    /// that had been committed have happened when one fails, and the error says how many. Of symmetric links it is 49.
    /// Two syncs of one entity never mix: the one that comes second finds what the first has left, reads again and
    /// leaves its own links. A link that somebody attaches or detaches alone while a sync runs is as if that had come
    /// before or after it. An item of some 60 bytes remains in the pivot table for each entity that was ever synced.
    ///
    /// From the side that reads the links by an index, which is eventually consistent, a link that was attached within
    /// the last moments can be missed, and stays.
    template <class Range>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<changed_links<target>>
    sync(Range const& links, call_options options = {}) const {
        static_cast<void>(detail::check_link_changes<Member>());
        return detail::links_as_told<target>(detail::replace_links(engine_, detail::relation_info_of<Member>(), entity_,
                                                                   lowered(links),
                                                                   detail::operation_options{.call = options}));
    }

    /// Links the entity and another one if they are not linked, else unlinks them; true when they are linked now. Sends
    /// one TransactWriteItems, and a second one when the first guess was wrong; the guess is what is loaded in the
    /// entity, or else that there is no link. It is safe to repeat: an answer that is lost does not toggle twice.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool>
    toggle(link_to<target, detail::pivot_of<Member>> other, call_options options = {}) const {
        static_cast<void>(detail::check_link_changes<Member>());
        std::vector<detail::wanted_link> one(1);
        one.front() = detail::access::wanted(std::move(other));
        return detail::was_attached(detail::toggle_links(engine_, detail::relation_info_of<Member>(), entity_,
                                                         std::move(one), detail::operation_options{.call = options}));
    }
    /// The same for at most 100 entities, keys or link_to<>, all of them together or none; equal ones count once. Of
    /// symmetric links it takes 50.
    template <class Range>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<changed_links<target>>
    toggle_many(Range const& links, call_options options = {}) const {
        static_cast<void>(detail::check_link_changes<Member>());
        return detail::links_as_told<target>(detail::toggle_links(engine_, detail::relation_info_of<Member>(), entity_,
                                                                  lowered(links),
                                                                  detail::operation_options{.call = options}));
    }

private:
    friend struct detail::access;
    related_entities(detail::engine_ptr engine, owner const& entity, std::source_location where)
        : engine_(std::move(engine)), entity_(&entity), filled_(nullptr), where_(where) {}
    related_entities(detail::engine_ptr engine, owner& entity, std::source_location where)
        : engine_(std::move(engine)), entity_(&entity), filled_(&entity), where_(where) {}

    using link = link_to<target, detail::pivot_of<Member>>;

    template <class Link> boost::asio::awaitable<void> attach_one(Link wanted, call_options options) const {
        static_cast<void>(detail::check_link<Member>());
        return detail::attach_link(engine_, detail::relation_info_of<Member>(), entity_,
                                   detail::access::wanted(std::move(wanted)),
                                   detail::operation_options{.call = options});
    }
    template <class Range> static std::vector<detail::wanted_link> lowered(Range const& links) {
        std::vector<detail::wanted_link> made;
        for (auto const& each : links) made.push_back(detail::access::wanted(link(each)));
        return made;
    }

    detail::engine_ptr engine_;
    owner const* entity_;
    owner* filled_; // the same, when get() may fill its handle
    std::source_location where_;
};

namespace dsl {

using dynasio::changed_links;
using dynasio::link_to;

} // namespace dsl

} // namespace dynasio

#endif
