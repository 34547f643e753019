#include <dynasio/orm/field.hpp>

#include <dynasio/core/error.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <orm/wire/change_place.hpp>
#include <orm/wire/shard_reader.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "../model.hpp"
#include "support/error_of.hpp"

// Conversations with the reader of a stream, whose shards are made up by the test.
namespace shard_test {

namespace json = boost::json;
using namespace std::chrono_literals;
using dynasio::change_kind;
using dynasio::errc;
using dynasio::error;
using dynasio::service_errc;
using dynasio::system_time;
using dynasio::detail::change_place;
using dynasio::detail::decode_place;
using dynasio::detail::shard_place;
using dynasio::detail::shard_reader;
using dynasio::detail::told_change;
using dynasio::dynamodb::operation;
using shop::Post;
using shop::User;
using time_point = shard_reader::time_point;

constexpr auto noon = system_time(1'800'000'000s);

/// A stream as the service has it: shards with changes, and iterators that are places in them.
class stream_service {
public:
    struct shard {
        std::string parent{};
        std::vector<std::pair<int, std::string>> changes{}; ///< Sequence number and key.
        bool closed = false;
        std::size_t trimmed = 0; ///< How many of the oldest changes are dropped.
        bool gone = false;       ///< Not listed any more.
    };

    void open(std::string const& name, std::string const& parent = {}) { shards[name].parent = parent; }
    void split(std::string const& name, std::string const& left, std::string const& right) {
        shards.at(name).closed = true;
        open(left, name);
        if (!right.empty()) open(right, name);
    }
    void write(std::string const& to, std::string key) { shards.at(to).changes.emplace_back(++last, std::move(key)); }

    json::object describe(json::object const& request) const {
        json::array listed;
        bool begun = !request.contains("ExclusiveStartShardId");
        json::object about{{"StreamStatus", disabled ? "DISABLED" : "ENABLED"},
                           {"StreamViewType", "NEW_AND_OLD_IMAGES"},
                           {"TableName", "things"}};
        for (auto const& [name, s] : shards) {
            if (begun && listed.size() == page) {
                about["LastEvaluatedShardId"] = listed.back().at("ShardId");
                break;
            }
            if (begun && !s.gone) {
                json::object one{{"ShardId", name}};
                if (!s.parent.empty()) one["ParentShardId"] = s.parent;
                listed.push_back(std::move(one));
            }
            if (!begun) begun = request.at("ExclusiveStartShardId").as_string() == name;
        }
        about["Shards"] = std::move(listed);
        return {{"StreamDescription", std::move(about)}};
    }
    /// An iterator is "shard/index/generation".
    std::string iterator(std::string const& name, std::size_t at) const {
        return name + "/" + std::to_string(at) + "/" + std::to_string(generation);
    }
    json::object get_iterator(json::object const& request) const {
        std::string const name(request.at("ShardId").as_string());
        auto const found = shards.find(name);
        if (found == shards.end() || found->second.gone) throw service_errc::resource_not_found;
        shard const& s = found->second;
        std::string_view const type = request.at("ShardIteratorType").as_string();
        std::size_t at = s.trimmed;
        if (type == "LATEST") at = s.changes.size();
        if (type == "AFTER_SEQUENCE_NUMBER" || type == "AT_SEQUENCE_NUMBER") {
            int const named = std::stoi(std::string(request.at("SequenceNumber").as_string()));
            at = 0;
            while (at < s.changes.size() && s.changes[at].first < named) ++at;
            if (at == s.changes.size() || at < s.trimmed) throw service_errc::trimmed_data_access;
            if (type == "AFTER_SEQUENCE_NUMBER") ++at;
        }
        return {{"ShardIterator", iterator(name, at)}};
    }
    json::object get_records(json::object const& request) const {
        std::string const text(request.at("ShardIterator").as_string());
        auto const slash = text.find('/');
        auto const last_slash = text.rfind('/');
        std::string const name = text.substr(0, slash);
        std::size_t at = std::stoul(text.substr(slash + 1, last_slash - slash - 1));
        if (std::stoul(text.substr(last_slash + 1)) != generation) throw service_errc::expired_iterator;
        shard const& s = shards.at(name);
        if (s.gone) throw service_errc::resource_not_found;
        if (at < s.trimmed) throw service_errc::trimmed_data_access;
        json::array records;
        while (at < s.changes.size() && records.size() < most) {
            auto const& [sequence, key] = s.changes[at++];
            records.push_back({{"eventName", "MODIFY"},
                               {"dynamodb",
                                {{"Keys", {{"id", {{"S", key}}}}},
                                 {"SequenceNumber", std::to_string(sequence)},
                                 {"ApproximateCreationDateTime", 1'800'000'000 + seconds_of(sequence)}}}});
        }
        json::object answer{{"Records", std::move(records)}};
        if (!s.closed || at < s.changes.size()) answer["NextShardIterator"] = iterator(name, at);
        return answer;
    }
    json::object answer(shard_reader::request const& r) const {
        auto const body = json::parse(r.body).as_object();
        if (r.op == operation::describe_stream) return describe(body);
        return r.op == operation::get_shard_iterator ? get_iterator(body) : get_records(body);
    }
    int seconds_of(int sequence) const {
        auto const found = times.find(sequence);
        return found == times.end() ? 0 : found->second;
    }

    std::map<std::string, shard> shards{};
    std::map<int, int> times{}; ///< Of a change, in seconds after noon.
    std::size_t page = 3;
    std::size_t most = 2;
    std::size_t generation = 1; ///< Iterators of earlier ones have expired.
    bool disabled = false;
    int last = 0;
};

class shard_conversation : public testing::Test {
protected:
    shard_reader reader(shard_reader::beginning from = shard_reader::beginning::oldest) const {
        return shard_reader("arn:s", from, noon, settings);
    }
    shard_reader resumed(change_place from, system_time at = noon) const {
        return shard_reader(std::move(from), at, settings);
    }

    void reply(shard_reader& r, shard_reader::request const& to) {
        asked.push_back(std::string(to_string(to.op)));
        json::object body;
        std::optional<service_errc> refused;
        try {
            body = service.answer(to);
        } catch (service_errc e) {
            refused = e;
        }
        if (refused) {
            error const why(make_error_code(*refused), dynasio::diagnostics());
            if (!r.takes_failure(to.id, why)) {
                r.on_failure(to.id, why);
                failed = why.code();
            }
            return;
        }
        answer(r, to, json::serialize(body));
    }
    void answer(shard_reader& r, shard_reader::request const& to, std::string text) {
        dynasio::dynamodb::detail::raw_reply got;
        got.detached = std::make_unique<dynasio::dynamodb::detail::raw_reply::detached_answer>();
        got.detached->body = std::move(text);
        r.on_answer(to.id, {got, false, now, 0.5});
    }
    /// A round with up to `concurrency` requests under way, which are answered in a random order.
    void round(shard_reader& r) {
        now = std::max(now, r.next_round());
        r.begin_round(now);
        std::vector<shard_reader::request> under_way;
        while (!r.done()) {
            while (under_way.size() < concurrency && r.ready(now)) {
                auto next = r.next(now);
                if (!next) break;
                under_way.push_back(*std::move(next));
            }
            ASSERT_FALSE(under_way.empty()) << "not done, and nothing to send";
            std::size_t const i = random() % under_way.size();
            auto const one = std::move(under_way[i]);
            under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(i));
            reply(r, one);
        }
    }
    /// The keys of the changes of so many rounds.
    std::vector<std::string> read(shard_reader& r, int rounds = 20) {
        std::vector<std::string> keys;
        for (int i = 0; i < rounds && !r.ended(); ++i) {
            while (auto change = r.take()) keys.push_back(key_in(*change));
            round(r);
        }
        while (auto change = r.take()) keys.push_back(key_in(*change));
        return keys;
    }
    static std::string key_in(told_change const& change) {
        return std::string(json::parse(change.keys).at("id").at("S").as_string());
    }

    shard_reader::settings settings{};
    stream_service service{};
    std::vector<std::string> asked{};
    std::optional<dynasio::error_code> failed{};
    std::size_t concurrency = 4;
    time_point now = time_point(1h);
    std::mt19937_64 random{7};
};

using keys = std::vector<std::string>;

TEST_F(shard_conversation, reads_parents_before_their_children) {
    service.open("a");
    service.write("a", "1");
    service.write("a", "2");
    service.write("a", "3");
    service.split("a", "b", "");
    service.write("b", "4");
    service.split("b", "c", "");
    service.write("c", "5");
    auto r = reader();
    EXPECT_EQ(read(r), (keys{"1", "2", "3", "4", "5"}));
}

TEST_F(shard_conversation, finds_the_children_of_a_shard_that_splits_while_it_is_read) {
    service.open("a");
    service.write("a", "1");
    auto r = reader();
    EXPECT_EQ(read(r, 3), (keys{"1"}));
    service.write("a", "2");
    service.split("a", "b", "c");
    service.write("b", "3");
    service.write("c", "4");
    auto found = read(r);
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[0], "2");
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, (keys{"2", "3", "4"}));
}

TEST_F(shard_conversation, a_child_that_is_listed_later_than_its_sibling_is_found_while_that_is_read) {
    service.open("a");
    service.write("a", "1");
    service.split("a", "b", "");
    service.write("b", "2");
    auto r = reader();
    EXPECT_EQ(read(r), (keys{"1", "2"}));
    service.open("c", "a");
    service.write("c", "3");
    asked.clear();
    now += 1min;
    EXPECT_EQ(read(r, 4), (keys{"3"}));
    EXPECT_EQ(std::count(asked.begin(), asked.end(), "DescribeStream"), 1) << "not more than once a minute";
    EXPECT_FALSE(failed);
}

TEST_F(shard_conversation, a_parent_that_the_service_has_dropped_is_not_waited_for) {
    service.open("a");
    service.write("a", "1");
    service.split("a", "b", "");
    service.write("b", "2");
    service.shards.at("a").gone = true;
    auto r = reader();
    EXPECT_EQ(read(r), (keys{"2"}));
}

TEST_F(shard_conversation, from_now_on_leaves_out_what_has_happened) {
    service.open("a");
    service.write("a", "1");
    service.split("a", "b", "c");
    service.write("b", "2");
    auto r = reader(shard_reader::beginning::now);
    round(r); // as start() does
    service.write("c", "3");
    service.write("b", "4");
    auto found = read(r);
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, (keys{"3", "4"}));
}

TEST_F(shard_conversation, a_shard_is_read_five_times_a_second_at_most) {
    service.open("a");
    for (int i = 0; i < 10; ++i) service.write("a", std::to_string(i));
    auto r = reader();
    round(r);
    while (r.take()) {
    }
    EXPECT_EQ(r.next_round(), now + 200ms);
    r.begin_round(now + 199ms);
    EXPECT_TRUE(r.done());
    for (int i = 0; i < 4; ++i) {
        while (r.take()) {
        }
        round(r);
    }
    while (r.take()) {
    }
    EXPECT_EQ(std::count(asked.begin(), asked.end(), "GetRecords"), 5);
    round(r);
    EXPECT_EQ(r.next_round(), now + 500ms) << "no change came";
}

TEST_F(shard_conversation, nothing_more_is_read_before_what_has_arrived_was_taken) {
    service.open("a");
    for (int i = 0; i < 10; ++i) service.write("a", std::to_string(i));
    auto r = reader();
    round(r);
    r.begin_round(now + 30s);
    EXPECT_TRUE(r.done());
    EXPECT_TRUE(r.take());
    r.begin_round(now + 30s);
    EXPECT_TRUE(r.done());
    EXPECT_TRUE(r.take());
    r.begin_round(now + 30s);
    EXPECT_FALSE(r.done());
}

TEST_F(shard_conversation, an_expired_iterator_is_replaced_without_loss) {
    service.open("a");
    service.write("a", "1");
    auto r = reader();
    EXPECT_EQ(read(r, 2), (keys{"1"}));
    service.write("a", "2");
    ++service.generation;
    EXPECT_EQ(read(r, 3), (keys{"2"}));
    EXPECT_FALSE(failed);
}

TEST_F(shard_conversation, an_iterator_at_the_newest_change_that_expires_loses_nothing) {
    service.open("a");
    service.write("a", "long ago");
    service.times[1] = -3600;
    auto r = reader(shard_reader::beginning::now);
    round(r);
    service.write("a", "1");
    ++service.generation;
    EXPECT_EQ(read(r, 4), (keys{"1"}));
}

TEST_F(shard_conversation, dropped_changes_are_told_and_told_again) {
    service.open("a");
    for (int i = 1; i <= 5; ++i) service.write("a", std::to_string(i));
    auto r = reader();
    round(r);
    EXPECT_TRUE(r.take());
    EXPECT_TRUE(r.take());
    ++service.generation;
    service.shards.at("a").trimmed = 4;
    round(r);
    ASSERT_TRUE(r.lost());
    EXPECT_EQ(r.lost()->code, service_errc::trimmed_data_access);
    round(r);
    EXPECT_TRUE(r.lost());
    EXPECT_FALSE(r.take());
    EXPECT_EQ(r.gaps(), 0U);
}

TEST_F(shard_conversation, dropped_changes_are_skipped_on_request) {
    settings.skips_lost = true;
    service.open("a");
    for (int i = 1; i <= 5; ++i) service.write("a", std::to_string(i));
    auto r = reader();
    round(r);
    auto const place = r.place(noon);
    service.shards.at("a").trimmed = 4;
    ++service.generation;
    while (r.take()) {
    }
    EXPECT_EQ(read(r, 5), (keys{"5"}));
    EXPECT_EQ(r.gaps(), 1U);
    EXPECT_FALSE(r.lost());
}

TEST_F(shard_conversation, a_dropped_shard_of_a_position_means_lost_changes) {
    service.open("a");
    service.write("a", "1");
    auto first = reader();
    EXPECT_EQ(read(first, 2), (keys{"1"}));
    auto const place = first.place(noon);
    service.write("a", "2");
    service.split("a", "b", "");
    service.write("b", "3");
    service.shards.at("a").gone = true;
    auto r = resumed(place);
    EXPECT_EQ(read(r, 3), keys());
    EXPECT_TRUE(r.lost());
    settings.skips_lost = true;
    auto skipping = resumed(place);
    EXPECT_EQ(read(skipping), (keys{"3"}));
    EXPECT_EQ(skipping.gaps(), 1U);
}

TEST_F(shard_conversation, a_position_before_changes_that_had_arrived_tells_when_they_are_lost) {
    service.open("a");
    service.open("b");
    for (int i = 1; i <= 4; ++i) service.write(i % 2 == 1 ? "a" : "b", std::to_string(i));
    auto first = reader();
    while (first.front() == nullptr) round(first);
    auto const taken = first.take();
    std::string const other = taken->shard == "a" ? "b" : "a";
    auto const place = first.place(noon);
    EXPECT_EQ(place.shards.at(other).at, shard_place::kind::from);
    EXPECT_EQ(decode_place(dynasio::entity_type_of<User>(), encode_place(dynasio::entity_type_of<User>(), place)),
              place);

    auto again = resumed(place);
    auto rest = read(again);
    rest.push_back(key_in(*taken));
    std::sort(rest.begin(), rest.end());
    EXPECT_EQ(rest, (keys{"1", "2", "3", "4"}));

    service.shards.at(other).trimmed = 1;
    auto late = resumed(place);
    read(late, 3);
    ASSERT_TRUE(late.lost());
    EXPECT_EQ(late.lost()->code, service_errc::trimmed_data_access);
    settings.skips_lost = true;
    auto skipping = resumed(place);
    EXPECT_EQ(read(skipping).size(), 2U);
    EXPECT_EQ(skipping.gaps(), 1U);
}

TEST_F(shard_conversation, an_old_position_without_a_change_in_some_shard_cannot_be_told_from_a_loss) {
    service.open("a");
    auto first = reader();
    EXPECT_EQ(read(first, 2), keys());
    auto const place = first.place(noon);
    service.write("a", "1");
    auto in_time = resumed(place, noon + 23h);
    EXPECT_EQ(read(in_time, 3), (keys{"1"}));
    auto late = resumed(place, noon + 25h);
    EXPECT_EQ(read(late, 3), keys());
    ASSERT_TRUE(late.lost());
    EXPECT_EQ(late.lost()->code, errc::changes_lost);
}

TEST_F(shard_conversation, a_stream_that_is_disabled_ends_with_its_last_change) {
    service.open("a");
    service.write("a", "1");
    service.shards.at("a").closed = true;
    service.disabled = true;
    auto r = reader();
    round(r);
    EXPECT_FALSE(r.ended());
    EXPECT_EQ(read(r), (keys{"1"}));
    EXPECT_TRUE(r.ended());
    auto const place = r.place(noon);
    auto again = resumed(place);
    EXPECT_EQ(read(again), keys());
    EXPECT_TRUE(again.ended());
}

TEST_F(shard_conversation, a_stream_without_shards_is_looked_at_again) {
    auto r = reader(shard_reader::beginning::now);
    round(r);
    EXPECT_TRUE(r.has_begun());
    service.open("a");
    service.write("a", "1");
    EXPECT_EQ(read(r, 4), (keys{"1"})) << "a shard that came later is read from its beginning";
}

TEST_F(shard_conversation, refused_reads_are_repeated_after_a_pause) {
    service.open("a");
    auto r = reader();
    round(r);
    now = r.next_round();
    for (int i = 0; i < 10; ++i) {
        r.begin_round(now);
        auto const request = r.next(now);
        ASSERT_TRUE(request);
        EXPECT_TRUE(r.takes_failure(request->id, error(make_error_code(service_errc::limit_exceeded), {})));
        EXPECT_TRUE(r.done());
        EXPECT_EQ(r.next_round(), now + 1s);
        now = r.next_round();
    }
    r.begin_round(now);
    auto const request = r.next(now);
    ASSERT_TRUE(request);
    error const again(make_error_code(service_errc::limit_exceeded), {});
    EXPECT_FALSE(r.takes_failure(request->id, again)) << "something else is wrong";
    r.on_failure(request->id, again);
    service.write("a", "1");
    EXPECT_EQ(read(r, 2), (keys{"1"})) << "the reader goes on after the error";
}

TEST_F(shard_conversation, answers_that_make_no_sense_are_errors_after_which_it_goes_on) {
    service.open("a");
    service.write("a", "1");
    auto r = reader();
    for (char const* body :
         {"", "{", "[]", R"({"Records":[{}],"NextShardIterator":"x"})", R"({"Records":{}})",
          R"({"Records":[{"eventName":"DROP","dynamodb":{"Keys":{"id":{"S":"1"}},"SequenceNumber":"1"}}]})",
          R"({"Records":[{"eventName":"INSERT","dynamodb":{"Keys":1,"SequenceNumber":"1"}}]})",
          R"({"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{"id":{"S":"1"}},"SequenceNumber":"1",
              "ApproximateCreationDateTime":1e300}}]})",
          R"({"Records":[{"eventName":"INSERT","dynamodb":{"Keys":{"id":{"S":"1"}},"SequenceNumber":"1"}}],
              "NextShardIterator":"a/0/1"})"}) {
        SCOPED_TRACE(body);
        now = std::max(now, r.next_round());
        r.begin_round(now);
        for (;;) {
            auto request = r.next(now);
            ASSERT_TRUE(request);
            if (request->op != operation::get_records) {
                reply(r, *request);
                continue;
            }
            auto const e = dynasio::test::error_of([&] { answer(r, *request, body); });
            EXPECT_EQ(e.code(), errc::malformed_response);
            r.on_failure(request->id, e);
            break;
        }
        EXPECT_TRUE(!r.take());
    }
    EXPECT_EQ(read(r, 2), (keys{"1"}));
}

