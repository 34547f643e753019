// expect: dynasio: the name of a table for the guards of unique<>
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/verify.hpp>

#include "unique_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, dynasio::unique<&Thing::name>.in("guards"));
#else
    return entity<Thing>(partition_key<&Thing::id>, dynasio::unique<&Thing::name>.in("the guards"));
#endif
}
static_assert(dynasio::verify<Thing>());
