#ifndef DYNASIO_DYNAMODB_DETAIL_IDEMPOTENCY_TOKEN_HPP
#define DYNASIO_DYNAMODB_DETAIL_IDEMPOTENCY_TOKEN_HPP

#include <string>

namespace dynasio::dynamodb::detail {

/// Appends a random UUID (RFC 9562, version 4) of OpenSSL's generator. The generator used for jitter is too weak,
/// because the service treats two calls with the same token as one.
void append_idempotency_token(std::string& out);

} // namespace dynasio::dynamodb::detail

#endif
