// expect: dynasio: an option of entity<T>(...) names a member of another entity
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::id>{"by_name"});
#else
    return entity<Thing>(partition_key<&Thing::id>, gsi<&User::name>{"by_name"});
#endif
}
static_assert(dynasio::verify<Thing>());
