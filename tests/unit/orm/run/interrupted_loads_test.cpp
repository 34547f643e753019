// Loads that end before they are complete: cancelled, out of time, without their io_context or without a server, after
// each of their events. AddressSanitizer and valgrind see what the assertions do not.

#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/client.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/coroutine.hpp"
#include "support/fake_service.hpp"
#include "support/league_server.hpp"

namespace dynasio::interrupted_loads_tests {
namespace {

using namespace std::chrono_literals;
using namespace dynasio::dsl;
using league::Player;
using test::canned;

/// A client with a service of its own in one io_context, so that every event is one of its.
struct place {
    explicit place(test::item_server const& items, test::property_run& random, bool thread_safe)
        : db(std::in_place, ctx, options(thread_safe)) {
        service.answer = [&](std::string const& body) {
            if (service.requests.size() > good_answers) return canned(bad_answer);
            bool const is_batch = body.find("RequestItems") != std::string::npos;
            return canned(is_batch ? items.batch(body, random) : items.query(body, random));
        };
    }
    [[nodiscard]] client_options options(bool thread_safe) const {
        client_options o;
        o.region = "us-east-1";
        o.endpoint = service.server.url();
        o.credentials = aws::static_credentials(aws::credentials("key", "secret"));
        o.thread_safe = thread_safe;
        o.retry.max_attempts = 2;
        o.retry.base_delay = o.retry.throttling_delay = aws::retry_delay(0);
        o.retry.quota = 1'000'000;
        return o;
    }
    /// Runs up to `count` events of the load; false when it ended before.
    template <class Task> bool run_events(Task const& of, std::size_t count) {
        while (count > 0 && !of.done()) {
            if (ctx.stopped()) ctx.restart();
            std::size_t const ran = ctx.run_one_for(test::patience);
            if (ran == 0) throw std::runtime_error("nothing happens any more");
            count -= ran;
        }
        return !of.done();
    }

    boost::asio::io_context ctx{};
    test::fake_service service{ctx};
    std::size_t good_answers = static_cast<std::size_t>(-1);
    canned::how bad_answer = canned::how::silent;
    std::optional<client> db;
};

class interrupted_loads : public testing::TestWithParam<bool> {
protected:
    void SetUp() override {
        items.leaves_keys = true;
        items.cuts_pages = true;
        items.fill(league::draw_database(random, 24));
        auto at = make_place();
        for (std::size_t i = 0; i < 3; ++i) before.emplace_back().id = "p" + std::to_string(i);
        before.push_back(before.front());
        for (std::size_t i = 0; i < before.size(); ++i) before[i] = read_again(*at, before[i].id);
        // Some relations are there already, in part.
        auto loading = repository<Player>(*at->db).load(before, with<&Player::medals>(dynasio::limit(1)),
                                                        with_count<&Player::friends>(), with<&Player::a_note>());
        test::run(at->ctx, std::move(loading));
        text_before = text_of(before);
        auto whole = before;
        test::run(at->ctx, load(*at, whole));
        text_after = text_of(whole);
        ASSERT_NE(text_before, text_after);
    }
    [[nodiscard]] std::unique_ptr<place> make_place() { return std::make_unique<place>(items, random, GetParam()); }
    static Player read_again(place& at, std::string const& id) {
        auto found =
            test::run(at.ctx, repository<Player>(*at.db).find_many(std::vector<std::string>(1, id), with_trashed));
        return found.at(0).value();
    }
    static boost::asio::awaitable<void> load(place& at, std::vector<Player>& players, call_options options = {}) {
        using league::Label;
        using league::Note;
        using league::Team;
        return repository<Player>(*at.db).load(
            players, options, concurrency(4), with<&Player::medals>(reload, with<&league::Medal::player>()),
            with<&Player::team>(with_trashed, with<&Team::labels>(with_count<&Label::teams>()), with<&Team::crest>()),
            with<&Player::mentor>(with<&Player::pupils>(with_trashed)), with_count<&Player::friends>(with_trashed),
            with<&Player::friends>(with<&Player::pupil_medals>()), with<&Player::a_note>(with<&Note::subject>()));
    }
    static std::string text_of(std::vector<Player> const& players) {
        std::string out;
        for (auto const& each : players) out += league::shown(each) + '\n';
        return out;
    }
    /// No connection is lost or in use, and the client goes on to work.
    static void expect_whole(place& at) {
        auto const s = at.db->connections();
        EXPECT_EQ(s.open, s.idle);
        EXPECT_EQ(s.waiting, 0u);
        at.good_answers = static_cast<std::size_t>(-1);
        EXPECT_EQ(read_again(at, "p1").id, "p1");
    }
    /// How a load ended: an error that left everything as it was, or nothing when everything has come.
    template <class Task>
    std::optional<failure> outcome_of(place& at, Task& loading, std::vector<Player> const& players) {
        try {
            test::finish(at.ctx, loading);
        } catch (error const& e) {
            EXPECT_EQ(text_of(players), text_before) << e.what();
            return e.as_failure();
        }
        EXPECT_EQ(text_of(players), text_after);
        return std::nullopt;
    }

