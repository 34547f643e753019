#include <dynasio/orm/detail/operations.hpp>

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "../load/estimate.hpp"
#include "../wire/answer_members.hpp"
#include "../wire/key_read.hpp"
#include "drive.hpp"
#include "hooks.hpp"
#include "load.hpp"
#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using dynamodb::operation;
using dynamodb::detail::raw_reply;
using dynamodb::detail::raw_request;

// ---- one entity

namespace {

/// Adds the table and key of a GetItem. `self` holds the position of the key in the body.
void tell_get_item(dynamodb::detail::request_subject const& self, std::string_view body, std::string_view prefix,
                   dynamodb::detail::request_targets& out) {
    auto const& type = *static_cast<entity_type const*>(self.who);
    auto& target = out.targets.emplace_back();
    target.table = physical_table(prefix, type.table);
    target.partition_name = type[type.key.partition].name;
    target.key = dynamodb::detail::partition_fingerprint(target.partition_name,
                                                         partition_value(type, body.substr(self.at, self.size)));
}

raw_request get_item_request(dynamodb::detail::engine& engine, entity_type const& type, lowered_key const& key,
                             operation_options const& options) {
    check_read_options(options);
    if (options.whole && options.whole->assumed) check_assumed_names(*options.whole->assumed, type);
    raw_request request{
        .op = operation::get_item, .body = engine.borrow_body(), .repeatable = true, .options = options.call};
    std::size_t const at =
        append_get_item(request.body, engine.options().table_prefix, type, key.json(), options.consistent);
    request.report_capacity = wants_capacity(options);
    request.reads_whole_answer = true; // read_get_item()
    request.about.tell = &tell_get_item;
    request.about.who = &type;
    request.about.at = static_cast<std::uint32_t>(at);
    request.about.size = static_cast<std::uint32_t>(key.json().size());
    return request;
}

/// `left_out`: there is an entity, but none that `which` gives.
[[noreturn]] void throw_not_found(engine_ptr const& engine, entity_type const& type, std::string const& key,
                                  trashed which, bool left_out, raw_reply const& reply) {
    diagnostics d;
    d.key = key;
    d.message = left_out ? "the " + type.name + " with the key " + key +
                               (which == trashed::only ? " is not trashed" : " is trashed")
                         : "there is no " + type.name + " with the key " + key;
    d.message += "; use find() where an entity may be missing";
    rethrow_about(error(errc::not_found, std::move(d)), engine, type, operation::get_item, reply);
}

/// Whether a read that gives `which` entities gives this one.
bool is_given(entity_type const& type, void const* entity, trashed which) {
    return which == trashed::unsaid || which == trashed::with || type.is_trashed(entity) == (which == trashed::only);
}

/// Adds a GetItem to a report as a line of the plan.
void note_get(load_report& report, entity_type const& type, std::string const& table) {
    load_read& read = report.reads.emplace_back();
    read.relation = read.entity = type.name;
    read.operation = to_string(operation::get_item);
    read.table = table;
    read.requests = 1;
    read.items = report.items;
    read.read_units = report.read_units;
    if (report.read_units > 0) report.capacity.add(table, {}, report.read_units, 0);
}

/// `required`: throws errc::not_found when there is no such entity.
asio::awaitable<bool> do_find_one(engine_ptr engine, entity_type const& type, raw_request request, std::string key,
                                  bool required, std::vector<load_node> children, operation_options options,
                                  void* into) {
    accounting account(options);
    // One deadline for the entity and its relations.
    auto const until = children.empty() ? clock::time_point() : engine->deadline_of(options.call);
    bool found = false;
    load_before before;
    {
        load_report made;
        made.gets = 1;
        made.max_in_flight = 1;
        raw_reply reply;
        load_timeline* const timeline = options.whole ? options.whole->timeline : nullptr;
        std::string const table = account.wanted() || timeline != nullptr
                                      ? physical_table(engine->options().table_prefix, type.table)
                                      : std::string();
        get_recorder recorder(timeline, options.whole ? options.whole->max_recorded : 0, type.name, table,
                              timeline != nullptr ? clock::now() : clock::time_point());
        request.retries = recorder.retries();
        try {
            reply = co_await engine->perform(std::move(request));
            auto const answer = read_get_item(reply.body(), key, type, into);
            found = answer.found;
            made.read_units = answer.read_units;
        } catch (error const& e) {
            made.read_units = spent_units(reply.body());
            if (made.read_units > 0) made.capacity.add(table, {}, made.read_units, 0);
            account.add(made);
            recorder.on_failed(e.code(), clock::now());
            rethrow_about(e, engine, type, operation::get_item, reply);
        }
        made.items = found ? 1 : 0;
        if (account.wanted()) note_get(made, type, table);
        account.add(made);
        before.requests = 1;
        before.read_units = made.read_units;
        if (timeline != nullptr) {
            recorder.on_read(made.items, made.read_units, clock::now());
            before.number = timeline->requests.size();
        }
        bool const left_out = found && !is_given(type, into, options.which);
        found = found && !left_out;
        if (!found && required) throw_not_found(engine, type, key, options.which, left_out, reply);
    }
    if (found && !type.awaited_read_hooks.empty()) {
        auto calling = call_read_hooks(type, into);
        co_await std::move(calling);
    }
    if (found && !children.empty()) {
        auto settings = loader_options_of(*engine, options, before);
        settings.until = until; // which began with the GetItem
        loader load(std::move(settings));
        auto how = drive_options_of(*engine, options);
        how.until = until;
        std::vector<void*> roots(1, into);
        load.start_with_entities(type, std::move(roots), std::move(children));
        auto running = run_load(engine, load, account, std::move(how));
        co_await std::move(running);
    }
    co_return found;
}

/// Whether a Query of the entity's partition brings some of the relations with it.
bool reads_collection(std::vector<load_node> const& children) {
    return std::any_of(children.begin(), children.end(), [](load_node const& n) {
        return n.relation->in_item_collection && !n.counts && !n.select.limit;
    });
}

/// The same for an entity that a Query brings with its relations, and for a projection whose time in the trash or whose
/// relations matter: the attributes that decide these need not be members, so the entity is read by the loader, which
/// keeps them beside it.
asio::awaitable<bool> do_find_part(engine_ptr engine, entity_type const& type, std::string key, bool required,
                                   std::vector<load_node> children, operation_options options, void* into) {
    accounting account(options);
    loader load(loader_options_of(*engine, options));
    auto how = drive_options_of(*engine, options);
    auto const which = options.which == trashed::unsaid ? trashed::with : options.which;
    load.start_with_keys(type, std::vector<std::string>(1, key), std::move(children), which);
    auto running = run_load(engine, load, account, std::move(how));
    co_await std::move(running);
    void* const found = load.found_by_key().front().first;
    if (found == nullptr && required) {
        diagnostics d;
        d.key = key;
        d.message = "there is no " + type.name + " with the key " + key +
                    (which == trashed::with ? "" : " that this read gives; it may be there and be left out") +
                    "; use find() where an entity may be missing";
        throw about(error(errc::not_found, std::move(d)), engine, type);
    }
    if (found != nullptr) type.storage.move_to(into, found);
    co_return found != nullptr;
}

} // namespace

