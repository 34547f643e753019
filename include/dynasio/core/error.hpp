#ifndef DYNASIO_CORE_ERROR_HPP
#define DYNASIO_CORE_ERROR_HPP

#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio {

using boost::system::error_code;

/// Errors that dynasio itself finds, before it sends a request or in the answer. The comment on each says what to do
/// about it; `error::what()` repeats the advice with the names that are involved.
enum class errc {
    invalid_argument = 1,    ///< A call's argument breaks a documented rule: change the argument.
    invalid_configuration,   ///< The client's options contradict each other or are malformed: correct the named option.
    no_credentials,          ///< No source gave credentials: set them in code, in the environment or in a profile.
    no_region,               ///< No region is known: set it in code, in AWS_REGION or in a profile.
    wrong_executor,          ///< The operation runs on another executor than the client's: use one, or set thread_safe.
    pool_exhausted,          ///< Too many operations wait for a connection: send fewer at once, or raise max_waiting.
    client_closed,           ///< The client was closed before or during the call.
    deadline_exceeded,       ///< The call's deadline passed. For a write, see diagnostics::outcome_unknown.
    malformed_response,      ///< The body is not the JSON that the operation promises.
    checksum_mismatch,       ///< The body does not match the x-amz-crc32 header.
    nesting_too_deep,        ///< JSON is nested deeper than the limit; the rest is not read.
    attribute_type_mismatch, ///< A stored attribute has another type than the member: migrate the item or the member.
    attribute_missing,       ///< A stored item lacks an attribute whose member is required.
    number_out_of_range,     ///< A stored number does not fit the member: widen the member.
    not_found,               ///< No item has this key.
    already_exists,          ///< create() met an item with the same key.
    stale_version,           ///< The item was changed by somebody else since it was read: read it again.
    condition_failed,        ///< The condition given with the call did not hold.
    empty_key,               ///< A key member is empty: DynamoDB stores no empty keys.
    batch_too_large,         ///< More keys or items than one call of the operation takes.
    batch_incomplete,        ///< Keys or items remained unprocessed: the diagnostics name them.
    no_usable_index,         ///< No key or index serves the condition: add an index, or ask for scan() explicitly.
    relation_not_loaded,     ///< A relation was read that no load has filled: load it, or use loaded() to ask.
    entity_not_saved,        ///< attach() or detach() met an unsaved entity: save it first (a load: empty_key).
    invalid_cursor,          ///< The cursor was not made by this query.
    table_not_ready,         ///< A table did not become ACTIVE, or go away, before the deadline.
    wait_failed,             ///< The awaited resource reached a final state other than the wanted one: see message.
    budget_exhausted,        ///< A read met max_requests or max_read_units before its end: raise it, or read pages.
    key_not_kept,            ///< A member would write a key attribute differently: give it a type that keeps the text.
    invalid_entity,          ///< An entity breaks rules of its schema: diagnostics::violations has all of them.
    item_too_large,          ///< A write stores an item of more than 400 KB: divide it, or keep large values elsewhere.
    more_than_one,           ///< only() met a second entity: narrow the condition, or use first() or all().
    schema_conflict,         ///< Tables differ from schemas in what cannot be changed: rename the index or the table.
    no_stream,        ///< The table has no stream of changes, or one that holds less than asked: declare streamed<>.
    changes_lost,     ///< The stream has dropped changes that were not read: read the table anew, or skip them.
    not_unique,       ///< Another entity has the value of a unique<> member: choose another value.
    still_referenced, ///< remove() met an entity that on_remove<>(restrict) protects: remove or move that one first.
    load_budget_exceeded, ///< A load would cost more than its load_budget: raise that, or load less.
    repeated_reads,       ///< A relation was loaded for one entity after the other: load it for all of them at once.
};

