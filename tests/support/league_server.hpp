#ifndef DYNASIO_TESTS_SUPPORT_LEAGUE_SERVER_HPP
#define DYNASIO_TESTS_SUPPORT_LEAGUE_SERVER_HPP

#include <dynasio/dynamodb/attribute_value.hpp>

#include <boost/json.hpp>

#include <string>
#include <utility>

#include "support/item_server.hpp"
#include "support/league_model.hpp"

// The service in memory with the tables of the league.
namespace league {

inline boost::json::object json_of(item const& of) {
    std::string text;
    dynasio::dynamodb::append_json(text, attribute_value(of));
    return boost::json::parse(text).as_object().at("M").as_object();
}

class league_server : public dynasio::test::item_server {
public:
    league_server() {
        make("teams", "number").indexes["by_squad"] = {"squad", "number", true};
        auto& players = make("players", "id");
        players.indexes["by_team"] = {"team_no", "rank"};
        players.indexes["by_name"] = {"team_no", "name"};
        players.indexes["by_mentor"] = {"mentor_id", "id", true};
        players.indexes["by_home"] = {"home_no", "home_position"};
        players.indexes["by_nick"] = {"nick", "rank"};
        make("slots", "team_no", "position");
        auto& crests = make("crests", "id");
        crests.indexes["by_team"] = {"team_no", "id"};
        crests.indexes["by_look"] = {"shape", "colour"};
        make("medals", "id").indexes["by_player"] = {"player_id", "points"};
        make("labels", "id");
        make("venues", "town", "nr");
        auto& notes = make("notes", "id");
        notes.indexes["by_subject"] = {"subject_id", "stars"};
        notes.indexes["by_nr"] = {"subject_id", "subject_nr"};
        make("chants", "id").indexes["by_team_name"] = {"team_name", "loudness"};
        make("memberships", "player_id", "team").indexes["by_team"] = {"team", "player_id"};
        make("pivots", "pk", "sk").indexes["by_right"] = {"id_right", "pivot_key"};
    }
    void fill(database const& db) {
        forget_order();
        for (auto& [name, of] : tables) of.items.clear();
        for (auto const& [name, items] : db.tables)
            for (auto const& each : items) tables.at(name).items.push_back(json_of(each));
        for (auto const& row : rows_of(db)) tables.at("pivots").items.push_back(json_of(row));
    }

private:
    table& make(char const* name, std::string partition, std::string sort = {}) {
        auto& made = tables[name];
        made.partition = std::move(partition);
        made.sort = std::move(sort);
        return made;
    }
};

} // namespace league

#endif
