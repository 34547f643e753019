#include <dynasio/orm/along.hpp>
#include <dynasio/orm/relation_summary.hpp>
#include <dynasio/orm/schema_export.hpp>
#include <dynasio/orm/transaction.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"

// Links in a table that another program has made: its key has attributes of its own, and the rows hold whatever that
// program writes.
namespace memberships {

using namespace dynasio::dsl;

struct Team;
struct Membership;

struct Member {
    std::string id{};
    std::string name{};
    belongs_to_many<Team> teams{};
    has_many<Membership> memberships{};
};
struct Team {
    std::int64_t number{};
    std::string name{};
    belongs_to_many<Member> members{};
};
/// The rows of the links as entities.
struct Membership {
    std::string member_id{};
    std::int64_t team{};
    std::optional<std::string> position{};
    timestamp since{};
};

constexpr auto dynasio_schema(tag<Member>) {
    return entity<Member>(table{"members"}, partition_key<&Member::id>,
                          relate<&Member::teams>(
                              pivot_table{"memberships"}.key("member_id", "team").index("by_team").created_at("since")),
                          relate<&Member::memberships>(by<&Membership::member_id>));
}
constexpr auto dynasio_schema(tag<Team>) {
    return entity<Team>(table{"teams"}, partition_key<&Team::number>,
                        relate<&Team::members>(inverse_of<&Member::teams>));
}
constexpr auto dynasio_schema(tag<Membership>) {
    return entity<Membership>(table{"memberships"}, partition_key<&Membership::member_id>, sort_key<&Membership::team>);
}

static_assert(verify<Member, Team, Membership>());

/// Both have keys of bytes.
struct Mark;
struct Blob {
    std::vector<std::byte> id{};
    belongs_to_many<Mark> marks{};
};
struct Mark {
    std::vector<std::byte> id{};
    belongs_to_many<Blob> blobs{};
};

constexpr auto dynasio_schema(tag<Blob>) {
    return entity<Blob>(table{"blobs"}, partition_key<&Blob::id>,
                        relate<&Blob::marks>(pivot_table{"blob_marks"}.key("blob", "mark").index("by_mark")));
}
constexpr auto dynasio_schema(tag<Mark>) {
    return entity<Mark>(table{"marks"}, partition_key<&Mark::id>, relate<&Mark::blobs>(inverse_of<&Blob::marks>));
}

} // namespace memberships

namespace dynasio::link_table_tests {
namespace {

using dynamodb::attribute_value;
using dynamodb::item;
using memberships::Blob;
using memberships::Mark;
using memberships::Member;
using memberships::Membership;
using memberships::Team;

class link_table_against : public test::database_test {
protected:
    using test::database_test::database_test;

    void SetUp() override {
        create_tables<Member, Team>();
        for (auto const* const id : {"ann", "bob"}) {
            members.emplace_back();
            members.back().id = id;
            members.back().name = std::string("name of ") + id;
        }
        for (std::int64_t number = 1; number <= 4; ++number) {
            teams.emplace_back();
            teams.back().number = number;
            teams.back().name = "team " + std::to_string(number);
        }
        save_all(members);
        save_all(teams);
    }

    /// Writes a row as another program does.
    void write_row(item row) {
        run(direct.put_item(dynamodb::put_item_request(prefix + "memberships", std::move(row))));
    }
    static item row(std::string const& member, std::int64_t team) {
        item made;
        made.emplace("member_id", member);
        made.emplace("team", team);
        return made;
    }
    item stored_row(std::string const& member, std::int64_t team) {
        auto answer = run(direct.get_item(dynamodb::get_item_request(prefix + "memberships", row(member, team))));
        return answer.item ? *answer.item : item();
    }
    /// All rows of the table, as "member-team".
    std::vector<std::string> stored_rows() {
        std::vector<std::string> rows;
        dynamodb::scan_request request(prefix + "memberships");
        auto const answer = run(direct.scan(request));
        for (auto const& one : *answer.items)
            rows.push_back(one.at("member_id").as_string() + '-' + one.at("team").as_number().text());
        std::sort(rows.begin(), rows.end());
        return rows;
    }
    std::string teams_of(std::string const& member) {
        auto const found = run(repository<Member>(db).get(member, with<&Member::teams>(), consistent));
        std::string out;
        for (auto const& team : found.teams) out += (out.empty() ? "" : " ") + std::to_string(team.number);
        return out;
    }
    std::string members_of(std::int64_t team) {
        auto const found = run(repository<Team>(db).get(team, with<&Team::members>()));
        return ids(found.members);
    }

