#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../plan/access_plan.hpp"
#include "../wire/cursor.hpp"
#include "hooks.hpp"
#include "load.hpp"
#include "operation.hpp"
#include "related_query.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

asio::awaitable<void> do_run(engine_ptr engine, loader& load, query_spec& query, access_plan access, std::string cursor,
                             projection wanted, bool resumable) {
    accounting account(query.options);
    auto how = drive_options_of(*engine, query.options);
    load.start_with_query(*query.type, access, query.select, std::move(cursor), std::move(query.children), wanted,
                          resumable);
    auto running = run_load(engine, load, account, std::move(how));
    co_await std::move(running);
}

/// The error of a query that has read some of its pages, with the place where reading can go on.
error with_place(error const& e, query_spec const& query, loader const& load) {
    std::string const reached = load.reached();
    // The pages of a query do not go backwards, so none of them could go on from there. The place in one segment is
    // none in the scan. Pages have no offset either.
    if (reached.empty() || query.from_end || query.segments || query.select.offset > 0) return e;
    diagnostics d = e.info();
    try {
        d.cursor = encode_cursor(cursor_identity(query), reached);
    } catch (error const&) {
        // The error is ignored: the query's order is none that pages can have, so no cursor leads back here.
    }
    return {e.code(), std::move(d)};
}

[[noreturn]] void throw_not_one(engine_ptr const& engine, query_spec const& query, access_plan const& access,
                                std::size_t found) {
    diagnostics d;
    std::string const& name = query.type->name;
    std::string const satisfies =
        query.select.where.is_always() ? std::string() : " that satisfies " + dynamodb::to_string(query.select.where);
    d.message = found == 0
                    ? "there is no " + name + satisfies + "; use first() where an entity may be missing"
                    : "there is more than one " + name + satisfies + "; narrow the condition, or use first() or all()";
    if (access.path) d.index = access.path->name;
    d.operation = to_string(access.path ? dynamodb::operation::query : dynamodb::operation::scan);
    throw about(error(found == 0 ? errc::not_found : errc::more_than_one, std::move(d)), engine, *query.type);
}

/// `identity` is the cursor_identity() for the cursor of the outcome; empty when no cursor is wanted.
asio::awaitable<query_outcome> do_run_query(engine_ptr engine, query_spec query, access_plan access, std::string cursor,
                                            std::string identity) {
    loader load(loader_options_of(*engine, query.options));
    std::exception_ptr failed;
    bool stopped = false;
    try {
        auto running =
            do_run(engine, load, query, std::move(access), std::move(cursor), projection::items, !identity.empty());
        co_await std::move(running);
    } catch (error const& e) {
        // A page that ran out of time gives what it has.
        stopped = !identity.empty() && e.code() == errc::deadline_exceeded && load.stop();
        if (!stopped) failed = std::make_exception_ptr(with_place(e, query, load));
    }
    if (failed) std::rethrow_exception(failed);
    if (stopped) {
        if (auto awaiting = load.awaiting_hooks(); !awaiting.empty()) {
            auto calling = call_read_hooks(std::move(awaiting));
            co_await std::move(calling);
        }
        load.finish();
    }
    query_outcome outcome;
    outcome.items = load.take_items();
    std::string const next = load.next_cursor();
    if (!identity.empty() && !next.empty()) outcome.cursor = encode_cursor(identity, next);
    co_return outcome;
}

asio::awaitable<bool> any_of(asio::awaitable<std::uint64_t> counting) {
    std::uint64_t const count = co_await std::move(counting);
    co_return count != 0;
}

asio::awaitable<std::uint64_t> do_run_count(engine_ptr engine, query_spec query, access_plan access) {
    // Items that the client leaves out must be received for that, so the service cannot do the counting.
    bool const counts_there = access.scope.residue.is_always() && !query.options.bad_items.leave_out;
    auto const wanted = counts_there ? projection::count : projection::items_to_count;
    loader load(loader_options_of(*engine, query.options));
    std::exception_ptr failed;
    try {
        auto running = do_run(engine, load, query, std::move(access), {}, wanted, false);
        co_await std::move(running);
    } catch (error const& e) {
        failed = std::make_exception_ptr(with_place(e, query, load));
    }
    if (failed) std::rethrow_exception(failed);
    co_return load.counted();
}

