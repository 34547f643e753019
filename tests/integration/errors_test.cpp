#include <dynasio/dynamodb/batch.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <map>

#include "integration/blog_test.hpp"
#include "support/scripted_server.hpp"

// Bad input and bad surroundings: what each error says, and where it says that it was.
namespace dynasio {
namespace {

using namespace std::chrono_literals;
using blog::Comment;
using blog::Post;
using blog::User;
using testing::match;

/// A port on which nothing listens.
std::uint16_t closed_port() {
    boost::asio::io_context ctx;
    boost::asio::ip::tcp::acceptor acceptor(ctx, {boost::asio::ip::address_v4::loopback(), 0});
    return acceptor.local_endpoint().port();
}

class what_errors_say : public test::blog_test {
protected:
    /// The code, and that the one line for people contains each of the words.
    template <class... Words> static void expect_error(failure const& f, error_code code, Words const&... words) {
        EXPECT_EQ(f.code, code) << f.to_string();
        std::string const text = f.to_string();
        EXPECT_EQ(text.find('\n'), std::string::npos);
        for (std::string const& word : {std::string(words)...})
            EXPECT_NE(text.find(word), std::string::npos) << "\"" << word << "\" is not in: " << text;
    }
    void put(std::string const& table, dynamodb::item item) {
        run(direct.put_item(dynamodb::put_item_request(prefix + table, std::move(item))));
    }
    static dynamodb::item post_item(std::string id, std::string name, dynamodb::attribute_value value) {
        dynamodb::item i;
        i.emplace("id", std::move(id));
        i.emplace("author_id", "user-0000");
        i.insert_or_assign(std::move(name), std::move(value));
        return i;
    }
};

TEST_F(what_errors_say, nothing_listens_there) {
    auto const port = std::to_string(closed_port());
    client nowhere(ctx, test::options_for("http://127.0.0.1:" + port, prefix));
    auto const failed = failure_of(repository<User>(nowhere).find("u"));
    expect_error(failed, transport_errc::connect_failed, "127.0.0.1:" + port, "GetItem", prefix + "users", "User");
    User u;
    u.email = "x";
    auto const written = failure_of(repository<User>(nowhere).create(u));
    expect_error(written, transport_errc::connect_failed, "127.0.0.1:" + port, "PutItem", prefix + "users", "User");
    EXPECT_FALSE(written.info->outcome_unknown) << "nothing was ever sent";
    EXPECT_TRUE(u.id.empty());
    auto const queried = failure_of(repository<User>(nowhere).where(field<&User::email> == "x").all());
    expect_error(queried, transport_errc::connect_failed, "127.0.0.1:" + port, "Query", prefix + "users", "User");
    auto const counted = failure_of(repository<User>(nowhere).where(field<&User::email> == "x").count());
    expect_error(counted, transport_errc::connect_failed, "127.0.0.1:" + port, "Query", prefix + "users", "User");
    auto const removed = failure_of(repository<User>(nowhere).remove_key("x"));
    expect_error(removed, transport_errc::connect_failed, "127.0.0.1:" + port, "DeleteItem", prefix + "users", "User");
}

TEST_F(what_errors_say, the_certificate_is_for_another_host) {
    test::certificate_authority const authority;
    auto const identity = authority.issue("DNS:other.example");
    test::scripted_server tls(
        ctx, [](test::server_connection& c) -> boost::asio::awaitable<void> { co_await c.until_closed(); }, identity);
    auto options = test::options_for(tls.url("localhost"), prefix);
    options.pool.tls.authorities_pem = authority.pem();
    client mistaken(ctx, options);
    auto const failed = failure_of(repository<User>(mistaken).find("u"));
    expect_error(failed, transport_errc::certificate_host_name, "localhost", "GetItem", prefix + "users", "User");
    options.pool.tls.authorities_pem = test::certificate_authority().pem();
    client distrustful(ctx, options);
    auto const untrusted = failure_of(repository<User>(distrustful).find("u"));
    expect_error(untrusted, transport_errc::certificate_untrusted, "localhost", "GetItem");
}

TEST_F(what_errors_say, tls_is_spoken_to_a_server_without_it) {
    client mistaken(ctx, test::options_for("https" + endpoint.url().substr(4), prefix));
    auto const failed = failure_of(repository<User>(mistaken).find("u", call_options().attempts(1).timeout(5s)));
    EXPECT_TRUE(failed.code == transport_errc::tls_handshake_failed || failed.code == transport_errc::connection_lost)
        << failed.to_string();
    EXPECT_NE(failed.to_string().find("127.0.0.1"), std::string::npos) << failed.to_string();
}

TEST_F(what_errors_say, credentials_are_incomplete_or_malformed) {
    auto options = test::options_for(endpoint.url(), prefix);
    options.credentials = aws::static_credentials(aws::credentials("AKID", ""));
    client unsigned_client(ctx, options);
    auto const empty = failure_of(repository<User>(unsigned_client).find("u"));
    expect_error(empty, errc::no_credentials, "secret", "GetItem", prefix + "users", "User");
    options.credentials = aws::static_credentials(aws::credentials("AKID\r\nX-Evil: 1", "do-not-print-me"));
    client evil(ctx, options);
    auto const refused = failure_of(repository<User>(evil).find("u"));
    expect_error(refused, errc::no_credentials, "access key", "GetItem");
    EXPECT_EQ(refused.to_string().find("do-not-print-me"), std::string::npos);
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(what_errors_say, the_table_does_not_exist) {
    auto const found = failure_of(repository<User>(db).find("u"));
    expect_error(found, service_errc::resource_not_found, "GetItem", prefix + "users", "User", "check its name");
    User u;
    u.email = "x";
    auto const created = failure_of(repository<User>(db).create(u));
    expect_error(created, service_errc::resource_not_found, "PutItem", prefix + "users", "User");
    EXPECT_TRUE(u.id.empty());
    create_tables<User>();
    save(u);
    auto const related = failure_of(repository<User>(db).find(u.id, with<&User::posts>(with<&Post::comments>())));
    expect_error(related, service_errc::resource_not_found, "Query", prefix + "posts", "by_author", "User.posts");
}

TEST_F(what_errors_say, there_is_no_such_item) {
    create_tables<User>();
    auto const failed = failure_of(repository<User>(db).get("nobody"));
    expect_error(failed, errc::not_found, "nobody", "GetItem", prefix + "users", "User", "find()");
    EXPECT_EQ(failed.info->attempts, 1U);
    EXPECT_EQ(failed.info->http_status, 200U);
    EXPECT_FALSE(failed.info->request_id.empty());
}

TEST_F(what_errors_say, a_key_is_empty) {
    create_tables<User, shop::Shipment, shop::Line, shop::Order>();
    repository<User> const users_of(db);
    auto const found = failure_of(users_of.find(""));
    expect_error(found, errc::empty_key, "User", "id");
    User unsaved;
    auto const removed = failure_of(users_of.remove(unsaved));
    expect_error(removed, errc::empty_key, "User", "id");
    dynamodb::item key;
    key.emplace("id", "");
    auto const low = failure_of(db.get_item(dynamodb::get_item_request(prefix + "users", key)));
    expect_error(low, errc::empty_key, "id", "GetItem", prefix + "users");
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(what_errors_say, an_attribute_has_another_type_or_size_than_its_member) {
    create_tables<User, Post, Comment>();
    struct bad {
        char const* id;
        char const* name;
        dynamodb::attribute_value value;
        errc code;
        char const* word;
    };
    bad const items[] = {
        {"a", "title", dynamodb::attribute_value(7), errc::attribute_type_mismatch, "type N"},
        {"b", "score", dynamodb::attribute_value("seven"), errc::attribute_type_mismatch, "type S"},
        {"c", "score", dynamodb::attribute_value(dynamodb::number::parse("99999999999")), errc::number_out_of_range,
         "99999999999"},
        {"d", "score", dynamodb::attribute_value(dynamodb::number::parse("1.5")), errc::number_out_of_range, "1.5"},
        {"e", "created_at", dynamodb::attribute_value("yesterday"), errc::attribute_type_mismatch, "RFC 3339"},
        {"f", "status", dynamodb::attribute_value(true), errc::attribute_type_mismatch, "BOOL"},
    };
    repository<Post> const posts_of(db);
    for (auto const& b : items) {
        SCOPED_TRACE(b.id);
        put("posts", post_item(b.id, b.name, b.value));
        auto const found = failure_of(posts_of.find(b.id));
        expect_error(found, b.code, "Post", b.name, prefix + "posts", "GetItem", b.word);
        EXPECT_EQ(found.info->attribute, b.name);
        EXPECT_EQ(found.info->entity, "Post");
        EXPECT_EQ(found.info->relation_path, "");
        std::vector<key_of<Post>> keys;
        keys.emplace_back(b.id);
        auto const many = failure_of(posts_of.find_many(keys));
        expect_error(many, b.code, "Post", b.name, prefix + "posts", "BatchGetItem", b.word);
        User u;
        u.id = "user-0000";
        auto const related = failure_of(repository<User>(db).load<&User::posts>(u));
        expect_error(related, b.code, "Post", b.name, prefix + "posts", "by_author", "Query", "User.posts", b.word);
        EXPECT_FALSE(u.posts.loaded());
        run(posts_of.remove_key(b.id));
    }
}

TEST_F(what_errors_say, an_answer_is_no_answer_of_the_service) {
    create_tables<User>();
    repository<User> const users_of(db);
    auto const find = [&] { return failure_of(users_of.find("u", call_options().attempts(2))); };
    endpoint.on(match()).truncated_by(1).forward();
    expect_error(find(), transport_errc::connection_lost, "GetItem", prefix + "users", "User", "attempts 2");
    endpoint.clear_rules();
    endpoint.on(match()).answer_invalid_json();
    expect_error(find(), errc::malformed_response, "GetItem", prefix + "users", "User", "request id fault-endpoint");
    endpoint.clear_rules();
    endpoint.on(match()).answer(413, "text/html", "<html>\n<h1>Request Entity Too Large</h1></html>");
    expect_error(find(), service_errc::validation, "GetItem", prefix + "users", "User", "413", "proxy");
    endpoint.clear_rules();
    endpoint.on(match()).answer(500, "text/html", "<html>\n<h1>Internal</h1></html>");
    expect_error(find(), service_errc::internal_server_error, "GetItem", prefix + "users", "User", "500", "attempts 2");
    endpoint.clear_rules();
    endpoint.on(match()).answer_nested(10'000);
    expect_error(find(), errc::nesting_too_deep, "GetItem", prefix + "users", "User");
    endpoint.clear_rules();
    endpoint.on(match()).answer_json(R"({"Item":{"id":{"S":"u"},"email":{"S":"x"}})");
    expect_error(find(), errc::malformed_response, "GetItem", prefix + "users");
    endpoint.clear_rules();
    endpoint.on(match()).answer_error(400, "SomethingNewException", "a\nb");
    expect_error(find(), service_errc::unknown, "SomethingNewException", "a\\nb", "GetItem", prefix + "users", "User");
}

TEST_F(what_errors_say, an_answer_holds_what_was_not_asked_for) {
    create_tables<User>();
    std::vector<key_of<User>> keys;
    keys.emplace_back("u");
    repository<User> const users_of(db);
    endpoint.on(match()).answer_json(R"({"Responses":{")" + prefix +
                                     R"(users":[{"id":{"S":"other"}}]},"UnprocessedKeys":{}})");
    expect_error(failure_of(users_of.find_many(keys)), errc::malformed_response, "not asked for", "BatchGetItem",
                 prefix + "users", "User");
    endpoint.clear_rules();
    endpoint.on(match()).answer_json(R"({"Responses":{},"UnprocessedKeys":{"elsewhere":{"Keys":[{"id":{"S":"u"}}]}}})");
    expect_error(failure_of(users_of.find_many(keys)), errc::malformed_response, "not asked for", "BatchGetItem");
}

TEST_F(what_errors_say, an_answer_holds_another_item_than_the_one_asked_for) {
    repository<User> const users_of(db);
    endpoint.on(match()).answer_json(R"({"Item":{"id":{"S":"other"},"email":{"S":"x"}}})");
    expect_error(failure_of(users_of.find("u")), errc::malformed_response, "not asked for", "GetItem", prefix + "users",
                 "User");
    expect_error(failure_of(users_of.get("u", consistent)), errc::malformed_response, "not asked for");
    endpoint.clear_rules();
    endpoint.on(match()).answer_json(R"({"Item":{"email":{"S":"x"},"id":{"S":"\u0075"}}})");
    EXPECT_TRUE(run(users_of.find("u"))) << "the same key in another spelling";
}

TEST_F(what_errors_say, an_answer_says_a_thing_twice) {
    repository<User> const users_of(db);
    std::vector<key_of<User>> keys;
    keys.emplace_back("u");
    std::string const item = R"({"id":{"S":"u"}})";
    endpoint.on(match()).answer_json(R"({"Item":)" + item + R"(,"Item":)" + item + '}');
    expect_error(failure_of(users_of.find("u")), errc::malformed_response, "twice", "Item", "User");
    endpoint.clear_rules();
    endpoint.on(match()).answer_json(R"({"Items":[)" + item + R"(],"Items":[]})");
    expect_error(failure_of(users_of.scan().all()), errc::malformed_response, "twice", "Items", "User");
    endpoint.clear_rules();
    std::string const responses = R"("Responses":{")" + prefix + R"(users":[]})";
    endpoint.on(match()).answer_json('{' + responses + ',' + responses + R"(,"UnprocessedKeys":{}})");
    expect_error(failure_of(users_of.find_many(keys)), errc::malformed_response, "twice", "Responses", "User");
    expect_error(failure_of(users_of.find_many(keys, with<&User::posts>())), errc::malformed_response, "twice");
}

TEST_F(what_errors_say, a_count_is_no_number_of_items) {
    repository<User> const users_of(db);
    for (char const* count : {"-3", "1e3", "2.5", "99999999999999999999", "\"3\"", "null"}) {
        endpoint.clear_rules();
        endpoint.on(match()).answer_json(R"({"Count":)" + std::string(count) + '}');
        expect_error(failure_of(users_of.scan().count()), errc::malformed_response, "Scan", "User");
    }
    endpoint.clear_rules();
    endpoint.on(match()).answer_json(R"({"Count":3})");
    EXPECT_EQ(run(users_of.scan().count()), 3U);
}

TEST_F(what_errors_say, a_page_names_itself_as_the_next_one) {
    repository<User> const users_of(db);
    endpoint.on(match()).answer_json(R"({"Items":[],"Count":0,"LastEvaluatedKey":{"id":{"S":"u"}}})");
    expect_error(failure_of(users_of.scan().all()), errc::malformed_response, "same page", "Scan", "User");
    EXPECT_EQ(endpoint.count(), 2U);
    expect_error(failure_of(users_of.scan().count()), errc::malformed_response, "same page", "Scan", "User");
    EXPECT_EQ(endpoint.count(), 4U);
    endpoint.clear_rules();
    endpoint.on(match()).answer_json(R"({"Items":[],"Count":0,"LastEvaluatedKey":{ }})");
    EXPECT_TRUE(run(users_of.scan().all()).empty()) << "a key without attributes is none";
}

TEST_F(what_errors_say, a_batch_is_larger_than_one_call_takes) {
    std::vector<dynamodb::item> keys(101);
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i].emplace("id", std::to_string(i));
    std::map<std::string, dynamodb::keys_and_attributes> wanted;
    wanted.emplace(prefix + "users", dynamodb::keys_and_attributes(keys));
    auto const read = failure_of(db.batch_get_item(dynamodb::batch_get_item_request(wanted)));
    expect_error(read, errc::batch_too_large, "BatchGetItem", "100", prefix + "users");
    std::vector<dynamodb::write_request> writes;
    for (std::size_t i = 0; i < 26; ++i) writes.emplace_back(dynamodb::put_request(keys[i]));
    std::map<std::string, std::vector<dynamodb::write_request>> written;
    written.emplace(prefix + "users", std::move(writes));
    auto const write = failure_of(db.batch_write_item(dynamodb::batch_write_item_request(written)));
    expect_error(write, errc::batch_too_large, "BatchWriteItem", "25", prefix + "users");
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(what_errors_say, a_relation_was_not_loaded) {
    make_blog(1, 1, 1);
    auto const found = run(repository<User>(db).get(users[0].id, with<&User::posts>()));
    auto const posts_loaded = failure_of_call([&] { (void)found.posts[0].comments.size(); });
    expect_error(posts_loaded, errc::relation_not_loaded, "Post.comments", "loaded()");
    auto const profile = failure_of_call([&] { (void)found.profile->bio; });
    expect_error(profile, errc::relation_not_loaded, "User.profile");
    auto const roles_loaded = failure_of_call([&] { (void)found.roles.with_pivot(); });
    expect_error(roles_loaded, errc::relation_not_loaded, "User.roles");
    User plain;
    auto const never_stored = failure_of_call([&] { (void)plain.posts.get(); });
    expect_error(never_stored, errc::relation_not_loaded, "has_many", "Post");
}

TEST_F(what_errors_say, no_key_or_index_serves_the_condition) {
    repository<Post> const posts_of(db);
    auto const failed = failure_of(posts_of.where(field<&Post::title> == "x").all());
    expect_error(failed, errc::no_usable_index, "Post", "title", "by_author", "scan()");
    EXPECT_EQ(endpoint.count(), 0u);
}

TEST_F(what_errors_say, the_client_is_closed) {
    create_tables<User>();
    client closing(ctx, test::options_for(endpoint.url(), prefix));
    closing.stop();
    auto const failed = failure_of(repository<User>(closing).find("u"));
    expect_error(failed, errc::client_closed, "GetItem", prefix + "users", "User");
}

TEST_F(what_errors_say, the_operation_takes_too_long) {
    create_tables<User>();
    endpoint.on(match()).never_answer();
    auto const failed = failure_of(repository<User>(db).find("u", call_options().timeout(20ms)));
    expect_error(failed, errc::deadline_exceeded, "GetItem", prefix + "users", "User");
}

} // namespace
} // namespace dynasio
