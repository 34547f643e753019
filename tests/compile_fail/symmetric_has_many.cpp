// expect: dynasio: symmetric is for a belongs_to_many
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Person {
    std::string id{};
    dynasio::has_many<Post> posts{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Person>(partition_key<&Person::id>, relate<&Person::posts>(by<&Post::author_id>));
#else
    return entity<Person>(partition_key<&Person::id>, relate<&Person::posts>(by<&Post::author_id>, symmetric));
#endif
}
static_assert(dynasio::verify<Person>());
