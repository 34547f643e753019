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
    items, ///< The whole items.
    count, ///< The number of items: the service sends no items, but reads and charges for all of them.
};

/// Appends the members of a Query or Scan that ask for this projection.
inline void append_projection(std::string& body, projection wanted) {
    if (wanted == projection::count) body += R"(,"Select":"COUNT")";
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
