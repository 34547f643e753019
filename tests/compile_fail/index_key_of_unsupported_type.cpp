// expect: dynasio: a key of a gsi or lsi is a stored std::string
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    double value{};
    std::string text{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::text>{"by_value"});
#else
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::value>{"by_value"});
#endif
}
static_assert(dynasio::verify<Thing>());
