#ifndef DYNASIO_DYNAMODB_OPERATION_HPP
#define DYNASIO_DYNAMODB_OPERATION_HPP

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dynasio::dynamodb {

/// The operations of the DynamoDB API (version 2012-08-10) that this library speaks.
enum class operation : std::uint8_t {
    batch_get_item,
    batch_write_item,
    create_table,
    delete_item,
    delete_table,
    describe_table,
    get_item,
    put_item,
    query,
    scan,
    update_item,
};
inline constexpr std::size_t operation_count = 11;

/// "GetItem": as in X-Amz-Target.
[[nodiscard]] std::string_view to_string(operation op) noexcept;
/// Whether the operation only reads.
[[nodiscard]] bool is_read(operation op) noexcept;

} // namespace dynasio::dynamodb

#endif
