// expect: dynasio: a pivot table is also the table of an entity
#include <dynasio/orm/verify.hpp>

#include "person_model.hpp"

struct Pivot {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
    return entity<Person>(partition_key<&Person::id>,
                          relate<&Person::roles>(pivot_table{"memberships"}.key("person", "role")));
}
constexpr auto dynasio_schema(dynasio::tag<Pivot>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Pivot>(table{"turns"}, partition_key<&Pivot::id>);
#else
    return entity<Pivot>(table{"pivots"}, partition_key<&Pivot::id>);
#endif
}
static_assert(dynasio::verify<Person, Pivot>());
