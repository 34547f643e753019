// Which requests change several links that are entities together, and what comes of two such changes at once.

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/verify.hpp>

#include <dynasio/core/error.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <orm/wire/pivot_entity_changes.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/error_of.hpp"

namespace tag_links {

using namespace dynasio::dsl;

struct Label;
struct Tagging {
    std::string thing_id{};
    std::string label_id{};
    int weight{};
    timestamp made_at{};
};
struct Thing {
    std::string id{};
    belongs_to_many<Label, Tagging> labels{};
};
struct Label {
    std::string id{};
    belongs_to_many<Thing, Tagging> things{};
};
constexpr auto dynasio_schema(tag<Tagging>) {
    return entity<Tagging>(partition_key<&Tagging::thing_id>, sort_key<&Tagging::label_id>,
                           gsi<&Tagging::label_id>{"by_label"}, created_at<&Tagging::made_at>);
}
constexpr auto dynasio_schema(tag<Thing>) {
    return entity<Thing>(partition_key<&Thing::id>,
                         relate<&Thing::labels>(via<&Tagging::thing_id, &Tagging::label_id>));
}
constexpr auto dynasio_schema(tag<Label>) {
    return entity<Label>(partition_key<&Label::id>,
                         relate<&Label::things>(via<&Tagging::label_id, &Tagging::thing_id>));
}
static_assert(verify<Thing, Label, Tagging>());

} // namespace tag_links

namespace dynasio::pivot_entity_changes_tests {
namespace {

namespace json = boost::json;
using namespace dynasio::detail;
using dynamodb::operation;
using tag_links::Tagging;
using tag_links::Thing;
using time_point = dynamodb::detail::request_source::time_point;
using names = std::set<std::string>;
using texts = std::vector<std::string>;

/// The table of the links and that of the guards: items by their keys. Conditions are those that the library writes for
/// links that cannot be trashed.
class tables {
public:
    std::map<std::string, json::object> items{};
    std::size_t transactions = 0;

