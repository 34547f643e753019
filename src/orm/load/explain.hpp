#ifndef DYNASIO_SRC_ORM_LOAD_EXPLAIN_HPP
#define DYNASIO_SRC_ORM_LOAD_EXPLAIN_HPP

#include <dynasio/orm/load_report.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fetch.hpp"

namespace dynasio::detail {

class load_estimate;
struct plan_node;

/// How the rows of a target are read: "Query posts index by_author, newest first, limit 5, one for each parent".
[[nodiscard]] std::string describe_source(load_target const& target);
/// The condition, order, offset and limit that are applied in the client: ", here status = "live", limit 5 (here)".
[[nodiscard]] std::string describe_rest(load_target const& target);

/// Writes a plan as text, one line for each source that a node reads; `with_figures` adds the requests, items and
/// capacity of a load that has run. With an estimate, what it expects stands beside them.
class plan_printer {
public:
    explicit plan_printer(bool with_figures, load_estimate const* estimate = nullptr) noexcept
        : with_figures_(with_figures), estimate_(estimate) {}

    /// Writes the line of the root and the lines of everything below it.
    void root(load_target const& target);
    /// Writes what all of it is expected to cost, with what it took when `taken` is not null.
    void total(load_estimate const& estimate, load_cost const* taken);
    /// Writes a line for a node, labelled with the name of the member that it fills.
    void line(plan_node const& node, std::string const& text, int depth);
    /// Writes the line of a node whose lines for each target follow.
    void heading(plan_node const& node, std::string const& text, int depth);
    /// Writes the line of one of several targets of a node, labelled with its type.
    void target_line(load_target const& target, std::string const& text, int depth);
    /// Writes a line for the second hop of the node in the line above, labelled "then".
    void second_line(plan_node const& node, std::string const& text, int depth);
    /// Writes the lines of everything below a target.
    void below(load_target const& target, int depth);

    /// The same as values; what a source took stands at the first line that has it.
    [[nodiscard]] std::vector<load_read> const& reads() const noexcept { return reads_; }
    [[nodiscard]] std::string take() && { return std::move(out_); }

private:
    [[nodiscard]] static std::string label_of(plan_node const& node);
    /// `target` is null for a line about no rows.
    void write(std::string_view label, std::string const& text, load_target const* target, int depth);
    void note(load_target const& target);
    void note(load_target const& target, load_source const& source, load_cost const* estimated);

    bool with_figures_;
    load_estimate const* estimate_;
    std::string out_{};
    std::vector<load_read> reads_{};
    std::set<load_source const*> noted_{};
};

} // namespace dynasio::detail

#endif
