#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../wire/foreign_key.hpp"
#include "../wire/pivot_entities.hpp"
#include "../wire/pivot_entity_changes.hpp"
#include "drive.hpp"
#include "hooks.hpp"
#include "links.hpp"
#include "send_write.hpp"

// The operations on links that are entities: attach() and detach() with the hooks of the entity, and changes of several
// links.
namespace dynasio::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace {

std::vector<wanted_entity> entities_of(write_environment const& env, relation_info const& relation, void const* owner,
                                       std::vector<wanted_link> links) {
    pivot_entities const all(relation);
    std::vector<wanted_entity> made;
    made.reserve(links.size());
    for (auto& link : links) {
        auto ends = all.ends_of(env, owner, link.far);
        auto wanted = link.entity ? all.make(ends, link.entity) : nullptr;
        made.push_back({std::move(ends), std::move(link.far).json(), std::move(wanted)});
    }
    return made;
}

/// Sends the write of a link. Returns false when its condition did not hold, unless an earlier attempt of the same
/// call, whose answer was lost, is taken to have done it; with `answers_existed` also when there was no link.
asio::awaitable<bool> send_link(engine_ptr engine, relation_info const& relation, item_write write,
                                operation_options options, bool answers_existed) {
    auto request = request_of(write, options);
    bool in_doubt = false;
    request.repeated_in_doubt = &in_doubt;
    try {
        auto const reply = co_await engine->perform(std::move(request));
        bool const existed = end_write(write, reply, options);
        co_return !answers_existed || existed || in_doubt;
    } catch (error const& e) {
        if (e.code() != service_errc::conditional_check_failed) {
            auto const path = relation.path();
            judge_failed_write(write, e, engine, path);
        }
        in_doubt = e.info().outcome_unknown;
    }
    co_return in_doubt;
}

/// One link, from before its write until after it.
struct link_write {
    relation_info const* relation;
    link_ends ends{};
    std::shared_ptr<void> link{};
    pivot_entities::manner how = pivot_entities::manner::create;
};

asio::awaitable<void> do_attach(engine_ptr engine, link_write what, operation_options options) {
    pivot_entities const links(*what.relation);
    void* const link = links.in(what.link);
    bool const is_new = what.how == pivot_entities::manner::create;
    hooked_write const hooks(links.type(), link, is_new ? write_mode::create : write_mode::save);
    bool const hooked = !links.type().hooks.empty();
    if (hooked) {
        auto before = hooks.before();
        co_await std::move(before);
    }
    std::optional<item_write> write;
    try {
        links.set_ends(link, what.ends);
        write.emplace(links.attach(environment_of(*engine), link, what.how, engine->borrow_body()));
    } catch (error const& e) {
        throw about(e, engine, links.type());
    }
    auto sending = send_link(engine, *what.relation, *std::move(write), options, false);
    bool const written = co_await std::move(sending);
    if (!written || !hooked || !hooks.has_after()) co_return;
    auto after = hooks.after();
    co_await std::move(after);
}

asio::awaitable<bool> do_detach(engine_ptr engine, link_write what, operation_options options) {
    pivot_entities const links(*what.relation);
    auto const hooks = hooked_write::of_removal(links.type(), links.in(what.link));
    bool const hooked = !links.type().hooks.empty();
    if (hooked) {
        auto before = hooks.before();
        co_await std::move(before);
    }
    std::optional<item_write> write;
    try {
        write.emplace(links.detach(environment_of(*engine), what.ends, pivot_entities::removed::linked_or_none,
                                   engine->borrow_body()));
    } catch (error const& e) {
        throw about(e, engine, links.type());
    }
    auto sending = send_link(engine, *what.relation, *std::move(write), options, true);
    bool const removed = co_await std::move(sending);
    if (!hooked || !hooks.has_after()) co_return removed;
    auto after = hooks.after();
    co_await std::move(after);
    co_return removed;
}

/// The operation's options for a part of it that begins now. Throws errc::deadline_exceeded when there is no time left.
operation_options options_of_part(operation_options options, clock::time_point until) {
    if (until == clock::time_point::max()) return options;
    auto const left = until - clock::now();
    if (left <= clock::duration::zero())
        throw_error(errc::deadline_exceeded, "the deadline passed between two parts of the operation");
    options.call.timeout(left);
    return options;
}

query_spec links_of(relation_info const& relation, std::vector<std::string> const& owner,
                    operation_options const& options) {
    query_spec query;
    query.type = &relation.first().target();
    query.select.where = names_owner(relation.first(), owner);
    query.options = options;
    query.options.autoloads = false;
    return query;
}

asio::awaitable<link_outcome> do_replace(engine_ptr engine, relation_info const& relation,
                                         std::vector<std::string> owner,
                                         std::unique_ptr<pivot_entity_replacement> changes, operation_options options) {
    auto const until = engine->deadline_of(options.call);
    for (;;) {
        auto driving = drive_writes(engine, *changes, options_of_part(options, until));
        co_await std::move(driving);
        if (!changes->needs_links()) break;
        operation_options reads = options_of_part(options, until);
        reads.consistent = true; // where the side reads the table itself
        auto query = links_of(relation, owner, reads);
        query.select.scope.everything = true;
        auto reading = run_query(engine, std::move(query));
        query_outcome found = co_await std::move(reading);
        changes->found(std::move(found.items));
    }
    co_return outcome_of(changes->changed());
}

} // namespace

