#ifndef DYNASIO_SRC_ORM_LOAD_ESTIMATE_HPP
#define DYNASIO_SRC_ORM_LOAD_ESTIMATE_HPP

#include <dynasio/orm/load_assumptions.hpp>
#include <dynasio/orm/load_report.hpp>

#include <map>
#include <string>
#include <unordered_map>

#include "load_plan.hpp"

namespace dynasio::detail {

/// What a plan is expected to cost under assumptions. The rules are those of the Amazon DynamoDB Developer Guide,
/// "DynamoDB read consumption": a Query or Scan is charged for the sum of what it reads, rounded up to 4 KB, and never
/// for less than that; BatchGetItem rounds each item, also one that does not exist; half of it without strong
/// consistency. A page ends at 1 MB. Makes no requests and reads no clock.
class load_estimate {
public:
    /// `given`: how many entities or keys the load begins with; not used for a load that begins with a query.
    load_estimate(load_plan const& plan, load_assumptions const& assumed, double given);

    /// The cost of one target; null when nothing is read for it.
    [[nodiscard]] load_cost const* of(load_target const& target) const;
    /// All of it. Keys share batches with those of other relations as far as both are there at the same time.
    [[nodiscard]] load_cost const& total() const noexcept { return total_; }
    /// "10 User, 10 entities for each parent, 1024 bytes an item"
    [[nodiscard]] std::string assumptions() const;

private:
    void below(load_target const& target, double rows, int wave);
    /// Adds the cost of a target's rows and returns how many of them lead further. `owners`: the rows that ask for it.
    double read(load_target const& target, double owners, int wave);
    double read_keys(load_target const& target, double keys, int wave);
    double read_by_queries(load_target const& target, double owners, int wave);
    void ask_keys(load_cost& cost, double keys, double bytes, int wave);
    [[nodiscard]] double children_of(load_target const& target) const;
    [[nodiscard]] double matching_of(load_target const& target) const;
    [[nodiscard]] double bytes_of(load_source const& source) const;

    load_plan const& plan_;
    load_assumptions const& assumed_;
    double given_;
    std::unordered_map<load_target const*, load_cost> costs_{};
    std::unordered_map<load_source const*, double> asked_{}; // keys, or owners of queries, so far
    std::map<int, double> keys_by_wave_{};                   // those that can share batches
    load_cost total_{};
};

/// Throws errc::invalid_argument for numbers that no data can have.
void check_assumptions(load_assumptions const& assumed);

/// A number without more decimals than it needs: "12", "0.5", "17.3".
[[nodiscard]] std::string short_figure(double n);

} // namespace dynasio::detail

#endif
