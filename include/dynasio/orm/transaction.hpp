#ifndef DYNASIO_ORM_TRANSACTION_HPP
#define DYNASIO_ORM_TRANSACTION_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/checks.hpp>
#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/detail/together.hpp>
#include <dynasio/orm/key.hpp>
#include <dynasio/orm/only_if.hpp>
#include <dynasio/orm/pivot.hpp>
#include <dynasio/orm/related.hpp>
#include <dynasio/orm/trash.hpp>

#include <dynasio/dynamodb/client.hpp>

#include <dynasio/core/detail/never.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Writes that happen together or not at all, and reads of several entities at one moment.
namespace dynasio {

namespace detail {
template <auto Member> class along_t; // along.hpp
}

/// The caller's own token of a transaction, of 1 to 36 characters: the service carries out equal transactions with the
/// same token once within ten minutes, also when several processes send them.
class token {
public:
    explicit token(std::string text) : text_(std::move(text)) {}
    [[nodiscard]] std::string const& text() const noexcept { return text_; }

private:
    std::string text_;
};

/// Collects writes of entities of several types, which commit() sends as one TransactWriteItems: all of them happen, or
/// none.
///
///     transaction tx{db};
///     tx.create(order).save(account, only_if(field<&Account::balance> >= 5)).attach<&User::roles>(user, admin);
///     co_await tx.commit();
///
/// A write that is added sends nothing and refers to its entity. The writes are decided together when commit() is
/// called, with the values that the entities have then, so that all times are those of one instant. Entities must stay
/// where they are, unchanged, until the commit has completed. Each write has the guard and the errors that the
/// operation of the same name of a repository has.
///
/// Entities may be tracked<T>: a save then writes what has changed, and nothing when nothing has. After the commit they
/// are clean.
///
/// A transaction is a value; a copy has the same writes and refers to the same entities. It keeps its writes after a
/// commit: commit() again repeats them all, which is how to go on after a failure whose cause was removed.
class transaction {
    using kind = detail::planned_write::kind;

public:
    explicit transaction(client const& db) : engine_(client_access::engine(db)) {}

    /// Stores a new entity. An empty key of type std::string becomes a ULID with the commit.
    template <class Form> transaction& create(Form& entity) { return add(kind::create, entity, {}); }
    /// Stores an entity, new or not.
    template <class Form> transaction& save(Form& entity) { return add(kind::save, entity, {}); }
    template <class Form, class About> transaction& save(Form& entity, only_if<About> condition) {
        return add(kind::save, entity, taken<Form>(std::move(condition)));
    }
    /// Saves a tracked entity even when nothing has changed, so that updated_at and the version are stored anew.
    template <class T> transaction& save(tracked<T>& entity, touch_t) { return add(kind::touch, entity, {}); }

    /// Deletes the stored entity for good, where the stored version is still the same. That there is none is no
    /// failure.
    template <class Form> transaction& remove(Form& entity) { return add_removal(entity, {}); }
    template <class Form, class About> transaction& remove(Form& entity, only_if<About> condition) {
        return add_removal(entity, taken<Form>(std::move(condition)));
    }
    /// Deletes by key, whatever version is stored: `remove_key<Post>("p1")`.
    template <class T> transaction& remove_key(key_of<T> key) { return add<T>(kind::remove, std::move(key), {}); }
    template <class T> transaction& remove_key(key_of<T> key, only_if<T> condition) {
        return add<T>(kind::remove, std::move(key), std::move(condition).take());
    }

    /// Trashes a stored entity, which needs soft_delete<>, and takes it out of the trash.
    template <class Form> transaction& trash(Form& entity) {
        static_assert(detail::can_be_trashed<detail::entity_in<Form>>(),
                      "dynasio: this entity cannot be trashed; its schema needs soft_delete<&T::member>");
        return add(kind::trash, entity, {});
    }
    template <class Form> transaction& restore(Form& entity) {
        static_assert(detail::can_be_trashed<detail::entity_in<Form>>(),
                      "dynasio: this entity cannot be restored; its schema needs soft_delete<&T::member>");
        return add(kind::restore, entity, {});
    }

    /// Writes nothing, and requires that the entity is stored, and with the version that was read, if it has one; else
    /// errc::stale_version or errc::not_found. It counts as a write of the item.
    template <class Form> transaction& require(Form& entity) { return add_check(entity, {}); }
    /// Requires a condition on what is stored as well: `require(user, only_if(field<&User::status> == "on"))`.
    template <class Form, class About> transaction& require(Form& entity, only_if<About> condition) {
        return add_check(entity, taken<Form>(std::move(condition)));
    }
    /// Requires by key that there is such an entity: `require<Account>("a1")`.
    template <class T> transaction& require(key_of<T> key) { return add<T>(kind::require, std::move(key), {}); }
    /// Requires by key that the condition holds. Only a condition that asks for absence holds where there is no entity.
    template <class T> transaction& require(key_of<T> key, only_if<T> condition) {
        return add<T>(kind::require, std::move(key), std::move(condition).take());
    }

