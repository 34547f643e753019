// The code that README.md and the pages about users, posts and roles show, run against a server. Parts between
// `//[name` and `//]` appear there word for word.

#include <dynasio/orm/load_report.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/sketch.hpp>
#include <dynasio/orm/transaction.hpp>

#include <dynasio/dynamodb/requests.hpp>

#include <dynasio/core/result.hpp>
#include <dynasio/core/ulid.hpp>

#include <gtest/gtest.h>

#include <iostream>

#include "docs/database.hpp"
#include "docs/model.hpp"

namespace guide {
namespace {

namespace asio = boost::asio;

//[verify
static_assert(dynasio::verify<User, Profile, Post, Comment, Role>());
//]

//[create
asio::awaitable<void> write(dynasio::client db) {
    dynasio::repository<User> users(db);

    User ann{.email = "ann@example.com", .city = "Oslo"};
    co_await users.create(ann); // ann.id is a ULID now, ann.version is 1

    User copy = ann;
    ann.city = "Bergen";
    co_await users.save(ann); // version 2

    auto const saved = co_await dynasio::as_result(users.save(copy)); // still has version 1
    if (saved.has_error() && saved.error().code == dynasio::errc::stale_version)
        std::cout << saved.error().to_string() << '\n';

    co_await users.remove(ann);
}
//]

//[transaction
asio::awaitable<void> promote(dynasio::client db, User user, Role admin, Post post) {
    dynasio::transaction tx{db};
    user.city = "Bergen";
    post.author_id = user.id;
    tx.save(user).create(post).attach<&User::roles>(user, admin, dynasio::pivot("by", "ann"));
    tx.require<Role>(admin.id); // and nothing happens where the role is gone
    co_await tx.commit();       // versions, times and keys are assigned now

    auto const found =
        co_await dynasio::find_together(db, dynasio::key_of<User>(user.id), dynasio::key_of<Post>(post.id));
    auto const& [author, written] = found;
    if (author && written) std::cout << author->city << ": " << written->title << '\n';
}
//]

//[many
asio::awaitable<void> save_all(dynasio::client db, std::vector<User> users) {
    dynasio::batch_outcome const done = co_await dynasio::repository<User>(db).save_many(users);
    for (std::size_t i = 0; i < done.size(); ++i)
        if (!done[i]) std::cout << users[i].id << ": " << done[i].error().to_string() << '\n';
}
//]

//[update_tables
asio::awaitable<void> bring_up_to_date(dynasio::client db) {
    auto const plan = co_await dynasio::plan_tables<User, Post>(db); // changes nothing
    std::cout << plan; // one line for each step: table, index, what is done

    co_await dynasio::update_tables<User, Post>(db); // throws errc::schema_conflict, or carries all of it out
}
//]

//[sketch
asio::awaitable<void> sketch(dynasio::client db) {
    std::string const text = co_await dynasio::sketch_schema(db, "users"); // a struct and its schema
    std::cout << text;
}
//]

//[read
asio::awaitable<void> read(dynasio::client db, std::string id) {
    dynasio::repository<User> users(db);

    std::optional<User> const found = co_await users.find(id);       // nothing when there is none
    User const present = co_await users.get(id);                     // throws errc::not_found
    User const latest = co_await users.get(id, dynasio::consistent); // strongly consistent

    std::vector<dynasio::key_of<User>> keys;
    keys.emplace_back(id);
    keys.emplace_back("no-such-user");
    auto const several = co_await users.find_many(keys); // in the order of the keys, nothing where there is none
    std::cout << several.size() << '\n';
}
//]

//[query
asio::awaitable<void> query(dynasio::client db) {
    using dynasio::field;
    dynasio::repository<User> users(db);

    // The index by_city: an equality on its partition key, a range on its sort key.
    auto const in_oslo = users.where(field<&User::city> == "Oslo", field<&User::age>.between(18, 30));
    std::vector<User> const all = co_await in_oslo.all();
    std::optional<User> const youngest = co_await in_oslo.order(dynasio::ascending<&User::age>).first();
    std::uint64_t const how_many = co_await in_oslo.count();

    // Pages: the cursor is text that can travel in a link.
    dynasio::page<User> page = co_await in_oslo.page(20);
    while (page.next) {
        std::string const text = page.next.text();
        page = co_await in_oslo.page(20, dynasio::cursor(text));
    }

    // No key serves this condition: scan() is the permission to read the whole table.
    auto const without_age = co_await users.scan(field<&User::age> == nullptr).all();
    std::cout << all.size() << youngest.has_value() << how_many << without_age.size() << '\n';
}
//]

//[where_has
asio::awaitable<void> authors(dynasio::client db) {
    using namespace dynasio::dsl;
    repository<User> users(db);
    auto const in_oslo = users.where(field<&User::city> == "Oslo");

    std::vector<User> const live = co_await in_oslo.where_has<&User::posts>(field<&Post::status> == Status::live).all();
    std::vector<User> const silent = co_await in_oslo.where_has_no<&User::posts>().limit(10).all();
    for (auto const& user : live) std::cout << user.id << ' ';
    std::cout << silent.size() << '\n';
}
//]

//[with
asio::awaitable<void> show(dynasio::client db, std::string id) {
    using namespace dynasio::dsl;
    repository<User> users(db);

    auto const user =
        co_await users.find(id, with<&User::profile>(), with<&User::roles>(),
                            with<&User::posts>(field<&Post::status> == Status::live, newest_first, limit(5),
                                               with<&Post::comments>(with<&Comment::author>())));
    if (!user) co_return;
    if (user->profile) std::cout << user->profile->bio << '\n';
    for (Post const& post : user->posts)
        for (Comment const& comment : post.comments)
            if (comment.author) std::cout << comment.author->email << ": " << comment.text << '\n';
}
//]

//[load
asio::awaitable<void> load_later(dynasio::client db, std::vector<User>& users) {
    using namespace dynasio::dsl;
    repository<User> repo(db);
    co_await repo.load<&User::posts>(users, newest_first, limit(3));            // of all of them, concurrently
    co_await repo.load(users, with<&User::profile>(), with<&User::received>()); // two relations at once
    co_await repo.load<&User::posts>(users, reload);                            // again, without the limit
}
//]

//[counts
asio::awaitable<void> count_posts(dynasio::client db, std::string id) {
    using namespace dynasio::dsl;
    repository<User> repo(db);
    auto const live = field<&Post::status> == Status::live;
    auto const user = co_await repo.get(id, with<&User::posts>(live, newest_first, limit(3)), // three of them
                                        with_count<&User::posts>(live), with_count<&User::roles>());
    std::cout << user.posts.size() << " of " << user.posts.count() << ", " << user.roles.count() << " roles\n";

    auto const users = co_await repo.where(field<&User::city> == "Oslo").all();
    std::vector<std::uint64_t> const of_each = co_await repo.count<&User::received>(users); // in the order of users
    for (std::size_t i = 0; i < users.size(); ++i) std::cout << users[i].id << ' ' << of_each[i] << '\n';
}
//]

//[pivots
asio::awaitable<void> grant(dynasio::client db, User const& user, Role const& role) {
    dynasio::repository<User> users(db);
    auto const roles = users.related<&User::roles>(user);
    co_await roles.attach(role, dynasio::pivot("granted_by", "system", "level", 3));
    co_await roles.attach(role); // changes nothing

    auto const again = co_await users.get(user.id, dynasio::with<&User::roles>());
    for (auto const& [granted, data] : again.roles.with_pivot())
        std::cout << granted.name << " since " << data.created_at().to_string() << '\n';

    bool const was_attached = co_await roles.detach(role);
    std::cout << was_attached << '\n';
}
//]

//[related
asio::awaitable<void> edit(dynasio::client db, User& ann, User const& bob, Post& post) {
    using namespace dynasio::dsl;
    repository<User> users(db);
    auto const posts = users.related<&User::posts>(ann);
    co_await posts.add(post); // post.author_id is that of ann, and the post is saved
    bool const is_public = co_await posts.exists(field<&Post::status> == Status::live);
    auto const latest = co_await posts.get(newest_first, limit(3)); // in ann.posts as well
    std::cout << is_public << ' ' << latest.size() << '\n';
    co_await users.related<&User::posts>(bob).add(post); // the post moves
}
//]

//[links
asio::awaitable<void> replace_roles(dynasio::client db, User const& user) {
    using namespace dynasio::dsl;
    repository<User> users(db);
    auto const roles = users.related<&User::roles>(user);
    std::vector<link_to<Role>> const wanted{std::string("admin"), link_to<Role>("editor", pivot("level", 2))};
    auto const changed = co_await roles.sync(wanted); // these links and no others
    std::cout << changed.attached.size() << " attached, " << changed.detached.size() << " detached\n";
    bool const is_linked = co_await roles.toggle("admin");
    std::cout << "admin: " << is_linked << '\n';
}
//]

//[explain
asio::awaitable<void> explain(dynasio::client db) {
    using namespace dynasio::dsl;
    repository<User> users(db);
    load_report report;
    auto const query = users.where(field<&User::city> == "Oslo").with<&User::posts>(limit(3)).report(report);
    std::cout << query.explain(); // sends nothing
    auto const found = co_await query.all();
    std::cout << found.size() << " users, " << report.requests() << " requests, " << report.read_units
              << " read units\n"
              << report.plan;
}
//]

//[errors
asio::awaitable<void> rename(dynasio::client db, std::string id, std::string city) {
    dynasio::repository<User> users(db);
    try {
        User user = co_await users.get(id);
        user.city = city;
        co_await users.save(user);
    } catch (dynasio::error const& e) {
        if (e.code() != dynasio::errc::not_found) throw;
        std::cerr << e.what() << '\n'; // entity, table, request id and what to do
    }

    // The same without exceptions.
    auto const outcome = co_await dynasio::as_result(users.get(id));
    if (outcome.has_error() && outcome.error().code == dynasio::errc::not_found)
        std::cerr << outcome.error().to_string() << '\n';
}
//]

//[composite_key
asio::awaitable<void> composite(dynasio::client db) {
    dynasio::repository<Line> lines(db);
    Line line{.order_number = 7, .position = 1, .product = "tea"};
    co_await lines.create(line);
    auto const found = co_await lines.find(dynasio::key(7, 1));
    auto const all_of_order = co_await lines.where(dynasio::field<&Line::order_number> == 7).all();
    std::cout << found.has_value() << all_of_order.size() << '\n';
}
//]

//[bad_items
asio::awaitable<void> bad_items(dynasio::client db, std::string id) {
    using namespace dynasio::dsl;
    dynasio::repository<Post> posts(db);
    dynasio::repository<User> users(db);

    auto const good = co_await posts.where(field<&Post::author_id> == id, on_bad_item(skip)).all();

    std::vector<bad_item> bad; // each item as JSON, and why it was left out
    auto const user = co_await users.find(id, with<&User::posts>(), on_bad_item(collect(bad)));
    for (auto const& one : bad) std::cout << one.why.info->key << '\n';
    std::cout << good.size() << user->posts.size() << '\n';
}
//]

//[bounded
asio::awaitable<void> bounded(dynasio::client db, std::string text) {
    using namespace dynasio::dsl;
    dynasio::repository<Post> posts(db);

    auto const page = co_await posts.scan(field<&Post::title> == "On engines", max_requests(10)).page(20, cursor(text));
    std::cout << page.items.size() << page.next.text() << '\n';
}
//]

/// The users' table of an earlier version, which had no index.
struct EarlierUser {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<EarlierUser>) {
    return dynasio::entity<EarlierUser>(dynasio::table{"users"}, dynasio::partition_key<&EarlierUser::id>);
}
using docs_tables = docs_database<EarlierUser>;

TEST_F(docs_tables, are_brought_up_to_date) {
    auto const out = printed_by(bring_up_to_date(db_));
    for (char const* const line : {"users   by_email  add the index by email (S), id (S), projecting ALL\n",
                                   "pivots            create the table by pk (S), sk (S), with the index by_right\n"})
        EXPECT_NE(out.find(line), std::string::npos) << out;
    EXPECT_TRUE(run(dynasio::compare_tables<User, Post>(db_)).empty());
    run(dynasio::drop_tables<User, Post>(db_));
}

using docs_orm = docs_database<User, Profile, Post, Comment, Role, Line, Shipment>;

TEST_F(docs_orm, writes) {
    ::testing::internal::CaptureStdout();
    run(write(db_));
    EXPECT_NE(::testing::internal::GetCapturedStdout().find("changed"), std::string::npos);
    EXPECT_EQ(run(dynasio::repository<User>(db_).scan().count()), 0u);
}

TEST_F(docs_orm, writes_several_together_and_many) {
    auto const ann = saved(User{.id = "ann", .city = "Oslo"});
    auto const admin = saved(Role{.id = "admin"});
    ::testing::internal::CaptureStdout();
    run(promote(db_, ann, admin, Post{.title = "On engines"}));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "Bergen: On engines\n");
    ::testing::internal::CaptureStdout();
    run(save_all(db_, {ann, User{.id = "bob"}}));
    auto const out = ::testing::internal::GetCapturedStdout();
    EXPECT_TRUE(out.starts_with("ann: ")) << out << ": somebody else has saved it";
    EXPECT_TRUE(run(dynasio::repository<User>(db_).find("bob")));
}
TEST_F(docs_orm, takes_created_at_from_the_clock_when_the_key_is_no_ulid) {
    auto const before = dynasio::system_now();
    auto const ann = saved(User{.id = "ann"});
    EXPECT_GE(ann.created_at.time(), before);
    EXPECT_LE(ann.created_at.time(), dynasio::system_now());
}

TEST_F(docs_orm, sketches_entities_of_tables) {
    saved(User{.id = "ann", .email = "ann@example.com", .city = "Oslo", .age = 20});
    auto const out = printed_by(sketch(db_));
    for (char const* const line :
         {"    std::string email{};\n", "    std::int64_t age{};\n", "        gsi<&User::email>{\"by_email\"}"})
        EXPECT_NE(out.find(line), std::string::npos) << out;
}

TEST_F(docs_orm, reads) {
    auto const ann = saved(User{.id = "ann", .email = "ann@example.com", .city = "Oslo", .age = 20});
    saved(User{.id = "bob", .city = "Oslo", .age = 19});
    saved(User{.id = "eve", .city = "Oslo"});
    ::testing::internal::CaptureStdout();
    run(read(db_, ann.id));
    run(query(db_));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "2\n2121\n");
}

