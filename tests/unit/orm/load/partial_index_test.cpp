// Indexes that do not project everything: what is read by key afterwards.

#include <dynasio/orm/bad_item.hpp>
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/with.hpp>

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace partial {

using namespace dynasio::dsl;

struct Note;
struct Author {
    std::string id{}, name{};
    dynasio::has_many<Note> notes{};
    dynasio::has_one<Note> latest{};
};
struct Note {
    std::string id{}, author_id{}, topic{}, text{};
    std::optional<std::string> label{};
    dynasio::belongs_to<Author> author{};
};
constexpr auto dynasio_schema(tag<Author>) {
    return entity<Author>(partition_key<&Author::id>, relate<&Author::notes>(by<&Note::author_id>),
                          relate<&Author::latest>(by<&Note::author_id>));
}
constexpr auto dynasio_schema(tag<Note>) {
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::author_id>{"by_author"}.keys_only(),
                        gsi<&Note::topic>{"by_topic"}.include<&Note::label>(),
                        gsi<&Note::label>{"by_label"}.include<&Note::author_id, &Note::topic, &Note::text>(),
                        relate<&Note::author>(by<&Note::author_id>));
}

/// The schema says that the index projects everything.
struct Plain {
    std::string id{}, city{};
    std::optional<std::string> email{}, phone{};
};
constexpr auto dynasio_schema(tag<Plain>) {
    return entity<Plain>(partition_key<&Plain::id>, gsi<&Plain::city>{"by_city"});
}

/// A local index with keys only.
struct Entry {
    std::string site{};
    int number{};
    std::string kind{}, text{};
};
constexpr auto dynasio_schema(tag<Entry>) {
    return entity<Entry>(partition_key<&Entry::site>, sort_key<&Entry::number>,
                         lsi<&Entry::kind>{"by_kind"}.keys_only());
}

} // namespace partial