    /// Links two entities of a belongs_to_many: `attach<&User::roles>(user, admin)`. They are stored already, or have
    /// keys, or are stored by this transaction, which may make their keys. Attaching again keeps the time of the first
    /// attach, and replaces the pivot's data only when `data` is given.
    ///
    /// Where links are entities, an existing link keeps what it has and gets only what it lacks, as a new one would
    /// have it, because a transaction cannot depend on what is stored. One that is in the trash is taken out of it.
    /// With `data` it is replaced, as related<>.attach() does it.
    template <auto Member, class Owner, class Target> transaction& attach(Owner&& owner, Target&& target) {
        refuse_temporaries<Owner, Target>();
        return add_link<Member>(kind::attach, owner, target, std::nullopt);
    }
    template <auto Member, class Owner, class Target>
    transaction& attach(Owner&& owner, Target&& target, std::optional<pivot> data) {
        refuse_temporaries<Owner, Target>();
        static_cast<void>(detail::check_links_are_rows<Member>());
        return add_link<Member>(kind::attach, owner, target, std::move(data));
    }
    template <auto Member, class Owner, class Target, class Data>
        requires detail::link_entity_of<Data, Member>
    transaction& attach(Owner&& owner, Target&& target, Data const& data) {
        refuse_temporaries<Owner, Target>();
        return add_link<Member>(kind::attach, owner, target, std::nullopt,
                                std::make_shared<std::vector<detail::pivot_of<Member>>>(1, data));
    }
    /// Unlinks them. That they are not linked is no failure.
    template <auto Member, class Owner, class Target> transaction& detach(Owner&& owner, Target&& target) {
        refuse_temporaries<Owner, Target>();
        return add_link<Member>(kind::detach, owner, target, std::nullopt);
    }

    /// Number of writes that were added.
    [[nodiscard]] std::size_t size() const noexcept { return writes_.size(); }
    [[nodiscard]] bool empty() const noexcept { return writes_.empty(); }
    /// Forgets all writes.
    void clear() noexcept { writes_.clear(); }

    /// Sends all writes as one TransactWriteItems; nothing when there are none. The operation does not need this object
    /// any more. When it completes, keys, times and versions are assigned to the entities. After a failure nothing is
    /// stored, and every entity is as it was.
    ///
    /// When a guard or a condition does not hold, it throws the error of that write: errc::stale_version,
    /// already_exists, not_found or condition_failed, which names the entity and its key; diagnostics::item is what is
    /// stored. Where several writes were refused, it is the first of them, and the message names the others.
    /// diagnostics::cancellation_reasons has all reasons in the order of the writes, without saves that had nothing to
    /// write. A conflict with another transaction, or throttling, is tried again as the client's retry options say, and
    /// is service_errc::transaction_conflict or that of the throttling in the end.
    ///
    /// Guards of unique<> members are writes of the same transaction: two for each value that changes, one for each
    /// that is new or goes. A value may pass from one entity to another. An entity that is saved untracked is taken to
    /// have kept its values; when it has not, the transaction is refused and sent again with what was learned, under a
    /// token that follows from the first one. Throws errc::not_unique as the operations of repositories do.
    ///
    /// Throws before anything is sent: errc::batch_too_large for more than 100 writes or 4 MB; errc::not_unique when
    /// two entities are to have one value; errc::invalid_argument for two writes of the same item, and for a save of an
    /// entity that consists of its key; the errors of each write.
    ///
    /// Each commit has a token, so that attempts after a lost answer are carried out once. When no answer comes at all,
    /// diagnostics::outcome_unknown is set, and entities keep the keys that were made for them. Costs two write units
    /// for each KB of each item.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    commit(call_options options = {}) const {
        return detail::commit_transaction(engine_, writes_, std::nullopt, detail::operation_options{.call = options});
    }
    /// Commits with a token of the caller's own. A repetition with the same token must have the same content, times
    /// included, else service_errc::idempotent_parameter_mismatch.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    commit(token own, call_options options = {}) const {
        return detail::commit_transaction(engine_, writes_, own.text(), detail::operation_options{.call = options});
    }

    // Temporaries are refused: they would be gone when commit() looks at them.
    template <class Form> transaction& create(Form const&&) { return refuse_temporaries<Form>(); }
    template <class Form> transaction& save(Form const&&) { return refuse_temporaries<Form>(); }
    template <class Form> transaction& remove(Form const&&) { return refuse_temporaries<Form>(); }
    template <class Form> transaction& trash(Form const&&) { return refuse_temporaries<Form>(); }
    template <class Form> transaction& restore(Form const&&) { return refuse_temporaries<Form>(); }
    template <class Form> transaction& require(Form const&&) { return refuse_temporaries<Form>(); }
    // So is along<>, which is for repositories.
    template <class Form, auto Member, class... More>
    transaction& create(Form&, detail::along_t<Member> const&, More const&...) {
        return refuse_along<Form>();
    }
    template <class Form, auto Member, class... More>
    transaction& save(Form&, detail::along_t<Member> const&, More const&...) {
        return refuse_along<Form>();
    }
    template <class Form, auto Member, class... More>
    transaction& remove(Form&, detail::along_t<Member> const&, More const&...) {
        return refuse_along<Form>();
    }

