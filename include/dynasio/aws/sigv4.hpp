#ifndef DYNASIO_AWS_SIGV4_HPP
#define DYNASIO_AWS_SIGV4_HPP

#include <dynasio/aws/credentials.hpp>

#include <dynasio/core/clock.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace dynasio::aws {

/// A header of the request as it will be sent.
struct header_view {
    std::string_view name;
    std::string_view value;
};

/// What is signed. All views must outlive the call.
struct signable_request {
    std::string_view method = "POST";
    std::string_view path = "/"; ///< As sent; normalised and encoded once more for the canonical request.
    std::string_view query = {}; ///< As sent, without '?'; sorted for the canonical request.
    /// Every header to sign except x-amz-date, x-amz-security-token and x-amz-content-sha256, which the signer adds:
    /// they must not be here. Leave out what a proxy may rewrite (user-agent, connection, accept-encoding, expect).
    /// Fastest when names are in lower case and sorted.
    std::span<header_view const> headers;
    std::string_view body = {};
};

struct signing_options {
    bool normalize_path = true;     ///< Collapse dot segments and doubled slashes; every service but S3.
    bool sign_body_header = false;  ///< Add and sign x-amz-content-sha256.
    bool sign_session_token = true; ///< false: the token is added after signing (some services; not DynamoDB).
};

/// Signature Version 4 (AWS documentation, "Create a signed AWS API request"), header form, body hashed whole.
///
/// One signer serves one region and service; it keeps the derived key of the current UTC day and a copy of the
/// credentials, and drops both when the credentials change. Not thread-safe: one for each client. No allocation of its
/// own once its buffers have grown to the size of the requests.
class signer {
public:
    /// Throws errc::invalid_configuration when `region` or `service` is empty or has other characters than letters,
    /// digits, '-', '_' and '.'.
    signer(std::string region, std::string service);
    ~signer();
    signer(signer&&) noexcept;
    signer& operator=(signer&&) noexcept;

    /// Appends the header lines x-amz-date, x-amz-security-token (when there is one), x-amz-content-sha256 (when asked
    /// for) and authorization, each with "\r\n", to `out`. Header names may be in any case and order; values are
    /// trimmed, inner white space is folded, repeated headers are joined with commas in the order given. Throws
    /// errc::no_credentials when `keys` has no access key, no secret, or control characters in what is sent (the
    /// message never shows them); a code of the system when OpenSSL has no SHA-256. `out` is unchanged then.
    void sign(signable_request const& request, credentials const& keys, system_time now, std::string& out,
              signing_options options = {});

    /// For requests that differ in one header and the body only: what `common` has (method, path, query, headers) is
    /// laid down here, its body is not looked at. `last_header` is the name of the header that differs, in lower case
    /// and later in order than x-amz-security-token; all headers of `common` come before x-amz-date. Throws
    /// errc::invalid_argument otherwise. May be called again.
    void prepare(signable_request const& common, std::string_view last_header);
    /// As sign() for such a request, with the same signature, and several times faster: what is the same for all
    /// requests of one second is written and hashed once, a long session token above all. Throws errc::invalid_argument
    /// without prepare() before.
    void sign_prepared(std::string_view last_value, std::string_view body, credentials const& keys, system_time now,
                       std::string& out);

    /// The intermediate texts of the last sign() or sign_prepared(), for tests and for finding out why a service
    /// refuses a signature; valid until the next one, empty before the first and after one that threw. The canonical
    /// request contains the session token: do not log it where that must not be seen.
    [[nodiscard]] std::string_view canonical_request() const;
    [[nodiscard]] std::string_view string_to_sign() const;
    [[nodiscard]] std::string_view signature() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace dynasio::aws

#endif
