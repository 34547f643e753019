#include "store.hpp"

#include <dynasio/dynamodb/detail/batch_get.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <limits>
#include <utility>

#include "../plan/order.hpp"
#include "../type/comparable.hpp"
#include "../type/key_text.hpp"
#include "../wire/answer_members.hpp"
#include "../wire/key_read.hpp"
#include "../wire/query_read.hpp"
#include "load_plan.hpp"
#include "steps/step.hpp"

namespace dynasio::detail {

using dynamodb::json_reader;

namespace {

/// The LastEvaluatedKey of a page whose last item has these values.
template <class ValueOf> std::string cursor_of(load_source const& s, ValueOf const& value_of) {
    std::string out = "{";
    for (auto const i : s.cursor_attributes()) {
        if (out.size() > 1) out += ',';
        out += (*s.type)[i].json_name;
        out += value_of(i);
    }
    return out + '}';
}

/// Refuses a page whose end lies before its beginning in the order of the sort key: following such pages would not end.
/// A Scan has no order that a client could know.
void check_progress(load_source const& s, std::string_view began_at, std::string_view next) {
    if (began_at.empty() || next.empty() || s.plan.path == nullptr || !s.plan.path->sort) return;
    std::string const& attribute = (*s.type)[*s.plan.path->sort].name;
    auto const before = member_value(began_at, attribute);
    auto const after = member_value(next, attribute);
    if (before.empty() || after.empty()) return;
    int const order = compare_values(before, after);
    if (s.plan.descending ? order >= 0 : order <= 0) return;
    diagnostics d;
    d.attribute = attribute;
    d.message = "the answer's LastEvaluatedKey lies before the page that it ends, so the pages would never end";
    throw_error(errc::malformed_response, std::move(d));
}

/// The LastEvaluatedKey of a page whose last row is `row`.
std::string cursor_behind(fetch const& f, std::size_t row) {
    return cursor_of(f.from, [&](attribute_index i) { return f.value(row, i); });
}

} // namespace

void name_path(diagnostics& d, std::string const& path) {
    if (path.find('.') == std::string::npos)
        add_context(d, {.entity = path});
    else
        add_context(d, {.relation_path = path});
}

namespace {

/// The entity as an item, or its key alone when it has a member that cannot be stored.
std::string shown_item(entity_type const& type, void const* entity) {
    std::string item = "{";
    try {
        type.encode_members(item, entity, {});
        item += '}';
    } catch (error const&) {
        item.clear();
        type.encode_key(item, entity);
    }
    return item;
}

} // namespace

// ---- asking

load_result* load_store::ask(load_target& target, std::string_view key) {
    auto const [asked, fresh] = target.from->fetches.find_or_add(key, *target.from);
    fetch& f = *asked;
    load_result* mine = f.user(target);
    if (mine == nullptr) {
        mine = &results_.emplace_back(target, &f);
        f.users.add(*mine);
        f.height = std::max(f.height, target.node->height);
    }
    if (fresh) {
        ++target.from->open;
        collection_of(target) != nullptr ? ask_for_collection(target, f) : queue_.add(f);
    }
    ++mine->asked;
    if (target.node->feeds) queue_.note_feeding(f);
    if (!fresh) absorb(*mine);
    return mine;
}

void load_store::discover(load_result& r, std::size_t row, owner_row& owner) {
    auto const& children = r.of.children;
    if (children.empty()) return;
    std::size_t const width = children.size();
    auto& fillings = r.visited().fillings;
    if (fillings.size() < (row + 1) * width) fillings.resize((row + 1) * width);
    for (std::size_t c = 0; c < width; ++c) {
        plan_node& child = *children[c];
        filling asked;
        try {
            asked = child.step->ask(*this, child, owner);
        } catch (error const& e) {
            auto const table = plan_.physical_table(owner.type().table);
            diagnostics d = e.info();
            add_context(d, {.table = table});
            name_path(d, child.path);
            // A type that the relation does not know is a defect of the item, and not of the load.
            bool const is_of_item = child.relation->kind == relation_kind::morph_to &&
                                    e.code() == make_error_code(errc::attribute_type_mismatch);
            if (!is_of_item || !bad_.are_left_out()) throw_error(e.code(), std::move(d));
            bad_.note(shown_item(owner.type(), owner.get()), error(e.code(), std::move(d)));
        }
        fillings[row * width + c] = asked;
    }
}

void load_store::absorb(load_result& r) {
    fetch& f = *r.from;
    if (!f.items) return;
    load_target& target = r.of;
    // A fetch that is sorted and cut in the client must be complete first; otherwise rows that are cut later would ask
    // for their relations.
    if (f.from.plan.sort_here && !f.complete) return;
    entity_type const& type = *target.type;
    storage_functions const& storage = f.from.rows->storage();
    bool const filtered = !target.here.where.is_always();
    if (!filtered && target.children.empty()) return;
    auto& visited = r.visited();
    if (visited.fillings.empty()) visited.fillings.reserve(f.count() * target.children.size());
    for (std::size_t const count = f.count(); visited.seen < count; ++visited.seen) {
        std::size_t const row = visited.seen;
        if (filtered) {
            auto const value_of = [&](attribute_index i) { return f.value(row, i); };
            if (!matches(type, target.here.where, value_of)) continue;
            visited.chosen.push_back(static_cast<std::uint32_t>(row));
        }
        owner_row owner(type, storage.at(f.items.get(), row), f, row);
        discover(r, row, owner);
    }
}

void load_store::absorb_all(fetch& f) {
    // absorb() can add users to the same fetch, when relations lead from an entity back to its own type; visit() comes
    // to them as well.
    f.users.visit([&](load_result& r) { absorb(r); });
}

void load_store::complete(fetch& f) {
    if (f.complete) return;
    queue_.note_complete(f);
    load_source& s = f.from;
    if (s.plan.sort_here && f.items && s.wanted != projection::count) {
        entity_type const& type = *s.type;
        std::vector<sort_values> values(f.count());
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i].value = f.value(i, *s.plan.sort_here->by);
            values[i].partition = f.value(i, type.key.partition);
            if (type.key.sort) values[i].sort = f.value(i, *type.key.sort);
        }
        auto positions = sorted_positions(values, s.plan.sort_here->descending);
        if (s.plan.from_end) std::reverse(positions.begin(), positions.end());
        cut(positions, s.offset, s.limit);
        auto sorted = type.storage.make();
        type.storage.reserve(sorted.get(), positions.size());
        for (auto const i : positions) type.storage.append_move(sorted.get(), type.storage.at(f.items.get(), i));
        f.items = std::move(sorted);
        f.kept.reorder(s.kept, positions);
    }
    absorb_all(f);
    --s.open;
    if (s.closed) {
        settled_.push_back(&f);
        if (s.open == 0) close_sources();
    }
    if (!links_awaiting_.empty()) note_entity(f);
    if (s.completes == nullptr) return;
    auto const waiting = s.completes->waiting.extract(&f);
    if (waiting.empty()) return;
    for (fetch* const query : waiting.mapped())
        if (--s.completes->pages.at(query).awaited == 0) finish_page(*query);
}

