#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <thread>

#include "integration/blog_test.hpp"

// Where operations run and resume, what they hold on to, and how much memory a long walk takes.
namespace dynasio {
namespace {

using namespace std::chrono_literals;
using blog::Post;
using blog::Role;
using blog::User;
using testing::match;

class executors : public test::blog_test {};

boost::asio::awaitable<void> create_and_find(client db, int first, int count) {
    repository<User> const users(db);
    repository<Post> const posts(db);
    for (int i = first; i < first + count; ++i) {
        User u;
        u.id = "thread-" + std::to_string(i);
        u.email = u.id;
        co_await users.create(u);
        Post p;
        p.author_id = u.id;
        co_await posts.create(p);
        auto finding = users.find(u.id, with<&User::posts>(with<&Post::author>()));
        auto const found = co_await std::move(finding);
        if (!found || found->posts.size() != 1 || !found->posts[0].author)
            throw std::runtime_error("not found: " + u.id);
    }
}

TEST_F(executors, contexts_with_a_client_each_do_not_disturb_each_other) {
    create_tables<User, Post>();
    std::vector<std::thread> threads;
    std::vector<std::exception_ptr> failures(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([this, t, &failures] {
            try {
                boost::asio::io_context own;
                client mine(own, test::options_for(server, prefix));
                test::run(own, create_and_find(mine, t * 100, 15));
                test::run_out(own);
            } catch (...) {
                failures[static_cast<std::size_t>(t)] = std::current_exception();
            }
        });
    }
    for (auto& t : threads) t.join();
    for (auto const& f : failures) {
        if (f) std::rethrow_exception(f);
    }
    EXPECT_EQ(run(repository<User>(db).scan().count()), 60u);
}

/// Every kind of operation; after each of them the coroutine has to be where it began.
boost::asio::awaitable<unsigned> visit(client db, std::string id) {
    auto const home = std::this_thread::get_id();
    auto const executor = co_await boost::asio::this_coro::executor;
    unsigned strayed = 0;
    auto const look = [&](boost::asio::any_io_executor const& now) {
        if (std::this_thread::get_id() != home || now != executor) ++strayed;
    };
    repository<User> const users(db);
    repository<Post> const posts(db);
    User u;
    u.id = id;
    u.email = id;
    co_await users.create(u);
    look(co_await boost::asio::this_coro::executor);
    std::vector<Post> written(3);
    for (auto& p : written) {
        p.author_id = id;
        co_await posts.save(p);
        look(co_await boost::asio::this_coro::executor);
    }
    auto finding = users.find(id, with<&User::posts>(with<&Post::author>()));
    auto const found = co_await std::move(finding);
    look(co_await boost::asio::this_coro::executor);
    if (!found || found->posts.size() != 3 || found->posts[2].author->id != id) ++strayed;
    auto loading = posts.load<&Post::author>(written);
    co_await std::move(loading);
    look(co_await boost::asio::this_coro::executor);
    auto counting = posts.where(field<&Post::author_id> == id).count();
    auto const counted = co_await std::move(counting);
    look(co_await boost::asio::this_coro::executor);
    if (counted != 3) ++strayed;
    auto paging = posts.where(field<&Post::author_id> == id).page(2);
    auto const page = co_await std::move(paging);
    look(co_await boost::asio::this_coro::executor);
    if (page.items.size() != 2) ++strayed;
    auto failing = as_result(users.get("nobody-" + id));
    auto const missing = co_await std::move(failing);
    look(co_await boost::asio::this_coro::executor);
    if (missing.has_value() || missing.error().code != errc::not_found) ++strayed;
    auto removing = users.remove(u);
    bool const removed = co_await std::move(removing);
    look(co_await boost::asio::this_coro::executor);
    if (!removed) ++strayed;
    co_return strayed;
}

TEST_F(executors, a_thread_safe_client_serves_threads_and_each_stays_where_it_is) {
    create_tables<User, Post>();
    auto options = test::options_for(server, prefix);
    options.thread_safe = true;
    boost::asio::thread_pool own(2);
    client shared(own.get_executor(), options);
    std::vector<std::thread> threads;
    std::atomic<unsigned> strayed{0};
    std::vector<std::exception_ptr> failures(4);
    for (std::size_t t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            try {
                boost::asio::io_context mine;
                for (int i = 0; i < 5; ++i) {
                    strayed += test::run(mine, visit(shared, "u" + std::to_string(t * 10) + "-" + std::to_string(i)));
                }
                test::run_out(mine);
            } catch (...) {
                failures[t] = std::current_exception();
            }
        });
    }
    for (auto& t : threads) t.join();
    shared.stop();
    own.join();
    for (auto const& f : failures) {
        if (f) std::rethrow_exception(f);
    }
    EXPECT_EQ(strayed, 0u);
}

