#ifndef DYNASIO_SRC_ORM_LOAD_ASSEMBLE_HPP
#define DYNASIO_SRC_ORM_LOAD_ASSEMBLE_HPP

#include "fetch.hpp"

namespace dynasio::detail {

/// Fills the handles after everything has arrived, so that a load that fails leaves every entity as it was.
class load_assembly {
public:
    /// Makes the vector of entities of a result and fills the handles of everything below them. Further calls for the
    /// same result do nothing, as long as it has owners whose handles are not filled.
    void assemble(load_result& r);
    /// Fills the handles of one entity of a result; `row` is its place among the rows that were read. Frees the results
    /// of which these were the last handles, because some handles are filled with copies, and what they are copies of
    /// would take as much memory again.
    void attach_children(load_result& r, std::size_t row, void* entity);

private:
    /// Notes that the handles of these fillings are filled.
    void let_go_below(load_result& r, std::size_t begin, std::size_t end);
    /// Notes that one owner of a result needs it no more.
    void let_go(load_result& r);
};

} // namespace dynasio::detail

#endif
