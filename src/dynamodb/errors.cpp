#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/json.hpp>

namespace dynasio::dynamodb::detail {
namespace {

struct named_code {
    std::string_view name;
    service_errc code;
};

// Some names occur with and without "Exception", because the service and the gateways in front of it use both forms.
constexpr named_code named_codes[] = {
    {"BackupInUseException", service_errc::backup_in_use},
    {"BackupNotFoundException", service_errc::backup_not_found},
    {"ContinuousBackupsUnavailableException", service_errc::continuous_backups_unavailable},
    {"DuplicateItemException", service_errc::duplicate_item},
    {"ExpiredIteratorException", service_errc::expired_iterator},
    {"ExportConflictException", service_errc::export_conflict},
    {"ExportNotFoundException", service_errc::export_not_found},
    {"GlobalTableAlreadyExistsException", service_errc::global_table_already_exists},
    {"GlobalTableNotFoundException", service_errc::global_table_not_found},
    {"ImportConflictException", service_errc::import_conflict},
    {"ImportNotFoundException", service_errc::import_not_found},
    {"IndexNotFoundException", service_errc::index_not_found},
    {"InvalidExportTimeException", service_errc::invalid_export_time},
    {"InvalidRestoreTimeException", service_errc::invalid_restore_time},
    {"PointInTimeRecoveryUnavailableException", service_errc::point_in_time_recovery_unavailable},
    {"PolicyNotFoundException", service_errc::policy_not_found},
    {"ReplicaAlreadyExistsException", service_errc::replica_already_exists},
    {"ReplicaNotFoundException", service_errc::replica_not_found},
    {"TableAlreadyExistsException", service_errc::table_already_exists},
    {"AccessDeniedException", service_errc::access_denied},
    {"AccessDenied", service_errc::access_denied},
    {"NotAuthorized", service_errc::access_denied},
    {"ConditionalCheckFailedException", service_errc::conditional_check_failed},
    {"ExpiredTokenException", service_errc::expired_token},
    {"ExpiredToken", service_errc::expired_token},
    {"IdempotentParameterMismatchException", service_errc::idempotent_parameter_mismatch},
    {"IncompleteSignatureException", service_errc::incomplete_signature},
    {"IncompleteSignature", service_errc::incomplete_signature},
    {"InternalServerError", service_errc::internal_server_error},
    {"InternalFailure", service_errc::internal_server_error},
    {"InvalidSignatureException", service_errc::invalid_signature},
    {"SignatureDoesNotMatch", service_errc::invalid_signature},
    {"ItemCollectionSizeLimitExceededException", service_errc::item_collection_size_limit_exceeded},
    {"LimitExceededException", service_errc::limit_exceeded},
    {"MissingAuthenticationTokenException", service_errc::missing_authentication_token},
    {"MissingAuthenticationToken", service_errc::missing_authentication_token},
    {"ProvisionedThroughputExceededException", service_errc::provisioned_throughput_exceeded},
    {"ReplicatedWriteConflictException", service_errc::replicated_write_conflict},
    {"RequestLimitExceeded", service_errc::request_limit_exceeded},
    {"RequestTimeTooSkewed", service_errc::request_time_too_skewed},
    {"ResourceInUseException", service_errc::resource_in_use},
    {"ResourceNotFoundException", service_errc::resource_not_found},
    {"SerializationException", service_errc::serialization},
    {"ServiceUnavailable", service_errc::service_unavailable},
    {"ServiceUnavailableException", service_errc::service_unavailable},
    {"TableInUseException", service_errc::table_in_use},
    {"TableNotFoundException", service_errc::table_not_found},
    {"ThrottlingException", service_errc::throttling},
    {"Throttling", service_errc::throttling},
    // These are not DynamoDB's own codes, but aws::classify() treats them as throttling too.
    {"BandwidthLimitExceeded", service_errc::throttling},
    {"EC2ThrottledException", service_errc::throttling},
    {"PriorRequestNotComplete", service_errc::throttling},
    {"RequestThrottled", service_errc::throttling},
    {"RequestThrottledException", service_errc::throttling},
    {"SlowDown", service_errc::throttling},
    {"ThrottledException", service_errc::throttling},
    {"TooManyRequestsException", service_errc::throttling},
    {"TransactionCanceledException", service_errc::transaction_canceled},
    {"TransactionConflictException", service_errc::transaction_conflict},
    {"TransactionInProgressException", service_errc::transaction_in_progress},
    {"TrimmedDataAccessException", service_errc::trimmed_data_access},
    {"UnknownOperationException", service_errc::unknown_operation},
    {"UnrecognizedClientException", service_errc::unrecognized_client},
    {"InvalidClientTokenId", service_errc::unrecognized_client},
    {"ValidationException", service_errc::validation},
    {"ValidationError", service_errc::validation},
};

/// The code of an answer that names no error, such as pages of proxies and load balancers.
service_errc code_of_status(unsigned status) noexcept {
    switch (status) {
    case 400:
    case 413:
        return service_errc::validation;
    case 401:
    case 403:
        return service_errc::access_denied;
    case 429:
        return service_errc::throttling;
    case 500:
        return service_errc::internal_server_error;
    case 502:
    case 503:
    case 504:
        return service_errc::service_unavailable;
    default:
        return service_errc::unknown;
    }
}

std::string read_text(json_reader& in) {
    if (in.peek() == json_reader::kind::string) return std::string(in.read_string());
    in.skip_value();
    return {};
}

/// Calls read_member(name) for each member of each object of a list. Anything other than a list of objects is skipped.
template <class ReadMember, class BeginEntry>
void read_list(json_reader& in, BeginEntry begin_entry, ReadMember read_member) {
    if (in.peek() != json_reader::kind::array) {
        in.skip_value();
        return;
    }
    in.enter_array();
    while (in.next_element()) {
        // Actions without a reason may be null. They keep their place in the list.
        begin_entry();
        if (in.peek() != json_reader::kind::object) {
            in.skip_value();
            continue;
        }
        in.enter_object();
        std::string_view name;
        while (in.next_member(name)) read_member(name);
    }
}

void read_reasons(json_reader& in, std::vector<throttling_reason>& out) {
    read_list(
        in, [&] { out.emplace_back(); },
        [&](std::string_view name) {
            if (name == "reason") {
                out.back().reason = read_text(in);
            } else if (name == "resource") {
                out.back().resource = read_text(in);
            } else {
                in.skip_value();
            }
        });
}

void read_reasons(json_reader& in, std::vector<cancellation_reason>& out) {
    read_list(
        in, [&] { out.emplace_back(); },
        [&](std::string_view name) {
            if (name == "Code") {
                out.back().code = read_text(in);
            } else if (name == "Message") {
                out.back().message = read_text(in);
            } else if (name == "Item" && in.peek() == json_reader::kind::object) {
                out.back().item = in.skip_value();
            } else {
                in.skip_value();
            }
        });
}

} // namespace

std::string_view bare_error_name(std::string_view text) noexcept {
    text = text.substr(0, text.find(':'));
    if (auto const hash = text.find('#'); hash != text.npos) text.remove_prefix(hash + 1);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

service_errc service_code_of(std::string_view name) noexcept {
    for (named_code const& known : named_codes) {
        if (known.name == name) return known.code;
    }
    return service_errc::unknown;
}

service_errc service_code_of(cancellation_reason const& reason) noexcept {
    constexpr named_code known[] = {
        {"ConditionalCheckFailed", service_errc::conditional_check_failed},
        {"DuplicateItem", service_errc::duplicate_item},
        {"ItemCollectionSizeLimitExceeded", service_errc::item_collection_size_limit_exceeded},
        {"ProvisionedThroughputExceeded", service_errc::provisioned_throughput_exceeded},
        {"ThrottlingError", service_errc::throttling},
        {"TransactionConflict", service_errc::transaction_conflict},
        {"ValidationError", service_errc::validation},
    };
    for (named_code const& one : known)
        if (one.name == reason.code) return one.code;
    return service_errc::transaction_canceled;
}

service_error read_service_error(unsigned status, std::string_view error_type, std::string_view body) {
    service_error out;
    out.name = bare_error_name(error_type);
    std::string type;
    std::string code;
    try {
        json_reader in(body);
        in.enter_object();
        std::string_view name;
        while (in.next_member(name)) {
            if (name == "__type") {
                type = read_text(in);
            } else if (name == "code") {
                code = read_text(in);
            } else if (name == "message" || name == "Message") {
                out.message = read_text(in);
            } else if (name == "Item" && in.peek() == json_reader::kind::object) {
                out.item = in.skip_value();
            } else if (name == "ThrottlingReasons" || name == "throttlingReasons") {
                read_reasons(in, out.throttling_reasons);
            } else if (name == "CancellationReasons") {
                read_reasons(in, out.cancellation_reasons);
            } else {
                in.skip_value();
            }
        }
        in.finish();
    } catch (error const&) {
        // The body is not JSON, so the parts read so far are dropped.
        type.clear();
        code.clear();
        out.message.clear();
        out.item.clear();
        out.throttling_reasons.clear();
        out.cancellation_reasons.clear();
    }
    if (out.name.empty()) out.name = bare_error_name(type);
    if (out.name.empty()) out.name = bare_error_name(code);
    out.code = out.name.empty() ? code_of_status(status) : service_code_of(out.name);
    if (out.code == service_errc::unknown && status == 429) out.code = service_errc::throttling;
    return out;
}

std::string table_of(std::string_view request_body) {
    try {
        json_reader in(request_body);
        in.enter_object();
        std::string_view name;
        while (in.next_member(name)) {
            if (name == "TableName") return std::string(in.read_string());
            if (name == "RequestItems") {
                in.enter_object();
                if (in.next_member(name)) return std::string(name);
                continue;
            }
            in.skip_value();
        }
    } catch (error const&) {
        // The error is ignored: bodies made by this library are JSON, and for any other body the error that is being
        // reported is more important.
    }
    return {};
}

} // namespace dynasio::dynamodb::detail