TEST_F(executors, cancelling_from_another_executor_ends_the_operation_there) {
    create_tables<User, Post>();
    std::vector<User> several(3);
    for (std::size_t i = 0; i < 3; ++i) {
        several[i].id = test::numbered("u", i);
        several[i].email = "x";
    }
    endpoint.on(match("Query")).never_answer();
    auto options = test::options_for(endpoint.url(), prefix);
    options.thread_safe = true;
    boost::asio::thread_pool own(1);
    client shared(own.get_executor(), options);
    repository<User> const repo(shared);
    auto const work = boost::asio::make_work_guard(ctx);
    auto loading = start(repo.load<&User::posts>(several));
    run_until([&] { return endpoint.count("Query") == 3; });
    loading.cancel();
    try {
        finish(loading);
        ADD_FAILURE() << "the load succeeded";
    } catch (boost::system::system_error const& e) {
        EXPECT_EQ(e.code(), boost::asio::error::operation_aborted) << e.what();
    }
    shared.stop();
    own.join();
    for (auto const& u : several) EXPECT_FALSE(u.posts.loaded());
}

TEST_F(executors, operations_awaited_later_need_none_of_their_arguments) {
    make_blog(2, 3, 1);
    auto const repo = std::make_unique<repository<User>>(db);
    std::optional<boost::asio::awaitable<std::optional<User>>> find;
    std::optional<boost::asio::awaitable<std::vector<std::optional<User>>>> many;
    std::optional<boost::asio::awaitable<std::vector<User>>> all;
    std::optional<boost::asio::awaitable<page<Post>>> paging;
    std::optional<boost::asio::awaitable<std::uint64_t>> count;
    std::optional<boost::asio::awaitable<void>> attach;
    std::optional<boost::asio::awaitable<bool>> detach;
    std::optional<boost::asio::awaitable<dynamodb::read_batch_response>> batch;
    std::optional<boost::asio::awaitable<result<User>>> failing;
    std::string const long_name = "a name that is too long to be stored inside a string object";
    {
        repository<User> const gone(db);
        repository<Post> const posts_gone(db);
        auto const id = std::make_unique<std::string>(users[0].id);
        auto const email = std::make_unique<std::string>(users[1].email);
        find.emplace(gone.find(*id, with<&User::posts>(field<&Post::status> == std::string("live"))));
        std::vector<key_of<User>> keys;
        keys.emplace_back(*id);
        keys.emplace_back(long_name + *id);
        many.emplace(gone.find_many(keys, with<&User::profile>()));
        auto const query = std::make_unique<dynasio::query<User>>(gone.where(field<&User::email> == *email));
        all.emplace(query->with<&User::posts>(limit(1)).all());
        paging.emplace(posts_gone.where(field<&Post::author_id> == *id).page(2, cursor()));
        count.emplace(posts_gone.where(field<&Post::author_id> == *id).count());
        auto const role = std::make_unique<Role>();
        role->id = long_name;
        auto const user = std::make_unique<User>(users[0]);
        attach.emplace(gone.related<&User::roles>(*user).attach(*role, pivot(std::string("why"), long_name)));
        detach.emplace(gone.related<&User::roles>(*user).detach(*role));
        std::vector<dynamodb::item> wanted(1);
        wanted[0].emplace("id", *id);
        batch.emplace(db.read_batch(dynamodb::read_batch_request(prefix + "users", wanted)));
        failing.emplace(as_result(gone.get(long_name)));
    }
    EXPECT_EQ(endpoint.count(), 0u) << "nothing is sent before it is awaited";
    auto const found = run(std::move(*find));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->posts.size(), 1u);
    auto const several = run(std::move(*many));
    ASSERT_EQ(several.size(), 2u);
    EXPECT_EQ(several[0]->profile->bio, profiles[0].bio);
    EXPECT_FALSE(several[1]);
    auto const by_email = run(std::move(*all));
    ASSERT_EQ(by_email.size(), 1u);
    EXPECT_EQ(by_email[0].posts.size(), 1u);
    EXPECT_EQ(run(std::move(*paging)).items.size(), 2u);
    EXPECT_EQ(run(std::move(*count)), 3u);
    run(std::move(*attach));
    EXPECT_TRUE(run(std::move(*detach)));
    EXPECT_TRUE(run(std::move(*batch)).items[0]);
    auto const missing = run(std::move(*failing));
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().to_string().find(long_name), std::string::npos);
}

