// expect: dynasio: value<T>(...) takes attribute and transient
#include <dynasio/orm/detail/describe.hpp>

#include "model.hpp"

struct Part {
    std::string name{};
    std::string code{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return value<Part>();
#else
    return value<Part>(1);
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
