// expect: dynasio: variant_names<V>(...) has an empty name, a name that is given twice
#include <dynasio/orm/variant.hpp>

#include <variant>

#include "value_model.hpp"

using Either = std::variant<Part, Other>;
constexpr auto dynasio_names(dynasio::tag<Either>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return variant_names<Either>("type", alternative<Part>{"part"}, alternative<Other>{"other"});
#else
    return variant_names<Either>("type", alternative<Part>{"part"}, alternative<Other>{"part"});
#endif
}
constexpr auto stored_as = dynasio::codec<Either>::type;