// ---- freeing
//
// The fetches of a source are settled when they are complete and nobody can ask the source any more, because all rows
// that lead to it were visited. Most of what they hold is then of no use: keys tell apart what is asked for, and kept
// values are for the rows below. What many of them would otherwise hold until the load ends is more than the entities.

void load_store::note_roots_asked() {
    roots_asked_ = true;
    close_sources();
}

bool load_store::has_asked_all(load_target const& target) const noexcept {
    if (target.node->parent == nullptr) return roots_asked_;
    load_source const* const rows = target.node->parent->from;
    return rows == nullptr ? roots_asked_ : rows->closed && rows->open == 0;
}

void load_store::close_sources() {
    for (bool goes_on = true; goes_on;) {
        goes_on = false;
        plan_.visit_sources([&](load_source& s) {
            if (s.closed || !std::all_of(s.targets.begin(), s.targets.end(),
                                         [&](load_target const* t) { return has_asked_all(*t); }))
                return;
            s.closed = goes_on = true;
            s.fetches.visit([&](fetch& f) {
                if (f.complete) settled_.push_back(&f);
            });
        });
    }
}

void load_store::free_settled() {
    for (fetch* const f : settled_) settle(*f);
    settled_.clear();
}

void load_store::free_root(load_result& r) {
    fetch& f = *std::exchange(r.from, nullptr);
    r.forget_visited();
    r.assembled = true;
    std::erase(settled_, &f);
    f.from.fetches.erase(f);
}

