// expect: dynasio: pivot_table{…}.key(…) names one attribute for the key of each side
#include <dynasio/orm/verify.hpp>

#include "person_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Person>(partition_key<&Person::id>,
                          relate<&Person::roles>(pivot_table{"person_roles"}.key("person", "role")));
#else
    return entity<Person>(partition_key<&Person::id>, sort_key<&Person::city>,
                          relate<&Person::roles>(pivot_table{"person_roles"}.key("person", "role")));
#endif
}
static_assert(dynasio::verify<Person, Role>());
