#include <dynasio/orm/bad_item.hpp>
#include <dynasio/orm/trash.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/core/error.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <orm/load/loader.hpp>
#include <orm/type/item_values.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/league_server.hpp"
#include "support/property.hpp"

// Graphs, paths and constraints that are drawn, loaded from a service in memory that answers in any order and in any
// parts, and compared with what a loader finds that asks for one entity after the other.
namespace dynasio::drawn_graphs_tests {
namespace {

using detail::loader;
using detail::loader_options;
using dynamodb::operation;
using league::drawn_case;
using test::item_server;
using test::property_run;

using league::json_of;

/// Calls `use` with an object of the type that these facts are about.
template <class Use> auto with_type(league::entity_facts const& facts, Use use) {
    if (facts.name == "Team") return use(league::Team());
    if (facts.name == "Player") return use(league::Player());
    if (facts.name == "Slot") return use(league::Slot());
    if (facts.name == "Label") return use(league::Label());
    if (facts.name == "Venue") return use(league::Venue());
    if (facts.name == "Chant") return use(league::Chant());
    return use(league::Note());
}

/// What a load has sent.
struct sent_requests {
    std::size_t queries = 0;
    std::size_t batches = 0;
    std::set<std::string> keys{};
    std::size_t keys_sent = 0;
};

/// How a load is carried out.
struct manner {
    std::size_t in_flight = 1;
    bool by_keys = false; ///< The entities are read as well.
    bool in_order = true; ///< Requests are answered in the order in which they were sent.
};

/// Carries a load out: sends what may be sent and answers it, in an order that is drawn.
sent_requests carry_out(loader& load, item_server const& server, manner how, property_run& random) {
    struct under_way {
        std::size_t id;
        operation op;
        std::string body;
    };
    sent_requests sent;
    std::vector<under_way> requests;
    loader::time_point now{};
    for (std::size_t step = 0; !load.done(); ++step) {
        if (step > 1'000'000) throw std::logic_error("the load does not come to an end");
        now += std::chrono::microseconds(how.in_order ? 0 : random.below(1500));
        if (requests.size() < how.in_flight && load.ready(now) && (how.in_order || !random.one_in(4))) {
            if (auto r = load.next(now)) {
                requests.push_back({r->id, r->op, std::move(r->body)});
                auto const body = boost::json::parse(requests.back().body);
                if (r->op == operation::batch_get_item) {
                    ++sent.batches;
                    for (auto const& [table, what] : body.at("RequestItems").as_object())
                        for (auto const& key : what.at("Keys").as_array()) {
                            ++sent.keys_sent;
                            sent.keys.insert(std::string(table) + boost::json::serialize(key));
                        }
                } else {
                    ++sent.queries;
                }
                continue;
            }
        }
        if (requests.empty()) {
            auto const at = load.wake_at();
            if (!at && !load.ready(now)) throw std::logic_error("the load waits for nothing");
            if (at) now = std::max(now, *at);
            continue;
        }
        auto const which = how.in_order ? 0 : random.below(requests.size());
        under_way const answered = std::move(requests[which]);
        requests.erase(requests.begin() + static_cast<std::ptrdiff_t>(which));
        bool const is_batch = answered.op == operation::batch_get_item;
        load.on_answer(answered.id,
                       is_batch ? server.batch(answered.body, random) : server.query(answered.body, random), now, 0.5);
    }
    return sent;
}

std::string key_json(league::entity_facts const& type, std::vector<league::scalar> const& key) {
    std::string out = "{";
    for (std::size_t i = 0; i < key.size(); ++i)
        out += (i > 0 ? ",\"" : "\"") + type.key[i] + "\":{\"" + (key[i].is_number ? "N" : "S") + "\":\"" +
               key[i].to_string() + "\"}";
    return out + '}';
}

class drawn_graphs : public testing::Test {
protected:
    void draw(std::size_t players) {
        db = league::draw_database(random, players);
        server.fill(db);
    }
    drawn_case draw_case() {
        auto const& all = league::facts::get();
        league::entity_facts const* const roots[] = {&all.team,  &all.player, &all.player, &all.slot,
                                                     &all.label, &all.venue,  &all.note,   &all.chant};
        drawn_case made;
        made.root = roots[random.below(std::size(roots))];
        auto const& items = db.tables.at(made.root->table);
        for (std::size_t n = 1 + random.below(random.one_in(4) ? 30 : 5); n-- > 0;)
            made.keys.push_back(made.root->key_of(random.of(items)));
        if (random.one_in(2)) made.keys.push_back(made.keys.front()); // the same parent twice
        league::drawing drawn(random);
        std::size_t budget = 7;
        made.relations = drawn.relations(*made.root, 4, budget);
        return made;
    }

