#include <dynasio/orm/autoload.hpp>
#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/json.hpp>
#include <dynasio/orm/on_remove.hpp>
#include <dynasio/orm/transaction.hpp>
#include <dynasio/orm/trash.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"
#include "support/property.hpp"

// Links that are entities: what is loaded from either side, and what is stored, also beside what other programs write.
namespace orchestra_links {

using namespace dynasio::dsl;

struct Piece;
struct Part;
struct Player {
    std::string id{};
    std::string name{};
    belongs_to_many<Piece, Part> pieces{};
    has_many<Part> parts{};
};
struct Piece {
    std::int64_t number{};
    std::string title{};
    belongs_to_many<Player, Part> players{};
};
struct Part {
    std::string player_id{};
    std::int64_t piece{};
    std::string instrument{};
    int chair{};
    std::optional<std::string> note{};
    timestamp since{}, changed_at{}, left_at{};
    std::uint64_t version{};
};

constexpr auto dynasio_schema(tag<Player>) {
    return entity<Player>(table{"players"}, partition_key<&Player::id>,
                          relate<&Player::pieces>(via<&Part::player_id, &Part::piece>),
                          relate<&Player::parts>(by<&Part::player_id>), on_remove<&Player::pieces>(clear));
}
constexpr auto dynasio_schema(tag<Piece>) {
    return entity<Piece>(table{"pieces"}, partition_key<&Piece::number>,
                         relate<&Piece::players>(via<&Part::piece, &Part::player_id>));
}
constexpr auto dynasio_schema(tag<Part>) {
    return entity<Part>(table{"parts"}, partition_key<&Part::player_id>, sort_key<&Part::piece>,
                        gsi<&Part::piece>{"by_piece"}, timestamps<&Part::since, &Part::changed_at>,
                        version<&Part::version>, soft_delete<&Part::left_at>);
}

static_assert(verify<Player, Piece, Part>());

/// Links with a key of their own, by an index that projects nothing but keys.
struct Hall;
struct Concert;
struct Band {
    std::string id{};
    belongs_to_many<Hall, Concert> halls{};
};
struct Hall {
    std::string id{};
    belongs_to_many<Band, Concert> bands{};
};
struct Concert {
    std::string id{};
    std::optional<std::string> band_id{}, hall_id{};
    int guests{};
};
constexpr auto dynasio_schema(tag<Band>) {
    return entity<Band>(partition_key<&Band::id>, relate<&Band::halls>(via<&Concert::band_id, &Concert::hall_id>));
}
constexpr auto dynasio_schema(tag<Hall>) {
    return entity<Hall>(partition_key<&Hall::id>, relate<&Hall::bands>(via<&Concert::hall_id, &Concert::band_id>));
}
constexpr auto dynasio_schema(tag<Concert>) {
    return entity<Concert>(partition_key<&Concert::id>, gsi<&Concert::band_id>{"by_band"},
                           gsi<&Concert::hall_id>{"by_hall"}.keys_only());
}

static_assert(verify<Band, Hall, Concert>());

} // namespace orchestra_links

namespace dynasio::pivot_entities_tests {
namespace {

using namespace dynasio::dsl;
using dynamodb::attribute_value;
using dynamodb::item;
using orchestra_links::Band;
using orchestra_links::Concert;
using orchestra_links::Hall;
using orchestra_links::Part;
using orchestra_links::Piece;
using orchestra_links::Player;

class pivot_entities : public test::database_test {
protected:
    void SetUp() override {
        create_tables<Player, Piece, Part>();
        for (auto const* const id : {"ann", "bob"}) {
            players.emplace_back();
            players.back().id = id;
        }
        for (std::int64_t number = 1; number <= 4; ++number) {
            pieces.emplace_back();
            pieces.back().number = number;
            pieces.back().title = "title " + std::to_string(number);
        }
        save_all(players);
        save_all(pieces);
    }
    /// Writes a link as another program does.
    void write_row(item row) { run(direct.put_item(dynamodb::put_item_request(prefix + "parts", std::move(row)))); }
    static item row(std::string const& player, std::int64_t piece) {
        item made;
        made.emplace("player_id", player);
        made.emplace("piece", piece);
        return made;
    }
    item stored_row(std::string const& player, std::int64_t piece) {
        auto answer = run(direct.get_item(dynamodb::get_item_request(prefix + "parts", row(player, piece))));
        return answer.item ? *answer.item : item();
    }
    /// "1=violin 3=flute": the pieces of a player with the instruments of the links.
    std::string pieces_of(std::string const& player) {
        Player const found = run(all.get(player, with<&Player::pieces>()));
        std::string out;
        for (auto const& [piece, part] : found.pieces.with_pivot()) {
            EXPECT_EQ(part.piece, piece.number);
            EXPECT_EQ(part.player_id, player);
            out += (out.empty() ? "" : " ") + std::to_string(piece.number) + '=' + part.instrument;
        }
        return out;
    }
    std::string players_of(std::int64_t piece) {
        Piece const found = run(works.get(piece, with<&Piece::players>()));
        std::string out;
        for (auto const& [player, part] : found.players.with_pivot())
            out += (out.empty() ? "" : " ") + player.id + '=' + part.instrument;
        return out;
    }
    Part part(std::string instrument) const {
        Part made;
        made.instrument = std::move(instrument);
        return made;
    }

