#ifndef DYNASIO_DYNAMODB_ACCOUNT_ENDPOINT_MODE_HPP
#define DYNASIO_DYNAMODB_ACCOUNT_ENDPOINT_MODE_HPP

namespace dynasio {

/// Whether requests go to an account's own endpoint (https://<account>.ddb.<region>.amazonaws.com), which needs
/// credentials with an account id. The service offers these endpoints in its commercial regions, without FIPS.
enum class account_endpoint_mode {
    disabled,
    preferred, ///< The account's endpoint where possible, else the region's.
    required,  ///< The account's endpoint; calls without one fail with errc::invalid_configuration.
};

} // namespace dynasio

#endif
