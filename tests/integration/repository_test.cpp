#include <dynasio/dynamodb/detail/engine.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <limits>
#include <set>

#include "integration/database_test.hpp"
#include "integration/model.hpp"

// Repositories against a real server: what is stored, read, ordered, counted and refused.
namespace dynasio {
namespace {

using namespace std::chrono_literals;
using blog::Post;
using blog::User;
using kinds::Everything;
using shop::Category;
using shop::Line;
using shop::Order;
using shop::Shipment;
using testing::match;

class repository_against_server : public test::database_test {
protected:
};

User make_user(std::string email) {
    User u;
    u.email = std::move(email);
    u.name = "Ann";
    return u;
}

TEST_F(repository_against_server, create_makes_a_ulid_and_takes_created_at_from_it) {
    create_tables<User>();
    repository<User> const users(db);
    User u = make_user("a@b.c");
    EXPECT_FALSE(u.created_at.is_set());
    run(users.create(u));
    ASSERT_EQ(u.id.size(), 26u);
    auto const time = ulid_time(u.id);
    ASSERT_TRUE(time);
    EXPECT_EQ(u.created_at.time(), *time);
    EXPECT_TRUE(u.updated_at.is_set());
    EXPECT_EQ(u.version, 1u);

    auto const found = run(users.find(u.id));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, u.id);
    EXPECT_EQ(found->email, "a@b.c");
    EXPECT_EQ(found->created_at, u.created_at);
    EXPECT_EQ(found->updated_at, u.updated_at);
    EXPECT_EQ(found->version, 1u);
    EXPECT_FALSE(found->age);
    EXPECT_FALSE(found->posts.loaded());
    auto const item = stored("users", u.id);
    EXPECT_EQ(item.at("created_at").as_string(), u.created_at.to_string());
    EXPECT_EQ(item.count("age"), 0u) << "an empty optional is no attribute";
    EXPECT_EQ(item.count("posts"), 0u) << "a relation is no attribute";
}

TEST_F(repository_against_server, created_at_stays_and_updated_at_never_goes_back) {
    create_tables<User>();
    auto options = test::options_for(endpoint.url(), prefix);
    auto now = std::make_shared<system_time>(system_time(1'700'000'000'000ms));
    options.clock = [now] { return *now + 1000h * 24; };
    // The server does not check the time of signatures; the fault endpoint does not either.
    client clocked(ctx, options);
    repository<User> const users(clocked);
    User u = make_user("a@b.c");
    run(users.create(u));
    auto const created = u.created_at;
    auto const first = u.updated_at;
    *now += 5s;
    run(users.save(u));
    EXPECT_EQ(u.created_at, created);
    EXPECT_EQ(u.updated_at.time() - first.time(), 5s);
    auto const latest = u.updated_at;
    *now -= 60s;
    run(users.save(u));
    EXPECT_EQ(u.updated_at, latest);
    auto const found = run(users.get(u.id));
    EXPECT_EQ(found.created_at, created);
    EXPECT_EQ(found.updated_at, latest);
    EXPECT_EQ(found.version, 3u);
}

TEST_F(repository_against_server, a_key_of_the_callers_is_kept_and_never_overwritten_by_create) {
    create_tables<User>();
    repository<User> const users(db);
    User u = make_user("a@b.c");
    u.id = "user-123";
    run(users.create(u));
    EXPECT_EQ(u.id, "user-123");
    User other = make_user("x@y.z");
    other.id = "user-123";
    auto const failed = failure_of(users.create(other));
    EXPECT_EQ(failed.code, errc::already_exists);
    EXPECT_EQ(failed.info->entity, "User");
    EXPECT_EQ(failed.info->table, prefix + "users");
    EXPECT_NE(failed.to_string().find("user-123"), std::string::npos) << failed.to_string();
    EXPECT_EQ(other.version, 0u) << "a failed create leaves the entity as it was";
    EXPECT_FALSE(other.created_at.is_set());
    EXPECT_EQ(run(users.get("user-123")).email, "a@b.c");
}

TEST_F(repository_against_server, a_stale_save_is_refused_and_leaves_the_entity_alone) {
    create_tables<User>();
    repository<User> const users(db);
    User u = make_user("a@b.c");
    run(users.save(u));
    User stale = u;
    u.name = "Bea";
    run(users.save(u));
    EXPECT_EQ(u.version, 2u);
    stale.name = "Cleo";
    auto const before = stale.updated_at;
    auto const failed = failure_of(users.save(stale));
    EXPECT_EQ(failed.code, errc::stale_version);
    EXPECT_EQ(failed.info->entity, "User");
    EXPECT_NE(failed.to_string().find(u.id), std::string::npos) << failed.to_string();
    EXPECT_EQ(stale.version, 1u);
    EXPECT_EQ(stale.updated_at, before);
    EXPECT_EQ(run(users.get(u.id)).name, "Bea");

    auto const not_removed = failure_of(users.remove(stale));
    EXPECT_EQ(not_removed.code, errc::stale_version);
    EXPECT_TRUE(run(users.remove(u)));
    EXPECT_FALSE(run(users.find(u.id)));
    EXPECT_FALSE(run(users.remove(u))) << "there is none any more";
    auto const gone = failure_of(users.save(u));
    EXPECT_EQ(gone.code, errc::stale_version) << "a removed entity is not brought back by a save";
}

TEST_F(repository_against_server, saves_keep_attributes_that_the_entity_does_not_have) {
    create_tables<User>();
    repository<User> const users(db);
    User u = make_user("a@b.c");
    u.age = 30;
    run(users.create(u));
    dynamodb::item key;
    key.emplace("id", u.id);
    dynamodb::update_item_request foreign(prefix + "users", key);
    foreign.update_expression = "SET nickname = :n";
    foreign.expression_attribute_values.emplace();
    foreign.expression_attribute_values->emplace(":n", "annie");
    run(direct.update_item(foreign));
    u.age.reset();
    run(users.save(u));
    auto const item = stored("users", u.id);
    EXPECT_EQ(item.at("nickname").as_string(), "annie");
    EXPECT_EQ(item.count("age"), 0u) << "what became empty is removed";
}

TEST_F(repository_against_server, items_that_are_older_than_their_version_are_saved_and_removed) {
    create_tables<User>();
    repository<User> const users(db);
    auto const put = [&](std::string const& id, dynamodb::attribute_value const* version) {
        dynamodb::item old;
        old.emplace("id", id);
        old.emplace("email", id + "@b.c");
        old.emplace("nickname", "annie");
        if (version != nullptr) old.emplace("version", *version);
        run(direct.put_item(dynamodb::put_item_request(prefix + "users", old)));
    };
    dynamodb::attribute_value const zero(0);
    for (auto const* const version : {static_cast<dynamodb::attribute_value const*>(nullptr), &zero}) {
        put("old", version);
        User u = run(users.get("old"));
        User second = u;
        u.name = "Ann";
        run(users.save(u));
        EXPECT_EQ(u.version, 1u);
        EXPECT_TRUE(u.created_at.is_set());
        EXPECT_EQ(stored("users", "old").at("nickname").as_string(), "annie");
        EXPECT_EQ(failure_of(users.save(second)).code, errc::already_exists) << "somebody else was first";
        EXPECT_EQ(failure_of(users.remove(second)).code, errc::stale_version);
        run(users.save(u));
        EXPECT_EQ(u.version, 2u);
        put("older", version);
        EXPECT_TRUE(run(users.remove(run(users.get("older")))));
    }
    User fresh = make_user("new@b.c");
    fresh.id = "new";
    run(users.save(fresh));
    EXPECT_EQ(run(users.get("new")).version, 1u) << "with a key of its own it is stored by a save too";
}

TEST_F(repository_against_server, find_is_nothing_and_get_an_error_where_there_is_no_entity) {
    create_tables<User>();
    repository<User> const users(db);
    EXPECT_FALSE(run(users.find("nobody")));
    auto const failed = failure_of(users.get("nobody"));
    EXPECT_EQ(failed.code, errc::not_found);
    EXPECT_EQ(failed.info->entity, "User");
    EXPECT_EQ(failed.info->table, prefix + "users");
    EXPECT_NE(failed.to_string().find("nobody"), std::string::npos);
}

TEST_F(repository_against_server, find_many_answers_in_order_and_asks_for_each_key_once) {
    create_tables<User>();
    std::vector<User> all(120);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].id = test::numbered("u", i);
        all[i].email = all[i].id + "@b.c";
    }
    save_all(all);
    repository<User> const users(db);
    std::vector<dynasio::key_of<User>> keys;
    for (std::size_t i = all.size(); i-- > 0;) keys.emplace_back(all[i].id);
    keys.emplace_back("missing");
    keys.emplace_back(all[5].id);
    load_report report;
    auto const found = run(users.find_many(keys, report_to(report)));
    ASSERT_EQ(found.size(), 122u);
    for (std::size_t i = 0; i < 120; ++i) {
        ASSERT_TRUE(found[i]) << i;
        EXPECT_EQ(found[i]->id, all[119 - i].id);
        EXPECT_EQ(found[i]->email, all[119 - i].email);
    }
    EXPECT_FALSE(found[120]);
    ASSERT_TRUE(found[121]);
    EXPECT_EQ(found[121]->email, all[5].email);
    EXPECT_EQ(report.keys, 121u);
    EXPECT_EQ(report.batch_gets, 2u);
    EXPECT_EQ(endpoint.count("BatchGetItem"), 2u);
    std::vector<dynasio::key_of<User>> const none;
    endpoint.clear();
    EXPECT_TRUE(run(users.find_many(none)).empty());
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(repository_against_server, where_reads_all_first_count_and_pages) {
    create_tables<Post>();
    std::vector<Post> all(23);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].id = test::numbered("p", i);
        all[i].author_id = "ann";
        all[i].status = i % 2 ? "live" : "draft";
        all[i].score = static_cast<int>(i);
    }
    save_all(all);
    Post stranger;
    stranger.author_id = "bob";
    save(stranger);
    repository<Post> const posts(db);
    auto const mine = field<&Post::author_id> == "ann";

    auto const everything = run(posts.where(mine).all());
    ASSERT_EQ(everything.size(), 23u);
    for (std::size_t i = 0; i < everything.size(); ++i) EXPECT_EQ(everything[i].id, all[i].id);

    auto const newest = run(posts.where(mine, newest_first).first());
    ASSERT_TRUE(newest);
    EXPECT_EQ(newest->id, all[22].id);
    EXPECT_FALSE(run(posts.where(field<&Post::author_id> == "nobody").first()));

    EXPECT_EQ(run(posts.where(mine).count()), 23u);
    EXPECT_EQ(run(posts.where(mine, field<&Post::status> == "live").count()), 11u);
    EXPECT_EQ(run(posts.where(mine, field<&Post::score>.between(3, 7)).count()), 5u);
    EXPECT_EQ(run(posts.where(mine, field<&Post::status>.in("live", "draft"), limit(4)).count()), 4u);

    auto const live = posts.where(mine, field<&Post::status> == "live", newest_first);
    std::vector<std::string> seen;
    cursor at;
    std::size_t pages = 0;
    do {
        auto const page = run(live.page(4, cursor(at.text())));
        for (auto const& p : page.items) seen.push_back(p.id);
        EXPECT_TRUE(page.items.size() == 4 || !page.next) << "only the last page may be shorter";
        at = page.next;
        ++pages;
    } while (at);
    EXPECT_GE(pages, 3u);
    ASSERT_EQ(seen.size(), 11u);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], all[21 - 2 * i].id);

    auto const other = posts.where(field<&Post::author_id> == "bob");
    auto const first_page = run(live.page(4));
    auto const refused = failure_of(other.page(4, first_page.next));
    EXPECT_EQ(refused.code, errc::invalid_cursor);
}

