// expect: dynasio: a member has a type that dynasio cannot store, an enumeration without a codec
#include <dynasio/orm/verify.hpp>

#include <string>

#include "model.hpp"

enum class Colour { red, green };
struct Thing {
    std::string id{};
#ifdef DYNASIO_CONTROL
    int value{};
#else
    Colour value{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
static_assert(dynasio::verify<Thing>());