    void link(std::string const& label, int weight = 0) {
        json::object const key{{"thing_id", {{"S", "t1"}}}, {"label_id", {{"S", label}}}};
        json::object item = key;
        item["weight"] = {{"N", std::to_string(weight)}};
        items[place_of(key)] = std::move(item);
    }
    [[nodiscard]] names labels() const {
        names all;
        for (auto const& [place, item] : items)
            if (auto const* const label = item.if_contains("label_id"))
                all.insert(std::string(label->at("S").as_string()));
        return all;
    }
    [[nodiscard]] int weight_of(std::string const& label) const {
        auto const& item = items.at(place_of({{"thing_id", {{"S", "t1"}}}, {"label_id", {{"S", label}}}}));
        return std::stoi(std::string(item.at("weight").at("N").as_string()));
    }
    /// What a read of the links of the thing gives.
    [[nodiscard]] std::shared_ptr<void> links() const {
        auto all = std::make_shared<std::vector<Tagging>>();
        for (auto const& label : labels()) {
            Tagging& one = all->emplace_back();
            one.thing_id = "t1";
            one.label_id = label;
            one.weight = weight_of(label);
        }
        return all;
    }
    [[nodiscard]] json::object get(json::object const& body) const {
        auto const at = items.find(place_of(body.at("Key").as_object()));
        return at == items.end() ? json::object() : json::object{{"Item", at->second}};
    }
    /// The reasons of a refusal; empty when everything was written.
    std::vector<cancellation_reason> write(json::object const& body) {
        std::vector<cancellation_reason> reasons;
        bool refused = false;
        for (auto const& each : body.at("TransactItems").as_array()) {
            bool const fits = holds(each.as_object().begin()->value().as_object());
            refused = refused || !fits;
            reasons.push_back({fits ? "None" : "ConditionalCheckFailed", {}, {}});
        }
        if (refused) return reasons;
        ++transactions;
        for (auto const& each : body.at("TransactItems").as_array()) {
            auto const& [kind, action] = *each.as_object().begin();
            carry_out(kind, action.as_object());
        }
        return {};
    }

private:
    static std::string place_of(json::object const& key) { return json::serialize(key); }
    [[nodiscard]] bool holds(json::object const& action) const {
        auto const at = items.find(place_of(action.at("Key").as_object()));
        auto const* const text = action.if_contains("ConditionExpression");
        if (text == nullptr) return true;
        std::string const condition(text->as_string());
        auto const named = [&](std::string const& placeholder) {
            return std::string(action.at("ExpressionAttributeNames").at(placeholder).as_string());
        };
        auto const open = condition.find('(');
        if (open != std::string::npos) {
            bool const has = at != items.end() &&
                             at->second.contains(named(condition.substr(open + 1, condition.find(')') - open - 1)));
            return condition.starts_with("attribute_exists") ? has : !has;
        }
        auto const equals = condition.find(" = ");
        auto const name = named(condition.substr(0, equals));
        return at != items.end() && at->second.contains(name) &&
               at->second.at(name) == action.at("ExpressionAttributeValues").at(condition.substr(equals + 3));
    }
    void carry_out(std::string_view kind, json::object const& action) {
        auto const& key = action.at("Key").as_object();
        if (kind == "Delete") {
            items.erase(place_of(key));
            return;
        }
        json::object& item = items[place_of(key)];
        for (auto const& part : key) item.insert_or_assign(part.key(), part.value());
        // Each value is set under the name that stands before it, which these tests need no more of.
        std::string const update(action.at("UpdateExpression").as_string());
        for (std::size_t at = update.find(':'); at != std::string::npos; at = update.find(':', at + 1)) {
            auto const end = std::min(update.find_first_not_of("0123456789", at + 1), update.size());
            auto const name_at = update.rfind('#', at);
            auto const name_end = update.find_first_not_of("0123456789", name_at + 1);
            auto const name = std::string(
                action.at("ExpressionAttributeNames").at(update.substr(name_at, name_end - name_at)).as_string());
            bool const once = update.rfind("if_not_exists", at) != std::string::npos &&
                              update.rfind("if_not_exists", at) > update.rfind('=', at);
            if (!once || !item.contains(name))
                item[name] = action.at("ExpressionAttributeValues").at(update.substr(at, end - at));
        }
    }
};

class changes_of_links_that_are_entities : public testing::Test {
protected:
    static relation_info const& labels() { return *entity_type_of<Thing>().find_relation("labels"); }
    static write_environment env() {
        return {.table_prefix = "p.", .now = system_time(std::chrono::seconds(1'700'000'000))};
    }
    static wanted_entity wanted(std::string const& label, std::optional<int> weight = std::nullopt) {
        wanted_entity made;
        made.ends = {R"({"S":"t1"})", R"({"S":")" + label + R"("})"};
        made.far_key = R"({"id":{"S":")" + label + R"("}})";
        if (weight) {
            auto link = std::make_shared<std::vector<Tagging>>(1);
            link->front().weight = *weight;
            made.link = std::move(link);
        }
        return made;
    }
    static std::unique_ptr<pivot_entity_replacement> replacement(std::vector<std::string> const& of) {
        std::vector<wanted_entity> all;
        for (auto const& label : of) all.push_back(wanted(label));
        return std::make_unique<pivot_entity_replacement>(env(), labels(), "t1", std::move(all));
    }
    static names ids(std::set<std::string> const& keys) {
        names made;
        for (auto const& key : keys) made.insert(std::string(json::parse(key).at("id").at("S").as_string()));
        return made;
    }
    static bool is_over(pivot_entity_replacement const& change) { return change.done() && !change.needs_links(); }

    /// Gives a change what it needs next. Returns whether it goes on.
    bool step(pivot_entity_replacement& change) {
        if (is_over(change)) return false;
        if (change.needs_links()) {
            asked.push_back("links");
            change.found(stored.links());
            return true;
        }
        return send(change) && !is_over(change);
    }
    bool send(link_transactions& change) {
        if (auto const at = change.wake_at(); at && *at > now) now = *at;
        auto const next = change.next(now);
        if (!next) return false;
        asked.push_back(std::string(to_string(next->op)));
        auto const body = json::parse(next->body).as_object();
        json::object answer;
        if (next->op == operation::transact_write_items) {
            sizes.push_back(body.at("TransactItems").as_array().size());
            auto reasons = stored.write(body);
            if (!reasons.empty()) {
                diagnostics d;
                d.cancellation_reasons = std::move(reasons);
                error const refused(make_error_code(service_errc::transaction_canceled), std::move(d));
                if (change.takes_failure(next->id, refused)) return true;
                change.on_failure(next->id, refused);
                diagnostics told = refused.info();
                change.describe(next->id, told);
                failed = std::move(told);
                return false;
            }
        } else {
            answer = stored.get(body);
        }
        dynamodb::detail::raw_reply got;
        got.detached = std::make_unique<dynamodb::detail::raw_reply::detached_answer>();
        got.detached->body = json::serialize(answer);
        change.on_answer(next->id, {got, false, now, 0.5});
        return true;
    }
    void finish(pivot_entity_replacement& change) {
        while (step(change)) {
        }
    }

    tables stored{};
    texts asked{};
    std::vector<std::size_t> sizes{};
    std::optional<diagnostics> failed{};
    time_point now = time_point(std::chrono::hours(1));
};

TEST_F(changes_of_links_that_are_entities, read_and_commit_the_difference) {
    for (auto const* label : {"a", "b", "c"}) stored.link(label);
    auto const change = replacement({"b", "d", "d"});
    finish(*change);
    EXPECT_EQ(asked, (texts{"GetItem", "links", "TransactWriteItems"}));
    EXPECT_EQ(ids(change->changed().attached), names{"d"});
    EXPECT_EQ(ids(change->changed().detached), (names{"a", "c"}));
    EXPECT_EQ(ids(change->changed().kept), names{"b"});
    EXPECT_EQ(stored.labels(), (names{"b", "d"}));
    EXPECT_EQ(sizes, std::vector<std::size_t>{4}) << "three links and the guard";
}

TEST_F(changes_of_links_that_are_entities, ask_for_the_guard_again_when_there_is_nothing_to_change) {
    stored.link("a");
    auto const change = replacement({"a"});
    finish(*change);
    EXPECT_EQ(asked, (texts{"GetItem", "links", "GetItem"}));
    EXPECT_EQ(stored.transactions, 0u);
}

TEST_F(changes_of_links_that_are_entities, are_committed_in_parts_of_99_with_the_guard_counted_on) {
    texts many;
    for (int i = 0; i < 200; ++i) many.push_back("l" + std::to_string(1000 + i));
    auto const change = replacement(many);
    finish(*change);
    EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 3}));
    EXPECT_EQ(change->changed().attached.size(), 200u);
    EXPECT_EQ(stored.labels().size(), 200u);
}

TEST_F(changes_of_links_that_are_entities, rewrite_what_is_to_be_another) {
    stored.link("a", 1);
    stored.link("b", 2);
    std::vector<wanted_entity> all;
    all.push_back(wanted("a", 1));
    all.push_back(wanted("b", 5));
    pivot_entity_replacement change(env(), labels(), "t1", std::move(all));
    finish(change);
    EXPECT_EQ(sizes, std::vector<std::size_t>{2}) << "one link and the guard";
    EXPECT_EQ(stored.weight_of("b"), 5);
    EXPECT_EQ(ids(change.changed().kept), (names{"a", "b"}));
}

TEST_F(changes_of_links_that_are_entities, read_again_when_a_link_has_changed_meanwhile) {
    stored.link("a");
    auto const change = replacement({"b"});
    EXPECT_TRUE(step(*change)); // the guard
    EXPECT_TRUE(step(*change)); // the links
    stored.link("b");
    finish(*change);
    EXPECT_EQ(asked, (texts{"GetItem", "links", "TransactWriteItems", "GetItem", "links", "TransactWriteItems"}));
    EXPECT_EQ(stored.labels(), names{"b"});
    EXPECT_EQ(ids(change->changed().kept), names{"b"});
    EXPECT_EQ(ids(change->changed().detached), names{"a"});
}

TEST_F(changes_of_links_that_are_entities,
       of_two_replacements_never_mix_in_whatever_order_their_requests_are_answered) {
    std::size_t schedules = 0;
    std::vector<std::size_t> schedule;
    std::function<void()> const extend = [&] {
        ++schedules;
        stored = {};
        for (auto const* label : {"a", "b"}) stored.link(label);
        std::unique_ptr<pivot_entity_replacement> const both[] = {replacement({"a", "c"}), replacement({"b", "d"})};
        for (auto const i : schedule) step(*both[i]);
        bool const is_open = !is_over(*both[0]) && !is_over(*both[1]);
        finish(*both[0]);
        finish(*both[1]);
        EXPECT_TRUE(is_over(*both[0]) && is_over(*both[1]));
        EXPECT_TRUE(stored.labels() == (names{"b", "d"}) || stored.labels() == (names{"a", "c"}));
        if (!is_open || schedule.size() == 8) return;
        for (std::size_t i = 0; i < 2; ++i) {
            schedule.push_back(i);
            extend();
            schedule.pop_back();
        }
    };
    extend();
    EXPECT_GT(schedules, 30u);
}

TEST_F(changes_of_links_that_are_entities, of_a_toggle_flip_what_a_refusal_shows) {
    stored.link("b");
    std::vector<wanted_entity> all;
    for (auto const* label : {"a", "b", "a"}) all.push_back(wanted(label, 4));
    pivot_entity_toggle change(env(), labels(), "t1", std::move(all), {});
    while (!change.done() && send(change)) {
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 2})) << "equal ones count once";
    EXPECT_EQ(stored.labels(), names{"a"});
    EXPECT_EQ(stored.weight_of("a"), 4);
    EXPECT_EQ(ids(change.changed().attached), names{"a"});
    EXPECT_EQ(ids(change.changed().detached), names{"b"});
}

TEST_F(changes_of_links_that_are_entities, of_a_toggle_are_at_most_a_hundred) {
    std::vector<wanted_entity> all;
    for (int i = 0; i < 101; ++i) all.push_back(wanted("l" + std::to_string(i)));
    auto const e = test::error_of([&] { pivot_entity_toggle(env(), labels(), "t1", std::move(all), {}); });
    EXPECT_EQ(e.code(), errc::batch_too_large);
    EXPECT_EQ(e.info().relation_path, "Thing.labels");
}

TEST_F(changes_of_links_that_are_entities, name_the_table_of_the_links_when_they_fail) {
    auto const change = replacement({"a"});
    EXPECT_TRUE(step(*change));
    EXPECT_TRUE(step(*change));
    auto const next = change->next(now);
    ASSERT_TRUE(next);
    diagnostics d;
    change->describe(next->id, d);
    EXPECT_EQ(d.table, "p.taggings");
    EXPECT_EQ(d.relation_path, "Thing.labels");
}

} // namespace
} // namespace dynasio::pivot_entity_changes_tests
