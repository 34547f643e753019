// expect: dynasio: timestamps<>, created_at<> and soft_delete<> name one member twice
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};
    dynasio::timestamp made{};
    dynasio::timestamp changed{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, timestamps<&Thing::made, &Thing::changed>);
#else
    return entity<Thing>(partition_key<&Thing::id>, timestamps<&Thing::made, &Thing::made>);
#endif
}
static_assert(dynasio::verify<Thing>());
