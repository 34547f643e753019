// How tables are brought to their schemas: the plan, and how one index is changed while others may change it, too.

#include <dynasio/orm/table_change.hpp>
#include <dynasio/orm/table_difference.hpp>

#include <dynasio/dynamodb/operations/create_table.hpp>
#include <dynasio/dynamodb/shapes/table.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <orm/plan/table_update.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace dynasio::dynamodb;
using dynasio::errc;
using dynasio::table_change;
using dynasio::table_change_kind;
using dynasio::detail::index_change;
using dynasio::detail::plan_update;
using dynasio::detail::table_state;
using dynasio::detail::unknown_indexes;

std::vector<key_schema_element> key_of(std::string const& hash, std::string const& range = "") {
    std::vector<key_schema_element> key;
    key.emplace_back(hash, key_type::hash);
    if (!range.empty()) key.emplace_back(range, key_type::range);
    return key;
}
projection projecting(projection_type type) {
    projection p;
    p.projection_type = type;
    return p;
}

/// A table by id, with two global indexes and a local one.
create_table_request wanted_table() {
    create_table_request t("things");
    auto& definitions = t.attribute_definitions.emplace();
    for (char const* const name : {"id", "at", "city", "name"})
        definitions.emplace_back(name, scalar_attribute_type::s);
    t.key_schema = key_of("id", "at");
    auto& globals = t.global_secondary_indexes.emplace();
    globals.emplace_back("by_city", key_of("city", "id"), projecting(projection_type::all));
    globals.emplace_back("by_name", key_of("name"), projecting(projection_type::keys_only));
    t.local_secondary_indexes.emplace().emplace_back("by_local_city", key_of("id", "city"),
                                                     projecting(projection_type::all));
    return t;
}

/// How the service describes it once it is there.
table_description as_wanted() {
    auto const wanted = wanted_table();
    table_description t;
    t.table_name = wanted.table_name;
    t.table_status = table_status::active;
    t.attribute_definitions = wanted.attribute_definitions;
    t.key_schema = wanted.key_schema;
    for (auto const& index : *wanted.global_secondary_indexes) {
        if (!t.global_secondary_indexes) t.global_secondary_indexes.emplace();
        auto& d = t.global_secondary_indexes->emplace_back();
        d.index_name = index.index_name;
        d.key_schema = index.key_schema;
        d.projection = index.projection;
        d.index_status = index_status::active;
    }
    for (auto const& index : *wanted.local_secondary_indexes) {
        if (!t.local_secondary_indexes) t.local_secondary_indexes.emplace();
        auto& d = t.local_secondary_indexes->emplace_back();
        d.index_name = index.index_name;
        d.key_schema = index.key_schema;
        d.projection = index.projection;
    }
    return t;
}

global_secondary_index_description& global(table_description& t, std::string const& name) {
    for (auto& one : *t.global_secondary_indexes)
        if (one.index_name == name) return one;
    auto& made = t.global_secondary_indexes->emplace_back();
    made.index_name = name;
    made.index_status = index_status::active;
    made.projection = projecting(projection_type::all);
    return made;
}
void without(table_description& t, std::string const& name) {
    std::erase_if(*t.global_secondary_indexes, [&](auto const& i) { return i.index_name == name; });
}
void type_is(table_description& t, std::string const& name, scalar_attribute_type type) {
    for (auto& one : *t.attribute_definitions)
        if (one.attribute_name == name) one.attribute_type = type;
}
void other_index(table_description& t, std::string const& attribute) {
    global(t, "other").key_schema = key_of(attribute);
}

struct plan_case {
    char const* what;
    std::function<void(table_description&)> change;
    std::vector<std::string> changes{};   ///< "things/by_city: add …"
    std::vector<std::string> conflicts{}; ///< Parts of their messages.
    unknown_indexes unknown = unknown_indexes::keep;
    std::string wanted_ttl{};
    std::optional<std::string> ttl{""};
};

std::string const add_city = "things/by_city: add the index by city (S), id (S), projecting ALL";
std::string const add_name = "things/by_name: add the index by name (S), projecting KEYS_ONLY";
std::string const drop_other = "things/other: drop the index by city (N), which no schema names";

