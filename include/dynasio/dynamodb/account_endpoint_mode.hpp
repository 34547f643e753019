#ifndef DYNASIO_DYNAMODB_ACCOUNT_ENDPOINT_MODE_HPP
#define DYNASIO_DYNAMODB_ACCOUNT_ENDPOINT_MODE_HPP

namespace dynasio {

/// Whether requests go to an account's own endpoint (https://<account>.ddb.<region>.amazonaws.com), which needs
/// credentials that tell their account. The service offers these endpoints in its commercial regions, without FIPS.
enum class account_endpoint_mode {
    disabled,
    preferred, ///< Where it is possible, else the region's endpoint.
    required,  ///< Where it is not possible, calls fail with errc::invalid_configuration.
};

} // namespace dynasio

#endif