namespace {

/// Whether a result is nothing but the rows of its fetch, which the assembly would put into a handle as they are.
bool takes_rows_as_they_are(load_result const& r) {
    plan_node const& node = *r.of.node;
    return node.fills != nullptr && !node.counts() && r.of.children.empty() && r.of.here.where.is_always();
}

} // namespace

void load_store::settle(fetch& f) {
    load_source& s = f.from;
    s.fetches.forget_key(f);
    // The assembly looks at the kept values of second hops, for the order of links and to give each entity once.
    bool const keeps = std::any_of(s.targets.begin(), s.targets.end(), [](load_target const* t) {
        return t->node->step != nullptr && t->node->fills == nullptr;
    });
    if (!keeps) f.kept.clear();
    s.rows->forget_keys(f.items.get());
    // Hooks that are awaited are called for the rows of all fetches.
    bool const awaits = !s.type->awaited_read_hooks.empty();
    load_result& r = *f.users.front();
    if (keeps || awaits || f.users.are_several() || !takes_rows_as_they_are(r)) return;
    r.items = f.items ? std::move(f.items) : s.rows->storage().make();
    r.assembled = true;
    r.from = nullptr;
    s.fetches.erase(f);
}

// ---- pages

class load_store::rows_reader final : public page_sink {
public:
    rows_reader(load_store& store, fetch& f) noexcept
        : store_(store), fetch_(f),
          limit_(f.from.plan.sort_here ? std::numeric_limits<std::size_t>::max()
                                       : f.from.limit.value_or(std::numeric_limits<std::size_t>::max())),
          to_skip_(f.to_skip()), watches_(f.from.may_lack_attributes()) {}

    /// Reserves memory for a page that is probably the only one. Reserving page by page would make the vector of many
    /// pages grow by little each time; it is left to double.
    void expect_items(std::size_t count) override {
        constexpr std::size_t most = 1'000; // a page of more may end at 1 MB, and another one follow
        load_source const& s = fetch_.from;
        bool const takes_all = s.wanted != projection::count && s.plan.scope.residue.is_always();
        if (!takes_all || count == 0 || count > most || fetch_.items) return;
        fetch_.items = s.rows->storage().make();
        s.rows->storage().reserve(fetch_.items.get(), std::min(count, limit_));
    }

    void read_items(json_reader& in) override {
        load_source& s = fetch_.from;
        storage_functions const& storage = s.rows->storage();
        if (s.wanted == projection::count) {
            in.skip_value();
            return;
        }
        if (!fetch_.items) fetch_.items = storage.make();
        in.enter_array();
        item_values found;
        std::size_t count = storage.size(fetch_.items.get());
        while (in.next_element()) {
            if (count >= limit_) {
                cut_ = true;
                in.skip_value();
                continue;
            }
            ++store_.items_;
            ++s.received;
            auto const read = [&](json_reader& item) { s.rows->read(item, storage.append(fetch_.items.get()), found); };
            auto const forget = [&](error const& e) {
                storage.truncate(fetch_.items.get(), count);
                return about_bad_item(fetch_, e);
            };
            if (!store_.bad_.read_or_leave_out(in, read, forget)) continue;
            if (watches_) {
                ++bare_;
                if (found.has_any(s.plan.path->beside_keys)) {
                    s.is_shown_whole = true;
                    watches_ = false;
                }
            }
            auto const value_of = [&](attribute_index i) { return found[i]; };
            bool const fits = matches(*s.type, s.plan.scope.residue, value_of);
            if (!fits || to_skip_ > 0) {
                storage.truncate(fetch_.items.get(), count);
                if (fits) {
                    --to_skip_;
                    ++fetch_.skipped;
                }
                continue;
            }
            ++count;
            fetch_.kept.add(s.kept, found);
        }
    }

    /// Items were left out because the limit had been reached.
    [[nodiscard]] bool cut() const noexcept { return cut_; }
    /// Nothing but keys came, as from an index that projects nothing else.
    [[nodiscard]] bool saw_keys_only() const noexcept { return watches_ && bare_ > 0; }

private:
    load_store& store_;
    fetch& fetch_;
    std::size_t limit_;
    std::size_t to_skip_;
    bool cut_ = false;
    bool watches_; // no item has shown yet that the index projects more than keys
    std::size_t bare_ = 0;
};

/// Reads the keys of a page's items and asks for the items.
class load_store::keys_reader final : public page_sink {
public:
    keys_reader(load_store& store, fetch& f) noexcept : store_(store), fetch_(f) {}