std::vector<plan_case> plan_cases() {
    auto const n = scalar_attribute_type::n;
    std::vector<plan_case> all;
    all.push_back({"a table as it should be", [](auto&) {}});
    all.push_back({"a missing index", [](auto& t) { without(t, "by_city"); }, {add_city}});
    all.push_back({"missing indexes", [](auto& t) { t.global_secondary_indexes.reset(); }, {add_city, add_name}});
    all.push_back(
        {"an index that is being made", [](auto& t) { global(t, "by_city").index_status = index_status::creating; }});
    all.push_back({"an index that is being deleted",
                   [](auto& t) { global(t, "by_city").index_status = index_status::deleting; },
                   {add_city}});
    all.push_back({"an unknown index", [](auto& t) { other_index(t, "name"); }});
    all.push_back({"an unknown index that is to be dropped, behind what is added",
                   [](auto& t) {
                       other_index(t, "name");
                       without(t, "by_city");
                   },
                   {add_city, "things/other: drop the index by name (S), which no schema names"},
                   {},
                   unknown_indexes::drop});
    all.push_back({"an unknown index with another type of the attribute",
                   [n](auto& t) {
                       without(t, "by_city");
                       t.local_secondary_indexes.reset();
                       other_index(t, "city");
                       type_is(t, "city", n);
                   },
                   {},
                   {"city is N in the key of the index other, and the schema's is S: store the member under another",
                    "there is no such local index"}});
    all.push_back({"the same when it may be dropped, which comes first then",
                   [n](auto& t) {
                       without(t, "by_city");
                       t.local_secondary_indexes.reset();
                       other_index(t, "city");
                       type_is(t, "city", n);
                   },
                   {drop_other, add_city},
                   {"there is no such local index"},
                   unknown_indexes::drop});
    all.push_back({"a type that only an index has that is going",
                   [n](auto& t) {
                       without(t, "by_name");
                       global(t, "other").key_schema = key_of("name");
                       global(t, "other").index_status = index_status::deleting;
                       type_is(t, "name", n);
                   },
                   {add_name}});
    all.push_back({"another key",
                   [](auto& t) { t.key_schema = key_of("id"); },
                   {},
                   {"the key is id (S), and the schema's is id (S), at (S): a table keeps its key; name a new one"}});
    all.push_back({"another type of the key",
                   [n](auto& t) { type_is(t, "at", n); },
                   {},
                   {"the key is id (S), at (N), and the schema's is id (S), at (S): a table keeps its key"}});
    all.push_back({"another key of an index",
                   [](auto& t) { global(t, "by_city").key_schema = key_of("city"); },
                   {},
                   {"the index is by city (S), and the schema's is by city (S), id (S): an index stays as it was made; "
                    "declare it under a new name"}});
    all.push_back({"another projection",
                   [](auto& t) { global(t, "by_name").projection = projecting(projection_type::all); },
                   {},
                   {"the index projects ALL, and the schema's projects KEYS_ONLY: an index stays as it was made"}});
    all.push_back({"a missing local index",
                   [](auto& t) { t.local_secondary_indexes.reset(); },
                   {},
                   {"there is no such local index: local indexes are made with their table; declare a gsi"}});
    all.push_back(
        {"another projection of a local index",
         [](auto& t) { t.local_secondary_indexes->front().projection = projecting(projection_type::keys_only); },
         {},
         {"the index projects KEYS_ONLY, and the schema's projects ALL: local indexes are made with"}});
    all.push_back({"a local index with the name of a global one",
                   [](auto& t) {
                       without(t, "by_city");
                       auto clash = t.local_secondary_indexes->front();
                       clash.index_name = "by_city";
                       t.local_secondary_indexes->push_back(clash);
                   },
                   {},
                   {"a local index has the name of the schema's global one: declare the global one under a new name"}});
    all.push_back({"no time to live, where the schema has one",
                   [](auto&) {},
                   {"things/: enable the time to live by gone_at"},
                   {},
                   unknown_indexes::keep,
                   "gone_at"});
    all.push_back({"another time to live",
                   [](auto&) {},
                   {},
                   {"the time to live is ends, and the schema's is gone_at: store the member as ends with "
                    "attribute<…>{\"ends\"}"},
                   unknown_indexes::keep,
                   "gone_at",
                   "ends"});
    all.push_back(
        {"a server that knows no time to live", [](auto&) {}, {}, {}, unknown_indexes::keep, "gone_at", std::nullopt});
    all.push_back({"a time to live that no schema has", [](auto&) {}, {}, {}, unknown_indexes::keep, "", "ends"});
    return all;
}

