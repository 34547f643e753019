#include "decided_write.hpp"

#include <dynasio/dynamodb/attribute_value.hpp>
#include <dynasio/dynamodb/detail/request_checks.hpp>
#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <cstddef>
#include <memory>
#include <utility>

#include "../plan/scope.hpp"
#include "pivot_entities.hpp"
#include "pivot_rows.hpp"
#include "table_name.hpp"

namespace dynasio::detail {

namespace {

using write_kind = planned_write::kind;

bool is_link(planned_write const& plan) noexcept {
    return plan.what == write_kind::attach || plan.what == write_kind::detach;
}

write_mode mode_of(write_kind what) noexcept {
    switch (what) {
    case write_kind::create:
        return write_mode::create;
    case write_kind::trash:
        return write_mode::trash;
    case write_kind::restore:
        return write_mode::restore;
    default:
        return write_mode::save;
    }
}

item_write decide_remove(write_environment const& env, planned_write const& plan, std::string body,
                         dynamodb::condition only_if) {
    entity_type const& type = *plan.type;
    if (!plan.form) return make_remove(env, type, plan.key.json(), {}, std::move(body), std::move(only_if));
    // What is removed is the item that was read, whatever the program has done with the entity since.
    void const* const original = plan.form.original();
    void const* const read = original != nullptr ? original : plan.form.entity();
    std::string key;
    type.encode_key(key, read);
    bool const guarded = type.version && !plan.any_version;
    std::string const version = guarded ? type.wire(read, *type.version) : std::string();
    return make_remove(env, type, std::move(key), version, std::move(body), std::move(only_if), read);
}

item_write decide_check(write_environment const& env, planned_write const& plan, dynamodb::condition only_if) {
    entity_type const& type = *plan.type;
    if (!plan.form) return make_check(env, type, plan.key.json(), nullptr, std::move(only_if));
    void const* const original = plan.form.original();
    void const* const read = original != nullptr ? original : plan.form.entity();
    std::string key;
    type.encode_key(key, read);
    return make_check(env, type, std::move(key), read, std::move(only_if));
}

/// An entity of a link as it will be: with the key that another write of the same transaction makes for it.
class linked_entity {
public:
    linked_entity(held_form form, entity_type const& type, std::span<std::optional<decided_write> const> others)
        : entity_(form.entity()) {
        for (auto const& other : others) {
            if (!other || !other->form || other->form.entity() != entity_ || !other->write.makes_key()) continue;
            copy_ = type.storage.make();
            type.storage.append_copy(copy_.get(), entity_);
            void* const made = type.storage.at(copy_.get(), 0);
            other->write.assign_to(made);
            entity_ = made;
            return;
        }
    }
    [[nodiscard]] void const* get() const noexcept { return entity_; }

private:
    std::shared_ptr<void> copy_{};
    void const* entity_;
};

std::vector<item_write> decide_link(write_environment const& env, planned_write const& plan,
                                    std::span<std::optional<decided_write> const> others) {
    linked_entity const near(plan.form, *plan.type, others);
    linked_entity const far(plan.far, plan.relation->target(), others);
    std::vector<item_write> writes;
    if (plan.relation->has_pivot_entity()) {
        pivot_entities const links(*plan.relation);
        auto const ends = links.ends_of(env, near.get(), far.get());
        using manner = pivot_entities::manner;
        if (plan.what == write_kind::detach) {
            writes.push_back(links.detach(env, ends, pivot_entities::removed::any, {}));
        } else {
            auto const link = links.make(ends, plan.link);
            writes.push_back(links.attach(env, links.in(link), plan.link ? manner::replace : manner::complete, {}));
        }
        return writes;
    }
    pivot_rows const rows(*plan.relation);
    auto const both = rows.ids_of(env, near.get(), far.get());
    if (plan.what == write_kind::attach)
        rows.append_attach(writes, env, both, plan.data, pivot_rows::required::nothing);
    else
        rows.append_detach(writes, env, both, pivot_rows::required::nothing);
    return writes;
}

} // namespace

void decided_write::apply() const {
    bool const in_part = what == write_kind::trash || what == write_kind::restore;
    write.apply(in_part && form ? form.original() : nullptr);
    if (!form) return;
    if (what == write_kind::remove)
        form.functions->note_removed(form.form);
    else if (!in_part && what != write_kind::require && what != write_kind::adopt)
        form.functions->note_stored(form.form);
}

std::optional<decided_write> decide(write_environment const& env, planned_write const& plan, std::string body) {
    auto only_if = simplified(*plan.type, plan.only_if);
    if (plan.what == write_kind::remove)
        return decided_write{decide_remove(env, plan, std::move(body), std::move(only_if)), plan.what, plan.form, {}};
    if (plan.what == write_kind::adopt) {
        auto write = make_adoption(env, *plan.type, plan.form.entity());
        if (!write) return std::nullopt;
        return decided_write{*std::move(write), plan.what, plan.form, {}};
    }
    if (plan.what == write_kind::require)
        return decided_write{decide_check(env, plan, std::move(only_if)), plan.what, plan.form, {}};
    void* const entity = plan.form.entity();
    bool const saves = plan.what == write_kind::save || plan.what == write_kind::touch;
    write_mode mode = mode_of(plan.what);
    if (saves && plan.form.functions->tracked) {
        if (void const* const original = plan.form.original()) {
            auto write = make_save_of_changes(env, *plan.type, entity, original, plan.what == write_kind::touch,
                                              std::move(body), std::move(only_if));
            if (!write) return std::nullopt;
            return decided_write{*std::move(write), plan.what, plan.form, {}};
        }
        mode = write_mode::create;
    }
    return decided_write{
        make_write(env, *plan.type, entity, mode, std::move(body), std::move(only_if), plan.form.original()),
        plan.what,
        plan.form,
        {}};
}

std::vector<decided_write> decide_together(write_environment const& env, std::span<planned_write const> plans) {
    std::vector<std::optional<decided_write>> decided(plans.size());
    auto const decide_each = [&](bool links, auto const& decide_one) {
        for (std::size_t i = 0; i < plans.size(); ++i) {
            if (is_link(plans[i]) != links) continue;
            try {
                decide_one(plans[i], decided[i]);
            } catch (error const& e) {
                auto const table = physical_table(env.table_prefix, plans[i].type->table);
                bool const about_another = !e.info().entity.empty() && e.info().entity != plans[i].type->name;
                rethrow_with(e, about_another ? error_context()
                                              : error_context{.table = table, .entity = plans[i].type->name});
            }
        }
    };
    decide_each(false, [&](planned_write const& plan, std::optional<decided_write>& to) { to = decide(env, plan); });
    std::vector<std::vector<item_write>> of_links(plans.size());
    decide_each(true, [&](planned_write const& plan, std::optional<decided_write>& /*to*/) {
        of_links[static_cast<std::size_t>(&plan - plans.data())] = decide_link(env, plan, decided);
    });
    std::vector<decided_write> made;
    made.reserve(decided.size());
    for (std::size_t i = 0; i < plans.size(); ++i) {
        if (decided[i]) made.push_back(*std::move(decided[i]));
        for (auto& row : of_links[i])
            made.push_back(decided_write{std::move(row), plans[i].what, {}, plans[i].relation->path()});
    }
    return made;
}

std::string key_identity(std::string_view key) {
    dynamodb::json_reader in(key);
    return dynamodb::detail::key_identity(dynamodb::read_item(in));
}
std::string key_identity(item_write const& write) { return key_identity(write.key()); }

void distinct_items::add(item_write const& write, char const* why) {
    std::string const key = write.key();
    std::string identity(write.table());
    identity += '\0';
    identity += key_identity(key);
    if (seen_.insert(std::move(identity)).second) return;
    diagnostics d;
    d.entity = write.entity_name();
    d.key = key;
    d.message = "two writes are about the item of the table " + std::string(write.table()) + " with the key " + key +
                ": " + why;
    throw_error(errc::invalid_argument, std::move(d));
}

} // namespace dynasio::detail
