#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/error.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine_fixture.hpp"

namespace {

using namespace dynasio::test;
using namespace dynasio::dynamodb;
using dynasio::as_result;
using dynasio::call_cost;
using dynasio::call_options;
using dynasio::client;
using dynasio::errc;
using dynasio::failure;
using dynasio::service_errc;
namespace json = boost::json;

item key(std::size_t i) { return item{{"id", "k" + std::to_string(i)}}; }

write_batch_request writes_of(std::size_t count) {
    write_batch_request out("t", "id");
    for (std::size_t i = 0; i < count; ++i) out.put(key(i));
    return out;
}

/// A table in memory behind the fake service, which leaves unprocessed what it is told to.
struct batch_test : engine_fixture {
    batch_test() {
        service.answer = [this](std::string const& body) { return answer(body); };
    }

    canned answer(std::string const& body) {
        json::object const tables = json::parse(body).at("RequestItems").as_object();
        json::object const& table =
            tables.begin()->value().is_object() ? tables.begin()->value().as_object() : json::object();
        if (tables.begin()->value().is_array()) return write(tables.begin()->value().as_array());
        json::array found;
        json::array left;
        sizes.push_back(table.at("Keys").as_array().size());
        for (json::value const& wanted : table.at("Keys").as_array()) {
            std::string const id(std::string_view(wanted.at("id").at("S").as_string()));
            if (leave(id)) {
                left.push_back(wanted);
            } else if (!missing.contains(id)) {
                ++reads[id];
                found.push_back(json::object{{"id", {{"S", id}}}, {"v", {{"S", "value of " + id}}}});
            }
        }
        std::reverse(found.begin(), found.end()); // The service keeps no order.
        json::object reply{{"Responses", {{"t", found}}}};
        if (!left.empty()) {
            json::object again = table;
            again["Keys"] = left;
            reply["UnprocessedKeys"] = json::object{{"t", again}};
        }
        reply["ConsumedCapacity"] = json::array{json::object{{"TableName", "t"}, {"CapacityUnits", 0.5}}};
        return canned(json::serialize(reply));
    }
    canned write(json::array const& writes) {
        json::array left;
        sizes.push_back(writes.size());
        for (json::value const& one : writes) {
            bool const put = one.as_object().contains("PutRequest");
            json::value const& attributes = put ? one.at("PutRequest").at("Item") : one.at("DeleteRequest").at("Key");
            std::string const id(std::string_view(attributes.at("id").at("S").as_string()));
            if (leave(id)) {
                left.push_back(one);
            } else {
                written[id] = put ? json::serialize(attributes) : "deleted";
            }
        }
        json::object reply;
        if (!left.empty()) reply["UnprocessedItems"] = json::object{{"t", left}};
        return canned(json::serialize(reply));
    }
    bool leave(std::string const& id) {
        auto const found = unprocessed.find(id);
        if (found == unprocessed.end() || found->second == 0) return false;
        --found->second;
        return true;
    }

