#ifndef DYNASIO_TESTS_SUPPORT_LEAGUE_MODEL_HPP
#define DYNASIO_TESTS_SUPPORT_LEAGUE_MODEL_HPP

#include <dynasio/orm/detail/access.hpp>
#include <dynasio/orm/load_node.hpp>
#include <dynasio/orm/pivot.hpp>
#include <dynasio/orm/with.hpp>

#include <dynasio/dynamodb/attribute_value.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/league.hpp"
#include "support/property.hpp"

// What a load of league entities has to give, found one entity after the other in items that are in memory. Nothing
// here uses the graph loader: relations are described a second time, by the names of attributes.
namespace league {

using dynasio::trashed;
using dynasio::dynamodb::attribute_type;
using dynasio::dynamodb::attribute_value;
using dynasio::dynamodb::item;

// ---- items

/// A text or a whole number.
struct scalar {
    bool is_number = false;
    std::int64_t number{};
    std::string text{};
    friend auto operator<=>(scalar const&, scalar const&) = default;

    [[nodiscard]] std::string to_string() const { return is_number ? std::to_string(number) : text; }
};
inline scalar whole(std::int64_t n) { return {true, n, {}}; }
inline scalar words(std::string s) { return {false, 0, std::move(s)}; }

/// The value of an attribute; nothing when it is missing or NULL.
inline std::optional<scalar> value_in(item const& of, std::string const& name) {
    auto const at = of.find(name);
    if (at == of.end()) return std::nullopt;
    if (at->second.type() == attribute_type::string) return words(at->second.as_string());
    if (at->second.type() == attribute_type::number) return whole(std::llround(at->second.as_number().to_double()));
    return std::nullopt;
}

/// Data of a link. The same number may be spelt in several ways.
inline std::string text_of_data(item const& data) {
    std::string out;
    for (auto const& [name, value] : data) {
        out += ' ' + name + '=';
        if (auto const simple = value_in(data, name))
            out += (simple->is_number ? "" : "'") + simple->to_string();
        else
            dynasio::dynamodb::append_json(out, value);
    }
    return out;
}
/// Those of a row of another program: everything but the keys, and what is NULL. A time is one only as a text.
inline std::string data_of_row(item row) {
    row.erase("player_id");
    row.erase("team");
    std::erase_if(row, [](auto const& each) { return each.second.is_null(); });
    std::string time;
    if (auto const since = value_in(row, "since"); since && since->text.starts_with("20")) {
        time = since->text;
        if (time.find('.') == std::string::npos) time.insert(time.size() - 1, ".000");
        row.erase("since");
    }
    return time + text_of_data(row);
}

/// A row of the pivot table.
struct link_row {
    std::string pivot_key, left, right, pk, sk;
    std::optional<std::int64_t> extra{};
};

/// Sorts few values, equal ones in the order in which they are. std::stable_sort uses what C++17 deprecates.
template <class T, class Less> void sort_stably(std::vector<T>& all, Less less) {
    for (auto i = all.begin(); i != all.end(); ++i)
        std::rotate(std::upper_bound(all.begin(), i, *i, less), i, std::next(i));
}

struct database {
    std::map<std::string, std::vector<item>> tables{};
    std::vector<link_row> links{};
};
using found_by_value = std::map<std::vector<scalar>, std::vector<item const*>>;

// ---- entities and relations, described by the names of attributes

struct entity_facts;

/// A condition with what it says about an item.
struct drawn_condition {
    dynasio::dynamodb::condition condition{};
    std::function<bool(item const&)> holds{};
    std::vector<std::string> compares{}; ///< Attributes that could choose an index.
};
struct drawn_order {
    std::string by{}; ///< Empty: the order of the path.
    bool descending = false;
    void (*apply)(dynasio::selection&, bool descending) = nullptr;
};

enum class how {
    one,
    many,
    owner,
    named, ///< A belongs_to that goes by other members than the key.
    links,
    linked,
    through,
    morph
};

struct relation_facts {
    std::string member{};
    how kind{};
    entity_facts const* target = nullptr; ///< Null for a morph_to.
    dynasio::load_node loads{}, counts{}; ///< What with<> and with_count<> say.
    std::vector<std::string> by{};        ///< The foreign key; of how::named, what it refers to.
    std::vector<std::string> refers_to{}; ///< The attributes of the owner with the same values; empty: its key.
    bool refers_to_number = false;        ///< To a member that is 0 where the item has no value.
    std::string type_name{};              ///< What `subject_type` has to say.
    std::vector<std::string> paths{};     ///< The sort key of each index that serves it; empty: the table's key.
    bool has_ties = false;                ///< The path gives no order.
    bool of_keys_only = false;            ///< Its index projects nothing else.
    std::string pivot_key{};
    std::vector<std::string> link_key{}; ///< The attributes of both keys in a table of another program.
    std::string first{}, second{};       ///< The steps of a has_many_through.

    [[nodiscard]] bool is_to_many() const {
        return kind == how::many || kind == how::links || kind == how::linked || kind == how::through;
    }
};

struct entity_facts {
    std::string name{}, table{};
    std::vector<std::string> key{};
    std::vector<std::string> shown{}; ///< Attributes in the text of an entity.
    std::vector<bool> is_number{};    ///< Of these.
    bool has_trash = false;
    bool has_scope = false; ///< where_always: no tin.
    drawn_condition (*draw_condition)(dynasio::test::property_run&) = nullptr;
    std::vector<drawn_order> orders{};
    std::vector<relation_facts> relations{};

