#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/error.hpp>

#include <set>

#include "integration/blog_test.hpp"

// What goes wrong on the way: everything asked for arrives, or the call fails and says what is missing.
namespace dynasio {
namespace {

using namespace std::chrono_literals;
using blog::Comment;
using blog::Post;
using blog::Profile;
using blog::Role;
using blog::User;
using testing::match;
using testing::rule_builder;

using found_users = std::vector<std::optional<User>>;

/// A blog with links, and a load that touches all of it: BatchGetItem, Query on tables and indexes, four levels.
class faults : public test::blog_test {
protected:
    void SetUp() override {
        make_blog(3, 3, 2);
        roles.resize(2);
        roles[0].id = "role-a";
        roles[1].id = "role-b";
        save_all(roles);
        repository<User> const quiet(direct);
        for (auto const& u : users) {
            for (auto const& r : roles) run(quiet.related<&User::roles>(u).attach(r, pivot("for", u.id + r.id)));
            keys.emplace_back(u.id);
        }
    }

    boost::asio::awaitable<found_users> load_everything(call_options options = {}) {
        return load_everything_with(db, std::move(options));
    }
    boost::asio::awaitable<found_users> load_everything_with(client const& by, call_options options = {}) {
        return repository<User>(by).find_many(
            keys, with<&User::posts>(with<&Post::comments>(with<&Comment::author>(), with<&Comment::post>())),
            with<&User::profile>(), with<&User::roles>(), std::move(options));
    }

    void expect_complete(found_users const& found) {
        ASSERT_EQ(found.size(), 3u);
        for (std::size_t u = 0; u < 3; ++u) {
            ASSERT_TRUE(found[u]);
            User const& user = *found[u];
            EXPECT_EQ(user.name, users[u].name);
            ASSERT_TRUE(user.profile);
            EXPECT_EQ(user.profile->bio, profiles[u].bio);
            ASSERT_EQ(user.roles.size(), 2u);
            for (auto const& [role, data] : user.roles.with_pivot())
                EXPECT_EQ(data.find("for")->as_string(), user.id + role.id);
            ASSERT_EQ(user.posts.size(), 3u);
            for (std::size_t p = 0; p < 3; ++p) {
                Post const& post = user.posts[p];
                EXPECT_EQ(post.title, posts[u * 3 + p].title);
                ASSERT_EQ(post.comments.size(), 2u);
                for (std::size_t c = 0; c < 2; ++c) {
                    Comment const& comment = post.comments[c];
                    Comment const& wanted = comments[(u * 3 + p) * 2 + c];
                    EXPECT_EQ(comment.text, wanted.text);
                    ASSERT_TRUE(comment.author);
                    EXPECT_EQ(comment.author->id, wanted.author_id);
                    ASSERT_TRUE(comment.post);
                    EXPECT_EQ(comment.post->title, post.title);
                }
            }
        }
    }
    /// The client is as good as new.
    void expect_recovered() {
        EXPECT_TRUE(is_quiet(db));
        endpoint.clear_rules();
        expect_complete(run(load_everything()));
    }
    void expect_located(failure const& f) {
        EXPECT_FALSE(f.info->operation.empty()) << f.to_string();
        EXPECT_EQ(f.info->table.substr(0, prefix.size()), prefix) << f.to_string();
        EXPECT_TRUE(f.info->entity == "User" || f.info->relation_path.substr(0, 5) == "User.") << f.to_string();
    }

