#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/expression.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>
#include <dynasio/core/ulid.hpp>

#include <array>
#include <charconv>
#include <cstddef>
#include <system_error>
#include <utility>

#include "access_plan.hpp"
#include "answers.hpp"
#include "drive.hpp"
#include "graph.hpp"
#include "key_batch.hpp"
#include "type/item_values.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using dynamodb::condition;
using dynamodb::json_reader;
using dynamodb::operation;
using raw_request = dynamodb::detail::raw_request;
using raw_reply = dynamodb::detail::raw_reply;
using override_value = entity_type::override_value;

namespace {

raw_request make_request(operation op, std::string body, bool repeatable, call_options const& call) {
    raw_request raw{.op = op, .body = std::move(body), .repeatable = repeatable, .options = call};
    return raw;
}

std::string begin_body(dynamodb::detail::engine& engine, entity_type const& type) {
    std::string body = engine.borrow_body();
    body += R"({"TableName":)";
    auto const& prefix = engine.options().table_prefix;
    dynamodb::append_json_string(body, prefix.empty() ? type.table : prefix + type.table);
    return body;
}

graph_options options_for(dynamodb::detail::engine& engine, operation_options const& options) {
    graph_options made;
    made.make_body = [&engine] { return engine.borrow_body(); };
    made.table_prefix = engine.options().table_prefix;
    made.retry = engine.retry();
    made.report_capacity = options.report != nullptr || options.call.cost() != nullptr;
    made.consistent_read = options.consistent;
    return made;
}

void append_capacity(std::string& body, operation_options const& options) {
    if (options.report || options.call.cost()) body += R"(,"ReturnConsumedCapacity":"TOTAL")";
}

/// Adds what a graph cost to what the caller asked to be told.
class accounting {
public:
    explicit accounting(operation_options const& options)
        : report_(options.report), cost_(options.call.cost()),
          latency_before_(cost_ ? cost_->latency : std::chrono::nanoseconds()),
          start_(wanted() ? clock::now() : clock::time_point()), last_(start_) {}
    [[nodiscard]] bool wanted() const noexcept { return report_ || cost_; }

    void add(load_report const& made) {
        if (!wanted()) return;
        auto const now = clock::now();
        auto const took = now - std::exchange(last_, now);
        if (cost_) {
            cost_->read_units += made.read_units;
            // Requests that overlap have added theirs up; what counts is the time that passed.
            cost_->latency = latency_before_ + (now - start_);
        }
        if (!report_) return;
        report_->queries += made.queries;
        report_->batch_gets += made.batch_gets;
        report_->gets += made.gets;
        report_->keys += made.keys;
        report_->unprocessed += made.unprocessed;
        report_->items += made.items;
        report_->max_in_flight = std::max(report_->max_in_flight, made.max_in_flight);
        report_->read_units += made.read_units;
        report_->plan += made.plan;
        report_->wall_time += took;
    }
    void add(graph const& g) {
        if (wanted()) add(g.report()); // which writes the plan out
    }

private:
    load_report* report_;
    call_cost* cost_;
    std::chrono::nanoseconds latency_before_;
    clock::time_point start_;
    clock::time_point last_;
};

[[noreturn]] void rethrow_about(error const& e, entity_type const& type) {
    diagnostics d = e.info();
    if (d.entity.empty()) d.entity = type.name;
    throw_error(e.code(), std::move(d));
}

/// The same where the answer had come, if it had, and could not be understood.
[[noreturn]] void rethrow_about(error const& e, entity_type const& type, std::string const& table, operation op,
                                dynamodb::detail::raw_reply const& reply) {
    diagnostics d = e.info();
    if (d.entity.empty()) d.entity = type.name;
    if (d.table.empty()) d.table = table;
    if (d.operation.empty()) d.operation = to_string(op);
    name_answer(d, reply);
    throw_error(e.code(), std::move(d));
}

} // namespace

// ---- reading

