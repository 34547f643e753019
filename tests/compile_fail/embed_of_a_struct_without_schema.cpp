// expect: dynasio: embed<> names a member whose type has no schema
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "embed_model.hpp"

struct Other {
    std::string text{};
};
struct Thing {
    Meta meta{};
    std::string title{};
    Other other{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(embed<&Thing::meta>, transient<&Thing::other>);
#else
    return entity<Thing>(embed<&Thing::meta>, embed<&Thing::other>);
#endif
}
static_assert(dynasio::verify<Thing>());
