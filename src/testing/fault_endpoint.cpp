#include <dynasio/testing/detail/batch.hpp>
#include <dynasio/testing/detail/certificates.hpp>
#include <dynasio/testing/detail/delivery.hpp>
#include <dynasio/testing/detail/http_answer.hpp>
#include <dynasio/testing/detail/recorder.hpp>
#include <dynasio/testing/detail/request_facts.hpp>
#include <dynasio/testing/detail/rule_access.hpp>
#include <dynasio/testing/detail/script.hpp>
#include <dynasio/testing/fault_endpoint.hpp>

#include <dynasio/http/url.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace dynasio::testing {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

using http_request = beast::http::request<beast::http::string_body>;

/// Limit of a request's size. It exceeds that of every valid request of DynamoDB (16 MB) and bounds the memory that a
/// wrong test takes.
constexpr std::uint64_t request_limit = std::uint64_t{64} * 1024 * 1024;

std::string text_of(beast::string_view view) { return std::string(view.data(), view.size()); }

std::string text_of(std::exception_ptr const& thrown) {
    try {
        std::rethrow_exception(thrown);
    } catch (std::exception const& e) {
        return e.what();
    } catch (...) {
        return "something that is no std::exception";
    }
}

/// Says that the body is not the one that the client has signed.
constexpr char edited_header[] = "X-Dynasio-Edited";

bool is_framing(beast::http::field name) noexcept {
    using beast::http::field;
    switch (name) {
    case field::connection:
    case field::content_length:
    case field::expect:
    case field::keep_alive:
    case field::proxy_connection:
    case field::te:
    case field::trailer:
    case field::transfer_encoding:
    case field::upgrade:
        return true;
    default:
        return false;
    }
}

recorded_request record_of(http_request const& request) {
    recorded_request record;
    record.method = text_of(request.method_string());
    record.target = text_of(request.target());
    record.body = request.body();
    for (auto const& field : request) {
        if (field.name() == beast::http::field::authorization) {
            record.authorized = true;
            continue;
        }
        auto name = text_of(field.name_string());
        if (beast::iequals(name, "X-Amz-Security-Token")) continue;
        record.headers.emplace_back(std::move(name), text_of(field.value()));
    }
    record.operation = detail::operation_of_target(record.header("X-Amz-Target"));
    auto facts = detail::read_request_facts(record.operation, record.body);
    record.tables = std::move(facts.tables);
    record.keys = std::move(facts.keys);
    record.index = std::move(facts.index);
    return record;
}

/// A connection to the upstream.
struct upstream_connection {
    tcp::socket socket;
    beast::flat_buffer buffer{};
    bool used = false;

    explicit upstream_connection(asio::io_context& context) : socket(context) {}

    /// Whether the connection cannot be used any more: the server has closed it, as far as that shows without waiting,
    /// or has sent bytes without a request.
    [[nodiscard]] bool stale() {
        error_code ec;
        std::array<char, 1> byte{};
        socket.non_blocking(true, ec);
        socket.receive(asio::buffer(byte), tcp::socket::message_peek, ec);
        return ec != asio::error::would_block;
    }
};

/// A client's connection, with or without TLS.
struct client_connection {
    using tls_stream = asio::ssl::stream<tcp::socket&>;

    tcp::socket socket;
    std::optional<tls_stream> tls{};
    beast::flat_buffer buffer{};

    explicit client_connection(tcp::socket s) : socket(std::move(s)) {}

