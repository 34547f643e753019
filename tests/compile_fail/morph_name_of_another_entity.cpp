// expect: dynasio: morph_name<> names an entity that the morph_to does not lead to
#include <dynasio/orm/repository.hpp>

#include "morph_model.hpp"

struct Thing {
    std::string id{};
    std::string type{};
    std::string key{};
    int number{};
    dynasio::timestamp time{};
    dynasio::morph_to<Article, Photo> about{};
};

#ifdef DYNASIO_CONTROL
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>,
                         relate<&Thing::about>(by<&Thing::type, &Thing::key>, morph_name<Photo>{"photo"}));
}
#else
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>,
                         relate<&Thing::about>(by<&Thing::type, &Thing::key>, morph_name<Note>{"note"}));
}
#endif
auto const& use() { return dynasio::entity_type_of<Thing>(); }
