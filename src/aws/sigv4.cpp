#include <dynasio/aws/sigv4.hpp>

#include <dynasio/core/error.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

namespace dynasio::aws {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view terminator = "aws4_request";
constexpr std::string_view date_header = "x-amz-date";
constexpr std::string_view token_header = "x-amz-security-token";
constexpr std::string_view body_header = "x-amz-content-sha256";

constexpr std::size_t digest_size = 32;
constexpr std::size_t block_size = 64;
using digest = std::array<unsigned char, digest_size>;
using block = std::array<unsigned char, block_size>;

void check(int openssl_result) {
    if (openssl_result != 1)
        throw_error(boost::system::errc::make_error_code(boost::system::errc::not_supported),
                    "OpenSSL cannot compute SHA-256: check its configuration and providers");
}

struct md_deleter {
    void operator()(EVP_MD* md) const noexcept { ::EVP_MD_free(md); }
    void operator()(EVP_MD_CTX* context) const noexcept { ::EVP_MD_CTX_free(context); }
};

/// SHA-256 with everything that OpenSSL looks up or allocates done once.
class sha256 {
public:
    sha256() : md_(::EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(::EVP_MD_CTX_new()) {
        check(md_ && context_ ? 1 : 0);
        check(::EVP_DigestInit_ex2(context_.get(), md_.get(), nullptr));
    }

    void begin() {
        // Without a type OpenSSL keeps the digest and looks nothing up. Version 3.0 still allocates the digest's own
        // state anew, once for each digest.
        check(::EVP_DigestInit_ex2(context_.get(), nullptr, nullptr));
    }
    void add(std::string_view data) { add(data.data(), data.size()); }
    void add(void const* data, std::size_t size) { check(::EVP_DigestUpdate(context_.get(), data, size)); }
    void end(digest& out) { check(::EVP_DigestFinal_ex(context_.get(), out.data(), nullptr)); }

private:
    std::unique_ptr<EVP_MD, md_deleter> md_;
    std::unique_ptr<EVP_MD_CTX, md_deleter> context_;
};

/// HMAC-SHA-256 over two plain digests: OpenSSL's own EVP_MAC allocates with each use.
class hmac_key {
public:
    hmac_key() = default;
    ~hmac_key() {
        ::OPENSSL_cleanse(inner_.data(), inner_.size());
        ::OPENSSL_cleanse(outer_.data(), outer_.size());
    }
    hmac_key(hmac_key const&) = delete;
    hmac_key& operator=(hmac_key const&) = delete;

    void assign(sha256& hash, unsigned char const* key, std::size_t size) {
        block padded{};
        if (size > block_size) {
            digest shortened;
            hash.begin();
            hash.add(key, size);
            hash.end(shortened);
            std::copy(shortened.begin(), shortened.end(), padded.begin());
            ::OPENSSL_cleanse(shortened.data(), shortened.size());
        } else {
            std::copy_n(key, size, padded.begin());
        }
        for (std::size_t i = 0; i < block_size; ++i) {
            inner_[i] = static_cast<unsigned char>(padded[i] ^ 0x36);
            outer_[i] = static_cast<unsigned char>(padded[i] ^ 0x5c);
        }
        ::OPENSSL_cleanse(padded.data(), padded.size());
    }