    template <class Parser> asio::awaitable<void> read(Parser& parser, error_code& ec) {
        if (tls)
            co_await beast::http::async_read(*tls, buffer, parser, asio::redirect_error(asio::use_awaitable, ec));
        else
            co_await beast::http::async_read(socket, buffer, parser, asio::redirect_error(asio::use_awaitable, ec));
    }
    asio::awaitable<void> write(std::string_view bytes, error_code& ec) {
        if (tls)
            co_await asio::async_write(*tls, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
        else
            co_await asio::async_write(socket, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
    }
    /// Waits until the client closes; bytes that it sends are dropped.
    asio::awaitable<void> until_gone() {
        std::array<char, 1024> ignored{};
        error_code ec;
        // The bytes are read from the socket itself also with TLS, because their content does not matter.
        while (!ec)
            co_await socket.async_read_some(asio::buffer(ignored), asio::redirect_error(asio::use_awaitable, ec));
    }
    void reset() noexcept {
        error_code ec;
        socket.set_option(asio::socket_base::linger(true, 0), ec);
        socket.close(ec);
    }
    void close() noexcept {
        error_code ec;
        socket.shutdown(tcp::socket::shutdown_both, ec);
        socket.close(ec);
    }
};

/// Increments a counter for its lifetime.
class counted {
public:
    explicit counted(std::atomic<std::size_t>& counter) noexcept : counter_(counter) { ++counter_; }
    counted(counted const&) = delete;
    counted& operator=(counted const&) = delete;
    ~counted() { --counter_; }

private:
    std::atomic<std::size_t>& counter_;
};

/// Updates the record of a request; the destructor finishes it in every case.
class recording {
public:
    recording(detail::recorder& to, recorded_request request) : recorder_(to), request_(std::move(request)) {
        recorder_.begin(request_, recorded_request::clock::now());
    }
    recording(recording const&) = delete;
    recording& operator=(recording const&) = delete;
    ~recording() {
        if (!request_.finished) finish(0);
    }

    void finish(unsigned status) { recorder_.finish(request_, status, recorded_request::clock::now()); }
    recorded_request& request() noexcept { return request_; }
    void note(std::string const& fault) {
        if (!request_.fault.empty()) request_.fault += ", ";
        request_.fault += fault;
    }

private:
    detail::recorder& recorder_;
    recorded_request request_;
};

} // namespace

class fault_endpoint::server {
public:
    explicit server(fault_endpoint_options const& options)
        : recorder_(options.record_limit), script_(std::make_shared<detail::script>(options.seed)),
          latency_(options.latency.count()), acceptor_(context_) {
        if (!options.upstream.empty()) find_upstream(options.upstream);
        if (options.tls) {
            authority_.emplace();
            authority_pem_ = authority_->pem();
        }
        error_code ec;
        auto const ip = asio::ip::make_address(options.address, ec);
        if (ec) {
            throw_error(errc::invalid_configuration,
                        "the address to listen on must be a numeric one, not \"" + options.address + '"');
        }
        tcp::endpoint const address(ip, options.port);
        acceptor_.open(address.protocol(), ec);
        // Without this option a fixed port cannot be bound for minutes after an earlier endpoint had connections on it.
        if (!ec) acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
        if (!ec) acceptor_.bind(address, ec);
        if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
        if (ec)
            throw_error(ec, "the fault endpoint cannot listen on " + options.address + " port " +
                                std::to_string(options.port));
        port_ = acceptor_.local_endpoint().port();
        auto const host = ip.is_v6() ? '[' + options.address + ']' : options.address;
        url_ = (authority_ ? "https://" : "http://") + host + ':' + std::to_string(port_);
        asio::co_spawn(context_, accept(), asio::detached);
        thread_ = std::thread([this] { context_.run(); });
    }
    server(server const&) = delete;
    server& operator=(server const&) = delete;
    ~server() {
        // Suspended coroutines and their sockets are destroyed with the context.
        context_.stop();
        thread_.join();
    }