    [[nodiscard]] std::vector<std::string> expected(drawn_case const& of, manner how, league::least& costs) const {
        std::vector<std::string> out;
        league::naive_loader naive(db, costs);
        for (auto const& key : of.keys) {
            if (how.by_keys) costs.ask(of.root->table, key, 0);
            auto const* const item = naive.by_key(*of.root, key);
            out.push_back(item != nullptr ? naive.show(*of.root, *item, of.relations, how.by_keys ? 1 : 0, !how.by_keys)
                                          : "nothing");
        }
        return out;
    }
    std::vector<std::string> loaded(drawn_case const& of, manner how, sent_requests& sent) {
        return with_type(*of.root, [&]<class T>(T) {
            auto const& type = entity_type_of<T>();
            loader_options options;
            options.bad_items = {leaves_out, leaves_out ? &left_out : nullptr};
            left_out.clear();
            loader load{options};
            std::vector<std::string> out;
            if (how.by_keys) {
                std::vector<std::string> keys;
                for (auto const& key : of.keys) keys.push_back(key_json(*of.root, key));
                load.start_with_keys(type, keys, league::nodes_of(of.relations));
                sent = carry_out(load, server, how, random);
                load.finish();
                for (auto const& [entity, last] : load.found_by_key())
                    out.push_back(entity != nullptr ? league::shown(*static_cast<T const*>(entity)) : "nothing");
                return out;
            }
            std::vector<T> entities(of.keys.size());
            std::vector<void*> places;
            league::least none;
            league::naive_loader const naive(db, none);
            for (std::size_t i = 0; i < entities.size(); ++i) {
                auto const text = boost::json::serialize(json_of(*naive.by_key(*of.root, of.keys[i])));
                dynamodb::json_reader in(text);
                detail::item_values found;
                type.decode(in, &entities[i], found);
                places.push_back(&entities[i]);
            }
            load.start_with_entities(type, std::move(places), league::nodes_of(of.relations));
            sent = carry_out(load, server, how, random);
            load.finish();
            for (auto const& each : entities) out.push_back(league::shown(each));
            return out;
        });
    }
    /// What is wrong with the load of a case; empty when nothing is.
    std::string fault_of(drawn_case const& of, manner how) {
        league::least costs;
        auto const wanted = expected(of, how, costs);
        sent_requests sent;
        std::vector<std::string> got;
        try {
            got = loaded(of, how, sent);
        } catch (error const& e) {
            return std::string("it fails: ") + e.what();
        } catch (std::exception const& e) {
            return std::string("it fails: ") + e.what();
        }
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (wanted[i] != got[i]) return "it gives\n  " + got[i] + "\nand should give\n  " + wanted[i];
        for (auto const& each : left_out)
            if (each.why.info->key.empty() || (each.why.info->relation_path.empty() && each.why.info->entity.empty()))
                return "what was left out does not say where: " + each.why.to_string();
        if (server.cuts_pages || server.leaves_keys || leaves_out) return {};
        if (sent.queries != costs.queries.size()) {
            std::string out = "it sends " + std::to_string(sent.queries) + " queries in place of " +
                              std::to_string(costs.queries.size());
            for (auto const& each : costs.queries) out += "\n  " + each;
            return out;
        }
        if (sent.keys.size() != costs.keys.size())
            return "it asks for " + std::to_string(sent.keys.size()) + " keys in place of " +
                   std::to_string(costs.keys.size());
        if (costs.completes) return {}; // what an index gives in part is read by key, whoever else has read it
        if (sent.keys_sent != sent.keys.size())
            return "it asks for " + std::to_string(sent.keys_sent - sent.keys.size()) + " keys twice";
        if (how.in_order && how.in_flight == 1 && sent.batches > costs.batches())
            return "it sends " + std::to_string(sent.batches) + " batches in place of " +
                   std::to_string(costs.batches());
        return {};
    }
    /// Whether all went well. A failure prints the case, made small.
    bool check(drawn_case const& of, manner how) {
        auto const fault = fault_of(of, how);
        if (fault.empty()) return true;
        auto const small = league::reduced(of, [&](drawn_case const& each) { return !fault_of(each, how).empty(); });
        auto const now = fault_of(small, how);
        ADD_FAILURE() << random.how_to_repeat() << "\nthe load of " << small.to_string()
                      << (how.by_keys ? " (by key)" : "") << "\n"
                      << (now.empty() ? fault : now) << "\nfirst seen with " << of.to_string();
        return false;
    }

