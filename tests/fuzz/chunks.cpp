// The chunked transfer coding, in place, in one piece and in pieces.

#include <dynasio/http/detail/chunk_decoder.hpp>

#include <algorithm>
#include <string>

#include "fuzz.hpp"

namespace {

using namespace dynasio;
using http::detail::chunk_decoder;
using outcome = chunk_decoder::outcome;

constexpr std::size_t max_body = 512;

struct decoded {
    outcome result = outcome::need_more;
    std::size_t read = 0;
    std::string body{};
};

template <class Step> decoded decode(std::string text, Step next_step) {
    chunk_decoder decoder(max_body);
    decoded all;
    std::size_t written = 0;
    while (all.read < text.size() && all.result == outcome::need_more) {
        auto const n = std::min<std::size_t>(next_step(), text.size() - all.read);
        auto const step = decoder.decode(text.data() + all.read, n, text.data() + written);
        fuzz::require(step.read <= n && step.written <= step.read, "no more is written than was read");
        fuzz::require(step.result != outcome::need_more || step.read == n, "all is read while more is needed");
        all.read += step.read;
        written += step.written;
        all.result = step.result;
    }
    fuzz::require(written <= max_body, "the body keeps its limit");
    all.body = text.substr(0, written);
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string const text(fuzz::text_of(data, size));
    auto const whole = decode(text, [&] { return text.size(); });
    std::size_t at = 0;
    for (auto const& pieces : {decode(text, [] { return std::size_t{1}; }),
                               decode(text, [&] { return std::size_t{data[size - 1 - at++ % size]} % 16 + 1; })}) {
        fuzz::require(pieces.result == whole.result, "pieces are taken or refused as the whole is");
        if (whole.result == outcome::done)
            fuzz::require(pieces.body == whole.body && pieces.read == whole.read, "the body is the same");
    }
    return 0;
}
