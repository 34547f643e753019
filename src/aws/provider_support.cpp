#include "provider_support.hpp"

#include <dynasio/http/url.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <openssl/rand.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "wipe.hpp"

namespace dynasio::aws::detail {
namespace {

namespace asio = boost::asio;

asio::awaitable<void> sleep_on_timer(std::chrono::milliseconds delay) {
    asio::steady_timer timer(co_await asio::this_coro::executor, delay);
    co_await timer.async_wait(asio::use_awaitable);
}

double random_number() {
    std::uint64_t bits = 0;
    unsigned char bytes[sizeof bits] = {};
    // If there are no random numbers, the jitter is 0; that is not a reason to fail.
    if (::RAND_bytes(bytes, sizeof bytes) != 1) return 0;
    for (unsigned char const byte : bytes) bits = bits << 8 | byte;
    return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

/// Whether the failure may not recur in another attempt. An untrusted certificate, for example, stays untrusted.
bool may_pass(error_code failed, bool retry_connecting) noexcept {
    if (failed == transport_errc::connection_lost || failed == errc::deadline_exceeded) return true;
    return retry_connecting && (failed == transport_errc::connect_failed || failed == transport_errc::connect_timeout ||
                                failed == transport_errc::resolve_failed);
}

} // namespace

shared_context complete(provider_context context) {
    if (!context.env.variable) context.env.variable = [](std::string const&) { return std::nullopt; };
    if (!context.env.read_file) context.env.read_file = [](std::string const&) { return std::nullopt; };
    if (!context.clock) context.clock = system_now;
    if (!context.transport) context.transport = make_http_transport(context.env, context.profile);
    if (!context.sleep) context.sleep = sleep_on_timer;
    if (!context.random) context.random = random_number;
    return std::make_shared<provider_context const>(std::move(context));
}

retry_policy service_retries() noexcept {
    retry_policy options;
    options.max_attempts = 3;
    options.base_delay = std::chrono::milliseconds(50);
    return options;
}

asio::awaitable<transport_response> exchange(shared_context context, exchange_options options) {
    retry_quota quota(options.retry.quota);
    retry_machine machine(options.retry, quota);
    for (;;) {
        transport_request request = options.build();
        transport_response response;
        error_code failed;
        std::string message;
        try {
            auto sending = context->transport(std::move(request));
            response = co_await std::move(sending);
        } catch (error const& e) {
            failed = e.code();
            message = e.info().message;
        }
        if (failed == asio::error::operation_aborted) throw boost::system::system_error(failed);
        attempt_outcome outcome = attempt_outcome::permanent_error;
        if (!failed) {
            outcome = options.judge ? options.judge(response) : classify(response.status, {});
        } else if (may_pass(failed, options.retry_connecting)) {
            outcome = attempt_outcome::transient_error;
        }
        std::string const retry_after = response.retry_after;
        auto const decision = retry_after.empty()
                                  ? machine.on_attempt_end(outcome, context->random())
                                  : machine.on_attempt_end(outcome, context->random(), std::string_view(retry_after));
        if (!decision.retry) {
            if (!failed) co_return response;
            if (message.empty()) message = failed.message();
            throw_error(errc::no_credentials, options.source + " did not answer (" +
                                                  std::to_string(machine.attempts()) + " attempts): " + message);
        }
        auto waiting = context->sleep(std::chrono::ceil<std::chrono::milliseconds>(decision.delay));
        co_await std::move(waiting);
    }
}

void add_token(transport_request& request, std::string name, std::string value, std::string_view what) {
    if (!is_token(value))
        throw_error(errc::no_credentials,
                    std::string(what) + " has characters that fit no header: look for blanks and line ends in it");
    request.headers.emplace_back(std::move(name), take_secret(value));
}

void throw_refused(std::string const& source, unsigned status, service_failure failure, std::string_view advice) {
    diagnostics d;
    d.message = source + " gave no credentials (HTTP status " + std::to_string(status) + ")";
    if (!advice.empty()) d.message.append(": ").append(advice);
    d.http_status = status;
    d.service_code = std::move(failure.code);
    d.service_message = std::move(failure.message);
    throw_error(errc::no_credentials, std::move(d));
}

std::string message_of(error const& e) { return e.info().message.empty() ? e.code().message() : e.info().message; }

void append_encoded(std::string& out, std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        bool const plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4];
            out += digits[byte & 15];
        }
    }
}

std::string host_of(std::string_view url) { return http::url::parse(url.substr(0, url.find('?'))).authority(); }

} // namespace dynasio::aws::detail
