// Thousands of mixed operations through every fault at once: each ends done, failed for a reason, or unknown, and the
// store agrees with what was said.
//
// DYNASIO_CHAOS_OPERATIONS (4000) and DYNASIO_CHAOS_SEED (1) choose another run; a seed decides every operation, and
// with it the faults' chances. Which request meets which fault also depends on the order in which they arrive.
#include <dynasio/testing/fault_script.hpp>

#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string_view>

#include "integration/database_test.hpp"

namespace dynasio::chaos_tests {
namespace {

using namespace std::chrono_literals;
using namespace dynamodb;
namespace asio = boost::asio;

constexpr char const* throttling = R"(
throttle:rate=0.02
throttle:rate=0.02,type=ThrottlingException,reason=TableWriteKeyRangeThroughputExceeded,retry-after=1ms
throttle:rate=0.01,type=RequestLimitExceeded
)";
/// For what slows a whole client down: chance throttles here, however few requests there are.
constexpr char const* rare_throttling = R"(
throttle:rate=0.002
)";
constexpr char const* some_of_each_fault = R"(
conflict:rate=0.02,operation=PutItem
conflict:rate=0.02,operation=UpdateItem
conflict:rate=0.05,operation=TransactWriteItems
cancel:rate=0.05,operation=TransactWriteItems,reason=ThrottlingError
error:rate=0.05,operation=TransactWriteItems,type=TransactionInProgressException
drop:rate=0.05,operation=TransactWriteItems,when=after
error:rate=0.02
error:rate=0.02,type=ServiceUnavailable
error:rate=0.01,type=AccessDeniedException
html:rate=0.02
html:rate=0.01,status=200
empty:rate=0.01
empty:rate=0.01,status=504
unprocessed:rate=0.2,operation=BatchGetItem,first=2
unprocessed:rate=0.2,operation=BatchWriteItem,all-but=3
unprocessed:rate=0.05,operation=BatchWriteItem
slow:rate=0.02,by=5ms
trickle:rate=0.02,bytes=40,pause=1ms
hold:rate=0.002
never:rate=0.002
drop:rate=0.02
drop:rate=0.02,when=after
drop:rate=0.01,when=after,how=reset
cut:rate=0.01
cut:rate=0.01,at=after-head,how=reset
cut:rate=0.01,at=head
truncate:rate=0.02,bytes=3
overlong:rate=0.02,bytes=2
content-length:rate=0.005,value=many
crc:rate=0.02
gzip:rate=0.005
chunked:rate=0.03
malformed-chunks:rate=0.005
skew:rate=0.02,by=-10min
close:rate=0.02
close-silently:rate=0.02
invalid-json:rate=0.005
nested:rate=0.005
garbage:rate=0.005
endless:rate=0.005
endless:rate=0.005,what=interim
endless:rate=0.005,what=chunks
refuse:rate=0.01
reset-connection:rate=0.01
cut-handshake:rate=0.01
)";
/// Only of an endpoint that speaks TLS.
constexpr char const* faults_of_certificates = R"(
expired:rate=0.01
self-signed:rate=0.01
wrong-host:rate=0.01
)";

constexpr std::size_t concurrency = 64;
/// An attempt that takes longer was held on purpose; what it may still do later is nobody's to know.
constexpr auto attempt_timeout = 1500ms;

std::uint64_t number_in(char const* variable, std::uint64_t otherwise) {
    char const* const text = std::getenv(variable);
    if (text == nullptr || *text == '\0') return otherwise;
    std::uint64_t value = 0;
    std::string_view const all(text);
    if (std::from_chars(all.data(), all.data() + all.size(), value).ptr != all.data() + all.size())
        throw std::runtime_error(std::string(variable) + " is no number: " + text);
    return value;
}

std::string const absent = "(absent)";

/// What a key may hold, as far as the answers tell.
struct log_entry {
    std::set<std::string> possible{absent};
    bool retired = false; ///< A write may still be on its way: no more operations on this key.

    void wrote(std::string value) { possible = {std::move(value)}; }
    void may_have_written(std::string value) {
        possible.insert(std::move(value));
        retired = true;
    }
    [[nodiscard]] bool agrees(std::string const& value) const { return possible.contains(value); }
};

