#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/update_table.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "../plan/table_update.hpp"
#include "model_check.hpp"
#include "table_work.hpp"
#include "wanted_tables.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using dynamodb::describe_table_response;

namespace {

/// What is to be done with one table.
struct table_task {
    explicit table_task(wanted_table const& table) : wanted(&table), name(table.create.table_name) {}

    wanted_table const* wanted;
    std::string name;
    table_update update{};
    std::optional<describe_table_response> seen{}; ///< The table, as the update was decided by it.
    std::deque<index_change> indexes{};            ///< What is not done yet.
    std::exception_ptr refusal{};                  ///< Of the request for the first of them.
    bool waits = false;                            ///< For what the first of them says.

    [[nodiscard]] bool has(table_change_kind kind) const {
        return std::any_of(update.changes.begin(), update.changes.end(),
                           [&](table_change const& c) { return c.kind == kind; });
    }
};

/// Looks at a table and decides how it is brought to the schemas.
asio::awaitable<void> plan_one(client* db, table_task* task, unknown_indexes unknown, call_options call) {
    auto looking = look_at(db, &task->name, call);
    task->seen = co_await std::move(looking);
    table_state state;
    if (task->seen && task->seen->table && !is_going(*task->seen)) state.table = &*task->seen->table;
    if (state.table != nullptr && !task->wanted->ttl_attribute.empty()) {
        auto asking = ttl_of(db, &task->name, call);
        auto const ttl = co_await std::move(asking);
        if (ttl) state.ttl_attribute = ttl->attribute;
    }
    task->update = plan_update(task->wanted->create, task->wanted->ttl_attribute, state, unknown);
    task->indexes.clear();
    for (table_change const& change : task->update.changes)
        if (!change.index.empty()) task->indexes.emplace_back(task->wanted->create, change);
}

asio::awaitable<std::vector<table_task>> plan_all(client* db, wanted_tables const* tables, unknown_indexes unknown,
                                                  call_options call) {
    std::vector<table_task> tasks;
    std::vector<table_difference> conflicts;
    for (auto const& [name, table] : *tables) {
        auto& task = tasks.emplace_back(table);
        auto planning = plan_one(db, &task, unknown, call);
        co_await std::move(planning);
        conflicts.insert(conflicts.end(), task.update.conflicts.begin(), task.update.conflicts.end());
    }
    refuse_conflicts(conflicts);
    co_return tasks;
}

/// Creates the tables that are missing, enables the times to live, and waits until every table is usable.
asio::awaitable<void> make_tables(client* db, std::vector<table_task>* tasks, unknown_indexes unknown,
                                  table_work* work) {
    for (auto& task : *tasks) {
        if (!task.has(table_change_kind::create_table)) {
            work->tell(task.name, table_step::exists);
            continue;
        }
        auto creating = request_table(db, &task.wanted->create, work);
        bool const is_new = co_await std::move(creating);
        work->tell(task.name, is_new ? table_step::requested : table_step::exists);
        if (is_new) continue;
        // Another process makes the table, maybe another one, or it has yet to go.
        auto settling = settle(db, &task.name, &task.wanted->create, work);
        co_await std::move(settling);
        auto planning = plan_one(db, &task, unknown, work->call());
        co_await std::move(planning);
        refuse_conflicts(task.update.conflicts);
    }
    for (auto& task : *tasks) {
        if (!task.seen || !is_usable(*task.seen)) {
            auto waiting = db->wait_until_active(task.name, work->waiting());
            co_await std::move(waiting);
            task.seen.reset();
        }
        if (task.has(table_change_kind::enable_stream)) {
            auto enabling = enable_stream(db, &task.wanted->create, work);
            co_await std::move(enabling);
            task.seen.reset();
        }
        if (task.has(table_change_kind::enable_ttl)) {
            auto enabling = enable_ttl(db, &task.name, &task.wanted->ttl_attribute, work);
            co_await std::move(enabling);
        }
    }
}

/// Sends what the first change of the table's indexes calls for. Returns false when the service is busy with the table.
asio::awaitable<bool> request_index(client* db, table_task* task, table_work* work) {
    auto& change = task->indexes.front();
    auto const request = change.request();
    bool taken = true;
    bool busy = false;
    try {
        auto updating = db->update_table(request, work->call());
        co_await std::move(updating);
    } catch (error const& e) {
        taken = false;
        busy = is_busy(e);
        if (busy) {
            work->tell(task->name, table_step::being_changed, change.index());
        } else if (e.code() == service_errc::validation || e.code() == service_errc::resource_not_found) {
            change.refused();
            task->refusal = std::current_exception();
        } else {
            throw;
        }
    }
    if (taken) {
        change.requested();
        work->tell(task->name, table_step::index_requested, change.index());
    }
    co_return !busy;
}

/// One look at the table and what follows from it. Returns false when nothing can be done before a pause.
asio::awaitable<bool> advance(client* db, table_task* task, table_work* work) {
    if (!task->seen) {
        auto looking = look_at(db, &task->name, work->call());
        try {
            task->seen = co_await std::move(looking);
        } catch (error const& e) {
            // The deadline is that of the wait, which passes during a look as well as during a pause.
            if (e.code() != errc::deadline_exceeded || !task->waits) throw;
            throw_not_ready(task->name, task->indexes.front().goal());
        }
    }
    auto const seen = std::exchange(task->seen, std::nullopt);
    auto& change = task->indexes.front();
    auto const next = change.saw(seen && seen->table ? &*seen->table : nullptr);
    if (next == index_change::action::give_up) std::rethrow_exception(task->refusal);
    bool advanced = next == index_change::action::done;
    if (next == index_change::action::request) {
        auto requesting = request_index(db, task, work);
        advanced = co_await std::move(requesting);
    }
    if (next == index_change::action::done) {
        work->tell(task->name, table_step::index_ready, change.index());
        task->indexes.pop_front();
        task->seen = seen;
    }
    co_return advanced;
}

/// Adds and drops indexes: one at a time for each table, of all tables at once.
asio::awaitable<void> change_indexes(client* db, std::vector<table_task>* tasks, table_work* work) {
    std::chrono::milliseconds pause = poll_options().first_delay;
    for (;;) {
        bool advanced = false;
        table_task* waits = nullptr;
        for (auto& task : *tasks) {
            if (task.indexes.empty()) continue;
            auto advancing = advance(db, &task, work);
            bool const did = co_await std::move(advancing);
            advanced = advanced || did;
            if (task.indexes.empty())
                work->tell(task.name, table_step::ready);
            else if (!did)
                waits = &task;
            task.waits = !did;
        }
        if (advanced) pause = poll_options().first_delay;
        if (advanced) continue;
        if (waits == nullptr) co_return;
        auto sleeping = sleep_during(db, work, &waits->name, pause, waits->indexes.front().goal());
        co_await std::move(sleeping);
        pause = std::min(pause * 2, poll_options().max_delay);
    }
}

asio::awaitable<void> do_update_tables(client db, wanted_tables tables, unknown_indexes unknown, call_options call,
                                       table_progress_handler progress) {
    table_work work(tables.size(), std::move(call), std::move(progress));
    auto planning = plan_all(&db, &tables, unknown, work.call());
    auto tasks = co_await std::move(planning);
    auto making = make_tables(&db, &tasks, unknown, &work);
    co_await std::move(making);
    for (auto const& task : tasks)
        if (task.indexes.empty()) work.tell(task.name, table_step::ready);
    auto changing = change_indexes(&db, &tasks, &work);
    co_await std::move(changing);
}

asio::awaitable<std::vector<table_change>> do_plan_tables(client db, wanted_tables tables, unknown_indexes unknown,
                                                          call_options call) {
    auto planning = plan_all(&db, &tables, unknown, std::move(call));
    auto const tasks = co_await std::move(planning);
    std::vector<table_change> changes;
    for (auto const& task : tasks)
        changes.insert(changes.end(), task.update.changes.begin(), task.update.changes.end());
    co_return changes;
}

unknown_indexes unknown_of(bool drop) { return drop ? unknown_indexes::drop : unknown_indexes::keep; }

} // namespace

asio::awaitable<std::vector<table_change>> plan_tables(client db, std::vector<entity_type const*> types, bool drop,
                                                       operation_options options) {
    return begin_on<std::vector<table_change>>(db, [&] {
        check_model(types);
        auto tables = tables_for(db.options().table_prefix, types);
        return do_plan_tables(db, std::move(tables), unknown_of(drop), options.call);
    });
}

asio::awaitable<void> update_tables(client db, std::vector<entity_type const*> types, bool drop,
                                    operation_options options, table_progress_handler progress) {
    return begin_on<void>(db, [&] {
        check_model(types);
        auto tables = tables_for(db.options().table_prefix, types);
        return do_update_tables(db, std::move(tables), unknown_of(drop), options.call, std::move(progress));
    });
}

} // namespace dynasio::detail
