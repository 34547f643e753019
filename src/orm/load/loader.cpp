#include "loader.hpp"

#include <dynasio/dynamodb/detail/batch_get.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <cmath>
#include <deque>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "../type/projection_text.hpp"
#include "../wire/key_read.hpp"
#include "estimate.hpp"
#include "explain.hpp"
#include "steps/step.hpp"

namespace dynasio::detail {

using dynamodb::operation;

namespace {

/// The members that ask for what the entities of one table need, if all of them are projections or are only counted.
std::string projection_of_table(std::vector<fetch*> const& keys, std::string const& table) {
    std::set<std::string> names;
    load_source const* before = nullptr;
    for (fetch const* const f : keys) {
        load_source const& s = f->from;
        if (&s == before || s.table != table) continue;
        before = &s;
        if (!s.type->is_projection && !s.asks_for_kept()) return {};
        if (!s.asks_for_kept())
            for (auto const i : s.type->projected) names.insert((*s.type)[i].name);
        for (auto const i : s.kept.all()) names.insert((*s.type)[i].name);
    }
    return projection_of_names(std::vector<std::string>(names.begin(), names.end()));
}

/// How many requests have failed in place of which this one was sent.
unsigned failures_of(load_queue::dispatch const& d) {
    unsigned times = d.query != nullptr ? d.query->failures : 0;
    for (fetch const* const f : d.keys) times = std::max(times, f->failures);
    return times;
}

/// Calls `take(fetch, is_first_of_its_table)` for each key of a batch, by table and key. A key that two entity types of
/// one table ask for comes once.
template <class Take> void for_each_key(std::vector<fetch*> keys, Take const& take) {
    auto const place = [](fetch const* f) { return std::tie(f->from.table, f->key); };
    std::sort(keys.begin(), keys.end(), [&](fetch const* x, fetch const* y) { return place(x) < place(y); });
    fetch const* before = nullptr;
    for (fetch* const f : keys) {
        if (before != nullptr && place(before) == place(f)) continue;
        take(*f, before == nullptr || before->from.table != f->from.table);
        before = f;
    }
}

std::string const& path_of(load_queue::dispatch const& d) { return d.first().users.front()->of.node->path; }

operation operation_of(load_queue::dispatch const& d) {
    return d.query != nullptr ? d.query->from.text->operation() : operation::batch_get_item;
}

} // namespace

loader::loader(loader_options options)
    : options_(std::move(options)), patience_(options_.retry, options_.limits_attempts),
      plan_(options_.table_prefix, options_.consistent_read, options_.now, options_.bad_items.leave_out),
      queue_(options_.linger, patience_.for_unprocessed()), store_(plan_, queue_, options_.bad_items) {
    if (!options_.whole || options_.whole->timeline == nullptr) return;
    recorder_ = std::make_unique<load_recorder>(*options_.whole->timeline, options_.whole->max_recorded,
                                                options_.before.number);
    queue_.watch(*recorder_);
}
loader::~loader() = default;

// ---- starting

load_target& loader::plan_from(entity_type const& type, load_source* from, std::vector<load_node> children) {
    if (options_.whole && options_.whole->assumed) check_assumed_names(*options_.whole->assumed, type);
    return plan_.plan_root(type, from, std::move(children));
}

void loader::start_with_entities(entity_type const& type, std::vector<void*> entities,
                                 std::vector<load_node> children) {
    load_target& target = plan_from(type, nullptr, std::move(children));
    root_entities_ = std::move(entities);
    given_owners_ = root_entities_.size();
    root_result_ = std::make_unique<load_result>(target, nullptr);
    for (std::size_t i = 0; i < root_entities_.size(); ++i) {
        owner_row owner(type, root_entities_[i]);
        store_.discover(*root_result_, i, owner);
    }
    store_.note_roots_asked();
}

void loader::start_to_explain(entity_type const& type, std::size_t owners, std::vector<load_node> children) {
    plan_from(type, nullptr, std::move(children));
    given_owners_ = owners;
}

void loader::start_to_count(entity_type const& type, std::span<void const* const> owners, load_node what) {
    load_target& target = plan_from(type, nullptr, std::vector<load_node>(1, std::move(what)));
    root_result_ = std::make_unique<load_result>(target, nullptr);
    given_owners_ = owners.size();
    for (std::size_t i = 0; i < owners.size(); ++i) {
        // A step that counts reads the owner's key and writes nothing before attach(), which is not called.
        owner_row owner(type, const_cast<void*>(owners[i]));
        store_.discover(*root_result_, i, owner);
    }
    store_.note_roots_asked();
}

void loader::start_with_keys(entity_type const& type, std::vector<std::string> const& keys,
                             std::vector<load_node> children, trashed which, bool everything) {
    std::size_t i = 0;
    start_with_keys(type, keys.size(), [&] { return keys[i++]; }, std::move(children), which, everything);
}

void loader::start_with_keys(entity_type const& type, std::size_t count, std::function<std::string()> const& next_key,
                             std::vector<load_node> children, trashed which, bool everything) {
    load_target& target = plan_from(type, &plan_.source_by_key(type), std::move(children));
    target.here.where = scope_condition(type, which, everything);
    target.from->kept.add(attributes_evaluated_here(type, target.here.where));
    plan_.read_item_collections();
    root_keys_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        root_keys_.push_back(store_.ask(target, next_key()));
        has_repeated_keys_ = has_repeated_keys_ || root_keys_.back()->asked > 1;
    }
    store_.note_roots_asked();
}

