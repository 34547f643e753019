// The code that docs/client.md and docs/testing.md show. Parts between `//[name` and `//]` appear there word for word.

#include <dynasio/testing/fault_endpoint.hpp>
#include <dynasio/testing/fault_script.hpp>
#include <dynasio/testing/local_server.hpp>

#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/log_observer.hpp>
#include <dynasio/dynamodb/observer.hpp>
#include <dynasio/dynamodb/pages.hpp>
#include <dynasio/dynamodb/requests.hpp>
#include <dynasio/dynamodb/telemetry_observer.hpp>

#include <dynasio/aws/providers.hpp>

#include <dynasio/core/clock.hpp>
#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "examples/child_process.hpp"
#include "support/coroutine.hpp"

namespace {

namespace asio = boost::asio;
namespace ddb = dynasio::dynamodb;
using namespace std::chrono_literals;

//[items
asio::awaitable<void> items(dynasio::client db, std::string table) {
    ddb::item ada;
    ada.emplace("id", "u-1");
    ada.emplace("name", "Ada");
    ada.emplace("logins", 1);

    ddb::put_item_request put(table, ada);
    put.condition_expression = "attribute_not_exists(id)";
    auto const stored = co_await dynasio::as_result(db.put_item(put));
    if (stored.has_error() && stored.error().code == dynasio::service_errc::conditional_check_failed)
        std::cout << "there already\n";

    ddb::item key;
    key.emplace("id", "u-1");
    ddb::get_item_request get(table, key);
    get.consistent_read = true;
    auto const answer = co_await db.get_item(get);
    if (answer.item) std::cout << answer.item->at("name").as_string() << '\n';
}
//]

//[query
asio::awaitable<void> query(dynasio::client db, std::string table) {
    ddb::create_table_request create(table);
    create.attribute_definitions.emplace();
    create.attribute_definitions->emplace_back("room", ddb::scalar_attribute_type::s);
    create.attribute_definitions->emplace_back("at", ddb::scalar_attribute_type::n);
    create.key_schema.emplace();
    create.key_schema->emplace_back("room", ddb::key_type::hash);
    create.key_schema->emplace_back("at", ddb::key_type::range);
    co_await db.create_table(create); // billed by request, unless it has provisioned_throughput
    co_await db.wait_until_active(table);

    for (int minute = 1; minute <= 3; ++minute) {
        ddb::item reading;
        reading.emplace("room", "kitchen");
        reading.emplace("at", minute);
        reading.emplace("celsius", 20.5 + minute);
        co_await db.put_item(ddb::put_item_request(table, reading));
    }

    ddb::query_request latest(table);
    latest.key_condition_expression = "room = :room and #at >= :since";
    latest.expression_attribute_names.emplace().emplace("#at", "at"); // a reserved word
    latest.expression_attribute_values.emplace().emplace(":room", "kitchen");
    latest.expression_attribute_values->emplace(":since", 2);
    latest.scan_index_forward = false; // the newest first
    auto const page = co_await db.query(latest);
    if (page.items)
        for (ddb::item const& reading : *page.items) std::cout << reading.at("celsius").as_number().text() << '\n';
}
//]

//[partiql
asio::awaitable<void> partiql(dynasio::client db, std::string table) {
    ddb::execute_statement_request select("SELECT celsius FROM \"" + table + "\" WHERE room = ?");
    select.parameters.emplace().emplace_back("kitchen");
    auto readings = ddb::elements(db, select); // a SELECT answers in pages
    for (;;) {
        auto const reading = co_await readings.next();
        if (!reading) break;
        std::cout << reading->at("celsius").as_number().text() << '\n';
    }
}
//]

//[pages
asio::awaitable<std::size_t> count_live(dynasio::client db, std::string table) {
    ddb::scan_request scan(table);
    scan.filter_expression = "#s = :live";
    scan.expression_attribute_names.emplace().emplace("#s", "status");
    scan.expression_attribute_values.emplace().emplace(":live", "live");

    auto items = ddb::elements(db, scan); // ddb::pages(db, scan) gives whole answers
    std::size_t count = 0;
    for (;;) {
        auto const item = co_await items.next();
        if (!item) break;
        ++count;
    }
    co_return count;
}
//]

//[segments
asio::awaitable<void> count_part(ddb::page_stream<ddb::scan_request> part, std::size_t& count) {
    for (;;) {
        auto const page = co_await part.next();
        if (!page) break;
        if (page->items) count += page->items->size();
    }
}

void count_in_parts(asio::io_context& io, dynasio::client db, std::string table, std::size_t& count) {
    auto const options = dynasio::call_options().traffic(dynasio::http::traffic::fan_out);
    auto parts = ddb::scan_segments(db, ddb::scan_request(table), 4, options);
    for (auto& part : parts)
        asio::co_spawn(io, count_part(std::move(part), count), [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
}
//]

//[transaction
asio::awaitable<void> move_one(dynasio::client db, std::string table, ddb::item from, ddb::item to) {
    ddb::transact_update take(table, from, "ADD stock :minus");
    take.condition_expression = "stock > :zero";
    take.expression_attribute_values.emplace().emplace(":minus", -1);
    take.expression_attribute_values->emplace(":zero", 0);
    ddb::transact_update give(table, to, "ADD stock :plus");
    give.expression_attribute_values.emplace().emplace(":plus", 1);

    std::vector<ddb::transact_write_item> actions;
    actions.emplace_back(take);
    actions.emplace_back(give);
    auto const done = co_await dynasio::as_result(db.transact_write_items(ddb::transact_write_items_request(actions)));
    if (done.has_error() && done.error().code == dynasio::service_errc::transaction_canceled)
        for (auto const& reason : done.error().info->cancellation_reasons) std::cout << reason.code << '\n';
}
//]

//[batches
asio::awaitable<std::size_t> batches(dynasio::client db, std::string table) {
    ddb::write_batch_request writes(table, "id");
    std::vector<ddb::item> keys;
    for (int i = 0; i < 250; ++i) {
        ddb::item entry;
        entry.emplace("id", "n-" + std::to_string(i));
        keys.push_back(entry);
        entry.emplace("status", i % 2 == 0 ? "live" : "draft");
        writes.put(entry);
    }
    co_await db.write_batch(writes); // ten calls of 25

    ddb::read_batch_request const reads(table, keys);
    auto const found = co_await db.read_batch(reads); // three calls: 100, 100, 50
    co_return found.items.size();
}
//]

//[options
dynasio::client_options options_of_an_application() {
    dynasio::client_options options;
    options.region = "eu-west-1";
    options.timeout = 5s;                                        // of a call, retries included
    options.attempt_timeout = 1s;                                // of one attempt
    options.retry.mode = dynasio::aws::retry_mode::standard_2_0; // otherwise the environment's or the profile's
    options.retry.max_attempts = 3;                              // the first one included
    options.pool.max_connections = 128;
    options.pool.min_connections = 4;
    options.capacity = dynasio::capacity_detail::total; // for observers
    options.table_prefix = "staging_";                  // of entities' tables
    return options;
}
//]

//[call
asio::awaitable<void> one_call(dynasio::client db, ddb::update_item_request update) {
    dynasio::call_cost cost;
    auto const once = dynasio::call_options().timeout(200ms).repeat_unsafe_writes(false).report(cost);
    auto const updated = co_await dynasio::as_result(db.update_item(update, once));
    if (updated.has_error() && updated.error().info->outcome_unknown)
        std::cout << "it may have happened: read before writing again\n";
    std::cout << cost.requests << " requests, " << cost.write_units << " write units\n";
}
//]

//[credentials
asio::awaitable<dynasio::aws::credentials> from_a_vault() {
    dynasio::aws::credentials keys("AKIDEXAMPLE", "secret", "token"); // a request to the vault stands here
    keys.expires_at = dynasio::system_now() + 1h;                     // asked for again five minutes before
    co_return keys;
}

dynasio::client_options of_a_role(dynasio::aws::provider_context context) {
    dynasio::aws::assume_role_options role;
    role.role_arn = "arn:aws:iam::123456789012:role/reader";
    context.region = "eu-west-1"; // of STS
    dynasio::client_options options;
    options.region = "eu-west-1";
    options.credentials = dynasio::aws::assume_role_credentials(role, from_a_vault, context);
    return options;
}
//]

//[throttled
void show_throttled(dynasio::client const& db) {
    for (auto const& one : db.throttled())
        std::cout << one.table << ' ' << one.index << ' ' << one.reason << ", " << one.throttled << " times\n";
}
//]

//[account
asio::awaitable<double> spent(dynasio::client db, ddb::item key, std::string table) {
    dynasio::capacity_report report; // several calls may share one
    co_await db.get_item(ddb::get_item_request(table, key), dynasio::call_options().account(report));
    for (auto const& one : report.usage()) std::cout << one.table << ' ' << one.index << ' ' << one.read_units << '\n';
    co_return report.read_units();
}
//]

//[observer
class retry_counter : public dynasio::observer {
public:
    int calls = 0;
    int retries = 0;

    void on_retry(dynasio::observed_call const&, dynasio::retry_scheduled const&) noexcept override { ++retries; }
    void on_call_finished(dynasio::observed_call const&, dynasio::call_finished const&) noexcept override { ++calls; }
};
//]

//[log
dynasio::client_options with_a_log(dynasio::client_options options) {
    options.observer = dynasio::make_log_observer(
        dynasio::log_level::info, [](dynasio::log_level, std::string_view line) { std::clog << line << '\n'; });
    return options;
}
//]

//[spans
dynasio::client_options with_spans(dynasio::client_options options) {
    options.observer = dynasio::make_telemetry_observer([](dynasio::telemetry_span const& span) {
        std::clog << span.name << ' ' << span.duration.count() << " ns\n"; // the OpenTelemetry SDK is called here
        for (auto const& attribute : span.attributes) std::clog << "  " << attribute.key << '\n';
    });
    return options;
}
//]

//[close
asio::awaitable<void> end_of_service(dynasio::client db) {
    co_await db.close(5s); // no new calls; those under way may end; after 5 s they are ended
}
//]

//[fork
pid_t fork_with(asio::io_context& io) {
    io.notify_fork(asio::io_context::fork_prepare);
    pid_t const child = ::fork();
    io.notify_fork(child == 0 ? asio::io_context::fork_child : asio::io_context::fork_parent);
    return child;
}
//]

//[all_types
asio::awaitable<void> with_every_type_of_cancellation(dynasio::client db, ddb::get_item_request get) {
    co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
    auto const answer = co_await dynasio::as_result(db.get_item(get));
    if (answer.has_error() && answer.error().code == asio::error::operation_aborted) {
        co_await asio::this_coro::reset_cancellation_state(); // without it the next line would throw
        co_await db.close(1s);
    }
}
//]

//[cancel
void give_up_after(asio::io_context& io, dynasio::client db, ddb::scan_request scan, asio::cancellation_signal& stop) {
    asio::co_spawn(io, db.scan(scan),
                   asio::bind_cancellation_slot(stop.slot(), [](std::exception_ptr failed, ddb::scan_response) {
                       try {
                           if (failed) std::rethrow_exception(failed);
                       } catch (dynasio::error const& e) {
                           std::cout << (e.code() == asio::error::operation_aborted ? "cancelled\n" : "failed\n");
                       }
                   }));
}
//]

//[threads
void from_many_threads(dynasio::client_options options, std::string const& table) {
    asio::io_context io; // where the client lives
    options.thread_safe = true;
    dynasio::client db(io, options);
    auto const work = asio::make_work_guard(io);
    std::thread home([&io] { io.run(); });

    asio::thread_pool others(4);
    for (int i = 0; i < 8; ++i) {
        ddb::item key;
        key.emplace("id", "u-" + std::to_string(i));
        asio::co_spawn(others, db.get_item(ddb::get_item_request(table, key)),
                       [](std::exception_ptr failed, ddb::get_item_response) {
                           if (failed) std::rethrow_exception(failed);
                       });
    }
    others.join(); // nothing is left to do there
    db.stop();
    io.stop();
    home.join();
}
//]

//[canned
TEST(docs_testing, an_item_that_no_server_has) {
    dynasio::testing::fault_endpoint endpoint; // no server behind: only rules answer
    endpoint.on(dynasio::testing::match("GetItem").table("users"))
        .answer_json(R"({"Item":{"id":{"S":"u-1"},"name":{"S":"Ada"}}})");

    asio::io_context io;
    dynasio::client_options options;
    options.endpoint = endpoint.url();
    options.region = "us-east-1";
    options.credentials = dynasio::aws::static_credentials(dynasio::aws::credentials("key", "secret"));
    dynasio::client db(io, options);

    ddb::item key;
    key.emplace("id", "u-1");
    auto const answer = dynasio::test::run(io, db.get_item(ddb::get_item_request("users", key)));
    ASSERT_TRUE(answer.item);
    EXPECT_EQ(answer.item->at("name").as_string(), "Ada");
    EXPECT_EQ(endpoint.count("GetItem", "users"), 1u);
}
//]

//[rates
TEST(docs_testing, faults_by_rate) {
    using namespace dynasio::testing;
    fault_endpoint_options how;
    how.seed = 7; // the same seed and the same requests: the same faults
    fault_endpoint endpoint(how);
    endpoint.on(match("GetItem")).rate(0.2).throttle("ThrottlingException");
    apply_fault(endpoint, "drop:rate=0.1,operation=GetItem,when=before"); // as dynasio-fault-proxy takes it
    endpoint.on(match("GetItem")).answer_json("{}");

    asio::io_context io;
    dynasio::client_options options;
    options.endpoint = endpoint.url();
    options.region = "us-east-1";
    options.credentials = dynasio::aws::static_credentials(dynasio::aws::credentials("key", "secret"));
    options.retry.base_delay = 1ms;
    options.retry.throttling_delay = 1ms;
    options.throttling.enabled = false;
    dynasio::client db(io, options);
    ddb::item key;
    key.emplace("id", "u-1");
    for (int i = 0; i < 50; ++i) dynasio::test::run(io, db.get_item(ddb::get_item_request("users", key)));
    EXPECT_GT(endpoint.count("GetItem"), 50u); // some were repeated
}
//]

//[tls
TEST(docs_testing, an_expired_certificate_is_refused) {
    using namespace dynasio::testing;
    fault_endpoint_options how;
    how.tls = true;
    fault_endpoint endpoint(how);
    endpoint.on_connection().fault(connection_fault::expired);

    asio::io_context io;
    dynasio::client_options options;
    options.endpoint = endpoint.url();
    options.region = "us-east-1";
    options.credentials = dynasio::aws::static_credentials(dynasio::aws::credentials("key", "secret"));
    options.pool.tls.authorities_pem = endpoint.authority_pem();
    dynasio::client db(io, options);
    auto const listed = dynasio::test::run(io, dynasio::as_result(db.list_tables(ddb::list_tables_request())));
    ASSERT_TRUE(listed.has_error());
    EXPECT_EQ(listed.error().code, dynasio::transport_errc::certificate_untrusted);
    EXPECT_EQ(endpoint.count(), 0u); // nothing was sent
}
//]

class docs_client : public ::testing::Test {
protected:
    docs_client()
        : server_(dynasio::testing::local_server::from_environment()), endpoint_(upstream()), db_(ctx_, options()) {
        ddb::create_table_request create(table_);
        create.key_schema.emplace().emplace_back("id", ddb::key_type::hash);
        create.attribute_definitions.emplace().emplace_back("id", ddb::scalar_attribute_type::s);
        run(db_.create_table(create));
        run(db_.wait_until_active(table_));
        endpoint_.clear();
    }
    ~docs_client() override { run(dynasio::as_result(db_.delete_table(ddb::delete_table_request(table_)))); }

    // Skipping would look like passing.
    [[nodiscard]] std::string upstream() const {
        if (!server_)
            throw std::runtime_error("DYNAMODB_ENDPOINT is not set; scripts/test starts a server and sets it");
        return server_->url();
    }
    [[nodiscard]] dynasio::client_options options() const {
        dynasio::client_options o;
        o.endpoint = endpoint_.url();
        o.retry.base_delay = 1ms;
        o.retry.throttling_delay = 1ms;
        return o;
    }
    template <class T> T run(asio::awaitable<T> op) { return dynasio::test::run(ctx_, std::move(op)); }

    std::string const table_ = "docs" + dynasio::ulid_generator().next();
    std::optional<dynasio::testing::local_server> server_;
    dynasio::testing::fault_endpoint endpoint_;
    asio::io_context ctx_;
    dynasio::client db_;
};

TEST_F(docs_client, stores_and_reads_items) {
    ::testing::internal::CaptureStdout();
    run(items(db_, table_));
    run(items(db_, table_));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "Ada\nthere already\nAda\n");
}

TEST_F(docs_client, the_first_program_runs) {
    dynasio::test::child_process program(DYNASIO_DOCS_CLIENT_PROGRAM, {}, {{"DYNAMODB_ENDPOINT", endpoint_.url()}});
    EXPECT_EQ(program.exit_code(), 0);
    EXPECT_EQ(program.text(), "Hello, world\n");
}

TEST_F(docs_client, queries_a_table_that_it_makes) {
    std::string const rooms = table_ + "rooms";
    ::testing::internal::CaptureStdout();
    run(query(db_, rooms));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "23.5\n22.5\n");
    endpoint_.on(dynasio::testing::match("ExecuteStatement"))
        .answer_json(R"({"Items":[{"celsius":{"N":"21.5"}},{"celsius":{"N":"22.5"}}]})");
    ::testing::internal::CaptureStdout();
    run(partiql(db_, rooms));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "21.5\n22.5\n");
    EXPECT_NE(endpoint_.requests().back().body.find(R"("Parameters":[{"S":"kitchen"}])"), std::string::npos);
    run(db_.delete_table(ddb::delete_table_request(rooms)));
}

