#include <dynasio/dynamodb/detail/idempotency_token.hpp>

#include <dynasio/core/error.hpp>

#include <openssl/rand.h>

#include <array>
#include <cstddef>

namespace dynasio::dynamodb::detail {

void append_idempotency_token(std::string& out) {
    std::array<unsigned char, 16> bytes{};
    if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw_error(errc::invalid_configuration, "OpenSSL's random generator gives no bytes: check how it is seeded");
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    constexpr char digits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += digits[bytes[i] >> 4];
        out += digits[bytes[i] & 15];
    }
}

} // namespace dynasio::dynamodb::detail
