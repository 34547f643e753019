#ifndef DYNASIO_SRC_DYNAMODB_REQUEST_TARGETS_HPP
#define DYNASIO_SRC_DYNAMODB_REQUEST_TARGETS_HPP

#include <dynasio/dynamodb/detail/request_subject.hpp>
#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/throttling.hpp>

#include <string_view>

#include "partition_names.hpp"

namespace dynasio::dynamodb::detail {

/// What a request is about, read from its body. Never throws for what the body is; costs a pass over it. Names of
/// partition keys that it tells are learned.
[[nodiscard]] request_targets read_request_targets(operation op, std::string_view body, partition_names& names);

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
