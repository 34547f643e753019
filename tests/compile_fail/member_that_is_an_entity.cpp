// expect: dynasio: a member has a type that dynasio cannot store, an entity
#include <dynasio/orm/detail/describe.hpp>

#include "model.hpp"

struct Part {
    std::string id{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return value<Part>();
#else
    return entity<Part>(partition_key<&Part::id>);
#endif
}
struct Thing {
    std::string id{};
    Part part{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
auto const& type() { return dynasio::entity_type_of<Thing>(); }
