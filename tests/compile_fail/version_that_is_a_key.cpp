// expect: dynasio: version<>, timestamps<>, created_at<> or soft_delete<> names a part of the key
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};
    dynasio::timestamp made{};
    dynasio::timestamp changed{};
    long number{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::count>, version<&Thing::number>);
#else
    return entity<Thing>(partition_key<&Thing::count>, version<&Thing::count>);
#endif
}
static_assert(dynasio::verify<Thing>());
