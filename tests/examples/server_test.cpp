// The example server, asked by a plain blocking HTTP client.

#include <dynasio/testing/fault_endpoint.hpp>

#include <dynasio/orm/model.hpp>

#include <dynasio/core/ulid.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "../../examples/blog/model.hpp"
#include "child_process.hpp"
#include "support/coroutine.hpp"

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
using namespace std::chrono_literals;
using asio::ip::tcp;
using dynasio::test::child_process;
using dynasio::testing::match;

/// A connection to the server.
class visitor {
public:
    explicit visitor(unsigned short port) : socket_(io_) {
        socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    }

    void send(std::string const& bytes) { asio::write(socket_, asio::buffer(bytes)); }
    void send_get(std::string const& target) { send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"); }
    [[nodiscard]] http::response<http::string_body> receive() {
        http::response<http::string_body> answer;
        http::read(socket_, buffer_, answer);
        return answer;
    }
    [[nodiscard]] http::response<http::string_body> get(std::string const& target) {
        send_get(target);
        return receive();
    }
    /// Whether the server has closed the connection, or does now.
    [[nodiscard]] bool is_closed() {
        boost::system::error_code ec;
        char byte = 0;
        socket_.read_some(asio::buffer(&byte, 1), ec);
        return ec == asio::error::eof || ec == asio::error::connection_reset;
    }

private:
    asio::io_context io_;
    tcp::socket socket_;
    boost::beast::flat_buffer buffer_;
};

class example_server : public testing::Test {
protected:
    void SetUp() override {
        char const* const endpoint = std::getenv("DYNAMODB_ENDPOINT");
        ASSERT_NE(endpoint, nullptr) << "scripts/test starts a server and sets it";
        database = std::make_unique<dynasio::testing::fault_endpoint>(endpoint);
        prefix = "server_" + dynasio::ulid_generator().next() + "_";
        program =
            std::make_unique<child_process>(std::string(DYNASIO_EXAMPLE_PROGRAMS) + "/example_server",
                                            std::vector<std::string>{"--port", "0", "--seed"},
                                            std::map<std::string, std::string>{{"DYNAMODB_ENDPOINT", database->url()},
                                                                               {"DYNASIO_TABLE_PREFIX", prefix}});
        auto const address = program->line_after("listening on http://127.0.0.1:");
        port = static_cast<unsigned short>(std::stoul(address));
        auto const url = program->line_after("try: curl ");
        user = url.substr(url.find("/users/"));
        database->clear();
    }
    void TearDown() override {
        program.reset();
        if (!database) return;
        database->clear_rules();
        asio::io_context io;
        dynasio::client_options options;
        options.table_prefix = prefix;
        dynasio::client const db(io, options);
        dynasio::test::run(io,
                           dynasio::drop_tables<blog::User, blog::Profile, blog::Post, blog::Comment, blog::Role>(db));
    }
    /// Ends the server as an operator would.
    int stop() {
        program->send(SIGTERM);
        return program->exit_code();
    }

