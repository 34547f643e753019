#ifndef DYNASIO_SRC_ORM_RUN_REPEATED_READS_HPP
#define DYNASIO_SRC_ORM_RUN_REPEATED_READS_HPP

#include <dynasio/orm/detail/operations.hpp>
#include <dynasio/orm/repeated_reads.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <source_location>
#include <string>

namespace dynasio::detail {

/// Counts the reads of one scope that load a relation for a single entity.
class read_counter {
public:
    explicit read_counter(repeated_reads what) noexcept : what_(what) {}

    enum class verdict : unsigned char { fine, tell, fail };
    struct outcome {
        verdict what;
        std::size_t times; ///< The number of this read, from 1.
    };
    /// A relation is read for one entity. Several threads may call this at the same time.
    [[nodiscard]] outcome on_read(relation_info const& relation);

private:
    repeated_reads what_;
    std::mutex mutex_{};
    std::map<relation_info const*, std::size_t> times_{};
};

/// Counts a read in the scope of the handle that the pointer comes from, if it has one and the call says where it is.
/// Runs on the client's executor. Throws errc::repeated_reads, or tells the observer, when it is one too many.
void note_read_of_one(engine_ptr const& engine, relation_info const& relation, std::source_location where);

} // namespace dynasio::detail

#endif
