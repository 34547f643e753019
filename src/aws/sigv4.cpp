#include <dynasio/aws/sigv4.hpp>

#include <dynasio/core/detail/hex.hpp>
#include <dynasio/core/error.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "../core/ascii.hpp"
#include "sha256.hpp"
#include "wipe.hpp"

namespace dynasio::aws {
namespace {

using dynasio::detail::hex_value;
using dynasio::detail::is_blank;
using dynasio::detail::is_upper;
using dynasio::detail::to_lower;

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view terminator = "aws4_request";
constexpr std::string_view date_header = "x-amz-date";
constexpr std::string_view token_header = "x-amz-security-token";
constexpr std::string_view body_header = "x-amz-content-sha256";

void to_hex(digest const& value, char* out) noexcept { dynasio::detail::to_hex<digest_size>(value.data(), out); }

using hex_digest = std::array<char, 2 * digest_size>;
std::string_view view(hex_digest const& hex) noexcept { return {hex.data(), hex.size()}; }

void put_digits(char* out, unsigned value, unsigned width) noexcept {
    for (unsigned i = width; i-- > 0; value /= 10) out[i] = static_cast<char>('0' + value % 10);
}

/// A time as "20150830T123600Z".
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

char to_upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

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

/// Percent-encodes `text`. Sequences that are already encoded are kept, with their digits in upper case.
void append_encoded_once(std::string& out, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
            out += '%';
            out += to_upper(text[i + 1]);
            out += to_upper(text[i + 2]);
            i += 2;
        } else {
            append_encoded(out, text[i]);
        }
    }
}