TEST_F(executors, an_operation_that_is_never_awaited_leaks_nothing_and_sends_nothing) {
    make_blog(1, 1, 0);
    {
        auto const unused = repository<User>(db).find(users[0].id, with<&User::posts>());
        auto const page = repository<Post>(db).where(field<&Post::author_id> == users[0].id).page(3);
        User u;
        u.email = "x";
        auto const create = repository<User>(db).create(u);
    }
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(executors, wrong_arguments_are_said_when_the_operation_is_awaited) {
    repository<User> const repo(db);
    User unsaved;
    Role role;
    auto const expect_refused = [&](auto op, errc code, char const* what) {
        SCOPED_TRACE(what);
        auto const outcome = test::run(ctx, as_result(std::move(op)));
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().code, code) << outcome.error().to_string();
    };
    User broken;
    broken.email = "\xff";
    std::vector<key_of<User>> keys;
    keys.emplace_back("");
    expect_refused(repo.find(""), errc::empty_key, "find");
    expect_refused(repo.get(""), errc::empty_key, "get");
    expect_refused(repo.find_many(keys), errc::empty_key, "find_many");
    expect_refused(repo.find_many(std::vector<std::string>(1)), errc::empty_key, "find_many of values");
    expect_refused(repo.create(broken), errc::invalid_argument, "create");
    expect_refused(repo.save(broken), errc::invalid_argument, "save");
    expect_refused(repo.remove(unsaved), errc::empty_key, "remove");
    expect_refused(repo.where().all(), errc::no_usable_index, "all");
    expect_refused(repo.where().count(), errc::no_usable_index, "count");
    auto const by_email = repo.where(field<&User::email> == "x");
    expect_refused(by_email.page(2, cursor("zzz")), errc::invalid_cursor, "page with a cursor that is none");
    expect_refused(by_email.page(0), errc::invalid_argument, "page of nothing");
    expect_refused(by_email.limit(3).page(2), errc::invalid_argument, "page with a limit");
    expect_refused(repo.related<&User::roles>(unsaved).attach(role), errc::entity_not_saved, "attach");
    expect_refused(repo.find("u", with<&User::posts>(), with<&User::posts>(limit(1))), errc::invalid_argument,
                   "two results");
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(executors, closing_a_client_between_two_runs_of_its_context_ends_its_operations) {
    // After each number of handlers: credentials under way, connecting, waiting for the answer.
    for (int handlers = 0; handlers < 12; ++handlers) {
        boost::asio::io_context own;
        client closing(own, test::options_for(endpoint.url(), prefix));
        std::exception_ptr failed;
        boost::asio::co_spawn(own, repository<User>(closing).find("x"),
                              [&](std::exception_ptr e, std::optional<User> const&) { failed = e; });
        for (int i = 0; i < handlers; ++i) own.poll_one();
        closing.stop();
        own.restart();
        own.run();
        ASSERT_TRUE(failed != nullptr || handlers > 0);
    }
}

TEST_F(executors, another_executor_than_the_clients_is_refused) {
    make_blog(2, 1, 0);
    boost::asio::io_context elsewhere;
    repository<User> const repo(db);
    auto const expect_refused = [&](auto op, char const* what) {
        SCOPED_TRACE(what);
        auto const outcome = test::run(elsewhere, as_result(std::move(op)));
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().code, errc::wrong_executor) << outcome.error().to_string();
    };
    User fresh;
    fresh.email = "x";
    auto loaded = users;
    Role role;
    role.id = "role";
    std::vector<key_of<User>> keys;
    for (int i = 0; i < 150; ++i) keys.emplace_back(std::to_string(i));
    expect_refused(repo.find("u"), "find");
    expect_refused(repo.get("u"), "get");
    expect_refused(repo.find_many(keys), "find_many");
    expect_refused(repo.load<&User::posts>(loaded), "load");
    expect_refused(repo.where(field<&User::email> == "x").all(), "all");
    expect_refused(repo.where(field<&User::email> == "x").page(2), "page");
    expect_refused(repo.where(field<&User::email> == "x").count(), "count");
    expect_refused(repo.create(fresh), "create");
    expect_refused(repo.save(loaded[0]), "save");
    expect_refused(repo.remove(loaded[0]), "remove");
    expect_refused(repo.related<&User::roles>(loaded[0]).attach(role), "attach");
    expect_refused(repo.related<&User::roles>(loaded[0]).detach(role), "detach");
    expect_refused(dynasio::create_tables<User>(db), "create_tables");
    expect_refused(db.wait_until_active(prefix + "users"), "wait_until_active");
    std::vector<dynamodb::item> wanted(150);
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i].emplace("id", std::to_string(i));
    expect_refused(db.read_batch(dynamodb::read_batch_request(prefix + "users", wanted)), "read_batch");
    EXPECT_EQ(endpoint.count(), 0u);
    EXPECT_TRUE(is_quiet(db));
}

