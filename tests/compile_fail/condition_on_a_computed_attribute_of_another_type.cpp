// expect: dynasio: a condition compares this member with a value of another type
#include <dynasio/orm/field.hpp>

#include "computed_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name, &Thing::name>);
}
#ifdef DYNASIO_CONTROL
auto use() { return dynasio::field<&Thing::key_of_name> == "a"; }
#else
auto use() { return dynasio::field<&Thing::key_of_name> == 7; }
#endif
