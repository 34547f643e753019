// The small parts of a fetch, and the table of fetches by key.

#include <gtest/gtest.h>

#include <map>
#include <orm/load/load_plan.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace dynasio::fetch_tests {

using namespace dynasio::detail;

std::string key_of(unsigned i) { return R"({"id":{"S":")" + std::to_string(i) + R"("}})"; }

TEST(fetch_table, finds_what_was_added_and_not_forgotten) {
    load_source source;
    fetch_table table;
    EXPECT_EQ(table.find(""), nullptr) << "of a table that is empty";
    std::map<std::string, fetch*> expected;
    std::vector<fetch*> forgotten;
    std::mt19937 random(7);
    for (int step = 0; step < 4'000; ++step) {
        std::string const key = key_of(static_cast<unsigned>(random() % 300));
        bool const is_known = expected.contains(key);
        if (random() % 3 != 0) {
            auto const [f, is_new] = table.find_or_add(key, source);
            ASSERT_EQ(is_new, !is_known) << key;
            ASSERT_EQ(std::string_view(f->key), key);
            if (is_known) {
                ASSERT_EQ(f, expected[key]);
            }
            expected[key] = f;
        } else if (is_known) {
            fetch& f = *expected[key];
            if (step % 2 == 0) {
                table.erase(f);
            } else {
                table.forget_key(f);
                table.forget_key(f); // which changes nothing
                forgotten.push_back(&f);
            }
            expected.erase(key);
        }
        if (step % 50 == 0)
            for (unsigned i = 0; i < 300; ++i) {
                auto const at = expected.find(key_of(i));
                ASSERT_EQ(table.find(key_of(i)), at == expected.end() ? nullptr : at->second) << i;
            }
    }
    std::size_t count = 0;
    table.visit([&](fetch const&) { ++count; });
    EXPECT_EQ(count, expected.size() + forgotten.size()) << "a fetch whose key is forgotten stays";
    for (fetch const* const f : forgotten) EXPECT_EQ(std::string_view(f->key), "");
}

TEST(fetch_table, visits_in_the_order_in_which_fetches_came) {
    load_source source;
    fetch_table table;
    std::string keys;
    for (unsigned i = 0; i < 20; ++i) {
        auto const [f, is_new] = table.find_or_add(std::to_string(19 - i), source);
        EXPECT_TRUE(is_new);
        EXPECT_EQ(f->place, i);
    }
    table.erase(*table.find("5"));
    table.visit([&](fetch const& f) { keys += std::string(std::string_view(f.key)) + ' '; });
    EXPECT_EQ(keys, "19 18 17 16 15 14 13 12 11 10 9 8 7 6 4 3 2 1 0 ");
}

TEST(fetch_table, has_a_place_for_the_empty_key) {
    load_source source;
    fetch_table table;
    auto const [f, is_new] = table.find_or_add("", source);
    EXPECT_TRUE(is_new);
    EXPECT_EQ(table.find(""), f);
    EXPECT_FALSE(table.find_or_add("", source).second);
    table.forget_key(*f);
    EXPECT_EQ(table.find(""), nullptr);
}

TEST(a_seldom_text, is_empty_until_it_is_set) {
    seldom_text text;
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(std::string_view(text), "");
    text = std::string("here");
    EXPECT_FALSE(text.empty());
    EXPECT_EQ(std::string_view(text), "here");
    text = std::string();
    EXPECT_TRUE(text.empty());
    text = std::string("there");
    text.clear();
    EXPECT_TRUE(text.empty());
}

} // namespace dynasio::fetch_tests
