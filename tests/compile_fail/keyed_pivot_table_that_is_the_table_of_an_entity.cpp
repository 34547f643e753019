// expect: dynasio: the table of pivot_table{…}.key(…) is also the table of an entity
#include <dynasio/orm/verify.hpp>

#include "person_model.hpp"

struct Membership {
    std::string person{};
#ifdef DYNASIO_CONTROL
    std::string role{};
#else
    int role{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
    return entity<Person>(partition_key<&Person::id>,
                          relate<&Person::roles>(pivot_table{"memberships"}.key("person", "role")));
}
constexpr auto dynasio_schema(dynasio::tag<Membership>) {
    using namespace dynasio;
    return entity<Membership>(table{"memberships"}, partition_key<&Membership::person>, sort_key<&Membership::role>);
}
static_assert(dynasio::verify<Person, Role, Membership>());
