#include <dynasio/orm/changes.hpp>
#include <dynasio/orm/rules.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "integration/database_test.hpp"

// Streams of changes against a real server.
namespace newsroom {

using namespace dynasio::dsl;

struct Story {
    std::string id{};
    std::string title{};
    std::int64_t words{};
};
constexpr auto dynasio_schema(dynasio::tag<Story>) {
    return entity<Story>(table{"stories"}, partition_key<&Story::id>, streamed<>);
}
/// The same table, of a program that reads less, and of one that knows no stream.
struct StoryKey {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<StoryKey>) {
    return entity<StoryKey>(table{"stories"}, partition_key<&StoryKey::id>, streamed<stream_view::keys_only>);
}
struct OldStory {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<OldStory>) {
    return entity<OldStory>(table{"stories"}, partition_key<&OldStory::id>);
}
/// A composite key, whose parts the service tells in any order.
struct Line {
    std::string story_id{};
    int number{};
    std::string text{};
};
constexpr auto dynasio_schema(dynasio::tag<Line>) {
    return entity<Line>(table{"lines"}, partition_key<&Line::story_id>, sort_key<&Line::number>,
                        streamed<stream_view::after_image>);
}
/// Of the first table, of a program whose hook throws what is no error of the library.
struct Headline {
    std::string id{};
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Headline>) {
    return entity<Headline>(table{"stories"}, partition_key<&Headline::id>, streamed<>, after_read([](Headline& h) {
                                if (h.title == "boom") throw std::runtime_error("no such headline");
                            }));
}

} // namespace newsroom

namespace dynasio {
namespace {

using namespace std::chrono_literals;
using namespace dynasio::dsl;
using newsroom::Headline;
using newsroom::Line;
using newsroom::OldStory;
using newsroom::Story;
using newsroom::StoryKey;

class changes_test : public test::database_test {
protected:
    static constexpr auto often = poll_every(1ms);

    void put(std::string const& table, dynamodb::item item) {
        run(direct.put_item(dynamodb::put_item_request(prefix + table, std::move(item))));
    }
    static dynamodb::item story_item(std::string const& id, std::string const& title, std::int64_t words) {
        dynamodb::item item;
        item.emplace("id", id);
        item.emplace("title", title);
        item.emplace("words", dynamodb::number(words));
        return item;
    }
    Story store(std::string id, std::string title = "", std::int64_t words = 0) {
        Story story{std::move(id), std::move(title), words};
        save(story);
        return story;
    }
    template <class T> item_change<T> next(change_stream<T>& from) {
        auto change = run(from.next());
        if (!change) throw std::runtime_error("the stream has ended");
        return *std::move(change);
    }

