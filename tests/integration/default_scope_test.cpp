#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/where_always.hpp>

#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Entities with where_always() against a real server: what each read gives by itself, and without the default scope.
namespace gazette {

using namespace dynasio::dsl;

struct Story;
struct Letter;
struct Topic;

struct Writer {
    std::string id{};
    dynasio::has_many<Story> stories{};
    dynasio::has_one<Story> first_story{};
    dynasio::has_many_through<Letter> letters{};
};
struct Story {
    std::string id{};
    std::string writer_id{};
    bool published{};
    dynasio::timestamp deleted_at{};

    dynasio::belongs_to<Writer> writer{};
    dynasio::has_many<Letter> letters{};
    dynasio::belongs_to_many<Topic> topics{};
};
struct Letter {
    std::string id{};
    std::string story_id{};

    dynasio::belongs_to<Story> story{};
};
struct Topic {
    std::string id{};
    std::string state{};
};
/// A part of Story without the member that decides.
struct Headline {
    std::string id{};
};
/// All of one house: the default scope chooses the key.
struct Parcel {
    std::string id{};
    std::string house{};
    std::map<std::string, std::string> extra{};
};

dynasio::where_clause<Parcel> of_our_house();

constexpr auto dynasio_schema(dynasio::tag<Writer>) {
    return entity<Writer>(table{"writers"}, partition_key<&Writer::id>, relate<&Writer::stories>(by<&Story::writer_id>),
                          relate<&Writer::first_story>(by<&Story::writer_id>),
                          relate<&Writer::letters>(through<&Writer::stories, &Story::letters>));
}
constexpr auto dynasio_schema(dynasio::tag<Story>) {
    return entity<Story>(table{"stories"}, partition_key<&Story::id>, gsi<&Story::writer_id>{"by_writer"},
                         soft_delete<&Story::deleted_at>, where_always([] { return field<&Story::published> == true; }),
                         relate<&Story::writer>(by<&Story::writer_id>), relate<&Story::letters>(by<&Letter::story_id>),
                         relate<&Story::topics>());
}
constexpr auto dynasio_schema(dynasio::tag<Letter>) {
    return entity<Letter>(table{"letters"}, partition_key<&Letter::id>, gsi<&Letter::story_id>{"by_story"},
                          relate<&Letter::story>(by<&Letter::story_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Topic>) {
    return entity<Topic>(table{"topics"}, partition_key<&Topic::id>,
                         where_always([] { return field<&Topic::state> != "closed" && field<&Topic::id> != "odd"; }));
}
constexpr auto dynasio_schema(dynasio::tag<Headline>) { return entity<Headline>(projection_of<Story>); }
constexpr auto dynasio_schema(dynasio::tag<Parcel>) {
    return entity<Parcel>(table{"parcels"}, partition_key<&Parcel::id>, gsi<&Parcel::house>{"by_house"},
                          where_always(of_our_house));
}

// Declared before the schema and defined behind it, because at() needs the schema.
dynasio::where_clause<Parcel> of_our_house() {
    return field<&Parcel::house> == "north" && field<&Parcel::extra>.at("lost") == nullptr;
}

} // namespace gazette

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using gazette::Headline;
using gazette::Letter;
using gazette::Parcel;
using gazette::Story;
using gazette::Topic;
using gazette::Writer;

std::string present(auto const& found) {
    std::string out;
    for (auto const& e : found) out += (out.empty() ? "" : " ") + (e ? e->id : "-");
    return out;
}

class default_scope_test : public test::database_test {
protected:
    repository<Writer> writers{direct};
    repository<Story> stories{direct};
    repository<Letter> letters{direct};
    repository<Topic> topics{direct};

    /// A writer with the stories 1 to 5: 2 and 4 are not published, 5 is published and trashed. Each has one letter and
    /// the topics "open" and "closed".
    void SetUp() override {
        create_tables<Writer, Story, Letter, Topic>();
        Writer writer;
        writer.id = "ann";
        save(writer);
        Topic open, closed;
        open.id = "open";
        closed.id = "closed";
        closed.state = "closed";
        save(open);
        save(closed);
        for (int i = 1; i <= 5; ++i) {
            Story s;
            s.id = std::to_string(i);
            s.writer_id = "ann";
            s.published = i != 2 && i != 4;
            if (i == 5) trash(s);
            save(s);
            Letter l;
            l.id = "to-" + s.id;
            l.story_id = s.id;
            save(l);
            run(stories.related<&Story::topics>(s).attach(open));
            run(stories.related<&Story::topics>(s).attach(closed));
        }
    }

    template <class... Options> Writer read_writer(Options... options) {
        return run(writers.get("ann", std::move(options)...));
    }
};

TEST_F(default_scope_test, a_query_gives_what_the_schema_asks_for) {
    auto const of_ann = stories.where(field<&Story::writer_id> == "ann");
    EXPECT_EQ(ids(run(of_ann.all())), "1 3");
    EXPECT_EQ(ids(run(of_ann.without_default_scope().all())), "1 2 3 4") << "the trash is another matter";
    EXPECT_EQ(ids(run(of_ann.with_trashed().all())), "1 3 5");
    EXPECT_EQ(ids(run(of_ann.with_trashed().without_default_scope().all())), "1 2 3 4 5");
    EXPECT_EQ(ids(run(stories.where(field<&Story::writer_id> == "ann", without_default_scope, newest_first).all())),
              "4 3 2 1");
    EXPECT_EQ(ids(run(of_ann.where(field<&Story::published> == false).all())), "") << "both conditions hold";
}

TEST_F(default_scope_test, every_kind_of_read_has_the_scope) {
    auto const of_ann = stories.where(field<&Story::writer_id> == "ann");
    EXPECT_EQ(run(of_ann.count()), 2U);
    EXPECT_EQ(run(of_ann.without_default_scope().count()), 4U);
    EXPECT_EQ(run(stories.scan().count()), 2U);
    EXPECT_EQ(run(stories.scan(without_default_scope).count()), 4U);
    EXPECT_EQ(run(stories.scan().all()).size(), 2U);
    EXPECT_EQ(run(of_ann.order(newest_first).first())->id, "3");
    EXPECT_EQ(run(of_ann.last())->id, "3");
    EXPECT_EQ(run(of_ann.without_default_scope().last())->id, "4");
    auto const unpublished = stories.where(field<&Story::id> == "2");
    EXPECT_FALSE(run(unpublished.exists()));
    EXPECT_TRUE(run(unpublished.without_default_scope().exists()));
    EXPECT_EQ(failure_of(unpublished.only()).code, errc::not_found);
    EXPECT_EQ(run(unpublished.without_default_scope().only()).id, "2");

    auto const page = run(of_ann.page(1));
    EXPECT_EQ(ids(page.items), "1");
    EXPECT_EQ(ids(run(of_ann.page(10, page.next)).items), "3");
    EXPECT_EQ(failure_of(of_ann.without_default_scope().page(10, page.next)).code, errc::invalid_cursor)
        << "a cursor belongs to one scope";
    std::string streamed;
    run(of_ann.for_each_page(1, [&](std::vector<Story>&& some) { streamed += ids(some) + ";"; }));
    EXPECT_EQ(streamed, "1;3;");
}

TEST_F(default_scope_test, a_read_by_key_gives_what_is_stored_and_one_of_many_keys_has_the_scope) {
    EXPECT_TRUE(run(stories.find("2")));
    EXPECT_EQ(run(stories.get("2")).id, "2");
    EXPECT_TRUE(run(stories.find("2", with<&Story::writer>())));
    std::vector<std::string> const keys{"1", "2", "3", "5", "none"};
    EXPECT_EQ(present(run(stories.find_many(keys))), "1 - 3 - -");
    EXPECT_EQ(present(run(stories.find_many(keys, without_default_scope))), "1 2 3 - -");
    EXPECT_EQ(present(run(stories.find_many(keys, without_default_scope, with_trashed))), "1 2 3 5 -");
    EXPECT_EQ(present(run(stories.find_many(keys, with<&Story::letters>()))), "1 - 3 - -");
    auto story = run(stories.get("2"));
    run(stories.save(story));
    EXPECT_TRUE(run(stories.remove(story))) << "writes do not know the scope";
}

TEST_F(default_scope_test, a_projection_has_the_scope_of_its_entity) {
    repository<Headline> const headlines(direct);
    EXPECT_EQ(run(headlines.scan().all()).size(), 2U);
    EXPECT_EQ(run(headlines.scan(without_default_scope).all()).size(), 4U);
    EXPECT_TRUE(run(headlines.find("2")));
    std::vector<std::string> const keys{"1", "2", "3"};
    EXPECT_EQ(present(run(headlines.find_many(keys))), "1 - 3");
    EXPECT_EQ(present(run(headlines.find_many(keys, without_default_scope))), "1 2 3");
}

TEST_F(default_scope_test, relations_of_every_kind_have_the_scope) {
    auto const writer = read_writer(with<&Writer::stories>(with<&Story::topics>()), with<&Writer::letters>(),
                                    with<&Writer::first_story>(newest_first));
    EXPECT_EQ(ids(writer.stories), "1 3");
    EXPECT_EQ(writer.first_story->id, "3");
    EXPECT_EQ(ids(writer.letters), "to-1 to-3") << "what is in between counts";
    EXPECT_EQ(ids(writer.stories[0].topics), "open");

    auto const whole = read_writer(
        with<&Writer::stories>(without_default_scope, with<&Story::topics>(without_default_scope)),
        with<&Writer::letters>(without_default_scope), with<&Writer::first_story>(newest_first, without_default_scope));
    EXPECT_EQ(ids(whole.stories), "1 2 3 4");
    EXPECT_EQ(whole.first_story->id, "4");
    EXPECT_EQ(ids(whole.letters), "to-1 to-2 to-3 to-4");
    EXPECT_EQ(ids(whole.stories[1].topics), "closed open");

    EXPECT_EQ(run(letters.get("to-2", with<&Letter::story>())).story.get(), nullptr);
    EXPECT_EQ(run(letters.get("to-2", with<&Letter::story>(without_default_scope))).story->id, "2");
    EXPECT_EQ(run(letters.get("to-1", with<&Letter::story>())).story->id, "1");
}

TEST_F(default_scope_test, a_relation_that_was_loaded_in_the_scope_does_not_answer_for_all) {
    auto writer = read_writer(with<&Writer::stories>());
    load_report report;
    run(writers.load(writer, with<&Writer::stories>(), report_to(report)));
    EXPECT_EQ(report.requests(), 0U) << "loaded already";
    run(writers.load<&Writer::stories>(writer, without_default_scope, report_to(report)));
    EXPECT_EQ(report.requests(), 1U);
    EXPECT_EQ(ids(writer.stories), "1 2 3 4");
    run(writers.load<&Writer::stories>(writer, without_default_scope, report_to(report)));
    EXPECT_EQ(report.requests(), 1U);
}

TEST_F(default_scope_test, the_plan_shows_the_scope_and_what_it_costs) {
    auto const of_ann = stories.where(field<&Story::writer_id> == "ann");
    EXPECT_NE(of_ann.with_trashed().explain().find("filter published = true; what the filter leaves out is read and "
                                                   "charged for"),
              std::string::npos)
        << of_ann.with_trashed().explain();
    auto const plain = of_ann.with_trashed().without_default_scope().explain();
    EXPECT_EQ(plain.find("filter"), std::string::npos) << plain;
}

TEST_F(default_scope_test, a_condition_on_a_key_takes_part_in_the_choice_of_the_index) {
    create_tables<Parcel>();
    repository<Parcel> const parcels(direct);
    for (int i = 0; i < 4; ++i) {
        Parcel p;
        p.id = std::to_string(i);
        p.house = i == 3 ? "south" : "north";
        if (i == 1) p.extra["lost"] = "yes";
        save(p);
    }
    EXPECT_EQ(ids(run(parcels.where().all())), "0 2");
    EXPECT_NE(parcels.where().explain().find("index by_house"), std::string::npos) << parcels.where().explain();
    EXPECT_EQ(failure_of(parcels.where().without_default_scope().all()).code, errc::no_usable_index);
    EXPECT_EQ(ids(run(parcels.where(field<&Parcel::id> == "1", without_default_scope).all())), "1");
}

} // namespace
} // namespace dynasio
