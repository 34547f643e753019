// expect: dynasio: default_value<> gives a value of another type
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "default_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, default_value<&Thing::name>([] { return "a"; }));
#else
    return entity<Thing>(partition_key<&Thing::id>, default_value<&Thing::name>([] { return std::vector<int>{}; }));
#endif
}
static_assert(dynasio::verify<Thing>());
auto const& type() { return dynasio::entity_type_of<Thing>(); }
