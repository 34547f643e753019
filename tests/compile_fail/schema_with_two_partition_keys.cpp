// expect: dynasio: entity<T>(...) needs exactly one partition_key
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string other{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>);
#else
    return entity<Thing>(partition_key<&Thing::id>, partition_key<&Thing::other>);
#endif
}
static_assert(dynasio::verify<Thing>());
