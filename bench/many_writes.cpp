#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/io_context.hpp>

#include <functional>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "answers.hpp"
#include "client.hpp"
#include "measure.hpp"
#include "records.hpp"

namespace bench {

namespace asio = boost::asio;
namespace ddb = dynasio::dynamodb;

namespace {

constexpr int many = 10'000;
constexpr int writes_of_a_batch = 25;

/// Options that count the requests when `cost` is given. The service is then asked for capacity units, which is why the
/// rounds that are measured go without.
dynasio::call_options counting(dynasio::call_cost* cost) {
    dynasio::call_options options;
    if (cost) options.report(*cost);
    return options;
}

Account read_account(int i) {
    std::string const text = account_item(i);
    Account account;
    ddb::json_reader in(text);
    dynasio::entity_type_of<Account>().decode(in, &account);
    return account;
}
std::vector<Account> all_accounts(std::uint64_t version) {
    std::vector<Account> made;
    for (int i = 0; i < many; ++i) made.push_back(read_account(i));
    for (Account& account : made) account.version = version;
    return made;
}

/// Writes all entities or items, and puts them back in the state of before outside of what is measured.
struct many_writes_case {
    std::string name;
    int least_requests;
    std::function<void()> prepare;
    std::function<asio::awaitable<void>(dynasio::client, dynasio::call_cost*)> write;
    /// Encodes the same entities or items into one string.
    std::function<void()> encode;
};

void check_stored(dynasio::batch_outcome const& done) {
    if (auto const e = done.first_error()) throw std::runtime_error("a write failed: " + e->to_string());
}
asio::awaitable<void> create_all(dynasio::client db, std::vector<Account>& accounts, dynasio::call_cost* cost) {
    auto op = dynasio::repository<Account>(db).create_many(accounts, counting(cost));
    check_stored(co_await std::move(op));
}
asio::awaitable<void> save_all(dynasio::client db, std::vector<Account>& accounts, dynasio::call_cost* cost) {
    auto op = dynasio::repository<Account>(db).save_many(accounts, counting(cost));
    check_stored(co_await std::move(op));
}
asio::awaitable<void> remove_all(dynasio::client db, std::vector<Role>& roles, dynasio::call_cost* cost) {
    auto op = dynasio::repository<Role>(db).remove_many(roles, counting(cost));
    check_stored(co_await std::move(op));
}
asio::awaitable<void> put_all(dynasio::client db, ddb::write_batch_request const& writes, dynasio::call_cost* cost) {
    auto op = db.write_batch(writes, counting(cost));
    co_await std::move(op);
}

/// The calls of BatchWriteItem that `writes` comes to.
std::vector<ddb::batch_write_item_request> batches_of(std::string const& table,
                                                      std::vector<ddb::write_request> const& writes) {
    std::vector<ddb::batch_write_item_request> made;
    for (std::size_t i = 0; i < writes.size(); i += writes_of_a_batch) {
        auto const begin = writes.begin() + static_cast<std::ptrdiff_t>(i);
        std::map<std::string, std::vector<ddb::write_request>> tables;
        tables.emplace(table, std::vector<ddb::write_request>(begin, begin + writes_of_a_batch));
        made.emplace_back(std::move(tables));
    }
    return made;
}

std::vector<row> measure(many_writes_case const& what, int rounds, server_process::idling when_idle) {
    server_process server(std::chrono::microseconds(0), cpu_count() > 1 ? 1 : 0, when_idle);
    asio::io_context io(1);
    dynasio::client db(io, options_for(server.url()));
    dynasio::call_cost cost;
    what.prepare();
    run_to_end(io, what.write(db, &cost)); // makes the connections
    std::vector<double> ours, encoding, ratios;
    for (int i = 0; i < rounds; ++i) {
        std::cerr << what.name << ": round " << i + 1 << " of " << rounds << "\r" << std::flush;
        what.prepare();
        double const before = thread_cpu_us();
        what.encode();
        encoding.push_back((thread_cpu_us() - before) / many);
        ours.push_back(run_to_end(io, what.write(db, nullptr)) / many);
        ratios.push_back(ours.back() / encoding.back());
    }
    std::cerr << '\n';
    db.stop();
    auto const ratio = spread_of(ratios);
    char note[80];
    std::snprintf(note, sizeof note, "ratio %.1f..%.1f", ratio.low, ratio.high);
    auto const requests = static_cast<double>(cost.requests);
    return {{what.name + ", CPU for each / encode alone", spread_of(ours).median, spread_of(encoding).median,
             ratio.median, 0, "us", note},
            {what.name + ", requests / least", requests, static_cast<double>(what.least_requests),
             requests / what.least_requests, 1.0, "", ""}};
}

} // namespace

std::vector<row> many_writes(int rounds, server_process::idling when_idle) {
    std::vector<row> rows;
    auto const add = [&](many_writes_case const& what) {
        for (row& each : measure(what, rounds, when_idle)) rows.push_back(std::move(each));
    };
    std::string text;
    auto const encode_batches = [&text](std::vector<ddb::batch_write_item_request> const& batches) {
        for (auto const& batch : batches) {
            text.clear();
            append_json(text, batch);
        }
    };
    {
        ddb::write_batch_request request("accounts", "id");
        std::vector<ddb::write_request> writes;
        for (int i = 0; i < many; ++i) {
            std::string const item = account_item(i);
            ddb::json_reader in(item);
            ddb::item attributes = read_item(in);
            request.put(attributes);
            writes.emplace_back(ddb::put_request(std::move(attributes)));
        }
        auto const batches = batches_of("accounts", writes);
        add({"write_batch of 10,000 items", many / writes_of_a_batch, [] {},
             [&](dynasio::client db, dynasio::call_cost* cost) { return put_all(std::move(db), request, cost); },
             [&] { encode_batches(batches); }});
    }
    {
        std::vector<Role> roles(many);
        std::vector<ddb::write_request> removals;
        for (int i = 0; i < many; ++i) {
            roles[static_cast<std::size_t>(i)].id = account_id(i);
            ddb::item key;
            key.emplace("id", account_id(i));
            removals.emplace_back(ddb::delete_request(std::move(key)));
        }
        auto const batches = batches_of("roles", removals);
        add({"remove_many of 10,000 entities", many / writes_of_a_batch, [] {},
             [&](dynasio::client db, dynasio::call_cost* cost) { return remove_all(std::move(db), roles, cost); },
             [&] { encode_batches(batches); }});
    }
    std::vector<Account> accounts;
    auto const encode_accounts = [&] {
        for (Account const& account : accounts) {
            text.clear();
            text += '{';
            dynasio::entity_type_of<Account>().encode_members(text, &account, {}, true);
            text += '}';
        }
    };
    // Each is a write under a condition, which BatchWriteItem does not know.
    add({"create_many of 10,000 entities", many, [&] { accounts = all_accounts(0); },
         [&](dynasio::client db, dynasio::call_cost* cost) { return create_all(std::move(db), accounts, cost); },
         encode_accounts});
    add({"save_many of 10,000 entities", many, [&] { accounts = all_accounts(7); },
         [&](dynasio::client db, dynasio::call_cost* cost) { return save_all(std::move(db), accounts, cost); },
         encode_accounts});
    return rows;
}

} // namespace bench