TEST_F(repository_against_server, scan_reads_the_whole_table_only_when_asked_for) {
    create_tables<Category>();
    std::vector<Category> all(5);
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].id = test::numbered("c", i);
        all[i].name = "n";
        if (i > 1) all[i].parent_id = all[0].id;
    }
    save_all(all);
    repository<Category> const categories(db);
    EXPECT_EQ(run(categories.scan().all()).size(), 5u);
    auto const roots = run(categories.scan(field<&Category::parent_id> == nullptr).all());
    EXPECT_EQ(roots.size(), 2u);
    EXPECT_EQ(run(categories.scan(field<&Category::name> == "n").count()), 5u);
    EXPECT_EQ(run(categories.where(field<&Category::parent_id> == all[0].id).count()), 3u);
    EXPECT_EQ(endpoint.count("Scan"), 3u);
}

TEST_F(repository_against_server, an_absent_optional_index_key_keeps_the_entity_out_of_the_index) {
    create_tables<Category>();
    repository<Category> const categories(db);
    Category root;
    root.name = "root";
    run(categories.create(root));
    Category leaf;
    leaf.name = "leaf";
    leaf.parent_id = root.id;
    run(categories.create(leaf));
    EXPECT_EQ(stored("categories", root.id).count("parent_id"), 0u);
    auto const below = run(categories.where(field<&Category::parent_id> == root.id).all());
    ASSERT_EQ(below.size(), 1u);
    EXPECT_EQ(below[0].id, leaf.id);
    leaf.parent_id.reset();
    run(categories.save(leaf));
    EXPECT_TRUE(run(categories.where(field<&Category::parent_id> == root.id).all()).empty());
}

