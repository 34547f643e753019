// Attributes that are computed from the entity: what a write stores of them, and which update() is refused.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/json.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/tracked.hpp>
#include <dynasio/orm/update.hpp>
#include <dynasio/orm/verify.hpp>

#include <dynasio/dynamodb/json.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <orm/plan/access_plan.hpp>
#include <orm/wire/item_write.hpp>
#include <span>
#include <string>
#include <utility>

#include "support/error_of.hpp"

namespace computing {

using namespace dynasio::dsl;

enum class Stage { open, closed };
constexpr auto dynasio_names(tag<Stage>) {
    return enum_names<Stage>({{Stage::open, "open"}, {Stage::closed, "closed"}});
}

struct Ticket {
    std::string id{};
    std::string city{};
    std::string note{};
    bool open{};
    timestamp created_at{}, updated_at{}, deleted_at{};
    std::uint64_t version{};

    [[nodiscard]] std::optional<std::string> open_in() const {
        return open && !deleted_at.is_set() ? std::optional(city) : std::nullopt;
    }
    [[nodiscard]] std::string searchKey() const { return id + '/' + std::to_string(version); }
};
Stage stage_of(Ticket const& ticket) { return ticket.open ? Stage::open : Stage::closed; }
std::optional<std::int64_t> note_size(Ticket const& t) noexcept {
    return t.note.empty() ? std::nullopt : std::optional(static_cast<std::int64_t>(t.note.size()));
}

constexpr auto dynasio_schema(tag<Ticket>) {
    return entity<Ticket>(
        gsi<&Ticket::open_in, &Ticket::created_at>{"by_open"}, gsi<&stage_of, &note_size>{"by_stage"},
        partition_key<&Ticket::id>, timestamps<&Ticket::created_at, &Ticket::updated_at>, version<&Ticket::version>,
        soft_delete<&Ticket::deleted_at>, computed<&Ticket::open_in, &Ticket::open, &Ticket::city, &Ticket::deleted_at>,
        computed<&Ticket::searchKey>, computed<&stage_of, &Ticket::open>, computed<&note_size, &Ticket::note>,
        attribute<&stage_of>{"stage"}, normalize<&Ticket::note>([](std::string& note) { note += '!'; }));
}
static_assert(dynasio::verify<Ticket>());

/// What is computed is made from members that update() does not set by itself.
struct Sheet {
    std::string id{}, title{}, body{};
    [[nodiscard]] std::string first_letter() const { return title.substr(0, 1); }
};
constexpr auto dynasio_schema(tag<Sheet>) {
    return entity<Sheet>(partition_key<&Sheet::id>, computed<&Sheet::first_letter, &Sheet::title>,
                         gsi<&Sheet::first_letter, no_sort_key>{"by_letter"});
}
struct SheetCard {
    std::string id{}, title{};
};
constexpr auto dynasio_schema(tag<SheetCard>) { return entity<SheetCard>(projection_of<Sheet>); }
static_assert(dynasio::verify<Sheet, SheetCard>());

} // namespace computing