    std::vector<Role> roles;
    std::vector<key_of<User>> keys;
};

struct fault {
    char const* name;
    testing::scripted_rule (*apply)(rule_builder&);
    bool passes; ///< One more attempt mends it.
    error_code code;
};

void PrintTo(fault const& f, std::ostream* out) { *out << f.name; }

fault const all_faults[] = {
    {"throttled_with_reasons",
     [](rule_builder& r) {
         return r.throttle(
             "ProvisionedThroughputExceededException",
             testing::throttling_reason("TableReadProvisionedThroughputExceeded", "arn:aws:dynamodb:::table/t"));
     },
     true, service_errc::provisioned_throughput_exceeded},
    {"throttled", [](rule_builder& r) { return r.retry_after(1ms).throttle("ThrottlingException"); }, true,
     service_errc::throttling},
    {"internal_error", [](rule_builder& r) { return r.answer_error(500, "InternalServerError", "oops"); }, true,
     service_errc::internal_server_error},
    {"unavailable", [](rule_builder& r) { return r.answer_error(503, "ServiceUnavailable", "later"); }, true,
     service_errc::service_unavailable},
    {"html_500", [](rule_builder& r) { return r.answer(500, "text/html", "<html><body>Internal error</body></html>"); },
     true, service_errc::internal_server_error},
    {"html_502", [](rule_builder& r) { return r.answer(502, "text/html", "<html>bad gateway</html>"); }, true,
     service_errc::service_unavailable},
    {"html_413", [](rule_builder& r) { return r.answer(413, "text/html", "<html>too large</html>"); }, false,
     service_errc::validation},
    {"html_200", [](rule_builder& r) { return r.answer(200, "text/html", "<html>please log in</html>"); }, false,
     errc::malformed_response},
    {"truncated", [](rule_builder& r) { return r.truncated_by(3).forward(); }, true, transport_errc::connection_lost},
    {"wrong_checksum", [](rule_builder& r) { return r.with_wrong_crc32().forward(); }, true, errc::checksum_mismatch},
    {"invalid_json", [](rule_builder& r) { return r.answer_invalid_json(); }, false, errc::malformed_response},
    {"nested_too_deep", [](rule_builder& r) { return r.answer_nested(10'000); }, false, errc::nesting_too_deep},
    {"closed_before_forwarding",
     [](rule_builder& r) { return r.drop_connection(testing::drop_time::before_forwarding); }, true,
     transport_errc::connection_lost},
    {"closed_after_forwarding", [](rule_builder& r) { return r.drop_connection(testing::drop_time::after_forwarding); },
     true, transport_errc::connection_lost},
    {"reset", [](rule_builder& r) { return r.by_reset().drop_connection(); }, true, transport_errc::connection_lost},
};

class each_fault : public faults, public ::testing::WithParamInterface<fault> {};

TEST_P(each_fault, at_any_request_leaves_the_load_complete_or_failed) {
    expect_complete(run(load_everything()));
    std::size_t const total = endpoint.count();
    ASSERT_GT(total, 15u);
    std::size_t hits = 0;
    for (std::size_t n = 1; n <= total; ++n) {
        SCOPED_TRACE("request " + std::to_string(n));
        // An endpoint for each load: what a failed one had sent may arrive later, and would be counted.
        testing::fault_endpoint fresh(server);
        client own(ctx, test::options_for(fresh.url(), prefix));
        auto draft = fresh.on(match());
        auto const rule = GetParam().apply(draft.nth(n));
        auto const outcome = run(as_result(load_everything_with(own)));
        EXPECT_TRUE(is_quiet(own));
        // Small batches may leave in another number than the first time, so the last ones may not be needed.
        bool const hit = rule.used() == 1;
        hits += hit ? 1 : 0;
        if (outcome) {
            expect_complete(*outcome);
            EXPECT_TRUE(GetParam().passes || !hit);
        } else {
            EXPECT_FALSE(GetParam().passes) << outcome.error().to_string();
            EXPECT_EQ(outcome.error().code, GetParam().code) << outcome.error().to_string();
            expect_located(outcome.error());
        }
    }
    EXPECT_GT(hits, total / 2);
    expect_recovered();
}

TEST_P(each_fault, at_every_request_of_a_relation_is_an_error_that_names_it) {
    auto draft = endpoint.on(query_on("comments"));
    GetParam().apply(draft);
    auto const failed = failure_of(load_everything(call_options().attempts(4)));
    EXPECT_EQ(failed.code, GetParam().code) << failed.to_string();
    EXPECT_EQ(failed.info->relation_path, "User.posts.comments");
    EXPECT_EQ(failed.info->table, prefix + "comments");
    EXPECT_EQ(failed.info->operation, "Query");
    if (GetParam().passes) {
        EXPECT_EQ(failed.info->attempts, 4u) << failed.to_string();
    }
    expect_recovered();
}

INSTANTIATE_TEST_SUITE_P(all, each_fault, ::testing::ValuesIn(all_faults),
                         [](auto const& of) { return std::string(of.param.name); });

TEST_F(faults, a_connection_that_was_closed_after_its_answer_costs_no_attempt) {
    endpoint.on(match()).then_closing().forward();
    for (int i = 0; i < 3; ++i) {
        expect_complete(run(load_everything(call_options().attempts(1))));
        // A write that is not safe to repeat may find out too late that its connection is gone: an attempt, no failure.
        User u;
        u.email = "x";
        run(repository<User>(db).create(u));
    }
}

struct left_out {
    char const* name;
    testing::key_selector keys;
    std::size_t times;
};

TEST_F(faults, unprocessed_keys_are_asked_for_until_all_have_come) {
    left_out const cases[] = {
        {"the first key, once", testing::first_keys(1), 1},
        {"one user, three times", testing::keys_containing("user-0001"), 3},
        {"all but one, for ever", testing::all_keys_but(1), 1000},
        {"everything, three times", testing::all_keys(), 3},
        {"every second key, once",
         testing::key_selector([](std::string_view, std::size_t position) { return position % 2 == 1; }), 1},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.name);
        endpoint.clear_rules();
        endpoint.on(match("BatchGetItem")).times(c.times).leave_unprocessed(c.keys);
        load_report report;
        auto const found = run(repository<User>(db).find_many(
            keys, with<&User::posts>(with<&Post::comments>(with<&Comment::author>(), with<&Comment::post>())),
            with<&User::profile>(), with<&User::roles>(), report_to(report)));
        expect_complete(found);
        EXPECT_GT(report.unprocessed, 0u);
    }
    expect_recovered();
}

TEST_F(faults, keys_that_are_never_answered_are_named) {
    endpoint.on(batch_on("roles")).leave_unprocessed(testing::keys_containing("role-b"));
    auto const failed = failure_of(load_everything());
    EXPECT_EQ(failed.code, errc::batch_incomplete);
    ASSERT_EQ(failed.info->missing_keys.size(), 1u) << failed.to_string();
    EXPECT_EQ(failed.info->missing_keys[0], R"({"id":{"S":"role-b"}})");
    EXPECT_EQ(failed.info->relation_path, "User.roles");
    EXPECT_EQ(failed.info->table, prefix + "roles");
    EXPECT_NE(failed.to_string().find("role-b"), std::string::npos);
    expect_recovered();

    endpoint.on(match("BatchGetItem")).leave_unprocessed(testing::all_keys());
    auto const none = failure_of(repository<User>(db).find_many(keys));
    EXPECT_EQ(none.code, errc::batch_incomplete);
    EXPECT_EQ(none.info->missing_keys.size(), 3u) << none.to_string();
    expect_recovered();
}

TEST_F(faults, every_load_comes_through_where_requests_fail_at_random) {
    // With four attempts for each request, a load of these fifteen queries or so would fail every third time.
    endpoint.on(match("Query")).rate(0.4).answer_error(500, "InternalServerError", "oops");
    for (int i = 0; i < 20; ++i) expect_complete(run(load_everything()));
    auto const limited = [&] {
        int failed = 0;
        for (int i = 0; i < 20; ++i)
            failed += run(as_result(load_everything(call_options().attempts(2)))).has_error() ? 1 : 0;
        return failed;
    };
    EXPECT_GT(limited(), 0) << "the attempts that the caller sets are the limit";
    expect_recovered();
}

TEST_F(faults, a_relation_that_fails_for_good_ends_the_load) {
    endpoint.on(query_on("comments")).answer_error(500, "InternalServerError", "oops");
    auto const failed = failure_of(load_everything());
    EXPECT_EQ(failed.code, service_errc::internal_server_error) << failed.to_string();
    EXPECT_EQ(failed.info->relation_path, "User.posts.comments");
    EXPECT_EQ(failed.info->attempts, 4u);
    EXPECT_NE(failed.to_string().find("after 4 failures of all its attempts"), std::string::npos) << failed.to_string();
    expect_recovered();
}

TEST_F(faults, a_load_outlives_a_server_that_is_gone_for_a_moment) {
    for (std::size_t const before : {1u, 4u, 9u}) {
        SCOPED_TRACE("after " + std::to_string(before) + " answers");
        testing::fault_endpoint own_front(server);
        auto options = test::options_for(own_front.url(), prefix);
        options.retry.quota = 28; // two retries
        client own(ctx, std::move(options));
        auto const gone = own_front.on(match()).after(before).times(30).by_reset().drop_connection();
        expect_complete(run(load_everything_with(own)));
        EXPECT_EQ(gone.used(), 30u);
        EXPECT_TRUE(is_quiet(own));
    }
    testing::fault_endpoint dead(server);
    dead.on(match()).by_reset().drop_connection();
    client own(ctx, test::options_for(dead.url(), prefix));
    EXPECT_EQ(failure_of(load_everything_with(own)).code, transport_errc::connection_lost);
    EXPECT_EQ(dead.count(), 4u) << "a load that was never answered ends like a single call";
}

TEST_F(faults, a_throttled_call_says_by_what) {
    endpoint.on(match("GetItem"))
        .throttle(
            "ProvisionedThroughputExceededException",
            testing::throttling_reason("TableReadProvisionedThroughputExceeded", "arn:aws:dynamodb:::table/users"));
    auto const failed = failure_of(repository<User>(db).find(users[0].id));
    EXPECT_EQ(failed.code, service_errc::provisioned_throughput_exceeded);
    EXPECT_EQ(failed.info->attempts, 4u);
    EXPECT_EQ(failed.info->http_status, 400u);
    EXPECT_EQ(failed.info->service_code, "ProvisionedThroughputExceededException");
    EXPECT_FALSE(failed.info->request_id.empty());
    EXPECT_EQ(endpoint.count("GetItem"), 4u);
}

TEST_F(faults, a_page_that_fails_in_the_middle_does_not_shorten_a_relation) {
    for (auto& p : posts) p.body = std::string(390'000, 'x'); // three of them fill more than a page
    save_all(posts);
    auto const later_page = query_on("posts").body_containing("ExclusiveStartKey");
    User u = users[0];
    endpoint.on(later_page).answer(413, "text/html", "<html>too large</html>");
    auto const failed = failure_of(repository<User>(db).load<&User::posts>(u));
    EXPECT_EQ(failed.code, service_errc::validation);
    EXPECT_EQ(failed.info->relation_path, "User.posts");
    EXPECT_FALSE(u.posts.loaded());
    auto const counted = failure_of(repository<Post>(db).where(field<&Post::author_id> == u.id).count());
    EXPECT_EQ(counted.code, service_errc::validation);
    EXPECT_EQ(counted.info->entity, "Post");

    endpoint.clear_rules();
    endpoint.on(later_page).times(1).truncated_by(1000).forward();
    run(repository<User>(db).load<&User::posts>(u));
    ASSERT_EQ(u.posts.size(), 3u);
    for (auto const& p : u.posts) EXPECT_EQ(p.body.size(), 390'000u);
}

TEST_F(faults, one_deadline_bounds_a_whole_fan_out) {
    endpoint.on(query_on("comments").body_containing("post-0004")).never_answer();
    auto const failed = failure_of(load_everything(call_options().timeout(250ms)));
    EXPECT_EQ(failed.code, errc::deadline_exceeded) << failed.to_string();
    EXPECT_EQ(failed.info->relation_path, "User.posts.comments");
    EXPECT_EQ(failed.info->table, prefix + "comments");
    expect_recovered();
}

TEST_F(faults, cancellation_ends_every_request_and_fills_nothing) {
    endpoint.on(query_on("comments")).never_answer();
    auto loaded = users;
    endpoint.clear();
    auto loading = start(repository<User>(db).load<&User::posts>(loaded, with<&Post::comments>()));
    run_until([&] { return queries("comments") == 9; });
    EXPECT_EQ(db.connections().open - db.connections().idle, 9u);
    loading.cancel();
    try {
        finish(loading);
        ADD_FAILURE() << "the load succeeded";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), boost::asio::error::operation_aborted);
    }
    EXPECT_TRUE(is_quiet(db));
    for (auto const& u : loaded) EXPECT_FALSE(u.posts.loaded());
    expect_recovered();
}

TEST_F(faults, the_failure_of_one_branch_ends_the_others_and_fills_nothing) {
    endpoint.on(query_on("comments")).never_answer();
    auto loaded = users;
    auto const profile = query_on("profiles").body_containing(users[1].id);
    endpoint.on(profile).delayed(50ms).answer_error(400, "ValidationException", "no");
    repository<Post> const of_posts(db);
    auto mine = posts;
    endpoint.clear();
    auto const failed = failure_of(repository<Post>(db).load<&Post::author>(
        mine, with<&User::profile>(), with<&User::posts>(with<&Post::comments>())));
    EXPECT_EQ(failed.code, service_errc::validation);
    EXPECT_EQ(failed.info->relation_path, "Post.author.profile");
    EXPECT_EQ(failed.info->table, prefix + "profiles");
    EXPECT_GT(queries("comments"), 0u) << "others were under way";
    EXPECT_TRUE(is_quiet(db));
    for (auto const& p : mine) EXPECT_FALSE(p.author.loaded());
    expect_recovered();
}

TEST_F(faults, a_write_whose_answer_was_lost_says_that_it_may_have_happened) {
    repository<User> const repo(db);
    endpoint.on(match("PutItem")).drop_connection(testing::drop_time::after_forwarding);
    User once;
    once.id = "once";
    once.email = "once";
    auto const lost = failure_of(repo.create(once, call_options().attempts(1)));
    EXPECT_EQ(lost.code, transport_errc::connection_lost);
    EXPECT_TRUE(lost.info->outcome_unknown);
    EXPECT_NE(lost.to_string().find("may have"), std::string::npos) << lost.to_string();
    EXPECT_EQ(once.version, 0u);
    EXPECT_TRUE(run(repository<User>(direct).find("once"))) << "it had happened indeed";

    User careful;
    careful.id = "careful";
    careful.email = "careful";
    auto const not_repeated = failure_of(repo.create(careful, call_options().repeat_unsafe_writes(false)));
    EXPECT_EQ(not_repeated.code, transport_errc::connection_lost);
    EXPECT_TRUE(not_repeated.info->outcome_unknown);
    EXPECT_EQ(not_repeated.info->attempts, 1u);

    endpoint.clear_rules();
    endpoint.on(match("PutItem")).times(1).drop_connection(testing::drop_time::after_forwarding);
    User twice;
    twice.id = "twice";
    twice.email = "twice";
    run(repo.create(twice));
    EXPECT_EQ(twice.version, 1u) << "the item that the second attempt met is the one that was sent";
    EXPECT_EQ(run(repository<User>(direct).get("twice")).created_at, twice.created_at);
    User other = twice;
    other.name = "somebody else";
    EXPECT_EQ(failure_of(repo.create(other)).code, errc::already_exists);

    // With a key that was made, the key alone tells; when every answer is lost, the entity keeps it.
    endpoint.clear_rules();
    endpoint.on(match("PutItem")).times(1).drop_connection(testing::drop_time::after_forwarding);
    User made;
    made.email = "made";
    run(repo.create(made));
    EXPECT_EQ(run(repository<User>(direct).get(made.id)).email, "made");
    endpoint.clear_rules();
    endpoint.on(match("PutItem")).drop_connection(testing::drop_time::after_forwarding);
    User kept;
    kept.email = "kept";
    EXPECT_TRUE(failure_of(repo.create(kept)).info->outcome_unknown);
    EXPECT_EQ(run(repository<User>(direct).get(kept.id)).email, "kept");
    endpoint.clear_rules();
    EXPECT_EQ(failure_of(repo.create(kept)).code, errc::already_exists) << "there is no second one";

    endpoint.clear_rules();
    endpoint.on(match("UpdateItem")).times(1).drop_connection(testing::drop_time::after_forwarding);
    User saved = run(repository<User>(direct).get(users[0].id));
    saved.name = "changed";
    auto const version = saved.version;
    run(repo.save(saved));
    EXPECT_EQ(saved.version, version + 1) << "the version that the second attempt met is the one that was sent";
    EXPECT_EQ(run(repository<User>(direct).get(users[0].id)).name, "changed");
    EXPECT_EQ(run(repository<User>(direct).get(users[0].id)).version, version + 1);

    // A post has no version: the same values twice are the same, so the second attempt is the answer.
    endpoint.clear_rules();
    endpoint.on(match("UpdateItem")).times(1).drop_connection(testing::drop_time::after_forwarding);
    posts[0].title = "repeated";
    run(repository<Post>(db).save(posts[0]));
    EXPECT_EQ(run(repository<Post>(direct).get(posts[0].id)).title, "repeated");
    // Attaching and detaching too.
    endpoint.clear_rules();
    endpoint.on(match("UpdateItem")).times(1).drop_connection(testing::drop_time::after_forwarding);
    Role extra;
    extra.id = "role-x";
    save(extra);
    run(repo.related<&User::roles>(users[0]).attach(extra));
    EXPECT_EQ(run(repo.get(users[0].id, with<&User::roles>())).roles.size(), 3u);
    endpoint.on(match("DeleteItem")).times(1).drop_connection(testing::drop_time::after_forwarding);
    EXPECT_TRUE(run(repo.related<&User::roles>(users[0]).detach(extra)));
    EXPECT_FALSE(run(repo.related<&User::roles>(users[0]).detach(extra)));

    endpoint.clear_rules();
    endpoint.on(match("PutItem")).times(1).drop_connection(testing::drop_time::before_forwarding);
    User fine;
    fine.email = "fine";
    run(repo.create(fine));
    EXPECT_TRUE(run(repo.find(fine.id)));
}

TEST_F(faults, a_write_that_never_ends_is_bounded_and_leaves_the_entity_alone) {
    repository<User> const repo(db);
    endpoint.on(match("UpdateItem")).never_answer();
    User u = run(repository<User>(direct).get(users[0].id));
    User const before = u;
    auto const late = failure_of(repo.save(u, call_options().timeout(50ms)));
    EXPECT_EQ(late.code, errc::deadline_exceeded);
    EXPECT_TRUE(late.info->outcome_unknown);
    EXPECT_EQ(u.version, before.version);
    EXPECT_EQ(u.updated_at, before.updated_at);
    EXPECT_TRUE(is_quiet(db));

    endpoint.clear();
    auto saving = start(repo.save(u));
    run_until([&] { return endpoint.count("UpdateItem") == 1; });
    saving.cancel();
    try {
        finish(saving);
        ADD_FAILURE() << "the save succeeded";
    } catch (error const& e) {
        EXPECT_EQ(e.code(), boost::asio::error::operation_aborted);
        EXPECT_TRUE(e.info().outcome_unknown) << e.what();
    }
    EXPECT_EQ(u.version, before.version);
    EXPECT_TRUE(is_quiet(db));
}

} // namespace
} // namespace dynasio
