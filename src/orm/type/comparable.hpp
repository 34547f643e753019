#ifndef DYNASIO_SRC_ORM_TYPE_COMPARABLE_HPP
#define DYNASIO_SRC_ORM_TYPE_COMPARABLE_HPP

#include <dynasio/dynamodb/attribute_type.hpp>

#include <string>
#include <string_view>

namespace dynasio::detail {

/// An attribute value in a form that can be compared several times without reading its JSON again.
struct comparable {
    dynamodb::attribute_type type = dynamodb::attribute_type::null;
    std::string text{}; // for binaries the decoded bytes, because base64 text has another order

    /// Reads a value in wire form. An empty text stands for an absent value, which is treated as NULL.
    explicit comparable(std::string_view wire);
    [[nodiscard]] bool is_null() const noexcept { return type == dynamodb::attribute_type::null; }
};

/// Negative, 0 or positive. Numbers are compared by value, texts and binaries by their bytes. Absent values and NULL
/// come first, then values by type.
[[nodiscard]] int compare(comparable const& a, comparable const& b);

/// Compares two values in wire form in the same way.
[[nodiscard]] inline int compare_values(std::string_view a, std::string_view b) {
    return compare(comparable(a), comparable(b));
}

} // namespace dynasio::detail

#endif
