// Bodies of answers, of each operation, read into their responses; and the errors among them.

#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
#include <iterator>
#include <string>

#include "fuzz.hpp"

namespace {

using namespace dynasio;
using namespace dynasio::dynamodb;

template <class Response> void read(std::string_view text) {
    (void)fuzz::succeeds({errc::malformed_response, errc::nesting_too_deep}, [&] {
        Response response;
        json_reader in(text);
        read_json(in, response);
        in.finish();
    });
}

using reader = void (*)(std::string_view);
constexpr reader usual[] = {
    read<batch_get_item_response>, read<batch_write_item_response>,   read<create_table_response>,
    read<delete_item_response>,    read<delete_table_response>,       read<describe_table_response>,
    read<get_item_response>,       read<put_item_response>,           read<query_response>,
    read<scan_response>,           read<transact_get_items_response>, read<transact_write_items_response>,
    read<update_item_response>};
constexpr reader others[] = {read<batch_execute_statement_response>,
                             read<create_backup_response>,
                             read<create_global_table_response>,
                             read<delete_backup_response>,
                             read<delete_resource_policy_response>,
                             read<describe_backup_response>,
                             read<describe_continuous_backups_response>,
                             read<describe_contributor_insights_response>,
                             read<describe_endpoints_response>,
                             read<describe_export_response>,
                             read<describe_global_table_response>,
                             read<describe_global_table_settings_response>,
                             read<describe_import_response>,
                             read<describe_kinesis_streaming_destination_response>,
                             read<describe_limits_response>,
                             read<describe_table_replica_auto_scaling_response>,
                             read<describe_time_to_live_response>,
                             read<disable_kinesis_streaming_destination_response>,
                             read<enable_kinesis_streaming_destination_response>,
                             read<execute_statement_response>,
                             read<execute_transaction_response>,
                             read<export_table_to_point_in_time_response>,
                             read<get_resource_policy_response>,
                             read<import_table_response>,
                             read<list_backups_response>,
                             read<list_contributor_insights_response>,
                             read<list_exports_response>,
                             read<list_global_tables_response>,
                             read<list_imports_response>,
                             read<list_tables_response>,
                             read<list_tags_of_resource_response>,
                             read<put_resource_policy_response>,
                             read<restore_table_from_backup_response>,
                             read<restore_table_to_point_in_time_response>,
                             read<tag_resource_response>,
                             read<untag_resource_response>,
                             read<update_continuous_backups_response>,
                             read<update_contributor_insights_response>,
                             read<update_global_table_response>,
                             read<update_global_table_settings_response>,
                             read<update_kinesis_streaming_destination_response>,
                             read<update_table_response>,
                             read<update_table_replica_auto_scaling_response>,
                             read<update_time_to_live_response>};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    for (auto const reader : usual) reader(text);
    // One of the others, by the text's last byte.
    if (size != 0) others[data[size - 1] % std::size(others)](text);

    auto const error = detail::read_service_error(400, {}, text);
    fuzz::require(error.name.find(':') == std::string::npos, "an error's name ends at a colon");
    if (!error.item.empty()) {
        json_reader in(error.item);
        (void)in.skip_value();
        in.finish();
    }
    // As header and body at once.
    auto const end = std::min(text.find('\n'), text.size());
    (void)detail::read_service_error(500, text.substr(0, end), text.substr(end));
    (void)detail::table_of(text);
    return 0;
}
