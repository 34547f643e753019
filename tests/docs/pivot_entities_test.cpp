// The code that docs/relations.md shows about links that are entities, run against a server.

#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/trash.hpp>
#include <dynasio/orm/verify.hpp>

#include <boost/asio/awaitable.hpp>

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "docs/database.hpp"

namespace guide {

//[pivot_entities
struct Boat;
struct Crewing;
struct Rower {
    std::string id{}, name{};
    dynasio::belongs_to_many<Boat, Crewing> boats{};
};
struct Boat {
    std::string id{}, name{};
    dynasio::belongs_to_many<Rower, Crewing> rowers{};
};
struct Crewing { // a link, and an entity like any other
    std::string rower_id{}, boat_id{};
    int seat{};
    dynasio::timestamp since{}, left_at{};
};

constexpr auto dynasio_schema(dynasio::tag<Crewing>) {
    using namespace dynasio::dsl;
    return entity<Crewing>(partition_key<&Crewing::rower_id>, sort_key<&Crewing::boat_id>,
                           gsi<&Crewing::boat_id>{"by_boat"}, created_at<&Crewing::since>,
                           soft_delete<&Crewing::left_at>);
}
constexpr auto dynasio_schema(dynasio::tag<Rower>) {
    using namespace dynasio::dsl;
    return entity<Rower>(partition_key<&Rower::id>,
                         relate<&Rower::boats>(via<&Crewing::rower_id, &Crewing::boat_id>)); // its own key first
}
constexpr auto dynasio_schema(dynasio::tag<Boat>) {
    using namespace dynasio::dsl;
    return entity<Boat>(partition_key<&Boat::id>, relate<&Boat::rowers>(via<&Crewing::boat_id, &Crewing::rower_id>));
}

static_assert(dynasio::verify<Rower, Boat, Crewing>());
//]

namespace asio = boost::asio;

//[crew
asio::awaitable<void> crew(dynasio::client db, Rower const& rower, Boat const& boat) {
    using namespace dynasio::dsl;
    repository<Rower> rowers(db);
    auto const boats = rowers.related<&Rower::boats>(rower);
    co_await boats.attach(boat); // creates a Crewing, with since
    Crewing bow;
    bow.seat = 1;
    co_await boats.attach(boat, bow); // replaces it, and keeps since

    auto const again = co_await rowers.get(rower.id, with<&Rower::boats>());
    for (auto const& [at, crewing] : again.boats.with_pivot())
        std::cout << at.name << ", seat " << crewing.seat << '\n';

    repository<Crewing> crewings(db);
    Crewing left = again.boats.pivots().front();
    co_await crewings.trash(left); // links in the trash are no links
    auto const count = co_await boats.count_links();
    std::cout << count << '\n';
}
//]

class docs_links_that_are_entities : public docs_database<Rower, Boat, Crewing> {};

TEST_F(docs_links_that_are_entities, are_attached_replaced_and_trashed) {
    auto const ann = saved(Rower{.id = "ann", .name = "Ann"});
    auto const eight = saved(Boat{.id = "b1", .name = "Eight"});
    EXPECT_EQ(printed_by(crew(db_, ann, eight)), "Eight, seat 1\n0\n");
}

} // namespace guide
