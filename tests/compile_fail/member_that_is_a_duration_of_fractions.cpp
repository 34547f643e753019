// expect: dynasio: a member has a type that dynasio cannot store, a time of std::chrono
#include <dynasio/orm/verify.hpp>

#include <chrono>

#include "model.hpp"

struct Thing {
    std::string id{};
#ifdef DYNASIO_CONTROL
    std::chrono::seconds value{};
#else
    std::chrono::duration<double> value{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
static_assert(dynasio::verify<Thing>());