TEST_F(docs_client, divides_batches_and_follows_pages) {
    EXPECT_EQ(run(batches(db_, table_)), 250u);
    EXPECT_EQ(endpoint_.count("BatchWriteItem"), 10u);
    EXPECT_EQ(endpoint_.count("BatchGetItem"), 3u);
    EXPECT_EQ(run(count_live(db_, table_)), 125u);
}

TEST_F(docs_client, scans_in_parts) {
    run(batches(db_, table_));
    std::size_t count = 0;
    count_in_parts(ctx_, db_, table_, count);
    dynasio::test::run_out(ctx_);
    EXPECT_EQ(count, 250u);
    EXPECT_GE(endpoint_.count("Scan"), 4u);
}

TEST_F(docs_client, a_transaction_happens_as_a_whole_or_says_why_not) {
    ddb::item from;
    from.emplace("id", "here");
    ddb::item to;
    to.emplace("id", "there");
    ddb::item stored = from;
    stored.emplace("stock", 1);
    run(db_.put_item(ddb::put_item_request(table_, stored)));
    ::testing::internal::CaptureStdout();
    run(move_one(db_, table_, from, to));
    run(move_one(db_, table_, from, to)); // there is none left
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "ConditionalCheckFailed\nNone\n");
    auto const moved = run(db_.get_item(ddb::get_item_request(table_, to)));
    ASSERT_TRUE(moved.item);
    EXPECT_EQ(moved.item->at("stock"), ddb::attribute_value(1));
}

