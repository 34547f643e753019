// expect: dynasio: a member has a type that dynasio cannot store, a time of std::chrono; use dynasio::timestamp
#include <dynasio/orm/verify.hpp>

#include <chrono>

#include "model.hpp"

enum class Colour { red, green };
struct Thing {
    std::string id{};
#ifdef DYNASIO_CONTROL
    dynasio::epoch_seconds value{};
#else
    std::chrono::system_clock::time_point value{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    return dynasio::entity<Thing>(dynasio::partition_key<&Thing::id>);
}
static_assert(dynasio::verify<Thing>());
