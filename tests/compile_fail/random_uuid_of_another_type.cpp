// expect: dynasio: random_uuid<> names a member of type boost::uuids::uuid
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/uuid.hpp>

#include <string>

struct Thing {
#ifdef DYNASIO_CONTROL
    boost::uuids::uuid id{};
#else
    std::string id{};
#endif
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, random_uuid<&Thing::id>);
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
