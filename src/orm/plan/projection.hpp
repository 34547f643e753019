#ifndef DYNASIO_SRC_ORM_PLAN_PROJECTION_HPP
#define DYNASIO_SRC_ORM_PLAN_PROJECTION_HPP

#include <dynasio/orm/entity_type.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dynasio::detail {

/// What a read returns of the items that it finds.
enum class projection : unsigned char {
    items,          ///< The whole items.
    count,          ///< The number of items: the service sends no items, but reads and charges for all of them.
    items_to_count, ///< What a condition that the client evaluates needs of the items; nobody gets them.
};

/// Appends the members of a Query or Scan that ask for this projection. `path` is null for a Scan.
///
/// For entities, an index is asked for all attributes, although that is what it gives when it projects all of them:
/// where the table has another index than the schema says, the service then refuses a global one, and completes the
/// items of a local one from the table. Without that, saving such an entity would remove what was not read. An index
/// that is declared as one that does not project everything is asked for what it has; what is missing is read by key.
inline void append_projection(std::string& body, projection wanted, index_info const* path) {
    if (wanted == projection::count) body += R"(,"Select":"COUNT")";
    bool const by_index = path != nullptr && !path->name.empty();
    bool const is_complete = by_index && (path->local || path->projects == index_projection::all);
    bool const needs_all =
        wanted == projection::items || (wanted == projection::items_to_count && by_index && !path->whole);
    if (is_complete && needs_all) body += R"(,"Select":"ALL_ATTRIBUTES")";
}

/// Attributes whose values are kept beside each row in the spelling of the answer: those of the keys of the next hop,
/// of conditions and orders that the client evaluates, and of cursors. Encoding the member again was rejected, because
/// the result could be spelt differently from the stored value.
class kept_attributes {
public:
    void add(attribute_index i) {
        auto const at = std::lower_bound(attributes_.begin(), attributes_.end(), i);
        if (at == attributes_.end() || *at != i) attributes_.insert(at, i);
    }
    void add(std::span<attribute_index const> all) {
        for (auto const i : all) add(i);
    }
    [[nodiscard]] std::span<attribute_index const> all() const noexcept { return attributes_; }
    [[nodiscard]] std::size_t size() const noexcept { return attributes_.size(); }
    /// Position of a kept attribute. Precondition: it is kept.
    [[nodiscard]] std::size_t column_of(attribute_index i) const noexcept {
        return static_cast<std::size_t>(std::lower_bound(attributes_.begin(), attributes_.end(), i) -
                                        attributes_.begin());
    }

private:
    std::vector<attribute_index> attributes_; // sorted
};

} // namespace dynasio::detail

#endif
