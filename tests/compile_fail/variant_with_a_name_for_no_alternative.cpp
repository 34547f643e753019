// expect: dynasio: variant_names<V>(...) names a type that is no alternative of V
#include <dynasio/orm/variant.hpp>

#include <string>
#include <variant>

#include "value_model.hpp"

using Either = std::variant<Part, std::string>;
constexpr auto dynasio_names(dynasio::tag<Either>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return variant_names<Either>("type", alternative<Part>{"part"});
#else
    return variant_names<Either>("type", alternative<Other>{"other"});
#endif
}
constexpr auto stored_as = dynasio::codec<Either>::type;
