#include "load.hpp"

#include <cstdint>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "hooks.hpp"
#include "repeated_reads.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

loader_options loader_options_of(dynamodb::detail::engine& engine, operation_options const& options,
                                 load_before before) {
    loader_options made;
    made.make_body = [&engine] { return engine.borrow_body(); };
    made.table_prefix = engine.options().table_prefix;
    made.retry = engine.retry();
    made.limits_attempts = options.call.attempts().has_value();
    made.jitter = [&engine] { return engine.jitter(); };
    made.until = engine.deadline_of(options.call);
    made.bad_items = options.bad_items;
    made.budget = options.budget;
    made.whole = options.whole;
    made.before = before;
    if (options.whole) {
        made.before.requests += options.whole->requests_before;
        made.before.read_units += options.whole->units_before;
    }
    made.consistent_read = options.consistent;
    made.now = environment_of(engine).now;
    return made;
}

asio::awaitable<void> run_load(engine_ptr engine, loader& load, accounting& account,
                               dynamodb::detail::drive_options options) {
    std::exception_ptr failed;
    try {
        load.check_budget();
        auto driving = dynamodb::detail::drive(std::move(engine), load, std::move(options));
        co_await std::move(driving);
        if (auto awaiting = load.awaiting_hooks(); !awaiting.empty()) {
            auto calling = call_read_hooks(std::move(awaiting));
            co_await std::move(calling);
        }
        load.finish();
    } catch (...) {
        failed = std::current_exception();
    }
    if (account.wanted()) account.add(load.report()); // report() writes the plan as text, which takes time
    if (failed) std::rethrow_exception(failed);
}

namespace {

asio::awaitable<void> do_load_relations(engine_ptr engine, entity_type const& type, std::vector<void*> entities,
                                        std::vector<load_node> children, operation_options options) {
    accounting account(options);
    loader load(loader_options_of(*engine, options));
    auto how = drive_options_of(*engine, options);
    bool const is_one = entities.size() == 1;
    std::vector<relation_info const*> relations;
    for (auto const& child : children) relations.push_back(child.relation);
    load.start_with_entities(type, std::move(entities), std::move(children));
    if (is_one && !load.sends_nothing())
        for (relation_info const* const each : relations) note_read_of_one(engine, *each, options.where);
    auto running = run_load(engine, load, account, std::move(how));
    co_await std::move(running);
}

} // namespace

void check_owner_key(entity_type const& type, relation_info const& relation) {
    relation_info const* step = &relation;
    while (step->kind == relation_kind::has_many_through) step = &step->first();
    auto const& key = step->owner_key.empty() ? type.key_attributes() : step->owner_key;
    for (auto const i : key) {
        if (!type[i].hidden) continue;
        diagnostics d;
        d.attribute = type[i].name;
        d.relation_path = relation.path();
        d.message = "the projection " + type.name + " has no member for " + type[i].name +
                    ", by which the relation is found; give it one, or load the relation with<> the entities";
        throw_error(errc::invalid_argument, std::move(d));
    }
}

std::string explain_relations(engine_ptr const& engine, entity_type const& type, std::size_t owners,
                              std::vector<load_node> children, operation_options const& options) {
    try {
        check_read_options(options);
        complete_relations(type, children, options, true);
        for (auto const& child : children) check_owner_key(type, *child.relation);
        loader load(loader_options_of(*engine, options));
        load.start_to_explain(type, owners, std::move(children));
        return load.explain(false);
    } catch (error const& e) {
        throw about(e, engine, type);
    }
}

asio::awaitable<void> load_relations(engine_ptr engine, entity_type const& type, std::vector<void*> entities,
                                     std::vector<load_node> children, operation_options options) {
    return begin_operation<void>(engine, type, [&] {
        check_read_options(options);
        complete_relations(type, children, options, true);
        for (auto const& child : children) check_owner_key(type, *child.relation);
        return do_load_relations(engine, type, std::move(entities), std::move(children), options);
    });
}

namespace {

/// `of_one`: the relation, when it is counted for one entity.
asio::awaitable<std::vector<std::uint64_t>> do_count_related(engine_ptr engine, std::unique_ptr<loader> load,
                                                             relation_info const* of_one, operation_options options) {
    accounting account(options);
    if (of_one != nullptr && !load->sends_nothing()) note_read_of_one(engine, *of_one, options.where);
    auto how = drive_options_of(*engine, options);
    auto running = run_load(engine, *load, account, std::move(how));
    co_await std::move(running);
    co_return load->counts_of_owners();
}

asio::awaitable<std::uint64_t> first_of(asio::awaitable<std::vector<std::uint64_t>> counting) {
    std::vector<std::uint64_t> const counts = co_await std::move(counting);
    co_return counts.front();
}

} // namespace

asio::awaitable<std::vector<std::uint64_t>> count_related(engine_ptr engine, entity_type const& type,
                                                          std::vector<void const*> owners, load_node what,
                                                          operation_options options) {
    return begin_operation<std::vector<std::uint64_t>>(engine, type, [&] {
        check_read_options(options);
        check_owner_key(type, *what.relation);
        auto load = std::make_unique<loader>(loader_options_of(*engine, options));
        relation_info const* const of_one = owners.size() == 1 ? what.relation : nullptr;
        load->start_to_count(type, owners, std::move(what));
        return do_count_related(engine, std::move(load), of_one, options);
    });
}

asio::awaitable<std::uint64_t> count_related_to(engine_ptr engine, entity_type const& type, void const* owner,
                                                load_node what, operation_options options) {
    auto counting =
        count_related(std::move(engine), type, std::vector<void const*>(1, owner), std::move(what), options);
    return first_of(std::move(counting));
}

} // namespace dynasio::detail
