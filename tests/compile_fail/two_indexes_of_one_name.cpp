// expect: dynasio: two indexes of an entity have one name
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
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::a>{"by_a"}, gsi<&Thing::b>{"by_b"});
#else
    return entity<Thing>(partition_key<&Thing::id>, gsi<&Thing::a>{"by_a"}, gsi<&Thing::b>{"by_a"});
#endif
}
static_assert(dynasio::verify<Thing>());
