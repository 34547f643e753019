#include <dynasio/orm/detail/operations.hpp>

#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/operations/delete_table.hpp>
#include <dynasio/dynamodb/operations/describe_table.hpp>
#include <dynasio/dynamodb/operations/describe_time_to_live.hpp>
#include <dynasio/dynamodb/operations/update_time_to_live.hpp>

#include <dynasio/http/deadline.hpp>

#include <dynasio/core/error.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "../../dynamodb/waiter.hpp"
#include "../plan/table_comparison.hpp"
#include "../wire/pivot_rows.hpp"
#include "../wire/table_name.hpp"
#include "model_check.hpp"
#include "operation.hpp"

namespace dynasio::detail {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;
using dynamodb::create_table_request;
using dynamodb::describe_table_response;

namespace {

dynamodb::scalar_attribute_type scalar_type(entity_type const& type, attribute_index i) {
    switch (type[i].type) {
    case dynamodb::attribute_type::number:
        return dynamodb::scalar_attribute_type::n;
    case dynamodb::attribute_type::binary:
        return dynamodb::scalar_attribute_type::b;
    default:
        return dynamodb::scalar_attribute_type::s;
    }
}

void define(create_table_request& request, std::string const& name, dynamodb::scalar_attribute_type type) {
    auto& all = *request.attribute_definitions;
    auto const known = std::any_of(all.begin(), all.end(), [&](auto const& a) { return a.attribute_name == name; });
    if (!known) all.emplace_back(name, type);
}

std::vector<dynamodb::key_schema_element> keys_of(std::string const& hash, std::optional<std::string> const& range) {
    std::vector<dynamodb::key_schema_element> keys;
    keys.emplace_back(hash, dynamodb::key_type::hash);
    if (range) keys.emplace_back(*range, dynamodb::key_type::range);
    return keys;
}

dynamodb::projection everything() {
    dynamodb::projection p;
    p.projection_type = dynamodb::projection_type::all;
    return p;
}

dynamodb::projection projection_of(entity_type const& type, index_info const& index) {
    auto p = everything();
    if (index.projects == index_projection::all) return p;
    p.projection_type = dynamodb::projection_type::keys_only;
    std::vector<std::string> names;
    // The service refuses keys among the attributes that are included, because it projects them in any case.
    for (auto const i : index.included)
        if (!type.key.is_key(i) && !index.is_key(i)) names.push_back(type[i].name);
    if (names.empty()) return p;
    p.projection_type = dynamodb::projection_type::include;
    p.non_key_attributes = std::move(names);
    return p;
}

create_table_request empty_request(std::string name) {
    create_table_request request(std::move(name));
    request.attribute_definitions.emplace();
    request.billing_mode = dynamodb::billing_mode::pay_per_request;
    return request;
}

/// What a table is to be.
struct wanted_table {
    explicit wanted_table(std::string name) : create(empty_request(std::move(name))) {}

