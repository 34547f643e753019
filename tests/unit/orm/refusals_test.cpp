#include <dynasio/orm/repository.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "model.hpp"
#include "support/coroutine.hpp"

namespace {

namespace asio = boost::asio;
using namespace dynasio;
using shop::Role;
using shop::User;

/// What repositories refuse without a request: nothing listens at the endpoint.
struct refusals : testing::Test {
    static client_options options() {
        client_options o;
        o.region = "us-east-1";
        o.endpoint = "http://127.0.0.1:1";
        o.credentials = aws::static_credentials(aws::credentials("key", "secret"));
        o.retry.max_attempts = 1;
        o.table_prefix = "test_";
        return o;
    }
    template <class T> failure failure_of(asio::awaitable<T> op) {
        auto const r = test::run(ctx, as_result(std::move(op)));
        EXPECT_TRUE(r.has_error());
        return r.has_error() ? r.error() : failure(error_code(), diagnostics());
    }
    static User saved() {
        User u;
        u.id = "u1";
        u.version = 1;
        return u;
    }

    asio::io_context ctx{};
    client db{ctx, options()};
    repository<User> users{db};
};

TEST_F(refusals, of_data_of_a_link_name_where_it_was_to_go) {
    User const user = saved();
    Role role;
    role.id = "r1";
    std::string const bad = "\xff";
    auto const f = failure_of(users.related<&User::roles>(user).attach(role, pivot("level", 1, "note", bad)));
    EXPECT_EQ(f.code, errc::invalid_argument);
    EXPECT_EQ(f.info->operation, "UpdateItem");
    EXPECT_EQ(f.info->table, "test_pivots");
    EXPECT_EQ(f.info->attribute, "note");
    EXPECT_EQ(f.info->relation_path, "User.roles");
}

TEST_F(refusals, of_relations_of_an_entity_without_key_name_the_table_with_its_prefix) {
    User unsaved;
    auto const f = failure_of(users.load<&User::posts>(unsaved));
    EXPECT_EQ(f.code, errc::empty_key);
    EXPECT_EQ(f.info->table, "test_users");
    EXPECT_EQ(f.info->relation_path, "User.posts");
}

TEST_F(refusals, a_load_without_any_request_at_a_time) {
    User user = saved();
    EXPECT_EQ(failure_of(users.load<&User::posts>(user, concurrency(0))).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(users.load<&User::posts>(user, concurrency(1))).code, transport_errc::connect_failed);
}

} // namespace
