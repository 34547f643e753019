#ifndef DYNASIO_SRC_DYNAMODB_IDEMPOTENCY_TOKEN_HPP
#define DYNASIO_SRC_DYNAMODB_IDEMPOTENCY_TOKEN_HPP

#include <string>

namespace dynasio::dynamodb::detail {

/// Appends a random UUID (RFC 9562, version 4) of OpenSSL's generator: two calls with one token would count as one, so
/// that the generator of jitter is not good enough.
void append_idempotency_token(std::string& out);

} // namespace dynasio::dynamodb::detail

#endif
