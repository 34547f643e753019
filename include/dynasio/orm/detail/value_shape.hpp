#ifndef DYNASIO_ORM_DETAIL_VALUE_SHAPE_HPP
#define DYNASIO_ORM_DETAIL_VALUE_SHAPE_HPP

#include <dynasio/dynamodb/attribute_type.hpp>

#include <span>
#include <string_view>

namespace dynasio {
struct entity_type;
}

namespace dynasio::detail {

struct value_shape;

/// An alternative of a std::variant.
struct alternative_shape {
    value_shape const* shape;
    std::string_view tag; ///< Empty when the type tells it from the others.
};

/// As which types the values of a C++ type are stored, at every depth that the codecs of the library know. Plain JSON
/// does not say it: texts and bytes are both strings there, lists and sets both arrays.
struct value_shape {
    dynamodb::attribute_type type;           ///< NULL when several are possible.
    value_shape const* element = nullptr;    ///< Of a list, or a map of values of one type; null when not known.
    entity_type const& (*value)() = nullptr; ///< Of a struct that is described by value<T>(…).
    std::span<alternative_shape const> alternatives{}; ///< Of a std::variant.
    std::string_view tag{};    ///< The name of the attribute that holds the tag of an alternative.
    bool takes_others = false; ///< An alternative takes what no other one takes, as it is.
};

} // namespace dynasio::detail

#endif
