#include <dynasio/orm/table_change.hpp>
#include <dynasio/orm/table_difference.hpp>

#include <gtest/gtest.h>

#include <sstream>
#include <vector>

namespace {

using dynasio::difference_kind;
using dynasio::table_change;
using dynasio::table_change_kind;
using dynasio::table_difference;

TEST(text_of_differences, has_one_line_for_each_with_tables_and_indexes_one_under_the_other) {
    std::vector<table_difference> const all{
        {"people", "", "the key is a (S), and the schema's is b (S)", difference_kind::key},
        {"things", "by_city", "there is no such global index", difference_kind::no_global_index},
        {"t", "by_n", "the index projects ALL, and the schema's projects KEYS_ONLY",
         difference_kind::index_projection}};
    std::ostringstream out;
    out << all;
    EXPECT_EQ(out.str(), "people           the key is a (S), and the schema's is b (S)\n"
                         "things  by_city  there is no such global index\n"
                         "t       by_n     the index projects ALL, and the schema's projects KEYS_ONLY\n");
    EXPECT_EQ(to_text(all), out.str());
    EXPECT_EQ(to_text(std::vector<table_difference>()), "");
}

TEST(text_of_differences, leaves_the_column_of_indexes_out_when_there_are_none) {
    std::vector<table_difference> const all{{"people", "", "there is no such table", difference_kind::no_table}};
    EXPECT_EQ(to_text(all), "people  there is no such table\n");
}

TEST(text_of_changes, has_the_same_form) {
    std::vector<table_change> const all{{"people", table_change_kind::create_table, "", "create the table by id (S)"},
                                        {"t", table_change_kind::drop_index, "old", "drop the index by a (S)"}};
    std::ostringstream out;
    out << all;
    EXPECT_EQ(out.str(), "people       create the table by id (S)\nt       old  drop the index by a (S)\n");
    EXPECT_EQ(to_text(all), out.str());
}

} // namespace
