#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/transaction.hpp>
#include <dynasio/orm/trash.hpp>
#include <dynasio/orm/update.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Attributes that are computed from the entity, against a real server: every way of writing stores them, and indexes
// have them as keys.
namespace fleet {

using namespace dynasio::dsl;

struct Ride {
    std::string id{};
    std::string city{};
    std::string note{};
    std::int64_t asked_at{};
    bool open{};
    timestamp deleted_at{};

    /// A sparse key: open rides alone.
    [[nodiscard]] std::optional<std::string> open_in() const {
        return open && !deleted_at.is_set() ? std::optional(city) : std::nullopt;
    }
    /// An overloaded key.
    [[nodiscard]] std::string lookup() const { return "CITY#" + city; }
    [[nodiscard]] std::size_t note_size() const noexcept { return note.size(); }
};
constexpr auto dynasio_schema(tag<Ride>) {
    return entity<Ride>(table{"rides"}, partition_key<&Ride::id>, soft_delete<&Ride::deleted_at>,
                        computed<&Ride::open_in, &Ride::open, &Ride::city, &Ride::deleted_at>,
                        computed<&Ride::lookup, &Ride::city>, computed<&Ride::note_size, &Ride::note>,
                        attribute<&Ride::lookup>{"gsi1pk"}, gsi<&Ride::open_in, &Ride::asked_at>{"by_open"},
                        gsi<&Ride::lookup>{"gsi1"});
}
static_assert(dynasio::verify<Ride>());

} // namespace fleet

namespace dynasio {
namespace {

using fleet::Ride;

class computed_attributes_stored : public test::database_test {
protected:
    computed_attributes_stored() { create_tables<Ride>(); }
    std::string open_in(std::string const& city) {
        return ids(run(rides.where(field<&Ride::open_in> == city).order(oldest_first).all()));
    }
    std::string attribute(std::string const& id, std::string const& name) {
        auto const item = stored("rides", id);
        auto const at = item.find(name);
        return at == item.end() ? "nothing" : at->second.as_string();
    }

