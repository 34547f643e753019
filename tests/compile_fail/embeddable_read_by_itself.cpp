// expect: dynasio: this type is embedded in entities and is not read or written by itself
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "embed_model.hpp"

struct Thing {
    Meta meta{};
    std::string title{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(embed<&Thing::meta>);
}
#ifdef DYNASIO_CONTROL
static_assert(dynasio::verify<Thing>());
#else
static_assert(dynasio::verify<Meta>());
#endif
