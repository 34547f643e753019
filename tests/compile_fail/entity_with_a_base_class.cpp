// expect: dynasio: an entity has no base classes
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Common {
    std::string id{};
};
#ifdef DYNASIO_CONTROL
struct Thing {
    std::string id{};
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
#else
struct Thing : Common {
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::name>);
}
#endif
static_assert(dynasio::verify<Thing>());