/// A counter: no more and no fewer increments than these.
struct counter_entry {
    std::int64_t least = 0;
    std::int64_t most = 0;
    bool retired = false;
};

class chaos : public test::database_test {
protected:
    void SetUp() override {
        create_table_request r(table);
        r.attribute_definitions.emplace();
        r.attribute_definitions->emplace_back("p", scalar_attribute_type::s);
        r.attribute_definitions->emplace_back("s", scalar_attribute_type::s);
        r.key_schema.emplace();
        r.key_schema->emplace_back("p", key_type::hash);
        r.key_schema->emplace_back("s", key_type::range);
        r.billing_mode = billing_mode::pay_per_request;
        run(direct.create_table(r));
        run(direct.wait_until_active(table));
    }
    void TearDown() override {
        run(direct.delete_table(delete_table_request(table)));
        database_test::TearDown();
    }

    std::string const table = prefix + "chaos";
};

/// One run: workers that own a partition each, so that everybody knows what their keys hold.
class chaos_run {
public:
    chaos_run(client c, std::string to, std::uint64_t seed, unsigned attempts)
        : db_(std::move(c)), table_(std::move(to)), seed_(seed), attempts_(attempts) {
        for (std::size_t i = 0; i < concurrency; ++i) workers_.push_back(std::make_unique<worker>(*this, i));
    }

    asio::awaitable<void> work(std::size_t worker_number, std::size_t operations) {
        worker& w = *workers_[worker_number];
        for (std::size_t i = 0; i < operations; ++i) {
            auto step = one_operation(w, i);
            co_await std::move(step);
        }
    }

    /// What `stored` (by partition and sort key) contradicts.
    void compare(std::map<std::pair<std::string, std::string>, item> const& stored) {
        std::size_t known = 0;
        for (auto const& w : workers_) {
            for (auto const& [sort, entry] : w->values) {
                auto const found = stored.find({w->partition, sort});
                known += found != stored.end() ? 1 : 0;
                check_value(*w, sort, found == stored.end() ? absent : found->second.at("v").as_string(), "the store");
            }
            for (auto const& [sort, entry] : w->counters) {
                auto const found = stored.find({w->partition, sort});
                known += found != stored.end() ? 1 : 0;
                auto const n = found == stored.end() ? 0 : found->second.at("n").as_number().to_int64();
                if (n < entry.least || n > entry.most)
                    violation(w->partition + "/" + sort + " counts " + std::to_string(n) + ", not from " +
                              std::to_string(entry.least) + " to " + std::to_string(entry.most));
            }
        }
        for (auto const& d : in_doubt_) {
            auto const holds = [&](std::string const& sort, std::string const& value) {
                auto const found = stored.find({d.partition, sort});
                return found != stored.end() && found->second.at("v").as_string() == value;
            };
            if (holds(d.first, d.first_value) != holds(d.second, d.second_value))
                violation(d.partition + "/" + d.first + " and " + d.second + " hold half a transaction");
        }
        if (known != stored.size()) violation("the store has items that nobody wrote");
    }

    std::size_t done = 0;
    std::size_t failed = 0;
    std::size_t unknown = 0;
    std::size_t requests = 0;
    std::size_t hedges = 0;
    std::map<std::string, std::size_t> causes;
    std::vector<std::string> violations;

private:
    enum class verdict { done, failed, unknown };

    struct worker {
        worker(chaos_run const& run, std::size_t n)
            : partition("worker-" + std::to_string(n)), random(run.seed_ * 1000 + n) {}

        std::string partition;
        std::mt19937_64 random;
        std::array<std::size_t, 6> generation{}; ///< A slot whose key is retired goes on with another key.
        std::array<std::size_t, 2> counter_generation{};
        std::map<std::string, log_entry> values;
        std::map<std::string, counter_entry> counters;

