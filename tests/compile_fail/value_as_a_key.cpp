// expect: dynasio: a key is a std::string, an integer
#include <dynasio/orm/detail/describe.hpp>

#include "model.hpp"

struct Part {
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) { return dynasio::value<Part>(); }
struct Thing {
    std::string id{};
    Part part{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>);
#else
    return entity<Thing>(partition_key<&Thing::part>);
#endif
}
auto const& type() { return dynasio::entity_type_of<Thing>(); }
