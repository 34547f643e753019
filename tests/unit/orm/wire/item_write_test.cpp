// What a write is decided to be before anything is sent, in each combination of what an entity can be.

#include <dynasio/orm/detail/describe.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/timestamp.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <orm/wire/item_write.hpp>
#include <orm/wire/pivot_rows.hpp>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "../model.hpp"
#include "support/error_of.hpp"

namespace written {

struct Plain {
    std::string id{};
    std::string text{};
};
struct Versioned {
    std::string id{};
    std::string email{};
    std::int64_t version{};
};
struct Dated {
    std::string id{};
    dynasio::timestamp created_at{}, updated_at{};
};
struct Full {
    std::string id{};
    dynasio::timestamp created_at{}, updated_at{};
    std::uint64_t version{};
};
struct Line {
    std::string order_id{};
    std::string id{};
    std::uint8_t version{};
};
struct Numbered {
    std::int64_t number{};
    dynasio::timestamp created_at{};
};

constexpr auto dynasio_schema(dynasio::tag<Plain>) {
    return dynasio::entity<Plain>(dynasio::partition_key<&Plain::id>);
}
constexpr auto dynasio_schema(dynasio::tag<Versioned>) {
    return dynasio::entity<Versioned>(dynasio::partition_key<&Versioned::id>, dynasio::version<&Versioned::version>,
                                      dynasio::gsi<&Versioned::email>{"by_email"});
}
constexpr auto dynasio_schema(dynasio::tag<Dated>) {
    return dynasio::entity<Dated>(dynasio::partition_key<&Dated::id>,
                                  dynasio::timestamps<&Dated::created_at, &Dated::updated_at>);
}
constexpr auto dynasio_schema(dynasio::tag<Full>) {
    return dynasio::entity<Full>(dynasio::partition_key<&Full::id>,
                                 dynasio::timestamps<&Full::created_at, &Full::updated_at>,
                                 dynasio::version<&Full::version>);
}
constexpr auto dynasio_schema(dynasio::tag<Line>) {
    return dynasio::entity<Line>(dynasio::partition_key<&Line::order_id>, dynasio::sort_key<&Line::id>,
                                 dynasio::version<&Line::version>);
}
constexpr auto dynasio_schema(dynasio::tag<Numbered>) {
    return dynasio::entity<Numbered>(dynasio::partition_key<&Numbered::number>,
                                     dynasio::created_at<&Numbered::created_at>);
}

struct Kept {
    std::string id{};
    std::string text{};
    std::optional<std::string> topic{};
    dynasio::timestamp created_at{}, updated_at{}, deleted_at{};
    std::uint64_t version{};
};
constexpr auto dynasio_schema(dynasio::tag<Kept>) {
    return dynasio::entity<Kept>(dynasio::partition_key<&Kept::id>,
                                 dynasio::timestamps<&Kept::created_at, &Kept::updated_at>,
                                 dynasio::version<&Kept::version>, dynasio::soft_delete<&Kept::deleted_at>,
                                 dynasio::gsi<&Kept::topic>{"by_topic"});
}
struct Bare {
    std::string id{};
    std::string text{};
    dynasio::timestamp deleted_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Bare>) {
    return dynasio::entity<Bare>(dynasio::partition_key<&Bare::id>, dynasio::soft_delete<&Bare::deleted_at>);
}

} // namespace written

