// expect: dynasio: a member has a type that dynasio cannot store; describe a plain struct with
#include <dynasio/orm/detail/describe.hpp>

#include "model.hpp"

struct Opaque {
    void* handle{};
};
struct Part {
    Opaque opaque{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return value<Part>(transient<&Part::opaque>);
#else
    return value<Part>();
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
