// expect: dynasio: check<> takes a lambda without captures
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
    return entity<Thing>(partition_key<&Thing::id>, check<&Thing::count>([](int n) { return n > 0; }, "x"));
#else
    return entity<Thing>(partition_key<&Thing::id>, check<&Thing::count>([m = 1](int n) { return n > m; }, "x"));
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
