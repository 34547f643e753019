#ifndef DYNASIO_DYNAMODB_CAPACITY_HPP
#define DYNASIO_DYNAMODB_CAPACITY_HPP

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio {

/// The detail in which the service is asked to report consumed capacity.
enum class capacity_detail : std::uint8_t {
    none,
    total,  ///< One figure per table.
    indexes ///< A table's own figure and one for each index.
};

/// Capacity units that one table or index consumed.
struct capacity_usage {
    std::string table{}; ///< Physical name.
    /// Empty: the table itself, or the table with its indexes where the service reported only totals.
    std::string index{};
    double read_units = 0;
    double write_units = 0;
};

/// Consumed capacity by table and index, as the service reported it, summed over all calls that were given this report.
///
///     capacity_report spent;
///     co_await users.find(id, call_options().account(spent));
///     co_await db.query(request, call_options().account(spent));
///     for (auto const& one : spent.usage()) …
///
/// While calls that add to it are running, it may be used on the client's executor only.
class capacity_report {
public:
    /// Usages in the order in which their tables and indexes were first reported.
    [[nodiscard]] std::span<capacity_usage const> usage() const noexcept { return usage_; }
    /// The usage of a table (with an empty `index`) or index; nullptr when none was reported.
    [[nodiscard]] capacity_usage const* find(std::string_view table, std::string_view index = {}) const noexcept;
    [[nodiscard]] double read_units() const noexcept;  ///< Of all tables and indexes.
    [[nodiscard]] double write_units() const noexcept; ///< Of all tables and indexes.
    /// Number of answers that reported capacity.
    [[nodiscard]] std::uint64_t answers() const noexcept { return answers_; }

    void add(std::string_view table, std::string_view index, double read_units, double write_units);
    void add(capacity_report const& other);
    void count_answer() noexcept { ++answers_; }
    void clear() noexcept;

private:
    std::vector<capacity_usage> usage_{};
    std::uint64_t answers_ = 0;
};

} // namespace dynasio

#endif
