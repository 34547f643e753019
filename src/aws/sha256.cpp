#include "sha256.hpp"

#include <dynasio/core/error.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

// These functions are deprecated since OpenSSL 3.0 in favour of EVP. The class's comment says why they are used.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace dynasio::aws {
namespace {

void check(int openssl_result) {
    if (openssl_result != 1)
        throw_error(boost::system::errc::make_error_code(boost::system::errc::not_supported),
                    "OpenSSL cannot compute SHA-256: check its configuration and providers");
}

#if !defined(OPENSSL_NO_DEPRECATED_3_0)
unsigned char* block_of(SHA256_CTX& context) noexcept { return reinterpret_cast<unsigned char*>(context.data); }

void put_big_endian(unsigned char* out, std::uint32_t word) noexcept {
    out[0] = static_cast<unsigned char>(word >> 24);
    out[1] = static_cast<unsigned char>(word >> 16);
    out[2] = static_cast<unsigned char>(word >> 8);
    out[3] = static_cast<unsigned char>(word);
}
#endif

} // namespace

sha256::backend sha256::usual_backend() noexcept {
#if defined(OPENSSL_NO_DEPRECATED_3_0)
    return backend::evp;
#else
    return ::EVP_default_properties_is_fips_enabled(nullptr) == 1 ? backend::evp : backend::plain;
#endif
}

sha256::sha256(backend which) {
#if defined(OPENSSL_NO_DEPRECATED_3_0)
    which = backend::evp;
#endif
    if (which == backend::evp) {
        md_.reset(::EVP_MD_fetch(nullptr, "SHA256", nullptr));
        context_.reset(::EVP_MD_CTX_new());
        check(md_ && context_ ? 1 : 0);
        check(::EVP_DigestInit_ex2(context_.get(), md_.get(), nullptr));
        return;
    }
    begin();
}

sha256::~sha256() {
    // The state after hashing a secret key allows signing like the key itself, so it is wiped.
#if !defined(OPENSSL_NO_DEPRECATED_3_0)
    ::OPENSSL_cleanse(&plain_, sizeof plain_);
#endif
}

void sha256::begin() {
#if !defined(OPENSSL_NO_DEPRECATED_3_0)
    if (!context_) {
        check(::SHA256_Init(&plain_));
        return;
    }
#endif
    check(::EVP_DigestInit_ex2(context_.get(), md_.get(), nullptr));
}

void sha256::resume(sha256 const& saved) {
#if !defined(OPENSSL_NO_DEPRECATED_3_0)
    if (!context_) {
        plain_ = saved.plain_;
        return;
    }
#endif
    check(::EVP_MD_CTX_copy_ex(context_.get(), saved.context_.get()));
}

void sha256::add(void const* data, std::size_t size) {
#if !defined(OPENSSL_NO_DEPRECATED_3_0)
    if (!context_) {
        // Data that does not fill a block is only copied into it. OpenSSL's function is called when the counter's lower
        // word is about to overflow.
        if (plain_.num + size < sha256_block_size && plain_.Nl < 0xffff0000) {
            std::memcpy(block_of(plain_) + plain_.num, data, size);
            plain_.num += static_cast<unsigned>(size);
            plain_.Nl += static_cast<unsigned>(size) * 8;
            return;
        }
        check(::SHA256_Update(&plain_, data, size));
        return;
    }
#endif
    check(::EVP_DigestUpdate(context_.get(), data, size));
}

void sha256::end(digest& out) {
#if !defined(OPENSSL_NO_DEPRECATED_3_0)
    if (!context_) {
        // Does the same as SHA256_Final(), but does not spend time on wiping the last block: the next message
        // overwrites it, and the destructor wipes the whole state.
        constexpr std::size_t length_at = sha256_block_size - 8;
        unsigned char* const block = block_of(plain_);
        std::size_t used = plain_.num;
        block[used++] = 0x80;
        if (used > length_at) {
            std::memset(block + used, 0, sha256_block_size - used);
            ::SHA256_Transform(&plain_, block);
            used = 0;
        }
        std::memset(block + used, 0, length_at - used);
        put_big_endian(block + length_at, plain_.Nh);
        put_big_endian(block + length_at + 4, plain_.Nl);
        ::SHA256_Transform(&plain_, block);
        for (std::size_t i = 0; i != 8; ++i) put_big_endian(out.data() + 4 * i, plain_.h[i]);
        return;
    }
#endif
    check(::EVP_DigestFinal_ex(context_.get(), out.data(), nullptr));
}

void hmac_key::assign(sha256& hash, void const* key, std::size_t size) {
    std::array<unsigned char, sha256_block_size> padded{};
    if (size > padded.size()) {
        digest shortened;
        hash.begin();
        hash.add(key, size);
        hash.end(shortened);
        std::copy(shortened.begin(), shortened.end(), padded.begin());
        ::OPENSSL_cleanse(shortened.data(), shortened.size());
    } else {
        std::copy_n(static_cast<unsigned char const*>(key), size, padded.begin());
    }
    for (unsigned char& byte : padded) byte ^= 0x36;
    inner_.begin();
    inner_.add(padded.data(), padded.size());
    for (unsigned char& byte : padded) byte ^= 0x36 ^ 0x5c;
    outer_.begin();
    outer_.add(padded.data(), padded.size());
    ::OPENSSL_cleanse(padded.data(), padded.size());
}

void hmac_key::end(sha256& hash, digest& out) const {
    hash.end(out);
    hash.resume(outer_);
    hash.add(out.data(), out.size());
    hash.end(out);
}

} // namespace dynasio::aws
