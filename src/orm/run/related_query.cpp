#include "related_query.hpp"

#include <dynasio/orm/load_report.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "load.hpp"
#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace {

/// The parts of one operation: they have its deadline and its budgets together. Its report has their figures, and the
/// plans of the parts that are repeated for every page once.
class parts_of_operation {
public:
    parts_of_operation(engine_ptr engine, operation_options options)
        : engine_(std::move(engine)), options_(std::move(options)), until_(engine_->deadline_of(options_.call)),
          report_(options_.report) {
        bool const bounds_all =
            options_.whole && (options_.whole->budget.requests() || options_.whole->budget.read_units());
        bool const bounds_query = options_.budget.requests || options_.budget.units;
        // Not the caller's report, which others may fill at the same time.
        options_.report = report_ != nullptr || bounds_all || bounds_query ? &of_part_ : nullptr;
        options_.where = {};
    }
    parts_of_operation(parts_of_operation const&) = delete;
    parts_of_operation& operator=(parts_of_operation const&) = delete;

    /// The options of the part that reads entities of the query. Throws errc::budget_exhausted when it may read no
    /// more.
    [[nodiscard]] operation_options next_of_query() {
        operation_options made = next();
        made.budget = options_.budget;
        auto& left = made.budget;
        if (left.requests) left.requests = *left.requests - std::min(*left.requests, query_requests_);
        if (left.units) *left.units -= query_units_;
        if (left.requests == 0u || (left.units && !(*left.units > 0)))
            throw_error(errc::budget_exhausted,
                        "the query may read no further pages, and where_has<> has not kept enough entities of those "
                        "that were read: raise max_requests or max_read_units, or narrow the condition");
        return made;
    }
    /// Call it after that part.
    void note_query() {
        query_requests_ += of_part_.requests();
        query_units_ += of_part_.read_units;
        settle();
    }
    /// The options of another part. Throws errc::deadline_exceeded when there is no time left.
    [[nodiscard]] operation_options next() {
        settle();
        operation_options made = options_;
        made.budget = {};
        if (options_.whole) {
            auto settings = std::make_shared<load_settings>(*options_.whole);
            settings->requests_before = requests_;
            settings->units_before = units_;
            made.whole = std::move(settings);
        }
        if (until_ == clock::time_point::max()) return made;
        auto const left = until_ - clock::now();
        if (left <= clock::duration::zero())
            throw_error(errc::deadline_exceeded, "the deadline passed between two parts of the operation");
        made.call.timeout(left);
        return made;
    }
    /// Call it when the parts of a page are at their ends. Those of further pages have the same plans.
    void note_page() {
        settle();
        tells_plans_ = false;
    }

    /// Tells the caller's report what was taken since the last time.
    void settle() {
        requests_ += of_part_.requests();
        units_ += of_part_.read_units;
        if (!tells_plans_) of_part_.plan.clear();
        if (report_ != nullptr) add_to(*report_, of_part_);
        of_part_ = {};
    }

private:
    engine_ptr engine_;
    operation_options options_;
    clock::time_point until_;
    load_report* report_; // the caller's
    load_report of_part_{};
    bool tells_plans_ = true;
    std::uint64_t requests_ = 0;
    double units_ = 0;
    std::uint64_t query_requests_ = 0;
    double query_units_ = 0;
};

/// Performs an operation of several parts. The caller's report has what they took also when one fails; not by the
/// destructor of the parts, because the report can be gone when the coroutine is destroyed with its io_context.
template <class T, class Run>
asio::awaitable<T> perform_in_parts(engine_ptr engine, operation_options options, Run run) {
    parts_of_operation parts(std::move(engine), std::move(options));
    std::exception_ptr failed;
    std::optional<T> result;
    try {
        asio::awaitable<T> running = run(parts);
        T made = co_await std::move(running);
        result.emplace(std::move(made));
    } catch (...) {
        failed = std::current_exception();
    }
    parts.settle();
    if (failed) std::rethrow_exception(failed);
    co_return *std::move(result);
}