TEST_F(docs_orm, leaves_bad_items_out_and_bounds_reads) {
    auto const ann = saved(User{.id = "ann", .email = "ann@example.com", .city = "Oslo", .age = 20});
    saved(Post{.id = "good", .author_id = ann.id, .title = "On engines"});
    saved(Post{.id = "bad", .author_id = ann.id});
    dynasio::dynamodb::item key{{"id", "bad"}};
    dynasio::dynamodb::update_item_request spoil(options_.table_prefix + "posts", std::move(key));
    spoil.update_expression = "SET title = :one";
    spoil.expression_attribute_values = dynasio::dynamodb::item{{":one", 1}};
    run(db_.update_item(spoil));
    ::testing::internal::CaptureStdout();
    run(bad_items(db_, ann.id));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "{\"id\":{\"S\":\"bad\"}}\n11\n");
    ::testing::internal::CaptureStdout();
    run(bounded(db_, ""));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "1\n");
}

TEST_F(docs_orm, loads) {
    auto const ann = saved(User{.id = "ann", .email = "ann@example.com", .city = "Oslo", .age = 20});
    saved(Profile{.user_id = ann.id, .bio = "likes tea"});
    for (int i = 0; i < 4; ++i) {
        auto const post = saved(Post{.author_id = ann.id, .status = i == 0 ? Status::draft : Status::live});
        saved(Comment{.post_id = post.id, .author_id = ann.id, .text = "number " + std::to_string(i)});
    }
    ::testing::internal::CaptureStdout();
    run(show(db_, ann.id));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(),
              "likes tea\nann@example.com: number 3\nann@example.com: number 2\nann@example.com: number 1\n");

    std::vector<User> users(1, ann);
    run(load_later(db_, users));
    EXPECT_EQ(users[0].posts.size(), 4u);
    EXPECT_EQ(users[0].received.size(), 4u);

    ::testing::internal::CaptureStdout();
    run(explain(db_));
    auto const text = ::testing::internal::GetCapturedStdout();
    EXPECT_NE(text.find("1 users, 2 requests"), std::string::npos) << text;
    EXPECT_NE(text.find("index by_city"), std::string::npos) << text;
}

