// What a transaction sends, what it refuses before, and what its cancellation means for each of its writes.

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/detail/planned_write.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <orm/wire/decided_write.hpp>
#include <orm/wire/transaction_write.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "support/error_of.hpp"

namespace together {

struct Account {
    std::string id{};
    int balance{};
    std::uint64_t version{};
};
struct Entry {
    std::string id{};
    std::string text{};
};
struct Mark {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Account>) {
    return dynasio::entity<Account>(dynasio::partition_key<&Account::id>, dynasio::version<&Account::version>);
}
constexpr auto dynasio_schema(dynasio::tag<Entry>) {
    return dynasio::entity<Entry>(dynasio::table{"entries"}, dynasio::partition_key<&Entry::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Mark>) { return dynasio::entity<Mark>(dynasio::partition_key<&Mark::id>); }

} // namespace together

namespace {

namespace json = boost::json;
using namespace dynasio::detail;
using dynasio::cancellation_reason;
using dynasio::diagnostics;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::error;
using dynasio::field;
using dynasio::service_errc;
using dynasio::test::error_of;
using together::Account;
using together::Entry;
using together::Mark;
using kind = planned_write::kind;

class transaction_writes : public testing::Test {
protected:
    template <class T> planned_write plan(kind what, T& entity, dynasio::dynamodb::condition only_if = {}) {
        planned_write one;
        one.what = what;
        one.type = &entity_type_of<entity_in<T>>();
        one.form = hold(entity);
        one.only_if = std::move(only_if);
        return one;
    }
    template <class T> planned_write by_key(kind what, char const* id, dynasio::dynamodb::condition only_if = {}) {
        planned_write one;
        one.what = what;
        one.type = &entity_type_of<T>();
        one.key = lowered_key(std::string(R"({"id":{"S":")") + id + R"("}})");
        one.only_if = std::move(only_if);
        return one;
    }
    transaction_write made(std::vector<planned_write> const& plans) {
        write_environment env;
        env.table_prefix = "p_";
        env.now = dynasio::system_time(std::chrono::seconds(1'700'000'000));
        env.ids = &ids;
        return transaction_write(decide_together(env, plans), "p_");
    }
    static json::value body_of(transaction_write const& writes) {
        std::string out;
        writes.append_body(out, "the-token");
        return json::parse(out);
    }

    dynasio::ulid_generator ids{[] { return dynasio::system_time(std::chrono::seconds(1)); },
                                [](std::span<unsigned char> bytes) { std::fill(bytes.begin(), bytes.end(), '\7'); }};
    Account account{"a", 5, 3};
    Entry entry{"e", "text"};
};

error cancelled(std::vector<char const*> const& codes, bool outcome_unknown = false) {
    diagnostics d;
    d.outcome_unknown = outcome_unknown;
    for (char const* const code : codes) d.cancellation_reasons.push_back(cancellation_reason{code, "", ""});
    return error(service_errc::transaction_canceled, std::move(d));
}

TEST_F(transaction_writes, are_valid_actions_of_one_request) {
    auto const writes = made({plan(kind::save, account), plan(kind::create, entry), by_key<Entry>(kind::remove, "old"),
                              by_key<Account>(kind::require, "b")});
    auto const expected = json::parse(R"json({"TransactItems": [
        {"Update": {"TableName": "p_accounts", "Key": {"id": {"S": "a"}},
            "UpdateExpression": "SET #0 = :0, #1 = :1", "ConditionExpression": "#1 = :2",
            "ExpressionAttributeNames": {"#0": "balance", "#1": "version"},
            "ExpressionAttributeValues": {":0": {"N": "5"}, ":1": {"N": "4"}, ":2": {"N": "3"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
        {"Put": {"TableName": "p_entries", "Item": {"id": {"S": "e"}, "text": {"S": "text"}},
            "ConditionExpression": "attribute_not_exists(#0)", "ExpressionAttributeNames": {"#0": "id"},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
        {"Delete": {"TableName": "p_entries", "Key": {"id": {"S": "old"}}}},
        {"ConditionCheck": {"TableName": "p_accounts", "Key": {"id": {"S": "b"}},
            "ConditionExpression": "attribute_exists(#0)", "ExpressionAttributeNames": {"#0": "id"}}}],
        "ClientRequestToken": "the-token"})json");
    EXPECT_EQ(body_of(writes), expected) << json::serialize(body_of(writes));
    dynasio::dynamodb::detail::request_targets targets;
    auto const subject = writes.subject();
    subject.tell(subject, {}, "p_", targets);
    ASSERT_EQ(targets.targets.size(), 4u) << "one for each action, in their order";
    EXPECT_EQ(targets.targets[1].table, "p_entries");
}

TEST_F(transaction_writes, change_the_entities_after_success_alone) {
    Account fresh;
    auto const writes = made({plan(kind::save, account), plan(kind::create, fresh)});
    EXPECT_EQ(account.version, 3u);
    EXPECT_TRUE(fresh.id.empty());
    static_cast<void>(writes.meaning_of(cancelled({"ConditionalCheckFailed", "None"})));
    EXPECT_TRUE(fresh.id.empty());
    writes.apply();
    EXPECT_EQ(account.version, 4u);
    EXPECT_EQ(fresh.version, 1u);
    EXPECT_EQ(fresh.id.size(), 26u);
}

TEST_F(transaction_writes, keep_a_key_that_was_made_when_the_outcome_is_unknown) {
    Account fresh;
    auto const writes = made({plan(kind::create, fresh)});
    diagnostics d;
    d.outcome_unknown = true;
    auto const e = writes.meaning_of(error(dynasio::transport_errc::connection_lost, std::move(d)));
    EXPECT_EQ(e.code(), dynasio::transport_errc::connection_lost);
    EXPECT_EQ(fresh.id.size(), 26u);
    EXPECT_EQ(fresh.version, 0u);
}

TEST_F(transaction_writes, have_the_error_of_the_write_that_was_refused) {
    auto const writes = made({plan(kind::save, account), plan(kind::create, entry),
                              by_key<Account>(kind::require, "b", (field<&Account::balance> >= 5).condition())});
    auto const error_at = [&](std::vector<char const*> const& codes) { return writes.meaning_of(cancelled(codes)); };
    EXPECT_EQ(error_at({"ConditionalCheckFailed", "None", "None"}).code(), errc::stale_version);
    EXPECT_EQ(error_at({"None", "ConditionalCheckFailed", "None"}).code(), errc::already_exists);
    auto const unmet = error_at({"None", "None", "ConditionalCheckFailed"});
    EXPECT_EQ(unmet.code(), errc::condition_failed);
    EXPECT_EQ(unmet.info().entity, "Account");
    EXPECT_EQ(unmet.info().table, "p_accounts");
    EXPECT_EQ(unmet.info().key, R"({"id":{"S":"b"}})");
    EXPECT_EQ(unmet.info().message, R"(what is stored of the entity Account with the key {"id":{"S":"b"}} does not )"
                                    "satisfy the condition balance >= 5");
    EXPECT_EQ(error_at({"None", "TransactionConflict", "None"}).code(), service_errc::transaction_conflict);
    EXPECT_EQ(error_at({"None", "ProvisionedThroughputExceeded", "None"}).code(),
              service_errc::provisioned_throughput_exceeded);

    auto const several = error_at({"TransactionConflict", "ConditionalCheckFailed", "ConditionalCheckFailed"});
    EXPECT_EQ(several.code(), errc::already_exists) << "to try again does not help against this one";
    EXPECT_NE(several.info().message.find("also refused: the entity Account with the key {\"id\":{\"S\":\"a\"}} "
                                          "(TransactionConflict), the entity Account with the key "
                                          "{\"id\":{\"S\":\"b\"}} (ConditionalCheckFailed)"),
              std::string::npos)
        << several.info().message;

    EXPECT_EQ(error_at({"None", "ConditionalCheckFailed"}).code(), service_errc::transaction_canceled)
        << "reasons that do not belong to these writes";
    EXPECT_EQ(error_at({"None", "None", "None"}).code(), service_errc::transaction_canceled);
    EXPECT_EQ(error_at({"None", "None", "SomethingNew"}).code(), service_errc::transaction_canceled);
}

TEST_F(transaction_writes, of_a_tracked_entity_hold_its_changes) {
    auto held = dynasio::track(account);
    EXPECT_TRUE(made({plan(kind::save, held)}).empty());
    EXPECT_EQ(made({plan(kind::touch, held)}).size(), 1u);
    held->balance = 6;
    auto const writes = made({plan(kind::save, held)});
    EXPECT_TRUE(held.has_changes());
    writes.apply();
    EXPECT_FALSE(held.has_changes());
    EXPECT_EQ(held->version, 4u);
    made({plan(kind::remove, held)}).apply();
    EXPECT_TRUE(held.is_removed());
}

TEST_F(transaction_writes, are_refused_where_no_transaction_can_have_them) {
    auto const code_of = [&](std::vector<planned_write> const& plans) {
        return error_of([&] { static_cast<void>(made(plans)); }).code();
    };
    Entry same{"e", "other"};
    EXPECT_EQ(code_of({plan(kind::save, entry), plan(kind::create, same)}), errc::invalid_argument);
    EXPECT_EQ(code_of({plan(kind::save, entry), by_key<Entry>(kind::require, "e")}), errc::invalid_argument);
    Mark mark{"m"};
    EXPECT_EQ(code_of({plan(kind::save, mark)}), errc::invalid_argument);
    EXPECT_EQ(made({plan(kind::create, mark)}).size(), 1u);
    Account unsaved;
    EXPECT_EQ(code_of({plan(kind::require, unsaved)}), errc::empty_key);

    std::vector<Entry> many(101);
    std::vector<planned_write> plans;
    for (std::size_t i = 0; i < many.size(); ++i) {
        many[i].id = std::to_string(i);
        plans.push_back(plan(kind::save, many[i]));
    }
    auto const refused = error_of([&] { static_cast<void>(made(plans)); });
    EXPECT_EQ(refused.code(), errc::batch_too_large);
    EXPECT_EQ(refused.info().key, R"({"id":{"S":"100"}})");
    plans.pop_back();
    EXPECT_EQ(made(plans).size(), 100u);
    for (std::size_t i = 0; i < 10; ++i) many[i].text.assign(400'000, 'x');
    EXPECT_EQ(made(plans).size(), 100u) << "4,000,000 bytes are less than 4 MB";
    many[10].text.assign(300'000, 'x');
    EXPECT_EQ(code_of(plans), errc::batch_too_large);
    many[10].text.assign(200'000, '\n'); // longer in JSON than in the item
    many[9].text.clear();
    EXPECT_EQ(made(plans).size(), 100u);
}

TEST(decisive_reasons, are_those_that_do_not_pass_by_themselves) {
    auto const decisive = [](std::vector<char const*> const& codes) {
        return decisive_reason(cancelled(codes).info().cancellation_reasons);
    };
    EXPECT_EQ(decisive({}), 0u);
    EXPECT_EQ(decisive({"None", "None"}), 2u);
    EXPECT_EQ(decisive({"None", "TransactionConflict", "ThrottlingError"}), 1u);
    EXPECT_EQ(decisive({"TransactionConflict", "None", "ValidationError", "ConditionalCheckFailed"}), 2u);
}

} // namespace
