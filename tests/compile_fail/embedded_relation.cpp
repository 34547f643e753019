// expect: dynasio: a struct that is embedded has a member that is a relation
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Meta {
    std::string id{};
    std::string user_id{};
#ifndef DYNASIO_CONTROL
    dynasio::belongs_to<User> user{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Meta>) {
    return dynasio::embeddable<Meta>(dynasio::partition_key<&Meta::id>);
}
struct Thing {
    Meta meta{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) { return dynasio::entity<Thing>(dynasio::embed<&Thing::meta>); }
static_assert(dynasio::verify<Thing>());
