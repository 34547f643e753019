#ifndef DYNASIO_SRC_ORM_WIRE_TRANSACTION_READ_HPP
#define DYNASIO_SRC_ORM_WIRE_TRANSACTION_READ_HPP

#include <dynasio/orm/detail/together.hpp>

#include <dynasio/dynamodb/detail/request_subject.hpp>

#include <dynasio/core/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dynasio::detail {

/// Reads of several entities as one TransactGetItems. It does no I/O.
class transaction_read {
public:
    /// Throws the error of a key that could not be made, and errc::batch_too_large for more than 100 distinct keys.
    transaction_read(std::vector<planned_read> reads, std::string table_prefix);

    [[nodiscard]] bool empty() const noexcept { return reads_.empty(); }
    void append_body(std::string& out) const;
    /// The tables and keys, one target for each action. Valid as long as this object stays where it is.
    [[nodiscard]] dynamodb::detail::request_subject subject() const noexcept;

    /// Reads the answer into the places and returns the capacity units. Throws for an answer that does not fit the
    /// request; all places are empty then.
    [[nodiscard]] double read_answer(std::string_view body);
    /// The error for the caller: that of the first refused action, if the transaction was cancelled.
    [[nodiscard]] error meaning_of(error const& e) const;

    /// The entities whose hooks of after_read are still to be called.
    [[nodiscard]] std::vector<std::pair<entity_type const*, void*>> awaiting_hooks() const;

private:
    static void tell(dynamodb::detail::request_subject const& self, std::string_view body, std::string_view prefix,
                     dynamodb::detail::request_targets& out);
    [[nodiscard]] planned_read const& read_of(std::size_t action) const noexcept { return reads_[actions_[action]]; }
    void read_item(std::size_t action, std::string_view json) const;

    std::vector<planned_read> reads_;
    std::vector<std::size_t> actions_{};   // for each action of the request, the first read that it serves
    std::vector<std::size_t> action_of_{}; // for each read, its action
    std::string table_prefix_;
};

} // namespace dynasio::detail

#endif
