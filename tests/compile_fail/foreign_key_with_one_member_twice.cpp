// expect: dynasio: by<> names one member twice
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};
    dynasio::timestamp made{};
    dynasio::timestamp changed{};
    std::string device{};
    dynasio::belongs_to<Reading> reading{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::reading>(by<&Thing::device, &Thing::count>));
#else
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::reading>(by<&Thing::device, &Thing::device>));
#endif
}
static_assert(dynasio::verify<Thing>());