    [[nodiscard]] std::string const& url() const noexcept { return url_; }
    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] detail::recorder& recorder() noexcept { return recorder_; }
    [[nodiscard]] std::shared_ptr<detail::script> const& script() const noexcept { return script_; }
    void set_latency(std::chrono::nanoseconds latency) noexcept { latency_ = latency.count(); }
    [[nodiscard]] std::string const& authority_pem() const noexcept { return authority_pem_; }
    [[nodiscard]] std::size_t connections() const noexcept { return connections_; }
    [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
    [[nodiscard]] std::vector<std::string> failures() const {
        std::lock_guard const lock(failures_mutex_);
        return failures_;
    }
    void clear() {
        recorder_.clear();
        std::lock_guard const lock(failures_mutex_);
        failures_.clear();
    }

private:
    void find_upstream(std::string const& text) {
        auto const url = http::url::parse(text);
        if (url.tls) throw_error(errc::invalid_configuration, "the upstream of a fault endpoint must be http: " + text);
        upstream_path_ = url.path == "/" ? std::string() : url.path;
        error_code ec;
        auto const found = tcp::resolver(context_).resolve(url.host, std::to_string(url.port), ec);
        if (ec) throw_error(transport_errc::resolve_failed, "the upstream's host has no address: " + text);
        for (auto const& entry : found) upstream_.push_back(entry.endpoint());
    }

    asio::awaitable<void> wait(std::chrono::nanoseconds time) {
        asio::steady_timer timer(context_, time);
        co_await timer.async_wait(asio::use_awaitable);
    }

    asio::awaitable<void> accept() {
        for (;;) {
            tcp::socket socket(context_);
            error_code ec;
            co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
            if (!ec) {
                asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
            } else {
                // Most likely there are no free descriptors. The connection waits in the system's queue until there
                // are.
                co_await wait(std::chrono::milliseconds(10));
            }
        }
    }

    /// The TLS context with the certificate for a client; made when it is first needed.
    asio::ssl::context& identity(std::optional<connection_fault> fault) {
        enum : std::size_t { good, self_signed, expired, wrong_host };
        std::size_t const which = fault == connection_fault::self_signed  ? self_signed
                                  : fault == connection_fault::expired    ? expired
                                  : fault == connection_fault::wrong_host ? wrong_host
                                                                          : good;
        auto& made = identities_[which];
        if (!made) {
            constexpr char const* here = "DNS:localhost,IP:127.0.0.1,IP:::1";
            auto const certificate = which == self_signed  ? test_certificates::certificate_authority::self_signed(here)
                                     : which == expired    ? authority_->issue(here, -1)
                                     : which == wrong_host ? authority_->issue("DNS:elsewhere.invalid")
                                                           : authority_->issue(here);
            made.emplace(asio::ssl::context::tls_server);
            made->use_certificate_chain(asio::buffer(certificate.pem));
            made->use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
        }
        return *made;
    }

    asio::awaitable<void> serve(tcp::socket accepted) {
        ++connections_;
        error_code ec;
        accepted.set_option(tcp::no_delay(true), ec);
        auto const client = std::make_shared<client_connection>(std::move(accepted));
        std::optional<connection_fault> fault;
        if (auto const rule = script_->pick_connection()) fault = rule->connection;
        if (fault == connection_fault::close) co_return client->close();
        if (fault == connection_fault::hold) co_return co_await client->until_gone();
        if (fault == connection_fault::reset || fault == connection_fault::cut_handshake) {
            std::array<char, 1024> ignored{};
            co_await client->socket.async_read_some(asio::buffer(ignored),
                                                    asio::redirect_error(asio::use_awaitable, ec));
            co_return fault == connection_fault::reset ? client->reset() : client->close();
        }
        if (authority_) {
            client->tls.emplace(client->socket, identity(fault));
            co_await client->tls->async_handshake(asio::ssl::stream_base::server,
                                                  asio::redirect_error(asio::use_awaitable, ec));
            if (ec) co_return;
        }
        bool go_on = true;
        while (go_on) {
            beast::http::request_parser<beast::http::string_body> parser;
            parser.body_limit(request_limit);
            co_await client->read(parser, ec);
            if (ec) co_return;
            go_on = co_await exchange(client, parser.release());
        }
    }

    /// Handles one request. Returns false when the connection must not be used again.
    asio::awaitable<bool> exchange(std::shared_ptr<client_connection> const& client, http_request request) {
        counted const in_flight(in_flight_);
        detail::request_traits traits;
        traits.head = request.method() == beast::http::verb::head;
        traits.keep_alive = request.keep_alive();
        recording record(recorder_, record_of(request));
        std::optional<detail::http_answer> answer;

        std::shared_ptr<detail::rule> rule;
        try {
            rule = script_->pick(record.request());
        } catch (...) {
            answer = test_failed(record, "the predicate of a rule threw: ", std::current_exception());
        }
        if (rule) record.note(rule->fault);
        std::chrono::nanoseconds delay(latency_.load());
        if (rule) delay += rule->delay;
        if (delay > delay.zero()) co_await wait(delay);

        auto const action = rule ? rule->action : detail::action_kind::forward;
        detail::transmission sending;
        if (!answer) {
            switch (action) {
            case detail::action_kind::forward:
                answer = co_await forward(record, std::move(request));
                break;
            case detail::action_kind::leave_unprocessed:
                answer = co_await forward_divided(record, std::move(request), *rule);
                break;
            case detail::action_kind::answer:
                answer = detail::to_http(rule->answer, record.request().number);
                break;
            case detail::action_kind::compute:
                answer = compute(record, *rule);
                break;
            case detail::action_kind::bytes:
                sending = detail::plan_bytes(rule->bytes, rule->how);
                break;
            case detail::action_kind::endless:
                sending = detail::plan_endless(rule->endless);
                break;
            case detail::action_kind::drop_late:
                if (!upstream_.empty()) answer = co_await forward(record, std::move(request));
                [[fallthrough]];
            case detail::action_kind::drop_early:
                record.finish(0);
                if (rule->how.reset)
                    client->reset();
                else
                    client->close();
                co_return false;
            case detail::action_kind::never:
                co_await client->until_gone();
                record.finish(0);
                co_return false;
            }
        }
        if (answer) {
            auto const status = answer->status;
            sending = detail::plan(std::move(*answer), rule ? rule->how : detail::delivery(), traits,
                                   std::chrono::system_clock::now());
            record.finish(status);
        } else {
            record.finish(0);
        }
        co_return co_await send(client, std::move(sending));
    }

    asio::awaitable<bool> send(std::shared_ptr<client_connection> const& client, detail::transmission what) {
        using ending = detail::transmission::ending;
        error_code ec;
        std::string_view left = what.bytes;
        auto const first = left.substr(0, what.at_once);
        left.remove_prefix(first.size());
        co_await client->write(first, ec);
        while (!ec && !left.empty()) {
            co_await wait(what.pause);
            auto const piece = left.substr(0, what.piece);
            left.remove_prefix(piece.size());
            co_await client->write(piece, ec);
        }
        while (!ec && !what.repeated.empty()) co_await client->write(what.repeated, ec);
        if (ec) co_return false;
        if (what.then == ending::keep) co_return true;
        if (what.then == ending::hold)
            co_await client->until_gone();
        else if (what.reset)
            client->reset();
        else if (client->tls)
            co_await close_tls(client);
        else
            client->close();
        co_return false;
    }

    /// Closes with TLS's close_notify, and waits at most one second for the client's.
    asio::awaitable<void> close_tls(std::shared_ptr<client_connection> const& client) {
        asio::steady_timer patience(context_, std::chrono::seconds(1));
        patience.async_wait([client](error_code ec) {
            if (!ec) client->close();
        });
        error_code ec;
        co_await client->tls->async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
        patience.cancel();
        client->close();
    }

    static detail::http_answer own_answer(recording& record, std::string text, std::string_view cause,
                                          unsigned status = 500) {
        text += cause;
        record.note(text);
        return detail::to_http(canned_answer(status, "text/plain; charset=utf-8", "fault endpoint: " + text + '\n'),
                               record.request().number);
    }

    /// The answer to an exception of a function of the test: an error in the service's form, because clients show such
    /// errors. Also adds an entry to failures().
    detail::http_answer test_failed(recording& record, std::string text, std::exception_ptr const& thrown) {
        text += text_of(thrown);
        record.note(text);
        auto const& request = record.request();
        std::string sentence = request.operation.empty() ? request.method + ' ' + request.target : request.operation;
        sentence += ": " + text;
        {
            std::lock_guard const lock(failures_mutex_);
            failures_.push_back(std::move(sentence));
        }
        constexpr char const* type = "dynasio.testing#FaultEndpointFailure";
        std::string const source = "dynasio's fault endpoint: ";
        // Text that is not UTF-8 cannot be written as JSON.
        try {
            return detail::to_http(canned_answer::error(500, type, source + text), request.number);
        } catch (error const&) {
            return detail::to_http(
                canned_answer::error(500, type, source + "a function of the test threw; see failures()"),
                request.number);
        }
    }

    detail::http_answer compute(recording& record, detail::rule const& rule) {
        try {
            auto answer = rule.compute(record.request());
            detail::check_answer(answer);
            return detail::to_http(std::move(answer), record.request().number);
        } catch (...) {
            return test_failed(record, "answer_with threw: ", std::current_exception());
        }
    }

    static detail::http_answer unexpected(recording& record) {
        auto const& request = record.request();
        std::string text = "there is no upstream, and no rule or expectation answers " +
                           (request.operation.empty() ? request.method + ' ' + request.target : request.operation);
        char const* before = " on ";
        for (auto const& table : request.tables) text += std::exchange(before, ", ") + ('"' + table) + '"';
        if (!request.index.empty()) text += " through index \"" + request.index + '"';
        before = " with keys ";
        for (auto const& key : request.keys) text += std::exchange(before, ", ") + key;
        record.note("no rule answered");
        // Text of the request that is not UTF-8 cannot be written as JSON.
        try {
            return detail::to_http(
                canned_answer::error(400, "com.amazon.coral.service#UnknownOperationException", text), request.number);
        } catch (error const&) {
            return detail::to_http(canned_answer::error(400, "com.amazon.coral.service#UnknownOperationException",
                                                        "no rule or expectation answers a request that is no UTF-8"),
                                   request.number);
        }
    }

    asio::awaitable<detail::http_answer> forward_divided(recording& record, http_request request,
                                                         detail::rule const& rule) {
        auto const operation = record.request().operation;
        detail::divided_batch divided;
        std::optional<detail::http_answer> failed;
        if (detail::is_batch(operation)) {
            try {
                divided = detail::divide_batch(operation, request.body(), rule.held);
            } catch (error const&) {
                // A malformed request is forwarded, so that the upstream refuses it.
                divided.forward = request.body();
            } catch (...) {
                failed = test_failed(record, "a key selector threw: ", std::current_exception());
            }
            if (failed) co_return std::move(*failed);
            record.note(std::to_string(divided.held_back) + " left unprocessed");
            if (divided.held_back > 0) {
                request.body() = divided.forward;
                request.set(edited_header, "left-unprocessed");
                // The answer must not be compressed, because it will be edited.
                request.erase(beast::http::field::accept_encoding);
            }
        }
        detail::http_answer answer;
        if (divided.held_back > 0 && divided.forward.empty())
            answer = detail::to_http(canned_answer(std::string()), record.request().number);
        else
            answer = co_await forward(record, std::move(request));
        if (divided.held_back > 0 && answer.status == 200) {
            try {
                answer.body = detail::add_unprocessed(operation, answer.body, std::move(divided.unprocessed));
                answer.set_crc32();
            } catch (error const& e) {
                failed = own_answer(record, "the upstream's answer cannot be edited: ", e.what());
            }
            if (failed) co_return std::move(*failed);
        }
        co_return answer;
    }

    asio::awaitable<detail::http_answer> forward(recording& record, http_request request) {
        if (upstream_.empty()) co_return unexpected(record);
        for (auto field = request.begin(); field != request.end();)
            field = is_framing(field->name()) ? request.erase(field) : std::next(field);
        if (!upstream_path_.empty()) request.target(upstream_path_ + text_of(request.target()));
        request.version(11);
        request.prepare_payload();
        record.request().forwarded = true;
        for (;;) {
            error_code ec;
            auto connection = idle_connection();
            if (!connection) {
                connection = std::make_unique<upstream_connection>(context_);
                co_await connect(*connection, ec);
            }
            bool const used = connection->used;
            bool answered = false;
            beast::http::response_parser<beast::http::string_body> parser;
            parser.body_limit(boost::none);
            parser.skip(request.method() == beast::http::verb::head);
            if (!ec) {
                co_await beast::http::async_write(connection->socket, request,
                                                  asio::redirect_error(asio::use_awaitable, ec));
            }
            if (!ec) {
                co_await beast::http::async_read(connection->socket, connection->buffer, parser,
                                                 asio::redirect_error(asio::use_awaitable, ec));
                answered = parser.got_some() || connection->buffer.size() > 0;
            }
            if (!ec) {
                auto answer = answer_of(parser.get());
                if (parser.keep_alive()) {
                    connection->used = true;
                    idle_.push_back(std::move(connection));
                }
                co_return answer;
            }
            // If a reused connection ends without a byte, the server's idle time-out has closed it and the server did
            // not get the request, so it is sent again. In every other case the request may have been executed.
            if (!used || answered) co_return own_answer(record, "the upstream failed: ", ec.message(), 502);
        }
    }

    std::unique_ptr<upstream_connection> idle_connection() {
        while (!idle_.empty()) {
            auto connection = std::move(idle_.back());
            idle_.pop_back();
            if (!connection->stale()) return connection;
        }
        return nullptr;
    }

    asio::awaitable<void> connect(upstream_connection& connection, error_code& ec) {
        for (auto const& address : upstream_) {
            connection.socket.close(ec);
            co_await connection.socket.async_connect(address, asio::redirect_error(asio::use_awaitable, ec));
            if (!ec) break;
        }
        error_code ignored;
        if (!ec) connection.socket.set_option(tcp::no_delay(true), ignored);
    }

    static detail::http_answer answer_of(beast::http::response<beast::http::string_body>& response) {
        detail::http_answer answer;
        answer.status = response.result_int();
        for (auto const& field : response)
            if (!is_framing(field.name()))
                answer.headers.emplace_back(text_of(field.name_string()), text_of(field.value()));
        answer.body = std::move(response.body());
        return answer;
    }

    detail::recorder recorder_;
    mutable std::mutex failures_mutex_;
    std::vector<std::string> failures_;
    std::shared_ptr<detail::script> script_;
    std::atomic<std::size_t> connections_{0};
    std::atomic<std::size_t> in_flight_{0};
    std::optional<test_certificates::certificate_authority> authority_;
    std::string authority_pem_;
    std::array<std::optional<asio::ssl::context>, 4> identities_;
    std::atomic<std::chrono::nanoseconds::rep> latency_;
    std::string url_;
    std::uint16_t port_ = 0;
    std::string upstream_path_;
    std::vector<tcp::endpoint> upstream_;
    // The order of members matters: the context is declared after the members that coroutines use, because coroutines
    // live until the context is destroyed, and before the sockets that use it.
    asio::io_context context_{1};
    tcp::acceptor acceptor_;
    std::vector<std::unique_ptr<upstream_connection>> idle_;
    std::thread thread_;
};

fault_endpoint::fault_endpoint() : fault_endpoint(fault_endpoint_options()) {}

fault_endpoint::fault_endpoint(std::string upstream)
    : fault_endpoint(fault_endpoint_options{.upstream = std::move(upstream)}) {}

fault_endpoint::fault_endpoint(fault_endpoint_options options) : server_(std::make_unique<server>(options)) {}

fault_endpoint::~fault_endpoint() = default;

std::string const& fault_endpoint::url() const noexcept { return server_->url(); }

std::uint16_t fault_endpoint::port() const noexcept { return server_->port(); }

rule_builder fault_endpoint::on(match requests) {
    auto rule = std::make_shared<detail::rule>();
    rule->requests = std::move(requests);
    return rule_builder(server_->script(), std::move(rule));
}

rule_builder fault_endpoint::expect(match requests) {
    auto rule = std::make_shared<detail::rule>();
    rule->requests = std::move(requests);
    rule->limit = 1;
    rule->expected = true;
    return rule_builder(server_->script(), std::move(rule));
}

connection_rule_builder fault_endpoint::on_connection() {
    return connection_rule_builder(server_->script(), !server_->authority_pem().empty());
}

std::string const& fault_endpoint::authority_pem() const noexcept { return server_->authority_pem(); }

std::size_t fault_endpoint::connections() const noexcept { return server_->connections(); }

std::size_t fault_endpoint::in_flight() const noexcept { return server_->in_flight(); }

std::shared_ptr<detail::script> const& detail::rule_access::script_of(fault_endpoint const& endpoint) noexcept {
    return endpoint.server_->script();
}

std::vector<std::string> fault_endpoint::unmet() const { return server_->script()->unmet(); }

void fault_endpoint::clear_rules() { server_->script()->clear(); }

void fault_endpoint::set_latency(std::chrono::nanoseconds latency) noexcept { server_->set_latency(latency); }

std::vector<recorded_request> fault_endpoint::requests() const { return server_->recorder().requests(); }

std::vector<std::string> fault_endpoint::failures() const { return server_->failures(); }

void fault_endpoint::clear() { server_->clear(); }

std::size_t fault_endpoint::count() const { return server_->recorder().seen(); }

std::size_t fault_endpoint::count(std::string_view operation) const {
    return count_if([&](recorded_request const& r) { return r.operation == operation; });
}

std::size_t fault_endpoint::count(std::string_view operation, std::string_view table) const {
    return count_if([&](recorded_request const& r) { return r.operation == operation && r.names_table(table); });
}

std::size_t fault_endpoint::count_if(request_predicate const& which) const {
    return server_->recorder().count_if(which);
}

std::size_t fault_endpoint::max_in_flight() const { return server_->recorder().max_in_flight(); }

bool fault_endpoint::overlapped(request_predicate const& a, request_predicate const& b) const {
    return server_->recorder().overlapped(a, b);
}

bool fault_endpoint::wait_for_requests(std::size_t n, std::chrono::nanoseconds at_most) const {
    return server_->recorder().wait_for(n, at_most);
}

} // namespace dynasio::testing