private:
    template <class... Forms> transaction& refuse_temporaries() {
        static_assert((std::is_lvalue_reference_v<Forms> && ...),
                      "dynasio: pass a named object to a transaction: commit() looks at it");
        return *this;
    }

    template <class Form> transaction& refuse_along() {
        static_assert(detail::never<Form>,
                      "dynasio: a transaction writes the entities that it is given, each by a call; "
                      "along<> is for save() and create() of a repository");
        return *this;
    }

    template <class Form, class About> static dynamodb::condition taken(only_if<About>&& condition) {
        static_assert(std::is_same_v<About, detail::entity_in<std::remove_const_t<Form>>>,
                      "dynasio: the condition is about another entity than the write");
        return std::move(condition).take();
    }

    template <class Form> transaction& add(kind what, Form& entity, dynamodb::condition only_if) {
        static_assert(!std::is_const_v<Form>, "dynasio: a transaction assigns key, times and version to what it "
                                              "writes; pass an entity that is not const");
        if constexpr (!std::is_const_v<Form>) plan(what, entity, std::move(only_if));
        return *this;
    }
    template <class Form> transaction& add_removal(Form& entity, dynamodb::condition only_if) {
        constexpr bool can_note = !detail::form_traits<std::remove_const_t<Form>>::is_tracked || !std::is_const_v<Form>;
        static_assert(can_note, "dynasio: a tracked entity notes that it was removed; pass one that is not const");
        if constexpr (can_note) plan(kind::remove, entity, std::move(only_if));
        return *this;
    }
    template <class Form> transaction& add_check(Form& entity, dynamodb::condition only_if) {
        plan(kind::require, entity, std::move(only_if));
        return *this;
    }
    template <class Form> void plan(kind what, Form& entity, dynamodb::condition only_if) {
        using T = detail::entity_in<std::remove_const_t<Form>>;
        if constexpr (detail::check_entity<T>()) {
            detail::planned_write& one = writes_.emplace_back();
            one.what = what;
            one.type = &entity_type_of<T>();
            one.form = detail::hold(entity);
            one.only_if = std::move(only_if);
        }
    }
    template <class T> transaction& add(kind what, key_of<T> key, dynamodb::condition only_if) {
        static_cast<void>(detail::check_writable<T>());
        detail::planned_write& one = writes_.emplace_back();
        one.what = what;
        one.type = &entity_type_of<T>();
        one.key = std::move(key).lowered();
        one.only_if = std::move(only_if);
        return *this;
    }
    template <auto Member, class Owner, class Target>
    transaction& add_link(kind what, Owner const& owner, Target const& target, std::optional<pivot> data,
                          std::shared_ptr<void> link = nullptr) {
        if constexpr (detail::check_link_changes<Member>()) {
            constexpr bool fits = std::is_same_v<detail::entity_in<Owner>, detail::owner_of<Member>> &&
                                  std::is_same_v<detail::entity_in<Target>, detail::target_of<Member>>;
            static_assert(fits, "dynasio: attach<> and detach<> take an entity that has the relation, and one that the "
                                "relation leads to");
            if constexpr (fits) {
                detail::planned_write& one = writes_.emplace_back();
                one.what = what;
                one.type = &entity_type_of<detail::owner_of<Member>>();
                one.relation = &detail::relation_info_of<Member>();
                one.form = detail::hold(owner);
                one.far = detail::hold(target);
                one.data = std::move(data);
                one.link = std::move(link);
            }
        }
        return *this;
    }

    detail::engine_ptr engine_;
    std::vector<detail::planned_write> writes_{};
};

/// Reads entities of several types as they were at one moment: `find_together(db, key_of<User>("u1"),
/// key_of<Post>("p1"))` gives a tuple of optional<User> and optional<Post>, each empty where there is no such entity.
/// call_options may follow the keys. Trashed entities are given as well, as find() gives them.
///
/// Sends one TransactGetItems, at twice the capacity of consistent reads. A key that occurs several times is asked for
/// once. A conflict with a transaction that writes is tried again as the client's retry options say, and is
/// service_errc::transaction_conflict in the end. Throws errc::batch_too_large for more than 100 distinct keys.
template <class... Arguments>
[[nodiscard("an operation does nothing until it is awaited")]] auto find_together(client const& db,
                                                                                  Arguments const&... arguments) {
    return detail::find_together(client_access::engine(db), arguments...);
}

namespace dsl {

using dynasio::find_together;
using dynasio::token;
using dynasio::transaction;

} // namespace dsl

} // namespace dynasio

#endif