    /// Makes some items of the server such that no entity can be read from them, and takes them out of what is
    /// expected.
    void break_some() {
        auto const number = boost::json::object{{"N", "5"}};
        auto const text = boost::json::object{{"S", "five"}};
        auto const break_in = [&](char const* table, char const* attribute, boost::json::object const& value) {
            auto& stored = server.tables.at(table).items;
            std::vector<dynamodb::item> whole;
            auto& known = db.tables.at(table);
            for (std::size_t i = 0; i < stored.size(); ++i) {
                if (random.one_in(8))
                    stored[i][attribute] = value;
                else
                    whole.push_back(known[i]);
            }
            if (whole.empty()) { // some entity has to be there to begin with
                stored.front() = json_of(known.front());
                whole.push_back(known.front());
            }
            known = std::move(whole);
        };
        break_in("teams", "name", number);
        break_in("players", "deleted_at", number);
        break_in("slots", "load", text);
        break_in("crests", "motto", number);
        break_in("medals", "metal", number);
        break_in("labels", "name", number);
        break_in("chants", "text", number);
        // A type that is not known leaves its entity as it is, without the subject.
        for (std::size_t i = 0; i < db.tables.at("notes").size(); ++i) {
            if (!random.one_in(8)) continue;
            db.tables.at("notes")[i].insert_or_assign("subject_type", "planets");
            server.tables.at("notes").items[i]["subject_type"] = boost::json::object{{"S", "planets"}};
        }
    }

    property_run random{};
    league::database db{};
    league::league_server server{};
    bool leaves_out = false;
    std::vector<bad_item> left_out{};
};

TEST_F(drawn_graphs, are_what_one_request_after_the_other_gives_at_the_least_cost) {
    for (std::size_t world = property_run::rounds(8); world-- > 0;) {
        draw(world % 4 == 0 ? 260 : 10 + random.below(30));
        for (int n = 0; n < 60; ++n) {
            manner how;
            how.by_keys = random.one_in(2);
            if (!check(draw_case(), how)) return;
        }
    }
}

TEST_F(drawn_graphs, do_not_depend_on_the_order_of_answers) {
    for (std::size_t world = property_run::rounds(8); world-- > 0;) {
        draw(world % 4 == 0 ? 260 : 10 + random.below(30));
        for (int n = 0; n < 60; ++n) {
            manner how;
            how.by_keys = random.one_in(2);
            how.in_order = false;
            how.in_flight = 1 + random.below(12);
            if (!check(draw_case(), how)) return;
        }
    }
}

TEST_F(drawn_graphs, come_in_any_pages_and_parts_of_batches_and_in_any_spelling) {
    for (std::size_t world = property_run::rounds(9); world-- > 0;) {
        draw(world % 4 == 0 ? 260 : 10 + random.below(30));
        server.cuts_pages = world % 2 == 0;
        server.leaves_keys = world % 3 != 0;
        server.spells_freely = true;
        for (int n = 0; n < 60; ++n) {
            manner how;
            how.by_keys = random.one_in(2);
            how.in_order = random.one_in(2);
            how.in_flight = how.in_order ? 1 : 1 + random.below(12);
            if (!check(draw_case(), how)) return;
        }
    }
}

TEST_F(drawn_graphs, with_on_bad_item_are_as_if_broken_items_did_not_exist) {
    leaves_out = true;
    std::size_t all_left_out = 0;
    for (std::size_t world = property_run::rounds(8); world-- > 0;) {
        draw(world % 4 == 0 ? 260 : 10 + random.below(30));
        break_some();
        server.cuts_pages = world % 2 == 0;
        server.spells_freely = world % 3 == 0;
        for (int n = 0; n < 60; ++n) {
            manner how;
            how.by_keys = random.one_in(2);
            how.in_order = random.one_in(2);
            how.in_flight = how.in_order ? 1 : 1 + random.below(12);
            if (!check(draw_case(), how)) return;
            all_left_out += left_out.size();
        }
    }
    EXPECT_GT(all_left_out, 100u);
}

// ---- one item of a wrong shape among thousands

class one_broken_item : public drawn_graphs {
protected:
    static constexpr int many = 3000;