    std::map<std::string, unsigned> unprocessed{}; ///< How many times a key is left unprocessed.
    std::set<std::string> missing{};
    std::map<std::string, unsigned> reads{};
    std::map<std::string, std::string> written{};
    std::vector<std::size_t> sizes{}; ///< Of each request.
};

TEST_F(batch_test, reads_any_number_of_keys_in_their_order) {
    client db(ctx, options());
    std::vector<item> keys;
    for (std::size_t i = 0; i < 250; ++i) keys.push_back(key(i));
    missing = {"k3", "k249"};
    auto const r = outcome(db.read_batch(read_batch_request("t", keys)));
    ASSERT_TRUE(r.has_value());
    ASSERT_EQ(r->items.size(), 250U);
    for (std::size_t i = 0; i < 250; ++i) {
        std::string const id = "k" + std::to_string(i);
        ASSERT_EQ(r->items[i].has_value(), !missing.contains(id)) << id;
        if (r->items[i]) {
            EXPECT_EQ(r->items[i]->at("v").as_string(), "value of " + id);
        }
    }
    std::sort(sizes.begin(), sizes.end());
    EXPECT_EQ(sizes, (std::vector<std::size_t>{50, 100, 100}));
}

TEST_F(batch_test, reads_duplicates_once_and_answers_each) {
    client db(ctx, options());
    std::vector<item> const keys{key(1), key(2), key(1), key(9), key(1), key(9)};
    missing = {"k9"};
    auto const r = outcome(db.read_batch(read_batch_request("t", keys)));
    ASSERT_TRUE(r.has_value());
    ASSERT_EQ(r->items.size(), 6U);
    for (std::size_t const i : {0U, 2U, 4U}) {
        ASSERT_TRUE(r->items[i]);
        EXPECT_EQ(r->items[i]->at("v").as_string(), "value of k1");
    }
    EXPECT_TRUE(r->items[1]);
    EXPECT_FALSE(r->items[3]);
    EXPECT_FALSE(r->items[5]);
    EXPECT_EQ(reads["k1"], 1U);
    EXPECT_EQ(sizes, std::vector<std::size_t>{3});
}

TEST_F(batch_test, sends_again_what_was_left_and_gives_up_never_while_there_is_progress) {
    client db(ctx, options());
    std::vector<item> keys;
    for (std::size_t i = 0; i < 20; ++i) {
        keys.push_back(key(i));
        unprocessed["k" + std::to_string(i)] = static_cast<unsigned>(i); // one more key each time: 20 rounds
    }
    auto const r = outcome(db.read_batch(read_batch_request("t", keys)));
    ASSERT_TRUE(r.has_value());
    EXPECT_TRUE(std::all_of(r->items.begin(), r->items.end(), [](auto const& one) { return one.has_value(); }));
    EXPECT_EQ(sizes.size(), 20U);
}

TEST_F(batch_test, leftovers_of_several_chunks_leave_together) {
    client db(ctx, options());
    std::vector<item> keys;
    for (std::size_t i = 0; i < 300; ++i) {
        keys.push_back(key(i));
        if (i % 10 == 0) unprocessed["k" + std::to_string(i)] = 1;
    }
    read_batch_request request("t", keys);
    request.max_in_flight = 1;
    ASSERT_TRUE(outcome(db.read_batch(request)).has_value());
    EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 100, 29, 1}));
}

TEST_F(batch_test, keys_that_are_never_answered_are_all_named) {
    client db(ctx, options());
    std::vector<item> keys;
    for (std::size_t i = 0; i < 120; ++i) keys.push_back(key(i));
    unprocessed["k5"] = unprocessed["k110"] = 1000;
    auto const r = outcome(db.read_batch(read_batch_request("t", keys)));
    EXPECT_EQ(failure_of(r).code, errc::batch_incomplete);
    EXPECT_EQ(failure_of(r).info->operation, "BatchGetItem");
    EXPECT_EQ(failure_of(r).info->table, "t");
    auto names = failure_of(r).info->missing_keys;
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{R"({"id":{"S":"k110"}})", R"({"id":{"S":"k5"}})"}));
}

TEST_F(batch_test, the_failure_of_a_chunk_ends_the_others) {
    client db(ctx, options());
    std::vector<item> keys;
    for (std::size_t i = 0; i < 400; ++i) keys.push_back(key(i));
    unsigned calls = 0;
    service.answer = [&](std::string const&) {
        return ++calls == 2 ? service_error_answer("AccessDeniedException") : canned(canned::how::silent);
    };
    auto const r = outcome(db.read_batch(read_batch_request("t", keys)));
    EXPECT_EQ(failure_of(r).code, service_errc::access_denied);
    EXPECT_EQ(db.connections().open - db.connections().idle, 0U);
}

TEST_F(batch_test, no_more_chunks_are_under_way_than_allowed) {
    client db(ctx, options());
    std::vector<item> keys;
    for (std::size_t i = 0; i < 1000; ++i) keys.push_back(key(i));
    read_batch_request request("t", keys);
    request.max_in_flight = 2;
    ASSERT_TRUE(outcome(db.read_batch(request)).has_value());
    EXPECT_EQ(sizes.size(), 10U);
    EXPECT_LE(db.connections().connects, 2U);
}

