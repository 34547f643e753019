// expect: dynasio: update() changes a member that a computed<> attribute is made from
#include <dynasio/orm/update.hpp>

#include "computed_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name, &Thing::name>);
}
#ifdef DYNASIO_CONTROL
auto use() { return dynasio::set_to<&Thing::count>(1); }
#else
auto use() { return dynasio::set_to<&Thing::name>("a"); }
#endif