asio::awaitable<void> attach_entity(engine_ptr engine, relation_info const& relation, void const* owner,
                                    wanted_link link, operation_options options) {
    return begin_operation<void>(engine, relation.owner(), [&] {
        using manner = pivot_entities::manner;
        pivot_entities const links(relation);
        link_write what{&relation};
        what.ends = links.ends_of(environment_of(*engine), owner, link.far);
        what.link = links.make(what.ends, link.entity);
        what.how = link.entity && !links.is_bare() ? manner::replace : manner::create;
        return do_attach(engine, std::move(what), options);
    });
}

asio::awaitable<bool> detach_entity(engine_ptr engine, relation_info const& relation, void const* owner,
                                    lowered_key far, operation_options options) {
    return begin_operation<bool>(engine, relation.owner(), [&] {
        pivot_entities const links(relation);
        link_write what{&relation};
        what.ends = links.ends_of(environment_of(*engine), owner, far);
        what.link = links.make(what.ends, nullptr);
        return do_detach(engine, std::move(what), options);
    });
}

asio::awaitable<link_outcome> replace_entities(engine_ptr engine, relation_info const& relation, void const* owner,
                                               std::vector<wanted_link> links, operation_options options) {
    return begin_operation<link_outcome>(engine, relation.owner(), [&] {
        auto const env = environment_of(*engine);
        auto near = pivot_rows(relation).near_text(env, owner);
        auto made = std::make_unique<pivot_entity_replacement>(env, relation, std::move(near),
                                                               entities_of(env, relation, owner, std::move(links)));
        return do_replace(engine, relation, values_of(relation.owner(), owner, relation.first().owner_key),
                          std::move(made), options);
    });
}

asio::awaitable<link_outcome> toggle_entities(engine_ptr engine, relation_info const& relation, void const* owner,
                                              std::vector<wanted_link> links, operation_options options) {
    return begin_operation<link_outcome>(engine, relation.owner(), [&] {
        auto const env = environment_of(*engine);
        auto near = pivot_rows(relation).near_text(env, owner);
        auto made = std::make_unique<pivot_entity_toggle>(env, relation, std::move(near),
                                                          entities_of(env, relation, owner, std::move(links)),
                                                          loaded_keys(relation, owner));
        return change_links(engine, std::move(made), options);
    });
}

asio::awaitable<std::uint64_t> count_entities(engine_ptr engine, relation_info const& relation, void const* owner,
                                              operation_options options) {
    return begin_operation<std::uint64_t>(engine, relation.owner(), [&] {
        check_read_options(options);
        static_cast<void>(pivot_rows(relation).near_text(environment_of(*engine), owner)); // says that it is not saved
        return run_count(engine,
                         links_of(relation, values_of(relation.owner(), owner, relation.first().owner_key), options));
    });
}

} // namespace dynasio::detail