    [[nodiscard]] relation_facts const& relation(std::string const& member) const {
        return *std::find_if(relations.begin(), relations.end(), [&](auto const& r) { return r.member == member; });
    }
    [[nodiscard]] std::vector<scalar> key_of(item const& i) const {
        std::vector<scalar> out;
        for (auto const& part : key) out.push_back(value_in(i, part).value_or(scalar()));
        return out;
    }
};

template <auto Member> drawn_order order_by(std::string name) {
    return {std::move(name), false, [](dynasio::selection& to, bool descending) {
                if (descending)
                    dynasio::descending<Member>.apply(to);
                else
                    dynasio::ascending<Member>.apply(to);
            }};
}

namespace draw {

using run = dynasio::test::property_run;
template <class Clause>
drawn_condition made(Clause clause, std::function<bool(item const&)> holds, std::vector<std::string> compares = {}) {
    return {clause.condition(), std::move(holds), std::move(compares)};
}
template <class Holds> std::function<bool(item const&)> if_there(std::string name, Holds holds) {
    return [name = std::move(name), holds](item const& i) {
        auto const v = value_in(i, name);
        return v && holds(*v);
    };
}
inline std::int64_t number(run& random, std::size_t below) { return static_cast<std::int64_t>(random.below(below)); }

inline drawn_condition about_team(run& random) {
    auto const n = number(random, 12);
    switch (random.below(4)) {
    case 0:
        return made(field<&Team::number> < n,
                    if_there("number", [n](scalar const& v) { return v.number < n; }), {"number"});
    case 1:
        return made(field<&Team::name>.contains("1"),
                    if_there("name", [](scalar const& v) { return v.text.find('1') != std::string::npos; }));
    case 2:
        return made(field<&Team::squad> >= 10 * (n % 4),
                    if_there("squad", [n](scalar const& v) { return v.number >= 10 * (n % 4); }));
    default:
        return made(field<&Team::name> != "team 3",
                    [](item const& i) { return value_in(i, "name") != words("team 3"); });
    }
}
inline drawn_condition about_player(run& random) {
    auto const n = number(random, 400), m = n + number(random, 200);
    auto const name = "n" + std::to_string(random.below(10));
    auto const id = "p" + std::to_string(random.below(40));
    switch (random.below(10)) {
    case 0:
        return made(field<&Player::rank> >= n, if_there("rank", [n](scalar const& v) { return v.number >= n; }),
                    {"rank"});
    case 1:
        return made(field<&Player::rank> < n,
                    if_there("rank", [n](scalar const& v) { return v.number < n; }), {"rank"});
    case 2:
        return made(field<&Player::rank>.between(n, m),
                    if_there("rank", [n, m](scalar const& v) { return v.number >= n && v.number <= m; }), {"rank"});
    case 3:
        return made(field<&Player::name>.begins_with(name),
                    if_there("name", [name](scalar const& v) { return v.text.starts_with(name); }), {"name"});
    case 4:
        return made(field<&Player::home_no>.is_null(), [](item const& i) { return !value_in(i, "home_no"); });
    case 5:
        return made(field<&Player::mentor_id> == id,
                    if_there("mentor_id", [id](scalar const& v) { return v.text == id; }));
    case 6:
        return made(!(field<&Player::home_position> == 1),
                    [](item const& i) { return value_in(i, "home_position") != whole(1); });
    case 7:
        return made(
            field<&Player::name> > name && field<&Player::rank> >= n,
            [name, n](item const& i) { return value_in(i, "name") > words(name) && value_in(i, "rank") >= whole(n); },
            {"rank", "name"});
    case 8:
        return made(field<&Player::nick> != "nick 1",
                    [](item const& i) { return value_in(i, "nick") != words("nick 1"); });
    default:
        return made(field<&Player::id> > id, if_there("id", [id](scalar const& v) { return v.text > id; }), {"id"});
    }
}
inline drawn_condition about_slot(run& random) {
    auto const n = number(random, 6);
    switch (random.below(5)) {
    case 0:
        return made(field<&Slot::position> >= n, if_there("position", [n](scalar const& v) { return v.number >= n; }));
    case 1:
        return made(field<&Slot::position> != n, [n](item const& i) { return value_in(i, "position") != whole(n); });
    case 2:
        return made(field<&Slot::load> < 10 * n, if_there("load", [n](scalar const& v) { return v.number < 10 * n; }));
    case 3:
        return made(field<&Slot::player_id> == "",
                    if_there("player_id", [](scalar const& v) { return v.text.empty(); }));
    default:
        return made(field<&Slot::player_id>.is_null() || field<&Slot::load> >= 30,
                    [](item const& i) { return !value_in(i, "player_id") || value_in(i, "load") >= whole(30); });
    }
}
inline drawn_condition about_crest(run& random) {
    if (random.one_in(2))
        return made(field<&Crest::motto> == "", if_there("motto", [](scalar const& v) { return v.text.empty(); }));
    return made(field<&Crest::motto> != "", [](item const& i) { return value_in(i, "motto") != words(""); });
}
inline drawn_condition about_medal(run& random) {
    auto const n = number(random, 600);
    auto const id = "m" + std::to_string(random.below(60));
    switch (random.below(5)) {
    case 0:
        return made(field<&Medal::points> >= n, if_there("points", [n](scalar const& v) { return v.number >= n; }));
    case 1:
        return made(field<&Medal::points>.between(n, n + 200),
                    if_there("points", [n](scalar const& v) { return v.number >= n && v.number <= n + 200; }));
    case 2:
        return made(field<&Medal::metal> == "gold",
                    [](item const& i) { return value_in(i, "metal") == words("gold"); });
    case 3:
        return made(field<&Medal::metal>.in("iron", "tin"), [](item const& i) {
            return value_in(i, "metal") == words("iron") || value_in(i, "metal") == words("tin");
        });
    default:
        return made(field<&Medal::id> > id, if_there("id", [id](scalar const& v) { return v.text > id; }));
    }
}
inline drawn_condition about_label(run& random) {
    auto const id = "l" + std::to_string(random.below(8));
    switch (random.below(3)) {
    case 0:
        return made(field<&Label::name> == "", if_there("name", [](scalar const& v) { return v.text.empty(); }));
    case 1:
        return made(field<&Label::name>.size() > 1,
                    if_there("name", [](scalar const& v) { return v.text.size() > 1; }));
    default:
        return made(field<&Label::id> <= id, if_there("id", [id](scalar const& v) { return v.text <= id; }));
    }
}
inline drawn_condition about_venue(run& random) {
    auto const n = number(random, 4);
    return made(field<&Venue::nr> < n, if_there("nr", [n](scalar const& v) { return v.number < n; }));
}
inline drawn_condition about_note(run& random) {
    auto const n = number(random, 500);
    switch (random.below(3)) {
    case 0:
        return made(field<&Note::stars> >= n, if_there("stars", [n](scalar const& v) { return v.number >= n; }));
    case 1:
        return made(field<&Note::subject_nr>.is_null(), [](item const& i) { return !value_in(i, "subject_nr"); });
    default:
        return made(field<&Note::id> > "n3", if_there("id", [](scalar const& v) { return v.text > "n3"; }));
    }
}
inline drawn_condition about_chant(run& random) {
    auto const n = number(random, 500);
    switch (random.below(3)) {
    case 0:
        return made(field<&Chant::loudness> >= n, if_there("loudness", [n](scalar const& v) { return v.number >= n; }),
                    {"loudness"});
    case 1:
        return made(field<&Chant::hero_nick> == "",
                    if_there("hero_nick", [](scalar const& v) { return v.text.empty(); }));
    default:
        return made(field<&Chant::squad>.is_null() || field<&Chant::text> == "ole",
                    [](item const& i) { return !value_in(i, "squad") || value_in(i, "text") == words("ole"); });
    }
}
inline drawn_condition about_membership(run& random) {
    auto const n = number(random, 8);
    if (random.one_in(2))
        return made(field<&Membership::team> < n,
                    if_there("team", [n](scalar const& v) { return v.number < n; }), {"team"});
    return made(field<&Membership::position> != "goal",
                [](item const& i) { return value_in(i, "position") != words("goal"); });
}

} // namespace draw

/// All entities. They refer to one another, so they stay where they are.
class facts {
public:
    entity_facts team{}, player{}, slot{}, crest{}, medal{}, label{}, venue{}, note{}, chant{}, membership{};

    static facts const& get() {
        static facts const all;
        return all;
    }
    /// The types of a morph_to, in its order, with the names that stand in items.
    [[nodiscard]] std::array<std::pair<entity_facts const*, std::string>, 3> subjects() const {
        return {{{&player, "players"}, {&label, "labels"}, {&venue, "Site"}}};
    }
    facts(facts const&) = delete;
    facts& operator=(facts const&) = delete;

private:
    template <auto Member> static relation_facts base(std::string member, how kind, entity_facts const* target) {
        relation_facts r;
        r.member = std::move(member);
        r.kind = kind;
        r.target = target;
        r.loads = dynasio::detail::access::node(with<Member>());
        if constexpr (dynasio::detail::is_to_many(
                          dynasio::detail::handle_traits<dynasio::detail::type_of<Member>>::kind))
            r.counts = dynasio::detail::access::node(dynasio::with_count<Member>());
        return r;
    }
    template <auto Member>
    static relation_facts by_query(std::string member, how kind, entity_facts const& target,
                                   std::vector<std::string> foreign_key, std::vector<std::string> paths) {
        auto r = base<Member>(std::move(member), kind, &target);
        r.by = std::move(foreign_key);
        r.paths = std::move(paths);
        return r;
    }
    template <auto Member>
    static relation_facts by_type(std::string member, how kind, entity_facts const& target, std::string name) {
        auto r = by_query<Member>(std::move(member), kind, target, std::vector<std::string>{"subject_id"},
                                  std::vector<std::string>{"stars"});
        r.type_name = std::move(name);
        return r;
    }
    template <auto Member>
    static relation_facts by_key(std::string member, entity_facts const& target, std::vector<std::string> foreign_key) {
        auto r = base<Member>(std::move(member), how::owner, &target);
        r.by = std::move(foreign_key);
        return r;
    }
    /// By the values of these attributes of the owner.
    template <auto Member>
    static relation_facts by_value(std::string member, how kind, entity_facts const& target,
                                   std::vector<std::string> foreign_key, std::vector<std::string> paths,
                                   std::vector<std::string> refers_to) {
        auto r = by_query<Member>(std::move(member), kind, target, std::move(foreign_key), std::move(paths));
        r.refers_to = std::move(refers_to);
        return r;
    }
    template <auto Member>
    static relation_facts by_rows(std::string member, how kind, entity_facts const& target,
                                  std::vector<std::string> link_key) {
        auto r = base<Member>(std::move(member), kind, &target);
        r.link_key = std::move(link_key);
        return r;
    }
    template <auto Member>
    static relation_facts by_links(std::string member, how kind, entity_facts const& target, std::string pivot_key) {
        auto r = base<Member>(std::move(member), kind, &target);
        r.pivot_key = std::move(pivot_key);
        return r;
    }
    template <auto Member>
    static relation_facts by_steps(std::string member, entity_facts const& target, std::string first,
                                   std::string second) {
        auto r = base<Member>(std::move(member), how::through, &target);
        r.first = std::move(first);
        r.second = std::move(second);
        return r;
    }
    static void describe(entity_facts& e, std::string name, std::string table, std::vector<std::string> key,
                         std::vector<std::pair<std::string, bool>> const& shown) {
        e.name = std::move(name);
        e.table = std::move(table);
        e.key = std::move(key);
        for (auto const& [attribute, is_number] : shown) {
            e.shown.push_back(attribute);
            e.is_number.push_back(is_number);
        }
    }

