// expect: dynasio: a member has a type that dynasio cannot store, a text of another type; use std::string
#include <dynasio/orm/verify.hpp>

#include <string_view>

#include "model.hpp"

enum class Colour { red, green };
struct Thing {
    std::string id{};
#ifdef DYNASIO_CONTROL
    std::string value{};
#else
    std::string_view value{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
static_assert(dynasio::verify<Thing>());