asio::awaitable<bool> find_one(engine_ptr engine, entity_type const& type, lowered_key key,
                               std::vector<load_node> children, operation_options options, void* into, bool required) {
    return begin_operation<bool>(engine, type, [&] {
        complete_relations(type, children, options); // so that no error depends on whether the entity exists
        bool const asks_for_trash = options.which != trashed::unsaid && options.which != trashed::with;
        if (reads_collection(children) || (type.is_projection && (asks_for_trash || !children.empty()))) {
            check_read_options(options);
            std::string json = std::move(key).json();
            return do_find_part(engine, type, std::move(json), required, std::move(children), options, into);
        }
        auto request = get_item_request(*engine, type, key, options);
        return do_find_one(engine, type, std::move(request), std::move(key).json(), required, std::move(children),
                           options, into);
    });
}

asio::awaitable<raw_reply> fetch_one(engine_ptr const& engine, entity_type const& type, lowered_key const& key,
                                     operation_options const& options) {
    try {
        return engine->perform(get_item_request(*engine, type, key, options));
    } catch (error const& e) {
        return failed_operation<raw_reply>(std::make_exception_ptr(about(e, engine, type)));
    }
}

bool read_one(engine_ptr const& engine, raw_reply const& reply, lowered_key const& key, entity_type const& type,
              void* into) {
    try {
        return read_get_item(reply.body(), key.json(), type, into).found;
    } catch (error const& e) {
        rethrow_about(e, engine, type, operation::get_item, reply);
    }
}