void loader::give_early(std::function<void(std::size_t, void*)> put) {
    load_target const& target = plan_.root()->target();
    // An entity of which a key is repeated is given several times, by found_by_key(). Hooks that are awaited are called
    // when all entities are there.
    bool const is_needed = has_repeated_keys_ || !target.children.empty() || !target.type->awaited_read_hooks.empty();
    if (!is_needed) put_root_ = std::move(put);
}

/// Gives the entities of keys that were answered.
void loader::give_roots(std::vector<fetch*> const& keys) {
    for (fetch* const f : keys) {
        load_result& r = *f->users.front();
        if (!f->complete || f->users.are_several() || r.of.node != plan_.root()) continue;
        bool const is_wanted = f->items && (r.of.here.where.is_always() || !r.chosen().empty());
        // The keys differ, so the fetches have the places of their keys.
        if (is_wanted) put_root_(f->place, r.of.type->storage.at(f->items.get(), 0));
        store_.free_root(r);
    }
}

void loader::start_with_query(entity_type const& type, access_plan const& plan, selection const& select,
                              std::string cursor, std::vector<load_node> children, projection wanted, bool resumable) {
    load_source& from = plan_.source_by_query(type, plan, select, {}, wanted);
    from.resumable = resumable && select.limit && wanted == projection::items;
    if (from.resumable) from.kept.add(from.cursor_attributes());
    from.budget = options_.budget;
    load_target& target = plan_from(type, &from, std::move(children));
    if (is_empty(select)) return;
    root_limit_ = select.limit;
    root_offset_ = wanted == projection::count ? select.offset : 0;
    if (plan.segments > 0 && !plan.segment) {
        for (std::size_t i = 0; i < plan.segments; ++i) root_segments_.push_back(store_.ask(target, std::to_string(i)));
        store_.note_roots_asked();
        return;
    }
    root_query_ = store_.ask(target, plan.segment ? std::to_string(*plan.segment) : std::string());
    root_start_ = cursor;
    root_query_->from->cursor = std::move(cursor);
    store_.note_roots_asked();
}

bool loader::stop() {
    if (root_query_ == nullptr || !plan_.root()->target().children.empty()) return false;
    fetch& f = *root_query_->from;
    // Without a request that was answered there is nothing to return, and the cursor would lead to the same place.
    if (f.complete || f.cursor.empty() || std::string_view(f.cursor) == root_start_) return false;
    store_.stop(f);
    return true;
}

std::string loader::reached() const {
    return std::string(root_query_ != nullptr ? std::string_view(root_query_->from->cursor) : std::string_view());
}

// ---- requests

loader::request loader::begin(load_queue::dispatch const& d, operation op) const {
    request made{d.id, op, options_.make_body ? options_.make_body() : std::string(), {}};
    made.about.tell = &loader::tell;
    made.about.who = &d;
    return made;
}

std::optional<loader::request> loader::next(time_point now) {
    if (has_spent_requests()) return std::nullopt;
    load_queue::dispatch const* const d = queue_.next(now);
    if (d == nullptr) return std::nullopt;
    report_.max_in_flight = std::max<std::uint64_t>(report_.max_in_flight, queue_.in_flight());
    request made = d->query != nullptr ? make_query(*d) : make_batch(*d);
    if (recorder_) made.retries = recorder_->on_sent(*d, to_string(operation_of(*d)), now);
    return made;
}

// ---- the budget

bool loader::has_spent_requests() const noexcept {
    if (!options_.whole) return false;
    auto const most = options_.whole->budget.requests();
    return most && options_.before.requests + report_.requests() >= *most;
}

