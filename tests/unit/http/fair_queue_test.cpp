#include <dynasio/http/detail/fair_queue.hpp>

#include <gtest/gtest.h>

#include <list>
#include <string>
#include <vector>

namespace {

using dynasio::http::traffic;

struct entry : boost::intrusive::list_base_hook<> {
    entry(traffic of, std::string text) : kind(of), name(std::move(text)) {}
    traffic const kind;
    std::string name;
};

struct fair_queue_test : testing::Test {
    dynasio::http::detail::fair_queue<entry> queue{};
    std::list<entry> entries{};

    entry& add(traffic kind, std::string name) {
        queue.push(entries.emplace_back(kind, std::move(name)));
        return entries.back();
    }
    void add(traffic kind, std::string const& name, int count) {
        for (int i = 0; i < count; ++i) add(kind, name + std::to_string(i));
    }
    std::string pop() {
        auto* const next = queue.pop();
        return next ? next->name : "nobody";
    }
    std::vector<std::string> pop(int count) {
        std::vector<std::string> names;
        for (int i = 0; i < count; ++i) names.push_back(pop());
        return names;
    }
    ~fair_queue_test() override {
        while (queue.pop()) {
        }
    }
};

TEST_F(fair_queue_test, is_empty_at_first) {
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(pop(), "nobody");
}

TEST_F(fair_queue_test, serves_each_class_in_the_order_of_arrival) {
    add(traffic::single, "s", 3);
    EXPECT_EQ(queue.size(), 3U);
    EXPECT_EQ(pop(4), (std::vector<std::string>{"s0", "s1", "s2", "nobody"}));
    add(traffic::fan_out, "f", 3);
    EXPECT_EQ(pop(4), (std::vector<std::string>{"f0", "f1", "f2", "nobody"}));
    EXPECT_TRUE(queue.empty());
}

TEST_F(fair_queue_test, a_single_request_is_the_next_whatever_waits_of_a_fan_out) {
    add(traffic::fan_out, "f", 500);
    EXPECT_EQ(pop(), "f0");
    add(traffic::single, "s");
    EXPECT_EQ(pop(), "s");
    EXPECT_EQ(pop(), "f1");
    add(traffic::single, "t");
    EXPECT_EQ(pop(), "t");
}

TEST_F(fair_queue_test, a_single_request_is_the_next_although_one_was_served_last) {
    add(traffic::single, "s");
    EXPECT_EQ(pop(), "s");
    add(traffic::fan_out, "f", 2);
    add(traffic::single, "t");
    EXPECT_EQ(pop(), "t");
}

TEST_F(fair_queue_test, both_take_turns_when_both_wait) {
    add(traffic::single, "s", 3);
    add(traffic::fan_out, "f", 5);
    EXPECT_EQ(pop(8), (std::vector<std::string>{"s0", "f0", "s1", "f1", "s2", "f2", "f3", "f4"}));
}

TEST_F(fair_queue_test, a_stream_of_single_requests_does_not_starve_a_fan_out) {
    add(traffic::fan_out, "f", 50);
    add(traffic::single, "s", 2);
    int fan_outs = 0;
    for (int i = 0; i < 100; ++i) {
        fan_outs += pop().starts_with('f');
        add(traffic::single, "s");
    }
    EXPECT_EQ(fan_outs, 50);
}

TEST_F(fair_queue_test, who_gives_up_loses_nobody_the_turn) {
    auto& first = add(traffic::fan_out, "f0");
    auto& second = add(traffic::single, "s0");
    add(traffic::fan_out, "f1");
    add(traffic::single, "s1");
    queue.remove(first);
    queue.remove(second);
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(pop(3), (std::vector<std::string>{"s1", "f1", "nobody"}));
}

TEST_F(fair_queue_test, a_fan_out_that_gave_up_is_owed_nothing) {
    auto& fan_out = add(traffic::fan_out, "f");
    add(traffic::single, "s", 2);
    EXPECT_EQ(pop(), "s0");
    queue.remove(fan_out);
    EXPECT_EQ(pop(), "s1");
}

} // namespace
