// expect: dynasio: an entity has at most one sort_key
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string a{};
    std::string b{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, sort_key<&Thing::a>);
#else
    return entity<Thing>(partition_key<&Thing::id>, sort_key<&Thing::a>, sort_key<&Thing::b>);
#endif
}
static_assert(dynasio::verify<Thing>());
