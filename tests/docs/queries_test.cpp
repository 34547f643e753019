// The code about offers in docs/queries.md, run against a server. Parts between `//[name` and `//]` appear there word
// for word.

//[scope
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/where_always.hpp>

struct Offer {
    std::string id{};
    std::string shop{}, title{}, secret{};
    int price{};
    bool published{};
};
constexpr auto dynasio_schema(dynasio::tag<Offer>) {
    using namespace dynasio::dsl;
    return entity<Offer>(partition_key<&Offer::id>, gsi<&Offer::shop, &Offer::price>{"by_shop"},
                         where_always([] { return field<&Offer::published> == true; }));
}
//]

struct PriceTag {
    std::string id{};
    int price{};
};
constexpr auto dynasio_schema(dynasio::tag<PriceTag>) {
    return dynasio::entity<PriceTag>(dynasio::projection_of<Offer>);
}

#include <dynasio/orm/coalesced_finds.hpp>
#include <dynasio/orm/expression.hpp>
#include <dynasio/orm/rules.hpp>

#include <dynasio/core/when_all.hpp>

#include <boost/asio/awaitable.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "docs/database.hpp"

namespace asio = boost::asio;

namespace {

// Stands for a service that a program asks.
asio::awaitable<std::string> decrypted(std::string text) { co_return "plain " + text; }

//[hook
struct Letter {
    std::string id{};
    std::string sealed{};
    std::string text{}; // not stored
};
constexpr auto dynasio_schema(dynasio::tag<Letter>) {
    using namespace dynasio::dsl;
    return entity<Letter>(
        partition_key<&Letter::id>, transient<&Letter::text>,
        after_read([](Letter& l) -> asio::awaitable<void> { l.text = co_await decrypted(l.sealed); }));
}
//]

//[scoped
asio::awaitable<void> count_offers(dynasio::client db) {
    using namespace dynasio::dsl;
    repository<Offer> offers(db);
    auto const of_shop = offers.where(field<&Offer::shop> == "s1");
    std::cout << co_await of_shop.count() << " of ";                       // published ones
    std::cout << co_await of_shop.without_default_scope().count() << '\n'; // all
}
//]

//[text
asio::awaitable<void> search(dynasio::client db, std::string filter) {
    using namespace dynasio::dsl;
    repository<Offer> offers(db);
    auto const cheap = expression<Offer>("shop = ? AND price BETWEEN ? AND ?", "s1", 5, 20);
    auto const named_values =
        expression<Offer>("contains(title, :word) OR begins_with(title, :word)", named("word", "Red"));
    std::vector<Offer> const found = co_await offers.where(cheap && named_values).all();
    std::cout << found.size() << '\n';
    try {
        (void)expression<Offer>(filter, 5); // from a user
    } catch (dynasio::error const& e) {
        std::cout << e.info().message << '\n';
    }
}
//]

//[coalesced
// One object for all handlers of a server.
asio::awaitable<std::string> handle(dynasio::coalesced_finds<Offer> offers, std::string id) {
    auto finding = offers.find(std::move(id), std::chrono::milliseconds(500));
    std::optional<Offer> const offer = co_await std::move(finding);
    co_return offer ? offer->title : "there is no such offer";
}
//]

//[when_all
asio::awaitable<void> read_some(dynasio::client db, std::vector<std::string> ids) {
    using namespace dynasio::dsl;
    repository<Offer> offers(db);
    std::vector<asio::awaitable<std::optional<Offer>>> finds;
    for (auto const& id : ids) finds.push_back(offers.find(id));
    auto reading = dynasio::when_all(std::move(finds), concurrency(8));
    std::vector<std::optional<Offer>> const found = co_await std::move(reading);
    std::cout << found.size() << '\n';
}
//]

//[parallel
asio::awaitable<void> add_prices(dynasio::client db) {
    using namespace dynasio::dsl;
    repository<Offer> offers(db);
    auto const all = offers.scan(without_default_scope).parallel(8);
    auto adding = all.fold(0, [](int sum, Offer&& a) { return sum + a.price; });
    std::cout << co_await std::move(adding) << '\n';
}
//]

//[statement
asio::awaitable<void> state(dynasio::client db) {
    using namespace dynasio::dsl;
    repository<Offer> offers(db);
    auto const dear = offers.statement("SELECT * FROM offers.by_shop WHERE shop = ? AND price > ?", "s1", 10);
    std::vector<Offer> const all = co_await dear.all();
    dynasio::page<Offer> const first = co_await dear.page(20); // the service looks at 20 items
    repository<PriceTag> prices(db);                           // a projection: its attributes alone
    auto const one = co_await prices.statement("SELECT * FROM offers WHERE id = ?", "a1").all();
    std::cout << all.size() << ' ' << first.items.size() << ' ' << one.size() << '\n';
}
//]

class docs_queries : public guide::docs_database<Offer, Letter> {
protected:
    void SetUp() override {
        docs_database::SetUp();
        for (int i = 1; i <= 4; ++i)
            saved(Offer{"a" + std::to_string(i), "s1", i % 2 == 0 ? "Red shoe" : "Blue shoe", "", i * 5, i != 3});
    }
};

TEST_F(docs_queries, have_a_default_scope) { EXPECT_EQ(printed_by(count_offers(db_)), "3 of 4\n"); }

TEST_F(docs_queries, take_conditions_as_text) {
    EXPECT_EQ(printed_by(search(db_, "price => ?")),
              "2\nthe condition \"price => ?\" is wrong at character 8: a value is expected here, as ? or :name; "
              "attributes are not compared with each other\n");
}

TEST_F(docs_queries, run_at_the_same_time) {
    EXPECT_EQ(printed_by(read_some(db_, {"a1", "a2", "none"})), "3\n");
    EXPECT_EQ(printed_by(add_prices(db_)), "50\n");
}

TEST_F(docs_queries, finds_of_many_callers_are_one_request) {
    dynasio::coalesced_finds<Offer> const offers(db_);
    std::vector<asio::awaitable<std::string>> all;
    for (auto const* id : {"a1", "a2", "a1", "none"}) all.push_back(handle(offers, id));
    auto const titles = run(dynasio::when_all(std::move(all), dynasio::concurrency(4)));
    EXPECT_EQ(titles, (std::vector<std::string>{"Blue shoe", "Red shoe", "Blue shoe", "there is no such offer"}));
    EXPECT_EQ(offers.figures().keys, 3u);
    EXPECT_EQ(offers.figures().reads, 1u);
}

TEST_F(docs_queries, are_statements) { EXPECT_EQ(printed_by(state(db_)), "2 2 1\n"); }

TEST_F(docs_queries, open_letters_after_reading) {
    saved(Letter{"l1", "abc", ""});
    EXPECT_EQ(run(dynasio::repository<Letter>(db_).get("l1")).text, "plain abc");
}

} // namespace