namespace {

raw_request get_item_request(dynamodb::detail::engine& engine, entity_type const& type, lowered_key const& key,
                             operation_options const& options) {
    std::string body = begin_body(engine, type);
    body += R"(,"Key":)";
    body += key.json();
    if (options.consistent) body += R"(,"ConsistentRead":true)";
    append_capacity(body, options);
    body += '}';
    return make_request(operation::get_item, std::move(body), true, options.call);
}

/// Reads the answer to a GetItem for `key`; false when there is no item.
bool read_get_item(std::string_view body, std::string_view key, entity_type const& type, void* into, double& units) {
    bool found = false;
    json_reader in(body);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == "Item") {
            if (in.read_if_null()) continue;
            note_member(in, found, name);
            type.storage.name_handles(into);
            item_values values;
            type.decode(in, into, values);
            // A proxy that mixes answers up must not hand out somebody else's data.
            if (!type.spells_key(key, values)) {
                std::string spelt_alike;
                type.encode_key(spelt_alike, into);
                if (spelt_alike != key) in.fail("the answer holds an item that was not asked for");
            }
        } else if (name == "ConsumedCapacity") {
            units = read_capacity_units(in);
        } else {
            in.skip_value();
        }
    }
    in.finish();
    return found;
}

[[noreturn]] void throw_not_found(dynamodb::detail::engine const& engine, entity_type const& type,
                                  std::string const& key, dynamodb::detail::raw_reply const& reply) {
    diagnostics d;
    d.entity = type.name;
    d.table = engine.options().table_prefix + type.table;
    d.operation = to_string(operation::get_item);
    d.message = "there is no " + type.name + " with the key " + key + "; use find() where an entity may be missing";
    name_answer(d, reply);
    throw_error(errc::not_found, std::move(d));
}

/// `required`: it is an error that there is no such entity.
asio::awaitable<bool> do_find_one(engine_ptr engine, entity_type const& type, raw_request request, std::string key,
                                  bool required, std::vector<load_node> children, operation_options options,
                                  void* into) {
    accounting account(options);
    // One deadline for the entity and its relations.
    auto const until = children.empty() ? clock::time_point() : engine->deadline_of(options.call);
    bool found = false;
    {
        double units = 0;
        dynamodb::detail::raw_reply reply;
        try {
            reply = co_await engine->perform(std::move(request));
            found = read_get_item(reply.body(), key, type, into, units);
        } catch (error const& e) {
            rethrow_about(e, type, engine->options().table_prefix + type.table, operation::get_item, reply);
        }
        load_report made;
        made.gets = 1;
        made.items = found ? 1 : 0;
        made.read_units = units;
        made.max_in_flight = 1;
        account.add(made);
        if (!found && required) throw_not_found(*engine, type, key, reply);
    }
    if (found && !children.empty()) {
        graph g(options_for(*engine, options));
        std::vector<void*> roots(1, into);
        g.start_with_entities(type, std::move(roots), std::move(children));
        options.call.timeout(std::max(until - clock::now(), clock::duration::zero()));
        co_await drive(engine, g, options, true);
        g.finish();
        account.add(g);
    }
    co_return found;
}

asio::awaitable<void> do_find_many(engine_ptr engine, entity_type const& type, key_list keys,
                                   std::vector<load_node> children, operation_options options, key_places places) {
    accounting account(options);
    graph g(options_for(*engine, options));
    std::vector<std::string> texts;
    texts.reserve(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) texts.emplace_back(keys[i]);
    g.start_with_keys(type, texts, std::move(children));
    co_await drive(engine, g, options);
    g.finish();
    account.add(g);
    auto const found = g.found_by_key();
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].first) places.put(places.places, i, found[i].first, found[i].second);
    }
}

