#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/transaction.hpp>
#include <dynasio/orm/trash.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"
#include "support/history.hpp"

// Operations on one relation of one entity, against a real server.
namespace society {

using namespace dynasio::dsl;

struct Note;
struct Passport;
struct LedgerLine;
struct Club;

struct Person {
    std::string id{};
    std::string name{};
    has_many<Note> notes{};
    has_one<Passport> passport{};
    has_many<LedgerLine> lines{};
    belongs_to_many<Club> clubs{};
};
struct Note {
    std::string id{};
    std::optional<std::string> person_id{};
    std::string text{};
    std::uint64_t version{};
    timestamp deleted_at{};
    belongs_to<Person> person{};
};
struct Passport {
    std::string id{};
    std::string person_id{};
};
/// Its foreign key is a part of its own key.
struct LedgerLine {
    std::string person_id{};
    int number{};
    std::string text{};
    std::uint64_t version{};
};
struct Club {
    std::string id{};
    std::string name{};
    belongs_to_many<Person> members{};
};

constexpr auto dynasio_schema(tag<Person>) {
    return entity<Person>(table{"people"}, partition_key<&Person::id>, relate<&Person::notes>(by<&Note::person_id>),
                          relate<&Person::passport>(by<&Passport::person_id>),
                          relate<&Person::lines>(by<&LedgerLine::person_id>), relate<&Person::clubs>());
}
constexpr auto dynasio_schema(tag<Note>) {
    return entity<Note>(table{"notes"}, partition_key<&Note::id>, gsi<&Note::person_id>{"by_person"},
                        version<&Note::version>, soft_delete<&Note::deleted_at>,
                        relate<&Note::person>(by<&Note::person_id>));
}
constexpr auto dynasio_schema(tag<Passport>) {
    return entity<Passport>(table{"passports"}, partition_key<&Passport::id>, gsi<&Passport::person_id>{"by_person"});
}
constexpr auto dynasio_schema(tag<LedgerLine>) {
    return entity<LedgerLine>(table{"lines"}, partition_key<&LedgerLine::person_id>, sort_key<&LedgerLine::number>,
                              version<&LedgerLine::version>);
}
constexpr auto dynasio_schema(tag<Club>) {
    return entity<Club>(table{"clubs"}, partition_key<&Club::id>, relate<&Club::members>(inverse_of<&Person::clubs>));
}
static_assert(dynasio::verify<Person, Note, Passport, LedgerLine, Club>());

} // namespace society

namespace dynasio::society_tests {
namespace {

using society::Club;
using society::LedgerLine;
using society::Note;
using society::Passport;
using society::Person;

class related_operations : public test::database_test {
protected:
    related_operations() {
        create_tables<Person, Note, Passport, LedgerLine, Club>();
        save_all(persons);
        save_all(clubs);
    }
    /// The keys as ids, in order.
    template <class T> static std::string names(std::vector<key_of<T>> const& keys) {
        std::string out;
        for (auto const& key : keys) {
            std::string const& json = key.json(); // {"id":{"S":"…"}}
            auto const begin = json.rfind(":\"") + 2;
            out += (out.empty() ? "" : " ") + json.substr(begin, json.find('"', begin) - begin);
        }
        return out;
    }
    template <class T> static std::string told(changed_links<T> const& changed) {
        return '+' + names(changed.attached) + " -" + names(changed.detached) + " =" + names(changed.kept);
    }
    std::string clubs_of(Person const& person) {
        return ids(run(people_direct.related<&Person::clubs>(person).get(consistent)));
    }
    timestamp since(Person const& person, std::string const& club) {
        auto const all = run(people_direct.related<&Person::clubs>(person).get());
        for (auto const& each : all.with_pivot())
            if (each.entity.id == club) return each.pivot.created_at();
        return {};
    }

