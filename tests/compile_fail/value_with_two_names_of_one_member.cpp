// expect: dynasio: a member has two attribute<>
#include <dynasio/orm/detail/describe.hpp>

#include "model.hpp"

struct Part {
    std::string name{};
    std::string code{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return value<Part>(attribute<&Part::name>{"a"}, attribute<&Part::code>{"b"});
#else
    return value<Part>(attribute<&Part::name>{"a"}, attribute<&Part::name>{"b"});
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