    facts() {
        using names = std::vector<std::string>;
        describe(team, "Team", "teams", {"number"}, {{"number", true}, {"name", false}});
        describe(player, "Player", "players", {"id"}, {{"id", false}, {"rank", true}, {"name", false}});
        describe(slot, "Slot", "slots", {"team_no", "position"},
                 {{"team_no", true}, {"position", true}, {"player_id", false}, {"load", true}});
        describe(crest, "Crest", "crests", {"id"}, {{"id", false}, {"motto", false}});
        describe(medal, "Medal", "medals", {"id"}, {{"id", false}, {"metal", false}});
        describe(label, "Label", "labels", {"id"}, {{"id", false}, {"name", false}});
        describe(venue, "Venue", "venues", {"town", "nr"}, {{"town", false}, {"nr", true}});
        describe(note, "Note", "notes", {"id"}, {{"id", false}, {"stars", true}});
        describe(chant, "Chant", "chants", {"id"},
                 {{"id", false}, {"loudness", true}, {"text", false}, {"hero_nick", false}});
        describe(membership, "Membership", "memberships", {"player_id", "team"},
                 {{"player_id", false}, {"team", true}, {"position", false}});
        team.has_trash = player.has_trash = label.has_trash = true;
        medal.has_scope = true;

        team.draw_condition = &draw::about_team;
        player.draw_condition = &draw::about_player;
        slot.draw_condition = &draw::about_slot;
        crest.draw_condition = &draw::about_crest;
        medal.draw_condition = &draw::about_medal;
        label.draw_condition = &draw::about_label;
        venue.draw_condition = &draw::about_venue;
        note.draw_condition = &draw::about_note;
        chant.draw_condition = &draw::about_chant;
        membership.draw_condition = &draw::about_membership;

        team.orders = {order_by<&Team::number>("number"), order_by<&Team::name>("name")};
        player.orders = {order_by<&Player::rank>("rank"), order_by<&Player::name>("name"), order_by<&Player::id>("id")};
        slot.orders = {order_by<&Slot::position>("position"), order_by<&Slot::load>("load")};
        crest.orders = {order_by<&Crest::motto>("motto")};
        medal.orders = {order_by<&Medal::points>("points"), order_by<&Medal::metal>("metal"),
                        order_by<&Medal::id>("id")};
        label.orders = {order_by<&Label::name>("name"), order_by<&Label::id>("id")};
        venue.orders = {order_by<&Venue::nr>("nr")};
        note.orders = {order_by<&Note::stars>("stars"), order_by<&Note::id>("id")};
        chant.orders = {order_by<&Chant::loudness>("loudness"), order_by<&Chant::id>("id")};
        membership.orders = {order_by<&Membership::team>("team"), order_by<&Membership::position>("position")};

        team.relations.push_back(
            by_query<&Team::players>("players", how::many, player, names{"team_no"}, names{"rank", "name"}));
        team.relations.push_back(by_query<&Team::slots>("slots", how::many, slot, names{"team_no"}, names{"position"}));
        team.relations.push_back(by_query<&Team::crest>("crest", how::one, crest, names{"team_no"}, names{"id"}));
        team.relations.push_back(by_links<&Team::labels>("labels", how::links, label, "teams_labels"));
        team.relations.push_back(by_steps<&Team::medals>("medals", medal, "players", "medals"));
        team.relations.push_back(
            by_value<&Team::chants>("chants", how::many, chant, names{"team_name"}, names{"loudness"}, names{"name"}));
        team.relations.push_back(
            by_value<&Team::a_chant>("a_chant", how::one, chant, names{"team_name"}, names{"loudness"}, names{"name"}));
        team.relations.push_back(
            by_value<&Team::rivals>("rivals", how::many, team, names{"squad"}, names{"number"}, names{"squad"}));
        team.relations.back().of_keys_only = true;
        team.relations.push_back(by_rows<&Team::members>("members", how::linked, player, names{"player_id", "team"}));
        team.relations.push_back(by_steps<&Team::mentors>("mentors", player, "players", "mentor"));
        team.relations.push_back(by_steps<&Team::heroes>("heroes", player, "chants", "hero"));

        player.relations.push_back(by_key<&Player::team>("team", team, names{"team_no"}));
        player.relations.push_back(by_key<&Player::mentor>("mentor", player, names{"mentor_id"}));
        player.relations.push_back(by_key<&Player::home>("home", slot, names{"home_no", "home_position"}));
        player.relations.push_back(
            by_query<&Player::pupils>("pupils", how::many, player, names{"mentor_id"}, names{"id"}));
        player.relations.back().of_keys_only = true;
        player.relations.push_back(
            by_query<&Player::medals>("medals", how::many, medal, names{"player_id"}, names{"points"}));
        player.relations.push_back(
            by_query<&Player::a_medal>("a_medal", how::one, medal, names{"player_id"}, names{"points"}));
        player.relations.push_back(by_type<&Player::notes>("notes", how::many, note, "players"));
        player.relations.push_back(by_type<&Player::a_note>("a_note", how::one, note, "players"));
        player.relations.push_back(by_links<&Player::friends>("friends", how::links, player, "players_friends"));
        player.relations.push_back(by_links<&Player::fans>("fans", how::linked, player, "players_friends"));
        player.relations.push_back(by_steps<&Player::pupil_medals>("pupil_medals", medal, "pupils", "medals"));
        player.relations.push_back(
            by_value<&Player::namesakes>("namesakes", how::many, player, names{"nick"}, names{"rank"}, names{"nick"}));
        player.relations.push_back(by_rows<&Player::clubs>("clubs", how::links, team, names{"player_id", "team"}));
        player.relations.push_back(
            by_query<&Player::memberships>("memberships", how::many, membership, names{"player_id"}, names{"team"}));
        player.relations.push_back(by_steps<&Player::joined>("joined", team, "memberships", "club"));
        player.relations.push_back(by_steps<&Player::pupil_homes>("pupil_homes", slot, "pupils", "home"));

        slot.relations.push_back(by_key<&Slot::team>("team", team, names{"team_no"}));
        slot.relations.push_back(by_key<&Slot::player>("player", player, names{"player_id"}));
        slot.relations.push_back(by_query<&Slot::residents>("residents", how::many, player,
                                                            names{"home_no", "home_position"}, names{"home_position"}));
        slot.relations.back().has_ties = true;
        slot.relations.push_back(by_value<&Slot::squad_mates>("squad_mates", how::many, team, names{"squad"},
                                                              names{"number"}, names{"load"}));
        slot.relations.back().of_keys_only = true;
        slot.relations.back().refers_to_number = true;
        crest.relations.push_back(by_key<&Crest::team>("team", team, names{"team_no"}));
        medal.relations.push_back(by_key<&Medal::player>("player", player, names{"player_id"}));
        label.relations.push_back(by_links<&Label::teams>("teams", how::linked, team, "teams_labels"));
        label.relations.push_back(by_type<&Label::notes>("notes", how::many, note, "labels"));
        venue.relations.push_back(
            by_query<&Venue::notes>("notes", how::many, note, names{"subject_id", "subject_nr"}, names{"subject_nr"}));
        venue.relations.back().type_name = "Site";
        venue.relations.back().has_ties = true;
        venue.relations.push_back(by_value<&Venue::guests>("guests", how::many, player,
                                                           names{"home_no", "home_position"}, names{"home_position"},
                                                           names{"gate", "row"}));
        venue.relations.back().has_ties = true;
        note.relations.push_back(base<&Note::subject>("subject", how::morph, nullptr));
        chant.relations.push_back(
            by_value<&Chant::hero>("hero", how::named, player, names{"nick"}, names{"rank"}, names{"hero_nick"}));
        chant.relations.push_back(
            by_value<&Chant::leader>("leader", how::named, team, names{"squad"}, names{"number"}, names{"squad"}));
        chant.relations.back().of_keys_only = true;
        chant.relations.push_back(by_value<&Chant::crest>("crest", how::named, crest, names{"shape", "colour"},
                                                          names{"colour"}, names{"shape", "colour"}));
        membership.relations.push_back(by_key<&Membership::club>("club", team, names{"team"}));
    }
};

// ---- what is asked for

/// One relation to load or count at one place; or, below a morph_to, what is asked about one type.
struct request {
    relation_facts const* of = nullptr;
    entity_facts const* type = nullptr; ///< Of a part of a morph_to.
    bool counts = false;
    std::optional<drawn_condition> where{};
    std::optional<drawn_order> order{};
    std::optional<std::size_t> limit{};
    std::size_t offset = 0;
    trashed scope = trashed::unsaid;
    bool between = false;
    bool everything = false;
    std::vector<request> below{};

    [[nodiscard]] bool is_plain() const {
        if (counts || where || order || limit || offset || scope != trashed::unsaid || between || everything)
            return false;
        return std::all_of(below.begin(), below.end(), [](request const& r) { return r.is_plain(); });
    }
    [[nodiscard]] entity_facts const* target() const { return of != nullptr ? of->target : type; }

