#include <dynasio/orm/related.hpp>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/transaction.hpp>
#include <dynasio/orm/update.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "integration/database_test.hpp"

// What cannot be stored or read, and writes of several entities of which some fail: the error says what is wrong with
// which item, before a request where the client can know, and memory and store agree afterwards.
namespace refused {

using namespace dynasio::dsl;

struct Sheet {
    std::string id{};
    std::string row{};
    std::string text{};
    double level{};
    std::int8_t small{};
    std::map<std::string, std::string> names{};
    std::set<std::string> tags{};
    std::string group{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<Sheet>) {
    return entity<Sheet>(partition_key<&Sheet::id>, sort_key<&Sheet::row>, gsi<&Sheet::group>{"by_group"},
                         version<&Sheet::version>);
}

/// Attributes whose names are reserved words, have dots, or look like placeholders.
struct Named {
    std::string id{};
    std::string size{};
    std::string dotted{};
    int hash{};
    std::vector<int> list{};
    std::string colon{};
};
constexpr auto dynasio_schema(dynasio::tag<Named>) {
    return entity<Named>(partition_key<&Named::id>, attribute<&Named::id>{"key"}, attribute<&Named::dotted>{"a.b[0]"},
                         attribute<&Named::hash>{"#0"}, attribute<&Named::colon>{":0"},
                         attribute<&Named::list>{"select \"*\""}, gsi<&Named::dotted>{"by.dot"});
}

/// What the table of Sheet is not.
struct Other_key {
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Other_key>) {
    return entity<Other_key>(table{"sheets"}, partition_key<&Other_key::name>);
}
struct Other_type {
    std::int64_t id{};
    std::string row{};
};
constexpr auto dynasio_schema(dynasio::tag<Other_type>) {
    return entity<Other_type>(table{"sheets"}, partition_key<&Other_type::id>, sort_key<&Other_type::row>);
}
struct Other_index {
    std::string id{};
    std::string row{};
    std::string group{};
};
constexpr auto dynasio_schema(dynasio::tag<Other_index>) {
    return entity<Other_index>(table{"sheets"}, partition_key<&Other_index::id>, sort_key<&Other_index::row>,
                               gsi<&Other_index::group>{"by_other"});
}

/// Throws after its entity has been stored, when the test says so.
inline std::string thrown_by;
struct Hooked {
    std::string id{};
    std::string text{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<Hooked>) {
    return entity<Hooked>(partition_key<&Hooked::id>, version<&Hooked::version>, after_save([](Hooked& one) {
                              if (one.id == thrown_by) throw std::runtime_error("refused after " + one.id);
                          }));
}

} // namespace refused

namespace dynasio {
namespace {

using namespace dynasio::dsl;
using refused::Hooked;
using refused::Named;
using refused::Other_index;
using refused::Other_key;
using refused::Other_type;
using refused::Sheet;
using testing::match;

class refusals : public test::database_test {
protected:
    static Sheet sheet(std::string const& row = "r") {
        Sheet made;
        made.id = "s";
        made.row = row;
        return made;
    }
    /// Whether a failure has this code, is about this attribute of this item, and came before any request.
    void expect_refused(failure const& failed, errc code, std::string const& attribute, std::string const& key) {
        EXPECT_EQ(failed.code, code) << failed.to_string();
        EXPECT_EQ(failed.info->entity, "Sheet") << failed.to_string();
        EXPECT_EQ(failed.info->attribute, attribute) << failed.to_string();
        EXPECT_EQ(failed.info->key, key) << failed.to_string();
        EXPECT_EQ(failed.info->table, prefix + "sheets") << failed.to_string();
        EXPECT_EQ(endpoint.count(), 0U) << failed.to_string();
        endpoint.clear();
    }
    static constexpr char const* own_key = R"({"id":{"S":"s"},"row":{"S":"r"}})";

