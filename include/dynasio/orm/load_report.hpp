#ifndef DYNASIO_ORM_LOAD_REPORT_HPP
#define DYNASIO_ORM_LOAD_REPORT_HPP

#include <dynasio/dynamodb/capacity.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace dynasio {

/// What a read is expected to cost.
struct load_cost {
    double requests = 0;
    double items = 0;      ///< Received.
    double read_units = 0; ///< Capacity units.

    load_cost& operator+=(load_cost const& o) noexcept {
        requests += o.requests;
        items += o.items;
        read_units += o.read_units;
        return *this;
    }
};

/// How a load reads the entities of one relation, or the rows that lead to them: one line of its plan.
struct load_read {
    std::string relation{};  ///< "User.posts"; the entity's name for what the load begins with.
    std::string entity{};    ///< What it reads: the type's name, or "links".
    std::string operation{}; ///< "Query", "Scan", "BatchGetItem" or "GetItem".
    std::string table{};     ///< Physical name.
    std::string index{};
    /// What load_assumptions let expect; nothing when none were given.
    std::optional<load_cost> estimated{};

    // What it took. A BatchGetItem with keys of several tables counts once for each of them.
    std::uint64_t requests = 0;
    std::uint64_t items = 0; ///< Received.
    double read_units = 0;   ///< As the service reported them.
    /// An earlier read of the list gets its rows by the same requests. What both took stands there.
    bool shares_requests = false;
};

/// What operations cost in requests, items and time. Pass a report to an operation
/// (`users.find(id, with<…>(…), report_to(report))`), which adds its figures when it completes. The report must outlive
/// the operation. One report may collect several operations.
struct load_report {
    std::uint64_t queries = 0;       ///< Query and Scan requests; each page is one request.
    std::uint64_t batch_gets = 0;    ///< BatchGetItem requests.
    std::uint64_t gets = 0;          ///< GetItem requests.
    std::uint64_t keys = 0;          ///< Keys asked for with BatchGetItem; a key that occurs several times counts once.
    std::uint64_t unprocessed = 0;   ///< Keys that came back unprocessed and were asked for again.
    std::uint64_t items = 0;         ///< Items received.
    std::uint64_t bad_items = 0;     ///< Items that on_bad_item left out; included in `items`.
    std::uint64_t max_in_flight = 0; ///< The most requests that were under way at the same time.
    double read_units = 0;           ///< Capacity units as the service reported them.
    std::chrono::nanoseconds wall_time{};
    /// The plan as text, with the figures of each relation, and with estimates beside them where load_assumptions were
    /// given.
    std::string plan{};
    /// The same as values, in the order of the plan; reads of the same kind by several operations are one. to_table()
    /// prints them.
    std::vector<load_read> reads{};
    /// `read_units` by table and index. What a Query of an index takes counts for the index: a global index has a
    /// capacity of its own, a local one shares its table's, from which it also completes items.
    capacity_report capacity{};

    [[nodiscard]] std::uint64_t requests() const noexcept { return queries + batch_gets + gets; }
};

/// Option of read operations: fills `report`.
class report_to {
public:
    explicit report_to(load_report& report) noexcept : report_(&report) {}
    [[nodiscard]] load_report* get() const noexcept { return report_; }

private:
    load_report* report_;
};

/// Reads as a table of text, a line for each: relation, how it is read, and requests, items and read units, estimated
/// and taken side by side. "above" stands where an earlier line has what both took.
[[nodiscard]] std::string to_table(std::span<load_read const> reads);

namespace dsl {

using dynasio::load_cost;
using dynasio::load_read;
using dynasio::load_report;
using dynasio::report_to;

} // namespace dsl

} // namespace dynasio

#endif