/// Appends `value` without white space at its ends and with one space in place of each inner run of white space.
void append_folded(std::string& out, std::string_view value) {
    // Two searches for one character are several times faster than one search for either of two characters.
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

/// Region and service become part of a header, so characters that could end or extend the header are refused.
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

    // Derived from the credentials and the day.
    credentials keys{};
    std::optional<std::chrono::sys_days> day{};
    hmac_key signing_key{};
    std::string scope{};
    amz_date date{};

    // Buffers that are reused by each call, so that nothing is allocated once they have grown.
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
    /// The parts that sign_prepared() hashes but does not write to `canonical` and `text`, because those texts are only
    /// for diagnosis.
    struct unwritten_text {
        std::size_t variant;
        hex_digest body;
        hex_digest request;
    };
    std::optional<unwritten_text> unwritten{};

    // Set by prepare(), and kept by sign_prepared() for one second and one set of credentials.
    std::string fixed{};       // canonical request before the headers that the signer adds
    std::string fixed_names{}; // names of the headers in `fixed`, separated by "; "
    std::optional<std::chrono::sys_seconds> second{};
    std::size_t common_canonical = 0; // length of the part of `canonical` that is kept
    std::size_t common_text = 0;      // length of the part of `text` that is kept
    /// The hash state of the canonical request with one value of the differing header, up to the hash of the body.
    struct variant {
        std::string last_value{};
        sha256 begun{};
    };
    static constexpr std::size_t max_variants = 64; // more than the number of operations that one client uses
    std::vector<std::unique_ptr<variant>> variants{};
    std::size_t variants_used = 0; // those of this second
    std::size_t last_variant = 0;
    sha256 text_begun{};
    std::string last_name{};     // name of the differing header
    std::string names_and_end{}; // the canonical request after that header
    std::string lines{};         // header lines up to the signature

    state(std::string r, std::string s) : region(std::move(r)), service(std::move(s)) {
        check_scope_part("region", region);
        check_scope_part("service", service);
    }
    ~state() { wipe_token(); }
    state(state const&) = delete;
    state& operator=(state const&) = delete;

    /// Wipes the texts that contain the session token.
    void wipe_token() noexcept {
        wipe(canonical);
        wipe(lines);
    }

    /// Whether `other` are the current credentials. False for empty credentials, which are never taken over.
    bool has_keys(credentials const& other) const noexcept {
        return !keys.access_key_id().empty() && keys.access_key_id() == other.access_key_id() &&
               keys.secret_access_key() == other.secret_access_key() && keys.session_token() == other.session_token();
    }

    void use_keys(credentials const& other) {
        if (other.access_key_id().empty() || other.secret_access_key().empty())
            throw_error(errc::no_credentials, "there is no access key to sign with: set credentials");
        // The message does not show the keys.
        if (!is_safe_header_text(other.access_key_id()) || !is_safe_header_text(other.session_token()))
            throw_error(errc::no_credentials, "the access key id or the session token has a control character, a line "
                                              "break perhaps: mend where it comes from");
        wipe_token();
        keys = other;
        day.reset();
        second.reset();
    }

    void use_day(std::chrono::sys_days today) {
        day.reset();
        second.reset();
        format_day(today, date);
        std::string_view const date_text(date.data(), 8);

        std::string secret;
        secret.reserve(4 + keys.secret_access_key().size());
        secret += "AWS4";
        secret += keys.secret_access_key();
        hmac_key key;
        key.assign(hash, secret.data(), secret.size());
        wipe(secret);
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
        // The whole size is reserved first, because the views must stay valid while the text grows.
        lower_names.clear();
        lower_names.reserve(names_size);
        for (header& h : headers) {
            std::size_t const start = lower_names.size();
            for (char const c : h.name) lower_names += to_lower(c);
            h.name = std::string_view(lower_names).substr(start);
        }
    }

    /// Insertion sort: it is stable, allocates nothing, and needs one comparison for each header that is already in
    /// place.
    void sort_headers() noexcept {
        for (std::size_t i = 1; i < headers.size(); ++i) {
            header const moving = headers[i];
            std::size_t at = i;
            for (; at > 0 && moving.name < headers[at - 1].name; --at) headers[at] = headers[at - 1];
            headers[at] = moving;
        }
    }

    void append_request_line(signable_request const& request, bool normalize) {
        canonical += request.method;
        canonical += '\n';
        append_path(request.path, normalize);
        canonical += '\n';
        append_query(request.query);
        canonical += '\n';
    }

    void append_headers() {
        std::size_t size = 128;
        for (header const& h : headers) size += 2 * h.name.size() + h.value.size() + 3;
        make_room(canonical, size);
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

    /// Writes the string to sign up to the hash of the canonical request.
    void begin_text() {
        text.clear();
        text += algorithm;
        text += '\n';
        text += date_text();
        text += '\n';
        text += scope;
        text += '\n';
    }

    /// Appends the header lines up to the signature.
    void append_lines(std::string& out, std::string_view body_hash) const {
        // The whole size is reserved first, because growing later would leave a copy of the token in freed memory.
        out.reserve(out.size() + keys.session_token().size() + keys.access_key_id().size() + scope.size() +
                    signed_names.size() + body_hash.size() + 256);
        out += "x-amz-date: ";
        out += date_text();
        out += "\r\n";
        if (!keys.session_token().empty()) {
            out += "x-amz-security-token: ";
            out += keys.session_token();
            out += "\r\n";
        }
        if (!body_hash.empty()) {
            out += "x-amz-content-sha256: ";
            out += body_hash;
            out += "\r\n";
        }
        out += "authorization: ";
        out += algorithm;
        out += " Credential=";
        out += keys.access_key_id();
        out += '/';
        out += scope;
        out += ", SignedHeaders=";
        out += signed_names;
        out += ", Signature=";
    }

    void append_line(std::string_view name, std::string_view value) {
        canonical += name;
        canonical += ':';
        append_folded(canonical, value);
        canonical += '\n';
    }

    /// Computes the state that is the same for all prepared requests of one second.
    void begin_second(std::chrono::sys_seconds now) {
        second.reset();
        auto const today = std::chrono::floor<std::chrono::days>(now);
        if (day != today) use_day(today);
        format_second(static_cast<unsigned>((now - today).count()), date);
        bool const has_token = !keys.session_token().empty();

        canonical.clear();
        make_room(canonical, fixed.size() + fixed_names.size() + keys.session_token().size() + 512);
        canonical += fixed;
        append_line(date_header, date_text());
        if (has_token) append_line(token_header, keys.session_token());
        common_canonical = canonical.size();
        variants_used = 0;
        unwritten.reset();

        signed_names = fixed_names;
        signed_names += date_header;
        if (has_token) {
            signed_names += ';';
            signed_names += token_header;
        }
        signed_names += ';';
        signed_names += last_name;
        names_and_end.clear();
        names_and_end += '\n';
        names_and_end += signed_names;
        names_and_end += '\n';

        begin_text();
        common_text = text.size();
        signing_key.begin(text_begun);
        text_begun.add(text);

        lines.clear();
        make_room(lines,
                  keys.session_token().size() + keys.access_key_id().size() + scope.size() + signed_names.size() + 256);
        append_lines(lines, {});
        second = now;
    }

    void append_variant(std::string_view last_value) {
        canonical.resize(common_canonical);
        make_room(canonical, last_name.size() + last_value.size() + names_and_end.size() + 2 * digest_size + 8);
        append_line(last_name, last_value);
        canonical += names_and_end;
    }

    /// The index of the variant for a value of the differing header. Nearly always it is the previous one, or one that
    /// was made in this second.
    std::size_t find_variant(std::string_view last_value) {
        if (last_variant < variants_used && variants[last_variant]->last_value == last_value) return last_variant;
        for (std::size_t i = 0; i != variants_used; ++i) {
            if (variants[i]->last_value == last_value) return last_variant = i;
        }
        last_variant = variants_used < max_variants ? variants_used++ : 0;
        if (last_variant == variants.size()) variants.push_back(std::make_unique<variant>());
        variant& made = *variants[last_variant];
        made.last_value.clear(); // in case the code below throws
        append_variant(last_value);
        made.begun.begin();
        made.begun.add(canonical);
        made.last_value = last_value;
        return last_variant;
    }

    /// Writes the parts of the texts that sign_prepared() left out.
    void write_texts() {
        if (!unwritten) return;
        append_variant(variants[unwritten->variant]->last_value);
        canonical += view(unwritten->body);
        text.resize(common_text);
        text += view(unwritten->request);
        unwritten.reset();
    }

    std::string_view date_text() const noexcept { return {date.data(), date.size()}; }
    void hash_body(std::string_view body, hex_digest& out) {
        digest value;
        hash.begin();
        hash.add(body);
        hash.end(value);
        to_hex(value, out.data());
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
    s.unwritten.reset();
    s.second.reset();
    s.canonical.clear();
    s.text.clear();
    if (!s.has_keys(keys)) s.use_keys(keys);
    auto const today = std::chrono::floor<std::chrono::days>(now);
    if (s.day != today) s.use_day(today);
    format_second(static_cast<unsigned>(std::chrono::floor<std::chrono::seconds>(now - today).count()), s.date);

    hex_digest body_hash;
    s.hash_body(request.body, body_hash);
    s.collect_headers(request);
    if (options.sign_body_header) s.add_header(body_header, view(body_hash));
    s.add_header(date_header, s.date_text());
    if (!keys.session_token().empty() && options.sign_session_token) s.add_header(token_header, keys.session_token());
    s.sort_headers();

    s.append_request_line(request, options.normalize_path);
    s.signed_names.clear();
    s.append_headers();
    s.canonical += '\n';
    s.canonical += s.signed_names;
    s.canonical += '\n';
    s.canonical += view(body_hash);

    digest value;
    s.hash.begin();
    s.hash.add(s.canonical);
    s.hash.end(value);
    hex_digest request_hash;
    to_hex(value, request_hash.data());
    s.begin_text();
    s.text += view(request_hash);
    s.signing_key.compute(s.hash, s.text, value);
    to_hex(value, s.signature.data());
    s.has_signature = true;

    s.append_lines(out, options.sign_body_header ? view(body_hash) : std::string_view());
    out += view(s.signature);
    out += "\r\n";
}

void signer::prepare(signable_request const& common, std::string_view last_header) {
    state& s = *state_;
    bool const last_is_last =
        last_header > token_header && std::none_of(last_header.begin(), last_header.end(), is_upper);
    s.collect_headers(common);
    s.sort_headers();
    if (!last_is_last || (!s.headers.empty() && s.headers.back().name >= date_header))
        throw_error(errc::invalid_argument, "prepared requests: only the headers before x-amz-date may be the same for "
                                            "all, and the one that differs has to be the last in order");
    s.has_signature = false;
    s.second.reset();
    s.canonical.clear();
    s.append_request_line(common, true);
    s.signed_names.clear();
    s.append_headers();
    s.fixed = s.canonical;
    s.fixed_names = s.signed_names;
    if (!s.fixed_names.empty()) s.fixed_names += ';';
    s.last_name = last_header;
}

void signer::sign_prepared(std::string_view last_value, std::string_view body, credentials const& keys, system_time now,
                           std::string& out) {
    state& s = *state_;
    s.has_signature = false;
    if (s.last_name.empty()) throw_error(errc::invalid_argument, "sign_prepared() needs prepare() first");
    if (!s.has_keys(keys)) s.use_keys(keys);
    auto const second = std::chrono::floor<std::chrono::seconds>(now);
    if (s.second != second) s.begin_second(second);

    std::size_t const variant = s.find_variant(last_value);
    auto& unwritten = s.unwritten.emplace();
    unwritten.variant = variant;
    s.hash_body(body, unwritten.body);

    digest value;
    s.hash.resume(s.variants[variant]->begun);
    s.hash.add(view(unwritten.body));
    s.hash.end(value);
    to_hex(value, unwritten.request.data());
    s.hash.resume(s.text_begun);
    s.hash.add(view(unwritten.request));
    s.signing_key.end(s.hash, value);
    to_hex(value, s.signature.data());
    s.has_signature = true;

    out.reserve(out.size() + s.lines.size() + s.signature.size() + 2);
    out += s.lines;
    std::array<char, 2 * digest_size + 2> end;
    std::memcpy(end.data(), s.signature.data(), s.signature.size());
    std::memcpy(end.data() + s.signature.size(), "\r\n", 2);
    out.append(end.data(), end.size());
}

// After a sign() that threw, the incomplete texts are not shown.
std::string_view signer::canonical_request() const {
    if (!state_->has_signature) return {};
    state_->write_texts();
    return state_->canonical;
}
std::string_view signer::string_to_sign() const {
    if (!state_->has_signature) return {};
    state_->write_texts();
    return state_->text;
}
std::string_view signer::signature() const noexcept {
    return state_->has_signature ? view(state_->signature) : std::string_view();
}

} // namespace dynasio::aws
