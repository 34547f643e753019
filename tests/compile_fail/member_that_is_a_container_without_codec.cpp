// expect: dynasio: a member has a type that dynasio cannot store, a container; use a std::vector
#include <dynasio/orm/verify.hpp>

#include <list>

#include "model.hpp"

enum class Colour { red, green };
struct Thing {
    std::string id{};
#ifdef DYNASIO_CONTROL
    std::vector<int> value{};
#else
    std::list<int> value{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
static_assert(dynasio::verify<Thing>());
