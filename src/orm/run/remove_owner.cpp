#include <dynasio/orm/detail/graph.hpp>
#include <dynasio/orm/detail/together.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../plan/access_plan.hpp"
#include "../type/empty_key.hpp"
#include "../type/rules.hpp"
#include "../wire/decided_write.hpp"
#include "../wire/foreign_key.hpp"
#include "hooks.hpp"
#include "operation.hpp"
#include "read_entity.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using dynamodb::condition;

namespace {

/// The item of an entity as text that no other item has.
std::string place_of(entity_type const& type, void const* entity) {
    std::string key;
    type.encode_key(key, entity);
    return type.table + '\0' + key_identity(key);
}

condition is_this(entity_type const& type, void const* entity) {
    std::vector<condition> parts;
    for (auto const i : type.key_attributes())
        parts.emplace_back(condition::kind::equal, type[i].name, std::vector<std::string>(1, type.wire(entity, i)));
    return condition::all_of(std::move(parts));
}

/// An entity that is being removed.
struct removed_one {
    entity_type const* type;
    std::string place{}; ///< place_of()
    condition is_it{};
};

/// One removal of an entity with those that belong to it.
struct removal {
    engine_ptr engine{};
    operation_options options{};
    /// The entities from the first one down to that whose children are looked at. A child that is one of them closes a
    /// circle, and is removed when its own turn comes.
    std::vector<removed_one> above{};
    std::size_t ended = 0; // children that were removed or cleared
};
using removal_ptr = std::shared_ptr<removal>;

/// That the stored entity has the values by which others refer to it as `read` has them: what refers to other values
/// belongs to somebody else. References to the key need no condition.
condition has_referenced_values(entity_type const& type, void const* read) {
    condition all;
    for (auto const& each : type.removals) {
        relation_info const& relation = *type.find_relation(each.member);
        if (relation.kind == relation_kind::belongs_to_many || relation.refers_to_key) continue;
        for (auto const i : relation.owner_key) {
            std::string wire = type.wire(read, i);
            bool const is_empty = is_empty_key(wire);
            condition is_same =
                is_empty ? condition(condition::kind::absent_or_null, type[i].name)
                         : condition(condition::kind::equal, type[i].name, std::vector<std::string>(1, wire));
            if (is_empty && !wire.empty())
                is_same = std::move(is_same) ||
                          condition(condition::kind::equal, type[i].name, std::vector<std::string>(1, wire));
            all = std::move(all) && std::move(is_same);
        }
    }
    if (all.is_always()) return all;
    return condition(condition::kind::not_exists, type[type.key.partition].name) || std::move(all);
}

condition belongs_to_owner(relation_info const& relation, void const* owner) {
    return names_owner(relation, values_of(relation.owner(), owner, relation.owner_key));
}

/// Every child there is, in the trash or out of scope.
selection every_child() {
    selection all;
    all.scope.target = trashed::with;
    all.scope.everything = true;
    return all;
}

operation_options options_of(removal const& of) {
    operation_options options;
    options.call = of.options.call;
    options.autoloads = false;
    options.consistent = true; // where the foreign key is that of the table
    return options;
}

asio::awaitable<void> refuse_while_referenced(removal_ptr of, entity_type const& type, void const* entity) {
    for (auto const& each : type.removals) {
        if (each.policy != removal_policy::restrict) continue;
        relation_info const& relation = *type.find_relation(each.member);
        // What is removed together restricts nothing.
        selection others = every_child();
        auto const leave_out = [&](entity_type const& of_type, condition is_it) {
            if (&of_type == &relation.target()) others.where = std::move(others.where) && !std::move(is_it);
        };
        for (auto const& one : of->above) leave_out(*one.type, one.is_it);
        leave_out(type, is_this(type, entity));
        auto asking = has_related(of->engine, relation, entity, std::move(others), options_of(*of));
        bool const found = co_await std::move(asking);
        if (!found) continue;
        diagnostics d;
        d.entity = type.name;
        d.key = key_for_error(type, entity);
        d.relation_path = relation.path();
        d.message = "the " + type.name + " with the key " + d.key + " cannot be removed while a " +
                    relation.target().name + " belongs to it; remove that one first, or give it another owner";
        throw_error(errc::still_referenced, std::move(d));
    }
}

asio::awaitable<void> end_children(removal_ptr of, entity_type const& type, void const* entity);

/// Removes or clears one page of children.
asio::awaitable<void> end_page(removal_ptr of, relation_info const& relation, removal_policy policy, void const* owner,
                               std::shared_ptr<void> page) {
    entity_type const& type = relation.target();
    std::size_t const size = type.storage.size(page.get());
    auto const copies = type.storage.make();
    type.storage.reserve(copies.get(), size);
    std::vector<read_entity> forms; // they stay where they are, since the writes refer to them
    forms.reserve(size);
    std::vector<planned_write> writes;
    writes.reserve(size);
    condition const owned = belongs_to_owner(relation, owner);
    for (std::size_t i = 0; i < size; ++i) {
        void* const child = type.storage.at(page.get(), i);
        auto const is_here = [place = place_of(type, child)](removed_one const& one) { return one.place == place; };
        if (std::any_of(of->above.begin(), of->above.end(), is_here)) continue;
        read_entity& form = forms.emplace_back();
        form.entity = child;
        planned_write write;
        write.type = &type;
        if (policy == removal_policy::cascade) {
            if (!type.removals.empty()) {
                auto checking = refuse_while_referenced(of, type, child);
                co_await std::move(checking);
                auto below = end_children(of, type, child);
                co_await std::move(below);
            }
            write.what = planned_write::kind::remove;
            write.any_version = true;
            write.only_if = condition(condition::kind::not_exists, type[type.key.partition].name) || owned;
        } else {
            type.storage.append_copy(copies.get(), child);
            form.original = child;
            form.entity = type.storage.at(copies.get(), type.storage.size(copies.get()) - 1);
            for (auto const part : relation.target_key) set_member(type, form.entity, part, {});
            write.what = planned_write::kind::save;
            write.only_if = owned;
        }
        write.form = form.form();
        writes.push_back(std::move(write));
    }
    if (writes.empty()) co_return;
    auto writing = write_many(of->engine, type, std::move(writes), of->options);
    batch_outcome const outcome = co_await std::move(writing);
    of->ended += outcome.stored();
    for (auto const& each : outcome) {
        if (each.has_value()) continue;
        auto const& failed = each.error();
        // It has got another owner meanwhile, or is gone.
        if (failed.code == errc::condition_failed || failed.code == errc::not_found) continue;
        throw error(failed.code, *failed.info);
    }
}

asio::awaitable<void> end_children(removal_ptr of, entity_type const& type, void const* entity) {
    constexpr std::size_t page_size = 100;
    of->above.push_back({&type, place_of(type, entity), is_this(type, entity)});
    for (auto const& each : type.removals) {
        if (each.policy == removal_policy::restrict) continue;
        relation_info const& declared = *type.find_relation(each.member);
        // Links that are entities are removed as entities are, the trash included.
        relation_info const& relation = declared.has_pivot_entity() ? declared.first() : declared;
        removal_policy const policy = declared.has_pivot_entity() ? removal_policy::cascade : each.policy;
        if (relation.kind == relation_kind::belongs_to_many) {
            auto clearing = replace_links(of->engine, relation, entity, {}, of->options);
            link_outcome const cleared = co_await std::move(clearing);
            of->ended += cleared.detached.size();
            continue;
        }
        if (is_free(values_of(type, entity, relation.owner_key))) continue; // nothing refers to an empty value
        std::string cursor;
        do {
            query_spec query;
            query.type = &relation.target();
            query.select = every_child();
            query.select.where = belongs_to_owner(relation, entity);
            query.options = options_of(*of);
            auto reading = run_page(of->engine, std::move(query), page_size, std::move(cursor));
            query_outcome read = co_await std::move(reading);
            cursor = std::move(read.cursor);
            auto ending = end_page(of, relation, policy, entity, std::move(read.items));
            co_await std::move(ending);
        } while (!cursor.empty());
    }
    of->above.pop_back();
}

/// Throws errc::no_usable_index when the index by which children are found leaves out some that a program can store:
/// they would stay behind, or restrict nothing.
void check_paths(entity_type const& type, std::vector<entity_type const*>& checked) {
    if (std::find(checked.begin(), checked.end(), &type) != checked.end()) return;
    checked.push_back(&type);
    for (auto const& each : type.removals) {
        relation_info const& declared = *type.find_relation(each.member);
        relation_info const& relation = declared.has_pivot_entity() ? declared.first() : declared;
        if (relation.kind == relation_kind::belongs_to_many) continue;
        entity_type const& target = relation.target();
        auto const path = plan_relation(target, relation.target_key, every_child());
        if (path.leaves_out) {
            attribute_index const sort = *path.leaves_out;
            bool const has_each_item = sort == target.created_at || sort == target.updated_at || sort == target.version;
            bool const is_number = target[sort].type == dynamodb::attribute_type::number;
            if (!has_each_item && (target[sort].may_be_absent || !is_number)) {
                diagnostics d;
                d.entity = type.name;
                d.index = path.path->name;
                d.relation_path = relation.path();
                d.message = "on_remove<> of " + relation.path() + " would not find every " + target.name +
                            ", because the index " + path.path->name + " leaves out those without " +
                            target[sort].name +
                            "; add an index by the foreign key that has no sort key, or one that every item has";
                throw_error(errc::no_usable_index, std::move(d));
            }
        }
        if (each.policy == removal_policy::cascade || declared.has_pivot_entity()) check_paths(target, checked);
    }
}

/// Requires what the removal will require at its end, before anything is changed. That the entity is gone is no
/// failure: what belongs to it may be left.
asio::awaitable<void> require_unchanged(removal_ptr of, planned_write check) {
    std::vector<planned_write> one;
    one.push_back(std::move(check));
    auto committing = commit_transaction(of->engine, std::move(one), std::nullopt, of->options);
    try {
        co_await std::move(committing);
    } catch (error const& e) {
        if (e.code() != errc::not_found && !(e.code() == errc::stale_version && e.info().item.empty())) throw;
    }
}

asio::awaitable<bool> remove_with_children(removal_ptr of, entity_type const& type, void const* entity,
                                           void const* read, condition only_if) {
    auto form = std::make_unique<read_entity>();
    form->entity = const_cast<void*>(read); // a check changes nothing
    only_if = std::move(only_if) && has_referenced_values(type, read);
    if (type.version || !only_if.is_always()) {
        planned_write check;
        check.what = planned_write::kind::require;
        check.type = &type;
        check.form = form->form();
        check.only_if = only_if;
        auto requiring = require_unchanged(of, std::move(check));
        co_await std::move(requiring);
    }
    auto refusing = refuse_while_referenced(of, type, read);
    co_await std::move(refusing);
    bool const hooked = has_hook(type, hook_event::before_remove) || has_hook(type, hook_event::after_remove);
    auto const hooks = hooked_write::of_removal(type, const_cast<void*>(entity)); // whose hooks take a constant
    if (hooked) {
        auto before = hooks.before();
        co_await std::move(before);
    }
    bool existed = false;
    try {
        auto ending = end_children(of, type, read);
        co_await std::move(ending);
        std::string key;
        type.encode_key(key, read);
        std::string version = type.version ? type.wire(read, *type.version) : std::string();
        auto removing = remove_item(of->engine, type, lowered_key(std::move(key)), std::move(version), of->options,
                                    std::move(only_if), nullptr, read);
        existed = co_await std::move(removing);
    } catch (error const& e) {
        if (of->ended == 0) throw;
        diagnostics d = e.info();
        d.message += (d.message.empty() ? "" : "; ") + std::to_string(of->ended) + " entities that belong to the " +
                     type.name + " with the key " + key_for_error(type, read) +
                     ", or links of it, were removed or cleared before; to remove it again goes on";
        throw_error(e.code(), std::move(d));
    }
    if (hooks.has_after()) {
        auto after = hooks.after();
        co_await std::move(after);
    }
    co_return existed;
}

} // namespace

asio::awaitable<bool> remove_owner(engine_ptr engine, entity_type const& type, void const* entity, void const* read,
                                   condition only_if, operation_options options) {
    return begin_operation<bool>(engine, type, [&] {
        std::string key;
        type.encode_key(key, read); // an empty one is refused before anything is sent
        std::vector<entity_type const*> checked;
        check_paths(type, checked);
        auto of = std::make_shared<removal>();
        of->engine = engine;
        of->options = options;
        return remove_with_children(std::move(of), type, entity, read, std::move(only_if));
    });
}

} // namespace dynasio::detail
