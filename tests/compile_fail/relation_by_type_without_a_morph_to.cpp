// expect: dynasio: by<> names one member more than the owner's key has parts
#include <dynasio/orm/repository.hpp>

#include "morph_model.hpp"

struct Thing {
    std::string id{};
    std::string name{};
    dynasio::has_many<Note> notes{};
};

#ifdef DYNASIO_CONTROL
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, transient<&Thing::notes>);
}
#else
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::notes>(by<&Note::about_id, &Note::about_type>));
}
#endif
auto const& use() { return dynasio::entity_type_of<Thing>(); }
