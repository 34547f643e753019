#ifndef DYNASIO_SRC_ORM_LOAD_ASSEMBLE_HPP
#define DYNASIO_SRC_ORM_LOAD_ASSEMBLE_HPP

#include "fetch.hpp"

namespace dynasio::detail {

/// Fills the handles, when everything has arrived: a load that fails leaves every entity as it was.
class load_assembly {
public:
    /// Makes a result's vector of entities, with everything below them filled. Once for each result, however often it is
    /// called.
    void assemble(load_result& r);
    /// Fills the handles of one entity of a result; `row` is its place among the rows that were read.
    void attach_children(load_result const& r, std::size_t row, void* entity);
};

} // namespace dynasio::detail

#endif
