// expect: dynasio: computed<> names a function that may change the entity
#include <dynasio/orm/verify.hpp>

#include "model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    long count{};

    [[nodiscard]] std::string key_of_name() const { return name; }
    long counted() { return ++count; }
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::key_of_name>);
#else
    return entity<Thing>(partition_key<&Thing::id>, computed<&Thing::counted>);
#endif
}
static_assert(dynasio::verify<Thing>());
