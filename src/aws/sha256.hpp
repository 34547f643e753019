#ifndef DYNASIO_SRC_AWS_SHA256_HPP
#define DYNASIO_SRC_AWS_SHA256_HPP

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

namespace dynasio::aws {

inline constexpr std::size_t digest_size = 32;
inline constexpr std::size_t sha256_block_size = 64;
using digest = std::array<unsigned char, digest_size>;

/// SHA-256 whose state can be saved and resumed.
///
/// The class uses OpenSSL's functions that work on a plain struct. EVP (OpenSSL 3.0) allocates and looks algorithms up
/// for each digest and each copy of a state, which costs more than hashing a typical request. Both use the same
/// implementation, but the plain functions do not go through a provider. Therefore, where the process is set to FIPS
/// (or OpenSSL was built without the plain functions), EVP is used, and errors of its providers are thrown.
class sha256 {
public:
    enum class backend { plain, evp };
    [[nodiscard]] static backend usual_backend() noexcept;

    /// Begins a digest. Throws a code of the system when OpenSSL has no SHA-256.
    explicit sha256(backend which = usual_backend());
    ~sha256();
    sha256(sha256 const&) = delete;
    sha256& operator=(sha256 const&) = delete;

    void begin();
    /// Continues from the state of `saved`. Precondition: `saved` has the same backend.
    void resume(sha256 const& saved);
    void add(void const* data, std::size_t size);
    void add(std::string_view data) { add(data.data(), data.size()); }
    /// Gives the digest. The next call must be begin() or resume().
    void end(digest& out);

    [[nodiscard]] backend which() const noexcept { return context_ ? backend::evp : backend::plain; }

private:
    struct deleter {
        void operator()(EVP_MD* md) const noexcept { ::EVP_MD_free(md); }
        void operator()(EVP_MD_CTX* context) const noexcept { ::EVP_MD_CTX_free(context); }
    };

#if !defined(OPENSSL_NO_DEPRECATED_3_0)
    SHA256_CTX plain_{};
#endif
    std::unique_ptr<EVP_MD, deleter> md_;
    std::unique_ptr<EVP_MD_CTX, deleter> context_;
};

/// HMAC-SHA-256 made of two digests. The states after hashing the padded key are kept.
class hmac_key {
public:
    explicit hmac_key(sha256::backend which = sha256::usual_backend()) : inner_(which), outer_(which) {}

    void assign(sha256& hash, void const* key, std::size_t size);
    /// Puts `hash` into the state in which the message is added to the inner digest.
    void begin(sha256& hash) const { hash.resume(inner_); }
    /// Ends the inner digest and computes the outer one.
    void end(sha256& hash, digest& out) const;

    void compute(sha256& hash, std::string_view message, digest& out) const {
        begin(hash);
        hash.add(message);
        end(hash, out);
    }

private:
    sha256 inner_;
    sha256 outer_;
};

} // namespace dynasio::aws

#endif
