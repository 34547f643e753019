// expect: dynasio: links are read from their right side by an index
#include <dynasio/orm/verify.hpp>

struct Club;
struct Person {
    std::string id{};
    dynasio::belongs_to_many<Club> clubs{};
};
struct Club {
    std::string id{};
    dynasio::belongs_to_many<Person> people{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    constexpr auto links = pivot_table{"person_clubs"}.key("person", "club").index("by_club");
#else
    constexpr auto links = pivot_table{"person_clubs"}.key("person", "club");
#endif
    return entity<Person>(partition_key<&Person::id>, relate<&Person::clubs>(links));
}
constexpr auto dynasio_schema(dynasio::tag<Club>) {
    using namespace dynasio;
    return entity<Club>(partition_key<&Club::id>, relate<&Club::people>(inverse_of<&Person::clubs>));
}
static_assert(dynasio::verify<Person, Club>());
