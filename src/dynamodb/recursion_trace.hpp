#ifndef DYNASIO_SRC_DYNAMODB_RECURSION_TRACE_HPP
#define DYNASIO_SRC_DYNAMODB_RECURSION_TRACE_HPP

#include <dynasio/aws/environment.hpp>

#include <string>
#include <string_view>

namespace dynasio::dynamodb::detail {

/// Whether the process is a Lambda function: only then its trace id is passed on.
[[nodiscard]] bool in_lambda(aws::environment const& env);

/// Value of X-Amzn-Trace-Id: `given`, else what Lambda put into _X_AMZN_TRACE_ID for the invocation at hand (which is
/// why it is looked up for each request); empty: no header. Characters that a header must not have are percent-encoded.
[[nodiscard]] std::string trace_header(aws::environment const& env, bool lambda, std::string_view given);

} // namespace dynasio::dynamodb::detail

#endif
