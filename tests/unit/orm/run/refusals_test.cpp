#include <dynasio/orm/repository.hpp>

#include <dynasio/core/error.hpp>
#include <dynasio/core/result.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "../model.hpp"
#include "support/coroutine.hpp"

namespace odd {

struct Visit {
    std::string id{};
    dynasio::timestamp at{};
};
constexpr auto dynasio_schema(dynasio::tag<Visit>) {
    using namespace dynasio;
    return entity<Visit>(partition_key<&Visit::id>, sort_key<&Visit::at>);
}

template <class Version> struct Counted {
    std::string id{};
    Version version{};
};
template <class Version> constexpr auto dynasio_schema(dynasio::tag<Counted<Version>>) {
    using namespace dynasio;
    return entity<Counted<Version>>(table{"counted"}, partition_key<&Counted<Version>::id>,
                                    version<&Counted<Version>::version>);
}

struct Made {
    std::string id{};
    dynasio::timestamp created_at{};
    dynasio::timestamp other{};
};
constexpr auto dynasio_schema(dynasio::tag<Made>) {
    using namespace dynasio;
    return entity<Made>(partition_key<&Made::id>, created_at<&Made::created_at>);
}

} // namespace odd

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
    /// Nothing was wrong with it: it was sent.
    template <class T> void expect_sent(asio::awaitable<T> op) {
        EXPECT_EQ(failure_of(std::move(op)).code, transport_errc::connect_failed);
    }
    template <class Version> void expect_last_version(Version last) {
        repository<odd::Counted<Version>> const counted(db);
        odd::Counted<Version> one{"c1", last};
        auto const f = failure_of(counted.save(one));
        EXPECT_EQ(f.code, errc::number_out_of_range) << f.to_string();
        EXPECT_EQ(f.info->attribute, "version");
        EXPECT_EQ(f.info->table, "test_counted");
        EXPECT_EQ(one.version, last);
        one.version = static_cast<Version>(last - 1);
        expect_sent(counted.save(one));
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

TEST_F(refusals, of_an_unset_time_as_key_make_no_key_of_it) {
    repository<odd::Visit> const visits(db);
    odd::Visit one{"v1", {}};
    for (auto const& f : {failure_of(visits.create(one)), failure_of(visits.save(one))}) {
        EXPECT_EQ(f.code, errc::empty_key) << f.to_string();
        EXPECT_EQ(f.info->attribute, "at");
    }
    EXPECT_FALSE(one.at.is_set());
    one.at = timestamp(system_time(std::chrono::seconds(1)));
    expect_sent(visits.create(one));
}

TEST_F(refusals, of_a_version_that_its_type_cannot_count_on_from_come_before_the_write) {
    expect_last_version<std::uint8_t>(255);
    expect_last_version<int>(std::numeric_limits<int>::max());
    expect_last_version<std::int64_t>(std::numeric_limits<std::int64_t>::max());
    expect_last_version<std::uint64_t>(std::numeric_limits<std::uint64_t>::max());
    repository<odd::Counted<int>> const counted(db);
    odd::Counted<int> negative{"c1", -1};
    auto const f = failure_of(counted.save(negative));
    EXPECT_EQ(f.code, errc::number_out_of_range) << f.to_string();
    EXPECT_EQ(negative.version, -1);
}

TEST_F(refusals, are_none_of_keys_that_only_look_like_ulids) {
    repository<odd::Made> const all(db);
    odd::Made one{"7ZZZZZZZZZ0000000000000000", {}, {}};
    expect_sent(all.create(one));
}

TEST_F(refusals, of_a_time_that_has_no_text_name_the_member) {
    repository<odd::Made> const all(db);
    odd::Made one{"m1", {}, timestamp(timestamp::end_time)};
    auto const f = failure_of(all.create(one));
    EXPECT_EQ(f.code, errc::invalid_argument) << f.to_string();
    EXPECT_EQ(f.info->entity, "Made");
    EXPECT_EQ(f.info->attribute, "other");
}

TEST_F(refusals, of_keys_and_pages_name_what_they_are_about) {
    auto const key = failure_of(users.find("\xff"));
    EXPECT_EQ(key.code, errc::invalid_argument);
    EXPECT_EQ(key.info->entity, "User");
    EXPECT_EQ(key.info->attribute, "id");
    EXPECT_EQ(failure_of(users.scan().page(0)).info->entity, "User");
    EXPECT_EQ(failure_of(users.scan().page(1, cursor("no cursor"))).info->entity, "User");
}

TEST_F(refusals, a_load_without_any_request_at_a_time) {
    User user = saved();
    EXPECT_EQ(failure_of(users.load<&User::posts>(user, concurrency(0))).code, errc::invalid_argument);
    EXPECT_EQ(failure_of(users.load<&User::posts>(user, concurrency(1))).code, transport_errc::connect_failed);
}

} // namespace
