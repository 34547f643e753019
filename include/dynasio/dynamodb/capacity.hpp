#ifndef DYNASIO_DYNAMODB_CAPACITY_HPP
#define DYNASIO_DYNAMODB_CAPACITY_HPP

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio {

/// How much of consumed capacity the service is asked to report.
enum class capacity_detail : std::uint8_t {
    none,
    total,  ///< One figure per table.
    indexes ///< A table's own figure and one for each index.
};

/// Capacity units that one table or index took.
struct capacity_usage {
    std::string table{}; ///< Physical name.
    /// Empty: the table itself; all of it, indexes too, where the service reported only totals.
    std::string index{};
    double read_units = 0;
    double write_units = 0;
};

/// Consumed capacity by table and index, as the service reported it, summed over all calls that it was given to: a unit
/// of work.
///
///     capacity_report spent;
///     co_await users.find(id, call_options().account(spent));
///     co_await db.query(request, call_options().account(spent));
///     for (auto const& one : spent.usage()) …
///
/// Belongs to the client's executor while calls that add to it are under way.
class capacity_report {
public:
    /// In the order in which they were first reported.
    [[nodiscard]] std::span<capacity_usage const> usage() const noexcept { return usage_; }
    /// What a table (with an empty `index`) or index took; nullptr when nothing was reported.
    [[nodiscard]] capacity_usage const* find(std::string_view table, std::string_view index = {}) const noexcept;
    [[nodiscard]] double read_units() const noexcept;  ///< Of all tables and indexes.
    [[nodiscard]] double write_units() const noexcept; ///< Of all tables and indexes.
    /// Answers that reported capacity.
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
