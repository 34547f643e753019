#include <dynasio/core/error.hpp>
#include <dynasio/core/error_context.hpp>
#include <dynasio/core/result.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <cstddef>
#include <system_error>
#include <utility>

#include "utf8.hpp"

namespace dynasio {
namespace {

char const* text_of(errc e) noexcept {
    switch (e) {
    case errc::invalid_argument:
        return "an argument breaks a documented rule: change it";
    case errc::invalid_configuration:
        return "the configuration is malformed or contradicts itself: mend the option named";
    case errc::no_credentials:
        return "no usable credentials: set them in code, in the environment or in a profile";
    case errc::no_region:
        return "no region is known: set it in code, in AWS_REGION or in a profile";
    case errc::wrong_executor:
        return "the operation runs on another executor than the client: use the client's, or set thread_safe";
    case errc::pool_exhausted:
        return "too many operations wait for a connection: send fewer at once, or raise max_waiting";
    case errc::client_closed:
        return "the client is closed: make a new one";
    case errc::deadline_exceeded:
        return "the deadline passed: allow more time, or find out what is slow";
    case errc::malformed_response:
        return "the answer is not what the operation promises: check that the endpoint is DynamoDB";
    case errc::checksum_mismatch:
        return "the answer was damaged on its way (x-amz-crc32 differs): try again";
    case errc::nesting_too_deep:
        return "the JSON is nested deeper than the limit: store flatter items";
    case errc::attribute_type_mismatch:
        return "a stored attribute has another type than its member: migrate the item or the member";
    case errc::attribute_missing:
        return "a stored item lacks a required attribute: migrate the item, or make the member optional";
    case errc::number_out_of_range:
        return "a number does not fit its member: widen the member";
    case errc::not_found:
        return "no item has this key";
    case errc::already_exists:
        return "an item with this key exists: choose another key, or save over it";
    case errc::stale_version:
        return "the item was changed by somebody else: read it again";
    case errc::condition_failed:
        return "the condition did not hold: read the item to see why";
    case errc::empty_key:
        return "a key attribute is empty: DynamoDB stores no empty keys, set it";
    case errc::batch_too_large:
        return "more keys or items than one call takes: split them";
    case errc::batch_incomplete:
        return "some keys or items stayed unprocessed: try these again";
    case errc::no_usable_index:
        return "no key or index serves the condition: add an index, or ask for scan() explicitly";
    case errc::relation_not_loaded:
        return "the relation is not loaded: load it, or ask loaded() first";
    case errc::entity_not_saved:
        return "the entity is not saved yet: save it first";
    case errc::invalid_cursor:
        return "the cursor was not made by this query: start from the first page";
    case errc::table_not_ready:
        return "the table did not come to the state that was waited for in time: wait longer, or look at its status";
    case errc::wait_failed:
        return "what was waited for will not come: look at its status";
    case errc::budget_exhausted:
        return "the read met its bound before its end: raise the bound, or read page by page";
    case errc::key_not_kept:
        return "a stored key is spelt in a way that its member does not keep: give the member a type that does";
    case errc::invalid_entity:
        return "the entity breaks rules of its schema: set the members that the message names";
    case errc::item_too_large:
        return "the item is larger than the 400 KB that DynamoDB stores: divide it, or keep large values elsewhere";
    case errc::more_than_one:
        return "more than one entity satisfies the condition: narrow it, or use first() or all()";
    case errc::schema_conflict:
        return "tables differ from their schemas in what the service cannot change: see the message for each";
    case errc::no_stream:
        return "the table has no stream that holds what is asked for: declare streamed<> and update the tables";
    case errc::changes_lost:
        return "the stream has dropped changes that were not read: read the table anew, or skip what is lost";
    case errc::not_unique:
        return "another entity has the value of a unique member: choose another value";
    case errc::still_referenced:
        return "an entity that belongs to this one protects it: remove that one first, or give it another owner";
    case errc::load_budget_exceeded:
        return "the load would cost more than its budget: raise load_budget, or load less";
    case errc::repeated_reads:
        return "a relation is loaded for one entity after the other: load it for all of them at once";
    }
    return "unknown client error";
}

char const* text_of(service_errc e) noexcept {
    switch (e) {
    case service_errc::unknown:
        return "the service reported an error that this version does not know: look at its code";
    case service_errc::access_denied:
        return "access denied: allow the action on the table in the identity's policy";
    case service_errc::conditional_check_failed:
        return "the request's condition did not hold: read the item to see why";
    case service_errc::expired_token:
        return "the security token has expired: get new credentials";
    case service_errc::expired_iterator:
        return "the iterator of the shard has expired after 15 minutes: get another one";
    case service_errc::idempotent_parameter_mismatch:
        return "the idempotency token was used for another request: use a new one";
    case service_errc::incomplete_signature:
        return "the signature is incomplete: check what rewrites the request on its way";
    case service_errc::internal_server_error:
        return "internal error of the service: try again";
    case service_errc::invalid_signature:
        return "the signature does not match: check the secret key, the region and the clock";
    case service_errc::item_collection_size_limit_exceeded:
        return "the item collection exceeds 10 GB: spread its items over more partition keys";
    case service_errc::limit_exceeded:
        return "too many control operations at once, or an account limit: run fewer at a time";
    case service_errc::missing_authentication_token:
        return "the request is not signed: set credentials";
    case service_errc::provisioned_throughput_exceeded:
        return "the provisioned throughput is exceeded: slow down, or raise the capacity";
    case service_errc::replicated_write_conflict:
        return "another region is writing the item: try again";
    case service_errc::request_limit_exceeded:
        return "the account's throughput limit is exceeded: slow down, or ask for a higher limit";
    case service_errc::request_time_too_skewed:
        return "the local clock differs too much from the service's: set the clock";
    case service_errc::resource_in_use:
        return "the resource is in use or being changed: wait until it is ACTIVE";
    case service_errc::resource_not_found:
        return "the table, index or stream does not exist: check its name and the region";
    case service_errc::serialization:
        return "the service cannot read the request: check the values sent";
    case service_errc::service_unavailable:
        return "the service is unavailable: try again later";
    case service_errc::table_in_use:
        return "the table is in use or being changed: wait until it is ACTIVE";
    case service_errc::table_not_found:
        return "the table does not exist: check its name and the region";
    case service_errc::throttling:
        return "the service throttles the requests: slow down";
    case service_errc::transaction_canceled:
        return "the transaction was cancelled: look at the reason of each item";
    case service_errc::transaction_conflict:
        return "another transaction works on the item: try again";
    case service_errc::transaction_in_progress:
        return "the transaction with this token is still running: try again";
    case service_errc::trimmed_data_access:
        return "the stream has dropped the changes at this place after 24 hours: begin at its trim horizon";
    case service_errc::unknown_operation:
        return "the endpoint does not know the operation: check that it is DynamoDB, and its version";
    case service_errc::unrecognized_client:
        return "the access key or token is not known: check the credentials and the region";
    case service_errc::backup_in_use:
        return "the backup is in use by another operation: try again when that has ended";
    case service_errc::backup_not_found:
        return "there is no such backup: check its ARN";
    case service_errc::continuous_backups_unavailable:
        return "continuous backups are not switched on yet for this table: try again later";
    case service_errc::duplicate_item:
        return "an item with this key exists already";
    case service_errc::export_conflict:
        return "another export has this client token or is under way: wait for it, or use another token";
    case service_errc::export_not_found:
        return "there is no such export: check its ARN";
    case service_errc::global_table_already_exists:
        return "there is a global table of this name already";
    case service_errc::global_table_not_found:
        return "there is no global table of this name";
    case service_errc::import_conflict:
        return "another import has this client token or is under way: wait for it, or use another token";
    case service_errc::import_not_found:
        return "there is no such import: check its ARN";
    case service_errc::index_not_found:
        return "there is no index of this name";
    case service_errc::invalid_export_time:
        return "the table cannot be exported as it was at this time: ask describe_continuous_backups() for the period";
    case service_errc::invalid_restore_time:
        return "the table cannot be restored to this time: ask describe_continuous_backups() for the period";
    case service_errc::point_in_time_recovery_unavailable:
        return "point-in-time recovery is not switched on for this table: update_continuous_backups() does it";
    case service_errc::policy_not_found:
        return "there is no policy, or not with the expected revision";
    case service_errc::replica_already_exists:
        return "there is a replica in this region already";
    case service_errc::replica_not_found:
        return "there is no replica in this region";
    case service_errc::table_already_exists:
        return "there is a table of this name already";
    case service_errc::validation:
        return "the service refuses the request as invalid: see its message";
    }
    return "unknown service error";
}

char const* text_of(transport_errc e) noexcept {
    switch (e) {
    case transport_errc::resolve_failed:
        return "the host name has no address: check the endpoint";
    case transport_errc::connect_failed:
        return "nothing accepts connections at the endpoint: check that it runs, and the port";
    case transport_errc::connect_timeout:
        return "the connection was not made in time: check the network, or raise connect_timeout";
    case transport_errc::proxy_authentication:
        return "the proxy asks for user and password: put the right ones into its URL";
    case transport_errc::proxy_refused:
        return "the proxy refuses to lead to the endpoint: allow it there, or except the host with NO_PROXY";
    case transport_errc::proxy_failed:
        return "the proxy could not reach the endpoint, or is no HTTP proxy: check both addresses";
    case transport_errc::tls_handshake_failed:
        return "TLS could not be set up: check that the endpoint speaks https";
    case transport_errc::certificate_untrusted:
        return "no trusted authority vouches for the server's certificate: check the trust store";
    case transport_errc::certificate_host_name:
        return "the server's certificate is for another host name: check the endpoint";
    case transport_errc::attempt_timeout:
        return "one attempt took longer than its time-out: try again, or allow more";
    case transport_errc::connection_lost:
        return "the connection ended before the answer was complete: try again";
    case transport_errc::malformed_http:
        return "the answer is no valid HTTP/1.1 response: check that the endpoint is DynamoDB";
    case transport_errc::response_too_large:
        return "the answer exceeds the limits of pool_options: raise them, or ask for less";
    }
    return "unknown transport error";
}

// boost::system::error_category has no virtual destructor. The warning is harmless, because categories are never
// destroyed through a pointer to the base.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
#endif
class category final : public boost::system::error_category {
public:
    using text_function = char const* (*)(int) noexcept;

