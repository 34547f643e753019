#ifndef DYNASIO_SRC_ORM_LOAD_ASSEMBLE_HPP
#define DYNASIO_SRC_ORM_LOAD_ASSEMBLE_HPP

#include "fetch.hpp"

namespace dynasio::detail {

/// Fills the handles after everything has arrived, so that a load that fails leaves every entity as it was.
class load_assembly {
public:
    /// Makes the vector of entities of a result and fills the handles of everything below them. Further calls for the
    /// same result do nothing.
    void assemble(load_result& r);
    /// Fills the handles of one entity of a result; `row` is its place among the rows that were read.
    void attach_children(load_result const& r, std::size_t row, void* entity);
};

} // namespace dynasio::detail

#endif
