// expect: dynasio: enum_names<E>({...}) gives two enumerators one name
#include <dynasio/orm/detail/describe.hpp>

#include "model.hpp"

enum class Colour { red, blue, other };
constexpr auto dynasio_names(dynasio::tag<Colour>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return enum_names<Colour>({{Colour::red, "red"}, {Colour::blue, "blue"}});
#else
    return enum_names<Colour>({{Colour::red, "red"}, {Colour::blue, "red"}});
#endif
}
struct Thing {
    std::string id{};
    Colour colour{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
auto const& type() { return dynasio::entity_type_of<Thing>(); }