    // The fixed id makes copies of the category in several shared libraries compare equal.
    constexpr category(char const* name, boost::ulong_long_type id, text_function text) noexcept
        : error_category(id), name_(name), text_(text) {}

    char const* name() const noexcept override { return name_; }
    std::string message(int value) const override { return text_(value); }
    char const* message(int value, char*, std::size_t) const noexcept override { return text_(value); }

private:
    char const* name_;
    text_function text_;
};
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

template <class Enum> char const* text_of_value(int value) noexcept { return text_of(static_cast<Enum>(value)); }

constexpr category client_instance("dynasio.client", 0x3d1c5a9e70b84f21, &text_of_value<errc>);
constexpr category service_instance("dynasio.service", 0x3d1c5a9e70b84f22, &text_of_value<service_errc>);
constexpr category transport_instance("dynasio.transport", 0x3d1c5a9e70b84f23, &text_of_value<transport_errc>);

constexpr std::size_t max_text = 1024;
constexpr std::size_t max_listed_keys = 3;

/// Length of the character at the front of `text` if it could break a line, control a terminal or reverse the direction
/// of writing, or is not UTF-8; 0 when it is harmless.
std::size_t control_length(std::string_view text) noexcept {
    auto const byte = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : static_cast<unsigned char>(0);
    };
    if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
    if (byte(0) < 0x80) return 0;
    if (detail::utf8_length(text.data(), text.data() + text.size()) == 0) return 1;
    if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f) return 2;
    if (byte(0) != 0xe2) return 0;
    // Direction marks, line and paragraph separators, embeddings and isolates: U+200E and U+200F, U+2028 to U+202E,
    // U+2066 to U+2069.
    if (byte(1) == 0x80 && (byte(2) == 0x8e || byte(2) == 0x8f || (byte(2) >= 0xa8 && byte(2) <= 0xae))) return 3;
    if (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9) return 3;
    return 0;
}

