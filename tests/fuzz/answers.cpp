// Bodies of answers, of each operation on items and tables, read into their responses; and the errors among them.

#include <dynasio/dynamodb/detail/service_error.hpp>
#include <dynasio/dynamodb/json.hpp>
#include <dynasio/dynamodb/requests.hpp>

#include <algorithm>
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

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    auto const text = fuzz::text_of(data, size);
    read<get_item_response>(text);
    read<put_item_response>(text);
    read<update_item_response>(text);
    read<delete_item_response>(text);
    read<query_response>(text);
    read<scan_response>(text);
    read<batch_get_item_response>(text);
    read<batch_write_item_response>(text);
    read<create_table_response>(text);
    read<describe_table_response>(text);
    read<delete_table_response>(text);

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
