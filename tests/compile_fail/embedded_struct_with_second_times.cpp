// expect: dynasio: an entity has one timestamps<> or one created_at<>
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "embed_model.hpp"

struct Thing {
    Meta meta{};
    std::string title{};
    dynasio::timestamp made{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(embed<&Thing::meta>);
#else
    return entity<Thing>(embed<&Thing::meta>, created_at<&Thing::made>);
#endif
}
static_assert(dynasio::verify<Thing>());
