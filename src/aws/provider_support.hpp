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

/// With every empty function filled.
[[nodiscard]] shared_context complete(provider_context context);

/// One request with its retries.
struct exchange_options {
    std::function<transport_request()> build;                        ///< Anew for each attempt.
    std::function<attempt_outcome(transport_response const&)> judge; ///< Empty: by status alone.
    retry_policy retry{};
    bool retry_connecting = true;
    std::string source{}; ///< "STS at sts.eu-west-1.amazonaws.com", for messages.
};
/// The last answer, whatever it says. Throws errc::no_credentials when the last attempt got none; a cancellation as
/// it is.
[[nodiscard]] boost::asio::awaitable<transport_response> exchange(shared_context context, exchange_options options);

/// As AWS's SDKs: three attempts.
[[nodiscard]] retry_policy service_retries() noexcept;

/// Appends a header whose value came from elsewhere; errc::no_credentials when it is no token.
void add_token(transport_request& request, std::string name, std::string value, std::string_view what);

/// errc::no_credentials with what the service said and what to do.
[[noreturn]] void throw_refused(std::string const& source, unsigned status, service_failure failure,
                                std::string_view advice);

/// How an exception that a provider may pass over reads.
[[nodiscard]] std::string message_of(error const& e);

/// Percent-encodes everything but letters, digits, '-', '_', '.' and '~'.
void append_encoded(std::string& out, std::string_view text);

/// Host and port of a URL that has been checked.
[[nodiscard]] std::string host_of(std::string_view url);

} // namespace dynasio::aws::detail

#endif
