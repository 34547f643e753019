#ifndef DYNASIO_SRC_DYNAMODB_REQUEST_TARGETS_HPP
#define DYNASIO_SRC_DYNAMODB_REQUEST_TARGETS_HPP

#include <dynasio/dynamodb/detail/request_subject.hpp>
#include <dynasio/dynamodb/operation.hpp>
#include <dynasio/dynamodb/throttling.hpp>

#include <string_view>

#include "partition_names.hpp"

namespace dynasio::dynamodb::detail {

/// The tables, indexes and partitions of a request, read from its body in one pass. Malformed bodies give fewer facts
/// and no exception. Names of partition keys that the body reveals are stored for later requests.
[[nodiscard]] request_targets read_request_targets(operation op, std::string_view body, partition_names& names);

/// Whether an operation reads or writes items, so that it takes the capacity of a table and can report it.
[[nodiscard]] bool takes_capacity(operation op) noexcept;

/// Whether the statement's first word is SELECT. What is not understood (a comment, a parenthesis) counts as a write.
[[nodiscard]] bool is_select(std::string_view statement) noexcept;
/// Whether a request reads or writes. Unlike is_read(), it recognises a PartiQL SELECT by the body.
[[nodiscard]] capacity_kind kind_of(operation op, std::string_view body) noexcept;

/// The table and index of an ARN: "arn:aws:dynamodb:us-east-1:123456789012:table/users/index/by_email" gives users and
/// by_email. A plain name is the name of a table.
struct named_resource {
    std::string_view table;
    std::string_view index;
};
[[nodiscard]] named_resource split_resource(std::string_view arn) noexcept;

} // namespace dynasio::dynamodb::detail

#endif