asio::awaitable<void> do_find_batch(engine_ptr engine, entity_type const& type, std::unique_ptr<key_batch> batch,
                                    operation_options options) {
    accounting account(options);
    engine->admit(co_await asio::this_coro::executor);
    http::deadline until(engine->deadlines(), engine->deadline_of(options.call));
    std::uint64_t requests = 0;
    for (;;) {
        std::string body = engine->borrow_body();
        batch->append_body(body);
        auto request = make_request(operation::batch_get_item, std::move(body), true, options.call);
        key_batch::decision next{};
        {
            auto const reply = co_await engine->perform(std::move(request), &until);
            ++requests;
            try {
                next = batch->on_answer(reply.body(), engine->jitter());
            } catch (error const& e) {
                rethrow_about(e, type, engine->options().table_prefix + type.table, operation::batch_get_item, reply);
            }
        }
        if (next.next == dynamodb::progress_guard::action::done) break;
        auto const delay = std::chrono::ceil<clock::duration>(next.delay);
        if (delay.count() > 0) co_await engine->sleep(delay, until);
    }
    load_report made;
    made.batch_gets = requests;
    made.keys = batch->distinct();
    made.unprocessed = batch->unprocessed();
    made.items = batch->received();
    made.read_units = batch->read_units();
    made.max_in_flight = 1;
    account.add(made);
    batch->copy_duplicates();
}

asio::awaitable<void> do_load_relations(engine_ptr engine, entity_type const& type, std::vector<void*> entities,
                                        std::vector<load_node> children, operation_options options) {
    accounting account(options);
    graph g(options_for(*engine, options));
    g.start_with_entities(type, std::move(entities), std::move(children));
    co_await drive(engine, g, options);
    g.finish();
    account.add(g);
}

access_plan plan_of(query_plan const& plan) {
    return plan.scan ? plan_scan(*plan.type, plan.select) : plan_query(*plan.type, plan.select);
}

asio::awaitable<query_outcome> do_run_query(engine_ptr engine, query_plan plan, access_plan access,
                                            std::string cursor) {
    accounting account(plan.options);
    graph g(options_for(*engine, plan.options));
    g.start_with_query(*plan.type, std::move(access), plan.select, std::move(cursor), std::move(plan.children));
    co_await drive(engine, g, plan.options);
    g.finish();
    account.add(g);
    query_outcome outcome;
    outcome.items = g.take_items();
    outcome.cursor = g.next_cursor();
    co_return outcome;
}

asio::awaitable<std::uint64_t> do_run_count(engine_ptr engine, query_plan plan, access_plan access) {
    if (plan.select.where.is_never()) co_return 0;
    engine->admit(co_await asio::this_coro::executor);
    operation const op = access.path ? operation::query : operation::scan;
    auto const until = engine->deadline_of(plan.options.call);
    std::string head = begin_body(*engine, *plan.type);
    if (access.path && !access.path->name.empty()) {
        head += R"(,"IndexName":)";
        dynamodb::append_json_string(head, access.path->name);
    }
    dynamodb::expression_writer expressions;
    if (access.path) {
        std::string text = expressions.write(access.partition);
        if (!access.sort.is_always()) text += " AND " + expressions.write(access.sort);
        head += R"(,"KeyConditionExpression":)";
        dynamodb::append_json_string(head, text);
    }
    if (!access.filter.is_always()) {
        head += R"(,"FilterExpression":)";
        dynamodb::append_json_string(head, expressions.write(access.filter));
    }
    expressions.append_members(head);
    head += R"(,"Select":"COUNT")";
    append_capacity(head, plan.options);

    std::uint64_t total = 0;
    std::string cursor;
    do {
        std::string body = engine->borrow_body();
        body += head;
        if (!cursor.empty()) body += R"(,"ExclusiveStartKey":)" + cursor;
        body += '}';
        std::string const page = std::exchange(cursor, {});
        bool counted = false;
        bool next = false;
        http::deadline at(engine->deadlines(), until);
        auto request = make_request(op, std::move(body), true, plan.options.call);
        dynamodb::detail::raw_reply reply;
        try {
            reply = co_await engine->perform(std::move(request), &at);
            json_reader in(reply.body());
            std::string_view name;
            in.enter_object();
            while (in.next_member(name)) {
                if (name == "Count") {
                    note_member(in, counted, name);
                    total += read_count(in);
                } else if (name == "LastEvaluatedKey") {
                    note_member(in, next, name);
                    cursor = read_next_page(in, page);
                } else {
                    in.skip_value();
                }
            }
            in.finish();
        } catch (error const& e) {
            rethrow_about(e, *plan.type, engine->options().table_prefix + plan.type->table, op, reply);
        }
        if (plan.select.limit && total >= *plan.select.limit) co_return *plan.select.limit;
    } while (!cursor.empty());
    co_return total;
}

