#include <dynasio/orm/model.hpp>
#include <dynasio/orm/where_always.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"

// Entities of several types in one table that was laid out for one Query.
namespace single_table {

using namespace dynasio::dsl;

struct Ticket;
struct Guest;
struct Venue;

struct Concert {
    std::string pk{};
    std::string sk{"CONCERT"};
    std::string title{};
    has_many<Ticket> tickets{};
    has_many<Guest> guests{};
    has_one<Venue> venue{};
};
struct Ticket {
    std::string pk{}, sk{};
    std::int64_t price{};
    std::optional<std::string> seat{};
};
struct Guest {
    std::string pk{}, sk{};
    std::string name{};
};
struct Venue {
    std::string pk{}, sk{};
    std::string city{};
};

constexpr auto dynasio_schema(tag<Concert>) {
    return entity<Concert>(table{"concerts"}, partition_key<&Concert::pk>, sort_key<&Concert::sk>,
                           relate<&Concert::tickets>(by<&Ticket::pk>, references<&Concert::pk>, item_collection),
                           relate<&Concert::guests>(by<&Guest::pk>, references<&Concert::pk>, item_collection),
                           relate<&Concert::venue>(by<&Venue::pk>, references<&Concert::pk>, item_collection));
}
constexpr auto dynasio_schema(tag<Ticket>) {
    return entity<Ticket>(table{"concerts"}, partition_key<&Ticket::pk>, sort_key<&Ticket::sk>,
                          where_always([] { return field<&Ticket::sk>.begins_with("TICKET#"); }));
}
constexpr auto dynasio_schema(tag<Guest>) {
    return entity<Guest>(table{"concerts"}, partition_key<&Guest::pk>, sort_key<&Guest::sk>,
                         where_always([] { return field<&Guest::sk>.begins_with("GUEST#"); }));
}
constexpr auto dynasio_schema(tag<Venue>) {
    return entity<Venue>(table{"concerts"}, partition_key<&Venue::pk>, sort_key<&Venue::sk>,
                         where_always([] { return field<&Venue::sk>.begins_with("VENUE"); }));
}

static_assert(verify<Concert, Ticket, Guest, Venue>());

} // namespace single_table

namespace dynasio::item_collection_tests {
namespace {

using single_table::Concert;
using single_table::Guest;
using single_table::Ticket;
using single_table::Venue;

class item_collection_against : public test::database_test {
protected:
    explicit item_collection_against(char const* variable) : test::database_test(variable) {}

    void SetUp() override { create_tables<Concert>(); }

    void put(std::string const& pk, std::string const& sk, dynamodb::item more = {}) {
        more.insert_or_assign("pk", dynamodb::attribute_value(pk));
        more.insert_or_assign("sk", dynamodb::attribute_value(sk));
        run(direct.put_item(dynamodb::put_item_request(prefix + "concerts", std::move(more))));
    }
    static dynamodb::item one(std::string const& name, dynamodb::attribute_value value) {
        dynamodb::item made;
        made.insert_or_assign(name, std::move(value));
        return made;
    }
    void fill(std::string const& pk, std::size_t tickets, std::size_t guests) {
        put(pk, "CONCERT", one("title", "title of " + pk));
        put(pk, "VENUE", one("city", "city of " + pk));
        put(pk, "AUDIT#1", one("price", "what another program writes"));
        for (std::size_t i = 0; i < tickets; ++i)
            put(pk, test::numbered("TICKET#", i), one("price", static_cast<std::int64_t>(i)));
        for (std::size_t i = 0; i < guests; ++i)
            put(pk, test::numbered("GUEST#", i), one("name", "guest " + std::to_string(i)));
    }
    /// What a concert holds, as text.
    static std::string shown(Concert const& c) {
        std::string out = c.title + " in " + (c.venue ? c.venue->city : "nowhere") + ':';
        for (auto const& t : c.tickets) out += ' ' + t.sk + '=' + std::to_string(t.price);
        for (auto const& g : c.guests) out += ' ' + g.sk + '=' + g.name;
        return out;
    }
    /// The same by a request for each relation.
    Concert naive(std::string const& pk) {
        repository<Concert> all(direct);
        auto c = run(all.get(key(pk, "CONCERT"), consistent));
        run(all.load<&Concert::tickets>(c, consistent));
        run(all.load<&Concert::guests>(c, consistent));
        run(all.load<&Concert::venue>(c, consistent));
        return c;
    }

