// Streams of pages: what is read ahead, and what errors and cancellations leave behind.

#include <dynasio/orm/field.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../model.hpp"
#include "service_fixture.hpp"

namespace {

using namespace run_test;
using dynasio::repository;
using shop::Post;

class streams_of_pages : public service_conversation {
protected:
    static std::string page_with(std::string const& id, bool last = false) {
        std::string const key = R"({"id":{"S":")" + id + R"("}})";
        return R"({"Items":[{"id":{"S":")" + id + R"("},"title":{"S":"t"}}])" +
               (last ? "}" : R"(,"LastEvaluatedKey":)" + key + "}");
    }
    void answer_three_pages() {
        answer_with(page_with("p1"));
        answer_with(page_with("p2"));
        answer_with(page_with("p3", true));
    }
    /// Runs until `condition` holds.
    template <class Condition> void run_until(Condition condition) {
        auto const waiting = [](Condition holds, asio::io_context& on) -> asio::awaitable<void> {
            asio::steady_timer pause(on);
            while (!holds()) {
                pause.expires_after(std::chrono::milliseconds(1));
                auto pausing = pause.async_wait(asio::use_awaitable);
                co_await std::move(pausing);
            }
        };
        run(waiting(condition, ctx));
    }
    void settle(std::size_t requests) {
        run_until([&] { return sent() >= requests; });
    }

    repository<Post> posts{db};
};

TEST_F(streams_of_pages, give_each_page_once) {
    answer_three_pages();
    auto pages = posts.scan().pages(1);
    EXPECT_EQ(sent(), 0U) << "nothing is read before it is asked for";
    for (char const* id : {"p1", "p2", "p3"}) {
        auto const page = run(pages.next());
        ASSERT_TRUE(page);
        ASSERT_EQ(page->items.size(), 1U);
        EXPECT_EQ(page->items[0].id, id);
        EXPECT_EQ(page->next.empty(), std::string(id) == "p3");
    }
    EXPECT_FALSE(run(pages.next()));
    EXPECT_FALSE(run(pages.next()));
    EXPECT_EQ(sent(), 3U);
}

TEST_F(streams_of_pages, read_one_page_ahead) {
    answer_three_pages();
    auto pages = posts.scan().pages(1);
    run(pages.next());
    settle(2);
    EXPECT_EQ(sent(), 2U) << "one page, and not two";
    EXPECT_EQ(run(pages.next())->items[0].id, "p2");
}

TEST_F(streams_of_pages, go_on_where_a_page_ended) {
    answer_with(page_with("p1"));
    auto const first = run(posts.scan().page(1));
    answer_with(page_with("p2", true));
    auto pages = posts.scan().pages(1, first.next);
    EXPECT_EQ(run(pages.next())->items[0].id, "p2");
    EXPECT_FALSE(run(pages.next()));
}

TEST_F(streams_of_pages, ask_again_for_a_page_that_failed) {
    answer_with(page_with("p1"));
    answer_with(service_error_answer("ResourceNotFoundException"));
    answer_with(page_with("p2", true));
    auto pages = posts.scan().pages(1);
    EXPECT_EQ(run(pages.next())->items[0].id, "p1");
    EXPECT_EQ(failure_of(pages.next()).code, dynasio::service_errc::resource_not_found);
    EXPECT_EQ(run(pages.next())->items[0].id, "p2");
    EXPECT_FALSE(run(pages.next()));
}

TEST_F(streams_of_pages, refuse_a_size_of_nothing_and_a_limit) {
    auto nothing = posts.scan().pages(0);
    EXPECT_EQ(failure_of(nothing.next()).code, errc::invalid_argument);
    auto limited = posts.scan().limit(3).pages(1);
    EXPECT_EQ(failure_of(limited.next()).code, errc::invalid_argument);
}

TEST_F(streams_of_pages, refuse_a_second_call_at_the_same_time) {
    answer_with(page_with("p1", true));
    auto pages = posts.scan().pages(1);
    auto first = dynasio::test::start(ctx, pages.next());
    EXPECT_EQ(failure_of(pages.next()).code, errc::invalid_argument);
    EXPECT_EQ(dynasio::test::finish(ctx, first)->items[0].id, "p1");
}

TEST_F(streams_of_pages, lose_no_page_to_a_cancellation) {
    service.hold = std::make_shared<asio::steady_timer>(ctx, asio::steady_timer::time_point::max());
    answer_with(page_with("p1", true));
    auto pages = posts.scan().pages(1);
    auto first = dynasio::test::start(ctx, pages.next());
    settle(1);
    first.cancel();
    EXPECT_THROW(dynasio::test::finish(ctx, first), boost::system::system_error);
    std::exchange(service.hold, nullptr)->cancel();
    EXPECT_EQ(run(pages.next())->items[0].id, "p1");
    EXPECT_EQ(sent(), 1U) << "the page stayed under way";
}

TEST_F(streams_of_pages, stop_what_they_read_ahead_when_they_are_destroyed) {
    answer_with(page_with("p1"));
    answer_with(canned(canned::how::silent));
    {
        auto pages = posts.scan().pages(1);
        run(pages.next());
        settle(2);
        EXPECT_GT(db.connections().open, db.connections().idle) << "the second page is under way";
    }
    run_until([&] { return db.connections().open == db.connections().idle; });
}

TEST_F(streams_of_pages, visit_all_pages_in_order) {
    answer_three_pages();
    std::string ids;
    run(posts.scan().for_each_page(1, [&](std::vector<Post> page) { ids += page.front().id; }));
    EXPECT_EQ(ids, "p1p2p3");
    answer_three_pages();
    run(posts.scan().for_each_page(1, [&](std::vector<Post> page) -> asio::awaitable<void> {
        ids += page.front().id;
        co_return;
    }));
    EXPECT_EQ(ids, "p1p2p3p1p2p3");
}

TEST_F(streams_of_pages, end_with_the_error_of_a_visitor) {
    answer_three_pages();
    EXPECT_THROW(
        run(posts.scan().for_each_page(1, [](std::vector<Post> const&) { throw std::runtime_error("enough"); })),
        std::runtime_error);
}

} // namespace
