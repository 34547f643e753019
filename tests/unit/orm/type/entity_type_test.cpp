#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <dynasio/core/error.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "../model.hpp"
#include "orm/type/item_values.hpp"
#include "orm/type/key_text.hpp"
#include "support/error_of.hpp"

namespace full {

struct Tag;
struct no_codec {
    int* pointer = nullptr;
};
struct Event {
    std::string stream{};
    std::int64_t sequence{};
    std::string displayName{};
    std::string kind{"default kind"};
    std::optional<std::string> note{};
    std::vector<std::string> labels{};
    std::map<std::string, std::vector<int>> counts{};
    dynasio::dynamodb::binary payload{};
    bool done{true};
    std::string scratch{};
    no_codec handle{};
    dynasio::timestamp at{};
    dynasio::timestamp made{};
    dynasio::belongs_to_many<Tag> tags{};
};
struct Tag {
    std::string id{};
};
struct Late {
    std::string id{};
    dynasio::belongs_to_many<Tag> tags{};
};
constexpr auto dynasio_schema(dynasio::tag<Late>) {
    using namespace dynasio;
    return entity<Late>(relate<&Late::tags>(), partition_key<&Late::id>, table{"latecomers"});
}
constexpr auto dynasio_schema(dynasio::tag<Event>) {
    using namespace dynasio;
    return entity<Event>(partition_key<&Event::stream>, sort_key<&Event::sequence>, attribute<&Event::note>{"n"},
                         transient<&Event::scratch>, transient<&Event::handle>, created_at<&Event::made>,
                         gsi<&Event::kind>{"by_kind"}, gsi<&Event::displayName, &Event::at>{"by_name"},
                         lsi<&Event::at>{"by_time"}, relate<&Event::tags>(pivot_table{"event_tags"}));
}
constexpr auto dynasio_schema(dynasio::tag<Tag>) { return dynasio::entity<Tag>(dynasio::partition_key<&Tag::id>); }

struct Pair {
    std::string left{}, right{};
};
constexpr auto dynasio_schema(dynasio::tag<Pair>) {
    return dynasio::entity<Pair>(dynasio::partition_key<&Pair::left>, dynasio::sort_key<&Pair::right>);
}

struct Twice {
    std::string id{};
    std::string other{};
};
constexpr auto dynasio_schema(dynasio::tag<Twice>) {
    return dynasio::entity<Twice>(dynasio::partition_key<&Twice::id>, dynasio::attribute<&Twice::other>{"id"});
}

struct Blob {
    dynasio::dynamodb::binary id{};
};
constexpr auto dynasio_schema(dynasio::tag<Blob>) { return dynasio::entity<Blob>(dynasio::partition_key<&Blob::id>); }

struct Mood {
    int value = 0;
};
/// NULL is a value of its own here.
enum class Answer { no, yes, unknown };
struct Diary {
    std::string id{};
    Mood mood{};
    Answer answer{};
};
constexpr auto dynasio_schema(dynasio::tag<Diary>) {
    return dynasio::entity<Diary>(dynasio::partition_key<&Diary::id>);
}

/// Keys whose members do not keep every spelling, and a foreign key of the same kind.
struct Sample {
    std::string device{};
    dynasio::timestamp at{};
    std::optional<dynasio::timestamp> previous{};
    dynasio::timestamp other{};
    dynasio::belongs_to<struct Level> level{};
};
struct Level {
    dynasio::timestamp since{};
};
constexpr auto dynasio_schema(dynasio::tag<Level>) {
    return dynasio::entity<Level>(dynasio::partition_key<&Level::since>);
}
/// A key with a codec of the program's own that drops fractions.
struct rounded {
    int value = 0;
};
constexpr auto dynasio_schema(dynasio::tag<Sample>) {
    using namespace dynasio;
    return entity<Sample>(partition_key<&Sample::device>, sort_key<&Sample::at>,
                          relate<&Sample::level>(by<&Sample::previous>));
}

} // namespace full

/// A codec that writes nothing for 0, and fails in a way of its own.
template <> struct dynasio::codec<full::Mood> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::map;
    static void encode(std::string& out, full::Mood value) {
        if (value.value != 0) out += R"({"M":{"value":{"N":")" + std::to_string(value.value) + R"("}}})";
    }
    static void decode(dynasio::dynamodb::json_reader& in, full::Mood& value) {
        expect(in, type);
        in.enter_object();
        std::string_view name;
        while (in.next_member(name)) {
            if (name != "value") throw std::out_of_range("a mood has a value and nothing else");
            codec<int>::decode(in, value.value);
        }
        in.close_attribute();
    }
};

template <> struct dynasio::codec<full::rounded> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::number;
    static void encode(std::string& out, full::rounded value) { codec<int>::encode(out, value.value); }
    static void decode(dynasio::dynamodb::json_reader& in, full::rounded& value) {
        double number = 0;
        codec<double>::decode(in, number);
        value.value = static_cast<int>(number);
    }
};

