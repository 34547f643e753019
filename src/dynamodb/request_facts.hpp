#ifndef DYNASIO_SRC_DYNAMODB_REQUEST_FACTS_HPP
#define DYNASIO_SRC_DYNAMODB_REQUEST_FACTS_HPP

#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/throttling.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "partition_names.hpp"

namespace dynasio::dynamodb::detail {

/// One table or index that a request goes to.
struct request_target {
    std::string table{};
    std::string index{}; ///< Empty: the table itself.
    /// Fingerprint of the one partition that the request is about, where its key's name is known; else of the whole
    /// key, or of the key condition with its values. 0: none, or several keys.
    std::uint64_t key = 0;
    /// The same for a write whose item tells the partitions of indexes.
    struct index_key {
        std::string index;
        std::uint64_t key;
    };
    std::vector<index_key> index_keys{};

    /// The key by which the request is about the table or the index; 0 where that cannot be told.
    [[nodiscard]] std::uint64_t key_in(std::string_view table_or_index) const noexcept;
};

/// What a request is about, read from its body.
struct request_facts {
    capacity_kind kind = capacity_kind::read;
    std::vector<request_target> targets{}; ///< In the order of the request's tables or actions.
};

/// Never throws for what the body is; costs a pass over it. Names of partition keys that it tells are learned.
[[nodiscard]] request_facts read_request_facts(operation op, std::string_view body, partition_names& names);

/// Whether an operation is about items, and so takes a table's capacity and can report it.
[[nodiscard]] bool takes_capacity(operation op) noexcept;

/// Whether the statement's first word is SELECT. What is not understood (a comment, a parenthesis) counts as a write.
[[nodiscard]] bool is_select(std::string_view statement) noexcept;
/// Whether a request reads or writes: unlike is_read(), it knows PartiQL's SELECT by the body.
[[nodiscard]] capacity_kind kind_of(operation op, std::string_view body) noexcept;

/// "arn:aws:dynamodb:us-east-1:123456789012:table/users/index/by_email" is users and by_email; a plain name is that
/// table.
struct named_resource {
    std::string_view table;
    std::string_view index;
};
[[nodiscard]] named_resource split_resource(std::string_view arn) noexcept;

} // namespace dynasio::dynamodb::detail

#endif