    std::vector<Person> persons{{.id = "ann"}, {.id = "bob"}};
    std::vector<Club> clubs{{.id = "chess"}, {.id = "go"}, {.id = "tennis"}};
    Person& ann = persons[0];
    Person& bob = persons[1];
    repository<Person> const people{db};
    repository<Person> const people_direct{direct};
    repository<Note> const notes{db};
    repository<LedgerLine> const lines{db};
};

// ---- get, exists

TEST_F(related_operations, get_loads_once_and_keeps_what_it_loaded) {
    std::vector<Note> written{{.id = "n1", .person_id = "ann"}, {.id = "n2", .person_id = "ann"}};
    save_all(written);
    auto const first = run(people.related<&Person::notes>(ann).get());
    EXPECT_EQ(ids(first), "n1 n2");
    EXPECT_EQ(ids(ann.notes), "n1 n2");
    EXPECT_EQ(endpoint.count(), 1U);
    EXPECT_EQ(run(people.related<&Person::notes>(ann).get()).size(), 2U);
    EXPECT_EQ(run(people.related<&Person::notes>(bob).get()).size(), 0U);
    EXPECT_EQ(run(people.related<&Person::notes>(bob).get()).size(), 0U);
    EXPECT_EQ(endpoint.count(), 2U) << "what is loaded is not asked for again, also when it is empty";
    EXPECT_EQ(ids(run(people.related<&Person::notes>(ann).get(reload, newest_first, limit(1)))), "n2");
    Person const constant = bob;
    EXPECT_TRUE(run(people.related<&Person::passport>(constant).get()).loaded());
    EXPECT_FALSE(constant.passport.loaded());
}

TEST_F(related_operations, get_of_a_wider_scope_is_not_answered_by_a_narrower_one) {
    std::vector<Note> written{{.id = "n1", .person_id = "ann"}, {.id = "n2", .person_id = "ann"}};
    save_all(written);
    run(repository<Note>(direct).trash(written[1]));
    auto const relation = people.related<&Person::notes>(ann);
    EXPECT_EQ(ids(run(relation.get())), "n1");
    EXPECT_EQ(ids(run(relation.get(with_trashed))), "n1 n2");
    EXPECT_EQ(endpoint.count("Query"), 2U);
}

TEST_F(related_operations, exists_asks_for_the_first_match_alone) {
    std::vector<Note> written{{.id = "n1", .person_id = "ann", .text = "x"}, {.id = "n2", .person_id = "ann"}};
    save_all(written);
    auto const relation = people.related<&Person::notes>(ann);
    EXPECT_TRUE(run(relation.exists()));
    EXPECT_TRUE(run(relation.exists(field<&Note::text> == "x")));
    EXPECT_FALSE(run(relation.exists(field<&Note::text> == "y")));
    EXPECT_FALSE(run(people.related<&Person::notes>(bob).exists()));
    run(repository<Note>(direct).trash(written[0]));
    EXPECT_FALSE(run(relation.exists(field<&Note::text> == "x")));
    EXPECT_TRUE(run(relation.exists(field<&Note::text> == "x", with_trashed)));
    EXPECT_EQ(endpoint.count("Query"), 6U);
    EXPECT_EQ(endpoint.count(), 6U);

    EXPECT_FALSE(run(people.related<&Person::clubs>(ann).exists()));
    run(people.related<&Person::clubs>(ann).attach("go"));
    EXPECT_TRUE(run(people.related<&Person::clubs>(ann).exists()));
    EXPECT_FALSE(run(people.related<&Person::clubs>(ann).exists(field<&Club::name> == "nobody")));
    EXPECT_TRUE(run(notes.related<&Note::person>(written[1]).exists()));
    Note const lost{.id = "n3", .person_id = "nobody"};
    EXPECT_FALSE(run(notes.related<&Note::person>(lost).exists()));
    Person const unsaved{};
    EXPECT_EQ(failure_of(people.related<&Person::notes>(unsaved).exists()).code, errc::entity_not_saved);
}

TEST_F(related_operations, count_counts_what_get_would_give) {
    std::vector<Note> written{{.id = "n1", .person_id = "ann", .text = "x"}, {.id = "n2", .person_id = "ann"}};
    save_all(written);
    run(repository<Note>(direct).trash(written[0]));
    auto const relation = people.related<&Person::notes>(ann);
    EXPECT_EQ(run(relation.count()), 1U);
    EXPECT_EQ(run(relation.count(with_trashed)), 2U);
    EXPECT_EQ(run(relation.count(field<&Note::text> == "x", with_trashed)), 1U);
    run(people.related<&Person::clubs>(ann).attach("go"));
    run(people.related<&Person::clubs>(ann).attach("a club that is gone"));
    EXPECT_EQ(run(people.related<&Person::clubs>(ann).count()), 1U);
    auto const before = endpoint.count();
    load_report report;
    EXPECT_EQ(run(people.related<&Person::clubs>(ann).count_links(consistent, report_to(report))), 2U);
    EXPECT_EQ(report.queries, 1U);
    EXPECT_EQ(run(repository<Club>(db).related<&Club::members>(clubs[1]).count_links()), 1U);
    EXPECT_EQ(run(people.related<&Person::clubs>(bob).count_links()), 0U);
    EXPECT_EQ(endpoint.count(), before + 3);
    Person const unsaved_person{};
    EXPECT_EQ(failure_of(people.related<&Person::clubs>(unsaved_person).count_links()).code, errc::entity_not_saved);
    EXPECT_FALSE(ann.notes.loaded());
    Person const unsaved{};
    EXPECT_EQ(failure_of(people.related<&Person::notes>(unsaved).count()).code, errc::empty_key);
}

// ---- add, remove

TEST_F(related_operations, add_saves_a_new_entity_and_moves_a_stored_one) {
    Note note{.text = "hello"};
    run(people.related<&Person::notes>(ann).add(note));
    EXPECT_FALSE(note.id.empty());
    EXPECT_EQ(note.person_id, "ann");
    EXPECT_EQ(note.version, 1U);
    run(people.related<&Person::notes>(bob).add(note));
    EXPECT_EQ(stored("notes", note.id).at("person_id").as_string(), "bob");
    EXPECT_EQ(note.version, 2U);
    EXPECT_EQ(endpoint.count(), 2U);
    EXPECT_FALSE(run(people.related<&Person::notes>(ann).exists()));

    repository<tracked<Note>> const tracking(db);
    auto read = run(tracking.get(note.id));
    read->text = "changed";
    run(people.related<&Person::notes>(ann).add(read));
    EXPECT_FALSE(read.has_changes());
    EXPECT_EQ(stored("notes", note.id).at("person_id").as_string(), "ann");
    EXPECT_EQ(stored("notes", note.id).at("text").as_string(), "changed");

    Passport passport{};
    run(people.related<&Person::passport>(ann).add(passport));
    EXPECT_EQ(run(people.related<&Person::passport>(ann).get())->id, passport.id);
    run(people.related<&Person::passport>(ann).remove(passport));
    EXPECT_EQ(passport.person_id, "") << "a text that is no optional is empty afterwards";
    EXPECT_FALSE(stored("passports", passport.id).contains("person_id"));
}

TEST_F(related_operations, add_that_fails_leaves_the_foreign_key_as_it_was) {
    Note note{.person_id = "ann"};
    save(note);
    Note stale = note;
    save(note);
    auto const why = failure_of(people.related<&Person::notes>(bob).add(stale));
    EXPECT_EQ(why.code, errc::stale_version);
    EXPECT_EQ(stale.person_id, "ann");
    Person const unsaved{};
    EXPECT_EQ(failure_of(people.related<&Person::notes>(unsaved).add(stale)).code, errc::entity_not_saved);
    EXPECT_EQ(stale.person_id, "ann");
}

TEST_F(related_operations, add_moves_an_entity_whose_key_names_its_owner) {
    LedgerLine line{.number = 7, .text = "x"};
    run(people.related<&Person::lines>(ann).add(line));
    EXPECT_EQ(line.person_id, "ann");
    line.text = "y";
    run(people.related<&Person::lines>(ann).add(line));
    run(people.related<&Person::lines>(bob).add(line));
    EXPECT_EQ(line.person_id, "bob");
    EXPECT_EQ(endpoint.count("TransactWriteItems"), 1U);
    EXPECT_FALSE(run(lines.find(key("ann", 7))));
    EXPECT_EQ(run(lines.get(key("bob", 7))).text, "y");

    LedgerLine other{.person_id = "ann", .number = 7};
    run(lines.create(other));
    EXPECT_EQ(failure_of(people.related<&Person::lines>(bob).add(other)).code, errc::already_exists);
    EXPECT_EQ(other.person_id, "ann");
    EXPECT_TRUE(run(lines.find(key("ann", 7)))) << "nothing of the transaction has happened";
}

TEST_F(related_operations, remove_takes_the_foreign_key_away_and_keeps_the_rest) {
    Note note{.person_id = "ann", .text = "as stored"};
    save(note);
    note.text = "not saved";
    run(people.related<&Person::notes>(ann).remove(note));
    EXPECT_EQ(note.person_id, std::nullopt);
    EXPECT_EQ(note.version, 2U);
    EXPECT_EQ(note.text, "not saved");
    auto const item = stored("notes", note.id);
    EXPECT_FALSE(item.contains("person_id"));
    EXPECT_EQ(item.at("text").as_string(), "as stored");
    EXPECT_EQ(endpoint.count(), 1U);
    run(notes.save(note));

    Passport passport{.person_id = "ann"};
    save(passport);
    run(people.related<&Person::passport>(ann).remove(passport));
    EXPECT_EQ(passport.person_id, "");
    EXPECT_FALSE(stored("passports", passport.id).contains("person_id"));
    passport.person_id = "the text can be used as any other";
    run(repository<Passport>(direct).save(passport));
    EXPECT_EQ(stored("passports", passport.id).at("person_id").as_string(), passport.person_id);

    repository<tracked<Note>> const tracking(db);
    Note owned{.person_id = "ann", .text = "x"};
    save(owned);
    auto read = run(tracking.get(owned.id));
    read->text = "y";
    run(people.related<&Person::notes>(ann).remove(read));
    EXPECT_TRUE(read.is_dirty<&Note::text>());
    EXPECT_FALSE(read.is_dirty<&Note::person_id>());
    run(tracking.save(read));
    EXPECT_EQ(stored("notes", owned.id).at("text").as_string(), "y");
}

TEST_F(related_operations, remove_of_an_entity_of_somebody_else_writes_nothing) {
    Note note{.person_id = "ann"};
    save(note);
    EXPECT_EQ(failure_of(people.related<&Person::notes>(bob).remove(note)).code, errc::invalid_argument);
    EXPECT_EQ(endpoint.count(), 0U);
    Note old = note;
    note.person_id = "bob";
    save(note);
    EXPECT_EQ(failure_of(people.related<&Person::notes>(ann).remove(old)).code, errc::stale_version);
    EXPECT_EQ(old.person_id, "ann");
    Passport passport{.person_id = "ann"};
    save(passport);
    Passport moved = passport;
    moved.person_id = "bob";
    save(moved);
    EXPECT_EQ(failure_of(people.related<&Person::passport>(ann).remove(passport)).code, errc::condition_failed);
    EXPECT_EQ(stored("passports", passport.id).at("person_id").as_string(), "bob");
    Note unsaved{.person_id = "ann"};
    EXPECT_EQ(failure_of(people.related<&Person::notes>(ann).remove(unsaved)).code, errc::entity_not_saved);
}

// ---- links

TEST_F(related_operations, links_are_named_by_keys_as_well) {
    auto const relation = people.related<&Person::clubs>(ann);
    run(relation.attach("go"));
    run(relation.attach("chess", pivot("since", 1990)));
    EXPECT_EQ(clubs_of(ann), "chess go");
    EXPECT_TRUE(run(relation.detach("go")));
    EXPECT_FALSE(run(relation.detach("go")));
    EXPECT_EQ(failure_of(relation.attach("")).code, errc::entity_not_saved);
}

TEST_F(related_operations, sync_makes_the_links_exactly_these) {
    auto const relation = people.related<&Person::clubs>(ann);
    run(relation.attach("chess", pivot("since", 1990)));
    run(relation.attach("go"));
    auto const chess_since = since(ann, "chess");
    endpoint.clear();
    std::vector<Club> const wanted{clubs[0], clubs[2], clubs[2]};
    EXPECT_EQ(told(run(relation.sync(wanted))), "+tennis -go =chess");
    EXPECT_EQ(endpoint.count(), 3U);
    EXPECT_EQ(endpoint.count("TransactWriteItems"), 1U);
    EXPECT_EQ(clubs_of(ann), "chess tennis");
    EXPECT_EQ(since(ann, "chess"), chess_since);
    auto const all = run(people.related<&Person::clubs>(std::as_const(ann)).get());
    EXPECT_EQ(all.with_pivot().begin().operator*().pivot.find("since")->as_number().to_int64(), 1990);

    EXPECT_EQ(told(run(relation.sync(wanted))), "+ - =chess tennis");
    std::vector<link_to<Club>> const with_data{link_to<Club>("chess", pivot("since", 2001)), std::string("tennis")};
    EXPECT_EQ(told(run(relation.sync(with_data))), "+ - =chess tennis");
    EXPECT_EQ(since(ann, "chess"), chess_since);
    auto const again = run(people.related<&Person::clubs>(std::as_const(ann)).get());
    EXPECT_EQ(again.pivots()[0].find("since")->as_number().to_int64(), 2001);
    EXPECT_EQ(again.with_pivot().begin().operator*().pivot.find("since")->as_number().to_int64(), 2001);

    std::vector<std::string> const none;
    EXPECT_EQ(told(run(relation.sync(none))), "+ -chess tennis =");
    EXPECT_EQ(clubs_of(ann), "");
    EXPECT_EQ(told(run(relation.sync(none))), "+ - =");
}

TEST_F(related_operations, sync_from_the_other_side_is_seen_from_both) {
    run(people.related<&Person::clubs>(ann).attach("go"));
    repository<Club> const all_clubs(db);
    std::vector<Person> const wanted{bob};
    EXPECT_EQ(told(run(all_clubs.related<&Club::members>(clubs[1]).sync(wanted))), "+bob -ann =");
    EXPECT_EQ(clubs_of(ann), "");
    EXPECT_EQ(clubs_of(bob), "go");
}

TEST_F(related_operations, sync_of_more_links_than_a_transaction_holds_commits_in_parts) {
    std::vector<std::string> many;
    for (std::size_t i = 0; i < 250; ++i) many.push_back(test::numbered("c", i));
    auto const relation = people.related<&Person::clubs>(ann);
    EXPECT_EQ(run(relation.sync(many)).attached.size(), 250U);
    EXPECT_EQ(endpoint.count("TransactWriteItems"), 3U);
    many.erase(many.begin(), many.begin() + 245);
    auto const changed = run(relation.sync(many));
    EXPECT_EQ(changed.detached.size(), 245U);
    EXPECT_EQ(changed.kept.size(), 5U);
}

TEST_F(related_operations, what_a_sync_has_cost_is_told_when_it_fails) {
    std::vector<std::string> many;
    for (std::size_t i = 0; i < 150; ++i) many.push_back(test::numbered("c", i));
    endpoint.on(testing::match("TransactWriteItems")).nth(2).answer_error(400, "AccessDeniedException", "no");
    call_cost cost;
    auto const failed = failure_of(people.related<&Person::clubs>(ann).sync(many, call_options().report(cost)));
    EXPECT_EQ(failed.code, service_errc::access_denied);
    EXPECT_NE(failed.to_string().find("99 links had been attached"), std::string::npos) << failed.to_string();
    EXPECT_EQ(cost.requests, endpoint.count());
    EXPECT_GT(cost.write_units, 0);
    EXPECT_GT(cost.read_units, 0);
}

TEST_F(related_operations, toggle_says_whether_they_are_linked_now) {
    auto const relation = people.related<&Person::clubs>(ann);
    EXPECT_TRUE(run(relation.toggle("go")));
    EXPECT_EQ(endpoint.count(), 1U);
    EXPECT_FALSE(run(relation.toggle(clubs[1])));
    EXPECT_EQ(endpoint.count(), 3U) << "the first guess was that there is no link";
    EXPECT_TRUE(run(relation.toggle("go")));
    run(people.load<&Person::clubs>(ann));
    endpoint.clear();
    EXPECT_FALSE(run(people.related<&Person::clubs>(ann).toggle("go")));
    EXPECT_EQ(endpoint.count(), 1U) << "what is loaded is the guess";

    std::vector<std::string> const some{"chess", "go", "chess", "tennis"};
    run(relation.attach("go"));
    EXPECT_EQ(told(run(relation.toggle_many(some))), "+chess tennis -go =");
    EXPECT_EQ(told(run(relation.toggle_many(std::vector<std::string>()))), "+ - =");
    std::vector<std::string> too_many;
    for (std::size_t i = 0; i < 101; ++i) too_many.push_back(test::numbered("c", i));
    EXPECT_EQ(failure_of(relation.toggle_many(too_many)).code, errc::batch_too_large);
}

TEST_F(related_operations, an_answer_that_is_lost_toggles_and_syncs_once) {
    auto const relation = people.related<&Person::clubs>(ann);
    for (int i = 0; i < 4; ++i) {
        endpoint.on(testing::match("TransactWriteItems"))
            .times(1)
            .drop_connection(testing::drop_time::after_forwarding);
        EXPECT_EQ(run(relation.toggle("go")), i % 2 == 0);
        endpoint.clear_rules();
        EXPECT_EQ(clubs_of(ann), i % 2 == 0 ? "go" : "");
    }
    std::vector<std::string> const wanted{"chess"};
    endpoint.on(testing::match("TransactWriteItems")).times(1).drop_connection(testing::drop_time::after_forwarding);
    EXPECT_EQ(told(run(relation.sync(wanted))), "+chess - =");
}

// ---- histories

/// Operations of several coroutines on the same links through a bad network, recorded with the times of their calls and
/// returns.
class histories_of_links : public related_operations {
protected:
    using state = std::uint32_t; // one bit for each club
    using operation = test::recorded_operation<state>;