    repository<Player> all{db};
    repository<Piece> works{db};
    repository<Part> links{db};
    std::vector<Player> players{};
    std::vector<Piece> pieces{};
};

TEST_F(pivot_entities, are_seen_from_both_sides) {
    Part const violin = part("violin"), flute = part("flute");
    run(all.related<&Player::pieces>(players[0]).attach(pieces[2], violin));
    run(works.related<&Piece::players>(pieces[0]).attach(players[0], flute));
    run(works.related<&Piece::players>(pieces[0]).attach("bob"));
    EXPECT_EQ(pieces_of("ann"), "1=flute 3=violin");
    EXPECT_EQ(players_of(1), "ann=flute bob=");
    EXPECT_EQ(run(works.related<&Piece::players>(pieces[0]).count_links()), 2u);
    EXPECT_EQ(run(all.related<&Player::pieces>(players[0]).count()), 2u);
    EXPECT_TRUE(run(all.related<&Player::pieces>(players[1]).exists()));
    EXPECT_FALSE(run(works.related<&Piece::players>(pieces[3]).exists()));
}

TEST_F(pivot_entities, are_created_once_and_replaced_when_something_is_given) {
    auto const related = all.related<&Player::pieces>(players[0]);
    run(related.attach(pieces[0]));
    Part const first = run(links.get(key("ann", 1)));
    EXPECT_EQ(first.version, 1u);
    EXPECT_TRUE(first.since.is_set());
    run(related.attach(pieces[0]));
    EXPECT_EQ(run(links.get(key("ann", 1))).version, 1u) << "it stays as it is";
    Part other = part("oboe");
    other.chair = 2;
    run(related.attach(pieces[0], other));
    Part const replaced = run(links.get(key("ann", 1)));
    EXPECT_EQ(replaced.instrument, "oboe");
    EXPECT_EQ(replaced.version, 2u);
    EXPECT_EQ(replaced.since, first.since);
    run(related.attach(pieces[0]));
    EXPECT_EQ(run(links.get(key("ann", 1))).chair, 2);
    Part stale = first;
    stale.chair = 9;
    EXPECT_EQ(failure_of(links.save(stale)).code, errc::stale_version);
}

TEST_F(pivot_entities, in_the_trash_are_left_out_until_they_are_attached_again) {
    auto const related = all.related<&Player::pieces>(players[0]);
    Part const violin = part("violin");
    run(related.attach(pieces[0], violin));
    run(related.attach(pieces[1]));
    Part left = run(links.get(key("ann", 1)));
    run(links.trash(left));
    EXPECT_EQ(pieces_of("ann"), "2=");
    EXPECT_EQ(run(related.count_links()), 1u);
    EXPECT_EQ(players_of(1), "");
    Player const whole = run(all.get("ann", with<&Player::pieces>(through_trashed)));
    EXPECT_EQ(whole.pieces.size(), 2u);
    EXPECT_FALSE(run(related.detach(pieces[0]))) << "it stays in the trash";
    EXPECT_FALSE(stored_row("ann", 1).empty());
    run(related.attach(pieces[0]));
    Part const again = run(links.get(key("ann", 1)));
    EXPECT_FALSE(is_trashed(again));
    EXPECT_EQ(again.instrument, "") << "it is a new link";
    EXPECT_GT(again.version, left.version);
    EXPECT_EQ(pieces_of("ann"), "1= 2=");
}

TEST_F(pivot_entities, are_detached_from_both_sides) {
    run(all.related<&Player::pieces>(players[0]).attach(pieces[0]));
    run(all.related<&Player::pieces>(players[0]).attach(pieces[1]));
    EXPECT_TRUE(run(all.related<&Player::pieces>(players[0]).detach(pieces[0])));
    EXPECT_FALSE(run(all.related<&Player::pieces>(players[0]).detach(pieces[0])));
    EXPECT_TRUE(run(works.related<&Piece::players>(pieces[1]).detach("ann")));
    EXPECT_EQ(pieces_of("ann"), "");
}

TEST_F(pivot_entities, of_other_programs_are_links_whatever_they_lack) {
    write_row(row("ann", 1)); // without since and version
    item nulls = row("ann", 2);
    nulls.emplace("instrument", attribute_value(dynamodb::null_value()));
    nulls.emplace("chair", attribute_value(dynamodb::null_value()));
    nulls.emplace("left_at", attribute_value(dynamodb::null_value()));
    nulls.emplace("mood", "glad");
    write_row(nulls);
    write_row(row("ann", 99)); // leads to nothing
    EXPECT_EQ(pieces_of("ann"), "1= 2=");
    EXPECT_EQ(players_of(2), "ann=");
    EXPECT_EQ(run(all.related<&Player::pieces>(players[0]).count()), 2u);
    EXPECT_EQ(run(all.related<&Player::pieces>(players[0]).count_links()), 3u) << "what is behind is not looked at";
    Part const horn = part("horn");
    run(all.related<&Player::pieces>(players[0]).attach(pieces[1], horn));
    EXPECT_EQ(pieces_of("ann"), "1= 2=horn");
    EXPECT_EQ(stored_row("ann", 2).at("mood").as_string(), "glad") << "attributes of others stay";
    Part const tuba = part("tuba");
    run(all.related<&Player::pieces>(players[0]).attach(pieces[0], tuba));
    EXPECT_EQ(run(links.get(key("ann", 1))).version, 1u) << "a link without a version gets its first one";
    EXPECT_TRUE(run(links.get(key("ann", 1))).since.is_set());
    item bad = row("ann", 3);
    bad.emplace("chair", "first");
    write_row(bad);
    auto const failed = failure_of(all.get("ann", with<&Player::pieces>()));
    EXPECT_EQ(failed.code, errc::attribute_type_mismatch);
    EXPECT_EQ(failed.info->relation_path, "Player.pieces");
    EXPECT_NE(failed.info->key.find("\"3\""), std::string::npos) << failed.info->key;
    std::vector<bad_item> left_out;
    Player const rest = run(all.get("ann", with<&Player::pieces>(), on_bad_item(collect(left_out))));
    EXPECT_EQ(rest.pieces.size(), 2u);
    EXPECT_EQ(left_out.size(), 1u);
}

TEST_F(pivot_entities, share_their_query_with_a_has_many_of_them) {
    run(all.related<&Player::pieces>(players[0]).attach(pieces[0]));
    run(all.related<&Player::pieces>(players[0]).attach(pieces[1]));
    load_report report;
    Player const found = run(all.get("ann", with<&Player::pieces>(), with<&Player::parts>(),
                                     with_count<&Player::pieces>(), report_to(report)));
    EXPECT_EQ(found.pieces.size(), 2u);
    EXPECT_EQ(found.parts.size(), 2u);
    EXPECT_EQ(found.pieces.count(), 2u);
    EXPECT_EQ(report.queries, 1u);
    EXPECT_EQ(report.batch_gets, 1u);
}

TEST_F(pivot_entities, are_found_by_a_text_and_asked_for_in_queries) {
    run(all.related<&Player::pieces>(players[0]).attach(pieces[0]));
    auto const found = run(all.get("ann", paths<Player>("pieces.players", everything_allowed)));
    ASSERT_EQ(found.pieces.size(), 1u);
    EXPECT_EQ(ids(found.pieces[0].players), "ann");
    auto const with_title = run(all.scan().where_has<&Player::pieces>(field<&Piece::title> == "title 1").all());
    EXPECT_EQ(ids(with_title), "ann");
    auto const json = to_json(found, json_relations::loaded);
    EXPECT_NE(json.find("\"title 1\""), std::string::npos) << json;
}

TEST_F(pivot_entities, are_made_those_of_a_list) {
    auto const related = all.related<&Player::pieces>(players[0]);
    Part const violin = part("violin");
    run(related.attach(pieces[0], violin));
    run(related.attach(pieces[1]));
    run(related.attach(pieces[3]));
    Part gone = run(links.get(key("ann", 4)));
    run(links.trash(gone));
    std::vector<link_to<Piece, Part>> wanted;
    wanted.emplace_back(pieces[0]);
    wanted.emplace_back(pieces[2], part("harp"));
    auto const changed = run(related.sync(wanted));
    EXPECT_EQ(changed.attached.size(), 1u);
    EXPECT_EQ(changed.detached.size(), 1u);
    EXPECT_EQ(changed.kept.size(), 1u);
    EXPECT_EQ(pieces_of("ann"), "1=violin 3=harp");
    EXPECT_TRUE(is_trashed(run(links.get(key("ann", 4))))) << "what is in the trash is no link";
    std::vector<std::int64_t> const numbers{4, 1};
    auto const again = run(related.sync(numbers));
    EXPECT_EQ(again.attached.size(), 1u);
    EXPECT_EQ(pieces_of("ann"), "1=violin 4=");
    auto const from_the_right = run(works.related<&Piece::players>(pieces[0]).sync(players));
    EXPECT_EQ(from_the_right.attached.size(), 1u);
    EXPECT_EQ(players_of(1), "ann=violin bob=");
    run(related.sync(std::vector<Piece>()));
    EXPECT_EQ(pieces_of("ann"), "");
}

TEST_F(pivot_entities, of_two_lists_at_the_same_time_are_those_of_one) {
    auto const related = all.related<&Player::pieces>(players[0]);
    std::vector<std::int64_t> const one{1, 2}, other{3, 4};
    auto first = start(related.sync(one));
    auto second = start(related.sync(other));
    finish(first);
    finish(second);
    auto const left = pieces_of("ann");
    EXPECT_TRUE(left == "1= 2=" || left == "3= 4=") << left;
}

TEST_F(pivot_entities, are_toggled) {
    auto const related = all.related<&Player::pieces>(players[0]);
    EXPECT_TRUE(run(related.toggle(pieces[0])));
    EXPECT_FALSE(run(related.toggle(pieces[0])));
    run(related.attach(pieces[1]));
    std::vector<link_to<Piece, Part>> both;
    both.emplace_back(1, part("drum"));
    both.emplace_back(2);
    auto const changed = run(related.toggle_many(both));
    EXPECT_EQ(changed.attached.size(), 1u);
    EXPECT_EQ(changed.detached.size(), 1u);
    EXPECT_EQ(pieces_of("ann"), "1=drum");
}

TEST_F(pivot_entities, are_written_beside_others_in_a_transaction) {
    Part const cello = part("cello");
    run(all.related<&Player::pieces>(players[0]).attach(pieces[1], cello));
    item bare = row("ann", 3);
    write_row(bare);
    Piece fresh;
    fresh.number = 7;
    transaction tx{db};
    tx.create(fresh)
        .attach<&Player::pieces>(players[0], fresh, part("gong"))
        .attach<&Player::pieces>(players[0], pieces[1])
        .attach<&Piece::players>(pieces[2], players[0])
        .detach<&Player::pieces>(players[1], pieces[3]);
    run(tx.commit());
    EXPECT_EQ(pieces_of("ann"), "2=cello 3= 7=gong");
    EXPECT_EQ(run(links.get(key("ann", 2))).version, 1u) << "a link that is there keeps what it has";
    EXPECT_EQ(run(links.get(key("ann", 3))).version, 1u) << "and gets what it lacks";
    Part left = run(links.get(key("ann", 2)));
    run(links.trash(left));
    transaction back{db};
    back.attach<&Player::pieces>(players[0], pieces[1]);
    run(back.commit());
    EXPECT_EQ(pieces_of("ann"), "2=cello 3= 7=gong") << "it was taken out of the trash";
}

TEST_F(pivot_entities, are_removed_with_their_owner_those_in_the_trash_included) {
    auto const related = all.related<&Player::pieces>(players[0]);
    run(related.attach(pieces[0]));
    run(related.attach(pieces[1]));
    run(all.related<&Player::pieces>(players[1]).attach(pieces[0]));
    Part left = run(links.get(key("ann", 2)));
    run(links.trash(left));
    EXPECT_TRUE(run(all.remove(players[0])));
    EXPECT_TRUE(stored_row("ann", 1).empty());
    EXPECT_TRUE(stored_row("ann", 2).empty());
    EXPECT_EQ(players_of(1), "bob=");
}

TEST_F(pivot_entities, with_a_key_of_their_own_are_read_by_indexes) {
    create_tables<Band, Hall, Concert>();
    std::vector<Band> bands(2);
    bands[0].id = "a";
    bands[1].id = "b";
    std::vector<Hall> halls(2);
    halls[0].id = "x";
    halls[1].id = "y";
    save_all(bands);
    save_all(halls);
    std::vector<Concert> concerts(5);
    for (auto& each : concerts) each.guests = static_cast<int>(&each - concerts.data());
    concerts[0].band_id = "a";
    concerts[0].hall_id = "x";
    concerts[1].band_id = "a";
    concerts[1].hall_id = "x";
    concerts[2].band_id = "b";
    concerts[2].hall_id = "x";
    concerts[3].band_id = "a";
    concerts[4].hall_id = "y";
    save_all(concerts);
    Band const band = run(repository<Band>(db).get("a", with<&Band::halls>()));
    ASSERT_EQ(band.halls.size(), 2u) << "two concerts lead to one hall, and one leads nowhere";
    EXPECT_EQ(band.halls.pivots()[0].guests + band.halls.pivots()[1].guests, 1);
    Hall const hall = run(repository<Hall>(db).get("x", with<&Hall::bands>()));
    EXPECT_EQ(ids(hall.bands), "a a b");
    EXPECT_EQ(hall.bands.pivots()[2].guests, 2) << "what the index lacks is read by key";
    Band copy = band;
    EXPECT_EQ(run(repository<Band>(db).related<&Band::halls>(copy).count_links()), 3u);
}

TEST_F(pivot_entities, are_what_a_naive_loader_finds) {
    test::property_run random;
    for (int i = 0; i < 6; ++i) {
        Player more;
        more.id = "p" + std::to_string(i);
        players.push_back(more);
        Piece piece;
        piece.number = 10 + i;
        pieces.push_back(piece);
    }
    save_all(players);
    save_all(pieces);
    // Every second link leads somewhere else than to what is stored, is in the trash, or lacks attributes.
    std::vector<Part> drawn;
    for (auto const& player : players) {
        for (std::int64_t piece = 1; piece <= 20; ++piece) {
            if (!random.one_in(2)) continue;
            Part& one = drawn.emplace_back();
            one.player_id = player.id;
            one.piece = piece;
            one.instrument = "i" + std::to_string(random.below(5));
            if (random.one_in(4)) one.left_at = timestamp::now();
        }
    }
    save_all(drawn);
    std::map<std::int64_t, Piece> known;
    for (auto const& piece : pieces) known.emplace(piece.number, piece);
    auto const loaded = run(all.scan(with<&Player::pieces>()).all());
    ASSERT_EQ(loaded.size(), players.size());
    for (auto const& player : loaded) {
        std::map<std::int64_t, std::string> expected, found;
        for (auto const& one : drawn)
            if (one.player_id == player.id && !one.left_at.is_set() && known.contains(one.piece))
                expected.emplace(one.piece, one.instrument);
        for (auto const& [piece, link] : player.pieces.with_pivot()) found.emplace(piece.number, link.instrument);
        EXPECT_EQ(found, expected) << player.id;
        EXPECT_EQ(player.pieces.size(), expected.size()) << player.id;
    }
    auto const from_the_right = run(works.scan(with<&Piece::players>()).all());
    for (auto const& piece : from_the_right) {
        std::set<std::string> expected, found;
        for (auto const& one : drawn)
            if (one.piece == piece.number && !one.left_at.is_set()) expected.insert(one.player_id);
        for (auto const& player : piece.players) found.insert(player.id);
        EXPECT_EQ(found, expected) << piece.number;
    }
}

} // namespace
} // namespace dynasio::pivot_entities_tests