/// Text that counts how many of its kind there are.
struct counted {
    std::string text{};
    static inline int alive = 0;
    static inline int most = 0;

    counted() { born(); }
    counted(counted const& other) : text(other.text) { born(); }
    counted(counted&& other) noexcept : text(std::move(other.text)) { born(); }
    counted& operator=(counted const&) = default;
    counted& operator=(counted&&) = default;
    ~counted() { --alive; }

private:
    static void born() {
        ++alive;
        most = std::max(most, alive);
    }
};

struct Row {
    std::string id{};
    std::string owner{};
    counted text{};
};
constexpr auto dynasio_schema(tag<Row>) { return entity<Row>(partition_key<&Row::id>, gsi<&Row::owner>{"by_owner"}); }

} // namespace

template <> struct codec<counted> {
    static constexpr auto type = dynamodb::attribute_type::string;
    static void encode(std::string& out, counted const& value) { codec<std::string>::encode(out, value.text); }
    static void decode(dynamodb::json_reader& in, counted& value) { codec<std::string>::decode(in, value.text); }
};

namespace {

TEST_F(executors, a_walk_through_many_pages_holds_one_page_at_a_time) {
    create_tables<Row>();
    {
        std::vector<Row> rows(200);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            rows[i].id = test::numbered("row", i);
            rows[i].owner = "ann";
            rows[i].text.text = std::string(2000, 'x');
        }
        save_all(rows);
    }
    ASSERT_EQ(counted::alive, 0);
    counted::most = 0;
    repository<Row> const repo(db);
    auto const query = repo.where(field<&Row::owner> == "ann");
    cursor at;
    std::size_t pages = 0;
    std::size_t seen = 0;
    do {
        auto const page = run(query.page(10, at));
        seen += page.items.size();
        at = page.next;
        ++pages;
    } while (at);
    EXPECT_EQ(seen, 200u);
    EXPECT_GE(pages, 20u);
    EXPECT_LE(counted::most, 40) << "more than a page and what growing its vector takes";
    EXPECT_EQ(counted::alive, 0);
}

} // namespace
} // namespace dynasio
