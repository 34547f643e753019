#include <dynasio/http/detail/chunk_decoder.hpp>

#include <algorithm>
#include <cstring>

#include "../core/ascii.hpp"
#include "field_grammar.hpp"

namespace dynasio::http::detail {
namespace {

using dynasio::detail::hex_value;

} // namespace

chunk_decoder::step chunk_decoder::decode(char const* in, std::size_t size, char* out) noexcept {
    step result;
    auto const end_with = [&](outcome o) {
        result.result = o;
        return result;
    };
    while (result.read < size) {
        if (state_ == state::data) {
            auto const n = static_cast<std::size_t>(std::min<std::uint64_t>(chunk_, size - result.read));
            std::memmove(out + result.written, in + result.read, n);
            result.read += n;
            result.written += n;
            chunk_ -= n;
            if (chunk_ == 0) state_ = state::data_cr;
            continue;
        }
        char const c = in[result.read++];
        if (++line_ > max_line) return end_with(outcome::malformed);
        switch (state_) {
        case state::size_first:
        case state::size_more: {
            if (int const digit = hex_value(c); digit >= 0) {
                if (chunk_ >> 60U) return end_with(outcome::malformed);
                chunk_ = chunk_ * 16 + static_cast<unsigned>(digit);
                state_ = state::size_more;
            } else if (state_ == state::size_more && c == ';') {
                state_ = state::extension;
            } else if (state_ == state::size_more && c == '\r') {
                state_ = state::size_lf;
            } else {
                return end_with(outcome::malformed);
            }
            break;
        }
        case state::extension:
            if (c == '\r') {
                state_ = state::size_lf;
            } else if (!is_text(c)) {
                return end_with(outcome::malformed);
            }
            break;
        case state::size_lf:
            if (c != '\n') return end_with(outcome::malformed);
            if (chunk_ > left_to_limit_) return end_with(outcome::too_large);
            left_to_limit_ -= static_cast<std::size_t>(chunk_);
            state_ = chunk_ == 0 ? state::trailer_first : state::data;
            line_ = 0;
            break;
        case state::data:
            break; // handled above
        case state::data_cr:
            if (c != '\r') return end_with(outcome::malformed);
            state_ = state::data_lf;
            break;
        case state::data_lf:
            if (c != '\n') return end_with(outcome::malformed);
            state_ = state::size_first;
            line_ = 0;
            break;
        case state::trailer_first:
            if (c == '\r') {
                state_ = state::last_lf;
            } else if (is_token(c)) {
                state_ = state::trailer_name;
            } else {
                return end_with(outcome::malformed);
            }
            break;
        case state::trailer_name:
            if (c == ':') {
                state_ = state::trailer_value;
            } else if (!is_token(c)) {
                return end_with(outcome::malformed);
            }
            break;
        case state::trailer_value:
            if (c == '\r') {
                state_ = state::trailer_lf;
            } else if (!is_text(c)) {
                return end_with(outcome::malformed);
            }
            break;
        case state::trailer_lf:
            if (c != '\n') return end_with(outcome::malformed);
            state_ = state::trailer_first;
            break;
        case state::last_lf:
            return end_with(c == '\n' ? outcome::done : outcome::malformed);
        }
    }
    return result;
}

} // namespace dynasio::http::detail