namespace full {

struct Minute {
    rounded at{};
};
constexpr auto dynasio_schema(dynasio::tag<Minute>) {
    return dynasio::entity<Minute>(dynasio::partition_key<&Minute::at>);
}

} // namespace full

template <> struct dynasio::codec<full::Answer> {
    static constexpr auto type = dynasio::dynamodb::attribute_type::boolean;
    static bool absent(full::Answer value) { return value == full::Answer::no; }
    static void encode(std::string& out, full::Answer value) { codec<bool>::encode(out, value == full::Answer::yes); }
    static void decode(dynasio::dynamodb::json_reader& in, full::Answer& value) {
        value = full::Answer::unknown;
        if (!dynasio::detail::begin_unless_null(in)) return;
        bool yes = false;
        codec<bool>::decode(in, yes);
        value = yes ? full::Answer::yes : full::Answer::no;
    }
};

namespace {

using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::error;
using dynasio::dynamodb::json_reader;
using full::Event;
using full::Pair;
using shop::User;

using dynasio::test::error_of;

template <class T> T decoded(std::string const& text) {
    T entity{};
    json_reader in{std::string_view(text)};
    entity_type_of<T>().decode(in, &entity);
    in.finish();
    return entity;
}

template <class T> std::string encoded(T const& entity) {
    std::string out = "{";
    entity_type_of<T>().encode_members(out, &entity, {});
    return out + '}';
}

template <class T> std::string key_text(T const& entity) {
    return dynasio::detail::key_text(entity_type_of<T>(), &entity);
}

TEST(description, names_entity_and_table) {
    EXPECT_EQ(entity_type_of<Event>().name, "Event");
    EXPECT_EQ(entity_type_of<Event>().table, "events");
    EXPECT_EQ(entity_type_of<User>().table, "users");
    EXPECT_EQ(&entity_type_of<User>(), &entity_type_of<User>());
}

TEST(description, names_attributes_in_snake_case_but_where_overridden) {
    std::vector<std::string> names, members;
    for (auto const& a : entity_type_of<Event>().attributes) {
        names.push_back(a.name);
        members.push_back(a.member);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"stream", "sequence", "display_name", "kind", "n", "labels", "counts",
                                               "payload", "done", "at", "made"}));
    EXPECT_EQ(members, (std::vector<std::string>{"stream", "sequence", "displayName", "kind", "note", "labels",
                                                 "counts", "payload", "done", "at", "made"}));
}

TEST(description, knows_types_and_what_is_optional) {
    auto const& t = entity_type_of<Event>();
    using type = dynasio::dynamodb::attribute_type;
    EXPECT_EQ(t[*t.find_attribute("sequence")].type, type::number);
    EXPECT_EQ(t[*t.find_attribute("labels")].type, type::list);
    EXPECT_EQ(t[*t.find_attribute("counts")].type, type::map);
    EXPECT_EQ(t[*t.find_attribute("payload")].type, type::binary);
    EXPECT_EQ(t[*t.find_attribute("n")].type, type::string);
    EXPECT_TRUE(t[*t.find_attribute("n")].optional);
    EXPECT_FALSE(t[*t.find_attribute("kind")].optional);
    EXPECT_EQ(t.find_attribute("note"), std::nullopt);
    EXPECT_EQ(t.find_attribute("scratch"), std::nullopt);
    EXPECT_EQ(t.find_attribute("tags"), std::nullopt);
}

TEST(description, knows_keys_and_indexes) {
    auto const& t = entity_type_of<Event>();
    auto const name = [&](dynasio::attribute_index i) { return t[i].name; };
    EXPECT_EQ(name(t.key.partition), "stream");
    EXPECT_EQ(name(*t.key.sort), "sequence");
    ASSERT_EQ(t.indexes.size(), 3U);
    EXPECT_EQ(t.indexes[0].name, "by_kind");
    EXPECT_EQ(name(t.indexes[0].partition), "kind");
    EXPECT_EQ(name(*t.indexes[0].sort), "stream") << "the table's partition key orders an index without a sort key";
    EXPECT_EQ(name(t.indexes[1].partition), "display_name");
    EXPECT_EQ(name(*t.indexes[1].sort), "at");
    EXPECT_EQ(name(t.indexes[2].partition), "stream");
    EXPECT_EQ(name(*t.indexes[2].sort), "at");
    EXPECT_TRUE(t.indexes[2].local);
    EXPECT_FALSE(t.indexes[1].local);
    EXPECT_TRUE(t[*t.find_attribute("kind")].index_key);
    EXPECT_FALSE(t[*t.find_attribute("stream")].index_key) << "an empty table key must stay an error";
    EXPECT_EQ(t.key_attributes().size(), 2U);
    EXPECT_EQ(name(*t.created_at), "made");
    EXPECT_FALSE(t.updated_at.has_value());
    EXPECT_FALSE(t.version.has_value());
}

