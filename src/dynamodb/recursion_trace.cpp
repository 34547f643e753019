#include "recursion_trace.hpp"

namespace dynasio::dynamodb::detail {
namespace {

std::string encode(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    out.reserve(text.size());
    for (char const c : text) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            out += c;
            continue;
        }
        out += '%';
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

} // namespace

bool in_lambda(aws::environment const& env) { return env.variable("AWS_LAMBDA_FUNCTION_NAME").has_value(); }

std::string trace_header(aws::environment const& env, bool lambda, std::string_view given) {
    if (!given.empty()) return encode(given);
    if (!lambda) return {};
    auto const value = env.variable("_X_AMZN_TRACE_ID");
    return value ? encode(*value) : std::string();
}

} // namespace dynasio::dynamodb::detail
