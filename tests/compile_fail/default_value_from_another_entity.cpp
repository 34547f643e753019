// expect: dynasio: default_value<> takes a lambda without arguments
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "default_model.hpp"
#include "model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, default_value<&Thing::name>([] { return "a"; }));
#else
    return entity<Thing>(partition_key<&Thing::id>,
                         default_value<&Thing::name>([](User const& user) { return user.id; }));
#endif
}
static_assert(dynasio::verify<Thing>());
auto const& type() { return dynasio::entity_type_of<Thing>(); }