    std::size_t place_of(std::string const& club) const {
        auto const at = std::find_if(clubs.begin(), clubs.end(), [&](Club const& c) { return c.id == club; });
        return static_cast<std::size_t>(at - clubs.begin());
    }
    state bit_of(std::string const& club) const { return state{1} << place_of(club); }

    /// Records an operation on one club: `effect` takes whether they are linked.
    void record(std::string what, std::size_t place, std::size_t called, std::size_t returned, bool may_not_happen,
                std::function<std::optional<bool>(bool)> effect) {
        operation made;
        made.what = std::move(what);
        made.called = called;
        made.returned = returned;
        made.may_not_happen = may_not_happen;
        made.effect = [place, effect = std::move(effect)](state before) -> std::optional<state> {
            auto const linked = effect((before >> place & 1U) != 0);
            if (!linked) return std::nullopt;
            return *linked ? before | (state{1} << place) : before & ~(state{1} << place);
        };
        by_club[place].push_back(std::move(made));
    }

    static bool is_known(failure const& why) { return !why.info || !why.info->outcome_unknown; }

    boost::asio::awaitable<void> attach(std::string club) {
        std::size_t const called = ++moment;
        call_cost cost;
        auto op =
            as_result(people.related<&Person::clubs>(ann).attach(key_of<Club>(club), call_options().report(cost)));
        auto const outcome = co_await std::move(op);
        auto const links = [](bool) { return std::optional<bool>(true); };
        if (outcome) record("attach", place_of(club), called, ++moment, false, links);
        // Each attempt may have taken effect by itself.
        bool const unknown = !outcome && !is_known(outcome.error());
        for (unsigned i = 0; i < cost.retries + (unknown ? 1U : 0U); ++i)
            record("attach", place_of(club), called, outcome ? moment : test::never_returned, true, links);
    }
    boost::asio::awaitable<void> detach(std::string club) {
        std::size_t const called = ++moment;
        call_cost cost;
        auto op =
            as_result(people.related<&Person::clubs>(ann).detach(key_of<Club>(club), call_options().report(cost)));
        auto const outcome = co_await std::move(op);
        auto const unlinks = [](bool) { return std::optional<bool>(false); };
        if (outcome) {
            bool const was = *outcome;
            bool const in_doubt = cost.retries != 0;
            record(was ? "detach of a link" : "detach of nothing", place_of(club), called, ++moment, false,
                   [was, in_doubt](bool linked) {
                       // An earlier attempt in doubt is taken for the one that has unlinked them.
                       return linked == was || (was && in_doubt) ? std::optional<bool>(false) : std::nullopt;
                   });
        }
        bool const unknown = !outcome && !is_known(outcome.error());
        for (unsigned i = 0; i < cost.retries + (unknown ? 1U : 0U); ++i)
            record("detach", place_of(club), called, outcome ? moment : test::never_returned, true, unlinks);
    }
    boost::asio::awaitable<void> toggle(std::string club) {
        std::size_t const called = ++moment;
        auto op = as_result(people.related<&Person::clubs>(std::as_const(ann)).toggle(club));
        auto const outcome = co_await std::move(op);
        if (outcome) {
            bool const now = *outcome;
            record(now ? "toggle on" : "toggle off", place_of(club), called, ++moment, false,
                   [now](bool linked) { return linked != now ? std::optional<bool>(now) : std::nullopt; });
        } else if (!is_known(outcome.error())) {
            record("toggle", place_of(club), called, test::never_returned, true,
                   [](bool linked) { return std::optional<bool>(!linked); });
        }
    }
    boost::asio::awaitable<void> sync(std::vector<std::string> wanted) {
        std::size_t const called = ++moment;
        auto op = as_result(people.related<&Person::clubs>(std::as_const(ann)).sync(wanted));
        auto const outcome = co_await std::move(op);
        state set = 0, attached = 0, detached = 0;
        for (auto const& club : wanted) set |= bit_of(club);
        if (outcome) {
            for (auto const& key : outcome->attached) attached |= bit_of(names(std::vector<key_of<Club>>(1, key)));
            for (auto const& key : outcome->detached) detached |= bit_of(names(std::vector<key_of<Club>>(1, key)));
        }
        std::size_t const returned = outcome ? ++moment : test::never_returned;
        bool const known = outcome.has_value();
        if (!known && is_known(outcome.error())) co_return;
        operation whole;
        whole.called = called;
        whole.returned = returned;
        whole.may_not_happen = !known;
        whole.effect = [=](state before) -> std::optional<state> {
            if (known && ((set & ~before) != attached || (before & ~set) != detached)) return std::nullopt;
            return set;
        };
        syncs.push_back(std::move(whole));
        for (std::size_t place = 0; place < clubs.size(); ++place) {
            bool const is_wanted = (set >> place & 1U) != 0;
            bool const changed = ((attached | detached) >> place & 1U) != 0;
            record(std::string("sync to ") + (is_wanted ? "linked" : "unlinked") + (changed ? ", changed" : ""), place,
                   called, returned, !known, [=](bool linked) {
                       return !known || (linked != is_wanted) == changed ? std::optional<bool>(is_wanted)
                                                                         : std::nullopt;
                   });
        }
    }
    /// What is stored now, as the last operation of the history.
    void record_end() {
        std::size_t const called = ++moment;
        auto const now = run(people_direct.related<&Person::clubs>(std::as_const(ann)).get(consistent));
        state linked = 0;
        for (auto const& club : now) linked |= bit_of(club.id);
        operation end;
        end.called = called;
        end.returned = ++moment;
        end.effect = [linked](state before) { return before == linked ? std::optional<state>(before) : std::nullopt; };
        syncs.push_back(end);
        for (std::size_t place = 0; place < clubs.size(); ++place) {
            bool const is_linked = (linked >> place & 1U) != 0;
            record(is_linked ? "linked" : "unlinked", place, called, end.returned, false, [is_linked](bool before) {
                return before == is_linked ? std::optional<bool>(before) : std::nullopt;
            });
        }
    }

