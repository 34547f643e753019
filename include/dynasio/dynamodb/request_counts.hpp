#ifndef DYNASIO_DYNAMODB_REQUEST_COUNTS_HPP
#define DYNASIO_DYNAMODB_REQUEST_COUNTS_HPP

#include <dynasio/dynamodb/operation.hpp>

#include <array>
#include <cstddef>
#include <cstdint>

namespace dynasio::dynamodb {

/// Requests of one client that were answered since its start, by operation: `db.requests()[operation::query]`. A copy
/// does not change, so that the difference of two copies gives the requests between them.
struct request_counts {
    std::array<std::uint64_t, operation_count> by_operation{};
    std::uint64_t retries = 0;

    [[nodiscard]] std::uint64_t operator[](operation op) const noexcept {
        return by_operation[static_cast<std::size_t>(op)];
    }
    [[nodiscard]] std::uint64_t total() const noexcept {
        std::uint64_t sum = 0;
        for (auto const n : by_operation) sum += n;
        return sum;
    }
};

} // namespace dynasio::dynamodb

#endif
