#ifndef DYNASIO_SRC_ORM_LOAD_EXPLAIN_HPP
#define DYNASIO_SRC_ORM_LOAD_EXPLAIN_HPP

#include <string>

#include "fetch.hpp"

namespace dynasio::detail {

struct plan_node;

/// How the rows of a target are read: "Query posts index by_author, newest first, limit 5, one for each parent".
[[nodiscard]] std::string describe_source(load_target const& target);
/// The condition, order, offset and limit that are applied in the client: ", here status = "live", limit 5 (here)".
[[nodiscard]] std::string describe_rest(load_target const& target);

/// Writes a plan as text, one line for each source that a node reads; `with_figures` adds the requests and items of a
/// load that has run.
class plan_printer {
public:
    explicit plan_printer(bool with_figures) noexcept : with_figures_(with_figures) {}

    /// Writes the line of the root and the lines of everything below it.
    void root(load_target const& target);
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

    [[nodiscard]] std::string take() && { return std::move(out_); }

private:
    [[nodiscard]] static std::string label_of(plan_node const& node);
    void write(std::string_view label, std::string const& text, load_source const* from, int depth);

    bool with_figures_;
    std::string out_{};
};

} // namespace dynasio::detail

#endif
