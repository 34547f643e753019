#include "change_place.hpp"

#include <dynasio/orm/entity_type.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <utility>

#include "cursor.hpp"

namespace dynasio::detail {

using dynamodb::append_json_string;
using dynamodb::json_reader;

namespace {

// {"asOf":"1700000000","stream":"arn:…","shards":{"shardId-1":"A123","shardId-2":"F124","shardId-3":"O","shardId-4":"S1700000000"},"ended":["shardId-5"]}
constexpr char after_mark = 'A';
constexpr char from_mark = 'F';
constexpr char oldest_mark = 'O';
constexpr char since_mark = 'S';

std::string identity_of(entity_type const& type) { return "changes\n" + type.name + '\n' + type.table; }

// Times are between 1970 and 2128, within the range of system_time.
std::string text_of(system_time time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}
system_time time_of(json_reader const& in, std::string_view text) {
    constexpr std::int64_t latest = 5'000'000'000;
    std::int64_t seconds = 0;
    auto const end = text.data() + text.size();
    auto const read = std::from_chars(text.data(), end, seconds);
    if (read.ec != std::errc() || read.ptr != end || seconds < 0 || seconds > latest) in.fail("expected a time");
    return system_time(std::chrono::seconds(seconds));
}

std::string text_of(shard_place const& place) {
    switch (place.at) {
    case shard_place::kind::after:
        return after_mark + place.sequence;
    case shard_place::kind::from:
        return from_mark + place.sequence;
    case shard_place::kind::since:
        return since_mark + text_of(place.time);
    case shard_place::kind::oldest:
        break;
    }
    return std::string(1, oldest_mark);
}

shard_place place_of(json_reader& in) {
    shard_place place;
    std::string_view text = in.read_string();
    char const mark = text.empty() ? '\0' : text.front();
    if (!text.empty()) text.remove_prefix(1);
    if ((mark == after_mark || mark == from_mark) && !text.empty()) {
        place.at = mark == after_mark ? shard_place::kind::after : shard_place::kind::from;
        place.sequence = text;
    } else if (mark == since_mark) {
        place.at = shard_place::kind::since;
        place.time = time_of(in, text);
    } else if (mark != oldest_mark) {
        in.fail("expected a place");
    }
    return place;
}

change_place read_place(std::string const& text) {
    change_place place;
    json_reader in(text);
    std::string_view name;
    in.enter_object();
    while (in.next_member(name)) {
        if (name == "asOf") {
            place.as_of = time_of(in, in.read_string());
        } else if (name == "stream") {
            place.stream = in.read_string();
        } else if (name == "shards") {
            in.enter_object();
            while (in.next_member(name)) {
                std::string shard(name);
                auto at = place_of(in);
                place.shards.insert_or_assign(std::move(shard), std::move(at));
            }
        } else if (name == "ended") {
            in.enter_array();
            while (in.next_element()) place.ended.emplace(in.read_string());
        } else {
            in.skip_value();
        }
    }
    in.finish();
    if (place.stream.empty()) in.fail("expected the stream");
    return place;
}

} // namespace

std::string encode_place(entity_type const& type, change_place const& place) {
    std::string json = R"({"asOf":")" + text_of(place.as_of) + R"(","stream":)";
    append_json_string(json, place.stream);
    json += R"(,"shards":{)";
    for (auto const& [shard, at] : place.shards) {
        if (json.back() != '{') json += ',';
        append_json_string(json, shard);
        json += ':';
        append_json_string(json, text_of(at));
    }
    json += R"(},"ended":[)";
    for (auto const& shard : place.ended) {
        if (json.back() != '[') json += ',';
        append_json_string(json, shard);
    }
    json += "]}";
    return seal(identity_of(type), json);
}

change_place decode_place(entity_type const& type, std::string_view text) {
    auto const json = unseal(identity_of(type), text);
    if (json) {
        try {
            return read_place(*json);
        } catch (error const&) {
            // The text came from another version of this library, or from somebody who knows how it is made.
        }
    }
    throw_error(errc::invalid_cursor, "the position is damaged or belongs to the changes of another entity; use the "
                                      "text that position() of the same entity's changes gave, unchanged");
}

} // namespace dynasio::detail
