#include <dynasio/orm/detail/graph.hpp>

#include <dynasio/dynamodb/detail/idempotency_token.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>

#include <boost/system/system_error.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../wire/graph_writes.hpp"
#include "hooks.hpp"
#include "operation.hpp"
#include "send_transaction.hpp"
#include "send_write.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;

namespace {

using graph_ptr = std::unique_ptr<graph_writes>;

std::optional<hooked_write> hooks_of(graph_writes const& graph, std::size_t step) {
    entity_type const& type = graph.type(step);
    if (type.hooks.empty()) return std::nullopt;
    switch (graph.what(step)) {
    case graph_writes::action::store:
        return hooked_write(type, graph.entity(step), graph.is_new(step) ? write_mode::create : write_mode::save);
    case graph_writes::action::remove:
        return hooked_write::of_removal(type, graph.entity(step));
    case graph_writes::action::attach:
    case graph_writes::action::detach:
        break;
    }
    return std::nullopt;
}

/// One write is sent by itself, which is half the price.
asio::awaitable<void> send_part(engine_ptr const& engine, std::vector<decided_write> writes,
                                operation_options const& options) {
    if (writes.size() == 1) {
        decided_write one = std::move(writes.front());
        return send_write<void>(engine, std::move(one.write), options, std::move(one.relation_path));
    }
    std::string token;
    dynamodb::detail::append_idempotency_token(token);
    return send_transaction(engine, std::move(writes), std::move(token), options);
}

/// The error of a graph whose part has failed.
error told(error const& e, bool in_parts, std::size_t committed, std::size_t parts) {
    diagnostics d = e.info();
    if (e.code() == errc::batch_too_large && !in_parts)
        d.message += "; give in_parts to save the graph by several transactions, or save less along";
    if (parts > 1) {
        d.message += (d.message.empty() ? "" : "; ") + std::to_string(committed) + " of " + std::to_string(parts) +
                     " transactions of the graph had been committed before, and the entities show what is stored: ";
        d.message += e.code() == errc::not_unique
                         ? "a unique value that one entity gives up and another one takes must "
                           "be in one transaction; save those that give it up first"
                         : "save again for the rest";
    }
    return error(e.code(), std::move(d));
}

/// Whether there is a hook after something that was stored.
bool has_hooks_after(graph_writes const& graph) {
    for (std::size_t i = 0; i < graph.size(); ++i) {
        auto const hooks = graph.is_committed(i) ? hooks_of(graph, i) : std::nullopt;
        if (hooks && hooks->has_after()) return true;
    }
    return false;
}

bool has_hooks(graph_writes const& graph) {
    for (std::size_t i = 0; i < graph.size(); ++i)
        if (!graph.type(i).hooks.empty()) return true;
    return false;
}

/// Calls the hooks after what was stored, in order.
asio::awaitable<void> call_hooks_after(graph_writes const& graph) {
    for (std::size_t i = 0; i < graph.size(); ++i) {
        if (!graph.is_committed(i)) continue;
        auto const hooks = hooks_of(graph, i);
        if (!hooks || !hooks->has_after()) continue;
        auto after = hooks->after();
        co_await std::move(after);
    }
}

asio::awaitable<void> send_graph(engine_ptr engine, graph_ptr graph, bool in_parts, operation_options options) {
    auto parts = graph->parts(in_parts);
    std::exception_ptr failed;
    std::size_t committed = 0;
    bool concludes = true;
    for (auto& part : parts) {
        auto const steps = part.steps;
        bool in_doubt = false;
        try {
            auto sending = send_part(engine, std::move(part.writes), options);
            co_await std::move(sending);
        } catch (error const& e) {
            in_doubt = e.info().outcome_unknown;
            failed = std::make_exception_ptr(told(e, in_parts, committed, parts.size()));
        } catch (boost::system::system_error const& e) {
            // Asio's own, of a part that was awaited after a cancellation.
            failed = std::make_exception_ptr(told(error(e.code(), diagnostics()), in_parts, committed, parts.size()));
        } catch (...) {
            failed = std::current_exception();
        }
        if (failed) {
            if (in_doubt) graph->note_in_doubt(steps);
            concludes = in_doubt || committed != 0;
            break;
        }
        graph->note_committed(steps);
        ++committed;
    }
    if (concludes) graph->conclude();
    // Without hooks there nothing is awaited any more: a cancellation that came too late would make a failure of what
    // is stored.
    if (has_hooks_after(*graph)) {
        try {
            auto after = call_hooks_after(*graph);
            co_await std::move(after);
        } catch (...) {
            if (!failed) failed = std::current_exception();
        }
    }
    if (failed) std::rethrow_exception(failed);
}

/// Decides one step, with the context of its entity in errors.
template <class Decide>
auto about_step(engine_ptr const& engine, graph_writes const& graph, std::size_t step, Decide decide) {
    try {
        return decide();
    } catch (error const& e) {
        throw about(e, engine, graph.type(step));
    }
}

/// Decides each entity after the hooks before it, which may change it.
asio::awaitable<void> save_with_hooks(engine_ptr engine, graph_ptr graph, bool in_parts, operation_options options) {
    for (std::size_t i = 0; i < graph->size(); ++i) {
        bool const writes = about_step(engine, *graph, i, [&] { return graph->prepare(i); });
        if (!writes) continue;
        auto const hooks = hooks_of(*graph, i);
        if (hooks) {
            auto before = hooks->before();
            co_await std::move(before);
        }
        about_step(engine, *graph, i, [&] { graph->decide(i, environment_of(*engine)); });
    }
    auto sending = send_graph(engine, std::move(graph), in_parts, options);
    co_await std::move(sending);
}

} // namespace

asio::awaitable<void> save_graph(engine_ptr engine, graph_spec what) {
    entity_type const& type = *what.type;
    return begin_operation<void>(engine, type, [&] {
        bool const in_parts = what.in_parts;
        auto const options = what.options;
        auto graph = std::make_unique<graph_writes>(std::move(what));
        if (has_hooks(*graph)) return save_with_hooks(engine, std::move(graph), in_parts, options);
        auto const env = environment_of(*engine);
        for (std::size_t i = 0; i < graph->size(); ++i)
            about_step(engine, *graph, i, [&] {
                if (graph->prepare(i)) graph->decide(i, env);
            });
        return send_graph(engine, std::move(graph), in_parts, options);
    });
}

} // namespace dynasio::detail