    void constrain(dynasio::selection& to) const {
        if (where) to.where = std::move(to.where) && where->condition;
        if (order) {
            if (order->apply != nullptr)
                order->apply(to, order->descending);
            else if (order->descending)
                dynasio::newest_first.apply(to);
            else
                dynasio::oldest_first.apply(to);
        }
        if (limit) to.limit = limit;
        to.offset = offset;
        to.client_side = order.has_value();
        to.scope.target = scope;
        to.scope.between = between;
        to.scope.everything = everything;
    }
    [[nodiscard]] dynasio::load_node node() const {
        dynasio::load_node made = counts ? of->counts : of->loads;
        constrain(made.select);
        if (of->kind != how::morph) {
            for (auto const& r : below) made.children.push_back(r.node());
            return made;
        }
        auto const types = facts::get().subjects();
        for (auto const& part : below) {
            dynasio::load_node& branch = made.children.emplace_back();
            for (std::size_t i = 0; i < types.size(); ++i)
                if (types[i].first == part.type) branch.relation = &made.relation->alternatives[i];
            part.constrain(branch.select);
            for (auto const& r : part.below) branch.children.push_back(r.node());
        }
        return made;
    }
    [[nodiscard]] std::string to_string() const {
        std::string out = counts ? "#" : "";
        out += of != nullptr ? of->member : "when " + type->name;
        std::string in;
        auto const add = [&](std::string const& text) { in += (in.empty() ? "" : ", ") + text; };
        if (where) add(dynasio::dynamodb::to_string(where->condition));
        if (order) add("by " + (order->by.empty() ? "path" : order->by) + (order->descending ? " down" : " up"));
        if (limit) add("limit " + std::to_string(*limit));
        if (offset) add("offset " + std::to_string(offset));
        if (scope == trashed::with) add("with_trashed");
        if (scope == trashed::only) add("only_trashed");
        if (between) add("through_trashed");
        if (everything) add("without_default_scope");
        for (auto const& r : below) add(r.to_string());
        return in.empty() ? out : out + '(' + in + ')';
    }
    /// The paths of a text that names these relations. Precondition: all are plain.
    static void paths(std::vector<request> const& all, std::string const& before, std::string& out) {
        for (auto const& r : all) {
            std::string name = r.of != nullptr ? r.of->member : r.type->name;
            if (r.of == nullptr) name[0] = static_cast<char>(name[0] | 0x20);
            auto const path = before.empty() ? name : before + '.' + name;
            if (r.below.empty())
                out += (out.empty() ? "" : ",") + path;
            else
                paths(r.below, path, out);
        }
    }
};

inline std::vector<dynasio::load_node> nodes_of(std::vector<request> const& requests) {
    std::vector<dynasio::load_node> made;
    for (auto const& r : requests) made.push_back(r.node());
    return made;
}
template <class T> std::vector<dynasio::relation_to_load<T>> relations_of(std::vector<request> const& requests) {
    std::vector<dynasio::relation_to_load<T>> made;
    for (auto& node : nodes_of(requests))
        made.push_back(dynasio::detail::access::make<dynasio::relation_to_load<T>>(std::move(node)));
    return made;
}
inline std::string to_string(std::vector<request> const& requests) {
    std::string out;
    for (auto const& r : requests) out += (out.empty() ? "" : ", ") + r.to_string();
    return out;
}

/// Draws requests. `budget` is how many relations there may be in all.
class drawing {
public:
    explicit drawing(dynasio::test::property_run& random) : random_(random) {}

    [[nodiscard]] std::vector<request> relations(entity_facts const& of, int depth, std::size_t& budget) {
        std::vector<request> made;
        std::set<std::pair<std::string, bool>> taken;
        for (std::size_t n = 1 + random_.below(3); n-- > 0 && budget > 0;) {
            auto const& r = random_.of(of.relations);
            bool const counts = !plain && r.is_to_many() && random_.one_in(4);
            if (plain && r.has_ties) continue; // without an order, what it gives is in none
            if (!taken.emplace(r.member, counts).second) continue;
            --budget;
            request& one = made.emplace_back();
            one.of = &r;
            one.counts = counts;
            if (r.kind == how::morph) {
                for (auto const& [type, name] : facts::get().subjects()) {
                    if (random_.one_in(2)) continue;
                    request& part = one.below.emplace_back();
                    part.type = type;
                    if (!plain) constrain(part, how::owner);
                    if (depth > 1 && random_.one_in(2)) part.below = relations(*type, depth - 1, budget);
                }
                continue;
            }
            if (!plain) constrain(one, r.kind);
            if (!counts && depth > 1 && !random_.one_in(3)) one.below = relations(*r.target, depth - 1, budget);
        }
        return made;
    }
    void constrain(request& r, how kind) {
        auto const& target = *r.target();
        if (random_.one_in(3)) r.where = target.draw_condition(random_);
        if (target.has_trash && random_.one_in(4)) r.scope = random_.one_in(2) ? trashed::with : trashed::only;
        bool const through = kind == how::through;
        if (through && random_.one_in(4)) r.between = true;
        if ((target.has_scope || through) && random_.one_in(4)) r.everything = true;
        bool const has_ties = r.of != nullptr && r.of->has_ties;
        if (kind == how::owner || kind == how::named || r.counts) return;
        if (has_ties || random_.one_in(3)) {
            if (!has_ties && random_.one_in(3)) {
                r.order.emplace();
            } else {
                r.order = random_.of(target.orders);
                if (has_ties) r.order = target.orders.front();
            }
            r.order->descending = random_.one_in(2);
        }
        if (random_.one_in(4)) r.limit = random_.below(5);
        if (kind != how::one && random_.one_in(5)) r.offset = random_.below(4);
    }

    bool plain = false; ///< No constraints and no counts, as in a text.

private:
    dynasio::test::property_run& random_;
};

// ---- the loader that asks for one entity after the other

/// The requests that cannot be spared.
struct least {
    std::set<std::string> queries{};
    std::map<std::string, int> keys{}; ///< With the least number of reads by key before it can be known.
    bool completes = false;            ///< An index gave keys alone, so entities were read a second time.

    void ask(std::string const& table, std::vector<scalar> const& key, int after) {
        std::string text = table;
        for (auto const& part : key) text += ' ' + part.to_string();
        auto const [at, fresh] = keys.try_emplace(std::move(text), after + 1);
        if (!fresh) at->second = std::min(at->second, after + 1);
    }
    [[nodiscard]] std::size_t batches() const {
        std::map<int, std::size_t> at;
        for (auto const& [key, place] : keys) ++at[place];
        std::size_t all = 0;
        for (auto const& [place, count] : at) all += (count + 99) / 100;
        return all;
    }
};

class naive_loader {
public:
    naive_loader(database const& db, least& costs) : db_(db), costs_(costs) {}

    /// The text of an entity with its relations. `reads` is how many reads by key led to it. Of an entity that is
    /// `given`, what its item lacks is not known any more.
    [[nodiscard]] std::string show(entity_facts const& type, item const& one, std::vector<request> const& relations,
                                   int reads, bool given = false) {
        std::string out = type.name + '{';
        for (std::size_t i = 0; i < type.shown.size(); ++i)
            out += (i > 0 ? "," : "") +
                   value_in(one, type.shown[i]).value_or(type.is_number[i] ? whole(0) : words("")).to_string();
        for (auto const& r : type.relations) {
            for (bool const counts : {false, true}) {
                auto const asked = std::find_if(relations.begin(), relations.end(), [&](request const& each) {
                    return each.of == &r && each.counts == counts;
                });
                if (asked == relations.end()) continue;
                out += counts ? " #" : " ";
                out += r.member + '=' + show_relation(type, one, *asked, reads, given);
            }
        }
        return out + '}';
    }

