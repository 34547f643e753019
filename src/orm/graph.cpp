#include "graph.hpp"

#include <dynasio/orm/codec.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <tuple>
#include <unordered_set>

#include "answers.hpp"
#include "type/key_text.hpp"

namespace dynasio::detail {

using dynamodb::attribute_type;
using dynamodb::json_reader;
using dynamodb::operation;

namespace {

constexpr std::size_t batch_limit = 100;        // BatchGetItem, API reference
constexpr std::size_t max_page = 2'147'483'647; // Limit is a 32-bit integer, API reference
constexpr unsigned max_depth = 16;              // of nested relations

// Stands in a request body where the key's values go.
constexpr std::string_view first_hole = "\x01";
constexpr std::string_view second_hole = "\x02";

/// Cuts `text` at the hole and returns what follows it.
std::string cut_at(std::string& text, std::string_view hole) {
    auto const at = text.find(hole);
    std::string after = text.substr(at + hole.size());
    text.resize(at);
    return after;
}

/// Types are told apart by their description, of which each has one: names repeat in other namespaces.
std::string identity_of(entity_type const& type) { return std::to_string(reinterpret_cast<std::uintptr_t>(&type)); }

} // namespace

/// Entities (or pivot rows) under one key of a source.
struct graph::fetch {
    graph::source& from;
    std::string_view key{};              // what it was asked by: the map's key
    std::string second_part{};           // of a foreign key of two parts
    std::shared_ptr<void> items{};       // vector<T>; empty until something arrived, always for pivots
    std::vector<std::string> far_keys{}; // pivots: keys of the other side, in order of rows
    std::vector<std::string> far_texts{};
    std::vector<pivot> pivots{};
    std::vector<graph::result*> users{};
    std::string cursor{}; // LastEvaluatedKey of the last page
    bool complete = false;
    bool more = false; // a limited read stopped before the end
    std::optional<dynamodb::progress_guard> guard{};
    int height = 0;     // longest chain of requests below, over all users
    bool feeds = false; // what it brings can ask for keys