TEST(description, knows_times_and_version) {
    auto const& t = entity_type_of<User>();
    EXPECT_EQ(t[*t.created_at].name, "created_at");
    EXPECT_EQ(t[*t.updated_at].name, "updated_at");
    EXPECT_EQ(t[*t.version].name, "version");
}

TEST(description, knows_relations) {
    auto const& t = entity_type_of<User>();
    using kind = dynasio::detail::relation_kind;
    auto const* const posts = t.find_relation("posts");
    ASSERT_NE(posts, nullptr);
    EXPECT_EQ(posts->kind, kind::has_many);
    EXPECT_EQ(posts->path(), "User.posts");
    EXPECT_EQ(&posts->owner(), &t);
    EXPECT_EQ(&posts->target(), &entity_type_of<shop::Post>());
    EXPECT_EQ(posts->owner_key, std::vector<dynasio::attribute_index>{t.key.partition});
    EXPECT_EQ(posts->target_key, std::vector{*entity_type_of<shop::Post>().find_attribute("author_id")});
    EXPECT_EQ(t.find_relation("profile")->kind, kind::has_one);
    EXPECT_EQ(t.find_relation("received")->kind, kind::has_many_through);
    EXPECT_EQ(&t.find_relation("received")->first(), posts);
    EXPECT_EQ(t.find_relation("received")->second().path(), "Post.comments");
    EXPECT_EQ(t.find_relation("email"), nullptr);
    auto const& post = entity_type_of<shop::Post>();
    auto const* const author = post.find_relation("author");
    EXPECT_EQ(author->kind, kind::belongs_to);
    EXPECT_EQ(author->owner_key, std::vector{*post.find_attribute("author_id")});
    EXPECT_EQ(author->target_key, std::vector{t.key.partition});
    EXPECT_EQ(post.find_relation("editor")->owner_key, std::vector{*post.find_attribute("editor_id")});
}

TEST(description, of_both_sides_of_a_belongs_to_many_agrees) {
    auto const& roles = *entity_type_of<User>().find_relation("roles");
    auto const& users = *entity_type_of<shop::Role>().find_relation("users");
    EXPECT_EQ(roles.pivot_table, "pivots");
    EXPECT_EQ(roles.pivot_key, "users_roles");
    EXPECT_EQ(roles.inverse_relation, nullptr);
    ASSERT_NE(users.inverse_relation, nullptr);
    EXPECT_EQ(&users.inverse_relation(), &roles);
    EXPECT_EQ(entity_type_of<Event>().find_relation("tags")->pivot_table, "event_tags");
}

TEST(description, names_links_by_the_table_wherever_it_is_named) {
    EXPECT_EQ(entity_type_of<full::Late>().find_relation("tags")->pivot_key, "latecomers_tags");
}

TEST(description, of_composite_relations_has_both_parts) {
    auto const& device = entity_type_of<shop::Device>();
    auto const& readings = *device.find_relation("readings");
    EXPECT_EQ(readings.owner_key, device.key_attributes());
    EXPECT_EQ(readings.target_key.size(), 2U);
    auto const paths = entity_type_of<shop::Reading>().paths_by(readings.target_key);
    ASSERT_EQ(paths.size(), 1U);
    EXPECT_EQ(paths[0]->name, "by_device");
}

TEST(description, finds_paths_by_partition_key) {
    auto const& post = entity_type_of<shop::Post>();
    std::vector const by{*post.find_attribute("author_id")};
    auto const paths = post.paths_by(by);
    ASSERT_EQ(paths.size(), 2U);
    EXPECT_EQ(paths[0]->name, "by_author");
    EXPECT_EQ(paths[1]->name, "by_author_score");
    EXPECT_TRUE(post.paths_by({}).empty());
    std::vector const none{*post.find_attribute("title")};
    EXPECT_TRUE(post.paths_by(none).empty());
}

