#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/trash.hpp>

#include <dynasio/dynamodb/batch.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"
#include "support/league_model.hpp"
#include "support/property.hpp"

// Graphs, paths and constraints that are drawn, loaded from a real server in every way in which relations are asked
// for, with faults on the way and without, and compared with what a loader finds that looks at one item in memory after
// the other.
namespace dynasio::drawn_graphs_tests {
namespace {

using namespace dynasio::dsl;
using league::drawn_case;
using league::scalar;
using test::property_run;

/// How the entities come whose relations are loaded.
enum class way { loaded, found_many, found, scanned };

template <class T> struct known;
template <> struct known<league::Team> {
    static key_of<league::Team> key(std::vector<scalar> const& k) { return {k[0].number}; }
};
template <> struct known<league::Player> {
    static key_of<league::Player> key(std::vector<scalar> const& k) { return {k[0].text}; }
};
template <> struct known<league::Label> {
    static key_of<league::Label> key(std::vector<scalar> const& k) { return {k[0].text}; }
};
template <> struct known<league::Note> {
    static key_of<league::Note> key(std::vector<scalar> const& k) { return {k[0].text}; }
};
template <> struct known<league::Chant> {
    static key_of<league::Chant> key(std::vector<scalar> const& k) { return {k[0].text}; }
};
template <> struct known<league::Slot> {
    static key_of<league::Slot> key(std::vector<scalar> const& k) { return dynasio::key(k[0].number, k[1].number); }
};
template <> struct known<league::Venue> {
    static key_of<league::Venue> key(std::vector<scalar> const& k) { return dynasio::key(k[0].text, k[1].number); }
};

template <class Use> auto with_type(league::entity_facts const& facts, Use use) {
    if (facts.name == "Team") return use(league::Team());
    if (facts.name == "Player") return use(league::Player());
    if (facts.name == "Slot") return use(league::Slot());
    if (facts.name == "Label") return use(league::Label());
    if (facts.name == "Venue") return use(league::Venue());
    if (facts.name == "Chant") return use(league::Chant());
    return use(league::Note());
}

class drawn_graphs : public test::database_test {
protected:
    void fill(std::size_t players) {
        create_tables<league::Team, league::Player, league::Slot, league::Crest, league::Medal, league::Label,
                      league::Venue, league::Note, league::Chant, league::Membership>();
        known_items = league::draw_database(random, players);
        auto const& all = league::facts::get();
        for (auto const* type : {&all.team, &all.player, &all.slot, &all.crest, &all.medal, &all.label, &all.venue,
                                 &all.note, &all.chant, &all.membership})
            store(type->table, known_items.tables.at(type->table), type->key.front(),
                  type->key.size() > 1 ? type->key.back() : std::string());
        store("pivots", league::rows_of(known_items), "pk", "sk");
    }
    void store(std::string const& table, std::vector<dynamodb::item> const& items, std::string const& partition,
               std::string const& sort) {
        dynamodb::write_batch_request writes(prefix + table, partition, sort);
        for (auto const& each : items) writes.put(each);
        run(direct.write_batch(writes));
    }

    drawn_case draw_case(bool plain) {
        auto const& all = league::facts::get();
        league::entity_facts const* const roots[] = {&all.team,  &all.player, &all.player, &all.slot,
                                                     &all.label, &all.venue,  &all.note,   &all.chant};
        drawn_case made;
        made.root = roots[random.below(std::size(roots))];
        auto const& items = known_items.tables.at(made.root->table);
        for (std::size_t n = 1 + random.below(random.one_in(4) ? 20 : 5); n-- > 0;)
            made.keys.push_back(made.root->key_of(random.of(items)));
        if (random.one_in(2)) made.keys.push_back(made.keys.front()); // the same parent twice
        league::drawing drawn(random);
        drawn.plain = plain;
        std::size_t budget = 6;
        made.relations = drawn.relations(*made.root, 4, budget);
        return made;
    }

    // ---- what is to come

    [[nodiscard]] std::vector<std::string> expected(drawn_case const& of, way how, league::least& costs) const {
        std::vector<std::string> out;
        league::naive_loader naive(known_items, costs);
        auto const show = [&](dynamodb::item const& item, int reads) {
            // A find of one entity loads below what it has read, as a load does.
            bool const given = how == way::loaded || how == way::found;
            out.push_back(naive.show(*of.root, item, of.relations, reads, given));
        };
        league::request root;
        root.type = of.root;
        if (how == way::scanned) {
            for (auto const& item : known_items.tables.at(of.root->table))
                if (naive.is_given(*of.root, item, root)) show(item, 0);
            std::sort(out.begin(), out.end());
            return out;
        }
        for (std::size_t i = 0; i < of.keys.size() && (how != way::found || i == 0); ++i) {
            auto const* const item = naive.by_key(*of.root, of.keys[i]);
            if (how == way::found_many) costs.ask(of.root->table, of.keys[i], 0);
            bool const comes = item != nullptr && (how != way::found_many || naive.is_given(*of.root, *item, root));
            if (comes)
                show(*item, how == way::found_many ? 1 : 0);
            else
                out.emplace_back("nothing");
        }
        return out;
    }

