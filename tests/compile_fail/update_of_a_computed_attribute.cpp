// expect: dynasio: a computed<> attribute is set by writes of the whole entity
#include <dynasio/orm/update.hpp>

#include "computed_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name, &Thing::name>);
}
#ifdef DYNASIO_CONTROL
auto use() { return dynasio::set_to<&Thing::count>(1); }
#else
auto use() { return dynasio::set_to<&Thing::key_of_name>("a"); }
#endif
