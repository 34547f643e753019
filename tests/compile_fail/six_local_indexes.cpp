// expect: dynasio: a table has at most five lsi
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};
    dynasio::timestamp made{};
    dynasio::timestamp changed{};
    long b{}, c{}, d{}, e{}, f{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, sort_key<&Thing::name>, lsi<&Thing::count>{"i_1"},
                         lsi<&Thing::b>{"i_2"}, lsi<&Thing::c>{"i_3"}, lsi<&Thing::d>{"i_4"}, lsi<&Thing::e>{"i_5"});
#else
    return entity<Thing>(partition_key<&Thing::id>, sort_key<&Thing::name>, lsi<&Thing::count>{"i_1"},
                         lsi<&Thing::b>{"i_2"}, lsi<&Thing::c>{"i_3"}, lsi<&Thing::d>{"i_4"}, lsi<&Thing::e>{"i_5"},
                         lsi<&Thing::f>{"i_6"});
#endif
}
static_assert(dynasio::verify<Thing>());