    void read_items(json_reader& in) override {
        load_source& s = fetch_.from;
        entity_type const& type = *s.type;
        auto& rows = s.completion->pages[&fetch_].rows;
        load_target& target = s.completion->node.target();
        in.enter_array();
        item_values found;
        while (in.next_element()) {
            // Only the keys are looked at. What else the index has may be older than the item, or not fit the entity,
            // which the item that is read by its key decides.
            type.note_values(in, found);
            // The item may come in another spelling than the index has, and other relations may ask for it too.
            std::string partition, sort, key;
            append_key_value(partition, type[type.key.partition], found[type.key.partition]);
            if (type.key.sort) append_key_value(sort, type[*type.key.sort], found[*type.key.sort]);
            type.encode_key(key, partition, sort);
            std::string cursor;
            if (s.resumable) cursor = cursor_of(s, [&](attribute_index i) { return found[i]; });
            rows.push_back({store_.ask(target, key)->from, std::move(cursor)});
            ++store_.items_;
            ++s.received;
        }
    }

private:
    load_store& store_;
    fetch& fetch_;
};

void load_store::on_page(fetch& f, std::string_view body) {
    load_source& s = f.from;
    if (!s.collected.empty()) return on_page_of_collection(f, body);
    if (!s.completion && s.plan.reads_by_key() && s.wanted != projection::count) begin_completion(f);
    if (s.completion) {
        on_page_of_keys(f, body);
        return;
    }
    std::size_t const before = f.count();
    auto const skipped_before = f.skipped;
    auto const bad_before = bad_.count();
    auto const items_before = items_;
    auto const received_before = s.received;
    rows_reader rows(*this, f);
    page_end page = read(body, f, rows);
    if (rows.saw_keys_only()) {
        bad_.forget_since(bad_before);
        items_ = items_before;
        s.received = received_before;
        f.skipped = skipped_before;
        s.rows->storage().truncate(f.items.get(), before);
        f.kept.truncate(s.kept, before);
        begin_completion(f);
        on_page_of_keys(f, body);
        return;
    }
    note_page(f, page);
    f.counted += page.count;
    end_page(f, std::move(page.next), rows.cut(), [&] { return cursor_behind(f, f.count() - 1); });
}

page_end load_store::read(std::string_view body, fetch& f, page_sink& sink) {
    try {
        return read_page(body, f.cursor, sink);
    } catch (error const&) {
        spend(f.from, spent_units(body));
        throw;
    }
}

void load_store::spend(load_source& s, double units) {
    if (units == 0) return;
    s.units += units;
    read_units_ += units;
    capacity_.add(s.table, s.index(), units, 0);
}

void load_store::spend_on_keys(std::vector<fetch*> const& asked,
                               std::vector<std::pair<std::string, double>> const& tables) {
    for (auto const& [table, units] : tables) {
        if (units == 0) continue;
        // A server that names no table can mean only those that were asked.
        std::string const& of = table.empty() ? asked.front()->from.table : table;
        read_units_ += units;
        capacity_.add(of, {}, units, 0);
        // Several entity types in one table share what it took by their keys.
        std::vector<std::pair<load_source*, std::size_t>> sources;
        std::size_t all = 0;
        for (fetch* const f : asked) {
            if (f->from.table != of) continue;
            ++all;
            auto const known = std::find_if(sources.begin(), sources.end(),
                                            [&](auto const& source) { return source.first == &f->from; });
            known == sources.end() ? void(sources.emplace_back(&f->from, 1)) : void(++known->second);
        }
        for (auto const& [source, keys] : sources)
            source->units += units * static_cast<double>(keys) / static_cast<double>(all);
    }
}

void load_store::note_page(fetch& f, page_end const& page) {
    spend(f.from, page.read_units);
    check_progress(f.from, f.cursor, page.next);
}

template <class BehindLast>
void load_store::end_page(fetch& f, std::string next, bool cut, BehindLast const& behind_last) {
    load_source const& s = f.from;
    bool const full = !s.plan.sort_here && s.reach && f.count() + f.skipped >= *s.reach;
    if (!full && !next.empty()) {
        f.cursor = std::move(next);
        if (s.enough) {
            await_entities_of(f);
        } else if (!is_exhausted(s)) {
            queue_.add_page(f);
            absorb_all(f);
        } else if (s.resumable) {
            stop(f);
        } else {
            throw_exhausted(f);
        }
        return;
    }
    f.more = full && (cut || !next.empty());
    f.cursor.clear();
    if (f.more && s.resumable) f.cursor = cut || next.empty() ? behind_last() : std::move(next);
    complete(f);
}