namespace {

namespace json = boost::json;
using computing::Sheet;
using computing::SheetCard;
using computing::Ticket;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::field;
using dynasio::detail::item_write;
using dynasio::detail::write_mode;

class computed_attributes : public testing::Test {
protected:
    dynasio::detail::write_environment env() {
        return {.table_prefix = {}, .now = dynasio::system_time(std::chrono::seconds(1'700'000'100)), .ids = &ids};
    }
    template <class T> json::object body(T& entity, write_mode mode) {
        return json::parse(dynasio::detail::make_write(env(), entity_type_of<T>(), &entity, mode, {}).take_body())
            .as_object();
    }
    template <class T> std::string update_body(auto... changes) {
        dynasio::detail::update_spec what;
        (dynasio::detail::apply_update_argument<T>(what, changes), ...);
        return dynasio::detail::make_update(env(), entity_type_of<T>(), R"({"id":{"S":"a"}})", what, {}).take_body();
    }
    static std::string text(json::value const& v) { return json::serialize(v); }

    dynasio::ulid_generator ids{[] { return dynasio::system_time(std::chrono::seconds(1'700'000'050)); },
                                [](std::span<unsigned char> bytes) { std::fill(bytes.begin(), bytes.end(), '\7'); }};
};

TEST_F(computed_attributes, are_stored_by_a_create_as_of_the_entity_that_is_stored) {
    Ticket ticket{.city = "Bonn", .open = true};
    auto const item = body(ticket, write_mode::create).at("Item").as_object();
    EXPECT_EQ(text(item.at("open_in")), R"({"S":"Bonn"})");
    EXPECT_EQ(text(item.at("stage")), R"({"S":"open"})");
    EXPECT_EQ(text(item.at("note_size")), R"({"N":"1"})") << "after the transform";
    std::string const id(item.at("id").at("S").as_string());
    EXPECT_EQ(text(item.at("search_key")), R"({"S":")" + id + R"(/1"})") << "with the key and version that it gets";
    EXPECT_FALSE(item.contains("stage_of"));
}

TEST_F(computed_attributes, that_are_empty_are_absent) {
    Ticket ticket{.id = "a", .city = "Bonn"};
    EXPECT_FALSE(body(ticket, write_mode::create).at("Item").as_object().contains("open_in"));
    ticket.open = true;
    ticket.city = "";
    EXPECT_FALSE(body(ticket, write_mode::create).at("Item").as_object().contains("open_in"))
        << "an empty text is no key of an index";
    ticket.version = 3;
    auto const update = body(ticket, write_mode::save);
    auto const expression = std::string(update.at("UpdateExpression").as_string());
    auto const remove = expression.substr(expression.find("REMOVE"));
    std::string name;
    for (auto const& [alias, attribute] : update.at("ExpressionAttributeNames").as_object())
        if (attribute == "open_in") name = alias;
    EXPECT_NE(remove.find(name), std::string::npos) << expression;
}

TEST_F(computed_attributes, are_stored_by_a_save_of_changes_when_they_have_changed) {
    auto const names = [&](Ticket now, Ticket const& before) {
        auto write = dynasio::detail::make_save_of_changes(env(), entity_type_of<Ticket>(), &now, &before, false, {});
        std::string out;
        auto const parsed = json::parse(std::move(*write).take_body()).as_object();
        for (auto const* name : {"open_in", "stage", "note_size", "search_key"})
            if (text(parsed.at("ExpressionAttributeNames")).find(std::string("\"") + name + '"') != std::string::npos)
                out += std::string(name) + ' ';
        return out;
    };
    Ticket const before{.id = "a", .city = "Bonn", .note = "x!", .open = true, .version = 1};
    Ticket now = before;
    now.city = "Ulm";
    EXPECT_EQ(names(now, before), "open_in note_size search_key ") << "the version counts on, the note is transformed";
    now = before;
    now.open = false;
    EXPECT_EQ(names(now, before), "open_in stage note_size search_key ");
}

TEST_F(computed_attributes, follow_the_trash) {
    Ticket ticket{.id = "a", .city = "Bonn", .open = true, .version = 1};
    auto const trash = body(ticket, write_mode::trash);
    auto const names = text(trash.at("ExpressionAttributeNames"));
    EXPECT_NE(names.find("\"open_in\""), std::string::npos);
    EXPECT_NE(names.find("\"search_key\""), std::string::npos) << "the version counts on";
    EXPECT_EQ(names.find("\"stage\""), std::string::npos) << "what does not change is not written";
    EXPECT_NE(text(trash.at("ExpressionAttributeValues")).find(R"({"S":"Bonn"})"), std::string::npos)
        << "the city behind them must be stored";
    ticket.deleted_at = dynasio::timestamp(env().now);
    auto const restore = body(ticket, write_mode::restore);
    EXPECT_NE(text(restore.at("ExpressionAttributeValues")).find(R"({"S":"Bonn"})"), std::string::npos);
}

TEST_F(computed_attributes, are_ignored_when_an_item_is_read) {
    for (auto const* value : {R"({"S":"Ulm"})", R"({"NULL":true})", R"({"L":[{"N":"1"}]})"}) {
        std::string const item =
            std::string(R"({"id":{"S":"a"},"open":{"BOOL":true},"open_in":)") + value + R"(,"city":{"S":"Bonn"}})";
        dynasio::dynamodb::json_reader in(item);
        Ticket ticket;
        entity_type_of<Ticket>().decode(in, &ticket);
        EXPECT_EQ(ticket.city, "Bonn") << value;
        EXPECT_EQ(ticket.open_in(), "Bonn");
    }
}

TEST_F(computed_attributes, are_no_part_of_the_json_of_an_entity) {
    Sheet const sheet{.id = "a", .title = "Tea", .body = ""};
    EXPECT_EQ(dynasio::to_json(sheet), R"({"id":"a","title":"Tea","body":""})");
    auto const read = dynasio::from_json<Sheet>(R"({"id":"a","title":"Tea","first_letter":7})");
    EXPECT_EQ(read.first_letter(), "T");
}

TEST_F(computed_attributes, are_compared_in_conditions_with_values_of_their_type) {
    EXPECT_EQ(to_string((field<&Ticket::open_in> == "Bonn").condition()), R"(open_in = "Bonn")");
    EXPECT_EQ(to_string((field<&computing::stage_of> == computing::Stage::open).condition()), R"(stage = "open")");
    EXPECT_EQ(to_string((field<&computing::note_size> > 3).condition()), "note_size > 3");
}

TEST_F(computed_attributes, choose_an_index) {
    dynasio::selection select;
    (field<&Ticket::open_in> == "Bonn").apply(select);
    auto const plan = dynasio::detail::plan_query(entity_type_of<Ticket>(), select);
    ASSERT_NE(plan.path, nullptr);
    EXPECT_EQ(plan.path->name, "by_open");
    dynasio::selection absent;
    (field<&computing::stage_of> == computing::Stage::open && field<&computing::note_size>.not_exists()).apply(absent);
    auto const refused =
        dynasio::test::error_of([&] { (void)dynasio::detail::plan_query(entity_type_of<Ticket>(), absent); });
    EXPECT_EQ(refused.code(), errc::no_usable_index);
}

TEST_F(computed_attributes, are_no_attribute_of_a_projection_but_of_its_conditions) {
    auto const& type = entity_type_of<SheetCard>();
    ASSERT_TRUE(type.find_attribute("first_letter"));
    EXPECT_TRUE(type[*type.find_attribute("first_letter")].hidden);
    dynasio::selection select;
    (field<&Sheet::first_letter> == "T").apply(select);
    EXPECT_EQ(dynasio::detail::plan_query(type, select).path->name, "by_letter");
}

TEST_F(computed_attributes, let_update_change_what_they_are_not_made_from) {
    auto const body = update_body<Sheet>(dynasio::set_to<&Sheet::body>("b"));
    EXPECT_EQ(body.find("first_letter"), std::string::npos);
    auto const created = dynasio::test::error_of(
        [&] { (void)update_body<Sheet>(dynasio::set_to<&Sheet::body>("b"), dynasio::or_create); });
    EXPECT_EQ(created.code(), errc::invalid_argument);
    EXPECT_EQ(created.info().attribute, "first_letter");
}

TEST_F(computed_attributes, refuse_an_update_that_would_leave_them_stale) {
    auto const refused = [&](dynasio::attribute_index changed, dynasio::entity_type const& type) {
        dynasio::detail::update_spec what;
        what.steps.push_back({changed, dynasio::detail::update_step::action::remove, {}});
        return dynasio::test::error_of(
            [&] { (void)dynasio::detail::make_update(env(), type, R"({"id":{"S":"a"}})", what, {}); });
    };
    auto const& sheets = entity_type_of<Sheet>();
    auto const about_title = refused(*sheets.find_attribute("title"), sheets);
    EXPECT_EQ(about_title.code(), errc::invalid_argument);
    EXPECT_EQ(about_title.info().message, "update() knows no whole entity to compute Sheet::first_letter() again, and "
                                          "it changes Sheet::title; read the entity, change it and save it");
    auto const& tickets = entity_type_of<Ticket>();
    auto const about_city = refused(*tickets.find_attribute("city"), tickets);
    EXPECT_EQ(about_city.info().attribute, "open_in");
    auto const about_note = refused(*tickets.find_attribute("updated_at"), tickets);
    EXPECT_EQ(about_note.info().attribute, "search_key") << "it is made from everything, so nothing can be changed";
}

TEST_F(computed_attributes, are_seen_by_tracked_entities) {
    dynasio::tracked<Ticket> ticket;
    ticket->open = true;
    EXPECT_FALSE(ticket.is_dirty<&Ticket::open_in>());
    EXPECT_FALSE(ticket.original<&Ticket::open_in>());
}

} // namespace