    create_table_request create;
    std::string ttl_attribute{}; ///< Empty when no entity has a time to live.
};
using wanted_tables = std::map<std::string, wanted_table>;

/// Notes the time to live of an entity; several entities may share a table.
void add_ttl(wanted_table& table, entity_type const& type) {
    if (!type.expires_at) return;
    std::string const& name = type[*type.expires_at].name;
    if (table.ttl_attribute.empty()) table.ttl_attribute = name;
    if (table.ttl_attribute == name) return;
    diagnostics d;
    d.entity = type.name;
    d.table = table.create.table_name;
    d.attribute = name;
    d.message = "a table has one attribute with the time to live, and another entity of the table names " +
                table.ttl_attribute + "; store both under one name with attribute<…>{\"name\"}";
    throw_error(errc::invalid_argument, std::move(d));
}

/// Adds an entity's keys and indexes; several entities may share a table.
void add_entity(create_table_request& request, entity_type const& type) {
    auto const name = [&](std::optional<attribute_index> i) -> std::optional<std::string> {
        if (!i) return std::nullopt;
        define(request, type[*i].name, scalar_type(type, *i));
        return type[*i].name;
    };
    auto const key = keys_of(*name(type.key.partition), name(type.key.sort));
    if (!request.key_schema) request.key_schema = key;
    for (auto const& index : type.indexes) {
        auto const add = [&](auto& list, auto const& made) {
            if (!list) list.emplace();
            auto const known =
                std::any_of(list->begin(), list->end(), [&](auto const& i) { return i.index_name == index.name; });
            if (!known) list->push_back(made);
        };
        auto keys = keys_of(*name(index.partition), name(index.sort));
        if (index.local)
            add(request.local_secondary_indexes,
                dynamodb::local_secondary_index(index.name, std::move(keys), projection_of(type, index)));
        else
            add(request.global_secondary_indexes,
                dynamodb::global_secondary_index(index.name, std::move(keys), projection_of(type, index)));
    }
}

/// Adds what links need; links may lie in an entity's table that has their key.
void add_pivots(create_table_request& request) {
    auto const text = [](std::string_view word) { return std::string(word); };
    for (auto const attribute :
         {pivot_rows::partition_name, pivot_rows::sort_name, pivot_rows::right_id, pivot_rows::pivot_key_name})
        define(request, text(attribute), dynamodb::scalar_attribute_type::s);
    if (!request.key_schema)
        request.key_schema = keys_of(text(pivot_rows::partition_name), text(pivot_rows::sort_name));
    auto& indexes = request.global_secondary_indexes;
    if (!indexes) indexes.emplace();
    auto const known = std::any_of(indexes->begin(), indexes->end(),
                                   [](auto const& i) { return i.index_name == pivot_rows::right_index; });
    if (known) return;
    indexes->emplace_back(text(pivot_rows::right_index),
                          keys_of(text(pivot_rows::right_id), text(pivot_rows::pivot_key_name)), everything());
}

wanted_tables tables_for(client const& db, std::vector<entity_type const*> const& types) {
    std::string const& prefix = db.options().table_prefix;
    wanted_tables tables;
    for (auto const* const type : types) {
        auto const name = physical_table(prefix, type->table);
        auto& table = tables.try_emplace(name, name).first->second;
        add_entity(table.create, *type);
        add_ttl(table, *type);
        for (auto const& relation : type->relations) {
            if (relation.kind != relation_kind::belongs_to_many) continue;
            auto const pivots = physical_table(prefix, pivot_rows(relation).table());
            add_pivots(tables.try_emplace(pivots, pivots).first->second.create);
        }
    }
    return tables;
}

} // namespace

namespace {

/// How long creating or dropping tables may take when the caller gives no time-out. A table with several indexes takes
/// the service minutes, so the client's time-out, which is made for a call, does not serve.
constexpr std::chrono::minutes usual_wait{10};

/// One creation or removal of tables: the time that is left for it, and whom it tells what happens.
class table_work {
public:
    table_work(std::size_t tables, call_options call, table_progress_handler progress)
        : tables_(tables), call_(std::move(call)), progress_(std::move(progress)),
          end_(clock::now() + call_.timeout().value_or(usual_wait)) {}

    /// Options for a wait, which may take all the time that is left.
    [[nodiscard]] call_options waiting() const {
        call_options options = call_;
        options.timeout(time_left());
        return options;
    }
    [[nodiscard]] call_options const& call() const noexcept { return call_; }
    [[nodiscard]] clock::time_point end() const noexcept { return end_; }
    void tell(std::string const& table, table_step step) {
        if (step == table_step::ready) ++ready_;
        if (progress_) progress_(table_progress{table, step, ready_, tables_});
    }

private:
    [[nodiscard]] clock::duration time_left() const {
        // A wait without time would end with an error of its argument and not with errc::table_not_ready.
        return std::max<clock::duration>(end_ - clock::now(), std::chrono::milliseconds(1));
    }

    std::size_t tables_;
    std::size_t ready_ = 0;
    call_options call_;
    table_progress_handler progress_;
    clock::time_point end_;
};

/// The description of a table; nothing when there is no such table.
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

/// Creates a table. Returns false when there is one, or one that is going.
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

/// Waits until a table is usable that could not be created because there is one, which may be going.
asio::awaitable<void> settle(client* db, std::string const* name, create_table_request const* request,
                             table_work* work) {
    auto const& engine = client_access::engine(*db);
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
            http::deadline until(engine->deadlines(), work->end());
            auto sleeping = engine->sleep(std::exchange(pause, std::min(pause * 2, poll_options().max_delay)), until);
            co_await std::move(sleeping);
        }
        auto creating = request_table(db, request, work);
        created = co_await std::move(creating);
        if (created) work->tell(*name, table_step::requested);
    }
    auto waiting = db->wait_until_active(*name, work->waiting());
    co_await std::move(waiting);
}

struct ttl_setting {
    std::string attribute{}; ///< Empty when there is none.
};

/// The time to live of a table; nothing when the server knows none, as some local ones do not.
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

