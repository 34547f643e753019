// expect: dynasio: unique<> names one member twice
#include <dynasio/orm/repository.hpp>

#include <vector>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    std::vector<std::string> words{};
    std::uint64_t count{};
    dynasio::epoch_seconds ends{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, dynasio::unique<&Thing::name, &Thing::count>);
#else
    return entity<Thing>(partition_key<&Thing::id>, dynasio::unique<&Thing::name, &Thing::name>);
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
