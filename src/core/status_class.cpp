#include <dynasio/core/status_class.hpp>

#include <boost/asio/error.hpp>

namespace dynasio {

namespace {

error_class class_of(errc e) noexcept {
    switch (e) {
    case errc::pool_exhausted:
    case errc::client_closed:
    case errc::deadline_exceeded:
    case errc::malformed_response: // what stands between this process and the service answers in its place
    case errc::checksum_mismatch:
    case errc::batch_incomplete:
    case errc::table_not_ready:
        return error_class::retry_later;
    case errc::not_found:
        return error_class::not_found;
    case errc::already_exists:
    case errc::stale_version:
    case errc::condition_failed:
    case errc::more_than_one:
    case errc::changes_lost:
    case errc::not_unique:
    case errc::still_referenced:
        return error_class::conflict;
    case errc::invalid_argument:
    case errc::empty_key:
    case errc::invalid_cursor:
    case errc::invalid_entity:
        return error_class::bad_input;
    case errc::batch_too_large:
    case errc::budget_exhausted:
    case errc::item_too_large:
    case errc::load_budget_exceeded:
        return error_class::too_large;
    case errc::invalid_configuration:
    case errc::no_credentials:
    case errc::no_region:
    case errc::wrong_executor:
    case errc::nesting_too_deep:
    case errc::attribute_type_mismatch:
    case errc::attribute_missing:
    case errc::number_out_of_range:
    case errc::no_usable_index:
    case errc::relation_not_loaded:
    case errc::entity_not_saved:
    case errc::wait_failed:
    case errc::key_not_kept:
    case errc::schema_conflict:
    case errc::no_stream:
    case errc::repeated_reads:
        break;
    }
    return error_class::bug;
}

error_class class_of(service_errc e) noexcept {
    switch (e) {
    case service_errc::internal_server_error:
    case service_errc::limit_exceeded:
    case service_errc::provisioned_throughput_exceeded:
    case service_errc::request_limit_exceeded:
    case service_errc::service_unavailable:
    case service_errc::throttling:
        return error_class::retry_later;
    case service_errc::backup_not_found:
    case service_errc::export_not_found:
    case service_errc::import_not_found:
    case service_errc::policy_not_found:
    case service_errc::trimmed_data_access:
        return error_class::not_found;
    case service_errc::backup_in_use:
    case service_errc::conditional_check_failed:
    case service_errc::duplicate_item:
    case service_errc::expired_iterator:
    case service_errc::export_conflict:
    case service_errc::global_table_already_exists:
    case service_errc::idempotent_parameter_mismatch:
    case service_errc::import_conflict:
    case service_errc::replica_already_exists:
    case service_errc::replicated_write_conflict:
    case service_errc::resource_in_use:
    case service_errc::table_already_exists:
    case service_errc::table_in_use:
    case service_errc::transaction_canceled:
    case service_errc::transaction_conflict:
    case service_errc::transaction_in_progress:
        return error_class::conflict;
    case service_errc::invalid_export_time:
    case service_errc::invalid_restore_time:
    case service_errc::validation:
        return error_class::bad_input;
    case service_errc::item_collection_size_limit_exceeded:
        return error_class::too_large;
    case service_errc::access_denied:
    case service_errc::expired_token:
    case service_errc::incomplete_signature:
    case service_errc::invalid_signature:
    case service_errc::missing_authentication_token:
    case service_errc::request_time_too_skewed:
    case service_errc::unrecognized_client:
        return error_class::no_permission;
    case service_errc::unknown:
    case service_errc::continuous_backups_unavailable:
    case service_errc::global_table_not_found:
    case service_errc::index_not_found:
    case service_errc::point_in_time_recovery_unavailable:
    case service_errc::replica_not_found:
    case service_errc::resource_not_found:
    case service_errc::serialization:
    case service_errc::table_not_found:
    case service_errc::unknown_operation:
        break;
    }
    return error_class::bug;
}

error_class class_of(transport_errc e) noexcept {
    switch (e) {
    case transport_errc::proxy_authentication:
    case transport_errc::proxy_refused:
    case transport_errc::tls_handshake_failed:
    case transport_errc::certificate_untrusted:
    case transport_errc::certificate_host_name:
        return error_class::bug;
    case transport_errc::response_too_large:
        return error_class::too_large;
    case transport_errc::resolve_failed:
    case transport_errc::connect_failed:
    case transport_errc::connect_timeout:
    case transport_errc::proxy_failed:
    case transport_errc::attempt_timeout:
    case transport_errc::connection_lost:
    case transport_errc::malformed_http:
        break;
    }
    return error_class::retry_later;
}

} // namespace

error_class status_class(error_code code) noexcept {
    if (code.category() == client_category()) return class_of(static_cast<errc>(code.value()));
    if (code.category() == service_category()) return class_of(static_cast<service_errc>(code.value()));
    if (code.category() == transport_category()) return class_of(static_cast<transport_errc>(code.value()));
    return code == boost::asio::error::operation_aborted ? error_class::cancelled : error_class::bug;
}

unsigned http_status(error_class c) noexcept {
    switch (c) {
    case error_class::retry_later:
        return 503;
    case error_class::not_found:
        return 404;
    case error_class::conflict:
        return 409;
    case error_class::bad_input:
        return 400;
    case error_class::too_large:
        return 413;
    case error_class::cancelled:
        return 499;
    case error_class::no_permission:
    case error_class::bug:
        break;
    }
    return 500;
}

} // namespace dynasio
