// expect: dynasio: the member that names the type of a morph_to is a std::string
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
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::about>(by<&Thing::type, &Thing::key>));
}
#else
constexpr auto dynasio_schema(dynasio::tag<Thing>) {
    using namespace dynasio;
    return entity<Thing>(partition_key<&Thing::id>, relate<&Thing::about>(by<&Thing::number, &Thing::key>));
}
#endif
auto const& use() { return dynasio::entity_type_of<Thing>(); }
