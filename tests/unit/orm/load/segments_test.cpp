// A scan in segments: one request for each, one source, one budget.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "load_fixture.hpp"

namespace {

using namespace load_test;
using shop::User;

dynasio::detail::access_plan scan_in(std::size_t segments) {
    dynasio::detail::access_plan plan;
    plan.segments = segments;
    return plan;
}

using scan_in_segments = load_conversation;

TEST_F(scan_in_segments, asks_for_all_of_them_at_once_and_follows_the_pages_of_each) {
    g().start_with_query(entity_type_of<User>(), scan_in(3), {}, {}, {});
    auto requests = all();
    ASSERT_EQ(requests.size(), 3U);
    for (auto const& r : requests) {
        EXPECT_EQ(r.op, operation::scan);
        EXPECT_EQ(json::parse(r.body).at("TotalSegments").as_int64(), 3);
    }
    std::sort(requests.begin(), requests.end(), [](auto const& a, auto const& b) {
        return json::parse(a.body).at("Segment").as_int64() < json::parse(b.body).at("Segment").as_int64();
    });
    EXPECT_EQ(json::parse(requests[2].body).at("Segment").as_int64(), 2);
    answer(requests[2], page_of({user("c")}));
    answer(requests[0], page_of({user("a")}, json::object{{"id", s("a")}}));
    auto const more = all();
    ASSERT_EQ(more.size(), 1U);
    EXPECT_EQ(json::parse(more[0].body).at("Segment").as_int64(), 0);
    EXPECT_EQ(json::parse(more[0].body).at("ExclusiveStartKey"), json::value(json::object{{"id", s("a")}}));
    answer(more[0], page_of({user("b")}));
    answer(requests[1], page_of({}));
    EXPECT_TRUE(g().done());
    g().finish();
    EXPECT_EQ(ids(*static_cast<std::vector<User>*>(g().take_items().get())), "a b c");
    EXPECT_TRUE(g().next_cursor().empty());
}

TEST_F(scan_in_segments, adds_the_counts_up) {
    g().start_with_query(entity_type_of<User>(), scan_in(2), {}, {}, {}, dynasio::detail::projection::count);
    auto const requests = all();
    ASSERT_EQ(requests.size(), 2U);
    answer(requests[0], R"({"Count":3,"ScannedCount":3})");
    answer(requests[1], R"({"Count":4,"ScannedCount":4})");
    g().finish();
    EXPECT_EQ(g().counted(), 7U);
}

TEST_F(scan_in_segments, one_of_them_is_read_alone) {
    auto plan = scan_in(4);
    plan.segment = 2;
    g().start_with_query(entity_type_of<User>(), plan, {}, R"({"id":{"S":"x"}})", {});
    auto const requests = all();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests[0].body,
              R"({"TableName":"users","TotalSegments":4,"Segment":2,"ExclusiveStartKey":{"id":{"S":"x"}}})");
}

TEST_F(scan_in_segments, their_pages_count_together_for_a_bound) {
    options.budget.requests = 3;
    g().start_with_query(entity_type_of<User>(), scan_in(2), {}, {}, {});
    auto const requests = all();
    answer(requests[0], page_of({user("a")}, json::object{{"id", s("a")}}));
    auto const third = next();
    answer(third, page_of({user("b")}));
    auto const met = error_of([&] { answer(requests[1], page_of({user("c")}, json::object{{"id", s("c")}})); });
    EXPECT_EQ(met.code(), errc::budget_exhausted);
    EXPECT_EQ(met.info().message.find("page()"), std::string::npos) << met.info().message;
}

} // namespace