/// Length of the first character of `text`. Precondition: that character is well-formed UTF-8.
std::size_t harmless_length(std::string_view text) noexcept {
    return static_cast<unsigned char>(text.front()) < 0x80
               ? 1
               : detail::utf8_length(text.data(), text.data() + text.size());
}

void append_escaped(std::string& out, std::string_view text) {
    bool const cut = text.size() > max_text;
    if (cut) {
        std::size_t end = max_text;
        // A UTF-8 character has at most three continuation bytes, so the cut moves back by at most three.
        while (end > max_text - 3 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
        text = text.substr(0, end);
    }
    while (!text.empty()) {
        std::size_t const length = control_length(text);
        if (length == 0) {
            auto const whole = harmless_length(text);
            out += text.substr(0, whole);
            text.remove_prefix(whole);
            continue;
        }
        for (char const c : text.substr(0, length)) {
            switch (c) {
            case '\n':
                out += "\\n";
                continue;
            case '\r':
                out += "\\r";
                continue;
            case '\t':
                out += "\\t";
                continue;
            default:
                break;
            }
            constexpr char digits[] = "0123456789abcdef";
            auto const value = static_cast<unsigned char>(c);
            out += "\\x";
            out += digits[value >> 4];
            out += digits[value & 15];
        }
        text.remove_prefix(length);
    }
    if (cut) out += "...";
}

/// The part in brackets: "[operation GetItem, table users]".
class name_list {
public:
    explicit name_list(std::string& out) noexcept : out_(out) {}

    void add(std::string_view label, std::string_view value) {
        if (value.empty()) return;
        begin(label);
        append_escaped(out_, value);
    }

    void add(std::string_view label, unsigned value) {
        if (value == 0) return;
        begin(label);
        out_ += std::to_string(value);
    }

    void add_quoted(std::string_view label, std::string_view value) {
        if (value.empty()) return;
        begin(label);
        out_ += '"';
        append_escaped(out_, value);
        out_ += '"';
    }

    void add_keys(std::vector<std::string> const& keys) {
        if (keys.empty()) return;
        begin("missing keys");
        out_ += std::to_string(keys.size());
        out_ += " (";
        for (std::size_t i = 0; i < keys.size() && i < max_listed_keys; ++i) {
            if (i != 0) out_ += ", ";
            append_escaped(out_, keys[i]);
        }
        out_ += keys.size() > max_listed_keys ? ", ...)" : ")";
    }

    void add_reasons(std::vector<throttling_reason> const& reasons) {
        for (std::size_t i = 0; i < reasons.size() && i < max_listed_keys; ++i) {
            begin("throttled by");
            append_escaped(out_, reasons[i].reason);
            if (reasons[i].resource.empty()) continue;
            out_ += " of ";
            append_escaped(out_, reasons[i].resource);
        }
    }

    /// Adds the transaction's failed actions, at most max_listed_keys of them, numbered from 0.
    void add_reasons(std::vector<cancellation_reason> const& reasons) {
        std::size_t listed = 0;
        for (std::size_t i = 0; i < reasons.size() && listed < max_listed_keys; ++i) {
            if (!reasons[i].failed()) continue;
            ++listed;
            begin("action");
            out_ += std::to_string(i);
            out_ += ' ';
            append_escaped(out_, reasons[i].code);
        }
    }

    void add_flag(std::string_view text) {
        open();
        out_ += text;
    }

    void end() {
        if (!empty_) out_ += ']';
    }

private:
    void open() {
        out_ += empty_ ? " [" : ", ";
        empty_ = false;
    }

    void begin(std::string_view label) {
        open();
        out_ += label;
        out_ += ' ';
    }

    std::string& out_;
    bool empty_ = true;
};

/// Texts of codes and messages have what to do behind a colon or a semicolon, or ask a question.
bool says_what_to_do(std::string_view message) noexcept {
    return message.find("; ") != message.npos || message.find(": ") != message.npos || message.ends_with('?');
}

/// Whether a message names a relation, and not only one that is part of another path or name.
bool has_path(std::string_view message, std::string_view path) noexcept {
    auto const goes_on = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    for (auto at = message.find(path); at != message.npos; at = message.find(path, at + 1)) {
        auto const before = message.substr(0, at);
        auto const behind = message.substr(at + path.size());
        bool const is_end = !before.empty() && (goes_on(before.back()) || before.back() == '.');
        bool const is_begin = !behind.empty() && (goes_on(behind.front()) ||
                                                  (behind.front() == '.' && behind.size() > 1 && goes_on(behind[1])));
        if (!is_end && !is_begin) return true;
    }
    return false;
}

std::string describe(error_code code, diagnostics const* info) {
    std::string text = code == boost::asio::error::operation_aborted ? std::string("cancelled") : code.message();
    if (info == nullptr) return text;
    if (code == service_errc::unknown && info->service_code.empty() && info->http_status != 0)
        text = "the endpoint answered with status " + std::to_string(info->http_status) + " and no error code";
    if (!info->message.empty()) {
        // First what is the matter, then what to do. The message knows that better than the text of the code, which
        // would say it a second time.
        auto const end = std::min(text.find(": "), text.size());
        std::string const advice = says_what_to_do(info->message) ? std::string() : text.substr(end);
        text.resize(end);
        text += ": ";
        append_escaped(text, info->message);
        if (!advice.empty()) text += ';' + advice.substr(1);
    }
    name_list names(text);
    names.add("operation", info->operation);
    names.add("table", info->table);
    names.add("index", info->index);
    names.add("entity", info->entity);
    names.add("attribute", info->attribute);
    if (info->message.find(info->key) == std::string::npos) names.add("key", info->key); // once is enough
    if (info->message.find(info->holder) == std::string::npos) names.add("held by", info->holder);
    if (!has_path(info->message, info->relation_path)) names.add("relation", info->relation_path);
    names.add_keys(info->missing_keys);
    names.add("service code", info->service_code);
    names.add_quoted("service message", info->service_message);
    names.add_reasons(info->throttling_reasons);
    names.add_reasons(info->cancellation_reasons);
    names.add("HTTP status", info->http_status);
    names.add("request id", info->request_id);
    names.add("attempts", info->attempts);
    if (info->outcome_unknown) names.add_flag("outcome unknown: the write may have happened");
    names.end();
    return text;
}

std::shared_ptr<diagnostics const> or_empty(std::shared_ptr<diagnostics const> info) {
    static auto const empty = std::make_shared<diagnostics const>();
    if (!info) return empty;
    return info;
}

} // namespace

