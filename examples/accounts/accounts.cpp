// A bank of three accounts: money is moved in transactions, e-mail addresses are unique, closed accounts are put aside,
// and an auditor rebuilds every balance from the table's stream of changes alone.
//
// Many transfers run at the same time and meet one another. Each is guarded by the versions of the accounts that it has
// read, so the sum of all balances stays what it was; a transfer that comes too late reads again and tries again.
//
// The tables get a prefix of their own for each run and are dropped at the end, whether the steps succeeded or not.
//
// Left out: an auditor that goes on living, which stores changes.position() (docs/changes.md); transfers that are sent
// twice by the caller, for which transaction::token() is made.

#include <dynasio/orm/changes.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/transaction.hpp>

#include <dynasio/core/result.hpp>
#include <dynasio/core/ulid.hpp>
#include <dynasio/core/when_all.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace asio = boost::asio;

namespace bank {

using cents = std::int64_t;

struct Account {
    std::string id{}, owner{}, email{};
    cents balance{};
    dynasio::timestamp opened_at{}, updated_at{}, closed_at{};
    std::uint64_t version{};
};

struct Transfer {
    std::string id{}, from_id{}, to_id{};
    cents amount{};
    dynasio::timestamp at{};
};

constexpr auto dynasio_schema(dynasio::tag<Account>) {
    using namespace dynasio::dsl;
    return entity<Account>(partition_key<&Account::id>, timestamps<&Account::opened_at, &Account::updated_at>,
                           version<&Account::version>, soft_delete<&Account::closed_at>,
                           dynasio::unique<&Account::email>, required<&Account::owner>, required<&Account::email>,
                           check<&Account::balance>([](cents c) { return c >= 0; }, "must not be negative"),
                           streamed<>);
}
constexpr auto dynasio_schema(dynasio::tag<Transfer>) {
    using namespace dynasio::dsl;
    return entity<Transfer>(partition_key<&Transfer::id>, created_at<&Transfer::at>,
                            gsi<&Transfer::from_id, &Transfer::at>{"by_from"});
}

} // namespace bank