    void compute(sha256& hash, std::string_view message, digest& out) const {
        hash.begin();
        hash.add(inner_.data(), inner_.size());
        hash.add(message);
        hash.end(out);
        hash.begin();
        hash.add(outer_.data(), outer_.size());
        hash.add(out.data(), out.size());
        hash.end(out);
    }

private:
    block inner_{};
    block outer_{};
};

void to_hex(digest const& value, char* out) noexcept {
    constexpr char digits[] = "0123456789abcdef";
    for (unsigned char const byte : value) {
        *out++ = digits[byte >> 4];
        *out++ = digits[byte & 15];
    }
}

using hex_digest = std::array<char, 2 * digest_size>;
std::string_view view(hex_digest const& hex) noexcept { return {hex.data(), hex.size()}; }

void put_digits(char* out, unsigned value, unsigned width) noexcept {
    for (unsigned i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

/// "20150830T123600Z".
using amz_date = std::array<char, 16>;

void format_day(std::chrono::sys_days day, amz_date& out) {
    std::chrono::year_month_day const date(day);
    int const year = static_cast<int>(date.year());
    if (year < 0 || year > 9999) throw_error(errc::invalid_argument, "the clock is outside the years 0000 to 9999");
    put_digits(out.data(), static_cast<unsigned>(year), 4);
    put_digits(out.data() + 4, static_cast<unsigned>(date.month()), 2);
    put_digits(out.data() + 6, static_cast<unsigned>(date.day()), 2);
    out[8] = 'T';
    out[15] = 'Z';
}

void format_second(unsigned second_of_day, amz_date& out) noexcept {
    put_digits(out.data() + 9, second_of_day / 3600, 2);
    put_digits(out.data() + 11, second_of_day / 60 % 60, 2);
    put_digits(out.data() + 13, second_of_day % 60, 2);
}

bool is_unreserved(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f'); }
char to_upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }
char to_lower(char c) noexcept { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

void append_encoded(std::string& out, char c) {
    if (is_unreserved(c)) {
        out += c;
        return;
    }
    constexpr char digits[] = "0123456789ABCDEF";
    auto const byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
}

void append_encoded(std::string& out, std::string_view text) {
    for (char const c : text) append_encoded(out, c);
}

/// What is encoded already stays as it is, but for the case of the digits.
void append_encoded_once(std::string& out, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
            out += '%';
            out += to_upper(text[i + 1]);
            out += to_upper(text[i + 2]);
            i += 2;
        } else {
            append_encoded(out, text[i]);
        }
    }
}

/// Without white space around, and with one space for each run of it.
void append_folded(std::string& out, std::string_view value) {
    // Two searches for one character are several times faster than one for either of two.
    if (value.find(' ') == std::string_view::npos && value.find('\t') == std::string_view::npos) {
        out += value;
        return;
    }
    while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
    while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
    bool in_run = false;
    for (char const c : value) {
        if (!is_blank(c)) {
            out += c;
        } else if (!in_run) {
            out += ' ';
        }
        in_run = is_blank(c);
    }
}

/// Region and service become part of a header: nothing in them may end it or add to it.
void check_scope_part(std::string_view label, std::string_view text) {
    bool const valid =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return is_unreserved(c) && c != '~'; });
    if (valid) return;
    std::string message = "the ";
    message += label;
    message += " \"";
    message += text;
    message += "\" is none: use letters, digits, '-', '_' and '.' only";
    throw_error(errc::invalid_configuration, std::move(message));
}

bool is_safe_header_text(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(), [](char c) {
        auto const byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
}

} // namespace

struct signer::state {
    struct header {
        std::string_view name;
        std::string_view value;
        std::size_t position = 0;
    };
    struct parameter {
        std::size_t name = 0;
        std::size_t name_size = 0;
        std::size_t value = 0;
        std::size_t value_size = 0;
    };

    std::string region;
    std::string service;
    sha256 hash{};

    // What depends on the credentials and the day.
    credentials keys{};
    std::optional<std::chrono::sys_days> day{};
    hmac_key signing_key{};
    std::string scope{};
    amz_date date{};

    // Reused from call to call, so that nothing is allocated once they have grown.
    std::vector<header> headers{};
    std::string lower_names{};
    std::vector<std::string_view> segments{};
    std::vector<parameter> parameters{};
    std::string encoded_query{};
    std::string canonical{};
    std::string signed_names{};
    std::string text{};
    hex_digest signature{};
    bool has_signature = false;

    state(std::string r, std::string s) : region(std::move(r)), service(std::move(s)) {
        check_scope_part("region", region);
        check_scope_part("service", service);
    }

    /// Empty ones are never taken over, and so never found to be the same.
    bool has_keys(credentials const& other) const noexcept {
        return !keys.access_key_id().empty() && keys.access_key_id() == other.access_key_id() &&
               keys.secret_access_key() == other.secret_access_key() && keys.session_token() == other.session_token();
    }

