// An asynchronous HTTP server that has dynasio in its own event loop: GET /users/{id} answers with the user's graph as
// JSON, and GET /users/{id}?include=posts.comments,roles with those parts of it. While one request waits for DynamoDB,
// the thread serves the others.
//
//     example_server [--port N] [--seed]
//
// --port 0 takes a free port; the address is printed. --seed saves a user to ask for. Stops on SIGINT and SIGTERM:
// nothing new is accepted, requests under way are answered, then the client is closed; a second signal kills.
//
// The tables (of examples/blog, with the prefix from DYNASIO_TABLE_PREFIX) are made if they do not exist, and stay.
//
// Left out: TLS, compression, several threads (one io_context and one client for each is the fastest set-up), a log.

#include <dynasio/orm/include_list.hpp>
#include <dynasio/orm/model.hpp>
#include <dynasio/orm/repository.hpp>

#include <dynasio/core/result.hpp>
#include <dynasio/core/status_class.hpp>
#include <dynasio/core/ulid.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/src.hpp> // Boost.JSON without its library: in one source of the program

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <iostream>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json.hpp"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using namespace blog;
using namespace std::chrono_literals;
using dynasio::with;
using tcp = asio::ip::tcp;
using reply = http::response<http::string_body>;

reply make_reply(http::status status, boost::json::value const& body) {
    reply made(status, 11);
    made.set(http::field::content_type, "application/json");
    made.body() = boost::json::serialize(body);
    return made;
}
reply make_error(http::status status, std::string_view text) {
    return make_reply(status, boost::json::object{{"error", text}});
}

reply make_failure(dynasio::failure const& failed) {
    // Names of tables and the like are for us, not for the world.
    std::cerr << "error: " << failed.to_string() << std::endl;
    auto const kind = dynasio::status_class(failed.code);
    auto made = make_error(http::status(dynasio::http_status(kind)), "the request failed");
    if (kind == dynasio::error_class::retry_later) made.set(http::field::retry_after, "1");
    return made;
}

/// What a visitor may ask for with ?include=, and how much of it there is at most.
dynasio::include_list<User> const& includable() {
    static dynasio::include_list<User> const list(
        with<&User::profile>(), with<&User::roles>(),
        with<&User::posts>(dynasio::newest_first, dynasio::limit(20), with<&Post::comments>(with<&Comment::author>())));
    return list;
}
constexpr std::string_view whole_graph = "profile,roles,posts.comments.author";

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}
/// The value of a parameter with %2C and the like decoded. What is encoded wrongly stays as it is.
std::string decoded(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        int const high = i + 2 < value.size() ? hex_digit(value[i + 1]) : -1;
        int const low = high < 0 ? -1 : hex_digit(value[i + 2]);
        if (value[i] == '%' && low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += value[i] == '+' ? ' ' : value[i];
        }
    }
    return out;
}
/// The parameter `include` of a query, if it has one.
std::optional<std::string> include_of(std::string_view query) {
    constexpr std::string_view name = "include=";
    while (!query.empty()) {
        auto const end = std::min(query.find('&'), query.size());
        if (query.starts_with(name)) return decoded(query.substr(name.size(), end - name.size()));
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return std::nullopt;
}

/// Whether what was received is no request, and its sender still there to be told.
bool is_malformed(boost::system::error_code ec) {
    return ec.category() == make_error_code(http::error::bad_method).category() && ec != http::error::end_of_stream &&
           ec != http::error::partial_message;
}
http::status refusal_status(boost::system::error_code ec) {
    if (ec == http::error::body_limit) return http::status::payload_too_large;
    if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
        return http::status::request_header_fields_too_large;
    return http::status::bad_request;
}

class server {
public:
    server(asio::io_context& io, dynasio::client db, unsigned short port)
        : db_(std::move(db)), acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), port)), pause_(io) {}

    [[nodiscard]] unsigned short port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] bool stopping() const noexcept { return stopping_; }

    asio::awaitable<void> accept() {
        while (!stopping_) {
            boost::system::error_code failed;
            tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failed));
            if (stopping_) co_return;
            if (failed) { // out of descriptors, most likely: sessions that end will free some
                pause_.expires_after(100ms);
                co_await pause_.async_wait(asio::redirect_error(asio::use_awaitable, failed));
            } else if (sessions_.size() < max_sessions) {
                auto const self = sessions_.emplace(sessions_.end(), std::move(socket));
                asio::co_spawn(acceptor_.get_executor(), serve(self->stream, self->reading),
                               [this, self](std::exception_ptr e) { finished(self, e); });
            }
        }
    }

    void stop() {
        stopping_ = true;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        for (auto& one : sessions_)
            if (one.reading) one.stream.cancel();
        if (sessions_.empty()) db_.stop();
    }