TEST_F(docs_client, says_what_throttles) {
    using namespace dynasio::testing;
    endpoint_.on(match("GetItem"))
        .times(1)
        .throttle("ThrottlingException", throttling_reason("TableReadProvisionedThroughputExceeded",
                                                           "arn:aws:dynamodb:us-east-1:123456789012:table/" + table_));
    ddb::item key;
    key.emplace("id", "u-1");
    run(db_.get_item(ddb::get_item_request(table_, key)));
    ::testing::internal::CaptureStdout();
    show_throttled(db_);
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), table_ + "  TableReadProvisionedThroughputExceeded, 1 times\n");
}

TEST_F(docs_client, adds_capacity_up) {
    endpoint_.on(dynasio::testing::match("GetItem"))
        .answer_json(R"({"ConsumedCapacity":{"TableName":"users","CapacityUnits":2.5,"Table":{"CapacityUnits":2.5}}})");
    ddb::item key;
    key.emplace("id", "u-1");
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(run(spent(db_, key, "users")), 2.5);
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "users  2.5\n");
}

TEST_F(docs_client, tells_observers) {
    endpoint_.on(dynasio::testing::match("GetItem")).times(1).throttle("ThrottlingException");
    ddb::item key;
    key.emplace("id", "u-1");
    auto const counter = std::make_shared<retry_counter>();
    auto o = options();
    o.observer = counter;
    dynasio::client counted(ctx_, o);
    run(counted.get_item(ddb::get_item_request(table_, key)));
    EXPECT_EQ(counter->calls, 1);
    EXPECT_EQ(counter->retries, 1);

    ::testing::internal::CaptureStderr();
    dynasio::client logged(ctx_, with_a_log(options()));
    run(logged.get_item(ddb::get_item_request(table_, key)));
    EXPECT_NE(::testing::internal::GetCapturedStderr().find("GetItem table=" + table_ + " ok"), std::string::npos);

    ::testing::internal::CaptureStderr();
    dynasio::client traced(ctx_, with_spans(options()));
    run(traced.get_item(ddb::get_item_request(table_, key)));
    auto const spans = ::testing::internal::GetCapturedStderr();
    EXPECT_NE(spans.find("DynamoDB.GetItem"), std::string::npos);
    EXPECT_NE(spans.find("  db.operation.name\n"), std::string::npos);
}