/// Whether each of the entities, a vector of `type`, is related to one that the filter counts.
asio::awaitable<std::vector<bool>> which_have(engine_ptr engine, entity_type const& type, std::shared_ptr<void> items,
                                              load_node related, operation_options options) {
    std::size_t const size = type.storage.size(items.get());
    std::vector<bool> has(size);
    if (related.counts) {
        std::vector<void const*> owners;
        owners.reserve(size);
        for (std::size_t i = 0; i < size; ++i) owners.push_back(type.storage.at(items.get(), i));
        auto counting = count_related(engine, type, std::move(owners), std::move(related), options);
        auto const counts = co_await std::move(counting);
        for (std::size_t i = 0; i < size; ++i) has[i] = counts[i] != 0;
        co_return has;
    }
    // The handles of copies are filled: those of the entities are for what the program loads.
    auto const copies = type.storage.make();
    type.storage.reserve(copies.get(), size);
    for (std::size_t i = 0; i < size; ++i) type.storage.append_copy(copies.get(), type.storage.at(items.get(), i));
    std::vector<void*> entities;
    entities.reserve(size);
    for (std::size_t i = 0; i < size; ++i) entities.push_back(type.storage.at(copies.get(), i));
    relation_info const& relation = *related.relation;
    related.reload = true;
    related.autoloads = false;
    options.autoloads = false;
    std::vector<load_node> children(1, std::move(related));
    auto loading = load_relations(engine, type, entities, std::move(children), options);
    co_await std::move(loading);
    for (std::size_t i = 0; i < size; ++i)
        has[i] = relation.entity_in(relation.handle_of(static_cast<void const*>(entities[i]))) != nullptr;
    co_return has;
}

/// The entities for which all filters hold.
asio::awaitable<std::shared_ptr<void>> filtered(engine_ptr engine, entity_type const& type, std::shared_ptr<void> items,
                                                std::vector<related_filter> const& filters, parts_of_operation& parts) {
    for (auto const& filter : filters) {
        std::size_t const size = type.storage.size(items.get());
        if (size == 0) break;
        auto asking = which_have(engine, type, items, filter.related, parts.next());
        auto const has = co_await std::move(asking);
        auto kept = type.storage.make();
        type.storage.reserve(kept.get(), size);
        for (std::size_t i = 0; i < size; ++i)
            if (has[i] != filter.keeps_without) type.storage.append_move(kept.get(), type.storage.at(items.get(), i));
        items = std::move(kept);
    }
    co_return items;
}

/// Loads relations of what remains. With neither, nothing is asked for, and no budget or deadline is looked at.
asio::awaitable<void> load_below(engine_ptr engine, entity_type const& type, std::shared_ptr<void> items,
                                 std::vector<load_node> children, parts_of_operation& parts) {
    std::size_t const size = type.storage.size(items.get());
    if (size == 0 || children.empty()) co_return;
    std::vector<void*> entities;
    entities.reserve(size);
    for (std::size_t i = 0; i < size; ++i) entities.push_back(type.storage.at(items.get(), i));
    auto loading = load_relations(std::move(engine), type, std::move(entities), std::move(children), parts.next());
    co_await std::move(loading);
}

/// The part of a query that reads entities and nothing else.
query_spec reading_part(query_spec const& query, operation_options options) {
    query_spec part = query;
    part.related.clear();
    part.children.clear();
    part.select.limit.reset();
    part.select.offset = 0;
    part.options = std::move(options);
    part.options.autoloads = false;
    return part; // its budget is what next_of_query() has left of it
}

/// Pages are as large as the number that is wanted, within reason: smaller ones take too many requests one after the
/// other, and larger ones read what nobody wants.
std::size_t page_size_for(std::size_t wanted) {
    constexpr std::size_t least = 25, most = 1'000;
    return std::clamp(wanted, least, most);
}

/// Gives the entities that remain to `take`, page after page, until it returns false.
template <class Take>
asio::awaitable<void> for_each_that_remains(engine_ptr engine, query_spec const& query, std::size_t page_size,
                                            parts_of_operation& parts, Take take) {
    std::string cursor;
    bool goes_on = true;
    do {
        auto reading = run_page(engine, reading_part(query, parts.next_of_query()), page_size, std::move(cursor));
        query_outcome page = co_await std::move(reading);
        parts.note_query();
        cursor = std::move(page.cursor);
        auto filtering = filtered(engine, *query.type, std::move(page.items), query.related, parts);
        auto const kept = co_await std::move(filtering);
        parts.note_page();
        goes_on = take(kept);
    } while (goes_on && !cursor.empty());
}

