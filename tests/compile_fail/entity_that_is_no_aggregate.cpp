// expect: dynasio: an entity is a plain struct
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
#ifndef DYNASIO_CONTROL
    Thing() {}
#endif
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
static_assert(dynasio::verify<Thing>());
