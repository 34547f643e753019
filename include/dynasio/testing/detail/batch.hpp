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
    std::string options{};              ///< BatchGetItem: the other members, each with a comma before it.
};

/// A batch request divided in two.
struct divided_batch {
    std::string forward{};                  ///< Body of what is left to forward; empty when there is nothing.
    std::vector<table_batch> unprocessed{}; ///< What is held back.
    std::size_t held_back{};                ///< Keys in `unprocessed`.
};

[[nodiscard]] bool is_batch(std::string_view operation) noexcept;

/// Throws errc::malformed_response when `body` is no body of that batch operation.
[[nodiscard]] divided_batch divide_batch(std::string_view operation, std::string_view body, key_selector const& held);

/// The answer with `held` added to what the server itself left unprocessed. An empty `answer` stands for the answer of
/// a server that processed nothing. Throws errc::malformed_response when it is no answer of that operation.
[[nodiscard]] std::string add_unprocessed(std::string_view operation, std::string_view answer,
                                          std::vector<table_batch> held);

} // namespace dynasio::testing::detail

#endif
