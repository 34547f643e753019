#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/load_report.hpp>

#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Relations whose entities are of several types, against a real server.
namespace gallery {

using namespace dynasio::dsl;

struct Review;

struct Artist {
    std::string id{};
    std::string name{};
};
struct Painting {
    std::string id{};
    std::string artist_id{};
    std::string status{};
    dynasio::belongs_to<Artist> artist{};
    dynasio::has_many<Review> reviews{};
    dynasio::has_one<Review> a_review{};
};
/// With a key of two parts.
struct Room {
    std::string house{};
    std::string number{};
    dynasio::has_many<Review> reviews{};
};
struct Review {
    std::string id{};
    std::optional<std::string> subject_type{};
    std::string subject_id{};
    std::string subject_number{};
    int stars{};
    dynasio::morph_to<Painting, Room> subject{};
};
/// Brings what it is about with every read.
struct Ticket {
    std::string id{};
    std::string type{};
    std::string subject_id{};
    dynasio::morph_to<Painting, Artist> subject{};
};

constexpr auto dynasio_schema(dynasio::tag<Artist>) {
    return entity<Artist>(table{"artists"}, partition_key<&Artist::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Painting>) {
    return entity<Painting>(table{"paintings"}, partition_key<&Painting::id>,
                            relate<&Painting::artist>(by<&Painting::artist_id>),
                            relate<&Painting::reviews>(by<&Review::subject_type, &Review::subject_id>),
                            relate<&Painting::a_review>(by<&Review::subject_type, &Review::subject_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Room>) {
    return entity<Room>(
        table{"rooms"}, partition_key<&Room::house>, sort_key<&Room::number>,
        relate<&Room::reviews>(by<&Review::subject_type, &Review::subject_id, &Review::subject_number>));
}
constexpr auto dynasio_schema(dynasio::tag<Review>) {
    return entity<Review>(
        table{"reviews"}, partition_key<&Review::id>, gsi<&Review::subject_id, &Review::subject_type>{"by_subject"},
        gsi<&Review::subject_id, &Review::stars>{"by_stars"},
        gsi<&Review::subject_id, &Review::subject_number>{"by_number"},
        relate<&Review::subject>(by<&Review::subject_type, &Review::subject_id, &Review::subject_number>,
                                 morph_name<Painting>{"App\\Models\\Painting"}));
}
constexpr auto dynasio_schema(dynasio::tag<Ticket>) {
    return entity<Ticket>(table{"tickets"}, partition_key<&Ticket::id>,
                          relate<&Ticket::subject>(by<&Ticket::type, &Ticket::subject_id>),
                          autoload<&Ticket::subject>());
}

} // namespace gallery

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using gallery::Artist;
using gallery::Painting;
using gallery::Review;
using gallery::Room;
using gallery::Ticket;

constexpr char const* painting_name = "App\\Models\\Painting";

class morph_relations : public test::database_test {
protected:
    void SetUp() override {
        create_tables<Artist, Painting, Room, Review, Ticket>();
        std::vector<Artist> people{{.id = "a1", .name = "Ann"}};
        run(artists.save_many(people));
        std::vector<Painting> hung{{.id = "p1", .artist_id = "a1", .status = "hung"}, {.id = "p2", .status = "stored"}};
        run(paintings.save_many(hung));
        std::vector<Room> open{{.house = "p1", .number = "7"}};
        run(rooms.save_many(open));
        std::vector<Review> all;
        all.push_back(a_review("r1", painting_name, "p1", "", 5));
        all.push_back(a_review("r2", painting_name, "p1", "", 2));
        all.push_back(a_review("r3", "rooms", "p1", "7", 4));
        all.push_back(a_review("r4", painting_name, "p2", "", 1));
        all.push_back(a_review("r5", painting_name, "gone", "", 3));
        all.push_back(a_review("r6", std::nullopt, "", "", 3));
        run(reviews.save_many(all));
    }
    static Review a_review(std::string id, std::optional<std::string> type, std::string key, std::string number,
                           int stars) {
        Review r;
        r.id = std::move(id);
        r.subject_type = std::move(type);
        r.subject_id = std::move(key);
        r.subject_number = std::move(number);
        r.stars = stars;
        return r;
    }
    static std::string ids(auto const& found) {
        std::string out;
        for (auto const& e : found) out += (out.empty() ? "" : " ") + e.id;
        return out;
    }
    /// What each review is about.
    static std::string subjects(std::vector<std::optional<Review>> const& found) {
        std::string out;
        for (auto const& r : found) {
            out += (out.empty() ? "" : ", ") + r->id + ' ';
            auto const* const painting = r->subject.get_if<Painting>();
            auto const* const room = r->subject.get_if<Room>();
            out += painting != nullptr ? "painting " + painting->id
                   : room != nullptr   ? "room " + room->house + room->number
                                       : "nothing";
        }
        return out;
    }

    repository<Artist> artists{direct};
    repository<Painting> paintings{direct};
    repository<Room> rooms{direct};
    repository<Review> reviews{direct};
    repository<Ticket> tickets{direct};
};

TEST_F(morph_relations, are_loaded_for_all_types_with_one_request) {
    load_report report;
    auto const found = run(repository<Review>(db).find_many(
        std::vector<std::string>{"r1", "r2", "r3", "r4", "r5", "r6"}, with<&Review::subject>(), report_to(report)));
    EXPECT_EQ(subjects(found), "r1 painting p1, r2 painting p1, r3 room p17, r4 painting p2, r5 nothing, r6 nothing");
    EXPECT_EQ(report.batch_gets, 2U) << "the reviews, and the subjects of all types";
    EXPECT_EQ(report.keys, 10U);
}

TEST_F(morph_relations, have_constraints_and_relations_for_each_type) {
    auto const found = run(reviews.find_many(
        std::vector<std::string>{"r1", "r3", "r4"},
        with<&Review::subject>(when<Painting>(field<&Painting::status> == "hung", with<&Painting::artist>(),
                                              with_count<&Painting::reviews>()),
                               when<Room>(with<&Room::reviews>()))));
    EXPECT_EQ(subjects(found), "r1 painting p1, r3 room p17, r4 nothing");
    auto const& painting = *found[0]->subject.get_if<Painting>();
    EXPECT_EQ(painting.artist->name, "Ann");
    EXPECT_EQ(painting.reviews.count(), 2U);
    EXPECT_EQ(ids(found[1]->subject.get_if<Room>()->reviews), "r3");
}

TEST_F(morph_relations, have_the_constraints_of_a_list_whether_a_text_names_the_type_or_not) {
    include_list<Review> const list(
        with<&Review::subject>(when<Painting>(field<&Painting::status> == "hung", with<&Painting::artist>())));
    std::vector<std::string> const ids_of{"r1", "r3", "r4"};
    for (auto const* text : {"subject", "subject.painting", "subject.painting.artist"})
        EXPECT_EQ(subjects(run(reviews.find_many(ids_of, paths<Review>(text, list)))),
                  "r1 painting p1, r3 room p17, r4 nothing")
            << text;
}

TEST_F(morph_relations, lead_back_and_leave_out_the_reviews_of_other_types) {
    auto painting = run(paintings.get("p1"));
    run(paintings.load(painting, with<&Painting::reviews>(descending<&Review::stars>, with<&Review::subject>()),
                       with<&Painting::a_review>()));
    EXPECT_EQ(ids(painting.reviews), "r1 r2");
    EXPECT_TRUE(painting.reviews[0].subject.holds<Painting>());
    EXPECT_TRUE(painting.a_review.has_value());
    auto const related = paintings.related<&Painting::reviews>(painting);
    EXPECT_EQ(run(related.count()), 2U);
    EXPECT_TRUE(run(related.exists(field<&Review::stars> > 4)));
    EXPECT_FALSE(run(related.exists(field<&Review::stars> == 4))) << "that review is about the room";
    auto room = run(rooms.get(key("p1", "7")));
    run(rooms.load(room, with<&Room::reviews>()));
    EXPECT_EQ(ids(room.reviews), "r3");
}

TEST_F(morph_relations, give_and_take_type_and_key) {
    auto painting = run(paintings.get("p2"));
    Review added = a_review("r7", std::nullopt, "", "", 5);
    auto const related = paintings.related<&Painting::reviews>(painting);
    run(related.add(added));
    EXPECT_EQ(added.subject_type, painting_name);
    EXPECT_EQ(added.subject_id, "p2");
    EXPECT_EQ(run(reviews.get("r7")).subject_id, "p2");
    EXPECT_EQ(run(related.count()), 2U);
    run(related.remove(added));
    EXPECT_EQ(added.subject_type, std::nullopt);
    EXPECT_EQ(run(reviews.get("r7")).subject_type, std::nullopt);
    EXPECT_EQ(run(related.count()), 1U);
    auto of_room = run(reviews.get("r3"));
    EXPECT_EQ(failure_of(related.remove(of_room)).code, errc::invalid_argument);
}

TEST_F(morph_relations, name_the_review_whose_type_nobody_knows) {
    auto song = a_review("r8", "App\\Models\\Song", "s1", "", 5);
    run(reviews.save(song));
    auto const failed = failure_of(reviews.find("r8", with<&Review::subject>()));
    EXPECT_EQ(failed.code, errc::attribute_type_mismatch);
    EXPECT_EQ(failed.info->key, R"({"id":{"S":"r8"}})");
    EXPECT_EQ(failed.info->relation_path, "Review.subject");
    EXPECT_NE(failed.info->message.find("App\\Models\\Song"), std::string::npos) << failed.info->message;
    std::vector<bad_item> bad;
    auto const found = run(
        reviews.find_many(std::vector<std::string>{"r1", "r8"}, with<&Review::subject>(), on_bad_item(collect(bad))));
    EXPECT_EQ(subjects(found), "r1 painting p1, r8 nothing");
    ASSERT_EQ(bad.size(), 1U);
    EXPECT_EQ(bad[0].why.code, errc::attribute_type_mismatch);
}

TEST_F(morph_relations, are_loaded_by_themselves_where_a_schema_says_so) {
    std::vector<Ticket> sold{{.id = "t1", .type = "paintings", .subject_id = "p1"},
                             {.id = "t2", .type = "artists", .subject_id = "a1"}};
    run(tickets.save_many(sold));
    auto const one = run(tickets.get("t1"));
    EXPECT_EQ(one.subject.get_if<Painting>()->status, "hung");
    auto const other = run(tickets.get("t2"));
    EXPECT_EQ(other.subject.get_if<Artist>()->name, "Ann");
}

TEST_F(morph_relations, are_loaded_for_one_entity_on_request) {
    auto review = run(reviews.get("r3"));
    auto const subject = run(reviews.related<&Review::subject>(review).get());
    EXPECT_TRUE(subject.holds<Room>());
    EXPECT_TRUE(review.subject.holds<Room>());
}

TEST_F(morph_relations, are_complete_after_faults) {
    endpoint.on(testing::match("BatchGetItem")).times(2).leave_unprocessed(testing::all_keys());
    auto const found =
        run(repository<Review>(db).find_many(std::vector<std::string>{"r1", "r3"}, with<&Review::subject>()));
    EXPECT_EQ(subjects(found), "r1 painting p1, r3 room p17");
}

} // namespace
} // namespace dynasio