asio::awaitable<query_outcome> name_next_page(asio::awaitable<query_outcome> op, std::string identity) {
    query_outcome outcome = co_await std::move(op);
    if (!outcome.cursor.empty()) outcome.cursor = encode_cursor(identity, outcome.cursor);
    co_return outcome;
}

asio::awaitable<std::uint64_t> count_items(asio::awaitable<query_outcome> op, entity_type const& type) {
    query_outcome const outcome = co_await std::move(op);
    co_return type.storage.size(outcome.items.get());
}

} // namespace

asio::awaitable<bool> find_one(engine_ptr engine, entity_type const& type, lowered_key key,
                               std::vector<load_node> children, operation_options options, void* into, bool required) {
    return lowering<bool>(engine, [&] {
        check_nesting(children); // also when there is no entity to load relations of
        auto request = get_item_request(*engine, type, key, options);
        auto op = do_find_one(engine, type, std::move(request), std::move(key).json(), required, std::move(children),
                              options, into);
        return dynamodb::detail::enter(engine, std::move(op));
    });
}

asio::awaitable<raw_reply> fetch_one(engine_ptr const& engine, entity_type const& type, lowered_key const& key,
                                     operation_options const& options) {
    return lowering<raw_reply>(engine, [&] {
        auto request = get_item_request(*engine, type, key, options);
        return engine->perform(std::move(request));
    });
}

bool read_one(engine_ptr const& engine, raw_reply const& reply, lowered_key const& key, entity_type const& type,
              void* into) {
    try {
        double ignored = 0;
        return read_get_item(reply.body(), key.json(), type, into, ignored);
    } catch (error const& e) {
        rethrow_about(e, type, engine->options().table_prefix + type.table, operation::get_item, reply);
    }
}

void rethrow_about_one(error const& e, engine_ptr const& engine, entity_type const& type) {
    if (!e.info().entity.empty()) throw e;
    rethrow_about(e, type, engine->options().table_prefix + type.table, operation::get_item, {});
}

asio::awaitable<void> find_many(engine_ptr engine, entity_type const& type, key_list keys,
                                std::vector<load_node> children, operation_options options, key_places places) {
    return lowering<void>(engine, [&] {
        keys.check();
        if (children.empty() && keys.size() > 0) {
            auto batch =
                std::make_unique<key_batch>(type, engine->options().table_prefix + type.table, options.consistent,
                                            options.report || options.call.cost(), engine->retry(), places);
            if (batch->add(keys)) {
                auto op = do_find_batch(engine, type, std::move(batch), options);
                return dynamodb::detail::enter(engine, std::move(op));
            }
        }
        auto op = do_find_many(engine, type, std::move(keys), std::move(children), options, places);
        return dynamodb::detail::enter(engine, std::move(op));
    });
}

asio::awaitable<void> load_relations(engine_ptr engine, entity_type const& type, std::vector<void*> entities,
                                     std::vector<load_node> children, operation_options options) {
    auto op = do_load_relations(engine, type, std::move(entities), std::move(children), options);
    return dynamodb::detail::enter(engine, std::move(op));
}

asio::awaitable<query_outcome> run_query(engine_ptr engine, query_plan plan) {
    return lowering<query_outcome>(engine, [&] {
        auto access = plan_of(plan);
        auto op = do_run_query(engine, std::move(plan), std::move(access), {});
        return dynamodb::detail::enter(engine, std::move(op));
    });
}

asio::awaitable<query_outcome> run_page(engine_ptr engine, query_plan plan, std::size_t size, std::string cursor) {
    return lowering<query_outcome>(engine, [&] {
        std::string identity;
        std::string start;
        try {
            if (plan.select.limit)
                throw_error(errc::invalid_argument, "page() has a size of its own: leave out limit()");
            if (size == 0) throw_error(errc::invalid_argument, "a page needs a size of at least 1");
            identity = cursor_identity(plan);
            if (!cursor.empty()) start = decode_cursor(identity, cursor);
        } catch (error const& e) {
            rethrow_about(e, *plan.type);
        }
        plan.select.limit = size;
        auto access = plan_of(plan);
        auto op = name_next_page(do_run_query(engine, std::move(plan), std::move(access), std::move(start)),
                                 std::move(identity));
        return dynamodb::detail::enter(engine, std::move(op));
    });
}

