// expect: dynasio: a has_many_through goes through itself
#include <dynasio/orm/verify.hpp>

struct Person {
    std::string id{};
    std::string parent_id{};
    dynasio::has_many<Person> children{};
    dynasio::has_many_through<Person> grandchildren{};
    dynasio::has_many_through<Person> descendants{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    constexpr auto descendants = relate<&Person::descendants>(through<&Person::grandchildren, &Person::children>);
#else
    constexpr auto descendants = relate<&Person::descendants>(through<&Person::children, &Person::descendants>);
#endif
    return entity<Person>(partition_key<&Person::id>, gsi<&Person::parent_id>{"by_parent"},
                          relate<&Person::children>(by<&Person::parent_id>),
                          relate<&Person::grandchildren>(through<&Person::children, &Person::children>), descendants);
}
static_assert(dynasio::verify<Person>());
