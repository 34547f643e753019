#ifndef DYNASIO_SRC_ORM_WIRE_TRANSACTION_WRITE_HPP
#define DYNASIO_SRC_ORM_WIRE_TRANSACTION_WRITE_HPP

#include <dynasio/dynamodb/detail/request_subject.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "decided_write.hpp"
#include "unique_guards.hpp"

namespace dynasio::detail {

/// Several writes as one TransactWriteItems: all of them happen, or none. The guards of unique<> members change with
/// them. It does no I/O.
class transaction_write {
public:
    /// Throws errc::batch_too_large for more than 100 actions and for more than 4 MB, errc::invalid_argument for two
    /// writes of one item and for a write that no transaction can carry out, and what guard_plan::decide() throws.
    /// `table_prefix` is the client's.
    transaction_write(std::vector<decided_write> writes, std::string table_prefix);

    [[nodiscard]] bool empty() const noexcept { return writes_.empty(); }
    /// The number of actions: writes, and what guards need.
    [[nodiscard]] std::size_t size() const noexcept { return writes_.size() + guards_.size(); }
    [[nodiscard]] std::vector<decided_write> const& writes() const noexcept { return writes_; }
    [[nodiscard]] bool touches_unique() const noexcept;
    [[nodiscard]] bool changes_guards() const noexcept { return guards_.size() != 0; }

    /// Appends the body of the request. With the same `token`, the service carries equal bodies out once.
    void append_body(std::string& out, std::string_view token) const;
    /// The tables and keys, one target for each action. Valid as long as this object stays where it is.
    [[nodiscard]] dynamodb::detail::request_subject subject() const noexcept;

    /// Call it when the transaction was cancelled, or when the one write was refused that was sent alone because it
    /// changes no guards. Whether what was learned lets it succeed, and how it goes on: `again` with the body that it
    /// has now, `ask` with question(). Throws what the constructor throws.
    [[nodiscard]] guard_plan::next learn(std::vector<cancellation_reason> const& reasons);
    [[nodiscard]] std::string question() const { return guards_.question(table_prefix_); }
    [[nodiscard]] guard_plan::next answer(std::string_view item);
    /// The error when one of the two has given `refuse`.
    [[nodiscard]] error refusal(error const& because) const { return guards_.refusal(because, writes_, table_prefix_); }

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
    [[nodiscard]] error meaning_of_guard(std::size_t i, error const& e) const;
    [[nodiscard]] std::string words_for_action(std::size_t i) const;
    [[noreturn]] void refuse(errc code, decided_write const& one, std::string message) const;
    void decide_guards();
    void check() const;
    void check_count() const;

    std::vector<decided_write> writes_;
    std::string table_prefix_;
    guard_plan guards_{};
    std::size_t rounds_ = 0;
};

/// Which action of a cancelled transaction its error is about: the first whose reason does not pass by itself, else the
/// first that failed; reasons.size() when none did.
[[nodiscard]] std::size_t decisive_reason(std::vector<cancellation_reason> const& reasons) noexcept;

} // namespace dynasio::detail

#endif