asio::awaitable<std::uint64_t> run_count(engine_ptr engine, query_plan plan) {
    return lowering<std::uint64_t>(engine, [&] {
        plan.select.order.reset(); // without meaning for a count
        plan.children.clear();
        auto access = plan_of(plan);
        auto const* const type = plan.type;
        if (!access.residue.is_always()) {
            auto op = count_items(do_run_query(engine, std::move(plan), std::move(access), {}), *type);
            return dynamodb::detail::enter(engine, std::move(op));
        }
        auto op = do_run_count(engine, std::move(plan), std::move(access));
        return dynamodb::detail::enter(engine, std::move(op));
    });
}

std::string explain_query(engine_ptr const& engine, query_plan const& plan) {
    graph g(options_for(*engine, plan.options));
    g.start_with_query(*plan.type, plan_of(plan), plan.select, {}, plan.children);
    return g.explain(false);
}

std::string explain_load(engine_ptr const& engine, entity_type const& type, std::vector<load_node> children) {
    graph g(options_for(*engine, {}));
    g.start_with_entities(type, {}, std::move(children));
    return g.explain(false);
}

// ---- writing

namespace {

struct prepared_write {
    operation op;
    std::string body;
    bool repeatable = false;
    bool versioned = false;
    bool must_exist = false;
    bool must_not_exist = false;
    std::vector<override_value> assignments; // put into the entity on success
};

std::string number_wire(std::uint64_t value) {
    std::string out;
    dynamodb::append_number_attribute(out, std::to_string(value));
    return out;
}

std::string text_of(std::string_view wire) {
    json_reader in(wire);
    (void)in.open_attribute();
    return std::string(in.read_string());
}

[[noreturn]] void throw_about_version(entity_type const& type, std::string_view what) {
    diagnostics d;
    d.entity = type.name;
    d.table = type.table;
    d.attribute = type[*type.version].name;
    d.message = "the version " + type.name + "::" + type[*type.version].member + std::string(what);
    throw_error(errc::number_out_of_range, std::move(d));
}

std::uint64_t version_of(entity_type const& type, void const* entity) {
    std::string const wire = type.wire(entity, *type.version);
    std::string const text = text_of(wire);
    std::uint64_t version = 0;
    auto const [end, ec] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (ec != std::errc{} || end != text.data() + text.size())
        throw_about_version(type, " is negative; versions count from 1, and 0 says that the entity is new");
    return version;
}

/// The version after `version`, which the member must be able to hold: found out before anything is sent.
std::uint64_t version_after(entity_type const& type, std::uint64_t version) {
    constexpr char const* last = " is the last one that its type holds: make the member a wider integer";
    constexpr std::uint64_t fits_any = 127;
    std::uint64_t const next = version + 1;
    if (next == 0) throw_about_version(type, last);
    if (next <= fits_any) return next;
    // As the member would read it: an integer of at most eight bytes.
    alignas(std::uint64_t) std::array<std::byte, sizeof(std::uint64_t)> member;
    std::string const wire = number_wire(next);
    json_reader in(wire);
    try {
        type[*type.version].decode(in, member.data());
    } catch (error const&) {
        throw_about_version(type, last);
    }
    return next;
}

/// A member of timestamps<> or created_at<>, which are of this type.
timestamp time_of(entity_type const& type, void const* entity, attribute_index i) {
    return *static_cast<timestamp const*>(type[i].member_of(entity));
}

/// Design rule for plain values: version 0, else created_at unset, else an empty key says that it was never saved.
enum class newness { fresh, stored, unknown };
newness newness_of(entity_type const& type, void const* entity, bool key_empty) {
    if (key_empty) return newness::fresh;
    if (type.version) return version_of(type, entity) == 0 ? newness::fresh : newness::stored;
    if (type.created_at) return time_of(type, entity, *type.created_at).is_set() ? newness::stored : newness::fresh;
    return newness::unknown;
}

prepared_write prepare_write(dynamodb::detail::engine& engine, entity_type const& type, void const* entity,
                             write_mode mode) {
    prepared_write made{.op = operation::put_item, .body = {}, .assignments = {}};
    made.assignments.reserve(4);
    // The last part of the key is made when it is an empty string.
    attribute_index const generated = type.key.sort.value_or(type.key.partition);
    // No other type, though times are stored as text too.
    bool const is_text = type[generated].inlined == inlined_codec::string;
    std::string_view const present =
        is_text ? *static_cast<std::string const*>(type[generated].member_of(entity)) : std::string_view();
    bool const key_empty = is_text && present.empty();
    newness const state = mode == write_mode::create ? newness::fresh : newness_of(type, entity, key_empty);

    std::string id;
    if (key_empty) {
        id = engine.options().ulids->next();
        made.assignments.push_back({generated, id});
    }
    system_time const now = engine.options().clock();
    if (type.created_at && state != newness::stored && !time_of(type, entity, *type.created_at).is_set()) {
        // A key that only looks like a ULID may lead beyond the times that can be stored.
        auto key_time = !is_text ? std::nullopt : ulid_time(key_empty ? id : present);
        if (key_time && *key_time >= timestamp::end_time) key_time.reset();
        made.assignments.push_back({*type.created_at, timestamp(key_time.value_or(now))});
    }
    if (type.updated_at) {
        auto const before = time_of(type, entity, *type.updated_at);
        made.assignments.push_back({*type.updated_at, timestamp(before ? std::max(before.time(), now) : now)});
    }
    std::uint64_t const version = type.version && state != newness::fresh ? version_of(type, entity) : 0;
    if (type.version) made.assignments.push_back({*type.version, version_after(type, version)});

    std::string body = begin_body(engine, type);
    if (state == newness::fresh) {
        made.must_not_exist = true;
        body += R"(,"Item":{)";
        type.encode_members(body, entity, made.assignments, true);
        body += '}';
        body += type.only_if_absent;
    } else {
        // An update instead of a put: attributes that this schema does not know survive.
        made.op = operation::update_item;
        auto const values = type.encode_values(entity, made.assignments);
        std::string const& partition_name = type[type.key.partition].name;
        dynamodb::expression_writer expressions;
        std::string set, remove;
        for (attribute_index i = 0; i < values.size(); ++i) {
            if (i == type.key.partition || type.key.sort == i) continue;
            std::string& part = values[i].empty() ? remove : set;
            part += part.empty() ? "" : ", ";
            part += expressions.name(type[i].name);
            if (!values[i].empty()) part += " = " + expressions.value(values[i]);
        }
        std::string update = set.empty() ? std::string() : "SET " + set;
        if (!remove.empty()) update += (update.empty() ? "REMOVE " : " REMOVE ") + remove;
        body += R"(,"Key":)";
        type.encode_key(body, values[type.key.partition], type.key.sort ? values[*type.key.sort] : std::string());
        if (!update.empty()) {
            body += R"(,"UpdateExpression":)";
            dynamodb::append_json_string(body, update);
        }
        std::optional<condition> guard;
        if (type.version && state == newness::stored) {
            made.versioned = true;
            guard.emplace(condition::kind::equal, type[*type.version].name,
                          std::vector<std::string>(1, number_wire(version)));
        } else if (state == newness::stored) {
            made.must_exist = true;
            guard.emplace(condition::kind::exists, partition_name);
        }
        if (guard) {
            body += R"(,"ConditionExpression":)";
            dynamodb::append_json_string(body, expressions.write(*guard));
        }
        made.repeatable = !made.versioned; // setting the same values twice changes nothing
        expressions.append_members(body);
    }
    made.body = std::move(body);
    return made;
}

/// The key that was written, for messages.
std::string key_of_write(entity_type const& type, void const* entity, prepared_write const& write) {
    auto const values = type.encode_values(entity, write.assignments);
    std::string key;
    type.encode_key(key, values[type.key.partition], type.key.sort ? values[*type.key.sort] : std::string());
    return key;
}

[[noreturn]] void explain_failed_write(error const& e, entity_type const& type, void const* entity,
                                       prepared_write const& write) {
    if (e.code() != service_errc::conditional_check_failed ||
        !(write.versioned || write.must_exist || write.must_not_exist))
        rethrow_about(e, type);
    diagnostics d = e.info();
    d.entity = type.name;
    std::string const key = key_of_write(type, entity, write);
    errc code = errc::condition_failed;
    if (write.must_not_exist) {
        code = errc::already_exists;
        d.message = "an entity " + type.name + " with the key " + key +
                    " exists already; choose another key, or find and save it";
    } else if (write.versioned) {
        code = errc::stale_version;
        d.message = "the entity " + type.name + " with the key " + key +
                    " was changed or removed by somebody else since it was read; read it again and repeat the change";
    } else {
        code = errc::not_found;
        d.message = "the entity " + type.name + " with the key " + key +
                    " does not exist any more; create it to store it again";
    }
    if (d.outcome_unknown) d.message += " (an earlier attempt of this call may have stored it: read it to find out)";
    throw_error(code, std::move(d));
}

asio::awaitable<void> do_write(engine_ptr engine, entity_type const& type, void* entity, prepared_write write,
                               operation_options options) {
    if (options.call.cost()) write.body += R"(,"ReturnConsumedCapacity":"TOTAL")";
    write.body += '}';
    auto request = make_request(write.op, std::move(write.body), write.repeatable, options.call);
    try {
        auto const reply = co_await engine->perform(std::move(request));
        if (auto* const cost = options.call.cost()) {
            json_reader in(reply.body());
            std::string_view name;
            in.enter_object();
            while (in.next_member(name)) {
                if (name == "ConsumedCapacity")
                    cost->write_units += read_capacity_units(in);
                else
                    in.skip_value();
            }
        }
    } catch (error const& e) {
        explain_failed_write(e, type, entity, write);
    }
    for (auto const& made : write.assignments) type.assign(entity, made);
    type.storage.name_handles(entity);
}

asio::awaitable<bool> do_remove(engine_ptr engine, entity_type const& type, std::string body, bool repeatable,
                                std::string key, operation_options options) {
    auto request = make_request(operation::delete_item, std::move(body), repeatable, options.call);
    bool existed = false;
    try {
        auto const reply = co_await engine->perform(std::move(request));
        existed = has_attributes(reply.body());
    } catch (error const& e) {
        if (e.code() != service_errc::conditional_check_failed) rethrow_about(e, type);
        diagnostics d = e.info();
        d.entity = type.name;
        d.message = "the entity " + type.name + " with the key " + key +
                    " was changed by somebody else since it was read, so it was not removed; read it again";
        throw_error(errc::stale_version, std::move(d));
    }
    co_return existed;
}

} // namespace

