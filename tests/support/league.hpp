#ifndef DYNASIO_TESTS_SUPPORT_LEAGUE_HPP
#define DYNASIO_TESTS_SUPPORT_LEAGUE_HPP

#include <dynasio/orm/codec.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/where_always.hpp>

#include <dynasio/core/timestamp.hpp>

#include <cstdint>
#include <optional>
#include <string>

// A family of entities with every kind of relation, for graphs that are drawn at random.
namespace league {

using namespace dynasio::dsl;

struct Player;
struct Slot;
struct Crest;
struct Medal;
struct Label;
struct Note;
struct Chant;
struct Membership;

/// A numeric key, trash, and members that others refer to by value.
struct Team {
    std::int64_t number{};
    std::string name{};
    std::optional<std::int64_t> squad{};
    dynasio::timestamp deleted_at{};
    dynasio::has_many<Player> players{}; // two indexes serve it
    dynasio::has_many<Slot> slots{};     // by the partition key of the other table
    dynasio::has_one<Crest> crest{};
    dynasio::belongs_to_many<Label> labels{};
    dynasio::has_many_through<Medal> medals{};
    dynasio::has_many<Chant> chants{}; // by the name, which several teams can have and some have not
    dynasio::has_one<Chant> a_chant{};
    dynasio::has_many<Team> rivals{}; // by a number that each of them has too, itself included
    dynasio::belongs_to_many<Player> members{};
    dynasio::has_many_through<Player> mentors{}; // through a belongs_to by key
    dynasio::has_many_through<Player> heroes{};  // both steps go by other members than the key
};
/// Refers to itself, by key and by links.
struct Player {
    std::string id{};
    std::optional<std::int64_t> team_no{};
    std::optional<std::string> mentor_id{};
    std::int64_t rank{};
    std::string name{};
    std::optional<std::int64_t> home_no{};
    std::optional<std::int64_t> home_position{};
    std::optional<std::string> nick{};
    dynasio::timestamp deleted_at{};
    dynasio::belongs_to<Team> team{};
    dynasio::belongs_to<Player> mentor{};
    dynasio::belongs_to<Slot> home{};   // a foreign key of two parts
    dynasio::has_many<Player> pupils{}; // by an index of keys only
    dynasio::has_many<Medal> medals{};
    dynasio::has_one<Medal> a_medal{};
    dynasio::has_many<Note> notes{}; // leads back from a morph_to
    dynasio::has_one<Note> a_note{};
    dynasio::belongs_to_many<Player> friends{};
    dynasio::belongs_to_many<Player> fans{};
    dynasio::has_many_through<Medal> pupil_medals{};
    dynasio::has_many<Player> namesakes{};
    dynasio::belongs_to_many<Team> clubs{};        // in a table of another program
    dynasio::has_many<Membership> memberships{};   // the same rows as entities
    dynasio::has_many_through<Team> joined{};      // the same teams by these
    dynasio::has_many_through<Slot> pupil_homes{}; // through a belongs_to by a key of two parts
};
/// A key of two parts.
struct Slot {
    std::int64_t team_no{};
    std::int64_t position{};
    std::string player_id{}; // no key, so it may be anything
    std::int64_t load{};
    dynasio::belongs_to<Team> team{};
    dynasio::belongs_to<Player> player{};
    dynasio::has_many<Player> residents{};
    dynasio::has_many<Team> squad_mates{}; // by a number that is 0 where an item lacks it
};
struct Crest {
    std::string id{};
    std::optional<std::int64_t> team_no{};
    std::string motto{};
    std::optional<std::string> shape{};
    std::optional<std::int64_t> colour{};
    dynasio::belongs_to<Team> team{};
};
/// A default scope, and a sort key of the index that may be missing.
struct Medal {
    std::string id{};
    std::optional<std::string> player_id{};
    std::optional<std::int64_t> points{};
    std::string metal{};
    dynasio::belongs_to<Player> player{};
};
struct Label {
    std::string id{};
    std::string name{};
    dynasio::timestamp deleted_at{};
    dynasio::belongs_to_many<Team> teams{};
    dynasio::has_many<Note> notes{};
};
struct Venue {
    std::string town{};
    std::int64_t nr{};
    std::optional<std::int64_t> gate{};
    std::optional<std::int64_t> row{};
    dynasio::has_many<Note> notes{};
    dynasio::has_many<Player> guests{}; // by two members that are no key
};
struct Note {
    std::string id{};
    std::optional<std::string> subject_type{};
    std::optional<std::string> subject_id{};
    std::optional<std::int64_t> subject_nr{};
    std::int64_t stars{};
    dynasio::morph_to<Player, Label, Venue> subject{};
};
/// Refers to values of others, and is found by one.
struct Chant {
    std::string id{};
    std::optional<std::string> team_name{};
    std::int64_t loudness{};
    std::string text{};
    std::string hero_nick{}; // no key, so it may be anything
    std::optional<std::int64_t> squad{};
    std::optional<std::string> shape{};
    std::optional<std::int64_t> colour{};
    dynasio::belongs_to<Player> hero{}; // of several with this nick the one with the lowest rank
    dynasio::belongs_to<Team> leader{}; // by an index of keys only
    dynasio::belongs_to<Crest> crest{}; // by both keys of an index
};
/// A row of the table of links that another program has made.
struct Membership {
    std::string player_id{};
    std::int64_t team{};
    std::optional<std::string> position{};
    dynasio::belongs_to<Team> club{};
};

constexpr auto dynasio_schema(dynasio::tag<Team>) {
    return entity<Team>(table{"teams"}, partition_key<&Team::number>, soft_delete<&Team::deleted_at>,
                        gsi<&Team::squad>{"by_squad"}.keys_only(), relate<&Team::players>(by<&Player::team_no>),
                        relate<&Team::slots>(by<&Slot::team_no>), relate<&Team::crest>(by<&Crest::team_no>),
                        relate<&Team::labels>(), relate<&Team::medals>(through<&Team::players, &Player::medals>),
                        relate<&Team::chants>(by<&Chant::team_name>, references<&Team::name>),
                        relate<&Team::a_chant>(by<&Chant::team_name>, references<&Team::name>),
                        relate<&Team::rivals>(by<&Team::squad>, references<&Team::squad>),
                        relate<&Team::members>(inverse_of<&Player::clubs>),
                        relate<&Team::mentors>(through<&Team::players, &Player::mentor>),
                        relate<&Team::heroes>(through<&Team::chants, &Chant::hero>));
}
constexpr auto dynasio_schema(dynasio::tag<Player>) {
    return entity<Player>(
        table{"players"}, partition_key<&Player::id>, soft_delete<&Player::deleted_at>,
        gsi<&Player::team_no, &Player::rank>{"by_team"}, gsi<&Player::team_no, &Player::name>{"by_name"},
        gsi<&Player::mentor_id>{"by_mentor"}.keys_only(), gsi<&Player::home_no, &Player::home_position>{"by_home"},
        gsi<&Player::nick, &Player::rank>{"by_nick"}, relate<&Player::team>(by<&Player::team_no>),
        relate<&Player::mentor>(by<&Player::mentor_id>),
        relate<&Player::home>(by<&Player::home_no, &Player::home_position>),
        relate<&Player::pupils>(by<&Player::mentor_id>), relate<&Player::medals>(by<&Medal::player_id>),
        relate<&Player::a_medal>(by<&Medal::player_id>),
        relate<&Player::notes>(by<&Note::subject_type, &Note::subject_id>),
        relate<&Player::a_note>(by<&Note::subject_type, &Note::subject_id>), relate<&Player::friends>(),
        relate<&Player::fans>(inverse_of<&Player::friends>),
        relate<&Player::pupil_medals>(through<&Player::pupils, &Player::medals>),
        relate<&Player::namesakes>(by<&Player::nick>, references<&Player::nick>),
        relate<&Player::clubs>(
            dynasio::pivot_table{"memberships"}.key("player_id", "team").index("by_team").created_at("since")),
        relate<&Player::memberships>(by<&Membership::player_id>),
        relate<&Player::joined>(through<&Player::memberships, &Membership::club>),
        relate<&Player::pupil_homes>(through<&Player::pupils, &Player::home>));
}
constexpr auto dynasio_schema(dynasio::tag<Slot>) {
    return entity<Slot>(table{"slots"}, partition_key<&Slot::team_no>, sort_key<&Slot::position>,
                        relate<&Slot::team>(by<&Slot::team_no>), relate<&Slot::player>(by<&Slot::player_id>),
                        relate<&Slot::residents>(by<&Player::home_no, &Player::home_position>),
                        relate<&Slot::squad_mates>(by<&Team::squad>, references<&Slot::load>));
}
constexpr auto dynasio_schema(dynasio::tag<Crest>) {
    return entity<Crest>(table{"crests"}, partition_key<&Crest::id>, gsi<&Crest::team_no>{"by_team"},
                         gsi<&Crest::shape, &Crest::colour>{"by_look"}, relate<&Crest::team>(by<&Crest::team_no>));
}
constexpr auto dynasio_schema(dynasio::tag<Medal>) {
    return entity<Medal>(
        table{"medals"}, partition_key<&Medal::id>, gsi<&Medal::player_id, &Medal::points>{"by_player"},
        where_always([] { return field<&Medal::metal> != "tin"; }), relate<&Medal::player>(by<&Medal::player_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Label>) {
    return entity<Label>(table{"labels"}, partition_key<&Label::id>, soft_delete<&Label::deleted_at>,
                         relate<&Label::teams>(inverse_of<&Team::labels>),
                         relate<&Label::notes>(by<&Note::subject_type, &Note::subject_id>));
}
constexpr auto dynasio_schema(dynasio::tag<Venue>) {
    return entity<Venue>(
        table{"venues"}, partition_key<&Venue::town>, sort_key<&Venue::nr>,
        relate<&Venue::notes>(by<&Note::subject_type, &Note::subject_id, &Note::subject_nr>),
        relate<&Venue::guests>(by<&Player::home_no, &Player::home_position>, references<&Venue::gate, &Venue::row>));
}
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    return entity<Note>(table{"notes"}, partition_key<&Note::id>, gsi<&Note::subject_id, &Note::stars>{"by_subject"},
                        gsi<&Note::subject_id, &Note::subject_nr>{"by_nr"},
                        relate<&Note::subject>(by<&Note::subject_type, &Note::subject_id, &Note::subject_nr>,
                                               morph_name<Venue>{"Site"}));
}
constexpr auto dynasio_schema(dynasio::tag<Chant>) {
    return entity<Chant>(
        table{"chants"}, partition_key<&Chant::id>, gsi<&Chant::team_name, &Chant::loudness>{"by_team_name"},
        relate<&Chant::hero>(by<&Chant::hero_nick>, references<&Player::nick>),
        relate<&Chant::leader>(by<&Chant::squad>, references<&Team::squad>),
        relate<&Chant::crest>(by<&Chant::shape, &Chant::colour>, references<&Crest::shape, &Crest::colour>));
}
constexpr auto dynasio_schema(dynasio::tag<Membership>) {
    return entity<Membership>(table{"memberships"}, partition_key<&Membership::player_id>, sort_key<&Membership::team>,
                              relate<&Membership::club>(by<&Membership::team>));
}

} // namespace league

#endif
