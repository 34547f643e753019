// expect: dynasio: the table of pivot_table{…}.key(…) is also the table of an entity
#include <dynasio/orm/verify.hpp>

#include "person_model.hpp"

struct Membership {
    std::string person{};
    std::string role{};
    std::string group{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
    return entity<Person>(partition_key<&Person::id>,
                          relate<&Person::roles>(pivot_table{"memberships"}.key("person", "role").index("by_role")));
}
constexpr auto dynasio_schema(dynasio::tag<Membership>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    constexpr auto index = gsi<&Membership::role, &Membership::person>{"by_role"};
#else
    constexpr auto index = gsi<&Membership::group>{"by_role"};
#endif
    return entity<Membership>(table{"memberships"}, partition_key<&Membership::person>, sort_key<&Membership::role>,
                              index);
}
static_assert(dynasio::verify<Person, Role, Membership>());