    /// The item with this key; null when there is none.
    [[nodiscard]] item const* by_key(entity_facts const& type, std::vector<scalar> const& key) const {
        auto const found = having(type, type.key, key);
        return found.empty() ? nullptr : found.front();
    }
    [[nodiscard]] static bool is_given(entity_facts const& type, item const& i, request const& r) {
        if (type.has_trash && r.scope != trashed::with &&
            value_in(i, "deleted_at").has_value() != (r.scope == trashed::only))
            return false;
        if (type.has_scope && !r.everything && value_in(i, "metal") == words("tin")) return false;
        return !r.where || r.where->holds(i);
    }
    /// The items that a Query finds, in the order asked for and cut.
    [[nodiscard]] std::vector<item const*> query(relation_facts const& r, std::vector<scalar> const& key,
                                                 request const& asked, int reads) {
        auto const& type = *r.target;
        bool const one = r.kind == how::one || r.kind == how::named;
        auto const limit = one ? std::optional(std::min<std::size_t>(asked.limit.value_or(1), 1)) : asked.limit;
        if (limit == std::size_t{0}) return {};
        std::string const path = path_of(r, asked);
        note_query(r, key, asked, path, limit);
        std::vector<item const*> found = having(type, r.by, key);
        std::erase_if(found, [&](item const* i) {
            bool const is_in_index = value_in(*i, path).has_value(); // an index has the items that have its keys
            bool const is_of_type = r.type_name.empty() || value_in(*i, "subject_type") == words(r.type_name);
            return !is_in_index || !is_of_type;
        });
        std::sort(found.begin(), found.end(), [&](item const* a, item const* b) {
            return std::pair(value_in(*a, path), type.key_of(*a)) < std::pair(value_in(*b, path), type.key_of(*b));
        });
        auto const item_of = [](item const* i) -> item const& { return *i; };
        if (r.of_keys_only) {
            // What the index gives is read by key before anything is left out, unless the service can count or cut it.
            auto first = found;
            bool const by_key = asked.where && std::find(asked.where->compares.begin(), asked.where->compares.end(),
                                                         path) != asked.where->compares.end();
            if (by_key) std::erase_if(first, [&](item const* i) { return !asked.where->holds(*i); });
            bool const whole = (asked.where && !by_key) || asked.scope != trashed::with ||
                               (asked.order && !asked.order->by.empty() && asked.order->by != path);
            if (!whole) arrange(type, first, asked, path, item_of);
            if (!whole && asked.counts) first.clear();
            if (!whole && limit) cut(first, 0, *limit + asked.offset);
            for (item const* each : first) costs_.ask(type.table, type.key_of(*each), reads);
        }
        std::erase_if(found, [&](item const* i) { return !is_given(type, *i, asked); });
        arrange(type, found, asked, path, item_of);
        cut(found, asked.offset, limit);
        return found;
    }

private:
    /// The items whose attributes have these values.
    [[nodiscard]] std::vector<item const*> having(entity_facts const& type, std::vector<std::string> const& names,
                                                  std::vector<scalar> const& values) const {
        // Sorted once, because cases look for thousands of them.
        std::string which = type.table;
        for (auto const& name : names) which += ' ' + name;
        auto const [at, fresh] = sorted_.try_emplace(std::move(which));
        auto const table = db_.tables.find(type.table);
        if (fresh && table != db_.tables.end())
            for (auto const& i : table->second) {
                std::vector<scalar> own;
                for (auto const& name : names)
                    if (auto v = value_in(i, name)) own.push_back(*std::move(v));
                if (own.size() == names.size()) at->second[std::move(own)].push_back(&i);
            }
        auto const found = at->second.find(values);
        return found != at->second.end() ? found->second : std::vector<item const*>();
    }
    template <class T> static void cut(std::vector<T>& all, std::size_t offset, std::optional<std::size_t> limit) {
        all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(offset, all.size())));
        if (limit && all.size() > *limit) all.resize(*limit);
    }
    /// Sorts what is in the order of `path` as asked. Entities with equal values are in the order of their keys.
    template <class T, class ItemOf>
    static void arrange(entity_facts const& type, std::vector<T>& all, request const& asked, std::string const& path,
                        ItemOf item_of) {
        if (!asked.order) return;
        if (asked.order->by.empty() || asked.order->by == path) {
            if (asked.order->descending) std::reverse(all.begin(), all.end());
            return;
        }
        sort_stably(all, [&](T const& a, T const& b) {
            auto const x = value_in(item_of(a), asked.order->by), y = value_in(item_of(b), asked.order->by);
            if (x != y) return asked.order->descending ? x > y : x < y;
            return type.key_of(item_of(a)) < type.key_of(item_of(b));
        });
    }
    /// The sort key of the index that serves the relation: the one that has the order, else that of a condition.
    static std::string path_of(relation_facts const& r, request const& asked) {
        auto const has = [](std::vector<std::string> const& all, std::string const& name) {
            return std::find(all.begin(), all.end(), name) != all.end();
        };
        if (asked.order && has(r.paths, asked.order->by)) return asked.order->by;
        if (asked.where)
            for (auto const& path : r.paths)
                if (has(asked.where->compares, path)) return path;
        return r.paths.front();
    }
    void note_query(relation_facts const& r, std::vector<scalar> const& key, request const& asked,
                    std::string const& path, std::optional<std::size_t> limit) {
        std::string text = r.target->table + " by";
        for (std::size_t i = 0; i < r.by.size(); ++i) text += ' ' + r.by[i] + '=' + key[i].to_string();
        text += " path " + path + " type " + r.type_name;
        text += " where " + (asked.where ? dynasio::dynamodb::to_string(asked.where->condition) : "");
        auto const scope = asked.scope == trashed::unsaid ? trashed::without : asked.scope;
        if (r.target->has_trash) text += " scope " + std::to_string(static_cast<int>(scope));
        if (r.target->has_scope && asked.everything) text += " everything";
        if (asked.counts) {
            text += " count";
        } else {
            if (limit) text += " limit " + std::to_string(*limit);
            if (asked.offset) text += " offset " + std::to_string(asked.offset);
            bool const served = asked.order && (asked.order->by.empty() || asked.order->by == path);
            if (asked.order && !served) text += " sorted by " + asked.order->by;
            if (asked.order && asked.order->descending) text += " down";
        }
        costs_.queries.insert(std::move(text));
        if (r.of_keys_only) costs_.completes = true;
    }

    /// The value of a foreign key in its owner; nothing when a part is missing, NULL or empty.
    static std::optional<std::vector<scalar>> foreign_key(item const& owner, std::vector<std::string> const& names,
                                                          std::size_t parts) {
        std::vector<scalar> key;
        for (std::size_t i = 0; i < parts; ++i) {
            auto const v = value_in(owner, names[i]);
            if (!v || (!v->is_number && v->text.empty())) return std::nullopt;
            key.push_back(*v);
        }
        return key;
    }
    struct linked_item {
        item const* entity;
        std::string data;
        int reads; ///< How many reads by key led to it.
    };
    /// The keys of the linked entities as text, with the data of the links.
    std::vector<std::pair<std::string, std::string>> links_of(relation_facts const& r, std::string const& mine) const {
        bool const from_left = r.kind == how::links;
        std::vector<std::pair<std::string, std::string>> found;
        if (!r.link_key.empty()) {
            auto const& near = r.link_key[from_left ? 0 : 1];
            auto const& far = r.link_key[from_left ? 1 : 0];
            auto const rows = db_.tables.find("memberships");
            if (rows == db_.tables.end()) return found;
            for (auto const& row : rows->second)
                if (value_in(row, near)->to_string() == mine)
                    found.emplace_back(value_in(row, far)->to_string(), data_of_row(row));
            return found;
        }
        std::vector<link_row const*> rows;
        for (auto const& row : db_.links) {
            bool const is_mine = from_left ? row.pk == r.pivot_key + '#' + mine : row.right == mine;
            if (row.pivot_key == r.pivot_key && is_mine) rows.push_back(&row);
        }
        std::sort(rows.begin(), rows.end(),
                  [](auto const* a, auto const* b) { return std::tie(a->pk, a->sk) < std::tie(b->pk, b->sk); });
        for (auto const* row : rows)
            found.emplace_back(from_left ? row->right : row->left,
                               row->extra ? " n=" + std::to_string(*row->extra) : std::string());
        return found;
    }
    /// Whether the service gives the links in the order in which the entities behind them are wanted and cut.
    static bool takes_as_many_as_it_needs(relation_facts const& r, request const& asked) {
        bool const by_key = !asked.order || asked.order->by.empty();
        bool const in_order = !r.link_key.empty() || (r.target->key.size() == 1 && !r.target->is_number.front());
        return r.kind == how::links && by_key && in_order && asked.limit && !asked.counts;
    }
    /// Notes the pages that it takes to find enough entities behind links, each as large as all before it, and sorts
    /// the links. Returns for each link that is read how many pages come before it, each of which led to reads by key.
    template <class Links>
    std::vector<int> note_pages_of_links(std::string const& name, request const& asked, Links& links) {
        auto const& type = *asked.of->target;
        auto const key_of = [&](auto const& link) {
            return type.is_number.front() ? whole(std::stoll(link.first)) : words(link.first);
        };
        bool const down = asked.order && asked.order->descending;
        std::sort(links.begin(), links.end(),
                  [&](auto const& a, auto const& b) { return down ? key_of(b) < key_of(a) : key_of(a) < key_of(b); });
        std::size_t const enough = *asked.limit + asked.offset;
        std::string const page =
            name + " enough " + std::to_string(enough) + (down ? " down" : "") + " where " +
            (asked.where ? dynasio::dynamodb::to_string(asked.where->condition) : "") + " scope " +
            std::to_string(static_cast<int>(asked.scope == trashed::unsaid ? trashed::without : asked.scope)) +
            (asked.everything ? " all" : "");
        std::size_t given = 0;
        std::vector<int> before;
        for (int pages = 0;; ++pages) {
            costs_.queries.insert(page + " page " + std::to_string(pages));
            std::size_t const full = before.size() + std::max(enough, before.size());
            while (before.size() < std::min(links.size(), full)) {
                item const* const entity = by_key(type, {key_of(links[before.size()])});
                if (entity != nullptr && is_given(type, *entity, asked)) ++given;
                before.push_back(pages);
            }
            if (before.size() < full || given >= enough) return before;
        }
    }
    std::vector<linked_item> linked(entity_facts const& owner_type, item const& owner, request const& asked,
                                    int reads) {
        if (asked.limit == std::size_t{0}) return {};
        auto const& r = *asked.of;
        auto const& type = *r.target;
        std::string const mine = owner_type.key_of(owner).front().to_string();
        std::string const name = "links " + (r.link_key.empty() ? r.pivot_key : r.link_key.front()) +
                                 (r.kind == how::links ? " of " : " to ") + mine;
        std::vector<linked_item> found;
        auto links = links_of(r, mine);
        std::vector<int> pages_before(links.size());
        if (takes_as_many_as_it_needs(r, asked))
            pages_before = note_pages_of_links(name, asked, links);
        else
            costs_.queries.insert(name);
        for (std::size_t i = 0; i < pages_before.size(); ++i) {
            auto& [other, data] = links[i];
            std::vector<scalar> key;
            key.push_back(type.is_number.front() ? whole(std::stoll(other)) : words(other));
            int const reads_before = reads + pages_before[i];
            costs_.ask(type.table, key, reads_before);
            item const* const entity = by_key(type, key);
            if (entity != nullptr && is_given(type, *entity, asked))
                found.push_back({entity, std::move(data), reads_before + 1});
        }
        auto const item_of = [](linked_item const& l) -> item const& { return *l.entity; };
        sort_stably(found, [&](linked_item const& a, linked_item const& b) {
            return type.key_of(*a.entity) < type.key_of(*b.entity);
        });
        note_below(type, found, asked, [](linked_item const& l) { return l.reads; }, item_of);
        arrange(type, found, asked, std::string(), item_of);
        cut(found, asked.offset, asked.limit);
        return found;
    }
    /// What is cut only after everything has come was asked for its relations before.
    template <class Found, class ReadsOf, class ItemOf>
    void note_below(entity_facts const& type, Found const& found, request const& asked, ReadsOf reads_of,
                    ItemOf item_of) {
        if (asked.below.empty() || (!asked.limit && asked.offset == 0)) return;
        for (auto const& each : found) static_cast<void>(show(type, item_of(each), asked.below, reads_of(each)));
    }
    std::vector<std::pair<item const*, int>> through(entity_facts const& owner_type, item const& owner,
                                                     request const& asked, int reads, bool given) {
        if (asked.limit == std::size_t{0}) return {};
        auto const& first = owner_type.relation(asked.of->first);
        auto const& second = first.target->relation(asked.of->second);
        request between;
        between.of = &first;
        between.scope = asked.between ? trashed::with : trashed::without;
        between.everything = asked.everything;
        request part = asked;
        part.of = &second;
        part.offset = 0;
        if (asked.limit) part.limit = *asked.limit + asked.offset;
        if (asked.counts) part.limit.reset();
        bool const names_far = second.kind == how::owner || second.kind == how::named;
        if (names_far) {
            part.counts = false;
            part.order.reset();
            part.limit.reset();
        }
        int const reads_of_between = reads + (first.of_keys_only ? 1 : 0);
        int const reads_of_far = reads_of_between + (second.kind == how::owner || second.of_keys_only ? 1 : 0);
        std::vector<std::pair<item const*, int>> found;
        std::set<std::vector<scalar>> seen;
        for (item const* middle : find(first, owner_type, owner, between, reads, given)) {
            for (item const* far : find(second, *first.target, *middle, part, reads_of_between, false))
                if (seen.insert(second.target->key_of(*far)).second) found.emplace_back(far, reads_of_far);
        }
        auto const item_of = [](auto const& f) -> item const& { return *f.first; };
        note_below(*second.target, found, asked, [](auto const& f) { return f.second; }, item_of);
        if (asked.order) {
            // The parts together are sorted, also by the order of the path.
            request whole_order = asked;
            if (whole_order.order->by.empty())
                whole_order.order->by = names_far ? second.target->key.back() : second.paths.front();
            arrange(*second.target, found, whole_order, std::string("no path"), item_of);
        }
        if (!asked.counts) cut(found, asked.offset, asked.limit);
        return found;
    }
    /// What the attributes `by` of a has_one, a has_many or a belongs_to by other members have to be.
    static std::optional<std::vector<scalar>> values_of(relation_facts const& r, entity_facts const& owner_type,
                                                        item const& owner, bool given) {
        if (!r.refers_to.empty()) {
            auto values = foreign_key(owner, r.refers_to, r.refers_to.size());
            if (!values && given && r.refers_to_number) values.emplace(1, whole(0));
            return values;
        }
        auto key = owner_type.key_of(owner);
        key.resize(r.by.size());
        return key;
    }
    /// The entities of a has_one, a has_many or a belongs_to.
    std::vector<item const*> find(relation_facts const& r, entity_facts const& owner_type, item const& owner,
                                  request const& asked, int reads, bool given) {
        if (r.kind != how::owner) {
            auto const values = values_of(r, owner_type, owner, given);
            return values ? query(r, *values, asked, reads) : std::vector<item const*>();
        }
        auto const key = foreign_key(owner, r.by, r.by.size());
        if (!key) return {};
        costs_.ask(r.target->table, *key, reads);
        item const* const found = by_key(*r.target, *key);
        if (found == nullptr || !is_given(*r.target, *found, asked)) return {};
        return std::vector<item const*>(1, found);
    }

    std::string show_relation(entity_facts const& type, item const& owner, request const& asked, int reads,
                              bool given) {
        auto const& r = *asked.of;
        std::string out;
        auto const add = [&](std::string const& text) { out += (out.empty() ? "" : " ") + text; };
        switch (r.kind) {
        case how::one:
        case how::many:
        case how::owner:
        case how::named: {
            auto const found = find(r, type, owner, asked, reads, given);
            if (asked.counts) return std::to_string(found.size());
            int const more = r.of_keys_only || r.kind == how::owner ? 1 : 0;
            for (item const* each : found) add(show(*r.target, *each, asked.below, reads + more));
            break;
        }
        case how::links:
        case how::linked: {
            auto const found = linked(type, owner, asked, reads);
            if (asked.counts) return std::to_string(found.size());
            for (auto const& each : found)
                add(show(*r.target, *each.entity, asked.below, each.reads) + '@' + each.data);
            break;
        }
        case how::through: {
            auto const found = through(type, owner, asked, reads, given);
            if (asked.counts) return std::to_string(found.size());
            for (auto const& [each, reads_before] : found) add(show(*r.target, *each, asked.below, reads_before));
            break;
        }
        case how::morph: {
            auto const name = value_in(owner, "subject_type");
            for (auto const& [target, stored] : facts::get().subjects()) {
                if (name != words(stored)) continue;
                auto const key = foreign_key(owner, {"subject_id", "subject_nr"}, target->key.size());
                auto const part = std::find_if(asked.below.begin(), asked.below.end(),
                                               [&, t = target](request const& each) { return each.type == t; });
                request const nothing;
                request const& said = part != asked.below.end() ? *part : nothing;
                if (!key) continue;
                costs_.ask(target->table, *key, reads);
                item const* const found = by_key(*target, *key);
                if (found != nullptr && is_given(*target, *found, said))
                    add(show(*target, *found, said.below, reads + 1));
            }
            break;
        }
        }
        return '[' + out + ']';
    }

    database const& db_;
    least& costs_;
    mutable std::map<std::string, found_by_value> sorted_{};
};