TEST(description, refuses_two_members_of_one_name) {
    auto const e = error_of([] { (void)entity_type_of<full::Twice>(); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_EQ(e.info().entity, "Twice");
    EXPECT_EQ(e.info().attribute, "id");
}

Event full_event() {
    Event e;
    e.stream = "orders";
    e.sequence = -9223372036854775807LL - 1;
    e.displayName = "Näme";
    e.kind = "k";
    e.note = "note";
    e.labels = {"b", "a", "b"};
    e.counts = {{"x", {1, 2}}, {"y", {}}};
    e.payload.bytes = std::string("\0\xff", 2);
    e.done = false;
    e.scratch = "not stored";
    e.at = dynasio::timestamp::parse("2026-11-21T07:30:00.123Z").value();
    e.made = e.at;
    return e;
}

TEST(entity, survives_the_way_to_the_wire_and_back) {
    Event const e = full_event();
    Event const back = decoded<Event>(encoded(e));
    EXPECT_EQ(back.stream, e.stream);
    EXPECT_EQ(back.sequence, e.sequence);
    EXPECT_EQ(back.displayName, e.displayName);
    EXPECT_EQ(back.kind, e.kind);
    EXPECT_EQ(back.note, e.note);
    EXPECT_EQ(back.labels, e.labels);
    EXPECT_EQ(back.counts, e.counts);
    EXPECT_EQ(back.payload, e.payload);
    EXPECT_EQ(back.done, e.done);
    EXPECT_EQ(back.scratch, "");
    EXPECT_EQ(back.at, e.at);
    EXPECT_EQ(back.made, e.made);
    EXPECT_FALSE(back.tags.loaded());
}

TEST(entity, stores_no_relation_and_no_transient_member) {
    auto const json = boost::json::parse(encoded(full_event())).as_object();
    EXPECT_EQ(json.size(), 11U);
    EXPECT_FALSE(json.contains("scratch"));
    EXPECT_FALSE(json.contains("tags"));
    EXPECT_EQ(json.at("n"), boost::json::parse(R"({"S":"note"})"));
}

TEST(entity, stores_empty_members_by_their_kind) {
    Event e;
    e.stream = "s";
    e.kind = "";
    auto const json = boost::json::parse(encoded(e)).as_object();
    EXPECT_FALSE(json.contains("n")) << "an empty optional";
    EXPECT_FALSE(json.contains("at")) << "an unset time";
    EXPECT_FALSE(json.contains("kind")) << "an empty string as key of an index";
    EXPECT_FALSE(json.contains("display_name")) << "the same";
    EXPECT_EQ(json.at("labels"), boost::json::parse(R"({"L":[]})"));
    EXPECT_EQ(json.at("counts"), boost::json::parse(R"({"M":{}})"));
    User u;
    u.id = "1";
    EXPECT_EQ(boost::json::parse(encoded(u)).at("name"), boost::json::parse(R"({"S":""})"))
        << "an empty string that is no key";
}

TEST(entity, takes_values_given_in_place_of_its_own) {
    User u;
    u.id = "1";
    u.name = "own";
    auto const& t = entity_type_of<User>();
    std::vector<dynasio::entity_type::override_value> overrides;
    overrides.push_back({*t.find_attribute("version"), std::uint64_t{5}});
    overrides.push_back({*t.find_attribute("name"), std::string("made")});
    std::string out = "{";
    t.encode_members(out, &u, overrides);
    auto const json = boost::json::parse(out + '}').as_object();
    EXPECT_EQ(json.at("version"), boost::json::parse(R"({"N":"5"})"));
    EXPECT_EQ(json.at("name"), boost::json::parse(R"({"S":"made"})"));
    EXPECT_EQ(json.at("id"), boost::json::parse(R"({"S":"1"})"));
    for (auto const& made : overrides) t.assign(&u, made);
    EXPECT_EQ(u.version, 5U);
    EXPECT_EQ(u.name, "made");
}

TEST(entity, is_read_with_its_attributes_in_any_order) {
    auto object = boost::json::parse(encoded(full_event())).as_object();
    std::vector<std::string> names;
    for (auto const& member : object) names.emplace_back(member.key());
    std::sort(names.begin(), names.end());
    for (int round = 0; round < 200; ++round) {
        std::next_permutation(names.rbegin(), names.rend());
        std::rotate(names.begin(), names.begin() + 1, names.end());
        std::string text = "{";
        for (auto const& name : names) {
            if (text.size() > 1) text += ',';
            text += boost::json::serialize(boost::json::value(name)) + ':' + boost::json::serialize(object.at(name));
        }
        Event const e = decoded<Event>(text + '}');
        ASSERT_EQ(encoded(e), encoded(full_event())) << text;
    }
}

struct LongNames {
    std::string id{}, first{}, second{}, third{}, fourth{};
};
constexpr auto dynasio_schema(dynasio::tag<LongNames>) {
    using namespace dynasio;
    return entity<LongNames>(partition_key<&LongNames::id>, attribute<&LongNames::first>{"0123456789abcdef"},
                             attribute<&LongNames::second>{"0123456789abcdef_long_1"},
                             attribute<&LongNames::third>{"0123456789abcdef_long_2"},
                             attribute<&LongNames::fourth>{"0123456789abcde"});
}

TEST(entity, tells_long_names_with_one_beginning_apart) {
    LongNames e;
    e.id = "i";
    e.first = "1";
    e.second = "2";
    e.third = "3";
    e.fourth = "4";
    for (std::string const& tail : {std::string(), std::string(40, ' ')}) {
        LongNames const got = decoded<LongNames>(encoded(e) + tail);
        EXPECT_EQ(got.first + got.second + got.third + got.fourth, "1234");
    }
    LongNames const other = decoded<LongNames>(R"({"0123456789abcdef_long_3":{"S":"x"},"id":{"S":"i"},"i":{"S":"y"},)"
                                               R"("0123456789abcdef_lon":{"S":"z"},"idd":{"S":"z"}})");
    EXPECT_EQ(encoded(other), R"({"id":{"S":"i"},"0123456789abcdef":{"S":""},"0123456789abcdef_long_1":{"S":""},)"
                              R"("0123456789abcdef_long_2":{"S":""},"0123456789abcde":{"S":""}})");
}

TEST(entity, tells_where_the_values_of_its_key_lie) {
    std::string const text = R"({ "tags" : {"L":[]}, "sequence" : {"N": "1"} , "stream": {"S":"s"}  ,"x":{"S":"y"}})";
    json_reader in{std::string_view(text)};
    Event e;
    auto const& type = entity_type_of<Event>();
    dynasio::detail::item_values found;
    type.decode(in, &e, found);
    EXPECT_EQ(found[type.key.partition], R"({"S":"s"})");
    EXPECT_EQ(found[*type.key.sort], R"({"N": "1"})");
    EXPECT_FALSE(found.has(*type.find_attribute("kind")));
    EXPECT_EQ(found[*type.find_attribute("kind")], "");
    std::string key;
    type.encode_key(key, found);
    EXPECT_EQ(key, R"({"stream":{"S":"s"},"sequence":{"N": "1"}})");
    EXPECT_TRUE(type.spells_key(key, found));
    EXPECT_FALSE(type.spells_key(R"({"stream":{"S":"s"},"sequence":{"N":"1"}})", found)) << "another spelling";

    std::string const next = R"({"kind":{"S":"k"},"stream":{"S":"t"},"sequence":{"N":"2"}})";
    json_reader in_next{std::string_view(next)};
    type.decode(in_next, &e, found);
    EXPECT_EQ(found[type.key.partition], R"({"S":"t"})");
    EXPECT_EQ(found[*type.find_attribute("kind")], R"({"S":"k"})");
}

TEST(entity, has_members_with_codecs_of_the_programs_own) {
    full::Diary d{"d", {7}, full::Answer::no};
    EXPECT_EQ(encoded(d), R"({"id":{"S":"d"},"mood":{"M":{"value":{"N":"7"}}}})");
    EXPECT_EQ(decoded<full::Diary>(encoded(d)).mood.value, 7);
    d.mood.value = 0;
    EXPECT_EQ(encoded(d), R"({"id":{"S":"d"}})") << "what a codec does not write is no attribute";
    auto const e = error_of([] { (void)decoded<full::Diary>(R"({"id":{"S":"d"},"mood":{"S":"good"}})"); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().attribute, "mood");
    EXPECT_THROW((void)decoded<full::Diary>(R"({"id":{"S":"d"},"mood":{"M":{"x":{"N":"1"}}}})"), std::out_of_range)
        << "not an error of ours: it passes through as it is";
}

TEST(entity, skips_attributes_that_it_does_not_know) {
    auto const e =
        decoded<Event>(R"({"later":{"L":[{"M":{"stream":{"S":"inner"}}}]},"stream":{"S":"s"},)"
                       R"("unknown":{"SS":["a"]},"sequence":{"N":"1"},"scratch":{"S":"x"},"tags":{"N":"1"}})");
    EXPECT_EQ(e.stream, "s");
    EXPECT_EQ(e.sequence, 1);
    EXPECT_EQ(e.scratch, "");
}

TEST(entity, keeps_defaults_of_members_that_are_not_stored) {
    auto const e = decoded<Event>(R"({"stream":{"S":"s"},"sequence":{"N":"1"}})");
    EXPECT_EQ(e.kind, "default kind");
    EXPECT_TRUE(e.done);
    EXPECT_EQ(e.note, std::nullopt);
    EXPECT_FALSE(e.at.is_set());
}

TEST(entity, takes_null_for_an_empty_optional) {
    EXPECT_EQ(decoded<Event>(R"({"stream":{"S":"s"},"sequence":{"N":"1"},"n":{"NULL":true}})").note, std::nullopt);
}

TEST(entity, takes_null_for_an_absent_attribute) {
    auto const e =
        decoded<Event>(R"({"stream":{"S":"s"},"kind":{"NULL":true},"done":{"NULL":true},"labels":{"NULL":true},
        "counts":{"NULL":true},"payload":{"NULL":true},"at":{"NULL":true},"made":{"NULL":true},
        "display_name":{"NULL":true},"sequence":{"N":"1"}})");
    EXPECT_EQ(e.kind, "default kind");
    EXPECT_TRUE(e.done);
    EXPECT_FALSE(e.at.is_set());
    EXPECT_EQ(e.sequence, 1);
}

TEST(entity, takes_no_null_inside_of_a_member) {
    auto const e = error_of(
        [] { (void)decoded<Event>(R"({"stream":{"S":"s"},"sequence":{"N":"1"},"labels":{"L":[{"NULL":true}]}})"); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().attribute, "labels");
    EXPECT_EQ(error_of([] {
                  (void)decoded<Event>(
                      R"({"stream":{"S":"s"},"sequence":{"N":"1"},"counts":{"M":{"a":{"NULL":true}}}})");
              }).code(),
              errc::attribute_type_mismatch);
}

TEST(entity, takes_no_null_for_a_key) {
    for (char const* text :
         {R"({"stream":{"NULL":true},"sequence":{"N":"1"}})", R"({"stream":{"S":"s"},"sequence":{"NULL":true}})"}) {
        auto const e = error_of([&] { (void)decoded<Event>(text); });
        EXPECT_EQ(e.code(), errc::attribute_type_mismatch) << text;
        EXPECT_FALSE(e.info().attribute.empty());
        EXPECT_NE(std::string(e.what()).find("type NULL"), std::string::npos) << e.what();
    }
}

TEST(entity, asks_a_codec_of_the_programs_own_before_null_is_absent) {
    auto const d = decoded<full::Diary>(R"({"id":{"S":"d"},"mood":{"NULL":true},"answer":{"NULL":true}})");
    EXPECT_EQ(d.mood.value, 0);
    EXPECT_EQ(d.answer, full::Answer::unknown);
    EXPECT_EQ(decoded<full::Diary>(R"({"id":{"S":"d"},"answer":{"NULL":true},"mood":{ "NULL":true}})").id, "d");
    EXPECT_EQ(decoded<full::Diary>(R"({"id":{"S":"d"},"answer":{"BOOL":true}})").answer, full::Answer::yes);
}

TEST(entity, without_a_key_attribute_is_an_error_that_names_it) {
    auto e = error_of([] { (void)decoded<Event>(R"({"sequence":{"N":"1"}})"); });
    EXPECT_EQ(e.code(), errc::attribute_missing);
    EXPECT_EQ(e.info().entity, "Event");
    EXPECT_EQ(e.info().attribute, "stream");
    e = error_of([] { (void)decoded<Event>(R"({"stream":{"S":"s"}})"); });
    EXPECT_EQ(e.code(), errc::attribute_missing);
    EXPECT_EQ(e.info().attribute, "sequence");
    EXPECT_EQ(error_of([] { (void)decoded<User>("{}"); }).info().attribute, "id");
}

TEST(entity, with_a_wrong_type_is_an_error_that_names_entity_and_attribute) {
    auto e = error_of([] { (void)decoded<Event>(R"({"stream":{"S":"s"},"sequence":{"S":"1"}})"); });
    EXPECT_EQ(e.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(e.info().entity, "Event");
    EXPECT_EQ(e.info().attribute, "sequence");
    e = error_of([] { (void)decoded<Event>(R"({"stream":{"S":"s"},"sequence":{"N":"1"},"n":{"N":"1"}})"); });
    EXPECT_EQ(e.info().attribute, "n");
    e = error_of([] { (void)decoded<User>(R"({"id":{"S":"s"},"age":{"N":"3000000000"}})"); });
    EXPECT_EQ(e.code(), errc::number_out_of_range);
    EXPECT_EQ(e.info().attribute, "age");
}

TEST(entity, whose_key_its_member_would_spell_otherwise_is_refused) {
    auto const read = [](std::string const& at, std::string const& previous) {
        std::string const text = R"({"device":{"S":"d"},"other":{"S":"2024-05-01T10:00:00Z"},"at":{"S":")" + at +
                                 R"("},"previous":)" + previous + "}";
        full::Sample sample;
        json_reader in(text);
        entity_type_of<full::Sample>().decode(in, &sample);
    };
    std::string const usual = "2024-05-01T10:00:00.000Z";
    std::string const none = R"({"NULL":true})";
    EXPECT_NO_THROW(read(usual, R"({"S":"2024-05-01T09:00:00.000Z"})"));
    EXPECT_NO_THROW(read("2024-05-01T10:00:00\\u002e000Z", none)) << "the same text in JSON";
    for (std::string const other :
         {"2024-05-01T10:00:00Z", "2024-05-01T10:00:00.000123Z", "2024-05-01T12:00:00.000+02:00"}) {
        auto const e = error_of([&] { read(other, none); });
        EXPECT_EQ(e.code(), errc::key_not_kept) << other;
        EXPECT_EQ(e.info().entity, "Sample");
        EXPECT_EQ(e.info().attribute, "at");
        EXPECT_NE(e.info().message.find(other), std::string::npos) << e.info().message;
    }
    auto const e = error_of([&] { read(usual, R"({"S":"2024-05-01T09:00:00Z"})"); });
    EXPECT_EQ(e.code(), errc::key_not_kept);
    EXPECT_EQ(e.info().attribute, "previous");
}