    // ---- what comes

    template <class T> std::vector<relation_to_load<T>> relations(drawn_case const& of, bool as_text) const {
        if (!as_text) return league::relations_of<T>(of.relations);
        std::string text;
        league::request::paths(of.relations, std::string(), text);
        return paths<T>(text, everything_allowed, max_relations(100));
    }
    std::vector<std::string> loaded(drawn_case const& of, way how, bool as_text, client const& by,
                                    load_report& report) {
        return with_type(*of.root, [&]<class T>(T) {
            repository<T> const all(by);
            auto const what = relations<T>(of, as_text);
            std::vector<std::string> out;
            std::vector<key_of<T>> keys;
            for (auto const& key : of.keys) keys.push_back(known<T>::key(key));
            if (how == way::loaded) {
                std::vector<T> entities;
                for (auto const& key : keys) entities.push_back(run(repository<T>(direct).get(key)));
                run(all.load(entities, what, report_to(report), concurrency(1 + random.below(8))));
                for (auto const& each : entities) out.push_back(league::shown(each));
            } else if (how == way::found_many) {
                for (auto const& each : run(all.find_many(keys, what, report_to(report))))
                    out.push_back(each ? league::shown(*each) : "nothing");
            } else if (how == way::found) {
                auto const each = run(all.find(keys.front(), what, report_to(report)));
                out.push_back(each ? league::shown(*each) : "nothing");
            } else {
                for (auto const& each : run(all.scan(what, report_to(report)).all()))
                    out.push_back(league::shown(each));
                std::sort(out.begin(), out.end());
            }
            return out;
        });
    }

    std::string fault_of(drawn_case const& of, way how, bool as_text, client const& by, bool with_faults) {
        league::least costs;
        auto const wanted = expected(of, how, costs);
        std::vector<std::string> got;
        load_report report;
        try {
            got = loaded(of, how, as_text, by, report);
        } catch (error const& e) {
            return std::string("it fails: ") + e.what();
        }
        if (got.size() != wanted.size())
            return std::to_string(got.size()) + " in place of " + std::to_string(wanted.size());
        for (std::size_t i = 0; i < wanted.size(); ++i)
            if (wanted[i] != got[i]) return "it gives\n  " + got[i] + "\nand should give\n  " + wanted[i];
        if (with_faults) return {};
        auto const queries = costs.queries.size() + (how == way::scanned ? 1 : 0);
        if (report.queries != queries)
            return "it sends " + std::to_string(report.queries) + " queries in place of " + std::to_string(queries);
        if (report.keys < costs.keys.size() || (!costs.completes && report.keys != costs.keys.size()))
            return "it asks for " + std::to_string(report.keys) + " keys in place of " +
                   std::to_string(costs.keys.size());
        return {};
    }
    bool check(drawn_case const& of, way how, bool as_text, client const& by, bool with_faults) {
        auto const fault = fault_of(of, how, as_text, by, with_faults);
        if (fault.empty()) return true;
        auto const fails = [&](drawn_case const& each) {
            return !fault_of(each, how, as_text, by, with_faults).empty();
        };
        auto const small = league::reduced(of, fails);
        auto const now = fault_of(small, how, as_text, by, with_faults);
        ADD_FAILURE() << random.how_to_repeat() << "\nthe load of " << small.to_string() << " (way "
                      << static_cast<int>(how) << (as_text ? ", as text" : "") << ")\n"
                      << (now.empty() ? fault : now) << "\nfirst seen with " << of.to_string();
        return false;
    }
    void check_many(std::size_t cases, client const& by, bool with_faults) {
        for (std::size_t n = 0; n < cases; ++n) {
            endpoint.clear();
            bool const as_text = random.one_in(4);
            auto const drawn = draw_case(as_text);
            auto const how = random.one_in(10) ? way::scanned : static_cast<way>(random.below(3));
            if (!check(drawn, how, as_text, by, with_faults)) return;
        }
    }

