// expect: dynasio: an entity has one soft_delete<&T::member>
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    dynasio::timestamp deleted_at{}, gone_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, soft_delete<&Thing::deleted_at>);
#else
    return entity<Thing>(partition_key<&Thing::id>, soft_delete<&Thing::deleted_at>, soft_delete<&Thing::gone_at>);
#endif
}
static_assert(dynasio::verify<Thing>());
