// expect: dynasio: an option names a member whose struct is embedded
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
    return entity<Thing>(embed<&Thing::meta>, gsi<embedded<&Thing::meta, &Meta::name>>{"by_name"});
#else
    return entity<Thing>(embed<&Thing::meta>, transient<&Thing::meta>);
#endif
}
static_assert(dynasio::verify<Thing>());