void loader::check_budget() const {
    if (!options_.whole) return;
    load_budget const& budget = options_.whole->budget;
    std::size_t const needed = queue_.least_requests();
    if (needed == 0) return;
    std::uint64_t const sent = options_.before.requests + report_.requests();
    double const units = options_.before.read_units + store_.read_units();
    bool const has_requests = !budget.requests() || sent + needed <= *budget.requests();
    bool const has_units = !budget.read_units() || units < *budget.read_units();
    if (has_requests && has_units) return;
    fetch const& next = *queue_.first_wanted();
    diagnostics d;
    name_path(d, next.users.front()->of.node->path);
    d.table = next.from.table;
    d.index = next.from.index();
    auto const amount = [](std::uint64_t n) { return std::to_string(n) + (n == 1 ? " request" : " requests"); };
    d.message = "it has sent " + amount(sent) + " and consumed " + short_figure(units) +
                " read units, and needs at least " + amount(needed) + " more, next for " +
                next.users.front()->of.node->path + "; the budget is ";
    if (budget.requests()) d.message += amount(*budget.requests());
    if (budget.requests() && budget.read_units()) d.message += " and ";
    if (budget.read_units()) d.message += short_figure(*budget.read_units()) + " read units";
    d.message += ": raise load_budget, or load less";
    throw_error(errc::load_budget_exceeded, std::move(d));
}

loader::request loader::make_query(load_queue::dispatch const& d) {
    fetch& f = *d.query;
    load_source& s = f.from;
    request made = begin(d, s.text->operation());
    std::optional<std::size_t> limit;
    if (s.limit && s.plan.limits_there()) limit = *s.reach - f.count() - f.skipped;
    if (s.enough) limit = s.next_links(f.count());
    s.text->append_body(made.body, f.key_parts().all(), limit, f.cursor);
    ++s.requests;
    ++report_.queries;
    return made;
}

loader::request loader::make_batch(load_queue::dispatch const& d) {
    request made = begin(d, operation::batch_get_item);
    // The service refuses a request that has a key twice.
    dynamodb::detail::batch_get_writer writer(made.body, read_members(options_.consistent_read));
    std::deque<std::string> projections; // one for each table
    for_each_key(d.keys, [&](fetch& f, bool is_first_of_table) {
        if (is_first_of_table) {
            ++f.from.requests;
            auto& own = projections.emplace_back(projection_of_table(d.keys, f.from.table));
            writer.begin_table(f.from.table, own);
        }
        writer.add(f.key);
        ++report_.keys;
    });
    writer.finish();
    ++report_.batch_gets;
    return made;
}

void loader::tell(dynamodb::detail::request_subject const& self, std::string_view, std::string_view,
                  dynamodb::detail::request_targets& out) {
    auto const& d = *static_cast<load_queue::dispatch const*>(self.who);
    std::string const& path = path_of(d);
    if (path.find('.') != std::string::npos) out.relation_path = path;
    if (d.query != nullptr) {
        d.query->from.text->tell_target(d.query->key_parts().all(), out);
        return;
    }
    for (fetch const* const f : d.keys) {
        auto const& table = f->from.table;
        bool const known = std::any_of(out.targets.begin(), out.targets.end(),
                                       [&](auto const& target) { return target.table == table; });
        if (!known) out.targets.emplace_back().table = table;
    }
}

// ---- answers

void loader::on_answer(std::size_t id, std::string_view body, time_point now, double jitter) {
    load_queue::dispatch const answered = queue_.take_answered(id);
    patience_.note_answer();
    if (answered.query != nullptr) answered.query->failures = 0;
    for (fetch* const f : answered.keys) f->failures = 0;
    if (!recorder_) {
        read_answer(answered, body, now, jitter);
    } else {
        auto const items = store_.items();
        auto const units = store_.read_units();
        auto const unprocessed = report_.unprocessed;
        recorder_->on_answer(id, now);
        read_answer(answered, body, now, jitter);
        recorder_->on_read(id, store_.items() - items, report_.unprocessed - unprocessed, store_.read_units() - units);
    }
    store_.free_settled();
    queue_.note_time(now);
    check_budget();
}

void loader::forget_request(load_queue::dispatch const& failed) {
    if (failed.query != nullptr) {
        --failed.query->from.requests;
        --report_.queries;
        return;
    }
    --report_.batch_gets;
    for_each_key(failed.keys, [&](fetch& f, bool is_first_of_table) {
        if (is_first_of_table) --f.from.requests;
        --report_.keys;
    });
}

