#include <dynasio/dynamodb/operations/describe_time_to_live.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Entities with ttl<> against a real server: the table's setting, and reads that leave out what has expired.
namespace timed {

using namespace dynasio::dsl;

struct Visit;
struct Visitor {
    std::string id{};
    dynasio::has_many<Visit> visits{};
};
struct Visit {
    std::string id{};
    std::string visitor_id{};
    dynasio::epoch_seconds expires_at{};
};
struct Other {
    std::string id{};
    dynasio::epoch_seconds gone_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Visitor>) {
    return entity<Visitor>(table{"visitors"}, partition_key<&Visitor::id>,
                           relate<&Visitor::visits>(by<&Visit::visitor_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Visit>) {
    return entity<Visit>(table{"visits"}, partition_key<&Visit::id>, gsi<&Visit::visitor_id>{"by_visitor"},
                         ttl<&Visit::expires_at>);
}
/// One table, of a program that set no time to live and of one that has one.
struct Older {
    std::string id{};
};
struct Newer {
    std::string id{};
    dynasio::epoch_seconds gone_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Older>) { return entity<Older>(table{"notes"}, partition_key<&Older::id>); }
constexpr auto dynasio_schema(dynasio::tag<Newer>) {
    return entity<Newer>(table{"notes"}, partition_key<&Newer::id>, ttl<&Newer::gone_at>);
}
constexpr auto dynasio_schema(dynasio::tag<Other>) {
    return entity<Other>(table{"visits"}, partition_key<&Other::id>, ttl<&Other::gone_at>);
}

} // namespace timed

namespace dynasio {
namespace {

using namespace std::chrono_literals;
using namespace dynasio::dsl;
using timed::Visit;
using timed::Visitor;

class ttl_test : public test::database_test {
protected:
    void SetUp() override {
        create_tables<Visitor, Visit>();
        Visitor v;
        v.id = "v";
        save(v);
        auto const now = system_now();
        int i = 0;
        for (auto const offset : {-1h, +1h, -24h, +24h}) {
            Visit visit;
            visit.id = std::to_string(++i);
            visit.visitor_id = "v";
            visit.expires_at = timestamp(now + offset);
            save(visit);
        }
        Visit stays;
        stays.id = "5";
        stays.visitor_id = "v";
        save(stays);
    }
    repository<Visit> visits{direct};
    repository<Visitor> visitors{direct};
};

TEST_F(ttl_test, the_table_removes_expired_items_by_the_attribute) {
    dynamodb::describe_time_to_live_request const describe(prefix + "visits");
    auto const ttl = run(direct.describe_time_to_live(describe)).time_to_live_description;
    ASSERT_TRUE(ttl);
    EXPECT_EQ(ttl->attribute_name, "expires_at");
    EXPECT_TRUE(ttl->time_to_live_status == dynamodb::time_to_live_status::enabled ||
                ttl->time_to_live_status == dynamodb::time_to_live_status::enabling);
    run(dynasio::create_tables<Visitor, Visit>(direct));
    EXPECT_TRUE(run(dynasio::compare_tables<Visitor, Visit>(direct)).empty());
}

TEST_F(ttl_test, a_table_with_another_time_to_live_is_told_and_two_are_refused) {
    auto const differences = run(dynasio::compare_tables<timed::Other>(direct));
    ASSERT_FALSE(differences.empty());
    EXPECT_EQ(differences.back().message, "the time to live is expires_at, and the schema's is gone_at");
    auto const refused = failure_of(dynasio::create_tables<Visit, timed::Other>(direct));
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_EQ(refused.info->attribute, "gone_at");
}

TEST_F(ttl_test, a_table_without_a_time_to_live_is_told_and_gets_one) {
    create_tables<timed::Older>();
    auto const differences = run(dynasio::compare_tables<timed::Newer>(direct));
    ASSERT_EQ(differences.size(), 1U);
    EXPECT_EQ(differences[0].message, "no attribute has the time to live, and the schema's is gone_at");
    run(dynasio::create_tables<timed::Newer>(direct));
    EXPECT_TRUE(run(dynasio::compare_tables<timed::Newer>(direct)).empty());
}

class second_server_ttl : public test::database_test {
protected:
    second_server_ttl() : database_test("DYNASIO_DYNALITE_ENDPOINT") {}
};

TEST_F(second_server_ttl, cannot_be_set_and_its_tables_are_made_all_the_same) {
    create_tables<Visitor, Visit>();
    auto const differences = run(dynasio::compare_tables<Visitor, Visit>(direct));
    ASSERT_EQ(differences.size(), 1U);
    EXPECT_EQ(differences[0].message, "no attribute has the time to live, and the schema's is expires_at");
    Visit visit;
    visit.id = "1";
    save(visit);
    EXPECT_EQ(run(repository<Visit>(direct).scan(without_expired).count()), 1U);
}

TEST_F(ttl_test, reads_leave_expired_entities_out_on_request) {
    auto const of_v = visits.where(field<&Visit::visitor_id> == "v");
    EXPECT_EQ(ids(run(of_v.all())), "1 2 3 4 5");
    EXPECT_EQ(ids(run(of_v.without_expired().all())), "2 4 5");
    EXPECT_EQ(run(of_v.without_expired().count()), 3U);
    EXPECT_EQ(run(visits.scan(without_expired).count()), 3U);
    EXPECT_EQ(ids(run(visitors.get("v", with<&Visitor::visits>())).visits), "1 2 3 4 5");
    EXPECT_EQ(ids(run(visitors.get("v", with<&Visitor::visits>(without_expired, limit(2)))).visits), "2 4");
}

TEST_F(ttl_test, pages_go_on_although_the_time_does_so_too) {
    auto const of_v = visits.where(field<&Visit::visitor_id> == "v", without_expired);
    auto const first = run(of_v.page(1));
    EXPECT_EQ(ids(first.items), "2");
    // A cursor holds for the same query at another time.
    auto options = test::options_for(server, prefix);
    options.clock = [] { return system_now() + 2h; };
    client later(ctx, options);
    auto const of_v_later = repository<Visit>(later).where(field<&Visit::visitor_id> == "v", without_expired);
    EXPECT_EQ(ids(run(of_v_later.page(5, first.next)).items), "4 5");
    EXPECT_EQ(ids(run(of_v_later.all())), "4 5");
    EXPECT_EQ(failure_of(visits.where(field<&Visit::visitor_id> == "v").page(1, first.next)).code,
              errc::invalid_cursor);
}

} // namespace
} // namespace dynasio