    [[nodiscard]] std::size_t count() const;
    /// What `n` makes of it, if it uses it. Few nodes share a fetch.
    [[nodiscard]] graph::result* user(graph::node const& n) const;
};

/// One way to read entities.
struct graph::source {
    enum class kind { query, key, pivots };
    kind what;
    entity_type const* type; // of the entities; for pivots of the far side
    std::string table;       // with prefix
    access_plan plan{};
    selection select{};
    relation_info const* relation = nullptr; // pivots
    bool reverse = false;                    // pivots: read from the right side
    std::string index{};
    // query, pivots: the body around the key's values
    std::string head{}, middle{}, tail{};
    bool two_parts = false;
    bool takes_key = true;
    std::unordered_map<std::string, fetch> fetches{}; // they stay where they are
    // figures
    std::uint64_t requests = 0;
    std::uint64_t received = 0;
};

std::size_t graph::fetch::count() const { return items ? from.type->storage.size(items.get()) : 0; }

/// What one node makes of one fetch.
struct graph::result {
    graph::node& of;
    graph::fetch* from;                  // nullptr for entities that the caller has
    std::size_t seen = 0;                // rows looked at
    std::vector<std::uint32_t> chosen{}; // rows that satisfy the node's own condition, when it has one
    std::size_t asked = 0;               // how many owners get it
    std::vector<graph::result*> links{}; // row-major: for each row one for each child; pivots: one for each row
    std::shared_ptr<void> items{};       // after assembly
    bool assembled = false;
};

graph::result* graph::fetch::user(graph::node const& n) const {
    for (graph::result* const r : users)
        if (&r->of == &n) return r;
    return nullptr;
}

/// One relation to load, at one place of the plan.
struct graph::node {
    load_node const* spec = nullptr;       // nullptr where `fills` is
    relation_info const* lookup = nullptr; // says which values of an owner its entities are looked up by
    relation_info const* fills = nullptr;  // whose handle gets them; nullptr for roots and second steps
    entity_type const* type = nullptr;     // of the entities
    graph::source* from = nullptr;
    graph::node* far = nullptr; // belongs_to_many: the entities behind the pivots; has_many_through: the second step
    selection here{};           // condition, order and limit that are done here
    std::vector<graph::node*> children{};
    std::string path{};
    int height = 0;
    bool feeds = false; // something below reads by key
};

struct graph::in_flight {
    std::vector<fetch*> keys{}; // a batch
    fetch* query = nullptr;
    std::string const* path = nullptr; // of the node that asked
    bool feeds = false;                // a batch whose entities can ask for more keys
};

namespace {

/// The path of a relation, or the entity that a load begins with.
void name_path(diagnostics& d, std::string const& path) {
    if (path.find('.') == std::string::npos) {
        if (d.entity.empty()) d.entity = path;
    } else if (d.relation_path.empty()) {
        d.relation_path = path;
    }
}

// A link to something that is loaded already and stays, and one to nothing. Never dereferenced.
graph::result* kept() {
    alignas(std::max_align_t) static char mark;
    return reinterpret_cast<graph::result*>(&mark);
}

bool is_empty_wire(std::string_view wire) {
    return wire.empty() || wire == R"({"S":""})" || wire == R"({"B":""})" || wire == R"({"NULL":true})";
}

/// Known without asking.
bool gives_nothing(selection const& s) { return s.limit == std::size_t{0} || s.where.is_never(); }

std::string counted(std::uint64_t n, char const* what) { return std::to_string(n) + ' ' + what + (n == 1 ? "" : "s"); }

std::string order_text(entity_type const& type, selection const& s, bool descending) {
    if (!s.order) return {};
    if (s.order->by)
        return std::string(s.order->descending ? ", descending by " : ", ascending by ") + type[*s.order->by].name;
    return descending ? ", newest first" : ", oldest first";
}

} // namespace

graph::graph(graph_options options) : options_(std::move(options)) {}
graph::~graph() = default;

// ---- planning

graph::source& graph::key_source(entity_type const& type) {
    auto const table = options_.table_prefix + type.table;
    auto& slot = sources_["key " + table + ' ' + identity_of(type)];
    if (!slot) {
        slot = std::make_unique<source>();
        slot->what = source::kind::key;
        slot->type = &type;
        slot->table = table;
    }
    return *slot;
}

graph::source& graph::query_source(entity_type const& type, access_plan const& plan, selection const& select,
                                   bool by_relation, relation_info const* relation) {
    auto made = std::make_unique<source>();
    made->what = source::kind::query;
    made->type = &type;
    made->table = options_.table_prefix + type.table;
    made->plan = plan;
    made->select = select;
    made->takes_key = by_relation;
    if (plan.path) made->index = plan.path->name;

    std::string& head = made->head;
    head = R"({"TableName":)";
    dynamodb::append_json_string(head, made->table);
    if (!made->index.empty()) {
        head += R"(,"IndexName":)";
        dynamodb::append_json_string(head, made->index);
    }
    dynamodb::expression_writer expressions;
    if (plan.path) {
        head += R"(,"KeyConditionExpression":)";
        std::string text;
        if (by_relation) {
            made->two_parts = relation->target_key.size() == 2;
            text = expressions.name(type[relation->target_key[0]].name) + " = " + expressions.value(first_hole);
            if (made->two_parts)
                text += " AND " + expressions.name(type[relation->target_key[1]].name) + " = " +
                        expressions.value(second_hole);
        } else {
            text = expressions.write(plan.partition);
        }
        if (!plan.sort.is_always()) text += " AND " + expressions.write(plan.sort);
        dynamodb::append_json_string(head, text);
    }
    if (!plan.filter.is_always()) {
        head += R"(,"FilterExpression":)";
        dynamodb::append_json_string(head, expressions.write(plan.filter));
    }
    if (plan.descending) head += R"(,"ScanIndexForward":false)";
    if (options_.consistent_read && (!plan.path || plan.path->name.empty() || plan.path->local))
        head += R"(,"ConsistentRead":true)";
    if (options_.report_capacity) head += R"(,"ReturnConsumedCapacity":"TOTAL")";
    expressions.append_members(head);
    if (by_relation) {
        made->tail = cut_at(head, first_hole);
        if (made->two_parts) {
            made->middle = std::move(made->tail);
            made->tail = cut_at(made->middle, second_hole);
        }
    }

    // Sources that send the same and treat the answers the same are one.
    std::string identity = "query " + identity_of(type) + ' ' + made->head + '|' + made->middle + '|' + made->tail +
                           '|' + dynamodb::to_string(plan.residue);
    identity += select.limit ? " limit " + std::to_string(*select.limit) : "";
    if (plan.sort_here)
        identity += " sort " + std::to_string(*plan.sort_here->by) + (plan.sort_here->descending ? " desc" : "");
    auto& slot = sources_[identity];
    if (!slot) slot = std::move(made);
    return *slot;
}

graph::source& graph::pivot_source(relation_info const& relation) {
    // The inverse side reads the rows of the other side's relation.
    relation_info const& declared = relation.inverse_relation ? relation.inverse_relation() : relation;
    bool const reverse = relation.inverse_relation != nullptr;
    auto const table = options_.table_prefix + declared.pivot_table;
    auto& slot = sources_["pivots " + table + ' ' + declared.pivot_key + (reverse ? " reverse " : " forward ")];
    if (slot) return *slot;
    slot = std::make_unique<source>();
    source& s = *slot;
    s.what = source::kind::pivots;
    s.type = &relation.target();
    s.table = table;
    s.relation = &declared;
    s.reverse = reverse;
    s.index = reverse ? "by_right" : "";
    s.head = R"({"TableName":)";
    dynamodb::append_json_string(s.head, table);
    dynamodb::expression_writer expressions;
    std::string text;
    if (reverse) {
        s.head += R"(,"IndexName":"by_right")";
        text = expressions.name("id_right") + " = " + expressions.value(first_hole);
        std::string pivot_key;
        dynamodb::append_string_attribute(pivot_key, declared.pivot_key);
        text += " AND " + expressions.name("pivot_key") + " = " + expressions.value(pivot_key);
    } else {
        text = expressions.name("pk") + " = " + expressions.value(first_hole);
    }
    s.head += R"(,"KeyConditionExpression":)";
    dynamodb::append_json_string(s.head, text);
    if (options_.consistent_read && !reverse) s.head += R"(,"ConsistentRead":true)";
    if (options_.report_capacity) s.head += R"(,"ReturnConsumedCapacity":"TOTAL")";
    expressions.append_members(s.head);
    s.tail = cut_at(s.head, first_hole);
    return s;
}

void check_nesting(std::vector<load_node> const& children, unsigned depth) {
    if (depth > max_depth && !children.empty())
        throw_error(errc::invalid_argument, "relations are nested more than " + std::to_string(max_depth) +
                                                " deep in with<>; load the deeper ones with a second load()");
    for (auto const& child : children) {
        auto const same = std::count_if(children.begin(), children.end(),
                                        [&](load_node const& other) { return other.relation == child.relation; });
        if (same > 1) {
            diagnostics d;
            d.relation_path = child.relation->path();
            d.message = "the relation " + d.relation_path +
                        " is named twice at one place; a handle holds one result: load it once, or into a copy";
            throw_error(errc::invalid_argument, std::move(d));
        }
        check_nesting(child.children, depth + 1);
    }
}

void graph::add_children(node& parent, std::vector<load_node> const& specs) {
    for (auto const& spec : specs) add_relation(parent, spec);
}

void graph::add_relation(node& parent, load_node const& spec) {
    relation_info const& relation = *spec.relation;
    auto const make = [&](relation_info const& lookup) -> node& {
        nodes_.push_back(std::make_unique<node>());
        node& n = *nodes_.back();
        n.type = &lookup.target();
        n.lookup = &lookup;
        n.path = parent.path + '.' + std::string(relation.name.member);
        return n;
    };
    auto const make_filling = [&](relation_info const& lookup) -> node& {
        node& n = make(lookup);
        n.spec = &spec;
        n.fills = &relation;
        parent.children.push_back(&n);
        return n;
    };
    auto const query_for = [&](node& n, selection select) {
        relation_info const& r = *n.lookup;
        if (r.kind == relation_kind::has_one) select.limit = std::min<std::size_t>(select.limit.value_or(1), 1);
        auto const plan = plan_relation(r.target(), r.target_key, select);
        n.from = &query_source(r.target(), plan, select, true, &r);
    };
    switch (relation.kind) {
    case relation_kind::has_one:
    case relation_kind::has_many: {
        node& n = make_filling(relation);
        query_for(n, spec.select);
        add_children(n, spec.children);
        break;
    }
    case relation_kind::belongs_to: {
        node& n = make_filling(relation);
        n.from = &key_source(relation.target());
        n.here = spec.select;
        add_children(n, spec.children);
        break;
    }
    case relation_kind::belongs_to_many: {
        node& rows = make_filling(relation);
        rows.from = &pivot_source(relation);
        rows.here = spec.select;
        node& far = make(relation);
        far.from = &key_source(relation.target());
        far.here.where = spec.select.where;
        rows.far = &far;
        add_children(far, spec.children);
        break;
    }
    case relation_kind::has_many_through: {
        node& middle = make_filling(relation.first());
        query_for(middle, {});
        node& far = make(relation.second());
        far.here.order = spec.select.order;
        far.here.limit = spec.select.limit;
        query_for(far, spec.select); // a limit of the whole is one of each part as well
        middle.far = &far;
        middle.children.push_back(&far);
        add_children(far, spec.children);
        break;
    }
    }
}

int graph::measure_height(node& n) {
    int below = 0;
    bool feeds = false;
    auto const consider = [&](node& c) {
        below = std::max(below, measure_height(c));
        feeds = feeds || c.feeds || (c.from && c.from->what == source::kind::key);
    };
    for (node* c : n.children) consider(*c);
    if (n.far && n.children.empty()) consider(*n.far);
    n.height = below + 1;
    n.feeds = feeds;
    return n.height;
}

void graph::start_with_entities(entity_type const& type, std::vector<void*> entities, std::vector<load_node> children) {
    specs_ = std::move(children);
    nodes_.push_back(std::make_unique<node>());
    root_ = nodes_.back().get();
    root_->type = &type;
    root_->path = type.name;
    check_nesting(specs_);
    add_children(*root_, specs_);
    measure_height(*root_);
    root_entities_ = std::move(entities);
    root_result_ = std::make_unique<result>(result{.of = *root_, .from = nullptr});
    for (std::size_t i = 0; i < root_entities_.size(); ++i) discover(*root_result_, i, root_entities_[i]);
}

void graph::start_with_keys(entity_type const& type, std::vector<std::string> const& keys,
                            std::vector<load_node> children) {
    specs_ = std::move(children);
    nodes_.push_back(std::make_unique<node>());
    root_ = nodes_.back().get();
    root_->type = &type;
    root_->path = type.name;
    root_->from = &key_source(type);
    check_nesting(specs_);
    add_children(*root_, specs_);
    measure_height(*root_);
    for (auto const& key : keys) root_keys_.push_back(ask(*root_, *root_->from, key));
}

void graph::start_with_query(entity_type const& type, access_plan plan, selection const& select, std::string cursor,
                             std::vector<load_node> children) {
    specs_ = std::move(children);
    nodes_.push_back(std::make_unique<node>());
    root_ = nodes_.back().get();
    root_->type = &type;
    root_->path = type.name;
    root_->from = &query_source(type, plan, select, false, nullptr);
    check_nesting(specs_);
    add_children(*root_, specs_);
    measure_height(*root_);
    if (gives_nothing(select)) return;
    result* const r = ask(*root_, *root_->from, {});
    root_query_ = r->from;
    root_query_->cursor = std::move(cursor);
}

// ---- discovering

graph::result* graph::ask(node& n, source& s, std::string key) {
    auto const [slot, fresh] = s.fetches.try_emplace(std::move(key), fetch{.from = s});
    fetch& f = slot->second;
    if (fresh) f.key = slot->first;
    result* mine = f.user(n);
    if (!mine) {
        mine = &results_.emplace_back(result{.of = n, .from = &f});
        f.users.push_back(mine);
        f.height = std::max(f.height, n.height);
    }
    if (fresh) {
        if (s.what == source::kind::key) {
            pending_keys_.push_back(&f);
            key_added_ = true;
        } else {
            ready_queries_[f.height].push_back(&f);
        }
    }
    ++mine->asked;
    bool const feeds_before = f.feeds;
    f.feeds = f.feeds || n.feeds;
    // Counted when it starts or changes: whether keys can still come decides when a partial batch leaves.
    if (s.what != source::kind::key && !f.complete && f.feeds && !feeds_before) ++feeding_queries_;
    if (!fresh) absorb(*mine);
    return mine;
}

graph::result* graph::ask_for(node& child, void* owner) {
    try {
        return ask_by_key_of(child, owner);
    } catch (error const& e) {
        diagnostics d = e.info();
        // One that has a path was named further below. Entity types know no prefix.
        if (d.relation_path.empty() && !d.table.empty()) d.table.insert(0, options_.table_prefix);
        name_path(d, child.path);
        throw_error(e.code(), std::move(d));
    }
}

graph::result* graph::ask_by_key_of(node& child, void* owner) {
    relation_info const& relation = *child.lookup;
    entity_type const& type = relation.owner();
    if (child.fills) {
        load_node const& spec = *child.spec;
        if (!spec.reload && spec.children.empty() && child.fills->loaded(child.fills->handle_of(owner))) return kept();
        if (gives_nothing(spec.select)) return nullptr;
    }
    switch (relation.kind) {
    case relation_kind::belongs_to: {
        std::string const first = type.wire(owner, relation.owner_key[0]);
        std::string const second =
            relation.owner_key.size() > 1 ? type.wire(owner, relation.owner_key[1]) : std::string();
        if (is_empty_wire(first) || (relation.owner_key.size() > 1 && is_empty_wire(second))) return nullptr;
        std::string key;
        relation.target().encode_key(key, first, second);
        return ask(child, *child.from, std::move(key));
    }
    case relation_kind::belongs_to_many: {
        source& s = *child.from;
        std::string key;
        std::string const text = key_text(type, owner);
        dynamodb::append_string_attribute(key, s.reverse ? text : s.relation->pivot_key + '#' + text);
        return ask(child, s, std::move(key));
    }
    default: {
        std::string key = type.wire(owner, relation.owner_key[0]);
        std::string second;
        if (relation.owner_key.size() > 1) second = type.wire(owner, relation.owner_key[1]);
        if (is_empty_wire(key) || (relation.owner_key.size() > 1 && is_empty_wire(second))) {
            std::string unused;
            type.encode_key(unused, owner); // says which key member is empty
            return nullptr;
        }
        std::string const whole = second.empty() ? key : key + '\n' + second;
        result* const r = ask(child, *child.from, whole);
        if (r->from->second_part.empty()) r->from->second_part = second;
        return r;
    }
    }
}

void graph::discover(result& r, std::size_t row, void* entity) {
    node& n = r.of;
    if (n.children.empty()) return;
    std::size_t const width = n.children.size();
    if (r.links.size() < (row + 1) * width) r.links.resize((row + 1) * width, nullptr);
    for (std::size_t c = 0; c < width; ++c) {
        node& child = *n.children[c];
        result* const link = ask_for(child, entity);
        r.links[row * width + c] = link;
    }
}

void graph::absorb(result& r) {
    fetch& f = *r.from;
    node& n = r.of;
    if (f.from.what == source::kind::pivots) {
        for (; r.seen < f.far_keys.size(); ++r.seen) r.links.push_back(ask(*n.far, *n.far->from, f.far_keys[r.seen]));
        return;
    }
    // What will be sorted and cut here must be complete first, else the wrong entities ask for more.
    if (f.from.plan.sort_here && !f.complete) return;
    std::size_t const count = f.count();
    entity_type const& type = *f.from.type;
    for (; r.seen < count; ++r.seen) {
        void* const entity = type.storage.at(f.items.get(), r.seen);
        if (!n.here.where.is_always()) {
            if (!matches(type, entity, n.here.where)) continue;
            r.chosen.push_back(static_cast<std::uint32_t>(r.seen));
        }
        discover(r, r.seen, entity);
    }
}

void graph::complete(fetch& f) {
    if (f.complete) return;
    f.complete = true;
    source& s = f.from;
    if (s.what != source::kind::key && f.feeds) --feeding_queries_;
    if (s.what == source::kind::query && s.plan.sort_here && f.items) {
        entity_type const& type = *s.type;
        std::vector<void*> entities(f.count());
        for (std::size_t i = 0; i < entities.size(); ++i) entities[i] = type.storage.at(f.items.get(), i);
        auto const positions = sorted_positions(type, entities, *s.plan.sort_here);
        auto sorted = type.storage.make();
        std::size_t const kept_count = std::min(positions.size(), s.select.limit.value_or(positions.size()));
        type.storage.reserve(sorted.get(), kept_count);
        for (std::size_t i = 0; i < kept_count; ++i) type.storage.append_move(sorted.get(), entities[positions[i]]);
        f.items = std::move(sorted);
    }
    for (result* const r : std::vector<result*>(f.users)) absorb(*r);
}

// ---- requests

void graph::move_due(graph_time now) {
    while (!delayed_keys_.empty() && delayed_keys_.begin()->first <= now) {
        pending_keys_.push_back(delayed_keys_.begin()->second);
        delayed_keys_.erase(delayed_keys_.begin());
    }
}

bool graph::keys_may_come() const { return feeding_queries_ > 0 || feeding_batches_ > 0; }

bool graph::ready(graph_time now) const {
    if (pending_keys_.size() >= batch_limit || !ready_queries_.empty()) return true;
    if (!delayed_keys_.empty() && delayed_keys_.begin()->first <= now) return true;
    if (pending_keys_.empty()) return false;
    return !keys_may_come() || now >= last_key_at_ + options_.linger;
}

bool graph::sequential() const {
    if (!in_flight_.empty() || !delayed_keys_.empty()) return false;
    if (ready_queries_.empty()) return !pending_keys_.empty() && pending_keys_.size() <= batch_limit;
    return pending_keys_.empty() && ready_queries_.size() == 1 && ready_queries_.begin()->second.size() == 1;
}

std::optional<graph_time> graph::wake_at() const {
    std::optional<graph_time> at;
    if (!pending_keys_.empty()) at = last_key_at_ + options_.linger;
    if (!delayed_keys_.empty() && (!at || delayed_keys_.begin()->first < *at)) at = delayed_keys_.begin()->first;
    return at;
}

std::optional<graph_request> graph::next(graph_time now) {
    if (key_added_) {
        last_key_at_ = now;
        key_added_ = false;
    }
    move_due(now);
    if (pending_keys_.size() >= batch_limit) return make_batch();
    if (!ready_queries_.empty()) {
        auto const longest = ready_queries_.begin();
        fetch& f = *longest->second.front();
        longest->second.pop_front();
        if (longest->second.empty()) ready_queries_.erase(longest);
        return make_query(f);
    }
    if (!pending_keys_.empty() && (!keys_may_come() || now >= last_key_at_ + options_.linger)) return make_batch();
    return std::nullopt;
}

graph_request graph::make_query(fetch& f) {
    source& s = f.from;
    std::string body = new_body();
    body += s.head;
    if (s.takes_key) {
        body += s.two_parts ? f.key.substr(0, f.key.size() - f.second_part.size() - 1) : f.key;
        body += s.middle;
        if (s.two_parts) body += f.second_part;
        body += s.tail;
    }
    if (s.what == source::kind::query && s.plan.limit_there && s.select.limit) {
        body += R"(,"Limit":)";
        body += std::to_string(std::min(*s.select.limit - f.count(), max_page));
    }
    if (!f.cursor.empty()) {
        body += R"(,"ExclusiveStartKey":)";
        body += f.cursor;
    }
    body += '}';
    std::size_t const id = next_id_++;
    auto& flying = in_flight_[id];
    flying.query = &f;
    flying.path = &f.users.front()->of.path;
    report_.max_in_flight = std::max<std::uint64_t>(report_.max_in_flight, in_flight_.size());
    ++s.requests;
    ++report_.queries;
    return {id, operation_of(s), std::move(body), *flying.path};
}

graph_request graph::make_batch() {
    std::size_t const id = next_id_++;
    auto& flying = in_flight_[id];
    std::size_t const count = std::min(batch_limit, pending_keys_.size());
    flying.keys.assign(pending_keys_.begin(), pending_keys_.begin() + static_cast<std::ptrdiff_t>(count));
    pending_keys_.erase(pending_keys_.begin(), pending_keys_.begin() + static_cast<std::ptrdiff_t>(count));
    flying.path = &flying.keys.front()->users.front()->of.path;

    // Keys of several tables share a request; a key that two entity types of one table ask for is written once.
    std::sort(flying.keys.begin(), flying.keys.end(), [](fetch const* x, fetch const* y) {
        return std::tie(x->from.table, x->key) < std::tie(y->from.table, y->key);
    });
    std::string body = new_body();
    body += R"({"RequestItems":{)";
    fetch const* before = nullptr;
    for (fetch* const f : flying.keys) {
        flying.feeds = flying.feeds || f->feeds;
        bool const same_table = before && before->from.table == f->from.table;
        if (same_table && before->key == f->key) continue;
        if (same_table) {
            body += ',';
        } else {
            if (before) body += options_.consistent_read ? R"(],"ConsistentRead":true},)" : "]},";
            ++f->from.requests;
            dynamodb::append_json_string(body, f->from.table);
            body += R"(:{"Keys":[)";
        }
        before = f;
        body += f->key;
        ++report_.keys;
    }
    if (flying.feeds) ++feeding_batches_;
    body += options_.consistent_read ? R"(],"ConsistentRead":true}})" : "]}}";
    if (options_.report_capacity) body += R"(,"ReturnConsumedCapacity":"TOTAL")";
    body += '}';
    report_.max_in_flight = std::max<std::uint64_t>(report_.max_in_flight, in_flight_.size());
    ++report_.batch_gets;
    return {id, operation::batch_get_item, std::move(body), *flying.path};
}

// ---- answers

void graph::on_answer(std::size_t id, std::string_view body, graph_time now, double jitter) {
    auto const at = in_flight_.find(id);
    in_flight const answered = std::move(at->second);
    in_flight_.erase(at);
    if (answered.feeds) --feeding_batches_;
    try {
        if (answered.query)
            on_query_answer(*answered.query, body);
        else
            on_batch_answer(answered.keys, body, now, jitter);
    } catch (error const& e) {
        diagnostics d = e.info();
        locate(answered, d);
        throw_error(e.code(), std::move(d));
    }
    if (key_added_) {
        last_key_at_ = now;
        key_added_ = false;
    }
}

operation graph::operation_of(source const& s) {
    return s.what == source::kind::query && !s.plan.path ? operation::scan : operation::query;
}

void graph::locate(in_flight const& request, diagnostics& d) {
    name_path(d, *request.path);
    source const& s = request.query ? request.query->from : request.keys.front()->from;
    if (d.operation.empty()) d.operation = to_string(request.query ? operation_of(s) : operation::batch_get_item);
    if (d.table.empty()) d.table = s.table;
    if (d.index.empty()) d.index = s.index;
}

void graph::locate(std::size_t id, diagnostics& d) const {
    if (auto const at = in_flight_.find(id); at != in_flight_.end()) locate(at->second, d);
}

std::string graph::new_body() const { return options_.make_body ? options_.make_body() : std::string(); }

void graph::on_query_answer(fetch& f, std::string_view body) {
    source& s = f.from;
    json_reader in(body);
    std::string_view name;
    std::string cursor;
    bool cut = false;
    bool items = false;
    bool next = false;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == "Items") note_member(in, items, name);
        if (name == "Items" && s.what == source::kind::pivots) {
            read_pivot_rows(f, in.skip_value());
        } else if (name == "Items") {
            entity_type const& type = *s.type;
            if (!f.items) f.items = type.storage.make();
            std::size_t const limit =
                s.plan.sort_here ? static_cast<std::size_t>(-1) : s.select.limit.value_or(static_cast<std::size_t>(-1));
            in.enter_array();
            while (in.next_element()) {
                if (f.count() >= limit) {
                    cut = true;
                    in.skip_value();
                    continue;
                }
                std::size_t const before = f.count();
                void* const entity = type.storage.append(f.items.get());
                type.decode(in, entity);
                ++report_.items;
                ++s.received;
                if (!s.plan.residue.is_always() && !matches(type, entity, s.plan.residue))
                    type.storage.truncate(f.items.get(), before);
            }
        } else if (name == "LastEvaluatedKey") {
            note_member(in, next, name);
            cursor = read_next_page(in, f.cursor);
        } else if (name == "ConsumedCapacity") {
            report_.read_units += read_capacity_units(in);
        } else {
            in.skip_value();
        }
    }
    in.finish();

    bool const full =
        s.what == source::kind::query && !s.plan.sort_here && s.select.limit && f.count() >= *s.select.limit;
    if (full || cursor.empty()) {
        if (full && (cut || !cursor.empty())) {
            f.more = true;
            f.cursor =
                cut || cursor.empty() ? cursor_after(s, s.type->storage.at(f.items.get(), f.count() - 1)) : cursor;
        } else {
            f.cursor.clear();
        }
        complete(f);
    } else {
        f.cursor = std::move(cursor);
        ready_queries_[f.height].push_front(&f);
        for (result* const r : std::vector<result*>(f.users)) absorb(*r);
    }
}