asio::awaitable<query_outcome> do_run_related_query(engine_ptr engine, query_spec query, bool reads_at_once,
                                                    std::function<void(std::size_t)> check, parts_of_operation& parts) {
    entity_type const& type = *query.type;
    auto const& storage = type.storage;
    auto const reach = query.select.reach();
    query_outcome outcome;
    outcome.items = storage.make();
    std::size_t passed = 0;
    auto const take = [&](std::shared_ptr<void> const& kept) {
        for (std::size_t i = 0; i < storage.size(kept.get()); ++i) {
            if (reach && passed == *reach) return false;
            if (passed++ < query.select.offset) continue;
            storage.append_move(outcome.items.get(), storage.at(kept.get(), i));
        }
        return !reach || passed < *reach;
    };
    if (reach != 0u) {
        if (reads_at_once) {
            auto reading = run_query(engine, reading_part(query, parts.next_of_query()));
            query_outcome all = co_await std::move(reading);
            parts.note_query();
            auto filtering = filtered(engine, type, std::move(all.items), query.related, parts);
            auto const kept = co_await std::move(filtering);
            take(kept);
        } else {
            auto reading = for_each_that_remains(engine, query, page_size_for(*reach), parts, take);
            co_await std::move(reading);
        }
    }
    if (check) check(storage.size(outcome.items.get()));
    auto loading = load_below(engine, type, outcome.items, std::move(query.children), parts);
    co_await std::move(loading);
    co_return outcome;
}

asio::awaitable<query_outcome> do_run_related_page(engine_ptr engine, query_spec query, std::size_t size,
                                                   std::string cursor, parts_of_operation& parts) {
    auto reading = run_page(engine, reading_part(query, parts.next_of_query()), size, std::move(cursor));
    query_outcome page = co_await std::move(reading);
    auto filtering = filtered(engine, *query.type, std::move(page.items), query.related, parts);
    page.items = co_await std::move(filtering);
    auto loading = load_below(engine, *query.type, page.items, std::move(query.children), parts);
    co_await std::move(loading);
    co_return page;
}

asio::awaitable<std::uint64_t> do_count_related_query(engine_ptr engine, query_spec query, parts_of_operation& parts) {
    auto const reach = query.select.reach();
    std::uint64_t passed = 0;
    auto const take = [&](std::shared_ptr<void> const& kept) {
        passed += query.type->storage.size(kept.get());
        return !reach || passed < *reach;
    };
    if (query.segments && !query.segment) {
        // The segments of a scan have pages only one by one.
        auto reading = do_run_related_query(engine, query, true, nullptr, parts);
        query_outcome const all = co_await std::move(reading);
        co_return query.type->storage.size(all.items.get());
    }
    if (reach != 0u) {
        std::size_t const wanted = reach.value_or(std::numeric_limits<std::size_t>::max());
        auto reading = for_each_that_remains(engine, query, page_size_for(wanted), parts, take);
        co_await std::move(reading);
    }
    if (reach) passed = std::min<std::uint64_t>(passed, *reach);
    co_return passed - std::min<std::uint64_t>(passed, query.select.offset);
}

} // namespace

void check_related_query(query_spec const& query) {
    if (query.options.whole && query.options.whole->timeline != nullptr)
        throw_error(errc::invalid_argument,
                    "timeline_to draws one load, and a query with where_has<> is several; leave "
                    "it out, or give it to the load of what was found");
    for (auto const& each : query.related) check_owner_key(*query.type, *each.related.relation);
    for (auto const& child : query.children) check_owner_key(*query.type, *child.relation);
}

selection first_read_of(query_spec const& query, bool sorts_here) {
    selection first = query.select;
    auto const reach = first.reach();
    first.offset = 0;
    first.limit.reset();
    if (!sorts_here && query.select.limit) first.limit = page_size_for(*reach);
    return first;
}

asio::awaitable<query_outcome> run_related_query(engine_ptr engine, query_spec query, bool sorts_here,
                                                 std::function<void(std::size_t)> check) {
    bool const reads_at_once = sorts_here || !query.select.limit;
    auto const options = query.options;
    auto run = [engine, query = std::move(query), reads_at_once, check = std::move(check)](parts_of_operation& parts) {
        return do_run_related_query(engine, query, reads_at_once, check, parts);
    };
    return perform_in_parts<query_outcome>(std::move(engine), options, std::move(run));
}

asio::awaitable<query_outcome> run_related_page(engine_ptr engine, query_spec query, std::size_t size,
                                                std::string cursor) {
    auto const options = query.options;
    auto run = [engine, query = std::move(query), size, cursor = std::move(cursor)](parts_of_operation& parts) {
        return do_run_related_page(engine, query, size, cursor, parts);
    };
    return perform_in_parts<query_outcome>(std::move(engine), options, std::move(run));
}

asio::awaitable<std::uint64_t> count_related_query(engine_ptr engine, query_spec query) {
    query.select.order.reset();
    query.children.clear();
    auto const options = query.options;
    auto run = [engine, query = std::move(query)](parts_of_operation& parts) {
        return do_count_related_query(engine, query, parts);
    };
    return perform_in_parts<std::uint64_t>(std::move(engine), options, std::move(run));
}

} // namespace dynasio::detail