TEST_F(docs_orm, counts) {
    auto const ann = saved(User{.id = "ann", .email = "ann@example.com", .city = "Oslo", .age = 20});
    saved(User{.id = "bob", .city = "Oslo", .age = 19});
    for (int i = 0; i < 6; ++i) {
        auto const post = saved(Post{.author_id = ann.id, .status = i == 0 ? Status::draft : Status::live});
        saved(Comment{.post_id = post.id, .author_id = "bob"});
    }
    auto const role = saved(Role{.name = "admin"});
    run(dynasio::repository<User>(db_).related<&User::roles>(ann).attach(role));
    auto const out = printed_by(count_posts(db_, ann.id));
    EXPECT_TRUE(out.starts_with("3 of 5, 1 roles\n")) << out;
    EXPECT_NE(out.find("ann 6\n"), std::string::npos) << out;
    EXPECT_NE(out.find("bob 0\n"), std::string::npos) << out;
}

TEST_F(docs_orm, chooses_by_relations) {
    for (auto const* id : {"ann", "bob", "cid"}) saved(User{.id = id, .city = "Oslo", .age = 20});
    saved(Post{.author_id = "ann", .status = Status::live});
    saved(Post{.author_id = "bob", .status = Status::draft});
    EXPECT_EQ(printed_by(authors(db_)), "ann 1\n");
}

