// expect: dynasio: entity<T>(...) takes table, partition_key
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>);
#else
    return entity<Thing>(partition_key<&Thing::id>, 5);
#endif
}
static_assert(dynasio::verify<Thing>());