    std::vector<Member> members;
    std::vector<Team> teams;
};

class link_table : public link_table_against {
protected:
    link_table() : link_table_against("DYNAMODB_ENDPOINT") {}
};
class second_server_link_table : public link_table_against {
protected:
    second_server_link_table() : link_table_against("DYNASIO_DYNALITE_ENDPOINT") {}
};

TEST_F(link_table, of_another_program_is_read_from_both_sides) {
    auto plain = row("ann", 3);
    auto rich = row("ann", 1);
    rich.emplace("position", "goal");
    rich.emplace("shirt", 7);
    rich.emplace("ended", attribute_value(dynamodb::null_value()));
    rich.emplace("since", "2025-01-02T03:04:05Z");
    auto odd = row("bob", 3);
    odd.emplace("since", 1735787045);
    auto const dangling = row("ann", 99);
    for (auto const& each : {plain, rich, odd, dangling}) write_row(each);

    load_report report;
    auto const ann = run(repository<Member>(db).get("ann", with<&Member::teams>(), report_to(report)));
    ASSERT_EQ(ann.teams.size(), 2u);
    EXPECT_EQ(ann.teams[0].name, "team 1");
    EXPECT_EQ(ann.teams[1].name, "team 3");
    EXPECT_EQ(report.queries, 1u);
    auto const& data = ann.teams.pivots();
    EXPECT_EQ(data[0].created_at().to_string(), "2025-01-02T03:04:05.000Z");
    EXPECT_EQ(data[0].find("position")->as_string(), "goal");
    EXPECT_EQ(data[0].find("shirt")->as_number().text(), "7");
    EXPECT_EQ(data[0].extra().size(), 2u) << "the keys and the time are no data, and NULL is absent";
    EXPECT_EQ(data[1].created_at(), timestamp());
    EXPECT_TRUE(data[1].extra().empty());

    auto const third = run(repository<Team>(db).get(3, with<&Team::members>()));
    ASSERT_EQ(ids(third.members), "ann bob");
    EXPECT_EQ(third.members.pivots()[1].created_at(), timestamp());
    EXPECT_EQ(third.members.pivots()[1].find("since")->as_number().text(), "1735787045")
        << "a time of another kind stays readable";

    EXPECT_EQ(run(repository<Member>(db).related<&Member::teams>(ann).count_links()), 3u);
    EXPECT_EQ(run(repository<Member>(db).related<&Member::teams>(ann).count()), 2u);
}

TEST_F(link_table, is_written_so_that_the_other_program_can_read_it) {
    auto const of_ann = repository<Member>(db).related<&Member::teams>(members[0]);
    run(of_ann.attach(teams[1]));
    EXPECT_EQ(endpoint.count("UpdateItem"), 1u);
    auto const first = stored_row("ann", 2);
    EXPECT_EQ(first.size(), 3u);
    EXPECT_TRUE(timestamp::parse(first.at("since").as_string()));

    run(of_ann.attach(teams[1], pivot("position", "wing", "shirt", 11)));
    run(repository<Team>(db).related<&Team::members>(teams[1]).attach(members[0], pivot("shirt", 12)));
    auto const second = stored_row("ann", 2);
    EXPECT_EQ(second.at("since"), first.at("since")) << "the time is that of the first attach";
    EXPECT_EQ(second.at("position").as_string(), "wing") << "data that are not given stay";
    EXPECT_EQ(second.at("shirt").as_number().text(), "12");
    EXPECT_EQ(second.size(), 5u);

    EXPECT_TRUE(run(of_ann.detach(teams[1])));
    EXPECT_FALSE(run(of_ann.detach(teams[1])));
    EXPECT_TRUE(stored_rows().empty());
}

TEST_F(link_table, keeps_its_key_from_the_data_of_links) {
    auto const of_ann = repository<Member>(db).related<&Member::teams>(members[0]);
    for (auto const* const taken : {"member_id", "team"}) {
        auto const failed = failure_of(of_ann.attach(teams[0], pivot(taken, "x")));
        EXPECT_EQ(failed.code, errc::invalid_argument) << failed.to_string();
        EXPECT_EQ(failed.info->attribute, taken);
        EXPECT_EQ(failed.info->relation_path, "Member.teams");
        EXPECT_NE(failed.to_string().find("give it another name"), std::string::npos) << failed.to_string();
    }
    EXPECT_EQ(endpoint.count(), 0u);
    auto const large = failure_of(of_ann.attach(teams[0], pivot("text", std::string(std::size_t{400} * 1024, 'x'))));
    EXPECT_EQ(large.code, errc::item_too_large) << large.to_string();
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(link_table, gives_back_a_time_that_is_none_as_it_was) {
    auto odd = row("ann", 3);
    odd.emplace("since", 1735787045);
    write_row(odd);
    auto const repo = repository<Member>(db);
    auto ann = run(repo.get("ann", with<&Member::teams>()));
    auto data = ann.teams.pivots()[0].extra();
    data.emplace("shirt", 5);
    ann.teams.set({{teams[2], pivot(timestamp(), data)}});
    run(repo.save(ann, along<&Member::teams>()));
    EXPECT_EQ(stored_row("ann", 3).at("since").as_number().text(), "1735787045");
    EXPECT_EQ(stored_row("ann", 3).at("shirt").as_number().text(), "5");
    run(repo.related<&Member::teams>(ann).attach(teams[0], pivot("since", "2020-01-01T00:00:00Z")));
    EXPECT_EQ(stored_row("ann", 1).at("since").as_string(), "2020-01-01T00:00:00Z");
}

TEST_F(link_table, is_synced_without_items_of_ours_in_it) {
    auto one = row("ann", 1);
    one.emplace("position", "goal");
    write_row(one);
    write_row(row("ann", 2));
    write_row(row("bob", 2));
    auto const of_ann = repository<Member>(db).related<&Member::teams>(members[0]);
    using wanted = std::vector<link_to<Team>>;

    auto outcome = run(of_ann.sync(wanted{std::int64_t{1}, link_to<Team>(std::int64_t{3}, pivot("shirt", 4))}));
    EXPECT_EQ(outcome.attached.size(), 1u);
    EXPECT_EQ(outcome.detached.size(), 1u);
    EXPECT_EQ(outcome.kept.size(), 1u);
    EXPECT_EQ(stored_rows(), (std::vector<std::string>{"ann-1", "ann-3", "bob-2"}));
    EXPECT_EQ(stored_row("ann", 1).at("position").as_string(), "goal");
    EXPECT_EQ(stored_row("ann", 3).at("shirt").as_number().text(), "4");

    endpoint.clear();
    outcome = run(of_ann.sync(wanted{std::int64_t{3}, link_to<Team>(std::int64_t{1}, pivot("position", "goal"))}));
    EXPECT_EQ(outcome.kept.size(), 2u);
    EXPECT_EQ(endpoint.count("TransactWriteItems"), 0u) << "these data are stored already";
    run(of_ann.sync(wanted{std::int64_t{3}, link_to<Team>(std::int64_t{1}, pivot("shirt", 1))}));
    EXPECT_EQ(stored_row("ann", 1).at("position").as_string(), "goal");
    EXPECT_EQ(stored_row("ann", 1).at("shirt").as_number().text(), "1");

    run(of_ann.sync(wanted{}));
    EXPECT_EQ(stored_rows(), std::vector<std::string>{"bob-2"});
    run(repository<Team>(db).related<&Team::members>(teams[1]).sync(std::vector<link_to<Member>>{std::string("ann")}));
    EXPECT_EQ(stored_rows(), std::vector<std::string>{"ann-2"});
}

TEST_F(link_table, is_not_written_again_for_data_that_are_null_there) {
    write_row(row("ann", 1));
    auto const of_ann = repository<Member>(db).related<&Member::teams>(members[0]);
    run(of_ann.sync(
        std::vector<link_to<Team>>(1, link_to<Team>(std::int64_t{1}, pivot("ended", dynamodb::null_value())))));
    EXPECT_EQ(endpoint.count("TransactWriteItems"), 0u);
}

TEST_F(link_table, is_synced_with_a_table_that_counts_the_turns) {
    run(direct.delete_table(dynamodb::delete_table_request(prefix + "pivots")));
    write_row(row("ann", 1));
    auto const of_ann = repository<Member>(db).related<&Member::teams>(members[0]);
    EXPECT_EQ(teams_of("ann"), "1");
    run(of_ann.attach(teams[1]));
    EXPECT_TRUE(run(of_ann.toggle(teams[2])));
    auto const failed = failure_of(of_ann.sync(std::vector<link_to<Team>>()));
    EXPECT_EQ(failed.code, service_errc::resource_not_found);
    EXPECT_EQ(failed.info->table, prefix + "pivots");
    EXPECT_NE(failed.to_string().find("create_tables<> makes the table"), std::string::npos) << failed.to_string();
    EXPECT_EQ(stored_rows(), (std::vector<std::string>{"ann-1", "ann-2", "ann-3"}));
}

/// A table with the index that its own program needs: sorted by another attribute, or by none, and projecting keys.
TEST_F(link_table, is_read_by_whatever_index_it_has) {
    using namespace dynamodb;
    for (bool const is_sorted : {false, true}) {
        SCOPED_TRACE(is_sorted);
        run(direct.delete_table(delete_table_request(prefix + "memberships")));
        create_table_request made(prefix + "memberships");
        made.attribute_definitions.emplace();
        made.attribute_definitions->emplace_back("member_id", scalar_attribute_type::s);
        made.attribute_definitions->emplace_back("team", scalar_attribute_type::n);
        std::vector<key_schema_element> key, by_team;
        key.emplace_back("member_id", key_type::hash);
        key.emplace_back("team", key_type::range);
        by_team.emplace_back("team", key_type::hash);
        if (is_sorted) {
            made.attribute_definitions->emplace_back("day", scalar_attribute_type::n);
            by_team.emplace_back("day", key_type::range);
        }
        made.key_schema = std::move(key);
        projection keys_alone;
        keys_alone.projection_type = projection_type::keys_only;
        made.global_secondary_indexes.emplace();
        made.global_secondary_indexes->emplace_back("by_team", std::move(by_team), std::move(keys_alone));
        made.billing_mode = billing_mode::pay_per_request;
        run(direct.create_table(made));
        run(direct.wait_until_active(prefix + "memberships"));
        auto with_day = row("ann", 1);
        with_day.emplace("day", 7);
        with_day.emplace("position", "goal");
        write_row(with_day);
        write_row(row("bob", 1));

        EXPECT_EQ(teams_of("ann") + teams_of("bob"), "11");
        EXPECT_EQ(members_of(1), is_sorted ? "ann" : "ann bob") << "an item without the sort key is not in the index";
        auto const team = run(repository<Team>(db).get(1, with<&Team::members>()));
        EXPECT_EQ(team.members.pivots()[0].find("position"), nullptr) << "the index has keys alone";
        run(repository<Team>(db).related<&Team::members>(team).sync(std::vector<link_to<Member>>()));
        EXPECT_EQ(stored_rows(), is_sorted ? std::vector<std::string>{"bob-1"} : std::vector<std::string>());
        auto const differences = run(dynasio::compare_tables<Member, Team>(direct));
        EXPECT_EQ(differences.size(), 2u) << to_text(differences);
        for (auto const& one : differences) EXPECT_EQ(one.index, "by_team");
    }
}

TEST_F(link_table, takes_keys_of_bytes_up_to_the_length_that_the_service_takes) {
    create_tables<Blob, Mark>();
    Blob blob;
    blob.id.assign(2048, std::byte{0xfe});
    Mark mark;
    mark.id.assign(1024, std::byte{0xff});
    save(blob);
    save(mark);
    auto const of_blob = repository<Blob>(db).related<&Blob::marks>(blob);
    run(of_blob.attach(mark));
    auto const loaded = run(repository<Blob>(db).get(blob.id, with<&Blob::marks>(with<&Mark::blobs>())));
    ASSERT_EQ(loaded.marks.size(), 1u);
    EXPECT_EQ(loaded.marks[0].id, mark.id);
    ASSERT_EQ(loaded.marks[0].blobs.size(), 1u);
    EXPECT_EQ(loaded.marks[0].blobs[0].id, blob.id);
    mark.id.push_back(std::byte{0});
    auto const failed = failure_of(of_blob.attach(mark));
    EXPECT_EQ(failed.code, errc::invalid_argument);
    EXPECT_NE(failed.to_string().find("1025 bytes"), std::string::npos) << failed.to_string();
    EXPECT_TRUE(run(repository<Mark>(db).related<&Mark::blobs>(loaded.marks[0]).detach(blob)));
}

TEST_F(link_table, is_toggled_from_both_sides) {
    auto const of_ann = repository<Member>(db).related<&Member::teams>(members[0]);
    write_row(row("ann", 1));
    EXPECT_FALSE(run(of_ann.toggle(teams[0])));
    EXPECT_TRUE(run(of_ann.toggle(teams[1])));
    EXPECT_TRUE(run(repository<Team>(db).related<&Team::members>(teams[1]).toggle(members[1])));
    EXPECT_EQ(stored_rows(), (std::vector<std::string>{"ann-2", "bob-2"}));
}

TEST_F(link_table, is_written_by_a_transaction_and_along_an_entity) {
    transaction tx(db);
    tx.attach<&Member::teams>(members[0], teams[0], pivot("position", "goal"))
        .attach<&Team::members>(teams[0], members[1]);
    run(tx.commit());
    EXPECT_EQ(stored_rows(), (std::vector<std::string>{"ann-1", "bob-1"}));

    auto const repo = repository<Member>(db);
    auto ann = run(repo.get("ann", with<&Member::teams>()));
    ann.teams.set({{teams[0], pivot("shirt", 5)}, {teams[3], pivot()}});
    run(repo.save(ann, along<&Member::teams>()));
    EXPECT_EQ(stored_rows(), (std::vector<std::string>{"ann-1", "ann-4", "bob-1"}));
    EXPECT_EQ(stored_row("ann", 1).at("position").as_string(), "goal");
    EXPECT_EQ(stored_row("ann", 1).at("shirt").as_number().text(), "5");
    ASSERT_EQ(ann.teams.size(), 2u);
    EXPECT_EQ(ann.teams.pivots()[0].find("position")->as_string(), "goal") << "the handle has what is stored now";

    endpoint.clear();
    run(repo.save(ann, along<&Member::teams>()));
    EXPECT_EQ(endpoint.count("TransactWriteItems"), 0u);
}

TEST_F(link_table, can_be_the_table_of_an_entity) {
    run(dynasio::create_tables<Member, Team, Membership>(direct));
    EXPECT_TRUE(run(dynasio::compare_tables<Member, Team, Membership>(direct)).empty());
    Membership made;
    made.member_id = "bob";
    made.team = 4;
    made.position = "wing";
    save(made);
    auto const bob = run(repository<Member>(db).get("bob", with<&Member::teams>(), with<&Member::memberships>()));
    ASSERT_EQ(bob.teams.size(), 1u);
    EXPECT_EQ(bob.teams.pivots()[0].find("position")->as_string(), "wing");
    ASSERT_EQ(bob.memberships.size(), 1u);
    run(repository<Member>(db).related<&Member::teams>(members[1]).attach(teams[0]));
    auto const again = run(repository<Member>(db).get("bob", with<&Member::memberships>()));
    EXPECT_EQ(again.memberships.size(), 2u);
    EXPECT_NE(again.memberships[0].since, timestamp()) << "an attach is an entity too";
}

/// A larger graph with rows of another program, against one GetItem or Query at a time.
TEST_F(link_table, is_read_as_a_naive_loader_reads_it) {
    std::map<std::string, std::string> wanted;
    for (std::size_t i = 0; i < 60; ++i) {
        Member m;
        m.id = "m" + std::to_string(100 + i);
        members.push_back(m);
        for (std::int64_t team = 1; team <= 5; ++team) {
            if ((i + static_cast<std::size_t>(team)) % 3 != 0) continue;
            write_row(row(m.id, team));
            if (team != 5) wanted[m.id] += std::to_string(team) + ' '; // there is no fifth team
        }
    }
    save_all(members);
    std::vector<std::string> all;
    for (auto const& m : members) all.push_back(m.id);
    load_report report;
    auto const found =
        run(repository<Member>(db).find_many(all, with<&Member::teams>(with<&Team::members>()), report_to(report)));
    std::map<std::int64_t, std::string> seen_from_teams;
    for (auto const& m : found) {
        std::string teams_seen;
        for (auto const& team : m->teams) {
            teams_seen += std::to_string(team.number) + ' ';
            seen_from_teams[team.number] = ids(team.members);
        }
        EXPECT_EQ(teams_seen, wanted[m->id]) << m->id;
    }
    for (auto const& [number, seen] : seen_from_teams) EXPECT_EQ(seen, members_of(number));
    EXPECT_EQ(report.queries, members.size() + 4) << "one for each member and each team that is there";
}

TEST_F(second_server_link_table, is_read_and_written) {
    write_row(row("ann", 2));
    auto const of_ann = repository<Member>(db).related<&Member::teams>(members[0]);
    run(of_ann.attach(teams[0], pivot("position", "goal")));
    EXPECT_EQ(teams_of("ann"), "1 2");
    EXPECT_EQ(members_of(2), "ann");
    EXPECT_TRUE(run(repository<Team>(db).related<&Team::members>(teams[1]).detach("ann")));
    EXPECT_EQ(teams_of("ann"), "1");
    EXPECT_EQ(stored_rows(), std::vector<std::string>{"ann-1"});
}

TEST_F(link_table, is_exported_with_its_key) {
    auto const text = schema_as_json<Member, Team>();
    EXPECT_NE(text.find(R"("link_key":["member_id","team"])"), std::string::npos) << text;
    EXPECT_NE(text.find("by_team"), std::string::npos);
    auto const summary = describe_relations<Team>();
    EXPECT_EQ(summary[0].reads[0].index, "by_team");
}

} // namespace
} // namespace dynasio::link_table_tests
