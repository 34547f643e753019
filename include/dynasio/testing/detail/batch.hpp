#ifndef DYNASIO_TESTING_DETAIL_BATCH_HPP
#define DYNASIO_TESTING_DETAIL_BATCH_HPP

#include <dynasio/testing/key_selector.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::testing::detail {

/// One table of RequestItems, UnprocessedKeys or UnprocessedItems. All members but the name are JSON text.
struct table_batch {
    std::string table{};
    std::vector<std::string> entries{}; ///< Keys, or PutRequest and DeleteRequest objects.
    std::string options{};              ///< BatchGetItem: the other members, each preceded by a comma.
};

/// A batch request divided into a forwarded part and one that is held back.
struct divided_batch {
    std::string forward{};                  ///< Body of the forwarded part; empty if there is none.
    std::vector<table_batch> unprocessed{}; ///< The part that is held back.
    std::size_t held_back{};                ///< Keys in `unprocessed`.
};

[[nodiscard]] bool is_batch(std::string_view operation) noexcept;

/// Throws errc::malformed_response when `body` is not a body of that batch operation.
[[nodiscard]] divided_batch divide_batch(std::string_view operation, std::string_view body, key_selector const& held);

/// The answer with `held` added to the entries that the server itself left unprocessed. An empty `answer` stands for
/// that of a server that processed nothing. Throws errc::malformed_response when `answer` is not an answer of that
/// operation.
[[nodiscard]] std::string add_unprocessed(std::string_view operation, std::string_view answer,
                                          std::vector<table_batch> held);

} // namespace dynasio::testing::detail

#endif
