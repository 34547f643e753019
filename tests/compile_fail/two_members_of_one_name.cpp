// expect: dynasio: two members are stored under one name
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string userName{};
#ifdef DYNASIO_CONTROL
    std::string user_mail{};
#else
    std::string user_name{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
static_assert(dynasio::verify<Thing>());