// ---- the same text of what a load has given

inline std::string shown(Team const&);
inline std::string shown(Player const&);
inline std::string shown(Slot const&);
inline std::string shown(Crest const&);
inline std::string shown(Medal const&);
inline std::string shown(Label const&);
inline std::string shown(Venue const&);
inline std::string shown(Note const&);
inline std::string shown(Chant const&);
inline std::string shown(Membership const&);

class shown_handles {
public:
    template <class Handle> shown_handles& many(char const* name, Handle const& handle) {
        if (handle.loaded()) {
            std::string in;
            for (auto const& each : handle) in += (in.empty() ? "" : " ") + shown(each);
            text += std::string(" ") + name + "=[" + in + ']';
        }
        return count(name, handle);
    }
    template <class Handle> shown_handles& links(char const* name, Handle const& handle) {
        if (handle.loaded()) {
            std::string in;
            for (auto const& [each, row] : handle.with_pivot()) {
                in += (in.empty() ? "" : " ") + shown(each) + '@';
                if (row.created_at() != dynasio::timestamp()) in += row.created_at().to_string();
                in += text_of_data(row.extra());
            }
            text += std::string(" ") + name + "=[" + in + ']';
        }
        return count(name, handle);
    }
    template <class Handle> shown_handles& one(char const* name, Handle const& handle) {
        if (handle.loaded()) text += std::string(" ") + name + "=[" + (handle ? shown(*handle) : "") + ']';
        return *this;
    }
    std::string text{};

private:
    template <class Handle> shown_handles& count(char const* name, Handle const& handle) {
        if (handle.counted()) text += std::string(" #") + name + '=' + std::to_string(handle.count());
        return *this;
    }
};

