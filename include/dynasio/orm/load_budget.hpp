#ifndef DYNASIO_ORM_LOAD_BUDGET_HPP
#define DYNASIO_ORM_LOAD_BUDGET_HPP

#include <cstdint>
#include <optional>

namespace dynasio {

/// The most that a whole load may cost, the entities that it begins with and all relations together. An option of
/// reads: `users.where(…, with<&User::posts>(), load_budget().requests(200).read_units(50))`.
///
/// A load that would exceed it throws errc::load_budget_exceeded, whose text has the relation that was to be read next,
/// what had been consumed, and the budget; diagnostics::relation_path is that relation. The requests under way are
/// cancelled, and every entity stays as it was. A load that needs nothing more completes, whatever its last answers
/// cost.
///
/// - requests(n): never more than n requests are sent, not counting those that the client repeats. The load stops as
///   soon as it knows that more are needed, which can be before the first one.
/// - read_units(x): nothing further is sent once the answers have reported x capacity units or more. What was under way
///   by then may exceed it: a Query or Scan by the 128 units of its page of 1 MB, a BatchGetItem by about 2,048,
///   because its answer can have 16 MB and each item is rounded up; twice that with `consistent`. A Query of a local
///   index that does not project what is read also costs each of its items, rounded up, from the table. Asks the
///   service to report capacity; servers that report none are not bounded.
///
/// Rules and limits: Amazon DynamoDB Developer Guide, "DynamoDB read consumption" and "Local Secondary Indexes", and
/// the API Reference of BatchGetItem.
///
/// A budget of 0 is errc::invalid_argument. Of pages() and for_each_page() each page has the budget to itself; a query
/// with where_has<> has one for all the parts of which an operation consists. For the query of an operation alone,
/// without relations, there are max_requests and max_read_units.
class load_budget {
public:
    load_budget& requests(std::uint64_t n) noexcept {
        requests_ = n;
        return *this;
    }
    load_budget& read_units(double units) noexcept {
        read_units_ = units;
        return *this;
    }
    [[nodiscard]] std::optional<std::uint64_t> requests() const noexcept { return requests_; }
    [[nodiscard]] std::optional<double> read_units() const noexcept { return read_units_; }

private:
    std::optional<std::uint64_t> requests_{};
    std::optional<double> read_units_{};
};

namespace dsl {

using dynasio::load_budget;

} // namespace dsl

} // namespace dynasio

#endif
