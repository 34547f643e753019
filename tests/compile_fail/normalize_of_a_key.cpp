// expect: dynasio: normalize<> names a part of the key
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
    return entity<Thing>(partition_key<&Thing::id>, normalize<&Thing::name>([](std::string& s) { s += "x"; }));
#else
    return entity<Thing>(partition_key<&Thing::id>, normalize<&Thing::id>([](std::string& s) { s += "x"; }));
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