    property_run random{};
    league::database known_items{};
};

TEST_F(drawn_graphs, are_what_one_item_after_the_other_gives) {
    fill(40);
    check_many(property_run::rounds(700), direct, false);
}

TEST_F(drawn_graphs, of_more_keys_than_a_batch_takes_are_complete) {
    fill(260);
    check_many(property_run::rounds(250), direct, false);
}

TEST_F(drawn_graphs, are_complete_whatever_happens_on_the_way) {
    fill(40);
    using testing::match;
    auto const any_read = match().where(
        [](testing::recorded_request const& r) { return r.operation == "Query" || r.operation == "BatchGetItem"; });
    auto const batches = match("BatchGetItem");
    endpoint.on(batches).rate(0.2).leave_unprocessed(testing::first_keys(2));
    endpoint.on(batches).rate(0.2).leave_unprocessed(testing::all_keys_but(3));
    endpoint.on(any_read).rate(0.04).throttle("ProvisionedThroughputExceededException");
    endpoint.on(any_read).rate(0.02).answer_error(500, "InternalServerError", "");
    endpoint.on(any_read).rate(0.02).drop_connection();
    endpoint.on(any_read).rate(0.02).drop_connection(testing::drop_time::after_forwarding);
    endpoint.on(any_read).rate(0.02).truncated_by(3).forward();
    endpoint.on(any_read).rate(0.02).with_wrong_crc32().forward();
    endpoint.on(any_read).rate(0.02).by_reset().drop_connection();
    auto options = test::options_for(endpoint.url(), prefix);
    options.retry.max_attempts = 20; // also of answers that leave all keys unprocessed
    client const patient(ctx, options);
    check_many(property_run::rounds(250), patient, true);
    EXPECT_TRUE(is_quiet(patient));
}

TEST_F(drawn_graphs, of_queries_keep_to_the_order_and_limits_of_the_query) {
    fill(60);
    auto const& all = league::facts::get();
    auto const& players = all.team.relation("players");
    repository<league::Player> const repo(direct);
    for (std::size_t n = property_run::rounds(250); n-- > 0;) {
        SCOPED_TRACE(random.how_to_repeat());
        league::drawing drawn(random);
        league::request root;
        root.of = &players;
        drawn.constrain(root, league::how::many);
        if (root.limit == std::size_t{0}) root.limit = 7;
        std::size_t budget = 4;
        auto const below = drawn.relations(all.player, 3, budget);
        auto const team = static_cast<std::int64_t>(random.below(12));

        auto query = repo.where(field<&league::Player::team_no> == team);
        if (root.where) query = query.where(detail::access::make<where_clause<league::Player>>(root.where->condition));
        if (root.order) {
            bool const down = root.order->descending;
            query = query.client_side();
            if (root.order->by.empty()) query = query.order(down ? newest_first : oldest_first);
            if (root.order->by == "rank") query = query.order(member_order<&league::Player::rank>(down));
            if (root.order->by == "name") query = query.order(member_order<&league::Player::name>(down));
            if (root.order->by == "id") query = query.order(member_order<&league::Player::id>(down));
        }
        if (root.limit) query = query.limit(*root.limit);
        if (root.offset > 0) query = query.offset(root.offset);
        if (root.scope == trashed::with) query = query.with_trashed();
        if (root.scope == trashed::only) query = query.only_trashed();

        league::least of_root, costs;
        league::naive_loader naive_root(known_items, of_root), naive(known_items, costs);
        std::string wanted, got;
        std::vector<scalar> const key(1, league::whole(team));
        for (auto const* item : naive_root.query(players, key, root, 0))
            wanted += naive.show(all.player, *item, below, 0) + '\n';
        load_report report;
        for (auto const& each : run(query.with(league::relations_of<league::Player>(below)).report(report).all()))
            got += league::shown(each) + '\n';
        ASSERT_EQ(got, wanted) << "players of " << team << " as " << root.to_string() << " with "
                               << league::to_string(below);
        ASSERT_EQ(report.queries, 1 + costs.queries.size()) << root.to_string() << " with " << league::to_string(below);
    }
}

TEST_F(drawn_graphs, that_are_loaded_already_are_kept_without_a_request) {
    fill(40);
    for (std::size_t n = property_run::rounds(150); n-- > 0;) {
        SCOPED_TRACE(random.how_to_repeat());
        auto drawn = draw_case(false);
        // A belongs_to that leads nowhere is asked for again, a count is always taken anew, and what has something
        // below it is loaded again.
        std::erase_if(drawn.relations, [](league::request& r) {
            r.below.clear();
            return r.counts || r.of->kind == league::how::owner || r.of->kind == league::how::named ||
                   r.of->kind == league::how::morph;
        });
        if (drawn.relations.empty()) continue;
        with_type(*drawn.root, [&]<class T>(T) {
            repository<T> const all(direct);
            std::vector<T> entities;
            for (auto const& key : drawn.keys) entities.push_back(run(all.get(known<T>::key(key))));
            run(all.load(entities, league::relations_of<T>(drawn.relations)));
            std::string before, after;
            for (auto const& each : entities) before += league::shown(each);
            load_report again;
            run(all.load(entities, league::relations_of<T>(drawn.relations), report_to(again)));
            for (auto const& each : entities) after += league::shown(each);
            EXPECT_EQ(again.requests(), 0u) << drawn.to_string();
            EXPECT_EQ(after, before) << drawn.to_string();
        });
        if (HasFailure()) return;
    }
}

} // namespace
} // namespace dynasio::drawn_graphs_tests