    repository<Concert> concerts{db};
};

class item_collections : public item_collection_against {
protected:
    item_collections() : item_collection_against("DYNAMODB_ENDPOINT") {}
};
class second_server_item_collections : public item_collection_against {
protected:
    second_server_item_collections() : item_collection_against("DYNASIO_DYNALITE_ENDPOINT") {}
};

TEST_F(item_collections, come_with_their_owner_by_one_request) {
    fill("c1", 3, 2);
    load_report report;
    auto const found = run(concerts.find(key("c1", "CONCERT"), with<&Concert::tickets>(), with<&Concert::guests>(),
                                         with<&Concert::venue>(), consistent, report_to(report)));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(shown(*found), shown(naive("c1")));
    EXPECT_EQ(report.requests(), 1U);
    EXPECT_EQ(report.queries, 1U);
    EXPECT_EQ(report.items, 8U) << "all that lies in the partition";
    EXPECT_FALSE(run(concerts.find(key("c2", "CONCERT"), with<&Concert::tickets>())).has_value());
    auto const e = failure_of(concerts.get(key("c2", "CONCERT"), with<&Concert::tickets>()));
    EXPECT_EQ(e.code, errc::not_found);
    EXPECT_NE(e.info->message.find("c2"), std::string::npos) << e.to_string();
}

TEST_F(item_collections, of_many_owners_are_one_request_for_each) {
    std::vector<key_of<Concert>> keys;
    for (std::size_t i = 0; i < 12; ++i) {
        auto const pk = test::numbered("c", i);
        if (i != 5) fill(pk, i, 12 - i);
        keys.emplace_back(key(pk, "CONCERT"));
    }
    load_report report;
    auto const found = run(concerts.find_many(keys, with<&Concert::tickets>(), with<&Concert::guests>(),
                                              with<&Concert::venue>(), consistent, report_to(report)));
    EXPECT_EQ(report.queries, 12U);
    EXPECT_EQ(report.batch_gets, 0U);
    for (std::size_t i = 0; i < 12; ++i) {
        ASSERT_EQ(found[i].has_value(), i != 5) << i;
        if (!found[i]) continue;
        EXPECT_EQ(shown(*found[i]), shown(naive(test::numbered("c", i))));
    }
}

TEST_F(item_collections, larger_than_a_page_are_read_to_their_end) {
    fill("c1", 0, 1);
    std::string const large(300'000, 'x');
    for (std::size_t i = 0; i < 10; ++i) {
        auto more = one("price", static_cast<std::int64_t>(i));
        more.insert_or_assign("seat", dynamodb::attribute_value(large));
        put("c1", test::numbered("TICKET#", i), std::move(more));
    }
    load_report report;
    auto const found = run(concerts.get(key("c1", "CONCERT"), with<&Concert::tickets>(), with<&Concert::guests>(),
                                        with<&Concert::venue>(), report_to(report)));
    EXPECT_EQ(shown(found), shown(naive("c1")));
    EXPECT_GE(report.queries, 3U);
}

TEST_F(item_collections, under_drawn_conditions_are_what_each_relation_is_by_itself) {
    fill("c1", 9, 7);
    std::mt19937_64 random(7);
    for (int i = 0; i < 60; ++i) {
        auto const least = static_cast<std::int64_t>(random() % 10);
        auto const from = test::numbered("GUEST#", random() % 8);
        bool const by_price = random() % 2 == 0;
        auto const together = [&](auto... more) {
            return run(concerts.get(key("c1", "CONCERT"), with<&Concert::venue>(),
                                    with<&Concert::guests>(field<&Guest::sk> >= from),
                                    with<&Concert::tickets>(field<&Ticket::price> >= least, more...)));
        };
        auto c = naive("c1");
        auto const apart = [&](auto... more) {
            run(concerts.load<&Concert::guests>(c, reload, field<&Guest::sk> >= from));
            run(concerts.load<&Concert::tickets>(c, reload, field<&Ticket::price> >= least, more...));
            return shown(c);
        };
        if (by_price)
            EXPECT_EQ(shown(together(descending<&Ticket::price>)), apart(descending<&Ticket::price>));
        else
            EXPECT_EQ(shown(together()), apart());
    }
}

TEST_F(item_collections, through_a_bad_network_lose_nothing) {
    fill("c1", 6, 6);
    auto const expected = shown(naive("c1"));
    endpoint.on(testing::match("Query")).rate(0.3).throttle("ThrottlingException");
    endpoint.on(testing::match("Query")).rate(0.3).drop_connection(testing::drop_time::after_forwarding);
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(shown(run(concerts.get(key("c1", "CONCERT"), with<&Concert::tickets>(), with<&Concert::guests>(),
                                         with<&Concert::venue>(), call_options().attempts(40)))),
                  expected);
}

TEST_F(second_server_item_collections, come_with_their_owner_by_one_request) {
    fill("c1", 3, 2);
    load_report report;
    auto const found = run(concerts.get(key("c1", "CONCERT"), with<&Concert::tickets>(), with<&Concert::guests>(),
                                        with<&Concert::venue>(), report_to(report)));
    EXPECT_EQ(shown(found), shown(naive("c1")));
    EXPECT_EQ(report.requests(), 1U);
}

} // namespace
} // namespace dynasio::item_collection_tests