TEST_F(repository_against_server, an_empty_index_key_is_stored_as_absent_because_no_index_takes_it) {
    create_tables<User>();
    repository<User> const users(db);
    User u = make_user("");
    run(users.create(u));
    EXPECT_EQ(stored("users", u.id).count("email"), 0u);
    EXPECT_EQ(run(users.get(u.id)).email, "");
    u.email = "a@b.c";
    run(users.save(u));
    EXPECT_EQ(run(users.where(field<&User::email> == "a@b.c").count()), 1u);
    u.email.clear();
    run(users.save(u));
    EXPECT_EQ(run(users.where(field<&User::email> == "a@b.c").count()), 0u);
}

TEST_F(repository_against_server, composite_and_numeric_keys_work_in_every_operation) {
    create_tables<Order, Line, Shipment>();
    repository<Order> const orders(db);
    repository<Line> const lines(db);
    Order o;
    o.number = -42;
    o.customer = "ann";
    run(orders.create(o));
    for (int i = 0; i < 3; ++i) {
        Line l;
        l.order_number = o.number;
        l.position = i - 1;
        l.product = "p" + std::to_string(i);
        l.cents = 1050 - 100 * i;
        run(lines.save(l));
    }
    auto const found = run(lines.find(key(std::int64_t{-42}, 0)));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->product, "p1");
    EXPECT_FALSE(run(lines.find(key(std::int64_t{-42}, 7))));

    std::vector<dynasio::key_of<Line>> keys;
    keys.emplace_back(key(std::int64_t{-42}, 1));
    keys.emplace_back(key(std::int64_t{-42}, 9));
    keys.emplace_back(key(std::int64_t{-42}, -1));
    auto const several = run(lines.find_many(keys));
    ASSERT_TRUE(several[0]);
    EXPECT_EQ(several[0]->product, "p2");
    EXPECT_FALSE(several[1]);
    ASSERT_TRUE(several[2]);
    EXPECT_EQ(several[2]->product, "p0");

    auto const order = run(orders.find(std::int64_t{-42}, with<&Order::lines>(newest_first, with<&Line::order>())));
    ASSERT_TRUE(order);
    ASSERT_EQ(order->lines.size(), 3u);
    EXPECT_EQ(order->lines[0].position, 1) << "numbers sort as numbers";
    EXPECT_EQ(order->lines[2].position, -1);
    EXPECT_EQ(order->lines[0].order->customer, "ann");

    auto const cheap = run(lines.where(field<&Line::order_number> == -42, field<&Line::cents> < 1000).all());
    ASSERT_EQ(cheap.size(), 2u);
    EXPECT_TRUE(endpoint.count_if(match("Query").index("by_price")) == 1) << "the local index serves the price";

    repository<Shipment> const shipments(db);
    Shipment s;
    s.order_number = -42;
    s.position = 1;
    run(shipments.create(s));
    auto const shipped = run(shipments.get(s.id, with<&Shipment::line>()));
    ASSERT_TRUE(shipped.line);
    EXPECT_EQ(shipped.line->product, "p2");

    Line gone;
    gone.order_number = -42;
    gone.position = 1;
    EXPECT_TRUE(run(lines.remove(gone)));
    EXPECT_FALSE(run(lines.remove_key(key(std::int64_t{-42}, 1))));
    auto const dangling = run(shipments.get(s.id, with<&Shipment::line>()));
    EXPECT_TRUE(dangling.line.loaded());
    EXPECT_EQ(dangling.line.get(), nullptr);
}

