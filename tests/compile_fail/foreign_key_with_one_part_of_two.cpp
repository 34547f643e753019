// expect: dynasio: the foreign key has another type than the key it refers to (or another number of parts)
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string device{};
    long number{};
    dynasio::belongs_to<Reading> reading{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::reading>(by<&Thing::device, &Thing::number>));
#else
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::reading>(by<&Thing::device>));
#endif
}
static_assert(dynasio::verify<Thing>());
