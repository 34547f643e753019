#include <dynasio/orm/along.hpp>
#include <dynasio/orm/rules.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "integration/blog_test.hpp"

// Saves of graphs and changes of links that are cancelled after each of their events, against a real server: the table
// has all of a write or nothing of it, and memory says no more than what is known.
namespace unfinished {

using namespace dynasio::dsl;

/// Has a hook before saves, and none after them.
struct Draft {
    std::string id{};
    std::string text{};
};
constexpr auto dynasio_schema(tag<Draft>) {
    return entity<Draft>(table{"drafts"}, partition_key<&Draft::id>, before_save([](Draft& d) { d.text += '.'; }));
}

} // namespace unfinished

namespace dynasio::interrupted_writes_tests {
namespace {

using namespace dynasio::dsl;
using blog::Post;
using blog::Role;
using blog::User;
using unfinished::Draft;

class interrupted_writes : public test::blog_test {
protected:
    /// Runs an operation, and cancels it after this many events. Nothing when it completed.
    template <class T> std::optional<failure> cancelled_after(std::size_t events, boost::asio::awaitable<T> op) {
        auto running = start(std::move(op));
        while (events > 0 && !running.done()) {
            if (ctx.stopped()) ctx.restart();
            std::size_t const ran = ctx.run_one_for(test::patience);
            if (ran == 0) throw std::runtime_error("nothing happens any more");
            events -= ran;
        }
        if (!running.done()) running.cancel();
        try {
            finish(running);
        } catch (error const& e) {
            return e.as_failure();
        }
        return std::nullopt;
    }
    /// Waits until what was cancelled is over: what has reached the server can be carried out after its sender has
    /// gone. The endpoint sees a connection's requests in turn and new connections in turn, so after an answer on
    /// another connection it has seen what was sent before, and it forwards what it has read whether or not its sender
    /// is there.
    void settle() {
        client const another(ctx, test::options_for(endpoint.url(), prefix));
        run(repository<User>(another).find(users[0].id));
        run_until([&] { return endpoint.in_flight() == 0; });
    }
};

TEST_F(interrupted_writes, with_a_hook_before_them_alone_are_no_failures_of_asio_when_they_are_stored) {
    make_blog(1, 0, 0);
    create_tables<Draft>();
    repository<Draft> const drafts(db);
    bool again = true;
    for (std::size_t events = 0; again && !HasFailure(); ++events) {
        SCOPED_TRACE("cancelled after " + std::to_string(events) + " events");
        Draft draft{"d", "text " + std::to_string(events)};
        try {
            again = cancelled_after(events, drafts.save(draft)).has_value();
        } catch (boost::system::system_error const&) {
            // Asio's own, where a coroutine that was cancelled goes on: nothing can have been sent by then.
            settle();
            EXPECT_NE(run(repository<Draft>(direct).find("d")).value_or(Draft()).text,
                      "text " + std::to_string(events) + '.');
            continue;
        }
        settle();
    }
    EXPECT_FALSE(again);
}

TEST_F(interrupted_writes, of_graphs_store_everything_or_nothing_and_leave_memory_alone) {
    make_blog(1, 3, 0);
    repository<User> const repo(db);
    std::size_t undone = 0;
    bool again = true;
    for (std::size_t events = 0; again && !HasFailure(); ++events) {
        SCOPED_TRACE("cancelled after " + std::to_string(events) + " events");
        User user = run(repo.get(users[0].id, with<&User::posts>(), with<&User::profile>()));
        std::size_t const posts_before = user.posts.size();
        std::string const name = "name " + std::to_string(events);
        user.name = name;
        user.profile.edit().bio = name;
        for (auto& post : user.posts.edit()) post.title = name;
        Post more;
        more.id = "new-" + std::to_string(events);
        more.title = name;
        user.posts.edit().push_back(more);
        auto const version = user.version;
        auto const failed = cancelled_after(events, repo.save(user, along<&User::posts>(), along<&User::profile>()));
        again = failed.has_value();
        settle();
        User const now = run(repo.get(users[0].id, with<&User::posts>(), with<&User::profile>()));
        auto const is_whole = [&] {
            bool const stored = now.name == name;
            return (now.profile->bio == name) == stored && now.posts.size() == posts_before + (stored ? 1 : 0) &&
                   std::all_of(now.posts.begin(), now.posts.end(),
                               [&](Post const& post) { return (post.title == name) == stored; });
        };
        bool const stored = now.name == name;
        EXPECT_TRUE(is_whole()) << "the user is" << (stored ? "" : " not") << " stored, and of the others not the same";
        if (failed) {
            ++undone;
            EXPECT_EQ(failed->code, boost::asio::error::operation_aborted) << failed->to_string();
            EXPECT_EQ(user.version, version) << "what may have been stored is not noted";
            EXPECT_TRUE(user.posts.back().author_id.empty());
            if (stored) {
                EXPECT_TRUE(failed->info->outcome_unknown) << failed->to_string();
            }
        } else {
            EXPECT_TRUE(stored);
            EXPECT_EQ(user.version, version + 1);
        }
        EXPECT_TRUE(is_quiet(db));
    }
    EXPECT_GE(undone, 1u);
}

TEST_F(interrupted_writes, of_links_are_complete_or_not_begun) {
    make_blog(1, 0, 0);
    repository<User> const repo(db);
    std::vector<Role> roles(12);
    for (std::size_t i = 0; i < roles.size(); ++i) roles[i].id = test::numbered("role", i);
    save_all(roles);
    auto const links = repo.related<&User::roles>(users[0]);
    auto const linked = [&] {
        std::set<std::string> found;
        for (auto const& role : run(repo.get(users[0].id, with<&User::roles>())).roles) found.insert(role.id);
        return found;
    };
    bool again = true;
    std::size_t undone = 0;
    for (std::size_t events = 0; again && !HasFailure(); ++events) {
        SCOPED_TRACE("cancelled after " + std::to_string(events) + " events");
        auto const before = linked();
        std::vector<std::string> wanted;
        for (std::size_t i = 0; i < roles.size(); ++i)
            if ((i + events) % 3 != 0) wanted.push_back(roles[i].id);
        auto const failed = cancelled_after(events, links.sync(wanted));
        again = failed.has_value();
        std::set<std::string> const all(wanted.begin(), wanted.end());
        settle();
        auto const now = linked();
        if (failed) {
            ++undone;
            EXPECT_EQ(failed->code, boost::asio::error::operation_aborted) << failed->to_string();
            EXPECT_TRUE(now == before || now == all);
            if (now != before) {
                EXPECT_TRUE(failed->info->outcome_unknown) << failed->to_string();
            }
        } else {
            EXPECT_EQ(now, all);
        }
        EXPECT_TRUE(is_quiet(db));
    }
    EXPECT_GT(undone, 3u);
}

} // namespace
} // namespace dynasio::interrupted_writes_tests