        std::uint64_t draw(std::uint64_t below) { return random() % below; }
        std::string key_of(std::size_t slot) {
            for (;; ++generation[slot]) {
                auto key = "v" + std::to_string(slot) + "-" + std::to_string(generation[slot]);
                if (!values[key].retired) return key;
            }
        }
        std::string counter_of(std::size_t slot) {
            for (;; ++counter_generation[slot]) {
                auto key = "n" + std::to_string(slot) + "-" + std::to_string(counter_generation[slot]);
                if (!counters[key].retired) return key;
            }
        }
    };

    void violation(std::string what) { violations.push_back(std::move(what)); }

    void check_value(worker const& w, std::string const& sort, std::string const& value, char const* by) {
        auto const& entry = w.values.at(sort);
        if (entry.agrees(value)) return;
        std::string expected;
        for (auto const& v : entry.possible) expected += (expected.empty() ? "" : " or ") + v;
        violation(w.partition + "/" + sort + " is " + value + " says " + by + ", and should be " + expected);
    }

    item key(worker const& w, std::string const& sort) const { return item{{"p", w.partition}, {"s", sort}}; }
    item with_value(worker const& w, std::string const& sort, std::string const& value) const {
        return item{{"p", w.partition}, {"s", sort}, {"v", value}};
    }
    call_options options(call_cost& cost) const {
        call_options o;
        o.attempts(attempts_).report(cost);
        return o;
    }

    /// Books how an operation ended.
    template <class T> verdict book(result<T> const& r, call_cost const& cost) {
        requests += cost.requests;
        hedges += cost.hedges;
        if (r) {
            ++done;
            return verdict::done;
        }
        auto const& f = r.error();
        ++causes[f.code.message().substr(0, f.code.message().find(':'))];
        if (f.info->operation.empty()) violation("a failure that does not say of what: " + f.to_string());
        if (f.info->attempts > attempts_ + cost.hedges) violation("too many attempts: " + f.to_string());
        if (f.code == errc::wrong_executor || f.code == errc::client_closed || f.code == errc::pool_exhausted ||
            f.code == errc::invalid_argument || (f.code == service_errc::validation && !f.info->service_code.empty()))
            violation("a failure that no fault explains: " + f.to_string());
        ++(f.info->outcome_unknown ? unknown : failed);
        return f.info->outcome_unknown ? verdict::unknown : verdict::failed;
    }
    /// An attempt was given up while the request was on its way: it may arrive after whatever comes next.
    [[nodiscard]] bool may_linger(call_cost const& cost) const { return cost.latency >= attempt_timeout; }

    void settle(log_entry& entry, verdict v, std::string value, call_cost const& cost) {
        if (v == verdict::done) entry.wrote(std::move(value));
        if (v == verdict::unknown) entry.may_have_written(std::move(value));
        if (may_linger(cost)) entry.retired = true;
    }

    asio::awaitable<void> one_operation(worker& w, std::size_t number) {
        // Drawn before anything is asked, so that the sequence does not depend on the answers.
        auto const kind = w.draw(100);
        auto const slot = static_cast<std::size_t>(w.draw(w.generation.size()));
        auto const choices = w.random();
        std::string value = "value-" + std::to_string(number) + "-" + std::to_string(choices % 1000);
        if (kind < 20) return put(w, w.key_of(slot), std::move(value), false);
        if (kind < 30) return put(w, w.key_of(slot), std::move(value), true);
        if (kind < 40) return remove(w, w.key_of(slot));
        if (kind < 56) return get(w, w.key_of(slot));
        if (kind < 72) return count(w, w.counter_of(slot % w.counter_generation.size()), (choices & 1) != 0);
        if (kind < 80) return query(w);
        if (kind < 86) return read_some(w);
        if (kind < 93) return write_some(w, choices, std::move(value));
        return transact(w, slot, choices, std::move(value));
    }

    asio::awaitable<void> put(worker& w, std::string sort, std::string value, bool only_new) {
        put_item_request request(table_, with_value(w, sort, value));
        if (only_new) request.condition_expression = "attribute_not_exists(p)";
        call_cost cost;
        auto putting = as_result(db_.put_item(request, options(cost)));
        auto const r = co_await std::move(putting);
        auto const v = book(r, cost);
        auto& entry = w.values[sort];
        if (only_new && v == verdict::done && !entry.agrees(absent))
            violation(w.partition + "/" + sort + " was made although it existed");
        if (only_new && v == verdict::failed && r.error().code == service_errc::conditional_check_failed) {
            entry.possible.erase(absent);
            if (entry.possible.empty()) violation(w.partition + "/" + sort + " was said to exist and could not");
            co_return;
        }
        settle(entry, v, std::move(value), cost);
    }