TEST_F(docs_orm, links) {
    auto const ann = saved(User{.id = "ann"});
    auto const admin = saved(Role{.id = "admin", .name = "Administrator"});
    ::testing::internal::CaptureStdout();
    run(grant(db_, ann, admin));
    auto const text = ::testing::internal::GetCapturedStdout();
    EXPECT_EQ(text.find("Administrator since "), 0u) << text;
    EXPECT_TRUE(text.ends_with("\n1\n")) << text;

    // The layout that docs/relations.md describes.
    run(dynasio::repository<Role>(db_).related<&Role::users>(admin).attach(ann, dynasio::pivot("level", 3)));
    auto const rows = run(db_.scan(dynasio::dynamodb::scan_request(db_.options().table_prefix + "pivots")));
    ASSERT_EQ(rows.items->size(), 1u);
    auto const& row = rows.items->front();
    EXPECT_EQ(row.size(), 7u);
    EXPECT_EQ(row.at("pk").as_string(), "users_roles#ann");
    EXPECT_EQ(row.at("sk").as_string(), "admin");
    EXPECT_EQ(row.at("pivot_key").as_string(), "users_roles");
    EXPECT_EQ(row.at("id_left").as_string(), "ann");
    EXPECT_EQ(row.at("id_right").as_string(), "admin");
    EXPECT_FALSE(row.at("created_at").as_string().empty());
    EXPECT_EQ(row.at("extra").as_map().at("level").as_number().to_int64(), 3);
}