std::string graph::cursor_after(source const& s, void const* entity) const {
    std::vector<attribute_index> wanted = s.type->key_attributes();
    if (s.plan.path && !s.plan.path->name.empty()) {
        wanted.push_back(s.plan.path->partition);
        if (s.plan.path->sort) wanted.push_back(*s.plan.path->sort);
    }
    std::sort(wanted.begin(), wanted.end());
    wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
    std::string out = "{";
    for (auto const i : wanted) {
        if (out.size() > 1) out += ',';
        dynamodb::append_json_string(out, (*s.type)[i].name);
        out += ':';
        out += s.type->wire(entity, i);
    }
    return out + '}';
}

void graph::read_pivot_rows(fetch& f, std::string_view items) {
    source& s = f.from;
    json_reader in(items);
    std::string_view name;
    in.enter_array();
    std::string_view const other = s.reverse ? "id_left" : "id_right";
    while (in.next_element()) {
        std::string far;
        timestamp created;
        dynamodb::item extra;
        in.enter_object();
        while (in.next_member(name)) {
            if (name == other) {
                codec<std::string>::decode(in, far);
            } else if (name == "created_at") {
                codec<timestamp>::decode(in, created);
            } else if (name == "extra") {
                auto const value = dynamodb::read_attribute_value(in);
                extra = value.as_map();
            } else {
                in.skip_value();
            }
        }
        if (far.empty())
            throw_error(errc::malformed_response,
                        "a row of the pivot table lacks its " + std::string(other) + "; is it a pivot table?");
        ++report_.items;
        ++s.received;
        f.far_keys.push_back(key_from_text(*s.type, far));
        f.far_texts.push_back(std::move(far));
        f.pivots.emplace_back(created, std::move(extra));
    }
}

