#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/tracked.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <string>

#include "integration/database_test.hpp"

// Defaults of attributes that items of others lack, against a real server.
namespace legacy {

using namespace dynasio::dsl;

struct Member {
    std::string id{}, name{}, alias{}, plan{};
};
constexpr auto dynasio_schema(tag<Member>) {
    return entity<Member>(table{"club"}, partition_key<&Member::id>,
                          default_value<&Member::alias>([](Member const& m) { return m.name; }),
                          default_value<&Member::plan>([] { return "basic"; }));
}
static_assert(dynasio::verify<Member>());

} // namespace legacy

namespace dynasio {
namespace {

using legacy::Member;

class default_values_read : public test::database_test {
protected:
    default_values_read() {
        create_tables<Member>();
        put({{"id", "a"}, {"name", "Ada"}});
        put({{"id", "b"}, {"name", "Bob"}, {"alias", dynamodb::null_value()}, {"plan", "gold"}});
    }
    void put(dynamodb::item item) {
        run(direct.put_item(dynamodb::put_item_request(prefix + "club", std::move(item))));
    }
    repository<Member> const club{db};
};

TEST_F(default_values_read, are_given_by_every_read) {
    EXPECT_EQ(run(club.get("a")).alias, "Ada");
    EXPECT_EQ(run(club.get("b")).alias, "Bob");
    EXPECT_EQ(run(club.get("b")).plan, "gold");
    for (auto const& member : run(club.scan().all())) EXPECT_EQ(member.alias, member.name);
    auto const many = run(club.find_many({"a", "b"}));
    ASSERT_EQ(many.size(), 2U);
    EXPECT_EQ(many[0]->plan, "basic");
}

TEST_F(default_values_read, are_stored_by_a_save_of_the_whole_entity_and_by_no_other) {
    repository<tracked<Member>> const tracking{db};
    auto seen = run(tracking.get("a"));
    EXPECT_FALSE(seen.has_changes());
    seen->name = "Ada L.";
    run(tracking.save(seen));
    EXPECT_FALSE(stored("club", "a").contains("alias"));
    auto whole = run(club.get("a"));
    EXPECT_EQ(whole.alias, "Ada L.");
    run(club.save(whole));
    EXPECT_EQ(stored("club", "a").at("alias").as_string(), "Ada L.");
}

TEST_F(default_values_read, do_not_hide_a_value_of_another_type) {
    put({{"id", "c"}, {"name", "Cleo"}, {"plan", 7}});
    EXPECT_EQ(failure_of(club.get("c")).code, errc::attribute_type_mismatch);
}

} // namespace
} // namespace dynasio
