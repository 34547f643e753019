// expect: dynasio: a member has a type that dynasio cannot store, a pointer; hold the value
#include <dynasio/orm/verify.hpp>

#include <memory>

#include "model.hpp"

enum class Colour { red, green };
struct Thing {
    std::string id{};
#ifdef DYNASIO_CONTROL
    std::optional<int> value{};
#else
    std::shared_ptr<int> value{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
static_assert(dynasio::verify<Thing>());
