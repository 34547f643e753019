#ifndef DYNASIO_ORM_TABLE_DIFFERENCE_HPP
#define DYNASIO_ORM_TABLE_DIFFERENCE_HPP

#include <string>

namespace dynasio {

/// Something of a table that is not as its entities' schemas say. See compare_tables().
struct table_difference {
    std::string table;   ///< With the client's prefix.
    std::string index;   ///< Empty when it concerns the table itself.
    std::string message; ///< A sentence for people, without a full stop.
};

} // namespace dynasio

#endif
