// expect: dynasio: default_value<> names a part of the key
#include <dynasio/orm/rules.hpp>
#include <dynasio/orm/verify.hpp>

#include "default_model.hpp"

constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, created_at<&Thing::made>,
                         default_value<&Thing::name>([] { return "a"; }));
#else
    return entity<Thing>(partition_key<&Thing::id>, created_at<&Thing::made>,
                         default_value<&Thing::made>([] { return dynasio::timestamp::now(); }));
#endif
}
static_assert(dynasio::verify<Thing>());
auto const& type() { return dynasio::entity_type_of<Thing>(); }