    asio::awaitable<void> remove(worker& w, std::string sort) {
        delete_item_request const request(table_, key(w, sort));
        call_cost cost;
        auto removing = as_result(db_.delete_item(request, options(cost)));
        auto const r = co_await std::move(removing);
        settle(w.values[sort], book(r, cost), absent, cost);
    }

    asio::awaitable<void> get(worker& w, std::string sort) {
        get_item_request request(table_, key(w, sort));
        request.consistent_read = true;
        call_cost cost;
        auto getting = as_result(db_.get_item(request, options(cost)));
        auto const r = co_await std::move(getting);
        if (book(r, cost) != verdict::done) co_return;
        auto const value = r->item ? r->item->at("v").as_string() : absent;
        check_value(w, sort, value, "GetItem");
    }

    asio::awaitable<void> count(worker& w, std::string sort, bool repeat) {
        update_item_request request(table_, key(w, sort));
        request.update_expression = "ADD n :one";
        request.expression_attribute_values = item{{":one", 1}};
        request.return_values = return_value::updated_new;
        call_cost cost;
        auto updating = as_result(db_.update_item(request, options(cost).repeat_unsafe_writes(repeat)));
        auto const r = co_await std::move(updating);
        auto const v = book(r, cost);
        auto& entry = w.counters[sort];
        std::int64_t const at_most = repeat ? static_cast<std::int64_t>(cost.requests) : 1;
        if (v == verdict::done) {
            auto const n = r->attributes ? r->attributes->at("n").as_number().to_int64() : -1;
            if (n < entry.least + 1 || n > entry.most + at_most)
                violation(w.partition + "/" + sort + " counted to " + std::to_string(n) + ", not from " +
                          std::to_string(entry.least + 1) + " to " + std::to_string(entry.most + at_most));
            entry.least = entry.most = n;
            if (may_linger(cost)) entry.most += at_most - 1;
        } else if (v == verdict::unknown) {
            entry.most += at_most;
            entry.retired = true;
        }
        if (may_linger(cost)) entry.retired = true;
    }

    asio::awaitable<void> query(worker& w) {
        query_request request(table_);
        request.key_condition_expression = "p = :p";
        request.expression_attribute_values = item{{":p", w.partition}};
        request.consistent_read = true;
        std::map<std::string, std::string> found;
        call_cost cost;
        for (bool more = true; more;) {
            auto querying = as_result(db_.query(request, options(cost)));
            auto const r = co_await std::move(querying);
            more = r && r->last_evaluated_key;
            if (more) {
                request.exclusive_start_key = r->last_evaluated_key;
            } else if (book(r, cost) != verdict::done) {
                co_return;
            }
            for (auto const& i : *r->items)
                if (i.contains("v")) found[i.at("s").as_string()] = i.at("v").as_string();
        }
        for (auto const& [sort, entry] : w.values) {
            auto const at = found.find(sort);
            check_value(w, sort, at == found.end() ? absent : at->second, "Query");
        }
    }

    asio::awaitable<void> read_some(worker& w) {
        std::vector<std::string> sorts;
        std::vector<item> keys;
        for (std::size_t slot = 0; slot < w.generation.size(); ++slot) {
            sorts.push_back(w.key_of(slot));
            keys.push_back(key(w, sorts.back()));
        }
        read_batch_request request(table_, std::move(keys));
        request.consistent_read = true;
        call_cost cost;
        auto reading = as_result(db_.read_batch(request, options(cost)));
        auto const r = co_await std::move(reading);
        if (book(r, cost) != verdict::done) co_return;
        for (std::size_t i = 0; i < sorts.size(); ++i)
            check_value(w, sorts[i], r->items[i] ? r->items[i]->at("v").as_string() : absent, "BatchGetItem");
    }

