// expect: dynasio: a symmetric belongs_to_many is its own other side
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Person {
    std::string id{};
    dynasio::belongs_to_many<Person> friends{}, admirers{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Person>(partition_key<&Person::id>, relate<&Person::friends>(),
                          relate<&Person::admirers>(inverse_of<&Person::friends>));
#else
    return entity<Person>(partition_key<&Person::id>, relate<&Person::friends>(),
                          relate<&Person::admirers>(symmetric, inverse_of<&Person::friends>));
#endif
}
static_assert(dynasio::verify<Person>());
