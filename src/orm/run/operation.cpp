#include "operation.hpp"

#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <cstddef>

#include "../load/estimate.hpp"
#include "../plan/relation_tree.hpp"

namespace dynasio::detail {

error about(error const& e, engine_ptr const& engine, entity_type const& type) {
    // An error about another entity than the operation's is not about the operation's table.
    if (!e.info().entity.empty() && e.info().entity != type.name) return e;
    auto const table = physical_table(engine->options().table_prefix, type.table);
    return with_context(e, {.table = table, .entity = type.name});
}

void rethrow_about(error const& e, engine_ptr const& engine, entity_type const& type, dynamodb::operation op,
                   dynamodb::detail::raw_reply const& reply) {
    auto const table = physical_table(engine->options().table_prefix, type.table);
    diagnostics d = e.info();
    add_context(d, {.operation = to_string(op), .table = table, .entity = type.name});
    dynamodb::detail::add_answer_facts(d, reply);
    throw_error(e.code(), std::move(d));
}

write_environment environment_of(dynamodb::detail::engine const& engine) {
    auto const& options = engine.options();
    return {.table_prefix = options.table_prefix, .now = options.clock(), .ids = options.ulids.get()};
}

dynamodb::detail::drive_options drive_options_of(dynamodb::detail::engine const& engine,
                                                 operation_options const& options) {
    dynamodb::detail::drive_options made;
    made.call = options.call;
    made.concurrency = options.concurrency.value_or(engine.options().pool.max_connections);
    made.report_capacity = wants_capacity(options);
    return made;
}

void check_read_options(operation_options const& options) {
    if (options.concurrency == 0u) throw_error(errc::invalid_argument, "concurrency(0) would send nothing");
    auto const& budget = options.budget;
    if (budget.requests == 0u || (budget.units && !(*budget.units > 0)))
        throw_error(errc::invalid_argument, "max_requests and max_read_units must be greater than 0");
    if (!options.whole) return;
    load_budget const& whole = options.whole->budget;
    if (whole.requests() == 0u || (whole.read_units() && !(*whole.read_units() > 0)))
        throw_error(errc::invalid_argument, "the requests and read_units of a load_budget must be greater than 0");
    if (options.whole->assumed) check_assumptions(*options.whole->assumed);
}

void complete_relations(entity_type const& type, std::vector<load_node>& relations, operation_options const& options,
                        bool given) {
    merge_relations(relations);
    if (!options.autoloads) return;
    if (given)
        add_autoloads_below(relations);
    else
        add_autoloads(type, relations);
    merge_relations(relations); // what was added may be nested too deep
}

namespace {

bool is_same_kind(load_read const& a, load_read const& b) noexcept {
    return a.relation == b.relation && a.entity == b.entity && a.operation == b.operation && a.table == b.table &&
           a.index == b.index && a.shares_requests == b.shares_requests &&
           a.estimated.has_value() == b.estimated.has_value();
}
void add_figures(load_read& to, load_read const& more) noexcept {
    to.requests += more.requests;
    to.items += more.items;
    to.read_units += more.read_units;
    if (to.estimated) *to.estimated += *more.estimated;
}

} // namespace

void add_to(load_report& all, load_report const& made) {
    all.queries += made.queries;
    all.batch_gets += made.batch_gets;
    all.gets += made.gets;
    all.keys += made.keys;
    all.unprocessed += made.unprocessed;
    all.items += made.items;
    all.bad_items += made.bad_items;
    all.max_in_flight = std::max(all.max_in_flight, made.max_in_flight);
    all.read_units += made.read_units;
    all.plan += made.plan;
    // Lines of earlier operations take the figures of the same reads, so that a report of many operations stays small.
    std::size_t const earlier = all.reads.size();
    for (auto const& read : made.reads) {
        auto const end = all.reads.begin() + static_cast<std::ptrdiff_t>(earlier);
        auto const same =
            std::find_if(all.reads.begin(), end, [&](load_read const& other) { return is_same_kind(other, read); });
        if (same == end)
            all.reads.push_back(read);
        else
            add_figures(*same, read);
    }
    all.capacity.add(made.capacity);
    all.wall_time += made.wall_time;
}

void accounting::add(load_report const& made) {
    if (!wanted()) return;
    auto const now = clock::now();
    auto const took = now - std::exchange(last_, now);
    if (cost_ != nullptr) {
        cost_->read_units += made.read_units;
        // Each request has added its own latency, which counts overlapping requests several times. The latency of the
        // operation is the time that has passed.
        cost_->latency = latency_before_ + (now - start_);
    }
    if (report_ == nullptr) return;
    add_to(*report_, made);
    report_->wall_time += took;
}

} // namespace dynasio::detail
