#include "table_work.hpp"

#include <dynasio/dynamodb/operations/describe_time_to_live.hpp>
#include <dynasio/dynamodb/operations/update_table.hpp>
#include <dynasio/dynamodb/operations/update_time_to_live.hpp>

#include <dynasio/http/deadline.hpp>

#include <dynasio/core/error.hpp>

#include "../../dynamodb/waiter.hpp"
#include "../plan/table_comparison.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using dynamodb::create_table_request;
using dynamodb::describe_table_response;

asio::awaitable<std::optional<describe_table_response>> look_at(client* db, std::string const* name,
                                                                call_options call) {
    dynamodb::describe_table_request const describe(*name);
    std::optional<describe_table_response> found;
    try {
        auto describing = db->describe_table(describe, std::move(call));
        found = co_await std::move(describing);
    } catch (error const& e) {
        if (e.code() != service_errc::resource_not_found) throw;
    }
    co_return found;
}

bool is_usable(describe_table_response const& answer) {
    using namespace dynamodb::detail;
    return judge_table_usable(&answer).verdict == wait_verdict::reached;
}
bool is_going(describe_table_response const& answer) {
    return answer.table && answer.table->table_status == dynamodb::table_status::deleting;
}

asio::awaitable<bool> request_table(client* db, create_table_request const* request, table_work const* work) {
    bool created = true;
    try {
        auto creating = db->create_table(*request, work->call());
        co_await std::move(creating);
    } catch (error const& e) {
        if (e.code() != service_errc::resource_in_use) throw;
        created = false;
    }
    co_return created;
}

asio::awaitable<void> settle(client* db, std::string const* name, create_table_request const* request,
                             table_work* work) {
    std::chrono::milliseconds pause = poll_options().first_delay;
    for (bool created = false; !created;) {
        auto looking = look_at(db, name, work->call());
        auto const found = co_await std::move(looking);
        if (found && is_usable(*found)) co_return;
        if (found && !is_going(*found)) break; // it is being created
        if (found) {
            work->tell(*name, table_step::being_deleted);
            auto waiting = db->wait_until_gone(*name, work->waiting());
            co_await std::move(waiting);
        } else {
            // The table has just gone, but its name is not free yet.
            auto sleeping = sleep_during(db, work, name, pause, "its name to be free");
            co_await std::move(sleeping);
            pause = std::min(pause * 2, poll_options().max_delay);
        }
        auto creating = request_table(db, request, work);
        created = co_await std::move(creating);
        if (created) work->tell(*name, table_step::requested);
    }
    auto waiting = db->wait_until_active(*name, work->waiting());
    co_await std::move(waiting);
}

asio::awaitable<std::optional<ttl_setting>> ttl_of(client* db, std::string const* table, call_options call) {
    dynamodb::describe_time_to_live_request const describe(*table);
    std::optional<ttl_setting> setting;
    try {
        auto describing = db->describe_time_to_live(describe, std::move(call));
        auto const answer = co_await std::move(describing);
        setting.emplace();
        auto const& found = answer.time_to_live_description;
        bool const is_on = found && (found->time_to_live_status == dynamodb::time_to_live_status::enabled ||
                                     found->time_to_live_status == dynamodb::time_to_live_status::enabling);
        if (is_on) setting->attribute = found->attribute_name.value_or(std::string());
    } catch (error const& e) {
        if (e.code() != service_errc::unknown_operation) throw;
    }
    co_return setting;
}

asio::awaitable<void> sleep_during(client* db, table_work const* work, std::string const* table,
                                   std::chrono::milliseconds pause, std::string goal) {
    auto const& engine = client_access::engine(*db);
    http::deadline until(engine->deadlines(), work->end());
    bool in_time = true;
    try {
        auto sleeping = engine->sleep(pause, until);
        co_await std::move(sleeping);
    } catch (error const& e) {
        if (e.code() != errc::deadline_exceeded) throw;
        in_time = false;
    }
    if (!in_time) throw_not_ready(*table, goal);
}

void throw_not_ready(std::string const& table, std::string const& goal) {
    diagnostics d;
    d.table = table;
    d.message = "waited for " + goal;
    throw_error(errc::table_not_ready, std::move(d));
}

bool is_busy(error const& e) {
    return e.code() == service_errc::resource_in_use || e.code() == service_errc::limit_exceeded;
}

asio::awaitable<void> enable_ttl(client* db, std::string const* table, std::string const* attribute, table_work* work) {
    dynamodb::time_to_live_specification specification(true, *attribute);
    dynamodb::update_time_to_live_request const update(*table, std::move(specification));
    for (auto pause = poll_options().first_delay;; pause = std::min(pause * 2, poll_options().max_delay)) {
        auto asking = ttl_of(db, table, work->call());
        auto const before = co_await std::move(asking);
        if (!before || !before->attribute.empty()) co_return;
        std::optional<error> refusal;
        try {
            auto updating = db->update_time_to_live(update, work->call());
            co_await std::move(updating);
        } catch (error const& e) {
            refusal = e;
        }
        if (!refusal) {
            work->tell(*table, table_step::ttl_enabled);
            co_return;
        }
        // Some local servers describe the time to live and cannot set it.
        if (refusal->code() == service_errc::unknown_operation) co_return;
        if (is_busy(*refusal)) {
            work->tell(*table, table_step::being_changed);
            auto sleeping = sleep_during(db, work, table, pause, "other changes of the table to end");
            co_await std::move(sleeping);
            continue;
        }
        if (refusal->code() != service_errc::validation) throw *std::move(refusal);
        // Another process may have enabled it in between, which the service refuses to do twice.
        auto again = ttl_of(db, table, work->call());
        auto const after = co_await std::move(again);
        if (!after || after->attribute.empty()) throw *std::move(refusal);
        co_return;
    }
}

asio::awaitable<void> enable_stream(client* db, create_table_request const* wanted, table_work* work) {
    std::string const& table = wanted->table_name;
    if (!wanted->stream_specification) co_return;
    dynamodb::update_table_request update(table);
    update.stream_specification = wanted->stream_specification;
    std::optional<error> refusal;
    for (auto pause = poll_options().first_delay;; pause = std::min(pause * 2, poll_options().max_delay)) {
        auto looking = look_at(db, &table, work->call());
        auto const before = co_await std::move(looking);
        if (before && before->table && !view_of_stream(*before->table).empty()) {
            // By another process; the table is then changing for a while.
            if (before->table->table_status == dynamodb::table_status::active) co_return;
            break;
        }
        // Another process may have enabled it in between, which the service refuses to do twice; but it has not.
        if (refusal && !is_busy(*refusal)) throw *std::move(refusal);
        refusal.reset();
        try {
            auto updating = db->update_table(update, work->call());
            co_await std::move(updating);
        } catch (error const& e) {
            refusal = e;
        }
        if (!refusal) {
            work->tell(table, table_step::stream_enabled);
            break;
        }
        if (!is_busy(*refusal)) {
            if (refusal->code() != service_errc::validation) throw *std::move(refusal);
            continue;
        }
        work->tell(table, table_step::being_changed);
        auto sleeping = sleep_during(db, work, &table, pause, "other changes of the table to end");
        co_await std::move(sleeping);
    }
    auto waiting = db->wait_until_active(table, work->waiting());
    co_await std::move(waiting);
}

} // namespace dynasio::detail
