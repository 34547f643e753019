// expect: dynasio: two alternatives of a std::variant are stored as one type
#include <dynasio/orm/variant.hpp>

#include <variant>

#include "value_model.hpp"

using Either = std::variant<Part, Other>;
#ifdef DYNASIO_CONTROL
constexpr auto dynasio_names(dynasio::tag<Either>) {
    using namespace dynasio;
    return variant_names<Either>("type", alternative<Part>{"part"}, alternative<Other>{"other"});
}
#endif
constexpr auto stored_as = dynasio::codec<Either>::type;