TEST_F(repository_against_server, every_type_comes_back_as_it_was) {
    create_tables<Everything>();
    repository<Everything> const all(db);
    Everything e;
    e.text = "tab\t, quote \", euro \xe2\x82\xac, emoji \xf0\x9f\x98\x80, nul \x01 end";
    e.flag = true;
    e.smallest = std::numeric_limits<std::int64_t>::min();
    e.largest = std::numeric_limits<std::int64_t>::max();
    e.huge = std::numeric_limits<std::uint64_t>::max();
    e.tiny = -128;
    e.real = 0.1 + 0.2;
    e.third = -1e-7 / 3;
    e.single = 3.1415927f;
    e.words = {"b", "a", "a", ""};
    e.matrix = {{1, 2}, {}, {-3}};
    e.numbers = {{"one", 1}, {"", 0}, {"minus", -1}};
    e.nested = {{"x", {"1", "2"}}, {"y", {}}};
    e.moment = *timestamp::parse("2024-02-29T23:59:59.123+02:00");
    e.some = "";
    e.exact = dynamodb::number::parse("12345678901234567890123456789012345678");
    e.bytes.bytes = std::string("\0\xff\x7f\x80", 4);
    dynamodb::item inner;
    inner.emplace("k", dynamodb::attribute_value(true));
    e.any = inner;
    run(all.create(e));

    auto const r = run(all.get(e.id));
    EXPECT_EQ(r.text, e.text);
    EXPECT_EQ(r.flag, e.flag);
    EXPECT_EQ(r.smallest, e.smallest);
    EXPECT_EQ(r.largest, e.largest);
    EXPECT_EQ(r.huge, e.huge);
    EXPECT_EQ(r.tiny, e.tiny);
    EXPECT_EQ(r.real, e.real);
    EXPECT_EQ(r.third, e.third);
    EXPECT_EQ(r.single, e.single);
    EXPECT_EQ(r.words, e.words);
    EXPECT_TRUE(r.nothing.empty());
    EXPECT_EQ(r.matrix, e.matrix);
    EXPECT_EQ(r.numbers, e.numbers);
    EXPECT_EQ(r.nested, e.nested);
    EXPECT_EQ(r.moment, e.moment);
    EXPECT_EQ(r.moment.to_string(), "2024-02-29T21:59:59.123Z");
    EXPECT_FALSE(r.never.is_set());
    EXPECT_EQ(r.some, e.some);
    EXPECT_FALSE(r.none);
    EXPECT_EQ(r.exact, e.exact);
    EXPECT_EQ(r.bytes, e.bytes);
    EXPECT_EQ(r.any, e.any);

    auto const item = stored("everything", e.id);
    EXPECT_EQ(item.at("words").type(), dynamodb::attribute_type::list) << "a list of strings is no set";
    EXPECT_EQ(item.at("nothing").as_list().size(), 0u) << "an empty list is stored as one";
    EXPECT_EQ(item.count("never"), 0u);
    EXPECT_EQ(item.count("none"), 0u);
}

