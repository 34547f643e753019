// expect: dynasio: entity<T>(...) needs exactly one partition_key
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(table{"things"}, partition_key<&Thing::id>);
#else
    return entity<Thing>(table{"things"});
#endif
}
static_assert(dynasio::verify<Thing>());
