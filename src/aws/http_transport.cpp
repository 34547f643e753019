#include <dynasio/http/connection_pool.hpp>
#include <dynasio/http/deadline.hpp>
#include <dynasio/http/proxy.hpp>
#include <dynasio/http/url.hpp>

#include <dynasio/aws/http_transport.hpp>
#include <dynasio/aws/shared_config.hpp>

#include <dynasio/core/duration.hpp>
#include <dynasio/core/error.hpp>
#include <dynasio/core/version.hpp>

#include <boost/asio/this_coro.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "settings.hpp"
#include "wipe.hpp"

namespace dynasio::aws {
namespace {

namespace asio = boost::asio;

constexpr std::size_t max_body = 1024 * 1024;

bool is_header_name(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

/// The request line and headers. Characters that could end a line early are refused; the message shows no value.
std::string head_of(transport_request const& request, http::url const& url, std::string_view query) {
    auto const printable = [](char c) { return c > ' ' && c < 0x7f; };
    auto const in_line = [](char c) { return c >= ' ' && c < 0x7f; };
    if (!is_header_name(request.method) || !std::all_of(query.begin(), query.end(), printable))
        throw_error(errc::invalid_argument, "transport: the method or query has characters that fit no request line");
    std::size_t size = 256 + url.path.size() + query.size() + url.host.size();
    for (auto const& [name, value] : request.headers) {
        if (!is_header_name(name) || !std::all_of(value.begin(), value.end(), in_line))
            throw_error(errc::invalid_argument, "transport: a header has characters that fit none");
        size += name.size() + value.size() + 4;
    }
    std::string head;
    // Growing would leave parts of a secret in freed memory.
    head.reserve(size);
    head.append(request.method).append(" ").append(url.path).append(query).append(" HTTP/1.1\r\nHost: ");
    head.append(url.authority()).append("\r\nUser-Agent: dynasio/").append(version_text).append("\r\n");
    if (!request.body.empty() || request.method != "GET")
        head.append("Content-Length: ").append(std::to_string(request.body.size())).append("\r\n");
    for (auto const& [name, value] : request.headers) head.append(name).append(": ").append(value).append("\r\n");
    head.append("\r\n");
    return head;
}

/// Wipes the body in the answer's storage, which is otherwise freed or reused without wiping.
void wipe_body(http::response& answer) noexcept {
    auto const body = answer.body();
    ::OPENSSL_cleanse(const_cast<char*>(body.data()), body.size());
}

struct transport_settings {
    environment env;
    std::string profile;
};

/// The file of trusted authorities. Empty: the system's.
std::string authorities_of(transport_settings const& settings) {
    detail::profile_view profile;
    if (auto found = detail::find_setting(settings.env, profile, "AWS_CA_BUNDLE")) return std::move(found->value);
    detail::loaded_files const files(settings.env);
    std::string const name = select_profile(settings.env, settings.profile);
    profile = detail::view_profile(files.get(), name);
    auto found = detail::find_setting(settings.env, profile, {}, "ca_bundle");
    return found ? std::move(found->value) : std::string();
}

asio::awaitable<transport_response> send(transport_request request,
                                         std::shared_ptr<transport_settings const> settings) {
    std::string_view const text = request.url;
    auto const query = text.find('?');
    http::url const url = http::url::parse(text.substr(0, query));
    std::string head = head_of(request, url, query == std::string_view::npos ? std::string_view() : text.substr(query));
    wipe_at_exit const wipe_head(head);

    http::pool_options options;
    options.max_connections = 1;
    options.connect_timeout = request.connect_timeout;
    options.max_body_bytes = max_body;
    if (url.tls) options.tls.authorities_file = authorities_of(*settings);
    // A configured bundle replaces the system's authorities, as for the client's own connections.
    options.tls.use_system_authorities = options.tls.authorities_file.empty();
    if (!request.direct) options.proxy = http::proxy::from_environment(settings->env.variable, url);
    auto const executor = co_await asio::this_coro::executor;
    auto const pool = http::connection_pool::create(executor, url, std::move(options));
    http::deadline_queue deadlines(executor);
    auto const timeout = dynasio::detail::limited_duration<http::deadline::clock::duration>(request.timeout);
    http::deadline until(deadlines, http::deadline::clock::now() + timeout);
    http::request_view view;
    view.head = head;
    view.body = request.body;
    auto exchanging = pool->exchange(view, until);
    http::exchange_result result = co_await std::move(exchanging);
    if (result.code) throw_error(result.code, std::move(result.message));

    transport_response response;
    response.status = result.answer.status();
    response.body = result.answer.body();
    response.error_type = result.answer.head().error_type;
    response.retry_after = result.answer.head().retry_after;
    wipe_body(result.answer);
    co_return response;
}

} // namespace

transport_request::~transport_request() {
    for (auto& [name, value] : headers) wipe(value);
    wipe(body);
}

transport_response::~transport_response() { wipe(body); }

http_transport make_http_transport(environment env, std::string profile) {
    auto settings = std::make_shared<transport_settings>();
    settings->env = std::move(env);
    if (!settings->env.read_file) settings->env.read_file = [](std::string const&) { return std::nullopt; };
    settings->profile = std::move(profile);
    return [settings = std::shared_ptr<transport_settings const>(std::move(settings))](transport_request request) {
        return send(std::move(request), settings);
    };
}

} // namespace dynasio::aws
