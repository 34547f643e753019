#ifndef DYNASIO_DYNAMODB_DETAIL_REQUEST_SUBJECT_HPP
#define DYNASIO_DYNAMODB_DETAIL_REQUEST_SUBJECT_HPP

#include <dynasio/dynamodb/throttling.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::dynamodb::detail {

/// One table or index that a request goes to.
struct request_target {
    std::string table{}; ///< Physical name.
    std::string index{}; ///< Empty when the request goes to the table itself.
    /// Fingerprint of the one partition that the request reads or writes. Where the name of the partition key is not
    /// known, the fingerprint of the whole key, or of the key condition with its values. 0 when the request has no key
    /// or several keys.
    std::uint64_t key = 0;
    /// Name of the partition key's attribute, where the sender of the request knows it: raw requests to the same table
    /// are understood by it. Empty otherwise.
    std::string partition_name{};
    /// The same for a write whose item tells the partitions of indexes.
    struct index_key {
        std::string index;
        std::uint64_t key;
    };
    std::vector<index_key> index_keys{};

    /// The fingerprint of the request's partition in the table or index of this name; 0 when it is not known.
    [[nodiscard]] std::uint64_t key_in(std::string_view table_or_index) const noexcept;
};

/// The tables, indexes and partitions that a request reads or writes. Throttling, hedging and observers need them.
struct request_targets {
    capacity_kind kind = capacity_kind::read;
    std::vector<request_target> targets{}; ///< In the order of the request's tables or actions.
    std::string relation_path{};           ///< "User.posts.comments"; empty for requests that load no relation.
};

/// Fingerprint of the partition whose key attribute `name` has this value in wire form; 0 for an empty value.
[[nodiscard]] std::uint64_t partition_fingerprint(std::string_view name, std::string_view value) noexcept;

/// A function that finds the request_targets of a request. They are needed only when a table is throttled, a read may
/// be hedged, or there is an observer, so a request carries the function and not its result. A request without a
/// function, such as one of the client's own operations, whose bodies any program may make, has its body read instead.
struct request_subject {
    /// Adds the targets to `out`. `body` is the body of the request, `table_prefix` the client's prefix of table names.
    /// Called on the client's executor while the call is under way, at most once for each call.
    void (*tell)(request_subject const& self, std::string_view body, std::string_view table_prefix,
                 request_targets& out) = nullptr;
    void const* who = nullptr; ///< The object that `tell` works on; it must outlive the call.
    // A piece of the body for `tell`. A GetItem of the ORM keeps the position and size of its key here.
    std::uint32_t at = 0;
    std::uint32_t size = 0;
};

} // namespace dynasio::dynamodb::detail

#endif