void load_store::stop(fetch& f) {
    f.more = true;
    complete(f);
}

bool load_store::is_exhausted(load_source const& s) const noexcept {
    return (s.budget.requests && s.requests >= *s.budget.requests) || (s.budget.units && s.units >= *s.budget.units);
}

void load_store::throw_exhausted(fetch const& f) const {
    load_source const& s = f.from;
    diagnostics d;
    d.entity = s.type->name;
    d.message = "the query has read " + std::to_string(s.requests) + " pages and found " + std::to_string(f.count()) +
                " entities, and there is more to read; raise max_requests or max_read_units" +
                // A query whose order is made here, or with an offset, has no pages, and a scan in segments no place of
                // its own.
                (s.plan.sort_here || s.plan.segments > 0 || s.offset > 0
                     ? ""
                     : ", or use page(), which returns what it has and a cursor");
    throw_error(errc::budget_exhausted, std::move(d));
}

error load_store::about_bad_item(fetch const& f, error const& e) {
    diagnostics d = e.info();
    d.table = f.from.table;
    d.index = f.from.index();
    name_path(d, f.users.front()->of.node->path);
    return {e.code(), std::move(d)};
}

// ---- pages whose items are read by key
//
// The items that an index gives may lack what the index does not project. An entity that was read from such an item
// would lose the rest when it is saved. So each item of a page is read by its key before anything is done with the
// page, and the next page is asked for afterwards.

void load_store::begin_completion(fetch& f) {
    load_source& s = f.from;
    entity_type const& type = *s.type;
    s.completion = std::make_shared<key_completion>();
    load_source& items = s.completion->source;
    items.type = s.type;
    items.rows = std::make_unique<entity_rows>(type);
    items.table = s.table;
    items.completes = s.completion.get();
    items.kept.add(s.kept.all());
    items.kept.add(s.plan.path->partition);
    if (s.plan.path->sort) items.kept.add(*s.plan.path->sort);
    for (auto const* const c : {&s.plan.partition, &s.plan.sort, &s.plan.scope.filter, &s.plan.scope.residue})
        items.kept.add(attributes_evaluated_here(type, *c));
    plan_node& node = s.completion->node;
    node.path = f.users.front()->of.node->path;
    node.targets.emplace_back(load_target{.node = &node, .type = &type, .from = &items});
}

void load_store::on_page_of_keys(fetch& f, std::string_view body) {
    key_completion& completion = *f.from.completion;
    auto& waiting = completion.pages[&f];
    keys_reader keys(*this, f);
    page_end end = read(body, f, keys);
    note_page(f, end);
    waiting.next = std::move(end.next);
    waiting.feeds = queue_.note_parked(f);
    for (auto const& row : waiting.rows) {
        if (row.item->complete) continue;
        if (waiting.feeds || !waiting.next.empty()) queue_.note_feeding(*row.item);
        completion.waiting[row.item].push_back(&f);
        ++waiting.awaited;
    }
    if (waiting.awaited == 0) finish_page(f);
}

/// Whether the query would find the item as it is now. The index can be behind the table.
bool load_store::is_found_by(fetch const& query, fetch const& item) {
    load_source const& s = query.from;
    entity_type const& type = *s.type;
    auto const value_of = [&](attribute_index i) { return item.value(0, i); };
    auto const parts = query.key_parts();
    for (std::size_t i = 0; i < parts.count; ++i) {
        attribute_index const part = i == 0 ? s.plan.path->partition : *s.plan.path->sort;
        dynamodb::condition const same(dynamodb::condition::kind::equal, type[part].name,
                                       std::vector<std::string>(1, std::string(parts.values[i])));
        if (!matches(type, same, value_of)) return false;
    }
    return matches(type, s.plan.partition, value_of) && matches(type, s.plan.sort, value_of) &&
           matches(type, s.plan.scope.filter, value_of) && matches(type, s.plan.scope.residue, value_of);
}