    repository<Ride> const rides{db};
};

TEST_F(computed_attributes_stored, are_the_key_of_a_sparse_index) {
    std::vector<Ride> list{{.id = "a", .city = "Bonn", .asked_at = 3, .open = true},
                           {.id = "b", .city = "Bonn", .asked_at = 1, .open = true},
                           {.id = "c", .city = "Bonn", .asked_at = 2},
                           {.id = "d", .city = "", .asked_at = 2, .open = true}};
    for (auto& ride : list) run(rides.create(ride));
    EXPECT_EQ(open_in("Bonn"), "b a");
    EXPECT_EQ(attribute("c", "open_in"), "nothing");
    EXPECT_EQ(attribute("d", "open_in"), "nothing") << "an empty text is no key";
    EXPECT_EQ(ids(run(rides.where(field<&Ride::lookup> == "CITY#Bonn").all())), "a b c");
    list[1].open = false;
    run(rides.save(list[1]));
    EXPECT_EQ(open_in("Bonn"), "a");
    EXPECT_EQ(run(rides.where(field<&Ride::open_in> == "Bonn" && field<&Ride::asked_at> > 2).count()), 1U);
}

TEST_F(computed_attributes_stored, are_written_by_every_way_of_writing) {
    std::vector<Ride> many{{.id = "m", .city = "Bonn", .asked_at = 1, .open = true}};
    run(rides.save_many(many));
    Ride in_transaction{.id = "t", .city = "Bonn", .asked_at = 2, .open = true};
    transaction tx(db);
    tx.create(in_transaction);
    run(tx.commit());
    EXPECT_EQ(open_in("Bonn"), "m t");

    repository<tracked<Ride>> const tracking{db};
    auto ride = run(tracking.get("m"));
    ride->city = "Ulm";
    run(tracking.save(ride));
    EXPECT_EQ(open_in("Bonn"), "t");
    EXPECT_EQ(open_in("Ulm"), "m");
    EXPECT_EQ(attribute("m", "gsi1pk"), "CITY#Ulm");
    ride->note = "by the gate";
    run(tracking.save(ride));
    EXPECT_EQ(open_in("Ulm"), "m");
}

TEST_F(computed_attributes_stored, follow_the_trash) {
    Ride ride{.id = "a", .city = "Bonn", .open = true};
    run(rides.create(ride));
    run(rides.trash(ride));
    EXPECT_EQ(attribute("a", "open_in"), "nothing");
    EXPECT_EQ(run(rides.where(field<&Ride::open_in> == "Bonn", with_trashed).count()), 0U);
    run(rides.restore(ride));
    EXPECT_EQ(open_in("Bonn"), "a");
}

TEST_F(computed_attributes_stored, are_not_made_from_changes_that_are_not_saved_when_an_entity_is_trashed_or_restored) {
    Ride ride{.id = "a", .city = "Bonn", .open = true};
    run(rides.create(ride));
    run(rides.trash(ride));
    ride.city = "Ulm";
    auto const why = failure_of(rides.restore(ride));
    EXPECT_EQ(why.code, errc::condition_failed);
    EXPECT_NE(why.info->message.find("save the entity first"), std::string::npos) << why.info->message;
    EXPECT_TRUE(is_trashed(ride));
    EXPECT_EQ(attribute("a", "open_in"), "nothing");
    run(rides.save(ride));
    run(rides.restore(ride));
    EXPECT_EQ(open_in("Ulm"), "a");

    transaction tx(db);
    ride.city = "Jena";
    tx.trash(ride);
    EXPECT_EQ(failure_of(tx.commit()).code, errc::condition_failed);
    EXPECT_EQ(open_in("Ulm"), "a");
}

TEST_F(computed_attributes_stored, of_a_tracked_entity_that_is_trashed_are_made_from_what_was_read) {
    Ride made{.id = "a", .city = "Bonn", .open = true};
    run(rides.create(made));
    repository<tracked<Ride>> const tracking{db};
    auto ride = run(tracking.get("a"));
    ride->city = "Ulm";
    run(tracking.trash(ride));
    EXPECT_EQ(attribute("a", "open_in"), "nothing");
    run(tracking.restore(ride));
    EXPECT_EQ(open_in("Bonn"), "a") << "the other city is not saved yet";
    EXPECT_TRUE(ride.is_dirty<&Ride::city>());
    run(tracking.save(ride));
    EXPECT_EQ(open_in("Ulm"), "a");
}

TEST_F(computed_attributes_stored, follow_the_trash_of_items_that_lack_members_behind_them) {
    for (std::string const id : {"absent", "null"}) {
        dynamodb::item item{{"id", id}, {"open", true}};
        if (id == "null") item.emplace("city", dynamodb::null_value());
        run(direct.put_item(dynamodb::put_item_request(prefix + "rides", item)));
        auto ride = run(rides.get(id));
        EXPECT_EQ(ride.open_in(), "") << id;
        run(rides.trash(ride));
        run(rides.restore(ride));
        EXPECT_FALSE(is_trashed(run(rides.get(id)))) << id;
    }
}

TEST_F(computed_attributes_stored, of_items_that_others_wrote_are_ignored_and_mended) {
    for (std::string const id : {"none", "other", "null", "list"}) {
        dynamodb::item item{{"id", id}, {"city", "Bonn"}, {"open", true}, {"asked_at", 1}};
        if (id == "other") item.emplace("open_in", "Ulm");
        // What is no key can have any type.
        if (id == "null") item.emplace("note_size", dynamodb::null_value());
        if (id == "list") item.emplace("note_size", dynamodb::list{"x"});
        run(direct.put_item(dynamodb::put_item_request(prefix + "rides", item)));
        auto ride = run(rides.get(id));
        EXPECT_EQ(ride.city, "Bonn") << id;
        EXPECT_EQ(ride.open_in(), "Bonn") << id;
    }
    EXPECT_EQ(open_in("Bonn"), "");
    EXPECT_EQ(open_in("Ulm"), "other");
    auto ride = run(rides.get("other"));
    run(rides.save(ride));
    EXPECT_EQ(open_in("Bonn"), "other");
    EXPECT_EQ(open_in("Ulm"), "");
}

TEST_F(computed_attributes_stored, stay_true_with_update) {
    Ride ride{.id = "a", .city = "Bonn", .asked_at = 1, .open = true};
    run(rides.create(ride));
    auto const after = run(rides.update("a", add<&Ride::asked_at>(5)));
    EXPECT_EQ(after.asked_at, 6);
    EXPECT_EQ(open_in("Bonn"), "a");
    auto const before = endpoint.requests().size();
    auto const refused = failure_of(rides.update("a", add<&Ride::asked_at>(5), or_create));
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_EQ(endpoint.requests().size(), before) << "nothing is sent";
}

TEST_F(computed_attributes_stored, are_conditions_of_writes) {
    Ride ride{.id = "a", .city = "Bonn", .open = true};
    run(rides.create(ride));
    ride.open = false;
    EXPECT_EQ(failure_of(rides.save(ride, only_if(field<&Ride::open_in> == "Ulm"))).code, errc::condition_failed);
    run(rides.save(ride, only_if(field<&Ride::open_in> == "Bonn")));
    EXPECT_EQ(attribute("a", "open_in"), "nothing");
}

TEST_F(computed_attributes_stored, are_keys_in_the_tables_that_are_created_and_compared) {
    EXPECT_TRUE(run(compare_tables<Ride>(direct)).empty());
    auto const table = run(direct.describe_table(dynamodb::describe_table_request(prefix + "rides")));
    bool found = false;
    for (auto const& definition : *table.table->attribute_definitions)
        found = found || definition.attribute_name == "gsi1pk";
    EXPECT_TRUE(found);
}

TEST_F(computed_attributes_stored, are_named_by_explain) {
    auto const text = rides.where(field<&Ride::open_in> == "Bonn").explain();
    EXPECT_NE(text.find("index by_open"), std::string::npos) << text;
    EXPECT_NE(text.find("open_in = \"Bonn\""), std::string::npos) << text;
}

} // namespace
} // namespace dynasio
