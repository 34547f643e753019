#include "links.hpp"

#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/core/error.hpp>

#include <memory>
#include <set>
#include <type_traits>
#include <utility>

#include "../wire/link_changes.hpp"
#include "../wire/link_count.hpp"
#include "../wire/pivot_rows.hpp"
#include "drive.hpp"
#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

std::vector<wanted_row> rows_of(write_environment const& env, pivot_rows const& rows, std::vector<wanted_link> links) {
    std::vector<wanted_row> made;
    made.reserve(links.size());
    for (auto& link : links) {
        std::string text = rows.far_text(env, link.far);
        made.push_back({std::move(link.far).json(), std::move(text), std::move(link.data)});
    }
    return made;
}

} // namespace

std::set<std::string> loaded_keys(relation_info const& relation, void const* owner) {
    struct visited {
        entity_type const& type;
        std::set<std::string> keys;
    } all{relation.target(), {}};
    void const* const handle = relation.handle_of(owner);
    if (!relation.loaded(handle)) return {};
    relation.visit(handle, &all, [](void* context, void const* entity) {
        auto& to = *static_cast<visited*>(context);
        std::string key;
        try {
            to.type.encode_key(key, entity);
        } catch (error const&) {
            return; // an entity that the program has put there and not saved is linked to nothing
        }
        to.keys.insert(std::move(key));
    });
    return std::move(all.keys);
}

link_outcome outcome_of(changed_rows const& changed) {
    auto const listed = [](std::set<std::string> const& keys) {
        return std::vector<std::string>(keys.begin(), keys.end());
    };
    link_outcome outcome;
    outcome.attached = listed(changed.attached);
    outcome.detached = listed(changed.detached);
    outcome.kept = listed(changed.kept);
    return outcome;
}

asio::awaitable<link_outcome> change_links(engine_ptr engine, std::unique_ptr<link_transactions> changes,
                                           operation_options options) {
    auto driving = drive_writes(engine, *changes, options);
    co_await std::move(driving);
    co_return outcome_of(changes->changed());
}

namespace {

template <class Result>
asio::awaitable<Result> change_pair(engine_ptr engine, std::unique_ptr<link_pair> change, operation_options options) {
    auto driving = drive_writes(engine, *change, options);
    co_await std::move(driving);
    if constexpr (!std::is_void_v<Result>) co_return change->was_there();
}

asio::awaitable<std::uint64_t> do_count(engine_ptr engine, std::unique_ptr<link_count> counting,
                                        operation_options options) {
    auto driving = drive_read(engine, *counting, options);
    co_await std::move(driving);
    co_return counting->count();
}

} // namespace

asio::awaitable<void> attach_link(engine_ptr engine, relation_info const& relation, void const* owner, wanted_link link,
                                  operation_options options) {
    if (relation.has_pivot_entity()) return attach_entity(engine, relation, owner, std::move(link), options);
    return begin_operation<void>(engine, relation.owner(), [&] {
        pivot_rows const rows(relation);
        auto const env = environment_of(*engine);
        auto const both = rows.ids_of(env, owner, link.far);
        if (rows.is_pair(both))
            return change_pair<void>(engine, std::make_unique<link_pair>(env, relation, both, link.data), options);
        auto write = rows.attach(env, both, link.data, pivot_rows::required::nothing, engine->borrow_body());
        return send_write<void>(engine, std::move(write), options, relation.path());
    });
}

asio::awaitable<bool> detach_link(engine_ptr engine, relation_info const& relation, void const* owner, lowered_key far,
                                  operation_options options) {
    if (relation.has_pivot_entity()) return detach_entity(engine, relation, owner, std::move(far), options);
    return begin_operation<bool>(engine, relation.owner(), [&] {
        pivot_rows const rows(relation);
        auto const env = environment_of(*engine);
        auto const both = rows.ids_of(env, owner, far);
        if (rows.is_pair(both)) return change_pair<bool>(engine, link_pair::detaching(env, relation, both), options);
        auto write = rows.detach(env, both, pivot_rows::required::nothing, engine->borrow_body());
        return send_write<bool>(engine, std::move(write), options, relation.path());
    });
}

asio::awaitable<link_outcome> replace_links(engine_ptr engine, relation_info const& relation, void const* owner,
                                            std::vector<wanted_link> links, operation_options options) {
    if (relation.has_pivot_entity()) return replace_entities(engine, relation, owner, std::move(links), options);
    return begin_operation<link_outcome>(engine, relation.owner(), [&] {
        pivot_rows const rows(relation);
        auto const env = environment_of(*engine);
        auto near = rows.near_text(env, owner);
        auto made = std::make_unique<link_replacement>(env, relation, std::move(near), rows.key_for(owner),
                                                       rows_of(env, rows, std::move(links)));
        return change_links(engine, std::move(made), options);
    });
}

asio::awaitable<link_outcome> toggle_links(engine_ptr engine, relation_info const& relation, void const* owner,
                                           std::vector<wanted_link> links, operation_options options) {
    if (relation.has_pivot_entity()) return toggle_entities(engine, relation, owner, std::move(links), options);
    return begin_operation<link_outcome>(engine, relation.owner(), [&] {
        pivot_rows const rows(relation);
        auto const env = environment_of(*engine);
        auto near = rows.near_text(env, owner);
        auto made = std::make_unique<link_toggle>(env, relation, std::move(near), rows_of(env, rows, std::move(links)),
                                                  loaded_keys(relation, owner));
        return change_links(engine, std::move(made), options);
    });
}

asio::awaitable<std::uint64_t> count_links(engine_ptr engine, relation_info const& relation, void const* owner,
                                           operation_options options) {
    if (relation.has_pivot_entity()) return count_entities(engine, relation, owner, options);
    return begin_operation<std::uint64_t>(engine, relation.owner(), [&] {
        check_read_options(options);
        static_cast<void>(pivot_rows(relation).near_text(environment_of(*engine), owner)); // says that it is not saved
        auto counting = std::make_unique<link_count>(engine->options().table_prefix, relation,
                                                     pivot_rows(relation).key_for(owner), options.consistent);
        return do_count(engine, std::move(counting), options);
    });
}

asio::awaitable<bool> was_attached(asio::awaitable<link_outcome> changing) {
    link_outcome const outcome = co_await std::move(changing);
    co_return !outcome.attached.empty();
}

} // namespace dynasio::detail