namespace {

using namespace load_test;
using dynasio::ascending;
using dynasio::field;
using dynasio::limit;
using dynasio::newest_first;
using dynasio::selection;
using dynasio::with;
using partial::Author;
using partial::Entry;
using partial::Note;
using partial::Plain;

json::object keys_of_note(std::string_view id, std::string_view author) {
    return {{"id", s(id)}, {"author_id", s(author)}};
}
json::object note(std::string_view id, std::string_view author, std::string_view text = "text") {
    return {{"id", s(id)}, {"author_id", s(author)}, {"topic", s("t")}, {"text", s(text)}, {"label", s("l")}};
}

class partial_index : public load_conversation {
protected:
    template <class T, class... Includes>
    void query(dynasio::where_clause<T> const& clause, std::optional<std::size_t> at_most = {}, bool resumable = true,
               Includes... includes) {
        selection select;
        select.where = clause.condition();
        select.limit = at_most;
        auto const& type = entity_type_of<T>();
        g().start_with_query(type, dynasio::detail::plan_query(type, select), select, {},
                             children(std::move(includes)...), dynasio::detail::projection::items, resumable);
    }
    template <class T> std::vector<T>& items() {
        kept_ = g().take_items();
        return *static_cast<std::vector<T>*>(kept_.get());
    }
    static Author an_author(std::string const& id) {
        Author a;
        a.id = id;
        return a;
    }

private:
    std::shared_ptr<void> kept_{};
};

TEST_F(partial_index, of_keys_reads_each_entity_by_key_in_the_order_of_the_index) {
    query<Note>(field<&Note::author_id> == "a");
    answer(next(), page_of({keys_of_note("n1", "a"), keys_of_note("n2", "a")}));
    EXPECT_FALSE(g().done());
    auto const batch = next();
    EXPECT_EQ(keys_in(batch), (key_set{"notes n1", "notes n2"}));
    answer(batch, batch_of({{"notes", {note("n2", "a"), note("n1", "a")}}}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n1 n2");
    EXPECT_EQ(items<Note>()[0].text, "text");
    EXPECT_EQ(items<Note>()[0].label, "l");
    auto const report = g().report();
    EXPECT_EQ(report.queries, 1U);
    EXPECT_EQ(report.batch_gets, 1U);
    EXPECT_NE(report.plan.find("[1 request, 2 items; by key 1 request, 2 items]"), std::string::npos) << report.plan;
}

TEST_F(partial_index, asks_for_keys_in_one_spelling_whatever_that_of_the_index) {
    query<Note>(field<&Note::author_id> == "a");
    answer(next(), R"({"Count":1,"ScannedCount":1,"Items":[{"id":{ "S":"\u006e1" },"author_id":{"S":"a"}}]})");
    auto const batch = next();
    EXPECT_NE(batch.body.find(R"({"id":{"S":"n1"}})"), std::string::npos) << batch.body;
    answer(batch, batch_of({{"notes", {note("n1", "a")}}}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n1");
}

TEST_F(partial_index, asks_for_the_next_page_after_the_entities_of_the_one_before) {
    query<Note>(field<&Note::author_id> == "a");
    answer(next(), page_of({keys_of_note("n1", "a")}, keys_of_note("n1", "a")));
    answer(next(), batch_of({{"notes", {note("n1", "a")}}}));
    auto const second = next();
    EXPECT_EQ(second.op, operation::query);
    answer(second, page_of({keys_of_note("n2", "a")}));
    answer(next(), batch_of({{"notes", {note("n2", "a")}}}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n1 n2");
}

TEST_F(partial_index, leaves_out_what_was_deleted_or_changed_since) {
    query<Note>(field<&Note::author_id> == "a");
    answer(next(), page_of({keys_of_note("n1", "a"), keys_of_note("n2", "a"), keys_of_note("n3", "a")}));
    answer(next(), batch_of({{"notes", {note("n1", "b"), note("n3", "a")}}}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n3");
}

TEST_F(partial_index, evaluates_here_what_the_index_does_not_have) {
    query<Note>(field<&Note::topic> == "t" && field<&Note::text> == "yes" && field<&Note::label> == "l");
    auto const first = next();
    EXPECT_EQ(text_of(first), R"(notes index by_topic: topic = {"S":"t"} filter label = {"S":"l"})");
    answer(first, page_of({{{"id", s("n1")}, {"topic", s("t")}, {"label", s("l")}},
                           {{"id", s("n2")}, {"topic", s("t")}, {"label", s("l")}}}));
    answer(next(), batch_of({{"notes", {note("n1", "a", "no"), note("n2", "a", "yes")}}}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n2");
}

TEST_F(partial_index, that_includes_all_members_is_read_as_any_other) {
    query<Note>(field<&Note::label> == "l");
    answer(next(), page_of({note("n1", "a")}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n1");
}

TEST_F(partial_index, whose_copies_do_not_fit_is_read_by_key_all_the_same) {
    // The index has a label of another type than the item, which was mended since.
    query<Note>(field<&Note::topic> == "t");
    answer(next(), page_of({{{"id", s("n1")}, {"topic", s("t")}, {"label", n(7)}}}));
    answer(next(), batch_of({{"notes", {note("n1", "a")}}}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n1");
}

TEST_F(partial_index, leaves_out_a_bad_item_once) {
    std::vector<dynasio::bad_item> bad;
    options.bad_items = {true, &bad};
    json::object spoilt = note("n1", "a");
    spoilt["text"] = n(7);
    query<Note>(field<&Note::author_id> == "a");
    answer(next(), page_of({keys_of_note("n1", "a"), keys_of_note("n2", "a")}));
    answer(next(), batch_of({{"notes", {spoilt, note("n2", "a")}}}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n2");
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_EQ(bad[0].why.info->attribute, "text");
    EXPECT_EQ(g().report().bad_items, 1U);
}

TEST_F(partial_index, pages_continue_behind_the_last_entity) {
    query<Note>(field<&Note::author_id> == "a", 1);
    answer(next(), page_of({keys_of_note("n1", "a"), keys_of_note("n2", "a")}));
    answer(next(), batch_of({{"notes", {note("n1", "a"), note("n2", "a")}}}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n1");
    EXPECT_EQ(json::parse(g().next_cursor()), json::value(keys_of_note("n1", "a")));
}

TEST_F(partial_index, fills_relations_and_loads_what_is_below_them) {
    std::vector<Author> authors{an_author("a"), an_author("b")};
    start(authors, with<&Author::notes>(newest_first, with<&Note::author>()));
    auto const queries = all();
    ASSERT_EQ(queries.size(), 2U);
    answer(queries[0], page_of({keys_of_note("n2", "a"), keys_of_note("n1", "a")}));
    answer(queries[1], page_of({keys_of_note("n3", "b")}));
    auto const notes = next();
    EXPECT_EQ(keys_in(notes), (key_set{"notes n1", "notes n2", "notes n3"})) << "one batch for both";
    EXPECT_EQ(path_of(notes), "Author.notes");
    answer(notes, batch_of({{"notes", {note("n1", "a"), note("n2", "a"), note("n3", "b")}}}));
    auto const owners = next();
    EXPECT_EQ(keys_in(owners), (key_set{"authors a", "authors b"}));
    answer(owners, batch_of({{"authors", {{{"id", s("a")}, {"name", s("Ann")}}}}}));
    finish();
    EXPECT_EQ(ids(authors[0].notes), "n2 n1");
    EXPECT_EQ(ids(authors[1].notes), "n3");
    EXPECT_EQ(authors[0].notes[0].text, "text");
    EXPECT_EQ(authors[0].notes[0].author->name, "Ann");
    EXPECT_FALSE(authors[1].notes[0].author);
}

TEST_F(partial_index, sorts_by_what_was_read_by_key) {
    Author a = an_author("a");
    start(a, with<&Author::notes>(ascending<&Note::text>));
    answer(next(), page_of({keys_of_note("n1", "a"), keys_of_note("n2", "a")}));
    answer(next(), batch_of({{"notes", {note("n1", "a", "z"), note("n2", "a", "b")}}}));
    finish();
    EXPECT_EQ(ids(a.notes), "n2 n1");
}

TEST_F(partial_index, gives_no_half_entity_when_keys_stay_unprocessed) {
    query<Note>(field<&Note::author_id> == "a");
    answer(next(), page_of({keys_of_note("n1", "a"), keys_of_note("n2", "a")}));
    answer(next(), batch_of({{"notes", {note("n1", "a")}}}, {{"notes", {{{"id", s("n2")}}}}}));
    auto const again = next();
    EXPECT_EQ(keys_in(again), key_set{"notes n2"});
    answer(again, batch_of({{"notes", {note("n2", "a")}}}));
    finish();
    EXPECT_EQ(ids(items<Note>()), "n1 n2");
}

TEST_F(partial_index, that_the_schema_does_not_know_is_noticed_when_it_gives_keys_only) {
    query<Plain>(field<&Plain::city> == "Oslo");
    auto const first = next();
    EXPECT_EQ(json::parse(first.body).at("Select"), "ALL_ATTRIBUTES") << "the service refuses it then";
    answer(first, page_of({{{"id", s("1")}, {"city", s("Oslo")}}, {{"id", s("2")}, {"city", s("Oslo")}}}));
    answer(next(), batch_of({{"plains",
                              {{{"id", s("1")}, {"city", s("Oslo")}, {"email", s("e")}},
                               {{"id", s("2")}, {"city", s("Oslo")}, {"phone", s("5")}}}}}));
    finish();
    ASSERT_EQ(ids(items<Plain>()), "1 2");
    EXPECT_EQ(items<Plain>()[0].email, "e");
    EXPECT_EQ(items<Plain>()[1].phone, "5");
    auto const report = g().report();
    EXPECT_EQ(report.items, 4U) << "two of the index, two of the table";
    EXPECT_NE(report.plan.find("[1 request, 2 items; by key 1 request, 2 items]"), std::string::npos) << report.plan;
}

TEST_F(partial_index, is_not_suspected_when_one_item_shows_more_than_keys) {
    query<Plain>(field<&Plain::city> == "Oslo");
    answer(next(),
           page_of({{{"id", s("1")}, {"city", s("Oslo")}}, {{"id", s("2")}, {"city", s("Oslo")}, {"phone", s("5")}}},
                   json::object{{"id", s("2")}, {"city", s("Oslo")}}));
    answer(next(), page_of({{{"id", s("3")}, {"city", s("Oslo")}}}));
    finish();
    EXPECT_EQ(ids(items<Plain>()), "1 2 3");
}

TEST_F(partial_index, of_a_table_is_completed_by_the_service_when_it_is_local) {
    query<Entry>(field<&Entry::site> == "s" && field<&Entry::kind> == "k" && field<&Entry::text> == "x");
    auto const first = next();
    EXPECT_EQ(text_of(first), R"(entries index by_kind: site = {"S":"s"} AND kind = {"S":"k"})");
    EXPECT_EQ(json::parse(first.body).at("Select"), "ALL_ATTRIBUTES");
    answer(first, page_of({{{"site", s("s")}, {"number", n(1)}, {"kind", s("k")}, {"text", s("x")}}}));
    finish();
    EXPECT_EQ(items<Entry>().size(), 1U);
}

TEST_F(partial_index, is_asked_for_what_it_has) {
    query<Note>(field<&Note::author_id> == "a");
    EXPECT_FALSE(json::parse(next().body).as_object().contains("Select"));
}

TEST_F(partial_index, shows_in_the_plan) {
    query<Note>(field<&Note::author_id> == "a");
    EXPECT_EQ(g().explain(false), "Note: Query notes index by_author, key author_id = \"a\"; then each by key with "
                                  "BatchGetItem, because the index projects keys only\n");
}

} // namespace
