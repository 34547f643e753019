// Operations that are dropped: made and never awaited, spawned and not begun, or under way, before and after the last
// handle of the client, also when an exception leaves io_context::run(). The order is the one that the README asks for:
// the client goes first, the io_context last. What these tests are for is seen by AddressSanitizer and valgrind.

#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/client.hpp>
#include <dynasio/dynamodb/pages.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "../model.hpp"

namespace {

namespace asio = boost::asio;
namespace ddb = dynasio::dynamodb;
using namespace std::chrono_literals;
using dynasio::call_options;
using dynasio::client;
using dynasio::client_options;
using dynasio::concurrency;
using dynasio::field;
using dynasio::repository;
using dynasio::with;
using shop::Post;
using shop::Role;
using shop::User;

enum class variant { plain, thread_safe, hedged, adaptive, without_credentials };

/// Takes connections and never answers: the kernel accepts them.
class mute_server {
public:
    [[nodiscard]] std::string url() const {
        return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

private:
    asio::io_context ctx_{};
    asio::ip::tcp::acceptor acceptor_{ctx_, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
};

asio::awaitable<dynasio::aws::credentials> never() {
    asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    auto waiting = timer.async_wait(asio::use_awaitable);
    co_await std::move(waiting);
    throw std::logic_error("nobody wakes it");
}

client_options options_for(mute_server const& server, variant v) {
    client_options o;
    o.endpoint = server.url();
    o.region = "us-east-1";
    o.credentials = dynasio::aws::static_credentials(dynasio::aws::credentials("key", "secret"));
    o.thread_safe = v == variant::thread_safe;
    o.hedging.enabled = v == variant::hedged;
    if (v == variant::adaptive) o.retry.mode = dynasio::aws::retry_mode::adaptive;
    if (v == variant::without_credentials) o.credentials = [] { return never(); };
    return o;
}

/// What operations refer to: it outlives them, as their documentation asks.
struct arguments {
    arguments() {
        user.id = stored.id = "u1";
        stored.version = 3;
        role.id = "r1";
    }

    User fresh{}, user{}, stored{};
    Role role{};
    std::vector<User> several = std::vector<User>(2);
    dynasio::load_report report{};
};

ddb::item id() {
    ddb::item key;
    key.emplace("id", "1");
    return key;
}

/// Calls `use` with each operation of client and repository. `use` is given a function that makes it.
template <class Use> void each_operation(Use use) {
    using db_ref = client&;
    using more = arguments&;
    use("get_item", [](db_ref db, more) { return db.get_item(ddb::get_item_request("users", id())); });
    use("put_item", [](db_ref db, more) { return db.put_item(ddb::put_item_request("users", id())); });
    use("update_item", [](db_ref db, more) { return db.update_item(ddb::update_item_request("users", id())); });
    use("delete_item", [](db_ref db, more) { return db.delete_item(ddb::delete_item_request("users", id())); });
    use("scan", [](db_ref db, more) { return db.scan(ddb::scan_request("users")); });
    use("describe_table", [](db_ref db, more) { return db.describe_table(ddb::describe_table_request("users")); });
    use("refused", [](db_ref db, more) { return db.get_item(ddb::get_item_request("", id())); });
    use("read_batch", [](db_ref db, more) {
        ddb::read_batch_request const request("users", std::vector<ddb::item>(1, id()));
        return db.read_batch(request);
    });
    use("write_batch", [](db_ref db, more) {
        ddb::write_batch_request request("users", "id");
        for (int i = 0; i < 60; ++i) {
            ddb::item one;
            one.emplace("id", std::to_string(i));
            request.put(std::move(one));
        }
        return db.write_batch(request);
    });
    use("wait_until_active", [](db_ref db, more) { return db.wait_until_active("users"); });
    use("wait_until_table_exists", [](db_ref db, more) { return db.wait_until_table_exists("users"); });
    use("warm_up", [](db_ref db, more) { return db.warm_up(); });
    use("close", [](db_ref db, more) { return db.close(1ms); });

    use("find", [](db_ref db, more) { return repository<User>(db).find("u1"); });
    use("find with options",
        [](db_ref db, more) { return repository<User>(db).find("u1", call_options().timeout(5s)); });
    use("find with relations", [](db_ref db, more) { return repository<User>(db).find("u1", with<&User::posts>()); });
    use("find without a key", [](db_ref db, more) { return repository<User>(db).find(""); });
    use("get", [](db_ref db, more) { return repository<User>(db).get("u1"); });
    use("find_many", [](db_ref db, more) {
        std::vector<std::string> const ids{"u1", "u2"};
        return repository<User>(db).find_many(ids);
    });
    use("find_many of many", [](db_ref db, more) {
        std::vector<std::string> ids;
        for (int i = 0; i < 250; ++i) ids.push_back(std::to_string(i));
        return repository<User>(db).find_many(ids, concurrency(2), with<&User::posts>());
    });
    use("all", [](db_ref db, more) { return repository<Post>(db).where(field<&Post::author_id> == "u1").all(); });
    use("all with relations", [](db_ref db, more) {
        return repository<Post>(db).where(field<&Post::author_id> == "u1", with<&Post::comments>()).all();
    });
    use("first", [](db_ref db, more) { return repository<Post>(db).where(field<&Post::author_id> == "u1").first(); });
    use("count", [](db_ref db, more) { return repository<Post>(db).where(field<&Post::author_id> == "u1").count(); });
    use("page", [](db_ref db, more) { return repository<Post>(db).scan().page(10); });
    use("load", [](db_ref db, more a) { return repository<User>(db).load<&User::posts>(a.user); });
    use("load of several", [](db_ref db, more a) {
        for (std::size_t i = 0; i < a.several.size(); ++i) a.several[i].id = "u" + std::to_string(i);
        return repository<User>(db).load(a.several, with<&User::posts>(), with<&User::profile>());
    });
    use("create", [](db_ref db, more a) { return repository<User>(db).create(a.fresh); });
    use("save", [](db_ref db, more a) { return repository<User>(db).save(a.stored); });
    use("remove", [](db_ref db, more a) { return repository<User>(db).remove(a.stored); });
    use("remove_key", [](db_ref db, more) { return repository<User>(db).remove_key("u1"); });
    use("attach", [](db_ref db, more a) { return repository<User>(db).related<&User::roles>(a.user).attach(a.role); });
    use("detach", [](db_ref db, more a) { return repository<User>(db).related<&User::roles>(a.user).detach(a.role); });
    use("create_tables", [](db_ref db, more) { return dynasio::create_tables<User, Post>(db); });
    use("drop_tables", [](db_ref db, more) { return dynasio::drop_tables<User, Post>(db); });
}

class dropped_operations : public testing::TestWithParam<variant> {
protected:
    mute_server server{};
    arguments given{};
};

TEST_P(dropped_operations, that_were_never_awaited_may_go_before_the_client_or_after_it) {
    each_operation([&](char const* name, auto make) {
        SCOPED_TRACE(name);
        for (bool const after : {false, true}) {
            asio::io_context io;
            std::optional<client> db(std::in_place, io, options_for(server, GetParam()));
            auto op = std::make_optional(make(*db, given));
            if (after) db.reset();
            op.reset();
        }
    });
}

TEST_P(dropped_operations, that_were_spawned_and_have_not_begun_may_outlive_the_client) {
    each_operation([&](char const* name, auto make) {
        SCOPED_TRACE(name);
        asio::io_context io;
        {
            client db(io, options_for(server, GetParam()));
            asio::co_spawn(io, make(db, given), asio::detached);
            asio::co_spawn(io, make(db, given), asio::detached);
        }
    });
}

TEST_P(dropped_operations, that_are_under_way_may_outlive_the_client) {
    each_operation([&](char const* name, auto make) {
        SCOPED_TRACE(name);
        asio::io_context io;
        {
            client db(io, options_for(server, GetParam()));
            asio::co_spawn(io, make(db, given), asio::detached);
            io.run_for(2ms);
            asio::co_spawn(io, make(db, given), asio::detached); // has not begun
        }
        io.poll();
    });
}

TEST_P(dropped_operations, may_be_left_behind_by_an_exception_out_of_run) {
    each_operation([&](char const* name, auto make) {
        SCOPED_TRACE(name);
        asio::io_context io;
        try {
            client db(io, options_for(server, GetParam()));
            asio::co_spawn(io, make(db, given), asio::detached);
            asio::steady_timer soon(io, 1ms);
            soon.async_wait([&](boost::system::error_code) {
                asio::co_spawn(io, make(db, given), asio::detached);
                throw std::runtime_error("the program's own");
            });
            io.run();
            ADD_FAILURE() << "no exception";
        } catch (std::runtime_error const&) {
        }
    });
}

TEST_P(dropped_operations, of_which_one_awaits_another_may_outlive_the_client) {
    asio::io_context io;
    {
        client db(io, options_for(server, GetParam()));
        auto nested = [](client of) -> asio::awaitable<void> {
            repository<User> users(of);
            auto kept = users.find("u2"); // never awaited
            auto finding = users.find("u1");
            co_await std::move(finding);
        };
        asio::co_spawn(io, nested(db), asio::detached);
        io.run_for(2ms);
        asio::co_spawn(io, nested(db), asio::detached);
    }
}

INSTANTIATE_TEST_SUITE_P(each, dropped_operations,
                         testing::Values(variant::plain, variant::thread_safe, variant::hedged, variant::adaptive,
                                         variant::without_credentials),
                         [](auto const& row) {
                             switch (row.param) {
                             case variant::plain:
                                 return "plain";
                             case variant::thread_safe:
                                 return "thread_safe";
                             case variant::hedged:
                                 return "hedged";
                             case variant::adaptive:
                                 return "adaptive";
                             case variant::without_credentials:
                                 break;
                             }
                             return "without_credentials";
                         });

} // namespace