namespace {

using namespace dynasio::dsl;
using bank::Account;
using bank::cents;
using bank::Transfer;
using dynasio::as_result;
using dynasio::client;
using dynasio::errc;

/// Moves money, or nothing when there is too little: true when it was moved. Goes on until no other transfer comes
/// between reading and writing.
asio::awaitable<bool> move_money(client db, std::string from_id, std::string to_id, cents amount, int& repeated) {
    for (;;) {
        auto reading = dynasio::find_together(db, key_of<Account>(from_id), key_of<Account>(to_id));
        auto [from, to] = co_await std::move(reading);
        if (!from || !to || is_trashed(*to) || from->balance < amount) co_return false;
        from->balance -= amount;
        to->balance += amount;
        Transfer transfer{.from_id = from_id, .to_id = to_id, .amount = amount};
        dynasio::transaction tx{db};
        tx.save(*from).save(*to).create(transfer);
        auto const done = co_await as_result(tx.commit());
        if (!done.has_error()) co_return true;
        if (done.error().code != errc::stale_version) done.value(); // throws
        ++repeated;
    }
}

/// Makes many transfers, of which none waits for another.
asio::awaitable<int> move_much(client db, std::vector<Account> accounts, int& repeated) {
    std::vector<asio::awaitable<bool>> transfers;
    for (std::size_t i = 0; i < 30; ++i)
        transfers.push_back(move_money(db, accounts[i % 3].id, accounts[(i + 1) % 3].id,
                                       static_cast<cents>(100 * (i % 5 + 1)), repeated));
    int moved = 0;
    auto const outcomes = co_await dynasio::when_all(std::move(transfers), concurrency(10));
    for (bool const done : outcomes) moved += done;
    co_return moved;
}

/// The balance of each account after all changes of the table so far, and how many there were.
asio::awaitable<std::map<std::string, cents>> audit(client db, std::size_t& changes_seen) {
    using namespace std::chrono_literals;
    repository<Account> accounts{db};
    auto changes = accounts.changes(from_start);
    std::map<std::string, cents> balances;
    for (;;) {
        auto const change = co_await changes.next(2s); // a change may come a moment after its write
        if (!change) co_return balances;
        ++changes_seen;
        if (change->after)
            balances[change->after->owner] = change->after->balance;
        else
            balances.erase(change->before->owner);
    }
}

std::string dollars(cents amount) {
    std::string const part = std::to_string(amount % 100);
    return "$" + std::to_string(amount / 100) + (part.size() < 2 ? ".0" : ".") + part;
}

asio::awaitable<void> do_business(client db) {
    repository<Account> accounts{db};

    std::cout << "1. Three accounts are opened\n";
    std::vector<Account> all{{.owner = "Ann", .email = "ann@example.com", .balance = 50'000},
                             {.owner = "Bob", .email = "bob@example.com", .balance = 30'000},
                             {.owner = "Cid", .email = "cid@example.com", .balance = 20'000}};
    for (Account& account : all) co_await accounts.create(account);

    std::cout << "2. An e-mail address belongs to one account\n";
    Account twin{.owner = "Dan", .email = "ann@example.com"};
    auto const refused = co_await as_result(accounts.create(twin));
    std::cout << "   not_unique: " << (refused.has_error() && refused.error().code == errc::not_unique) << '\n';

    std::cout << "3. Nobody owes the bank anything\n";
    Account poor{.owner = "Eve", .email = "eve@example.com", .balance = -1};
    auto const invalid = co_await as_result(accounts.create(poor));
    for (auto const& violation : invalid.error().info->violations)
        std::cout << "   " << violation.member << ' ' << violation.sentence << '\n';

    std::cout << "4. Thirty transfers, ten at a time\n";
    int repeated = 0;
    int const moved = co_await move_much(db, all, repeated);
    cents sum = 0;
    auto const after = co_await accounts.scan(consistent).all();
    for (auto const& account : after) sum += account.balance;
    std::cout << "   moved: " << moved << ", sum of all balances: " << dollars(sum) << '\n';

    std::cout << "5. More than there is cannot be moved\n";
    bool const too_much = co_await move_money(db, all[0].id, all[1].id, 1'000'000, repeated);
    std::cout << "   moved: " << too_much << '\n';

    std::cout << "6. Bob changes his address, and the old one is free\n";
    repository<tracked<Account>> tracked_accounts{db};
    auto bob = co_await tracked_accounts.get(all[1].id);
    bob->email = "robert@example.com";
    for (auto const& change : bob.changes()) std::cout << "   " << change << '\n';
    co_await tracked_accounts.save(bob);
    twin.email = "bob@example.com";
    co_await accounts.create(twin);

    std::cout << "7. Dan closes his account, and thinks better of it\n";
    co_await accounts.trash(twin);
    std::size_t const open = co_await accounts.scan(consistent).count();
    std::size_t const ever = co_await accounts.scan(consistent).with_trashed().count();
    std::cout << "   open: " << open << " of " << ever << '\n';
    co_await accounts.restore(twin);
    co_await accounts.remove(twin); // for good, with the guard of the address

    std::cout << "8. The auditor sees what the table has\n";
    std::size_t changes_seen = 0;
    auto const audited = co_await audit(db, changes_seen);
    std::map<std::string, cents> stored;
    auto const left = co_await accounts.scan(consistent).all();
    for (auto const& account : left) stored[account.owner] = account.balance;
    std::cout << "   accounts: " << audited.size() << ", the same: " << (audited == stored)
              << ", changes: " << changes_seen << '\n';
}

asio::awaitable<void> run(client db) {
    co_await dynasio::create_tables<Account, Transfer>(db);
    auto done = co_await as_result(do_business(db));
    auto dropped = co_await as_result(dynasio::drop_tables<Account, Transfer>(db));
    done.value(); // throws what went wrong in the steps
    dropped.value();
    std::cout << "All accounts are closed\n";
}

} // namespace

int main() try {
    asio::io_context io;
    dynasio::client_options options;
    options.table_prefix = "accounts_" + dynasio::ulid_generator().next() + "_";
    std::exception_ptr failed;
    asio::co_spawn(io, run(client(io, options)), [&](std::exception_ptr e) { failed = e; });
    io.run();
    if (failed) std::rethrow_exception(failed);
} catch (std::exception const& e) {
    std::cerr << "error: " << e.what() << '\n';
    return 1;
}