    /// `each(rng)` gives one operation.
    template <class Each> void run_concurrently(unsigned seed, std::size_t workers, std::size_t operations, Each each) {
        std::vector<test::task<void>> running;
        for (std::size_t w = 0; w < workers; ++w) running.push_back(start(work(seed * 100 + w, operations, each)));
        for (auto& one : running) finish(one);
        endpoint.clear_rules();
        record_end();
    }
    template <class Each>
    static boost::asio::awaitable<void> work(unsigned long seed, std::size_t operations, Each each) {
        std::mt19937_64 random(seed);
        for (std::size_t i = 0; i < operations; ++i) {
            auto op = each(random);
            co_await std::move(op);
        }
    }
    void spoil_the_network() {
        using testing::drop_time;
        endpoint.on(testing::match()).rate(0.05).drop_connection(drop_time::before_forwarding);
        endpoint.on(testing::match()).rate(0.08).drop_connection(drop_time::after_forwarding);
        endpoint.on(testing::match()).rate(0.3).delayed(std::chrono::milliseconds(2)).forward();
    }
    template <class Random> std::string any_club(Random& random) const { return clubs[random() % clubs.size()].id; }
    template <class Random> std::vector<std::string> any_clubs(Random& random) const {
        std::vector<std::string> some;
        for (auto const& club : clubs)
            if (random() % 2 == 0) some.push_back(club.id);
        return some;
    }

