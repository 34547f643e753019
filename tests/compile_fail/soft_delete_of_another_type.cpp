// expect: dynasio: timestamps<>, created_at<> and soft_delete<> name members of type dynasio::timestamp
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    dynasio::timestamp deleted_at{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, soft_delete<&Thing::deleted_at>);
#else
    return entity<Thing>(partition_key<&Thing::id>, soft_delete<&Thing::name>);
#endif
}
static_assert(dynasio::verify<Thing>());
