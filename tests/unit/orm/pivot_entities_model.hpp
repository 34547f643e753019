#ifndef DYNASIO_TESTS_UNIT_ORM_PIVOT_ENTITIES_MODEL_HPP
#define DYNASIO_TESTS_UNIT_ORM_PIVOT_ENTITIES_MODEL_HPP

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/schema.hpp>
#include <dynasio/orm/verify.hpp>
#include <dynasio/orm/where_always.hpp>

#include <cstdint>
#include <optional>
#include <string>

// Links that are entities: with a key of both sides, and with a key of their own.
namespace club_links {

using namespace dynasio::dsl;

struct Club;
struct Event;
struct Room;
struct Membership;
struct Visit;

struct Person {
    std::string id{};
    std::string name{};
    belongs_to_many<Club, Membership> clubs{};
    has_many<Membership> memberships{};
    belongs_to_many<Room, Visit> rooms{};
    has_many_through<Event> events{};
};
struct Club {
    std::string id{};
    std::string name{};
    timestamp closed_at{};
    belongs_to_many<Person, Membership> people{};
    has_many<Event> events{};
};
struct Event {
    std::string id{};
    std::string club_id{};
};
struct Membership {
    std::string person_id{};
    std::string club_id{};
    std::string title{};
    int level{};
    std::optional<std::string> note{};
    timestamp since{}, changed_at{}, left_at{};
    std::uint64_t version{};
};
struct Room {
    std::int64_t number{};
    belongs_to_many<Person, Visit> people{};
};
struct Visit {
    std::string id{};
    std::string person_id{};
    std::optional<std::int64_t> room{};
    int minutes{};
    bool is_hidden{};
};

constexpr auto dynasio_schema(tag<Person>) {
    return entity<Person>(table{"people"}, partition_key<&Person::id>,
                          relate<&Person::clubs>(via<&Membership::person_id, &Membership::club_id>),
                          relate<&Person::memberships>(by<&Membership::person_id>),
                          relate<&Person::rooms>(via<&Visit::person_id, &Visit::room>),
                          relate<&Person::events>(through<&Person::clubs, &Club::events>));
}
constexpr auto dynasio_schema(tag<Club>) {
    return entity<Club>(table{"clubs"}, partition_key<&Club::id>, soft_delete<&Club::closed_at>,
                        relate<&Club::people>(via<&Membership::club_id, &Membership::person_id>),
                        relate<&Club::events>(by<&Event::club_id>));
}
constexpr auto dynasio_schema(tag<Event>) {
    return entity<Event>(table{"events"}, partition_key<&Event::id>, gsi<&Event::club_id>{"by_club"});
}
constexpr auto dynasio_schema(tag<Membership>) {
    return entity<Membership>(table{"memberships"}, partition_key<&Membership::person_id>,
                              sort_key<&Membership::club_id>, gsi<&Membership::club_id>{"by_club"},
                              timestamps<&Membership::since, &Membership::changed_at>, version<&Membership::version>,
                              soft_delete<&Membership::left_at>, normalize<&Membership::title>([](std::string& title) {
                                  if (!title.empty() && title.back() == ' ') title.pop_back();
                              }),
                              check<&Membership::level>([](int level) { return level >= 0; }, "is not negative"));
}
constexpr auto dynasio_schema(tag<Room>) {
    return entity<Room>(table{"rooms"}, partition_key<&Room::number>,
                        relate<&Room::people>(via<&Visit::room, &Visit::person_id>));
}
constexpr auto dynasio_schema(tag<Visit>) {
    return entity<Visit>(table{"visits"}, partition_key<&Visit::id>, gsi<&Visit::person_id>{"by_person"},
                         gsi<&Visit::room, &Visit::person_id>{"by_room"}.keys_only(),
                         where_always([] { return dynasio::field<&Visit::is_hidden> != true; }));
}

static_assert(verify<Person, Club, Event, Membership, Room, Visit>());

/// An entity with a key of two parts, and links that have the parts of both keys and hooks of their own.
struct Alarm;
struct Raised;
struct Device {
    std::string site{};
    std::int64_t number{};
    belongs_to_many<Alarm, Raised> alarms{};
};
struct Alarm {
    std::int64_t code{};
    belongs_to_many<Device, Raised> devices{};
};
struct Raised {
    std::string id{};
    std::string site{};
    std::int64_t number{};
    std::int64_t code{};
};

constexpr auto dynasio_schema(tag<Device>) {
    return entity<Device>(table{"devices"}, partition_key<&Device::site>, sort_key<&Device::number>,
                          relate<&Device::alarms>(via<&Raised::site, &Raised::number, &Raised::code>));
}
constexpr auto dynasio_schema(tag<Alarm>) {
    return entity<Alarm>(table{"alarms"}, partition_key<&Alarm::code>,
                         relate<&Alarm::devices>(via<&Raised::code, &Raised::site, &Raised::number>));
}
constexpr auto dynasio_schema(tag<Raised>) {
    return entity<Raised>(table{"raised"}, partition_key<&Raised::id>, gsi<&Raised::site, &Raised::number>{"by_device"},
                          gsi<&Raised::code>{"by_alarm"});
}

static_assert(verify<Device, Alarm, Raised>());

} // namespace club_links

#endif
