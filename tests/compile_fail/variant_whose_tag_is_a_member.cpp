// expect: dynasio: the tag of variant_names<V>(...) is the name of a member of an alternative
#include <dynasio/orm/variant.hpp>

#include <variant>

#include "value_model.hpp"

using Either = std::variant<std::monostate, Part, Other>;
constexpr auto dynasio_names(dynasio::tag<Either>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return variant_names<Either>("type", alternative<Part>{"part"}, alternative<Other>{"other"});
#else
    return variant_names<Either>("name", alternative<Part>{"part"}, alternative<Other>{"other"});
#endif
}
constexpr auto stored_as = dynasio::codec<Either>::type;
