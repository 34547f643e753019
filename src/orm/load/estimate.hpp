#ifndef DYNASIO_SRC_ORM_LOAD_ESTIMATE_HPP
#define DYNASIO_SRC_ORM_LOAD_ESTIMATE_HPP

#include <dynasio/orm/load_assumptions.hpp>
#include <dynasio/orm/load_report.hpp>

#include <compare>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

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
    /// How many entities the load begins with, or finds by its query.
    [[nodiscard]] double roots() const noexcept { return roots_; }
    /// "10 User, 10 entities for each parent, 1024 bytes an item"
    [[nodiscard]] std::string assumptions() const;

private:
    void below(load_target const& target, double rows, int wave);
    /// Adds the cost of a target's rows and returns how many of them lead further. `owners`: the rows of `parent` that
    /// ask for it; the root has no parent.
    double read(load_target const& target, load_target const* parent, double owners, int wave);
    /// Adds what the item collections cost of the owners, with what lies in their partitions.
    double read_collections(load_source const& whole, load_target const& target, double owners);
    double read_keys(load_target const& target, double keys, int wave);
    double read_by_queries(load_target const& target, load_target const* parent, double owners, int wave);
    /// Notes that `owners` rows of `parent` ask for the target by queries, and returns how many of the queries nobody
    /// has asked for yet.
    double ask_queries(load_target const& target, load_target const* parent, double owners);
    /// How many different queries a source has been asked for.
    [[nodiscard]] double different_queries(load_source const& source) const;
    void ask_keys(load_cost& cost, double keys, double bytes, int wave);
    [[nodiscard]] double children_of(load_target const& target) const;
    [[nodiscard]] double matching_of(load_target const& target) const;
    [[nodiscard]] double bytes_of(load_source const& source) const;

    load_plan const& plan_;
    load_assumptions const& assumed_;
    double given_;
    double roots_ = 0;
    std::unordered_map<load_target const*, load_cost> costs_{};
    std::unordered_map<load_source const*, double> asked_{}; // keys so far
    std::map<int, double> keys_by_wave_{};                   // those that can share batches

    /// Who asks a source by the same values: a target, and the attributes that have them. Requests are shared by
    /// relations that ask the same of the same rows, and not by those that only lead to one source.
    struct asker {
        load_source const* source;
        load_target const* parent; ///< The first of those that have the same rows; null for the root.
        std::vector<attribute_index> by;
        auto operator<=>(asker const&) const = default;
    };
    struct asked_queries {
        load_target const* first; ///< Of the targets that are asked for so.
        double owners = 0;
    };
    std::map<asker, asked_queries> queries_{};
    std::unordered_map<load_target const*, load_target const*> same_rows_{}; // as the first one of them
    load_cost total_{};
};

/// Throws errc::invalid_argument for numbers that no data can have.
void check_assumptions(load_assumptions const& assumed);
/// The same for names of which a load that begins with this type can tell that there is no such relation. Other names
/// may be those of other loads.
void check_assumed_names(load_assumptions const& assumed, entity_type const& root);

/// A number without more decimals than it needs: "12", "0.5", "17.3".
[[nodiscard]] std::string short_figure(double n);

} // namespace dynasio::detail

#endif
