// expect: dynasio: timestamps<>, created_at<> and soft_delete<> name members of type
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    dynasio::timestamp made{};
    std::string changed{};
    dynasio::timestamp touched{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, timestamps<&Thing::made, &Thing::touched>);
#else
    return entity<Thing>(partition_key<&Thing::id>, timestamps<&Thing::made, &Thing::changed>);
#endif
}
static_assert(dynasio::verify<Thing>());