inline std::string shown(Team const& t) {
    shown_handles h;
    h.many("players", t.players).many("slots", t.slots).one("crest", t.crest).links("labels", t.labels);
    h.many("medals", t.medals).many("chants", t.chants).one("a_chant", t.a_chant).many("rivals", t.rivals);
    h.links("members", t.members).many("mentors", t.mentors).many("heroes", t.heroes);
    return "Team{" + std::to_string(t.number) + ',' + t.name + h.text + '}';
}
inline std::string shown(Player const& p) {
    shown_handles h;
    h.one("team", p.team).one("mentor", p.mentor).one("home", p.home).many("pupils", p.pupils);
    h.many("medals", p.medals).one("a_medal", p.a_medal).many("notes", p.notes).one("a_note", p.a_note);
    h.links("friends", p.friends).links("fans", p.fans).many("pupil_medals", p.pupil_medals);
    h.many("namesakes", p.namesakes).links("clubs", p.clubs).many("memberships", p.memberships);
    h.many("joined", p.joined).many("pupil_homes", p.pupil_homes);
    return "Player{" + p.id + ',' + std::to_string(p.rank) + ',' + p.name + h.text + '}';
}
inline std::string shown(Slot const& s) {
    shown_handles h;
    h.one("team", s.team).one("player", s.player).many("residents", s.residents);
    h.many("squad_mates", s.squad_mates);
    return "Slot{" + std::to_string(s.team_no) + ',' + std::to_string(s.position) + ',' + s.player_id + ',' +
           std::to_string(s.load) + h.text + '}';
}
inline std::string shown(Crest const& c) {
    return "Crest{" + c.id + ',' + c.motto + shown_handles().one("team", c.team).text + '}';
}
inline std::string shown(Medal const& m) {
    return "Medal{" + m.id + ',' + m.metal + shown_handles().one("player", m.player).text + '}';
}
inline std::string shown(Label const& l) {
    return "Label{" + l.id + ',' + l.name + shown_handles().links("teams", l.teams).many("notes", l.notes).text + '}';
}
inline std::string shown(Venue const& v) {
    return "Venue{" + v.town + ',' + std::to_string(v.nr) +
           shown_handles().many("notes", v.notes).many("guests", v.guests).text + '}';
}
inline std::string shown(Note const& n) {
    std::string subject;
    if (n.subject.loaded()) {
        n.subject.visit([&](auto const& entity) { subject = shown(entity); });
        subject = " subject=[" + subject + ']';
    }
    return "Note{" + n.id + ',' + std::to_string(n.stars) + subject + '}';
}

inline std::string shown(Chant const& c) {
    shown_handles h;
    h.one("hero", c.hero).one("leader", c.leader).one("crest", c.crest);
    return "Chant{" + c.id + ',' + std::to_string(c.loudness) + ',' + c.text + ',' + c.hero_nick + h.text + '}';
}
inline std::string shown(Membership const& m) {
    return "Membership{" + m.player_id + ',' + std::to_string(m.team) + ',' + m.position.value_or("") +
           shown_handles().one("club", m.club).text + '}';
}

// ---- a database that is drawn

/// Rows of links in a table that is another program's.
inline void draw_memberships(dynasio::test::property_run& random, database& db, std::size_t players,
                             std::size_t teams) {
    std::set<std::pair<std::size_t, std::size_t>> taken;
    auto& rows = db.tables["memberships"];
    for (std::size_t n = 0; n < 2 * players && n < 120; ++n) {
        // Many are of few players; some lead nowhere, on either side.
        std::size_t const player = random.below(random.one_in(2) ? 5 : players + 3), team = random.below(teams + 3);
        if (!taken.emplace(player, team).second) continue;
        item& i = rows.emplace_back();
        i.emplace("player_id", "p" + std::to_string(player));
        i.emplace("team", static_cast<std::int64_t>(team));
        char const* const positions[] = {"goal", "wing", ""};
        if (random.one_in(6))
            i.emplace("position", attribute_value());
        else if (!random.one_in(4))
            i.emplace("position", positions[random.below(3)]);
        if (random.one_in(3)) i.emplace("shirt", static_cast<std::int64_t>(random.below(30)));
        if (random.one_in(4)) i.emplace("ended", attribute_value());
        if (random.one_in(4)) i.emplace("is_captain", attribute_value(random.one_in(2)));
        if (random.one_in(4)) {
            item contract;
            contract.emplace("until", "summer");
            i.emplace("contract", std::move(contract));
        }
        switch (random.below(7)) {
        case 0:
            i.emplace("since", "2024-05-06T07:08:09.123Z");
            break;
        case 1:
            i.emplace("since", "2025-01-02T03:04:05Z");
            break;
        case 2:
            i.emplace("since", "last summer");
            break;
        case 3:
            i.emplace("since", 1735787045);
            break;
        case 4:
            i.emplace("since", attribute_value());
            break;
        case 5:
            i.emplace("since", "");
            break;
        default:
            break;
        }
    }
}