TEST(entity, whose_key_is_a_number_in_another_spelling_is_the_same_entity) {
    std::string const text = R"({"at":{"N":"1.5e3"}})";
    full::Minute minute;
    json_reader in(text);
    entity_type_of<full::Minute>().decode(in, &minute);
    EXPECT_EQ(minute.at.value, 1500);
    std::string const finer = R"({"at":{"N":"1500.25"}})";
    json_reader again(finer);
    EXPECT_EQ(error_of([&] { entity_type_of<full::Minute>().decode(again, &minute); }).code(), errc::key_not_kept);
}

TEST(entity, with_an_attribute_twice_is_an_error_that_names_it) {
    auto e = error_of([] { (void)decoded<Event>(R"({"stream":{"S":"s"},"sequence":{"N":"1"},"stream":{"S":"t"}})"); });
    EXPECT_EQ(e.code(), errc::malformed_response);
    EXPECT_EQ(e.info().entity, "Event");
    EXPECT_EQ(e.info().attribute, "stream");
    e = error_of(
        [] { (void)decoded<Event>(R"({"stream":{"S":"s"},"sequenc\u0065":{"N":"1"},"sequence":{"N":"1"}})"); });
    EXPECT_EQ(e.code(), errc::malformed_response);
    EXPECT_EQ(e.info().attribute, "sequence");
}

