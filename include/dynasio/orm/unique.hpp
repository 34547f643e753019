#ifndef DYNASIO_ORM_UNIQUE_HPP
#define DYNASIO_ORM_UNIQUE_HPP

#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/client.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

// Bringing unique<> to a table that has entities already.
namespace dynasio {

/// What guard_existing() has found.
struct guard_report {
    std::uint64_t entities = 0; ///< That were read.
    std::uint64_t guarded = 0;  ///< Of these, those whose unique<> values are theirs now, and those that have none.
    /// Of the others: errc::not_unique for an entity whose value another one has, with diagnostics::key of the one and
    /// diagnostics::holder of the other; and every other error, with the entity's key.
    std::vector<failure> conflicts{};
};

namespace detail {

template <class T> boost::asio::awaitable<guard_report> guard_pages(client db, call_options options) {
    constexpr std::size_t page_size = 100;
    guard_report report;
    repository<T> const all(db);
    auto query = all.scan(consistent, options);
    if constexpr (can_be_trashed<T>()) query = query.with_trashed();
    if constexpr (has_default_scope<T>()) query = query.without_default_scope();
    auto pages = query.pages(page_size);
    for (;;) {
        auto reading = pages.next();
        auto page = co_await std::move(reading);
        if (!page) co_return report;
        auto& entities = page->items;
        std::vector<planned_write> writes(entities.size());
        for (std::size_t i = 0; i < entities.size(); ++i) {
            writes[i].what = planned_write::kind::adopt;
            writes[i].type = &entity_type_of<T>();
            writes[i].form = hold(entities[i]);
        }
        operation_options settings;
        settings.call = options;
        auto writing = write_many(client_access::engine(db), entity_type_of<T>(), std::move(writes), settings);
        batch_outcome const done = co_await std::move(writing);
        report.entities += done.size();
        report.guarded += done.stored();
        for (auto const& one : done)
            if (one.has_error()) report.conflicts.push_back(one.error());
    }
}

} // namespace detail

/// Makes the guards of unique<> members for the entities that are stored already, trashed ones as well: `auto report =
/// co_await guard_existing<User>(db)`. The entities themselves are not changed. Completes when the whole table has been
/// read.
///
/// An entity whose value another entity has keeps it and is one of guard_report::conflicts; give one of the two another
/// value with save(). It may be called again at any time, also while programs write that know the constraint. While
/// programs write that do not know it, entities that they store have no guards: call it when the last of them is gone.
///
/// Reads the table with consistent Scans, and sends a transaction for each entity that has a value: 2 write units for
/// each guard and for the check of the entity. `options` apply to each page of 100 entities by itself. Throws what a
/// scan throws.
template <class T>
[[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<guard_report>
guard_existing(client const& db, call_options options = {}) {
    static_assert(detail::schema_of<T>::guarded::size != 0,
                  "dynasio: guard_existing<T>() is for entities that have unique<&T::member> in their schema");
    return detail::guard_pages<T>(db, options);
}

namespace dsl {

using dynasio::guard_existing;

} // namespace dsl

} // namespace dynasio

#endif
