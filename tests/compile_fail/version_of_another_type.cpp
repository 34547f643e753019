// expect: dynasio: version<> names an integer member
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string text{};
    int number{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, version<&Thing::number>);
#else
    return entity<Thing>(partition_key<&Thing::id>, version<&Thing::text>);
#endif
}
static_assert(dynasio::verify<Thing>());
