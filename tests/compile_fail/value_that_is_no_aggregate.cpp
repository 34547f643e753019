// expect: dynasio: a value is a plain struct
#include <dynasio/orm/detail/describe.hpp>

#include "model.hpp"

struct Part {
#ifndef DYNASIO_CONTROL
    Part() {}
#endif
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) { return dynasio::value<Part>(); }
struct Thing {
    std::string id{};
    Part part{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
auto const& type() { return dynasio::entity_type_of<Thing>(); }