TEST(plan_of_a_table, is_what_the_service_can_change_and_names_what_it_cannot) {
    auto const wanted = wanted_table();
    for (auto const& one : plan_cases()) {
        SCOPED_TRACE(one.what);
        auto table = as_wanted();
        one.change(table);
        table_state state;
        state.table = &table;
        state.ttl_attribute = one.ttl;
        auto const update = plan_update(wanted, one.wanted_ttl, state, one.unknown);
        std::vector<std::string> changes;
        for (auto const& change : update.changes)
            changes.push_back(change.table + "/" + change.index + ": " + change.message);
        EXPECT_EQ(changes, one.changes);
        ASSERT_EQ(update.conflicts.size(), one.conflicts.size())
            << (update.conflicts.empty() ? "" : update.conflicts.front().message);
        for (std::size_t i = 0; i < one.conflicts.size(); ++i)
            EXPECT_NE(update.conflicts[i].message.find(one.conflicts[i]), std::string::npos)
                << update.conflicts[i].message;
    }
}

TEST(plan_of_a_table, that_does_not_exist_creates_it_with_everything) {
    auto const update = plan_update(wanted_table(), "gone_at", table_state(), unknown_indexes::drop);
    ASSERT_EQ(update.changes.size(), 2U);
    EXPECT_EQ(update.changes[0].kind, table_change_kind::create_table);
    EXPECT_EQ(update.changes[0].message,
              "create the table by id (S), at (S), with the indexes by_city, by_name and by_local_city");
    EXPECT_EQ(update.changes[1].kind, table_change_kind::enable_ttl);
}

TEST(plan_of_a_table, enables_a_stream_where_there_is_none_and_refuses_one_that_holds_less) {
    using dynasio::difference_kind;
    auto wanted = wanted_table();
    wanted.stream_specification.emplace(true).stream_view_type = stream_view_type::new_image;
    auto table = as_wanted();
    auto const plan = [&] { return plan_update(wanted, "", {&table, std::nullopt}, unknown_indexes::keep); };
    std::string const enable = "enable the stream of changes with NEW_IMAGE";
    for (bool const was_disabled : {false, true}) {
        if (was_disabled) table.stream_specification.emplace(false);
        auto const update = plan();
        ASSERT_EQ(update.changes.size(), 1U);
        EXPECT_EQ(update.changes[0].kind, table_change_kind::enable_stream);
        EXPECT_EQ(update.changes[0].message, enable);
        EXPECT_TRUE(update.conflicts.empty());
    }
    table.stream_specification.emplace(true);
    for (auto const enough : {stream_view_type::new_image, stream_view_type::new_and_old_images}) {
        table.stream_specification->stream_view_type = enough;
        EXPECT_TRUE(plan().changes.empty() && plan().conflicts.empty());
    }
    for (auto const less : {stream_view_type::keys_only, stream_view_type::old_image}) {
        table.stream_specification->stream_view_type = less;
        auto const update = plan();
        EXPECT_TRUE(update.changes.empty());
        ASSERT_EQ(update.conflicts.size(), 1U);
        EXPECT_EQ(update.conflicts[0].kind, difference_kind::stream);
        EXPECT_NE(update.conflicts[0].message.find("disable it with update_table()"), std::string::npos);
    }
    wanted.stream_specification.reset();
    EXPECT_TRUE(plan().conflicts.empty()) << "another program's stream is no difference";
}

TEST(plan_of_a_table, conflicts_are_one_error_that_names_all) {
    std::vector<dynasio::table_difference> conflicts;
    conflicts.push_back({"a", "", "the key is x: do y", dynasio::difference_kind::key});
    conflicts.push_back({"b", "by_z", "it projects ALL: do w", dynasio::difference_kind::index_projection});
    try {
        dynasio::detail::refuse_conflicts(conflicts);
        FAIL() << "nothing was thrown";
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), errc::schema_conflict);
        EXPECT_EQ(e.info().message, "a: the key is x: do y; b, index by_z: it projects ALL: do w");
    }
    dynasio::detail::refuse_conflicts({});
}

// One index

using action = index_change::action;

class change_of_an_index : public testing::Test {
protected:
    index_change adding() const {
        return index_change(wanted, {"things", table_change_kind::create_index, "by_city", ""});
    }
    index_change dropping() const {
        return index_change(wanted, {"things", table_change_kind::drop_index, "other", ""});
    }
    static table_description table_without_it() {
        auto t = as_wanted();
        without(t, "by_city");
        return t;
    }
    static table_description table_with_other() {
        auto t = as_wanted();
        other_index(t, "city");
        return t;
    }
    create_table_request const wanted = wanted_table();
};