/// The entities of a query that has to give one. The relations are loaded when it is known that there is one.
asio::awaitable<query_outcome> do_run_only(engine_ptr engine, query_spec query, access_plan access) {
    accounting account(query.options);
    auto how = drive_options_of(*engine, query.options);
    how.until = engine->deadline_of(query.options.call); // for the query and the relations
    entity_type const& type = *query.type;
    load_before before;
    // The keys of relations need not be members of a projection: they are known only while it is read.
    std::vector<load_node> children;
    if (!type.is_projection) children.swap(query.children);
    query_outcome outcome;
    std::exception_ptr failed;
    {
        loader load(loader_options_of(*engine, query.options));
        try {
            load.start_with_query(type, access, query.select, {}, std::move(query.children), projection::items, false);
            auto running = run_load(engine, load, account, how);
            co_await std::move(running);
            outcome.items = load.take_items();
            before = load.so_far();
        } catch (error const& e) {
            failed = std::make_exception_ptr(with_place(e, query, load));
        }
    }
    if (failed) std::rethrow_exception(failed);
    auto const found = type.storage.size(outcome.items.get());
    if (found != 1) throw_not_one(engine, query, access, found);
    if (!children.empty()) {
        loader load(loader_options_of(*engine, query.options, before));
        load.start_with_entities(type, std::vector<void*>(1, type.storage.at(outcome.items.get(), 0)),
                                 std::move(children));
        auto running = run_load(engine, load, account, std::move(how));
        co_await std::move(running);
    }
    co_return outcome;
}

/// Throws errc::invalid_argument for a query that cannot be read in segments at the same time.
void check_segments(query_spec const& query) {
    constexpr std::size_t max_segments = 1'000'000; // API reference: TotalSegments
    if (!query.segments) return;
    if (*query.segments == 0 || *query.segments > max_segments)
        throw_error(errc::invalid_argument,
                    "parallel() takes 1 to 1000000 segments, and not " + std::to_string(*query.segments));
    if (!query.scan)
        throw_error(errc::invalid_argument, "parallel() is for scans: a query by a key or index is read in one part");
    if (query.select.order)
        throw_error(errc::invalid_argument,
                    "the segments of a parallel scan have no order together: leave out order()");
    if (query.select.offset > 0)
        throw_error(errc::invalid_argument,
                    "the segments of a parallel scan have no order together, in which an offset could be; leave out "
                    "offset()");
    if (query.select.limit && !query.segment)
        throw_error(errc::invalid_argument,
                    "a parallel scan reads all segments to their ends, so it has no limit(), first(), last(), only() "
                    "and exists(); leave out parallel(), or read pages() and stop where you like");
}

/// Throws errc::invalid_argument for a query with an offset. `why` is a sentence about the operation.
void refuse_offset(query_spec const& query, std::string_view why) {
    if (query.select.offset > 0) throw_error(errc::invalid_argument, std::string(why) + ": leave out offset()");
}

/// The query that is planned. The children are simplified with the rest of the load's plan.
query_spec prepared(engine_ptr const& engine, query_spec query) {
    check_read_options(query.options);
    if (!query.related.empty()) check_related_query(query);
    check_segments(query);
    entity_type const& type = *query.type;
    if (query.select.without_expired) query.timeless = condition_of(type, query.select, system_time());
    query.select.where = condition_of(type, query.select, environment_of(*engine).now);
    return query;
}

} // namespace

asio::awaitable<query_outcome> run_query(engine_ptr engine, query_spec query) {
    return begin_operation<query_outcome>(engine, *query.type, [&] {
        if (!query.related.empty()) {
            bool const sorts_here = plan_of(prepared(engine, query)).sort_here.has_value();
            complete_relations(*query.type, query.children, query.options);
            return run_related_query(engine, std::move(query), sorts_here);
        }
        query = prepared(engine, std::move(query));
        auto access = plan_of(query);
        complete_relations(*query.type, query.children, query.options);
        return do_run_query(engine, std::move(query), std::move(access), {}, {});
    });
}

