#ifndef DYNASIO_TESTING_DETAIL_REQUEST_FACTS_HPP
#define DYNASIO_TESTING_DETAIL_REQUEST_FACTS_HPP

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::testing::detail {

/// The parts of a request's body that are recorded; see recorded_request.
struct request_facts {
    std::vector<std::string> tables{};
    std::vector<std::string> keys{};
    std::string index{};
};

/// Reads a request's body. If it is not JSON or not of the operation's form, the result has the facts read up to that
/// point.
[[nodiscard]] request_facts read_request_facts(std::string_view operation, std::string_view body);

/// Canonical JSON of a key or item; `json` itself when it is neither.
[[nodiscard]] std::string canonical_key(std::string_view json);

/// "BatchGetItem" of "DynamoDB_20120810.BatchGetItem".
[[nodiscard]] std::string_view operation_of_target(std::string_view amz_target) noexcept;

/// Whether the operation is a transaction: TransactWriteItems, TransactGetItems, ExecuteTransaction.
[[nodiscard]] bool is_transaction(std::string_view operation) noexcept;
/// How many items or statements a transaction has; 0 for other operations.
[[nodiscard]] std::size_t transaction_size(std::string_view operation, std::string_view body);

} // namespace dynasio::testing::detail

#endif
