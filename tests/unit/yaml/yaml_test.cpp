#include <dynasio/yaml/yaml.hpp>

#include <dynasio/orm/handles.hpp>
#include <dynasio/orm/schema.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>
#include <yaml-cpp/yaml.h>

#include "support/error_of.hpp"

namespace yaml_model {

struct Note {
    std::string id{};
    std::string page_id{};
};
struct Page {
    std::string id{};
    std::string emailAddress{};
    std::optional<int> age{};
    dynasio::dynamodb::number exact{};
    double rate{};
    bool active{};
    std::vector<std::string> tags{};
    std::map<std::string, int> counts{};
    std::set<int> years{};
    std::vector<std::byte> bytes{};
    dynasio::timestamp born{};
    dynasio::has_many<Note> notes{};
};
constexpr auto dynasio_schema(dynasio::tag<Note>) {
    using namespace dynasio::dsl;
    return entity<Note>(partition_key<&Note::id>, gsi<&Note::page_id>{"by_page"});
}
constexpr auto dynasio_schema(dynasio::tag<Page>) {
    using namespace dynasio::dsl;
    return entity<Page>(partition_key<&Page::id>, relate<&Page::notes>(by<&Note::page_id>));
}

struct Sparse {
    std::string id{};
    std::vector<std::optional<int>> numbers{};
    std::map<std::string, std::optional<std::string>> texts{};
};
constexpr auto dynasio_schema(dynasio::tag<Sparse>) {
    using namespace dynasio::dsl;
    return entity<Sparse>(partition_key<&Sparse::id>);
}

} // namespace yaml_model