void rethrow_about_one(error const& e, engine_ptr const& engine, entity_type const& type) {
    if (!e.info().entity.empty()) throw e;
    rethrow_about(e, engine, type, operation::get_item, {});
}

// ---- many entities

namespace {

asio::awaitable<void> do_find_directly(engine_ptr engine, entity_type const& type,
                                       std::unique_ptr<direct_key_read> batch, std::size_t count,
                                       operation_options options, key_places places) {
    auto driving = drive_read(engine, *batch, options);
    co_await std::move(driving);
    if (!type.awaited_read_hooks.empty()) {
        for (std::size_t i = 0; i < count; ++i) {
            void* const entity = const_cast<void*>(places.at(places.places, i)); // the places are the caller's own
            if (entity == nullptr) continue;
            auto calling = call_read_hooks(type, entity);
            co_await std::move(calling);
        }
    }
    batch->copy_duplicates();
    if (!type.deleted_at) co_return;
    for (std::size_t i = 0; i < count; ++i) {
        void const* const entity = places.at(places.places, i);
        if (entity != nullptr && !is_given(type, entity, options.which)) places.drop(places.places, i);
    }
}

asio::awaitable<void> do_find_many(engine_ptr engine, entity_type const& type, key_list keys,
                                   std::vector<load_node> children, operation_options options, key_places places) {
    accounting account(options);
    loader load(loader_options_of(*engine, options));
    auto how = drive_options_of(*engine, options);
    {
        key_list const all = std::move(keys); // which the load has then
        std::size_t i = 0;
        load.start_with_keys(
            type, all.size(), [&] { return std::string(all[i++]); }, std::move(children), options.which,
            options.everything);
    }
    load.give_early([places](std::size_t i, void* entity) { places.put(places.places, i, entity, true); });
    auto running = run_load(engine, load, account, std::move(how));
    co_await std::move(running);
    auto const found = load.found_by_key();
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].first != nullptr) places.put(places.places, i, found[i].first, found[i].second);
    }
}

} // namespace

asio::awaitable<void> find_many(engine_ptr engine, entity_type const& type, key_list keys,
                                std::vector<load_node> children, operation_options options, key_places places) {
    return begin_operation<void>(engine, type, [&] {
        keys.check();
        check_read_options(options);
        if (options.which == trashed::unsaid) options.which = trashed::without;
        complete_relations(type, children, options);
        // The loader evaluates conditions.
        bool const has_condition = type.always && !options.everything;
        // The loader knows of budgets, estimates and timelines.
        if (children.empty() && keys.size() > 0 && !options.whole && !options.bad_items.leave_out &&
            !type.is_projection && !has_condition) {
            direct_key_read::options how;
            how.table = physical_table(engine->options().table_prefix, type.table);
            how.consistent = options.consistent;
            how.bodies = engine.get();
            auto batch = std::make_unique<direct_key_read>(type, std::move(how), engine->retry(), places);
            std::size_t const count = keys.size();
            if (batch->add(keys)) return do_find_directly(engine, type, std::move(batch), count, options, places);
        }
        return do_find_many(engine, type, std::move(keys), std::move(children), options, places);
    });
}

} // namespace dynasio::detail