TEST_F(docs_orm, relations_of_one_entity) {
    auto ann = saved(User{.id = "ann"});
    auto const bob = saved(User{.id = "bob"});
    Post post{.author_id = "nobody", .status = Status::live};
    ::testing::internal::CaptureStdout();
    run(edit(db_, ann, bob, post));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "1 1\n");
    EXPECT_EQ(post.author_id, "bob");
    EXPECT_EQ(ann.posts.size(), 1u);

    saved(Role{.id = "admin"});
    saved(Role{.id = "reader"});
    run(dynasio::repository<User>(db_).related<&User::roles>(ann).attach("reader"));
    ::testing::internal::CaptureStdout();
    run(replace_roles(db_, ann));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "2 attached, 1 detached\nadmin: 0\n");
}

TEST_F(docs_orm, reports_errors) {
    ::testing::internal::CaptureStderr();
    run(rename(db_, "nobody", "Oslo"));
    auto const text = ::testing::internal::GetCapturedStderr();
    auto const first = text.find("nobody");
    ASSERT_NE(first, std::string::npos) << text;
    EXPECT_NE(text.find("nobody", text.find('\n')), std::string::npos) << text;
}

TEST_F(docs_orm, takes_composite_keys) {
    ::testing::internal::CaptureStdout();
    run(composite(db_));
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), "11\n");
    auto const shipment = saved(Shipment{.order_number = 7, .position = 1});
    auto const loaded = run(dynasio::repository<Shipment>(db_).get(shipment.id, dynasio::with<&Shipment::line>()));
    ASSERT_TRUE(loaded.line);
    EXPECT_EQ(loaded.line->product, "tea");
}

} // namespace
} // namespace guide