namespace dynasio::test {
namespace {

using yaml_model::Page;
using yaml_model::Sparse;

Page page_with_all() {
    Page page;
    page.id = "p-1";
    page.emailAddress = "ann@example.com";
    page.age = 42;
    page.exact = dynamodb::number::parse("12345678901234567890.123456789");
    page.rate = 0.1;
    page.active = true;
    page.tags = {"x", "", "true", "12", "two\nlines", "ä", "- dash", "a: b", "#no"};
    page.counts = {{"no", 1}, {"a", -2}};
    page.years = {1999, 2026};
    page.bytes = {std::byte{0xff}, std::byte{0}};
    page.born = *timestamp::parse("2026-11-28T07:00:00.123Z");
    return page;
}

TEST(yaml, has_a_line_for_each_attribute_with_the_names_of_json) {
    EXPECT_EQ(to_yaml(page_with_all()), R"(id: p-1
email_address: "ann@example.com"
age: 42
exact: 12345678901234567890.123456789
rate: 0.1
active: true
tags:
  - x
  - ""
  - "true"
  - "12"
  - "two\nlines"
  - "ä"
  - "- dash"
  - "a: b"
  - "#no"
counts:
  a: -2
  "no": 1
years:
  - 1999
  - 2026
bytes: "/wA="
born: "2026-11-28T07:00:00.123Z"
)");
}

TEST(yaml, is_read_back) {
    auto const before = page_with_all();
    EXPECT_EQ(to_json(from_yaml<Page>(to_yaml(before))), to_json(before));
    EXPECT_EQ(to_json(from_yaml<Page>(to_yaml(Page()))), to_json(Page()));
}

TEST(yaml, of_texts_is_read_as_texts_by_other_readers_too) {
    for (std::string const text :
         {"yes", "No", "null", "~",    "1e3",   "0x1f", "2026-11-28", "!x",     "&a",  "*a", "%",
          "@",   "`",  "a #b", "key:", " pad ", "\t",   "\x01",       "\u2028", "'",   "\"", "\\",
          "{",   "[",  ",",    "|",    ">",     "?",    "-",          "---",    "...", "<<", "="}) {
        Page page;
        page.id = text;
        auto const yaml = to_yaml(page);
        EXPECT_EQ(YAML::Load(yaml)["id"].as<std::string>(), text) << yaml;
        EXPECT_EQ(from_yaml<Page>(yaml).id, text) << yaml;
    }
}

TEST(yaml, of_nothing_within_lists_and_maps_is_read_as_nothing) {
    Sparse before;
    before.id = "s";
    before.numbers = {1, std::nullopt};
    before.texts = {{"a", std::nullopt}, {"b", "null"}};
    auto const after = from_yaml<Sparse>(to_yaml(before));
    EXPECT_EQ(after.numbers, before.numbers) << to_yaml(before);
    EXPECT_EQ(after.texts, before.texts) << to_yaml(before);
}

TEST(yaml, has_loaded_relations_where_asked) {
    Page page;
    page.id = "p-1";
    page.notes.set(std::vector<yaml_model::Note>{{"n-1", "p-1"}});
    EXPECT_EQ(to_yaml(page).find("notes"), std::string::npos);
    EXPECT_NE(to_yaml(page, json_relations::loaded).find("notes:\n  - id: n-1\n    page_id: p-1\n"), std::string::npos);
}

TEST(yaml, of_people_is_taken) {
    auto const page = from_yaml<Page>("# a comment\n"
                                      "id: 'p 1'\n"
                                      "emailAddress: ignored\n"
                                      "email_address: >-\n  a@b.c\n"
                                      "age: ~\n"
                                      "rate: +.5e2\n"
                                      "active: True\n"
                                      "tags: [one, two words, !!str 3]\n"
                                      "counts: {a: 0x10, b: 007}\n"
                                      "bytes: !!binary |\n  /w\n  A=\n"
                                      "exact: 0.10000000000000000000000000000000000001\n");
    EXPECT_EQ(page.id, "p 1");
    EXPECT_EQ(page.emailAddress, "a@b.c");
    EXPECT_FALSE(page.age);
    EXPECT_EQ(page.rate, 50);
    EXPECT_TRUE(page.active);
    EXPECT_EQ(page.tags, (std::vector<std::string>{"one", "two words", "3"}));
    EXPECT_EQ(page.counts, (std::map<std::string, int>{{"a", 16}, {"b", 7}}));
    EXPECT_EQ(page.bytes, page_with_all().bytes);
    EXPECT_EQ(page.exact, dynamodb::number::parse("0.10000000000000000000000000000000000001"));
}

TEST(yaml, that_is_wrong_is_refused_with_line_and_column) {
    auto const refused = [](std::string const& text) {
        return error_of([&] { static_cast<void>(from_yaml<Page>(text)); });
    };
    for (char const* const text :
         {"", "- id\n", "text", "id: x\n---\nid: y\n", "id: [", "id: 'x", "\tid: x", "? [a]\n: b\n", "a: &x 1\nb: *x\n",
          "a: &x [1]\n", "id: x\nid: y\n", "id: !mine x\n", "a: !mine [1]\n", "id: \"\xff\"\n"})
        EXPECT_EQ(refused(text).code(), errc::invalid_argument) << text;
    EXPECT_EQ(refused("age: 1\nid: x\nid: y\n").info().message, "the name 'id' is there twice (line 3, column 1)");
    auto const wrong = refused("id: 12\n");
    EXPECT_EQ(wrong.code(), errc::attribute_type_mismatch);
    EXPECT_EQ(wrong.info().attribute, "id");
    std::string deep = "tags: ";
    for (int i = 0; i < 200; ++i) deep += '[';
    EXPECT_EQ(refused(deep).code(), errc::invalid_argument);
}

// Whoever expands aliases makes 10^9 elements of this.
TEST(yaml, that_would_grow_without_bounds_is_refused_at_once) {
    std::string text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
    for (char c = 'b'; c < 'j'; ++c) {
        text += std::string(1, c) + ": &" + c + " [";
        for (int i = 0; i < 10; ++i) text += std::string(i ? ",*" : "*") + static_cast<char>(c - 1);
        text += "]\n";
    }
    EXPECT_EQ(error_of([&] { static_cast<void>(from_yaml<Page>(text)); }).code(), errc::invalid_argument);
}

} // namespace
} // namespace dynasio::test