void graph::on_batch_answer(std::vector<fetch*> const& asked, std::string_view body, graph_time now, double jitter) {
    // One table can serve several entity types, each with a source of its own.
    std::map<std::string, std::map<source*, std::map<std::string_view, fetch*>>, std::less<>> tables;
    for (fetch* const f : asked) tables[f->from.table][&f->from].emplace(f->key, f);

    std::vector<fetch*> unprocessed;
    json_reader in(body);
    std::string_view member, name;
    auto const table_named = [&]() -> auto& {
        auto const at = tables.find(name);
        if (at == tables.end()) in.fail("the answer names a table that was not asked for");
        return at->second;
    };
    auto const read_item = [&](source& s, std::map<std::string_view, fetch*> const& wanted, json_reader& from) {
        entity_type const& type = *s.type;
        auto items = type.storage.make();
        void* const entity = type.storage.append(items.get());
        std::string key;
        try {
            type.decode(from, entity);
            type.encode_key(key, entity);
        } catch (error const& e) {
            // A request serves several relations: the path is one that asked this table for this type.
            diagnostics d = e.info();
            d.table = s.table;
            name_path(d, wanted.begin()->second->users.front()->of.path);
            throw_error(e.code(), std::move(d));
        }
        auto const at = wanted.find(key);
        if (at == wanted.end()) return false;
        at->second->items = std::move(items);
        ++s.received;
        return true;
    };
    // The key of an item, or of a part of one, as this type writes it; empty when it has no such key.
    auto const key_in = [](entity_type const& type, dynamodb::item const& attributes) {
        std::string text, partition, sort;
        auto const part = [&](attribute_index i, std::string& wire) {
            auto const value = attributes.find(type[i].name);
            if (value != attributes.end()) dynamodb::append_json(wire, value->second);
            return !wire.empty();
        };
        if (part(type.key.partition, partition) && (!type.key.sort || part(*type.key.sort, sort)))
            type.encode_key(text, partition, sort);
        return text;
    };
    auto const read_unprocessed_key = [&](auto& sources) {
        dynamodb::item const key = dynamodb::read_item(in);
        bool known = false;
        for (auto& [s, wanted] : sources) {
            if (auto const at = wanted.find(key_in(*s->type, key)); at != wanted.end()) {
                unprocessed.push_back(at->second);
                known = true;
            }
        }
        if (!known) in.fail("the answer leaves a key unprocessed that was not asked for");
    };

    bool responses = false;
    bool unprocessed_keys = false;
    in.enter_object();
    while (in.next_member(member)) {
        if (in.read_if_null()) continue;
        if (member == "Responses") {
            note_member(in, responses, member);
            in.enter_object();
            while (in.next_member(name)) {
                auto& sources = table_named();
                in.enter_array();
                while (in.next_element()) {
                    bool known = false;
                    if (sources.size() == 1) {
                        known = read_item(*sources.begin()->first, sources.begin()->second, in);
                    } else {
                        // Another type's items need not fit: the key says whose it is.
                        auto const text = in.skip_value();
                        json_reader whole(text);
                        dynamodb::item const attributes = dynamodb::read_item(whole);
                        for (auto& [s, wanted] : sources) {
                            if (!wanted.contains(key_in(*s->type, attributes))) continue;
                            json_reader again(text);
                            known = read_item(*s, wanted, again) || known;
                        }
                    }
                    ++report_.items;
                    if (!known) in.fail("the answer holds an item that was not asked for");
                }
            }
        } else if (member == "UnprocessedKeys") {
            note_member(in, unprocessed_keys, member);
            in.enter_object();
            while (in.next_member(name)) {
                auto& sources = table_named();
                in.enter_object();
                while (in.next_member(name)) {
                    if (name != "Keys") {
                        in.skip_value();
                        continue;
                    }
                    in.enter_array();
                    while (in.next_element()) read_unprocessed_key(sources);
                }
            }
        } else if (member == "ConsumedCapacity") {
            report_.read_units += read_capacity_units(in);
        } else {
            in.skip_value();
        }
    }
    in.finish();

    report_.unprocessed += unprocessed.size();
    std::vector<fetch*> given_up;
    for (fetch* const f : unprocessed) {
        if (!f->guard) f->guard.emplace(options_.retry);
        auto const decision = f->guard->on_answer(asked.size(), unprocessed.size(), jitter);
        if (decision.next == dynamodb::progress_guard::action::give_up)
            given_up.push_back(f);
        else if (decision.delay.count() <= 0)
            pending_keys_.push_front(f);
        else
            delayed_keys_.emplace(now + std::chrono::duration_cast<std::chrono::nanoseconds>(decision.delay), f);
    }
    if (!given_up.empty()) {
        diagnostics d;
        d.operation = "BatchGetItem";
        d.table = given_up.front()->from.table;
        name_path(d, given_up.front()->users.front()->of.path);
        for (fetch* const f : given_up) d.missing_keys.emplace_back(f->key);
        d.message = std::to_string(given_up.size()) + " keys stayed unprocessed after " +
                    std::to_string(options_.retry.max_attempts) +
                    " answers in a row without progress; the table is throttled: try again later or raise its capacity";
        throw_error(errc::batch_incomplete, std::move(d));
    }
    for (fetch* const f : asked)
        if (std::find(unprocessed.begin(), unprocessed.end(), f) == unprocessed.end()) complete(*f);
}