    asio::awaitable<void> write_some(worker& w, std::uint64_t choices, std::string value) {
        write_batch_request request(table_, "p", "s");
        std::map<std::string, std::string> intended;
        for (std::size_t slot = 0; slot < w.generation.size(); ++slot) {
            auto const sort = w.key_of(slot);
            switch (choices >> (10 + 2 * slot) & 3) {
            case 0: // not this one
                break;
            case 1:
                request.remove(key(w, sort));
                intended[sort] = absent;
                break;
            default:
                request.put(with_value(w, sort, value + "-" + sort));
                intended[sort] = value + "-" + sort;
            }
        }
        if (intended.empty()) {
            ++done;
            co_return;
        }
        call_cost cost;
        auto writing = as_result(db_.write_batch(request, options(cost)));
        auto const r = co_await std::move(writing);
        auto const v = book(r, cost);
        if (v != verdict::done && r.error().info->missing_keys.empty())
            violation("a batch failed and named no key: " + r.error().to_string());
        for (auto& [sort, written] : intended) {
            auto const named = [&] {
                auto const& missing = r.error().info->missing_keys;
                return std::ranges::any_of(missing, [&](auto const& k) { return k.find(sort) != std::string::npos; });
            };
            // What is named may have been written only if the failure says so.
            bool const confirmed = v == verdict::done || !named();
            settle(w.values[sort], confirmed ? verdict::done : v, std::move(written), cost);
        }
    }

    /// Two values and a counter, all or nothing; a token makes a repeated one count once.
    asio::awaitable<void> transact(worker& w, std::size_t slot, std::uint64_t choices, std::string value) {
        auto const other_slot = (slot + 1 + choices % (w.generation.size() - 1)) % w.generation.size();
        auto const first = w.key_of(slot);
        auto const second = w.key_of(other_slot);
        auto const counter = w.counter_of(choices >> 8 & 1);
        bool const removing = (choices >> 9 & 1) != 0;
        std::string const second_value = removing ? absent : value + "-second";

        transact_update counting(table_, key(w, counter), "ADD n :one");
        counting.expression_attribute_values = item{{":one", 1}};
        std::vector<transact_write_item> actions;
        actions.emplace_back(transact_put(table_, with_value(w, first, value)));
        if (removing)
            actions.emplace_back(transact_delete(table_, key(w, second)));
        else
            actions.emplace_back(transact_put(table_, with_value(w, second, second_value)));
        actions.emplace_back(std::move(counting));
        transact_write_items_request const request(std::move(actions));
        call_cost cost;
        auto writing = as_result(db_.transact_write_items(request, options(cost)));
        auto const r = co_await std::move(writing);
        auto const v = book(r, cost);
        auto& count = w.counters[counter];
        if (v != verdict::failed) {
            ++count.most;
            if (v == verdict::done) ++count.least;
        }
        if (v == verdict::unknown && !removing)
            in_doubt_.push_back(doubt{w.partition, first, value, second, second_value});
        if (v == verdict::unknown || may_linger(cost)) count.retired = true;
        settle(w.values[first], v, std::move(value), cost);
        settle(w.values[second], v, second_value, cost);
    }

    /// A transaction of unknown outcome: nothing was written to its keys afterwards.
    struct doubt {
        std::string partition, first, first_value, second, second_value;
    };

    client db_;
    std::string const table_;
    std::vector<doubt> in_doubt_;
    std::uint64_t const seed_;
    unsigned const attempts_;
    std::vector<std::unique_ptr<worker>> workers_;
};

struct chaos_case {
    char const* name;
    unsigned attempts;
    bool tls;
    unsigned share; ///< Of the operations asked for, as a divisor.
    bool hedged = false;
    bool adaptive = false;
};

class each_chaos : public chaos, public ::testing::WithParamInterface<chaos_case> {};

