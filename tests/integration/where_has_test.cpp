#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/tracked.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"

// Queries whose entities are chosen by what they are related to, against a real server.
namespace kennel {

using namespace dynasio::dsl;

struct Pet;
struct Badge;
struct Town;
struct Club;
struct Visit;

struct Keeper {
    std::string id{};
    std::string street{};
    int age{};
    std::string town_id{};
    has_many<Pet> pets{};
    has_one<Badge> badge{};
    belongs_to<Town> town{};
    belongs_to_many<Club> clubs{};
    has_many_through<Visit> visits{};
};
struct Pet {
    std::string id{};
    std::string keeper_id{};
    std::string kind{};
    has_many<Visit> visits{};
};
struct Visit {
    std::string pet_id{};
    int number{};
};
struct Badge {
    std::string id{};
    std::string keeper_id{};
    std::string colour{};
};
struct Town {
    std::string id{};
    std::string country{};
};
struct Club {
    std::string id{};
};

constexpr auto dynasio_schema(tag<Keeper>) {
    return entity<Keeper>(table{"keepers"}, partition_key<&Keeper::id>, gsi<&Keeper::street, &Keeper::age>{"by_street"},
                          relate<&Keeper::pets>(by<&Pet::keeper_id>), relate<&Keeper::badge>(by<&Badge::keeper_id>),
                          relate<&Keeper::town>(by<&Keeper::town_id>), relate<&Keeper::clubs>(),
                          relate<&Keeper::visits>(through<&Keeper::pets, &Pet::visits>));
}
constexpr auto dynasio_schema(tag<Pet>) {
    return entity<Pet>(table{"pets"}, partition_key<&Pet::id>, gsi<&Pet::keeper_id>{"by_keeper"},
                       relate<&Pet::visits>(by<&Visit::pet_id>));
}
constexpr auto dynasio_schema(tag<Visit>) {
    return entity<Visit>(table{"visits"}, partition_key<&Visit::pet_id>, sort_key<&Visit::number>);
}
constexpr auto dynasio_schema(tag<Badge>) {
    return entity<Badge>(table{"badges"}, partition_key<&Badge::id>, gsi<&Badge::keeper_id>{"by_keeper"});
}
constexpr auto dynasio_schema(tag<Town>) { return entity<Town>(table{"towns"}, partition_key<&Town::id>); }
constexpr auto dynasio_schema(tag<Club>) { return entity<Club>(table{"clubs"}, partition_key<&Club::id>); }
static_assert(dynasio::verify<Keeper, Pet, Visit, Badge, Town, Club>());

} // namespace kennel

namespace dynasio::where_has_tests {
namespace {

using namespace dynasio::dsl;
using kennel::Badge;
using kennel::Club;
using kennel::Keeper;
using kennel::Pet;
using kennel::Town;
using kennel::Visit;

class related_conditions : public test::database_test {
protected:
    /// 60 keepers in one street, in the order of their ages, with whatever chance gives them.
    void SetUp() override {
        create_tables<Keeper, Pet, Visit, Badge, Town, Club>();
        std::mt19937 random(20261129);
        auto const below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
        for (auto const* id : {"oslo", "rome"}) towns.push_back({id, std::string(id) == "oslo" ? "no" : "it"});
        Club chess{"chess"};
        save(chess);
        for (std::size_t i = 0; i < 60; ++i) {
            Keeper k;
            k.id = test::numbered("k", i);
            k.street = "main";
            k.age = static_cast<int>(i);
            k.town_id = below(3) == 0 ? "" : below(3) == 0 ? "gone" : towns[below(2)].id;
            for (std::size_t p = below(3); p > 0; --p) {
                pets.push_back({k.id + "-" + std::to_string(p), k.id, below(2) == 0 ? "cat" : "dog", {}});
                if (below(2) == 0) visits.push_back({pets.back().id, 1});
            }
            if (below(2) == 0) badges.push_back({"b" + k.id, k.id, below(2) == 0 ? "red" : "blue"});
            keepers.push_back(std::move(k));
        }
        run(repository<Keeper>(direct).save_many(keepers));
        run(repository<Pet>(direct).save_many(pets));
        std::vector<Visit> all = visits;
        save_all(all);
        run(repository<Badge>(direct).save_many(badges));
        run(repository<Town>(direct).save_many(towns));
        for (std::size_t i = 0; i < keepers.size(); i += 5) {
            run(repository<Keeper>(direct).related<&Keeper::clubs>(keepers[i]).attach("chess"));
            members.push_back(keepers[i].id);
        }
    }
    auto street() { return repository<Keeper>(db).where(field<&Keeper::street> == "main"); }