bool graph::done() const noexcept {
    return in_flight_.empty() && ready_queries_.empty() && pending_keys_.empty() && delayed_keys_.empty();
}

// ---- assembling

void graph::assemble(result& r) {
    if (r.assembled) return;
    r.assembled = true;
    node& n = r.of;
    entity_type const& type = *n.type;
    bool const filtered = !n.here.where.is_always();
    fetch const& f = *r.from;
    std::vector<std::uint32_t> rows;
    if (filtered) {
        rows = r.chosen;
    } else {
        rows.resize(f.count());
        for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
    }
    // Entities that several nodes use are filled differently by each: every node but a sole one takes copies.
    bool const copies = f.users.size() > 1 && (!n.children.empty() || filtered);
    if (!f.items) {
        r.items = type.storage.make();
    } else if (copies || filtered) {
        r.items = type.storage.make();
        type.storage.reserve(r.items.get(), rows.size());
        for (auto const row : rows) {
            void* const entity = type.storage.at(f.items.get(), row);
            copies ? type.storage.append_copy(r.items.get(), entity) : type.storage.append_move(r.items.get(), entity);
        }
    } else {
        r.items = f.items;
    }
    std::size_t const width = n.children.size();
    for (std::size_t i = 0; i < rows.size() && width > 0; ++i) {
        void* const entity = type.storage.at(r.items.get(), i);
        for (std::size_t c = 0; c < width; ++c) attach(*n.children[c], entity, r.links[rows[i] * width + c]);
    }
}