TEST_F(batch_test, no_requests_in_flight_at_all_are_refused) {
    client db(ctx, options());
    std::vector<item> const keys{key(1)};
    read_batch_request reading("t", keys);
    reading.max_in_flight = 0;
    auto const read = failure_of(outcome(db.read_batch(reading)));
    EXPECT_EQ(read.code, errc::invalid_argument);
    EXPECT_NE(read.to_string().find("max_in_flight"), std::string::npos) << read.to_string();
    auto writing = writes_of(1);
    writing.max_in_flight = 0;
    EXPECT_EQ(failure_of(outcome(db.write_batch(writing))).code, errc::invalid_argument);
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(batch_test, one_time_out_bounds_everything) {
    client db(ctx, options());
    service.answer = [](std::string const&) { return canned(canned::how::silent); };
    std::vector<item> const keys{key(1)};
    auto const r =
        outcome(db.read_batch(read_batch_request("t", keys), call_options().timeout(std::chrono::milliseconds(20))));
    EXPECT_EQ(failure_of(r).code, errc::deadline_exceeded);
}

TEST_F(batch_test, cancellation_reaches_every_chunk) {
    client db(ctx, options());
    service.answer = [](std::string const&) { return canned(canned::how::silent); };
    std::vector<item> keys;
    for (std::size_t i = 0; i < 300; ++i) keys.push_back(key(i));
    auto reading = start(ctx, as_result(db.read_batch(read_batch_request("t", keys))));
    run_until(ctx, [&] { return service.requests.size() == 3; });
    reading.cancel();
    EXPECT_EQ(failure_of(finish(ctx, reading)).code, asio::error::operation_aborted);
    EXPECT_EQ(db.connections().open, 0U);
}

TEST_F(batch_test, reads_that_are_cut_off_name_what_is_missing) {
    client db(ctx, options());
    std::vector<item> keys;
    for (std::size_t i = 0; i < 250; ++i) keys.push_back(key(i));
    read_batch_request request("t", keys);
    request.max_in_flight = 1;
    auto const first_only = [&](canned const& then) {
        service.requests.clear();
        service.answer = [this, then](std::string const& body) {
            return service.requests.size() == 1 ? answer(body) : then;
        };
    };
    auto const unanswered = [](failure const& f) {
        EXPECT_EQ(f.info->table, "t");
        EXPECT_FALSE(f.info->outcome_unknown);
        return f.info->missing_keys.size();
    };
    first_only(service_error_answer("AccessDeniedException"));
    EXPECT_EQ(unanswered(failure_of(outcome(db.read_batch(request)))), 150U);
    first_only(canned(canned::how::silent));
    auto const late = outcome(db.read_batch(request, call_options().timeout(std::chrono::milliseconds(500))));
    EXPECT_EQ(failure_of(late).code, errc::deadline_exceeded);
    EXPECT_EQ(unanswered(failure_of(late)), 150U);
    first_only(canned(canned::how::silent));
    auto reading = start(ctx, as_result(db.read_batch(request)));
    run_until(ctx, [&] { return service.requests.size() == 2; });
    reading.cancel();
    EXPECT_EQ(unanswered(failure_of(finish(ctx, reading))), 150U);
    first_only(canned(R"({"Responses":{"t":[{"id":{"S":"other"}}]}})"));
    EXPECT_EQ(unanswered(failure_of(outcome(db.read_batch(request)))), 150U) << "a malformed answer answers nothing";
}

TEST_F(batch_test, a_projection_keeps_the_key) {
    client db(ctx, options());
    std::vector<item> const keys{key(1)};
    read_batch_request request("t", keys);
    request.consistent_read = true;
    request.attributes = {"v", "a.b", "v"};
    auto const r = outcome(db.read_batch(request));
    ASSERT_TRUE(r.has_value());
    EXPECT_EQ(json::parse(service.body(0)), json::parse(R"({"RequestItems":{"t":{"Keys":[{"id":{"S":"k1"}}],
        "ConsistentRead":true,"ProjectionExpression":"#0,#1,#2",
        "ExpressionAttributeNames":{"#0":"a.b","#1":"id","#2":"v"}}}})"));
}

TEST_F(batch_test, the_cost_adds_up) {
    client db(ctx, options());
    std::vector<item> keys;
    for (std::size_t i = 0; i < 150; ++i) keys.push_back(key(i));
    call_cost cost;
    ASSERT_TRUE(outcome(db.read_batch(read_batch_request("t", keys), call_options().report(cost))).has_value());
    EXPECT_EQ(cost.requests, 2U);
    EXPECT_EQ(cost.read_units, 1.0);
    EXPECT_GT(cost.latency.count(), 0);
}