void load_store::finish_page(fetch& f) {
    load_source& s = f.from;
    auto const done = s.completion->pages.extract(&f);
    auto const& page = done.mapped();
    storage_functions const& storage = s.rows->storage();
    if (!f.items) f.items = storage.make();
    bool const limited = s.limit && !s.plan.sort_here;
    std::size_t count = f.count();
    bool cut = false;
    std::string_view last;
    for (auto const& [item, cursor] : page.rows) {
        if (limited && count >= *s.limit) {
            cut = true;
            break;
        }
        last = cursor;
        // The item was deleted or changed since the index took it over.
        if (!item->items || !is_found_by(f, *item)) continue;
        if (f.to_skip() > 0) {
            ++f.skipped;
            continue;
        }
        storage.append_copy(f.items.get(), storage.at(item->items.get(), 0));
        f.kept.add(s.kept, [&](attribute_index i) { return item->value(0, i); });
        ++count;
    }
    if (page.feeds) queue_.note_feeding(f);
    end_page(f, page.next, cut, [&] { return std::string(last); });
}

// ---- item collections
//
// One Query brings the owners in a partition and what lies there besides. Each item goes to the fetches that would have
// found it by requests of their own.

class load_store::collection_reader final : public page_sink {
public:
    collection_reader(load_store& store, fetch const& whole, collection_parts& parts) noexcept
        : store_(store), whole_(whole), parts_(parts) {}

    void read_items(json_reader& in) override {
        in.enter_array();
        while (in.next_element()) {
            ++store_.items_;
            ++whole_.from.received;
            std::string_view const text = in.skip_value();
            read_into_owner(text);
            for (std::size_t i = 0; i < parts_.others.size(); ++i) {
                auto const first = parts_.others.begin() + static_cast<std::ptrdiff_t>(i);
                // Two relations can read the same rows.
                if (std::find(parts_.others.begin(), first, *first) == first && is_found_by(**first, text))
                    read(**first, text);
            }
        }
    }

private:
    void read_into_owner(std::string_view text) {
        if (parts_.missing == 0) return;
        load_target const& owners = *whole_.from.collected.front();
        fetch* const owner = owners.from->fetches.find(owner_key(text));
        // Another place of the load can ask for the same entity by its key, which a batch brings.
        if (owner == nullptr || owner->complete || owner->user(owners) == nullptr) return;
        --parts_.missing;
        read(*owner, text);
    }

    /// The key of the item as this library spells keys.
    std::string owner_key(std::string_view item) const {
        entity_type const& type = *whole_.from.type;
        std::string partition, sort, key;
        append_key_value(partition, type[type.key.partition], member_value(item, type[type.key.partition].name));
        if (type.key.sort) append_key_value(sort, type[*type.key.sort], member_value(item, type[*type.key.sort].name));
        type.encode_key(key, partition, sort);
        return key;
    }

    /// Whether a Query of its own would find the item.
    static bool is_found_by(fetch const& f, std::string_view item) {
        load_source const& s = f.from;
        entity_type const& type = *s.type;
        if (s.limit && !s.plan.sort_here && f.count() >= *s.limit) return false;
        // Items of other types need not be readable as one of this type, and the sort key tells most of them apart.
        auto const sort = member_value(item, type[*type.key.sort].name);
        if (!matches(type, s.plan.sort, [&](attribute_index) { return sort; })) return false;
        if (s.plan.scope.filter.is_always() && s.plan.scope.residue.is_always()) return true;
        item_values found;
        json_reader in(item);
        type.note_values(in, found);
        auto const value_of = [&](attribute_index i) { return found[i]; };
        return matches(type, s.plan.scope.filter, value_of) && matches(type, s.plan.scope.residue, value_of);
    }

    void read(fetch& f, std::string_view text) {
        load_source& s = f.from;
        storage_functions const& storage = s.rows->storage();
        if (!f.items) f.items = storage.make();
        std::size_t const count = storage.size(f.items.get());
        item_values found;
        json_reader in(text);
        auto const decode = [&](json_reader& item) { s.rows->read(item, storage.append(f.items.get()), found); };
        auto const forget = [&](error const& e) {
            storage.truncate(f.items.get(), count);
            return about_bad_item(f, e);
        };
        try {
            if (store_.bad_.read_or_leave_out(in, decode, forget))
                f.kept.add(s.kept, found);
            else if (s.by_key())
                f.items.reset(); // the entity counts as absent
        } catch (error const& e) {
            throw about_bad_item(f, e); // the request is for its owner
        }
    }

