// A status 200 that DynamoDB did not send: whatever a repository does, it fails, and leaves entities as they were.

#include <dynasio/orm/repository.hpp>

#include <dynasio/core/error.hpp>

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../model.hpp"
#include "service_fixture.hpp"

namespace {

using namespace run_test;
using dynasio::call_cost;
using dynasio::call_options;
using dynasio::field;
using dynasio::load_report;
using dynasio::report_to;
using dynasio::repository;
using dynasio::with;
using shop::Post;
using shop::Role;
using shop::User;

class foreign_answers : public service_conversation {
protected:
    static std::vector<std::string> const& strange_bodies() {
        static std::vector<std::string> const all = {"<!DOCTYPE html><html></html>",
                                                     "",
                                                     R"({"Attributes":)",
                                                     R"({"Attributes":{"id":{"S":"u1"}}}})",
                                                     "{} and more",
                                                     "[]",
                                                     "null",
                                                     "OK"};
        return all;
    }
    /// Runs the operation once for each strange body and returns the failures.
    void expect_refused(char const* name, bool write, std::function<failure()> const& op) {
        for (std::string const& body : strange_bodies()) {
            service.requests.clear();
            answer_with(canned(body, 200, "x-amzn-RequestId: REQ1\r\n"));
            auto const f = op();
            EXPECT_EQ(f.code, errc::malformed_response) << name << ' ' << body;
            EXPECT_EQ(f.info->outcome_unknown, write) << name << ' ' << body;
            EXPECT_EQ(f.info->request_id, "REQ1") << name << ' ' << body;
            EXPECT_EQ(f.info->http_status, 200U) << name << ' ' << body;
            EXPECT_FALSE(f.info->operation.empty() || f.info->table.empty()) << name << ' ' << f.to_string();
            EXPECT_EQ(sent(), 1U) << name << ' ' << body;
        }
    }

    repository<User> users{db};
    repository<Post> posts{db};
    repository<Role> roles{db};
};

TEST_F(foreign_answers, are_no_success_of_a_write) {
    User ann;
    ann.name = "Ann";
    // The key that was made stays, because the write may have happened: to call again stores no second item.
    auto const untouched = [&] {
        EXPECT_FALSE(ann.id.empty());
        ann.id.clear();
        EXPECT_EQ(ann.version, 0U);
        EXPECT_EQ(ann.created_at, timestamp());
    };
    expect_refused("create", true, [&] { return failure_of(users.create(ann)); });
    untouched();
    expect_refused("save of a new one", true, [&] { return failure_of(users.save(ann)); });
    untouched();
    call_cost cost;
    expect_refused("create with its cost", true,
                   [&] { return failure_of(users.create(ann, call_options().report(cost))); });
    untouched();
    User stored;
    stored.id = "u1";
    stored.version = 3;
    expect_refused("save", true, [&] { return failure_of(users.save(stored)); });
    EXPECT_EQ(stored.version, 3U);
    expect_refused("save with its cost", true,
                   [&] { return failure_of(users.save(stored, call_options().report(cost))); });
    EXPECT_EQ(stored.version, 3U);
    expect_refused("remove", true, [&] { return failure_of(users.remove(stored)); });
    expect_refused("remove_key", true, [&] { return failure_of(users.remove_key("u1")); });
    Role role;
    role.id = "r1";
    expect_refused("attach", true, [&] { return failure_of(users.related<&User::roles>(stored).attach(role)); });
    expect_refused("detach", true, [&] { return failure_of(users.related<&User::roles>(stored).detach(role)); });
}

TEST_F(foreign_answers, are_no_missing_entity_and_no_empty_page) {
    load_report report;
    expect_refused("find", false, [&] { return failure_of(users.find("u1")); });
    expect_refused("find with its cost", false, [&] { return failure_of(users.find("u1", report_to(report))); });
    expect_refused("get", false, [&] { return failure_of(users.get("u1")); });
    std::vector<std::string> const ids{"u1", "u2"};
    expect_refused("find_many", false, [&] { return failure_of(users.find_many(ids)); });
    auto const query = posts.where(field<&Post::author_id> == "u1");
    expect_refused("all", false, [&] { return failure_of(query.all()); });
    expect_refused("first", false, [&] { return failure_of(query.first()); });
    expect_refused("count", false, [&] { return failure_of(query.count()); });
    expect_refused("page", false, [&] { return failure_of(query.page(10)); });
    expect_refused("scan", false, [&] { return failure_of(posts.scan().all()); });
    User user;
    user.id = "u1";
    expect_refused("load", false, [&] { return failure_of(users.load<&User::posts>(user)); });
    EXPECT_FALSE(user.posts.loaded());
}

} // namespace
