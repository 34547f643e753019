#ifndef DYNASIO_DYNAMODB_DETAIL_SERVICE_ERROR_HPP
#define DYNASIO_DYNAMODB_DETAIL_SERVICE_ERROR_HPP

#include <dynasio/core/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace dynasio::dynamodb::detail {

/// An error answer in the awsJson1_0 protocol.
struct service_error {
    service_errc code = service_errc::unknown;
    std::string name{};    ///< "ResourceNotFoundException"; empty when the answer has none.
    std::string message{}; ///< As received; empty when the answer has none.
    std::string item{};    ///< JSON of the item of a failed condition.
    std::vector<throttling_reason> throttling_reasons{};
    std::vector<cancellation_reason> cancellation_reasons{};
};

/// Reads an error from the header X-Amzn-Errortype and the body. If the body is not JSON (a proxy's page, or empty),
/// the status decides. Never throws because of the peer's data.
[[nodiscard]] service_error read_service_error(unsigned status, std::string_view error_type, std::string_view body);

/// "com.amazonaws.dynamodb.v20120810#Name:http://…" is "Name".
[[nodiscard]] std::string_view bare_error_name(std::string_view text) noexcept;
[[nodiscard]] service_errc service_code_of(std::string_view name) noexcept;
/// The code of one cancellation_reason: what the service would have answered to that action alone. A reason that is not
/// known is service_errc::transaction_canceled.
[[nodiscard]] service_errc service_code_of(cancellation_reason const& reason) noexcept;

/// The table (the first one of a batch) that a request body names; empty when it names none.
[[nodiscard]] std::string table_of(std::string_view request_body);

} // namespace dynasio::dynamodb::detail

#endif
