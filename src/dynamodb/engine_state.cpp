#include "engine_state.hpp"

#include <dynasio/core/version.hpp>

#include <string_view>
#include <utility>

#include "call.hpp"

namespace dynasio::dynamodb::detail {

namespace asio = boost::asio;
using steady = std::chrono::steady_clock;

engine_state::engine_state(asio::any_io_executor ex, resolved_options resolved)
    : executor(std::move(ex)), options(std::move(resolved.options)),
      provider(std::make_shared<aws::credentials_provider const>(options.credentials)),
      authority(resolved.endpoint.authority()), path(resolved.endpoint.path),
      pool(http::connection_pool::create(executor, resolved.endpoint, options.pool)), deadlines(executor),
      signer(resolved.signing_region, "dynamodb"), quota(options.retry.quota), throttles(options.throttling) {
    fixed_head = "POST " + path + " HTTP/1.1\r\nHost: " + authority + "\r\nContent-Type: ";
    fixed_head += content_type;
    fixed_head += "\r\nUser-Agent: ";
    fixed_head += "dynasio/";
    fixed_head += version_text;
    fixed_head += "\r\nAccept-Encoding: identity\r\nX-Amz-Target: ";
    aws::header_view const headers[] = {{"content-type", content_type}, {"host", authority}};
    aws::signable_request common;
    common.path = path;
    common.headers = headers;
    signer.prepare(common, "x-amz-target");
}

steady::time_point engine_state::deadline_of(call_options const& call, steady::time_point start) const noexcept {
    auto const timeout = call.timeout().value_or(options.timeout);
    // A time-out that reaches past the end of the clock's range is none.
    auto const longest = steady::time_point::max() - start;
    return timeout < longest ? start + timeout : steady::time_point::max();
}

} // namespace dynasio::dynamodb::detail
