#ifndef DYNASIO_SRC_DYNAMODB_RECURSION_TRACE_HPP
#define DYNASIO_SRC_DYNAMODB_RECURSION_TRACE_HPP

#include <dynasio/aws/environment.hpp>

#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// Whether the process is a Lambda function. Only then the environment's trace id is passed on.
[[nodiscard]] bool in_lambda(aws::environment const& env);

/// Value of X-Amzn-Trace-Id: `given`, else the value of _X_AMZN_TRACE_ID, which Lambda sets for each invocation, so it
/// is read for each request; empty: no header is sent. Characters that a header must not contain are percent-encoded.
[[nodiscard]] std::string trace_header(aws::environment const& env, bool lambda, std::string_view given);

} // namespace dynasio::dynamodb::detail

#endif