    void SetUp() override {
        for (int i = 0; i < many; ++i) {
            dynamodb::item player;
            player.emplace("id", "p" + std::to_string(i));
            player.emplace("team_no", 1);
            player.emplace("rank", i);
            player.emplace("name", "n" + std::to_string(i));
            player.emplace("mentor_id", "p" + std::to_string((i + 1) % many));
            db.tables["players"].push_back(std::move(player));
            dynamodb::item medal;
            medal.emplace("id", "m" + std::to_string(i));
            medal.emplace("player_id", "p" + std::to_string(i));
            medal.emplace("points", 1);
            medal.emplace("metal", "gold");
            db.tables["medals"].push_back(std::move(medal));
            std::string const pk = "players_friends#p0", friend_id = "p" + std::to_string(i);
            db.links.push_back({"players_friends", "p0", friend_id, pk, friend_id, {}});
        }
        dynamodb::item team;
        team.emplace("number", 1);
        db.tables["teams"].push_back(std::move(team));
        server.fill(db);
    }
    boost::json::object& stored(char const* table, int i) {
        return server.tables.at(table).items[static_cast<std::size_t>(i)];
    }
    /// Loads relations of one entity and says how that fails.
    template <class T> failure failure_of(T& entity, load_node what) {
        try {
            run(entity, std::move(what), {});
        } catch (error const& e) {
            return e.as_failure();
        }
        ADD_FAILURE() << "the load succeeded";
        return failure(error_code(), diagnostics());
    }
    template <class T> void run(T& entity, load_node what, detail::bad_item_policy policy) {
        loader_options options;
        options.bad_items = policy;
        loader load{options};
        std::vector<load_node> children;
        children.push_back(std::move(what));
        load.start_with_entities(entity_type_of<T>(), std::vector<void*>(1, &entity), std::move(children));
        manner how;
        how.in_flight = 8;
        how.in_order = false;
        carry_out(load, server, how, random);
        load.finish();
    }
    template <auto Member, class... More> static load_node node(More... more) {
        return detail::access::node(with<Member>(std::move(more)...));
    }
};

TEST_F(one_broken_item, is_named_with_its_key_and_path_wherever_it_is_met) {
    stored("players", 1234)["deleted_at"] = boost::json::object{{"BOOL", true}};
    stored("medals", 2345)["metal"] = boost::json::object{{"N", "1"}};
    league::Player first;
    first.id = "p0";
    league::Team team;
    team.number = 1;
    auto const with_all = [] { return with_trashed; };
    struct row {
        failure got;
        char const* key;
        char const* path;
    };
    using league::Player;
    using league::Team;
    row const rows[] = {
        {failure_of(team, node<&Team::players>(with_all())), R"({"id":{"S":"p1234"}})", "Team.players"},
        {failure_of(first, node<&Player::friends>()), R"({"id":{"S":"p1234"}})", "Player.friends"},
        {failure_of(team, node<&Team::medals>()), R"({"id":{"S":"m2345"}})", "Team.medals"},
        {failure_of(first, node<&Player::friends>(with<&Player::mentor>())), R"({"id":{"S":"p1234"}})",
         "Player.friends"},
    };
    for (auto const& [got, key, path] : rows) {
        SCOPED_TRACE(path);
        EXPECT_EQ(got.code, errc::attribute_type_mismatch) << got.to_string();
        EXPECT_EQ(got.info->key, key) << got.to_string();
        EXPECT_TRUE(got.info->relation_path.starts_with(path)) << got.to_string();
    }
    EXPECT_FALSE(team.players.loaded());
    EXPECT_FALSE(team.medals.loaded());
    EXPECT_FALSE(first.friends.loaded());
}

TEST_F(one_broken_item, is_collected_and_the_others_come) {
    stored("players", 1234)["deleted_at"] = boost::json::object{{"BOOL", true}};
    std::vector<bad_item> bad;
    league::Team team;
    team.number = 1;
    run(team, node<&league::Team::players>(with_trashed, with<&league::Player::mentor>(with_trashed)), {true, &bad});
    EXPECT_EQ(team.players.size(), static_cast<std::size_t>(many - 1));
    std::size_t without = 0;
    for (auto const& each : team.players) without += each.mentor ? 0 : 1;
    EXPECT_EQ(without, 1u) << "the one whose mentor is broken";
    ASSERT_EQ(bad.size(), 2u) << "once for each place at which it is met";
    for (auto const& each : bad) {
        EXPECT_EQ(each.why.info->key, R"({"id":{"S":"p1234"}})");
        EXPECT_NE(each.item.find(R"("BOOL":true)"), std::string::npos);
    }
}

TEST_F(one_broken_item, may_be_the_row_of_a_link) {
    stored("pivots", 77).erase("id_right");
    stored("players", 5)["deleted_at"] = boost::json::object{{"NULL", true}};
    server.tables.at("players").items.erase(server.tables.at("players").items.begin() + 99); // leads nowhere
    league::Player first;
    first.id = "p0";
    auto const failed = failure_of(first, node<&league::Player::friends>());
    EXPECT_EQ(failed.code, errc::malformed_response) << failed.to_string();
    EXPECT_EQ(failed.info->key, R"({"pk":{"S":"players_friends#p0"},"sk":{"S":"p77"}})") << failed.to_string();
    EXPECT_EQ(failed.info->relation_path, "Player.friends");
    std::vector<bad_item> bad;
    run(first, node<&league::Player::friends>(), {true, &bad});
    EXPECT_EQ(first.friends.size(), static_cast<std::size_t>(many - 2));
    ASSERT_EQ(bad.size(), 1u);
    EXPECT_EQ(bad.front().why.info->key, failed.info->key);
}

} // namespace
} // namespace dynasio::drawn_graphs_tests