    load_store& store_;
    fetch const& whole_;
    collection_parts& parts_;
};

/// Adds a fetch to the item collection that brings its rows. The first owner in a partition asks for the collection.
void load_store::ask_for_collection(load_target const& target, fetch& part) {
    load_source& s = *part.from.collection;
    load_target& owners = *s.collected.front();
    if (&target != &owners) {
        // The collection of an owner asks for what lies beside it, and brings it.
        if (s.fetches.find(part.key) == nullptr) queue_.add(part);
        return;
    }
    entity_type const& type = *owners.type;
    auto const [asked, fresh] = s.fetches.find_or_add(member_value(part.key, type[type.key.partition].name), s);
    fetch& whole = *asked;
    collection_parts& parts = collections_[&whole];
    parts.owners.push_back(&part);
    ++parts.missing;
    if (!fresh) return;
    ++s.open;
    whole.users.add(results_.emplace_back(owners, &whole));
    whole.height = part.height;
    bool feeds = owners.node->feeds;
    for (std::size_t i = 1; i < s.collected.size(); ++i) {
        load_result* const found = ask(*s.collected[i], whole.key);
        --found->asked; // by nobody yet
        parts.others.push_back(found->from);
        feeds = feeds || s.collected[i]->node->feeds;
    }
    if (feeds) queue_.note_feeding(whole);
    queue_.add(whole);
}

void load_store::on_page_of_collection(fetch& whole, std::string_view body) {
    collection_parts& parts = collections_.at(&whole);
    collection_reader reader(*this, whole, parts);
    page_end page = read(body, whole, reader);
    note_page(whole, page);
    whole.cursor = std::move(page.next);
    bool const is_last = whole.cursor.empty();
    for (auto const* const each : {&parts.owners, &parts.others})
        for (fetch* const f : *each) is_last ? complete(*f) : absorb_all(*f);
    if (!is_last) return queue_.add_page(whole);
    complete(whole);
    collections_.erase(&whole);
}

// ---- links of which no more are read than a limit takes

/// Puts the links aside until the entities behind them have come.
void load_store::await_entities_of(fetch& links) {
    absorb_all(links);
    paused_links paused{.feeds = queue_.note_parked(links)};
    links.users.visit([&](load_result const& r) {
        for (filling const& one : r.fillings()) {
            fetch& entity = *one.from->from;
            if (entity.complete) continue;
            queue_.note_feeding(entity); // when it leads to nothing, further links are read, which lead to more keys
            links_awaiting_[&entity].push_back(&links);
            ++paused.awaited;
        }
    });
    if (paused.awaited == 0)
        go_on_with(links, paused.feeds);
    else
        paused_links_.emplace(&links, paused);
}

void load_store::note_entity(fetch const& entity) {
    auto const waiting = links_awaiting_.extract(&entity);
    if (waiting.empty()) return;
    for (fetch* const links : waiting.mapped()) {
        auto const at = paused_links_.find(links);
        if (--at->second.awaited > 0) continue;
        bool const feeds = at->second.feeds;
        paused_links_.erase(at);
        go_on_with(*links, feeds);
    }
}

void load_store::go_on_with(fetch& links, bool feeds) {
    // All places that use the links ask the same of the entities behind them.
    auto const& behind = links.users.front()->fillings();
    auto const found = std::count_if(behind.begin(), behind.end(), &leads_to_entity);
    if (static_cast<std::size_t>(found) >= *links.from.enough) {
        links.more = true;
        links.cursor.clear();
        complete(links);
        return;
    }
    if (feeds) queue_.note_feeding(links);
    queue_.add_page(links);
}

// ---- batches

class load_store::batch_reader final : public dynamodb::detail::batch_get_sink {
public:
    batch_reader(load_store& store, std::vector<fetch*> const& asked) : store_(store), asked_(asked) {
        for (fetch* const f : asked) {
            f->asked = true;
            if (std::find(sources_.begin(), sources_.end(), &f->from) == sources_.end()) sources_.push_back(&f->from);
        }
    }

    void enter_table(std::string_view table, json_reader& in) override {
        of_table_.clear();
        for (load_source* const s : sources_)
            if (s->table == table) of_table_.push_back(s);
        if (of_table_.empty()) in.fail("the answer names a table that was not asked for");
    }

