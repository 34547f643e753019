// expect: dynasio: at<&T::member>() names a member of another struct
#include <dynasio/orm/field.hpp>

#include "model.hpp"

struct Part {
    std::string name{};
    std::string hidden{};
};
constexpr auto dynasio_schema(dynasio::tag<Part>) {
    using namespace dynasio;
    return value<Part>(transient<&Part::hidden>);
}
struct Other {
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Other>) { return dynasio::value<Other>(); }
struct Thing {
    std::string id{};
    Part part{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
using dynasio::field;
#ifdef DYNASIO_CONTROL
auto use() { return field<&Thing::part>.at<&Part::name>() == "x"; }
#else
auto use() { return field<&Thing::part>.at<&Other::name>() == "x"; }
#endif
