// expect: dynasio: a member has two attribute<>
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};
    dynasio::timestamp made{};
    dynasio::timestamp changed{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, attribute<&Thing::name>{"n"}, attribute<&Thing::count>{"m"});
#else
    return entity<Thing>(partition_key<&Thing::id>, attribute<&Thing::name>{"n"}, attribute<&Thing::name>{"m"});
#endif
}
static_assert(dynasio::verify<Thing>());
