#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/tracked.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <map>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "integration/database_test.hpp"
#include "integration/model.hpp"

// tracked<T> against a real server: what a save sends and stores, and what the entity knows.
namespace kept {

using namespace dynasio::dsl;

struct Note {
    std::string id{};
    std::string title{};
    std::optional<std::string> topic{};
    std::vector<std::string> tags{};
    int stars{};
};
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    return entity<Note>(table{"notes"}, partition_key<&Note::id>, gsi<&Note::topic>{"by_topic"});
}

struct Memo {
    std::string id{};
    std::string title{}, body{};
    dynasio::timestamp created_at{}, updated_at{}, deleted_at{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<Memo>) {
    return entity<Memo>(table{"memos"}, partition_key<&Memo::id>, timestamps<&Memo::created_at, &Memo::updated_at>,
                        version<&Memo::version>, soft_delete<&Memo::deleted_at>);
}

enum class Colour { red, blue, other };
constexpr auto dynasio_names(dynasio::tag<Colour>) {
    return enum_names<Colour>({{Colour::red, "red"}, {Colour::blue, "blue"}}).otherwise(Colour::other);
}
struct Panel {
    Colour colour{};
    std::vector<Colour> stripes{};
};
constexpr auto dynasio_schema(dynasio::tag<Panel>) { return value<Panel>(); }
struct Truck {
    std::string id{};
    std::string note{};
    Panel door{};
    std::vector<Panel> sides{};
    std::map<std::string, Colour> lamps{};
    std::vector<Colour> stripes{};
    std::optional<Colour> trim{};

    std::optional<Colour> shade() const { return door.colour; }
};
constexpr auto dynasio_schema(dynasio::tag<Truck>) {
    return entity<Truck>(table{"trucks"}, partition_key<&Truck::id>, gsi<&Truck::trim>{"by_trim"},
                         computed<&Truck::shade>, normalize<&Truck::stripes>([](std::vector<Colour>&) {}));
}

} // namespace kept

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using kept::Memo;
using kept::Note;
using kept::Truck;
using names = std::vector<std::string>;
using testing::match;

class tracked_test : public test::database_test {
protected:
    void SetUp() override { create_tables<Note, Memo, Truck>(); }

    void put(std::string const& table, dynamodb::item item) {
        run(direct.put_item(dynamodb::put_item_request(prefix + table, std::move(item))));
    }
    /// How many requests an operation sends.
    template <class T> std::size_t requests_of(boost::asio::awaitable<T> op) {
        auto const before = endpoint.requests().size();
        run(std::move(op));
        return endpoint.requests().size() - before;
    }

    repository<tracked<Note>> notes{db};
    repository<tracked<Memo>> memos{db};
};

TEST_F(tracked_test, an_entity_is_new_until_it_is_stored) {
    tracked<Memo> memo;
    memo->title = "first";
    EXPECT_TRUE(memo.is_new());
    EXPECT_FALSE(memo.is_loaded());
    EXPECT_FALSE(memo.has_changes());
    EXPECT_FALSE(memo.is_dirty<&Memo::title>());
    EXPECT_EQ(memo.original<&Memo::title>(), std::nullopt);
    memo->id = "given";
    EXPECT_TRUE(memo.is_new()) << "a key does not make it stored";
    run(memos.save(memo));
    EXPECT_TRUE(memo.is_loaded());
    EXPECT_FALSE(memo.has_changes());
    EXPECT_EQ(memo.original<&Memo::title>(), "first");
    EXPECT_EQ(memo.original<&Memo::version>(), 1U);

    tracked<Memo> second;
    second->id = "given";
    EXPECT_EQ(failure_of(memos.save(second)).code, errc::already_exists);
    EXPECT_TRUE(second.is_new());
}

TEST_F(tracked_test, what_has_changed_is_told_by_name_and_stored_value) {
    Note made;
    made.id = "n";
    made.title = "old";
    made.topic = "t";
    save(made);
    auto note = run(notes.get("n"));
    EXPECT_FALSE(note.has_changes());
    note->title = "new";
    note->topic.reset();
    note->tags.push_back("x");
    EXPECT_TRUE(note.is_dirty<&Note::title>());
    EXPECT_FALSE(note.is_dirty<&Note::stars>());
    EXPECT_EQ(note.dirty_members(), (names{"title", "topic", "tags"}));
    auto const changes = note.changes();
    std::ostringstream text;
    for (auto const& c : changes) text << c << '\n';
    EXPECT_EQ(text.str(), "title: {\"S\":\"old\"} -> {\"S\":\"new\"}\n"
                          "topic: {\"S\":\"t\"} -> nothing\n"
                          "tags: {\"L\":[]} -> {\"L\":[{\"S\":\"x\"}]}\n");
    note->title = "old";
    EXPECT_FALSE(note.is_dirty<&Note::title>()) << "what is set back is clean";
    EXPECT_EQ(note.original<&Note::topic>(), std::optional<std::string>("t"));
    note.revert();
    EXPECT_FALSE(note.has_changes());
    EXPECT_EQ(note->topic, "t");
}