    test::property_run random{};
    league::league_server items{};
    std::vector<Player> before{};
    std::string text_before{}, text_after{};
};

TEST_P(interrupted_loads, that_are_cancelled_after_any_event_change_nothing) {
    auto const at = make_place();
    std::size_t cancelled = 0;
    bool again = true;
    for (std::size_t events = 0; again && !HasFailure(); ++events) {
        SCOPED_TRACE("cancelled after " + std::to_string(events) + " events");
        auto players = before;
        at->service.requests.clear();
        auto loading = test::start(at->ctx, load(*at, players));
        again = at->run_events(loading, events);
        if (again) loading.cancel();
        if (auto const failed = outcome_of(*at, loading, players)) {
            EXPECT_EQ(failed->code, boost::asio::error::operation_aborted) << failed->to_string();
            ++cancelled;
        }
        expect_whole(*at);
    }
    EXPECT_GT(cancelled, 50u) << "there are so many places to be cancelled at";
}

TEST_P(interrupted_loads, may_lose_their_io_context_after_any_event) {
    bool again = true;
    for (std::size_t events = 0; again && !HasFailure(); events += 1 + events / 16) {
        SCOPED_TRACE("destroyed after " + std::to_string(events) + " events");
        auto players = before;
        {
            auto const at = make_place();
            auto const loading = test::start(at->ctx, load(*at, players));
            again = at->run_events(loading, events);
        }
        EXPECT_EQ(text_of(players), again ? text_before : text_after);
    }
}

TEST_P(interrupted_loads, may_lose_their_client_after_any_event) {
    bool again = true;
    for (std::size_t events = 0; again && !HasFailure(); events += 1 + events / 8) {
        SCOPED_TRACE("stopped after " + std::to_string(events) + " events");
        auto players = before;
        auto const at = make_place();
        auto loading = test::start(at->ctx, load(*at, players));
        again = at->run_events(loading, events);
        if (again) at->db->stop();
        if (auto const failed = outcome_of(*at, loading, players)) {
            EXPECT_EQ(failed->code, errc::client_closed) << failed->to_string();
        }
    }
}

TEST_P(interrupted_loads, that_run_out_of_time_change_nothing) {
    auto const at = make_place();
    std::size_t late = 0;
    bool is_late = true;
    for (auto allowed = 1us; is_late && !HasFailure(); allowed += 20us + allowed / 8) {
        SCOPED_TRACE(std::to_string(allowed.count()) + " microseconds");
        auto players = before;
        at->service.requests.clear();
        auto loading = test::start(at->ctx, load(*at, players, call_options().timeout(allowed)));
        auto const failed = outcome_of(*at, loading, players);
        is_late = failed.has_value();
        if (failed) {
            EXPECT_EQ(failed->code, errc::deadline_exceeded) << failed->to_string();
            EXPECT_FALSE(failed->info->operation.empty() && failed->info->message.empty()) << failed->to_string();
            ++late;
        }
        expect_whole(*at);
    }
    EXPECT_GT(late, 10u);
}

TEST_P(interrupted_loads, whose_server_fails_from_any_request_on_change_nothing) {
    auto const at = make_place();
    for (auto const kind : {canned::how::silent, canned::how::reset, canned::how::truncated, canned::how::garbage}) {
        // A server that is silent ends in a deadline, of which a busy machine may meet one before.
        std::size_t const most = kind == canned::how::silent ? 200 : 10'000;
        bool again = true;
        for (std::size_t good = 0; again && good < most && !HasFailure(); good += 1 + good / 8) {
            SCOPED_TRACE("kind " + std::to_string(static_cast<int>(kind)) + " after " + std::to_string(good));
            auto players = before;
            at->service.requests.clear();
            at->good_answers = good;
            at->bad_answer = kind;
            call_options options;
            if (kind == canned::how::silent) options.timeout(25ms);
            auto loading = test::start(at->ctx, load(*at, players, options));
            auto const failed = outcome_of(*at, loading, players);
            again = failed.has_value();
            if (failed) {
                EXPECT_FALSE(failed->info->relation_path.empty() && failed->info->entity.empty())
                    << failed->to_string();
                if (kind == canned::how::silent) {
                    EXPECT_EQ(failed->code, errc::deadline_exceeded) << failed->to_string();
                }
            }
            expect_whole(*at);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(clients, interrupted_loads, testing::Bool(),
                         [](auto const& row) { return row.param ? "thread_safe" : "plain"; });

} // namespace
} // namespace dynasio::interrupted_loads_tests
