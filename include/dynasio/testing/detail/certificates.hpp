#ifndef DYNASIO_TESTING_DETAIL_CERTIFICATES_HPP
#define DYNASIO_TESTING_DETAIL_CERTIFICATES_HPP

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>

// The namespace is not dynasio::testing, because dynasio's own tests of lower layers include this header, and in them
// `testing` must be GoogleTest's.
namespace dynasio::test_certificates {

/// A certificate with its key, both in PEM form.
struct certificate {
    std::string pem{};
    std::string key_pem{};
};

/// A certificate authority that exists for one test. `issue` can be called from several threads.
class certificate_authority {
public:
    explicit certificate_authority(char const* name = "dynasio test authority")
        : key_(make_key()), self_(make(key_.get(), name, 3650)) {
        extend(self_.get(), self_.get(), NID_basic_constraints, "critical,CA:TRUE");
        extend(self_.get(), self_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
        must(X509_set_issuer_name(self_.get(), X509_get_subject_name(self_.get())));
        must(X509_sign(self_.get(), key_.get(), EVP_sha256()));
    }

    [[nodiscard]] std::string pem() const { return to_pem(self_.get()); }

    /// A server's certificate that no authority has signed.
    [[nodiscard]] static certificate self_signed(std::string const& names) {
        auto const key = make_key();
        auto const leaf = make(key.get(), "server", 1);
        must(X509_set_issuer_name(leaf.get(), X509_get_subject_name(leaf.get())));
        extend(leaf.get(), leaf.get(), NID_subject_alt_name, names.c_str());
        must(X509_sign(leaf.get(), key.get(), EVP_sha256()));
        certificate result;
        result.pem = to_pem(leaf.get());
        result.key_pem = to_pem(key.get());
        return result;
    }

    /// `names` are subject alternative names in OpenSSL's form: "DNS:localhost,IP:127.0.0.1". With `days` < 0 the
    /// certificate has expired.
    [[nodiscard]] certificate issue(std::string const& names, int days = 1) const {
        auto const key = make_key();
        auto const leaf = make(key.get(), "server", days);
        must(X509_set_issuer_name(leaf.get(), X509_get_subject_name(self_.get())));
        extend(leaf.get(), self_.get(), NID_basic_constraints, "critical,CA:FALSE");
        extend(leaf.get(), self_.get(), NID_ext_key_usage, "serverAuth");
        extend(leaf.get(), self_.get(), NID_subject_alt_name, names.c_str());
        must(X509_sign(leaf.get(), key_.get(), EVP_sha256()));
        certificate result;
        result.pem = to_pem(leaf.get());
        result.key_pem = to_pem(key.get());
        return result;
    }

private:
    template <auto Free> struct freer {
        template <class T> void operator()(T* p) const noexcept { Free(p); }
    };
    using key_ptr = std::unique_ptr<EVP_PKEY, freer<EVP_PKEY_free>>;
    using certificate_ptr = std::unique_ptr<X509, freer<X509_free>>;
    using bio_ptr = std::unique_ptr<BIO, freer<BIO_free>>;
    using extension_ptr = std::unique_ptr<X509_EXTENSION, freer<X509_EXTENSION_free>>;

    static void must(int ok) {
        if (ok <= 0) throw std::runtime_error("OpenSSL could not make a certificate for tests");
    }
    static key_ptr make_key() {
        key_ptr key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
        must(key ? 1 : 0);
        return key;
    }
    static certificate_ptr make(EVP_PKEY* key, char const* name, int days) {
        static std::atomic<long> serial{0}; // atomic: authorities on several threads share it
        constexpr long day = 24L * 60 * 60;
        certificate_ptr made(X509_new());
        must(X509_set_version(made.get(), 2));
        must(ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial));
        must(X509_gmtime_adj(X509_getm_notBefore(made.get()), days < 0 ? 2 * days * day : -day) ? 1 : 0);
        must(X509_gmtime_adj(X509_getm_notAfter(made.get()), days * day) ? 1 : 0);
        must(X509_set_pubkey(made.get(), key));
        must(X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                                        reinterpret_cast<unsigned char const*>(name), -1, -1, 0));
        return made;
    }
    static void extend(X509* subject, X509* issuer, int nid, char const* value) {
        X509V3_CTX context{};
        X509V3_set_ctx(&context, issuer, subject, nullptr, nullptr, 0);
        extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
        must(extension ? 1 : 0);
        must(X509_add_ext(subject, extension.get(), -1));
    }
    static std::string text_of(BIO* bio) {
        BUF_MEM* memory = nullptr;
        // This is the macro BIO_get_mem_ptr without its old-style cast.
        BIO_ctrl(bio, BIO_C_GET_BUF_MEM_PTR, 0, static_cast<void*>(&memory));
        return std::string(memory->data, memory->length);
    }
    static std::string to_pem(X509* made) {
        bio_ptr const bio(BIO_new(BIO_s_mem()));
        must(PEM_write_bio_X509(bio.get(), made));
        return text_of(bio.get());
    }
    static std::string to_pem(EVP_PKEY* key) {
        bio_ptr const bio(BIO_new(BIO_s_mem()));
        must(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr));
        return text_of(bio.get());
    }

    key_ptr key_;
    certificate_ptr self_;
};

} // namespace dynasio::test_certificates

#endif