std::shared_ptr<void> graph::collect_through(node const& far, result& middle) {
    entity_type const& type = *far.type;
    auto items = type.storage.make();
    std::size_t const width = middle.of.children.size();
    std::unordered_set<std::string> keys; // an index can show an entity below its old and its new owner
    for (std::size_t row = 0; row < middle.from->count(); ++row) {
        result* const part = middle.links[row * width];
        if (!part) continue;
        assemble(*part);
        bool const copies = part->from->users.size() > 1 || part->asked > 1;
        for (std::size_t i = 0; i < type.storage.size(part->items.get()); ++i) {
            void* const entity = type.storage.at(part->items.get(), i);
            std::string key;
            type.encode_key(key, entity);
            if (!keys.insert(std::move(key)).second) continue;
            copies ? type.storage.append_copy(items.get(), entity) : type.storage.append_move(items.get(), entity);
        }
    }
    std::size_t const count = type.storage.size(items.get());
    if (far.here.order) {
        // Each part came in the order of its path; so is the whole.
        index_info const& path = *far.from->plan.path;
        ordering const order{far.here.order->by ? far.here.order->by : path.sort.value_or(type.key.partition),
                             far.here.order->descending};
        std::vector<void*> entities(count);
        for (std::size_t i = 0; i < count; ++i) entities[i] = type.storage.at(items.get(), i);
        auto sorted = type.storage.make();
        type.storage.reserve(sorted.get(), count);
        for (auto const i : sorted_positions(type, entities, order))
            type.storage.append_move(sorted.get(), entities[i]);
        items = std::move(sorted);
    }
    if (far.here.limit && count > *far.here.limit) type.storage.truncate(items.get(), *far.here.limit);
    return items;
}