    void use_keys(credentials const& other) {
        if (other.access_key_id().empty() || other.secret_access_key().empty())
            throw_error(errc::no_credentials, "there is no access key to sign with: set credentials");
        // The texts of the keys stay out of the message.
        if (!is_safe_header_text(other.access_key_id()) || !is_safe_header_text(other.session_token()))
            throw_error(errc::no_credentials, "the access key id or the session token has a control character, a line "
                                              "break perhaps: mend where it comes from");
        keys = other;
        day.reset();
    }

    void use_day(std::chrono::sys_days today) {
        day.reset();
        format_day(today, date);
        std::string_view const date_text(date.data(), 8);

        std::string secret;
        secret.reserve(4 + keys.secret_access_key().size());
        secret += "AWS4";
        secret += keys.secret_access_key();
        hmac_key key;
        key.assign(hash, reinterpret_cast<unsigned char const*>(secret.data()), secret.size());
        ::OPENSSL_cleanse(secret.data(), secret.size());
        digest derived;
        for (std::string_view const part : std::array<std::string_view, 4>{date_text, region, service, terminator}) {
            key.compute(hash, part, derived);
            key.assign(hash, derived.data(), derived.size());
        }
        signing_key.assign(hash, derived.data(), derived.size());
        ::OPENSSL_cleanse(derived.data(), derived.size());

        scope.clear();
        scope += date_text;
        scope += '/';
        scope += region;
        scope += '/';
        scope += service;
        scope += '/';
        scope += terminator;
        day = today;
    }

    void append_path(std::string_view path, bool normalize) {
        if (path.empty() || path == "/") {
            canonical += '/';
            return;
        }
        if (!normalize) {
            if (path.front() != '/') canonical += '/';
            for (char const c : path) {
                if (c == '/') {
                    canonical += '/';
                } else {
                    append_encoded(canonical, c);
                }
            }
            return;
        }
        segments.clear();
        bool const ends_with_slash = path.back() == '/';
        while (!path.empty()) {
            std::size_t const slash = path.find('/');
            std::string_view const segment = path.substr(0, slash);
            path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
            if (segment.empty() || segment == ".") continue;
            if (segment != "..") {
                segments.push_back(segment);
            } else if (!segments.empty()) {
                segments.pop_back();
            }
        }
        for (std::string_view const segment : segments) {
            canonical += '/';
            append_encoded(canonical, segment);
        }
        if (segments.empty() || ends_with_slash) canonical += '/';
    }

    void append_query(std::string_view query) {
        if (query.empty()) return;
        parameters.clear();
        encoded_query.clear();
        while (!query.empty()) {
            std::size_t const end = query.find('&');
            std::string_view const item = query.substr(0, end);
            query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
            if (item.empty()) continue;
            std::size_t const equals = item.find('=');
            parameter p;
            p.name = encoded_query.size();
            append_encoded_once(encoded_query, item.substr(0, equals));
            p.name_size = encoded_query.size() - p.name;
            p.value = encoded_query.size();
            if (equals != std::string_view::npos) append_encoded_once(encoded_query, item.substr(equals + 1));
            p.value_size = encoded_query.size() - p.value;
            parameters.push_back(p);
        }
        std::string_view const all = encoded_query;
        auto const key = [all](parameter const& p) {
            return std::pair(all.substr(p.name, p.name_size), all.substr(p.value, p.value_size));
        };
        std::sort(parameters.begin(), parameters.end(),
                  [&key](parameter const& a, parameter const& b) { return key(a) < key(b); });
        bool first = true;
        for (parameter const& p : parameters) {
            if (!first) canonical += '&';
            first = false;
            auto const [name, value] = key(p);
            canonical += name;
            canonical += '=';
            canonical += value;
        }
    }

    void add_header(std::string_view name, std::string_view value) {
        headers.push_back(header{name, value, headers.size()});
    }

    void collect_headers(signable_request const& request) {
        headers.clear();
        bool lower = true;
        std::size_t names_size = 0;
        for (header_view const& h : request.headers) {
            add_header(h.name, h.value);
            names_size += h.name.size();
            if (lower) lower = std::none_of(h.name.begin(), h.name.end(), is_upper);
        }
        if (lower) return;
        // Reserved at once: the views must survive the growth.
        lower_names.clear();
        lower_names.reserve(names_size);
        for (header& h : headers) {
            std::size_t const start = lower_names.size();
            for (char const c : h.name) lower_names += to_lower(c);
            h.name = std::string_view(lower_names).substr(start);
        }
    }

