// Which requests change several links of an entity together, and what comes of several such changes at once.

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <orm/wire/link_changes.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../model.hpp"
#include "support/error_of.hpp"

namespace link_changing {

namespace json = boost::json;
using namespace dynasio::detail;
using dynasio::diagnostics;
using dynasio::errc;
using dynasio::error;
using dynasio::service_errc;
using dynasio::dynamodb::operation;
using request = dynasio::dynamodb::detail::request_source::request;
using time_point = dynasio::dynamodb::detail::request_source::time_point;
using names = std::set<std::string>;

struct Person {
    std::string id{};
    dynasio::belongs_to_many<Person> friends{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio::dsl;
    return entity<Person>(partition_key<&Person::id>, relate<&Person::friends>(symmetric));
}

/// The pivot table, as far as these requests need one: items by key, queries of a partition, and transactions whose
/// conditions are those that the library writes.
class table {
public:
    std::map<std::string, json::object> items{}; ///< By "partition/sort".

    static std::string place_of(json::object const& key) {
        return std::string(key.at("pk").at("S").as_string()) + '/' + std::string(key.at("sk").at("S").as_string());
    }
    json::object get(json::object const& body) const {
        auto const at = items.find(place_of(body.at("Key").as_object()));
        return at == items.end() ? json::object() : json::object{{"Item", at->second}};
    }
    json::object query(json::object const& body) const {
        std::string const partition(
            body.at("ExpressionAttributeValues").as_object().begin()->value().at("S").as_string());
        std::string after;
        if (auto const* const start = body.if_contains("ExclusiveStartKey")) after = place_of(start->as_object());
        json::array found;
        json::object answer;
        for (auto const& [place, item] : items) {
            if (!place.starts_with(partition + '/') || place <= after) continue;
            if (found.size() == page) {
                answer["LastEvaluatedKey"] = {{"pk", found.back().at("pk")}, {"sk", found.back().at("sk")}};
                break;
            }
            found.push_back(item);
        }
        answer["Count"] = found.size();
        answer["Items"] = std::move(found);
        return answer;
    }
    /// The reasons of a refusal; empty when everything was written.
    std::vector<dynasio::cancellation_reason> write(json::object const& body) {
        std::vector<dynasio::cancellation_reason> reasons;
        bool refused = false;
        for (auto const& each : body.at("TransactItems").as_array()) {
            auto const& action = each.as_object().begin()->value().as_object();
            bool const fits = holds(action);
            refused = refused || !fits;
            reasons.push_back({fits ? "None" : "ConditionalCheckFailed", {}, {}});
        }
        if (refused) return reasons;
        ++transactions;
        for (auto const& each : body.at("TransactItems").as_array()) {
            auto const& [kind, value] = *each.as_object().begin();
            carry_out(kind, value.as_object());
        }
        return {};
    }
    void link(std::string const& left, std::string const& right) {
        json::object row{{"pk", {{"S", prefix + left}}},
                         {"sk", {{"S", right}}},
                         {"id_left", {{"S", left}}},
                         {"id_right", {{"S", right}}}};
        auto place = place_of(row);
        items.insert_or_assign(std::move(place), std::move(row));
    }
    names linked_to(std::string const& left) const {
        names all;
        std::string const begin = prefix + left + '/';
        for (auto const& [place, item] : items)
            if (place.starts_with(begin)) all.insert(place.substr(begin.size()));
        return all;
    }

