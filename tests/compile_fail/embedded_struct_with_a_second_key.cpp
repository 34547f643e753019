// expect: dynasio: entity<T>(...) needs exactly one partition_key
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "embed_model.hpp"

struct Thing {
    Meta meta{};
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(embed<&Thing::meta>);
#else
    return entity<Thing>(embed<&Thing::meta>, partition_key<&Thing::title>);
#endif
}
static_assert(dynasio::verify<Thing>());
