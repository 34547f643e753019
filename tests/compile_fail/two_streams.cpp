// expect: dynasio: an entity has one streamed<>, because a table has one stream; remove the other
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, streamed<>);
#else
    return entity<Thing>(partition_key<&Thing::id>, streamed<>, streamed<stream_view::keys_only>);
#endif
}
static_assert(dynasio::verify<Thing>());
