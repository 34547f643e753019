// expect: dynasio: a key is a std::string, an integer
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    bool flag{};
    std::string text{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, sort_key<&Thing::text>);
#else
    return entity<Thing>(partition_key<&Thing::id>, sort_key<&Thing::flag>);
#endif
}
static_assert(dynasio::verify<Thing>());