struct WideEntity {
    std::string id{};
    int n00{}, n01{}, n02{}, n03{}, n04{}, n05{}, n06{}, n07{}, n08{}, n09{}, n10{}, n11{}, n12{}, n13{}, n14{}, n15{},
        n16{}, n17{}, n18{}, n19{}, n20{}, n21{}, n22{}, n23{}, n24{}, n25{}, n26{}, n27{}, n28{}, n29{}, n30{}, n31{},
        n32{}, n33{}, n34{}, n35{}, n36{}, n37{}, n38{}, n39{}, n40{}, n41{}, n42{}, n43{}, n44{}, n45{}, n46{}, n47{},
        n48{}, n49{}, n50{}, n51{}, n52{}, n53{}, n54{}, n55{}, n56{}, n57{}, n58{}, n59{}, n60{}, n61{}, n62{}, n63{},
        n64{}, n65{}, n66{}, n67{};
};
constexpr auto dynasio_schema(dynasio::tag<WideEntity>) {
    using namespace dynasio;
    return entity<WideEntity>(partition_key<&WideEntity::id>);
}

TEST(entity, with_more_attributes_than_a_word_has_bits_is_checked_too) {
    WideEntity wide;
    wide.id = "i";
    std::string const once = encoded(wide);
    EXPECT_EQ(encoded(decoded<WideEntity>(once)), once);
    for (std::string const name : {"n00", "n62", "n63", "n64", "n67"}) {
        std::string const twice = once.substr(0, once.size() - 1) + ",\"" + name + R"(":{"N":"1"}})";
        auto const e = error_of([&] { (void)decoded<WideEntity>(twice); });
        EXPECT_EQ(e.code(), errc::malformed_response) << name;
        EXPECT_EQ(e.info().attribute, name);
    }
}

