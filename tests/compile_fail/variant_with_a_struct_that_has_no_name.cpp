// expect: dynasio: two alternatives of a std::variant are stored as one type
#include <dynasio/orm/variant.hpp>

#include <variant>

#include "value_model.hpp"

using Either = std::variant<Part, Other>;
constexpr auto dynasio_names(dynasio::tag<Either>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return variant_names<Either>("type", alternative<Part>{"part"}, alternative<Other>{"other"});
#else
    return variant_names<Either>("type", alternative<Part>{"part"});
#endif
}
constexpr auto stored_as = dynasio::codec<Either>::type;
