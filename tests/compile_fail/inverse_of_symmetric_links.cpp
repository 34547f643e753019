// expect: dynasio: inverse_of<> names a symmetric relation
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
    return entity<Person>(partition_key<&Person::id>, relate<&Person::friends>(symmetric),
                          relate<&Person::admirers>(inverse_of<&Person::friends>));
#endif
}
static_assert(dynasio::verify<Person>());