TEST(entity, that_cannot_be_stored_is_an_error_that_names_entity_and_attribute) {
    User u;
    u.name = "\xff";
    auto const e = error_of([&] { (void)encoded(u); });
    EXPECT_EQ(e.code(), errc::invalid_argument);
    EXPECT_EQ(e.info().entity, "User");
    EXPECT_EQ(e.info().attribute, "name");
}

TEST(entity, is_no_item_when_it_is_no_object) {
    EXPECT_EQ(error_of([] { (void)decoded<User>(R"([])"); }).code(), errc::malformed_response);
    EXPECT_EQ(error_of([] { (void)decoded<User>(R"({"id":"s"})"); }).code(), errc::malformed_response);
}

TEST(entity_member, is_read_and_replaced_in_wire_form) {
    auto const& t = entity_type_of<User>();
    User u;
    u.id = "x";
    EXPECT_EQ(t.wire(&u, *t.find_attribute("id")), R"({"S":"x"})");
    EXPECT_EQ(t.wire(&u, *t.find_attribute("age")), "");
    EXPECT_EQ(t.wire(&u, *t.find_attribute("email")), "") << "key of an index";
    t.assign(&u, *t.find_attribute("age"), R"({"N":"5"})");
    EXPECT_EQ(u.age, 5);
}

TEST(key, is_written_with_all_its_parts) {
    auto const& user = entity_type_of<User>();
    auto const& event = entity_type_of<Event>();
    User u;
    u.id = "a\"b";
    std::string out;
    user.encode_key(out, &u);
    EXPECT_EQ(out, R"({"id":{"S":"a\"b"}})");
    Event e = full_event();
    e.sequence = 7;
    out.clear();
    event.encode_key(out, &e);
    EXPECT_EQ(out, R"({"stream":{"S":"orders"},"sequence":{"N":"7"}})");
}