bool loader::takes_failure(std::size_t id, error const& e) {
    load_queue::dispatch const* const failed = queue_.find(id);
    if (failed == nullptr) return false;
    auto const pause = patience_.after(e, failures_of(*failed), options_.jitter ? options_.jitter() : 1);
    if (!pause) return false;
    auto const now = options_.clock();
    if (options_.until - now <= *pause) return false;
    if (recorder_) recorder_->on_failed(id, e.code(), now);
    forget_request(*failed);
    queue_.put_back_failed(queue_.take_answered(id), now + std::chrono::ceil<time_point::duration>(*pause));
    return true;
}

void loader::on_failure(std::size_t id, error const& e) {
    if (recorder_) recorder_->on_failed(id, e.code(), options_.clock());
}

void loader::read_answer(load_queue::dispatch const& answered, std::string_view body, time_point now, double jitter) {
    try {
        if (answered.query != nullptr) {
            store_.on_page(*answered.query, body);
        } else {
            auto const unprocessed = store_.on_batch(answered.keys, body);
            report_.unprocessed += unprocessed.size();
            auto const given_up = queue_.put_back(answered.keys.size(), unprocessed, now, jitter, options_.until);
            if (!given_up.empty()) give_up(given_up);
            if (put_root_) give_roots(answered.keys);
        }
    } catch (error const& e) {
        diagnostics d = e.info();
        describe(answered, d);
        throw_error(e.code(), std::move(d));
    }
}

void loader::give_up(std::vector<fetch*> const& keys) const {
    std::vector<std::string> texts;
    for (fetch const* const f : keys) texts.emplace_back(f->key);
    unsigned const fruitless = queue_.fruitless(*keys.front());
    bool const is_too_late = fruitless < patience_.for_unprocessed().max_attempts;
    diagnostics d = unprocessed_keys(std::move(texts), fruitless);
    if (is_too_late) d.message = "the deadline passes before they may be asked for again; " + d.message;
    d.table = keys.front()->from.table;
    name_path(d, keys.front()->users.front()->of.node->path);
    throw_error(is_too_late ? errc::deadline_exceeded : errc::batch_incomplete, std::move(d));
}

void loader::describe(load_queue::dispatch const& d, diagnostics& about) const {
    name_path(about, path_of(d));
    load_source const& s = d.first().from;
    add_context(about, {.operation = to_string(operation_of(d)), .table = s.table, .index = s.index()});
    // The service refuses to give all attributes by a global index that does not have them.
    bool const asked_for_all =
        d.query != nullptr && s.wanted == projection::items && s.plan.path != nullptr && !s.index().empty();
    if (asked_for_all && s.plan.path->whole && about.message.empty() && about.service_code == "ValidationException")
        about.message = "if the index does not project all attributes, declare it with keys_only() or include<>()";
}

void loader::describe(std::size_t id, diagnostics& d) const {
    auto const* const dispatch = queue_.find(id);
    if (dispatch == nullptr) return;
    describe(*dispatch, d);
    auto const times = failures_of(*dispatch);
    if (times == 0) return;
    if (!d.message.empty()) d.message += "; ";
    d.message += "the load had sent the request again after " + std::to_string(times) +
                 (times == 1 ? " failure" : " failures") + " of all its attempts";
}

void loader::describe_whole(diagnostics& d) const {
    if (!d.operation.empty()) return;
    // The load ended between two requests: it was cancelled, or something ended the pause of what is sent again.
    if (d.message.empty()) d.message = "the load was cancelled";
    if (fetch const* const waiting = queue_.first_pausing()) {
        load_source const& s = waiting->from;
        auto const op = s.by_key() ? operation::batch_get_item : s.text->operation();
        name_path(d, waiting->users.front()->of.node->path);
        add_context(d, {.operation = to_string(op), .table = s.table, .index = s.index()});
    }
}

// ---- results

std::vector<std::pair<entity_type const*, void*>> loader::awaiting_hooks() {
    std::vector<std::pair<entity_type const*, void*>> found;
    plan_.visit_sources([&](load_source& s) {
        if (s.type->awaited_read_hooks.empty() || s.wanted != projection::items || !s.rows->are_entities()) return;
        storage_functions const& storage = s.rows->storage();
        s.fetches.visit([&](fetch& f) {
            if (!f.items) return;
            std::size_t const count = storage.size(f.items.get());
            for (std::size_t i = 0; i < count; ++i) found.emplace_back(s.type, storage.at(f.items.get(), i));
        });
    });
    return found;
}

