#ifndef DYNASIO_SRC_ORM_WIRE_TRANSACTION_WRITE_HPP
#define DYNASIO_SRC_ORM_WIRE_TRANSACTION_WRITE_HPP

#include <dynasio/dynamodb/detail/request_subject.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "decided_write.hpp"

namespace dynasio::detail {

/// Several writes as one TransactWriteItems: all of them happen, or none. It does no I/O.
class transaction_write {
public:
    /// Throws errc::batch_too_large for more than 100 writes and for more than 4 MB, and errc::invalid_argument for two
    /// writes of one item and for a write that no transaction can carry out. `table_prefix` is the client's.
    transaction_write(std::vector<decided_write> writes, std::string table_prefix);

    [[nodiscard]] bool empty() const noexcept { return writes_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return writes_.size(); }

    /// Appends the body of the request. With the same `token`, the service carries equal bodies out once.
    void append_body(std::string& out, std::string_view token) const;
    /// The tables and keys, one target for each action. Valid as long as this object stays where it is.
    [[nodiscard]] dynamodb::detail::request_subject subject() const noexcept;

    /// Call it when the transaction succeeded. Assigns keys, times and versions to the entities.
    void apply() const;
    /// Call it when the transaction failed. Returns the error for the caller: when it was cancelled, that of the first
    /// action whose reason does not pass by itself, or of the first one that failed; see item_write::meaning_of(). When
    /// the outcome is unknown, entities keep the keys that were made for them.
    [[nodiscard]] error meaning_of(error const& e) const;

private:
    static void tell(dynamodb::detail::request_subject const& self, std::string_view body, std::string_view prefix,
                     dynamodb::detail::request_targets& out);
    [[nodiscard]] error meaning_of_action(std::size_t i, error const& e) const;
    void check() const;

    std::vector<decided_write> writes_;
    std::string table_prefix_;
};

/// Which action of a cancelled transaction its error is about: the first whose reason does not pass by itself, else the
/// first that failed; reasons.size() when none did.
[[nodiscard]] std::size_t decisive_reason(std::vector<cancellation_reason> const& reasons) noexcept;

} // namespace dynasio::detail

#endif