    void read_item(json_reader& in) override {
        ++store_.items_;
        bool known = false;
        if (of_table_.size() == 1 && !store_.bad_.are_left_out()) {
            known = read_into(*of_table_.front(), in);
        } else {
            // Several entity types are read from this table, and an item of one need not decode as another. The key is
            // read first; it says which types asked for the item. Only an item that no type knows by the text of its
            // key is looked at a second time, which parses all of it.
            std::string_view const text = in.skip_value();
            known = read_into_each(text, read_key) || read_into_each(text, read_key_respelt);
        }
        if (!known) in.fail("the answer holds an item that was not asked for");
    }

    void read_unprocessed(json_reader& in) override {
        std::string_view const text = in.skip_value();
        bool known = false;
        for (load_source* const s : of_table_) {
            fetch* f = find_asked(*s, read_key(*s->type, text));
            if (f == nullptr) f = find_asked(*s, read_key_respelt(*s->type, text));
            if (f == nullptr) continue;
            f->asked = false;
            unprocessed_.push_back(f);
            known = true;
        }
        if (!known) in.fail("the answer leaves a key unprocessed that was not asked for");
    }

    void read_capacity(json_reader& in) override { capacity_ = read_capacity_of_tables(in); }

    [[nodiscard]] std::vector<std::pair<std::string, double>> const& capacity() const noexcept { return capacity_; }

    [[nodiscard]] std::vector<fetch*> unprocessed() && { return std::move(unprocessed_); }

private:
    static fetch* find_asked(load_source& s, std::string_view key) {
        fetch* const f = s.fetches.find(key);
        return f != nullptr && f->asked ? f : nullptr;
    }
    using key_reader = std::string (*)(entity_type const&, std::string_view);
    bool read_into_each(std::string_view text, key_reader key_in) {
        bool known = false;
        for (load_source* const s : of_table_) {
            fetch* const asked = find_asked(*s, key_in(*s->type, text));
            if (asked == nullptr) continue;
            json_reader again(text);
            auto const read = [&](json_reader& item) { known = read_into(*s, item) || known; };
            auto const forget = [&](error const& e) {
                asked->asked = false; // the entity counts as absent
                known = true;
                return about_bad_item(*asked, e);
            };
            static_cast<void>(store_.bad_.read_or_leave_out(again, read, forget));
        }
        return known;
    }

    bool read_into(load_source& s, json_reader& in) {
        storage_functions const& storage = s.rows->storage();
        auto items = storage.make();
        void* const entity = storage.append(items.get());
        item_values found;
        fetch* f = nullptr;
        try {
            s.rows->read(in, entity, found);
            std::string key;
            s.type->encode_key(key, found);
            f = find_asked(s, key);
            if (f == nullptr)
                f = find_asked(s, s.rows->are_entities() ? key_as_written(*s.type, entity, found)
                                                         : read_key_respelt(*s.type, key));
        } catch (error const& e) {
            // One request serves several relations. The error names the path of one that asked for this type in this
            // table.
            diagnostics d = e.info();
            d.table = s.table;
            auto const one =
                std::find_if(asked_.begin(), asked_.end(), [&](fetch const* each) { return &each->from == &s; });
            name_path(d, (*one)->users.front()->of.node->path);
            throw_error(e.code(), std::move(d));
        }
        if (f == nullptr) return false;
        f->asked = false;
        f->items = std::move(items);
        f->kept.add(s.kept, found);
        ++s.received;
        return true;
    }

    load_store& store_;
    std::vector<fetch*> const& asked_;
    std::vector<load_source*> of_table_{}; // those of the table that is being read
    std::vector<load_source*> sources_{};  // one for each type of entity, so a linear search suffices
    std::vector<fetch*> unprocessed_{};
    std::vector<std::pair<std::string, double>> capacity_{};
};

std::vector<fetch*> load_store::on_batch(std::vector<fetch*> const& asked, std::string_view body) {
    batch_reader reader(*this, asked);
    try {
        dynamodb::detail::read_batch_get(body, reader);
    } catch (error const&) {
        spend(asked.front()->from, spent_units(body));
        throw;
    }
    spend_on_keys(asked, reader.capacity());
    auto unprocessed = std::move(reader).unprocessed();
    for (fetch* const f : asked) {
        f->asked = false;
        if (std::find(unprocessed.begin(), unprocessed.end(), f) == unprocessed.end()) complete(*f);
    }
    return unprocessed;
}

} // namespace dynasio::detail