asio::awaitable<query_outcome> run_page(engine_ptr engine, query_spec query, std::size_t size, std::string cursor) {
    return begin_operation<query_outcome>(engine, *query.type, [&] {
        if (query.select.limit) throw_error(errc::invalid_argument, "page() has a size of its own: leave out limit()");
        refuse_offset(query, "a page begins behind the cursor of the page before it");
        if (size == 0) throw_error(errc::invalid_argument, "a page needs a size of at least 1");
        if (query.segments && !query.segment)
            throw_error(errc::invalid_argument,
                        "a parallel scan has no page(): a cursor is the place in one segment; use "
                        "pages() or for_each_page(), or leave out parallel()");
        if (!query.related.empty()) {
            static_cast<void>(prepared(engine, query)); // says what is wrong with it
            complete_relations(*query.type, query.children, query.options);
            return run_related_page(engine, std::move(query), size, std::move(cursor));
        }
        query = prepared(engine, std::move(query));
        std::string identity = cursor_identity(query);
        std::string start = cursor.empty() ? std::string() : decode_cursor(identity, cursor);
        query.select.limit = size;
        auto access = plan_of(query);
        complete_relations(*query.type, query.children, query.options);
        return do_run_query(engine, std::move(query), std::move(access), std::move(start), std::move(identity));
    });
}

asio::awaitable<std::uint64_t> run_count(engine_ptr engine, query_spec query) {
    return begin_operation<std::uint64_t>(engine, *query.type, [&] {
        if (!query.related.empty()) {
            static_cast<void>(plan_count(prepared(engine, query))); // says what is wrong with it
            return count_related_query(engine, std::move(query));
        }
        query = prepared(engine, std::move(query));
        auto access = plan_count(query);
        query.select.order.reset();
        query.children.clear();
        return do_run_count(engine, std::move(query), std::move(access));
    });
}

asio::awaitable<query_outcome> run_last(engine_ptr engine, query_spec query) {
    return begin_operation<query_outcome>(engine, *query.type, [&] {
        if (query.select.limit)
            throw_error(errc::invalid_argument, "last() gives one entity of all that there are: leave out limit()");
        refuse_offset(query, "last() gives one entity of all that there are");
        if (!query.related.empty())
            throw_error(errc::invalid_argument, "last() reads the end of the query's order, which where_has<> does not "
                                                "know: leave out where_has<>, or reverse the order and take first()");
        query = prepared(engine, std::move(query));
        query.select.limit = 1;
        query.from_end = true;
        auto access = plan_of(query);
        complete_relations(*query.type, query.children, query.options);
        return do_run_query(engine, std::move(query), std::move(access), {}, {});
    });
}

asio::awaitable<query_outcome> run_only(engine_ptr engine, query_spec query) {
    return begin_operation<query_outcome>(engine, *query.type, [&] {
        refuse_offset(query, "only() gives the one entity that there is");
        query.select.limit = std::min<std::size_t>(query.select.limit.value_or(2), 2);
        if (!query.related.empty()) {
            auto access = plan_count(prepared(engine, query));
            complete_relations(*query.type, query.children, query.options);
            query.select.order.reset();
            auto check = [engine, query, access = std::move(access)](std::size_t found) {
                if (found != 1) throw_not_one(engine, query, access, found);
            };
            return run_related_query(engine, std::move(query), false, std::move(check));
        }
        query = prepared(engine, std::move(query));
        auto access = plan_count(query); // the order decides nothing where there is one entity
        // Here, so that no error of the relations depends on what there is.
        complete_relations(*query.type, query.children, query.options);
        query.select.order.reset();
        return do_run_only(engine, std::move(query), std::move(access));
    });
}

asio::awaitable<bool> run_exists(engine_ptr engine, query_spec query) {
    query.select.limit = std::min<std::size_t>(query.select.limit.value_or(1), 1);
    auto counting = run_count(std::move(engine), std::move(query));
    return any_of(std::move(counting));
}

std::string explain_query(engine_ptr const& engine, query_spec const& asked) {
    try {
        auto query = prepared(engine, asked);
        complete_relations(*query.type, query.children, query.options);
        loader load(loader_options_of(*engine, query.options));
        load.start_with_query(*query.type, plan_of(query), query.select, {}, query.children);
        std::string plan = load.explain(false);
        if (query.related.empty()) return plan;
        auto part = query;
        part.select = first_read_of(query, plan_of(query).sort_here.has_value());
        loader reading(loader_options_of(*engine, query.options));
        reading.start_with_query(*part.type, plan_of(part), part.select, {}, {});
        for (auto const& filter : query.related) {
            plan += filter.keeps_without ? "where_has_no" : "where_has";
            plan += ", for each of them that is read, before the relations:\n";
            loader asking(loader_options_of(*engine, query.options));
            asking.start_to_explain(*query.type, reading.expected_roots(), std::vector<load_node>(1, filter.related));
            plan += asking.explain(false);
        }
        return plan;
    } catch (error const& e) {
        throw about(e, engine, *asked.type);
    }
}

} // namespace dynasio::detail