    std::unique_ptr<dynasio::testing::fault_endpoint> database;
    std::unique_ptr<child_process> program;
    std::string prefix, user;
    unsigned short port = 0;
};

TEST_F(example_server, answers_with_the_graph_of_the_user) {
    visitor v(port);
    auto const answer = v.get(user);
    ASSERT_EQ(answer.result(), http::status::ok) << answer.body();
    EXPECT_EQ(answer[http::field::content_type], "application/json");
    auto const got = json::parse(answer.body());
    EXPECT_EQ(got.at("name"), "Ada");
    EXPECT_EQ(got.at("profile").at("city"), "Lisbon");
    EXPECT_EQ(got.at("roles").at(0).at("name"), "admin");
    EXPECT_EQ(got.at("posts").at(0).at("title"), "On engines");
    EXPECT_EQ(got.at("posts").at(0).at("comments").at(0).at("author"), "Ada");

    // The connection is kept.
    EXPECT_EQ(v.get(user).body(), answer.body());
    EXPECT_EQ(stop(), 0);
}

TEST_F(example_server, answers_with_the_parts_of_the_graph_that_are_asked_for) {
    visitor v(port);
    auto const ask = [&](std::string const& query) { return json::parse(v.get(user + query).body()).as_object(); };
    auto got = ask("?include=posts.comments%2Croles");
    EXPECT_EQ(got.at("posts").at(0).at("comments").at(0).at("text"), "Corrected a number.");
    EXPECT_FALSE(got.at("posts").at(0).at("comments").at(0).as_object().contains("author"));
    EXPECT_EQ(got.at("roles").at(0).at("name"), "admin");
    EXPECT_FALSE(got.contains("profile"));
    got = ask("?verbose=1&include=");
    EXPECT_EQ(got.at("name"), "Ada");
    EXPECT_EQ(got.size(), 2U);
    EXPECT_EQ(ask("?include=+profile").at("profile").at("city"), "Lisbon");

    database->clear();
    auto const refused = v.get(user + "?include=posts.author");
    EXPECT_EQ(refused.result(), http::status::bad_request);
    EXPECT_NE(json::parse(refused.body()).at("error").as_string().find("there can be: comments"),
              json::string_view::npos)
        << refused.body();
    EXPECT_EQ(database->count(), 0u);
    EXPECT_EQ(stop(), 0);
}

TEST_F(example_server, tells_who_asks_wrongly_what_is_wrong) {
    visitor v(port);
    EXPECT_EQ(v.get("/users/01ARZ3NDEKTSV4RRFFQ69G5FAV").result(), http::status::not_found);
    EXPECT_EQ(v.get("/users/7").result(), http::status::bad_request);
    EXPECT_EQ(v.get("/users/").result(), http::status::bad_request);
    EXPECT_EQ(v.get("/posts").result(), http::status::not_found);
    v.send("POST " + user + " HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}");
    auto const refused = v.receive();
    EXPECT_EQ(refused.result(), http::status::method_not_allowed);
    EXPECT_EQ(refused[http::field::allow], "GET");
    EXPECT_EQ(database->count("GetItem"), 1u); // only the first of these was a question for the database

    EXPECT_EQ(v.get(user).result(), http::status::ok);
    EXPECT_EQ(stop(), 0);
}

TEST_F(example_server, refuses_what_is_no_request_and_goes_on) {
    auto const refusal_of = [&](std::string const& bytes) {
        visitor v(port);
        v.send(bytes);
        auto const status = v.receive().result_int();
        EXPECT_TRUE(v.is_closed());
        return status;
    };
    EXPECT_EQ(refusal_of("\x16\x03\x01 this is no HTTP\r\n\r\n"), 400u);
    EXPECT_EQ(refusal_of("GET / HTTP/9.9\r\n\r\n"), 400u);
    EXPECT_EQ(refusal_of("GET " + user + " HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n"), 431u);
    EXPECT_EQ(refusal_of("POST " + user + " HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n"), 413u);
    {
        visitor leaves_in_the_middle(port);
        leaves_in_the_middle.send("GET /use");
    }
    visitor v(port);
    EXPECT_EQ(v.get(user).result(), http::status::ok);
    EXPECT_EQ(stop(), 0);
}

TEST_F(example_server, answers_503_while_the_database_throttles_and_500_for_what_does_not_pass) {
    visitor v(port);
    auto throttled = database->on(match("GetItem")).throttle("ThrottlingException");
    auto const later = v.get(user);
    EXPECT_EQ(later.result(), http::status::service_unavailable);
    EXPECT_EQ(later[http::field::retry_after], "1");
    throttled.remove();

    auto denied = database->on(match("GetItem")).answer_error(400, "AccessDeniedException", "secret detail");
    auto const refused = v.get(user);
    EXPECT_EQ(refused.result(), http::status::internal_server_error);
    EXPECT_EQ(refused.body().find("secret"), std::string::npos);
    denied.remove();

    EXPECT_EQ(v.get(user).result(), http::status::ok);
    EXPECT_EQ(stop(), 0);
    EXPECT_NE(program->text().find("secret detail"), std::string::npos) << "the operator has to see it";
}

TEST_F(example_server, answers_503_when_the_database_says_nothing) {
    visitor v(port);
    database->on(match("Query")).never_answer();
    EXPECT_EQ(v.get(user).result(), http::status::service_unavailable);
    EXPECT_EQ(stop(), 0);
}

TEST_F(example_server, finishes_requests_under_way_before_it_stops) {
    visitor idle(port);
    EXPECT_EQ(idle.get(user).result(), http::status::ok);
    database->clear();

    visitor busy(port);
    database->on(match("GetItem")).delayed(500ms).forward();
    busy.send_get(user);
    ASSERT_TRUE(database->wait_for_requests(1));
    program->send(SIGTERM);
    EXPECT_TRUE(idle.is_closed());
    auto const answer = busy.receive();
    EXPECT_EQ(answer.result(), http::status::ok);
    EXPECT_FALSE(answer.keep_alive());
    EXPECT_EQ(program->exit_code(), 0);
    EXPECT_THROW(visitor late(port), boost::system::system_error);
}

} // namespace