/// Items as several programs write them: foreign keys that lead nowhere, are missing, NULL or empty, values that
/// several entities have, entities in the trash, links without an end, links whose numbers are spelt in another way,
/// and rows of links with anything beside their keys.
inline database draw_database(dynasio::test::property_run& random, std::size_t players) {
    database db;
    std::size_t const teams = 2 + random.below(8), labels = 3 + random.below(6), slots = 10 + random.below(20);
    auto const id = [](char const* kind, std::size_t n) { return kind + std::to_string(n); };
    auto const whole_below = [&](std::size_t n) { return static_cast<std::int64_t>(random.below(n)); };
    auto const trash_some = [&](item& i) {
        if (random.one_in(6)) i.emplace("deleted_at", "2024-05-06T07:08:09.123Z");
        if (random.one_in(12)) i.insert_or_assign("deleted_at", attribute_value());
    };
    // Different for each item, so that every order by them is one order only.
    std::vector<std::int64_t> ranks(1000);
    for (std::size_t i = 0; i < ranks.size(); ++i) ranks[i] = static_cast<std::int64_t>(i);
    auto const shuffle = [&] {
        for (std::size_t i = ranks.size(); i > 1; --i) std::swap(ranks[i - 1], ranks[random.below(i)]);
    };
    shuffle();
    for (std::size_t n = 1; n <= teams; ++n) {
        item i;
        i.emplace("number", static_cast<std::int64_t>(n));
        if (random.one_in(8))
            i.emplace("name", random.one_in(2) ? attribute_value() : attribute_value(""));
        else if (!random.one_in(8))
            i.emplace("name", "team " + std::to_string(random.below(5)));
        if (!random.one_in(5)) i.emplace("squad", whole_below(4) * 10);
        trash_some(i);
        db.tables["teams"].push_back(std::move(i));
    }
    for (std::size_t n = 0; n < players; ++n) {
        item i;
        i.emplace("id", id("p", n));
        if (!random.one_in(6)) i.emplace("team_no", whole_below(teams + 3)); // some lead nowhere
        if (!random.one_in(3)) i.emplace("mentor_id", id("p", random.below(random.one_in(3) ? players + 5 : 5)));
        i.emplace("rank", ranks[n]);
        i.emplace("name", "n" + std::to_string(ranks[ranks.size() - 1 - n]));
        if (!random.one_in(3)) i.emplace("home_no", whole_below(teams + 1));
        if (!random.one_in(3)) i.emplace("home_position", whole_below(4));
        if (!random.one_in(4)) i.emplace("nick", "nick " + std::to_string(random.below(6)));
        trash_some(i);
        db.tables["players"].push_back(std::move(i));
    }
    std::set<std::pair<std::int64_t, std::int64_t>> taken;
    for (std::size_t n = 0; n < slots; ++n) {
        auto const team = whole_below(teams + 2), position = whole_below(6);
        if (!taken.emplace(team, position).second) continue;
        item i;
        i.emplace("team_no", team);
        i.emplace("position", position);
        switch (random.below(6)) {
        case 0:
            i.emplace("player_id", "");
            break;
        case 1:
            i.emplace("player_id", attribute_value());
            break;
        case 2:
            break;
        default:
            i.emplace("player_id", id("p", random.below(players + 3)));
        }
        if (random.one_in(8))
            i.emplace("load", attribute_value());
        else if (!random.one_in(5))
            i.emplace("load", whole_below(6) * 10);
        db.tables["slots"].push_back(std::move(i));
    }
    for (std::size_t n = 0; n < teams; ++n) {
        item i;
        i.emplace("id", id("c", n));
        if (!random.one_in(5)) i.emplace("team_no", whole_below(teams + 2));
        // Always there: a page of items that have nothing but keys is read again by key, in case the index has no more.
        i.emplace("motto", random.one_in(2) ? "" : "ever on");
        // Each pair once, because of several crests with one the service would choose.
        if (!random.one_in(5)) i.emplace("shape", id("shape ", n / 3));
        if (!random.one_in(5)) i.emplace("colour", static_cast<std::int64_t>(n % 3));
        db.tables["crests"].push_back(std::move(i));
    }
    shuffle();
    char const* const metals[] = {"gold", "iron", "tin"};
    for (std::size_t n = 0; n < 2 * players && n < 120; ++n) {
        item i;
        i.emplace("id", id("m", n));
        if (!random.one_in(6)) i.emplace("player_id", id("p", random.below(players + 3)));
        if (!random.one_in(6)) i.emplace("points", ranks[n]);
        i.emplace("metal", metals[random.below(3)]);
        db.tables["medals"].push_back(std::move(i));
    }
    for (std::size_t n = 0; n < labels; ++n) {
        item i;
        i.emplace("id", id("l", n));
        char const* const names[] = {"", "x", "yes", "yes"};
        if (!random.one_in(5)) i.emplace("name", names[random.below(4)]);
        trash_some(i);
        db.tables["labels"].push_back(std::move(i));
    }
    for (std::int64_t n = 0; n < 4; ++n) {
        item i;
        i.emplace("town", n % 2 == 0 ? "l1" : "rome"); // a town may have the id of a label
        i.emplace("nr", n);
        if (random.one_in(6))
            i.emplace("gate", attribute_value());
        else if (!random.one_in(6))
            i.emplace("gate", whole_below(teams + 1));
        if (!random.one_in(6)) i.emplace("row", whole_below(4));
        db.tables["venues"].push_back(std::move(i));
    }
    shuffle();
    for (std::size_t n = 0; n < players && n < 70; ++n) {
        item i;
        i.emplace("id", id("n", n));
        char const* const types[] = {"players", "players", "labels", "labels", "Site", "Site", ""};
        if (random.one_in(8))
            i.emplace("subject_type", attribute_value());
        else if (!random.one_in(8))
            i.emplace("subject_type", types[random.below(7)]);
        if (!random.one_in(6))
            i.emplace("subject_id", random.one_in(3)   ? id("p", random.below(players / 2 + 2))
                                    : random.one_in(2) ? id("l", random.below(labels + 1))
                                                       : std::string("rome"));
        if (!random.one_in(3)) i.emplace("subject_nr", whole_below(5));
        i.emplace("stars", ranks[n]);
        db.tables["notes"].push_back(std::move(i));
    }
    shuffle();
    for (std::size_t n = 0; n < 5 * teams; ++n) {
        item i;
        i.emplace("id", id("s", n));
        if (!random.one_in(6)) i.emplace("team_name", id("team ", random.below(6)));
        i.emplace("loudness", ranks[n]);
        i.emplace("text", random.one_in(2) ? "" : "ole");
        switch (random.below(8)) {
        case 0:
            i.emplace("hero_nick", "");
            break;
        case 1:
            i.emplace("hero_nick", attribute_value());
            break;
        case 2:
            break;
        default:
            i.emplace("hero_nick", id("nick ", random.below(7)));
        }
        if (random.one_in(8))
            i.emplace("squad", attribute_value());
        else if (!random.one_in(6))
            i.emplace("squad", whole_below(5) * 10);
        if (!random.one_in(6)) i.emplace("shape", random.one_in(8) ? "" : id("shape ", random.below(teams / 3 + 1)));
        if (random.one_in(8))
            i.emplace("colour", attribute_value());
        else if (!random.one_in(8))
            i.emplace("colour", whole_below(3));
        db.tables["chants"].push_back(std::move(i));
    }
    draw_memberships(random, db, players, teams);
    std::set<std::pair<std::string, std::string>> linked;
    auto const link = [&](std::string const& pivot_key, std::string left, std::string right) {
        link_row row{pivot_key, left, right, pivot_key + '#' + left, right};
        if (!linked.emplace(row.pk, row.sk).second) return;
        if (!random.one_in(3)) row.extra = whole_below(100);
        db.links.push_back(std::move(row));
    };
    for (std::size_t n = 0; n < 3 * teams; ++n)
        link("teams_labels", (random.one_in(8) ? "0" : "") + std::to_string(1 + random.below(teams + 1)),
             id("l", random.below(labels + 1)));
    for (std::size_t n = 0; n < 2 * players; ++n)
        link("players_friends", id("p", random.below(players)), id("p", random.below(players + 3)));
    return db;
}

/// The items of the pivot table.
inline std::vector<item> rows_of(database const& db) {
    std::vector<item> rows;
    for (auto const& link : db.links) {
        item& i = rows.emplace_back();
        i.emplace("pk", link.pk);
        i.emplace("sk", link.sk);
        i.emplace("pivot_key", link.pivot_key);
        i.emplace("id_left", link.left);
        i.emplace("id_right", link.right);
        if (link.extra) {
            item extra;
            extra.emplace("n", *link.extra);
            i.emplace("extra", std::move(extra));
        }
    }
    return rows;
}

// ---- a case that fails, made small

/// What one case loads: the relations of entities, by their keys.
struct drawn_case {
    entity_facts const* root = nullptr;
    std::vector<std::vector<scalar>> keys{};
    std::vector<request> relations{};

    [[nodiscard]] std::string to_string() const {
        std::string out = root->name + " of";
        for (auto const& key : keys) {
            out += ' ';
            for (std::size_t i = 0; i < key.size(); ++i) out += (i > 0 ? "/" : "") + key[i].to_string();
        }
        return out + ": " + league::to_string(relations);
    }
};

/// The smallest case that can be reached by leaving one thing out after the other and that still fails.
template <class Fails> drawn_case reduced(drawn_case failing, Fails const& fails) {
    auto const each_smaller = [](drawn_case const& of, auto const& use) {
        for (std::size_t i = 0; i < of.keys.size() && of.keys.size() > 1; ++i) {
            drawn_case smaller = of;
            smaller.keys.erase(smaller.keys.begin() + static_cast<std::ptrdiff_t>(i));
            if (use(std::move(smaller))) return true;
        }
        // Each request of the tree is reached by its number.
        for (std::size_t target = 0;; ++target) {
            bool reached = false;
            for (int change = 0; change < 8; ++change) {
                drawn_case smaller = of;
                std::size_t number = 0;
                bool changed = false;
                std::function<void(std::vector<request>&)> const visit = [&](std::vector<request>& all) {
                    for (std::size_t i = 0; i < all.size(); ++i) {
                        if (number++ == target) {
                            reached = true;
                            request& r = all[i];
                            bool const tied = r.of != nullptr && r.of->has_ties;
                            switch (change) {
                            case 0:
                                all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
                                changed = true;
                                return;
                            case 1:
                                changed = r.where.has_value();
                                r.where.reset();
                                return;
                            case 2:
                                changed = r.order.has_value() && !tied;
                                if (changed) r.order.reset();
                                return;
                            case 3:
                                changed = r.limit.has_value();
                                r.limit.reset();
                                return;
                            case 4:
                                changed = r.offset != 0;
                                r.offset = 0;
                                return;
                            case 5:
                                changed = r.scope != trashed::unsaid;
                                r.scope = trashed::unsaid;
                                return;
                            case 6:
                                changed = r.between;
                                r.between = false;
                                return;
                            default:
                                changed = r.everything;
                                r.everything = false;
                                return;
                            }
                        }
                        visit(all[i].below);
                        if (reached) return;
                    }
                };
                visit(smaller.relations);
                if (changed && use(std::move(smaller))) return true;
            }
            if (!reached) return false;
        }
    };
    for (bool again = true; again;)
        again = each_smaller(failing, [&](drawn_case smaller) {
            if (smaller.relations.empty() || !fails(smaller)) return false;
            failing = std::move(smaller);
            return true;
        });
    return failing;
}

} // namespace league

#endif
