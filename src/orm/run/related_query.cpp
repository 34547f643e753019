#include "related_query.hpp"

#include <dynasio/orm/load_report.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace {

/// The parts of one operation: they have its deadline and its budgets together, and its report has their plans once.
class parts_of_operation {
public:
    parts_of_operation(engine_ptr engine, operation_options options)
        : engine_(std::move(engine)), options_(std::move(options)), until_(engine_->deadline_of(options_.call)),
          bounds_query_(options_.budget.requests || options_.budget.units),
          bounds_all_(options_.whole && (options_.whole->budget.requests() || options_.whole->budget.read_units())) {
        if ((bounds_query_ || bounds_all_) && options_.report == nullptr) options_.report = &own_report_;
        before_ = spent();
    }
    parts_of_operation(parts_of_operation const&) = delete;
    parts_of_operation& operator=(parts_of_operation const&) = delete;

    /// The options of the part that reads the query's entities.
    [[nodiscard]] operation_options next_of_query() {
        operation_options of_part = next();
        if (bounds_query_) {
            auto& left = of_part.budget;
            if (left.requests) left.requests = *left.requests - std::min(*left.requests, query_.requests);
            if (left.units) *left.units -= query_.units;
            if (left.requests == 0u || (left.units && !(*left.units > 0)))
                throw_error(
                    errc::budget_exhausted,
                    "the query may read no further pages, and where_has<> has not kept enough entities of those "
                    "that were read: raise max_requests or max_read_units, or narrow the condition");
            query_began_ = spent();
        }
        return of_part;
    }
    /// Call it after that part.
    void note_query() {
        if (!bounds_query_) return;
        auto const now = spent();
        query_.requests += now.requests - query_began_.requests;
        query_.units += now.units - query_began_.units;
    }
    /// The options of another part. Throws errc::deadline_exceeded when there is no time left, and
    /// errc::load_budget_exceeded when nothing may be spent any more.
    [[nodiscard]] operation_options next() const {
        operation_options of_part = options_;
        of_part.budget = {};
        if (bounds_all_) of_part.whole = with_rest_of_budget();
        if (until_ == clock::time_point::max()) return of_part;
        auto const left = until_ - clock::now();
        if (left <= clock::duration::zero())
            throw_error(errc::deadline_exceeded, "the deadline passed between two parts of the operation");
        of_part.call.timeout(left);
        return of_part;
    }
    /// Call it after the parts that are repeated for every page.
    void note_page() {
        if (options_.report == nullptr) return;
        if (!plan_size_)
            plan_size_ = options_.report->plan.size();
        else
            options_.report->plan.resize(std::min(options_.report->plan.size(), *plan_size_));
    }

private:
    struct amount {
        std::uint64_t requests = 0;
        double units = 0;
    };
    [[nodiscard]] amount spent() const noexcept {
        if (options_.report == nullptr) return {};
        return {options_.report->requests(), options_.report->read_units};
    }
    [[nodiscard]] std::shared_ptr<load_settings> with_rest_of_budget() const {
        auto settings = std::make_shared<load_settings>(*options_.whole);
        auto const now = spent();
        std::uint64_t const requests = now.requests - before_.requests;
        double const units = now.units - before_.units;
        load_budget const& all = options_.whole->budget;
        if ((all.requests() && requests >= *all.requests()) || (all.read_units() && units >= *all.read_units()))
            throw_error(errc::load_budget_exceeded,
                        "a query with where_has<> has taken " + std::to_string(requests) +
                            " requests and is not at its end: raise load_budget, or narrow the condition");
        if (all.requests()) settings->budget.requests(*all.requests() - requests);
        if (all.read_units()) settings->budget.read_units(*all.read_units() - units);
        return settings;
    }

    engine_ptr engine_;
    operation_options options_;
    clock::time_point until_;
    bool bounds_query_;
    bool bounds_all_;
    load_report own_report_{};
    amount before_{};
    amount query_began_{};
    amount query_{};
    std::optional<std::size_t> plan_size_{};
};

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
                                                std::vector<related_filter> const& filters,
                                                parts_of_operation const& parts) {
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

asio::awaitable<void> load_below(engine_ptr engine, entity_type const& type, std::shared_ptr<void> items,
                                 std::vector<load_node> children, operation_options options) {
    std::size_t const size = type.storage.size(items.get());
    if (size == 0 || children.empty()) co_return;
    std::vector<void*> entities;
    entities.reserve(size);
    for (std::size_t i = 0; i < size; ++i) entities.push_back(type.storage.at(items.get(), i));
    auto loading = load_relations(std::move(engine), type, std::move(entities), std::move(children), options);
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

asio::awaitable<query_outcome> do_run_related_query(engine_ptr engine, query_spec query, bool reads_at_once) {
    entity_type const& type = *query.type;
    auto const& storage = type.storage;
    parts_of_operation parts(engine, query.options);
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
    auto loading = load_below(engine, type, outcome.items, std::move(query.children), parts.next());
    co_await std::move(loading);
    co_return outcome;
}

asio::awaitable<query_outcome> do_run_related_page(engine_ptr engine, query_spec query, std::size_t size,
                                                   std::string cursor) {
    parts_of_operation parts(engine, query.options);
    auto reading = run_page(engine, reading_part(query, parts.next_of_query()), size, std::move(cursor));
    query_outcome page = co_await std::move(reading);
    auto filtering = filtered(engine, *query.type, std::move(page.items), query.related, parts);
    page.items = co_await std::move(filtering);
    auto loading = load_below(engine, *query.type, page.items, std::move(query.children), parts.next());
    co_await std::move(loading);
    co_return page;
}

asio::awaitable<std::uint64_t> do_count_related_query(engine_ptr engine, query_spec query) {
    parts_of_operation parts(engine, query.options);
    auto const reach = query.select.reach();
    std::uint64_t passed = 0;
    auto const take = [&](std::shared_ptr<void> const& kept) {
        passed += query.type->storage.size(kept.get());
        return !reach || passed < *reach;
    };
    if (query.segments && !query.segment) {
        // The segments of a scan have pages only one by one.
        auto reading = do_run_related_query(engine, query, true);
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
}

asio::awaitable<query_outcome> run_related_query(engine_ptr engine, query_spec query, bool sorts_here) {
    bool const reads_at_once = sorts_here || !query.select.limit;
    return do_run_related_query(std::move(engine), std::move(query), reads_at_once);
}

asio::awaitable<query_outcome> run_related_page(engine_ptr engine, query_spec query, std::size_t size,
                                                std::string cursor) {
    return do_run_related_page(std::move(engine), std::move(query), size, std::move(cursor));
}

asio::awaitable<std::uint64_t> count_related_query(engine_ptr engine, query_spec query) {
    query.select.order.reset();
    query.children.clear();
    return do_count_related_query(std::move(engine), std::move(query));
}

} // namespace dynasio::detail