TEST_F(batch_test, nothing_to_read_needs_no_request) {
    client db(ctx, options());
    auto const r = outcome(db.read_batch(read_batch_request("t", {})));
    ASSERT_TRUE(r.has_value());
    EXPECT_TRUE(r->items.empty());
    EXPECT_TRUE(outcome(db.write_batch(write_batch_request("t", "id"))).has_value());
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(batch_test, bad_keys_are_refused_before_anything_is_sent) {
    client db(ctx, options());
    std::vector<item> const empty{key(1), item{{"id", ""}}};
    EXPECT_EQ(failure_of(outcome(db.read_batch(read_batch_request("t", empty)))).code, errc::empty_key);
    std::vector<item> const different{key(1), item{{"other", "x"}}};
    EXPECT_EQ(failure_of(outcome(db.read_batch(read_batch_request("t", different)))).code, errc::invalid_argument);
    write_batch_request lacking("t", "id");
    lacking.put(item{{"v", "x"}});
    auto const r = outcome(db.write_batch(lacking));
    EXPECT_EQ(failure_of(r).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(r).info->attribute, "id");
    EXPECT_TRUE(service.requests.empty());
}

TEST_F(batch_test, an_answer_with_strange_keys_is_malformed) {
    client db(ctx, options());
    service.answer = [](std::string const&) { return canned(R"({"Responses":{"t":[{"id":{"S":"other"}}]}})"); };
    std::vector<item> const keys{key(1)};
    auto const r = outcome(db.read_batch(read_batch_request("t", keys)));
    EXPECT_EQ(failure_of(r).code, errc::malformed_response);
    EXPECT_EQ(failure_of(r).info->table, "t");
}

TEST_F(batch_test, writes_any_number_the_last_of_a_key_counting) {
    client db(ctx, options());
    write_batch_request request("t", "id");
    for (std::size_t i = 0; i < 60; ++i) {
        item attributes = key(i);
        attributes.emplace("v", "first");
        request.put(attributes);
    }
    item second = key(0);
    second.emplace("v", "second");
    request.put(second).remove(key(1));
    unprocessed["k7"] = 2;
    ASSERT_TRUE(outcome(db.write_batch(request)).has_value());
    EXPECT_EQ(written.size(), 60U);
    EXPECT_EQ(json::parse(written["k0"]).at("v").at("S"), json::value("second"));
    EXPECT_EQ(written["k1"], "deleted");
    EXPECT_TRUE(written.contains("k7"));
    EXPECT_TRUE(std::all_of(sizes.begin(), sizes.end(), [](std::size_t n) { return n <= 25; }));
}

TEST_F(batch_test, ten_thousand_items_take_the_fewest_requests) {
    constexpr std::size_t many = 10'000;
    client db(ctx, options());
    ASSERT_TRUE(outcome(db.write_batch(writes_of(many))).has_value());
    EXPECT_EQ(sizes, std::vector<std::size_t>(400, 25U));
    EXPECT_EQ(written.size(), many);

    sizes.clear();
    std::vector<item> keys;
    for (std::size_t i = 0; i < many; ++i) keys.push_back(key(i));
    ASSERT_TRUE(outcome(db.read_batch(read_batch_request("t", keys))).has_value());
    EXPECT_EQ(sizes, std::vector<std::size_t>(100, 100U));
}

TEST_F(batch_test, writes_left_unprocessed_fill_up_the_requests_that_follow) {
    client db(ctx, options());
    write_batch_request request = writes_of(1'000);
    request.max_in_flight = 1;
    for (std::size_t i = 0; i < 1'000; i += 50) unprocessed["k" + std::to_string(i)] = 1;
    ASSERT_TRUE(outcome(db.write_batch(request)).has_value());
    EXPECT_EQ(written.size(), 1'000U);
    EXPECT_EQ(sizes.size(), 41U) << "1,020 writes, 25 at a time";
}

TEST_F(batch_test, writes_that_are_not_confirmed_are_named_whatever_the_reason) {
    client db(ctx, options());
    write_batch_request request("t", "id");
    request.put(key(1)).put(key(2)).remove(key(3));
    unprocessed["k2"] = 1000;
    auto const left = outcome(db.write_batch(request));
    EXPECT_EQ(failure_of(left).code, errc::batch_incomplete);
    EXPECT_EQ(failure_of(left).info->missing_keys, std::vector<std::string>{R"({"id":{"S":"k2"}})"});
    service.answer = [](std::string const&) { return service_error_answer("AccessDeniedException"); };
    auto const denied = outcome(db.write_batch(request));
    EXPECT_EQ(failure_of(denied).code, service_errc::access_denied);
    EXPECT_EQ(failure_of(denied).info->missing_keys.size(), 3U);
}

TEST_F(batch_test, cancelled_writes_that_were_under_way_may_have_happened) {
    client db(ctx, options());
    service.answer = [](std::string const&) { return canned(canned::how::silent); };
    write_batch_request const request = writes_of(75);
    auto writing = start(ctx, as_result(db.write_batch(request)));
    run_until(ctx, [&] { return service.requests.size() == 3; });
    writing.cancel();
    auto const cancelled = failure_of(finish(ctx, writing));
    EXPECT_EQ(cancelled.code, asio::error::operation_aborted);
    EXPECT_TRUE(cancelled.info->outcome_unknown);
    EXPECT_EQ(cancelled.info->missing_keys.size(), 75U);
    auto const late = outcome(db.write_batch(request, call_options().timeout(std::chrono::milliseconds(20))));
    EXPECT_EQ(failure_of(late).code, errc::deadline_exceeded);
    EXPECT_TRUE(failure_of(late).info->outcome_unknown);
}

TEST_F(batch_test, writes_cut_off_by_the_failure_of_another_chunk_may_have_happened) {
    client db(ctx, options());
    service.answer = [&](std::string const&) {
        return service.requests.size() == 3 ? service_error_answer("AccessDeniedException")
                                            : canned(canned::how::silent);
    };
    auto const several = outcome(db.write_batch(writes_of(75)));
    EXPECT_EQ(failure_of(several).code, service_errc::access_denied);
    EXPECT_TRUE(failure_of(several).info->outcome_unknown);
    EXPECT_EQ(failure_of(several).info->missing_keys.size(), 75U);

    service.answer = [](std::string const&) { return service_error_answer("AccessDeniedException"); };
    auto const one = outcome(db.write_batch(writes_of(3)));
    EXPECT_EQ(failure_of(one).code, service_errc::access_denied);
    EXPECT_FALSE(failure_of(one).info->outcome_unknown) << "nothing else was under way";
}

TEST_F(batch_test, a_write_left_unprocessed_may_have_happened_when_an_earlier_sending_got_no_answer) {
    client db(ctx, options());
    unprocessed["k1"] = 1000;
    auto const left = outcome(db.write_batch(writes_of(3)));
    EXPECT_EQ(failure_of(left).code, errc::batch_incomplete);
    EXPECT_FALSE(failure_of(left).info->outcome_unknown) << "all that was sent was answered";

    bool lost = false;
    service.answer = [&](std::string const& body) {
        canned const whole = answer(body);
        if (std::exchange(lost, true)) return whole;
        return canned(canned::how::reset);
    };
    auto const doubtful = outcome(db.write_batch(writes_of(3)));
    EXPECT_EQ(failure_of(doubtful).code, errc::batch_incomplete);
    EXPECT_TRUE(failure_of(doubtful).info->outcome_unknown);
    EXPECT_EQ(failure_of(doubtful).info->missing_keys, std::vector<std::string>{R"({"id":{"S":"k1"}})"});
}

TEST_F(batch_test, a_stored_batch_survives_its_arguments) {
    std::optional<asio::awaitable<read_batch_response>> stored;
    {
        client db(ctx, options());
        std::vector<item> const keys{key(1), key(2)};
        auto const request = std::make_unique<read_batch_request>("t", keys);
        stored.emplace(db.read_batch(*request));
    }
    auto const r = outcome(std::move(*stored));
    ASSERT_TRUE(r.has_value());
    EXPECT_TRUE(r->items[1]);
}

} // namespace
