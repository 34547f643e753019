// expect: dynasio: the links of a belongs_to_many with pivot_table{…}.key(…) lie in the table of those of another one
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Person {
    std::string id{};
    dynasio::belongs_to_many<Role> roles{};
    dynasio::belongs_to_many<Role> former{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Person>(partition_key<&Person::id>,
                          relate<&Person::roles>(pivot_table{"person_roles"}.key("person", "role")),
                          relate<&Person::former>(pivot_table{"former_roles"}));
#else
    return entity<Person>(partition_key<&Person::id>,
                          relate<&Person::roles>(pivot_table{"person_roles"}.key("person", "role")),
                          relate<&Person::former>(pivot_table{"person_roles"}));
#endif
}
static_assert(dynasio::verify<Person, Role>());
