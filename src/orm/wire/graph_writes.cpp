#include "graph_writes.hpp"

#include <dynasio/dynamodb/detail/request_checks.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <utility>

#include "../plan/scope.hpp"
#include "../type/changes.hpp"
#include "../type/empty_key.hpp"
#include "../type/rules.hpp"
#include "foreign_key.hpp"
#include "pivot_rows.hpp"

namespace dynasio::detail {

namespace {

/// The key as text that is the same for every spelling of it; empty while a part of it is.
std::string identity_of(entity_type const& type, void const* entity) {
    for (auto const i : type.key_attributes())
        if (is_empty_key(type.wire(entity, i))) return {};
    std::string key;
    type.encode_key(key, entity);
    return key_identity(key);
}

std::string place_of(entity_type const& type, std::string const& identity) { return type.table + '\0' + identity; }

std::string words_for_one(entity_type const& type, void const* entity) {
    std::string const key = key_for_error(type, entity);
    return key.empty() || has_empty_key(type, entity) ? "a new " + type.name
                                                      : "the " + type.name + " with the key " + key;
}

std::string names_of(entity_type const& type, std::span<attribute_index const> members) {
    std::string names;
    for (auto const i : members) names += (names.empty() ? "" : ", ") + type[i].member;
    return names;
}

/// Whether these are the zeros of numbers that nobody has set.
bool is_zero(std::vector<std::string> const& key) {
    return std::all_of(key.begin(), key.end(), [](std::string const& wire) { return wire == R"({"N":"0"})"; });
}

bool is_has(relation_info const& relation) noexcept {
    return relation.kind == relation_kind::has_one || relation.kind == relation_kind::has_many;
}

/// Gives an entity that is stored as it is what the library counts: the program may have made it anew with the key.
void take_what_is_counted(entity_type const& type, void* entity, void const* stored) {
    for (auto const i : {type.created_at, type.updated_at, type.version})
        if (i) set_member(type, entity, *i, type.wire(stored, *i));
}

std::shared_ptr<void> copy_of(entity_type const& type, void const* entity) {
    auto copies = type.storage.make();
    type.storage.append_copy(copies.get(), entity);
    return copies;
}

} // namespace

graph_writes::graph_writes(graph_spec what) : what_(std::move(what)) {
    entity_type const& type = *what_.type;
    before_ = copy_of(type, what_.root.entity());
    root_copy_ = copy_of(type, what_.root.entity());
    step_state& root = steps_.emplace_back();
    root.type = &type;
    root.entity = type.storage.at(root_copy_.get(), 0);
    root.source = what_.root.entity();
    if (!what_.creates) root.base = what_.root.original();
    add_entity(0, what_.along);
    order_.insert(order_.end(), removals_.begin(), removals_.end());
}

std::vector<along_node> graph_writes::completed(entity_type const& type, std::vector<along_node> const& named) const {
    std::vector<along_node> all = named;
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (all[i].relation == all[j].relation) {
                diagnostics d;
                d.entity = type.name;
                d.relation_path = all[i].relation->path();
                d.message = "the relation is saved along twice; name it once, with all that is below it";
                throw_error(errc::invalid_argument, std::move(d));
            }
    if (!what_.autosaves) return all;
    for (auto const& each : type.autosaves) {
        relation_info const* const relation = type.find_relation(each.member);
        bool const is_named =
            std::any_of(named.begin(), named.end(), [&](along_node const& n) { return n.relation == relation; });
        if (!is_named) all.push_back({relation, each.replace_missing, {}});
    }
    return all;
}

// ---- what there is to save

void graph_writes::add_entity(std::size_t index, std::vector<along_node> const& named) {
    auto const along = completed(*steps_[index].type, named);
    auto const add_kind = [&](auto const& is_wanted) {
        for (auto const& each : along)
            if (is_wanted(*each.relation)) add_handle(index, each);
    };
    add_kind([](relation_info const& r) { return r.kind == relation_kind::belongs_to; });
    order_.push_back(index);
    add_kind(is_has);
    add_kind([](relation_info const& r) { return r.kind == relation_kind::belongs_to_many; });
}

void graph_writes::add_handle(std::size_t owner, along_node const& along) {
    relation_info const& relation = *along.relation;
    void const* const handle = relation.handle_of(static_cast<void const*>(steps_[owner].source));
    if (!relation.loaded(handle)) return;
    if (relation.as_loaded(handle)) {
        if (is_has(relation)) steps_[owner].checked.push_back(&relation);
        return;
    }
    struct visited {
        std::vector<void const*> entities;
        std::vector<dynasio::pivot const*> rows;
    };
    auto const visit = [&](bool loaded) {
        visited all;
        relation.visit_held(handle, loaded, &all, [](void* context, void const* entity, dynasio::pivot const* row) {
            auto& to = *static_cast<visited*>(context);
            to.entities.push_back(entity);
            to.rows.push_back(row);
        });
        return all;
    };
    entity_type const& type = relation.target();
    std::size_t const index = handles_.size();
    auto const now = visit(false), before = visit(true);
    {
        handle_state& h = handles_.emplace_back();
        h.relation = &relation;
        h.owner = owner;
        h.replace_missing = along.replace_missing;
        h.copies = type.storage.make();
        h.rows = now.rows;
        h.elements.assign(now.entities.size(), none);
        h.original.assign(now.entities.size(), none);
        for (std::size_t i = 0; i < before.entities.size(); ++i)
            h.loaded.push_back({before.entities[i], before.rows[i], identity_of(type, before.entities[i])});
        if (relation.kind == relation_kind::belongs_to && !now.entities.empty()) {
            auto const [at, fresh] = held_by_.try_emplace(now.entities.front(), index);
            if (!fresh) {
                h.same_as = at->second;
                h.copies = handles_[at->second].copies;
                h.elements = handles_[at->second].elements;
            }
        }
        if (h.same_as == none)
            for (void const* const entity : now.entities) type.storage.append_copy(h.copies.get(), entity);
    }
    steps_[owner].handles.push_back(index);
    if (handles_[index].same_as != none) return;
    for (std::size_t i = 0; i < now.entities.size(); ++i) {
        std::size_t const step = steps_.size();
        step_state& one = steps_.emplace_back();
        one.type = &type;
        one.entity = type.storage.at(handles_[index].copies.get(), i);
        one.source = now.entities[i];
        one.handle = index;
        one.element = i;
        handles_[index].elements[i] = step;
        add_entity(step, along.children);
    }
    if (relation.kind == relation_kind::belongs_to_many) add_links(index);
    if (along.replace_missing && is_has(relation)) add_removals(index, along.children);
}

void graph_writes::add_links(std::size_t index) {
    auto const add = [&](action what, std::size_t element, std::size_t original) {
        step_state& one = steps_.emplace_back();
        one.what = what;
        one.type = &handles_[index].relation->owner();
        one.handle = index;
        one.element = element;
        one.original = original;
        return steps_.size() - 1;
    };
    for (std::size_t i = 0; i < handles_[index].elements.size(); ++i) {
        auto const step = add(action::attach, i, none);
        handles_[index].links.push_back(step);
        order_.push_back(step);
    }
    if (!handles_[index].replace_missing) return;
    for (std::size_t i = 0; i < handles_[index].loaded.size(); ++i) {
        auto const step = add(action::detach, none, i);
        handles_[index].loaded[i].removal = step;
        removals_.push_back(step);
    }
}

void graph_writes::add_removals(std::size_t index, std::vector<along_node> const& below) {
    for (std::size_t i = 0; i < handles_[index].loaded.size(); ++i)
        add_removal(*handles_[index].relation, handles_[index].loaded[i].entity, below, index, i);
}

void graph_writes::add_removal(relation_info const& relation, void const* entity, std::vector<along_node> const& below,
                               std::size_t handle, std::size_t original) {
    std::size_t const step = steps_.size();
    entity_type const& type = relation.target();
    step_state& one = steps_.emplace_back();
    one.what = action::remove;
    one.type = &type;
    one.entity = const_cast<void*>(entity); // the hooks of a removal take a constant
    one.source = one.base = entity;
    one.handle = handle;
    one.original = original;
    one.relation = &relation;
    if (handle != none) handles_[handle].loaded[original].removal = step;
    // What is below it goes first, so that nothing refers to something that is gone.
    for (auto const& each : completed(type, below)) {
        void const* const held = each.relation->handle_of(entity);
        if (!each.replace_missing || !is_has(*each.relation) || !each.relation->loaded(held)) continue;
        std::vector<void const*> children;
        each.relation->visit_held(held, true, &children, [](void* to, void const* child, dynasio::pivot const*) {
            static_cast<std::vector<void const*>*>(to)->push_back(child);
        });
        for (void const* const child : children) add_removal(*each.relation, child, each.children, none, step);
    }
    removals_.push_back(step);
}

// ---- deciding

bool graph_writes::prepare(std::size_t step) {
    step_state& one = at(step);
    bool writes = false;
    switch (one.what) {
    case action::store:
        writes = prepare_store(one);
        break;
    case action::remove:
        writes = prepare_removal(one);
        break;
    case action::attach:
    case action::detach:
        writes = prepare_link(one);
        break;
    }
    if (!writes) {
        one.state = progress::unchanged;
        if (one.what == action::store && one.handle != none) take_what_is_counted(*one.type, one.entity, one.base);
        if (one.what == action::store) check_children(one);
    }
    return writes;
}

bool graph_writes::prepare_store(step_state& one) {
    if (one.handle != none) refer_to_owner(one);
    refer_to_targets(one);
    if (one.handle != none) find_base(one);
    bool const creates = one.handle == none && (what_.creates || what_.root.functions->tracked);
    one.is_new = one.base == nullptr && (creates || has_empty_key(*one.type, one.entity) || is_under_new_key(one));
    auto const identity = identity_of(*one.type, one.entity);
    if (!identity.empty()) stored_.insert(place_of(*one.type, identity));
    return one.handle == none || one.base == nullptr || changes_to_store(*one.type, one.base, one.entity).any();
}

/// Whether its key has a part that this save has made for its owner, so that nobody has stored it yet.
bool graph_writes::is_under_new_key(step_state const& one) const {
    if (one.handle == none || !is_has(*handles_[one.handle].relation)) return false;
    auto const& foreign = handles_[one.handle].relation->target_key;
    return steps_[handles_[one.handle].owner].makes_key &&
           std::any_of(foreign.begin(), foreign.end(), [&](attribute_index i) { return one.type->is_key(i); });
}

bool graph_writes::prepare_removal(step_state const& one) const {
    if (stored_.contains(place_of(*one.type, identity_of(*one.type, one.entity)))) return false; // it has moved
    if (one.handle != none) return !handles_[one.handle].loaded[one.original].is_there;
    // The entity that it belongs to is removed behind it, and for the same reason.
    step_state const* above = &steps_[one.original];
    while (above->handle == none) above = &steps_[above->original];
    return !handles_[above->handle].loaded[above->original].is_there;
}

bool graph_writes::prepare_link(step_state& one) const {
    handle_state const& h = handles_[one.handle];
    if (one.what == action::detach) return !h.loaded[one.original].is_there;
    std::size_t const original = h.original[one.element];
    if (original == none) return true;
    // A link that stays keeps its data unless there are new ones, as in sync().
    auto const& extra = h.rows[one.element]->extra();
    return !extra.empty() && pivot_rows(*h.relation).changes(*h.loaded[original].row, *h.rows[one.element]);
}

void graph_writes::find_base(step_state& one) {
    handle_state& h = handles_[one.handle];
    auto const identity = identity_of(*one.type, one.entity);
    if (identity.empty()) return;
    for (std::size_t i = 0; i < h.loaded.size(); ++i) {
        if (h.loaded[i].identity != identity) continue;
        if (h.loaded[i].is_there) {
            diagnostics d;
            d.entity = one.type->name;
            d.key = key_for_error(*one.type, one.entity);
            d.relation_path = h.relation->path();
            d.message = words_for_one(*one.type, one.entity) + " is in " + h.relation->path() +
                        " twice; a handle holds an entity once. Nothing was written";
            throw_error(errc::invalid_argument, std::move(d));
        }
        h.loaded[i].is_there = true;
        h.original[one.element] = i;
        one.base = h.loaded[i].entity;
        return;
    }
}

/// That what is to be removed still belongs to the owner from whose handle the program has taken it: somebody may have
/// given it another one since it was loaded. That it is gone is no failure.
dynamodb::condition graph_writes::is_still_owned(step_state const& one) {
    entity_type const& type = *one.type;
    auto const& foreign_key = one.relation->target_key;
    if (std::all_of(foreign_key.begin(), foreign_key.end(), [&](attribute_index i) { return type.is_key(i); }))
        return {};
    return dynamodb::condition(dynamodb::condition::kind::not_exists, type[type.key.partition].name) ||
           names_owner(*one.relation, values_of(type, one.entity, foreign_key));
}

void graph_writes::refuse_owner(relation_info const& relation, entity_type const& about, void const* entity,
                                std::string message) {
    diagnostics d;
    d.entity = about.name;
    d.key = key_for_error(about, entity);
    d.relation_path = relation.path();
    std::string members;
    auto const& type = is_has(relation) ? relation.target() : relation.owner();
    for (auto const i : is_has(relation) ? relation.target_key : relation.owner_key) {
        members += (members.empty() ? "" : ", ") + type.name + "::" + type[i].member;
        d.attribute = type[i].name;
    }
    d.message = std::move(message) + " (" + members + "); nothing was written";
    throw_error(errc::invalid_argument, std::move(d));
}

/// What the table will have of an entity: what its rules make of the members, unless it is not written.
std::vector<std::string> graph_writes::values_after(step_state const& one, std::span<attribute_index const> members) {
    return one.state == progress::unchanged ? values_of(*one.type, one.entity, members)
                                            : stored_values_of(*one.type, one.entity, members);
}

/// The foreign key of a child in a has_one or has_many.
void graph_writes::refer_to_owner(step_state& one) {
    handle_state const& h = handles_[one.handle];
    relation_info const& relation = *h.relation;
    if (!is_has(relation)) return;
    step_state const& owner = steps_[h.owner];
    auto const key = values_after(owner, relation.owner_key);
    auto const own = values_of(*one.type, one.entity, relation.target_key);
    if (!relation.refers_to_key && is_free(key))
        refuse_owner(relation, *one.type, one.entity,
                     words_for_one(*one.type, one.entity) + " is in " + relation.path() + " of " +
                         words_for_one(*owner.type, owner.entity) + ", which has no " +
                         names_of(*owner.type, relation.owner_key) + " that its foreign key could refer to");
    if (own == key) return;
    bool const was_loaded = std::any_of(h.loaded.begin(), h.loaded.end(), [&](loaded_entity const& l) {
        return l.identity == identity_of(*one.type, one.entity);
    });
    if (!is_free(own) && !(is_zero(own) && !was_loaded))
        refuse_owner(relation, *one.type, one.entity,
                     words_for_one(*one.type, one.entity) + " is in " + relation.path() + " of " +
                         words_for_one(*owner.type, owner.entity) +
                         ", and its foreign key names another owner; empty the foreign key to move it");
    for (std::size_t i = 0; i < key.size(); ++i) set_member(*one.type, one.entity, relation.target_key[i], key[i]);
}

/// The foreign keys of an entity by its belongs_to.
void graph_writes::refer_to_targets(step_state& one) {
    for (auto const index : one.handles) {
        handle_state const& h = handles_[index];
        relation_info const& relation = *h.relation;
        if (relation.kind != relation_kind::belongs_to) continue;
        auto const own = values_of(*one.type, one.entity, relation.owner_key);
        bool const is_loaded_one =
            !h.loaded.empty() && own == values_of(relation.target(), h.loaded.front().entity, relation.target_key);
        if (h.elements.empty()) {
            // The program has taken the entity out of the handle.
            if (!is_loaded_one) continue;
            for (auto const i : relation.owner_key) set_member(*one.type, one.entity, i, {});
            continue;
        }
        step_state const& target = steps_[h.elements.front()];
        auto const key = values_after(target, relation.target_key);
        if (!relation.refers_to_key && is_free(key))
            refuse_owner(relation, *one.type, one.entity,
                         relation.path() + " of " + words_for_one(*one.type, one.entity) + " holds " +
                             words_for_one(*target.type, target.entity) + ", which has no " +
                             names_of(*target.type, relation.target_key) + " that the foreign key could refer to");
        if (own == key) continue;
        if (!is_free(own) && !is_loaded_one && !is_zero(own))
            refuse_owner(relation, *one.type, one.entity,
                         "the foreign key of " + words_for_one(*one.type, one.entity) + " names another entity than " +
                             relation.path() + " holds, which is " + words_for_one(*target.type, target.entity) +
                             "; change one of the two");
        for (std::size_t i = 0; i < key.size(); ++i) set_member(*one.type, one.entity, relation.owner_key[i], key[i]);
    }
}

/// Those that are as they were loaded are not written, but they may belong to another entity than this one has become.
void graph_writes::check_children(step_state const& one) const {
    struct checking {
        relation_info const& relation;
        step_state const& owner;
        std::vector<std::string> key;
    };
    for (auto const* const relation : one.checked) {
        checking all{*relation, one, values_after(one, relation->owner_key)};
        void const* const handle = relation->handle_of(static_cast<void const*>(one.source));
        relation->visit_held(handle, false, &all, [](void* context, void const* child, dynasio::pivot const*) {
            auto const& check = *static_cast<checking*>(context);
            entity_type const& type = check.relation.target();
            if (values_of(type, child, check.relation.target_key) == check.key) return;
            refuse_owner(check.relation, type, child,
                         words_for_one(type, child) + " was loaded into " + check.relation.path() +
                             ", and its foreign key names another owner than " +
                             words_for_one(*check.owner.type, check.owner.entity) + "; unload() the handle");
        });
    }
}

std::optional<item_write> graph_writes::decide_store(step_state& one, write_environment const& env) {
    bool const is_root = one.handle == none;
    auto only_if = is_root ? simplified(*one.type, what_.only_if) : dynamodb::condition();
    if (one.base != nullptr)
        return make_save_of_changes(env, *one.type, one.entity, one.base, is_root && what_.touches, {},
                                    std::move(only_if));
    return make_write(env, *one.type, one.entity, one.is_new ? write_mode::create : write_mode::save, {},
                      std::move(only_if));
}

void graph_writes::decide_link(step_state& one, write_environment const& env) const {
    handle_state const& h = handles_[one.handle];
    pivot_rows const rows(*h.relation);
    void const* const near = steps_[h.owner].entity;
    bool const attaches = one.what == action::attach;
    void const* const far = attaches ? steps_[h.elements[one.element]].entity : h.loaded[one.original].entity;
    auto const both = rows.ids_of(env, near, far);
    std::vector<item_write> writes;
    if (attaches) {
        std::optional<dynasio::pivot> data;
        if (h.original[one.element] != none || !h.rows[one.element]->extra().empty()) data = *h.rows[one.element];
        rows.append_attach(writes, env, both, data, pivot_rows::required::nothing);
    } else {
        rows.append_detach(writes, env, both, pivot_rows::required::nothing);
    }
    auto const what = attaches ? planned_write::kind::attach : planned_write::kind::detach;
    one.write.emplace(decided_write{std::move(writes.front()), what, {}, h.relation->path()});
    if (writes.size() == 2)
        one.other_row.emplace(decided_write{std::move(writes.back()), what, {}, h.relation->path()});
}

void graph_writes::decide(std::size_t step, write_environment const& env) {
    step_state& one = at(step);
    switch (one.what) {
    case action::store: {
        auto write = decide_store(one, env);
        if (write) {
            one.makes_key = write->makes_key();
            // What comes behind it refers to the key. The copy may have it already: nobody sees the copy.
            if (one.makes_key) write->keep_key();
            one.write.emplace(decided_write{*std::move(write), planned_write::kind::save, {}, {}});
        }
        stored_.insert(place_of(*one.type, identity_of(*one.type, one.entity)));
        check_children(one);
        break;
    }
    case action::remove: {
        std::string key;
        one.type->encode_key(key, one.entity);
        std::string const version = one.type->version ? one.type->wire(one.entity, *one.type->version) : std::string();
        one.write.emplace(decided_write{make_remove(env, *one.type, std::move(key), version, {},
                                                    simplified(*one.type, is_still_owned(one)), one.entity),
                                        planned_write::kind::remove,
                                        {},
                                        {}});
        break;
    }
    case action::attach:
    case action::detach:
        decide_link(one, env);
        break;
    }
    one.state = one.write ? progress::decided : progress::unchanged;
}

std::vector<graph_writes::part> graph_writes::parts(bool divides) {
    std::vector<part> made;
    distinct_items items;
    std::size_t actions = 0, bytes = 0;
    bool begins = true; // a part
    std::size_t unfit = none;
    std::string text;
    for (std::size_t i = 0; i < order_.size(); ++i) {
        auto& write = at(i).write;
        auto& other_row = at(i).other_row;
        if (!write) continue;
        for (auto const* const each : {&write, &other_row})
            if (*each)
                items.add((*each)->write,
                          "a graph saves an item once; hold the entity in one place, or save it by itself");
        // A value that changes has two guards; the text of a write is longer than what it stores.
        std::size_t const more =
            1 + (write->write.touches_unique() ? 2 * at(i).type->uniques.size() : 0) + (other_row ? 1 : 0);
        bool const fits = write->write.fits_transaction();
        if (!fits && unfit == none) unfit = i;
        std::size_t size = 0;
        if (divides && fits) {
            text.clear();
            write->write.append_transaction_entry(text);
            if (other_row) other_row->write.append_transaction_entry(text);
            size = text.size();
        }
        actions += more;
        bytes += size;
        bool const is_full = actions > dynamodb::detail::max_transaction_actions ||
                             bytes > dynamodb::detail::max_transaction_size || !fits;
        if (begins || (divides && is_full)) {
            made.emplace_back();
            actions = more;
            bytes = size;
        }
        made.back().writes.push_back(*std::move(write));
        if (other_row) made.back().writes.push_back(*std::move(other_row));
        made.back().steps.push_back(i);
        write.reset();
        other_row.reset();
        begins = divides && !fits;
    }
    if (!divides && unfit != none && made.front().writes.size() > 1) {
        diagnostics d;
        d.entity = at(unfit).type->name;
        d.key = key_for_error(*at(unfit).type, at(unfit).entity);
        d.message = words_for_one(*at(unfit).type, at(unfit).entity) +
                    " has nothing but its key, so that a transaction cannot save it; give in_parts, which saves it by "
                    "a request of its own";
        throw_error(errc::invalid_argument, std::move(d));
    }
    return made;
}

// ---- when it has ended

void graph_writes::note_committed(std::vector<std::size_t> const& steps) {
    for (auto const i : steps) at(i).state = progress::committed;
}
void graph_writes::note_in_doubt(std::vector<std::size_t> const& steps) {
    for (auto const i : steps) at(i).state = progress::in_doubt;
}

/// Makes the copy what the caller's entity was.
void graph_writes::revert(step_state& one) const {
    std::vector<std::string> key;
    auto const parts = one.type->key_attributes();
    bool const keeps_key = one.state == progress::in_doubt && one.makes_key;
    if (keeps_key) key = values_of(*one.type, one.entity, parts);
    auto const copy = copy_of(*one.type, one.source);
    one.type->storage.move_to(one.entity, one.type->storage.at(copy.get(), 0));
    for (std::size_t i = 0; i < key.size(); ++i) set_member(*one.type, one.entity, parts[i], key[i]);
}

void graph_writes::conclude() {
    step_state& root = steps_.front();
    void* const target = what_.root.entity();
    if (is_as_stored(root)) {
        root.type->storage.move_to(target, root.entity);
        root.type->storage.name_handles(target);
    } else if (root.state == progress::in_doubt && root.makes_key) {
        for (auto const i : root.type->key_attributes())
            set_member(*root.type, target, i, root.type->wire(root.entity, i));
    }
    root.entity = target;
    for (auto const index : root.handles) conclude_handle(index, target);
    if (root.state == progress::committed) what_.root.functions->note_stored(what_.root.form);
}

void graph_writes::conclude_handle(std::size_t index, void* owner) {
    handle_state& h = handles_[index];
    handle_state& first = h.same_as == none ? h : handles_[h.same_as];
    if (!first.concluded) {
        first.concluded = true;
        for (auto const each : first.elements) {
            step_state& one = steps_[each];
            if (!is_as_stored(one)) revert(one);
            one.type->storage.name_handles(one.entity);
            for (auto const below : one.handles) conclude_handle(below, one.entity);
        }
    }
    void* const to = h.relation->handle_of(owner);
    if (h.relation->kind == relation_kind::belongs_to_many)
        give_links(h, to);
    else
        give_entities(h, to);
}

void graph_writes::give_entities(handle_state& h, void* to) {
    entity_type const& type = h.relation->target();
    // A foreign key that was not stored still refers to what was loaded.
    bool const refers = h.relation->kind != relation_kind::belongs_to || is_as_stored(steps_[h.owner]);
    bool all = refers;
    for (auto const each : h.elements) all = all && is_as_stored(steps_[each]);
    for (auto const& l : h.loaded)
        all = all && (l.is_there || h.relation->kind == relation_kind::belongs_to ||
                      (l.removal != none && steps_[l.removal].state != progress::decided &&
                       steps_[l.removal].state != progress::in_doubt));
    if (all) return h.relation->give(to, h.copies, h.copies);
    auto loaded = type.storage.make();
    auto const add = [&](void const* entity) { type.storage.append_copy(loaded.get(), entity); };
    if (!refers) {
        if (!h.loaded.empty()) add(h.loaded.front().entity);
        return h.relation->give(to, h.copies, std::move(loaded));
    }
    for (std::size_t i = 0; i < h.elements.size(); ++i) {
        step_state const& one = steps_[h.elements[i]];
        if (is_as_stored(one))
            add(one.entity);
        else if (h.original[i] != none)
            add(h.loaded[h.original[i]].entity);
    }
    if (h.relation->kind != relation_kind::belongs_to)
        for (auto const& l : h.loaded)
            if (!l.is_there && (l.removal == none || !is_as_stored(steps_[l.removal]))) add(l.entity);
    h.relation->give(to, h.copies, std::move(loaded));
}

void graph_writes::give_links(handle_state& h, void* to) {
    entity_type const& type = h.relation->target();
    bool all = true; // the table has the links as they are
    for (auto const each : h.links) all = all && is_as_stored(steps_[each]);
    for (auto const each : h.elements) all = all && is_as_stored(steps_[each]);
    for (auto const& l : h.loaded) all = all && (l.is_there || (l.removal != none && is_as_stored(steps_[l.removal])));
    std::vector<link<void>> now, loaded;
    pivot_rows const rows(*h.relation);
    for (std::size_t i = 0; i < h.elements.size(); ++i) {
        // It shares the vector, whose elements stay where they are.
        std::shared_ptr<void> const held(h.copies, type.storage.at(h.copies.get(), i));
        bool const keeps_data = h.original[i] != none && h.rows[i]->extra().empty();
        dynasio::pivot const row = keeps_data              ? *h.loaded[h.original[i]].row
                                   : h.original[i] == none ? *h.rows[i]
                                                           : rows.after(*h.loaded[h.original[i]].row, *h.rows[i]);
        now.push_back({held, row});
        if (all) continue;
        step_state const& one = steps_[h.elements[i]];
        bool const linked = is_as_stored(steps_[h.links[i]]);
        if (linked || h.original[i] != none) {
            bool const keeps = h.original[i] != none && !linked;
            bool const is_stored = is_as_stored(one);
            if (is_stored)
                loaded.push_back({held, keeps ? *h.loaded[h.original[i]].row : row});
            else if (h.original[i] != none) {
                auto const before = copy_of(type, h.loaded[h.original[i]].entity);
                loaded.push_back(
                    {std::shared_ptr<void>(before, type.storage.at(before.get(), 0)), *h.loaded[h.original[i]].row});
            }
        }
    }
    if (all) return h.relation->give_links(to, std::move(now), std::nullopt);
    for (auto const& l : h.loaded) {
        if (l.is_there || (l.removal != none && is_as_stored(steps_[l.removal]))) continue;
        auto const before = copy_of(type, l.entity);
        loaded.push_back({std::shared_ptr<void>(before, type.storage.at(before.get(), 0)), *l.row});
    }
    h.relation->give_links(to, std::move(now), std::move(loaded));
}

} // namespace dynasio::detail
