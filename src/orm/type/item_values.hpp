#ifndef DYNASIO_SRC_ORM_TYPE_ITEM_VALUES_HPP
#define DYNASIO_SRC_ORM_TYPE_ITEM_VALUES_HPP

#include <dynasio/orm/detail/reflect.hpp>
#include <dynasio/orm/entity_type.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace dynasio::detail {

/// Where the values of an item's attributes, in wire form, lie in the text that the item was read from.
/// entity_type::decode() fills it. The views are valid as long as that text.
///
/// An object has a size of 2 KB; only the entries of attributes that the item has are written or read.
class item_values {
public:
    // Written out, because `= default` would let item_values{} fill the array with zeros, which costs as much as
    // reading a small item.
    item_values() noexcept {} // NOLINT(modernize-use-equals-default)
    item_values(item_values const&) = delete;
    item_values& operator=(item_values const&) = delete;

    /// Empty when the item lacks the attribute.
    [[nodiscard]] std::string_view operator[](attribute_index i) const noexcept {
        return has(i) ? std::string_view(values_[i].data, values_[i].size) : std::string_view();
    }
    [[nodiscard]] bool has(attribute_index i) const noexcept {
        return i < bits::count ? low_.has(i) : high_.has(static_cast<attribute_index>(i - bits::count));
    }

    /// Whether the item has one of these attributes; one bit for each.
    [[nodiscard]] bool has_any(std::array<std::uint64_t, 2> const& attributes) const noexcept {
        return ((low_.seen & attributes[0]) | (high_.seen & attributes[1])) != 0;
    }

    // For the decoder.

    /// Forgets the item before.
    void clear() noexcept { low_ = high_ = bits(); }
    /// The value of an attribute lies in [begin, end).
    void add(attribute_index i, char const* begin, char const* end) noexcept {
        if (i < bits::count) [[likely]]
            low_.add(i);
        else
            high_.add(static_cast<attribute_index>(i - bits::count));
        values_[i] = {begin, static_cast<std::size_t>(end - begin)};
    }
    /// Whether an attribute was added a second time, and then which.
    [[nodiscard]] bool has_repeated() const noexcept { return (low_.twice | high_.twice) != 0; }
    [[nodiscard]] std::size_t first_repeated() const noexcept {
        return low_.twice != 0 ? low_.first_twice() : bits::count + high_.first_twice();
    }

private:
    /// 64 attributes, one bit for each. Repeated attributes are looked for once, after the whole item was read, so that
    /// add() takes a few instructions and has no branch that depends on the item.
    struct bits {
        static constexpr attribute_index count = 64;

        [[nodiscard]] bool has(attribute_index i) const noexcept { return (seen >> i & 1) != 0; }
        void add(attribute_index i) noexcept {
            auto const self = std::uint64_t{1} << i;
            twice |= seen & self;
            seen |= self;
        }
        [[nodiscard]] std::size_t first_twice() const noexcept {
            return static_cast<std::size_t>(std::countr_zero(twice));
        }

        std::uint64_t seen = 0;
        std::uint64_t twice = 0;
    };
    static_assert(max_members <= 2 * bits::count);

    struct text {
        char const* data;
        std::size_t size;
    };

    bits low_;
    bits high_; // used by the few entities of more than 64 attributes
    std::array<text, max_members> values_;
};

} // namespace dynasio::detail

#endif
