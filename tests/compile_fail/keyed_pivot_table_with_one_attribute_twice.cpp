// expect: dynasio: pivot_table{…}.key(…) names two attributes
#include <dynasio/orm/verify.hpp>

#include "person_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Person>(partition_key<&Person::id>,
                          relate<&Person::roles>(pivot_table{"person_roles"}.key("person", "role")));
#else
    return entity<Person>(partition_key<&Person::id>,
                          relate<&Person::roles>(pivot_table{"person_roles"}.key("person", "role").created_at("role")));
#endif
}
static_assert(dynasio::verify<Person, Role>());
