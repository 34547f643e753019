// expect: dynasio: required<> names a member that always has a value
#include <dynasio/orm/repository.hpp>
#include <dynasio/orm/rules.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    int count{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, required<&Thing::name>);
#else
    return entity<Thing>(partition_key<&Thing::id>, required<&Thing::count>);
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