TEST_F(tracked_test, a_save_stores_what_has_changed_and_nothing_else) {
    Note made;
    made.id = "n";
    made.title = "old";
    save(made);
    auto note = run(notes.get("n"));
    auto other = run(notes.get("n"));
    other->stars = 5;
    run(notes.save(other));
    note->title = "new";
    EXPECT_EQ(requests_of(notes.save(note)), 1U);
    auto const item = stored("notes", "n");
    EXPECT_EQ(item.at("title").as_string(), "new");
    EXPECT_EQ(item.at("stars").as_number().text(), "5") << "what another has changed is kept";
    EXPECT_EQ(requests_of(notes.save(note)), 0U) << "nothing has changed since";
    EXPECT_EQ(requests_of(notes.save(note, touch)), 0U) << "there is no time or version to store";
}

TEST_F(tracked_test, a_save_without_changes_touches_the_time_on_request) {
    tracked<Memo> memo;
    run(memos.create(memo));
    EXPECT_EQ(requests_of(memos.save(memo)), 0U);
    EXPECT_EQ(memo->version, 1U);
    EXPECT_EQ(requests_of(memos.save(memo, touch)), 1U);
    EXPECT_EQ(memo->version, 2U);
    EXPECT_FALSE(memo.has_changes());
}

TEST_F(tracked_test, attributes_that_the_schema_does_not_have_are_kept) {
    dynamodb::item item;
    item.emplace("id", "n");
    item.emplace("title", "old");
    item.emplace("colour", "blue");
    item.emplace("stars", dynamodb::attribute_value());
    put("notes", item);
    auto note = run(notes.get("n"));
    note->title = "new";
    run(notes.save(note));
    auto const after = stored("notes", "n");
    EXPECT_EQ(after.at("colour").as_string(), "blue");
    EXPECT_TRUE(after.at("stars").is_null()) << "a member that was not touched is not written";
}

TEST_F(tracked_test, an_item_older_than_its_version_is_stored) {
    dynamodb::item item;
    item.emplace("id", "old");
    item.emplace("title", "before versions");
    put("memos", item);
    auto memo = run(memos.get("old"));
    auto second = run(memos.get("old"));
    memo->title = "after";
    run(memos.save(memo));
    EXPECT_EQ(memo->version, 1U);
    EXPECT_FALSE(memo->created_at.is_set()) << "nobody knows when it was made";
    second->title = "too late";
    auto const refused = failure_of(memos.save(second));
    EXPECT_EQ(refused.code, errc::stale_version);
    EXPECT_EQ(second->title, "too late");
    EXPECT_EQ(second->version, 0U);
    EXPECT_TRUE(second.is_dirty<&Memo::title>()) << "a failed save changes nothing";
}

TEST_F(tracked_test, an_item_that_is_gone_is_not_made_again_in_part) {
    Note made;
    made.id = "n";
    save(made);
    auto note = run(notes.get("n"));
    auto other = run(notes.get("n"));
    EXPECT_TRUE(run(notes.remove(other)));
    EXPECT_TRUE(other.is_removed());
    EXPECT_TRUE(other.is_new());
    note->title = "new";
    EXPECT_EQ(failure_of(notes.save(note)).code, errc::not_found);
    EXPECT_TRUE(stored("notes", "n").empty());
    run(notes.save(other));
    EXPECT_FALSE(other.is_removed());
    EXPECT_FALSE(stored("notes", "n").empty());
}

TEST_F(tracked_test, a_changed_key_is_refused) {
    Note made;
    made.id = "n";
    save(made);
    auto note = run(notes.get("n"));
    note->id = "m";
    auto const refused = failure_of(notes.save(note));
    EXPECT_EQ(refused.code, errc::invalid_argument);
    EXPECT_NE(refused.info->message.find("Note::id"), std::string::npos) << refused.info->message;
    EXPECT_TRUE(run(notes.remove(note))) << "the item that was read is removed";
}

TEST_F(tracked_test, every_read_gives_tracked_entities) {
    for (int i = 0; i < 3; ++i) {
        Note n;
        n.id = std::to_string(i);
        n.topic = "t";
        save(n);
    }
    for (auto& each : run(notes.where(field<&Note::topic> == "t").all())) EXPECT_TRUE(each.is_loaded());
    EXPECT_TRUE(run(notes.where(field<&Note::topic> == "t").first())->is_loaded());
    auto page = run(notes.where(field<&Note::topic> == "t").page(2));
    EXPECT_EQ(page.items.size(), 2U);
    EXPECT_TRUE(page.items[1].is_loaded());
    std::vector<std::string> const keys{"2", "9"};
    auto many = run(notes.find_many(keys));
    EXPECT_TRUE(many[0]->is_loaded());
    EXPECT_FALSE(many[1]);
    EXPECT_FALSE(run(notes.find("9")));
    EXPECT_EQ(run(notes.scan().count()), 3U);
}

