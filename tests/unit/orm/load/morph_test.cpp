// morph_to and the relations that lead back: a type and a key name an entity of one of several types.

#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/json.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <orm/plan/relation_tree.hpp>
#include <orm/run/model_check.hpp>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace wall {

using namespace dynasio::dsl;

struct Remark;
struct Flag;
struct Essay;

struct Person {
    std::string id{};
    std::string name{};
    dynasio::has_many<Essay> essays{};
    dynasio::has_many_through<Remark> received{};
};
struct Essay {
    std::string id{};
    std::string author_id{};
    std::string status{};
    dynasio::timestamp deleted_at{};
    dynasio::belongs_to<Person> author{};
    dynasio::has_many<Remark> remarks{};
    dynasio::has_one<Remark> first_remark{};
    dynasio::has_many<Flag> flags{};
};
struct Film {
    std::string studio{};
    std::string number{};
    std::string title{};
    dynasio::has_many<Remark> remarks{};
    dynasio::belongs_to<Person> director{};
    std::string director_id{};
};
struct Remark {
    std::string id{};
    std::optional<std::string> subject_type{};
    std::string subject_id{};
    std::string subject_number{};
    std::string made_at{};
    dynasio::morph_to<Essay, Film> subject{};
};
/// Its index begins with the type.
struct Flag {
    std::string id{};
    std::string kind{};
    std::string thing{};
    dynasio::morph_to<Essay> on{};
};
/// A part of Remark.
struct RemarkCard {
    std::string id{};
    dynasio::morph_to<Essay, Film> subject{};
};
/// Loads what it is about by itself.
struct Pin {
    std::string id{};
    std::string type{};
    std::string target{};
    std::string number{};
    dynasio::morph_to<Film, Remark> what{};
};
/// Two types of one name.
struct Twin {
    std::string id{};
};
struct Fork {
    std::string id{};
    std::string type{};
    std::string target{};
    dynasio::morph_to<Person, Twin> what{};
};