    std::string prefix = "users_roles#"; ///< Of the partitions of links.
    std::size_t page = 100;
    std::size_t transactions = 0;

private:
    static std::string resolved(json::object const& action, std::string const& placeholder) {
        return std::string(action.at("ExpressionAttributeNames").at(placeholder).as_string());
    }
    bool holds(json::object const& action) const {
        auto const at = items.find(place_of(action.at("Key").as_object()));
        auto const* const text = action.if_contains("ConditionExpression");
        if (text == nullptr) return true;
        std::string const condition(text->as_string());
        auto const in_brackets = [&] {
            auto const open = condition.find('(');
            return resolved(action, condition.substr(open + 1, condition.find(')') - open - 1));
        };
        if (condition.starts_with("attribute_exists")) return at != items.end() && at->second.contains(in_brackets());
        if (condition.starts_with("attribute_not_exists"))
            return at == items.end() || !at->second.contains(in_brackets());
        auto const equals = condition.find(" = ");
        auto const name = resolved(action, condition.substr(0, equals));
        auto const& value = action.at("ExpressionAttributeValues").at(condition.substr(equals + 3));
        return at != items.end() && at->second.contains(name) && at->second.at(name) == value;
    }
    void carry_out(std::string_view kind, json::object const& action) {
        auto const& key = action.at("Key").as_object();
        if (kind == "Delete") {
            items.erase(place_of(key));
            return;
        }
        json::object& item = items[place_of(key)];
        for (auto const& part : key) item.insert_or_assign(part.key(), part.value());
        std::string update(action.at("UpdateExpression").as_string());
        update = update.substr(4); // "SET "
        while (!update.empty()) {
            // Values are placeholders, so that a comma outside of brackets separates the assignments.
            std::size_t end = 0;
            for (int depth = 0; end < update.size() && (depth > 0 || update[end] != ','); ++end)
                depth += update[end] == '(' ? 1 : update[end] == ')' ? -1 : 0;
            std::string const one = update.substr(0, end);
            update.erase(0, end == update.size() ? end : end + 2);
            auto const equals = one.find(" = ");
            auto const name = resolved(action, one.substr(0, equals));
            std::string value = one.substr(equals + 3);
            if (value.starts_with("if_not_exists")) {
                if (item.contains(name)) continue;
                auto const comma = value.find(", ");
                value = value.substr(comma + 2, value.size() - comma - 3);
            }
            item.insert_or_assign(name, action.at("ExpressionAttributeValues").at(value));
        }
    }
};

class changes_of_links : public testing::Test {
protected:
    static dynasio::relation_info const& roles() {
        return *dynasio::entity_type_of<shop::User>().find_relation("roles");
    }
    static write_environment env() {
        return {.table_prefix = "p.", .now = dynasio::system_time(std::chrono::seconds(1'700'000'000))};
    }
    static std::string key_named(std::string const& id) { return R"({"id":{"S":")" + id + R"("}})"; }
    static std::vector<wanted_row> rows(std::vector<std::string> const& ids) {
        std::vector<wanted_row> made;
        for (auto const& id : ids) made.push_back({key_named(id), id, {}});
        return made;
    }
    static names ids(std::set<std::string> const& keys) {
        names made;
        for (auto const& key : keys) made.insert(std::string(json::parse(key).at("id").at("S").as_string()));
        return made;
    }
    std::unique_ptr<link_transactions> replacement(std::vector<std::string> const& wanted,
                                                   std::string const& of = "u1") const {
        return std::make_unique<link_replacement>(env(), *relation, of, R"({"S":")" + stored.prefix + of + R"("})",
                                                  rows(wanted));
    }
    std::unique_ptr<link_transactions> toggle(std::vector<std::string> const& links, names const& guessed = {},
                                              std::string const& of = "u1") const {
        std::set<std::string> keys;
        for (auto const& id : guessed) keys.insert(key_named(id));
        return std::make_unique<link_toggle>(env(), *relation, of, rows(links), keys);
    }

    /// Sends the next request of a change and gives it its answer. Returns whether it goes on.
    bool step(link_transactions& change) {
        if (change.done()) return false;
        if (auto const at = change.wake_at(); at && *at > now) now = *at;
        auto const next = change.next(now);
        if (!next) return false;
        asked.push_back(std::string(to_string(next->op)));
        auto const body = json::parse(next->body).as_object();
        json::object answer;
        if (next->op == operation::transact_write_items) {
            bodies.push_back(body);
            auto reasons = stored.write(body);
            if (!reasons.empty()) {
                diagnostics d;
                d.cancellation_reasons = std::move(reasons);
                error const refused(make_error_code(service_errc::transaction_canceled), std::move(d));
                if (change.takes_failure(next->id, refused)) return true;
                change.on_failure(next->id, refused);
                diagnostics told = refused.info();
                change.describe(next->id, told);
                change.describe_whole(told);
                failed = told.message;
                return false;
            }
        } else {
            answer = next->op == operation::query ? stored.query(body) : stored.get(body);
        }
        reply(change, next->id, json::serialize(answer));
        return !change.done();
    }
    void reply(link_transactions& change, std::size_t id, std::string text) {
        dynasio::dynamodb::detail::raw_reply got;
        got.detached = std::make_unique<dynasio::dynamodb::detail::raw_reply::detached_answer>();
        got.detached->body = std::move(text);
        change.on_answer(id, {got, false, now, 0.5});
    }
    void finish(link_transactions& change) {
        while (step(change)) {
        }
    }

    dynasio::relation_info const* relation = &roles();
    table stored{};
    std::vector<std::string> asked{};
    std::vector<json::object> bodies{};
    std::optional<std::string> failed{};
    time_point now = time_point(std::chrono::hours(1));
};

using texts = std::vector<std::string>;

TEST_F(changes_of_links, read_and_commit_the_difference) {
    for (auto const* id : {"a", "b", "c"}) stored.link("u1", id);
    stored.link("u2", "x");
    stored.page = 2;
    auto const change = replacement({"b", "d", "d"});
    finish(*change);
    EXPECT_EQ(asked, (texts{"GetItem", "Query", "Query", "TransactWriteItems"}));
    EXPECT_EQ(ids(change->changed().attached), names{"d"});
    EXPECT_EQ(ids(change->changed().detached), (names{"a", "c"}));
    EXPECT_EQ(ids(change->changed().kept), names{"b"});
    EXPECT_EQ(stored.linked_to("u1"), (names{"b", "d"}));
    EXPECT_EQ(stored.linked_to("u2"), names{"x"});
    EXPECT_EQ(bodies.front().at("TransactItems").as_array().size(), 4U) << "three rows and the guard";
}

TEST_F(changes_of_links, ask_for_the_guard_again_when_there_is_nothing_to_change) {
    stored.link("u1", "a");
    auto const change = replacement({"a"});
    finish(*change);
    EXPECT_EQ(asked, (texts{"GetItem", "Query", "GetItem"}));
    EXPECT_EQ(ids(change->changed().kept), names{"a"});
    EXPECT_EQ(stored.transactions, 0U);
}

TEST_F(changes_of_links, are_committed_in_parts_of_99_with_the_guard_counted_on) {
    texts many;
    for (int i = 0; i < 200; ++i) many.push_back("r" + std::to_string(1000 + i));
    auto const change = replacement(many);
    finish(*change);
    EXPECT_EQ(asked, (texts{"GetItem", "Query", "TransactWriteItems", "TransactWriteItems", "TransactWriteItems"}));
    EXPECT_EQ(bodies[0].at("TransactItems").as_array().size(), 100U);
    EXPECT_EQ(bodies[2].at("TransactItems").as_array().size(), 3U);
    EXPECT_EQ(change->changed().attached.size(), 200U);
    EXPECT_EQ(stored.items.at("#users_roles#u1/left").at("count").at("N").as_string(), "3");
}

TEST_F(changes_of_links, bring_other_data_and_keep_the_time) {
    stored.link("u1", "a");
    stored.items.at("users_roles#u1/a").insert_or_assign("created_at", json::object{{"S", "2020-01-01T00:00:00.000Z"}});
    std::vector<wanted_row> wanted = rows({"a"});
    wanted.front().data.emplace("level", 3);
    link_replacement change(env(), roles(), "u1", R"({"S":"users_roles#u1"})", wanted);
    finish(change);
    EXPECT_EQ(ids(change.changed().kept), names{"a"});
    auto const& row = stored.items.at("users_roles#u1/a");
    EXPECT_EQ(row.at("extra").at("M").at("level").at("N").as_string(), "3");
    EXPECT_EQ(row.at("created_at").at("S").as_string(), "2020-01-01T00:00:00.000Z");
    link_replacement same(env(), roles(), "u1", R"({"S":"users_roles#u1"})", wanted);
    finish(same);
    EXPECT_EQ(stored.transactions, 1U) << "the same data are not written again";
}

/// Runs several changes in every order in which their requests can be answered.
void in_every_order(std::size_t changes, std::function<bool(std::vector<std::size_t> const&)> const& run) {
    // run(schedule) follows the schedule, and then takes the changes in turn; it returns whether the schedule was too
    // short to decide every request. A schedule that was long enough needs no longer one.
    std::function<void(std::vector<std::size_t>&)> const extend = [&](std::vector<std::size_t>& schedule) {
        if (!run(schedule) || schedule.size() == 9) return;
        for (std::size_t i = 0; i < changes; ++i) {
            schedule.push_back(i);
            extend(schedule);
            schedule.pop_back();
        }
    };
    std::vector<std::size_t> empty;
    extend(empty);
}

TEST_F(changes_of_links, of_two_replacements_never_mix_in_whatever_order_their_requests_are_answered) {
    std::size_t schedules = 0;
    in_every_order(2, [&](std::vector<std::size_t> const& schedule) {
        ++schedules;
        stored = {};
        for (auto const* id : {"a", "b"}) stored.link("u1", id);
        std::unique_ptr<link_transactions> const both[] = {replacement({"a", "c"}), replacement({"b", "d"})};
        for (auto const i : schedule) step(*both[i]);
        bool const is_open = !both[0]->done() && !both[1]->done();
        finish(*both[0]);
        finish(*both[1]);
        EXPECT_TRUE(both[0]->done() && both[1]->done());
        auto const left = stored.linked_to("u1");
        bool const second_won = left == names{"b", "d"};
        EXPECT_TRUE(second_won || left == (names{"a", "c"}));
        // Each tells what it has found: either the links of the beginning, or what the other one has left.
        auto const& first = *both[second_won ? 0 : 1];
        auto const& last = *both[second_won ? 1 : 0];
        EXPECT_EQ(ids(first.changed().detached), second_won ? names{"b"} : names{"a"});
        EXPECT_EQ(ids(last.changed().detached), second_won ? (names{"a", "c"}) : (names{"b", "d"}));
        EXPECT_EQ(ids(last.changed().attached), second_won ? (names{"b", "d"}) : (names{"a", "c"}));
        return is_open;
    });
    EXPECT_GT(schedules, 30U);
}

TEST_F(changes_of_links, of_two_toggles_and_a_replacement_each_take_effect_once) {
    in_every_order(3, [&](std::vector<std::size_t> const& schedule) {
        if (schedule.size() > 6) return false;
        stored = {};
        stored.link("u1", "a");
        std::unique_ptr<link_transactions> const all[] = {toggle({"a", "b"}), toggle({"a"}, {"a"}), replacement({"a"})};
        for (auto const i : schedule) step(*all[i]);
        bool is_open = false;
        for (auto const& one : all) is_open = is_open || !one->done();
        for (auto const& one : all) finish(*one);
        // Of each link, what was attached and what was detached is what has become of it.
        for (std::string const id : {"a", "b"}) {
            int count = id == "a" ? 1 : 0;
            for (auto const& one : all) {
                count += ids(one->changed().attached).contains(id) ? 1 : 0;
                count -= ids(one->changed().detached).contains(id) ? 1 : 0;
            }
            EXPECT_EQ(count, stored.linked_to("u1").contains(id) ? 1 : 0) << id;
        }
        return is_open;
    });
}

TEST_F(changes_of_links, that_toggle_learn_from_a_refusal_and_toggle_equal_ones_once) {
    stored.link("u1", "a");
    auto const change = toggle({"a", "b", "a"});
    finish(*change);
    EXPECT_EQ(asked, (texts{"TransactWriteItems", "TransactWriteItems"}));
    EXPECT_EQ(ids(change->changed().detached), names{"a"});
    EXPECT_EQ(ids(change->changed().attached), names{"b"});
    EXPECT_NE(bodies[0].at("ClientRequestToken"), bodies[1].at("ClientRequestToken"));
    auto const guessed = toggle({"b"}, {"b"});
    finish(*guessed);
    EXPECT_EQ(asked.size(), 3U);
    EXPECT_TRUE(toggle({})->done());
}

TEST_F(changes_of_links, that_others_change_all_the_time_are_given_up_with_a_sentence) {
    auto const change = toggle({"a"});
    for (int i = 0; i < 40 && !failed; ++i) {
        if (i % 2 == 0)
            stored.link("u1", "a");
        else
            stored.items.clear();
        if (!step(*change)) break;
    }
    ASSERT_TRUE(failed);
    EXPECT_NE(failed->find("others were changing the same links of User.roles"), std::string::npos) << *failed;
    EXPECT_EQ(asked.size(), 16U);
    EXPECT_FALSE(change->done());
}

TEST_F(changes_of_links, pause_longer_and_longer_between_refusals) {
    auto const change = toggle({"a"});
    std::vector<std::chrono::nanoseconds> pauses;
    for (int i = 0; i < 12; ++i) {
        if (i % 2 == 0)
            stored.link("u1", "a");
        else
            stored.items.clear();
        auto const before = now;
        step(*change);
        pauses.push_back(now - before);
    }
    EXPECT_EQ(pauses[1].count(), 0) << "the first refusal has told what is stored";
    EXPECT_GT(pauses[2].count(), 0);
    for (std::size_t i = 3; i < 7; ++i) EXPECT_GT(pauses[i], pauses[i - 1]);
    EXPECT_LT(pauses.back(), std::chrono::seconds(1));
}

TEST_F(changes_of_links, end_with_a_failure_that_is_no_refusal) {
    auto const change = replacement({"a"});
    auto const first = change->next(now);
    ASSERT_TRUE(first);
    error const denied(make_error_code(service_errc::access_denied), {});
    EXPECT_FALSE(change->takes_failure(first->id, denied));
    change->on_failure(first->id, denied);
    diagnostics d;
    change->describe(first->id, d);
    EXPECT_EQ(d.operation, "GetItem");
    EXPECT_EQ(d.table, "p.pivots");
    EXPECT_EQ(d.relation_path, "User.roles");

    auto const other = replacement({"a"});
    auto const guard = other->next(now);
    ASSERT_TRUE(guard);
    EXPECT_EQ(dynasio::test::error_of([&] { reply(*other, guard->id, R"({"Item":{"pk":{"S":"x"}}})"); }).code(),
              errc::malformed_response);
    texts too_many;
    for (int i = 0; i < 101; ++i) too_many.push_back("r" + std::to_string(i));
    EXPECT_EQ(dynasio::test::error_of([&] { toggle(too_many); }).code(), errc::batch_too_large);
}

// ---- links that lead both ways

class changes_of_symmetric_links : public changes_of_links {
protected:
    changes_of_symmetric_links() { begin(); }
    void begin() {
        relation = dynasio::entity_type_of<Person>().find_relation("friends");
        stored = {};
        stored.prefix = relation->pivot_key + '#';
    }
    void befriend(std::string const& a, std::string const& b) {
        stored.link(a, b);
        stored.link(b, a);
    }
    std::unique_ptr<link_pair> attach(std::string const& a, std::string const& b) const {
        return std::make_unique<link_pair>(env(), *relation, pivot_rows::ids{a, b}, std::nullopt);
    }
    std::unique_ptr<link_pair> detach(std::string const& a, std::string const& b) const {
        return link_pair::detaching(env(), *relation, pivot_rows::ids{a, b});
    }
    /// Whether each of them sees the links that the others see.
    bool agrees(names const& people) const {
        for (auto const& a : people)
            for (auto const& b : people)
                if (stored.linked_to(a).contains(b) != stored.linked_to(b).contains(a)) return false;
        return true;
    }
};

TEST_F(changes_of_symmetric_links, write_the_rows_of_both_in_one_transaction) {
    finish(*attach("a", "b"));
    EXPECT_EQ(asked, texts{"TransactWriteItems"});
    EXPECT_EQ(stored.linked_to("a"), names{"b"});
    EXPECT_EQ(stored.linked_to("b"), names{"a"});
    auto const undone = detach("b", "a");
    finish(*undone);
    EXPECT_TRUE(undone->was_there());
    EXPECT_EQ(asked.size(), 2U);
    EXPECT_TRUE(stored.items.empty());
}

TEST_F(changes_of_symmetric_links, remove_what_is_left_of_a_link_that_was_written_by_halves) {
    stored.link("b", "a");
    auto const undone = detach("a", "b");
    finish(*undone);
    EXPECT_FALSE(undone->was_there()) << "a does not see it";
    EXPECT_TRUE(stored.items.empty());
    stored.link("b", "a");
    finish(*attach("a", "b"));
    EXPECT_TRUE(agrees({"a", "b"}));
}

TEST_F(changes_of_symmetric_links, tell_of_a_link_that_came_while_it_was_looked_for) {
    auto const undone = detach("a", "b");
    EXPECT_TRUE(step(*undone)) << "refused, because there is no link";
    befriend("a", "b");
    finish(*undone);
    EXPECT_TRUE(undone->was_there()) << "it removes the link that somebody has made meanwhile";
    EXPECT_TRUE(stored.items.empty());
}

TEST_F(changes_of_symmetric_links, of_an_entity_with_itself_are_one_row) {
    auto const change = toggle({"a", "b"}, {}, "a");
    finish(*change);
    EXPECT_EQ(bodies.front().at("TransactItems").as_array().size(), 3U);
    EXPECT_EQ(stored.linked_to("a"), (names{"a", "b"}));
    EXPECT_EQ(stored.linked_to("b"), names{"a"});
}

TEST_F(changes_of_symmetric_links, are_committed_in_parts_of_49) {
    std::vector<std::string> many;
    names all;
    for (int i = 10; i < 70; ++i) all.insert(many.emplace_back("p" + std::to_string(i)));
    auto const change = replacement(many, "a");
    finish(*change);
    EXPECT_EQ(asked, (texts{"GetItem", "Query", "TransactWriteItems", "TransactWriteItems"}));
    EXPECT_EQ(bodies[0].at("TransactItems").as_array().size(), 99U) << "49 links and the guard";
    EXPECT_EQ(bodies[1].at("TransactItems").as_array().size(), 23U);
    EXPECT_EQ(stored.linked_to("a"), all);
    all.insert("a");
    EXPECT_TRUE(agrees(all));
}

TEST_F(changes_of_symmetric_links, that_toggle_are_at_most_50) {
    std::vector<std::string> many;
    for (int i = 0; i < 51; ++i) many.push_back("p" + std::to_string(i));
    auto const e = dynasio::test::error_of([&] { static_cast<void>(toggle(many, {}, "a")); });
    EXPECT_EQ(e.code(), errc::batch_too_large);
    EXPECT_NE(e.info().message.find("at most 50 links"), std::string::npos) << e.info().message;
    many.pop_back();
    auto const change = toggle(many, {}, "a");
    finish(*change);
    EXPECT_EQ(stored.linked_to("a").size(), 50U);
}

TEST_F(changes_of_symmetric_links, are_seen_alike_by_both_whoever_changes_them_at_once) {
    std::size_t schedules = 0;
    in_every_order(4, [&](std::vector<std::size_t> const& schedule) {
        if (schedule.size() > 4) return false;
        ++schedules;
        begin();
        befriend("a", "c");
        auto const first = replacement({"b"}, "a");
        auto const second = replacement({"a", "c"}, "b");
        auto const third = toggle({"a"}, {"a"}, "c");
        auto const fourth = detach("b", "a");
        link_transactions* const all[] = {first.get(), second.get(), third.get(), fourth.get()};
        for (auto const i : schedule) step(*all[i]);
        bool is_open = false;
        for (auto const* const one : all) is_open = is_open || !one->done();
        for (auto* const one : all) finish(*one);
        EXPECT_TRUE(agrees({"a", "b", "c"}));
        EXPECT_FALSE(stored.linked_to("b").empty()) << "none of them leaves b alone";
        return is_open;
    });
    EXPECT_GT(schedules, 100U);
}

} // namespace link_changing