    bool has_pet(Keeper const& k, std::string const& kind) const {
        return std::any_of(pets.begin(), pets.end(),
                           [&](Pet const& p) { return p.keeper_id == k.id && (kind.empty() || p.kind == kind); });
    }
    bool has_badge(Keeper const& k, std::string const& colour) const {
        return std::any_of(badges.begin(), badges.end(), [&](Badge const& b) {
            return b.keeper_id == k.id && (colour.empty() || b.colour == colour);
        });
    }
    bool has_visit(Keeper const& k) const {
        return std::any_of(visits.begin(), visits.end(),
                           [&](Visit const& v) { return v.pet_id.starts_with(k.id + "-"); });
    }
    /// What a query should give: those that a function chooses, in the order of the index.
    std::vector<std::string> chosen(std::function<bool(Keeper const&)> const& by) const {
        std::vector<std::string> found;
        for (auto const& k : keepers)
            if (by(k)) found.push_back(k.id);
        return found;
    }
    static std::string joined(std::vector<std::string> const& all) {
        std::string out;
        for (auto const& each : all) out += (out.empty() ? "" : " ") + each;
        return out;
    }
    static std::string part(std::vector<std::string> const& all, std::size_t offset, std::size_t limit) {
        auto const from = std::min(offset, all.size()), to = std::min(from + limit, all.size());
        return joined({all.begin() + static_cast<std::ptrdiff_t>(from), all.begin() + static_cast<std::ptrdiff_t>(to)});
    }
    /// Compares every operation of a query with the entities that it should give.
    template <class Query> void expect(Query const& query, std::vector<std::string> const& wanted) {
        EXPECT_EQ(ids(run(query.all())), joined(wanted));
        EXPECT_EQ(run(query.count()), wanted.size());
        EXPECT_EQ(run(query.exists()), !wanted.empty());
        auto const first = run(query.first());
        EXPECT_EQ(first ? first->id : "", wanted.empty() ? "" : wanted.front());
        EXPECT_EQ(ids(run(query.limit(3).all())), part(wanted, 0, 3));
        EXPECT_EQ(ids(run(query.limit(3).offset(2).all())), part(wanted, 2, 3));
        EXPECT_EQ(run(query.limit(3).offset(2).count()),
                  std::min<std::size_t>(3, wanted.size() - std::min<std::size_t>(2, wanted.size())));
        EXPECT_EQ(ids(run(query.limit(0).all())), "");
        std::vector<std::string> paged;
        cursor at;
        do {
            auto const page = run(query.page(7, at));
            for (auto const& each : page.items) paged.push_back(each.id);
            at = page.next;
        } while (at);
        EXPECT_EQ(joined(paged), joined(wanted));
    }