TEST_F(change_of_an_index, is_requested_and_waited_for) {
    auto change = adding();
    auto table = table_without_it();
    EXPECT_EQ(change.saw(&table), action::request);
    auto const request = change.request();
    EXPECT_EQ(request.table_name, "things");
    ASSERT_EQ(request.global_secondary_index_updates->size(), 1U);
    EXPECT_EQ(request.global_secondary_index_updates->front().create->index_name, "by_city");
    EXPECT_FALSE(request.global_secondary_index_updates->front().create->provisioned_throughput);
    ASSERT_EQ(request.attribute_definitions->size(), 2U) << "those of the index alone";
    change.requested();
    EXPECT_EQ(change.saw(&table), action::wait) << "the description may be older than the request";
    table = as_wanted();
    table.table_status = table_status::updating;
    global(table, "by_city").index_status = index_status::creating;
    EXPECT_EQ(change.saw(&table), action::wait);
    EXPECT_EQ(change.goal(), "the index by_city to be ACTIVE, last state: CREATING");
    table = as_wanted();
    EXPECT_EQ(change.saw(&table), action::done);
}

TEST_F(change_of_an_index, waits_while_the_table_or_another_index_is_changed) {
    auto change = adding();
    auto table = table_without_it();
    table.table_status = table_status::updating;
    EXPECT_EQ(change.saw(&table), action::wait);
    table.table_status = table_status::active;
    global(table, "by_name").index_status = index_status::creating;
    EXPECT_EQ(change.saw(&table), action::wait);
    global(table, "by_name").index_status = index_status::active;
    EXPECT_EQ(change.saw(&table), action::request);
}

TEST_F(change_of_an_index, waits_until_an_index_of_the_name_has_gone) {
    auto change = adding();
    auto table = as_wanted();
    global(table, "by_city").index_status = index_status::deleting;
    EXPECT_EQ(change.saw(&table), action::wait);
    table = table_without_it();
    EXPECT_EQ(change.saw(&table), action::request);
}

TEST_F(change_of_an_index, is_done_when_another_process_has_made_it) {
    auto change = adding();
    auto table = table_without_it();
    EXPECT_EQ(change.saw(&table), action::request);
    change.refused();
    table = as_wanted();
    EXPECT_EQ(change.saw(&table), action::done);
}

TEST_F(change_of_an_index, is_a_conflict_when_another_process_has_made_another_one) {
    auto change = adding();
    auto table = as_wanted();
    global(table, "by_city").projection = projecting(projection_type::keys_only);
    try {
        static_cast<void>(change.saw(&table));
        FAIL() << "nothing was thrown";
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), errc::schema_conflict);
        EXPECT_EQ(e.info().index, "by_city");
    }
}

TEST_F(change_of_an_index, is_given_up_when_it_is_refused_for_no_such_reason) {
    auto change = adding();
    auto table = table_without_it();
    EXPECT_EQ(change.saw(&table), action::request);
    change.refused();
    EXPECT_EQ(change.saw(&table), action::give_up);
}

TEST_F(change_of_an_index, gives_it_the_capacity_of_its_table) {
    auto change = adding();
    auto table = table_without_it();
    table.provisioned_throughput.emplace();
    table.provisioned_throughput->read_capacity_units = 5;
    table.provisioned_throughput->write_capacity_units = 7;
    EXPECT_EQ(change.saw(&table), action::request);
    auto const request = change.request();
    auto const& capacity = request.global_secondary_index_updates->front().create->provisioned_throughput;
    ASSERT_TRUE(capacity);
    EXPECT_EQ(capacity->read_capacity_units, 5);
    EXPECT_EQ(capacity->write_capacity_units, 7);
}

TEST_F(change_of_an_index, drops_it_once_and_waits_until_it_has_gone) {
    auto change = dropping();
    auto table = table_with_other();
    EXPECT_EQ(change.saw(&table), action::request);
    auto const request = change.request();
    EXPECT_EQ(request.global_secondary_index_updates->front().delete_->index_name, "other");
    EXPECT_FALSE(request.attribute_definitions);
    change.requested();
    EXPECT_EQ(change.saw(&table), action::wait);
    global(table, "other").index_status = index_status::deleting;
    EXPECT_EQ(change.saw(&table), action::wait);
    table = as_wanted();
    table.table_status = table_status::updating;
    EXPECT_EQ(change.saw(&table), action::wait);
    table.table_status = table_status::active;
    EXPECT_EQ(change.saw(&table), action::done);
}

TEST_F(change_of_an_index, of_a_table_that_has_gone_is_an_error) {
    auto change = adding();
    try {
        static_cast<void>(change.saw(nullptr));
        FAIL() << "nothing was thrown";
    } catch (dynasio::error const& e) {
        EXPECT_EQ(e.code(), errc::wait_failed);
        EXPECT_EQ(e.info().table, "things");
    }
}

} // namespace