private:
    struct session {
        explicit session(tcp::socket socket) : stream(std::move(socket)) {}
        beast::tcp_stream stream;
        bool reading = false; ///< Waits for a request: may be ended at once.
    };

    asio::awaitable<void> serve(beast::tcp_stream& stream, bool& reading) {
        beast::flat_buffer buffer(max_head + max_body);
        for (bool open = true; open && !stopping_;) {
            http::request_parser<http::string_body> parser;
            parser.header_limit(max_head);
            parser.body_limit(max_body);
            boost::system::error_code failed;
            stream.expires_after(30s);
            reading = true;
            co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, failed));
            reading = false;

            reply answer;
            if (!failed)
                answer = co_await handle(parser.get());
            else if (is_malformed(failed))
                answer = make_error(refusal_status(failed), "this is no request that can be served");
            else
                co_return; // gone, silent for too long, or we are stopping
            open = !failed && parser.get().keep_alive() && !stopping_;
            answer.keep_alive(open);
            answer.prepare_payload();
            stream.expires_after(30s);
            co_await http::async_write(stream, answer, asio::redirect_error(asio::use_awaitable, failed));
            if (failed) co_return;
        }
        boost::system::error_code ignored;
        stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    asio::awaitable<reply> handle(http::request<http::string_body> const& request) {
        constexpr std::string_view path = "/users/";
        std::string_view const target(request.target().data(), request.target().size());
        if (!target.starts_with(path)) co_return make_error(http::status::not_found, "there is only /users/{id}");
        if (request.method() != http::verb::get) {
            auto refusal = make_error(http::status::method_not_allowed, "only GET");
            refusal.set(http::field::allow, "GET");
            co_return refusal;
        }
        auto const query_at = std::min(target.find('?'), target.size());
        std::string const id(target.substr(path.size(), query_at - path.size()));
        if (!dynasio::ulid_time(id)) co_return make_error(http::status::bad_request, "an id is a ULID");

        auto const included = include_of(target.substr(std::min(query_at + 1, target.size())));
        std::vector<dynasio::relation_to_load<User>> relations;
        try {
            relations = includable().parse(included ? std::string_view(*included) : whole_graph);
        } catch (dynasio::error const& e) {
            co_return make_error(http::status::bad_request, e.info().message); // it is about the visitor's text alone
        }

        dynasio::repository<User> const users(db_);
        auto const found = co_await dynasio::as_result(users.find(id, relations, dynasio::call_options().timeout(2s)));
        if (found.has_error()) co_return make_failure(found.error());
        if (!found->has_value()) co_return make_error(http::status::not_found, "no such user");
        co_return make_reply(http::status::ok, to_json(**found));
    }

    void finished(std::list<session>::iterator which, std::exception_ptr failed) {
        sessions_.erase(which);
        if (stopping_ && sessions_.empty()) db_.stop();
        if (failed) std::rethrow_exception(failed); // out of io_context::run(): it is none of the expected ones
    }

    static constexpr std::size_t max_sessions = 1'000;
    static constexpr std::uint32_t max_head = 8 * 1024;
    static constexpr std::size_t max_body = 4 * 1024;

    dynasio::client db_;
    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    std::list<session> sessions_;
    bool stopping_ = false;
};

/// Saves a user with everything that a graph has; answers its id.
asio::awaitable<std::string> seed(dynasio::client db) {
    User ada{.name = "Ada", .email = "ada@example.com", .status = "active"};
    Role admin{.name = "admin"};
    co_await dynasio::repository<User>(db).create(ada);
    co_await dynasio::repository<Role>(db).create(admin);
    co_await dynasio::repository<User>(db).related<&User::roles>(ada).attach(admin);
    Profile profile{.user_id = ada.id, .city = "Lisbon", .about = "writes about engines"};
    co_await dynasio::repository<Profile>(db).create(profile);
    Post post{.author_id = ada.id, .title = "On engines", .status = "live"};
    co_await dynasio::repository<Post>(db).create(post);
    Comment comment{.post_id = post.id, .author_id = ada.id, .text = "Corrected a number."};
    co_await dynasio::repository<Comment>(db).create(comment);
    co_return ada.id;
}

asio::awaitable<void> run(dynasio::client db, server& site, bool seeded) {
    co_await dynasio::create_tables<User, Profile, Post, Comment, Role>(db);
    auto const address = "http://127.0.0.1:" + std::to_string(site.port());
    if (seeded) {
        auto const id = co_await seed(db);
        std::cout << "try: curl " << address << "/users/" << id << '\n';
    }
    std::cout << "listening on " << address << std::endl;
    co_await site.accept();
}

struct settings {
    unsigned short port = 8080;
    bool seeded = false;
};

std::optional<settings> parse(int argc, char** argv) {
    settings parsed;
    for (int i = 1; i < argc; ++i) {
        std::string_view const name(argv[i]);
        if (name == "--seed") {
            parsed.seeded = true;
        } else if (name == "--port" && i + 1 < argc) {
            std::string_view const text(argv[++i]);
            auto const [end, code] = std::from_chars(text.data(), text.data() + text.size(), parsed.port);
            if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
        } else {
            return std::nullopt;
        }
    }
    return parsed;
}

} // namespace

int main(int argc, char** argv) try {
    auto const wanted = parse(argc, argv);
    if (!wanted) {
        std::cerr << "usage: example_server [--port N] [--seed]\n";
        return 2;
    }
    asio::io_context io(1);
    dynasio::client const db(io);
    server site(io, db, wanted->port);
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](boost::system::error_code cancelled, int) {
        signals.clear(); // the second one kills
        if (!cancelled) site.stop();
    });
    std::exception_ptr failed;
    asio::co_spawn(io, run(db, site, wanted->seeded), [&](std::exception_ptr e) {
        failed = e;
        signals.cancel();
    });
    io.run();
    if (failed && !site.stopping()) std::rethrow_exception(failed);
} catch (std::exception const& e) {
    std::cerr << "error: " << e.what() << '\n';
    return 1;
}