TEST_F(repository_against_server, tables_are_created_once_however_often_and_by_however_many) {
    create_tables<User, blog::Role>();
    run(dynasio::create_tables<User, blog::Role>(db));
    User u = make_user("a@b.c");
    save(u);
    run(dynasio::create_tables<User, blog::Role>(db));
    EXPECT_TRUE(run(repository<User>(db).find(u.id))) << "a table that exists is left as it is";

    std::string const own = prefix + "other.";
    client second(ctx, test::options_for(server, own));
    std::vector<test::task<void>> several;
    for (int i = 0; i < 4; ++i) several.push_back(start(dynasio::create_tables<User, Post, blog::Role>(second)));
    for (auto& t : several) finish(t);
    auto const table = run(second.describe_table(dynamodb::describe_table_request(own + "users")));
    EXPECT_EQ(table.table->table_status, dynamodb::table_status::active);
    EXPECT_EQ(table.table->global_secondary_indexes->size(), 1u);
    User there = make_user("x@y.z");
    run(repository<User>(second).create(there));
    EXPECT_FALSE(run(repository<User>(db).find(there.id))) << "prefixes keep tables apart";
    run(dynasio::drop_tables<User, Post, blog::Role>(second));
    run(dynasio::drop_tables<User, Post, blog::Role>(second));
    auto const gone = failure_of(second.describe_table(dynamodb::describe_table_request(own + "users")));
    EXPECT_EQ(gone.code, service_errc::resource_not_found);
}