namespace {

namespace json = boost::json;
using dynasio::diagnostics;
using dynasio::entity_type;
using dynasio::entity_type_of;
using dynasio::errc;
using dynasio::error;
using dynasio::error_code;
using dynasio::service_errc;
using dynasio::timestamp;
using dynasio::detail::item_write;
using dynasio::detail::make_remove;
using dynasio::detail::make_save_of_changes;
using dynasio::detail::make_write;
using dynasio::detail::write_environment;
using dynasio::detail::write_guard;
using dynasio::detail::write_mode;
using dynasio::dynamodb::operation;

dynasio::system_time at(int seconds) { return dynasio::system_time(std::chrono::seconds(1'700'000'000 + seconds)); }

class item_writes : public testing::Test {
protected:
    write_environment env() { return {.table_prefix = prefix, .now = at(100), .ids = &ids}; }
    template <class T> item_write write(T& entity, write_mode mode) {
        return make_write(env(), entity_type_of<T>(), &entity, mode, {});
    }

    std::string prefix{};
    dynasio::ulid_generator ids{[] { return at(50); },
                                [](std::span<unsigned char> bytes) { std::fill(bytes.begin(), bytes.end(), '\7'); }};
};

error conditional_failure(bool outcome_unknown = false) {
    diagnostics d;
    d.outcome_unknown = outcome_unknown;
    return error(service_errc::conditional_check_failed, std::move(d));
}

/// The failure of a condition, with the item that is stored.
error conditional_failure_at(std::string item, bool outcome_unknown = true) {
    diagnostics d;
    d.outcome_unknown = outcome_unknown;
    d.item = std::move(item);
    return error(service_errc::conditional_check_failed, std::move(d));
}

/// What a write comes to.
struct decision {
    operation op;
    write_guard guard;
    bool repeatable;
    bool makes_key;
    bool sets_created;
    std::optional<std::uint64_t> version; ///< That is stored.
    friend bool operator==(decision const&, decision const&) = default;
    friend void PrintTo(decision const& d, std::ostream* out) {
        *out << to_string(d.op) << " guard " << int(d.guard) << (d.repeatable ? " repeatable" : "")
             << (d.makes_key ? " makes key" : "") << (d.sets_created ? " sets created_at" : "") << " version "
             << (d.version ? std::to_string(*d.version) : "none");
    }
};

decision decided(item_write const& w, entity_type const& type) {
    decision d{w.operation(), w.guard(), w.repeatable(), false, false, std::nullopt};
    for (auto const& made : w.assignments()) {
        if (made.attribute == type.key.sort.value_or(type.key.partition)) d.makes_key = true;
        if (type.created_at == made.attribute) d.sets_created = true;
        if (type.version == made.attribute) d.version = std::get<std::uint64_t>(made.value);
    }
    return d;
}

constexpr auto put = operation::put_item;
constexpr auto update = operation::update_item;

/// An entity of each kind, set up in every way that matters.
template <class T> struct row {
    char const* what;
    T entity;
    decision on_create;
    decision on_save;
};

template <class T> void check(item_writes const&, auto write, std::vector<row<T>> rows) {
    for (auto& r : rows) {
        SCOPED_TRACE(r.what);
        T entity = r.entity;
        EXPECT_EQ(decided(write(entity, write_mode::create), entity_type_of<T>()), r.on_create) << "create";
        EXPECT_EQ(decided(write(entity, write_mode::save), entity_type_of<T>()), r.on_save) << "save";
    }
}

TEST_F(item_writes, without_version_and_times_are_guarded_only_when_new) {
    using written::Plain;
    auto const make = [&](Plain& e, write_mode m) { return write(e, m); };
    check<Plain>(*this, make,
                 {{"key given",
                   {"a", "t"},
                   {put, write_guard::absent, false, false, false, {}},
                   {update, write_guard::none, true, false, false, {}}},
                  {"key to be made",
                   {"", "t"},
                   {put, write_guard::absent, false, true, false, {}},
                   {put, write_guard::absent, false, true, false, {}}}});
}

TEST_F(item_writes, with_a_version_of_zero_are_new_or_older_than_it) {
    using written::Versioned;
    auto const make = [&](Versioned& e, write_mode m) { return write(e, m); };
    check<Versioned>(*this, make,
                     {{"never saved",
                       {"a", "", 0},
                       {put, write_guard::absent, false, false, false, 1},
                       {update, write_guard::unmarked, false, false, false, 1}},
                      {"never saved, key to be made",
                       {"", "", 0},
                       {put, write_guard::absent, false, true, false, 1},
                       {put, write_guard::absent, false, true, false, 1}},
                      {"saved",
                       {"a", "", 4},
                       {put, write_guard::absent, false, false, false, 1},
                       {update, write_guard::same_version, false, false, false, 5}},
                      {"saved, key lost",
                       {"", "", 4},
                       {put, write_guard::absent, false, true, false, 1},
                       {put, write_guard::absent, false, true, false, 1}}});
}

TEST_F(item_writes, without_time_of_creation_are_new_or_older_than_it) {
    using written::Dated;
    auto const make = [&](Dated& e, write_mode m) { return write(e, m); };
    check<Dated>(*this, make,
                 {{"never saved",
                   {"a", {}, {}},
                   {put, write_guard::absent, false, false, true, {}},
                   {update, write_guard::unmarked, false, false, true, {}}},
                  {"saved",
                   {"a", timestamp(at(1)), timestamp(at(2))},
                   {put, write_guard::absent, false, false, false, {}},
                   {update, write_guard::present, true, false, false, {}}},
                  {"key to be made",
                   {"", {}, {}},
                   {put, write_guard::absent, false, true, true, {}},
                   {put, write_guard::absent, false, true, true, {}}}});
}

TEST_F(item_writes, with_version_and_times_go_by_the_version) {
    using written::Full;
    auto const make = [&](Full& e, write_mode m) { return write(e, m); };
    check<Full>(*this, make,
                {{"never saved",
                  {"a", {}, {}, 0},
                  {put, write_guard::absent, false, false, true, 1},
                  {update, write_guard::unmarked, false, false, true, 1}},
                 {"dated by hand, or read from an item without version",
                  {"a", timestamp(at(1)), {}, 0},
                  {put, write_guard::absent, false, false, false, 1},
                  {update, write_guard::unmarked, false, false, false, 1}},
                 {"key to be made",
                  {"", {}, {}, 0},
                  {put, write_guard::absent, false, true, true, 1},
                  {put, write_guard::absent, false, true, true, 1}},
                 {"saved",
                  {"a", timestamp(at(1)), timestamp(at(2)), 2},
                  {put, write_guard::absent, false, false, false, 1},
                  {update, write_guard::same_version, false, false, false, 3}},
                 {"saved by another program, without times",
                  {"a", {}, {}, 2},
                  {put, write_guard::absent, false, false, true, 1},
                  {update, write_guard::same_version, false, false, false, 3}}});
}

TEST_F(item_writes, of_composite_keys_make_the_last_part) {
    using written::Line;
    auto const make = [&](Line& e, write_mode m) { return write(e, m); };
    check<Line>(*this, make,
                {{"sort key to be made",
                  {"o", "", 0},
                  {put, write_guard::absent, false, true, false, 1},
                  {put, write_guard::absent, false, true, false, 1}},
                 {"never saved",
                  {"o", "l", 0},
                  {put, write_guard::absent, false, false, false, 1},
                  {update, write_guard::unmarked, false, false, false, 1}},
                 {"saved",
                  {"o", "l", 1},
                  {put, write_guard::absent, false, false, false, 1},
                  {update, write_guard::same_version, false, false, false, 2}}});
    Line no_partition{"", "l", 0};
    EXPECT_THROW((void)write(no_partition, write_mode::create), error);
}

TEST_F(item_writes, make_no_keys_that_are_no_text) {
    using written::Numbered;
    auto const make = [&](Numbered& e, write_mode m) { return write(e, m); };
    check<Numbered>(*this, make,
                    {{"never saved",
                      {0, {}},
                      {put, write_guard::absent, false, false, true, {}},
                      {update, write_guard::unmarked, false, false, true, {}}},
                     {"saved",
                      {7, timestamp(at(1))},
                      {put, write_guard::absent, false, false, false, {}},
                      {update, write_guard::present, true, false, false, {}}}});
}

TEST_F(item_writes, refuse_versions_that_cannot_be_counted_on) {
    written::Versioned negative{"a", "", -1};
    written::Line last{"o", "l", 255};
    for (auto const& [what, action] :
         {std::pair<char const*, std::function<void()>>{"negative", [&] { (void)write(negative, write_mode::save); }},
          {"last", [&] { (void)write(last, write_mode::save); }}}) {
        try {
            action();
            ADD_FAILURE() << what;
        } catch (error const& e) {
            EXPECT_EQ(e.code(), errc::number_out_of_range) << what;
            EXPECT_EQ(e.info().attribute, "version");
        }
    }
}

TEST_F(item_writes, put_key_times_and_version_into_the_entity_on_success) {
    written::Full e;
    auto const w = write(e, write_mode::create);
    EXPECT_EQ(e.id, "") << "nothing before it has succeeded";
    w.apply();
    EXPECT_EQ(e.id.size(), 26U);
    EXPECT_EQ(e.created_at.time(), at(50)) << "the time in the ULID";
    EXPECT_EQ(e.updated_at.time(), at(100));
    EXPECT_EQ(e.version, 1U);
}

TEST_F(item_writes, never_set_the_time_of_change_back) {
    written::Dated e{"a", timestamp(at(1)), timestamp(at(500))};
    write(e, write_mode::save).apply();
    EXPECT_EQ(e.updated_at.time(), at(500));
}

// ---- what a failure means

struct meaning {
    error_code code;
    char const* text;
};

TEST_F(item_writes, tell_what_the_failure_of_their_guard_means) {
    written::Full fresh{"a", {}, {}, 0};
    written::Full stored{"a", timestamp(at(1)), {}, 2};
    written::Dated dated{"a", timestamp(at(1)), {}};
    auto const& type = entity_type_of<written::Full>();
    written::Dated undated{"a", {}, {}};
    std::vector<std::pair<item_write, meaning>> table;
    table.emplace_back(write(fresh, write_mode::create), meaning{errc::already_exists, "exists already"});
    table.emplace_back(write(fresh, write_mode::save),
                       meaning{errc::already_exists, "somebody else has given it its version"});
    table.emplace_back(write(undated, write_mode::save),
                       meaning{errc::already_exists, "somebody else has given it its time of creation"});
    table.emplace_back(write(stored, write_mode::save), meaning{errc::stale_version, "changed or removed"});
    table.emplace_back(write(dated, write_mode::save), meaning{errc::not_found, "does not exist any more"});
    table.emplace_back(make_remove(env(), type, R"({"id":{"S":"a"}})", R"({"N":"2"})", {}),
                       meaning{errc::stale_version, "was not removed"});
    for (auto const& [w, expected] : table) {
        auto const e = w.meaning_of(conditional_failure());
        EXPECT_EQ(e.code(), expected.code);
        EXPECT_NE(e.info().message.find(expected.text), std::string::npos) << e.info().message;
        EXPECT_NE(e.info().message.find(R"({"id":{"S":"a"}})"), std::string::npos) << e.info().message;
        EXPECT_FALSE(e.info().entity.empty());
    }
}

TEST_F(item_writes, leave_other_errors_as_they_are) {
    written::Full stored{"a", timestamp(at(1)), {}, 2};
    auto const throttled = write(stored, write_mode::save).meaning_of(error(service_errc::throttling, {}));
    EXPECT_EQ(throttled.code(), service_errc::throttling);
    EXPECT_EQ(throttled.info().entity, "Full");
    written::Plain plain{"a", ""};
    EXPECT_EQ(write(plain, write_mode::save).meaning_of(conditional_failure()).code(),
              service_errc::conditional_check_failed)
        << "it has no guard that could have failed";
}

TEST_F(item_writes, say_that_an_earlier_attempt_may_have_stored_it) {
    written::Full fresh{"a", {}, {}, 0};
    auto const e = write(fresh, write_mode::create).meaning_of(conditional_failure(true));
    EXPECT_NE(e.info().message.find("an earlier attempt"), std::string::npos) << e.info().message;
}

TEST_F(item_writes, recognise_their_own_earlier_attempt) {
    std::string const item = R"({"id":{"S":"a"},"text":{"S":"t"}})";
    written::Plain given{"a", "t"}, made{"", "t"};
    auto const create = write(given, write_mode::create);
    EXPECT_TRUE(create.asks_for_stored_item());
    EXPECT_TRUE(create.met_itself(conditional_failure_at(item)));
    EXPECT_TRUE(create.met_itself(conditional_failure_at(R"( { "text":{"S":"\u0074"}, "id":{"S":"a"} } )")));
    EXPECT_FALSE(create.met_itself(conditional_failure_at(item, false))) << "no attempt was in doubt";
    EXPECT_FALSE(create.met_itself(conditional_failure_at({}))) << "the server does not tell";
    EXPECT_FALSE(create.met_itself(conditional_failure_at("{"))) << "no item";
    EXPECT_FALSE(create.met_itself(conditional_failure_at(R"({"id":{"S":"a"}})")));
    EXPECT_FALSE(create.met_itself(conditional_failure_at(R"({"id":{"S":"a"},"text":{"S":"u"}})")));
    EXPECT_FALSE(create.met_itself(conditional_failure_at(R"({"id":{"S":"a"},"text":{"S":"t"},"b":{"S":"u"}})")));
    EXPECT_FALSE(create.met_itself(error(service_errc::internal_server_error, conditional_failure(true).info())));

    auto const with_key = write(made, write_mode::create);
    EXPECT_FALSE(with_key.asks_for_stored_item());
    EXPECT_TRUE(with_key.met_itself(conditional_failure(true))) << "nobody else can have made the key";
    EXPECT_FALSE(with_key.met_itself(conditional_failure(false)));

    written::Versioned stored{"a", "m", 4}, first{"a", "m", 0}, bare{"a", "", 4};
    auto const save = write(stored, write_mode::save);
    auto const first_save = write(first, write_mode::save);
    auto const of_version = [](std::string const& n) {
        return conditional_failure_at(R"({"id":{"S":"a"},"email":{"S":"m"},"more":{"BOOL":true},"version":{"N":")" + n +
                                      "\"}}");
    };
    EXPECT_TRUE(save.met_itself(of_version("5")));
    EXPECT_TRUE(save.met_itself(of_version("5.0")));
    EXPECT_FALSE(save.met_itself(of_version("6")));
    EXPECT_FALSE(save.met_itself(of_version("3")));
    EXPECT_TRUE(first_save.met_itself(of_version("1")));
    EXPECT_FALSE(first_save.met_itself(of_version("2")));
    auto const bare_save = write(bare, write_mode::save);
    EXPECT_FALSE(bare_save.met_itself(of_version("5"))) << "an attribute that this write removes is there";
    EXPECT_FALSE(bare_save.met_itself(conditional_failure_at(R"({"id":{"S":"a"},"version":{"N":"5"}})")))
        << "a key and a version do not tell who wrote them";
    auto const remove =
        make_remove(env(), entity_type_of<written::Versioned>(), R"({"id":{"S":"a"}})", R"({"N":"2"})", {});
    EXPECT_FALSE(remove.asks_for_stored_item());
    EXPECT_FALSE(remove.met_itself(of_version("2")));
}

TEST_F(item_writes, keep_the_key_that_was_made_and_nothing_else_when_their_outcome_is_unknown) {
    written::Full e;
    auto const w = write(e, write_mode::create);
    diagnostics d;
    d.outcome_unknown = true;
    w.keep_key();
    EXPECT_EQ(e.id.size(), 26U);
    EXPECT_FALSE(e.created_at.is_set());
    EXPECT_EQ(e.version, 0U);
    auto const f = w.meaning_of(error(service_errc::internal_server_error, std::move(d)));
    EXPECT_NE(f.info().message.find("the key is " + w.key() + ", which is in the entity now"), std::string::npos);
    written::Full given{"a", {}, {}, 0};
    write(given, write_mode::create).keep_key();
    EXPECT_EQ(given.id, "a");
}

// ---- the forms in which it is sent

TEST_F(item_writes, are_the_same_alone_and_in_a_transaction) {
    prefix = "dev_";
    written::Versioned stored{"a", "m", 2};
    written::Versioned fresh{"a", "m", 0};
    struct form {
        item_write w;
        char const* name;
    };
    std::vector<form> forms;
    forms.push_back({write(fresh, write_mode::create), "Put"});
    forms.push_back({write(stored, write_mode::save), "Update"});
    forms.push_back(
        {make_remove(env(), entity_type_of<written::Versioned>(), R"({"id":{"S":"a"}})", R"({"N":"2"})", {}),
         "Delete"});
    for (auto& [w, name] : forms) {
        SCOPED_TRACE(name);
        std::string entry;
        w.append_transaction_entry(entry);
        auto const action = json::parse(entry).as_object().at(name).as_object();
        EXPECT_EQ(action.at("TableName").as_string(), "dev_versioneds");
        EXPECT_TRUE(action.contains("ConditionExpression"));
        EXPECT_FALSE(action.contains("ReturnValues")) << "transactions have no such member";
        auto alone = json::parse(std::move(w).take_body()).as_object();
        alone.erase("ReturnValues");
        EXPECT_EQ(alone, action);
    }
}

TEST_F(item_writes, fit_a_batch_without_condition_only) {
    written::Versioned entity{"a", "m", 2};
    EXPECT_FALSE(write(entity, write_mode::create).fits_batch());
    EXPECT_FALSE(write(entity, write_mode::save).fits_batch());
    auto const remove = make_remove(env(), entity_type_of<written::Versioned>(), R"({"id":{"S":"a"}})", {}, {});
    ASSERT_TRUE(remove.fits_batch());
    std::string entry;
    remove.append_batch_entry(entry);
    EXPECT_EQ(json::parse(entry), json::parse(R"({"DeleteRequest":{"Key":{"id":{"S":"a"}}}})"));
    EXPECT_FALSE(make_remove(env(), entity_type_of<written::Versioned>(), R"({"id":{"S":"a"}})", R"({"N":"2"})", {})
                     .fits_batch());
}

// ---- what the request is about

TEST_F(item_writes, tell_table_partition_and_partitions_of_indexes) {
    prefix = "dev_";
    written::Versioned entity{"a", "m", 0};
    auto const w = write(entity, write_mode::create);
    auto const subject = w.subject();
    dynasio::dynamodb::detail::request_targets told;
    subject.tell(subject, {}, prefix, told);
    ASSERT_EQ(told.targets.size(), 1U);
    EXPECT_EQ(told.targets[0].table, "dev_versioneds");
    EXPECT_EQ(told.targets[0].key, dynasio::dynamodb::detail::partition_fingerprint("id", R"({"S":"a"})"));
    EXPECT_EQ(told.targets[0].key_in("by_email"),
              dynasio::dynamodb::detail::partition_fingerprint("email", R"({"S":"m"})"));
}

TEST_F(item_writes, of_links_tell_the_row) {
    shop::User user;
    user.id = "u";
    shop::Role role;
    role.id = "r";
    dynasio::detail::pivot_rows const rows(*entity_type_of<shop::User>().find_relation("roles"));
    auto const w =
        rows.detach(env(), rows.ids_of(env(), static_cast<void const*>(&user), static_cast<void const*>(&role)),
                    dynasio::detail::pivot_rows::required::nothing, {});
    EXPECT_EQ(w.operation(), operation::delete_item);
    EXPECT_EQ(w.guard(), write_guard::none);
    EXPECT_TRUE(w.repeatable());
    EXPECT_EQ(json::parse(w.key()), json::parse(R"({"pk":{"S":"users_roles#u"},"sk":{"S":"r"}})"));
    auto const subject = w.subject();
    dynasio::dynamodb::detail::request_targets told;
    subject.tell(subject, {}, "", told);
    ASSERT_EQ(told.targets.size(), 1U);
    EXPECT_EQ(told.targets[0].table, "pivots");
    EXPECT_EQ(told.targets[0].key, dynasio::dynamodb::detail::partition_fingerprint("pk", R"({"S":"users_roles#u"})"));
}

// ---- trash, restore, and what has changed

json::object body_of(item_write write) { return json::parse(std::move(write).take_body()).as_object(); }

/// The update with its placeholders replaced: "SET text = {"S":"x"} REMOVE topic".
std::string update_in(json::object const& body) {
    std::string const expression(body.at("UpdateExpression").as_string());
    std::string text;
    // One pass, because a value such as a time may hold what looks like a placeholder.
    for (std::size_t at = 0; at < expression.size();) {
        if (expression[at] != '#' && expression[at] != ':') {
            text += expression[at++];
            continue;
        }
        auto const end = std::min(expression.find_first_not_of("0123456789", at + 1), expression.size());
        auto const placeholder = std::string_view(expression).substr(at, end - at);
        at = end;
        bool const is_name = placeholder.front() == '#';
        auto const& shown =
            body.at(is_name ? "ExpressionAttributeNames" : "ExpressionAttributeValues").as_object().at(placeholder);
        text += is_name ? shown.as_string() : shown.as_object().begin()->value().as_string();
    }
    return text;
}

written::Kept stored_kept() {
    written::Kept k;
    k.id = "k";
    k.text = "old";
    k.topic = "t";
    k.created_at = k.updated_at = timestamp(at(0));
    k.version = 3;
    return k;
}
std::string text_of_time(int seconds) { return timestamp(at(seconds)).to_string(); }

TEST_F(item_writes, trash_stores_its_time_the_time_of_the_save_and_the_version_alone) {
    auto kept = stored_kept();
    kept.text = "changed";
    auto const write = this->write(kept, write_mode::trash);
    EXPECT_EQ(write.guard(), write_guard::same_version);
    EXPECT_FALSE(write.repeatable());
    EXPECT_EQ(update_in(body_of(this->write(kept, write_mode::trash))),
              "SET updated_at = " + text_of_time(100) + ", deleted_at = " + text_of_time(100) + ", version = 4");
    EXPECT_FALSE(kept.deleted_at.is_set()) << "nothing is assigned before the write has succeeded";
    written::Kept twin = stored_kept();
    write.apply(&twin);
    EXPECT_EQ(kept.deleted_at, timestamp(at(100)));
    EXPECT_EQ(twin.deleted_at, timestamp(at(100)));
    EXPECT_EQ(twin.version, 4U);
    EXPECT_EQ(twin.text, "old");
    auto const restore = this->write(kept, write_mode::restore);
    EXPECT_EQ(update_in(body_of(this->write(kept, write_mode::restore))),
              "SET updated_at = " + text_of_time(100) + ", version = 5 REMOVE deleted_at");
    restore.apply();
    EXPECT_FALSE(kept.deleted_at.is_set());
    EXPECT_EQ(kept.version, 5U);
}

TEST_F(item_writes, trash_never_makes_an_item) {
    written::Bare bare;
    bare.id = "b";
    auto const plain = write(bare, write_mode::trash);
    EXPECT_EQ(plain.guard(), write_guard::present);
    EXPECT_TRUE(plain.repeatable());
    written::Kept old;
    old.id = "k";
    auto const unmarked = write(old, write_mode::trash);
    EXPECT_EQ(unmarked.guard(), write_guard::same_version);
    EXPECT_NE(std::string(body_of(write(old, write_mode::trash)).at("ConditionExpression").as_string())
                  .find("attribute_exists"),
              std::string::npos);
    written::Bare unsaved;
    EXPECT_EQ(dynasio::test::error_of([&] { (void)write(unsaved, write_mode::trash); }).code(), errc::entity_not_saved);
}

TEST_F(item_writes, a_save_of_changes_stores_them_alone) {
    auto const original = stored_kept();
    auto const save = [&](written::Kept& now, bool touches = false) {
        return make_save_of_changes(env(), entity_type_of<written::Kept>(), &now, &original, touches, {});
    };
    auto now = original;
    EXPECT_FALSE(save(now));
    EXPECT_EQ(update_in(body_of(*save(now, true))), "SET updated_at = " + text_of_time(100) + ", version = 4");
    now.version = 77;
    EXPECT_FALSE(save(now)) << "the version is the library's";
    now = original;
    now.text = "new";
    now.topic = "";
    auto const write = save(now);
    EXPECT_EQ(write->guard(), write_guard::same_version);
    EXPECT_EQ(update_in(body_of(*save(now))),
              "SET text = new, updated_at = " + text_of_time(100) + ", version = 4 REMOVE topic");
    write->apply();
    EXPECT_EQ(now.topic, std::nullopt) << "an empty key of an index is stored as no attribute";
    now.id = "other";
    EXPECT_EQ(dynasio::test::error_of([&] { (void)save(now); }).code(), errc::invalid_argument);
}

TEST_F(item_writes, a_save_of_changes_needs_the_item_that_was_read) {
    written::Bare bare;
    bare.id = "b";
    auto changed = bare;
    changed.text = "x";
    auto const write = make_save_of_changes(env(), entity_type_of<written::Bare>(), &changed, &bare, false, {});
    EXPECT_EQ(write->guard(), write_guard::present);
    EXPECT_EQ(write->meaning_of(conditional_failure()).code(), errc::not_found);
}

TEST_F(item_writes, the_stored_item_tells_whether_the_guard_or_the_callers_condition_failed) {
    using dynasio::dynamodb::condition;
    auto kept = stored_kept();
    condition const asked(condition::kind::equal, "text", std::vector<std::string>(1, R"({"S":"on"})"));
    auto const write = make_write(env(), entity_type_of<written::Kept>(), &kept, write_mode::save, {}, asked);
    EXPECT_TRUE(write.asks_for_stored_item());
    auto const code_at = [&](char const* item) { return write.meaning_of(conditional_failure_at(item, false)).code(); };
    EXPECT_EQ(code_at(R"({"id":{"S":"k"},"version":{"N":"3"},"text":{"S":"off"}})"), errc::condition_failed);
    EXPECT_EQ(code_at(R"({"id":{"S":"k"},"version":{"N":"3.0"},"text":{"S":"off"}})"), errc::condition_failed);
    EXPECT_EQ(code_at(R"({"id":{"S":"k"},"version":{"N":"4"},"text":{"S":"on"}})"), errc::stale_version);
    EXPECT_EQ(code_at(""), errc::stale_version) << "there is no item";
}

} // namespace
