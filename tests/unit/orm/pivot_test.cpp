#include <dynasio/orm/pivot.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace {

using dynasio::pivot;
using dynasio::timestamp;
using dynasio::dynamodb::attribute_value;

TEST(pivot_data, is_empty_without_arguments) {
    pivot const p;
    EXPECT_FALSE(p.created_at().is_set());
    EXPECT_TRUE(p.extra().empty());
    EXPECT_EQ(p.find("anything"), nullptr);
}

TEST(pivot_data, takes_names_and_values_of_any_type_in_turn) {
    pivot const p("granted_by", "system", "level", 3, "active", true, "weight", 0.5);
    ASSERT_EQ(p.extra().size(), 4U);
    EXPECT_EQ(p.find("granted_by")->as_string(), "system");
    EXPECT_EQ(p.find("level")->as_number().text(), "3");
    EXPECT_TRUE(p.find("active")->as_bool());
    EXPECT_EQ(p.find("weight")->as_number().to_double(), 0.5);
    EXPECT_EQ(p.find("absent"), nullptr);
}

TEST(pivot_data, stores_times_as_text) {
    auto const t = timestamp::parse("2026-02-03T04:05:06.789Z").value();
    pivot const p("until", t);
    EXPECT_EQ(p.find("until")->as_string(), "2026-02-03T04:05:06.789Z");
}

TEST(pivot_data, keeps_the_last_of_equal_names) {
    pivot const p("a", 1, "a", 2);
    ASSERT_EQ(p.extra().size(), 1U);
    EXPECT_EQ(p.find("a")->as_number().text(), "2");
}

TEST(pivot_data, keeps_lists_and_maps) {
    pivot const p("tags", dynasio::dynamodb::list{attribute_value("x"), attribute_value(1)});
    ASSERT_EQ(p.find("tags")->as_list().size(), 2U);
    EXPECT_EQ(p.find("tags")->as_list()[1].as_number().text(), "1");
}

TEST(pivot_data, that_was_read_has_time_and_values) {
    dynasio::dynamodb::item extra;
    extra["level"] = attribute_value(7);
    pivot const p(timestamp::parse("2026-01-01T00:00:00Z").value(), extra);
    EXPECT_EQ(p.created_at().to_string(), "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(p.find("level")->as_number().text(), "7");
}

} // namespace
