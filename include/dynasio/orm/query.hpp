#ifndef DYNASIO_ORM_QUERY_HPP
#define DYNASIO_ORM_QUERY_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/detail/options.hpp>
#include <dynasio/orm/detail/page_reader.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/with.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace dynasio {

/// The place where a page of a query ended. Give it to page() of the same query to read the next page. The text is
/// opaque and may leave the process, in a link for example, and come back; it is not secret, because it holds the key
/// of the last entity. An empty cursor means the start as an argument, and the end of the entities as a result.
class cursor {
public:
    cursor() = default;
    explicit cursor(std::string text) : text_(std::move(text)) {}
    [[nodiscard]] std::string const& text() const noexcept { return text_; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
    [[nodiscard]] explicit operator bool() const noexcept { return !empty(); }

private:
    std::string text_;
};

/// One page of a query's entities.
template <class Form> struct page {
    std::vector<Form> items{};
    cursor next{}; ///< Empty after the last page.
};

namespace detail {

/// The entities of an outcome in the form of the repository.
template <class Form> std::vector<Form> taken(query_outcome const& outcome) {
    auto& items = *static_cast<std::vector<entity_in<Form>>*>(outcome.items.get());
    if constexpr (form_traits<Form>::is_tracked) {
        std::vector<Form> made;
        made.reserve(items.size());
        for (auto& entity : items) made.push_back(track(std::move(entity)));
        return made;
    } else {
        return std::move(items);
    }
}

template <class Form> boost::asio::awaitable<std::vector<Form>> take_all(boost::asio::awaitable<query_outcome> op) {
    query_outcome const outcome = co_await std::move(op);
    co_return taken<Form>(outcome);
}

template <class Form> boost::asio::awaitable<std::optional<Form>> take_first(boost::asio::awaitable<query_outcome> op) {
    query_outcome const outcome = co_await std::move(op);
    auto items = taken<Form>(outcome);
    std::optional<Form> first;
    if (!items.empty()) first = std::move(items.front());
    co_return first;
}

/// The entity of an outcome that has one.
template <class Form> boost::asio::awaitable<Form> take_only(boost::asio::awaitable<query_outcome> op) {
    query_outcome const outcome = co_await std::move(op);
    auto items = taken<Form>(outcome);
    co_return std::move(items.front());
}

template <class Form> boost::asio::awaitable<page<Form>> take_page(boost::asio::awaitable<query_outcome> op) {
    query_outcome outcome = co_await std::move(op);
    page<Form> made;
    made.items = taken<Form>(outcome);
    made.next = cursor(std::move(outcome.cursor));
    co_return made;
}

template <class Form>
boost::asio::awaitable<std::optional<page<Form>>> take_next(boost::asio::awaitable<std::optional<query_outcome>> op) {
    std::optional<query_outcome> outcome = co_await std::move(op);
    std::optional<page<Form>> made;
    if (outcome) {
        made.emplace();
        made->items = taken<Form>(*outcome);
        made->next = cursor(std::move(outcome->cursor));
    }
    co_return made;
}

template <class Form, class Visitor> boost::asio::awaitable<void> visit_pages(page_reader pages, Visitor visit) {
    for (;;) {
        auto reading = take_next<Form>(pages.next());
        std::optional<page<Form>> next = co_await std::move(reading);
        if (!next) break;
        if constexpr (std::is_void_v<decltype(visit(std::move(next->items)))>) {
            visit(std::move(next->items));
        } else {
            auto visiting = visit(std::move(next->items));
            co_await std::move(visiting);
        }
    }
}

template <class Form, class Value, class Join>
boost::asio::awaitable<Value> fold_pages(page_reader pages, Value value, Join join) {
    for (;;) {
        auto reading = take_next<Form>(pages.next());
        std::optional<page<Form>> next = co_await std::move(reading);
        if (!next) break;
        for (auto& each : next->items) value = join(std::move(value), std::move(each));
    }
    co_return value;
}

} // namespace detail

/// The pages of a query, one after the other, each read while the program works on the one before it:
///
///     auto pages = users.where(field<&User::city> == "Oslo").pages(100);
///     for (;;) {
///         auto const page = co_await pages.next();
///         if (!page) break;
///         …
///     }
///
/// At most two pages are in memory: the program's, and the one that is read ahead. The deadline, the bounds and the
/// report of the query apply to each page.
template <class Form> class query_pages {
public:
    /// The next page, nothing after the last one. A page may be empty although more follow. page::next is the place
    /// behind it, where page() and pages() of the same query can go on.
    ///
    /// Only one next() may run at a time (a second one is errc::invalid_argument). The pages must not be moved before
    /// next() has completed, and must be destroyed before the client's io_context; that stops the page that is read
    /// ahead. Executor, cancellation and errors are those of query::page(). After an error the next call asks for the
    /// same page again, and after a cancellation it waits for it, so that no page is lost or seen twice.
    [[nodiscard(
        "an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<dynasio::page<Form>>>
    next() {
        return detail::take_next<Form>(reader_.next());
    }

private:
    friend struct detail::access;
    explicit query_pages(detail::page_reader reader) : reader_(std::move(reader)) {}

    detail::page_reader reader_;
};

/// A query of T: a value. Its member functions return changed copies, and each operation may be called several times.
///
/// The access path is chosen when an operation is called: the table's key or an index whose partition key the
/// conditions compare for equality. When there is none, the operation throws errc::no_usable_index, whose message lists
/// the keys and indexes that exist; repository::scan() reads the whole table instead. Every operation reads as many
/// pages as it needs, loads the relations of with<> while entities arrive, and completes when everything has arrived.
/// See repository for executor, cancellation and errors.
///
/// `Form` is an entity, or tracked<an entity>.
template <class Form> class query {
    using T = detail::entity_in<Form>;

public:
    /// Adds options: conditions (joined with and), where_has<>, where_has_no<>, order, limit, offset, client_side,
    /// consistent, with<>, with_count<>, call_options, report_to, concurrency, on_bad_item, max_requests,
    /// max_read_units, load_budget, load_assumptions, timeline_to.
    template <class... Options> [[nodiscard]] query with_options(Options&&... options) && {
        detail::apply_options<T>(plan_, std::forward<Options>(options)...);
        return std::move(*this);
    }
    template <class About> [[nodiscard]] query where(where_clause<About> const& clause) const {
        return changed(clause);
    }
    /// Gives those entities alone that are related to one that satisfies the conditions; see dynasio::where_has(). It
    /// is for all(), first(), only(), exists(), count(), page(), pages(), for_each_page() and fold(); last() refuses it
    /// (errc::invalid_argument, when it is awaited). A page has the entities that remain of `size` that were read, so
    /// it can be short or empty although more follow.
    template <auto Member, class... Arguments> [[nodiscard]] query where_has(Arguments... arguments) const {
        return changed(dynasio::where_has<Member>(std::move(arguments)...));
    }
    template <auto Member, class... Arguments> [[nodiscard]] query where_has_no(Arguments... arguments) const {
        return changed(dynasio::where_has_no<Member>(std::move(arguments)...));
    }
    [[nodiscard]] query order(path_order o) const { return changed(o); }
    template <auto Member> [[nodiscard]] query order(member_order<Member> o) const { return changed(o); }
    [[nodiscard]] query limit(std::size_t n) const { return changed(dynasio::limit(n)); }
    /// Leaves out the first n entities in the query's order. The service has no such thing: what is left out is read
    /// and charged for, so that the n-th page costs n pages. A page() behind a cursor costs one. It is for all(),
    /// first(), count() and exists(); page(), pages(), for_each_page(), fold(), last() and only() refuse it
    /// (errc::invalid_argument, when they are awaited).
    [[nodiscard]] query offset(std::size_t n) const { return changed(dynasio::offset(n)); }
    /// Permits to read everything and then to sort and cut in the client, where the service cannot give the order.
    [[nodiscard]] query client_side() const { return changed(dynasio::client_side); }
    /// Which entities the query gives, where they have soft_delete<>: by default those that are not trashed. The last
    /// word counts.
    [[nodiscard]] query with_trashed() const { return changed(dynasio::with_trashed); }
    [[nodiscard]] query only_trashed() const { return changed(dynasio::only_trashed); }
    [[nodiscard]] query without_trashed() const { return changed(dynasio::without_trashed); }
    /// Leaves out entities whose ttl<> has passed, which the service has not removed yet.
    [[nodiscard]] query without_expired() const { return changed(dynasio::without_expired); }
    /// Gives entities also when they do not satisfy the condition of where_always().
    [[nodiscard]] query without_default_scope() const { return changed(dynasio::without_default_scope); }
    /// Lets the service divide the table of a scan() into this many segments, 1 to 1,000,000, which are read at the
    /// same time; their entities come in no order. It is for all(), count(), fold(), pages() and for_each_page(): all()
    /// joins the segments, and pages come from any segment as they arrive, with no more than one page of each in memory
    /// besides the one that was given. What is about one place or one order is refused (errc::invalid_argument, when it
    /// is awaited): limit(), order(), page(), first(), last(), only(), exists() and a start behind a cursor; pages have
    /// no cursor. Bounds such as max_requests are for all segments together in all() and count(), which may exceed them
    /// by the requests that are under way.
    ///
    /// A scan costs the same in segments and without them, but takes the capacity of the table at once. The client's
    /// connections bound how many segments are read at a time, as concurrency() does.
    [[nodiscard]] query parallel(std::size_t segments) const {
        query copy = *this;
        copy.plan_.segments = segments;
        return copy;
    }
    /// Loads a relation of the entities as well.
    template <auto Member, class... Arguments> [[nodiscard]] query with(Arguments... arguments) const {
        return changed(dynasio::with<Member>(std::move(arguments)...));
    }
    /// Counts the entities of a relation of each entity as well.
    template <auto Member, class... Arguments> [[nodiscard]] query with_count(Arguments... arguments) const {
        return changed(dynasio::with_count<Member>(std::move(arguments)...));
    }
    // Refused: a text names no relation.
    template <detail::name_as_text, class... Arguments> query with(Arguments const&...) const {
        detail::refuse_name_as_text<T, Arguments...>();
        return *this;
    }
    template <detail::name_as_text, class... Arguments> query with_count(Arguments const&...) const {
        detail::refuse_name_as_text<T, Arguments...>();
        return *this;
    }
    /// Loads relations that the program has put into a vector, or that a text names (<dynasio/orm/include_list.hpp>).
    [[nodiscard]] query with(std::vector<relation_to_load<T>> relations) const { return changed(std::move(relations)); }
    /// Loads no relation because of an autoload<>.
    [[nodiscard]] query without_autoload() const { return changed(dynasio::without_autoload); }
    [[nodiscard]] query options(call_options o) const { return changed(o); }
    [[nodiscard]] query report(load_report& r) const { return changed(report_to(r)); }
    [[nodiscard]] query timeline(load_timeline& t) const { return changed(timeline_to(t)); }
    [[nodiscard]] query budget(load_budget const& b) const { return changed(b); }
    [[nodiscard]] query assuming(load_assumptions const& a) const { return changed(a); }

    /// All entities. All of them are in memory at the same time; use page() for many.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::vector<Form>>
    all() const {
        return detail::take_all<Form>(detail::run_query(engine_, plan_));
    }
    /// The first entity in the query's order, or nothing. Reads no further pages than it needs.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<Form>>
    first() const {
        auto plan = plan_;
        plan.select.limit = std::min<std::size_t>(plan.select.limit.value_or(1), 1);
        return detail::take_first<Form>(detail::run_query(engine_, std::move(plan)));
    }
    /// The last entity in the query's order, or nothing: the first in the reverse of that order, so that it costs what
    /// first() costs. A query without order() has the order of its access path. Throws errc::no_usable_index when
    /// there is none (a scan, an index without a sort key), or when the order is made in the client without
    /// client_side; errc::invalid_argument for a query with a limit.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::optional<Form>>
    last() const {
        return detail::take_first<Form>(detail::run_last(engine_, plan_));
    }
    /// The one entity that there is. Throws errc::not_found when there is none, and errc::more_than_one when there are
    /// more. Reads no more than two entities, whatever the order, and then the relations of the one.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<Form> only() const {
        return detail::take_only<Form>(detail::run_only(engine_, plan_));
    }
    /// Whether there is an entity. The service sends no items, and reads one when it evaluates no filter; else the
    /// operation reads pages up to the first one with an entity.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<bool> exists() const {
        return detail::run_exists(engine_, plan_);
    }
    /// How many entities there are behind the offset; at most the limit, if one is set. The service sends no items, but
    /// reads and charges for all of them; with a limit and no filter, for no more than the limit.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<std::uint64_t> count() const {
        return detail::run_count(engine_, plan_);
    }
    /// The next `size` entities behind the cursor `from`, and the cursor for the page after them. Only the last page
    /// has fewer entities, one that met its bound or its deadline, and one of a query with where_has<>. One page is in
    /// memory at a time. Throws errc::invalid_cursor for a cursor of another query.
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<dynasio::page<Form>>
    page(std::size_t size, cursor const& from = {}) const {
        return detail::take_page<Form>(detail::run_page(engine_, plan_, size, from.text()));
    }
    /// The pages of `size` entities behind the cursor `from`, one after the other, each read ahead.
    [[nodiscard]] query_pages<Form> pages(std::size_t size, cursor const& from = {}) const {
        return detail::access::make<query_pages<Form>>(detail::page_reader(engine_, plan_, size, from.text()));
    }
    /// Calls `visit` with the entities of each page, a std::vector<Form>&&, in order: work on many entities in constant
    /// memory. When `visit` returns an awaitable, that is awaited, while the next page is read. Completes after the
    /// last page; an error, also one that `visit` throws, ends it. Give it a lambda that captures by reference, or one
    /// that has a name: g++ 12 destroys a temporary with captured values inside of a co_await expression twice.
    template <class Visitor>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<void>
    for_each_page(std::size_t size, Visitor visit) const {
        return detail::visit_pages<Form>(detail::page_reader(engine_, plan_, size, {}), std::move(visit));
    }
    /// Joins all entities to one value in constant memory: `fold(0, [&](int sum, User&& u) { return sum + u.age; })`
    /// begins with `start`, calls `join(value, entity)` for each entity in order, and gives the last value. Reads pages
    /// of 1,000 entities, each while the one before it is joined. What `join` throws ends it. Of `join`, what
    /// for_each_page() says of its function is true.
    template <class Value, class Join>
    [[nodiscard("an operation does nothing until it is awaited")]] boost::asio::awaitable<Value> fold(Value start,
                                                                                                      Join join) const {
        constexpr std::size_t page_size = 1'000;
        return detail::fold_pages<Form>(detail::page_reader(engine_, plan_, page_size, {}), std::move(start),
                                        std::move(join));
    }
    /// The plan as text: the operation, index and constraints of the query and of each relation, with estimates when
    /// load_assumptions are among the options. Sends nothing.
    [[nodiscard]] std::string explain() const { return detail::explain_query(engine_, plan_); }

private:
    friend struct detail::access;
    query(detail::engine_ptr engine, bool scan) : engine_(std::move(engine)) {
        plan_.type = &entity_type_of<T>();
        plan_.scan = scan;
    }

    template <class Option> [[nodiscard]] query changed(Option&& option) const {
        query copy = *this;
        detail::apply_options<T>(copy.plan_, std::forward<Option>(option));
        return copy;
    }

    detail::engine_ptr engine_;
    detail::query_spec plan_;
};

namespace dsl {

using dynasio::cursor;

} // namespace dsl

} // namespace dynasio

#endif
