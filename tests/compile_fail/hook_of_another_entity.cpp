// expect: dynasio: a hook takes the entity by reference
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
    return entity<Thing>(partition_key<&Thing::id>, before_save([](Thing&) {}));
#else
    return entity<Thing>(partition_key<&Thing::id>, before_save([](User&) {}));
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
