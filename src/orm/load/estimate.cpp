#include "estimate.hpp"

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "figure_text.hpp"

namespace dynasio::detail {

namespace {

constexpr double unit_bytes = 4096;
constexpr double page_bytes = 1024.0 * 1024.0;
constexpr double keys_of_a_batch = 100;
/// A link has two keys, a kind and times.
constexpr double link_bytes = 200;
/// More than any data has. Products of them over all levels of a graph must stay numbers.
constexpr double most = 1e15;

double const* named(load_assumptions::named_numbers const& in, std::string_view name) {
    auto const at = std::find_if(in.begin(), in.end(), [&](auto const& one) { return one.first == name; });
    return at == in.end() ? nullptr : &at->second;
}

/// What is assumed about a node: by its place, by its relation, or in general.
double about(load_assumptions::named_numbers const& in, plan_node const& node, double otherwise) {
    if (node.relation == nullptr) {
        double const* const root = named(in, node.path);
        return root != nullptr ? *root : otherwise;
    }
    // All nodes of a relation have its path, but each step of a has_many_through has a relation of its own.
    // So have the two of a belongs_to_many whose links are entities.
    bool const is_hop = node.fills != node.relation && !(node.fills != nullptr && node.fills->has_pivot_entity());
    if (!is_hop)
        if (double const* const here = named(in, node.path)) return *here;
    if (double const* const anywhere = named(in, node.relation->path())) return *anywhere;
    return otherwise;
}

[[noreturn]] void refuse(std::string const& what) { throw_error(errc::invalid_argument, "load_assumptions: " + what); }

void require(bool holds, char const* what) {
    if (!holds) refuse(what);
}

void add_targets(relation_info const& relation, std::vector<entity_type const*>& to) {
    if (relation.target != nullptr) to.push_back(&relation.target());
    for (relation_info const& each : relation.alternatives) to.push_back(&each.target());
}

/// All types to which relations lead, the first one included.
std::vector<entity_type const*> types_from(entity_type const& root) {
    std::vector<entity_type const*> found;
    std::vector<entity_type const*> next(1, &root);
    while (!next.empty()) {
        entity_type const* const type = next.back();
        next.pop_back();
        if (std::find(found.begin(), found.end(), type) != found.end()) continue;
        found.push_back(type);
        for (relation_info const& relation : type->relations) add_targets(relation, next);
    }
    return found;
}

/// Follows the relations of a name that begins with one of `all`; a name that begins otherwise may mean another load.
void check_relations(std::string_view name, std::vector<entity_type const*> const& all) {
    std::vector<entity_type const*> here;
    std::size_t end = name.find('.');
    for (entity_type const* const type : all)
        if (type->name == name.substr(0, end)) here.push_back(type);
    if (here.empty()) return;
    while (end != std::string_view::npos) {
        std::size_t const begin = end + 1;
        end = name.find('.', begin);
        auto const member = name.substr(begin, end == std::string_view::npos ? end : end - begin);
        std::vector<entity_type const*> next;
        for (entity_type const* const type : here)
            for (relation_info const& relation : type->relations)
                if (relation.name.member == member) add_targets(relation, next);
        if (next.empty()) {
            std::string known;
            for (relation_info const& relation : here.front()->relations)
                known += (known.empty() ? "" : ", ") + std::string(relation.name.member);
            refuse("\"" + std::string(name) + "\" names nothing: " + here.front()->name +
                   (known.empty() ? " has no relations" : " has the relations " + known));
        }
        here = std::move(next);
    }
}

} // namespace

void check_assumptions(load_assumptions const& assumed) {
    // NaN compares as false.
    auto const counts = [](double n) { return n >= 0 && n <= most; };
    auto const all = [](load_assumptions::named_numbers const& numbers, auto const& holds) {
        return std::all_of(numbers.begin(), numbers.end(), [&](auto const& one) { return holds(one.second); });
    };
    auto const is_part = [](double n) { return n >= 0 && n <= 1; };
    require(counts(assumed.roots()) && counts(assumed.children()) && all(assumed.children_of(), counts) &&
                all(assumed.total_of(), counts),
            "numbers of entities must be finite and not negative, and at most 1e15");
    require(counts(assumed.item_size()) && all(assumed.item_size_of(), counts),
            "sizes must be finite and not negative, and at most 1e15");
    require(is_part(assumed.matching()) && all(assumed.matching_of(), is_part), "matching is a part, between 0 and 1");
}

void check_assumed_names(load_assumptions const& assumed, entity_type const& root) {
    auto const types = types_from(root);
    for (auto const& [name, n] : assumed.children_of()) {
        if (name.find('.') == std::string::npos)
            refuse("children() of \"" + name + "\" needs the name of a relation, as \"User.posts\"");
        check_relations(name, types);
    }
    for (auto const& [name, n] : assumed.matching_of()) check_relations(name, types);
    for (auto const* const numbers : {&assumed.item_size_of(), &assumed.total_of()})
        for (auto const& [name, n] : *numbers)
            if (name.find('.') != std::string::npos)
                refuse("item_size() and total() of \"" + name + "\" need the name of an entity, as \"Post\"");
}

std::string short_figure(double n) {
    // Half a unit is the smallest that the service charges.
    double const rounded = std::round(n * 10) / 10;
    if (!(std::abs(n) < 1e9)) return rounded_text(n, 3); // an estimate, of which more digits say nothing
    return fixed_text(rounded, rounded == std::floor(rounded) ? 0 : 1);
}

load_estimate::load_estimate(load_plan const& plan, load_assumptions const& assumed, double given)
    : plan_(plan), assumed_(assumed), given_(given) {
    load_target const& root = plan.root()->target();
    roots_ = root.from == nullptr  ? given_
             : root.from->by_key() ? read(root, nullptr, given_, 0)
                                   : read(root, nullptr, 1, 0);
    below(root, roots_, 0);
    for (auto const& [wave, keys] : keys_by_wave_) total_.requests += std::ceil(keys / keys_of_a_batch);
}

load_cost const* load_estimate::of(load_target const& target) const {
    auto const at = costs_.find(&target);
    return at == costs_.end() ? nullptr : &at->second;
}

std::string load_estimate::assumptions() const {
    load_target const& root = plan_.root()->target();
    bool const is_given = root.from == nullptr || root.from->by_key();
    return short_figure(is_given ? given_ : assumed_.roots()) + ' ' + root.type->name + ", " +
           short_figure(assumed_.children()) + " entities for each parent, " + short_figure(assumed_.item_size()) +
           " bytes an item" +
           (assumed_.matching() < 1 ? ", " + short_figure(assumed_.matching() * 100) + " % satisfy conditions" : "");
}

void load_estimate::below(load_target const& target, double rows, int wave) {
    rows = std::min(rows, most);
    for (plan_node const* const child : target.children) {
        // The types of a morph_to are taken for equally frequent.
        double const owners = rows / static_cast<double>(child->targets.size());
        for (load_target const& each : child->targets) below(each, read(each, &target, owners, wave + 1), wave + 1);
    }
}

double load_estimate::read(load_target const& target, load_target const* parent, double owners, int wave) {
    if (load_source const* const whole = collection_of(target)) return read_collections(*whole, target, owners);
    return target.from->by_key() ? read_keys(target, owners, wave) : read_by_queries(target, parent, owners, wave);
}

double load_estimate::read_collections(load_source const& whole, load_target const& target, double owners) {
    auto const filters = [](load_target const& each) {
        access_plan const& plan = each.from->plan;
        return !plan.scope.is_whole() || !each.here.where.is_always();
    };
    bool const is_owner = whole.collected.front() == &target;
    double const part = filters(target) ? matching_of(target) : 1;
    if (!is_owner) return owners * children_of(target) * part;
    double items = 0, bytes = 0;
    for (load_target const* const each : whole.collected) {
        double const n = each == &target ? 1 : children_of(*each);
        items += n;
        bytes += n * bytes_of(*each->from);
    }
    double const pages = std::ceil(bytes / page_bytes);
    double const units = std::max(pages, std::ceil(bytes / unit_bytes)) * (plan_.consistent() ? 1 : 0.5);
    load_cost const made{owners * pages, owners * items, owners * units};
    total_ += made;
    costs_[&target] += made;
    return owners * part;
}

double load_estimate::read_keys(load_target const& target, double keys, int wave) {
    load_source const& s = *target.from;
    double different = keys;
    double& before = asked_[&s];
    double added = keys;
    if (double const* const total = named(assumed_.total_of(), s.type->name)) {
        different = std::min(keys, *total);
        added = std::min(before + keys, *total) - std::min(before, *total);
    }
    before += keys;
    load_cost& cost = costs_[&target];
    ask_keys(cost, added, bytes_of(s), wave);
    cost.items += added;
    total_.items += added;
    return different * (target.here.where.is_always() ? 1 : matching_of(target));
}

void load_estimate::ask_keys(load_cost& cost, double keys, double bytes, int wave) {
    double const each = std::max(1.0, std::ceil(bytes / unit_bytes)) * (plan_.consistent() ? 1 : 0.5);
    cost.requests += std::ceil(keys / keys_of_a_batch);
    cost.read_units += keys * each;
    total_.read_units += keys * each;
    keys_by_wave_[wave] += keys;
}

double load_estimate::read_by_queries(load_target const& target, load_target const* parent, double owners, int wave) {
    load_source const& s = *target.from;
    access_plan const& plan = s.plan;
    load_cost& cost = costs_[&target];
    bool const is_nothing =
        s.limit == std::size_t{0} || plan.scope.filter.is_never() || plan.partition.is_never() || plan.sort.is_never();
    if (is_nothing || owners <= 0) return 0;
    double const found = children_of(target);
    bool const filters = !plan.scope.is_whole() || !target.here.where.is_always();
    double const part = filters ? matching_of(target) : 1;
    // Each query reads until it has enough.
    double reads = found;
    if (s.reach && !plan.sort_here) {
        auto const enough = static_cast<double>(*s.reach);
        reads = plan.limits_there() ? std::min(found, enough) : part > 0 ? std::min(found, enough / part) : found;
    }
    if (s.enough) {
        load_target const& far = target.children.front()->target();
        double const fits = far.here.where.is_always() ? 1 : matching_of(far);
        reads = fits > 0 ? std::min(found, static_cast<double>(*s.enough) / fits) : found;
    }
    double const bytes = reads * bytes_of(s);
    double const parts = static_cast<double>(std::max<std::size_t>(plan.segment ? 1 : plan.segments, 1));
    double pages = std::max(parts, std::ceil(bytes / page_bytes));
    if (s.enough && reads > static_cast<double>(*s.enough)) // each page is as large as all before it
        pages = std::max(pages, 1 + std::ceil(std::log2(reads / static_cast<double>(*s.enough))));
    bool const is_global = !s.index().empty() && !(plan.path != nullptr && plan.path->local);
    double const units = std::max(pages, std::ceil(bytes / unit_bytes)) * (plan_.consistent() && !is_global ? 1 : 0.5);
    double const added = ask_queries(target, parent, owners);
    load_cost made{added * pages, s.wanted == projection::count ? 0 : added * reads, added * units};
    total_ += made;
    cost += made;
    if (plan.reads_by_key() && s.wanted != projection::count) {
        ask_keys(cost, added * reads, bytes_of(s), wave);
        cost.items += added * reads;
        total_.items += added * reads;
    }
    double rows = std::max(0.0, reads * part - static_cast<double>(s.offset));
    if (s.limit) rows = std::min(rows, static_cast<double>(*s.limit));
    return owners * rows;
}

double load_estimate::ask_queries(load_target const& target, load_target const* parent, double owners) {
    load_source const& s = *target.from;
    asker who{&s, parent, {}};
    if (parent != nullptr) who.by = target.node->relation->owner_key;
    if (auto const same = same_rows_.find(parent); same != same_rows_.end()) who.parent = same->second;
    asked_queries& asked = queries_.try_emplace(std::move(who), asked_queries{&target}).first->second;
    same_rows_[&target] = asked.first;
    double const before = different_queries(s);
    asked.owners = std::max(asked.owners, owners);
    return different_queries(s) - before;
}

double load_estimate::different_queries(load_source const& source) const {
    std::map<entity_type const*, double> owners;
    for (auto const& [who, asked] : queries_)
        if (who.source == &source) owners[who.parent != nullptr ? who.parent->type : nullptr] += asked.owners;
    double sum = 0;
    for (auto const& [type, n] : owners) {
        double const* const total = type != nullptr ? named(assumed_.total_of(), type->name) : nullptr;
        sum += total != nullptr ? std::min(n, *total) : n;
    }
    return sum;
}

double load_estimate::children_of(load_target const& target) const {
    plan_node const& node = *target.node;
    load_source const& s = *target.from;
    if (node.relation == nullptr) {
        double const* const total = named(assumed_.total_of(), s.type->name);
        bool const is_scan = s.text->operation() == dynamodb::operation::scan;
        if (is_scan && total != nullptr) return *total;
        double const part = s.plan.scope.is_whole() ? 1 : matching_of(target);
        return part > 0 ? std::min(assumed_.roots() / part, most) : assumed_.roots();
    }
    if (node.relation->kind == relation_kind::has_one) return 1;
    return about(assumed_.children_of(), node, assumed_.children());
}

double load_estimate::matching_of(load_target const& target) const {
    // What is assumed of such a relation is about the entities behind the links.
    plan_node const& node = *target.node;
    if (node.fills != nullptr && node.fills != node.relation && node.fills->has_pivot_entity()) return 1;
    return about(assumed_.matching_of(), node, assumed_.matching());
}

double load_estimate::bytes_of(load_source const& source) const {
    if (!source.by_key() && source.plan.path == nullptr && source.text->has_open_key()) return link_bytes;
    double const* const own = named(assumed_.item_size_of(), source.type->name);
    return own != nullptr ? *own : assumed_.item_size();
}

} // namespace dynasio::detail
