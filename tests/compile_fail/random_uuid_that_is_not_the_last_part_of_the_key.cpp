// expect: dynasio: random_uuid<> names a member that is not the last part of the key
#include <dynasio/orm/field.hpp>
#include <dynasio/orm/uuid.hpp>

#include <string>

struct Thing {
    boost::uuids::uuid id{};
    std::string part{};
};
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
#ifdef DYNASIO_CONTROL
    return entity<Thing>(partition_key<&Thing::part>, sort_key<&Thing::id>, random_uuid<&Thing::id>);
#else
    return entity<Thing>(partition_key<&Thing::id>, sort_key<&Thing::part>, random_uuid<&Thing::id>);
#endif
}
auto const& use() { return dynasio::entity_type_of<Thing>(); }
