// Relations that schemas ask for with autoload<>: what reads send for them, and when they send nothing.

#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/transaction.hpp>
#include <dynasio/orm/verify.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "service_fixture.hpp"

namespace gallery {

using namespace dynasio::dsl;

struct Artist;
struct Picture;
struct Frame;
struct Room;

/// Brings its pictures, and each of them its frame.
struct Artist {
    std::string id{};
    std::string name{};
    dynasio::has_many<Picture> pictures{};
    dynasio::has_many<Picture> all_pictures{};
};
struct Picture {
    std::string id{};
    std::string artist_id{};
    std::string frame_id{};
    std::string state{};
    dynasio::belongs_to<Artist> artist{};
    dynasio::belongs_to<Frame> frame{};
};
struct Frame {
    std::string id{};
};
/// Has a relation to what brings others, and brings nothing itself.
struct Room {
    std::string id{};
    std::string picture_id{};
    dynasio::belongs_to<Picture> picture{};
};
/// A part of Picture, with an autoload<> of its own.
struct Label {
    std::string id{};
    dynasio::belongs_to<Artist> artist{};
};

constexpr auto dynasio_schema(dynasio::tag<Artist>) {
    return entity<Artist>(
        partition_key<&Artist::id>,
        autoload<&Artist::pictures>([] { return field<&Picture::state> == "shown"; }, newest_first, limit(2)),
        relate<&Artist::pictures>(by<&Picture::artist_id>), relate<&Artist::all_pictures>(by<&Picture::artist_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Picture>) {
    return entity<Picture>(partition_key<&Picture::id>, gsi<&Picture::artist_id>{"by_artist"},
                           relate<&Picture::artist>(by<&Picture::artist_id>),
                           relate<&Picture::frame>(by<&Picture::frame_id>), autoload<&Picture::frame>());
}
constexpr auto dynasio_schema(dynasio::tag<Frame>) { return entity<Frame>(partition_key<&Frame::id>); }
constexpr auto dynasio_schema(dynasio::tag<Room>) {
    return entity<Room>(partition_key<&Room::id>, relate<&Room::picture>(by<&Room::picture_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Label>) {
    return entity<Label>(projection_of<Picture>, relate<&Label::artist>(by<&Picture::artist_id>),
                         autoload<&Label::artist>());
}
static_assert(dynasio::verify<Artist, Picture, Frame, Room, Label>());

} // namespace gallery

namespace {

using namespace run_test;
using namespace dynasio::dsl;
using dynasio::relation_to_load;
using gallery::Artist;
using gallery::Frame;
using gallery::Label;
using gallery::Picture;
using gallery::Room;

std::string page(std::string_view items) { return R"({"Items":[)" + std::string(items) + R"(],"Count":1})"; }
std::string batch_answer(std::string_view table, std::string_view items) {
    return R"({"Responses":{"test_)" + std::string(table) + R"(":[)" + std::string(items) + "]}}";
}
constexpr char const* an_artist = R"({"id":{"S":"a1"},"name":{"S":"Ann"}})";
constexpr char const* a_picture = R"({"id":{"S":"p1"},"artist_id":{"S":"a1"},"frame_id":{"S":"f1"}})";
constexpr char const* a_frame = R"({"id":{"S":"f1"}})";
std::string item(std::string_view of) { return R"({"Item":)" + std::string(of) + "}"; }

constexpr std::string_view query_of_pictures = R"({"TableName": "test_pictures", "IndexName": "by_artist",
    "KeyConditionExpression": "#0 = :0", "FilterExpression": "#1 = :1",
    "ExpressionAttributeNames": {"#0": "artist_id", "#1": "state"},
    "ExpressionAttributeValues": {":0": {"S": "a1"}, ":1": {"S": "shown"}}, "ScanIndexForward": false, "Select": "ALL_ATTRIBUTES"})";
constexpr std::string_view batch_of_frames = R"({"RequestItems": {"test_frames": {"Keys": [{"id": {"S": "f1"}}]}}})";

class autoloaded : public service_conversation {
protected:
    dynasio::repository<Artist> artists{db};
    dynasio::repository<Picture> pictures{db};
    dynasio::repository<Frame> frames{db};
    dynasio::repository<Room> rooms{db};

    void answer_with_an_artist() {
        answer_with(item(an_artist));
        answer_with(page(a_picture));
        answer_with(batch_answer("frames", a_frame));
    }
    void expect_all_of(Artist const& artist) {
        ASSERT_TRUE(artist.pictures.loaded());
        ASSERT_EQ(artist.pictures.size(), 1U);
        ASSERT_TRUE(artist.pictures[0].frame.loaded()) << "at every level";
        EXPECT_EQ(artist.pictures[0].frame->id, "f1");
        EXPECT_FALSE(artist.all_pictures.loaded());
        EXPECT_FALSE(artist.pictures[0].artist.loaded());
    }
};

TEST_F(autoloaded, relations_come_with_an_entity_by_key) {
    answer_with_an_artist();
    auto const found = run(artists.find("a1"));
    ASSERT_TRUE(found.has_value());
    expect_all_of(*found);
    ASSERT_EQ(sent(), 3U);
    expect_request(1, "Query", query_of_pictures);
    expect_request(2, "BatchGetItem", batch_of_frames);

    answer_with_an_artist();
    expect_all_of(run(artists.get("a1")));
    dynasio::repository<dynasio::tracked<Artist>> const tracked_artists(db);
    answer_with_an_artist();
    expect_all_of(*run(tracked_artists.get("a1")));
    answer_with("{}");
    EXPECT_FALSE(run(artists.find("none")).has_value());
    EXPECT_EQ(sent(), 10U) << "nothing belongs to an entity that is not there";
}

TEST_F(autoloaded, relations_come_with_many_entities) {
    answer_with(batch_answer("artists", an_artist));
    answer_with(page(a_picture));
    answer_with(batch_answer("frames", a_frame));
    std::vector<std::string> const keys{"a1", "a2"};
    auto const found = run(artists.find_many(keys));
    ASSERT_TRUE(found[0].has_value());
    expect_all_of(*found[0]);
    EXPECT_FALSE(found[1].has_value());
}

TEST_F(autoloaded, relations_come_with_every_kind_of_query) {
    auto const query = artists.where(field<&Artist::id> == "a1");
    auto const answer = [&] {
        answer_with(page(an_artist));
        answer_with(page(a_picture));
        answer_with(batch_answer("frames", a_frame));
    };
    answer();
    expect_all_of(run(query.all())[0]);
    answer();
    expect_all_of(*run(query.first()));
    answer();
    expect_all_of(run(query.only()));
    answer();
    expect_all_of(run(query.page(5)).items[0]);
    answer();
    expect_all_of(run(artists.scan().all())[0]);
    answer();
    std::size_t visited = 0;
    run(query.for_each_page(5, [&](std::vector<Artist>&& some) {
        for (auto const& each : some) expect_all_of(each);
        visited += some.size();
    }));
    EXPECT_EQ(visited, 1U);
    EXPECT_EQ(sent(), 18U);
}

TEST_F(autoloaded, relations_do_not_come_with_what_gives_no_entities_or_no_relations) {
    auto const query = artists.where(field<&Artist::id> == "a1");
    answer_with(R"({"Count":1})");
    EXPECT_EQ(run(query.count()), 1U);
    answer_with(R"({"Count":1})");
    EXPECT_TRUE(run(query.exists()));
    answer_with(R"({"Responses":[{"Item":)" + std::string(an_artist) + "}]}");
    auto const together = run(dynasio::find_together(db, dynasio::key_of<Artist>("a1")));
    EXPECT_FALSE(std::get<0>(together)->pictures.loaded());
    answer_with(R"({"Attributes":)" + std::string(an_artist) + "}");
    EXPECT_FALSE(run(artists.update("a1", set_to<&Artist::name>("Ann"))).pictures.loaded());
    EXPECT_EQ(sent(), 4U);
}

TEST_F(autoloaded, relations_are_switched_off_for_one_read) {
    answer_with(item(an_artist));
    EXPECT_FALSE(run(artists.find("a1", without_autoload))->pictures.loaded());
    answer_with(item(an_artist));
    EXPECT_FALSE(run(artists.get("a1", without_autoload)).pictures.loaded());
    answer_with(page(an_artist));
    EXPECT_FALSE(run(artists.where(field<&Artist::id> == "a1").without_autoload().all())[0].pictures.loaded());
    answer_with(page(an_artist));
    EXPECT_FALSE(run(artists.scan(without_autoload).all())[0].pictures.loaded());
    answer_with(batch_answer("artists", an_artist));
    EXPECT_FALSE(run(artists.find_many(std::vector<std::string>{"a1"}, without_autoload))[0]->pictures.loaded());
    EXPECT_EQ(sent(), 5U);
    // What is named is loaded all the same, without what its own schema asks for.
    answer_with(item(an_artist));
    answer_with(page(a_picture));
    auto const found = run(artists.get("a1", without_autoload, with<&Artist::pictures>()));
    EXPECT_FALSE(found.pictures[0].frame.loaded());
    EXPECT_EQ(sent(), 7U);
}

TEST_F(autoloaded, relations_are_switched_off_below_one_relation) {
    answer_with(item(an_artist));
    answer_with(page(a_picture));
    auto const found = run(artists.get("a1", with<&Artist::pictures>(without_autoload)));
    EXPECT_FALSE(found.pictures[0].frame.loaded());
    EXPECT_EQ(sent(), 2U);
}

TEST_F(autoloaded, relations_that_are_named_have_the_constraints_of_the_call) {
    answer_with_an_artist();
    auto const found = run(artists.get("a1", with<&Artist::pictures>()));
    EXPECT_TRUE(found.pictures[0].frame.loaded());
    expect_request(1, "Query", R"({"TableName": "test_pictures", "IndexName": "by_artist",
        "KeyConditionExpression": "#0 = :0", "ExpressionAttributeNames": {"#0": "artist_id"},
        "ExpressionAttributeValues": {":0": {"S": "a1"}}, "Select": "ALL_ATTRIBUTES"})");
    EXPECT_EQ(sent(), 3U);
}

TEST_F(autoloaded, relations_of_targets_come_wherever_these_are_loaded) {
    answer_with(R"({"Item":{"id":{"S":"r1"},"picture_id":{"S":"p1"}}})");
    EXPECT_FALSE(run(rooms.get("r1")).picture.loaded());
    answer_with(R"({"Item":{"id":{"S":"r1"},"picture_id":{"S":"p1"}}})");
    answer_with(batch_answer("pictures", a_picture));
    answer_with(batch_answer("frames", a_frame));
    auto const room = run(rooms.get("r1", with<&Room::picture>()));
    EXPECT_EQ(room.picture->frame->id, "f1");
    EXPECT_EQ(sent(), 4U);
}

TEST_F(autoloaded, relations_of_targets_come_in_a_load_and_those_of_the_entity_do_not) {
    Artist artist;
    artist.id = "a1";
    answer_with(page(a_picture));
    answer_with(batch_answer("frames", a_frame));
    run(artists.load(artist, with<&Artist::all_pictures>()));
    EXPECT_FALSE(artist.pictures.loaded());
    EXPECT_TRUE(artist.all_pictures[0].frame.loaded());
    EXPECT_EQ(sent(), 2U);
    // A relation that is there is kept; what its schema adds below it is no reason to read it again.
    run(artists.load<&Artist::all_pictures>(artist));
    EXPECT_EQ(sent(), 2U);
    answer_with(page(a_picture));
    run(artists.load<&Artist::all_pictures>(artist, reload, without_autoload));
    EXPECT_FALSE(artist.all_pictures[0].frame.loaded());
    EXPECT_EQ(sent(), 3U);
}

TEST_F(autoloaded, relations_of_a_projection_are_its_own) {
    dynasio::repository<Label> const labels(db);
    answer_with(batch_answer("pictures", R"({"id":{"S":"p1"},"artist_id":{"S":"a1"}})"));
    answer_with(batch_answer("artists", an_artist));
    answer_with(page(a_picture));
    answer_with(batch_answer("frames", a_frame));
    auto const label = run(labels.get("p1"));
    EXPECT_EQ(label.artist->name, "Ann");
    EXPECT_TRUE(label.artist->pictures[0].frame.loaded());
    EXPECT_EQ(sent(), 4U);
}

TEST_F(autoloaded, relations_are_a_part_of_the_plan) {
    EXPECT_EQ(artists.scan().explain(),
              "Artist: Scan test_artists\n"
              "  pictures (autoload): Query test_pictures index by_artist, filter state = \"shown\", newest first, "
              "limit 2, one for each parent\n"
              "    frame (autoload): BatchGetItem test_frames, up to 100 keys a request, shared with all other keys\n");
    EXPECT_EQ(artists.scan().without_autoload().explain(), "Artist: Scan test_artists\n");
    EXPECT_EQ(rooms.scan().with<&Room::picture>(without_autoload).explain(),
              "Room: Scan test_rooms\n"
              "  picture: BatchGetItem test_pictures, up to 100 keys a request, shared with all other keys\n");
}

TEST_F(autoloaded, entities_without_it_are_read_as_before) {
    answer_with(item(a_frame));
    EXPECT_TRUE(run(frames.find("f1")).has_value());
    EXPECT_EQ(sent(), 1U);
    EXPECT_EQ(frames.scan().explain(), "Frame: Scan test_frames\n");
}

// ---- relations in vectors

TEST_F(autoloaded, relations_in_a_vector_stand_wherever_with_does) {
    std::vector<relation_to_load<Picture>> const below{with<&Picture::artist>(without_autoload)};
    std::vector<relation_to_load<Artist>> named{with<&Artist::all_pictures>(without_autoload)};
    auto const expect_named = [&](Artist const& artist) {
        EXPECT_TRUE(artist.all_pictures.loaded());
        EXPECT_FALSE(artist.pictures.loaded());
    };
    answer_with(item(an_artist));
    answer_with(page(a_picture));
    expect_named(*run(artists.find("a1", named, without_autoload)));
    answer_with(item(an_artist));
    answer_with(page(a_picture));
    expect_named(run(artists.get("a1", without_autoload, named)));
    answer_with(batch_answer("artists", an_artist));
    answer_with(page(a_picture));
    expect_named(*run(artists.find_many(std::vector<std::string>{"a1"}, named, without_autoload))[0]);
    answer_with(page(an_artist));
    answer_with(page(a_picture));
    expect_named(run(artists.scan(named, without_autoload).all())[0]);
    answer_with(page(an_artist));
    answer_with(page(a_picture));
    expect_named(run(artists.where(field<&Artist::id> == "a1").with(named).without_autoload().all())[0]);
    Artist artist;
    artist.id = "a1";
    answer_with(page(a_picture));
    run(artists.load(artist, named));
    expect_named(artist);
    answer_with(page(a_picture));
    answer_with(batch_answer("artists", an_artist));
    run(artists.load<&Artist::all_pictures>(artist, reload, below, without_autoload));
    EXPECT_EQ(artist.all_pictures[0].artist->name, "Ann");
    EXPECT_EQ(sent(), 13U);
    EXPECT_EQ(named.size(), 1U) << "what is passed is copied";
    answer_with(item(an_artist));
    EXPECT_TRUE(run(artists.find("a1", std::vector<relation_to_load<Artist>>(), without_autoload)).has_value());
}

TEST_F(autoloaded, relations_named_twice_are_read_once_or_refused_before_a_request) {
    std::vector<relation_to_load<Artist>> named{with<&Artist::all_pictures>(with<&Picture::artist>(without_autoload)),
                                                with<&Artist::all_pictures>(without_autoload)};
    for (int way = 0; way < 4; ++way) {
        auto const f = way == 0   ? failure_of(artists.find("a1", named))
                       : way == 1 ? failure_of(artists.scan(named).all())
                       : way == 2 ? failure_of(artists.find_many(std::vector<std::string>{"a1"}, named))
                                  : failure_of(artists.scan(named).only());
        EXPECT_EQ(f.code, errc::invalid_argument);
        EXPECT_EQ(f.info->relation_path, "Artist.all_pictures");
    }
    EXPECT_EQ(sent(), 0U);
    named.pop_back();
    named.push_back(with<&Artist::all_pictures>(with<&Picture::frame>()));
    answer_with(page(a_picture));
    answer_with(R"({"Responses":{"test_frames":[)" + std::string(a_frame) + R"(],"test_artists":[)" + an_artist +
                "]}}");
    Artist artist;
    artist.id = "a1";
    run(artists.load(artist, named));
    EXPECT_EQ(artist.all_pictures[0].frame->id, "f1");
    EXPECT_EQ(artist.all_pictures[0].artist->name, "Ann");
    EXPECT_EQ(sent(), 2U);
}

} // namespace
