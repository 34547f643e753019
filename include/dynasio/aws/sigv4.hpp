#ifndef DYNASIO_AWS_SIGV4_HPP
#define DYNASIO_AWS_SIGV4_HPP

#include <dynasio/aws/credentials.hpp>

#include <dynasio/core/clock.hpp>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace dynasio::aws {

/// A header of the request as it is sent.
struct header_view {
    std::string_view name;
    std::string_view value;
};

/// The request to sign. All views must outlive the call.
struct signable_request {
    std::string_view method = "POST";
    std::string_view path = "/"; ///< As sent; normalised and encoded again for the canonical request.
    std::string_view query = {}; ///< As sent, without '?'; sorted for the canonical request.
    /// Every header to sign. It must not contain x-amz-date, x-amz-security-token and x-amz-content-sha256, which the
    /// signer adds. Leave out headers that a proxy may rewrite (user-agent, connection, accept-encoding, expect).
    /// Signing is fastest when names are in lower case and sorted.
    std::span<header_view const> headers;
    std::string_view body = {};
};

struct signing_options {
    bool normalize_path = true;     ///< Collapse dot segments and doubled slashes; for every service but S3.
    bool sign_body_header = false;  ///< Add and sign x-amz-content-sha256.
    bool sign_session_token = true; ///< false: the token is added after signing (some services; not DynamoDB).
};

/// Signature Version 4 (AWS documentation, "Create a signed AWS API request") in header form, with the hash of the
/// whole body.
///
/// One signer serves one region and service. It keeps the derived key of the current UTC day and a copy of the
/// credentials, and drops both when the credentials change. Not thread-safe: each client has its own. It allocates
/// nothing once its buffers have grown to the size of the requests.
class signer {
public:
    /// Throws errc::invalid_configuration when `region` or `service` is empty or has other characters than letters,
    /// digits, '-', '_' and '.'.
    signer(std::string region, std::string service);
    ~signer();
    signer(signer&&) noexcept;
    signer& operator=(signer&&) noexcept;

    /// Appends the header lines x-amz-date, x-amz-security-token (when there is one), x-amz-content-sha256 (when asked
    /// for) and authorization, each with "\r
    /// ", to `out`. Header names may be in any case and order; values are trimmed, inner white space is folded,
    /// repeated headers are joined with commas in the order given. Throws errc::no_credentials when `keys` has no
    /// access key, no secret, or control characters in the access key id or session token (the message never shows
    /// them); a code of the system when OpenSSL has no SHA-256. In both cases `out` is unchanged.
    void sign(signable_request const& request, credentials const& keys, system_time now, std::string& out,
              signing_options options = {});

    /// Prepares sign_prepared() for requests that differ only in one header and the body. `common` gives method, path,
    /// query and headers; its body is ignored. `last_header` is the name of the header that differs, in lower case; it
    /// must sort after x-amz-security-token, and all headers of `common` before x-amz-date. Throws
    /// errc::invalid_argument otherwise. A further call replaces the preparation.
    void prepare(signable_request const& common, std::string_view last_header);
    /// Signs a request that prepare() has prepared, with the same signature as sign() and several times faster: the
    /// text that is the same for all requests of one second, a long session token above all, is written and hashed
    /// once. Throws errc::invalid_argument when prepare() was not called.
    void sign_prepared(std::string_view last_value, std::string_view body, credentials const& keys, system_time now,
                       std::string& out);

    /// The intermediate texts of the last sign() or sign_prepared(), for tests and for finding out why a service
    /// refuses a signature. They are valid until the next call, and empty before the first call and after a call that
    /// threw. The canonical request contains the session token: do not log it where the token must not be seen.
    [[nodiscard]] std::string_view canonical_request() const;
    [[nodiscard]] std::string_view string_to_sign() const;
    [[nodiscard]] std::string_view signature() const noexcept;

private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace dynasio::aws

#endif