    /// Insertion sort: stable, allocates nothing, and one comparison for each header that is in place already.
    void sort_headers() noexcept {
        for (std::size_t i = 1; i < headers.size(); ++i) {
            header const moving = headers[i];
            std::size_t at = i;
            for (; at > 0 && moving.name < headers[at - 1].name; --at) headers[at] = headers[at - 1];
            headers[at] = moving;
        }
    }

    void append_headers() {
        signed_names.clear();
        for (std::size_t i = 0; i < headers.size();) {
            std::string_view const name = headers[i].name;
            if (i != 0) signed_names += ';';
            signed_names += name;
            canonical += name;
            canonical += ':';
            append_folded(canonical, headers[i].value);
            for (++i; i < headers.size() && headers[i].name == name; ++i) {
                canonical += ',';
                append_folded(canonical, headers[i].value);
            }
            canonical += '\n';
        }
    }
};

signer::signer(std::string region, std::string service)
    : state_(std::make_unique<state>(std::move(region), std::move(service))) {}
signer::~signer() = default;
signer::signer(signer&&) noexcept = default;
signer& signer::operator=(signer&&) noexcept = default;

void signer::sign(signable_request const& request, credentials const& keys, system_time now, std::string& out,
                  signing_options options) {
    state& s = *state_;
    s.has_signature = false;
    s.canonical.clear();
    s.text.clear();
    if (!s.has_keys(keys)) s.use_keys(keys);
    auto const today = std::chrono::floor<std::chrono::days>(now);
    if (s.day != today) s.use_day(today);
    format_second(static_cast<unsigned>(std::chrono::floor<std::chrono::seconds>(now - today).count()), s.date);
    std::string_view const date(s.date.data(), s.date.size());
    bool const has_token = !keys.session_token().empty();

    digest value;
    hex_digest body_hash;
    s.hash.begin();
    s.hash.add(request.body);
    s.hash.end(value);
    to_hex(value, body_hash.data());

    s.collect_headers(request);
    if (options.sign_body_header) s.add_header(body_header, view(body_hash));
    s.add_header(date_header, date);
    if (has_token && options.sign_session_token) s.add_header(token_header, keys.session_token());
    s.sort_headers();

    s.canonical += request.method;
    s.canonical += '\n';
    s.append_path(request.path, options.normalize_path);
    s.canonical += '\n';
    s.append_query(request.query);
    s.canonical += '\n';
    s.append_headers();
    s.canonical += '\n';
    s.canonical += s.signed_names;
    s.canonical += '\n';
    s.canonical += view(body_hash);

    s.hash.begin();
    s.hash.add(s.canonical);
    s.hash.end(value);
    hex_digest request_hash;
    to_hex(value, request_hash.data());
    s.text += algorithm;
    s.text += '\n';
    s.text += date;
    s.text += '\n';
    s.text += s.scope;
    s.text += '\n';
    s.text += view(request_hash);

    s.signing_key.compute(s.hash, s.text, value);
    to_hex(value, s.signature.data());
    s.has_signature = true;

    out += "x-amz-date: ";
    out += date;
    out += "\r\n";
    if (has_token) {
        out += "x-amz-security-token: ";
        out += keys.session_token();
        out += "\r\n";
    }
    if (options.sign_body_header) {
        out += "x-amz-content-sha256: ";
        out += view(body_hash);
        out += "\r\n";
    }
    out += "authorization: ";
    out += algorithm;
    out += " Credential=";
    out += keys.access_key_id();
    out += '/';
    out += s.scope;
    out += ", SignedHeaders=";
    out += s.signed_names;
    out += ", Signature=";
    out += view(s.signature);
    out += "\r\n";
}

// What a sign() that threw left half done is not shown.
std::string_view signer::canonical_request() const noexcept {
    return state_->has_signature ? std::string_view(state_->canonical) : std::string_view();
}
std::string_view signer::string_to_sign() const noexcept {
    return state_->has_signature ? std::string_view(state_->text) : std::string_view();
}
std::string_view signer::signature() const noexcept {
    return state_->has_signature ? view(state_->signature) : std::string_view();
}

} // namespace dynasio::aws
