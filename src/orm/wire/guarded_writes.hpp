#ifndef DYNASIO_SRC_ORM_WIRE_GUARDED_WRITES_HPP
#define DYNASIO_SRC_ORM_WIRE_GUARDED_WRITES_HPP

#include <dynasio/dynamodb/detail/request_source.hpp>

#include <dynasio/core/error.hpp>

#include <optional>
#include <string>
#include <vector>

#include "transaction_write.hpp"

namespace dynasio::detail {

/// Writes that touch unique<> members, and succeed or fail together, as requests that are sent one after the other. The
/// first one is sent as if what is stored were what the writes expect; its refusal tells what is, and the next one
/// follows from that. One write that changes no guard is sent alone, else all are a transaction. It does no I/O;
/// drive() sends its requests.
class guarded_writes final : public dynamodb::detail::request_source {
public:
    /// `token` is that of the first transaction; nothing lets each have its own. Throws what transaction_write throws.
    guarded_writes(std::vector<decided_write> writes, std::string table_prefix,
                   std::optional<std::string> token = std::nullopt);
    guarded_writes(transaction_write writes, std::optional<std::string> token);

    std::optional<request> next(time_point now) override;
    [[nodiscard]] bool ready(time_point /*now*/) const override { return !under_way_ && !ended_; }
    [[nodiscard]] std::optional<time_point> wake_at() const override { return std::nullopt; }
    [[nodiscard]] bool sequential() const override { return true; }
    [[nodiscard]] bool done() const noexcept override { return ended_; }
    void on_answer(std::size_t id, answer const& got) override;
    void describe(std::size_t id, diagnostics& d) const override;
    [[nodiscard]] bool takes_failure(std::size_t id, error const& e) override;
    void on_failure(std::size_t id, error const& e) override;

    /// After done(): the error when the writes have failed. Else the caller applies them.
    [[nodiscard]] std::optional<error> const& failed() const noexcept { return failed_; }
    [[nodiscard]] std::vector<decided_write> const& writes() const noexcept { return transaction_.writes(); }
    /// Of one removal: whether there was an item.
    [[nodiscard]] bool existed() const noexcept { return existed_; }
    [[nodiscard]] double write_units() const noexcept { return write_units_; }
    [[nodiscard]] double read_units() const noexcept { return read_units_; }

private:
    [[nodiscard]] bool is_alone() const noexcept;
    [[nodiscard]] bool removes_nothing() const noexcept;
    [[nodiscard]] std::string next_token();
    [[nodiscard]] dynamodb::operation operation() const noexcept;
    void end(error const& e);
    void go_on(guard_plan::next next, error const& because);

    transaction_write transaction_;
    std::optional<std::string> token_;
    std::size_t transactions_ = 0;
    bool under_way_ = false;
    bool ended_ = false;
    bool existed_ = false;
    std::optional<error> asks_because_{}; // set while the owner of a guard is asked for: why
    std::optional<error> failed_{};
    double write_units_ = 0;
    double read_units_ = 0;
};

} // namespace dynasio::detail

#endif
