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
    std::string index{}; ///< Empty: the table itself.
    /// Fingerprint of the one partition that the request is about, where the name of its key attribute is known;
    /// otherwise of the whole key, or of the key condition with its values. 0: none, or several keys.
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

    /// The key by which the request is about the table or the index; 0 where that cannot be told.
    [[nodiscard]] std::uint64_t key_in(std::string_view table_or_index) const noexcept;
};

/// What a request is about: what throttling, hedging and observers have to know of it.
struct request_targets {
    capacity_kind kind = capacity_kind::read;
    std::vector<request_target> targets{}; ///< In the order of the request's tables or actions.
    std::string relation_path{};           ///< "User.posts.comments"; empty for requests that load no relation.
};

/// Fingerprint of the partition whose key attribute `name` has this value in wire form; 0 for an empty value.
[[nodiscard]] std::uint64_t partition_fingerprint(std::string_view name, std::string_view value) noexcept;

/// Who knows what a request is about. Nearly no request is ever asked: only a throttled table, a hedged read or an
/// observer asks, so a request carries the way to find out, and not the answer. Without one the request's body is
/// read, as for the client's own operations, whose bodies come from anywhere.
struct request_subject {
    /// Adds the targets. `body` is the request's, `table_prefix` the client's. Called on the client's executor while
    /// the call is under way, at most once for each call.
    void (*tell)(request_subject const& self, std::string_view body, std::string_view table_prefix,
                 request_targets& out) = nullptr;
    void const* who = nullptr; ///< Whatever `tell` makes of it; it must outlive the call.
    // A piece of the body, for `tell`: the value of the partition key in wire form.
    std::uint32_t at = 0;
    std::uint32_t size = 0;
};

} // namespace dynasio::dynamodb::detail

#endif