TEST(key, that_is_empty_is_an_error_that_names_the_member) {
    std::string out;
    auto const e = error_of([&] {
        User const u;
        entity_type_of<User>().encode_key(out, &u);
    });
    EXPECT_EQ(e.code(), errc::empty_key);
    EXPECT_EQ(e.info().attribute, "id");
    EXPECT_NE(std::string(e.what()).find("User::id"), std::string::npos);
    EXPECT_EQ(error_of([] { (void)key_text(Pair{"a", ""}); }).info().attribute, "right");
    EXPECT_EQ(error_of([] { (void)key_text(Pair{"", "b"}); }).info().attribute, "left");
    EXPECT_EQ(error_of([] { (void)key_text(User()); }).code(), errc::empty_key);
}

TEST(key_text, of_a_single_key_is_the_key) {
    User u;
    u.id = "50%#1";
    EXPECT_EQ(key_text(u), "50%#1");
    shop::Alarm a;
    a.code = -3;
    EXPECT_EQ(key_text(a), "-3");
}

TEST(key_text, leads_back_to_the_key) {
    std::vector<std::string> const parts{"a", "#", "%", "%23", "%25", "a#b", "a%b", "##", "%%", "a#", "#a", "ü"};
    std::vector<std::string> seen;
    for (auto const& left : parts) {
        for (auto const& right : parts) {
            Pair const p{left, right};
            auto const text = key_text(p);
            std::string key;
            entity_type_of<Pair>().encode_key(key, &p);
            EXPECT_EQ(dynasio::detail::key_from_text(entity_type_of<Pair>(), text), key) << text;
            seen.push_back(text);
        }
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end()) << "two keys have one text";
    full::Blob b;
    b.id.bytes = std::string("\0\xfe", 2);
    EXPECT_EQ(dynasio::detail::key_from_text(entity_type_of<full::Blob>(), key_text(b)), R"({"id":{"B":"AP4="}})");
    EXPECT_EQ(dynasio::detail::key_from_text(entity_type_of<shop::Alarm>(), "-3"), R"({"code":{"N":"-3"}})");
    EXPECT_EQ(dynasio::detail::key_from_text(entity_type_of<shop::Device>(), "north#12"),
              R"({"site":{"S":"north"},"number":{"N":"12"}})");
}

TEST(key_text, that_is_none_is_an_error) {
    auto const refuses = [](dynasio::entity_type const& t, std::string const& text) {
        auto const e = error_of([&] { (void)dynasio::detail::key_from_text(t, text); });
        EXPECT_EQ(e.code(), errc::malformed_response) << text;
        EXPECT_EQ(e.info().entity, t.name);
    };
    refuses(entity_type_of<Pair>(), "nohash");
    refuses(entity_type_of<Pair>(), "#right");
    refuses(entity_type_of<Pair>(), "left#");
    refuses(entity_type_of<Pair>(), "a%zz#b");
    refuses(entity_type_of<User>(), "");
    refuses(entity_type_of<shop::Alarm>(), "12x");
    refuses(entity_type_of<shop::Device>(), "north#x");
    refuses(entity_type_of<full::Blob>(), "*");
}

TEST(storage, makes_entities_whose_handles_know_their_names) {
    auto const& storage = entity_type_of<User>().storage;
    auto const items = storage.make();
    auto* const first = static_cast<User*>(storage.append(items.get()));
    first->id = "1";
    EXPECT_EQ(error_of([&] { (void)first->posts.size(); }).info().relation_path, "User.posts");
    User const other{};
    storage.append_copy(items.get(), &other);
    EXPECT_EQ(storage.size(items.get()), 2U);
    EXPECT_EQ(static_cast<User*>(storage.at(items.get(), 0))->id, "1");
    storage.truncate(items.get(), 1);
    EXPECT_EQ(storage.size(items.get()), 1U);
}

TEST(relation, fills_its_handle) {
    auto const& t = entity_type_of<User>();
    User u;
    auto const& posts = *t.find_relation("posts");
    auto items = entity_type_of<shop::Post>().storage.make();
    static_cast<shop::Post*>(entity_type_of<shop::Post>().storage.append(items.get()))->title = "t";
    EXPECT_FALSE(posts.loaded(posts.handle_of(&u)));
    posts.attach(posts.handle_of(&u), items);
    EXPECT_TRUE(posts.loaded(posts.handle_of(&u)));
    EXPECT_EQ(u.posts.front().title, "t");
    auto const& profile = *t.find_relation("profile");
    profile.attach(profile.handle_of(&u), entity_type_of<shop::Profile>().storage.make());
    EXPECT_TRUE(u.profile.loaded());
    EXPECT_FALSE(u.profile.has_value());
}

} // namespace
