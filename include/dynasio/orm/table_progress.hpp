#ifndef DYNASIO_ORM_TABLE_PROGRESS_HPP
#define DYNASIO_ORM_TABLE_PROGRESS_HPP

#include <cstddef>
#include <functional>
#include <string>

namespace dynasio {

/// What has happened to one table while tables are created, updated or dropped.
enum class table_step {
    requested,       ///< The service has taken the request to create or delete it.
    exists,          ///< It was there already; it is waited for, if it is not ACTIVE yet.
    being_deleted,   ///< It is being deleted, and will be created when it has gone.
    ready,           ///< It is ACTIVE with all its indexes, or, when tables are dropped, gone.
    ttl_enabled,     ///< The time to live was not set, and is now.
    stream_enabled,  ///< There was no stream of changes, and is one now.
    being_changed,   ///< Another change of the table is under way, and waited for.
    index_requested, ///< The service has taken the request to add or drop `index`.
    index_ready,     ///< `index` is ACTIVE, or, when it is dropped, gone.
};

struct table_progress {
    std::string table{}; ///< Physical name, with prefix.
    table_step step{};
    std::size_t ready = 0;  ///< How many tables are ready now.
    std::size_t tables = 0; ///< How many tables there are in all.
    std::string index{};    ///< The index that the step is about; empty when it is about the table.
};

/// Called on the client's executor for each step of create_tables(), update_tables() and drop_tables(). It must not
/// throw, and must be callable until the operation has completed.
using table_progress_handler = std::function<void(table_progress const&)>;

namespace dsl {

using dynasio::table_progress;
using dynasio::table_step;

} // namespace dsl

} // namespace dynasio

#endif
