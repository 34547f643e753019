// expect: dynasio: the links of a belongs_to_many with pivot_table{…}.key(…) lie in the table of those of another one
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Person {
    std::string id{};
    dynasio::belongs_to_many<Role> roles{};
};
struct PersonView {
    std::string id{};
    dynasio::belongs_to_many<Role> roles{};
};
constexpr auto dynasio_schema(dynasio::tag<Person>) {
    using namespace dynasio;
    return entity<Person>(table{"people"}, partition_key<&Person::id>,
                          relate<&Person::roles>(pivot_table{"person_roles"}.key("person", "role")));
}
constexpr auto dynasio_schema(dynasio::tag<PersonView>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    constexpr auto links = pivot_table{"person_roles"}.key("person", "role");
#else
    constexpr auto links = pivot_table{"person_roles"}.key("p", "r");
#endif
    return entity<PersonView>(table{"people"}, partition_key<&PersonView::id>, relate<&PersonView::roles>(links));
}
static_assert(dynasio::verify<Person, PersonView, Role>());
