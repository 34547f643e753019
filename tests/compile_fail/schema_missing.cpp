// expect: dynasio: this type has no schema
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
};
#ifdef DYNASIO_CONTROL
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
#endif
static_assert(dynasio::verify<Thing>());
