#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/detail/together.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../plan/scope.hpp"
#include "../type/empty_key.hpp"
#include "../type/rules.hpp"
#include "../wire/foreign_key.hpp"
#include "operation.hpp"
#include "read_entity.hpp"
#include "repeated_reads.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using dynamodb::condition;

namespace {

std::string words_for(entity_type const& type, void const* entity) {
    return "the " + type.name + " with the key " + key_for_error(type, entity);
}

/// The values of the owner's key, in wire form.
std::vector<std::string> key_of_owner(relation_info const& relation, void const* owner) {
    entity_type const& type = relation.owner();
    std::vector<std::string> values;
    if (relation.morph != nullptr) values.push_back(relation.owner_type_wire());
    for (auto const i : relation.owner_key) {
        std::string wire = type.wire(owner, i);
        if (is_empty_key(wire)) {
            diagnostics d;
            d.entity = type.name;
            d.attribute = type[i].name;
            d.relation_path = relation.path();
            d.message = "the " + type.name + " has no " + type[i].member + " yet, so nothing can belong to it; ";
            d.message += relation.refers_to_key ? "save it first" : "give it one, and save it";
            throw_error(relation.refers_to_key ? errc::entity_not_saved : errc::invalid_argument, std::move(d));
        }
        values.push_back(std::move(wire));
    }
    return values;
}

/// The values of the foreign key in an entity of the target. An empty one stands for a member that is none.
std::vector<std::string> foreign_key_of(relation_info const& relation, void const* child) {
    return values_of(relation.target(), child, relation.target_key);
}

/// Gives an entity another foreign key, and the one that it had back when it is destroyed, unless keep() was called.
class foreign_key_change {
public:
    foreign_key_change(relation_info const& relation, void* child, std::vector<std::string> const& values)
        : relation_(relation), child_(child), before_(foreign_key_of(relation, child)) {
        put(values);
    }
    ~foreign_key_change() {
        if (child_ != nullptr) put(before_);
    }
    foreign_key_change(foreign_key_change const&) = delete;
    foreign_key_change& operator=(foreign_key_change const&) = delete;

    void keep() noexcept { child_ = nullptr; }

private:
    void put(std::vector<std::string> const& values) {
        for (std::size_t i = 0; i < values.size(); ++i)
            set_member(relation_.target(), child_, relation_.target_key[i], values[i]);
    }

    relation_info const& relation_;
    void* child_;
    std::vector<std::string> before_;
};

/// Writes one entity of the relation's target with its hooks.
asio::awaitable<void> write_one(engine_ptr engine, relation_info const& relation, planned_write write,
                                operation_options options) {
    std::vector<planned_write> one;
    one.push_back(std::move(write));
    auto writing = write_many(engine, relation.target(), std::move(one), options);
    batch_outcome const outcome = co_await std::move(writing);
    if (auto const failed = outcome.first_error()) {
        std::string const path = relation.path();
        throw with_context(error(failed->code, *failed->info), {.relation_path = path});
    }
}

asio::awaitable<void> save_child(engine_ptr engine, relation_info const& relation, std::vector<std::string> owner,
                                 planned_write save, operation_options options) {
    foreign_key_change change(relation, save.form.entity(), owner);
    auto saving = write_one(engine, relation, std::move(save), options);
    co_await std::move(saving);
    change.keep();
}

/// Moves an entity whose foreign key is a part of its own key: it is created under the new key and removed under the
/// old one.
asio::awaitable<void> move_child(engine_ptr engine, relation_info const& relation, std::vector<std::string> owner,
                                 planned_write create, operation_options options) {
    entity_type const& type = relation.target();
    planned_write remove;
    remove.what = planned_write::kind::remove;
    remove.type = &type;
    std::string old_key;
    type.encode_key(old_key, create.form.entity());
    remove.key = lowered_key(std::move(old_key));
    if (type.version) {
        std::vector<std::string> const version(1, type.wire(create.form.entity(), *type.version));
        remove.only_if = condition(condition::kind::not_exists, type[type.key.partition].name) ||
                         condition(condition::kind::equal, type[*type.version].name, version);
    }
    foreign_key_change change(relation, create.form.entity(), owner);
    std::vector<planned_write> both;
    both.push_back(std::move(remove));
    both.push_back(std::move(create));
    auto committing = commit_transaction(engine, std::move(both), std::nullopt, options);
    co_await std::move(committing);
    change.keep();
}

} // namespace

asio::awaitable<void> add_related(engine_ptr engine, relation_info const& relation, void const* owner, held_form child,
                                  operation_options options) {
    entity_type const& type = relation.target();
    return begin_operation<void>(engine, type, [&] {
        auto key = key_of_owner(relation, owner);
        auto const before = foreign_key_of(relation, child.entity());
        bool const is_own_key = std::any_of(relation.target_key.begin(), relation.target_key.end(),
                                            [&](attribute_index i) { return type.is_key(i); });
        planned_write write;
        write.type = &type;
        write.form = child;
        if (is_own_key && !is_free(before) && before != key) {
            write.what = planned_write::kind::create;
            return move_child(engine, relation, std::move(key), std::move(write), options);
        }
        return save_child(engine, relation, std::move(key), std::move(write), options);
    });
}

