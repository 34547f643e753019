// expect: dynasio: a member of an entity is an array
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::vector<int> list{};
#ifndef DYNASIO_CONTROL
    int scores[3]{};
#endif
    std::string name{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
static_assert(dynasio::verify<Thing>());