/// Errors that the DynamoDB service, or another server at the endpoint, reported.
enum class service_errc {
    unknown = 1, ///< A code that this version does not know; its text is in diagnostics::service_code.
    access_denied,
    backup_in_use,
    backup_not_found,
    conditional_check_failed,
    continuous_backups_unavailable,
    duplicate_item,
    expired_iterator,
    expired_token,
    export_conflict,
    export_not_found,
    global_table_already_exists,
    global_table_not_found,
    idempotent_parameter_mismatch,
    import_conflict,
    import_not_found,
    incomplete_signature,
    index_not_found,
    internal_server_error,
    invalid_export_time,
    invalid_restore_time,
    invalid_signature,
    item_collection_size_limit_exceeded,
    limit_exceeded,
    missing_authentication_token,
    point_in_time_recovery_unavailable,
    policy_not_found,
    provisioned_throughput_exceeded,
    replica_already_exists,
    replica_not_found,
    replicated_write_conflict,
    request_limit_exceeded,
    request_time_too_skewed,
    resource_in_use,
    resource_not_found,
    serialization,
    service_unavailable,
    table_already_exists,
    table_in_use,
    table_not_found,
    throttling,
    transaction_canceled,
    transaction_conflict,
    transaction_in_progress,
    trimmed_data_access,
    unknown_operation,
    unrecognized_client,
    validation,
};

/// Errors on the way between this process and the endpoint.
enum class transport_errc {
    resolve_failed = 1,    ///< The host name has no address: check the endpoint.
    connect_failed,        ///< No server accepts connections at the address: is it running, and is the port right?
    connect_timeout,       ///< The connection was not made within pool_options::connect_timeout.
    proxy_authentication,  ///< The proxy refused the user or password: put the right ones into its URL.
    proxy_refused,         ///< The proxy refuses the endpoint: allow it in the proxy, or list it in NO_PROXY.
    proxy_failed,          ///< The proxy could not reach the endpoint, or is not an HTTP proxy.
    tls_handshake_failed,  ///< The TLS handshake failed: is the endpoint an https one?
    certificate_untrusted, ///< The server's certificate chain leads to no trusted authority.
    certificate_host_name, ///< The server's certificate is for another host name.
    attempt_timeout,       ///< One attempt exceeded its time limit: raise the limit, or allow retries.
    connection_lost,       ///< The peer closed or reset the connection before the answer was complete.
    malformed_http,        ///< The answer is not a valid HTTP/1.1 response.
    response_too_large,    ///< Head or body of the answer exceed the limits of pool_options.
};

[[nodiscard]] boost::system::error_category const& client_category() noexcept;
[[nodiscard]] boost::system::error_category const& service_category() noexcept;
[[nodiscard]] boost::system::error_category const& transport_category() noexcept;

[[nodiscard]] inline error_code make_error_code(errc e) noexcept { return {static_cast<int>(e), client_category()}; }
[[nodiscard]] inline error_code make_error_code(service_errc e) noexcept {
    return {static_cast<int>(e), service_category()};
}
[[nodiscard]] inline error_code make_error_code(transport_errc e) noexcept {
    return {static_cast<int>(e), transport_category()};
}

/// Why the service throttled a request: one entry of its ThrottlingReasons. Text as received.
struct throttling_reason {
    std::string reason{};   ///< "TableReadProvisionedThroughputExceeded", "IndexWriteKeyRangeThroughputExceeded", …
    std::string resource{}; ///< ARN of the table or index.
};

/// The outcome of one action of a cancelled transaction: one entry of CancellationReasons. The entries are in the order
/// of the request's actions and include the actions that did not fail. Text as received.
struct cancellation_reason {
    std::string code{};    ///< "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", …; "None".
    std::string message{}; ///< Empty for actions that did not fail.
    std::string item{};    ///< The item as JSON, when the action asked for it; never printed.

    /// Whether this action is a cause of the cancellation.
    [[nodiscard]] bool failed() const noexcept { return !code.empty() && code != "None"; }
};

