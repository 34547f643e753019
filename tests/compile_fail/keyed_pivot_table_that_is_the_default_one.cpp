// expect: dynasio: "pivots" is the table of links without key(…)
#include <dynasio/orm/verify.hpp>

#include "person_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    constexpr auto links = pivot_table{"person_roles"}.key("person", "role");
#else
    constexpr auto links = pivot_table{"pivots"}.key("person", "role");
#endif
    return entity<Person>(partition_key<&Person::id>, relate<&Person::roles>(links));
}
static_assert(dynasio::verify<Person, Role>());