    repository<Story> stories{db};
};

TEST_F(changes_test, tell_what_was_written_as_entities_before_and_after) {
    create_tables<Story>();
    put("stories", story_item("s1", "Rain", 100)); // by another program
    put("stories", story_item("s1", "Snow", 120));
    EXPECT_TRUE(run(repository<Story>(direct).remove_key("s1")));
    auto changes = stories.changes(from_start, often);

    auto const first = next(changes);
    EXPECT_EQ(first.kind, change_kind::insert);
    EXPECT_EQ(first.key.json(), R"({"id":{"S":"s1"}})");
    EXPECT_FALSE(first.before);
    ASSERT_TRUE(first.after);
    EXPECT_EQ(first.after->title, "Rain");
    EXPECT_EQ(first.after->words, 100);
    EXPECT_FALSE(first.sequence_number.empty());
    EXPECT_LT(std::chrono::abs(first.at - std::chrono::system_clock::now()), 10min);

    auto const second = next(changes);
    EXPECT_EQ(second.kind, change_kind::modify);
    ASSERT_TRUE(second.before && second.after);
    EXPECT_EQ(second.before->title, "Rain");
    EXPECT_EQ(second.after->title, "Snow");

    auto const third = next(changes);
    EXPECT_EQ(third.kind, change_kind::remove);
    ASSERT_TRUE(third.before);
    EXPECT_EQ(third.before->title, "Snow");
    EXPECT_FALSE(third.after);
    EXPECT_FALSE(third.expired);

    EXPECT_FALSE(run(changes.next(1ms)));
    EXPECT_FALSE(changes.ended());
    EXPECT_FALSE(run(stories.find(third.key)));
}

TEST_F(changes_test, from_now_on_begin_with_start) {
    create_tables<Story>();
    store("before");
    auto changes = stories.changes(from_now, often);
    run(changes.start());
    store("after");
    EXPECT_EQ(next(changes).after->id, "after");
}

TEST_F(changes_test, go_on_in_another_client_where_the_position_was_stored) {
    create_tables<Story>();
    for (int i = 0; i < 5; ++i) store("s" + std::to_string(i));
    std::string stored;
    {
        client first(ctx, test::options_for(endpoint.url(), prefix));
        auto changes = repository<Story>(first).changes(from_start, often);
        for (int i = 0; i < 3; ++i) EXPECT_EQ(next(changes).after->id, "s" + std::to_string(i));
        stored = changes.position().text();
        EXPECT_EQ(next(changes).after->id, "s3") << "given, and the program ends before it has stored that";
    }
    store("s5");
    client second(ctx, test::options_for(endpoint.url(), prefix));
    auto changes = repository<Story>(second).changes(change_position(stored), often);
    for (int i = 3; i < 6; ++i) EXPECT_EQ(next(changes).after->id, "s" + std::to_string(i));
}

TEST_F(changes_test, from_now_on_are_not_lost_when_a_program_ends_before_the_first) {
    create_tables<Story>();
    std::string stored;
    {
        auto changes = stories.changes(from_now, often);
        run(changes.start());
        stored = changes.position().text();
    }
    store("meanwhile");
    auto changes = stories.changes(change_position(stored), often);
    EXPECT_EQ(next(changes).after->id, "meanwhile");
}

TEST_F(changes_test, a_position_belongs_to_one_entity_and_one_table) {
    create_tables<Story>();
    auto changes = stories.changes(from_start, often);
    EXPECT_EQ(failure_of_call([&] { (void)changes.position(); }).code, errc::invalid_argument);
    run(changes.start());
    auto const position = changes.position();
    auto others = repository<StoryKey>(db).changes(position, often);
    EXPECT_EQ(failure_of(others.next()).code, errc::invalid_cursor);
    client elsewhere(ctx, test::options_for(server, test::own_prefix()));
    auto of_another_table = repository<Story>(elsewhere).changes(position, often);
    EXPECT_EQ(failure_of(of_another_table.next()).code, errc::invalid_cursor);
    auto empty = stories.changes(change_position(""), often);
    EXPECT_EQ(failure_of(empty.next()).code, errc::invalid_cursor);
}

TEST_F(changes_test, an_item_that_fits_no_entity_is_named_and_the_next_one_comes) {
    create_tables<Story>();
    auto bad = story_item("bad", "x", 1);
    bad.insert_or_assign("words", "many");
    store("s1");
    put("stories", bad);
    store("s2");
    auto changes = stories.changes(from_start, often);
    EXPECT_EQ(next(changes).after->id, "s1");
    auto const why = failure_of(changes.next());
    EXPECT_EQ(why.code, errc::attribute_type_mismatch);
    EXPECT_EQ(why.info->key, R"({"id":{"S":"bad"}})");
    EXPECT_EQ(why.info->entity, "Story");
    EXPECT_EQ(why.info->attribute, "words");
    EXPECT_EQ(why.info->table, prefix + "stories");
    auto const behind_it = changes.position();
    EXPECT_EQ(next(changes).after->id, "s2");
    auto resumed = stories.changes(behind_it, often);
    EXPECT_EQ(next(resumed).after->id, "s2");

    std::vector<bad_item> left_out;
    auto tolerant = stories.changes(from_start, often, on_bad_item(collect(left_out)));
    EXPECT_EQ(next(tolerant).after->id, "s1");
    EXPECT_EQ(next(tolerant).after->id, "s2");
    ASSERT_EQ(left_out.size(), 1U);
    EXPECT_NE(left_out[0].item.find("many"), std::string::npos);
    EXPECT_EQ(left_out[0].why.info->key, R"({"id":{"S":"bad"}})");
}

TEST_F(changes_test, whatever_a_hook_throws_the_next_change_comes) {
    create_tables<Story>();
    store("s1", "fine");
    store("s2", "boom");
    store("s3", "fine");
    auto changes = repository<Headline>(db).changes(from_start, often);
    EXPECT_EQ(next(changes).after->id, "s1");
    EXPECT_THROW(run(changes.next()), std::runtime_error);
    EXPECT_EQ(next(changes).after->id, "s3");
}

TEST_F(changes_test, need_a_stream_that_holds_what_is_asked_for) {
    create_tables<OldStory>();
    auto none = stories.changes(from_start);
    auto const no_stream = failure_of(none.next());
    EXPECT_EQ(no_stream.code, errc::no_stream);
    EXPECT_EQ(no_stream.info->table, prefix + "stories");
    EXPECT_EQ(no_stream.info->entity, "Story");

    run(dynasio::update_tables<StoryKey>(direct));
    auto too_little = stories.changes(from_start);
    EXPECT_EQ(failure_of(too_little.next()).code, errc::no_stream);
    EXPECT_EQ(failure_of(too_little.next()).code, errc::no_stream) << "and again";

    store("s1", "Rain");
    auto enough = stories.changes(from_start, often, seeing(stream_view::keys_only));
    auto const change = next(enough);
    EXPECT_EQ(change.key.json(), R"({"id":{"S":"s1"}})");
    EXPECT_FALSE(change.before || change.after);
    EXPECT_EQ(run(stories.get(change.key)).title, "Rain");
    auto declared = repository<StoryKey>(db).changes(from_start, often);
    EXPECT_EQ(next(declared).key.json(), R"({"id":{"S":"s1"}})");
}

TEST_F(changes_test, tables_are_created_compared_and_updated_with_their_stream) {
    create_tables<OldStory>();
    auto const missing = run(dynasio::compare_tables<Story>(direct));
    ASSERT_EQ(missing.size(), 1U);
    EXPECT_EQ(missing[0].kind, difference_kind::stream);
    auto const plan = run(dynasio::plan_tables<Story>(direct));
    ASSERT_EQ(plan.size(), 1U);
    EXPECT_EQ(plan[0].kind, table_change_kind::enable_stream);
    EXPECT_EQ(plan[0].message, "enable the stream of changes with NEW_AND_OLD_IMAGES");
    std::vector<table_step> steps;
    run(dynasio::update_tables<Story>(direct, {}, [&](table_progress const& p) { steps.push_back(p.step); }));
    EXPECT_TRUE(std::find(steps.begin(), steps.end(), table_step::stream_enabled) != steps.end());
    EXPECT_TRUE(run(dynasio::compare_tables<Story>(direct)).empty());
    EXPECT_TRUE(run(dynasio::plan_tables<Story>(direct)).empty());
    EXPECT_TRUE(run(dynasio::compare_tables<StoryKey>(direct)).empty()) << "it holds more";
    run(dynasio::create_tables<Story>(direct));
}

TEST_F(changes_test, a_stream_that_holds_less_is_a_conflict) {
    create_tables<StoryKey>();
    auto const why = failure_of(dynasio::update_tables<Story>(direct));
    EXPECT_EQ(why.code, errc::schema_conflict);
    EXPECT_NE(why.to_string().find("KEYS_ONLY"), std::string::npos);
}

TEST_F(changes_test, create_tables_enables_the_stream_of_a_table_that_is_there) {
    create_tables<OldStory>();
    run(dynasio::create_tables<Story>(direct));
    EXPECT_TRUE(run(dynasio::compare_tables<Story>(direct)).empty());
}

TEST_F(changes_test, have_keys_in_the_order_of_the_table) {
    create_tables<Line>();
    repository<Line> const lines(db);
    Line line{"s1", 7, "It rained."};
    save(line);
    auto changes = lines.changes(from_start, often);
    auto const change = next(changes);
    EXPECT_EQ(change.key.json(), R"({"story_id":{"S":"s1"},"number":{"N":"7"}})");
    EXPECT_EQ(run(lines.get(change.key)).text, "It rained.");
    line.text = "It snowed.";
    save(line);
    auto const second = next(changes);
    EXPECT_EQ(second.after->text, "It snowed.");
    EXPECT_FALSE(second.before) << "the stream does not hold it";
}

TEST_F(changes_test, bear_throttling_lost_connections_and_expired_iterators) {
    create_tables<Story>();
    for (int i = 0; i < 20; ++i) store("s" + std::to_string(i));
    using testing::match;
    endpoint.on(match("GetRecords")).nth(1).throttle("ProvisionedThroughputExceededException");
    endpoint.on(match("GetRecords")).nth(1).answer_error(400, "ExpiredIteratorException", "expired");
    endpoint.on(match("GetShardIterator")).nth(1).drop_connection();
    endpoint.on(match("DescribeStream")).nth(1).answer_error(500, "InternalServerError", "try again");
    auto changes = stories.changes(from_start, often);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(next(changes).after->id, "s" + std::to_string(i));
    auto expiring = endpoint.on(match("GetRecords")).times(1).answer_error(400, "ExpiredIteratorException", "expired");
    store("s20");
    EXPECT_EQ(next(changes).after->id, "s20");
    EXPECT_EQ(expiring.used(), 1U);
}

TEST_F(changes_test, that_the_service_has_dropped_are_an_error_or_skipped) {
    create_tables<Story>();
    store("s1");
    auto first = stories.changes(from_start, often);
    EXPECT_EQ(next(first).after->id, "s1");
    auto const position = first.position();
    store("s2");
    auto const drop = [&] {
        return endpoint.on(testing::match("GetShardIterator"))
            .times(1)
            .answer_error(400, "TrimmedDataAccessException", "trimmed");
    };
    drop();
    auto strict = stories.changes(position, often);
    auto const why = failure_of(strict.next());
    EXPECT_EQ(why.code, errc::changes_lost);
    EXPECT_EQ(why.info->service_code, "TrimmedDataAccessException");
    EXPECT_EQ(why.info->entity, "Story");
    EXPECT_EQ(strict.position(), position) << "nothing was given";
    drop();
    auto tolerant = stories.changes(position, often, on_lost_changes(skip));
    EXPECT_EQ(next(tolerant).after->id, "s1") << "the oldest that is there";
    EXPECT_EQ(tolerant.gaps(), 1U);
}

TEST_F(changes_test, of_a_stream_that_is_gone_are_lost) {
    create_tables<Story>();
    store("s1");
    auto changes = stories.changes(from_start, often);
    (void)next(changes);
    auto const position = changes.position();
    run(dynasio::drop_tables<Story>(direct));
    auto resumed = stories.changes(position, often);
    EXPECT_EQ(failure_of(resumed.next()).code, errc::changes_lost);
}

TEST_F(changes_test, after_an_error_the_stream_goes_on_where_it_was) {
    create_tables<Story>();
    for (int i = 0; i < 3; ++i) store("s" + std::to_string(i));
    auto changes = stories.changes(from_start, often);
    EXPECT_EQ(next(changes).after->id, "s0");
    EXPECT_EQ(next(changes).after->id, "s1");
    EXPECT_EQ(next(changes).after->id, "s2");
    auto denied = endpoint.on(testing::match("GetRecords")).answer_error(400, "AccessDeniedException", "no");
    store("s3");
    EXPECT_EQ(failure_of(changes.next()).code, service_errc::access_denied);
    EXPECT_EQ(failure_of(changes.next()).code, service_errc::access_denied);
    denied.remove();
    EXPECT_EQ(next(changes).after->id, "s3");
}

TEST_F(changes_test, waiting_can_be_cancelled_and_loses_nothing) {
    create_tables<Story>();
    auto changes = stories.changes(from_start, poll_every(1h));
    EXPECT_FALSE(run(changes.next(0ms)));
    boost::asio::cancellation_signal stop;
    std::exception_ptr ended;
    bool done = false;
    auto waiting = changes.next();
    boost::asio::co_spawn(ctx, std::move(waiting),
                          boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, auto const&) {
                              ended = std::move(e);
                              done = true;
                          }));
    ctx.restart();
    ctx.poll();
    EXPECT_EQ(failure_of(changes.next()).code, errc::invalid_argument) << "one at a time";
    stop.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return done; });
    EXPECT_TRUE(ended);
    store("s1");
    auto again = stories.changes(changes.position(), often);
    EXPECT_EQ(next(again).after->id, "s1");
}