/// A rule of its schema that an entity breaks.
struct violation {
    std::string member{};   ///< "home.street" for one of an embedded struct; empty for a rule about the whole entity.
    std::string sentence{}; ///< "is required"

    friend bool operator==(violation const&, violation const&) = default;
};

/// Where an error happened and what was reported about it, for people and for logs. Members that do not apply are
/// empty.
struct diagnostics {
    std::string message{};       ///< dynasio's text: what happened and what to do. May contain values of keys.
    std::string operation{};     ///< "GetItem", "Query", …
    std::string table{};         ///< Physical table name, with prefix.
    std::string index{};         ///< Index name.
    std::string entity{};        ///< Entity type.
    std::string attribute{};     ///< Attribute name.
    std::string key{};           ///< Key of the item that the error is about, as its JSON: {"id":{"S":"…"}}.
    std::string holder{};        ///< For errc::not_unique: key of the entity that has the value, as its JSON.
    std::string relation_path{}; ///< "User.posts.comments".
    std::string cursor{};        ///< Where a query stopped: the text of a cursor for page() of the same query.
    std::string request_id{};    ///< x-amzn-RequestId of the last answer.
    std::string service_code{};  ///< The service's error name, as received: untrusted text.
    std::string
        service_message{}; ///< The service's message, as received: untrusted text, its wording changes by region.
    std::vector<violation> violations{};     ///< For errc::invalid_entity: all of them. The message has them as well.
    std::vector<std::string> missing_keys{}; ///< Keys that remained unanswered, each as its JSON.
    std::vector<throttling_reason> throttling_reasons{};
    std::vector<cancellation_reason> cancellation_reasons{};
    std::string item{};     ///< Item of a failed condition as JSON, when the call asked for it; never printed.
    unsigned http_status{}; ///< 0 if there was no answer.
    unsigned attempts{};    ///< Requests that were sent for this call.
    bool outcome_unknown{}; ///< True if the write may or may not have happened.
};

/// An error code with its diagnostics, as a value.
struct failure {
    error_code code{};
    std::shared_ptr<diagnostics const> info{};

    failure() = default;
    failure(error_code ec, diagnostics d) : code(ec), info(std::make_shared<diagnostics const>(std::move(d))) {}
    failure(error_code ec, std::shared_ptr<diagnostics const> d) : code(ec), info(std::move(d)) {}

    /// One line for people: the code's text, diagnostics::message, and the names involved. Control characters are
    /// escaped and long texts cut, so that no text of the service can break the line; diagnostics::item is left out.
    /// The line may contain single values: keys, operands of conditions, a number that does not fit, values that the
    /// service quotes.
    [[nodiscard]] std::string to_string() const;
};

/// The exception that every operation throws. After a cancellation its code is boost::asio::error::operation_aborted.
class error : public boost::system::system_error {
public:
    error(error_code ec, diagnostics d);
    explicit error(failure f);

    [[nodiscard]] diagnostics const& info() const noexcept { return *info_; }
    [[nodiscard]] failure as_failure() const { return failure(code(), info_); }
    [[nodiscard]] char const* what() const noexcept override { return text_->c_str(); }

private:
    std::shared_ptr<diagnostics const> info_;
    std::shared_ptr<std::string const> text_;
};

/// Throws `error` with `message` as diagnostics::message and everything else empty.
[[noreturn]] void throw_error(error_code ec, std::string message);
[[noreturn]] void throw_error(error_code ec, diagnostics d);

/// Lets boost::system::result<T, failure>::value() throw `error`.
[[noreturn]] void throw_exception_from_error(failure const& f, boost::source_location const& where);

} // namespace dynasio

template <> struct boost::system::is_error_code_enum<dynasio::errc> : std::true_type {};
template <> struct boost::system::is_error_code_enum<dynasio::service_errc> : std::true_type {};
template <> struct boost::system::is_error_code_enum<dynasio::transport_errc> : std::true_type {};

#endif
