#include <dynasio/testing/detail/recorder.hpp>
#include <dynasio/testing/match.hpp>

#include <gtest/gtest.h>

namespace {

using dynasio::testing::match;
using dynasio::testing::recorded_request;
using dynasio::testing::detail::recorder;

recorder::time_point at(int ms) { return recorder::time_point(std::chrono::milliseconds(ms)); }

recorded_request request(char const* operation) {
    recorded_request r;
    r.operation = operation;
    return r;
}

TEST(recorder, keeps_requests_in_order_with_their_times) {
    recorder rec;
    auto a = request("GetItem");
    auto b = request("Query");
    rec.begin(a, at(1));
    rec.begin(b, at(2));
    b.fault = "delayed";
    b.forwarded = true;
    rec.finish(b, 200, at(5));
    auto const all = rec.requests();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].number, 0U);
    EXPECT_EQ(all[0].started, at(1));
    EXPECT_EQ(all[0].finished, std::nullopt);
    EXPECT_EQ(all[0].status, 0U);
    EXPECT_EQ(all[1].number, 1U);
    EXPECT_EQ(all[1].finished, at(5));
    EXPECT_EQ(all[1].status, 200U);
    EXPECT_EQ(all[1].fault, "delayed");
    EXPECT_TRUE(all[1].forwarded);
    EXPECT_EQ(rec.count_if(match("Query")), 1U);
    EXPECT_EQ(rec.count_if(match()), 2U);
}

TEST(recorder, counts_what_is_in_flight) {
    recorder rec;
    auto a = request("a");
    auto b = request("b");
    auto c = request("c");
    rec.begin(a, at(1));
    rec.begin(b, at(2));
    rec.finish(a, 200, at(3));
    rec.finish(b, 200, at(4));
    rec.begin(c, at(5));
    EXPECT_EQ(a.in_flight, 1U);
    EXPECT_EQ(b.in_flight, 2U);
    EXPECT_EQ(c.in_flight, 1U);
    EXPECT_EQ(rec.max_in_flight(), 2U);
}

TEST(recorder, forgets_requests_in_flight_but_still_counts_them_as_such) {
    recorder rec;
    auto a = request("a");
    auto b = request("b");
    rec.begin(a, at(1));
    rec.clear();
    EXPECT_TRUE(rec.requests().empty());
    EXPECT_EQ(rec.max_in_flight(), 0U);
    rec.begin(b, at(2));
    EXPECT_EQ(b.number, 1U);
    EXPECT_EQ(b.in_flight, 2U);
    rec.finish(a, 500, at(3));
    ASSERT_EQ(rec.requests().size(), 1U);
    EXPECT_EQ(rec.requests()[0].status, 0U);
    rec.finish(b, 200, at(4));
    EXPECT_EQ(rec.requests()[0].status, 200U);
}

TEST(recorder, sees_whether_requests_overlapped) {
    recorder rec;
    auto a = request("a");
    auto b = request("b");
    auto c = request("c");
    auto d = request("d");
    rec.begin(a, at(1));
    rec.begin(b, at(2));
    rec.finish(a, 200, at(3));
    rec.begin(c, at(3));
    rec.finish(c, 200, at(4));
    rec.finish(b, 200, at(5));
    rec.begin(d, at(6));
    EXPECT_TRUE(rec.overlapped(match("a"), match("b")));
    EXPECT_TRUE(rec.overlapped(match("b"), match("a")));
    EXPECT_TRUE(rec.overlapped(match("c"), match("b")));
    EXPECT_FALSE(rec.overlapped(match("a"), match("c")));
    EXPECT_FALSE(rec.overlapped(match("b"), match("d")));
}

TEST(recorder, a_request_does_not_overlap_with_itself) {
    recorder rec;
    auto a = request("a");
    rec.begin(a, at(1));
    EXPECT_FALSE(rec.overlapped(match(), match()));
    auto again = request("a");
    rec.begin(again, at(9));
    EXPECT_TRUE(rec.overlapped(match("a"), match("a")));
}

TEST(recorder, waits_no_longer_than_told) {
    recorder rec;
    EXPECT_TRUE(rec.wait_for(0, std::chrono::nanoseconds(0)));
    EXPECT_FALSE(rec.wait_for(1, std::chrono::nanoseconds(0)));
    auto a = request("a");
    rec.begin(a, at(1));
    EXPECT_TRUE(rec.wait_for(1, std::chrono::nanoseconds(0)));
}

TEST(recorder, keeps_the_newest_up_to_its_limit) {
    recorder rec(2);
    auto a = request("GetItem");
    auto b = request("Query");
    auto c = request("Scan");
    rec.begin(a, at(1));
    rec.begin(b, at(2));
    rec.begin(c, at(3));
    rec.finish(a, 200, at(4));
    rec.finish(c, 400, at(5));
    auto const all = rec.requests();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].operation, "Query");
    EXPECT_EQ(all[1].number, 2U);
    EXPECT_EQ(all[1].status, 400U);
    EXPECT_EQ(rec.seen(), 3U);
    EXPECT_TRUE(rec.wait_for(3, std::chrono::nanoseconds(0)));

    recorder none(0);
    none.begin(a, at(1));
    none.begin(b, at(1));
    none.finish(a, 200, at(2));
    EXPECT_EQ(none.seen(), 2U);
    EXPECT_EQ(none.max_in_flight(), 2U);
    EXPECT_TRUE(none.requests().empty());
}

} // namespace