TEST_P(each_chaos, ends_with_every_operation_accounted_for_and_a_store_that_agrees) {
    auto const total = number_in("DYNASIO_CHAOS_OPERATIONS", 4000) / GetParam().share;
    auto const seed = number_in("DYNASIO_CHAOS_SEED", 1);

    testing::fault_endpoint_options through;
    through.upstream = server;
    through.tls = GetParam().tls;
    through.seed = seed;
    through.record_limit = 0;
    testing::fault_endpoint spoiled(through);
    std::string script = GetParam().adaptive ? rare_throttling : throttling;
    script += some_of_each_fault;
    if (GetParam().tls) script += faults_of_certificates;
    auto const faults = apply_fault_script(spoiled, script);

    auto o = test::options_for(spoiled.url(), prefix);
    o.timeout = 30s;
    o.attempt_timeout = attempt_timeout;
    // Chance throttles here, however few requests there are: a client that slows down for it would soon send one a
    // second.
    o.throttling.first_pause = 1ms;
    o.throttling.min_rate = 5000;
    if (GetParam().hedged) {
        o.throttling.enabled = false; // nothing is hedged to what throttles
        o.hedging.enabled = true;
        o.hedging.percentile = 0.8;
        o.hedging.budget = 0.2;
        o.hedging.min_samples = 20;
        o.pool.max_connections = 2 * concurrency; // so that some are to spare
    }
    if (GetParam().adaptive) o.retry.mode = aws::retry_mode::adaptive;
    o.pool.connect_timeout = attempt_timeout;
    o.pool.max_body_bytes = 1024 * 1024;
    o.pool.tls.use_system_authorities = false;
    o.pool.tls.authorities_pem = spoiled.authority_pem();
    client through_faults(ctx, std::move(o));

    chaos_run all(through_faults, table, seed, GetParam().attempts);
    std::vector<test::task<void>> tasks;
    std::size_t asked = 0;
    for (std::size_t i = 0; i < concurrency; ++i) {
        auto const share = total / concurrency + (i < total % concurrency ? 1 : 0);
        asked += share;
        tasks.push_back(start(all.work(i, share)));
    }
    // However many there are: progress, not the clock, tells that it is alive.
    for (auto& t : tasks) {
        while (!t.done()) {
            if (ctx.stopped()) ctx.restart();
            ASSERT_GT(ctx.run_one_for(60s), 0u) << "nothing happens any more";
        }
        t.value();
    }
    run_until([&] { return spoiled.in_flight() == 0; });

    std::cout << "seed " << seed << ": " << asked << " operations in " << all.requests << " requests on "
              << spoiled.connections() << " connections, " << all.hedges << " hedges: " << all.done << " done, "
              << all.failed << " failed, " << all.unknown << " unknown\n";
    for (auto const& [cause, n] : all.causes) std::cout << "  " << n << " x " << cause << '\n';

    EXPECT_EQ(all.done + all.failed + all.unknown, asked);
    EXPECT_GT(all.done, asked / 2);
    EXPECT_TRUE(is_quiet(through_faults));
    EXPECT_EQ(all.hedges > 0, GetParam().hedged);
    EXPECT_GT(all.unknown, 0u);
    EXPECT_GT(all.failed, 0u);
    // The rarest one is to hit one request in 500.
    if (asked >= 4000) {
        for (auto const& fault : faults) {
            EXPECT_GT(fault.rule.used(), 0u) << fault.text;
        }
    }

    std::map<std::pair<std::string, std::string>, item> stored;
    scan_request everything(table);
    everything.consistent_read = true;
    for (bool more = true; more;) {
        auto const page = run(direct.scan(everything));
        for (auto const& i : *page.items) stored[{i.at("p").as_string(), i.at("s").as_string()}] = i;
        more = page.last_evaluated_key.has_value();
        if (more) everything.exclusive_start_key = page.last_evaluated_key;
    }
    all.compare(stored);
    for (auto const& v : all.violations) ADD_FAILURE() << "seed " << seed << ": " << v;
}

constexpr chaos_case chaos_cases[] = {
    {"with_retries", 4, false, 1},
    {"without_retries", 1, false, 2},
    {"with_tls", 4, true, 4},
    {"with_hedged_reads", 4, false, 4, true},
    {"with_adaptive_retries", 4, false, 8, false, true},
};
INSTANTIATE_TEST_SUITE_P(all, each_chaos, ::testing::ValuesIn(chaos_cases),
                         [](auto const& of) { return std::string(of.param.name); });

} // namespace
} // namespace dynasio::chaos_tests