/// Enables the time to live, unless the table has one: the service changes it once an hour at most, and another
/// attribute is another program's decision, which compare_tables() shows.
asio::awaitable<void> enable_ttl(client* db, std::string const* table, std::string const* attribute, table_work* work) {
    auto asking = ttl_of(db, table, work->call());
    auto const before = co_await std::move(asking);
    if (!before || !before->attribute.empty()) co_return;
    dynamodb::time_to_live_specification specification(true, *attribute);
    dynamodb::update_time_to_live_request const update(*table, std::move(specification));
    std::exception_ptr refused;
    try {
        auto updating = db->update_time_to_live(update, work->call());
        co_await std::move(updating);
    } catch (error const& e) {
        // Some local servers describe the time to live and cannot set it.
        if (e.code() != service_errc::validation && e.code() != service_errc::unknown_operation) throw;
        if (e.code() == service_errc::validation) refused = std::current_exception();
    }
    if (!refused) co_return;
    // Another process may have enabled it in between, which the service refuses to do twice.
    auto again = ttl_of(db, table, work->call());
    auto const after = co_await std::move(again);
    if (!after || after->attribute.empty()) std::rethrow_exception(refused);
}

asio::awaitable<void> do_create_tables(client db, wanted_tables tables, call_options call,
                                       table_progress_handler progress) {
    table_work work(tables.size(), std::move(call), std::move(progress));
    std::map<std::string, bool> created;
    for (auto const& [name, table] : tables) {
        auto creating = request_table(&db, &table.create, &work);
        bool const is_new = co_await std::move(creating);
        created[name] = is_new;
        work.tell(name, is_new ? table_step::requested : table_step::exists);
    }
    for (auto const& [name, table] : tables) {
        auto waiting =
            created[name] ? db.wait_until_active(name, work.waiting()) : settle(&db, &name, &table.create, &work);
        co_await std::move(waiting);
        if (!table.ttl_attribute.empty()) {
            auto enabling = enable_ttl(&db, &name, &table.ttl_attribute, &work);
            co_await std::move(enabling);
        }
        work.tell(name, table_step::ready);
    }
}

asio::awaitable<std::vector<table_difference>> do_compare_tables(client db, wanted_tables tables, call_options call) {
    std::vector<table_difference> found;
    for (auto const& [name, table] : tables) {
        auto looking = look_at(&db, &name, call);
        auto const described = co_await std::move(looking);
        if (!described || !described->table) {
            found.push_back(table_difference{name, std::string(), "there is no such table"});
            continue;
        }
        for (auto& difference : compare_table(table.create, *described->table)) found.push_back(std::move(difference));
        if (table.ttl_attribute.empty()) continue;
        auto asking = ttl_of(&db, &name, call);
        auto const ttl = co_await std::move(asking);
        if (ttl && ttl->attribute != table.ttl_attribute)
            found.push_back(table_difference{name, std::string(),
                                             (ttl->attribute.empty() ? std::string("no attribute has the time to live")
                                                                     : "the time to live is " + ttl->attribute) +
                                                 ", and the schema's is " + table.ttl_attribute});
    }
    co_return found;
}

asio::awaitable<void> do_drop_tables(client db, wanted_tables tables, call_options call,
                                     table_progress_handler progress) {
    table_work work(tables.size(), std::move(call), std::move(progress));
    for (auto const& [name, table] : tables) {
        dynamodb::delete_table_request const drop(name);
        try {
            auto dropping = db.delete_table(drop, work.call());
            co_await std::move(dropping);
        } catch (error const& e) {
            if (e.code() != service_errc::resource_not_found && e.code() != service_errc::resource_in_use) throw;
        }
        work.tell(name, table_step::requested);
    }
    for (auto const& [name, table] : tables) {
        auto waiting = db.wait_until_gone(name, work.waiting());
        co_await std::move(waiting);
        work.tell(name, table_step::ready);
    }
}

} // namespace

asio::awaitable<void> create_tables(client db, std::vector<entity_type const*> types, operation_options options,
                                    table_progress_handler progress) {
    try {
        check_model(types);
        auto tables = tables_for(db, types);
        return do_create_tables(std::move(db), std::move(tables), options.call, std::move(progress));
    } catch (...) {
        return failed_operation<void>(std::current_exception());
    }
}

asio::awaitable<std::vector<table_difference>> compare_tables(client db, std::vector<entity_type const*> types,
                                                              operation_options options) {
    auto tables = tables_for(db, types);
    return do_compare_tables(std::move(db), std::move(tables), options.call);
}

asio::awaitable<void> drop_tables(client db, std::vector<entity_type const*> types, operation_options options,
                                  table_progress_handler progress) {
    auto tables = tables_for(db, types);
    return do_drop_tables(std::move(db), std::move(tables), options.call, std::move(progress));
}

} // namespace dynasio::detail