TEST_F(docs_client, closes_when_its_calls_have_ended) {
    ddb::item key;
    key.emplace("id", "u-1");
    run(db_.get_item(ddb::get_item_request(table_, key)));
    dynasio::client other(ctx_, options());
    run(end_of_service(other));
    auto const late = run(dynasio::as_result(other.get_item(ddb::get_item_request(table_, key))));
    ASSERT_TRUE(late.has_error());
    EXPECT_EQ(late.error().code, dynasio::errc::client_closed);
}

TEST_F(docs_client, goes_on_in_parent_and_child_of_a_fork) {
    ddb::item key;
    key.emplace("id", "u-1");
    auto const gets = [&] {
        return !run(dynasio::as_result(db_.get_item(ddb::get_item_request(table_, key)))).has_error();
    };
    EXPECT_TRUE(gets());
    pid_t const child = fork_with(ctx_);
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(gets() ? 0 : 1);
    EXPECT_TRUE(gets());
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST(docs_credentials, of_a_role_are_asked_for_with_those_of_a_provider) {
    dynasio::aws::provider_context context;
    std::string asked;
    context.transport =
        [&asked](dynasio::aws::transport_request request) -> asio::awaitable<dynasio::aws::transport_response> {
        asked = request.url + ' ' + request.body;
        dynasio::aws::transport_response answer;
        answer.status = 200;
        answer.body = "<AssumeRoleResponse><AssumeRoleResult><AssumedRoleUser><Arn>arn:aws:sts::123456789012:"
                      "assumed-role/reader/s</Arn></AssumedRoleUser><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>"
                      "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>"
                      "2090-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
        co_return answer;
    };
    auto const options = of_a_role(context);
    asio::io_context io;
    auto const keys = dynasio::test::run(io, options.credentials());
    EXPECT_EQ(keys.access_key_id(), "ASIAROLE");
    EXPECT_EQ(asked.find("https://sts.eu-west-1.amazonaws.com"), 0u);
    EXPECT_NE(asked.find("role%2Freader"), std::string::npos);
}

TEST_F(docs_client, keys_that_were_left_are_asked_for_again) {
    run(batches(db_, table_));
    endpoint_.clear();
    ddb::item key;
    key.emplace("id", "n-7");
    ddb::read_batch_request reads(table_, std::vector<ddb::item>(1, key));
    dynasio::testing::fault_endpoint& endpoint = endpoint_;

    //[unprocessed
    using namespace dynasio::testing;
    endpoint.on(match("BatchGetItem").table(table_)).times(1).leave_unprocessed(keys_containing("n-7"));
    auto const found = run(db_.read_batch(reads));
    EXPECT_TRUE(found.items.at(0).has_value());
    EXPECT_EQ(endpoint.count("BatchGetItem", table_), 2u); // once in vain, once with success
    //]
}

TEST_F(docs_client, faults_happen_as_often_as_expected) {
    ddb::item key;
    key.emplace("id", "u-1");
    ddb::get_item_request const get(table_, key);
    dynasio::testing::fault_endpoint& endpoint = endpoint_;

    //[expectations
    using namespace dynasio::testing;
    endpoint.expect(match("GetItem")).times(2).throttle("ThrottlingException");
    run(db_.get_item(get));                // succeeds with the third attempt
    EXPECT_TRUE(endpoint.unmet().empty()); // both were used
    auto const requests = endpoint.requests();
    ASSERT_EQ(requests.size(), 3u);
    EXPECT_EQ(requests[0].status, 400u);
    EXPECT_EQ(requests[0].keys.at(0), R"({"id":{"S":"u-1"}})");
    EXPECT_FALSE(requests[0].forwarded);
    //]
}

TEST_F(docs_client, a_lost_answer_of_a_write_leaves_its_outcome_unknown) {
    ddb::item key;
    key.emplace("id", "u-1");
    ddb::update_item_request update(table_, key);
    update.update_expression = "ADD logins :one";
    update.expression_attribute_values.emplace().emplace(":one", 1);
    //[lost_answer
    using namespace dynasio::testing;
    endpoint_.on(match("UpdateItem")).times(1).drop_connection(drop_time::after_forwarding);
    ::testing::internal::CaptureStdout();
    run(one_call(db_, update));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(),
              "it may have happened: read before writing again\n1 requests, 0 write units\n");
    //]
}