    std::size_t moment = 0;
    std::array<std::vector<operation>, 3> by_club{};
    std::vector<operation> syncs{};
};

TEST_F(histories_of_links, of_every_operation_at_once_have_an_order_for_each_link) {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        by_club = {};
        syncs.clear();
        run(people_direct.related<&Person::clubs>(std::as_const(ann)).sync(std::vector<std::string>()));
        spoil_the_network();
        run_concurrently(seed, 6, 5, [this](auto& random) {
            switch (random() % 4) {
            case 0:
                return attach(any_club(random));
            case 1:
                return detach(any_club(random));
            case 2:
                return toggle(any_club(random));
            default:
                return sync(any_clubs(random));
            }
        });
        for (std::size_t place = 0; place < by_club.size(); ++place)
            EXPECT_TRUE(test::is_explained(by_club[place], state{0})) << clubs[place].id << '\n'
                                                                      << test::to_text(by_club[place]);
    }
}

TEST_F(histories_of_links, of_syncs_have_one_order_for_all_links_together) {
    for (unsigned seed = 1; seed <= 12; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        by_club = {};
        syncs.clear();
        run(people_direct.related<&Person::clubs>(std::as_const(ann)).sync(std::vector<std::string>()));
        spoil_the_network();
        run_concurrently(seed, 5, 4, [this](auto& random) { return sync(any_clubs(random)); });
        EXPECT_TRUE(test::is_explained(syncs, state{0}));
    }
}

TEST_F(histories_of_links, that_no_order_explains_are_found) {
    // Two coroutines that both have linked what was not linked, and nobody unlinked it.
    auto const links_once = [](state before) { return before == 0 ? std::optional<state>(1) : std::nullopt; };
    std::vector<operation> impossible(2);
    for (std::size_t i = 0; i < 2; ++i) {
        impossible[i].called = i;
        impossible[i].returned = 10 + i;
        impossible[i].effect = links_once;
    }
    EXPECT_FALSE(test::is_explained(impossible, state{0}));
    operation unlinks;
    unlinks.called = 12;
    unlinks.returned = 13;
    unlinks.effect = [](state) { return std::optional<state>(0); };
    impossible.push_back(unlinks);
    EXPECT_FALSE(test::is_explained(impossible, state{0})) << "it came after both";
    impossible.back().called = 5;
    EXPECT_TRUE(test::is_explained(impossible, state{0}));
}

} // namespace
} // namespace dynasio::society_tests