namespace {

/// Stores an entity without its foreign key. Of an entity that is not tracked, what is in memory counts as stored, so
/// that nothing else is written.
asio::awaitable<void> store_free(engine_ptr engine, relation_info const& relation, held_form child,
                                 condition still_owned, operation_options options) {
    entity_type const& type = relation.target();
    void* const original = child.original();
    void const* const stored = original != nullptr ? original : child.entity();
    auto const copies = type.storage.make();
    type.storage.append_copy(copies.get(), stored);
    void* const freed = type.storage.at(copies.get(), 0);
    for (auto const i : relation.target_key) set_member(type, freed, i, {});
    read_entity form{freed, const_cast<void*>(stored)}; // which is only read, to tell what has changed
    planned_write write;
    write.what = planned_write::kind::save;
    write.type = &type;
    write.form = form.form();
    write.only_if = std::move(still_owned);
    auto writing = write_one(engine, relation, std::move(write), options);
    co_await std::move(writing);
    auto changed = relation.target_key;
    if (type.updated_at) changed.push_back(*type.updated_at);
    if (type.version) changed.push_back(*type.version);
    for (void* const entity : {child.entity(), original}) {
        if (entity == nullptr) continue;
        for (auto const i : changed) set_member(type, entity, i, type.wire(freed, i));
    }
}

[[noreturn]] void refuse_removal(relation_info const& relation, errc code, std::string message) {
    diagnostics d;
    d.entity = relation.target().name;
    d.relation_path = relation.path();
    d.message = std::move(message);
    throw_error(code, std::move(d));
}

} // namespace

asio::awaitable<void> remove_related(engine_ptr engine, relation_info const& relation, void const* owner,
                                     held_form child, operation_options options) {
    entity_type const& type = relation.target();
    return begin_operation<void>(engine, type, [&] {
        auto const key = key_of_owner(relation, owner);
        void const* const original = child.original();
        void const* const stored = original != nullptr ? original : child.entity();
        if (has_empty_key(type, stored))
            refuse_removal(relation, errc::entity_not_saved,
                           "an entity " + type.name + " without a key belongs to nothing; it is not saved yet");
        if (foreign_key_of(relation, stored) != key)
            refuse_removal(relation, errc::invalid_argument,
                           words_for(type, stored) + " does not belong to " + words_for(relation.owner(), owner) +
                               "; nothing was written");
        return store_free(engine, relation, child, names_owner(relation, key), options);
    });
}

// ---- whether there is any

namespace {

asio::awaitable<bool> has_loaded(engine_ptr engine, relation_info const& relation, std::shared_ptr<void> owner,
                                 load_node node, operation_options options) {
    entity_type const& type = relation.owner();
    void* const entity = type.storage.at(owner.get(), 0);
    std::vector<load_node> children;
    children.push_back(std::move(node));
    std::vector<void*> entities;
    entities.push_back(entity);
    auto loading = load_relations(std::move(engine), type, std::move(entities), std::move(children), options);
    co_await std::move(loading);
    bool found = false;
    relation.visit(relation.handle_of(static_cast<void const*>(entity)), &found,
                   [](void* context, void const*) { *static_cast<bool*>(context) = true; });
    co_return found;
}

asio::awaitable<bool> has_none() { co_return false; }

} // namespace

namespace {

/// Notes the read when it begins, on the client's executor.
asio::awaitable<bool> exists_noted(engine_ptr engine, relation_info const& relation, query_spec query) {
    note_read_of_one(engine, relation, query.options.where);
    auto asking = run_exists(engine, std::move(query));
    bool const found = co_await std::move(asking);
    co_return found;
}

} // namespace

asio::awaitable<bool> has_related(engine_ptr engine, relation_info const& relation, void const* owner, selection select,
                                  operation_options options) {
    entity_type const& type = relation.target();
    bool const is_one_query = relation.kind == relation_kind::has_one || relation.kind == relation_kind::has_many;
    if (is_one_query) {
        return begin_operation<bool>(engine, type, [&] {
            if (!relation.refers_to_key && is_free(values_of(relation.owner(), owner, relation.owner_key)))
                return has_none();
            auto const key = key_of_owner(relation, owner);
            query_spec query;
            query.type = &type;
            query.select = std::move(select);
            query.select.order.reset();
            query.select.where = std::move(query.select.where) && names_owner(relation, key);
            query.options = options;
            return exists_noted(engine, relation, std::move(query));
        });
    }
    return begin_operation<bool>(engine, relation.owner(), [&] {
        auto copy = relation.owner().storage.make();
        relation.owner().storage.append_copy(copy.get(), owner);
        load_node node;
        node.relation = &relation;
        node.select = std::move(select);
        node.select.order.reset();
        if (relation.kind != relation_kind::belongs_to && !node.select.limit) node.select.limit = 1;
        node.reload = true;
        node.autoloads = false; // nobody sees the entities
        return has_loaded(engine, relation, std::move(copy), std::move(node), options);
    });
}

} // namespace dynasio::detail