TEST_F(docs_client, cancellation_ends_the_call) {
    endpoint_.on(dynasio::testing::match("Scan")).never_answer();
    asio::cancellation_signal stop;
    ::testing::internal::CaptureStdout();
    give_up_after(ctx_, db_, ddb::scan_request(table_), stop);
    while (endpoint_.count("Scan") == 0) ctx_.run_for(1ms);
    asio::post(ctx_, [&] { stop.emit(asio::cancellation_type::terminal); });
    dynasio::test::run_out(ctx_);
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "cancelled\n");
}

TEST_F(docs_client, every_type_of_cancellation_ends_the_call_when_let_through) {
    endpoint_.on(dynasio::testing::match("GetItem")).never_answer();
    ddb::item key;
    key.emplace("id", "u-1");
    dynasio::client other(ctx_, options());
    auto task = dynasio::test::start(ctx_, with_every_type_of_cancellation(other, ddb::get_item_request(table_, key)));
    while (endpoint_.count("GetItem") == 0) ctx_.run_for(1ms);
    task.cancel(asio::cancellation_type::total);
    EXPECT_NO_THROW(dynasio::test::finish(ctx_, task));
    EXPECT_EQ(run(dynasio::as_result(other.get_item(ddb::get_item_request(table_, key)))).error().code,
              dynasio::errc::client_closed);
}

TEST_F(docs_client, a_thread_safe_client_serves_other_threads) {
    from_many_threads(options(), table_);
    EXPECT_EQ(endpoint_.count("GetItem"), 8u);
}

TEST(docs_options, are_values) { EXPECT_EQ(options_of_an_application().table_prefix, "staging_"); }

//[server
class shop_test : public ::testing::Test {
protected:
    static dynasio::testing::local_server_options how_to_start() {
        dynasio::testing::local_server_options how;
        how.program = "dynoxide";
        how.arguments = {"serve", "--host", "127.0.0.1", "--port", "{port}"};
        return how;
    }

    // The server that DYNAMODB_ENDPOINT names, or one of the test's own.
    dynasio::testing::local_server server = dynasio::testing::local_server::from_environment(how_to_start());
    dynasio::testing::fault_endpoint endpoint{server.url()};
};
//]

TEST_F(shop_test, has_a_server_and_an_endpoint) { EXPECT_EQ(endpoint.url().find("http://127.0.0.1:"), 0u); }

} // namespace
