// expect: dynasio: a symmetric belongs_to_many leads from an entity to others of the same type
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Person {
    std::string id{};
    dynasio::belongs_to_many<Role> roles{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Person>(partition_key<&Person::id>, relate<&Person::roles>());
#else
    return entity<Person>(partition_key<&Person::id>, relate<&Person::roles>(symmetric));
#endif
}
static_assert(dynasio::verify<Person, Role>());