TEST_F(shard_conversation, a_removal_by_the_service_is_told_from_others) {
    service.open("a");
    auto r = reader();
    round(r);
    now = r.next_round();
    r.begin_round(now);
    auto const request = r.next(now);
    ASSERT_TRUE(request);
    auto const record = [](char const* kind, char const* identity) {
        return std::string(R"({"eventName":")") + kind + R"(","userIdentity":)" + identity +
               R"(,"dynamodb":{"Keys":{"id":{"S":"x"}},"OldImage":{"id":{"S":"x"}},"SequenceNumber":"1"}})";
    };
    answer(r, *request,
           R"({"NextShardIterator":"a/1/1","Records":[)" +
               record("REMOVE", R"({"Type":"Service","PrincipalId":"dynamodb.amazonaws.com"})") + ',' +
               record("REMOVE", R"({"type":"Service","principalId":"dynamodb.amazonaws.com"})") + ',' +
               record("REMOVE", R"({"type":"Service","principalId":"other.amazonaws.com"})") + ',' +
               record("REMOVE", "null") + "]}");
    std::vector<bool> expired;
    while (auto change = r.take()) {
        expired.push_back(change->expired);
        EXPECT_TRUE(change->before);
        EXPECT_FALSE(change->after);
    }
    EXPECT_EQ(expired, (std::vector<bool>{true, true, false, false}));
}

TEST(change_place, comes_back_from_its_text_and_belongs_to_its_entity) {
    auto const& type = dynasio::entity_type_of<User>();
    change_place place;
    place.stream = "arn:aws:dynamodb:eu-west-1:1:table/users/stream/2026-01-01T00:00:00.000";
    place.as_of = noon;
    place.shards["shardId-1"] = {.at = shard_place::kind::after,
                                 .sequence = "49590338271490256608559692538361571095921"};
    place.shards["shardId-2"] = {};
    place.shards["shardId-3"] = {.at = shard_place::kind::since, .time = noon};
    place.ended = {"shardId-4", "shardId-5"};
    auto const text = encode_place(type, place);
    EXPECT_EQ(text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
              std::string::npos);
    EXPECT_EQ(decode_place(type, text), place);
    for (std::string const& damaged : {std::string(), std::string("x"), text.substr(1), text + "A",
                                       text.substr(0, text.size() - 1), std::string(text.rbegin(), text.rend())}) {
        auto const e = dynasio::test::error_of([&] { (void)decode_place(type, damaged); });
        EXPECT_EQ(e.code(), errc::invalid_cursor) << damaged;
    }
    auto const e = dynasio::test::error_of([&] { (void)decode_place(dynasio::entity_type_of<Post>(), text); });
    EXPECT_EQ(e.code(), errc::invalid_cursor);
}

/// Trees that grow while they are read, faults, and readers that end at any time: every change comes, in the order of
/// its item, and once only unless a reader began anew from an older position.
TEST_F(shard_conversation, no_change_is_lost_and_none_comes_out_of_order_whatever_happens) {
    for (unsigned seed = 0; seed < 40; ++seed) {
        SCOPED_TRACE(seed);
        random.seed(seed);
        service = {};
        service.page = 1 + random() % 4;
        service.most = 1 + random() % 4;
        concurrency = 1 + random() % 5;
        now = time_point(1h);
        // Each open shard has keys of its own, which its children divide among themselves.
        std::map<std::string, std::vector<std::string>> keys_of;
        int shard_count = 0;
        auto const name = [&] {
            return "shard" + std::to_string(1000 + random() % 9000) + std::to_string(++shard_count);
        };
        for (unsigned i = 0; i <= random() % 3; ++i) {
            auto const shard = name();
            service.open(shard);
            for (unsigned k = 0; k < 4; ++k) keys_of[shard].push_back(shard + "-" + std::to_string(k));
        }
        std::map<std::string, std::vector<int>> written, seen;
        auto const change_something = [&] {
            auto at = keys_of.begin();
            std::advance(at, static_cast<std::ptrdiff_t>(random() % keys_of.size()));
            if (random() % 6 == 0) {
                auto const all = at->second;
                auto const parent = at->first;
                auto const left = name();
                auto const right = all.size() > 1 ? name() : std::string();
                service.split(parent, left, right);
                keys_of.erase(at);
                for (std::size_t k = 0; k < all.size(); ++k)
                    keys_of[right.empty() || k % 2 == 0 ? left : right].push_back(all[k]);
            } else {
                auto const& key = at->second[random() % at->second.size()];
                service.write(at->first, key);
                written[key].push_back(service.last);
            }
        };
        auto r = std::make_unique<shard_reader>(reader());
        std::optional<change_place> stored;
        std::map<std::string, std::vector<int>> seen_then;
        for (int step = 0; step < 60; ++step) {
            for (auto n = random() % 4; n != 0 && step < 45; --n) change_something();
            if (random() % 10 == 0) ++service.generation;
            round(*r);
            ASSERT_FALSE(failed);
            for (auto n = random() % 12; n != 0; --n) {
                auto const change = r->take();
                if (!change) break;
                seen[key_in(*change)].push_back(std::stoi(change->sequence));
                if (random() % 5 == 0) {
                    stored = r->place(noon);
                    seen_then = seen;
                }
            }
            if (stored && random() % 20 == 0) {
                auto const text = encode_place(dynasio::entity_type_of<User>(), *stored);
                r = std::make_unique<shard_reader>(resumed(decode_place(dynasio::entity_type_of<User>(), text)));
                seen = seen_then;
            }
        }
        for (int i = 0; i < 300 && seen != written; ++i) {
            round(*r);
            while (auto const change = r->take()) seen[key_in(*change)].push_back(std::stoi(change->sequence));
        }
        ASSERT_EQ(seen, written);
    }
}

} // namespace shard_test
