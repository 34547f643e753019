#ifndef DYNASIO_ORM_LOAD_REPORT_HPP
#define DYNASIO_ORM_LOAD_REPORT_HPP

#include <chrono>
#include <cstdint>
#include <string>

namespace dynasio {

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
    std::string plan{}; ///< The plan as text, with the figures of each relation.

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

namespace dsl {

using dynasio::load_report;
using dynasio::report_to;

} // namespace dsl

} // namespace dynasio

#endif