constexpr auto dynasio_schema(dynasio::tag<Person>) {
    return entity<Person>(table{"persons"}, partition_key<&Person::id>, relate<&Person::essays>(by<&Essay::author_id>),
                          relate<&Person::received>(through<&Person::essays, &Essay::remarks>));
}
constexpr auto dynasio_schema(dynasio::tag<Essay>) {
    return entity<Essay>(table{"essays"}, partition_key<&Essay::id>, gsi<&Essay::author_id>{"by_author"},
                         soft_delete<&Essay::deleted_at>, relate<&Essay::author>(by<&Essay::author_id>),
                         relate<&Essay::remarks>(by<&Remark::subject_type, &Remark::subject_id>),
                         relate<&Essay::first_remark>(by<&Remark::subject_type, &Remark::subject_id>),
                         relate<&Essay::flags>(by<&Flag::kind, &Flag::thing>));
}
constexpr auto dynasio_schema(dynasio::tag<Film>) {
    return entity<Film>(table{"films"}, partition_key<&Film::studio>, sort_key<&Film::number>,
                        relate<&Film::remarks>(by<&Remark::subject_type, &Remark::subject_id, &Remark::subject_number>),
                        relate<&Film::director>(by<&Film::director_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Remark>) {
    return entity<Remark>(
        table{"remarks"}, partition_key<&Remark::id>, gsi<&Remark::subject_id, &Remark::subject_type>{"by_subject"},
        gsi<&Remark::subject_id, &Remark::made_at>{"by_time"},
        gsi<&Remark::subject_id, &Remark::subject_number>{"by_number"},
        relate<&Remark::subject>(by<&Remark::subject_type, &Remark::subject_id, &Remark::subject_number>,
                                 morph_name<Film>{"App\\Film"}));
}
constexpr auto dynasio_schema(dynasio::tag<RemarkCard>) {
    return entity<RemarkCard>(
        projection_of<Remark>,
        relate<&RemarkCard::subject>(by<&Remark::subject_type, &Remark::subject_id, &Remark::subject_number>,
                                     morph_name<Film>{"App\\Film"}));
}
constexpr auto dynasio_schema(dynasio::tag<Flag>) {
    return entity<Flag>(table{"flags"}, partition_key<&Flag::id>, gsi<&Flag::kind, &Flag::thing>{"by_thing"},
                        relate<&Flag::on>(by<&Flag::kind, &Flag::thing>));
}
constexpr auto dynasio_schema(dynasio::tag<Pin>) {
    return entity<Pin>(table{"pins"}, partition_key<&Pin::id>,
                       relate<&Pin::what>(by<&Pin::type, &Pin::target, &Pin::number>), autoload<&Pin::what>());
}
constexpr auto dynasio_schema(dynasio::tag<Twin>) { return entity<Twin>(table{"persons"}, partition_key<&Twin::id>); }
constexpr auto dynasio_schema(dynasio::tag<Fork>) {
    return entity<Fork>(table{"forks"}, partition_key<&Fork::id>, relate<&Fork::what>(by<&Fork::type, &Fork::target>));
}

} // namespace wall

namespace {

using namespace load_test;
using dynasio::field;
using dynasio::newest_first;
using dynasio::when;
using dynasio::with;
using dynasio::with_count;
using wall::Essay;
using wall::Film;
using wall::Flag;
using wall::Fork;
using wall::Person;
using wall::Pin;
using wall::Remark;
using wall::RemarkCard;
using wall::Twin;

Remark remark_on(std::string id, std::optional<std::string> type, std::string key, std::string number = "") {
    Remark made;
    made.id = std::move(id);
    made.subject_type = std::move(type);
    made.subject_id = std::move(key);
    made.subject_number = std::move(number);
    return made;
}
json::object remark(std::string_view id, std::string_view type, std::string_view key) {
    return {{"id", s(id)}, {"subject_type", s(type)}, {"subject_id", s(key)}, {"made_at", s("now")}};
}
json::object essay(std::string_view id, std::string_view author = "", std::string_view status = "live") {
    return {{"id", s(id)}, {"author_id", s(author)}, {"status", s(status)}};
}
json::object film(std::string_view studio, std::string_view number, std::string_view title = "") {
    return {{"studio", s(studio)}, {"number", s(number)}, {"title", s(title)}};
}

using graph_morph = load_conversation;

TEST_F(graph_morph, asks_for_the_entities_of_all_types_in_one_request) {
    std::vector<Remark> remarks{remark_on("r1", "essays", "e1"), remark_on("r2", "App\\Film", "ufa", "7"),
                                remark_on("r3", "essays", "e1"), remark_on("r4", "essays", "gone")};
    start(remarks, with<&Remark::subject>());
    auto const r = next();
    EXPECT_EQ(keys_in(r), (key_set{"essays e1", "essays gone", "films ufa 7"}));
    EXPECT_EQ(path_of(r), "Remark.subject");
    EXPECT_FALSE(has_next());
    answer(r, batch_of({{"essays", {essay("e1", "p1")}}, {"films", {film("ufa", "7", "M")}}}));
    finish();
    EXPECT_TRUE(remarks[0].subject.holds<Essay>());
    EXPECT_FALSE(remarks[0].subject.holds<Film>());
    EXPECT_EQ(remarks[0].subject.get_if<Essay>()->author_id, "p1");
    EXPECT_EQ(remarks[0].subject.get_if<Film>(), nullptr);
    EXPECT_EQ(remarks[1].subject.get_if<Film>()->title, "M");
    EXPECT_TRUE(remarks[2].subject.holds<Essay>());
    EXPECT_TRUE(remarks[3].subject.loaded());
    EXPECT_FALSE(remarks[3].subject.has_value()) << "the entity is gone";
    EXPECT_EQ(g().report().batch_gets, 1U);
    EXPECT_EQ(g().report().keys, 3U);
}

TEST_F(graph_morph, is_empty_without_a_type_or_a_key) {
    std::vector<Remark> remarks{remark_on("r1", std::nullopt, "e1"), remark_on("r2", "", "e1"),
                                remark_on("r3", "essays", ""), remark_on("r4", "App\\Film", "ufa", "")};
    start(remarks, with<&Remark::subject>());
    EXPECT_FALSE(has_next());
    finish();
    for (auto const& each : remarks) {
        EXPECT_TRUE(each.subject.loaded());
        EXPECT_FALSE(each.subject);
    }
}

TEST_F(graph_morph, is_empty_below_items_whose_type_or_key_is_missing_or_null) {
    json::object const null_type{{"id", s("r1")}, {"subject_type", {{"NULL", true}}}, {"subject_id", s("e1")}};
    json::object const null_key{{"id", s("r2")}, {"subject_type", s("essays")}, {"subject_id", {{"NULL", true}}}};
    json::object const neither{{"id", s("r3")}};
    Film f{.studio = "ufa", .number = "7"};
    start(f, with<&Film::remarks>(with<&Remark::subject>()));
    answer(next(), page_of({null_type, null_key, neither}));
    finish();
    ASSERT_EQ(f.remarks.size(), 3U);
    for (auto const& each : f.remarks) EXPECT_FALSE(each.subject.has_value());
}

TEST_F(graph_morph, refuses_a_type_attribute_that_is_no_text_as_it_refuses_every_such_attribute) {
    json::object const number{{"id", s("r1")}, {"subject_type", n(4)}, {"subject_id", s("e1")}};
    Film f{.studio = "ufa", .number = "7"};
    start(f, with<&Film::remarks>(with<&Remark::subject>()));
    auto const r = next();
    auto const e = error_of([&] { answer(r, page_of({number})); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().attribute, "subject_type");

    restart();
    std::vector<dynasio::bad_item> bad;
    options.bad_items = {true, &bad};
    start(f, with<&Film::remarks>(with<&Remark::subject>()));
    answer(next(), page_of({number, remark("r2", "essays", "")}));
    finish();
    EXPECT_EQ(ids(f.remarks), "r2");
    EXPECT_EQ(bad.size(), 1U);
}

TEST_F(graph_morph, has_constraints_for_each_type) {
    std::vector<Remark> remarks{remark_on("r1", "essays", "e1"), remark_on("r2", "essays", "e2"),
                                remark_on("r3", "App\\Film", "ufa", "7")};
    start(remarks, with<&Remark::subject>(when<Essay>(field<&Essay::status> == "live", with<&Essay::author>(),
                                                      with_count<&Essay::flags>()),
                                          when<Film>(with<&Film::director>())));
    auto director = film("ufa", "7");
    director["director_id"] = s("p2");
    answer(next(), batch_of({{"essays", {essay("e1", "p1"), essay("e2", "p9", "draft")}}, {"films", {director}}}));
    auto below = all();
    ASSERT_EQ(below.size(), 2U);
    EXPECT_EQ(text_of(below[0]), R"(flags index by_thing: kind = {"S":"essays"} AND thing = {"S":"e1"})");
    EXPECT_EQ(keys_in(below[1]), (key_set{"persons p1", "persons p2"})) << "both types share a batch";
    answer(below[0], R"({"Count":4,"ScannedCount":4})");
    answer(below[1], batch_of({{"persons", {user("p1", "Ann"), user("p2", "Bo")}}}));
    finish();
    EXPECT_EQ(remarks[0].subject.get_if<Essay>()->author->name, "Ann");
    EXPECT_EQ(remarks[0].subject.get_if<Essay>()->flags.count(), 4U);
    EXPECT_FALSE(remarks[1].subject.has_value()) << "a draft";
    EXPECT_EQ(remarks[2].subject.get_if<Film>()->director->name, "Bo");
}

TEST_F(graph_morph, leaves_out_trashed_entities_unless_their_type_is_asked_for_with_them) {
    auto trashed = essay("e1");
    trashed["deleted_at"] = s("2026-01-01T00:00:00.000Z");
    Remark r = remark_on("r1", "essays", "e1");
    start(r, with<&Remark::subject>());
    answer(next(), batch_of({{"essays", {trashed}}}));
    finish();
    EXPECT_FALSE(r.subject.has_value());

    restart();
    start(r, with<&Remark::subject>(when<Essay>(dynasio::with_trashed)));
    answer(next(), batch_of({{"essays", {trashed}}}));
    finish();
    EXPECT_TRUE(r.subject.holds<Essay>());

    restart();
    start(r, with<&Remark::subject>(when<Essay>(dynasio::with_trashed)));
    EXPECT_FALSE(has_next()) << "it was loaded in this scope";
    finish();
}

TEST_F(graph_morph, is_loaded_again_when_the_type_or_the_key_has_changed) {
    Remark r = remark_on("r1", "essays", "e1");
    r.subject.set(Essay{.id = "e1", .status = "mine"});
    start(r, with<&Remark::subject>());
    EXPECT_FALSE(has_next()) << "it holds the essay that is named";
    finish();
    EXPECT_EQ(r.subject.get_if<Essay>()->status, "mine");

    restart();
    start(r, with<&Remark::subject>(dynasio::reload));
    answer(next(), batch_of({{"essays", {essay("e1")}}}));
    finish();
    EXPECT_EQ(r.subject.get_if<Essay>()->status, "live");

    restart();
    r.subject_type = "App\\Film";
    r.subject_number = "7";
    start(r, with<&Remark::subject>());
    EXPECT_TRUE(has_next()) << "it holds an entity of another type";

    restart();
    r.subject_type.reset();
    start(r, with<&Remark::subject>());
    finish();
    EXPECT_FALSE(r.subject.has_value());
}

TEST_F(graph_morph, keeps_an_entity_that_the_program_has_put_there_and_not_saved) {
    Remark r = remark_on("r1", std::nullopt, "");
    r.subject.set(Film{.title = "new"});
    start(r, with<&Remark::subject>());
    EXPECT_FALSE(has_next());
    finish();
    EXPECT_EQ(r.subject.get_if<Film>()->title, "new");
}

TEST_F(graph_morph, refuses_a_type_that_it_does_not_know) {
    Remark r = remark_on("r1", "songs", "s1");
    auto const e = error_of([&] { start(r, with<&Remark::subject>()); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().entity, "Remark");
    EXPECT_EQ(e.info().key, R"({"id":{"S":"r1"}})");
    EXPECT_EQ(e.info().attribute, "subject_type");
    EXPECT_EQ(e.info().relation_path, "Remark.subject");
    EXPECT_EQ(e.info().message,
              "the type \"songs\" is none that Remark.subject leads to, which are \"essays\" (Essay), \"App\\Film\" "
              "(Film); add the entity to the morph_to, name it with morph_name<>, or leave such entities without with "
              "on_bad_item");
}

TEST_F(graph_morph, leaves_entities_of_unknown_types_without_when_bad_items_are_collected) {
    std::vector<dynasio::bad_item> bad;
    options.bad_items = {true, &bad};
    std::vector<Remark> remarks{remark_on("r1", "songs", "s1"), remark_on("r2", "essays", "e1")};
    start(remarks, with<&Remark::subject>());
    answer(next(), batch_of({{"essays", {essay("e1")}}}));
    finish();
    EXPECT_TRUE(remarks[0].subject.loaded());
    EXPECT_FALSE(remarks[0].subject.has_value());
    EXPECT_TRUE(remarks[1].subject.has_value());
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_EQ(json::parse(bad[0].item).at("subject_type"), s("songs"));
    EXPECT_EQ(bad[0].why.code, errc::attribute_type_mismatch);
    EXPECT_EQ(bad[0].why.info->key, R"({"id":{"S":"r1"}})");
    EXPECT_EQ(g().report().bad_items, 1U);
}

TEST_F(graph_morph, whose_types_have_one_name_is_refused) {
    Fork f{.id = "f1", .type = "persons", .target = "p1"};
    auto const e = error_of([&] { start(f, with<&Fork::what>()); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_EQ(e.info().message, "the entities Person and Twin of the morph_to are both stored as \"persons\"; give one "
                                "of them another name with morph_name<>");
    EXPECT_THROW(dynasio::detail::check_model({&entity_type_of<Fork>()}), error) << "create_tables() says so as well";
}

TEST_F(graph_morph, explains_each_of_its_types) {
    std::vector<Remark> none;
    start(none, with<&Remark::subject>(when<Essay>(field<&Essay::status> == "live", with<&Essay::author>())));
    EXPECT_EQ(g().explain(false),
              "Remark: given\n"
              "  subject: the entities that subject_type names\n"
              "    Essay: BatchGetItem essays, up to 100 keys a request, shared with all other keys, here status = "
              "\"live\" and deleted_at is absent or null\n"
              "      author: BatchGetItem persons, up to 100 keys a request, shared with all other keys\n"
              "    Film: BatchGetItem films, up to 100 keys a request, shared with all other keys\n");
}

TEST_F(graph_morph, that_is_named_twice_is_loaded_once) {
    Remark r = remark_on("r1", "essays", "e1");
    start(r, with<&Remark::subject>(when<Essay>(with<&Essay::author>())),
          with<&Remark::subject>(when<Film>(field<&Film::title> == "M")));
    answer(next(), batch_of({{"essays", {essay("e1", "p1")}}}));
    answer(next(), batch_of({{"persons", {user("p1", "Ann")}}}));
    finish();
    EXPECT_EQ(r.subject.get_if<Essay>()->author->name, "Ann");

    restart();
    auto const e = error_of([&] {
        start(r, with<&Remark::subject>(when<Essay>(field<&Essay::status> == "a")),
              with<&Remark::subject>(when<Essay>(field<&Essay::status> == "b")));
    });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_EQ(e.info().relation_path, "Remark.subject.Essay");
}

// ---- the sides that lead back

TEST_F(graph_morph, is_led_back_to_by_a_query_for_type_and_key) {
    Essay e{.id = "e1"};
    start(e, with<&Essay::remarks>());
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(remarks index by_subject: subject_id = {"S":"e1"} AND subject_type = {"S":"essays"})");
    answer(r, page_of({remark("r1", "essays", "e1"), remark("r2", "essays", "e1")}));
    finish();
    EXPECT_EQ(ids(e.remarks), "r1 r2");
}

TEST_F(graph_morph, is_led_back_to_in_an_order_by_an_index_that_has_it_and_a_filter_on_the_type) {
    Essay e{.id = "e1"};
    start(e, with<&Essay::remarks>(dynasio::descending<&Remark::made_at>, dynasio::limit(2)));
    EXPECT_EQ(text_of(next()),
              R"(remarks index by_time: subject_id = {"S":"e1"} filter subject_type = {"S":"essays"} backward)");

    restart();
    start(e, with<&Essay::remarks>(newest_first));
    auto const text = text_of(next());
    EXPECT_EQ(text.find("by_subject"), std::string::npos) << "its sort key is the same in all rows: " << text;
    EXPECT_NE(text.find("backward"), std::string::npos) << text;
}

TEST_F(graph_morph, is_led_back_to_from_a_key_of_two_parts_and_leaves_out_other_types) {
    Film f{.studio = "ufa", .number = "7"};
    start(f, with<&Film::remarks>());
    EXPECT_EQ(text_of(next()), R"(remarks index by_number: subject_id = {"S":"ufa"} AND subject_number = {"S":"7"} )"
                               R"(filter subject_type = {"S":"App\\Film"})");
}

TEST_F(graph_morph, an_owner_whose_key_is_longer_than_the_sort_key_that_holds_it_has_nothing) {
    std::vector<Essay> essays(2);
    essays[0].id = std::string(1024, 'e');
    essays[1].id = std::string(1025, 'e');
    start(essays, with<&Essay::flags>());
    auto const query = next();
    EXPECT_EQ(text_of(query),
              R"(flags index by_thing: kind = {"S":"essays"} AND thing = {"S":")" + essays[0].id + "\"}");
    answer(query, page_of({}));
    finish();
    EXPECT_TRUE(essays[1].flags.loaded());
    EXPECT_TRUE(essays[1].flags.empty());
}

TEST_F(graph_morph, is_led_back_to_by_an_index_that_begins_with_the_type) {
    std::vector<Essay> essays{{.id = "e1"}, {.id = "e2"}};
    start(essays, with<&Essay::flags>(with<&Flag::on>()));
    auto requests = all();
    EXPECT_EQ(texts(requests),
              (std::vector<std::string>{R"(flags index by_thing: kind = {"S":"essays"} AND thing = {"S":"e1"})",
                                        R"(flags index by_thing: kind = {"S":"essays"} AND thing = {"S":"e2"})"}));
    json::object const flag{{"id", s("f1")}, {"kind", s("essays")}, {"thing", s("e1")}};
    answer(requests[0], page_of({flag}));
    answer(requests[1], page_of({}));
    answer(next(), batch_of({{"essays", {essay("e1")}}}));
    finish();
    EXPECT_EQ(essays[0].flags[0].on.get_if<Essay>()->id, "e1");
    EXPECT_TRUE(essays[1].flags.empty());
}

TEST_F(graph_morph, is_led_back_to_by_a_has_one) {
    Essay e{.id = "e1"};
    start(e, with<&Essay::first_remark>());
    auto const r = next();
    EXPECT_EQ(text_of(r),
              R"(remarks index by_subject: subject_id = {"S":"e1"} AND subject_type = {"S":"essays"} limit 1)");
    answer(r, page_of({remark("r1", "essays", "e1")}));
    finish();
    EXPECT_EQ(e.first_remark->id, "r1");
}

TEST_F(graph_morph, is_led_back_to_behind_entities_in_between) {
    Person p{.id = "p1"};
    start(p, with<&Person::received>(with<&Remark::subject>()));
    answer(next(), page_of({essay("e1", "p1")}));
    auto const r = next();
    EXPECT_EQ(text_of(r), R"(remarks index by_subject: subject_id = {"S":"e1"} AND subject_type = {"S":"essays"})");
    answer(r, page_of({remark("r1", "essays", "e1")}));
    answer(next(), batch_of({{"essays", {essay("e1", "p1")}}}));
    finish();
    ASSERT_EQ(p.received.size(), 1U);
    EXPECT_TRUE(p.received[0].subject.holds<Essay>());
}

TEST_F(graph_morph, is_found_by_members_that_a_projection_does_not_have) {
    std::vector<std::string> const key{R"({"id":{"S":"r1"}})"};
    g().start_with_keys(entity_type_of<RemarkCard>(), key, children(with<&RemarkCard::subject>()),
                        dynasio::trashed::with);
    auto const r = next();
    EXPECT_NE(r.body.find("subject_type"), std::string::npos) << r.body;
    answer(r, batch_of({{"remarks", {remark("r1", "essays", "e1")}}}));
    answer(next(), batch_of({{"essays", {essay("e1")}}}));
    finish();
    auto const found = g().found_by_key();
    EXPECT_TRUE(static_cast<RemarkCard const*>(found.front().first)->subject.holds<Essay>());
}

TEST_F(graph_morph, is_loaded_by_itself_with_what_its_types_load) {
    std::vector<load_node> relations;
    dynasio::detail::add_autoloads(entity_type_of<Pin>(), relations);
    Pin pin{.id = "i1", .type = "remarks", .target = "r1"};
    g().start_with_entities(entity_type_of<Pin>(), std::vector<void*>(1, &pin), std::move(relations));
    answer(next(), batch_of({{"remarks", {remark("r1", "essays", "e1")}}}));
    finish();
    EXPECT_TRUE(pin.what.holds<Remark>());
    EXPECT_NE(g().explain(false).find("what (autoload): the entities that type names"), std::string::npos);
}

// ---- other ways to name it

TEST_F(graph_morph, can_be_named_by_a_text_with_the_type_behind_it) {
    dynasio::include_list<Remark> const list(
        with<&Remark::subject>(when<Essay>(field<&Essay::status> == "live", with<&Essay::author>())));
    auto named = list.parse("subject.essay.author");
    ASSERT_EQ(named.size(), 1U);
    Remark r = remark_on("r1", "essays", "e1");
    start(r, std::move(named[0]));
    answer(next(), batch_of({{"essays", {essay("e1", "p1")}}}));
    answer(next(), batch_of({{"persons", {user("p1", "Ann")}}}));
    finish();
    EXPECT_EQ(r.subject.get_if<Essay>()->author->name, "Ann");
    auto const e = error_of([&] { static_cast<void>(list.parse("subject.film.director")); });
    EXPECT_EQ(e.info().message, "relations to include: \"film\" cannot be included in Remark.subject, where there can "
                                "be: essay, at character 9");
    EXPECT_EQ(dynasio::paths<Remark>("subject.film.director,subject", dynasio::everything_allowed).size(), 1U);
}

TEST_F(graph_morph, is_written_to_json_as_the_entity_that_it_holds) {
    Remark r = remark_on("r1", "essays", "e1");
    r.subject.set(Essay{.id = "e1", .status = "live"});
    auto const text = json::parse(dynasio::to_json(r, dynasio::json_relations::loaded));
    EXPECT_EQ(text.at("subject").at("status"), "live");
    r.subject.set(nullptr);
    EXPECT_TRUE(json::parse(dynasio::to_json(r, dynasio::json_relations::loaded)).at("subject").is_null());
    r.subject.unload();
    EXPECT_FALSE(json::parse(dynasio::to_json(r, dynasio::json_relations::loaded)).as_object().contains("subject"));
}

// ---- the handle

TEST(morph_handle, throws_when_it_is_read_and_not_loaded) {
    Remark r;
    EXPECT_FALSE(r.subject.loaded());
    EXPECT_EQ(error_of([&] { static_cast<void>(r.subject.holds<Essay>()); }).code(), errc::relation_not_loaded);
    EXPECT_EQ(error_of([&] { r.subject.visit([](auto const&) {}); }).code(), errc::relation_not_loaded);
}

struct title_of {
    std::string operator()(Essay const& essay) const { return "essay " + essay.id; }
    std::string operator()(Film const& film) const { return "film " + film.title; }
};

TEST(morph_handle, calls_a_visitor_with_what_it_holds) {
    Remark r;
    auto const nothing = [] { return std::string("nothing"); };
    r.subject.set(nullptr);
    EXPECT_EQ(r.subject.visit(title_of(), nothing), "nothing");
    r.subject.visit([](auto const&) { ADD_FAILURE(); });
    r.subject.set(std::make_shared<Film>(Film{.title = "M"}));
    EXPECT_EQ(r.subject.visit(title_of(), nothing), "film M");
    r.subject.set(Essay{.id = "e1"});
    EXPECT_EQ(r.subject.visit(title_of(), nothing), "essay e1");
    std::size_t calls = 0;
    r.subject.visit([&](auto const&) { ++calls; });
    EXPECT_EQ(calls, 1U);
    Remark const copy = r;
    r.subject.unload();
    EXPECT_FALSE(r.subject.loaded());
    EXPECT_TRUE(copy.subject.holds<Essay>());
}

} // namespace
