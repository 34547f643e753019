// expect: dynasio: the name of a gsi or lsi has 3 to 255 characters
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string a{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::a>{"by_a"});
#else
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::a>{"by a"});
#endif
}
static_assert(dynasio::verify<Thing>());