boost::system::error_category const& client_category() noexcept { return client_instance; }
boost::system::error_category const& service_category() noexcept { return service_instance; }
boost::system::error_category const& transport_category() noexcept { return transport_instance; }

std::string failure::to_string() const { return describe(code, info.get()); }

error::error(error_code ec, diagnostics d) : error(failure(ec, std::move(d))) {}

error::error(failure f)
    : system_error(f.code), info_(or_empty(std::move(f.info))),
      text_(std::make_shared<std::string const>(describe(f.code, info_.get()))) {}

void throw_error(error_code ec, std::string message) {
    diagnostics d;
    d.message = std::move(message);
    throw error(ec, std::move(d));
}

void throw_error(error_code ec, diagnostics d) { throw error(ec, std::move(d)); }

void add_context(diagnostics& d, error_context const& c) {
    auto const fill = [](std::string& text, std::string_view known) {
        if (text.empty()) text = known;
    };
    fill(d.operation, c.operation);
    fill(d.table, c.table);
    fill(d.index, c.index);
    fill(d.entity, c.entity);
    fill(d.attribute, c.attribute);
    fill(d.relation_path, c.relation_path);
    fill(d.request_id, c.request_id);
    if (d.http_status == 0) d.http_status = c.http_status;
    if (d.attempts == 0) d.attempts = c.attempts;
    d.outcome_unknown = d.outcome_unknown || c.outcome_unknown;
}

error with_context(error const& e, error_context const& c) {
    diagnostics d = e.info();
    add_context(d, c);
    return error(e.code(), std::move(d));
}

void rethrow_with(error const& e, error_context const& c) { throw with_context(e, c); }

void throw_exception_from_error(failure const& f, boost::source_location const&) { throw error(f); }

failure current_failure() {
    try {
        throw;
    } catch (error const& e) {
        return e.as_failure();
    } catch (boost::system::system_error const& e) {
        return failure(e.code(), diagnostics());
    } catch (std::system_error const& e) {
        return failure(error_code(e.code()), diagnostics());
    }
}

} // namespace dynasio
