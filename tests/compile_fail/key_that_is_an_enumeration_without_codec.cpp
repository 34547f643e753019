// expect: dynasio: a key is a std::string, an integer
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

enum class State { off, on };
struct Thing {
    State id{};
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::name>, transient<&Thing::id>);
#else
    return entity<Thing>(partition_key<&Thing::id>);
#endif
}
static_assert(dynasio::verify<Thing>());