TEST_F(repository_against_server, results_instead_of_exceptions) {
    create_tables<User>();
    repository<User> const users(db);
    auto const missing = run(as_result(users.get("nobody")));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, errc::not_found);
    EXPECT_THROW((void)missing.value(), error);
    User u = make_user("a@b.c");
    auto const created = run(as_result(users.create(u)));
    EXPECT_TRUE(created);
    auto const found = run(as_result(users.find(u.id)));
    ASSERT_TRUE(found);
    ASSERT_TRUE(*found);
    EXPECT_EQ((*found)->email, "a@b.c");
}

TEST_F(repository_against_server, options_of_a_call_bound_and_measure_it) {
    create_tables<User, Post>();
    repository<User> const users(db);
    User u = make_user("a@b.c");
    call_cost written;
    run(users.create(u, call_options().report(written)));
    EXPECT_EQ(written.requests, 1u);
    EXPECT_GT(written.write_units, 0);
    EXPECT_GT(written.latency.count(), 0);
    Post p;
    p.author_id = u.id;
    save(p);

    call_cost read;
    load_report report;
    auto const found =
        run(users.find(u.id, with<&User::posts>(), call_options().report(read), report_to(report), consistent));
    ASSERT_TRUE(found);
    EXPECT_EQ(read.requests, 2u);
    EXPECT_GT(read.read_units, 0);
    EXPECT_EQ(report.gets, 1u);
    EXPECT_EQ(report.queries, 1u);
    EXPECT_EQ(report.items, 2u);
    EXPECT_DOUBLE_EQ(report.read_units, read.read_units);
    EXPECT_EQ(endpoint.count_if(match("GetItem").body_containing(R"("ConsistentRead":true)")), 1u);
    EXPECT_EQ(endpoint.count_if(match("Query").body_containing("ConsistentRead")), 0u) << "an index has no such reads";

    endpoint.on(match("GetItem")).always().answer_error(503, "ServiceUnavailable", "busy");
    auto const failed = failure_of(users.find(u.id, call_options().attempts(3)));
    EXPECT_EQ(failed.info->attempts, 3u);
    auto const once = failure_of(users.find(u.id, call_options().attempts(1)));
    EXPECT_EQ(once.info->attempts, 1u);
    endpoint.clear_rules();
    endpoint.on(match("GetItem")).always().never_answer();
    auto const late = failure_of(users.find(u.id, call_options().timeout(20ms)));
    EXPECT_EQ(late.code, errc::deadline_exceeded);
    EXPECT_EQ(late.info->operation, "GetItem");
}

} // namespace
} // namespace dynasio