TEST_F(changes_test, of_a_thread_safe_client_come_to_their_caller) {
    create_tables<Story>();
    store("s1");
    auto options = test::options_for(server, prefix);
    options.thread_safe = true;
    client safe(ctx, options);
    auto changes = repository<Story>(safe).changes(from_start, often);
    EXPECT_EQ(next(changes).after->id, "s1");
    EXPECT_FALSE(changes.position().text().empty());
}

TEST_F(changes_test, tell_the_state_of_the_table_to_whoever_applies_them) {
    create_tables<Story>();
    std::map<std::string, Story> model;
    auto const apply = [&](item_change<Story> const& change) {
        std::string const id = change.after ? change.after->id : change.before->id;
        if (change.after)
            model.insert_or_assign(id, *change.after);
        else
            model.erase(id);
    };
    std::mt19937 random(11);
    repository<Story> const writer(direct);
    auto changes = std::make_unique<change_stream<Story>>(stories.changes(from_start, often));
    std::optional<change_position> stored;
    for (int round = 0; round < 20; ++round) {
        std::vector<test::task<void>> writes;
        std::vector<Story> written(8);
        std::vector<test::task<bool>> removals;
        for (auto& story : written) {
            story = Story{"s" + std::to_string(random() % 10), "round " + std::to_string(round),
                          static_cast<std::int64_t>(random() % 1000)};
            if (random() % 4 == 0)
                removals.push_back(start(writer.remove_key(story.id)));
            else
                writes.push_back(start(writer.save(story)));
        }
        for (auto& t : writes) finish(t);
        for (auto& t : removals) (void)finish(t);
        for (unsigned i = 0; i < random() % 12; ++i) {
            auto const change = run(changes->next(0ms));
            if (!change) break;
            apply(*change);
            if (random() % 3 == 0) stored = changes->position();
        }
        // The program ends, and begins again where it was when it stored its position: some changes come twice.
        if (stored && random() % 4 == 0)
            changes = std::make_unique<change_stream<Story>>(stories.changes(*stored, often));
    }
    while (auto const change = run(changes->next(300ms))) apply(*change);
    std::map<std::string, std::string> expected, found;
    for (auto const& story : run(writer.scan().all()))
        expected[story.id] = story.title + ' ' + std::to_string(story.words);
    for (auto const& [id, story] : model) found[id] = story.title + ' ' + std::to_string(story.words);
    EXPECT_EQ(found, expected);
    EXPECT_FALSE(expected.empty());
}

class second_server_changes : public test::database_test {
protected:
    second_server_changes() : database_test("DYNASIO_DYNALITE_ENDPOINT") {}
};

TEST_F(second_server_changes, of_a_server_without_streams_are_an_error_that_says_so) {
    create_tables<OldStory>();
    auto changes = repository<Story>(db).changes(from_start);
    auto const why = failure_of(changes.next());
    EXPECT_EQ(why.code, errc::no_stream);
    EXPECT_NE(why.info->message.find("use a server that has streams"), std::string::npos);
}

} // namespace
} // namespace dynasio
