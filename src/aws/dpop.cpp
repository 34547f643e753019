#include "dpop.hpp"

#include <dynasio/core/error.hpp>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace dynasio::aws::detail {
namespace {

constexpr int coordinate_bytes = 32;
constexpr char hex_digits[] = "0123456789abcdef";

template <auto Free> struct deleter {
    template <class T> void operator()(T* object) const noexcept { Free(object); }
};
using bio_ptr = std::unique_ptr<BIO, deleter<&BIO_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, deleter<&EVP_PKEY_free>>;
using number_ptr = std::unique_ptr<BIGNUM, deleter<&BN_clear_free>>;
using context_ptr = std::unique_ptr<EVP_MD_CTX, deleter<&EVP_MD_CTX_free>>;
using signature_ptr = std::unique_ptr<ECDSA_SIG, deleter<&ECDSA_SIG_free>>;

[[noreturn]] void fail(char const* what) {
    throw_error(errc::no_credentials,
                std::string("the key (dpopKey) in the login cache ") + what + ": log in again with \"aws login\"");
}

std::string base64_url(std::span<unsigned char const> bytes) {
    constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    unsigned bits = 0;
    int count = 0;
    for (unsigned char const byte : bytes) {
        bits = (bits << 8 | byte) & 0xffff;
        count += 8;
        while (count >= 6) {
            count -= 6;
            out += alphabet[(bits >> count) & 63];
        }
    }
    if (count > 0) out += alphabet[(bits << (6 - count)) & 63];
    return out;
}

std::string base64_url(std::string_view text) {
    return base64_url(std::span(reinterpret_cast<unsigned char const*>(text.data()), text.size()));
}

key_ptr read_key(std::string_view pem) {
    if (pem.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) fail("is too long");
    bio_ptr const bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    // Without a callback OpenSSL would ask on the terminal for the password of an encrypted key.
    auto* const no_password = +[](char*, int, int, void*) { return -1; };
    key_ptr key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
    char group[32] = {};
    std::size_t length = 0;
    if (!key || EVP_PKEY_get_group_name(key.get(), group, sizeof group, &length) != 1 ||
        std::string_view(group, length) != "prime256v1")
        fail("is no private key on the curve P-256");
    return key;
}

std::string coordinate(EVP_PKEY const* key, char const* name) {
    BIGNUM* number = nullptr;
    std::array<unsigned char, coordinate_bytes> bytes{};
    bool const good = EVP_PKEY_get_bn_param(key, name, &number) == 1;
    number_ptr const owner(number);
    if (!good || BN_bn2binpad(number, bytes.data(), coordinate_bytes) != coordinate_bytes) fail("has no public half");
    return base64_url(bytes);
}

std::string sign(EVP_PKEY* key, std::string_view text) {
    auto const* const data = reinterpret_cast<unsigned char const*>(text.data());
    context_ptr const context(EVP_MD_CTX_new());
    std::vector<unsigned char> der(static_cast<std::size_t>(EVP_PKEY_get_size(key)));
    std::size_t size = der.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), der.data(), &size, data, text.size()) != 1)
        fail("cannot sign");
    unsigned char const* at = der.data();
    signature_ptr const parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)));
    std::array<unsigned char, 2 * coordinate_bytes> plain{};
    if (!parts || BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), plain.data(), coordinate_bytes) != coordinate_bytes ||
        BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), plain.data() + coordinate_bytes, coordinate_bytes) !=
            coordinate_bytes)
        fail("cannot sign");
    return base64_url(plain);
}

} // namespace

std::string hex_digest(char const* algorithm, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    EVP_MD const* const digest = EVP_get_digestbyname(algorithm);
    if (digest == nullptr || EVP_Digest(text.data(), text.size(), bytes.data(), &size, digest, nullptr) != 1)
        throw_error(errc::no_credentials,
                    std::string("OpenSSL has no ") + algorithm + ": token caches are named by it");
    std::string out;
    for (unsigned char const byte : std::span(bytes).first(size)) {
        out += hex_digits[byte >> 4];
        out += hex_digits[byte & 15];
    }
    return out;
}

std::string dpop_proof(std::string_view pem, std::string_view url, std::string_view id, system_time now) {
    key_ptr const key = read_key(pem);
    std::string const header = R"({"typ":"dpop+jwt","alg":"ES256","jwk":{"kty":"EC","x":")" +
                               coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_X) + R"(","y":")" +
                               coordinate(key.get(), OSSL_PKEY_PARAM_EC_PUB_Y) + R"(","crv":"P-256"}})";
    auto const seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    std::string payload = R"({"jti":")";
    payload.append(id).append(R"(","htm":"POST","htu":")").append(url).append(R"(","iat":)");
    payload.append(std::to_string(seconds)).append("}");
    std::string token = base64_url(header) + '.' + base64_url(payload);
    std::string const signature = sign(key.get(), token);
    return token.append(".").append(signature);
}

std::string random_uuid() {
    std::array<unsigned char, 16> bytes{};
    if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw_error(errc::no_credentials, "OpenSSL has no random numbers");
    bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3f) | 0x80);
    std::string out;
    for (std::size_t i = 0; i != bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
        out += hex_digits[bytes[i] >> 4];
        out += hex_digits[bytes[i] & 15];
    }
    return out;
}

} // namespace dynasio::aws::detail