TEST_F(tracked_test, trash_leaves_other_changes_for_the_next_save) {
    tracked<Memo> memo;
    memo->title = "old";
    run(memos.create(memo));
    memo->title = "new";
    run(memos.trash(memo));
    EXPECT_TRUE(is_trashed(memo));
    EXPECT_EQ(memo.dirty_members(), names{"title"});
    EXPECT_EQ(stored("memos", memo->id).at("title").as_string(), "old");
    run(memos.restore(memo));
    EXPECT_EQ(memo->version, 3U);
    run(memos.save(memo));
    EXPECT_EQ(memo->version, 4U);
    EXPECT_EQ(stored("memos", memo->id).at("title").as_string(), "new");
}

TEST_F(tracked_test, a_save_under_a_condition_tells_which_of_condition_and_guard_failed) {
    tracked<Memo> memo;
    memo->title = "open";
    run(memos.create(memo));
    auto const stale = memo;
    memo->body = "x";
    run(memos.save(memo, only_if(field<&Memo::title> == "open")));
    memo->body = "y";
    auto refused = failure_of(memos.save(memo, only_if(field<&Memo::title> == "closed")));
    EXPECT_EQ(refused.code, errc::condition_failed);
    EXPECT_NE(refused.info->message.find("title = \"closed\""), std::string::npos) << refused.info->message;
    EXPECT_NE(refused.info->item.find("open"), std::string::npos);
    EXPECT_EQ(memo->version, 2U);
    auto late = stale;
    late->body = "z";
    EXPECT_EQ(failure_of(memos.save(late, only_if(field<&Memo::title> == "open"))).code, errc::stale_version);
    EXPECT_EQ(failure_of(memos.remove(memo, only_if(field<&Memo::title> == "closed"))).code, errc::condition_failed);
    EXPECT_TRUE(memo.is_loaded());
    EXPECT_TRUE(run(memos.remove(memo, only_if(field<&Memo::title> == "open"))));
}

TEST_F(tracked_test, a_save_whose_answer_is_lost_recognises_itself) {
    tracked<Memo> memo;
    run(memos.create(memo));
    memo->title = "new";
    endpoint.on(match("UpdateItem")).times(1).drop_connection(testing::drop_time::after_forwarding);
    run(memos.save(memo));
    EXPECT_EQ(memo->version, 2U);
    EXPECT_FALSE(memo.has_changes());
}

/// Whatever is changed, a save leaves the item that a save of everything would leave.
TEST_F(tracked_test, any_changes_leave_what_saving_everything_leaves) {
    std::mt19937 random(11);
    repository<Note> const plain(db);
    Note first;
    first.id = "partly";
    save(first);
    Note whole = first;
    whole.id = "whole";
    save(whole);
    auto note = run(notes.get("partly"));
    for (int i = 0; i < 60; ++i) {
        switch (random() % 5) {
        case 0:
            note->title = std::string(random() % 3, 'x');
            break;
        case 1:
            note->topic.reset();
            break;
        case 2:
            note->topic = random() % 2 ? "t" : "";
            break;
        case 3:
            note->tags.resize(random() % 3, "tag");
            break;
        default:
            note->stars = static_cast<int>(random() % 3);
        }
        if (random() % 2) continue;
        whole = *note;
        whole.id = "whole";
        run(notes.save(note));
        run(plain.save(whole));
        auto x = stored("notes", "partly"), y = stored("notes", "whole");
        x.erase("id");
        y.erase("id");
        ASSERT_EQ(x, y);
        EXPECT_EQ(note->topic.value_or(""), whole.topic.value_or(""));
        ASSERT_FALSE(note.has_changes());
    }
}

TEST_F(tracked_test, what_the_program_does_not_know_stays_as_it_is_at_every_depth) {
    auto const text = [](char const* value) { return dynamodb::attribute_value(value); };
    using dynamodb::list;
    using map = dynamodb::item;
    map const panel{{"colour", text("mauve")}, {"stripes", list{text("red"), text("pink")}}, {"gloss", text("high")}};
    dynamodb::item const before{{"id", text("t")},
                                {"note", text("old")},
                                {"door", panel},
                                {"sides", list{panel, panel}},
                                {"lamps", map{{"left", text("amber")}}},
                                {"stripes", list{text("pink")}},
                                {"trim", text("chrome")},
                                {"shade", text("mauve")}};
    put("trucks", before);
    repository<tracked<Truck>> trucks{db};
    auto truck = run(trucks.get("t"));
    EXPECT_EQ(requests_of(trucks.save(truck)), 0U);
    truck->note = "new";
    run(trucks.save(truck));
    auto after = before;
    after["note"] = text("new");
    EXPECT_EQ(stored("trucks", "t"), after);

    // A member that has changed is written as a whole, which would lose what is not known.
    truck->door.stripes.clear();
    auto const failed = failure_of(trucks.save(truck));
    EXPECT_EQ(failed.code, errc::invalid_argument);
    EXPECT_EQ(failed.info->attribute, "door.colour");
    EXPECT_EQ(stored("trucks", "t"), after);
    truck->door.colour = kept::Colour::blue;
    run(trucks.save(truck));
    after["door"] = map{{"colour", text("blue")}, {"stripes", list{}}};
    after["shade"] = text("blue");
    EXPECT_EQ(stored("trucks", "t"), after);
}

} // namespace
} // namespace dynasio