    repository<Sheet> sheets{db};
};

TEST_F(refusals, of_what_cannot_be_stored_name_the_member_and_the_key_before_any_request) {
    create_tables<Sheet>();
    struct mistake {
        char const* attribute;
        errc code;
        void (*make)(Sheet&);
    };
    mistake const mistakes[] = {
        {"level", errc::invalid_argument, [](Sheet& s) { s.level = std::numeric_limits<double>::quiet_NaN(); }},
        {"level", errc::invalid_argument, [](Sheet& s) { s.level = std::numeric_limits<double>::infinity(); }},
        {"level", errc::invalid_argument, [](Sheet& s) { s.level = 1e126; }},
        {"text", errc::invalid_argument, [](Sheet& s) { s.text = "\xff"; }},
        {"names", errc::invalid_argument, [](Sheet& s) { s.names["a\xc3"] = "x"; }},
        {"names", errc::invalid_argument, [](Sheet& s) { s.names["a"] = "\xed\xa0\x80"; }},
        {"tags", errc::invalid_argument, [](Sheet& s) { s.tags = {"\xc0\x80"}; }},
        {"group", errc::invalid_argument, [](Sheet& s) { s.group.assign(2049, 'g'); }},
        {"text", errc::item_too_large, [](Sheet& s) { s.text.assign(410'000, 'x'); }},
    };
    auto stored = sheet();
    save(stored);
    endpoint.clear();
    for (auto const& one : mistakes) {
        SCOPED_TRACE(one.attribute);
        Sheet fresh = sheet();
        one.make(fresh);
        expect_refused(failure_of(sheets.create(fresh)), one.code, one.attribute, own_key);
        expect_refused(failure_of(sheets.save(fresh)), one.code, one.attribute, own_key);
        auto changed = stored;
        one.make(changed);
        expect_refused(failure_of(sheets.save(changed)), one.code, one.attribute, own_key);
        EXPECT_EQ(changed.version, stored.version);
        expect_refused(failure_of(transaction(db).save(changed).commit()), one.code, one.attribute, own_key);
        auto followed = track(stored);
        one.make(*followed);
        expect_refused(failure_of(repository<tracked<Sheet>>(db).save(followed)), one.code, one.attribute, own_key);
        std::vector<Sheet> several{sheet("1"), fresh};
        auto const done = run(sheets.create_many(several));
        EXPECT_TRUE(done[0]);
        ASSERT_FALSE(done[1]);
        EXPECT_EQ(done[1].error().code, one.code);
        EXPECT_EQ(done[1].error().info->key, own_key);
        EXPECT_EQ(done[1].error().info->attribute, one.attribute);
        run(repository<Sheet>(direct).remove(several[0]));
        endpoint.clear();
    }
    auto const kept = run(repository<Sheet>(direct).get(key("s", "r")));
    EXPECT_EQ(kept.version, 1U);
}

TEST_F(refusals, of_keys_name_the_member_before_any_request) {
    create_tables<Sheet>();
    auto const longest = std::string(2048, 'p');
    auto fits = sheet(std::string(1024, 's'));
    fits.id = longest;
    fits.group = longest;
    run(sheets.create(fits));
    EXPECT_TRUE(run(sheets.find(key(longest, fits.row))));
    endpoint.clear();
    for (auto const& [id, row, attribute, code] :
         {std::tuple<std::string, std::string, std::string, errc>(longest + 'p', "r", "id", errc::invalid_argument),
          {"s", std::string(1025, 's'), "row", errc::invalid_argument},
          {"", "r", "id", errc::empty_key},
          {"\xff", "r", "id", errc::invalid_argument},
          {"s", "\xff", "row", errc::invalid_argument}}) {
        SCOPED_TRACE(attribute + ' ' + std::to_string(id.size()));
        Sheet one;
        one.id = id;
        one.row = row;
        expect_refused(failure_of(sheets.create(one)), code, attribute, "");
        expect_refused(failure_of(sheets.find(key(id, row))), code, attribute, "");
        expect_refused(failure_of(sheets.remove(one)), code, attribute, "");
        expect_refused(failure_of(sheets.update(key(id, row), set_to<&Sheet::text>("x"))), code, attribute, "");
        one.version = 1;
        expect_refused(failure_of(sheets.save(one)), code, attribute, "");
    }
}

TEST_F(refusals, of_operands_name_the_member_before_any_request) {
    create_tables<Sheet>();
    for (auto const& failed : {failure_of_call([] { (void)(field<&Sheet::text> == "\xff"); }),
                               failure_of_call([] { (void)set_to<&Sheet::text>("\xff"); }), failure_of_call([] {
                                   (void)(field<&Sheet::level> > std::numeric_limits<double>::quiet_NaN());
                               }),
                               failure_of_call([] { (void)(field<&Sheet::small> == 300); })}) {
        EXPECT_EQ(failed.info->entity, "Sheet") << failed.to_string();
        EXPECT_FALSE(failed.info->attribute.empty()) << failed.to_string();
    }
    std::vector<std::string> many;
    for (int i = 0; i != 250; ++i) many.push_back("t" + std::to_string(i));
    auto one = sheet();
    one.text = "t249";
    save(one);
    EXPECT_EQ(run(sheets.scan().where(field<&Sheet::text>.in(many)).count()), 1U)
        << "more than 100 operands are several INs";
    endpoint.clear();
    auto condition = field<&Sheet::text> == "x";
    for (int i = 0; i != 400; ++i) condition = std::move(condition) || field<&Sheet::text> == "y" + std::to_string(i);
    expect_refused(failure_of(sheets.scan().where(condition).all()), errc::invalid_argument, "", "");
    expect_refused(failure_of(sheets.save(one, only_if(condition))), errc::invalid_argument, "", own_key);
}

TEST_F(refusals, of_what_was_stored_name_the_member_and_the_key) {
    create_tables<Sheet>();
    auto const put = [&](dynamodb::item item) {
        item.emplace("id", "s");
        item.emplace("row", "r");
        run(direct.put_item(dynamodb::put_item_request(prefix + "sheets", std::move(item))));
    };
    struct mistake {
        char const* attribute;
        errc code;
        dynamodb::attribute_value value;
    };
    for (auto const& one :
         {mistake{"small", errc::number_out_of_range, 300},
          mistake{"small", errc::number_out_of_range, dynamodb::number::parse("1.5")},
          mistake{"small", errc::attribute_type_mismatch, "text"}, mistake{"text", errc::attribute_type_mismatch, 1},
          mistake{"tags", errc::attribute_type_mismatch, dynamodb::list{}},
          mistake{"names", errc::attribute_type_mismatch, dynamodb::item{{"a", 1}}}}) {
        put({{one.attribute, one.value}});
        for (auto const& failed : {failure_of(sheets.get(key("s", "r"))), failure_of(sheets.scan().all())}) {
            EXPECT_EQ(failed.code, one.code) << failed.to_string();
            EXPECT_EQ(failed.info->entity, "Sheet");
            EXPECT_TRUE(failed.info->attribute.starts_with(one.attribute)) << failed.to_string();
            EXPECT_EQ(failed.info->key, own_key) << failed.to_string();
        }
    }
    put({});
    auto const plain = run(sheets.get(key("s", "r")));
    EXPECT_EQ(plain.text, "") << "a member without an attribute keeps its value";
    EXPECT_TRUE(plain.tags.empty());
}

TEST_F(refusals, do_not_meet_names_that_expressions_cannot_hold) {
    create_tables<Named>();
    repository<Named> all{db};
    Named one;
    one.id = "n";
    one.size = "large";
    one.dotted = "d";
    one.hash = 3;
    one.colon = "c";
    one.list = {1, 2};
    run(all.save(one));
    EXPECT_EQ(run(all.scan()
                      .where(field<&Named::size> == "large" && field<&Named::hash> > 1 &&
                             field<&Named::list>.at(1) == 2 && field<&Named::colon>.exists())
                      .count()),
              1U);
    EXPECT_EQ(run(all.where(field<&Named::dotted> == "d").all()).size(), 1U);
    auto const changed = run(all.update("n", set_to<&Named::dotted>("e"), add<&Named::hash>(1),
                                        push_back<&Named::list>(3), only_if(field<&Named::colon> == "c")));
    EXPECT_EQ(changed.dotted, "e");
    EXPECT_EQ(changed.hash, 4);
    EXPECT_EQ(changed.list, (std::vector<int>{1, 2, 3}));
}

TEST_F(refusals, of_tables_that_differ_from_the_schema_name_entity_and_table) {
    create_tables<Sheet>();
    auto one = sheet();
    save(one);
    Other_key other;
    other.name = "x";
    Other_type number;
    number.id = 1;
    number.row = "r";
    for (auto const& [failed, entity] :
         {std::pair(failure_of(repository<Other_key>(db).create(other)), "Other_key"),
          std::pair(failure_of(repository<Other_key>(db).find("x")), "Other_key"),
          std::pair(failure_of(repository<Other_type>(db).create(number)), "Other_type"),
          std::pair(failure_of(repository<Other_type>(db).find(key(1, "r"))), "Other_type"),
          std::pair(failure_of(repository<Other_index>(db).where(field<&Other_index::group> == "g").all()),
                    "Other_index"),
          std::pair(failure_of(repository<Other_key>(db).scan().all()), "Other_key"),
          std::pair(failure_of(repository<Other_type>(db).scan().all()), "Other_type")}) {
        EXPECT_EQ(failed.info->entity, entity) << failed.to_string();
        EXPECT_EQ(failed.info->table, prefix + "sheets") << failed.to_string();
    }
    EXPECT_EQ(failure_of(repository<Other_key>(db).scan().all()).code, errc::attribute_missing);
    EXPECT_EQ(failure_of(repository<Other_type>(db).scan().all()).code, errc::attribute_type_mismatch);
}

TEST_F(refusals, of_three_kinds_in_one_transaction_leave_memory_and_store_alone) {
    create_tables<Sheet>();
    auto present = sheet("present"), stale = sheet("stale"), unmet = sheet("unmet"), fine = sheet("fine");
    for (auto* one : {&present, &stale, &unmet}) save(*one);
    auto const old = stale;
    auto newer = stale;
    newer.text = "newer";
    save(newer);
    for (int lost = 0; lost != 2; ++lost) {
        if (lost == 1)
            endpoint.on(match("TransactWriteItems")).times(1).drop_connection(testing::drop_time::after_forwarding);
        auto again = sheet("present");
        again.text = "again";
        stale.text = unmet.text = fine.text = "changed";
        auto const failed = failure_of(transaction(db)
                                           .create(again)
                                           .save(stale)
                                           .save(unmet, only_if(field<&Sheet::text> == "never"))
                                           .create(fine)
                                           .commit());
        EXPECT_EQ(failed.code, errc::already_exists) << failed.to_string();
        EXPECT_EQ(failed.info->key, R"({"id":{"S":"s"},"row":{"S":"present"}})");
        EXPECT_EQ(failed.info->cancellation_reasons.size(), 4U);
        EXPECT_NE(failed.info->message.find("stale"), std::string::npos) << failed.info->message;
        EXPECT_NE(failed.info->message.find("unmet"), std::string::npos) << failed.info->message;
        EXPECT_EQ(again.version, 0U);
        EXPECT_EQ(stale.version, old.version);
        EXPECT_EQ(unmet.version, 1U);
        EXPECT_EQ(fine.version, 0U);
        repository<Sheet> const there(direct);
        EXPECT_FALSE(run(there.find(key("s", "fine"))));
        EXPECT_EQ(run(there.get(key("s", "present"))).text, "");
        EXPECT_EQ(run(there.get(key("s", "stale"))).text, "newer");
        EXPECT_EQ(run(there.get(key("s", "unmet"))).version, 1U);
        endpoint.clear_rules();
    }
    EXPECT_TRUE(is_quiet(db));
}

TEST_F(refusals, in_the_middle_of_many_writes_leave_memory_and_store_in_agreement) {
    create_tables<Sheet>();
    std::vector<Sheet> many;
    for (int i = 0; i != 12; ++i) many.push_back(sheet("r" + std::to_string(i)));
    ASSERT_TRUE(run(sheets.create_many(many)).all_stored());
    // One is stale, one is gone, one is too large, and the answers of two others are lost.
    auto newer = many[4];
    newer.text = "newer";
    save(newer);
    auto gone = many[7];
    run(repository<Sheet>(direct).remove(gone));
    for (auto& one : many) one.text = "changed";
    many[9].text.assign(410'000, 'x');
    endpoint.on(match("UpdateItem")).times(2).drop_connection(testing::drop_time::after_forwarding);
    auto const done = run(sheets.save_many(many));
    EXPECT_EQ(done.stored(), 9U);
    EXPECT_EQ(done[4].error().code, errc::stale_version);
    EXPECT_EQ(done[7].error().code, errc::stale_version);
    EXPECT_EQ(done[9].error().code, errc::item_too_large);
    for (std::size_t i = 0; i != many.size(); ++i) {
        EXPECT_EQ(many[i].version, done[i] ? 2U : 1U) << i;
        if (i == 7) continue;
        auto const there = run(repository<Sheet>(direct).get(key("s", many[i].row)));
        EXPECT_EQ(there.version, i == 9 ? 1U : 2U) << i;
        EXPECT_EQ(there.text, i == 4 ? "newer" : i == 9 ? "" : "changed") << i;
    }
}

TEST_F(refusals, of_a_hook_in_the_middle_of_many_writes_leave_memory_and_store_in_agreement) {
    create_tables<Hooked>();
    repository<Hooked> all{db};
    std::vector<Hooked> many(6);
    for (std::size_t i = 0; i != many.size(); ++i) many[i].id = "h" + std::to_string(i);
    refused::thrown_by = "h3";
    std::string said;
    try {
        (void)run(all.save_many(many));
    } catch (std::runtime_error const& e) {
        said = e.what();
    }
    refused::thrown_by.clear();
    EXPECT_EQ(said, "refused after h3");
    for (auto const& one : many) {
        auto const there = run(repository<Hooked>(direct).find(one.id));
        EXPECT_EQ(there ? there->version : 0U, one.version) << one.id;
    }
    // What memory says can be saved again.
    EXPECT_TRUE(run(all.save_many(many)).all_stored());

    Hooked first, second;
    first.id = "t1";
    second.id = "t2";
    refused::thrown_by = "t1";
    EXPECT_THROW(run(transaction(db).save(first).save(second).commit()), std::runtime_error);
    refused::thrown_by.clear();
    for (auto const* one : {&first, &second}) {
        EXPECT_EQ(one->version, 1U);
        EXPECT_EQ(run(repository<Hooked>(direct).get(one->id)).version, 1U);
    }
}

} // namespace
} // namespace dynasio