void graph::attach(node const& child, void* owner, result* r) {
    if (r == kept()) return;
    relation_info const& relation = *child.fills;
    if (relation.kind == relation_kind::has_many_through) {
        if (r && !r->assembled) {
            r->assembled = true;
            r->items = collect_through(*child.far, *r);
        }
        relation.attach(relation.handle_of(owner), r ? r->items : relation.target().storage.make());
        return;
    }
    if (relation.kind != relation_kind::belongs_to_many) {
        if (r) assemble(*r);
        relation.attach(relation.handle_of(owner), r ? r->items : relation.target().storage.make());
        return;
    }
    std::vector<link<void>> links;
    if (r) {
        entity_type const& type = *child.type;
        fetch const& f = *r->from;
        std::vector<std::size_t> rows;
        std::vector<void*> entities;
        std::vector<std::shared_ptr<void>> owners;
        for (std::size_t row = 0; row < r->links.size(); ++row) {
            result* const far = r->links[row];
            assemble(*far);
            if (type.storage.size(far->items.get()) == 0) continue; // the link leads nowhere, or to what is not wanted
            rows.push_back(row);
            entities.push_back(type.storage.at(far->items.get(), 0));
            owners.push_back(far->items);
        }
        std::vector<std::size_t> positions(rows.size());
        if (child.here.order && child.here.order->by) {
            positions = sorted_positions(type, entities, *child.here.order);
        } else if (type[type.key.partition].type == attribute_type::number) {
            bool const descending = child.here.order && child.here.order->descending;
            positions = sorted_positions(type, entities, ordering{type.key.partition, descending});
        } else {
            for (std::size_t i = 0; i < positions.size(); ++i) positions[i] = i;
            // An index gives equal keys in no order of their own; both sides list by the other side's key.
            std::sort(positions.begin(), positions.end(),
                      [&](std::size_t a, std::size_t b) { return f.far_texts[rows[a]] < f.far_texts[rows[b]]; });
            if (child.here.order && child.here.order->descending) std::reverse(positions.begin(), positions.end());
        }
        if (child.here.limit && positions.size() > *child.here.limit) positions.resize(*child.here.limit);
        links.reserve(positions.size());
        for (auto const i : positions)
            links.push_back({std::shared_ptr<void const>(owners[i], entities[i]), f.pivots[rows[i]]});
    }
    relation.attach_links(relation.handle_of(owner), std::move(links));
}

