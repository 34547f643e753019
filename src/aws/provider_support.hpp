#ifndef DYNASIO_SRC_AWS_PROVIDER_SUPPORT_HPP
#define DYNASIO_SRC_AWS_PROVIDER_SUPPORT_HPP

#include <dynasio/aws/http_transport.hpp>
#include <dynasio/aws/provider_context.hpp>
#include <dynasio/aws/retry.hpp>

#include <dynasio/core/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "answers.hpp"

namespace dynasio::aws::detail {

using shared_context = std::shared_ptr<provider_context const>;

/// Returns the context with every empty function set to its default.
[[nodiscard]] shared_context complete(provider_context context);

/// One request with its retries.
struct exchange_options {
    std::function<transport_request()> build;                        ///< Called for each attempt.
    std::function<attempt_outcome(transport_response const&)> judge; ///< Empty: by status alone.
    retry_policy retry{};
    bool retry_connecting = true;
    std::string source{}; ///< "STS at sts.eu-west-1.amazonaws.com", for messages.
};
/// Completes with the last answer, whatever its status. Throws errc::no_credentials when the last attempt got no
/// answer; a cancellation is rethrown unchanged.
[[nodiscard]] boost::asio::awaitable<transport_response> exchange(shared_context context, exchange_options options);

/// The policy for requests of providers: three attempts, as in AWS's SDKs.
[[nodiscard]] retry_policy service_retries() noexcept;

/// Appends a header whose value is untrusted; throws errc::no_credentials when the value is not a token in the sense of
/// is_token().
void add_token(transport_request& request, std::string name, std::string value, std::string_view what);

/// Throws errc::no_credentials with the service's error and the advice.
[[noreturn]] void throw_refused(std::string const& source, unsigned status, service_failure failure,
                                std::string_view advice);

/// The message of an exception that a provider catches and reports later.
[[nodiscard]] std::string message_of(error const& e);

/// Percent-encodes everything but letters, digits, '-', '_', '.' and '~'.
void append_encoded(std::string& out, std::string_view text);

/// Host and port of a URL that has been checked.
[[nodiscard]] std::string host_of(std::string_view url);

} // namespace dynasio::aws::detail

#endif