    std::vector<Keeper> keepers;
    std::vector<Pet> pets;
    std::vector<Visit> visits;
    std::vector<Badge> badges;
    std::vector<Town> towns;
    std::vector<std::string> members;
};

TEST_F(related_conditions, choose_by_every_kind_of_relation_as_a_search_in_memory_does) {
    auto const cat = field<&Pet::kind> == "cat";
    expect(street().where_has<&Keeper::pets>(), chosen([&](auto const& k) { return has_pet(k, ""); }));
    expect(street().where_has<&Keeper::pets>(cat), chosen([&](auto const& k) { return has_pet(k, "cat"); }));
    expect(street().where_has_no<&Keeper::pets>(cat), chosen([&](auto const& k) { return !has_pet(k, "cat"); }));
    expect(street().where_has<&Keeper::badge>(field<&Badge::colour> == "red"),
           chosen([&](auto const& k) { return has_badge(k, "red"); }));
    expect(street().where_has_no<&Keeper::badge>(), chosen([&](auto const& k) { return !has_badge(k, ""); }));
    expect(street().where_has<&Keeper::town>(field<&Town::country> == "no"),
           chosen([](auto const& k) { return k.town_id == "oslo"; }));
    expect(street().where_has_no<&Keeper::town>(),
           chosen([](auto const& k) { return k.town_id.empty() || k.town_id == "gone"; }));
    expect(street().where_has<&Keeper::clubs>(), members);
    expect(street().where_has<&Keeper::visits>(), chosen([&](auto const& k) { return has_visit(k); }));
    expect(street().where_has<&Keeper::pets>(cat).where_has<&Keeper::badge>(),
           chosen([&](auto const& k) { return has_pet(k, "cat") && has_badge(k, ""); }));
    expect(street().where_has<&Keeper::pets>(field<&Pet::kind> == "fish"), {});
}

TEST_F(related_conditions, have_the_order_of_their_query) {
    auto wanted = chosen([&](auto const& k) { return has_badge(k, "red"); });
    std::reverse(wanted.begin(), wanted.end());
    auto const red = where_has<&Keeper::badge>(field<&Badge::colour> == "red");
    expect(repository<Keeper>(db).where(field<&Keeper::street> == "main", red, newest_first), wanted);
    auto const by_id =
        repository<Keeper>(db).where(field<&Keeper::street> == "main", red, client_side, descending<&Keeper::id>);
    EXPECT_EQ(ids(run(by_id.limit(4).all())), part(wanted, 0, 4)) << "an order made here";
}

TEST_F(related_conditions, load_relations_of_what_remains_alone) {
    auto const wanted = chosen([&](auto const& k) { return has_badge(k, "red"); });
    load_report report;
    auto const found = run(
        street().where_has<&Keeper::badge>(field<&Badge::colour> == "red").with<&Keeper::pets>().report(report).all());
    ASSERT_EQ(found.size(), wanted.size());
    for (auto const& k : found) {
        EXPECT_EQ(!k.pets.empty(), has_pet(k, ""));
        EXPECT_FALSE(k.badge.loaded()) << "what decides is not loaded into the entities";
    }
    EXPECT_EQ(endpoint.count("Query", prefix + "pets"), wanted.size());
    EXPECT_EQ(endpoint.count("Query", prefix + "badges"), keepers.size());
    EXPECT_EQ(report.queries, endpoint.count("Query"));
}

TEST_F(related_conditions, read_no_further_pages_than_a_limit_needs) {
    EXPECT_EQ(run(street().where_has_no<&Keeper::pets>(field<&Pet::kind> == "fish").limit(2).all()).size(), 2u);
    EXPECT_EQ(endpoint.count("Query", prefix + "keepers"), 1u);
    EXPECT_LT(endpoint.count("Query", prefix + "pets"), keepers.size());
}

TEST_F(related_conditions, find_the_only_one) {
    auto one = keepers[7];
    Badge gold{"gold", one.id, "gold"};
    if (has_badge(one, "")) run(repository<Badge>(direct).remove_key("b" + one.id));
    save(gold);
    auto const by_gold = street().where_has<&Keeper::badge>(field<&Badge::colour> == "gold");
    auto const found = run(by_gold.with<&Keeper::badge>().only());
    EXPECT_EQ(found.id, one.id);
    EXPECT_EQ(found.badge->colour, "gold");
    EXPECT_EQ(failure_of(street().where_has<&Keeper::pets>().only()).code, errc::more_than_one);
    EXPECT_EQ(failure_of(street().where_has<&Keeper::pets>(field<&Pet::kind> == "fish").only()).code, errc::not_found);
}

TEST_F(related_conditions, are_for_scans_of_all_forms_too) {
    auto const wanted = chosen([&](auto const& k) { return has_badge(k, "red"); });
    auto const red = where_has<&Keeper::badge>(field<&Badge::colour> == "red");
    repository<tracked<Keeper>> const watched(db);
    EXPECT_EQ(run(watched.scan(red).all()).size(), wanted.size());
    EXPECT_EQ(run(watched.scan(red).parallel(4).all()).size(), wanted.size());
    EXPECT_EQ(run(watched.scan(red).parallel(4).count()), wanted.size());
    std::size_t seen = 0;
    run(watched.scan(red).parallel(3).for_each_page(10, [&](auto items) { seen += items.size(); }));
    EXPECT_EQ(seen, wanted.size());
}

TEST_F(related_conditions, have_the_budgets_of_their_query_as_a_whole) {
    auto const cats = street().where_has<&Keeper::pets>(field<&Pet::kind> == "cat");
    auto const refused = failure_of(dynasio::query<Keeper>(cats).with_options(load_budget().requests(30)).all());
    EXPECT_EQ(refused.code, errc::load_budget_exceeded);
    EXPECT_LE(endpoint.count(), 30u);
    EXPECT_NE(refused.to_string().find("30 requests"), std::string::npos) << refused.to_string();
    endpoint.clear();
    EXPECT_FALSE(run(cats.all()).empty());
    auto const needed = endpoint.count();
    EXPECT_GT(needed, 30u);
    EXPECT_FALSE(run(dynasio::query<Keeper>(cats).with_options(load_budget().requests(needed)).all()).empty());
    auto const one_less =
        failure_of(dynasio::query<Keeper>(cats).with_options(load_budget().requests(needed - 1)).all());
    EXPECT_EQ(one_less.code, errc::load_budget_exceeded);

    auto const fish = street().where_has<&Keeper::pets>(field<&Pet::kind> == "fish").limit(5);
    endpoint.clear();
    EXPECT_EQ(failure_of(dynasio::query<Keeper>(fish).with_options(max_requests(2)).all()).code,
              errc::budget_exhausted);
    EXPECT_EQ(endpoint.count("Query", prefix + "keepers"), 2u);
}

TEST_F(related_conditions, touch_no_report_when_they_are_dropped_with_their_context) {
    for (int turns = 0; turns < 60; turns += 7) {
        boost::asio::io_context own;
        client const mine(own, test::options_for(server, prefix));
        auto report = std::make_unique<load_report>();
        auto const query =
            repository<Keeper>(mine).where(field<&Keeper::street> == "main").where_has<&Keeper::pets>().report(*report);
        boost::asio::co_spawn(own, query.all(), boost::asio::detached);
        for (int i = 0; i < turns; ++i) own.run_one_for(std::chrono::milliseconds(100));
        report.reset(); // before the coroutine, which the context destroys
    }
}

TEST_F(related_conditions, say_what_they_cost_and_what_they_cannot) {
    auto const query = street().where_has<&Keeper::pets>(field<&Pet::kind> == "cat").with<&Keeper::town>();
    auto const plan = query.explain();
    EXPECT_NE(plan.find("where_has"), std::string::npos) << plan;
    EXPECT_NE(plan.find("count of pets"), std::string::npos) << plan;
    auto const assumed =
        dynasio::query<Keeper>(query).with_options(load_assumptions().roots(40).children("Keeper.pets", 3)).explain();
    EXPECT_NE(assumed.find("40 Keeper, "), std::string::npos) << assumed;
    EXPECT_NE(assumed.find("40 requests", assumed.find("count of pets")), std::string::npos)
        << "a count for each of the keepers that are read: " << assumed;
    auto const of_one = dynasio::query<Keeper>(query)
                            .limit(1)
                            .with_options(load_assumptions().roots(40).children("Keeper.pets", 3))
                            .explain();
    EXPECT_NE(of_one.find("25 requests", of_one.find("count of pets")), std::string::npos)
        << "a page has 25 keepers at least: " << of_one;
    EXPECT_EQ(failure_of(query.last()).code, errc::invalid_argument);
    load_timeline timeline;
    EXPECT_EQ(failure_of(dynasio::query<Keeper>(query).with_options(timeline_to(timeline)).all()).code,
              errc::invalid_argument);
    EXPECT_EQ(endpoint.count(), 0u);
    endpoint.on(testing::match("Query").table(prefix + "pets"))
        .always()
        .answer_error(400, "AccessDeniedException", "no");
    auto const failed = failure_of(query.all());
    EXPECT_EQ(failed.code, service_errc::access_denied);
    EXPECT_EQ(failed.info->relation_path, "Keeper.pets");
}

} // namespace
} // namespace dynasio::where_has_tests