void graph::finish() {
    if (root_result_) {
        std::size_t const width = root_->children.size();
        for (std::size_t i = 0; i < root_entities_.size(); ++i)
            for (std::size_t c = 0; c < width; ++c)
                attach(*root_->children[c], root_entities_[i], root_result_->links[i * width + c]);
    }
    for (result* const r : root_keys_) assemble(*r);
    if (root_query_) assemble(*root_query_->users.front());
}

std::vector<std::pair<void*, bool>> graph::found_by_key() const {
    std::vector<std::pair<void*, bool>> found;
    found.reserve(root_keys_.size());
    std::unordered_map<result*, std::size_t> last;
    for (std::size_t i = 0; i < root_keys_.size(); ++i) last[root_keys_[i]] = i;
    for (std::size_t i = 0; i < root_keys_.size(); ++i) {
        result* const r = root_keys_[i];
        auto const& storage = root_->type->storage;
        void* const entity = storage.size(r->items.get()) ? storage.at(r->items.get(), 0) : nullptr;
        found.emplace_back(entity, last[r] == i && r->from->users.size() == 1);
    }
    return found;
}

std::shared_ptr<void> graph::take_items() {
    if (!root_query_) return root_->type->storage.make();
    return root_query_->users.front()->items;
}

std::string graph::next_cursor() const {
    return root_query_ && root_query_->more ? root_query_->cursor : std::string();
}

// ---- telling

load_report graph::report() const {
    load_report r = report_;
    r.plan = explain(true);
    return r;
}

std::string graph::explain(bool with_figures) const {
    std::string out;
    auto const line = [&](node const& n, source const* s, std::string const& label, std::string const& extra,
                          int depth) {
        out.append(static_cast<std::size_t>(depth) * 2, ' ');
        out += label + ": ";
        if (!s) {
            out += "given";
        } else if (s->what == source::kind::key) {
            out += "BatchGetItem " + s->table + ", up to 100 keys a request, shared with all other keys";
        } else {
            out += s->what == source::kind::query && !s->plan.path ? "Scan " : "Query ";
            out += s->table;
            if (!s->index.empty()) out += " index " + s->index;
            if (s->what == source::kind::query) {
                if (!s->takes_key && s->plan.path) out += ", key " + dynamodb::to_string(s->plan.partition);
                if (!s->plan.sort.is_always()) out += ", key " + dynamodb::to_string(s->plan.sort);
                if (!s->plan.filter.is_always()) out += ", filter " + dynamodb::to_string(s->plan.filter);
                if (!s->plan.residue.is_always()) out += ", here " + dynamodb::to_string(s->plan.residue);
                out += order_text(*n.type, s->select, s->plan.descending);
                if (s->plan.sort_here) out += " (here)";
                if (s->select.limit) out += ", limit " + std::to_string(*s->select.limit);
                if (s->takes_key) out += ", one for each parent";
            } else {
                out += s->reverse ? ", links from the right, one for each parent" : ", links, one for each parent";
            }
        }
        out += extra;
        if (with_figures && s)
            out += " [" + counted(s->requests, "request") + ", " + counted(s->received, "item") + "]";
        out += '\n';
    };
    auto const here = [&](node const& n) {
        std::string extra;
        if (!n.here.where.is_always()) extra += ", here " + dynamodb::to_string(n.here.where);
        if (n.here.order) extra += order_text(*n.type, n.here, n.here.order->descending) + " (here)";
        if (n.here.limit) extra += ", limit " + std::to_string(*n.here.limit) + " (here)";
        return extra;
    };
    auto const print = [&](auto const& self, node const& n, int depth) -> void {
        for (node const* c : n.children) {
            std::string const label = c->path.substr(c->path.rfind('.') + 1);
            line(*c, c->from, label, c->far ? std::string() : here(*c), depth);
            if (c->far) {
                // Links are sorted and cut by what they lead to.
                bool const links = c->fills->kind == relation_kind::belongs_to_many;
                line(*c->far, c->far->from, "then", here(links ? *c : *c->far), depth + 1);
                self(self, *c->far, depth + 1);
            } else {
                self(self, *c, depth + 1);
            }
        }
    };
    if (root_) {
        line(*root_, root_->from, root_->type->name, "", 0);
        print(print, *root_, 1);
    }
    return out;
}

} // namespace dynasio::detail