asio::awaitable<void> write_entity(engine_ptr engine, entity_type const& type, void* entity, write_mode mode,
                                   operation_options options) {
    return lowering<void>(engine, [&] {
        auto write = prepare_write(*engine, type, entity, mode);
        auto op = do_write(engine, type, entity, std::move(write), options);
        return dynamodb::detail::enter(engine, std::move(op));
    });
}

asio::awaitable<bool> remove_item(engine_ptr engine, entity_type const& type, lowered_key key, std::string version,
                                  operation_options options) {
    return lowering<bool>(engine, [&] {
        std::string json = std::move(key).json();
        std::string body = begin_body(*engine, type);
        body += R"(,"Key":)";
        body += json;
        body += R"(,"ReturnValues":"ALL_OLD")";
        if (!version.empty()) {
            dynamodb::expression_writer expressions;
            condition const gone(condition::kind::not_exists, type[type.key.partition].name);
            condition const same(condition::kind::equal, type[*type.version].name,
                                 std::vector<std::string>(1, version));
            body += R"(,"ConditionExpression":)";
            dynamodb::append_json_string(body, expressions.write(gone || same));
            expressions.append_members(body);
        }
        body += '}';
        // Deleting twice does no harm; only the answer whether there was an item can differ.
        auto op = do_remove(engine, type, std::move(body), true, std::move(json), options);
        return dynamodb::detail::enter(engine, std::move(op));
    });
}

} // namespace dynasio::detail