void loader::finish() {
    for (std::size_t i = 0; i < root_entities_.size(); ++i)
        assembly_.attach_children(*root_result_, i, root_entities_[i]);
    for (load_result* const r : root_keys_) assembly_.assemble(*r);
    for (load_result* const r : root_segments_) assembly_.assemble(*r);
    if (root_query_ != nullptr) assembly_.assemble(*root_query_);
}

std::vector<std::uint64_t> loader::counts_of_owners() const {
    std::vector<std::uint64_t> counts;
    plan_node const& node = *root_result_->of.children.front();
    for (filling const& f : root_result_->fillings())
        counts.push_back(f.from != nullptr ? node.step->count(node, *f.from) : 0);
    return counts;
}

std::vector<std::pair<void*, bool>> loader::found_by_key() const {
    std::vector<std::pair<void*, bool>> found;
    found.reserve(root_keys_.size());
    std::unordered_map<load_result*, std::size_t> last;
    for (std::size_t i = 0; i < root_keys_.size(); ++i) last[root_keys_[i]] = i;
    for (std::size_t i = 0; i < root_keys_.size(); ++i) {
        load_result* const r = root_keys_[i];
        if (r->from == nullptr) {
            found.emplace_back(nullptr, false); // given early
            continue;
        }
        auto const& storage = r->of.type->storage;
        void* const entity = storage.size(r->items.get()) ? storage.at(r->items.get(), 0) : nullptr;
        found.emplace_back(entity, last[r] == i && !r->from->users.are_several());
    }
    return found;
}

std::shared_ptr<void> loader::take_items() {
    if (!root_segments_.empty()) {
        auto const& storage = plan_.root()->target().type->storage;
        auto all = storage.make();
        std::size_t count = 0;
        for (load_result* const r : root_segments_) count += storage.size(r->items.get());
        storage.reserve(all.get(), count);
        for (load_result* const r : root_segments_) {
            std::size_t const size = storage.size(r->items.get());
            for (std::size_t i = 0; i < size; ++i) storage.append_move(all.get(), storage.at(r->items.get(), i));
            r->items = storage.make(); // frees what was moved from
        }
        return all;
    }
    return root_query_ != nullptr ? root_query_->items : plan_.root()->target().type->storage.make();
}

std::uint64_t loader::counted() const {
    if (!root_segments_.empty()) {
        std::uint64_t all = 0;
        for (load_result const* const r : root_segments_) all += r->from->count();
        return all;
    }
    if (root_query_ == nullptr) return 0;
    std::uint64_t const found = root_query_->from->count();
    std::uint64_t const all = found - std::min(found, root_offset_);
    return root_limit_ ? std::min(all, *root_limit_) : all;
}

std::string loader::next_cursor() const {
    bool const is_more = root_query_ != nullptr && root_query_->from->more;
    return is_more ? std::string(std::string_view(root_query_->from->cursor)) : std::string();
}

// ---- telling

load_before loader::so_far() const {
    load_before made = options_.before;
    made.requests += report_.requests();
    made.read_units += store_.read_units();
    if (recorder_) made.number = options_.whole->timeline->requests.size();
    return made;
}

load_report loader::report() const {
    load_report r = report_;
    r.items = store_.items();
    r.bad_items = store_.bad_items();
    r.read_units = store_.read_units();
    r.capacity = store_.capacity();
    r.plan = explain(true, &r.reads);
    return r;
}

double loader::given() const noexcept {
    if (root_keys_.empty()) return static_cast<double>(given_owners_);
    return static_cast<double>(std::set<load_result const*>(root_keys_.begin(), root_keys_.end()).size());
}

std::size_t loader::expected_roots() const {
    bool const assumes = options_.whole && options_.whole->assumed;
    return static_cast<std::size_t>(
        std::ceil(assumes ? load_estimate(plan_, *options_.whole->assumed, given()).roots() : given()));
}

std::string loader::explain(bool with_figures) const { return explain(with_figures, nullptr); }

std::string loader::explain(bool with_figures, std::vector<load_read>* reads) const {
    if (plan_.root() == nullptr) return {};
    std::optional<load_estimate> estimate;
    if (options_.whole && options_.whole->assumed) estimate.emplace(plan_, *options_.whole->assumed, given());
    plan_printer printer(with_figures, estimate ? &*estimate : nullptr);
    printer.root(plan_.root()->target());
    if (estimate) {
        load_cost const taken{static_cast<double>(report_.requests()), static_cast<double>(store_.items()),
                              store_.read_units()};
        printer.total(*estimate, with_figures ? &taken : nullptr);
    }
    if (reads != nullptr) *reads = printer.reads();
    return std::move(printer).take();
}

} // namespace dynasio::detail
