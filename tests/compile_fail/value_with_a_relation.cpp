// expect: dynasio: a value has a member that is a relation
#include <dynasio/orm/detail/describe.hpp>

#include "model.hpp"

struct Part {
    std::string user_id{};
#ifndef DYNASIO_CONTROL
    dynasio::belongs_to<User> user{};
#endif
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
