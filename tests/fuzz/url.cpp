// Endpoint URLs: what is taken has one spelling, and nothing in it can end a header line.

#include <dynasio/http/url.hpp>

#include <algorithm>
#include <string>

#include "fuzz.hpp"

namespace {

bool is_plain(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte <= 0x20 || byte == 0x7f;
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace dynasio;
    auto const text = fuzz::text_of(data, size);
    http::url u;
    if (!fuzz::succeeds({errc::invalid_configuration}, [&] { u = http::url::parse(text); })) return 0;
    fuzz::require(!u.host.empty() && is_plain(u.host) && is_plain(u.path), "no blanks and control characters");
    fuzz::require(u.path.front() == '/', "the path is absolute");
    fuzz::require(u.host.find_first_of("@/?#[]") == std::string::npos, "the host is a host");
    fuzz::require(u.path.find_first_of("?#") == std::string::npos, "the path is a path");
    std::string const spelled = (u.tls ? "https://" : "http://") + u.authority() + u.path;
    auto const again = http::url::parse(spelled);
    fuzz::require(again.tls == u.tls && again.host == u.host && again.port == u.port && again.path == u.path,
                  "what was read is read again alike");
    return 0;
}
